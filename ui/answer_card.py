"""答复退回 on the sync page: of an entry that is no parcel's and has no record, such as a sign-in with the clock set wrong. Only why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal

from courier_check.clock import at
from courier_check.errors import CourierCheckError
from courier_check.wording import Wording
from ui import keys, work
from ui.background import Worker
from ui.design import Card, Facts, FormRow, KeyButton, Label
from ui.fields import TextField
from ui.shown import Fact, Tone
from ui.sync_view import todo_words, why_returned

if TYPE_CHECKING:
    from courier_check.desk.rights import SignedIn
    from courier_check.station import Station
    from courier_check.store.inbox import ReturnedItem

_NAME_WIDTH = 84


class AnswerCard(Card):
    """`answered`: the answer is in the journal. `ended`: back to the lists."""

    answered = Signal()
    ended = Signal()

    def __init__(self, desk: Worker[Station], wording: Wording) -> None:
        super().__init__("答复退回", "原条目不动，另记一条答复", tone=Tone.GO)
        self.setAccessibleName("答复退回")
        self._desk, self._wording = desk, wording
        self._item: ReturnedItem | None = None
        self._who: SignedIn | None = None
        self._saving = False
        self._facts, self._said = Facts(_NAME_WIDTH, wrap=True), Label("", "wrong", wrap=True)
        self.reason = TextField("answer-reason", "对退回的答复")
        self._leave = KeyButton("放弃", keys.ESC)
        row = FormRow("答复", self.reason, "写明原因和处理，如 本机日期曾设错，已校准。Enter 存下；Esc 放弃。", name_width=_NAME_WIDTH)
        for widget in (self._facts, row, self._said, self._leave):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self.reason.returnPressed.connect(self._save)
        self._leave.clicked.connect(self.ended)

    @property
    def saving(self) -> bool:
        """Whether an answer is being written, which is not given up any more."""
        return self._saving

    def begin(self, item: ReturnedItem, who: SignedIn | None) -> None:
        """Ask for the answer to an item; nothing typed before stays."""
        self._item, self._who = item, who
        self._facts.show_facts(
            (
                Fact("退回编号", str(item.number), f"{at(item.at_ms):%m-%d %H:%M}"),
                Fact("条目", f"#{item.seq}"),
                Fact("原因", why_returned(item, self._wording)),
                Fact("怎么办", todo_words(item.code, "todo-any-returned", self._wording)),
            )
        )
        self.reason.clear()
        self._say("", saving=False)

    def take_focus(self) -> None:
        self.reason.setFocus(Qt.FocusReason.OtherFocusReason)

    def _save(self) -> None:
        from courier_check.desk.corrections import Correction

        item, who = self._item, self._who
        if item is None or self._saving:
            return
        answer = Correction(item.journal_id, item.seq, {}, self.reason.text(), item.number)
        self._say("", saving=True)
        self._desk.run(self, lambda station: work.correct(station, answer, who), lambda _: self._saved(), self._failed)

    def _saved(self) -> None:
        self._say("", saving=False)
        self.answered.emit()

    def _failed(self, error: CourierCheckError) -> None:
        self._say(self._wording.said(error), saving=False)
        if self.isVisible():
            self.take_focus()

    def _say(self, wrong: str, *, saving: bool) -> None:
        self._saving = saving
        self._said.say("正在保存…" if saving else wrong)
        self._said.setVisible(bool(wrong) or saving)
        self.reason.setEnabled(not saving)
