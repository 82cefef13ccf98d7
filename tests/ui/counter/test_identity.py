"""The sender's document by every source: what a card on the reader, a credential, a picture and the keyboard do to the parcel in hand, and
what the page says of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from courier_check.acceptance.tasks import TaskKind
from courier_check.devices.codes import ReaderCode
from courier_check.devices.documents import DocumentReading
from courier_check.errors import DeviceError, UserError
from courier_check.identity.codes import CredentialCode
from courier_check.identity.documents import Source
from courier_check.identity.readings import Doubt, Field, FieldDoubt, SourceReading
from courier_check.inspection.verdict import Outcome
from courier_check.terms import MailKind
from support.counters import CARD, LABEL, PatientReader, Stand, strings_of
from support.parcels import DOCUMENT, EXPIRED
from ui.counter.identity import ReaderState
from ui.counter.state import Panel
from ui.counter.view import Form
from ui.shown import Sign

CHIP = SourceReading(Source.CHIP, DOCUMENT)
OTHER_CHIP = SourceReading(Source.CHIP, replace(DOCUMENT, name="李样本", number="110101199003077758"))
CREDENTIAL = "CCID1-" + "A" * 80
SECRETS = replace(DOCUMENT, born_on=date(1990, 3, 7), address="样例省样例市暗巷 17 号", nation="汉", issuer="样例市公安局暗巷分局")


@pytest.fixture
def reader() -> PatientReader:
    return PatientReader()


@pytest.fixture
def knowing(qapp: object, rules: object, reader: PatientReader) -> Stand:
    """A counter with a chip reader that knows DOCUMENT's owner, who agreed; nobody was shown the notice yet in this visit."""
    stand = Stand(rules, reader=reader)  # type: ignore[arg-type]  # a fixture's value
    stand.station.consent(DOCUMENT, "13800001234", None)
    return stand


@pytest.fixture
def chip(qapp: object, rules: object, reader: PatientReader) -> Stand:
    """A counter with a chip reader beside the camera, and the notice shown."""
    stand = Stand(rules, reader=reader)  # type: ignore[arg-type]  # a fixture's value
    shown_notice(stand)
    return stand


def shown_notice(stand: Stand) -> None:
    stand.press("1", "Enter")
    assert stand.task.kind is TaskKind.DOCUMENT


def who(stand: Stand) -> dict[str, tuple[str, str, Sign]]:
    return {fact.name: (fact.value, fact.tag, fact.sign) for fact in stand.view.who}


# The reader -------------------------------------------------------------------------------------------------------------------------------


def test_a_card_on_the_reader_is_read_without_a_key(chip: Stand, reader: PatientReader) -> None:
    assert "平放在阅读机上" in chip.view.task.question.help
    assert "阅读机就绪" in chip.view.picture.line
    reader.become(ReaderState.READING)
    assert (chip.view.task.question.question, chip.view.picture.line) == ("正在读取，请勿移动证件", "正在读取芯片，请勿移动证件")
    reader.tell(CHIP)
    assert chip.state.draft.readings == (CHIP,)
    assert (chip.view.who_note, chip.task.kind, chip.told[-1]) == ("芯片读取", TaskKind.ASK, "读卡成功，请取走证件。")
    assert chip.state.aside.took_ms["read"] == 420
    assert chip.pictures.is_blurred


def test_a_card_that_comes_before_the_notice_waits_for_it(qapp: object, rules: object, reader: PatientReader) -> None:
    stand = Stand(rules, reader=reader)  # type: ignore[arg-type]  # a fixture's value
    reader.tell(CHIP)
    stand.look_up()
    assert stand.state.draft.document is None
    assert "告知" in stand.state.said
    stand.press("Enter")
    qapp.processEvents()  # type: ignore[attr-defined]  # it is a QApplication
    assert stand.state.draft.readings == (CHIP,)
    assert stand.state.draft.notice is not None


