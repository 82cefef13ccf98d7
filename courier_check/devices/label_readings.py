"""The printers' side of `label_languages`: bytes turned back into pictures and answers, strictly: what a command does not say is a fault.

One reader a language. Each is fed bytes as they come, in pieces of any size.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from courier_check.devices.bitmap import Bitmap
from courier_check.devices.label_languages import PrinterLanguage


class NotUnderstoodError(Exception):
    """Bytes that are no command of this language, where they stand in the message."""


@dataclass(slots=True)
class Reading:
    """What a printer holds: bytes not yet understood, the picture being made, labels printed, questions to answer."""

    buffer: bytearray = field(default_factory=bytearray)
    width: int = 0
    height: int = 0
    drawn: bytearray = field(default_factory=bytearray)
    labels: list[Bitmap] = field(default_factory=list)
    asked: list[bytes] = field(default_factory=list)

    def take(self, count: int) -> bytes | None:
        """The next so many bytes, or None until they have come."""
        if len(self.buffer) < count:
            return None
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        return taken

    def print(self) -> None:
        """What was drawn is a label. The width in dots is not known to TSPL and ESC/POS: it is that of whole bytes."""
        self.labels.append(Bitmap(self.width, self.height, bytes(self.drawn)))
        self.drawn = bytearray()


Step = Callable[[Reading], bool]
"""Understand one command at the beginning of the buffer; False until more has come. Raises NotUnderstoodError."""


def read_bytes(reading: Reading, language: PrinterLanguage, data: bytes) -> None:
    """Feed bytes. Raises NotUnderstoodError."""
    reading.buffer += data
    step = _STEPS[language]
    while reading.buffer and step(reading):
        pass


def _question(reading: Reading, known: bytes) -> bool:
    """The one question of three bytes that a language has about the printer's state."""
    if len(reading.buffer) < len(known):
        return False
    if not reading.buffer.startswith(known):
        raise NotUnderstoodError(bytes(reading.buffer[: len(known)]))
    reading.asked.append(bytes(reading.take(len(known)) or b""))
    return True


_BITMAP = re.compile(rb"BITMAP 0,0,(\d{1,5}),(\d{1,5}),0,")
_TSPL_LINES = re.compile(rb"(SIZE \d+ mm,\d+ mm|GAP \d+ mm,0 mm|CLS|PRINT 1,1|)\r\n")


def _tspl(reading: Reading) -> bool:
    buffer = reading.buffer
    if buffer[:1] == b"\x1b":
        return _question(reading, b"\x1b!?")
    if (found := _BITMAP.match(buffer)) is not None:
        row_bytes, height = int(found[1]), int(found[2])
        if len(buffer) < found.end() + row_bytes * height:
            return False
        del buffer[: found.end()]
        reading.width, reading.height = row_bytes * 8, height
        reading.drawn = bytearray(byte ^ 0xFF for byte in reading.take(row_bytes * height) or b"")
        return True
    if (line := _TSPL_LINES.match(buffer)) is not None:
        command = bytes(line[1])
        del buffer[: line.end()]
        if command == b"CLS":
            reading.drawn = bytearray()
        if command.startswith(b"PRINT"):
            reading.print()
        return True
    if len(buffer) > 64:
        raise NotUnderstoodError(bytes(buffer[:64]))
    return False


_ZPL_HEAD = re.compile(rb"\^XA\^PW(\d+)\^LL(\d+)\^LH0,0")
_ZPL_FIELD = re.compile(rb"\^FO0,(\d+)\^GFA,(\d+),(\d+),(\d+),([0-9A-F]*)\^FS")


def _zpl(reading: Reading) -> bool:
    buffer = reading.buffer
    if buffer[:1] == b"~":
        return _question(reading, b"~HS")
    if not b"^XA".startswith(bytes(buffer[:3])):
        raise NotUnderstoodError(bytes(buffer[:64]))
    end = buffer.find(b"^XZ")
    if end < 0:
        return False
    form = bytes(reading.take(end + 3) or b"")[:-3]
    head = _ZPL_HEAD.match(form)
    if head is None or not form.endswith(b"^PQ1"):
        raise NotUnderstoodError(form[:64])
    reading.width, reading.height = int(head[1]), int(head[2])
    _zpl_fields(reading, form[head.end() : -4])
    reading.print()
    return True


def _zpl_fields(reading: Reading, fields: bytes) -> None:
    """Each ^GF goes where its ^FO says; here they follow each other."""
    row_bytes, place = (reading.width + 7) // 8, 0
    while place < len(fields):
        found = _ZPL_FIELD.match(fields, place)
        if found is None:
            raise NotUnderstoodError(fields[place : place + 64])
        sent, drawn, across = int(found[2]), int(found[3]), int(found[4])
        data = bytes.fromhex(found[5].decode("ascii"))
        if not (sent == drawn == len(data) <= 99_999 and across == row_bytes and int(found[1]) * row_bytes == len(reading.drawn)):
            raise NotUnderstoodError(found[0][:64])
        reading.drawn += data
        place = found.end()


def _escpos(reading: Reading) -> bool:
    buffer = reading.buffer
    command, length = bytes(buffer[:2]), len(buffer)
    if command == b"\x1b@":
        reading.take(2)
        reading.drawn, reading.height = bytearray(), 0
        return True
    if command == b"\x1dv":
        return length >= 8 and _escpos_stripe(reading)
    if command in (b"\x1bd", b"\x10\x04"):
        if length < 3:
            return False
        taken = bytes(reading.take(3) or b"")
        if command == b"\x10\x04":
            reading.asked.append(taken)
        elif reading.height:
            reading.print()
            reading.height = 0
        return True
    if length >= 2 or buffer[0] not in (0x1B, 0x1D, 0x10):
        raise NotUnderstoodError(bytes(buffer[:8]))
    return False


def _escpos_stripe(reading: Reading) -> bool:
    buffer = reading.buffer
    across, rows = int.from_bytes(buffer[4:6], "little"), int.from_bytes(buffer[6:8], "little")
    if buffer[2:4] != b"0\x00" or not across or not rows or (reading.height and across * 8 != reading.width):
        raise NotUnderstoodError(bytes(buffer[:8]))
    if len(buffer) < 8 + across * rows:
        return False
    reading.take(8)
    reading.drawn += reading.take(across * rows) or b""
    reading.width, reading.height = across * 8, reading.height + rows
    return True


_STEPS: Mapping[PrinterLanguage, Step] = {PrinterLanguage.TSPL: _tspl, PrinterLanguage.ZPL: _zpl, PrinterLanguage.ESCPOS: _escpos}
