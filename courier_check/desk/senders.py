"""回头客: who was here before, and whose name and phone are filled in because they agreed to it (domain.md §11.6).

A convenience, no duty: without consent only the match tokens of the acceptances are kept, as of everybody. That somebody is known never
spares a check: 本人 is asked at every visit, and 原件 wherever no chip has proved it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from courier_check.clock import at, day_bounds_ms
from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import Right, SignedIn, require
from courier_check.errors import UserError
from courier_check.identity.documents import IdentityDocument
from courier_check.identity.numbers import normalise_number
from courier_check.identity.phones import Reach, reach_of
from courier_check.identity.policy import DocumentPolicy, age_of
from courier_check.journal.entries import Composed, Draft, parse_header
from courier_check.journal.tokens import TokenKind, match_token
from courier_check.store import journal, senders
from courier_check.store.acts import acts_with_token
from courier_check.store.database import Database
from courier_check.store.identity import MatchKey, StationIdentity
from courier_check.store.journal import Writer
from courier_check.store.senders import StoredProfile

_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class KnownSender:
    """What is known of who stands here: acceptances today and in seven days, and the profile, if there is one."""

    today: int
    week: int
    ever: int
    profile: StoredProfile | None

    @property
    def prefill(self) -> StoredProfile | None:
        """Name and phone to fill in, of those only who agreed."""
        return self.profile if self.profile is not None and self.profile.consented else None


@dataclass(frozen=True, slots=True)
class Forgotten:
    """`entry`: the last one, should there have been several profiles. `gone`: no copy is left in the database's own log either; else its
    last reader clears it away when it closes."""

    entry: Composed
    gone: bool


class Senders:
    """Verbs on profiles; each change is journaled without saying whose profile it is."""

    def __init__(self, database: Database, writer: Writer, identity: StationIdentity, policy: DocumentPolicy, notice: str) -> None:
        self._database = database
        self._writer = writer
        self._identity = identity
        self._policy = policy
        self._notice = notice

    def find(self, document: IdentityDocument) -> KnownSender:
        """By the document's number, under every match key held; parcels taken back are not counted. Reads only. Raises UserError for a
        document without a number."""
        tokens = self._tokens(document)
        today = self._today()
        start_ms = day_bounds_ms(today)[0]
        acts = [act for _, token in tokens for act in acts_with_token(self._database, TokenKind.ID_NUMBER.value, token, 0)]
        accepted_ms = [act.at_ms for act in acts if act.kind == "acceptance" and not act.withdrawn]
        return KnownSender(
            today=sum(at_ms >= start_ms for at_ms in accepted_ms),
            week=sum(at_ms >= start_ms - 6 * _DAY_MS for at_ms in accepted_ms),
            ever=len(accepted_ms),
            profile=senders.profile_of(self._database, _named(tokens)),
        )

    def is_informed(self, document: IdentityDocument) -> bool:
        """告知: whether the version in force was shown to this sender before: when agreeing to be known, or at the newest acceptance since.
        It is due before the first reading (domain.md §11.6); of somebody who did not agree nothing is kept that could tell. Reads only.
        Raises UserError for a document without a number."""
        tokens = self._tokens(document)
        profile = senders.profile_of(self._database, _named(tokens))
        if profile is None or not profile.consented:
            return False
        return self._notice in (profile.notice, self._noted_last(tokens))

    def _noted_last(self, tokens: list[tuple[MatchKey, str]]) -> str | None:
        """The version that the newest acceptance under these tokens notes, if any does."""
        acts = [act for _, token in tokens for act in acts_with_token(self._database, TokenKind.ID_NUMBER.value, token, 0)]
        newest = max((act for act in acts if act.kind == "acceptance"), key=lambda act: act.at_ms, default=None)
        stored = journal.entry_at(self._database, newest.journal_id, newest.seq) if newest is not None else None
        facts = parse_header(stored.header_bytes).facts if stored is not None else None
        noted = facts.get("notice") if isinstance(facts, dict) else None
        return noted if isinstance(noted, str) else None

    def consent(self, document: IdentityDocument, phone: str, by: SignedIn | None) -> Composed:
        """同意: keep name and phone from now on. Raises UserError for who can't agree alone, and for what nobody can be reached by."""
        name = (document.name or "").strip()
        if not name:
            raise UserError(DeskCode.SENDER_INCOMPLETE)
        if reach_of(phone) in (Reach.NONE, Reach.VIRTUAL):
            raise UserError(DeskCode.SENDER_PHONE_UNFIT)
        self._check_age(document)
        tokens = self._tokens(document)
        newest = self._identity.match_key(self._today().year)
        with self._database.write() as tx:
            who = require(tx, by, Right.ACCEPT)
            held = senders.profile_of(tx, _named(tokens))
            profile_id = held.profile_id if held is not None else self._writer.random(16).hex()
            key, token = next((pair for pair in tokens if pair[0] == newest), tokens[0])
            senders.save_profile(tx, StoredProfile(profile_id, name, phone.strip(), self._notice), key.match_key_id, token)
            facts = {"profile": profile_id, "notice": self._notice}
            return journal.append(tx, Draft("sender-consent", who.code, facts), self._writer)

    def withdraw(self, document: IdentityDocument, by: SignedIn | None) -> Forgotten:
        """撤回同意: name and phone go at once; the token stays, so that nobody asks again. Raises UserError if nothing is kept."""
        return self._end(document, by, "sender-withdrawal")

    def forget(self, document: IdentityDocument, by: SignedIn | None) -> Forgotten:
        """删除: the profile goes whole. What the law has registered with each acceptance is not part of it. Raises UserError if none."""
        return self._end(document, by, "sender-deletion")

    def _end(self, document: IdentityDocument, by: SignedIn | None, kind: str) -> Forgotten:
        """Under every key held: a window that did not yet have this year's may have kept a second profile under last year's."""
        tokens = self._tokens(document)
        change = senders.blank_profile if kind == "sender-withdrawal" else senders.delete_profile
        composed = None
        with self._database.write() as tx:
            who = require(tx, by, Right.ACCEPT)
            for held in senders.profiles_of(tx, _named(tokens)):
                if held.consented or kind == "sender-deletion":
                    change(tx, held.profile_id)
                    composed = journal.append(tx, Draft(kind, who.code, {"profile": held.profile_id}), self._writer)
            if composed is None:
                raise UserError(DeskCode.SENDER_NOT_KEPT)
        return Forgotten(composed, self._database.clear_log())

    def _check_age(self, document: IdentityDocument) -> None:
        """Under the age of consent nobody agrees alone, and a convenience is not worth a guardian's form (个保法 31 条)."""
        age, least = age_of(document, self._today()), self._policy.guardian.consent_under
        if age is None and self._policy.documents[document.type].asks_birth_date:
            raise UserError(DeskCode.SENDER_AGE_UNKNOWN, age=least)
        if age is not None and age < least:
            raise UserError(DeskCode.SENDER_TOO_YOUNG, age=least)

    def _tokens(self, document: IdentityDocument) -> list[tuple[MatchKey, str]]:
        if not document.number or not document.number.strip():
            raise UserError(DeskCode.SENDER_INCOMPLETE)
        number = normalise_number(document.type, document.number)
        keys = sorted(self._identity.enrolment.match_keys, key=lambda key: -key.year)
        if not keys:
            raise UserError(DeskCode.SENDER_NO_KEY)
        return [(key, match_token(key.key, TokenKind.ID_NUMBER, number)) for key in keys]

    def _today(self) -> date:
        return at(self._writer.clock.read().wall_ms).date()


def _named(tokens: list[tuple[MatchKey, str]]) -> list[tuple[str, str]]:
    return [(key.match_key_id, token) for key, token in tokens]
