"""What keys do to the counter. Pure: a new state, and what has to be done outside (an effect), if anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from courier_check.acceptance import Session
from courier_check.acceptance.resolving import code_can_tell
from courier_check.acceptance.tasks import Step, TaskKind
from courier_check.desk.acceptances import Submission
from courier_check.errors import UserError
from courier_check.identity.documents import Source
from courier_check.inspection.checklist import ItemMoment
from courier_check.inspection.findings import Answer, Finding
from courier_check.inspection.notification import notification
from courier_check.inspection.verdict import Outcome, Verdict
from courier_check.terms import Consequence
from ui import keys
from ui.counter import evidence, goods, people, service
from ui.counter.codes import CounterCode
from ui.counter.decisions import decisions
from ui.counter.effects import Dispose, Done, Fresh, LookUp, NextSource, Now, ReadDocument, ReadLabel, Submit
from ui.counter.state import Books, CounterState, Panel, may_decide

ALL_ANSWERS = {keys.YES: Answer.YES, keys.SPACE: Answer.YES, keys.NO: Answer.NO, keys.DOUBT: Answer.DOUBT}


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
    if key in _OTHER_PARCELS and state.continuing is not None:
        raise UserError(CounterCode.SHIPMENT_OPEN, left=left_of(state))
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


_OTHER_PARCELS = (keys.F2, keys.F4, keys.F10, keys.LATE, keys.ENTER)
"""Keys that take up another parcel than the next piece of a shipment."""


def left_of(state: CounterState) -> int:
    """Pieces of the shipment still to come."""
    shipment = state.continuing.draft.shipment if state.continuing is not None else None
    return shipment.pieces - shipment.piece if shipment is not None else 0


def _escape(now: Now) -> Done:
    state = now.state
    if state.continuing is not None and not state.abandoning:
        return replace(state, abandoning=True).saying(f"这一票还有 {left_of(state)} 件没有办。再按一次 Esc 结束这一票。"), None
    if state.panel is Panel.RECORDED:
        return state, Fresh()
    if (left := goods.left(state)) is not None:
        return left, None
    if state.panel is Panel.TASK and state.aside.exempting:
        return state.saying("").beside(exempting=""), None
    if state.panel is Panel.LETTER:
        return state.opened(Panel.REFUSE), None
    if state.panel is not Panel.TASK or state.digits:
        return state.opened(Panel.TASK, chosen=""), None
    if state.untouched:
        return people.unnoticed(state.beside(late_ms=None)).saying(""), None
    if state.abandoning:
        back = service.given_up(state)
        return (state, Fresh()) if back is None else (back, None)
    return replace(state, abandoning=True).saying("再按一次 Esc 放弃这一件；按别的键继续。"), None


def _new(now: Now) -> Done:
    if now.state.panel is Panel.RECORDED or now.state.untouched:
        return now.state, Fresh()
    raise UserError(CounterCode.PARCEL_IN_HAND)


def _document(now: Now) -> Done:
    state = now.state
    asked = state.panel is Panel.TASK and now.task.kind in _PAPERS
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
    if (now.task.kind in _BEFORE_CONTENTS or about_person(now)) and evidence.owed_by_refusal(now) is None:
        raise UserError(CounterCode.NOTHING_TO_PHOTOGRAPH)  # what lies there now is the sender's card
    return now.state, evidence.take(now)


_PAPERS = (TaskKind.DOCUMENT, TaskKind.AGENT_DOCUMENT, TaskKind.GUARDIAN_DOCUMENT)
_BEFORE_CONTENTS = (TaskKind.NOTICE, *_PAPERS, TaskKind.CLIENT, TaskKind.WAYBILL, TaskKind.CARRIER)


def about_person(now: Now) -> bool:
    """The question is about the sender and the document, which lie before the clerk now."""
    return now.task.kind is TaskKind.ASK and now.task.item is not None and now.task.item.moment is ItemMoment.IDENTITY


def _checklist(now: Now) -> Done:
    if now.state.panel is Panel.RECORDED:
        raise UserError(CounterCode.NO_PARCEL)
    if now.state.panel is Panel.TASK and now.task.kind not in (TaskKind.HITS, TaskKind.DIFFERENT) and now.task.step in _BEFORE_INSPECTION:
        return now.state.saying("还没有轮到验视：先办完眼前这一项。"), None
    return now.state.beside(hits_later=True).opened(Panel.TASK, chosen=""), None


_BEFORE_INSPECTION = (Step.IDENTITY, Step.WAYBILL, Step.CONTENTS)


def _refuse(now: Now) -> Done:
    state = now.state
    if state.panel is Panel.RECORDED:
        raise UserError(CounterCode.NO_PARCEL)
    if state.draft.is_intercepted:  # no event of its own, and nothing to tell a sender: it is kept here
        raise UserError(CounterCode.INTERCEPTED)
    if state.panel is Panel.REFUSE:
        return state, None  # Enter records, and nothing else: a key that bounces must not
    refused = state.draft.refusal  # confirmed already, before the photo it asks for
    return state.opened(Panel.REFUSE, chosen=refused.code if refused is not None else refusal_of(now.verdict)), None


_OTHER_DOCUMENT = frozenset({"R02", "R03", "R04", "R05"})
"""Refusals that another document, or the right person's, may do away with."""


