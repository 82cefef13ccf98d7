"""The conductor with a desk that answers when told and pictures that are read when told: late answers, saving, forgetting, forms."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from courier_check.acceptance import EarlierAcceptance, FailedCheck
from courier_check.acceptance.tasks import TaskKind
from courier_check.devices.codes import VisionCode
from courier_check.devices.photo_quality import PhotoFault
from courier_check.errors import DeviceError, EnvironmentFault
from courier_check.identity.documents import Source
from courier_check.inspection.verdict import Outcome
from courier_check.parcel.contents import DeclaredItem
from courier_check.screening.entries import Action
from courier_check.terms import MailKind
from support.counters import AMBIGUOUS, CARD, CLERK, LABEL, OTHER_LABEL, SUPERVISOR, Stand, books
from support.parcels import hit, screening
from ui.background import BackgroundCode
from ui.counter.conductor import FORGET_MS
from ui.counter.state import Panel
from ui.counter.view import Form
from ui.shown import Sign

FAULT = EnvironmentFault(BackgroundCode.INTERNAL)
EARLIER = EarlierAcceptance("样本网点", "1", datetime(2026, 11, 22, tzinfo=UTC))
OTHER_CARD = replace(CARD, name="李样例", number="410105199003071248")


def test_a_whole_acceptance_by_keys_and_scans(stand: Stand) -> None:
    stand.fill()
    assert (stand.task.kind, stand.outcome) == (TaskKind.READY, Outcome.ACCEPT)
    stand.press("F12")
    assert stand.state.saving
    stand.look_up()
    assert stand.state.panel is Panel.RECORDED
    (handed,) = stand.station.submitted
    assert (handed.by, handed.session.draft.document) == (CLERK, CARD)
    stand.press("Enter")
    assert stand.state.untouched
    assert stand.state.recorded is None


# Late answers -----------------------------------------------------------------------------------------------------------------------------


def test_a_reading_for_a_parcel_given_up_is_dropped(stand: Stand) -> None:
    stand.press("Enter")
    stand.conductor.scanned(OTHER_LABEL)
    stand.press("Esc", "Esc")
    assert stand.state.untouched
    stand.read()
    stand.label(OTHER_LABEL)
    assert stand.state.untouched
    assert not stand.state.reading


def test_a_look_up_for_a_parcel_given_up_is_dropped(stand: Stand) -> None:
    stand.station.screening = screening(hit(Action.BLOCK))
    stand.press("Enter")
    stand.read()
    stand.press("Esc", "Esc")
    stand.look_up()
    assert stand.state.untouched
    assert stand.state.draft.screening is None


def test_a_look_up_for_a_parcel_put_aside_is_made_again_when_it_is_taken_up(stand: Stand) -> None:
    stand.press("Enter")
    stand.read()
    stand.press("F10")
    stand.look_up()
    assert stand.state.draft.screening is None
    stand.press("F10")
    assert stand.state.draft.screening is None
    stand.look_up()
    assert stand.state.draft.screening == stand.station.screening


def test_look_ups_that_overtake_each_other_leave_what_is_about_the_facts_in_hand(stand: Stand) -> None:
    stand.press("Enter")
    stand.read()
    stand.press("F3", "Enter")
    stand.read(OTHER_CARD)
    assert len(stand.desk.asked) == 2
    stand.station.screening = screening(hit(Action.REVIEW))
    late = stand.desk.asked.pop(0)
    stand.look_up()
    newest = stand.state.draft.screening
    stand.station.screening = screening(hit(Action.BLOCK))
    stand.desk.settle(late, stand.station)
    assert stand.state.draft.document == OTHER_CARD
    assert stand.state.draft.screening == newest


def test_an_older_scans_label_brings_nothing_to_a_newer_one(stand: Stand) -> None:
    """The wrong parcel's label was scanned, taken back, and the right one scanned before the picture of the first was read."""
    stand.conductor.scanned(LABEL)
    stand.press("Backspace")
    stand.conductor.scanned(OTHER_LABEL)
    stand.label(LABEL, sender_phone="13711112222")
    assert stand.state.draft.sender.phone == ""
    stand.label(OTHER_LABEL)
    assert stand.state.draft.sender.phone == "13800001234"


def test_a_second_enter_while_a_card_is_read_does_not_make_it_the_agents(stand: Stand) -> None:
    stand.conductor.by_agent()
    stand.press("Enter", "Enter")
    stand.read()
    stand.read()
    assert stand.state.draft.document == CARD
    assert stand.state.draft.agent_document is None
    assert stand.task.kind is TaskKind.AGENT_DOCUMENT
    stand.press("Enter")
    stand.read(OTHER_CARD)
    assert stand.state.draft.agent_document == OTHER_CARD


