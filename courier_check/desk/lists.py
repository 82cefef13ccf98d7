"""Lists (名单): install a signed package, or on a practice station a plain file."""

from __future__ import annotations

import functools
import hashlib
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import Right, SignedIn, require
from courier_check.desk.vetting import tokens_under
from courier_check.errors import UserError
from courier_check.journal.codes import JournalError
from courier_check.journal.entries import Draft, PackageRef
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.entries import ListHeader, ListPackage, Vetting
from courier_check.screening.list_delta import ListDelta
from courier_check.screening.list_files import Issue, LineError
from courier_check.screening.list_reading import NO_LINES, Reading, Source, Summary, weaker
from courier_check.screening.list_rows import TableRow, csv_rows
from courier_check.store import journal
from courier_check.store import lists as stored_lists
from courier_check.store.database import Database
from courier_check.store.identity import StationIdentity
from courier_check.store.journal import Writer
from courier_check.wire.packages import Manifest, PackageKind, checked_package


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
        with self._database.write() as tx:
            who = require(tx, by, Right.INSTALL)
            self._check_newer(tx, package.header)
            arrival = _Arrival(package.header, hashlib.sha256(content).hexdigest(), signed=True)
            at_ms = self._journal(tx, arrival, who)
            entries = stored_lists.install(tx, package, self._vetting.names.version, self._today())
        return _installed(arrival, at_ms, entries)

    def _install_delta(self, delta: ListDelta, manifest: Manifest, by: SignedIn | None) -> InstalledPackage:
        """Change the installed version by a signed delta; where it belongs to another version, or does not come out as it says, nothing
        changed."""
        _check_named(delta.header, manifest)
        with self._database.write() as tx:
            who = require(tx, by, Right.INSTALL)
            held = self._check_newer(tx, delta.header)
            list_id, needs = delta.header.list_id, delta.from_version
            if held is None:
                raise UserError(ScreeningCode.DELTA_ABSENT_BASE, list=list_id, needs=needs)
            if held != needs:
                raise UserError(ScreeningCode.DELTA_WRONG_BASE, installed=held, list=list_id, needs=needs)
            arrival = _Arrival(delta.header, delta.outcome.sha256, signed=True)
            at_ms = self._journal(tx, arrival, who)
            entries = stored_lists.apply_delta(tx, delta, self._vetting.names.version, self._today())
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
        with self._database.write() as tx:
            who = require(tx, by, Right.INSTALL)
            stored_lists.stage(tx, reading.entries(rows))
            headers = reading.headers()
            if bad and (whole or not headers):
                raise ListFileError(tuple(bad), reading.summary().bad)
            if not headers:
                raise UserError(ScreeningCode.CSV_EMPTY)
            if reading.contested:
                stored_lists.amend_staged(tx, functools.partial(weaker, reading))
            installed = tuple(self._install_staged(tx, header, who) for header in headers)
            stored_lists.forget_staged(tx)
        return Imported(installed, reading.summary())

    def _install_staged(self, tx: Database, header: ListHeader, who: SignedIn) -> InstalledPackage:
        self._check_newer(tx, header)
        arrival = _Arrival(header, stored_lists.staged_sha256(tx, header), signed=False)
        at_ms = self._journal(tx, arrival, who)
        entries = stored_lists.install_staged(tx, header, stored_lists.Installing(self._vetting.names.version, self._today()))
        return _installed(arrival, at_ms, entries)

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
