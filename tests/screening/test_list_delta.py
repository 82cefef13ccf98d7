"""A delta turns one version of a list into another, and nothing else. All parties are made up."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vectors.independent_lists import whole_after

from courier_check.errors import UserError
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.entries import EntryForm, ListPackage, Vetting
from courier_check.screening.list_delta import ListDelta, package_sha256, revised

Made = Callable[..., EntryForm]
NAMES = st.dictionaries(st.integers(1, 9), st.sampled_from(["样例一服饰", "样例二商贸", "样例三图书"]), max_size=6)


@given(old=NAMES, new=NAMES)
def test_a_delta_leads_to_the_whole_package_byte_by_byte(
    old: dict[int, str], new: dict[int, str], vetting: Vetting, header: Callable[..., Any], entry: Made
) -> None:
    def package(names: dict[int, str], version: int) -> ListPackage:
        entries = tuple(entry(entry_id=f"e-{number}", display_name=name) for number, name in names.items())
        return ListPackage.build(header(version=version), entries, vetting)

    before = package(old, 3)
    after = revised(before, package(new, 4))
    delta = ListDelta.between(before, after)
    assert ListDelta.parse(delta.encode(), vetting) == delta
    content = whole_after(json.loads(before.encode()), json.loads(delta.encode()))
    assert content == after.encode()
    assert hashlib.sha256(content).hexdigest() == delta.outcome.sha256 == package_sha256(after.header, after.entries)
    assert delta.outcome.count == len(new)
    assert {each.entry_id for each in delta.changed} == {f"e-{number}" for number, name in new.items() if old.get(number) != name}
    assert all(each.revision == 1 + (int(each.entry_id[2:]) in old) for each in delta.changed)


def test_a_changed_entry_has_a_later_revision_so_that_it_asks_again(vetting: Vetting, header: Callable[..., Any], entry: Made) -> None:
    before = ListPackage.build(header(version=3), (entry(entry_id="e-1", revision=5, display_name="样例一服饰"),), vetting)
    same = ListPackage.build(header(version=4), (entry(entry_id="e-1", revision=1, display_name="样例一服饰"),), vetting)
    other = ListPackage.build(header(version=4), (entry(entry_id="e-1", revision=1, display_name="样例一鞋帽"),), vetting)
    assert [package.entries[0].revision for package in (revised(before, same), revised(before, other))] == [5, 6]
    assert ListDelta.between(before, revised(before, same)).changed == ()


def test_a_delta_that_is_none_is_told(vetting: Vetting, header: Callable[..., Any], entry: Made) -> None:
    package = ListPackage.build(header(), (entry(display_name="样例一服饰"),), vetting)
    good = json.loads(ListDelta.between(package, package).encode())
    for change, code in (
        ({"v": 9}, ScreeningCode.PACKAGE_VERSION),
        ({"from_version": 0}, ScreeningCode.PACKAGE_MALFORMED),
        ({"outcome": None}, ScreeningCode.PACKAGE_MALFORMED),
        ({"more": 1}, ScreeningCode.PACKAGE_MALFORMED),
        ({"changed": [json.loads(package.encode())["entries"][0] | {"display_name": "…"}]}, ScreeningCode.NOTHING_TO_MATCH),
    ):
        with pytest.raises(UserError) as caught:
            ListDelta.parse(json.dumps(good | change).encode(), vetting)
        assert caught.value.code is code


@given(data=st.binary(max_size=40))
def test_any_bytes_are_a_delta_or_told(data: bytes, vetting: Vetting) -> None:
    with pytest.raises(UserError):
        ListDelta.parse(data, vetting)
