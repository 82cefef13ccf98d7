"""班次看板: what it says of every figure, when it is read anew, and what its keys ask for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from courier_check.devices.codes import PrinterCode
from courier_check.errors import StoreError
from courier_check.overview import Overview
from courier_check.reports.daily import Rate
from courier_check.reports.forms import ReportForms
from courier_check.shift_board import Board, Stretch
from courier_check.store.board import MissingLabel
from courier_check.store.codes import StoreCode
from courier_check.store.labels import LabelJob
from courier_check.store.resources import read_resource
from courier_check.wording import Language, Wording
from support.pages import PatientWorker, rows_of, seen
from ui import keys
from ui.board_page import READ_AGAIN_MS, BoardPage
from ui.board_view import BoardRead, BoardState, board_shown, label_line, label_words, trouble_words
from ui.board_work import LabelState, LabelTold
from ui.shown import Sign

NOW = 1_795_406_400_000
PLACE = ("0f" * 16, 7)
FORMS = ReportForms.parse(read_resource("reports.json"))
JOB = LabelJob(1, *PLACE, 0, NOW, 1, None, NOW)
MISSING = (
    MissingLabel(*PLACE, NOW - 60_000, "0142", "000014", JOB),
    MissingLabel("0f" * 16, 8, NOW, None, None, replace(JOB, printed_at_ms=None, trouble=PrinterCode.PAPER_OUT.value)),
)
BOARD = Board(
    stretch=Stretch.TODAY,
    at_ms=NOW,
    since_ms=NOW - 43_200_000,
    accepted=120,
    refused=3,
    referred=2,
    withdrawn=1,
    waiting=2,
    refusals=(("R01", 1), ("R07", 2)),
    real_name=Rate(108, 110),
    inspected=Rate(110, 110),
    security=None,
    service=Rate(0, 0),
    unchecked=119,
    recheck=0,
    failed=1,
    unlabelled=5,
    missing=MISSING,
    hits_blocked=1,
    hits_reviewed=0,
    hurried=(("0143", 2),),
    taken_back=(("0142", 1),),
    intercepts=(("handed-over", 1), ("open", 2)),
    leads=4,
    stopped=3,
)
READ = BoardRead(BOARD, FORMS.labels, {"R01": "拒绝出示证件", "R07": "禁寄"}, FORMS.notes)
OVERVIEW = Overview(NOW, 210, 14, 196, 0, NOW, "0f" * 16, 210, 196, False, None, ())


@pytest.fixture
def jobs() -> PatientWorker:
    return PatientWorker()


@pytest.fixture
def page(qtbot: QtBot, jobs: PatientWorker) -> BoardPage:
    made = BoardPage(jobs, Wording(Language.CHINESE))  # type: ignore[arg-type]  # a worker that waits for the test
    assert made.complete()
    qtbot.addWidget(made)
    made.resize(1290, 688)
    made.show()
    made.shown()
    return made


def test_rates_are_told_as_the_two_counts_they_are_made_of() -> None:
    shown = board_shown(BoardState(read=READ, overview=OVERVIEW, held=2))
    assert [(fact.name, fact.value, fact.tag) for fact in shown.rates] == [
        ("实名收寄率", "98.18%　108 / 110 件", ""),
        ("收寄验视率", "100.00%　110 / 110 件", ""),
        ("过机安检率", "—", "本程序未登记"),
        ("服务信息登记率", "—　0 / 0 件", ""),
    ]
    assert "口径：仅系统内已登记件" in shown.notes[0]
    assert dict(shown.counts) == {"收寄": "120", "拒收": "3", "复核": "2", "撤件": "1"}
    assert shown.apart == "拦截 3（解除 0，移交 1）　线索 4"
    assert [(fact.name, fact.value, fact.tag) for fact in shown.refusals] == [("R01", "拒绝出示证件", "1 件"), ("R07", "禁寄", "2 件")]


def test_many_reasons_of_refusal_are_told_by_the_most_frequent_and_the_rest_in_one() -> None:
    """One screen holds no sixteen of them; the report has them all."""
    many = (("R01", 1), ("R02", 9), ("R03", 2), ("R06", 7), ("R07", 5), ("R09", 1), ("R10", 3))
    told = [
        (fact.name, fact.value, fact.tag)
        for fact in board_shown(BoardState(read=replace(READ, board=replace(BOARD, refusals=many)))).refusals
    ]
    assert [name for name, _, _ in told] == ["R02", "R06", "R07", "R10", ""]
    assert told[-1] == ("", "其余 3 种原因", "4 件")
    five = [fact.name for fact in board_shown(BoardState(read=replace(READ, board=replace(BOARD, refusals=many[:5])))).refusals]
    assert five == ["R01", "R02", "R03", "R06", "R07"], "one more is not worth a line of its own"


def test_everything_that_waits_has_its_line_and_its_sign() -> None:
    todo = {line.text: (line.sign, line.note) for line in board_shown(BoardState(read=READ, overview=OVERVIEW, held=2)).todo}
    assert todo["安检不合格，停止分拣、运输、投递"] == (Sign.STOP, "1 件")
    assert todo["拦截未了（不分日期）"] == (Sign.STOP, "3 件")
    assert todo["安检待复检"] == (Sign.DONE, "0 件")
    assert todo["待复核，等主管（不分日期）"] == (Sign.DOUBT, "2 件")
    assert todo["未贴标"] == (Sign.DOUBT, "5 件")
    assert todo["本台在办和挂起"] == (Sign.OPEN, "2 件")
    assert todo["待传"] == (Sign.OPEN, "14 条")
    assert todo["名单命中"] == (Sign.DOUBT, "拦截 1 件，复核 0 件")
    assert todo["验视答得过快"] == (Sign.DOUBT, "0143 2 件")
    assert todo["不通过、存疑又改判"] == (Sign.DOUBT, "0142 1 件")
    quiet = board_shown(
        BoardState(read=replace(READ, board=replace(BOARD, hurried=(), taken_back=())), overview=replace(OVERVIEW, pending=0))
    )
    told = {line.text: (line.sign, line.note) for line in quiet.todo}
    assert (told["待传"], told["验视答得过快"]) == ((Sign.DONE, "0 条"), (Sign.DONE, "0 件"))
    assert told["不通过、存疑又改判"] == (Sign.DONE, "0 件")


def test_a_board_says_since_when_it_counts() -> None:
    shift = replace(BOARD, stretch=Stretch.SHIFT)
    assert "还没有日结过" in board_shown(BoardState(read=replace(READ, board=replace(shift, since_ms=None)))).banner.reason
    assert "11-23 00:00 日结以来" in board_shown(BoardState(read=replace(READ, board=shift))).banner.reason
    assert board_shown(BoardState(read=READ)).missing_note == "只列最早的 2 件"


def test_a_stopped_parcel_without_its_label_is_told_to_be_one() -> None:
    """Nobody is to look for a printer's fault, nor for the label."""
    waiting, printed = (replace(MISSING[0], stopped=True, job=replace(JOB, printed_at_ms=at)) for at in (None, NOW))
    rows = board_shown(BoardState(read=replace(READ, board=replace(BOARD, missing=(waiting, printed))))).missing
    assert rows is not None
    assert [row[-1] for row in rows] == ["已拦截，解除前不打印", "已打印"]


