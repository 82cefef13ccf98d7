"""Canonical JSON: one value, one spelling."""

from __future__ import annotations

from contextlib import suppress

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from courier_check.journal import canonical
from courier_check.journal.codes import JournalError
from courier_check.journal.keys import from_text, to_text

KEYS = st.text("abcxyz0129_.-", min_size=1, max_size=8)
SCALARS = st.none() | st.booleans() | st.integers(-canonical.LARGEST, canonical.LARGEST) | st.text(max_size=20)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=5)


def nested(depth: int) -> object:
    value: object = []
    for _ in range(depth - 1):
        value = [value]
    return value


def allowed(value: object) -> bool:
    try:
        canonical.check(value)
    except JournalError:
        return False
    return True


@given(VALUES.filter(allowed))
def test_encoding_is_rfc_8785(value):
    assert canonical.encode(value) == rfc8785.dumps(value)


@given(OBJECTS.filter(allowed))
def test_what_is_encoded_decodes_to_itself(value):
    assert canonical.decode(canonical.encode(value), dict) == value


@given(OBJECTS.filter(allowed), st.data())
def test_any_changed_byte_is_refused_or_says_something_else(value, data):
    spelled = bytearray(canonical.encode(value))
    at = data.draw(st.integers(0, len(spelled) - 1))
    spelled[at] ^= data.draw(st.integers(1, 255))
    with suppress(JournalError):  # refused is as good
        assert canonical.decode(bytes(spelled), dict) != value


@given(st.binary(max_size=60) | st.text(max_size=40).map(str.encode))
def test_decoding_never_crashes(data):
    with suppress(JournalError):  # most bytes are not canonical
        assert canonical.encode(canonical.decode(data, dict)) == data


def test_nine_levels_are_allowed_and_ten_are_not():
    assert canonical.encode(nested(9)) == b"[" * 9 + b"]" * 9
    with pytest.raises(JournalError):
        canonical.encode(nested(10))


@pytest.mark.parametrize(
    "data", [b"[" * 200_000, b'{"a":' * 200_000, b'{"a":' + b"[" * 800 + b"]" * 800 + b"}", b'{"a":' + b"9" * 5_000 + b"}"]
)
def test_bytes_made_to_exhaust_the_reader_are_refused(data):
    with pytest.raises(JournalError):
        canonical.decode(data, dict)


@pytest.mark.parametrize(
    "value", [1.0, 1.5, 2**53, -(2**53), {"é": 1}, {"A": 1}, {"": 1}, {"a\n": 1}, {1: 2}, "\ud800", object(), nested(50_000)]
)
def test_what_has_no_canonical_form_is_never_encoded(value):
    with pytest.raises(JournalError):
        canonical.encode({"a": value})


@given(st.binary(max_size=80))
def test_base64_reads_back(data):
    assert from_text(to_text(data)) == data


@given(st.text("AB_-+/= \n", max_size=9))
def test_base64_has_one_spelling(text):
    with suppress(JournalError):  # another spelling, refused
        assert to_text(from_text(text)) == text


@given(st.binary(min_size=1, max_size=80), st.data())
def test_base64_with_one_character_changed_says_something_else_or_nothing(data, draw):
    text = to_text(data)
    place = draw.draw(st.integers(0, len(text) - 1))
    other = draw.draw(st.characters(exclude_characters=text[place]))
    with suppress(JournalError):  # no character of it, or spare bits that are not zero
        assert from_text(text[:place] + other + text[place + 1 :]) != data
