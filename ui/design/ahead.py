"""Work on widgets before anybody waits for it."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtWidgets import QWidget

_AT_ONCE = 6


def polish_ahead(widget: QWidget) -> Iterator[bool]:
    """Look up the style of a widget and of all in it, a few a step. Qt would do it for all of them when they are first shown, and a page is
    large enough for that to be felt."""
    for number, each in enumerate((widget, *widget.findChildren(QWidget))):
        each.ensurePolished()
        if number % _AT_ONCE == _AT_ONCE - 1:
            yield True
