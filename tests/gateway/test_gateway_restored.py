"""A gateway that was put back from a backup, and one that has lost rows."""

from __future__ import annotations

import shutil

import msgspec
import pytest
from sqlalchemy import text

from courier_check.gateway.restoring import begin_journal
from courier_check.gateway.setup import Gateway
from courier_check.gateway.store import journals
from courier_check.journal.keys import to_text
from courier_check.wire.batches import Answer, HeldEntry, Receipt, Returned, ReturnedItems, by_receipt_key, receipt_hash
from courier_check.wire.problems import ProblemCode
from support.practice import problem_of


def returned(station, after: int = 0) -> tuple[str, list[Returned]]:
    response = station.get(f"/v1/stations/{station.station_id}/returned?after={after}")
    document = msgspec.json.decode(response.content, type=ReturnedItems)
    return document.gateway_journal_id, [by_receipt_key(item, Returned, station.gateway) for item in document.items]


def lose(gateway, *, where: str, table: str = "entries") -> int:
    with gateway.database.write() as tx:
        return tx.execute(text(f"DELETE FROM {table} WHERE {where}")).rowcount  # noqa: S608 - a test's own words


def held(gateway, station) -> dict[int, str]:
    with gateway.database.read() as tx:
        return {seq: row.hash for seq, row in journals.held_entries(tx, station.journal_id, 1, 100).items()}


def entry_at(station, seq: int) -> HeldEntry:
    response = station.get(f"/v1/journals/{station.journal_id}/entries/{seq}")
    assert response.status_code == 200, response.text
    return msgspec.json.decode(response.content, type=HeldEntry)


# Another journal -------------------------------------------------------------------------------------------------------------------------


def test_a_gateway_put_back_begins_another_journal_of_receipts(gateway, station):
    station.accept("SF1")
    first, _ = station.send()
    fresh = begin_journal(gateway)
    station.accept("SF2")
    second, _ = station.send(3)
    assert fresh == second.gateway_journal_id != first.gateway_journal_id
    assert (second.gateway_seq, second.gateway_prev) == (1, gateway.trusted.root_hash)
    station.accept("SF3")
    third, _ = station.send(4)
    assert (third.gateway_journal_id, third.gateway_seq) == (fresh, 2)


def test_receipts_of_the_journal_before_are_answered_as_they_were(gateway, station):
    station.accept("SF1")
    batch = station.batch()
    before = station.post(batch).content
    begin_journal(gateway)
    assert station.post(batch).content == before


def test_returned_items_are_counted_anew_and_those_still_open_come_along(gateway, station):
    station.accept(None)
    station.accept(None)
    station.send()
    old, (first, second) = returned(station)
    facts = {"corrects": {"journal_id": station.journal_id, "seq": 2}, "fields": [], "answers_returned": 1, "answers_journal": old}
    station.append("correction", facts)
    station.send(4)
    new = begin_journal(gateway)
    journal_id, (item,) = returned(station)
    assert (journal_id, item.gateway_journal_id, item.number) == (new, new, 1)
    assert (item.seq, item.code, item.entry) == (second.seq, second.code, second.entry)
    station.accept(None)
    station.send(5)
    assert [each.number for each in returned(station)[1]] == [1, 2]
    assert first.gateway_journal_id == old


def test_a_correction_that_answers_an_item_of_a_lost_journal_closes_what_was_raised_again(gateway, station, data, clock, random):
    """The backup knows neither the objection nor its answer; both come again."""
    begin_journal(gateway)
    station.accept(None)
    facts = {"corrects": {"journal_id": station.journal_id, "seq": 2}, "fields": [], "answers_returned": 7, "answers_journal": "d" * 32}
    station.append("correction", facts)
    station.send()
    with gateway.database.read() as tx:
        assert tx.execute(text("SELECT answered_seq FROM returned")).scalar_one() == 3


