"""Versions of a list at a station: whole and by delta, what is refused, what it said before, and what of numbers is kept. All parties are
made up."""

from __future__ import annotations

import csv
import dataclasses
import io
import itertools
import os
import signal
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from courier_check.desk.acceptances import Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.lists import said_on
from courier_check.desk.rights import SignedIn
from courier_check.desk.screener import Subject
from courier_check.desk.vetting import tokens_under
from courier_check.errors import CourierCheckError, UserError
from courier_check.inspection.verdict import Outcome
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.entries import ListPackage, Vetting
from courier_check.screening.list_delta import ListDelta, revised
from courier_check.screening.list_files import Issue, LineError
from courier_check.screening.list_reading import parse_list_csv
from courier_check.screening.list_rows import csv_rows
from courier_check.screening.match import Level, ScreeningStatus
from courier_check.station import PRACTICE_PASSPHRASE, PRACTICE_PASSWORD, PRACTICE_SUPERVISOR, Station, Surroundings
from courier_check.store import lists as stored_lists
from courier_check.store import views
from courier_check.store.list_arrivals import entry_held
from courier_check.store.list_editions import ABANDONED_MS
from courier_check.wire.certificates import Role
from courier_check.wire.packages import Manifest, PackageKind, publish
from support.clocks import SetClock
from support.entries import Prepared, facts, part
from support.parcels import TODAY
from support.pki import MadeUpGateway, secret
from support.stations import reopened

HEADING = ("list_id", "list_type", "source_org", "legal_basis", "remedy", "subject_type", "reason", "listed_on", "action")
LIST = ("made-up", "样本名单", "样例局（虚构）", "样例依据", "可以申诉", "企业", "样本", "2026-01-15", "拦截")
CODES = ("91410100MA9YB0A16H", "92410105MA9YB0B20T", "91410100MA44TUW1X4")
FIRST, SECOND, THIRD = CODES
Named = dict[str, str]


def made(vetting: Vetting, version: int, named: Named) -> ListPackage:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow((*HEADING, "entry_id", "uscc", "name"))
    rows.writerows((*LIST, f"e-{code}", code, name) for code, name in named.items())
    issue = Issue(version, 1_790_000_000_000, None, "ab" * 16)
    (package,) = parse_list_csv(text.getvalue(), issue, vetting, tokens_under(secret("match key"))).packages
    return package


def signed(kind: PackageKind, name: str, version: int, content: bytes) -> bytes:
    manifest = Manifest(
        gateway_id="gw-test",
        package_kind=kind,
        name=name,
        version=version,
        issued_at_ms=1,
        expires_on=None,
        content_sha256="0" * 64,
        content_size=0,
    )
    return msgspec.json.encode(publish(manifest, content.decode(), MadeUpGateway().signing[Role.PACKAGE]))


def whole(package: ListPackage) -> bytes:
    return signed(PackageKind.LIST, "made-up", package.header.version, package.encode())


def delta_of(old: ListPackage, new: ListPackage) -> bytes:
    return signed(PackageKind.LIST_DELTA, "made-up", new.header.version, ListDelta.between(old, new).encode())


def screened(station: Station, code: str) -> Level:
    return station.desk().screener.screen(Subject(uscc=code), TODAY).level


def in_force(station: Station) -> list[object]:
    """All that can be found in the lists in force: each row, and each key that leads to it."""
    rows = station.database.rows(
        "SELECT l.list_id, r.content, group_concat(i.digest) FROM lists l JOIN list_rows r ON r.number >> 32 = l.edition"
        " JOIN (SELECT * FROM list_index ORDER BY digest) i ON i.edition = l.edition AND i.ordinal = r.number & 4294967295"
        " GROUP BY r.number"
    )
    return sorted(rows)


