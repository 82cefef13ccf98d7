"""What a supervisor can decide on, and the decision's consequence."""

from __future__ import annotations

from courier_check.acceptance import HitResolution, ResolutionKind, Settlement
from courier_check.acceptance.judgement import settleable
from courier_check.errors import UserError
from ui.counter.codes import CounterCode
from ui.counter.effects import Done, Now
from ui.counter.state import may_decide

SETTLE, HIT = "settle", "hit"


def decisions(now: Now) -> tuple[tuple[str, str], ...]:
    """What a supervisor can decide on: (hit, list/entry/revision) first, then (settle, code)."""
    screening = now.state.draft.screening
    decided = {(one.list_id, one.entry_id, one.revision) for one in now.state.draft.resolutions}
    hits = [(hit.list_id, hit.entry_id, hit.revision) for hit in (screening.hits if screening else ())]
    open_hits = [(HIT, f"{one[0]}/{one[1]}/{one[2]}") for one in hits if one not in decided]
    rules = now.books.rules
    codes = sorted(settleable(now.state.draft, rules.rulebook, rules.policy, now.books.today))
    settled = {one.code for one in now.state.draft.settlements}
    return (*open_hits, *((SETTLE, code) for code in codes if code not in settled))


def decide(now: Now, kind: ResolutionKind, reason: str) -> Done:
    """The supervisor's word on what the panel is about. UserError without a reason, or where two persons are needed."""
    state, supervisor = now.state, may_decide(now.state, now.books)
    if supervisor is None:
        raise UserError(CounterCode.NO_SUPERVISOR)
    if kind is ResolutionKind.OVERRIDE and supervisor.code == now.books.operator.code:
        raise UserError(CounterCode.TWO_PERSONS)
    if not state.chosen:
        raise UserError(CounterCode.NO_MATTER_CHOSEN)
    if state.kind == SETTLE:
        settlement = Settlement(state.chosen, supervisor.code, reason)
        rules = now.books.rules
        return state.with_session(state.session.settled(settlement, rules.rulebook, rules.policy, now.books.today), kind=""), None
    list_id, entry_id, revision = state.chosen.rsplit("/", 2)
    resolution = HitResolution(list_id, entry_id, int(revision), kind, supervisor.code, reason)
    return state.with_session(state.session.resolved(resolution), kind=""), None
