"""名单增量包: what changes one version of a list into another, and the proof that it came out right (docs/wire.md §9)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from courier_check import typed
from courier_check.errors import UserError
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.entries import (
    EntryForm,
    Id,
    ListEntry,
    ListHeader,
    ListPackage,
    Positive,
    Token,
    Vetting,
    encode_form,
    encoded_package,
    form_of,
)

VERSION = 1
_encoder = msgspec.json.Encoder(order="sorted")


class Outcome(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a list must be when a delta was applied: so many entries, and the SHA-256 of the whole package of that version."""

    count: int
    sha256: Token


class _DeltaForm(ListHeader, frozen=True, kw_only=True, forbid_unknown_fields=True):
    v: int
    from_version: Positive
    changed: tuple[EntryForm, ...]
    dropped: tuple[Id, ...]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class ListDelta:
    """From `from_version` to the header's version: entries that are new or changed, ids of those that are gone."""

    header: ListHeader
    from_version: int
    changed: tuple[ListEntry, ...]
    dropped: tuple[str, ...]
    outcome: Outcome

    @classmethod
    def between(cls, old: ListPackage, new: ListPackage) -> ListDelta:
        """What turns one version into a later one of the same list."""
        before = {entry.entry_id: encode_form(entry) for entry in old.entries}
        changed = tuple(entry for entry in new.entries if before.get(entry.entry_id) != encode_form(entry))
        dropped = tuple(sorted(before.keys() - {entry.entry_id for entry in new.entries}))
        outcome = Outcome(count=len(new.entries), sha256=package_sha256(new.header, new.entries))
        return cls(new.header, old.header.version, changed, dropped, outcome)

    @classmethod
    def parse(cls, data: bytes, vetting: Vetting) -> ListDelta:
        """JSON → delta; UserError as of packages. Its entries are checked as those of a package are."""
        try:
            form = typed.decode(data, _DeltaForm)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            fault, _, path = str(error).partition(" - at ")
            raise UserError(ScreeningCode.PACKAGE_MALFORMED, path=path.strip("`") or "$", fault=fault.split("'", 1)[0]) from None
        if form.v != VERSION:
            raise UserError(ScreeningCode.PACKAGE_VERSION, version=form.v)
        header = ListHeader(**{name: getattr(form, name) for name in ListHeader.__struct_fields__})
        package = ListPackage.build(header, form.changed, vetting)
        return cls(header, form.from_version, package.entries, form.dropped, form.outcome)

    def encode(self) -> bytes:
        """The canonical bytes, the content of a signed package of kind `list-delta`."""
        return _encoder.encode(
            _DeltaForm(
                **msgspec.structs.asdict(self.header),
                v=VERSION,
                from_version=self.from_version,
                changed=tuple(form_of(entry) for entry in self.changed),
                dropped=self.dropped,
                outcome=self.outcome,
            )
        )


def revised(old: ListPackage, new: ListPackage) -> ListPackage:
    """The new version, in which an entry that says something else has a later revision: decisions are bound to one (a changed entry asks
    again)."""
    before = {entry.entry_id: entry for entry in old.entries}
    entries = tuple(_revised(before.get(entry.entry_id), entry) for entry in new.entries)
    return ListPackage(new.header, entries)


def _revised(old: ListEntry | None, new: ListEntry) -> ListEntry:
    if old is None or new.revision > old.revision:
        return new
    same = msgspec.structs.replace(new, revision=old.revision)
    return same if encode_form(same) == encode_form(old) else msgspec.structs.replace(new, revision=old.revision + 1)


def package_sha256(header: ListHeader, entries: Iterable[EntryForm]) -> str:
    """The SHA-256 of the whole package of these entries, in order."""
    digest = hashlib.sha256()
    for piece in encoded_package(header, entries):
        digest.update(piece)
    return digest.hexdigest()
