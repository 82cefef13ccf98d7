"""Codes in view of the live camera, read while one is wanted. One that several frames agree on counts as a gun's scan does; which of
several it is, what was used before, and what is only told, is settled here. Nobody pulled a trigger: what merely lies there is never taken
a second time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from courier_check.acceptance.tasks import TaskKind
from courier_check.devices.live_codes import CodesSeen, Outline
from courier_check.errors import UserError
from courier_check.parcel.waybills import CodeKind, WaybillCheck, check_waybill
from ui.counter import goods, inputs, scans
from ui.counter.codes import CounterCode
from ui.counter.effects import Now
from ui.counter.sources import AtCounter
from ui.counter.state import CounterState, Panel

if TYPE_CHECKING:
    from ui.counter.conductor import Means

SETTLE_MS = 200
"""A number of digits only waits so long, two rounds of the reader's ways, for others to be read beside it: it may be a shop's own order
number. One with a carrier's letters counts at once."""
AGAIN_MS = 500
"""A code that was away for so long, on top of what its reader waits, was taken away: when it comes back it counts again."""
MARKED_MS = 1_500
"""How long the code that was taken is outlined in the picture."""
MOST_KEPT = 500
_LOOK_AGAIN_MS = 50


ReadLabelOf = Callable[[str, Callable[[tuple[str, ...]], None]], None]
"""Read the rest of the label that shows this number, and tell what other numbers its picture shows."""


class CodeWanted(Enum):
    """What a code in view would be good for now."""

    WAYBILL = auto()
    PIECE = auto()  # 一票多件: the next piece's waybill
    GOODS = auto()


def wanted_code(now: Now) -> CodeWanted | None:
    """None while nothing is asked that a label answers, and while a picture is being read: the camera does one thing at a time."""
    state = now.state
    if state.saving or state.reading:
        return None
    if state.continuing is not None:
        return CodeWanted.PIECE
    if state.panel is Panel.TASK and now.task.kind is TaskKind.WAYBILL:
        return CodeWanted.WAYBILL
    return CodeWanted.GOODS if goods.are_asked(now) else None


@dataclass(frozen=True, slots=True)
class InView:
    """A code in view, judged. `text`, `symbology`: as they were read."""

    check: WaybillCheck
    text: str
    symbology: str
    outline: Outline

    @property
    def number(self) -> str:
        return self.check.text


class _Kept:
    """Texts, the newest so many of them."""

    def __init__(self) -> None:
        self._texts: dict[str, None] = {}

    def __contains__(self, text: str) -> bool:
        return text in self._texts

    def add(self, text: str) -> None:
        self._texts.pop(text, None)
        self._texts[text] = None
        if len(self._texts) > MOST_KEPT:
            del self._texts[next(iter(self._texts))]

    def drop(self, text: str) -> None:
        self._texts.pop(text, None)


class _Remembered:
    """What was taken already. Numbers of parcels that are done with, put aside or given up are never taken from the picture again in this
    window: the label may lie there still when the next person comes. A code that was taken, or taken back, is left alone until it was
    away."""

    def __init__(self) -> None:
        self._done, self._handled = _Kept(), _Kept()
        self._since_ms: dict[str, int] = {}
        self._left_ms: dict[str, int] = {}

    def used_up(self, number: str) -> None:
        self._done.add(number)

    def handled(self, number: str) -> None:
        self._handled.add(number)

    def is_done(self, number: str) -> bool:
        return number in self._done

    def is_fresh(self, number: str) -> bool:
        return number not in self._done and number not in self._handled

    def look(self, numbers: Iterable[str], now_ms: int, *, live: bool) -> None:
        """What is in view now. Without a picture (`live` False) nothing was taken away."""
        here = set(numbers)
        for gone in self._since_ms.keys() - here:
            del self._since_ms[gone]
            if live:
                self._left_ms[gone] = now_ms
        if not live:
            self._left_ms.clear()
        for number in here:
            self._since_ms.setdefault(number, now_ms)
            left_ms = self._left_ms.pop(number, now_ms)
            if now_ms - left_ms >= AGAIN_MS:
                self._handled.drop(number)

    def look_away(self) -> None:
        """Nobody looks for a while: what lies there then may have lain there all the time."""
        self._since_ms.clear()
        self._left_ms.clear()

    def newest_ms(self, numbers: Iterable[str]) -> int:
        """Since when the last of these is in view."""
        return max((self._since_ms.get(number, 0) for number in numbers), default=0)


