"""记录: finding acts, and everything one act may show. Reads only; nothing unmasked leaves `record`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from courier_check.clock import day_bounds_ms
from courier_check.desk.before import AFTER_REFUSAL, place_named
from courier_check.desk.codes import DeskCode
from courier_check.desk.shown import HeaderShown, Kept, KeptShown, PersonShown, Veil, header_shown, kept_of
from courier_check.errors import UserError
from courier_check.journal.codes import JournalError
from courier_check.journal.entries import EvidenceRef, Header, PackageRef, parse_header
from courier_check.journal.keys import from_text
from courier_check.journal.verify import Stored
from courier_check.parcel.text import LONGEST_NUMBER, clean_code, squeeze
from courier_check.store import journal, sent_evidence
from courier_check.store.acts import Act, act_at, acts_with_waybill, corrections_of, disputes_of, withdrawal_of
from courier_check.store.database import Database
from courier_check.store.evidence import COPY_PREFIX, PhotoState, load_photo, read_photo
from courier_check.store.identity import StationIdentity
from courier_check.store.intercepts import intercepts_of, outcomes_of
from courier_check.store.leads import told_of
from courier_check.store.search import Wanted, find_acts
from courier_check.store.security import checks_of_parcel
from courier_check.store.sent_evidence import Delivery
from courier_check.store.verification import Proof, Verification, verify_entry
from courier_check.wire.batches import held_receipt

SHORTEST_WAYBILL_END = 4
MOST_FOUND = 1000
_SEQ = re.compile(r"#?([0-9]{1,15})")
_WAYBILL = re.compile(rf"[0-9A-Z_-]{{{SHORTEST_WAYBILL_END},{LONGEST_NUMBER}}}")

EntryPlace = tuple[str, int]
"""An entry: journal and seq."""


class ActKind(StrEnum):
    ACCEPTANCE = "acceptance"  # 收寄
    REFUSAL = "refusal"  # 拒收
    REFERRAL = "referral"  # 复核


class Mark(StrEnum):
    """What an act may carry besides its outcome; all that the shift board counts besides is among them."""

    LEAD = "lead"  # 线索
    INTERCEPTED = "intercepted"  # 拦截
    STOPPED = "stopped"  # 拦截未了
    FAILED_CHECK = "failed-check"  # 安检不合格
    RECHECK = "recheck"  # 安检待复检
    WAITING = "waiting"  # 待复核, 等主管
    HURRIED = "hurried"  # 答得过快
    TAKEN_BACK = "taken-back"  # 不通过、存疑又改判


# Search ----------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for. `text`: a waybill, its beginning or its end of at least four characters, or an entry's number (12, #12); empty
    for all. Days are China's, both included. `before`: the last act of the page before."""

    text: str = ""
    outcome: ActKind | None = None
    from_on: date | None = None
    to_on: date | None = None
    limit: int = 200
    before: EntryPlace | None = None
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Acts, newest first, in the order of the journal; `more`: older ones fit as well."""

    acts: tuple[Act, ...]
    more: bool

    @property
    def next(self) -> EntryPlace | None:
        """`before` of the next page."""
        return (self.acts[-1].journal_id, self.acts[-1].seq) if self.more and self.acts else None


def search(db: Database, asked: Search) -> Found:
    """The newest acts that fit. Raises UserError for a text that no waybill begins or ends with and that is no entry's number."""
    waybill, seq = _text_read(asked.text)
    wanted = Wanted(
        waybill=waybill,
        seq=seq,
        kind=asked.outcome.value if asked.outcome else None,
        from_ms=day_bounds_ms(asked.from_on)[0] if asked.from_on else None,
        to_ms=day_bounds_ms(asked.to_on)[1] if asked.to_on else None,
        before=asked.before,
        mark=asked.mark.value if asked.mark else None,
    )
    limit = max(1, min(asked.limit, MOST_FOUND))
    with db.snapshot():
        acts = find_acts(db, wanted, limit + 1)
    return Found(tuple(acts[:limit]), len(acts) > limit)


def _text_read(text: str) -> tuple[str | None, int | None]:
    cleaned = squeeze(clean_code(text))
    if not cleaned:
        return None, None
    number = _SEQ.fullmatch(cleaned)
    waybill = cleaned if _WAYBILL.fullmatch(cleaned) else None
    if number is None and waybill is None:
        raise UserError(DeskCode.SEARCH_UNUSABLE, least=SHORTEST_WAYBILL_END)
    return waybill, int(number[1]) if number else None


