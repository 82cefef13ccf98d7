"""命令 (Ctrl+K): everything that has no key of its own, found by typing a few characters or by Up and Down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QWidget

from ui.design import Card, Label
from ui.fields import TextField
from ui.shown import Tone


@dataclass(frozen=True, slots=True)
class Command:
    """`words`: what it does; `find`: other words it is found by (pinyin initials)."""

    words: str
    find: str
    run: Callable[[], None]


class Palette(Card):
    """A card over the window. It closes on Esc, on Enter, and when the focus leaves it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("命令", tone=Tone.GO)
        self.setParent(parent)
        self._over = parent
        self._commands: tuple[Command, ...] = ()
        self._found: list[Command] = []
        self._before: QWidget | None = None
        self._field = TextField("command", "输入命令或页面")
        self._field.setPlaceholderText("输入几个字或拼音首字母；↑↓ 选择，Enter 执行，Esc 关闭")
        self._list = QListWidget()
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setAccessibleName("命令列表")
        self.body.addWidget(self._field)
        self.body.addWidget(self._list)
        self.body.addWidget(Label("没有列出的，按 F1 看键位。", "dim"))
        self._field.textChanged.connect(self._filter)
        self._field.returnPressed.connect(self._run)
        self._list.itemClicked.connect(lambda _item: self._run())
        self._field.installEventFilter(self)
        self.hide()

    def ask(self, commands: Sequence[Command]) -> None:
        """Open with these commands; the focus goes back where it was afterwards."""
        self._commands = tuple(commands)
        self._before = self._over.window().focusWidget()
        room = self._over.rect()
        self.setGeometry((room.width() - 560) // 2, 90, 560, min(460, room.height() - 140))
        self._field.clear()
        self._filter("")
        self.raise_()
        self.show()
        self._field.setFocus()

    def dismiss(self) -> None:
        """Close it; nothing happens where it is closed."""
        if self.isHidden():
            return
        self.hide()
        if self._before is not None and self._before.isVisible():
            self._before.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._field and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step and self._list.count():
                self._list.setCurrentRow((self._list.currentRow() + step) % self._list.count())
                return True
        return super().eventFilter(watched, event)

    def _filter(self, text: str) -> None:
        wanted = text.strip().lower()
        self._found = [one for one in self._commands if wanted in one.words.lower() or wanted in one.find.lower()]
        self._list.clear()
        for command in self._found:
            self._list.addItem(QListWidgetItem(command.words))
        if not self._found:
            nothing = QListWidgetItem(f"没有找到“{text.strip()}”。换几个字再试，或按 F1 看键位。")
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
            self._list.addItem(nothing)
        self._list.setCurrentRow(0)

    def _run(self) -> None:
        row = self._list.currentRow()
        if not self._found:
            return  # it stays, with what was typed
        self.dismiss()
        if 0 <= row < len(self._found):
            self._found[row].run()


def is_text(widget: QWidget | None) -> bool:
    """Whether a widget takes typed text."""
    from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QPlainTextEdit, QTextEdit

    if isinstance(widget, QLineEdit):
        return not widget.isReadOnly()
    if isinstance(widget, QComboBox):
        return widget.isEditable()
    return isinstance(widget, QPlainTextEdit | QTextEdit | QAbstractSpinBox)
