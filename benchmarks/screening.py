"""screening: looking up one sender and one waybill among 100 000 records and 100 000 list entries."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.bench import RUNS, Bench
from benchmarks.figures import Goal, Measured, Peer, percentile
from benchmarks.parcels import Window, company_name, document, person_name, phone, resident_number, uscc
from benchmarks.stations import Staffed, fill, practice_station
from courier_check.acceptance import Session

STORED = (100_000, 10_000)
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


def measure(bench: Bench) -> Iterator[Measured]:
    """`prepare` of typed parcels: every look-up the window makes before a verdict. The peer is a station with a thousand of each."""
    stored = bench.size(*STORED)
    with stocked(bench.folder / "full", stored) as full, stocked(bench.folder / "few", FEW) as few:
        own, little = [], []
        for run in range(RUNS):
            own.append(_looked_up_ms(full, stored, run))
            little.append(_looked_up_ms(few, FEW, run))
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
