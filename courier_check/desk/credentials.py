"""实名码: take a signed QR credential once, and install the keys of those who issue them (docs/credential.md)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import Right, SignedIn, require
from courier_check.errors import UserError
from courier_check.identity.codes import CredentialCode
from courier_check.identity.credential import TOLERANCE_S, Credential, verified_credential
from courier_check.identity.credential_keys import CredentialKey, CredentialKeys
from courier_check.identity.readings import SourceReading
from courier_check.journal.codes import JournalError
from courier_check.journal.entries import Draft
from courier_check.store import journal, presented
from courier_check.store.database import Database
from courier_check.store.facts import load_number
from courier_check.store.files import write_atomically
from courier_check.store.identity import StationIdentity
from courier_check.store.journal import Writer
from courier_check.wire.credential_keys import NAME, checked_keys
from courier_check.wire.packages import Manifest, PackageKind, checked_package

_NO_KEYS = CredentialKeys({})


@dataclass(frozen=True, slots=True)
class InstalledKeys:
    """The package in use. `keys`: those of every issuer it names."""

    version: str
    sha256: str
    installed_at_ms: int
    keys: tuple[CredentialKey, ...]


class Credentials:
    """Verbs on credentials. The file of keys lies under `packages/`, named by its digest; what the journal says is installed counts."""

    def __init__(self, database: Database, writer: Writer, identity: StationIdentity, folder: Path, *, accepted: bool) -> None:
        self._database = database
        self._writer = writer
        self._identity = identity
        self._folder = folder
        self._accepted = accepted
        self._held: tuple[str, CredentialKeys] | None = None

    def take(self, text: str) -> SourceReading:
        """What the credential of a scanned text says of its holder's document. It is used up by this, here and at every other window.

        Raises UserError (CredentialCode) where it may not be used, with UNKNOWN for a text of another kind: that may be kept as it is
        (`identity.credential.reference`). Nothing is used up then, and nothing but the nonce is ever written.
        """
        if not self._accepted:
            raise UserError(CredentialCode.NOT_ACCEPTED)
        keys = self._keys()
        # One transaction: of two windows that scan the same code at once, the second sees what the first has noted.
        with self._database.write() as tx:
            now_s = self._now_s(tx)
            credential = verified_credential(text, keys, now_s, self._audiences())
            self._use_up(tx, credential, now_s)
        return credential.reading

    def _use_up(self, tx: Database, credential: Credential, now_s: int) -> None:
        if presented.is_forgotten(tx, credential.expires_at_s):
            raise UserError(CredentialCode.EXPIRED)
        if not presented.take(tx, credential.issuer, credential.nonce, credential.expires_at_s):
            raise UserError(CredentialCode.USED)
        presented.forget(tx, now_s - TOLERANCE_S)

    def _now_s(self, db: Database) -> int:
        """The wall clock's time, but never one before the last trusted gateway time."""
        return max(self._writer.clock.read().wall_ms, load_number(db, "trusted_ms") or 0) // 1000

    def _audiences(self) -> frozenset[str]:
        certificate = self._identity.certificate
        place = certificate.station
        return frozenset({certificate.subject} | ({place.outlet_id} if place else set()))

    # --- the keys of issuers ------------------------------------------------------------------------------------------------------------

    def install(self, data: bytes, by: SignedIn | None) -> InstalledKeys:
        """Install the gateway's package of keys in the place of the one before. Raises UserError; then nothing changed."""
        manifest, content = self._believed(data)
        keys = checked_keys(content, practice=self._identity.certificate.practice)
        sha256 = hashlib.sha256(content).hexdigest()
        self._folder.mkdir(exist_ok=True, mode=0o700)
        write_atomically(self._folder / f"{sha256}.json", content)
        with self._database.write() as tx:
            who = require(tx, by, Right.INSTALL)
            held = int(tx.value("SELECT version FROM installed_packages WHERE kind = ? AND name = ?", (NAME, NAME)) or 0)
            if manifest.version <= held:
                raise UserError(DeskCode.PACKAGE_NOT_NEWER, installed=held, version=manifest.version)
            facts = {"kind": NAME, "name": NAME, "version": str(manifest.version), "sha256": sha256, "signed": True}
            composed = journal.append(tx, Draft("package-installed", who.code, facts), self._writer)
        return InstalledKeys(str(manifest.version), sha256, composed.entry.header.times.wall_ms, keys.all())

    def status(self) -> InstalledKeys | None:
        """The package in use; None before the first. Raises UserError if its file is gone or altered."""
        row = self._database.row(
            "SELECT version, sha256, installed_at_ms FROM installed_packages WHERE kind = ? AND name = ?", (NAME, NAME)
        )
        if row is None:
            return None
        version, sha256, installed_at_ms = row
        return InstalledKeys(version, sha256, installed_at_ms, self._keys().all())

    def _keys(self) -> CredentialKeys:
        """The keys in force, whichever window installed them."""
        sha256 = self._database.value("SELECT sha256 FROM installed_packages WHERE kind = ? AND name = ?", (NAME, NAME))
        if sha256 is None:
            return _NO_KEYS
        if self._held is None or self._held[0] != sha256:
            self._held = sha256, CredentialKeys.parse(self._content(sha256))
        return self._held[1]

    def _content(self, sha256: str) -> bytes:
        try:
            content = (self._folder / f"{sha256}.json").read_bytes()
        except OSError as error:
            raise UserError(CredentialCode.KEYS_LOST) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise UserError(CredentialCode.KEYS_LOST)
        return content

    def _believed(self, data: bytes) -> tuple[Manifest, bytes]:
        try:
            manifest, content = checked_package(data, self._identity.gateway)
        except JournalError as error:
            raise UserError(DeskCode.PACKAGE_NOT_BELIEVED) from error
        if (manifest.package_kind, manifest.name) != (PackageKind.CREDENTIAL_KEYS, NAME):
            raise UserError(DeskCode.PACKAGE_KIND_WRONG)
        if manifest.expires_on is not None and manifest.expires_on < self._writer.clock.read().at.date().isoformat():
            raise UserError(DeskCode.PACKAGE_EXPIRED, expires_on=manifest.expires_on)
        return manifest, content
