"""查禁寄物品 over the nineteen categories, and what is to be done by moment and severity."""

from __future__ import annotations

import pytest

from courier_check.acceptance import Rulebook
from courier_check.acceptance.prohibited_search import ProhibitedSearch
from courier_check.inspection.catalogue import Moment, Prohibited
from courier_check.parcel.finding import Readings
from courier_check.store.resources import read_resource


@pytest.fixture(scope="module")
def prohibited(book: Rulebook) -> Prohibited:
    return book.rules.prohibited


@pytest.fixture(scope="module")
def search(prohibited: Prohibited) -> ProhibitedSearch:
    return ProhibitedSearch(prohibited, Readings.parse(read_resource("pinyin.json")).by_character())


@pytest.mark.parametrize(
    ("typed", "category"),
    [
        ("打火机", "04"),
        ("dahuoji", "04"),
        ("dhj", "04"),
        ("火机", "04"),
        ("lighter", "04"),
        ("天那水", "05"),
        ("仙女棒", "03"),
        ("bishou", "02"),
        ("甩棍", "02"),
        ("84", "07"),
        ("老鼠药", "08"),
        ("电瓶", "11"),
        ("K粉", "12"),
        ("针孔", "14"),
        ("假章", "15"),
        ("高仿", "16"),
        ("穿山甲", "17"),
        ("现金", "19"),
        ("12", "12"),
    ],
)
def test_goods_are_found_by_example_alias_synonym_and_pinyin(search: ProhibitedSearch, typed: str, category: str) -> None:
    assert search.search(typed)[0].category.code == category


@pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_every_category_is_found_by_every_word_it_has(search: ProhibitedSearch, prohibited: Prohibited, every: int) -> None:
    for each in prohibited.categories:
        words = [each.zh, *each.known_as, *each.ordinary_aliases, *(name for group in each.groups for name in group.examples)]
        assert each.known_as, each.code
        for word in words[::every]:
            assert each.code in {suspect.category.code for suspect in search.search(word, limit=19)}, (each.code, word)


@pytest.mark.parametrize(
    ("typed", "concealed", "moment", "disposition", "lead"),
    [
        ("打火机", False, Moment.AT_ACCEPTANCE, "hand-back", False),
        ("火机", False, Moment.AT_ACCEPTANCE, "hand-back", False),
        ("perfume", False, Moment.AT_ACCEPTANCE, "hand-back", False),
        ("打火机", True, Moment.AT_ACCEPTANCE, "evacuate-and-report", True),
        ("打火机", False, Moment.AFTER_ACCEPTANCE, "stop-and-tell", False),
        ("手枪", False, Moment.AT_ACCEPTANCE, "evacuate-and-report", True),
        ("老鼠药", False, Moment.AT_ACCEPTANCE, "evacuate-and-report", True),
        ("高仿", False, Moment.AT_ACCEPTANCE, "refuse-and-lead", True),
    ],
)
def test_what_to_do_depends_on_class_severity_and_moment(
    search: ProhibitedSearch, prohibited: Prohibited, typed: str, concealed: bool, moment: Moment, disposition: str, lead: bool
) -> None:
    to_do = search.search(typed)[0].disposition(prohibited, moment, concealed=concealed)
    assert (to_do.rule.id, to_do.rule.lead, bool(to_do.report_to)) == (disposition, lead, lead)


def test_everyday_words_for_household_goods_make_no_drama(search: ProhibitedSearch, prohibited: Prohibited) -> None:
    """Openly shown: refused and handed back, nobody is evacuated for a fire extinguisher's or a pet's sake (domain.md §11.9)."""
    for word in ("灭火器", "消毒酒精", "漂白剂", "通渠剂", "宠物", "活禽", "生鲜", "竹炭包", "battery", "cash"):
        to_do = search.search(word)[0].disposition(prohibited, Moment.AT_ACCEPTANCE)
        assert to_do.rule.id == "hand-back", word


def test_words_people_look_by_judge_nothing(prohibited: Prohibited) -> None:
    named = {word for each in prohibited.categories for word in each.named_goods()}
    assert "气枪" in named
    assert "高仿" not in named
    assert "电棍" in named
