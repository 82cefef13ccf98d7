"""提示音: four sounds told apart by their rhythm, since the machine's own beep is the only sound that every machine has. They say nothing
that the screen does not say as well, and may be turned off on a machine."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QTimer

from courier_check.errors import StoreError
from courier_check.store.machine import load_machine, save_machine


class Sound(StrEnum):
    """What is heard."""

    TAKEN = "taken"  # 扫到了: one beep
    QUESTION = "question"  # 要人来看: two, apart
    STOP = "stop"  # 停: three, fast
    DONE = "done"  # 办完: two, close together


RHYTHMS: dict[Sound, tuple[int, ...]] = {
    Sound.TAKEN: (0,),
    Sound.DONE: (0, 120),
    Sound.QUESTION: (0, 420),
    Sound.STOP: (0, 160, 320),
}
"""When each beep begins, in ms."""
_WEIGHT = (Sound.TAKEN, Sound.DONE, Sound.QUESTION, Sound.STOP)


class Sounds(QObject):
    """One sound at a time: a graver one ends what is heard, a lighter one gives way to it."""

    def __init__(self, ring: Callable[[], None], folder: Path) -> None:
        super().__init__()
        self._ring, self._folder = ring, folder
        self._left: list[int] = []
        self._playing: Sound | None = None
        self._at_ms = 0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._next)
        try:
            self._on = load_machine(folder).sounds
        except StoreError:  # a damaged file is told of by whatever needs it
            self._on = True

    @property
    def are_on(self) -> bool:
        return self._on

    def turn(self, *, on: bool) -> None:
        """For this machine, from now on. Raises StoreError where it can't be kept; then it holds until the window closes."""
        self._on = on
        save_machine(self._folder, msgspec.structs.replace(load_machine(self._folder), sounds=on))

    def play(self, sound: Sound) -> None:
        if not self._on or (self._playing is not None and _WEIGHT.index(sound) < _WEIGHT.index(self._playing)):
            return
        self._playing, self._left, self._at_ms = sound, [*RHYTHMS[sound]], 0
        self._timer.stop()
        self._next()

    def _next(self) -> None:
        if not self._left:
            self._playing = None
            return
        self._at_ms = self._left.pop(0)
        self._ring()
        self._timer.start(self._left[0] - self._at_ms if self._left else RHYTHMS[Sound.DONE][1])
