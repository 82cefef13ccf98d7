"""Frames of the SAM protocol: the reference ones, noise, any cuts of the stream; what the statuses mean."""

from __future__ import annotations

import hashlib
import itertools

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from courier_check.devices.codes import ReaderCode
from courier_check.devices.sam import (
    DONE,
    FOUND,
    LONGEST,
    NOT_FOUND,
    PREAMBLE,
    STATUS_CODES,
    Answer,
    Command,
    FrameParser,
    card_text,
    frame,
    trouble,
)
from courier_check.errors import DeviceError, UserError
from support.readers import BLOCKS, READ_FRAME, VECTORS

FINDS = frame(b"\x00\x00\x9f" + bytes(4))
SAYINGS = st.binary(min_size=2, max_size=40)
NOISE = st.binary(max_size=30) | st.sampled_from([PREAMBLE, PREAMBLE[:3], b"\xaa" * 9, PREAMBLE + b"\x05\x08", FINDS[:-1], FINDS[:9]])


def all_of(stream: bytes, *cuts: int) -> list[bytes]:
    parser = FrameParser()
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    return [said for begin, end in itertools.pairwise(edges) for said in parser.feed(stream[begin:end])]


@pytest.mark.parametrize("command", Command, ids=lambda command: command.name)
def test_what_is_asked_is_byte_for_byte_as_described(command):
    assert command.frame.hex() == VECTORS["requests"][command.name]


@pytest.mark.parametrize(
    ("name", "status", "length"), [("found", FOUND, 4), ("no_card", NOT_FOUND, 0), ("selected", DONE, 8), ("not_selected", 0x81, 0)]
)
def test_answers_are_understood_as_described(name, status, length):
    (said,) = all_of(bytes.fromhex(VECTORS["answers"][name]))
    answer = Answer.parse(said)
    assert (answer.status, len(answer.data)) == (status, length)
    assert frame(said).hex() == VECTORS["answers"][name]


def test_the_reference_read_is_1295_bytes_and_holds_the_reference_text():
    assert (len(READ_FRAME), f"{READ_FRAME[-1]:02x}") == (1295, "5e")
    assert hashlib.sha256(READ_FRAME).hexdigest()[:16] == "04a6ae0812df1ee9"
    (said,) = all_of(READ_FRAME)
    answer = Answer.parse(said)
    assert Command.READ.fits(answer)
    assert card_text(answer.data) == BLOCKS["resident"]
    assert frame(b"\x00\x00\x90\x01\x00\x04\x00" + BLOCKS["resident"] + bytes(1024)) == READ_FRAME


@given(st.lists(SAYINGS, max_size=6), st.lists(st.integers(0, 10_000), max_size=8))
def test_frames_come_out_however_the_stream_is_cut(sayings, cuts):
    assert all_of(b"".join(map(frame, sayings)), *cuts) == sayings


@given(st.lists(NOISE, max_size=8), st.lists(st.integers(0, 10_000), max_size=12))
def test_any_stream_gives_the_same_frames_however_it_is_cut(pieces, cuts):
    stream = b"".join(pieces)
    assert all_of(stream, *cuts) == all_of(stream) == all_of(stream, *range(len(stream)))


@given(NOISE, SAYINGS)
def test_a_frame_after_noise_is_found_once_the_noise_can_be_no_frame(noise, saying):
    """Noise may look like the head of a long frame; then what follows is only known when that many bytes have come."""
    stream = noise + frame(saying) + bytes(LONGEST)
    assert saying in all_of(stream)


def test_a_frame_that_begins_inside_a_broken_one_is_found():
    parser = FrameParser()
    assert parser.feed(READ_FRAME[:700]) == []
    assert parser.broken
    assert parser.feed(READ_FRAME) == [READ_FRAME[7:-1]]
    assert parser.skipped == 700


def test_a_wrong_check_byte_is_no_frame_and_is_noticed():
    parser = FrameParser()
    assert parser.feed(FINDS[:-1] + bytes([FINDS[-1] ^ 1])) == []
    assert (parser.broken, parser.heard) == (True, True)
    assert parser.feed(FINDS) == [FINDS[7:-1]]


@pytest.mark.parametrize("length", [0, 1, 2, LONGEST + 1, 0xFFFF])
def test_a_length_that_no_frame_has_is_noise_at_once(length):
    assert all_of(PREAMBLE + length.to_bytes(2, "big") + FINDS) == [FINDS[7:-1]]


@given(st.binary(max_size=4000))
def test_no_more_is_held_than_a_frame_may_be_long(noise):
    parser = FrameParser()
    frames = parser.feed(noise)
    held = len(noise) - parser.skipped - sum(len(said) + 8 for said in frames)
    assert 0 <= held <= LONGEST + 7


def test_after_clear_the_next_byte_begins_anew():
    parser = FrameParser()
    parser.feed(READ_FRAME[:700])
    parser.clear()
    assert (parser.heard, parser.broken) == (False, False)
    assert parser.feed(FINDS) == [FINDS[7:-1]]


@given(st.binary(max_size=1500))
def test_any_other_data_is_refused_with_a_code(data):
    assume(not data.startswith(b"\x01\x00"))
    with pytest.raises(UserError) as refused:
        card_text(data)
    assert refused.value.code is ReaderCode.TEXT_LENGTH


@given(st.integers(0, 1300), st.integers(0, 0xFFFF))
def test_a_text_is_taken_only_where_all_parts_are_as_long_as_they_say(length, photo):
    data = b"\x01\x00" + photo.to_bytes(2, "big") + bytes(length)
    if length == 256 + photo:
        assert card_text(data) == bytes(256)
    elif not (photo == 0 and length >= 2):  # zeros may then be read as a third length
        with pytest.raises(UserError):
            card_text(data)


@pytest.mark.parametrize("fingerprints", [1024, 512, 0])
def test_photo_and_fingerprints_are_read_past(fingerprints):
    lengths = bytes.fromhex("01000400") + fingerprints.to_bytes(2, "big")
    data = lengths + BLOCKS["J"] + b"\x01" * 1024 + b"\x02" * fingerprints
    assert len(frame(b"\x00\x00\x90" + data)) == {1024: 2321, 512: 1809, 0: 1297}[fingerprints]
    assert card_text(data) == BLOCKS["J"]


def test_every_status_has_its_word():
    for status in range(256):
        told = trouble(status)
        assert told.code is STATUS_CODES.get(status, ReaderCode.STATUS_UNKNOWN), status
        assert isinstance(told, UserError | DeviceError), status


def test_what_comes_late_is_not_taken_for_another_answer():
    read = Answer.parse(READ_FRAME[7:-1])
    assert [command.name for command in Command if command.fits(read)] == ["READ"]
    assert [command.name for command in Command if command.fits(Answer(FOUND, bytes(4)))] == ["FIND"]
    assert [command.name for command in Command if command.fits(Answer(DONE, bytes(8)))] == ["SELECT"]
    assert not Command.STATUS.fits(Answer(0x41))
    assert Command.READ.fits(Answer(0x41))
    assert Command.STATUS.fits(Answer(0x66))


def test_what_a_card_holds_is_never_shown_with_an_answer():
    assert "data" not in repr(Answer.parse(READ_FRAME[7:-1]))


@given(st.binary(max_size=60))
def test_any_bytes_parse_as_an_answer_or_not(said):
    answer = Answer.parse(said)
    assert (answer is not None) == said.startswith(b"\x00\x00") * (len(said) >= 3)
