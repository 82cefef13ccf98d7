"""What keys, scans, forms and readings do to the counter. Pure: a new state, and what has to be done outside (an effect), if anything.

Only `Submit` is durable; everything else can be taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from courier_check.acceptance import Contact, HitResolution, ResolutionKind, Session, Settlement
from courier_check.acceptance.judgement import settleable
from courier_check.acceptance.tasks import Task, TaskKind
from courier_check.desk.acceptances import Submission
from courier_check.errors import UserError
from courier_check.identity.documents import IdentityDocument, Source
from courier_check.identity.phones import Reach, reach_of
from courier_check.inspection.checklist import ItemMoment
from courier_check.inspection.findings import Answer, ContentsFinding, Finding, FindingKind
from courier_check.inspection.verdict import Outcome, Verdict
from courier_check.parcel.contents import DeclaredItem, ParcelSize
from courier_check.parcel.waybills import CodeKind, WaybillCheck, check_waybill
from courier_check.store.evidence import Photo
from courier_check.terms import Consequence, MailKind
from ui import keys
from ui.counter.codes import CounterCode
from ui.counter.state import Books, CounterState, FoundGoods, Panel, as_one_step, may_decide

ALL_ANSWERS = {keys.YES: Answer.YES, keys.SPACE: Answer.YES, keys.NO: Answer.NO, keys.DOUBT: Answer.DOUBT}
SETTLE, HIT = "settle", "hit"
ADD, REPLACE = "add", "replace"


# Effects ----------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """Read the identity document that lies under the camera."""


@dataclass(frozen=True, slots=True)
class ReadLabel:
    """Read the label under the camera; `expect`: only if it shows this number (a gun has read it already)."""

    expect: str | None = None


@dataclass(frozen=True, slots=True)
class TakePhoto:
    rule: str


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
class Fresh:
    """A new parcel: whoever acts draws the ids. `same_sender`: of the last sender; `hold`: the one in hand is put aside; `choose`: one of
    those put aside is chosen next."""

    same_sender: bool = False
    hold: bool = False
    choose: bool = False


Effect = ReadDocument | ReadLabel | TakePhoto | Submit | LookUp | NextSource | Fresh | None
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


# Keys -------------------------------------------------------------------------------------------------------------------------------------


def press(now: Now, key: str) -> Done | None:
    """What a key does; None if it means nothing here (the focus widget may have it). Raises UserError with the sentence to show."""
    state = now.state
    if state.saving:
        return state, None
    if key == keys.ESC:
        return _escape(now)
    if state.abandoning:
        state = replace(state, abandoning=False, said="")
        now = replace(now, state=state)
    anywhere = _EVERYWHERE.get(key)
    if anywhere is not None:
        return anywhere(now)
    act = _PANELS.get(state.panel) or _TASKS.get(now.task.kind)
    if act is None:
        return None
    if len(key) == 2 and key.isdigit():  # a button that stands for two digits
        first = act(replace(now, state=replace(state, digits="")), key[0])
        return act(replace(now, state=first[0]), key[1]) if first is not None else None
    return act(now, key)


def _escape(now: Now) -> Done:
    state = now.state
    if state.panel is Panel.RECORDED:
        return state, Fresh()
    if state.panel is not Panel.TASK or state.digits:
        return state.opened(Panel.TASK, chosen=""), None
    if state.untouched:
        return state.saying(""), None
    if state.abandoning:
        return state, Fresh()
    return replace(state, abandoning=True).saying("再按一次 Esc 放弃这一件；按别的键继续。"), None


def _new(now: Now) -> Done:
    if now.state.panel is Panel.RECORDED or now.state.untouched:
        return now.state, Fresh()
    raise UserError(CounterCode.PARCEL_IN_HAND)


def _document(now: Now) -> Done:
    state = now.state
    asked = state.panel is Panel.TASK and now.task.kind in (TaskKind.DOCUMENT, TaskKind.AGENT_DOCUMENT)
    if asked or state.panel in (Panel.DOCUMENT, Panel.TYPED_DOCUMENT):
        return state, NextSource()
    if state.panel is Panel.RECORDED:
        raise UserError(CounterCode.ALREADY_RECORDED)
    return state.opened(Panel.DOCUMENT, chosen=""), None


def _same_sender(now: Now) -> Done:
    if now.state.previous is None or not (now.state.panel is Panel.RECORDED or now.state.untouched):
        raise UserError(CounterCode.NO_LAST_SENDER)
    return now.state, Fresh(same_sender=True)


def _photo(now: Now) -> Done:
    if now.state.panel is Panel.RECORDED or now.state.untouched:
        raise UserError(CounterCode.NO_PARCEL)
    if now.task.kind in _BEFORE_CONTENTS or about_person(now):
        raise UserError(CounterCode.NOTHING_TO_PHOTOGRAPH)  # what lies there now is the sender's card
    rule = now.task.photo.id if now.task.photo is not None else _first_photo(now)
    return now.state, TakePhoto(rule)


_BEFORE_CONTENTS = (TaskKind.DOCUMENT, TaskKind.AGENT_DOCUMENT, TaskKind.CLIENT, TaskKind.WAYBILL, TaskKind.CARRIER)


def about_person(now: Now) -> bool:
    """The question is about the sender and the document, which lie before the clerk now."""
    return now.task.kind is TaskKind.ASK and now.task.item is not None and now.task.item.moment is ItemMoment.IDENTITY


def _first_photo(now: Now) -> str:
    photos = now.books.rules.rulebook.rules.checklists.photos
    return photos[0].id if photos else "photo-contents"


def _checklist(now: Now) -> Done:
    if now.state.panel is Panel.RECORDED:
        raise UserError(CounterCode.NO_PARCEL)
    return now.state.beside(hits_later=True).opened(Panel.TASK, chosen=""), None


def _refuse(now: Now) -> Done:
    state = now.state
    if state.panel is Panel.RECORDED:
        raise UserError(CounterCode.NO_PARCEL)
    if state.panel is Panel.REFUSE:
        return state, None  # Enter records, and nothing else: a key that bounces must not
    return state.opened(Panel.REFUSE, chosen=refusal_of(now.verdict)), None


def refusal_of(verdict: Verdict) -> str:
    """The refusal code the verdict itself gives; empty while nothing refuses."""
    return next((one.refusal for one in verdict.reasons if one.refusal and one.consequence is Consequence.REFUSE), "")


def _hold(now: Now) -> Done:
    state = now.state
    if state.panel is Panel.RECORDED or state.untouched:
        held = state.counter.held
        if not held:
            raise UserError(CounterCode.NOTHING_HELD)
        if len(held) == 1:
            return state.resumed(held[0].session_id), None
        # What was recorded is done with before another one is chosen: no way back may lead to it.
        return (state, Fresh(choose=True)) if state.panel is Panel.RECORDED else (state.opened(Panel.HELD), None)
    return state, Fresh(hold=True)


_UNFINISHED = (Panel.DOCUMENT, Panel.TYPED_DOCUMENT, Panel.TYPED_PARTIES, Panel.CONTENTS, Panel.REFUSE)
"""Who is about to change a parcel, or to refuse it, does not hand it in as it stood before."""


def _submit(now: Now) -> Done:
    """提交: an acceptance, or a referral with nothing missing. A refusal goes by F8, where its reason is confirmed."""
    state, outcome = now.state, now.verdict.outcome
    if state.panel is Panel.RECORDED or state.untouched:
        raise UserError(CounterCode.NO_PARCEL)
    if state.panel in _UNFINISHED:
        raise UserError(CounterCode.PANEL_OPEN)
    if outcome is Outcome.REFUSE:
        raise UserError(CounterCode.REFUSE_INSTEAD)
    if now.verdict.missing or outcome is Outcome.INCOMPLETE:
        raise UserError(CounterCode.STILL_MISSING)
    return handed_in(now, state.session)


def handed_in(now: Now, session: Session) -> Done:
    aside = now.state.aside
    submission = Submission(session, now.books.operator, aside.photos, aside.supervisor, aside.draft_id)
    return replace(now.state, saving=True, said=""), Submit(submission)


def _undo(now: Now) -> Done:
    if now.state.panel is Panel.RECORDED:
        raise UserError(CounterCode.ALREADY_RECORDED)
    return now.state.undone(), None


_EVERYWHERE: Mapping[str, Callable[[Now], Done]] = {
    keys.F2: _new,
    keys.F3: _document,
    keys.F4: _same_sender,
    keys.F6: _photo,
    keys.F7: _checklist,
    keys.F8: _refuse,
    keys.F10: _hold,
    keys.F12: _submit,
    keys.BACKSPACE: _undo,
}


# Tasks ------------------------------------------------------------------------------------------------------------------------------------


def _press_document(now: Now, key: str) -> Done | None:
    return (now.state, ReadDocument()) if key == keys.ENTER else None


def _press_waybill(now: Now, key: str) -> Done | None:
    return (now.state, ReadLabel()) if key == keys.ENTER else None


def _press_carrier(now: Now, key: str) -> Done | None:
    waybill = now.state.draft.waybill
    number = int(key) - 1 if key in keys.DIGITS else -1
    if waybill is None or not 0 <= number < len(waybill.carriers):
        return None
    return now.state.with_session(now.state.session.carrier_chosen(waybill.carriers[number])), None


def _press_question(now: Now, key: str) -> Done | None:
    if key == keys.ENTER and half_read(now.state):
        return now.state, ReadDocument()
    answer, item = ALL_ANSWERS.get(key), now.task.item
    if answer is None or item is None:
        return None
    session = now.state.session.answered(Finding(item.id, answer), now.books.rules.rulebook, now.books.today)
    aside = now.state.aside
    dwell = {**aside.dwell_ms, item.id: max(0, now.mono_ms - aside.asked_ms)}
    return now.state.with_session(session).beside(dwell_ms=dwell, asked_ms=now.mono_ms), None


def half_read(state: CounterState) -> bool:
    """The front of a card was read and its back not yet: Enter reads the back."""
    document = state.draft.document
    return document is not None and document.source is Source.PICTURE and document.valid_until is None and not document.long_term


def _press_contents(now: Now, key: str) -> Done | None:
    """1–9 choose the class; name and quantity are typed. Enter alone waits for a class."""
    category = now.books.rules.rulebook.restricted.category(key) if key in keys.DIGITS else None
    if category is None:
        return None
    return replace(now.state, chosen=category.id, said=""), None


def _press_found(now: Now, key: str) -> Done | None:
    """Two digits choose the category; the name is typed; then 1 open, 2 hidden."""
    state, found = now.state, now.state.aside.found
    covers = now.task.item.covers if now.task.item is not None else ()
    if found.category is None:
        code = _two_digits(state, key)
        if code is None or len(code) < 2:
            return None if code is None else (replace(state, digits=code, said=""), None)
        if code not in covers:
            return replace(state, digits="").saying(f"这里没有第 {code} 类，请看题目下的类别。"), None
        return replace(state, digits="").beside(found=FoundGoods(code)), None
    if not found.name or key not in (keys.YES, keys.NO):
        return None
    finding = ContentsFinding(FindingKind.PROHIBITED, found.name, found.category, concealed=key == keys.NO)
    session = state.session.found(finding, now.books.rules.rulebook)
    return state.with_session(session).beside(found=FoundGoods()), None


def _two_digits(state: CounterState, key: str) -> str | None:
    return state.digits + key if key in keys.DIGITS else None


def _press_photo(now: Now, key: str) -> Done | None:
    photo = now.task.photo
    number = int(key) - 1 if key in keys.DIGITS else -1
    if photo is None or not 0 <= number < len(photo.exempt_reasons):
        return None
    session = now.state.session.photo_exempted(photo.id, photo.exempt_reasons[number].id, now.books.rules.rulebook)
    return now.state.with_session(session), None


def _press_looking_up(now: Now, key: str) -> Done | None:
    return (now.state, LookUp()) if key == keys.ENTER and now.state.unanswered else None


def _press_supervised(now: Now, key: str) -> Done | None:
    """请主管: a hit or a referral is decided by a supervisor, who signs in here unless the operator is one."""
    if key != keys.DOUBT or not decisions(now):
        return None
    panel = Panel.DECIDE if may_decide(now.state, now.books) is not None else Panel.SUPERVISOR
    return now.state.opened(panel, chosen="", kind=""), None


_TASKS: Mapping[TaskKind, Callable[[Now, str], Done | None]] = {
    TaskKind.DOCUMENT: _press_document,
    TaskKind.AGENT_DOCUMENT: _press_document,
    TaskKind.WAYBILL: _press_waybill,
    TaskKind.CARRIER: _press_carrier,
    TaskKind.CONTENTS: _press_contents,
    TaskKind.ASK: _press_question,
    TaskKind.FOUND: _press_found,
    TaskKind.PHOTO: _press_photo,
    TaskKind.LOOKING_UP: _press_looking_up,
    TaskKind.HITS: _press_supervised,
    TaskKind.REFERRED: _press_supervised,
}


# Panels -----------------------------------------------------------------------------------------------------------------------------------


def _press_refuse(now: Now, key: str) -> Done | None:
    """拒收: two digits choose the code, Enter records it."""
    state = now.state
    codes = refusal_codes(now.books)
    if key in keys.DIGITS:
        digits = state.digits + key
        if len(digits) < 2:
            return replace(state, digits=digits, said=""), None
        if f"R{digits}" not in codes:
            return replace(state, digits="").saying(f"没有拒收原因 R{digits}。"), None
        return replace(state, digits="", chosen=f"R{digits}", said=""), None
    if key in ("Up", "Down") and codes:
        at = codes.index(state.chosen) + (1 if key == "Down" else -1) if state.chosen in codes else 0
        return replace(state, chosen=codes[at % len(codes)], digits="", said=""), None
    return refuse(now, "") if key == keys.ENTER else None


def refusal_codes(books: Books) -> tuple[str, ...]:
    return tuple(refusal.code for refusal in books.rules.rulebook.rules.refusals.refusals)


def refuse(now: Now, note: str) -> Done:
    """Record the refusal the panel shows: the clerk's own, unless the verdict gives that very code. UserError where a note is owed."""
    state = now.state
    if not state.chosen:
        raise UserError(CounterCode.NO_REFUSAL_CHOSEN)
    given = {one.refusal for one in now.verdict.reasons if one.consequence is Consequence.REFUSE}
    session = state.session
    if state.chosen not in given or note.strip():
        session = session.refused(state.chosen, now.books.rules.rulebook, note)
    return handed_in(now, session)


