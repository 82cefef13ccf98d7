"""The inbox: what receipts cover, which of them is the newest; returned items are counted within each journal of the gateway."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.journal.entries import Draft
from courier_check.station import Station
from courier_check.store import inbox, journal
from courier_check.store.database import Database
from courier_check.store.facts import load_number, save_number
from courier_check.store.schema import migrate, migrations
from courier_check.wire.batches import Receipt
from courier_check.wire.signed import read
from support.receipts import keep, keep_returned, receipt_over
from support.stations import append

OLD, NEW, ACT = "aa" * 16, "bb" * 16, "cc" * 16


def take(station: Station, gateway_journal_id: str, number: int, seq: int = 2, code: str = "waybill-missing") -> None:
    with station.database.write() as tx:
        keep_returned(tx, gateway_journal_id, number, (ACT, seq), code)


def answer(station: Station, number: int, of: str | None, seq: int = 2) -> None:
    facts = {"corrects": {"journal_id": ACT, "seq": seq}, "fields": [], "answers_returned": number}
    append(station, Draft("correction", "0142", facts if of is None else {**facts, "answers_journal": of}))


def open_items(station: Station) -> list[tuple[str, int]]:
    items = [(item.gateway_journal_id, item.number) for item in inbox.returned_items(station.database, open_only=True)]
    assert inbox.standing(station.database).returned_open == len(items)
    return items


def test_numbers_are_counted_in_each_gateway_journal(station: Station) -> None:
    for number in (1, 2, 4):
        take(station, OLD, number, seq=number)
    take(station, NEW, 1, seq=9)
    last = {journal_id: inbox.last_returned(station.database, journal_id) for journal_id in (OLD, NEW, "dd" * 16)}
    assert last == {OLD: 2, NEW: 1, "dd" * 16: 0}
    assert inbox.holds_returned(station.database, OLD, 4)
    assert not inbox.holds_returned(station.database, NEW, 4)
    assert [item.number for item in inbox.returned_items(station.database)] == [1, 2, 4, 1]
    assert [item.number for item in inbox.recent_returned(station.database, 2)] == [1, 4]


def test_an_answer_is_to_the_item_of_the_journal_it_names(station: Station) -> None:
    take(station, OLD, 1, seq=2)
    take(station, NEW, 1, seq=3)
    answer(station, 1, NEW, seq=3)
    assert open_items(station) == [(OLD, 1)]
    answer(station, 1, None)  # written when there was only the first journal
    assert open_items(station) == []


def test_the_same_objection_raised_again_is_answered_by_the_answer_to_the_first(station: Station) -> None:
    take(station, OLD, 1)
    answer(station, 1, OLD)
    take(station, NEW, 1)
    take(station, NEW, 2, code="waybill-elsewhere")
    assert open_items(station) == [(NEW, 2)]


def test_items_of_before_come_under_the_journal_that_their_own_text_names() -> None:
    db = Database.in_memory()
    migrations.apply(db.tables, stop_before="gateway_journals")
    with db.write() as tx:
        for number in (1, 2):
            body = json.dumps({"gateway_journal_id": OLD, "number": number})
            tx.execute("INSERT INTO returned VALUES (?, ?, 2, 'odd', 'detail', 7, ?, 'key', 'signature')", (number, ACT, body))
    migrate(db)
    kept = db.rows("SELECT gateway_journal_id, number, journal_id, seq, code, detail, at_ms, key_id, signature FROM returned ORDER BY 2")
    assert kept == [(OLD, number, ACT, 2, "odd", "detail", 7, "key", "signature") for number in (1, 2)]
    assert inbox.last_returned(db, OLD) == 2
    db.close()


# Receipts ---------------------------------------------------------------------------------------------------------------------------------

JOURNAL = "ee" * 16
RANGES = st.tuples(st.integers(1, 40), st.integers(0, 12)).map(lambda drawn: (drawn[0], drawn[0] + drawn[1]))


@pytest.fixture
def db() -> Iterator[Database]:
    opened = empty()
    yield opened
    opened.close()


def empty() -> Database:
    """With one journal, and no entries in it."""
    opened = Database.in_memory()
    migrate(opened)
    with opened.write() as tx:
        journal.open_journal(tx, JOURNAL)
    return opened


def covered_to(ranges: list[tuple[int, int]]) -> int:
    """Counted seq by seq."""
    covered = {seq for first, last in ranges for seq in range(first, last + 1)}
    return next(seq for seq in range(len(covered) + 1) if seq + 1 not in covered)


@given(st.lists(RANGES, max_size=12))
def test_acknowledged_is_what_receipts_cover_without_a_gap(ranges: list[tuple[int, int]]) -> None:
    """Whatever order they come in, with whatever boundaries; and the greatest of them says how far the gateway once was."""
    db = empty()
    try:
        for count, (first, last) in enumerate(ranges, 1):
            with db.write() as tx:
                keep(tx, receipt_over(JOURNAL, first, last, gateway_seq=count))
            assert inbox.acknowledged_seq(db, JOURNAL) == covered_to(ranges[:count])
            assert inbox.gateway_reached(db, JOURNAL) == max(last for _, last in ranges[:count])
    finally:
        db.close()


def test_receipts_that_are_removed_by_force_count_no_more(db: Database) -> None:
    with db.write() as tx:
        keep(tx, receipt_over(JOURNAL, 1, 5), receipt_over(JOURNAL, 6, 9, gateway_seq=2))
    assert inbox.acknowledged_seq(db, JOURNAL) == 9
    with db.write() as tx:
        tx.execute("DELETE FROM receipts WHERE last_seq = 5")
    assert (inbox.acknowledged_seq(db, JOURNAL), inbox.gateway_reached(db, JOURNAL)) == (0, 9)


def test_how_far_receipts_go_is_not_reckoned_from_the_beginning(db: Database) -> None:
    """It is asked before every batch, and each of a hundred thousand acts may have a receipt of its own: the walk begins where it ended."""
    with db.write() as tx:
        keep(tx, *(receipt_over(JOURNAL, seq, seq, gateway_seq=seq) for seq in range(1, 41)))
        tx.execute("DROP TRIGGER receipts_removed")
        tx.execute("DELETE FROM receipts WHERE last_seq < 40")  # a walk from seq 1 would come to nothing
        keep(tx, receipt_over(JOURNAL, 41, 50, gateway_seq=41))
    assert inbox.acknowledged_seq(db, JOURNAL) == 50


def test_two_receipts_for_one_range_are_both_kept(db: Database) -> None:
    """One that a gateway gave again after it was put back, or evidence that it says two things of one range."""
    one, other = receipt_over(JOURNAL, 1, 5), receipt_over(JOURNAL, 1, 5, gateway_journal_id=NEW, received_at_ms=7)
    with db.write() as tx:
        keep(tx, one, other, one)
    assert [read(each, Receipt) for each in inbox.receipts(db, JOURNAL)] == [one, other]
    assert inbox.acknowledged_seq(db, JOURNAL) == 5


def newest(db: Database) -> tuple[int, int | None]:
    """Which number of the gateway's the newest receipt has, and the trusted time."""
    signed = inbox.newest_receipt(db)
    assert signed is not None
    return read(signed, Receipt).gateway_seq, load_number(db, "trusted_ms")


