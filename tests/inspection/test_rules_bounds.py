"""What a package may say ends where an entry or the counter could not take it: `rules check` tells the line; what passes is recorded."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courier_check.acceptance import Lack, Rulebook
from courier_check.acceptance.draft import CLERK_REFUSAL, FOUND, Answered, Photo, PhotoExemption
from courier_check.acceptance.session import MOST_PHOTOS
from courier_check.acceptance.tasks import tasks
from courier_check.cli.output import Output
from courier_check.desk.records import Recording, ReportingProfile, entry_of
from courier_check.identity.policy import DocumentPolicy
from courier_check.inspection.bounds import LARGEST_ANSWERS_BYTES, MOST_PHOTO_RULES
from courier_check.inspection.check import RuleReport, check_rules
from courier_check.inspection.codes import RuleCode
from courier_check.inspection.findings import Answer, Finding
from courier_check.inspection.rules import RulePackage, RuleSet
from courier_check.inspection.verdict import Outcome, Verdict
from courier_check.journal import canonical
from courier_check.journal.codes import JournalError
from courier_check.journal.entries import HEADER_LIMIT, EvidenceRef, PackageRef
from courier_check.store.evidence import KeptPhoto
from courier_check.store.identity import MatchKey
from courier_check.store.resources import read_resource
from courier_check.wording import Language
from support.made_rules import shipped_checklists
from support.parcels import TODAY, filled
from support.sample_journals import composed

LONGEST = "x" * 64
SLOWEST_MS = 999_999_999
LISTS = 12
"""In force at the outlet of these entries."""


def local(item_id: str, **said: Any) -> dict[str, Any]:
    """A question of one's own."""
    item = next(one for one in json.loads(shipped_checklists())["items"] if one["id"] == "no-suspicious-signs")
    return {**item, "id": item_id, **said}


def photo(photo_id: str, **said: Any) -> dict[str, Any]:
    return {**json.loads(shipped_checklists())["photos"][0], "id": photo_id, **said}


def reason(reason_id: str) -> dict[str, Any]:
    return {"id": reason_id, "zh": "样例原因", "en": "Sample reason"}


def changed(package: RulePackage, change: Callable[[dict[str, Any]], object]) -> tuple[RuleReport, str]:
    """The report on the shipped checklists after a change, and the file."""
    checklists = json.loads(shipped_checklists())
    change(checklists)
    text = json.dumps(checklists, indent=1)
    return check_rules(text.encode(), package), text


BAD_IDS = ("生鲜件", "Fresh_Goods", "fresh goods", "", "a\0b", "a" * 65, "🔥", "fresh\n", "a/b", "\ud800", "found:x", "*")


@pytest.mark.parametrize("bad", BAD_IDS)
def test_an_id_that_no_entry_can_hold_is_told_at_its_line(package: RulePackage, bad: str) -> None:
    report, text = changed(package, lambda c: c["items"].append(local(bad)))
    line = next(number for number, line in enumerate(text.split("\n"), 1) if f'"id": {json.dumps(bad)}' in line)
    assert [(one.message_code, one.path, one.line) for one in report.errors] == [(RuleCode.ID_FORM, "$.items[23].id", line)]


@given(st.text(max_size=70) | st.from_regex(r"[a-z0-9_.-]{0,66}", fullmatch=True))
def test_ids_are_those_that_the_journal_takes(item_id: str) -> None:
    report, _ = changed(shipped(), lambda c: c["items"].append(local(item_id)))
    try:
        canonical.encode({item_id: "yes"})
    except JournalError:
        assert RuleCode.ID_FORM in {one.message_code for one in report.errors}
    else:
        assert RuleCode.ID_FORM not in {one.message_code for one in report.errors}


@pytest.mark.parametrize("taken", ["photo-contents", *Lack, FOUND, CLERK_REFUSAL])
def test_an_id_that_already_means_something_is_refused(package: RulePackage, taken: str) -> None:
    report, _ = changed(package, lambda c: c["items"].append(local(taken)))
    assert [(one.message_code, one.path) for one in report.errors] == [(RuleCode.ID_TAKEN, "$.items[23].id")]


