"""G-06: two hundred acceptances, replayed by the keys recorded at the window, on a real station, and read back from its journal."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QCoreApplication

from benchmarks.inspecting import MODELS
from benchmarks.parcels import document, waybill_number
from courier_check.desk.rights import Role, SignedIn
from courier_check.station import PRACTICE_CLERK, PRACTICE_PASSWORD, PRACTICE_SUPERVISOR, Station
from courier_check.store import journal
from courier_check.store.resources import resource_path
from support.counters import PatientReader, Stand
from support.replays import LIMITS, Replay, Replayed, visits

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
ACCEPTANCES = 200


@dataclass(frozen=True)
class Log:
    """What was replayed, and the facts of the acceptances in the journal, in order."""

    replayed: list[Replayed]
    facts: list[dict[str, object]]
    sound: bool


@pytest.fixture
def log(qapp: QCoreApplication, station: Station) -> Log:
    desk, supervisor = station.desk(), SignedIn(PRACTICE_SUPERVISOR, Role.SUPERVISOR)
    desk.operators.add(PRACTICE_SUPERVISOR, Role.SUPERVISOR, "样例主管", PRACTICE_PASSWORD, None)
    desk.operators.add(PRACTICE_CLERK, Role.CLERK, "样例收寄员", PRACTICE_PASSWORD, supervisor)
    desk.lists.install_csv(resource_path("samples/practice_list.csv").read_text(encoding="utf-8"), supervisor)
    reader = PatientReader()
    stand = Stand(station.desk().acceptances.rules, SignedIn(PRACTICE_CLERK, Role.CLERK), reader=reader)
    stand.station = station  # type: ignore[assignment]  # a real one
    replay, replayed, sender = Replay(stand, reader), [], document(0)
    for number, name in enumerate(visits(ACCEPTANCES)):
        if name != "next" and number:
            stand.press("Enter")  # the next customer's turn
            sender = document(number)
        replayed.append(replay.accept(name, sender, waybill_number(number)))
    held = journal.entries(station.database, journal.current_journal(station.database) or "")
    headers = [json.loads(one.header_bytes) for one in held]
    return Log(replayed, [one["facts"] for one in headers if one["kind"] == "acceptance"], station.verify().ok)


def test_two_hundred_acceptances_stay_within_their_keys_and_their_records_say_how_long_they_took(log: Log) -> None:
    assert len(log.replayed) == len(log.facts) == ACCEPTANCES
    assert [one for one in log.replayed if one.keys > LIMITS[one.name]] == []
    assert [facts["took_ms"] for facts in log.facts] == [one.model_ms for one in log.replayed]
    for one, facts in zip(log.replayed, log.facts, strict=True):
        seconds = MODELS[one.name].seconds
        assert isinstance(facts["took_ms"], int)
        assert seconds is not None
        assert facts["took_ms"] / 1000 <= seconds
    assert log.sound
