"""Names of one party have one key; names of two do not. All names are made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.errors import UserError
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.fold import SimplifiedFold
from courier_check.screening.normalise import NameRules, normalise_name, regions_compatible
from courier_check.store.resources import read_resource

NAMES = st.lists(
    st.sampled_from(
        ["郑州", "河南省", "鑫源", "商貿", "有限公司", "（个体工商户）", "(洛阳)", "旗舰店", "１", "ß", "ᄀ", "ᅡ", "\u200b", "-", "Ａ"]
    ),
    max_size=9,
).map("".join)


@pytest.mark.parametrize(
    "spelling",
    [
        "郑州鑫源商贸有限公司",
        "鄭州鑫源商貿有限公司",
        "郑州 鑫源·商贸　有限公司",
        "郑州鑫源\u200b商贸有限\u202e公司",
        "「郑州鑫源」商贸（有限公司）",
    ],
)
def test_spellings_of_one_name_have_one_full_key(spelling: str, rules: NameRules) -> None:
    assert normalise_name(spelling, rules).full == "郑州鑫源商贸有限公司"


@pytest.mark.parametrize(
    ("spelling", "core", "regions"),
    [
        ("河南省郑州市鑫源商贸有限责任公司", "鑫源商贸", ("410100",)),
        ("鑫源商贸（郑州）集团股份有限公司", "鑫源商贸", ("410100",)),
        ("鑫源商贸旗舰店", "鑫源商贸", ()),
        ("河南省郑州市金水区样例服饰经营部（个体工商户）", "样例服饰", ("410105",)),
        ("吉林样例食品厂", "样例食品厂", ("220000", "220200")),
        ("乾縣样例食品厂", "样例食品厂", ("610424",)),
        ("360样例快修", "三六〇样例快修", ()),
    ],
)
def test_region_and_legal_form_are_taken_off_the_core(spelling: str, core: str, regions: tuple[str, ...], rules: NameRules) -> None:
    name = normalise_name(spelling, rules)
    assert (name.core, name.regions) == (core, regions)


@pytest.mark.parametrize("spelling", ["郑州建材有限公司", "运输", "河南商贸物流有限公司", "公司", "（）", "", "郑州国际贸易有限公司"])
def test_nothing_is_matched_on_words_of_the_trade(spelling: str, rules: NameRules) -> None:
    assert normalise_name(spelling, rules).core == ""


def test_a_region_is_not_taken_off_when_too_little_would_be_left(rules: NameRules) -> None:
    assert normalise_name("永城市建材", rules).core == "永城市建材"
    assert normalise_name("海南王五", rules).core == "海南王五"


def test_a_second_region_that_does_not_lie_in_the_first_is_the_brand(rules: NameRules) -> None:
    assert normalise_name("郑州洛阳春酒业有限公司", rules).core == "洛阳春酒业"
    assert normalise_name("郑州市洛阳市鑫源商贸有限公司", rules).regions == ("410100",)


def test_numerals_are_one_set_of_characters(rules: NameRules) -> None:
    assert normalise_name("第壹佰零2商行", rules).full == normalise_name("第一佰〇二商行", rules).full


def test_regions_conflict_at_the_most_specific_level_both_tell() -> None:
    assert not regions_compatible(("410728",), ("410927",))
    assert regions_compatible(("410000",), ("410927",))
    assert regions_compatible((), ("410927",))
    assert regions_compatible(("220000", "220200"), ("220100",))


@given(st.text() | NAMES)
def test_normalising_never_crashes_and_is_idempotent(text: str) -> None:
    once = normalise_name(text, RULES)
    assert normalise_name(once.full, RULES).full == once.full


@given(st.text(alphabet="郑州河南鑫源商贸有限公司", max_size=12), st.sampled_from(" \u200b\u202e　·"), st.integers(0, 12))
def test_blanks_and_invisible_marks_change_nothing(name: str, mark: str, place: int) -> None:
    assert normalise_name(name[:place] + mark + name[place:], RULES) == normalise_name(name, RULES)


def test_folding_gives_only_what_it_leaves_unchanged() -> None:
    fold = SimplifiedFold()
    letters = "".join(map(chr, [*range(0x3400, 0xA000), *range(0xF900, 0xFB00)]))
    assert fold(fold(letters)) == fold(letters)
    assert fold("薴") == fold("苎")


def test_a_name_is_masked_in_repr(rules: NameRules) -> None:
    assert "小明" not in repr(normalise_name("王小明", rules))


def test_the_version_changes_with_the_tables(rules: NameRules) -> None:
    data = read_resource("screening.json").replace("经营部".encode(), "经营点".encode())
    other = NameRules.parse(data, read_resource("regions.json"), SimplifiedFold())
    assert other.version != rules.version
    assert "opencc" in rules.version


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b'{"version": 1}', b"[" * 100_000])
def test_broken_name_rules_are_an_error_for_people(data: bytes) -> None:
    with pytest.raises(UserError) as caught:
        NameRules.parse(data, read_resource("regions.json"), SimplifiedFold())
    assert caught.value.code is ScreeningCode.RULES_MALFORMED


RULES = NameRules.parse(read_resource("screening.json"), read_resource("regions.json"), SimplifiedFold())
