"""Goods declared under the name of something prohibited. All goods are made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.inspection.codes import InspectionReason
from courier_check.inspection.declared import review_declared_names
from courier_check.inspection.rules import RuleSet
from courier_check.terms import Consequence


def hints(rules: RuleSet, name: str) -> list[tuple[Consequence, object]]:
    return [(reason.consequence, reason.facts["category"]) for reason in review_declared_names(rules.prohibited, [name])]


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("仿真枪", "01"),
        ("红色塑料子弹", "01"),
        ("跳刀", "02"),
        ("鞭炮", "03"),
        ("鞭炮2盒", "03"),
        ("两箱烟花", "03"),
        ("打火机", "04"),
        ("一次性打火机 x3", "04"),
        ("衣服、打火机", "04"),
        ("打火机油", "05"),
        ("７５％酒精", "05"),
        ("酒精500ml", "05"),
        ("固体酒精", "06"),
        ("冰毒", "12"),
        ("象牙", "17"),
    ],
)
def test_a_name_that_says_what_it_is_needs_a_supervisor(rules: RuleSet, name: str, category: str) -> None:
    assert hints(rules, name) == [(Consequence.REFER, category)]


@pytest.mark.parametrize("name", ["活性炭口罩", "除味活性炭", "火柴盒", "酒精湿巾", "桌面冰壶", "攀岩镁粉", "打火机保护套"])
def test_a_name_that_may_be_something_else_is_a_hint(rules: RuleSet, name: str) -> None:
    assert [consequence for consequence, _ in hints(rules, name)] == [Consequence.NOTE]


@pytest.mark.parametrize(
    "name",
    [
        *("图书", "服装", "茶叶", "台灯", "背包", "旧书", "药品", "蜂蜜", "充电宝", "手机", "香水", "白酒", "胶水", "苯甲酸面膜"),
        *(
            "打气枪",
            "手枪钻",
            "聚丙烯绳",
            "丙烯颜料",
            "硫磺皂",
            "象牙白连衣裙",
            "盐酸二甲双胍片",
            "硫酸软骨素",
            "天然气灶",
            "除甲醛活性炭包",
        ),
        *("", " ", "、", "3"),
    ],
)
def test_ordinary_goods_pass_in_silence(rules: RuleSet, name: str) -> None:
    assert hints(rules, name) == []


def test_every_example_of_the_catalogue_is_recognised_by_its_own_name(rules: RuleSet) -> None:
    rule = rules.prohibited.declared_names
    for category in rules.prohibited.categories:
        for word in category.named_goods():
            found = [*review_declared_names(rules.prohibited, [word])]
            one_word = not set(word) & set("、，()《》和与及")
            assert found or not one_word, word
            assert not found or found[0].consequence is (Consequence.NOTE if word in rule.ambiguous else Consequence.REFER), word


def test_each_name_gives_one_reason_with_the_category_and_its_mark(rules: RuleSet) -> None:
    (reason,) = review_declared_names(rules.prohibited, ["鞭炮和烟花"])
    assert reason.code == InspectionReason.DECLARED_EXAMPLE
    assert (reason.facts["category_zh"], reason.facts["mark_zh"]) == ("爆炸物品", "（待核实）")


@given(st.text(max_size=60))
def test_any_name_is_judged_and_never_refused(rules: RuleSet, name: str) -> None:
    assert all(reason.consequence is not Consequence.REFUSE for reason in review_declared_names(rules.prohibited, [name]))
