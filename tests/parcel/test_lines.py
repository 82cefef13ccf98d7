"""The line of a mistake in a data file."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.errors import UserError
from courier_check.parcel.carriers import Carriers, CarriersCode
from courier_check.parcel.lines import line_of, line_of_fault
from courier_check.store.resources import read_resource

TEXT = '{\n "a": [\n  1,\n  {"b": "x\\n{"}\n ],\n "c": 2\n}'


@pytest.mark.parametrize(
    ("path", "line"),
    [("$", 1), ("$.a", 2), ("$.a[0]", 3), ("$.a[1]", 4), ("$.a[1].b", 4), ("$.c", 6), ("$.a[1].z", 4), ("$.a[7]", 2), ("$.q", 1)],
)
def test_a_path_or_what_is_around_it_has_a_line(path: str, line: int) -> None:
    assert line_of(TEXT, path) == line


def test_a_bad_pattern_is_told_with_line_and_path() -> None:
    text = read_resource("carriers.json").decode().replace('"SF[0-9]{13}"', '"SF[0-9{13}"')
    with pytest.raises(UserError) as caught:
        Carriers.parse(text.encode())
    assert caught.value.code == CarriersCode.BAD_PATTERN
    assert "$.carriers[1].shapes[0].pattern" in str(caught.value.facts["detail"])
    told = text.splitlines()[int(str(caught.value.facts["line"])) - 1]
    assert "SF[0-9{13}" in told


def test_a_file_that_is_no_json_is_told_with_the_line_it_breaks_off_at() -> None:
    data = b'{\n "version": "1",\n "note": ,\n}'
    with pytest.raises(UserError) as caught:
        Carriers.parse(data)
    assert caught.value.facts["line"] == 3


@given(st.text(st.sampled_from('{}[],:"ab1 \n\\'), max_size=60), st.sampled_from(["$", "$.a", "$.a[0].b"]))
def test_any_text_has_a_line(text: str, path: str) -> None:
    assert 1 <= line_of(text, path) <= text.count("\n") + 1


@given(st.recursive(st.integers(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)))
def test_every_value_of_a_text_one_token_a_line_is_where_it_stands(value: object) -> None:
    text = json.dumps(value, indent=1)
    lines = text.splitlines()

    def check(value: object, path: str) -> None:
        line = lines[line_of(text, path) - 1]
        if isinstance(value, int):
            assert str(value) in line
        for key, inner in value.items() if isinstance(value, dict) else ():
            assert f'"{key}"' in lines[line_of(text, f"{path}.{key}") - 1]
            check(inner, f"{path}.{key}")
        for place, inner in enumerate(value) if isinstance(value, list) else ():
            check(inner, f"{path}[{place}]")

    check(value, "$")


def test_a_fault_that_names_no_place_is_at_the_beginning() -> None:
    assert line_of_fault(b"{}", "Input data was truncated") == 1
