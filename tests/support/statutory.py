"""What must hold of whatever is accepted, written down a second time: from the file of the rules as it stands and from what was done at the
window, in its order. Nothing here asks the program what it thinks.

Three-valued as the rules are: a fact that this does not work out is unknown, and what hangs on it is not asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from courier_check.identity.documents import DocumentType, IdentityDocument, Source
from courier_check.identity.readings import SourceReading
from courier_check.parcel.contents import DeclaredItem
from courier_check.screening.entries import Action
from courier_check.screening.match import Hit
from support.parcels import TODAY

CATEGORIES = frozenset(f"{number:02d}" for number in range(1, 20))
GOOD_NUMBERS = {"41010519900307123X": 36, "410105199003071248": 36}
"""Numbers of made-up people whose check character holds, and their age on the day."""


@dataclass(frozen=True)
class Event:
    """Something that was done: `what`, and what it was done with."""

    what: str
    given: Any = None


@dataclass
class Told:
    """What the window was told, in so far as it still stands."""

    kind: str = "parcel"
    letter: bool = False
    sampled: bool = False
    business: bool = False
    readings: dict[Source, SourceReading] = field(default_factory=dict)
    with_agent: bool = False
    agent: IdentityDocument | None = None
    phone: str = ""
    label: str | None = None
    ordered: str = ""
    items: tuple[DeclaredItem, ...] = ()
    weight_g: int | None = None
    country: str | None = None
    client: tuple[str, str] | None = None
    """The agreement client's code and kind."""
    found: list[str] = field(default_factory=list)
    answers: dict[str, tuple[str, str, frozenset[str]]] = field(default_factory=dict)
    """By the words of the question: the answer, the step it is about, and the facts on account of which it was asked."""
    decided: list[tuple[Hit, str, frozenset[str]]] = field(default_factory=list)
    settled: frozenset[str] = frozenset()
    refused: bool = False
    refused_with: str | None = None

    def void(self, *moments: str) -> None:
        self.answers = {words: given for words, given in self.answers.items() if given[1] not in moments}

    def void_because_of(self, *facts: str) -> None:
        self.answers = {words: given for words, given in self.answers.items() if given[2].isdisjoint(facts)}

    @property
    def documents(self) -> list[IdentityDocument]:
        return [reading.document for reading in self.readings.values()]

    @property
    def differs(self) -> bool:
        """Whether two sources say different things about a field that both tell."""
        return any(len(values) > 1 for values in self._fields().values())

    @property
    def document(self) -> IdentityDocument | None:
        """What all sources say together; None where they differ, or nothing was read."""
        if not self.readings or self.differs:
            return None
        return replace(self.documents[0], **{name: next(iter(values), None) for name, values in self._fields().items()})

    def _fields(self) -> dict[str, set[Any]]:
        names = ("type", "name", "number", "valid_from", "valid_until")
        return {name: {getattr(each, name) for each in self.documents} - {None} for name in names}

    @property
    def subjects(self) -> frozenset[str]:
        """Who is looked for on the lists."""
        if self.letter:
            return frozenset()
        numbers = {one.number for one in (*self.documents, self.agent) if one is not None and one.number}
        return frozenset(numbers | ({self.phone} if self.phone else set()))


def told(events: Sequence[Event]) -> Told:
    """All events gone through, each making void what it makes void."""
    seen = Told()
    for event in events:
        _TAKES[event.what](seen, event.given)
    return seen


def _kind(seen: Told, given: tuple[str, bool]) -> None:
    seen.kind, mailbox_letter = given
    seen.client = None
    seen.letter = seen.kind == "letter" or (seen.kind == "inspection-mailbox" and mailbox_letter)
    seen.answers = {}


def _read(seen: Told, reading: SourceReading) -> None:
    before = {one.number for one in seen.documents}
    seen.readings = {**seen.readings, reading.source: reading}
    seen.settled = frozenset()
    if before.isdisjoint({one.number for one in seen.documents}):
        seen.void("identity", "waybill", "label")


