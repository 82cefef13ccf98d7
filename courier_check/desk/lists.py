"""Lists (名单): install a signed package, or on a practice station a plain file."""

from __future__ import annotations

import functools
import hashlib
import io
import itertools
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import date

from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import Right, SignedIn, require
from courier_check.desk.vetting import tokens_under
from courier_check.errors import UserError
from courier_check.journal.codes import JournalError
from courier_check.journal.entries import Draft, PackageRef
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.entries import KeyKind, ListHeader, ListPackage, Vetting
from courier_check.screening.list_delta import ListDelta
from courier_check.screening.list_files import Issue, LineError
from courier_check.screening.list_reading import NO_LINES, Reading, Source, Summary, weaker
from courier_check.screening.list_rows import TableRow, csv_rows
from courier_check.store import journal, list_conflicts
from courier_check.store import lists as stored_lists
from courier_check.store.database import Database
from courier_check.store.identity import StationIdentity
from courier_check.store.journal import Writer
from courier_check.store.list_conflicts import Conflict, ConflictsTold
from courier_check.store.list_editions import Drafts
from courier_check.wire.packages import Manifest, PackageKind, checked_package

LARGE_DELTA = 5_000
"""Entries that are changed in place: a second in which nobody else writes. A larger one makes a new edition."""


@dataclass(frozen=True, slots=True)
class InstalledPackage:
    """A list in use, as the view of the journal has it. `signed`: whether the gateway's signature came with it."""

    name: str
    version: str
    sha256: str
    installed_at_ms: int
    signed: bool
    entries: int
    expires_on: date | None


