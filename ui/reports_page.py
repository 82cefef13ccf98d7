"""报表: the report of a kind and a period as the core makes it, and its export. `render` draws it; nothing else sets widgets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from courier_check.clock import Clock, SystemClock
from courier_check.errors import CourierCheckError
from courier_check.reports.sheets import Sheet
from courier_check.wording import Wording
from ui import keys, work
from ui.background import Worker
from ui.design import LIGHT, Ahead, Card, Drawing, FormRow, KeyButton, Label, StateView, Stepped, Table, polish_ahead
from ui.design.scrolling import turn
from ui.documents import documents_folder
from ui.elapsed import Elapsed, waiting_words
from ui.fields import ScanField, TextField
from ui.record_view import parse_day

if TYPE_CHECKING:
    from courier_check.desk.rights import SignedIn
    from courier_check.reporting import Asked, Made
    from courier_check.station import Station

LEFT_WIDTH = 300
ROW_HEIGHT, HEAD_HEIGHT = 34, 36


class Kind(StrEnum):
    """The core's kinds, by their value."""

    DAILY = "daily"
    RATES = "rates"
    REFUSALS = "refusals"
    HALF_YEAR = "half-year"


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind of report: its digit, its words, and which days are meant where none are typed."""

    key: str
    kind: Kind
    words: str
    usual: str


CHOICES = (
    Choice("1", Kind.DAILY, "收寄日报", "今天"),
    Choice("2", Kind.RATES, "制度执行率", "今天"),
    Choice("3", Kind.REFUSALS, "拒收情况", "今天"),
    Choice("4", Kind.HALF_YEAR, "半年统计表（附件）", "本期"),
)
FORMS = (("5", "xlsx", "XLSX"), ("6", "csv", "CSV"), ("7", "pdf", "PDF"), ("8", "json", "JSON"))


@dataclass(frozen=True, slots=True)
class ReportsState:
    """`made` None: not made yet, or `said` why it can't be. `folder_said`: what is wrong with where to export; `seconds`: how
    long what is under way has taken."""

    kind: Kind = Kind.DAILY
    made: Made | None = None
    reading: bool = False
    exporting: bool = False
    said: str = ""
    folder_said: str = ""
    seconds: int = 0


class SheetView(Card):
    """One sheet: title, heading, table, notes."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__()
        heading = Label("　".join(f"{name}{value}" for name, value in sheet.heading), "small", wrap=True)
        self.table = Table(sheet.columns, sheet.title)
        self.table.show_rows([[str(cell) for cell in row] for row in sheet.rows])
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the page scrolls as a whole; there is nothing to choose in it
        self.table.clearSelection()
        self.table.setCurrentCell(-1, -1)
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.setFixedHeight(HEAD_HEIGHT + ROW_HEIGHT * max(1, len(sheet.rows)) + 2)
        self.body.addWidget(Label(sheet.title, "title"))
        self.body.addWidget(heading)
        self.body.addWidget(self.table)
        if not sheet.rows:
            self.body.addWidget(Label("这段时间没有。", "small"))
        for note in sheet.notes:
            self.body.addWidget(Label(note, "dim", wrap=True))


