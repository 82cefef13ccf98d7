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
        """Install checklists that pass `rules check`. Unsigned ones only on a practice station. Raises UserError; then nothing changed."""
        version, content = self._signed(data) if signed else self._unsigned(data)
        if not check_rules(content, self._shipped).ok:
            raise UserError(DeskCode.RULES_UNFIT)
        sha256 = hashlib.sha256(content).hexdigest()
        self._folder.mkdir(exist_ok=True, mode=0o700)
        write_atomically(self._folder / f"{sha256}.json", content)
        with self._database.write() as tx:
            who = require(tx, by, Right.INSTALL)
            held = int(tx.value("SELECT version FROM installed_packages WHERE kind = 'rules' AND name = ?", (NAME,)) or 0)
            version = version or held + 1
            if version <= held:
                raise UserError(DeskCode.PACKAGE_NOT_NEWER, installed=held, version=version)
            facts = {"kind": "rules", "name": NAME, "version": str(version), "sha256": sha256, "signed": signed}
            journal.append(tx, Draft("package-installed", who.code, facts), self._writer)
        return InstalledRules(NAME, str(version), sha256)

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
    try:
        content = (folder / f"{sha256}.json").read_bytes()
    except OSError as error:
        raise UserError(DeskCode.RULES_LOST) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise UserError(DeskCode.RULES_LOST)
    return replace(shipped, checklists=content)
