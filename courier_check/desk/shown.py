"""记录 as it may be shown: what an act's header and surviving parts say, under the masks of domain.md §11.3.

Whatever a clerk has typed freely (names of goods, notes, reasons) may repeat who sends or receives the parcel: a veil over it hides every
value the act keeps in full, and every number long enough to be somebody's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

import msgspec

from courier_check import typed
from courier_check.journal.codes import JournalError
from courier_check.journal.entries import Header
from courier_check.journal.parts import opened
from courier_check.privacy import mask_address, mask_name, mask_number, mask_phone
from courier_check.screening.match import Hit
from courier_check.store.leads import ListHeld
from courier_check.store.list_arrivals import EntryHeld

T = TypeVar("T")
_SHORTEST_SECRET = 2
"""A single character tells nothing, and hiding it everywhere would leave no text."""
_DAY_OR_NUMBER = re.compile(r"((?:19|20)\d\d-(?:0?[1-9]|1[0-2])-(?:0?[1-9]|[12]\d|3[01])(?!\d))|\d(?:[ -]?\d){6,}[Xx]?")
_MOBILE_DIGITS = 11


@dataclass(frozen=True, slots=True)
class PersonShown:
    """A sender, agent or addressee, masked; what is not known is empty."""

    name_mask: str = ""
    number_mask: str = ""
    phone_mask: str = ""
    address_mask: str = ""
    document_type: str | None = None


@dataclass(frozen=True, slots=True)
class ReasonShown:
    """Why the verdict came out as it did: the code names the sentence; `refusal` where it refused."""

    code: str
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class DecisionShown:
    """What a supervisor decided: on a hit its `kind` (not-same …), or the `code` of the reason that was settled."""

    supervisor: str
    kind: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class ItemShown:
    """内件 as declared."""

    name: str
    category: str = ""
    quantity: int = 1
    weight_g: int | None = None
    value_fen: int | None = None
    cigarette_sticks: int | None = None
    gtin: str | None = None
    goods: str | None = None
    brand: str | None = None
    personal_use: bool = False
    papers: tuple[str, ...] = ()
    org_code: str | None = None
    epc: str | None = None
    epc_gtin: str | None = None
    epc_serial: int | None = None
    more_epcs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceShown:
    """服务信息 as a header names it: nothing of anybody."""

    product: str = ""
    payer: str | None = None
    insured: bool = False
    way: str = "counter"
    country: str = "CN"
    customs: str | None = None


@dataclass(frozen=True, slots=True)
class ShipmentShown:
    """一票多件: which piece this was, of how many."""

    piece: int
    pieces: int


@dataclass(frozen=True, slots=True)
class FoundShown:
    """What was found among the contents."""

    kind: str
    name: str = ""
    category: str | None = None
    concealed: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class GivenShown:
    """The reason given for a decision or a refusal; `of` is what it was given for."""

    of: str
    reason: str


@dataclass(frozen=True, slots=True)
class LeadShown:
    """线索 as a header names it."""

    number: str
    county: str | None = None


@dataclass(frozen=True, slots=True)
class HeaderShown:
    """What the header says of an act, whether its parts survive or not. `answers`: checklist item → answer; `chosen`: by the clerk;
    `late_ms`: 补录, when the parcel was taken; `dwell_ms`: how long each question stood, `hurried`: the longest run answered too fast;
    `took_ms`: how long the parcel was in hand;
    `taken_back`: item → how often an answer that stopped the parcel was taken back (`found`, `refusal`: what was named, 拒收 chosen)."""

    letter: bool = False
    name_match: str | None = None
    pieces: int = 0
    weight_g: int | None = None
    reasons: tuple[ReasonShown, ...] = ()
    refusals: tuple[str, ...] = ()
    chosen: bool = False
    answers: Mapping[str, str] = field(default_factory=dict)
    resolutions: tuple[DecisionShown, ...] = ()
    dispositions: tuple[str, ...] = ()
    late_ms: int | None = None
    service: ServiceShown | None = None
    shipment: ShipmentShown | None = None
    reserved: str | None = None
    dwell_ms: Mapping[str, int] = field(default_factory=dict)
    hurried: int = 0
    took_ms: int | None = None
    taken_back: Mapping[str, int] = field(default_factory=dict)
    report_to: tuple[str, ...] = ()
    lead: LeadShown | None = None
    lists_held: tuple[ListHeld, ...] = ()
    notification: NotificationShown | None = None


@dataclass(frozen=True, slots=True)
class ListNamed:
    """A list that was hit, as whoever it bars is told of it: nothing of the entry itself."""

    title: str = ""
    issuer: str = ""
    doc_no: str = ""
    basis: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class NotificationShown:
    """通知 that a refusal goes by: number, who sent it, and the day it came."""

    received_on: str
    number: str = ""
    sender: str = ""


@dataclass(frozen=True, slots=True)
class KeptShown:
    """What the company keeps of an act, masked. `notes`: checklist item → note; `exemptions`: photo rule → reason; `first_waybill`: of the
    shipment's first piece; `declared_fen`: 保价."""

    sender: PersonShown
    agent: PersonShown | None
    addressee: PersonShown | None
    items: tuple[ItemShown, ...]
    notes: Mapping[str, str]
    found: tuple[FoundShown, ...]
    given: tuple[GivenShown, ...]
    exemptions: Mapping[str, str]
    first_waybill: str = ""
    declared_fen: int | None = None
    exemption_notes: Mapping[str, str] = field(default_factory=dict)
    lists: tuple[ListNamed, ...] = ()
    entries_held: tuple[EntryHeld, ...] = ()
    notification: NotificationShown | None = None


