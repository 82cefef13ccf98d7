"""收寄、拒收、复核、更正: the durable acts on a parcel, one transaction each. Rights, duplicates and lists are looked up again in it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from courier_check.acceptance import (
    AcceptanceCode,
    AcceptanceReason,
    Draft,
    EarlierAcceptance,
    FailedCheck,
    ResolutionKind,
    Rulebook,
    Session,
)
from courier_check.acceptance.draft import Sampling
from courier_check.acceptance.judgement import may_be_copied
from courier_check.acceptance.resolving import check_scope_day, checked_resolution
from courier_check.clock import at, day_bounds_ms
from courier_check.desk.before import done_before
from courier_check.desk.codes import DeskCode
from courier_check.desk.correction_review import DoubtfulCorrectionError, Doubts, Review
from courier_check.desk.corrections import (
    Corrected,
    Correction,
    Signing,
    answers_only,
    checked_correction,
    correction_entry,
    frees_or_takes,
)
from courier_check.desk.decisions import decision_entry, subjects_of, with_standing
from courier_check.desk.leads import next_lead
from courier_check.desk.lists import lists_in_force
from courier_check.desk.records import (
    KINDS,
    Recording,
    ReportingProfile,
    dates_lists,
    entry_of,
    keeps_identity,
    makes_lead,
    subject_of,
    tokens_of,
)
from courier_check.desk.rights import Right, SignedIn, may, require
from courier_check.desk.sampling import is_drawn, sampling_in_force
from courier_check.desk.screener import Screener, Subject
from courier_check.desk.security_checks import standing_failure
from courier_check.desk.withheld import photos_kept
from courier_check.devices.watermark import watermarked
from courier_check.errors import UserError
from courier_check.identity.documents import IdentityDocument
from courier_check.identity.notices import Notice
from courier_check.identity.policy import DocumentPolicy, is_grown_up
from courier_check.identity.text import plain
from courier_check.inspection.codes import InspectionReason
from courier_check.inspection.notification import check_received
from courier_check.inspection.verdict import Outcome, Verdict
from courier_check.journal.entries import Composed, PackageRef
from courier_check.journal.tokens import TokenKind
from courier_check.parcel.carriers import Carriers
from courier_check.screening.match import Hit, Level, Screening, ScreeningStatus
from courier_check.screening.telling import MOST_TOLD
from courier_check.store import journal
from courier_check.store.acts import Act, accepted, act_of_draft, acts_with_token, acts_with_waybill, stopped_under, withdrawal_of
from courier_check.store.database import Database
from courier_check.store.evidence import COPY_PREFIX, KeptPhoto, Photo, drop_photos, save_photo
from courier_check.store.facts import load, load_number
from courier_check.store.identity import StationIdentity
from courier_check.store.journal import Writer
from courier_check.store.leads import lists_held
from courier_check.store.list_arrivals import EntryHeld, entry_held
from courier_check.store.resources import resource_path
from courier_check.terms import Consequence, MailKind

_FONT = "fonts/NotoSansCJKsc-Regular-subset.otf"
_STRICTNESS = (Outcome.ACCEPT, Outcome.INCOMPLETE, Outcome.REFER, Outcome.REFUSE)
_MOST_LISTS = 60
"""Lists a header has room to date."""
_KNOWN_HERE = (AcceptanceReason.ALREADY_ACCEPTED, AcceptanceReason.INTERCEPTED)
_LEVELS = (Level.PASS, Level.REVIEW, Level.BLOCK)


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything acts are judged by, and how headers name it."""

    rulebook: Rulebook
    policy: DocumentPolicy
    profile: ReportingProfile
    refs: tuple[PackageRef, ...]
    carriers: Carriers
    notice: Notice


@dataclass(frozen=True, slots=True, repr=False)
class DocumentCopy:
    """证件复印件 as it was photographed. It is stored with its watermark only; `file` is what people are told it is called."""

    file: str
    data: bytes

    def __repr__(self) -> str:
        return "DocumentCopy(…)"


