"""补录: when a parcel was taken that could not be recorded at once (a power cut), as the clerk types it from the paper slip."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from courier_check.clock import CHINA, Clock, at, wall_ms
from courier_check.desk.codes import DeskCode
from courier_check.errors import UserError
from courier_check.store.database import Database
from courier_check.store.identity import StationIdentity

_MINUTE_MS = 60_000
_HALF_YEAR = 6
"""Months: 12-31 typed in January is last year's."""
_DAY = r"(?:(?:(?P<year>[0-9]{4})[-/.]?)?(?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})[ T]+)?"
_GLUED_DAY = r"(?:(?P<year>[0-9]{4})?(?P<month>[0-9]{2})(?P<day>[0-9]{2}) *)?"
_MOMENTS = (
    re.compile(rf"{_GLUED_DAY}(?P<hour>[0-9]{{2}}):?(?P<minute>[0-9]{{2}})"),
    re.compile(rf"{_DAY}(?P<hour>[0-9]{{1,2}}):?(?P<minute>[0-9]{{2}})"),
)
_WRITTEN = str.maketrans({"年": "-", "月": "-", "日": " ", "时": ":", "点": ":", "分": " "})


@dataclass(frozen=True, slots=True)
class Lates:
    """Times of late registrations at one station."""

    database: Database
    identity: StationIdentity
    clock: Clock

    def taken_ms(self, text: str) -> int:
        """The moment that was typed. Raises UserError where it can't be read, is still to come, or lies before this station existed."""
        return taken_ms(text, self.clock.read().wall_ms, self.since_ms())

    def since_ms(self) -> int:
        """Since when the station exists: its first entry, or its certificate where that is older (the first entry's clock may have been
        ahead)."""
        opened: int | None = self.database.value(
            "SELECT wall_ms FROM journal_entries e JOIN journals j USING (journal_id) WHERE e.seq = 1 ORDER BY j.number LIMIT 1"
        )
        certified = self.identity.certificate.not_before_ms
        return certified if opened is None else min(opened, certified)


def taken_ms(text: str, now_ms: int, since_ms: int) -> int:
    """A moment of China's time as people write it: 2026-11-23 10:15, 11-23 1015, 202611231015; 10:15 is today's. A day without its year is
    the last such day, up to half a year back. Raises UserError as `Lates.taken_ms`; a time is known to the minute."""
    moment = _read(text, at(now_ms))
    told_ms = wall_ms(moment)
    if told_ms > now_ms:
        raise UserError(DeskCode.LATE_IN_FUTURE, at=f"{moment:%Y-%m-%d %H:%M}")
    if told_ms + _MINUTE_MS <= since_ms:
        raise UserError(DeskCode.LATE_BEFORE_STATION, at=f"{moment:%Y-%m-%d %H:%M}", since=f"{at(since_ms):%Y-%m-%d %H:%M}")
    return told_ms


def _read(text: str, now: datetime) -> datetime:
    given = " ".join(unicodedata.normalize("NFKC", text).translate(_WRITTEN).split())
    found = next((match for form in _MOMENTS if (match := form.fullmatch(given)) is not None), None)
    if found is None:
        raise UserError(DeskCode.LATE_UNREADABLE, given=text.strip()[:40])
    month, day = int(found["month"] or now.month), int(found["day"] or now.day)
    year = int(found["year"]) if found["year"] else now.year - (1 if month > now.month + _HALF_YEAR else 0)
    try:
        return datetime(year, month, day, int(found["hour"]), int(found["minute"]), tzinfo=CHINA)
    except ValueError as error:
        raise UserError(DeskCode.LATE_UNREADABLE, given=text.strip()[:40]) from error