def _identified(seen: Told, document: IdentityDocument) -> None:
    seen.readings = {document.source: SourceReading(document.source, document)}
    seen.settled = frozenset()
    seen.void("identity", "waybill", "label")


def _agent(seen: Told, document: IdentityDocument | None) -> None:
    seen.with_agent, seen.agent = True, document
    seen.void("identity")


def _sender(seen: Told, given: tuple[str, bool]) -> None:
    seen.phone, seen.business = given


def _label(seen: Told, name: str) -> None:
    seen.label, seen.ordered = name, ""
    seen.void("waybill", "label")


def _order(seen: Told, name: str) -> None:
    seen.ordered = name
    seen.void("waybill", "label")


def _declared(seen: Told, given: tuple[tuple[DeclaredItem, ...], int | None]) -> None:
    seen.items = given[0]
    seen.weight_g = given[1] or seen.weight_g
    seen.void("contents")


def _weighed(seen: Told, weight_g: int) -> None:
    seen.weight_g = weight_g


def _served(seen: Told, country: str) -> None:
    if country != seen.country:
        seen.void_because_of("destination", "domestic")
    seen.country = country


def _client(seen: Told, client: tuple[str, str]) -> None:
    if client != seen.client:
        seen.void_because_of("client", "client_kind", "agreement_client")
    seen.client = client


def _answer(seen: Told, given: tuple[str, str, str, frozenset[str]]) -> None:
    words, answer, moment, because_of = given
    seen.answers[words] = (answer, moment, because_of)


def _found(seen: Told, kind: str) -> None:
    seen.found.append(kind)


def _decided(seen: Told, given: tuple[Hit, str]) -> None:
    seen.decided.append((*given, seen.subjects))


def _settled(seen: Told, code: str) -> None:
    seen.settled |= {code}


def _refused(seen: Told, code: str) -> None:
    seen.refused, seen.refused_with = True, code


def _next_parcel(seen: Told, _given: object) -> None:
    """The person is the same; what is asked of the parcel is asked anew, and a no of before is no answer of now."""
    seen.void("waybill", "opening", "contents", "sealing", "label")
    seen.void_because_of("destination", "domestic")
    seen.country = None
    seen.answers = {words: given for words, given in seen.answers.items() if given[0] == "yes"}
    seen.label, seen.ordered, seen.items, seen.weight_g, seen.sampled = None, "", (), None, False
    seen.letter, seen.found, seen.decided, seen.settled, seen.refused = seen.kind == "letter", [], [], frozenset(), False
    seen.refused_with = None


def _nothing(_seen: Told, _given: object) -> None:
    """Changes nothing that is asked about here."""


_TAKES: Mapping[str, Any] = {
    "kind": _kind,
    "sampled": lambda seen, given: setattr(seen, "sampled", given),
    "read": _read,
    "identified": _identified,
    "agent": _agent,
    "sender": _sender,
    "label": _label,
    "order": _order,
    "declared": _declared,
    "weighed": _weighed,
    "served": _served,
    "client": _client,
    "answer": _answer,
    "found": _found,
    "decided": _decided,
    "settled": _settled,
    "refused": _refused,
    "next-parcel": _next_parcel,
    "other": _nothing,
}


def asked_about(condition: Mapping[str, Any] | None) -> frozenset[str]:
    """The facts that a condition of the file names."""
    if condition is None:
        return frozenset()
    parts = [*condition.get("all", ()), *condition.get("any", ())]
    return frozenset({condition["fact"]} if "fact" in condition else ()).union(*map(asked_about, parts))


# The rules, read once more ----------------------------------------------------------------------------------------------------------------


