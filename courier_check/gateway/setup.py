"""A gateway's folder: making one, and opening it.

DIR/gateway.json      what the gateway is, with its certificates (public)
DIR/root/*.key        the root's and the regulator's private keys, to be taken away: the gateway opens without them
DIR/keys/*.key        the keys the gateway works with; database.key seals what is secret in the database
DIR/gateway.db        the database, unless a URL names another
DIR/evidence/         sealed photos (evidence_files.py), made when the first one comes
DIR/newest-receipt.json  the newest receipt, noted outside the database: one put back to an earlier state does not hold it
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from courier_check import typed
from courier_check.clock import Clock
from courier_check.errors import StoreError, UserError
from courier_check.gateway.checkers import Checkers
from courier_check.gateway.codes import GatewayCode
from courier_check.gateway.evidence_files import EvidenceFolder
from courier_check.gateway.keys import KeyRing, NewKeys, check_ours, put_in_place, root_key_of, template, write_private
from courier_check.gateway.resigning import sign_anew
from courier_check.gateway.restoring import OutsideReceipts, begin_if_put_back
from courier_check.gateway.store.database import Database
from courier_check.gateway.store.journals import chain_end
from courier_check.gateway.store.migrations import Founded
from courier_check.gateway.turns import Turns
from courier_check.journal.codes import JournalError
from courier_check.journal.forms import JournalId, KeyId, Name
from courier_check.wire.certificates import USUAL_LIMITS, GatewayDocument, TrustedGateway, certificate_hash, root_fingerprint, trust

FORMAT = 1
_TAKE_OFFLINE = """\
请立即把 root.key 和 regulator.key 移到离线介质（各两份，分开保管），再从本机删除。日常运行不需要它们。
root.key 是本网关的根密钥：只有更换回执、接收、登记、数据包密钥时才需要。得到它的人可以冒充本网关。
regulator.key 由监管部门保管，只放在打开上报内容的地方。得到它的人可以打开所有上报内容；丢失后谁也打不开。

Move root.key and regulator.key to offline media now (two copies of each, kept apart) and delete them from this machine.
Running the gateway needs neither.
root.key is this gateway's root key: only replacing one of its keys needs it. Whoever has it can pretend to be this gateway.
regulator.key is for the regulator to keep, where reported parts are opened and nowhere else. Whoever has it can open all of them;
without it nobody can.
"""


class GatewayFile(msgspec.Struct, frozen=True, kw_only=True):
    """DIR/gateway.json. `gateway_journal_id`: of the first journal of receipts; the database says which one is being written."""

    format: int
    gateway_journal_id: JournalId
    database_key_id: KeyId
    document: GatewayDocument


class _Named(msgspec.Struct, frozen=True):
    gateway_id: Name


class _Format(msgspec.Struct, frozen=True):
    format: int


@dataclass(frozen=True, slots=True, repr=False)
class Gateway:
    """网关: everything its verbs need. Close it after use."""

    trusted: TrustedGateway
    keys: KeyRing
    database: Database
    outside: OutsideReceipts
    evidence: EvidenceFolder
    clock: Clock
    random: Callable[[int], bytes]
    checkers: Checkers = field(default_factory=Checkers)
    turns: Turns = field(default_factory=Turns)
    folder: Path = Path()

    @classmethod
    def open(cls, data: Path, clock: Clock, random: Callable[[int], bytes], *, database_url: str | None = None) -> Gateway:
        """Open an existing gateway; begin another journal of receipts where the database was put back. Raises StoreError naming what is
        absent, newer, damaged or another gateway's."""
        outside = OutsideReceipts(data)
        noted = outside.read()  # before the database: what stands outside was committed before it was noted
        file = read_gateway_file(data)
        try:
            trusted = trust(file.document, root_fingerprint(root_key_of(file.document)))
            put_in_place(data / "keys", trusted.certificates)
        except (JournalError, msgspec.MsgspecError, IndexError, OSError) as error:
            raise StoreError(GatewayCode.FOLDER_UNREADABLE) from error
        keys = KeyRing.load(data / "keys")
        check_ours(keys, trusted.certificates, file.database_key_id)
        database = open_database(data, database_url, file)
        opened = cls(trusted, keys, database, outside, EvidenceFolder(data), clock, random, folder=data)
        try:
            sign_anew(opened)
            begin_if_put_back(opened, noted)
        except BaseException:
            database.close()
            raise
        return opened

    @property
    def gateway_id(self) -> str:
        return self.trusted.root.gateway_id

    @property
    def document(self) -> GatewayDocument:
        return self.trusted.document

    @property
    def gateway_journal_id(self) -> str:
        """The journal of receipts that is being written."""
        with self.database.read() as tx:
            return chain_end(tx).gateway_journal_id

    def now_ms(self) -> int:
        return self.clock.read().wall_ms

    def is_outdated(self) -> bool:
        """Whether its keys were changed since it was opened: it must be started again, and sign nothing before that with the earlier one.
        Asked in the transaction that keeps what is signed, since keys are changed in one too."""
        try:
            now = read_gateway_file(self.folder).document
        except StoreError:
            return False  # a folder that can't be read says nothing of keys
        return (now.certificates, now.keys) != (self.document.certificates, self.document.keys)

    def close(self) -> None:
        self.checkers.close()
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Founding:
    """What a new gateway is. `name`: for people; practice and real gateways never share stations."""

    gateway_id: str = "gw"
    name: str = "监管网关"
    practice: bool = False


