"""证件阅读机 for the window: it is looked for and read from on its own thread; what it tells arrives here, on the UI thread.

In practice a simulated one takes its place where the system has pseudo-terminals, and Enter lays the made-up customer's card on it.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from courier_check.devices.card_reader import CardReader, Fault, Found, Gone, Missing, Read, Reading, Removed, TakeAway, Told
from courier_check.devices.codes import ReaderCode
from courier_check.errors import CourierCheckError, DeviceError
from courier_check.wording import Wording
from ui.counter.identity import ReaderShown, ReaderState

if TYPE_CHECKING:
    from courier_check.clock import Clock
    from courier_check.devices.serial_ports import PortFinder
    from courier_check.devices.simulated_reader import SimulatedReader

TAKE_AWAY_MS = 6_000
"""请取走证件 is shown for so long: many readers tell at once that a card they have read is gone."""
_LIES_MS = 1_500
"""Practice: a made-up card lies there for a moment, as one that a person takes back."""


@dataclass(frozen=True, slots=True)
class PracticeCards:
    """The simulated reader and the cards of the made-up people, by their keys."""

    simulated: SimulatedReader
    cards: Mapping[str, bytes]
    folder: tempfile.TemporaryDirectory[str]

    def close(self) -> None:
        self.simulated.close()
        self.folder.cleanup()


class Reader(QObject):
    """`changed`: its state is another one; `read`: a card's `Read`; `stumbled`: what went wrong, for the clerk; `back`: it is there again.

    `in_use` says where the document is expected; a card that is laid down is read either way.
    """

    changed = Signal()
    read = Signal(object)
    stumbled = Signal(object)
    back = Signal()
    _told = Signal(object)

    def __init__(self, find_ports: PortFinder, clock: Clock, wording: Wording, practice: PracticeCards | None = None) -> None:
        super().__init__()
        self._wording = wording
        self._practice = practice
        self._state, self._says = ReaderState.SEARCHING, ""
        self._chosen = True
        self._lies, self._next_card = False, b""
        """Practice: whether a card may lie there still, and the one that is laid once the reader has seen it go."""
        self._told.connect(self._take)
        self._reader = CardReader(find_ports, clock, self._tell)
        self._lifting = QTimer(self, singleShot=True, interval=_LIES_MS)
        self._lifting.timeout.connect(self._lift)
        self._leaving = QTimer(self, singleShot=True, interval=TAKE_AWAY_MS)
        self._leaving.timeout.connect(lambda: self._become(ReaderState.READY))

    def open(self) -> None:
        if self._practice is not None:
            try:
                self._practice.simulated.open()
            except (DeviceError, OSError):  # no pseudo-terminals here: pictures and typing are left
                self._become(ReaderState.ABSENT)
                return
        self._reader.open()

    def close(self) -> None:
        """Within a second; nothing is told after it."""
        self._lifting.stop()
        self._leaving.stop()
        self._reader.close()
        if self._practice is not None:
            self._practice.close()

    # What stands ------------------------------------------------------------------------------------------------------------------------

    @property
    def shown(self) -> ReaderShown:
        return ReaderShown(self._state, self.in_use, self._says, self._practice is not None)

    @property
    def is_there(self) -> bool:
        return self._state not in (ReaderState.SEARCHING, ReaderState.ABSENT, ReaderState.GONE)

    @property
    def in_use(self) -> bool:
        return self._chosen and self.is_there

    def choose(self, *, chosen: bool) -> None:
        """Whether documents are expected here while the reader is there; the camera's place otherwise."""
        if chosen is not self._chosen:
            self._chosen = chosen
            self.changed.emit()

    def lay(self, owner: str) -> bool:
        """Practice: this person's card is laid on the reader, and taken back after a moment. False where nobody's card can be."""
        text = self._practice.cards.get(owner) if self._practice is not None else None
        if text is None or self._practice is None:
            return False
        self._lifting.stop()
        if self._lies:  # a reader that never saw a card go takes the next one for it
            self._practice.simulated.lift()
            self._next_card = text
        else:
            self._lay(text)
        return True

    def _lay(self, text: bytes) -> None:
        if self._practice is not None:
            self._lies, self._next_card = True, b""
            self._practice.simulated.lay(text)

    def _gone_card(self) -> None:
        """The reader has seen that no card lies there."""
        self._lies = False
        if self._next_card:
            self._lay(self._next_card)

    def _lift(self) -> None:
        if self._practice is not None:
            self._practice.simulated.lift()

    # What is told -----------------------------------------------------------------------------------------------------------------------

    def _tell(self, told: Told) -> None:
        """On the reader's thread."""
        with contextlib.suppress(RuntimeError):  # the window is gone
            self._told.emit(told)

    def _take(self, told: Told) -> None:
        ways: dict[type, Callable[[], None]] = {
            Reading: lambda: self._become(ReaderState.READING),
            Removed: self._removed,
            TakeAway: self._take_away,
        }
        match told:
            case Found(back=back):
                self._become(ReaderState.READY)
                self._gone_card()
                if back:
                    self.back.emit()
            case Missing(error):
                self._become(ReaderState.GONE if self._state is ReaderState.GONE else ReaderState.ABSENT, error)
            case Gone(error):
                self._become(ReaderState.GONE, error)
                self.stumbled.emit(error)
            case Fault(error):
                self._lies = self._lies and error.code != ReaderCode.NOT_READ_THROUGH
                self._become(ReaderState.FAULT, error)
                self.stumbled.emit(error)
            case Read():
                self.read.emit(told)
            case _:
                ways[type(told)]()

    def _take_away(self) -> None:
        """A card that could not be read keeps its sentence until the next one is laid down."""
        if self._practice is not None:
            self._lifting.start()
        if self._state is not ReaderState.FAULT:
            self._become(ReaderState.TAKE_AWAY)
            self._leaving.start()

    def _removed(self) -> None:
        if self._state is ReaderState.READING:
            self._become(ReaderState.READY)
        self._gone_card()

    def _become(self, state: ReaderState, error: CourierCheckError | None = None) -> None:
        self._leaving.stop()
        says = self._wording.said(error) if error is not None else ""
        if (state, says) != (self._state, self._says):
            self._state, self._says = state, says
            self.changed.emit()


def practice_cards(samples: Path) -> PracticeCards:
    """A simulated reader with a port of its own, and a card for each person of the samples; all made up. Not opened yet."""
    from courier_check.devices.simulated_cards import sample_cards
    from courier_check.devices.simulated_reader import SimulatedReader

    folder = tempfile.TemporaryDirectory(prefix="courier-check-reader-", ignore_cleanup_errors=True)
    return PracticeCards(SimulatedReader(Path(folder.name) / "port", chip_ms=300), sample_cards(samples), folder)