@pytest.mark.parametrize("state", LabelState)
def test_what_becomes_of_a_label_is_said_in_words(state: LabelState) -> None:
    line = label_line(LabelTold(PLACE, state, PrinterCode.GARBLED.value if state is LabelState.WAITING else None))
    assert (line is None) == (state is LabelState.NOT_OWED)
    if line is not None:
        assert line.text.startswith("标签：")
        assert ("回答看不懂" in line.text) == (state is LabelState.WAITING)


def test_every_trouble_of_a_printer_has_words_and_no_code_is_shown() -> None:
    for code in (*PrinterCode, "label-no-printer", "something-new"):
        assert trouble_words(str(code))
        assert "-" not in trouble_words(str(code))
    assert label_words(None) == "没有打印"
    assert label_words(replace(JOB, copy=2)) == "补打 2 已打印"
    assert label_words(replace(JOB, printed_at_ms=None)) == "待打印"


def test_keys_choose_the_stretch_and_ask_for_labels(qtbot: QtBot, page: BoardPage, jobs: PatientWorker) -> None:
    jobs.asked[-1].done(READ)
    assert rows_of(page._missing.table) == [
        ["#7", "000014", "11-23 11:59", "0142", "已打印"],
        ["#8", "—", "11-23 12:00", "—", "待打印：打印机缺纸"],
    ]
    with qtbot.waitSignal(page.stick_wanted) as stuck:
        assert page.press(keys.STUCK)
    assert stuck.args == [*PLACE]
    page._missing.table.setCurrentCell(1, 0)
    with qtbot.waitSignal(page.print_wanted) as printed:
        page.press(keys.F9)
    assert printed.args == ["0f" * 16, 8]
    with qtbot.waitSignal(page.record_wanted) as opened:
        page._missing.table.chosen.emit(0)
    assert opened.args == [*PLACE]
    assert not page.press(keys.F12)
    before = len(jobs.asked)
    assert page.press("2")
    assert (page.state.stretch, page.state.read, len(jobs.asked)) == (Stretch.SHIFT, None, before + 1)


