"""名单核查: who is on a list, how surely, and how far the list may then go (measured/screening.md §6, domain.md §10 and §11.7).

Exact identifiers, names equal after normalising, and firms' names that are alike (near.py). What a store finds by key (which may be a
hash), and what an index finds, is confirmed here on the full value.
A person's name alone never goes above review; a list without legal basis never above inspection; nothing unscreened is ever a silent pass.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from courier_check.errors import UserError
from courier_check.screening.codes import Advice, MatchReason, ScreeningCode
from courier_check.screening.entries import Action, IssuerKind, KeyKind, ListEntry, ListHeader, SubjectKind, encode_form
from courier_check.screening.explanation import Explanation
from courier_check.screening.normalise import NormalName, regions_compatible
from courier_check.screening.standing import Standing

if TYPE_CHECKING:  # NumPy is loaded only where names are really compared
    from courier_check.screening.align import Step
    from courier_check.screening.near import NearName

_SURE_CORE = 4
"""Cores shorter than this are shared by strangers: they need a common region as well."""


_CLOCKS_DIFFER_DAYS = 1
_MOST_FOR_NEAR = 94
"""Alike is always less than equal (95)."""
_NEAR_REASONS = (MatchReason.SIMILAR_NAME, MatchReason.CONTAINED_NAME)
_NAME_REASONS = (MatchReason.SAME_NAME, MatchReason.SAME_CORE_NAME, *_NEAR_REASONS)


class Level(StrEnum):
    PASS = "pass"  # noqa: S105 - a level, not a secret
    REVIEW = "review"
    BLOCK = "block"


class ScreeningStatus(StrEnum):
    """Whether the answer can be relied on."""

    SCREENED = "screened"
    STALE = "stale"  # a list has expired, nobody confirmed for too long that it is the newest, or the clock is behind it
    KEY_MISSING = "key-missing"  # a list's numbers are under a match key the query was not made with
    NOT_SCREENED = "not-screened"  # no list installed, or the names of one could not be searched


@dataclass(frozen=True, slots=True)
class Query:
    """Who is asked about. Tokens are given under every match key held: lists of last year are under last year's key."""

    name: NormalName | None = None
    uscc: str | None = None
    id_tokens: tuple[str, ...] = ()
    phone_tokens: tuple[str, ...] = ()
    address_tokens: tuple[str, ...] = ()
    match_key_ids: tuple[str, ...] = ()

    def keys(self) -> Iterator[tuple[KeyKind, str]]:
        """Keys under which entries about this subject can stand."""
        if self.uscc:
            yield KeyKind.USCC, self.uscc
            yield KeyKind.ORG_CODE, self.uscc[8:17]
        yield from ((KeyKind.ID_TOKEN, token) for token in self.id_tokens)
        yield from ((KeyKind.PHONE_TOKEN, token) for token in self.phone_tokens)
        yield from ((KeyKind.ADDRESS_TOKEN, token) for token in self.address_tokens)
        if self.name and self.name.full:
            yield KeyKind.FULL_NAME, self.name.full
        if self.name and self.name.core:
            yield KeyKind.CORE_NAME, self.name.core

    @property
    def has_tokens(self) -> bool:
        return bool(self.id_tokens or self.phone_tokens or self.address_tokens)


@dataclass(frozen=True, slots=True)
class InstalledList:
    """A list in use. `confirmed_on`: the last day the gateway said that this version is the newest (or it was installed)."""

    header: ListHeader
    confirmed_on: date
    entries: int = 0


class Candidates(Protocol):
    """The installed lists, looked up by key. It may return too much (hash keys), never too little."""

    def by_key(self, kind: KeyKind, value: str) -> Iterable[ListEntry]: ...

    def entry(self, list_id: str, entry_id: str) -> ListEntry | None: ...

    def installed(self) -> Sequence[InstalledList]: ...


class NearNames(Protocol):
    """The index of listed firms' names. What it finds is confirmed on the entry; `defects` are lists it could not search wholly."""

    def near(self, name: NormalName, lists: Sequence[InstalledList]) -> tuple[Sequence[NearName], Sequence[tuple[str, ScreeningCode]]]: ...

    def side_by_side(self, asked: NormalName, listed: NormalName) -> tuple[Step, ...]: ...


@dataclass(frozen=True, slots=True)
class Listed:
    """What is screened against: the lists, and the index of their names (None: names are found only where they are equal)."""

    entries: Candidates
    names: NearNames | None = None


