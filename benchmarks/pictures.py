"""identity, by picture: how much of made-up documents is read right at five levels of bad pictures, how fast, and in how much memory.

The pictures are drawn for the run and never kept. The peer of the readings is what the same recognised lines give without our parsing: a
number by its form, a name and an address by their labels.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.bench import ROOT, Bench
from benchmarks.figures import Goal, Measured, Peer
from courier_check.desk.rules import shipped_references
from courier_check.devices.documents import DocumentReader
from courier_check.devices.ocr import RapidTextReader
from courier_check.devices.opencv import cv2
from courier_check.devices.pictures import GivenPicture
from courier_check.devices.quality import Gate, sharpness
from courier_check.errors import CourierCheckError
from courier_check.identity.lines import PrintedLine
from courier_check.identity.readings import Doubt
from courier_check.identity.resident import ResidentNumber
from tools.samples import cards, crowd, documents
from tools.samples.levels import LEVELS, taken
from tools.samples.truth import Person

Picture = NDArray[np.uint8]

SEED = 20261126
FRONTS_A_LEVEL, ZONED = (40, 3), (8, 1)
TIMED = (25, 5)
OUT_OF_FOCUS_PX = 3.0
_TODAY = date(2026, 11, 26)
_PLAIN = "rapidocr's lines without our parsing"
_MEMORY = """
import re, sys
from pathlib import Path
from courier_check.desk.rules import shipped_references
from courier_check.devices.documents import DocumentReader
from courier_check.devices.ocr import RapidTextReader
from courier_check.devices.pictures import GivenPicture
reader = DocumentReader(RapidTextReader(**eval(sys.argv[2])), shipped_references())
for _ in range(3):
    reader.read(GivenPicture("frame", Path(sys.argv[1]).read_bytes()))
print(int(re.search(r"VmHWM:[^0-9]*([0-9]+)", Path("/proc/self/status").read_text())[1]) / 1024)
"""


@dataclass
class Recorder:
    """A text reader that keeps the lines of its first reading of each picture: what the peer works on."""

    reader: RapidTextReader
    first: tuple[PrintedLine, ...] | None = None

    def read(self, picture: Picture) -> tuple[PrintedLine, ...]:
        lines = self.reader.read(picture)
        self.first = lines if self.first is None else self.first
        return lines


@dataclass
class Tally:
    """Readings counted: right ones of ours and the peer's by field and level, and the wrong ones that nobody was told of."""

    right: Counter[tuple[str, int]] = field(default_factory=Counter)
    plain: Counter[tuple[str, int]] = field(default_factory=Counter)
    read: Counter[int] = field(default_factory=Counter)
    wrong_numbers: int = 0
    plain_wrong_numbers: int = 0
    silent: int = 0

    def share(self, counted: Counter[tuple[str, int]], name: str, levels: range) -> float:
        return 100 * sum(counted[name, level] for level in levels) / max(1, sum(self.read[level] for level in levels))


def measure(bench: Bench) -> Iterator[Measured]:
    """Every figure of reading documents from pictures."""
    ocr = RapidTextReader()
    yield from _fronts(bench, ocr)
    yield from _zones(bench, ocr)
    yield from _times(bench, ocr)
    yield from _memory(bench)
    yield from _gate(bench)