@pytest.mark.parametrize(
    "bad", ["Sealed Photo", "sealed", "photo-", "photo-2", "photo-Sealed", "photo-" + "a" * 42, "photo-内件", "photo-a\n"]
)
def test_a_photo_rule_whose_picture_no_session_takes_is_refused(package: RulePackage, bad: str) -> None:
    report, _ = changed(package, lambda c: c["photos"].append(photo(bad)))
    assert [(one.message_code, one.path) for one in report.errors] == [(RuleCode.PHOTO_ID_FORM, "$.photos[2].id")]


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        (lambda c: c["photos"][0]["exempt_reasons"].append(reason("私密")), RuleCode.ID_FORM, "$.photos[0].exempt_reasons[4].id"),
        (
            lambda c: c["photos"][0]["exempt_reasons"].append(reason("danger-nearby")),
            RuleCode.DUPLICATE_ID,
            "$.photos[0].exempt_reasons[4].id",
        ),
        (lambda c: c["photos"][0].update(exempt_reasons=numbered(9)), RuleCode.TOO_MANY, "$.photos[0].exempt_reasons[8]"),
        (lambda c: c["photos"][1].update(exempt_reasons=numbered(10)), RuleCode.TOO_MANY, "$.photos[1].exempt_reasons[9]"),
        (lambda c: c["photos"].extend(photo(f"photo-{sign}") for sign in "abcdefghijk"), RuleCode.TOO_MANY, "$.photos[12]"),
        (lambda c: c["items"][3]["question"].update(zh="问" * 301), RuleCode.TOO_LONG, "$.items[3].question.zh"),
        (lambda c: c["items"][3]["help"].update(en="w" * 601), RuleCode.TOO_LONG, "$.items[3].help.en"),
        (lambda c: c["photos"][1]["question"].update(en="w" * 301), RuleCode.TOO_LONG, "$.photos[1].question.en"),
        (lambda c: c["photos"][0]["exempt_reasons"][1].update(zh="因" * 121), RuleCode.TOO_LONG, "$.photos[0].exempt_reasons[1].zh"),
        (lambda c: c["items"][3]["question"].update(zh="问\0题？"), RuleCode.ODD_SIGN, "$.items[3].question.zh"),
        (lambda c: c["items"][3]["help"].update(zh="半个字\ud842。"), RuleCode.ODD_SIGN, "$.items[3].help.zh"),
        (lambda c: c["items"][3]["help"].update(en=c["items"][3]["help"]["zh"] + "\u200b"), RuleCode.ODD_SIGN, "$.items[3].help.en"),
        (lambda c: c["cases"][0].update(name="样\x1b例"), RuleCode.ODD_SIGN, "$.cases[0].name"),
        (lambda c: c["items"][5].update(when={"fact": "document_type", "in": ["a\x00"]}), RuleCode.ODD_SIGN, "$.items[5].when.in[0]"),
    ],
)
def test_what_the_counter_could_not_ask_is_told_at_its_path(
    package: RulePackage, change: Callable[[dict[str, Any]], object], code: RuleCode, path: str
) -> None:
    report, _ = changed(package, change)
    assert (code, path) in {(one.message_code, one.path) for one in report.errors}
    assert all(one.line > 1 for one in report.errors)


def numbered(count: int) -> list[dict[str, Any]]:
    return [reason(f"sample-{number}") for number in range(count)]


def test_more_questions_than_an_entry_has_room_for_are_told_where_they_begin(package: RulePackage) -> None:
    report, text = changed(package, lambda c: c["items"].extend(local(f"local-question-{number:03d}") for number in range(300)))
    (error,) = report.errors
    assert (error.message_code, error.facts["limit"]) == (RuleCode.TOO_MUCH, LARGEST_ANSWERS_BYTES)
    number = int(str(error.facts["number"]))
    assert error.path == f"$.items[{number - 1}]"
    assert f'"id": "local-question-{number - 24:03d}"' in text.split("\n")[error.line]
    assert number > 60, "sixty questions are no exaggeration"
    fewer, _ = changed(package, lambda c: c["items"].extend(local(f"local-question-{one:03d}") for one in range(number - 24)))
    assert fewer.ok, fewer.errors