@dataclass(frozen=True, slots=True)
class Freshness:
    """How long a list counts without confirmation. `strict`: a stale list alone calls the supervisor (off: months offline are normal)."""

    max_age_days: int = 7
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """命中. `score` (0–100) only orders hits: it is no probability. `matched_name` is the entry's spelling, for the eyes that compare.

    `organisation`: the entry's 组织机构代码, if it has one; `said`: the digest of all the entry says, to which decisions are bound
    besides its revision (a plain file has none that grows); `standing`: an earlier decision that holds for this client."""

    list_id: str
    list_title: str
    list_version: int
    entry_id: str
    revision: int
    subject_kind: SubjectKind
    action: Action
    advice: Advice
    issuer: str
    doc_no: str
    basis: str
    remedy: str
    entry_reason: str
    score: int
    reasons: tuple[MatchReason, ...]
    ends_agreement: bool
    matched_name: str = field(repr=False)
    explanation: Explanation | None = None
    organisation: str | None = None
    said: str = ""
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Screening:
    """The outcome. Hits strongest first; `lists` are all installed lists with versions, `stale` and `unkeyed` those that fell short,
    `unsearched` those whose index of names could not be used, and why."""

    level: Level
    status: ScreeningStatus
    hits: tuple[Hit, ...]
    lists: tuple[tuple[str, int], ...]
    stale: tuple[str, ...] = ()
    unkeyed: tuple[str, ...] = ()
    freshness: Freshness = Freshness()
    unsearched: tuple[tuple[str, ScreeningCode], ...] = ()

    @property
    def ends_agreement(self) -> bool:
        """企业自有名单: the client's parcels go the ordinary way."""
        return any(hit.ends_agreement for hit in self.hits)


@dataclass(frozen=True, slots=True)
class _Evidence:
    reason: MatchReason
    limit: Action
    score: int
    weakened_by: tuple[MatchReason, ...] = ()


def screen(query: Query, listed: Candidates | Listed, at_on: date, freshness: Freshness = Freshness()) -> Screening:
    """Screen one subject as of a day (that of the acceptance, not of the sync). UserError if there is nothing to ask by."""
    keys = tuple(dict.fromkeys(query.keys()))
    if not keys:
        raise UserError(ScreeningCode.EMPTY_QUERY)
    against = listed if isinstance(listed, Listed) else Listed(listed)
    lists = {held.header.list_id: held for held in against.entries.installed()}
    found = {(entry.list_id, entry.entry_id): entry for kind, value in keys for entry in against.entries.by_key(kind, value)}
    near, unsearched = _near(query, against, tuple(lists.values()))
    for key in near.keys() - found.keys():
        entry = against.entries.entry(*key)
        if entry is not None:
            found[key] = entry
    in_force = (entry for entry in found.values() if entry.list_id in lists and entry.in_force(at_on))
    asked = _Asked(query, near, against.names)
    hits = [hit for entry in in_force if (hit := _hit(asked, entry, lists[entry.list_id].header, at_on)) is not None]
    stale = tuple(name for name, held in sorted(lists.items()) if _is_stale(held, at_on, freshness))
    unkeyed = tuple(name for name, held in sorted(lists.items()) if _is_unkeyed(held.header, query))
    status = _status(screened=bool(lists) and not unsearched, unkeyed=bool(unkeyed), stale=bool(stale))
    return Screening(
        level=_level(hits, status),
        status=status,
        hits=tuple(sorted(hits, key=lambda hit: (-hit.action.weight, -hit.score, hit.list_id, hit.entry_id))),
        lists=tuple((name, held.header.version) for name, held in sorted(lists.items())),
        stale=stale,
        unkeyed=unkeyed,
        freshness=freshness,
        unsearched=unsearched,
    )


_Near = dict[tuple[str, str], "NearName"]


@dataclass(frozen=True, slots=True)
class _Asked:
    query: Query
    near: _Near
    names: NearNames | None


def _near(query: Query, listed: Listed, lists: Sequence[InstalledList]) -> tuple[_Near, tuple[tuple[str, ScreeningCode], ...]]:
    """The best near name of each entry, and the lists that could not be searched."""
    if listed.names is None or query.name is None or not query.name.full or not lists:
        return {}, ()
    names, defects = listed.names.near(query.name, lists)
    best: _Near = {}
    for name in sorted(names, key=lambda each: each.likeness.score):
        best[name.list_id, name.entry_id] = name
    return best, tuple(defects)


def _status(*, screened: bool, unkeyed: bool, stale: bool) -> ScreeningStatus:
    if not screened:
        return ScreeningStatus.NOT_SCREENED
    if unkeyed:
        return ScreeningStatus.KEY_MISSING
    return ScreeningStatus.STALE if stale else ScreeningStatus.SCREENED


