"""What scans, readings and forms bring to the counter. Pure, as acts are."""

from __future__ import annotations

from dataclasses import dataclass, replace

from courier_check.acceptance import Contact, Draft, Session
from courier_check.acceptance.tasks import TaskKind
from courier_check.errors import UserError
from courier_check.identity.documents import Source
from courier_check.identity.names import NameMatch, compare_names
from courier_check.identity.phones import Reach, reach_of
from courier_check.identity.readings import SourceReading
from courier_check.parcel.waybills import CodeKind, WaybillCheck, check_waybill
from courier_check.privacy import mask_address, mask_phone
from courier_check.terms import MailKind
from ui.counter import goods, scans
from ui.counter.codes import CounterCode
from ui.counter.effects import Done, Now, ReadLabel
from ui.counter.identity import joined
from ui.counter.people import prefilled_phone
from ui.counter.state import CounterState, FoundGoods, Panel, as_one_step


def scanned(now: Now, text: str, symbology: str | None = None) -> Done:
    """A code read by a gun, wherever the focus is. UserError says what it was and what was expected; nothing is changed then."""
    state, books = now.state, now.books
    if (noted := goods.scanned(now, text)) is not None:
        return noted, None
    check = check_waybill(books.rules.carriers, text, symbology, books.outlet_carriers)
    if check.kind is not CodeKind.WAYBILL:
        raise scans.wrong_scan(now, check, text)
    held = state.draft.waybill
    if state.panel is not Panel.RECORDED and held is not None:
        if held.text == check.text and state.draft.failed_check is not None:  # a supervisor may have had it checked again meanwhile
            return state.with_session(state.session.security_looked_up(None), **still_open(state)), None
        if held.text == check.text:
            return state.saying("这个单号已经扫过。"), None
        raise UserError(CounterCode.ANOTHER_WAYBILL, held=held.text, scanned=check.text)
    kept = {} if state.panel is Panel.CODES else still_open(state)  # the scan has answered which of several codes it is
    taken = state.with_session(state.session.waybill_scanned(check, ""), **kept)
    return taken.beside(symbology=symbology or "", codes=()), ReadLabel(expect=check.text)


def still_open(state: CounterState) -> dict[str, object]:
    """For what comes from outside while somebody is at a panel: it stays as it is, with what is typed in it."""
    if state.panel is Panel.RECORDED:
        return {}
    kept = ("panel", "chosen", "kind", "digits", "present", "sought")
    return {name: getattr(state, name) for name in kept}


@dataclass(frozen=True, slots=True, repr=False)
class LabelRead:
    """A label as a picture gave it. `waybill` None: the picture settles no number; `others`: the numbers in view beside it."""

    waybill: WaybillCheck | None
    symbology: str
    sender: Contact
    addressee: Contact
    warnings: tuple[str, ...] = ()
    others: tuple[WaybillCheck, ...] = ()


def label_read(now: Now, label: LabelRead, expect: str | None) -> CounterState:
    """What a picture of the label brings; with `expect`, only if it is of that number. What was typed is never overwritten.

    Where the label hides the phone and nothing else is left to be filled in, it is the one that a known sender agreed to, unless the digits
    that show are others: G-04, nothing of the sender is typed. It is shown as such, and taken back by one key like the label.
    """
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
    agreed = prefilled_phone(state)
    if agreed and session.draft.addressee.name and not session.draft.sender.phone and _may_be(phone, agreed):
        session = session.sender_known(agreed, business=session.draft.business_sender)
    scan_was_last = expect is not None and bool(state.session.history) and state.session.history[-1].waybill is None
    joined = Session(session.session_id, session.draft, state.session.history) if scan_was_last else as_one_step(state.session, session)
    told = state.with_session(joined, **still_open(state))
    if joined.draft.waybill is None and len(label.others) > 1 and state.panel is Panel.TASK:  # nobody is interrupted at another panel
        told = told.opened(Panel.CODES, chosen="").beside(codes=label.others[:9])
    return told.beside(phone_from_label=from_label or state.aside.phone_from_label, symbology=label.symbology, warnings=label.warnings)


def _may_be(shown: str, phone: str) -> bool:
    """Whether a phone may be the one that a label shows a part of, or nothing."""
    return not shown or (len(shown) == len(phone) and all(one in ("*", digit) for one, digit in zip(shown, phone, strict=True)))


