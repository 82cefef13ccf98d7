"""安检 as a stream of scans: one frozen value. How parcels are screened is chosen once, then every scan is one parcel that passed, unless a
key has marked it before. No Qt.

One check is under way at a time: what is scanned meanwhile waits, so that a parcel that stops the stream stops those behind it.
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
_LONGEST_SHOWN = 40
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

    def after(self) -> Images:
        return self if self.number is None else replace(self, number=self.number + 1)


@dataclass(frozen=True, slots=True, repr=False)
class Piece:
    """One scan with what it is to be recorded as. `again`: the piece before is judged anew, and has no picture of its own."""

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
    has begun. `elsewhere`: parcels of other outlets don't stop it. `mark`: what the next scan is, `last_again`: the last one is judged
    anew. `stopped`: nothing goes on before Enter. `counts`: by outcome, since the sign-in."""

    rules: SecurityRules | None = None
    method: str = ""
    images: Images = Images()
    elsewhere: bool = False
    running: bool = False
    mark: SecurityOutcome = SecurityOutcome.PASS
    last_again: bool = False
    busy: Piece | None = None
    waiting: tuple[Piece, ...] = ()
    recent: tuple[Done, ...] = ()
    counts: tuple[tuple[SecurityOutcome, int], ...] = tuple((outcome, 0) for outcome in SecurityOutcome)
    repeats: int = 0
    stopped: Stop | None = None
    said: str = ""

    @property
    def means(self) -> Means:
        return Means(methods=(self.method,))

    @property
    def last(self) -> Done | None:
        return self.recent[0] if self.recent else None

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
        return replace(self, running=True, images=images, said="", mark=SecurityOutcome.PASS, last_again=False)

    def ended(self) -> SecurityState:
        """Back to how parcels are screened."""
        return replace(self, running=False, mark=SecurityOutcome.PASS, last_again=False, said="")

    # The stream ---------------------------------------------------------------------------------------------------------------------------

    def marked(self, outcome: SecurityOutcome) -> SecurityState:
        """The next scan is this; or the last piece, where it is judged anew."""
        last = self.last
        if not self.last_again or last is None:
            return replace(self, mark=outcome, said="")
        piece = Piece(last.piece.scan, outcome, again=True, image=last.piece.image)
        return replace(self, last_again=False, said="")._taken(piece)

    def about_last(self) -> SecurityState:
        """改判上一件: the next key is about the last piece; again, and it is about the next one."""
        if self.last is None:
            return replace(self, said="还没有上一件。")
        return replace(self, last_again=not self.last_again, mark=SecurityOutcome.PASS, said="")

    def scanned(self, text: str) -> SecurityState:
        """One more parcel. Nothing is taken while the stream stands."""
        if not self.running:
            return replace(self, said="还没有开始：先选安检方法，按 Enter 开始，再扫。")
        if self.stopped:
            return replace(self, said="这一件没有记：先按 Enter 继续，再扫一次。")
        return replace(self, mark=SecurityOutcome.PASS, last_again=False, said="")._taken(Piece(text, self.mark))

    def _taken(self, piece: Piece) -> SecurityState:
        return replace(self, waiting=(*self.waiting, piece))

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
        state = replace(self, busy=None)
        if checked.repeated:
            return replace(state, repeats=self.repeats + 1)
        counts = tuple((outcome, count + (outcome is checked.outcome)) for outcome, count in self.counts)
        images = self.images if piece.again else self.images.after()
        recent = (Done(piece, checked), *self.recent)[:MOST_RECENT]
        state = replace(state, counts=counts, images=images, recent=recent)
        words, why = self._why(checked)
        stoppable = checked.parcel in (Parcel.ACCEPTED, Parcel.INTERCEPTED)
        return state._stopping(words, why, checked.waybill, checked.of if stoppable else None) if why else state

    def failed(self, sentence: str) -> SecurityState:
        """Nothing was written, and why."""
        scan = self.busy.scan if self.busy is not None else ""
        return replace(self, busy=None)._stopping("没有记", sentence, scan[:_LONGEST_SHOWN])

    def going_on(self) -> SecurityState:
        """Somebody has read why it stopped."""
        return replace(self, stopped=None, said="")

    def _stopping(self, words: str, why: str, number: str, of: tuple[str, int] | None = None) -> SecurityState:
        behind = f"后面扫的 {len(self.waiting)} 件没有记，请重扫。" if self.waiting else ""
        stop = Stop(words, f"{why}{behind}", number, of)
        return replace(self, stopped=stop, waiting=(), mark=SecurityOutcome.PASS, last_again=False)

    def _why(self, checked: Checked) -> tuple[str, str]:
        if checked.outcome is SecurityOutcome.FAIL:
            return "不合格", "停止分拣、运输、投递；看护并报告，不得退还，也不得自行没收。"
        quiet = checked.parcel is Parcel.ACCEPTED or (checked.parcel is Parcel.ELSEWHERE and self.elsewhere)
        return ("", "") if quiet else _TOLD[checked.parcel]


_TOLD = {
    Parcel.WITHDRAWN: ("已撤件", "应当已退还寄件人。安检已记下，请把件拿出来查。"),
    Parcel.REFUSED: ("本台拒收过", "不应在这里。安检已记下，请把件拿出来查。"),
    Parcel.REFERRED: ("还在复核", "没有收寄。安检已记下，请把件拿出来查。"),
    Parcel.INTERCEPTED: ("已拦截", "停止分拣、运输、投递，不得交出。安检已记下；主管解除拦截以后才能放行。"),
    Parcel.ELSEWHERE: ("本台没有收寄", "安检已按运单号记下，请核对是不是别的网点的件。"),
}