def holds(condition: Mapping[str, Any] | None, facts: Mapping[str, Any]) -> bool | None:
    """Whether a condition of the file holds; None where that is not known."""
    if condition is None:
        return True
    if "all" in condition or "any" in condition:
        decisive = "any" in condition
        truths = [holds(part, facts) for part in condition["any" if decisive else "all"]]
        if decisive in truths:
            return decisive
        return None if None in truths else not decisive
    value = facts.get(condition["fact"])
    if value is None:
        return None
    if "in" in condition:
        return any(one in condition["in"] for one in value) if isinstance(value, tuple) else value in condition["in"]
    if "equals" in condition:
        return bool(value == condition["equals"])
    return bool(value >= condition["at_least"]) if "at_least" in condition else bool(value <= condition["at_most"])


def facts_of(seen: Told, *, drawn: bool | None, spared: bool | None, listed: bool | None, screened: bool | None) -> dict[str, Any]:
    """The facts that rules may ask for, as far as they follow from what was told without a doubt. `drawn`: what the station's lot says."""
    document, several = seen.document, len(seen.readings) > 1
    doubted = tuple(sorted({doubt.field.value for each in seen.readings.values() for doubt in each.doubts}))
    return {
        "mail_kind": seen.kind,
        "letter": seen.letter,
        "document_present": bool(seen.readings),
        "document_type": document.type.value if document else None,
        "document_source": document.source.value if document and not several else None,
        "name_match": _name_match(seen),
        "sender_age": GOOD_NUMBERS.get(document.number or "") if document else None,
        "agent": seen.with_agent,
        "agent_document_type": seen.agent.type.value if seen.with_agent and seen.agent else None,
        "doubtful_fields": None if doubted and several else doubted,
        "business_sender": seen.business,
        "contents_categories": tuple(item.category for item in seen.items),
        "item_quantity": max((item.quantity for item in seen.items), default=None),
        "weight_g": seen.weight_g or sum(item.weight_g or 0 for item in seen.items) or None,
        "sampled": seen.sampled or drawn,
        "spared": spared,
        "listed_for_inspection": listed,
        "screened": screened,
        "destination": seen.country,
        "domestic": None if seen.country is None else seen.country == "CN",
        "agreement_client": False if seen.kind != "agreement" else (True if seen.client else None),
        "client_kind": seen.client[1] if seen.client else None,
        "client": seen.client[0] if seen.client else None,
    }


def _name_match(seen: Told) -> str | None:
    document = seen.document
    if document is None or seen.label is None or not _is_identified(seen) or document.name != "张三丰":
        return None
    if seen.label == "张*丰":
        return "equal" if seen.ordered == "张三丰" else "masked-compatible"
    return "equal" if seen.label == "张三丰" else None


def _is_identified(seen: Told) -> bool:
    """Parcels, and what goes to an inspection mailbox and is no letter."""
    return not seen.letter and seen.kind in ("parcel", "inspection-mailbox")


# What must hold ---------------------------------------------------------------------------------------------------------------------------


def faults(rules: Mapping[str, Any], seen: Told, facts: Mapping[str, Any], *, spared: bool) -> Iterator[str]:
    """Every reason why a parcel told like this must not have been accepted. `spared`: the law lets it go unopened."""
    if seen.refused:
        yield "the clerk refused it"
    yield from (f"found {kind}" for kind in seen.found)
    yield from _answer_faults(rules, seen, facts, spared=spared)
    if not seen.letter:
        yield from _floor_faults(rules, seen, spared=spared)
    if _is_identified(seen):
        yield from _document_faults(seen)


def _standing(seen: Told, item: Mapping[str, Any]) -> str | None:
    answer = seen.answers.get(item["question"]["zh"])
    return answer[0] if answer else None


def _is_ok(seen: Told, item: Mapping[str, Any]) -> bool:
    effect = (item.get("answers") or {}).get(_standing(seen, item))
    return effect is not None and effect["leads_to"] == "ok"


