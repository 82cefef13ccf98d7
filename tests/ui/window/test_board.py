"""班次看板 and labels through the real window: keys and scans only, a simulated printer, the journal as the witness."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtPrintSupport import QPrinterInfo

from courier_check.devices.codes import PrinterCode
from courier_check.devices.label_languages import PrinterLanguage
from courier_check.devices.simulated_printer import PrinterTrouble, SimulatedPrinter
from courier_check.journal.label_text import label_text
from courier_check.station import Station
from courier_check.store import journal
from courier_check.store.machine import KnownPrinter, Machine, save_machine
from support.looks import cramped
from support.pages import rows_of, seen
from support.windows import Counter, opened_again
from ui.board_page import BoardPage
from ui.board_work import LabelState

pytestmark = pytest.mark.slow
"""Opens the whole window."""

FIRST, SECOND = "SF1000000000014", "SF1000000000028"


@pytest.fixture
def printer(folder: Path) -> Iterator[SimulatedPrinter]:
    """The station's label printer, before its window is opened."""
    with SimulatedPrinter(PrinterLanguage.TSPL) as made:
        save_machine(folder, Machine(printer=KnownPrinter(address=made.address, language=made.language.value)))
        yield made


def board(counter: Counter) -> BoardPage:
    """Come to by the keyboard, and read."""
    counter.command("看板")
    page = counter.window.widget("board")
    assert isinstance(page, BoardPage)
    counter.hand.until(lambda: page.state.read is not None, "the board was not read")
    counter.hand.settle()
    return page


def missing(page: BoardPage) -> list[list[str]]:
    return rows_of(page._missing.table) if page.state.read is not None and page.state.read.board.missing else []


def label_state(counter: Counter) -> LabelState | None:
    assert counter.window._labelling is not None
    last = counter.window._labelling.last
    return None if last is None else last.state


def test_a_label_prints_by_itself_and_one_scan_of_it_confirms_it(printer: SimulatedPrinter, counter: Counter, folder: Path) -> None:
    hand = counter.hand
    counter.fill(FIRST)
    counter.submit()
    hand.until(lambda: label_state(counter) is LabelState.PRINTED, "the label was not printed")
    hand.settle()
    assert "已送打印机" in seen(counter.window.widget("accept"))
    assert len(printer.labels) == 1
    hand.scan(code_of(folder, FIRST))
    hand.until(lambda: label_state(counter) is LabelState.STUCK, "the label was not confirmed")
    assert counter.window.page == "accept"
    page = board(counter)
    assert page.state.read is not None
    assert (page.state.read.board.accepted, page.state.read.board.unlabelled) == (1, 0)
    assert "都贴好了" in seen(page)
    hand.press("F9")
    counter.end()
    assert len(printer.labels) == 1
    with opened_again(folder) as station:
        assert station.verify().ok


def test_out_of_paper_is_said_the_window_goes_on_and_the_queue_comes_out_later(
    printer: SimulatedPrinter, counter: Counter, folder: Path
) -> None:
    hand = counter.hand
    printer.trouble = PrinterTrouble.PAPER_OUT
    counter.fill(FIRST)
    counter.submit()
    hand.until(lambda: label_state(counter) is LabelState.WAITING, "nothing was said of the printer")
    hand.settle()
    assert "打印机缺纸，已排队" in seen(counter.window.widget("accept"))
    hand.press("Enter")
    counter.accept(SECOND)
    page = board(counter)
    assert [row[-1] for row in missing(page)] == ["待打印：打印机缺纸"] * 2
    printer.trouble = PrinterTrouble.NONE
    hand.until(lambda: len(printer.labels) == 2, "what waited was not printed")
    hand.until(lambda: [row[-1] for row in missing(page)] == ["已打印"] * 2, "the board was not read again")
    hand.press("Ctrl+T")
    hand.until(lambda: len(missing(page)) == 1, "not confirmed by its key")
    hand.press("F9")
    hand.until(lambda: len(printer.labels) == 3, "no reprint")
    hand.until(lambda: [row[-1] for row in missing(page)] == ["补打 1 已打印"], "the reprint is not told")
    hand.press("Enter")
    hand.until(lambda: counter.window.page == "records", "the record was not opened")
    counter.end()
    with opened_again(folder) as station:
        assert station.verify().ok
        kinds = station.database.rows("SELECT CAST(header AS TEXT) FROM journal_entries WHERE journal_id = ?", (current(station),))
    assert sum('"kind":"label-reprint"' in header for (header,) in kinds) == 1


