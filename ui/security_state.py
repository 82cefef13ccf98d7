"""安检 as a stream of scans: one frozen value. How parcels are screened is chosen once; what the next scan is recorded as is chosen by a
key, never beforehand. 合格, once chosen, holds for the scans that follow; everything else holds for one parcel, and then nothing is chosen
again: whoever is tired scans the wrong parcel after it, and no pass may come of that. No Qt.

One check is under way at a time: what is scanned meanwhile waits, so that a parcel that stops the stream stops those behind it.

图像编号: the machine counts what passes it, this counts what is recorded. A scan that was not recorded lets them part; then the number of
the next one is asked, since a reference to another parcel's picture is worse than none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from courier_check.desk.security_checks import Means, Parcel, SecurityCheck
from courier_check.inspection.security import SecurityOutcome, SecurityRules

if TYPE_CHECKING:
    from courier_check.desk.security_checks import Checked

MOST_RECENT = 5
LONGEST_SHOWN = 40
_NUMBERED = re.compile(r"([A-Za-z0-9._:/-]*?)([0-9]{1,12})")
_PLAIN = re.compile(r"[A-Za-z0-9._:/-]{0,64}")


@dataclass(frozen=True, slots=True)
class Images:
    """图像编号: the machine counts its pictures, and so does this. `number` None: pictures are not named."""

    prefix: str = ""
    number: int | None = None
    digits: int = 0

    @classmethod
    def parse(cls, text: str) -> Images | None:
        """The number of the first picture, digits last; empty: none are named. None for anything else."""
        cleaned = text.strip()
        if not cleaned:
            return cls()
        found = _NUMBERED.fullmatch(cleaned) if _PLAIN.fullmatch(cleaned) else None
        return None if found is None else cls(found[1], int(found[2]), len(found[2]))

    @property
    def current(self) -> str | None:
        """What the next picture is called."""
        return None if self.number is None else f"{self.prefix}{self.number:0{self.digits}d}"

    @property
    def is_named(self) -> bool:
        return self.number is not None

    def after(self) -> Images:
        """With one picture more."""
        return self if self.number is None else replace(self, number=self.number + 1)


@dataclass(frozen=True, slots=True, repr=False)
class Piece:
    """One scan with what it is to be recorded as. `again`: it has no picture of its own that is to be counted, since a piece of before is
    judged anew, or is recorded only now."""

    scan: str
    outcome: SecurityOutcome
    again: bool = False
    image: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Done:
    """A piece that was recorded."""

    piece: Piece
    checked: Checked


@dataclass(frozen=True, slots=True)
class Stop:
    """Why nothing goes on before Enter: `words` large, with the parcel they are about."""

    words: str
    why: str
    number: str
    of: tuple[str, int] | None = None
    """The acceptance that may be intercepted at once."""


@dataclass(frozen=True, slots=True)
class SecurityState:
    """`rules` None: not read yet, or `said` why not. `method`: how parcels are screened, empty while nobody chose; `running`: the stream
    has begun. `elsewhere`: parcels of other outlets don't stop it. `mark`: what the next scan is, None while no key has said so;
    `last_again`: the last one is judged anew. `stopped`: nothing goes on before Enter. `counts`: by outcome, since the sign-in.

    `missed`: why the last scan was not taken, empty where it was. `unrecorded`: what was scanned and not recorded since pictures are
    counted; as long as there are any, the number of each next picture is to be `confirmed`. `asked`: a parcel that was scanned before,
    with pictures: nothing is known of it until somebody says whether it passed the machine once more. `left`: what was scanned and not
    recorded, to be scanned again. `aside`: what was not recorded while parcels behind it were: its picture has a number of before."""

    rules: SecurityRules | None = None
    method: str = ""
    images: Images = Images()
    elsewhere: bool = False
    running: bool = False
    mark: SecurityOutcome | None = None
    last_again: bool = False
    busy: Piece | None = None
    waiting: tuple[Piece, ...] = ()
    recent: tuple[Done, ...] = ()
    counts: tuple[tuple[SecurityOutcome, int], ...] = tuple((outcome, 0) for outcome in SecurityOutcome)
    repeats: int = 0
    stopped: Stop | None = None
    said: str = ""
    missed: str = ""
    unrecorded: tuple[str, ...] = ()
    confirmed: bool = False
    asked: Piece | None = None
    left: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()

    @property
    def means(self) -> Means:
        return Means(methods=(self.method,))

    @property
    def last(self) -> Done | None:
        return self.recent[0] if self.recent else None

    @property
    def unsure(self) -> bool:
        """Whether the number of the next picture is to be confirmed before the next scan."""
        return self.images.is_named and bool(self.unrecorded) and not self.confirmed

    @property
    def is_aside(self) -> bool:
        """Whether the parcel in question was not recorded before, while others behind it were."""
        return self.asked is not None and self.asked.scan in self.aside and self._done(self.asked.scan) is None

    @property
    def settled(self) -> bool:
        """Whether everything that was taken is recorded."""
        return self.busy is None and not self.waiting

    # Before the stream --------------------------------------------------------------------------------------------------------------------

    def chosen(self, number: int) -> SecurityState:
        """The method of that number."""
        methods = self.rules.methods if self.rules is not None else ()
        return replace(self, method=methods[number - 1].id, said="") if 1 <= number <= len(methods) else self

    def begun(self, image: str) -> SecurityState:
        """Begin, if it is said how."""
        images = Images.parse(image)
        if not self.method:
            return replace(self, said="先按数字选安检方法。")
        if images is None:
            return replace(self, said="图像编号以数字结尾，前面可以有字母、数字和 . _ : / -；不登记图像的留空。")
        unrecorded = self.unrecorded if images.is_named else ()
        return replace(self._unmarked(), running=True, images=images, unrecorded=unrecorded, confirmed=True)

    def ended(self) -> SecurityState:
        """Back to how parcels are screened. Whoever begins again says which picture is the first."""
        return replace(self._unmarked(), running=False, unrecorded=(), left=(), aside=())

    def looked_away(self) -> SecurityState:
        """Another page was in front: whoever comes back says anew what the next scan is."""
        return replace(self, mark=None, last_again=False)

    def _unmarked(self) -> SecurityState:
        return replace(self, mark=None, last_again=False, said="", missed="", asked=None)

    # The stream ---------------------------------------------------------------------------------------------------------------------------

    def marked(self, outcome: SecurityOutcome) -> SecurityState:
        """The next scan is this; or the last piece, where it is judged anew."""
        last = self.last
        if not self.last_again or last is None:
            return replace(self, mark=outcome, said="", missed="")
        piece = Piece(last.piece.scan, outcome, again=True, image=last.piece.image)
        return self._unmarked()._taken(piece)

    def about_last(self) -> SecurityState:
        """改判上一件: the next key is about the last piece; again, and it is about the next one."""
        if self.last is None:
            return replace(self, said="还没有上一件。")
        if self.asked is not None or self.unsure:
            return replace(self, said="先答下面这一问，再改上一件。")
        return replace(self._unmarked(), last_again=not self.last_again)

    def scanned(self, text: str) -> SecurityState:
        """One more parcel. Nothing is taken while the stream stands, while something is asked, and before a key has said what it is."""
        if not self.running:
            return replace(self, said="还没有开始：先选安检方法，按 Enter 开始，再扫。")
        why = self._why_not()
        mark = self.mark
        if why or mark is None:
            return replace(self, missed=why or _UNMARKED, last_again=False, said="")._leaving(text)._parted(text)
        piece = Piece(text, mark)
        state = replace(self._unmarked(), mark=mark if mark is SecurityOutcome.PASS else None)
        confirmed = text in self.unrecorded  # this very picture has been looked at, or the scan would not be taken
        if self.images.is_named and (self._knows(text) or (text in self.aside and not confirmed)):
            return replace(state, asked=piece)
        return state._taken(piece)

    def _why_not(self) -> str:
        if self.stopped:
            return "这一件没有记：先按 Enter 继续，再扫一次。"
        if self.asked is not None:
            return "这一件没有记：先答上一件有没有重新过机，再扫一次。"
        return _UNCONFIRMED if self.unsure else ""

    def _knows(self, text: str) -> bool:
        """Whether this parcel was scanned a moment ago."""
        under_way = {piece.scan for piece in (*self.waiting, self.busy) if piece is not None}
        return text in under_way or self._done(text) is not None

    def _done(self, text: str) -> Done | None:
        return next((done for done in self.recent if text in (done.piece.scan, done.checked.waybill)), None)

    def _taken(self, piece: Piece) -> SecurityState:
        state = replace(self, waiting=(*self.waiting, piece))
        if piece.again or not self.unrecorded:
            return state
        left = [text for text in self.unrecorded if text != piece.scan]
        if len(left) < len(self.unrecorded):
            return replace(state, unrecorded=tuple(left), confirmed=False)
        aside = dict.fromkeys((*self.aside, left[0]))
        return replace(state, unrecorded=tuple(left[1:]), aside=tuple(aside)[-_MOST_LEFT:], confirmed=False)

    def _leaving(self, *scans: str) -> SecurityState:
        """These are to be scanned again. One that is under way already is not."""
        under_way = {piece.scan for piece in (*self.waiting, self.busy, self.asked) if piece is not None}
        left = dict.fromkeys((*self.left, *(scan for scan in scans if scan not in under_way)))
        return replace(self, left=tuple(left)[-_MOST_LEFT:])

    def _without(self, *scans: str) -> SecurityState:
        left, aside = (tuple(scan for scan in kept if scan not in scans) for kept in (self.left, self.aside))
        return replace(self, left=left, aside=aside)

    def _parted(self, *scans: str) -> SecurityState:
        """These were not recorded, and whether the machine has counted them nobody here knows."""
        if not self.images.is_named or not scans:
            return self
        return replace(self, unrecorded=tuple(dict.fromkeys((*self.unrecorded, *scans)))[-_MOST_UNRECORDED:], confirmed=False)

    def without_picture(self) -> SecurityState:
        """没有多照: the parcel in question did not pass the machine again; or, the number of the next picture is right as it is."""
        piece = self.asked
        if not self.settled:
            return replace(self, said=_UNDER_WAY)
        if piece is None:
            return replace(self, confirmed=True, said="", missed="") if self.unsure else self
        # The number that was confirmed is of another parcel's picture, then.
        state, done = replace(self, asked=None, said="", missed="", confirmed=False), self._done(piece.scan)
        if self.is_aside:  # it has a picture, whose number nobody here knows any more
            return state._taken(replace(piece, again=True))
        if done is None:
            return replace(state, missed="这一件没有记，请再扫一次。")._leaving(piece.scan)._parted(piece.scan)
        if done.checked.outcome is piece.outcome:
            return replace(state, repeats=self.repeats + 1)
        return state._taken(replace(piece, again=True, image=done.piece.image))

    def with_picture(self) -> SecurityState:
        """多照了一张: the parcel in question passed the machine again; or, the machine is one ahead."""
        if not self.settled:
            return replace(self, said=_UNDER_WAY)
        if self.asked is not None and self.unsure:  # others passed the machine while this was asked
            return replace(self, asked=None, said="", missed=_UNCONFIRMED)._leaving(self.asked.scan)._parted(self.asked.scan)
        if self.asked is not None:
            return replace(self, asked=None, said="", missed="")._taken(self.asked)
        return replace(self, images=self.images.after(), confirmed=True, said="", missed="") if self.unsure else self

    def other_picture(self) -> SecurityState:
        """填编号: back to the field of the number, to begin again with another one."""
        if not self.settled or not self.unsure or self.asked is not None:
            return self
        return replace(self.ended(), unrecorded=self.unrecorded, left=self.left, aside=self.aside)

    def next_piece(self) -> SecurityState:
        """The piece whose turn it is, with its picture; the same state where there is none or one is under way."""
        if self.busy is not None or not self.waiting:
            return self
        piece = self.waiting[0]
        piece = piece if piece.again else replace(piece, image=self.images.current)
        return replace(self, busy=piece, waiting=self.waiting[1:])

    def check(self, piece: Piece) -> SecurityCheck:
        return SecurityCheck(piece.scan, piece.outcome, self.means, piece.image)

    def recorded(self, checked: Checked) -> SecurityState:
        """The check is in the journal, or was there already. What has to be looked into stops the stream."""
        piece = self.busy
        assert piece is not None  # noqa: S101 - an answer is of a question
        images = self.images if piece.again else self.images.after()
        state = replace(self, busy=None, images=images)._without(piece.scan, checked.waybill)
        if checked.repeated:  # the very check, picture and all: that picture is this parcel's, also where it was told before this began
            recent = self.recent if self._done(piece.scan) else (Done(piece, checked), *self.recent)[:MOST_RECENT]
            return replace(state, repeats=self.repeats + 1, recent=recent)
        counts = tuple((outcome, count + (outcome is checked.outcome)) for outcome, count in self.counts)
        recent = (Done(piece, checked), *self.recent)[:MOST_RECENT]
        state = replace(state, counts=counts, recent=recent)
        words, why = self._why(checked)
        stoppable = checked.parcel is Parcel.ACCEPTED  # the others have gone back, or are intercepted already
        return state._stopping(words, why, checked.waybill, checked.of if stoppable else None) if why else state

    def failed(self, sentence: str) -> SecurityState:
        """Nothing was written, and why."""
        piece = self.busy
        state = replace(self, busy=None)
        if piece is None:
            return state._stopping("没有记", sentence, "")
        state = state._without(piece.scan)  # it is told by itself
        state = state if piece.again else state._parted(piece.scan)
        return state._stopping("没有记", sentence, piece.scan[:LONGEST_SHOWN])

    def going_on(self) -> SecurityState:
        """Somebody has read why it stopped."""
        return replace(self, stopped=None, said="", missed="")

    def _stopping(self, words: str, why: str, number: str, of: tuple[str, int] | None = None) -> SecurityState:
        dropped = self.undone
        behind = f"后面扫的 {len(dropped)} 件没有记，请按原来的顺序重扫。" if dropped else ""
        stop = Stop(words, f"{why}{behind}", number, of)
        state = replace(self._unmarked(), stopped=stop, waiting=())._leaving(*(piece.scan for piece in dropped if not piece.again))
        return state._parted(*(piece.scan for piece in dropped if not piece.again))

    @property
    def undone(self) -> tuple[Piece, ...]:
        """What was scanned and waits to be recorded."""
        return (*self.waiting, *((self.asked,) if self.asked is not None else ()))

    def _why(self, checked: Checked) -> tuple[str, str]:
        if checked.outcome is SecurityOutcome.FAIL:
            return "不合格", "停止分拣、运输、投递；看护并报告，不得退还，也不得自行没收。"
        quiet = checked.parcel is Parcel.ACCEPTED or (checked.parcel is Parcel.ELSEWHERE and self.elsewhere)
        return ("", "") if quiet else _TOLD[checked.parcel]


_UNMARKED = "这一件没有记：先按 1 合格、2 不合格或 3 待复检，再扫一次。"
_UNCONFIRMED = "这一件没有记：先核对下一张图像的编号，再扫一次。"
_UNDER_WAY = "前面的还在记，请再按一次。"
_MOST_UNRECORDED, _MOST_LEFT = 20, 99
_TOLD = {
    Parcel.WITHDRAWN: ("已撤件", "应当已退还寄件人。安检已记下，请把件拿出来查。"),
    Parcel.REFUSED: ("本台拒收过", "不应在这里。安检已记下，请把件拿出来查。"),
    Parcel.REFERRED: ("还在复核", "没有收寄。安检已记下，请把件拿出来查。"),
    Parcel.INTERCEPTED: ("已拦截", "停止分拣、运输、投递，不得交出。安检已记下；主管解除拦截以后才能放行。"),
    Parcel.ELSEWHERE: ("本台没有收寄", "安检已按运单号记下，请核对是不是别的网点的件。"),
}
