"""Over HTTP: compression, limits, problems for whatever goes wrong, the OpenAPI document."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import logging
import socket
import zlib

import brotli
import msgspec
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from courier_check.gateway.app import create_app
from courier_check.gateway.documents import decompressed, parse_document
from courier_check.gateway.problems import Refused
from courier_check.gateway.serving import running
from courier_check.wire.batches import Answer, Batch
from courier_check.wire.certificates import GatewayDocument
from courier_check.wire.enrolment import EnrolmentRequest
from courier_check.wire.problems import ProblemCode
from courier_check.wire.requests import Call
from support.practice import problem_of

LIMIT = 8 * 1024 * 1024


def post_raw(station, body: bytes, headers: dict[str, str], signed: bytes = b"") -> requests.Response:
    path = f"/v1/journals/{station.journal_id}/batches"
    return requests.post(station.url + path, data=body, headers={**station.signed(Call("POST", path, signed)), **headers}, timeout=30)


def test_the_gateway_document_is_served(gateway, url):
    response = requests.get(f"{url}/v1/gateway", timeout=30)
    assert response.headers["Content-Type"] == "application/json"
    assert msgspec.json.decode(response.content, type=GatewayDocument) == gateway.document


def test_a_gateway_that_can_read_its_database_is_healthy(url):
    assert requests.get(f"{url}/healthz", timeout=30).json() == {"status": "ok", "gateway_id": "gw-test"}


def test_a_compressed_batch_is_taken_and_a_large_answer_compressed(station):
    for _ in range(3):
        station.accept(None)
    response = station.post(station.batch(), compressed=True)
    assert response.headers["Content-Encoding"] == "gzip"
    assert len(msgspec.json.decode(response.content, type=Answer).returned) == 3


def test_a_small_body_that_grows_beyond_the_limit_is_stopped(shared_station):
    for coding, pack in (("gzip", gzip.compress), ("br", brotli.compress)):
        bomb = pack(b"[" * (64 * 1024 * 1024))
        assert len(bomb) < LIMIT // 50
        assert problem_of(post_raw(shared_station, bomb, {"Content-Encoding": coding})).code == ProblemCode.TOO_LARGE


def test_a_body_beyond_the_limit_is_stopped(shared_station):
    assert problem_of(post_raw(shared_station, b" " * (LIMIT + 1), {})).code == ProblemCode.TOO_LARGE
    assert problem_of(requests.post(f"{shared_station.url}/v1/enrolments", data=b" " * 70_000, timeout=30)).code == ProblemCode.TOO_LARGE


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"not gzip", "gzip"),
        (b"", "gzip"),
        (gzip.compress(b"{}")[:-4], "gzip"),
        (gzip.compress(b"{}") + b"more", "gzip"),
        (zlib.compress(b"{}"), "gzip"),
        (b"{}", "br"),
        (b"", "br"),
        (brotli.compress(b"{}" * 99)[:-4], "br"),
        (brotli.compress(b"{}") + b"more", "br"),
        (b"{}", "zstd"),
    ],
    # Named: a gzip header carries the second it was made in, and every worker must collect the same tests.
    ids=["no gzip", "empty", "cut short", "more behind", "zlib", "no brotli", "br empty", "br cut short", "br more behind", "unknown"],
)
def test_a_body_that_can_not_be_unpacked_is_malformed(shared_station, body, encoding):
    assert problem_of(post_raw(shared_station, body, {"Content-Encoding": encoding})).code == ProblemCode.MALFORMED


@pytest.mark.parametrize("path", ["/", "/v1", "/v2/gateway", "/docs", "/redoc", "/outlets/../..", "/v1/journals/zz/unknown", "/%00"])
def test_an_unknown_address_is_a_problem_too(shared_url, path):
    assert problem_of(requests.get(shared_url + path, timeout=30)).code == ProblemCode.NOT_FOUND


@pytest.mark.parametrize(("verb", "path"), [("DELETE", "/v1/gateway"), ("GET", "/v1/enrolments"), ("PUT", "/outlets")])
def test_an_unknown_verb_is_a_problem_too(shared_url, verb, path):
    assert problem_of(requests.request(verb, shared_url + path, timeout=30)).code == ProblemCode.NOT_FOUND


@pytest.mark.parametrize("path", ["/v1/journals/XYZ/head", "/v1/stations/-/returned", "/v1/stations/zz/returned?after=-1"])
def test_an_address_of_a_wrong_form_is_malformed_or_not_authentic(shared_station, path):
    assert problem_of(shared_station.get(path)).code in (ProblemCode.MALFORMED, ProblemCode.WRONG_GATEWAY)


def test_an_internal_error_tells_nothing_of_the_inside(gateway, caplog):
    app = create_app(gateway)
    secret_of_the_inside = "secret of the inside"

    @app.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError(secret_of_the_inside)

    with running(app) as url, caplog.at_level(logging.CRITICAL, "uvicorn.error"):
        response = requests.get(f"{url}/broken", timeout=30)
    assert problem_of(response).code == ProblemCode.INTERNAL
    assert secret_of_the_inside not in response.text
    assert "Traceback" not in response.text


def test_a_database_that_fails_is_busy_and_says_when_to_come_back(gateway, data, station):
    (data / "gateway.db").rename(data / "gone.db")
    gateway.database.close()
    (data / "gateway.db").mkdir()
    response = station.post(station.batch())
    assert problem_of(response).code == ProblemCode.BUSY
    assert int(response.headers["Retry-After"]) > 0


def test_a_cut_connection_leaves_the_gateway_well(station):
    host, port = station.url.removeprefix("http://").split(":")
    for sent in (b"POST /v1/enrolments HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{", b"\x16\x03\x01 not http", b"GET"):
        with socket.create_connection((host, int(port))) as line:
            line.sendall(sent)
    assert station.send()[0].last_seq == 1


def test_chunked_bodies_are_taken(station):
    data, path = msgspec.json.encode(station.batch()), f"/v1/journals/{station.journal_id}/batches"
    connection = http.client.HTTPConnection(station.url.removeprefix("http://"), timeout=30)
    pieces = (data[start : start + 100] for start in range(0, len(data), 100))
    connection.request("POST", path, body=pieces, headers=station.signed(Call("POST", path, data)), encode_chunked=True)
    assert connection.getresponse().status == 200
    connection.close()


def refs(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [ref for each in value.values() for ref in refs(each)]
    return [ref for each in value for ref in refs(each)] if isinstance(value, list) else []


def test_the_openapi_document_describes_every_address_by_the_types_of_the_wire(url):
    document = requests.get(f"{url}/openapi.json", timeout=30).json()
    assert document["openapi"].startswith("3.1")
    served = {(verb, path) for path, operations in document["paths"].items() for verb in operations}
    assert served == {
        ("get", "/v1/gateway"),
        ("post", "/v1/enrolments"),
        ("post", "/v1/journals/{journal_id}/batches"),
        ("get", "/v1/journals/{journal_id}/head"),
        ("post", "/v1/journals/{journal_id}/head"),
        ("get", "/v1/journals/{journal_id}/entries/{seq}"),
        ("get", "/v1/stations/{station_id}/returned"),
        ("post", "/v1/evidence"),
        ("put", "/v1/evidence/{sealed_sha256}"),
        ("get", "/v1/pull/entries"),
        ("get", "/v1/pull/sync-reports"),
        ("get", "/outlets"),
        ("get", "/healthz"),
    }
    for ref in refs(document):
        found = document
        for step in ref.removeprefix("#/").split("/"):
            found = found[step]
    schemas = document["components"]["schemas"]
    assert {"Batch", "Answer", "Receipt", "Returned", "HeadStatement", "Certificate", "Problem", "EnrolmentRequest", "Header"} <= set(
        schemas
    )
    assert set(schemas["Batch"]["required"]) >= {"gateway_id", "entries", "prev", "first_seq"}
    for operations in document["paths"].values():
        for operation in operations.values():
            assert operation["responses"]["default"]["content"]["application/problem+json"]["schema"]["$ref"].endswith("/Problem")
            assert "422" not in operation["responses"]
    schemes = set(document["components"]["securitySchemes"])
    assert all(set(each) <= schemes for path in document["paths"].values() for op in path.values() for each in op.get("security", []))
    json.dumps(document)


@given(st.binary(max_size=200), st.sampled_from([Batch, EnrolmentRequest]))
def test_reading_a_document_never_crashes(data, into):
    with pytest.raises(Refused):
        parse_document(data, into)


@given(st.binary(max_size=300), st.sampled_from(["", "gzip", "identity", "br"]))
def test_unpacking_never_crashes_and_never_exceeds_the_limit(data, encoding):
    with contextlib.suppress(Refused):
        assert len(decompressed(data, encoding, 100)) <= 100


@given(st.binary(max_size=300))
def test_what_was_packed_is_unpacked(data):
    assert decompressed(gzip.compress(data), "gzip", 300) == decompressed(brotli.compress(data), "br", 300) == data


@given(st.integers(0, 5_000), st.integers(1, 4_000))
def test_a_packed_body_is_taken_up_to_the_limit_and_not_beyond(size, limit):
    packed = brotli.compress(bytes(size))
    if size <= limit:
        assert decompressed(packed, "br", limit) == bytes(size)
    else:
        with pytest.raises(Refused, match=ProblemCode.TOO_LARGE):
            decompressed(packed, "br", limit)
