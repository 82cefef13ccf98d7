"""名单: what is installed and how old it is, what the lists say of a name and why, and what listed parties object. By the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from courier_check.desk.rights import Role
from courier_check.errors import CourierCheckError
from courier_check.wording import Wording
from ui import keys, list_work
from ui.background import Worker
from ui.design import LIGHT, Banner, Card, Facts, FormRow, KeyButton, Label, Listing, Stepped, Table
from ui.fields import TextField
from ui.list_forms import AnswerForm, ObjectionForm, RevokeForm
from ui.list_work import Supervising
from ui.lists_view import (
    DECISION_COLUMNS,
    FOUND_COLUMNS,
    LIST_COLUMNS,
    OBJECTION_COLUMNS,
    WORK_COLUMNS,
    ListsShown,
    ListsState,
    lists_shown,
)

if TYPE_CHECKING:
    from courier_check.desk.list_looks import Looked
    from courier_check.desk.rights import SignedIn
    from courier_check.station import Station
    from ui.background import Progress
    from ui.counter.forms import FieldForm

LEFT_WIDTH = 430
LEAST_TABLE = 70
"""Pixels of the lowest table, its heading and one row: four of them stand over each other at 1280 × 720."""
_ANSWER_ROWS, _CHOSEN_ROWS = 10, 6
_LONGEST = 500


class ListsPage(Stepped):
    """`told` is for the toast."""

    told = Signal(str, bool)

    def __init__(self, jobs: Worker[Station], desk: Worker[Station], wording: Wording) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("名单")
        self._jobs, self._desk, self._wording = jobs, desk, wording
        self._who: SignedIn | None = None
        self._state = ListsState()
        self._asked = 0
        self._under_way: Progress | None = None

    def _build(self) -> Iterator[None]:
        self._banner, self._ask_card = Banner(), Card("为什么命中？", "输入名称或信用代码，按 Enter")
        self._field = TextField("list-asked", "要查的企业、店铺名称或信用代码")
        self._field.setMaxLength(_LONGEST)
        self._field.returnPressed.connect(self._look)
        self._complaint = Label("", "small", wrap=True)
        self._answer = Facts(wrap=True)
        yield from self._answer.grow(_ANSWER_ROWS)
        self._object_button = KeyButton("当事人异议", keys.DISPUTE)
        self._object_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._object_button.clicked.connect(self._begin_objection)
        self._form_card, self._form = Card("异议"), ObjectionForm()
        self._form.confirmed.connect(self._object)
        yield
        self._answer_form, self._revoke_form = AnswerForm(self._wording), RevokeForm()
        self._answer_form.confirmed.connect(self._answer_objection)
        self._revoke_form.confirmed.connect(self._revoke)
        yield
        self._chosen_card, self._chosen = Card("选中的名单"), Facts(wrap=True)
        yield from self._chosen.grow(_CHOSEN_ROWS)
        self._lists = Listing("已装名单", Table(LIST_COLUMNS, "已装名单", stretch=0))
        yield
        self._found = Listing("名单里的条目", Table(FOUND_COLUMNS, "名单里的条目", stretch=0))
        yield
        self._work = Listing("名单变了，要办的事", Table(WORK_COLUMNS, "名单变了以后要办的事", stretch=3))
        self._work.entitle("名单变了，要办的事", "Enter 办完一件")
        yield
        self._objections = Listing("异议", Table(OBJECTION_COLUMNS, "异议", stretch=3))
        self._objections.entitle("异议", "Enter 记发布机关的答复（主管）")
        yield
        self._decisions = Listing("核对过的命中", Table(DECISION_COLUMNS, "还管着的决定", stretch=1))
        self._decisions.entitle("核对过的命中，还管着的决定", "Enter 撤销（主管）")
        yield
        yield from self._lay_out()
        self._work.table.chosen.connect(self._finish)
        self._objections.table.chosen.connect(self._begin_answer)
        self._decisions.table.chosen.connect(self._begin_revoking)
        self._lists.table.currentCellChanged.connect(lambda row, *_: self._choose(row))
        self.render(self._state)

    def _lay_out(self) -> Iterator[None]:
        side, outer, columns = QWidget(), QVBoxLayout(self), QHBoxLayout()
        outer.setContentsMargins(18, 12, 18, 16)
        outer.setSpacing(LIGHT.gap)
        columns.setSpacing(LIGHT.gap)
        outer.addWidget(self._banner)
        outer.addLayout(columns, 1)
        left, right = QVBoxLayout(side), QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 0)
        for column in (left, right):
            column.setSpacing(LIGHT.gap)
        side.setFixedWidth(LEFT_WIDTH)
        columns.addWidget(side)
        columns.addLayout(right, 1)
        yield
        self._ask_card.body.addWidget(FormRow("名称", self._field, name_width=44))
        self._ask_card.body.addWidget(self._complaint)
        self._ask_card.body.addWidget(self._answer)
        self._ask_card.body.addWidget(self._object_button)
        for form in self._forms():
            self._form_card.body.addWidget(form)
        self._chosen_card.body.addWidget(self._chosen)
        yield
        for card in (self._ask_card, self._form_card, self._chosen_card):
            left.addWidget(card)
            yield
        left.addStretch(1)
        for listing in (self._lists, self._work, self._found, self._objections, self._decisions):
            listing.table.setMinimumHeight(LEAST_TABLE)
            right.addWidget(listing, 1)
            yield

    # What comes in ------------------------------------------------------------------------------------------------------------------------

    def shown(self) -> None:
        """Came to the front: the lists are read anew."""
        self._read()
        if not self._state.typing:
            self._field.setFocus(Qt.FocusReason.OtherFocusReason)

    def signed_in(self, who: SignedIn) -> None:
        """What somebody else was typing is not theirs to record, and what they asked is not theirs to see."""
        if self._who is not None and who != self._who:
            self._field.clear()
            self._forget_typed()
            self._become(ListsState(read=self._state.read))
        self._who = who
        self._become(replace(self._state, supervising=who.role is Role.SUPERVISOR))

    def press(self, key: str) -> bool:
        if key == keys.REFRESH:
            self._read()
        elif key == keys.DISPUTE:
            self._begin_objection()
        elif key == keys.ESC and self._state.typing:
            self._end_typing()
        elif key == keys.ESC and QApplication.focusWidget() is not self._field:
            self._field.setFocus(Qt.FocusReason.OtherFocusReason)
        elif key == keys.ESC and (self._state.looked is not None or self._field.text()):
            self._forget_question()
        else:
            return False
        return True

    def _read(self) -> None:
        self._jobs.run(
            self,
            list_work.read_lists,
            lambda read: self._become(replace(self._state, read=read, said="")),
            lambda error: self._become(replace(self._state, said=self._wording.said(error))),
        )

    def rescreened(self) -> None:
        """Everybody was screened again: what changed is read where the page is in front, else when it comes there."""
        if self.isVisible():
            self._read()

    def _finish(self, row: int) -> None:
        read, who = self._state.read, self._who
        if read is not None and 0 <= row < len(read.work):
            number = read.work[row].number
            finished = partial(list_work.finish_work, number=number, who=who)
            self._desk.run(self, finished, lambda _: self._read(), lambda error: self.told.emit(self._wording.said(error), True))

    def _choose(self, row: int) -> None:
        if row >= 0 and row != self._state.chosen:
            self._become(replace(self._state, chosen=row))

    # 为什么命中 ----------------------------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """One question at a time counts: an older one that is still being answered is ended, and its answer dropped."""
        asked = self._field.text()
        self._asked += 1
        number = self._asked
        if self._under_way is not None:
            self._under_way.cancel()
        progress = self._under_way = self._jobs.progress()
        self._become(replace(self._state, looking=True, told="", looked=None))
        self._jobs.run(
            self,
            lambda station: list_work.look(station, asked, lambda: progress.tell(0)),
            partial(self._take, number),
            partial(self._no_answer, number),
        )

    def _take(self, number: int, looked: Looked) -> None:
        if number == self._asked:
            self._become(replace(self._state, looking=False, looked=looked))

    def _no_answer(self, number: int, error: CourierCheckError) -> None:
        if number == self._asked:
            self._become(replace(self._state, looking=False, told=self._wording.said(error)))

    def _forget_question(self) -> None:
        """What is to be done stands where the answer stood."""
        self._asked += 1
        if self._under_way is not None:
            self._under_way.cancel()
        self._field.clear()
        self._become(replace(self._state, looked=None, looking=False, told=""))

    # 异议 ----------------------------------------------------------------------------------------------------------------------------

    def _begin_objection(self) -> None:
        """About the entry that is chosen among those found."""
        looked, row = self._state.looked, self._found.table.currentRow()
        if looked is None or not 0 <= row < len(looked.found):
            self._become(replace(self._state, told="先查出名单里的条目，再登记异议。"))
            return
        self._begin(replace(self._state.closed(), objecting=looked.found[row]), self._form)

    def _object(self, typed: dict[str, str]) -> None:
        from courier_check.desk.objections import Objection

        entry, who = self._state.objecting, self._who
        if entry is None:
            return
        objection = Objection(entry.list_id, entry.entry_id, typed["who"], typed["contact"], typed["statement"])
        self._desk.run(self, lambda station: list_work.object_to(station, objection, who), self._objected, self._complain)

    def _objected(self, number: str) -> None:
        self._done(f"异议已登记，编号 {number}；请把编号告诉当事人。")

    def _begin_answer(self, row: int) -> None:
        read = self._state.read
        if read is not None and 0 <= row < len(read.objections):
            self._begin(replace(self._state.closed(), answering=read.objections[row]), self._answer_form)

    def _answer_objection(self, typed: dict[str, str]) -> None:
        from courier_check.desk.objections import Answer

        held, outcome = self._state.answering, self._answer_form.outcome()
        if held is None:
            return
        if outcome is None:
            self._become(replace(self._state, told="请按数字选结果。"))
            return
        answer, by = Answer(held.number, outcome, typed["words"]), self._supervising(typed)
        self._desk.run(self, lambda station: list_work.answer_objection(station, answer, by), self._answered, self._complain)

    def _answered(self, number: str) -> None:
        self._done(f"异议 {number} 的答复已记下；请告诉当事人。")

    # 核对过的命中 ----------------------------------------------------------------------------------------------------------------------

    def _begin_revoking(self, row: int) -> None:
        read = self._state.read
        if read is not None and 0 <= row < len(read.decisions):
            self._begin(replace(self._state.closed(), revoking=read.decisions[row]), self._revoke_form)

    def _revoke(self, typed: dict[str, str]) -> None:
        held = self._state.revoking
        if held is None:
            return
        decision, reason, by = (held.journal_id, held.seq), typed["reason"], self._supervising(typed)
        self._desk.run(self, lambda station: list_work.revoke_decision(station, decision, reason, by), self._revoked, self._complain)

    def _revoked(self, seq: int) -> None:
        self._done(f"决定 #{seq} 已撤销；以后再来重新核对。")

    # Typing -------------------------------------------------------------------------------------------------------------------------------

    def _forms(self) -> tuple[FieldForm, ...]:
        return (self._form, self._answer_form, self._revoke_form)

    def _begin(self, state: ListsState, form: FieldForm) -> None:
        """Open an empty form."""
        self._forget_typed()
        self._become(state)
        form.take_focus()

    def _supervising(self, typed: dict[str, str]) -> Supervising:
        if self._state.supervising:
            return Supervising(self._who)
        return Supervising(self._who, typed["code"], typed["password"])

    def _done(self, words: str) -> None:
        self.told.emit(words, False)
        self._end_typing()
        self._read()

    def _complain(self, error: CourierCheckError) -> None:
        self._become(replace(self._state, told=self._wording.said(error)))

    def _end_typing(self) -> None:
        self._forget_typed()
        self._become(self._state.closed())
        if self.isVisible():
            self._field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _forget_typed(self) -> None:
        for form in self._forms():
            form.fill({})

    # What is shown ------------------------------------------------------------------------------------------------------------------------

    @property
    def state(self) -> ListsState:
        """What the page shows."""
        return self._state

    def _become(self, state: ListsState) -> None:
        self._state = state
        self.render(state)

    def render(self, state: ListsState) -> None:  # type: ignore[override]  # a page's render, not Qt's
        shown = lists_shown(state, self._wording)
        self._banner.show_verdict(shown.banner)
        self._answer.show_facts(shown.answer)
        self._answer.setVisible(not shown.typed)  # the form takes its room
        self._chosen.show_facts(shown.chosen)
        self._complaint.say(shown.told)
        self._complaint.setVisible(bool(shown.told))
        self._object_button.setVisible(bool(shown.found) and not shown.typed)
        self._form_card.entitle(shown.typed)
        self._form_card.setVisible(bool(shown.typed))
        for form, of in zip(self._forms(), (state.objecting, state.answering, state.revoking), strict=True):
            form.setVisible(of is not None)
        for supervised in (self._answer_form, self._revoke_form):
            supervised.ask_supervisor(asked=not state.supervising)
        self._chosen_card.setVisible(bool(shown.chosen) and not shown.typed and not shown.answer)
        self._show_listings(state, shown)

    def _show_listings(self, state: ListsState, shown: ListsShown) -> None:
        """What was found while something is asked, else what is to be done and what holds: never more than fit over each other."""
        asked = state.looked is not None
        self._found.setVisible(asked)
        self._work.setVisible(bool(shown.work) and not asked)
        self._decisions.setVisible(bool(shown.decisions) and not asked)
        self._objections.setVisible(bool(shown.objections) or not (asked or shown.work or shown.decisions))
        self._decisions.table.show_rows(shown.decisions)
        self._work.table.show_rows(shown.work)
        for listing, rows, nothing in (
            (self._lists, shown.lists, ("!", "没有名单", "同步以后列在这里。")),
            (self._found, shown.found, ("·", "没有条目", "名单里没有名称里有这些字的条目。")),
            (self._objections, shown.objections, ("·", "没有异议", "当事人不服列入的，查出条目后登记，给编号。")),
        ):
            if rows:
                listing.show_rows(rows)
            else:
                listing.show_state(*nothing)
