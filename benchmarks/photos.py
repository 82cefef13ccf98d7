"""inspection, by photo: how well bad photos of parcels are told from good ones, documents in them found, and how large they are kept.

The photos are drawn for the run. The gate's limits were set on the even half of the set, which is drawn again here and only used to say
what limits it gives; every figure is of the odd half.
"""

from __future__ import annotations

import itertools
import math
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.bench import Bench
from benchmarks.figures import Goal, Measured, Peer
from courier_check.devices.codes import EvidenceCode
from courier_check.devices.evidence_photos import LARGEST_BYTES, evidence_photo
from courier_check.devices.ocr import RapidTextReader
from courier_check.devices.opencv import cv2
from courier_check.devices.photo_quality import PhotoFault, PhotoGate, PhotoQuality, photo_quality
from courier_check.devices.pictures import GivenPicture
from courier_check.devices.seen_documents import shows_document
from courier_check.errors import UserError
from tools.samples import cards, crowd, documents, parcels
from tools.samples.parcels import Spoilt

Picture = NDArray[np.uint8]

SEED = 20261126
A_KIND = (120, 16)
"""Good photos, and spoilt ones of every way: half of them for training."""
SEEN = (60, 8)
KEPT = (12, 4)
_FAULTS = {
    Spoilt.OUT_OF_FOCUS: PhotoFault.BLURRED,
    Spoilt.MOVED: PhotoFault.BLURRED,
    Spoilt.DARK: PhotoFault.DARK,
    Spoilt.WASHED_OUT: PhotoFault.CLIPPED,
}
_PEER = "variance of the Laplacian"


@dataclass(frozen=True, slots=True)
class Looked:
    """One photo: how it was spoilt, what was measured of it, and the peer's figure."""

    spoilt: Spoilt | None
    quality: PhotoQuality
    laplacian: float
    ms: float


def measure(bench: Bench) -> Iterator[Measured]:
    """Every figure of evidence photos."""
    yield from _gate(bench)
    ocr = RapidTextReader()
    yield from _documents(bench, ocr)
    yield from _kept(bench, ocr)


def made(count: int, spoilt: Spoilt | None, part: str) -> Iterator[Picture]:
    """Photos of parcels, every second one sealed."""
    for place in range(count):
        chance = random.Random(f"{SEED} {part} {spoilt} {place}")  # noqa: S311 - drawings, no secrets
        drawing = parcels.drawn(chance, sealed=place % 2 == 1)
        yield parcels.photographed(drawing, parcels.shot(chance, spoilt), f"{part} {spoilt} {place}")