def wants_other_document(now: Now) -> bool:
    """The document in hand is refused, and another one may take its place."""
    return now.task.kind is TaskKind.STOPPED and refusal_of(now.verdict) in _OTHER_DOCUMENT


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


def _late(now: Now) -> Done:
    """补录: ask when the parcel in hand was taken; after an act, of the next one."""
    if now.state.panel is Panel.RECORDED:
        return now.state, Fresh(late=True)
    return (now.state if now.state.panel is Panel.LATE else now.state.opened(Panel.LATE, chosen="")), None


_UNFINISHED = (
    *(Panel.DOCUMENT, Panel.TYPED_DOCUMENT, Panel.TYPED_PARTIES, Panel.LATE, Panel.CONTENTS, Panel.REFUSE, Panel.LETTER),
    *(Panel.NOTICE, Panel.SENDER, Panel.ORGANISATION, Panel.ORDER_NAME),
    *(Panel.PAPERS, Panel.SERVICE, Panel.CUSTOMS, Panel.PIECES, Panel.PROHIBITED, Panel.RESERVED, Panel.CODES),
)
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
    draft = session.draft
    copies = tuple(taken.copy for taken in aside.copies if draft.copied and taken.of == draft.document)
    submission = Submission(session, now.books.operator, aside.photos, aside.supervisor, aside.draft_id, aside.late_ms, copies)
    took_ms = None if aside.began_ms is None else max(0, now.mono_ms - aside.began_ms)
    submission = replace(submission, dwell_ms=aside.dwell_ms, took_ms=took_ms)
    return replace(now.state, saving=True, said=""), Submit(submission)


def _undo(now: Now) -> Done:
    if now.state.panel is Panel.RECORDED:
        raise UserError(CounterCode.ALREADY_RECORDED)
    if (rubbed := goods.rubbed_out(now)) is not None:
        return rubbed, None
    if now.state.panel is Panel.TASK and not now.state.session.history and (back := service.given_up(now.state)) is not None:
        return back, None
    if now.state.untouched and now.state.panel is Panel.TASK and now.state.draft.notice is not None:
        return people.unnoticed(now.state), None
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
    keys.LATE: _late,
}


# Tasks ------------------------------------------------------------------------------------------------------------------------------------


def _press_document(now: Now, key: str) -> Done | None:
    if key == keys.YES and people.notice_due(now.state, now.books):
        return now.state.opened(Panel.NOTICE, chosen=""), None
    if key != keys.ENTER:
        return None
    noticed = people.noticed(now.state, now.books)
    return noticed, ReadDocument(noticed=noticed is not now.state)


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


def _press_looking_up(now: Now, key: str) -> Done | None:
    return (now.state, LookUp()) if key == keys.ENTER and now.state.unanswered else None


def _press_supervised(now: Now, key: str) -> Done | None:
    """请主管: a hit or a referral is decided by a supervisor, who signs in here unless the operator is one."""
    if key != keys.DOUBT or not decisions(now):
        return None
    panel = Panel.DECIDE if may_decide(now.state, now.books) is not None else Panel.SUPERVISOR
    return now.state.opened(panel, chosen="", kind=""), None


def _press_hits(now: Now, key: str) -> Done | None:
    """录信用代码, where a firm's number can tell; else a supervisor's matter."""
    if key == keys.ENTER and code_can_tell(now.task.hits[0]):
        return now.state.opened(Panel.HIT_CODE, chosen="", kind=""), None
    return _press_supervised(now, key)


def _press_notice(now: Now, key: str) -> Done | None:
    if key != keys.ENTER:
        return None
    return people.noticed(now.state, now.books).opened(Panel.TASK, chosen=""), None


_TASKS: Mapping[TaskKind, Callable[[Now, str], Done | None]] = {
    TaskKind.DOCUMENT: _press_document,
    TaskKind.NOTICE: _press_notice,
    TaskKind.AGENT_DOCUMENT: _press_document,
    TaskKind.GUARDIAN_DOCUMENT: _press_document,
    TaskKind.WAYBILL: _press_waybill,
    TaskKind.CARRIER: _press_carrier,
    TaskKind.CONTENTS: goods.press_contents,
    TaskKind.SERVICE: lambda _now, _key: None,
    TaskKind.CUSTOMS: lambda _now, _key: None,
    TaskKind.ASK: _press_question,
    TaskKind.FOUND: goods.press_found,
    TaskKind.PHOTO: evidence.press_photo,
    TaskKind.LOOKING_UP: _press_looking_up,
    TaskKind.HITS: _press_hits,
    TaskKind.DIFFERENT: _press_supervised,
    TaskKind.REFERRED: lambda now, key: people.press_copy(now, key) or _press_supervised(now, key),
}


