"""清扫: what power loss leaves between a photo's file and its entry goes, and nothing else does."""

from __future__ import annotations

import hashlib
import os
import signal
from pathlib import Path

import pytest

from courier_check.desk.acceptances import Submission
from courier_check.desk.rights import SignedIn
from courier_check.errors import StoreError
from courier_check.journal.entries import Draft
from courier_check.journal.parts import PartName
from courier_check.station import Station
from courier_check.store import branches, journal
from courier_check.store.branches import BranchEntry, HeldBy
from courier_check.store.evidence import KeptPhoto, Photo, PhotoState, read_photo, save_photo
from courier_check.store.evidence_sweep import LATELY, LEAST_AGE_MS, sweep
from courier_check.store.folder import OutsideHead
from support.clocks import SetClock
from support.entries import Prepared, part
from support.parts_gone import parts_gone
from support.stations import reopened

PICTURE = Photo("photo-contents-1", "image/jpeg", b"\xff\xd8 made up")
OTHER = Photo("photo-contents-2", "image/jpeg", b"\xff\xd8 made up, too")


def photographed(station: Station, clerk: SignedIn, prepared: Prepared) -> Path:
    session = prepared().photographed("photo-contents", hashlib.sha256(PICTURE.data).hexdigest())
    station.desk().acceptances.submit(Submission(session, clerk, photos=(PICTURE,)))
    (file,) = files(station)
    return file


def files(station: Station) -> list[Path]:
    return sorted(path for path in station.evidence.rglob("*") if path.is_file())


def later(station: Station, file: Path, age_ms: int = LEAST_AGE_MS + 1) -> int:
    """The wall time at which this file is so old. Files are dated by the station's clock, as a real one's are by the machine's."""
    written_ms = station.clock.read().wall_ms + 1_000
    os.utime(file, ns=(written_ms * 1_000_000,) * 2)
    return written_ms + age_ms


def orphan(station: Station, photo: Photo = OTHER) -> KeptPhoto:
    return save_photo(station.evidence, photo, os.urandom)