@pytest.mark.skipif(bool(QPrinterInfo.availablePrinterNames()), reason="this machine has a printer, and nobody wants to see it print")
def test_a_label_for_a_system_without_printers_waits_and_the_window_goes_on(counter: Counter, folder: Path) -> None:
    save_machine(folder, Machine(printer=KnownPrinter(address="system:", language=PrinterLanguage.DRIVER.value)))
    counter.fill(FIRST)
    counter.submit()
    counter.hand.until(lambda: label_state(counter) is LabelState.WAITING, "nothing was said of the printer")
    counter.hand.settle()
    assert "系统里没有打印机，已排队" in seen(counter.window.widget("accept"))
    counter.hand.press("Enter")
    counter.accept(SECOND)
    counter.end()
    with opened_again(folder) as station:
        assert [job.trouble for job in station.desk().labels.waiting()] == [PrinterCode.SYSTEM_NONE.value] * 2
        assert station.verify().ok


def current(station: Station) -> str:
    return journal.current_journal(station.database) or ""


def code_of(folder: Path, waybill: str) -> str:
    """What a gun reads from the label; that the printed dots say the same is tested with the labels themselves."""
    with opened_again(folder) as station:
        labels = station.desk().labels
        return label_text(labels.facts(*labels.named(waybill)).entry)


def test_without_a_printer_it_is_said_and_the_label_waits(counter: Counter, folder: Path) -> None:
    counter.fill(FIRST)
    counter.submit()
    counter.hand.until(lambda: label_state(counter) is LabelState.NO_PRINTER, "nothing was said of the printer")
    counter.hand.settle()
    assert "没有打印机" in seen(counter.window.widget("accept"))
    counter.hand.press("Ctrl+T")
    counter.hand.until(lambda: label_state(counter) is LabelState.STUCK, "not confirmed by its key")
    counter.end()
    with opened_again(folder) as station:
        assert [job.trouble for job in station.desk().labels.waiting()] == ["label-no-printer"]
        assert station.desk().labels.missing() == []


def test_with_another_parcel_in_hand_the_keys_of_a_label_do_nothing_and_say_so(
    printer: SimulatedPrinter, counter: Counter, folder: Path
) -> None:
    """They would be about the parcel before, which nobody looks at any more."""
    hand = counter.hand
    counter.accept(FIRST)
    hand.until(lambda: label_state(counter) is LabelState.PRINTED, "the label was not printed")
    counter.identify()
    for key, done in (("F9", "没有打印"), ("Ctrl+T", "没有记贴标")):
        hand.press(key)
        assert done in counter.window.told()
        assert "上一件 #" in counter.window.told()
    hand.rest(100)
    counter.end()
    assert len(printer.labels) == 1
    with opened_again(folder) as station:
        assert len(station.desk().labels.missing()) == 1


@pytest.mark.parametrize("trouble", [PrinterTrouble.GARBAGE, PrinterTrouble.HANGS])
def test_a_printer_gone_wrong_holds_up_nothing(printer: SimulatedPrinter, counter: Counter, trouble: PrinterTrouble) -> None:
    printer.trouble = trouble
    counter.accept(FIRST)
    counter.accept(SECOND)
    page = board(counter)
    counter.hand.until(lambda: page.state.read is not None and page.state.read.board.accepted == 2, "not both accepted")
    counter.hand.until(lambda: "待打印：打印机" in str(missing(page)), "not said what is wrong", patience_ms=60_000)


@pytest.mark.parametrize("size", [QSize(1280, 720), QSize(1366, 768), QSize(1920, 1080)], ids=str)
def test_nothing_of_the_board_is_cut(counter: Counter, size: QSize) -> None:
    counter.window.resize(size)
    counter.accept(FIRST)
    page = board(counter)
    counter.hand.settle()
    assert cramped(counter.window) == []
    assert "口径：仅系统内已登记件" in seen(page)
    counter.hand.press("2")
    counter.hand.until(lambda: page.state.read is not None, "not read")
    counter.hand.settle()
    assert cramped(counter.window) == []