def test_a_photo_taken_for_a_parcel_given_up_is_dropped(stand: Stand) -> None:
    stand.identify()
    stand.scan_label()
    stand.press("F6", "Esc", "Esc")
    stand.photo()
    assert stand.state.aside.photos == ()
    assert not [text for text in stand.told if "已拍" in text]


def test_a_reading_that_fails_is_said_and_everything_stays(stand: Stand) -> None:
    stand.identify()
    stand.press("F3", "Enter")
    before = stand.state.draft
    stand.pictures.readings.pop().failed(FAULT)
    assert stand.state.draft == before
    assert not stand.state.reading
    assert stand.told[-1] == stand.state.said


def test_a_label_that_can_not_be_read_after_a_gun_says_nothing(stand: Stand) -> None:
    stand.conductor.scanned(LABEL)
    stand.pictures.readings.pop().failed(FAULT)
    assert (stand.told, stand.state.said) == ([], "")
    assert stand.state.draft.waybill is not None


# Look-ups ---------------------------------------------------------------------------------------------------------------------------------


def test_the_same_facts_entered_once_more_do_not_leave_the_screening_waiting(stand: Stand) -> None:
    """An addressee corrected, the phone as it was: the screening is void and must come back."""
    stand.fill()
    stand.conductor.edit_parties()
    draft = stand.state.draft
    typed = {"sender_name": draft.waybill_sender_name, "sender_phone": draft.sender.phone, "sender_address": draft.sender.address}
    stand.confirm(Form.PARTIES, **typed, addressee_name="王五", addressee_phone="", addressee_address="")
    stand.look_up()
    assert stand.task.kind is TaskKind.READY
    stand.conductor.as_business()
    stand.look_up()
    assert stand.task.kind is not TaskKind.LOOKING_UP


def test_a_duplicate_stays_one_when_the_name_on_the_label_is_corrected(stand: Stand) -> None:
    stand.station.earlier[LABEL] = EARLIER
    stand.identify()
    stand.scan_label()
    assert stand.outcome is Outcome.REFUSE
    stand.conductor.edit_parties()
    parties = {"sender_phone": "13800001234", "sender_address": "郑州市某路 1 号", "addressee_phone": "", "addressee_address": ""}
    stand.confirm(Form.PARTIES, **parties, sender_name="张三", addressee_name="李四")
    stand.look_up()
    assert stand.state.draft.earlier == EARLIER


def test_a_failed_security_check_stays_one_until_a_new_look_up_says_otherwise(stand: Stand) -> None:
    failed = FailedCheck(datetime(2026, 11, 22, tzinfo=UTC), 17)
    stand.station.failed[LABEL] = failed
    stand.identify()
    stand.scan_label()
    assert any("安检不合格" in check.text and check.sign is Sign.STOP for check in stand.view.checks)
    stand.conductor.edit_parties()
    parties = {"sender_phone": "13800001234", "sender_address": "郑州市某路 1 号", "addressee_phone": "", "addressee_address": ""}
    stand.confirm(Form.PARTIES, **parties, sender_name="张三", addressee_name="李四")
    stand.look_up()
    assert stand.state.draft.failed_check == failed
    stand.conductor.scanned(LABEL)
    stand.look_up()
    assert stand.state.draft.failed_check == failed
    del stand.station.failed[LABEL]
    stand.conductor.scanned(LABEL)
    stand.look_up()
    assert stand.state.draft.failed_check is None


def test_a_look_up_that_failed_is_asked_for_again_by_enter(stand: Stand) -> None:
    stand.fill()
    stand.conductor.edit_parties()
    parties = {"sender_phone": "13800009999", "sender_address": "", "addressee_phone": "", "addressee_address": ""}
    stand.confirm(Form.PARTIES, **parties, sender_name="张三丰", addressee_name="李四")
    assert stand.task.kind is TaskKind.LOOKING_UP
    assert not stand.press("Enter")  # it is under way
    stand.desk.asked.pop().failed(FAULT)
    assert stand.press("Enter")
    assert not stand.press("Enter")
    stand.look_up()
    assert stand.task.kind is TaskKind.READY


def test_a_look_up_that_fails_is_said_and_the_next_step_asks_again(stand: Stand) -> None:
    stand.press("Enter")
    stand.read()
    stand.desk.asked.pop().failed(FAULT)
    assert stand.told
    stand.conductor.scanned(LABEL)
    stand.look_up()
    assert stand.state.draft.screening is not None


