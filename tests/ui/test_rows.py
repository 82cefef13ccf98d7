"""Rows that come and go, style that changes, and the imports of a program with a window."""

from __future__ import annotations

import builtins
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.design import Facts
from ui.design.text import show_first
from ui.design.tokens import restyle
from ui.shown import Fact


@pytest.fixture
def box(qtbot: QtBot) -> Iterator[tuple[QWidget, list[QLabel]]]:
    """A box of four rows on a window that is shown."""
    window, box = QWidget(), QWidget()
    qtbot.addWidget(window)
    QVBoxLayout(window).addWidget(box)
    column = QVBoxLayout(box)
    rows = [QLabel(str(number)) for number in range(4)]
    for row in rows:
        column.addWidget(row)
        row.hide()
    window.show()
    yield box, rows
    window.close()


@pytest.mark.parametrize("counts", [(4, 0, 3, 3), (1, 2, 4, 1), (0, 4, 0, 4)])
def test_as_many_rows_are_seen_as_are_shown(box: tuple[QWidget, list[QLabel]], counts: tuple[int, ...]) -> None:
    held, rows = box
    for count in counts:
        show_first(held, rows, count)
        assert [row.isVisible() for row in rows] == [index < count for index in range(4)]
        assert held.isVisible()


def test_rows_of_a_hidden_box_are_there_when_it_comes(box: tuple[QWidget, list[QLabel]]) -> None:
    held, rows = box
    held.hide()
    show_first(held, rows, 3)
    assert not held.isVisible()
    held.show()
    assert [row.isVisible() for row in rows] == [True, True, True, False]


def test_facts_that_come_back_are_shown_again(qtbot: QtBot) -> None:
    facts = Facts()
    qtbot.addWidget(facts)
    facts.show()
    some, others = [Fact("姓名", "王样例"), Fact("电话", "138****0000")], [Fact("运单", "SF1")]
    for shown in (some, some, others, [], some):
        facts.show_facts(shown)
        assert [row.accessibleName() for row in facts._rows if row.isVisible()] == [f"{fact.name} {fact.value}" for fact in shown]
    facts.show_facts([])
    assert [row._value.text() for row in facts._rows] == ["", ""], "a name stayed in a hidden row"


def test_a_style_is_looked_up_again_only_for_another_value(qtbot: QtBot) -> None:
    label = QLabel("样本")
    qtbot.addWidget(label)
    label.setStyleSheet('QLabel[tone="stop"] { color: #ff0000; }')
    label.show()
    for tone, red in (("stop", True), ("stop", True), ("go", False)):
        restyle(label, "tone", tone)
        assert (label.palette().windowText().color().name() == "#ff0000") is red


def test_no_source_is_read_at_imports() -> None:
    """As PySide's hook does with every module that is imported after it."""
    assert builtins.__import__ is not builtins.__feature_import__  # type: ignore[attr-defined]  # PySide puts it there
