"""A card reader on the line to a simulated one, what it told, and made-up cards."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from courier_check.clock import SystemClock
from courier_check.devices.card_reader import CardReader, Timing, Told
from courier_check.devices.serial_ports import port_finder
from courier_check.devices.simulated_cards import SimulatedCard
from courier_check.devices.simulated_reader import SimulatedReader
from support.processes import eventually

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "id_card_blocks.json").read_text(encoding="utf-8"))
BLOCKS = {name: bytes.fromhex(block["hex"]) for name, block in VECTORS["blocks"].items()}
READ_FRAME = bytes.fromhex(VECTORS["read_frame"]["hex"])
QUICK = Timing(poll_ms=20, read_ms=2_000, answer_ms=1_000, quiet_ms=200, probe_ms=400, retry_ms=50)
"""Long enough for a busy machine, short enough for tests."""


class Heard:
    """What a reader told, in order."""

    def __init__(self) -> None:
        self.told: list[Told] = []

    def __call__(self, told: Told) -> None:
        self.told.append(told)

    def of(self, kind: type) -> list[Told]:
        return [told for told in self.told if isinstance(told, kind)]

    def wait_for(self, kind: type, times: int = 1) -> Told:
        """The so-many-th of this kind, as soon as it is told."""
        return eventually(lambda: len(self.of(kind)) >= times and self.of(kind)[times - 1])

    @property
    def kinds(self) -> list[str]:
        return [type(told).__name__ for told in self.told]


@contextlib.contextmanager
def watching(port: Path, timing: Timing = QUICK) -> Iterator[Heard]:
    heard = Heard()
    reader = CardReader(port_finder(str(port)), SystemClock(), heard, timing=timing)
    reader.open()
    try:
        yield heard
    finally:
        reader.close()


@contextlib.contextmanager
def plugged_in(folder: Path, **options: object) -> Iterator[SimulatedReader]:
    with SimulatedReader(folder / "reader", **{"paced": False, **options}) as simulated:
        yield simulated


def card(**changes: str) -> bytes:
    """A resident's card of somebody made up."""
    person = {
        "name": "王思远",
        "sex": "男",
        "nation": "01",
        "born_on": "1990-03-07",
        "address": "样例市样例路1号",
        "number": "41010519900307123X",
        "issuer": "样例市公安局",
        "valid_from": "2020-01-01",
        "valid_until": "2040-01-01",
    }
    return SimulatedCard(**{**person, **changes}).text()