def test_what_a_file_says_can_be_printed_whatever_it_says(package: RulePackage) -> None:
    def odd(checklists: dict[str, Any]) -> None:
        checklists["items"].append(local("\ud800\0"))
        checklists["cases"][0]["answers"]["\ud801"] = "yes"
        checklists["usual_facts"]["\x1b[31m"] = 1

    report, _ = changed(package, odd)
    assert len(report.errors) == 3
    out = Output(as_json=False, language=Language("zh"))
    for error in report.errors:
        said = f"{error.path} {out.wording.of(error.message_code, error.facts)}"
        assert said.isprintable()
        said.encode()


@pytest.mark.parametrize(
    "data",
    [
        b'{"version": 1, "version": 2}',
        b'{"a": \xb9}',
        b'{"a": ,}',
        b"[" * 100 + b"]" * 100,
        b"[" * 100_000,
        b" " * 5_000_000,
        b"[1e999999999999999999999]",
    ],
)
def test_the_sentence_about_a_file_that_can_not_be_read_is_whole(package: RulePackage, data: bytes) -> None:
    for language in Language:
        out = Output(as_json=False, language=language)
        for error in check_rules(data, package).errors:
            said = out.wording.of(error.message_code, error.facts)
            assert "{" not in said, said
            assert said.isprintable()


def test_as_many_photo_rules_as_pictures() -> None:
    assert MOST_PHOTO_RULES <= MOST_PHOTOS


def test_what_was_installed_before_these_bounds_still_loads(package: RulePackage) -> None:
    checklists = json.loads(shipped_checklists())
    checklists["items"].append(local("Fresh_Goods"))
    checklists["photos"].append(photo("Sealed Photo"))
    assert RuleSet.parse(replace(package, checklists=json.dumps(checklists).encode())).item("Fresh_Goods")


# Whatever passes is recorded --------------------------------------------------------------------------------------------------------------

IDS = st.one_of(
    st.from_regex(r"[a-z0-9_.-]{1,64}", fullmatch=True),
    st.sampled_from(["fresh-goods", "photo-contents", "missing-client", LONGEST, "Fresh", "生鲜件", "a b", ""]),
    st.text(max_size=8),
)
PHOTO_IDS = st.one_of(st.from_regex(r"photo-[a-z][a-z-]{0,40}", fullmatch=True), st.sampled_from(["Sealed Photo", "photo-2", "no-signs"]))
WORDS = st.one_of(st.text(min_size=1, max_size=12), st.text(alphabet="问题？\0\ud800", min_size=1, max_size=4))
EFFECTS = st.sampled_from([{"leads_to": "refer"}, {"leads_to": "refuse", "refusal": "R10"}, {"leads_to": "ok"}])


@st.composite
def packages(draw: st.DrawFn) -> bytes:
    """The shipped checklists with other ids and with questions and photo rules of one's own, of good forms and bad."""
    checklists = json.loads(shipped_checklists())
    for item in draw(st.lists(st.sampled_from(checklists["items"]), max_size=2, unique_by=lambda one: one["id"])):
        item["id"] = draw(IDS)
    often = draw(st.integers(0, 1))
    ids = draw(st.lists(IDS, max_size=2)) + [f"{number:0>{draw(st.integers(3, 64))}}" for number in range(draw(st.integers(0, 90)) * often)]
    for item_id in ids:
        words = {"zh": "样例问题？", "en": draw(WORDS) if len(item_id) < 8 else "A sample?"}
        answers = {"yes": draw(EFFECTS), "no": draw(EFFECTS), "doubt": draw(EFFECTS)}
        checklists["items"].append(local(item_id, question=words, answers=answers))
    for photo_id in draw(st.lists(PHOTO_IDS, max_size=3)):
        own = [{**reason(draw(IDS)), "note_required": draw(st.booleans())} for _ in range(draw(st.integers(0, 2)))]
        checklists["photos"].append(photo(photo_id, exempt_reasons=own))
    return json.dumps(checklists).encode()


class Count:
    passed = 0


@lru_cache(maxsize=1)
def shipped() -> RulePackage:
    names = ("checklists", "prohibited", "restricted", "refusals", "regulations")
    return RulePackage(*(read_resource(f"{name}.json") for name in names))


@given(packages(), st.sampled_from(Answer))
@settings(max_examples=60, derandomize=True)
def recorded_if_it_passes(data: bytes, answer: Answer) -> None:
    report = check_rules(data, shipped())
    if {one.message_code for one in report.errors} <= {RuleCode.CASE_FAILED}:
        Count.passed += 1
        made = largest_entry(replace(shipped(), checklists=data), answer)
        assert len(made) <= HEADER_LIMIT


