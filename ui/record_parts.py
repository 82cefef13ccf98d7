"""The parts of the records page: the filter, one record, the form of a correction. Each draws a value and says what was done to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QScrollArea, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from ui.design import LIGHT, Banner, Card, Facts, FormRow, KeyButton, Label, Lines, Listing, Stepped, Table, row_of
from ui.fields import ScanField, TextField
from ui.record_view import FIELDS, KINDS, PRESETS, RecordShown
from ui.shown import Tone, VerdictShown

COLUMNS = ("受理号", "时间", "结论", "运单", "寄件人", "承运商 · 品类", "收寄员", "回执", "更正")
RIGHT_WIDTH = 424
PRESET_WIDTH = 106
THUMBNAIL = 168
_NAME_WIDTH = 84
_ONE_SCREEN, _LINE = 0.85, 60
ONLY_ANSWER = "answer-only"
_TYPED_BY_METHOD = ("name", "address", "addressee_name", "addressee_address", "contents")
"""Fields that are written in Chinese; all others are numbers, where an input method would be in the way."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What the filter holds, as typed. `preset`: the digit of the chosen period, empty where days were typed."""

    text: str = ""
    kind: str = ""
    from_text: str = ""
    to_text: str = ""
    preset: str = "2"


class FilterRow(Card):
    """`wanted`: Enter was pressed in a field, or another kind chosen. `preset`: a period was chosen by mouse; its digit does the same."""

    wanted = Signal()
    preset = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.text = ScanField("record-text", "运单号")
        self.text.setPlaceholderText("运单号 / 末 4 位以上 / #受理号")
        self.kind = QComboBox()
        self.kind.setAccessibleName("结论")
        self.kind.addItem("全部结论", "")
        for kind, (sign, words, _) in KINDS.items():
            self.kind.addItem(f"{sign} {words}", kind)
        self.from_day, self.to_day = ScanField("record-from", "从哪一天"), ScanField("record-to", "到哪一天")
        for field in (self.from_day, self.to_day):
            field.setPlaceholderText("如 11-23")
            field.setFixedWidth(112)
        self._presets = {each.key: KeyButton(each.words, each.key) for each in PRESETS}
        self._lay_out()
        for field in (self.text, self.from_day, self.to_day):
            field.returnPressed.connect(self.wanted)
        self.kind.activated.connect(lambda _: self.wanted.emit())
        for key, button in self._presets.items():
            button.clicked.connect(lambda _=False, key=key: self.preset.emit(key))

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.text, 1)
        row.addWidget(self.kind)
        row.addSpacing(6)
        row.addWidget(self.from_day)
        row.addWidget(Label("至", "name"))
        row.addWidget(self.to_day)
        for button in self._presets.values():
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # their digits do it; Tab need not pass them
            button.setFixedWidth(PRESET_WIDTH)
            row.addWidget(button)
        self.body.addLayout(row)

    def held(self, preset: str) -> Filter:
        """What stands in the fields now."""
        return Filter(self.text.text(), str(self.kind.currentData()), self.from_day.text(), self.to_day.text(), preset)

    def fill(self, held: Filter) -> None:
        self.text.setText(held.text)
        self.kind.setCurrentIndex(max(0, self.kind.findData(held.kind)))
        self.from_day.setText(held.from_text)
        self.to_day.setText(held.to_text)

    def begin(self, character: str) -> None:
        """A number typed at the list begins here; what a scan began here, the scan replaces."""
        self.text.setText(character)
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)
        self.text.end(False)

    def show_preset(self, preset: str) -> None:
        for key, button in self._presets.items():
            button.show_action(next(each.words for each in PRESETS if each.key == key), key, "go" if key == preset else "plain")


class RecordList(Stepped):
    """The filter over the table. Tab goes from the table to the filter's fields and back."""

    def _build(self) -> Iterator[None]:
        self.filter = FilterRow()
        yield
        self.listing = Listing("记录", Table(COLUMNS, "记录", stretch=4))
        yield
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(LIGHT.gap)
        column.addWidget(self.filter)
        column.addWidget(self.listing, 1)
        order = (self.filter.text, self.filter.kind, self.filter.from_day, self.filter.to_day, self.listing.table)
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)


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


