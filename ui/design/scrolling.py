"""A page that is longer than the window: keys move over it, as nobody has a mouse."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QScrollArea

_LINE_PX: Final = 64
_ONE_SCREEN: Final = 0.85
"""Share of the view that a page key moves: the last lines stay in sight."""


def turn(area: QScrollArea, key: str) -> bool:
    """By lines, screens, or to an end. False for any other key."""
    bar = area.verticalScrollBar()
    screen = int(bar.pageStep() * _ONE_SCREEN)
    places = {
        "Up": bar.value() - _LINE_PX,
        "Down": bar.value() + _LINE_PX,
        "PageUp": bar.value() - screen,
        "PageDown": bar.value() + screen,
        "Home": bar.minimum(),
        "End": bar.maximum(),
    }
    if key not in places:
        return False
    bar.setValue(places[key])
    return True
