"""Input fields of the window. Their looks come from the application's style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget

__all__ = ["ChoiceField", "ScanField", "TermField", "TextField"]


class TextField(QLineEdit):
    """A field for names and addresses: the input method is on. `name` is for style sheet and tests, `accessible_name` is read aloud."""

    def __init__(self, name: str, accessible_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)


class ScanField(TextField):
    """A field for numbers (运单号、证件号码、手机号): the input method is off, or it would swallow
    the letters of a scan before any key is seen.

    `WA_InputMethodEnabled` does not do it: QLineEdit answers the platform's query itself (Qt 6.11 and 6.12), so the answer is given here.
    """

    # Two forms, as in Qt: the platform asks with one argument, a widget's own code with two.
    def inputMethodQuery(self, query: Qt.InputMethodQuery, *arguments: Any) -> Any:
        if query == Qt.InputMethodQuery.ImEnabled:
            return False
        return super().inputMethodQuery(query, *arguments)


class TermField(ScanField):
    """有效期至: digits, or 长期 by one key. The input method stays off, so nobody could type the words."""

    LONG_TERM = "长期"

    def __init__(self, name: str, accessible_name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, accessible_name, parent)
        self.setPlaceholderText("如 20400101；长期按 0")
        self.textEdited.connect(self._edited)

    def _edited(self, text: str) -> None:
        # No year begins with 0: the first key is enough to tell.
        if text.strip() == "0":
            self.setText(self.LONG_TERM)
        elif text == self.LONG_TERM[:1]:  # Backspace takes the word back whole
            self.clear()


class ChoiceField(ScanField):
    """One of a few words, by its digit: the input method stays off. Any other key but Tab and Enter does nothing."""

    def __init__(self, name: str, accessible_name: str, choices: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(name, accessible_name, parent)
        self._choices = tuple(choices)
        self.setPlaceholderText("　".join(f"{number} {words}" for number, words in enumerate(self._choices, 1)))
        self.textEdited.connect(self._edited)

    def _edited(self, text: str) -> None:
        """Backspace takes the word back whole; what is no choice leaves it as it was."""
        typed = text[-1:]
        if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(self._choices):
            self.setText(self._choices[int(typed) - 1])
        elif text not in self._choices:
            self.setText(next((words for words in self._choices if text.startswith(words)), ""))
