"""What can be decided on at the window, by a supervisor or by a firm's own number, and the decision's consequence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from courier_check.acceptance import AcceptanceCode, HitResolution, ResolutionKind, Settlement
from courier_check.acceptance.judgement import settleable
from courier_check.acceptance.resolving import LONGEST_SCOPE_DAYS, check_scope_day, is_decided
from courier_check.errors import UserError
from ui.counter.codes import CounterCode
from ui.counter.effects import Done, Now
from ui.counter.state import may_decide

SETTLE, HIT = "settle", "hit"


def decisions(now: Now) -> tuple[tuple[str, str], ...]:
    """What a supervisor can decide on: (hit, list/entry/revision) first, then (settle, code)."""
    screening = now.state.draft.screening
    hits = [hit for hit in (screening.hits if screening else ()) if not is_decided(hit, now.state.draft)]
    open_hits = [(HIT, f"{hit.list_id}/{hit.entry_id}/{hit.revision}") for hit in hits]
    rules = now.books.rules
    codes = sorted(settleable(now.state.draft, rules.rulebook, rules.policy, now.books.today))
    settled = {one.code for one in now.state.draft.settlements}
    return (*open_hits, *((SETTLE, code) for code in codes if code not in settled))


def decide(now: Now, kind: ResolutionKind, typed: Mapping[str, str]) -> Done:
    """The supervisor's word on what the panel is about: `reason`, `evidence`, and `until`, the last day it holds for this client (empty:
    for this parcel only). UserError for what is missing, or where two persons are needed."""
    state, supervisor = now.state, may_decide(now.state, now.books)
    if supervisor is None:
        raise UserError(CounterCode.NO_SUPERVISOR)
    if kind is ResolutionKind.OVERRIDE and supervisor.code == now.books.operator.code:
        raise UserError(CounterCode.TWO_PERSONS)
    if not state.chosen:
        raise UserError(CounterCode.NO_MATTER_CHOSEN)
    if state.kind == SETTLE:
        settlement = Settlement(state.chosen, supervisor.code, typed.get("reason", ""))
        rules = now.books.rules
        return state.with_session(state.session.settled(settlement, rules.rulebook, rules.policy, now.books.today), kind=""), None
    list_id, entry_id, revision = state.chosen.rsplit("/", 2)
    words = {"evidence": typed.get("evidence", "").strip(), "until_on": _until(typed.get("until", ""), now)}
    key = (list_id, entry_id, int(revision))
    resolution = HitResolution(*key, kind, supervisor.code, typed.get("reason", ""), **words)  # type: ignore[arg-type]  # by name
    return state.with_session(state.session.resolved(resolution), kind=""), None


def told_apart(now: Now, typed: Mapping[str, str]) -> Done:
    """不是同一家, by the credit code or licence number that was shown, without a supervisor. UserError for a number that tells nothing."""
    hit = next(iter(now.task.hits), None)
    if hit is None:  # the lists changed while it was typed
        raise UserError(CounterCode.NO_MATTER_CHOSEN)
    resolution = HitResolution(
        hit.list_id,
        hit.entry_id,
        hit.revision,
        ResolutionKind.NOT_SAME,
        "",
        "",
        typed.get("code", ""),
        typed.get("evidence", "").strip(),
        _until(typed.get("until", ""), now),
    )
    return now.state.with_session(now.state.session.resolved(resolution), kind=""), None


_MOST_DIGITS = 3


def _until(text: str, now: Now) -> date | None:
    """A day, or how many days from today; None for nothing. UserError for what is neither, or too far away."""
    given, today = text.strip(), now.books.today
    if not given:
        return None
    try:
        if given.isascii() and given.isdigit() and len(given) <= _MOST_DIGITS:
            until = today + timedelta(days=int(given))
        else:
            until = date.fromisoformat(given)
    except ValueError as error:
        raise UserError(AcceptanceCode.SCOPE_DAY, limit=LONGEST_SCOPE_DAYS) from error
    check_scope_day(until, today)
    return until
