"""The fields inside the question card. Each form is filled when its key changes and says what was typed; it judges nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from ui import keys
from ui.counter.typed_number import NumberNote
from ui.counter.typed_phone import watch_phone
from ui.counter.view import DocumentChoice, Form
from ui.design import FormRow, KeyButton
from ui.fields import ScanField, TermField, TextField

Typed = Mapping[str, str]
NumberChecking = Callable[[str, str], NumberNote]


def unchecked(_kind: str, _text: str) -> NumberNote:
    """Nothing is said of what is typed."""
    return NumberNote()


SILENCE_S = 0.4
"""A pause after which a key is meant for what is on the screen. People type on every 0.1 to 0.3 s, and need a second to read a question."""
_TYPING = (keys.SPACE, keys.ENTER, keys.BACKSPACE)


class TypedOn:
    """Typing that goes on after Enter has closed a form in the middle: until a pause none of it may answer a question."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last_s: float | None = None

    def begin(self) -> None:
        """The form was closed just now."""
        self._last_s = self._clock()

    def end(self) -> None:
        self._last_s = None

    def takes(self, key: str) -> bool:
        """Whether this key belongs to it. Keys that type nothing never do."""
        if self._last_s is None or not (len(key) == 1 or key in _TYPING):
            return False
        now_s = self._clock()
        self._last_s = now_s if now_s - self._last_s < SILENCE_S else None
        return self._last_s is not None


class FieldForm(QWidget):
    """Fields in a column. Enter goes to the next empty one, and confirms where there is none; Ctrl+Enter confirms at once.

    `walks`: a form whose `walks` is False is confirmed as soon as nothing that must be filled is empty; Tab reaches the other fields.
    `keyed`: a key that a field passes on; `sought`: what stands in the field of a search has changed."""

    confirmed = Signal(dict)
    keyed = Signal(str)
    sought = Signal(str)
    walks = True

    def __init__(self) -> None:
        super().__init__()
        self.confirmed_early = False
        """Whether Enter confirmed it in a field with others behind: who does not look types on as if it had gone on."""
        self._rows: dict[str, FormRow] = {}
        self._order: list[QLineEdit] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 4, 0, 4)
        self._column.setSpacing(6)

    def add(self, name: str, words: str, field: QLineEdit, note: str = "") -> None:
        row = FormRow(words, field, note)
        self._column.addWidget(row)
        self._keep(name, row, field)

    def add_beside(self, *fields: tuple[str, str, QLineEdit]) -> None:
        """Short fields in one line."""
        line = QHBoxLayout()
        line.setSpacing(12)
        for name, words, field in fields:
            row = FormRow(words, field, name_width=76 if line.count() else 84)
            line.addWidget(row, 1)
            self._keep(name, row, field)
        self._column.addLayout(line)

    def _keep(self, name: str, row: FormRow, field: QLineEdit) -> None:
        self._rows[name] = row
        self._order.append(field)
        field.returnPressed.connect(lambda: self._enter(field))

    def _enter(self, field: QLineEdit) -> None:
        """To the next empty field after this one; confirm where there is none. An empty field is left by Enter."""
        after = [one for one in self._order[self._order.index(field) + 1 :] if one.isVisible() and one.isEnabled()]
        waiting = next((one for one in after if not one.text().strip() and (self.walks or not self._optional(one))), None)
        if waiting is not None:
            waiting.setFocus(Qt.FocusReason.TabFocusReason)
            waiting.selectAll()
            self._bring(waiting)
            return
        self.confirmed_early = bool(after)
        self.confirmed.emit(self.typed())

    def _bring(self, field: QLineEdit) -> None:
        """Into view: Qt scrolls after Tab, and not where the focus is set."""
        area = self.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        inner = area.widget() if area is not None else None
        if area is not None and inner is not None:
            middle = field.mapTo(inner, field.rect().center())
            area.ensureVisible(0, middle.y(), 0, 2 * field.height())  # with its note

    def confirm(self) -> None:
        """Ctrl+Enter: as it stands, whatever is empty."""
        self.confirmed_early = False
        self.confirmed.emit(self.typed())

    def _optional(self, field: QLineEdit) -> bool:
        return bool(field.property("optional"))

    def typed(self) -> dict[str, str]:
        return {name: field.text() for name, field in self.fields().items()}

    def fields(self) -> dict[str, QLineEdit]:
        return {name: row.field for name, row in self._rows.items() if isinstance(row.field, QLineEdit)}

    def fill(self, first: Typed) -> None:
        for name, field in self.fields().items():
            field.setText(first.get(name, ""))
        for row in self._rows.values():
            row.complain("")

    def follow(self, first: Typed) -> None:
        """What is typed without a focus stands in a field too; nothing in most forms."""

    def follow_after(self, page: QWidget) -> None:
        """Tab leads from there into the first field: the form did not take the focus by itself."""
        QWidget.setTabOrder(page, self._order[0])

    def take_focus(self) -> bool:
        """The first field that is empty, or the first one. False if none wants it."""
        empty = next((one for one in self._order if one.isVisible() and not one.text().strip() and not self._optional(one)), None)
        field = empty or self._order[0]
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        field.selectAll()
        return True


