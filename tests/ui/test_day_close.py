"""日结 in the sync centre: asked once, closed once, the slip shown and exported, and nothing of anybody on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from courier_check.desk.codes import DeskCode
from courier_check.desk.day_close import ClosedRange, DayClosed, Due
from courier_check.desk.rights import Role, SignedIn
from courier_check.errors import UserError
from courier_check.station import Station
from courier_check.store.day_closes import Counts
from courier_check.store.resources import resource_path
from courier_check.wording import Language, Wording
from support.filled import Filled
from support.looks import cramped
from support.pages import PatientWorker, seen, told_by
from support.papers import printing_into
from support.stations import acceptance, append
from ui import work
from ui.background import Worker
from ui.day_close_view import Closing, closing_shown
from ui.design import FONT_FILE, load_font
from ui.sync_page import SyncPage

WORDING = Wording(Language.CHINESE)
SECRETS = ("张三丰", "41010519900307123X", "13800001234", "李四", "13900005678", "赵六样", "某路")


@pytest.fixture
def open_page(qtbot: QtBot) -> Iterator[Callable[[Filled], SyncPage]]:
    """The page on a station with two workers, as the window has it."""
    load_font(str(resource_path(FONT_FILE)))
    workers: list[Worker[Station]] = []

    def make(filled: Filled) -> SyncPage:
        jobs, desk = Worker("jobs", filled.open), Worker("desk", filled.open)
        workers.extend((jobs, desk))
        page = SyncPage(jobs, desk, WORDING)
        page.complete()
        qtbot.addWidget(page)
        page.signed_in(filled.clerk)
        page.resize(1290, 688)
        page.show()
        jobs.run(page, work.glance, page.standing, lambda error: pytest.fail(str(error)))
        page.shown()
        settle(qtbot, page)
        return page

    yield make
    assert all(worker.close(10) for worker in workers)


def settle(qtbot: QtBot, page: SyncPage) -> None:
    qtbot.waitUntil(lambda: not page._jobs.busy and not page._desk.busy)


def asked(qtbot: QtBot, page: SyncPage) -> str:
    assert page.press("C")
    settle(qtbot, page)
    return seen(page)


def closed(qtbot: QtBot, page: SyncPage) -> str:
    """As the window has it: Enter presses the button that has the focus."""
    asked(qtbot, page)
    button = focused()
    assert button is page._close_card.confirm
    page._close_card.confirm.click()
    settle(qtbot, page)
    return seen(page)


def focused() -> QWidget | None:
    return QApplication.focusWidget()


def closes(filled: Filled) -> list[tuple[int, int]]:
    """(seq, last seq closed) of every close in the journal of a sound station."""
    with filled.open() as station:
        assert station.verify().ok
        return [(seq, last) for seq, last in station.database.rows("SELECT seq, last_seq FROM day_closes ORDER BY seq")]


def test_c_shows_what_would_be_closed_and_writes_nothing(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], SyncPage]) -> None:
    page = open_page(filled)
    words = asked(qtbot, page)
    with filled.open() as station:
        due = station.desk().day_closes.due()
    assert "收寄 2　拒收 1　复核 1　更正 1　异议 0" in words
    assert f"#1 – #{due.ranges[0].last_seq}" in words
    assert due.ranges[0].head in words.replace(" ", "").replace("\n", "")
    assert f"{due.pending} 条" in words
    qtbot.waitUntil(lambda: cramped(page) == [])  # laid out, and nothing is cut
    assert page.press("Esc")
    assert page._state.closing is None
    assert focused() is page._returned.table
    assert closes(filled) == []


def test_enter_closes_once_and_shows_the_slip(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], SyncPage]) -> None:
    page = open_page(filled)
    with qtbot.waitSignal(page.told) as told:
        words = closed(qtbot, page)
    ((seq, last),) = closes(filled)
    assert told.args == [f"已日结到 #{last}，日结条目是 #{seq}。", False]
    assert f"日结单 {filled.clock.read().at.date()}" in words
    assert f"#{seq}　2026-11-23" in words
    assert f"第 {last} 条的哈希" in words
    assert "样例" in words  # the outlet
    qtbot.waitUntil(lambda: cramped(page) == [])  # laid out, and nothing is cut
    page.press("Enter")  # bounced
    page._close_card.confirm.click()
    settle(qtbot, page)
    assert len(closes(filled)) == 1
    assert page._state.closing is not None
    assert page.press("Esc")
    assert page._state.closing is None


def test_nothing_new_shows_the_last_slip_again(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], SyncPage]) -> None:
    page = open_page(filled)
    slip = closed(qtbot, page)
    page.press("Esc")
    words = asked(qtbot, page)
    assert "上次日结以后没有新的条目，这是上次的日结单" in words
    assert all(line in words for line in slip.splitlines() if line.startswith("#"))
    assert not page._close_card.confirm.isVisible()
    with filled.open() as station:
        append(station, acceptance("SF2000000000001"))
    page.press("Esc")
    assert "收寄 1　拒收 0" in closed(qtbot, page)
    assert len(closes(filled)) == 2


def test_the_slip_is_exported_as_pdf_and_replaces_nothing(
    qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], SyncPage], tmp_path: Path
) -> None:
    page = open_page(filled)
    closed(qtbot, page)
    page._close_card._folder.setText(str(tmp_path / "absent"))
    assert page.press("7")
    settle(qtbot, page)
    assert f"没有文件夹 {tmp_path / 'absent'}" in seen(page)
    page._close_card._folder.setText(str(tmp_path))
    for _ in range(2):
        page.press("7")
        settle(qtbot, page)
    made = sorted(tmp_path.glob("*.pdf"))
    assert len(made) == 2
    assert all(path.name.startswith("日结单_20261123-") and path.read_bytes().startswith(b"%PDF") for path in made)
    assert "没有文件夹" not in seen(page)


def test_the_slip_is_printed_by_one_key_or_its_button(
    qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], SyncPage], tmp_path: Path
) -> None:
    page = open_page(filled)
    closed(qtbot, page)
    page._close_card._folder.setText(str(tmp_path))
    (tmp_path / "printed").mkdir()
    for number, ask in enumerate((lambda: page.press("Ctrl+P"), page._close_card.paper.click)):
        page.paper.find = printing_into(tmp_path / "printed" / f"{number}.pdf")
        with qtbot.waitSignal(page.told, timeout=20_000) as told:
            ask()
        assert told.args is not None
        assert str(told.args[0]).startswith("日结单已送打印机")
        assert (tmp_path / "printed" / f"{number}.pdf").read_bytes().count(b"/MediaBox") == 1
    assert len(list(tmp_path.glob("日结单_*.pdf"))) == 2


def test_keys_of_the_card_end_in_its_field_first(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], SyncPage]) -> None:
    page = open_page(filled)
    closed(qtbot, page)
    page._close_card._folder.setFocus()
    assert not page.press("Enter")  # the field's own
    assert page.press("Esc")
    assert page._state.closing is not None
    assert focused() is page._close_card
    assert not page.press("F2")
    assert page.press("Ctrl+R")


def test_nobody_can_be_read_off_the_slip(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], SyncPage]) -> None:
    page = open_page(filled)
    closed(qtbot, page)
    texts = [text for text in told_by(page) if text]
    assert [secret for secret in SECRETS for text in texts if secret in text] == []


# Workers that answer late -----------------------------------------------------------------------------------------------------------------

RANGE = ClosedRange("0f" * 16, 1, 9, "ab" * 32, Counts(accepted=3), 1_795_406_400_000)
DUE = Due(date(2026, 11, 23), (RANGE,), 4, is_new=True)
CLOSED = DayClosed(DUE, "zz-01", "样例网点", "0142", 1_795_406_400_000, "0f" * 16, 10, "cd" * 32)
CLERK = SignedIn("0142", Role.CLERK)


@pytest.fixture
def jobs() -> PatientWorker:
    return PatientWorker()


@pytest.fixture
def desk() -> PatientWorker:
    return PatientWorker()


@pytest.fixture
def page(qtbot: QtBot, jobs: PatientWorker, desk: PatientWorker) -> SyncPage:
    made = SyncPage(jobs, desk, WORDING)  # type: ignore[arg-type]  # workers that wait for the test
    made.complete()
    qtbot.addWidget(made)
    made.resize(1290, 688)
    made.show()
    made.signed_in(CLERK)
    made.press("C")
    return made


def test_nothing_is_closed_before_it_is_shown_what(page: SyncPage, jobs: PatientWorker, desk: PatientWorker) -> None:
    assert "正在读取" in seen(page)
    page.press("Enter")
    page.press("7")
    assert desk.asked == []
    jobs.asked[-1].done((DUE, None))
    page.press("Enter")
    page.press("Enter")
    assert len(desk.asked) == 1


def test_what_is_being_saved_is_not_given_up_and_its_slip_not_lost(page: SyncPage, jobs: PatientWorker, desk: PatientWorker) -> None:
    jobs.asked[-1].done((DUE, None))
    page.press("Enter")
    assert page.press("Esc")
    assert "正在保存" in seen(page)
    page.signed_in(SignedIn("0143", Role.CLERK))
    desk.asked[-1].done(CLOSED)
    assert "#10" in seen(page)
    assert "0142" in seen(page)


def test_a_day_that_somebody_else_was_about_to_close_is_not_closed(page: SyncPage, jobs: PatientWorker, desk: PatientWorker) -> None:
    jobs.asked[-1].done((DUE, None))
    page.signed_in(SignedIn("0143", Role.CLERK))
    assert page._state.closing is None
    page.press("Enter")
    assert desk.asked == []


def test_what_can_not_be_closed_is_told_and_can_be_tried_again(page: SyncPage, jobs: PatientWorker, desk: PatientWorker) -> None:
    jobs.asked[-1].done((DUE, None))
    page.press("Enter")
    desk.asked[-1].failed(UserError(DeskCode.OPERATOR_DISABLED, operator="0142"))
    assert "工号 0142 已停用" in seen(page)
    page.press("Enter")
    assert len(desk.asked) == 2


def test_what_can_not_be_read_is_told(page: SyncPage, jobs: PatientWorker, desk: PatientWorker) -> None:
    jobs.asked[-1].failed(UserError(DeskCode.NOT_ENROLLED))
    assert "还没有登记" in seen(page)
    assert "正在读取" not in seen(page._close_card)
    assert page.press("Esc")
    assert page._state.closing is None


def test_an_answer_that_comes_after_it_was_given_up_is_dropped(page: SyncPage, jobs: PatientWorker) -> None:
    page.press("Esc")
    jobs.asked[-1].done((DUE, None))
    assert page._state.closing is None


def test_many_journals_are_told_by_the_slip_alone() -> None:
    many = replace(DUE, ranges=tuple(replace(RANGE, journal_id=f"{number:032x}") for number in range(5)))
    shown = closing_shown(Closing(many), WORDING)
    assert sum(fact.name == "日志编号" for fact in shown.facts) == 3
    assert any("另有 2 本旧日志" in fact.value for fact in shown.facts)
    assert any("收寄 15" in fact.value for fact in shown.facts)


def test_the_key_is_on_the_button(qtbot: QtBot, page: SyncPage, jobs: PatientWorker) -> None:
    page.press("Esc")
    qtbot.mouseClick(page._close_button, Qt.MouseButton.LeftButton)
    assert page._state.closing is not None
    assert "C" in seen(page).splitlines()
