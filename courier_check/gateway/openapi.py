"""The served OpenAPI document: wire documents are described by their own types."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from courier_check.journal.entries import Header
from courier_check.wire.batches import Answer, Batch, ConfirmedHead, HeadRequest, HeadStatement, HeldEntry, Receipt, Returned, ReturnedItems
from courier_check.wire.certificates import Certificate, GatewayDocument
from courier_check.wire.enrolment import EnrolmentAnswer, EnrolmentRequest, EnrolmentRequestBody, MatchKeys
from courier_check.wire.evidence import EvidenceFile, EvidenceHeld, EvidencePart, EvidenceRequest
from courier_check.wire.packages import Manifest
from courier_check.wire.problems import MEDIA_TYPE, Problem
from courier_check.wire.signed import Signed

Json = dict[str, Any]

DOCUMENTS = (
    *(GatewayDocument, EnrolmentRequest, EnrolmentAnswer, Batch, Answer, HeadRequest, HeldEntry, ReturnedItems, Problem, Signed),
    *(EvidenceRequest, EvidencePart),
)
SIGNED_BODIES = (
    *(Certificate, EnrolmentRequestBody, MatchKeys, Header, Receipt, HeadStatement, ConfirmedHead, Returned, Manifest),
    *(EvidenceFile, EvidenceHeld),
)
_REPLACED = ("HTTPValidationError", "ValidationError")
_REF = "#/components/schemas/{name}"
_SCHEMES = {
    "station": {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Courier-Station v=1,… (docs/wire.md §5)"},
    "system": {"type": "http", "scheme": "bearer"},
    "browser": {"type": "http", "scheme": "basic", "description": "name and token of a system"},
}


def sends(document: type[msgspec.Struct]) -> Json:
    """The part of an operation that says what is sent."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": reference(document)}}}}


def sends_bytes() -> Json:
    """As `sends`, of plain bytes."""
    return {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}


def secured(scheme: str) -> Json:
    """The part of an operation that says how the caller proves who it is."""
    return {"security": [{scheme: []}]}


def answers(document: type[msgspec.Struct], description: str) -> dict[int | str, Json]:
    """What an operation answers with when it is done."""
    return {200: {"description": description, "content": {"application/json": {"schema": reference(document)}}}}


def answers_text(*media_types: str) -> dict[int | str, Json]:
    return {200: {"description": "OK", "content": {each: {"schema": {"type": "string"}} for each in media_types}}}


def reference(document: type[msgspec.Struct]) -> Json:
    return {"$ref": _REF.format(name=document.__name__)}


def describe(app: FastAPI) -> Json:
    """The OpenAPI document of an app."""
    described = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    _, schemas = msgspec.json.schema_components((*DOCUMENTS, *SIGNED_BODIES), ref_template=_REF)
    # FastAPI adds its own form of a validation error to each operation; here every refusal is a problem document.
    own = {name: schema for name, schema in described["components"]["schemas"].items() if name not in _REPLACED}
    described["components"] = {"schemas": {**own, **schemas}, "securitySchemes": _SCHEMES}
    problem = {"description": "Problem (RFC 9457)", "content": {MEDIA_TYPE: {"schema": reference(Problem)}}}
    for path in described["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = problem
    return described