def test_whoever_agreed_and_saw_this_notice_before_needs_no_key(knowing: Stand, reader: PatientReader) -> None:
    stand = knowing
    reader.tell(CHIP)
    assert stand.state.draft.document is None, "looked up first"
    stand.look_up()
    assert stand.state.draft.readings == (CHIP,)
    assert stand.state.draft.notice == stand.conductor.books.rules.notice.version
    assert stand.task.item is not None
    assert stand.task.item.id == "person-matches", "being known spares no check"
    assert stand.state.said == ""


def test_what_one_was_shown_is_taken_back_with_the_card_and_holds_for_nobody_else(knowing: Stand, reader: PatientReader) -> None:
    stand = knowing
    reader.tell(CHIP)
    stand.look_up()
    stand.press("Backspace")
    assert (stand.state.draft.document, stand.state.draft.notice) == (None, None)
    reader.tell(OTHER_CHIP)
    stand.look_up()
    assert stand.state.draft.document is None
    assert "告知" in stand.state.said


def test_an_answer_that_comes_late_takes_no_other_card(knowing: Stand, reader: PatientReader) -> None:
    stand = knowing
    reader.tell(CHIP)
    reader.tell(OTHER_CHIP)
    stand.look_up()
    assert stand.state.draft.document is None
    assert "告知" in stand.state.said


def test_enter_says_it_was_shown_without_waiting_for_the_answer(qapp: object, knowing: Stand, reader: PatientReader) -> None:
    stand = knowing
    reader.tell(CHIP)
    stand.press("Enter")
    qapp.processEvents()  # type: ignore[attr-defined]  # it is a QApplication
    assert stand.state.draft.readings == (CHIP,)
    before = stand.state.draft
    stand.look_up()
    assert (stand.state.draft.readings, stand.state.draft.notice) == (before.readings, before.notice)


def test_whoever_withdrew_the_consent_is_shown_the_notice_again(knowing: Stand, reader: PatientReader) -> None:
    stand = knowing
    stand.station.withdraw(DOCUMENT, None)
    reader.tell(CHIP)
    stand.look_up()
    assert stand.state.draft.document is None
    assert "告知" in stand.state.said


def test_a_card_pulled_away_is_said_under_the_question_and_the_next_one_is_read(chip: Stand, reader: PatientReader) -> None:
    fault = UserError(ReaderCode.NOT_READ_THROUGH)
    reader.become(ReaderState.FAULT, "证件没有读完")
    reader.stumbled.emit(fault)
    assert "没有读完" in chip.state.said
    reader.tell(CHIP)
    assert (chip.state.draft.readings, chip.state.said) == ((CHIP,), "")


def test_a_reader_that_is_unplugged_leaves_its_place_to_the_camera_and_comes_back_by_itself(chip: Stand, reader: PatientReader) -> None:
    gone = DeviceError(ReaderCode.LOST, port="COM3")
    reader.become(ReaderState.GONE, "断开了")
    reader.stumbled.emit(gone)
    assert "COM3" in chip.state.said
    assert chip.view.task.question.answers[0].text.endswith("读取证件")
    assert chip.view.picture.guide
    assert "断开" in chip.view.picture.line
    reader.become(ReaderState.READY)
    reader.back.emit()
    assert chip.told[-1] == "阅读机已接好。"
    assert "平放在阅读机上" in chip.view.task.question.help
    assert not chip.view.picture.guide


def test_trouble_with_the_reader_does_not_stand_under_questions_about_the_goods(chip: Stand, reader: PatientReader) -> None:
    reader.tell(CHIP)
    chip.look_up()
    chip.answer("identity")
    reader.stumbled.emit(DeviceError(ReaderCode.LOST, port="COM3"))
    assert chip.state.said == ""
    assert "COM3" in chip.told[-1]


def test_the_line_of_the_picture_is_the_cameras_once_the_document_is_read(chip: Stand, reader: PatientReader) -> None:
    reader.tell(CHIP)
    chip.look_up()
    chip.answer("identity")
    chip.pictures.is_blurred = False  # as when the label is to be laid there
    assert chip.view.picture.line == "练习画面"


