"""补打: the gateway takes its entry as any other, and nothing comes back for it."""

from __future__ import annotations

from pathlib import Path

from courier_check.journal.entries import Draft
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import inbox, journal
from courier_check.sync.synchroniser import SyncState
from support.clocks import SetClock
from support.gateways import practice_gateway
from support.stations import CHEAP, acceptance, append


def test_a_reprint_is_replicated_and_not_objected_to(tmp_path: Path, clock: SetClock) -> None:
    surroundings = Surroundings(clock, hasher=CHEAP)
    with (
        practice_gateway(tmp_path / "gateway", clock) as practice,
        Station.init(tmp_path / "station", PRACTICE_PASSPHRASE, surroundings, practice=True) as station,
    ):
        station.enrol(practice.code(), practice.url)
        accepted = append(station, acceptance("SF1000000000014")).entry.header
        place = {"journal_id": accepted.journal_id, "seq": accepted.seq}
        append(station, Draft("label-reprint", "0142", {"reprints": place, "copy": 1}))
        outcome = station.synchronise()
        standing = inbox.standing(station.database)
        assert (outcome.status.state, standing.pending, standing.returned_open) == (SyncState.SYNCHRONISED, 0, 0)
        assert standing.acknowledged == journal.head_of(station.database, accepted.journal_id, "").seq == 3
        assert station.verify().ok
