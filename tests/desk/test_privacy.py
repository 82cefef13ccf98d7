"""The masks of domain.md §11.3. Every person, number and address here is made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.identity.regions import Regions
from courier_check.privacy import mask_address
from courier_check.store.resources import read_resource

REGIONS = Regions.parse(read_resource("regions.json"))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("河南省郑州市金水区花园路 1 号", "河南省郑州市金水区****"),
        ("河南省 郑州市 金水区 花园路1号", "河南省郑州市金水区****"),
        ("郑州市某路 1 号", "郑州市****"),
        ("北京市朝阳区建国路88号", "北京市朝阳区****"),
        ("广西壮族自治区南宁市青秀区民族大道100号", "广西壮族自治区南宁市青秀区****"),
        ("黑龙江省哈尔滨市道里区中央大街1号", "黑龙江省哈尔滨市道里区****"),
        ("香港特别行政区油尖旺区弥敦道1号", "香港特别行政区油尖旺区****"),
        ("浙江省金华市义乌市稠州北路1号", "浙江省金华市义乌市****"),
        ("河南省郑州市市区花园路小区", "河南省郑州市市区****"),
        ("花园路市场小区3号", "****"),
        ("花园路12号市场三区", "****"),
        ("解放区路3号", "****"),
        ("阳光花园小区5栋", "****"),
        ("张样例家对面的小市民路", "****"),
        ("1 Sample Road", "****"),
        ("  ", ""),
    ],
)
def test_an_address_shows_what_lies_above_the_street(address: str, shown: str) -> None:
    assert mask_address(address) == shown


def test_every_region_of_the_country_is_recognised_or_hidden() -> None:
    """Never more than the region; and only where its own name holds a word of streets, or doubles its level (红旗区), less."""
    names = [region.full_name for code in REGIONS._current if (region := REGIONS.find(code))]
    shown = {name: mask_address(name + "花园路12号3栋").removesuffix("****") for name in names}
    assert all(name.startswith(told) for name, told in shown.items())
    assert sum(name == told for name, told in shown.items()) > 0.99 * len(names)


@given(st.text(st.sampled_from("河南省郑州市金水区花园路号栋小县旗 1234567890abc-甲"), max_size=30))
def test_no_digit_and_nothing_after_one_is_ever_shown(address: str) -> None:
    shown = mask_address(address).removesuffix("****")
    assert not any(letter.isdigit() or letter.isascii() for letter in shown)
    assert "".join(address.split()).startswith(shown)
    assert mask_address(mask_address(address)) == mask_address(address)