def test_f3_goes_from_the_reader_to_the_pictures_to_typing_and_back(chip: Stand, reader: PatientReader) -> None:
    chip.press("F3")
    assert (reader.chosen, chip.state.panel) == (False, Panel.TASK)
    assert "放进画面里的框" in chip.view.task.question.help
    chip.press("F3")
    assert chip.state.panel is Panel.TYPED_DOCUMENT
    chip.press("F3")
    assert (reader.chosen, chip.state.panel) == (True, Panel.TASK)


def test_enter_with_a_reader_says_where_the_card_goes_and_the_camera_takes_over(chip: Stand, reader: PatientReader) -> None:
    chip.press("Enter")
    assert "平放在阅读机上" in chip.state.said
    assert chip.pictures.readings == []
    chip.conductor.sources.use_camera()
    assert not reader.chosen
    chip.press("Enter")
    chip.read()
    assert chip.state.draft.document == CARD


def test_a_card_laid_by_the_next_sender_does_not_change_the_parcel_in_hand(chip: Stand, reader: PatientReader) -> None:
    reader.tell(CHIP)
    chip.look_up()
    chip.answer("identity")
    before = chip.state.draft
    reader.tell(OTHER_CHIP)
    assert chip.state.draft == before
    assert "另一张证件" in chip.state.said
    chip.press("F3")
    reader.tell(OTHER_CHIP)
    assert chip.state.draft.document == OTHER_CHIP.document


def test_a_card_after_an_act_begins_the_next_parcel_once_its_notice_was_shown(chip: Stand, reader: PatientReader) -> None:
    chip.press("F3")
    chip.accept()
    assert chip.state.panel is Panel.RECORDED
    reader.tell(OTHER_CHIP)
    chip.look_up()
    assert (chip.state.panel, chip.state.draft.document) == (Panel.TASK, None)
    assert "告知" in chip.state.said
    assert reader.chosen


def test_a_card_read_while_an_act_is_saved_waits_for_its_end(qapp: object, chip: Stand, reader: PatientReader) -> None:
    chip.press("F3")
    chip.fill()
    chip.press("F12")
    assert chip.state.saving
    reader.tell(OTHER_CHIP)
    chip.look_up()
    (submitted,) = chip.station.submitted
    assert submitted.session.draft.document == CARD
    qapp.processEvents()  # type: ignore[attr-defined]  # it is a QApplication
    assert chip.state.panel is Panel.TASK
    chip.press("Enter")
    qapp.processEvents()  # type: ignore[attr-defined]  # as above
    assert chip.state.draft.document == OTHER_CHIP.document


def test_a_letter_needs_no_document_and_takes_none(chip: Stand, reader: PatientReader) -> None:
    chip.conductor.change_kind(MailKind.LETTER)
    reader.tell(CHIP)
    assert chip.state.draft.document is None
    assert "信件" in chip.state.said


def test_a_valid_card_takes_the_place_of_one_that_was_refused(chip: Stand, reader: PatientReader) -> None:
    chip.press("F3", "Enter")
    chip.read(replace(EXPIRED, source=Source.PICTURE))
    assert chip.task.kind is TaskKind.STOPPED
    reader.tell(OTHER_CHIP)
    assert chip.state.draft.readings == (OTHER_CHIP,)
    chip.press("Backspace")
    assert chip.task.kind is TaskKind.STOPPED


# Several sources --------------------------------------------------------------------------------------------------------------------------


def test_sources_that_agree_are_said_to_be_compared(chip: Stand, reader: PatientReader) -> None:
    chip.press("F3", "Enter")
    chip.read()
    reader.tell(CHIP)
    assert [one.source for one in chip.state.draft.readings] == [Source.PICTURE, Source.CHIP]
    assert chip.view.who_note == "芯片 · 已与证面比对"
    assert chip.task.kind is TaskKind.ASK


