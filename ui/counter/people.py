"""The people before the counter: the notice they are shown, who was here before, organisations, the name on an order. Pure, as acts are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from courier_check.acceptance import AcceptanceCode, Session
from courier_check.acceptance.judgement import may_be_copied, notice_is_due
from courier_check.errors import UserError
from courier_check.identity.codes import NumberReason, OrganisationReason
from courier_check.identity.documents import IdentityDocument
from courier_check.identity.organisations import Office, Organisation, check_uscc
from courier_check.identity.policy import needs_guardian
from courier_check.identity.text import plain
from courier_check.privacy import mask_number
from ui import keys
from ui.counter.codes import CounterCode
from ui.counter.effects import Done, Keeping, KeepSender, Now, PrintNotice, TakeCopy
from ui.counter.state import Books, CopyTaken, CounterState, Panel
from ui.shown import Fact, Sign

PRINT = "7"
"""存为 PDF, as on the card of the day's close."""
OFFICES = {Office.IN_CHARGE: "相关负责人", Office.LEGAL_REPRESENTATIVE: "法定代表人"}


# The notice -------------------------------------------------------------------------------------------------------------------------------


def notice_due(state: CounterState, books: Books) -> bool:
    """Whether the notice comes first: a document is to be read, and none was in this visit."""
    return state.draft.document is None and state.panel is not Panel.RECORDED and notice_is_due(state.draft, books.rules.policy)


def noticed(state: CounterState, books: Books) -> CounterState:
    """告知已出示, where it was due. A fact of the visit and no step: whatever is taken back, it was shown."""
    if not notice_due(state, books):
        return state
    version = books.rules.notice.version
    shown = state.session.notice_shown(version)
    history = tuple(replace(draft, notice=version) for draft in state.session.history)
    return replace(state, counter=state.counter.put(Session(shown.session_id, shown.draft, history)))


def noted(state: CounterState, version: str) -> CounterState:
    """This version was shown before to whoever has just been read: a fact of that document, and taken back with it."""
    session = state.session
    return replace(state, counter=state.counter.put(Session(session.session_id, replace(session.draft, notice=version), session.history)))


def unnoticed(state: CounterState) -> CounterState:
    """It was not shown after all, or somebody else stands here: the next document waits for it again."""
    if state.draft.notice is None or not state.untouched:
        return state
    return replace(state, counter=state.counter.put(Session(state.session.session_id, replace(state.draft, notice=None))))


def read_after_notice(now: Now) -> Now:
    """The moment in which what is read or typed is taken: whoever confirms it has shown the notice, as the card says."""
    return replace(now, state=noticed(now.state, now.books))


def press_notice(now: Now, key: str) -> Done | None:
    """The notice whole: Enter notes that it was shown, 7 prints it."""
    if key == PRINT:
        return now.state, PrintNotice()
    return (noticed(now.state, now.books).opened(Panel.TASK, chosen=""), None) if key == keys.ENTER else None


# Panels -----------------------------------------------------------------------------------------------------------------------------------


def opened(now: Now, panel: Panel) -> CounterState:
    """One of these panels. UserError where it is about something that is not there yet."""
    state = now.state
    if state.panel is Panel.RECORDED:
        raise UserError(CounterCode.ALREADY_RECORDED)
    if panel is Panel.SENDER and state.draft.document is None:
        raise UserError(CounterCode.NO_DOCUMENT)
    if panel is Panel.ORDER_NAME and state.draft.waybill is None:
        raise UserError(AcceptanceCode.NO_WAYBILL)
    return state.opened(panel, chosen="")


# Senders who were here before -------------------------------------------------------------------------------------------------------------


class Kept(StrEnum):
    """What the station keeps of this sender beside the acceptances."""

    ASKED = "asked"  # not looked up yet
    UNKNOWABLE = "unknowable"  # by no number, or at a station without a key
    NOTHING = "nothing"
    PROFILE = "profile"
    TOKEN = "token"  # noqa: S105 - a consent withdrawn: nobody asks again
    """撤回 leaves the token alone."""


def kept_of(state: CounterState) -> Kept:
    known = state.aside.known
    if known is None or known.of != state.draft.document:
        return Kept.ASKED
    if known.sender is None:
        return Kept.UNKNOWABLE
    if known.sender.profile is None:
        return Kept.NOTHING
    return Kept.PROFILE if known.sender.profile.consented else Kept.TOKEN


OFFERS: Mapping[Kept, Mapping[str, Keeping]] = {
    Kept.ASKED: {},
    Kept.UNKNOWABLE: {},
    Kept.NOTHING: {keys.YES: Keeping.CONSENT},
    Kept.PROFILE: {keys.NO: Keeping.WITHDRAW, keys.DOUBT: Keeping.FORGET},
    Kept.TOKEN: {keys.YES: Keeping.CONSENT, keys.DOUBT: Keeping.FORGET},
}


def press_sender(now: Now, key: str) -> Done | None:
    """The panel stays: a digit that bounces must not answer the question behind it."""
    state = now.state
    if key == keys.ENTER:
        return state.opened(Panel.TASK, chosen=""), None
    keeping = OFFERS[kept_of(state)].get(key)
    if keeping is None:
        return (state, None) if key in keys.DIGITS else None
    if state.chosen:
        return state, None
    return replace(state, chosen=keeping.value, said=""), KeepSender(keeping)