# Parts as they stand in the journal ------------------------------------------------------------------------------------------------------


class Person(msgspec.Struct, frozen=True):
    """Somebody as a part names them. Never printed."""

    name: str = ""
    number: str = ""
    phone: str = ""
    address: str = ""
    type: str | None = None

    def __repr__(self) -> str:
        return "Person(…)"


class SendingOrganisation(msgspec.Struct, frozen=True):
    """寄件单位 as a part names it, with its responsible person. Never printed."""

    name: str = ""
    uscc: str = ""
    responsible: str = ""

    def __repr__(self) -> str:
        return "SendingOrganisation(…)"


class KeptService(msgspec.Struct, frozen=True):
    """服务信息 as a part keeps it. The place may be somebody's door."""

    place: str = ""
    declared_fen: int | None = None

    def __repr__(self) -> str:
        return "KeptService(…)"


class Kept(msgspec.Struct, frozen=True):
    """The `kept` part of an act or a correction; what a later program may keep besides is passed over. Never printed."""

    items: tuple[ItemShown, ...] = ()
    notes: dict[str, str] = {}
    found: tuple[FoundShown, ...] = ()
    reasons_given: tuple[GivenShown, ...] = ()
    photo_keys: dict[str, str] = {}
    exemptions: dict[str, str] = {}
    exemption_notes: dict[str, str] = {}
    photo_faults: dict[str, tuple[str, ...]] = {}
    addressee: Person | None = None
    sender: Person = Person()
    agent: Person | None = None
    guardian: Person | None = None
    organisation: SendingOrganisation | None = None
    service: KeptService = KeptService()
    first_waybill: str = ""
    changes: dict[str, str] = {}
    reason: str = ""
    image: str = ""
    person: str = ""
    reference: str = ""
    list_number: str = ""
    officers: tuple[str, ...] = ()
    whereabouts: str = ""
    told: str = ""
    hits: tuple[ListNamed, ...] = ()
    entries_held: tuple[EntryHeld, ...] = ()
    notification: NotificationShown | None = None

    def __repr__(self) -> str:
        return "Kept(…)"


class _Reported(msgspec.Struct, frozen=True):
    sender: Person = Person()


def kept_of(openings: Mapping[str, bytes]) -> Kept | None:
    """The `kept` part; None where it was destroyed or can't be read (which verification reports)."""
    return _read(openings.get("kept"), Kept)


def sender_kept(openings: Mapping[str, bytes]) -> dict[str, str]:
    """The sender in full as the parts of an act or of a correction have him: name, number, phone and address as far as they say them."""
    kept, reported = kept_of(openings) or Kept(), _read(openings.get("reported"), _Reported) or _Reported()
    said = {"name": reported.sender.name, "number": reported.sender.number, "phone": kept.sender.phone, "address": kept.sender.address}
    return {name: kept.changes.get(name) or value for name, value in said.items() if kept.changes.get(name) or value}


class HitKept(msgspec.Struct, frozen=True):
    """名单命中 as the `kept` part of an act names it."""

    list: str = ""
    entry: str = ""
    revision: int = 0
    reasons: tuple[str, ...] = ()

    def tells(self, hit: Hit) -> bool:
        """Whether it is the same entry, and nothing more speaks for it now than did then."""
        same = (self.list, self.entry, self.revision) == (hit.list_id, hit.entry_id, hit.revision)
        return same and {reason.value for reason in hit.reasons} <= set(self.reasons)


class _Hits(msgspec.Struct, frozen=True):
    hits: tuple[HitKept, ...] = ()


def hits_kept(openings: Mapping[str, bytes]) -> tuple[HitKept, ...]:
    """The hits that an act kept, which were decided on before the parcel was accepted."""
    return (_read(openings.get("kept"), _Hits) or _Hits()).hits


def header_shown(header: Header) -> HeaderShown | None:
    """What the facts say; None where another program wrote them otherwise."""
    try:
        return typed.convert(header.facts, HeaderShown)
    except msgspec.MsgspecError:
        return None


