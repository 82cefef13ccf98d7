"""拒收过、还在复核 through the real window, by the keyboard only: told at the scan, and settled by a supervisor who comes to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from courier_check.acceptance.tasks import TaskKind
from courier_check.desk.intercepts import Cause, Intercept
from courier_check.desk.rights import Role, SignedIn
from courier_check.devices.scans import REPEAT_MS
from courier_check.store.acts import accepted
from support.pages import seen
from support.windows import PRACTICE_CLERK, PRACTICE_PASSWORD, PRACTICE_SUPERVISOR, Counter, facts_of, opened_again
from ui.counter.state import Panel

pytestmark = pytest.mark.slow
"""Walks whole parcels through the window."""

WAYBILL = "SF1000000000014"


def up_to_the_goods(counter: Counter) -> None:
    counter.identify()
    counter.answer_all()
    counter.label(WAYBILL)
    counter.answer_all()
    counter.declare()
    counter.hand.until(lambda: counter.task.kind is TaskKind.ASK, f"no question, but {counter.task}")


def handed_in(counter: Counter) -> None:
    counter.submit()
    counter.hand.press("Enter")


def doubted(counter: Counter) -> None:
    """One question answered 存疑, no picture (a private article), and handed in."""
    up_to_the_goods(counter)
    counter.hand.press("3")
    counter.answer_all()
    while counter.task.kind is TaskKind.PHOTO:
        counter.hand.press("1", "Enter")
        counter.answer_all()
    assert counter.task.kind is TaskKind.REFERRED
    counter.submit()
    counter.hand.press("Enter")


def settled(counter: Counter) -> None:
    """`3`, the supervisor's number and password, what it is about, why, and the decision."""
    hand = counter.hand
    hand.press("3")
    hand.until(lambda: counter.panel is Panel.SUPERVISOR, "nobody is asked to come")
    hand.type(PRACTICE_SUPERVISOR)
    hand.press("Enter")
    hand.type(PRACTICE_PASSWORD)
    hand.press("Enter")
    hand.until(lambda: counter.panel is Panel.DECIDE, f"no supervisor: {counter.conductor.state.said}")
    hand.press("1")
    hand.until(lambda: bool(counter.conductor.state.chosen), "nothing was chosen")
    hand.compose("看过实物，没有夹带")
    hand.press("Enter")
    hand.press("1")
    hand.until(lambda: bool(counter.conductor.state.draft.settlements), f"not settled: {counter.conductor.state.said}")


def test_a_doubt_is_told_at_the_scan_and_settled_by_a_supervisor(counter: Counter, folder: Path) -> None:
    hand = counter.hand
    doubted(counter)
    hand.scan(WAYBILL)
    hand.until(lambda: "还在复核" in seen(counter.window), "not told at the scan")
    hand.press("Esc", "Esc")
    hand.until(lambda: counter.conductor.state.untouched, "not put down")
    hand.rest(2 * REPEAT_MS)  # these keys take no time here, and the same label scanned again within 300 ms is one scan
    up_to_the_goods(counter)
    counter.answer_all()
    assert counter.task.kind is TaskKind.REFERRED
    settled(counter)
    assert counter.task.kind is TaskKind.READY
    handed_in(counter)
    counter.end()
    found = facts_of(folder)
    (referral,) = [facts for facts in found if facts["kind"] == "referral"]
    (acceptance,) = [facts for facts in found if facts["kind"] == "acceptance"]
    assert acceptance["resolves"]["seq"] == referral["seq"]  # type: ignore[index]
    assert acceptance["resolutions"] == [{"code": "waybill-still-referred", "supervisor": PRACTICE_SUPERVISOR}]


def test_a_refusal_with_a_lead_is_told_at_the_scan_and_settled_by_a_supervisor(counter: Counter, folder: Path) -> None:
    hand = counter.hand
    up_to_the_goods(counter)
    hand.press("F8", "1", "1")
    hand.press("Enter", "1", "Enter", "Enter")  # no picture of a private article
    hand.until(lambda: counter.panel is Panel.RECORDED, f"not recorded: {counter.conductor.state.said} {counter.panel} {counter.task}")
    hand.press("Enter")
    up_to_the_goods(counter)
    assert "拒收过" in seen(counter.window)
    counter.answer_all()
    assert counter.task.kind is TaskKind.REFERRED
    settled(counter)
    handed_in(counter)
    counter.end()
    found = facts_of(folder)
    (refusal,) = [facts for facts in found if facts["kind"] == "refusal"]
    (acceptance,) = [facts for facts in found if facts["kind"] == "acceptance"]
    assert refusal["lead"] is not None
    assert acceptance["after_refusal"]["seq"] == refusal["seq"]  # type: ignore[index]


def test_an_intercepted_parcel_stays_that_whatever_is_read_afterwards(counter: Counter, folder: Path) -> None:
    counter.accept(WAYBILL)
    with opened_again(folder) as station:
        act = accepted(station.database, WAYBILL)
        assert act is not None
        stop = Intercept(act.journal_id, act.seq, Cause.NOTICE, "接到通知", "分拣中心 3 号口", "值班 赵")
        station.desk().intercepts.intercept(stop, SignedIn(PRACTICE_CLERK, Role.CLERK))
    counter.hand.scan(WAYBILL)
    counter.hand.until(lambda: "已拦截" in seen(counter.window), "not told")
    words = seen(counter.window)
    assert "换用新的运单" not in words
    assert "请寄件人出示证件" not in words
    assert counter.task.kind is TaskKind.STOPPED
    counter.hand.press("F8")
    assert counter.panel is Panel.TASK
