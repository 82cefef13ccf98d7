"""What others wrote is shown in one line that steers nothing; what honest people write is shown as it is."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.one_line import one_line, within_json

STEERING = ("Cc", "Cf", "Zl", "Zp")


@given(st.text() | st.text(st.characters(categories=STEERING)))
def test_whatever_it_is_nothing_of_it_steers(text: str) -> None:
    shown = one_line(text)
    assert not [character for character in shown if unicodedata.category(character) in STEERING]
    assert len(shown.splitlines()) == (1 if text else 0)
    assert one_line(shown) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[2K\rb", "a\\x1b[2K\\rb"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\x7f\x9b\x85", "\\x7f\\x9b\\x85"),
        ("\u202e\u2066\u200e\u061c", "\\u202e\\u2066\\u200e\\u061c"),
        ("\u2028\u2029\u200b\ufeff", "\\u2028\\u2029\\u200b\\ufeff"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_steers_is_spelled_out(text: str, shown: str) -> None:
    assert one_line(text) == shown


@pytest.mark.parametrize(
    "name",
    ["", "收寄 台.zip", "C:\\目录\\交接包.zip", "𠮷野家", "王\ue000", "葛\U000e0100", "网点\u3000一", "Žluťoučký", "a\u0301", "\U000323b0"],
)
def test_honest_names_stay_as_they_are(name: str) -> None:
    assert one_line(name) == name


@given(st.text(), st.text())
def test_json_means_the_same_and_holds_nothing_that_steers(name: str, value: str) -> None:
    fields = {name: value}
    written = within_json(json.dumps(fields, ensure_ascii=False))
    assert json.loads(written) == fields
    assert not [character for character in written if unicodedata.category(character) in STEERING]
