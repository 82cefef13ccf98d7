"""名单: how lists stand, why a name matches or does not, and objections; what it says in every state."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from pytestqt.qtbot import QtBot

from courier_check.desk.codes import DeskCode
from courier_check.desk.list_looks import MOST_FOUND, look, standing
from courier_check.desk.near_names import ListedNames
from courier_check.desk.objections import Answer, Objection, ObjectionOutcome
from courier_check.desk.rescreening import Standing
from courier_check.desk.rights import Role, SignedIn
from courier_check.errors import UserError
from courier_check.screening.codes import ScreeningCode
from courier_check.station import PRACTICE_PASSWORD, PRACTICE_SUPERVISOR, Station
from courier_check.store.rescreening import Known, add_work
from courier_check.store.resources import resource_path
from courier_check.wording import Language, Wording
from support.pages import PatientWorker, rows_of, seen
from support.stations import station_in
from ui import list_work
from ui.lists_page import ListsPage
from ui.lists_view import ListsState, lists_shown
from ui.rescreening import Rescreening
from ui.shown import Tone

WORDING = Wording(Language.CHINESE)
LISTED, ALIKE, FAR = "样例市假冒商贸有限公司", "样例市贾冒商贸有限公司", "样例市假日旅行社有限公司"


@pytest.fixture
def supervisor(station: Station) -> SignedIn:
    """Signed in where the practice lists are installed."""
    operators = station.desk().operators
    operators.add(PRACTICE_SUPERVISOR, Role.SUPERVISOR, "样例主管", PRACTICE_PASSWORD, None)
    who = SignedIn(PRACTICE_SUPERVISOR, Role.SUPERVISOR)
    station.desk().lists.install_csv(resource_path("samples/practice_list.csv").read_text(encoding="utf-8"), who)
    return who


def answer(station: Station, asked: str) -> dict[str, str]:
    state = ListsState(read=list_work.read_lists(station), looked=list_work.look(station, asked))
    return {fact.name: fact.value for fact in lists_shown(state, WORDING).answer}


def test_lists_are_shown_with_age_signature_and_what_they_may_do(station: Station, supervisor: SignedIn) -> None:
    read = list_work.read_lists(station)
    shown = lists_shown(ListsState(read=read), WORDING)
    assert shown.banner.tone is Tone.GO
    by_title = {row[0]: row for row in shown.lists}
    assert by_title["【样本】打击侵权假冒名单"][2:6] == ("今天", "! 未签名", "5", "拦截")
    assert by_title["【样本】通报名单（未列依据）"][5] == "重点验视", "without a basis nothing is refused"
    chosen = next(at for at, each in enumerate(read.lists) if not each.header.legal_basis and each.header.issuer_kind == "authority")
    facts = {fact.name: fact.value for fact in lists_shown(ListsState(read=read, chosen=chosen), WORDING).chosen}
    assert "依据不够" in facts["处置"]


def test_a_list_nobody_confirmed_for_a_week_warns(station: Station, supervisor: SignedIn) -> None:
    read = list_work.read_lists(station)
    old = replace(read, today=date.fromordinal(read.today.toordinal() + 8))
    shown = lists_shown(ListsState(read=old), WORDING)
    assert shown.banner.tone is Tone.REFER
    assert shown.lists[0][2] == "! 8 天前"


def test_no_list_at_all_is_never_a_pass(station: Station) -> None:
    assert "未核查" in lists_shown(ListsState(read=list_work.read_lists(station)), WORDING).banner.words


def test_why_a_name_matches_names_each_difference(station: Station, supervisor: SignedIn) -> None:
    facts = answer(station, ALIKE)
    assert "假→贾" in facts["不同"]
    assert LISTED in facts["名单条目"]
    assert facts["有效期"] == "2026-01-15 至 2029-01-15"
    assert answer(station, "91410100MA9YB0A16H")["命中"].startswith("100")


def test_why_a_name_does_not_match_names_the_nearest_one(station: Station, supervisor: SignedIn) -> None:
    facts = answer(station, FAR)
    assert facts["结果"].startswith("未命中")
    assert facts["为什么"]


@pytest.mark.parametrize("asked", ["名" * 500, "😀" * 20 + "商贸", "建材", "=cmd|' /C calc'!A0", "%_甲\\", "a\x00b", "ﷺ" * 100])
def test_any_text_is_answered_or_refused_with_a_sentence(station: Station, supervisor: SignedIn, asked: str) -> None:
    looked = list_work.look(station, asked)
    assert len(looked.found) <= MOST_FOUND
    assert lists_shown(ListsState(read=list_work.read_lists(station), looked=looked), WORDING).answer


@pytest.mark.parametrize("asked", ["", "　", "，。！——（）", "%_\\"])
def test_nothing_to_ask_by_is_said(station: Station, supervisor: SignedIn, asked: str) -> None:
    with pytest.raises(UserError) as caught:
        list_work.look(station, asked)
    assert caught.value.code == ScreeningCode.EMPTY_QUERY


def test_a_search_finds_part_of_a_name_and_masks_people(station: Station, supervisor: SignedIn) -> None:
    found = list_work.look(station, "假冒商贸").found
    assert [each.code for each in found] == ["91410100MA9YB0A16H"]
    (person,) = list_work.look(station, "钱样例").found
    assert "样例" not in person.name


def test_a_list_whose_index_is_being_built_is_not_told_as_no_match(station: Station, supervisor: SignedIn) -> None:
    desk = station.desk()
    assert isinstance(desk.screener.names, ListedNames)
    desk.screener.names.at_once = 0
    text = resource_path("samples/practice_list.csv").read_text(encoding="utf-8")
    desk.lists.install_csv(text.replace("假冒商贸", "仿冒商贸"), supervisor)
    swapped = look(station.database, desk.screener, FAR, desk.acceptances.today())
    facts = {fact.name: fact.value for fact in lists_shown(ListsState(read=list_work.read_lists(station), looked=swapped), WORDING).answer}
    assert "不等于未命中" in facts["结果"]
    desk.screener.names.wait()
    assert answer(station, FAR)["结果"].startswith("未命中")


@pytest.fixture
def desk() -> PatientWorker:
    return PatientWorker()


@pytest.fixture
def jobs() -> PatientWorker:
    return PatientWorker()


@pytest.fixture
def page(qtbot: QtBot, jobs: PatientWorker, desk: PatientWorker) -> ListsPage:
    made = ListsPage(jobs, desk, WORDING)  # type: ignore[arg-type]  # a worker that answers when told
    made.complete()
    qtbot.addWidget(made)
    made.resize(1290, 690)
    made.show()
    made.shown()
    return made


def told(worker: PatientWorker, station: Station) -> None:
    """The worker does what it was asked last."""
    asked = worker.asked.pop()
    try:
        value = asked.work(station)
    except UserError as error:
        asked.failed(error)
    else:
        asked.done(value)


def test_a_name_is_asked_about_and_an_objection_recorded_by_the_keyboard(
    page: ListsPage, jobs: PatientWorker, desk: PatientWorker, station: Station, supervisor: SignedIn
) -> None:
    page.signed_in(supervisor)
    told(jobs, station)
    assert not page.press("Ctrl+Enter")
    assert page.press("Ctrl+D")
    assert "先查出" in seen(page)
    page._field.setText(LISTED)
    page._field.returnPressed.emit()
    assert "正在查" in seen(page)
    told(jobs, station)
    assert LISTED in seen(page)
    assert page.press("Ctrl+D")
    assert page.state.objecting is not None
    page._form.fill({"who": "样例", "contact": "", "statement": "不是我（样本）"})
    page._form.confirmed.emit(page._form.typed())
    told(desk, station)
    assert page.state.objecting is not None, "what was typed stays"
    assert WORDING.of(DeskCode.OBJECTION_INCOMPLETE, {"name": 200, "statement": 1000}) in seen(page)
    page._form.fill({"who": "样例", "contact": "13800001111", "statement": "不是我（样本）"})
    page._form.confirmed.emit(page._form.typed())
    told(desk, station)
    assert page.state.objecting is None
    told(jobs, station)
    (row,) = rows_of(page._objections.table)
    assert (row[0][:2], row[3]) == ("YY", "已登记")


def test_an_answer_that_comes_late_does_not_stand_for_a_newer_question(
    page: ListsPage, jobs: PatientWorker, station: Station, supervisor: SignedIn
) -> None:
    told(jobs, station)
    page._field.setText(LISTED)
    page._field.returnPressed.emit()
    page._field.setText(FAR)
    page._field.returnPressed.emit()
    newer = jobs.asked.pop()
    told(jobs, station)
    assert page.state.looking
    newer.done(newer.work(station))
    assert page.state.looked is not None
    assert page.state.looked.asked == FAR


def test_whoever_takes_over_sees_nothing_of_what_was_asked(
    page: ListsPage, jobs: PatientWorker, station: Station, supervisor: SignedIn
) -> None:
    page.signed_in(supervisor)
    told(jobs, station)
    page._field.setText("，。")
    page._field.returnPressed.emit()
    told(jobs, station)
    assert page.state.told
    page.signed_in(SignedIn("0143", Role.CLERK))
    assert (page.state.told, page._field.text()) == ("", "")


def test_an_answered_objection_says_its_outcome(station: Station, supervisor: SignedIn) -> None:
    entry = list_work.look(station, LISTED).found[0]
    number = list_work.object_to(station, Objection(entry.list_id, entry.entry_id, "样例", "样例", "样例"), supervisor)
    station.desk().objections.answer(Answer(number, ObjectionOutcome.REMOVED, "样例文号"), supervisor)
    (row,) = lists_shown(ListsState(read=list_work.read_lists(station)), WORDING).objections
    assert row[3] == "已答复：移出名单"
    assert len(standing(station.database)) == 3


def test_what_changed_is_to_be_seen_to_and_leaves_the_list(
    page: ListsPage, jobs: PatientWorker, desk: PatientWorker, station: Station, supervisor: SignedIn
) -> None:
    page.signed_in(supervisor)
    known = Known("sender:" + "0" * 64, "0" * 64, journal_id="0" * 32, seq=7)
    with station.database.write() as tx:
        add_work(tx, known, "rescreen-new", ("practice-counterfeit", "e1"), ("review", 0))
        add_work(tx, replace(known, subject="profile:1", seq=None), "rescreen-gone", ("practice-counterfeit", "e1"), (None, 0))
    page.rescreened()
    told(jobs, station)
    assert [row[:2] for row in rows_of(page._work.table)] == [["不再命中", "回头客"], ["新命中 主管复核", "#7"]]
    page._work.table.chosen.emit(1)
    told(desk, station)
    told(jobs, station)
    assert [row[0] for row in rows_of(page._work.table)] == ["不再命中"]


def test_the_thread_beside_the_work_screens_to_the_end_and_ends(qtbot: QtBot, station: Station, supervisor: SignedIn) -> None:
    folder, clock = station.folder.path, station.clock
    thread = Rescreening(lambda: station_in(folder, clock), first_s=0.01)
    try:
        with qtbot.waitSignal(thread.ran, timeout=20_000):
            pass
    finally:
        assert thread.close(10.0)
    assert station.desk().rescreening.standing().finished


def test_how_far_the_screening_again_is_stands_above(station: Station, supervisor: SignedIn) -> None:
    read = list_work.read_lists(station)
    under_way = replace(read, rescreening=Standing("v2", done=40, total=95))
    assert "40 / 95" in lists_shown(ListsState(read=under_way), WORDING).banner.reason
    assert "重新核查" not in lists_shown(ListsState(read=replace(read, rescreening=Standing("v2", finished=True))), WORDING).banner.reason
