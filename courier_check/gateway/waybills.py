"""运单: which waybill each acceptance stands for after the corrections that arrived, and which were accepted elsewhere, too."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from courier_check.gateway.review import ACCEPTANCE, Arrived, corrected_act, withdrawn_act
from courier_check.gateway.store import reviews
from courier_check.gateway.store.reviews import HeldAct, Holder

_Held = dict[tuple[str, int], HeldAct]


def said_waybills(tx: Connection, arrived: list[Arrived]) -> dict[int, Holder]:
    """Acceptances whose waybill these entries say, by their arrival; what is said last counts.

    A correction of anything but an acceptance of its own station says nothing.
    """
    held = _corrected(tx, arrived)
    said: dict[int, Holder] = {}
    for each in arrived:
        act, content = _act(each, held), each.reading.content
        if act and content and content.waybill:
            said[act.arrival] = Holder(act, each.entry.header.station_id, each.arrival, content.waybill, content.carrier)
    return said


def accepted_elsewhere(tx: Connection, said: Iterable[Holder]) -> list[Holder]:
    """Acceptances of one waybill in several journals, those of `said` among them, in order of arrival.

    What `said` says was noted before.
    """
    by_journal: dict[str, dict[str, list[Holder]]] = {}
    for mine in said:
        by_journal.setdefault(mine.act.journal_id, {}).setdefault(mine.waybill, []).append(mine)
    found: dict[int, Holder] = {}
    for journal_id, by_waybill in by_journal.items():
        for other in reviews.holders_of(tx, by_waybill, other_than_journal=journal_id):
            for mine in by_waybill[other.waybill]:
                if not _other_carrier(mine, other):
                    found |= {other.act.arrival: other, mine.act.arrival: mine}
    return [found[arrival] for arrival in sorted(found)]


def withdrawn(tx: Connection, arrived: list[Arrived]) -> frozenset[int]:
    """Arrivals of the acceptances that these entries take back (撤件): those of their own station."""
    seqs: dict[str, set[int]] = {}
    for each in arrived:
        if (place := withdrawn_act(each.entry.header)) is not None:
            seqs.setdefault(place[0], set()).add(place[1])
    return frozenset(
        act.arrival for journal_id, of in seqs.items() for act in reviews.acceptances_at(tx, arrived[0].station.station_id, journal_id, of)
    )


def _corrected(tx: Connection, arrived: list[Arrived]) -> _Held:
    """The acceptances that these entries correct, one question a journal: nearly always the one they are in."""
    seqs: dict[str, set[int]] = {}
    for each in arrived:
        corrected = corrected_act(each.entry.header)
        if corrected:
            seqs.setdefault(corrected[0], set()).add(corrected[1])
    found = [act for journal_id, of in seqs.items() for act in reviews.acceptances_at(tx, arrived[0].station.station_id, journal_id, of)]
    return {(act.journal_id, act.seq): act for act in found}


def _act(each: Arrived, held: _Held) -> HeldAct | None:
    """The acceptance whose waybill an entry may say: itself, or the one it corrects."""
    header = each.entry.header
    if header.kind == ACCEPTANCE:
        return HeldAct(each.arrival, header.journal_id, header.seq, each.entry.hash)
    corrected = corrected_act(header)
    return held.get(corrected) if corrected else None


def _other_carrier(one: Holder, other: Holder) -> bool:
    """Two carriers may use one number; where either is unsaid it counts as the same parcel."""
    return bool(one.carrier and other.carrier and one.carrier != other.carrier)
