"""What reads of one still are worth: a code is given where its symbology or the agreement of reads vouches for it (measured in the vision
notes: every engine misreads, check digits let some misreads through, and ITF and Code 39 have none)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from courier_check.devices.decoders import BARELY_CHECKED, CHECKED, LINEAR, UNCHECKED, Engine, Quad, Read
from courier_check.parcel.goods import read_gtin

_GOODS = frozenset({"EAN13", "UPCA", "UPCE"})
"""Engines call the same number now one, now the other."""
FIRST_VIEW = "full"
_VOTES, _VOTES_OF_PYZBAR = 2, 3
"""pyzbar's misreads pass check digits and may come twice; where one more view is asked, the right reading comes up too and outdoes them."""
_STEADY_LINES = (8, 24)
"""Of pyzbar: misreads come on a line or two, what it reads on so many more weighs one and two votes more (measured on drawn labels)."""
_NEAR_PX = 12.0
"""Engines report bars with different edges."""
_QUIET_MODULES = 4.5
"""What must lie between the ends of an ITF code and the picture's edge. No space within the code is as wide, so that a code the edge cuts
off has not so much left there; nothing else tells it from a shorter one."""
_SHORTEST_ITF = 6


@dataclass(frozen=True, slots=True)
class Code:
    """One code in a picture. `symbology` in zxing-cpp's names; `position`: its corners in the picture's pixels.

    `confirmed`: reads agree (two passes, two engines or two printed copies), or the symbology corrects its own errors. ITF is confirmed
    only as a carton's number with a sound check digit: what covers a part of it leaves a shorter number.
    """

    text: str
    symbology: str
    position: Quad
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class _Same:
    """All reads of one text of one kind of symbology, the first one first."""

    reads: tuple[Read, ...]

    @property
    def first(self) -> Read:
        return self.reads[0]

    @property
    def by_zxing(self) -> bool:
        return any(read.engine is Engine.ZXING for read in self.reads)

    @property
    def votes(self) -> int:
        """Views and engines that say so; of a view whose rows were averaged both engines see the same mistakes, and count once. A second
        printed copy in the same view counts too."""
        ways = {(read.view, "" if read.derived else read.engine) for read in self.reads}
        plain = [read for read in self.reads if not read.derived]
        steady = max((read.lines for read in plain if read.engine is Engine.ZBAR), default=0)
        extra = sum(steady >= least for least in _STEADY_LINES) if self.first.symbology not in UNCHECKED else 0
        copied = any(not near(plain[0].position, other.position) for other in plain[1:])
        return max(len(ways) + extra, 2 if copied else 1)

    def code(self, *, confirmed: bool) -> Code:
        named = next((read for read in self.reads if read.engine is Engine.ZXING), self.first)
        return Code(named.text, named.symbology, named.position, confirmed)


def agreed(reads: Sequence[Read], size: tuple[int, int]) -> tuple[Code, ...]:
    """The codes that reads of a picture of `size` (width, height) vouch for, top to bottom, each symbology and text once."""
    judged = [(same, code) for same in _sorted_out(reads, size) if (code := _judged(same)) is not None]
    kept = [code for same, code in judged if not any(_outdoes(other, same) for other, _ in judged if other is not same)]
    return tuple(sorted(kept, key=lambda code: (min(y for _, y in code.position), min(x for x, _ in code.position), code.text)))


def unsettled(reads: Sequence[Read], size: tuple[int, int]) -> bool:
    """Whether more passes could tell more: nothing given yet, a linear code that is not confirmed, or a read that is held back."""
    codes = agreed(reads, size)
    if not codes:
        return True
    open_ = [read for read in reads if read.symbology in LINEAR and not any(near(read.position, code.position) for code in codes)]
    return bool(open_) or any(code.symbology in LINEAR and not code.confirmed and code.symbology != "ITF" for code in codes)


def _sorted_out(reads: Iterable[Read], size: tuple[int, int]) -> Iterator[_Same]:
    same: dict[tuple[str, str], list[Read]] = {}
    for read in reads:
        if not is_cut_off(read, size):
            kind = "EAN" if read.symbology in _GOODS else read.symbology
            same.setdefault((kind, read.text), []).append(read)
    return (_Same(tuple(each)) for each in same.values())


