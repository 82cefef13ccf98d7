"""labels: how many of drawn labels are read, condition by condition, and how many wrongly; what a live frame costs. zxing-cpp alone and
pyzbar alone read the same pictures in the same run. The pictures are drawn for the run and never kept.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from pyzbar import pyzbar

from benchmarks.bench import RUNS, Bench
from benchmarks.figures import Goal, Measured, Peer, percentile
from courier_check.devices.barcodes import decode_codes
from courier_check.devices.decoders import Engines
from courier_check.devices.live_codes import CodeWatch, FrameReader
from courier_check.devices.opencv import cv2
from courier_check.parcel.goods import gtin_check_digit
from tools.samples.coded import MODULE_PX, PHOTOGRAPH, Shot, label, photographed

Picture = NDArray[np.uint8]
T = TypeVar("T")

SEED = 60226
A_CONDITION, A_SYMBOLOGY, TRAPS = (9, 1), (15, 1), (30, 3)
LIVE_FRAMES = (60, 18)
READ, NO_WRONG, FRAME_MS = Goal(98, at_least=True), Goal(0), Goal(20)
FRAME_AGE_MS = 33

_AT = Shot(module_px=2.0, blur_px=0.6, lean=0.02)
CONDITIONS = {
    **{f"{px:g} px a module": replace(_AT, module_px=px) for px in (1.4, 1.6, 2.0, 3.0)},
    **{f"tilt {angle}°, 2 px": replace(_AT, tilt=angle) for angle in (15, 30, 45, 60, 90, 135)},
    **{f"gain {gain}, 2 px": replace(_AT, gain=gain, tilt=5) for gain in (0.5, 0.3, 0.2)},
    "gain 0.3, tilt 45°, 2 px": replace(_AT, gain=0.3, tilt=45),
    **{f"blur {blur} px, 2.5 px": replace(_AT, module_px=2.5, blur_px=blur, tilt=5) for blur in (1.0, 1.4)},
    **{f"glare of {size:g}, 2.5 px": replace(_AT, module_px=2.5, glare=size, tilt=5) for size in (0.3, 0.6)},
    "busy ground, 2.5 px": replace(_AT, module_px=2.5, tilt=20, busy=True),
}
ASKED = ("2 px a module", "3 px a module", "tilt 15°", "tilt 30°", "tilt 45°", "gain 0.5", "gain 0.3", "busy")
"""What the goal is about: 2 px a module and more, up to 45°, and a gain of 0.3 and more."""
PHOTOGRAPHED = {
    "Code128": (1.5, 3.0),
    "Code39": (1.5, 3.0),
    "ITF": (1.5, 3.0),
    "EAN13": (1.5, 3.0),
    "EAN8": (1.5, 3.0),
    "UPCA": (1.5, 3.0),
    "QRCode": (2.2, 5.0),
    "DataMatrix": (2.5, 6.0),
    "PDF417": (2.0, 3.2),
}
"""Pixels a module, from and to."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture, and what stands in it; a trap has nothing that can be read rightly."""

    text: str
    symbology: str
    picture: Picture = field(repr=False)


@dataclass
class Tally:
    """Pictures read right and wrong by each reader."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    pictures: int = 0

    def take(self, drawn: Drawn) -> None:
        truth = _plain(drawn.text)
        self.pictures += 1
        for reader, texts in _read(drawn.picture).items():
            self.right[reader] += truth in texts
            self.wrong[reader] += bool(texts - {truth})

    def share(self, reader: str) -> float:
        return 100 * self.right[reader] / self.pictures

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.right + other.right, self.wrong + other.wrong, self.pictures + other.pictures)


def measure(bench: Bench) -> Iterator[Measured]:
    """Labels as frames of 1080p, one condition after the other; photographs of every symbology; traps; live frames."""
    cv2.setNumThreads(1)
    looked_at = {name: shot for name, shot in CONDITIONS.items() if name.startswith(ASKED) or not bench.quick}
    told = {name: _tally(_frames(name, shot, bench.size(*A_CONDITION))) for name, shot in looked_at.items()}
    asked = _sum([tally for name, tally in told.items() if name.startswith(ASKED)])
    yield from _shares(bench, f"Code 128 at ≥ 2 px, ≤ 45°, gain ≥ 0.3, {asked.pictures} frames of 1080p", asked, READ)
    for name, tally in told.items():
        yield from _shares(bench, f"Code 128, {name}", tally)
    for symbology in PHOTOGRAPHED:
        tally = told[symbology] = _tally(_photographs(symbology, bench.size(*A_SYMBOLOGY)))
        yield from _shares(bench, f"{symbology}, photographs", tally)
    traps = told["traps"] = _tally(_traps(bench.size(*TRAPS)))
    every = _sum(list(told.values()))
    yield _counted(bench, f"wrong reads of {traps.pictures} codes cut off or none at all", traps)
    yield _counted(bench, f"wrong reads, all {every.pictures} pictures", every, NO_WRONG)
    yield from _live(bench)


def _sum(tallies: list[Tally]) -> Tally:
    whole = Tally()
    for tally in tallies:
        whole = whole + tally
    return whole


def _tally(drawings: Iterator[Drawn]) -> Tally:
    tally = Tally()
    for drawn in drawings:
        tally.take(drawn)
    return tally


def _shares(bench: Bench, name: str, tally: Tally, goal: Goal | None = None) -> Iterator[Measured]:
    """The share read, beside each peer's: the goal is told once."""
    yield Measured(bench.named(name), "%", [tally.share("ours")], goal, Peer("zxing-cpp alone", [tally.share("zxing-cpp")]))
    yield Measured(bench.named(name), "%", [tally.share("ours")], peer=Peer("pyzbar alone", [tally.share("pyzbar")]))


