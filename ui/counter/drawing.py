"""When the acceptance page is drawn: in rounds of the event loop of their own, so that an act, its drawing and its painting are not one
piece, and before whatever a person does next."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from ui.counter.conductor import Conductor
    from ui.counter.page import AcceptancePage
    from ui.pictures import Pictures

ANSWER_MS = 50
"""A page is drawn in some 10 ms and then painted, and what the station knows of a scan comes sooner: a page drawn before it is drawn twice,
and the verdict waits for that (G-05). An answer that takes longer is not waited for."""


class Drawing(QObject):
    """Draws the page while it is in front; `in_front`: the page, or None."""

    def __init__(self, parent: QObject, in_front: Callable[[], AcceptancePage | None]) -> None:
        super().__init__(parent)
        self._in_front = in_front
        self._drawn: tuple[Conductor, Pictures] | None = None
        self._stopped: AcceptancePage | None = None
        self._next, self._painting = QTimer(self, interval=0, singleShot=True), QTimer(self, interval=0, singleShot=True)
        self._next.timeout.connect(self._draw_unpainted)
        self._painting.timeout.connect(self._paint)

    def of(self, conductor: Conductor, pictures: Pictures) -> None:
        """What is drawn from now on."""
        self._drawn = conductor, pictures

    def soon(self) -> None:
        """The parcel has changed: the page follows in the next round, or with the verdict on a waybill."""
        if self._drawn is None or not self._drawn[0].awaits_verdict:
            self._next.start(0)
        elif not self._next.isActive():
            self._next.start(ANSWER_MS)

    def owed(self) -> None:
        """Draw now what the next round would: somebody acts on it."""
        if self._next.isActive():
            self.now()

    def now(self) -> None:
        self._next.stop()
        page = self._in_front()
        if page is not None and self._drawn is not None:
            conductor, pictures = self._drawn
            page.render(conductor.view(), pictures.picture())

    def picture(self) -> None:
        """The camera's part only."""
        page = self._in_front()
        if page is not None and self._drawn is not None:
            conductor, pictures = self._drawn
            page.show_picture(conductor.picture_view(), pictures.picture())

    def _draw_unpainted(self) -> None:
        """Painting is left to the round after that."""
        page = self._in_front()
        if page is not None:
            page.setUpdatesEnabled(False)
            self._stopped = page
            self._painting.start()
        self.now()

    def _paint(self) -> None:
        if self._stopped is not None:
            self._stopped.setUpdatesEnabled(True)
            self._stopped = None
