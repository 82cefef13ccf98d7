"""Two names side by side: every difference is named for what it is. All parties are made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.desk.near_names import shipped_tables
from courier_check.errors import UserError
from courier_check.screening.align import Change, Letters, Weighed, align
from courier_check.screening.shapes import Shapes
from courier_check.screening.sounds import Sounds
from courier_check.store.resources import read_resource

LETTERS = st.lists(st.sampled_from("鑫忻新源圆园商贸拔拨一二甲"), max_size=8)


@pytest.fixture(scope="module")
def letters() -> Letters:
    return shipped_tables().comparing.letters


@pytest.fixture(scope="module")
def sounds() -> Sounds:
    return shipped_tables().speller.sounds


def changes(asked: str, listed: str, letters: Letters) -> list[tuple[str, str, Change]]:
    tokens = letters.sounds.tokens
    one, other = tokens(asked), tokens(listed)
    found = align(Weighed(one, [1.0] * len(one)), Weighed(other, [1.0] * len(other)), letters)
    assert found is not None
    return [(step.asked, step.listed, step.change) for step in found.steps if step.change is not Change.SAME]


@pytest.mark.parametrize(
    ("asked", "listed", "told"),
    [
        ("忻源商贸", "鑫源商贸", [("忻", "鑫", Change.SAME_SOUND)]),
        ("兴源商贸", "鑫源商贸", [("兴", "鑫", Change.NEAR_SOUND)]),
        ("披云商贸", "拔云商贸", [("披", "拔", Change.LOOKS_ALIKE)]),
        ("云海物疏", "云海物流", [("疏", "流", Change.LOOKS_ALIKE)]),
        ("云海三程", "云海工程", [("三", "工", Change.LOOKS_ALIKE)]),
        ("甲源商贸", "鑫源商贸", [("甲", "鑫", Change.OTHER)]),
        ("鑫源大商贸", "鑫源商贸", [("大", "", Change.ADDED)]),
        ("鑫商贸", "鑫源商贸", [("", "源", Change.DROPPED)]),
        ("源鑫商贸", "鑫源商贸", [("源鑫", "鑫源", Change.SWAPPED)]),
        ("huitong商贸", "汇通商贸", [("hui", "汇", Change.SPELT), ("tong", "通", Change.SPELT)]),
        ("二号商贸", "三号商贸", [("二", "三", Change.NUMBER)]),
        ("易号商贸", "一号商贸", [("易", "一", Change.OTHER)]),
    ],
)
def test_a_difference_is_named(asked: str, listed: str, told: list[tuple[str, str, Change]], letters: Letters) -> None:
    assert changes(asked, listed, letters) == told


def test_a_letter_of_two_readings_sounds_like_either(letters: Letters) -> None:
    assert letters.change("行", "航")[0] is Change.SAME_SOUND
    assert letters.change("行", "形")[0] is Change.SAME_SOUND


def test_syllables_have_codes_of_the_table_alone(sounds: Sounds) -> None:
    assert sounds.code(("鑫", "源")) == sounds.code(("新", "园")) == sounds.code(("xing", "yuan"))
    assert sounds.code(("一",)) == "一"


def test_pinyin_is_parted_in_all_ways(sounds: Sounds) -> None:
    first, others = sounds.tokens("minan古镇"), sounds.other_tokens("minan古镇")
    assert {first, *others} == {("min", "an", "古", "镇"), ("mi", "nan", "古", "镇")}
    assert sounds.tokens("hello") == tuple("hello")
    assert sounds.other_tokens("鑫源") == []


@given(LETTERS, LETTERS)
def test_steps_spell_both_names_and_cost_nothing_only_for_equals(asked: list[str], listed: list[str]) -> None:
    letters = shipped_tables().comparing.letters
    one, other = Weighed(tuple(asked), [1.0] * len(asked)), Weighed(tuple(listed), [1.0] * len(listed))
    found, back = align(one, other, letters), align(other, one, letters)
    assert found is not None
    assert back is not None
    assert "".join(step.asked for step in found.steps) == "".join(asked)
    assert "".join(step.listed for step in found.steps) == "".join(listed)
    assert (found.cost == 0) == (asked == listed)
    assert found.cost == pytest.approx(back.cost)


@given(LETTERS, LETTERS, st.floats(0, 4))
def test_a_limit_changes_nothing_below_it(asked: list[str], listed: list[str], most: float) -> None:
    letters = shipped_tables().comparing.letters
    one, other = Weighed(tuple(asked), [1.0] * len(asked)), Weighed(tuple(listed), [1.0] * len(listed))
    whole, limited = align(one, other, letters), align(one, other, letters, most=most)
    assert whole is not None
    assert limited == (whole if whole.cost <= most else None)


def test_what_has_a_part_in_common_looks_alike_and_hardly_anything_else_does(letters: Letters) -> None:
    for one, other in ("土士", "未末", "拔拨", "流疏", "鑫淼", "湛甚", "源漂", "凤凰"):
        assert letters.change(one, other)[0] in (Change.LOOKS_ALIKE, Change.SAME_SOUND, Change.NEAR_SOUND), one + other
    common = [bytes((row + 160, cell + 160)).decode("gb2312", "ignore") for row in range(16, 55) for cell in range(1, 95)]
    pairs = zip(common, [*common[1_777:], *common[:1_777]], strict=True)  # in order of sound: these are strangers
    alike = [pair for pair in pairs if letters.change(*pair)[0] is Change.LOOKS_ALIKE]
    assert 0 < len(alike) < 0.05 * len(common)


def test_the_table_of_shapes_names_its_sources() -> None:
    assert b"resources/licences/chaizi.txt" in read_resource("shapes.json")
    assert b"Attribution 3.0" in read_resource("licences/chaizi.txt")


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"version": "1", "readings": {"a": 1}}'])
def test_what_is_no_table_of_sounds_is_refused(data: bytes) -> None:
    with pytest.raises(UserError):
        Sounds.parse(data)


@pytest.mark.parametrize(
    "data", [b"", b"{}", '{"version": "1", "characters": "鑫", "dimensions": 4, "rows": "AAAA"}'.encode(), b'{"rows": "!"}']
)
def test_what_is_no_table_of_shapes_is_refused(data: bytes) -> None:
    with pytest.raises(UserError):
        Shapes.parse(data)
