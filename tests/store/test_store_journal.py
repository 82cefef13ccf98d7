"""The journal on disk."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from courier_check.errors import StoreError, UserError
from courier_check.journal.codes import JournalError
from courier_check.journal.entries import Draft
from courier_check.journal.parts import PartName
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings, unlock
from courier_check.store import inbox, journal, sqlcipher, views
from courier_check.store.acts import accepted, act_of_draft, acts_with_waybill
from courier_check.store.codes import StoreCode
from courier_check.store.database import Database
from courier_check.store.folder import OutsideHead
from courier_check.store.schema import migrate
from courier_check.store.verification import verify_station
from support.clocks import SetClock
from support.parts_gone import parts_gone
from support.receipts import keep, receipt_over
from support.stations import acceptance, append, count, new_station, reopened

DAY_MS = 86_400_000


def current(station: Station) -> str:
    journal_id = journal.current_journal(station.database)
    assert journal_id is not None
    return journal_id


def test_entries_are_gap_free_chained_and_signed(station: Station) -> None:
    for number in range(3):
        append(station, acceptance(f"SF100000000000{number}"))
    result = station.verify()
    assert result.ok
    assert result.checked == 4


def test_first_entry_extends_the_certificate(station: Station) -> None:
    first = journal.entry_at(station.database, current(station), 1)
    assert first is not None
    assert f'"prev":"{station.enrolled().first_prev}"'.encode() in first.header_bytes


def test_what_travels_is_the_entry_without_its_openings(station: Station) -> None:
    for number in range(2):
        append(station, acceptance(f"SF100000000000{number}"))
    whole = list(journal.entries(station.database, current(station), first=2))
    travelling = list(journal.travelling_entries(station.database, current(station), first=2))
    assert [each.seq for each in travelling] == [2, 3]
    assert travelling == [replace(each, openings={}) for each in whole]
    assert all("kept" in each.openings and sorted(each.sealed) == ["index", "reported"] for each in whole)


def test_an_entry_without_parts_travels_too(station: Station) -> None:
    (opening,) = journal.travelling_entries(station.database, current(station), last=1)
    assert (opening.seq, opening.sealed) == (1, {})


def test_header_carries_neither_waybill_nor_name_nor_number(station: Station) -> None:
    entry = append(station, acceptance("SF1000000000001")).entry
    for secret in ("SF1000000000001", "样例人", "41010519900307123X"):
        assert secret.encode() not in entry.header_bytes


def test_a_failed_act_leaves_nothing(station: Station) -> None:
    before = count(station.database, "journal_entries")
    with pytest.raises(RuntimeError), station.database.write() as tx:
        journal.append(tx, acceptance("SF1000000000001"), station.writer())
        raise RuntimeError("the act failed after the append")
    assert count(station.database, "journal_entries") == before
    assert accepted(station.database, "SF1000000000001") is None


def test_entries_never_change_and_are_never_removed(station: Station) -> None:
    append(station, acceptance("SF1000000000001"))
    for statement in ("UPDATE journal_entries SET hash = 'x'", "DELETE FROM journal_entries", "UPDATE parts SET opening = x'00'"):
        with pytest.raises(StoreError), station.database.write() as tx:
            tx.execute(statement)


def test_no_seq_that_a_receipt_speaks_of_is_given_again_though_receipts_before_it_are_missing(station: Station) -> None:
    with station.database.write() as tx:
        keep(tx, receipt_over(current(station), 6, 9))
    with pytest.raises(StoreError) as caught:
        append(station, acceptance("SF-again"))
    assert caught.value.code == StoreCode.DATABASE_DAMAGED


def test_views_of_another_program_are_made_anew(station: Station) -> None:
    append(station, acceptance("SF1000000000001"))
    with station.database.write() as tx:
        tx.execute("DELETE FROM facts WHERE name = 'views_version'")
        tx.execute("DROP TABLE act_tokens")
        tx.execute("CREATE TABLE act_tokens (kind TEXT)")
    again = reopened(station)
    station.database = again.database
    assert all(each.equal for each in views.compare(again.database))
    assert accepted(again.database, "SF1000000000001") is not None


def test_a_lost_note_of_the_head_begins_a_successor(station: Station) -> None:
    first = current(station)
    (station.folder.path / "head.json").unlink()
    again = reopened(station)
    station.database = again.database
    assert current(again) != first
    assert again.verify().ok


def test_a_waybill_is_accepted_once(station: Station) -> None:
    append(station, acceptance("SF1000000000001"))
    with pytest.raises(StoreError):
        append(station, acceptance("SF1000000000001"))
    assert len(acts_with_waybill(station.database, "SF1000000000001")) == 1


def test_a_draft_becomes_one_act_only(station: Station) -> None:
    draft = acceptance("SF1000000000001")
    parts = {**draft.parts, PartName.KEPT: {"v": 1, "draft_id": "draft-1"}}
    append(station, Draft(draft.kind, draft.operator, draft.facts, parts))
    found = act_of_draft(station.database, "draft-1")
    assert found is not None
    assert found.waybill == "SF1000000000001"


def test_an_oversized_part_is_refused_before_it_is_written(station: Station) -> None:
    with pytest.raises(JournalError):
        append(station, Draft("acceptance", None, {}, {PartName.REPORTED: {"note": "长" * 30_000}}))
    assert station.verify().checked == 1


def test_an_oversized_header_is_refused_before_it_is_written(station: Station) -> None:
    with pytest.raises(JournalError):
        append(station, Draft("acceptance", None, {"note": "x" * 20_000}))


def test_views_equal_a_replay(station: Station) -> None:
    append(station, acceptance("SF1000000000001"))
    append(station, Draft("operator-added", None, {"subject": "0142", "role": "clerk"}, {PartName.KEPT: {"name": "样例员"}}))
    assert all(each.equal for each in views.compare(station.database))
    with station.database.write() as tx:
        tx.execute("UPDATE acts SET refusal = 'R07'")
    assert [each.table for each in views.compare(station.database) if not each.equal] == ["acts"]
    with station.database.write() as tx:
        views.rebuild(tx)
    assert all(each.equal for each in views.compare(station.database))


def test_destroyed_parts_leave_a_chain_that_verifies_and_views_that_hold(station: Station) -> None:
    append(station, acceptance("SF1000000000001"))
    fix = Draft(
        "correction",
        "0142",
        {"corrects": {"journal_id": current(station), "seq": 2}, "fields": ["waybill"], "answers_returned": None},
        {PartName.INDEX: {"v": 1, "waybill": "SF1000000000002"}, PartName.KEPT: {"v": 1, "reason": "typed wrongly"}},
    )
    append(station, fix)
    assert accepted(station.database, "SF1000000000002") is not None
    with station.database.write() as tx:
        assert parts_gone(tx, current(station), 2) == 5
    assert accepted(station.database, "SF1000000000002") is None
    assert station.verify().ok
    assert all(each.equal for each in views.compare(station.database))


def parts_held(station: Station) -> int:
    return count(station.database, "parts")


def destroyed(station: Station, seq: int) -> int | str:
    """How many parts, or why none."""
    before = parts_held(station)
    try:
        with station.database.write() as tx:
            return journal.destroy_parts(tx, current(station), seq)
    except UserError as error:
        assert parts_held(station) == before
        return str(error.code)


def received(station: Station, first_seq: int, last_seq: int, at_ms: int, gateway_seq: int) -> None:
    with station.database.write() as tx:
        keep(tx, receipt_over(current(station), first_seq, last_seq, received_at_ms=at_ms, gateway_seq=gateway_seq))


def test_parts_stay_until_thirty_days_after_the_receipt_by_the_trusted_time(station: Station, clock: SetClock) -> None:
    append(station, acceptance("SF1000000000001"))
    append(station, acceptance("SF1000000000002"))
    clock.pass_ms(400 * DAY_MS)
    assert destroyed(station, 2) == StoreCode.PARTS_PENDING, "the gateway may never have had them"
    received(station, 1, 2, DAY_MS, 1)
    clock.pass_ms(400 * DAY_MS)
    assert destroyed(station, 2) == StoreCode.PARTS_NEEDED, "whatever the wall clock says"
    received(station, 3, 3, 31 * DAY_MS - 1, 2)
    assert destroyed(station, 2) == StoreCode.PARTS_NEEDED
    append(station, acceptance("SF1000000000003"))
    received(station, 4, 4, 31 * DAY_MS, 3)
    assert destroyed(station, 2) == 3
    assert destroyed(station, 3) == StoreCode.PARTS_NEEDED


def test_parts_stay_while_a_dispute_of_them_is_fresh(station: Station) -> None:
    append(station, acceptance("SF1000000000001"))
    received(station, 1, 2, DAY_MS, 1)
    append(station, Draft("dispute", "0142", {"disputes": {"journal_id": current(station), "seq": 2}}, {PartName.KEPT: {"v": 1}}))
    append(station, acceptance("SF1000000000002"))
    assert destroyed(station, 2) == StoreCode.PARTS_PENDING
    received(station, 3, 4, 40 * DAY_MS, 2)
    assert destroyed(station, 2) == StoreCode.PARTS_NEEDED
    append(station, acceptance("SF1000000000003"))
    received(station, 5, 5, 70 * DAY_MS, 3)
    assert destroyed(station, 2) == 4


def test_parts_that_a_gateway_lost_are_kept_as_pending_and_from_then_on_anew(station: Station) -> None:
    append(station, acceptance("SF1000000000001"))
    received(station, 1, 1, DAY_MS, 1)
    received(station, 2, 2, DAY_MS, 2)
    append(station, acceptance("SF1000000000002"))
    received(station, 3, 3, 40 * DAY_MS, 3)
    with station.database.write() as tx:
        inbox.note_put_back(tx, current(station), 1)
    assert destroyed(station, 2) == StoreCode.PARTS_PENDING
    with station.database.write() as tx:
        again = receipt_over(current(station), 2, 3, received_at_ms=41 * DAY_MS, gateway_seq=1, gateway_journal_id="c1" * 16)
        keep(tx, again)
        inbox.note_resent(tx, again)
    assert destroyed(station, 2) == StoreCode.PARTS_NEEDED


def test_an_edited_row_is_named(station: Station) -> None:
    for number in range(3):
        append(station, acceptance(f"SF100000000000{number}"))
    with station.database.write() as tx:
        tx.execute("DROP TRIGGER journal_entries_unchanged")
        tx.execute("UPDATE journal_entries SET header = CAST(replace(CAST(header AS TEXT), 'verified', 'VERIFIED') AS BLOB) WHERE seq = 3")
    assert (3, "bad-signature") in {(each.seq, each.what) for each in station.verify().failures}


def test_signatures_checked_side_by_side_find_the_same(station: Station) -> None:
    for number in range(6):
        append(station, acceptance(f"SF100000000000{number}"))
    assert verify_station(station.database, station.enrolled(), station.evidence, side_by_side=1).ok
    with station.database.write() as tx:
        tx.execute("DROP TRIGGER journal_entries_unchanged")
        tx.execute("UPDATE journal_entries SET signature = zeroblob(64) WHERE seq IN (3, 6)")
        tx.execute("UPDATE journal_entries SET header = CAST(replace(CAST(header AS TEXT), 'verified', 'VERIFIED') AS BLOB) WHERE seq = 5")
    alone = verify_station(station.database, station.enrolled(), station.evidence)
    beside = verify_station(station.database, station.enrolled(), station.evidence, side_by_side=1)
    assert {(3, "bad-signature"), (5, "bad-signature")} <= {(each.seq, each.what) for each in beside.failures}
    assert {(each.seq, each.what) for each in beside.failures} == {(each.seq, each.what) for each in alone.failures}


def test_a_removed_row_is_named(station: Station) -> None:
    for number in range(3):
        append(station, acceptance(f"SF100000000000{number}"))
    with station.database.write() as tx:
        tx.execute("DROP TRIGGER journal_entries_kept")
        tx.execute("DELETE FROM parts WHERE seq = 3")
        tx.execute("DELETE FROM journal_entries WHERE seq = 3")
    assert "missing-entry" in {each.what for each in station.verify().failures}


def test_a_wrong_passphrase_opens_nothing(station: Station) -> None:
    with pytest.raises(UserError) as caught:
        Station.open(station.folder.path, "not the passphrase", Surroundings(SetClock()))
    assert caught.value.code == StoreCode.WRONG_PASSPHRASE


def test_nothing_of_the_database_is_readable_without_the_key(station: Station) -> None:
    append(station, acceptance("SF1000000000001"))
    held = b"".join(path.read_bytes() for path in station.folder.path.rglob("*") if path.is_file())
    for secret in ("SF1000000000001", "样例人", "41010519900307123X", "acceptance"):
        assert secret.encode() not in held


def test_a_folder_from_a_newer_version_is_left_alone(station: Station) -> None:
    with station.database.write() as tx:
        tx.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('station', 'of_the_future', '')")
    with pytest.raises(StoreError) as caught:
        reopened(station)
    assert caught.value.code == StoreCode.FOLDER_NEWER


def test_a_newer_marker_is_left_alone(station: Station) -> None:
    marker = station.folder.path / "folder.json"
    marker.write_text(marker.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(StoreError) as caught:
        reopened(station)
    assert caught.value.code == StoreCode.FOLDER_NEWER


def test_a_database_put_back_begins_a_successor(tmp_path: Path) -> None:
    station = new_station(tmp_path / "station")
    first = current(station)
    station.database.value("PRAGMA wal_checkpoint(TRUNCATE)")
    before = (station.folder.path / "station.db").read_bytes()
    append(station, acceptance("SF1000000000001"))
    station.keep_head()
    station.close()
    for leftover in station.folder.path.glob("station.db-*"):
        leftover.unlink()
    (station.folder.path / "station.db").write_bytes(before)
    again = Station.open(station.folder.path, PRACTICE_PASSPHRASE, Surroundings(SetClock()))
    assert current(again) != first
    opening = journal.entry_at(again.database, current(again), 1)
    assert opening is not None
    assert f'"journal_id":"{first}","last_seq":2'.encode() in opening.header_bytes
    assert again.verify().ok
    again.close()


def test_an_old_outside_head_accuses_nobody(station: Station) -> None:
    first = current(station)
    station.folder.keep_head(OutsideHead(journal_id=first, seq=1, head=journal.hash_at(station.database, first, 1) or ""))
    append(station, acceptance("SF1000000000001"))
    again = reopened(station)
    assert current(again) == first
    again.close()


def test_a_second_writer_waits_its_turn(station: Station) -> None:
    other = Station.open(station.folder.path, PRACTICE_PASSPHRASE, Surroundings(SetClock()))
    append(other, acceptance("SF1000000000001"))
    append(station, acceptance("SF1000000000002"))
    other.close()
    assert station.verify().ok


def test_writers_of_one_process_come_on_one_after_the_other(station: Station) -> None:
    """The second is let in when the first is done, not when SQLite next asks."""
    begun, done = threading.Event(), []

    def second() -> None:
        with closing(Database.open(station.folder.database, unlock(station.folder.path, PRACTICE_PASSPHRASE).key)) as other:
            begun.set()
            with other.write():
                done.append("second")

    with ThreadPoolExecutor(1) as worker:
        with station.database.write():
            waiting = worker.submit(second)
            assert begun.wait(20)
            assert not waiting.done()
            done.append("first")
        waiting.result(20)
    assert done == ["first", "second"]


def test_who_gives_way_waits_for_an_act_and_not_for_ever(station: Station) -> None:
    """What works beside a clerk lets him end first; an act that hangs holds nothing up."""
    gave_way, acting, let_end = threading.Event(), threading.Event(), threading.Event()

    def clerk() -> None:
        with closing(Database.open(station.folder.database, unlock(station.folder.path, PRACTICE_PASSPHRASE).key)) as other, other.act():
            acting.set()
            assert let_end.wait(20)
            assert not gave_way.is_set()

    station.database.give_way()
    with ThreadPoolExecutor(1) as worker:
        ended = worker.submit(clerk)
        assert acting.wait(20)
        station.database.give_way()  # it goes on though the act does
        let_end.set()
        ended.result(20)
        station.database.give_way()
        gave_way.set()


def test_a_write_inside_a_write_or_a_snapshot_is_refused(station: Station) -> None:
    for outer in (station.database.write, station.database.snapshot):
        with outer(), pytest.raises(RuntimeError), station.database.write():
            pass
    append(station, acceptance("SF1000000000001"))


def test_a_writer_that_holds_on_makes_others_say_so(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Station.open(station.folder.path, PRACTICE_PASSPHRASE, Surroundings(SetClock()))
    monkeypatch.setattr("courier_check.store.database.BUSY_SECONDS", 0.05)
    with station.database.write(), pytest.raises(StoreError) as caught:
        append(other, acceptance("SF1000000000001"))
    assert caught.value.code == StoreCode.BUSY
    other.close()


def test_settings_are_the_durable_ones(station: Station) -> None:
    assert station.database.value("PRAGMA synchronous") == 2
    assert station.database.value("PRAGMA journal_mode") == "wal"
    assert station.database.value("PRAGMA cipher_version")


def test_deleting_is_refused_by_sqlite_itself(station: Station) -> None:
    with pytest.raises(StoreError) as caught, station.database.write() as tx:
        tx.execute("DELETE FROM journal_entries")
    assert isinstance(caught.value.__cause__, sqlcipher.Error)


def test_an_update_of_the_folder_beside_a_long_writer_is_told_and_done_later(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two windows after an update: the first derives anew what it keeps of a long list while the second opens."""
    with station.database.write() as tx:
        tx.execute("DELETE FROM _sqlite_migrations WHERE name = 'label_jobs'")
        tx.execute("DROP TABLE label_jobs")
        tx.execute("DROP TABLE stuck_labels")
    monkeypatch.setattr("courier_check.store.database.BUSY_SECONDS", 0)
    with closing(Database.open(station.folder.database, unlock(station.folder.path, PRACTICE_PASSPHRASE).key)) as other:
        with station.database.write(), pytest.raises(StoreError) as caught:
            migrate(other)
        assert caught.value.code == StoreCode.BUSY
        migrate(other)
        assert other.value("SELECT count(*) FROM label_jobs") == 0
