"""Declared contents and restricted quantities. All goods are made up."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.errors import UserError
from courier_check.parcel.contents import (
    ITEM_KEYS,
    ContentsCode,
    ContentsReason,
    DeclaredItem,
    ParcelSize,
    RestrictedGoods,
    review_contents,
)
from courier_check.store.resources import read_resource
from courier_check.terms import Consequence, Reason


@pytest.fixture(scope="session")
def restricted() -> RestrictedGoods:
    return RestrictedGoods.parse(read_resource("restricted.json"))


def weighty(reasons: tuple[Reason, ...]) -> list[tuple[str, str | None]]:
    return [(reason.code, reason.refusal) for reason in reasons if reason.consequence is not Consequence.NOTE]


def notes(reasons: tuple[Reason, ...]) -> set[str]:
    return {reason.code for reason in reasons if reason.consequence is Consequence.NOTE}


def tobacco(**amounts: int) -> DeclaredItem:
    return DeclaredItem(name="烟草样品", category="tobacco", **amounts)


@pytest.mark.parametrize(
    ("items", "refused"),
    [
        ([tobacco(cigarette_sticks=400)], []),
        ([tobacco(cigarette_sticks=401)], ["cigarettes"]),
        ([tobacco(cigarette_sticks=200), tobacco(cigarette_sticks=201)], ["cigarettes"]),
        ([DeclaredItem(name="礼品", category="other", cigarette_sticks=401)], ["cigarettes"]),
        ([tobacco(tobacco_leaf_g=5000)], []),
        ([tobacco(tobacco_leaf_g=5001)], ["leaf-tobacco"]),
        ([tobacco(cut_tobacco_g=5001)], ["cut-tobacco"]),
        ([tobacco(tobacco_leaf_g=5000, cut_tobacco_g=5000)], []),
        ([tobacco(tobacco_leaf_g=5000, cut_tobacco_g=5001)], ["cut-tobacco", "leaf-and-cut-tobacco"]),
    ],
)
def test_tobacco_is_limited_over_all_items_whatever_they_are_called(
    restricted: RestrictedGoods, items: list[DeclaredItem], refused: list[str]
) -> None:
    reasons = review_contents(restricted, items, ParcelSize())
    assert [reason.facts["limit"] for reason in reasons if reason.refusal == "R08"] == refused


def test_a_second_tobacco_parcel_on_one_day_is_refused_but_other_goods_are_not(restricted: RestrictedGoods) -> None:
    cigarettes, books = tobacco(cigarette_sticks=200), DeclaredItem(name="书", category="documents")
    assert weighty(review_contents(restricted, [cigarettes], ParcelSize())) == []
    assert weighty(review_contents(restricted, [cigarettes], ParcelSize(), tobacco_parcels_today=1)) == [("second-tobacco-parcel", "R08")]
    assert weighty(review_contents(restricted, [books], ParcelSize(), tobacco_parcels_today=1)) == []


def test_twice_the_limit_also_hints_at_a_report(restricted: RestrictedGoods) -> None:
    assert ContentsReason.TOBACCO_REPORT_HINT not in notes(review_contents(restricted, [tobacco(cigarette_sticks=799)], ParcelSize()))
    assert ContentsReason.TOBACCO_REPORT_HINT in notes(review_contents(restricted, [tobacco(cigarette_sticks=800)], ParcelSize()))


@pytest.mark.parametrize(
    ("size", "refused"),
    [
        (ParcelSize(50_000, (1500, 1000, 500)), []),
        (ParcelSize(50_001), ["weight"]),
        (ParcelSize(None, (1501, 10, 10)), ["longest-side"]),
        (ParcelSize(None, (1500, 1000, 501)), ["sum-of-sides"]),
    ],
)
def test_a_parcel_has_its_greatest_weight_and_size(restricted: RestrictedGoods, size: ParcelSize, refused: list[str]) -> None:
    reasons = review_contents(restricted, [DeclaredItem(name="书", category="documents")], size)
    assert [reason.facts["limit"] for reason in reasons] == refused


def test_a_limit_says_where_it_is_from_and_whether_that_was_verified(restricted: RestrictedGoods) -> None:
    (too_many,) = review_contents(restricted, [tobacco(cigarette_sticks=401)], ParcelSize())
    assert "烟草专卖法22条" in str(too_many.facts["source"])
    assert (too_many.facts["mark_zh"], too_many.facts["mark_en"]) == ("（待核实）", " (to be verified)")
    (too_heavy,) = review_contents(restricted, [], ParcelSize(50_001))
    assert (too_heavy.facts["source"], too_heavy.facts["mark_zh"], too_heavy.facts["mark_en"]) == ("邮政法84条", "", "")


def test_items_heavier_together_than_the_stated_weight_count(restricted: RestrictedGoods) -> None:
    items = [DeclaredItem(name="铁件", category="other", weight_g=30_000)] * 2
    assert weighty(review_contents(restricted, items, ParcelSize(1_000))) == [("parcel-too-large", "R08")]


def test_batteries_liquids_and_papers_are_only_noted(restricted: RestrictedGoods) -> None:
    items = [
        DeclaredItem(name="充电宝", category="electronics", battery=True),
        DeclaredItem(name="蜂蜜", category="liquid"),
        DeclaredItem(name="药品", category="medicine"),
    ]
    reasons = review_contents(restricted, items, ParcelSize())
    assert weighty(reasons) == []
    assert notes(reasons) == {ContentsReason.LAND_TRANSPORT, ContentsReason.PAPERS_MAY_BE_NEEDED}


def test_local_rules_on_knives_are_shipped_switched_off(restricted: RestrictedGoods) -> None:
    knife = DeclaredItem(name="菜刀", category="other", blade_mm=300)
    assert review_contents(restricted, [knife], ParcelSize()) == ()
    data = json.loads(read_resource("restricted.json"))
    for limit in data["limits"]:
        limit["enabled"] = True
    switched_on = RestrictedGoods.parse(json.dumps(data).encode())
    assert ("local-limit", "R08") in weighty(review_contents(switched_on, [knife], ParcelSize()))


def test_a_category_is_known_by_its_key_and_by_its_name(restricted: RestrictedGoods) -> None:
    assert [category.key for category in restricted.categories] == list("123456789")
    by_key, by_name = ({"name": "书", "category": given} for given in ("1", "documents"))
    assert DeclaredItem.from_mapping(by_key, restricted) == DeclaredItem.from_mapping(by_name, restricted)


@pytest.mark.parametrize(
    ("given_item", "code"),
    [
        ({"name": "书", "category": "1", "colour": "red"}, ContentsCode.FIELD_UNKNOWN),
        ({"category": "1"}, ContentsCode.NAME_MISSING),
        ({"name": " ", "category": "1"}, ContentsCode.NAME_MISSING),
        ({"name": "书" * 201, "category": "1"}, ContentsCode.NAME_TOO_LONG),
        ({"name": "书"}, ContentsCode.CATEGORY_UNKNOWN),
        ({"name": "书", "category": "0"}, ContentsCode.CATEGORY_UNKNOWN),
        ({"name": "书", "category": "1", "quantity": 0}, ContentsCode.NUMBER_BAD),
        ({"name": "书", "category": "1", "quantity": True}, ContentsCode.NUMBER_BAD),
        ({"name": "书", "category": "1", "weight_g": -1}, ContentsCode.NUMBER_BAD),
        ({"name": "书", "category": "1", "weight_g": 1.5}, ContentsCode.NUMBER_BAD),
        ({"name": "书", "category": "1", "battery": "yes"}, ContentsCode.NUMBER_BAD),
        ({"name": "香烟", "category": "tobacco"}, ContentsCode.TOBACCO_AMOUNT_MISSING),
        ({"name": "香烟", "category": "7", "cigarette_sticks": 0}, ContentsCode.TOBACCO_AMOUNT_MISSING),
    ],
)
def test_a_declaration_that_says_too_little_is_refused(
    restricted: RestrictedGoods, given_item: dict[str, object], code: ContentsCode
) -> None:
    with pytest.raises(UserError) as caught:
        DeclaredItem.from_mapping(given_item, restricted)
    assert caught.value.code is code


values = st.one_of(st.none(), st.booleans(), st.integers(-2, 10**10), st.text(max_size=5), st.sampled_from(["1", "7", "food"]))


@given(st.dictionaries(st.sampled_from([*ITEM_KEYS, "x"]), values))
def test_any_mapping_is_an_item_or_a_user_error(restricted: RestrictedGoods, given_item: dict[str, object]) -> None:
    with suppress(UserError):
        review_contents(restricted, [DeclaredItem.from_mapping(given_item, restricted)], ParcelSize())


def test_a_size_of_nothing_is_no_size() -> None:
    with pytest.raises(UserError, match="contents-size-bad"):
        ParcelSize(0)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data["limits"][0].update(at_least=1),
        lambda data: data["limits"][0].pop("more_than"),
        lambda data: data["limits"][0].pop("refusal"),
        lambda data: data["limits"][0].update(consequence="note"),
        lambda data: data["limits"][0].update(category="food"),
        lambda data: data["limits"][10].update(category="moonstone"),
        lambda data: data["limits"][0].update(quantity="mood"),
        lambda data: data["categories"].append(data["categories"][0]),
    ],
)
def test_faulty_limits_are_refused(change: Callable[[dict[str, Any]], None]) -> None:
    data = json.loads(read_resource("restricted.json"))
    change(data)
    with pytest.raises(UserError, match="restricted-invalid"):
        RestrictedGoods.parse(json.dumps(data).encode())


@given(st.binary(max_size=40))
def test_any_bytes_are_limits_or_a_user_error(data: bytes) -> None:
    with suppress(UserError):
        RestrictedGoods.parse(data)


@pytest.mark.parametrize(("given", "name"), [("打\u200b火\u00ad机", "打火机"), ("\u202e书\x00\n本", "书 本"), (" 旧  书 ", "旧 书")])
def test_a_name_holds_nothing_that_nobody_sees(restricted: RestrictedGoods, given: str, name: str) -> None:
    assert DeclaredItem.from_mapping({"name": given, "category": "other"}, restricted).name == name


@pytest.mark.parametrize("given", ["\u200b", "\ud800", "\x00\x1b", " \u3000"])
def test_a_name_that_nobody_sees_is_none(restricted: RestrictedGoods, given: str) -> None:
    with pytest.raises(UserError) as caught:
        DeclaredItem.from_mapping({"name": given, "category": "other"}, restricted)
    assert caught.value.code == ContentsCode.NAME_MISSING
