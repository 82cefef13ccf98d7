"""Files that are no archive, or no whole one: cut, put together, filled with what does not belong, made to hurt."""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.edited_archives import as_json, central_directory, contents, signed_text, zipped
from support.made_archives import MADE, Unpacked, World, bundle, export

Verify = Callable[..., dict[str, Any]]
in_one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return export(World()).pack(tmp_path_factory.mktemp("whole") / "export.zip").read_bytes()


@pytest.fixture
def told(verify: Verify, tmp_path: Path) -> Callable[[bytes], tuple[Any, Any]]:
    """Step and code for the bytes of a file, which must not pass."""

    def answered(data: bytes) -> tuple[Any, Any]:
        (tmp_path / "bytes.zip").write_bytes(data)
        result = verify(tmp_path / "bytes.zip")
        assert not result["ok"]
        return result["step"], result["code"]

    return answered


def test_what_is_no_archive_is_unusable(told: Any, verify: Verify, tmp_path: Path) -> None:
    assert told(b"") == (None, "not-zip")
    assert told("收寄".encode() * 100) == (None, "not-zip")
    assert verify(tmp_path / "nothing.zip")["code"] == "no-file"
    assert verify(tmp_path)["code"] == "no-file"


def test_a_cut_file_is_refused_wherever_it_was_cut(told: Any, whole: bytes) -> None:
    directory = central_directory(whole)
    places = {*range(0, len(whole), 211), *range(directory - 3, directory + 60), *range(len(whole) - 30, len(whole))}
    for size in sorted(places):
        assert told(whole[:size]) in ((None, "not-zip"), ("file", "torn")), size


def test_missing_blocks_are_noticed(told: Any, whole: bytes) -> None:
    """A stick that gives zeros for a sector, or leaves one out."""
    for start in range(0, len(whole), 512):
        assert told(whole[:start] + bytes(len(whole[start : start + 512])) + whole[start + 512 :])[1]
        assert told(whole[:start] + whole[start + 512 :])[1]


def test_bytes_before_or_behind_and_comments_are_refused(told: Any, whole: bytes) -> None:
    assert told(b"#!/bin/sh\n" + whole) in ((None, "not-zip"), ("file", "torn"))
    assert told(whole + b"\n") == ("file", "torn")
    assert told(whole[:-2] + struct.pack("<H", 5) + b"hello") == ("file", "torn")
    assert told(whole + whole) == ("file", "torn")


def test_a_name_twice_is_refused(told: Any, tmp_path: Path) -> None:
    path = bundle(World()).pack(tmp_path / "twice.zip")
    with zipfile.ZipFile(path, "a") as held, pytest.warns(UserWarning, match="Duplicate name"):
        held.writestr("README.txt", "another")
    assert told(path.read_bytes()) == ("file", "twice")


@pytest.mark.parametrize(
    "name",
    [
        "batches/",
        "notes.txt",
        "../manifest.json",
        "batches\\a.json",
        "Manifest.json",
        "stations/Z.json",
        "说明.txt",
        "receipts/" + "a" * 32 + "-1.json",
    ],
)
def test_a_name_of_another_form_is_refused(name: str, told: Any, tmp_path: Path) -> None:
    path = bundle(World()).pack(tmp_path / "more.zip")
    assert told(zipped(path, {**contents(path), name: b"{}"}).read_bytes()) == ("file", "bad-name")


def test_extra_and_missing_files_are_refused(told: Any, tmp_path: Path) -> None:
    path = bundle(World()).pack(tmp_path / "whole.zip")
    files = contents(path)
    assert told(zipped(path, {**files, "receipts/" + "0" * 32 + "-0000000001.json": b"{}"}).read_bytes()) == ("manifest", "not-listed")
    for name in files:
        step, code = told(zipped(path, {other: data for other, data in files.items() if other != name}).read_bytes())
        assert (step, code) == ("manifest", "missing")


