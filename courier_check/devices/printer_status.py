"""打印机状态: what is asked, and what the answers mean, by language. Bytes in, a code or nothing out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from courier_check.devices.codes import PrinterCode
from courier_check.devices.label_languages import PrinterLanguage

GARBLED = PrinterCode.GARBLED


@dataclass(frozen=True, slots=True)
class Question:
    """`asked` is sent; the answer is complete where `length` bytes have come, or, without a length, where `end` came `ends` times.
    `meaning`: what keeps the printer from printing, or None."""

    asked: bytes
    meaning: Callable[[bytes], PrinterCode | None]
    length: int = 0
    end: bytes = b""
    ends: int = 0

    def is_answered(self, got: bytes) -> bool:
        return len(got) >= self.length if self.length else got.count(self.end) >= self.ends

    def told(self, got: bytes) -> PrinterCode | None:
        """What came until the answer was whole or nobody waited any longer."""
        if not got:
            return PrinterCode.SILENT
        if not self.is_answered(got) or (self.length and len(got) > self.length):
            return GARBLED
        return self.meaning(got)


def _tspl(answer: bytes) -> PrinterCode | None:
    """<ESC>!? → one byte of bits (TSPL2 manual): 01 head open, 02 jam, 04 no paper, 08 no ribbon, 10 paused, 20 printing, 80 another
    fault."""
    (status,) = answer
    if status & 0x40:
        return GARBLED
    told = (
        (0x04, PrinterCode.PAPER_OUT),
        (0x01, PrinterCode.COVER_OPEN),
        (0x08, PrinterCode.RIBBON_OUT),
        (0x82, PrinterCode.FAULT),
        (0x10, PrinterCode.PAUSED),
    )
    return next((code for bits, code in told if status & bits), None)


def _escpos_paper(answer: bytes) -> PrinterCode | None:
    """DLE EOT 4: bits 5 and 6 say that the paper has ended; that it is near its end (2, 3) stops nothing."""
    return _epson(answer) or (PrinterCode.PAPER_OUT if answer[0] & 0x60 else None)


def _escpos_offline(answer: bytes) -> PrinterCode | None:
    """DLE EOT 2: bit 2 cover open, bit 5 stopped at the paper's end, bit 6 an error."""
    told = ((0x20, PrinterCode.PAPER_OUT), (0x04, PrinterCode.COVER_OPEN), (0x40, PrinterCode.FAULT))
    return _epson(answer) or next((code for bits, code in told if answer[0] & bits), None)


def _epson(answer: bytes) -> PrinterCode | None:
    """Bits 1 and 4 of every such byte are 1, bits 0 and 7 are 0."""
    return None if answer[0] & 0x93 == 0x12 else GARBLED


_ZPL_FIELDS = (12, 11, 2)
"""In the three strings of ~HS."""


def _zpl(answer: bytes) -> PrinterCode | None:
    """~HS → three strings <STX>…<ETX><CR><LF>: in the first the second field is paper out and the third pause; in the second the third is
    head up and the fourth ribbon out."""
    strings = [each.strip(b"\r\n") for each in answer.split(b"\x03") if each.strip(b"\r\n")]
    if len(strings) != len(_ZPL_FIELDS) or not all(each.startswith(b"\x02") for each in strings):
        return GARBLED
    first, second, third = ([field.decode("ascii", "replace") for field in each[1:].split(b",")] for each in strings)
    fields = (first, second, third)
    if tuple(map(len, fields)) != _ZPL_FIELDS or not all(one.isascii() and one.isdigit() for each in fields for one in each):
        return GARBLED
    told = (
        (first[1], PrinterCode.PAPER_OUT),
        (second[2], PrinterCode.COVER_OPEN),
        (second[3], PrinterCode.RIBBON_OUT),
        (first[2], PrinterCode.PAUSED),
    )
    return next((code for flag, code in told if flag != "0"), None)


QUESTIONS: Mapping[PrinterLanguage, tuple[Question, ...]] = {
    PrinterLanguage.TSPL: (Question(b"\x1b!?", _tspl, length=1),),
    PrinterLanguage.ZPL: (Question(b"~HS", _zpl, end=b"\x03", ends=3),),
    PrinterLanguage.ESCPOS: (Question(b"\x10\x04\x04", _escpos_paper, length=1), Question(b"\x10\x04\x02", _escpos_offline, length=1)),
    PrinterLanguage.PDF: (),
    PrinterLanguage.DRIVER: (),  # the driver is asked, not the printer
}