class RecordView(Stepped):
    """One record: what it is about at the left, what proves it at the right."""

    correct_wanted = Signal()

    def _build(self) -> Iterator[None]:
        self.verified, self.verdict = Banner(), Banner()
        self.form = CorrectionForm()
        yield
        self.correct = KeyButton("更正", "Enter")
        self._parcel, self._people = Facts(_NAME_WIDTH, wrap=True), Facts(_NAME_WIDTH)  # a waybill's number is never cut short
        self._entry, self._receipt = Facts(_NAME_WIDTH), Facts(_NAME_WIDTH)
        self._lines = {name: Lines() for name in ("returned", "checklist", "outcome", "corrections")}
        yield
        self._cards = {
            "parcel": _card("运单与内件", self._parcel),
            "people": _card("寄件人与收件人", self._people),
            "returned": _card("退回，待更正", self._lines["returned"]),
            "outcome": _card("结论的原因与处置", self._lines["outcome"]),
            "checklist": _card("验视清单", self._lines["checklist"]),
            "corrections": _card("更正", self._lines["corrections"]),
            "photos": Card("照片"),
            "entry": _card("日志条目", self._entry),
            "receipt": _card("回执与证明", self._receipt),
        }
        self._photos: list[Label] = []
        self._photo_row = QHBoxLayout()
        self._photo_row.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self._cards["photos"].body.addLayout(self._photo_row)
        self.area = QScrollArea()
        self.correct.clicked.connect(self.correct_wanted)
        yield
        yield from self._lay_out()

    def _lay_out(self) -> Iterator[None]:
        pair = QWidget()
        pair.setLayout(row_of(self._cards["parcel"], self._cards["people"], spacing=LIGHT.gap))
        below = (self._cards[name] for name in ("corrections", "photos", "checklist"))
        left = _column((self._cards["returned"], self._cards["outcome"], pair, *below))
        right = _column((self.correct, self.form, self._cards["receipt"], self._cards["entry"]))
        side = QWidget()
        side.setFixedWidth(RIGHT_WIDTH)
        side.setLayout(right)
        yield
        banners = QHBoxLayout()
        banners.setSpacing(LIGHT.gap)
        self.verified.setFixedWidth(RIGHT_WIDTH)
        banners.addWidget(self.verdict, 1)
        banners.addWidget(self.verified)
        columns = QHBoxLayout()
        columns.setSpacing(LIGHT.gap)
        columns.addLayout(left, 1)
        columns.addWidget(side)
        inner = QWidget()
        whole = QVBoxLayout(inner)
        whole.setContentsMargins(0, 0, 6, 0)
        whole.setSpacing(LIGHT.gap)
        whole.addLayout(banners)
        whole.addLayout(columns, 1)
        yield
        self.area.setWidgetResizable(True)
        self.area.setAccessibleName("记录")
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        self.area.setWidget(inner)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.area)

    def grow(self) -> Iterator[None]:
        """Make the rows of an ordinary record, one a step, so that opening the first one does not hold up the screen."""
        for facts, ordinary in ((self._parcel, 9), (self._people, 10), (self._entry, 14), (self._receipt, 8)):
            yield from facts.grow(ordinary)
        for lines, ordinary in ((self._lines["checklist"], 15), (self._lines["outcome"], 6)):
            yield from lines.grow(ordinary)

    def draw(self, shown: RecordShown, pictures: Mapping[str, QImage | None]) -> Iterator[None]:
        """Show a record, card after card, so that keys are answered while it comes up."""
        self.verified.show_verdict(shown.verified)
        self.verified.setVisible(True)
        self.verdict.show_verdict(shown.verdict)
        yield
        for name, facts, held in (
            ("parcel", self._parcel, shown.parcel),
            ("people", self._people, shown.people),
            ("receipt", self._receipt, shown.receipt),
            ("entry", self._entry, shown.entry),
        ):
            facts.show_facts(held)
            self._cards[name].setVisible(True)
            yield
        lines = {"returned": shown.returned, "checklist": shown.checklist, "outcome": shown.outcome, "corrections": shown.corrections}
        for name, said in lines.items():
            self._lines[name].show_lines(said)
            self._cards[name].setVisible(bool(said))
            yield
        self._show_photos(shown.photos, pictures)

    def show_verdict_only(self, verdict: VerdictShown) -> None:
        """While a record is being read, or where it can't be."""
        self.verdict.show_verdict(verdict)
        self.verified.setVisible(False)
        for card in self._cards.values():
            card.setVisible(False)

    def turn(self, key: str) -> bool:
        """By lines, screens, or to an end. False for any other key."""
        bar = self.area.verticalScrollBar()
        screen = int(bar.pageStep() * _ONE_SCREEN)
        places = {
            "Up": bar.value() - _LINE,
            "Down": bar.value() + _LINE,
            "PageUp": bar.value() - screen,
            "PageDown": bar.value() + screen,
            "Home": bar.minimum(),
            "End": bar.maximum(),
        }
        if key not in places:
            return False
        bar.setValue(places[key])
        return True

    def _show_photos(self, names: Sequence[str], pictures: Mapping[str, QImage | None]) -> None:
        self._cards["photos"].setVisible(bool(names))
        while len(self._photos) < len(names):
            label = Label("", "picture", wrap=True)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setFixedSize(THUMBNAIL, THUMBNAIL * 3 // 4)
            self._photos.append(label)
            self._photo_row.addWidget(label)
        for label, name in zip(self._photos, names, strict=False):
            picture = pictures.get(name)
            if picture is not None and not picture.isNull():
                label.setPixmap(QPixmap.fromImage(picture))
            else:
                label.setPixmap(QPixmap())
                label.setText("照片打不开" if name in pictures else "已销毁")
            label.setAccessibleName(f"照片 {name}")
        for place, label in enumerate(self._photos):
            label.setVisible(place < len(names))


def _card(title: str, content: QWidget) -> Card:
    card = Card(title)
    card.body.addWidget(content)
    card.body.addStretch(1)
    return card


def _column(widgets: Iterable[QWidget]) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(LIGHT.gap)
    for widget in widgets:
        column.addWidget(widget)
    column.addStretch(1)
    return column
