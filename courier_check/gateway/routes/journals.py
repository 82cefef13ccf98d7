"""What stations ask for: the gateway document, enrolment, batches, heads, returned items (docs/wire.md §3–§7)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from courier_check.gateway import heads, intake
from courier_check.gateway.access import authentic_station
from courier_check.gateway.certify import certify
from courier_check.gateway.documents import parse_document
from courier_check.gateway.openapi import answers, secured, sends
from courier_check.gateway.problems import Refused
from courier_check.gateway.routes.requests import BodyOf, CallerOf, GatewayOf, json_response, request_target
from courier_check.wire.batches import Answer, Batch, HeadRequest, HeldEntry, ReturnedItems
from courier_check.wire.certificates import GatewayDocument
from courier_check.wire.enrolment import EnrolmentAnswer, EnrolmentRequest
from courier_check.wire.problems import ProblemCode
from courier_check.wire.requests import Call
from courier_check.wire.signed import Signed

ENROLMENT_LIMIT = QUESTION_LIMIT = 65_536
JournalPath = Annotated[str, Path(pattern="^[0-9a-f]{32}$", max_length=32)]
StationPath = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9-]{0,62}$", max_length=63)]
SeqPath = Annotated[int, Path(ge=1, le=2**53 - 1)]
After = Annotated[int, Query(ge=0, le=2**53 - 1, description="the greatest number seen")]

router = APIRouter(tags=["stations"])


@router.get("/v1/gateway", responses=answers(GatewayDocument, "网关文件"))
def gateway_document(gateway: GatewayOf) -> Response:
    """网关文件: who this gateway is, its certificates and limits."""
    return json_response(gateway.document)


@router.post("/v1/enrolments", responses=answers(EnrolmentAnswer, "certificate and match keys"), openapi_extra=sends(EnrolmentRequest))
def enrol(gateway: GatewayOf, body: BodyOf) -> Response:
    """登记: a request proven by a one-time code becomes a certificate."""
    return Response(certify(gateway, body.plain(ENROLMENT_LIMIT)), media_type="application/json")


@router.post(
    "/v1/journals/{journal_id}/batches",
    responses=answers(Answer, "回执"),
    openapi_extra={**sends(Batch), **secured("station")},
)
def deliver(request: Request, gateway: GatewayOf, body: BodyOf, journal_id: JournalPath) -> Response:
    """批次: store the entries that are new, answer with a signed receipt."""
    plain = body.plain(gateway.document.limits.batch_bytes)
    call = Call(request.method, request_target(request), plain)
    caller = authentic_station(gateway, call, request.headers.get("authorization"))
    return json_response(intake.take_in(gateway, caller, journal_id, parse_document(plain, Batch)))


@router.get("/v1/journals/{journal_id}/head", responses=answers(Signed, "signed HeadStatement"), openapi_extra=secured("station"))
def head(gateway: GatewayOf, caller: CallerOf, journal_id: JournalPath) -> Response:
    """How far the gateway holds a journal, signed."""
    return json_response(intake.head_of(gateway, caller, journal_id))


@router.post(
    "/v1/journals/{journal_id}/head",
    responses=answers(Signed, "signed ConfirmedHead"),
    openapi_extra={**sends(HeadRequest), **secured("station")},
)
def confirmed_head(request: Request, gateway: GatewayOf, body: BodyOf, journal_id: JournalPath) -> Response:
    """The same, said to this very question; a receipt that the gateway does not know tells it that it was put back."""
    plain = body.plain(QUESTION_LIMIT)
    call = Call(request.method, request_target(request), plain)
    caller = authentic_station(gateway, call, request.headers.get("authorization"))
    return json_response(heads.confirmed_head(gateway, caller, journal_id, parse_document(plain, HeadRequest)))


@router.get("/v1/journals/{journal_id}/entries/{seq}", responses=answers(HeldEntry, "an entry as held"), openapi_extra=secured("station"))
def held_entry(gateway: GatewayOf, caller: CallerOf, journal_id: JournalPath, seq: SeqPath) -> Response:
    """One entry of the asking station as the gateway holds it."""
    return json_response(intake.held_entry(gateway, caller, journal_id, seq))


@router.get("/v1/stations/{station_id}/returned", responses=answers(ReturnedItems, "退回"), openapi_extra=secured("station"))
def returned(gateway: GatewayOf, caller: CallerOf, station_id: StationPath, after: After = 0) -> Response:
    """退回: objections to entries of the asking station, at most 500, in order of number."""
    if station_id != caller.station.station_id:
        raise Refused(ProblemCode.WRONG_GATEWAY)
    return json_response(intake.returned_after(gateway, caller, after))