def with_documents(count: int) -> Iterator[Picture]:
    """Photos of parcels on which a document lies, any way round and as small as 12 cm of a parcel's width leaves it."""
    held = [face for person in crowd.people(count, SEED) for face in (cards.front(person), cards.back(person))]
    if documents.OCR_B.exists():
        held += [face for one in documents.documents(max(1, count // 10), SEED) for face in one.faces]
    random.Random(SEED).shuffle(held)  # noqa: S311 - drawings, no secrets
    for place, card in enumerate(held[:count]):
        chance = random.Random(f"{SEED} card {place}")  # noqa: S311 - as above
        drawing = parcels.with_card(parcels.drawn(chance, sealed=place % 3 == 2), card, chance)
        yield parcels.photographed(drawing, parcels.shot(chance), f"card {place}")


def looked_at(count: int, part: str) -> list[Looked]:
    found = []
    for spoilt in (None, *Spoilt):
        for frame in made(count, spoilt, part):
            began = time.perf_counter()
            quality = photo_quality(frame)
            found.append(Looked(spoilt, quality, _laplacian(frame), (time.perf_counter() - began) * 1000))
    return found


def trained(looked: Sequence[Looked]) -> PhotoGate:
    """The limits midway between what nearly all good photos and nearly all spoilt ones of a way have."""
    good = [each.quality for each in looked if each.spoilt is None]
    blurred = [each.quality for each in looked if each.spoilt in (Spoilt.OUT_OF_FOCUS, Spoilt.MOVED)]
    dark = [each.quality for each in looked if each.spoilt is Spoilt.DARK]
    washed = [each.quality for each in looked if each.spoilt is Spoilt.WASHED_OUT]
    return PhotoGate(
        _between([each.sharpness for each in blurred], [each.sharpness for each in good]),
        _between([each.lit for each in dark], [each.lit for each in good]),
        _between([each.washed + 0.05 for each in good], [each.washed + 0.05 for each in washed]) - 0.05,
    )


def _between(low: Sequence[float], high: Sequence[float]) -> float:
    """The limit, of all midpoints, that leaves the fewest on the wrong side; of several, the middle one."""
    places = sorted({*low, *high})
    limits = [math.sqrt(max(one, 1e-3) * max(other, 1e-3)) for one, other in itertools.pairwise(places)]
    wrong = [sum(each >= limit for each in low) / len(low) + sum(each < limit for each in high) / len(high) for limit in limits]
    best = [limit for limit, errors in zip(limits, wrong, strict=True) if errors == min(wrong)]
    return best[len(best) // 2]


def _gate(bench: Bench) -> Iterator[Measured]:
    count = bench.size(*A_KIND) // 2
    own = trained(looked_at(count, "training"))
    gate = PhotoGate()
    print(f"limits that the training half gives: {own}; in use: {gate}", file=sys.stderr)
    looked = looked_at(count, "reported")
    good = [each for each in looked if each.spoilt is None]
    for name, kinds in (("blurred", (Spoilt.OUT_OF_FOCUS, Spoilt.MOVED)), ("dark", (Spoilt.DARK,)), ("clipped", (Spoilt.WASHED_OUT,))):
        bad = [each for each in looked if each.spoilt in kinds]
        yield _auc_of(bench, f"photo gate, AUC of good against {name}", good, bad)
    bad = [each for each in looked if each.spoilt is not None]
    yield _auc_of(bench, "photo gate, AUC of good against all", good, bad)
    turned_away = 100 * sum(bool(gate.faults(each.quality)) for each in good) / len(good)
    yield Measured(bench.named(f"photo gate, good photos turned away, of {len(good)}"), "%", [turned_away], Goal(5))
    passed = 100 * sum(not gate.faults(each.quality) for each in bad) / len(bad)
    yield Measured(bench.named(f"photo gate, spoilt photos let through, of {len(bad)}"), "%", [passed], Goal(5))
    named = [gate.faults(each.quality)[:1] == (_FAULTS[each.spoilt],) for each in bad if each.spoilt and gate.faults(each.quality)]
    yield Measured(bench.named("photo gate, right reason given"), "%", [100 * sum(named) / max(1, len(named))], Goal(95, at_least=True))
    yield Measured(bench.named("photo gate, one 1080p frame"), "ms", [each.ms for each in looked])


def _auc_of(bench: Bench, name: str, good: Sequence[Looked], bad: Sequence[Looked]) -> Measured:
    gate = PhotoGate()
    ours = auc([gate.margin(each.quality) for each in good], [gate.margin(each.quality) for each in bad])
    theirs = auc([each.laplacian for each in good], [each.laplacian for each in bad])
    return Measured(bench.named(name), "AUC", [ours], Goal(0.95, at_least=True), Peer(_PEER, [theirs]))


def _documents(bench: Bench, ocr: RapidTextReader) -> Iterator[Measured]:
    """Cards on parcels, and parcels alone."""
    count = bench.size(*SEEN)
    found = sum(shows_document(frame, ocr) for frame in with_documents(count))
    yield Measured(bench.named(f"documents lying on parcels, found, of {count}"), "%", [100 * found / count], Goal(95, at_least=True))
    times, wrong = [], 0
    for frame in made(count, None, "alone"):
        began = time.perf_counter()
        wrong += shows_document(frame, ocr)
        times.append((time.perf_counter() - began) * 1000)
    yield Measured(bench.named(f"parcels taken for documents, of {count}"), "%", [100 * wrong / count], Goal(2))
    yield Measured(bench.named("looking for documents in one photo"), "ms", times)


def _kept(bench: Bench, ocr: RapidTextReader) -> Iterator[Measured]:
    """From a camera's bytes, up to 48 megapixels, to what is kept; the peer writes the same picture once at quality 90."""
    sizes, plain, times = [], [], []
    for place, frame in enumerate(made(bench.size(*KEPT), None, "kept")):
        large = cv2.resize(frame, (8000, 6000)) if place % 4 == 3 else frame
        data = cv2.imencode(".jpg", large, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
        began = time.perf_counter()
        try:
            sizes.append(len(evidence_photo(GivenPicture("photo", data), ocr).data) / 1000)
        except UserError as refused:
            if refused.code is not EvidenceCode.DOCUMENT_SEEN:
                raise
            continue  # counted above
        times.append((time.perf_counter() - began) * 1000)
        plain.append(len(cv2.imencode(".jpg", large, [cv2.IMWRITE_JPEG_QUALITY, 90])[1]) / 1000)
    largest = Peer("JPEG at quality 90", [max(plain)])
    yield Measured(bench.named("largest photo kept"), "kB", [max(sizes)], Goal(LARGEST_BYTES / 1000), largest)
    yield Measured(bench.named("photo kept"), "kB", sizes, peer=Peer("JPEG at quality 90", plain))
    yield Measured(bench.named("from the camera's bytes to the photo kept"), "ms", times)


def auc(high: Sequence[float], low: Sequence[float]) -> float:
    """How often one of the first is above one of the second; a tie counts half."""
    pairs = [(one > other) + 0.5 * (one == other) for one in high for other in low]
    return sum(pairs) / len(pairs)


def _laplacian(frame: Picture) -> float:
    grey = cv2.cvtColor(cv2.resize(frame, None, fx=0.65, fy=0.65, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_64F).var())
