"""键盘: every key of the program comes through here once, before any widget sees it. Scans go to the listener, keys to it or to the widget.

Keys are taken at the QWindow, where each arrives exactly once, whichever dialog is open; widgets see it later and perhaps several times, on
its way up to their parents. There is no QShortcut in the program: F-keys are dispatched here and nowhere else. Scans of serial guns come
through here too (`take`), so that they find their place among the keys and the same code counts once whichever gun it came from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, assert_never

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QKeyEvent, QMouseEvent, QWindow

from courier_check.devices.scans import LineScan, Repeats
from ui.key_names import (
    LINE_END_COMBINATIONS,
    MOVES,
    SILENT,
    STX,
    TERMINATORS,
    KeyPress,
    framing_character,
    identity,
    is_combination,
    is_wide,
    key_name,
    types,
)
from ui.stamps import Stamps
from ui.wedge import (
    DEFAULT_GAP_MS,
    Action,
    Checkpoint,
    Composition,
    Delivery,
    Drop,
    Garbled,
    Hold,
    Oversized,
    Pass,
    Replay,
    Restore,
    Scanned,
    Stroke,
    Unreadable,
    Wedge,
    passed,
)

__all__ = ["KeyPress", "Keyboard", "Listener", "key_name"]

_ON_TIME_MS: Final = 8  # a timer later than this tells of a stall, with keys waiting behind it
_MOST_DELAYS: Final = 3


class Listener(Protocol):
    """What the window does with keys and scans. Dialogs open with `open()`: a nested event loop would hold up waiting keys."""

    def takes_text(self) -> bool:
        """Whether the focus widget takes typed text."""

    def can_restore(self) -> bool:
        """Whether what a printable key does here can be undone. Where it can't, the key waits until it is certain to be no scan's first."""

    def checkpoint(self) -> object:
        """The state before a key that may turn out to be the first of a scan."""

    def restore(self, checkpoint: object) -> None:
        """Undo what that key did."""

    def scanned(self, text: str, *, repeated: bool) -> None:
        """A scan, cleaned, wherever the focus is. `repeated`: the same one again within 300 ms, not to be counted."""

    def oversized(self, characters: int) -> None:
        """A scan longer than any code; nothing of it is delivered."""

    def unreadable(self, characters: int) -> None:
        """A scan too short for any code; nothing of it is delivered."""

    def ime_scan(self) -> None:
        """A scan went into an input method; the person switches to English and scans again. May come twice for one scan."""

    def pressed(self, key: KeyPress) -> bool:
        """A command key, or any key where the focus takes no text. True: used; False: it goes on to the focus widget."""


@dataclass(slots=True)
class _Kept:
    """A key that waits: where it was pressed, and the release if that has come meanwhile."""

    key: int
    window: QWindow
    focus: QObject | None
    press: QKeyEvent
    release: QKeyEvent | None = None


@dataclass(frozen=True, slots=True)
class _Committed:
    """A full-width character that an input method has committed, and waits: what for, and for which widget."""

    text: str
    focus: QObject


class Keyboard(QObject):
    """The application's one key filter. `clock`: monotonic milliseconds, for events without a time stamp and for the pauses."""

    def __init__(self, application: QGuiApplication, listener: Listener, *, clock: Callable[[], int], gap_ms: int = DEFAULT_GAP_MS) -> None:
        super().__init__(application)
        self._application = application
        self._listener = listener
        self._clock = clock
        self._wedge = Wedge(gap_ms)
        self._composition = Composition(gap_ms)
        self._composed_ms: int | None = None
        self._checkpoint: object = None
        self._serial = 0
        self._kept: dict[int, _Kept | _Committed] = {}
        self._unreleased: dict[int, int] = {}  # key → serial of the kept press that waits for its release
        self._spent: set[int] = set()  # keys whose press no widget saw: none sees the release or the auto-repeat
        self._own = self._composing = False
        self._stamps, self._repeats = Stamps(), Repeats()
        self._line_scans: list[LineScan] = []
        self._stamp_ms = self._arrived_ms = clock()
        self._due_ms = self._delays = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._pause_over)
        application.installEventFilter(self)

    @property
    def gap_ms(self) -> int:
        return self._wedge.gap_ms

    @property
    def waits(self) -> bool:
        """Whether keys are held back until it is known whether a person or a scanner struck them."""
        return self._wedge.waiting

    def set_gap_ms(self, gap_ms: int) -> None:
        """Another scanner: longest time between two of its keys. What waits acts first."""
        wedge, composition = Wedge(gap_ms), Composition(gap_ms)
        self._perform(self._wedge.end())
        self._wedge, self._composition = wedge, composition

    def stop(self) -> None:
        """Take the filter out; what waits acts first."""
        self._perform(self._wedge.end())
        self._timer.stop()
        self._application.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            return isinstance(watched, QWindow) and self._key(watched, event)
        if isinstance(event, QInputMethodEvent):
            return self._composed(watched, event)
        if isinstance(event, QMouseEvent) and isinstance(watched, QWindow) and event.type() == QEvent.Type.MouseButtonPress:
            self._perform(self._wedge.release())
        return False

    def _key(self, window: QWindow, event: QKeyEvent) -> bool:
        if self._own:
            # One of our own replays, on its way to the widget. Only this one event: a dialog it opens sends keys of its own.
            self._own = False
            return False
        kind = event.type()
        if kind == QEvent.Type.KeyPress:
            return self._pressed(window, event)
        return kind == QEvent.Type.KeyRelease and self._released(event)

    def _pressed(self, window: QWindow, event: QKeyEvent) -> bool:
        self._arrived_ms = self._clock()
        self._stamp_ms = event.timestamp() or self._arrived_ms
        self._stamps.seen(self._stamp_ms, self._arrived_ms)
        key = identity(event)
        if event.isAutoRepeat():
            return self._repeated(event, key)
        self._spent.discard(key)
        self._unreleased.pop(key, None)
        if event.key() in SILENT:
            return False
        self._serial += 1
        actions = self._judged(event)
        last = actions[-1]
        if isinstance(last, Hold):
            self._kept[self._serial] = _Kept(key, window, QGuiApplication.focusObject(), QKeyEvent(event))
            self._unreleased[key] = self._serial
        self._perform(actions)
        if not isinstance(last, Pass):
            if not isinstance(last, Hold):
                self._spent.add(key)
            return True
        used = self._offered(event)
        if used:
            self._spent.add(key)
        return used

    def _judged(self, event: QKeyEvent) -> tuple[Action, ...]:
        """What the wedge makes of a key: a character, a terminator, or another key."""
        key, at, serial = event.key(), self._stamp_ms, self._serial
        combined = is_combination(event.modifiers().value)
        if key in TERMINATORS and not combined:
            return self._wedge.terminator(Stroke(at, "", serial))
        text = event.text()
        if combined or not types(text):
            # Scanners send control characters as combinations: GS as Ctrl+], line ends as Ctrl+J and Ctrl+M. Amid a burst they belong to
            # it, or an EOT would be the command Ctrl+D. STX comes before the burst: Ctrl+B waits until it is known whose it is.
            amid, framing = self._wedge.is_amid(at), framing_character(event)
            if framing and (amid or framing == STX):
                return self._wedge.character(Stroke(at, framing, serial), typing=True)
            if combined and amid and key in LINE_END_COMBINATIONS:
                return self._wedge.terminator(Stroke(at, "", serial))
            return self._wedge.other(Stroke(at, "", serial))
        garbled = self._composed_ms is not None and self._arrived_ms - self._composed_ms <= self.gap_ms
        return self._wedge.character(Stroke(at, text, serial, garbled), typing=self._must_wait())

    def _must_wait(self) -> bool:
        """A character that can't be taken back, once typed or answered."""
        return self._listener.takes_text() or not self._listener.can_restore()

    def _repeated(self, event: QKeyEvent, key: int) -> bool:
        """A key held down answers once: only moving goes on for as long as it is held."""
        self._perform(self._wedge.tick(self._stamp_ms))
        if key_name(event) in MOVES:
            return self._offered(event)
        return key in self._spent

    def _released(self, event: QKeyEvent) -> bool:
        key = identity(event)
        if event.isAutoRepeat():
            return key in self._spent or key in self._unreleased
        serial = self._unreleased.pop(key, None)
        kept = self._kept.get(serial) if serial is not None else None
        if isinstance(kept, _Kept):
            kept.release = QKeyEvent(event)
            return True
        if key in self._spent:
            self._spent.discard(key)
            return True
        return False

    def _composed(self, watched: QObject, event: QInputMethodEvent) -> bool:
        if self._own:
            self._own = False
            return False
        preedit, commit = event.preeditString(), event.commitString()
        if is_wide(commit) and not (preedit or self._composing or event.replacementLength()):
            self._committed(watched, commit)
            return True
        self._composing = bool(preedit)
        if preedit or commit:
            self._perform(self._wedge.release())
            self._composed_ms = self._clock()
        if self._composition.preedit(preedit, self._clock()):
            self._listener.ime_scan()
        return False

    def _committed(self, focus: QObject, text: str) -> None:
        """An input method in full width makes of each key a character of its own, from a scanner too. Such events have no stamp."""
        self._arrived_ms = self._clock()
        self._stamp_ms = self._stamps.stamp(self._arrived_ms)
        self._serial += 1
        actions = self._wedge.character(Stroke(self._stamp_ms, text, self._serial), typing=True)
        if isinstance(actions[-1], Hold):
            self._kept[self._serial] = _Committed(text, focus)
        self._perform(actions)

    def _offered(self, event: QKeyEvent) -> bool:
        name = key_name(event)
        if not name:
            return False
        key = KeyPress(name)
        return (key.is_command or not self._listener.takes_text()) and self._listener.pressed(key)

    def _perform(self, actions: tuple[Action, ...]) -> None:
        # The timer first: an action may open a dialog and come back late.
        self._arm()
        for action in actions:
            match action:
                case Checkpoint():
                    self._checkpoint = self._listener.checkpoint()
                case Restore():
                    checkpoint, self._checkpoint = self._checkpoint, None
                    self._listener.restore(checkpoint)
                case Replay(strokes):
                    for stroke in strokes:
                        self._replay(stroke.serial)
                case Drop(strokes):
                    for stroke in strokes:
                        if stroke.serial in self._kept:
                            self._forget(stroke.serial)
                case Pass() | Hold():
                    pass  # the key just pressed, which the caller has in hand
                case delivery:
                    self._deliver(delivery)
        self._deliver_line_scans()

    def take(self, scan: LineScan) -> None:
        """A serial gun's scan, on its way to the listener. While keys wait it does too: what was typed before it acts before it, and what a
        keyboard gun is sending is not cut in two."""
        self._line_scans.append(scan)
        self._deliver_line_scans()

    def _deliver_line_scans(self) -> None:
        while self._line_scans and not self._wedge.waiting:
            scan = self._line_scans.pop(0)
            self._listener.scanned(scan.text, repeated=self._repeats.is_repeat(scan.text, scan.began_ms, scan.ended_ms))

    def _deliver(self, delivery: Delivery) -> None:
        match delivery:
            case Scanned(text, began_ms, ended_ms):
                ended = self._stamps.on_clock(ended_ms)
                self._listener.scanned(text, repeated=self._repeats.is_repeat(text, ended - passed(began_ms, ended_ms), ended))
            case Oversized(characters):
                self._listener.oversized(characters)
            case Unreadable(characters):
                self._listener.unreadable(characters)
            case Garbled():
                self._listener.ime_scan()
            case _ as never:
                assert_never(never)

    def _take(self, serial: int) -> _Kept | _Committed:
        kept = self._kept.pop(serial)
        if isinstance(kept, _Kept) and self._unreleased.get(kept.key) == serial:
            del self._unreleased[kept.key]
        return kept

    def _forget(self, serial: int) -> None:
        kept = self._take(serial)
        if isinstance(kept, _Kept) and kept.release is None:
            self._spent.add(kept.key)

    def _replay(self, serial: int) -> None:
        kept = self._take(serial)
        if isinstance(kept, _Committed):
            self._commit(kept)
            return
        if self._offered(kept.press):
            if kept.release is None:
                self._spent.add(kept.key)
            return
        self._send(kept, kept.press)
        if kept.release is not None:
            self._send(kept, kept.release)

    def _commit(self, kept: _Committed) -> None:
        if not shiboken6.isValid(kept.focus):
            return
        event = QInputMethodEvent()
        event.setCommitString(kept.text)
        self._own = True
        QCoreApplication.sendEvent(kept.focus, event)
        self._own = False

    def _send(self, kept: _Kept, event: QKeyEvent) -> None:
        """To the window the key was pressed in. If a modal dialog has come up since, Qt lets nothing through to that window: then straight
        to the widget, so that the text lands in the field it was typed in."""
        modal = QGuiApplication.modalWindow()
        if shiboken6.isValid(kept.window) and (modal is None or modal is kept.window):
            self._own = True
            QCoreApplication.sendEvent(kept.window, event)
            self._own = False
        elif kept.focus is not None and shiboken6.isValid(kept.focus):
            QCoreApplication.sendEvent(kept.focus, event)

    def _arm(self) -> None:
        """Wake up when the pause after the last key is over."""
        if not self._wedge.waiting:
            self._timer.stop()
            return
        now = self._clock()
        rest = max(1, self._wedge.pause_ms - (now - self._arrived_ms))
        self._delays = 0
        self._due_ms = now + rest
        self._timer.start(rest)

    def _pause_over(self) -> None:
        now = self._clock()
        if now - self._due_ms > _ON_TIME_MS and self._delays < _MOST_DELAYS:
            # The window stalled: keys of the burst may be waiting behind this timer, and would come too late if the run were closed now.
            self._delays += 1
            self._due_ms = now + _ON_TIME_MS
            self._timer.start(_ON_TIME_MS)
            return
        # Counted from the arrival of the last key, so that a late arrival only lengthens the pause.
        self._perform(self._wedge.tick(self._stamp_ms + now - self._arrived_ms))