def _press_held(now: Now, key: str) -> Done | None:
    number = int(key) - 1 if key in keys.DIGITS else -1
    held = now.state.counter.held
    return (now.state.resumed(held[number].session_id), None) if 0 <= number < len(held) else None


def _press_recorded(now: Now, key: str) -> Done | None:
    return (now.state, Fresh()) if key == keys.ENTER else None


def _press_decide(now: Now, key: str) -> Done | None:
    """A supervisor's decision: what is decided on first (if there are several), then how, then the reason, which is typed."""
    matters = decisions(now)
    number = int(key) - 1 if key in keys.DIGITS else -1
    state = now.state
    if not state.chosen:
        return (replace(state, chosen=matters[number][1], kind=matters[number][0]), None) if 0 <= number < len(matters) else None
    return None


def decisions(now: Now) -> tuple[tuple[str, str], ...]:
    """What a supervisor can decide on: (hit, list/entry/revision) first, then (settle, code)."""
    screening = now.state.draft.screening
    decided = {(one.list_id, one.entry_id, one.revision) for one in now.state.draft.resolutions}
    hits = [(hit.list_id, hit.entry_id, hit.revision) for hit in (screening.hits if screening else ())]
    open_hits = [(HIT, f"{one[0]}/{one[1]}/{one[2]}") for one in hits if one not in decided]
    rules = now.books.rules
    codes = sorted(settleable(now.state.draft, rules.rulebook, rules.policy, now.books.today))
    settled = {one.code for one in now.state.draft.settlements}
    return (*open_hits, *((SETTLE, code) for code in codes if code not in settled))