def test_an_answer_about_another_stretch_is_not_shown(page: BoardPage, jobs: PatientWorker) -> None:
    page.press("2")
    of_today, of_the_shift = jobs.asked[-2:]
    shift = replace(READ, board=replace(BOARD, stretch=Stretch.SHIFT, accepted=7))
    of_the_shift.done(shift)
    of_today.done(READ)
    assert page.state.read is shift


def test_without_anything_missing_the_keys_say_so(qtbot: QtBot, page: BoardPage, jobs: PatientWorker) -> None:
    jobs.asked[-1].done(replace(READ, board=replace(BOARD, unlabelled=0, missing=())))
    assert "都贴好了" in seen(page)
    with qtbot.waitSignal(page.told):
        page.press(keys.F9)


def test_what_can_not_be_read_is_said(page: BoardPage, jobs: PatientWorker) -> None:
    jobs.asked[-1].failed(StoreError(StoreCode.BUSY))
    said = page.state.said
    assert said
    assert said in seen(page)
    page.press(keys.REFRESH)
    jobs.asked[-1].done(READ)
    assert said not in seen(page)


def test_it_is_read_anew_only_where_something_came_into_the_journal(page: BoardPage, jobs: PatientWorker) -> None:
    jobs.asked[-1].done(READ)
    page.standing(OVERVIEW, 0)
    read = len(jobs.asked)
    jobs.asked[-1].done(READ)
    for seconds in range(1, 30):
        page.standing(replace(OVERVIEW, at_ms=NOW + seconds * 1000), 0)
    assert len(jobs.asked) == read, "looked at, and nothing new"
    page.standing(replace(OVERVIEW, at_ms=NOW + READ_AGAIN_MS - 1, entries=211), 0)
    assert len(jobs.asked) == read, "not at once"
    page.standing(replace(OVERVIEW, at_ms=NOW + READ_AGAIN_MS, entries=211), 0)
    assert len(jobs.asked) == read + 1
    page.hide()
    page.standing(replace(OVERVIEW, at_ms=NOW + 9 * READ_AGAIN_MS, entries=212), 0)
    page.changed()
    assert len(jobs.asked) == read + 1, "nobody looks"
