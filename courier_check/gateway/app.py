"""The gateway over HTTP. Whatever fails, the answer is a problem document (docs/wire.md §8)."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from courier_check import __version__
from courier_check.errors import StoreError
from courier_check.gateway.documents import CODINGS
from courier_check.gateway.openapi import describe
from courier_check.gateway.problems import Refused
from courier_check.gateway.routes import evidence, journals, pages, pulls
from courier_check.gateway.setup import Gateway
from courier_check.wire.problems import MEDIA_TYPE, ProblemCode

RETRY_AFTER_S = 5
_CHALLENGE = {"/v1/pull/": "Bearer", "/outlets": 'Basic realm="courier-check", charset="UTF-8"'}


class GatewayApp(FastAPI):
    """The app of one gateway."""

    def openapi(self) -> dict[str, Any]:
        if not self.openapi_schema:
            self.openapi_schema = describe(self)
        return self.openapi_schema


def create_app(gateway: Gateway) -> FastAPI:
    """The app; whoever opened the gateway closes it."""
    app = GatewayApp(
        title="courier-check gateway",
        description="收寄日志网关: docs/wire.md describes the documents and the signatures.",
        version=__version__,
        docs_url=None,  # both pages would load scripts from elsewhere
        redoc_url=None,
    )
    app.state.gateway = gateway
    app.add_middleware(GZipMiddleware, compresslevel=6)
    for routes in (journals, evidence, pulls, pages):
        app.include_router(routes.router)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(StoreError, _busy)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _not_found)
    app.add_exception_handler(Exception, _internal)
    return app


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)  # noqa: S101 - what the handler is registered for
    return _answer(request, error)


def _busy(request: Request, _error: Exception) -> Response:
    return _answer(request, Refused(ProblemCode.BUSY))


def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what the handler is registered for
    where = ", ".join(str(each["loc"][-1]) for each in error.errors())
    return _answer(request, Refused(ProblemCode.MALFORMED, where))


def _not_found(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what the handler is registered for
    # The framework itself raises 404 and 405 (no such address or verb) and 400 (a body that can't be read).
    return _answer(request, Refused(ProblemCode.NOT_FOUND if error.status_code in (404, 405) else ProblemCode.MALFORMED))


def _internal(request: Request, _error: Exception) -> Response:
    # The server logs the traceback; SQL parameters are hidden in it.
    return _answer(request, Refused(ProblemCode.INTERNAL))


def _answer(request: Request, refused: Refused) -> Response:
    problem = refused.problem
    headers = {"Accept-Encoding": CODINGS, "Cache-Control": "no-store"}
    if problem.code == ProblemCode.BUSY:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if problem.code == ProblemCode.NOT_AUTHENTIC:
        path = request.url.path
        headers["WWW-Authenticate"] = next((each for start, each in _CHALLENGE.items() if path.startswith(start)), "Courier-Station")
    return Response(msgspec.json.encode(problem), problem.status, headers, MEDIA_TYPE)
