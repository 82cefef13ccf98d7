"""撤件 at the records page: when its form opens, and what is done when it is confirmed. The page shows it as its other forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from courier_check.desk.codes import DeskCode
from courier_check.errors import CourierCheckError
from courier_check.wording import Wording
from ui import parcel_work
from ui.background import Worker
from ui.page_codes import PageCode
from ui.record_forms import WithdrawForm
from ui.record_state import Filling, RecordsState
from ui.record_view import failed_check

if TYPE_CHECKING:
    from courier_check.desk.rights import SignedIn
    from courier_check.station import Station


@dataclass(frozen=True, slots=True)
class AtRecords:
    """What a withdrawal does to the page. `reopen`: the record is read again."""

    state: Callable[[], RecordsState]
    become: Callable[[RecordsState], None]
    tell: Callable[[str, bool], None]
    who: Callable[[], SignedIn | None]
    reopen: Callable[[tuple[str, int]], None]
    form: Callable[[], WithdrawForm]


class Withdrawing(QObject):
    def __init__(self, desk: Worker[Station], wording: Wording, page: AtRecords) -> None:
        super().__init__()
        self._desk, self._wording, self._page = desk, wording, page

    def begin(self) -> None:
        """The form, where the open record is an acceptance that stands. Else what it is."""
        state = self._page.state()
        pictured = state.pictured
        if pictured is None or state.filling is not None:
            return
        act = pictured.opened.record.act
        if act.kind != "acceptance" or act.withdrawn:
            code = PageCode.WITHDRAWN_ALREADY if act.withdrawn else PageCode.NO_ACCEPTANCE
            self._page.tell(self._wording.of(code.value, {"seq": act.seq}), True)
            return
        if failed_check(act):
            self._page.tell("安检不合格的件不得退还：看护并报告，不能撤件。", True)
            return
        self._page.form().forget()
        self._page.become(replace(state, withdrawing=Filling()))
        self._page.form().take_focus()

    def withdraw(self, reason: str, number: str) -> None:
        from courier_check.desk.withdrawals import Withdrawal

        state, who = self._page.state(), self._page.who()
        place, filling = state.place, state.withdrawing
        if place is None or filling is None or filling.saving:
            return
        withdrawal = Withdrawal(*place, reason, number)
        self._page.become(replace(state, withdrawing=Filling(saving=True)))
        self._desk.run(
            self, lambda station: parcel_work.withdraw(station, withdrawal, who), lambda _confirmed: self._done(place), self._failed
        )

    def _done(self, place: tuple[str, int]) -> None:
        self._page.form().forget()
        self._page.tell(self._wording.of(PageCode.WITHDRAWN.value), False)
        state = self._page.state()
        self._page.become(replace(state, stale=True))
        if state.place == place:
            self._page.reopen(place)

    def _failed(self, error: CourierCheckError) -> None:
        unknown = error.code == DeskCode.WITHDRAWER_UNKNOWN
        said = self._wording.of(PageCode.WITHDRAWER_UNKNOWN.value) if unknown else self._wording.said(error)
        state = self._page.state()
        if state.withdrawing is None:
            self._page.tell(said, True)
            return
        self._page.become(replace(state, withdrawing=Filling(said)))
        self._page.form().take_focus()
