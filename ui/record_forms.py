"""The forms of the records page: what is wrong with a record (更正), what somebody does not agree with (异议), what goes back (撤件)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QSizePolicy, QStackedWidget

from ui import keys
from ui.design import Card, FormRow, KeyButton, Label
from ui.fields import ScanField, TextField
from ui.record_view import FIELDS
from ui.shown import Tone

ONLY_ANSWER = "answer-only"
_TYPED_BY_METHOD = ("name", "address", "addressee_name", "addressee_address", "contents")
"""Fields that are written in Chinese; all others are numbers, where an input method would be in the way."""


class CorrectionForm(Card):
    """更正: which field, its right value, why. Enter goes on to the reason, and there it confirms."""

    confirmed = Signal(str, str, str)

    def __init__(self) -> None:
        super().__init__("更正", "原条目不动，另记一条更正", tone=Tone.GO)
        self.field = QComboBox()
        self.field.setAccessibleName("更正哪一项")
        self._number, self._words = ScanField("correct-number", "正确内容"), TextField("correct-words", "正确内容")
        self._value = QStackedWidget()
        self._value.addWidget(self._number)
        self._value.addWidget(self._words)
        self._value.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.reason = TextField("correct-reason", "更正原因")
        self._said = Label("", "wrong", wrap=True)
        self._rows = {
            "field": FormRow("更正项", self.field),
            "value": FormRow("正确内容", self._value, "只在这里按全文输入，存下后按规则遮蔽显示。"),
            "reason": FormRow("原因", self.reason, "Enter 存下更正；Esc 放弃。"),
        }
        for row in self._rows.values():
            self.body.addWidget(row)
        self.body.addWidget(self._said)
        self.field.currentIndexChanged.connect(lambda _: self._chosen())
        for field in (self._number, self._words):
            field.returnPressed.connect(lambda: self.reason.setFocus(Qt.FocusReason.TabFocusReason))
        self.reason.returnPressed.connect(self._confirm)

    @property
    def value(self) -> ScanField | TextField:
        """The field that the right value is typed into."""
        return self._words if self.field.currentData() in _TYPED_BY_METHOD else self._number

    def begin(self, fields: Sequence[str], *, answers: bool) -> None:
        """Empty, on the first field. `answers`: a returned item may be answered without changing anything."""
        self.field.clear()
        for name in fields:
            self.field.addItem(FIELDS[name], name)
        if answers:
            self.field.addItem("只答复退回，不改内容", ONLY_ANSWER)
        self.forget()
        self._chosen()

    def forget(self) -> None:
        """Nothing typed stays."""
        for field in (self._number, self._words, self.reason):
            field.clear()

    def say(self, wrong: str, *, saving: bool) -> None:
        self._said.say("正在保存…" if saving else wrong)
        self._said.setVisible(bool(wrong) or saving)
        self._value.setEnabled(not saving)
        self.reason.setEnabled(not saving)
        self.field.setEnabled(not saving)

    def take_focus(self) -> None:
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def go_on(self) -> bool:
        """From what is corrected to its right value, or to the reason where only that is wanted. False elsewhere."""
        if not self.field.hasFocus():
            return False
        after = self.reason if self.field.currentData() == ONLY_ANSWER else self.value
        after.setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def _chosen(self) -> None:
        self._value.setCurrentWidget(self.value)
        self._rows["value"].setVisible(self.field.currentData() != ONLY_ANSWER)
        self._number.clear()
        self._words.clear()

    def _confirm(self) -> None:
        self.confirmed.emit(str(self.field.currentData()), self.value.text(), self.reason.text())


class DisputeForm(Card):
    """异议: only why. Enter saves it."""

    confirmed = Signal(str)

    def __init__(self) -> None:
        super().__init__("异议", "原条目不动，另记一条异议", tone=Tone.REFER)
        self.reason = TextField("dispute-reason", "异议的理由")
        self._said = Label("", "wrong", wrap=True)
        self.body.addWidget(FormRow("理由", self.reason, "写明哪里与实际不符。Enter 存下异议；Esc 放弃。", name_width=52))
        self.body.addWidget(self._said)
        self.reason.returnPressed.connect(lambda: self.confirmed.emit(self.reason.text()))

    def say(self, wrong: str, *, saving: bool) -> None:
        self._said.say("正在保存…" if saving else wrong)
        self._said.setVisible(bool(wrong) or saving)
        self.reason.setEnabled(not saving)

    def take_focus(self) -> None:
        self.reason.setFocus(Qt.FocusReason.OtherFocusReason)


class WithdrawForm(Card):
    """撤件: why, and the number of the document that is shown now. Enter goes on and never does it: a digit confirms."""

    confirmed = Signal(str, str)

    def __init__(self) -> None:
        super().__init__("撤件", "件退还寄件人，原条目不动，另记一条撤件", tone=Tone.REFER)
        self.reason = TextField("withdraw-reason", "撤件原因")
        self.number = ScanField("withdraw-number", "寄件人现在出示的证件号码")
        self._confirm = KeyButton("确认撤件，件已退还寄件人", keys.YES, "stop")
        self._said = Label("", "wrong", wrap=True)
        self.body.addWidget(FormRow("原因", self.reason, "如 寄件人不寄了、地址写错。", name_width=52))
        self.body.addWidget(FormRow("证件", self.number, "照寄件人现在出示的原件填，与收寄时核对；没有的空着，须主管办理。", name_width=52))
        self.body.addWidget(self._confirm)
        self.body.addWidget(self._said)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("撤件：按 1 确认")
        self._confirm.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.reason.returnPressed.connect(lambda: self.number.setFocus(Qt.FocusReason.TabFocusReason))
        self.number.returnPressed.connect(lambda: self.setFocus(Qt.FocusReason.OtherFocusReason))  # now digits are answers
        self._confirm.clicked.connect(self._send)

    def _send(self) -> None:
        self.confirmed.emit(self.reason.text(), self.number.text())

    def press(self, key: str) -> bool:
        """1 confirms, once the focus has left the fields."""
        if key == keys.YES and self._confirm.isEnabled():
            self._send()
            return True
        return False

    def say(self, wrong: str, *, saving: bool) -> None:
        self._said.say("正在保存…" if saving else wrong)
        self._said.setVisible(bool(wrong) or saving)
        for field in (self.reason, self.number, self._confirm):
            field.setEnabled(not saving)

    def forget(self) -> None:
        """Nothing typed stays."""
        self.reason.clear()
        self.number.clear()

    def take_focus(self) -> None:
        (self.number if self.reason.text().strip() else self.reason).setFocus(Qt.FocusReason.OtherFocusReason)
