"""串口扫码枪 for the window: each listens on its own thread; what they tell arrives here, on the UI thread. Guns that type need nothing of
this (`ui/keyboard.py`)."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from courier_check.clock import Clock
from courier_check.devices.scans import GunLine, LineScan, WrongScan
from courier_check.devices.serial_scanner import RETRY_MS, Gun, GunFound, GunGone, GunTold, SerialScanner
from courier_check.errors import CourierCheckError, StoreError, UserError
from courier_check.store.machine import scanners
from courier_check.wording import Wording
from ui.shown import StatusShown


class GunWord(StrEnum):
    GONE = "window-scanners-gone"
    BACK = "window-scanner-back"


class Guns(QObject):
    """`scanned`: a `LineScan`; `told`: a sentence for the clerk, and whether something is wrong; `changed`: others are gone than before.

    `unusable`: settings that make no gun, told when the others are opened.
    """

    scanned = Signal(object)
    told = Signal(str, bool)
    changed = Signal()
    _heard = Signal(str, object)

    def __init__(
        self,
        guns: Sequence[Gun],
        clock: Clock,
        wording: Wording,
        *,
        unusable: Sequence[CourierCheckError] = (),
        retry_ms: int = RETRY_MS,
    ) -> None:
        super().__init__()
        self._wording = wording
        self._unusable = unusable
        self._gone: set[str] = set()
        self._heard.connect(self._take)
        self._scanners = [SerialScanner(gun, clock, partial(self._hear, gun.port), retry_ms=retry_ms) for gun in guns]

    def open(self) -> None:
        for error in self._unusable:
            self.told.emit(self._wording.said(error), True)
        for scanner in self._scanners:
            scanner.open()

    def close(self) -> None:
        """Nothing is told after it. All are asked to end before any is waited for."""
        for scanner in self._scanners:
            scanner.leave()
        for scanner in self._scanners:
            scanner.close()

    @property
    def gone(self) -> tuple[str, ...]:
        """Ports of the guns that are set and not there."""
        return tuple(sorted(self._gone))

    def beside(self, shown: StatusShown) -> StatusShown:
        """The status bar, which names the guns that are gone."""
        if not self._gone:
            return shown
        named = "、".join(port.rpartition("/")[2] for port in self.gone)
        return replace(shown, counts=(*shown.counts, (self._wording.of(GunWord.GONE.value), named)))

    def _hear(self, port: str, told: GunTold) -> None:
        """On the gun's thread."""
        with contextlib.suppress(RuntimeError):  # the window is gone
            self._heard.emit(port, told)

    def _take(self, port: str, told: GunTold) -> None:
        match told:
            case LineScan():
                self.scanned.emit(told)
            case WrongScan(error):
                self.told.emit(self._wording.said(error), True)
            case GunFound(found, back):
                self._gone.discard(port)
                self.changed.emit()
                if back:
                    self.told.emit(self._wording.of(GunWord.BACK.value, {"port": found}), False)
            case GunGone(error):
                if port not in self._gone:  # after the loss every try to open it fails too
                    self.told.emit(self._wording.said(error), True)
                self._gone.add(port)
                self.changed.emit()


def guns_of(folder: Path, clock: Clock, wording: Wording) -> Guns:
    """The serial guns this machine is set to have; none where the settings are damaged, as for the camera. Not opened yet."""
    guns: list[Gun] = []
    unusable: list[CourierCheckError] = []
    with contextlib.suppress(StoreError):
        for known in scanners(folder):
            try:
                line = GunLine.parse(known.line, known.ending, known.encoding, known.quiet_ms)
                guns.append(Gun(known.port, line, known.device))
            except UserError as error:
                unusable.append(error)
    return Guns(guns, clock, wording, unusable=unusable)
