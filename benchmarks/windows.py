"""What is done at the window while it is measured, each act in a process of its own.

journey PRACTICE-FOLDER            the whole main job, by keys and scans
accept PRACTICE-FOLDER             its beginning: the sign-in and one acceptance
visit PRACTICE-FOLDER              that, the same sender's next parcel, and two of known senders
typed PRACTICE-FOLDER              a new sender whose label hides the phone
screen FOLDER COUNT                parcels that passed the machine, scanned at the security page, on a station that has accepted so many
scans FOLDER COUNT STORED          scans that complete a parcel, on the station of a benchmark's folder with so much stored
keys FOLDER COUNT                  presses that answer a question

One line of JSON on stdout.
"""

from __future__ import annotations

import itertools
import json
import logging
import multiprocessing
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QLabel, QWidget

from benchmarks.parcels import document, phone, unlabelled, waybill_number
from benchmarks.screening import ASKED_FROM, LISTED_FROM
from benchmarks.watchdog import Watchdog
from courier_check.acceptance import Session
from courier_check.acceptance.judgement import case_of
from courier_check.acceptance.tasks import TaskKind
from courier_check.inspection.checklist import OF_THE_LABEL
from courier_check.inspection.findings import Answer, Finding
from courier_check.inspection.verdict import Outcome
from main import PracticeBeside
from ui.app import attended, make_application
from ui.counter.page import AcceptancePage
from ui.counter.state import Books
from ui.design import VerdictBanner
from ui.garbage import Collector
from ui.hand import Counted, GaveUpError, Hand
from ui.journey import HIDING, Journey
from ui.keys import YES
from ui.opening import Place
from ui.security_page import SecurityPage
from ui.trace import resident_mb
from ui.window import Plan, Window

QUESTION_SIZE = (600, 90)
SETTLED_MS = 3000
"""After the sign-in, until the pages are made and the reading models loaded."""


DECIDED = (TaskKind.ASK, TaskKind.CONTENTS, TaskKind.CARRIER, TaskKind.FOUND, TaskKind.HITS)
"""What a clerk chooses an answer of. What is copied, laid down, photographed or handed in needs none."""
Asked = tuple[TaskKind, str]


class Walked(Counted):
    """What a person did, with what was asked at each key."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Asked | None] = []

    @property
    def decisions(self) -> int:
        """Questions of one step that follow each other are one decision, as product.md (J1, G-06) counts them: Space ×n after one look."""
        return sum(1 for asked, _ in itertools.groupby(self.asked) if asked is not None and asked[0] in DECIDED)


class StampedHand(Hand):
    """Knows when it struck last, and what it was asked at each key since the last reset."""

    struck_s = 0.0

    def __init__(self, window: QWidget, asked: Callable[[], Asked | None]) -> None:
        super().__init__(window)
        self._asked = asked
        self.counted: Walked = Walked()

    def reset(self) -> Walked:
        before, self.counted = self.counted, Walked()
        return before

    def press(self, *names: str) -> None:
        for name in names:
            self.counted.asked.append(self._asked())
            super().press(name)

    def _strike(self, name: str) -> None:
        self.struck_s = time.perf_counter()
        super()._strike(name)


class Clerk(Journey):
    """Does the journey without keeping pictures of it, whose saving would hold up the window."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.rss_mb: float | None = None
        self.children_mb = 0.0
        self.hand: StampedHand = StampedHand(self.window, lambda: self._asked)

    @property
    def accept(self) -> AcceptancePage:
        page = self.window.widget("accept")
        if not isinstance(page, AcceptancePage):
            raise TypeError(type(page))
        return page

    @property
    def _asked(self) -> Asked | None:
        """Nothing before the sign-in."""
        if self.window.conductor is None:
            return None
        task = self.task
        return task.kind, task.step.value

    def typed_phone(self) -> dict[str, Any]:
        """A new sender whose label hides the phone: it is typed (product.md, G-06: eleven keys more)."""
        self.hand.reset()
        self._scanned(HIDING)
        self.hand.type("13900002345")
        self.hand.press("Ctrl+Enter")
        self.answer(TaskKind.ASK, "waybill")
        self.declare("2")
        self.inspect()
        verdict = self.conductor.verdict.outcome
        self.submit()
        return self._told("typed", verdict is Outcome.ACCEPT)

    def begin(self) -> bool:
        """The first two steps."""
        return self.step("sign-in", self.sign_in) and self.step("accept-wang", self.accept_wang)

    def sign_in(self) -> dict[str, Any]:
        facts = super().sign_in()
        self.hand.rest(SETTLED_MS)
        self.rss_mb, self.children_mb = resident_mb(), _children_mb()
        return facts

    def shot(self, name: str) -> None:  # noqa: ARG002 - no pictures
        self.hand.settle()

    def take_up(self, session: Session) -> None:
        """A parcel as if everything told of it had been told at this window. Nothing is looked up for it yet."""
        conductor = self.conductor
        conductor.state = conductor.state.renewed(session, f"draft-{session.session_id}")
        conductor.changed.emit()
        self.hand.settle()

    @property
    def looked_up(self) -> bool:
        return "look-up" in self.conductor.state.aside.took_ms

    def rest_until_read(self) -> None:
        """The label under the camera is read after every scan."""
        self.hand.until(lambda: not self.conductor.state.reading, "the label was not read")


