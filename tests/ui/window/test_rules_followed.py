"""New checklists installed by another program are in the window within its next look, without a restart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from courier_check.desk.rights import Role, SignedIn
from courier_check.station import PRACTICE_SUPERVISOR
from courier_check.store.resources import read_resource
from support.pages import seen
from support.windows import Counter, opened_again
from ui.window import GLANCE_MS

pytestmark = pytest.mark.slow
"""Opens the whole window."""

NEW = "2026.12-1"
WITHIN_MS = 1_000
"""What is installed is worked by within this."""
LOOK_MS = 200
"""What a look and reading the new checklists may take of it; the benchmark of the inspection measures them."""


def install(folder: Path) -> None:
    """As the command line does it. The station is no practice one: the certificate says that it is one, which is what counts."""
    package = json.loads(read_resource("checklists.json"))
    package["version"] = NEW
    next(item for item in package["items"] if item["id"] == "original-document")["question"]["zh"] = "样例新问题：证件是原件？"
    with opened_again(folder) as station:
        content = json.dumps(package, ensure_ascii=False).encode()
        station.desk().rules.install(content, SignedIn(PRACTICE_SUPERVISOR, Role.SUPERVISOR), signed=False)


def version(counter: Counter) -> str:
    """Of the checklists that the window works by."""
    return counter.conductor.books.rules.rulebook.rules.version


def test_a_window_that_is_open_asks_the_new_question(counter: Counter, folder: Path) -> None:
    hand = counter.hand
    hand.until(lambda: counter.window.overview is not None, "no overview")
    counter.identify()
    assert "样例新问题" not in seen(counter.window.widget("accept"))
    install(folder)
    hand.until(lambda: version(counter) == NEW, "not followed")
    hand.settle()
    assert "样例新问题：证件是原件？" in seen(counter.window.widget("accept"))
    assert NEW in counter.window.told()


def test_one_look_is_enough_and_the_next_one_is_never_a_second_away(counter: Counter, folder: Path) -> None:
    """Together a second at most, told by what is set and by what causes what: how fast this machine is says nothing about it."""
    window, hand = counter.window, counter.hand
    assert GLANCE_MS + LOOK_MS <= WITHIN_MS
    assert window._second.isActive()
    assert window._second.interval() == GLANCE_MS
    window._second.stop()
    install(folder)
    hand.until(lambda: window.overview is not None and not window._asked_overview, "an earlier look did not end")
    before = window.overview
    window._second.timeout.emit()
    assert window._asked_overview, "it is looked later"
    hand.until(lambda: window.overview is not before, "the look did not end")
    assert window.overview is not None
    assert window.overview.rules in (window._asked_rules, counter.conductor.books.installed), "what was seen is asked for later"
    hand.until(lambda: version(counter) == NEW, "one look is not enough")
