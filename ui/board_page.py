"""班次看板: figures, rates, what waits, and the parcels without a label. `render` draws one value; nothing else sets widgets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from courier_check.errors import CourierCheckError
from courier_check.overview import Overview
from courier_check.shift_board import Stretch
from courier_check.store.board import MissingLabel
from courier_check.wording import Wording
from ui import board_work, keys
from ui.background import Worker
from ui.board_view import BoardRead, BoardShown, BoardState, board_shown
from ui.design import LIGHT, Banner, Card, Counts, Facts, KeyButton, Label, Lines, Listing, Stepped, Table, row_of

if TYPE_CHECKING:
    from courier_check.desk.rights import SignedIn
    from courier_check.station import Station

LEFT_WIDTH = 330
COLUMNS = ("受理号", "运单尾号", "时间", "工号", "标签")
_TODO, _REFUSALS, _RATE_ROWS = 10, 4, 4
_RATE_WIDTH = 112
_STRETCHES = {"1": Stretch.TODAY, "2": Stretch.SHIFT}
READ_AGAIN_MS = 5_000
"""In front, the board is read anew as often as this where something has come into the journal, and not oftener."""


class BoardPage(Stepped):
    """`record_wanted`, `print_wanted`, `stick_wanted`: of one parcel, (journal, seq)."""

    told = Signal(str, bool)
    record_wanted = Signal(str, int)
    print_wanted = Signal(str, int)
    stick_wanted = Signal(str, int)

    def __init__(self, jobs: Worker[Station], wording: Wording) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("班次看板")
        self._jobs, self._wording = jobs, wording
        self._state = BoardState()
        self._asked = 0
        self._read_at = (0, -1)

    def _build(self) -> Iterator[None]:
        self._banner, self._counts_card, self._counts = Banner(), Card("件数"), Counts()
        self._today, self._shift = KeyButton("今日", "1"), KeyButton("本班（日结以来）", "2")
        self._todo_card, self._todo = Card("要处理的", "到记录页按“全部结论”选看"), Lines()
        yield from self._todo.grow(_TODO)
        self._refusals_card, self._refusals = Card("拒收原因"), Facts(44)
        yield from self._refusals.grow(_REFUSALS)
        self._rates_card, self._rates = Card("制度执行率"), Facts(_RATE_WIDTH)
        yield from self._rates.grow(_RATE_ROWS)
        yield
        self._notes = Label("", "dim", wrap=True)
        self._missing = Listing("未贴标", Table(COLUMNS, "未贴标的件"))
        yield
        self._stick, self._print = KeyButton("已贴标", keys.STUCK), KeyButton("补打标签", keys.F9)
        yield from self._lay_out()
        self._connect()
        self.render(self._state)

    def _lay_out(self) -> Iterator[None]:
        side, main, columns, outer = QWidget(), QWidget(), QHBoxLayout(), QVBoxLayout(self)
        outer.setContentsMargins(18, 12, 18, 16)
        outer.setSpacing(LIGHT.gap)
        columns.setSpacing(LIGHT.gap)
        outer.addWidget(self._banner)
        outer.addLayout(columns, 1)
        columns.addWidget(side)
        columns.addWidget(main, 1)
        side.setFixedWidth(LEFT_WIDTH)
        left, right = QVBoxLayout(side), QVBoxLayout(main)
        for column in (left, right):
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(LIGHT.gap)
        yield
        self._counts_card.body.addWidget(self._counts)
        self._counts_card.body.addLayout(row_of(self._today, self._shift))
        left.addWidget(self._counts_card)
        self._todo_card.body.addWidget(self._todo)
        left.addWidget(self._todo_card)
        yield
        left.addStretch(1)
        self._refusals_card.body.addWidget(self._refusals)
        yield
        self._rates_card.body.addWidget(self._rates)
        beside = QHBoxLayout()
        beside.setSpacing(LIGHT.gap)
        beside.addWidget(self._rates_card, 1)
        beside.addWidget(self._refusals_card, 1)
        right.addLayout(beside)
        yield
        right.addWidget(self._missing, 1)
        yield
        right.addLayout(row_of(self._stick, self._print))
        yield
        outer.addWidget(self._notes)

    def _connect(self) -> None:
        for key, button in (("1", self._today), ("2", self._shift), (keys.STUCK, self._stick), (keys.F9, self._print)):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _=False, key=key: self.press(key))
        self._missing.table.chosen.connect(self._open)
        self._missing.state.acted.connect(self._read)

    # What comes in ------------------------------------------------------------------------------------------------------------------------

    def shown(self) -> None:
        """Came to the front: counted anew."""
        self._read()
        self._missing.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def signed_in(self, who: SignedIn) -> None:
        """Whoever it is sees the same."""

    def standing(self, overview: Overview, held: int) -> None:
        """The newest overview. The figures are read again where entries have come or gone since, and only while somebody looks."""
        self._become(replace(self._state, overview=overview, held=held))
        read_ms, entries = self._read_at
        if self.isVisible() and overview.entries != entries and overview.at_ms - read_ms >= READ_AGAIN_MS:
            self._read()

    def changed(self) -> None:
        """A label was printed or confirmed."""
        if self.isVisible():
            self._read()

    def press(self, key: str) -> bool:
        one = self._chosen
        if key in _STRETCHES:
            self._choose(_STRETCHES[key])
        elif key == keys.REFRESH:
            self._read()
        elif key not in (keys.STUCK, keys.F9):
            return False
        elif one is None:
            self.told.emit("没有未贴标的件。", False)
        else:
            (self.stick_wanted if key == keys.STUCK else self.print_wanted).emit(one.journal_id, one.seq)
        return True

    def _choose(self, stretch: Stretch) -> None:
        if stretch is not self._state.stretch:
            self._become(replace(self._state, stretch=stretch, read=None, said=""))
        self._read()

    @property
    def _chosen(self) -> MissingLabel | None:
        read, row = self._state.read, self._missing.table.currentRow()
        return read.board.missing[row] if read is not None and 0 <= row < len(read.board.missing) else None

    def _open(self, row: int) -> None:
        read = self._state.read
        if read is not None and 0 <= row < len(read.board.missing):
            self.record_wanted.emit(read.board.missing[row].journal_id, read.board.missing[row].seq)

    def _read(self) -> None:
        """What is asked while an answer is still on its way is about something else: the older answer is not taken."""
        self._asked += 1
        asked, stretch = self._asked, self._state.stretch
        overview = self._state.overview
        self._read_at = (overview.at_ms, overview.entries) if overview is not None else (0, -1)
        self._jobs.run(
            self,
            lambda station: board_work.board(station, stretch),
            lambda read: self._take(asked, read),
            lambda error: self._failed(asked, error),
        )

    def _take(self, asked: int, read: BoardRead) -> None:
        if asked == self._asked:
            self._become(replace(self._state, read=read, said=""))

    def _failed(self, asked: int, error: CourierCheckError) -> None:
        if asked == self._asked:
            self._become(replace(self._state, read=None, said=self._wording.said(error)))

    # What is shown ------------------------------------------------------------------------------------------------------------------------

    @property
    def state(self) -> BoardState:
        """What the page shows."""
        return self._state

    def _become(self, state: BoardState) -> None:
        self._state = state
        self.render(state)

    def render(self, state: BoardState) -> None:  # type: ignore[override]  # a page's render, not Qt's
        shown = board_shown(state)
        self._banner.show_verdict(shown.banner)
        self._counts.show_counts(shown.counts)
        self._counts_card.entitle("件数", shown.apart)
        for stretch, button, key, words in (
            (Stretch.TODAY, self._today, "1", "今日"),
            (Stretch.SHIFT, self._shift, "2", "日结以来"),
        ):
            button.show_action(words, key, "go" if state.stretch is stretch else "plain")
        self._todo.show_lines(shown.todo)
        self._todo_card.setVisible(bool(shown.todo))
        self._refusals.show_facts(shown.refusals)
        self._refusals_card.setVisible(bool(shown.refusals))
        self._rates.show_facts(shown.rates)
        self._notes.say("".join(shown.notes))
        self._show_missing(shown)

    def _show_missing(self, shown: BoardShown) -> None:
        rows = shown.missing
        self._missing.entitle("未贴标", shown.missing_note or "Enter 打开记录，扫标签也算已贴标" if rows else "")
        for button in (self._stick, self._print):
            button.setEnabled(bool(rows))
        if rows:
            self._missing.show_rows(rows)
        elif rows is None:
            self._missing.show_state(*(("!", "没有读出来", shown.said) if shown.said else ("…", "正在读取", "")))
        else:
            self._missing.show_state("✓", "都贴好了", "收寄的件都已确认贴标（信件和已撤件不用贴）。")