def prefilled_phone(state: CounterState) -> str:
    """The phone of a sender who agreed to it, for the form. The name never is: it stands on the label, and is compared."""
    known = state.aside.known
    if known is None or known.sender is None or kept_of(state) is not Kept.PROFILE:
        return ""
    return (known.sender.profile.phone or "") if known.sender.profile is not None else ""


# Organisations ----------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CodeSaid:
    """What is said of a code while it is typed. `holds` None: it is not whole yet."""

    holds: bool | None
    words: str


_LENGTH = 18


def said_of_code(text: str) -> CodeSaid:
    """统一社会信用代码 as far as it is typed."""
    code = plain(text)
    if len(code) < _LENGTH:
        return CodeSaid(None, f"还差 {_LENGTH - len(code)} 位" if code else "")
    check = check_uscc(code, date.max)  # the day tells it from a resident number only
    if check is None:
        return CodeSaid(holds=False, words="应为 18 位数字和大写字母")
    if check.valid:
        return CodeSaid(holds=True, words="✓ 校验位相符")
    if NumberReason.CONFUSABLE.value in check.reasons:
        repair = check.facts.get("repair")
        told = f"，像是 {repair}" if repair else ""
        return CodeSaid(holds=False, words=f"信用代码里没有 I、O、S、V、Z{told}")
    return CodeSaid(holds=False, words="校验位不符，请看营业执照重新输入")


def organised(now: Now, typed: Mapping[str, str]) -> CounterState:
    """寄件人是单位. UserError for what is missing; a code that does not hold is a supervisor's matter."""
    organisation = Organisation(
        typed["organisation"].strip(), plain(typed["uscc"]), typed["responsible"].strip(), Office(typed.get("office", Office.IN_CHARGE))
    )
    if organisation == now.state.draft.organisation:
        return now.state.opened(Panel.TASK, chosen="")
    return now.state.with_session(now.state.session.sent_by(organisation))


def copy_owed(state: CounterState) -> bool:
    """The responsible person's document is there, and no copy of it."""
    draft = state.draft
    return draft.organisation is not None and draft.document is not None and not draft.copied


def copy_wanted(now: Now) -> Done:
    """翻拍: UserError for whose document may not be copied, and before one was read."""
    if now.state.panel is Panel.RECORDED:
        raise UserError(CounterCode.ALREADY_RECORDED)
    if not may_be_copied(now.state.draft):
        raise UserError(AcceptanceCode.COPY_NOT_ALLOWED)
    if now.state.draft.document is None:
        raise UserError(CounterCode.NO_DOCUMENT)
    return now.state, TakeCopy()


def press_copy(now: Now, key: str) -> Done | None:
    """1 takes the copy where a parcel waits for it."""
    return copy_wanted(now) if key == keys.YES and is_copy_missing(now) else None


def is_copy_missing(now: Now) -> bool:
    return any(reason.code == OrganisationReason.COPY_MISSING for reason in now.verdict.reasons) and copy_owed(now.state)


def copied(now: Now, of: IdentityDocument, copy: CopyTaken) -> CounterState:
    """A copy has come. Nothing where another document was read meanwhile."""
    if now.state.draft.document != of:
        return now.state
    others = tuple(one for one in now.state.aside.copies if one.of != of)
    kept = {"panel": now.state.panel, "chosen": now.state.chosen, "kind": now.state.kind, "digits": now.state.digits}
    return now.state.with_session(now.state.session.copy_taken(), **kept).beside(copies=(*others, copy))


# The order behind a privacy label ---------------------------------------------------------------------------------------------------------


def ordered(now: Now, name: str) -> CounterState:
    """订单里的寄件人全名. UserError for none, and for one that hides a part itself."""
    if not name.strip():
        raise UserError(CounterCode.FIELD_EMPTY, field="订单上的寄件人姓名")
    if now.state.draft.waybill is None:
        raise UserError(AcceptanceCode.NO_WAYBILL)
    return now.state.with_session(now.state.session.order_known(name))


# What the left column says of them --------------------------------------------------------------------------------------------------------


def who_facts(state: CounterState, books: Books) -> Iterator[Fact]:
    """监护人、单位、回头客, where there are any."""
    draft = state.draft
    if draft.document is not None and needs_guardian(books.rules.policy, draft.document, draft.identity_kind, books.today):
        guardian = draft.guardian_document
        shown = f"{guardian.name or ''}　{mask_number(guardian.number or '')}" if guardian else "请出示监护人证件"
        yield Fact("监护人", shown, sign=Sign.DONE if guardian else Sign.OPEN)
    if draft.organisation is not None:
        unit = draft.organisation
        yield Fact("单位", unit.name, sign=Sign.DONE)
        yield Fact("信用代码", mask_number(unit.uscc), sign=Sign.DONE if said_of_code(unit.uscc).holds else Sign.DOUBT)
        office = "" if unit.office is Office.IN_CHARGE else f"　{OFFICES[unit.office]}"
        copied_too, sign = ("已翻拍", Sign.DONE) if draft.copied else ("未翻拍", Sign.OPEN)
        yield Fact("负责人", f"{unit.responsible}{office}", copied_too, sign)
    if draft.document is not None and kept_of(state) is Kept.PROFILE:
        yield Fact("回头客", "已同意预填电话", f"{keys.COMMAND}")
