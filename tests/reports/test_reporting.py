"""Reports of a station, made for whoever asks: the command line and the window."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import msgspec
import openpyxl
import pytest

from courier_check.clock import at
from courier_check.errors import UserError
from courier_check.journal.entries import Draft
from courier_check.reporting import Asked, ReportFormat, ReportKind, as_text, content, make, names_of
from courier_check.reports.codes import ReportCode
from courier_check.reports.half_year import ManualEntry
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.sync.synchroniser import SyncState
from support.clocks import SetClock
from support.gateways import Practice
from support.stations import CHEAP, acceptance, append

DAY = date(2026, 11, 23)


def test_todays_report_counts_what_was_accepted_today(station: Station) -> None:
    append(station, acceptance("SF1000000000001"))
    made = make(station, Asked(ReportKind.DAILY))
    assert made.data["accepted"] == 1
    assert make(station, Asked(ReportKind.DAILY, to_on=date(2026, 11, 22))).data["accepted"] == 0


def test_nothing_is_pending_once_the_gateway_holds_every_entry(tmp_path: Path, clock: SetClock, practice: Practice) -> None:
    """What corrects, takes back, checks or stops a parcel is acknowledged like the parcel: else no half-year would ever be complete."""
    with Station.init(tmp_path / "station", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as station:
        station.enrol(practice.code(), practice.url)
        of = append(station, acceptance("SF1000000000001"))
        parcel = {"journal_id": of.entry.header.journal_id, "seq": of.entry.header.seq}
        append(station, Draft("correction", "0142", {"corrects": parcel, "fields": ["name"]}))
        append(station, Draft("security-check", "0142", {"checks": parcel, "outcome": "pass", "parcel": "accepted"}))
        append(station, Draft("intercept", "0142", {"intercepts": parcel, "cause": "found-later"}))
        append(station, Draft("withdrawal", "0142", {"withdraws": parcel}))
        assert make(station, Asked(ReportKind.DAILY)).data["pending"] == 5
        assert station.synchronise().status.state is SyncState.SYNCHRONISED
        assert make(station, Asked(ReportKind.DAILY)).data["pending"] == 0


@pytest.mark.parametrize("kind", ReportKind)
def test_every_report_comes_in_every_form_with_the_same_sheets(station: Station, kind: ReportKind) -> None:
    append(station, acceptance("SF1000000000001"))
    made, made_at = make(station, Asked(kind)), at(station.clock.read().wall_ms)
    assert msgspec.json.decode(content(made, ReportFormat.JSON, made_at)) == msgspec.json.decode(msgspec.json.encode(made.data))
    book = openpyxl.load_workbook(io.BytesIO(content(made, ReportFormat.XLSX, made_at)))
    assert len(book.sheetnames) == len(made.sheets)
    text = content(made, ReportFormat.CSV, made_at).decode()
    assert all(sheet.title in text and sheet.title in as_text(made.sheets) for sheet in made.sheets)


def test_a_half_year_is_that_of_the_day_asked_for(station: Station) -> None:
    this = make(station, Asked(ReportKind.HALF_YEAR)).data
    former = make(station, Asked(ReportKind.HALF_YEAR, to_on=date(2026, 3, 1))).data
    assert this.keys() == former.keys()
    assert this != former


def test_days_the_wrong_way_round_and_unknown_items_are_refused(station: Station) -> None:
    with pytest.raises(UserError) as reversed_days:
        make(station, Asked(ReportKind.DAILY, from_on=DAY, to_on=date(2026, 11, 1)))
    assert reversed_days.value.code == ReportCode.PERIOD_REVERSED
    with pytest.raises(UserError) as unknown:
        make(station, Asked(ReportKind.HALF_YEAR, manual=(ManualEntry("no-such-item", "1", "手工（样本）", "s"),)))
    assert unknown.value.code == ReportCode.ITEM_UNKNOWN


def test_refusals_and_prohibited_goods_have_names(station: Station) -> None:
    names = names_of(station.desk().acceptances.rules.rulebook.rules)
    assert {"R01", "R99", "03"} <= names.keys()
    assert all(names.values())
