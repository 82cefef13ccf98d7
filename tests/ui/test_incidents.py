"""告警记录 and 留存的分支 on the sync page: in words, in the list for good, and whole when opened. Nothing of it names anybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from courier_check.desk.incidents import (
    AnyIncident,
    ClockJumped,
    Filing,
    GatewayForgot,
    GatewayRolledBack,
    JournalSucceeded,
    KeptEntry,
    KeptOf,
)
from courier_check.errors import StoreError
from courier_check.overview import Overview, SyncItems
from courier_check.station import Station
from courier_check.store.branches import HeldBy
from courier_check.store.codes import StoreCode
from courier_check.store.resources import resource_path
from courier_check.sync.codes import SyncCode
from courier_check.sync.synchroniser import SyncState, SyncStatus
from courier_check.wording import Language, Wording
from support.looks import cramped
from support.pages import PatientWorker, rows_of, seen, told_by
from support.troubled import Troubled, troubled_station
from ui import work
from ui.background import Worker
from ui.design import FONT_FILE, LIGHT, dress, load_font
from ui.incident_view import incident_rows, incident_shown, kept_rows, ranges_words
from ui.shown import Sign
from ui.sync_page import SyncPage
from ui.sync_view import Evidence, evidence_shown

WORDING = Wording(Language.CHINESE)
NOW, DAY = 1_795_406_400_000, 86_400_000
OLD, NEW = "0f" * 16, "ab" * 16
ONLINE = SyncStatus(state=SyncState.SYNCHRONISED, last_contact_ms=NOW)
QUIET = Overview(NOW, 210, 0, 210, 0, None, NEW, 210, 210, False, ONLINE, ())
KEPT = (KeptOf(OLD, HeldBy.GATEWAY, 2, 7, 8, 0), KeptOf(OLD, HeldBy.STATION, 1, 7, 7, 1))
ENTRIES = (
    KeptEntry(OLD, 8, "acceptance", NOW, HeldBy.GATEWAY, Filing.DONE, (NEW, 3)),
    KeptEntry(OLD, 7, "refusal", NOW, HeldBy.GATEWAY, Filing.NEEDLESS, None),
    KeptEntry(OLD, 7, "something-new", NOW, HeldBy.STATION, Filing.WAITING, None),
)
INCIDENTS: dict[str, AnyIncident] = {
    "resent": GatewayRolledBack(OLD, 9, NOW, OLD, 3, 7, None),
    "resending": GatewayRolledBack(OLD, 9, NOW, OLD, 3, 7, 5),
    "forgot": GatewayForgot(OLD, 10, NOW, OLD, (1, 2, 3, 4, 5), ()),
    "still forgotten": GatewayForgot(OLD, 10, NOW, OLD, (4, 5), (5,)),
    "clock set": ClockJumped(OLD, 11, NOW, OLD, NOW, NOW + DAY, 3_000, is_behind=False),
    "clock set back": ClockJumped(OLD, 11, NOW, OLD, NOW, NOW - DAY, 3_000, is_behind=True),
    "clock behind": ClockJumped(OLD, 11, NOW, OLD, NOW, NOW + 1_000, None, is_behind=True),
    "restore": JournalSucceeded(NEW, 1, NOW, OLD, "restore", 8, (), 3, 1),
    "rollback": JournalSucceeded(NEW, 1, NOW, OLD, "rollback", 8, (), 0, 0),
    "damage": JournalSucceeded(NEW, 1, NOW, OLD, "damage", 8, ((3, 3), (5, 7)), 0, 0),
    "fork": JournalSucceeded(NEW, 1, NOW, OLD, "fork", 8, (), 3, 0),
    "taken": JournalSucceeded(NEW, 1, NOW, OLD, "taken", 8, (), 8, 0),
    "a cause of a newer program": JournalSucceeded(NEW, 1, NOW, OLD, "meteor", 8, (), 0, 0),
}
LEFT = {"resending", "still forgotten", "clock set back", "clock behind", "restore", "damage"}
"""Where something is left to be done."""


# In words ---------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", INCIDENTS)
def test_every_incident_says_what_happened_what_was_done_and_what_is_left(name: str) -> None:
    shown = incident_shown(INCIDENTS[name], WORDING)
    assert len(shown.happened) > 8
    assert len(shown.done) > 6
    assert bool(shown.todo) is (name in LEFT)
    said = f"{shown.happened}{shown.done}{shown.todo}"
    assert "{" not in said
    assert "incident-" not in said
    ((when, *told),) = incident_rows((INCIDENTS[name],), WORDING)
    assert (when, told) == ("11-23 12:00", [shown.happened, shown.done, shown.todo or "没有"])


def test_numbers_stand_where_somebody_needs_them() -> None:
    assert "#3" in incident_shown(INCIDENTS["resent"], WORDING).happened
    assert "#7" in incident_shown(INCIDENTS["resent"], WORDING).happened
    assert "#5" in incident_shown(INCIDENTS["resending"], WORDING).done
    assert "5 条：#1、#2、#3、#4…" in incident_shown(INCIDENTS["forgot"], WORDING).happened
    assert "11-24 12:00:00，其间只过了 3 秒" in incident_shown(INCIDENTS["clock set"], WORDING).happened
    assert "#3、#5–#7" in incident_shown(INCIDENTS["damage"], WORDING).happened
    assert "留存 3 条，办完 2 条" in incident_shown(INCIDENTS["restore"], WORDING).done
    assert ranges_words(tuple((n, n) for n in range(1, 7))) == "#1、#2、#3、#4 等 6 段"


def test_what_is_kept_says_how_much_of_which_journal_and_whether_it_was_filed_again() -> None:
    shown = evidence_shown(Evidence(entries=ENTRIES), SyncItems((), (), (), KEPT), WORDING)
    assert [(fact.name, fact.value, fact.tag, fact.sign) for fact in shown.facts] == [
        ("日志 0f0f0f0f", "2 条　#7 – #8　网关持有，本机没有", "全部办完", Sign.DONE),
        ("日志 0f0f0f0f", "1 条　#7　本机持有，网关没有收下", "1 条待补录", Sign.DOUBT),
    ]
    assert shown.rows == kept_rows(ENTRIES)
    assert [row[4] for row in shown.rows or ()] == ["已补录 #3", "不用再补录", "待补录"]
    assert [row[1] for row in shown.rows or ()] == ["收寄", "拒收", "something-new"]


def test_an_incident_shows_only_what_is_kept_of_its_journal() -> None:
    other = replace(INCIDENTS["fork"], about="cd" * 16)
    shown = evidence_shown(Evidence(other, ENTRIES), SyncItems((), (), (other,), KEPT), WORDING)
    assert shown.rows == ()
    assert not any("0f0f0f0f" in fact.name for fact in shown.facts)


def test_more_than_the_table_holds_is_said() -> None:
    many = (KeptOf(OLD, HeldBy.GATEWAY, 5, 1, 8, 0),)
    assert "另有 2 条" in evidence_shown(Evidence(entries=ENTRIES), SyncItems((), (), (), many), WORDING).note


# The page ---------------------------------------------------------------------------------------------------------------------------------


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
    made.standing(replace(QUIET, incidents=2))
    made.shown()
    jobs.asked[-1].done(SyncItems((), (), (INCIDENTS["fork"], INCIDENTS["resent"]), KEPT))
    return made


def test_the_list_stays_after_the_alarm_is_gone(page: SyncPage) -> None:
    assert "在线" in seen(page)
    assert "告警记录" in seen(page)
    assert [row[1] for row in rows_of(page._incidents.table)] == [
        incident_shown(INCIDENTS[name], WORDING).happened for name in ("fork", "resent")
    ]
    assert "留存的分支 3 条" in seen(page)


def test_without_incidents_nothing_is_taken_from_the_other_lists(page: SyncPage, jobs: PatientWorker) -> None:
    page.press("Ctrl+R")
    jobs.asked[-1].done(SyncItems((), ()))
    assert not page._incidents.isVisible()
    assert "留存的分支" not in seen(page)
    assert not page.press("B")


def test_enter_opens_one_whole_and_esc_leads_back_to_its_row(qtbot: QtBot, page: SyncPage, jobs: PatientWorker) -> None:
    page._incidents.table.setFocus()
    page._incidents.table.setCurrentCell(0, 0)
    qtbot.keyClick(page._incidents.table, Qt.Key.Key_Return)
    assert "正在读取" in seen(page)
    jobs.asked[-1].done(ENTRIES)
    told = seen(page)
    assert "2026-11-23 12:00:00" in told
    assert OLD in told
    assert incident_shown(INCIDENTS["fork"], WORDING).done in told
    assert len(rows_of(page._evidence_card.listing.table)) == 3
    assert QApplication.focusWidget() is page._evidence_card.listing.table
    assert page.press("Esc")
    assert QApplication.focusWidget() is page._incidents.table
    assert not page.press("Esc")


def test_b_opens_all_that_is_kept(page: SyncPage, jobs: PatientWorker) -> None:
    assert page.press("B")
    jobs.asked[-1].done(ENTRIES)
    assert [row[0] for row in rows_of(page._evidence_card.listing.table)] == ["#8", "#7", "#7"]
    assert page.press("Esc")
    assert page.state.evidence is None


def test_what_can_not_be_read_is_told(page: SyncPage, jobs: PatientWorker) -> None:
    page.press("B")
    jobs.asked[-1].failed(StoreError(StoreCode.BUSY))
    assert "请稍候重试" in seen(page)


def test_an_answer_for_a_card_that_was_left_is_dropped(page: SyncPage, jobs: PatientWorker) -> None:
    page.press("B")
    late = jobs.asked[-1]
    page.press("Esc")
    page.press("B")
    late.done(ENTRIES)
    assert page.state.evidence is not None
    assert page.state.evidence.entries is None


def test_the_day_close_takes_its_place(page: SyncPage, jobs: PatientWorker) -> None:
    page.press("B")
    page.press("C")
    assert page.state.evidence is None
    assert page.state.closing is not None


def test_a_new_incident_and_a_run_that_made_good_are_read(page: SyncPage, jobs: PatientWorker) -> None:
    asked = len(jobs.asked)
    page.standing(replace(QUIET, incidents=3))
    assert len(jobs.asked) == asked + 1
    page.standing(replace(QUIET, incidents=3, at_ms=NOW + 1_000))
    assert len(jobs.asked) == asked + 1
    alarm = SyncStatus(state=SyncState.ALARM, code=SyncCode.ROLLBACK, last_contact_ms=NOW + 2_000)
    page.standing(replace(QUIET, incidents=3, sync=alarm))
    assert len(jobs.asked) == asked + 2


# A real station ---------------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Troubled:
    folder = tmp_path_factory.mktemp("troubled")
    return troubled_station(folder / "station", folder / "gateway")


@pytest.fixture
def worker(troubled: Troubled) -> Iterator[Worker[Station]]:
    made = Worker("jobs", troubled.open)
    yield made
    assert made.close(10)


@pytest.mark.slow
def test_a_station_that_went_through_it_all_shows_it_and_nothing_is_cut(
    qtbot: QtBot, qapp: QApplication, worker: Worker[Station], troubled: Troubled
) -> None:
    load_font(str(resource_path(FONT_FILE)))
    dress(qapp, LIGHT)
    page = SyncPage(worker, worker, WORDING)
    page.complete()
    qtbot.addWidget(page)
    page.resize(1290, 688)
    page.show()
    worker.run(page, work.glance, page.standing, lambda error: pytest.fail(str(error)))
    page.shown()
    qtbot.waitUntil(lambda: page.state.items is not None and page.state.overview is not None)
    assert len(rows_of(page._incidents.table)) == 4
    everything = " ".join(told_by(page))
    page._incidents.table.setCurrentCell(0, 0)
    page._incidents.table.chosen.emit(0)
    qtbot.waitUntil(lambda: page.state.evidence is not None and page.state.evidence.entries is not None)
    assert len(rows_of(page._evidence_card.listing.table)) == len(troubled.theirs) + len(troubled.mine)
    everything += " ".join(told_by(page))
    for secret in ("样例人", "41010519900307123X", "138****0000", "收样例", "SF0"):
        assert secret not in everything
    for shown in ("evidence", "lists"):
        for width, height in ((1204, 640), (1290, 688), (1844, 1000)):
            page.resize(width, height)
            for _ in range(2):
                qtbot.wait(1)
            assert cramped(page) == [], (shown, width)
        page.press("Esc")
