"""Serial guns on pseudo-terminals and what their threads told."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from courier_check.clock import SystemClock
from courier_check.devices.scans import GunLine, LineScan, WrongScan
from courier_check.devices.serial_scanner import Gun, GunFound, GunGone, GunTold, SerialScanner
from support.processes import eventually


class Heard:
    """What a gun's thread told, in order."""

    def __init__(self) -> None:
        self.told: list[GunTold] = []

    def __call__(self, told: GunTold) -> None:
        self.told.append(told)

    @property
    def texts(self) -> list[str]:
        return [told.text for told in self.told if isinstance(told, LineScan)]

    @property
    def codes(self) -> list[str]:
        """What went wrong: with scans and with the gun."""
        return [told.error.code.value for told in self.told if isinstance(told, WrongScan | GunGone)]

    def wait_for_found(self, times: int = 1) -> GunFound:
        found = eventually(lambda: [told for told in self.told if isinstance(told, GunFound)][times - 1 : times])
        return found[0]

    def wait_for_code(self, code: str, times: int = 1) -> None:
        eventually(lambda: self.codes.count(code) >= times)

    def wait_for_texts(self, number: int) -> list[str]:
        eventually(lambda: len(self.texts) >= number)
        return self.texts


@contextlib.contextmanager
def listening(port: Path, line: GunLine | None = None, retry_ms: int = 50) -> Iterator[Heard]:
    heard = Heard()
    scanner = SerialScanner(Gun(str(port), line or GunLine()), SystemClock(), heard, retry_ms=retry_ms)
    scanner.open()
    try:
        yield heard
    finally:
        scanner.close()
