"""Archives: 交接包 and 导出, one form of file for what travels without a line (docs/wire.md §11).

An archive is refused whole or read: `open_archive` checks every file against the manifest before anything of it is used. Who signed it, and
whether entries and receipts hold, is for the caller: `signed_by` and the checks of batches and receipts.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterator
from enum import StrEnum
from typing import IO, Annotated

import msgspec

from courier_check import typed
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.forms import Count, Hash, JournalId, Ms, Name, Seq
from courier_check.journal.keys import SigningKey, VerifyingKey
from courier_check.wire.batches import Batch, Returned, ReturnedItems
from courier_check.wire.certificates import GatewayDocument
from courier_check.wire.documents import read_document
from courier_check.wire.signed import VERSION, Body, Signed, read, sign, verified

MANIFEST = "manifest.json"
GATEWAY = "gateway.json"
MOST_RECEIPTS = 1024
LARGEST_FILE = 16 * 1024 * 1024
"""Of one file in an archive: a batch has at most 8 MiB, 1 024 receipts about 1.5 MiB."""
_LARGEST_MANIFEST = 64 * 1024 * 1024
_STEP = 1024 * 1024
_MOMENT = (2000, 1, 1, 0, 0, 0)  # of every file: the same content gives the same bytes

_is_name = re.compile(
    r"(gateway\.json|verify\.py|README\.txt|(stations|returned)/[a-z0-9][a-z0-9-]{0,62}\.json"
    r"|(batches|receipts|openings)/[0-9a-f]{32}-[0-9]{10}\.json)"
).fullmatch


class What(StrEnum):
    BUNDLE = "bundle"
    ANSWERS = "answers"
    EXPORT = "export"
    GATEWAY_EXPORT = "gateway-export"


class ArchiveRange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    station_id: Name
    journal_id: JournalId
    first_seq: Seq
    last_seq: Seq


class ArchiveFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(max_length=80)]
    sha256: Hash
    size: Count


class ArchiveBody(Body, frozen=True, kw_only=True, tag="archive"):
    """The manifest. `maker`: the station or gateway that signs it."""

    gateway_id: Name
    what: What
    maker: Name
    made_at_ms: Ms
    program: str
    ranges: tuple[ArchiveRange, ...]
    files: tuple[ArchiveFile, ...]


class Receipts(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="receipts"):
    receipts: Annotated[tuple[Signed, ...], msgspec.Meta(min_length=1, max_length=MOST_RECEIPTS)]
    v: int = VERSION


class OpenedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """`parts`: openings by name, base64url."""

    seq: Seq
    parts: dict[str, str]


class Openings(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="openings"):
    entries: tuple[OpenedEntry, ...]
    v: int = VERSION


def batch_name(journal_id: str, first_seq: int) -> str:
    return f"batches/{journal_id}-{first_seq:010}.json"


def receipts_name(journal_id: str, first_seq: int) -> str:
    return f"receipts/{journal_id}-{first_seq:010}.json"


def openings_name(journal_id: str, first_seq: int) -> str:
    return f"openings/{journal_id}-{first_seq:010}.json"


def station_name(station_id: str) -> str:
    return f"stations/{station_id}.json"


def returned_name(station_id: str) -> str:
    return f"returned/{station_id}.json"


class ArchiveWriter:
    """Writes an archive file after file; `close` signs and adds the manifest. What was not closed is no archive."""

    def __init__(self, target: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self._files: list[ArchiveFile] = []

    def add(self, name: str, data: bytes) -> None:
        """ValueError for a name that no archive has, or a file that is too large: a fault of the program."""
        if _is_name(name) is None or len(data) > LARGEST_FILE:
            raise ValueError(name)
        self._write(name, data)
        self._files.append(ArchiveFile(name=name, sha256=hashlib.sha256(data).hexdigest(), size=len(data)))

    def add_document(self, name: str, document: msgspec.Struct) -> None:
        self.add(name, msgspec.json.encode(document))

    def close(self, body: ArchiveBody, key: SigningKey) -> Signed:
        """Fill in and sign the manifest; ranges and files are put in their order."""
        ranges = tuple(sorted(body.ranges, key=_range_order))
        files = tuple(sorted(self._files, key=lambda file: file.name))
        signed = sign(msgspec.structs.replace(body, ranges=ranges, files=files), key)
        self._write(MANIFEST, msgspec.json.encode(signed))
        self._zip.close()
        return signed

    def _write(self, name: str, data: bytes) -> None:
        info = zipfile.ZipInfo(name, _MOMENT)
        info.external_attr = 0o600 << 16
        self._zip.writestr(info, data, zipfile.ZIP_DEFLATED)


class Archive:
    """An archive whose files are those of its manifest. `body` is read, its signature checked by `signed_by` only."""

    def __init__(self, held: zipfile.ZipFile, signed: Signed, body: ArchiveBody) -> None:
        self._zip = held
        self._signed = signed
        self.body = body

    def signed_by(self, key: VerifyingKey) -> None:
        """Raise JournalError unless this key signed the manifest."""
        verified(self._signed, ArchiveBody, key)

    @property
    def key_id(self) -> str:
        """Of the key that claims to have signed it."""
        return self._signed.key_id

    def gateway(self) -> GatewayDocument:
        """Raises JournalError."""
        return read_document(self.data(GATEWAY), GatewayDocument)

    def certificate(self, station_id: str) -> Signed:
        """Raises JournalError where there is none, or it is no signed document."""
        return read_signed(self.data(station_name(station_id)))

    def batches(self) -> Iterator[Batch]:
        """All batches, in order of journal and seq."""
        return (self.batch(name) for name in self.names("batches/"))

    def batch(self, name: str) -> Batch:
        """Raises JournalError where it is no batch, or not the one its name says."""
        batch = read_document(self.data(name), Batch)
        if batch_name(batch.journal_id, batch.first_seq) != name:
            raise JournalError(JournalCode.WRONG_PLACE, seq=batch.first_seq)
        return batch

    def receipts(self) -> Iterator[Signed]:
        """All receipts, in order of journal and seq."""
        for name in self.names("receipts/"):
            yield from read_document(self.data(name), Receipts).receipts

    def returned(self, station_id: str) -> ReturnedItems | None:
        name = returned_name(station_id)
        return read_document(self.data(name), ReturnedItems) if name in self.names("returned/") else None

    def names(self, folder: str) -> list[str]:
        return [file.name for file in self.body.files if file.name.startswith(folder)]

    def data(self, name: str) -> bytes:
        """The bytes of a file; they were checked. Raises JournalError where there is none of that name."""
        try:
            return self._zip.read(name)
        except KeyError as error:
            raise JournalError(JournalCode.MALFORMED, file=name) from error

    def close(self) -> None:
        self._zip.close()


def open_archive(source: IO[bytes]) -> Archive:
    """A file from a stick → an archive, every file compared with the manifest. Raises JournalError, whatever the bytes are."""
    try:
        held = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise JournalError(JournalCode.MALFORMED, file="") from error
    try:
        names = [info.filename for info in held.infolist()]
        if len(set(names)) != len(names) or MANIFEST not in names:
            raise JournalError(JournalCode.MALFORMED, file=MANIFEST)
        signed = read_signed(_whole(held, MANIFEST, _LARGEST_MANIFEST))
        body = read(signed, ArchiveBody)
        _check_listing(body, set(names) - {MANIFEST})
        for file in body.files:
            digest, size = _digest(held, file.name, file.size)
            if (digest, size) != (file.sha256, file.size):
                raise JournalError(JournalCode.BAD_DIGEST, file=file.name)
    except JournalError:
        held.close()
        raise
    return Archive(held, signed, body)


def read_signed(data: bytes) -> Signed:
    """Raises JournalError."""
    try:
        return typed.decode(data, Signed)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise JournalError(JournalCode.MALFORMED) from error


def returned_of(items: ReturnedItems) -> list[Returned]:
    """The items read, their signatures not checked. Raises JournalError."""
    return [read(signed, Returned) for signed in items.items]


def _range_order(each: ArchiveRange) -> tuple[str, str, int]:
    return each.station_id, each.journal_id, each.first_seq


def _check_listing(body: ArchiveBody, names: set[str]) -> None:
    listed = [file.name for file in body.files]
    if listed != sorted(set(listed)) or set(listed) != names:
        raise JournalError(JournalCode.MALFORMED, file=next(iter(sorted(names.symmetric_difference(listed))), MANIFEST))
    for file in body.files:
        if _is_name(file.name) is None or file.size > LARGEST_FILE:
            raise JournalError(JournalCode.MALFORMED, file=file.name)
    orders = [_range_order(each) for each in body.ranges]
    if orders != sorted(set(orders)) or any(each.last_seq < each.first_seq for each in body.ranges):
        raise JournalError(JournalCode.MALFORMED, file=MANIFEST)


def _whole(held: zipfile.ZipFile, name: str, largest: int) -> bytes:
    data = b"".join(_pieces(held, name, largest))
    if len(data) > largest:
        raise JournalError(JournalCode.TOO_LARGE, file=name)
    return data


def _digest(held: zipfile.ZipFile, name: str, largest: int) -> tuple[str, int]:
    """SHA-256 and size of a file, read no further than what it should be: whoever packs zeros by the gigabyte gains nothing."""
    digest, size = hashlib.sha256(), 0
    for piece in _pieces(held, name, largest):
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size


def _pieces(held: zipfile.ZipFile, name: str, largest: int) -> Iterator[bytes]:
    """Up to one byte more than the largest size. Raises JournalError for what is torn, encrypted or packed otherwise."""
    left = largest + 1
    try:
        with held.open(name) as file:
            while left > 0 and (piece := file.read(min(_STEP, left))):
                left -= len(piece)
                yield piece
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, NotImplementedError) as error:
        raise JournalError(JournalCode.MALFORMED, file=name) from error
