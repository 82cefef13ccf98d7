"""What a serial gun sends becomes scans: line ends or silence, bounded, cleaned, halves and noise named; the same code counts once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.devices.codes import ScannerCode
from courier_check.devices.scans import (
    BAUD_RATES,
    Encoding,
    Ending,
    GunLine,
    LineScan,
    Repeats,
    ScanFramer,
    WrongScan,
    clean_scan,
    decoded,
)
from courier_check.errors import UserError

CODE = b"SF1234567890123"


def said(*chunks: tuple[int, bytes], line: GunLine | None = None, silent_ms: int | None = None) -> list[str | ScannerCode]:
    """What comes of chunks with their times: texts of scans, codes of what is none. `silent_ms`: the line was then looked at."""
    framer, found = ScanFramer(line or GunLine()), list[LineScan | WrongScan]()
    for at_ms, data in chunks:
        found += framer.feed(data, at_ms)
    if silent_ms is not None:
        found += framer.tick(silent_ms)
    return told(found)


def told(found: Sequence[LineScan | WrongScan]) -> list[str | ScannerCode]:
    return [each.text if isinstance(each, LineScan) else ScannerCode(each.error.code) for each in found]


# ---- what ends a scan --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\t", b"\t\r"])
@pytest.mark.parametrize("ending", [Ending.ANY, None])
def test_any_line_end_ends_a_scan_at_once(end: bytes, ending: Ending | None) -> None:
    known = {b"\r": Ending.CR, b"\n": Ending.LF, b"\r\n": Ending.CRLF, b"\t": Ending.TAB, b"\t\r": Ending.ANY}[end]
    assert said((0, CODE + end), line=GunLine(ending=ending or known)) == ["SF1234567890123"]


def test_silence_ends_a_scan_without_line_end_and_nothing_sooner() -> None:
    assert said((0, CODE), silent_ms=59) == []
    assert said((0, CODE), silent_ms=60) == ["SF1234567890123"]
    assert said((0, CODE), line=GunLine(ending=Ending.NONE, quiet_ms=200), silent_ms=199) == []


def test_bytes_that_come_in_pieces_are_one_scan_with_its_times() -> None:
    framer = ScanFramer(GunLine())
    assert list(framer.feed(b"SF12345", 100)) == []
    assert list(framer.feed(b"67890", 140)) == []
    assert list(framer.feed(b"123\r\n", 900)) == [LineScan("SF1234567890123", 100, 900)]  # a stall parts nothing
    assert not framer.open


def test_scans_that_lie_ready_together_are_as_many() -> None:
    assert said((0, CODE + b"\r\nYT7766554433221\r\n\r\n")) == ["SF1234567890123", "YT7766554433221"]


def test_a_line_end_that_is_not_the_guns_is_part_of_its_code() -> None:
    assert said((0, b"SF\t1234\n5678\r"), line=GunLine(ending=Ending.CR)) == ["SF\t1234\n5678".replace("\t", "").replace("\n", "")]


# ---- half scans --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [Ending.CR, Ending.LF, Ending.CRLF, Ending.TAB])
def test_without_the_line_end_that_is_set_it_is_half_a_scan(ending: Ending) -> None:
    line = GunLine(ending=ending)
    assert said((0, CODE), line=line, silent_ms=299) == []  # a wireless base may pause
    assert said((0, CODE), line=line, silent_ms=300) == [ScannerCode.HALF]


def test_a_gun_that_sent_line_ends_and_then_none_was_cut_off() -> None:
    framer = ScanFramer(GunLine())
    assert told(list(framer.feed(CODE + b"\r" + CODE + b"\r", 0))) == ["SF1234567890123"] * 2
    assert list(framer.feed(b"SF123456", 1_000)) == []
    assert list(framer.tick(1_299)) == []
    (half,) = framer.tick(1_300)
    assert isinstance(half, WrongScan)
    assert (half.error.code, half.error.facts) == (ScannerCode.HALF, {"characters": 8})
    assert told(list(framer.feed(CODE + b"\r", 2_000))) == ["SF1234567890123"]


def test_a_gun_that_was_set_to_send_no_line_end_any_more_is_believed_the_second_time() -> None:
    framer = ScanFramer(GunLine())
    assert told(list(framer.feed(CODE + b"\r" + CODE + b"\r", 0))) == ["SF1234567890123"] * 2
    results = []
    for at_ms, quiet_ms in ((1_000, 300), (2_000, 60), (3_000, 60)):
        list(framer.feed(CODE, at_ms))
        results += told(list(framer.tick(at_ms + quiet_ms)))
    assert results == [ScannerCode.HALF, "SF1234567890123", "SF1234567890123"]


def test_what_is_open_when_the_cable_goes_is_half_a_scan() -> None:
    framer = ScanFramer(GunLine(ending=Ending.NONE))
    list(framer.feed(CODE, 0))
    assert told(list(framer.cut())) == [ScannerCode.HALF]
    assert list(framer.cut()) == []
    assert list(framer.tick(1_000)) == []


# ---- what is no scan ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("noise", [b"\xff\xfe\xff\xff\x80", b"\x00\x01\x02\x03", b"SF12\xff345678", b"\x80\x80\x80\x80"])
def test_bytes_that_are_no_text_are_named(noise: bytes) -> None:
    assert said((0, noise + b"\r")) == [ScannerCode.NOISE]


def test_noise_says_how_the_line_is_set() -> None:
    (wrong,) = ScanFramer(GunLine.parse("115200-7E1")).feed(b"\xff\xff\xff\xff\r", 0)
    assert isinstance(wrong, WrongScan)
    assert wrong.error.facts == {"bytes": 4, "line": "115200-7E1"}


@pytest.mark.parametrize("glitch", [b"\x00", b"\xff\x00", b"\x00\r", b"\r\n\r\n"])
def test_the_glitch_of_a_plug_is_nothing(glitch: bytes) -> None:
    framer = ScanFramer(GunLine())
    found = [*framer.feed(glitch, 0), *framer.tick(100), *framer.feed(CODE + b"\r", 500)]
    assert told(found) == ["SF1234567890123"]


def test_a_short_code_is_named_and_not_delivered() -> None:
    assert said((0, b"06\r")) == [ScannerCode.TOO_SHORT]


def test_the_longest_code_is_delivered_and_a_longer_one_named_with_bounded_memory() -> None:
    assert said((0, b"7" * 4_096 + b"\r")) == ["7" * 4_096]
    assert said((0, b"7" * 4_097 + b"\r")) == [ScannerCode.TOO_LONG]
    assert said((0, "㍿".encode() * 2_000 + b"\r")) == [ScannerCode.TOO_LONG]  # longer once it is plain
    framer = ScanFramer(GunLine())
    for at_ms in range(200):
        assert list(framer.feed(b"7" * 10_000, at_ms)) == []
    assert len(framer._held) <= 4 * 4_096
    (wrong,) = framer.feed(b"\r" + CODE, 300)
    assert isinstance(wrong, WrongScan)
    assert wrong.error.facts == {"characters": 2_000_000}
    assert told(list(framer.feed(b"\r", 301))) == ["SF1234567890123"]


# ---- what a scan is cleaned of -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("SF1234567890123", "SF1234567890123"),
        ("]C1SF1234567890123", "SF1234567890123"),
        (']Q1\\000026{"a":1}', '{"a":1}'),
        ("\\000026中文", "中文"),
        ("ＳＦ１２３４５６７", "SF1234567"),
        ("］Ｃ１SF1234567", "SF1234567"),
        ("\x02SF12\x1d345\x03\u200b", "SF12345"),
        ("\u202eSF1234567\u202c\u200f\ufeff", "SF1234567"),
        ("  Sf1234567 ", "Sf1234567"),
        ("a]C1b", "a]C1b"),
    ],
)
def test_scans_are_cleaned(raw: str, text: str) -> None:
    assert clean_scan(raw) == text


@given(st.text())
def test_cleaning_is_final_and_leaves_no_control_characters(raw: str) -> None:
    text = clean_scan(raw)
    assert clean_scan(text) == text
    assert all(character.isprintable() or character.isspace() for character in text)


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
@pytest.mark.parametrize("text", ["运单号：SF1234567890123", "寄件人王思远", "联通", "模拟扫描", "收寄实名验视"])
def test_chinese_is_read_in_both_encodings_unasked(text: str, encoding: str) -> None:
    assert decoded(text.encode(encoding), Encoding.ANY) == text


@pytest.mark.parametrize("text", ["مرحبا1234", "ئۇيغۇرچە", "Ölçü-1234", "посылка12"])
def test_other_scripts_in_utf8_are_not_taken_for_chinese(text: str) -> None:
    assert decoded(text.encode(), Encoding.ANY) == text


def test_an_encoding_that_is_set_is_the_only_one() -> None:
    assert decoded("寄件".encode("gbk"), Encoding.UTF8) is None
    assert decoded("寄件".encode(), Encoding.GBK) != "寄件"


@given(st.lists(st.tuples(st.integers(0, 200), st.binary(max_size=40)), max_size=30), st.sampled_from(Ending), st.booleans())
def test_whatever_comes_is_told_or_forgotten_and_the_next_scan_is_whole(chunks: list[tuple[int, bytes]], ending: Ending, cut: bool) -> None:
    framer, now = ScanFramer(GunLine(ending=ending)), 0
    for gap_ms, data in chunks:
        now += gap_ms
        for scan in [*framer.feed(data, now), *framer.tick(now)]:
            if isinstance(scan, LineScan):
                assert len(scan.text) >= 6
                assert clean_scan(scan.text) == scan.text
                assert 0 <= scan.began_ms <= scan.ended_ms <= now
    list(framer.cut() if cut else framer.tick(now + 1_000))
    assert not framer.open
    end = {Ending.ANY: b"\r", Ending.NONE: b""}.get(ending) if ending in (Ending.ANY, Ending.NONE) else None
    end = end if end is not None else {Ending.CR: b"\r", Ending.LF: b"\n", Ending.CRLF: b"\r\n", Ending.TAB: b"\t"}[ending]
    found = told([*framer.feed(CODE + end, now + 2_000), *framer.tick(now + 3_000)])
    assert found == ["SF1234567890123"]


# ---- how a line is set -------------------------------------------------------------------------------------------------------------------


def test_a_line_is_named_as_manuals_name_it() -> None:
    line = GunLine.parse(" 115200-7e2 ", "crlf", "gbk", 150)
    assert line == GunLine(115_200, 7, "E", 2, Ending.CRLF, Encoding.GBK, 150)
    assert line.named == "115200-7E2"
    assert GunLine.parse("9600-8N1") == GunLine()


@pytest.mark.parametrize(
    "words",
    [
        ("", "any", "any", 60),
        ("9600", "any", "any", 60),
        ("9601-8N1", "any", "any", 60),
        ("9600-9N1", "any", "any", 60),
        ("9600-8N1", "enter", "any", 60),
        ("9600-8N1", "any", "big5", 60),
        ("9600-8N1", "any", "any", 19),
        ("9600-8N1", "any", "any", 1_001),
        ("９６００-8N1", "any", "any", 60),
    ],
)
def test_a_line_that_is_none_is_one_sentence(words: tuple[str, str, str, int]) -> None:
    with pytest.raises(UserError) as caught:
        GunLine.parse(*words)
    assert caught.value.code is ScannerCode.LINE_UNKNOWN


@given(st.sampled_from(BAUD_RATES), st.sampled_from([7, 8]), st.sampled_from("NEO"), st.sampled_from([1, 2]))
def test_every_line_is_read_as_it_is_named(rate: int, bits: int, parity: str, stops: int) -> None:
    line = GunLine(rate, bits, parity, stops)
    assert GunLine.parse(line.named) == line


# ---- the same code within 300 ms ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("pause_ms", "repeat"), [(0, True), (300, True), (301, False)])
def test_the_same_code_within_300_ms_is_a_repeat(pause_ms: int, repeat: bool) -> None:
    repeats = Repeats()
    assert not repeats.is_repeat("SF1234567890123", 1_000, 1_080)
    assert not repeats.is_repeat("SF1234567890124", 1_080, 1_080)  # another code between them changes nothing
    assert repeats.is_repeat("SF1234567890123", 1_080 + pause_ms, 1_160 + pause_ms) is repeat


def test_a_code_that_lies_there_is_a_repeat_for_as_long_as_it_does() -> None:
    repeats = Repeats()
    assert [repeats.is_repeat("E28011606000020000000001", at_ms, at_ms) for at_ms in range(0, 3_000, 250)] == [False, *[True] * 11]


def test_a_scan_that_is_told_late_is_still_the_same_one() -> None:
    repeats = Repeats()
    assert not repeats.is_repeat("SF1234567890123", 1_200, 1_300)
    assert repeats.is_repeat("SF1234567890123", 1_010, 1_020)


def test_the_other_case_of_caps_lock_is_the_same_code() -> None:
    repeats = Repeats()
    assert not repeats.is_repeat("SF1234567890123", 0, 10)
    assert repeats.is_repeat("sf1234567890123", 20, 30)
