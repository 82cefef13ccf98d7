"""screening: looking up one sender and one waybill among 100 000 records and 100 000 list entries; misspelt names on lists of firms."""

from __future__ import annotations

import csv
import io
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import list_import, lists_window, name_search
from benchmarks.bench import RUNS, Bench
from benchmarks.figures import Goal, Measured, Peer, percentile
from benchmarks.name_search import Answers, Built, Sizes
from benchmarks.parcels import Window, company_name, document, person_name, phone, resident_number, uscc
from benchmarks.stations import Staffed, fill, practice_station
from courier_check.acceptance import Session
from courier_check.desk.near_names import ListedNames
from courier_check.desk.screener import Subject

STORED = (100_000, 3_000)
FEW = 1_000
QUESTIONS = 1_000
LOOKED_UP_P95 = Goal(20)
LISTED_FROM = 1_000_000
"""Numbers of listed people and firms; those of senders lie below, and above them those of parcels that are only asked about."""
ASKED_FROM = 500_000
_HEADING = ("list_id", "list_type", "source_org", "doc_no", "legal_basis", "remedy", "reason", "listed_on", "action")
_LIST = (
    "benchmark",
    "【样本】名单",
    "样例机关（虚构）",
    "样例1号",
    "样例决定书（虚构）",
    "可申请复议（样本）",
    "样本",
    "2026-01-15",
    "拦截",
)


IMPORTED = "COURIER_CHECK_LINES"
"""Set to 1000000 to import a file of that many lines: some ten minutes."""
NAMED = "COURIER_CHECK_NAMES"
"""Set to 1000000 to search a list of that many names of each kind as well: half an hour."""


def measure(bench: Bench) -> Iterator[Measured]:
    """Names first, then what is looked up at the counter, then the import of a long list."""
    for number, (about, part) in enumerate(_PARTS, start=1):
        print(f"screening {number}/{len(_PARTS)}: {about}", file=sys.stderr, flush=True)
        yield from part(bench)


def _names_found(bench: Bench) -> Iterator[Measured]:
    """Recall at equal false alarms, on two kinds of made-up lists, beside peers. The crowded one is harder than registers are: what
    `ratio` finds there at 5 and 20 false alarms is less than it found among real names (measured/screening.md §4.2)."""
    for kind in ("shared", "crowded"):
        folder = bench.folder / kind
        folder.mkdir()
        size = bench.size(10_000, 2_000)
        name_search.build(folder, Sizes(kind, size, bench.size(4_000, 1_000), bench.size(1_000, 200), bench.size(100, 20)))
        if name_search.NOMENKLATURA not in os.environ:
            print(f"nomenklatura: not installed ({name_search.NOMENKLATURA} is not set: nomenklatura_peer.py)", file=sys.stderr, flush=True)
        found = name_search.ask(folder, peers=True)
        where = f"{kind} names, {size} listed"
        yield Measured(bench.named(f"candidate recall, {where}"), "share", [found.candidates], Goal(0.995, at_least=True))
        for level, least in ((20, 0.96), (5, 0.90)):
            yield from _at_level(bench, found, level, where, least)
        yield Measured(bench.named(f"same core elsewhere at 5/1000, {where}"), "/1000", [found.levels["5"].hard], Goal(30))


def _at_level(bench: Bench, found: Answers, level: int, where: str, least: float) -> Iterator[Measured]:
    told = found.levels[str(level)]
    for name, recalls in found.peers.items():
        cost = f"{found.peer_cpu_ms[name]:.2g} ms a {'pair' if 'nomenklatura' in name else 'name'}"
        print(f"  {name}, {where}: recall {recalls[str(level)]:.3f} at {level}/1000, CPU {cost}", file=sys.stderr, flush=True)
    best = max(found.peers, key=lambda name: found.peers[name][str(level)])
    goal, peer = Goal(least, at_least=True), Peer(best, [found.peers[best][str(level)]])
    yield Measured(bench.named(f"recall at {level} false alarms/1000, {where}"), "share", [told.recall], goal, peer)
    missed, peer_missed = 1 - told.recall, 1 - found.peers[best][str(level)]
    figure = bench.named(f"missed at {level} false alarms/1000, {where}")
    yield Measured(figure, "share", [missed], Goal(0.2, of_ratio=True), Peer(best, [peer_missed]))
    for kind, share in told.kinds.items():
        wanted = Goal(0.90, at_least=True) if kind in ("lookalike1", "combo2", "homophone2") and level == 20 else None
        yield Measured(bench.named(f"… of it {kind}"), "share", [share], wanted)


