"""安检 through the real window: keys and scans only, every check in the journal."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QSize

from courier_check.station import PRACTICE_SUPERVISOR
from courier_check.store import journal
from support.looks import cramped
from support.pages import seen
from support.windows import Counter, opened_again
from ui.gates import Gate
from ui.security_page import SecurityPage

pytestmark = pytest.mark.slow
"""Opens the whole window."""

HERE, ELSEWHERE, OTHER = "SF1000000000014", "SF1000000000028", "SF1000000000031"


@pytest.fixture
def page(counter: Counter) -> SecurityPage:
    """The security page, come to by the keyboard."""
    counter.command("安检")
    made = counter.window.widget("security")
    assert isinstance(made, SecurityPage)
    counter.hand.until(lambda: counter.window.page == "security" and made.state.rules is not None, "no security page")
    return made


def checks(folder: Path) -> list[tuple[str, str, list[str], bool]]:
    """Outcome, what the parcel was, methods and whether a picture is named, of every check in the journal."""
    with opened_again(folder) as station:
        assert station.verify().ok
        rows = station.database.rows("SELECT header FROM journal_entries ORDER BY seq")
    told = [json.loads(header) for (header,) in rows]
    facts = [entry["facts"] for entry in told if entry["kind"] == "security-check"]
    return [(each["outcome"], each["parcel"], each["methods"], each["image"]) for each in facts]


def done(counter: Counter, page: SecurityPage) -> None:
    counter.hand.until(lambda: page.state.busy is None and not page.state.waiting, "not recorded")


def scan(counter: Counter, page: SecurityPage, code: str, mark: str = "") -> None:
    """One parcel, and its answer; not so soon that the window itself counts the same code once."""
    hand = counter.hand
    hand.press(*mark)
    hand.until(lambda: time.monotonic_ns() // 1_000_000 > hand._stamp + 400, "the hand's own clock runs on")
    hand.scan(code)
    done(counter, page)


def answer(counter: Counter, page: SecurityPage, key: str) -> None:
    """A digit that answers what is asked; it is held back a moment, since a scan may begin with it."""
    before = page.state
    counter.hand.press(key)
    counter.hand.until(lambda: page.state is not before, "not answered")
    done(counter, page)


def test_a_stream_marks_stops_and_goes_on(counter: Counter, page: SecurityPage, folder: Path) -> None:
    hand = counter.hand
    hand.scan(HERE)
    assert "还没有开始" in page.state.said
    hand.press("1", "0", "Tab")
    hand.type("XR1-0007")
    hand.press("Enter")
    assert page.state.running
    hand.press("1")
    hand.reset()
    scan(counter, page, HERE)
    assert hand.reset().keys == 0, "one motion a piece"
    assert "合格" in seen(page)
    assert "XR1-0007" in seen(page)
    scan(counter, page, ELSEWHERE)
    scan(counter, page, ELSEWHERE)
    assert "重新过机了吗" in seen(page)
    answer(counter, page, "4")
    assert (page.state.repeats, page.state.images.current) == (1, "XR1-0009")
    scan(counter, page, OTHER, "2")
    assert "停止分拣、运输、投递" in seen(page)
    hand.scan(HERE)
    assert "先按 Enter 继续" in seen(page)
    hand.press("Enter")
    assert page.state.stopped is None
    assert "下一张图像是 XR1-0010 吗" in seen(page)
    scan(counter, page, OTHER, "1")
    assert "先核对下一张图像的编号" in seen(page)
    answer(counter, page, "4")
    scan(counter, page, OTHER, "1")
    answer(counter, page, "5")  # it passed the machine again
    assert page.state.stopped is not None
    assert "复检" in page.state.stopped.why
    hand.press("Enter")
    answer(counter, page, "6")
    assert not page.state.running
    assert page._image.text() == "XR1-0010"
    hand.press("Enter")
    scan(counter, page, "SF1000000000045", "3")
    counter.end()
    x_ray = ["x-ray"]
    assert checks(folder) == [
        ("pass", "elsewhere", x_ray, True),
        ("pass", "elsewhere", x_ray, True),
        ("fail", "elsewhere", x_ray, True),
        ("recheck", "elsewhere", x_ray, True),
    ]


def test_parcels_of_this_station_and_the_last_one_judged_anew(counter: Counter, folder: Path) -> None:
    hand = counter.hand
    counter.accept(HERE)
    counter.command("安检")
    page = counter.window.widget("security")
    assert isinstance(page, SecurityPage)
    hand.until(lambda: page.state.rules is not None, "no methods")
    hand.press("1", "Enter", "1")
    scan(counter, page, HERE)
    assert page.state.stopped is None
    hand.press("Backspace", "3")
    done(counter, page)
    scan(counter, page, ELSEWHERE, "1")
    assert page.state.stopped is not None
    assert "本台没有收寄" in seen(page)
    hand.press("Enter", "Esc", "Esc")
    assert counter.window.page == "accept"
    counter.end()
    assert [(outcome, parcel) for outcome, parcel, _, _ in checks(folder)] == [
        ("pass", "accepted"),
        ("recheck", "accepted"),
        ("pass", "elsewhere"),
    ]


def test_a_failed_parcel_is_lifted_by_a_supervisor_at_the_window(counter: Counter, page: SecurityPage, folder: Path) -> None:
    hand = counter.hand
    hand.press("1", "0", "Enter")
    scan(counter, page, HERE, "2")
    hand.press("Enter")
    scan(counter, page, HERE, "3")
    assert page.state.stopped is not None
    assert "主管" in page.state.stopped.why
    hand.press("Enter", "Ctrl+L")
    counter.wait_for(Gate.SIGN_IN)
    counter.sign_in(PRACTICE_SUPERVISOR)
    hand.until(lambda: counter.window.page == "security" and not page.state.running, "the page was not begun anew")
    hand.press("3", "0", "Enter")
    scan(counter, page, HERE, "3")
    scan(counter, page, HERE, "1")
    counter.end()
    assert [outcome for outcome, _, _, _ in checks(folder)] == ["fail", "recheck", "pass"]


def test_a_clerk_is_told_who_may_record_a_recheck(counter: Counter, page: SecurityPage) -> None:
    counter.hand.press("1", "0", "Enter")
    scan(counter, page, HERE, "2")
    counter.hand.press("Enter")
    scan(counter, page, HERE, "3")
    assert page.state.stopped is not None
    assert "待复检只能由主管记" in page.state.stopped.why
    assert "Ctrl+L" in page.state.stopped.why
    counter.hand.press("Enter")


@pytest.mark.parametrize("size", [QSize(1280, 720), QSize(1366, 768), QSize(1920, 1080)], ids=str)
def test_nothing_of_the_page_is_cut(counter: Counter, page: SecurityPage, size: QSize) -> None:
    hand = counter.hand
    counter.window.resize(size)
    hand.settle()
    assert cramped(counter.window) == []
    hand.press("1", "0", "Enter")
    scan(counter, page, HERE)
    hand.settle()
    assert cramped(counter.window) == []
    hand.press("1")
    for number in range(6):
        scan(counter, page, f"SF10000000001{number:02d}")
    hand.settle()
    assert cramped(counter.window) == []
    hand.press("2")
    hand.settle()
    assert cramped(counter.window) == []
    scan(counter, page, OTHER)
    hand.settle()
    assert cramped(counter.window) == []


@pytest.mark.parametrize("size", [QSize(1280, 720), QSize(1366, 768)], ids=str)
def test_nothing_of_the_questions_about_pictures_is_cut(counter: Counter, page: SecurityPage, size: QSize) -> None:
    hand = counter.hand
    counter.window.resize(size)
    hand.press("1", "0", "Tab")
    hand.type("XR1-2026-11-0000417")
    hand.press("Enter", "1")
    scan(counter, page, HERE)
    scan(counter, page, HERE)
    assert "重新过机了吗" in seen(page)
    hand.settle()
    assert cramped(counter.window) == []
    answer(counter, page, "4")
    scan(counter, page, "6901234567892")
    hand.press("Enter")
    assert "下一张图像是 XR1-2026-11-0000418 吗" in seen(page)
    hand.settle()
    assert cramped(counter.window) == []


def test_nothing_is_chosen_when_the_page_comes_to_the_front_again(counter: Counter, page: SecurityPage, folder: Path) -> None:
    hand = counter.hand
    hand.press("1", "0", "Enter")
    scan(counter, page, HERE)
    assert "先按 1 合格、2 不合格或 3 待复检" in seen(page)
    scan(counter, page, HERE, "1")
    counter.command("记录")
    counter.command("安检")
    hand.until(lambda: counter.window.page == "security", "no security page")
    assert page.state.mark is None
    scan(counter, page, ELSEWHERE)
    scan(counter, page, ELSEWHERE, "1")
    counter.end()
    assert [outcome for outcome, _, _, _ in checks(folder)] == ["pass", "pass"]


def test_a_full_disk_stops_the_stream_and_says_that_nothing_was_recorded(
    counter: Counter, page: SecurityPage, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from courier_check.errors import StoreError
    from courier_check.store.codes import StoreCode

    def full(*_: object) -> None:
        raise StoreError(StoreCode.DISK_FULL)

    counter.hand.press("1", "0", "Enter")
    monkeypatch.setattr(journal, "append", full)
    scan(counter, page, HERE, "1")
    assert page.state.stopped is not None
    assert page.state.stopped.words == "没有记"
    monkeypatch.undo()
    counter.hand.press("Enter")
    scan(counter, page, HERE, "1")
    counter.end()
    assert [outcome for outcome, _, _, _ in checks(folder)] == ["pass"]
