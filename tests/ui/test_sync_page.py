"""同步中心: what it says in every state, and that a gateway that comes and goes changes words only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from courier_check.desk.codes import DeskCode
from courier_check.errors import EnvironmentFault, StoreError, UserError
from courier_check.gateway.codes import Objection
from courier_check.overview import Overview, SyncItems
from courier_check.station import Station
from courier_check.store.codes import StoreCode
from courier_check.store.inbox import ReceiptRange, ReturnedItem
from courier_check.store.sent_evidence import PhotoCounts
from courier_check.sync.codes import SyncCode
from courier_check.sync.photo_status import PhotoStatus
from courier_check.sync.synchroniser import SyncState, SyncStatus
from courier_check.wording import Language, Wording
from support.filled import PENDING, filled_station
from support.pages import PatientWorker, rows_of, seen
from ui import work
from ui.background import BackgroundCode, Worker
from ui.shown import Sign, Tone
from ui.sync_page import SyncPage
from ui.sync_view import LONGEST_RUN_MS, SyncPageState, age_words, grouped, sync_shown

WORDING = Wording(Language.CHINESE)
NOW = 1_795_406_400_000
ONLINE = SyncStatus(state=SyncState.SYNCHRONISED, last_contact_ms=NOW - 5_000)
OFFLINE = SyncStatus(state=SyncState.OFFLINE, code=SyncCode.NO_CONNECTION, attempts=3, next_try_ms=NOW + 12_300)
FORK = SyncStatus(state=SyncState.ALARM, code=SyncCode.FORK, detail="seq 120", last_contact_ms=NOW)
ROLLBACK = SyncStatus(state=SyncState.ALARM, code=SyncCode.ROLLBACK, last_contact_ms=NOW)
REFUSED = SyncStatus(state=SyncState.REFUSED, code=SyncCode.REFUSED, detail="not-authentic: too old", attempts=1, next_try_ms=NOW)
QUIET = Overview(NOW, 210, 0, 210, 0, None, "0f" * 16, 210, 210, False, ONLINE, ())
BEHIND = replace(QUIET, pending=14, acknowledged=196, gateway_head=196, oldest_ms=NOW - 7_300_000)
RETURNED = (
    ReturnedItem(2, "0f" * 16, 31, "waybill-elsewhere", "", NOW, answered=False),
    ReturnedItem(1, "0f" * 16, 30, "waybill-missing", "", NOW - 60_000, answered=True),
)
ITEMS = SyncItems(RETURNED, (ReceiptRange("0f" * 16, 1, 7, NOW), ReceiptRange("0f" * 16, 8, 8, NOW)))


def say(overview: Overview, *, wished: bool = False) -> tuple[Tone, str, str]:
    state = SyncPageState().standing(overview)
    shown = sync_shown(state.wished() if wished else state, WORDING).state
    return shown.tone, shown.words, shown.reason


def test_photos_are_counted_where_there_are_any_and_what_is_in_their_way_is_said() -> None:
    def shown(photos: PhotoCounts, lane: PhotoStatus | None = None) -> tuple[dict[str, tuple[str, str, Sign]], list[str]]:
        page = sync_shown(SyncPageState().standing(replace(QUIET, photos=photos, photo_lane=lane or PhotoStatus())), WORDING)
        return {fact.name: (fact.value, fact.tag, fact.sign) for fact in page.facts if "凭证" in fact.name}, [
            line.text for line in page.todo
        ]

    assert shown(PhotoCounts()) == ({}, [])
    assert shown(PhotoCounts(sent=7)) == ({"凭证待传": ("0", "", Sign.NONE), "凭证已传": ("7", "", Sign.DONE)}, [])
    facts, todo = shown(PhotoCounts(pending=3, sent=7), PhotoStatus(code=SyncCode.WEB_PAGE, attempts=1))
    assert facts["凭证待传"] == ("3", "暂停", Sign.NONE)
    assert todo == ["凭证照片 3 张暂停上传：网络需要登录（收到的是网页而不是回执），没有上传；请先在浏览器登录网络。"]
    facts, todo = shown(PhotoCounts(sent=7, failed=2, codes=(("evidence-missing", 2),)))
    assert facts["凭证出错"] == ("2", "", Sign.DOUBT)
    assert todo[0].startswith("凭证照片 2 张没有上传：照片文件不见了")


@pytest.fixture
def jobs() -> PatientWorker:
    return PatientWorker()


@pytest.fixture
def page(qtbot: QtBot, jobs: PatientWorker) -> SyncPage:
    made = SyncPage(jobs, jobs, WORDING)  # type: ignore[arg-type]  # a worker that waits for the test
    made.complete()
    qtbot.addWidget(made)
    made.resize(1290, 688)
    made.show()
    return made


# What it says -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("overview", "tone", "words", "reason"),
    [
        (QUIET, Tone.PLAIN, "在线，最近一次 11:59:55", "全部记录都有回执"),
        (replace(BEHIND, sync=OFFLINE), Tone.PLAIN, "离线", "13 秒后重试"),
        (replace(BEHIND, at_ms=NOW + 12_300, sync=OFFLINE), Tone.PLAIN, "离线", "正在重试"),
        (replace(BEHIND, sync=FORK), Tone.STOP, "告警", "条目 #120"),
        (replace(BEHIND, sync=ROLLBACK), Tone.STOP, "告警", "通知管理员"),
        (replace(BEHIND, sync=REFUSED), Tone.REFER, "网关没有收下", "核对本机时间"),
        (replace(BEHIND, sync=None), Tone.PLAIN, "尚未同步", "Ctrl+R"),
        (replace(BEHIND, revoked=True), Tone.STOP, "本收寄台已被吊销", "不能再收寄"),
        (replace(BEHIND, revoked=True, sync=ROLLBACK), Tone.STOP, "本收寄台已被吊销", "另有告警：网关的数据早于本机回执"),
        (replace(QUIET, returned=2), Tone.PLAIN, "在线，最近一次 11:59:55", "2 条退回"),
        (replace(BEHIND, at_ms=NOW + 175_000), Tone.PLAIN, "状态不明", "11:59:55 以来没有联系到监管网关"),
        (replace(BEHIND, at_ms=NOW + 86_400_000), Tone.PLAIN, "状态不明", "2026-11-23 11:59:55 以来没有联系到监管网关"),
        (replace(BEHIND, at_ms=NOW - 3_600_000), Tone.PLAIN, "状态不明", "（11:59:55）晚于本机时间：请核对本机时间"),
        (replace(BEHIND, at_ms=NOW + 175_000, receipt_ms=NOW + 174_000), Tone.PLAIN, "在线，最近一次 12:02:54", "14 条待传"),
        (replace(BEHIND, hindrance=StoreError(StoreCode.DISK_FULL)), Tone.REFER, "没有同步", "磁盘已满"),
        (replace(BEHIND, hindrance=EnvironmentFault(BackgroundCode.INTERNAL)), Tone.REFER, "没有同步", "程序内部出错"),
        (replace(BEHIND, sync=OFFLINE, hindrance=StoreError(StoreCode.BUSY)), Tone.REFER, "没有同步", "另一个程序正在写这个数据文件夹"),
        (replace(BEHIND, sync=FORK, hindrance=StoreError(StoreCode.DISK_FULL)), Tone.STOP, "告警", "条目 #120"),
        (replace(BEHIND, hindrance=StoreError(StoreCode.SYNC_RUNNING)), Tone.PLAIN, "在线，最近一次 11:59:55", "另一个同步程序在运行"),
        (replace(BEHIND, sync=OFFLINE, hindrance=StoreError(StoreCode.SYNC_RUNNING)), Tone.PLAIN, "离线", "另一个同步程序在运行"),
    ],
)
def test_every_state_has_its_words_and_its_colour(overview: Overview, tone: Tone, words: str, reason: str) -> None:
    said = say(overview)
    assert said[:2] == (tone, words)
    assert reason in said[2]
    assert "{" not in said[2]


@pytest.mark.parametrize("code", SyncCode)
def test_offline_says_why_whatever_the_reason(code: SyncCode) -> None:
    reason = say(replace(BEHIND, sync=SyncStatus(state=SyncState.OFFLINE, code=code)))[2]
    assert len(reason) > 8
    assert code.value not in reason


def test_a_run_is_under_way_until_its_outcome_is_there() -> None:
    state = SyncPageState().standing(replace(BEHIND, sync=OFFLINE)).wished()
    assert sync_shown(state, WORDING).state.words == "正在同步"
    assert not sync_shown(state, WORDING).can_sync
    assert state.standing(replace(BEHIND, at_ms=NOW + 1_000, sync=OFFLINE)).wish is not None
    assert state.standing(replace(QUIET, at_ms=NOW + 2_000)).wish is None
    assert state.standing(replace(BEHIND, at_ms=NOW + LONGEST_RUN_MS + 1, sync=OFFLINE)).wish is None


def test_a_run_that_was_asked_for_ends_where_it_could_not_be_made() -> None:
    broken = replace(BEHIND, hindrance=StoreError(StoreCode.DISK_FULL))
    state = SyncPageState().standing(broken).wished()
    assert state.standing(replace(broken, at_ms=NOW + 1_000)).wish is not None  # what was in the way before says nothing of this one
    again = replace(broken, at_ms=NOW + 2_000, hindrance=StoreError(StoreCode.DISK_FULL))
    assert state.standing(again).wish is None
    assert SyncPageState().standing(BEHIND).wished().standing(again).wish is None


def test_where_this_side_is_in_the_way_no_time_of_a_next_try_is_promised() -> None:
    def names(overview: Overview) -> list[str]:
        return [fact.name for fact in sync_shown(SyncPageState().standing(overview), WORDING).facts]

    offline = replace(BEHIND, sync=OFFLINE)
    assert "下次重试" in names(offline)
    assert "下次重试" not in names(replace(offline, hindrance=StoreError(StoreCode.DISK_FULL)))


def test_what_is_in_the_way_is_told_once(page: SyncPage) -> None:
    full = WORDING.of(StoreCode.DISK_FULL)
    page.standing(replace(BEHIND, hindrance=StoreError(StoreCode.DISK_FULL)))
    assert seen(page).count(full) == 1
    page.standing(replace(BEHIND, sync=FORK, hindrance=StoreError(StoreCode.DISK_FULL)))
    assert seen(page).count(full) == 1
    page.standing(BEHIND)
    assert full not in seen(page)


def test_an_alarm_stays_in_sight_while_a_run_is_under_way() -> None:
    assert say(replace(BEHIND, sync=FORK), wished=True)[:2] == (Tone.STOP, "告警")


def test_the_oldest_pending_has_its_age_and_heads_are_compared() -> None:
    shown = sync_shown(SyncPageState(BEHIND), WORDING)
    facts = {fact.name: fact for fact in shown.facts}
    assert (facts["最早待传"].value, facts["最早待传"].tag) == ("09:58:20", "2 小时前")
    assert (facts["本机日志"].value, facts["网关已收"].value) == ("到 #210", "到 #196")
    assert shown.counts == (("待传", "14"), ("已回执", "196"), ("退回", "0"))


def test_an_unknown_code_of_a_newer_gateway_is_shown_as_it_came() -> None:
    odd = ReturnedItem(3, "0f" * 16, 9, "something-new", "detail of it", NOW, answered=False)
    rows = sync_shown(SyncPageState(QUIET, SyncItems((odd,), ())), WORDING).returned
    assert rows is not None
    assert rows[0][2] == "something-new detail of it"


ALARMS = (SyncCode.FORK, SyncCode.ROLLBACK, SyncCode.DAMAGED, SyncCode.REVOKED)


@pytest.mark.parametrize("code", SyncCode)
def test_every_alarm_says_what_to_do(code: SyncCode) -> None:
    (todo,) = sync_shown(SyncPageState(replace(QUIET, sync=SyncStatus(state=SyncState.ALARM, code=code))), WORDING).todo
    assert todo.sign is (Sign.DOUBT if code is SyncCode.REVOKED else Sign.STOP)
    assert len(todo.text) > 8
    assert "todo-" not in todo.text
    if code in ALARMS:
        assert todo.text != WORDING.of("todo-alarm")


@pytest.mark.parametrize("code", Objection)
def test_every_returned_item_says_why_and_what_to_do(code: Objection) -> None:
    items = SyncItems((ReturnedItem(1, "0f" * 16, 9, code.value, "", NOW, answered=False),), ())
    ((_, _, why, todo, _, _),) = sync_shown(SyncPageState(QUIET, items), WORDING).returned or ()
    assert f"退回：{why}" == WORDING.of(code.value).partition("；")[0]
    assert todo == WORDING.of(f"todo-{code.value}")


def test_what_is_to_be_done_comes_gravest_first_and_nothing_where_it_goes_on_by_itself() -> None:
    def told(overview: Overview) -> list[str]:
        return [line.text for line in sync_shown(SyncPageState(overview), WORDING).todo]

    assert told(QUIET) == told(replace(BEHIND, sync=OFFLINE)) == told(replace(BEHIND, sync=None)) == []
    page = replace(BEHIND, sync=SyncStatus(state=SyncState.OFFLINE, code=SyncCode.WEB_PAGE))
    assert told(page) == [WORDING.of("todo-web-page")]
    worst = replace(BEHIND, sync=FORK, revoked=True, returned=2, oldest_ms=NOW - 3 * 86_400_000)
    assert told(worst) == [
        WORDING.of("todo-sync-station-revoked"),
        WORDING.of("todo-gateway-fork"),
        WORDING.of("todo-returned", {"count": 2}),
        WORDING.of("todo-oldest", {"age": "3 天"}),
    ]


@pytest.mark.parametrize("code", SyncCode)
def test_a_revoked_station_is_never_asked_to_go_on_accepting(code: SyncCode) -> None:
    alarmed = SyncStatus(state=SyncState.ALARM, code=code, detail="seq 3")
    told = [line.text for line in sync_shown(SyncPageState(replace(BEHIND, sync=alarmed, revoked=True)), WORDING).todo]
    assert told[0].startswith("停止收寄")
    if code in (SyncCode.ROLLBACK, SyncCode.BRANCH, SyncCode.FORGOTTEN, SyncCode.TAKEN, SyncCode.FORK, SyncCode.DAMAGED):
        assert len(told) == 2
        assert "照常收寄" not in told[1]


def test_the_next_try_is_told_with_how_often_it_failed() -> None:
    facts = {fact.name: fact for fact in sync_shown(SyncPageState(replace(BEHIND, sync=OFFLINE)), WORDING).facts}
    assert (facts["下次重试"].value, facts["下次重试"].tag) == ("12:00:12", "已试 3 次")
    assert "下次重试" not in {fact.name for fact in sync_shown(SyncPageState(QUIET), WORDING).facts}


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_ages_are_words(ms: int) -> None:
    assert age_words(ms).endswith(("刚才", "前"))
    assert "-" not in age_words(ms)


@given(st.text(alphabet="0123456789abcdef", max_size=80), st.integers(min_value=1, max_value=16))
def test_groups_lose_nothing(digits: str, size: int) -> None:
    assert grouped(digits, size).replace(" ", "") == digits


# The page ---------------------------------------------------------------------------------------------------------------------------------


def test_it_is_drawn_before_anything_is_known(page: SyncPage) -> None:
    assert "正在读取" in seen(page)


def test_ctrl_r_asks_for_one_run_at_a_time(qtbot: QtBot, page: SyncPage, jobs: PatientWorker) -> None:
    wanted: list[int] = []
    page.sync_wanted.connect(lambda: wanted.append(1))
    page.standing(replace(BEHIND, sync=OFFLINE))
    assert page.press("Ctrl+R")
    assert page.press("Ctrl+R")
    assert wanted == [1]
    page.standing(replace(QUIET, at_ms=NOW + 3_000))
    page.press("Ctrl+R")
    assert wanted == [1, 1]
    assert not page.press("F2")


def test_a_gateway_that_dies_changes_words_only(page: SyncPage, jobs: PatientWorker) -> None:
    page.standing(QUIET)
    page.shown()
    jobs.asked[-1].done(ITEMS)
    page._returned.table.setCurrentCell(1, 0)
    page._returned.table.setFocus()
    asked = len(jobs.asked)
    for overview in (replace(BEHIND, sync=OFFLINE), replace(BEHIND, sync=OFFLINE, at_ms=NOW + 9_000)):
        page.standing(replace(overview, acknowledged=QUIET.acknowledged, gateway_head=QUIET.gateway_head))
    assert "离线" in seen(page)
    assert "4 秒后重试" in seen(page)
    assert page._returned.table.currentRow() == 1
    assert QApplication.focusWidget() is page._returned.table
    assert len(jobs.asked) == asked


def test_new_receipts_are_fetched_when_the_overview_tells_of_them(page: SyncPage, jobs: PatientWorker) -> None:
    page.standing(BEHIND)
    page.shown()
    jobs.asked[-1].done(SyncItems((), ()))
    assert "还没有回执" in seen(page)
    asked = len(jobs.asked)
    page.standing(replace(QUIET, at_ms=NOW + 1_000))
    assert len(jobs.asked) == asked + 1
    jobs.asked[-1].done(ITEMS)
    assert [row[:2] for row in rows_of(page._receipts.table)] == [["#1 – #7", "7"], ["#8", "1"]]


def test_an_older_answer_is_dropped(page: SyncPage, jobs: PatientWorker) -> None:
    page.standing(QUIET)
    page.shown()
    page.press("Ctrl+R")
    first, second = jobs.asked[-2:]
    second.done(ITEMS)
    first.done(SyncItems((), ()))
    first.failed(StoreError(StoreCode.BUSY))
    assert page._returned.table.rowCount() == 2


def test_what_can_not_be_read_is_told(page: SyncPage, jobs: PatientWorker) -> None:
    page.standing(QUIET)
    page.shown()
    jobs.asked[-1].failed(StoreError(StoreCode.BUSY))
    assert "请稍候重试" in seen(page)


def test_enter_on_a_returned_item_asks_for_its_record(qtbot: QtBot, page: SyncPage, jobs: PatientWorker) -> None:
    page.standing(QUIET)
    page.shown()
    jobs.asked[-1].done(ITEMS)
    assert QApplication.focusWidget() is page._returned.table
    assert rows_of(page._returned.table)[0][2:4] == ["同一运单在别处也有收寄", "核对面单；写错就更正，没错只答复"]
    assert rows_of(page._returned.table)[0][4:] == ["11-23 12:00", "待更正"]
    assert rows_of(page._returned.table)[1][-1] == "已答复"
    with qtbot.waitSignal(page.record_wanted) as wanted:
        qtbot.keyClick(page._returned.table, Qt.Key.Key_Return)
    assert wanted.args == ["0f" * 16, 31]


def test_a_returned_item_without_a_record_is_answered_on_the_spot(qtbot: QtBot, page: SyncPage, jobs: PatientWorker) -> None:
    """A sign-in, or a jump of the clock: there is nothing to correct, and yet the item must not stay open for ever."""
    items = SyncItems((ReturnedItem(6, "0f" * 16, 37, "clock-ahead", "", NOW, answered=False, is_act=False),), ())
    page.standing(replace(QUIET, returned=1))
    page.shown()
    jobs.asked[-1].done(items)
    assert rows_of(page._returned.table)[0][-1] == "待答复"
    with qtbot.assertNotEmitted(page.record_wanted):
        qtbot.keyClick(page._returned.table, Qt.Key.Key_Return)
    field = QApplication.focusWidget()
    assert field is page._answer_card.reason
    assert "先校准本机时钟" in seen(page)
    asked = len(jobs.asked)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    jobs.asked[asked].failed(UserError(DeskCode.REASON_MISSING))
    assert WORDING.of(DeskCode.REASON_MISSING.value) in seen(page)
    page._answer_card.reason.setText("本机日期曾设错，已校准")
    qtbot.keyClick(page._answer_card.reason, Qt.Key.Key_Return)
    assert not page._answer_card.reason.isEnabled()
    assert page.press("Esc")  # what is being saved is not given up any more
    assert page.state.answering
    with qtbot.waitSignal(page.told) as told:
        jobs.asked[-1].done(())
    assert told.args == ["答复已记入日志，原条目保持不变。", False]
    assert not page.state.answering
    jobs.asked[-1].done(SyncItems((), ()))
    assert "没有退回" in seen(page)


def test_an_answer_is_given_up_with_escape(qtbot: QtBot, page: SyncPage, jobs: PatientWorker) -> None:
    items = SyncItems((ReturnedItem(6, "0f" * 16, 37, "clock-ahead", "", NOW, answered=False, is_act=False),), ())
    page.standing(replace(QUIET, returned=1))
    page.shown()
    jobs.asked[-1].done(items)
    qtbot.keyClick(page._returned.table, Qt.Key.Key_Return)
    page._answer_card.reason.setText("半句")
    assert page.press("Esc")
    assert QApplication.focusWidget() is page._returned.table
    qtbot.keyClick(page._returned.table, Qt.Key.Key_Return)
    assert page._answer_card.reason.text() == ""


def test_every_control_is_three_keys_away_at_most(qtbot: QtBot, page: SyncPage, jobs: PatientWorker) -> None:
    page.standing(QUIET)
    page.shown()
    jobs.asked[-1].done(ITEMS)
    reached = {QApplication.focusWidget()}
    for _ in range(3):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        reached.add(QApplication.focusWidget())
    assert {page._returned.table, page._receipts.table, page._button} <= reached


def test_a_real_station_shows_its_receipts_and_returned_items(qtbot: QtBot, tmp_path: Path) -> None:
    filled = filled_station(tmp_path / "station")
    jobs: Worker[Station] = Worker("jobs", filled.open)
    page = SyncPage(jobs, jobs, WORDING)
    page.complete()
    qtbot.addWidget(page)
    page.show()
    page.shown()
    jobs.run(page, work.glance, page.standing, lambda error: pytest.fail(str(error)))
    qtbot.waitUntil(lambda: not jobs.busy)
    assert rows_of(page._returned.table)[0][:2] == ["1", f"#{filled.seqs[PENDING]}"]
    assert rows_of(page._receipts.table)[0][0].startswith("#1 – #")
    assert "尚未同步" in seen(page)
    assert jobs.close(10)
