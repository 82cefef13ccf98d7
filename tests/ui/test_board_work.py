"""What the window's worker does about labels: the new one first, what waits later, and everything that is wrong said as a value."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from courier_check.desk.intercepts import Cause, Intercept, InterceptOutcome, Settlement
from courier_check.desk.labels import OUTLIVED_MS
from courier_check.devices.codes import PrinterCode
from courier_check.devices.label_languages import PrinterLanguage
from courier_check.devices.label_printer import Waits
from courier_check.devices.simulated_printer import PrinterTrouble, SimulatedPrinter
from courier_check.errors import UserError
from courier_check.label_printing import LabelCode
from courier_check.shift_board import Stretch
from courier_check.station import PRACTICE_PASSWORD, PRACTICE_SUPERVISOR, Station
from courier_check.store import journal
from courier_check.store.machine import KnownPrinter, Machine, save_machine
from support.filled import ACCEPTED, PENDING, REFUSED, Filled
from ui import board_work
from ui.board_work import LabelState, Place

NO_PRINTER = LabelCode.NO_PRINTER.value
PATIENT = Waits(connect_s=20, write_s=20, answer_s=20)


@pytest.fixture
def station(filled: Filled) -> Iterator[Station]:
    with filled.open() as opened:
        yield opened


def place_of(filled: Filled, waybill: str) -> Place:
    return filled.journal_id, filled.seqs[waybill]


def hash_of(station: Station, place: Place) -> str:
    return journal.hash_at(station.database, *place) or ""


def use(station: Station, printer: SimulatedPrinter) -> None:
    save_machine(station.folder.path, Machine(printer=KnownPrinter(address=printer.address, language=printer.language.value)))


def test_the_new_label_comes_first_then_what_waits(station: Station, filled: Filled) -> None:
    old, new = place_of(filled, ACCEPTED), place_of(filled, PENDING)
    with SimulatedPrinter(PrinterLanguage.TSPL) as printer:
        use(station, printer)
        printer.trouble = PrinterTrouble.PAPER_OUT
        told = board_work.print_new(station, old[1], hash_of(station, old), filled.clerk)
        assert (told.place, told.state, told.trouble) == (old, LabelState.WAITING, PrinterCode.PAPER_OUT.value)
        queue = board_work.print_waiting(station, PATIENT)
        assert (queue.printed, queue.waiting, queue.trouble) == (0, 1, PrinterCode.PAPER_OUT.value)
        printer.trouble = PrinterTrouble.NONE
        told = board_work.print_new(station, new[1], hash_of(station, new), filled.clerk)
        assert (told.place, told.state, told.trouble) == (new, LabelState.PRINTED, None)
        assert [job.seq for job in station.desk().labels.waiting()] == [old[1]]
        queue = board_work.print_waiting(station, PATIENT)
        assert (queue.printed, queue.waiting, queue.trouble) == (1, 0, None)
        again = board_work.print_again(station, new, filled.clerk)
        assert (again.state, again.copy) == (LabelState.PRINTED, 1)
        assert len(printer.labels) == 3
    assert board_work.label_of(station, new) == again
    assert station.verify().ok


def test_without_a_printer_the_label_waits_for_one(station: Station, filled: Filled) -> None:
    """As by command (`accept --label`): what was accepted before a printer was set is printed when one is."""
    place = place_of(filled, ACCEPTED)
    told = board_work.print_new(station, place[1], hash_of(station, place), filled.clerk)
    assert (told.place, told.state, told.trouble) == (place, LabelState.NO_PRINTER, NO_PRINTER)
    assert [job.seq for job in station.desk().labels.waiting()] == [place[1]]
    again = board_work.label_of(station, place)
    assert again is not None
    assert (again.state, again.trouble) == (LabelState.WAITING, NO_PRINTER)
    queue = board_work.print_waiting(station)
    assert (queue.printed, queue.waiting, queue.trouble) == (0, 1, NO_PRINTER)
    with SimulatedPrinter(PrinterLanguage.TSPL) as printer:
        use(station, printer)
        queue = board_work.print_waiting(station, PATIENT)
        assert (queue.printed, queue.waiting, queue.trouble, len(printer.labels)) == (1, 0, None, 1)


def asked_ago(station: Station, ms: int) -> None:
    with station.database.write() as tx:
        tx.execute("UPDATE label_jobs SET asked_at_ms = ?", (station.clock.read().wall_ms - ms,))


@pytest.mark.parametrize("printer_is_set", [True, False])
def test_what_waited_for_a_printer_is_not_printed_once_nobody_needs_it(station: Station, filled: Filled, *, printer_is_set: bool) -> None:
    """A year's labels do not come out when a printer is set: only those of parcels that may be there still and carry none."""
    carries_one, stays = place_of(filled, ACCEPTED), place_of(filled, PENDING)
    for place in (carries_one, stays):
        board_work.print_new(station, place[1], hash_of(station, place), filled.clerk)
    asked_ago(station, OUTLIVED_MS - 60_000)
    board_work.stick(station, carries_one, filled.clerk)
    with SimulatedPrinter(PrinterLanguage.TSPL) as printer:
        if printer_is_set:
            use(station, printer)
            printer.trouble = PrinterTrouble.PAPER_OUT
        queue = board_work.print_waiting(station, PATIENT)
        assert (queue.printed, queue.waiting) == (0, 1)
        assert [job.seq for job in station.desk().labels.waiting()] == [stays[1]]
        asked_ago(station, OUTLIVED_MS + 60_000)
        assert board_work.print_waiting(station, PATIENT).waiting == (1 if printer_is_set else 0), "a printer's own trouble is waited for"
    assert stays[1] in [each.seq for each in station.desk().labels.missing(since_close=False)]


