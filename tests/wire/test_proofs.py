"""回执证明: what a QR code proves, and what it must not be talked into."""

from __future__ import annotations

import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.journal import canonical, merkle
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.keys import SigningKey, to_text
from courier_check.wire.batches import Receipt, merkle_root
from courier_check.wire.certificates import Role
from courier_check.wire.proofs import PREFIX, ProofDocument, checked_proof, parse_proof, proof_text
from courier_check.wire.signed import sign
from support.pki import MadeUpGateway, secret

GATEWAY = MadeUpGateway()
TRUSTED = GATEWAY.trusted()


def hashes(count: int) -> tuple[str, ...]:
    return tuple(secret(f"entry {number}").hex() for number in range(count))


def proof(count: int, index: int, *, gateway: MadeUpGateway = GATEWAY) -> ProofDocument:
    held = hashes(count)
    receipt = Receipt(
        gateway_id=gateway.gateway_id,
        station_id="counter-01",
        journal_id="ab" * 16,
        first_seq=100_001,
        last_seq=100_000 + count,
        prev_head=secret("before").hex(),
        head=held[-1],
        merkle_root=merkle_root(held),
        received_at_ms=1_795_406_400_000,
        after_revocation=False,
        gateway_journal_id="12" * 16,
        gateway_seq=1_234_567,
        gateway_prev=secret("receipt before").hex(),
    )
    path = merkle.path([bytes.fromhex(each) for each in held], index)
    signed = sign(receipt, gateway.signing[Role.RECEIPT])
    return ProofDocument(seq=100_001 + index, entry=held[index], path=tuple(each.hex() for each in path), receipt=signed)


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
    largest = max(len(zlib.compress(canonical.encode(proof(512, index)), 9)) for index in (0, 1, 255, 511))
    assert largest <= 1024, largest


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
