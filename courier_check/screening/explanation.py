"""说明: why an entry is a hit, as the screen shows it and the entry keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from courier_check.screening.codes import MatchReason

SAME = "same-letter"


@dataclass(frozen=True, slots=True)
class Explanation:
    """`steps`: asked, listed and how they differ (align.Change), letter by letter; empty where no names were compared."""

    rule: MatchReason
    steps: tuple[tuple[str, str, str], ...] = field(repr=False)
    listed_on: date
    expires_on: date | None

    @property
    def differences(self) -> tuple[tuple[str, str, str], ...]:
        return tuple(step for step in self.steps if step[2] != SAME)