def state(station: Station) -> list[object]:
    """All that is installed, what is said of entries, and how often the journal tells of it."""
    database = station.database
    held = [sorted(database.rows(f"SELECT * FROM {table}")) for table in ("lists", "installed_packages")]  # noqa: S608 - names from here
    said = [stored_lists.said_of(database, f"e-{code}") for code in CODES]
    told = [header for (header,) in database.rows("SELECT header FROM journal_entries") if b'"kind":"package-installed"' in header]
    return [*held, in_force(station), said, len(told)]


def kept_editions(station: Station) -> tuple[int, int, int]:
    """How many editions there are, and how many rows and keys that no list in force has."""
    database = station.database
    rows = database.value("SELECT COUNT(*) FROM list_rows WHERE number >> 32 NOT IN (SELECT edition FROM lists)")
    keys = database.value("SELECT COUNT(*) FROM list_index WHERE edition NOT IN (SELECT edition FROM lists)")
    return database.value("SELECT COUNT(*) FROM list_editions"), rows, keys


@pytest.fixture
def first(vetting: Vetting) -> ListPackage:
    return made(vetting, 3, {FIRST: "样例一服饰有限公司", SECOND: "样例二商贸有限公司"})


@pytest.fixture
def second(vetting: Vetting, first: ListPackage) -> ListPackage:
    return revised(first, made(vetting, 4, {FIRST: "样例一鞋帽有限公司", THIRD: "样例三图书有限公司"}))


def test_by_delta_and_whole_the_same_is_installed(station: Station, supervisor: SignedIn, first: ListPackage, second: ListPackage) -> None:
    lists = station.desk().lists
    lists.install_signed(whole(first), supervisor)
    by_delta = lists.install_signed(delta_of(first, second), supervisor)
    entries = in_force(station)
    assert (by_delta.version, by_delta.entries, by_delta.signed) == ("4", 2, True)
    assert [screened(station, code) for code in CODES] == [Level.BLOCK, Level.PASS, Level.BLOCK]
    assert stored_lists.installed_sha256(station.database, second.header) == by_delta.sha256
    third = msgspec.structs.replace(second.header, version=5)
    again = lists.install_signed(whole(ListPackage(third, second.entries)), supervisor)
    assert in_force(station) == entries
    assert again.entries == 2
    assert kept_editions(station) == (1, 0, 0)


def test_a_delta_for_another_version_or_an_older_one_changes_nothing(
    station: Station, supervisor: SignedIn, first: ListPackage, second: ListPackage
) -> None:
    lists, delta = station.desk().lists, delta_of(first, second)
    with pytest.raises(UserError) as absent:
        lists.install_signed(delta, supervisor)
    assert absent.value.code == ScreeningCode.DELTA_ABSENT_BASE
    other = ListPackage(msgspec.structs.replace(first.header, version=2), first.entries)
    lists.install_signed(whole(other), supervisor)
    before = state(station)
    with pytest.raises(UserError) as wrong:
        lists.install_signed(delta, supervisor)
    assert (wrong.value.code, wrong.value.facts["installed"], wrong.value.facts["needs"]) == (ScreeningCode.DELTA_WRONG_BASE, 2, 3)
    assert state(station) == before
    lists.install_signed(whole(first), supervisor)
    lists.install_signed(delta, supervisor)
    before = state(station)
    for late in (delta, whole(first), whole(other)):
        with pytest.raises(UserError) as rollback:
            lists.install_signed(late, supervisor)
        assert rollback.value.code == DeskCode.PACKAGE_NOT_NEWER
    assert state(station) == before