def test_the_day_acts_are_judged_by_comes_from_the_station(stand: Stand) -> None:
    stand.station.clock_day = date(2041, 1, 1)
    stand.press("Enter")
    stand.read()
    assert stand.outcome is not Outcome.REFUSE
    stand.look_up()
    assert stand.outcome is Outcome.REFUSE  # the card ended in 2040
    assert stand.conductor.books.today == date(2041, 1, 1)


def test_visits_are_shown_once_they_are_known(stand: Stand) -> None:
    stand.identify()
    assert stand.view.visit == (("1", "今日已收"), ("3", "近 7 天"))


# The first letter of a scan ---------------------------------------------------------------------------------------------------------------


def test_a_key_that_was_a_scans_first_letter_is_taken_back_and_a_look_up_in_between_kept(stand: Stand) -> None:
    stand.press("Enter")
    stand.read()
    assert stand.task.kind is TaskKind.ASK
    stand.conductor.checkpoint()
    stand.press("1")
    assert stand.state.draft.answers
    stand.look_up()
    stand.conductor.restore()
    assert stand.state.draft.answers == ()
    assert stand.state.draft.screening == stand.station.screening
    assert stand.state.aside.visits is not None
    stand.conductor.scanned(LABEL)
    assert stand.state.draft.waybill is not None


def test_a_reading_that_ends_in_between_is_kept_too(stand: Stand) -> None:
    stand.identify()
    stand.conductor.scanned(LABEL)
    stand.conductor.checkpoint()
    stand.press("1")
    stand.label()
    stand.conductor.restore()
    assert stand.state.draft.addressee.name == "诸葛样例"
    assert not stand.state.reading
    stand.look_up()
    assert stand.state.draft.screening is not None


def test_a_key_that_took_up_another_parcel_is_taken_back_whole(stand: Stand) -> None:
    stand.identify()
    stand.press("F10")
    stand.identify(OTHER_CARD)
    stand.press("F10", "F10")
    assert stand.state.panel is Panel.HELD
    stand.conductor.checkpoint()
    stand.press("2")
    assert stand.state.draft.document == OTHER_CARD
    stand.conductor.restore()
    assert stand.state.panel is Panel.HELD
    assert len(stand.state.counter.held) == 2


# Saving -----------------------------------------------------------------------------------------------------------------------------------


def test_while_an_act_is_saved_nothing_changes_what_was_handed_in(stand: Stand) -> None:
    stand.fill()
    stand.press("F12")
    saving = stand.state
    stand.press("1", "Backspace", "F12", "Esc", "Esc", "F8", "F10", "F2")
    stand.confirm(Form.PARTIES, sender_name="", sender_phone="13711112222", sender_address="", addressee_name="x")
    stand.confirm(Form.SUPERVISOR, code="0001", password="practice")
    stand.conductor.change_kind(MailKind.LETTER)
    stand.conductor.by_agent()
    stand.conductor.as_business()
    stand.conductor.edit_contents()
    stand.conductor.edit_parties()
    stand.conductor.declare_another({"category": "food", "name": "苹果"})
    stand.conductor.decided("not-same", {"reason": "样本"})
    assert stand.state == saving
    assert len(stand.desk.asked) == 1
    assert stand.view.submit.text == "正在保存…"
    stand.look_up()
    assert stand.state.panel is Panel.RECORDED
    assert len(stand.station.submitted) == 1


def test_a_scan_while_an_act_is_saved_begins_the_next_parcel_after_it(stand: Stand) -> None:
    stand.fill()
    stand.press("F12")
    saving = stand.state
    stand.conductor.scanned(OTHER_LABEL)
    assert stand.state == saving
    stand.look_up()
    assert len(stand.station.submitted) == 1
    assert stand.state.draft.document is None
    assert stand.state.draft.waybill is not None
    assert stand.state.draft.waybill.text == OTHER_LABEL


def test_a_scan_while_an_act_fails_is_said_to_be_another_parcels(stand: Stand) -> None:
    stand.fill()
    stand.station.refuses.append(FAULT)
    stand.press("F12")
    stand.conductor.scanned(OTHER_LABEL)
    stand.look_up()
    assert stand.state.draft.waybill is not None
    assert stand.state.draft.waybill.text == LABEL
    assert OTHER_LABEL in stand.told[-1]


