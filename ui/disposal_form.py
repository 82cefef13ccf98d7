"""The form of 报告, 移交, 拦截 and 拦截结果: one card whose fields are those of what is recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from ui import keys
from ui.design import Card, FormRow, KeyButton, Label
from ui.disposal_view import DisposalKind
from ui.fields import ScanField, TextField
from ui.shown import Tone

_NAME_WIDTH = 74
_TITLES = {
    DisposalKind.REPORT: ("报告机关", "另记一条报告，原条目不动"),
    DisposalKind.HANDOVER: ("移交", "只向出具清单的机关移交；企业无权没收"),
    DisposalKind.INTERCEPT: ("拦截", "停止分拣、运输、投递；之后每次扫到都会停下"),
    DisposalKind.OUTCOME: ("拦截结果", "移交要先记“移交”；退回、解除须主管"),
}
_CONFIRM = {
    DisposalKind.REPORT: "确认，已经报告",
    DisposalKind.HANDOVER: "确认，已经移交并收到清单",
    DisposalKind.INTERCEPT: "确认拦截",
    DisposalKind.OUTCOME: "确认这个结果",
}
_FIELDS = {
    DisposalKind.REPORT: ("authority", "person", "reference", "told"),
    DisposalKind.HANDOVER: ("authority", "list_number", "officer_1", "officer_2", "told"),
    DisposalKind.INTERCEPT: ("cause", "reason", "whereabouts", "stopped", "category", "name"),
    DisposalKind.OUTCOME: ("outcome", "note"),
}
Choice = tuple[str, str]


class DisposalForm(Card):
    """Enter goes on and never does it: a digit confirms, once the focus has left the fields."""

    confirmed = Signal(str, dict)

    def __init__(self) -> None:
        super().__init__("报告机关", "", tone=Tone.REFER)
        self.kind = DisposalKind.REPORT
        self._combos = {name: QComboBox() for name in ("authority", "cause", "category", "outcome")}
        self._lines: dict[str, QLineEdit] = {name: _line(make, name, words) for name, make, words, _ in _LINES}
        names = {"authority": "机关", "cause": "种类", "category": "查见", "outcome": "结果"}
        self._rows: dict[str, FormRow] = {}
        for name, combo in self._combos.items():
            combo.setAccessibleName(names[name])
            self._rows[name] = FormRow(names[name], combo, name_width=_NAME_WIDTH)
        for name, _, words, note in _LINES:
            self._rows[name] = FormRow(words, self._lines[name], note, name_width=_NAME_WIDTH)
            self._lines[name].returnPressed.connect(lambda name=name: self._after(name))
        self._confirm, self._said = KeyButton("确认", keys.YES, "stop"), Label("", "wrong", wrap=True)
        for name in dict.fromkeys(name for fields in _FIELDS.values() for name in fields):
            self.body.addWidget(self._rows[name])
        self.body.addWidget(self._confirm)
        self.body.addWidget(self._said)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._confirm.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._confirm.clicked.connect(self._send)

    def begin(self, kind: DisposalKind, choices: Mapping[str, Sequence[Choice]]) -> None:
        """Empty, for one kind. `choices`: (code, words) of each list, the likeliest first."""
        self.kind = kind
        self.entitle(*_TITLES[kind], Tone.STOP if kind is DisposalKind.INTERCEPT else Tone.REFER)
        self.setAccessibleName(f"{_TITLES[kind][0]}：按 1 确认")
        self._confirm.show_action(_CONFIRM[kind], keys.YES, "stop")
        self.forget()
        for name, combo in self._combos.items():
            combo.clear()
            for code, words in choices.get(name, ()):
                combo.addItem(words, code)
        for name, row in self._rows.items():
            row.setVisible(name in _FIELDS[kind])

    def field(self, name: str) -> QWidget:
        """One field, for tests and for the focus. KeyError."""
        return self._combos[name] if name in self._combos else self._lines[name]

    def choose(self, name: str, code: str) -> None:
        combo = self._combos[name]
        combo.setCurrentIndex(max(0, combo.findData(code)))

    def typed(self) -> dict[str, str]:
        """What stands in the fields of this kind."""
        given = {name: str(combo.currentData() or "") for name, combo in self._combos.items()}
        given |= {name: line.text() for name, line in self._lines.items()}
        return {name: given[name] for name in _FIELDS[self.kind]}

    def press(self, key: str) -> bool:
        """1 confirms, once the focus has left the fields; Enter goes on from a list."""
        if key == keys.YES and self._confirm.isEnabled():
            self._send()
            return True
        return False

    def go_on(self) -> bool:
        """From a list to the field after it. False elsewhere."""
        name = next((name for name, combo in self._combos.items() if combo.hasFocus()), None)
        if name is None:
            return False
        self._after(name)
        return True

    def say(self, wrong: str, *, saving: bool) -> None:
        self._said.say("正在保存…" if saving else wrong)
        self._said.setVisible(bool(wrong) or saving)
        for widget in (*self._combos.values(), *self._lines.values(), self._confirm):
            widget.setEnabled(not saving)

    def forget(self) -> None:
        """Nothing typed stays."""
        for line in self._lines.values():
            line.clear()

    def take_focus(self) -> None:
        """The first field that is still empty, a list that was never opened being filled already."""
        empty = next((name for name in _FIELDS[self.kind] if name in self._lines and not self._lines[name].text().strip()), None)
        first = _FIELDS[self.kind][0] if not any(line.text() for line in self._lines.values()) else empty
        self.field(first or _FIELDS[self.kind][0]).setFocus(Qt.FocusReason.OtherFocusReason)

    def _after(self, name: str) -> None:
        """The next field; after the last one, digits are answers."""
        order = _FIELDS[self.kind]
        place = order.index(name) + 1
        if place < len(order):
            self.field(order[place]).setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _send(self) -> None:
        self.confirmed.emit(self.kind.value, self.typed())


_LINES: tuple[tuple[str, Callable[[str, str], QLineEdit], str, str], ...] = (
    ("person", TextField, "对方", "谁接的，如 值班民警 李。只留本企业。"),
    ("reference", TextField, "电话/编号", "所拨电话或受理编号。"),
    ("list_number", TextField, "清单文号", "机关出具的清单上的文号。"),
    ("officer_1", ScanField, "人员一", "执法人员证件号，只留后四位。"),
    ("officer_2", ScanField, "人员二", "另一名人员的证件号。"),
    ("told", ScanField, "时间", "如 1015；不填就是现在。Enter 以后按 1 确认，Esc 放弃。"),
    ("reason", TextField, "原因", "写明查见了什么、接到什么通知。"),
    ("whereabouts", TextField, "件在哪里", "如 分拣中心 3 号口、已装车。"),
    ("stopped", TextField, "通知了谁", "谁去停、几点，如 值班 赵 13:20。"),
    ("name", TextField, "物品", "查见了什么；不知道的空着。Enter 以后按 1 确认，Esc 放弃。"),
    ("note", TextField, "说明", "怎么办的。Enter 以后按 1 确认，Esc 放弃。"),
)


def _line(make: Callable[[str, str], QLineEdit], name: str, words: str) -> QLineEdit:
    return make(f"disposal-{name.replace('_', '-')}", words)
