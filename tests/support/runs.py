"""One run of a schedule: a station process, a proxy and a gateway process, and at the end the proof that nothing was lost."""

from __future__ import annotations

import resource
import secrets
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, assert_never

from courier_check.clock import SystemClock
from courier_check.gateway import admin
from courier_check.gateway.bundles import opened_bundle, write_answers
from courier_check.gateway.codes import Objection
from courier_check.gateway.restoring import begin_journal
from courier_check.gateway.setup import Founding, Gateway, init
from courier_check.journal.entries import parse_header
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import inbox, journal
from courier_check.sync.codes import SyncCode
from courier_check.sync.synchroniser import SyncState
from courier_check.wire.certificates import StationPlace
from support.clerk import waybill_of
from support.disks import fill_up
from support.lives import Life, Nursery
from support.proofs import check_acts, check_photos, check_proofs, check_receipts_chained, entries_at_gateway, entries_at_station
from support.proxy import Fault, Proxy
from support.ready import ready_station
from support.schedules import (
    DAY_MS,
    BackUp,
    Carry,
    FullDisk,
    KillAccepting,
    KillSynchronising,
    PutBack,
    Restart,
    Schedule,
    SetClock,
    Side,
    Step,
    Synchronise,
)

REACHED_S = 30.0
TRIES = 8  # stations here wait for a second only, and the machine may be busy
PHOTO_TRIES, PHOTO_WAIT_MS = 40, 250
ENDLESS = 1_000
NOTED = "gateway-rollback"
_ROLLBACK = (SyncState.ALARM.value, SyncCode.ROLLBACK.value)


@dataclass(frozen=True, slots=True)
class Models:
    """A gateway and a station enrolled there through the proxy, made once and copied for every run."""

    station: Path
    gateway: Path

    @classmethod
    def made(cls, folder: Path, nursery: Nursery, proxy: Proxy) -> Models:
        models, clock = cls(folder / "station", folder / "gateway"), SystemClock()
        init(models.gateway, Founding("gw-test", "样例网关（虚构）", practice=True), clock, secrets.token_bytes)
        with Gateway.open(models.gateway, clock, secrets.token_bytes) as gateway:
            place = StationPlace(outlet_id="zz-jinshui", outlet_name="样例金水网点", region="410105")
            code = admin.enrol_code(gateway, "zz-jinshui-01", place)
        life = nursery.begin("gateway", models.gateway)
        proxy.towards(_url_of(life))
        ready_station(models.station, url=proxy.url, code=code)
        life.end()
        return models


@dataclass(frozen=True, slots=True)
class Bench:
    """What the runs of one test process share. `disk`: a small file system for the station, where one can be mounted."""

    nursery: Nursery
    proxy: Proxy
    models: Models
    disk: Path | None