def test_an_act_that_was_not_saved_keeps_everything_and_is_handed_in_again_under_the_same_name(stand: Stand) -> None:
    stand.fill()
    stand.station.refuses.append(FAULT)
    before = stand.state
    stand.press("F12")
    stand.look_up()
    assert (stand.state.draft, stand.state.panel, stand.state.saving) == (before.draft, Panel.TASK, False)
    assert stand.told[-1] == stand.state.said
    draft_id = stand.state.aside.draft_id
    stand.press("F12")
    stand.look_up()
    assert stand.state.panel is Panel.RECORDED
    assert [one.draft_id for one in stand.station.submitted] == [draft_id]
    stand.press("Enter")
    assert stand.state.aside.draft_id != draft_id


def test_a_refusal_that_was_not_saved_is_not_refused_yet(stand: Stand) -> None:
    stand.identify()
    stand.station.refuses.append(FAULT)
    stand.press("F8", "0", "6", "Enter")
    stand.look_up()
    assert stand.state.draft.refusal is None
    assert (stand.state.panel, stand.state.chosen) == (Panel.REFUSE, "R06")
    stand.press("Enter")
    stand.look_up()
    assert stand.view.verdict.words == "已拒收"


def test_a_note_confirmed_twice_is_recorded_once(stand: Stand) -> None:
    stand.identify()
    stand.press("F8", "9", "9")
    stand.confirm(Form.REFUSAL_NOTE, note="寄件人中途离开")
    stand.confirm(Form.REFUSAL_NOTE, note="寄件人中途离开")
    stand.look_up()
    assert len(stand.station.submitted) == 1


# Photos -----------------------------------------------------------------------------------------------------------------------------------


def test_photos_are_handed_in_as_far_as_they_were_kept(stand: Stand) -> None:
    stand.fill()
    for data in (b"one", b"two"):
        stand.press("F6")
        stand.photo(data)
    stand.press("Backspace", "F6")
    stand.photo(b"three")
    stand.press("F12")
    stand.look_up()
    (handed,) = stand.station.submitted
    assert [photo.data for photo in handed.photos] == [b"one", b"three"]
    assert len({photo.name for photo in handed.photos}) == 2
    assert len(handed.session.draft.photos) == 2


def test_a_photo_that_is_not_good_enough_is_kept_only_when_it_is_insisted_on(stand: Stand) -> None:
    stand.fill()
    stand.press("F6")
    stand.photo(b"soft", (PhotoFault.BLURRED,))
    assert stand.state.aside.photos == ()
    assert "照片模糊" in stand.state.said
    assert "再按 F6" in stand.state.said
    stand.press("F6")
    stand.photo(b"soft again", (PhotoFault.BLURRED,))
    assert [photo.data for photo in stand.state.aside.photos] == [b"soft again"]
    assert stand.state.draft.photos[0].faults == (PhotoFault.BLURRED,)
    assert [thumb.wanting for thumb in stand.view.photos] == [True]
    stand.press("F6")
    stand.photo(b"soft once more", (PhotoFault.BLURRED,))  # one insistence serves one photo
    assert len(stand.state.aside.photos) == 1


def test_a_photo_the_rules_require_is_never_kept_with_a_fault(stand: Stand) -> None:
    stand.fill()
    state = stand.state
    stand.conductor.state = state.with_session(replace(state.session, draft=replace(state.draft, sampled=True)))
    assert stand.task.kind is TaskKind.PHOTO
    for _ in range(3):
        stand.press("F6")
        stand.photo(b"dark", (PhotoFault.DARK,))
        assert stand.state.aside.photos == ()
        assert "规则要求这一张" in stand.state.said


def test_nothing_is_handed_in_while_a_photo_is_being_looked_at(stand: Stand) -> None:
    stand.fill()
    stand.press("F6", "F12")
    assert "照片还在核对" in stand.state.said
    assert not stand.state.saving
    stand.photo(b"one")
    stand.press("F12")
    stand.look_up()
    assert [photo.data for photo in stand.station.submitted[0].photos] == [b"one"]


@pytest.mark.parametrize("code", [VisionCode.READER_STOPPED, VisionCode.OCR_UNAVAILABLE])
def test_a_photo_nobody_could_look_at_is_not_kept_and_the_parcel_goes_on(stand: Stand, code: VisionCode) -> None:
    stand.fill()
    stand.press("F6")
    stand.pictures.readings.pop().failed(DeviceError(code))
    assert stand.state.aside.photos == ()
    assert "没能核对" in stand.state.said
    stand.press("F12")
    stand.look_up()
    assert len(stand.station.submitted) == 1