def test_a_difference_names_the_field_and_both_sources_and_stops_the_parcel(chip: Stand, reader: PatientReader) -> None:
    chip.press("F3", "Enter")
    chip.read(replace(CARD, name="张三峰"))
    reader.tell(CHIP)
    assert (chip.task.kind, chip.outcome) == (TaskKind.DIFFERENT, Outcome.REFER)
    assert who(chip)["姓名"] == ("张三丰", "与证面不同", Sign.DOUBT)
    assert chip.view.who_note == "芯片 · 与证面不一致"
    (line,) = chip.view.task.above
    assert all(word in line.text for word in ("姓名", "芯片", "证面"))
    assert "张三峰" not in "".join(strings_of(chip.view))
    chip.press("F12")
    assert not chip.state.saving


def test_a_new_reading_removes_a_difference(chip: Stand, reader: PatientReader) -> None:
    chip.press("F3", "Enter")
    chip.read(replace(CARD, name="张三峰"))
    reader.tell(CHIP)
    chip.press("F3", "Enter")
    chip.read()
    assert chip.task.kind is TaskKind.ASK
    assert who(chip)["姓名"] == ("张三丰", "", Sign.DONE)


def test_backspace_takes_back_the_source_that_differed(chip: Stand, reader: PatientReader) -> None:
    reader.tell(CHIP)
    chip.press("F3", "F3", "F3")
    chip.confirm(Form.DOCUMENT, type="resident-id", name="张三峰", number=DOCUMENT.number or "")
    assert chip.task.kind is TaskKind.DIFFERENT
    chip.press("Backspace")
    assert (chip.task.kind, chip.state.draft.readings) == (TaskKind.ASK, (CHIP,))


def test_a_supervisor_settles_a_difference(qapp: object, rules: object, reader: PatientReader) -> None:
    from support.counters import SUPERVISOR

    stand = Stand(rules, SUPERVISOR, reader=reader)  # type: ignore[arg-type]  # a fixture's value
    shown_notice(stand)
    stand.press("F3", "Enter")
    stand.read(replace(CARD, name="张三峰"))
    reader.tell(CHIP)
    stand.press("3")
    assert stand.state.panel is Panel.DECIDE
    stand.press("1")
    stand.conductor.decided("settle", {"reason": "证面磨损，芯片与本人一致"})
    assert stand.task.kind is TaskKind.ASK


def test_f7_goes_on_while_the_supervisor_is_on_the_way_and_the_difference_stays(chip: Stand, reader: PatientReader) -> None:
    chip.press("F3", "Enter")
    chip.read(replace(CARD, name="张三峰"))
    reader.tell(CHIP)
    chip.press("F7")
    assert chip.task.kind is TaskKind.ASK
    assert chip.outcome is Outcome.REFER


def test_a_doubtful_field_has_its_mark_and_its_sentence(chip: Stand) -> None:
    chip.press("F3", "Enter")
    reading = chip.pictures.readings.pop()
    doubts = (
        FieldDoubt(Field.NAME, Doubt.LOW_CONFIDENCE),
        FieldDoubt(Field.NUMBER, Doubt.NOT_ALONE),
        FieldDoubt(Field.NATION, Doubt.LOW_CONFIDENCE),
    )
    outline = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))
    reading.done(DocumentReading(CARD, complete=True, warnings=(), ms=700, doubts=doubts, outline=outline))
    assert who(chip)["姓名"] == ("张三丰", "没把握", Sign.DOUBT)
    assert who(chip)["证件"][2] is Sign.DOUBT
    assert who(chip)["核对"][0] == "号码不止一个"
    assert [line.text for line in chip.view.task.above] == ["证面的姓名读得没有把握", "证面的号码画面里不止一个"]
    assert chip.view.picture.outline == outline
    assert chip.task.item is not None


def test_birth_date_address_and_the_rest_are_never_shown(chip: Stand, reader: PatientReader) -> None:
    reader.tell(SourceReading(Source.CHIP, SECRETS))
    chip.press("F3", "F3", "Enter")
    chip.read(replace(SECRETS, source=Source.PICTURE, address="别处 3 号", born_on=date(1991, 3, 7), sex=None))
    said = "".join(strings_of(chip.view))
    assert "住址与证面不同" in said
    assert "出生日期与证面不同" in said
    for secret in (SECRETS.number or "", "暗巷", "别处", "1990", "1991"):
        assert secret not in said


