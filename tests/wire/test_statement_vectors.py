"""The program, and a second reading of the documents, agree with tests/vectors/statements.json."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from courier_check.journal.codes import JournalError
from courier_check.journal.keys import VerifyingKey, from_text
from courier_check.wire.batches import ConfirmedHead, HeadRequest, by_receipt_key
from courier_check.wire.certificates import GatewayDocument, KeysInForce, TrustedGateway, trust
from courier_check.wire.documents import read_document
from courier_check.wire.evidence import EvidenceFile, EvidenceRequest, checked_held
from courier_check.wire.signed import Body, Signed, kind_of, verified

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
DOCS = Path(__file__).resolve().parents[2] / "docs"
WIRE = msgspec.json.decode((VECTORS / "wire.json").read_bytes())
TOLD = msgspec.json.decode((VECTORS / "statements.json").read_bytes())
KEYS = msgspec.json.decode((VECTORS / "journal.json").read_bytes())["keys"]["by_name"]


def signed(document: object) -> Signed:
    return msgspec.convert(document, Signed)


@pytest.fixture(scope="module")
def gateway() -> TrustedGateway:
    document = read_document(msgspec.json.encode(WIRE["gateway"]["document"]), GatewayDocument)
    return trust(document, bytes.fromhex(WIRE["gateway"]["root_fingerprint_hex"]))


def test_a_second_reading_recomputes_them() -> None:
    ran = subprocess.run([sys.executable, VECTORS / "independent_statements.py"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert re.fullmatch("[0-9]+ checks passed\n", ran.stdout)


def test_heads_are_asked_for_and_confirmed(gateway: TrustedGateway) -> None:
    told = TOLD["head"]
    asked = read_document(msgspec.json.encode(told["request"]), HeadRequest)
    assert msgspec.json.decode(msgspec.json.encode(asked)) == told["request"]
    assert read_document(msgspec.json.encode(told["request_of_a_newcomer"]), HeadRequest).receipt is None
    said = by_receipt_key(signed(told["confirmed"]), ConfirmedHead, gateway)
    assert (said.nonce, said.seq) == (asked.nonce, 5)
    assert by_receipt_key(signed(told["confirmed_nothing"]), ConfirmedHead, gateway).head is None


def test_photos_are_stated_and_held(gateway: TrustedGateway) -> None:
    told = TOLD["evidence"]
    asked = read_document(msgspec.json.encode(told["request"]), EvidenceRequest)
    stated = verified(asked.statement, EvidenceFile, VerifyingKey(from_text(KEYS["station"]["public"])))
    assert asked.statement == signed(told["statement"])
    assert checked_held(signed(told["held_in_part"]), stated, asked.nonce, gateway).held < stated.sealed_size
    assert checked_held(signed(told["held"]), stated, asked.nonce, gateway).held == stated.sealed_size
    with pytest.raises(JournalError):
        checked_held(signed(told["held"]), stated, "0" * 32, gateway)


def test_the_list_of_keys_in_force_leaves_out_what_was_withdrawn(gateway: TrustedGateway) -> None:
    listed = signed(TOLD["keys"])
    assert len(verified(listed, KeysInForce, VerifyingKey(from_text(KEYS["root"]["public"]))).keys) == len(gateway.certificates)
    document = msgspec.structs.replace(gateway.document, keys=listed, withdrawn=())
    believed = trust(document, bytes.fromhex(WIRE["gateway"]["root_fingerprint_hex"]))
    assert (believed.certificates, believed.withdrawn, believed.keys_serial) == (gateway.certificates, (), 1)


def test_every_tag_is_in_the_list_of_tags() -> None:
    """journal.md §9 says that it names all: those of signed bodies, and those that the program hashes or derives with."""
    (section,) = re.findall(r"## 9\. Domain tags\n(.*?)\n\n", (DOCS / "journal.md").read_text(encoding="utf-8"), re.DOTALL)
    listed = set(re.findall("`([a-z-]+)`", section))
    kinds = {kind_of(each) for each in _every(Body) if not each.__name__.startswith("_")}
    assert kinds - listed == set()
    source = (DOCS.parent / "courier_check" / "journal" / "tags.py").read_text(encoding="utf-8")
    assert set(re.findall('tag\\("([a-z-]+)"\\)', source)) - listed == set()
    assert set(msgspec.json.decode((VECTORS / "journal.json").read_bytes())["tags"]["hex_by_name"]) == listed - {"courier-check"}


def _every(kind: type[Body]) -> set[type[Body]]:
    return {each for direct in kind.__subclasses__() for each in (direct, *_every(direct))}