def test_the_counter_knows_that_a_verdict_on_the_waybill_is_to_come(stand: Stand) -> None:
    """A document that was read is shown without it."""
    stand.press("Enter")
    stand.read()
    assert not stand.conductor.awaits_verdict
    stand.look_up()
    assert not stand.conductor.awaits_verdict
    stand.conductor.scanned(LABEL)
    assert stand.conductor.awaits_verdict
    stand.press("Esc", "Esc")  # the parcel is given up: the answer is for nobody, and comes all the same
    stand.look_up()
    assert not stand.conductor.awaits_verdict


# The next parcel, the last sender ---------------------------------------------------------------------------------------------------------


def test_the_last_sender_is_taken_again_with_every_check_of_the_parcel_made_anew(stand: Stand) -> None:
    stand.accept()
    stand.press("F4")
    draft = stand.state.draft
    assert (draft.document, draft.sender.phone, draft.waybill, draft.items) == (CARD, "13800001234", None, ())
    assert {answered.finding.item for answered in draft.answers} == {"original-document", "person-matches"}
    assert draft.screening is None
    stand.look_up()
    assert stand.state.draft.screening is not None
    assert stand.task.kind is TaskKind.WAYBILL
    assert stand.state.recorded is None


def test_the_last_sender_is_forgotten_after_two_minutes(stand: Stand) -> None:
    stand.accept()
    timer = stand.conductor._forget
    assert (timer.isActive(), timer.interval(), timer.isSingleShot()) == (True, FORGET_MS, True)
    assert FORGET_MS == 120_000
    timer.timeout.emit()
    stand.press("F4")
    assert stand.state.panel is Panel.RECORDED
    assert "没有可以沿用的寄件人" in stand.told[-1]


def test_forgetting_leaves_the_parcel_in_hand_as_it_is(stand: Stand) -> None:
    stand.accept()
    stand.press("Enter")
    stand.identify(OTHER_CARD)
    before = stand.state
    stand.conductor._forget.timeout.emit()
    assert stand.state == before


def test_what_was_recorded_leaves_the_screen_by_itself(stand: Stand) -> None:
    """The next in the queue reads along. The last sender is kept, unseen."""
    stand.accept()
    assert (stand.conductor._clear.isActive(), stand.conductor._clear.isSingleShot()) == (True, True)
    stand.conductor._clear.timeout.emit()
    assert stand.state.panel is Panel.TASK
    assert stand.state.untouched
    stand.press("F4")
    assert stand.state.draft.document == CARD
    before = stand.state
    stand.conductor._clear.timeout.emit()  # nothing is recorded any more: the parcel in hand stays
    assert stand.state == before


def test_another_operator_finds_no_last_sender(stand: Stand) -> None:
    stand.accept()
    stand.conductor.take_books(books(stand.station.rules, SUPERVISOR))
    assert stand.state.previous is None
    stand.press("Enter")
    stand.accept()
    stand.conductor.take_books(books(stand.station.rules, SUPERVISOR))
    assert stand.state.previous is not None


@pytest.mark.parametrize("code", ["01", "06", "07", "12"])
def test_a_refusal_keeps_the_sender_only_where_its_rule_does(stand: Stand, code: str) -> None:
    refusals = stand.station.rules.rulebook.rules.refusals
    held = refusals.refusal(f"R{code}")
    assert held is not None
    stand.identify()
    stand.press("F8", *code, "Enter")
    if code == "07":
        assert stand.state.recorded is None, "what it is about is shown first"
        stand.press("1")
        stand.confirm(Form.EXEMPTION_NOTE, note="")
        stand.press("Enter")
    stand.look_up()
    shown = stand.state.recorded
    assert shown is not None
    assert bool(shown.name) == bool(stand.state.previous) == (held.identity.value == "kept")


def test_a_scan_after_an_act_begins_the_next_parcel(stand: Stand) -> None:
    stand.accept()
    stand.conductor.scanned(OTHER_LABEL)
    assert stand.state.draft.document is None
    assert stand.state.draft.waybill is not None
    assert stand.state.draft.waybill.text == OTHER_LABEL
    assert stand.state.previous is None


def test_parcels_put_aside_keep_their_data_apart(stand: Stand) -> None:
    stand.identify()
    stand.scan_label()
    stand.press("F6")
    stand.photo(b"first")
    stand.press("F10")
    stand.identify(OTHER_CARD)
    stand.scan_label(OTHER_LABEL)
    stand.press("F10")
    assert stand.conductor.in_hand == 2
    assert stand.state.untouched
    stand.press("F10", "1")
    assert stand.state.draft.document == CARD
    assert stand.state.draft.waybill is not None
    assert stand.state.draft.waybill.text == LABEL
    assert [photo.data for photo in stand.state.aside.photos] == [b"first"]
    stand.press("F10", "F10", "1")
    assert stand.state.draft.document == OTHER_CARD
    assert stand.state.aside.photos == ()
    assert stand.conductor.in_hand == 2


