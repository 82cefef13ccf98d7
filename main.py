"""Courier Check 收寄实名验视: the way in. Without a command it opens the window; every job also runs without one (`--help`)."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from courier_check import core_files

if TYPE_CHECKING:
    from courier_check.devices.system_printer import SystemPrinter


class PracticeBeside:
    """The practice folder and its gateway, for the window, which knows neither gateway nor command line."""

    def __init__(self) -> None:
        self._served: object = None

    def prepare(self, folder: Path) -> str:
        from courier_check.cli import practice_gateway

        return practice_gateway.prepare(folder)

    def serve(self, folder: Path) -> str:
        from courier_check.cli.practice_gateway import ServedPractice

        if not isinstance(self._served, ServedPractice):
            self._served = ServedPractice(folder)
        return self._served.ensure()

    def close(self) -> None:
        from courier_check.cli.practice_gateway import ServedPractice

        if isinstance(self._served, ServedPractice):
            self._served.close()
            self._served = None


def window_options(arguments: Sequence[str]) -> tuple[Path | None, Path | None] | None:
    """(data folder, practice folder) where these arguments ask for the window, None where they are a command. Told without loading any
    command, so that the window paints at once."""
    values: dict[str, Path] = {}
    rest = list(arguments)
    while len(rest) >= 2 and rest[0] in ("--data", "--practice"):
        values[rest[0]] = Path(rest[1])
        rest = rest[2:]
    return (values.get("--data"), values.get("--practice")) if not rest else None


def open_window(data: Path | None, practice: Path | None) -> int:
    """The window on a data folder, or on a practice folder that is made where it is not there yet.

    With no display a window would stand where nobody sees it: for practice the same journey is then walked in memory, with pictures of
    every step; a real station is not opened.
    """
    from ui.display import is_seen

    if not is_seen(os.environ, sys.platform):
        return without_display(practice)
    from ui.app import run
    from ui.opening import Place
    from ui.window import Plan

    if data is None:
        import platformdirs

        data = Path(platformdirs.user_data_dir("courier-check", appauthor=False))
    place = Place(data) if practice is None else Place(practice / "station", practice)
    return run(Plan(place, PracticeBeside()))


def without_display(practice: Path | None) -> int:
    """What is done instead of opening a window."""
    if practice is None:
        sys.stderr.write("没有显示器，打不开窗口。请在有显示器的会话里启动，或用命令办理（--help）。No display: use a command (--help).\n")
        return 3
    folder = practice / "demo"
    sys.stdout.write(f"没有显示器：经同一个窗口在内存里走一遍，截图在 {folder}。\n")
    return run_command(["demo", "--window", "--out", str(folder), "--keep"])


def run_command(arguments: Sequence[str]) -> int:
    """A command line, with what only a program that has the window can do."""
    from courier_check.cli import run
    from courier_check.cli.output import BesideWindow

    return run(arguments, BesideWindow(demonstrate, system_printers))


def system_printers() -> SystemPrinter:
    """The way to the system's printers: its process loads Qt without any window, when something is printed."""
    from courier_check.devices.system_printer import SpoolerProcess
    from ui.spooling import serve

    return SpoolerProcess(serve)


def demonstrate(practice: Path, pictures: Path, tell: Callable[[str, bool, int, dict[str, Any]], None]) -> bool:
    """`demo --window`: the journey through the window on a practice folder."""
    from ui.app import demonstrate as through_the_window
    from ui.opening import Place
    from ui.window import Plan

    return through_the_window(Plan(Place(practice / "station", practice), PracticeBeside()), pictures, tell)


def main(arguments: Sequence[str]) -> int:
    asked = window_options(arguments)
    if asked is not None:
        return open_window(*asked)
    return run_command(arguments)


if __name__ == "__main__":
    core_files.leave_none()
    if getattr(sys, "frozen", False):  # elsewhere it does nothing, and loading it would hold up the first paint
        import multiprocessing

        multiprocessing.freeze_support()
    sys.exit(main(sys.argv[1:]))
