"""Printed lines as text recognition gives them, and their geometry: turning a page upright, rows from top to bottom."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, repr=False)
class PrintedLine:
    """One recognised line. `score`: 0–1 as the recogniser rates it; `box`: four corners in reading order, y downwards."""

    text: str
    score: float
    box: tuple[Point, ...]

    @property
    def left(self) -> float:
        return min(x for x, _ in self.box)

    @property
    def right(self) -> float:
        return max(x for x, _ in self.box)

    @property
    def top(self) -> float:
        return min(y for _, y in self.box)

    @property
    def bottom(self) -> float:
        return max(y for _, y in self.box)

    @property
    def middle(self) -> Point:
        return sum(x for x, _ in self.box) / len(self.box), sum(y for _, y in self.box) / len(self.box)

    @property
    def axis(self) -> Point:
        """The vector along the longer side: the way the text runs, give or take 180°."""
        first, second, third = self.box[0], self.box[1], self.box[2]
        across, down = (second[0] - first[0], second[1] - first[1]), (third[0] - second[0], third[1] - second[1])
        return across if math.hypot(*across) >= math.hypot(*down) else down

    @property
    def height(self) -> float:
        """The shorter side: about one character."""
        first, second, third = self.box[0], self.box[1], self.box[2]
        return min(math.dist(first, second), math.dist(second, third))

    def __repr__(self) -> str:  # recognised text is personal data
        return f"PrintedLine({len(self.text)} characters, {self.score:.2f})"


Row = tuple[PrintedLine, ...]


def levelled(lines: Sequence[PrintedLine]) -> tuple[PrintedLine, ...]:
    """Turned so that the lines run level; which of the two level ways is up stays open."""
    return turned(lines, -slant(lines))


def slant(lines: Sequence[PrintedLine]) -> float:
    """The angle in radians at which most text runs, give or take 180°. Long lines count most."""
    double_sine = double_cosine = 0.0
    for line in lines:
        x, y = line.axis
        angle, weight = math.atan2(y, x), math.hypot(x, y) ** 2
        double_sine += weight * math.sin(2 * angle)
        double_cosine += weight * math.cos(2 * angle)
    return 0.5 * math.atan2(double_sine, double_cosine)


def turned(lines: Iterable[PrintedLine], angle: float) -> tuple[PrintedLine, ...]:
    """Every box turned by `angle` radians about the origin."""
    return tuple(replace(line, box=turned_points(line.box, angle)) for line in lines)


def turned_points(points: Iterable[Point], angle: float) -> tuple[Point, ...]:
    """Points turned by `angle` radians about the origin."""
    cosine, sine = math.cos(angle), math.sin(angle)
    return tuple((x * cosine - y * sine, x * sine + y * cosine) for x, y in points)


def hull_box(lines: Sequence[PrintedLine], angle: float, margin: float) -> tuple[Point, ...]:
    """The corners of the box around level lines, wider by `margin` line heights, turned back by the `angle` they were turned by."""
    space = margin * max((line.height for line in lines), default=0.0)
    left, right = min(line.left for line in lines) - space, max(line.right for line in lines) + space
    top, bottom = min(line.top for line in lines) - space, max(line.bottom for line in lines) + space
    return turned_points(((left, top), (right, top), (right, bottom), (left, bottom)), -angle)


def rows(lines: Iterable[PrintedLine]) -> tuple[Row, ...]:
    """Level lines that stand side by side, top to bottom, each from left to right."""
    found: list[list[PrintedLine]] = []
    for line in sorted(lines, key=lambda line: line.middle[1]):
        last = found[-1][-1] if found else None
        if last is not None and line.middle[1] - last.middle[1] < 0.5 * max(line.height, last.height):
            found[-1].append(line)
        else:
            found.append([line])
    return tuple(tuple(sorted(row, key=lambda line: line.left)) for row in found)
