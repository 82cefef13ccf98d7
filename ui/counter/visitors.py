"""What is done outside about the people before the counter: the notice is printed, a profile is kept or deleted, a document is copied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from courier_check.desk.acceptances import DocumentCopy
from courier_check.errors import CourierCheckError
from ui import people_work
from ui.counter import people
from ui.counter.codes import CounterCode
from ui.counter.effects import Keeping, KeepSender, Now, PeopleEffect, PrintNotice, TakeCopy
from ui.counter.state import CopyTaken, CounterState, Known, Panel
from ui.documents import documents_folder
from ui.palette import Command
from ui.people_work import KeptSender

if TYPE_CHECKING:
    from courier_check.devices.reading_child import Jpeg
    from ui.counter.conductor import Conductor, Means

COPY_NAME = "负责人证件"


@dataclass(frozen=True, slots=True)
class Answers:
    """How what comes back is given to the counter: into the parcel it was asked for, or as a sentence."""

    deliver: Callable[[str, Callable[[Now], CounterState]], None]
    tell: Callable[[str, bool], None]
    say: Callable[[CourierCheckError], None]
    now: Callable[[], Now]


class Visitors(QObject):
    """`folder`: where the notice is written."""

    def __init__(self, means: Means, answers: Answers) -> None:
        super().__init__()
        self._means = means
        self._answers = answers
        self.folder = documents_folder()

    def do(self, effect: PeopleEffect, now: Now) -> None:
        match effect:
            case PrintNotice():
                self._print(now)
            case KeepSender(keeping):
                self._keep(keeping, now)
            case TakeCopy():
                self._copy(now)

    def _told(self, code: CounterCode, **facts: str) -> None:
        self._answers.tell(self._means.wording.of(code.value, facts), False)

    def _print(self, now: Now) -> None:
        wording, outlet, folder, notice = self._means.wording, now.books.outlet, self.folder, now.books.rules.notice
        self._means.desk.run(
            self,
            lambda station: people_work.print_notice(station, notice, wording, outlet, folder),
            lambda path: self._told(CounterCode.NOTICE_PRINTED, file=str(path)),
            self._answers.say,
        )

    def _keep(self, keeping: Keeping, now: Now) -> None:
        document, session_id = now.state.draft.document, now.state.session.session_id
        phone, who = now.state.draft.sender.phone, now.books.operator
        if document is None:
            return

        def free(state: CounterState) -> CounterState:
            return state.opened(Panel.SENDER, chosen="") if state.panel is Panel.SENDER else state

        def kept(done: KeptSender) -> None:
            self._answers.deliver(session_id, lambda now: free(now.state.beside(known=Known(document, done.known))))
            self._told(_TOLD[keeping] if done.gone else CounterCode.SENDER_FORGOTTEN_LATER)

        def refused(error: CourierCheckError) -> None:
            self._answers.deliver(session_id, lambda now: free(now.state))
            self._answers.say(error)

        self._means.desk.run(self, lambda station: people_work.keep_sender(station, keeping, document, phone, who), kept, refused)

    def _copy(self, now: Now) -> None:
        document, session_id = now.state.draft.document, now.state.session.session_id
        if document is None:
            return

        def taken(jpeg: Jpeg) -> None:
            copy = CopyTaken(document, DocumentCopy(COPY_NAME, jpeg.data))
            self._answers.deliver(session_id, lambda now: people.copied(now, document, copy))
            if self._answers.now().state.draft.copied:
                self._means.pictures.hide_picture()  # the card has been seen long enough
                self._told(CounterCode.COPY_TAKEN)

        self._means.pictures.take_copy(taken, self._answers.say)


_TOLD = {
    Keeping.CONSENT: CounterCode.SENDER_KEPT,
    Keeping.WITHDRAW: CounterCode.SENDER_WITHDRAWN,
    Keeping.FORGET: CounterCode.SENDER_FORGOTTEN,
}


def commands(conductor: Conductor) -> tuple[Command, ...]:
    """What is opened about people by Ctrl+K: none of it is part of every parcel."""
    return (
        Command("单位寄件：单位名称、信用代码、负责人", "dwjj", lambda: conductor.open_panel(Panel.ORGANISATION)),
        Command("单位寄件：翻拍负责人证件", "fpzj", conductor.take_copy),
        Command("隐私面单：填订单上的寄件人全名", "ddxm", lambda: conductor.open_panel(Panel.ORDER_NAME)),
        Command("回头客：同意、撤回、删除", "htk", lambda: conductor.open_panel(Panel.SENDER)),
        Command("个人信息处理告知：全文、打印", "gz", lambda: conductor.open_panel(Panel.NOTICE)),
    )