class Lists:
    """Verbs on lists."""

    def __init__(self, database: Database, writer: Writer, identity: StationIdentity, vetting: Vetting, *, practice: bool) -> None:
        self._database = database
        self._writer = writer
        self._identity = identity
        self._vetting = vetting
        self._practice = practice

    def install_signed(self, data: bytes, by: SignedIn | None) -> InstalledPackage:
        """Install the gateway's package if its signature verifies and its version is newer. Raises UserError; then nothing changed."""
        try:
            manifest, content = checked_package(data, self._identity.gateway)
        except JournalError as error:
            raise UserError(DeskCode.PACKAGE_NOT_BELIEVED) from error
        if manifest.package_kind not in (PackageKind.LIST, PackageKind.LIST_DELTA):
            raise UserError(DeskCode.PACKAGE_KIND_WRONG)
        if manifest.expires_on is not None and manifest.expires_on < self._writer.clock.read().at.date().isoformat():
            raise UserError(DeskCode.PACKAGE_EXPIRED, expires_on=manifest.expires_on)
        if manifest.package_kind == PackageKind.LIST_DELTA:
            return self._install_delta(ListDelta.parse(content, self._vetting), manifest, by)
        package = ListPackage.parse(content, self._vetting)
        _check_named(package.header, manifest)
        self._check_may_install(by, package.header)
        with self._drafts() as drafts:
            drafts.of(package.header.list_id)
            drafts.take(package.entries)
            drafts.seal()
            (installed,) = self._put_in_force(drafts, [_Arrival(package.header, hashlib.sha256(content).hexdigest(), signed=True)], by)
        return installed

    def _install_delta(self, delta: ListDelta, manifest: Manifest, by: SignedIn | None) -> InstalledPackage:
        """Change the installed version by a signed delta; where it belongs to another version, or does not come out as it says, nothing
        changed."""
        _check_named(delta.header, manifest)
        list_id = delta.header.list_id
        held = self._check_may_install(by, delta.header)
        _check_base(held, delta)
        if len(delta.changed) + len(delta.dropped) > LARGE_DELTA:
            with self._drafts() as drafts:
                drafts.of(list_id)
                drafts.take(stored_lists.entries_after(self._database, delta))
                drafts.seal()
                _check_outcome(drafts.sha256(delta.header), delta)
                (installed,) = self._put_in_force(drafts, [_Arrival(delta.header, delta.outcome.sha256, signed=True)], by)
            return installed
        _check_outcome(stored_lists.sha256_after(self._database, delta), delta)  # a minute, of a long list: outside the transaction
        with self._database.write() as tx:
            who = require(tx, by, Right.INSTALL)
            _check_base(self._check_newer(tx, delta.header), delta)
            arrival = _Arrival(delta.header, delta.outcome.sha256, signed=True)
            at_ms = self._journal(tx, arrival, who)
            entries = stored_lists.apply_delta(tx, delta, self._installing())
        self._compare_again(list_id)
        return _installed(arrival, at_ms, entries)

    def install_csv(self, text: str, by: SignedIn | None) -> list[InstalledPackage]:
        """Install a plain list file on a practice station, whole. Raises UserError with the bad lines; then nothing changed."""
        errors: list[LineError] = []
        imported = self.install_rows(csv_rows(io.StringIO(text.removeprefix("\ufeff"), newline="")), by, errors.append, whole=True)
        return list(imported.installed)

    def install_rows(
        self, rows: Iterable[TableRow], by: SignedIn | None, tell: Callable[[LineError], None], *, whole: bool = False
    ) -> Imported:
        """Install the lists of a plain file on a practice station, row by row. Bad lines are told and left out; with `whole` they are
        raised, and nothing changed. UserError where the file can't be read, or gives no list."""
        if not self._practice:
            raise UserError(DeskCode.UNSIGNED_NOT_PRACTICE)
        now = self._writer.clock.read()
        key = self._identity.match_key(now.at.year)
        if key is None:
            raise UserError(DeskCode.PACKAGE_NOT_BELIEVED)
        issue = Issue(version=self._next_version(), issued_at_ms=now.wall_ms, expires_on=None, match_key_id=key.match_key_id)
        bad: list[LineError] = []

        def told(error: LineError) -> None:
            tell(error)
            if error.left_out and (whole or not bad):
                bad.append(error)

        reading = Reading(Source(issue, self._vetting, tokens_under(key.key)), told)
        require(self._database, by, Right.INSTALL)
        with self._drafts() as drafts:
            drafts.take(reading.entries(rows))
            headers = reading.headers()
            if bad and (whole or not headers):
                raise ListFileError(tuple(bad), reading.summary().bad)
            if not headers:
                raise UserError(ScreeningCode.CSV_EMPTY)
            drafts.seal()
            self._weaken(drafts, reading, {header.list_id for header in headers})
            arrivals = [_Arrival(header, drafts.sha256(header), signed=False) for header in headers]
            installed = self._put_in_force(drafts, arrivals, by, reading)
        return Imported(installed, reading.summary())

    def _weaken(self, drafts: Drafts, reading: Reading, lists: Set[str]) -> None:
        """Of what a list contradicts itself about, entries lead no further than to a supervisor."""
        contested = sorted(each for each in reading.contested() if each[0] in lists)
        for list_id, some in itertools.groupby(contested, key=lambda each: each[0]):
            keys = ((kind, value) for _, value in some for kind in (None, KeyKind.USCC))
            drafts.amend(list_id, keys, functools.partial(weaker, reading))

    def _put_in_force(
        self, drafts: Drafts, arrivals: Sequence[_Arrival], by: SignedIn | None, reading: Reading | None = None
    ) -> tuple[InstalledPackage, ...]:
        """All of them in one step: one transaction, whatever their size. What they and other lists say of one party is kept, and told of
        the lines of a file."""
        replaced = [drafts.file_past(arrival.header, self._today().isoformat()) for arrival in arrivals]
        conflicts = self._compared(drafts, arrivals, reading)
        installed = []
        with self._database.write() as tx:
            who = require(tx, by, Right.INSTALL)
            for arrival, before in zip(arrivals, replaced, strict=True):
                self._check_newer(tx, arrival.header)
                at_ms = self._journal(tx, arrival, who)
                in_use = drafts.put_in_force(tx, arrival.header, before)
                stored_lists.save_list(tx, arrival.header, self._installing(), in_use)
                installed.append(_installed(arrival, at_ms, in_use.entries))
            for list_id, found in conflicts.items():
                list_conflicts.keep_conflicts(tx, list_id, found)
        return tuple(installed)

    def _compared(self, drafts: Drafts, arrivals: Sequence[_Arrival], reading: Reading | None) -> dict[str, list[Conflict]]:
        """What each list that comes and the others say of one party: those in force that stay, and those that come before it."""
        coming = {arrival.header.list_id for arrival in arrivals}
        titles = {held.header.list_id: held.header.title for held in stored_lists.StoredCandidates(self._database).installed()}
        others = self._editions(without=coming)
        found: dict[str, list[Conflict]] = {}
        for header in (arrival.header for arrival in arrivals):
            edition = drafts.of(header.list_id).edition
            found[header.list_id] = [
                each for other, its in others.items() for each in list_conflicts.conflicts_between(self._database, edition, other, its)
            ]
            if reading is not None:
                for each in found[header.list_id]:
                    facts = {"list": titles[each.other_id], "entry": each.other_entry}
                    reading.note(header.list_id, each.ordinal, (each.column, each.code), facts)
            others[header.list_id], titles[header.list_id] = edition, header.title
        return found

    def _editions(self, without: Set[str]) -> dict[str, int]:
        """The editions in force, by list."""
        rows = self._database.rows("SELECT list_id, edition FROM lists ORDER BY list_id")
        return {list_id: edition for list_id, edition in rows if list_id not in without}

    def _compare_again(self, list_id: str) -> None:
        """After a delta. Outside its transaction: of two long lists it takes seconds, and it is a note."""
        others = self._editions(without=frozenset())
        mine = others.pop(list_id)
        found = [each for other, its in others.items() for each in list_conflicts.conflicts_between(self._database, mine, other, its)]
        with self._database.write() as tx:
            list_conflicts.keep_conflicts(tx, list_id, found)

    def conflicts(self, list_id: str) -> list[ConflictsTold]:
        """冲突: what this list and others in force say of one party that does not go together."""
        return list_conflicts.conflicts_told(self._database, list_id)

    def said_of(self, entry_id: str) -> list[stored_lists.SaidOf]:
        """What the installed lists say of an entry, and what they said before, by list and version."""
        return stored_lists.said_of(self._database, entry_id)

    def status(self) -> list[InstalledPackage]:
        """Every list in use."""
        candidates = stored_lists.StoredCandidates(self._database)
        rows = self._database.rows(
            "SELECT name, version, sha256, installed_at_ms, signed FROM installed_packages WHERE kind = 'list' ORDER BY name"
        )
        expiry = {held.header.list_id: held.header.expires_on for held in candidates.installed()}
        return [
            InstalledPackage(name, version, sha256, at_ms, bool(signed), candidates.entry_count(name), expiry.get(name))
            for name, version, sha256, at_ms, signed in rows
        ]

    def _drafts(self) -> Drafts:
        return Drafts(self._database, lambda: self._writer.clock.read().wall_ms)

    def _installing(self) -> stored_lists.Installing:
        return stored_lists.Installing(self._vetting.names.version, self._today())

    def _check_may_install(self, by: SignedIn | None, header: ListHeader) -> int | None:
        """Before much is read and written; it is asked again when it comes into force."""
        require(self._database, by, Right.INSTALL)
        return self._check_newer(self._database, header)

    def _next_version(self) -> int:
        return 1 + max((held.header.version for held in stored_lists.StoredCandidates(self._database).installed()), default=0)

    def _today(self) -> date:
        return self._writer.clock.read().at.date()

    def _check_newer(self, tx: Database, header: ListHeader) -> int | None:
        """The installed version, if any. Raises UserError if this one is not newer."""
        held = tx.value("SELECT version FROM installed_packages WHERE kind = 'list' AND name = ?", (header.list_id,))
        if held is not None and int(held) >= header.version:
            raise UserError(DeskCode.PACKAGE_NOT_NEWER, installed=held, version=header.version)
        return None if held is None else int(held)

    def _journal(self, tx: Database, arrival: _Arrival, who: SignedIn) -> int:
        """Append the installation to the journal; the entry's time."""
        facts = {
            "kind": "list",
            "name": arrival.header.list_id,
            "version": str(arrival.header.version),
            "sha256": arrival.sha256,
            "signed": arrival.signed,
        }
        composed = journal.append(tx, Draft("package-installed", who.code, facts), self._writer)
        return composed.entry.header.times.wall_ms


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A version of a list that is being installed. `sha256`: of its whole package."""

    header: ListHeader
    sha256: str
    signed: bool


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import installed, and how the file's lines came out."""

    installed: tuple[InstalledPackage, ...]
    summary: Summary = NO_LINES


