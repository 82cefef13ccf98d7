"""What tests of pages share: workers that answer when told, and everything a page says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QTableWidget, QWidget

from ui.background import Progress


@dataclass
class Asked:
    work: Callable[[Any], Any]
    done: Callable[[Any], None]
    failed: Callable[[Any], None]


@dataclass
class PatientWorker:
    """Takes jobs and does none; the test answers them, in whatever order."""

    asked: list[Asked] = field(default_factory=list)

    def run(self, _: object, work: Callable[[Any], Any], done: Callable[[Any], None], failed: Callable[[Any], None]) -> None:
        self.asked.append(Asked(work, done, failed))

    def progress(self) -> Progress:
        return Progress(lambda: False)


def told_by(widget: QWidget) -> Iterator[str]:
    """All text a widget and everything in it holds, shown or not: words, tooltips, names read aloud."""
    for each in (widget, *widget.findChildren(QWidget)):
        yield from (each.accessibleName(), each.accessibleDescription(), each.toolTip(), each.windowTitle(), each.objectName())
        if isinstance(each, QLabel | QLineEdit | QAbstractButton):
            yield each.text()
        if isinstance(each, QComboBox):
            yield from (each.itemText(place) for place in range(each.count()))
        if isinstance(each, QTableWidget):
            yield from _cells(each)


def _cells(table: QTableWidget) -> Iterator[str]:
    for row in range(table.rowCount()):
        for column in range(table.columnCount()):
            item = table.item(row, column)
            if item is not None:
                yield from (item.text(), item.toolTip())


def seen(widget: QWidget) -> str:
    """The words somebody sees, one label a line."""
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible() and label.text())


def rows_of(table: QTableWidget) -> list[list[str]]:
    cells = [[table.item(row, column) for column in range(table.columnCount())] for row in range(table.rowCount())]
    return [[cell.text() if cell is not None else "" for cell in row] for row in cells]