def decide(now: Now, kind: ResolutionKind, reason: str) -> Done:
    """The supervisor's word on what the panel is about. UserError without a reason, or where two persons are needed."""
    state, supervisor = now.state, may_decide(now.state, now.books)
    if supervisor is None:
        raise UserError(CounterCode.NO_SUPERVISOR)
    if kind is ResolutionKind.OVERRIDE and supervisor.code == now.books.operator.code:
        raise UserError(CounterCode.TWO_PERSONS)
    if not state.chosen:
        raise UserError(CounterCode.NO_MATTER_CHOSEN)
    if state.kind == SETTLE:
        settlement = Settlement(state.chosen, supervisor.code, reason)
        rules = now.books.rules
        return state.with_session(state.session.settled(settlement, rules.rulebook, rules.policy, now.books.today), kind=""), None
    list_id, entry_id, revision = state.chosen.rsplit("/", 2)
    resolution = HitResolution(list_id, entry_id, int(revision), kind, supervisor.code, reason)
    return state.with_session(state.session.resolved(resolution), kind=""), None


_PANELS: Mapping[Panel, Callable[[Now, str], Done | None]] = {
    Panel.DOCUMENT: _press_document,
    Panel.REFUSE: _press_refuse,
    Panel.HELD: _press_held,
    Panel.RECORDED: _press_recorded,
    Panel.DECIDE: _press_decide,
    Panel.SUPERVISOR: lambda _now, _key: None,
    Panel.TYPED_DOCUMENT: lambda _now, _key: None,
    Panel.TYPED_PARTIES: lambda _now, _key: None,
    Panel.CONTENTS: _press_contents,
}


