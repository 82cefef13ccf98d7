"""Keys whose owner could deny a signature, or to whom nothing can be sealed, are refused."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from courier_check.journal.codes import JournalError
from courier_check.journal.keys import SMALL_ORDER, SealingKey, SigningKey, VerifyingKey
from support.edwards import BASE, NEUTRAL, OF_ORDER_8, ORDER, P, added, signed_oddly, spelled, times


def test_the_list_holds_every_point_of_small_order():
    """Doubled three times on the curve of RFC 8032 §5.1, each is the neutral point, y = 1; the eight points have five y."""
    d = -121665 * pow(121666, -1, P) % P

    def doubled_y(y: int) -> int:
        y2 = y * y % P
        x2 = (y2 - 1) * pow(d * y2 + 1, -1, P) % P
        return (y2 + x2) * pow(2 - y2 + x2, -1, P) % P

    for each in SMALL_ORDER:
        y = int.from_bytes(each, "little") % P
        for _ in range(3):
            y = doubled_y(y)
        assert y == 1
    assert len({int.from_bytes(each, "little") % P for each in SMALL_ORDER}) == 5


@pytest.mark.parametrize("sign_bit", [0, 0x80])
@pytest.mark.parametrize("public", sorted(SMALL_ORDER), ids=bytes.hex)
def test_a_key_under_which_one_signature_fits_many_messages_is_refused(public, sign_bit):
    with pytest.raises(JournalError):
        VerifyingKey(public[:31] + bytes([public[31] | sign_bit]))


@pytest.mark.parametrize("public", [bytes(32), b"\x01" + bytes(31), b"\xec" + b"\xff" * 30 + b"\x7f"], ids=bytes.hex)
def test_a_sealing_key_whose_shared_secret_everyone_knows_is_refused(public):
    with pytest.raises(JournalError):
        SealingKey(public)


@pytest.mark.parametrize("size", [0, 1, 31, 33, 64])
def test_a_key_of_another_length_is_refused(size):
    with pytest.raises(JournalError):
        VerifyingKey(bytes(range(size)))
    with pytest.raises(JournalError):
        SealingKey(bytes(range(size)))


@pytest.mark.parametrize("size", [0, 1, 63, 65, 128])
def test_a_signature_of_another_length_is_a_bad_signature(size):
    key = SigningKey(b"\x07" * 32)
    with pytest.raises(JournalError):
        VerifyingKey(key.public).verify(b"tag\n", b"message", bytes(size))


def test_a_signature_for_one_purpose_does_not_verify_for_another():
    key = SigningKey(b"\x07" * 32)
    with pytest.raises(JournalError):
        VerifyingKey(key.public).verify(b"b\n", b"message", key.sign(b"a\n", b"message"))


def test_a_signature_with_a_second_spelling_of_its_scalar_is_refused():
    """RFC 8032: S must be below the group order, else every signature had a twin."""
    key = SigningKey(b"\x07" * 32)
    signature = key.sign(b"a\n", b"message")
    twin = signature[:32] + (int.from_bytes(signature[32:], "little") + ORDER).to_bytes(32, "little")
    with pytest.raises(JournalError):
        VerifyingKey(key.public).verify(b"a\n", b"message", twin)


def for_everybody(public: bytes, signature: bytes, message: bytes) -> bool:
    """What verify.py says, which anyone may run."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def here(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        VerifyingKey(public).verify(message[:2], message[2:], signature)
    except JournalError:
        return False
    return True


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=2, max_size=80), st.integers(0, 64 * 8 - 1), st.booleans())
def test_what_verifies_here_verifies_for_everybody(secret, message, bit, flipped):
    key = SigningKey(secret)
    signature = bytearray(key.sign(b"", message))
    signature[bit // 8] ^= (1 << bit % 8) * flipped
    assert here(key.public, bytes(signature), message) == for_everybody(key.public, bytes(signature), message) == (not flipped)


SECRET, NONCE, MESSAGE = 2**200 + 7919, 104_729, b"a message"
HONEST_KEY, MIXED_KEY = (spelled(added(times(SECRET, BASE), more)) for more in (NEUTRAL, OF_ORDER_8))


@pytest.mark.parametrize(
    ("public", "nonce", "more", "holds"),
    [
        (HONEST_KEY, NONCE, NEUTRAL, True),
        (HONEST_KEY, NONCE, OF_ORDER_8, False),  # a verifier that multiplies by the cofactor would take it
        (HONEST_KEY, 0, NEUTRAL, True),  # R of small order: libsodium alone would refuse it
        (MIXED_KEY, NONCE, NEUTRAL, False),
    ],
    ids=["as usual", "R of mixed order", "R of small order", "key of mixed order"],
)
def test_signatures_that_verifiers_of_other_kinds_dispute_are_taken_as_everybody_takes_them(public, nonce, more, holds):
    signature = signed_oddly(SECRET, public, added(times(nonce, BASE), more), nonce, MESSAGE)
    assert here(public, signature, MESSAGE) == for_everybody(public, signature, MESSAGE) == holds
