"""The same in one process, found by hypothesis: any order of acts, faults of the line, restarts, copies put back and sticks.

A failure is shrunk to the fewest steps that show it. The gateway's program is the real one behind the proxy; what only whole processes can
show, kill -9 and full disks, is for test_schedules.py.
"""

from __future__ import annotations

import io
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from courier_check.gateway import admin
from courier_check.gateway.bundles import opened_bundle, write_answers
from courier_check.gateway.codes import Objection
from courier_check.gateway.restoring import begin_journal
from courier_check.gateway.setup import Founding, Gateway, init
from courier_check.station import PRACTICE_PASSPHRASE, PROGRAM, Station, Surroundings
from courier_check.store import inbox, journal
from courier_check.sync.bundles import Bundles, Span
from courier_check.sync.client import Timeouts
from courier_check.sync.codes import SyncCode
from courier_check.sync.synchroniser import SyncState
from courier_check.wire.certificates import StationPlace
from support.clerk import waybill_of
from support.clocks import SetClock
from support.gateways import Switchboard, switchboard
from support.proofs import check_acts, check_proofs, check_receipts_chained, entries_at_gateway, entries_at_station
from support.proxy import Fault, Kind, Proxy, Spot, misbehaving_line
from support.stations import CHEAP, acceptance, append

pytestmark = pytest.mark.slow

DAY_MS = 86_400_000
STEPS = 10
TRIES = 4
SHORT_OF_PATIENCE = Timeouts(connect_s=2.0, read_s=1.0, whole_answer_s=2.0)
NOTICED = {(SyncState.ALARM, code) for code in (SyncCode.ROLLBACK, SyncCode.FORGOTTEN)}
"""A gateway that was put back is noticed by its head, or, where nothing was sent, by the day's check of what it remembers."""
FAULTS = st.builds(
    Fault,
    st.sampled_from([kind for kind in Kind if kind is not Kind.STALL]),  # a stalled answer costs a second
    st.sampled_from(Spot),
    st.sampled_from([0.0, 0.25, 0.5, 0.75, 0.999]),
    st.booleans(),
)


