"""处置 at the records page: steps in order, who was told, what was handed over, a parcel stopped — by keys, each an entry of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinterInfo
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from courier_check.station import Station
from courier_check.store.acts import Act, act_at
from courier_check.store.resources import resource_path
from courier_check.wording import Language, Wording
from support.filled import ACCEPTED, PENDING, REFUSED, Filled
from support.looks import cramped
from support.pages import rows_of, seen
from support.papers import printing_into
from ui import keys
from ui.background import Worker
from ui.design import FONT_FILE, load_font
from ui.disposal_view import DisposalKind, told_words
from ui.records import RecordsPage

OFFICERS = ("0110234567", "0110234999")
Open = Callable[[], RecordsPage]


@pytest.fixture
def open_page(qtbot: QtBot, filled: Filled, tmp_path: Path) -> Iterator[Open]:
    load_font(str(resource_path(FONT_FILE)))
    workers: list[Worker[Station]] = [Worker("jobs", filled.open), Worker("desk", filled.open)]
    with filled.open() as station:
        rules = station.desk().acceptances.rules.rulebook.rules

    def make() -> RecordsPage:
        page = RecordsPage(workers[0], workers[1], Wording(Language.CHINESE), lambda: rules, filled.clock)
        page.complete()
        qtbot.addWidget(page)
        page.folder = tmp_path
        page.signed_in(filled.clerk)
        page.resize(1290, 688)
        page.show()
        page.shown()
        settle(qtbot, page)
        return page

    yield make
    assert all(worker.close(10) for worker in workers)


def settle(qtbot: QtBot, page: RecordsPage) -> None:
    qtbot.waitUntil(lambda: not page._jobs.busy and not page._desk.busy and (page.state.pictured is None or page.is_drawn))


def opened(qtbot: QtBot, page: RecordsPage, filled: Filled, waybill: str) -> str:
    page.show_record(filled.journal_id, filled.seqs[waybill])
    settle(qtbot, page)
    return seen(page)


def type_into(qtbot: QtBot, page: RecordsPage, *texts: str) -> None:
    """From field to field by Enter, whatever the first one is; lists keep what stands first."""
    for text in texts:
        page.press("Enter")  # on from a list; nothing on a field
        field = QApplication.focusWidget()
        assert isinstance(field, QLineEdit), type(field)
        field.setText(text)
        qtbot.keyClick(field, Qt.Key.Key_Return)


def confirm(qtbot: QtBot, page: RecordsPage) -> str:
    with qtbot.waitSignal(page.told) as told:
        assert page.press(keys.YES)
    settle(qtbot, page)
    assert told.args is not None
    return str(told.args[0])


def act_of(filled: Filled, waybill: str) -> Act:
    with filled.open() as station:
        assert station.verify().ok
        act = act_at(station.database, filled.journal_id, filled.seqs[waybill])
    assert act is not None
    return act


def test_a_refusal_shows_its_steps_in_order_whom_to_tell_and_its_lead(qtbot: QtBot, filled: Filled, open_page: Open) -> None:
    words = opened(qtbot, open_page(), filled, REFUSED)
    assert words.index("不予收寄。") < words.index("停止操作") < words.index("立即报警 110") < words.index("报告：公安机关")
    assert "公安 110" in words
    assert f"线索 {act_of(filled, REFUSED).lead}" in words
    for button in ("告知单", "报告机关", "移交"):
        assert button in words
    assert "拦截" not in words


def test_a_report_says_who_was_told_and_when(qtbot: QtBot, filled: Filled, open_page: Open) -> None:
    page = open_page()
    opened(qtbot, page, filled, REFUSED)
    assert page.press(keys.REPORT)
    form = page._record.disposal_form
    assert form.isVisible()
    assert form.typed()["authority"] == "public-security", "the likeliest authority stands first"
    assert cramped(page) == []
    type_into(qtbot, page, "值班民警 李", "110 受理 0417", "")
    assert "报告已记入日志" in confirm(qtbot, page)
    words = seen(page)
    assert "报告 公安机关：值班民警 李，110 受理 0417" in words
    assert not form.isVisible()
    assert page.press(keys.REPORT)
    assert form.typed()["authority"] == "postal", "who was told already comes after those who were not"
    assert form.typed()["person"] == ""


def test_nothing_is_recorded_before_the_digit_and_escape_forgets(qtbot: QtBot, filled: Filled, open_page: Open) -> None:
    page = open_page()
    opened(qtbot, page, filled, REFUSED)
    page.press(keys.REPORT)
    type_into(qtbot, page, "李", "110")
    assert page.press("Esc")
    assert page.state.settling is None
    assert page._record.disposal_form.typed()["person"] == ""
    assert "报告与移交" not in seen(page)
    page.press(keys.REPORT)
    assert page.scanned(ACCEPTED)
    assert page.state.place == (filled.journal_id, filled.seqs[REFUSED]), "a scan changes nothing while a form stands"


def test_what_is_wrong_is_told_and_what_was_typed_stays(qtbot: QtBot, filled: Filled, open_page: Open) -> None:
    page = open_page()
    opened(qtbot, page, filled, REFUSED)
    page.press(keys.HANDOVER)
    type_into(qtbot, page, "样公字 12 号", OFFICERS[0], OFFICERS[0], "")
    page.press(keys.YES)
    settle(qtbot, page)
    form = page._record.disposal_form
    assert "两名执法人员" in seen(form)
    assert form.typed()["list_number"] == "样公字 12 号"
    second = form.field("officer_2")
    assert isinstance(second, QLineEdit)
    second.setText(OFFICERS[1])
    form.setFocus()
    assert "移交已记入日志" in confirm(qtbot, page)
    assert "清单 样公字 12 号，人员 …4567、…4999" in seen(page)


def test_a_parcel_is_stopped_and_what_became_of_it_is_recorded(qtbot: QtBot, filled: Filled, open_page: Open) -> None:
    page = open_page()
    opened(qtbot, page, filled, PENDING)
    assert page.press(keys.INTERCEPT)
    type_into(qtbot, page, "接到通知", "分拣中心 3 号口", "值班 赵 13:20")
    page.press("Enter")
    type_into(qtbot, page, "")
    said = confirm(qtbot, page)
    assert "停止分拣、运输、投递" in said
    assert "线索编号 XS" in said
    words = seen(page)
    assert "已拦截" in words
    assert "件在哪里：分拣中心 3 号口　通知了：值班 赵 13:20" in words
    assert act_of(filled, PENDING).intercept == "open"
    assert page.press(keys.INTERCEPT)
    form = page._record.disposal_form
    assert form.kind is DisposalKind.OUTCOME
    type_into(qtbot, page, "在分拣中心找到")
    confirm(qtbot, page)
    assert "已找回，看护中：在分拣中心找到" in seen(page)
    page.press("Esc")
    settle(qtbot, page)
    assert [row[0] for row in rows_of(page._listing.table) if "已拦截" in row[-1]] == [f"#{filled.seqs[PENDING]}"]


def test_the_list_finds_leads_and_intercepts(qtbot: QtBot, filled: Filled, open_page: Open) -> None:
    page = open_page()
    for mark, found in (("lead", [f"#{filled.seqs[REFUSED]}"]), ("intercepted", [])):
        page._filter.kind.setCurrentIndex(page._filter.kind.findData(mark))
        page._search()
        settle(qtbot, page)
        assert [row[0] for row in rows_of(page._listing.table)] == found if found else not page.state.acts


def test_forms_that_do_not_fit_say_why(qtbot: QtBot, filled: Filled, open_page: Open) -> None:
    page = open_page()
    for waybill, key, said in (
        (ACCEPTED, keys.HANDOVER, "没有要看护的件"),
        (REFUSED, keys.INTERCEPT, "没有可拦截的件"),
        (ACCEPTED, keys.SLIP, "不是拒收"),
    ):
        opened(qtbot, page, filled, waybill)
        with qtbot.waitSignal(page.told) as told:
            assert page.press(key)
        assert told.args is not None
        assert said in str(told.args[0])
        assert told.args[1] is True


def test_the_slip_is_one_page_and_names_nobody(qtbot: QtBot, filled: Filled, open_page: Open, tmp_path: Path) -> None:
    page = open_page()
    opened(qtbot, page, filled, REFUSED)
    with qtbot.waitSignal(page.told, timeout=20_000) as told:
        assert page.press(keys.SLIP)
    assert told.args is not None
    assert "拒收告知单已存为" in str(told.args[0])
    (slip,) = tmp_path.glob("拒收告知单-*.pdf")
    assert slip.read_bytes().startswith(b"%PDF-")
    assert slip.read_bytes().count(b"/MediaBox") == 1


def test_one_key_prints_the_slip_and_saves_it_too(qtbot: QtBot, filled: Filled, open_page: Open, tmp_path: Path) -> None:
    page = open_page()
    (tmp_path / "printed").mkdir()
    page.paper.find = printing_into(tmp_path / "printed" / "slip.pdf")
    opened(qtbot, page, filled, REFUSED)
    with qtbot.waitSignal(page.told, timeout=20_000) as told:
        assert page.press(keys.PRINT)
    assert told.args is not None
    (saved,) = tmp_path.glob("拒收告知单-*.pdf")
    assert told.args == [f"拒收告知单已送打印机“”，也存为 {saved}", False]
    assert (tmp_path / "printed" / "slip.pdf").read_bytes().count(b"/MediaBox") == 1


@pytest.mark.skipif(bool(QPrinterInfo.availablePrinterNames()), reason="this machine has a printer, and nobody wants to see it print")
def test_without_a_printer_one_sentence_says_where_the_file_is(qtbot: QtBot, filled: Filled, open_page: Open, tmp_path: Path) -> None:
    page = open_page()
    for waybill, name in ((REFUSED, "拒收告知单"), (ACCEPTED, "回执证明")):
        opened(qtbot, page, filled, waybill)
        with qtbot.waitSignal(page.told, timeout=20_000) as told:
            assert page.press(keys.PRINT)
        (saved,) = tmp_path.glob(f"{name}-*.pdf")
        assert saved.read_bytes().startswith(b"%PDF-")
        assert told.args is not None
        assert "没有打印机" in str(told.args[0])
        assert str(saved) in str(told.args[0])
        assert told.args[1] is True


def test_disposing_from_elsewhere_opens_the_record_with_the_form(qtbot: QtBot, filled: Filled, open_page: Open) -> None:
    page = open_page()
    page.dispose(filled.journal_id, filled.seqs[PENDING], None)
    settle(qtbot, page)
    form: QWidget = page._record.disposal_form
    assert form.isVisible()
    assert page._record.disposal_form.kind is DisposalKind.INTERCEPT


def test_whom_to_tell_is_said_with_the_number_that_is_public() -> None:
    assert told_words(("公安机关", "所在地邮政管理部门")) == "报告：公安机关、所在地邮政管理部门（公安 110，邮政 12305 待核实）。"
    assert "其余拨本地公布的电话" in told_words(("公安机关", "海关（含检验检疫）"))
