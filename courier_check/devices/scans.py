"""扫码: what guns send, made plain, and what comes twice. Pure: bytes or text with times in, scans out.

A serial gun has one line for itself: whatever comes within `quiet_ms` of each other belongs to one scan, unless a line end came between.
Which line end is not asked for: CR, LF, both or Tab end a scan at once, and silence ends one that has none. A gun that has ended its scans
with a line end and suddenly does not was cut off, by its cable or its battery: that half is told and never delivered, because half a number
may look like another carrier's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from courier_check.devices.codes import ScannerCode
from courier_check.errors import UserError
from courier_check.parcel.text import LONGEST_CODE, clean_code

SHORTEST_SCAN = 6
"""Characters. No code that is wanted at a counter is shorter."""
REPEAT_MS = 300
LEAST_QUIET_MS, DEFAULT_QUIET_MS, MOST_QUIET_MS = 20, 60, 1_000
"""Silence that ends a scan. A USB adapter holds bytes back for 16 ms, a wireless base for some 40."""
BAUD_RATES = (1_200, 2_400, 4_800, 9_600, 14_400, 19_200, 28_800, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600)

_LONGEST_BYTES = 4 * LONGEST_CODE
"""GB 18030 and UTF-8 have four bytes a character at most."""
_SURE = 2
"""So many scans in a row with a line end, and a gun is known to send one."""
_HALF_MS = 300
"""Silence after which a scan is half a one, where a line end is due: a wireless base may pause in the middle, and no scan waits for it."""
_GLITCH = 2
"""Bytes that come when a plug goes in."""
_PREFIXES = re.compile(r"(?:\s*(?:\][A-Za-z][0-9A-Za-z]|\\[0-9]{6}))+")
_LINE = re.compile(r"([0-9]{3,6})-([78])([NEO])([12])")


def clean_scan(text: str) -> str:
    """A scan without what scanners and input methods add: AIM symbology identifiers (`]C1`) and ECI escapes (`\\000026`) in front, control
    and invisible characters, full width, blanks around. The case is kept: in some QR codes it matters."""
    plain = "".join(character for character in clean_code(text) if not unicodedata.category(character).startswith("C"))
    prefix = _PREFIXES.match(plain)
    return (plain[prefix.end() :] if prefix else plain).strip()


class Repeats:
    """The same code within 300 ms counts once, whichever guns it came from. Times in milliseconds of one clock."""

    def __init__(self) -> None:
        self._ended_ms: dict[str, int] = {}

    def is_repeat(self, text: str, began_ms: int, ended_ms: int) -> bool:
        """Whether this scan is one that was counted already; it is remembered. In upper case: Caps Lock turns a gun's letters."""
        self._ended_ms = {code: at_ms for code, at_ms in self._ended_ms.items() if began_ms - at_ms <= REPEAT_MS}
        code = text.upper()
        before_ms = self._ended_ms.get(code)
        self._ended_ms[code] = max(ended_ms, before_ms) if before_ms is not None else ended_ms
        # A scan of another line may be told later than it was made: what came up to 300 ms after it is the same one too.
        return before_ms is not None and before_ms - ended_ms <= REPEAT_MS


# ---- a serial gun's line -----------------------------------------------------------------------------------------------------------------


class Ending(StrEnum):
    """What ends a scan. `ANY`: CR, LF or Tab, or else silence; `NONE`: silence only, a line end is part of the code."""

    ANY = "any"
    CR = "cr"
    LF = "lf"
    CRLF = "crlf"
    TAB = "tab"
    NONE = "none"


class Encoding(StrEnum):
    """What the bytes of a scan are. `ANY`: UTF-8 where they can be it, else GB 18030, of which GBK is a part."""

    ANY = "any"
    UTF8 = "utf-8"
    GBK = "gbk"


_ENDS = {
    Ending.ANY: b"\r\n\t",
    Ending.CR: b"\r",
    Ending.LF: b"\n",
    Ending.CRLF: b"\n",  # the CR before it is cleaned away with the other control characters
    Ending.TAB: b"\t",
    Ending.NONE: b"",
}


@dataclass(frozen=True, slots=True)
class GunLine:
    """How a serial gun is set. The defaults are what most leave the factory with."""

    baud_rate: int = 9_600
    data_bits: int = 8
    parity: str = "N"
    stop_bits: int = 1
    ending: Ending = Ending.ANY
    encoding: Encoding = Encoding.ANY
    quiet_ms: int = DEFAULT_QUIET_MS

    @classmethod
    def parse(cls, line: str, ending: str = Ending.ANY, encoding: str = Encoding.ANY, quiet_ms: int = DEFAULT_QUIET_MS) -> Self:
        """`line` as manuals have it: `9600-8N1`. Raises UserError(LINE_UNKNOWN)."""
        form = _LINE.fullmatch(line.strip().upper())
        known = form is not None and int(form[1]) in BAUD_RATES and ending in list(Ending) and encoding in list(Encoding)
        if form is None or not known or not LEAST_QUIET_MS <= quiet_ms <= MOST_QUIET_MS:
            said = " ".join(str(each) for each in (line, ending, encoding, quiet_ms))
            raise UserError(ScannerCode.LINE_UNKNOWN, line=said[:60])
        return cls(int(form[1]), int(form[2]), form[3], int(form[4]), Ending(ending), Encoding(encoding), quiet_ms)

    @property
    def named(self) -> str:
        """`9600-8N1`."""
        return f"{self.baud_rate}-{self.data_bits}{self.parity}{self.stop_bits}"


