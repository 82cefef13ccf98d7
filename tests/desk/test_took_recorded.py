"""How long a parcel was in hand is in its entry, so that what an acceptance costs can be read from the records (product.md, G-06)."""

from __future__ import annotations

from pathlib import Path

from courier_check.desk import lookups
from courier_check.desk.acceptances import Submission
from courier_check.desk.rights import SignedIn
from courier_check.inspection.verdict import Outcome
from courier_check.station import Station
from courier_check.store import journal, views
from courier_check.sync.bundles import Bundles
from courier_check.wording import Language, Wording
from support.entries import Prepared, facts
from support.stand_alone import stand_alone_verifier, verdict
from ui.record_facts import record_shown
from ui.record_view import Names, Opened

NAMES = Names(carriers={}, documents={}, categories={}, goods={}, papers={})


def shown_of(station: Station, seq: int) -> list[tuple[str, str]]:
    held = lookups.record(station.database, station.enrolled(), station.evidence, journal.current_journal(station.database) or "", seq)
    return [(fact.name, fact.value) for fact in record_shown(Opened(held, {}, ()), NAMES, None, Wording(Language.CHINESE)).parcel]


def test_how_long_it_was_in_hand_is_a_fact_of_the_entry_and_is_shown(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    recorded = station.desk().acceptances.submit(Submission(prepared(), clerk, took_ms=47_360))
    assert recorded.outcome is Outcome.ACCEPT
    seq = recorded.seq or 0
    assert facts(station, seq)["took_ms"] == 47_360
    assert ("办理用时", "47.4 秒") in shown_of(station, seq)
    assert station.verify().ok
    assert all(each.equal for each in views.compare(station.database))


def test_minutes_are_told_as_minutes(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    seq = station.desk().acceptances.submit(Submission(prepared(), clerk, took_ms=125_999)).seq or 0
    assert ("办理用时", "2 分 05 秒") in shown_of(station, seq)


def test_an_entry_nobody_timed_tells_no_time(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    """As all of before 2026-11-27."""
    seq = station.desk().acceptances.submit(Submission(prepared(), clerk)).seq or 0
    assert "took_ms" not in facts(station, seq)
    assert "办理用时" not in dict(shown_of(station, seq))


def test_the_stand_alone_verifier_takes_it_as_any_other_fact(station: Station, prepared: Prepared, clerk: SignedIn, tmp_path: Path) -> None:
    station.desk().acceptances.submit(Submission(prepared(), clerk, took_ms=47_360))
    made, bundles = tmp_path / "all.zip", Bundles(station.database, station.enrolled(), station.clock, "sample 1.0", {})
    with made.open("w+b") as target:
        bundles.export(target, bundles.everything(), revealed=True)
    told = verdict(stand_alone_verifier(), made)
    assert told["ok"], told