# Panels -----------------------------------------------------------------------------------------------------------------------------------


def _press_refuse(now: Now, key: str) -> Done | None:
    """拒收: two digits choose the code, Enter records it."""
    state = now.state
    if key == keys.LETTER and takes_letter(now):
        return state.opened(Panel.LETTER), None
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


def takes_letter(now: Now) -> bool:
    """Whether the refusal chosen may go by a notice: since when the outlet knew matters to it."""
    code = now.state.chosen
    return bool(code) and now.books.rules.rulebook.rules.refusal(code).dates_lists


def told_by_letter(now: Now, typed: Mapping[str, str]) -> CounterState:
    """通知 as typed, and the refusal again; emptied, it goes by none. UserError for what can't be. Nothing where the form was left."""
    if now.state.panel is not Panel.LETTER:
        return now.state
    letter = notification(typed["number"], typed["sender"], typed["received"], now.books.today)
    return now.state.beside(letter=letter).opened(Panel.REFUSE)


def refuse(now: Now, note: str) -> Done:
    """Record the refusal the panel shows: the clerk's own, unless the verdict gives that very code and nothing found is left unnamed by it.
    A photo it asks for comes first. Nothing while the code is half typed: it would be another one than is meant. UserError where a note is
    owed."""
    state = now.state
    if state.digits:
        return state.saying(f"没有记录：已按 {state.digits}，原因号还差一位。再按一位；不改选的按 Backspace，再按 Enter。"), None
    if not state.chosen:
        raise UserError(CounterCode.NO_REFUSAL_CHOSEN)
    given = {one.refusal for one in now.verdict.reasons if one.consequence is Consequence.REFUSE}
    session, refused = state.session, state.draft.refusal
    letter = state.aside.letter if takes_letter(now) else None
    told = letter != (refused.notification if refused is not None else None)
    if state.chosen not in given or note.strip() or told or now.task.kind is TaskKind.FOUND:
        session = session.refused(state.chosen, now.books.rules.rulebook, note, letter)
    asked = evidence.owed_by_refusal(now)
    if asked is not None:
        held = state if session is state.session else state.with_session(session)
        return held.opened(Panel.TASK, chosen="").saying(f"拒收须有{asked.question.zh}：按 F6 拍；拍不成的，选免拍原因。"), None
    return handed_in(now, session)


def _press_held(now: Now, key: str) -> Done | None:
    number = int(key) - 1 if key in keys.DIGITS else -1
    held = now.state.counter.held
    return (now.state.resumed(held[number].session_id), None) if 0 <= number < len(held) else None


def _press_recorded(now: Now, key: str) -> Done | None:
    recorded = now.state.recorded
    refused = recorded is not None and recorded.outcome is Outcome.REFUSE
    if key in (keys.SLIP, keys.REPORT, keys.PRINT) and refused and recorded is not None and recorded.seq is not None:
        return now.state, Dispose(recorded.seq, key)
    return (now.state, Fresh()) if key == keys.ENTER else None


def _press_decide(now: Now, key: str) -> Done | None:
    """A supervisor's decision: what is decided on first (if there are several), then how, then the reason, which is typed."""
    matters = decisions(now)
    number = int(key) - 1 if key in keys.DIGITS else -1
    state = now.state
    if not state.chosen:
        return (replace(state, chosen=matters[number][1], kind=matters[number][0]), None) if 0 <= number < len(matters) else None
    return None


_PANELS: Mapping[Panel, Callable[[Now, str], Done | None]] = {
    Panel.DOCUMENT: _press_document,
    Panel.REFUSE: _press_refuse,
    Panel.LETTER: lambda _now, _key: None,
    Panel.HELD: _press_held,
    Panel.RECORDED: _press_recorded,
    Panel.DECIDE: _press_decide,
    Panel.SUPERVISOR: lambda _now, _key: None,
    Panel.HIT_CODE: lambda _now, _key: None,
    Panel.TYPED_DOCUMENT: lambda _now, _key: None,
    Panel.TYPED_PARTIES: lambda _now, _key: None,
    Panel.LATE: lambda _now, _key: None,
    Panel.CONTENTS: goods.press_contents,
    Panel.PAPERS: goods.press_papers,
    Panel.SERVICE: lambda _now, _key: None,
    Panel.CUSTOMS: lambda _now, _key: None,
    Panel.PIECES: lambda _now, _key: None,
    Panel.PROHIBITED: goods.press_prohibited,
    Panel.RESERVED: service.press_reserved,
    Panel.CODES: service.press_codes,
    Panel.NOTICE: people.press_notice,
    Panel.SENDER: people.press_sender,
    Panel.ORGANISATION: lambda _now, _key: None,
    Panel.ORDER_NAME: lambda _now, _key: None,
}