def _names_searched(bench: Bench) -> Iterator[Measured]:
    """What building and asking cost, in processes of their own: of shared names put together anew, and of names as crowded as registers."""
    sizes = [10_000, *([] if bench.quick else [100_000]), *([int(os.environ[NAMED])] if NAMED in os.environ else [])]
    for kind in ("recombined", "crowded"):
        first: list[float] = []
        for size in sizes:
            folder = bench.folder / f"{kind}-{size}"
            folder.mkdir()
            built = name_search.build(folder, Sizes(kind, size, 500, 50, 40))
            answers = name_search.ask(folder, peers=False)
            first = first or [name_search.slowest(answers, 0.5)]
            yield from _costs(bench.named(f"{size} {kind} names"), size, built, answers, first)


def _costs(where: str, size: int, built: Built, answers: Answers, first: list[float]) -> Iterator[Measured]:
    asked_ms, built_s = {100_000: (25.0, 10.0), 1_000_000: (40.0, 120.0)}.get(size, (None, None))
    goal = Goal(built_s) if built_s else None
    yield Measured(f"index built, CPU with normalising, {where}", "s", [built.normalised_cpu_s + built.built_cpu_s], goal)
    yield Measured(f"index file, {where}", "MB", [built.bytes / 1e6])
    median, slow = name_search.slowest(answers, 0.5), name_search.slowest(answers, 0.99)
    yield Measured(f"one name searched, CPU p50, {where}", "ms", [median], Goal(3, of_ratio=True), Peer("the same with 10000 names", first))
    yield Measured(f"one name searched, CPU p99, {where}", "ms", [slow], Goal(asked_ms) if asked_ms else None)
    yield Measured(f"the slowest of hostile names, CPU, {where}", "ms", [answers.hostile_ms], Goal(100))
    yield Measured(f"candidate recall, {where}", "share", [answers.candidates], Goal(0.995, at_least=True))
    yield Measured(f"memory of the process that asks, {where}", "MB", [answers.memory_mb], Goal(600))


def _looked_up(bench: Bench) -> Iterator[Measured]:
    """`prepare` of typed parcels: every look-up the window makes before a verdict. The peer is a station with a thousand of each."""
    stored = bench.size(*STORED)
    with stocked(bench.folder / "full", stored) as full, stocked(bench.folder / "few", FEW) as few:
        own, little = [], []
        exact = [_exact_ms(full, run) for run in range(RUNS)]
        for run in range(RUNS):
            own.append(_looked_up_ms(full, stored, run))
            little.append(_looked_up_ms(few, FEW, run))
    yield Measured(bench.named(f"exact code p99, CPU, {stored} list entries"), "ms", exact, Goal(1))
    for share, goal in ((0.5, None), (0.95, LOOKED_UP_P95)):
        yield Measured(
            bench.named(f"screening and duplicates p{share * 100:.0f}, {stored} records, {stored} list entries"),
            "ms",
            [percentile(each, share) for each in own],
            goal,
            Peer(f"the same with {FEW} of each, p{share * 100:.0f}", [percentile(each, share) for each in little]),
        )


@contextmanager
def stocked(folder: Path, size: int) -> Iterator[Staffed]:
    """A station with so many list entries and so many acceptances."""
    with practice_station(folder, list_csv(size)) as staffed:
        _settled(staffed)
        fill(staffed, range(size))
        yield staffed


def list_csv(size: int) -> str:
    """Of ten entries five are firms, four people (so that most senders have a namesake on the list), one a phone."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow((*_HEADING, "subject_type", "name", "uscc", "id_number", "phone"))
    for number in range(LISTED_FROM, LISTED_FROM + size):
        rows.writerow((*_LIST, *_subject(number)))
    return text.getvalue()


def _subject(number: int) -> tuple[str, str, str, str, str]:
    match number % 10:
        case 0 | 1 | 2 | 3 | 4:
            return "企业", company_name(number), uscc(number), "", ""
        case 5 | 6 | 7 | 8:
            return "个人", person_name(number), "", resident_number(number), ""
        case _:
            return "电话", "", "", "", phone(number)


def _settled(staffed: Staffed) -> None:
    """Wait until the index of the list's names is built: who asks meanwhile is told that names were not searched."""
    screener = staffed.station.desk().screener
    screener.screen(Subject(name=company_name(ASKED_FROM)), staffed.station.desk().acceptances.today())
    if isinstance(screener.names, ListedNames):
        screener.names.wait()
    if screener.screen(Subject(name=company_name(ASKED_FROM)), staffed.station.desk().acceptances.today()).unsearched:
        raise RuntimeError("the names are not searched")


