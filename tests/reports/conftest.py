"""Shared by the report tests: the shipped forms, and acts that say only what matters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from courier_check.clock import CHINA, wall_ms
from courier_check.reports.acts import ActKind, ActRow, Period, RealName
from courier_check.reports.forms import ReportForms
from courier_check.store.resources import read_resource
from courier_check.terms import MailKind

DAY = date(2026, 11, 23)
NOON_MS = wall_ms(datetime(2026, 11, 23, 12, tzinfo=CHINA))


def make_act(**changes: Any) -> ActRow:
    """A parcel accepted at noon as it should be."""
    said: dict[str, Any] = {
        "seq": 1,
        "kind": ActKind.ACCEPTANCE,
        "at_ms": NOON_MS,
        "operator": "A01",
        "mail_kind": MailKind.PARCEL,
        "real_name": RealName.VERIFIED,
        "document_source": "picture",
        "inspected": True,
        "screening": "pass",
        "acknowledged_at_ms": NOON_MS + 60_000,
    }
    return ActRow(**{**said, **changes})


@pytest.fixture(scope="session")
def act() -> Callable[..., ActRow]:
    return make_act


@pytest.fixture(scope="session")
def forms() -> ReportForms:
    return ReportForms.parse(read_resource("reports.json"))


@pytest.fixture(scope="session")
def today() -> Period:
    return Period.day(DAY)


@pytest.fixture(scope="session")
def noon_ms() -> int:
    return NOON_MS
