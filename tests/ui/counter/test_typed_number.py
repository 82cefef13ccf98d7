"""What a number tells while it is typed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.identity.documents import DocumentType
from courier_check.identity.regions import Regions
from courier_check.store.resources import read_resource
from support.counters import WORDING
from ui.counter.typed_number import NumberNote, number_note

TODAY = date(2026, 11, 26)


@pytest.fixture(scope="module")
def regions() -> Regions:
    return Regions.parse(read_resource("regions.json"))


def told(text: str, regions: Regions | None = None, kind: str = "resident-id") -> NumberNote:
    return number_note(kind, text, TODAY, regions, WORDING)


def test_a_number_is_followed_letter_by_letter(regions: Regions) -> None:
    assert told("") == NumberNote()
    assert told("4101051990030712") == NumberNote("还差 2 位")
    assert told("410105199003071231", regions).wrong
    assert told("41010519900307123X0") == NumberNote("多了 1 位，应为 18 位。", wrong=True)
    right = told("41010519900307123x", regions)
    assert not right.wrong
    assert all(word in right.words for word in ("校验位相符", "1990-03-07", "男", "金水区"))


@pytest.mark.parametrize("text", ["４１０１０５ 19900307-123x", "410105199003 07123Ｘ"])
def test_full_width_letters_blanks_and_a_small_x_are_the_same_number(text: str) -> None:
    assert "校验位相符" in told(text).words


@pytest.mark.parametrize(("text", "named"), [("41O105", "数字 0"), ("4I0105", "数字 1"), ("41X105", "X"), ("41样", "样")])
def test_letters_that_can_not_be_there_are_named(text: str, named: str) -> None:
    note = told(text)
    assert note.wrong
    assert named in note.words


@pytest.mark.parametrize("text", ["410105199002292312", "410105299003071231"])
def test_impossible_birth_dates_and_wrong_check_digits_are_wrong_at_once(text: str) -> None:
    assert told(text).wrong


def test_other_documents_are_told_by_their_own_form() -> None:
    assert "形式相符" in told("H1234567801", kind="hm-permit").words
    assert told("H12", kind="hm-permit").wrong
    assert told("anything", kind="other") == NumberNote()


@given(st.sampled_from([kind.value for kind in DocumentType]), st.text(max_size=40))
def test_whatever_is_typed_has_an_answer(kind: str, text: str) -> None:
    assert isinstance(told(text, kind=kind), NumberNote)
