"""G: whatever keys, scans, forms, readings, look-ups, undo, hold and resume come, and in whatever order, nothing is handed in as an
acceptance that lacks something; the page can always be shown, and it names what is missing."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

# Before anything makes an application: these examples have no fixture to do it.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from PySide6.QtWidgets import QApplication

from courier_check.acceptance import Draft, EarlierAcceptance
from courier_check.acceptance.judgement import case_of
from courier_check.acceptance.tasks import TaskKind, open_hits
from courier_check.desk.acceptances import Submission
from courier_check.desk.rules import rules_of, shipped_package
from courier_check.devices.documents import DocumentReading
from courier_check.devices.evidence_photos import EvidencePhoto
from courier_check.errors import EnvironmentFault
from courier_check.inspection.findings import Answer
from courier_check.inspection.verdict import Outcome
from courier_check.screening.entries import Action
from courier_check.terms import Consequence, MailKind
from support.counters import AMBIGUOUS, CARD, CLERK, LABEL, OTHER_LABEL, SUPERVISOR, Stand, label_reading
from support.parcels import CLEAR, EXPIRED, TODAY, hit, screening
from ui import keys
from ui.background import BackgroundCode
from ui.counter.acts import half_read
from ui.counter.decisions import decisions
from ui.counter.state import Panel
from ui.counter.view import Form

RULES = rules_of(shipped_package(), str)
FAULT = EnvironmentFault(BackgroundCode.INTERNAL)
PARCEL_PANELS = (Panel.SERVICE, Panel.CUSTOMS, Panel.PIECES, Panel.PAPERS, Panel.RESERVED, Panel.PROHIBITED)
SERVICES = (
    {"product": "标准快件", "payer": "寄付", "weight_g": "900", "declared_yuan": "", "way": "窗口", "place": "", "country": ""},
    {
        "product": "国际小包",
        "payer": "到付",
        "weight_g": "900",
        "declared_yuan": "1.5",
        "way": "代办点",
        "place": "样例驿站",
        "country": "日本",
    },
    {"product": "", "payer": "", "weight_g": "x", "declared_yuan": "", "way": "退件", "place": "", "country": "??"},
)
CUSTOMS = {
    **{"customs_category": "礼品", "description": "books", "quantity": "1", "net_weight_g": "500", "value": "60"},
    **{"currency": "CNY", "origin": "", "hs_code": ""},
}
KEYS = (
    *"hzpHZP",
    *keys.DIGITS,
    *(f"F{number}" for number in range(1, 13)),
    "Enter",
    "Space",
    "Backspace",
    "Esc",
    "Up",
    "Down",
    "Ctrl+K",
    "Ctrl+B",
    "Tab",
)
CODES = (LABEL, OTHER_LABEL, AMBIGUOUS, "EA900000019CN", "EA900000011CN", "6901234567892", "https://example.invalid", "x")
DOCUMENTS = (
    CARD,
    replace(CARD, name="李样例", number="410105199003071248"),
    replace(EXPIRED, source=CARD.source),
    replace(CARD, valid_from=None, valid_until=None),
    replace(CARD, name=None),
    replace(CARD, number="410105199003071241"),
)
LISTS = (CLEAR, screening(hit(Action.REVIEW)), screening(hit(Action.BLOCK)), screening(hit(Action.INSPECT), hit(Action.NOTE, entry="e2")))
CONTENTS = (
    {"category": "documents", "name": "旧书", "weight_g": "900"},
    {"category": "tobacco", "name": "卷烟", "cigarette_sticks": "200"},
    {"category": "medicine", "name": "感冒药", "quantity": "2"},
    {"category": "other", "name": "打火机"},
    {"category": "clothing", "name": "", "value_yuan": "x"},
)
PARTIES = (
    {"sender_name": "张三丰", "sender_phone": "13800001234", "addressee_name": "李四"},
    {"sender_name": "", "sender_phone": "", "addressee_name": ""},
    {"sender_name": "王*", "sender_phone": "138****1234", "addressee_name": "李四"},
)
LABELS = ({}, {"sender_name": "张*丰", "sender_phone": "138****1234"}, {"sender_name": "", "addressee_name": ""}, {"sender_name": "王五"})


def check_whole(submission: Submission) -> None:
    """What an acceptance must have, told from the draft itself and the rules, not from the verdict's list of what is missing."""
    draft, rulebook = submission.session.draft, RULES.rulebook
    verdict = submission.session.verdict(rulebook, RULES.policy, TODAY)
    answers = {answered.finding.item: answered.finding.answer for answered in draft.answers}
    assert verdict.outcome in (Outcome.ACCEPT, Outcome.REFER, Outcome.REFUSE)
    if verdict.outcome is not Outcome.ACCEPT:
        return
    assert verdict.missing == ()
    assert open_hits(draft) == ()
    assert draft.contents_findings == ()
    assert draft.refusal is None
    assert draft.waybill is not None
    assert draft.waybill.carrier is not None
    assert draft.earlier is None
    for item in rulebook.rules.applying(case_of(draft, rulebook, TODAY)):
        if item.mandatory and item.answers is not None:
            assert answers.get(item.id) is Answer.YES, item.id
    if not draft.is_letter:
        assert draft.document is not None
        assert draft.document.name
        assert draft.document.number
        assert draft.document.long_term or (draft.document.valid_until is not None and draft.document.valid_until >= TODAY)
        assert draft.screening is not None
        assert draft.sender.phone
        assert draft.addressee.name
        assert draft.items
        if draft.service is not None:
            assert draft.service.is_complete(draft.weight_g)
    assert all(reason.consequence is Consequence.NOTE for reason in verdict.reasons)


