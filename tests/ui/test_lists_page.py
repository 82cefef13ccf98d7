"""名单: how lists stand, why a name matches or does not, and objections; what it says in every state."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from courier_check.desk.codes import DeskCode
from courier_check.desk.list_looks import MOST_FOUND, look, standing
from courier_check.desk.near_names import ListedNames
from courier_check.desk.objections import Answer, Objection, ObjectionOutcome
from courier_check.desk.rescreening import Standing
from courier_check.desk.rights import Role, SignedIn
from courier_check.errors import UserError
from courier_check.journal.entries import Draft
from courier_check.journal.parts import PartName
from courier_check.screening.codes import ScreeningCode
from courier_check.station import PRACTICE_PASSWORD, PRACTICE_SUPERVISOR, Station
from courier_check.store.rescreening import Known, add_work
from courier_check.store.resources import resource_path
from courier_check.wording import Language, Wording
from support.looks import cramped
from support.pages import PatientWorker, rows_of, seen
from support.stations import append, station_in
from ui import list_work
from ui.background import BackgroundCode
from ui.design import LIGHT, dress
from ui.lists_page import ListsPage
from ui.lists_view import ListsState, lists_shown
from ui.rescreening import Rescreening
from ui.shown import Tone

WORDING = Wording(Language.CHINESE)
HEIGHT = 642
"""What a window of 1280 × 720 leaves a page."""
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
    made.resize(1290, HEIGHT)
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


@pytest.fixture
def objected(station: Station, supervisor: SignedIn) -> str:
    """The number of an objection."""
    entry = list_work.look(station, LISTED).found[0]
    return list_work.object_to(station, Objection(entry.list_id, entry.entry_id, "样例", "样例", "样例"), supervisor)


@pytest.fixture
def clerk(station: Station, supervisor: SignedIn) -> SignedIn:
    station.desk().operators.add("0143", Role.CLERK, "样例收寄员", PRACTICE_PASSWORD, supervisor)
    return SignedIn("0143", Role.CLERK)


def test_a_supervisor_answers_an_objection_by_the_keyboard(
    page: ListsPage, jobs: PatientWorker, desk: PatientWorker, station: Station, objected: str, supervisor: SignedIn
) -> None:
    page.signed_in(supervisor)
    told(jobs, station)
    page._objections.table.chosen.emit(0)
    assert objected in seen(page)
    assert not page._answer_form.fields()["code"].isVisible(), "who is signed in answers for it"
    page._answer_form.confirmed.emit(page._answer_form.typed())
    assert "请按数字选结果" in seen(page)
    field = page._answer_form.fields()["outcome"]
    QTest.keyClicks(field, "2")
    assert field.text() == "更正条目"
    page._answer_form.fields()["words"].setText("样例文号（虚构）")
    page._answer_form.confirmed.emit(page._answer_form.typed())
    told(desk, station)
    assert not page.state.typing
    told(jobs, station)
    (row,) = rows_of(page._objections.table)
    assert row[3] == "已答复：更正条目"


def test_a_clerk_answers_nothing_unless_a_supervisor_signs_for_it(
    page: ListsPage, jobs: PatientWorker, desk: PatientWorker, station: Station, objected: str, clerk: SignedIn
) -> None:
    page.signed_in(clerk)
    told(jobs, station)
    page._objections.table.chosen.emit(0)
    form = page._answer_form
    assert form.fields()["code"].isVisible()
    for code, password, sentence in (
        ("", "", DeskCode.NO_RIGHT),
        (clerk.code, PRACTICE_PASSWORD, DeskCode.NO_RIGHT),
        (PRACTICE_SUPERVISOR, "wrong password", DeskCode.PASSWORD_WRONG),
    ):
        form.fill({"outcome": WORDING.of("objection-outcome-dismissed"), "words": "样例文号（虚构）", "code": code, "password": password})
        form.confirmed.emit(form.typed())
        told(desk, station)
        assert page.state.answering is not None, sentence
        assert page.state.told
        assert station.desk().objections.newest()[0].outcome is None
        assert form.fields()["password"].text() == ""
    form.fill(
        {
            "outcome": WORDING.of("objection-outcome-dismissed"),
            "words": "样例文号（虚构）",
            "code": PRACTICE_SUPERVISOR,
            "password": PRACTICE_PASSWORD,
        }
    )
    form.confirmed.emit(form.typed())
    told(desk, station)
    assert page.state.answering is None
    assert station.desk().objections.newest()[0].outcome == "dismissed"


def decided(station: Station, by: SignedIn, *, until: str = "2027-01-31") -> int:
    """A decision that holds beyond its parcel, as acceptances write it."""
    facts = {"decision": "not-same", "until_on": until, "supervisor": by.code, "by": "supervisor", "of": {"journal_id": "0" * 32, "seq": 1}}
    about = {"list": "practice-counterfeit", "list_version": 1, "entry": "e1", "revision": 1, "said": "0" * 64}
    kept = {"v": 1, **about, "subjects": ["uscc:91410100MA9YB0A16H"], "reason": "样例", "evidence": "样例", "code": ""}
    composed = append(station, Draft("screening-decision", by.code, facts, {PartName.KEPT: kept}))
    return composed.entry.header.seq


def test_standing_decisions_are_seen_and_revoked_by_the_keyboard(
    page: ListsPage, jobs: PatientWorker, desk: PatientWorker, station: Station, supervisor: SignedIn
) -> None:
    first, second = decided(station, supervisor), decided(station, supervisor)
    decided(station, supervisor, until="2026-11-01")  # over
    page.signed_in(supervisor)
    told(jobs, station)
    rows = rows_of(page._decisions.table)
    assert [(row[0], row[2:]) for row in rows] == [(f"#{seq} 不是同一", ["2027-01-31", PRACTICE_SUPERVISOR]) for seq in (second, first)]
    assert "91410100MA9YB0A16H" not in str(rows), "whom it is about is nobody's to see"
    page._decisions.table.chosen.emit(1)
    assert f"撤销决定 #{first}" in seen(page)
    page._revoke_form.confirmed.emit(page._revoke_form.typed())
    told(desk, station)
    assert (page.state.told, page.state.revoking is not None) == (WORDING.of(DeskCode.REASON_MISSING), True)
    page._revoke_form.fill({"reason": "认错了（样本）"})
    page._revoke_form.confirmed.emit(page._revoke_form.typed())
    told(desk, station)
    told(jobs, station)
    assert [row[0] for row in rows_of(page._decisions.table)] == [f"#{second} 不是同一"]
    revoked = {held.seq for held in station.desk().decisions.newest() if held.revoked is not None}
    assert revoked == {first}


def least_height(page: ListsPage) -> int:
    layout = page.layout()
    assert layout is not None
    return layout.totalMinimumHeightForWidth(page.width())


def test_everything_at_once_fits_a_small_screen_and_esc_leads_from_the_answer_to_what_is_to_be_done(
    qtbot: QtBot,
    qapp: QApplication,
    page: ListsPage,
    jobs: PatientWorker,
    station: Station,
    objected: str,
    clerk: SignedIn,
    supervisor: SignedIn,
) -> None:
    dress(qapp, LIGHT)
    decided(station, supervisor)
    with station.database.write() as tx:
        add_work(tx, Known("sender:" + "0" * 64, "0" * 64), "rescreen-new", ("practice-counterfeit", "e1"), ("review", 0))
    page.signed_in(clerk)
    told(jobs, station)
    for chosen in (page._objections.table, page._decisions.table, None):
        if chosen is not None:
            chosen.chosen.emit(0)
        assert [each.isVisible() for each in (page._work, page._objections, page._decisions, page._found)] == [True, True, True, False]
        qtbot.waitUntil(lambda: least_height(page) <= HEIGHT)  # what the form before took is let go in a round of its own
        assert cramped(page) == []
        page.press("Esc")
    page._field.setText(ALIKE)
    page._field.returnPressed.emit()
    told(jobs, station)
    assert [each.isVisible() for each in (page._work, page._objections, page._decisions, page._found)] == [False, True, False, True]
    qtbot.waitUntil(lambda: least_height(page) <= HEIGHT)
    assert cramped(page) == []
    page._field.setFocus()
    assert page.press("Esc")
    assert (page._work.isVisible(), page._field.text(), page.state.looked) == (True, "", None)
    assert not page.press("Esc")


def test_esc_closes_a_form_and_nothing_typed_stays(
    page: ListsPage, jobs: PatientWorker, station: Station, objected: str, supervisor: SignedIn
) -> None:
    page.signed_in(supervisor)
    told(jobs, station)
    page._objections.table.chosen.emit(0)
    page._answer_form.fill({"words": "样例"})
    assert page.press("Esc")
    assert not page.state.typing
    page._objections.table.chosen.emit(0)
    assert page._answer_form.typed()["words"] == ""
    page._answer_form.fill({"words": "样例"})
    page.signed_in(SignedIn("0143", Role.CLERK))
    assert (page.state.typing, page._answer_form.typed()["words"]) == (False, ""), "not the next one's to send"


def test_a_question_nobody_waits_for_any_more_is_ended(
    page: ListsPage, jobs: PatientWorker, station: Station, supervisor: SignedIn
) -> None:
    told(jobs, station)
    for asked in (FAR, LISTED):
        page._field.setText(asked)
        page._field.returnPressed.emit()
    newer = jobs.asked.pop()
    older = jobs.asked.pop()
    with pytest.raises(UserError) as caught:
        older.work(station)
    assert caught.value.code == BackgroundCode.CANCELLED
    older.failed(caught.value)
    assert page.state.looking
    assert not page.state.told
    newer.done(newer.work(station))
    assert page.state.looked is not None


def test_what_lists_say_differently_of_one_party_stands_with_each(station: Station, supervisor: SignedIn) -> None:
    heading = "list_id,list_type,source_org,legal_basis,remedy,reason,listed_on,action,subject_type,entry_id,name,uscc"
    row = "other,【样本】另一份,样例局（虚构）,样例依据,可以申诉,样本,2026-01-15,拦截,企业,o1,样例别名贸易有限公司,91410100MA9YB0A16H"
    station.desk().lists.install_csv(f"{heading}\n{row}", supervisor)
    read = list_work.read_lists(station)
    by_list = {each.header.list_id: at for at, each in enumerate(read.lists)}
    for list_id in ("other", "practice-counterfeit"):
        facts = {fact.name: fact.value for fact in lists_shown(ListsState(read=read, chosen=by_list[list_id]), WORDING).chosen}
        assert "同一代码、另一个名称，1 处" in facts["说法不一"]
        assert "o1" in facts["说法不一"]
    assert "2 份与别的名单有同一主体" in lists_shown(ListsState(read=read), WORDING).banner.reason


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