# One record ------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CorrectionShown:
    """更正: `changes` (masked) and `reason` are None once its parts are destroyed; `fields` stay. `stops`: the parcel could not be accepted
    as it was corrected."""

    journal_id: str
    seq: int
    at_ms: int
    operator: str | None
    fields: tuple[str, ...]
    changes: dict[str, str] | None
    reason: str | None
    answers_returned: int | None
    stops: bool = False


@dataclass(frozen=True, slots=True)
class DisputeShown:
    """异议: the reason is masked, and None once its part is destroyed."""

    journal_id: str
    seq: int
    at_ms: int
    operator: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class WithdrawalShown:
    """撤件: `confirmed`: how it was known who took the parcel back; the reason is masked, and None once its part is destroyed."""

    journal_id: str
    seq: int
    at_ms: int
    operator: str | None
    confirmed: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class SecurityShown:
    """安检 of the act's parcel. `image`: the machine's own name of its picture; image and note are masked, and None once their part is
    gone."""

    journal_id: str
    seq: int
    at_ms: int
    operator: str | None
    outcome: str
    methods: tuple[str, ...]
    exemption: str | None
    accepted_by: str | None
    image_kept_until_on: str | None
    image: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class ToldShown:
    """报告 (`report-made`) or 移交 (`handover`). What was said besides is masked, and None once its part is destroyed."""

    journal_id: str
    seq: int
    kind: str
    at_ms: int
    told_ms: int
    operator: str | None
    authority: str
    person: str | None
    reference: str | None
    list_number: str | None
    officers: tuple[str, ...]
    note: str | None


@dataclass(frozen=True, slots=True)
class OutcomeShown:
    """拦截结果, one of several; the newest counts."""

    seq: int
    at_ms: int
    operator: str | None
    outcome: str
    note: str | None


@dataclass(frozen=True, slots=True)
class InterceptShown:
    """拦截 of the act. The words are masked, and None once their part is destroyed."""

    journal_id: str
    seq: int
    at_ms: int
    operator: str | None
    cause: str
    dispositions: tuple[str, ...]
    report_to: tuple[str, ...]
    lead: str | None
    reason: str | None
    whereabouts: str | None
    told: str | None
    outcomes: tuple[OutcomeShown, ...]

    @property
    def outcome(self) -> str:
        """How it stands: `open` before any outcome."""
        return self.outcomes[-1].outcome if self.outcomes else "open"


@dataclass(frozen=True, slots=True)
class PhotoShown:
    """凭证 as the header names it. `held`: the key to it survives, so that `photo_of` may have it; `state`: what became of its file;
    `faults`: what was wrong with it when it was kept; `delivery`: how far it is on its way to the gateway."""

    name: str
    media_type: str
    size: int
    sha256: str
    held: bool
    state: PhotoState = PhotoState.SOUND
    faults: tuple[str, ...] = ()
    delivery: Delivery = Delivery.PENDING


@dataclass(frozen=True, slots=True)
class EntryShown:
    """The act's place in the journal. `trusted_ms`: the last gateway time the station knew then."""

    journal_id: str
    seq: int
    hash: str
    prev: str
    key_id: str
    header_bytes: int
    wall_ms: int
    trusted_ms: int | None
    packages: tuple[PackageRef, ...]


@dataclass(frozen=True, slots=True)
class ReceiptShown:
    """回执 that covers the act, and the path from the act's leaf to its root, recomputed: siblings from the leaf upwards.
    `after_revocation`: 吊销后收到."""

    first_seq: int
    last_seq: int
    received_at_ms: int
    gateway_id: str
    gateway_seq: int
    key_id: str
    merkle_root: str
    index: int
    size: int
    siblings: tuple[str, ...]
    after_revocation: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """Everything one act may show. `header` and `entry` are None where the row is damaged, `kept` also once its part is destroyed;
    `verification` says which. `resolves`: the referral this act settled; `resolved_by`: the acts that settled this one. `after_refusal`:
    the refusal its waybill had before; `taken_up_by`: the acts that name this refusal so."""

    act: Act
    header: HeaderShown | None
    kept: KeptShown | None
    photos: tuple[PhotoShown, ...]
    corrections: tuple[CorrectionShown, ...]
    disputes: tuple[DisputeShown, ...]
    resolves: EntryPlace | None
    resolved_by: tuple[EntryPlace, ...]
    entry: EntryShown | None
    receipt: ReceiptShown | None
    verification: Verification
    withdrawal: WithdrawalShown | None = None
    security: tuple[SecurityShown, ...] = ()
    told: tuple[ToldShown, ...] = ()
    intercepts: tuple[InterceptShown, ...] = ()
    after_refusal: EntryPlace | None = None
    taken_up_by: tuple[EntryPlace, ...] = ()


