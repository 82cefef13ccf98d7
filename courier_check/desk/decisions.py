"""核对的决定: what was decided on a hit and holds for a client until a day, durable, looked up at every screening, and revocable."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from courier_check.acceptance import AcceptanceCode, HitResolution
from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import Right, SignedIn, require
from courier_check.desk.screener import Subject
from courier_check.errors import UserError
from courier_check.identity.text import plain
from courier_check.journal.entries import Composed, Draft
from courier_check.journal.parts import PartName
from courier_check.journal.tokens import TokenKind, match_token
from courier_check.screening.match import Hit, Screening
from courier_check.screening.standing import ResolutionKind, Standing
from courier_check.store import decisions, journal
from courier_check.store.database import Database
from courier_check.store.decisions import DecisionHeld
from courier_check.store.identity import MatchKey
from courier_check.store.journal import Writer

LONGEST_REASON = 200
_SHOWN = 500


class Decisions:
    """Verbs on decisions that stand."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer

    def newest(self) -> list[DecisionHeld]:
        """The last decisions, newest first."""
        return decisions.newest_decisions(self._database, _SHOWN)

    def revoke(self, journal_id: str, seq: int, reason: str, by: SignedIn | None) -> Composed:
        """撤销: from now on the hit is asked about again. Raises UserError for no decision, one revoked already, no reason or one too long,
        and for who may not decide."""
        given = plain_words(reason)
        if not given:
            raise UserError(DeskCode.REASON_MISSING)
        if len(given) > LONGEST_REASON:
            raise UserError(DeskCode.REASON_TOO_LONG, longest=LONGEST_REASON, given=len(given))
        with self._database.write() as tx:
            who = require(tx, by, Right.RESOLVE)
            held = decisions.decision_at(tx, journal_id, seq)
            if held is None:
                raise UserError(DeskCode.NO_DECISION, seq=seq)
            if held.revoked is not None:
                raise UserError(DeskCode.DECISION_REVOKED, seq=seq, by=held.revoked[1])
            facts = {"revokes": {"journal_id": journal_id, "seq": seq}}
            draft = Draft("screening-decision-revoked", who.code, facts, {PartName.KEPT: {"v": 1, "reason": given}})
            return journal.append(tx, draft, self._writer)


def plain_words(text: str) -> str:
    """Words as they are stored: a garbled terminal may bring half of a character."""
    return text.encode("utf-8", "replace").decode().strip()


def subjects_of(subject: Subject, match_keys: Sequence[MatchKey]) -> tuple[str, ...]:
    """What a client is known by when it comes again: its credit code, or the match tokens of its document's number under every key held.
    Nothing for who shows neither."""
    found = [f"uscc:{plain(subject.uscc)}"] if subject.uscc else []
    number = subject.token_values().get(TokenKind.ID_NUMBER)
    if number:
        found += [f"id:{held.match_key_id}:{match_token(held.key, TokenKind.ID_NUMBER, number)}" for held in match_keys]
    return tuple(found)


def with_standing(db: Database, screening: Screening, subjects: Iterable[str], on: date) -> Screening:
    """The screening of a client with the decisions that hold for it. Only the very same entry, saying the very same, is answered."""
    if not screening.hits:
        return screening
    standing: dict[tuple[str | None, str | None, int | None, str | None], Standing] = {}
    for held in decisions.decisions_about(db, subjects, on):
        key = (held.list_id, held.entry_id, held.revision, held.said)
        by_code = not held.supervisor
        found = Standing(ResolutionKind(held.decision), held.until_on, held.supervisor or "", by_code, held.journal_id, held.seq)
        standing.setdefault(key, found)
    return replace(screening, hits=tuple(replace(hit, standing=standing.get(_key(hit))) for hit in screening.hits))


def decision_entry(resolution: HitResolution, hit: Hit, subjects: Sequence[str], act: Composed) -> Draft:
    """The entry of a decision that holds beyond its parcel. UserError where nobody could tell the client again."""
    if not subjects or resolution.until_on is None:
        raise UserError(AcceptanceCode.SCOPE_OF_NOBODY)
    header = act.entry.header
    facts = {
        "decision": resolution.kind.value,
        "until_on": resolution.until_on.isoformat(),
        "supervisor": resolution.supervisor or None,
        "by": "supervisor" if resolution.supervisor else "code",
        "of": {"journal_id": header.journal_id, "seq": header.seq},
    }
    kept = {
        "v": 1,
        "list": hit.list_id,
        "list_version": hit.list_version,
        "entry": hit.entry_id,
        "revision": hit.revision,
        "said": hit.said,
        "subjects": list(subjects),
        "reason": plain_words(resolution.reason),
        "evidence": plain_words(resolution.evidence),
        "code": plain(resolution.code),
    }
    return Draft("screening-decision", header.operator, facts, {PartName.KEPT: kept})


def _key(hit: Hit) -> tuple[str, str, int, str]:
    return hit.list_id, hit.entry_id, hit.revision, hit.said
