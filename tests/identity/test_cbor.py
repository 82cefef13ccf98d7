"""The deterministic CBOR of credentials: RFC 8949's own examples, and that there is one spelling only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.identity.cbor import Cbor, CborError, decode, encode

# RFC 8949, appendix A, as far as these kinds of values go.
EXAMPLES: list[tuple[Cbor, str]] = [
    (0, "00"),
    (23, "17"),
    (24, "1818"),
    (1000, "1903e8"),
    (1000000, "1a000f4240"),
    (18446744073709551615, "1bffffffffffffffff"),
    (-1, "20"),
    (-1000, "3903e7"),
    (-18446744073709551616, "3bffffffffffffffff"),
    (b"", "40"),
    (b"\x01\x02\x03\x04", "4401020304"),
    ("", "60"),
    ("水", "63e6b0b4"),
    ([1, [2, 3], [4, 5]], "8301820203820405"),
    ({1: 2, 3: 4}, "a201020304"),
]
REFUSED = {
    "nothing": "",
    "cut": "1a000f42",
    "two values": "0000",
    "an integer in more bytes than it takes": "1817",
    "keys out of order": "a203040102",
    "a key twice": "a201020103",
    "a key that is text": "a1616101",
    "no UTF-8": "61ff",
    "a length beyond the end": "5903e800",
    "an array that claims more than there is": "9bffffffffffffffff00",
    "of indefinite length": "9f01ff",
    "a reserved length": "1c",
    "a tag": "c101",
    "true": "f5",
    "a float": "f93c00",
    "nested too deep": "81" * 10 + "00",
}

values = st.recursive(
    st.integers(-(2**64), 2**64 - 1) | st.binary(max_size=30) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.integers(-(2**64), 2**64 - 1), inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.parametrize(("value", "written"), EXAMPLES)
def test_the_examples_of_the_standard(value: Cbor, written: str) -> None:
    assert encode(value).hex() == written
    assert decode(bytes.fromhex(written)) == value


@pytest.mark.parametrize("written", REFUSED.values(), ids=REFUSED)
def test_other_spellings_are_refused(written: str) -> None:
    with pytest.raises(CborError):
        decode(bytes.fromhex(written))


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_are_the_one_spelling_of_a_value(data: bytes) -> None:
    try:
        value = decode(data)
    except CborError:
        return
    assert encode(value) == data


@given(values)
def test_what_was_written_is_read(value: Cbor) -> None:
    try:
        assert decode(encode(value)) == value
    except CborError:  # nested deeper than is read
        assert encode(value).hex().count("8") + encode(value).hex().count("a") > 6


def test_more_than_64_bits_can_not_be_written() -> None:
    with pytest.raises(OverflowError):
        encode(2**64)