# Credentials ------------------------------------------------------------------------------------------------------------------------------


def test_a_scanned_credential_identifies_the_sender_wherever_it_is_scanned(chip: Stand) -> None:
    chip.station.credentials.good[CREDENTIAL] = SourceReading(Source.CREDENTIAL, replace(DOCUMENT, source=Source.CREDENTIAL))
    chip.conductor.scanned(CREDENTIAL)
    chip.look_up()
    assert [one.source for one in chip.state.draft.readings] == [Source.CREDENTIAL]
    assert (chip.view.who_note, chip.told[-1]) == ("实名码", "实名码核验通过，已使用。")
    chip.conductor.scanned(CREDENTIAL)
    chip.look_up()
    assert "已使用过" in chip.state.said


def test_a_credential_typed_where_a_waybill_is_wanted_is_one_too(chip: Stand, reader: PatientReader) -> None:
    reader.tell(CHIP)
    chip.look_up()
    chip.answer("identity")
    chip.station.credentials.good[CREDENTIAL] = SourceReading(Source.CREDENTIAL, replace(DOCUMENT, source=Source.CREDENTIAL))
    chip.confirm(Form.WAYBILL, waybill=CREDENTIAL)
    chip.look_up()
    assert [one.source for one in chip.state.draft.readings] == [Source.CHIP, Source.CREDENTIAL]


def test_a_credential_waits_for_the_notice_and_is_not_used_up(qapp: object, rules: object) -> None:
    stand = Stand(rules)  # type: ignore[arg-type]  # a fixture's value
    stand.station.credentials.good[CREDENTIAL] = CHIP
    stand.conductor.scanned(CREDENTIAL)
    stand.look_up()
    assert "告知" in stand.state.said
    assert CREDENTIAL in stand.station.credentials.good


def test_a_credential_that_says_another_name_is_a_difference(chip: Stand, reader: PatientReader) -> None:
    reader.tell(CHIP)
    chip.station.credentials.good[CREDENTIAL] = SourceReading(Source.CREDENTIAL, replace(DOCUMENT, name="李样本"))
    chip.conductor.scanned(CREDENTIAL)
    chip.look_up()
    assert chip.task.kind is TaskKind.DIFFERENT
    assert who(chip)["姓名"][1] == "与实名码不同"


@pytest.mark.parametrize("text", ["https://example.org/id/0123456789abcdef", "REALNAME:0123456789ABCDEF0123456789"])
def test_a_code_that_nobody_can_read_is_kept_as_a_reference_where_a_document_is_asked_for(chip: Stand, text: str) -> None:
    chip.conductor.scanned(text)
    assert chip.state.draft.credential_ref == text
    assert "只作参考" in chip.state.said
    assert who(chip)["实名码"][2] is Sign.OPEN
    assert chip.task.kind is TaskKind.DOCUMENT
    assert text not in "".join(strings_of(chip.view))


def test_a_credential_of_another_form_is_kept_as_a_reference_too(chip: Stand) -> None:
    chip.station.credentials.refuses = UserError(CredentialCode.UNKNOWN)
    chip.conductor.scanned(CREDENTIAL)
    chip.look_up()
    assert chip.state.draft.credential_ref == CREDENTIAL


def test_a_short_or_a_late_code_is_no_reference(chip: Stand, reader: PatientReader) -> None:
    chip.conductor.scanned("COUPON-12")
    assert chip.state.draft.credential_ref == ""
    reader.tell(CHIP)
    chip.look_up()
    chip.answer("identity")
    chip.conductor.scanned("https://example.org/id/0123456789abcdef")
    assert chip.state.draft.credential_ref == ""
    assert "网址" in chip.state.said
    chip.conductor.scanned(LABEL)
    assert chip.state.draft.waybill is not None
