"""Names that are alike are found and reviewed, whatever was misspelt; strangers, other regions and generic words are not. All made up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.desk.near_names import shipped_tables
from courier_check.errors import UserError
from courier_check.screening.align import Step
from courier_check.screening.codes import Advice, MatchReason, ScreeningCode
from courier_check.screening.entries import Action, IssuerKind, SubjectKind
from courier_check.screening.match import Hit, InstalledList, Level, Listed, Query, Screening, ScreeningStatus, screen
from courier_check.screening.near import NearName, SearchedList, index_of
from courier_check.screening.normalise import NameRules, NormalName, normalise_name
from courier_check.screening.review import review_screening
from courier_check.screening.telling import told
from courier_check.terms import Consequence, MailKind

TODAY = date(2026, 11, 23)
USCC, OTHER_USCC = "91410100MA9YB0A16H", "92410105MA9YB0B20T"
LISTED = "郑州鑫华源服饰有限公司"
Made = Callable[..., Any]


@dataclass
class IndexedLists:
    """The index of lists held in memory."""

    made: Any
    defects: list[tuple[str, ScreeningCode]] = field(default_factory=list)

    def near(self, name: NormalName, lists: Sequence[InstalledList]) -> tuple[list[NearName], list[tuple[str, ScreeningCode]]]:
        tables = shipped_tables()
        parts = [
            SearchedList.of(package.header.list_id, index_of(package.entries, tables), tables)
            for package in self.made.packages
            if package.header.list_id in {held.header.list_id for held in lists}
        ]
        least = tables.least(sum(part.index.rows for part in parts))
        return [found for part in parts for found in part.near(name, least, tables)], self.defects

    def side_by_side(self, asked: NormalName, listed: NormalName) -> tuple[Step, ...]:
        return shipped_tables().side_by_side(asked, listed)


@pytest.fixture
def screened(lists: Any, rules: NameRules) -> Callable[..., Screening]:
    def make(text: str, **more: Any) -> Screening:
        query = Query(name=normalise_name(text, rules), **more)
        return screen(query, Listed(lists, IndexedLists(lists)), TODAY)

    return make


def only(screening: Screening) -> Hit:
    (hit,) = screening.hits
    return hit


@pytest.mark.parametrize(
    ("asked", "change"),
    [
        ("郑州忻华源服饰有限公司", "same-sound"),
        ("郑州星华源服饰有限公司", "near-sound"),
        ("郑州鑫毕源服饰有限公司", "looks-alike"),
        ("郑州鑫源华服饰有限公司", "swapped-letters"),
        ("郑州鑫华大源服饰有限公司", "added-letter"),
        ("郑州鑫华服饰有限公司", "dropped-letter"),
        ("郑州xinhua源服饰有限公司", "spelt-in-pinyin"),
        ("正州鑫华源服饰有限公司", "same-sound"),
        ("（郑洲）鑫华源服饰中心", "same-sound"),
    ],
)
def test_a_misspelt_name_is_reviewed_and_the_difference_named(
    asked: str, change: str, lists: Any, entry: Made, screened: Callable[..., Screening]
) -> None:
    lists.add(entry(display_name=LISTED))
    hit = only(screened(asked))
    assert (hit.action, hit.advice) == (Action.REVIEW, Advice.SUPERVISOR_COMPARES)
    assert hit.reasons[0] is MatchReason.SIMILAR_NAME
    assert hit.explanation is not None
    assert change in {step[2] for step in hit.explanation.differences}
    assert 60 <= hit.score < 95


def test_a_mistake_says_less_where_form_or_place_are_told_otherwise_too(
    lists: Any, entry: Made, screened: Callable[..., Screening]
) -> None:
    """A near namesake of another form, or of another place in the region, is more often another firm."""
    lists.add(entry(display_name=LISTED))
    same, long_form, other_form, nearby = (
        only(screened(asked)).score
        for asked in (
            "郑州忻华源服饰有限公司",
            "郑州忻华源服饰有限责任公司",
            "郑州忻华源服饰商行",
            "郑州市金水区忻华源服饰有限公司",
        )
    )
    assert same == long_form > other_form > nearby
    exact = only(screened("郑州鑫华源服饰商行"))  # the name itself is right
    assert exact.reasons[0] is MatchReason.SAME_CORE_NAME


def test_two_mistakes_are_found(lists: Any, entry: Made, screened: Callable[..., Screening]) -> None:
    lists.add(entry(display_name="郑州鑫华源户外服饰有限公司"))
    assert only(screened("郑州忻化源户外服饰有限公司")).reasons[0] is MatchReason.SIMILAR_NAME
    assert only(screened("郑州忻源华户外服饰有限公司")).reasons[0] is MatchReason.SIMILAR_NAME


def test_a_shops_nickname_is_contained(lists: Any, entry: Made, screened: Callable[..., Screening]) -> None:
    lists.add(entry(display_name="郑州鑫华源户外运动服饰有限公司"))
    assert only(screened("鑫华源户外旗舰店")).reasons[0] in (MatchReason.CONTAINED_NAME, MatchReason.SIMILAR_NAME)


@pytest.mark.parametrize(
    "asked",
    [
        "洛阳忻华源服饰有限公司",  # elsewhere
        "郑州大河图书有限公司",
        "郑州服饰有限公司",
        "建材",
        "鑫" * 500,
        "a" * 500,
        "李明",
    ],
)
def test_strangers_pass(asked: str, lists: Any, entry: Made, screened: Callable[..., Screening]) -> None:
    lists.add(entry(display_name=LISTED), entry(entry_id="e-2", display_name="永城建材有限公司"))
    assert screened(asked).level is Level.PASS


@pytest.mark.parametrize("asked", ["？！……", "😀😀😀"])
def test_a_name_without_a_letter_cannot_be_asked_about(asked: str, screened: Callable[..., Screening]) -> None:
    with pytest.raises(UserError) as raised:
        screened(asked)
    assert raised.value.code is ScreeningCode.EMPTY_QUERY


def test_branches_in_counties_that_sound_alike_are_two(lists: Any, entry: Made, screened: Callable[..., Screening]) -> None:
    lists.add(entry(display_name="样例农商股份有限公司临西支行"))
    assert screened("样例农商股份有限公司林西支行").level is Level.PASS


def test_another_number_is_another_shop(lists: Any, entry: Made, screened: Callable[..., Screening]) -> None:
    lists.add(entry(display_name="郑州样例石油第二十二加油站"))
    assert screened("郑州样例石油第二十三加油站").level is Level.PASS
    assert screened("郑州样例石油第二十加油站").level is Level.PASS
    assert screened("郑州样例石油第２２加汕站").level is Level.REVIEW


def test_another_code_makes_a_like_name_information_only(lists: Any, entry: Made, screened: Callable[..., Screening]) -> None:
    lists.add(entry(display_name=LISTED, uscc=USCC))
    screening = screened("郑州忻华源服饰有限公司", uscc=OTHER_USCC)
    assert only(screening).action is Action.NOTE
    assert MatchReason.USCC_DIFFERS in only(screening).reasons
    assert screening.level is Level.PASS


def test_a_like_name_never_blocks_and_a_persons_is_not_looked_for(lists: Any, entry: Made, screened: Callable[..., Screening]) -> None:
    lists.add(entry(subject_kind=SubjectKind.PERSON, display_name="钱样例"))
    assert screened("钱样利").hits == ()


def test_an_own_list_and_one_without_basis_go_no_further_for_like_names(
    lists: Any, entry: Made, screened: Callable[..., Screening]
) -> None:
    lists.add(entry(display_name=LISTED), list_id="own", issuer_kind=IssuerKind.COMPANY)
    lists.add(entry(display_name=LISTED), list_id="no-basis", legal_basis="")
    found = {hit.list_id: hit for hit in screened("郑州忻华源服饰有限公司").hits}
    assert (found["own"].action, found["own"].ends_agreement) == (Action.NOTE, True)
    assert found["no-basis"].action is Action.INSPECT


def test_what_the_index_finds_is_confirmed_on_the_entry(lists: Any, entry: Made, rules: NameRules) -> None:
    lists.add(entry(display_name=LISTED))
    names = IndexedLists(lists)
    query = Query(name=normalise_name("郑州忻华源服饰有限公司", rules))
    old = names.near(normalise_name("郑州忻华源服饰有限公司", rules), lists.installed())
    lists.packages.clear()
    lists.add(entry(display_name="另一家样例商号", revision=2))
    names.near = lambda _name, _lists: old  # type: ignore[method-assign]
    assert screen(query, Listed(lists, names), TODAY).hits == ()


def test_a_list_whose_names_could_not_be_searched_never_passes(lists: Any, entry: Made, rules: NameRules) -> None:
    lists.add(entry(display_name=LISTED))
    names = IndexedLists(lists, [("made-up", ScreeningCode.INDEX_BUILDING)])
    screening = screen(Query(name=normalise_name("大河图书", rules)), Listed(lists, names), TODAY)
    assert (screening.status, screening.level) == (ScreeningStatus.NOT_SCREENED, Level.REVIEW)
    (reason,) = review_screening(screening, MailKind.PARCEL)
    assert (reason.code, reason.consequence, reason.facts) == (
        ScreeningCode.INDEX_BUILDING,
        Consequence.REFER,
        {"list": "made-up"},
    )


def test_a_hit_is_told_with_list_version_validity_and_both_names(lists: Any, entry: Made, screened: Callable[..., Screening]) -> None:
    lists.add(entry(display_name=LISTED, expires_on=date(2027, 1, 1)))
    said = told(only(screened("郑州忻华源服饰有限公司")))
    assert (said["list"], said["version"], said["entry"], said["revision"]) == ("made-up", 3, "e-1", 1)
    assert (said["listed_on"], said["expires_on"]) == ("2026-01-15", "2027-01-01")
    assert ["忻", "鑫", "same-sound"] in said["steps"]
    assert "".join(step[1] for step in said["steps"]) == LISTED
    assert said["remedy"]


def test_an_equal_name_is_told_side_by_side_too(lists: Any, entry: Made, screened: Callable[..., Screening]) -> None:
    lists.add(entry(display_name=LISTED))
    hit = only(screened("郑州市鑫华源服饰有限责任公司"))
    assert hit.reasons[0] is MatchReason.SAME_CORE_NAME
    assert hit.explanation is not None
    assert hit.explanation.differences == (("郑州市", "郑州", "region-written-otherwise"), ("有限责任公司", "有限公司", "other-form"))


def test_the_same_name_elsewhere_is_told_with_both_regions(lists: Any, entry: Made, screened: Callable[..., Screening]) -> None:
    lists.add(entry(display_name=LISTED))
    hit = only(screened("洛阳鑫华源服饰有限公司"))
    assert hit.action is Action.NOTE
    assert hit.explanation is not None
    assert hit.explanation.differences == (("洛阳", "郑州", "other-region"),)


@given(st.text(max_size=80))
def test_any_text_is_searched_without_a_fault(text: str) -> None:
    tables = shipped_tables()
    name = normalise_name(text, tables.rules)
    index = index_of((), tables)
    assert list(SearchedList.of("x", index, tables).near(name, 0.6, tables)) == []
    for spelling in tables.speller.readings(name):
        assert len(spelling.code) >= len(spelling.core) - 1