def optional(field: QLineEdit) -> QLineEdit:
    """A field that may stay empty."""
    field.setProperty("optional", True)
    return field


class WaybillForm(FieldForm):
    """Backspace with nothing left to rub out takes back the step before, as it does where no field has the focus."""

    def __init__(self) -> None:
        super().__init__()
        self._field = ScanField("waybill-number", "运单号")
        self._field.installEventFilter(self)
        self.add("waybill", "单号", self._field, "扫不出的可以手工输入，按 Enter。")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if _is_backspace(event) and not self._field.text():
            self.keyed.emit(keys.BACKSPACE)
            return True
        return super().eventFilter(watched, event)


def _is_backspace(event: QEvent) -> bool:
    """Pressed once: a key that is held down rubs out, and ends where there is nothing left."""
    pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Backspace
    return pressed and isinstance(event, QKeyEvent) and not event.isAutoRepeat()


class PartiesForm(FieldForm):
    """寄件人电话 and 收件人, as the label has them. While nothing was typed, Backspace in an empty field takes back the scan before."""

    def __init__(self) -> None:
        super().__init__()
        self.add("sender_name", "面单寄件人", TextField("sender-name", "面单上的寄件人姓名"))
        self.add("sender_phone", "寄件人电话", ScanField("sender-phone", "寄件人电话"))
        self.add("sender_address", "寄件人地址", optional(TextField("sender-address", "寄件人地址")))
        self.add("addressee_name", "收件人", TextField("addressee-name", "收件人姓名"))
        self.add("addressee_phone", "收件人电话", optional(ScanField("addressee-phone", "收件人电话")))
        self.add("addressee_address", "收件人地址", optional(TextField("addressee-address", "收件人地址")))
        watch_phone(self._rows["sender_phone"])
        for field in self._order:
            field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        untyped = _is_backspace(event) and not any(field.isModified() for field in self._order)
        if untyped and isinstance(watched, QLineEdit) and not watched.text():
            self.keyed.emit(keys.BACKSPACE)
            return True
        return super().eventFilter(watched, event)


class LateForm(FieldForm):
    """补录: the day stands there already, the time is typed after it."""

    def __init__(self) -> None:
        super().__init__()
        self._field = ScanField("taken-at", "实际收寄时间，年月日和时分")
        self.add("taken", "实际收寄", self._field, "如 2026-11-23 10:15，或 1123 1015。清空后按 Enter 就不算补录。")

    def take_focus(self) -> bool:
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)
        self._field.end(False)
        return True


class DocumentForm(FieldForm):
    """A document typed from the original. `check`: what the number tells while it is typed, by type and text; nothing of it stays."""

    def __init__(self, types: Sequence[DocumentChoice], check: NumberChecking) -> None:
        super().__init__()
        self._check = check
        self._owed = {each.value: each.owed for each in types}
        self._type = QComboBox()
        self._type.setObjectName("document-type")
        for each in types:
            self._type.addItem(each.zh, each.value)
        self._column.addWidget(FormRow("证件类型", self._type, "不是身份证的，按 Shift+Tab 到这里改。"))
        self.add("name", "姓名", TextField("document-name", "证件姓名"))
        number = ScanField("document-number", "证件号码")
        self.add("number", "证件号码", number)
        number.textChanged.connect(self._number_changed)
        self._type.currentIndexChanged.connect(self._number_changed)
        self.add("valid_from", "有效期起", optional(ScanField("valid-from", "有效期起")), "如 20200101；没有的可空")
        self.add("valid_until", "有效期至", TermField("valid-until", "有效期至"), "如 20400101；长期的按 0")
        self.add("nationality", "国籍", optional(ScanField("nationality", "国籍三字码")), "外国护照填三字码，如 KOR")
        self.add("born_on", "出生日期", optional(ScanField("born-on", "出生日期")), "护照、通行证须填，用于判断是否未成年；不留存")

    def _number_changed(self) -> None:
        row, field = self._rows["number"], self.fields()["number"]
        note = self._check(str(self._type.currentData()), field.text())
        if note.wrong:
            row.complain(note.words)
        else:
            row.tell(note.words)

    def _optional(self, field: QLineEdit) -> bool:
        owed = self._owed.get(str(self._type.currentData()), frozenset())
        return super()._optional(field) and not any(self._rows[name].field is field for name in owed)

    def typed(self) -> dict[str, str]:
        return {"type": str(self._type.currentData()), **super().typed()}

    def fill(self, first: Typed) -> None:
        super().fill(first)
        place = self._type.findData(first.get("type", "resident-id"))
        self._type.setCurrentIndex(max(0, place))