def _level(hits: Sequence[Hit], status: ScreeningStatus) -> Level:
    """What was not screened wholly, or against an old list, never passes; what it means for the parcel is said by review.py."""
    if any(hit.action is Action.BLOCK for hit in hits):
        return Level.BLOCK
    return Level.REVIEW if status is not ScreeningStatus.SCREENED or any(hit.action is not Action.NOTE for hit in hits) else Level.PASS


def _is_stale(listed: InstalledList, at_on: date, freshness: Freshness) -> bool:
    """A day that lies before the list was confirmed is that of a clock set back: nobody knows how old the list is."""
    age_days = (at_on - listed.confirmed_on).days
    return _has_expired(listed.header, at_on) or not -_CLOCKS_DIFFER_DAYS <= age_days <= freshness.max_age_days


def _has_expired(header: ListHeader, at_on: date) -> bool:
    return header.expires_on is not None and at_on >= header.expires_on


def _is_unkeyed(header: ListHeader, query: Query) -> bool:
    return query.has_tokens and header.match_key_id is not None and header.match_key_id not in query.match_key_ids


def _hit(asked: _Asked, entry: ListEntry, header: ListHeader, at_on: date) -> Hit | None:
    """The hit of an entry whose keys really equal the query's or whose name is near, or None."""
    query = asked.query
    near = _confirmed(asked.near.get((entry.list_id, entry.entry_id)), entry)
    by_name = tuple(_by_name(query, entry, header))
    if near is not None and not by_name:  # equal cores are judged as such: a short one elsewhere is no more than information
        by_name = (_similar(query, entry, near),)
    evidence = sorted((*_by_identifier(query, entry), *by_name), key=lambda item: (-item.limit.weight, -item.score))
    if not evidence:
        return None
    limit, weakened = _limited(evidence[0], header, at_on)
    action = limit.at_most(header.allowed).at_most(entry.action or header.allowed)
    ends_agreement = header.issuer_kind is IssuerKind.COMPANY and limit is not Action.NOTE
    ordinal = near.ordinal if near is not None and evidence[0].reason in _NEAR_REASONS else _equal_name(query, entry)
    return Hit(
        list_id=header.list_id,
        list_title=header.title,
        list_version=header.version,
        entry_id=entry.entry_id,
        revision=entry.revision,
        subject_kind=entry.subject_kind,
        action=action,
        advice=Advice.END_AGREEMENT_TREATMENT if ends_agreement else _ADVICE[action],
        issuer=header.issuer,
        doc_no=header.doc_no,
        basis=header.legal_basis,
        remedy=header.remedy,
        entry_reason=entry.reason,
        score=evidence[0].score,
        reasons=tuple(dict.fromkeys((*(item.reason for item in evidence), *weakened))),
        ends_agreement=ends_agreement,
        matched_name=_spelling_of(entry, ordinal),
        explanation=_explanation(asked, entry, ordinal, near if evidence[0].reason in _NEAR_REASONS else None, evidence[0]),
        organisation=entry.organisation,
        said=hashlib.sha256(encode_form(entry)).hexdigest(),
    )


def _limited(best: _Evidence, header: ListHeader, at_on: date) -> tuple[Action, list[MatchReason]]:
    """How far the evidence may lead under this list today, and what held it back."""
    limit, weakened = best.limit, [*best.weakened_by]
    if limit is Action.BLOCK and _has_expired(header, at_on):
        limit = Action.REVIEW
        weakened.append(MatchReason.LIST_EXPIRED)
    if header.issuer_kind is IssuerKind.COMPANY:
        weakened.append(MatchReason.OWN_LIST_ONLY)
    elif header.allowed is not header.action:
        weakened.append(MatchReason.NO_LEGAL_BASIS)
    return limit, weakened


_ADVICE = {
    Action.BLOCK: Advice.STOP_AND_TELL,
    Action.REVIEW: Advice.SUPERVISOR_COMPARES,
    Action.INSPECT: Advice.INSPECT_AND_ASK_PAPERS,
    Action.NOTE: Advice.FOR_INFORMATION,
}


def _by_identifier(query: Query, entry: ListEntry) -> Iterator[_Evidence]:
    if query.uscc and query.uscc == entry.uscc:
        yield _Evidence(MatchReason.SAME_USCC, Action.BLOCK, 100)
    elif query.uscc and query.uscc[8:17] == entry.organisation:
        yield _Evidence(MatchReason.SAME_ORG_CODE, Action.BLOCK, 98)
    if not set(query.id_tokens).isdisjoint(entry.id_tokens):
        yield _Evidence(MatchReason.SAME_ID, Action.BLOCK, 100)
    if not set(query.phone_tokens).isdisjoint(entry.phone_tokens):
        yield _Evidence(MatchReason.SAME_PHONE, Action.REVIEW, 90)
    if not set(query.address_tokens).isdisjoint(entry.address_tokens):
        yield _Evidence(MatchReason.SAME_ADDRESS, Action.REVIEW, 85)