def _fronts(bench: Bench, ocr: RapidTextReader) -> Iterator[Measured]:
    people = crowd.people(bench.size(*FRONTS_A_LEVEL) * len(LEVELS), SEED)
    tally = Tally()
    for place, person in enumerate(people):
        _count_front(tally, ocr, person.told(), place % len(LEVELS), taken_front(person, place % len(LEVELS)))
    for name, levels, limit in (("number", range(4), 99), ("name", range(3), 97), ("address", range(3), 90)):
        told = f"resident fronts, {name} exact, levels 0-{levels[-1]}"
        peer = Peer(_PLAIN, [tally.share(tally.plain, name, levels)])
        yield Measured(bench.named(told), "%", [tally.share(tally.right, name, levels)], Goal(limit, at_least=True), peer)
    for name in ("number", "name", "address"):
        for level in range(len(LEVELS)):
            one = range(level, level + 1)
            peer = Peer(_PLAIN, [tally.share(tally.plain, name, one)])
            yield Measured(
                bench.named(f"resident fronts, {name} exact, level {level}"), "%", [tally.share(tally.right, name, one)], peer=peer
            )
    wrong = Peer(_PLAIN, [tally.plain_wrong_numbers])
    yield Measured(bench.named("wrong numbers whose check digit holds, levels 0-4"), "fronts", [tally.wrong_numbers], Goal(0), wrong)
    yield Measured(bench.named("wrong name or number without a doubt, levels 0-4"), "fronts", [tally.silent])


def taken_front(person: Person, level: int) -> NDArray[np.uint8]:
    return taken(cards.front(person), LEVELS[level], f"{person.key} {level}")


def _count_front(tally: Tally, ocr: RapidTextReader, truth: dict[str, str], level: int, frame: Picture) -> None:
    recorder = Recorder(ocr)
    tally.read[level] += 1
    try:
        reading = DocumentReader(recorder, shipped_references(), lambda: _TODAY).read(_given(frame))
    except CourierCheckError:
        reading = None
    plain = plainly(recorder.first or ())
    for name in ("number", "name", "address"):
        tally.plain[name, level] += plain.get(name) == truth[name]
    tally.plain_wrong_numbers += _wrong_but_sound(plain.get("number"), truth["number"])
    if reading is None:
        return
    held = reading.document.to_mapping()
    doubted = {found.field.value for found in reading.doubts}
    for name in ("number", "name", "address"):
        tally.right[name, level] += held[name] == truth[name]
        tally.silent += name != "address" and held[name] != truth[name] and name not in doubted
    tally.wrong_numbers += _wrong_but_sound(held["number"], truth["number"])


def _wrong_but_sound(read: str | None, truth: str) -> bool:
    number = ResidentNumber.find(read or "")
    return read != truth and number is not None and number.check_holds


def plainly(lines: Sequence[PrintedLine]) -> dict[str, str]:
    """Number, name and address as the lines give them to whoever looks for nothing but a form and a label."""
    texts = ["".join(line.text.split()) for line in lines]
    found: dict[str, str] = {}
    for place, text in enumerate(texts):
        after = texts[place + 1 : place + 3]
        number = re.search(r"[0-9]{17}[0-9Xx]", text)
        if number:
            found.setdefault("number", number[0].upper())
        if text.startswith("姓名"):
            found.setdefault("name", text[2:] or "".join(after[:1]))
        if text.startswith("住址"):
            found.setdefault("address", text[2:] + "".join(after[:1]) if text[2:] else "".join(after))
    return found


def _given(frame: Picture) -> GivenPicture:
    return GivenPicture("frame", cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes())


def _zones(bench: Bench, ocr: RapidTextReader) -> Iterator[Measured]:
    """Passports and permits: the face with the zone."""
    if not documents.OCR_B.exists():
        print("fonts-ocr-b is not installed: no figures about machine-readable zones.", file=sys.stderr)
        return
    made = [one for one in documents.documents(bench.size(*ZONED), SEED) if one.zone]
    checked = silent = read = 0
    for place, document in enumerate(made):
        for level in range(3):
            frame = taken(document.faces[-1], LEVELS[level], f"zone {place} {level}")
            read += 1
            try:
                reading = DocumentReader(ocr, shipped_references(), lambda: _TODAY).read(_given(frame))
            except CourierCheckError:
                continue
            held = reading.document.to_mapping()
            doubted = {found.field.value for found in reading.doubts}
            spoilt = any(found.doubt is Doubt.CHECK_DIGIT for found in reading.doubts)
            wrong = [name for name in ("number", "born_on", "valid_until") if held[name] != document.told[name]]
            checked += not wrong and not spoilt
            silent += any(name not in doubted for name in wrong)
    yield Measured(
        bench.named("machine-readable zones, all check digits right, levels 0-2"), "%", [100 * checked / read], Goal(90, at_least=True)
    )
    yield Measured(bench.named("zones, wrong field under a check digit without a doubt"), "zones", [silent], Goal(0))