def test_an_archive_without_a_gateway_document_is_refused(told: Any, tmp_path: Path) -> None:
    path = bundle(World()).without("gateway.json").pack(tmp_path / "whole.zip")
    assert told(path.read_bytes()) == ("manifest", "missing")


def test_other_ways_to_pack_are_refused(told: Any, tmp_path: Path) -> None:
    path = bundle(World()).pack(tmp_path / "whole.zip")
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        assert told(zipped(path, contents(path), method).read_bytes()) == ("file", "packed-otherwise")
    data = bytearray(zipped(path, contents(path)).read_bytes())
    data[central_directory(bytes(data)) + 8] |= 1  # says that it is encrypted
    assert told(bytes(data)) == ("file", "packed-otherwise")


def test_stored_files_are_as_good_as_packed_ones(verify: Verify, tmp_path: Path) -> None:
    path = bundle(World()).pack(tmp_path / "whole.zip")
    assert verify(zipped(path, contents(path), zipfile.ZIP_STORED))["ok"]


def test_a_bomb_is_refused_by_its_size(told: Any, tmp_path: Path) -> None:
    files = contents(bundle(World()).pack(tmp_path / "whole.zip"))
    assert told(zipped(tmp_path / "bomb.zip", {**files, "gateway.json": bytes(16_777_217)}).read_bytes()) == ("file", "too-large")
    batch = next(name for name in files if name.startswith("batches"))
    assert told(zipped(tmp_path / "bomb.zip", {**files, batch: bytes(8_388_609)}).read_bytes()) == ("file", "too-large")


def test_a_bomb_that_lies_about_its_size_is_refused(told: Any, tmp_path: Path) -> None:
    """The directory says 10 bytes; the packed stream holds megabytes."""
    files = contents(bundle(World()).pack(tmp_path / "whole.zip"))
    data = bytearray(zipped(tmp_path / "bomb.zip", {**files, "README.txt": bytes(8_000_000)}).read_bytes())
    at = data.index(b"README.txt", central_directory(bytes(data))) - 46
    data[at + 24 : at + 28] = struct.pack("<L", 10)
    assert told(bytes(data)) == ("file", "torn")


def test_files_that_lie_over_one_another_are_refused(told: Any, tmp_path: Path) -> None:
    """The directory of all names points at one packed stream, as often as there are names."""
    files = contents(bundle(World()).pack(tmp_path / "whole.zip"))
    data = bytearray(zipped(tmp_path / "over.zip", {**files, "README.txt": bytes(1_000_000)}).read_bytes())
    start = central_directory(bytes(data))
    entry = data.index(b"README.txt", start) - 46
    size, offset = bytes(data[entry + 20 : entry + 24]), bytes(data[entry + 42 : entry + 46])
    position = start
    while data[position : position + 4] == b"PK\x01\x02":
        data[position + 20 : position + 24], data[position + 42 : position + 46] = size, offset
        position += 46 + sum(struct.unpack("<HHH", data[position + 28 : position + 34]))
    assert told(bytes(data)) == ("file", "torn")


# --- whatever the bytes


@in_one_folder
@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_pass_and_never_break_it(told: Any, data: bytes) -> None:
    assert told(data)[1]
    assert told(b"PK\x03\x04" + data)[1]
    assert told(b"PK\x05\x06" + data)[1]


@in_one_folder
@given(st.data())
def test_arbitrary_bytes_in_a_whole_archive_never_break_it(verify: Verify, tmp_path: Path, whole: bytes, data: st.DataObject) -> None:
    spot = data.draw(st.integers(0, len(whole) - 1))
    patch = data.draw(st.binary(min_size=1, max_size=64))
    (tmp_path / "patched.zip").write_bytes(whole[:spot] + patch + whole[spot + len(patch) :])
    assert verify(tmp_path / "patched.zip")["code"] != "unexpected"


