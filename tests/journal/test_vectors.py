"""The vectors: checked by a second reading of the documents, and by the program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from courier_check.journal import canonical, merkle, tags
from courier_check.journal.codes import JournalError
from courier_check.journal.entries import header_hash, parse_header, seal_context
from courier_check.journal.keys import OpeningKey, SigningKey, VerifyingKey, from_text, key_id, to_text
from courier_check.journal.parts import opened, unseal
from courier_check.journal.tokens import TokenKind, address_value, match_token, phone_value
from courier_check.journal.verify import Expected, Stored, verify_header, verify_journal
from tools.make_vectors import documents

FOLDER = Path(__file__).resolve().parents[1] / "vectors"
VECTORS = msgspec.json.decode((FOLDER / "journal.json").read_bytes())
JOURNAL = VECTORS["journal"]
KEYS = VECTORS["keys"]["by_name"]


def expected() -> Expected:
    key = VerifyingKey(from_text(KEYS["station"]["public"]))
    return Expected(JOURNAL["gateway_id"], JOURNAL["station_id"], JOURNAL["journal_id"], JOURNAL["first_prev"], key)


def stored() -> list[Stored]:
    return [
        Stored(
            entry["seq"],
            entry["header"].encode(),
            from_text(entry["signature"]),
            {name: bytes.fromhex(part["opening_hex"]) for name, part in entry["parts"].items()},
            {name: from_text(part["sealed"]) for name, part in entry["parts"].items() if "sealed" in part},
        )
        for entry in JOURNAL["entries"]
    ]


def test_a_program_written_from_the_documents_alone_agrees():
    ran = subprocess.run([sys.executable, "-E", "independent.py"], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "checks passed" in ran.stdout


def test_the_files_are_what_the_tool_writes():
    assert documents(FOLDER) == {name: (FOLDER / name).read_bytes() for name in ("journal.json", "wire.json")}


@pytest.mark.parametrize("case", VECTORS["canonical"]["good"], ids=lambda case: case["note"][:40])
def test_good_values_are_spelled_as_the_vectors_say(case):
    assert canonical.encode(case["value"]).hex() == case["hex"]


@pytest.mark.parametrize("case", VECTORS["canonical"]["bad"], ids=lambda case: case["note"])
def test_bad_bytes_are_refused(case):
    with pytest.raises(JournalError):
        canonical.decode(bytes.fromhex(case["hex"]), dict)


def test_base64_as_the_vectors_say():
    for case in VECTORS["base64"]["good"]:
        assert (to_text(bytes.fromhex(case["hex"])), from_text(case["text"]).hex()) == (case["text"], case["hex"])
    for case in VECTORS["base64"]["bad"]:
        with pytest.raises(JournalError):
            from_text(case["text"])


def test_keys_and_their_ids_are_those_of_the_vectors():
    for key in KEYS.values():
        made = (SigningKey if key["algorithm"] == "ed25519" else OpeningKey)(from_text(key["secret"]))
        assert (to_text(made.public), made.key_id, key_id(key["algorithm"], made.public)) == (key["public"], key["key_id"], key["key_id"])


def test_tags_are_those_of_the_vectors():
    assert {name: tags.tag(name).hex() for name in VECTORS["tags"]["hex_by_name"]} == VECTORS["tags"]["hex_by_name"]
    ours = {value for name, value in vars(tags).items() if name.isupper()}
    assert ours <= {bytes.fromhex(each) for each in VECTORS["tags"]["hex_by_name"].values()}


def test_the_journal_of_the_vectors_verifies():
    walked = list(verify_journal(stored(), expected()))
    assert walked == [(entry["seq"], entry["hash"], None) for entry in JOURNAL["entries"]]


def test_sealed_parts_open_to_what_the_header_names():
    for entry in JOURNAL["entries"]:
        header = parse_header(entry["header"].encode())
        for ref in header.parts:
            part = entry["parts"][ref.name]
            assert isinstance(opened(bytes.fromhex(part["opening_hex"])), dict)
            if "sealed" in part:
                key = OpeningKey(from_text(KEYS[part["opened_by"]]["secret"]))
                assert unseal(from_text(part["sealed"]), key, seal_context(header, ref), ref.digest).hex() == part["opening_hex"]


@pytest.mark.parametrize("case", VECTORS["bad_headers"]["headers"], ids=lambda case: case["note"])
def test_bad_headers_are_refused_for_the_reason_given(case):
    with pytest.raises(JournalError) as caught:
        parse_header(case["header"].encode())
    assert caught.value.code == case["refused_as"]


@pytest.mark.parametrize("case", VECTORS["bad_entries"]["entries"], ids=lambda case: case["note"])
def test_bad_entries_are_refused_for_the_reason_given(case):
    before = header_hash(JOURNAL["entries"][case["seq"] - 2]["header"].encode())
    with pytest.raises(JournalError) as caught:
        verify_header(case["header"].encode(), from_text(case["signature"]), expected(), (case["seq"], before))
    assert caught.value.code == case["fails"]


def test_trees_are_those_of_the_vectors():
    for tree in VECTORS["merkle"]["trees"]:
        leaves = [tags.digest(tags.HEADER, str(i).encode()) for i in range(tree["size"])]
        assert merkle.root(leaves).hex() == tree["root"]
        for index, siblings in tree["paths"].items():
            assert [each.hex() for each in merkle.path(leaves, int(index))] == siblings


def test_match_tokens_are_those_of_the_vectors():
    key = bytes.fromhex(VECTORS["match_tokens"]["key_hex"])
    normal = {"phone": phone_value, "address": address_value, "id-number": str}
    for each in VECTORS["match_tokens"]["tokens"]:
        assert normal[each["kind"]](each["written"]) == each["value"]
        assert match_token(key, TokenKind(each["kind"]), each["value"]) == each["token"]
