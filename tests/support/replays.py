"""Acceptances as they were keyed at the real window (tests/ui/window/test_journey.py holds them to it), to be replayed on a conductor that
works with a real station. Cards and labels are what the replay lays down and scans; fields of forms are filled as the page fills them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication

from benchmarks.inspecting import DECISION_S, KEY_S, MODELS
from benchmarks.windows import DECIDED
from courier_check.acceptance.tasks import Task
from courier_check.identity.documents import IdentityDocument, Source
from courier_check.identity.readings import SourceReading
from courier_check.inspection.verdict import Outcome
from support.counters import PatientReader, Stand
from ui.counter.state import Panel
from ui.counter.view import Form

PHONE = "13900002345"
_CARD, _LABEL, _HIDING = "card", "label", "hiding-label"
_INSPECTED = "1 1 1 1 1 1 1 1 F12"
LOGS = {
    "new": f"{_CARD} Enter 1 {_LABEL} 1 Enter {_INSPECTED}",
    "next": f"F4 {_LABEL} 2 Enter {_INSPECTED}",
    "typed": f"{_CARD} Enter 1 {_HIDING} {' '.join(PHONE)} Ctrl+Enter 1 2 Enter {_INSPECTED}",
}
_CARD_MS = 1_500
"""J1, 0:02: in which a card is read."""


def keys_of(name: str) -> Iterator[str]:
    """The keys of a log alone."""
    return (each for each in LOGS[name].split() if each not in (_CARD, _LABEL, _HIDING))


@dataclass(frozen=True)
class Replayed:
    """One acceptance: the keys it took, and the milliseconds by product.md's model from its beginning to its last key."""

    name: str
    keys: int
    model_ms: int


class Replay:
    """Whoever stands at this counter takes 0.28 s for a key and 1.35 s more for the first of those that answer one thing (G-06)."""

    def __init__(self, stand: Stand, reader: PatientReader) -> None:
        self.stand, self._reader = stand, reader
        self._typed: list[str] = []
        self._before: Task | None = None

    def accept(self, name: str, document: IdentityDocument, waybill: str) -> Replayed:
        """Replay one log. What it leaves undone fails here: no key is pressed that was not recorded."""
        stand, began_ms, keys = self.stand, self.stand.mono_ms, 0
        self._before = None
        for event in LOGS[name].split():
            if event == _CARD:
                stand.mono_ms += _CARD_MS
                self._reader.tell(SourceReading(Source.CHIP, replace(document, source=Source.CHIP)), _CARD_MS)
            elif event in (_LABEL, _HIDING):
                self._scan(waybill, document, hides=event == _HIDING)
            else:
                keys += 1
                self._press(event)
                began_ms = stand.mono_ms if event == "F4" else began_ms
            stand.look_up()
            QCoreApplication.processEvents()  # a card that waited for the notice is taken after the key
            stand.look_up()
        assert stand.state.panel is Panel.RECORDED, (name, stand.task, stand.state.said)
        assert stand.state.recorded is not None
        assert stand.state.recorded.outcome is Outcome.ACCEPT, (name, [reason.code for reason in stand.conductor.verdict.reasons])
        return Replayed(name, keys, stand.mono_ms - began_ms)

    def _press(self, key: str) -> None:
        stand, task = self.stand, self.stand.task
        decided = task.kind in DECIDED and (self._before is None or (task.kind, task.step) != (self._before.kind, self._before.step))
        self._before = task
        stand.mono_ms += round(1000 * (KEY_S + DECISION_S * decided))
        form, first = stand.view.task.form, stand.view.task.first
        if form is Form.PARTIES and key in PHONE:
            self._typed.append(key)
        elif form is Form.PARTIES:
            assert key == "Ctrl+Enter"
            stand.confirm(form, **{**first, "sender_phone": "".join(self._typed)})
            self._typed.clear()
        elif form is Form.CONTENTS and key == "Enter":
            stand.confirm(form, **first)
        else:
            assert stand.conductor.press(key), (key, task, [reason.code for reason in stand.conductor.verdict.reasons])

    def _scan(self, waybill: str, document: IdentityDocument, *, hides: bool) -> None:
        name = document.name or ""
        said = {"sender_name": f"{name[0]}**", "sender_phone": "139****2345"} if hides else {"sender_name": name}
        self.stand.conductor.scanned(waybill)
        self.stand.label(waybill, **said)


def visits(count: int) -> Iterator[str]:
    """Which logs: senders with the phone on the label, some of them with a second parcel, and some whose phone is typed."""
    return itertools.islice(itertools.cycle(("new", "next", "new", "typed", "next")), count)


LIMITS = {name: MODELS[name].keys for name in LOGS}
