"""inspection, by time: from commit to the label at a simulated printer and at one of the system's, the evaluator on a long checklist, new
checklists in an open window; and the keys and model seconds of acceptances, as the real window was worked (benchmarks/windows.py).

A model second is KLM's: 0.28 a key, 1.35 a decision, and what devices take; decisions and devices are those of product.md, G-06.
"""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from benchmarks.bench import RUNS, Bench
from benchmarks.figures import Goal, Measured, percentile
from benchmarks.stations import Staffed, practice_station
from benchmarks.window import visit
from courier_check.acceptance.judgement import case_of
from courier_check.desk.acceptances import Submission
from courier_check.devices.label_languages import PrinterLanguage
from courier_check.devices.simulated_printer import SimulatedPrinter
from courier_check.devices.system_printer import SpoolerProcess
from courier_check.inspection.findings import Answer, Finding, Findings
from courier_check.inspection.verdict import decide
from courier_check.store.machine import KnownPrinter, Machine, save_machine
from courier_check.store.resources import read_resource
from ui import board_work, work
from ui.board_work import LabelState
from ui.spooling import serve
from ui.window import GLANCE_MS

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from PySide6.QtPrintSupport import QPrinter

LABELS, DECISIONS, ITEMS = (20, 5), (400, 60), 60
LABEL_MS, DECIDE_MS, RULES_MS = Goal(1000), Goal(1.0), Goal(1000)
KEY_S, DECISION_S = 0.28, 1.35


@dataclass(frozen=True, slots=True)
class Model:
    """An acceptance in product.md: decisions and seconds of devices in its model, and its goals."""

    figure: str
    decisions: int
    device_s: float
    keys: int
    seconds: float

    def seconds_of(self, keys: int) -> float:
        return KEY_S * keys + DECISION_S * self.decisions + self.device_s


MODELS = {
    "new": Model("a new sender", 4, 2.8, 16, 12.5),
    "next": Model("the next parcel of the visit", 2, 1.1, 13, 7.5),
    "known": Model("a known sender whose label hides the phone", 3, 2.8, 13, 10.5),
}
"""The next parcel: product.md says 13 keys (3.64 s) and 7.5 s in all; a class of goods and one inspection are its two decisions, and a
scan, the label's picture and the commit take what is left. A known sender: the devices of a new one, and three decisions, since how he can
be reached is none; the 10.5 s of product.md leave 13 keys for it. All three have a chip reader, which reads without a key."""


def measure(bench: Bench) -> Iterator[Measured]:
    """Labels, the evaluator, new checklists; then two acceptances at the window."""
    with practice_station(bench.folder / "inspecting") as staffed:
        yield from _labels(bench, staffed)
        yield from _system_labels(bench, staffed)
        yield from _evaluator(bench, staffed)
        yield from _rules(bench, staffed)
    yield from _modelled(bench)


def _modelled(bench: Bench) -> Iterator[Measured]:
    """Keys that were counted at the window, and the model's seconds for them."""
    told = visit(bench)
    for name, model in MODELS.items():
        counted = [told[name]]
        yield Measured(bench.named(f"keys of {model.figure}"), "keys", counted, Goal(model.keys))
        seconds = [model.seconds_of(each) for each in counted]
        yield Measured(bench.named(f"model seconds of {model.figure}"), "s", seconds, Goal(model.seconds))


def _labels(bench: Bench, staffed: Staffed) -> Iterator[Measured]:
    """From the return of the commit to the last dot at the printer: asking for the label, drawing it, and the talk with the printer."""
    came, times = threading.Event(), []
    with SimulatedPrinter(PrinterLanguage.TSPL, told=lambda _: came.set()) as printer:
        folder = staffed.station.folder.path
        save_machine(folder, Machine(printer=KnownPrinter(address=printer.address, language=printer.language.value)))
        for number in range(bench.size(*LABELS)):
            session = staffed.window.complete(9_000 + number)
            recorded = staffed.station.desk().acceptances.submit(Submission(session, staffed.clerk))
            committed_s = time.perf_counter()
            told = board_work.print_new(staffed.station, recorded.seq or 0, recorded.hash or "", staffed.clerk)
            if told.state is not LabelState.PRINTED or not came.wait(10):
                raise RuntimeError(f"no label: {told}")
            times.append((time.perf_counter() - committed_s) * 1000)
            came.clear()
    yield Measured(bench.named("from the commit to the label, p95"), "ms", [percentile(times, 0.95)], LABEL_MS)


