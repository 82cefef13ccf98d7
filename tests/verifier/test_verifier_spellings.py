"""One spelling only: what reads the same and is written otherwise is refused by the stand-alone verifier, though it is signed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from courier_check.journal import tags
from courier_check.journal.keys import to_text
from courier_check.wire.certificates import Role
from support.edited_archives import (
    as_json,
    canonical,
    contents,
    edited,
    journal_with,
    named,
    replaced,
    signed_text,
    zipped,
)
from support.made_archives import (
    FIRST,
    SECOND,
    Unpacked,
    World,
    answers,
    bundle,
    export,
)

Verify = Callable[..., dict[str, Any]]


def last_header(archive: Unpacked, edit: Callable[[str], str]) -> Unpacked:
    """The newest header of a journal without receipts, spelled otherwise and signed by the station itself."""
    name = "batches/" + journal_with(archive, 3) + "-0000000001.json"

    def spelled(batch: dict[str, Any]) -> None:
        honest = batch["entries"][2]["header"]
        text = edit(honest)
        assert text != honest
        signature = archive.key.sign(tags.HEADER_SIGNATURE, text.encode("utf-8", "surrogatepass"))
        batch["entries"][2].update(header=text, signature=to_text(signature))

    return edited(archive, name, spelled)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "a space": lambda text: text.replace('"v":1', '"v": 1'),
    "a line feed at the end": lambda text: text + "\n",
    "an escape": lambda text: text.replace('"v":1', '"\\u0076":1'),
    "an escaped slash": lambda text: text.replace("ed25519", "ed25519\\/", 1),
    "a fraction": lambda text: text.replace('"v":1', '"v":1.0'),
    "an exponent": lambda text: text.replace('"v":1', '"v":1e0'),
    "a zero before": lambda text: text.replace('"v":1', '"v":01'),
    "a member twice": lambda text: text.replace('"v":1', '"v":1,"v":1'),
    "another order": lambda text: json.dumps(dict(reversed(json.loads(text).items())), ensure_ascii=False, separators=(",", ":")),
    "an unpaired surrogate": lambda text: text.replace("gw-test", "\\ud800", 1),
    "a raw surrogate": lambda text: text.replace("gw-test", "\ud800", 1),
    "a byte order mark": lambda text: "\ufeff" + text,
    "not a number": lambda text: text.replace('"v":1', '"v":NaN'),
    "a large number": lambda text: text.replace('"v":1', '"v":' + "1" * 5000),
    "an array": lambda text: f"[{text}]",
    "nothing": lambda _: "",
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_header_spelled_otherwise_is_refused_though_signed(name: str, refused: Any) -> None:
    # A surrogate can't be written in UTF-8: then the batch around the header is no JSON.
    assert refused(last_header(bundle(World()), SPELLINGS[name]))[0] == ("ranges" if name == "a raw surrogate" else "entries")


@pytest.mark.parametrize("name", SPELLINGS)
def test_bodies_spelled_otherwise_are_refused_though_signed(name: str, verify: Verify, refused: Any, tmp_path: Path) -> None:
    """Certificate, receipt, returned item and manifest, each signed by the right key."""
    world = World()
    enrolment, receipt = world.gateway.signing[Role.ENROLMENT], world.gateway.signing[Role.RECEIPT]
    spell = SPELLINGS[name]
    archive = export(world)
    station = f"stations/{FIRST}.json"
    certificate = replaced(archive, station, lambda signed: signed_text(spell(signed["body"]), "certificate", enrolment))
    assert refused(certificate)[0] == "certificates"

    def respell(documents: list[dict[str, str]], kind: str) -> None:
        documents[0] = signed_text(spell(documents[0]["body"]), kind, receipt)

    held = edited(archive, named(archive, "receipts"), lambda document: respell(document["receipts"], "receipt"))
    assert refused(held)[0] == "receipts"
    returned = edited(answers(World()), f"returned/{FIRST}.json", lambda document: respell(document["items"], "returned"))
    assert refused(returned)[0] == "receipts"
    result = verify(respelled_manifest(archive, spell, tmp_path / "manifest.zip"))
    assert result["step"] == "manifest"


def respelled_manifest(archive: Unpacked, spell: Callable[[str], str], path: Path) -> Path:

    files = contents(archive.pack(path))
    honest = json.loads(files["manifest.json"])["body"]
    text = spell(honest)
    assert text != honest
    return zipped(path, {**files, "manifest.json": as_json(signed_text(text, "archive", archive.key))})


HEADERS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "minus zero": (lambda _: None, "not-canonical"),
    "an integer out of range": (lambda header: header["facts"].update(pieces=2**53), "not-canonical"),
    "too deep": (lambda header: header["facts"].update(a=json.loads("[" * 8 + "]" * 8)), "not-canonical"),
    "a member in capitals": (lambda header: header["facts"].update(Name=1), "not-canonical"),
    "an empty name": (lambda header: header["facts"].update({"": 1}), "not-canonical"),
    "a name of 65": (lambda header: header["facts"].update({"a" * 65: 1}), "not-canonical"),
    "an unknown member": (lambda header: header.update(more=1), "malformed"),
    "a member missing": (lambda header: header.pop("evidence"), "malformed"),
    "another version": (lambda header: header.update(v=2, more=1), "version"),
    "another algorithm": (lambda header: header["alg"].update(sign="sm2"), "algorithm"),
    "an algorithm missing": (lambda header: header["alg"].pop("sign"), "malformed"),
    "too large": (lambda header: header["facts"].update(a="x" * 16_384), "too-large"),
    "a true for 1": (lambda header: header.update(v=True), "malformed"),
    "a kind in capitals": (lambda header: header.update(kind="Acceptance"), "malformed"),
    "an operator that is a number": (lambda header: header.update(operator=7), "malformed"),
    "facts that are a list": (lambda header: header.update(facts=[]), "malformed"),
    "a clock in fractions": (lambda header: header["times"].update(mono_ms="1"), "malformed"),
    "a clock out of range": (lambda header: header["times"].update(wall_ms=2**53), "malformed"),
    "no boot": (lambda header: header["times"].update(boot_id=""), "malformed"),
    "a digest in capitals": (lambda header: header["parts"][0].update(digest="A" * 64), "malformed"),
    "a digest that is a number": (lambda header: header["parts"][0].update(digest=7), "malformed"),
    "a recipient without a sealed digest": (lambda header: header["parts"][0].update(sealed_digest=None), "malformed"),
    "parts out of order": (lambda header: header["parts"].reverse(), "order"),
    "a part twice": (lambda header: header["parts"].insert(0, header["parts"][0]), "order"),
    "a package without a version": (lambda header: header["packages"][0].pop("version"), "malformed"),
    "a package of a number": (lambda header: header["packages"][0].update(version=7), "malformed"),
    "a package of no kind": (lambda header: header["packages"][0].update(kind="A b"), "malformed"),
    "evidence of negative size": (lambda header: header["evidence"][0].update(size=-1), "malformed"),
    "times with more": (lambda header: header["times"].update(more=1), "malformed"),
    "a part with more": (lambda header: header["parts"][0].update(more=1), "malformed"),
    "a recipient in capitals": (lambda header: header["parts"][0].update(recipient="A" * 32), "malformed"),
    "evidence with more": (lambda header: header["evidence"][0].update(more=1), "malformed"),
    "evidence of no name": (lambda header: header["evidence"][0].update(name=None), "malformed"),
    "another seq": (lambda header: header.update(seq=4), "bad-place"),
    "a true for a seq": (lambda header: header.update(seq=True), "bad-place"),
    "another journal": (lambda header: header.update(journal_id="ab" * 16), "bad-place"),
    "another station": (lambda header: header.update(station_id=SECOND), "bad-place"),
    "another gateway": (lambda header: header.update(gateway_id="gw-other"), "bad-place"),
    "another key": (lambda header: header.update(key_id="0" * 32), "wrong-key"),
    "another prev": (lambda header: header.update(prev="0" * 64), "bad-chain"),
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_that_is_not_as_specified_is_refused_though_signed(name: str, refused: Any) -> None:
    edit, code = HEADERS[name]

    def changed(text: str) -> str:
        header = json.loads(text)
        edit(header)
        return canonical(header).replace('"mono_ms":1', '"mono_ms":-0') if name == "minus zero" else canonical(header)

    assert refused(last_header(bundle(World()), changed)) == ("entries", code)


def other_trailing_bits(text: str) -> str:
    """Another last character that decodes to the same bytes: 64 bytes leave four bits over."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + alphabet[alphabet.index(text[-1]) + 1]


