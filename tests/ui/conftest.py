"""The tests of the window run without a screen, wherever they run; those of its pages on copies of one station with something in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.filled import Filled, filled_station

# Before anything imports Qt: without a display the platform plug-in aborts the process.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(scope="session")
def filled_once(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """To be copied or read only: making one takes twenty times as long as copying it."""
    return filled_station(tmp_path_factory.mktemp("filled") / "station")


@pytest.fixture
def filled(filled_once: Filled, tmp_path: Path) -> Filled:
    """A copy that a test may write to."""
    return filled_once.copied(tmp_path / "station")
