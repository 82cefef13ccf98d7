"""The start of the program, in processes of their own: what it loads, on which screens it draws, and what it says where there is none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QImage

from ui.display import OFFSCREEN, fell_back, wanted_platform

pytestmark = pytest.mark.slow
"""Programs that start, each in a process of its own."""

ROOT = Path(__file__).parents[3]
PROGRAM = ROOT / "tests" / "support" / "window_program.py"
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "QT_SCALE_FACTOR")


def started(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A program to its end, its input closed from the beginning. What it inherits about screens is taken away."""
    around = {name: value for name, value in os.environ.items() if name not in SCREENS}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**around, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def events(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    """What a window program said, by event; the last of each."""
    assert done.returncode == 0, (done.returncode, done.stderr[-2000:])
    return {one["event"]: one for one in map(json.loads, done.stdout.splitlines())}


def test_nothing_heavy_is_loaded_before_the_window_stands(folder: Path) -> None:
    told = events(started(str(PROGRAM), "imports", str(folder), QT_QPA_PLATFORM="offscreen"))
    assert told["imported"]["heavy"] == []
    assert told["painted"]["heavy"] == []


@pytest.mark.parametrize("factor", ["1.0", "1.5", "2.0"])
def test_the_page_fits_under_every_scale_factor(folder: Path, tmp_path: Path, factor: str) -> None:
    picture = tmp_path / "page.png"
    told = events(started(str(PROGRAM), "paint", str(folder), str(picture), QT_QPA_PLATFORM="offscreen", QT_SCALE_FACTOR=factor))["painted"]
    assert told["ratio"] == float(factor)
    assert told["cramped"] == []
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (round(1366 * float(factor)), round(768 * float(factor)))


def test_a_window_that_is_closed_ends_the_program_well(folder: Path) -> None:
    told = events(started(str(PROGRAM), "main", "--data", str(folder), QT_QPA_PLATFORM="offscreen"))
    assert told["window"]["platform"] == "offscreen"


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"DISPLAY": ":7793"},
        {"QT_QPA_PLATFORM": "garbage"},
        {"DISPLAY": ":7793", "QT_QPA_PLATFORM": "garbage"},
        {"QT_QPA_PLATFORM": "xcb"},
    ],
    ids=lambda given: " ".join(f"{name}={value}" for name, value in given.items()) or "nothing",
)
def test_without_a_display_a_real_station_is_not_opened_and_one_sentence_says_why(folder: Path, environment: dict[str, str]) -> None:
    before = sorted(path.name for path in folder.iterdir())
    done = started("main.py", "--data", str(folder), **environment)
    assert done.returncode == 3, "an abort of Qt" if done.returncode < 0 else done.stderr
    assert "没有显示器" in done.stderr.splitlines()[-1]
    assert sorted(path.name for path in folder.iterdir()) == before


VARIABLES = st.fixed_dictionaries(
    {},
    optional={
        "DISPLAY": st.sampled_from(["", ":0"]),
        "WAYLAND_DISPLAY": st.sampled_from(["", "wayland-0"]),
        "QT_QPA_PLATFORM": st.sampled_from(["", "xcb", "offscreen", "offscreen:x", "minimal", "wayland", "garbage", "xcb;wayland"]),
    },
)


@given(VARIABLES)
def test_on_linux_qt_always_finds_something_to_draw_on(environment: dict[str, str]) -> None:
    wanted = wanted_platform(environment, "linux")
    named = environment.get("QT_QPA_PLATFORM", "")
    tried = (wanted or named).split(";")
    assert tried[-1].partition(":")[0] in ("offscreen", "minimal")
    assert "" not in tried
    if named:
        assert (wanted or named).startswith(named)
    assert wanted_platform(environment, "win32") is None


@given(VARIABLES)
def test_falling_back_is_noticed_only_where_a_screen_was_hoped_for(environment: dict[str, str]) -> None:
    wanted = wanted_platform(environment, "linux")
    hoped = bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY") or environment.get("QT_QPA_PLATFORM"))
    drawn_on_purpose = environment.get("QT_QPA_PLATFORM", "").partition(":")[0] in ("offscreen", "minimal")
    assert fell_back(wanted, OFFSCREEN) is (hoped and not drawn_on_purpose)
    assert not fell_back(wanted, "xcb")
