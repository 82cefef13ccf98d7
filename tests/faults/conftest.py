"""Two gateways that tests of one module share, with the same name and other keys; and what a run that left schedules out comes to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.beyond_time import left_out
from support.clocks import SetClock
from support.gateways import Practice, practice_gateway


def pytest_sessionfinish(session: pytest.Session) -> None:
    if left_out(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if missing := left_out(terminalreporter.config):
        terminalreporter.write_line(f"{missing} schedules were left out: there was no time for them.", red=True)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    with practice_gateway(tmp_path_factory.mktemp("served") / "gateway", SetClock()) as running:
        yield running


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    """Another gateway, with the same name and other keys: what tells them apart can't be what anyone may choose."""
    with practice_gateway(tmp_path_factory.mktemp("elsewhere") / "gateway", SetClock()) as running:
        yield running