def _numbered(session: Session, label: LabelRead) -> Session:
    """The number and the sender's name as the label shows them. What a gun or the clerk has settled stays, and the answers about it too."""
    held, name = session.draft.waybill, label.sender.name
    if held is None:
        return session.waybill_scanned(label.waybill, name) if label.waybill is not None else session
    better = label.waybill if label.waybill is not None and held.carrier is None else held
    if not session.history and name and not _is_same_name(session.draft.waybill_sender_name, name):
        # The next piece of a shipment, just taken up: the name of the last label was no more than expected on this one.
        return session.waybill_scanned(better, name)
    if better.carrier == held.carrier and (not name or session.draft.waybill_sender_name):
        return session
    return session.waybill_scanned(better, session.draft.waybill_sender_name or name)


def _is_same_name(expected: str, shown: str) -> bool:
    return expected == shown or compare_names(expected, shown) in (NameMatch.EQUAL, NameMatch.MASKED_COMPATIBLE)


_TYPED = (
    *(Panel.TYPED_DOCUMENT, Panel.TYPED_PARTIES, Panel.LATE, Panel.CONTENTS, Panel.REFUSE, Panel.SUPERVISOR, Panel.DECIDE),
    *(Panel.LETTER, Panel.ORGANISATION, Panel.ORDER_NAME, Panel.SERVICE, Panel.CUSTOMS, Panel.PIECES, Panel.PROHIBITED),
)
"""Panels in which something may be half typed when a reading arrives."""


def identified(now: Now, reading: SourceReading, source: str, *, asked: TaskKind | None = None) -> CounterState:
    """A source said something of a document: the sender's, or the agent's or guardian's where that is what was asked for (`asked`: known
    from when it was asked). The same once more changes nothing."""
    state = now.state
    session = joined(now, reading, now.task.kind if asked is None else asked)
    if session.draft == state.draft:
        return state.opened(Panel.TASK, chosen="")
    kept = still_open(state) if reading.source is not Source.TYPED and state.panel in _TYPED else {}
    return state.with_session(session, **kept).beside(source=source, asked_ms=now.mono_ms, front_read=False)


@dataclass(frozen=True, slots=True, repr=False)
class Parties:
    """The form of phone and addressee, as typed."""

    sender_name: str
    sender_phone: str
    sender_address: str
    addressee: Contact


def of_visit(draft: Draft) -> bool:
    """The sender is reached as at the parcel before, which is recorded: phone and address are shown masked from then on."""
    return draft.visitor is not None and draft.sender == draft.visitor.sender


def _unmasked(draft: Draft, parties: Parties) -> Parties:
    """A mask that was left as it stood means what it hides."""
    if not of_visit(draft):
        return parties
    phone, address = draft.sender.phone, draft.sender.address
    kept_phone, kept_address = parties.sender_phone == mask_phone(phone), parties.sender_address == mask_address(address)
    return replace(
        parties,
        sender_phone=phone if kept_phone else parties.sender_phone,
        sender_address=address if kept_address else parties.sender_address,
    )


def parties_typed(now: Now, parties: Parties) -> CounterState:
    """UserError for an empty addressee, or a phone at which nobody can be reached."""
    state, session = now.state, now.state.session
    parties = _unmasked(session.draft, parties)
    if reach_of(parties.sender_phone.strip()) is Reach.NONE:
        raise UserError(CounterCode.PHONE_ODD)
    typed = session.sender_known(parties.sender_phone, parties.sender_address, business=session.draft.business_sender)
    typed = typed.addressed(parties.addressee)
    if parties.sender_name.strip() and typed.draft.waybill is not None and parties.sender_name.strip() != typed.draft.waybill_sender_name:
        typed = typed.waybill_scanned(typed.draft.waybill, parties.sender_name)
    return state.with_session(as_one_step(session, typed)).beside(phone_from_label=False, asked_ms=now.mono_ms)


def goods_named(now: Now, name: str) -> CounterState:
    """The name of prohibited goods. UserError for none."""
    if not name.strip():
        raise UserError(CounterCode.NAME_NEEDED)
    return now.state.beside(found=replace(now.state.aside.found, name=name.strip()[:60]))


def taken_late(now: Now, late_ms: int | None) -> CounterState:
    """补录: when the parcel in hand was taken, None for now. Nothing where the form was left meanwhile."""
    if now.state.panel is not Panel.LATE:
        return now.state
    return now.state.beside(late_ms=late_ms).opened(Panel.TASK, chosen="")


def kind_changed(now: Now, kind: MailKind, *, mailbox_letter: bool = False) -> CounterState:
    return now.state.with_session(now.state.session.kind_changed(kind, mailbox_letter=mailbox_letter)).beside(found=FoundGoods())


def by_agent(now: Now) -> CounterState:
    """代寄: somebody else hands the parcel in."""
    return now.state.with_session(now.state.session.brought_by_agent())