def _times(bench: Bench, ocr: RapidTextReader) -> Iterator[Measured]:
    """One frame of 1080p from its bytes to fields; the peer is RapidOCR as it comes, on the same frames."""
    people = crowd.people(bench.size(*TIMED), SEED + 1)
    reader = DocumentReader(ocr, shipped_references(), lambda: _TODAY)
    plain = RapidTextReader(side_px=None)
    ours, theirs = [], []
    for place, person in enumerate((people[0], *people)):  # the first warms both up and is not counted
        frame = taken_front(person, place % 3)
        given = _given(frame)
        began = time.perf_counter()
        reader.read(given)
        middle = time.perf_counter()
        plain.read(frame)
        ours.append((middle - began) * 1000)
        theirs.append((time.perf_counter() - middle) * 1000)
    yield Measured(
        bench.named("read a 1080p frame, two threads, median"), "ms", ours[1:], Goal(600), Peer("RapidOCR as it comes", theirs[1:])
    )


def _memory(bench: Bench) -> Iterator[Measured]:
    """The most that a process takes with OCR loaded and a frame read three times."""
    if not Path("/proc/self/status").exists():
        return  # the peak that getrusage tells is the parent's where that was larger
    frame = bench.folder / "frame.jpg"
    frame.write_bytes(_given(taken_front(crowd.people(1, SEED + 3)[0], 1)).data)
    used, plain = (_peak_mb(frame, given) for given in ("{}", "{'side_px': None}"))
    yield Measured(bench.named("memory with OCR loaded"), "MB", [used], Goal(450), Peer("RapidOCR as it comes", [plain]))


def _peak_mb(frame: Path, arguments: str) -> float:
    done = subprocess.run([sys.executable, "-c", _MEMORY, str(frame), arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)


def _gate(bench: Bench) -> Iterator[Measured]:
    """How well sharpness tells frames of levels 0-2 from such frames out of focus: the share of pairs ordered rightly.

    The peer is the plain variance of the Laplacian, which noise props up.
    """
    people = crowd.people(bench.size(30, 4), SEED + 2)
    levels = [LEVELS[place % 3] for place in range(len(people))]
    drawn = list(zip(people, levels, strict=True))
    frames = [taken(cards.front(person), level, f"gate {person.key}") for person, level in drawn]
    sharp = [sharpness(frame) for frame in frames]
    blurred = [taken(cards.front(person), replace(level, blur_px=level.blur_px + OUT_OF_FOCUS_PX), person.key) for person, level in drawn]
    soft = [sharpness(frame) for frame in blurred]
    peer = Peer("variance of the Laplacian", [_auc([_laplacian(frame) for frame in frames], [_laplacian(frame) for frame in blurred])])
    yield Measured(bench.named("quality gate, AUC of sharp against blurred"), "AUC", [_auc(sharp, soft)], Goal(0.95, at_least=True), peer)
    wrong = sum(1 for frame in frames if Gate().reasons(frame)) / len(frames)
    yield Measured(bench.named("quality gate, good frames turned away"), "%", [100 * wrong], Goal(5))


def _auc(high: Sequence[float], low: Sequence[float]) -> float:
    pairs = [(one > other) + 0.5 * (one == other) for one in high for other in low]
    return sum(pairs) / len(pairs)


def _laplacian(frame: Picture) -> float:
    grey = cv2.cvtColor(cv2.resize(frame, None, fx=0.65, fy=0.65, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_64F).var())
