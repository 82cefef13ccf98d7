"""命令 (Ctrl+K): what was not found is said, and Enter then does nothing."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.palette import Command, Palette


def test_what_is_not_found_is_said_and_enter_keeps_it_open(qtbot: QtBot) -> None:
    window = QWidget()
    window.resize(900, 700)
    qtbot.addWidget(window)
    window.show()
    ran: list[str] = []
    palette = Palette(window)
    palette.ask((Command("打开 记录", "jl", lambda: ran.append("records")),))
    palette._field.setText("样例")
    assert palette._list.item(0).text().startswith("没有找到“样例”")
    qtbot.keyClick(palette._field, Qt.Key.Key_Return)
    assert palette.isVisible()
    assert ran == []
    palette._field.setText("jl")
    qtbot.keyClick(palette._field, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert ran == ["records"]
