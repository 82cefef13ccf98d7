"""The evaluator: what wins, what is missing, what is to be done with what was found."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as replace_struct

from courier_check.errors import UserError
from courier_check.inspection.case import Case
from courier_check.inspection.catalogue import Moment
from courier_check.inspection.checklist import Effect, ExemptReason, LeadsTo
from courier_check.inspection.codes import InspectionCode, InspectionReason
from courier_check.inspection.findings import Answer, ContentsFinding, Finding, FindingKind, Findings
from courier_check.inspection.refusals import IdentityKept
from courier_check.inspection.rules import RuleSet
from courier_check.inspection.verdict import Outcome, decide
from courier_check.terms import Consequence, MailKind, Reason

PARCEL = Case(
    mail_kind=MailKind.PARCEL, document_present=True, name_match="equal", sender_age=36, contents_categories=("other",), screened=True
)


def answers(rules: RuleSet, case: Case, other: Mapping[str, Answer | None] | None = None) -> tuple[Finding, ...]:
    """Everything in order, but for what is said otherwise."""
    given = {item.id: Answer.YES for item in rules.applying(case) if item.answers is not None} | dict(other or {})
    return tuple(Finding(item, answer) for item, answer in given.items() if answer is not None)


def test_a_parcel_in_order_is_accepted(rules: RuleSet) -> None:
    verdict = decide(rules, PARCEL, Findings(answers(rules, PARCEL)))
    assert (verdict.outcome, verdict.reasons, verdict.missing) == (Outcome.ACCEPT, (), ())


def test_nothing_answered_is_incomplete_and_names_every_mandatory_item(rules: RuleSet) -> None:
    verdict = decide(rules, PARCEL, Findings())
    mandatory = tuple(item.id for item in rules.applying(PARCEL) if item.mandatory and item.answers is not None)
    assert (verdict.outcome, verdict.missing) == (Outcome.INCOMPLETE, mandatory)


def test_what_others_judged_counts_as_much(rules: RuleSet) -> None:
    expired = Reason("document-expired", Consequence.REFUSE, "R02")
    doubtful = Reason("name-absent", Consequence.REFER)
    verdict = decide(rules, PARCEL, Findings(answers(rules, PARCEL)), (doubtful, expired))
    assert (verdict.outcome, verdict.reasons) == (Outcome.REFUSE, (expired, doubtful))


def test_what_the_session_lacks_keeps_a_parcel_from_being_accepted(rules: RuleSet) -> None:
    verdict = decide(rules, PARCEL, Findings(answers(rules, PARCEL)), lacking=("missing-waybill",))
    assert (verdict.outcome, verdict.missing) == (Outcome.INCOMPLETE, ("missing-waybill",))


def test_the_clerks_answer_settles_its_own_question_but_never_a_refusal(rules: RuleSet) -> None:
    child = Case(mail_kind=MailKind.PARCEL, document_present=True, name_match="equal", sender_age=12, screened=True)
    consent = Reason("document-guardian-consent", Consequence.REFER)
    given_answers = answers(rules, child)
    assert decide(rules, child, Findings(given_answers), (consent,)).outcome is Outcome.ACCEPT
    refusing = Reason("document-guardian-consent", Consequence.REFUSE, "R02")
    assert decide(rules, child, Findings(given_answers), (refusing,)).outcome is Outcome.REFUSE
    absent = answers(rules, child, {"guardian-consents": None})
    assert decide(rules, child, Findings(absent), (consent,)).outcome is Outcome.REFER


@pytest.mark.parametrize(
    ("kind", "category", "refusal", "code"),
    [
        (FindingKind.PROHIBITED, "03", "R07", InspectionReason.FOUND_PROHIBITED),
        (FindingKind.PROHIBITED, "16", "R11", InspectionReason.FOUND_SUSPECTED_INFRINGING),
        (FindingKind.OVER_LIMIT, None, "R08", InspectionReason.FOUND_OVER_LIMIT),
        (FindingKind.MISMATCH, None, "R09", InspectionReason.FOUND_MISMATCH),
        (FindingKind.UNPROVEN, None, "R10", InspectionReason.FOUND_UNPROVEN),
        (FindingKind.UNIDENTIFIED, None, "R10", InspectionReason.FOUND_UNIDENTIFIED),
    ],
)
def test_each_kind_of_finding_refuses_with_its_code(
    rules: RuleSet, kind: FindingKind, category: str | None, refusal: str, code: InspectionReason
) -> None:
    found = ContentsFinding(kind, "样品", category)
    verdict = decide(rules, PARCEL, Findings(answers(rules, PARCEL), (found,)))
    assert verdict.outcome is Outcome.REFUSE
    assert [(reason.code, reason.refusal) for reason in verdict.reasons] == [(code, refusal)]
    assert verdict.missing == ("photo-contents",)


def chosen(code: str) -> tuple[Reason, ...]:
    """拒收 by the clerk, as a session tells it."""
    return (Reason("clerk-refuses", Consequence.REFUSE, code),)


@pytest.mark.parametrize("code", ["R07", "R08", "R09", "R10", "R11"])
def test_what_the_clerk_refuses_for_its_contents_is_photographed_too(rules: RuleSet, code: str) -> None:
    verdict = decide(rules, PARCEL, Findings(answers(rules, PARCEL), refused=code), chosen(code))
    assert (verdict.unpictured, verdict.missing) == (("photo-contents",), ("photo-contents",))
    taken = decide(rules, PARCEL, Findings(answers(rules, PARCEL), (), frozenset({"photo-contents"}), refused=code), chosen(code))
    assert (taken.unpictured, taken.missing) == ((), ())


@pytest.mark.parametrize("code", ["R01", "R02", "R03", "R04", "R05", "R06", "R12", "R13", "R14", "R15", "R99"])
def test_where_nothing_was_seen_of_the_contents_no_photo_is_owed(rules: RuleSet, code: str) -> None:
    """Not even of goods whose acceptance asks for one: what goes back is not opened for a picture."""
    case = replace(PARCEL, contents_categories=("medicine",), sampled=True)
    verdict = decide(rules, case, Findings(answers(rules, case), refused=code), chosen(code))
    assert (verdict.outcome, verdict.unpictured, verdict.missing) == (Outcome.REFUSE, (), ())


def test_of_a_parcel_nobody_may_open_there_is_nothing_to_show(rules: RuleSet) -> None:
    said = {"opened-in-presence": Answer.NO, "sealed-in-sight": Answer.DOUBT}
    assert decide(rules, PARCEL, Findings(answers(rules, PARCEL, said))).unpictured == ()
    found = (ContentsFinding(FindingKind.PROHIBITED, "打火机", "04"),)  # it was seen all the same
    assert decide(rules, PARCEL, Findings(answers(rules, PARCEL, said), found)).unpictured == ("photo-contents",)


def test_a_doubt_about_the_contents_is_photographed_and_one_about_the_person_is_not(rules: RuleSet) -> None:
    contents = decide(rules, PARCEL, Findings(answers(rules, PARCEL, {"contents-match": Answer.DOUBT})))
    assert (contents.outcome, contents.unpictured) == (Outcome.REFER, ("photo-contents",))
    case = replace(PARCEL, contents_categories=("medicine",))
    person = decide(rules, case, Findings(answers(rules, case, {"person-matches": Answer.DOUBT})))
    assert (person.outcome, person.unpictured) == (Outcome.REFER, ())
    assert person.missing == ("photo-contents", "photo-sealed"), "the acceptance that may follow owes both"


def test_no_camera_excuses_what_is_stopped_and_nothing_that_is_accepted(rules: RuleSet) -> None:
    excused = frozenset({"photo-contents", "photo-sealed"})
    stopped = decide(rules, PARCEL, Findings(answers(rules, PARCEL, {"contents-match": Answer.NO}), (), frozenset(), excused))
    assert (stopped.outcome, stopped.unpictured, stopped.missing) == (Outcome.REFUSE, (), ())
    case = replace(PARCEL, contents_categories=("medicine",))
    accepted = decide(rules, case, Findings(answers(rules, case), (), frozenset(), excused))
    assert (accepted.outcome, accepted.missing) == (Outcome.INCOMPLETE, ("photo-contents", "photo-sealed"))


SPARED = Case(mail_kind=MailKind.AGREEMENT, document_present=True, spared=True, contents_categories=("medicine", "food"), screened=True)
"""未抽中, with goods of which pictures are taken when they are inspected."""


def test_of_a_parcel_that_nobody_opened_no_picture_is_owed(rules: RuleSet) -> None:
    verdict = decide(rules, SPARED, Findings(answers(rules, SPARED)))
    assert (verdict.outcome, verdict.missing) == (Outcome.ACCEPT, ())
    drawn = replace(SPARED, spared=False, sampled=True)
    assert decide(rules, drawn, Findings(answers(rules, drawn))).missing == ("photo-contents", "photo-sealed")


def test_what_was_opened_although_it_was_not_drawn_is_pictured_like_any_other(rules: RuleSet) -> None:
    looked = Findings((*answers(rules, SPARED), Finding("opened-in-presence", Answer.YES)))
    assert {"photo-contents", "photo-sealed"} <= set(decide(rules, SPARED, looked).missing)
    doubted = Findings((*answers(rules, SPARED), Finding("contents-match", Answer.DOUBT)))
    assert decide(rules, SPARED, doubted).unpictured == ("photo-contents",)
    gun = ContentsFinding(FindingKind.PROHIBITED, "手枪", "01")
    assert decide(rules, SPARED, Findings(answers(rules, SPARED), (gun,))).unpictured == ("photo-contents",)
    assert decide(rules, SPARED, Findings(answers(rules, SPARED), refused="R10")).unpictured == ("photo-contents",)


def test_a_referral_of_what_nobody_opened_asks_for_no_picture_of_its_contents(rules: RuleSet) -> None:
    """An optional question of the inspection needs nothing opened."""
    items = tuple(replace_struct(item, mandatory=False) if item.id == "no-suspicious-signs" else item for item in rules.checklists.items)
    other = replace(rules, checklists=replace_struct(rules.checklists, items=items))
    findings = Findings(answers(other, SPARED, {"no-suspicious-signs": Answer.DOUBT}))
    verdict = decide(other, SPARED, findings)
    assert (verdict.outcome, verdict.missing, verdict.unpictured) == (Outcome.REFER, (), ())
    assert decide(other, replace(SPARED, spared=False), findings).unpictured == ("photo-contents",)


def test_every_photo_of_a_stop_can_be_spared_without_a_camera(rules: RuleSet) -> None:
    for photo in rules.checklists.photos:
        asked = bool(photo.after_refusals) or photo.after_refer
        assert ("no-camera" in [one.id for one in photo.stop_exemptions]) is asked
        own = replace_struct(photo, exempt_reasons=(ExemptReason("no-camera", "没有摄像头", "No camera", note_required=True),))
        assert own.stop_exemptions == own.exempt_reasons, "a rule may say it in its own way"


@pytest.mark.parametrize(
    ("category", "name", "concealed", "moment", "disposition"),
    [
        ("04", "打火机", False, Moment.AT_ACCEPTANCE, "hand-back"),
        ("04", "打火机", True, Moment.AT_ACCEPTANCE, "evacuate-and-report"),
        ("04", "丁烷", False, Moment.AT_ACCEPTANCE, "evacuate-and-report"),
        ("05", "酒精", False, Moment.AT_ACCEPTANCE, "hand-back"),
        ("05", "酒精", False, Moment.AFTER_ACCEPTANCE, "stop-and-tell"),
        ("04", "一次性打火机", False, Moment.AT_ACCEPTANCE, "hand-back"),
        ("05", "７５％ 酒精", False, Moment.AT_ACCEPTANCE, "hand-back"),
        ("05", "花露水", False, Moment.AT_ACCEPTANCE, "hand-back"),
        ("04", "酒精", False, Moment.AT_ACCEPTANCE, "hand-back"),
        ("04", "酒精", False, Moment.AFTER_ACCEPTANCE, "stop-and-tell"),
        ("19", "打火机", False, Moment.AT_ACCEPTANCE, "hand-back"),
        ("11", "电瓶", False, Moment.AT_ACCEPTANCE, "hand-back"),
        ("05", "花露水", True, Moment.AT_ACCEPTANCE, "evacuate-and-report"),
        ("04", "仿真手枪打火机", False, Moment.AT_ACCEPTANCE, "evacuate-and-report"),
        ("04", "催泪喷雾", False, Moment.AT_ACCEPTANCE, "evacuate-and-report"),
        ("05", "酒精炸弹", False, Moment.AT_ACCEPTANCE, "evacuate-and-report"),
        ("05", "不明喷雾", False, Moment.AT_ACCEPTANCE, "evacuate-and-report"),
        ("11", "冒烟的蓄电池", False, Moment.AT_ACCEPTANCE, "evacuate-and-report"),
        ("05", "汽油", False, Moment.AT_ACCEPTANCE, "evacuate-and-report"),
        ("01", "打火机", False, Moment.AT_ACCEPTANCE, "evacuate-and-report"),
        ("12", "香水", False, Moment.AT_ACCEPTANCE, "guard-and-report"),
        ("08", "酒精", False, Moment.AT_ACCEPTANCE, "evacuate-and-report"),
        ("16", "香水", False, Moment.AT_ACCEPTANCE, "refuse-and-lead"),
        ("15", "人民币", False, Moment.AT_ACCEPTANCE, "guard-and-report"),
        ("19", "假人民币假币", False, Moment.AT_ACCEPTANCE, "guard-and-report"),
        (None, "打火机", False, Moment.AT_ACCEPTANCE, "evacuate-and-report"),
        ("01", "子弹", False, Moment.AT_ACCEPTANCE, "evacuate-and-report"),
        ("02", "匕首", False, Moment.AT_ACCEPTANCE, "guard-and-report"),
        ("08", "砒霜", False, Moment.AFTER_ACCEPTANCE, "stop-evacuate-and-report"),
        ("12", "冰壶", False, Moment.AT_ACCEPTANCE, "guard-and-report"),
        ("16", "假冒伪劣的化妆品", False, Moment.AT_ACCEPTANCE, "refuse-and-lead"),
        (None, "不明装置", False, Moment.AT_ACCEPTANCE, "evacuate-and-report"),
    ],
)
def test_what_is_to_be_done_depends_on_the_moment_and_how_grave_it_is(
    rules: RuleSet, category: str | None, name: str, concealed: bool, moment: Moment, disposition: str
) -> None:
    told = rules.prohibited.dispose(category, name, concealed=concealed, moment=moment)
    assert told.rule.id == disposition
    assert bool(told.report_to) is told.rule.lead, "who is to be told follows from whether a lead is made"


def done_with(rules: RuleSet, findings: Findings) -> list[str]:
    return [one.rule.id for one in decide(rules, PARCEL, findings, chosen(findings.refused) if findings.refused else ()).dispositions]


@pytest.mark.parametrize(
    ("item", "refused", "disposition"),
    [
        ("nothing-prohibited", None, "evacuate-and-report"),
        ("nothing-prohibited", "R07", "evacuate-and-report"),
        ("nothing-unidentified", None, "evacuate-and-report"),
        ("nothing-unidentified", "R10", "evacuate-and-report"),
        (None, "R07", "evacuate-and-report"),
        ("nothing-infringing", None, "refuse-and-lead"),
        (None, "R11", "refuse-and-lead"),
    ],
)
def test_what_nobody_has_named_counts_as_unidentified_unless_it_can_be_of_one_category_only(
    rules: RuleSet, item: str | None, refused: str | None, disposition: str
) -> None:
    findings = Findings(answers(rules, PARCEL, {item: Answer.NO} if item else None), refused=refused)
    (given,) = decide(rules, PARCEL, findings, chosen(refused) if refused else ()).dispositions
    assert given.rule.id == disposition
    assert given.rule.lead
    told = rules.prohibited.unidentified.report_to if given.category is None else rules.prohibited.category(given.category).report_to  # type: ignore[union-attr]
    assert [one.id for one in given.report_to] == list(told)


@pytest.mark.parametrize("refused", [None, "R07"])
def test_once_it_is_named_its_own_disposition_takes_its_place(rules: RuleSet, refused: str | None) -> None:
    no = answers(rules, PARCEL, {"nothing-prohibited": Answer.NO})
    lighter = ContentsFinding(FindingKind.PROHIBITED, "打火机", "04")
    assert done_with(rules, Findings(no, (lighter,), refused=refused)) == ["hand-back"]
    powder = answers(rules, PARCEL, {"nothing-unidentified": Answer.NO})
    assert done_with(rules, Findings(powder, (ContentsFinding(FindingKind.PROHIBITED, "冰毒", "12"),))) == ["guard-and-report"]


@pytest.mark.parametrize(
    ("no", "named", "refused", "expected"),
    [
        (("nothing-unidentified", "nothing-prohibited"), ("打火机", "04"), None, {"hand-back", "evacuate-and-report"}),
        (("nothing-unidentified", "nothing-infringing"), ("假包", "16"), None, {"refuse-and-lead", "evacuate-and-report"}),
        (("nothing-infringing",), ("假包", "16"), "R07", {"refuse-and-lead", "evacuate-and-report"}),
        (("nothing-prohibited",), ("打火机", "04"), "R07", {"hand-back"}),
        (("nothing-unidentified", "nothing-prohibited"), ("冰毒", "12"), "R07", {"guard-and-report"}),
    ],
)
def test_a_name_answers_for_nothing_but_what_it_names(
    rules: RuleSet, no: tuple[str, ...], named: tuple[str, str], refused: str | None, expected: set[str]
) -> None:
    """A lighter that is named is not the powder beside it. What is guarded is guarded with all that lies in the parcel."""
    found = ContentsFinding(FindingKind.PROHIBITED, *named)
    findings = Findings(answers(rules, PARCEL, dict.fromkeys(no, Answer.NO)), (found,), refused=refused)
    given = decide(rules, PARCEL, findings, chosen(refused) if refused else ()).dispositions
    assert {one.rule.id for one in given} == expected


def test_what_is_known_and_only_lacks_a_proof_goes_back_and_so_does_all_that_is_about_papers_and_people(rules: RuleSet) -> None:
    """R10 is the code of 不明物 too: only the answer, or a finding, says that it is that."""
    for code in ("R01", "R02", "R03", "R04", "R05", "R06", "R08", "R09", "R10", "R12", "R13", "R14", "R15", "R99"):
        assert done_with(rules, Findings(answers(rules, PARCEL), refused=code)) == [], code
    doubtful = answers(rules, PARCEL, {"nothing-unidentified": Answer.DOUBT})
    assert done_with(rules, Findings(doubtful, refused="R10")) == []
    unproven = ContentsFinding(FindingKind.UNPROVEN, "锂电池")
    assert done_with(rules, Findings(answers(rules, PARCEL), (unproven,))) == []


def test_the_question_is_known_by_its_mark_or_in_older_checklists_by_its_id(rules: RuleSet) -> None:
    def asking(**changes: Any) -> RuleSet:
        items = tuple(replace_struct(one, **changes) if one.id == "nothing-unidentified" else one for one in rules.checklists.items)
        return replace(rules, checklists=replace_struct(rules.checklists, items=items))

    for item, other in (("nothing-unidentified", asking(unidentified=False)), ("no-powder", asking(id="no-powder"))):
        assert done_with(other, Findings(answers(other, PARCEL, {item: Answer.NO}))) == ["evacuate-and-report"]
    leaking = asking(id="nothing-leaks", unidentified=False)
    assert done_with(leaking, Findings(answers(leaking, PARCEL, {"nothing-leaks": Answer.NO}))) == [], "R10 alone does not say it"


def test_a_question_of_its_own_about_goods_that_may_not_be_sent_says_no_more_than_its_code(rules: RuleSet) -> None:
    """Local questions refuse with R07 and cover nothing, or cover one category, which they name."""

    def asking(*covers: str) -> RuleSet:
        items = tuple(
            replace_struct(
                one, id="local", covers=covers, unidentified=False, answers={**one.answers, Answer.NO: Effect(LeadsTo.REFUSE, "R07")}
            )
            if one.id == "nothing-unidentified" and one.answers is not None
            else one
            for one in rules.checklists.items
        )
        return replace(rules, checklists=replace_struct(rules.checklists, items=items))

    for covers, category, rule in (((), None, "evacuate-and-report"), (("12",), "12", "guard-and-report")):
        other = asking(*covers)
        verdict = decide(other, PARCEL, Findings(answers(other, PARCEL, {"local": Answer.NO})))
        assert [(one.category, one.rule.id) for one in verdict.dispositions] == [(category, rule)]


def test_ordinary_articles_are_handed_back_and_nobody_is_told(rules: RuleSet) -> None:
    for category in rules.prohibited.categories:
        for name in (*category.ordinary, *category.ordinary_aliases):
            told = rules.prohibited.dispose(category.code, name, concealed=False)
            assert (told.rule.id, told.rule.lead, told.report_to) == ("hand-back", False, ())


@given(st.text(max_size=20), st.sampled_from(["01", "02", "03", "08", "09", "10", "12", "13", "14", "15", "16", "17", "18"]))
def test_weapons_poison_and_drugs_are_never_ordinary_whatever_they_are_called(rules: RuleSet, name: str, category: str) -> None:
    assert rules.prohibited.dispose(category, f"打火机{name}", concealed=False).rule.lead


def test_reasons_are_marked_unless_their_rule_was_read_in_the_original(rules: RuleSet) -> None:
    def marks(other: Mapping[str, Answer | None], found: tuple[ContentsFinding, ...] = ()) -> set[object]:
        verdict = decide(rules, PARCEL, Findings(answers(rules, PARCEL, other), found))
        return {reason.facts["mark_zh"] for reason in verdict.reasons}

    assert marks({"person-matches": Answer.NO}) == {""}
    assert marks({"contents-match": Answer.NO}) == {"（待核实）"}
    assert marks({}, (ContentsFinding(FindingKind.PROHIBITED, "鞭炮", "03"),)) == {"（待核实）"}
    assert marks({}, (ContentsFinding(FindingKind.OVER_LIMIT, "卷烟"),)) == {""}


def test_no_step_ever_says_to_confiscate(rules: RuleSet) -> None:
    steps = [step.zh for rule in rules.prohibited.dispositions for step in rule.steps]
    assert not [step for step in steps if "没收" in step and "无权没收" not in step]


@given(
    kind=st.sampled_from(MailKind),
    letter=st.booleans(),
    chosen=st.dictionaries(st.integers(0, 40), st.sampled_from([*Answer, None])),
    screened=st.booleans(),
)
def test_whatever_is_answered_refuse_beats_refer_beats_accept_and_gaps_never_pass(
    rules: RuleSet, kind: MailKind, letter: bool, chosen: dict[int, Answer | None], screened: bool
) -> None:
    case = Case(mail_kind=kind, letter=letter, document_present=True, name_match="equal", screened=screened)
    asked = [item for item in rules.applying(case) if item.answers is not None]
    given_answers = {item.id: chosen.get(index, Answer.YES) for index, item in enumerate(asked)}
    verdict = decide(rules, case, Findings(answers(rules, case, given_answers)))
    effects = [item.effect(given_answers[item.id]) for item in asked]
    leads_to = {effect.leads_to.value for effect in effects if effect is not None}
    gap = any(item.mandatory and given_answers[item.id] is None for item in asked) or (not screened and not letter)
    expected = "refuse" if "refuse" in leads_to else "refer" if "refer" in leads_to else "incomplete" if gap else "accept"
    assert verdict.outcome.value == expected


def test_refusing_to_show_a_document_or_to_open_keeps_no_identity(rules: RuleSet) -> None:
    for code in ("R01", "R06"):
        assert rules.refusal(code).identity is IdentityKept.ONLY_IF_REPORT_REQUIRED
    assert rules.refusal("R03").identity is IdentityKept.KEPT


def test_answers_that_are_not_asked_for_are_refused(rules: RuleSet) -> None:
    letter = Case(mail_kind=MailKind.LETTER, letter=True)
    for finding, code in (
        (Finding("no-such-item", Answer.YES), InspectionCode.UNKNOWN_ITEM),
        (Finding("opened-in-presence", Answer.YES), InspectionCode.NOT_ASKED),
    ):
        with pytest.raises(UserError) as caught:
            rules.check_finding(finding, letter)
        assert caught.value.code is code
    with pytest.raises(UserError, match="item-not-answerable"):
        rules.check_finding(Finding("screened", Answer.YES), PARCEL)


@given(
    st.dictionaries(
        st.sampled_from(["item", "answer", "note", "kind", "name", "category", "concealed", "x"]),
        st.one_of(st.none(), st.text(), st.booleans(), st.just("yes"), st.just("prohibited")),
    )
)
def test_any_mapping_is_a_finding_or_a_user_error(given_mapping: dict[str, object]) -> None:
    for parse in (Finding.from_mapping, ContentsFinding.from_mapping):
        with suppress(UserError):
            parse(given_mapping)
