"""复看: what the gateway reads in an entry's index part, and what it objects to. Pure; objections never hold anything up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec

from courier_check import typed
from courier_check.gateway.codes import Objection
from courier_check.gateway.contents import IndexContent, SealedIndex, Unread
from courier_check.gateway.envelope import Incoming
from courier_check.gateway.store.stations import KnownStation
from courier_check.journal.entries import Header, seal_context
from courier_check.journal.forms import JournalId, Seq
from courier_check.journal.parts import PartName

ACCEPTANCE, CORRECTION, WITHDRAWAL = "acceptance", "correction", "withdrawal"
READ_KINDS = frozenset({ACCEPTANCE, "refusal", "referral", CORRECTION})
"""Kinds whose index part has a known shape; that of others is opened and read if it has the same one."""
CLOCK_TOLERANCE_MS = timedelta(days=1) // timedelta(milliseconds=1)


class _Place(msgspec.Struct, frozen=True):
    journal_id: JournalId
    seq: Seq


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


def index_of(entry: Incoming) -> SealedIndex | None:
    """The sealed index part of an entry, if there is one."""
    ref = next((part for part in entry.header.parts if part.name == PartName.INDEX), None)
    sealed = entry.stored.sealed.get(PartName.INDEX)
    return None if ref is None or sealed is None else SealedIndex(sealed, seal_context(entry.header, ref), ref.digest)


def judge(entry: Incoming, found: IndexContent | Unread, received_at_ms: int) -> Reading:
    """Judge an entry by itself, with what was found in its index part."""
    header = entry.header
    content = found if isinstance(found, IndexContent) else None
    objections = []
    if found is Unread.SHUT or (found is Unread.ODD and header.kind in READ_KINDS):
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
    return _place(header.facts.get("corrects")) if header.kind == CORRECTION else None


def withdrawn_act(header: Header) -> tuple[str, int] | None:
    """(journal_id, seq) of what a withdrawal (撤件) takes back, or None."""
    return _place(header.facts.get("withdraws")) if header.kind == WITHDRAWAL else None


def _place(said: object) -> tuple[str, int] | None:
    """An entry as facts name it; facts are the station's and not checked."""
    try:
        place = typed.convert(said, _Place)
    except msgspec.ValidationError:
        return None
    return place.journal_id, place.seq


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