class GoodsNameForm(FieldForm):
    def __init__(self) -> None:
        super().__init__()
        self.add("name", "物品", TextField("found-name", "查到的物品名称"))


class NoteForm(FieldForm):
    def __init__(self) -> None:
        super().__init__()
        self.add("note", "说明", TextField("refusal-note", "拒收说明"), "写明情况，按 Enter 记录拒收。")


class LetterForm(FieldForm):
    """通知: an authority's or a rights holder's letter that the refusal goes by."""

    def __init__(self) -> None:
        super().__init__()
        self.add("sender", "发送方", TextField("letter-sender", "通知的发送方"), "机关，或权利人、其代理机构。")
        self.add("received", "收到日期", ScanField("letter-received", "收到通知的日期"), "如 20261120；本网点收到的那一天。")
        self.add("number", "文号", optional(TextField("letter-number", "通知文号")), "没有的可空。")


class ExemptionNoteForm(FieldForm):
    def __init__(self) -> None:
        super().__init__()
        self.add("note", "说明", TextField("exemption-note", "免拍说明"), "不写姓名和号码。按 Enter 确认免拍，按 Esc 返回。")


class SupervisorForm(FieldForm):
    def __init__(self) -> None:
        super().__init__()
        password = ScanField("supervisor-password", "主管密码")
        password.setEchoMode(QLineEdit.EchoMode.Password)
        self.add("code", "主管工号", ScanField("supervisor-code", "主管工号"))
        self.add("password", "密码", password)
        self.confirmed.connect(lambda _typed: password.clear())  # one that was wrong must not be typed on to


UNTIL_NOTE = "如 2026-12-31 或 30（天）；留空只管这一件。"


class HitCodeForm(FieldForm):
    """不是同一家: the number on the licence, and how long that holds."""

    def __init__(self) -> None:
        super().__init__()
        self.add("code", "代码", ScanField("hit-code", "统一社会信用代码或营业执照注册号"), "18 位信用代码；旧执照 15 位注册号。")
        self.add("until", "管到", optional(ScanField("hit-until", "决定管到哪天")), UNTIL_NOTE)


class ReasonForm(FieldForm):
    """The reason, then the decision: Enter never decides by itself."""

    decided = Signal(str, dict)

    def __init__(self) -> None:
        super().__init__()
        self._field = TextField("decision-reason", "核定理由")
        self.add("reason", "理由", self._field, "写明核对了什么。Enter 到下一栏；都写好了按 Ctrl+Enter，再按数字。")
        evidence, until = TextField("decision-evidence", "看了什么证照或单据"), ScanField("decision-until", "决定管到哪天")
        evidence.setPlaceholderText("是同一、放行，或管到某日的必填")
        until.setPlaceholderText(UNTIL_NOTE)
        self.add("evidence", "凭证", optional(evidence))
        self.add("until", "管到", optional(until))
        self._buttons = {
            "not-same": KeyButton("不是同一", "1"),
            "same": KeyButton("是同一", "2"),
            "override": KeyButton("放行（两人）", "3"),
            "settle": KeyButton("核定通过", "1", "go"),
        }
        line = QHBoxLayout()
        for name, button in self._buttons.items():
            button.setObjectName(f"decide-{name}")
            button.clicked.connect(lambda _=False, name=name: self.decided.emit(name, self.typed()))
            line.addWidget(button)
        self._column.addLayout(line)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.confirmed.connect(lambda _typed: self.setFocus(Qt.FocusReason.OtherFocusReason))  # now digits are answers

    def fill(self, first: Typed) -> None:
        super().fill(first)
        settling = first.get("kind") == "settle"
        for name, button in self._buttons.items():
            button.setVisible((name == "settle") is settling)
        for name in ("evidence", "until"):  # a referral is settled for its parcel
            self._rows[name].setVisible(not settling)

    def press(self, key: str) -> bool:
        """A digit, once the reason is written and the focus has left it."""
        shown = [name for name, button in self._buttons.items() if not button.isHidden()]
        number = int(key) - 1 if key.isdigit() else -1
        if not 0 <= number < len(shown):
            return False
        self.decided.emit(shown[number], self.typed())
        return True