def test_after_an_act_one_of_several_put_aside_is_chosen_and_the_act_is_gone(stand: Stand) -> None:
    for card in (CARD, OTHER_CARD):
        stand.identify(card)
        stand.press("F10")
    stand.accept()
    stand.press("F10")
    assert stand.state.panel is Panel.HELD
    assert stand.state.untouched
    stand.press("2")
    assert stand.state.draft.document == OTHER_CARD
    assert [one.draft.document for one in stand.state.counter.held] == [CARD]


# Sources and documents --------------------------------------------------------------------------------------------------------------------


def test_f3_goes_through_the_sources_to_typing_and_back(rules: object, qapp: object) -> None:
    stand = Stand(rules, sources=2)  # type: ignore[arg-type]  # a fixture's value
    stand.press("F3")
    assert stand.state.panel is Panel.TASK
    stand.press("F3")
    assert stand.state.panel is Panel.TYPED_DOCUMENT
    stand.press("F3")
    assert stand.state.panel is Panel.TASK
    stand.press("F3", "F3")
    stand.confirm(Form.DOCUMENT, type="resident-id", name="张三丰", number="41010519900307123X", valid_until="长期", nationality="")
    document = stand.state.draft.document
    assert document is not None
    assert (document.source, document.long_term, stand.state.aside.source) == (Source.TYPED, True, "手工输入")


@pytest.mark.parametrize("typed", [{"name": "张三丰"}, {"number": "41010519900307123X"}, {"name": " ", "number": " "}])
def test_a_typed_document_needs_name_and_number(stand: Stand, typed: dict[str, str]) -> None:
    stand.press("F3")
    stand.confirm(Form.DOCUMENT, type="resident-id", **typed)
    assert stand.state.draft.document is None
    assert "姓名和证件号码" in stand.told[-1]


@pytest.mark.parametrize("wrong", [{"type": "library-card"}, {"valid_until": "2040-02-31"}, {"name": "样" * 300}])
def test_a_typed_document_that_can_not_be_is_said_and_the_form_stays(stand: Stand, wrong: dict[str, str]) -> None:
    stand.press("F3")
    stand.confirm(Form.DOCUMENT, **{"type": "resident-id", "name": "张三丰", "number": "41010519900307123X", **wrong})
    assert stand.state.draft.document is None
    assert stand.state.panel is Panel.TYPED_DOCUMENT
    assert stand.state.said


def test_the_back_of_a_card_joins_its_front(stand: Stand) -> None:
    front = replace(CARD, valid_from=None, valid_until=None)
    stand.press("Enter")
    stand.read(front)
    assert "翻到背面" in stand.state.said
    stand.press("Enter")
    stand.read(replace(CARD, name=None, number=None, born_on=None, issuer="样例市公安局"))
    document = stand.state.draft.document
    assert document is not None
    assert (document.number, document.valid_until, document.issuer) == (CARD.number, CARD.valid_until, "样例市公安局")


# Contents ---------------------------------------------------------------------------------------------------------------------------------


def at_contents(stand: Stand) -> None:
    stand.identify()
    stand.scan_label()


def test_contents_are_typed_with_amounts_and_a_value_in_yuan(stand: Stand) -> None:
    at_contents(stand)
    stand.press("7")
    stand.confirm(Form.CONTENTS, category="tobacco", name="卷烟", quantity="2", weight_g="450", value_yuan="199.5", cigarette_sticks="400")
    (item,) = stand.state.draft.items
    assert item == DeclaredItem(name="卷烟", category="tobacco", quantity=2, weight_g=450, value_fen=19950, cigarette_sticks=400)
    assert stand.state.draft.tobacco_parcels_today is None
    stand.look_up()
    assert stand.state.draft.tobacco_parcels_today == 0


@pytest.mark.parametrize(("yuan", "fen"), [("1", 100), ("0.05", 5), ("12.3", 1230), ("1000000", 100_000_000), ("", None)])
def test_yuan_are_kept_in_fen(stand: Stand, yuan: str, fen: int | None) -> None:
    at_contents(stand)
    stand.declare(value_yuan=yuan)
    assert [item.value_fen for item in stand.state.draft.items] == [fen]