def init(
    data: Path, founding: Founding, clock: Clock, random: Callable[[int], bytes], *, database_url: str | None = None
) -> GatewayDocument:
    """Make a gateway: keys, certificates, database, document. Raises UserError if the folder or database is in use."""
    _check_id(founding.gateway_id)
    keys = NewKeys.draw(random)
    certificates = keys.certificates(template(founding.gateway_id, clock.read().wall_ms, practice=founding.practice))
    document = GatewayDocument(
        gateway_id=founding.gateway_id,
        name=founding.name,
        practice=founding.practice,
        certificates=certificates,
        limits=USUAL_LIMITS,
    )
    file = GatewayFile(format=FORMAT, gateway_journal_id=random(16).hex(), database_key_id=keys.database_key_id, document=document)
    database = Database(database_url or _sqlite_url(data))
    try:
        _make_folders(data)
        keys.write(data / "root", data / "keys")
        write_private(data / "root" / "TAKE-OFFLINE.txt", _TAKE_OFFLINE.encode())
        if database_url is None:
            write_private(data / "gateway.db", b"")  # SQLite takes an empty file, and keeps its mode for the files beside it
        database.create(founding.gateway_id, file.gateway_journal_id, certificate_hash(certificates[0]))
        write_private(data / "gateway.json", msgspec.json.format(msgspec.json.encode(file)) + b"\n")
    except FileExistsError as error:
        raise UserError(GatewayCode.FOLDER_IN_USE) from error
    except OSError as error:
        raise StoreError(GatewayCode.FOLDER_UNREADABLE) from error
    finally:
        database.close()
    return document


def _check_id(gateway_id: str) -> None:
    try:
        typed.convert({"gateway_id": gateway_id}, _Named)
    except msgspec.ValidationError as error:
        raise UserError(GatewayCode.ID_UNUSABLE) from error


def _make_folders(data: Path) -> None:
    if data.is_dir() and any(data.iterdir()):
        raise FileExistsError
    for folder in (data, data / "root", data / "keys"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def write_gateway_file(data: Path, file: GatewayFile) -> None:
    """Put another document in the place of the one there, whole or not at all. Raises OSError."""
    fresh = data / "gateway.json.new"
    fresh.unlink(missing_ok=True)
    write_private(fresh, msgspec.json.format(msgspec.json.encode(file)) + b"\n")
    fresh.replace(data / "gateway.json")


def read_gateway_file(data: Path) -> GatewayFile:
    """DIR/gateway.json. Raises StoreError if it is absent, newer or damaged."""
    try:
        content = (data / "gateway.json").read_bytes()
    except FileNotFoundError as error:
        raise StoreError(GatewayCode.FOLDER_ABSENT) from error
    except OSError as error:
        raise StoreError(GatewayCode.FOLDER_UNREADABLE) from error
    try:
        found = typed.decode(content, _Format).format
        if found > FORMAT:
            raise StoreError(GatewayCode.FOLDER_NEWER, format=found)
        return typed.decode(content, GatewayFile)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise StoreError(GatewayCode.FOLDER_UNREADABLE) from error


def open_database(data: Path, url: str | None, file: GatewayFile) -> Database:
    """The gateway's database, brought forward. Raises StoreError."""
    # A lost SQLite file must be noticed: a new one would begin the chain of receipts again.
    if url is None and not (data / "gateway.db").is_file():
        raise StoreError(GatewayCode.DATABASE_ABSENT)
    database = Database(url or _sqlite_url(data))
    try:
        database.bring_up(file.document.gateway_id, Founded(file.gateway_journal_id))
    except StoreError:
        database.close()
        raise
    return database


def _sqlite_url(data: Path) -> str:
    return f"sqlite:///{(data / 'gateway.db').resolve()}"
