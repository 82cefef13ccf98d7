"""One sender through the whole window: what is said anywhere, to eyes or to screen readers, never gives the number, the phone or the name
back, nor do all of it put together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from courier_check.privacy import mask_name, mask_number, mask_phone
from support.looks import everything_said
from support.windows import ADDRESSEE, SENDER, Counter
from ui.counter.state import Panel

pytestmark = pytest.mark.slow
"""Walks whole parcels through the window."""

WAYBILL = "SF1000000000014"
SECRETS = {
    "number": SENDER.number,
    "phone": SENDER.phone,
    "name": SENDER.name,
    "address": SENDER.address,
    "addressee": ADDRESSEE.name,
    "addressee's phone": ADDRESSEE.phone,
    "addressee's address": ADDRESSEE.address,
}
TOO_LONG = {"number": 4, "phone": 5, "addressee's phone": 5}
"""So many of its digits in a row nothing may show. The made-up ones hold no year, time or count by chance."""


def pieces(secret: str, length: int) -> set[str]:
    return {secret[start : start + length] for start in range(len(secret) - length + 1)}


_HASHES = re.compile(r"(?<![0-9a-zA-Z])(?=[0-9a-f ]*[a-f])[0-9a-f]{8}(?: ?[0-9a-f]{8})+(?![0-9a-zA-Z])")
"""Hashes and ids, in groups or not: random digits among letters, in which four of a number may stand by chance."""

_MOMENTS = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?")
"""Day and hour side by side, which may be four of its digits at some hour of some day."""


def told_secrets(said: Iterable[str]) -> list[str]:
    """What of the secrets stands in plain words, or in pieces that are too long."""
    found = []
    for text in said:
        found += [f"{name} in {text!r}" for name, secret in SECRETS.items() if secret in text]
        for name, length in TOO_LONG.items():
            digits = re.findall(r"\d+", _MOMENTS.sub("", _HASHES.sub("", text)).replace(" ", "").replace("-", ""))
            found += [f"a piece of the {name} in {text!r}" for run in digits if pieces(SECRETS[name], length) & pieces(run, length)]
    return found


def rebuilt(said: Iterable[str], secret: str) -> dict[int, str]:
    """Places of a number that masked forms of its length give away, all of them together."""
    shown: dict[int, str] = {}
    for text in said:
        for masked in re.findall(rf"[0-9X*]{{{len(secret)}}}", text):
            if "*" in masked and all(one in ("*", own) for one, own in zip(masked, secret, strict=True)):
                shown |= {place: one for place, one in enumerate(masked) if one != "*"}
    return shown


def before_commit(counter: Counter) -> Iterator[str]:
    """The states up to the submit in which no form is open."""
    hand = counter.hand
    counter.identify()
    yield "identified"
    counter.answer_all()
    counter.label(WAYBILL)
    yield "labelled"
    for words in ("回头客", "告知"):
        counter.command(words)
        hand.settle()
        yield words
        hand.press("Esc")
    counter.answer_all()
    counter.declare()
    counter.answer_all()
    yield "ready"
    hand.press("F8")
    yield "refusals"
    hand.press("Esc")


def after_commit(counter: Counter) -> Iterator[str]:
    """Everything the window has to show about the record."""
    hand, window = counter.hand, counter.window
    counter.submit()
    yield "recorded"
    hand.press("Enter")
    yield "next"
    hand.press("Ctrl+K")
    yield "commands"
    hand.press("Esc", "F10")
    yield "nothing held"
    hand.press("F1")
    yield "help"
    window.go("records")
    hand.rest(200)
    yield "records"
    hand.scan(WAYBILL)
    records = window.widget("records")
    hand.until(lambda: records.is_drawn, "the record did not open")  # type: ignore[attr-defined]  # it is a RecordsPage
    hand.rest(100)
    yield "record"
    hand.press("Ctrl+D")
    hand.compose(f"不是我办的，寄件人不是{SENDER.name}，电话 {SENDER.phone}，住{SENDER.address}")
    hand.press("Enter")
    hand.rest(200)
    hand.until(lambda: records.is_drawn and records.state.disputing is None, "not disputed")  # type: ignore[attr-defined]  # as above
    yield "disputed"
    hand.press("Esc")
    window.go("sync")
    hand.rest(200)
    yield "sync"
    sync = window.widget("sync")
    hand.press("C")
    hand.until(lambda: getattr(sync.state.closing, "due", None) is not None, "nothing to close")  # type: ignore[attr-defined]  # it is a SyncPage
    yield "day close"
    hand.press("Enter")
    hand.until(lambda: sync.state.closing.closed is not None, "not closed")  # type: ignore[attr-defined]  # as above
    yield "day slip"
    hand.press("Esc")
    reports = window.widget("reports")
    window.go("reports")
    hand.until(lambda: reports.is_drawn, "no report")  # type: ignore[attr-defined]  # it is a ReportsPage
    yield "reports"
    hand.press("2")
    hand.until(lambda: reports.is_drawn, "no rates")  # type: ignore[attr-defined]  # as above
    yield "rates"
    window.go("accept")
    hand.scan(WAYBILL)
    hand.until(lambda: counter.conductor.state.draft.earlier is not None, "the duplicate was not noticed")
    yield "duplicate"
    hand.press("Esc", "Esc", "Ctrl+L")
    hand.settle()
    yield "sign-in"


def test_before_the_commit_number_and_phones_are_masked_on_the_page(counter: Counter) -> None:
    masked = {"number": mask_number(SENDER.number), "phone": mask_phone(SENDER.phone)}
    seen: set[str] = set()
    for state in before_commit(counter):
        said = everything_said(counter.window)
        for name in TOO_LONG:
            assert not any(SECRETS[name] in text for text in said), (state, name)
        seen |= {name for name, mask in masked.items() if any(mask in text for text in said)}
    assert seen == set(masked)
    counter.hand.press("Esc", "Esc")


def test_after_the_commit_nothing_shown_gives_the_sender_back(counter: Counter) -> None:
    for _ in before_commit(counter):
        pass
    told: list[str] = []
    for state in after_commit(counter):
        said = [*everything_said(counter.window), QGuiApplication.clipboard().text()]
        assert told_secrets(said) == [], state
        told += said
    assert mask_name(SENDER.name) in "\n".join(told)
    assert set(rebuilt(told, SENDER.number)) <= {0, len(SENDER.number) - 2, len(SENDER.number) - 1}
    assert len(rebuilt(told, SENDER.phone)) <= 7


@pytest.mark.parametrize("end", ["refused", "abandoned", "same sender"])
def test_nothing_of_a_sender_stays_in_a_field_that_is_not_shown(counter: Counter, end: str) -> None:
    counter.identify()
    counter.answer_all()
    counter.label(WAYBILL)
    if end == "refused":
        counter.hand.press("F8", "0", "1", "Enter")
        counter.hand.until(lambda: counter.panel is Panel.RECORDED, f"not refused: {counter.conductor.state.said}")
        counter.hand.press("Enter")
    elif end == "abandoned":
        counter.hand.press("Esc", "Esc")
    else:
        counter.answer_all()
        counter.declare()
        counter.answer_all()
        counter.submit()
        counter.hand.press("F4", "Esc", "Esc")
    counter.hand.until(lambda: counter.conductor.state.untouched, "the parcel stays in hand")
    assert told_secrets(everything_said(counter.window)) == []


def test_the_log_says_nothing_of_a_sender(opened: Callable[[Path], Counter], folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        counter = opened(folder).enter()
        counter.accept(WAYBILL)
        counter.window.go("records")
        counter.hand.scan(WAYBILL)
        counter.hand.rest(200)
    assert told_secrets(record.getMessage() for record in caplog.records) == []