def test_a_stopped_parcels_label_that_waits_for_a_printer_is_kept_for_its_release(station: Station, filled: Filled) -> None:
    place, desk = place_of(filled, ACCEPTED), station.desk()
    supervisor = desk.operators.sign_in(PRACTICE_SUPERVISOR, PRACTICE_PASSWORD)
    board_work.print_new(station, place[1], hash_of(station, place), filled.clerk)
    asked_ago(station, OUTLIVED_MS + 60_000)
    desk.intercepts.intercept(Intercept(*place, Cause.NOTICE, "接到通知", "分拣中心", "值班 赵"), filled.clerk)
    board_work.print_waiting(station)
    assert [job.seq for job in desk.labels.held()] == [place[1]]
    desk.intercepts.settle(Settlement(*place, InterceptOutcome.RELEASED, "查明无事"), supervisor)
    assert board_work.print_waiting(station).waiting == 1


def test_a_printer_that_was_set_wrongly_is_a_trouble_like_others(station: Station, filled: Filled) -> None:
    place = place_of(filled, ACCEPTED)
    save_machine(station.folder.path, Machine(printer=KnownPrinter(address="nowhere at all")))
    told = board_work.print_new(station, place[1], hash_of(station, place), filled.clerk)
    assert (told.state, told.trouble) == (LabelState.WAITING, PrinterCode.ADDRESS_ODD.value)
    assert board_work.print_waiting(station).trouble == PrinterCode.ADDRESS_ODD.value
    assert board_work.print_again(station, place, filled.clerk).state is LabelState.WAITING


def test_a_stopped_parcels_label_waits_for_its_release(station: Station, filled: Filled) -> None:
    old, desk = place_of(filled, ACCEPTED), station.desk()
    supervisor = desk.operators.sign_in(PRACTICE_SUPERVISOR, PRACTICE_PASSWORD)
    with SimulatedPrinter(PrinterLanguage.TSPL) as printer:
        use(station, printer)
        printer.trouble = PrinterTrouble.PAPER_OUT
        assert board_work.print_new(station, old[1], hash_of(station, old), filled.clerk).state is LabelState.WAITING
        desk.intercepts.intercept(Intercept(*old, Cause.NOTICE, "接到通知", "分拣中心", "值班 赵"), filled.clerk)
        printer.trouble = PrinterTrouble.NONE
        queue = board_work.print_waiting(station, PATIENT)
        assert (queue.printed, queue.waiting, queue.trouble, queue.held) == (0, 0, None, (old,))
        told = board_work.label_of(station, old)
        assert told is not None
        assert told.state is LabelState.STOPPED
        shown = board_work.board(station, Stretch.SHIFT).board
        assert [one.stopped for one in shown.missing if one.seq == old[1]] == [True]
        assert (shown.intercepts, shown.stopped) == ((("open", 1),), 1)
        desk.intercepts.settle(Settlement(*old, InterceptOutcome.RELEASED, "查明无事"), supervisor)
        queue = board_work.print_waiting(station, PATIENT)
        assert (queue.printed, queue.held, len(printer.labels)) == (1, (), 1)


def test_what_carries_no_label_gets_none(station: Station, filled: Filled) -> None:
    refused = place_of(filled, REFUSED)
    with pytest.raises(UserError):
        board_work.print_again(station, refused, filled.clerk)
    with pytest.raises(UserError):
        board_work.stick(station, refused, filled.clerk)
    assert board_work.print_new(station, refused[1], "0f" * 32, filled.clerk).state is LabelState.WAITING, "not this journal's"


def test_a_scan_confirms_and_the_board_counts_it(station: Station, filled: Filled) -> None:
    before = board_work.board(station, Stretch.SHIFT)
    assert board_work.stick_scanned(station, ACCEPTED, filled.clerk).place == place_of(filled, ACCEPTED)
    after = board_work.board(station, Stretch.SHIFT)
    assert (before.board.unlabelled - after.board.unlabelled, after.board.accepted) == (1, 2)
    assert after.refusals[after.board.refusals[0][0]]
    assert after.notes[0].startswith("口径：")