@dataclass(frozen=True, slots=True)
class _Held:
    """An entry of a journal with its header, None where that can't be read."""

    journal_id: str
    stored: Stored
    header: Header | None

    @property
    def at_ms(self) -> int:
        """When it was written, 0 where that can't be read."""
        return self.header.times.wall_ms if self.header else 0

    @property
    def operator(self) -> str | None:
        return self.header.operator if self.header else None


def record(db: Database, identity: StationIdentity, evidence: Path, journal_id: str, seq: int) -> Record:
    """One act, masked and verified on the spot. Raises UserError for an entry that is not there or is no act."""
    with db.snapshot():
        act, own = _act(db, journal_id, seq)
        corrections = [_held(db, *place) for place in corrections_of(db, journal_id, seq)]
        disputes = [_held(db, *place) for place in disputes_of(db, journal_id, seq)]
        resolved_by, taken_up_by = _resolved_by(db, act), _taken_up_by(db, act)
        checks = [_held(db, each.journal_id, each.seq) for each in checks_of_parcel(db, (journal_id, seq), act.waybill)]
        others = [_held(db, *place) for place in _other_acts(db, act)]
        told = [_held(db, each.journal_id, each.seq) for each in told_of(db, journal_id, seq)]
        stopped = [
            (_held(db, each.journal_id, each.seq), [_held(db, *place) for place in outcomes_of(db, each.journal_id, each.seq)])
            for each in intercepts_of(db, journal_id, seq)
        ]
        taken_back = withdrawal_of(db, journal_id, seq)
        withdrawal = _held(db, taken_back.journal_id, taken_back.seq) if taken_back is not None else None
        noted = journal.hash_at(db, journal_id, seq) or ""
        delivered = sent_evidence.delivered(db, journal_id, seq)
    verification, proof = verify_entry(db, identity, evidence, (journal_id, seq))
    kept, header = kept_of(own.stored.openings), own.header
    veil = Veil(each.stored.openings for each in (own, *corrections, *others))
    return Record(
        act=act,
        header=header_shown(header) if header else None,
        kept=veil.kept(kept, _sender(act)) if kept else None,
        photos=tuple(_photos(header, kept, evidence, delivered)),
        corrections=tuple(_correction(each, veil) for each in corrections),
        disputes=tuple(_dispute(each, veil) for each in disputes),
        resolves=_named(header, "resolves"),
        resolved_by=resolved_by,
        entry=_entry(own.stored, header, noted) if header else None,
        receipt=_receipt(proof, identity) if proof else None,
        verification=verification,
        after_refusal=_named(header, AFTER_REFUSAL),
        taken_up_by=taken_up_by,
        withdrawal=_withdrawal(withdrawal, veil) if withdrawal is not None else None,
        security=tuple(_security(each, veil) for each in checks),
        told=tuple(_told(each, veil) for each in told),
        intercepts=tuple(_intercept(each, after, veil) for each, after in stopped),
    )


def photo_of(db: Database, evidence: Path, journal_id: str, seq: int, name: str) -> bytes | None:
    """A photo of an act; None if it has none of this name, its key was destroyed, or its file is gone or altered. Copies of documents are
    not for looking at."""
    if name.startswith(COPY_PREFIX):
        return None
    stored = journal.entry_at(db, journal_id, seq)
    held = _Held(journal_id, stored, _header(stored)) if stored else None
    kept = kept_of(held.stored.openings) if held else None
    if held is None or held.header is None or kept is None or name not in kept.photo_keys:
        return None
    ref = next((ref for ref in held.header.evidence if ref.name == name), None)
    try:
        return load_photo(evidence, ref, from_text(kept.photo_keys[name])) if ref else None
    except JournalError:  # a key that is none
        return None