class CounterMachine(RuleBasedStateMachine):
    """One counter at work. What is under way (readings, look-ups, a save) ends when a rule says so, in any order."""

    @initialize(supervised=st.booleans(), begun=st.sampled_from(["", "identified", "labelled", "declared", "whole"]))
    def begin(self, supervised: bool, begun: str) -> None:
        """Often with a parcel well on its way: from an empty counter random keys seldom get far."""
        self.application = QApplication.instance() or QApplication([])
        self.stand = Stand(RULES, SUPERVISOR if supervised else CLERK)
        self.checked = 0
        if begun:
            self.stand.identify()
        if begun in ("labelled", "declared", "whole"):
            self.stand.scan_label()
        if begun in ("declared", "whole"):
            self.stand.declare()
        if begun == "whole":
            self.stand.answer("inspection")

    # What a person does -----------------------------------------------------------------------------------------------------------------

    @rule(key=st.sampled_from(KEYS))
    def press(self, key: str) -> None:
        before = self.stand.state
        self.stand.press(key)
        if before.saving:
            assert self.stand.state == before

    @rule(steps=st.integers(1, 25))
    def do_what_is_asked(self, steps: int) -> None:
        """A clerk who goes on with what the window asks for: else few parcels would get anywhere."""
        for _ in range(steps):
            self.do_the_next_thing()
            if self.stand.state.panel is Panel.RECORDED:
                break

    def do_the_next_thing(self) -> None:
        stand = self.stand
        if stand.state.saving or stand.desk.asked:
            stand.look_up()
        if stand.state.continuing is not None:
            stand.conductor.scanned(OTHER_LABEL)
            if stand.state.continuing is not None:  # it had its turn: the shipment ends here
                stand.press("Esc", "Esc")
            return
        closes = {Panel.RECORDED: "Enter", Panel.HELD: "1", Panel.TASK: ""}.get(stand.state.panel, "Esc")
        if closes:
            stand.press(closes)
            return
        task = stand.task
        ways: dict[TaskKind, Callable[[], object]] = {
            TaskKind.DOCUMENT: lambda: (stand.press("Enter"), stand.read(CARD)),
            TaskKind.AGENT_DOCUMENT: lambda: (stand.press("Enter"), stand.read(DOCUMENTS[1])),
            TaskKind.CLIENT: lambda: stand.conductor.change_kind(MailKind.PARCEL),
            TaskKind.WAYBILL: lambda: stand.conductor.scanned(LABEL),
            TaskKind.PARTIES: lambda: self.type_parties(PARTIES[0]),
            TaskKind.CONTENTS: lambda: self.declare(CONTENTS[0], another=False),
            TaskKind.SERVICE: lambda: stand.confirm(Form.SERVICE, **SERVICES[0]),
            TaskKind.CUSTOMS: lambda: stand.confirm(Form.CUSTOMS, **CUSTOMS),
            TaskKind.PHOTO: lambda: (stand.press("F6"), stand.photo()),
            TaskKind.FOUND: self.name_what_was_found,
            TaskKind.HITS: self.have_a_supervisor_decide,
            TaskKind.STOPPED: lambda: stand.press("F8", "Enter"),
            TaskKind.REFERRED: lambda: stand.press("F12"),
            TaskKind.READY: lambda: stand.press("F12"),
        }
        ways.get(task.kind, lambda: stand.press("1"))()

    def name_what_was_found(self) -> None:
        item = self.stand.task.item
        assert item is not None
        self.stand.press("Backspace" if self.stand.state.digits else "Up", *item.covers[0])
        if self.stand.state.aside.found.category is not None:
            self.stand.confirm(Form.GOODS_NAME, name="样本")
            self.stand.press("1")

    def have_a_supervisor_decide(self) -> None:
        self.stand.press("3")
        if self.stand.state.panel is Panel.SUPERVISOR:
            self.stand.confirm(Form.SUPERVISOR, code="0001", password="practice")
            self.stand.look_up()
        self.stand.press("1")
        if self.stand.state.chosen:
            self.stand.conductor.decided("settle" if self.stand.state.kind == "settle" else "not-same", {"reason": "核对了证件（样本）"})

    @rule(code=st.sampled_from(CODES))
    def scan(self, code: str) -> None:
        self.stand.conductor.checkpoint()
        if code[0].isdigit():
            self.stand.press(code[0])  # the first letter of a scan acts until the second one comes
        before_scan = self.stand.conductor._before_key
        self.stand.conductor.restore()
        assert before_scan is not None
        assert self.stand.state.draft == before_scan.draft
        self.stand.conductor.scanned(code)

    @rule(typed=st.sampled_from(["1795406400000", "", "昨天"]))
    def say_when_it_was_taken(self, typed: str) -> None:
        self.stand.press("Ctrl+B")
        self.stand.confirm(Form.LATE, taken=typed)

    @rule(key=st.sampled_from(KEYS))
    def scan_interrupted_by_look_ups(self, key: str) -> None:
        if key in keys.DIGITS or key == "Space":
            self.stand.conductor.checkpoint()
            self.stand.press(key)
            self.stand.look_up()
            self.stand.conductor.restore()

    @rule(goods=st.sampled_from(CONTENTS), another=st.booleans())
    def declare(self, goods: dict[str, str], another: bool) -> None:
        if another:
            self.stand.conductor.declare_another(goods)
        else:
            self.stand.confirm(Form.CONTENTS, **goods)

    @rule(typed=st.sampled_from(PARTIES))
    def type_parties(self, typed: dict[str, str]) -> None:
        self.stand.confirm(Form.PARTIES, sender_address="", addressee_phone="", addressee_address="", **typed)

    @rule(document=st.sampled_from(DOCUMENTS))
    def type_document(self, document: object) -> None:
        mapping = document.to_mapping()  # type: ignore[attr-defined]  # one of DOCUMENTS
        self.stand.confirm(Form.DOCUMENT, **{name: value or "" for name, value in mapping.items()})

    @rule(name=st.sampled_from(["打火机", " "]))
    def name_goods(self, name: str) -> None:
        if self.stand.task.kind is TaskKind.FOUND and self.stand.state.aside.found.category is not None:  # else there is no such form
            self.stand.confirm(Form.GOODS_NAME, name=name)

    @rule(note=st.sampled_from(["", "寄件人中途离开"]))
    def note_refusal(self, note: str) -> None:
        if self.stand.state.panel is Panel.REFUSE:
            self.stand.confirm(Form.REFUSAL_NOTE, note=note)

    @rule(code=st.sampled_from(["0001", "0142"]))
    def sign_supervisor_in(self, code: str) -> None:
        self.stand.confirm(Form.SUPERVISOR, code=code, password="practice")

    @rule(how=st.sampled_from(["not-same", "same", "override", "settle"]), reason=st.sampled_from(["核对了证件（样本）", ""]))
    def decide(self, how: str, reason: str) -> None:
        state = self.stand.state
        if state.panel is Panel.DECIDE and not state.chosen and decisions(self.stand.conductor._now):
            self.stand.press("1")
        if self.stand.state.panel is Panel.DECIDE and (how == "settle") == (self.stand.state.kind == "settle"):
            self.stand.conductor.decided(how, {"reason": reason, "evidence": reason})

    @rule(kind=st.sampled_from(list(MailKind)), mailbox_letter=st.booleans())
    def change_kind(self, kind: MailKind, mailbox_letter: bool) -> None:
        self.stand.conductor.change_kind(kind, mailbox_letter=mailbox_letter and kind is MailKind.INSPECTION_MAILBOX)

    @rule(command=st.sampled_from(["by_agent", "as_business", "edit_contents", "edit_parties"]))
    def command(self, command: str) -> None:
        getattr(self.stand.conductor, command)()

    @rule(panel=st.sampled_from(PARCEL_PANELS))
    def open_a_panel_of_the_parcel(self, panel: Panel) -> None:
        if panel is Panel.PROHIBITED:
            self.stand.conductor.parcels.look_for_prohibited()
        else:
            self.stand.conductor.parcels.open(panel)

    @rule(typed=st.sampled_from(SERVICES))
    def agree_on_a_service(self, typed: dict[str, str]) -> None:
        self.stand.confirm(Form.SERVICE, **typed)

    @rule()
    def declare_to_the_customs(self) -> None:
        self.stand.confirm(Form.CUSTOMS, **CUSTOMS)

    @rule(pieces=st.sampled_from(["3", "1", ""]))
    def say_how_many_pieces(self, pieces: str) -> None:
        if self.stand.state.panel is Panel.PIECES:
            self.stand.confirm(Form.PIECES, pieces=pieces)

    @rule(text=st.sampled_from(["hzp", "打火机", "", "没有这种东西"]))
    def type_to_find(self, text: str) -> None:
        self.stand.conductor.parcels.sought(text)

    @rule()
    def hand_in(self) -> None:
        self.stand.press("F12")

    @rule(kept=st.booleans())
    def photograph(self, kept: bool) -> None:
        under_way = len(self.stand.pictures.readings)
        self.stand.press("F6")
        if len(self.stand.pictures.readings) > under_way:
            self.stand.pictures.readings.pop().done(EvidencePhoto(4, 3, b"a picture", b"small"))
        if not kept:
            self.stand.press("Backspace")

    @rule()
    def put_aside(self) -> None:
        if self.stand.state.panel is Panel.TASK and not self.stand.state.untouched:
            self.stand.press("F10")

    @precondition(lambda self: self.stand.state.panel is Panel.RECORDED)
    @rule(key=st.sampled_from(["F10", "F10", "F4", "Enter", "Esc", "F2", "F7", "F3", "Backspace"]))
    def go_on_after_an_act(self, key: str) -> None:
        self.stand.press(key)

    @rule()
    def undo(self) -> None:
        """One key takes back one step of the clerk, and nothing else."""
        state = self.stand.state
        plain = (
            state.panel is Panel.TASK
            and not state.digits
            and not state.sought.typed
            and state.aside.found.category is None
            and not state.saving
        )
        former = state.session.history[-1] if state.session.history else None
        self.stand.press("Backspace")
        if plain and former is not None:
            assert bare(self.stand.state.draft) == bare(former)
            assert len(self.stand.state.session.history) == len(state.session.history) - 1

    # What ends, in whatever order ---------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.stand.desk.asked)
    @rule(place=st.integers(0, 5), lists=st.sampled_from(LISTS), duplicate=st.booleans(), fails=st.integers(0, 5))
    def station_answers(self, place: int, lists: object, duplicate: bool, fails: int) -> None:
        station = self.stand.station
        station.screening = lists  # type: ignore[assignment]  # one of LISTS
        station.earlier = {OTHER_LABEL: EarlierAcceptance("样本网点", "1", datetime(2026, 11, 22, tzinfo=UTC))} if duplicate else {}
        job = self.stand.desk.asked.pop(place % len(self.stand.desk.asked))
        if fails == 0:
            job.failed(FAULT)
        else:
            self.stand.desk.settle(job, station)

    @precondition(lambda self: self.stand.pictures.readings)
    @rule(place=st.integers(0, 5), document=st.sampled_from(DOCUMENTS), said=st.sampled_from(LABELS), code=st.sampled_from(CODES[:3]))
    def reading_ends(self, place: int, document: object, said: dict[str, str], code: str) -> None:
        readings = self.stand.pictures.readings
        reading = readings.pop(place % len(readings))
        results = {
            "document": DocumentReading(document, complete=True, warnings=(), ms=1),  # type: ignore[arg-type]  # one of DOCUMENTS
            "label": label_reading(code, **said),
            "photo": EvidencePhoto(4, 3, b"a picture", b"small"),
        }
        if place == 5:
            reading.failed(FAULT)
        else:
            reading.done(results[reading.kind])

    @precondition(lambda self: self.stand.state.saving)
    @rule()
    def the_act_is_saved(self) -> None:
        before = len(self.stand.station.submitted)
        self.stand.look_up()
        assert not self.stand.state.saving
        assert len(self.stand.station.submitted) == before + 1

    @rule()
    def the_last_sender_is_forgotten(self) -> None:
        self.stand.conductor._forget.timeout.emit()
        assert self.stand.state.previous is None

    # What always holds --------------------------------------------------------------------------------------------------------------------

    @invariant()
    def nothing_is_accepted_that_lacks_something(self) -> None:
        for submission in self.stand.station.submitted[self.checked :]:
            check_whole(submission)
            assert len(submission.photos) == len(submission.session.draft.photos)
        self.checked = len(self.stand.station.submitted)

    @invariant()
    def the_page_can_be_shown_and_names_what_is_missing(self) -> None:
        view = self.stand.view
        assert view.task.title
        if self.stand.outcome is Outcome.INCOMPLETE and self.stand.state.panel is not Panel.RECORDED:
            assert view.verdict.reason.removeprefix("还差：")
            assert not view.submit.enabled

    @invariant()
    def every_parcel_has_its_own_things_and_no_recorded_one_is_kept(self) -> None:
        state = self.stand.state
        names = [one.session_id for one in (state.session, *state.counter.held)]
        assert len(set(names)) == len(names)
        assert set(state.asides) == set(names)
        for parcel in (state.session, *state.counter.held):
            assert len(parcel.draft.photos) == len(state.asides[parcel.session_id].photos)
        assert len({aside.draft_id for aside in state.asides.values()}) == len(names)
        recorded = {one.draft_id for one in self.stand.station.submitted}
        assert not recorded & {state.asides[one.session_id].draft_id for one in state.counter.held}
        if state.aside.draft_id in recorded and not state.saving:
            assert state.panel is Panel.RECORDED

    @invariant()
    def a_screening_that_is_owed_is_under_way(self) -> None:
        """Nobody waits for a look-up that was never asked for, unless one failed and that was said."""
        state = self.stand.state
        waits = self.stand.task.kind is TaskKind.LOOKING_UP and not half_read(state) and state.panel is Panel.TASK
        if waits and not self.stand.desk.asked and not state.saving:
            assert state.unanswered


def bare(draft: Draft) -> Draft:
    """A draft without what look-ups bring, and without what was decided on that."""
    return replace(draft, screening=None, earlier=None, tobacco_parcels_today=None, resolutions=(), settlements=())


COMMON = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


class TestCounter(CounterMachine.TestCase):  # type: ignore[name-defined,misc]  # made by hypothesis
    settings = settings(COMMON, max_examples=10, stateful_step_count=25)


@pytest.mark.slow
class TestCounterForLong(CounterMachine.TestCase):  # type: ignore[name-defined,misc]  # as above
    settings = settings(COMMON, max_examples=100, stateful_step_count=50)
