"""扫码枪 (keyboard wedge): tells a scanner's burst of keys from a person's typing. Pure: strokes with time stamps in, actions out.

A *run* is characters that follow each other within `gap_ms`. A run of six or more that ends with Enter, Tab or a pause is a scan; anything
shorter was typed, unless it and its Enter came faster than anyone types: then it is the scan of a short code, which says nothing here and
must not answer or confirm anything. Until that is known its strokes are held back, with one exception: where a key is an answer that can
be taken back it must act at once, so the first stroke passes after a checkpoint, and a scan goes back to the checkpoint before it is
delivered.

What a person does is never eaten and never reordered: strokes that were not a scan act later, in their order, and a key that falls into
the middle of a run (F12 while the scanner is sending) waits for the end of the run and acts then, so that it does not cut a code in two.

Two scanners at once on the keyboard give one mixed text, which is delivered as it is, to be refused as no waybill's; nothing tells whose
key is whose. The rest of the slower one, after the Enter of the faster one, is a scan of its own, however short, because nobody types
within `gap_ms` of a scanner's Enter: too short for a code it is said to be so. A second scanner belongs on a serial line.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from courier_check.devices.scans import SHORTEST_SCAN, clean_scan
from courier_check.parcel.text import LONGEST_CODE

__all__ = [
    "Action",
    "Checkpoint",
    "Composition",
    "Delivery",
    "Drop",
    "Garbled",
    "Hold",
    "Oversized",
    "Pass",
    "Replay",
    "Restore",
    "Scanned",
    "Stroke",
    "Unreadable",
    "Wedge",
    "passed",
]

DEFAULT_GAP_MS = 50  # scanners 5–50 ms between keys, people 60 ms and more
LEAST_GAP_MS = 35
MOST_GAP_MS = 150  # slow wireless scanners; beyond some 80 ms fast typists begin to look like scanners
SLACK_MS = 15
TYPIST_MS = 35  # two keys of a person may roll over faster, but not three of them, and not a key and its Enter
LONGEST_ROLL = 2

_STAMP_RANGE = 2**32  # the X server and Windows count milliseconds in 32 bits, which wrap after 49 days


@dataclass(frozen=True, slots=True)
class Stroke:
    """One key going down. `text`: what it types, empty for other keys; `serial`: whose it is, for the caller; `garbled`: an input method
    was at work just before and may have swallowed what came ahead of it."""

    at_ms: int
    text: str = ""
    serial: int = 0
    garbled: bool = False


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Remember the state: the key that passes next may turn out to be the first of a scan."""


@dataclass(frozen=True, slots=True)
class Pass:
    """The key acts now. Always the last action of an answer, and always the stroke just given."""

    stroke: Stroke


@dataclass(frozen=True, slots=True)
class Hold:
    """The key waits until it is known whose it is."""

    stroke: Stroke


@dataclass(frozen=True, slots=True)
class Replay:
    """Keys that waited act now, in this order."""

    strokes: tuple[Stroke, ...]


@dataclass(frozen=True, slots=True)
class Drop:
    """Keys that were part of a scan never act."""

    strokes: tuple[Stroke, ...]


@dataclass(frozen=True, slots=True)
class Restore:
    """Back to the checkpoint: the key that passed was the first of a scan."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """A scan, cleaned, with the stamps of its first and its last key."""

    text: str
    began_ms: int = field(default=0, compare=False)
    ended_ms: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Oversized:
    """A scan longer than any code; nothing of it is delivered."""

    characters: int


@dataclass(frozen=True, slots=True)
class Garbled:
    """A scan whose beginning an input method swallowed. What is left may look like another carrier's number, so nothing is delivered."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A scan too short for any code that is wanted here; nothing of it is delivered, and its Enter confirms nothing."""

    characters: int


Delivery = Scanned | Oversized | Garbled | Unreadable
Action = Checkpoint | Pass | Hold | Replay | Drop | Restore | Delivery


def passed(earlier: int, later: int) -> int:
    """Milliseconds from stamp to stamp. Going back in time counts as very long: stamps of different clocks never make a burst."""
    return (later - earlier) % _STAMP_RANGE