def test_a_delta_that_does_not_come_out_as_it_says_changes_nothing(
    station: Station, supervisor: SignedIn, vetting: Vetting, first: ListPackage, second: ListPackage
) -> None:
    lists = station.desk().lists
    impostor = made(vetting, 3, {FIRST: "样例一服饰有限公司", SECOND: "别的名称商贸有限公司", THIRD: "样例三图书有限公司"})
    lists.install_signed(whole(impostor), supervisor)  # the right version of the list, and not what the delta was made for
    before = state(station)
    keeping = made(vetting, 4, {FIRST: "样例一鞋帽有限公司", SECOND: "样例二商贸有限公司"})
    for delta in (delta_of(first, keeping), delta_of(first, revised(first, keeping))):
        with pytest.raises(UserError) as caught:
            lists.install_signed(delta, supervisor)
        assert caught.value.code == ScreeningCode.DELTA_OUTCOME
        assert state(station) == before
    assert [screened(station, code) for code in CODES] == [Level.BLOCK] * 3


def test_what_a_list_said_before_stays_known(
    station: Station, supervisor: SignedIn, vetting: Vetting, first: ListPackage, second: ListPackage
) -> None:
    lists = station.desk().lists
    lists.install_signed(whole(first), supervisor)
    lists.install_signed(delta_of(first, second), supervisor)
    last = made(vetting, 5, {SECOND: "样例二商贸有限公司"})
    lists.install_signed(whole(last), supervisor)
    said = {code: [(each.version, each.entry.display_name, each.until_on is None) for each in lists.said_of(f"e-{code}")] for code in CODES}
    assert said == {
        FIRST: [(3, "样例一服饰有限公司", False), (4, "样例一鞋帽有限公司", False)],
        SECOND: [(3, "样例二商贸有限公司", False), (5, "样例二商贸有限公司", True)],
        THIRD: [(4, "样例三图书有限公司", False)],
    }
    assert lists.said_of("e-nobody") == []


@pytest.mark.parametrize("large", [5_000, 1], ids=["in-place", "anew"])
def test_since_when_an_entry_is_here_is_known_whichever_way_versions_come(
    station: Station, supervisor: SignedIn, clock: SetClock, monkeypatch: pytest.MonkeyPatch, vetting: Vetting, large: int
) -> None:
    monkeypatch.setattr("courier_check.desk.lists.LARGE_DELTA", large)
    one, two, three = ({FIRST: "样例一服饰有限公司"}, {SECOND: "样例二商贸有限公司"}, {THIRD: "样例三图书有限公司"})
    versions = [made(vetting, 3, one | two)]
    for number, named in enumerate(({FIRST: "样例一鞋帽有限公司"} | three, one | two | three), start=4):
        versions.append(revised(versions[-1], made(vetting, number, named)))
    lists, at_ms = station.desk().lists, {}
    for before, package in zip([None, *versions], versions, strict=False):
        clock.pass_ms(86_400_000)
        installed = lists.install_signed(delta_of(before, package) if before is not None else whole(package), supervisor)
        at_ms[installed.version] = installed.installed_at_ms
    held = [entry_held(station.database, "made-up", f"e-{code}") for code in CODES]
    assert [(each.version, each.installed_at_ms, each.at_latest) for each in held if each is not None] == [
        ("3", at_ms["3"], False),  # said otherwise in between, never absent
        ("5", at_ms["5"], False),  # absent from version 4
        ("4", at_ms["4"], False),
    ]
    assert all(each.equal for each in views.compare(station.database))


def test_what_was_said_on_a_day_is_what_the_version_in_use_then_said(first: ListPackage, second: ListPackage) -> None:
    entry = {package.header.version: next(each for each in package.entries if each.uscc == FIRST) for package in (first, second)}
    said = [
        stored_lists.SaidOf("made-up", 3, date(2026, 11, 20), entry[3]),
        stored_lists.SaidOf("made-up", 4, None, entry[4]),
    ]
    versions = {day: [each.version for each in said_on(said, date(2026, 11, day))] for day in (19, 20, 26)}
    assert versions == {19: [3], 20: [4], 26: [4]}
    assert said_on(said, entry[3].listed_on - timedelta(days=1)) == []


