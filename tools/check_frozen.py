"""Does the frozen program do its work with no Python, no environment and no display? `python -m tools.check_frozen [PROGRAM]`

Runs it as a stranger's machine would, tells each check, its size and its start time; the exit code is 1 if anything failed.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.traces import Painted, first_paint
from courier_check import __version__
from courier_check.clock import SystemClock
from courier_check.journal.entries import Draft
from courier_check.station import PRACTICE_CLERK, PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import journal

USUAL = Path("dist/courier-check/courier-check")
ENTRIES = 4_100
"""From 4 000 on, signatures are checked by child processes (courier_check/store/verification.py)."""
STARTS = 5
PATIENCE_S = 300


@dataclass(frozen=True, slots=True)
class Said:
    """What the program answered."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True, slots=True)
class Check:
    """One run of the program, and whether the answer is right. A run that raises is a failure."""

    name: str
    arguments: Sequence[str]
    right: Callable[[Said], bool]


class Frozen:
    """The program under test, run with an empty environment."""

    def __init__(self, program: Path) -> None:
        self._program = program.resolve()
        self.folder = self._program.parent
        self.samples = self.folder / "_internal" / "resources" / "samples"
        # Windows can't load its own libraries without SYSTEMROOT; a library path would hide what the bundle lacks.
        self._environment = {"QT_QPA_PLATFORM": "offscreen"} | {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}

    def run(self, *arguments: str) -> Said:
        done = subprocess.run(
            [str(self._program), *arguments],
            env=self._environment,
            cwd=tempfile.gettempdir(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return Said(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))

    def megabytes(self) -> int:
        files = (path for path in self.folder.rglob("*") if path.is_file() and not path.is_symlink())
        return round(sum(path.stat().st_size for path in files) / 1_000_000)

    def start_s(self) -> float:
        """Median of some starts that do next to nothing."""
        return statistics.median(self._timed("--version") for _ in range(STARTS))

    def painted(self, folder: Path) -> Painted:
        """Medians of some starts of the window. On the station alone: no start then meets the gateway of the one before."""
        command = (str(self._program), "--data", str(folder / "station"))
        starts = [first_paint(command, self._environment, folder.parent / "trace.jsonl") for _ in range(STARTS)]
        known = [start.rss_mb for start in starts if start.rss_mb is not None]
        return Painted(statistics.median(start.ms for start in starts), statistics.median(known) if known else None)

    def _timed(self, *arguments: str) -> float:
        started = time.perf_counter()
        self.run(*arguments)
        return time.perf_counter() - started


def checks(frozen: Frozen, folder: Path) -> list[Check]:
    """In this order: the last ones use what `practice` made."""
    station = str(folder / "practice" / "station")
    picture, label = str(frozen.samples / "id-wang-front.jpg"), str(frozen.samples / "waybill-sf-wang.jpg")
    return [
        Check("version", ["--version"], lambda said: __version__ in said.out),
        Check("help", ["--help"], lambda said: "practice" in said.out),
        Check("check-number", ["check-number", "SF1010000000015", "--json"], lambda said: said.lines[0]["kinds"][0]["kind"] == "waybill"),
        Check("read-id", ["read-id", picture, "--json"], lambda said: said.lines[0]["document"]["name"] == "王思远"),
        Check("scan", ["scan", label, "--json"], lambda said: {code["text"] for code in said.lines[0]["codes"]} == {"SF1010000000015"}),
        Check("doctor", ["doctor", "--json"], lambda said: _library_found(said, "pyzbar") and _library_found(said, "rapidocr")),
        Check("practice", ["practice", str(folder / "practice"), "--json"], lambda said: said.lines[0]["made"] is True),
        Check("verify in child processes", ["--data", station, "verify", "--json"], _verified),
        Check("demo", ["demo", "--out", str(folder / "demo"), "--json"], _summary_holds),
        Check("demo --window", ["demo", "--window", "--out", str(folder / "window"), "--json"], _summary_holds),
    ]


def _library_found(said: Said, name: str) -> bool:
    return any(line["check"] == name and line["ok"] for line in said.lines)


def _verified(said: Said) -> bool:
    return bool(said.lines[0]["ok"]) and int(said.lines[0]["checked"]) >= ENTRIES


def _summary_holds(said: Said) -> bool:
    return bool(said.lines[-1]["ok"])


def fill(station: Path) -> None:
    """So many entries that their signatures are checked by children. Written from here: what is tried is the reading."""
    with Station.open(station, PRACTICE_PASSPHRASE, Surroundings(SystemClock())) as opened:
        writer = opened.writer()
        with opened.database.write() as tx:
            for _ in range(ENTRIES):
                journal.append(tx, Draft("sign-in", PRACTICE_CLERK, {"subject": PRACTICE_CLERK}), writer)
        opened.keep_head()


def passes(frozen: Frozen, check: Check) -> bool:
    """Run one check and tell how it went."""
    started = time.perf_counter()
    try:
        said = frozen.run(*check.arguments)
        holds = said.code == 0 and check.right(said)
        told = "" if holds else f"  exit code {said.code}: {(said.err or said.out).strip()[-500:]}"
    except (subprocess.TimeoutExpired, OSError, ValueError, LookupError, TypeError) as error:
        holds, told = False, f"  {type(error).__name__}: {str(error)[:500]}"
    print(f"{'✔' if holds else '✖'} {check.name}  ({time.perf_counter() - started:.1f} s){told}", flush=True)
    return holds


def _paints(frozen: Frozen, practice: Path) -> bool:
    """The window by itself, not driven: it stands, and how soon."""
    try:
        painted = frozen.painted(practice)
    except (RuntimeError, OSError) as error:
        print(f"✖ first paint  {error}", flush=True)
        return False
    memory = "" if painted.rss_mb is None else f", {painted.rss_mb:.0f} MB in memory"
    print(f"✔ first paint  {painted.ms:.0f} ms after the start of the process{memory} (median of {STARTS})", flush=True)
    return True


def main(arguments: Sequence[str]) -> int:
    frozen = Frozen(Path(arguments[0]) if arguments else USUAL)
    failed = []
    with tempfile.TemporaryDirectory(prefix="courier-check-frozen-") as temporary:
        for check in checks(frozen, Path(temporary)):
            if not passes(frozen, check):
                failed.append(check.name)
            elif check.name == "practice":
                fill(Path(temporary) / "practice" / "station")
        if not _paints(frozen, Path(temporary) / "practice"):
            failed.append("first paint")
    print(f"size {frozen.megabytes()} MB, start {frozen.start_s():.2f} s (median of {STARTS})")
    print("everything holds" if not failed else f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