def _read(opening: bytes | None, into: type[T]) -> T | None:
    try:
        return None if opening is None else typed.convert(opened(opening), into)
    except (JournalError, msgspec.MsgspecError):
        return None


# Masks -----------------------------------------------------------------------------------------------------------------------------------

_MASKS: Mapping[str, Callable[[str], str]] = {
    "name": mask_name,
    "number": mask_number,
    "phone": mask_phone,
    "address": mask_address,
    "addressee_name": mask_name,
    "addressee_phone": mask_phone,
    "addressee_address": mask_address,
}
"""Fields that say who somebody is: of a person, and of a correction."""


class Veil:
    """Hides in free text every value that an act and its corrections keep in full."""

    def __init__(self, parts: Iterable[Mapping[str, bytes]]) -> None:
        secrets = {value: mask for openings in parts for value, mask in _secrets(openings) if len(value) >= _SHORTEST_SECRET}
        self._secrets = sorted(secrets.items(), key=lambda pair: len(pair[0]), reverse=True)  # one may contain another

    def over(self, text: str) -> str:
        """The text with values hidden as they are masked elsewhere, and long numbers besides, however they are spaced."""
        return _DAY_OR_NUMBER.sub(_number_hidden, self.over_reference(text))

    def over_reference(self, text: str) -> str:
        """A machine's own name of something: whoever is named in it is hidden, its digits stay, or nobody could find what it names."""
        for secret, mask in self._secrets:
            text = text.replace(secret, mask)
        return text

    def over_all(self, texts: Mapping[str, str]) -> dict[str, str]:
        return {name: self.over(text) for name, text in texts.items()}

    def person(self, person: Person | None) -> PersonShown | None:
        """Somebody masked. An address's province may be somebody's name, hence the veil over the mask."""
        if person is None:
            return None
        return PersonShown(
            name_mask=mask_name(person.name),
            number_mask=mask_number(person.number),
            phone_mask=mask_phone(person.phone),
            address_mask=self.over(mask_address(person.address)),
            document_type=person.type,
        )

    def _notification(self, told: NotificationShown | None) -> NotificationShown | None:
        """A notice keeps its number, or nobody could find it; whoever the act keeps in full is hidden in it."""
        if told is None:
            return None
        return replace(told, number=self.over_reference(told.number), sender=self.over_reference(told.sender))

    def changes(self, changes: Mapping[str, str]) -> dict[str, str]:
        """The right values of a correction, masked. A waybill is shown in full, as everywhere."""
        shown = {name: _MASKS[name](value) if name in _MASKS else value for name, value in changes.items()}
        return {name: value if name == "waybill" else self.over(value) for name, value in shown.items()}

    def kept(self, kept: Kept, sender: PersonShown) -> KeptShown:
        """The `kept` part, masked. `sender`: as the index part has them, under the masks the gateway knows."""
        own = self.person(kept.sender)
        return KeptShown(
            sender=replace(sender, address_mask=own.address_mask if own else ""),
            agent=self.person(kept.agent),
            addressee=self.person(kept.addressee),
            items=tuple(replace(item, name=self.over(item.name), brand=self.over(item.brand or "") or None) for item in kept.items),
            notes=self.over_all(kept.notes),
            found=tuple(replace(one, name=self.over(one.name), note=self.over(one.note)) for one in kept.found),
            given=tuple(replace(one, reason=self.over(one.reason)) for one in kept.reasons_given),
            exemptions=self.over_all(kept.exemptions),
            first_waybill=kept.first_waybill,
            declared_fen=kept.service.declared_fen,
            exemption_notes=self.over_all(kept.exemption_notes),
            lists=tuple(dict.fromkeys(kept.hits)),
            entries_held=kept.entries_held,
            notification=self._notification(kept.notification),
        )


def _secrets(openings: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    kept, reported = kept_of(openings), _read(openings.get("reported"), _Reported)
    people = [reported.sender] if reported else []
    if kept is not None:
        people += [person for person in (kept.sender, kept.addressee, kept.agent, kept.guardian) if person is not None]
        if kept.organisation is not None:
            people.append(Person(name=kept.organisation.responsible, number=kept.organisation.uscc))
        yield from ((value, _MASKS[name](value)) for name, value in kept.changes.items() if name in _MASKS)
    for person in people:
        yield from ((getattr(person, name), _MASKS[name](getattr(person, name))) for name in ("name", "number", "phone", "address"))


def _number_hidden(found: re.Match[str]) -> str:
    """A day stays as it is; any other long number may be a telephone's or a document's."""
    if found[1] is not None:
        return found[0]
    number = found[0].replace(" ", "").replace("-", "")
    return mask_phone(number) if len(number) == _MOBILE_DIGITS else mask_number(number)
