"""Composition of one station: data folder → database, identity, journal, desk, synchroniser. No rules live here."""

from __future__ import annotations

import contextlib
import random as randomness
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import msgspec
from argon2 import PasswordHasher

from courier_check import __version__, typed
from courier_check.clock import Clock
from courier_check.desk.acceptances import Acceptances, Rules
from courier_check.desk.codes import DeskCode
from courier_check.desk.credentials import Credentials
from courier_check.desk.day_close import DayCloses
from courier_check.desk.decisions import Decisions
from courier_check.desk.desk import Desk
from courier_check.desk.disposals import Disposals
from courier_check.desk.disputes import Disputes
from courier_check.desk.intercepts import Intercepts
from courier_check.desk.labels import Labels
from courier_check.desk.late import Lates
from courier_check.desk.lists import Lists
from courier_check.desk.near_names import ListedNames
from courier_check.desk.objections import Objections
from courier_check.desk.operators import Operators
from courier_check.desk.outlet import Outlet
from courier_check.desk.rescreening import Rescreening
from courier_check.desk.rights import SignedIn
from courier_check.desk.rule_packages import RulePackages, installed_rules, rules_in_force
from courier_check.desk.rules import rules_of, shipped_package
from courier_check.desk.screener import Screener
from courier_check.desk.security_checks import SecurityChecks, SecurityPackage
from courier_check.desk.senders import Senders
from courier_check.desk.shipments import Shipments
from courier_check.desk.vetting import shipped_vetting
from courier_check.desk.withdrawals import Withdrawals
from courier_check.errors import StoreError, UserError
from courier_check.inspection.security import SecurityOutcome
from courier_check.journal.entries import Draft, parse_header
from courier_check.parcel.service import CHINA
from courier_check.reports.acts import ActKind, ActRow, Period, RealName
from courier_check.store import acts, facts, inbox, intercepts, journal, keys, lists, security, views
from courier_check.store.codes import StoreCode
from courier_check.store.database import Database
from courier_check.store.evidence_sweep import sweep
from courier_check.store.folder import DataFolder, Marker, OutsideHead
from courier_check.store.identity import (
    StationIdentity,
    create_station_keys,
    is_current,
    load_identity,
    save_enrolment,
    station_keys,
)
from courier_check.store.journal import Writer
from courier_check.store.machine import DEFAULT_PHOTO_KB_S, load_machine
from courier_check.store.resources import read_resource
from courier_check.store.schema import migrate
from courier_check.store.verification import Damage, Finding, Verification, verify_station
from courier_check.sync import documents
from courier_check.sync.branching import Branches
from courier_check.sync.client import PATIENT, GatewayClient, Signature, Timeouts, usable_url
from courier_check.sync.codes import SyncCode
from courier_check.sync.enrolment import ask, believe, make_request, read_answer
from courier_check.sync.photos import PhotoPlan, Photos
from courier_check.sync.status import SyncState, SyncStatus
from courier_check.sync.synchroniser import Outcome, Synchroniser
from courier_check.terms import MailKind
from courier_check.wire.enrolment import Code, EnrolmentAnswer, EnrolmentRequest

