"""What tests ask of a window as it is drawn: nothing cut, nothing over something else, everything with a name, and all it says."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QFont, QRawFont
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QLabel, QLineEdit, QListWidget, QScrollArea, QWidget

from support.pages import told_by
from ui.design import Elided, Toast
from ui.palette import Palette

OVER = (Toast, Palette)
"""What lies over the page on purpose."""
_WHOLE = (QAbstractItemView, QComboBox, QLineEdit)
"""Widgets whose inner parts Qt lays out itself."""


def drawn(window: QWidget) -> Iterator[QWidget]:
    """Every visible widget, without what lies over the page and without the inner parts of Qt's own."""
    for child in window.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
        if not child.isVisible() or isinstance(child, OVER) or child.isWindow():
            continue
        yield child
        if not isinstance(child, _WHOLE):
            yield from drawn(child)


def cramped(window: QWidget) -> list[str]:
    """What is cut by its parent, lies over a neighbour, or has less room than its words need."""
    widgets = list(drawn(window))
    found = [f"{_name(one)} {_box(one)} leaves its parent {_name(_parent(one))} {_size(_parent(one))}" for one in widgets if _leaves(one)]
    for first, second in combinations(widgets, 2):
        if first.parentWidget() is second.parentWidget() and first.geometry().intersects(second.geometry()):
            found.append(f"{_name(first)} {_box(first)} lies over {_name(second)} {_box(second)}")
    found += [f"{_name(one)} {_size(one)} is too small for its words" for one in widgets if isinstance(one, QLabel) and _is_cut(one)]
    return found


def _parent(widget: QWidget) -> QWidget:
    parent = widget.parentWidget()
    assert parent is not None
    return parent


def _leaves(widget: QWidget) -> bool:
    parent = _parent(widget)
    area = parent.parentWidget()
    if isinstance(area, QScrollArea) and area.widget() is widget:
        return widget.width() > parent.width()  # it may be higher: then it scrolls
    return not parent.rect().contains(widget.geometry())


def _is_cut(label: QLabel) -> bool:
    if not label.text() or isinstance(label, Elided):
        return False
    if label.wordWrap():
        return label.height() < label.heightForWidth(label.width())
    return label.width() < label.minimumSizeHint().width() or label.height() < label.fontMetrics().tightBoundingRect(label.text()).height()


def _name(widget: QWidget) -> str:
    words = widget.text() if isinstance(widget, QLabel) else widget.accessibleName() or widget.objectName()
    return f"{type(widget).__name__}({words[:30]!r})"


def _box(widget: QWidget) -> str:
    box: QRect = widget.geometry()
    return f"{box.x()},{box.y()} {box.width()}×{box.height()}"


def _size(widget: QWidget) -> str:
    return f"{widget.width()}×{widget.height()}"


def focusable(window: QWidget) -> list[QWidget]:
    """What Tab or a click gives the focus to, as it stands now."""
    return [one for one in drawn(window) if one.focusPolicy() != Qt.FocusPolicy.NoFocus and one.isEnabled() and one.focusProxy() is None]


def read_aloud(widget: QWidget) -> str:
    """What a screen reader says a widget is."""
    told = QAccessible.queryAccessibleInterface(widget)
    return told.text(QAccessible.Text.Name) if told is not None else ""


def everything_said(window: QWidget) -> list[str]:
    """All text of a window, shown or not, for eyes and for screen readers."""
    said = [text for text in told_by(window) if text]
    for each in (window, *window.findChildren(QWidget)):
        told = QAccessible.queryAccessibleInterface(each)
        if told is not None:
            said += [told.text(kind) for kind in (QAccessible.Text.Name, QAccessible.Text.Description, QAccessible.Text.Value)]
        if isinstance(each, QLineEdit):
            said.append(each.placeholderText())
        if isinstance(each, QListWidget):
            said += [each.item(row).text() for row in range(each.count())]
    return [text for text in said if text]


def lacking_glyphs(font: QFont, text: str) -> list[str]:
    """Characters that the font itself has no picture of; Qt would take another font's or draw a box."""
    raw = QRawFont.fromFont(font)
    return [character for character in text if 0 in raw.glyphIndexesForString(character)]


def holds(window: QWidget, widget: QWidget | None) -> bool:
    """Whether a widget is one somebody at the window can see: visible, and some of it within."""
    if widget is None or not widget.isVisible():
        return False
    corner = widget.mapTo(window, QPoint(0, 0)) if widget is not window else QPoint(0, 0)
    return window.rect().intersects(QRect(corner, widget.size()))