@pytest.mark.parametrize("copied", [("gateway.db",), ("gateway.db", "newest-receipt.json")])
def test_a_database_put_back_is_noticed_by_the_note_beside_it(data, clock, random, enrol, gateway, copied, tmp_path):
    station = enrol()
    station.send()
    gateway.close()
    for name in copied:
        shutil.copy(data / name, tmp_path / name)
    before = gateway.gateway_journal_id
    station.accept("SF1")
    receipt, _ = station.send(2)
    gateway.close()
    for name in copied:
        shutil.copy(tmp_path / name, data / name)
    for leftover in data.glob("gateway.db-*"):
        leftover.unlink()
    with Gateway.open(data, clock, random) as opened:
        begun = opened.gateway_journal_id
        with opened.database.read() as tx:
            end = journals.chain_end(tx)
    if "newest-receipt.json" in copied:  # a whole folder put back can't know; whoever does it says `gateway restored`
        assert begun == before
    else:
        assert begun != receipt.gateway_journal_id
        assert (end.gateway_seq, end.gateway_prev) == (0, gateway.trusted.root_hash)


def test_a_database_put_back_again_before_the_first_receipt_of_its_new_journal_begins_yet_another(
    data, clock, random, enrol, gateway, tmp_path
):
    """The journal that was begun has no receipt to be missed, and the database of before would go on counting its own."""
    station = enrol()
    gateway.close()
    shutil.copy(data / "gateway.db", tmp_path / "gateway.db")
    receipt, _ = station.send()
    begun = begin_journal(gateway)
    gateway.close()
    for leftover in data.glob("gateway.db-*"):
        leftover.unlink()
    shutil.copy(tmp_path / "gateway.db", data / "gateway.db")
    with Gateway.open(data, clock, random) as opened:
        assert opened.gateway_journal_id not in (receipt.gateway_journal_id, begun)


def test_a_gateway_opened_again_goes_on_with_its_journal(data, clock, random, station, gateway):
    receipt, answer = station.send()
    for _ in range(2):
        with Gateway.open(data, clock, random) as opened, opened.database.read() as tx:
            end = journals.chain_end(tx)
    assert (end.gateway_journal_id, end.gateway_seq) == (receipt.gateway_journal_id, 1)
    assert end.gateway_prev == receipt_hash(answer.receipt)


@pytest.mark.parametrize("note", [None, b"", b"{", b'{"gateway_journal_id":"x","gateway_seq":1,"hash":"y"}', b"\xff\xfe"])
def test_a_note_that_is_gone_or_unreadable_accuses_nobody(data, clock, random, station, gateway, note):
    receipt, _ = station.send()
    path = data / "newest-receipt.json"
    path.unlink()
    if note is not None:
        path.write_bytes(note)
    with Gateway.open(data, clock, random) as opened:
        assert opened.gateway_journal_id == receipt.gateway_journal_id


# Rows lost -------------------------------------------------------------------------------------------------------------------------------


def test_a_station_may_look_at_what_is_held_of_its_own(station, enrol):
    station.accept("SF1")
    station.send()
    mine = station.entries[1]
    assert entry_at(station, 2) == HeldEntry(header=mine.header_bytes.decode(), signature=to_text(mine.signature))
    assert problem_of(station.get(f"/v1/journals/{station.journal_id}/entries/3")).code == ProblemCode.NOT_FOUND
    assert problem_of(station.get(f"/v1/journals/{'f' * 32}/entries/1")).code == ProblemCode.NOT_FOUND
    other = enrol("zz-jinshui-02")
    assert problem_of(other.get(f"/v1/journals/{station.journal_id}/entries/1")).code == ProblemCode.JOURNAL_TAKEN


@pytest.mark.parametrize("where", ["seq = 3", "seq IN (2, 3, 4)", "seq = 5", "seq >= 4", "seq = 1", "seq > 0"])
def test_rows_lost_below_the_head_are_taken_again(gateway, station, where):
    for number in range(4):
        station.accept(f"SF{number}")
    receipt, _ = station.send()
    before = held(gateway, station)
    assert lose(gateway, where=where)
    assert held(gateway, station) != before
    again, _ = station.send()
    assert again == receipt
    assert held(gateway, station) == before
    station.accept("SF9")
    assert station.send(6)[0].first_seq == 6


def test_rows_lost_with_their_receipts_are_taken_again_under_another(gateway, station):
    station.accept("SF1")
    receipt, _ = station.send()
    lose(gateway, where="seq = 2")
    lose(gateway, where="1", table="receipts")
    again, _ = station.send()
    assert (again.merkle_root, again.gateway_seq) == (receipt.merkle_root, 2)
    assert set(held(gateway, station)) == {1, 2}