def _counted(bench: Bench, name: str, tally: Tally, goal: Goal | None = None) -> Measured:
    peers = f"zxing-cpp alone (pyzbar alone: {tally.wrong['pyzbar']})"
    return Measured(bench.named(name), "reads", [tally.wrong["ours"]], goal, Peer(peers, [tally.wrong["zxing-cpp"]]))


def _read(picture: Picture) -> dict[str, set[str]]:
    by_zxing = {_plain(code.text) for code in zxingcpp.read_barcodes(picture, text_mode=zxingcpp.TextMode.Plain)}
    by_pyzbar = {_plain(code.data.decode("utf-8", "replace")) for code in pyzbar.decode(picture[:, :, 1].copy())}
    ours = {_plain(code.text) for code in decode_codes(picture)}
    return {"ours": ours, "zxing-cpp": by_zxing, "pyzbar": by_pyzbar - {""}}


def _plain(text: str) -> str:
    """The same goods number has 12 digits for one reader and 13 for another."""
    return text.lstrip("0") if text.isdigit() else text


# ---- pictures -----------------------------------------------------------------------------------------------------


def _frames(name: str, shot: Shot, count: int) -> Iterator[Drawn]:
    for number in range(count):
        chance = random.Random(f"{SEED}-{name}-{number}")  # noqa: S311 - the same in every run
        text, seed = _text("Code128", chance), chance.randrange(1 << 30)
        yield Drawn(text, "Code128", photographed(label(text, "Code128", seed), shot, seed))


def _photographs(symbology: str, count: int) -> Iterator[Drawn]:
    """As people photograph codes: turned by quarters, from aside, on bottles, pale, soft, shaken, light on dark, among things."""
    for number in range(count):
        chance = random.Random(f"{SEED}-{symbology}-{number}")  # noqa: S311 - the same in every run
        text, seed = _text(symbology, chance), chance.randrange(1 << 30)
        drawing = label(text, symbology, seed)
        shot = Shot(
            size=PHOTOGRAPH,
            module_px=chance.uniform(*PHOTOGRAPHED[symbology]),
            tilt=chance.choice([0, 90, 180, 270]) + chance.uniform(-8, 8),
            lean=chance.uniform(0, 0.15),
            bend=chance.choice([0, 0, 0, chance.uniform(0.3, 1.4)]),
            blur_px=chance.uniform(0.4, 1.2),
            motion_px=chance.choice([0, 0, 0, chance.uniform(1, 3)]),
            noise=chance.uniform(1, 8),
            gain=chance.choice([1, 1, 0.7, 0.4]),
            contrast=chance.choice([0.9, 0.9, 0.6, 0.4]),
            inverted=chance.random() < 0.1,
            busy=chance.random() < 0.5,
            jpeg=chance.choice([90, 75, 55]),
        )
        most = 0.95 * min(PHOTOGRAPH) / max(drawing.size) * MODULE_PX
        yield Drawn(text, symbology, photographed(drawing, replace(shot, module_px=min(shot.module_px, most)), seed))


