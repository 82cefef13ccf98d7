"""What takes long says how long it has taken."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from courier_check.overview import Overview
from courier_check.wording import Language, Wording
from support.pages import PatientWorker, seen
from ui.elapsed import waiting_words
from ui.reports_page import ReportsPage
from ui.sync_page import SyncPage

WORDING = Wording(Language.CHINESE)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "正在统计…"), (1, "正在统计… 1 秒"), (59, "正在统计… 59 秒"), (61, "正在统计… 1 分 01 秒"), (3600, "正在统计… 60 分 00 秒")],
)
def test_seconds_in_words(seconds: int, words: str) -> None:
    assert waiting_words("正在统计", seconds) == words


@pytest.fixture
def jobs() -> PatientWorker:
    return PatientWorker()


@pytest.fixture
def reports(qtbot: QtBot, jobs: PatientWorker, tmp_path: Path) -> ReportsPage:
    made = ReportsPage(jobs, jobs, WORDING)  # type: ignore[arg-type]  # a worker that waits for the test
    made.complete()
    qtbot.addWidget(made)
    made.show()
    made._folder.setText(str(tmp_path))
    made.shown()
    return made


def test_a_report_says_how_long_it_is_counted_and_esc_does_not_wait_for_it(reports: ReportsPage, jobs: PatientWorker) -> None:
    reports._elapsed.ticked.emit(7)
    assert "正在统计… 7 秒" in seen(reports)
    assert reports.press("Esc")
    assert "已取消" in seen(reports)
    assert "正在统计" not in seen(reports)
    jobs.asked[-1].done(object())  # what is counted all the same is not shown
    assert reports.state.made is None
    assert not reports.press("Esc")
    assert reports.press("Ctrl+R")
    assert "正在统计…" in seen(reports)


def test_the_day_close_says_how_long_it_reads_and_saves(qtbot: QtBot, jobs: PatientWorker) -> None:
    page = SyncPage(jobs, jobs, WORDING)  # type: ignore[arg-type]  # as above
    page.complete()
    qtbot.addWidget(page)
    page.show()
    page.standing(Overview(0, 1, 1, 0, 0, None, "0f" * 16, 1, 0, False, None, ()))
    page.press("C")
    page._elapsed.ticked.emit(3)
    assert "正在读取… 3 秒" in seen(page)
    assert page.press("Esc")
    page._elapsed.ticked.emit(4)
    assert page.state.closing is None
    page.press("C")
    assert page.state.closing is not None
    page._become(replace(page.state, closing=replace(page.state.closing, saving=True)))
    page._elapsed.ticked.emit(12)
    assert "正在保存… 12 秒" in seen(page)
