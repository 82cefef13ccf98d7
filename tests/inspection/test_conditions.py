"""Conditions: what holds, what does not, what hangs on an unknown fact, and what is refused as no condition."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.inspection.case import FACTS, Case
from courier_check.inspection.codes import RuleCode
from courier_check.inspection.conditions import Condition, check_condition
from courier_check.terms import MailKind

CATEGORIES = frozenset({"food", "tobacco"})


def condition(**parts: Any) -> Condition:
    return msgspec.convert({name.rstrip("_"): value for name, value in parts.items()}, Condition)


def faults(given: Condition) -> list[RuleCode]:
    return [error.message_code for error in check_condition(given, "$", CATEGORIES)]


@pytest.mark.parametrize(
    ("parts", "truth"),
    [
        ({"fact": "mail_kind", "equals": "parcel"}, True),
        ({"fact": "mail_kind", "in_": ["letter", "agreement"]}, False),
        ({"fact": "item_quantity", "at_least": 20}, True),
        ({"fact": "item_quantity", "at_most": 19}, False),
        ({"fact": "contents_categories", "in_": ["tobacco"]}, True),
        ({"fact": "contents_categories", "in_": ["food"]}, False),
        ({"fact": "sender_age", "at_most": 13}, None),
        ({"all": [{"fact": "letter", "equals": False}, {"fact": "sender_age", "at_most": 13}]}, None),
        ({"all": [{"fact": "letter", "equals": True}, {"fact": "sender_age", "at_most": 13}]}, False),
        ({"any": [{"fact": "letter", "equals": False}, {"fact": "sender_age", "at_most": 13}]}, True),
    ],
)
def test_a_condition_holds_fails_or_hangs_on_what_is_unknown(parts: dict[str, Any], truth: bool | None) -> None:
    case = Case(mail_kind=MailKind.PARCEL, item_quantity=20, contents_categories=("tobacco",))
    assert condition(**parts).holds(case.facts()) is truth


def test_every_fact_of_a_case_has_a_kind() -> None:
    assert set(Case(mail_kind=MailKind.PARCEL).facts()) == set(FACTS)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({}, RuleCode.CONDITION_FORM),
        ({"all": []}, RuleCode.CONDITION_FORM),
        ({"all": [{"fact": "letter", "equals": True}], "fact": "letter", "equals": True}, RuleCode.CONDITION_FORM),
        ({"fact": "letter"}, RuleCode.CONDITION_FORM),
        ({"fact": "weight_g", "at_least": 1, "at_most": 2}, RuleCode.CONDITION_FORM),
        ({"fact": "moon_phase", "equals": "full"}, RuleCode.UNKNOWN_FACT),
        ({"fact": "mail_kind", "equals": "telegram"}, RuleCode.BAD_FACT_VALUE),
        ({"fact": "letter", "equals": "yes"}, RuleCode.BAD_FACT_VALUE),
        ({"fact": "contents_categories", "in_": ["plutonium"]}, RuleCode.BAD_FACT_VALUE),
        ({"fact": "letter", "at_least": 1}, RuleCode.CONDITION_KIND),
        ({"fact": "contents_categories", "equals": "food"}, RuleCode.CONDITION_KIND),
    ],
)
def test_what_is_no_condition_is_said_to_be_none(parts: dict[str, Any], code: RuleCode) -> None:
    assert faults(condition(**parts)) == [code]


leaves = st.one_of(
    st.builds(lambda kind: {"fact": "mail_kind", "equals": kind}, st.sampled_from([kind.value for kind in MailKind])),
    st.builds(lambda age: {"fact": "sender_age", "at_most": age}, st.integers(0, 99)),
    st.builds(lambda flag: {"fact": "agent", "equals": flag}, st.booleans()),
)
trees = st.recursive(
    leaves,
    lambda parts: st.builds(
        lambda form, members: {form: members}, st.sampled_from(["all", "any"]), st.lists(parts, min_size=1, max_size=3)
    ),
    max_leaves=6,
)


@given(trees, st.sampled_from(MailKind), st.integers(0, 99), st.booleans())
def test_what_holds_without_knowing_a_fact_holds_whatever_that_fact_is(tree: Any, kind: MailKind, age: int, agent: bool) -> None:
    made = msgspec.convert(tree, Condition)
    partial = made.holds({"mail_kind": kind})
    whole = made.holds({"mail_kind": kind, "sender_age": age, "agent": agent})
    assert whole is not None
    assert partial is None or partial is whole
