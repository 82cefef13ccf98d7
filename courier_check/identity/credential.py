"""实名码: a signed QR credential of our own documented format (docs/credential.md), verified without a network.

Pure: keys, the time and what is remembered come from outside. That a credential is used once only is `store.credentials`' business.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from courier_check.clock import at
from courier_check.errors import UserError
from courier_check.identity.cbor import Cbor, CborError, decode, encode
from courier_check.identity.codes import CredentialCode
from courier_check.identity.credential_keys import KEY_ID_BYTES, CredentialKeys, credential_key_id
from courier_check.identity.documents import DocumentType, IdentityDocument, Source
from courier_check.identity.readings import SourceReading
from courier_check.identity.text import halfwidth

VERSION = 1
LONGEST_S = 300
"""How long a credential may be valid from its issue."""
TOLERANCE_S = 60
"""How far this machine's clock and the issuer's may differ, either way."""
NONCE_BYTES = 16
LONGEST_TEXT = 1_500
EXTERNAL = b"courier-check/credential/v1\n"
"""External data of the signature (RFC 9052 §4.3): what is signed for one purpose never verifies for another."""

_TEXT = re.compile(r"CCID([1-9][0-9]?)-([A-Z2-7]+)")
_ALG, _KID, _EDDSA = 1, 4, -8
_ISS, _AUD, _EXP, _IAT, _CTI, _DOCUMENT = 1, 3, 4, 6, 7, -65537
_TYPE, _NAME, _NUMBER, _VALID_UNTIL, _NATIONALITY = 1, 2, 3, 4, 5
_LONG_TERM = 0
_LATEST_S = 253_402_300_799 - 86_400  # a clock time of the last year that can be written down in any zone
_WORD = re.compile(r"[!-~]{1,64}")
_NUMBERS = re.compile(r"[0-9A-Za-z()\-]{1,40}|[一-鿿A-Z]{0,6}第?[0-9]{4,10}号?")
_COUNTRY = re.compile(r"[A-Z]{3}")

T = TypeVar("T", int, str, bytes)


@dataclass(frozen=True, slots=True, repr=False)
class Credential:
    """A credential with a signature that holds, at a time when it is valid. `issued_at_s`, `expires_at_s`: seconds since 1970 UTC."""

    issuer: str
    key_id: str
    nonce: bytes
    issued_at_s: int
    expires_at_s: int
    audience: str | None
    document: IdentityDocument

    @property
    def reading(self) -> SourceReading:
        """What it says of the document. It comes signed: there is nothing to doubt about how it was read."""
        return SourceReading(Source.CREDENTIAL, self.document)

    def __repr__(self) -> str:
        return f"Credential({self.issuer}, {self.document!r})"


def is_credential(text: str) -> bool:
    """Whether a scanned text claims to be a credential of this format, of any version; nothing about whether it is good."""
    return len(text) <= LONGEST_TEXT and _TEXT.fullmatch(halfwidth(text)) is not None


def verified_credential(text: str, keys: CredentialKeys, now_s: int, audiences: Collection[str]) -> Credential:
    """The credential of a scanned text, at this time, for a station that answers to `audiences`.

    Raises UserError with a CredentialCode; every one of them means that nothing it says may be used. Not yet looked at: whether it was
    used before.
    """
    key_id, protected, payload, signature = _opened(text)
    key = keys.find(key_id)
    if key is None:
        raise UserError(CredentialCode.OTHER_ISSUER)
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, _to_be_signed(protected, payload))
    except (InvalidSignature, ValueError):
        raise UserError(CredentialCode.FORGED) from None
    credential = _claimed(payload, key_id)
    if credential.issuer != key.issuer:
        raise UserError(CredentialCode.OTHER_ISSUER)
    if not key.not_before <= at(credential.issued_at_s * 1000).date() <= key.not_after:
        raise UserError(CredentialCode.KEY_TERM, issuer=key.title)
    _check_times(credential, now_s)
    if credential.audience is not None and credential.audience not in audiences:
        raise UserError(CredentialCode.OTHER_AUDIENCE)
    return credential


def _check_times(credential: Credential, now_s: int) -> None:
    if not 0 < credential.expires_at_s - credential.issued_at_s <= LONGEST_S:
        raise UserError(CredentialCode.TOO_LONG, minutes=LONGEST_S // 60)
    if credential.issued_at_s > now_s + TOLERANCE_S:
        raise UserError(CredentialCode.FUTURE)
    if is_over(credential.expires_at_s, now_s):
        raise UserError(CredentialCode.EXPIRED)


def is_over(expires_at_s: int, now_s: int) -> bool:
    """Whether a credential with this end is no longer taken at this time, the tolerance of clocks included."""
    return expires_at_s + TOLERANCE_S <= now_s


def signed_credential(credential: Credential, secret: bytes) -> str:
    """The text of a credential signed with an issuer's raw private key: for practice, tests and whoever issues them."""
    key = Ed25519PrivateKey.from_private_bytes(secret)
    protected = encode({_ALG: _EDDSA, _KID: credential_key_id(key.public_key().public_bytes_raw())})
    payload = encode(_claims(credential))
    return _written(encode([protected, {}, payload, key.sign(_to_be_signed(protected, payload))]))


def _written(message: bytes) -> str:
    return f"CCID{VERSION}-{base64.b32encode(message).decode().rstrip('=')}"


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    return encode(["Signature1", protected, EXTERNAL, payload])