WRITES = {
    "whole": ["INSERT INTO list_editions", "INSERT INTO list_rows", "INSERT INTO list_index", "list_past_entries", "INSERT INTO lists"],
    "delta": ["DELETE FROM list_index", "list_past_entries", "INSERT INTO list_rows", "INSERT INTO lists"],
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the one who installs is a fork")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "statement", "which"),
    [
        *((kind, statement, 1) for kind, statements in WRITES.items() for statement in statements),
        *(("whole", "COMMIT", which) for which in (1, 2, 3, 4, 5)),
        ("delta", "COMMIT", 1),
    ],
)
def test_kill_while_a_version_is_installed_leaves_the_old_one_whole(
    station: Station, clock: SetClock, supervisor: SignedIn, first: ListPackage, second: ListPackage, kind: str, statement: str, which: int
) -> None:
    station.desk().lists.install_signed(whole(first), supervisor)
    data, folder, surroundings = (
        whole(second) if kind == "whole" else delta_of(first, second),
        station.folder.path,
        Surroundings(station.clock),
    )
    before = state(station)
    station.close()
    child = os.fork()
    if child == 0:  # pragma: no cover - another process
        try:
            opened = Station.open(folder, PRACTICE_PASSPHRASE, surroundings)
            by = opened.desk().operators.sign_in(PRACTICE_SUPERVISOR, PRACTICE_PASSWORD)
            seen = itertools.count(1)
            opened.database.tables.conn.set_trace_callback(
                lambda sql: os.kill(os.getpid(), signal.SIGKILL) if statement in sql and next(seen) == which else None
            )
            opened.desk().lists.install_signed(data, by)
        finally:
            os._exit(7)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL
    again = Station.open(folder, PRACTICE_PASSPHRASE, surroundings)
    station.database = again.database
    assert state(again) == before
    assert [screened(again, code) for code in CODES] == [Level.BLOCK, Level.BLOCK, Level.PASS]
    by = again.desk().operators.sign_in(PRACTICE_SUPERVISOR, PRACTICE_PASSWORD)
    clock.wall_ms += 2 * ABANDONED_MS
    again.desk().lists.install_signed(data, by)
    assert [screened(again, code) for code in CODES] == [Level.BLOCK, Level.PASS, Level.BLOCK]
    assert kept_editions(again) == (1, 0, 0), "what was cut off is taken away"