def _judged(same: _Same) -> Code | None:
    """The code, or None where nothing vouches for it."""
    symbology, twice = same.first.symbology, same.votes >= (_VOTES if same.by_zxing else _VOTES_OF_PYZBAR)
    plain = any(read.engine is Engine.ZXING and not read.derived for read in same.reads)
    if symbology == "PDF417":  # may carry as little as two words to correct errors with, and noise made clearer gets past them
        return same.code(confirmed=twice) if twice or any(read.view == FIRST_VIEW for read in same.reads) else None
    if symbology not in LINEAR:
        # pyzbar guesses how texts beyond ASCII are encoded, and guesses wrong
        return same.code(confirmed=True) if same.by_zxing or same.first.text.isascii() else None
    if symbology in CHECKED:
        return same.code(confirmed=twice) if plain or (twice and (same.by_zxing or same.first.text.isascii())) else None
    if symbology in BARELY_CHECKED:
        return same.code(confirmed=True) if twice else None
    assert symbology in UNCHECKED  # noqa: S101 - there are no others
    if not twice or not same.by_zxing:
        return None
    gtin = read_gtin(same.first.text)
    carton = gtin is not None and gtin.valid and len(gtin.digits) == 14
    return same.code(confirmed=symbology != "ITF" or carton)


def _outdoes(other: _Same, same: _Same) -> bool:
    """Whether another text at the same place is the better reading. Where neither is, neither counts."""
    if not any(near(mine.position, theirs.position) for mine in same.reads for theirs in other.reads):
        return False
    if (same.first.symbology in LINEAR) != (other.first.symbology in LINEAR):
        return False
    if same.first.symbology == other.first.symbology == "ITF" and len(same.first.text) != len(other.first.text):
        return len(same.first.text) < len(other.first.text)
    return (other.by_zxing, other.votes) >= (same.by_zxing, same.votes)


# ---- places -----------------------------------------------------------------------------------------------------


def near(one: Quad, other: Quad) -> bool:
    """Whether the middle of one lies within the other, or nearly."""
    return away(middle(one), other) <= _NEAR_PX or away(middle(other), one) <= _NEAR_PX


def middle(position: Quad) -> tuple[float, float]:
    return sum(x for x, _ in position) / 4, sum(y for _, y in position) / 4


def away(point: tuple[float, float], position: Quad) -> float:
    """How far a point is from a convex outline, 0 within it."""
    sides = list(zip(position, (*position[1:], position[0]), strict=True))
    turns = [(bx - ax) * (point[1] - ay) - (by - ay) * (point[0] - ax) for (ax, ay), (bx, by) in sides]
    if any(turns) and (all(turn >= 0 for turn in turns) or all(turn <= 0 for turn in turns)):
        return 0.0
    return min(_from_side(point, a, b) for a, b in sides)


def _from_side(point: tuple[float, float], a: tuple[int, int], b: tuple[int, int]) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    share = min(1.0, max(0.0, ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / length)) if length else 0.0
    return math.hypot(point[0] - a[0] - share * dx, point[1] - a[1] - share * dy)


def is_cut_off(read: Read, size: tuple[int, int]) -> bool:
    """Whether the edge of a picture of `size` may have cut a code without end marks or check digit. Of pyzbar's reads the direction is not
    known; they are taken only beside one of zxing's."""
    if read.symbology != "ITF" or read.engine is not Engine.ZXING:
        return False
    if len(read.text) < _SHORTEST_ITF:
        return True
    a, b, c, d = read.position
    begin, end = ((a[0] + d[0]) / 2, (a[1] + d[1]) / 2), ((b[0] + c[0]) / 2, (b[1] + c[1]) / 2)
    beyond = _QUIET_MODULES / (8 * len(read.text) + 8)  # a digit has 7 to 9 modules, as wide bars are of two or three; begin and end have 8
    return any(
        not 0 <= here[axis] + (here[axis] - there[axis]) * beyond <= size[axis] - 1
        for here, there in ((begin, end), (end, begin))
        for axis in (0, 1)
    )
