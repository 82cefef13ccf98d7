"""半年报: the table of 59号文附件 with where each number comes from, beside figures computed from the records.

None of its 14 numbers follows from acceptance records (domain.md §9.1): they come from complaints and from the enforcing bodies. A number
that nobody entered with a source stays 未填.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from courier_check.errors import UserError
from courier_check.reports.acts import Period
from courier_check.reports.codes import ReportCode
from courier_check.reports.daily import Figures
from courier_check.reports.forms import HalfYearForm, HalfYearItem

_COUNT = re.compile(r"[0-9]{1,9}")
_AMOUNT = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,2}))?")


class Provenance(StrEnum):
    MANUAL = "manual"
    UNFILLED = "unfilled"


@dataclass(frozen=True, slots=True)
class HalfYear:
    """One reporting term: by default from the day after the last deadline to this one."""

    period: Period
    due_on: date

    def days_left(self, today: date) -> int:
        """Days until the deadline; negative once it has passed."""
        return (self.due_on - today).days


@dataclass(frozen=True, slots=True)
class ManualEntry:
    """A number somebody entered: `source` says from which document, `entered_by` who."""

    item: str
    value: str
    source: str
    entered_by: str


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the table. `value` is in hundredths where the item has two decimals (万元)."""

    group: str
    item: HalfYearItem
    value: int | None
    provenance: Provenance
    source: str = ""
    entered_by: str = ""

    @property
    def text(self) -> str | None:
        """The number as it is printed; None if it is not filled in."""
        if self.value is None or self.item.decimals == 0:
            return None if self.value is None else str(self.value)
        whole, part = divmod(self.value, 10**self.item.decimals)
        return f"{whole}.{part:0{self.item.decimals}d}"


@dataclass(frozen=True, slots=True)
class Heading:
    """单位 and 日期."""

    reported_by: str
    drawn_up_on: date


@dataclass(frozen=True, slots=True)
class HalfYearReport:
    """附件 and 寄递环节附表."""

    half_year: HalfYear
    heading: Heading
    numbers: tuple[Number, ...]
    annex: Figures

    @property
    def final(self) -> bool:
        """Whether the period is over and every record of it has arrived; otherwise the report must not be called final."""
        return self.annex.pending == 0 and self.half_year.period.to_on < self.heading.drawn_up_on


def half_year_of(day: date, form: HalfYearForm) -> HalfYear:
    """The term a day lies in: …12-26 to 06-25, or 06-26 to 12-25."""
    deadlines = sorted(date(year, due.month, due.day) for year in range(day.year - 1, day.year + 2) for due in form.due)
    last = max(deadline for deadline in deadlines if deadline < day)
    due_on = min(deadline for deadline in deadlines if deadline >= day)
    return HalfYear(Period(last + timedelta(days=1), due_on), due_on)


def half_year_report(
    half_year: HalfYear, form: HalfYearForm, annex: Figures, heading: Heading, manual: Iterable[ManualEntry] = ()
) -> HalfYearReport:
    """The report. UserError for a manual number without source, of no such item, given twice, or malformed."""
    entered = _by_item(manual, form)
    numbers = tuple(_number(group.name, item, entered.get(item.id)) for group in form.groups for item in group.items)
    return HalfYearReport(half_year, heading, numbers, annex)


def _by_item(manual: Iterable[ManualEntry], form: HalfYearForm) -> Mapping[str, ManualEntry]:
    known = {item.id for group in form.groups for item in group.items}
    entered: dict[str, ManualEntry] = {}
    for entry in manual:
        if entry.item not in known:
            raise UserError(ReportCode.ITEM_UNKNOWN, item=entry.item)
        if entry.item in entered:
            raise UserError(ReportCode.ITEM_TWICE, item=entry.item)
        if not entry.source.strip() or not entry.entered_by.strip():
            raise UserError(ReportCode.SOURCE_MISSING, item=entry.item)
        entered[entry.item] = entry
    return entered


def _number(group: str, item: HalfYearItem, entry: ManualEntry | None) -> Number:
    if entry is None:
        return Number(group, item, None, Provenance.UNFILLED)
    return Number(group, item, _value(item, entry.value), Provenance.MANUAL, entry.source.strip(), entry.entered_by.strip())


def _value(item: HalfYearItem, text: str) -> int:
    """A count, or an amount in hundredths of its unit; no float ever holds money."""
    text = unicodedata.normalize("NFKC", text).strip()
    found = (_AMOUNT if item.decimals else _COUNT).fullmatch(text)
    if found is None:
        raise UserError(ReportCode.AMOUNT_BAD if item.decimals else ReportCode.NUMBER_BAD, item=item.name, unit=item.unit)
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if item.decimals else int(text)
