"""What a report can't be made of."""

from __future__ import annotations

from enum import StrEnum


class ReportCode(StrEnum):
    FORMS_MALFORMED = "report-forms-malformed"
    PERIOD_REVERSED = "report-period-reversed"
    ITEM_UNKNOWN = "half-year-item-unknown"
    ITEM_TWICE = "half-year-item-twice"
    SOURCE_MISSING = "half-year-source-missing"
    NUMBER_BAD = "half-year-number-bad"
    AMOUNT_BAD = "half-year-amount-bad"
