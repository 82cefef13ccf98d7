"""网点与收寄台: the page for people, and the check that the gateway is alive."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from courier_check.gateway.access import basic_system, region_in_scope
from courier_check.gateway.openapi import answers_text, secured
from courier_check.gateway.overview import overview, render
from courier_check.gateway.routes.pulls import Region
from courier_check.gateway.routes.requests import GatewayOf, json_response
from courier_check.gateway.store import pulls
from courier_check.gateway.store.systems import PullSystem

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def browsing_system(request: Request, gateway: GatewayOf) -> PullSystem:
    return basic_system(gateway, request.headers.get("authorization"))


router = APIRouter(tags=["people"])


@router.get("/outlets", response_class=HTMLResponse, responses=answers_text("text/html"), openapi_extra=secured("browser"))
def outlets(gateway: GatewayOf, system: Annotated[PullSystem, Depends(browsing_system)], region: Region = "") -> Response:
    """网点与收寄台: counts, rates, backlog and silence. Log in with a system's name and token."""
    return HTMLResponse(render(overview(gateway, system, region_in_scope(system, region))), headers=_HEADERS)


@router.get("/healthz", responses=answers_text("application/json"))
def health(gateway: GatewayOf) -> Response:
    """Answers as long as the database can be read."""
    with gateway.database.read() as tx:
        pulls.last_arrival(tx)
    return json_response({"status": "ok", "gateway_id": gateway.gateway_id})
