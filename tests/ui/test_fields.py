"""What fields of the window do with keys of their own."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ui.fields import ChoiceField, TermField


@pytest.mark.parametrize(("typed", "text"), [("0", "长期"), ("20400101", "20400101"), ("2", "2")])
def test_long_term_is_one_key_and_a_date_stays_a_date(qtbot: QtBot, typed: str, text: str) -> None:
    field = TermField("valid-until", "有效期至")
    qtbot.addWidget(field)
    QTest.keyClicks(field, typed)
    assert field.text() == text


def test_backspace_takes_long_term_back_whole(qtbot: QtBot) -> None:
    field = TermField("valid-until", "有效期至")
    qtbot.addWidget(field)
    QTest.keyClicks(field, "0")
    QTest.keyClick(field, Qt.Key.Key_Backspace)
    assert field.text() == ""


@pytest.mark.parametrize(
    ("typed", "text"), [("2", "到付"), ("21", "寄付"), ("9", ""), ("x", ""), ("1x", "寄付"), ("19", "寄付"), ("0", "")]
)
def test_a_digit_chooses_and_anything_else_means_nothing(qtbot: QtBot, typed: str, text: str) -> None:
    field = ChoiceField("payer", "付费方式", ("寄付", "到付", "月结"))
    qtbot.addWidget(field)
    QTest.keyClicks(field, typed)
    assert field.text() == text
    assert field.placeholderText() == "1 寄付　2 到付　3 月结"


def test_backspace_takes_a_choice_back_whole(qtbot: QtBot) -> None:
    field = ChoiceField("payer", "付费方式", ("寄付", "到付"))
    qtbot.addWidget(field)
    QTest.keyClicks(field, "1")
    QTest.keyClick(field, Qt.Key.Key_Backspace)
    assert field.text() == ""
