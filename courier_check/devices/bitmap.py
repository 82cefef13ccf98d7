"""A picture of black and white dots, as printers get it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from operator import or_

from courier_check.devices.codes import PrinterCode
from courier_check.errors import UserError

_MM_PER_INCH = Fraction(254, 10)
_SIDES_MM = range(15, 201)
_DPI = (203, 300, 305, 360, 600)


@dataclass(frozen=True, slots=True)
class Bitmap:
    """Dots in rows from the top, 8 a byte, the leftmost in the highest bit, 1 is black; what fills a row's last byte up is 0.

    `data` has `height` rows of `row_bytes`; ValueError where it has not, or where a filling bit is set.
    """

    width: int
    height: int
    data: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1 or len(self.data) != self.row_bytes * self.height:
            raise ValueError("the data is not of this size")
        filling = (1 << (self.row_bytes * 8 - self.width)) - 1
        if any(row[-1] & filling for row in self.rows()):
            raise ValueError("a filling bit is set")

    @property
    def row_bytes(self) -> int:
        return (self.width + 7) // 8

    def rows(self) -> Iterator[bytes]:
        for start in range(0, len(self.data), self.row_bytes):
            yield self.data[start : start + self.row_bytes]

    def bands(self, most_rows: int) -> Iterator[tuple[int, Bitmap]]:
        """The picture in stripes of at most so many rows, each with the row it begins at."""
        for top in range(0, self.height, most_rows):
            rows = min(most_rows, self.height - top)
            yield top, Bitmap(self.width, rows, self.data[top * self.row_bytes : (top + rows) * self.row_bytes])

    def ink(self) -> tuple[int, int, int, int] | None:
        """The black dots' bounds: left, top, right and bottom, the last two just beyond them. None where it is all white."""
        rows = [int.from_bytes(row, "big") for row in self.rows()]
        black = [number for number, row in enumerate(rows) if row]
        if not black:
            return None
        together, bits = reduce(or_, rows), self.row_bytes * 8
        return bits - together.bit_length(), black[0], bits - ((together & -together).bit_length() - 1), black[-1] + 1

    def inverted(self) -> bytes:
        """The data with 0 for black, filling bits 1 (white) too."""
        return bytes(byte ^ 0xFF for byte in self.data)


@dataclass(frozen=True, slots=True)
class LabelSize:
    """The paper of a label printer and how fine it prints. `gap_mm`: between two labels, 0 on a roll without."""

    width_mm: int = 60
    height_mm: int = 40
    dpi: int = 203
    gap_mm: int = 2

    @classmethod
    def parse(cls, size: str, dpi: int, gap_mm: int) -> LabelSize:
        """`60x40` in mm. UserError for what no label printer has."""
        sides = size.lower().replace("×", "x").split("x")
        if len(sides) != 2 or not all(side.isascii() and side.isdigit() and int(side[:4]) in _SIDES_MM for side in sides):
            raise UserError(PrinterCode.SIZE_ODD, size=size[:20], least=_SIDES_MM[0], most=_SIDES_MM[-1])
        if dpi not in _DPI:
            raise UserError(PrinterCode.DPI_ODD, dpi=dpi, known="、".join(map(str, _DPI)))
        return cls(int(sides[0]), int(sides[1]), dpi, gap_mm)

    def dots(self, mm: float) -> int:
        """How many dots lie on a length, rounded."""
        return round(Fraction(mm) * self.dpi / _MM_PER_INCH)

    @property
    def width(self) -> int:
        return self.dots(self.width_mm)

    @property
    def height(self) -> int:
        return self.dots(self.height_mm)