# Scans, readings, forms -------------------------------------------------------------------------------------------------------------------


def scanned(now: Now, text: str, symbology: str | None = None) -> Done:
    """A code read by a gun, wherever the focus is. UserError says what it was and what was expected; nothing is changed then."""
    state, books = now.state, now.books
    check = check_waybill(books.rules.carriers, text, symbology, books.outlet_carriers)
    if check.kind is not CodeKind.WAYBILL:
        # Shown for a goods barcode only: anything else may hold a person's number.
        told = check.text[:40] if check.kind is CodeKind.GOODS else ""
        raise UserError(CounterCode.WRONG_SCAN, kind=check.kind.value, scanned=told)
    held = state.draft.waybill
    if state.panel is not Panel.RECORDED and held is not None:
        if held.text == check.text:
            return state.saying("这个单号已经扫过。"), None
        raise UserError(CounterCode.ANOTHER_WAYBILL, held=held.text, scanned=check.text)
    taken = state.with_session(state.session.waybill_scanned(check, ""), **still_open(state))
    return taken.beside(symbology=symbology or ""), ReadLabel(expect=check.text)


def still_open(state: CounterState) -> dict[str, object]:
    """For what comes from outside while somebody is at a panel: it stays as it is, with what is typed in it."""
    if state.panel is Panel.RECORDED:
        return {}
    return {"panel": state.panel, "chosen": state.chosen, "kind": state.kind, "digits": state.digits, "present": state.present}


