"""Archives: 交接包 and 导出, one form of file for what travels without a line (docs/wire.md §11).

An archive is refused whole or read: `open_archive` checks every file against the manifest before anything of it is used. Who signed it, and
whether entries and receipts hold, is for the caller: `signed_by` and the checks of batches and receipts. What only wraps the content (dates
in the zip, for example) is covered by no digest and read by nobody.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import zipfile
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import IO, Annotated, Self

import msgspec

from courier_check import typed
from courier_check.errors import UserError
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.forms import Count, Hash, JournalId, Ms, Name, Seq
from courier_check.journal.keys import SigningKey, VerifyingKey
from courier_check.wire import zips
from courier_check.wire.batches import Batch, Receipt, ReturnedItems
from courier_check.wire.certificates import GatewayDocument
from courier_check.wire.documents import read_document
from courier_check.wire.signed import VERSION, Body, Signed, read, sign, verified

MANIFEST = "manifest.json"
GATEWAY = "gateway.json"
VERIFIER = "verify.py"
NOTE = "README.txt"
MOST_RECEIPTS = 1024
LARGEST_FILE = 16 * 1024 * 1024
"""Of one file in an archive, unpacked: 1 024 receipts have about 1.5 MiB."""
_LARGEST = {"batches": 8 * 1024 * 1024, "returned": 128 * 1024 * 1024}
"""Of files in these folders; all returned items of a station are in one file, about 1 kB each."""
_LARGEST_MANIFEST = 64 * 1024 * 1024
_MOMENT = (2000, 1, 1, 0, 0, 0)  # of every file: the same content gives the same bytes

_is_name = re.compile(
    r"(gateway\.json|verify\.py|README\.txt|(stations|returned)/[a-z0-9][a-z0-9-]{0,62}\.json"
    r"|(batches|receipts|openings)/[0-9a-f]{32}-[0-9]{10}\.json)"
).fullmatch


class ArchiveCode(StrEnum):
    """Why an archive was refused, whole."""

    UNREADABLE = "archive-unreadable"
    EDITED = "archive-edited"
    NEWER = "archive-newer"
    SIGNER_UNKNOWN = "archive-signer-unknown"
    OTHER_GATEWAY = "archive-other-gateway"
    OTHER_STATION = "archive-other-station"
    OTHER_KIND = "archive-other-kind"
    UNFIT = "archive-unfit"
    RECEIPTS_DIFFER = "archive-receipts-differ"
    NOTHING_HELD = "archive-nothing-held"


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
    """Writes an archive file after file; `close` signs and adds the manifest. What was not closed is no archive.

    In a block: where that is left before `close`, nothing more is written.
    """

    def __init__(self, target: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self._files: list[ArchiveFile] = []

    def add(self, name: str, data: bytes) -> None:
        """ValueError for a name that no archive has, or a file that is too large: a fault of the program."""
        if _is_name(name) is None or len(data) > _largest(name):
            raise ValueError(name)
        self._write(name, data)
        self._files.append(ArchiveFile(name=name, sha256=hashlib.sha256(data).hexdigest(), size=len(data)))

    def add_document(self, name: str, document: msgspec.Struct) -> None:
        self.add(name, msgspec.json.encode(document))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError, ValueError):  # a full disk has been told already, and so has a file cut short
            self._zip.close()

    def add_receipts(self, journal_id: str, receipts: Sequence[tuple[int, int, Signed]]) -> None:
        """Receipts of a journal as (first_seq, last_seq, document), in files of at most 1 024."""
        left = sorted(receipts, key=lambda each: (each[1], each[0]))
        begun: set[int] = set()
        while left:
            begun.add(left[0][0])
            size = next(at for at in range(min(len(left), MOST_RECEIPTS), 0, -1) if at == len(left) or left[at][0] not in begun)
            documents = tuple(document for _, _, document in left[:size])
            self.add_document(receipts_name(journal_id, left[0][0]), Receipts(receipts=documents))
            left = left[size:]

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
        self._listed = {file.name: file for file in body.files}
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
            raise JournalError(JournalCode.WRONG_PLACE, file=name)
        return batch

    def check_ranges(self) -> None:
        """Raise JournalError unless the batches fill the ranges, one after another, and there is none besides."""
        outside = set(self.names("batches/"))
        for each in self.body.ranges:
            seq = each.first_seq
            while seq <= each.last_seq:
                name = batch_name(each.journal_id, seq)
                batch = self.batch(name)
                if (batch.gateway_id, batch.station_id) != (self.body.gateway_id, each.station_id):
                    raise JournalError(JournalCode.WRONG_PLACE, file=name)
                outside.remove(name)  # ranges don't overlap, so none is met twice
                seq += len(batch.entries)
            if seq != each.last_seq + 1:
                raise JournalError(JournalCode.WRONG_PLACE, file=name)
        if outside:
            raise JournalError(JournalCode.WRONG_PLACE, file=min(outside))

    def receipts(self) -> Iterator[Signed]:
        """All receipts, in order of their files; signatures are not checked. Raises JournalError where one is in the wrong file."""
        for name in self.names("receipts/"):
            yield from self._receipts_in(name)

    def check_receipts(self) -> None:
        """Raise JournalError for a receipt of no journal of the ranges."""
        journals = {each.journal_id for each in self.body.ranges}
        for name in self.names("receipts/"):
            self._receipts_in(name)
            if _journal_of(name) not in journals:
                raise JournalError(JournalCode.WRONG_PLACE, file=name)

    def _receipts_in(self, name: str) -> tuple[Signed, ...]:
        held = read_document(self.data(name), Receipts).receipts
        bodies = [read(signed, Receipt) for signed in held]
        order = [(body.last_seq, body.first_seq) for body in bodies]
        at_home = receipts_name(bodies[0].journal_id, bodies[0].first_seq) == name
        if not at_home or order != sorted(order) or len({body.journal_id for body in bodies}) > 1:
            raise JournalError(JournalCode.WRONG_PLACE, file=name)
        return held

    def returned(self, station_id: str) -> ReturnedItems | None:
        name = returned_name(station_id)
        return read_document(self.data(name), ReturnedItems) if name in self.names("returned/") else None

    def names(self, folder: str) -> list[str]:
        return [file.name for file in self.body.files if file.name.startswith(folder)]

    def data(self, name: str) -> bytes:
        """The bytes of a file, compared with the manifest once more: a stick may give others the second time. Raises JournalError,
        also where there is none of that name."""
        listed = self._listed.get(name)
        if listed is None:
            raise JournalError(JournalCode.MALFORMED, file=name)
        data = zips.whole(self._zip, name, listed.size)
        if hashlib.sha256(data).hexdigest() != listed.sha256:
            raise JournalError(JournalCode.BAD_DIGEST, file=name)
        return data

    def close(self) -> None:
        self._zip.close()


def open_archive(source: IO[bytes]) -> Archive:
    """A file from a stick → an archive, every file compared with the manifest. Raises JournalError, whatever the bytes are."""
    held = zips.opened(source)
    try:
        names = zips.names(held)
        if MANIFEST not in names:
            raise JournalError(JournalCode.MALFORMED, file=MANIFEST)
        signed = read_signed(zips.whole(held, MANIFEST, _LARGEST_MANIFEST))
        body = read(signed, ArchiveBody)
        _check_listing(body, names - {MANIFEST})
        for file in body.files:
            digest, size = zips.digest(held, file.name, file.size)
            if (digest, size) != (file.sha256, file.size):
                raise JournalError(JournalCode.BAD_DIGEST, file=file.name)
    except BaseException:
        held.close()
        raise
    return Archive(held, signed, body)


@contextlib.contextmanager
def refused_whole() -> Iterator[None]:
    """What is wrong with an archive → a sentence for whoever brought it. Raises UserError."""
    try:
        yield
    except JournalError as error:
        part = error.facts.get("file", MANIFEST)
        if error.code in (JournalCode.UNSUPPORTED_VERSION, JournalCode.UNKNOWN_ALGORITHM):
            raise UserError(ArchiveCode.NEWER) from error
        if not part:
            raise UserError(ArchiveCode.UNREADABLE) from error
        raise UserError(ArchiveCode.EDITED, part=part) from error


def read_signed(data: bytes) -> Signed:
    """Raises JournalError."""
    try:
        return typed.decode(data, Signed)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise JournalError(JournalCode.MALFORMED) from error


def _range_order(each: ArchiveRange) -> tuple[str, str, int]:
    return each.station_id, each.journal_id, each.first_seq


def _journal_of(name: str) -> str:
    return name.partition("/")[2].partition("-")[0]


def _largest(name: str) -> int:
    return _LARGEST.get(name.partition("/")[0], LARGEST_FILE)


def _check_listing(body: ArchiveBody, names: set[str]) -> None:
    listed = [file.name for file in body.files]
    if GATEWAY not in listed:
        raise JournalError(JournalCode.MALFORMED, file=GATEWAY)
    if listed != sorted(set(listed)) or set(listed) != names:
        raise JournalError(JournalCode.MALFORMED, file=next(iter(sorted(names.symmetric_difference(listed))), MANIFEST))
    for file in body.files:
        if _is_name(file.name) is None or file.size > _largest(file.name):
            raise JournalError(JournalCode.MALFORMED, file=file.name)
    _check_order(body.ranges)


def _check_order(ranges: Sequence[ArchiveRange]) -> None:
    """Ranges in order, none overlapping another, each journal one station's."""
    station_of: dict[str, str] = {}
    fits = all(
        each.first_seq <= each.last_seq and station_of.setdefault(each.journal_id, each.station_id) == each.station_id for each in ranges
    )
    for before, after in pairwise(ranges):
        follows = after.first_seq > before.last_seq if after.journal_id == before.journal_id else _range_order(before) < _range_order(after)
        fits = fits and follows
    if not fits:
        raise JournalError(JournalCode.MALFORMED, file=MANIFEST)
