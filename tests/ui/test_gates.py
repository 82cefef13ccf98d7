"""What stands before the pages: one card, its fields and answers, where the focus goes, what stays typed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from support.pages import seen, told_by
from ui import gates
from ui.design import KeyButton
from ui.gates import Gate, GatePage, GateShown

PASSWORD = QLineEdit.EchoMode.Password
Shown = Callable[[GateShown], dict[str, QLineEdit]]
EVERY = {
    Gate.WAIT: gates.wait("正在打开…"),
    Gate.CHOOSE: gates.choose("/data/station"),
    Gate.UNLOCK: gates.unlock(),
    Gate.NEW_STATION: gates.passphrase(),
    Gate.ENROL: gates.enrol(),
    Gate.FIRST_OPERATOR: gates.first_operator(),
    Gate.SIGN_IN: gates.sign_in(practice=None),
    Gate.FAILED: gates.failed("数据文件夹打不开。"),
}


@pytest.fixture
def page(qtbot: QtBot) -> GatePage:
    made = GatePage()
    qtbot.addWidget(made)
    made.resize(1290, 688)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    return made


@pytest.fixture
def shown(page: GatePage, qtbot: QtBot) -> Shown:
    """Renders a gate; its visible fields by name."""

    def show(gate: GateShown) -> dict[str, QLineEdit]:
        page.render(gate)
        fields: dict[str, QLineEdit] = {}

        def laid_out() -> bool:
            fields.clear()
            fields.update({field.objectName(): field for field in page.findChildren(QLineEdit) if field.isVisible()})
            return set(fields) == {field.name for field in gate.fields} and len(buttons(page)) == len(gate.answers)

        qtbot.waitUntil(laid_out)
        return fields

    return show


def buttons(page: GatePage) -> list[KeyButton]:
    return [button for button in page.findChildren(KeyButton) if button.isVisible()]


def focus(page: GatePage) -> str:
    widget = page.focusWidget()
    return widget.objectName() if widget is not None else ""


def test_every_gate_is_drawn_with_title_words_and_a_way_on(page: GatePage, shown: Shown) -> None:
    assert set(EVERY) == set(Gate)
    for gate, words in EVERY.items():
        fields = shown(words)
        assert page.gate is gate
        text = seen(page)
        assert words.title in text
        assert words.words in text
        assert set(fields) == {field.name for field in words.fields}
        if gate is not Gate.WAIT:
            assert words.answers, gate
        for field in words.fields:
            assert (fields[field.name].echoMode() == PASSWORD) == field.secret
            assert fields[field.name].accessibleName()


def test_what_is_secret_is_never_said(page: GatePage, shown: Shown) -> None:
    fields = shown(gates.unlock())
    fields["passphrase"].setText("geheim-样例")
    told = [text for text in told_by(page) if text != fields["passphrase"].text()]
    assert not [text for text in told if "geheim" in text]
    assert fields["passphrase"].displayText() != "geheim-样例"


def test_enter_goes_to_the_next_empty_field_and_then_on(page: GatePage, qtbot: QtBot, shown: Shown) -> None:
    entered: list[dict[str, str]] = []
    page.entered.connect(entered.append)
    fields = shown(gates.first_operator())
    assert focus(page) == "name"  # the code is filled in already
    qtbot.keyClick(fields["code"], Qt.Key.Key_Return)
    assert entered == []
    fields["name"].setText("样例主管")
    qtbot.keyClick(fields["name"], Qt.Key.Key_Return)
    assert focus(page) == "password"
    fields["password"].setText("geheim")
    qtbot.keyClick(fields["password"], Qt.Key.Key_Return)
    fields["again"].setText("geheim")
    qtbot.keyClick(fields["again"], Qt.Key.Key_Return)
    assert entered == [{"code": "0001", "name": "样例主管", "password": "geheim", "again": "geheim"}]


def test_a_field_of_spaces_is_empty(page: GatePage, qtbot: QtBot, shown: Shown) -> None:
    entered: list[dict[str, str]] = []
    page.entered.connect(entered.append)
    fields = shown(gates.enrol(url="https://gateway.example"))
    fields["code"].setText("   ")
    qtbot.keyClick(fields["url"], Qt.Key.Key_Return)
    assert entered == []
    assert focus(page) == "code"


def test_after_something_wrong_the_open_fields_stay_and_every_secret_is_typed_anew(page: GatePage, shown: Shown) -> None:
    fields = shown(gates.first_operator())
    for name in fields:
        fields[name].setText(f"typed {name}")
    again = shown(gates.first_operator("两次输入不一样。"))
    assert "两次输入不一样" in seen(page)
    assert {name: field.text() for name, field in again.items()} == {
        "code": "typed code",
        "name": "typed name",
        "password": "",
        "again": "",
    }
    assert focus(page) == "password"
    shown(gates.passphrase())
    shown(gates.wait("正在建立…"))
    assert shown(gates.passphrase("口令太短。"))["passphrase"].text() == ""


def test_a_gate_that_comes_anew_is_empty(page: GatePage, shown: Shown) -> None:
    shown(gates.sign_in(practice=None))["password"].setText("geheim")
    assert shown(gates.sign_in(practice=None, code="0142"))["password"].text() == ""
    shown(gates.sign_in(practice=None))["password"].setText("geheim")
    assert shown(gates.sign_in(practice=None))["password"].text() == ""


def test_an_operator_who_is_known_types_the_password_only(page: GatePage, shown: Shown) -> None:
    fields = shown(gates.sign_in(practice=None, code="0142"))
    assert fields["code"].text() == "0142"
    assert focus(page) == "password"
    practice = shown(gates.sign_in(practice=("0142", "practice")))
    assert (practice["code"].text(), practice["password"].text()) == ("0142", "practice")
    assert "公开" in seen(page)


def test_an_answer_is_a_button_and_says_its_key(page: GatePage, qtbot: QtBot, shown: Shown) -> None:
    pressed: list[str] = []
    page.pressed.connect(pressed.append)
    for gate, keys in ((gates.choose("/data"), ["1", "2"]), (gates.failed("x"), ["Enter"])):
        shown(gate)
        for button in buttons(page):
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert pressed == keys
        pressed.clear()


def test_the_button_of_a_gate_with_fields_enters_them(page: GatePage, qtbot: QtBot, shown: Shown) -> None:
    entered: list[dict[str, str]] = []
    page.entered.connect(entered.append)
    shown(gates.unlock())["passphrase"].setText("geheim")
    (button,) = buttons(page)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert entered == [{"passphrase": "geheim"}]
