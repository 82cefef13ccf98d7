"""What happens to a station, its line and its gateway in one run: drawn from a seed, so that the seed repeats it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from support.proxy import Fault, Kind, Spot, Stage

STEPS = 8
DAY_MS = 86_400_000
WAYS = tuple(kind for kind in Kind if kind is not Kind.STALL)
SLOW_SHARE = 0.02  # of faults: a stalled answer costs the station's whole patience, a second
REQUEST_SPOTS = tuple(Spot)
ANSWER_SPOTS = (Spot.NOTHING, Spot.LINE, Spot.HEADERS, Spot.BODY, Spot.LAST_BYTE)


class Side(StrEnum):
    STATION = "station"
    GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class Synchronise:
    """Accept some parcels, then synchronise until the line has shown all of these faults, one a request."""

    accepted: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class KillAccepting:
    """kill -9 of the station, so long after it said of so many parcels that they are committed."""

    commits: int
    delay_ms: int


@dataclass(frozen=True, slots=True)
class KillSynchronising:
    """kill -9 of one side while a batch is at this stage, so long after it came there."""

    side: Side
    accepted: int
    stage: Stage
    delay_ms: int


@dataclass(frozen=True, slots=True)
class Restart:
    """An orderly end and a new beginning."""

    side: Side


@dataclass(frozen=True, slots=True)
class BackUp:
    """The gateway's folder is copied while it runs."""


@dataclass(frozen=True, slots=True)
class PutBack:
    """The gateway dies and comes back from one of the copies; `share`, 0 ≤ share < 1, says which. `whole`: all of its folder, with what
    it noted outside its database, so that an operator has to tell it; else the database alone, which the gateway notices itself."""

    accepted: int
    share: float
    whole: bool


@dataclass(frozen=True, slots=True)
class FullDisk:
    """The station's disk has only so many bytes left while it accepts parcels and synchronises."""

    accepted: int
    left: int


@dataclass(frozen=True, slots=True)
class SetClock:
    """The station's wall clock goes wrong by so much, or right again."""

    ahead_ms: int


@dataclass(frozen=True, slots=True)
class Carry:
    """Parcels are accepted, and a bundle goes to the gateway by stick. `times`: how often the gateway takes it in; `home`: how often the
    station takes the answers."""

    accepted: int
    times: int
    home: int


Step = Synchronise | KillAccepting | KillSynchronising | Restart | BackUp | PutBack | FullDisk | SetClock | Carry


@dataclass(frozen=True, slots=True)
class Schedule:
    """One run. `str` says the seed and the steps."""

    seed: int
    steps: tuple[Step, ...]

    @classmethod
    def of(cls, seed: int) -> Schedule:
        """Nothing but the seed decides."""
        draw = random.Random(seed)  # noqa: S311 - repeatable on purpose
        ways, weights = zip(*_DRAWN, strict=True)
        return cls(seed, tuple(way(draw) for way in draw.choices(ways, weights, k=STEPS)))

    def __str__(self) -> str:
        return "\n".join([f"schedule {self.seed}", *(f"  {number}. {step}" for number, step in enumerate(self.steps, start=1))])


def fault(draw: random.Random) -> Fault:
    """Any fault; cuts, which have the most places, as often as all others together."""
    if draw.random() < SLOW_SHARE:
        return Fault(Kind.STALL)
    kind = draw.choice((Kind.CUT_REQUEST, Kind.CUT_ANSWER)) if draw.random() < 0.5 else draw.choice(WAYS)
    spot = draw.choice(ANSWER_SPOTS if kind is Kind.CUT_ANSWER else REQUEST_SPOTS)
    return Fault(kind, spot, draw.random(), draw.random() < 0.3)


def _synchronise(draw: random.Random) -> Step:
    count = draw.choice((0, 1, 2, 2, 3, 4))
    return Synchronise(draw.randint(0, 4), tuple(fault(draw) if draw.random() < 0.8 else Fault() for _ in range(count)))


def _kill_accepting(draw: random.Random) -> Step:
    return KillAccepting(draw.randint(0, 3), draw.randint(0, 12))


def _kill_synchronising(draw: random.Random) -> Step:
    side = draw.choice(tuple(Side))
    stage = draw.choice(tuple(Stage)) if side is Side.STATION else draw.choice((Stage.SENT, Stage.SENT, Stage.ARRIVED, Stage.ANSWERED))
    return KillSynchronising(side, draw.randint(1, 4), stage, draw.randint(0, 12))


def _set_clock(draw: random.Random) -> Step:
    most = draw.choice((60_000, DAY_MS, 400 * DAY_MS))
    return SetClock(draw.choice((0, draw.randint(-most, most))))


_DRAWN: tuple[tuple[Callable[[random.Random], Step], int], ...] = (
    (_synchronise, 36),
    (_kill_accepting, 10),
    (_kill_synchronising, 20),
    (lambda draw: Restart(draw.choice(tuple(Side))), 6),
    (lambda _draw: BackUp(), 5),
    (lambda draw: PutBack(draw.randint(0, 2), draw.random(), draw.random() < 0.5), 4),
    (lambda draw: FullDisk(draw.randint(1, 3), draw.randint(0, 60_000)), 8),
    (_set_clock, 6),
    (lambda draw: Carry(draw.randint(1, 3), draw.randint(1, 2), draw.choice((0, 1, 1, 2))), 7),
)
