"""记录: found, opened, verified, corrected; and nobody can be read off the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from courier_check.acceptance import codes as acceptance_codes
from courier_check.desk.corrections import FIELDS as CORE_FIELDS
from courier_check.desk.lookups import Found, Search, search
from courier_check.desk.rights import Role, SignedIn
from courier_check.errors import StoreError
from courier_check.identity import codes as identity_codes
from courier_check.inspection import codes as inspection_codes
from courier_check.inspection.findings import Answer, FindingKind
from courier_check.inspection.rules import RuleSet
from courier_check.parcel import codes as parcel_codes
from courier_check.parcel import contents, reserved
from courier_check.screening.codes import ScreeningCode
from courier_check.station import Station
from courier_check.store.codes import StoreCode
from courier_check.store.resources import resource_path
from courier_check.store.verification import verify_entry
from courier_check.wire.batches import Receipt
from courier_check.wire.signed import read
from courier_check.wording import Language, Wording, load_sentences
from support.filled import ACCEPTED, PENDING, REFERRED, REFUSED, Filled, filled_station
from support.pages import PatientWorker, rows_of, seen, told_by
from support.parts_gone import parts_gone
from support.stations import acceptance, append
from ui.background import Worker
from ui.counter.parcelfacts import spaced
from ui.design import FONT_FILE, load_font
from ui.record_facts import recorded_words, without_gaps
from ui.record_forms import ONLY_ANSWER
from ui.record_parts import Filter
from ui.record_state import preset_filter
from ui.record_view import ANSWERS, FIELDS, FOUND_KINDS, PRESETS, Days, Names, parse_day
from ui.records import PAGE, RecordsPage

WORDING = Wording(Language.CHINESE)
SECRETS = (
    *("张三丰", "41010519900307123X", "19900307", "13800001234", "郑州市某路", "李四", "13900005678", "某路 2 号"),
    *("赵六样", "13700009999", "某路 9 号"),
)


@pytest.fixture(scope="module")
def rules(filled_once: Filled) -> RuleSet:
    with filled_once.open() as station:
        return station.desk().acceptances.rules.rulebook.rules


@pytest.fixture
def open_page(qtbot: QtBot, rules: RuleSet) -> Iterator[Callable[[Filled], RecordsPage]]:
    """Opens the page on a station, as the window does, and waits for its list."""
    load_font(str(resource_path(FONT_FILE)))
    workers: list[Worker[Station]] = []

    def make(filled: Filled) -> RecordsPage:
        jobs: Worker[Station] = Worker("jobs", filled.open)
        desk: Worker[Station] = Worker("desk", filled.open)
        workers.extend((jobs, desk))
        page = RecordsPage(jobs, desk, WORDING, lambda: rules, filled.clock)
        page.complete()
        qtbot.addWidget(page)
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


def listed(page: RecordsPage) -> list[str]:
    return [row[0] for row in rows_of(page._listing.table)]


# The list ---------------------------------------------------------------------------------------------------------------------------------


def test_the_last_week_is_listed_newest_first(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]) -> None:
    page = open_page(filled)
    rows = rows_of(page._listing.table)
    assert [row[0] for row in rows] == [f"#{filled.seqs[each]}" for each in (PENDING, REFERRED, REFUSED, ACCEPTED)]
    assert [row[2] for row in rows] == ["✔ 收寄", "! 复核", "✖ 拒收 R07", "✔ 收寄"]
    assert rows[0][3:] == ["SF 1000 0000 0004 8", "张** 4***************3X 138****1234", "顺丰 · 文件", filled.clerk.code, "待传", ""]
    assert rows[3][4:] == ["赵** 4***************3X 137****9999", "顺丰 · 文件", filled.clerk.code, "已回执", "已更正"]
    assert QApplication.focusWidget() is page._listing.table


def test_digits_choose_days_where_nothing_is_typed(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]) -> None:
    page = open_page(filled)
    filled.clock.pass_ms(3 * 86_400_000)
    try:
        assert page.press("1")
        settle(qtbot, page)
        assert page._state.acts == ()
        assert "没有找到" in seen(page)
        assert page.press("2")
        settle(qtbot, page)
        assert len(listed(page)) == 4
        assert (page._filter.from_day.text(), page._filter.to_day.text()) == ("2026-11-20", "2026-11-26")
        page.press("4")
        settle(qtbot, page)
        assert (page._filter.from_day.text(), page._filter.to_day.text()) == ("", "")
    finally:
        filled.clock.pass_ms(-3 * 86_400_000)


@pytest.mark.parametrize(("text", "found"), [("0022", [REFUSED]), ("sf1000", [PENDING, REFERRED, REFUSED, ACCEPTED]), ("", None)])
def test_a_number_is_looked_for(
    qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage], text: str, found: list[str] | None
) -> None:
    page = open_page(filled)
    page._filter.text.setText(text)
    qtbot.keyClick(page._filter.text, Qt.Key.Key_Return)
    settle(qtbot, page)
    assert listed(page) == [f"#{filled.seqs[each]}" for each in (found or (PENDING, REFERRED, REFUSED, ACCEPTED))]


def test_an_entry_is_found_by_its_number_and_a_kind_by_the_combo(
    qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]
) -> None:
    page = open_page(filled)
    page._filter.text.setText(f"#{filled.seqs[REFERRED]}")
    page._search()
    settle(qtbot, page)
    assert listed(page) == [f"#{filled.seqs[REFERRED]}"]
    page._filter.text.clear()
    page._filter.kind.setCurrentIndex(page._filter.kind.findData("refusal"))
    page._filter.kind.activated.emit(page._filter.kind.currentIndex())
    settle(qtbot, page)
    assert listed(page) == [f"#{filled.seqs[REFUSED]}"]


def test_what_can_not_be_looked_for_is_told_at_once(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]) -> None:
    page = open_page(filled)
    page._filter.text.setText("?")
    page._search()
    settle(qtbot, page)
    assert "至少 4 位" in seen(page)
    page._filter.text.clear()
    page._filter.from_day.setText("昨天")
    page._search()
    assert "“昨天”不是日期" in seen(page)


def test_enter_looks_further_where_the_days_hide_it(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]) -> None:
    page = open_page(filled)
    page._filter.from_day.setText("2026-01-01")
    page._filter.to_day.setText("2026-01-02")
    page._filter.text.setText("0022")
    page._search()
    settle(qtbot, page)
    assert QApplication.focusWidget() is page._listing.state._action
    page._listing.state._action.click()
    settle(qtbot, page)
    assert listed(page) == [f"#{filled.seqs[REFUSED]}"]


def test_a_scan_opens_its_record_whenever_it_was(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]) -> None:
    page = open_page(filled)
    page.press("1")
    assert page.scanned(REFUSED)
    settle(qtbot, page)
    settle(qtbot, page)
    assert page._state.place == (filled.journal_id, filled.seqs[REFUSED])
    assert "禁止寄递物品" in seen(page)
    page.press("Esc")
    assert page._filter.text.text() == REFUSED
    assert page.scanned("SF9999999999999")
    settle(qtbot, page)
    assert "没有找到" in seen(page)


def test_letters_at_the_list_begin_a_number(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]) -> None:
    page = open_page(filled)
    assert page.press("S")
    assert (page._filter.text.text(), QApplication.focusWidget()) == ("S", page._filter.text)
    assert page.press("Esc")
    assert QApplication.focusWidget() is page._listing.table
    assert not page.press("Esc")  # the window goes back to the counter
    assert not page.press("F2")


def test_more_come_at_the_end_of_the_list(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]) -> None:
    with filled.open() as station:
        for number in range(PAGE):
            append(station, acceptance(f"SF2{number:012d}"))
    page = open_page(filled)
    assert len(listed(page)) == PAGE
    assert "PageDown" in page._listing._note.whole()
    assert not page.press("PageDown")  # the table's own, while there are rows below
    page._listing.table.setCurrentCell(PAGE - 1, 0)
    assert page.press("PageDown")
    assert page.press("PageDown")  # one page at a time
    settle(qtbot, page)
    assert len(listed(page)) == len(set(listed(page))) == PAGE + 4
    assert page._listing.table.currentRow() == PAGE
    assert not page.press("PageDown")
    page._open_row(PAGE + 1)
    settle(qtbot, page)
    assert page.press("Esc")
    assert (len(listed(page)), page._listing.table.currentRow()) == (PAGE + 4, PAGE)


def test_older_answers_are_dropped(qtbot: QtBot, filled_once: Filled, rules: RuleSet) -> None:
    jobs = PatientWorker()
    page = RecordsPage(jobs, jobs, WORDING, lambda: rules, filled_once.clock)  # type: ignore[arg-type]  # a worker that waits for the test
    page.complete()
    qtbot.addWidget(page)
    page.show()
    page.shown()
    assert "正在读取" in seen(page)
    page.press("4")
    with filled_once.open() as station:
        found = search(station.database, Search())
    first, second = jobs.asked
    second.done((found, Names()))
    first.done((Found((), more=False), Names()))
    first.failed(StoreError(StoreCode.BUSY))
    assert len(listed(page)) == 4
    page._open_row(0)
    page.press("Esc")
    jobs.asked[-1].failed(StoreError(StoreCode.BUSY))
    assert page._state.place is None
    assert "请稍候" not in seen(page)


def test_a_list_that_can_not_be_read_is_told(qtbot: QtBot, filled_once: Filled, rules: RuleSet) -> None:
    jobs = PatientWorker()
    page = RecordsPage(jobs, jobs, WORDING, lambda: rules, filled_once.clock)  # type: ignore[arg-type]  # as above
    page.complete()
    qtbot.addWidget(page)
    page.show()
    page.shown()
    jobs.asked[-1].failed(StoreError(StoreCode.BUSY))
    assert "请稍候重试" in seen(page)
    assert page.press("Ctrl+R")
    assert len(jobs.asked) == 2


# One record -------------------------------------------------------------------------------------------------------------------------------


def test_enter_opens_and_esc_goes_back_to_the_same_row(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]) -> None:
    page = open_page(filled)
    page._listing.table.setCurrentCell(2, 0)
    qtbot.keyClick(page._listing.table, Qt.Key.Key_Return)
    settle(qtbot, page)
    assert "拒收" in seen(page)
    assert "SF 1000 0000 0002 2" in seen(page)
    assert page.press("Esc")
    assert page._state.place is None
    assert page._listing.table.currentRow() == 2
    assert QApplication.focusWidget() is page._listing.table


def test_a_record_is_verified_when_it_is_opened(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]) -> None:
    page = open_page(filled)
    words = opened(qtbot, page, filled, ACCEPTED)
    assert "✔ 核验通过：签名、链、部件、照片、回执" in words
    assert f"#1 – #{filled.seqs[REFERRED]}" in words
    assert f"第 {filled.seqs[ACCEPTED]} 条" in words
    with filled.open() as station:
        _, proof = verify_entry(station.database, station.enrolled(), station.evidence, (filled.journal_id, filled.seqs[ACCEPTED]))
    assert proof is not None
    seen_anew = "".join(words.split())
    assert f"证明路径{len(proof.siblings)}个哈希" in seen_anew
    assert f"根哈希{read(proof.receipt, Receipt).merkle_root}" in seen_anew
    assert f"回执密钥{proof.receipt.key_id}" in seen_anew
    assert "吊销后收到" not in words
    words = opened(qtbot, page, filled, PENDING)
    assert "✔ 核验通过：签名、链、部件；回执待传" in words
    assert "待传：网关还没有收到" in words


def test_a_record_says_that_it_was_received_after_a_revocation(
    qtbot: QtBot, tmp_path: Path, open_page: Callable[[Filled], RecordsPage]
) -> None:
    made = filled_station(tmp_path / "revoked", revoked=True)
    page = open_page(made)
    assert "吊销后收到" in opened(qtbot, page, made, ACCEPTED)
    assert "吊销后收到" not in opened(qtbot, page, made, PENDING)


def test_a_record_opened_while_the_page_is_still_being_made_keeps_its_words(
    qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]
) -> None:
    page = open_page(filled)
    words = opened(qtbot, page, filled, ACCEPTED)
    qtbot.waitUntil(lambda: not page._ahead.busy)  # steps that were still waiting
    assert seen(page) == words
    assert words.count("通过") > 10


def test_a_tampered_photo_is_named(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]) -> None:
    for photo in (filled.path / "evidence").rglob("*.bin"):
        photo.write_bytes(b"something else")
    page = open_page(filled)
    words = opened(qtbot, page, filled, ACCEPTED)
    assert "✖ 核验不通过" in words
    assert "照片文件被改动" in words
    assert "照片打不开" in words
    assert "✖ 被改动" in words


def test_a_lost_photo_is_named(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]) -> None:
    for photo in (filled.path / "evidence").rglob("*.bin"):
        photo.unlink()
    page = open_page(filled)
    words = opened(qtbot, page, filled, ACCEPTED)
    assert "✖ 核验不通过" in words
    assert "照片文件不见了" in words
    assert "✖ 缺失" in words


def test_a_record_says_what_was_answered_found_and_ordered(
    qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]
) -> None:
    page = open_page(filled)
    words = opened(qtbot, page, filled, REFUSED)
    assert "查到禁寄物“打火机”（第 04 类" in words
    assert "禁寄物品 · 打火机" in words
    assert "处置" in words
    assert "不得收寄" in words
    words = opened(qtbot, page, filled, REFERRED)
    assert "当面出示的是本人的有效身份证件，人与照片相符？（照片看不清）" in words
    assert "存疑" in words
    assert "{" not in words


def test_the_number_of_a_waybill_is_never_cut_short(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]) -> None:
    page = open_page(filled)
    page.resize(1290, 688)
    opened(qtbot, page, filled, ACCEPTED)
    (number,) = (label for label in page._record.findChildren(QLabel) if label.text() == spaced(ACCEPTED) and label.isVisible())
    qtbot.waitUntil(lambda: number.width() >= number.fontMetrics().horizontalAdvance(number.text()))


def test_an_entry_that_is_no_act_or_not_there_is_told(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]) -> None:
    page = open_page(filled)
    page.show_record(filled.journal_id, 1)
    settle(qtbot, page)
    assert "不是收寄、拒收或复核" in seen(page)
    page.show_record(filled.journal_id, 9_999)
    settle(qtbot, page)
    assert "打不开这条记录" in seen(page)
    assert not page._record.correct.isVisible()
    assert page.press("Esc")
    assert len(listed(page)) == 4


def test_a_record_scrolls_by_keys(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]) -> None:
    page = open_page(filled)
    opened(qtbot, page, filled, ACCEPTED)
    bar = page._record.area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)  # the record is laid out
    assert all(page.press(key) for key in ("End", "PageUp", "Up", "Down", "PageDown"))
    assert bar.value() == bar.maximum() > 0
    assert page.press("Home")
    assert bar.value() == 0
    assert not page.press("5")


@pytest.mark.parametrize("waybill", [ACCEPTED, REFUSED, REFERRED, PENDING])
def test_nobody_can_be_read_off_the_page(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage], waybill: str) -> None:
    page = open_page(filled)
    opened(qtbot, page, filled, waybill)
    page._begin_correcting()
    texts = [text for text in told_by(page) if text]
    assert [secret for secret in SECRETS for text in texts if secret in text] == []
    assert any("4***************3X" in text for text in texts)
    assert repr(page._state.pictured).count("张三") == 0


def test_every_control_is_three_keys_away_at_most(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]) -> None:
    page = open_page(filled)
    table = page._listing.table
    forth = [table]
    for _ in range(3):
        qtbot.keyClick(forth[-1], Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        assert focus is not None
        forth.append(focus)
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    assert {page._filter.text, page._filter.kind, page._filter.from_day, page._filter.to_day} <= {*forth, QApplication.focusWidget()}
    opened(qtbot, page, filled, ACCEPTED)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is page._record.correct


# Corrections ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [(), ("W", "Esc"), ("Ctrl+D", "Esc")])
def test_enter_on_an_open_record_corrects_it_whatever_form_was_given_up_before(
    qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage], before: tuple[str, ...]
) -> None:
    """As its key cap says: focus is on no button that Enter would mean."""
    page = open_page(filled)
    opened(qtbot, page, filled, ACCEPTED)
    for key in before:
        assert page.press(key)
    assert QApplication.focusWidget() is page._record.area
    assert page.press("Enter")
    assert page.state.correcting is not None
    assert QApplication.focusWidget() is page._record.form.field


def begin(page: RecordsPage, field: str) -> None:
    page._record.correct.click()
    form = page._record.form
    assert QApplication.focusWidget() is form.field
    form.field.setCurrentIndex(form.field.findData(field))


def test_a_correction_is_recorded_and_shown_with_both_versions(
    qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]
) -> None:
    page = open_page(filled)
    page.signed_in(SignedIn("0001", Role.SUPERVISOR))  # a refusal with a lead gets another waybill from no clerk
    opened(qtbot, page, filled, REFUSED)
    begin(page, "waybill")
    form = page._record.form
    assert page.press("Enter")
    assert QApplication.focusWidget() is form.value
    form.value.setText("SF1000000000055")
    qtbot.keyClick(form.value, Qt.Key.Key_Return)
    assert QApplication.focusWidget() is form.reason
    form.reason.setText("扫错了")
    with qtbot.waitSignal(page.told) as told:
        qtbot.keyClick(form.reason, Qt.Key.Key_Return)
        assert page.press("Esc")  # what is being saved is not given up
    settle(qtbot, page)
    assert told.args == ["更正已记入日志，原条目保持不变。", False]
    words = seen(page)
    assert "运单号：SF1000000000022 → SF1000000000055" in words
    assert "原因：扫错了" in words
    assert not form.isVisible()
    assert (form.value.text(), form.reason.text()) == ("", "")
    page.press("Esc")
    settle(qtbot, page)
    assert rows_of(page._listing.table)[2][3] == "SF 1000 0000 0005 5"
    with filled.open() as station:
        assert station.verify().ok


def test_earlier_corrections_are_told_with_what_stood_before(
    qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]
) -> None:
    words = opened(qtbot, open_page(filled), filled, ACCEPTED)
    assert "寄件人姓名：张** → 赵**" in words
    assert "寄件人电话：138****1234 → 137****9999" in words
    assert "收件人地址：某市**** → 河南省郑州市金水区****" in words
    assert "原因：面单看错" in words


@pytest.mark.parametrize(
    ("field", "value", "reason", "said"),
    [
        ("waybill", "x", "样本", "不是运单号"),
        ("waybill", ACCEPTED, "样本", "已在"),
        ("phone", "13700001111", "", "请写明原因"),
        ("phone", "  ", "样本", "请填写正确内容"),
    ],
)
def test_what_is_wrong_with_a_correction_is_told_in_words(
    qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage], field: str, value: str, reason: str, said: str
) -> None:
    page = open_page(filled)
    opened(qtbot, page, filled, PENDING)
    begin(page, field)
    form = page._record.form
    form.value.setText(value)
    form.reason.setText(reason)
    qtbot.keyClick(form.reason, Qt.Key.Key_Return)
    settle(qtbot, page)
    assert said in seen(form)
    assert (form.value.text(), form.reason.text()) == (value, reason)  # nothing has to be typed twice
    page.press("Esc")
    assert form.value.text() == ""
    assert page._state.place is not None
    assert QApplication.focusWidget() is page._record.area


def test_a_returned_item_is_answered_by_a_correction_or_by_reason_alone(
    qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]
) -> None:
    page = open_page(filled)
    assert "退回 1：同一运单在别处也有收寄" in opened(qtbot, page, filled, PENDING)
    begin(page, ONLY_ANSWER)
    form = page._record.form
    assert not form.value.isVisible()
    form.reason.setText("核对过，运单没有错")
    qtbot.keyClick(form.reason, Qt.Key.Key_Return)
    settle(qtbot, page)
    words = seen(page)
    assert "退回 1：" not in words
    assert "答复退回 1　原因：核对过，运单没有错" in words


def test_who_takes_over_does_not_end_anothers_correction(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]) -> None:
    page = open_page(filled)
    opened(qtbot, page, filled, PENDING)
    begin(page, "name")
    page._record.form.value.setText("样例人")
    page.signed_in(SignedIn("S01", Role.SUPERVISOR))
    assert page._state.correcting is None
    page._begin_correcting()
    assert page._record.form.value.text() == ""


def test_a_scan_while_a_number_is_corrected_is_the_right_number(
    qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]
) -> None:
    page = open_page(filled)
    opened(qtbot, page, filled, PENDING)
    begin(page, "waybill")
    assert page.scanned("SF1000000000055")
    assert page._record.form.value.text() == "SF1000000000055"
    assert QApplication.focusWidget() is page._record.form.reason
    assert page._state.place == (filled.journal_id, filled.seqs[PENDING])


def test_a_correction_that_should_stop_the_parcel_is_a_supervisor_s_who_is_told(
    qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]
) -> None:
    page = open_page(filled)
    opened(qtbot, page, filled, PENDING)

    def correct() -> None:
        begin(page, "contents")
        page._record.form.value.setText("烟花爆竹")
        page._record.form.reason.setText("寄件人来电更正")
        qtbot.keyClick(page._record.form.reason, Qt.Key.Key_Return)
        settle(qtbot, page)

    correct()
    assert page._state.correcting is not None
    assert page._state.correcting.said.startswith("没有更正：按更正后的内容")
    assert "烟花" in page._state.correcting.said
    assert "{why}" not in page._state.correcting.said
    page.signed_in(SignedIn("0001", Role.SUPERVISOR))
    with qtbot.waitSignal(page.told) as told:
        correct()
    said, bad = told.args or ("", False)
    assert bad
    assert "应当拦截" in said
    assert "烟花" in said
    assert "按更正后的内容不能收寄：应当拦截" in seen(page)


def test_nobody_corrects_without_signing_in(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]) -> None:
    page = open_page(filled)
    opened(qtbot, page, filled, PENDING)
    page._who = None
    begin(page, "phone")
    page._record.form.value.setText("13700001111")
    page._record.form.reason.setText("样本")
    qtbot.keyClick(page._record.form.reason, Qt.Key.Key_Return)
    settle(qtbot, page)
    assert "没有收寄员登录" in seen(page._record.form)


# Disputes ---------------------------------------------------------------------------------------------------------------------------------


def disputing(qtbot: QtBot, page: RecordsPage, reason: str) -> str:
    """Ctrl+D, the words, Enter; what is seen afterwards."""
    assert page.press("Ctrl+D")
    field = page._record.dispute_form.reason
    assert QApplication.focusWidget() is field
    field.setText(reason)
    assert not page.press("Enter")  # the field's own
    qtbot.keyClick(field, Qt.Key.Key_Return)
    settle(qtbot, page)
    return seen(page)


def test_a_dispute_is_recorded_shown_and_marked_in_the_list(
    qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]
) -> None:
    page = open_page(filled)
    opened(qtbot, page, filled, ACCEPTED)
    with qtbot.waitSignal(page.told) as told:
        words = disputing(qtbot, page, "不是我办的，寄件人张三丰 13800001234 也没来过")
    assert told.args == ["异议已记入日志，原条目保持不变。", False]
    assert "✔ 收寄　有异议" in words
    assert "不是我办的，寄件人张** 138****1234 也没来过" in words
    assert "张三丰" not in words
    assert not page._record.dispute_form.isVisible()
    assert page._record.dispute_form.reason.text() == ""
    assert "第二次" in disputing(qtbot, page, "第二次")
    page.press("Esc")
    settle(qtbot, page)
    assert [row[-1] for row in rows_of(page._listing.table)] == ["", "", "有线索", "已更正 有异议"]
    with filled.open() as station:
        assert station.verify().ok
        assert station.database.rows("SELECT disputes_seq FROM disputes") == [(filled.seqs[ACCEPTED],)] * 2


def test_a_dispute_without_a_reason_is_told_at_the_field(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]) -> None:
    page = open_page(filled)
    opened(qtbot, page, filled, ACCEPTED)
    assert "请写明原因" in disputing(qtbot, page, "  ")
    assert QApplication.focusWidget() is page._record.dispute_form.reason
    assert page.press("Esc")
    assert page._state.disputing is None
    assert QApplication.focusWidget() is page._record.area
    assert page._state.place is not None
    assert not page._record.dispute_form.isVisible()


def test_one_form_is_open_at_most_and_a_scan_replaces_no_words(
    qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]
) -> None:
    page = open_page(filled)
    opened(qtbot, page, filled, ACCEPTED)
    page.press("Ctrl+D")
    page._record.dispute_form.reason.setText("还没写完")
    page.press("Ctrl+R")
    page._begin_correcting()
    assert page._state.correcting is None
    with qtbot.waitSignal(page.told) as told:
        assert page.scanned(REFUSED)
    assert "扫到的没有采用" in told.args[0]
    assert page._record.dispute_form.reason.text() == "还没写完"
    assert not page._record.correct.isVisible()
    page.press("Esc")
    page._begin_correcting()
    page.press("Ctrl+D")
    assert page._state.disputing is None


def test_somebody_elses_act_is_for_a_supervisor_to_dispute(
    qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]
) -> None:
    page = open_page(filled)
    page.signed_in(SignedIn("0143", Role.CLERK))
    opened(qtbot, page, filled, ACCEPTED)
    with qtbot.waitSignal(page.told) as told:
        assert page.press("Ctrl+D")
    assert "只能对本人办理的件提出异议" in told.args[0]
    assert page._state.disputing is None
    page.signed_in(SignedIn("0001", Role.SUPERVISOR))
    assert "主管的异议" in disputing(qtbot, page, "主管的异议")


def test_a_dispute_that_somebody_else_began_is_not_theirs_to_end(
    qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]
) -> None:
    page = open_page(filled)
    opened(qtbot, page, filled, ACCEPTED)
    page.press("Ctrl+D")
    page._record.dispute_form.reason.setText("一半")
    page.signed_in(SignedIn("0001", Role.SUPERVISOR))
    assert page._state.disputing is None
    page.press("Ctrl+D")
    assert page._record.dispute_form.reason.text() == ""


def test_the_reason_of_a_dispute_is_gone_with_the_parts(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]) -> None:
    page = open_page(filled)
    opened(qtbot, page, filled, ACCEPTED)
    disputing(qtbot, page, "只说一次")
    with filled.open() as station, station.database.write() as tx:
        parts_gone(tx, filled.journal_id, filled.seqs[ACCEPTED])
    words = opened(qtbot, page, filled, ACCEPTED)
    assert "只说一次" not in words
    assert "有异议" in words
    assert "核验通过" in words


def test_the_next_clerk_begins_with_a_filter_of_their_own(qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage]) -> None:
    page = open_page(filled)
    page.scanned("SF1000000000014")
    qtbot.waitUntil(lambda: not page._state.reading)
    assert page._filter.text.text() == "SF1000000000014"
    page.signed_in(SignedIn("0143", Role.CLERK))
    assert page._filter.text.text() == ""
    assert page._state.filter.preset == "2"
    qtbot.waitUntil(lambda: not page._state.reading)


# Words ------------------------------------------------------------------------------------------------------------------------------------


def test_every_field_answer_and_finding_has_its_word() -> None:
    assert tuple(FIELDS) == CORE_FIELDS
    assert set(ANSWERS) == {answer.value for answer in Answer}
    assert set(FOUND_KINDS) == {kind.value for kind in FindingKind}


def test_no_sentence_is_shown_with_its_placeholders() -> None:
    said = {code: without_gaps(WORDING.of(code)) for code in load_sentences()}
    assert [code for code, sentence in said.items() if "{" in sentence or "……" in sentence] == []


def reason_classes() -> Iterator[type[StrEnum]]:
    for module in (acceptance_codes, contents, identity_codes, inspection_codes, parcel_codes, reserved):
        yield from (found for name, found in vars(module).items() if name.endswith("Reason") and name != "Reason")


def test_no_reason_is_told_with_a_hole_where_the_entry_keeps_no_facts() -> None:
    """An entry holds the codes of its reasons only."""
    facts = {"mark_zh": "", "seq": "7"}
    of_lists = [code for code in ScreeningCode if f"{code}-recorded" in load_sentences()]
    codes = [*(code for found in reason_classes() for code in found), *of_lists]
    assert len(codes) > 90
    assert [code for code in codes if "…" in recorded_words(WORDING, code, facts)] == []


@given(st.text(max_size=12))
def test_any_text_is_a_day_or_is_named_as_none(text: str) -> None:
    day = None
    try:
        day = parse_day(text, date(2026, 11, 23))
        named = ""
    except ValueError as odd:
        named = str(odd)
    assert day is not None or named == text.strip()


@given(st.dates(min_value=date(1000, 1, 1)))
def test_days_are_read_as_they_are_written(day: date) -> None:
    today = date(2026, 11, 23)
    assert parse_day(f" {day.isoformat()} ", today) == day
    assert parse_day(day.strftime("%Y%m%d").rjust(8, "0"), today) == day
    assert parse_day(f"{day.year:04d}/{day.month}/{day.day}", today) == day


@given(st.sampled_from(PRESETS), st.dates(min_value=date(1900, 1, 1)))
def test_presets_fill_in_days_that_are_read_again(preset: Days, today: date) -> None:
    held = preset_filter(Filter(), preset.key, today)
    first, last = parse_day(held.from_text, today), parse_day(held.to_text, today)
    if preset.days is None:
        assert (first, last) == (None, None)
    else:
        assert last == today
        assert first is not None
        assert (today - first).days + 1 == preset.days


def test_p_prints_the_proof_of_the_open_record(
    qtbot: QtBot, filled: Filled, open_page: Callable[[Filled], RecordsPage], tmp_path: Path
) -> None:
    page = open_page(filled)
    page.folder = tmp_path
    told: list[tuple[str, bool]] = []
    page.told.connect(lambda text, wrong: told.append((text, wrong)))
    opened(qtbot, page, filled, PENDING)
    assert page.press("P")
    settle(qtbot, page)
    assert told[-1] == (f"第 {filled.seqs[PENDING]} 条还没有可以打印的证明：网关还没有回执，或核验不通过。", True)
    opened(qtbot, page, filled, ACCEPTED)
    page._record.proof.click()
    settle(qtbot, page)
    (made,) = tmp_path.glob("回执证明-*.pdf")
    assert told[-1] == (f"回执证明已存为 {made}", False)
    assert made.read_bytes().startswith(b"%PDF")
