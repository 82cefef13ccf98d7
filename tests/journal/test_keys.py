"""Keys whose owner could deny a signature, or to whom nothing can be sealed, are refused."""

from __future__ import annotations

import pytest

from courier_check.journal.codes import JournalError
from courier_check.journal.keys import SMALL_ORDER, SealingKey, SigningKey, VerifyingKey

P = 2**255 - 19


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
    key, order = SigningKey(b"\x07" * 32), 2**252 + 27742317777372353535851937790883648493
    signature = key.sign(b"a\n", b"message")
    twin = signature[:32] + (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")
    with pytest.raises(JournalError):
        VerifyingKey(key.public).verify(b"a\n", b"message", twin)
