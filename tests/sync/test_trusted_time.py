"""The gateway's time that a station trusts: that of the newest receipt, whatever the gateway's clock said before it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from courier_check.gateway.bundles import opened_bundle, write_answers
from courier_check.journal.entries import parse_header
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import journal
from courier_check.sync.bundles import Bundles, Span
from courier_check.sync.synchroniser import SyncState
from support.clocks import SetClock
from support.gateways import Practice, practice_gateway
from support.stations import CHEAP, acceptance, append

DAY_MS = 86_400_000


@dataclass
class Two:
    """A station and its gateway, each with a clock of its own."""

    station: Station
    practice: Practice
    own: SetClock
    theirs: SetClock

    def accept(self) -> int | None:
        """Accept and synchronise; the trusted time that the entry bears."""
        trusted_ms = append(self.station, acceptance(f"SF{self.own.mono_ms:013d}")).entry.header.times.trusted_ms
        assert self.station.synchronise().status.state is SyncState.SYNCHRONISED
        for clock in (self.own, self.theirs):
            clock.pass_ms(60_000)
        return trusted_ms

    def jumps(self) -> int:
        rows = self.station.database.rows("SELECT header FROM journal_entries")
        return sum(parse_header(data).kind == "clock-jump" for (data,) in rows)

    def carried(self, first_seq: int, last_seq: int) -> io.BytesIO:
        """A stick to the gateway, and what it answers."""
        stick, answers = io.BytesIO(), io.BytesIO()
        self.bundles.bundle(stick, [Span(journal.current_journal(self.station.database) or "", first_seq, last_seq)])
        with opened_bundle(self.practice.gateway, stick) as bundle:
            write_answers(self.practice.gateway, bundle.station_id, [each.receipt for each in bundle.take() if each.receipt], answers)
        return answers

    @property
    def bundles(self) -> Bundles:
        return Bundles(self.station.database, self.station.enrolled(), self.own, "tests", {})


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    own, theirs = SetClock(), SetClock()
    with (
        practice_gateway(tmp_path / "gateway", theirs) as practice,
        Station.init(tmp_path / "station", PRACTICE_PASSPHRASE, Surroundings(own, hasher=CHEAP), practice=True) as station,
    ):
        station.enrol(practice.code(), practice.url)
        station.synchronise()
        yield Two(station, practice, own, theirs)


def test_a_gateway_clock_that_was_ahead_is_trusted_until_its_next_receipt(two: Two) -> None:
    two.theirs.wall_ms += 365 * DAY_MS
    two.accept()
    two.theirs.wall_ms -= 365 * DAY_MS
    ahead = two.accept()
    assert ahead is not None
    assert ahead > two.own.wall_ms + 300 * DAY_MS
    assert two.jumps() == 1, "this station's clock looks as if it were behind"
    for _ in range(3):
        trusted_ms = two.accept()
        assert trusted_ms is not None
        assert abs(two.own.wall_ms - trusted_ms) < 300_000
    assert two.jumps() == 1
    assert two.station.verify().ok


def test_answers_that_come_late_do_not_turn_back_the_day_acts_are_judged_by(two: Two) -> None:
    """A station whose clock was set back must not take a document that has expired, whatever comes home meanwhile."""
    append(two.station, acceptance("SF-first"))
    late = two.carried(2, 2)
    for clock in (two.own, two.theirs):
        clock.pass_ms(40 * DAY_MS)
    append(two.station, acceptance("SF-second"))
    two.bundles.take_answers(two.carried(3, 3))
    today = two.station.desk().acceptances.today()
    two.own.wall_ms -= 40 * DAY_MS
    assert two.bundles.take_answers(late).acknowledged == 2
    assert two.station.desk().acceptances.today() == today
