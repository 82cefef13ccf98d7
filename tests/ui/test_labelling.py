"""验视标识 in the window: the queue goes by itself, and what was stopped waits for its release without anybody's doing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from courier_check.desk.acceptances import Recorded
from courier_check.desk.intercepts import Cause, Intercept, InterceptOutcome, Settlement
from courier_check.devices.codes import PrinterCode
from courier_check.devices.label_languages import PrinterLanguage
from courier_check.devices.simulated_printer import PrinterTrouble, SimulatedPrinter
from courier_check.devices.system_printer import SpoolerProcess
from courier_check.inspection.verdict import Outcome, Verdict
from courier_check.label_printing import drawn
from courier_check.station import PRACTICE_PASSWORD, PRACTICE_SUPERVISOR, Station
from courier_check.store import journal
from courier_check.store.machine import KnownPrinter, Machine, save_machine
from courier_check.wording import Language, Wording
from support.filled import ACCEPTED, Filled, filled_station
from support.spoolers import dies_at_first, hangs_at_first, refuses, taken, takes
from ui.background import Worker
from ui.board_work import LabelState
from ui.labelling import Labelling


@pytest.fixture
def filled(tmp_path: Path) -> Filled:
    return filled_station(tmp_path / "station")


@pytest.fixture
def labelling(qtbot: QtBot, filled: Filled) -> Iterator[Labelling]:
    desk: Worker[Station] = Worker("desk", filled.open)
    made = Labelling(filled.open, desk, Wording(Language.CHINESE))
    yield made
    assert made.close(10)
    assert desk.close(10)


@pytest.fixture
def recorded(filled: Filled) -> Recorded:
    seq = filled.seqs[ACCEPTED]
    with filled.open() as station:
        return Recorded(Outcome.ACCEPT, Verdict(Outcome.ACCEPT), seq, journal.hash_at(station.database, filled.journal_id, seq))


def until(qtbot: QtBot, labelling: Labelling, state: LabelState) -> None:
    def stands() -> bool:
        return labelling.last is not None and labelling.last.state is state

    qtbot.waitUntil(stands, timeout=20_000)


def in_journal(filled: Filled, act: Callable[[Station], object]) -> None:
    with filled.open() as station:
        act(station)
        station.keep_head()


def test_a_parcel_stopped_while_its_label_waits_gets_it_after_its_release(
    qtbot: QtBot, filled: Filled, labelling: Labelling, recorded: Recorded
) -> None:
    place = (filled.journal_id, filled.seqs[ACCEPTED])
    with SimulatedPrinter(PrinterLanguage.TSPL) as printer:
        save_machine(filled.path, Machine(printer=KnownPrinter(address=printer.address, language=printer.language.value)))
        printer.trouble = PrinterTrouble.PAPER_OUT
        labelling.recorded(recorded, filled.clerk)
        until(qtbot, labelling, LabelState.WAITING)
        stop = Intercept(*place, Cause.NOTICE, "接到通知", "分拣中心", "值班 赵")
        in_journal(filled, lambda station: station.desk().intercepts.intercept(stop, filled.clerk))
        printer.trouble = PrinterTrouble.NONE
        labelling.try_waiting()
        until(qtbot, labelling, LabelState.STOPPED)
        assert labelling.line is not None
        assert "已拦截" in labelling.line.text
        assert printer.labels == []
        assert labelling._retry.isActive(), "nobody has to ask again"

        def release(station: Station) -> None:
            supervisor = station.desk().operators.sign_in(PRACTICE_SUPERVISOR, PRACTICE_PASSWORD)
            station.desk().intercepts.settle(Settlement(*place, InterceptOutcome.RELEASED, "查明无事"), supervisor)

        in_journal(filled, release)
        labelling.try_waiting()
        until(qtbot, labelling, LabelState.PRINTED)
        assert len(printer.labels) == 1


# Through the system's printers ------------------------------------------------------------------------------------------------------------

Through = Callable[..., tuple[Labelling, SpoolerProcess]]


@pytest.fixture
def through(qtbot: QtBot, filled: Filled) -> Iterator[Through]:
    """The labelling of a station whose printer is the system's, handed to a process that does as it is told."""
    workers: list[Worker[Station]] = []
    all_made: list[Labelling] = []

    def make(serve: Callable[..., None], *arguments: object, address: str = "system:") -> tuple[Labelling, SpoolerProcess]:
        save_machine(filled.path, Machine(printer=KnownPrinter(address=address, language=PrinterLanguage.DRIVER.value)))
        workers.append(Worker("desk", filled.open))
        spooler = SpoolerProcess(serve, *arguments)
        all_made.append(Labelling(filled.open, workers[-1], Wording(Language.CHINESE), spooler))
        return all_made[-1], spooler

    yield make
    assert all(each.close(10) for each in (*all_made, *workers))