@dataclass(frozen=True, slots=True, repr=False)
class LabelRead:
    """A label as a picture gave it. `waybill` None: the picture settles no number."""

    waybill: WaybillCheck | None
    symbology: str
    sender: Contact
    addressee: Contact
    warnings: tuple[str, ...] = ()


def label_read(now: Now, label: LabelRead, expect: str | None) -> CounterState:
    """What a picture of the label brings; with `expect`, only if it is of that number. What was typed is never overwritten."""
    state = now.state
    held = state.draft.waybill
    if expect is not None and (label.waybill is None or label.waybill.text != expect or held is None or held.text != expect):
        return state  # another label, or the scan that asked for this one was taken back meanwhile
    if held is not None and label.waybill is not None and held.text != label.waybill.text:
        raise UserError(CounterCode.ANOTHER_WAYBILL, held=held.text, scanned=label.waybill.text)
    session = _numbered(state.session, label)
    phone = label.sender.phone
    from_label = bool(phone) and "*" not in phone and not session.draft.sender.phone
    if from_label:
        session = session.sender_known(phone, label.sender.address, business=session.draft.business_sender)
    if label.addressee.name and not session.draft.addressee.name:
        session = session.addressed(label.addressee)
    scan_was_last = expect is not None and bool(state.session.history) and state.session.history[-1].waybill is None
    joined = Session(session.session_id, session.draft, state.session.history) if scan_was_last else as_one_step(state.session, session)
    told = state.with_session(joined, **still_open(state))
    return told.beside(phone_from_label=from_label or state.aside.phone_from_label, symbology=label.symbology, warnings=label.warnings)


