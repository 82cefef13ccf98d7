"""通知: what an authority or a rights holder wrote to the outlet (协查函、权利人通知) that a refusal goes by, beside lists.

Whoever carries on after being told helps knowingly (商标法 57 条六; domain.md §2.6): when the letter came counts, and who sent it. Its
number and its sender are words somebody typed, and a rights holder may be a person: they stand in the kept part only.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date

from courier_check.errors import UserError
from courier_check.inspection.codes import InspectionCode

LONGEST_NOTIFICATION = 60
"""Characters of a notice's number or of its sender."""
_EARLIEST = date(2000, 1, 1)
_COMPACT_DAY = 8
_WRITTEN = str.maketrans({"年": "-", "月": "-", "日": "", ".": "-", "/": "-"})


@dataclass(frozen=True, slots=True, repr=False)
class Notification:
    """通知: its number (文号; empty where it has none), who sent it, and the day it was received here."""

    number: str
    sender: str
    received_on: date

    def __repr__(self) -> str:
        return f"Notification({self.received_on})"


def notification(number: str, sender: str, received: str, today: date) -> Notification | None:
    """What was typed of a notice; None where nothing was. UserError where the sender or the day is missing, a field is too long, or the day
    can't be read or is still to come."""
    words = [_said(text) for text in (number, sender)]
    if not any((*words, received.strip())):
        return None
    if not words[1] or not received.strip():
        raise UserError(InspectionCode.NOTIFICATION_INCOMPLETE)
    longest = max(map(len, words))
    if longest > LONGEST_NOTIFICATION:
        raise UserError(InspectionCode.NOTIFICATION_TOO_LONG, longest=LONGEST_NOTIFICATION, given=longest)
    told = Notification(words[0], words[1], _day(received))
    check_received(told, today)
    return told


def check_received(told: Notification, today: date) -> None:
    """UserError where a notice is said to have come on a day still to come."""
    if told.received_on > today:
        raise UserError(InspectionCode.NOTIFICATION_IN_FUTURE, on=told.received_on.isoformat())


def _said(text: str) -> str:
    """What was typed, on one line, as it can be stored and printed: characters that nobody sees say nothing and may turn others round."""
    stored = text.encode("utf-8", "replace").decode()
    return " ".join("".join(one for one in stored if one.isprintable() or one.isspace()).split())


def _day(text: str) -> date:
    given = unicodedata.normalize("NFKC", text).strip().translate(_WRITTEN)
    compact = len(given) == _COMPACT_DAY and given.isascii() and given.isdigit()
    try:
        year, month, day = (given[:4], given[4:6], given[6:]) if compact else given.split("-")
        found = date(*(int(part) for part in (year, month, day) if part.isascii() and part.isdigit()))
    except (ValueError, TypeError):
        found = None
    if found is None or found < _EARLIEST:
        raise UserError(InspectionCode.NOTIFICATION_DAY, given=text.strip()[:40])
    return found
