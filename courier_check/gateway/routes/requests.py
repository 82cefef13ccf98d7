"""What the addresses have in common: the gateway, the body within limits, JSON out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec
from fastapi import Depends, Request
from fastapi.responses import Response
from starlette.requests import ClientDisconnect

from courier_check.gateway.access import Caller, authentic_station
from courier_check.gateway.documents import CODINGS, decompressed
from courier_check.gateway.problems import Refused
from courier_check.gateway.setup import Gateway
from courier_check.wire.problems import ProblemCode
from courier_check.wire.requests import Call


@dataclass(frozen=True, slots=True)
class RawBody:
    """A body as it came, with its Content-Encoding; nothing of it was decompressed yet."""

    data: bytes
    encoding: str

    def plain(self, limit: int) -> bytes:
        return decompressed(self.data, self.encoding, limit)


def gateway_of(request: Request) -> Gateway:
    gateway: Gateway = request.app.state.gateway
    return gateway


async def raw_body(request: Request) -> RawBody:
    """Read the body, at most what the gateway document allows. Raises Refused as soon as it is more."""
    limit = gateway_of(request).document.limits.batch_bytes
    data = bytearray()
    try:
        async for chunk in request.stream():
            data += chunk
            if len(data) > limit:
                raise Refused(ProblemCode.TOO_LARGE, f"{limit} bytes")
    except ClientDisconnect as error:
        raise Refused(ProblemCode.MALFORMED, "cut off") from error
    return RawBody(bytes(data), request.headers.get("content-encoding", "").strip().lower())


def request_target(request: Request) -> str:
    """Path and query as they stand on the request line."""
    path: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    return (path + b"?" + query if query else path).decode("latin-1")


def signing_station(request: Request, gateway: GatewayOf) -> Caller:
    """The station that signed a request without a body."""
    return authentic_station(gateway, Call(request.method, request_target(request), b""), request.headers.get("authorization"))


def json_response(document: object) -> Response:
    return Response(msgspec.json.encode(document), media_type="application/json", headers={"Accept-Encoding": CODINGS})


GatewayOf = Annotated[Gateway, Depends(gateway_of)]
BodyOf = Annotated[RawBody, Depends(raw_body)]
CallerOf = Annotated[Caller, Depends(signing_station)]
