"""Importing a list file of very many lines, one in ten of them broken: time, the memory and the room it takes, and how long anybody else
waits meanwhile.

`python -m benchmarks.list_import FOLDER LINES` is one import by a process of its own, on a new practice station in FOLDER, while another
process appends an entry to that station's journal every fifth of a second.
"""

from __future__ import annotations

import csv
import resource
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks.parcels import company_name, person_name, phone, resident_number, uscc
from benchmarks.stations import opened, practice_station
from courier_check.cli.listfiles import list_rows
from courier_check.journal.entries import Draft
from courier_check.screening.list_files import LineError
from courier_check.station import PRACTICE_CLERK
from courier_check.store import journal

BROKEN_EACH = 10
_BETWEEN_S = 0.2
_HEADING = ("list_id", "list_type", "source_org", "doc_no", "legal_basis", "remedy", "reason", "listed_on", "action")
_COLUMNS = (*_HEADING, "subject_type", "name", "uscc", "id_number", "phone")
_LIST = ("benchmark", "【样本】名单", "样例机关（虚构）", "样例1号", "样例决定书（虚构）", "可申请复议（样本）", "样本")


class Imported(msgspec.Struct, frozen=True):
    """How an import went. `memory_before_mb`: of the process with its station open; `memory_mb`: the most there was. `log_mb`: the longest
    the database's write-ahead log was, `file_mb`: the database afterwards. `beside`: entries another process appended meanwhile, and
    `beside_ms`: the longest one took."""

    good: int
    bad: int
    seconds: float
    cpu_s: float
    memory_before_mb: float
    memory_mb: float
    log_mb: float
    file_mb: float
    beside: int
    beside_ms: float


class _Beside(msgspec.Struct, frozen=True):
    """What the process beside saw."""

    entries: int
    longest_ms: float
    log_mb: float


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


@contextmanager
def _writing_beside(folder: Path) -> Iterator[list[_Beside]]:
    """A process that goes on appending until the block ends; what it saw is in the list then."""
    told: list[_Beside] = []
    command = [sys.executable, "-m", "benchmarks.list_import", str(folder), "beside"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None  # noqa: S101 - asked for in the line before
        process.stdout.readline()
        try:
            yield told
        finally:
            out, _ = process.communicate(b"enough")
            told.append(msgspec.json.decode(out, type=_Beside))


def beside(folder: Path) -> _Beside:
    """Append an entry every fifth of a second until something stands on the standard input."""
    entries, longest, log = 0, 0.0, 0
    with opened(folder) as station:
        current, writer, path = journal.current_journal(station.database), station.writer(), _log(folder)
        print("writing", flush=True)
        while not select.select([sys.stdin], [], [], _BETWEEN_S)[0]:
            seen = {"journal_id": current, "seq": 1, "reason_given": True}
            began = time.perf_counter()
            with station.database.write() as tx:
                journal.append(tx, Draft("reveal", PRACTICE_CLERK, seen), writer)
            longest = max(longest, time.perf_counter() - began)
            entries, log = entries + 1, max(log, path.stat().st_size if path.exists() else 0)
    return _Beside(entries, longest * 1000, log / 2**20)


def _log(folder: Path) -> Path:
    return folder / "station" / "station.db-wal"


def main(folder: Path, lines: int) -> Imported:
    path = folder / "list.csv"
    _write(path, lines)
    with practice_station(folder) as staffed, _writing_beside(folder) as told:
        before, began, cpu = _memory_mb(), time.perf_counter(), time.process_time()
        with list_rows(path) as rows:
            imported = staffed.station.desk().lists.install_rows(rows, staffed.supervisor, _unheard)
        seconds, cpu_s = time.perf_counter() - began, time.process_time() - cpu
    if imported.summary.good != sum(each.entries for each in imported.installed):
        raise RuntimeError("a good line gave no entry")
    (other,) = told
    sizes = (other.log_mb, (folder / "station" / "station.db").stat().st_size / 2**20)
    summary = imported.summary
    return Imported(summary.good, summary.bad, seconds, cpu_s, before, _memory_mb(), *sizes, other.entries, other.longest_ms)


if __name__ == "__main__":
    asked = Path(sys.argv[1])
    print(msgspec.json.encode(beside(asked) if sys.argv[2] == "beside" else main(asked, int(sys.argv[2]))).decode())