def _answer_faults(rules: Mapping[str, Any], seen: Told, facts: Mapping[str, Any], *, spared: bool) -> Iterator[str]:
    for item in rules["items"]:
        if holds(item.get("when"), facts) is not True:
            continue
        unopened = spared and item["checklist"] == "inspection"
        if item["answer"] == "established":
            met = holds(item["established_by"], facts)
            if item["mandatory"] and not unopened and met is False:
                yield f"{item['id']} is not established"
            continue
        answer = _standing(seen, item)
        if answer is None and item["mandatory"] and not unopened:
            yield f"{item['id']} is not answered"
        if answer in item["answers"] and not _is_ok(seen, item):
            yield f"{item['id']} is answered {answer}"
        if answer == "no" and item.get("covers"):
            yield f"{item['id']} says that prohibited goods are there"


def unguarded(rules: Mapping[str, Any], seen: Told, facts: Mapping[str, Any], guarded: Sequence[bool]) -> Iterator[str]:
    """What is there by the clerk's word, may not be sent or can't be told, and was not named: it must not be given back (domain.md §11.9).
    `guarded`: of everything that is to be done, whether it keeps what was found where it is."""
    if "unidentified" in seen.found or any(guarded):
        return
    named = "prohibited" in seen.found
    if seen.refused_with == "R07" and not named:
        yield "refused for prohibited goods, and given back"
    for item in rules["items"]:
        if _standing(seen, item) != "no" or holds(item.get("when"), facts) is not True:
            continue
        unknown = item.get("unidentified") or item["id"] == "nothing-unidentified"  # a lighter that is named besides is not the powder
        if unknown or (not named and len(item.get("covers", ())) > 1):
            yield f"{item['id']} is answered no, and it is given back"


def _floor_faults(rules: Mapping[str, Any], seen: Told, *, spared: bool) -> Iterator[str]:
    """The law's own, whatever the file says of conditions and moments."""
    agreed = [item for item in rules["items"] if item["answer"] == "judged" and item["mandatory"] and _standing(seen, item) == "yes"]
    if not spared:
        asked = {code for item in agreed for code in item.get("covers", ())}
        if missing := CATEGORIES - asked:
            yield f"nobody said that nothing of {sorted(missing)} is there"
        if not any(item.get("role") == "opened-inspection" for item in agreed):
            yield "nobody said that it was opened"
    if _is_identified(seen) and not any(item.get("role") == "valid-id" for item in agreed):
        yield "nobody said that a valid document was shown"


def _document_faults(seen: Told) -> Iterator[str]:
    if not seen.readings:
        yield "no document"
    if seen.differs:  # which of them counts is another test's affair; somebody must have said so
        if not any(code.startswith("reading-different") for code in seen.settled):
            yield "the sources of the document differ"
        return
    document = seen.document
    if document is not None:
        yield from _validity_faults(document)
    if seen.with_agent:
        yield from _validity_faults(seen.agent) if seen.agent is not None else ("no document of the agent",)


def _validity_faults(document: IdentityDocument) -> Iterator[str]:
    if document.type is not DocumentType.RESIDENT_ID:
        yield f"{document.type} is no valid document"
    if not document.name:
        yield "no name"
    if document.number not in GOOD_NUMBERS:
        yield "a number that can't be"
    if not (document.valid_from or TODAY) <= TODAY <= (document.valid_until or TODAY):
        yield "not valid on the day"


def _is_for(subjects: frozenset[str], seen: Told) -> bool:
    """Whether a decision was for who stands here; where two sources differ, it was for the one that counts."""
    return subjects <= seen.subjects if seen.differs else subjects == seen.subjects


def hit_faults(hits: Sequence[Hit], seen: Told) -> Iterator[str]:
    """Hits that stop a parcel and that nobody has decided on, or has decided against it."""
    for hit in hits:
        if hit.action is Action.NOTE:
            continue
        decisions = [kind for about, kind, subjects in seen.decided if about == hit and _is_for(subjects, seen)]
        if not decisions:
            yield f"{hit.entry_id} ({hit.action}) is not decided on"
        elif decisions[-1] == "same" and hit.action is Action.BLOCK and hit.basis:
            yield f"{hit.entry_id} is barred"