@dataclass
class Run:
    """What happens in one schedule, and what the station said meanwhile."""

    bench: Bench
    folder: Path
    schedule: Schedule
    committed: list[str] = field(default_factory=list)
    statuses: list[tuple[str, str | None]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    copies: list[Path] = field(default_factory=list)
    photos_pending: int = 0
    ahead_ms: int = 0
    kills: int = 0
    times_behind: int = 0
    """How often the gateway was put back to less than it had acknowledged: so often it may be journaled at most."""
    is_behind: bool = False
    """It was, and nobody has been told since. The alarm uses that up: another one is false."""
    false_alarms: list[tuple[str, str | None]] = field(default_factory=list)
    owed_since: int | None = None
    """Of `statuses`, where the alarm must stand: the gateway was last put back to less than it had acknowledged. A newer copy put back
    before anybody noticed owes none, nor does an old request that is still on its way and may bring back what is missing."""

    def __post_init__(self) -> None:
        self.station_folder = (self.bench.disk or self.folder) / "station"
        self.gateway_folder = self.folder / "gateway"
        shutil.copytree(self.bench.models.station, self.station_folder)
        shutil.copytree(self.bench.models.gateway, self.gateway_folder)
        self._back_up()
        self.gateway = self._begin_gateway()
        self.station = self._begin_station()

    # --- the steps

    def do(self, step: Step) -> None:
        match step:
            case Synchronise(accepted, faults):
                self._accept(accepted)
                self._synchronise(faults)
            case KillAccepting(commits, delay_ms):
                self._kill_accepting(commits, delay_ms)
            case KillSynchronising():
                self._kill_synchronising(step)
            case Restart(side):
                self._restart(side)
            case BackUp():
                self._back_up()
            case PutBack(accepted, share, whole):
                self._put_back(self.copies[int(share * len(self.copies))], whole=whole)
                self._accept(accepted)
            case FullDisk(accepted, left):
                self._with_full_disk(accepted, left)
            case Carry():
                self._carry(step)
            case SetClock(ahead_ms):
                self.ahead_ms = ahead_ms
                self._ask(ahead_ms=ahead_ms)
            case _ as never:
                assert_never(never)

    def _accept(self, count: int) -> None:
        self._ask(accept=len(self.committed), count=count, seed=str(self.schedule.seed))

    def _synchronise(self, faults: tuple[Fault, ...]) -> None:
        """Once, and again for as long as a fault is left."""
        self.bench.proxy.faults[:] = faults
        self._ask(synchronise=True)
        while self.bench.proxy.faults:
            self._ask(synchronise=True)

    def _kill_accepting(self, commits: int, delay_ms: int) -> None:
        before = len(self.committed)
        self.station.tell(accept=before, count=ENDLESS, seed=str(self.schedule.seed))
        while len(self.committed) < before + commits:
            self._hear(self.station.said())
        _pass(delay_ms)
        self._kill_station()

    def _kill_synchronising(self, step: KillSynchronising) -> None:
        self._accept(step.accepted)
        halt = self.bench.proxy.halt(step.stage)
        self.station.tell(synchronise=True)
        assert halt.reached.wait(REACHED_S), f"no request came to {step.stage}"
        if step.side is Side.STATION:
            _pass(step.delay_ms)
            self._kill_station()
            self.bench.proxy.calm()
            halt.go.set()
        else:
            dying = threading.Thread(target=self._kill_gateway_after, args=(step.delay_ms,))
            dying.start()
            halt.go.set()
            self._hear_out()
            dying.join()
            self.bench.proxy.calm()
            self.gateway = self._begin_gateway()

    def _kill_gateway_after(self, delay_ms: int) -> None:
        _pass(delay_ms)
        self.gateway.kill()
        self.kills += 1

    def _kill_station(self) -> None:
        self.station.kill()
        self.kills += 1
        while (said := self.station.said()) is not None:
            self._hear(said)
        self.bench.proxy.hang_up()
        self.station = self._begin_station()

    def _restart(self, side: Side) -> None:
        if side is Side.STATION:
            self.station.end()
            self.station = self._begin_station()
        else:
            self.gateway.end()
            self.gateway = self._begin_gateway()

    def _back_up(self) -> None:
        """As an operator does: the small files, and the database by its own means while the gateway works."""
        copy = self.folder / f"copy-{len(self.copies)}"
        shutil.copytree(self.gateway_folder, copy, ignore=shutil.ignore_patterns("gateway.db*"))
        with sqlite3.connect(self.gateway_folder / "gateway.db") as source, sqlite3.connect(copy / "gateway.db") as target:
            source.backup(target)
        source.close()
        target.close()
        self.copies.append(copy)

    def _put_back(self, copy: Path, *, whole: bool) -> None:
        self.gateway.kill()
        for left in self.gateway_folder.glob("gateway.db*"):
            left.unlink()
        if whole:
            shutil.rmtree(self.gateway_folder / "evidence", ignore_errors=True)
        shutil.copytree(copy, self.gateway_folder, dirs_exist_ok=True, ignore=None if whole else shutil.ignore_patterns("*.json"))
        with self._opened_station() as station, self._opened_gateway() as gateway:
            if whole:
                begin_journal(gateway)
            reached = sum(inbox.gateway_reached(station.database, each) for each in journal.journal_ids(station.database))
            behind = reached > len(entries_at_gateway(gateway, station.enrolled().certificate.subject))
        self.times_behind += behind
        self.is_behind |= behind
        self.owed_since = len(self.statuses) if behind and not self.bench.proxy.holds_late else None
        self.gateway = self._begin_gateway()

    def _with_full_disk(self, accepted: int, left: int) -> None:
        with self._almost_full(left):
            self._accept(accepted)
            self._synchronise(())

    def _carry(self, step: Carry) -> None:
        """The gateway goes on serving meanwhile; whoever takes in the stick is another process, or as here, another that has it open."""
        self._accept(step.accepted)
        stick, answers = self.folder / "bundle.zip", self.folder / "answers.zip"
        self._ask(write_bundle=str(stick))
        for _ in range(step.times):
            with self._opened_gateway() as gateway, stick.open("rb") as source, opened_bundle(gateway, source) as bundle:
                taken = list(bundle.take())
                with answers.open("wb") as target:
                    write_answers(gateway, bundle.station_id, [each.receipt for each in taken if each.receipt], target)
        for _ in range(step.home):
            self._ask(take_answers=str(answers))

    @contextmanager
    def _almost_full(self, left: int) -> Iterator[None]:
        """A small disk filled up but for some bytes; else files that can't grow beyond so many."""
        if self.bench.disk is None:
            none = resource.RLIM_INFINITY
            resource.prlimit(self.station.pid, resource.RLIMIT_FSIZE, (left, none))
            yield
            resource.prlimit(self.station.pid, resource.RLIMIT_FSIZE, (none, none))
            return
        filler = fill_up(self.bench.disk)
        with filler.open("r+b") as target:
            target.truncate(max(0, filler.stat().st_size - left))
        yield
        filler.unlink()

    # --- talking to the station

    def _ask(self, **order: Any) -> None:
        self.station.tell(**order)
        self._hear_out()

    def _hear_out(self) -> None:
        done = False
        while not done:
            done = self._hear(self.station.said())

    def _hear(self, said: dict[str, Any] | None) -> bool:
        """Whether the station has done what it was told."""
        match said:
            case None:
                raise AssertionError("the station ended by itself")
            case {"committed": number}:
                self.committed.append(waybill_of(number))
            case {"state": state, "code": code}:
                self._hear_status(state, code)
            case {"photos": pending}:
                self.photos_pending = pending
            case {"failed": code}:
                self.failures.append(code)
        return "done" in said

    def _hear_status(self, state: str, code: str | None) -> None:
        self.statuses.append((state, code))
        if (state, code) == _ROLLBACK and self.is_behind:
            self.is_behind = False
        elif state not in (SyncState.SYNCHRONISED, SyncState.OFFLINE):
            self.false_alarms.append((state, code))

    def _begin_station(self) -> Life:
        life = self.bench.nursery.begin("station", self.station_folder, self.ahead_ms)
        assert life.said() == {"ready": True}
        return life

    def _begin_gateway(self) -> Life:
        life = self.bench.nursery.begin("gateway", self.gateway_folder)
        self.bench.proxy.towards(_url_of(life))
        return life

    # --- the end

    def finish(self) -> None:
        """The line is whole, everything arrives, and all of it is checked."""
        self.bench.proxy.calm()
        self._accept(1)
        for _ in range(TRIES):
            self._synchronise(())
            if self.statuses[-1][0] == SyncState.SYNCHRONISED:
                break
        for _ in range(PHOTO_TRIES):  # a gateway that was busy when photos came had asked for some seconds
            if not self.photos_pending:
                break
            _pass(PHOTO_WAIT_MS)
            self._synchronise(())
        self.station.end()
        self.gateway.kill()
        with self._opened_station() as station, self._opened_gateway() as gateway:
            check_acts(station, self.committed)
            check_proofs(station, returned=frozenset({Objection.CLOCK_AHEAD.value}) if self._was_far_ahead() else frozenset())
            held = entries_at_station(station)
            assert len({journal_id for journal_id, _, _ in held}) == 1, "a successor journal was begun without cause"
            assert entries_at_gateway(gateway, station.enrolled().certificate.subject) == held
            check_photos(station, gateway)
            check_receipts_chained(gateway, inbox.receipts(station.database, held[0][0]))
            noted = [entry for entry in journal.entries(station.database, held[0][0]) if parse_header(entry.header_bytes).kind == NOTED]
            assert len(noted) <= self.times_behind, "a false alarm is journaled"
            assert noted or self.owed_since is None, "that the gateway was put back is not journaled"
        self._check_alarms()

    def _check_alarms(self) -> None:
        assert self.false_alarms == [], "a false alarm"
        assert self.owed_since is None or _ROLLBACK in self.statuses[self.owed_since :], "nobody was told that the gateway was put back"
        if not any(isinstance(step, FullDisk) for step in self.schedule.steps):
            assert self.failures == []

    def _was_far_ahead(self) -> bool:
        """Then the gateway returned what the station wrote: nothing of it is lost, and the clerk is told of the clock."""
        return any(isinstance(step, SetClock) and step.ahead_ms >= DAY_MS for step in self.schedule.steps)

    def abandon(self) -> None:
        """Whatever still runs after a failure."""
        for life in (self.station, self.gateway):
            life.abandon()
        self.bench.proxy.calm()

    @contextmanager
    def _opened_station(self) -> Iterator[Station]:
        with Station.open(self.station_folder, PRACTICE_PASSPHRASE, Surroundings(SystemClock())) as station:
            yield station

    @contextmanager
    def _opened_gateway(self) -> Iterator[Gateway]:
        with Gateway.open(self.gateway_folder, SystemClock(), secrets.token_bytes) as gateway:
            yield gateway


def run(bench: Bench, folder: Path, schedule: Schedule) -> Run:
    """Do everything a schedule says, and check the end. AssertionError with the step that went wrong."""
    folder.mkdir()
    going = Run(bench, folder, schedule)
    at = "the end"
    try:
        for number, step in enumerate(schedule.steps, start=1):
            at = f"step {number}"
            going.do(step)
        at = "the end"
        going.finish()
    except BaseException as error:
        error.add_note(f"at {at} of {schedule}\nsaid: {going.statuses} {going.failures}; committed: {len(going.committed)}")
        going.abandon()
        raise
    finally:
        shutil.rmtree(going.station_folder)
    shutil.rmtree(folder)
    return going


def _url_of(life: Life) -> str:
    said = life.said()
    assert said is not None, "the gateway did not start"
    return str(said["url"])


def _pass(ms: int) -> None:
    threading.Event().wait(ms / 1000)
