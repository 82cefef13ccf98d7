"""What stands before the pages: first run, passphrase, enrolment, first operator, sign-in. One card in the middle of the window."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ui import keys
from ui.design import Card, FormRow, KeyButton, Label
from ui.fields import ScanField, TextField
from ui.shown import AnswerShown


class Gate(StrEnum):
    WAIT = "wait"
    CHOOSE = "choose"
    UNLOCK = "unlock"
    NEW_STATION = "new-station"
    ENROL = "enrol"
    FIRST_OPERATOR = "first-operator"
    SIGN_IN = "sign-in"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FieldShown:
    """`text`: as typed with the input method; `secret`: shown as dots."""

    name: str
    words: str
    note: str = ""
    first: str = field(default="", repr=False)
    secret: bool = False
    text: bool = False


@dataclass(frozen=True, slots=True)
class GateShown:
    gate: Gate
    title: str
    words: str
    fields: tuple[FieldShown, ...] = ()
    answers: tuple[AnswerShown, ...] = ()
    said: str = ""
    key: str = ""


def wait(words: str) -> GateShown:
    return GateShown(Gate.WAIT, "收寄实名验视", words)


def failed(words: str) -> GateShown:
    return GateShown(Gate.FAILED, "打不开", words, answers=(AnswerShown(keys.ENTER, "再试一次", "go"),))


def choose(folder: str) -> GateShown:
    return GateShown(
        Gate.CHOOSE,
        "第一次使用",
        f"数据文件夹 {folder} 还是空的。要在这台电脑上做什么？",
        answers=(AnswerShown("1", "练习台：虚构数据，随便试"), AnswerShown("2", "正式收寄台：设口令，登记到监管网关")),
    )


def unlock(said: str = "") -> GateShown:
    fields = (FieldShown("passphrase", "口令", secret=True),)
    words = "输入本收寄台的口令。忘记口令就打不开本机的数据；已有回执的记录仍在监管网关。"
    return GateShown(Gate.UNLOCK, "打开收寄台", words, fields, (AnswerShown(keys.ENTER, "打开", "go"),), said)


def passphrase(said: str = "") -> GateShown:
    fields = (
        FieldShown("passphrase", "新口令", "至少 8 个字符；请写下来放进保险柜", secret=True),
        FieldShown("again", "再输一次", secret=True),
    )
    words = "口令加密本机的全部数据，每次开机输入一次。它不是收寄员的密码。"
    return GateShown(
        Gate.NEW_STATION, "新的正式收寄台", words, fields, (AnswerShown(keys.ENTER, "建立", "go"), AnswerShown(keys.ESC, "返回")), said
    )


def enrol(said: str = "", url: str = "", code: str = "") -> GateShown:
    fields = (
        FieldShown("url", "监管网关", "如 https://gateway.example", url),
        FieldShown("code", "登记码", "监管部门发的一次性登记码，可以扫描；24 小时内有效", code),
    )
    words = "登记以后才能收寄。没有网络的，用命令 station enrol --request-file 走文件登记。"
    return GateShown(Gate.ENROL, "登记到监管网关", words, fields, (AnswerShown(keys.ENTER, "登记", "go"),), said)


def first_operator(said: str = "") -> GateShown:
    fields = (
        FieldShown("code", "工号", first="0001"),
        FieldShown("name", "姓名", "留在本企业，不上报", text=True),
        FieldShown("password", "密码", "至少 6 个字符", secret=True),
        FieldShown("again", "再输一次", secret=True),
    )
    answers = (AnswerShown(keys.ENTER, "增加", "go"),)
    return GateShown(Gate.FIRST_OPERATOR, "第一名收寄员（主管）", "以后由主管增加其他收寄员。", fields, answers, said)


def sign_in(*, practice: tuple[str, str] | None, said: str = "", code: str = "") -> GateShown:
    """`practice`: the published code and password, filled in already."""
    first = practice or (code, "")
    fields = (FieldShown("code", "工号", first=code or first[0]), FieldShown("password", "密码", first=first[1], secret=True))
    words = "练习台：收寄员 0142，主管 0001，密码都是 practice（公开）。数据全部虚构。" if practice else "输入工号和密码。"
    return GateShown(Gate.SIGN_IN, "收寄员登录", words, fields, (AnswerShown(keys.ENTER, "登录", "go"),), said)


SHORT = 16
"""Characters of all answers together that still stand beside each other."""


class GatePage(QWidget):
    """`entered`: the fields as typed; `pressed`: an answer's key."""

    entered = Signal(dict)
    pressed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._shown: GateShown | None = None
        self._fields: dict[str, QLineEdit] = {}
        self._card = Card()
        self._card.setFixedWidth(520)
        self._title, self._words, self._said = Label("", "big"), Label("", "small", wrap=True), Label("", "wrong", wrap=True)
        self._rows, self._answers = QVBoxLayout(), QGridLayout()
        self._rows.setSpacing(8)
        body = self._card.body
        body.setContentsMargins(14, 10, 14, 10)
        body.setSpacing(10)
        body.addWidget(self._title)
        body.addWidget(self._words)
        body.addLayout(self._rows)
        body.addWidget(self._said)
        body.addLayout(self._answers)
        middle = QHBoxLayout()  # stretches, not an alignment: aligned widgets get no height for their wrapped lines
        middle.addStretch(1)
        middle.addWidget(self._card)
        middle.addStretch(1)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addLayout(middle)
        outer.addStretch(3)

    @property
    def gate(self) -> Gate:
        return self._shown.gate if self._shown is not None else Gate.WAIT

    def render(self, shown: GateShown) -> None:  # type: ignore[override]  # a page's render, not Qt's
        """The whole card. Fields keep what was typed only where something is said about it: a gate that is asked anew is empty."""
        before = self._shown
        again = before is not None and before.gate is shown.gate and before.fields == shown.fields and bool(shown.said)
        self._shown = shown
        self.setAccessibleName(shown.title)
        self._title.say(shown.title)
        self._words.say(shown.words)
        self._said.say(shown.said)
        self._said.setVisible(bool(shown.said))
        if not again:
            self._make_fields(shown.fields)
            self._make_answers(shown.answers)
        self.take_focus(wrong=bool(shown.said))

    def forget(self) -> None:
        """Nothing typed stays behind an open gate."""
        for one in self._fields.values():
            one.clear()

    def take_focus(self, *, wrong: bool = False) -> None:
        """The first empty field; after something wrong, the first secret one: what nobody can read is typed anew."""
        secret = [one for one in self._fields.values() if one.echoMode() is QLineEdit.EchoMode.Password]
        if wrong and secret:
            for field in secret:
                field.clear()
            secret[0].setFocus()
            return
        last = list(self._fields.values())[-1] if self._fields else None
        target = next((one for one in self._fields.values() if not one.text()), last)
        (target or self).setFocus()

    def _make_fields(self, fields: tuple[FieldShown, ...]) -> None:
        self.forget()
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._fields = {}
        for shown in fields:
            made = TextField(shown.name, shown.words) if shown.text else ScanField(shown.name, shown.words)
            made.setText(shown.first)
            if shown.secret:
                made.setEchoMode(QLineEdit.EchoMode.Password)
            made.returnPressed.connect(self._enter)
            self._fields[shown.name] = made
            self._rows.addWidget(FormRow(shown.words, made, shown.note))

    def _make_answers(self, answers: tuple[AnswerShown, ...]) -> None:
        while (item := self._answers.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        across = sum(len(answer.text) for answer in answers) <= SHORT
        for place, answer in enumerate(answers):
            button = KeyButton(answer.text, answer.key, answer.tone)
            button.clicked.connect(lambda _=False, key=answer.key: self._answer(key))
            self._answers.addWidget(button, 0 if across else place, place if across else 0)

    def _answer(self, key: str) -> None:
        if key == keys.ENTER and self._fields:
            self._enter()
        else:
            self.pressed.emit(key)

    def _enter(self) -> None:
        """To the next empty field, or on."""
        empty = next((one for one in self._fields.values() if not one.text().strip()), None)
        if empty is not None:
            empty.setFocus()
            return
        self.entered.emit({name: one.text() for name, one in self._fields.items()})
