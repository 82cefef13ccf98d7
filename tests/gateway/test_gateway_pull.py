"""取数: what regulators' systems pull, and what they may not."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from courier_check.clock import at
from courier_check.gateway.admin import add_system, disable_system, revoke_station
from courier_check.gateway.pulls import COLUMNS, PAGE
from courier_check.gateway.rows import Format, encode
from courier_check.journal.entries import PackageRef, header_hash
from courier_check.journal.keys import from_text
from courier_check.wire.problems import ProblemCode
from support.practice import problem_of


def get(url: str, path: str, token: str | None, **query) -> requests.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return requests.get(f"{url}/v1/pull/{path}", params=query, headers=headers, timeout=30)


def lines(url: str, path: str, token: str, **query) -> list[dict]:
    response = get(url, path, token, **query)
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == "application/jsonl"
    return [json.loads(line) for line in response.content.splitlines()]


@pytest.fixture
def filled(enrol):
    """Two stations in two regions, three entries each."""
    stations = [enrol("s1"), enrol("s2", region="310101")]
    for station in stations:
        station.accept(f"SF-{station.station_id}-1")
        station.accept(f"SF-{station.station_id}-2")
        station.send()
    return stations


def test_entries_come_in_order_of_arrival_with_what_proves_them(url, token, filled):
    found = lines(url, "entries", token)
    assert [each["arrival"] for each in found] == [1, 2, 3, 4, 5, 6]
    assert [each["gateway_seq"] for each in found] == [1, 1, 1, 2, 2, 2]
    first, entry = found[1], filled[0].entries[1]
    assert first["header"].encode() == entry.header_bytes
    assert (first["hash"], from_text(first["signature"])) == (header_hash(entry.header_bytes), entry.signature)
    assert (first["outlet_id"], first["region"], first["station_id"]) == ("outlet-410105", "410105", "s1")
    assert (first["seq"], first["kind"], first["after_revocation"]) == (2, "acceptance", False)


def test_the_cursor_goes_on_where_the_last_pull_ended(url, token, filled):
    first = lines(url, "entries", token, limit=4)
    second = lines(url, "entries", token, limit=4, cursor=first[-1]["arrival"])
    assert [each["arrival"] for each in first + second] == [1, 2, 3, 4, 5, 6]
    assert lines(url, "entries", token, cursor=6) == []


@pytest.mark.slow
def test_a_pull_that_began_is_not_changed_by_what_arrives_meanwhile(url, token, station):
    for number in range(PAGE):
        station.append("sign-in", {"subject": f"c{number}"})
    station.send(1, 300)
    station.send(301)
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
    with requests.get(f"{url}/v1/pull/entries?limit=100000", headers=headers, stream=True, timeout=30) as response:
        arriving = response.iter_lines(chunk_size=64)
        first = json.loads(next(arriving))
        station.append("sign-in", {"subject": "later"})
        station.send(PAGE + 2)
        seen = [first["arrival"], *(json.loads(line)["arrival"] for line in arriving)]
    assert seen == list(range(1, PAGE + 2))
    assert [each["arrival"] for each in lines(url, "entries", token, cursor=seen[-1])] == [PAGE + 2]


@pytest.mark.slow
def test_a_limit_may_lie_beyond_a_page(url, token, station):
    for number in range(PAGE + 10):
        station.append("sign-in", {"subject": f"c{number}"})
    station.send(1, 400)
    station.send(401)
    assert len(lines(url, "entries", token, limit=PAGE + 5)) == PAGE + 5
    assert len(lines(url, "entries", token, limit=100_000)) == PAGE + 11


def test_region_and_time_narrow_a_pull(url, token, filled):
    assert {each["station_id"] for each in lines(url, "entries", token, region="41")} == {"s1"}
    assert {each["station_id"] for each in lines(url, "entries", token, region="310101")} == {"s2"}
    times = [json.loads(each["header"])["times"]["wall_ms"] for each in lines(url, "entries", token)]
    within = lines(url, "entries", token, from_ms=sorted(times)[1], to_ms=sorted(times)[3])
    assert len(within) == 2


def test_a_token_sees_its_own_region_only(gateway, url, filled):
    henan = add_system(gateway, "henan", region="41")
    assert {each["station_id"] for each in lines(url, "entries", henan)} == {"s1"}
    assert {each["station_id"] for each in lines(url, "entries", henan, region="4101")} == {"s1"}
    assert {each["station_id"] for each in lines(url, "sync-reports", henan, day="2026-11-23")} == {"s1"}
    for region in ("31", "4", "310101"):
        problem = problem_of(get(url, "entries", henan, region=region))
        assert problem.code == ProblemCode.NOT_FOUND


def test_the_reported_part_goes_to_systems_that_may_take_it(gateway, url, token, filled):
    trusted = add_system(gateway, "trusted", parts=True)
    assert {each["reported"] for each in lines(url, "entries", token)} == {None}
    opening, acceptance, *_ = lines(url, "entries", trusted)
    assert opening["reported"] is None
    assert from_text(acceptance["reported"]) == filled[0].entries[1].sealed["reported"]


@pytest.mark.parametrize("token", [None, "", "wrong", "x" * 5000, "ü"])
@pytest.mark.parametrize("path", ["entries", "sync-reports?day=2026-11-23"])
def test_nobody_pulls_without_a_token(shared_url, token, path):
    response = get(shared_url, path, token.encode().decode("latin-1") if token else token)
    assert problem_of(response).code == ProblemCode.NOT_AUTHENTIC
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_disabled_token_is_refused_at_once(gateway, url, token):
    assert get(url, "entries", token).status_code == 200
    disable_system(gateway, "tester")
    assert problem_of(get(url, "entries", token)).code == ProblemCode.NOT_AUTHENTIC


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 10**6},
        {"cursor": -1},
        {"cursor": "x"},
        {"region": "Henan"},
        {"format": "xml"},
        {"from_ms": 2**60},
        {"region": "41%"},
    ],
)
def test_an_odd_question_is_malformed(shared_url, shared_token, query):
    assert problem_of(get(shared_url, "entries", shared_token, **query)).code == ProblemCode.MALFORMED


def test_csv_has_the_same_entries(url, token, filled):
    response = get(url, "entries", token, format="csv")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert tuple(rows[0]) == COLUMNS
    for row, line in zip(rows, lines(url, "entries", token), strict=True):
        assert (row["header"], row["hash"], int(row["arrival"])) == (line["header"], line["hash"], line["arrival"])
        assert row["signature"].removeprefix("'") == line["signature"]
        assert row["after_revocation"] == "false"


@given(st.text(max_size=20) | st.sampled_from(["'", "''", "'=1", "'plain"]))
def test_no_cell_is_taken_for_a_formula_and_none_loses_its_text(text):
    data = b"".join(encode([{"cell": text}], ("cell",), Format.CSV)).decode()
    (_, (cell,)) = csv.reader(io.StringIO(data, newline="")) if text else ([], [""])
    assert cell.removeprefix("'") == text
    assert not cell or cell[0] not in "=+-@\t\r\n\x00\x7f"


def test_what_a_station_names_itself_can_not_reach_a_spreadsheet(url, token, enrol):
    station = enrol("s1", outlet_name='=HYPERLINK("http://evil.example","样例")')
    station.send()
    response = get(url, "sync-reports", token, day="2026-11-23", format="csv")
    (row,) = csv.DictReader(io.StringIO(response.text))
    assert row["outlet"].startswith("'=HYPERLINK")


def test_a_sync_report_says_what_arrived_and_what_is_pending(url, clock, token, station):
    lists = (
        PackageRef(kind="list", name="practice-list", sha256="0" * 64, version="3"),
        PackageRef(kind="rules", name="checklists", sha256="1" * 64, version="2026.1"),
    )
    station.accept(None)
    station.append("sign-in", {"subject": "c07"}, packages=lists)
    station.send(backlog={"entries": 7, "oldest_ms": 123})
    day = at(clock.wall_ms).date()
    (row,) = lines(url, "sync-reports", token, day=day.isoformat())
    assert (row["station_id"], row["outlet"], row["region"], row["day"]) == ("zz-jinshui-01", "样例金水网点", "410105", day.isoformat())
    (journal,) = row["journals"]
    assert (journal["journal_id"], journal["first_seq"], journal["last_seq"], journal["entries"]) == (station.journal_id, 1, 3, 3)
    assert row["kinds"] == {"acceptance": 1, "journal-open": 1, "sign-in": 1}
    assert (row["returned"], row["returned_open"]) == (1, 1)
    assert (row["list_versions"], row["packages"][1]["version"]) == ({"practice-list": 3}, "2026.1")
    assert (row["backlog"], row["backlog_oldest_ms"], row["complete"]) == (7, 123, False)
    assert row["last_contact_ms"] <= clock.wall_ms


def test_what_follows_rules_only_does_not_say_which_lists_are_in_force(url, clock, token, station):
    held = (PackageRef(kind="list", name="practice-list", sha256="0" * 64, version="3"),)
    station.append("acceptance", {"mail_kind": "parcel"}, packages=held)
    for kind, name in (("intercept", "checklists"), ("security-check", "security")):
        station.append(kind, {}, packages=(PackageRef(kind="rules", name=name, sha256="1" * 64, version="2026.1"),))
    station.send()
    (row,) = lines(url, "sync-reports", token, day=at(clock.wall_ms).date().isoformat())
    assert row["list_versions"] == {"practice-list": 3}


def test_a_list_that_was_installed_counts_before_the_next_act(url, clock, token, station):
    def seen():
        (row,) = lines(url, "sync-reports", token, day=at(clock.wall_ms).date().isoformat())
        return row["list_versions"]

    def install(version, kind="list", **changes):
        facts = {"kind": kind, "name": "practice-list", "version": version, "sha256": "0" * 64, "signed": True}
        station.append("package-installed", facts | changes)

    rules = PackageRef(kind="rules", name="checklists", sha256="1" * 64, version="2026.1")
    held = PackageRef(kind="list", name="practice-list", sha256="0" * 64, version="3")
    station.append("acceptance", {"mail_kind": "parcel"}, packages=(rules, held))
    install("4")
    station.send()
    assert seen() == {"practice-list": 4}
    install("5")
    install("9", kind="rules")
    station.append("day-close", {"day": "2026-11-23"})
    station.send()
    assert seen() == {"practice-list": 5}
    install("6", sha256="of nothing")
    station.send()
    assert seen() == {"practice-list": 5}, "what can't be read says nothing"


def test_an_entry_that_is_judged_by_nothing_does_not_say_that_no_list_is_in_force(url, clock, token, station):
    station.append(
        "acceptance", {"mail_kind": "parcel"}, packages=(PackageRef(kind="list", name="practice-list", sha256="0" * 64, version="3"),)
    )
    station.append("sign-in", {"subject": "c07"})
    station.send()
    station.append("day-close", {"day": "2026-11-23"})
    station.send()
    (row,) = lines(url, "sync-reports", token, day=at(clock.wall_ms).date().isoformat())
    assert row["list_versions"] == {"practice-list": 3}


def test_a_silent_station_has_a_row_all_the_same(url, token, station):
    (row,) = lines(url, "sync-reports", token, day="2020-02-29")
    assert (row["station_id"], row["journals"], row["kinds"], row["backlog"]) == (station.station_id, [], {}, None)


def test_the_next_day_counts_on_from_the_day_before(url, clock, token, station):
    station.send()
    clock.pass_ms(24 * 60 * 60 * 1000)
    station.accept("SF1")
    station.send(2)
    (row,) = lines(url, "sync-reports", token, day=at(clock.wall_ms).date().isoformat())
    assert [(each["first_seq"], each["gaps"]) for each in row["journals"]] == [(2, [])]
    assert row["complete"]


def test_what_a_successor_says_was_lost_is_told(url, token, station):
    station.send()
    predecessor = {"journal_id": station.journal_id, "head": "0" * 64, "last_seq": 5, "cause": "damage"}
    station.open_journal("second", predecessor)
    station.send()
    (row,) = lines(url, "sync-reports", token, day="2026-11-23")
    assert row["lost"] == [{"journal_id": predecessor["journal_id"], "first_seq": 2, "last_seq": 5}]
    assert not row["complete"]


def test_what_another_station_delivered_under_a_journals_id_is_none_of_it(url, token, station, enrol):
    first = station.journal_id
    other = enrol("zz-jinshui-02")
    other.journal_id, other.entries, other.hashes = first, [], []
    other.append("journal-open", {"predecessor": None})
    other.send()
    station.open_journal("second", {"journal_id": first, "head": "0" * 64, "last_seq": 5, "cause": "taken"})
    station.send()
    rows = {row["station_id"]: row for row in lines(url, "sync-reports", token, day="2026-11-23")}
    assert rows[station.station_id]["lost"] == [{"journal_id": first, "first_seq": 1, "last_seq": 5}]
    assert rows["zz-jinshui-02"]["lost"] == []


@pytest.mark.parametrize("predecessor", ["odd", {"journal_id": 7, "last_seq": 1}, {"last_seq": "many"}, []])
def test_an_odd_predecessor_does_not_break_the_report(url, token, station, predecessor):
    station.entries, station.hashes = [], []
    station.append("journal-open", {"predecessor": predecessor})
    station.send()
    (row,) = lines(url, "sync-reports", token, day="2026-11-23")
    assert row["lost"] == []


def test_a_revoked_station_is_told(gateway, url, token, station):
    revoke_station(gateway, station.station_id)
    station.send()
    assert lines(url, "sync-reports", token, day="2026-11-23")[0]["revoked_at_ms"] is not None
    assert [each["after_revocation"] for each in lines(url, "entries", token)] == [True]


@pytest.mark.parametrize("day", ["", "yesterday", "2026-02-30", "0001-01-01", date.max.isoformat()])
def test_a_day_that_is_none_is_malformed(shared_url, shared_token, day):
    assert problem_of(get(shared_url, "sync-reports", shared_token, day=day)).code == ProblemCode.MALFORMED