def _traps(count: int) -> Iterator[Drawn]:
    """In turn: an ITF code that the edge of the picture cuts, one that the light hides a part of, and ribs and print without a code."""
    for number in range(count):
        chance = random.Random(f"{SEED}-trap-{number}")  # noqa: S311 - the same in every run
        text, seed = _text("ITF", chance), chance.randrange(1 << 30)
        shot = Shot(size=PHOTOGRAPH, module_px=min(2.4, 560 / (len(text) * 9 + 60)), blur_px=0.5, busy=True)
        match number % 3:
            case 0:
                yield Drawn(text, "ITF", photographed(label(text, "ITF", seed), replace(shot, cut=chance.uniform(0.25, 0.6)), seed))
            case 1:
                yield Drawn(text, "ITF", photographed(label(text, "ITF", seed), replace(shot, glare=chance.uniform(0.3, 0.9)), seed))
            case _:
                yield Drawn("", "", photographed(label("0", "QRCode", seed).crop((0, 0, 60, 20)), shot, seed))


def _text(symbology: str, chance: random.Random) -> str:
    match symbology:
        case "Code128":
            head, count = chance.choice([("SF1", 12), ("YT", 13), ("JDVA", 11), ("JT", 13), ("7", 14), ("43", 13)])
            return head + _digits(count, chance)
        case "Code39":
            return chance.choice([f"EA{_digits(9, chance)}CN", f"AB-{_digits(6, chance)}", f"ITEM {_digits(5, chance)}"])
        case "ITF":
            count = chance.choice([6, 8, 10, 12, 14, 14, 16, 20, 24, 30])
            return _goods(count, chance) if count == 14 else _digits(count, chance)
        case "EAN13" | "EAN8" | "UPCA":
            return _goods({"EAN13": 13, "EAN8": 8, "UPCA": 12}[symbology], chance)
        case "PDF417":
            return f"SF1{_digits(12, chance)}|样本|{_digits(8, chance)}"
        case _:
            return chance.choice([f"SF1{_digits(12, chance)}", f"https://e.example/{_digits(14, chance)}", f"样本 {_digits(10, chance)}"])


def _digits(count: int, chance: random.Random) -> str:
    return "".join(chance.choice("0123456789") for _ in range(count))


def _goods(count: int, chance: random.Random) -> str:
    body = chance.choice("1234569") + _digits(count - 2, chance)
    return body + str(gtin_check_digit(body))


# ---- live frames --------------------------------------------------------------------------------------------------


def _live(bench: Bench) -> Iterator[Measured]:
    """Every frame of a label held under the camera, each a little elsewhere, through the reader of live frames: time of its thread only."""
    count = bench.size(*LIVE_FRAMES)
    runs, alone, needed = [], [], []
    for run in range(RUNS):
        text = f"SF1{run:012d}"
        shot = replace(_AT, tilt=20.0 * run, module_px=2.5, busy=run == 1)
        frames = [photographed(label(text, "Code128", run), shot, SEED + run * 100 + each) for each in range(6)]
        times, first = _watched(frames, text, count)
        runs.append(times)
        needed += first
        alone.append(percentile([_timed(lambda: zxingcpp.read_barcodes(frame))[1] for frame in frames], 0.5))  # noqa: B023 - called at once
    peer = Peer("zxing-cpp alone, all it can, p50", alone)
    yield Measured(bench.named("live frame of 1080p, thread time, p50"), "ms", [percentile(run, 0.5) for run in runs], FRAME_MS, peer)
    yield Measured(bench.named("live frame of 1080p, thread time, p95"), "ms", [percentile(run, 0.95) for run in runs], FRAME_MS, peer)
    if needed:
        yield Measured(bench.named("frames until a waybill counts, tilt 0°, 20°, 40°"), "frames", needed)


def _watched(frames: list[Picture], text: str, count: int) -> tuple[list[float], list[int]]:
    """Thread time of each frame, and the number of the frame at which the text counted first, if it did."""
    reader, watch = FrameReader(Engines.loaded()), CodeWatch()
    reader.read(frames[0])  # cv2 sets itself up
    times: list[float] = []
    first: list[int] = []
    for number in range(count):
        frame = frames[number % len(frames)]
        reads, ms = _timed(lambda: reader.read(frame))  # noqa: B023 - called at once
        times.append(ms)
        seen = watch.frame(reads, (frame.shape[1], frame.shape[0]), number * FRAME_AGE_MS)
        if not first and any(code.text == text for code in seen):
            first.append(number + 1)
    return times, first


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    began = time.thread_time()
    done = work()
    return done, (time.thread_time() - began) * 1000