def test_the_newest_receipt_is_told_by_the_gateways_numbers_not_by_its_clock(db: Database) -> None:
    for number, at_ms in ((1, 100), (2, 9_000_000), (3, 300), (4, 400)):
        with db.write() as tx:
            keep(tx, receipt_over(JOURNAL, number, number, gateway_seq=number, received_at_ms=at_ms))
        assert newest(db) == (number, at_ms), "a clock that was ahead is trusted no longer than until the next receipt"


def test_a_receipt_that_comes_late_turns_nothing_back(db: Database) -> None:
    with db.write() as tx:
        keep(tx, receipt_over(JOURNAL, 1, 1, gateway_journal_id=OLD, gateway_seq=7, received_at_ms=700))
        keep(tx, receipt_over(JOURNAL, 9, 9, gateway_journal_id=OLD, gateway_seq=9, received_at_ms=900))
        keep(tx, receipt_over(JOURNAL, 5, 8, gateway_journal_id=OLD, gateway_seq=8, received_at_ms=5_000))
    assert newest(db) == (9, 900)
    with db.write() as tx:
        keep(tx, receipt_over(JOURNAL, 10, 10, gateway_journal_id=NEW, gateway_seq=1, received_at_ms=650))
    assert newest(db) == (1, 650), "a gateway that was put back counts anew"
    with db.write() as tx:
        keep(tx, receipt_over(JOURNAL, 2, 4, gateway_journal_id=OLD, gateway_seq=10, received_at_ms=6_000))
    assert newest(db) == (1, 650), "of its journal of before"


def test_receipts_of_before_come_in_their_order_and_trust_is_mended() -> None:
    db = Database.in_memory()
    migrations.apply(db.tables, stop_before="receipts_in_order")
    with db.write() as tx:
        journal.open_journal(tx, JOURNAL)
        save_number(tx, "trusted_ms", 9_000)
        for first, last, gateway_journal_id, number, at_ms in ((1, 5, OLD, 1, 9_000), (9, 9, NEW, 2, 300), (6, 7, NEW, 1, 200)):
            body = json.dumps({"gateway_journal_id": gateway_journal_id, "gateway_seq": number, "received_at_ms": at_ms})
            tx.execute("INSERT INTO receipts VALUES (?, ?, ?, ?, ?, 'key', ?)", (JOURNAL, first, last, at_ms, body, f"signature {number}"))
    before = db.rows("SELECT body, key_id, signature FROM receipts ORDER BY rowid")
    migrate(db)
    assert db.rows("SELECT body, key_id, signature FROM receipts ORDER BY number") == before
    assert [each.last_seq for each in inbox.recent_receipts(db, 9)] == [7, 9, 5]
    assert (inbox.acknowledged_seq(db, JOURNAL), inbox.gateway_reached(db, JOURNAL)) == (7, 9), "the gap is sent again"
    signed = inbox.newest_receipt(db)
    assert signed is not None
    assert (json.loads(signed.body)["gateway_seq"], load_number(db, "trusted_ms")) == (2, 300)
    db.close()


def test_a_station_without_receipts_is_brought_up() -> None:
    db = Database.in_memory()
    migrations.apply(db.tables, stop_before="receipts_in_order")
    with db.write() as tx:
        journal.open_journal(tx, JOURNAL)
    migrate(db)
    assert (inbox.acknowledged_seq(db, JOURNAL), inbox.newest_receipt(db), load_number(db, "trusted_ms")) == (0, None, None)
    db.close()
