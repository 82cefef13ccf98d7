"""The application around the window: the platform is chosen, the font registered, then Qt starts; never the other way round."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from courier_check.errors import EnvironmentFault
from courier_check.store.resources import resource_path
from courier_check.wording import Language, Wording
from ui.counter.codes import CounterCode
from ui.design import FONT_FILE, LIGHT, dress, load_font
from ui.display import OFFSCREEN, fell_back, wanted_platform
from ui.garbage import Collector
from ui.gates import Gate, GateShown
from ui.trace import traced
from ui.window import Plan, Window

if TYPE_CHECKING:
    from ui.journey import Tell

TURN_S = 0.0001
"""How long another thread may keep the interpreter once the UI thread wants it. Qt takes it for each event that Python sees, 50 times for
one key, and with the usual 5 ms a worker that computed held up the window for a quarter of a second."""
_HARMLESS = ("propagateSizeHints",)


def make_application(*, seen: bool = False) -> QApplication:
    """The one QApplication, dressed. Without a display it draws into memory; EnvironmentFault if it was to be `seen` and the display there
    should be does not answer."""
    platform = wanted_platform(os.environ, sys.platform)
    if platform is not None:
        os.environ["QT_QPA_PLATFORM"] = platform
    qInstallMessageHandler(_log_qt)
    sys.setswitchinterval(TURN_S)
    app = QApplication(sys.argv[:1])
    if seen and fell_back(platform, app.platformName()):
        raise EnvironmentFault(CounterCode.NO_DISPLAY, tried=str(platform).removesuffix(f";{OFFSCREEN}"))
    app.setApplicationName("courier-check")
    app.setQuitOnLastWindowClosed(True)
    load_font(str(resource_path(FONT_FILE)))
    dress(app, LIGHT)
    return app


def calm(window: Window, noticed: Callable[[], None] = lambda: None) -> None:
    """What nobody expected in a slot: its traceback goes to the log, one calm sentence to the clerk, and nothing is half-written."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logging.getLogger("courier_check.window").critical("a bug of ours", exc_info=(kind, error, trace))
        noticed()
        window.bug()

    sys.excepthook = hook


def run(plan: Plan) -> int:
    """Open the window and stay until it is closed. 3: there is no display, as is said on stderr."""
    try:
        app = make_application(seen=True)
    except EnvironmentFault as error:
        sys.stderr.write(Wording(Language.CHINESE).said(error) + "\n")
        return 3
    collector = Collector()
    window = Window(plan)
    calm(window)
    traced(window)  # before the start is connected: what it costs is no part of the first paint
    window.first_painted.connect(window.start)
    window.showMaximized()
    code = app.exec()
    collector.end()
    leave(window, code)
    return code


def demonstrate(plan: Plan, folder: Path, tell: Tell) -> bool:
    """The main job through the window, with pictures into `folder`; in memory where there is no display. True if every step held."""
    from ui.journey import Journey

    app = make_application()
    collector = Collector()
    window = Window(plan)
    journey = Journey(window, folder, tell)
    calm(window, journey.fail)

    def walk() -> None:
        try:
            journey.run()
        except Exception:
            journey.ok = False
            logging.getLogger("courier_check.window").exception("a bug of ours")

    def refused(words: str) -> None:
        tell("open", False, 0, {"error": {"code": "not-opened", "message": words}})
        journey.ok = False

    attended(app, window, walk, refused)
    collector.end()
    window.end()
    return journey.ok


def attended(app: QApplication, window: Window, act: Callable[[], None], refused: Callable[[str], None]) -> None:
    """Show a window, act once when it stands before the sign-in, close it. `refused`: it could not be opened, in its own words."""

    def go() -> None:
        try:
            act()
        finally:
            window.close()

    def begin(shown: GateShown) -> None:
        if shown.gate is Gate.SIGN_IN:
            window.opening.shown.disconnect(begin)
            QTimer.singleShot(0, go)
        elif shown.gate is Gate.FAILED:
            refused(shown.words)
            window.close()

    window.opening.shown.connect(begin)
    window.first_painted.connect(window.start)
    window.show()
    app.exec()


def leave(window: Window, code: int) -> None:
    """End the workers. One that hangs in a network call would keep the process for as long as the call; everything durable is committed,
    so the process goes without it."""
    if not window.end():
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _log_qt(kind: QtMsgType, context: object, message: str) -> None:
    """Qt's own messages go to the log; those every headless run brings are left out."""
    if any(word in message for word in _HARMLESS):
        return
    level = {QtMsgType.QtDebugMsg: logging.DEBUG, QtMsgType.QtInfoMsg: logging.INFO}.get(kind, logging.WARNING)
    logging.getLogger("courier_check.qt").log(level, "%s", message)