def test_a_lost_head_is_made_again(gateway, station):
    for number in range(3):
        station.accept(f"SF{number}")
    station.send()
    lose(gateway, where="1", table="journals")
    assert problem_of(station.post(station.batch(3))).code == ProblemCode.BEHIND
    station.send(1, 2)
    station.send(3)
    assert set(held(gateway, station)) == {1, 2, 3, 4}


@pytest.mark.parametrize("changed", ["header = replace(header, 'verified', 'VERIFIED')", "signature = zeroblob(64)"])
def test_an_altered_row_is_replaced_by_the_one_the_station_signed(gateway, station, changed):
    for number in range(3):
        station.accept(f"SF{number}")
    station.send()
    with gateway.database.write() as tx:
        tx.execute(text(f"UPDATE entries SET {changed} WHERE seq = 3"))  # noqa: S608 - a test's own words
    assert entry_at(station, 3).header != station.entries[2].header_bytes.decode() or "zeroblob" in changed
    station.send()
    mine = station.entries[2]
    assert entry_at(station, 3) == HeldEntry(header=mine.header_bytes.decode(), signature=to_text(mine.signature))


def test_what_was_read_of_a_lost_entry_is_neither_doubled_nor_objected_to_again(gateway, station):
    station.accept(None)
    station.accept("SF2")
    station.send()
    lose(gateway, where="seq IN (2, 3)")
    station.send()
    assert len(returned(station)[1]) == 1
    with gateway.database.read() as tx:
        rows = tx.execute(text("SELECT r.seq, e.seq FROM index_rows r JOIN entries e ON e.arrival = r.arrival ORDER BY 1")).all()
    assert [tuple(row) for row in rows] == [(2, 2), (3, 3)]


def test_an_entry_of_which_two_readings_survived_is_taken_again_with_one(gateway, station):
    station.accept("SF2")
    station.send()
    with gateway.database.write() as tx:
        columns = "journal_id, seq, station_id, outlet_id, region, kind, at_ms, waybill"
        tx.execute(text(f"INSERT INTO index_rows (arrival, {columns}) SELECT 900, {columns} FROM index_rows"))  # noqa: S608
    lose(gateway, where="seq = 2")
    station.send()
    with gateway.database.read() as tx:
        rows = tx.execute(text("SELECT r.seq, e.seq FROM index_rows r JOIN entries e ON e.arrival = r.arrival")).all()
        assert tx.execute(text("SELECT COUNT(*) FROM index_rows")).scalar_one() == 1
    assert [tuple(row) for row in rows] == [(2, 2)]


@pytest.mark.parametrize(("where", "code"), [("seq = 2", ProblemCode.FORK), ("seq >= 2", ProblemCode.BAD_CHAIN)])
def test_another_entry_is_not_taken_in_place_of_a_lost_one(gateway, station, where, code):
    """What is still held says which one it was: the entry after it, or the head."""
    station.accept("SF1")
    if where == "seq = 2":
        station.accept("SF2")
    station.send()
    lose(gateway, where=where)
    del station.entries[1:], station.hashes[1:]
    station.accept("SF3")
    assert problem_of(station.post(station.batch(2))).code == code
    assert 2 not in held(gateway, station)


def test_a_receipt_says_which_entry_was_lost(gateway, station):
    for number in range(3):
        station.accept(f"SF{number}")
    station.send(1, 2)
    station.send(3)
    lose(gateway, where="seq IN (2, 3)")
    del station.entries[1:], station.hashes[1:]
    station.accept("SF9")
    assert problem_of(station.post(station.batch(2, 2))).code == ProblemCode.BAD_CHAIN


def test_two_receipts_of_other_boundaries_are_both_honest(gateway, station):
    for number in range(3):
        station.accept(f"SF{number}")
    whole, _ = station.send()
    part, answer = station.send(2, 3)
    assert (whole.gateway_seq, part.gateway_seq) == (1, 2)
    assert isinstance(msgspec.json.decode(answer.receipt.body, type=Receipt), Receipt)
    assert isinstance(answer, Answer)
