"""同步中心: whether the gateway holds everything, and if not, why and what to do. `render` draws it; nothing else sets widgets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from courier_check.errors import CourierCheckError
from courier_check.wording import Wording
from ui import keys, work
from ui.answer_card import AnswerCard
from ui.background import Worker
from ui.day_close_card import PDF, DayCloseCard
from ui.day_close_view import Closing, closing_shown
from ui.design import LIGHT, Banner, Card, Counts, Facts, KeyButton, Lines, Listing, Stepped, Table
from ui.elapsed import Elapsed
from ui.evidence_card import EvidenceCard
from ui.paper import Paper, PaperPrinter
from ui.sync_view import Evidence, SyncPageState, SyncShown, evidence_shown, lists_change, sync_shown
from ui.verify_card import VerifyCard

if TYPE_CHECKING:
    from courier_check.desk.day_close import DayClosed, Due
    from courier_check.desk.incidents import AnyIncident
    from courier_check.desk.rights import SignedIn
    from courier_check.overview import Overview, SyncItems
    from courier_check.station import Station

LEFT_WIDTH = 312


class SyncPage(Stepped):
    """`sync_wanted`: try at once. `record_wanted`: the entry (journal, seq) that a returned item is about. `told` is for the toast."""

    told = Signal(str, bool)
    sync_wanted = Signal()
    record_wanted = Signal(str, int)

    def __init__(self, jobs: Worker[Station], desk: Worker[Station], wording: Wording, long: Worker[Station] | None = None) -> None:
        """`long`: for what may take minutes, so that lists and status bar need not wait for it."""
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("同步中心")
        self._jobs, self._desk, self._long, self._wording = jobs, desk, long or jobs, wording
        self._who: SignedIn | None = None
        self._state = SyncPageState()
        self._asked = 0
        self._entering = False
        self._elapsed = Elapsed(self)
        self._elapsed.ticked.connect(self._tick)
        self.paper = PaperPrinter(wording)
        self.paper.told.connect(self.told)

    def _build(self) -> Iterator[None]:
        self._banner, self._counts_card, self._facts = Banner(), Card("待传与回执"), Facts()
        self._counts = Counts()
        self._button = KeyButton("立即同步", keys.REFRESH, "go", large=True)
        self._close_button, self._kept_button = KeyButton("日结", keys.CLOSE_DAY), KeyButton("留存的分支", keys.BRANCH)
        self._verify_button = KeyButton("核验本机日志", keys.VERIFY)
        self._todo_card, self._todo = Card("要做的事"), Lines()
        yield
        self._close_card = DayCloseCard()
        yield from self._close_card.grow()
        yield
        self._evidence_card = EvidenceCard()
        yield
        yield from self._evidence_card.grow()
        yield
        self._verify_card = VerifyCard(self._long, self._wording)
        yield
        yield from self._verify_card.grow()
        yield
        self._answer_card = AnswerCard(self._desk, self._wording)
        yield
        self._incidents = Listing("告警记录", Table(("时间", "发生了什么", "怎么处理的", "还要做的"), "告警记录", stretch=1))
        yield
        self._returned = Listing("退回", Table(("编号", "受理号", "退回原因", "怎么办", "时间", "状态"), "退回的条目", stretch=2))
        yield
        self._receipts = Listing("最近的回执", Table(("条目", "条数", "网关收到的时间", "日志"), "最近的回执", stretch=2))
        yield
        yield from self._lay_out()
        self._connect()
        self.render(self._state)

    def _connect(self) -> None:
        self._button.clicked.connect(self._sync)
        self._close_button.clicked.connect(self._ask_close)
        self._close_card.confirmed.connect(self._close)
        self._close_card.export_wanted.connect(self._export)
        self._close_card.print_wanted.connect(partial(self._export, on_paper=True))
        self._close_card.ended.connect(self._end_closing)
        self._kept_button.clicked.connect(lambda: self._show_evidence(None))
        self._verify_button.clicked.connect(self._show_verifying)
        self._verify_card.ended.connect(self._end_verifying)
        self._verify_card.told.connect(self.told)
        self._evidence_card.ended.connect(self._end_evidence)
        self._answer_card.ended.connect(self._end_answering)
        self._answer_card.answered.connect(self._answered)
        self._incidents.table.chosen.connect(self._open_incident)
        self._returned.table.chosen.connect(self._open)
        self._returned.state.acted.connect(self._read)

    def _lay_out(self) -> Iterator[None]:
        """From the outside in, each part put where it stays: what is put there whole is polished whole, in one step."""
        side, lists, self._right = QWidget(), QWidget(), QStackedWidget()
        columns, outer = QHBoxLayout(), QVBoxLayout(self)
        outer.setContentsMargins(18, 12, 18, 16)
        outer.setSpacing(LIGHT.gap)
        columns.setSpacing(LIGHT.gap)
        outer.addWidget(self._banner)
        outer.addLayout(columns, 1)
        columns.addWidget(side)
        columns.addWidget(self._right, 1)
        self._right.addWidget(lists)
        side.setFixedWidth(LEFT_WIDTH)
        left, right = QVBoxLayout(side), QVBoxLayout(lists)
        for column in (left, right):
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(LIGHT.gap)
        yield
        self._counts_card.body.addWidget(self._counts)
        self._counts_card.body.addSpacing(8)
        self._counts_card.body.addWidget(self._facts)
        for widget in (self._counts_card, self._button, self._close_button, self._verify_button, self._kept_button):
            left.addWidget(widget)
        left.addStretch(1)
        yield
        self._todo_card.body.addWidget(self._todo)
        right.addWidget(self._todo_card)
        for listing in (self._incidents, self._returned, self._receipts):
            right.addWidget(listing, 1)
            yield
        for card in (self._close_card, self._evidence_card, self._verify_card, self._answer_card):
            self._right.addWidget(card)
            yield

    # What comes in ------------------------------------------------------------------------------------------------------------------------

    def shown(self) -> None:
        """Came to the front: the lists are read anew, and tell what is to be done here."""
        self._entering = True
        self._read()
        self._take_focus()

    def press(self, key: str) -> bool:
        if key == keys.REFRESH:
            self._sync()
        elif self._state.closing is not None:
            return self._press_closing(key)
        elif key == keys.CLOSE_DAY:
            self._ask_close()
        elif key == keys.BRANCH and not self._kept_button.isHidden():
            self._show_evidence(None)
        elif key == keys.VERIFY:
            self._show_verifying()
        elif self._state.verifying:
            return self._verify_card.press(key)
        elif key == keys.ESC and self._state.evidence is not None:
            self._end_evidence()
        elif key == keys.ESC and self._state.answering:
            self._end_answering()
        else:
            return False
        return True

    def _press_closing(self, key: str) -> bool:
        """Esc leaves the folder's field first. What is being saved is not given up any more."""
        if key == keys.ESC and isinstance(QApplication.focusWidget(), QLineEdit):
            self._close_card.take_focus()
        elif key == keys.ESC:
            self._end_closing()
        elif key == keys.ENTER and not isinstance(QApplication.focusWidget(), QLineEdit):
            self._close()
        elif key in (PDF, keys.PRINT):
            self._export(on_paper=key == keys.PRINT)
        else:
            return False
        return True

    def standing(self, overview: Overview) -> None:
        """The newest overview. The lists are read again where it says that they have changed."""
        before = self._state.overview
        self._become(self._state.standing(overview))
        if self.isVisible() and before is not None and lists_change(before, overview):
            self._read()

    def signed_in(self, who: SignedIn) -> None:
        """Whoever it is sees the same; a day that somebody else was about to close is not theirs to close, nor an answer theirs to give."""
        if self._who is not None and who != self._who:
            self._end_closing()
            if self._state.answering:
                self._end_answering()
        self._who = who

    def _sync(self) -> None:
        """One run at a time: what is asked for while one is under way is that one."""
        if self._state.wish is None:
            self._become(self._state.wished())
            self.sync_wanted.emit()
        self._read()

    def _read(self) -> None:
        self._asked += 1
        asked = self._asked
        self._jobs.run(self, work.sync_items, lambda items: self._take(asked, items), lambda error: self._failed(asked, error))

    def _take(self, asked: int, items: SyncItems) -> None:
        if asked == self._asked:
            self._become(replace(self._state, items=items, said=""))
            if self._entering and self._button.hasFocus():
                self._take_focus()
            self._entering = False

    def _failed(self, asked: int, error: CourierCheckError) -> None:
        if asked == self._asked:
            self._become(replace(self._state, items=None, said=self._wording.said(error)))

    def _open(self, row: int) -> None:
        items = self._state.items
        if items is None or not 0 <= row < len(items.returned):
            return
        item = items.returned[row]
        if item.is_act:
            self.record_wanted.emit(item.journal_id, item.seq)
        elif item.answered:
            self.told.emit("这一条退回已经答复，不用再做。", False)
        elif self._state.closing is None:  # a sign-in, a jump of the clock: there is no record to correct
            self._answer_card.begin(item, self._who)
            self._become(replace(self._state, answering=True, evidence=None, verifying=False))
            self._answer_card.take_focus()

    def _answered(self) -> None:
        self.told.emit("答复已记入日志，原条目保持不变。", False)
        self._end_answering()
        self._read()

    def _end_answering(self) -> None:
        if self._answer_card.saving:
            return
        self._become(replace(self._state, answering=False))
        if self.isVisible():
            self._take_focus()

    def _take_focus(self) -> None:
        """Returned items are what is to be done here; without any, the one action. A day close that is under way comes first."""
        if self._state.closing is not None:
            self._close_card.take_focus()
            return
        if self._state.answering:
            self._answer_card.take_focus()
            return
        if self._state.verifying or self._state.evidence is not None:
            (self._verify_card if self._state.verifying else self._evidence_card).take_focus()
            return
        items = self._state.items
        main = self._returned.table if items is not None and items.returned else self._button
        main.setFocus(Qt.FocusReason.OtherFocusReason)

    # Incidents and what is kept of them ---------------------------------------------------------------------------------------------------

    def _open_incident(self, row: int) -> None:
        items = self._state.items
        if items is not None and 0 <= row < len(items.incidents):
            self._show_evidence(items.incidents[row])

    def _show_evidence(self, incident: AnyIncident | None) -> None:
        """One incident with what is kept of it, or all that is kept."""
        if self._state.closing is not None:
            return
        evidence = Evidence(incident)
        self._become(replace(self._state, evidence=evidence, verifying=False, answering=False))
        self._evidence_card.take_focus()
        self._jobs.run(
            self,
            work.kept_entries,
            lambda entries: self._take_evidence(evidence, replace(evidence, entries=entries)),
            lambda error: self._take_evidence(evidence, replace(evidence, said=self._wording.said(error))),
        )

    def _take_evidence(self, asked: Evidence, told: Evidence) -> None:
        if self._state.evidence is asked:
            self._become(replace(self._state, evidence=told))
            if self.isVisible():
                self._evidence_card.take_focus()

    def _end_evidence(self) -> None:
        was, items = self._state.evidence, self._state.items
        self._become(replace(self._state, evidence=None))
        if not self.isVisible():
            return
        if was is not None and was.incident is not None and items is not None and items.incidents:
            self._incidents.table.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._take_focus()

    # Verifying ----------------------------------------------------------------------------------------------------------------------------

    def _show_verifying(self) -> None:
        """Begin, or show how far it is; what it found stays until it is shown no more."""
        if self._state.closing is not None:
            return
        if not self._state.verifying:
            self._become(replace(self._state, verifying=True, evidence=None, answering=False))
        self._verify_card.begin()
        self._verify_card.take_focus()

    def _end_verifying(self) -> None:
        self._become(replace(self._state, verifying=False))
        self._take_focus()

    # The day close ------------------------------------------------------------------------------------------------------------------------

    def _ask_close(self) -> None:
        """Show what would be closed, and ask once."""
        if self._state.closing is not None:
            return
        self._become(replace(self._state, closing=Closing(), evidence=None, verifying=False, answering=False))
        self._elapsed.start()
        self._close_card.take_focus()
        self._long.run(self, work.day_due, lambda told: self._due(*told), lambda error: self._not_closed(error))

    def _due(self, due: Due, last: DayClosed | None) -> None:
        closing = self._state.closing
        if closing is None or closing.due is not None or closing.closed is not None:
            return
        self._elapsed.stop()
        self._become(replace(self._state, closing=replace(closing, due=due, closed=last, again=last is not None, seconds=0)))
        self._close_card.take_focus()

    def _close(self) -> None:
        closing, who = self._state.closing, self._who
        if closing is None or closing.due is None or closing.saving or closing.closed is not None:
            return
        self._become(replace(self._state, closing=replace(closing, saving=True, said="")))
        self._elapsed.start()
        self._desk.run(self, lambda station: work.close_day(station, who), self._closed, self._not_closed)

    def _closed(self, closed: DayClosed) -> None:
        """The slip is shown, also to whoever signed in meanwhile: it is made and must not be lost."""
        self._elapsed.stop()
        self._become(replace(self._state, closing=Closing(due=closed.due, closed=closed)))
        self.told.emit(f"已日结到 #{closed.due.ranges[-1].last_seq}，日结条目是 #{closed.seq}。", False)
        if self.isVisible():
            self._close_card.take_focus()

    def _not_closed(self, error: CourierCheckError) -> None:
        said, closing = self._wording.said(error), self._state.closing
        self._elapsed.stop()
        if closing is None:
            self.told.emit(said, True)
            return
        self._become(replace(self._state, closing=replace(closing, saving=False, said=said, seconds=0)))

    def _end_closing(self) -> None:
        closing = self._state.closing
        if closing is None or closing.saving:
            return
        self._elapsed.stop()
        self._become(replace(self._state, closing=None))
        if self.isVisible():
            self._take_focus()

    def _export(self, *, on_paper: bool = False) -> None:
        """The slip as a PDF, and to the system's printer."""
        closing, folder, wording = self._state.closing, self._close_card.folder, self._wording
        if closing is None or closing.closed is None or closing.exporting:
            return
        closed = closing.closed
        self._become(replace(self._state, closing=replace(closing, exporting=True, said="")))
        self._elapsed.start()
        exported = partial(self._exported, on_paper)
        self._long.run(self, lambda station: work.export_slip(station, closed, wording, folder), exported, self._not_exported)

    def _exported(self, on_paper: bool, made: Paper) -> None:
        self._export_ended("")
        if on_paper:
            self.paper.print_out(made)
        else:
            self.told.emit(f"日结单已存为 {made.file}", False)

    def _not_exported(self, error: CourierCheckError) -> None:
        said = self._wording.said(error)
        self._export_ended(said)
        self.told.emit(said, True)

    def _tick(self, seconds: int) -> None:
        """How long the close, what it reads, or its slip has been under way."""
        if self._state.closing is not None:
            self._become(replace(self._state, closing=replace(self._state.closing, seconds=seconds)))

    def _export_ended(self, said: str) -> None:
        self._elapsed.stop()
        if self._state.closing is not None:
            self._become(replace(self._state, closing=replace(self._state.closing, exporting=False, said=said, seconds=0)))

    # What is shown ------------------------------------------------------------------------------------------------------------------------

    @property
    def state(self) -> SyncPageState:
        """What the page shows."""
        return self._state

    def _become(self, state: SyncPageState) -> None:
        self._state = state
        self.render(state)

    def render(self, state: SyncPageState) -> None:  # type: ignore[override]  # a page's render, not Qt's
        shown = sync_shown(state, self._wording)
        self._banner.show_verdict(shown.state)
        self._counts.show_counts(shown.counts)
        self._facts.show_facts(shown.facts)
        self._button.show_action("立即同步" if shown.can_sync else "正在同步", keys.REFRESH, "go" if shown.can_sync else "plain")
        self._todo.show_lines(shown.todo)
        self._todo_card.setVisible(bool(shown.todo))
        self._show_lists(shown)
        if state.closing is not None:
            self._close_card.show_closing(closing_shown(state.closing, self._wording))
        elif state.evidence is not None:
            self._evidence_card.show_evidence(evidence_shown(state.evidence, state.items, self._wording))
        self._close_button.setEnabled(state.closing is None)
        self._kept_button.show_action(shown.kept, keys.BRANCH, "plain", enabled=state.closing is None)
        self._kept_button.setVisible(bool(shown.kept))
        self._verify_button.setEnabled(state.closing is None)
        standing = (state.closing is not None, state.evidence is not None, state.verifying, state.answering)
        self._right.setCurrentIndex(standing.index(True) + 1 if True in standing else 0)

    def _show_lists(self, shown: SyncShown) -> None:
        unread = ("!", "没有读出来", shown.said) if shown.said else ("…", "正在读取", "")
        self._incidents.setVisible(bool(shown.incidents))
        self._incidents.entitle("告警记录", "Enter 看全文和留存的条目")
        self._incidents.table.show_rows(shown.incidents)
        self._returned.entitle("退回", "Enter 打开记录更正，或写答复" if shown.returned else "")
        for listing, rows, nothing in (
            (self._returned, shown.returned, ("✓", "没有退回", "网关退回的条目会列在这里，更正或答复后就了结。")),
            (self._receipts, shown.receipts, ("·", "还没有回执", "网关收下一批记录后会给出签名的回执。")),
        ):
            if rows:
                listing.show_rows(rows)
            else:
                listing.show_state(*(unread if rows is None else nothing))
