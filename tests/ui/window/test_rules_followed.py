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

pytestmark = pytest.mark.slow
"""Opens the whole window."""


def install(folder: Path) -> None:
    """As the command line does it. The station is no practice one: the certificate says that it is one, which is what counts."""
    package = json.loads(read_resource("checklists.json"))
    package["version"] = "2026.12-1"
    next(item for item in package["items"] if item["id"] == "original-document")["question"]["zh"] = "样例新问题：证件是原件？"
    with opened_again(folder) as station:
        content = json.dumps(package, ensure_ascii=False).encode()
        station.desk().rules.install(content, SignedIn(PRACTICE_SUPERVISOR, Role.SUPERVISOR), signed=False)


def test_a_window_that_is_open_asks_the_new_question(counter: Counter, folder: Path) -> None:
    hand = counter.hand
    hand.until(lambda: counter.window.overview is not None, "no overview")
    counter.identify()
    assert "样例新问题" not in seen(counter.window.widget("accept"))
    install(folder)
    hand.until(lambda: counter.conductor.books.rules.rulebook.rules.version == "2026.12-1", "not followed", patience_ms=3_000)
    hand.settle()
    assert "样例新问题：证件是原件？" in seen(counter.window.widget("accept"))
    assert "2026.12-1" in counter.window.told()
