"""Hundreds of walks over the keyboard, drawn by chance and repeatable: no key ever breaks something, traps the focus, or accepts a parcel
that lacks something."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLineEdit

from courier_check.inspection.verdict import Outcome
from courier_check.station import PRACTICE_PASSWORD
from support.looks import holds
from support.windows import ADDRESSEE, SENDER, Counter, acts_of
from ui.counter.state import Panel
from ui.counter.view import Form
from ui.gates import Gate

pytestmark = pytest.mark.slow
"""Walks with thousands of keys."""

KEYS = (
    *("Tab", "Shift+Tab", "Up", "Down", "Left", "Right", "PageDown", "Enter", "Enter", "Esc", "Backspace", "Space", "Ctrl+R", "Ctrl+Enter"),
    *(f"F{number}" for number in range(1, 13)),
    *"0123456789",
    *"1111",
    "Ctrl+L",
)
LONGEST_WALK = 12
WALKS = int(os.environ.get("COURIER_CHECK_WALKS", "100"))  # `make thorough`: 460


@dataclass
class Watched:
    """What was handed in, with what it lacked, and what became of it."""

    counter: Counter
    handed_in: list[tuple[Outcome, tuple[str, ...]]] = field(default_factory=list)
    recorded: list[Outcome] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._saving = False
        self.counter.conductor.changed.connect(self._look)
        self.counter.conductor.recorded.connect(self._note)

    def _look(self) -> None:
        conductor = self.counter.conductor
        if conductor.state.saving and not self._saving:
            self.handed_in.append((conductor.verdict.outcome, conductor.verdict.missing))
        self._saving = conductor.state.saving

    def _note(self) -> None:
        recorded = self.counter.conductor.state.recorded
        assert recorded is not None
        self.recorded.append(recorded.outcome)


def begin(counter: Counter, chance: random.Random, number: int) -> None:
    """A parcel at one of its stages, where the counter is free for one."""
    conductor = counter.conductor
    if conductor.state.panel is Panel.RECORDED or not conductor.state.untouched:
        return
    stage = chance.randrange(5)
    if stage >= 1:
        document = {"type": "resident-id", "name": SENDER.name, "number": SENDER.number, "valid_until": SENDER.until}
        conductor.confirm(Form.DOCUMENT, document)
    if stage >= 2:
        conductor.scanned(f"SF{1_000_000_000_000 + number:013d}")
    if stage >= 3:
        sender = {"sender_name": SENDER.name, "sender_phone": SENDER.phone, "sender_address": SENDER.address}
        receiver = {f"addressee_{name}": getattr(ADDRESSEE, name) for name in ("name", "phone", "address")}
        conductor.confirm(Form.PARTIES, {**sender, **receiver})
    if stage >= 4:
        conductor.confirm(Form.CONTENTS, {"category": conductor.books.rules.rulebook.restricted.categories[0].id, "name": "旧书"})


def back_to_work(counter: Counter) -> None:
    """From wherever the walk has ended, by keys that always act."""
    if counter.window.page == "help":
        counter.hand.press("F1")
    if counter.window.page == "":
        assert counter.gate is Gate.SIGN_IN
        counter.sign_in("0142", PRACTICE_PASSWORD)
    counter.hand.until(lambda: not counter.conductor.state.saving, "it saves for ever")
    assert counter.window.page != "", counter.gates[-1]
    counter.hand.press("F11")
    assert counter.window.page == "sync"
    counter.hand.press("Esc")
    if counter.window.page == "sync":  # the day's close that was begun is given up first
        counter.hand.press("Esc")
    assert counter.window.page == "accept"
    focus = counter.window.focusWidget()
    assert holds(counter.window, focus), f"the focus is at {focus}"


def walk(counter: Counter, chance: random.Random) -> Iterator[str]:
    for _ in range(chance.randint(3, LONGEST_WALK)):
        key = chance.choice(KEYS)
        yield key
        counter.hand.press(key)


def test_the_hand_waits_for_a_held_character_though_the_machine_stood_still_over_the_pause(counter: Counter) -> None:
    """Else the key of a walk reaches the field that is filled in next, as it once did."""
    counter.hand.press("Ctrl+L")
    counter.wait_for(Gate.SIGN_IN)
    code = counter.field("code")
    code.clear()
    code.setFocus()
    counter.hand.press("1")
    time.sleep(0.12)  # nothing is delivered while the loop does not run
    counter.hand.type("")
    assert code.text() == "1"


@pytest.mark.parametrize(("seed", "walks"), [(1, 40), (2, WALKS)])
def test_no_walk_over_the_keys_breaks_traps_or_accepts_what_lacks_something(
    counter: Counter, folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, seed: int, walks: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same keys each time
    exports = tmp_path / "exports"
    exports.mkdir()
    watched = Watched(counter)
    for number in range(walks):
        field = counter.window.widget("reports").findChild(QLineEdit, "report-folder")
        field.setText(str(exports))
        begin(counter, chance, seed * 1000 + number)
        walked = list(walk(counter, chance))
        try:
            back_to_work(counter)
        except Exception as error:
            raise AssertionError(f"seed {seed}, walk {number}: {' '.join(walked)}") from error
        bugs = [record.getMessage() for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]
        assert bugs == [], f"seed {seed}, walk {number}: {' '.join(walked)}"
    accepted = [given for given, outcome in zip(watched.handed_in, watched.recorded, strict=False) if outcome is Outcome.ACCEPT]
    assert all(given == (Outcome.ACCEPT, ()) for given in accepted), accepted
    counter.end()
    kinds = [act.kind for act in acts_of(folder)]
    assert kinds.count("acceptance") == len(accepted)