def _opened(text: str) -> tuple[bytes, bytes, bytes, bytes]:
    """Key id, protected header, payload and signature. UserError."""
    found = _TEXT.fullmatch(halfwidth(text[: LONGEST_TEXT + 1])) if len(text) <= LONGEST_TEXT else None
    if found is None:
        raise UserError(CredentialCode.UNKNOWN)
    if int(found[1]) != VERSION:
        raise UserError(CredentialCode.NEWER)
    try:
        message = base64.b32decode(found[2] + "=" * (-len(found[2]) % 8))
        if _written(message) != found[0]:  # spare bits that are not zero
            raise UserError(CredentialCode.MALFORMED)
        protected, unprotected, payload, signature = _four(decode(message))
        header = _map(decode(_of(bytes, protected)))
        if header.keys() != {_ALG, _KID} or header[_ALG] != _EDDSA or unprotected != {}:
            raise UserError(CredentialCode.MALFORMED)
        key_id = _of(bytes, header.get(_KID))
    except (binascii.Error, CborError) as error:
        raise UserError(CredentialCode.MALFORMED) from error
    if len(key_id) != KEY_ID_BYTES:
        raise UserError(CredentialCode.MALFORMED)
    return key_id, _of(bytes, protected), _of(bytes, payload), _of(bytes, signature)


def _claimed(payload: bytes, key_id: bytes) -> Credential:
    """What the signed bytes say. An issuer may sign nonsense as well."""
    try:
        claims = _map(decode(payload))
    except CborError as error:
        raise UserError(CredentialCode.MALFORMED) from error
    nonce, audience = _of(bytes, claims.get(_CTI)), claims.get(_AUD)
    known = claims.keys() <= {_ISS, _AUD, _EXP, _IAT, _CTI, _DOCUMENT}
    if not known or len(nonce) != NONCE_BYTES:
        raise UserError(CredentialCode.MALFORMED)
    return Credential(
        issuer=_word(claims.get(_ISS)),
        key_id=key_id.hex(),
        nonce=nonce,
        issued_at_s=_moment(claims.get(_IAT)),
        expires_at_s=_moment(claims.get(_EXP)),
        audience=None if audience is None else _word(audience),
        document=_document(_map(claims.get(_DOCUMENT))),
    )


def _document(fields: dict[int, Cbor]) -> IdentityDocument:
    if not fields.keys() <= {_TYPE, _NAME, _NUMBER, _VALID_UNTIL, _NATIONALITY}:
        raise UserError(CredentialCode.MALFORMED)
    name, number = _of(str, fields.get(_NAME)), _of(str, fields.get(_NUMBER))
    until, nationality = fields.get(_VALID_UNTIL), fields.get(_NATIONALITY)
    # What could look on the screen like another name, or like nothing, is refused rather than tidied up.
    printable = name.isprintable() and name.strip() == name and 0 < len(name) <= 100
    if not printable or not _NUMBERS.fullmatch(number):
        raise UserError(CredentialCode.MALFORMED)
    if nationality is not None and not _COUNTRY.fullmatch(_of(str, nationality)):
        raise UserError(CredentialCode.MALFORMED)
    return IdentityDocument(
        type=_type(_of(str, fields.get(_TYPE))),
        name=name,
        number=number,
        valid_until=None if until in (None, _LONG_TERM) else _day(_of(int, until)),
        long_term=until == _LONG_TERM,
        nationality=None if nationality is None else _of(str, nationality),
        source=Source.CREDENTIAL,
    )


def _claims(credential: Credential) -> dict[int, Cbor]:
    document = credential.document
    fields: dict[int, Cbor] = {_TYPE: document.type.value, _NAME: document.name or "", _NUMBER: document.number or ""}
    if document.long_term:
        fields[_VALID_UNTIL] = _LONG_TERM
    elif document.valid_until is not None:
        fields[_VALID_UNTIL] = int(f"{document.valid_until:%Y%m%d}")
    if document.nationality is not None:
        fields[_NATIONALITY] = document.nationality
    claims: dict[int, Cbor] = {
        _ISS: credential.issuer,
        _EXP: credential.expires_at_s,
        _IAT: credential.issued_at_s,
        _CTI: credential.nonce,
        _DOCUMENT: fields,
    }
    return claims if credential.audience is None else {**claims, _AUD: credential.audience}


# ---- members of a known type, or a malformed credential ---------------------------------------------------------------------------------


def _of(kind: type[T], value: Cbor | None) -> T:
    if not isinstance(value, kind):
        raise UserError(CredentialCode.MALFORMED)
    return value


def _map(value: Cbor | None) -> dict[int, Cbor]:
    if not isinstance(value, dict):
        raise UserError(CredentialCode.MALFORMED)
    return value


def _four(value: Cbor) -> list[Cbor]:
    if not isinstance(value, list) or len(value) != 4:
        raise UserError(CredentialCode.MALFORMED)
    return value


def _word(value: Cbor | None) -> str:
    word = _of(str, value)
    if not _WORD.fullmatch(word):
        raise UserError(CredentialCode.MALFORMED)
    return word


def _moment(value: Cbor | None) -> int:
    moment = _of(int, value)
    if not 0 <= moment <= _LATEST_S:
        raise UserError(CredentialCode.MALFORMED)
    return moment


def _type(word: str) -> DocumentType:
    try:
        return DocumentType(word)
    except ValueError:
        raise UserError(CredentialCode.MALFORMED) from None


def _day(written: int) -> date:
    try:
        return date(written // 10_000, written // 100 % 100, written % 100)
    except ValueError:
        raise UserError(CredentialCode.MALFORMED) from None
