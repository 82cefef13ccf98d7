"""Tests that a bound on time left out: a run that did not do all it was asked for says so, and has not passed."""

from __future__ import annotations

import pytest

NOT_BEGUN = "the time for schedules is over"
"""Why a test that was not begun in time is skipped."""


def left_out(config: pytest.Config) -> int:
    """How many were, so far."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    return 0 if terminal is None else sum(NOT_BEGUN in str(each.longrepr) for each in terminal.stats.get("skipped", []))
