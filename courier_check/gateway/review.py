"""复看: what the gateway reads in an entry's index part, and what it objects to. Pure; objections never hold anything up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated

import msgspec

from courier_check import typed
from courier_check.gateway.codes import Objection
from courier_check.gateway.envelope import Incoming
from courier_check.gateway.store.stations import KnownStation
from courier_check.journal.codes import JournalError
from courier_check.journal.entries import Header, seal_context
from courier_check.journal.forms import Hash, JournalId, Kind, Seq
from courier_check.journal.keys import OpeningKey
from courier_check.journal.parts import PartName, PartRef, opened, unseal

ACCEPTANCE, CORRECTION = "acceptance", "correction"
READ_KINDS = frozenset({ACCEPTANCE, "refusal", "referral", CORRECTION})
"""Kinds whose index part has a known shape; that of others is opened and read if it has the same one."""
CLOCK_TOLERANCE_MS = timedelta(days=1) // timedelta(milliseconds=1)

# PostgreSQL keeps no NUL in a text, and no control character belongs into any of these.
_PLAIN = r"^[^\x00-\x1f\x7f]*\Z"
Short = Annotated[str, msgspec.Meta(max_length=64, pattern=_PLAIN)]
Longer = Annotated[str, msgspec.Meta(max_length=128, pattern=_PLAIN)]
Mask = Annotated[str, msgspec.Meta(max_length=200, pattern=_PLAIN)]


class Sender(msgspec.Struct, frozen=True):
    """寄件人, masked at the station."""

    name_mask: Mask | None = None
    number_mask: Mask | None = None
    phone_mask: Mask | None = None


class _Corrects(msgspec.Struct, frozen=True):
    journal_id: JournalId
    seq: Seq


class IndexContent(msgspec.Struct, frozen=True, repr_omit_defaults=True):
    """The index part of an act or its correction. Unknown members are left alone."""

    v: Annotated[int, msgspec.Meta(ge=1, le=1)]
    waybill: Longer | None = None
    carrier: Short | None = None
    match_key_id: JournalId | None = None
    sender: Sender | None = None
    tokens: dict[Kind, Hash | None] = {}


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of one entry, and the objections that need nothing but the entry itself."""

    content: IndexContent | None = field(repr=False)
    objections: tuple[Objection, ...]


@dataclass(frozen=True, slots=True)
class Arrived:
    """A newly stored entry with what was read of it. `arrival`: the gateway's own number."""

    arrival: int
    station: KnownStation
    entry: Incoming
    reading: Reading
    received_at_ms: int


KeyOf = Callable[[str], OpeningKey | None]
"""The gateway's intake key of an id; None if it never had that one."""


def read_entry(entry: Incoming, key_of: KeyOf, received_at_ms: int) -> Reading:
    """Open the index part, if there is one, and judge the entry by itself."""
    header = entry.header
    content, unreadable = _index(entry, key_of)
    objections = []
    if unreadable:
        objections.append(Objection.PART_UNREADABLE)
    elif header.kind == ACCEPTANCE and not (content and content.waybill):
        objections.append(Objection.WAYBILL_MISSING)
    if header.times.wall_ms > received_at_ms + CLOCK_TOLERANCE_MS:
        objections.append(Objection.CLOCK_AHEAD)
    return Reading(content, tuple(objections))


def answered_number(header: Header) -> int | None:
    """The number of the returned item that a correction answers, or None."""
    number = header.facts.get("answers_returned")
    return number if header.kind == CORRECTION and isinstance(number, int) and not isinstance(number, bool) else None


def corrected_act(header: Header) -> tuple[str, int] | None:
    """(journal_id, seq) of what a correction corrects, or None."""
    if header.kind != CORRECTION:
        return None
    try:
        said = typed.convert(header.facts.get("corrects"), _Corrects)
    except msgspec.ValidationError:
        return None
    return said.journal_id, said.seq


def said_text(facts: Mapping[str, object], name: str) -> str | None:
    """A short word among the facts; anything else counts as unsaid, since facts are the station's and not checked."""
    value = facts.get(name)
    return value if isinstance(value, str) and len(value) <= 40 and value.isprintable() else None


def said_operator(header: Header) -> str | None:
    """The staff code, if it is one that can be shown."""
    return said_text({"operator": header.operator}, "operator")


def said_flag(facts: Mapping[str, object], name: str) -> bool | None:
    value = facts.get(name)
    return value if isinstance(value, bool) else None


def _index(entry: Incoming, key_of: KeyOf) -> tuple[IndexContent | None, bool]:
    """(content, whether there is a part that should be readable and is not)."""
    ref = next((part for part in entry.header.parts if part.name == PartName.INDEX), None)
    sealed = entry.stored.sealed.get(PartName.INDEX)
    if ref is None or sealed is None:
        return None, False
    key = key_of(ref.recipient or "")
    if key is None:
        return None, True
    try:
        return _content(entry.header, ref, sealed, key), False
    except JournalError:
        return None, True
    except msgspec.ValidationError:
        return None, entry.header.kind in READ_KINDS


def _content(header: Header, ref: PartRef, sealed: bytes, key: OpeningKey) -> IndexContent:
    opening = unseal(sealed, key, seal_context(header, ref), ref.digest)
    return typed.convert(opened(opening), IndexContent)
