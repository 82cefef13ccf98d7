"""记录: what was accepted, refused and referred here; one record with its proof; corrections, disputes. Nothing on this page is unmasked.

The page holds one frozen state; slots change it and `render` draws it. Reads run on the jobs worker, what is written on the desk worker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import cached_property, partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QStackedLayout, QVBoxLayout, QWidget

from courier_check.clock import Clock, SystemClock
from courier_check.errors import CourierCheckError
from courier_check.wording import Wording
from courier_check.wording.verdicts import reasons_text
from ui import disposal_work, keys, work
from ui.background import Worker
from ui.design import Ahead, Drawing, Stepped
from ui.disposal_view import DisposalKind
from ui.documents import documents_folder
from ui.paper import Paper, PaperPrinter
from ui.record_disposing import Disposing, DisposingAt
from ui.record_forms import ONLY_ANSWER
from ui.record_parts import Filter, RecordList, RecordView
from ui.record_reading import find, read
from ui.record_state import (
    Filling,
    Pictured,
    RecordsState,
    field_in_words,
    may_be_older,
    note_of,
    nothing_found,
    preset_filter,
    search_of,
    why_in_words,
)
from ui.record_view import FIELDS, PRESETS, Names, may_dispute, may_withdraw, row_of
from ui.record_withdrawing import AtRecords, Withdrawing
from ui.shown import AnswerShown, Tone, VerdictShown

if TYPE_CHECKING:
    from courier_check.desk.lookups import EntryPlace, Found
    from courier_check.desk.rights import SignedIn
    from courier_check.inspection.rules import RuleSet
    from courier_check.station import Station
    from courier_check.terms import Reason

PAGE = 100
_DISPOSALS = {keys.REPORT: DisposalKind.REPORT, keys.HANDOVER: DisposalKind.HANDOVER, keys.INTERCEPT: None}


class RecordsPage(Stepped):
    told = Signal(str, bool)

    def __init__(
        self,
        jobs: Worker[Station],
        desk: Worker[Station],
        wording: Wording,
        rules: Callable[[], RuleSet | None],
        clock: Clock | None = None,
    ) -> None:
        super().__init__()
        self.setAccessibleName("记录")
        self._jobs, self._desk, self._wording, self._rules = jobs, desk, wording, rules
        self._clock = clock or SystemClock()
        self.folder = documents_folder()
        self.paper = PaperPrinter(wording)
        self.paper.told.connect(self.told)
        self._names: Names | None = None
        self._who: SignedIn | None = None
        self._searches = self._openings = self._filled = 0
        self._state = RecordsState(filter=preset_filter(Filter(), "2", self._today()), filled=1)
        self._half_made = RecordView()
        self._ahead = Ahead(self)
        self._drawing = Drawing(self._ahead)
        at_records = AtRecords(
            lambda: self._state, self._become, self.told.emit, lambda: self._who, self._open, lambda: self._record.withdraw_form
        )
        self._withdrawing = Withdrawing(desk, wording, at_records)
        disposing = DisposingAt(
            lambda: self._state,
            self._become,
            self.told.emit,
            lambda: self._who,
            self._open,
            lambda: self._record.disposal_form,
            rules,
            lambda: self.folder,
            self.paper.print_out,
        )
        self._disposing = Disposing(desk, jobs, wording, disposing)
        self._wanted: tuple[EntryPlace, DisposalKind | None] | None = None

    def _build(self) -> Iterator[None]:
        self._list = RecordList()
        yield from self._list.build()
        self._filter, self._listing = self._list.filter, self._list.listing
        yield
        inner = QWidget(self)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(18, 12, 18, 16)
        outer.addWidget(inner)
        self._stack = QStackedLayout(inner)
        self._stack.addWidget(self._list)
        self._stack.addWidget(self._half_made)  # empty yet: put there whole it is polished whole, in one step
        yield
        self._connect()
        self.render(self._state)
        self._ahead.then(self._make_record())

    def _connect(self) -> None:
        self._filter.wanted.connect(self._search)
        self._filter.preset.connect(self._choose_days)
        self._listing.table.chosen.connect(self._open_row)
        self._listing.state.acted.connect(lambda: self._choose_days(PRESETS[-1].key))

    @cached_property
    def _record(self) -> RecordView:
        """Made after the list, which is what is seen first; whole as soon as it is wanted."""
        view = self._half_made
        if not view.complete():
            view = RecordView()
            view.complete()
            self._stack.addWidget(view)
        view.correct_wanted.connect(self._begin_correcting)
        view.form.confirmed.connect(self._correct)
        view.dispute_wanted.connect(self._begin_disputing)
        view.proof_wanted.connect(lambda: self._print_proof())
        view.dispute_form.confirmed.connect(self._dispute)
        view.withdraw_wanted.connect(self._begin_withdrawing)
        view.withdraw_form.confirmed.connect(self._withdrawing.withdraw)
        view.slip_wanted.connect(lambda: self._disposing.print_slip())
        view.disposal_wanted.connect(lambda kind: self._begin_disposing(DisposalKind(kind) if kind else None))
        view.disposal_form.confirmed.connect(self._disposing.confirm)
        return view

    def _make_record(self) -> Iterator[None]:
        """What an opened record needs, in steps. One that is opened meanwhile makes the rest itself."""
        yield from self._half_made.build()
        yield
        view = self._record
        yield
        for _ in view.grow():
            if self._state.place is not None:
                return
            yield

    # What comes in ------------------------------------------------------------------------------------------------------------------------

    def shown(self) -> None:
        """Came to the front: what is listed is read again, a record that is open stays."""
        if self._state.place is None:
            self._ask(self._state, keep=True)
            self._focus_list()
        else:
            self._record.area.setFocus(Qt.FocusReason.OtherFocusReason)

    def signed_in(self, who: SignedIn) -> None:
        """A correction or dispute that somebody else began is not theirs to end. A record that is open stays."""
        if self._who is not None and who != self._who:
            self._record.withdraw_form.forget()
            self._record.disposal_form.forget()
            usual = preset_filter(Filter(), "2", self._today())  # what one looked for is not what the next one looks for
            state = replace(self._state, correcting=None, disputing=None, withdrawing=None, settling=None)
            self._become(replace(state, filter=usual, filled=state.filled + 1, acts=None, more=False, stale=True))
            if self.isVisible() and self._state.place is None:
                self._ask(self._state)
        self._who = who

    def scanned(self, text: str) -> bool:
        """A scan looks for that parcel, whenever it was; while a number is being corrected it is the right one. That of an intercepted one
        is told aloud, whatever becomes of it here."""
        self._jobs.run(
            self,
            lambda station: disposal_work.check_scan(station, text),
            lambda _: None,
            lambda error: self.told.emit(self._wording.said(error), True),
        )
        if self._state.disputing is not None:
            self.told.emit("异议还没有存下，扫到的没有采用。请先按 Enter 存下，或按 Esc 放弃。", True)
            return True
        if self._state.withdrawing is not None:
            self.told.emit("撤件还没有办完，扫到的没有采用。请先按 1 确认，或按 Esc 放弃。", True)
            return True
        if self._state.settling is not None:
            self.told.emit("这张表还没有办完，扫到的没有采用。请先按 1 确认，或按 Esc 放弃。", True)
            return True
        if self._state.correcting is not None:
            value = self._record.form.value
            if not self._state.correcting.saving and value.isVisible():
                value.setText(text)
                self._record.form.reason.setFocus(Qt.FocusReason.OtherFocusReason)
            return True
        everything = preset_filter(Filter(text=text), PRESETS[-1].key, self._today())
        self._ask(replace(self._state, filter=everything, filled=self._state.filled + 1, place=None, pictured=None), open_single=True)
        return True

    @property
    def open_place(self) -> EntryPlace | None:
        """Where the record stands that lies open; None before it is read, and while a form stands over it."""
        state = self._state
        return state.place if state.pictured is not None and state.filling is None else None

    def label_changed(self) -> None:
        """A label was printed or confirmed; perhaps that of the record which lies open."""
        if self.open_place is not None and self.isVisible():
            self._refresh()

    def show_record(self, journal_id: str, seq: int) -> None:
        """Open one record, whatever is listed."""
        self._open((journal_id, seq))

    def dispose(self, journal_id: str, seq: int, kind: DisposalKind | None) -> None:
        """Open one record with a form of 处置: where another form stands open, the record only."""
        self._wanted = ((journal_id, seq), kind)
        self._open((journal_id, seq))

    def press(self, key: str) -> bool:
        state = self._state
        if key == keys.REFRESH:
            self._refresh()
        elif state.filling is not None:
            return self._press_form(key)
        elif state.place is not None:
            return self._press_record(key)
        else:
            return self._press_list(key)
        return True

    def _press_list(self, key: str) -> bool:
        table, focus = self._listing.table, QApplication.focusWidget()
        if key in {preset.key for preset in PRESETS}:
            self._choose_days(key)
        elif key == keys.ESC and focus is not None and focus is not table and self._filter.isAncestorOf(focus) and self._state.acts:
            self._focus_list()
        elif len(key) == 1 and (key.isalnum() or key == "#") and focus is table:
            self._filter.begin(key)
        elif key in ("PageDown", "Down") and focus is table and table.currentRow() == table.rowCount() - 1 and self._state.more:
            self._more()
        else:
            return False
        return True

    def _press_record(self, key: str) -> bool:
        if key == keys.ESC:
            self._back()
        elif key == keys.ENTER:
            self._begin_correcting()
        elif key == keys.DISPUTE:
            self._begin_disputing()
        elif key == keys.PROOF:
            self._print_proof()
        elif key == keys.WITHDRAW:
            self._begin_withdrawing()
        elif key == keys.SLIP:
            self._disposing.print_slip()
        elif key == keys.PRINT:
            self._print()
        elif key in _DISPOSALS:
            self._begin_disposing(_DISPOSALS[key])
        else:
            return self._record.turn(key)
        return True

    def _press_form(self, key: str) -> bool:
        """Esc gives the form up; what is being saved is not given up any more."""
        filling = self._state.filling
        if key == keys.ENTER:
            if self._state.settling is not None:
                return self._record.disposal_form.go_on()
            return self._state.correcting is not None and self._record.form.go_on()
        if key != keys.ESC and self._state.settling is not None:
            return self._record.disposal_form.press(key)
        if key != keys.ESC:
            return self._state.withdrawing is not None and self._record.withdraw_form.press(key)
        if filling is not None and not filling.saving:
            self._give_up()
        return True

    def _print(self) -> None:
        """On paper: what a refused sender takes home, else the proof of the open record."""
        pictured = self._state.pictured
        if pictured is not None and pictured.opened.record.act.kind == "refusal":
            self._disposing.print_slip(on_paper=True)
        else:
            self._print_proof(on_paper=True)

    def _print_proof(self, *, on_paper: bool = False) -> None:
        """A page with the proof of the open record, into the user's documents, and to the system's printer."""
        place = self._state.place
        if place is not None and self._state.pictured is not None:
            folder = self.folder
            saved: Callable[[Paper], None] = lambda made: self.told.emit(f"回执证明已存为 {made.file}", False)  # noqa: E731 - a name for its type
            done = self.paper.print_out if on_paper else saved
            failed: Callable[[CourierCheckError], None] = lambda error: self.told.emit(self._wording.said(error), True)  # noqa: E731 - as above
            self._jobs.run(self, lambda station: work.export_proof(station, place, folder), done, failed)

    # Finding ------------------------------------------------------------------------------------------------------------------------------

    def _today(self) -> date:
        return self._clock.read().at.date()

    def _choose_days(self, key: str) -> None:
        held = preset_filter(self._filter.held(key), key, self._today())
        self._ask(replace(self._state, filter=held, filled=self._state.filled + 1))
        self._focus_list()

    def _search(self) -> None:
        """Enter in the filter. Days that were typed are no preset any more."""
        held, before = self._filter.held(self._state.filter.preset), self._state.filter
        if (held.from_text, held.to_text) != (before.from_text, before.to_text):
            held = replace(held, preset="")
        self._ask(replace(self._state, filter=held))

    def _refresh(self) -> None:
        if self._state.place is not None and self._state.filling is None:
            self._open(self._state.place)
        elif self._state.place is None:
            self._search()

    def _ask(self, state: RecordsState, *, open_single: bool = False, keep: bool = False) -> None:
        """Search as the filter says; an answer to an older question is dropped. `keep`: as many rows as there are now."""
        self._searches += 1
        try:
            wanted = search_of(state.filter, self._today(), max(PAGE, len(state.acts or ())) if keep else PAGE)
        except ValueError as odd:
            said = f"“{odd}”不是日期。请写成 2026-11-23、20261123 或 11-23，不限就空着。"
            self._become(replace(state, acts=None, more=False, reading=False, said=said))
            return
        self._become(replace(state, reading=True, stale=False, said=""))
        asked, names = self._searches, self._names
        done: Callable[[tuple[Found, Names]], None] = lambda told: self._found(asked, *told, open_single)  # noqa: E731 - a name for its type
        self._jobs.run(self, lambda station: find(station, wanted, names), done, partial(self._not_found, asked))

    def _more(self) -> None:
        """The page after the last row."""
        state = self._state
        if state.reading or not state.acts:
            return
        self._searches += 1
        last, asked, names = state.acts[-1], self._searches, self._names
        wanted = replace(search_of(state.filter, self._today(), PAGE), before=(last.journal_id, last.seq))
        self._become(replace(state, reading=True))
        self._jobs.run(
            self,
            lambda station: find(station, wanted, names),
            lambda told: self._found_more(asked, told[0]),
            partial(self._not_found, asked),
        )

    def _found(self, asked: int, found: Found, names: Names, open_single: bool) -> None:
        self._names = names
        if asked != self._searches:
            return
        chosen = self._chosen()
        self._become(replace(self._state, acts=found.acts, more=found.more, reading=False, said=""))
        self._choose(chosen)
        if open_single and len(found.acts) == 1:
            self._open((found.acts[0].journal_id, found.acts[0].seq))
        elif self._state.place is None and self.isVisible():
            self._focus_list()

    def _chosen(self) -> EntryPlace | None:
        acts, row = self._state.acts or (), self._listing.table.currentRow()
        return (acts[row].journal_id, acts[row].seq) if 0 <= row < len(acts) else None

    def _choose(self, place: EntryPlace | None) -> None:
        """The same act, wherever it stands now; the newest where it is not listed any more."""
        places = [(act.journal_id, act.seq) for act in self._state.acts or ()]
        if places:
            self._listing.table.setCurrentCell(places.index(place) if place in places else 0, 0)

    def _found_more(self, asked: int, found: Found) -> None:
        if asked != self._searches:
            return
        at, acts = self._listing.table.currentRow(), (*(self._state.acts or ()), *found.acts)
        self._become(replace(self._state, acts=acts, more=found.more, reading=False))
        self._listing.table.setCurrentCell(min(at + 1, len(acts) - 1), 0)

    def _not_found(self, asked: int, error: CourierCheckError) -> None:
        if asked == self._searches:
            self._become(replace(self._state, acts=None, more=False, reading=False, said=self._wording.said(error)))

    def _focus_list(self) -> None:
        """Rows are chosen by keys at once. Where none was found, Enter looks further if it can; else another number is typed."""
        state = self._state
        if state.acts:
            self._listing.table.setFocus(Qt.FocusReason.OtherFocusReason)
        elif state.acts is not None and state.filter.text and may_be_older(state.filter):
            self._listing.state.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._filter.text.setFocus(Qt.FocusReason.OtherFocusReason)
            self._filter.text.selectAll()

    # One record ---------------------------------------------------------------------------------------------------------------------------

    def _open_row(self, row: int) -> None:
        acts = self._state.acts or ()
        if 0 <= row < len(acts):
            self._open((acts[row].journal_id, acts[row].seq))

    def _open(self, place: EntryPlace) -> None:
        self._openings += 1
        asked, names = self._openings, self._names
        kept = self._state.pictured if self._state.place == place else None
        closed = replace(self._state, correcting=None, disputing=None, withdrawing=None, settling=None)
        self._become(replace(closed, place=place, pictured=kept, said=""))
        self._record.area.setFocus(Qt.FocusReason.OtherFocusReason)
        done: Callable[[tuple[Pictured, Names]], None] = lambda told: self._opened(asked, *told)  # noqa: E731 - a name for its type
        self._jobs.run(self, lambda station: read(station, place, names), done, partial(self._not_opened, asked))

    def _opened(self, asked: int, pictured: Pictured, names: Names) -> None:
        self._names = names
        if asked == self._openings and self._state.place is not None:
            self._become(replace(self._state, pictured=pictured, said=""))
            wanted, self._wanted = self._wanted, None
            if wanted is not None and wanted[0] == self._state.place:
                self._begin_disposing(wanted[1])

    def _not_opened(self, asked: int, error: CourierCheckError) -> None:
        if asked == self._openings and self._state.place is not None:
            self._become(replace(self._state, pictured=None, said=self._wording.said(error)))

    def _back(self) -> None:
        """To the list as it was, its selection kept; read again where a form has changed it, or where it was never read."""
        self._openings += 1
        state = replace(self._state, place=None, pictured=None, correcting=None, disputing=None, withdrawing=None, said="")
        state = replace(state, settling=None)
        if state.stale or (state.acts is None and not state.reading):
            self._ask(state, keep=True)
        else:
            self._become(state)
        self._focus_list()

    # Correcting ---------------------------------------------------------------------------------------------------------------------------

    def _begin_correcting(self) -> None:
        pictured = self._state.pictured
        if pictured is None or self._state.filling is not None:
            return
        self._record.form.begin(tuple(FIELDS), answers=bool(pictured.opened.returned))
        self._become(replace(self._state, correcting=Filling()))
        self._record.area.verticalScrollBar().setValue(0)
        self._record.form.take_focus()

    def _give_up(self) -> None:
        """Nothing typed stays. The keys mean the record again: on a button Enter would open the same form once more."""
        view, state = self._record, self._state
        view.form.forget()
        view.dispute_form.reason.clear()
        view.withdraw_form.forget()
        view.disposal_form.forget()
        self._become(replace(state, correcting=None, disputing=None, withdrawing=None, settling=None))
        view.area.setFocus(Qt.FocusReason.OtherFocusReason)

    def _correct(self, name: str, value: str, reason: str) -> None:
        from courier_check.desk.corrections import Correction

        place, pictured, correcting = self._state.place, self._state.pictured, self._state.correcting
        if place is None or pictured is None or correcting is None or correcting.saving:
            return
        returned = pictured.opened.returned
        if name != ONLY_ANSWER and not value.strip():
            self._become(replace(self._state, correcting=Filling("请填写正确内容。")))
            return
        changes = {} if name == ONLY_ANSWER else {name: value}
        correction = Correction(*place, changes, reason, returned[0].number if returned else None)
        who = self._who
        self._become(replace(self._state, correcting=Filling(saving=True)))
        self._desk.run(self, lambda station: work.correct(station, correction, who), partial(self._corrected, place), self._not_corrected)

    def _corrected(self, place: EntryPlace, stops: tuple[Reason, ...]) -> None:
        self._record.form.forget()
        said = "更正已记入日志，原条目保持不变。"
        if stops:
            said = self._wording.of("correction-stops", {"corrects": place[1], "why": reasons_text(self._wording, stops)})
        self.told.emit(said, bool(stops))
        self._become(replace(self._state, stale=True))
        if self._state.place == place:
            self._open(place)

    def _not_corrected(self, error: CourierCheckError) -> None:
        said = self._wording.of(error.code.value, {**error.facts, **field_in_words(error), **why_in_words(error, self._wording)})
        if self._state.correcting is None:
            self.told.emit(said, True)
            return
        self._become(replace(self._state, correcting=Filling(said)))
        self._record.form.reason.setFocus(Qt.FocusReason.OtherFocusReason)

    # Disputing ----------------------------------------------------------------------------------------------------------------------------

    def _begin_disputing(self) -> None:
        pictured = self._state.pictured
        if pictured is None or self._state.filling is not None:
            return
        act = pictured.opened.record.act
        if not may_dispute(act, self._who):
            self.told.emit(self._wording.of("not-own-act", {"seq": act.seq, "operator": act.operator or "—"}), True)
            return
        self._record.dispute_form.reason.clear()
        self._become(replace(self._state, disputing=Filling()))
        self._record.area.verticalScrollBar().setValue(0)
        self._record.dispute_form.take_focus()

    def _dispute(self, reason: str) -> None:
        from courier_check.desk.disputes import Dispute

        place, disputing, who = self._state.place, self._state.disputing, self._who
        if place is None or disputing is None or disputing.saving:
            return
        dispute = Dispute(*place, reason)
        self._become(replace(self._state, disputing=Filling(saving=True)))
        self._desk.run(self, lambda station: work.dispute(station, dispute, who), lambda _: self._disputed(place), self._not_disputed)

    def _disputed(self, place: EntryPlace) -> None:
        self._record.dispute_form.reason.clear()
        self.told.emit("异议已记入日志，原条目保持不变。", False)
        self._become(replace(self._state, stale=True))
        if self._state.place == place:
            self._open(place)

    def _not_disputed(self, error: CourierCheckError) -> None:
        said = self._wording.said(error)
        if self._state.disputing is None:
            self.told.emit(said, True)
            return
        self._become(replace(self._state, disputing=Filling(said)))
        self._record.dispute_form.take_focus()

    def _begin_withdrawing(self) -> None:
        self._record.area.verticalScrollBar().setValue(0)
        self._withdrawing.begin()

    def _begin_disposing(self, kind: DisposalKind | None) -> None:
        self._record.area.verticalScrollBar().setValue(0)
        self._disposing.begin(kind)

    # What is shown ------------------------------------------------------------------------------------------------------------------------

    @property
    def state(self) -> RecordsState:
        """What the page shows."""
        return self._state

    @property
    def is_drawn(self) -> bool:
        """Whether the record that is open is on the page with all its cards."""
        return self._drawing.has_drawn(self._state.pictured)

    def _become(self, state: RecordsState) -> None:
        self._state = state
        self.render(state)

    def render(self, state: RecordsState) -> None:  # type: ignore[override]  # a page's render, not Qt's
        if state.filled != self._filled:
            self._filled = state.filled
            self._filter.fill(state.filter)
        self._filter.show_preset(state.filter.preset)
        self._stack.setCurrentWidget(self._list if state.place is None else self._record)
        if state.place is None:
            self._render_list(state)
        else:
            self._render_record(state)

    def _draw(self, pictured: Pictured) -> Iterator[None]:
        from ui.record_facts import record_shown

        yield from self._record.draw(record_shown(pictured.opened, self._names or Names(), self._rules(), self._wording), pictured.pictures)

    def _render_list(self, state: RecordsState) -> None:
        names = self._names or Names()
        self._listing.entitle("记录", note_of(state))
        if state.acts:
            self._listing.show_rows([row_of(act, names) for act in state.acts])
        elif state.said:
            self._listing.show_state("!", "没有查成", state.said)
        elif state.acts is None:
            self._listing.show_state("…", "正在读取", "")
        else:
            everything = AnswerShown(PRESETS[-1].key, "查全部日期", "go") if may_be_older(state.filter) else None
            self._listing.show_state("·", "没有找到", nothing_found(state.filter), everything)

    def _render_record(self, state: RecordsState) -> None:
        from ui.record_facts import gone

        pictured = state.pictured
        form, dispute_form, withdraw_form = self._record.form, self._record.dispute_form, self._record.withdraw_form
        act = pictured.opened.record.act if pictured is not None else None
        withdrawable = act is not None and may_withdraw(act)
        self._record.show_actions(pictured is not None and state.filling is None, withdrawable=withdrawable)
        form.setVisible(state.correcting is not None)
        dispute_form.setVisible(state.disputing is not None)
        withdraw_form.setVisible(state.withdrawing is not None)
        self._record.show_disposals(act if state.filling is None else None)
        self._record.disposal_form.setVisible(state.settling is not None)
        if pictured is None:
            self._drawing.forget()
            self._record.show_verdict_only(gone(state.said) if state.said else VerdictShown(Tone.PLAIN, "…", "正在读取", ""))
            return
        self._drawing.draw(pictured, lambda: self._draw(pictured))
        if state.correcting is not None:
            form.say(state.correcting.said, saving=state.correcting.saving)
        if state.disputing is not None:
            dispute_form.say(state.disputing.said, saving=state.disputing.saving)
        if state.withdrawing is not None:
            withdraw_form.say(state.withdrawing.said, saving=state.withdrawing.saving)
        if state.settling is not None:
            self._record.disposal_form.say(state.settling.said, saving=state.settling.saving)
