"""凭证照片: the lane on which sealed photos come (docs/wire.md §13)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from courier_check.gateway import evidence
from courier_check.gateway.access import authentic_station
from courier_check.gateway.documents import parse_document
from courier_check.gateway.openapi import answers, secured, sends, sends_bytes
from courier_check.gateway.routes.requests import BodyOf, GatewayOf, json_response, request_target
from courier_check.wire.evidence import CHUNK_BYTES, MOST_SEALED, EvidencePart, EvidenceRequest
from courier_check.wire.requests import Call
from courier_check.wire.signed import Signed

STATEMENT_LIMIT = 65_536
SealedPath = Annotated[str, Path(pattern="^[0-9a-f]{64}$", max_length=64)]
Offset = Annotated[int, Query(ge=0, le=MOST_SEALED, description="how many bytes of the file lie before these")]

router = APIRouter(tags=["stations"])


@router.post(
    "/v1/evidence",
    responses=answers(Signed, "signed EvidenceHeld"),
    openapi_extra={**sends(EvidenceRequest), **secured("station")},
)
def how_much(request: Request, gateway: GatewayOf, body: BodyOf) -> Response:
    """凭证回执: take note of what a station states of a sealed photo, and say signed how much of it is held."""
    plain = body.plain(STATEMENT_LIMIT)
    caller = authentic_station(gateway, Call(request.method, request_target(request), plain), request.headers.get("authorization"))
    return json_response(evidence.how_much(gateway, caller, parse_document(plain, EvidenceRequest)))


@router.put(
    "/v1/evidence/{sealed_sha256}",
    responses=answers(EvidencePart, "how much is held now"),
    openapi_extra={**sends_bytes(), **secured("station")},
)
def take_chunk(request: Request, gateway: GatewayOf, body: BodyOf, sealed_sha256: SealedPath, offset: Offset) -> Response:
    """A chunk of a sealed photo that was announced; one that does not belong where the file ends is not used, which is no error."""
    plain = body.plain(CHUNK_BYTES)
    caller = authentic_station(gateway, Call(request.method, request_target(request), plain), request.headers.get("authorization"))
    return json_response(evidence.take_chunk(gateway, caller, sealed_sha256, offset, plain))
