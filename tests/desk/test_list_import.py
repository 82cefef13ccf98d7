"""A list file of many lines is written beside the version in force: others go on working, and whatever ends it early changes nothing. All
parties are made up."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from courier_check.desk.codes import DeskCode
from courier_check.desk.lists import Imported, Lists
from courier_check.desk.rights import Role, SignedIn
from courier_check.desk.screener import Subject
from courier_check.desk.vetting import shipped_vetting
from courier_check.errors import CourierCheckError, UserError
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.entries import ListHeader
from courier_check.screening.list_files import LineError
from courier_check.screening.list_rows import TableRow, csv_rows
from courier_check.screening.match import Level, ScreeningStatus
from courier_check.station import PRACTICE_PASSWORD, PRACTICE_SUPERVISOR, Station
from courier_check.store import list_editions
from courier_check.store.lists import StoredCandidates, entries_named, entries_of, installed_sha256
from support.clocks import SetClock
from support.parcels import TODAY
from support.pki import MadeUpGateway
from support.stations import acceptance, append, new_station, reopened, station_in

HEADING = "list_id,list_type,source_org,legal_basis,remedy,reason,listed_on,action,subject_type,entry_id,name,phone"
OF_LIST = "long,【样本】长名单,样例局（虚构）,样例依据,可以申诉,样本,2026-01-15,拦截,企业"
SLICE = 10
WORDS = "样例九四号"
"""As names are compared."""


@pytest.fixture(autouse=True)
def _short_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_editions, "SLICE", SLICE)
    monkeypatch.setattr(list_editions, "KEYS_A_SLICE", 3 * SLICE)
    monkeypatch.setattr(list_editions, "_AT_ONCE", SLICE)


def text(count: int, word: str = "服饰") -> str:
    return "\n".join([HEADING, *(f"{OF_LIST},e-{number},样例{number}号{word}有限公司,138{number:08}" for number in range(count))])


def rows(count: int, word: str = "服饰") -> Iterator[TableRow]:
    return csv_rows(io.StringIO(text(count, word)))


def installed(station: Station, by: SignedIn, given: Iterator[TableRow]) -> Imported:
    return station.desk().lists.install_rows(given, by, _unheard)


def _unheard(_error: LineError) -> None:
    """The lines are good."""


def listed(station: Station, number: int) -> str | None:
    entry = StoredCandidates(station.database).entry("long", f"e-{number}")
    return None if entry is None else entry.display_name


def test_every_entry_can_be_found_by_what_it_has(station: Station, supervisor: SignedIn) -> None:
    assert installed(station, supervisor, rows(95)).installed[0].entries == 95
    assert [listed(station, number) for number in (0, 9, 10, 94, 95)] == [*(f"样例{at}号服饰有限公司" for at in (0, 9, 10, 94)), None]
    assert len(entries_of(station.database, "long")) == 95
    for number in range(95):
        result = station.desk().screener.screen(Subject(phone=f"138{number:08}"), TODAY)
        assert [hit.entry_id for hit in result.hits] == [f"e-{number}"]


def test_acceptances_go_on_while_a_list_is_imported(station: Station, clock: SetClock, supervisor: SignedIn) -> None:
    """Before each row another window accepts a parcel and waits for nobody: with a transaction over the import it could not."""
    installed(station, supervisor, rows(30, "鞋帽"))
    with station_in(station.folder.path, clock) as beside:
        beside.database.tables.conn.execute("PRAGMA busy_timeout = 0")
        seen = []

        def meanwhile() -> Iterator[TableRow]:
            for number, row in enumerate(rows(40)):
                append(beside, acceptance(f"SF{number:013}"))
                seen.append((listed(station, 1), listed(beside, 35)))
                yield row

        installed(station, supervisor, meanwhile())
        assert set(seen) == {("样例1号鞋帽有限公司", None)}, "until it is whole the old one is in force"
        assert (listed(station, 1), listed(beside, 35)) == ("样例1号服饰有限公司", "样例35号服饰有限公司")
    assert station.verify().ok
    acts = station.database.value("SELECT COUNT(*) FROM acts WHERE kind = 'acceptance'")
    assert acts == 40


def test_no_step_of_an_import_holds_the_others_up_for_more_than_a_slice(station: Station, clock: SetClock, supervisor: SignedIn) -> None:
    """Index, past and what is taken away at the end as well: between any two transactions somebody else may write."""
    installed(station, supervisor, rows(60, "鞋帽"))
    changes: list[int] = []

    def told(sql: str) -> None:
        if sql.startswith("BEGIN IMMEDIATE"):
            changes.append(0)
        elif sql.startswith(("INSERT", "UPDATE", "DELETE")) and changes:
            changes[-1] += 1

    station.database.tables.conn.set_trace_callback(told)
    installed(station, supervisor, rows(90))
    station.database.tables.conn.set_trace_callback(None)
    assert len(changes) > 90 / SLICE * 3
    assert max(changes) <= 3 * SLICE + 1, "a slice of keys and the edition's own row"


@pytest.mark.parametrize("after", [0, 1, SLICE, SLICE + 1, 35])
def test_an_import_that_breaks_off_leaves_the_old_list_in_force_and_nothing_else(
    station: Station, supervisor: SignedIn, after: int
) -> None:
    installed(station, supervisor, rows(30, "鞋帽"))

    def broken() -> Iterator[TableRow]:
        yield from itertools.islice(rows(40), after)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        installed(station, supervisor, broken())
    assert (listed(station, 1), listed(station, 35)) == ("样例1号鞋帽有限公司", None)
    assert station.database.value("SELECT COUNT(*) FROM list_rows WHERE number >> 32 NOT IN (SELECT edition FROM lists)") == 0
    assert [len(each) for each in (station.desk().lists.said_of("e-1"), entries_of(station.database, "long"))] == [1, 30]


def test_outside_practice_no_plain_file_is_taken(tmp_path: Path, clock: SetClock) -> None:
    with new_station(tmp_path / "real", MadeUpGateway(practice=False), clock) as real:
        real.desk().operators.add(PRACTICE_SUPERVISOR, Role.SUPERVISOR, "样例主管", PRACTICE_PASSWORD, None)
        lists = Lists(real.database, real.writer(), real.enrolled(), shipped_vetting(TODAY), practice=False)
        with pytest.raises(UserError) as caught:
            lists.install_rows(rows(3), SignedIn(PRACTICE_SUPERVISOR, Role.SUPERVISOR), _unheard)
        assert caught.value.code == DeskCode.UNSIGNED_NOT_PRACTICE
        assert (lists.status(), entries_of(real.database, "long")) == ([], [])
        result = real.desk().screener.screen(Subject(name="样例1号服饰有限公司"), TODAY)
        assert (result.status, result.level) == (ScreeningStatus.NOT_SCREENED, Level.REVIEW), "no list is never a pass"


def test_a_clerk_imports_nothing_and_nothing_is_read(station: Station, supervisor: SignedIn) -> None:
    station.desk().operators.add("0143", Role.CLERK, "样例收寄员", PRACTICE_PASSWORD, supervisor)
    given = rows(30)
    with pytest.raises(UserError) as caught:
        installed(station, SignedIn("0143", Role.CLERK), given)
    assert caught.value.code == DeskCode.NO_RIGHT
    assert next(given).line == 2


def test_of_two_imports_of_one_list_at_once_the_later_is_told(station: Station, clock: SetClock, supervisor: SignedIn) -> None:
    installed(station, supervisor, rows(30, "鞋帽"))
    with station_in(station.folder.path, clock) as beside:

        def meanwhile() -> Iterator[TableRow]:
            yield from rows(20)
            installed(beside, supervisor, rows(25, "图书"))

        with pytest.raises(UserError) as caught:
            installed(station, supervisor, meanwhile())
    assert caught.value.code in ("package-not-newer", ScreeningCode.LIST_OVERTAKEN)
    assert (listed(station, 1), len(entries_of(station.database, "long"))) == ("样例1号图书有限公司", 25)


def test_an_edition_taken_away_while_it_was_written_is_told(station: Station, clock: SetClock, supervisor: SignedIn) -> None:
    """As by a window that took it for left over after the clock had jumped."""
    installed(station, supervisor, rows(30, "鞋帽"))

    def meanwhile() -> Iterator[TableRow]:
        for number, row in enumerate(rows(40)):
            if number == 2 * SLICE + 5:
                clock.pass_ms(2 * list_editions.ABANDONED_MS)
                with list_editions.Drafts(station.database, lambda: clock.read().wall_ms):
                    pass
            yield row

    with pytest.raises(UserError) as caught:
        installed(station, supervisor, meanwhile())
    assert caught.value.code == ScreeningCode.LIST_OVERTAKEN
    assert listed(station, 1) == "样例1号鞋帽有限公司"


def test_an_import_that_takes_hours_is_not_taken_for_abandoned(station: Station, clock: SetClock, supervisor: SignedIn) -> None:
    """Its first list is written at once, and the file goes on with another one."""
    first, rest = text(12), text(60).replace("long,", "longer,").split("\n")

    def meanwhile() -> Iterator[TableRow]:
        for row in csv_rows(io.StringIO("\n".join([first, *rest[1:]]))):
            clock.pass_ms(list_editions.ABANDONED_MS // 25)
            with list_editions.Drafts(station.database, lambda: clock.read().wall_ms):
                yield row

    assert [each.entries for each in installed(station, supervisor, meanwhile()).installed] == [12, 60]


def test_part_of_a_name_is_found_in_any_slice_and_a_search_can_be_ended(station: Station, supervisor: SignedIn) -> None:
    installed(station, supervisor, rows(95))
    found = entries_named(station.database, WORDS, 50)
    assert [entry.entry_id for entry in found] == ["e-94"]
    assert len(entries_named(station.database, "服饰", 7)) == 7
    assert entries_named(station.database, "图书", 50) == []

    def enough() -> None:
        raise UserError(ScreeningCode.EMPTY_QUERY)

    with pytest.raises(CourierCheckError):
        entries_named(station.database, WORDS, 50, enough)


AS_BEFORE = """
    CREATE TABLE list_entries (
        list_id TEXT NOT NULL, entry_id TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (list_id, entry_id)) STRICT;
    CREATE TABLE list_keys (
        kind TEXT NOT NULL, value TEXT NOT NULL, list_id TEXT NOT NULL, entry_id TEXT NOT NULL,
        PRIMARY KEY (kind, value, list_id, entry_id)) STRICT, WITHOUT ROWID;
    CREATE TABLE list_staged (
        list_id TEXT NOT NULL, entry_id TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (list_id, entry_id)) STRICT;
    INSERT INTO list_entries
        SELECT json_extract(CAST(content AS TEXT), '$.list_id'), json_extract(CAST(content AS TEXT), '$.entry_id'), content FROM list_rows;
    DROP TABLE list_rows; DROP TABLE list_index; DROP TABLE list_names; DROP TABLE list_editions; DROP TABLE list_conflicts;
    DROP INDEX lists_by_edition; ALTER TABLE lists DROP COLUMN edition;
    DELETE FROM _sqlite_migrations WHERE name = 'list_editions';
"""


def test_lists_of_an_earlier_program_are_taken_over_and_screened_against(station: Station, supervisor: SignedIn) -> None:
    installed(station, supervisor, rows(35))
    before = sorted(entries_of(station.database, "long"), key=lambda entry: entry.entry_id)
    sha256 = installed_sha256(station.database, header_of(station))
    station.database.tables.conn.executescript(AS_BEFORE)
    with reopened(station) as again:
        station.database = again.database
        result = again.desk().screener.screen(Subject(phone="13800000034"), TODAY)
        assert ([hit.entry_id for hit in result.hits], result.level) == (["e-34"], Level.REVIEW)
        assert [entry.entry_id for entry in entries_named(again.database, "样例三四号", 50)] == ["e-34"]
        assert sorted(entries_of(again.database, "long"), key=lambda entry: entry.entry_id) == before
        assert installed_sha256(again.database, header_of(again)) == sha256
        assert again.database.value("SELECT COUNT(*) FROM list_editions") == again.database.value("SELECT COUNT(*) FROM lists")


def header_of(station: Station) -> ListHeader:
    return next(held.header for held in StoredCandidates(station.database).installed() if held.header.list_id == "long")
