"""处置 through the real window: a refusal with its steps, the slip, the report; a failed parcel stopped at once. Keys and scans only."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSize

from courier_check.acceptance.tasks import TaskKind
from courier_check.desk.intercepts import Cause, Intercept
from courier_check.desk.rights import Role, SignedIn
from courier_check.journal.label_text import LabelledEntry, label_text
from courier_check.station import PRACTICE_CLERK
from courier_check.store import journal
from courier_check.store.acts import accepted
from support.looks import cramped
from support.pages import seen
from support.sounds import Heard
from support.windows import Counter, opened_again
from ui.counter.state import Panel
from ui.disposal_view import DisposalKind
from ui.records import RecordsPage
from ui.security_page import SecurityPage
from ui.sounds import Sound

pytestmark = pytest.mark.slow
"""Opens the whole window."""

WAYBILL = "SF1000000000014"


def entries(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    with opened_again(folder) as station:
        assert station.verify().ok
        rows = station.database.rows("SELECT header FROM journal_entries ORDER BY seq")
    told = [json.loads(header) for (header,) in rows]
    return [(entry["kind"], entry["facts"]) for entry in told]


def find_knife(counter: Counter, name: str = "弹簧刀", category: str = "02") -> None:
    """Up to the point where something prohibited was found, named, and said to be carried openly."""
    hand = counter.hand
    counter.identify()
    counter.answer_all()
    counter.label(WAYBILL)
    counter.answer_all()
    counter.declare()
    hand.until(lambda: counter.task.kind is not TaskKind.LOOKING_UP, "the look-up did not end")
    while counter.task.item is not None and not (counter.task.item.covers and category in counter.task.item.covers):
        hand.press("1")
    assert counter.task.kind is TaskKind.ASK
    hand.press("2")
    assert counter.task.kind is TaskKind.FOUND
    hand.press(*category)
    hand.compose(name)
    hand.press("Enter", "1")
    assert counter.task.kind is TaskKind.PHOTO
    hand.press("F6")
    hand.until(lambda: "选免拍原因" in counter.conductor.state.said, "this counter has no camera, and nobody said so")
    hand.press("5", "Enter")
    assert [one.reason for one in counter.conductor.state.draft.exemptions] == ["no-camera"]
    assert counter.task.kind is TaskKind.STOPPED


def records_of(counter: Counter) -> RecordsPage:
    page = counter.window.widget("records")
    assert isinstance(page, RecordsPage)
    return page


def refuse(counter: Counter) -> None:
    counter.hand.press("F8", "Enter")
    counter.hand.until(lambda: counter.panel is Panel.RECORDED, f"not recorded: {counter.conductor.state.said}")


def test_a_letter_is_told_by_keys_and_stands_in_the_record(counter: Counter, folder: Path) -> None:
    hand = counter.hand
    counter.identify()
    hand.press("F8", "1", "2")
    assert "记收到的通知" in seen(counter.window)
    hand.press("T")
    assert counter.panel is Panel.LETTER
    assert cramped(counter.window) == []
    hand.compose("样例市场监管局（虚构）")
    hand.press("Enter")
    hand.press(*"20260120", "Enter")
    hand.compose("样市监函〔2026〕17号")
    hand.press("Enter")
    hand.until(lambda: counter.panel is Panel.REFUSE, f"the letter was not taken: {counter.conductor.state.said}")
    assert "样例市场监管局（虚构） · 样市监函〔2026〕17号，2026-01-20 收到" in seen(counter.window)
    assert cramped(counter.window) == []
    hand.press("Enter")
    hand.until(lambda: counter.panel is Panel.RECORDED, f"not recorded: {counter.conductor.state.said}")
    (said,) = [facts for kind, facts in entries(folder) if kind == "refusal"]
    assert (said["refusals"], said["notification"]) == (["R12"], {"received_on": "2026-01-20"})


def test_a_grave_refusal_keeps_its_steps_in_view_and_is_reported_by_keys(counter: Counter, folder: Path, tmp_path: Path) -> None:
    hand = counter.hand
    find_knife(counter)
    words = seen(counter.window)
    assert words.index("1　") < words.index("2　")
    assert "公安 110" in words
    hand.reset()
    refuse(counter)
    assert hand.reset().keys <= 6
    words = seen(counter.window)
    assert "看护并报告，不退还物品" in words
    assert "暂停处理，两人看护" in words
    assert "XS" in words
    assert "把证件和物品交还寄件人" not in words
    assert not counter.conductor._clear.isActive(), "the steps stay until somebody has read them"
    page = records_of(counter)
    page.folder = tmp_path
    hand.press("G")
    hand.until(lambda: any(tmp_path.glob("拒收告知单-*.pdf")), "no slip")
    hand.press("J")
    hand.until(lambda: page.state.settling is not None, "no form for a report")
    assert page._record.disposal_form.kind is DisposalKind.REPORT
    assert cramped(counter.window) == []
    hand.press("Enter")
    hand.compose("值班民警 李")
    hand.press("Enter")
    hand.compose("110 受理 0417")
    hand.press("Enter", "Enter", "1")
    hand.until(lambda: page.state.settling is None and not page._desk.busy, "not recorded")
    counter.end()
    told = entries(folder)
    (refusal,) = [facts for kind, facts in told if kind == "refusal"]
    (report,) = [facts for kind, facts in told if kind == "report-made"]
    assert report["lead"] == refusal["lead"]["number"]
    assert report["authority"] == "public-security"


def test_an_ordinary_lighter_goes_back_without_drama(counter: Counter, folder: Path) -> None:
    find_knife(counter, "打火机", "04")
    refuse(counter)
    words = seen(counter.window)
    assert "当场退还寄件人" in words
    assert "记下报告了谁" not in words
    assert "告知单" in words
    counter.end()
    (refusal,) = [facts for kind, facts in entries(folder) if kind == "refusal"]
    assert "lead" not in refusal


@pytest.mark.parametrize("size", [QSize(1366, 768), QSize(1920, 1080)], ids=str)
def test_nothing_is_cut_while_a_refusal_is_disposed_of(counter: Counter, size: QSize) -> None:
    counter.window.resize(size)
    find_knife(counter)
    assert cramped(counter.window) == []
    refuse(counter)
    counter.hand.rest(200)  # drawn in steps
    assert cramped(counter.window) == []


def test_a_failed_parcel_is_stopped_at_once_and_every_scan_of_it_is_told(counter: Counter, folder: Path) -> None:
    hand = counter.hand
    counter.accept(WAYBILL)
    counter.command("安检")
    page = counter.window.widget("security")
    assert isinstance(page, SecurityPage)
    hand.until(lambda: page.state.rules is not None, "no methods")
    hand.press("1", "Enter", "2")
    hand.scan(WAYBILL)
    hand.until(lambda: page.state.stopped is not None, "not stopped")
    assert "登记拦截" in seen(page)
    hand.press("Z")
    records = records_of(counter)
    hand.until(lambda: records.state.settling is not None, "no form for an intercept")
    assert records._record.disposal_form.typed()["cause"] == "security-check"
    hand.press("Enter")
    for text in ("安检图像异常", "安检台", "值班 赵"):
        hand.compose(text)
        hand.press("Enter")
    hand.press("Enter", "Enter", "1")
    hand.until(lambda: records.state.settling is None and not records._desk.busy, "not recorded")
    hand.until(lambda: "已拦截" in seen(records), "not shown")
    counter.command("安检")
    hand.until(lambda: time.monotonic_ns() // 1_000_000 > hand._stamp + 400, "the hand's own clock runs on")
    hand.press("3")
    hand.scan(WAYBILL)
    hand.until(lambda: page.state.stopped is not None, "a scan of it did not stop")
    counter.end()
    (stop,) = [facts for kind, facts in entries(folder) if kind == "intercept"]
    assert (stop["cause"], stop["security"]) == ("security-check", "fail")


def intercepted(counter: Counter, folder: Path) -> str:
    """One parcel accepted at the window and stopped at another one: the code of its label."""
    counter.accept(WAYBILL)
    with opened_again(folder) as station:
        journal_id = journal.current_journal(station.database) or ""
        act = accepted(station.database, WAYBILL)
        assert act is not None
        stop = Intercept(journal_id, act.seq, Cause.NOTICE, "接到通知", "分拣中心 3 号口", "值班 赵")
        station.desk().intercepts.intercept(stop, SignedIn(PRACTICE_CLERK, Role.CLERK))
        return label_text(LabelledEntry(journal_id, act.seq, journal.hash_at(station.database, journal_id, act.seq) or ""))


def scan_stops(counter: Counter, heard: Heard, code: str, where: str) -> None:
    """The scan of an intercepted parcel is heard and stands in the window."""
    hand = counter.hand
    hand.until(lambda: time.monotonic_ns() // 1_000_000 > hand._stamp + 400, "the hand's own clock runs on")
    heard.sounds.clear()
    hand.scan(code)
    hand.until(lambda: Sound.STOP in heard.sounds, f"not heard: {where}")
    hand.until(lambda: "已拦截" in seen(counter.window), f"not shown: {where}")


@pytest.mark.parametrize("page", ["records", "board", "lists", "sync", "reports", "help"])
def test_any_scan_of_an_intercepted_parcel_stops_loudly_on_whatever_page(counter: Counter, folder: Path, heard: Heard, page: str) -> None:
    label = intercepted(counter, folder)
    counter.window.go(page)
    for code in (WAYBILL, label):
        scan_stops(counter, heard, code, page)
        counter.window.go(page)


def test_it_stops_loudly_over_a_record_and_whatever_is_filled_in_there(counter: Counter, folder: Path, heard: Heard) -> None:
    intercepted(counter, folder)
    counter.accept("SF1000000000028")
    records = records_of(counter)
    counter.window.go("records")
    counter.hand.scan("SF1000000000028")
    counter.hand.until(lambda: records.open_place is not None, "not opened")
    counter.hand.press("Ctrl+D")
    assert records.state.disputing is not None
    scan_stops(counter, heard, WAYBILL, "a dispute")
    counter.hand.press("Esc")
    scan_stops(counter, heard, WAYBILL, "a record")
    counter.hand.until(
        lambda: records.open_place is not None and "停止分拣、运输、投递，不得交出" in seen(records), "its record is not shown"
    )


def test_it_stops_loudly_though_another_parcel_is_in_hand(counter: Counter, folder: Path, heard: Heard) -> None:
    label = intercepted(counter, folder)
    scan_stops(counter, heard, WAYBILL, "nothing in hand")
    counter.hand.press("Esc", "Esc")
    counter.identify()
    counter.hand.scan("SF1000000000028")
    counter.hand.until(lambda: counter.conductor.state.draft.waybill is not None, "the number was not taken")
    for code in (WAYBILL, label):
        scan_stops(counter, heard, code, "another parcel in hand")
    assert counter.conductor.state.draft.waybill is not None
    assert counter.conductor.state.draft.waybill.text == "SF1000000000028"
