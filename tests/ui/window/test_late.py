"""补录 through the real window: a paper slip is entered, and its record has both times."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from courier_check.clock import CHINA, at, wall_ms
from courier_check.store import journal
from support.pages import seen
from support.windows import Counter, opened_again
from ui.counter.state import Panel

WAYBILL = "SF1000000000014"


def type_time(counter: Counter, text: str) -> None:
    counter.hand.press("Ctrl+B")
    field = counter.field("taken-at")
    field.clear()
    field.setFocus()
    counter.hand.type(text)
    counter.hand.press("Enter")


def test_a_paper_slip_is_entered_with_the_time_on_it(counter: Counter, folder: Path) -> None:
    taken = datetime.now(CHINA).replace(second=0, microsecond=0)
    type_time(counter, f"{taken:%m%d %H%M}")
    counter.hand.until(lambda: counter.conductor.state.aside.late_ms is not None, "the time was not taken")
    accept = counter.window.widget("accept")
    assert f"{taken:%Y-%m-%d %H:%M} 实际收寄" in seen(accept)
    counter.fill(WAYBILL)
    assert "提交收寄（补录）" in seen(accept)
    assert f"{taken:%Y-%m-%d %H:%M} 实际收寄" in seen(accept)
    before_ms = time.time_ns() // 1_000_000
    counter.hand.press("F12")
    counter.hand.until(lambda: counter.panel is Panel.RECORDED, "not recorded")
    seq = counter.conductor.state.recorded.seq if counter.conductor.state.recorded else None
    counter.window.go("records")
    counter.hand.rest(600)  # the same code counts once in 300 ms, and nothing else here takes that long
    counter.hand.scan(WAYBILL)
    records = counter.window.widget("records")
    counter.hand.until(lambda: records.is_drawn, "the record was not opened")  # type: ignore[attr-defined]  # it is a RecordsPage
    told = seen(records)
    assert f"实际收寄\n{taken:%Y-%m-%d %H:%M}" in told
    counter.end()
    with opened_again(folder) as station:
        stored = journal.entry_at(station.database, journal.current_journal(station.database) or "", seq or 0)
        assert stored is not None
        header = json.loads(stored.header_bytes)
        assert (header["facts"]["late"], header["facts"]["late_ms"]) == (True, wall_ms(taken))
        recorded_ms = header["times"]["wall_ms"]
        assert recorded_ms >= before_ms
        assert f"记入时间\n{at(recorded_ms):%Y-%m-%d %H:%M:%S}" in told
        assert station.verify().ok


@pytest.mark.slow
def test_a_time_that_can_not_be_is_said_and_the_field_stays(counter: Counter) -> None:
    tomorrow = datetime.now(CHINA) + timedelta(days=1)
    for typed, said in ((f"{tomorrow:%Y-%m-%d} 10:00", "还没有到"), ("9999", "看不懂")):
        type_time(counter, typed)
        counter.hand.until(lambda said=said: said in counter.conductor.state.said, f"nothing was said of {typed}")
        assert counter.panel is Panel.LATE
        assert counter.field("taken-at").text() == typed
    assert counter.conductor.state.aside.late_ms is None
