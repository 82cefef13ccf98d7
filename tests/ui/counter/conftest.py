"""The shipped rules, a judged book, and a counter that stands ready."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication

from courier_check.desk.acceptances import Rules
from courier_check.desk.rules import rules_of, shipped_package
from support.counters import SUPERVISOR, Stand, books
from ui.counter.state import Books


@pytest.fixture(scope="session")
def rules() -> Rules:
    return rules_of(shipped_package(), str)


@pytest.fixture(scope="session")
def book(rules: Rules) -> Books:
    """With a clerk at the counter."""
    return books(rules)


@pytest.fixture
def stand(qapp: QCoreApplication, rules: Rules) -> Stand:
    return Stand(rules)


@pytest.fixture
def supervised(qapp: QCoreApplication, rules: Rules) -> Stand:
    """A supervisor is the operator."""
    return Stand(rules, SUPERVISOR)
