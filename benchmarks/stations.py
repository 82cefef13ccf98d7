"""Practice stations and their gateway, real ones, in a benchmark's folder."""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from benchmarks.bench import ROOT
from benchmarks.parcels import Window
from courier_check.acceptance import Draft as ParcelDraft
from courier_check.clock import SystemClock
from courier_check.desk.lists import lists_in_force
from courier_check.desk.records import Recording, entry_of
from courier_check.desk.rights import Role, SignedIn
from courier_check.gateway import admin
from courier_check.gateway.certify import certify
from courier_check.gateway.setup import Founding, Gateway, init
from courier_check.inspection.verdict import Outcome, Verdict
from courier_check.journal.entries import Draft
from courier_check.station import PRACTICE_CLERK, PRACTICE_PASSPHRASE, PRACTICE_PASSWORD, PRACTICE_SUPERVISOR, Station, Surroundings
from courier_check.store import journal
from courier_check.store.resources import resource_path
from courier_check.sync.client import PATIENT, Timeouts
from courier_check.wire.certificates import StationPlace

_REGION = "410105"
_ELSEWHERE = "http://127.0.0.1:9"
"""What the station notes as its gateway's address; whoever synchronises names the real one."""
ENTRIES_A_TRANSACTION = 500
PARCELS_AMONG_MUCH = 50


@dataclass(frozen=True, slots=True)
class Staffed:
    """An open station with its two operators signed in."""

    station: Station
    clerk: SignedIn
    supervisor: SignedIn

    @property
    def window(self) -> Window:
        return Window.at(self.station.desk().acceptances)


@contextmanager
def practice_station(folder: Path, list_csv: str | None = None) -> Iterator[Staffed]:
    """A new station in folder/station, enrolled by file at a new gateway in folder/gateway, with these lists or else the practice list."""
    clock = SystemClock()
    init(folder / "gateway", Founding("gw-benchmark", "样例网关（虚构）", practice=True), clock, secrets.token_bytes)
    with Station.init(folder / "station", PRACTICE_PASSPHRASE, Surroundings(clock), practice=True) as station:
        with Gateway.open(folder / "gateway", clock, secrets.token_bytes) as gateway:
            place = StationPlace(outlet_id="benchmark", outlet_name="样例网点（虚构）", region=_REGION)
            code = admin.enrol_code(gateway, "benchmark-01", place)
            station.enrol_by_file(certify(gateway, station.enrolment_request(code)), _ELSEWHERE)
        operators = station.desk().operators
        operators.add(PRACTICE_SUPERVISOR, Role.SUPERVISOR, "样例主管", PRACTICE_PASSWORD, None)
        supervisor = operators.sign_in(PRACTICE_SUPERVISOR, PRACTICE_PASSWORD)
        operators.add(PRACTICE_CLERK, Role.CLERK, "样例收寄员", PRACTICE_PASSWORD, supervisor)
        station.desk().lists.install_csv(list_csv or resource_path("samples/practice_list.csv").read_text(encoding="utf-8"), supervisor)
        yield Staffed(station, operators.sign_in(PRACTICE_CLERK, PRACTICE_PASSWORD), supervisor)


def opened(folder: Path, timeouts: Timeouts = PATIENT) -> Station:
    """The station of an earlier `practice_station`, or of a copy of its folder."""
    return Station.open(folder / "station", PRACTICE_PASSPHRASE, Surroundings(SystemClock(), timeouts=timeouts))


def fill(staffed: Staffed, numbers: range) -> float:
    """Append acceptances of these parcels by the real `journal.append`, 500 a transaction instead of one; returns the seconds that took.

    What is left out of real acceptances is an fsync and a judgement a parcel: all carry the verdict and the answers of the first, with
    sender, addressee, waybill and match tokens of their own. Making them up is not timed.
    """
    writer, template, seconds = staffed.station.writer(), _template(staffed, numbers.start), 0.0
    for start in range(numbers.start, numbers.stop, ENTRIES_A_TRANSACTION):
        drafts = [template.entry(number) for number in range(start, min(start + ENTRIES_A_TRANSACTION, numbers.stop))]
        began = time.perf_counter()
        with staffed.station.database.write() as tx:
            for draft in drafts:
                journal.append(tx, draft, writer)
        seconds += time.perf_counter() - began
    return seconds


def fill_much(staffed: Staffed, count: int) -> None:
    """As `fill`, for as many as a station has after years: nothing is flushed to the disk, and most entries tell of no parcel."""
    station, template = staffed.station, _template(staffed, 0)
    writer, current = station.writer(), journal.current_journal(station.database)
    station.database.rows("PRAGMA synchronous=OFF")
    for start in range(0, count, ENTRIES_A_TRANSACTION):
        with station.database.write() as tx:
            for number in range(start, min(start + ENTRIES_A_TRANSACTION, count)):
                seen = {"journal_id": current, "seq": number + 1, "reason_given": True}
                parcel = number % PARCELS_AMONG_MUCH == 0
                journal.append(tx, template.entry(number) if parcel else Draft("reveal", staffed.clerk.code, seen), writer)
    station.keep_head()


@dataclass(frozen=True, slots=True)
class _Template:
    """A judged parcel, after which entries of others are made."""

    window: Window
    judged: ParcelDraft
    verdict: Verdict
    recording: Recording

    def entry(self, number: int) -> Draft:
        draft = replace(self.window.declared(number).draft, answers=self.judged.answers, screening=self.judged.screening)
        rules = self.window.acceptances.rules
        return entry_of(draft, self.verdict, rules.rulebook, rules.profile, self.recording)


def _template(staffed: Staffed, number: int) -> _Template:
    window = staffed.window
    session, acceptances = window.complete(number), window.acceptances
    match_key = staffed.station.enrolled().match_key(acceptances.today().year)
    packages = (*acceptances.rules.refs, *lists_in_force(staffed.station.database))
    verdict = acceptances.verdict(session)
    if verdict.outcome is not Outcome.ACCEPT:
        raise RuntimeError(f"the parcel after which others are made was not accepted: {[reason.code for reason in verdict.reasons]}")
    return _Template(window, session.draft, verdict, Recording(staffed.clerk.code, None, packages, (), match_key))


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """`main.py gateway serve` on folder/gateway as a process of its own; yields its address."""
    command = [sys.executable, str(ROOT / "main.py"), "gateway", "serve", "--data", str(folder / "gateway"), "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None  # noqa: S101 - asked for in the line before
        try:
            yield str(msgspec.json.decode(process.stdout.readline())["url"])
        finally:
            process.terminate()
            process.wait()