def _by_name(query: Query, entry: ListEntry, header: ListHeader) -> Iterator[_Evidence]:
    name = query.name
    if name is None or not name.full:
        return
    if any(name.full == other.full for other in entry.names):
        yield _same_name(query, entry, header)
    elif name.core and entry.subject_kind is not SubjectKind.PERSON:
        yield from (_same_core(name, other) for other in entry.names if other.core == name.core)


def _same_name(query: Query, entry: ListEntry, header: ListHeader) -> _Evidence:
    if entry.subject_kind is SubjectKind.PERSON:
        if _is_another_person(query, entry, header):
            return _Evidence(MatchReason.SAME_NAME, Action.NOTE, 30, (MatchReason.ID_DIFFERS,))
        return _Evidence(MatchReason.SAME_NAME, Action.REVIEW, 70, (MatchReason.PERSON_NAME_ALONE,))
    if query.uscc and entry.organisation and query.uscc[8:17] != entry.organisation:
        return _Evidence(MatchReason.SAME_NAME, Action.REVIEW, 75, (MatchReason.USCC_DIFFERS,))
    may_block = entry.subject_kind is SubjectKind.COMPANY and header.blocks_on_company_name
    return _Evidence(MatchReason.SAME_NAME, Action.BLOCK if may_block else Action.REVIEW, 95)


def _is_another_person(query: Query, entry: ListEntry, header: ListHeader) -> bool:
    """重名: both numbers are known under one key, and differ."""
    comparable = bool(query.id_tokens and entry.id_tokens) and header.match_key_id in query.match_key_ids
    return comparable and set(query.id_tokens).isdisjoint(entry.id_tokens)


def _same_core(name: NormalName, other: NormalName) -> _Evidence:
    if not regions_compatible(name.regions, other.regions):
        return _Evidence(MatchReason.SAME_CORE_NAME, Action.NOTE, 40, (MatchReason.REGION_DIFFERS,))
    if len(name.core) < _SURE_CORE and not (name.regions and other.regions):
        return _Evidence(MatchReason.SAME_CORE_NAME, Action.NOTE, 50, (MatchReason.SHORT_NAME,))
    return _Evidence(MatchReason.SAME_CORE_NAME, Action.REVIEW, 80)


def _similar(query: Query, entry: ListEntry, near: NearName) -> _Evidence:
    """名称近似: a supervisor looks, unless a number says that it is somebody else. It never blocks."""
    reason = MatchReason(near.likeness.rule.value)
    score = min(_MOST_FOR_NEAR, round(near.likeness.score * 100))
    weakened = (MatchReason.REGION_DIFFERS,) if near.likeness.region_differs else ()
    if query.uscc and entry.organisation and query.uscc[8:17] != entry.organisation:
        return _Evidence(reason, Action.NOTE, min(score, 60), (*weakened, MatchReason.USCC_DIFFERS))
    return _Evidence(reason, Action.REVIEW, score, weakened)


def _confirmed(near: NearName | None, entry: ListEntry) -> NearName | None:
    """What the index says, if the entry still has that name: an index may be older than the list."""
    if near is None or entry.subject_kind is SubjectKind.PERSON or near.ordinal >= len(entry.names):
        return None
    name = entry.names[near.ordinal]
    return near if near.full in (name.full, name.core) else None


def _equal_name(query: Query, entry: ListEntry) -> int:
    """Which of the entry's names equals the query's, or else the first."""
    if query.name is None or not query.name.full:
        return 0
    full, core = query.name.full, query.name.core
    return next((at for at, name in enumerate(entry.names) if full == name.full or (core and core == name.core)), 0)


def _spelling_of(entry: ListEntry, ordinal: int) -> str:
    return (entry.display_name, *entry.aliases)[ordinal]


def _explanation(asked: _Asked, entry: ListEntry, ordinal: int, near: NearName | None, evidence: _Evidence) -> Explanation:
    """Why, for the eyes that compare: both names side by side where both are known."""
    steps: tuple[Step, ...] = near.likeness.steps if near is not None else ()
    if asked.names is not None and asked.query.name is not None and entry.names and evidence.reason in _NAME_REASONS:
        steps = asked.names.side_by_side(asked.query.name, entry.names[ordinal])
    return Explanation(
        rule=evidence.reason,
        steps=tuple((step.asked, step.listed, step.change.value) for step in steps),
        listed_on=entry.listed_on,
        expires_on=entry.expires_on,
    )
