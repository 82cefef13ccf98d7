"""证件的来源: what the identity panel says of sources, fields and the reader, and how a reading joins the parcel in hand. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from courier_check.acceptance import Draft, Session
from courier_check.acceptance.tasks import TaskKind
from courier_check.errors import UserError
from courier_check.identity.comparison import Combined, combine
from courier_check.identity.documents import IdentityDocument, Source
from courier_check.identity.numbers import normalise_number
from courier_check.identity.policy import needs_document
from courier_check.identity.readings import Doubt, Field, FieldDoubt, SourceReading
from courier_check.parcel.waybills import CodeKind, check_waybill
from ui.counter import scans
from ui.counter.acts import wants_other_document
from ui.counter.codes import CounterCode
from ui.counter.effects import Now
from ui.counter.people import notice_due
from ui.counter.scans import ScanKind
from ui.counter.state import Books, CounterState, Panel, as_one_step
from ui.shown import Fact, LineShown, Sign

SOURCE_WORDS: Mapping[Source, str] = {
    Source.CHIP: "芯片",
    Source.PICTURE: "证面",
    Source.MRZ: "机读码",
    Source.CREDENTIAL: "实名码",
    Source.TYPED: "手工录入",
}
FIELD_WORDS: Mapping[Field, str] = {
    Field.TYPE: "证件类型",
    Field.NAME: "姓名",
    Field.NUMBER: "号码",
    Field.SEX: "性别",
    Field.NATION: "民族",
    Field.BORN_ON: "出生日期",
    Field.ADDRESS: "住址",
    Field.ISSUER: "签发机关",
    Field.VALID_FROM: "有效期起",
    Field.VALID_UNTIL: "有效期止",
    Field.NATIONALITY: "国籍",
}
_DOUBT_WORDS: Mapping[Doubt, tuple[str, str]] = {
    Doubt.LOW_CONFIDENCE: ("没把握", "读得没有把握"),
    Doubt.CHECK_DIGIT: ("校验位不符", "校验位不符，有字读错了"),
    Doubt.NUMBER_CONFLICT: ("与号码不符", "与证件号码里的对不上"),
    Doubt.REGION_UNKNOWN: ("地址码不识", "号码里的地址码不认识"),
    Doubt.TERM_UNLIKELY: ("期限少见", "不是这个年龄该有的期限"),
    Doubt.NOT_ALONE: ("不止一个", "画面里不止一个"),
    Doubt.UNREADABLE: ("读不出", "读不出来"),
}
_OWN_TAGS = frozenset({Field.NAME, Field.VALID_FROM, Field.VALID_UNTIL, Field.NATIONALITY})
_FOR_CHECKS = frozenset({Field.NATION, Field.ADDRESS, Field.ISSUER})
_SHORTEST_REFERENCE = 24
"""A bar code of a carton or a coupon is shorter; a QR credential of another maker is not."""


# The reader -------------------------------------------------------------------------------------------------------------------------------


class ReaderState(StrEnum):
    """How the chip reader stands. `GONE`: it was there; `ABSENT`: none was found yet, and it is looked for all the while."""

    SEARCHING = "searching"
    ABSENT = "absent"
    GONE = "gone"
    READY = "ready"
    READING = "reading"
    TAKE_AWAY = "take-away"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class ReaderShown:
    """`in_use`: the document is expected on the reader; `says`: what went wrong; `practice`: Enter lays the made-up customer's card."""

    state: ReaderState = ReaderState.ABSENT
    in_use: bool = False
    says: str = ""
    practice: bool = False


def reader_line(reader: ReaderShown) -> str:
    """One line for the picture; empty where there is no reader to speak of."""
    return {
        ReaderState.SEARCHING: "正在找阅读机…",
        ReaderState.ABSENT: "没有阅读机",
        ReaderState.GONE: "阅读机断开了，插好后自动连接",
        ReaderState.READY: "阅读机就绪，等待证件",
        ReaderState.READING: "正在读取芯片，请勿移动证件",
        ReaderState.TAKE_AWAY: "读卡成功，请取走证件",
        ReaderState.FAULT: "没有读成，请重新放好证件",
    }[reader.state]


# A reading joins the parcel ---------------------------------------------------------------------------------------------------------------


def joined(now: Now, reading: SourceReading, asked: TaskKind) -> Session:
    """The session with what one source said of whoever was asked for.

    A source more of the document in hand is compared with the others; where a document was refused that another one may replace, it takes
    its place. One step to take back either way.
    """
    session = now.state.session
    if asked is TaskKind.AGENT_DOCUMENT:
        return session.read_from(reading, agent=True)
    if asked is TaskKind.GUARDIAN_DOCUMENT:
        return session.accompanied_by(reading)
    if wants_other_document(now) and reading.document.number:
        bare = Session(session.session_id, replace(session.draft, readings=()), session.history)
        return as_one_step(session, bare.read_from(reading))
    return session.read_from(reading)


