"""A question that is asked of what leaves the country only, at the real window: it comes up with the country, stops the parcel until it is
answered, and is asked again when the parcel goes elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from courier_check.acceptance.tasks import TaskKind
from courier_check.desk.rights import Role, SignedIn
from courier_check.inspection.verdict import Outcome
from courier_check.station import PRACTICE_SUPERVISOR
from support.pages import seen
from support.windows import Counter, acts_of, opened_again
from ui.counter.state import Panel

pytestmark = pytest.mark.slow
"""Walks a whole parcel through the window."""

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "checklists-2026.12-1.json"
ASKED, WORDS = "customs-as-seen", "看到的内件和报关单证写的一样？"


@pytest.fixture
def folder(folder: Path) -> Path:
    """The worked example's checklists are installed."""
    with opened_again(folder) as station:
        station.desk().rules.install(EXAMPLE.read_bytes(), SignedIn(PRACTICE_SUPERVISOR, Role.SUPERVISOR), signed=False)
    return folder


def send_to(counter: Counter, country: str, **typed: str) -> None:
    counter.command("服务信息")
    counter.hand.until(lambda: counter.panel is Panel.SERVICE, "no form for the service")
    for name, text in {**typed, "service-country": country}.items():
        field = counter.field(name)
        field.setFocus()
        field.clear()
        counter.hand.compose(text)
    counter.hand.press("Ctrl+Enter")
    counter.hand.until(lambda: counter.panel is not Panel.SERVICE, f"not taken: {counter.conductor.state.said}")


def declare_to_customs(counter: Counter) -> None:
    counter.hand.until(lambda: counter.task.kind is TaskKind.CUSTOMS, f"not the customs, but {counter.task}")
    for name, text in (("customs-weight", "500"), ("customs-value", "60")):
        counter.field(name).setFocus()
        counter.hand.type(text)
    counter.field("customs-category").setFocus()
    counter.hand.type("1")
    counter.hand.press("Ctrl+Enter")
    counter.hand.until(lambda: counter.task.kind is not TaskKind.CUSTOMS, f"not declared: {counter.conductor.state.said}")


def is_asked(counter: Counter) -> bool:
    return WORDS in seen(counter.window.widget("accept"))


def answers(counter: Counter) -> set[str]:
    return {one.finding.item for one in counter.conductor.state.draft.answers}


def test_a_country_brings_its_question_and_another_country_brings_it_again(counter: Counter, folder: Path, qapp: QApplication) -> None:
    hand = counter.hand
    counter.fill("SF1000000000014")
    assert (ASKED in counter.conductor.verdict.missing, counter.conductor.verdict.outcome) == (False, Outcome.ACCEPT)
    send_to(counter, "日本", **{"service-product": "国际小包", "service-payer": "1", "service-weight": "900"})
    declare_to_customs(counter)
    hand.until(lambda: is_asked(counter), f"not asked, but {counter.task}")
    assert (counter.conductor.verdict.outcome, counter.conductor.verdict.missing) == (Outcome.INCOMPLETE, (ASKED,))
    hand.press("F12")
    hand.settle()
    assert counter.panel is not Panel.RECORDED, "accepted without its answer"
    hand.press("1")
    hand.until(lambda: counter.task.kind is TaskKind.READY, f"not ready, but {counter.task}")
    others = answers(counter) - {ASKED}
    send_to(counter, "美国")
    declare_to_customs(counter)
    hand.until(lambda: is_asked(counter), f"not asked again, but {counter.task}")
    assert (answers(counter), counter.conductor.verdict.missing) == (others, (ASKED,))
    hand.press("1")
    hand.until(lambda: counter.task.kind is TaskKind.READY, f"not ready, but {counter.task}")
    counter.submit()
    counter.end()
    assert [act.kind for act in acts_of(folder)] == ["acceptance"]