def test_a_file_that_no_entry_names_is_swept_once_it_is_old(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    named = photographed(station, clerk, prepared)
    lost = orphan(station)
    (file,) = set(files(station)) - {named}
    now_ms = max(later(station, named), later(station, file))
    assert sweep(station.database, station.evidence, now_ms - 2_000) == 0  # it may be about to be named
    assert sweep(station.database, station.evidence, now_ms) == 1
    assert files(station) == [named]
    assert read_photo(station.evidence, lost.ref, lost.key) == (PhotoState.MISSING, None)
    assert station.verify().ok


def test_the_same_picture_left_by_a_try_before_is_swept_and_the_named_one_stays(
    station: Station, clerk: SignedIn, prepared: Prepared
) -> None:
    orphan(station, PICTURE)
    (left,) = files(station)
    session = prepared().photographed("photo-contents", hashlib.sha256(PICTURE.data).hexdigest())
    station.desk().acceptances.submit(Submission(session, clerk, photos=(PICTURE,)))
    (named,) = set(files(station)) - {left}
    now_ms = max(later(station, left), later(station, named))
    assert sweep(station.database, station.evidence, now_ms) == 1
    assert files(station) == [named]
    assert station.verify().ok


def test_a_photo_half_written_is_swept(station: Station) -> None:
    orphan(station)
    (file,) = files(station)
    half = file.with_name(f"{file.name}.4711-1.new")
    file.rename(half)
    assert sweep(station.database, station.evidence, later(station, half)) == 1
    assert files(station) == []


def test_what_was_judged_once_is_not_looked_at_again(station: Station) -> None:
    orphan(station)
    (file,) = files(station)
    now_ms = later(station, file)
    assert sweep(station.database, station.evidence, now_ms) == 1
    again = orphan(station)
    (file,) = files(station)
    judged_ms = now_ms - LEAST_AGE_MS
    os.utime(file, ns=((judged_ms - 1) * 1_000_000,) * 2)  # as old as that: a clock was set back
    assert sweep(station.database, station.evidence, now_ms + 1) == 0
    assert read_photo(station.evidence, again.ref, again.key)[0] is PhotoState.SOUND


def test_files_from_before_the_journal_are_left_alone(station: Station) -> None:
    """After a backup was put back, a newer one may turn up that names them."""
    orphan(station)
    (file,) = files(station)
    os.utime(file, ns=(0, 0))
    assert sweep(station.database, station.evidence, station.clock.read().wall_ms + 2 * LEAST_AGE_MS) == 0
    assert files(station) == [file]


def test_a_photo_whose_entry_lost_its_parts_is_left_alone(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    named = photographed(station, clerk, prepared)
    journal_id = journal.current_journal(station.database) or ""
    with station.database.write() as tx:
        last = max(stored.seq for stored in journal.entries(tx, journal_id))
        parts_gone(tx, journal_id, last)
    assert sweep(station.database, station.evidence, later(station, named)) == 0
    assert files(station) == [named]


def last_seq(station: Station) -> int:
    return max(stored.seq for stored in journal.entries(station.database, journal.current_journal(station.database) or ""))


def succeeded(station: Station, cause: str, lost: OutsideHead | None = None) -> None:
    """The journal in use is closed and another one begun, as a station does that was put back or is damaged."""
    with station.database.write() as tx:
        station._succeed(tx, cause, lost)
    station.keep_head()


def altered(station: Station, trigger: str, sql: str, *parameters: object) -> None:
    """Rows as a disk that went wrong leaves them."""
    with station.database.write() as tx:
        tx.execute(f"DROP TRIGGER {trigger}")
        tx.execute(sql, parameters)


def put_back_and_orphan(station: Station, named: Path) -> int:
    """The photo's file comes from a backup and is dated anew, beside one that power loss left; the wall time at which both are old."""
    data = named.read_bytes()
    named.unlink()
    named.write_bytes(data)
    lost = orphan(station)
    (file,) = (path for path in files(station) if path.name.startswith(lost.ref.sha256[:32]))
    return max(later(station, named), later(station, file))


@pytest.mark.parametrize("lately", [0, LATELY])
@pytest.mark.parametrize("cause", ["damage", "restore", "fork"])
def test_a_photo_of_a_closed_journal_that_was_put_back_stays(
    station: Station, clerk: SignedIn, prepared: Prepared, clock: SetClock, cause: str, lately: int
) -> None:
    named = photographed(station, clerk, prepared)
    clock.pass_ms(60_000)
    succeeded(station, cause)
    now_ms = put_back_and_orphan(station, named)
    assert sweep(station.database, station.evidence, now_ms, lately=lately) == 1
    assert files(station) == [named]
    assert station.verify().ok


@pytest.mark.parametrize("lately", [0, LATELY])
def test_a_photo_of_before_the_clock_was_set_right_stays(
    station: Station, clerk: SignedIn, prepared: Prepared, clock: SetClock, lately: int
) -> None:
    """An hour fast when it was taken: it is younger than the journal that was begun when the clock was right."""
    clock.wall_ms += 3_600_000
    named = photographed(station, clerk, prepared)
    later(station, named)
    clock.wall_ms -= 3_600_000
    succeeded(station, "restore")
    assert sweep(station.database, station.evidence, clock.wall_ms + 4 * 3_600_000, lately=lately) == 0
    assert files(station) == [named]
    assert station.verify().ok


@pytest.mark.parametrize("damage", ["header = x'7b7d'", "hash = ''"])
@pytest.mark.parametrize("own", [True, False])
def test_nothing_goes_where_an_entry_can_not_be_read(
    station: Station, clerk: SignedIn, prepared: Prepared, damage: str, *, own: bool
) -> None:
    named = photographed(station, clerk, prepared)
    now_ms = put_back_and_orphan(station, named)
    before = files(station)
    row = last_seq(station) if own else 2
    altered(station, "journal_entries_unchanged", f"UPDATE journal_entries SET {damage} WHERE seq = ?", row)  # noqa: S608 - our own words
    assert sweep(station.database, station.evidence, now_ms) == 0
    assert files(station) == before


def test_nothing_goes_where_entries_are_gone(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    named = photographed(station, clerk, prepared)
    now_ms = put_back_and_orphan(station, named)
    before, seq = files(station), last_seq(station)
    with station.database.write() as tx:  # another one behind it
        journal.append(tx, Draft("sign-in", "0142", {"subject": "0142"}), station.writer())
        parts_gone(tx, journal.current_journal(tx) or "", seq)
    altered(station, "journal_entries_kept", "DELETE FROM journal_entries WHERE seq = ?", seq)
    assert sweep(station.database, station.evidence, now_ms) == 0
    assert files(station) == before


def test_nothing_goes_until_the_entries_that_a_put_back_database_has_lost_are_held_again(
    station: Station, clerk: SignedIn, prepared: Prepared, clock: SetClock
) -> None:
    station.database.value("PRAGMA wal_checkpoint(TRUNCATE)")
    copy, journal_id = station.folder.database.read_bytes(), journal.current_journal(station.database) or ""
    named = photographed(station, clerk, prepared)
    station.keep_head()
    lost = journal.entry_at(station.database, journal_id, last_seq(station))
    assert lost is not None
    station.close()
    station.folder.database.write_bytes(copy)
    with reopened(station) as older:
        assert journal.current_journal(older.database) != journal_id
        now_ms = put_back_and_orphan(older, named)
        before = files(older)
        assert sweep(older.database, older.evidence, now_ms) == 0
        assert files(older) == before
        with older.database.write() as tx:
            branches.keep(tx, [BranchEntry(journal_id, lost.seq, lost.header_bytes, lost.signature, HeldBy.GATEWAY)])
        clock.pass_ms(2 * LEAST_AGE_MS)
        now_ms = max(later(older, file) for file in before)
        assert sweep(older.database, older.evidence, now_ms) == 1
        assert files(older) == [named]


def test_a_photo_whose_kept_part_was_altered_stays(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    """Its key can't be told any more, whatever the part says now."""
    named = photographed(station, clerk, prepared)
    opening = bytes(station.database.value("SELECT opening FROM parts WHERE seq = ? AND name = ?", (last_seq(station), PartName.KEPT)))
    key = str(part(station, last_seq(station), "kept")["photo_keys"]["photo-contents-1"]).encode()  # type: ignore[index]  # our own words
    assert key in opening
    wrong = opening.replace(key, b"A" * len(key))
    altered(station, "parts_unchanged", "UPDATE parts SET opening = ? WHERE seq = ? AND name = ?", wrong, last_seq(station), PartName.KEPT)
    assert sweep(station.database, station.evidence, later(station, named)) == 0
    assert files(station) == [named]


def test_a_photo_of_an_act_that_failed_does_not_stay(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    """The second photo can't be written: nothing is recorded, and the first one's file goes."""
    session = prepared().photographed("photo-contents", hashlib.sha256(PICTURE.data).hexdigest())
    digest = hashlib.sha256(OTHER.data).hexdigest()
    station.evidence.mkdir(exist_ok=True)
    (station.evidence / digest[:2]).write_bytes(b"in the way")
    with pytest.raises(StoreError):
        station.desk().acceptances.submit(Submission(session, clerk, photos=(PICTURE, OTHER)))
    (station.evidence / digest[:2]).unlink()
    assert files(station) == []
    assert station.desk().acceptances.submit(Submission(session, clerk, photos=(PICTURE, OTHER))).seq is not None
    assert station.verify().ok


class Fatal:
    """A photo at whose second reading (the first checks its digest, the second writes it) the machine loses power."""

    name, media_type = "photo-contents-2", "image/jpeg"

    def __init__(self) -> None:
        self._reads = 0

    @property
    def data(self) -> bytes:
        self._reads += 1
        if self._reads > 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return OTHER.data


@pytest.mark.slow
def test_power_lost_between_photo_and_entry_leaves_a_file_and_no_entry(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    session = prepared().photographed("photo-contents", hashlib.sha256(PICTURE.data).hexdigest())
    journal_id = journal.current_journal(station.database) or ""
    before = [stored.seq for stored in journal.entries(station.database, journal_id)]
    child = os.fork()
    if child == 0:  # pragma: no cover - it is killed
        try:
            station.desk().acceptances.submit(Submission(session, clerk, photos=(PICTURE, Fatal())))  # type: ignore[arg-type]  # as above
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    (left,) = files(station)
    assert [stored.seq for stored in journal.entries(station.database, journal_id)] == before
    assert station.verify().ok
    recorded = station.desk().acceptances.submit(Submission(session, clerk, photos=(PICTURE,)))
    (named,) = set(files(station)) - {left}
    assert sweep(station.database, station.evidence, max(later(station, left), later(station, named))) == 1
    assert files(station) == [named]
    assert recorded.seq == before[-1] + 1
    assert station.verify().ok