MOST_MISSING = 500
"""Ranges of lost entries that an opening names: a header has 16 KiB."""
PRACTICE_PASSPHRASE = "practice-station"  # noqa: S105 - published on purpose: a practice station holds made-up data only
PRACTICE_SUPERVISOR = "0001"
PRACTICE_CLERK = "0142"
PRACTICE_PASSWORD = "practice"  # noqa: S105 - likewise
PROGRAM = f"courier-check {__version__}"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a station takes from outside: clocks, randomness, patience with the gateway, what a passphrase or a
    password costs to hash (64 MiB, a third of a second)."""

    clock: Clock
    random: Callable[[int], bytes] = secrets.token_bytes
    timeouts: Timeouts = PATIENT
    hasher: PasswordHasher = field(default_factory=lambda: PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4))


@dataclass(frozen=True, slots=True)
class Unlocked:
    """开台: a data folder and its key. Each worker of the window opens a station of its own from it, and Argon2 is paid for once."""

    folder: DataFolder
    key: bytes = field(repr=False)

    def station(self, surroundings: Surroundings) -> Station:
        """A station for the calling thread. Raises StoreError."""
        return Station(self.folder, self.key, surroundings)


def unlock(path: Path, passphrase: str | None) -> Unlocked:
    """Unlock by passphrase, or by the OS keyring where a wrap was stored. Raises UserError (wrong), StoreError."""
    folder = DataFolder.open(path)
    folder.check_database()
    if passphrase is not None:
        return Unlocked(folder, keys.open_keys(folder.keys, passphrase))
    key = keys.open_with_keyring(folder.keys, folder.marker.folder_id)
    if key is None:
        raise StoreError(StoreCode.KEYRING_ABSENT)
    return Unlocked(folder, key)


class Station:
    """An unlocked station. Belongs to one thread; others open their own on the same folder."""

    def __init__(self, folder: DataFolder, key: bytes, surroundings: Surroundings) -> None:
        self.folder = folder
        self.clock = surroundings.clock
        self.random = surroundings.random
        self._timeouts = surroundings.timeouts
        self._hasher = surroundings.hasher
        # Before the database: what stands outside was committed before it was noted, so a database read later holds it, whoever writes.
        outside = folder.outside_head()
        self.database = Database.open(folder.database, key)
        self._another_connection = partial(Database.open, folder.database, key)
        self._desk: Desk | None = None
        self._installed_rules: str | None = None
        self._asked_head = False
        try:
            migrate(self.database)
            views.bring_up_to_date(self.database)
            self.identity = load_identity(self.database)
            if self.identity is not None:
                self._succeed_if_behind(outside)
                self._succeed_if_told()  # a bundle found damage, or a run was cut off
        except BaseException:
            self.database.close()
            raise

    @classmethod
    def init(cls, path: Path, passphrase: str, surroundings: Surroundings, *, practice: bool) -> Station:
        """A new station in an empty folder. It accepts nothing before it is enrolled."""
        if len(passphrase) < keys.SHORTEST_PASSPHRASE:
            raise UserError(StoreCode.PASSPHRASE_SHORT, least=keys.SHORTEST_PASSPHRASE)
        folder = DataFolder.create(path, Marker(folder_id=surroundings.random(16).hex(), practice=practice))
        key = keys.create_keys(folder.keys, passphrase, surroundings.random, surroundings.hasher)
        station = cls(folder, key, surroundings)
        with station.database.write() as tx:
            create_station_keys(tx, station.random)
        return station

    @classmethod
    def open(cls, path: Path, passphrase: str | None, surroundings: Surroundings) -> Station:
        """Unlock and open, for who needs one station only. Raises UserError (wrong passphrase), StoreError."""
        return unlock(path, passphrase).station(surroundings)

    def close(self) -> None:
        self.database.close()

    def __enter__(self) -> Station:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- identity -----------------------------------------------------------------------------------------------------------------------

    def enrolled(self) -> StationIdentity:
        """The identity; raises UserError before enrolment."""
        if self.identity is None:
            raise UserError(DeskCode.NOT_ENROLLED)
        return self.identity

    def enrol(self, code_text: str, url: str) -> StationIdentity:
        """Enrol over HTTP with a one-time code."""
        code = Code.parse(code_text)
        request = self._request(code)
        client = GatewayClient(url, None, self._timeouts)
        try:
            answer = ask(client, request)
        finally:
            client.close()
        return self._enrolled_by(answer, code.fingerprint, url)

    def move_gateway(self, url: str, by: SignedIn | None) -> None:
        """Look for the gateway at another address from the next run on, in every program that is open on this station. Raises UserError."""
        self.desk().outlet.set_gateway(usable_url(url), by)
        self.identity = load_identity(self.database)
        self.keep_head()

    def enrolment_request(self, code_text: str) -> bytes:
        """The request as a file for the stick; the code's fingerprint is kept for the answer."""
        code = Code.parse(code_text)
        data = msgspec.json.encode(self._request(code))
        with self.database.write() as tx:
            facts.save(tx, "pinned_fingerprint", code.fingerprint)
        return data

    def enrol_by_file(self, data: bytes, url: str) -> StationIdentity:
        """Take the answer that came back on the stick. Raises UserError, also for an address that could never be spoken to."""
        url = usable_url(url)
        fingerprint = facts.load(self.database, "pinned_fingerprint")
        if fingerprint is None:
            raise UserError(SyncCode.ENROLMENT_NOT_BELIEVED)
        return self._enrolled_by(read_answer(data), fingerprint, url)

    def _request(self, code: Code) -> EnrolmentRequest:
        """The request for a code. It is kept: asking again after a lost answer sends the same bytes and gets the same certificate."""
        if self.identity is not None:
            raise UserError(SyncCode.ALREADY_ENROLLED, station=self.identity.certificate.subject)
        kept = facts.load(self.database, f"enrolment_request/{code.code_id}")
        if kept is not None:
            return typed.decode(kept, EnrolmentRequest)
        own = station_keys(self.database)
        request = make_request(code, own, practice=self.folder.marker.practice, program=PROGRAM, at_ms=self.clock.read().wall_ms)
        with self.database.write() as tx:
            facts.save(tx, f"enrolment_request/{code.code_id}", msgspec.json.encode(request))
        return request

    def _enrolled_by(self, answer: EnrolmentAnswer, fingerprint: bytes, url: str) -> StationIdentity:
        own = station_keys(self.database)
        enrolment = believe(answer, fingerprint, own, practice=self.folder.marker.practice, url=url)
        with self.database.write() as tx:
            held = load_identity(tx)
            if held is not None:
                raise UserError(SyncCode.ALREADY_ENROLLED, station=held.certificate.subject)
            save_enrolment(tx, enrolment)
            identity = load_identity(tx)
            assert identity is not None  # noqa: S101 - saved in the line before
            self.identity = identity
            self._begin_journal(tx, None)
        self.keep_head()
        return identity

    def add_keyring(self, passphrase: str) -> None:
        """Also keep the data key by the OS keyring, so that the next start asks nothing."""
        key = keys.open_keys(self.folder.keys, passphrase)
        keys.add_keyring(self.folder.keys, self.folder.marker.folder_id, key, self.random)

    # --- the journal --------------------------------------------------------------------------------------------------------------------

    def writer(self) -> Writer:
        identity = self.enrolled()
        return Writer(identity.author(), identity.first_prev, self.clock, self.random)

    def keep_head(self) -> None:
        """Note the newest head outside the database; called after durable acts. What was committed stays done where this can't be written
        (a full disk): an old head only detects less."""
        identity = self.enrolled()
        journal_id = journal.current_journal(self.database)
        if journal_id is None:
            return
        head = journal.head_of(self.database, journal_id, identity.first_prev)
        with contextlib.suppress(StoreError):
            self.folder.keep_head(OutsideHead(journal_id=journal_id, seq=head.seq, head=head.hash))
            if facts.load(self.database, _kept(journal_id)) is None:
                with (
                    self.database.write() as tx
                ):  # after the note itself: the database never says of a note that it was written before it was
                    facts.save(tx, _kept(journal_id), b"")

    def _begin_journal(self, tx: Database, predecessor: dict[str, object] | None) -> None:
        journal.open_journal(tx, self.random(16).hex())
        journal.append(tx, Draft("journal-open", None, {"predecessor": predecessor}), self.writer())

    def _succeed_if_behind(self, outside: OutsideHead | None) -> None:
        """A database that does not hold the head kept outside it, or has lost that note, may have been put back to an earlier state: its
        journal is closed and a successor begun, so that no seq is used twice (docs/journal.md §7). A whole folder put back, note and all,
        is noticed by the gateway: see `synchronise`."""
        if outside is not None and self._holds(self.database, outside) and not self._is_short(self.database):
            return
        with self.database.write() as tx:
            # Read again where nobody else can commit: another start may have begun the successor since, or the note was being replaced at
            # the very moment it was read. Every note there is now names what was committed before this transaction began.
            blank, outside = self.folder.head_is_blank(), self.folder.outside_head()
            if outside is None and not blank and self._note_was_lost(tx):
                self._succeed(tx, "restore")
            elif outside is not None and not self._holds(tx, outside):
                self._succeed(tx, "rollback", outside)
            elif self._is_short(tx):
                self._succeed(tx, "damage", missing=self._missing_end(tx))
        self.keep_head()

    def _succeed_if_told(self) -> None:
        """Close the current journal if it was found forked, taken, damaged, or behind what the gateway holds of it."""
        journal_id = journal.current_journal(self.database)
        damage, ahead = facts.load(self.database, f"damaged/{journal_id}"), facts.load(self.database, f"ahead/{journal_id}")
        forked, taken = facts.load(self.database, f"forked/{journal_id}"), facts.load(self.database, f"taken/{journal_id}")
        if (damage, ahead, forked, taken) == (None, None, None, None):
            return
        with self.database.write() as tx:
            if journal.current_journal(tx) != journal_id:  # another run has closed it
                return
            if damage is not None:
                self._succeed(tx, "damage", missing=typed.decode(damage, Damage).missing)
            elif ahead is not None:
                self._succeed(tx, "restore", typed.decode(ahead, OutsideHead))
            else:
                self._succeed(tx, "taken" if forked is None else "fork")
        self.keep_head()

    def _is_short(self, db: Database) -> bool:
        """Whether entries are gone from the current journal's end that a receipt speaks of."""
        return bool(self._missing_end(db))

    def _missing_end(self, db: Database) -> tuple[tuple[int, int], ...]:
        journal_id = journal.current_journal(db) or ""
        last = journal.head_of(db, journal_id, self.enrolled().first_prev).seq
        reached = inbox.gateway_reached(db, journal_id)
        return ((last + 1, reached),) if last < reached else ()

    def _holds(self, db: Database, outside: OutsideHead) -> bool:
        return journal.hash_at(db, outside.journal_id, outside.seq) == outside.head

    def _note_was_lost(self, tx: Database) -> bool:
        """Whether the absence of the note tells anything. A journal with its opening entry only, of which no note is known to have been
        written, was cut off (or overtaken by another start) between its opening and the first note, which comes before any second entry:
        nothing was lost. A database put back to that very moment, its note deleted besides, is left for the gateway to notice."""
        journal_id = journal.current_journal(tx) or ""
        began_only = journal.head_of(tx, journal_id, self.enrolled().first_prev).seq <= 1
        return not (began_only and facts.load(tx, _kept(journal_id)) is None)

    def _succeed(self, tx: Database, cause: str, lost: OutsideHead | None = None, missing: Sequence[tuple[int, int]] = ()) -> None:
        """Close the current journal: no entry is added to it any more. The successor names the head it had, or the lost one, and which
        entries can't be read any more (`missing`: ranges of seqs)."""
        journal_id = journal.current_journal(tx) or ""
        own = journal.head_of(tx, journal_id, self.enrolled().first_prev)
        last = lost or OutsideHead(journal_id=journal_id, seq=own.seq, head=own.hash)
        named: dict[str, object] = {"journal_id": last.journal_id, "last_seq": last.seq, "head": last.head, "cause": cause}
        if missing:
            named["missing"] = [list(each) for each in missing[:MOST_MISSING]]
        if self._predecessor(tx, journal_id) != named:  # a start cut off before it kept the new head has begun this successor already
            self._begin_journal(tx, named)

    def _predecessor(self, tx: Database, journal_id: str) -> object:
        """What a journal says it was opened after."""
        opening = journal.entry_at(tx, journal_id, 1)
        return parse_header(opening.header_bytes).facts.get("predecessor") if opening else None

    def verify(self, told: Callable[[int], None] = lambda _: None) -> Verification:
        """Pages of the database, chain, signatures, parts, receipts and evidence of everything held. `told`: as `verify_station`."""
        result = verify_station(self.database, self.enrolled(), self.evidence, told=told)
        damaged = tuple(Finding("", 0, "database-pages-damaged") for _ in self.database.damage()[:1])
        return replace(result, failures=damaged + result.failures)

    @property
    def evidence(self) -> Path:
        return self.folder.path / "evidence"

    def sweep_evidence(self) -> int:
        """清扫: remove files of photos that no entry names, as power loss leaves them. Returns how many."""
        return sweep(self.database, self.evidence, self.clock.read().wall_ms)

    # --- the desk -----------------------------------------------------------------------------------------------------------------------

    def desk(self) -> Desk:
        """The verbs of this station, made once; by the checklists that are installed now, whoever installed them. Raises UserError before
        enrolment, and where the installed checklists are lost."""
        if self._desk is None:
            self._installed_rules = installed_rules(self.database)
            self._desk = self._make_desk()
        elif (installed := installed_rules(self.database)) != self._installed_rules:
            rules = self._rules_of(self._desk.acceptances.rules.rulebook.fold)
            self._desk.acceptances.rules = self._desk.intercepts.rules = rules
            self._installed_rules = installed
        return self._desk

    def rule_packages(self) -> RulePackages:
        """Installing of checklists, which must be possible where the installed ones are lost and there is no desk. UserError before
        enrolment."""
        return RulePackages(self.database, self.writer(), self.enrolled(), shipped_package(), self.folder.packages)

    def operators(self) -> Operators:
        """Signing in, which no checklists are needed for. UserError before enrolment."""
        return Operators(self.database, self.writer(), self._hasher)

    def _rules_of(self, fold: Callable[[str], str]) -> Rules:
        package = rules_in_force(self.database, shipped_package(), self.folder.packages)
        return rules_of(package, fold, practice=self.enrolled().certificate.practice)

    def _make_desk(self) -> Desk:
        identity, writer, db = self.enrolled(), self.writer(), self.database
        vetting = shipped_vetting(self.clock.read().at.date())
        lists.reindex(db, vetting, lambda: self.clock.read().wall_ms)
        near = ListedNames(self.folder.name_indexes, db, self._another_connection)
        screener = Screener(db, identity.enrolment.match_keys, vetting.names, near)
        shipped = shipped_package()
        screening = SecurityPackage.parse(read_resource("security.json"))
        rules = rules_of(rules_in_force(db, shipped, self.folder.packages), vetting.names.fold, practice=identity.certificate.practice)
        outlet = Outlet(db, writer, rules.carriers)
        return Desk(
            self.operators(),
            Lists(db, writer, identity, vetting, practice=self.folder.marker.practice),
            screener,
            Acceptances(db, writer, identity, screener, rules, self.evidence),
            self.rule_packages(),
            outlet,
            Disputes(db, writer),
            DayCloses(db, writer, identity),
            Lates(db, identity, self.clock),
            Credentials(db, writer, identity, self.folder.packages, accepted=rules.policy.credential.accepted),
            Senders(db, writer, identity, rules.policy, rules.notice.version),
            Withdrawals(db, writer, identity),
            Shipments(db, identity),
            Labels(db, writer, identity),
            SecurityChecks(db, writer, outlet, screening),
            Disposals(db, writer, rules.rulebook.rules.prohibited),
            Intercepts(db, writer, identity, rules),
            Decisions(db, writer),
            Objections(db, writer),
            Rescreening(db, writer, identity, screener),
        )

    # --- reports ------------------------------------------------------------------------------------------------------------------------

    def report_rows(self, period: Period) -> list[ActRow]:
        """What reports count of a period: acts; and corrections, withdrawals, intercepts and security checks by their own time."""
        from_ms, to_ms = period.bounds_ms
        served = acts.services_between(self.database, from_ms, to_ms)
        rows = [_row_of(act, served.get((act.journal_id, act.seq))) for act in acts.acts_between(self.database, from_ms, to_ms)]
        made = acts.corrections_between(self.database, from_ms, to_ms)
        back = acts.withdrawals_between(self.database, from_ms, to_ms)
        rows += [ActRow(each.seq, ActKind.CORRECTION, each.at_ms, None, acknowledged_at_ms=each.acknowledged_at_ms) for each in made]
        rows += [ActRow(each.seq, ActKind.WITHDRAWAL, each.at_ms, None, acknowledged_at_ms=each.acknowledged_at_ms) for each in back]
        checks = security.checks_between(self.database, from_ms, to_ms)
        stopped = intercepts.intercepts_between(self.database, from_ms, to_ms)
        rows += [
            ActRow(each.seq, ActKind.INTERCEPT, each.at_ms, each.operator, acknowledged_at_ms=each.acknowledged_at_ms) for each in stopped
        ]
        return rows + [_row_of_check(each) for each in checks]

    # --- sync ---------------------------------------------------------------------------------------------------------------------------

    def client(self) -> GatewayClient:
        identity = self.enrolled()
        if not is_current(self.database, identity):
            self.identity = load_identity(self.database)
            identity = self.enrolled()
        signature = Signature(identity.certificate.subject, identity.keys.signing, self.clock)
        return GatewayClient(identity.enrolment.url, signature, self._timeouts, self.database.give_way)

    def synchronise(self) -> Outcome:
        """One run of the synchroniser, excluding any other on this station; one more where the gateway has changed its keys."""
        client = self.client()
        try:
            with self.folder.only_synchroniser():
                outcome = self._replicated(client)
                if self._has_new_keys(client, outcome.status):
                    outcome = self._replicated(client)
                # Behind the entries: a run that ended before its time has told why, and the line is no better for photos.
                return outcome if outcome.status.next_try_ms is not None else replace(outcome, photos=self._photos(client).run())
        finally:
            client.close()

    def _replicated(self, client: GatewayClient) -> Outcome:
        uniform = randomness.SystemRandom().uniform
        synchroniser = Synchroniser(self.database, self.enrolled(), client, self.writer(), uniform)
        outcome = synchroniser.run(first_look=not self._asked_head)
        self._asked_head = self._asked_head or outcome.status.state is SyncState.SYNCHRONISED
        self._succeed_if_told()
        self.keep_head()  # a run may have journaled something itself
        return outcome

    def file_taken(self) -> int:
        """补录 of journals whose ids another station has taken, as answers on a stick say, for a depot that is never on the line.
        Returns how many entries were filed. Raises StoreError where a run is under way."""
        taken, done = ({name.partition("/")[2] for name in facts.names(self.database, each)} for each in ("taken/", "refiled/"))
        if taken <= done:
            return 0
        client = self.client()
        try:
            with self.folder.only_synchroniser():
                self._succeed_if_told()
                filed = Branches(self.database, self.enrolled(), client, self.writer()).file_taken()
                self.keep_head()
                return filed
        finally:
            client.close()

    def _photos(self, client: GatewayClient) -> Photos:
        plan = PhotoPlan(self.evidence, 1000 * self._photo_kb_s(), randomness.SystemRandom().uniform)
        return Photos(self.database, self.enrolled(), client, self.writer(), plan)

    def _photo_kb_s(self) -> int:
        """As set; a file of settings that is damaged is no reason to send nothing, and is told where devices are opened."""
        try:
            return load_machine(self.folder.path).photo_kb_s
        except StoreError:
            return DEFAULT_PHOTO_KB_S

    def _has_new_keys(self, client: GatewayClient, status: SyncStatus) -> bool:
        """Ask for the gateway document once a day, and where a receipt was not believed; whether that is worth another run."""
        unknown_key, wall_ms = status.code is SyncCode.BAD_RECEIPT, self.clock.read().wall_ms
        if not unknown_key and not (status.state is not SyncState.OFFLINE and documents.is_due(self.database, wall_ms)):
            return False
        fetched = documents.fetch(self.database, self.enrolled(), client, wall_ms)
        if fetched:
            self.identity = load_identity(self.database)
        return fetched and unknown_key


