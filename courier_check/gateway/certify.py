"""登记: a station's request becomes its certificate, over HTTP or by file (docs/wire.md §4)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Connection

from courier_check.clock import at
from courier_check.gateway.documents import parse_document
from courier_check.gateway.problems import Refused, refused
from courier_check.gateway.sealing import NONCE_BYTES
from courier_check.gateway.setup import Gateway
from courier_check.gateway.store import stations
from courier_check.gateway.store.stations import HeldMatchKey, IssuedCode
from courier_check.journal import canonical
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.keys import SealingKey, from_text, key_id
from courier_check.wire.certificates import Certificate, Role
from courier_check.wire.enrolment import (
    EnrolmentAnswer,
    EnrolmentRequest,
    EnrolmentRequestBody,
    MatchKeys,
    SealedMatchKey,
    checked_request,
    seal_match_key,
)
from courier_check.wire.problems import ProblemCode
from courier_check.wire.signed import Signed, read, sign


@dataclass(frozen=True, slots=True)
class MatchKey:
    """匹配密钥 of a region and year."""

    match_key_id: str
    region: str
    year: int
    secret: bytes = field(repr=False)


def certify(gateway: Gateway, request: bytes) -> bytes:
    """Request document → answer document. Raises Refused; the same request sent again gets the same answer."""
    document = parse_document(request, EnrolmentRequest)
    code_id = _claimed(gateway, document).code_id
    now_ms = gateway.now_ms()
    with gateway.database.write() as tx:
        code = stations.find_code(tx, code_id)
        if code is None:
            raise Refused(ProblemCode.CODE_UNKNOWN)
        if code.answer is not None:
            if code.request_sha256 != _fingerprint(document):
                raise Refused(ProblemCode.CODE_USED)
            return code.answer
        body = _proven(document, code, now_ms)
        answer = msgspec.json.encode(_answer(tx, gateway, code, body))
        stations.use_code(tx, code.code_id, _fingerprint(document), answer)
    return answer


def _claimed(gateway: Gateway, document: EnrolmentRequest) -> EnrolmentRequestBody:
    """What the request says, not yet proven."""
    try:
        body = read(document.request, EnrolmentRequestBody)
    except JournalError as error:
        raise refused(error) from error
    if body.practice != gateway.document.practice:
        raise Refused(ProblemCode.PRACTICE_MISMATCH)
    return body


def _proven(document: EnrolmentRequest, code: IssuedCode, now_ms: int) -> EnrolmentRequestBody:
    if now_ms >= code.expires_at_ms:
        raise Refused(ProblemCode.CODE_EXPIRED)
    if code.secret is None:
        raise Refused(ProblemCode.CODE_UNKNOWN, "withdrawn")
    try:
        return checked_request(document, code.secret)
    except JournalError as error:
        if error.code in (JournalCode.BAD_SIGNATURE, JournalCode.WRONG_KEY):
            raise Refused(ProblemCode.NOT_AUTHENTIC) from error
        raise refused(error) from error


def _fingerprint(document: EnrolmentRequest) -> str:
    return hashlib.sha256(msgspec.json.encode(document, order="deterministic")).hexdigest()


def _answer(tx: Connection, gateway: Gateway, code: IssuedCode, body: EnrolmentRequestBody) -> EnrolmentAnswer:
    public_key = from_text(body.public_key)
    now_ms = gateway.now_ms()
    certificate = Certificate(
        role=Role.STATION,
        gateway_id=gateway.gateway_id,
        subject=code.station_id,
        alg="ed25519",
        public_key=body.public_key,
        subject_key_id=key_id("ed25519", public_key),
        serial=stations.next_serial(tx),
        not_before_ms=now_ms,
        not_after_ms=None,
        practice=gateway.document.practice,
        station=code.place,
    )
    signed = sign(certificate, gateway.keys.enrolment)
    stations.add(tx, code.station_id, code.place, public_key, signed, now_ms)
    keys = _match_keys(tx, gateway, code, SealingKey(from_text(body.seal_key)))
    return EnrolmentAnswer(certificate=signed, gateway=gateway.document, match_keys=keys)


def _match_keys(tx: Connection, gateway: Gateway, code: IssuedCode, to: SealingKey) -> Signed:
    """This year's key of the region and the next one's, so that a station without a line over New Year goes on."""
    year = at(gateway.now_ms()).year
    held = [match_key_of(tx, gateway, code.place.region, each) for each in (year, year + 1)]
    ids = (gateway.gateway_id, code.station_id)
    sealed = tuple(
        SealedMatchKey(
            match_key_id=key.match_key_id,
            region=key.region,
            year=key.year,
            sealed=seal_match_key(key.secret, key.match_key_id, ids, to),
        )
        for key in held
    )
    return sign(MatchKeys(gateway_id=gateway.gateway_id, station_id=code.station_id, keys=sealed), gateway.keys.enrolment)


def match_key_of(tx: Connection, gateway: Gateway, region: str, year: int) -> MatchKey:
    """The match key of a region and year, drawn when first asked for. Raises StoreError if the database's key does not open it."""
    held = stations.find_match_key(tx, region, year)
    if held is not None:
        return MatchKey(held.match_key_id, region, year, gateway.keys.database.open(held.sealed, _place(held.match_key_id, region, year)))
    key = MatchKey(gateway.random(16).hex(), region, year, gateway.random(32))
    sealed = gateway.keys.database.seal(key.secret, _place(key.match_key_id, region, year), gateway.random(NONCE_BYTES))
    stations.add_match_key(tx, HeldMatchKey(key.match_key_id, region, year, sealed))
    return key


def _place(match_key_id: str, region: str, year: int) -> bytes:
    return canonical.encode({"match_key_id": match_key_id, "region": region, "year": year})