@pytest.mark.parametrize(
    "wrong",
    [
        {"value_yuan": "1.005"},
        {"value_yuan": "一百"},
        {"value_yuan": "1.x"},
        {"value_yuan": "-1"},
        {"quantity": "0"},
        {"quantity": "两"},
        {"weight_g": "１２"},
        {"weight_g": "99999999999"},
        {"name": ""},
        {"category": "no-such"},
    ],
)
def test_what_is_no_amount_is_said_and_nothing_is_declared(stand: Stand, wrong: dict[str, str]) -> None:
    at_contents(stand)
    stand.press("1")
    stand.confirm(Form.CONTENTS, **{"category": "documents", "name": "旧书", **wrong})
    assert stand.state.draft.items == ()
    assert stand.told[-1] == stand.state.said
    assert "{" not in stand.state.said


def test_tobacco_without_its_amount_is_not_declared(stand: Stand) -> None:
    at_contents(stand)
    stand.press("7")
    stand.confirm(Form.CONTENTS, category="tobacco", name="卷烟")
    assert stand.state.draft.items == ()


def test_each_further_item_is_a_step_and_the_parcel_weighs_what_all_weigh(stand: Stand) -> None:
    at_contents(stand)
    stand.press("1")
    stand.conductor.declare_another({"category": "documents", "name": "旧书", "weight_g": "900"})
    assert (stand.state.panel, stand.state.chosen) == (Panel.CONTENTS, "")
    stand.press("2")
    stand.confirm(Form.CONTENTS, category="clothing", name="毛衣", weight_g="400")
    assert [item.name for item in stand.state.draft.items] == ["旧书", "毛衣"]
    assert stand.state.draft.size.weight_g == 1300
    stand.press("Backspace")
    assert [item.name for item in stand.state.draft.items] == ["旧书"]
    stand.conductor.edit_contents()
    stand.conductor.declare_another({"category": "documents", "name": "旧书", "weight_g": "900"})
    assert stand.state.panel is Panel.CONTENTS  # the same item once more, and then another
    stand.press("2")
    stand.confirm(Form.CONTENTS, category="clothing", name="毛衣")
    assert stand.state.draft.size.weight_g is None  # not every item was weighed


def test_contents_edited_replace_what_was_declared(stand: Stand) -> None:
    at_contents(stand)
    stand.declare()
    stand.conductor.edit_contents()
    assert (stand.state.panel, stand.state.chosen) == (Panel.CONTENTS, "documents")
    stand.confirm(Form.CONTENTS, category="documents", name="旧杂志")
    assert [item.name for item in stand.state.draft.items] == ["旧杂志"]


# Waybills ---------------------------------------------------------------------------------------------------------------------------------


def test_a_typed_waybill_is_a_scan_and_an_empty_one_reads_the_label(stand: Stand) -> None:
    stand.identify()
    stand.confirm(Form.WAYBILL, waybill=f" {LABEL} ")
    assert stand.state.draft.waybill is not None
    stand.label()
    stand.press("Esc", "Esc")
    stand.identify()
    stand.confirm(Form.WAYBILL, waybill="")
    stand.label(OTHER_LABEL)
    assert stand.state.draft.waybill is not None
    assert stand.state.draft.waybill.text == OTHER_LABEL


@pytest.mark.parametrize("text", ["41010519900307123X", "https://example.invalid/13800001234", "姓名张三丰"])
def test_what_may_be_a_persons_is_not_shown_when_it_is_scanned(stand: Stand, text: str) -> None:
    stand.conductor.scanned(text)
    assert text not in "".join((*stand.told, stand.state.said))


@pytest.mark.parametrize(("text", "kind"), [("6901234567892", "商品条码"), ("https://example.invalid", "网址"), ("x", "不认识的码")])
def test_a_wrong_scan_says_what_it_was(stand: Stand, text: str, kind: str) -> None:
    before = stand.state.draft
    stand.conductor.scanned(text)
    assert kind in stand.told[-1]
    assert stand.state.draft == before


def test_a_carrier_chosen_before_the_label_is_read_stays(stand: Stand) -> None:
    stand.identify()
    stand.conductor.scanned(AMBIGUOUS)
    assert stand.task.kind is TaskKind.CARRIER
    stand.press("3")
    chosen = stand.state.draft.waybill
    stand.label(AMBIGUOUS)
    assert chosen is not None
    assert stand.state.draft.waybill is not None
    assert stand.state.draft.waybill.carrier == chosen.carrier


