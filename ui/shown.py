"""The values components show, free of Qt, so that what a page says can be made and tested without a window."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Tone(StrEnum):
    """What a coloured surface says."""

    PLAIN = "plain"
    GO = "go"
    STOP = "stop"
    REFER = "refer"
    MUTED = "muted"


class Sign(StrEnum):
    """Marks beside facts and checks. Every one is told by shape and by colour."""

    DONE = "✓"
    STOP = "✖"
    DOUBT = "!"
    OPEN = "·"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of a card: name, value, a tag beside it, a mark at the end. `key`: shown large and bold."""

    name: str
    value: str
    tag: str = ""
    sign: Sign = Sign.NONE
    key: bool = False


class StepState(StrEnum):
    DONE = "done"
    NOW = "now"
    TO_COME = "to-come"


@dataclass(frozen=True, slots=True)
class StepShown:
    name: str
    key: str
    state: StepState


@dataclass(frozen=True, slots=True)
class VerdictShown:
    """`sign` and `words` say the same as `tone`: each alone suffices."""

    tone: Tone
    sign: str
    words: str
    reason: str


@dataclass(frozen=True, slots=True)
class CheckShown:
    sign: Sign
    text: str
    took: str = ""


@dataclass(frozen=True, slots=True)
class AnswerShown:
    """One answer to a question and its key; `tone` go marks the one safe next step, and only where there is one."""

    key: str
    text: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class PhotoThumb:
    """A photo as small as it is shown beside the parcel. `key` names it for good; `wanting`: kept in spite of what is wrong with it."""

    key: str
    words: str
    wanting: bool
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class QuestionShown:
    """`answers_first`: above the form; `answers_whole`: their words are wrapped where they are long, never cut."""

    question: str
    help: str = ""
    basis: str = ""
    answers: tuple[AnswerShown, ...] = ()
    tone: Tone = Tone.GO
    answers_first: bool = False
    answers_whole: bool = False


@dataclass(frozen=True, slots=True)
class LineShown:
    """A line of a list: done ones with a tick and their time, those to come grey."""

    sign: Sign
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class PageShown:
    """An entry of the rail: sign and two characters."""

    name: str
    sign: str
    words: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class StatusShown:
    """The status bar, always true. `online` None: not known yet."""

    online: bool | None = None
    connection: str = "正在打开"
    counts: tuple[tuple[str, str], ...] = ()
    lists: str = ""
    lists_tone: Tone = Tone.PLAIN