@dataclass(slots=True)
class _Run:
    """Strokes that may be a scan. `led`: the first has acted already; `follows`: a scan's terminator came within the gap before; `fast`:
    each came sooner after the one before than a person's."""

    first_ms: int
    last_ms: int
    led: bool
    follows: bool
    characters: int = 0
    garbled: bool = False
    fast: bool = True
    strokes: list[Stroke] = field(default_factory=list)

    def add(self, stroke: Stroke) -> None:
        self.fast = self.fast and passed(self.last_ms, stroke.at_ms) < TYPIST_MS
        self.last_ms = stroke.at_ms
        self.characters += len(stroke.text)
        self.garbled |= stroke.garbled
        self.strokes.append(stroke)

    @property
    def is_scan(self) -> bool:
        return self.characters >= SHORTEST_SCAN or self.follows

    @property
    def is_burst(self) -> bool:
        """Too fast for a person, whatever ends it."""
        return self.fast and self.characters > LONGEST_ROLL

    def is_ended(self, at_ms: int) -> bool:
        """Whether a terminator at this time makes it a scan, however short."""
        return self.is_scan or self.is_burst or (self.fast and passed(self.last_ms, at_ms) < TYPIST_MS)

    @property
    def is_full(self) -> bool:
        return self.characters > LONGEST_CODE

    @property
    def waiting(self) -> tuple[Stroke, ...]:
        return tuple(self.strokes[1:] if self.led else self.strokes)


