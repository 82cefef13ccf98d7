"""Names on documents and waybills. Everyone here is made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.identity.names import _GBK_PRIVATE_USE, _MASK_SIGNS, NameMatch, compare_names, review_names
from courier_check.screening.fold import SimplifiedFold
from courier_check.terms import Consequence

FOLD = SimplifiedFold()
unmasked = st.text(alphabet="陈小明王李䶮㛃𬎆阿不都·・ 　ABCabcé,-'", max_size=12)


@pytest.mark.parametrize(
    ("document", "waybill"),
    [
        ("陈小明", "陈小明"),
        ("陈小明", "陈 小 明"),
        ("陈小明", "陈　小明 "),
        ("阿不都·热合曼", "阿不都•热合曼"),
        ("阿不都·热合曼", "阿不都・热合曼"),
        ("阿不都·热合曼", "阿不都热合曼"),
        ("SMITH, JOHN", "John Smith"),
        ("SMITH JOHN", "Smith,John"),
        ("ＳＭＩＴＨ, ＪＯＨＮ", "smith john"),
        ("ZHANG SANFENG", "Zhang San Feng"),
        ("GARCIA, JOSE", "José García"),
        ("O'BRIEN, ANN-MARIE", "Ann Marie OBrien"),
        ("ŁUKASZ NOWAK", "Nowak, Łukasz"),
        ("王䶮", "王䶮"),
        ("李㛃", "李㛃"),
        ("周𬎆", "周𬎆"),
        ("周𬎆", "周𬎆\U000e0101"),
        ("王某", "王某"),
        ("陈先生", "陈先生"),
    ],
)
def test_the_same_name_written_another_way_is_equal(document: str, waybill: str) -> None:
    assert compare_names(document, waybill) is NameMatch.EQUAL


@pytest.mark.parametrize(
    "waybill",
    [
        "陈**",
        "陈*",
        "陈＊＊",
        "*明",
        "**明",
        "陈*明",
        "陈某",
        "陈某某",
        "陈先生",
        "陈女士",
        "陈XX",
        "陈x明",
        "陈×明",
        "陈○明",
        "陈□明",
        "陈小?",
        "陈 * *",
        "陈小*",
        "*小*",
    ],
)
def test_a_privacy_label_that_shows_a_part_of_the_name_is_compatible(waybill: str) -> None:
    assert compare_names("陈小明", waybill) is NameMatch.MASKED_COMPATIBLE


@pytest.mark.parametrize("waybill", ["J*** S****", "SMITH, J***", "J**n Smith", "S****"])
def test_a_masked_latin_name_is_compatible_in_any_order(waybill: str) -> None:
    assert compare_names("SMITH, JOHN", waybill) is NameMatch.MASKED_COMPATIBLE


@pytest.mark.parametrize("waybill", ["王**", "*华", "陈*华", "王先生", "陈大明", "陈小明明", "明*", "陈小明*", "陈小"])
def test_a_name_with_other_characters_is_different(waybill: str) -> None:
    assert compare_names("陈小明", waybill) is NameMatch.DIFFERENT


@pytest.mark.parametrize(
    ("document", "waybill"), [("周𬎆", "周玙"), ("王䶮", "王龑"), ("陈小明", "陳小明"), ("SMITH, JOHN", "SMITH, JOAN"), ("がく", "かく")]
)
def test_look_alikes_are_different(document: str, waybill: str) -> None:
    assert compare_names(document, waybill) is NameMatch.DIFFERENT


@pytest.mark.parametrize("waybill", ["", "  ", "***", "某某", "*", "先生", "·", "＊＊", "□□"])
def test_a_name_that_shows_nothing_is_absent(waybill: str) -> None:
    assert compare_names("陈小明", waybill) is NameMatch.ABSENT


@pytest.mark.parametrize("document", ["", "陈**", "***"])
def test_a_document_without_a_whole_name_has_none(document: str) -> None:
    assert compare_names(document, "陈**") is NameMatch.ABSENT


@pytest.mark.parametrize(
    ("document", "waybill"),
    [
        ("LUKASZ NOWAK", "Nowak, Łukasz"),
        ("MUELLER, JUERGEN", "Jürgen Müller"),
        ("NGUYEN VAN DUNG", "Nguyễn Văn Dũng"),
        ("SOERENSEN, BJOERN", "Bjørn Sørensen"),
        ("LYU, NA", "Lü Na"),
        ("王\ue863", "王䶮"),
        ("阿不都˙热合曼", "阿不都热合曼"),
        ("阿不都．热合曼", "阿不都·热合曼"),
    ],
)
def test_how_zones_and_older_systems_spell_a_name_is_equal(document: str, waybill: str) -> None:
    assert compare_names(document, waybill) is NameMatch.EQUAL
    assert compare_names(waybill, document) is NameMatch.EQUAL


def test_private_codes_are_those_of_gb_18030() -> None:
    """The codec still has fourteen of the eighty cells as private; the standard of 2022 has none."""
    for place, sign in enumerate(_GBK_PRIVATE_USE):
        low = 0x50 + place + (place >= 0x2F)
        decoded = bytes([0xFE, low]).decode("gb18030")
        assert decoded in (sign, chr(0xE815 + place))
    assert len(_GBK_PRIVATE_USE) == 80


@pytest.mark.parametrize("waybill", ["周YING", "周ying", "周 Ying", "周\ue123", "周?", "周□"])
def test_letters_or_a_box_for_a_rare_character_are_compatible_and_no_more(waybill: str) -> None:
    assert compare_names("周𬎆", waybill) is NameMatch.MASKED_COMPATIBLE


@pytest.mark.parametrize(
    ("document", "waybill"),
    [("周𬎆", "王YING"), ("周𬎆", "周䶮"), ("周𬎆", "周YING明"), ("周明", "周MING"), ("周\ue123", "周\ue124")],
)
def test_letters_for_an_ordinary_character_or_another_name_are_different(document: str, waybill: str) -> None:
    assert compare_names(document, waybill) is NameMatch.DIFFERENT


SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖䶮㛃𬎆"


@given(st.lists(st.sampled_from(SURNAMES), min_size=2, max_size=2, unique=True), st.text("小明思远样例䶮㛃𬎆", min_size=1, max_size=2))
def test_different_surnames_are_never_equal(surnames: list[str], given_name: str) -> None:
    one, other = (surname + given_name for surname in surnames)
    for fold in (str, FOLD):
        assert compare_names(one, other, fold) is NameMatch.DIFFERENT
        assert compare_names(one, other[0] + "**", fold) is NameMatch.DIFFERENT
        assert compare_names(other, one, fold) is NameMatch.DIFFERENT


@given(st.text(max_size=30), st.text(max_size=30))
def test_equal_names_are_equal_either_way(one: str, other: str) -> None:
    if compare_names(one, other, FOLD) is NameMatch.EQUAL and not set(one + other) & _MASK_SIGNS:
        assert compare_names(other, one, FOLD) is NameMatch.EQUAL


@pytest.mark.parametrize(("document", "waybill"), [("张国荣", "張國榮"), ("王䶮", "王龑"), ("萧丽", "蕭麗")])
def test_the_shipped_table_folds_traditional_names(document: str, waybill: str) -> None:
    assert compare_names(document, waybill, FOLD) is NameMatch.EQUAL


def test_traditional_characters_are_equal_when_the_caller_folds_them() -> None:
    assert compare_names("陈小明", "陳小明", fold=lambda name: name.replace("陳", "陈")) is NameMatch.EQUAL


def test_a_single_visible_part_is_not_counted_twice() -> None:
    assert compare_names("陈明", "陈*陈明") is NameMatch.DIFFERENT
    assert compare_names("陈", "陈*") is NameMatch.DIFFERENT


def test_different_names_are_refused_as_r04() -> None:
    (reason,) = review_names(NameMatch.DIFFERENT)
    assert (reason.code, reason.consequence, reason.refusal) == ("name-different", Consequence.REFUSE, "R04")


@pytest.mark.parametrize(("confirm", "consequence"), [(False, Consequence.NOTE), (True, Consequence.REFER)])
def test_a_compatible_label_is_noted_or_referred_as_the_outlet_wants(confirm: bool, consequence: Consequence) -> None:
    (reason,) = review_names(NameMatch.MASKED_COMPATIBLE, confirm_masked=confirm)
    assert (reason.code, reason.consequence) == ("name-masked-compatible", consequence)


def test_equal_names_give_no_reason_and_absent_ones_are_referred() -> None:
    assert review_names(NameMatch.EQUAL) == ()
    assert [reason.consequence for reason in review_names(NameMatch.ABSENT)] == [Consequence.REFER]


@given(unmasked, unmasked)
def test_comparing_unmasked_names_is_symmetric(one: str, other: str) -> None:
    assert compare_names(one, other) is compare_names(other, one)


@given(st.text(max_size=40), st.text(max_size=40))
def test_comparing_never_crashes(document: str, waybill: str) -> None:
    assert compare_names(document, waybill) in NameMatch


@given(st.text(alphabet="陈小明王李䶮㛃𬎆", min_size=2, max_size=8), st.integers(1, 7))
def test_hiding_the_end_of_a_name_stays_compatible(name: str, shown: int) -> None:
    label = name[: min(shown, len(name) - 1)] + "**"
    assert compare_names(name, label) is NameMatch.MASKED_COMPATIBLE


def test_a_label_of_many_masks_costs_no_time() -> None:
    assert compare_names("陈" * 200, "陈*" * 99 + "明") is NameMatch.DIFFERENT
