"""名单 through the real window, by the keyboard only: why a name matches; an objection and its answer, which a supervisor signs for at a
clerk's window, in the journal."""

from __future__ import annotations

from pathlib import Path

import pytest

from courier_check.station import PRACTICE_PASSWORD, PRACTICE_SUPERVISOR
from support.pages import seen
from support.windows import Counter, opened_again
from ui.lists_page import ListsPage

pytestmark = pytest.mark.slow
"""Opens the whole window."""


def test_a_name_is_explained_and_its_objection_recorded_and_answered(counter: Counter, folder: Path) -> None:
    hand = counter.hand
    counter.command("名单")
    page = counter.window.widget("lists")
    assert isinstance(page, ListsPage)
    hand.until(lambda: page.state.read is not None, "the lists were not read")
    hand.type("样例市贾冒商贸有限公司")
    hand.press("Enter")
    hand.until(lambda: page.state.looked is not None, "nobody answered")
    assert "假→贾" in seen(page)
    page._field.setText("样例市假冒商贸有限公司")
    hand.press("Enter")
    hand.until(lambda: not page.state.looking and page.state.looked is not None and bool(page.state.looked.found), "not found")
    hand.press("Ctrl+D")
    for words in ("样例商贸经办人", "13800001111", "不是我公司（样本）"):
        hand.type(words)
        hand.press("Enter")
    hand.until(lambda: bool(page.state.read and page.state.read.objections), "not recorded")
    assert page.state.objecting is None
    for _ in range(12):
        if page._objections.table.hasFocus():
            break
        hand.press("Tab")
    hand.press("Enter")
    assert page.state.answering is not None, "reached by Tab, opened by Enter"
    hand.press("1")
    hand.press("Enter")
    for words in ("样例文号（虚构）", PRACTICE_SUPERVISOR, PRACTICE_PASSWORD):
        hand.type(words)
        hand.press("Enter")
    hand.until(lambda: page.state.read is not None and page.state.read.objections[0].outcome == "removed", "not answered")
    assert page.state.answering is None
    counter.end()
    with opened_again(folder) as station:
        assert station.verify().ok
        (held,) = station.desk().objections.newest()
        assert held.number.startswith("YY")
        assert held.outcome == "removed"