@dataclass(frozen=True, slots=True)
class Submission:
    """What the window hands in: the session, the photos its digests speak of, the operator, and a supervisor who signed in besides.
    `copies`: of a responsible person's or an agreement client's document, as the session says they were taken.

    `draft_id`: drawn before saving, so that saving again after a crash is harmless. `late_ms`: 补录, when the parcel was taken on paper.
    """

    session: Session
    by: SignedIn | None
    photos: Sequence[Photo] = ()
    supervisor: SignedIn | None = None
    draft_id: str | None = None
    late_ms: int | None = None
    copies: Sequence[DocumentCopy] = ()
    dwell_ms: Mapping[str, int] = field(default_factory=dict)
    """How long each question stood, by item, on a monotonic clock; empty where nobody measured it."""
    took_ms: int | None = None
    """How long the parcel was in hand, from the first thing told of it to this, by the same clock; None where nobody measured it."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a submission. `seq` and `hash` are None where nothing was written (a waybill accepted before)."""

    outcome: Outcome
    verdict: Verdict
    seq: int | None
    hash: str | None
    repeated: bool = False
    lead: str | None = None
    """线索: its number, where the refusal made one."""


class Acceptances:
    """Verbs on parcels."""

    def __init__(
        self, database: Database, writer: Writer, identity: StationIdentity, screener: Screener, rules: Rules, evidence: Path
    ) -> None:
        self._database = database
        self._writer = writer
        self._identity = identity
        self._screener = screener
        self.rules = rules
        self._evidence = evidence

    def today(self) -> date:
        """The day acts are judged by: the wall clock's, but never before the last trusted gateway time (a clock set back must not make an
        expired document valid)."""
        trusted_ms = load_number(self._database, "trusted_ms")
        return at(max(self._writer.clock.read().wall_ms, trusted_ms or 0)).date()

    def prepare(self, session: Session) -> Session:
        """Look up what the station knows: lists, an earlier acceptance of the waybill, a security check that it failed, a refusal or a
        referral that it stands under, whether agreement mail may be sampled, tobacco parcels of today; a guardian is kept for nobody who is
        grown up (个保法 6 条: no more than is needed). Reads only."""
        today = self.today()
        if is_grown_up(self.rules.policy, session.draft.document, today):
            session = session.unaccompanied()
        screening = self._screen(session.draft, today)
        if screening is not None and screening != session.draft.screening:
            session = session.screened(screening)
        if (waybill := session.draft.waybill) is not None:
            earlier = self._earlier(waybill.text)
            session = session.already_accepted(earlier) if earlier != session.draft.earlier else session
            session = session.security_looked_up(self._failed_check(waybill.text))
            session = session.before_looked_up(*done_before(self._database, waybill.text, self.rules.rulebook.rules.prohibited.guarding()))
        sampling = sampling_in_force(self._database)
        session = session.sampling_looked_up(sampling, spared=self._is_spared(session.draft, sampling))
        if any(item.is_tobacco for item in session.draft.items):
            session = session.tobacco_counted(self._tobacco_today(session.draft, today))
        return session

    def _is_spared(self, draft: Draft, sampling: Sampling | None) -> bool:
        """What the draw says of this parcel: nothing before its label is scanned, and nothing of other mail."""
        if draft.mail_kind is not MailKind.AGREEMENT or draft.waybill is None or sampling is None:
            return False
        return not is_drawn(self._database, sampling, draft.waybill.text)

    def verdict(self, session: Session) -> Verdict:
        """The verdict as things stand, on a prepared session."""
        return session.verdict(self.rules.rulebook, self.rules.policy, self.today())

    def _verdict_of(self, session: Session, late_ms: int | None) -> Verdict:
        """补录 is judged by the day the parcel was taken as well, and the stricter verdict counts: neither a document that became valid
        only afterwards nor a day long past makes it acceptable."""
        verdict = self.verdict(session)
        if late_ms is None:
            return verdict
        then = session.verdict(self.rules.rulebook, self.rules.policy, at(late_ms).date())
        return max(verdict, then, key=lambda each: _STRICTNESS.index(each.outcome))

    def submit(self, submission: Submission) -> Recorded:
        """Record what the verdict says. Raises UserError if the session is incomplete, a refusal or referral lacks the photo it asks for,
        a right is missing, or the draft was recorded and withdrawn; then nothing was written."""
        with self._database.act():
            return self._submitted(submission)

    def _submitted(self, submission: Submission) -> Recorded:
        _check_photos(submission)
        copies = self._watermarked(submission)  # before the transaction: it takes a while
        if submission.late_ms is not None and submission.late_ms > self._writer.clock.read().wall_ms:
            raise UserError(DeskCode.LATE_IN_FUTURE, at=f"{at(submission.late_ms):%Y-%m-%d %H:%M}")
        with self._database.write() as tx:
            who = require(tx, submission.by, Right.ACCEPT)
            if load(tx, "revoked") is not None:
                raise UserError(DeskCode.STATION_REVOKED)
            held = act_of_draft(tx, submission.draft_id) if submission.draft_id is not None else None
            if held is not None and (back := withdrawal_of(tx, held.journal_id, held.seq)) is not None:
                # Told as recorded, the parcel would go with no acceptance that stands; recorded anew, a case run twice would undo 撤件.
                raise UserError(DeskCode.WITHDRAWN_ALREADY, seq=held.seq, at=f"{at(back.at_ms):%Y-%m-%d %H:%M}", withdrawal=back.seq)
            if held is not None and held.kind != "referral":
                return self._repeated(tx, held, submission)
            session = _decided_at_once(self._checked(tx, submission), held)
            verdict = self._verdict_of(session, submission.late_ms)
            if held is not None and verdict.outcome is Outcome.REFER:  # the same referral handed in again
                return self._repeated(tx, held, submission)
            if verdict.outcome is Outcome.INCOMPLETE:
                raise UserError(DeskCode.INCOMPLETE, missing="、".join(verdict.missing))
            if _only_duplicate(verdict):
                return Recorded(verdict.outcome, verdict, None, None)
            if verdict.unpictured:
                raise UserError(DeskCode.INCOMPLETE, missing="、".join(verdict.unpictured))
            kept = copies if verdict.outcome is not Outcome.REFUSE else ()
            photos = photos_kept(session.draft, verdict, self.rules.rulebook, submission.photos)
            composed = self._record(tx, session, verdict, replace(submission, photos=(*photos, *kept)), who)
        return _recorded(verdict, composed)

    def _record(self, tx: Database, session: Session, verdict: Verdict, submission: Submission, who: SignedIn) -> Composed:
        """Write the photos, then the entry that names them: a crash between leaves a file nobody names, never a name without file."""
        photos: list[KeptPhoto] = []
        try:
            photos += (save_photo(self._evidence, photo, self._writer.random) for photo in submission.photos)
            return self._append(tx, session, verdict, replace(submission, photos=()), (who, tuple(photos)))
        except BaseException:
            drop_photos(self._evidence, photos)
            raise

    def _append(
        self, tx: Database, session: Session, verdict: Verdict, submission: Submission, by: tuple[SignedIn, tuple[KeptPhoto, ...]]
    ) -> Composed:
        who, photos = by
        waybill = session.draft.waybill
        referrals = [act for act in acts_with_waybill(tx, waybill.text) if act.kind == "referral"] if waybill else []
        shipment = session.draft.shipment
        first = accepted(tx, shipment.first_waybill) if shipment is not None and shipment.piece > 1 else None
        judged = (verdict, self.rules.rulebook)
        recording = Recording(
            operator=who.code,
            draft_id=submission.draft_id,
            packages=(*self.rules.refs, *lists_in_force(tx)),
            photos=photos,
            match_key=self._identity.match_key(self.today().year),
            resolves=(referrals[-1].journal_id, referrals[-1].seq) if referrals else None,
            late_ms=submission.late_ms,
            first_piece=(first.journal_id, first.seq) if first is not None else None,
            dwell_ms=submission.dwell_ms,
            took_ms=submission.took_ms,
            outlet=self._outlet(),
            lead=next_lead(tx, self._identity, self._writer.clock.read().at.date()) if makes_lead(*judged) else None,
            lists_held=lists_held(tx, _MOST_LISTS) if dates_lists(*judged) else (),
            entries_held=_entries_held(tx, session.draft) if dates_lists(*judged) else (),
        )
        act = journal.append(tx, entry_of(session.draft, verdict, self.rules.rulebook, self.rules.profile, recording), self._writer)
        if keeps_identity(session.draft, *judged):  # else nobody would be there whom a decision could hold for
            self._keep_decisions(tx, session.draft, act)
        return act

    def _keep_decisions(self, tx: Database, draft: Draft, act: Composed) -> None:
        """核对的决定 that hold beyond this parcel, each an entry of its own, about those of the parcel whom the hit is about."""
        lasting = [one for one in draft.resolutions if one.until_on is not None]
        screened = self._screenings(draft, self.today()) if lasting else []
        for resolution in lasting:
            key = (resolution.list_id, resolution.entry_id, resolution.revision)
            about = [(hit, subjects) for subjects, result in screened for hit in result.hits if _key(hit) == key]
            subjects = tuple(dict.fromkeys(subject for _, known_by in about for subject in known_by))
            journal.append(tx, decision_entry(resolution, about[0][0], subjects, act), self._writer)

    def _watermarked(self, submission: Submission) -> tuple[Photo, ...]:
        """The copies as they may be stored. Raises UserError for a copy of anybody else's document, and for what is no picture."""
        draft = submission.session.draft
        if draft.copied is not bool(submission.copies):
            raise UserError(DeskCode.COPY_FILE_MISSING)
        if submission.copies and not may_be_copied(draft):
            raise UserError(AcceptanceCode.COPY_NOT_ALLOWED)
        note, font = f"{self.today():%Y-%m-%d}", resource_path(_FONT)
        return tuple(
            Photo(f"{COPY_PREFIX}{number}", "image/jpeg", watermarked(copy.data, name=copy.file, font=font, note=note))
            for number, copy in enumerate(submission.copies, start=1)
        )

    def correct(self, correction: Correction, by: SignedIn | None) -> Corrected:
        """更正: append what was wrong and what is right; the corrected entry stays as it was. Raises UserError, also from a clerk where a
        waybill is given up or taken that is a supervisor's (`frees_or_takes`), and where the parcel would be stopped now. Where a returned
        item is only answered, the entry may be of any kind (`answers_only`)."""
        with self._database.write() as tx:
            who = require(tx, by, Right.CORRECT)
            signing = Signing(who.code, self._identity.match_key(self.today().year))
            if answers_only(tx, correction):
                return Corrected(journal.append(tx, correction_entry(tx, correction, {}, Doubts(), signing), self._writer))
            review = Review(self.rules.rulebook, self._screen, self.today())
            act, changes = checked_correction(tx, correction, self.rules.carriers, review)
            if frees_or_takes(tx, act, changes):
                require(tx, by, Right.RESOLVE)
            doubts = review.doubts(tx, act, changes)
            if doubts.reasons and not may(tx, who, Right.RESOLVE):
                raise DoubtfulCorrectionError(doubts.reasons, act.seq)
            entry = correction_entry(tx, correction, changes, doubts, signing)
            return Corrected(journal.append(tx, entry, self._writer), doubts.reasons)

    def _checked(self, tx: Database, submission: Submission) -> Session:
        """The session as the station sees it now; decisions on hits count only from a supervisor who is signed in."""
        session = self.prepare(submission.session)
        decided = submission.session.draft.resolutions or submission.session.draft.settlements
        if session.draft.screening != submission.session.draft.screening and decided:  # else what was decided would be dropped unsaid
            raise UserError(DeskCode.SCREENING_CHANGED)
        if session.draft.settlements != submission.session.draft.settlements:
            raise UserError(DeskCode.PARCEL_CHANGED)
        signed_in = {who.code: who for who in (submission.by, submission.supervisor) if who is not None}
        draft = session.draft
        self._check_resolutions(draft)
        if draft.refusal is not None and draft.refusal.notification is not None:
            check_received(draft.refusal.notification, self.today())
        by_hand = {one.supervisor for one in draft.resolutions if one.supervisor.strip()}  # the others were told apart by a number
        for code in sorted(by_hand | {one.supervisor for one in draft.settlements}):
            require(tx, signed_in.get(code), Right.RESOLVE)
        overriding = {one.supervisor for one in draft.resolutions if one.kind is ResolutionKind.OVERRIDE}
        if submission.by is not None and submission.by.code in overriding:
            raise UserError(DeskCode.TWO_PERSONS)
        return session

    def _check_resolutions(self, draft: Draft) -> None:
        """What decisions lack, whatever the window let through."""
        hits = {_key(hit): hit for hit in (draft.screening.hits if draft.screening is not None else ())}
        for resolution in draft.resolutions:
            hit = hits.get((resolution.list_id, resolution.entry_id, resolution.revision))
            if hit is None:
                raise UserError(DeskCode.SCREENING_CHANGED)
            checked_resolution(hit, resolution)
            if resolution.until_on is not None:
                check_scope_day(resolution.until_on, self.today())

    def _repeated(self, tx: Database, held: Act, submission: Submission) -> Recorded:
        """What this draft became. Raises UserError if the draft's name was used for another parcel."""
        waybill = submission.session.draft.waybill
        if held.waybill != (waybill.text if waybill else None):
            raise UserError(DeskCode.DRAFT_TAKEN, seq=held.seq)
        outcome = next(outcome for outcome, kind in KINDS.items() if kind == held.kind)
        return Recorded(outcome, Verdict(outcome), held.seq, journal.hash_at(tx, held.journal_id, held.seq), repeated=True)

    def _screen(self, draft: Draft, today: date) -> Screening | None:
        """Sender and agent, each on their own; None where nobody is to be screened or nothing is known of them yet."""
        results = [result for _, result in self._screenings(draft, today)]
        return _combined(results) if results else None

    def _screenings(self, draft: Draft, today: date) -> list[tuple[tuple[str, ...], Screening]]:
        """Each who is screened: what decisions know them by, and the screening with those that hold."""
        if draft.is_letter:
            return []
        organisation = draft.organisation
        people: list[IdentityDocument | None] = [draft.document]
        if draft.with_agent and draft.agent_document is not None:
            people.append(draft.agent_document)
        subjects = [subject_of(draft, person) for person in people]
        if organisation is not None:
            subjects.append(Subject(name=organisation.name, uscc=plain(organisation.uscc)))
        found = []
        for subject in subjects:
            if subject != Subject():
                known_by = subjects_of(subject, self._identity.enrolment.match_keys)
                found.append((known_by, with_standing(self._database, self._screener.screen(subject, today), known_by, today)))
        return found

    def _earlier(self, waybill: str) -> EarlierAcceptance | None:
        held = accepted(self._database, waybill) or stopped_under(self._database, waybill)
        if held is None:
            return None
        station = self._identity.certificate.station
        outlet = station.outlet_name if station else ""
        return EarlierAcceptance(outlet, self._identity.certificate.subject, at(held.at_ms), held.is_stopped)

    def _failed_check(self, waybill: str) -> FailedCheck | None:
        check = standing_failure(self._database, None, waybill)
        return FailedCheck(at(check.at_ms), check.seq) if check is not None else None

    def _outlet(self) -> str | None:
        station = self._identity.certificate.station
        return station.outlet_id if station is not None else None

    def visits(self, draft: Draft) -> tuple[int, int]:
        """How many parcels were accepted here with this document today, and in the seven days up to now, those taken back not counted.
        (0, 0) without a document."""
        today = self.today()
        token = tokens_of(subject_of(draft, draft.document), self._identity.match_key(today.year)).get(TokenKind.ID_NUMBER.value)
        if draft.document is None or token is None:
            return 0, 0
        start_ms = day_bounds_ms(today)[0]
        held = acts_with_token(self._database, TokenKind.ID_NUMBER.value, token, start_ms - 6 * 86_400_000)
        accepted_ms = [act.at_ms for act in held if act.kind == "acceptance" and not act.withdrawn]
        return sum(at_ms >= start_ms for at_ms in accepted_ms), len(accepted_ms)

    def _tobacco_today(self, draft: Draft, today: date) -> int:
        tokens = tokens_of(subject_of(draft, draft.document), self._identity.match_key(today.year))
        token = tokens.get(TokenKind.ID_NUMBER.value)
        if token is None:
            return 0
        held = acts_with_token(self._database, TokenKind.ID_NUMBER.value, token, day_bounds_ms(today)[0])
        sent = [act for act in held if act.kind == "acceptance" and "tobacco" in act.categories]
        return sum(withdrawal_of(self._database, act.journal_id, act.seq) is None for act in sent)