def _act(db: Database, journal_id: str, seq: int) -> tuple[Act, _Held]:
    stored, act = journal.entry_at(db, journal_id, seq), act_at(db, journal_id, seq)
    if stored is None:
        raise UserError(DeskCode.ENTRY_UNKNOWN, seq=seq)
    if act is None:
        raise UserError(DeskCode.NO_ACT, seq=seq)
    return act, _Held(journal_id, stored, _header(stored))


def _held(db: Database, journal_id: str, seq: int) -> _Held:
    stored = journal.entry_at(db, journal_id, seq) or Stored(seq, b"", b"", {}, {})
    return _Held(journal_id, stored, _header(stored))


def _header(stored: Stored) -> Header | None:
    try:
        return parse_header(stored.header_bytes)
    except JournalError:
        return None


def _correction(held: _Held, veil: Veil) -> CorrectionShown:
    header, kept = held.header, kept_of(held.stored.openings)
    facts = header.facts if header else {}
    fields: Sequence[str] = facts.get("fields", ())
    returned: int | None = facts.get("answers_returned")
    return CorrectionShown(
        journal_id=held.journal_id,
        seq=held.stored.seq,
        at_ms=held.at_ms,
        operator=held.operator,
        fields=tuple(fields),
        changes=veil.changes(kept.changes) if kept else None,
        reason=veil.over(kept.reason) if kept else None,
        answers_returned=returned,
        stops=bool(facts.get("reasons")),
    )


def _dispute(held: _Held, veil: Veil) -> DisputeShown:
    kept = kept_of(held.stored.openings)
    return DisputeShown(
        journal_id=held.journal_id,
        seq=held.stored.seq,
        at_ms=held.at_ms,
        operator=held.operator,
        reason=veil.over(kept.reason) if kept else None,
    )


def _withdrawal(held: _Held, veil: Veil) -> WithdrawalShown:
    header, kept = held.header, kept_of(held.stored.openings)
    return WithdrawalShown(
        journal_id=held.journal_id,
        seq=held.stored.seq,
        at_ms=held.at_ms,
        operator=held.operator,
        confirmed=str(header.facts.get("confirmed", "")) if header else "",
        reason=veil.over(kept.reason) if kept else None,
    )


def _security(held: _Held, veil: Veil) -> SecurityShown:
    header, kept = held.header, kept_of(held.stored.openings)
    facts = header.facts if header else {}
    return SecurityShown(
        journal_id=held.journal_id,
        seq=held.stored.seq,
        at_ms=held.at_ms,
        operator=held.operator,
        outcome=str(facts.get("outcome", "")),
        methods=tuple(facts.get("methods", ())),
        exemption=facts.get("exemption"),
        accepted_by=facts.get("accepted_by"),
        image_kept_until_on=facts.get("image_kept_until_on"),
        image=veil.over_reference(kept.image) if kept is not None and kept.image else None,
        note=veil.over(kept.reason) if kept is not None and kept.reason else None,
    )


def _told(held: _Held, veil: Veil) -> ToldShown:
    header, kept = held.header, kept_of(held.stored.openings)
    facts = header.facts if header else {}
    return ToldShown(
        journal_id=held.journal_id,
        seq=held.stored.seq,
        kind=header.kind if header else "",
        at_ms=held.at_ms,
        told_ms=int(facts.get("told_ms", 0)),
        operator=held.operator,
        authority=str(facts.get("authority", "")),
        person=veil.over(kept.person) if kept else None,
        reference=veil.over_reference(kept.reference) if kept else None,
        list_number=veil.over_reference(kept.list_number) if kept else None,
        officers=kept.officers if kept else (),
        note=veil.over(kept.reason) if kept and kept.reason else None,
    )


def _intercept(held: _Held, after: Sequence[_Held], veil: Veil) -> InterceptShown:
    header, kept = held.header, kept_of(held.stored.openings)
    facts = header.facts if header else {}
    return InterceptShown(
        journal_id=held.journal_id,
        seq=held.stored.seq,
        at_ms=held.at_ms,
        operator=held.operator,
        cause=str(facts.get("cause", "")),
        dispositions=tuple(facts.get("dispositions", ())),
        report_to=tuple(facts.get("report_to", ())),
        lead=(facts.get("lead") or {}).get("number"),
        reason=veil.over(kept.reason) if kept else None,
        whereabouts=veil.over(kept.whereabouts) if kept else None,
        told=veil.over(kept.told) if kept else None,
        outcomes=tuple(_outcome(each, veil) for each in after),
    )


