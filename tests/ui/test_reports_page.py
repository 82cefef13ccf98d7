"""报表: the core's figures on screen, unchanged, and in files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from courier_check.errors import StoreError, UserError
from courier_check.reporting import Asked, Made, ReportKind, make
from courier_check.station import Station
from courier_check.store.codes import StoreCode
from courier_check.store.resources import resource_path
from courier_check.wording import Language, Wording
from support.filled import Filled
from support.pages import PatientWorker, rows_of, seen
from ui import work
from ui.background import Worker
from ui.design import FONT_FILE, load_font
from ui.page_codes import PageCode
from ui.reports_page import CHOICES, Choice, ReportsPage, SheetView

WORDING = Wording(Language.CHINESE)


@pytest.fixture(scope="module")
def filled(filled_once: Filled, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    return filled_once.copied(tmp_path_factory.mktemp("reports") / "station")


@pytest.fixture
def jobs(filled: Filled) -> Iterator[Worker[Station]]:
    worker: Worker[Station] = Worker("jobs", filled.open)
    yield worker
    assert worker.close(10)


def settle(qtbot: QtBot, page: ReportsPage) -> None:
    """Computed, and every sheet drawn."""
    qtbot.waitUntil(lambda: not page._jobs.busy and not page._ahead.busy)


@pytest.fixture
def page(qtbot: QtBot, filled: Filled, jobs: Worker[Station], tmp_path: Path) -> ReportsPage:
    load_font(str(resource_path(FONT_FILE)))
    made = ReportsPage(jobs, jobs, WORDING, filled.clock)
    made.complete()
    qtbot.addWidget(made)
    made.resize(1290, 688)
    made.show()
    made._folder.setText(str(tmp_path))
    made.shown()
    settle(qtbot, made)
    return made


@pytest.fixture
def made(filled: Filled) -> Made:
    with filled.open() as station:
        return make(station, Asked(ReportKind.DAILY))


def sheets_of(page: ReportsPage) -> list[SheetView]:
    widgets = (page._sheets.itemAt(place).widget() for place in range(page._sheets.count()))
    return [widget for widget in widgets if isinstance(widget, SheetView)]


def press(qtbot: QtBot, page: ReportsPage, key: str) -> None:
    assert page.press(key)
    settle(qtbot, page)


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.kind.value)
def test_a_digit_shows_what_the_core_computes(qtbot: QtBot, page: ReportsPage, filled: Filled, choice: Choice) -> None:
    press(qtbot, page, choice.key)
    with filled.open() as station:
        expected = make(station, Asked(ReportKind(choice.kind.value))).sheets
    shown = sheets_of(page)
    assert [rows_of(view.table) for view in shown] == [[[str(cell) for cell in row] for row in sheet.rows] for sheet in expected]
    words = seen(page)
    assert all(sheet.title in words for sheet in expected)
    assert all(note in words for sheet in expected for note in sheet.notes)
    assert "口径" in words or choice.key == "4"


def test_half_year_numbers_nobody_filled_in_stay_unfilled(qtbot: QtBot, page: ReportsPage) -> None:
    press(qtbot, page, "4")
    rows = rows_of(sheets_of(page)[0].table)
    assert len(rows) == 14
    assert {(row[2], row[3]) for row in rows} == {("未填", "未填")}
    assert page._from.placeholderText() == "本期"


def test_days_that_were_typed_are_asked_for(qtbot: QtBot, page: ReportsPage) -> None:
    page._from.setText("11-01")
    page._to.setText("20261122")
    qtbot.keyClick(page._to, Qt.Key.Key_Return)
    settle(qtbot, page)
    assert "统计期间：2026-11-01 至 2026-11-22" in seen(page)
    assert rows_of(sheets_of(page)[0].table)[0] == ["收寄（件）", "0"]


@pytest.mark.parametrize(("first", "last", "said"), [("2026-13-40", "", "不是日期"), ("2026-11-22", "2026-11-01", "晚于截止日")])
def test_odd_days_are_told(qtbot: QtBot, page: ReportsPage, first: str, last: str, said: str) -> None:
    page._from.setText(first)
    page._to.setText(last)
    qtbot.keyClick(page._from, Qt.Key.Key_Return)
    settle(qtbot, page)
    assert said in seen(page)
    assert not page._exports["xlsx"].isEnabled()


def test_every_form_is_a_digit_away_and_replaces_nothing(qtbot: QtBot, page: ReportsPage, tmp_path: Path) -> None:
    told: list[tuple[str, bool]] = []
    page.told.connect(lambda text, wrong: told.append((text, wrong)))
    page._clock.wall_ms -= page._clock.wall_ms % 1_000  # type: ignore[attr-defined]  # the test's clock
    for key in ("5", "6", "7", "8", "5"):
        press(qtbot, page, key)
    files = sorted(path.name for path in tmp_path.iterdir() if path.is_file())
    assert [name.rpartition(".")[2] for name in files] == ["xlsx", "csv", "json", "pdf", "xlsx"]
    assert all(name.startswith("收寄日报_20261123-") for name in files)
    assert len(told) == 5
    assert not any(wrong for _, wrong in told)
    assert all(str(tmp_path) in text for text, _ in told)
    heads = {path.suffix: path.read_bytes()[:5] for path in tmp_path.iterdir() if path.is_file()}
    assert (heads[".pdf"], heads[".xlsx"][:2], heads[".csv"][:3]) == (b"%PDF-", b"PK", b"\xef\xbb\xbf")
    book = openpyxl.load_workbook(next(tmp_path.glob("*.xlsx")))
    assert len(book.sheetnames) == len(sheets_of(page))


def test_a_folder_that_is_not_there_is_told_and_nothing_is_written(qtbot: QtBot, page: ReportsPage, tmp_path: Path) -> None:
    page._folder.setText(str(tmp_path / "absent"))
    with qtbot.waitSignal(page.told) as told:
        press(qtbot, page, "7")
    assert told.args is not None
    assert told.args[1]
    assert "没有文件夹" in seen(page._folder_row)
    assert not (tmp_path / "absent").exists()
    page._folder.setText(str(tmp_path))
    press(qtbot, page, "8")
    assert "没有文件夹" not in seen(page._folder_row)


def test_a_file_is_no_folder(made: Made, filled: Filled, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with filled.open() as station, pytest.raises(UserError) as told:
        work.export(station, made, "csv", tmp_path / "file")
    assert told.value.code == PageCode.FOLDER_ABSENT


def test_an_older_answer_is_dropped(qtbot: QtBot, filled: Filled, made: Made) -> None:
    jobs = PatientWorker()
    page = ReportsPage(jobs, jobs, WORDING, filled.clock)  # type: ignore[arg-type]  # a worker that waits for the test
    page.complete()
    qtbot.addWidget(page)
    page.show()
    page.shown()
    page.press("2")
    assert "正在统计" in seen(page)
    assert not page._exports["pdf"].isEnabled()
    jobs.asked[0].done(made)
    assert page._state.made is None
    jobs.asked[1].done(made)
    jobs.asked[0].failed(StoreError(StoreCode.BUSY))
    assert page._state.made is made
    assert page.press("5")
    assert page.press("5")
    assert len(jobs.asked) == 3  # one export at a time


def test_what_can_not_be_computed_is_told(qtbot: QtBot, filled: Filled) -> None:
    jobs = PatientWorker()
    page = ReportsPage(jobs, jobs, WORDING, filled.clock)  # type: ignore[arg-type]  # a worker that waits for the test
    page.complete()
    qtbot.addWidget(page)
    page.show()
    page.shown()
    jobs.asked[0].failed(StoreError(StoreCode.BUSY))
    assert "请稍候重试" in seen(page)


def test_keys_leave_the_fields_and_scroll(qtbot: QtBot, page: ReportsPage) -> None:
    assert QApplication.focusWidget() is page
    for field in (page._from, page._to, page._folder):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is field
    assert page.press("Esc")
    assert QApplication.focusWidget() is page
    assert not page.press("Esc")  # the window goes back to the counter
    bar = page._area.verticalScrollBar()
    assert page.press("End")
    assert bar.value() == bar.maximum() > 0
    assert page.press("PageUp")
    assert bar.value() < bar.maximum()
    assert page.press("Home")
    assert bar.value() == 0
    assert not page.press("F2")


def test_the_folder_is_first_that_of_documents(qtbot: QtBot, filled: Filled) -> None:
    page = ReportsPage(PatientWorker(), PatientWorker(), WORDING, filled.clock)  # type: ignore[arg-type]  # as above
    page.complete()
    qtbot.addWidget(page)
    assert page._folder.text() == QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