@dataclass(frozen=True, slots=True, repr=False)
class LineScan:
    """A scan, cleaned; monotonic milliseconds of its first byte and of its end."""

    text: str
    began_ms: int
    ended_ms: int


@dataclass(frozen=True, slots=True)
class WrongScan:
    """What came and is no scan: half of one, noise, too long or too short. The error says what it was and what is wanted."""

    error: UserError


class ScanFramer:
    """Bytes of one gun become scans. Of what is longer than any code only the length is kept."""

    def __init__(self, line: GunLine) -> None:
        self._line = line
        self._ends = _ENDS[line.ending]
        self._held = bytearray()
        self._length = 0
        self._began_ms = self._heard_ms = 0
        self._ended_well = 0

    @property
    def open(self) -> bool:
        """Something has come that is not ended: `tick` must be called when the line was silent."""
        return self._length > 0

    def feed(self, data: bytes, at_ms: int) -> Iterator[LineScan | WrongScan]:
        """Bytes that came together at this time. Time alone never parts them: they may have waited in the system's buffer."""
        for byte in data:
            if byte in self._ends:
                yield from self._end(at_ms, ended=True)
                continue
            if not self._length:
                self._began_ms = at_ms
            self._length += 1
            if self._length <= _LONGEST_BYTES:
                self._held.append(byte)
        self._heard_ms = at_ms

    def tick(self, now_ms: int) -> Iterator[LineScan | WrongScan]:
        """The line was silent up to now."""
        quiet_ms = max(self._line.quiet_ms, _HALF_MS) if self._owes_an_end else self._line.quiet_ms
        if self.open and now_ms - self._heard_ms >= quiet_ms:
            yield from self._end(self._heard_ms, ended=False)

    def cut(self) -> Iterator[LineScan | WrongScan]:
        """The line is gone: what was open is half a scan, whatever it looks like."""
        length, self._length, self._ended_well = self._length, 0, 0
        self._held.clear()
        if length > _GLITCH:
            yield WrongScan(UserError(ScannerCode.HALF, characters=length))

    def _end(self, at_ms: int, *, ended: bool) -> Iterator[LineScan | WrongScan]:
        raw, length = bytes(self._held), self._length
        self._held.clear()
        self._length = 0
        if not length:
            return  # the LF of a CR LF
        scan = self._judged(raw, length, at_ms, ended=ended)
        if scan is not None:
            yield scan

    def _judged(self, raw: bytes, length: int, at_ms: int, *, ended: bool) -> LineScan | WrongScan | None:
        if length > _LONGEST_BYTES:
            return WrongScan(UserError(ScannerCode.TOO_LONG, characters=length))
        plain = decoded(raw, self._line.encoding)
        text = clean_scan(plain) if plain is not None else ""
        if not text:
            return WrongScan(UserError(ScannerCode.NOISE, bytes=length, line=self._line.named)) if length > _GLITCH else None
        if self._is_half(ended=ended):
            return WrongScan(UserError(ScannerCode.HALF, characters=len(text)))
        if plain is not None and len(unicodedata.normalize("NFKC", plain)) > LONGEST_CODE:
            return WrongScan(UserError(ScannerCode.TOO_LONG, characters=len(plain)))
        if len(text) < SHORTEST_SCAN:
            return WrongScan(UserError(ScannerCode.TOO_SHORT, characters=len(text)))
        return LineScan(text, self._began_ms, at_ms)

    def _is_half(self, *, ended: bool) -> bool:
        """A line end is missing that this gun is set to send, or has sent after the last ones. Missed twice in a row, it sends none."""
        if ended:
            self._ended_well = min(self._ended_well + 1, _SURE)
            return False
        owed, self._ended_well = self._owes_an_end, 0
        return owed

    @property
    def _owes_an_end(self) -> bool:
        """Whether this gun is known to send a line end."""
        return self._ended_well == _SURE if self._line.ending is Ending.ANY else self._line.ending is not Ending.NONE


def decoded(raw: bytes, encoding: Encoding) -> str | None:
    """The text, or None where the bytes are none: a gun at another rate, a disturbed line."""
    tries = {Encoding.ANY: ("utf-8", "gb18030"), Encoding.UTF8: ("utf-8",), Encoding.GBK: ("gb18030",)}[encoding]
    if encoding is Encoding.ANY and _is_common_chinese(raw):
        tries = ("gb18030",)
    for one in tries:
        try:
            return raw.decode(one)
        except UnicodeDecodeError:
            continue
    return None


def _is_common_chinese(raw: bytes) -> bool:
    """All that is not ASCII is a common character of GB 2312 (rows 16 to 55). Some pairs of these are letters in UTF-8 too, which nobody
    prints on a parcel; Chinese in UTF-8 is never taken for it: its first bytes are 0xE3 and more."""
    at, pairs = 0, 0
    while at < len(raw):
        if raw[at] < 0x80:
            at += 1
            continue
        if at + 1 >= len(raw) or not (0xB0 <= raw[at] <= 0xD7 and raw[at + 1] >= 0xA1):
            return False
        pairs += 1
        at += 2
    return pairs > 0
