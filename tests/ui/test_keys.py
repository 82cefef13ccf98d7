"""A key never has two meanings: one table, and everything in ui/ obeys it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

import ui
from ui import keys
from ui.counter import acts
from ui.counter.view import STEP_NAMES
from ui.design import KeyCap
from ui.help import HelpPage

UI = Path(ui.__file__).parent
CAPS = {"↑": "Up", "↓": "Down"}
TABLE = {CAPS.get(name, name): key for key in keys.KEYS for name in key.name.split(" ")}
PRODUCT = {
    "F1": "帮助",
    "F2": "新受理",
    "F3": "证件/换来源",
    "F4": "同一寄件人再寄",
    "F6": "拍照",
    "F7": "验视清单",
    "F8": "拒收",
    "F9": "补打",
    "F10": "挂起/取回",
    "F11": "同步中心",
    "F12": "提交",
    "Space": "通过",
    "Backspace": "上一项",
    "Esc": "退回",
    "Ctrl+K": "命令",
    "Ctrl+D": "异议",
    "C": "日结",
}
"""product.md §8 and §9 (J3), as far as the window has it. F5 is the batch, and nothing else: it is not there yet."""
QT_KEYS = {"QShortcut", "setShortcut", "setShortcuts", "QKeySequence", "grabShortcut", "keyPressEvent", "keyReleaseEvent"}
DEVICES = {"keyboard.py", "key_names.py", "wedge.py", "hand.py", "journey.py"}
"""Where keys are told apart or struck, whatever they mean."""
ENDS = {"Home", "End"}
"""To the first and the last line, as in every list and text of a computer."""
_MOVES = "Up|Down|Left|Right|PageUp|PageDown|Home|End"
KEY_NAME = re.compile(rf"(F\d{{1,2}}|(Ctrl|Shift|Alt)\+\w+|Enter|Esc|Space|Backspace|Tab|Delete|Insert|{_MOVES})")


def modules() -> list[Path]:
    return sorted(path for path in UI.rglob("*.py") if path.name not in DEVICES)


def names_in(path: Path) -> set[str]:
    """Every key a module speaks of: as `keys.X`, or by its name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "keys":
            value = getattr(keys, node.attr, None)  # None: something else of that name
            found |= {value} if isinstance(value, str) else set(value) if node.attr == "DIGITS" else set()
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and KEY_NAME.fullmatch(node.value):
            found.add(node.value.removeprefix("Shift+"))  # the same key backwards
    return found


def test_no_key_stands_twice_in_the_table() -> None:
    names = [CAPS.get(name, name) for key in keys.KEYS for name in key.name.split(" ")]
    assert len(names) == len(set(names))
    assert all(key.words and key.where for key in keys.KEYS)
    assert len({key.words for key in keys.KEYS if key.name != keys.SPACE}) == len(keys.KEYS) - 1


def test_the_table_says_what_the_product_says() -> None:
    for name, words in PRODUCT.items():
        assert TABLE[name].words.replace(" ", "").startswith(words), name
    for name, part in zip(("1", "2", "3"), ("通过", "不通过", "存疑"), strict=True):
        assert part in TABLE[name].words
    assert "F5" not in TABLE


def test_every_key_a_module_speaks_of_is_in_the_table() -> None:
    """Digits are answers under a question: the table says so of 1 2 3, and the question lists its own. F5, kept for what it will be, is
    not in it: no module speaks of it."""
    for path in modules():
        unknown = names_in(path) - set(TABLE) - ENDS - set(keys.DIGITS)
        assert not unknown, path


@pytest.mark.slow
def test_there_is_no_shortcut_beside_the_table() -> None:
    """Keys are dispatched at the QWindow and nowhere else; a shortcut would act a second time, and in the middle of a scan."""
    for path in UI.rglob("*.py"):
        code = ast.parse(path.read_text("utf-8"))
        named = {node.id for node in ast.walk(code) if isinstance(node, ast.Name)}
        named |= {node.attr for node in ast.walk(code) if isinstance(node, ast.Attribute)}
        named |= {alias.name for node in ast.walk(code) if isinstance(node, ast.ImportFrom) for alias in node.names}
        assert not named & {
            "QShortcut",
            "setShortcut",
            "setShortcuts",
            "QKeySequence",
            "grabShortcut",
            "keyPressEvent",
            "keyReleaseEvent",
        }, path


def test_the_counters_keys_do_what_the_table_says() -> None:
    meant = {
        keys.F2: "_new",
        keys.F3: "_document",
        keys.F4: "_same_sender",
        keys.F6: "_photo",
        keys.F7: "_checklist",
        keys.F8: "_refuse",
        keys.F10: "_hold",
        keys.F12: "_submit",
        keys.BACKSPACE: "_undo",
        keys.LATE: "_late",
    }
    assert {name: act.__name__ for name, act in acts._EVERYWHERE.items()} == meant
    assert {name for name in meant if name != keys.BACKSPACE} == {name for name, key in TABLE.items() if key.where == "收寄台"}


def test_the_windows_keys_are_those_that_act_anywhere() -> None:
    """What the window takes before any page is what the table says of anywhere, and no page takes it otherwise."""
    window = names_in(UI / "window.py")
    assert {keys.F1, keys.F11, keys.COMMAND, keys.SWITCH} <= window
    anywhere = {keys.F1, keys.F11, keys.COMMAND, keys.SWITCH}
    assert not anywhere & set(acts._EVERYWHERE)
    for page in ("records.py", "sync_page.py", "reports_page.py", "counter/acts.py"):
        handled = {node for node in _compared(UI / page) if node in anywhere}
        assert not handled, page


def _compared(path: Path) -> set[str]:
    """Keys that a module compares with what was pressed."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Compare):
            for part in ast.walk(node):
                if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == "keys":
                    value = getattr(keys, part.attr)
                    found |= {value} if isinstance(value, str) else set()
    return found


def test_the_answers_are_the_digits_and_space() -> None:
    assert {key: answer.value for key, answer in acts.ALL_ANSWERS.items()} == {"1": "yes", "Space": "yes", "2": "no", "3": "doubt"}
    assert TABLE["Space"].words == "通过"


def test_every_step_of_the_strip_shows_a_key_of_the_table() -> None:
    for _, shown in STEP_NAMES.values():
        assert set(shown.split(" ")) <= {*TABLE, "扫描", "输入"}


def test_the_help_page_shows_the_whole_table(qtbot: QtBot) -> None:
    page = HelpPage()
    page.complete()
    qtbot.addWidget(page)
    caps = [cap.text() for cap in page.findChildren(KeyCap)]
    assert caps == [name for key in keys.KEYS for name in key.name.split(" ")]
    words = {label.text() for label in page.findChildren(QLabel)}
    assert {key.words for key in keys.KEYS} <= words