@dataclass(frozen=True)
class Setting:
    """What the runs share: the server, the line, and folders to be copied."""

    board: Switchboard
    proxy: Proxy
    models: Path


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    models, clock = tmp_path_factory.mktemp("models"), SetClock()
    init(models / "gateway", Founding("gw-test", "样例网关（虚构）", practice=True), clock, secrets.token_bytes)
    with switchboard() as (board, url), misbehaving_line(url) as proxy:
        with (
            Gateway.open(models / "gateway", clock, secrets.token_bytes) as gateway,
            Station.init(models / "station", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as station,
        ):
            board.answer_for(gateway)
            place = StationPlace(outlet_id="zz-jinshui", outlet_name="样例金水网点", region="410105")
            station.enrol(admin.enrol_code(gateway, "zz-jinshui-01", place), proxy.url)
        yield Setting(board, proxy, models)


class Line(RuleBasedStateMachine):
    """A station, its line and its gateway. The station's clock may go wrong, the gateway's goes on."""

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.setting = setting
        self.folder = Path(tempfile.mkdtemp(dir=setting.models))
        shutil.copytree(setting.models / "station", self.folder / "station")
        shutil.copytree(setting.models / "gateway", self.folder / "gateway")
        self.own_clock, self.true_clock = SetClock(), SetClock()
        self.committed: list[str] = []
        self.statuses: list[tuple[SyncState, SyncCode | None]] = []
        self.is_behind = self.far_ahead = False
        self.false_alarms: list[tuple[SyncState, SyncCode | None]] = []
        self.owed_since: int | None = None  # of `statuses`, where the alarm must stand: see support/runs.py
        self.copies: list[Path] = []
        self.gateway, self.station = self._opened_gateway(), self._opened_station()
        self.back_up()
        self.accept(1)
        self.synchronise(0, None)

    @rule(count=st.integers(1, 3))
    def accept(self, count: int) -> None:
        for _ in range(count):
            waybill = waybill_of(len(self.committed))
            append(self.station, acceptance(waybill))
            self.station.keep_head()
            self.committed.append(waybill)

    @rule(before=st.integers(0, 3), fault=st.none() | FAULTS)
    def synchronise(self, before: int, fault: Fault | None) -> None:
        """`before`: how many requests pass before the one that meets the fault."""
        self.setting.proxy.faults[:] = [Fault()] * before + ([fault] if fault else [])
        status = self.station.synchronise().status
        self.setting.proxy.faults.clear()
        self.statuses.append((status.state, status.code))
        if (status.state, status.code) in NOTICED and self.is_behind:
            self.is_behind = False  # used up: another one is false
        elif status.state not in (SyncState.SYNCHRONISED, SyncState.OFFLINE):
            self.false_alarms.append((status.state, status.code))

    @rule()
    def restart_station(self) -> None:
        self.station.close()
        self.station = self._opened_station()

    @rule()
    def restart_gateway(self) -> None:
        self.gateway.close()
        self.gateway = self._opened_gateway()

    @rule()
    def back_up(self) -> None:
        """With nothing open, which is one way to do it."""
        self.gateway.close()
        self.copies.append(self.folder / f"copy-{len(self.copies)}")
        shutil.copytree(self.folder / "gateway", self.copies[-1])
        self.gateway = self._opened_gateway()

    @rule(which=st.integers(0, 9), whole=st.booleans())
    def put_back(self, which: int, whole: bool) -> None:
        self.gateway.close()
        for left in (self.folder / "gateway").glob("gateway.db*"):
            left.unlink()
        copy, ignored = self.copies[which % len(self.copies)], None if whole else shutil.ignore_patterns("*.json")
        shutil.copytree(copy, self.folder / "gateway", dirs_exist_ok=True, ignore=ignored)
        self.gateway = self._opened_gateway()
        if whole:
            begin_journal(self.gateway)
        reached = sum(inbox.gateway_reached(self.station.database, each) for each in journal.journal_ids(self.station.database))
        behind = reached > len(self._held())
        self.is_behind |= behind
        self.owed_since = len(self.statuses) if behind and not self.setting.proxy.holds_late else None

    @rule(by_ms=st.sampled_from([-400 * DAY_MS, -DAY_MS, -60_000, 0, 60_000, DAY_MS, 400 * DAY_MS]))
    def set_clock(self, by_ms: int) -> None:
        self.own_clock.wall_ms = self.true_clock.wall_ms + by_ms
        self.far_ahead |= by_ms >= DAY_MS

    @precondition(lambda self: inbox.standing(self.station.database).pending)
    @rule(sticks=st.integers(1, 3), home=st.lists(st.integers(0, 2), max_size=4))
    def carry(self, sticks: int, home: list[int]) -> None:
        """What is pending, on so many sticks; `home`: whose answers come home, in which order and how often. Others are lost."""
        bundles = Bundles(self.station.database, self.station.enrolled(), self.own_clock, PROGRAM, {})
        (span,) = bundles.pending()
        size = -(-span.entries // sticks)
        brought = []
        for first in range(span.first_seq, span.last_seq + 1, size):
            stick, answers = io.BytesIO(), io.BytesIO()
            bundles.bundle(stick, [Span(span.journal_id, first, min(span.last_seq, first + size - 1))])
            with opened_bundle(self.gateway, stick) as bundle:
                write_answers(self.gateway, bundle.station_id, [each.receipt for each in bundle.take() if each.receipt], answers)
            brought.append(answers)
        for each in home:
            bundles.take_answers(brought[each % len(brought)])

    def teardown(self) -> None:
        """Everything arrives over a whole line, and all of it is checked."""
        try:
            self.accept(1)
            for _ in range(TRIES):
                self.synchronise(0, None)
                if self.statuses[-1][0] is SyncState.SYNCHRONISED:
                    break
            check_acts(self.station, self.committed)
            check_proofs(self.station, returned=frozenset({Objection.CLOCK_AHEAD.value}) if self.far_ahead else frozenset())
            held = entries_at_station(self.station)
            assert self._held() == held
            assert len({journal_id for journal_id, _, _ in held}) == 1, "a successor journal was begun without cause"
            check_receipts_chained(self.gateway, inbox.receipts(self.station.database, held[0][0]))
            assert self.false_alarms == []
            assert self.owed_since is None or NOTICED & set(self.statuses[self.owed_since :])
        finally:
            self.station.close()
            self.gateway.close()
            shutil.rmtree(self.folder)

    def _held(self) -> list[tuple[str, int, str]]:
        return entries_at_gateway(self.gateway, self.station.enrolled().certificate.subject)

    def _opened_station(self) -> Station:
        surroundings = Surroundings(self.own_clock, timeouts=SHORT_OF_PATIENCE, hasher=CHEAP)
        return Station.open(self.folder / "station", PRACTICE_PASSPHRASE, surroundings)

    def _opened_gateway(self) -> Gateway:
        gateway = Gateway.open(self.folder / "gateway", self.true_clock, secrets.token_bytes)
        self.setting.board.answer_for(gateway)
        return gateway


@pytest.mark.timeout(900)  # a failure is made shorter for up to five minutes
def test_whatever_happens_nothing_is_lost_nor_doubled(setting: Setting) -> None:
    chosen = settings(stateful_step_count=STEPS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    run_state_machine_as_test(lambda: Line(setting), settings=chosen)
