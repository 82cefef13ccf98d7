"""Importing a list file of very many lines, one in ten of them broken: time, and the memory it takes.

`python -m benchmarks.list_import FOLDER LINES` is one import by a process of its own, on a new practice station in FOLDER.
"""

from __future__ import annotations

import csv
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from benchmarks.parcels import company_name, person_name, phone, resident_number, uscc
from benchmarks.stations import practice_station
from courier_check.cli.listfiles import list_rows
from courier_check.screening.list_files import LineError

BROKEN_EACH = 10
_HEADING = ("list_id", "list_type", "source_org", "doc_no", "legal_basis", "remedy", "reason", "listed_on", "action")
_COLUMNS = (*_HEADING, "subject_type", "name", "uscc", "id_number", "phone")
_LIST = ("benchmark", "【样本】名单", "样例机关（虚构）", "样例1号", "样例决定书（虚构）", "可申请复议（样本）", "样本")


class Imported(msgspec.Struct, frozen=True):
    """How an import went. `memory_before_mb`: of the process with its station open; `memory_mb`: the most there was."""

    good: int
    bad: int
    seconds: float
    cpu_s: float
    memory_before_mb: float
    memory_mb: float


def import_lines(folder: Path, lines: int) -> Imported:
    """Import so many lines in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.list_import", str(folder), str(lines)]
    return msgspec.json.decode(subprocess.run(command, check=True, capture_output=True).stdout, type=Imported)


def _rows(lines: int) -> Iterator[tuple[str, ...]]:
    for number in range(lines):
        day, action = "2026-01-15", "拦截"
        code, phone_number = uscc(number), phone(number)
        if number % BROKEN_EACH == 0:  # every kind of fault in turn
            fault = number // BROKEN_EACH % 4
            day = "2026-02-30" if fault == 0 else day
            action = "罚款" if fault == 1 else action
            code = code[:-1] + ("A" if code[-1] != "A" else "B") if fault == 2 else code
            phone_number = "12" if fault == 3 else phone_number
        common = (*_LIST, day, action)
        if number % 2 == 0:
            yield (*common, "企业", company_name(number), code, "", phone_number)
        else:
            yield (*common, "个人", person_name(number), "", resident_number(number), phone_number)


def _write(path: Path, lines: int) -> None:
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        writer.writerows(_rows(lines))


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _unheard(_error: LineError) -> None:
    """Nobody reads a hundred thousand lines here."""


def main(folder: Path, lines: int) -> Imported:
    path = folder / "list.csv"
    _write(path, lines)
    with practice_station(folder) as staffed:
        before, began, cpu = _memory_mb(), time.perf_counter(), time.process_time()
        with list_rows(path) as rows:
            imported = staffed.station.desk().lists.install_rows(rows, staffed.supervisor, _unheard)
        seconds, cpu_s = time.perf_counter() - began, time.process_time() - cpu
    if imported.summary.good != sum(each.entries for each in imported.installed):
        raise RuntimeError("a good line gave no entry")
    return Imported(imported.summary.good, imported.summary.bad, seconds, cpu_s, before, _memory_mb())


if __name__ == "__main__":
    print(msgspec.json.encode(main(Path(sys.argv[1]), int(sys.argv[2]))).decode())