class Wedge:
    """The state between two strokes. Time is what the strokes' stamps say, never when they arrived: after a stall of the window typing
    arrives all at once."""

    def __init__(self, gap_ms: int = DEFAULT_GAP_MS) -> None:
        if not LEAST_GAP_MS <= gap_ms <= MOST_GAP_MS:
            raise ValueError(f"gap of {gap_ms} ms is not within {LEAST_GAP_MS} to {MOST_GAP_MS}")
        self.gap_ms = gap_ms
        self._run: _Run | None = None
        self._terminated_ms: int | None = None  # when a scan's terminator came
        self._tail_ms: int | None = None  # last key of a scan whose line end may still have a second half (CR LF, Tab CR)
        self._burst: tuple[int, int] | None = None  # characters and end of a burst that had no terminator in time, so that it acted

    @property
    def pause_ms(self) -> int:
        """The pause after which a run is over although nothing follows."""
        return self.gap_ms + SLACK_MS

    @property
    def waiting(self) -> bool:
        """Strokes are open: `tick` must be called when the pause is over."""
        return self._run is not None

    def is_amid(self, at_ms: int) -> bool:
        """A stroke at this time would belong to an open run, or to the line end of a scan."""
        run, tail = self._run, self._tail_ms
        return (run is not None and passed(run.last_ms, at_ms) <= self.gap_ms) or (tail is not None and self._is_tail(at_ms))

    def character(self, stroke: Stroke, *, typing: bool) -> tuple[Action, ...]:
        """A key that types a character. `typing`: the focus takes text."""
        before = self._settle(stroke.at_ms)
        run = self._run
        if run is None:
            return (*before, *self._begin(stroke, typing=typing))
        if run.is_full:
            # Far beyond what anyone types: only the count goes on, memory does not.
            run.last_ms = stroke.at_ms
            run.characters += len(stroke.text)
            return (Drop((stroke,)),)
        run.add(stroke)
        return (Hold(stroke),)

    def terminator(self, stroke: Stroke) -> tuple[Action, ...]:
        """Enter or Tab. It ends a scan, or it is an ordinary key and acts at once."""
        before = self._settle(stroke.at_ms)
        run = self._run
        if run is not None and run.is_ended(stroke.at_ms):
            closing = self._close(stroke.at_ms, ended=True)
            self._terminated_ms = stroke.at_ms
            return (Drop((stroke,)), *closing)
        if run is not None:
            return (*self._close(stroke.at_ms), Pass(stroke))
        if self._is_tail(stroke.at_ms):
            self._terminated_ms = stroke.at_ms
            return (*before, Drop((stroke,)))
        burst, self._burst = self._burst, None
        if burst is not None and passed(burst[1], stroke.at_ms) <= 2 * self.pause_ms:
            return (*before, Drop((stroke,)), Unreadable(burst[0]))
        return (*before, Pass(stroke))

    def other(self, stroke: Stroke) -> tuple[Action, ...]:
        """Any other key: F-keys, Backspace, arrows, combinations. It waits for an open run and acts after it."""
        before = self._settle(stroke.at_ms)
        if self._run is None:
            self._tail_ms = self._burst = None
            return (*before, Pass(stroke))
        self._run.strokes.append(stroke)
        return (Hold(stroke),)

    def tick(self, now_ms: int) -> tuple[Action, ...]:
        """Time has passed with no key."""
        run = self._run
        if run is None or passed(run.last_ms, now_ms) < self.pause_ms:
            return ()
        return self._close(run.last_ms)

    def release(self) -> tuple[Action, ...]:
        """Something that can't wait is about to happen (a click, an input method): what was typed acts before it. A burst goes on."""
        if self._run is None or self._run.is_scan:
            return ()
        return self._close(self._run.last_ms)

    def end(self) -> tuple[Action, ...]:
        """No more strokes will come."""
        return () if self._run is None else self._close(self._run.last_ms)

    def _settle(self, at_ms: int) -> tuple[Action, ...]:
        """Close a run that was over before this stroke, however late the tick is."""
        run = self._run
        if run is None or passed(run.last_ms, at_ms) <= self.gap_ms:
            return ()
        return self._close(run.last_ms)

    def _is_tail(self, at_ms: int) -> bool:
        # Two pauses, 130 ms: late line ends of slow scanners, and still faster than a person answers what the scan has put on the screen.
        return self._tail_ms is not None and passed(self._tail_ms, at_ms) <= 2 * self.pause_ms

    def _begin(self, stroke: Stroke, *, typing: bool) -> tuple[Action, ...]:
        follows = self._terminated_ms is not None and passed(self._terminated_ms, stroke.at_ms) <= self.gap_ms
        self._terminated_ms = self._tail_ms = self._burst = None
        self._run = _Run(stroke.at_ms, stroke.at_ms, led=not typing and not follows, follows=follows)
        self._run.add(stroke)
        return (Checkpoint(), Pass(stroke)) if self._run.led else (Hold(stroke),)

    def _close(self, ended_ms: int, *, ended: bool = False) -> tuple[Action, ...]:
        """`ended`: by the terminator of a scan."""
        run, self._run = self._run, None
        if run is None:
            return ()
        if not (ended or run.is_scan):
            self._burst = (run.characters, ended_ms) if run.is_burst else None
            return (Replay(run.waiting),) if run.waiting else ()
        self._tail_ms = ended_ms
        keys = tuple(stroke for stroke in run.strokes if not stroke.text)
        delivery = self._delivery(run, ended_ms)
        return (
            Drop(tuple(stroke for stroke in run.waiting if stroke.text)),
            *((Restore(),) if run.led else ()),
            *((delivery,) if delivery is not None else ()),
            *((Replay(keys),) if keys else ()),
        )

    def _delivery(self, run: _Run, ended_ms: int) -> Delivery | None:
        """None for control characters alone: an EOT behind the line end, say."""
        if run.is_full:
            return Oversized(run.characters)
        if run.garbled:
            return Garbled()
        raw = "".join(stroke.text for stroke in run.strokes)
        plain = unicodedata.normalize("NFKC", raw)
        if len(plain) > LONGEST_CODE:
            return Oversized(len(plain))
        text = clean_scan(raw)
        if len(text) < SHORTEST_SCAN:
            return Unreadable(len(text)) if text else None
        return Scanned(text, run.first_ms, ended_ms)


class Composition:
    """A scan that goes into an input method: Latin letters and digits in the composition growing at a scanner's speed."""

    def __init__(self, gap_ms: int = DEFAULT_GAP_MS) -> None:
        self._gap_ms = gap_ms
        self._latin = 0
        self._burst = 0
        self._grown_ms = 0

    def preedit(self, text: str, at_ms: int) -> bool:
        """The composition is now `text`. True once in a burst: when its sixth character comes."""
        latin = sum(character.isascii() and character.isalnum() for character in unicodedata.normalize("NFKC", text))
        growth, self._latin = latin - self._latin, latin
        if growth <= 0:
            return False
        # However much comes at once, the first step has no speed yet.
        before = self._burst if passed(self._grown_ms, at_ms) <= self._gap_ms else 0
        self._burst = before + (growth if before else 1)
        self._grown_ms = at_ms
        return before < SHORTEST_SCAN <= self._burst
