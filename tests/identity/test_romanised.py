"""Names in letters against names in Chinese. Everyone here is made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.identity.names import NameMatch, compare_names, review_names
from courier_check.identity.romanised import Pinyin, cannot_tell, never_denied
from courier_check.parcel.finding import Readings
from courier_check.screening.fold import SimplifiedFold
from courier_check.store.resources import read_resource
from courier_check.terms import Consequence

READINGS = Readings.parse(read_resource("pinyin.json")).by_character()
PINYIN = Pinyin(lambda: READINGS)
FOLD = SimplifiedFold()


@pytest.mark.parametrize(
    ("document", "waybill"),
    [
        ("张三丰", "ZHANG SANFENG"),
        ("张三丰", "Zhang, San-Feng"),
        ("张三丰", "Sanfeng Zhang"),
        ("张三丰", "ZHANGSANFENG"),
        ("张三丰", "Zhāng Sānfēng"),
        ("ZHANG SANFENG", "张三丰"),
        ("吕娜", "LYU NA"),
        ("吕娜", "LV NA"),
        ("吕娜", "Lü Nà"),
        ("吕娜", "LU NA"),
        ("欧阳明", "Ming Ouyang"),
        ("单小明", "SHAN XIAOMING"),
        ("解小明", "XIE XIAOMING"),
        ("陳小明", "CHEN XIAOMING"),
        ("张 三 丰", "ＺＨＡＮＧ ＳＡＮＦＥＮＧ"),
        ("西安", "XI'AN"),
    ],
)
def test_letters_that_spell_the_name_are_compatible_and_no_more(document: str, waybill: str) -> None:
    assert compare_names(document, waybill, FOLD, PINYIN) is NameMatch.ROMANISED


@pytest.mark.parametrize("waybill", ["LI SI", "ZHANG SAN", "ZHANG SANFENGA", "SAN ZHANGFENG", "ZHANG S F", "SF EXPRESS", "JOHN SMITH"])
def test_letters_that_spell_another_name_are_different(waybill: str) -> None:
    assert compare_names("张三丰", waybill, FOLD, PINYIN) is NameMatch.DIFFERENT


@pytest.mark.parametrize(
    ("document", "waybill"),
    [
        *[("阿依古丽·买买提", "AYGUL MEMET"), ("周𬎆", "ZHOU YING"), ("𬎆", "YING")],
        *[("田中がく", "TANAKA GAKU"), ("陈", "CHAN"), ("张三", "ЧЖАН САНЬ")],
    ],
)
def test_what_no_table_of_readings_can_tell_is_left_to_people(document: str, waybill: str) -> None:
    assert compare_names(document, waybill, FOLD, PINYIN) is NameMatch.OTHER_SCRIPT
    (reason,) = review_names(NameMatch.OTHER_SCRIPT)
    assert (reason.code, reason.consequence) == ("name-other-script", Consequence.REFER)


def test_other_ways_of_spelling_are_possible_where_names_are_not_written_in_pinyin() -> None:
    for waybill, match in (("CHAN TAI MAN", NameMatch.OTHER_SCRIPT), ("CHEN DAWEN", NameMatch.ROMANISED)):
        assert compare_names("陈大文", waybill, FOLD, never_denied(PINYIN)) is match
    assert compare_names("陈大文", "CHAN TAI MAN", FOLD, PINYIN) is NameMatch.DIFFERENT


def test_a_table_is_read_when_it_is_first_needed_and_once() -> None:
    read: list[int] = []

    def readings() -> dict[str, tuple[str, ...]]:
        read.append(1)
        return dict(READINGS)

    spells = Pinyin(readings)
    assert compare_names("张三", "张三", FOLD, spells) is NameMatch.EQUAL
    assert not read
    assert spells("张三", "zhang san") is True
    assert spells("张三", "li si") is False
    assert len(read) == 1


def test_without_a_table_nothing_is_denied() -> None:
    assert cannot_tell("张三", "LI SI") is None
    assert compare_names("张三", "LI SI") is NameMatch.OTHER_SCRIPT


@given(st.lists(st.sampled_from(sorted(READINGS)), min_size=2, max_size=12), st.data())
def test_every_name_is_spelt_by_its_own_readings(characters: list[str], data: st.DataObject) -> None:
    spelt = [data.draw(st.sampled_from(READINGS[sign])) for sign in characters]
    start = data.draw(st.sampled_from([0, 1, min(2, len(characters) - 1)]))
    turned = spelt[start:] + spelt[:start]
    if len("".join(turned)) <= 80:
        assert PINYIN("".join(characters), " ".join(turned)) is True


@given(st.text(max_size=60), st.text(max_size=300))
def test_any_two_texts_are_judged(name: str, letters: str) -> None:
    assert PINYIN(name, letters) in (True, False, None)
