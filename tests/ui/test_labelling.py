"""验视标识 in the window: the queue goes by itself, and what was stopped waits for its release without anybody's doing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from courier_check.desk.acceptances import Recorded
from courier_check.desk.intercepts import Cause, Intercept, InterceptOutcome, Settlement
from courier_check.devices.label_languages import PrinterLanguage
from courier_check.devices.simulated_printer import PrinterTrouble, SimulatedPrinter
from courier_check.inspection.verdict import Outcome, Verdict
from courier_check.station import PRACTICE_PASSWORD, PRACTICE_SUPERVISOR, Station
from courier_check.store import journal
from courier_check.store.machine import KnownPrinter, Machine, save_machine
from courier_check.wording import Language, Wording
from support.filled import ACCEPTED, Filled, filled_station
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
