"""处置 at the records page: 报告, 移交, 拦截, and the slip. When its form opens, and what is done when it is confirmed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from courier_check.errors import CourierCheckError
from courier_check.wording import Wording
from ui import disposal_work
from ui.background import Worker
from ui.disposal_form import Choice, DisposalForm
from ui.disposal_view import CAUSES, OUTCOMES, DisposalKind, intercept_kind, why_not
from ui.record_state import Filling, RecordsState

if TYPE_CHECKING:
    from courier_check.desk.lookups import Record
    from courier_check.desk.rights import SignedIn
    from courier_check.inspection.rules import RuleSet
    from courier_check.station import Station
    from ui.paper import Paper

_DONE = {
    DisposalKind.REPORT: "报告已记入日志。",
    DisposalKind.HANDOVER: "移交已记入日志。",
    DisposalKind.INTERCEPT: "已拦截并记入日志：停止分拣、运输、投递。",
    DisposalKind.OUTCOME: "拦截结果已记入日志。",
}


@dataclass(frozen=True, slots=True)
class DisposingAt:
    """What a disposal does to the page. `reopen`: the record is read again; `folder`: where a slip is written;
    `paper`: prints it besides."""

    state: Callable[[], RecordsState]
    become: Callable[[RecordsState], None]
    tell: Callable[[str, bool], None]
    who: Callable[[], SignedIn | None]
    reopen: Callable[[tuple[str, int]], None]
    form: Callable[[], DisposalForm]
    rules: Callable[[], RuleSet | None]
    folder: Callable[[], Path]
    paper: Callable[[Paper], None]


class Disposing(QObject):
    def __init__(self, desk: Worker[Station], jobs: Worker[Station], wording: Wording, page: DisposingAt) -> None:
        super().__init__()
        self._desk, self._jobs, self._wording, self._page = desk, jobs, wording, page

    def begin(self, kind: DisposalKind | None) -> None:
        """The form, where it fits the open record; else why not. None: 拦截, or what became of it."""
        state = self._page.state()
        pictured = state.pictured
        if pictured is None or state.filling is not None:
            return
        record = pictured.opened.record
        wanted = kind or intercept_kind(record.act)
        if wrong := why_not(wanted, record.act):
            self._page.tell(wrong, True)
            return
        form = self._page.form()
        form.begin(wanted, self._choices(record))
        if record.act.security == "fail":
            form.choose("cause", "security-check")
        self._page.become(replace(state, settling=Filling()))
        form.take_focus()

    def confirm(self, kind: str, typed: dict[str, str]) -> None:
        state, who = self._page.state(), self._page.who()
        place, filling = state.place, state.settling
        if place is None or filling is None or filling.saving:
            return
        self._page.become(replace(state, settling=Filling(saving=True)))
        recording = DisposalKind(kind)
        self._desk.run(
            self,
            lambda station: disposal_work.record_disposal(station, recording, place, typed, who),
            partial(self._done, recording, place),
            self._failed,
        )

    def print_slip(self, *, on_paper: bool = False) -> None:
        """拒收告知单 of the open record, into the user's documents, and to the system's printer."""
        state = self._page.state()
        place, pictured = state.place, state.pictured
        if place is None or pictured is None:
            return
        act, folder = pictured.opened.record.act, self._page.folder()
        if act.kind != "refusal":
            self._page.tell(self._wording.of("slip-not-refused", {"seq": act.seq}), True)
            return
        self._jobs.run(
            self,
            lambda station: disposal_work.print_refusal_slip(station, place, self._wording, folder),
            self._page.paper if on_paper else lambda made: self._page.tell(f"拒收告知单已存为 {made.file}", False),
            lambda error: self._page.tell(self._wording.said(error), True),
        )

    def _choices(self, record: Record) -> Mapping[str, Sequence[Choice]]:
        rules = self._page.rules()
        prohibited = rules.prohibited if rules is not None else None
        header = record.header
        asked = {*(header.report_to if header is not None else ()), *(each for one in record.intercepts for each in one.report_to)}
        told = {one.authority for one in record.told}
        authorities = sorted(prohibited.authorities if prohibited else (), key=lambda one: (one.id not in asked, one.id in told))
        categories = [(one.code, f"{one.code} {one.zh}") for one in (prohibited.categories if prohibited else ())]
        return {
            "authority": [(one.id, f"{one.zh}{'（按处置须报告）' if one.id in asked else ''}") for one in authorities],
            "cause": [(code, words) for code, words in CAUSES.items() if code != "security-check"] + [("security-check", "安检不合格")],
            "category": [("", "还不知道是什么"), *categories],
            "outcome": [(code, self._wording.of(f"intercept-{code}")) for code in OUTCOMES],
        }

    def _done(self, kind: DisposalKind, place: tuple[str, int], lead: str) -> None:
        self._page.form().forget()
        self._page.tell(f"{_DONE[kind]}{f'线索编号 {lead}' if lead else ''}", False)
        state = self._page.state()
        self._page.become(replace(state, stale=True))
        if state.place == place:
            self._page.reopen(place)

    def _failed(self, error: CourierCheckError) -> None:
        said = self._wording.said(error)
        state = self._page.state()
        if state.settling is None:
            self._page.tell(said, True)
            return
        self._page.become(replace(state, settling=Filling(said)))
        self._page.form().take_focus()
