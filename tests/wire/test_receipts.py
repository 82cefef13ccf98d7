"""A receipt is believed only if it says exactly what was sent."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.entries import header_hash
from courier_check.journal.keys import SigningKey, from_text, to_text
from courier_check.wire.batches import Batch, HeadStatement, Receipt, Sent, checked_receipt, from_wire, merkle_root, to_wire
from courier_check.wire.certificates import Role
from courier_check.wire.documents import read_document
from courier_check.wire.signed import Signed, sign
from support.pki import MadeUpGateway
from support.sample_journals import AUTHOR, FIRST_PREV, JOURNAL, STRANGER, journal, with_bit_changed

GATEWAY = MadeUpGateway()
TRUSTED = GATEWAY.trusted()
KEY = GATEWAY.signing[Role.RECEIPT]
ROWS = journal(3)
SENT = Sent(AUTHOR.gateway_id, AUTHOR.station_id, JOURNAL, 1, FIRST_PREV, tuple(header_hash(row.header_bytes) for row in ROWS))
RECEIPT = Receipt(
    gateway_id=AUTHOR.gateway_id,
    station_id=AUTHOR.station_id,
    journal_id=JOURNAL,
    first_seq=1,
    last_seq=3,
    prev_head=FIRST_PREV,
    head=SENT.hashes[-1],
    merkle_root=merkle_root(SENT.hashes),
    received_at_ms=1_795_406_400_000,
    after_revocation=False,
    gateway_journal_id="12" * 16,
    gateway_seq=1,
    gateway_prev=TRUSTED.root_hash,
)
SIGNED = sign(RECEIPT, KEY)


def code_of(signed: Signed, sent: Sent = SENT) -> str:
    with pytest.raises(JournalError) as caught:
        checked_receipt(signed, sent, TRUSTED)
    return caught.value.code


def changed_by_one(value: object) -> object:
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case _:
            text = str(value)
            return text[:-1] + ("0" if text[-1] != "0" else "1")


def test_the_receipt_for_what_was_sent_is_believed():
    assert checked_receipt(SIGNED, SENT, TRUSTED) == RECEIPT


@pytest.mark.parametrize("member", ["gateway_id", "station_id", "journal_id", "first_seq", "last_seq", "prev_head", "head", "merkle_root"])
def test_a_signed_receipt_for_anything_else_is_refused(member):
    other = msgspec.structs.replace(RECEIPT, **{member: changed_by_one(getattr(RECEIPT, member))})
    assert code_of(sign(other, KEY)) in (JournalCode.WRONG_PLACE, JournalCode.BAD_DIGEST)


@pytest.mark.parametrize("member", [*RECEIPT.__struct_fields__, "kind"])
def test_a_receipt_changed_after_signing_is_refused(member):
    body = msgspec.json.decode(SIGNED.body)
    body[member] = changed_by_one(body[member])
    text = msgspec.json.encode(body, order="sorted").decode()
    code_of(Signed(body=text, key_id=SIGNED.key_id, signature=SIGNED.signature))


@given(st.sampled_from(["body", "signature", "key_id"]), st.data())
def test_one_bit_changed_anywhere_is_refused(where, data):
    raw = from_text(SIGNED.signature) if where == "signature" else getattr(SIGNED, where).encode()
    changed = with_bit_changed(raw, data.draw(st.integers(0, len(raw) * 8 - 1)))
    text = to_text(changed) if where == "signature" else changed.decode("latin-1")
    code_of(msgspec.structs.replace(SIGNED, **{where: text}))


@pytest.mark.parametrize("role", [Role.ENROLMENT, Role.PACKAGE])
def test_a_key_certified_for_something_else_signs_no_receipt(role):
    assert code_of(sign(RECEIPT, GATEWAY.signing[role])) == JournalCode.WRONG_KEY


def test_not_even_the_root_signs_receipts():
    assert code_of(sign(RECEIPT, GATEWAY.root)) == JournalCode.WRONG_KEY


def test_a_stranger_who_names_the_receipt_key_is_refused():
    assert code_of(msgspec.structs.replace(sign(RECEIPT, STRANGER), key_id=KEY.key_id)) == JournalCode.BAD_SIGNATURE


def test_another_kind_of_statement_is_no_receipt():
    head = HeadStatement(gateway_id="gw-test", station_id="zz-jinshui-01", journal_id=JOURNAL, seq=3, head=SENT.hashes[-1], at_ms=0)
    assert code_of(sign(head, KEY)) == JournalCode.MALFORMED


def test_a_receipt_of_version_2_is_refused_by_name_although_it_has_other_members():
    body = msgspec.json.encode({**msgspec.json.decode(SIGNED.body), "v": 2, "extra": 1}, order="sorted").decode()
    assert code_of(msgspec.structs.replace(SIGNED, body=body)) == JournalCode.UNSUPPORTED_VERSION


def with_members(**members: object) -> Signed:
    """The receipt's signature beside a body that says something else."""
    body = msgspec.json.encode({**msgspec.json.decode(SIGNED.body), **members}, order="sorted").decode()
    return msgspec.structs.replace(SIGNED, body=body)


