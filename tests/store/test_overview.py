"""What the status bar and the sync page show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.clock import at, wall_ms
from courier_check.journal.entries import Draft
from courier_check.overview import Overview, overview, sync_items
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import facts, inbox, journal
from courier_check.store.database import Database
from courier_check.store.schema import VIEW_TABLES, migrate
from courier_check.sync.client import GatewayClient, NoAnswer, Refusal, Signature
from courier_check.sync.codes import SyncCode
from courier_check.sync.synchroniser import Synchroniser, SyncState, SyncStatus, load_status
from courier_check.wire.batches import Answer, Batch
from support.clocks import SetClock
from support.gateways import Front, Practice
from support.receipts import keep, receipt_over
from support.stations import CHEAP, acceptance, append

START_MS = 1_795_406_400_000


@dataclass(frozen=True)
class MadeJournal:
    """`entries` in it, receipts for the first `receipts[i]` of them each, and walls that may go back."""

    entries: int
    receipts: tuple[int, ...]
    walls: tuple[int, ...]


@st.composite
def journals(draw: st.DrawFn) -> list[MadeJournal]:
    made = []
    for _ in range(draw(st.integers(0, 4))):
        entries = draw(st.integers(0, 12))
        receipts = tuple(sorted(draw(st.sets(st.integers(1, entries), max_size=4)))) if entries else ()
        walls = tuple(START_MS + draw(st.integers(-1000, 100_000)) for _ in range(entries))
        made.append(MadeJournal(entries, receipts, walls))
    return made


def filled(made: Sequence[MadeJournal], returned: Sequence[bool]) -> Database:
    """A database in memory with these journals and returned items, answered or not."""
    db = Database.in_memory()
    migrate(db)
    db.tables.executescript(VIEW_TABLES)
    with db.write() as tx:
        for number, one in enumerate(made):
            _fill_journal(tx, f"{number:032x}", one)
        for number, answered in enumerate(returned, 1):
            tx.execute("INSERT INTO returned VALUES (?, ?, ?, 1, 'odd', '', 0, '', '', '')", ("cd" * 16, number, "0" * 32))
            for seq in (number, number + 100) if answered else ():
                tx.execute("INSERT INTO corrections VALUES (?, ?, '', 1, NULL, ?, NULL)", ("0" * 32, seq, number))
    return db


def _fill_journal(tx: Database, journal_id: str, made: MadeJournal) -> None:
    journal.open_journal(tx, journal_id)
    for seq, wall in enumerate(made.walls, 1):
        tx.execute("INSERT INTO journal_entries VALUES (?, ?, ?, x'', x'', ?)", (journal_id, seq, f"{seq:064x}", wall))
    first = 1
    for last in made.receipts:
        keep(tx, receipt_over(journal_id, first, last, received_at_ms=last))
        first = last + 1


def counted(db: Database) -> tuple[int, int]:
    """Entries and pending ones, counted row by row: what `standing` must equal without counting."""
    after = "WHERE e.seq > (SELECT COALESCE(MAX(r.last_seq), 0) FROM receipts r WHERE r.journal_id = e.journal_id)"
    return db.value("SELECT COUNT(*) FROM journal_entries"), db.value(f"SELECT COUNT(*) FROM journal_entries e {after}")  # noqa: S608


@given(journals(), st.lists(st.booleans(), max_size=5))
def test_what_is_reckoned_from_heads_is_what_counting_finds(made: list[MadeJournal], returned: list[bool]) -> None:
    db = filled(made, returned)
    try:
        standing = inbox.standing(db)
        entries, pending = counted(db)
        assert (standing.entries, standing.pending, standing.acknowledged) == (entries, pending, entries - pending)
        walls = [wall for one in made for wall in one.walls[max(one.receipts, default=0) :]]
        assert standing.oldest_ms == (walls[0] if walls else None)
        assert standing.returned_open == returned.count(False) == len(inbox.returned_items(db, open_only=True))
    finally:
        db.close()


def of(station: Station) -> Overview:
    return overview(station.database, station.clock.read().wall_ms)


def test_a_station_without_journal_has_nothing_to_send() -> None:
    db = filled([], [])
    shown = overview(db, START_MS)
    assert (shown.entries, shown.pending, shown.oldest_ms, shown.journal_id, shown.head, shown.lists) == (0, 0, None, None, 0, ())
    assert (shown.newest_list_version, shown.list_age_days, shown.sync) == (None, None, None)
    db.close()


def test_it_tells_how_far_replication_has_come(station: Station) -> None:
    appended = append(station, acceptance("SF1000000000001")).entry.header.times.wall_ms
    journal_id = journal.current_journal(station.database) or ""
    with station.database.write() as tx:
        keep(tx, receipt_over(journal_id, 1, 1))
    shown = of(station)
    assert (shown.entries, shown.acknowledged, shown.pending, shown.head, shown.gateway_head) == (2, 1, 1, 2, 1)
    assert shown.oldest_ms == appended
    assert not shown.revoked


def test_it_tells_the_last_synchronisation_and_a_revocation(station: Station) -> None:
    station.synchronise()
    shown = of(station)
    assert shown.sync == load_status(station.database) is not None
    assert isinstance(shown.sync, SyncStatus)
    assert (shown.sync.state, shown.sync.code) == (SyncState.OFFLINE, SyncCode.NO_CONNECTION)
    with station.database.write() as tx:
        facts.save(tx, "revoked", b"1")
    assert of(station).revoked


class CutShort(GatewayClient):
    """Ends the run with a fault of the program once the gateway has answered so many batches."""

    answers = 1

    def send(self, batch: Batch) -> Answer | Refusal | NoAnswer:
        if not self.answers:
            raise ZeroDivisionError
        self.answers -= 1
        return super().send(batch)


def cut_short(station: Station, answers: int) -> Synchroniser:
    identity = station.enrolled()
    line = CutShort(identity.enrolment.url, Signature(identity.certificate.subject, identity.keys.signing, station.clock))
    line.answers = answers
    return Synchroniser(station.database, identity, line, station.writer(), min, most_entries=2)


def test_a_receipt_is_a_contact_before_its_run_has_ended(tmp_path: Path, clock: SetClock, practice: Practice, front: Front) -> None:
    """A run over a slow line takes longer than any contact counts."""
    with Station.init(tmp_path / "at-work", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as station:
        station.enrol(practice.code(), front.url)
        station.synchronise()
        before_ms = of(station).last_contact_ms
        for number in range(4):
            append(station, acceptance(f"SF100000000000{number}"))
        clock.pass_ms(3_600_000)
        with pytest.raises(ZeroDivisionError):
            cut_short(station, 0).run()
        assert of(station).last_contact_ms == before_ms
        with pytest.raises(ZeroDivisionError):
            cut_short(station, 1).run()
        told = of(station)
        assert told.sync == load_status(station.database)
        assert told.last_contact_ms is not None
        assert 0 <= clock.wall_ms - told.last_contact_ms < 1_000
        front.faults[:] = ["500"]
        assert station.synchronise().status.last_contact_ms == of(station).last_contact_ms == told.last_contact_ms


def test_lists_are_told_with_version_and_the_oldest_confirmation(station: Station) -> None:
    rows = (("a", 4, "2026-11-20", 12, None), ("b", 9, "2026-11-25", 30, "2026-11-26"))
    for name, version, _, _, _ in rows:
        package = {"kind": "list", "name": name, "version": str(version), "sha256": "ab" * 32, "signed": False}
        append(station, Draft("package-installed", None, package))
    with station.database.write() as tx:
        for name, version, on, entries, expires in rows:
            tx.execute(
                "INSERT INTO lists (list_id, header, content, names_version, confirmed_on, entries) VALUES (?, ?, x'', '', ?, ?)",
                (name, header(name, version, expires), on, entries),
            )
    day = date(2026, 11, 27)
    shown = overview(station.database, wall_ms(at(START_MS).replace(year=day.year, month=day.month, day=day.day)))
    assert [(one.list_id, one.version, one.entries) for one in shown.lists] == [("a", 4, 12), ("b", 9, 30)]
    assert (shown.newest_list_version, shown.lists_confirmed_on, shown.list_age_days) == (9, date(2026, 11, 20), 7)
    assert shown.expired_lists == ("b",)
    assert shown.lists[0].installed_at_ms is not None


def header(list_id: str, version: int, expires_on: str | None) -> bytes:
    expiry = f'"{expires_on}"' if expires_on else "null"
    return (
        f'{{"list_id":"{list_id}","title":"练习名单","issuer":"练习机关","issuer_kind":"authority","doc_no":"样本1号","legal_basis":"",'
        f'"action":"review","remedy":"样本","version":{version},"issued_at_ms":1,"expires_on":{expiry},"match_key_id":null,'
        f'"blocks_on_company_name":false}}'
    ).encode()


def test_a_clock_set_back_makes_no_list_younger_than_today(station: Station) -> None:
    with station.database.write() as tx:
        tx.execute(
            "INSERT INTO lists (list_id, header, content, names_version, confirmed_on) VALUES ('a', ?, x'', '', '2026-11-20')",
            (header("a", 1, None),),
        )
    assert overview(station.database, 0).list_age_days == 0


@pytest.mark.parametrize("limit", [1, 3, 200])
def test_the_sync_page_lists_the_newest_first(limit: int) -> None:
    db = filled([MadeJournal(6, (2, 3, 6), tuple([START_MS] * 6))], [True, False, True])
    items = sync_items(db, limit)
    assert [(one.number, one.answered) for one in items.returned] == [(3, True), (2, False), (1, True)][:limit]
    assert [(one.first_seq, one.last_seq) for one in items.receipts] == [(4, 6), (3, 3), (1, 2)][:limit]
    db.close()