def test_whatever_passes_gives_an_entry_that_the_journal_takes() -> None:
    Count.passed = 0
    recorded_if_it_passes()
    assert Count.passed > 10, "what never passes shows nothing"


@pytest.mark.parametrize("answer", [*Answer, None])
def test_the_largest_package_that_passes_leaves_room_for_all_else(package: RulePackage, answer: Answer | None) -> None:
    """Ids of the greatest length and of a few letters, as many as pass; twelve photo rules with the longest names."""
    for length in (3, 64):
        base = json.loads(shipped_checklists())
        base["photos"] = [photo(f"photo-{sign * 41}") for sign in "abcdefghijkl"]
        for number in range(200):
            more = {**base, "items": [*base["items"], local(f"{number:0>{length}}")]}
            if RuleCode.TOO_MUCH in {one.message_code for one in check_rules(json.dumps(more).encode(), package).errors}:
                break
            base = more
        assert len(largest_entry(replace(package, checklists=json.dumps(base).encode()), answer)) <= HEADER_LIMIT


def largest_entry(package: RulePackage, answer: Answer | None) -> bytes:
    """The header of an act with every question answered as slowly as can be, whether this parcel is asked it or not, every picture taken
    and exempted. None: each with the answer of the gravest consequence."""
    book = Rulebook.parse(package)
    asked = [item for item in book.rules.checklists.items if item.answers is not None]
    given_ = {item.id: answer if answer in (item.answers or {}) else _gravest(item.answers or {}) for item in asked}
    answers = tuple(Answered(Finding(item.id, given_[item.id], "记" * 200), item.moment, item.question.zh) for item in asked)
    rules = [one.id for one in book.rules.checklists.photos] or ["photo-contents"]
    pictures = tuple(Photo(rules[number % len(rules)], f"{number:064x}", ("blurred",)) for number in range(MOST_PHOTOS))
    for one in pictures:
        filled().photographed(one.rule, one.sha256)  # no session takes another
    exempted = tuple(
        PhotoExemption(one.id, one.stop_exemptions[-1].id, "样例") for one in book.rules.checklists.photos if one.stop_exemptions
    )
    taken_back = (*((item.id, 99) for item in asked), (FOUND, 99), (CLERK_REFUSAL, 99))
    draft = replace(filled().draft, answers=answers, photos=pictures, exemptions=exempted, taken_back=taken_back)
    session = replace(filled(), draft=draft)
    verdict: Verdict = session.verdict(book, POLICY, TODAY)
    assert not {item.id for item in asked} & {task.item.id for task in tasks(draft, verdict, book) if task.item and task.kind == "ask"}
    if verdict.outcome is Outcome.INCOMPLETE:
        verdict = replace(verdict, outcome=Outcome.REFER)
    kept = tuple(
        KeptPhoto(EvidenceRef(media_type="image/jpeg", name=one.rule, sha256=one.sha256, size=200_000), b"k" * 32) for one in pictures
    )
    lists = (PackageRef(kind="list", name=f"sample-list-{number:03d}", sha256="ab" * 32, version="123456") for number in range(LISTS))
    recording = Recording(
        operator="0142",
        draft_id="d" * 32,
        packages=(PackageRef(kind="rules", name="checklists", sha256="ab" * 32, version=book.rules.version), *lists),
        photos=kept,
        match_key=MatchKey(match_key_id="ab" * 16, region="410000", year=2026, key=b"m" * 32),
        dwell_ms=dict.fromkeys(given_, SLOWEST_MS),
        outlet="样例网点",
    )
    entry = entry_of(draft, verdict, book, PROFILE, recording)
    made = composed(replace(entry, facts={**entry.facts, "took_ms": SLOWEST_MS}))
    assert set(made.entry.header.facts["answers"]) == set(given_)
    return made.entry.header_bytes


def _gravest(answers: Any) -> Answer:
    order = ("ok", "refer", "refuse")
    return max(answers, key=lambda one: order.index(answers[one].leads_to.value))


POLICY = DocumentPolicy.parse(read_resource("documents.json"))
PROFILE = ReportingProfile.parse(read_resource("reporting.json"))
