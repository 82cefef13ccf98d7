"""The window: rail, top bar, pages, status bar; who works here; where keys and scans go. Pages do the rest."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget

from courier_check.clock import Clock, SystemClock
from courier_check.devices.codes import ScannerCode
from courier_check.errors import CourierCheckError
from courier_check.inspection.verdict import Outcome
from courier_check.journal.label_text import parse_label_text
from courier_check.wording import Language, Wording
from ui import keys, work
from ui.background import BackgroundCode, Worker
from ui.counter.codes import CounterCode
from ui.counter.drawing import Drawing
from ui.design import Ahead, Toast, imports_ahead, lay_out_ahead, polish_ahead, types_ahead
from ui.frame import OTHER_PAGES, TITLES, Frame
from ui.garbage import keep_all
from ui.gates import GateShown
from ui.opening import Opening, Place, Practice
from ui.palette import Command, Palette, is_text
from ui.shown import StatusShown, Tone
from ui.sounds import Sound, Sounds
from ui.threads import StationThreads

if TYPE_CHECKING:
    from courier_check.desk.rights import SignedIn
    from courier_check.overview import Overview
    from courier_check.station import Station, Unlocked
    from ui.counter.conductor import Conductor
    from ui.counter.page import AcceptancePage
    from ui.counter.state import Books
    from ui.disposal_view import DisposalKind
    from ui.guns import Guns
    from ui.keyboard import Keyboard, KeyPress
    from ui.labelling import Labelling
    from ui.paper import Paper
    from ui.pictures import Pictures
    from ui.reader import Reader

GLANCE_MS = 800
"""Between two looks at the station: what was installed meanwhile is worked by within a second."""
CLOSE_S = 3.0
MEANT_S = 30.0
"""A window that is closed a second time within this is meant to close, whatever is in hand."""
_TYPED_ON = "刚才按的键没有算：上一张表按 Enter 时已经确认。停一下，看清现在的题目再按。"
_TO_BUTTONS = (keys.ENTER, keys.SPACE, "Tab", "Shift+Tab")


@dataclass(frozen=True, slots=True)
class Plan:
    """What the window is opened with. `clock`: of the station, of the top bar and of the time each question stands; tests set it."""

    place: Place
    practice: Practice
    page: str = "accept"
    clock: Clock = field(default_factory=SystemClock)


class Window(QWidget):
    """`first_painted`: once. `ready`: somebody is signed in and the acceptance page stands."""

    first_painted = Signal()
    ready = Signal()
    _labelling: Labelling | None = None
    _sounds: Sounds | None = None
    _heard: Outcome | None = None

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.setWindowTitle("收寄实名验视 Courier Check")
        self.setMinimumSize(1280, 720)
        self.resize(1366, 768)
        self._wording = Wording(Language.CHINESE)
        self._clock = plan.clock
        self._painted = False
        self._page = plan.page
        self._who: SignedIn | None = None
        self._overview: Overview | None = None
        self._online: bool | None = None
        self._conductor: Conductor | None = None
        self._pictures: Pictures | None = None
        self._reader: Reader | None = None
        self._behind: StationThreads | None = None
        self._asked_overview, self._asked_rules = False, ""
        self._closing = False
        self._at_gate = True
        self._warned_s: float | None = None
        self._sign_in, self._making = 0, False
        self._held_folder = contextlib.ExitStack()
        self._build()
        self.opening = Opening(plan.place, plan.practice, self._wording, self._clock)
        self.opening.shown.connect(self._show_gate)
        self.opening.opened.connect(self._opened)
        self.opening.signed_in.connect(self._signed_in)
        self.opening.gateway_changed.connect(self._sync)
        self._keyboard: Keyboard | None = None
        self._guns: Guns | None = None
        self._second = QTimer(self, interval=GLANCE_MS)
        self._second.timeout.connect(self._tick)
        self._ahead = Ahead(self)
        self._drawing = Drawing(self, lambda: self._frame.acceptance_in_front)
        self._books: Books | None = None
        self._show_frame()

    # Building ---------------------------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._frame = Frame(self, self._clock)
        self._toast, self._palette = Toast(self), Palette(self)
        self._frame.rail.chosen.connect(self.go)
        self._frame.gate.entered.connect(lambda typed: self.opening.enter(typed))
        self._frame.gate.pressed.connect(lambda key: self.opening.press(key))

    def start(self) -> None:
        """Open the station; called after the first paint, so that the window stands before all this and the database are loaded."""
        self.opening.begin()
        self._second.start()
        self._ahead.then(self._before_sign_in())

    def _before_sign_in(self) -> Iterator[None]:
        """What is better done while the station is opened and a password typed; an import is a step as well."""
        yield from imports_ahead("courier_check.devices.scans", "ui.key_names", "ui.stamps", "ui.wedge")
        from ui.keyboard import Keyboard

        yield
        app = QApplication.instance()
        assert isinstance(app, QApplication)  # noqa: S101 - a window needs one
        self._keyboard = Keyboard(app, self, clock=lambda: time.monotonic_ns() // 1_000_000)
        yield
        yield from types_ahead()
        yield
        from ui.help import HelpPage

        page = HelpPage()
        self._frame.place(page)
        yield from page.build()
        self._add_page("help", page)
        yield

    # Gates ------------------------------------------------------------------------------------------------------------------------------

    def _show_gate(self, shown: GateShown) -> None:
        self._at_gate = True
        self._palette.hide()
        self._frame.gate.render(shown)
        self._frame.bring(self._frame.gate)
        self._frame.gate.take_focus(wrong=bool(shown.said))
        self._show_frame()

    def _opened(self, told: tuple[Unlocked, Worker[Station]]) -> None:
        """The folder is unlocked: the other workers open their own stations on it, and no other window may."""
        unlocked, desk = told
        try:
            self._held_folder.enter_context(unlocked.folder.only_window())
        except CourierCheckError as error:
            self.tell(self._wording.said(error), wrong=True)
            self.opening.refuse(error)
            return
        self._behind = behind = StationThreads(desk, partial(work.open_station, unlocked, self._clock))
        behind.syncing.ran.connect(self._glance)
        behind.syncing.failed.connect(lambda _error: self._glance())  # it stands beside the overview then
        behind.rescreening.ran.connect(self._rescreened)
        self._ahead.then(self._open_guns())
        self._ahead.then(self._begin_labelling(behind.prepare, desk))

    def _open_guns(self) -> Iterator[None]:
        """Serial guns go the way of the guns that type, from the sign-in on."""
        devices = "courier_check.devices."
        yield from imports_ahead(f"{devices}children", f"{devices}serial_ports", f"{devices}serial_scanner", "courier_check.store.machine")
        from ui.guns import guns_of

        yield
        assert self._keyboard is not None  # noqa: S101 - made in an earlier step
        self._guns = guns_of(self.opening.folder, SystemClock(), self._wording)
        self._guns.scanned.connect(self._keyboard.take)
        self._guns.told.connect(lambda text, wrong: self.tell(text, wrong=wrong))
        self._guns.changed.connect(self._glance)
        self._guns.open()
        yield

    def _begin_labelling(self, prepare: Callable[[], Station], desk: Worker[Station]) -> Iterator[None]:
        """Labels print in a thread of their own, on a station of their own: a printer that hangs holds up nothing."""
        yield from imports_ahead("courier_check.shift_board", "ui.board_work", "ui.board_view", "ui.labelling", "ui.spooling")
        from courier_check.devices.system_printer import SpoolerProcess
        from ui.labelling import Labelling
        from ui.spooling import serve

        self._labelling = Labelling(prepare, desk, self._wording, SpoolerProcess(serve))
        self._labelling.told.connect(lambda text, wrong: self.tell(text, wrong=wrong))
        self._labelling.changed.connect(self._labels_changed)
        yield
        self._labelling.try_waiting()
        yield
        self._sounds = Sounds(QApplication.beep, self.opening.folder)
        yield

    def _signed_in(self, who: SignedIn) -> None:
        """Another operator takes over only where no parcel is in hand: who inspected it is who records it."""
        conductor = self._conductor
        if conductor is not None and self._who is not None and who.code != self._who.code and conductor.in_hand:
            self.tell(f"{self._who.code} 还有 {conductor.in_hand} 件没有办完，请先由本人办完、拒收或放弃。", wrong=True)
            self.opening.ask_sign_in(self._who.code)
            return
        self._who = who
        self._frame.gate.forget()
        behind = self._behind
        assert behind is not None  # noqa: S101 - sign-in needs the open station
        self._sign_in += 1
        behind.desk.run(self, lambda station: work.books(station, who), partial(self._take_books, self._sign_in), self._failed)
        behind.jobs.run(self, work.sweep_photos, lambda _: None, lambda _: None)  # what could not be swept is swept another time

    def _take_books(self, sign_in: int, books: Books) -> None:
        """The newest sign-in counts, also where the page is still being made for an earlier one; none does once the counter was locked."""
        if sign_in != self._sign_in:
            return
        self._books = books
        if self._conductor is not None:
            self._conductor.take_books(books)
            self._enter_pages()
        elif not self._making:
            self._making = True
            self._ahead.then(self._make_acceptance(books))

    def _make_acceptance(self, books: Books) -> Iterator[None]:
        """The acceptance page, which is entered, what its parcels will need, then the other pages: in steps, so that no event waits for
        all of it, and each by itself, so that a fault in one costs no other."""
        from ui.pages import acceptance

        assert self._behind is not None  # noqa: S101 - sign-in went through it
        try:
            folder, practice = self.opening.folder, self.opening.practice
            made = yield from acceptance(self._behind.desk, folder, books, self._wording, self._clock, practice=practice)
            self._pictures, self._reader, page = made.pictures, made.reader, made.page
            for button in page.findChildren(QPushButton):
                button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # a click must not take the focus from where digits are answers
            self._add_page("accept", page)
            self._connect_acceptance(page, made.conductor)
            yield
            yield from polish_ahead(page)
        finally:
            self._making = False
        if self._books is not None and self._books is not books:
            made.conductor.take_books(self._books)
        self._conductor = made.conductor
        self._drawing.of(made.conductor, made.pictures)
        yield
        page.render(made.conductor.view(), made.pictures.picture())
        yield
        lay_out_ahead(page, self._frame.stack.size())
        yield
        self._enter_pages()
        for steps in (page.grow(), polish_ahead(page), *map(self._make_page, OTHER_PAGES), self._all_made()):
            self._ahead.then(steps)

    def _all_made(self) -> Iterator[None]:
        keep_all()
        if self._behind is not None:
            self._behind.desk.run(self, work.prepare_look_ups, lambda _: None, lambda _: None)  # who looks up next is told what fails
        yield

    def _connect_acceptance(self, page: AcceptancePage, conductor: Conductor) -> None:
        page.pressed.connect(self._press_page)
        page.confirmed.connect(conductor.confirm_named)
        page.another.connect(conductor.declare_another)
        page.decided.connect(conductor.decided)
        page.sought.connect(conductor.parcels.sought)
        conductor.changed.connect(self._draw_soon)
        conductor.pictured.connect(self._drawing.picture)
        conductor.told.connect(lambda text, wrong: self.tell(text, wrong=wrong))
        conductor.recorded.connect(self._print_label)
        conductor.recorded.connect(self._recorded)
        conductor.disposal_wanted.connect(self._dispose_refused)
        conductor.in_view.taken.connect(lambda: self.hear(Sound.TAKEN))
        conductor.in_view.ask_before(self._lets_codes_in)

    def _make_page(self, name: str) -> Iterator[None]:
        from ui.pages import other_page

        assert self._behind is not None  # noqa: S101 - sign-in went through it
        page = other_page(name, self._behind, self._wording, self._rules)
        self._frame.place(page)
        yield
        yield from page.build()
        yield
        page.told.connect(lambda text, wrong: self.tell(text, wrong=wrong))
        if self._who is not None:
            page.signed_in(self._who)
        if name == "security":
            page.recorded.connect(self._recorded)
            page.intercept_wanted.connect(lambda journal_id, seq: self._dispose(journal_id, seq, None))
        if name == "board":
            page.record_wanted.connect(self._show_record)
            page.print_wanted.connect(lambda journal_id, seq: self._on_label(keys.F9, (journal_id, seq)))
            page.stick_wanted.connect(lambda journal_id, seq: self._on_label(keys.STUCK, (journal_id, seq)))
        if name == "sync":
            page.sync_wanted.connect(self.sync_now)
            page.record_wanted.connect(self._show_record)
        self._add_page(name, page)
        yield
        if self._overview is not None and name == "sync":
            page.standing(self._overview)
        yield from polish_ahead(page)
        lay_out_ahead(page, self._frame.stack.size())
        yield

    def _rules(self) -> Any:
        return self._conductor.books.rules.rulebook.rules if self._conductor is not None else None

    def _rescreened(self) -> None:
        """What changed about who is known stands on the lists page."""
        lists = self._frame.lists
        if lists is not None:
            lists.rescreened()

    def _add_page(self, name: str, page: QWidget) -> None:
        """A page that is whole."""
        self._frame.add(name, page)
        self._show_frame()

    def _enter_pages(self) -> None:
        for name in OTHER_PAGES:
            page = self._frame.page(name)
            if page is not None and self._who is not None:
                page.signed_in(self._who)
        self._at_gate = False
        self.go(self._page)
        self.ready.emit()

    # Pages ------------------------------------------------------------------------------------------------------------------------------

    @property
    def listens(self) -> bool:
        """Whether keys are taken: a moment after the window stands."""
        return self._keyboard is not None

    @property
    def conductor(self) -> Conductor | None:
        return self._conductor

    @property
    def pictures(self) -> Pictures | None:
        return self._pictures

    @property
    def reader(self) -> Reader | None:
        return self._reader

    @property
    def overview(self) -> Overview | None:
        """The newest one, at most a second or two old."""
        return self._overview

    @property
    def is_online(self) -> bool | None:
        """As the status bar says; None while nobody knows."""
        return self._online

    @property
    def page(self) -> str:
        """The page in front; empty while a gate stands before the pages."""
        return self._frame.front

    def widget(self, name: str) -> QWidget:
        """A page by its name. KeyError while it is not made."""
        page: QWidget | None = self._frame.page(name)
        if page is None:
            raise KeyError(name)
        return page

    @property
    def busy(self) -> bool:
        """Whether something that was handed in is still being written."""
        return self._behind is not None and self._behind.desk.busy

    def go(self, name: str) -> None:
        """Bring a page to the front. While a gate stands, nothing but the help comes before it."""
        widget = self._frame.page(name)
        if widget is None or (self._at_gate and name != "help"):
            self._show_frame()  # a rail button that was clicked has checked itself
            return
        self._page = name if name != "help" else self._page
        self._frame.bring(widget)
        if name == "accept":
            widget.setFocus()
            self._drawing.now()
        elif name == "help":
            widget.setFocus()
        else:
            widget.shown()
        self._show_frame()

    def _back(self) -> None:
        if self._at_gate:
            self._frame.bring(self._frame.gate)
            self._frame.gate.take_focus()
            self._show_frame()
        else:
            self.go("accept")

    def _show_frame(self) -> None:
        standing = self.opening.standing if hasattr(self, "opening") else None
        self._frame.show(standing, self._who if not self._at_gate else None)

    def _draw_soon(self) -> None:
        """The parcel has changed."""
        self._ahead.yield_to_an_act()
        self._drawing.soon()
        self._hear_verdict()

    def _hear_verdict(self) -> None:
        """What stops a parcel, or wants a supervisor, is heard when it comes, once."""
        outcome = self._conductor.verdict.outcome if self._conductor is not None else None
        if outcome is not self._heard:
            self._heard = outcome
            if outcome in (Outcome.REFUSE, Outcome.REFER):
                self.hear(Sound.STOP if outcome is Outcome.REFUSE else Sound.QUESTION)

    def _press_page(self, key: str) -> None:
        """A button of the acceptance page stands for its key."""
        if key:
            from ui.keyboard import KeyPress

            self.pressed(KeyPress(key))

    # Keys and scans ---------------------------------------------------------------------------------------------------------------------

    def _focus(self) -> QWidget | None:
        """The widget that keys go to; without a window manager no window is ever active, and this window's own answer counts."""
        return QApplication.focusWidget() or self.focusWidget()

    def takes_text(self) -> bool:
        self._drawing.owed()  # it may open a field
        return is_text(self._focus())

    def can_restore(self) -> bool:
        return self._conductor is not None and self.page == "accept"

    def checkpoint(self) -> object:
        return self._conductor.checkpoint() if self._conductor is not None and self.can_restore() else None

    def restore(self, checkpoint: object) -> None:
        if self._conductor is not None and checkpoint is not None:
            self._conductor.restore()
        if self.told() == _TYPED_ON:
            self._toast.hide()  # it was the first letter of a scan

    def scanned(self, text: str, *, repeated: bool) -> None:
        """A gun's code: to the security page or the records page while it is in front, into a gate's field, else to the parcel in hand."""
        if repeated:
            return
        self._drawing.owed()
        self._palette.dismiss()
        records = self._frame.records
        if self._at_gate:
            self._scanned_at_gate(text)
            return
        security = self._frame.security
        if self.page != "security" and self._labelling is not None and parse_label_text(text) is not None:
            self._labelling.scanned(text, self._who)
            return
        if self.page == "security" and security is not None:
            security.scanned(text)
            return
        credential = self._conductor is not None and self._conductor.is_credential(text)  # says who sends, wherever it is scanned
        if self.page == "records" and records is not None and not credential and records.scanned(text):
            return
        if self._conductor is not None:
            if self.page != "accept":
                self.go("accept")
            self._leave_buttons()
            if (page := self._frame.acceptance_in_front) is not None:
                page.task.forms.rest()
            before = self._conductor.state.draft.waybill
            self._conductor.scanned(text)
            if self._conductor.state.draft.waybill is not before:
                self.hear(Sound.TAKEN)
            else:  # no verdict will speak of it
                self._stop_if_intercepted(text)

    def _stop_if_intercepted(self, text: str) -> None:
        from ui import disposal_work

        if self._behind is not None:
            check = partial(disposal_work.check_scan, text=text)
            self._behind.jobs.run(self, check, lambda _: None, lambda error: self.tell(self._wording.said(error), wrong=True))

    def _lets_codes_in(self) -> bool:
        """Whether a code that the camera sees may be taken: at the counter, and not under somebody's typing."""
        focus = self._focus()
        typing = isinstance(focus, QLineEdit) and bool(focus.text())
        return self.page == "accept" and not self._at_gate and not self._palette.isVisible() and not typing

    def _scanned_at_gate(self, text: str) -> None:
        """A badge or an enrolment code goes into its field. A password never does: one that nobody sees would be replaced by a waybill."""
        focus = self._focus()
        if not isinstance(focus, QLineEdit):
            self.tell("还没有登录，扫到的没有采用。登录以后再扫。", wrong=True)
        elif focus.echoMode() is QLineEdit.EchoMode.Password:
            self.tell("密码和口令不能扫码输入，扫到的没有采用。请用键盘输入。", wrong=True)
        else:
            focus.setText(text)

    def _has_key(self, button: QPushButton) -> bool:
        """Every button of the acceptance page has a key of its own: Enter and Space keep their meaning whichever was clicked last."""
        page = self._frame.acceptance
        return page is not None and page.isAncestorOf(button)

    def _leave_buttons(self) -> None:
        """Back to the acceptance page from a button that Tab had reached, or the next Enter would mean that button over later parcels."""
        page = self._frame.acceptance_in_front
        if page is not None and isinstance(self._focus(), QPushButton):
            page.setFocus()

    def oversized(self, characters: int) -> None:
        self.tell(self._wording.of(CounterCode.OVERSIZED_SCAN.value, {"characters": characters}), wrong=True)

    def unreadable(self, characters: int) -> None:
        self.tell(self._wording.of(ScannerCode.TOO_SHORT.value, {"characters": characters}), wrong=True)

    def ime_scan(self) -> None:
        self.tell(self._wording.of(CounterCode.IME_SCAN.value), wrong=True)

    def pressed(self, key: KeyPress) -> bool:
        """Keys of the window first, then those of the page in front."""
        self._drawing.owed()
        name = key.name
        focus = self._focus()
        if self._palette.isVisible():
            if name == keys.ESC:
                self._palette.dismiss()
            return name == keys.ESC
        if name in (keys.ENTER, keys.SPACE) and isinstance(focus, QPushButton) and focus.isEnabled() and not self._has_key(focus):
            focus.click()
            return True
        if name not in _TO_BUTTONS:
            self._leave_buttons()
        everywhere: dict[str, Callable[[], None]] = {
            keys.F1: lambda: self._back() if self.page == "help" else self.go("help"),
            keys.F11: lambda: self.go("sync"),
            keys.COMMAND: self._ask_command,
            keys.SWITCH: self._switch,
        }
        if name in everywhere:
            everywhere[name]()
            return True
        return self._press_front(name)

    def _press_front(self, name: str) -> bool:
        page = self.page
        if page == "":
            return self.opening.press(name)
        if name in (keys.F9, keys.STUCK) and page != "board":
            self._on_open_label(name)
            return True
        if page == "accept" and self._conductor is not None:
            return self._press_accept(self._conductor, name)
        widget = self._frame.page(page)
        used: bool = widget is not None and widget.press(name) if page in (*OTHER_PAGES, "help") else False
        if not used and name == keys.ESC:
            self._back()
            return True
        if not used and name in (keys.F2, keys.F12, keys.F8, keys.F10, keys.F4, keys.F3, keys.F6, keys.F7):
            self._back()
            return True
        return used

    def _on_open_label(self, key: str) -> None:
        """Of the record that lies open, or of the parcel that was accepted last while no other one is in hand: the parcel before the
        clerk is the one that a key is about."""
        records, last = self._frame.records, self._labelling.last if self._labelling is not None else None
        if self.page == "records" and records is not None:
            self._on_label(key, records.open_place)
        elif last is None or not last.place[0]:
            self._on_label(key, None)
        elif self._conductor is not None and self._conductor.has_parcel:
            done = "打印" if key == keys.F9 else "记贴标"
            self.tell(f"没有{done}：手上是另一件，还没有受理。上一件 #{last.place[1]} 的标签，请到看板或记录里办。", wrong=True)
        else:
            self._on_label(key, last.place)

    def _on_label(self, key: str, place: tuple[str, int] | None) -> None:
        """补打 or 已贴标 of one parcel."""
        if self._labelling is None or place is None:
            self.tell("没有选中收寄的件：在记录里打开一件，或在看板里选一件。", wrong=True)
        elif key == keys.F9:
            self._labelling.print_again(place, self._who)
        else:
            self._labelling.stick(place, self._who)

    def _press_accept(self, conductor: Conductor, name: str) -> bool:
        page = self._frame.acceptance_in_front
        if page is not None and page.task.forms.overrun(name):
            if self.told() != _TYPED_ON:  # heard once, not at every letter
                self.tell(_TYPED_ON, wrong=True)
            return True
        return (page is not None and page.task.forms.press(name)) or conductor.press(name)

    def _switch(self) -> None:
        if self._who is not None and not self._at_gate:
            self._sign_in += 1  # a sign-in that is still on its way does not open this lock
            self.opening.ask_sign_in(self._who.code if self._conductor is not None and self._conductor.in_hand else "")

    def _ask_command(self) -> None:
        if self._at_gate or self._conductor is None:
            return
        from ui.pages import commands

        self._palette.ask((*self._page_commands(), *commands(self._conductor, self._pictures, self.scanned_by_hand)))

    def _page_commands(self) -> tuple[Command, ...]:
        finds = {"accept": "sjt", "security": "aj", "board": "bckb", "records": "jl"}
        finds |= {"lists": "md", "sync": "tbzx", "reports": "bb", "help": "bz"}
        made = [name for name in finds if self._frame.page(name) is not None]
        pages = tuple(Command(f"打开 {TITLES[name]}", finds[name], partial(self.go, name)) for name in made)
        if self.opening.practice:
            cut = not self.opening.is_cut
            words = "练习：断开网络（停练习网关）" if cut else "练习：接通网络（开练习网关）"
            pages = (*pages, Command(words, "lxwl", partial(self.opening.cut_gateway, cut=cut)))
        heard = self._sounds is not None and self._sounds.are_on
        pages = (*pages, Command("关闭提示音" if heard else "打开提示音", "tsy", self._turn_sounds))
        return (*pages, Command("换收寄员（Ctrl+L）", "hsjy", self._switch), Command("退出", "tc", self.close_soon))

    def scanned_by_hand(self, text: str) -> None:
        """A simulated scan (practice)."""
        self.scanned(text, repeated=False)

    def _dispose(self, journal_id: str, seq: int, kind: DisposalKind | None) -> None:
        """The form of 处置 of one record: 报告, 移交, or (None) 拦截 and its outcome."""
        records = self._frame.records
        if records is not None and not self._at_gate:
            self.go("records")
            records.dispose(journal_id, seq, kind)

    def _dispose_refused(self, seq: int, key: str) -> None:
        """What the refusal just recorded asks for: its slip, on paper too, or a report of it."""
        from ui import disposal_work
        from ui.disposal_view import DisposalKind

        records = self._frame.records
        desk, wording = self._behind.desk if self._behind is not None else None, self._wording
        if records is None or desk is None:
            return
        folder, failed = records.folder, lambda error: self.tell(wording.said(error), wrong=True)
        if key == keys.REPORT:
            placed = partial(disposal_work.current_place, seq=seq)
            desk.run(self, placed, lambda place: self._dispose(*place, DisposalKind.REPORT), failed)
            return

        def printed(station: Station) -> Paper:
            return disposal_work.print_refusal_slip(station, disposal_work.current_place(station, seq), wording, folder)

        saved: Callable[[Paper], None] = lambda made: self.tell(f"{made.title}已存为 {made.file}")  # noqa: E731 - a name for its type
        desk.run(self, printed, records.paper.print_out if key == keys.PRINT else saved, failed)

    def _show_record(self, journal_id: str, seq: int) -> None:
        records = self._frame.records
        if records is not None and not self._at_gate:
            self.go("records")
            records.show_record(journal_id, seq)

    # Always true ------------------------------------------------------------------------------------------------------------------------

    def tell(self, text: str, *, wrong: bool = False) -> None:
        """A sentence over the page."""
        if wrong:
            self.hear(Sound.STOP)
        self._toast.tell(text, tone=Tone.STOP if wrong else Tone.PLAIN, stay_ms=6000 if wrong else 3000)

    def hear(self, sound: Sound) -> None:
        """Before the station is open, the machine's own beep."""
        if self._sounds is None:
            QApplication.beep()
        else:
            self._sounds.play(sound)

    def _turn_sounds(self) -> None:
        if self._sounds is None:
            return
        on = not self._sounds.are_on
        try:
            self._sounds.turn(on=on)
        except CourierCheckError as error:
            self.tell(self._wording.said(error), wrong=True)
            return
        self.tell("提示音已打开。" if on else "提示音已关闭，画面上照样会说。")

    def bug(self) -> None:
        """Something happened that nobody expected; the log has it."""
        self.tell(self._wording.of(BackgroundCode.INTERNAL.value), wrong=True)

    def told(self) -> str:
        """What the toast says; empty when it is gone."""
        return self._toast.text()

    def sync_now(self) -> None:
        self.opening.keep_gateway()
        self._sync()

    def _sync(self) -> None:
        if self._behind is not None:
            self._behind.syncing.now()

    def _print_label(self) -> None:
        """An act is durable: its label prints beside whatever the clerk does next."""
        self.hear(Sound.DONE)
        if self._labelling is not None and self._conductor is not None and self._conductor.newest is not None:
            self._labelling.recorded(self._conductor.newest, self._who)
            self._conductor.show_label(self._labelling.line)

    def _labels_changed(self) -> None:
        if self._labelling is not None and self._conductor is not None:
            self._conductor.show_label(self._labelling.line)
        board = self._frame.board
        if board is not None:
            board.changed()
        records = self._frame.records
        if records is not None:
            records.label_changed()

    def _recorded(self) -> None:
        if self._behind is not None:
            self._behind.syncing.soon()
        self._glance()

    def _tick(self) -> None:
        self._show_frame()
        self._glance()

    def _glance(self) -> None:
        """Ask for the newest overview, one at a time."""
        if self._behind is None or self._asked_overview or self._closing:
            return
        self._asked_overview = True
        self._behind.jobs.run(self, work.glance, self._take_overview, self._no_overview)

    def _take_overview(self, overview: Overview) -> None:
        from ui.statusline import status_of

        self._asked_overview = False
        self._overview = overview = replace(overview, hindrance=self._behind.syncing.hindrance if self._behind is not None else None)
        shown = status_of(overview, self._wording)
        self._online = shown.online
        self._frame.status.show_status(self._guns.beside(shown) if self._guns is not None else shown)
        sync = self._frame.sync
        if sync is not None:
            sync.standing(overview)
        board = self._frame.board
        if board is not None:
            board.standing(overview, self._conductor.in_hand if self._conductor is not None else 0)
        self._follow_rules(overview)

    def _follow_rules(self, overview: Overview) -> None:
        """Checklists that were installed since, by whatever program, are worked by from now on; a parcel in hand is judged by them too."""
        conductor, who, behind = self._conductor, self._who, self._behind
        if conductor is None or who is None or behind is None or overview.rules in (conductor.books.installed, self._asked_rules):
            return
        self._asked_rules = overview.rules or ""
        behind.desk.run(self, lambda station: work.books(station, who), partial(self._take_rules, self._sign_in), self._no_rules)

    def _take_rules(self, sign_in: int, books: Books) -> None:
        if sign_in == self._sign_in and self._conductor is not None:
            self._books = books
            self._conductor.take_books(books)
            self.tell(f"验视规则已更新为 {books.rules.rulebook.rules.version}，从现在起按新规则办。")

    def _no_rules(self, error: CourierCheckError) -> None:
        """Said once, not each second: the installed checklists are lost, and a person must install them anew."""
        self.tell(self._wording.said(error), wrong=True)

    def _no_overview(self, error: CourierCheckError) -> None:
        """What was known before is no news, neither below nor on the sync page."""
        self._asked_overview, self._online = False, None
        self._frame.status.show_status(StatusShown(connection=self._wording.said(error).partition("。")[0]))
        if self._frame.sync is not None and self._overview is not None:
            self._frame.sync.standing(replace(self._overview, at_ms=self._clock.read().wall_ms, hindrance=error))

    def _failed(self, error: CourierCheckError) -> None:
        self.tell(self._wording.said(error), wrong=True)

    # The end ----------------------------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.first_painted.emit)

    def close_soon(self) -> None:
        """退出, as by the window's own button."""
        if not self._stays_open(self.close_soon, asked=True):
            self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """A person's close asks about parcels in hand; the program's own does not."""
        asked = event.spontaneous()
        if self._stays_open(self.close_soon if asked else self.close, asked=asked):
            event.ignore()
            return
        self._closing = True
        self._ahead.stop()
        event.accept()

    def _stays_open(self, again: Callable[[], object], *, asked: bool) -> bool:
        """A window closed in the middle of a save closes after it: what the clerk handed in is either recorded or still on screen. Parcels
        that are not recorded go with the window: that is said once."""
        if self._closing:
            return False
        if self.busy:
            self.tell("正在保存，保存完就关闭。")
            QTimer.singleShot(50, again)
            return True
        in_hand = self._conductor.in_hand if self._conductor is not None else 0
        now, before = time.monotonic(), self._warned_s
        if not asked or not in_hand or (before is not None and now - before <= MEANT_S):
            return False
        self._warned_s = now
        self.tell(f"还有 {in_hand} 件没有记录，再关一次就丢弃。", wrong=True)
        return True

    def end(self) -> bool:
        """End the workers. False if one did not end in time: a network call that hangs, with nothing to lose."""
        self._second.stop()
        if self._keyboard is not None:
            self._keyboard.stop()
        if self._pictures is not None:
            self._pictures.close()
        if self._reader is not None:
            self._reader.close()
        if self._guns is not None:
            self._guns.close()
        ended = [self._behind.close(CLOSE_S)] if self._behind is not None else []
        if self._labelling is not None:
            ended.append(self._labelling.close(CLOSE_S))
        ended.append(self.opening.close(CLOSE_S + 3))
        self._held_folder.close()
        return all(ended)
