"""Rule packages nobody wrote: the shipped checklists changed in every way that can be written, and checklists made up from nothing.

Only what the real `rules check` passes is kept; how much was tried and how much of it passed is counted.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from courier_check.desk.rules import shipped_package
from courier_check.inspection.check import check_rules
from courier_check.inspection.codes import RuleCode
from courier_check.inspection.references import CATEGORY_CODES, SETTLEABLE

Json = dict[str, Any]
Change = Callable[[Json], None]

CHECKLISTS = ("real-name", "inspection")
MOMENTS = ("identity", "waybill", "opening", "contents", "sealing", "label")
ROLES = ("valid-id", "opened-inspection", "screening")
REFUSALS = ("R01", "R06", "R07", "R09", "R10", "R99")
KINDS = ("letter", "parcel", "agreement", "inspection-mailbox")
GOODS = {"fact": "letter", "equals": False}
SOME = [
    {"fact": "domestic", "equals": False},
    {"fact": "destination", "in": ["JP", "US"]},
    {"fact": "client", "in": ["K-0007", "K-0008"]},
    {"fact": "client_kind", "in": ["enterprise", "sole-trader"]},
]
"""What is asked of some destinations, or of some clients, only."""
PERSONS = {"fact": "mail_kind", "in": ["parcel", "inspection-mailbox"]}


@dataclass
class Tried:
    """How many changes were tried, and how many passed, by their names."""

    tried: dict[str, int] = field(default_factory=dict)
    passed: dict[str, int] = field(default_factory=dict)

    def count(self, name: str, *, passed: bool) -> None:
        self.tried[name] = self.tried.get(name, 0) + 1
        self.passed[name] = self.passed.get(name, 0) + passed


@lru_cache(maxsize=1)
def shipped_checklists() -> bytes:
    """As shipped, with one case of its own: what the others state is about the shipped rules only."""
    whole = json.loads(shipped_package().checklists)
    return _written({**whole, "cases": whole["cases"][:1]})


def passing(checklists: Json) -> bytes | None:
    """The file as `rules check` passes it, its one case stated as it comes out; None for what does not pass."""
    data = _written(checklists)
    report = check_rules(data, shipped_package())
    if {error.message_code for error in report.errors} == {RuleCode.CASE_FAILED}:
        data = _written({**checklists, "cases": [{**checklists["cases"][0], "expect": _outcome(report.errors[0].facts["got"])}]})
        report = check_rules(data, shipped_package())
    return data if report.ok else None


def _written(checklists: Json) -> bytes:
    return json.dumps(checklists, ensure_ascii=False, indent=1).encode()


def _outcome(told: object) -> Json:
    """From `outcome=refuse; refusals=R07; missing=-` to the expectation that states it."""
    parts = dict(part.split("=") for part in str(told).split("; "))
    lists = {name: [] if parts[name] == "-" else parts[name].split("+") for name in ("refusals", "missing")}
    return {"outcome": parts["outcome"], **lists}


# What a file may say ----------------------------------------------------------------------------------------------------------------------

_COMPARED = (
    st.fixed_dictionaries({"fact": st.just("mail_kind"), "equals": st.sampled_from(KINDS)}),
    st.builds(
        lambda fact, value: {"fact": fact, "equals": value},
        st.sampled_from(
            [
                *("letter", "document_present", "agent", "business_sender", "sampled", "spared", "listed_for_inspection", "screened"),
                *("domestic", "agreement_client"),
            ]
        ),
        st.booleans(),
    ),
    st.fixed_dictionaries({"fact": st.just("document_type"), "in": st.just(["resident-id", "hukou"])}),
    st.fixed_dictionaries({"fact": st.just("destination"), "in": st.sampled_from([["CN"], ["US", "JP"], ["HK", "MO", "TW"]])}),
    st.fixed_dictionaries({"fact": st.just("client_kind"), "equals": st.sampled_from(["enterprise", "sole-trader"])}),
    st.fixed_dictionaries({"fact": st.just("client"), "in": st.sampled_from([["K-0007"], ["K-0007", "K-0008"]])}),
    st.fixed_dictionaries({"fact": st.just("document_source"), "equals": st.sampled_from(["chip", "picture", "typed"])}),
    st.fixed_dictionaries({"fact": st.just("name_match"), "in": st.just(["absent", "masked-compatible", "different"])}),
    st.fixed_dictionaries({"fact": st.just("name_match"), "equals": st.just("equal")}),
    st.fixed_dictionaries({"fact": st.just("doubtful_fields"), "in": st.just(["name", "number"])}),
    st.fixed_dictionaries(
        {"fact": st.just("contents_categories"), "in": st.sampled_from([["documents"], ["food", "clothing"], ["other"]])}
    ),
    st.fixed_dictionaries(
        {"fact": st.sampled_from(["item_quantity", "weight_g", "sender_age"]), "at_least": st.sampled_from([2, 30, 950])}
    ),
    st.fixed_dictionaries({"fact": st.sampled_from(["item_quantity", "weight_g", "sender_age"]), "at_most": st.sampled_from([2, 30, 950])}),
)
CONDITIONS = st.recursive(
    st.one_of(*_COMPARED, st.just(GOODS), st.just(PERSONS)),
    lambda inner: st.builds(lambda name, parts: {name: parts}, st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3)),
    max_leaves=4,
)
EFFECTS = st.one_of(
    st.just({"leads_to": "ok"}),
    st.just({"leads_to": "refer"}),
    st.builds(lambda code: {"leads_to": "refuse", "refusal": code}, st.sampled_from(REFUSALS)),
)
ANSWERS = st.fixed_dictionaries({"yes": EFFECTS, "no": EFFECTS}, optional={"doubt": EFFECTS})
STRICT = st.fixed_dictionaries(
    {"yes": st.just({"leads_to": "ok"}), "no": st.just({"leads_to": "refuse", "refusal": "R07"})},
    optional={"doubt": st.just({"leads_to": "refer"})},
)
COVERS = st.lists(st.sampled_from(CATEGORY_CODES), unique=True, max_size=4)
SETTLES = st.lists(st.sampled_from(sorted(SETTLEABLE)), unique=True, max_size=3)


def _question(number: int, **said: Any) -> Json:
    """An item as it may be written, with its own words."""
    words = {"zh": f"样例问题之 {number}？", "en": f"Sample question {number}?"}
    shape = {"id": f"q-{number}", "question": words, "help": {"zh": f"看 {number}", "en": f"Look at {number}"}}
    return {**shape, "articles": [], "source": "样例", "certainty": "建议", "mandatory": True, "answer": "judged", **said}


@st.composite
def _items(draw: st.DrawFn, numbers: st.SearchStrategy[int]) -> Json:
    """An item of any kind; now and then one that fits nowhere."""
    place = draw(st.integers(0, len(MOMENTS) - 1))
    said: Json = {
        "checklist": CHECKLISTS[place > 1],
        "moment": MOMENTS[place] if draw(st.integers(0, 5)) else draw(st.sampled_from(MOMENTS)),
    }
    fits = said["moment"] == "contents" or draw(st.integers(0, 5)) == 0  # where it would be refused at once: seldom
    said |= {"mandatory": draw(st.booleans()), "answers": draw(st.one_of(STRICT, ANSWERS)), "covers": draw(COVERS) if fits else []}
    said |= {"settles": draw(SETTLES)} if draw(st.integers(0, 3)) == 0 else {}
    said |= {"when": draw(CONDITIONS)} if draw(st.booleans()) else {}
    said |= {"role": draw(st.sampled_from(ROLES))} if draw(st.integers(0, 4)) == 0 else {}
    item = _question(draw(numbers), **said)
    if draw(st.integers(0, 5)) == 0:
        item |= {"answer": "established", "established_by": draw(CONDITIONS)}
        del item["answers"]
        item.pop("settles", None)
    return item


@st.composite
def _photos(draw: st.DrawFn, number: int) -> Json:
    rule = json.loads(shipped_checklists())["photos"][0]
    return {
        **rule,
        "id": f"photo-{'abcdefgh'[number % 8]}",
        "view": draw(st.sampled_from(["open", "sealed"])),
        "applies": draw(CONDITIONS),
        "when": draw(CONDITIONS),
        "after_refusals": draw(st.lists(st.sampled_from(REFUSALS), unique=True, max_size=3)),
        "after_refer": draw(st.booleans()),
        "exempt_reasons": rule["exempt_reasons"][: draw(st.integers(0, 3))],
    }


# Changes ----------------------------------------------------------------------------------------------------------------------------------


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, Change]:
    """One change of a whole file, with its name."""
    place, other, number = draw(st.integers(0, 40)), draw(st.integers(0, 40)), draw(st.integers(100, 999))
    condition, item = draw(CONDITIONS), draw(_items(st.just(number)))
    of_some = _question(number, checklist="inspection", moment="opening", answers=draw(STRICT), when=draw(st.sampled_from(SOME)))
    covered, photo = draw(st.sampled_from(CATEGORY_CODES)), draw(_photos(number))
    setting = draw(
        st.sampled_from(
            [
                ("mandatory", draw(st.booleans())),
                ("moment", draw(st.sampled_from(MOMENTS))),
                ("checklist", draw(st.sampled_from(CHECKLISTS))),
                ("answers", draw(ANSWERS)),
                ("answers", draw(STRICT)),
                ("covers", draw(COVERS)),
                ("settles", draw(SETTLES)),
                ("role", draw(st.sampled_from([*ROLES, None]))),
                ("when", condition),
                ("when", None),
            ]
        )
    )
    name = draw(
        st.sampled_from(
            [*("set", "set", "drop", "reorder", "add", "narrow", "widen", "swap-ids", "cover", "judge", "split", "photo"), "of-some"]
        )
    )
    made: dict[str, Change] = {
        "set": lambda c: _at(c, place).update({setting[0]: setting[1]}),
        "drop": lambda c: c["items"].pop(place % len(c["items"])) and None,
        "reorder": lambda c: c["items"].insert(other % len(c["items"]), c["items"].pop(place % len(c["items"]))),
        "add": lambda c: c["items"].insert(place % len(c["items"]), item),
        "of-some": lambda c: c["items"].insert(place % len(c["items"]), of_some),
        "narrow": lambda c: _at(c, place).update(when={"all": [_at(c, place).get("when") or GOODS, condition]}),
        "widen": lambda c: _at(c, place).update(when={"any": [_at(c, place).get("when") or GOODS, condition]}),
        "swap-ids": lambda c: _swap(_at(c, place), _at(c, other)),
        "cover": lambda c: _cover(c, covered, _of_contents(c, place)),
        "judge": lambda c: _judge(_at(c, place), condition),
        "split": lambda c: _split(c, place % len(c["items"]), number),
        "photo": lambda c: c["photos"].append(photo) if place % 3 else c["photos"].clear(),
    }
    return f"{name}-{setting[0]}" if name == "set" else name, made[name]


def _at(checklists: Json, place: int) -> Json:
    found: Json = checklists["items"][place % len(checklists["items"])]
    return found


def _of_contents(checklists: Json, place: int) -> Json:
    """One of the questions about contents, among which categories may be dealt out; any other where there is none."""
    found: list[Json] = [item for item in checklists["items"] if item["moment"] == "contents"] or checklists["items"]
    return found[place % len(found)]


def _swap(one: Json, other: Json) -> None:
    one["id"], other["id"] = other["id"], one["id"]


def _cover(checklists: Json, code: str, item: Json) -> None:
    """One item asks for this category instead of all that did."""
    for each in checklists["items"]:
        each["covers"] = [one for one in each.get("covers", []) if one != code]
    item["covers"] = [*item.get("covers", []), code]


def _judge(item: Json, condition: Json) -> None:
    """What a person judges becomes established by a fact, and the other way about."""
    if item["answer"] == "established":
        item.pop("established_by", None)
        item |= {"answer": "judged", "answers": {"yes": {"leads_to": "ok"}, "no": {"leads_to": "refer"}}}
    else:
        item.pop("answers", None)
        item.pop("settles", None)
        item |= {"answer": "established", "established_by": condition}


def _split(checklists: Json, place: int, number: int) -> None:
    """The same question in two items, each for a part of the mail."""
    item = checklists["items"][place]
    half = {**item, "id": f"half-{number}", "when": {"fact": "mail_kind", "equals": "agreement"}}
    item["when"] = {"all": [GOODS, PERSONS]}
    checklists["items"].append(half)


@st.composite
def changed_checklists(draw: st.DrawFn, tried: Tried, most: int = 8) -> bytes:
    """The shipped checklists after some changes, each kept if `rules check` passes the file with it."""
    held = shipped_checklists()
    for name, change in draw(st.lists(changes(), min_size=1, max_size=most)):
        checklists = json.loads(held)
        change(checklists)
        found = passing(checklists)
        tried.count(name, passed=found is not None)
        held = found or held
    return held


@st.composite
def new_checklists(draw: st.DrawFn, tried: Tried) -> bytes:
    """From nothing: the nineteen categories shared out among questions, the floor's own items, and any others that pass with them. Where
    not even these pass, the shipped ones."""
    shares = draw(st.lists(st.integers(0, 4), min_size=19, max_size=19))
    asked = [[code for code, share in zip(CATEGORY_CODES, shares, strict=True) if share == each] for each in sorted(set(shares))]
    condition = st.sampled_from([GOODS, None])
    items = [
        _question(
            number, checklist="inspection", moment=draw(_usually("contents")), covers=codes, answers=draw(STRICT), when=draw(condition)
        )
        for number, codes in enumerate(asked)
    ]
    named = (("valid-id", "real-name", "identity"), ("opened-inspection", "inspection", "opening"))
    items += [
        _question(number, role=role, checklist=checklist, moment=draw(_usually(moment)), when=draw(condition), answers=draw(STRICT))
        for number, (role, checklist, moment) in enumerate(named, 20)
    ]
    items.append(_question(22, role="screening", checklist="real-name", moment=draw(_usually("identity")), when=GOODS, **draw(_screened())))
    base = {**json.loads(shipped_checklists()), "items": draw(st.permutations(items)), "photos": []}
    held = passing(base)
    tried.count("new", passed=held is not None)
    for item in draw(st.lists(_items(st.integers(30, 60)), max_size=4, unique_by=lambda one: one["id"])) if held is not None else ():
        checklists = json.loads(held)
        checklists["items"].append(item)
        found = passing(checklists)
        tried.count("new-item", passed=found is not None)
        held = found or held
    return held or shipped_checklists()


def with_other_ids(content: bytes, step: int) -> bytes:
    """The same questions, each judged one under the id of another: what was answered by id alone would be answered to something else."""
    checklists = json.loads(content)
    judged = [item for item in checklists["items"] if item["answer"] == "judged"]
    ids = [item["id"] for item in judged]
    for place, item in enumerate(judged):
        item["id"] = ids[(place + step) % len(ids)]
    return passing(checklists) or content


def _usually(moment: str) -> st.SearchStrategy[str]:
    return st.sampled_from([moment] * 24 + list(MOMENTS))


def _screened() -> st.SearchStrategy[Json]:
    """By the program, but now and then by whoever says so."""
    established: Json = {"answer": "established", "established_by": {"fact": "screened", "equals": True}}
    judged: Json = {"answers": {"yes": {"leads_to": "ok"}, "no": {"leads_to": "refer"}}}
    return st.sampled_from([established] * 5 + [judged])
