"""A long verification beside the counter: a parcel is accepted meanwhile, and the verification comes to its end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from courier_check.store import journal
from support.stations import acceptance
from support.windows import Counter, opened_again
from ui.counter.state import Panel
from ui.sync_page import SyncPage

pytestmark = pytest.mark.slow
"""Some thousand entries, enough for their signatures to be checked by processes beside."""

ENTRIES = 4_200
WAYBILL = "SF1000000000014"


@pytest.fixture
def long_folder(folder: Path) -> Path:
    with opened_again(folder) as station:
        writer = station.writer()
        for start in range(0, ENTRIES, 600):
            with station.database.write() as tx:
                for number in range(start, start + 600):
                    journal.append(tx, acceptance(f"YT{number:013d}"), writer)
        station.keep_head()
    return folder


def test_a_parcel_is_accepted_while_the_journal_is_verified(opened: Callable[[Path], Counter], long_folder: Path) -> None:
    counter = opened(long_folder).enter()
    counter.hand.press("F11")
    sync = counter.window.widget("sync")
    assert isinstance(sync, SyncPage)
    counter.hand.press("V")
    counter.hand.until(lambda: sync._verify_card.state.running, "not begun")
    counter.hand.press("F2")
    assert counter.window.page == "accept"
    counter.fill(WAYBILL)
    counter.hand.press("F12")
    counter.hand.until(lambda: counter.panel is Panel.RECORDED, "not recorded")
    counter.hand.press("F11")
    counter.hand.until(lambda: not sync._verify_card.state.running, "not verified")
    result = sync._verify_card.state.result
    assert result is not None
    assert result.ok
    assert result.checked >= ENTRIES


def test_a_window_that_closes_does_not_wait_for_a_verification(opened: Callable[[Path], Counter], long_folder: Path) -> None:
    counter = opened(long_folder).enter()
    sync = counter.window.widget("sync")
    assert isinstance(sync, SyncPage)
    counter.hand.press("F11", "V")
    counter.hand.until(lambda: sync._verify_card.state.running and sync._verify_card.state.total > 0, "not begun")
    counter.window.close()
    assert counter.window.end()
