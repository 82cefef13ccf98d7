"""The window as it is drawn, in every state of a parcel and on every page, small and large: nothing is cut or covered, everything that can
have the focus has a name, and Tab reaches it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from courier_check.acceptance.tasks import TaskKind
from courier_check.clock import CHINA
from support.looks import cramped, drawn, focusable, read_aloud
from support.windows import ADDRESSEE, SENDER, Addressee, Counter, Person
from ui.counter.state import Panel
from ui.gates import Gate

pytestmark = pytest.mark.slow
"""Some twenty states at four sizes."""

WAYBILL = "SF1000000000014"
LONG_SENDER = Person(name="欧阳" * 100, address="云南省大理州" * 34)
LONG_ADDRESSEE = Addressee(name="诸葛" * 100, address="河南省郑州市" * 34)
SIZES = ((1280, 720), (1366, 768), (1920, 1080), (3840, 2160))


def states(counter: Counter, person: Person, addressee: Addressee) -> Iterator[str]:
    """A parcel from the gate to its report; at each name the window stands in that state."""
    hand = counter.hand
    counter.wait_for(Gate.UNLOCK)
    yield "unlock"
    counter.enter()
    yield "idle"
    hand.press("1")
    assert counter.panel is Panel.NOTICE
    yield "notice"
    hand.press("Esc", "F3")
    hand.until(lambda: counter.panel is Panel.TYPED_DOCUMENT, "no form for a document")
    yield "typed document"
    hand.press("Esc", "Ctrl+B")
    hand.until(lambda: counter.panel is Panel.LATE, "no form for the time")
    yield "late registration"
    counter.hand.type(f"{datetime.now(CHINA):%H%M}")
    hand.press("Enter")
    hand.until(lambda: counter.conductor.state.aside.late_ms is not None, "the time was not taken")
    yield "late"
    counter.identify(person)
    yield "identity question"
    counter.answer_all()
    yield "waybill"
    counter.label(WAYBILL, person, addressee)
    yield "label question"
    hand.press("Ctrl+K", "Esc")
    for words, panel in (("回头客", Panel.SENDER), ("订单", Panel.ORDER_NAME), ("单位", Panel.ORGANISATION)):
        counter.command(words)
        assert counter.panel is panel
        yield words
        hand.press("Esc")
    counter.answer_all()
    yield "contents"
    hand.press("h", "z")
    yield "goods found"
    hand.press("Backspace", "Backspace")
    hand.press("Ctrl+K")
    hand.compose("查禁寄物品")
    hand.press("Enter", "d", "h", "j", "1", "2")
    assert counter.panel is Panel.PROHIBITED
    yield "what to do about prohibited goods"
    hand.press("Esc", "1")
    yield "name of the contents"
    hand.compose(person.name)
    hand.press("Enter")
    hand.until(lambda: bool(counter.conductor.state.draft.items), "the contents were not taken")
    hand.until(lambda: counter.task.kind is not TaskKind.LOOKING_UP, "the look-up did not end")
    yield "inspection question"
    for words, panel in (("上门揽收", Panel.SERVICE), ("一票多件", Panel.PIECES), ("国家机关公文", Panel.RESERVED)):
        counter.command(words)
        assert counter.panel is panel
        yield words
        hand.press("Esc")
    hand.press("F8")
    yield "refusals"
    hand.press("0", "7")
    yield "a refusal chosen"
    hand.press("Esc", "3")
    yield "a doubt"
    hand.press("Backspace")
    counter.answer_all()
    hand.until(lambda: counter.task.kind is TaskKind.READY, f"not ready, but {counter.task}")
    yield "ready"
    hand.press("F12")
    hand.until(lambda: counter.panel is Panel.RECORDED, "not recorded")
    yield "recorded"
    hand.press("F1")
    yield "help"
    hand.press("F1", "F11")
    hand.until(lambda: counter.window.page == "sync", "no sync page")
    yield "sync"
    sync = counter.window.widget("sync")
    hand.press("V")
    hand.until(lambda: sync._verify_card.state.result is not None, "not verified")  # type: ignore[attr-defined]  # it is a SyncPage
    yield "verified"
    hand.press("Esc", "C")
    hand.until(lambda: getattr(sync.state.closing, "due", None) is not None, "nothing to close")  # type: ignore[attr-defined]  # as above
    yield "day close"
    hand.press("Enter")
    hand.until(lambda: sync.state.closing.closed is not None, "not closed")  # type: ignore[attr-defined]  # as above
    yield "day slip"
    hand.press("Esc")
    counter.window.go("records")
    hand.rest(150)
    yield "records"
    hand.scan(WAYBILL)
    hand.rest(250)
    yield "record"
    hand.press("Ctrl+D")
    yield "dispute"
    hand.compose("不是我办的")
    hand.press("Enter")
    hand.rest(250)
    yield "disputed record"
    hand.press("W")
    records = counter.window.widget("records")
    hand.until(lambda: records.state.withdrawing is not None, "no form for a withdrawal")  # type: ignore[attr-defined]  # a RecordsPage
    yield "withdrawal"
    hand.press("Esc")
    counter.window.go("reports")
    hand.rest(250)
    yield "reports"
    hand.press("4")
    hand.rest(250)
    yield "half-yearly report"
    hand.press("Ctrl+L")
    counter.wait_for(Gate.SIGN_IN)
    yield "sign-in"


def cramped_at_rest(counter: Counter) -> list[str]:
    """What a count that changed just now, and gets its room in the next round of the event loop, is not mistaken for."""
    for _ in range(3):
        told = cramped(counter.window)
        if not told:
            break
        counter.hand.settle()
    return told


@pytest.mark.parametrize(("person", "addressee"), [(SENDER, ADDRESSEE), (LONG_SENDER, LONG_ADDRESSEE)], ids=["usual", "200 characters"])
def test_nothing_is_cut_or_covered_at_any_size(
    opened: Callable[[Path], Counter], folder: Path, person: Person, addressee: Addressee
) -> None:
    counter = opened(folder)
    found = []
    for state in states(counter, person, addressee):
        for width, height in SIZES:
            counter.window.resize(width, height)
            counter.hand.settle()
            counter.hand.settle()
            size = counter.window.width(), counter.window.height()
            if size != (width, height):
                found.append(f"{state}: {size} instead of {width}×{height}")
            found += [f"{state} at {width}×{height}: {told}" for told in cramped_at_rest(counter)]
        counter.window.resize(1366, 768)
    assert found == [], "\n".join(found)


def test_whatever_can_have_the_focus_has_a_name_and_is_reached_by_tab(opened: Callable[[Path], Counter], folder: Path) -> None:
    counter = opened(folder)
    nameless, unreached = [], []
    for state in states(counter, SENDER, ADDRESSEE):
        counter.hand.settle()
        wanted = focusable(counter.window)
        nameless += [f"{state}: {type(one).__name__} {one.objectName()}" for one in wanted if not read_aloud(one)]
        before = counter.window.focusWidget()
        reached = set()
        for _ in range(len(wanted) + 3):
            counter.hand.press("Tab")
            reached.add(counter.window.focusWidget())
        missed = [one for one in wanted if one not in reached and one in set(drawn(counter.window))]
        unreached += [f"{state}: {type(one).__name__} {read_aloud(one)}" for one in missed]
        if before is not None and before.isVisible():
            before.setFocus()
    assert nameless == []
    assert unreached == [], "\n".join(unreached)
