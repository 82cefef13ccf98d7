"""The moment of an act, and what an act may have to be done outside. Only `Submit` is durable; everything else can be taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from courier_check.acceptance.tasks import Task
from courier_check.desk.acceptances import Submission
from courier_check.inspection.verdict import Verdict
from ui.counter.state import Books, CounterState


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """Read the identity document that lies under the camera. `noticed`: the same key said that the notice was shown."""

    noticed: bool = False


@dataclass(frozen=True, slots=True)
class ReadLabel:
    """Read the label under the camera; `expect`: only if it shows this number (a gun has read it already)."""

    expect: str | None = None


@dataclass(frozen=True, slots=True)
class TakeCredential:
    """Have the station verify a scanned 实名码 and use it up."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TakePhoto:
    """凭证照片 for a rule. `sealed`: of the sealed parcel; `insisted`: kept as it is, with what is wrong with it."""

    rule: str
    sealed: bool = False
    insisted: bool = False


@dataclass(frozen=True, slots=True)
class Submit:
    submission: Submission = field(repr=False)


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask the station once more."""


@dataclass(frozen=True, slots=True)
class NextSource:
    """证件来源: the next one."""


@dataclass(frozen=True, slots=True)
class PrintNotice:
    """告知单 as a PDF."""


@dataclass(frozen=True, slots=True)
class Dispose:
    """处置 of the refusal just recorded: its slip, saved or printed besides, or whom it was reported to."""

    seq: int
    key: str


class Keeping(StrEnum):
    """回头客: what the sender decides about a profile."""

    CONSENT = "consent"
    WITHDRAW = "withdraw"
    FORGET = "forget"


@dataclass(frozen=True, slots=True)
class KeepSender:
    keeping: Keeping


@dataclass(frozen=True, slots=True)
class TakeCopy:
    """翻拍 the document that lies under the camera, as a copy to be kept."""


PeopleEffect = PrintNotice | KeepSender | TakeCopy


@dataclass(frozen=True, slots=True)
class Fresh:
    """A new parcel: whoever acts draws the ids. `same_sender`: of the last sender; `hold`: the one in hand is put aside; `choose`: one of
    those put aside is chosen next; `late`: it is to be a late one (补录)."""

    same_sender: bool = False
    hold: bool = False
    choose: bool = False
    late: bool = False


Effect = ReadDocument | ReadLabel | TakeCredential | TakePhoto | Submit | LookUp | NextSource | Fresh | Dispose | PeopleEffect | None
Done = tuple[CounterState, Effect]


@dataclass(frozen=True, slots=True)
class Now:
    """The moment a key is pressed: the judged state, and the clock's reading for dwell times."""

    state: CounterState
    books: Books
    verdict: Verdict
    task: Task
    mono_ms: int

    @classmethod
    def of(cls, state: CounterState, books: Books, mono_ms: int) -> Now:
        verdict = state.verdict(books)
        return cls(state, books, verdict, state.task(books, verdict), mono_ms)
