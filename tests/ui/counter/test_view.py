"""What the acceptance page says, without drawing it: every task and panel has its words, nothing personal is shown that need not be."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date

import msgspec
import pytest

from courier_check.acceptance import Session
from courier_check.acceptance.tasks import TaskKind
from courier_check.errors import EnvironmentFault
from courier_check.identity.documents import DocumentType, IdentityDocument, Source
from courier_check.inspection.verdict import Outcome
from courier_check.screening.codes import MatchReason
from courier_check.screening.entries import Action
from courier_check.screening.explanation import Explanation
from courier_check.terms import MailKind
from support.counter_states import FRESH, kind, states
from support.counters import AMBIGUOUS, CARD, LABEL, OTHER_LABEL, WORDING, Stand, books, strings_of
from support.parcels import TODAY, filled, hit, screening
from ui.background import BackgroundCode
from ui.counter.acts import press
from ui.counter.effects import Now
from ui.counter.panelview import PANELS
from ui.counter.parcelfacts import spaced
from ui.counter.state import Books, CounterState, Panel, RecordedShown
from ui.counter.taskview import TASKS
from ui.counter.view import AcceptanceView, Form, Surroundings, source_words, view_of
from ui.shown import LineShown, Sign, StepState, Tone

AROUND = Surroundings(WORDING, "练习画面", "王样例（虚构）")


def shown(state: CounterState, book: Books) -> AcceptanceView:
    return view_of(state, book, state.verdict(book), AROUND)


def test_every_task_and_every_panel_has_its_words(book: Books) -> None:
    assert set(TASKS) == set(TaskKind)
    assert set(PANELS) == set(Panel) - {Panel.TASK}
    for name, state in states(book).items():
        view = shown(state, book)
        assert view.task.title, name
        assert view.task.question.question, name
        for text in strings_of(view):
            assert "{" not in text, (name, text)
            assert "window-" not in text, (name, text)


def test_every_answer_that_is_offered_is_a_key_that_acts(book: Books) -> None:
    """A button stands for its key; none is offered that would do nothing."""
    for name, state in states(book).items():
        view = shown(state, book)
        if view.task.form is Form.CONTENTS or name == "client":
            continue
        for answer in view.task.question.answers:
            key = "Backspace" if answer.key == "⌫" else answer.key
            assert press(Now.of(state, book, 0), key) is not None, (name, answer)


def test_what_is_missing_is_named_while_a_parcel_is_not_finished(book: Books) -> None:
    for name, state in states(book).items():
        if state.verdict(book).outcome is Outcome.INCOMPLETE:
            verdict = shown(state, book).verdict
            assert verdict.words == "尚未完成", name
            assert len(verdict.reason.removeprefix("还差：")) >= 2, name
    missing = shown(FRESH, book).verdict.reason
    for word in ("证件", "运单", "寄件人电话", "收件人", "内件", "核对 3 项", "验视 7 项"):
        assert word in missing, missing


@pytest.mark.parametrize(
    ("name", "tone", "sign"),
    [
        ("ready", Tone.GO, "✔"),
        ("stopped", Tone.STOP, "✖"),
        ("hits", Tone.REFER, "!"),
        ("referred", Tone.REFER, "!"),
        ("ask", Tone.PLAIN, ""),
    ],
)
def test_the_verdict_is_told_by_sign_words_and_colour(book: Books, name: str, tone: Tone, sign: str) -> None:
    verdict = shown(states(book)[name], book).verdict
    assert (verdict.tone, verdict.sign) == (tone, sign)
    assert verdict.words


def test_the_steps_show_what_is_done_what_is_asked_and_what_is_to_come(book: Books) -> None:
    now = {name: [step.state for step in shown(state, book).steps] for name, state in states(book).items()}
    assert now["document"] == [StepState.NOW, *[StepState.TO_COME] * 4]
    assert now["ready"] == [*[StepState.DONE] * 4, StepState.NOW]
    for name, steps in now.items():
        assert steps.count(StepState.NOW) == 1, name


def test_numbers_and_phones_are_masked_before_the_commit_too(book: Books) -> None:
    """Only a form that is typed into holds them."""
    for name, state in states(book).items():
        view = shown(state, book)
        bare = replace(view, task=replace(view.task, first={}, form_key=""))
        told = "\n".join(strings_of(bare))
        assert "41010519900307123" not in told, name
        assert "13800001234" not in told, name
        assert "13900005678" not in told, name


def test_the_forms_are_filled_with_what_is_known(book: Books) -> None:
    every = states(book)
    parties = shown(every["panel typed-parties"], book).task
    assert (parties.form, parties.first["sender_phone"], parties.first["addressee_name"]) == (Form.PARTIES, "13800001234", "李四")
    assert "number" not in shown(every["panel typed-document"], book).task.first  # a card that was read is not typed over
    ready = every["ready"]
    typed = ready.with_session(ready.session.identified(replace(CARD, source=Source.TYPED)))
    document = shown(typed.opened(Panel.TYPED_DOCUMENT), book).task
    assert (document.form, document.first["number"], document.first["valid_until"]) == (Form.DOCUMENT, "41010519900307123X", "2040-01-01")
    assert shown(every["document"].opened(Panel.TYPED_DOCUMENT), book).task.first == {"type": "resident-id"}
    chosen = replace(every["contents"], chosen="tobacco")
    assert shown(chosen, book).task.first["tobacco"] == "yes"
    assert shown(chosen, book).task.form_key != shown(every["contents"], book).task.form_key
    owed = shown(replace(every["ask"].opened(Panel.REFUSE), chosen="R99"), book).task
    assert owed.form is Form.REFUSAL_NOTE
    assert shown(replace(every["ask"].opened(Panel.REFUSE), chosen="R06"), book).task.form is Form.NONE


def test_a_refusal_says_whether_the_person_is_kept(book: Books) -> None:
    state = states(book)["ask"].opened(Panel.REFUSE)
    told = {code: shown(replace(state, chosen=code), book).task.question.help for code in ("R01", "R06", "R07", "R12")}
    rules = book.rules.rulebook.rules
    for code, words in told.items():
        assert (words.count("身份信息") - ("真实身份信息" in words)) == (rules.refusal(code).identity.value != "kept"), code  # once


def test_a_hit_is_shown_with_list_reason_basis_and_remedy(book: Books) -> None:
    facts = {fact.name: fact.value for fact in shown(states(book)["hits"], book).task.facts}
    assert "样本商贸" in facts["名单条目"]
    assert facts["依据"] == "某局某号决定（样本）"
    assert facts["救济"].startswith("可向练习机关申诉")
    assert "异议" in facts["救济"], "every block says how to object"
    bare = states(book)["hits"]
    bare = bare.with_session(bare.session.screened(screening(replace(hit(Action.BLOCK, basis=""), remedy=""))))
    facts = {fact.name: fact.value for fact in shown(bare, book).task.facts}
    assert facts["救济"].startswith("名单未写明")
    assert len(facts["依据"]) > 3


def test_a_hit_names_each_difference_and_leaves_room_for_a_name_of_hundreds_of_letters(book: Books) -> None:
    steps = (("鑫", "忻", "same-sound"), ("源", "源", "same-letter"), ("商", "", "added-letter"))
    why = Explanation(MatchReason.SIMILAR_NAME, steps, date(2026, 6, 1), date(2029, 5, 31))
    alike = replace(
        hit(Action.REVIEW), reasons=(MatchReason.SIMILAR_NAME,), explanation=why, organisation="MA9YB0A16", matched_name="忻" * 500
    )
    state = states(book)["hits"]
    task = shown(state.with_session(state.session.screened(screening(alike))), book).task
    facts = {fact.name: fact.value for fact in task.facts}
    assert facts["寄件人"] == "鑫源商"
    assert facts["不同"] == "忻→鑫 同音；□→商 添字"
    assert facts["有效期"] == "2026-06-01 至 2029-05-31"
    assert len(facts["名单条目"]) < 90
    assert task.question.answers[0].key == "Enter", "the number on the licence tells the two apart"


def test_a_document_half_read_says_what_is_not_known(book: Books) -> None:
    bare = IdentityDocument(type=DocumentType.RESIDENT_ID)
    view = shown(FRESH.with_session(FRESH.session.identified(bare)), book)
    assert [fact.value.endswith("未读到") for fact in view.who[:3]] == [True, True, True]
    assert {fact.sign for fact in view.who[:3]} == {Sign.DOUBT}


def test_the_guardian_and_the_notice_are_asked_for_in_words(book: Books) -> None:
    child = IdentityDocument(type=DocumentType.RESIDENT_ID, name="张小样", number="410105201503071236", valid_until=date(2028, 1, 1))
    state = FRESH.with_session(FRESH.session.identified(child))
    assert kind(state, book) is TaskKind.GUARDIAN_DOCUMENT
    view = shown(state, book)
    assert view.task.question.question == "请监护人出示证件"
    policy = replace(book.rules.policy, notice=msgspec.structs.replace(book.rules.policy.notice, required=True))
    strict = replace(book, rules=replace(book.rules, policy=policy))
    asked = shown(FRESH, strict).task.question
    assert "告知" in asked.question
    assert book.rules.notice.version in asked.help


def test_every_document_with_every_kind_of_mail_has_a_page(book: Books) -> None:
    for kind_of, document in itertools.product(MailKind, DocumentType):
        paper = IdentityDocument(type=document, name="样例人", number="X1234567", nationality="KOR")
        session = Session.started("s1", kind_of).identified(paper).brought_by_agent(paper).declared(filled().draft.items)
        assert shown(FRESH.with_session(session), book).who, (kind_of, document)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("SF1010000000015", "SF 1010 0000 0001 5"),
        ("79900000000064", "7990 0000 0000 64"),
        ("JDVA90000000041", "JDVA 9000 0000 041"),
        ("", ""),
    ],
)
def test_a_waybill_is_written_as_it_is_read_aloud(number: str, words: str) -> None:
    assert spaced(number) == words


def test_a_short_class_name_is_not_said_twice(book: Books) -> None:
    parcel = {fact.name: fact.value for fact in shown(states(book)["ready"], book).parcel}
    assert parcel["内件"] == "文件、单证、书刊 · 旧书 × 1　900 g"
    assert parcel["收件人"] == "李* · 139****5678"


# After an act -----------------------------------------------------------------------------------------------------------------------------


def grams(secret: str, length: int) -> set[str]:
    return {secret[start : start + length] for start in range(len(secret) - length + 1)}


SENDER = {"name": "欧阳样例", "number": "532926198706142719"}
SECRETS = {
    *grams(SENDER["number"], 3),  # the first one and the last two may be seen
    *grams("13987650143", 5),  # the first three and the last four
    *grams("15208641973", 5),
    *grams(SENDER["name"], 2),
    *grams("诸葛南风", 2),
    "金水区样例路",
}


def after_an_act(stand: Stand, outcome: str) -> None:
    stand.press("Enter")
    stand.read(replace(CARD, **SENDER, born_on=date(1987, 6, 14)))
    stand.look_up()
    stand.answer("identity")
    stand.scan_label(
        AMBIGUOUS,
        sender_name=SENDER["name"],
        sender_phone="13987650143",
        sender_address="郑州市金水区样例路 3 号",
        addressee_name="诸葛南风",
        addressee_phone="15208641973",
        addressee_address="郑州市金水区样例路 8 号",
    )
    stand.press("1")
    stand.declare()
    if outcome == "refuse":
        stand.press("F8", "0", "6", "Enter")
    else:
        if outcome == "refer":
            stand.press("3")
            stand.press("F6")
            stand.photo()
        stand.answer("inspection")
        stand.press("F12")
    stand.told.clear()
    stand.look_up()


@pytest.mark.parametrize("outcome", ["accept", "refuse", "refer"])
def test_after_an_act_nothing_that_is_shown_rebuilds_a_person(stand: Stand, outcome: str) -> None:
    """Every text of every view from the commit to the next document, and everything said, put together."""
    seen: list[str] = []

    def look() -> None:
        seen.extend(strings_of(stand.view))
        seen.extend(stand.told)

    after_an_act(stand, outcome)
    assert stand.state.panel is Panel.RECORDED
    look()
    for key in ("F1", "F3", "F6", "F7", "F8", "F10", "F12", "Backspace", "1", "2", "3", "Space", "Up"):
        stand.press(key)
        assert stand.state.panel is Panel.RECORDED, key
        look()
    stand.conductor._forget.timeout.emit()  # two minutes have passed
    look()
    stand.conductor.scanned("6901234567892")  # a code of goods begins the next parcel, as any scan does
    look()
    for key in ("F2", "F3", "F3", "Esc", "F10", "F4", "F12", "Enter"):
        stand.press(key)
        look()
    stand.pictures.readings[-1].failed(EnvironmentFault(BackgroundCode.INTERNAL))
    stand.conductor.scanned(OTHER_LABEL)
    look()
    told = "\n".join(seen)
    assert "请取走证件" in told
    found = {secret for secret in SECRETS if secret in told}
    assert not found


@pytest.mark.parametrize("command", ["change_kind", "by_agent", "as_business", "edit_contents", "edit_parties"])
def test_after_an_act_a_command_is_about_the_next_parcel(stand: Stand, command: str) -> None:
    after_an_act(stand, "accept")
    getattr(stand.conductor, command)(*([MailKind.LETTER] if command == "change_kind" else []))
    assert stand.state.draft.document is None
    assert not {secret for secret in SECRETS if secret in "\n".join(strings_of(stand.view))}


def test_the_recorded_panel_says_number_and_next_step(stand: Stand) -> None:
    stand.accept()
    view = stand.view
    assert view.verdict.words == "已受理"
    assert "受理号 1" in view.verdict.reason
    assert view.submit.text == "下一件"
    assert (view.who, view.checks, view.visit) == ((), (), ())
    assert {fact.name: fact.value for fact in view.task.facts}["运单"] == spaced(LABEL)


def test_what_stands_aside_is_listed_where_the_next_person_is_asked_for(book: Books) -> None:
    held = FRESH.with_session(FRESH.session.identified(replace(CARD, name="张三丰"))).held("s2", "d2")
    lines = [line for line in shown(held, book).task.below if line.text.startswith("挂起")]
    assert [line.note for line in lines] == ["F10"]
    assert "未扫运单" in lines[0].text
    assert shown(held, book).other.text == "取回（1）"


def test_a_supervisor_who_is_the_operator_is_offered_the_decision(book: Books) -> None:
    from support.counters import SUPERVISOR

    hits = states(book)["hits"]
    assert kind(hits, book) is TaskKind.HITS
    answers = {answer.key: answer.text for answer in shown(hits, books(book.rules, SUPERVISOR)).task.question.answers}
    assert answers["3"] == "主管核对"
    assert {answer.key: answer.text for answer in shown(hits, book).task.question.answers}["3"] == "请主管"
    assert book.today == TODAY


def test_a_refusal_ticks_only_the_steps_that_were_done(stand: Stand) -> None:
    """R01, 拒绝出示: nothing was read, nothing inspected, and nothing was handed in for acceptance."""
    stand.press("F8", "0", "1", "Enter")
    stand.look_up()
    assert stand.state.panel is Panel.RECORDED
    assert {step.state for step in stand.view.steps} == {StepState.TO_COME}


def test_a_refusal_at_the_inspection_ticks_what_was_done_before(stand: Stand) -> None:
    after_an_act(stand, "refuse")
    states = [step.state for step in stand.view.steps]
    assert states == [*[StepState.DONE] * 3, StepState.TO_COME, StepState.TO_COME]


def test_an_acceptance_ticks_every_step(stand: Stand) -> None:
    stand.accept()
    assert {step.state for step in stand.view.steps} == {StepState.DONE}


def test_a_doubt_is_told_whole_in_the_banner(stand: Stand) -> None:
    """Cut at a comma, “包装、填充物、夹层已检查，没有夹带？”存疑 says the opposite."""
    stand.fill()
    while stand.task.item is None or stand.task.item.id != "layers-checked":
        stand.press("Backspace")
    question = stand.task.item.question.zh
    stand.press("3")
    assert "，" in question
    assert question.rstrip("？?") in stand.view.verdict.reason
    assert stand.view.verdict.reason.count("“") == stand.view.verdict.reason.count("”")


def test_the_class_of_what_was_found_is_shown_whole_and_alone(book: Books) -> None:
    task = shown(states(book)["found"], book).task
    assert task.alone
    assert task.question.answers_whole
    assert len(task.question.answers) == 18
    assert not shown(states(book)["ask"], book).task.alone


def test_the_keys_of_the_label_are_drawn_where_it_is_told(stand: Stand) -> None:
    stand.accept()
    assert not {"F9", "Ctrl+T"} & {answer.key for answer in stand.view.task.question.answers}
    stand.conductor.show_label(LineShown(Sign.DONE, "标签：已送打印机"))
    answers = {answer.key: answer.text for answer in stand.view.task.question.answers}
    assert (answers["F9"], answers["Ctrl+T"]) == ("补打标签", "已贴标")


def test_the_sender_of_the_parcel_before_comes_back_masked_and_is_kept_as_it_is(stand: Stand) -> None:
    """G-40: F4, after the commit."""
    after_an_act(stand, "accept")
    kept = stand.state.previous
    assert kept is not None
    phone, address = kept.draft.sender.phone, kept.draft.sender.address
    stand.press("F4")
    stand.conductor.scanned(OTHER_LABEL)
    stand.conductor.edit_parties()
    first = stand.view.task.first
    assert phone
    assert not {phone, address} & set(strings_of(stand.view))
    stand.confirm(Form.PARTIES, **{**first, "sender_name": CARD.name, "addressee_name": "样例收件"})
    assert (stand.state.draft.sender.phone, stand.state.draft.sender.address) == (phone, address)


def test_a_long_kind_of_document_leaves_its_number_whole(book: Books) -> None:
    document = IdentityDocument(type=DocumentType.PLA, name="样例人", number="军字第12345678号")
    facts = shown(FRESH.with_session(FRESH.session.identified(document)), book).who
    number = next(fact for fact in facts if fact.name == "号码")
    assert "军人" not in number.value
    assert number.value


def test_a_basis_is_told_without_our_own_notes(book: Books) -> None:
    """The data files say how each source was come by; a clerk sees the rule, and 待核实 where nobody has read the original."""
    assert (
        source_words("快递暂行条例33条(2019)区分时点[原]；分轻重为设计建议（domain §11.9）", "建议")
        == "快递暂行条例33条(2019)区分时点（待核实）"
    )
    assert source_words("设计建议：柜台常见品类与别名", "建议") == "本机规则（待核实）"
    assert source_words("邮政法25条", "原") == "邮政法25条"
    for name, state in states(book).items():
        for text in strings_of(shown(state, book)):
            assert not any(note in text for note in ("设计", "[原]", "[忆]", "domain", ".json")), (name, text)
    said = WORDING.of("papers-may-be-needed", {"goods_zh": "药品", "source": "设计建议（domain §11）；药品管理法51条", "mark_zh": ""})
    assert said.endswith("（依据：药品管理法51条）。")


def test_who_showed_no_document_gets_none_back(book: Books) -> None:
    recorded = RecordedShown(Outcome.ACCEPT, 7, "", "", "SF1000000000014")
    told = shown(replace(FRESH, panel=Panel.RECORDED, recorded=recorded), book).task.question
    assert "证件" not in told.help
    assert "底单" in told.help
