"""日结单: what a day close says, as a sheet to be printed, signed and kept apart from the machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, fields
from enum import StrEnum
from typing import Any

from courier_check.clock import at
from courier_check.desk.day_close import ClosedRange, DayClosed
from courier_check.reports.sheets import Cell, Sheet
from courier_check.store.day_closes import Counts
from courier_check.wording import Wording

_GROUP = 8


class SlipCode(StrEnum):
    """What the slip says, and the notes under it."""

    TITLE = "slip-title"
    DAY = "slip-day"
    STATION = "slip-station"
    OPERATOR = "slip-operator"
    AT = "slip-at"
    ENTRY = "slip-entry"
    ITEM = "slip-item"
    VALUE = "slip-value"
    ACCEPTED = "slip-accepted"
    REFUSED = "slip-refused"
    REFERRED = "slip-referred"
    CORRECTED = "slip-corrected"
    DISPUTED = "slip-disputed"
    WITHDRAWN = "slip-withdrawn"
    INTERCEPTED = "slip-intercepted"
    LEADS = "slip-leads"
    INTERCEPT_OUTCOMES = "slip-intercept-outcomes"
    STOPPED = "slip-stopped"
    PENDING = "slip-pending"
    JOURNAL = "slip-journal"
    FIRST = "slip-first"
    LAST = "slip-last"
    HEAD = "slip-head"
    COMPARE = "slip-compare"
    WAITING = "slip-waiting"
    UNLABELLED = "slip-unlabelled"
    SECURITY = "slip-security"
    SIGNED = "slip-signed"


def slip_fields(closed: DayClosed) -> dict[str, Any]:
    """The same as plain data: the facts of the entry, and where it stands."""
    return closed.due.facts() | {"journal_id": closed.journal_id, "seq": closed.seq, "hash": closed.hash}


def slip(closed: DayClosed, wording: Wording) -> Sheet:
    """One page. Counts are summed over the journals; each journal has its own range and head."""
    due = closed.due
    heading = (
        (SlipCode.DAY, due.day_on.isoformat()),
        (SlipCode.STATION, f"{closed.outlet} {closed.station_id}".strip()),
        (SlipCode.OPERATOR, closed.operator),
        (SlipCode.AT, f"{at(closed.at_ms):%Y-%m-%d %H:%M:%S}"),
        (SlipCode.ENTRY, f"#{closed.seq}"),
    )
    notes = [wording.of(SlipCode.COMPARE, {"last_seq": due.ranges[-1].last_seq})]
    if due.pending:
        notes.append(wording.of(SlipCode.WAITING, {"pending": due.pending}))
    left = due.left
    if left.stopped:
        notes.append(wording.of(SlipCode.STOPPED, {"count": left.stopped}))
    if left.unlabelled:
        notes.append(wording.of(SlipCode.UNLABELLED, {"count": left.unlabelled}))
    if left.recheck or left.failed or left.unchecked:
        notes.append(wording.of(SlipCode.SECURITY, {"recheck": left.recheck, "failed": left.failed, "unchecked": left.unchecked}))
    return Sheet(
        title=wording.of(SlipCode.TITLE),
        heading=tuple((wording.of(code), value) for code, value in heading),
        columns=(wording.of(SlipCode.ITEM), wording.of(SlipCode.VALUE)),
        rows=tuple(_rows(closed, wording)),
        notes=(*notes, wording.of(SlipCode.SIGNED)),
    )


def totals(ranges: tuple[ClosedRange, ...]) -> Counts:
    """Counts over all journals of a close."""
    return Counts(**{one.name: sum(getattr(each.counts, one.name) for each in ranges) for one in fields(Counts)})


def outcome_words(outcomes: tuple[tuple[str, int], ...], wording: Wording) -> str:
    """How intercepts stand, each outcome with its count; those that are open first."""
    told = sorted(outcomes, key=lambda one: (one[0] != "open", one[0]))
    return "　".join(f"{wording.of(f'intercept-{outcome}')} {count}" for outcome, count in told)


def _rows(closed: DayClosed, wording: Wording) -> Iterator[tuple[Cell, ...]]:
    for name, count in asdict(totals(closed.due.ranges)).items():
        yield wording.of(f"slip-{name}"), str(count)  # as text: it stands under the hashes, not at the far right
    if closed.due.intercepts:
        yield wording.of(SlipCode.INTERCEPT_OUTCOMES), outcome_words(closed.due.intercepts, wording)
    yield wording.of(SlipCode.PENDING), str(closed.due.pending)
    for one in closed.due.ranges:
        yield wording.of(SlipCode.JOURNAL), _grouped(one.journal_id)
        since = "" if one.since_ms is None else f"{at(one.since_ms):%Y-%m-%d %H:%M:%S}"
        yield wording.of(SlipCode.FIRST), f"#{one.first_seq}  {since}".rstrip()
        yield wording.of(SlipCode.LAST), f"#{one.last_seq}"
        yield wording.of(SlipCode.HEAD), _grouped(one.head)


def _grouped(digits: str) -> str:
    """In groups, so that two can be compared by eye."""
    return " ".join(digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP))