class ReportsPage(Stepped):
    told = Signal(str, bool)

    def __init__(self, jobs: Worker[Station], desk: Worker[Station], wording: Wording, clock: Clock | None = None) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("报表")
        self._jobs, self._wording, self._clock = jobs, wording, clock or SystemClock()
        self._state = ReportsState()
        self._asked = 0
        self._ahead = Ahead(self)
        self._drawing = Drawing(self._ahead)
        self._elapsed = Elapsed(self)
        self._elapsed.ticked.connect(lambda seconds: self._become(replace(self._state, seconds=seconds)))

    def _build(self) -> Iterator[None]:
        self._kinds = {choice.kind: KeyButton(choice.words, choice.key) for choice in CHOICES}
        self._from, self._to = ScanField("report-from", "从哪一天"), ScanField("report-to", "到哪一天")
        self._folder = TextField("report-folder", "导出到哪个文件夹")
        self._folder_row = FormRow("导出到", self._folder, "按 5 至 8 导出；不覆盖已有的文件。", name_width=52)
        yield
        self._exports = {form: KeyButton(words, key) for key, form, words in FORMS}
        self._sheets = QVBoxLayout()
        self._area, self._waiting = QScrollArea(), StateView()
        yield
        yield from self._lay_out()
        self._connect()
        self._folder.setText(str(documents_folder()))
        self.render(self._state)

    def _lay_out(self) -> Iterator[None]:
        self._stack = QStackedLayout()
        inner, side, place = QWidget(), QWidget(), QWidget()
        side.setFixedWidth(LEFT_WIDTH)
        left = QVBoxLayout(side)
        days = _row(self._from, Label("至", "name"), self._to)
        exports = [_row(*list(self._exports.values())[start : start + 2]) for start in (0, 2)]
        self._kinds_card, self._export_card = _card("报表", self._kinds.values()), _card("导出", (self._folder_row, *exports))
        dates = _card("日期，含首尾", (days, Label("空着是今天或本期。Enter 重新统计。", "dim", wrap=True)))
        for card in (self._kinds_card, dates, self._export_card):
            left.addWidget(card)
        left.addStretch(1)
        yield
        inner.setLayout(self._sheets)
        inner.setAutoFillBackground(False)
        for layout in (left, self._sheets):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(LIGHT.gap)
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.viewport().setAutoFillBackground(False)
        self._area.setWidget(inner)
        place.setLayout(self._stack)
        self._stack.addWidget(self._area)
        self._stack.addWidget(self._waiting)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(18, 12, 18, 16)
        outer.setSpacing(LIGHT.gap)
        outer.addWidget(side)
        outer.addWidget(place, 1)
        yield
        for before, after in ((self, self._from), (self._from, self._to), (self._to, self._folder)):
            QWidget.setTabOrder(before, after)

    def _connect(self) -> None:
        for kind, button in self._kinds.items():
            button.clicked.connect(lambda _=False, kind=kind: self._choose(kind))
        for form, button in self._exports.items():
            button.clicked.connect(lambda _=False, form=form: self._export(form))
        for field in (self._from, self._to):
            field.returnPressed.connect(self._make)
        self._folder.returnPressed.connect(lambda: self.setFocus(Qt.FocusReason.OtherFocusReason))

    # What comes in ------------------------------------------------------------------------------------------------------------------------

    def shown(self) -> None:
        """Came to the front: counted anew."""
        self._make()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def signed_in(self, who: SignedIn) -> None:
        """Whoever it is sees the same."""

    def press(self, key: str) -> bool:
        kind = next((choice.kind for choice in CHOICES if choice.key == key), None)
        form = next((form for digit, form, _ in FORMS if digit == key), None)
        if kind is not None:
            self._choose(kind)
        elif form is not None:
            self._export(form)
        elif key == keys.REFRESH:
            self._make()
        elif key == keys.ESC and self._state.reading:
            self._give_up()
        elif key == keys.ESC and isinstance(QApplication.focusWidget(), QLineEdit):
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            return turn(self._area, key)
        return True

    # Making -------------------------------------------------------------------------------------------------------------------------------

    def _choose(self, kind: Kind) -> None:
        self._state = replace(self._state, kind=kind)
        self._make()

    def _make(self) -> None:
        """An answer to an older question is dropped."""
        self._asked += 1
        asked = self._asked
        try:
            wanted = self._wanted()
        except ValueError as odd:
            said = f"“{odd}”不是日期。请写成 2026-11-23、20261123 或 11-23；空着就是{self._usual()}。"
            self._become(replace(self._state, made=None, reading=False, said=said))
            return
        self._become(replace(self._state, reading=True, said="", seconds=0))
        self._elapsed.start()
        self._jobs.run(
            self,
            lambda station: work.report(station, wanted),
            lambda made: self._take(asked, made),
            lambda error: self._failed(asked, error),
        )

    def _give_up(self) -> None:
        """Not wait any longer. Counting changes nothing, so nothing is left behind."""
        self._asked += 1
        self._become(replace(self._state, made=None, reading=False, said="已取消。按 Ctrl+R 重新统计。"))
        self._rest()

    def _rest(self) -> None:
        """What was under way has ended."""
        if not self._state.reading and not self._state.exporting:
            self._elapsed.stop()

    def _wanted(self) -> Asked:
        from courier_check.reporting import Asked, ReportKind

        today: date = self._clock.read().at.date()
        return Asked(ReportKind(self._state.kind.value), parse_day(self._from.text(), today), parse_day(self._to.text(), today))

    def _usual(self) -> str:
        return next(choice.usual for choice in CHOICES if choice.kind is self._state.kind)

    def _take(self, asked: int, made: Made) -> None:
        if asked == self._asked:
            self._become(replace(self._state, made=made, reading=False, said=""))
            self._rest()
            self._area.verticalScrollBar().setValue(0)

    def _failed(self, asked: int, error: CourierCheckError) -> None:
        if asked == self._asked:
            self._become(replace(self._state, made=None, reading=False, said=self._wording.said(error)))
            self._rest()

    # Exporting ----------------------------------------------------------------------------------------------------------------------------

    def _export(self, form: str) -> None:
        """What is on screen goes into the file; nothing else is computed."""
        state = self._state
        if state.made is None or state.reading or state.exporting:
            return
        made, folder = state.made, Path(self._folder.text().strip() or ".").expanduser()
        self._become(replace(state, exporting=True, folder_said="", seconds=0))
        self._elapsed.start()
        self._jobs.run(self, lambda station: work.export(station, made, form, folder), self._exported, self._not_exported)

    def _exported(self, target: Path) -> None:
        self._become(replace(self._state, exporting=False))
        self._rest()
        self.told.emit(f"已导出 {target}", False)

    def _not_exported(self, error: CourierCheckError) -> None:
        self._become(replace(self._state, exporting=False, folder_said=self._wording.said(error)))
        self._rest()
        self.told.emit(self._wording.said(error), True)

    # What is shown ------------------------------------------------------------------------------------------------------------------------

    @property
    def state(self) -> ReportsState:
        """What the page shows."""
        return self._state

    @property
    def is_drawn(self) -> bool:
        """Whether all sheets of what was computed are on the page."""
        return self._drawing.has_drawn(self._state.made)

    def _become(self, state: ReportsState) -> None:
        self._state = state
        self.render(state)

    def render(self, state: ReportsState) -> None:  # type: ignore[override]  # a page's render, not Qt's
        for choice in CHOICES:
            self._kinds[choice.kind].show_action(choice.words, choice.key, "go" if choice.kind is state.kind else "plain")
        for field in (self._from, self._to):
            field.setPlaceholderText(self._usual())
        ready = state.made is not None and not state.reading and not state.exporting
        for key, form, words in FORMS:
            self._exports[form].show_action(words, key, "plain", enabled=ready)
        self._folder_row.complain(state.folder_said)
        self._kinds_card.entitle("报表", f"{waiting_words('正在统计', state.seconds)}　Esc 取消" if state.reading else "")
        self._export_card.entitle("导出", waiting_words("正在导出", state.seconds) if state.exporting else "")
        made = state.made
        if made is not None:
            self._drawing.draw(made, lambda: self._draw(made))
        elif state.said:
            self._waiting.show_state("!", "没有算出来", state.said)
        else:
            self._waiting.show_state("…", waiting_words("正在统计", state.seconds), "Esc 取消")
        self._stack.setCurrentWidget(self._area if state.made is not None else self._waiting)

    def _draw(self, made: Made) -> Iterator[None]:
        """Sheet after sheet, so that the first ones can be read, and keys are answered, while others are made."""
        while (held := self._sheets.takeAt(0)) is not None:
            widget = held.widget()
            if widget is not None:
                widget.deleteLater()
        self._sheets.addStretch(1)
        for sheet in made.sheets:
            view = SheetView(sheet)
            yield
            yield from polish_ahead(view)
            self._sheets.insertWidget(self._sheets.count() - 1, view)
            yield


def _row(*widgets: QWidget) -> QWidget:
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(8)
    for widget in widgets:
        line.addWidget(widget, 0 if isinstance(widget, Label) else 1)
    return row


def _card(title: str, widgets: Iterable[QWidget]) -> Card:
    card = Card(title)
    for widget in widgets:
        card.body.addWidget(widget)
    return card
