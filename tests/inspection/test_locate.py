"""Lines of a JSON text: every path is found where it stands, and bad text is told with its line."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.errors import UserError
from courier_check.inspection.codes import RuleCode
from courier_check.inspection.locate import locate

values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**9), 10**9), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=6), inner, max_size=4)),
    max_leaves=20,
)


@given(st.binary(max_size=60))
def test_any_bytes_are_located_or_refused(data: bytes) -> None:
    with suppress(UserError):
        assert locate(data).lines["$"] >= 1


@given(values, st.sampled_from([None, 2]))
def test_any_json_comes_back_as_it_was(value: object, indent: int | None) -> None:
    located = locate(
        json.dumps(value, ensure_ascii=False, indent=indent).encode("utf-8", "surrogatepass").decode("utf-8", "replace").encode()
    )
    assert located.lines["$"] == 1


def test_a_path_stands_on_its_line() -> None:
    located = locate(b'{\n "items": [\n  {"id": "a"},\n  {"id": "b",\n   "when": {"fact": "x"}}\n ]\n}')
    assert [located.line(path) for path in ("$.items", "$.items[1].id", "$.items[1].when.fact", "$.items[1].when.absent")] == [2, 4, 5, 5]


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b'{\n"a": 1,\n}', RuleCode.NOT_JSON, 3),
        (b'{"a": 1,\n "a": 2}', RuleCode.TWICE, 2),
        (b'{\n"a": NaN}', RuleCode.NOT_JSON, 1),
        (b'{"a":\n"\xff"}', RuleCode.NOT_TEXT, 2),
        (b"[" * 100 + b"]" * 100, RuleCode.TOO_DEEP, 1),
        (b"[" * 200_000, RuleCode.TOO_DEEP, 1),
        (b"", RuleCode.NOT_JSON, 1),
        (b" " * (4 * 1024 * 1024 + 1), RuleCode.TOO_LARGE, 0),
    ],
)
def test_bad_text_is_told_with_its_line(data: bytes, code: RuleCode, line: int) -> None:
    with pytest.raises(UserError) as caught:
        locate(data)
    assert (caught.value.code, caught.value.facts["line"]) == (code, line)


@pytest.mark.parametrize(("levels", "fits"), [(64, True), (65, False)])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_64_levels_are_taken_and_no_more(levels: int, fits: bool, opening: str, closing: str) -> None:
    data = (opening * levels + "1" + closing * levels).encode()
    if fits:
        assert locate(data).line("$") == 1
    else:
        with pytest.raises(UserError) as caught:
            locate(data)
        assert caught.value.code == RuleCode.TOO_DEEP


def test_a_key_with_a_dot_is_not_taken_for_a_key_given_twice() -> None:
    assert locate(b'{"a": {"b": 1}, "a.b": 2}').value == {"a": {"b": 1}, "a.b": 2}
