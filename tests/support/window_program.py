"""Windows in a process of their own, for tests: what is said on the output is one line of JSON an event.

imports FOLDER         what is loaded after `import ui.app`, and at the first paint
journey FOLDER         the main job on a practice folder, watched from the first paint on
paint FOLDER PICTURE   the acceptance page as it is drawn under this process's scale factor
main ARGUMENTS         the real program; it is told on the output what stands in front, and closes when its input ends
tireless FOLDER ACKS N   the Nth life of a clerk who accepts parcel after parcel until somebody kills the process
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

HEAVY = ("cv2", "numpy", "onnxruntime", "rapidocr", "requests", "openpyxl", "xlsxwriter", "sqlcipher3")


def say(event: str, **facts: Any) -> None:
    os.write(1, (json.dumps({"event": event, **facts}, ensure_ascii=False) + "\n").encode())


def loaded() -> list[str]:
    return [name for name in HEAVY if name in sys.modules]


def imports(folder: str) -> None:
    import ui.app
    from support.beside import NobodyBeside
    from ui.opening import Place
    from ui.window import Plan, Window

    say("imported", heavy=loaded())
    app = ui.app.make_application()
    window = Window(Plan(Place(Path(folder)), NobodyBeside()))
    window.first_painted.connect(lambda: say("painted", heavy=loaded()))
    window.first_painted.connect(window.close)
    window.show()
    app.exec()
    window.end()


def journey(folder: str) -> None:
    """Pictures are left out: taking one holds up the window, and no clerk does it."""
    import ui.app
    from main import PracticeBeside
    from support.fair_watchdog import FairWatchdog
    from ui.garbage import Collector
    from ui.hand import Hand
    from ui.journey import Journey
    from ui.opening import Place
    from ui.window import Plan, Window

    class NotedHand(Hand):
        def press(self, *names: str) -> None:
            pressed.extend(names)
            super().press(*names)

    class Walked(Journey):
        def shot(self, name: str) -> None:
            pressed.append(f"({name})")
            self.hand.settle()

        def step(self, name: str, work: Callable[[], dict[str, Any]]) -> bool:
            stalls = len(dog.stalls)
            pressed.clear()
            well = super().step(name, work)
            say("keys", step=name, pressed=list(pressed))
            for stall in dog.stalls[stalls:]:
                say("stall", step=name, ms=round(stall.ms), where=stall.where)
            return well

    pressed: list[str] = []
    app = ui.app.make_application()
    collector = Collector()
    window = Window(Plan(Place(Path(folder) / "station", Path(folder)), PracticeBeside()))
    ui.app.calm(window, lambda: say("bug"))
    walked = Walked(window, Path(folder) / "pictures", lambda name, ok, ms, facts: say("step", step=name, ok=ok, ms=ms, facts=facts))
    walked.hand = NotedHand(window)
    dog = FairWatchdog(50)

    def go() -> None:
        for stall in dog.stalls:
            say("stall", step="opening", ms=round(stall.ms), where=stall.where)
        try:
            walked.run()
        finally:
            say("ended", heavy=loaded(), longest_ms=round(dog.longest_ms), beats=dog.beats)

    window.first_painted.connect(dog.__enter__)
    ui.app.attended(app, window, go, lambda words: say("refused", words=words))
    dog.__exit__(None, None, None)
    collector.end()
    window.end()


def paint(folder: str, picture: str) -> None:
    import ui.app
    from support.looks import cramped
    from support.windows import Counter

    app = ui.app.make_application()
    app.setQuitOnLastWindowClosed(False)
    counter = Counter.on(Path(folder)).open()
    counter.enter()
    counter.identify()
    grabbed = counter.window.grab()
    grabbed.save(picture)
    say("painted", ratio=grabbed.devicePixelRatio(), cramped=cramped(counter.window))
    counter.hand.press("Esc", "Esc")
    counter.end()


def main(*arguments: str) -> int:
    """Whoever runs this closes the window by closing this process's input, and learns what stands in front of it."""
    from PySide6.QtCore import QMetaObject, QObject, Qt, QTimer, Slot
    from PySide6.QtWidgets import QApplication

    import main as program
    import ui.app
    from ui.window import Plan, Window

    class Closer(QObject):
        @Slot()
        def close_all(self) -> None:
            QApplication.closeAllWindows()

    class Told:
        """What stands in front, whenever that is something else."""

        def __init__(self, window: Window) -> None:
            self._window, self._last = window, ""
            self.timer = QTimer(window, interval=20)
            self.timer.timeout.connect(self.look)
            self.timer.start()

        def look(self) -> None:
            now = front_of(self._window)
            if now != self._last:
                self._last = now
                say("front", what=now)

    made = ui.app.make_application
    kept: list[Any] = []

    def watched(*, seen: bool = False) -> QApplication:
        app = made(seen=seen)
        closer = Closer()
        kept.append(closer)

        def wait() -> None:
            sys.stdin.read()
            QMetaObject.invokeMethod(closer, "close_all", Qt.ConnectionType.QueuedConnection)

        def find() -> None:
            for widget in app.topLevelWidgets():
                if isinstance(widget, Window) and widget.isVisible() and len(kept) == 2:
                    kept.append(Told(widget))
                    say("window", title=widget.windowTitle(), platform=app.platformName())
                    threading.Thread(target=wait, daemon=True).start()
                    finder.stop()

        finder = QTimer(closer, interval=10)
        finder.timeout.connect(find)
        kept.append(finder)
        finder.start()
        return app

    ui.app.make_application = watched  # the one place where a test looks into the program from outside
    del Plan
    return program.main(arguments)


def front_of(window: Any) -> str:
    conductor = window.conductor
    if not window.page or conductor is None:
        return f"gate {window.opening._gate.gate.value}"
    state = conductor.state
    task = state.task(conductor.books, conductor.verdict)
    item = f" {task.item.id}" if task.item is not None else ""
    busy = " reading" if state.reading else ""
    return f"{window.page} {state.panel.value} {task.kind.value}{item}{busy}"


def tireless(folder: str, acks: str, life: str) -> None:
    """A life's waybills are its own: the one before may have recorded one more than it could tell."""
    import ui.app
    from support.windows import Counter
    from ui.garbage import Collector

    app = ui.app.make_application()
    _kept = Collector()  # as the program has it: without one, one life in a hundred ended in a crash
    app.setQuitOnLastWindowClosed(False)
    told = Path(acks)
    counter = Counter.on(Path(folder)).open()
    counter.enter()
    say("ready")
    for number in itertools.count(int(life) * 1_000):
        waybill = f"SF{1_000_000_000_000 + number:013d}"
        counter.fill(waybill)
        say("full", waybill=waybill)
        counter.submit()
        with told.open("a", encoding="ascii") as out:
            out.write(waybill + "\n")
            out.flush()
            os.fsync(out.fileno())
        say("acknowledged", waybill=waybill)
        counter.hand.press("Enter")


if __name__ == "__main__":
    ways = {"imports": imports, "journey": journey, "paint": paint, "main": main, "tireless": tireless}
    sys.exit(ways[sys.argv[1]](*sys.argv[2:]))