def attend(place: Place, act: Callable[[Clerk], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Open the window, stand before the sign-in, act, close. Raises RuntimeError where it can't be opened or the act failed."""
    app, collector = make_application(), Collector()
    window = Window(Plan(place, PracticeBeside()))
    steps: list[tuple[str, bool, Mapping[str, Any]]] = []
    clerk = Clerk(window, Path(), lambda name, well, _ms, facts: steps.append((name, well, facts)))
    done: list[Mapping[str, Any]] = []

    def acting() -> None:
        try:
            done.append(act(clerk))
        except Exception:
            logging.getLogger(__name__).exception("the act failed")

    attended(app, window, acting, lambda words: logging.getLogger(__name__).error("%s", words))
    collector.end()
    window.end()
    wrong = [step for step in steps if not step[1]]
    if not done or wrong:
        raise RuntimeError(f"the act failed; steps that failed: {wrong}")
    return done[0]


def journey(clerk: Clerk, *, whole: bool) -> Mapping[str, Any]:
    """The journey under the watchdog; memory as it was at rest after the sign-in."""
    with Watchdog() as watchdog:
        if not (clerk.run() if whole else clerk.begin()):
            raise GaveUpError("the journey ended early")
    return {
        "rss_mb": clerk.rss_mb,
        "children_mb": clerk.children_mb,
        "keys": clerk.counted["accept-wang"].keys,
        "scans": clerk.counted["accept-wang"].scans,
        "stalls": len(watchdog.stalls),
        "longest_ms": watchdog.longest_ms,
        "where": [f"{stall.ms:.0f} ms\n{stall.where}" for stall in watchdog.stalls],
    }


_OPEN = "EA900000019CN"
"""A label that hides nothing."""


def visit(clerk: Clerk) -> Mapping[str, Any]:
    """Somebody sends two parcels; two who have agreed to be known send one each, the second with a label that hides name and phone."""
    others = (
        ("same-sender", clerk.same_sender),
        ("agree", lambda: clerk.agree(_OPEN, "")),
        ("known-sender", lambda: clerk.known_sender("known-sender", _OPEN)),
        ("agree-hidden", clerk.agree),
        ("known-hidden", lambda: clerk.known_sender("known-hidden")),
    )
    if not (clerk.begin() and all(clerk.step(name, work) for name, work in others)):
        raise GaveUpError("the visit ended early")
    walks = {"new": "accept-wang", "next": "same-sender", "known": "known-sender", "hidden": "known-hidden"}
    return {name: _walk(clerk.counted[step]) for name, step in walks.items()}


def typed(clerk: Clerk) -> Mapping[str, Any]:
    if not (clerk.step("sign-in", clerk.sign_in) and clerk.step("typed", clerk.typed_phone)):
        raise GaveUpError("the walk ended early")
    return {"typed": _walk(clerk.counted["typed"])}


def _walk(counted: Counted) -> Mapping[str, Any]:
    if not isinstance(counted, Walked):
        raise TypeError(type(counted))
    return {"keys": counted.keys, "scans": counted.scans, "decisions": counted.decisions}


def _children_mb() -> float:
    """Resident memory of the child processes that hold the cameras and the reading models."""
    found = [resident_mb(child.pid) for child in multiprocessing.active_children() if child.pid]
    return sum(each for each in found if each is not None)


def scans(clerk: Clerk, count: int, stored: int) -> Mapping[str, Any]:
    """Milliseconds from the scan's last key to the paint of the verdict that knows what was looked up."""
    clerk.sign_in()
    painted: list[float] = []
    known: list[float] = []
    clerk.accept.verdict.painted.connect(lambda: painted.append(time.perf_counter()))
    clerk.conductor.changed.connect(lambda: known.append(time.perf_counter()) if clerk.looked_up else None)

    def scanned(number: int) -> float:
        asked = _asked(number, stored)
        clerk.take_up(_answered(asked.session, clerk.conductor.books))
        known.clear()
        clerk.hand.scan(asked.waybill)
        clerk.hand.until(lambda: bool(known) and painted[-1] > known[0], "no verdict")
        told = next(each for each in painted if each > known[0]) - clerk.hand.struck_s
        asked.check(clerk.conductor.state.session)
        painted.clear()
        clerk.rest_until_read()
        return told * 1000

    return {"ms": [scanned(number) for number in range(count)]}


def screen(clerk: Clerk, count: int) -> Mapping[str, Any]:
    """Milliseconds from the scan's last key to the paint of a page on which this piece is recorded and the next one may be scanned."""
    clerk.sign_in()
    hand, window = clerk.hand, clerk.window
    window.go("security")
    page = window.widget("security")
    if not isinstance(page, SecurityPage):
        raise TypeError(type(page))
    hand.until(lambda: page.state.rules is not None, "no rules of security checks")
    hand.press("1", "Tab")
    hand.type("XR1-0000001")
    hand.press("Enter")
    hand.press(YES)
    hand.until(lambda: page.state.running and page.state.mark is not None, "the stream did not begin")
    painted = Painted(*page.findChildren(VerdictBanner))
    recorded_s: list[float] = []
    page.recorded.connect(lambda: recorded_s.append(time.perf_counter()))

    def scanned(number: int) -> float:
        hand.scan(waybill_number(number))
        hand.until(lambda: len(recorded_s) == number + 1 and painted.at_s > recorded_s[-1], f"not recorded: {page.state.stopped}")
        if not page.state.settled or page.state.stopped is not None or page.state.mark is None:
            raise RuntimeError(f"not ready for the next: {page.state.stopped}")
        return (painted.at_s - hand.struck_s) * 1000

    return {"ms": [scanned(number) for number in range(count)]}


@dataclass(frozen=True, slots=True)
class _Asked:
    """A parcel that waits for its scan, and what the look-up must find of it."""

    session: Session
    waybill: str
    duplicate: bool
    listed: bool

    def check(self, session: Session) -> None:
        """A look-up that found nothing where there is something would be quick and worthless."""
        screening = session.draft.screening
        found = screening is not None and any(reason in ("same-id", "same-phone") for hit in screening.hits for reason in hit.reasons)
        if (session.draft.earlier is not None, found) != (self.duplicate, self.listed):
            raise RuntimeError(f"{self} was answered wrongly")


def _asked(number: int, stored: int) -> _Asked:
    """Of ten parcels two carry a waybill accepted before, two are a listed person's, one has a listed phone; the rest are new."""
    kind, anywhere = number % 10, number * 7919 % stored if stored else 0
    session = unlabelled(ASKED_FROM + number)
    listed = LISTED_FROM + anywhere - anywhere % 10
    if kind in (2, 3):
        session = session.identified(document(listed + 5))
    elif kind == 4:
        session = session.sender_known(phone(listed + 9))
    waybill = waybill_number(anywhere if kind < 2 and stored else ASKED_FROM + number)
    return _Asked(session, waybill, duplicate=bool(stored) and kind < 2, listed=bool(stored) and kind in (2, 3, 4))


def _answered(session: Session, books: Books) -> Session:
    """Every question answered that does not wait for the waybill."""
    rulebook = books.rules.rulebook
    for item in rulebook.rules.applying(case_of(session.draft, rulebook, books.today)):
        if item.answers is not None and item.moment not in OF_THE_LABEL:
            session = session.answered(Finding(item.id, Answer.YES), rulebook, books.today)
    return session


class Painted(QObject):
    """When one of these widgets was painted last: after the whole window is."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        self.at_s = 0.0
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self._stamp)
        return super().eventFilter(watched, event)

    def _stamp(self) -> None:
        self.at_s = time.perf_counter()


def keys(clerk: Clerk, count: int) -> Mapping[str, Any]:
    """Milliseconds from a key to the next question painted: 1 through all questions of a parcel, Backspace back, and again. And what a bare
    label takes to show the same questions."""
    Journey.sign_in(clerk)
    clerk.take_up(unlabelled(ASKED_FROM))
    clerk.hand.scan(waybill_number(ASKED_FROM))
    clerk.hand.until(lambda: clerk.looked_up and clerk.task.kind is TaskKind.ASK, "no question")
    clerk.rest_until_read()
    painted = Painted(clerk.accept.task.question)
    times: list[float] = []
    questions: list[str] = []

    def press(key: str) -> None:
        before = clerk.task
        clerk.hand.press(key)
        clerk.hand.until(lambda: painted.at_s > clerk.hand.struck_s, "no question painted")
        times.append((painted.at_s - clerk.hand.struck_s) * 1000)
        questions.append(clerk.task.item.question.zh if clerk.task.item is not None else "")
        if clerk.task == before:
            raise RuntimeError(f"{key} changed nothing")

    while len(times) < count:
        answered = 0
        while clerk.task.kind is TaskKind.ASK:
            press("1")
            answered += 1
        for _ in range(answered):
            press("Backspace")
    return {"ms": times, "label_ms": _bare_label_ms(questions, clerk.hand)}


def _bare_label_ms(texts: Sequence[str], hand: Hand) -> list[float]:
    label = QLabel()
    label.setWordWrap(True)
    label.resize(*QUESTION_SIZE)
    label.show()
    painted = Painted(label)
    hand.until(lambda: painted.at_s > 0, "no label painted")
    times = []
    for text in texts:
        began = time.perf_counter()
        label.setText(text)
        label.repaint()
        times.append((time.perf_counter() - began) * 1000)
    label.close()
    return times


def main(arguments: Sequence[str]) -> int:
    """ACT FOLDER [NUMBER …]. To be called by a program without a main module: the window's child processes would load that as well, and
    this is larger than main.py."""
    act, folder, *numbers = arguments
    count, stored = itertools.islice(itertools.chain(map(int, numbers), (0, 0)), 2)
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    path = Path(folder)
    acts: dict[str, Callable[[], Mapping[str, Any]]] = {
        "journey": lambda: attend(Place(path / "station", path), lambda clerk: journey(clerk, whole=True)),
        "accept": lambda: attend(Place(path / "station", path), lambda clerk: journey(clerk, whole=False)),
        "visit": lambda: attend(Place(path / "station", path), visit),
        "typed": lambda: attend(Place(path / "station", path), typed),
        "screen": lambda: attend(Place(path / "station"), lambda clerk: screen(clerk, count)),
        "scans": lambda: attend(Place(path / "station"), lambda clerk: scans(clerk, count, stored)),
        "keys": lambda: attend(Place(path / "station"), lambda clerk: keys(clerk, count)),
    }
    print(json.dumps(acts[act]()))
    return 0