ids = st.sampled_from(
    ["gw-test", "zz-jinshui-01", "ab" * 16, "cd" * 32, "batch", "receipts", "gateway", "openings", "returned-items", "archive", ""]
)
numbers = st.integers(-3, 10) | st.integers() | st.floats(allow_nan=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=5) | ids,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ids | st.text(max_size=5), inner, max_size=5),
    max_leaves=20,
)


@st.composite
def grown(draw: st.DrawFn, document: Any) -> Any:
    """The document with any one of its values replaced by anything."""
    if isinstance(document, dict) and document and draw(st.booleans()):
        name = draw(st.sampled_from(sorted(document)))
        return {**document, name: draw(grown(document[name]))}
    if isinstance(document, list) and document and draw(st.booleans()):
        at = draw(st.integers(0, len(document) - 1))
        return [*document[:at], draw(grown(document[at])), *document[at + 1 :]]
    return draw(json_values)


@pytest.fixture(scope="module")
def unpacked() -> dict[str, Unpacked]:
    return {kind: make(World()) for kind, make in MADE.items()}


@in_one_folder
@given(st.data())
def test_arbitrary_json_in_any_file_never_breaks_it(
    verify: Verify, tmp_path: Path, unpacked: dict[str, Unpacked], data: st.DataObject
) -> None:
    """The manifest is made again and signed, so that every step meets it."""
    archive = unpacked[data.draw(st.sampled_from(sorted(unpacked)))]
    name = data.draw(st.sampled_from(sorted(name for name in archive.files if name.endswith(".json"))))
    document = json.loads(archive.files[name])
    other = data.draw(json_values | grown(document))
    verify(archive.having(name, as_json(other)).pack(tmp_path / "odd.zip"))


@in_one_folder
@given(st.data())
def test_arbitrary_signed_bodies_never_break_it(verify: Verify, tmp_path: Path, unpacked: dict[str, Unpacked], data: st.DataObject) -> None:
    """Manifest, receipt and certificate of any JSON, each with a signature that verifies."""
    archive = unpacked["export"]
    gateway = archive.world.gateway
    files = contents(archive.pack(tmp_path / "odd.zip"))
    body = json.loads(json.loads(files["manifest.json"])["body"])
    text = as_json(data.draw(grown(body))).decode("utf-8", "surrogatepass")
    verify(zipped(tmp_path / "odd.zip", {**files, "manifest.json": as_json(signed_text(text, "archive", archive.key))}))
    certificate = json.loads(files["gateway.json"])["certificates"][1]
    odd = as_json(data.draw(grown(json.loads(certificate["body"])))).decode("utf-8", "surrogatepass")
    document = json.loads(files["gateway.json"])
    document["certificates"][1] = signed_text(odd, "certificate", gateway.root)
    verify(archive.having("gateway.json", as_json(document)).pack(tmp_path / "odd.zip"))


HURTING = {
    "deep arrays": "[" * 100_000,
    "deep objects": '{"a":' * 50_000,
    "a long number": "1" * 1_000_000,
    "a text without end": '"' + "\\u0000" * 10_000,
    "many": "[" + "[]," * 10_000 + "[]]",
    "very many": "[" + "[]," * 100_000 + "[]]",
}


@pytest.mark.parametrize(
    "text", [pytest.param(text, id=name, marks=pytest.mark.slow if name == "very many" else ()) for name, text in HURTING.items()]
)
def test_json_made_to_hurt_is_refused(text: str, verify: Verify, tmp_path: Path) -> None:
    archive = bundle(World())
    for name in archive.files:
        if name.endswith(".json"):
            assert not verify(archive.having(name, text.encode()).pack(tmp_path / "odd.zip"))["ok"]
    files = contents(archive.pack(tmp_path / "odd.zip"))
    assert verify(zipped(tmp_path / "odd.zip", {**files, "manifest.json": text.encode()}))["step"] == "manifest"
    signed = as_json(signed_text(text, "archive", archive.key))
    assert verify(zipped(tmp_path / "odd.zip", {**files, "manifest.json": signed}))["step"] == "manifest"
