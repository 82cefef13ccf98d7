"""The inbox: returned items are counted within each journal of the gateway."""

from __future__ import annotations

import json

from courier_check.journal.entries import Draft
from courier_check.station import Station
from courier_check.store import inbox
from courier_check.store.database import Database
from courier_check.store.schema import migrate, migrations
from courier_check.wire.batches import Returned
from courier_check.wire.certificates import Role
from courier_check.wire.signed import sign
from support.pki import MadeUpGateway
from support.stations import append

OLD, NEW, ACT = "aa" * 16, "bb" * 16, "cc" * 16


def take(station: Station, gateway_journal_id: str, number: int, seq: int = 2, code: str = "waybill-missing") -> None:
    item = Returned(
        gateway_id="gw-test",
        gateway_journal_id=gateway_journal_id,
        station_id="zz-jinshui-01",
        journal_id=ACT,
        seq=seq,
        entry="0" * 64,
        number=number,
        code=code,
        detail="",
        at_ms=number,
    )
    with station.database.write() as tx:
        inbox.save_returned(tx, sign(item, MadeUpGateway().signing[Role.RECEIPT]), item)


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