def test_a_large_delta_makes_a_new_edition_and_comes_out_the_same(
    station: Station, supervisor: SignedIn, first: ListPackage, second: ListPackage, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = station.desk().lists
    lists.install_signed(whole(first), supervisor)
    monkeypatch.setattr("courier_check.desk.lists.LARGE_DELTA", 1)
    wrong = ListDelta.between(first, ListPackage(second.header, second.entries[:1]))
    wrong = dataclasses.replace(wrong, outcome=ListDelta.between(first, second).outcome)
    before = state(station)
    with pytest.raises(UserError) as caught:
        lists.install_signed(signed(PackageKind.LIST_DELTA, "made-up", 4, wrong.encode()), supervisor)
    assert caught.value.code == ScreeningCode.DELTA_OUTCOME
    assert state(station) == before
    by_delta = lists.install_signed(delta_of(first, second), supervisor)
    assert stored_lists.installed_sha256(station.database, second.header) == by_delta.sha256
    assert [screened(station, code) for code in CODES] == [Level.BLOCK, Level.PASS, Level.BLOCK]
    assert [each.version for each in lists.said_of(f"e-{SECOND}")] == [3]
    assert kept_editions(station) == (1, 0, 0)


def test_a_parcel_screened_against_an_old_list_is_accepted_and_the_entry_says_so(
    station: Station, clerk: SignedIn, prepared: Prepared
) -> None:
    with station.database.write() as tx:
        tx.execute("UPDATE lists SET confirmed_on = '2026-01-01'")
    session = prepared()
    assert session.draft.screening is not None
    assert (session.draft.screening.status, session.draft.screening.level) == (ScreeningStatus.STALE, Level.REVIEW)
    recorded = station.desk().acceptances.submit(Submission(session, clerk))
    assert recorded.outcome is Outcome.ACCEPT  # months without a line are usual: it is told, and no parcel is stopped for it
    assert "list-stale" in [reason.code for reason in recorded.verdict.reasons]
    assert facts(station, recorded.seq or 0)["screening"] == "review"
    kept: Any = part(station, recorded.seq or 0, "kept")
    assert (kept["screening_status"], len(kept["list_versions"])) == ("stale", 3)


NUMBERS = ("410104198506150027", "15800007890", "样例市样例路77号")


def test_raw_numbers_of_a_list_are_nowhere_after_an_import(
    station: Station, supervisor: SignedIn, caplog: pytest.LogCaptureFixture
) -> None:
    columns = (*HEADING, "name", "id_number", "phone", "address")
    people = (*LIST[:5], "个人", *LIST[6:])
    bad = ("410104198506150028", "158", NUMBERS[2])
    text = "\n".join(
        [
            ",".join(columns),
            ",".join((*people, "钱样例", *NUMBERS)),
            ",".join((*people, "赵样例", *bad)),
            ",".join((*people[:7], "someday", people[8], "孙样例", *NUMBERS)),
        ]
    )
    told: list[LineError] = []
    imported = station.desk().lists.install_rows(csv_rows(io.StringIO(text)), supervisor, told.append)
    assert (imported.summary.good, imported.summary.bad) == (1, 2)
    result = station.desk().screener.screen(Subject(phone=NUMBERS[1]), TODAY)
    assert (len(result.hits), result.level) == (1, Level.REVIEW)
    tables = [name for (name,) in station.database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    held = [f"{told!r}", f"{imported!r}", f"{result!r}", caplog.text]
    for table in tables:
        for row in station.database.rows(f"SELECT * FROM [{table}]"):  # noqa: S608 - the table's own name
            held += [cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell) for cell in row]
    assert any("钱样例" in each for each in held)  # a look that sees nothing at all would find no number either
    for raw in (*NUMBERS, *bad[:1]):
        assert not any(raw in each for each in held), raw
    again = reopened(station)
    station.database = again.database
    for file in station.folder.path.rglob("*"):
        if file.is_file():
            assert not any(raw.encode() in file.read_bytes() for raw in NUMBERS), file


def test_a_firm_listed_and_removed_at_once_is_for_a_supervisor_once_installed(station: Station, supervisor: SignedIn) -> None:
    heading = ",".join((*HEADING, "entry_id", "uscc", "name", "removed_on"))
    rows = [",".join((*LIST, number, FIRST, "样例一服饰有限公司", removed)) for number, removed in (("e-1", ""), ("e-2", "2026-03-01"))]
    rows.append(",".join((*LIST, "e-3", SECOND, "样例二商贸有限公司", "")))
    told: list[LineError] = []
    station.desk().lists.install_rows(csv_rows(io.StringIO("\n".join([heading, *rows]))), supervisor, told.append)
    assert [(each.line, each.code, each.left_out) for each in told] == [(3, ScreeningCode.LISTED_AND_REMOVED, False)]
    assert [screened(station, code) for code in (FIRST, SECOND)] == [Level.REVIEW, Level.BLOCK]


def test_a_file_with_only_bad_lines_installs_nothing(station: Station, supervisor: SignedIn) -> None:
    before, told = state(station), list[LineError]()
    text = ",".join((*HEADING, "name")) + "\n" + ",".join((*LIST[:8], "罚款", "样例"))
    for whole_file in (True, False):
        with pytest.raises(CourierCheckError) as caught:
            station.desk().lists.install_rows(csv_rows(io.StringIO(text)), supervisor, told.append, whole=whole_file)
        assert caught.value.code == DeskCode.LIST_FILE_DEFECTIVE
    assert state(station) == before
