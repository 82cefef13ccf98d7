"""Whatever is changed, taken out, put in or moved in a journal is found."""

from __future__ import annotations

import random
from dataclasses import replace

import msgspec
import pytest

from courier_check.journal import tags
from courier_check.journal.codes import JournalCode
from courier_check.journal.entries import Entry, header_hash
from courier_check.journal.parts import PART_LIMIT
from courier_check.journal.verify import Stored, entry_of, verify_journal
from support.sample_journals import EXPECTED, KEY, STRANGER, by, journal, with_bit_changed

ROWS = journal(5)


def failures(rows: list[Stored]) -> list[tuple[int, JournalCode]]:
    return [(failure.seq, failure.what) for _, _, failure in verify_journal(rows, EXPECTED) if failure]


def with_row(at: int, row: Stored) -> list[Stored]:
    return [*ROWS[:at], row, *ROWS[at + 1 :]]


def resigned(row: Stored, **changes: object) -> Stored:
    """A header changed by someone who has the station's key."""
    data = msgspec.json.encode({**msgspec.json.decode(row.header_bytes), **changes}, order="sorted")
    return replace(row, header_bytes=data, signature=KEY.sign(tags.HEADER_SIGNATURE, data))


def test_an_untouched_journal_has_no_failures():
    assert failures(ROWS) == []
    assert [digest for _, digest, _ in verify_journal(ROWS, EXPECTED)] == [header_hash(row.header_bytes) for row in ROWS]


def _places() -> list[tuple[str, str, int]]:
    """300 bits drawn over header, signature, openings and sealed values."""
    drawn = random.Random(1)  # noqa: S311 - a sample, the same in every run
    row = ROWS[2]
    held = {("header", ""): row.header_bytes, ("signature", ""): row.signature}
    held |= {("opening", name): value for name, value in row.openings.items()}
    held |= {("sealed", name): value for name, value in row.sealed.items()}
    kinds = sorted(held)
    return [(*kind, drawn.randrange(len(held[kind]) * 8)) for kind in (kinds[i % len(kinds)] for i in range(300))]


def _with_bit_changed(row, what, name, bit):
    if what == "header":
        return replace(row, header_bytes=with_bit_changed(row.header_bytes, bit))
    if what == "signature":
        return replace(row, signature=with_bit_changed(row.signature, bit))
    if what == "opening":
        return replace(row, openings={**row.openings, name: with_bit_changed(row.openings[name], bit)})
    return replace(row, sealed={**row.sealed, name: with_bit_changed(row.sealed[name], bit)})


def test_one_bit_changed_is_found():
    for place in _places():
        found = failures(with_row(2, _with_bit_changed(ROWS[2], *place)))
        assert found, place
        assert found[0][0] == 3, place
        assert len(found) <= 2, place


def test_a_missing_entry_is_named():
    assert failures(ROWS[:2] + ROWS[3:]) == [(3, JournalCode.MISSING_ENTRY)]
    assert failures(ROWS[1:]) == [(1, JournalCode.MISSING_ENTRY)]


def test_entries_in_another_order_are_found():
    assert failures([ROWS[0], ROWS[2], ROWS[1], *ROWS[3:]])


def test_two_entries_that_changed_places_are_found():
    swapped = [ROWS[0], replace(ROWS[2], seq=2), replace(ROWS[1], seq=3), *ROWS[3:]]
    assert failures(swapped)[:2] == [(2, JournalCode.WRONG_PLACE), (3, JournalCode.WRONG_PLACE)]


def test_an_entry_twice_is_found():
    assert failures([*ROWS[:3], ROWS[2], *ROWS[3:]])


def test_an_entry_of_another_journal_is_found():
    other = journal(3, journal_id="ef" * 16)
    assert failures(with_row(2, other[2]))[0] == (3, JournalCode.WRONG_PLACE)


def test_a_journal_that_begins_elsewhere_is_found():
    assert failures(journal(2, first_prev="00" * 32))[0] == (1, JournalCode.BAD_CHAIN)


def test_a_journal_by_a_stranger_is_found():
    assert {what for _, what in failures(journal(3, by(STRANGER)))} == {JournalCode.WRONG_KEY}


def test_an_entry_that_names_the_right_key_and_is_signed_by_another_is_found():
    row = replace(ROWS[2], signature=STRANGER.sign(tags.HEADER_SIGNATURE, ROWS[2].header_bytes))
    assert failures(with_row(2, row)) == [(3, JournalCode.BAD_SIGNATURE)]


def test_a_signature_made_for_another_purpose_is_found():
    row = replace(ROWS[2], signature=KEY.sign(tags.REQUEST, ROWS[2].header_bytes))
    assert failures(with_row(2, row)) == [(3, JournalCode.BAD_SIGNATURE)]


@pytest.mark.parametrize(
    ("member", "value"), [("seq", 4), ("station_id", "other"), ("gateway_id", "other"), ("journal_id", "0" * 32), ("prev", "0" * 64)]
)
def test_an_entry_rewritten_and_signed_again_at_another_place_is_found(member, value):
    assert failures(with_row(2, resigned(ROWS[2], **{member: value})))[0][0] == 3


def test_a_rewritten_entry_breaks_the_next_one_although_its_signature_is_right():
    assert failures(with_row(2, resigned(ROWS[2], operator="c08"))) == [(4, JournalCode.BAD_CHAIN)]


def test_destroyed_parts_leave_the_chain_whole():
    bare = [replace(row, openings={}, sealed={}) for row in ROWS]
    assert failures(bare) == []


@pytest.mark.parametrize("held", ["openings", "sealed"])
def test_a_part_that_the_header_does_not_name_is_found(held):
    assert failures(with_row(2, replace(ROWS[2], **{held: {"extra": b"x"}}))) == [(3, JournalCode.BAD_DIGEST)]


def test_parts_that_changed_places_are_found():
    sealed = {"index": ROWS[2].sealed["reported"], "reported": ROWS[2].sealed["index"]}
    assert failures(with_row(2, replace(ROWS[2], sealed=sealed))) == [(3, JournalCode.BAD_DIGEST)]


def test_a_sealed_value_for_a_part_that_stays_is_found():
    assert failures(with_row(2, replace(ROWS[2], sealed={"kept": b"x"}))) == [(3, JournalCode.BAD_DIGEST)]


def test_a_sealed_value_over_the_limit_is_found():
    assert failures(with_row(2, replace(ROWS[2], sealed={"index": bytes(PART_LIMIT + 1)}))) == [(3, JournalCode.TOO_LARGE)]


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"{}", b"\xff", b"[" * 10_000])
def test_rows_that_are_no_header_are_found(data):
    assert failures(with_row(2, replace(ROWS[2], header_bytes=data)))[0] == (3, JournalCode.MALFORMED)


def test_an_entry_is_known_by_the_hash_the_next_one_names():
    entry = entry_of(ROWS[0])
    assert isinstance(entry, Entry)
    assert entry_of(ROWS[1]).header.prev == entry.hash