def _system_labels(bench: Bench, staffed: Staffed) -> Iterator[Measured]:
    """From the return of the commit to the word of the system's printer that it has the label: its process is up, as in a window that has
    been open for a while, and its driver is Qt's own, which writes the file that CUPS would be given. A spooler's own time is not in it."""
    folder = staffed.station.folder.path
    save_machine(folder, Machine(printer=KnownPrinter(address="system:", language=PrinterLanguage.DRIVER.value)))
    spooler, times = SpoolerProcess(serve_into, folder / "label.pdf"), []
    try:
        spooler.queues(60)
        for number in range(bench.size(*LABELS)):
            recorded = staffed.station.desk().acceptances.submit(Submission(staffed.window.complete(9_500 + number), staffed.clerk))
            committed_s = time.perf_counter()
            told = board_work.print_new(staffed.station, recorded.seq or 0, recorded.hash or "", staffed.clerk, spooler)
            if told.state is not LabelState.PRINTED:
                raise RuntimeError(f"no label: {told}")
            times.append((time.perf_counter() - committed_s) * 1000)
    finally:
        spooler.close()
        save_machine(folder, Machine())
    for share, name in ((0.5, "median"), (0.95, "p95")):
        yield Measured(bench.named(f"from the commit to the system's printer, {name}"), "ms", [percentile(times, share)], LABEL_MS)


def serve_into(connection: Connection, target: Path) -> None:
    """The process that talks to the system's printers, with one that draws each label into a file."""
    from PySide6.QtPrintSupport import QPrinter

    def find(_name: str, _asks: bool) -> QPrinter:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setOutputFileName(str(target))
        return printer

    serve(connection, find)


def _evaluator(bench: Bench, staffed: Staffed) -> Iterator[Measured]:
    """The shipped checklists over and over, until they have sixty items, each with its condition, all answered."""
    acceptances = staffed.station.desk().acceptances
    rulebook, today = acceptances.rules.rulebook, acceptances.today()
    session = staffed.window.complete(8_999)
    asked = [item for item in rulebook.rules.checklists.items if item.answers is not None]
    many = tuple(
        msgspec.structs.replace(item, id=f"{item.id}-{place}", role=None)
        for place, item in zip(range(ITEMS), itertools.cycle(asked), strict=False)
    )
    rules = replace(rulebook.rules, checklists=msgspec.structs.replace(rulebook.rules.checklists, items=many))
    case = case_of(session.draft, rulebook, today)
    findings = Findings(tuple(Finding(item.id, Answer.YES) for item in many), (), frozenset())
    runs = []
    for _ in range(RUNS):
        began = time.perf_counter()
        for _ in range(bench.size(*DECISIONS)):
            decide(rules, case, findings)
        runs.append((time.perf_counter() - began) * 1000 / bench.size(*DECISIONS))
    yield Measured(bench.named(f"the evaluator on {ITEMS} items"), "ms", runs, DECIDE_MS)


def _rules(bench: Bench, staffed: Staffed) -> Iterator[Measured]:
    """As late as it can be: installed right after the window has looked, so that its interval goes by before it reads the rules."""
    runs = []
    for run in range(RUNS):
        package = json.loads(read_resource("checklists.json"))
        package["version"] = f"2026.12-{run + 1}"
        content = json.dumps(package, ensure_ascii=False).encode()
        staffed.station.desk().rules.install(content, staffed.supervisor, signed=False)
        began = time.perf_counter()
        seen = work.glance(staffed.station).rules
        books = work.books(staffed.station, staffed.clerk)
        if books.installed != seen or books.rules.rulebook.rules.version != package["version"]:
            raise RuntimeError("the new checklists are not followed")
        runs.append(GLANCE_MS + (time.perf_counter() - began) * 1000)
    yield Measured(bench.named("from the install of checklists to their use, at the latest"), "ms", runs, RULES_MS)