def _later(module: str, form: str) -> Callable[[], FieldForm]:
    """A form of another module, which builds on this one."""

    def make() -> FieldForm:
        made: FieldForm = getattr(import_module(module), form)()
        return made

    return make


_PEOPLE, _PARCEL = "ui.counter.people_forms", "ui.counter.parcel_forms"


class Forms(QWidget):
    """All forms, one visible at a time. Each is made when it is first wanted: making all of them at once would hold up the screen.

    `keyed`: a key that a field passes on; `sought`: what stands in the field of a search."""

    confirmed = Signal(str, dict)
    keyed = Signal(str)
    sought = Signal(str)
    another = Signal(dict)
    decided = Signal(str, dict)

    def __init__(
        self, document_types: Sequence[DocumentChoice], check: NumberChecking = unchecked, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._typed_on = TypedOn(clock)
        self._make: dict[Form, Callable[[], FieldForm]] = {
            Form.WAYBILL: WaybillForm,
            Form.DOCUMENT: lambda: DocumentForm(document_types, check),
            Form.PARTIES: PartiesForm,
            Form.LATE: LateForm,
            Form.SEARCH: _later(_PARCEL, "SearchForm"),
            Form.CONTENTS: _later(_PARCEL, "ContentsForm"),
            Form.GOODS_NAME: GoodsNameForm,
            Form.REFUSAL_NOTE: NoteForm,
            Form.LETTER: LetterForm,
            Form.EXEMPTION_NOTE: ExemptionNoteForm,
            Form.SUPERVISOR: SupervisorForm,
            Form.REASON: ReasonForm,
            Form.HIT_CODE: HitCodeForm,
            Form.ORGANISATION: _later(_PEOPLE, "OrganisationForm"),
            Form.ORDER_NAME: _later(_PEOPLE, "OrderNameForm"),
            Form.SERVICE: _later(_PARCEL, "ServiceForm"),
            Form.CUSTOMS: _later(_PARCEL, "CustomsForm"),
            Form.PIECES: _later(_PARCEL, "PiecesForm"),
        }
        self._made: dict[Form, FieldForm] = {}
        self._shown = (Form.NONE, "")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self.hide()

    def form(self, form: Form) -> FieldForm:
        """One form. KeyError for NONE."""
        if form not in self._made:
            made = self._make[form]()
            self._made[form] = made
            self._grid.addWidget(made, 0, 0)
            made.hide()
            made.confirmed.connect(lambda typed: self._confirmed(form, made, typed))
            if isinstance(made, ReasonForm):
                made.decided.connect(self.decided)
            made.keyed.connect(self.keyed)
            made.sought.connect(self.sought)
        return self._made[form]

    def grow(self) -> Iterator[None]:
        """Make the forms ahead, one a step."""
        for form in self._make:
            self.form(form)
            yield

    def press(self, key: str) -> bool:
        """A digit decides where a supervisor's decision is asked for and its reason is written; Ctrl+Enter confirms what stands in the
        form, and of the contents declares one item more."""
        shown = self._made.get(self._shown[0])
        if key == keys.AT_ONCE and shown is not None and self._shown[0] is not Form.SEARCH:
            if self._shown[0] is Form.CONTENTS:
                self.another.emit(shown.typed())
            else:
                shown.confirm()
            return True
        return isinstance(shown, ReasonForm) and shown.press(key)

    def overrun(self, key: str) -> bool:
        """A key still typed for a form that Enter has closed before its last field: no answer to what came after it."""
        return self._typed_on.takes(key)

    def rest(self) -> None:
        """What comes now was meant: a scan, a click."""
        self._typed_on.end()

    def _confirmed(self, form: Form, made: FieldForm, typed: Typed) -> None:
        if made.confirmed_early:
            self._typed_on.begin()
        self.confirmed.emit(form.value, typed)

    def show_form(self, form: Form, key: str, first: Typed) -> bool:
        """Show one form; it is filled only when its key changed. True if one was closed and none took the focus instead."""
        if (form, key) == self._shown:
            if form is not Form.NONE:
                self._made[form].follow(first)
            return False
        before, self._shown = self._shown[0], (form, key)
        self.setVisible(form is not Form.NONE)
        if before is not Form.NONE and before is not form:
            self._made[before].fill({})  # nothing typed stays behind
            self._made[before].hide()
        if form is Form.NONE:
            return before is not Form.NONE
        current = self.form(form)
        current.fill(first)
        current.follow(first)
        current.show()
        if current.take_focus():
            return False
        page = self.parentWidget()
        while page is not None and page.focusPolicy() is Qt.FocusPolicy.NoFocus:
            page = page.parentWidget()
        if page is not None:
            current.follow_after(page)
        return True
