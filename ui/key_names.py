"""What a key is: its name on the cap, whether it types, and what it is in a scan. Pure but for Qt's event."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

MOVES: Final = frozenset({"Up", "Down", "Left", "Right", "PageUp", "PageDown", "Home", "End"})
_NAMED_AS_IN_QT: Final = ("Tab", "Backspace", "Delete", "Insert", *MOVES)
_NAMES: Final = {Qt.Key[f"Key_{name}"].value: name for name in (*_NAMED_AS_IN_QT, *(f"F{number}" for number in range(1, 25)))} | {
    Qt.Key.Key_Return.value: "Enter",
    Qt.Key.Key_Enter.value: "Enter",
    Qt.Key.Key_Escape.value: "Esc",
    Qt.Key.Key_Backtab.value: "Tab",  # always comes with Shift
}
TERMINATORS: Final = frozenset({Qt.Key.Key_Return.value, Qt.Key.Key_Enter.value, Qt.Key.Key_Tab.value})
LINE_END_COMBINATIONS: Final = frozenset({Qt.Key.Key_J.value, Qt.Key.Key_M.value})  # LF and CR as Ctrl+J and Ctrl+M
SILENT: Final = frozenset(  # go down with other keys, from scanners too; they do nothing themselves and part nothing
    key.value
    for key in (
        Qt.Key.Key_Shift,
        Qt.Key.Key_Control,
        Qt.Key.Key_Alt,
        Qt.Key.Key_AltGr,
        Qt.Key.Key_Meta,
        Qt.Key.Key_CapsLock,
        Qt.Key.Key_NumLock,
    )
)
STX: Final = "\x02"
_FRAMING: Final = "\x02\x03\x04\x1c\x1d\x1e\x1f"  # STX, ETX, EOT, FS, GS, RS, US: of GS1, ISO/IEC 15434 and line protocols
_FRAMING_KEYS: Final = {
    Qt.Key.Key_B.value: "\x02",
    Qt.Key.Key_C.value: "\x03",
    Qt.Key.Key_D.value: "\x04",
    Qt.Key.Key_Backslash.value: "\x1c",
    Qt.Key.Key_BracketRight.value: "\x1d",
    Qt.Key.Key_AsciiCircum.value: "\x1e",
    Qt.Key.Key_6.value: "\x1e",
    Qt.Key.Key_Underscore.value: "\x1f",
    Qt.Key.Key_Minus.value: "\x1f",
}
# As numbers: Qt's flag objects cost more to compare than all the rest of the filter.
_SHIFT: Final = Qt.KeyboardModifier.ShiftModifier.value
_CONTROL: Final = Qt.KeyboardModifier.ControlModifier.value
_ALT: Final = Qt.KeyboardModifier.AltModifier.value
_META: Final = Qt.KeyboardModifier.MetaModifier.value


@dataclass(frozen=True, slots=True)
class KeyPress:
    """One key, by the name on its cap: "F12", "1", "Space", "Enter", "Ctrl+K", "Shift+Tab". The number pad's keys are the same keys."""

    name: str

    @property
    def is_command(self) -> bool:
        """F-keys, Esc and Ctrl combinations mean the same wherever the focus is."""
        bare = self.name.removeprefix("Shift+")
        return bare.startswith("Ctrl+") or bare == "Esc" or (bare[0] == "F" and bare[1:].isdigit())


def key_name(event: QKeyEvent) -> str:
    """The name of a key as it is written on its cap, "" for keys the program has no use for."""
    modifiers = event.modifiers().value
    combined = is_combination(modifiers)
    named = _NAMES.get(event.key())
    name = named or _typed_name(event, combined=combined)
    if not name or not (named or combined):
        return name
    parts = (("Ctrl+", _CONTROL), ("Alt+", _ALT), ("Meta+", _META), ("Shift+", _SHIFT))
    return "".join(part for part, modifier in parts if modifiers & modifier) + name


def _typed_name(event: QKeyEvent, *, combined: bool) -> str:
    """A character key's name: what it types, in half width and upper case, so that "１" of a full-width input method is "1" too."""
    if combined:
        # The text is a control character or empty then; the code of a Latin key is its upper-case character.
        key = event.key()
        return chr(key) if 0x21 <= key <= 0x7E else ""
    text = unicodedata.normalize("NFKC", event.text()).upper()
    if not _is_text(text):
        return ""
    return "Space" if text == " " else text


def framing_character(event: QKeyEvent) -> str:
    """The control character that a gun means by this key: Ctrl with a letter or sign, or a nameless key that types one; else empty."""
    text, modifiers = event.text(), event.modifiers().value
    if modifiers & (_META | _ALT):
        return ""
    if modifiers & _CONTROL:
        return text if text and text in _FRAMING else _FRAMING_KEYS.get(event.key(), "")
    return text if len(text) == 1 and unicodedata.category(text) == "Cc" and event.key() not in _NAMES else ""


def is_wide(text: str) -> bool:
    """One full-width form of an ASCII character, or a full-width blank."""
    return len(text) == 1 and ("\uff01" <= text <= "\uff5e" or text == "\u3000")


def types(text: str) -> bool:
    """Whether a key with this text types something: no control characters. Invisible ones, as zero width and direction marks, count."""
    return bool(text) and all(unicodedata.category(character) != "Cc" for character in text)


def _is_text(text: str) -> bool:
    """Something to type: not empty, no control characters."""
    return bool(text) and all(unicodedata.category(character)[0] != "C" for character in text)


def is_combination(modifiers: int) -> bool:
    """Ctrl, Alt or Meta is down. Ctrl with Alt is AltGr on Windows, which types ordinary characters."""
    return bool(modifiers & _META) or bool(modifiers & _CONTROL) != bool(modifiers & _ALT)


def identity(event: QKeyEvent) -> int:
    """Which key it is, the same for press and release even when Shift has gone up between them."""
    return event.nativeScanCode() or event.key()
