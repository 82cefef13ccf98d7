"""Enrolment (登记) from the station's side: make the request, believe the answer only with reason."""

from __future__ import annotations

from typing import assert_never

from courier_check.errors import Unavailable, UserError
from courier_check.journal.codes import JournalError
from courier_check.journal.keys import to_text
from courier_check.store.identity import Enrolment, MatchKey, StationKeys
from courier_check.sync.client import GatewayClient, NoAnswer, Refusal
from courier_check.sync.codes import SyncCode
from courier_check.wire.certificates import Role, TrustedGateway, station_certificate, trust
from courier_check.wire.documents import read_document
from courier_check.wire.enrolment import (
    Code,
    EnrolmentAnswer,
    EnrolmentRequest,
    EnrolmentRequestBody,
    MatchKeys,
    enrolment_mac,
    open_match_key,
)
from courier_check.wire.signed import sign, verified


def make_request(code: Code, keys: StationKeys, *, practice: bool, program: str, at_ms: int) -> EnrolmentRequest:
    """The request document: the new key, signed by itself, with a mac under the code's secret. The same bytes go by HTTP or on a stick."""
    body = EnrolmentRequestBody(
        alg="ed25519",
        public_key=to_text(keys.signing.public),
        seal_key=to_text(keys.opening.public),
        code_id=code.code_id,
        practice=practice,
        program=program,
        requested_at_ms=at_ms,
    )
    signed = sign(body, keys.signing)
    return EnrolmentRequest(request=signed, mac=enrolment_mac(code.secret, signed))


def ask(client: GatewayClient, request: EnrolmentRequest) -> EnrolmentAnswer:
    """Send the request; raises Unavailable or UserError with the gateway's reason."""
    match client.enrol(request):
        case EnrolmentAnswer() as answer:
            return answer
        case Refusal(problem):
            raise UserError(problem.code)
        case NoAnswer(code, detail):
            raise Unavailable(code, detail=detail)
        case _ as never:
            assert_never(never)


def believe(answer: EnrolmentAnswer, fingerprint: bytes, keys: StationKeys, *, practice: bool, url: str) -> Enrolment:
    """Check every certificate against the root the code named, and open the match keys. Raises UserError if anything does not hold."""
    try:
        gateway = trust(answer.gateway, fingerprint)
        certificate = station_certificate(answer.certificate, gateway)
        if certificate.public_key != to_text(keys.signing.public):
            raise UserError(SyncCode.ENROLMENT_NOT_BELIEVED)
        match_keys = _match_keys(answer, gateway, certificate.subject, keys)
    except JournalError as error:
        raise UserError(SyncCode.ENROLMENT_NOT_BELIEVED) from error
    if gateway.root.practice != practice:
        raise UserError(SyncCode.PRACTICE_MISMATCH)
    return Enrolment(url=url, fingerprint=fingerprint, certificate=answer.certificate, gateway=answer.gateway, match_keys=match_keys)


def read_answer(data: bytes) -> EnrolmentAnswer:
    """An answer that came as a file; raises UserError."""
    try:
        return read_document(data, EnrolmentAnswer)
    except JournalError as error:
        raise UserError(SyncCode.ENROLMENT_NOT_BELIEVED) from error


def _match_keys(answer: EnrolmentAnswer, gateway: TrustedGateway, station_id: str, keys: StationKeys) -> tuple[MatchKey, ...]:
    issuer = gateway.verifying_keys(Role.ENROLMENT).get(answer.match_keys.key_id)
    if issuer is None:
        raise UserError(SyncCode.ENROLMENT_NOT_BELIEVED)
    body = verified(answer.match_keys, MatchKeys, issuer)
    if (body.gateway_id, body.station_id) != (gateway.root.gateway_id, station_id):
        raise UserError(SyncCode.ENROLMENT_NOT_BELIEVED)
    ids = (body.gateway_id, body.station_id)
    return tuple(
        MatchKey(match_key_id=each.match_key_id, region=each.region, year=each.year, key=open_match_key(each, ids, keys.opening))
        for each in body.keys
    )