def check_laid(now: Now, reading: SourceReading) -> None:
    """Whether a card that was laid on the reader unasked may be taken. UserError where it is of no use, or rather the next sender's."""
    draft, policy = now.state.draft, now.books.rules.policy
    if not needs_document(policy, draft.identity_kind):
        raise UserError(CounterCode.DOCUMENT_NOT_WANTED)
    if now.task.kind in (TaskKind.AGENT_DOCUMENT, TaskKind.GUARDIAN_DOCUMENT) or now.state.panel in (Panel.DOCUMENT, Panel.TYPED_DOCUMENT):
        return
    held = next((one.document for one in draft.readings if one.source is Source.CHIP), None)
    if held is not None and not _is_same(held, reading.document) and not wants_other_document(now):
        raise UserError(CounterCode.ANOTHER_CARD)


def notice_waits(now: Now) -> bool:
    """Nothing is read before the notice was shown in this visit."""
    return notice_due(now.state, now.books)


def _is_same(one: IdentityDocument, other: IdentityDocument) -> bool:
    return normalise_number(one.type, one.number or "") == normalise_number(other.type, other.number or "")


def is_credential(books: Books, text: str) -> bool:
    """A code that claims to be a 实名码 of our format; whether it is good the station says."""
    return check_waybill(books.rules.carriers, text, None, books.outlet_carriers).kind is CodeKind.CREDENTIAL


def is_reference(now: Now, text: str) -> bool:
    """A long code that is shown where a document is asked for, and is none that anybody here can read."""
    check = check_waybill(now.books.rules.carriers, text, None, now.books.outlet_carriers)
    kind = scans.kind_of(check, text)
    unknown = kind in (ScanKind.URL, ScanKind.OTHER, ScanKind.LONG) and len(check.text) >= _SHORTEST_REFERENCE
    return unknown and now.task.kind is TaskKind.DOCUMENT


def reference_kept(now: Now, text: str) -> CounterState:
    """e_credential_ref: kept as it is, never guessed at."""
    return now.state.with_session(now.state.session.credential_kept(text))


# What the panel says ----------------------------------------------------------------------------------------------------------------------


def combined_of(draft: Draft, books: Books) -> Combined | None:
    """What all sources of the sender's document say together; None before the first."""
    return combine(draft.readings, books.rules.rulebook.fold) if draft.readings else None


def source_note(draft: Draft, books: Books, usual: str) -> str:
    """芯片读取 · 已与证面比对: the source in use, and how the others agree with it."""
    combined = combined_of(draft, books)
    if combined is None or draft.document is None or len(draft.readings) < 2:
        return usual
    best = combined.document.source
    others = "、".join(SOURCE_WORDS[one.source] for one in draft.readings if one.source is not best)
    return f"{SOURCE_WORDS[best]} · {'与' if combined.differences else '已与'}{others}{'不一致' if combined.differences else '比对'}"


def marks_of(draft: Draft, books: Books) -> Mapping[Field, str]:
    """Why a field is not simply read: 与芯片不同, 没把握… Fields without a mark are absent."""
    combined = combined_of(draft, books)
    if combined is None:
        return {}
    marks = {found.field: _DOUBT_WORDS[found.doubt][0] for found in reversed(_worth_telling(combined))}
    for difference in combined.differences:
        marks[difference.field] = f"与{SOURCE_WORDS[difference.other]}不同"
    return marks


def _worth_telling(combined: Combined) -> list[FieldDoubt]:
    """Whether nation, address or issuer were read well concerns nobody: they are used for checks and not kept."""
    return [one for one in combined.doubtful if not (one.field in _FOR_CHECKS and one.doubt in (Doubt.LOW_CONFIDENCE, Doubt.UNREADABLE))]


def other_marks(marks: Mapping[Field, str]) -> Iterator[Fact]:
    """Of type and number, whose row is full, and of the fields that are never shown: their names and what is odd about them."""
    odd = [f"{FIELD_WORDS[field]}{told}" for field, told in marks.items() if field not in _OWN_TAGS]
    if odd:
        yield Fact("核对", "；".join(odd), sign=Sign.DOUBT)


def doubt_lines(draft: Draft, books: Books) -> tuple[LineShown, ...]:
    """What is doubtful and why, in whole sentences. Never a value."""
    combined = combined_of(draft, books)
    if combined is None:
        return ()
    whose = combined.by_field
    told = [f"{SOURCE_WORDS[whose[one.field]]}的{FIELD_WORDS[one.field]}{_DOUBT_WORDS[one.doubt][1]}" for one in _worth_telling(combined)]
    return tuple(LineShown(Sign.DOUBT, text) for text in dict.fromkeys(told))
