"""Rule packages (规则包): install another version of the checklists; the shipped ones serve until then."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import Right, SignedIn, require
from courier_check.errors import UserError
from courier_check.inspection.check import check_rules
from courier_check.inspection.rules import RulePackage
from courier_check.journal.codes import JournalError
from courier_check.journal.entries import Draft
from courier_check.store import journal
from courier_check.store.database import Database
from courier_check.store.files import write_atomically
from courier_check.store.identity import StationIdentity
from courier_check.store.journal import Writer
from courier_check.wire.packages import PackageKind, checked_package

NAME = "checklists"


@dataclass(frozen=True, slots=True)
class InstalledRules:
    name: str
    version: str
    sha256: str


class RulePackages:
    """Verbs on rule packages. Installed files are named by their digest under `packages/`; every open station uses them from its next
    act on."""

    def __init__(self, database: Database, writer: Writer, identity: StationIdentity, shipped: RulePackage, folder: Path) -> None:
        self._database = database
        self._writer = writer
        self._identity = identity
        self._shipped = shipped
        self._folder = folder

    def install(self, data: bytes, by: SignedIn | None, *, signed: bool) -> InstalledRules:
        """Install checklists that pass `rules check`. Unsigned ones only on a practice station. Raises UserError; then nothing changed.

        The very checklists that are installed and lost are put back where they were. That is no new installation: the journal has said by
        their digest that they are in force, and they passed when it did.
        """
        version, content = self._signed(data) if signed else self._unsigned(data)
        sha256 = hashlib.sha256(content).hexdigest()
        lost = self.lost()
        again = lost is not None and lost.sha256 == sha256 and version <= int(lost.version)
        if not again and not check_rules(content, self._shipped).ok:  # before the transaction: it takes a while
            raise UserError(DeskCode.RULES_UNFIT)
        with self._database.write() as tx:
            who = require(tx, by, Right.INSTALL)
            if lost is not None and again:
                self._keep(sha256, content)
                return lost
            held = int(tx.value("SELECT version FROM installed_packages WHERE kind = 'rules' AND name = ?", (NAME,)) or 0)
            version = version or held + 1
            if version <= held:
                raise UserError(DeskCode.PACKAGE_NOT_NEWER, installed=held, version=version)
            self._keep(sha256, content)  # before the entry that names it: a crash between leaves a file nobody names
            facts = {"kind": "rules", "name": NAME, "version": str(version), "sha256": sha256, "signed": signed}
            journal.append(tx, Draft("package-installed", who.code, facts), self._writer)
        return InstalledRules(NAME, str(version), sha256)

    def lost(self) -> InstalledRules | None:
        """The installed checklists, if their file is gone or altered and nothing can be judged; None where they are there."""
        row = self._database.row("SELECT version, sha256 FROM installed_packages WHERE kind = 'rules' AND name = ?", (NAME,))
        if row is None or _content(self._folder, str(row[1])) is not None:
            return None
        return InstalledRules(NAME, str(row[0]), str(row[1]))

    def _keep(self, sha256: str, content: bytes) -> None:
        self._folder.mkdir(exist_ok=True, mode=0o700)
        write_atomically(self._folder / f"{sha256}.json", content)

    def _signed(self, data: bytes) -> tuple[int, bytes]:
        try:
            manifest, content = checked_package(data, self._identity.gateway)
        except JournalError as error:
            raise UserError(DeskCode.PACKAGE_NOT_BELIEVED) from error
        if (manifest.package_kind, manifest.name) != (PackageKind.RULES, NAME):
            raise UserError(DeskCode.PACKAGE_KIND_WRONG)
        return manifest.version, content

    def _unsigned(self, data: bytes) -> tuple[int, bytes]:
        if not self._identity.certificate.practice:
            raise UserError(DeskCode.UNSIGNED_NOT_PRACTICE)
        return 0, data


def installed_rules(db: Database) -> str | None:
    """The digest of the installed checklists; None while the shipped ones serve. Cheap: whoever works by them asks if they changed."""
    found: str | None = db.value("SELECT sha256 FROM installed_packages WHERE kind = 'rules' AND name = ?", (NAME,))
    return found


def rules_in_force(db: Database, shipped: RulePackage, folder: Path) -> RulePackage:
    """The shipped package with the installed checklists in it. Raises UserError if the installed file is gone or altered."""
    sha256 = installed_rules(db)
    if sha256 is None:
        return shipped
    content = _content(folder, sha256)
    if content is None:
        raise UserError(DeskCode.RULES_LOST)
    return replace(shipped, checklists=content)


def _content(folder: Path, sha256: str) -> bytes | None:
    """The file of that digest; None if it can't be read or is not what it was."""
    try:
        content = (folder / f"{sha256}.json").read_bytes()
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None