def _numbered(session: Session, label: LabelRead) -> Session:
    """The number and the sender's name as the label shows them. What a gun or the clerk has settled stays, and the answers about it too."""
    held, name = session.draft.waybill, label.sender.name
    if held is None:
        return session.waybill_scanned(label.waybill, name) if label.waybill is not None else session
    better = label.waybill if label.waybill is not None and held.carrier is None else held
    if better.carrier == held.carrier and (not name or session.draft.waybill_sender_name):
        return session
    return session.waybill_scanned(better, session.draft.waybill_sender_name or name)


_TYPED = (Panel.TYPED_DOCUMENT, Panel.TYPED_PARTIES, Panel.CONTENTS, Panel.REFUSE, Panel.SUPERVISOR, Panel.DECIDE)
"""Panels in which something may be half typed when a reading arrives."""


def identified(now: Now, document: IdentityDocument, source: str, *, agent: bool | None = None) -> CounterState:
    """A document was read or typed: the sender's, or the agent's where that is what was asked for (`agent`: known from when it was asked).
    The same document once more changes nothing."""
    state = now.state
    agent = now.task.kind is TaskKind.AGENT_DOCUMENT if agent is None else agent
    if document == (state.draft.agent_document if agent else state.draft.document):
        return state.opened(Panel.TASK, chosen="")
    session = state.session.brought_by_agent(document) if agent else state.session.identified(document)
    kept = still_open(state) if document.source is not Source.TYPED and state.panel in _TYPED else {}
    return state.with_session(session, **kept).beside(source=source, asked_ms=now.mono_ms, front_read=False)


@dataclass(frozen=True, slots=True, repr=False)
class Parties:
    """The form of phone and addressee, as typed."""

    sender_name: str
    sender_phone: str
    sender_address: str
    addressee: Contact


def parties_typed(now: Now, parties: Parties) -> CounterState:
    """UserError for an empty addressee, or a phone at which nobody can be reached."""
    state, session = now.state, now.state.session
    if reach_of(parties.sender_phone.strip()) is Reach.NONE:
        raise UserError(CounterCode.PHONE_ODD)
    typed = session.sender_known(parties.sender_phone, parties.sender_address, business=session.draft.business_sender)
    typed = typed.addressed(parties.addressee)
    if parties.sender_name.strip() and typed.draft.waybill is not None and parties.sender_name.strip() != typed.draft.waybill_sender_name:
        typed = typed.waybill_scanned(typed.draft.waybill, parties.sender_name)
    return state.with_session(as_one_step(session, typed)).beside(phone_from_label=False, asked_ms=now.mono_ms)


def declared(now: Now, items: tuple[DeclaredItem, ...], size: ParcelSize) -> CounterState:
    """What was found among other contents, if it was half named, goes with the answers about them."""
    state = now.state.with_session(now.state.session.declared(items, size))
    return state.beside(asked_ms=now.mono_ms, found=FoundGoods())


def goods_named(now: Now, name: str) -> CounterState:
    """The name of prohibited goods. UserError for none."""
    if not name.strip():
        raise UserError(CounterCode.NAME_NEEDED)
    return now.state.beside(found=replace(now.state.aside.found, name=name.strip()[:60]))


def photographed(now: Now, photo: Photo, sha256: str, rule: str) -> CounterState:
    session = now.state.session.photographed(rule, sha256)
    return now.state.with_session(session, **still_open(now.state)).beside(photos=(*now.state.aside.photos, photo))


def kind_changed(now: Now, kind: MailKind, *, mailbox_letter: bool = False) -> CounterState:
    return now.state.with_session(now.state.session.kind_changed(kind, mailbox_letter=mailbox_letter)).beside(found=FoundGoods())


def by_agent(now: Now) -> CounterState:
    """代寄: somebody else hands the parcel in."""
    return now.state.with_session(now.state.session.brought_by_agent())
