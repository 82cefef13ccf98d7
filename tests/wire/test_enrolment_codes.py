"""Codes that people type, and requests that nobody can swap on the way."""

from __future__ import annotations

from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.errors import UserError
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.keys import OpeningKey, SealingKey, SigningKey, to_text
from courier_check.wire.documents import read_document
from courier_check.wire.enrolment import (
    ALPHABET,
    Code,
    EnrolmentRequest,
    EnrolmentRequestBody,
    SealedMatchKey,
    checked_request,
    enrolment_mac,
    open_match_key,
    seal_match_key,
)
from courier_check.wire.signed import sign
from support.pki import secret

CODE = Code(secret("fingerprint")[:16], secret("code secret")[:10])
TEXT = CODE.text()
STATION, THIEF, OPENER = SigningKey(secret("a station")), SigningKey(secret("a thief")), OpeningKey(secret("opener"))


def refused(text: str) -> bool:
    try:
        Code.parse(text)
    except UserError:
        return True
    return False


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=10, max_size=10))
def test_a_code_reads_back(fingerprint, code_secret):
    code = Code(fingerprint, code_secret)
    assert Code.parse(code.text()) == code


def test_every_single_wrong_character_is_noticed():
    for at in range(4, len(TEXT)):
        if TEXT[at] != "-":
            assert all(refused(TEXT[:at] + wrong + TEXT[at + 1 :]) for wrong in ALPHABET if wrong != TEXT[at]), at


def test_every_two_characters_exchanged_are_noticed():
    chars = TEXT[4:].replace("-", "")
    for at in range(len(chars)):
        for other in range(at + 1, len(chars)):
            swapped = list(chars)
            swapped[at], swapped[other] = swapped[other], swapped[at]
            assert chars[at] == chars[other] or refused("CC1-" + "".join(swapped)), (at, other)


@given(st.text(max_size=70) | st.text(ALPHABET, min_size=45, max_size=45).map("CC1-".__add__))
def test_reading_a_code_never_crashes(text):
    with suppress(UserError):
        Code.parse(text)


def test_a_code_does_not_show_its_secret():
    assert CODE.secret.hex() not in repr(CODE)
    assert repr(CODE.secret) not in repr(CODE)


def body(**changes: object) -> EnrolmentRequestBody:
    made = EnrolmentRequestBody(
        alg="ed25519",
        public_key=to_text(STATION.public),
        seal_key=to_text(OPENER.public),
        code_id=CODE.code_id,
        practice=True,
        program="test",
        requested_at_ms=0,
    )
    return msgspec.structs.replace(made, **changes)


def request(made: EnrolmentRequestBody, key: SigningKey = STATION, code_secret: bytes = CODE.secret) -> EnrolmentRequest:
    signed = sign(made, key)
    return EnrolmentRequest(request=signed, mac=enrolment_mac(code_secret, signed))


def code_of(document: EnrolmentRequest) -> str:
    with pytest.raises(JournalError) as caught:
        checked_request(document, CODE.secret)
    return caught.value.code


def test_the_station_s_request_is_believed():
    assert checked_request(request(body()), CODE.secret) == body()


def test_a_key_swapped_on_the_way_is_refused():
    swapped = sign(body(public_key=to_text(THIEF.public)), THIEF)
    assert code_of(msgspec.structs.replace(request(body()), request=swapped)) == JournalCode.BAD_SIGNATURE


def test_a_seal_key_swapped_on_the_way_is_refused():
    swapped = sign(body(seal_key=to_text(OpeningKey(secret("thief's")).public)), STATION)
    assert code_of(msgspec.structs.replace(request(body()), request=swapped)) == JournalCode.BAD_SIGNATURE


def test_a_request_under_another_code_is_refused():
    assert code_of(request(body(), code_secret=b"0" * 10)) == JournalCode.BAD_SIGNATURE


def test_a_key_that_the_sender_does_not_hold_is_refused():
    assert code_of(request(body(), key=THIEF)) == JournalCode.WRONG_KEY


def test_a_station_key_of_small_order_is_refused():
    """Its owner could show one signature for many entries, and deny them all."""
    neutral = to_text(b"\x01" + bytes(31))
    assert code_of(request(body(public_key=neutral))) == JournalCode.MALFORMED


def test_a_seal_key_that_nothing_can_be_sealed_to_is_refused():
    assert code_of(request(body(seal_key=to_text(bytes(32))))) == JournalCode.MALFORMED


@pytest.mark.parametrize("mac", ["é" * 64, "", "0" * 63, "0" * 64 + "\n", "A" * 64])
def test_a_mac_that_is_no_mac_is_refused_before_it_is_compared(mac):
    told = msgspec.json.decode(msgspec.json.encode(request(body())))
    with pytest.raises(JournalError) as caught:
        read_document(msgspec.json.encode(told | {"mac": mac}), EnrolmentRequest)
    assert caught.value.code == JournalCode.MALFORMED


def test_a_match_key_opens_for_its_station_only():
    sealed = seal_match_key(secret("match"), "ab" * 16, ("gw", "st"), SealingKey(OPENER.public))
    document = SealedMatchKey(match_key_id="ab" * 16, region="410105", year=2026, sealed=sealed)
    assert open_match_key(document, ("gw", "st"), OPENER) == secret("match")
    for ids, key in ((("gw", "other"), OPENER), (("other", "st"), OPENER), (("gw", "st"), OpeningKey(secret("thief's")))):
        with pytest.raises(JournalError):
            open_match_key(document, ids, key)
    with pytest.raises(JournalError):
        open_match_key(msgspec.structs.replace(document, match_key_id="cd" * 16), ("gw", "st"), OPENER)
