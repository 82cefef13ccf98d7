"""重新核查: when a list changes, who is known is screened again, a few at a time and beside the work; what changed makes the work list.

Who is known: senders who agreed to be (name, phone and document number's token), and everybody who handed something in within the last
90 days, by the match tokens of their acceptance alone: names and numbers of acceptances are kept for the law, not to be searched
(domain.md §11.4, §11.6). Agreement clients, when there are any, are asked about by the same steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from courier_check import typed
from courier_check.clock import at
from courier_check.desk.codes import DeskCode
from courier_check.desk.decisions import with_standing
from courier_check.desk.rights import Right, SignedIn, require
from courier_check.desk.screener import Screener
from courier_check.errors import UserError
from courier_check.journal.tokens import TokenKind, match_token, phone_value
from courier_check.screening.entries import Action
from courier_check.screening.match import Query
from courier_check.store import facts, rescreening
from courier_check.store.database import Database
from courier_check.store.identity import StationIdentity
from courier_check.store.journal import Writer
from courier_check.store.rescreening import Found, Known, WorkItem

DAYS = 90
AT_ONCE = 20
"""Screened between two looks at whether to go on: a tenth of a second."""
_DAY_MS = 86_400_000
_STATE = "rescreening"
_SHOWN = 500


class Change(StrEnum):
    """What is other than at the last screening."""

    NEW = "rescreen-new"
    STRONGER = "rescreen-stronger"
    WEAKER = "rescreen-weaker"
    GONE = "rescreen-gone"


class Standing(msgspec.Struct, frozen=True):
    """How far the screening under the lists `source` is; `after`: who was screened last."""

    source: str
    after: str = ""
    done: int = 0
    total: int = 0
    finished: bool = False


class Pace(StrEnum):
    """What a step leaves."""

    GOES_ON = "goes-on"
    WAITS = "waits"  # a list's index is being built: what was not searched is neither found nor gone
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class _Screened:
    known: Known
    hits: dict[Found, str]


class Rescreening:
    """Verbs on the screening again of who is known. Any process may take a step; two of them do no harm."""

    def __init__(self, database: Database, writer: Writer, identity: StationIdentity, screener: Screener) -> None:
        self._database = database
        self._writer = writer
        self._identity = identity
        self._screener = screener

    def standing(self) -> Standing:
        """How far it is under the lists that are installed now."""
        source = self._source()
        held = facts.load(self._database, _STATE)
        standing = typed.decode(held, Standing) if held is not None else None
        if standing is not None and standing.source == source:
            return standing
        return Standing(source, total=rescreening.count_known(self._database, self._since_ms()), finished=not source)

    def step(self) -> Pace:
        """Screen some more. Screens first, and writes only if nobody else has gone on meanwhile, so that no clerk waits for it."""
        before = self.standing()
        if before.finished:
            return Pace.FINISHED
        known = rescreening.next_known(self._database, before.after, self._since_ms(), AT_ONCE)
        screened: list[_Screened] = []
        for each in known:
            found = self._screen(each)
            if found is None:
                return Pace.WAITS
            screened.append(_Screened(each, found))
        after = self._further(before, known)
        with self._database.write() as tx:
            if self.standing() == before:
                for one in screened:
                    self._compare(tx, one)
                facts.save(tx, _STATE, msgspec.json.encode(after))
        return Pace.FINISHED if after.finished else Pace.GOES_ON

    def work(self) -> list[WorkItem]:
        """What changed and nobody has seen to, newest first."""
        return rescreening.open_work(self._database, _SHOWN)

    def finish(self, number: int, by: SignedIn | None) -> None:
        """办完: it leaves the work list. Raises UserError for what is not open."""
        with self._database.write() as tx:
            who = require(tx, by, Right.ACCEPT)
            if not rescreening.end_work(tx, number, self._writer.clock.read().wall_ms, who.code):
                raise UserError(DeskCode.NO_WORK, number=number)

    def _further(self, before: Standing, known: list[Known]) -> Standing:
        done = before.done + len(known)
        finished = len(known) < AT_ONCE
        after = known[-1].subject if known else before.after
        return Standing(before.source, after, done, done if finished else max(before.total, done), finished)

    def _screen(self, known: Known) -> dict[Found, str] | None:
        """Hits with their actions; None while a list can't be searched. What was decided not to be the same is no hit of theirs."""
        keys = self._identity.enrolment.match_keys
        phone = phone_value(known.phone or "")
        query = Query(
            name=self._screener.normalised(known.name) if known.name else None,
            id_tokens=(known.token,),
            phone_tokens=(*known.phone_tokens, *((match_token(held.key, TokenKind.PHONE, phone) for held in keys) if phone else ())),
            address_tokens=known.address_tokens,
            match_key_ids=tuple(held.match_key_id for held in keys),
        )
        today = at(self._writer.clock.read().wall_ms).date()
        screening = self._screener.asked(query, today)
        if screening.unsearched:
            return None
        subjects = tuple(f"id:{held.match_key_id}:{known.token}" for held in keys)
        answered = with_standing(self._database, screening, subjects, today)
        hits = (hit for hit in answered.hits if hit.standing is None or hit.standing.kind != "not-same")
        return {(hit.list_id, hit.entry_id): hit.action.value for hit in hits}

    def _compare(self, tx: Database, screened: _Screened) -> None:
        known, now = screened.known, screened.hits
        before, at_ms = rescreening.hits_of(tx, known.subject), self._writer.clock.read().wall_ms
        for found in sorted(before.keys() | now.keys()):
            change = _change(before.get(found), now.get(found))
            if change is not None:
                rescreening.add_work(tx, known, change.value, found, (now.get(found), at_ms))
        rescreening.keep_hits(tx, known.subject, now)

    def _source(self) -> str:
        """The lists that are installed, as one word; empty without any."""
        rows = self._database.rows("SELECT name, version, sha256 FROM installed_packages WHERE kind = 'list' ORDER BY name")
        return ";".join(f"{name}/{version}/{sha256}" for name, version, sha256 in rows)

    def _since_ms(self) -> int:
        return self._writer.clock.read().wall_ms - DAYS * _DAY_MS


def _change(before: str | None, now: str | None) -> Change | None:
    if before == now:
        return None
    if before is None:
        return Change.NEW
    if now is None:
        return Change.GONE
    return Change.STRONGER if Action(now).weight > Action(before).weight else Change.WEAKER
