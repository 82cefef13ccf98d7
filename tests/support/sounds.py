"""What a window sounds, for tests: no machine beeps."""

from __future__ import annotations

from pathlib import Path

from ui.sounds import Sound, Sounds


class Heard(Sounds):
    """What the window sounds, instead of the machine's beep."""

    def __init__(self, folder: Path) -> None:
        super().__init__(lambda: None, folder)
        self.sounds: list[Sound] = []

    def play(self, sound: Sound) -> None:
        self.sounds.append(sound)