def test_a_body_names_the_algorithms_it_is_signed_and_hashed_with():
    assert msgspec.json.decode(SIGNED.body)["suite"] == "ed25519-sha256"


@pytest.mark.parametrize("members", [{}, {"head": "another form of hash"}, {"seal": "more"}])
def test_a_receipt_of_unknown_algorithms_is_refused_by_name_although_its_members_have_other_forms(members):
    assert code_of(with_members(suite="sm2-sm3", **members)) == JournalCode.UNKNOWN_ALGORITHM


def test_a_newer_version_is_told_before_the_algorithms_it_uses():
    assert code_of(with_members(suite="sm2-sm3", v=2)) == JournalCode.UNSUPPORTED_VERSION


@pytest.mark.parametrize("suite", [None, 1, ["ed25519-sha256"]])
def test_a_receipt_that_names_its_algorithms_oddly_is_malformed(suite):
    assert code_of(with_members(suite=suite)) == JournalCode.MALFORMED


def test_a_receipt_that_names_no_algorithms_is_refused():
    body = msgspec.json.decode(SIGNED.body)
    del body["suite"]
    text = msgspec.json.encode(body, order="sorted").decode()
    assert code_of(msgspec.structs.replace(SIGNED, body=text)) == JournalCode.NOT_CANONICAL


def test_a_body_of_unknown_algorithms_is_never_signed():
    with pytest.raises(JournalError):
        sign(msgspec.structs.replace(RECEIPT, suite="sm2-sm3"), KEY)


@pytest.mark.parametrize("hashes", [(), SENT.hashes[:2], (*SENT.hashes, "0" * 64), (SENT.hashes[1], SENT.hashes[0], SENT.hashes[2])])
def test_a_receipt_for_other_entries_is_refused(hashes):
    assert code_of(SIGNED, replace(SENT, hashes=hashes)) in (JournalCode.WRONG_PLACE, JournalCode.BAD_DIGEST)


def test_entries_come_back_from_the_wire_as_they_went():
    for row in ROWS:
        back = from_wire(to_wire(row), row.seq)
        assert (back.header_bytes, back.signature, back.sealed) == (row.header_bytes, row.signature, row.sealed)


def test_a_damaged_row_is_not_put_on_the_wire():
    with pytest.raises(JournalError):
        to_wire(replace(ROWS[0], header_bytes=b"\xff"))


def test_a_body_that_no_reader_takes_is_never_signed():
    with pytest.raises(JournalError):
        sign(msgspec.structs.replace(RECEIPT, station_id="Not A Name"), SigningKey(b"\x01" * 32))


def test_a_batch_of_nothing_is_no_batch():
    document = {"kind": "batch", "v": 1, "gateway_id": "g", "station_id": "s", "journal_id": JOURNAL, "first_seq": 1, "prev": FIRST_PREV}
    document |= {"entries": [], "backlog": {"entries": 0, "oldest_ms": None}}
    with pytest.raises(JournalError):
        read_document(msgspec.json.encode(document), Batch)


@given(st.binary(max_size=60) | st.sampled_from([b"[" * 100_000, b'{"kind":"batch","v":true}', b'{"x":' * 50_000]))
def test_reading_a_document_never_crashes(data):
    with pytest.raises(JournalError):
        read_document(data, Batch)


@pytest.mark.parametrize("data", [b'{"kind":"batch","v":2}', b'{"v":2,"anything":[1.5]}'])
def test_a_document_of_version_2_is_refused_by_name(data):
    with pytest.raises(JournalError) as caught:
        read_document(data, Batch)
    assert caught.value.code == JournalCode.UNSUPPORTED_VERSION