class CodesInView(QObject):
    """`taken`: a code counted. `caption` says what is in view, `outline` where the one is that was taken just now."""

    taken = Signal()

    def __init__(self, means: Means, counter: AtCounter, scan: Callable[[str], None], read_label: ReadLabelOf) -> None:
        """`scan`: as a gun would."""
        super().__init__()
        self._means, self._counter = means, counter
        self._scan, self._read_label = scan, read_label
        self._seen = CodesSeen()
        self._wanted: CodeWanted | None = None
        self._remembered = _Remembered()
        self._listed: frozenset[str] = frozenset()
        self._may_take: Callable[[], bool] = lambda: True
        self.caption = ""
        self.outline: Outline | tuple[()] = ()
        self._again = QTimer(self, singleShot=True, interval=_LOOK_AGAIN_MS)
        self._again.timeout.connect(self._consider)
        self._unmark = QTimer(self, singleShot=True, interval=MARKED_MS)
        self._unmark.timeout.connect(lambda: self._show(self.caption))
        means.pictures.seen.connect(self._look)

    def ask_before(self, may_take: Callable[[], bool]) -> None:
        """Where a code must not change what somebody is doing, `may_take` says so; it waits in view."""
        self._may_take = may_take

    # What has changed -------------------------------------------------------------------------------------------------------------------

    def follow(self, before: CounterState) -> None:
        """The counter's state has changed: a number that was in hand is used up with its parcel; codes are read while one is wanted."""
        now = self._counter.now()
        held, had = now.state.draft.waybill, before.draft.waybill
        if before.session.session_id != now.state.session.session_id:
            self._listed = frozenset()
            self._show("")
            if had is not None:
                self._remembered.used_up(had.text)
        if held is not None:
            self._remembered.handled(held.text)
        wanted = wanted_code(now)
        if wanted is self._wanted:
            return
        self._wanted = wanted
        self._means.pictures.watch_codes(wanted=wanted is not None)
        self._seen = CodesSeen()
        self._remembered.look_away()
        self._show(self.caption if held is not None and wanted in (None, CodeWanted.GOODS) else "", self.outline)

    def _look(self, seen: CodesSeen) -> None:
        self._seen = seen
        if self._wanted is not None:
            self._remembered.look((one.number for one in self._in_view()), self._means.mono_ms(), live=self._means.pictures.is_live)
            self._consider()

    def _show(self, caption: str, outline: Outline | tuple[()] = ()) -> None:
        if (caption, outline) != (self.caption, self.outline):
            self.caption, self.outline = caption, outline
            self._means.pictures.changed.emit()

    def _told(self, code: CounterCode, **facts: str | int) -> str:
        return self._means.wording.of(code.value, facts)

    # What is in view --------------------------------------------------------------------------------------------------------------------

    def _in_view(self) -> tuple[InView, ...]:
        """Each number once, whichever of its codes was read, as the outlet stands now."""
        books = self._counter.now().books
        found: dict[str, InView] = {}
        for code in self._seen.codes:
            check = check_waybill(books.rules.carriers, code.text, code.symbology, books.outlet_carriers)
            found.setdefault(check.text, InView(check, code.text, code.symbology, code.outline))
        return tuple(found.values())

    def _consider(self) -> None:
        """Take what counts, or say why not."""
        now = self._counter.now()
        if self._wanted is None or wanted_code(now) is not self._wanted:
            return  # a picture is being read, or the parcel is being saved
        if self._seen.told is not None:
            self._show(self._means.wording.said(self._seen.told))
            return
        codes = self._in_view()
        if not codes:
            self._show("")
        elif not self._may_take():
            self._again.start()
        elif self._wanted is CodeWanted.GOODS:
            self._goods(now, [one for one in codes if one.check.kind is CodeKind.GOODS and one.check.valid])
        else:
            self._numbers(now, [one for one in codes if one.check.kind is CodeKind.WAYBILL and one.check.valid is not False])

    # Waybills ---------------------------------------------------------------------------------------------------------------------------

    def _numbers(self, now: Now, numbers: list[InView]) -> None:
        held = now.state.draft.waybill  # of the piece before, where the next one is wanted
        open_ones = [one for one in numbers if not self._remembered.is_done(one.number) and (held is None or one.number != held.text)]
        fresh = [one for one in open_ones if self._remembered.is_fresh(one.number)]
        if not numbers:
            self._show(self._told(CounterCode.CAMERA_NO_NUMBER))
            return
        if not open_ones or (not fresh and len(open_ones) == 1):
            used = CounterCode.CAMERA_USED_PIECE if self._wanted is CodeWanted.PIECE else CounterCode.CAMERA_USED
            self._show(self._told(used, number=(open_ones or numbers)[0].number))
            return
        best = self._best(now, fresh) if len(fresh) == len(open_ones) else None
        if best is not None and best.number[0].isalpha():
            self._take(now, best, len(open_ones) - 1)
        elif self._means.mono_ms() - self._remembered.newest_ms(one.number for one in open_ones) < SETTLE_MS:
            self._again.start()
        elif best is not None:
            self._take(now, best, len(open_ones) - 1)
        else:
            self._list(now, open_ones)

    @staticmethod
    def _best(now: Now, numbers: list[InView]) -> InView | None:
        """The carrier's pattern chooses: a number of the outlet's carriers before any other, letters before digits, which overlap. None
        where that settles nothing."""
        ours = now.books.outlet_carriers
        ranks = [(one.check.carrier in ours, one.check.carrier is not None, one.number[0].isalpha()) for one in numbers]
        first = [one for one, rank in zip(numbers, ranks, strict=True) if rank == max(ranks)]
        return first[0] if len(first) == 1 else None

    def _take(self, now: Now, one: InView, others: int) -> None:
        before = now.state
        self._remembered.handled(one.number)
        if self._wanted is CodeWanted.PIECE:
            self._scan(one.number)
        else:
            self._counter.deliver(before.session.session_id, lambda now: inputs.scanned(now, one.text, one.symbology)[0])
        after = self._counter.now()
        if after.state.draft.waybill is None or after.state.draft.waybill.text != one.number:
            return  # what spoke against it was said
        self._count(one, self._told(CounterCode.CAMERA_TOOK, number=one.number))
        if before.session.session_id == after.state.session.session_id:
            self._read_label(one.number, lambda beside: self._beside(one.number, beside))
        if others:
            self._counter.say(UserError(CounterCode.CAMERA_TOOK_OF, number=one.number, count=others))
        if (other := scans.other_carrier(self._counter.now())) is not None:
            self._counter.say(other)

    def _beside(self, number: str, others: tuple[str, ...]) -> None:
        """The still of the label shows these as well, one of which may have been meant."""
        held = self._counter.now().state.draft.waybill
        count = sum(not self._remembered.is_done(one) for one in others)
        if count and held is not None and held.text == number:
            self._counter.say(UserError(CounterCode.CAMERA_TOOK_OF, number=number, count=count))

    def _count(self, one: InView, told: str) -> None:
        self._show(told, one.outline)
        self._unmark.start()
        self._counter.tell(told, False)
        self.taken.emit()

    def _list(self, now: Now, numbers: list[InView]) -> None:
        """画面里不止一个单号: listed once, by number keys; who closes the list has said that it is none of them."""
        these = frozenset(one.number for one in numbers)
        self._show(self._told(CounterCode.CAMERA_SEVERAL, count=len(numbers)))
        if these <= self._listed:
            return
        self._listed |= these
        if self._wanted is CodeWanted.PIECE:
            self._counter.say(UserError(CounterCode.CAMERA_SEVERAL, count=len(numbers)))
            return
        listed = tuple(one.check for one in numbers[:9])
        self._counter.become(now.state.opened(Panel.CODES, chosen="").beside(codes=listed))
        self._counter.say(UserError(CounterCode.SEVERAL_CODES, count=len(listed)))

    # Goods ------------------------------------------------------------------------------------------------------------------------------

    def _goods(self, now: Now, found: list[InView]) -> None:
        """A goods barcode for the item being declared. Another one than it has never takes its place by itself."""
        fresh = [one for one in found if self._remembered.is_fresh(one.number)]
        if not fresh:
            self._show(self._told(CounterCode.CAMERA_GOODS_USED, number=found[0].number) if found else "")
        elif len(fresh) > 1:
            self._show(self._told(CounterCode.CAMERA_GOODS_SEVERAL, count=len(fresh)))
        elif now.state.aside.item.gtin:
            self._show(self._told(CounterCode.CAMERA_GOODS_OTHER, number=fresh[0].number))
        else:
            self._take_goods(now, fresh[0])

    def _take_goods(self, now: Now, one: InView) -> None:
        self._remembered.handled(one.number)
        self._counter.deliver(now.state.session.session_id, lambda now: goods.scanned(now, one.text) or now.state)
        if self._counter.now().state.aside.item.gtin:
            self._count(one, self._told(CounterCode.CAMERA_GOODS, number=one.number))