def _imported(bench: Bench) -> Iterator[Measured]:
    """A file of which one line in ten is broken, in a process of its own."""
    lines = int(os.environ[IMPORTED]) if IMPORTED in os.environ else bench.size(100_000, 5_000)
    folder = bench.folder / "import"
    folder.mkdir()
    told = list_import.import_lines(folder, lines)
    where = bench.named(f"{lines} lines, one in ten broken")
    yield Measured(f"list imported, {where}", "s", [told.seconds])
    yield Measured(f"… CPU a line, {where}", "ms", [told.cpu_s * 1000 / lines])
    before = Peer("the same process before", [told.memory_before_mb])
    yield Measured(f"… most memory, {where}", "MB", [told.memory_mb], None, before)
    yield Measured(f"… longest write-ahead log, {where}", "MB", [told.log_mb], None, Peer("the database afterwards", [told.file_mb]))
    yield Measured(f"… longest another window waited for one of {told.beside} entries, {where}", "ms", [told.beside_ms], Goal(10_000))
    told_page = lists_window.look(folder, lines)
    page = bench.named(f"lists page, {lines * 9 // 10} entries")
    for kind, ms in (("a name", told_page.name_ms), ("a code", told_page.code_ms), ("part of a name", told_page.part_ms)):
        yield Measured(f"{page}: {kind} answered", "ms", ms, Goal(200))
    yield Measured(f"{page}: longest the event loop was held up", "ms", [told_page.gap_ms], Goal(50))
    yield Measured(f"{page}: … while it opens and the names' index is built beside", "ms", [told_page.building_gap_ms], Goal(50))


_PARTS: tuple[tuple[str, Callable[[Bench], Iterator[Measured]]], ...] = (
    ("names found, beside peers", _names_found),
    ("what searching names costs", _names_searched),
    ("look-ups among many records (filling two stations takes minutes)", _looked_up),
    ("a long list imported", _imported),
)


def _exact_ms(staffed: Staffed, run: int) -> float:
    """A firm by its code alone."""
    screener, today, times = staffed.station.desk().screener, staffed.station.desk().acceptances.today(), []
    for question in range(run * QUESTIONS, (run + 1) * QUESTIONS):
        subject = Subject(uscc=uscc(LISTED_FROM + question // 5 * 10 + question % 5 if question % 2 else ASKED_FROM + question))
        began = time.process_time()
        screener.screen(subject, today)
        times.append((time.process_time() - began) * 1000)
    return percentile(times, 0.99)


def _looked_up_ms(staffed: Staffed, stored: int, run: int) -> list[float]:
    window = staffed.window
    times = []
    for question in range(run * QUESTIONS, (run + 1) * QUESTIONS):
        session = _asked(window, question, stored)
        began = time.perf_counter()
        prepared = window.acceptances.prepare(session)
        times.append((time.perf_counter() - began) * 1000)
        _check(prepared, question)
    return times


def _asked(window: Window, question: int, stored: int) -> Session:
    """Of ten parcels two carry a waybill accepted before, two are a listed person's, one has a listed phone; the rest are new."""
    new, anywhere = ASKED_FROM + question, question * 7919 % stored
    listed = LISTED_FROM + anywhere - anywhere % 10
    match question % 10:
        case 0 | 1:
            return window.declared(new, waybill=anywhere)
        case 2 | 3:
            return window.declared(new).identified(document(listed + 5))
        case 4:
            return window.declared(new).sender_known(phone(listed + 9))
        case _:
            return window.declared(new)


def _check(prepared: Session, question: int) -> None:
    """A look-up that found nothing where there is something would be quick and worthless."""
    kind, screening = question % 10, prepared.draft.screening
    found = screening is not None and any(reason in ("same-id", "same-phone") for hit in screening.hits for reason in hit.reasons)
    if (prepared.draft.earlier is not None) != (kind < 2) or found != (kind in (2, 3, 4)):
        raise RuntimeError(f"question {question} was answered wrongly")