def _entries_held(tx: Database, draft: Draft) -> tuple[EntryHeld, ...]:
    """Since when the station has had the entries that the kept part tells of."""
    hits = draft.screening.hits[:MOST_TOLD] if draft.screening is not None else ()
    found = (entry_held(tx, *named) for named in dict.fromkeys((hit.list_id, hit.entry_id) for hit in hits))
    return tuple(held for held in found if held is not None)


def _check_photos(submission: Submission) -> None:
    """Every digest of the session is that of a photo handed in. Raises UserError."""
    if any(photo.name.startswith(COPY_PREFIX) for photo in submission.photos):
        raise UserError(AcceptanceCode.COPY_NOT_ALLOWED)
    held = {hashlib.sha256(photo.data).hexdigest() for photo in submission.photos}
    missing = [photo.rule for photo in submission.session.draft.photos if photo.sha256 not in held]
    if missing:
        raise UserError(DeskCode.PHOTO_ABSENT, photo=missing[0])


def _recorded(verdict: Verdict, composed: Composed) -> Recorded:
    lead = composed.entry.header.facts.get("lead")
    return Recorded(verdict.outcome, verdict, composed.entry.header.seq, composed.entry.hash, lead=lead["number"] if lead else None)


def _decided_at_once(session: Session, held: Act | None) -> Session:
    """A referral gone on with (`held`: the same draft's own), whose hit a supervisor has decided, and what else it lacked is there now: he
    need not settle it besides. What a clerk doubted is another matter: no other answer of his is a decision."""
    draft = session.draft
    supervised = bool(draft.settlements) or any(one.supervisor.strip() for one in draft.resolutions)
    referred = draft.referred_before
    if held is None or referred is None or not supervised or referred.place != (held.journal_id, held.seq):
        return session
    if referred.why == InspectionReason.ITEM_REFERS:
        return session
    return session.before_looked_up(draft.refused_before, None)


def _only_duplicate(verdict: Verdict) -> bool:
    """The waybill was accepted here before and nothing else refuses: the same label scanned again is no event of its own."""
    refusing = [reason for reason in verdict.reasons if reason.consequence is Consequence.REFUSE]
    return bool(refusing) and all(reason.code in _KNOWN_HERE for reason in refusing)


def _key(hit: Hit) -> tuple[str, str, int]:
    return hit.list_id, hit.entry_id, hit.revision


def _combined(results: Sequence[Screening]) -> Screening:
    first = results[0]
    hits: dict[tuple[str, str, int], Hit] = {}
    for hit in (hit for result in results for hit in result.hits):
        if _key(hit) not in hits or hit.standing is None:  # what is answered of one of them only is still to be asked
            hits[_key(hit)] = hit
    level = max((result.level for result in results), key=_LEVELS.index)
    unsearched = tuple(dict.fromkeys(each for result in results for each in result.unsearched))
    status = ScreeningStatus.NOT_SCREENED if unsearched else first.status
    return replace(first, level=level, status=status, hits=tuple(hits.values()), unsearched=unsearched)
