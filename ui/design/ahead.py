"""Work on widgets before anybody waits for it."""

from __future__ import annotations

import importlib
from collections import deque
from collections.abc import Callable, Iterator

from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import QObject, QPoint, QSize, QTimer
from PySide6.QtGui import QPixmap, QRegion
from PySide6.QtWidgets import QScrollArea, QWidget
from shiboken6 import isValid

_AT_ONCE = 6
_TYPES_AT_ONCE = 8
_AFTER_AN_ACT_MS = 80
_END = object()


class Ahead(QObject):
    """Does things in steps of some milliseconds, one a round of the event loop, so that no event ever waits for more than one step.

    By a timer that repeats: single shots of 0 ms are posted events, and such that are posted meanwhile are all done before anything else.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: deque[Iterator[object]] = deque()
        self._idle = QTimer(self, interval=0)
        self._idle.timeout.connect(self._step)

    @property
    def busy(self) -> bool:
        return bool(self._waiting)

    def then(self, steps: Iterator[object]) -> None:
        """These steps after all that already wait."""
        self._waiting.append(steps)
        if not self._idle.isActive():
            self._idle.start(0)

    def yield_to_an_act(self) -> None:
        """Somebody has done something: no step before that is drawn."""
        if self._waiting:
            self._idle.start(_AFTER_AN_ACT_MS)

    def stop(self) -> None:
        """Forget what still waits."""
        self._waiting.clear()
        self._idle.stop()

    def _step(self) -> None:
        self._idle.setInterval(0)
        while self._waiting:
            steps = self._waiting[0]
            if next(steps, _END) is not _END:
                return
            if self._waiting and self._waiting[0] is steps:  # the last step may have stopped everything
                self._waiting.popleft()
        self._idle.stop()


class Drawing:
    """One value drawn in steps, so that keys are answered while it comes up; a newer one ends the drawing of an older one."""

    def __init__(self, ahead: Ahead) -> None:
        self._ahead = ahead
        self._value: object = None
        self._whole = False

    def draw(self, value: object, steps: Callable[[], Iterator[None]]) -> None:
        """Begin, unless this very value is drawn already. What else waits for its turn is forgotten."""
        if value is self._value:
            return
        self.forget()
        self._value = value
        self._ahead.then(self._all(steps))

    def _all(self, steps: Callable[[], Iterator[None]]) -> Iterator[None]:
        yield from steps()
        self._whole = True

    def forget(self) -> None:
        """Nothing is drawn any more."""
        self._ahead.stop()
        self._value, self._whole = None, False

    def has_drawn(self, value: object) -> bool:
        """Whether all of this very value is to be seen."""
        return value is not None and value is self._value and self._whole


class Stepped(QWidget):
    """A widget that is made in steps, by `_build`: nothing else of it may be used before it is whole."""

    def __init__(self) -> None:
        super().__init__()
        self._is_whole = False
        self._steps = self._all_steps()

    def _build(self) -> Iterator[None]:
        """The steps of making it."""
        raise NotImplementedError

    def _all_steps(self) -> Iterator[None]:
        yield from self._build()
        self._is_whole = True

    def build(self) -> Iterator[None]:
        """The steps that are left of making it."""
        return self._steps

    def complete(self) -> bool:
        """Whether it is whole now: not where one of the steps has failed."""
        for _ in self._steps:
            pass
        return self._is_whole


def imports_ahead(*modules: str) -> Iterator[None]:
    """Import modules that will be needed, one a step, what they need before them."""
    for name in modules:
        importlib.import_module(name)
        yield


def types_ahead() -> Iterator[None]:
    """Let PySide make the Python types of all classes, some a step.

    It makes them in one piece, 45 ms, when it meets a widget of a class that Qt keeps to itself, as an event filter of the application
    does: in the middle of making a page.
    """
    names = [(module, name) for module in (QtCore, QtWidgets, QtGui) for name in dir(module)]
    for number, (module, name) in enumerate(names):
        getattr(module, name)
        if number % _TYPES_AT_ONCE == _TYPES_AT_ONCE - 1:
            yield
    QScrollArea()


def polish_ahead(widget: QWidget) -> Iterator[None]:
    """Look up the style of a widget and of all in it, a few a step. Qt would do it for all of them when they are first shown, and a page is
    large enough for that to be felt."""
    for number, each in enumerate((widget, *widget.findChildren(QWidget))):
        if isValid(each):  # it may be gone since the step before
            each.ensurePolished()
        if number % _AT_ONCE == _AT_ONCE - 1:
            yield


def lay_out_ahead(widget: QWidget, size: QSize) -> None:
    """Lay out a page that is not shown yet. Qt does it for who wants to render the page, if only a point of it."""
    widget.resize(size)
    QWidget.render(widget, QPixmap(1, 1), QPoint(), QRegion(0, 0, 1, 1))  # pages have a `render` of their own
