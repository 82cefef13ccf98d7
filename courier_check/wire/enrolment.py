"""登记: how a station comes to have a certificate (docs/wire.md §4)."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import msgspec

from courier_check.errors import UserError
from courier_check.journal import canonical, tags
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.forms import Hash, JournalId, Ms, Name
from courier_check.journal.keys import OpeningKey, SealingKey, VerifyingKey, from_text, to_text
from courier_check.journal.parts import seal_secret, unseal_secret
from courier_check.wire.certificates import GatewayDocument, Region
from courier_check.wire.signed import VERSION, Body, Signed, check_version, read, verified

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None})
_PREFIX = "CC1"
FINGERPRINT_BYTES, SECRET_BYTES, CHECKSUM_BYTES = 16, 10, 2


class EnrolmentCode(StrEnum):
    CODE_MISTYPED = "enrolment-code-mistyped"


@dataclass(frozen=True, slots=True)
class Code:
    """登记码: 16 bytes of the gateway root's fingerprint and an 80-bit one-time secret. The repr keeps the secret out of logs."""

    fingerprint: bytes
    secret: bytes

    def __repr__(self) -> str:
        return f"Code({self.code_id})"

    @property
    def code_id(self) -> str:
        return tags.digest(tags.ENROLMENT_CODE, self.secret).hex()[:16]

    def text(self) -> str:
        """`CC1-` and 45 characters of Crockford base32 in groups of five."""
        data = self.fingerprint + self.secret
        data += tags.digest(tags.ENROLMENT_CODE_CHECKSUM, data)[:CHECKSUM_BYTES]
        number = int.from_bytes(data, "big") << 1  # 224 bits fill 45 characters but for one bit
        chars = "".join(ALPHABET[(number >> 5 * i) & 31] for i in reversed(range(45)))
        return "-".join([_PREFIX, *(chars[i : i + 5] for i in range(0, 45, 5))])

    @classmethod
    def parse(cls, text: str) -> Code:
        """Read what people type; raises UserError if it is not a code or its checksum fails."""
        cleaned = "".join(unicodedata.normalize("NFKC", text).split()).upper().translate(_LOOKALIKES)
        if not cleaned.startswith(_PREFIX.translate(_LOOKALIKES)):
            raise UserError(EnrolmentCode.CODE_MISTYPED)
        chars = cleaned[len(_PREFIX) :]
        if len(chars) != 45 or any(char not in ALPHABET for char in chars):
            raise UserError(EnrolmentCode.CODE_MISTYPED)
        number = 0
        for char in chars:
            number = number << 5 | ALPHABET.index(char)
        data = (number >> 1).to_bytes(28, "big")
        body, checksum = data[:-CHECKSUM_BYTES], data[-CHECKSUM_BYTES:]
        if number & 1 or tags.digest(tags.ENROLMENT_CODE_CHECKSUM, body)[:CHECKSUM_BYTES] != checksum:
            raise UserError(EnrolmentCode.CODE_MISTYPED)
        return cls(body[:FINGERPRINT_BYTES], body[FINGERPRINT_BYTES:])


CodeId = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$", max_length=16)]


class EnrolmentRequestBody(Body, frozen=True, kw_only=True, tag="enrolment-request"):
    alg: str
    public_key: str
    seal_key: str
    code_id: CodeId
    practice: bool
    program: str
    requested_at_ms: Ms


class EnrolmentRequest(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="enrolment"):
    request: Signed
    mac: Hash
    v: int = VERSION


class SealedMatchKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A match key of a region and year, sealed to one station."""

    match_key_id: JournalId
    region: Region
    year: Annotated[int, msgspec.Meta(ge=2000, le=9999)]
    sealed: str


class MatchKeys(Body, frozen=True, kw_only=True, tag="match-keys"):
    gateway_id: Name
    station_id: Name
    keys: tuple[SealedMatchKey, ...]


class EnrolmentAnswer(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="enrolment-answer"):
    certificate: Signed
    gateway: GatewayDocument
    match_keys: Signed
    v: int = VERSION


def enrolment_mac(secret: bytes, request: Signed) -> str:
    """Proof that whoever signed the request knows the code's secret."""
    return hmac.new(secret, tags.ENROLMENT_MAC + request.body_bytes, hashlib.sha256).hexdigest()


def checked_request(document: EnrolmentRequest, secret: bytes) -> EnrolmentRequestBody:
    """An enrolment request whose mac and self-signature verify. Raises JournalError."""
    check_version(document.v)
    if not hmac.compare_digest(enrolment_mac(secret, document.request), document.mac):
        raise JournalError(JournalCode.BAD_SIGNATURE)
    body = read(document.request, EnrolmentRequestBody)
    if body.alg != "ed25519":
        raise JournalError(JournalCode.UNKNOWN_ALGORITHM)
    SealingKey(from_text(body.seal_key))  # raises if it is no key
    return verified(document.request, EnrolmentRequestBody, VerifyingKey(from_text(body.public_key)))


def seal_match_key(key: bytes, match_key_id: str, ids: tuple[str, str], to: SealingKey) -> str:
    """Seal a match key for `ids` = (gateway_id, station_id)."""
    return to_text(seal_secret(key, to, _match_key_info(match_key_id, ids)))


def open_match_key(sealed: SealedMatchKey, ids: tuple[str, str], key: OpeningKey) -> bytes:
    return unseal_secret(from_text(sealed.sealed), key, _match_key_info(sealed.match_key_id, ids))


def _match_key_info(match_key_id: str, ids: tuple[str, str]) -> bytes:
    gateway_id, station_id = ids
    context = {"gateway_id": gateway_id, "match_key_id": match_key_id, "station_id": station_id}
    return tags.MATCH_KEY_SEAL + canonical.encode(context)
