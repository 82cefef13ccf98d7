"""The people before the counter: the notice, senders who were here before, guardians, organisations, the name on an order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import msgspec
import pytest

from courier_check.acceptance.tasks import TaskKind
from courier_check.desk.acceptances import Rules
from courier_check.desk.codes import DeskCode
from courier_check.desk.senders import KnownSender
from courier_check.errors import UserError
from courier_check.identity.checksums import organisation_check, uscc_check
from courier_check.identity.codes import OrganisationReason
from courier_check.identity.organisations import Office
from courier_check.inspection.verdict import Outcome
from courier_check.store.senders import StoredProfile
from courier_check.terms import MailKind
from support.counters import CARD, LABEL, OTHER_LABEL, SUPERVISOR, Stand, books, strings_of
from ui.counter.people import Kept, kept_of, prefilled_phone, said_of_code
from ui.counter.state import Panel
from ui.counter.view import Form

CHILD = replace(CARD, name="张小样", number="410105201503071236", born_on=None, valid_from=date(2023, 1, 1), valid_until=date(2028, 1, 1))


def made_up_code() -> str:
    """统一社会信用代码 of nobody, with the check characters it must have."""
    body = "91410100MA000000"
    whole = body + organisation_check(body[8:16])
    return whole + uscc_check(whole)


CODE = made_up_code()


def version(stand: Stand) -> str:
    return stand.conductor.books.rules.notice.version


def keys_of(stand: Stand) -> dict[str, str]:
    return {answer.key: answer.text for answer in stand.view.task.question.answers}


def told(stand: Stand) -> str:
    return "\n".join(strings_of(stand.view.task))


# The notice -------------------------------------------------------------------------------------------------------------------------------


def test_the_key_that_reads_says_that_the_notice_was_shown(stand: Stand) -> None:
    assert keys_of(stand)["Enter"].startswith("已出示告知")
    assert version(stand) in told(stand)
    stand.press("Enter")
    assert [one.kind for one in stand.pictures.readings] == ["document"]
    stand.read()
    assert stand.state.draft.notice == version(stand)


def test_a_parcel_is_handed_in_with_the_version_that_was_shown(stand: Stand) -> None:
    stand.accept()
    (handed,) = stand.station.submitted
    assert handed.session.draft.notice == version(stand)


def test_it_is_asked_once_a_visit_and_of_every_visitor(stand: Stand) -> None:
    stand.accept()
    stand.press("F4")
    assert stand.state.draft.notice == version(stand)
    stand.press("Esc", "Esc")
    assert stand.state.draft.notice is None
    assert "已出示告知" in keys_of(stand)["Enter"]


def test_what_is_taken_back_does_not_take_the_notice_back(stand: Stand) -> None:
    stand.press("Enter")
    stand.read()
    stand.press("Backspace")
    assert (stand.state.draft.document, stand.state.draft.notice) == (None, version(stand))
    assert "已出示告知" not in keys_of(stand)["Enter"]


def test_who_was_not_shown_it_after_all_is_shown_it_again(stand: Stand) -> None:
    for back in ("Backspace", "Esc"):
        stand.press("1", "Enter")
        assert stand.state.draft.notice == version(stand)
        assert stand.state.untouched
        stand.press(back)
        assert stand.state.draft.notice is None


def test_the_whole_notice_is_one_key_away_and_enter_there_notes_it_without_reading(stand: Stand) -> None:
    stand.press("1")
    assert stand.state.panel is Panel.NOTICE
    for section in stand.conductor.books.rules.notice.sections:
        assert section.heading.zh in told(stand)
    assert "{" not in told(stand)
    stand.press("Enter")
    assert (stand.state.panel, stand.state.draft.notice) == (Panel.TASK, version(stand))
    assert stand.pictures.readings == []


def test_esc_leaves_the_notice_as_it_was(stand: Stand) -> None:
    stand.press("1", "Esc")
    assert (stand.state.panel, stand.state.draft.notice) == (Panel.TASK, None)


def test_a_document_that_is_typed_is_typed_after_the_notice(stand: Stand) -> None:
    stand.press("F3")
    assert stand.state.panel is Panel.TYPED_DOCUMENT
    assert "告知" in stand.view.task.question.help
    stand.confirm(Form.DOCUMENT, type="resident-id", name=CARD.name or "", number=CARD.number or "", valid_until="长期")
    assert stand.state.draft.notice == version(stand)


def test_a_label_before_the_document_leaves_the_notice_due(stand: Stand) -> None:
    stand.conductor.scanned(LABEL)
    stand.label()
    assert stand.state.draft.notice is None
    stand.press("Enter")
    stand.read()
    stand.press("Backspace")
    assert stand.state.draft.notice == version(stand)


def test_letters_need_none(stand: Stand) -> None:
    stand.conductor.change_kind(MailKind.LETTER)
    assert "告知" not in told(stand)


def test_an_outlet_that_insists_asks_before_everything_else(rules: Rules) -> None:
    policy = replace(rules.policy, notice=msgspec.structs.replace(rules.policy.notice, required=True))
    stand = Stand(replace(rules, policy=policy))
    assert stand.task.kind is TaskKind.NOTICE
    stand.press("Enter")
    assert (stand.task.kind, stand.pictures.readings) == (TaskKind.DOCUMENT, [])
    stand.press("Enter")
    assert [one.kind for one in stand.pictures.readings] == ["document"]


# Guardians --------------------------------------------------------------------------------------------------------------------------------


def test_a_child_waits_for_a_guardian_who_is_shown_beside_it(stand: Stand) -> None:
    stand.press("Enter")
    stand.read(CHILD)
    stand.look_up()
    assert stand.task.kind is TaskKind.GUARDIAN_DOCUMENT
    assert "同意" in stand.view.task.question.help
    assert any(fact.name == "监护人" and "请出示" in fact.value for fact in stand.view.who)
    stand.pictures.show_live()
    stand.press("Enter")
    stand.read(CARD)
    assert stand.state.draft.guardian_document is not None
    assert stand.state.draft.document == CHILD
    assert stand.pictures.is_blurred
    (fact,) = [fact for fact in stand.view.who if fact.name == "监护人"]
    assert CARD.number not in fact.value
    stand.answer("identity")
    assert stand.outcome is Outcome.INCOMPLETE
    assert stand.task.kind is TaskKind.WAYBILL


# Senders who were here before -------------------------------------------------------------------------------------------------------------


def known(stand: Stand, phone: str | None = "13800001234") -> None:
    profile = StoredProfile("ab" * 16, CARD.name if phone else None, phone)
    stand.station.known[CARD.number or ""] = KnownSender(1, 3, 7, profile)


def with_label(stand: Stand, **said: str) -> None:
    stand.identify()
    stand.scan_label(sender_phone="", **said)


def test_the_phone_of_who_agreed_comes_with_a_label_that_hides_it(stand: Stand) -> None:
    """G-04: nothing of the sender is typed; one key takes it back together with the label."""
    known(stand)
    stand.identify()
    before = stand.state.draft.answers
    stand.scan_label(sender_phone="")
    assert stand.task.kind is not TaskKind.PARTIES
    assert stand.state.draft.sender.phone == "13800001234"
    (shown,) = [fact for fact in stand.view.who if fact.name == "电话"]
    assert (shown.tag, shown.value) == ("回头客，请核对", "138****1234")
    while stand.state.draft.answers != before:
        stand.press("Backspace")
    stand.press("Backspace")
    assert (stand.state.draft.sender.phone, stand.state.draft.waybill) == ("", None)


@pytest.mark.parametrize(("shown", "taken"), [("138****1234", True), ("139****1234", False), ("138****", False)])
def test_a_phone_other_than_the_label_shows_in_part_is_not_taken(stand: Stand, shown: str, taken: bool) -> None:
    known(stand)
    stand.identify()
    stand.scan_label(sender_phone=shown)
    assert (stand.task.kind is not TaskKind.PARTIES) is taken
    assert bool(stand.state.draft.sender.phone) is taken


def test_where_the_addressee_is_to_be_typed_too_the_phone_of_who_agreed_stands_in_the_form(stand: Stand) -> None:
    known(stand)
    with_label(stand, addressee_name="")
    assert stand.task.kind is TaskKind.PARTIES
    assert stand.view.task.first["sender_phone"] == "13800001234"
    assert "请核对" in stand.view.task.question.help
    assert stand.state.draft.sender.phone == ""


@pytest.mark.parametrize("phone", [None, "nobody"])
def test_nobody_else_is_prefilled(stand: Stand, phone: str | None) -> None:
    if phone is None:
        known(stand, None)
    with_label(stand)
    assert stand.view.task.first["sender_phone"] == ""


def test_the_name_on_the_label_is_never_prefilled(stand: Stand) -> None:
    known(stand)
    with_label(stand, sender_name="", addressee_name="")
    assert stand.view.task.first["sender_name"] == ""
    assert stand.state.draft.waybill_sender_name == ""


def test_being_known_spares_no_check(stand: Stand) -> None:
    known(stand)
    stand.press("Enter")
    stand.read()
    stand.look_up()
    assert stand.task.item is not None
    assert stand.task.item.id == "original-document"
    stand.press("Esc", "Esc", "Enter")
    stand.read()
    stand.look_up()
    assert stand.task.item.id == "original-document"


def test_consent_withdrawal_and_deletion_by_keys(stand: Stand) -> None:
    stand.identify()
    stand.scan_label()
    stand.conductor.open_panel(Panel.SENDER)
    assert set(keys_of(stand)) == {"1", "Enter"}
    stand.press("1")
    stand.look_up()
    assert stand.station.known[CARD.number or ""].prefill is not None
    assert set(keys_of(stand)) == {"2", "3", "Enter"}
    assert any(fact.name == "回头客" for fact in stand.view.who)
    stand.press("2")
    stand.look_up()
    assert stand.station.known[CARD.number or ""].profile == StoredProfile("ab" * 16, None, None)
    assert set(keys_of(stand)) == {"1", "3", "Enter"}
    stand.press("3")
    stand.look_up()
    assert stand.station.known[CARD.number or ""].profile is None
    assert len([text for text in stand.told if "删除" in text]) == 2
    stand.press("Enter")
    assert stand.state.panel is Panel.TASK


def test_a_key_that_bounces_does_nothing_twice_and_answers_nothing(stand: Stand) -> None:
    stand.identify()
    stand.scan_label()
    stand.conductor.open_panel(Panel.SENDER)
    before = stand.state.draft
    stand.press("1", "1", "1")
    assert len(stand.desk.asked) == 1
    stand.look_up()
    stand.press("1", "9")
    assert stand.state.draft == before
    assert stand.state.panel is Panel.SENDER
    assert stand.desk.asked == []


def test_what_the_station_refuses_is_said_and_may_be_tried_again(stand: Stand) -> None:
    stand.identify()
    stand.scan_label()
    stand.station.refuses.append(UserError(DeskCode.SENDER_PHONE_UNFIT))
    stand.conductor.open_panel(Panel.SENDER)
    stand.press("1")
    stand.look_up()
    assert "不能用来预填" in stand.state.said
    stand.press("1")
    stand.look_up()
    assert stand.station.known[CARD.number or ""].prefill is not None


def test_a_copy_left_in_the_log_is_said(stand: Stand) -> None:
    known(stand)
    stand.station.gone = False
    stand.identify()
    stand.conductor.open_panel(Panel.SENDER)
    stand.press("3")
    stand.look_up()
    assert any("关闭程序时清除" in text for text in stand.told)


def test_without_a_document_nobody_is_asked(stand: Stand) -> None:
    stand.conductor.open_panel(Panel.SENDER)
    assert stand.state.panel is Panel.TASK
    assert "请先读" in stand.state.said


# Organisations ----------------------------------------------------------------------------------------------------------------------------


def organise(stand: Stand, **typed: str) -> None:
    stand.conductor.open_panel(Panel.ORGANISATION)
    usual = {"organisation": "样例商贸有限公司", "uscc": CODE, "responsible": CARD.name or "", "office": "legal-representative"}
    stand.confirm(Form.ORGANISATION, **{**usual, **typed})
    stand.look_up()


def test_an_organisation_is_typed_and_shown_masked(stand: Stand) -> None:
    organise(stand)
    unit = stand.state.draft.organisation
    assert unit is not None
    assert (unit.uscc, unit.office) == (CODE, Office.LEGAL_REPRESENTATIVE)
    shown = {fact.name: fact.value for fact in stand.view.who}
    assert shown["单位"] == "样例商贸有限公司"
    assert CODE not in shown["信用代码"]


def test_what_is_missing_is_said_and_the_form_stays(stand: Stand) -> None:
    organise(stand, responsible=" ")
    assert stand.state.panel is Panel.ORGANISATION
    assert stand.state.said
    assert stand.state.draft.organisation is None


def test_the_form_opens_again_with_what_was_typed(stand: Stand) -> None:
    organise(stand)
    stand.conductor.open_panel(Panel.ORGANISATION)
    assert stand.view.task.first["uscc"] == CODE
    organise(stand)
    assert stand.state.panel is Panel.TASK
    stand.press("Backspace")
    assert stand.state.draft.organisation is None


def test_the_copy_is_taken_where_the_parcel_waits_for_it_and_handed_in(stand: Stand) -> None:
    organise(stand)
    stand.fill()
    assert stand.task.kind is TaskKind.REFERRED
    assert "1" in keys_of(stand)
    stand.press("1")
    stand.copy()
    assert stand.outcome is Outcome.ACCEPT
    assert OrganisationReason.COPY_MISSING not in {reason.code for reason in stand.conductor.verdict.reasons}
    stand.press("F12")
    stand.look_up()
    (handed,) = stand.station.submitted
    assert [copy.data for copy in handed.copies] == [b"a card"]


def test_a_copy_of_another_document_does_not_come_along(stand: Stand) -> None:
    organise(stand)
    stand.press("Enter")
    stand.read()
    stand.conductor.take_copy()
    stand.press("Esc", "Esc")
    stand.copy()
    assert stand.state.aside.copies == ()
    assert not stand.state.draft.copied


def test_nobody_else_s_document_is_copied(stand: Stand) -> None:
    stand.identify()
    stand.conductor.take_copy()
    assert stand.pictures.readings == []
    assert stand.state.said


def test_nothing_is_handed_in_while_the_form_is_open(stand: Stand) -> None:
    stand.fill()
    for panel in (Panel.ORGANISATION, Panel.ORDER_NAME):
        stand.conductor.open_panel(panel)
        stand.press("F12")
        assert stand.station.submitted == []
        stand.press("Esc")


@pytest.mark.parametrize(
    ("text", "holds", "words"),
    [
        ("", None, ""),
        (CODE[:5], None, "还差 13 位"),
        (CODE, True, "相符"),
        (" ".join((CODE[:2], CODE[2:8], CODE[8:])).lower(), True, "相符"),
        (CODE[:17] + ("0" if CODE[17] != "0" else "1"), False, "不符"),
        (CODE.replace("0", "O", 1), False, CODE),
        (CODE[:17] + "！", False, "18 位"),
        (CODE + "1", False, "18 位"),
    ],
)
def test_a_code_is_checked_while_it_is_typed(text: str, holds: bool | None, words: str) -> None:
    said = said_of_code(text)
    assert said.holds is holds
    assert words in said.words


# The name on an order ---------------------------------------------------------------------------------------------------------------------


def test_the_name_of_an_order_stands_for_a_masked_one(stand: Stand) -> None:
    stand.identify()
    stand.scan_label(sender_name="张**")
    stand.conductor.open_panel(Panel.ORDER_NAME)
    assert "张**" in stand.view.task.question.help
    stand.confirm(Form.ORDER_NAME, order_name="张**")
    assert stand.state.panel is Panel.ORDER_NAME
    assert stand.state.said
    stand.confirm(Form.ORDER_NAME, order_name=CARD.name or "")
    assert stand.state.draft.order_sender_name == CARD.name
    assert stand.state.panel is Panel.TASK


def test_it_waits_for_the_label(stand: Stand) -> None:
    stand.conductor.open_panel(Panel.ORDER_NAME)
    assert stand.state.panel is Panel.TASK
    assert stand.state.said


def test_a_supervisor_at_the_counter_settles_a_copy_kept_elsewhere(rules: Rules) -> None:
    stand = Stand(rules, SUPERVISOR)
    assert books(rules).outlet == ""
    organise(stand)
    stand.fill(OTHER_LABEL)
    stand.press("3")
    assert stand.state.panel is Panel.DECIDE


def test_a_copy_is_told_of_where_it_was_kept_only_and_the_card_is_blurred(stand: Stand) -> None:
    organise(stand)
    stand.press("Enter")
    stand.read()
    stand.look_up()
    for kept in (True, False):
        stand.conductor.take_copy()
        stand.pictures.show_live()
        stand.told.clear()
        if not kept:
            stand.press("Esc", "Esc")
        stand.copy()
        assert stand.pictures.is_blurred is kept
        assert any("翻拍" in text for text in stand.told) is kept


def test_what_was_known_of_one_sender_is_never_another_s(stand: Stand) -> None:
    known(stand)
    stand.press("Enter")
    stand.read()
    stand.look_up()
    assert kept_of(stand.state) is Kept.PROFILE
    stand.press("F3", "Enter")
    stand.read(replace(CARD, name="李样例", number="410105199003071248"))
    assert kept_of(stand.state) is Kept.ASKED
    assert prefilled_phone(stand.state) == ""
    stand.conductor.open_panel(Panel.SENDER)
    assert set(keys_of(stand)) == {"Enter"}
    stand.look_up()
    assert kept_of(stand.state) is Kept.NOTHING