def said_on(said: Iterable[stored_lists.SaidOf], day: date) -> list[stored_lists.SaidOf]:
    """Of what lists said, what the version in use here on a day said: that which was taken out of use first after it, else today's."""
    latest: dict[str, stored_lists.SaidOf] = {}
    for each in sorted(said, key=lambda one: one.version):
        if each.list_id not in latest and (each.until_on is None or day < each.until_on):
            latest[each.list_id] = each
    return [each for each in latest.values() if each.entry.listed_on <= day]


def _installed(arrival: _Arrival, at_ms: int, entries: int) -> InstalledPackage:
    header = arrival.header
    return InstalledPackage(header.list_id, str(header.version), arrival.sha256, at_ms, arrival.signed, entries, header.expires_on)


def _check_base(held: int | None, delta: ListDelta) -> None:
    list_id, needs = delta.header.list_id, delta.from_version
    if held is None:
        raise UserError(ScreeningCode.DELTA_ABSENT_BASE, list=list_id, needs=needs)
    if held != needs:
        raise UserError(ScreeningCode.DELTA_WRONG_BASE, installed=held, list=list_id, needs=needs)


def _check_outcome(sha256: str, delta: ListDelta) -> None:
    if sha256 != delta.outcome.sha256:
        raise UserError(ScreeningCode.DELTA_OUTCOME, list=delta.header.list_id)


def _check_named(header: ListHeader, manifest: Manifest) -> None:
    if (header.list_id, header.version) != (manifest.name, manifest.version):
        raise UserError(DeskCode.PACKAGE_NOT_BELIEVED)


class ListFileError(UserError):
    """A list file that was not installed: its bad lines, so that all can be mended at once, or the first of `count`."""

    def __init__(self, errors: tuple[LineError, ...], count: int | None = None) -> None:
        first = errors[0]
        super().__init__(DeskCode.LIST_FILE_DEFECTIVE, line=first.line, column=first.column, count=count or len(errors))
        self.errors = errors


def lists_in_force(db: Database) -> tuple[PackageRef, ...]:
    """What headers say of the installed lists."""
    rows = db.rows("SELECT kind, name, sha256, version FROM installed_packages WHERE kind = 'list' ORDER BY name")
    return tuple(PackageRef(kind=kind, name=name, sha256=sha256, version=version) for kind, name, sha256, version in rows)
