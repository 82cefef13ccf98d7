"""验视标识 in the window: printed by itself after the commit, in a thread of its own, tried again when the printer is back, confirmed by
one scan or key. Nothing waits for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from courier_check.errors import CourierCheckError
from courier_check.wording import Wording
from ui import board_work
from ui.background import Worker
from ui.board_view import label_line, once_mended, trouble_words
from ui.board_work import LabelState, LabelTold, Place, QueueTold

if TYPE_CHECKING:
    from courier_check.desk.acceptances import Recorded
    from courier_check.desk.rights import SignedIn
    from courier_check.devices.system_printer import SystemPrinter
    from courier_check.station import Station
    from ui.shown import LineShown

RETRY_MS = 5_000
"""Between two tries of what waits for the printer."""
_ENDED_S = 1.0
"""What the thread needs to note that a label waits, once nothing holds it any more."""


class Labelling(QObject):
    """`changed`: the label of some parcel stands otherwise than before. `told` is for the toast."""

    told = Signal(str, bool)
    changed = Signal()

    def __init__(
        self, prepare: Callable[[], Station], desk: Worker[Station], wording: Wording, system: SystemPrinter | None = None
    ) -> None:
        """`desk`: where what somebody waits for is written; the printer has a worker and a station of its own. `system`: the way to the
        system's printers, which is closed with this."""
        super().__init__()
        self._system = system
        self._printing: Worker[Station] = Worker("labels", prepare)
        self._desk, self._wording = desk, wording
        self._last: LabelTold | None = None
        self._number = 0
        self._trouble: str | None = None
        self._retry = QTimer(self, singleShot=True, interval=RETRY_MS)
        self._retry.timeout.connect(self.try_waiting)

    @property
    def last(self) -> LabelTold | None:
        """Of the parcel that was recorded last; None before any, and where it is no acceptance."""
        return self._last

    @property
    def line(self) -> LineShown | None:
        """What is to be said of it."""
        return None if self._last is None else label_line(self._last)

    @property
    def trouble(self) -> str | None:
        """What was wrong with the printer at the last try; None where nothing was."""
        return self._trouble

    def recorded(self, recorded: Recorded, who: SignedIn | None) -> None:
        """A parcel was accepted: its label is printed. Of anything else there is none."""
        self._number += 1
        if recorded.seq is None or recorded.hash is None or recorded.outcome.value != "accept":
            self._last = None
            return
        seq, entry_hash, number = recorded.seq, recorded.hash, self._number
        self._last = LabelTold(("", seq), LabelState.PRINTING)
        self._printing.run(
            self,
            lambda station: board_work.print_new(station, seq, entry_hash, who, self._system),
            partial(self._take_new, number),
            partial(self._new_failed, number),
        )

    def print_again(self, place: Place, who: SignedIn | None) -> None:
        """补打."""
        if self._trouble is None:  # else it is told what is wrong, and waits
            self.told.emit(f"正在打印 #{place[1]} 的标签。", False)
        self._printing.run(self, lambda station: board_work.print_again(station, place, who, self._system), self._take_again, self._failed)

    def stick(self, place: Place, who: SignedIn | None) -> None:
        """已贴标 by its key."""
        self._desk.run(self, lambda station: board_work.stick(station, place, who), self._take_stuck, self._failed)

    def scanned(self, text: str, who: SignedIn | None) -> None:
        """已贴标 by the label's own code."""
        self._desk.run(self, lambda station: board_work.stick_scanned(station, text, who), self._take_stuck, self._failed)

    def try_waiting(self) -> None:
        """Print what waits, if the printer can."""
        self._printing.run(
            self, lambda station: board_work.print_waiting(station, system=self._system), self._take_queue, lambda _: self._retry.start()
        )

    def close(self, wait_s: float) -> bool:
        """As Worker.close: a printer that hangs may hold it, and nothing is lost by that. One of the system's holds it no longer than the
        time it is given: its process is ended then, and its label waits."""
        self._retry.stop()
        ended = self._printing.close(wait_s)
        if self._system is None:
            return ended
        self._system.close()
        return ended or self._printing.close(_ENDED_S)

    # Answers ------------------------------------------------------------------------------------------------------------------------------

    def _take_new(self, number: int, told: LabelTold) -> None:
        if number == self._number:
            self._last = told
        if told.state is LabelState.WAITING:
            self._in_trouble(told)
        else:
            self._trouble = None
            if told.state is LabelState.NO_PRINTER:  # said beside the parcel, not at each one aloud; one may be set at any time
                self._retry.start()
        self.changed.emit()

    def _new_failed(self, number: int, error: CourierCheckError) -> None:
        """Withdrawn or intercepted meanwhile, or the disk is full: the shift board lists the parcel."""
        if number == self._number:
            self._last = None
        self._failed(error)
        self.changed.emit()

    def _take_again(self, told: LabelTold) -> None:
        self._follow(told)
        if told.state is LabelState.WAITING:
            self._in_trouble(told)
        else:
            printer = f"“{told.printer}”" if told.printer else ""
            self.told.emit(f"#{told.place[1]} 的标签{f'（补打 {told.copy}）' if told.copy else ''}已送打印机{printer}。", False)
        self.changed.emit()

    def _take_stuck(self, told: LabelTold) -> None:
        self._follow(told)
        self.told.emit(f"#{told.place[1]} 先前已确认贴标。" if told.before else f"✔ #{told.place[1]} 已贴标", False)
        self.changed.emit()

    def _take_queue(self, told: QueueTold) -> None:
        """Said when it comes and when it goes, not at every try."""
        if told.trouble is None and self._trouble is not None and told.printed:
            self.told.emit(f"打印机恢复，补出了 {told.printed} 张标签。", False)
        self._trouble = told.trouble if told.waiting else None
        before, self._last = self._last, self._last_after(told)
        if told.printed or self._last is not before:
            self.changed.emit()
        if told.waiting or told.held:  # a parcel may be released at any time, and on any window of the outlet's station
            self._retry.start()

    def _last_after(self, told: QueueTold) -> LabelTold | None:
        """How the newest label stands after a try of the queue."""
        last = self._last
        if last is None or last.state not in (LabelState.WAITING, LabelState.NO_PRINTER, LabelState.STOPPED):
            return last
        if last.place in told.held:
            return last if last.state is LabelState.STOPPED else LabelTold(last.place, LabelState.STOPPED, copy=last.copy)
        if told.printed and not told.waiting:
            return LabelTold(last.place, LabelState.PRINTED, copy=last.copy, printer=told.printer)
        return last

    def _follow(self, told: LabelTold) -> None:
        last = self._last
        if last is not None and last.place[1] == told.place[1] and last.place[0] in ("", told.place[0]):
            self._last = told

    def _in_trouble(self, told: LabelTold) -> None:
        if told.trouble is not None and told.trouble != self._trouble:
            why, when = trouble_words(told.trouble, told.printer), once_mended(told.trouble)
            self.told.emit(f"标签：{why}。收寄已保存，标签排队，{when}自动打印。", True)
        self._trouble = told.trouble
        self._retry.start()

    def _failed(self, error: CourierCheckError) -> None:
        self.told.emit(self._wording.said(error), True)