SIGNATURES = {
    "padding": lambda text: text + "==",
    "other trailing bits": other_trailing_bits,
    "a space": lambda text: text[:40] + " " + text[40:],
    "the other alphabet": lambda text: text.replace("-", "+").replace("_", "/") if set("-_") & set(text) else text + "+",
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_signature_spelled_otherwise_is_refused_everywhere(name: str, refused: Any, verify: Verify, tmp_path: Path) -> None:
    archive, spell = export(World()), SIGNATURES[name]

    def respell(document: dict[str, Any]) -> None:
        document["signature"] = spell(document["signature"])

    assert refused(edited(archive, f"stations/{FIRST}.json", respell))[0] == "certificates"
    assert refused(edited(archive, "gateway.json", lambda document: respell(document["certificates"][0])))[0] == "root"
    assert refused(edited(archive, "gateway.json", lambda document: respell(document["certificates"][3])))[0] in ("root", "certificates")
    assert refused(edited(archive, named(archive, "batches"), lambda batch: respell(batch["entries"][1])))[0] == "entries"
    assert refused(edited(archive, named(archive, "receipts"), lambda document: respell(document["receipts"][0])))[0] == "receipts"

    files = contents(archive.pack(tmp_path / "manifest.zip"))
    manifest = json.loads(files["manifest.json"])
    respell(manifest)
    assert verify(zipped(tmp_path / "manifest.zip", {**files, "manifest.json": as_json(manifest)}))["step"] == "manifest"
