"""The parts of the records page: the filter and one record. Each draws a value and says what was done to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui import keys
from ui.design import LIGHT, Banner, Card, Facts, KeyButton, Label, Lines, Listing, Stepped, Table, row_of
from ui.design.scrolling import turn
from ui.disposal_form import DisposalForm
from ui.fields import ScanField
from ui.record_forms import CorrectionForm, DisputeForm, WithdrawForm
from ui.record_view import KINDS, PRESETS, PhotoSaid, RecordShown
from ui.shown import VerdictShown

if TYPE_CHECKING:
    from courier_check.store.acts import Act

COLUMNS = ("受理号", "时间", "结论", "运单", "寄件人", "承运商 · 品类", "收寄员", "回执", "更正 异议")
RIGHT_WIDTH = 424
PRESET_WIDTH = 106
THUMBNAIL = 168
_PHOTOS_A_ROW = 3
_LINE_CARDS = ("returned", "withdrawal", "intercepts", "told", "disputes", "outcome", "checklist", "corrections")
_NAME_WIDTH = 84
MARKS = {
    "lead": "! 有线索",
    "intercepted": "✖ 拦截过",
    "stopped": "✖ 拦截未了",
    "failed-check": "✖ 安检不合格",
    "recheck": "! 安检待复检",
    "waiting": "! 待复核",
    "hurried": "! 答得过快",
    "taken-back": "! 改判过",
}
"""What the filter may ask for besides an outcome: the counts of the shift board can be looked into."""


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
        for mark, words in MARKS.items():
            self.kind.addItem(words, mark)
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


class RecordView(Stepped):
    """One record: what it is about at the left, what proves it at the right."""

    correct_wanted = Signal()
    dispute_wanted = Signal()
    proof_wanted = Signal()
    withdraw_wanted = Signal()
    slip_wanted = Signal()
    disposal_wanted = Signal(str)
    """A kind of the disposal form; empty: 拦截, or what became of it."""

    def _build(self) -> Iterator[None]:
        self.verified, self.verdict = Banner(), Banner()
        self.form = CorrectionForm()
        yield
        self.dispute_form = DisputeForm()
        yield
        self.withdraw_form = WithdrawForm()
        yield
        self.disposal_form = DisposalForm()
        yield
        self.correct, self.dispute = KeyButton("更正", keys.ENTER), KeyButton("异议", keys.DISPUTE)
        self.proof, self.withdraw = KeyButton("证明存 PDF", keys.PROOF), KeyButton("撤件", keys.WITHDRAW)
        yield
        self._parcel, self._people = Facts(_NAME_WIDTH, wrap=True), Facts(_NAME_WIDTH)  # a waybill's number is never cut short
        self._entry, self._receipt = Facts(_NAME_WIDTH), Facts(_NAME_WIDTH)
        self.slip, self.report = KeyButton("告知单", keys.SLIP), KeyButton("报告机关", keys.REPORT)
        self.handover, self.intercept = KeyButton("移交", keys.HANDOVER), KeyButton("拦截", keys.INTERCEPT)
        yield
        self._lines = {name: Lines() for name in _LINE_CARDS}
        yield
        self._cards = {
            "parcel": _card("运单与内件", self._parcel),
            "people": _card("寄件人与收件人", self._people),
            "photos": Card("照片"),
            "entry": _card("日志条目", self._entry),
            "receipt": _card("回执与证明", self._receipt),
        }
        yield
        titles = {
            "returned": "退回，待更正",
            "withdrawal": "已撤件",
            "intercepts": "拦截",
            "told": "报告与移交",
            "disputes": "有异议",
            "outcome": "结论的原因与处置",
            "checklist": "验视清单",
            "corrections": "更正",
        }
        self._cards |= {name: _card(title, self._lines[name]) for name, title in titles.items()}
        yield
        self._photos: list[tuple[Label, Label]] = []
        self._photo_grid = QGridLayout()
        self._photo_grid.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self._cards["photos"].body.addLayout(self._photo_grid)
        self.area = QScrollArea()
        self.correct.clicked.connect(self.correct_wanted)
        self.dispute.clicked.connect(self.dispute_wanted)
        self.proof.clicked.connect(self.proof_wanted)
        self.withdraw.clicked.connect(self.withdraw_wanted)
        self.slip.clicked.connect(self.slip_wanted)
        for button, kind in ((self.report, "report"), (self.handover, "handover"), (self.intercept, "")):
            button.clicked.connect(lambda _=False, kind=kind: self.disposal_wanted.emit(kind))
        yield
        yield from self._lay_out()

    def _lay_out(self) -> Iterator[None]:
        """From the outside in, each part put where it stays: what is put there whole is polished whole, in one step."""
        outer, inner, side, left_side = QVBoxLayout(self), QWidget(), QWidget(), QWidget()
        whole, columns, banners = QVBoxLayout(inner), QHBoxLayout(), QHBoxLayout()
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.area)
        self.area.setWidgetResizable(True)
        self.area.setAccessibleName("记录")
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        self.area.setWidget(inner)
        whole.setContentsMargins(0, 0, 6, 0)
        whole.setSpacing(LIGHT.gap)
        whole.addLayout(banners)
        whole.addLayout(columns, 1)
        banners.setSpacing(LIGHT.gap)
        columns.setSpacing(LIGHT.gap)
        columns.addWidget(left_side, 1)
        columns.addWidget(side)
        side.setFixedWidth(RIGHT_WIDTH)
        self.verified.setFixedWidth(RIGHT_WIDTH)
        yield
        banners.addWidget(self.verdict, 1)
        banners.addWidget(self.verified)
        yield
        pair, self._actions = QWidget(), QWidget()
        pair_row = row_of(spacing=LIGHT.gap)
        pair.setLayout(pair_row)
        actions = QVBoxLayout(self._actions)
        actions.setContentsMargins(0, 0, 0, 0)
        beside = ((self.correct, self.dispute), (self.proof, self.withdraw), (self.slip, self.report), (self.handover, self.intercept))
        for buttons in beside:
            actions.addLayout(row_of(*buttons))
        below = (self._cards[name] for name in ("corrections", "photos", "checklist"))
        left = QVBoxLayout(left_side)
        yield from _fill(left, (*(self._cards[name] for name in _LINE_CARDS[:6]), pair))
        for card in (self._cards["parcel"], self._cards["people"]):
            pair_row.addWidget(card, 1)
            yield
        yield from _fill(left, below, last=True)
        forms = (self.form, self.dispute_form, self.withdraw_form, self.disposal_form)
        yield from _fill(QVBoxLayout(side), (self._actions, *forms, self._cards["receipt"], self._cards["entry"]), last=True)

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
        lines = {
            "returned": shown.returned,
            "withdrawal": shown.withdrawal,
            "intercepts": shown.intercepts,
            "told": shown.told,
            "disputes": shown.disputes,
            "checklist": shown.checklist,
            "outcome": shown.outcome,
        }
        for name, said in (lines | {"corrections": shown.corrections}).items():
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

    def show_disposals(self, act: Act | None) -> None:
        """处置 that an act may have, while no form is open; None: nothing."""
        refused, stoppable = act is not None and act.kind == "refusal", act is not None and act.kind == "acceptance" and not act.withdrawn
        guarded = act is not None and (act.lead is not None or act.is_stopped)
        for button, so in ((self.slip, refused), (self.report, refused or guarded), (self.handover, guarded), (self.intercept, stoppable)):
            button.setVisible(so)
        if act is not None:
            self.intercept.show_action("拦截结果" if act.intercept in ("open", "recovered") else "拦截", keys.INTERCEPT, "plain")

    def show_actions(self, shown: bool, *, withdrawable: bool) -> None:
        """What may be done with the record, while no form is open. `withdrawable`: an acceptance that stands."""
        for widget in (self._actions, self.correct, self.dispute, self.proof):
            widget.setVisible(shown)
        self.withdraw.setVisible(shown and withdrawable)

    def turn(self, key: str) -> bool:
        """By lines, screens, or to an end. False for any other key."""
        return turn(self.area, key)

    def _show_photos(self, photos: Sequence[PhotoSaid], pictures: Mapping[str, QImage | None]) -> None:
        self._cards["photos"].setVisible(bool(photos))
        while len(self._photos) < len(photos):
            self._add_photo()
        for (label, said), photo in zip(self._photos, photos, strict=False):
            picture = pictures.get(photo.name)
            if picture is not None and not picture.isNull():
                label.setPixmap(QPixmap.fromImage(picture))
            else:
                label.setPixmap(QPixmap())
                label.setText("照片打不开" if photo.name in pictures else "不显示")
            label.setAccessibleName(f"{photo.words} {photo.state}")
            said.say(f"{photo.words}\n{photo.state}")
        for place, pair in enumerate(self._photos):
            for widget in pair:
                widget.setVisible(place < len(photos))

    def _add_photo(self) -> None:
        """Another place, three in a row."""
        place = len(self._photos)
        label, said = Label("", "picture", wrap=True), Label("", "small", wrap=True)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.setFixedSize(THUMBNAIL, THUMBNAIL * 3 // 4)
        said.setFixedWidth(THUMBNAIL)
        row, column = 2 * (place // _PHOTOS_A_ROW), place % _PHOTOS_A_ROW
        self._photo_grid.addWidget(label, row, column)
        self._photo_grid.addWidget(said, row + 1, column)
        self._photos.append((label, said))


def _card(title: str, content: QWidget) -> Card:
    card = Card(title)
    card.body.addWidget(content)
    card.body.addStretch(1)
    return card


def _fill(column: QVBoxLayout, widgets: Iterable[QWidget], *, last: bool = False) -> Iterator[None]:
    """Put widgets one below the other, one a step; what is left of the height below the last one stays empty."""
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(LIGHT.gap)
    for widget in widgets:
        column.addWidget(widget)
        yield
    if last:
        column.addStretch(1)