def test_without_a_camera_a_scan_waits_for_no_picture(rules: object, qapp: object) -> None:
    stand = Stand(rules, sources=0)  # type: ignore[arg-type]  # as above
    stand.conductor.scanned(LABEL)
    assert not stand.state.reading
    assert stand.pictures.readings == []


# Supervisors ------------------------------------------------------------------------------------------------------------------------------


def at_a_hit(stand: Stand) -> None:
    stand.station.screening = screening(hit(Action.REVIEW))
    stand.identify()
    stand.scan_label()
    stand.declare()
    assert stand.task.kind is TaskKind.HITS


def test_a_supervisor_signs_in_for_one_parcel_and_decides(stand: Stand) -> None:
    at_a_hit(stand)
    stand.press("3")
    stand.confirm(Form.SUPERVISOR, code=" 0001 ", password="practice")
    stand.look_up()
    assert stand.state.panel is Panel.DECIDE
    stand.press("1")
    stand.conductor.decided("override", {"reason": "已电话核实（样本）", "evidence": "原件（样本）"})
    assert stand.state.draft.resolutions[0].supervisor == "0001"
    stand.answer("inspection")
    stand.press("F12")
    stand.look_up()
    assert stand.station.submitted[0].supervisor == SUPERVISOR
    stand.press("Enter")
    assert stand.state.aside.supervisor is None


def test_a_clerk_is_no_supervisor(stand: Stand) -> None:
    at_a_hit(stand)
    stand.press("3")
    stand.confirm(Form.SUPERVISOR, code="0142", password="practice")
    stand.look_up()
    assert stand.state.panel is Panel.SUPERVISOR
    assert stand.state.aside.supervisor is None
    assert stand.told


def test_a_supervisor_who_signed_in_after_the_panel_was_closed_is_not_kept(stand: Stand) -> None:
    at_a_hit(stand)
    stand.press("3")
    stand.confirm(Form.SUPERVISOR, code="0001", password="practice")
    stand.press("Esc")
    stand.look_up()
    assert stand.state.panel is Panel.TASK
    assert stand.state.aside.supervisor is None


def test_a_release_asks_for_the_second_person(supervised: Stand) -> None:
    stand = supervised
    stand.station.staff["0002"] = replace(SUPERVISOR, code="0002")
    at_a_hit(stand)
    stand.press("3", "1")
    stand.conductor.decided("override", {"reason": "已电话核实（样本）", "evidence": "原件（样本）"})
    assert stand.state.draft.resolutions == ()
    assert stand.state.panel is Panel.SUPERVISOR
    assert "两人" in stand.told[-1]
    stand.confirm(Form.SUPERVISOR, code="0002", password="practice")
    stand.look_up()
    stand.press("1")
    stand.conductor.decided("override", {"reason": "已电话核实（样本）", "evidence": "原件（样本）"})
    assert stand.state.draft.resolutions[0].supervisor == "0002"


def test_a_referral_is_settled_by_a_supervisor(supervised: Stand) -> None:
    stand = supervised
    stand.identify()
    stand.scan_label("EA900000011CN")  # its check digit is another one
    stand.declare()
    stand.answer("inspection")
    assert stand.task.kind is TaskKind.REFERRED
    stand.press("3", "1")
    stand.conductor.decided("settle", {"reason": "已电话核实（样本）"})
    assert stand.task.kind is TaskKind.READY


# Another operator -------------------------------------------------------------------------------------------------------------------------


def test_in_hand_counts_what_is_begun(stand: Stand) -> None:
    assert stand.conductor.in_hand == 0
    stand.identify()
    assert stand.conductor.in_hand == 1
    stand.press("F10")
    assert stand.conductor.in_hand == 1
    stand.press("F10")
    stand.scan_label()
    stand.declare()
    stand.answer("inspection")
    stand.press("F12")
    stand.look_up()
    assert stand.conductor.in_hand == 0


def test_an_act_is_recorded_for_who_stands_at_the_counter(stand: Stand) -> None:
    stand.conductor.take_books(books(stand.station.rules, SUPERVISOR))
    stand.accept()
    assert stand.station.submitted[0].by == SUPERVISOR


def test_no_scan_that_comes_while_an_act_is_saved_is_lost(stand: Stand) -> None:
    stand.fill()
    stand.press("F12")
    stand.conductor.scanned(OTHER_LABEL)
    stand.conductor.scanned("6901234567892")
    stand.look_up()
    assert stand.state.draft.waybill is not None
    assert stand.state.draft.waybill.text == OTHER_LABEL
    assert "商品条码（6901234567892）" in stand.told[-1]
