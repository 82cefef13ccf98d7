"""拒收过、还在复核: what this station did with a waybill before that an acceptance has not answered yet. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

from courier_check.acceptance.codes import AcceptanceReason
from courier_check.acceptance.draft import ReferredBefore, RefusedBefore
from courier_check.clock import at
from courier_check.inspection.findings import Answer
from courier_check.journal.codes import JournalError
from courier_check.journal.entries import parse_header
from courier_check.journal.parts import opened
from courier_check.screening.entries import Action
from courier_check.screening.telling import MOST_TOLD
from courier_check.store import journal
from courier_check.store.acts import Act, acts_with_waybill
from courier_check.store.database import Database

AFTER_REFUSAL = "after_refusal"
"""The fact by which an act names the refusal that its waybill had before (docs/journal.md)."""
REFERRED_FOR = "referred_for"
"""The fact by which a referral says which of its reasons refer: the others are notes."""


def done_before(db: Database, waybill: str, guarding: Set[str]) -> tuple[RefusedBefore | None, ReferredBefore | None]:
    """The refusal and the referral that a waybill stands under. `guarding`: dispositions under which nothing is given back.

    An acceptance that names one has answered for it and for those before it, also when it was withdrawn since: it was judged knowing them.
    No other act has: a parcel that was doubted and then refused, or referred once more, was never looked at by a supervisor.
    """
    refused: list[Act] = []
    referred: list[Act] = []
    acts = acts_with_waybill(db, waybill)
    if all(act.kind == "acceptance" for act in acts):  # nearly always: of a new waybill there is none
        return None, None
    for act in acts:
        if act.kind == "refusal":
            refused.append(act)
        elif act.kind == "referral":
            referred.append(act)
        else:
            facts = _facts(db, act)
            if place_named(facts, AFTER_REFUSAL) is not None:
                refused.clear()
            if place_named(facts, "resolves") in [(one.journal_id, one.seq) for one in referred]:
                referred.clear()
    return _refused(db, refused, guarding), _referred(db, referred)


def place_named(facts: Mapping[str, Any] | None, fact: str) -> tuple[str, int] | None:
    """The entry that a fact of an act names; None where it names none, or can't be read."""
    named = facts.get(fact) if facts is not None else None
    return (named["journal_id"], named["seq"]) if named else None


def _refused(db: Database, refusals: Sequence[Act], guarding: Set[str]) -> RefusedBefore | None:
    """The newest refusal, one that is a supervisor's before any other: refusing a parcel once more, for less, settles nothing."""
    unsettled = [act for act in refusals if _is_unsettled(db, act, guarding)]
    if not refusals:
        return None
    act = (unsettled or refusals)[-1]
    return RefusedBefore(at(act.at_ms), (act.journal_id, act.seq), act.refusal or "R99", act.lead, bool(unsettled))


def _is_unsettled(db: Database, act: Act, guarding: Set[str]) -> bool:
    facts = _facts(db, act)
    return act.lead is not None or facts is None or not guarding.isdisjoint(facts.get("dispositions") or ())


def _referred(db: Database, referrals: Sequence[Act]) -> ReferredBefore | None:
    """The newest referral, and what it was about at first. One for a failed security check stands as long as that does, and no longer."""
    said = [(act, _facts(db, act) or {}) for act in referrals]
    standing = [(act, facts) for act, facts in said if _why(facts) != AcceptanceReason.FAILED_CHECK]
    if not standing:
        return None
    newest = standing[-1][0]
    first: Mapping[str, Any] = next((facts for _, facts in reversed(standing) if _why(facts) != AcceptanceReason.STILL_REFERRED), {})
    answers: Mapping[str, str] = first.get("answers") or {}
    doubted = tuple(item for item, answer in answers.items() if answer != Answer.YES)
    about, hits = _about([facts for _, facts in standing]), _hits(db, [act for act, _ in standing])
    return ReferredBefore(at(newest.at_ms), (newest.journal_id, newest.seq), _why(first), doubted, about, hits)


def _why(facts: Mapping[str, Any]) -> str:
    """The code of the reason that weighs most, which entries name first."""
    first = next(iter(facts.get("reasons") or ()), None)
    return str(first["code"]) if isinstance(first, Mapping) and "code" in first else AcceptanceReason.STILL_REFERRED


def _about(referrals: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """All that these were referred for; nothing where one does not say: then only the whole can be settled."""
    if any(not facts.get(REFERRED_FOR) for facts in referrals):
        return ()
    elsewhere = (AcceptanceReason.STILL_REFERRED, AcceptanceReason.FAILED_CHECK)
    codes = (code for facts in referrals for code in facts[REFERRED_FOR])
    return tuple(dict.fromkeys(code for code in codes if code not in elsewhere))


def _hits(db: Database, referrals: Sequence[Act]) -> tuple[tuple[str, str], ...]:
    """The hits that these were referred for; nothing where an entry may hold only the strongest of them, or they are gone."""
    kept: list[Mapping[str, Any]] = []
    for act in referrals:
        stored = journal.entry_at(db, act.journal_id, act.seq)
        try:
            hits = opened(stored.openings["kept"]).get("hits", []) if stored is not None and "kept" in stored.openings else []
        except JournalError:
            return ()
        if len(hits) >= MOST_TOLD:
            return ()
        kept += hits
    stopping = (hit for hit in kept if hit["action"] != Action.NOTE and hit.get("decided") is None)
    return tuple(dict.fromkeys((str(hit["list"]), str(hit["entry"])) for hit in stopping))


def _facts(db: Database, act: Act) -> Mapping[str, Any] | None:
    """What the header of an act says; None where it can't be read: verification tells of it, and whatever depends on it is not settled."""
    stored = journal.entry_at(db, act.journal_id, act.seq)
    try:
        return parse_header(stored.header_bytes).facts if stored is not None else None
    except JournalError:
        return None
