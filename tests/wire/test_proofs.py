"""回执证明: what a QR code proves, and what it must not be talked into."""

from __future__ import annotations

import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.journal import canonical
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.keys import SigningKey, from_text, to_text
from courier_check.wire.proofs import PREFIX, checked_proof, parse_proof, proof_text
from support.made_proofs import GATEWAY, largest_proof, proof
from support.pki import MadeUpGateway, secret

TRUSTED = GATEWAY.trusted()


def code_of(text: str) -> str:
    with pytest.raises(JournalError) as caught:
        checked_proof(parse_proof(text), TRUSTED)
    return str(caught.value.code)


@given(st.integers(1, 512), st.data())
def test_a_proof_survives_its_text(count: int, data: st.DataObject) -> None:
    made = proof(count, data.draw(st.integers(0, count - 1)))
    read = parse_proof(proof_text(made))
    assert read == made
    assert checked_proof(read, TRUSTED).last_seq == 100_000 + count


def test_the_proof_of_an_entry_in_the_largest_batch_takes_about_a_kilobyte() -> None:
    """The kilobyte is what is packed. In its text, which the QR code of a page holds, four characters stand for three bytes."""
    text = proof_text(largest_proof())
    packed = from_text(text.removeprefix(PREFIX))
    assert parse_proof(text) == largest_proof()
    assert 900 < len(packed) <= 1_024
    assert len(text) == len(PREFIX) + -(-4 * len(packed) // 3) <= 1_371


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"seq": 100_002}, JournalCode.BAD_DIGEST),
        ({"seq": 100_006}, JournalCode.WRONG_PLACE),
        ({"seq": 100_000}, JournalCode.WRONG_PLACE),
        ({"entry": "0" * 64}, JournalCode.BAD_DIGEST),
        ({"path": ()}, JournalCode.BAD_DIGEST),
        ({"path": ("0" * 64,) * 3}, JournalCode.BAD_DIGEST),
    ],
)
def test_a_proof_of_something_else_fails(changes: dict[str, object], code: JournalCode) -> None:
    altered = msgspec.structs.replace(proof(5, 0), **changes)
    assert code_of(proof_text(altered)) == code


def test_another_gateways_receipt_proves_nothing() -> None:
    stranger = MadeUpGateway(root=SigningKey(secret("another root")))
    assert code_of(proof_text(proof(5, 0, gateway=stranger))) == JournalCode.WRONG_KEY


def test_every_changed_character_is_noticed() -> None:
    text = proof_text(proof(5, 3))
    for place in range(len(PREFIX), len(text)):
        other = "A" if text[place] != "A" else "B"
        with pytest.raises(JournalError):
            checked_proof(parse_proof(text[:place] + other + text[place + 1 :]), TRUSTED)


@given(st.one_of(st.text(), st.binary().map(lambda data: PREFIX + to_text(zlib.compress(data))), st.text().map(lambda text: PREFIX + text)))
def test_no_text_is_more_than_refused(text: str) -> None:
    with pytest.raises(JournalError):
        checked_proof(parse_proof(text), TRUSTED)


def test_a_text_that_unpacks_without_end_is_refused() -> None:
    assert code_of(PREFIX + to_text(zlib.compress(b" " * 50_000_000, 9))) == JournalCode.MALFORMED


def test_another_spelling_is_refused() -> None:
    spaced = canonical.encode(proof(2, 1)).replace(b'"seq":', b'"seq": ')
    assert code_of(PREFIX + to_text(zlib.compress(spaced))) == JournalCode.NOT_CANONICAL
