"""inspection, by time: from commit to the label at a simulated printer and at one of the system's, the evaluator on a long checklist, new
checklists in an open window, a piece at the security page; and the keys, decisions and model seconds of acceptances, as the real window
was worked (benchmarks/windows.py).

A model second is KLM's: 0.28 a key, 1.35 a decision, and what devices take. Keys and decisions are the walk's, devices product.md's (G-06).
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
from benchmarks.stations import Staffed, fill, practice_station
from benchmarks.window import acted, open_for_business, visits
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
ACCEPTED, PIECES = (5_000, 500), (300, 40)
LABEL_MS, DECIDE_MS, RULES_MS, PIECE_MS = Goal(1000), Goal(1.0), Goal(1000), Goal(1500)
KEY_S, DECISION_S = 0.28, 1.35


@dataclass(frozen=True, slots=True)
class Model:
    """An acceptance in product.md: what devices take in its model, and its goals. Keys and decisions are those of the walk."""

    figure: str
    device_s: float
    keys: int
    seconds: float | None

    def seconds_of(self, keys: int, decisions: int) -> float:
        return KEY_S * keys + DECISION_S * decisions + self.device_s


_CARD_S = 1.5
"""J1, 0:02: the card is read in at most this."""
_DEVICES_S = 2.8
"""G-06: card, camera and commit."""
MODELS = {
    "new": Model("a new sender", _DEVICES_S, 16, 12.5),
    "typed": Model("a new sender whose phone is typed", _DEVICES_S, 27, 15.6),
    "next": Model("the next parcel of the visit", _DEVICES_S - _CARD_S, 13, 7.5),
    "known": Model("a known sender", _DEVICES_S, 13, 10.5),
    "hidden": Model("a known sender whose label hides name and phone", _DEVICES_S, 13, None),
}
"""Goals of G-06, and of J1 where the phone is typed. Of a known sender's keys product.md says nothing: 13 are what the first walk took. Nor
does it say anything of a known sender whose label hides the name, about which domain.md §11.11 has the clerk asked: a decision more. All
have a chip reader, which reads without a key, and no photo: the shipped rules ask for none of an ordinary parcel, product.md had two. What
devices take is product.md's and not measured here: a simulated reader and camera would say nothing of real ones."""


def measure(bench: Bench) -> Iterator[Measured]:
    """Labels, the evaluator, new checklists; the security page; then acceptances at the window."""
    with practice_station(bench.folder / "inspecting") as staffed:
        yield from _labels(bench, staffed)
        yield from _system_labels(bench, staffed)
        yield from _evaluator(bench, staffed)
        yield from _rules(bench, staffed)
    yield from screening(bench)
    yield from modelled(bench)


def modelled(bench: Bench) -> Iterator[Measured]:
    """Keys and decisions that were counted at the window, and the model's seconds for them."""
    told = visits(bench)
    for name, model in MODELS.items():
        walk = told[name]
        yield Measured(bench.named(f"keys of {model.figure}"), "keys", [walk.keys], Goal(model.keys))
        yield Measured(bench.named(f"decisions of {model.figure}"), "decisions", [walk.decisions])
        seconds = [model.seconds_of(walk.keys, walk.decisions)]
        yield Measured(bench.named(f"model seconds of {model.figure}"), "s", seconds, Goal(model.seconds) if model.seconds else None)


def screening(bench: Bench) -> Iterator[Measured]:
    """安检 at its page: each scan from its last key to a page that shows it recorded and takes the next one. All were accepted here."""
    stored, pieces = bench.size(*ACCEPTED), bench.size(*PIECES)
    with practice_station(bench.folder / "screening") as staffed:
        fill(staffed, range(stored))
        open_for_business(staffed)
    times = acted(bench, "screen", bench.folder / "screening", pieces)["ms"]
    for share, goal in ((0.5, None), (0.95, PIECE_MS)):
        figure = f"security page, scan to ready for the next p{share * 100:.0f}, {pieces} pieces, {stored} entries"
        yield Measured(bench.named(figure), "ms", [percentile(times, share)], goal)


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