def test_a_label_goes_to_the_systems_printer_and_its_name_is_told(
    qtbot: QtBot, filled: Filled, through: Through, recorded: Recorded, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    labelling, _ = through(takes, out)
    labelling.recorded(recorded, filled.clerk)
    until(qtbot, labelling, LabelState.PRINTED)
    assert labelling.line is not None
    assert "已送打印机“前台”" in labelling.line.text
    ((printer, sheet),) = taken(out)
    with filled.open() as station:
        facts = station.desk().labels.facts(filled.journal_id, filled.seqs[ACCEPTED])
        assert sheet.bitmap == drawn(facts, sheet.size)
    assert (printer, sheet.printer, sheet.asks) == ("前台", "", True)
    assert sheet.title == f"label-{filled.journal_id[:8]}-{filled.seqs[ACCEPTED]}"


@pytest.mark.parametrize(
    ("serve", "words"), [(refuses, "“前台”打印队列没有收下"), (takes, "“侧台”系统里没有这台打印机")], ids=["refuses", "unknown"]
)
def test_what_the_system_says_no_with_is_told_by_the_printers_name(
    qtbot: QtBot, filled: Filled, through: Through, recorded: Recorded, tmp_path: Path, serve: Callable[..., None], words: str
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    labelling, _ = through(serve, *([out] if serve is takes else []), address="system:侧台")
    told: list[str] = []
    labelling.told.connect(lambda text, _: told.append(text))
    labelling.recorded(recorded, filled.clerk)
    until(qtbot, labelling, LabelState.WAITING)
    assert labelling.line is not None
    assert labelling.line.text == f"标签：{words}，已排队，恢复后自动打印"
    assert told == [f"标签：{words}。收寄已保存，标签排队，恢复后自动打印。"]


def test_what_waited_for_the_systems_printer_comes_out_by_itself(
    qtbot: QtBot, filled: Filled, through: Through, recorded: Recorded, tmp_path: Path
) -> None:
    """A driver that took its process with it, once."""
    out = tmp_path / "out"
    out.mkdir()
    labelling, _ = through(dies_at_first, out)
    labelling.recorded(recorded, filled.clerk)
    until(qtbot, labelling, LabelState.WAITING)
    labelling.try_waiting()
    until(qtbot, labelling, LabelState.PRINTED)
    assert labelling.line is not None
    assert "“前台”" in labelling.line.text
    assert len(taken(out)) == 1


def test_a_window_closes_while_the_spooler_hangs_and_the_label_waits(
    qtbot: QtBot, filled: Filled, through: Through, recorded: Recorded, tmp_path: Path
) -> None:
    labelling, _ = through(hangs_at_first, tmp_path)
    labelling.recorded(recorded, filled.clerk)
    qtbot.waitUntil((tmp_path / "hung").exists, timeout=20_000)
    assert labelling.close(0.3), "a thread was left behind"
    with filled.open() as station:
        (job,) = station.desk().labels.waiting()
        assert (job.is_printed, job.trouble) == (False, PrinterCode.SYSTEM_BROKE.value)


def test_the_process_is_there_before_the_first_label(qtbot: QtBot, filled: Filled, through: Through, tmp_path: Path) -> None:
    """With nothing to print: what the first label needs is loaded when the window opens."""
    labelling, _ = through(hangs_at_first, tmp_path)
    labelling.try_waiting()
    qtbot.waitUntil((tmp_path / "hung").exists, timeout=20_000)