def _kept(journal_id: str) -> str:
    """The fact that a head of this journal was kept outside the database at least once."""
    return f"head_kept/{journal_id}"


def _row_of_check(check: security.CheckHeld) -> ActRow:
    acknowledged_at_ms = check.acknowledged_at_ms
    return ActRow(
        check.seq, ActKind.SECURITY_CHECK, check.at_ms, check.operator, security=check.outcome, acknowledged_at_ms=acknowledged_at_ms
    )


_SCREENED = frozenset(outcome.value for outcome in SecurityOutcome if outcome.is_final)


def _row_of(act: acts.Act, service: acts.Service | None) -> ActRow:
    return ActRow(
        seq=act.seq,
        kind=ActKind(act.kind),
        at_ms=act.at_ms,
        operator=act.operator,
        mail_kind=MailKind(act.mail_kind) if act.mail_kind else None,
        real_name=RealName(act.real_name) if act.real_name in set(RealName) else RealName.NONE,  # a later program may know more words
        document_source=act.document_source,
        inspected=act.inspected,
        security_checked=act.security in _SCREENED,
        security=act.security,
        hurried=act.hurried > 0,
        refusal=act.refusal,
        prohibited=act.prohibited,
        screening=act.screening,
        late=act.late,
        corrected=act.corrected,
        acknowledged_at_ms=act.acknowledged_at_ms,
        service_complete=service.complete if service is not None else None,
        way=service.way if service is not None else None,
        abroad=service is not None and service.country != CHINA,
    )
