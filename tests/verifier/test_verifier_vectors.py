"""The archives and proofs that come with docs/wire.md are told as they must be, by the verifier and by the program."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from courier_check.journal.codes import JournalError
from courier_check.wire.archives import open_archive
from courier_check.wire.certificates import GatewayDocument, trust
from courier_check.wire.proofs import checked_proof, parse_proof

FOLDER = Path(__file__).parents[1] / "vectors" / "archives"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
REFUSED_WHOLE = {"file", "manifest"}


def test_every_file_has_an_expectation() -> None:
    assert {path.name for path in FOLDER.glob("*.zip")} == set(EXPECTED["archives"])
    assert {told["step"] for told in EXPECTED["archives"].values()} > REFUSED_WHOLE


@pytest.mark.parametrize("name", sorted(EXPECTED["archives"]))
def test_the_verifier_tells_each_archive_as_it_must(name: str, verify: Any, verifier: ModuleType) -> None:
    told = verify(FOLDER / name, root=EXPECTED["root_fingerprint"])
    assert (told["ok"], told["step"] if not told["ok"] else None) == (
        EXPECTED["archives"][name]["ok"],
        EXPECTED["archives"][name]["step"],
    )


@pytest.mark.parametrize("name", sorted(EXPECTED["archives"]))
def test_the_program_reads_what_is_whole_and_refuses_what_is_not(name: str) -> None:
    with (FOLDER / name).open("rb") as source:
        if EXPECTED["archives"][name]["step"] in REFUSED_WHOLE:
            with pytest.raises(JournalError):
                open_archive(source)
        else:
            open_archive(source).close()


@pytest.mark.parametrize("proof", EXPECTED["proofs"])
def test_proofs(proof: dict[str, Any]) -> None:
    gateway = trust(msgspec.convert(EXPECTED["gateway"], GatewayDocument), bytes.fromhex(EXPECTED["root_fingerprint"]))
    document = parse_proof(proof["text"])
    if proof["ok"]:
        assert checked_proof(document, gateway).first_seq == 1
    else:
        with pytest.raises(JournalError):
            checked_proof(document, gateway)
