"""内件品类: found by what is typed, papers asked of businesses and not of people, tags and codes for tracing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.errors import UserError
from courier_check.parcel.catalogue import GoodsCatalogue, GoodsClass, review_goods
from courier_check.parcel.codes import GoodsCode, GoodsReason
from courier_check.parcel.contents import DeclaredItem, RestrictedGoods, review_traces
from courier_check.parcel.finding import Finder, Fit, Readings
from courier_check.parcel.goods import gtin_check_digit
from courier_check.parcel.tracing import EpcScheme, org_code_holds, read_epc, read_org_code
from courier_check.store.resources import read_resource
from courier_check.terms import Consequence

FOCUS_59 = (
    *("农资", "食品", "药品", "化妆品", "医疗器械", "电器", "电子产品", "汽车配件"),
    *("装饰装修材料", "易制爆危险化学品", "儿童用品", "服装", "鞋", "卷烟、雪茄"),
)


@pytest.fixture(scope="session")
def catalogue() -> GoodsCatalogue:
    return GoodsCatalogue.parse(read_resource("goods.json"))


@pytest.fixture(scope="session")
def restricted() -> RestrictedGoods:
    return RestrictedGoods.parse(read_resource("restricted.json"))


@pytest.fixture(scope="session")
def finder(catalogue: GoodsCatalogue) -> Finder[GoodsClass]:
    return catalogue.finder(Readings.parse(read_resource("pinyin.json")).by_character())


def first(finder: Finder[GoodsClass], typed: str) -> str | None:
    found = finder.search(typed)
    return found[0].target.id if found else None


@pytest.mark.parametrize(
    ("typed", "goods"),
    [
        ("手机", "phones"),
        ("手", "phones"),
        ("shouji", "phones"),
        ("shouj", "phones"),
        ("ShouJi", "phones"),
        ("ｓｈｏｕｊｉ", "phones"),
        ("手j", "phones"),
        ("hzp", "cosmetics"),
        ("huazhuangpin", "cosmetics"),
        ("kouhong", "cosmetics"),
        ("maojian", "tea"),
        ("yinhang", None),
        ("lvcha", "tea"),
        ("iphone", "phones"),
        ("car", "car-parts"),
        ("zzzz", None),
        ("", None),
        ("、。", None),
    ],
)
def test_goods_are_found_by_name_pinyin_initials_and_alias(finder: Finder[GoodsClass], typed: str, goods: str | None) -> None:
    assert first(finder, typed) == goods


def test_initials_find_all_that_have_them(finder: Finder[GoodsClass]) -> None:
    assert {"medicine", "food"} <= {found.target.id for found in finder.search("yp")}
    assert first(finder, "yaop") == "medicine"


def test_the_closest_name_comes_first_and_each_thing_once(finder: Finder[GoodsClass]) -> None:
    found = finder.search("药")
    assert (found[0].target.id, found[0].name, found[0].fit) == ("medicine", "药", Fit.EXACT)
    assert len({each.target.id for each in found}) == len(found)
    assert len(finder.search("a", limit=3)) <= 3


def test_a_latin_word_is_found_by_its_beginning_not_by_its_middle() -> None:
    finder = Finder([("Toxic substances", 1)], {})
    assert finder.search("sub")
    assert finder.search("toxicsub")
    assert not finder.search("bs")
    assert not finder.search("xic")


def test_a_character_has_all_its_readings() -> None:
    finder = Finder([("银行", 1)], {"银": ("yin",), "行": ("xing", "hang")})
    assert all(finder.search(typed) for typed in ("yinhang", "yinxing", "yh", "yx", "yinh", "hang", "x"))
    assert not finder.search("yinhangx")


@given(st.text(max_size=60))
def test_anything_may_be_typed(finder: Finder[GoodsClass], typed: str) -> None:
    assert len(finder.search(typed)) <= 9


def test_names_are_found_by_themselves_by_pinyin_and_by_initials(catalogue: GoodsCatalogue, finder: Finder[GoodsClass]) -> None:
    find_all(catalogue.classes[::24], finder)


@pytest.mark.slow
def test_every_name_is_found_by_itself_by_its_pinyin_and_by_its_initials(catalogue: GoodsCatalogue, finder: Finder[GoodsClass]) -> None:
    find_all(catalogue.classes, finder)


def find_all(classes: Sequence[GoodsClass], finder: Finder[GoodsClass]) -> None:
    readings = Readings.parse(read_resource("pinyin.json")).by_character()
    for kind in classes:
        for name in (kind.zh, *kind.aliases):
            signs = [sign for sign in name.casefold() if sign.isalnum()]
            sounds = [readings.get(sign, (sign,))[0] for sign in signs]
            for typed in (name, "".join(sounds), "".join(sound[0] for sound in sounds)):
                assert kind.id in {found.target.id for found in finder.search(typed, limit=60)}, (name, typed)


def test_the_focus_goods_of_document_59_are_there_with_their_source(catalogue: GoodsCatalogue) -> None:
    focus = {kind.zh: kind for kind in catalogue.classes if kind.focus}
    assert [name for name in FOCUS_59 if name not in focus] == []
    assert all("59号" in kind.source for kind in focus.values())


def test_every_class_fits_the_nine_categories_and_every_fact_has_a_source(catalogue: GoodsCatalogue, restricted: RestrictedGoods) -> None:
    prohibited = {category["code"] for category in json.loads(read_resource("prohibited.json"))["categories"]}
    for kind in catalogue.classes:
        assert restricted.category(kind.category), kind.id
        assert kind.source
        assert kind.certainty in ("原", "转", "算", "忆", "建议")
        assert kind.prohibited is None or kind.prohibited in prohibited
    for paper in catalogue.papers:
        assert paper.source
        assert paper.certainty in ("忆", "建议"), "no article was read in the original"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda data: data["classes"][1].update(papers=["nonsense"]), "$.classes[1]"),
        (lambda data: data["classes"][2].update(id=data["classes"][0]["id"]), "$.classes[2]"),
        (lambda data: data["classes"][0].update(colour="green"), "colour"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_place(change: Any, where: str) -> None:
    data = json.loads(read_resource("goods.json"))
    change(data)
    with pytest.raises(UserError) as caught:
        GoodsCatalogue.parse(json.dumps(data, ensure_ascii=False, indent=1).encode())
    assert caught.value.code == GoodsCode.FILE_INVALID
    assert where in str(caught.value.facts["detail"])
    assert int(str(caught.value.facts["line"])) > 1


# Papers ---------------------------------------------------------------------------------------------------------------------------------


def item(**given_fields: Any) -> DeclaredItem:
    usual: dict[str, Any] = {"name": "样品", "category": "clothing"}
    return DeclaredItem(**(usual | given_fields))


def reviewed(catalogue: GoodsCatalogue, *items: DeclaredItem, business: bool = False) -> list[tuple[str, Consequence]]:
    return [(reason.code, reason.consequence) for reason in review_goods(catalogue, items, business=business)]


def test_a_person_is_not_asked_for_authorisation(catalogue: GoodsCatalogue) -> None:
    shoes = item(goods="shoes", brand="样牌", quantity=1)
    assert reviewed(catalogue, shoes) == []
    assert reviewed(catalogue, item(goods="shoes", brand="样牌", personal_use=True)) == [(GoodsReason.PERSONAL_USE, Consequence.NOTE)]
    assert reviewed(catalogue, item(goods="medicine", quantity=2)) == []


def test_a_business_shows_authorisation_or_proof_of_purchase(catalogue: GoodsCatalogue) -> None:
    shoes = item(goods="shoes", brand="样牌")
    assert reviewed(catalogue, shoes, business=True) == [(GoodsReason.BRAND_PAPERS_MISSING, Consequence.REFER)]
    for paper in ("brand-authorisation", "proof-of-purchase"):
        assert reviewed(catalogue, item(goods="shoes", brand="样牌", papers=(paper,)), business=True) == []
    assert reviewed(catalogue, item(brand="样牌", papers=("food-licence",)), business=True) == [
        (GoodsReason.BRAND_PAPERS_MISSING, Consequence.REFER)
    ]


@pytest.mark.parametrize(("goods", "quantity", "asked"), [("shoes", 9, False), ("shoes", 10, True), (None, 19, False), (None, 20, True)])
def test_an_unusual_quantity_is_asked_about_whoever_sends_it(
    catalogue: GoodsCatalogue, goods: str | None, quantity: int, asked: bool
) -> None:
    found = reviewed(catalogue, item(goods=goods, brand="样牌", quantity=quantity, personal_use=True))
    expected = (GoodsReason.BRAND_QUANTITY_UNUSUAL, Consequence.REFER) if asked else (GoodsReason.PERSONAL_USE, Consequence.NOTE)
    assert found == [expected]


def test_an_unusual_quantity_is_unusual_over_however_many_lines(catalogue: GoodsCatalogue) -> None:
    lines = [item(goods="shoes", brand="样牌", quantity=5, personal_use=True) for _ in range(2)]
    assert reviewed(catalogue, *lines) == [(GoodsReason.BRAND_QUANTITY_UNUSUAL, Consequence.REFER)] * 2
    assert reviewed(catalogue, lines[0], item(goods="medicine", quantity=2)) == [(GoodsReason.PERSONAL_USE, Consequence.NOTE)]
    brands = [item(brand=brand, quantity=10, personal_use=True) for brand in ("样牌", "例牌")]
    assert reviewed(catalogue, *brands) == [(GoodsReason.PERSONAL_USE, Consequence.NOTE)] * 2


def test_papers_of_a_class_are_named_to_a_business_and_some_to_everyone(catalogue: GoodsCatalogue) -> None:
    assert reviewed(catalogue, item(goods="medicine"), business=True) == [(GoodsReason.PAPER_TO_SEE, Consequence.NOTE)]
    assert reviewed(catalogue, item(goods="medicine", papers=("drug-licence",)), business=True) == []
    assert reviewed(catalogue, item(goods="plants")) == [(GoodsReason.PAPER_TO_SEE, Consequence.NOTE)]
    (reason,) = review_goods(catalogue, [item(goods="plants")], business=False)
    assert reason.facts["mark_zh"] == "（待核实）"


def test_a_class_of_prohibited_goods_goes_to_a_supervisor(catalogue: GoodsCatalogue) -> None:
    assert (GoodsReason.CLASS_PROHIBITED, Consequence.REFER) in reviewed(catalogue, item(goods="explosive-precursors"))


# Declared items -------------------------------------------------------------------------------------------------------------------------


def test_a_class_brings_its_category_and_name(catalogue: GoodsCatalogue, restricted: RestrictedGoods) -> None:
    read = DeclaredItem.from_mapping({"goods": "phones"}, restricted, catalogue)
    assert (read.name, read.category, read.goods) == ("手机", "electronics", "phones")
    other = DeclaredItem.from_mapping({"goods": "phones", "category": "9", "name": "旧手机壳"}, restricted, catalogue)
    assert (other.name, other.category) == ("旧手机壳", "other")


@pytest.mark.parametrize(
    ("given_fields", "code"),
    [
        ({"goods": "nonsense"}, GoodsCode.CLASS_UNKNOWN),
        ({"papers": ["nonsense"]}, GoodsCode.PAPER_UNKNOWN),
        ({"papers": "food-licence"}, GoodsCode.TEXT_BAD),
        ({"brand": 3}, GoodsCode.TEXT_BAD),
        ({"brand": "长" * 129}, GoodsCode.TEXT_BAD),
        ({"gtin": "6901234567890"}, GoodsCode.GTIN_BAD),
        ({"org_code": "12"}, GoodsCode.ORG_CODE_BAD),
    ],
)
def test_a_declaration_that_can_not_be_is_told(
    catalogue: GoodsCatalogue, restricted: RestrictedGoods, given_fields: dict[str, Any], code: GoodsCode
) -> None:
    with pytest.raises(UserError) as caught:
        DeclaredItem.from_mapping({"name": "样品", "category": "9"} | given_fields, restricted, catalogue)
    assert caught.value.code == code


# Tracing --------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "gtin", "serial", "filter_value"),
    [
        ("3074257BF7194E4000001A85", "80614141123458", 6789, 3),  # the worked example of the standard: sgtin-96:3.0614141.812345.6789
        ("301800004000004000000001", "00000010000014", 1, 0),  # 0.000001.0000001.1
        ("30185E78003ECB006E2DA00E", "00967360643004", 1848483854, 0),  # 0.096736.0064300
    ],
)
def test_an_sgtin_96_is_a_gtin_and_a_serial(raw: str, gtin: str, serial: int, filter_value: int) -> None:
    for typed in (raw, raw.lower(), f" {raw[:12]} {raw[12:]} ", f"0x{raw}"):
        tag = read_epc(typed)
        assert tag is not None
        assert (tag.raw, tag.scheme, tag.gtin, tag.serial, tag.filter) == (raw, EpcScheme.SGTIN_96, gtin, serial, filter_value)


PARTITIONS = {12: (0, 40), 11: (1, 37), 10: (2, 34), 9: (3, 30), 8: (4, 27), 7: (5, 24), 6: (6, 20)}


@given(st.integers(6, 12), st.integers(0, 10**13 - 1), st.integers(0, 2**38 - 1), st.integers(0, 7))
def test_any_sgtin_96_is_read_back(digits: int, number: int, serial: int, filter_value: int) -> None:
    """Written by the table of the standard, bit by bit; read by the program."""
    both = f"{number:013d}"  # company prefix, then indicator and item reference
    partition, bits = PARTITIONS[digits]
    prefix, reference = both[:digits], both[digits:]
    binary = f"{0x30:08b}{filter_value:03b}{partition:03b}{int(prefix):0{bits}b}{int(reference):0{44 - bits}b}{serial:038b}"
    tag = read_epc(f"{int(binary, 2):024X}")
    body = reference[0] + prefix + reference[1:]
    assert tag is not None
    assert (tag.gtin, tag.serial, tag.filter) == (f"{body}{gtin_check_digit(body)}", serial, filter_value)


@pytest.mark.parametrize(
    ("raw", "scheme"),
    [
        ("3174257BF4499602D2000000", EpcScheme.SSCC_96),
        ("3674257BF6B7A659B2C2BF1000000000000000000000000000", EpcScheme.SGTIN_198),
        ("E20034120123456789ABCDEF", EpcScheme.UNKNOWN),
        ("301C00004000004000000001", EpcScheme.SGTIN_96),  # partition 7 does not exist
        ("301BFFFFC000004000000001", EpcScheme.SGTIN_96),  # 1048575, a company prefix of more digits than the six it should have
    ],
)
def test_any_other_tag_is_kept_as_it_was_read(raw: str, scheme: EpcScheme) -> None:
    tag = read_epc(raw)
    assert tag is not None
    assert (tag.raw, tag.scheme, tag.gtin, tag.serial) == (raw, scheme, None, None)


@given(st.text(max_size=140))
def test_any_text_is_a_tag_or_none(text: str) -> None:
    read_epc(text)
    read_org_code(text)


@pytest.mark.parametrize("text", ["D2143569X", "59467239-9", "m000100y4", "91350100M000100Y43"])
def test_organisation_codes_hold(text: str) -> None:
    code = read_org_code(text)
    assert code is not None
    assert org_code_holds(code)
    assert not org_code_holds(code[:-1] + ("0" if code[-1] != "0" else "1"))


def test_traces_that_disagree_are_doubts_and_no_more() -> None:
    fitting = item(gtin="80614141123458", epc="3074257BF7194E4000001A85", org_code="D2143569X")
    unlike = item(gtin="6901234567892", epc="3074257BF7194E4000001A85", org_code="D21435691")
    unknown = item(gtin="6901234567892", epc="E20034120123456789ABCDEF")
    assert list(review_traces([fitting, unknown])) == []
    found = [(reason.code, reason.consequence) for reason in review_traces([unlike])]
    assert found == [(GoodsReason.ORG_CODE_DOUBTFUL, Consequence.NOTE), (GoodsReason.TAG_UNLIKE_GTIN, Consequence.NOTE)]
