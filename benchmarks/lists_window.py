"""The lists page with a long list under the watchdog, in a process of its own: opening, asking by name, by code and for part of a name, and
asking while the index of names is built beside.

`python -m benchmarks.lists_window FOLDER LISTED`, on the station that benchmarks/list_import.py left in FOLDER. One line of JSON on stdout.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QEventLoop, QTimer

from benchmarks.parcels import company_name, uscc
from benchmarks.stations import opened
from benchmarks.watchdog import Watchdog
from courier_check.desk.rights import Role, SignedIn
from courier_check.station import PRACTICE_SUPERVISOR
from courier_check.wording import Language, Wording
from ui.app import make_application
from ui.background import Worker
from ui.garbage import Collector
from ui.lists_page import ListsPage

_ASKED = 20
_WAIT_S = 120.0


class Looked(msgspec.Struct, frozen=True):
    """Milliseconds of each answer, by what was asked; the longest gap of the event loop, and while the index was built."""

    name_ms: list[float]
    code_ms: list[float]
    part_ms: list[float]
    gap_ms: float
    building_gap_ms: float


def look(folder: Path, listed: int) -> Looked:
    """Ask at the page, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.lists_window", str(folder), str(listed)]
    return msgspec.json.decode(subprocess.run(command, check=True, capture_output=True).stdout, type=Looked)


class _Asking:
    """Somebody at the page."""

    def __init__(self, page: ListsPage) -> None:
        self.page = page

    def until(self, condition: Callable[[], bool]) -> None:
        """Let the loop run; RuntimeError where it takes too long."""
        loop, late = QEventLoop(), QTimer(singleShot=True, interval=int(_WAIT_S * 1000))
        looks = QTimer(interval=1)
        looks.timeout.connect(lambda: loop.quit() if condition() else None)
        late.timeout.connect(lambda: loop.exit(1))
        looks.start()
        late.start()
        if loop.exec():
            raise RuntimeError("nobody answered")

    def ask(self, text: str) -> float:
        """How long the answer took, in milliseconds."""
        began = time.perf_counter()
        self.page._field.setText(text)
        self.page._field.returnPressed.emit()
        self.until(lambda: not self.page.state.looking)
        if self.page.state.looked is None:
            raise RuntimeError(f"refused: {self.page.state.told}")
        return (time.perf_counter() - began) * 1000

    @property
    def building(self) -> bool:
        looked = self.page.state.looked
        return looked is None or bool(looked.screening.unsearched)


def main(folder: Path, listed: int) -> Looked:
    application, collector = make_application(), Collector()
    workers = [Worker(name, lambda: opened(folder)) for name in ("jobs", "desk")]
    page = ListsPage(workers[0], workers[1], Wording(Language.CHINESE))
    page.complete()
    page.show()
    page.signed_in(SignedIn(PRACTICE_SUPERVISOR, Role.SUPERVISOR))
    asking = _Asking(page)
    for worker in workers:  # the window has its desks open long before anybody comes to this page
        worker.run(page, lambda station: station.desk(), lambda _: None, lambda _: None)
    asking.until(lambda: not any(worker.busy for worker in workers))
    firms = [number - number % 2 for number in range(listed // _ASKED, listed, listed // _ASKED)]
    with Watchdog() as beside:
        page.shown()
        asking.until(lambda: page.state.read is not None)
        asking.ask(company_name(firms[0]))
        while asking.building:
            asking.ask(company_name(firms[0]))
    with Watchdog() as watchdog:
        names, codes = [asking.ask(company_name(each)) for each in firms], [asking.ask(uscc(each)) for each in firms]
        parts = [asking.ask(words) for words in ("商贸", "有限公司", "鑫龘靐齉爩", company_name(firms[-1])[:4])]
        page.shown()
    for worker in workers:
        worker.close(_WAIT_S)
    collector.end()
    application.quit()
    return Looked(names, codes, parts, watchdog.longest_ms, beside.longest_ms)


if __name__ == "__main__":
    print(msgspec.json.encode(main(Path(sys.argv[1]), int(sys.argv[2]))).decode())
