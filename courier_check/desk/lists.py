"""Lists (名单): install a signed package, or on a practice station a plain file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import Right, SignedIn, require
from courier_check.desk.vetting import tokens_under
from courier_check.errors import UserError
from courier_check.journal.codes import JournalError
from courier_check.journal.entries import Draft, PackageRef
from courier_check.screening.entries import ListPackage, Vetting
from courier_check.screening.list_files import Issue, LineError, parse_list_csv
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
        if manifest.package_kind != PackageKind.LIST:
            raise UserError(DeskCode.PACKAGE_KIND_WRONG)
        if manifest.expires_on is not None and manifest.expires_on < self._writer.clock.read().at.date().isoformat():
            raise UserError(DeskCode.PACKAGE_EXPIRED, expires_on=manifest.expires_on)
        package = ListPackage.parse(content, self._vetting)
        if (package.header.list_id, package.header.version) != (manifest.name, manifest.version):
            raise UserError(DeskCode.PACKAGE_NOT_BELIEVED)
        return self._install(package, content, manifest, by)

    def install_csv(self, text: str, by: SignedIn | None) -> list[InstalledPackage]:
        """Install a plain list file on a practice station. Raises UserError with the first bad line; then nothing changed."""
        if not self._practice:
            raise UserError(DeskCode.UNSIGNED_NOT_PRACTICE)
        now = self._writer.clock.read()
        key = self._identity.match_key(now.at.year)
        if key is None:
            raise UserError(DeskCode.PACKAGE_NOT_BELIEVED)
        issue = Issue(version=self._next_version(), issued_at_ms=now.wall_ms, expires_on=None, match_key_id=key.match_key_id)
        file = parse_list_csv(text, issue, self._vetting, tokens_under(key.key))
        if file.errors:
            raise ListFileError(file.errors)
        return [self._install(package, package.encode(), None, by) for package in file.packages]

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

    def _install(self, package: ListPackage, content: bytes, manifest: Manifest | None, by: SignedIn | None) -> InstalledPackage:
        header = package.header
        sha256 = hashlib.sha256(content).hexdigest()
        with self._database.write() as tx:
            who = require(tx, by, Right.INSTALL)
            held = tx.value("SELECT version FROM installed_packages WHERE kind = 'list' AND name = ?", (header.list_id,))
            if held is not None and int(held) >= header.version:
                raise UserError(DeskCode.PACKAGE_NOT_NEWER, installed=held, version=header.version)
            facts = {
                "kind": "list",
                "name": header.list_id,
                "version": str(header.version),
                "sha256": sha256,
                "signed": manifest is not None,
            }
            composed = journal.append(tx, Draft("package-installed", who.code, facts), self._writer)
            at = composed.entry.header.times.wall_ms
            stored_lists.install(tx, package, content, self._vetting.names.version, self._writer.clock.read().at.date())
        return InstalledPackage(
            header.list_id, str(header.version), sha256, at, manifest is not None, len(package.entries), header.expires_on
        )


class ListFileError(UserError):
    """A list file with defects: every bad line, so that all can be mended at once."""

    def __init__(self, errors: tuple[LineError, ...]) -> None:
        first = errors[0]
        super().__init__(DeskCode.LIST_FILE_DEFECTIVE, line=first.line, column=first.column, count=len(errors))
        self.errors = errors


def lists_in_force(db: Database) -> tuple[PackageRef, ...]:
    """What headers say of the installed lists."""
    rows = db.rows("SELECT kind, name, sha256, version FROM installed_packages WHERE kind = 'list' ORDER BY name")
    return tuple(PackageRef(kind=kind, name=name, sha256=sha256, version=version) for kind, name, sha256, version in rows)
