"""Several stations on one folder: the window's workers, and one window only."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from courier_check.errors import StoreError, UserError
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings, Unlocked, unlock
from courier_check.store import facts, journal
from courier_check.store.codes import StoreCode
from courier_check.store.files import write_atomically
from courier_check.store.folder import OutsideHead
from courier_check.store.identity import load_identity, save_enrolment, station_keys
from support.clocks import SetClock
from support.pki import MadeUpGateway
from support.stations import CHEAP, acceptance, append, new_station

SURROUNDINGS = Surroundings(SetClock(), hasher=CHEAP)


@pytest.fixture
def unlocked(tmp_path: Path) -> Unlocked:
    """A closed folder with an enrolled station, and its key."""
    new_station(tmp_path / "station").close()
    return unlock(tmp_path / "station", PRACTICE_PASSPHRASE)


def journals(unlocked: Unlocked) -> list[str]:
    with unlocked.station(SURROUNDINGS) as station:
        return journal.journal_ids(station.database)


@pytest.fixture
def writing(unlocked: Unlocked) -> Iterator[Callable[[], int]]:
    """A first station that appends and notes heads without a pause, in a thread of its own; says how many entries it wrote."""
    stop, written = threading.Event(), []

    def write() -> None:
        with unlocked.station(SURROUNDINGS) as station:
            while not stop.is_set():
                written.append(append(station, acceptance(f"SF10{len(written):011d}")).entry.header.seq)
                station.keep_head()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(write)
        try:
            yield lambda: len(written)
        finally:
            stop.set()
            running.result()


# Workers ----------------------------------------------------------------------------------------------------------------------------------


def test_one_unlocking_opens_stations_for_every_worker(unlocked: Unlocked) -> None:
    with unlocked.station(SURROUNDINGS) as desk, unlocked.station(SURROUNDINGS) as jobs:
        append(desk, acceptance("SF1000000000001"))
        assert journal.entry_at(jobs.database, journal.current_journal(jobs.database) or "", 2) is not None


def test_a_wrong_passphrase_and_an_absent_keyring_unlock_nothing(unlocked: Unlocked) -> None:
    with pytest.raises(UserError) as wrong:
        unlock(unlocked.folder.path, "not the passphrase")
    assert wrong.value.code == StoreCode.WRONG_PASSPHRASE
    with pytest.raises(StoreError) as absent:
        unlock(unlocked.folder.path, None)
    assert absent.value.code == StoreCode.KEYRING_ABSENT


def test_the_key_does_not_show(unlocked: Unlocked) -> None:
    assert unlocked.key.hex() not in repr(unlocked)
    assert repr(unlocked.key) not in repr(unlocked)


def test_stations_opened_beside_a_writing_one_begin_no_successor(unlocked: Unlocked, writing: Callable[[], int]) -> None:
    opened = 0
    while opened < 40 or writing() < 40:
        with unlocked.station(SURROUNDINGS) as other:
            assert len(journal.journal_ids(other.database)) == 1
        opened += 1


def test_stations_that_write_and_note_side_by_side_leave_one_whole_note(unlocked: Unlocked) -> None:
    def work(worker: int) -> None:
        with unlocked.station(SURROUNDINGS) as station:
            for number in range(15):
                append(station, acceptance(f"SF10{worker}{number:010d}"))
                station.keep_head()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    outside = unlocked.folder.outside_head()
    assert outside is not None
    with unlocked.station(SURROUNDINGS) as station:
        assert len(journal.journal_ids(station.database)) == 1
        assert journal.hash_at(station.database, outside.journal_id, outside.seq) == outside.head
        assert station.verify().ok
    assert [path.name for path in unlocked.folder.path.glob("*.new")] == []


@pytest.mark.parametrize("loss", [Path.unlink, lambda path: path.write_bytes(b"{")])
def test_a_lost_note_found_by_several_starts_at_once_begins_one_successor(unlocked: Unlocked, loss: Callable[[Path], object]) -> None:
    together = threading.Barrier(4)
    loss(unlocked.folder.path / "head.json")

    def start(_: int) -> None:
        together.wait(timeout=10)
        unlocked.station(SURROUNDINGS).close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(start, range(4)))
    assert len(journals(unlocked)) == 2


def test_a_note_the_database_does_not_hold_begins_one_successor_for_all_starts(unlocked: Unlocked) -> None:
    (first,) = journals(unlocked)
    unlocked.folder.keep_head(OutsideHead(journal_id=first, seq=9, head="ab" * 32))
    together = threading.Barrier(3)

    def start(_: int) -> None:
        together.wait(timeout=10)
        unlocked.station(SURROUNDINGS).close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(start, range(3)))
    assert len(journals(unlocked)) == 2


# Starts that were cut off -----------------------------------------------------------------------------------------------------------------


def enrolled_and_cut_off(path: Path) -> Unlocked:
    """A folder whose enrolment was committed and whose program was killed before it noted the head."""
    with Station.init(path, PRACTICE_PASSPHRASE, SURROUNDINGS, practice=True) as station, station.database.write() as tx:
        save_enrolment(tx, MadeUpGateway().enrolment(station_keys(tx).signing))
        station.identity = load_identity(tx)
        station._begin_journal(tx, None)
    return unlock(path, PRACTICE_PASSPHRASE)


def test_an_enrolment_cut_off_before_its_first_note_is_no_restore(tmp_path: Path) -> None:
    unlocked = enrolled_and_cut_off(tmp_path / "station")
    assert unlocked.folder.outside_head() is None
    assert len(journals(unlocked)) == 1
    assert unlocked.folder.outside_head() is not None


def test_a_note_lost_after_it_was_written_is_a_restore_from_the_first_entry_on(tmp_path: Path) -> None:
    unlocked = enrolled_and_cut_off(tmp_path / "station")
    assert len(journals(unlocked)) == 1
    (unlocked.folder.path / "head.json").unlink()
    assert len(journals(unlocked)) == 2


def test_entries_without_any_note_are_a_restore(tmp_path: Path) -> None:
    unlocked = enrolled_and_cut_off(tmp_path / "station")
    with unlocked.station(SURROUNDINGS) as station:
        with station.database.write() as tx:
            tx.execute("DELETE FROM facts WHERE name LIKE 'head_kept/%'")
        append(station, acceptance("SF1000000000001"))
    (unlocked.folder.path / "head.json").unlink()
    assert len(journals(unlocked)) == 2


def test_a_successor_cut_off_before_its_first_note_is_kept(unlocked: Unlocked) -> None:
    (unlocked.folder.path / "head.json").unlink()
    first, second = journals(unlocked)
    with unlocked.station(SURROUNDINGS) as station, station.database.write() as tx:
        tx.execute("DELETE FROM facts WHERE name = ?", (f"head_kept/{second}",))
    (unlocked.folder.path / "head.json").unlink()  # as if the start that began it had been killed before it noted anything
    assert journals(unlocked) == [first, second]


def test_the_first_note_is_told_to_the_database_once(station: Station) -> None:
    journal_id = journal.current_journal(station.database)
    assert facts.load(station.database, f"head_kept/{journal_id}") == b""
    before = station.database.value("PRAGMA data_version"), station.database.value("SELECT total_changes()")
    station.keep_head()
    assert (station.database.value("PRAGMA data_version"), station.database.value("SELECT total_changes()")) == before


# One window -------------------------------------------------------------------------------------------------------------------------------


def test_one_window_a_folder(station: Station) -> None:
    with station.folder.only_window(), pytest.raises(StoreError) as caught, station.folder.only_window():
        pass
    assert caught.value.code == StoreCode.WINDOW_OPEN
    with station.folder.only_window():
        pass


def test_a_window_does_not_keep_the_synchroniser_out(station: Station) -> None:
    with station.folder.only_window(), station.folder.only_synchroniser():
        pass


# Files ------------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_threads_that_write_one_file_never_leave_a_torn_one(tmp_path: Path) -> None:
    target, stop = tmp_path / "note.json", threading.Event()
    write_atomically(target, b"0" * 9)

    def write(worker: int) -> None:
        for _ in range(300):
            write_atomically(target, str(worker).encode() * (9 + 4000 * worker), durable=False)

    def read() -> set[tuple[int, int]]:
        seen = set()
        while not stop.is_set():
            data = target.read_bytes()
            seen.add((len(set(data)), len(data) - 4000 * int(data[:1] or b"9")))
        return seen

    with ThreadPoolExecutor(5) as pool:
        reading = pool.submit(read)
        try:
            list(pool.map(write, range(4)))
        finally:
            stop.set()
        assert reading.result() == {(1, 9)}
