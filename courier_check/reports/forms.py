"""The words and rows of printed reports, as data (resources/reports.json)."""

from __future__ import annotations

import msgspec

from courier_check import typed
from courier_check.errors import UserError
from courier_check.reports.codes import ReportCode


class HalfYearItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One number of the half-yearly table. `decimals` 2: 万元, held in hundredths."""

    id: str
    name: str
    unit: str
    decimals: int = 0


class HalfYearGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    items: tuple[HalfYearItem, ...]


class DueDay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A deadline that comes every year."""

    month: int
    day: int


class HalfYearForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """互联网领域侵权假冒行为治理统计表: its rows word by word, when it is due, and where it comes from."""

    title: str
    annex_title: str
    background: str
    source: str
    certainty: str
    unfilled: str
    due: tuple[DueDay, DueDay]
    groups: tuple[HalfYearGroup, ...]
    notes: tuple[str, ...]


class ReportForms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Titles, labels of rows by key, and the statements of 口径 that stand under the figures."""

    version: str
    daily_title: str
    rates_title: str
    refusals_title: str
    labels: dict[str, str]
    notes: tuple[str, ...]
    half_year: HalfYearForm

    @classmethod
    def parse(cls, data: bytes) -> ReportForms:
        """From resources/reports.json; UserError if it is not such a file."""
        try:
            return typed.decode(data, cls)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise UserError(ReportCode.FORMS_MALFORMED, fault=str(error)) from None
