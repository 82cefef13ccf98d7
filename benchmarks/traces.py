"""A program that tells by COURIER_CHECK_TRACE (ui/trace.py) when its window stood: started, listened to, ended."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "COURIER_CHECK_TRACE"
PATIENCE_S = 60
LOOK_S = 0.02


@dataclass(frozen=True, slots=True)
class Painted:
    """`ms`: from just before the process was started; `rss_mb` None where the system does not tell."""

    ms: float
    rss_mb: float | None


def first_paint(command: Sequence[str], environment: Mapping[str, str], trace: Path) -> Painted:
    """Start the program, wait for its first paint, kill it. `trace`: a file that may be written and removed.

    Raises RuntimeError if it ends before or takes too long.
    """
    trace.unlink(missing_ok=True)
    began_ms = time.monotonic_ns() / 1e6
    environment = {**environment, VARIABLE: str(trace)}
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            told = _first_line(process, trace)
        finally:
            process.kill()
    event = json.loads(told)
    trace.unlink()
    return Painted(event["mono_ms"] - began_ms, event["rss_mb"])


def _first_line(process: subprocess.Popen[bytes], trace: Path) -> str:
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        told = trace.read_text(encoding="utf-8") if trace.exists() else ""
        if "\n" in told:
            return told.splitlines()[0]
        try:
            process.wait(LOOK_S)
        except subprocess.TimeoutExpired:
            continue
        said = process.stderr.read().decode("utf-8", "replace").strip()[-500:] if process.stderr else ""
        raise RuntimeError(f"it ended before its first paint, with exit code {process.returncode}: {said}")
    raise RuntimeError(f"no paint within {PATIENCE_S} s")
