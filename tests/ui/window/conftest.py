"""One dressed application for all windows, and stations under them that open quickly."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from courier_check.store.resources import resource_path
from support.sounds import Heard
from support.windows import Counter, counter_station
from ui.design import FONT_FILE, LIGHT, dress, load_font
from ui.garbage import Collector


@pytest.fixture(autouse=True, scope="module")
def application(qapp: QApplication) -> Iterator[QApplication]:
    """Dressed as the program's. A window that closes does not end it: other windows follow."""
    qapp.setQuitOnLastWindowClosed(False)
    load_font(str(resource_path(FONT_FILE)))
    dress(qapp, LIGHT)
    collector = Collector()
    yield qapp
    collector.end()


@pytest.fixture(scope="session")
def made_station(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once, copied for whoever writes into it."""
    folder = tmp_path_factory.mktemp("made") / "station"
    counter_station(folder)
    return folder


@pytest.fixture
def folder(made_station: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made_station, tmp_path / "station"))


@pytest.fixture
def opened() -> Iterator[Callable[[Path], Counter]]:
    """Opens windows, and ends them all."""
    counters: list[Counter] = []

    def open_on(folder: Path) -> Counter:
        counters.append(Counter.on(folder).open())
        return counters[-1]

    yield open_on
    for counter in reversed(counters):
        counter.end()


@pytest.fixture
def counter(opened: Callable[[Path], Counter], folder: Path) -> Counter:
    """A window with the clerk 0142 signed in, nothing in hand."""
    return opened(folder).enter()


@pytest.fixture
def heard(counter: Counter, tmp_path: Path) -> Heard:
    """What that window sounds from now on."""
    heard = counter.window._sounds = Heard(tmp_path)
    return heard
