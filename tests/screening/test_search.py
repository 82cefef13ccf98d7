"""Whatever is asked of a list with many names is answered: long names, pinyin, symbols, names of the commonest sounds. All made up."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from courier_check.desk.near_names import shipped_tables
from courier_check.screening.index import NamedRow, build_index
from courier_check.screening.near import NearName, SearchedList
from courier_check.screening.normalise import normalise_name

BRANDS, TRADES = "鑫源华泰宏达盛兴隆恒瑞祥和顺通远大金诚信嘉美佳安康", ("商贸", "科技", "建材", "电子商务", "服饰", "文化传媒")
FORMS = ("有限公司", "商行", "经营部", "店")
REGIONS = ("郑州", "洛阳市", "上海", "新郑市", "")
LONG = "上海" + "实业诗意世事" * 82 + "有限公司"
"""500 letters that all sound like many others."""
LEAST = 0.5


@pytest.fixture(scope="module")
def searched() -> SearchedList:
    draw = random.Random(8)  # noqa: S311 - repeatable, not secret
    names = [
        draw.choice(REGIONS) + "".join(draw.choices(BRANDS, k=draw.randint(2, 4))) + draw.choice(TRADES) + draw.choice(FORMS)
        for _ in range(1_500)
    ]
    names += [LONG, "郑州" + "鑫" * 500, "Huitong kuaidi 商贸", "1号店", "😀鑫源商贸", "郑州xian鑫源商贸行"]
    tables = shipped_tables()
    rows = (NamedRow(f"e-{at}", 0, normalise_name(name, tables.rules)) for at, name in enumerate(names))
    return SearchedList.of("made-up", build_index(rows, tables.speller), tables)


def asked(searched: SearchedList, text: str, least: float = LEAST) -> list[NearName]:
    tables = shipped_tables()
    return list(searched.near(normalise_name(text, tables.rules), least, tables))


LETTERS = st.text(st.sampled_from(BRANDS + "实业诗意一二三12０xianguiang()（）·😀　𠮷é鑫"), max_size=500)
NAMES = st.builds("".join, st.tuples(st.sampled_from(REGIONS), LETTERS, st.sampled_from(TRADES), st.sampled_from(FORMS)))


@given(NAMES | LETTERS | st.text(max_size=500))
@example(LONG)
@example("鑫" * 500)
@example("xianguiang" * 50)
@example("一" * 500)
@example("（" * 500)
@example("商贸建材" * 125)
def test_any_name_is_answered(searched: SearchedList, text: str) -> None:
    """No fault, nothing below what was asked for, and what is found is on the list."""
    rows = {searched.index.entry_id(row): searched.index.full(row) for row in range(searched.index.rows)}
    for near in asked(searched, text):
        assert LEAST <= near.likeness.score <= 1
        assert rows[near.entry_id] == near.full
        assert "".join(step.listed for step in near.likeness.steps)


def test_listed_names_are_found_with_a_letter_that_sounds_the_same(searched: SearchedList) -> None:
    sounding = dict(zip("鑫源华泰宏达盛兴", "忻圆化太弘答圣星", strict=True))
    speller, tried = shipped_tables().speller, 0
    for row in range(0, 1_400, 7):
        spelling, full = searched.index.spelling(row, speller), searched.index.full(row)
        at = len(spelling.head) + row % 2
        if spelling.regions and len(spelling.core) >= 5 and full[at] in sounding:
            tried += 1
            misspelt = full[:at] + sounding[full[at]] + full[at + 1 :]
            assert searched.index.entry_id(row) in {near.entry_id for near in asked(searched, misspelt)}, misspelt
    assert tried > 20


@pytest.mark.parametrize("text", ["建材", "科技有限公司", "郑州商贸有限公司", "😀😀", "？！……", "", "店", "郑州"])
def test_words_that_name_nobody_find_nobody(text: str, searched: SearchedList) -> None:
    assert asked(searched, text, 0.0) == []


def test_a_name_of_500_letters_finds_itself(searched: SearchedList) -> None:
    best = max(asked(searched, LONG), key=lambda near: near.likeness.score)
    assert best.full == normalise_name(LONG, shipped_tables().rules).full
    assert all(step.asked == step.listed for step in best.likeness.steps)


def test_no_name_is_compared_with_more_than_a_few(searched: SearchedList) -> None:
    """What keeps a search short, however common the sounds of a name are."""
    tables = shipped_tables()
    for text in (LONG, "鑫源华泰商贸有限公司", "上海" + "鑫源" * 250 + "商贸"):
        for spelling in tables.speller.readings(normalise_name(text, tables.rules)):
            assert len(searched.index.candidates(spelling)) <= 32
            assert len(spelling.core) <= 48
