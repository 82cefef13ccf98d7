"""验视的快慢 from the keys to the record: how long each question stood is in the entry that the window makes, and a supervisor sees who
answered faster than anybody looks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from courier_check.acceptance.tasks import TaskKind
from courier_check.station import PRACTICE_SUPERVISOR
from support.beside import NobodyBeside
from support.clocks import StillClock
from support.pages import seen
from support.windows import Counter, facts_of
from ui.board_page import BoardPage
from ui.gates import Gate
from ui.opening import Place
from ui.records import RecordsPage
from ui.window import Plan

pytestmark = pytest.mark.slow
"""Opens the whole window."""

WAYBILL = "SF1000000000014"
READS_MS = 2_000
"""A question that is read, and an answer that is thought of."""
WRAPS_MS = 40_000
"""Contents that are put down and named, or another sender: no time of any question."""


@pytest.fixture
def clock() -> StillClock:
    return StillClock.ahead()


@pytest.fixture
def counter(folder: Path, clock: StillClock) -> Iterator[Counter]:
    """A window by that clock, with the clerk 0142 signed in."""
    counter = Counter(Plan(Place(folder), NobodyBeside(), clock=clock)).open().enter()
    yield counter
    counter.end()


def answered(counter: Counter, clock: StillClock, ms: int) -> str:
    """通过 to the question in front after so long; which question it was."""
    counter.hand.until(lambda: counter.task.kind is TaskKind.ASK, f"no question, but {counter.task}")
    item = counter.task.item
    assert item is not None
    clock.pass_ms(ms)
    counter.hand.press("1")
    counter.hand.until(lambda: counter.task.kind is not TaskKind.LOOKING_UP, "the look-up did not end")
    return item.id


def inspected(counter: Counter, clock: StillClock, paces: tuple[int, ...]) -> dict[str, int]:
    """One parcel, its inspection answered at those paces and everything else, what is left of it too, with time to read. Before its
    inspection it is put aside for a while, which is no time of the question that waits."""
    stood: dict[str, int] = {}

    def read_through() -> None:
        while counter.task.kind is TaskKind.ASK:
            stood[answered(counter, clock, READS_MS)] = READS_MS

    clock.pass_ms(WRAPS_MS)
    counter.identify()
    read_through()
    clock.pass_ms(WRAPS_MS)
    counter.label(WAYBILL)
    read_through()
    clock.pass_ms(WRAPS_MS)
    counter.declare()
    counter.hand.until(lambda: counter.task.kind is TaskKind.ASK, f"no question, but {counter.task}")
    counter.hand.press("F10")
    clock.pass_ms(WRAPS_MS)
    counter.hand.press("F10")
    for ms in paces:
        stood[answered(counter, clock, ms)] = ms
    read_through()
    assert len(stood) > len(paces)
    counter.submit()
    return stood


def test_three_quick_answers_and_a_slow_one_are_in_the_entry_and_before_the_supervisor(
    counter: Counter, clock: StillClock, folder: Path
) -> None:
    stood = inspected(counter, clock, (120, 90, 299, 1_800))
    hand = counter.hand
    hand.press("Ctrl+L")
    counter.wait_for(Gate.SIGN_IN)
    counter.sign_in(PRACTICE_SUPERVISOR)
    hand.until(lambda: counter.conductor.books.operator.code == PRACTICE_SUPERVISOR, "no supervisor")
    counter.command("看板")
    board = counter.window.widget("board")
    assert isinstance(board, BoardPage)
    hand.until(lambda: board.state.read is not None and board.state.read.board.hurried == (("0142", 1),), "not on the board")
    hand.until(lambda: "验视答得过快" in seen(board), "not shown on the board")
    counter.command("记录")
    records = counter.window.widget("records")
    assert isinstance(records, RecordsPage)
    hand.scan(WAYBILL)
    hand.until(lambda: records.open_place is not None, "the record was not opened")
    hand.until(lambda: "答得过快：连续 3 项" in seen(records), "the record does not say so")
    assert "1.8 秒" in seen(records)
    counter.end()
    (entry,) = [facts for facts in facts_of(folder) if facts["kind"] == "acceptance"]
    assert entry["dwell_ms"] == stood
    assert entry["hurried"] == 3


def test_two_quick_answers_beside_slow_ones_are_no_streak(counter: Counter, clock: StillClock, folder: Path) -> None:
    stood = inspected(counter, clock, (120, 90, 300, 120, 90))
    counter.end()
    (entry,) = [facts for facts in facts_of(folder) if facts["kind"] == "acceptance"]
    assert (entry["dwell_ms"], entry["hurried"]) == (stood, 0)