def _outcome(held: _Held, veil: Veil) -> OutcomeShown:
    header, kept = held.header, kept_of(held.stored.openings)
    return OutcomeShown(
        seq=held.stored.seq,
        at_ms=held.at_ms,
        operator=held.operator,
        outcome=str(header.facts.get("outcome", "")) if header else "",
        note=veil.over(kept.reason) if kept else None,
    )


def _sender(act: Act) -> PersonShown:
    """The sender as the index part has them, corrections taken in."""
    return PersonShown(act.name_mask or "", act.number_mask or "", act.phone_mask or "", document_type=act.document_type)


def _photos(
    header: Header | None, kept: Kept | None, evidence: Path, delivered: Mapping[str, tuple[Delivery, str | None]]
) -> Iterator[PhotoShown]:
    keys, faults = (kept.photo_keys, kept.photo_faults) if kept else ({}, {})
    for ref in header.evidence if header else ():
        held = ref.name in keys and not ref.name.startswith(COPY_PREFIX)
        state = _state(evidence, ref, keys[ref.name]) if ref.name in keys else PhotoState.DESTROYED
        delivery, _ = delivered.get(ref.name, (Delivery.PENDING, None))
        yield PhotoShown(ref.name, ref.media_type, ref.size, ref.sha256, held, state, faults.get(ref.name, ()), delivery)


def _state(evidence: Path, ref: EvidenceRef, key: str) -> PhotoState:
    try:
        return read_photo(evidence, ref, from_text(key))[0]
    except JournalError:  # a key that is none
        return PhotoState.ALTERED


def _named(header: Header | None, fact: str) -> EntryPlace | None:
    return place_named(header.facts if header is not None else None, fact)


def _resolved_by(db: Database, act: Act) -> tuple[EntryPlace, ...]:
    """Acts of the same waybill that settled this referral. After its waybill is destroyed nobody can tell."""
    if act.kind != ActKind.REFERRAL or act.waybill is None:
        return ()
    others = [(other.journal_id, other.seq) for other in acts_with_waybill(db, act.waybill) if other.kind != ActKind.REFERRAL]
    return tuple(place for place in others if _named(_held(db, *place).header, "resolves") == (act.journal_id, act.seq))


def _taken_up_by(db: Database, act: Act) -> tuple[EntryPlace, ...]:
    """Acts of the same waybill that name this refusal. After its waybill is destroyed nobody can tell."""
    if act.kind != ActKind.REFUSAL or act.waybill is None:
        return ()
    others = [(other.journal_id, other.seq) for other in acts_with_waybill(db, act.waybill) if other != act]
    return tuple(place for place in others if _named(_held(db, *place).header, AFTER_REFUSAL) == (act.journal_id, act.seq))


def _other_acts(db: Database, act: Act) -> list[EntryPlace]:
    """The other acts of the parcel, with their corrections: a check that is shown may be bound to one of them and name whom that was
    about."""
    others = [other for other in acts_with_waybill(db, act.waybill) if other != act] if act.waybill is not None else []
    found = [(other.journal_id, other.seq) for other in others]
    return [*found, *(correction for place in found for correction in corrections_of(db, *place))]


def _entry(stored: Stored, header: Header, noted: str) -> EntryShown:
    return EntryShown(
        journal_id=header.journal_id,
        seq=header.seq,
        hash=noted,
        prev=header.prev,
        key_id=header.key_id,
        header_bytes=len(stored.header_bytes),
        wall_ms=header.times.wall_ms,
        trusted_ms=header.times.trusted_ms,
        packages=header.packages,
    )


def _receipt(proof: Proof, identity: StationIdentity) -> ReceiptShown:
    receipt = held_receipt(proof.receipt, identity.gateway)
    return ReceiptShown(
        first_seq=receipt.first_seq,
        last_seq=receipt.last_seq,
        received_at_ms=receipt.received_at_ms,
        gateway_id=receipt.gateway_id,
        gateway_seq=receipt.gateway_seq,
        key_id=proof.receipt.key_id,
        merkle_root=receipt.merkle_root,
        index=proof.index,
        size=proof.size,
        siblings=tuple(sibling.hex() for sibling in proof.siblings),
        after_revocation=receipt.after_revocation,
    )
