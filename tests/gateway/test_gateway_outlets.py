"""网点与收寄台: the page for people."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
import requests
from sqlalchemy import event

from courier_check.gateway.admin import Confirming, NewPackage, add_system, confirm_late, publish_package, revoke_station
from courier_check.gateway.outlets import ACTS, Figures, duration, station_line
from courier_check.gateway.store import pulls
from courier_check.gateway.store.pulls import ActCount, StationRow
from courier_check.gateway.store.systems import PublishedPackage
from courier_check.journal.entries import PackageRef
from courier_check.reports.acts import ActKind, ActRow, RealName
from courier_check.reports.daily import Rate, rates
from courier_check.terms import MailKind
from courier_check.wire.packages import PackageKind
from courier_check.wire.problems import ProblemCode
from support.practice import problem_of

HOUR_MS = 60 * 60 * 1000
MINUTE_MS = 60_000
ROW = StationRow("s1", "o1", "样例网点", "410105", 0, None, None, None, None, "[]")
NOTHING = Figures((), {}, {}, {}, ())


class Cells(HTMLParser):
    """The text of each station's row, by station, and of each outlet's."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: dict[str, list[str]] = {}
        self.cells: list[str] | None = None
        self.outlets: list[str] = []
        self.in_outlet = False
        self.feed(html)
        self.outlets = [re.sub(r"\s+", " ", text).strip() for text in self.outlets]
        self.rows = {station: [re.sub(r"\s+", " ", cell).strip() for cell in cells] for station, cells in self.rows.items()}

    def handle_starttag(self, tag, attributes):
        if tag == "tr":
            found = dict(attributes)
            self.cells = self.rows.setdefault(found["id"], []) if found.get("class") == "station" else None
            self.in_outlet = found.get("class") == "outlet"
            if self.in_outlet:
                self.outlets.append("")
        elif tag in ("td", "th") and self.cells is not None:
            self.cells.append("")

    def handle_data(self, text):
        if self.cells:
            self.cells[-1] += text
        elif self.in_outlet:
            self.outlets[-1] += text


def page(url: str, name: str, token: str, region: str = "") -> requests.Response:
    return requests.get(f"{url}/outlets", params={"region": region} if region else {}, auth=(name, token), timeout=30)


@pytest.fixture
def busy(gateway, enrol, clock):
    """Four stations in three outlets: one at work, one revoked, one that forked, one that never called."""
    publish_package(gateway, NewPackage(PackageKind.LIST, "practice-list", b"{}"))
    lists = (PackageRef(kind="list", name="practice-list", sha256="0" * 64, version="1"),)
    busy, revoked = enrol("zz-jinshui-01"), enrol("zz-jinshui-02")
    forked = enrol("sh-huangpu-01", region="310101", outlet_name="样例黄浦<b>网点</b>")
    enrol("gz-tianhe-01", region="440106", outlet_name="样例天河网点")
    for number in range(8):
        busy.accept(f"SF{number}", real_name="verified" if number else "none", inspected=number % 4 != 0)
    busy.accept("SF-LETTER", mail_kind="letter", real_name="exempt", inspected=False)
    busy.append("refusal", {"mail_kind": "parcel", "refusal": "R02"})
    busy.append("referral", {"mail_kind": "parcel"})
    busy.accept(None)
    busy.append("sign-in", {"subject": "c07"}, packages=lists)
    publish_package(gateway, NewPackage(PackageKind.LIST, "practice-list", b"{}"))
    revoked.send()
    revoke_station(gateway, revoked.station_id)
    revoked.accept("SF-AFTER")
    revoked.send(2)
    forked.accept("SF-A")
    forked.send()
    del forked.entries[1], forked.hashes[1]
    forked.accept("SF-B")
    forked.post(forked.batch())
    clock.pass_ms(25 * HOUR_MS)
    busy.send(backlog={"entries": 12, "oldest_ms": clock.wall_ms - 3 * HOUR_MS})
    return busy


def test_each_station_has_its_counts_rates_and_state(url, token, busy):
    response = page(url, "tester", token)
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    rows = Cells(response.text).rows
    assert list(rows) == ["sh-huangpu-01", "zz-jinshui-01", "zz-jinshui-02", "gz-tianhe-01"]
    assert rows["zz-jinshui-01"] == [
        "zz-jinshui-01", "10", "1", "1", "88.88%8 / 9", "77.77%7 / 9", "12最早 3 小时前", "不到 1 分钟前", "1",
        "practice-list 第 1 版 有新版超过 12 小时发布于 25 小时前", "—",
    ]  # fmt: skip
    assert rows["zz-jinshui-02"][1:] == ["0", "0", "0", "—0 / 0", "—0 / 0", "0", "25 小时前 静默", "0", "—", "已吊销 吊销后收到 1"]
    assert rows["sh-huangpu-01"][-1] == "分叉 1"
    assert rows["gz-tianhe-01"][6:8] == ["—", "从未联系 静默"]
    assert "口径：仅系统内已登记件" in response.text


def test_late_entries_count_once_a_person_has_confirmed_them(gateway, url, token, enrol, clock):
    station = enrol("zz-jinshui-02")
    enrol("gz-tianhe-01", region="440106", outlet_name="样例天河网点")
    station.accept("SF0")
    station.send()
    revoke_station(gateway, station.station_id)
    for number in range(3):
        station.accept(f"SF-AFTER-{number}", inspected=number != 0)
    about(station, "dispute", 3)
    closed(station, "2026-11-23")
    station.send(3)
    assert confirmed_row(url, token) == ["1", "100.00%1 / 1", "已吊销 吊销后收到 5"]
    said = Confirming("王样例", "<b>查过了</b>（样本）")
    assert confirm_late(gateway, station.station_id, said) == 5
    assert confirmed_row(url, token) == [
        "4", "75.00%3 / 4", "已吊销 异议 1 吊销后收到、已确认 5王样例 2026-11-23：<b>查过了</b>（样本）",
    ]  # fmt: skip
    assert "最近日结 2026-11-23" in Cells(page(url, "tester", token).text).outlets[0]
    assert "&lt;b&gt;查过了" in page(url, "tester", token).text
    assert confirm_late(gateway, station.station_id, replace(said, reason="再来一次")) == 0, "once is enough"
    assert "再来一次" not in page(url, "tester", token).text
    station.accept("SF-LATER")
    station.send(8)
    assert confirmed_row(url, token)[0] == "4", "what comes later waits for somebody again"
    assert confirmed_row(url, token)[2].startswith("已吊销 吊销后收到 1 异议 1 吊销后收到、已确认 5")
    assert confirm_late(gateway, station.station_id, Confirming("李样例", "补查（样本）", station.journal_id)) == 1
    assert confirmed_row(url, token)[2] == "已吊销 异议 1 吊销后收到、已确认 6李样例 2026-11-23：补查（样本）"


def confirmed_row(url: str, token: str) -> list[str]:
    """Accepted, inspected and marks of the revoked station."""
    row = Cells(page(url, "tester", token).text).rows["zz-jinshui-02"]
    return [row[1], row[5], row[-1]]


def test_a_journals_id_that_two_sign_under_is_shown_at_both(url, token, enrol):
    holder, other = enrol("zz-jinshui-01"), enrol("zz-jinshui-02")
    enrol("gz-tianhe-01", region="440106", outlet_name="样例天河网点")
    holder.send()
    other.journal_id, other.entries, other.hashes = holder.journal_id, [], []
    other.append("journal-open", {"predecessor": None})
    for _ in range(2):
        other.post(other.batch())
    rows = Cells(page(url, "tester", token).text).rows
    assert [rows[name][-1] for name in ("zz-jinshui-01", "zz-jinshui-02")] == ["日志编号争用 1", "日志编号争用 1"]
    assert "争用" not in rows["gz-tianhe-01"][-1]


def closed(station, day: str, *others: dict) -> None:
    """日结 of everything in the station's journal."""
    counts = {"accepted": 0, "refused": 0, "referred": 0, "corrected": 0, "disputed": 0}
    last = {"journal_id": station.journal_id, "first_seq": 1, "last_seq": len(station.entries), "head": station.hashes[-1], **counts}
    station.append("day-close", {"day_on": day, "journals": [*others, last], "pending": 0})


def about(station, kind: str, seq: int) -> None:
    name = "disputes" if kind == "dispute" else "corrects"
    station.append(kind, {name: {"journal_id": station.journal_id, "seq": seq}})


def test_an_outlet_shows_its_last_day_close_and_the_disputes_that_nothing_answered(gateway, url, token, enrol):
    first, second = enrol("zz-jinshui-01"), enrol("zz-jinshui-02")
    enrol("gz-tianhe-01", region="440106", outlet_name="样例天河网点")
    for number in range(3):
        first.accept(f"SF{number}")
    closed(first, "2026-11-24")
    about(first, "dispute", 2)
    about(first, "dispute", 2)
    about(first, "dispute", 3)
    about(first, "correction", 3)
    about(first, "dispute", 4)
    closed(first, "2026-11-25", {"journal_id": "ab" * 16, "first_seq": 1, "last_seq": 9, "head": "cd" * 32})
    second.accept("SF9")
    about(second, "correction", 2)  # corrected before it was disputed: the dispute stands
    about(second, "dispute", 2)
    second.send()
    first.send()
    found = Cells(page(url, "tester", token).text)
    jinshui, tianhe = sorted(found.outlets, reverse=True)
    head = first.hashes[9][:12]
    assert f"最近日结 2026-11-25 · zz-jinshui-01 第 1–10 条 · 末条 {head}（另有 1 本日志） · 未更正的异议 3" in jinshui
    assert "还没有日结 · 未更正的异议 0" in tianhe
    assert (found.rows["zz-jinshui-01"][-1], found.rows["zz-jinshui-02"][-1]) == ("异议 2", "异议 1")


def test_what_a_station_says_of_closes_and_disputes_without_form_is_left_out(url, token, enrol):
    station = enrol()
    for odd in ({}, {"journals": 7}, {"day_on": "<b>", "journals": []}, {"day_on": None, "journals": [{"head": "x"}]}):
        station.append("day-close", odd)
    for odd in ({}, {"disputes": None}, {"disputes": {"journal_id": 5, "seq": "x"}}):
        station.append("dispute", odd)
    station.send()
    found = Cells(page(url, "tester", token).text)
    assert "还没有日结 · 未更正的异议 0" in found.outlets[0]
    assert found.rows[station.station_id][-1].startswith("—")


def test_what_is_asked_of_closes_and_disputes_reads_no_other_entries(gateway):
    asked = []
    with gateway.database.read() as tx:
        event.listen(tx, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
        pulls.newest_about(tx, "", "day-close")
        pulls.disputes_and_corrections(tx, "41")
        plans = [row[3] for sql, bound in tuple(asked) for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", bound)]
    of_entries = [plan for plan in plans if "entries" in plan]
    assert of_entries
    assert all("entries_about" in plan or "PRIMARY KEY" in plan for plan in of_entries), plans


def test_the_page_shows_a_systems_own_region_only(gateway, url, busy):
    token = add_system(gateway, "henan", region="41")
    assert set(Cells(page(url, "henan", token).text).rows) == {"zz-jinshui-01", "zz-jinshui-02"}
    assert set(Cells(page(url, "henan", token, "410105").text).rows) == {"zz-jinshui-01", "zz-jinshui-02"}
    assert problem_of(page(url, "henan", token, "31")).code == ProblemCode.NOT_FOUND


def test_what_a_station_names_itself_is_escaped(url, token, busy):
    html = page(url, "tester", token).text
    assert "样例黄浦&lt;b&gt;网点&lt;/b&gt;" in html
    assert "<b>" not in html


def test_the_page_loads_nothing_and_runs_nothing(url, token, busy):
    response = page(url, "tester", token)
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert response.headers["Cache-Control"] == "no-store"
    assert not re.search(r"<script|<link|<img|src=|href=|url\(|@import", response.text)


def test_an_empty_gateway_says_so(url, token):
    assert "还没有登记收寄台" in page(url, "tester", token).text


@pytest.mark.parametrize("login", [None, ("tester", "wrong"), ("nobody", "TOKEN"), ("", "TOKEN"), ("tester", "")])
def test_nobody_sees_the_page_without_name_and_token(shared_url, shared_token, login):
    auth = login and (login[0], shared_token if login[1] == "TOKEN" else login[1])
    response = requests.get(f"{shared_url}/outlets", auth=auth, timeout=30)
    assert problem_of(response).code == ProblemCode.NOT_AUTHENTIC
    assert response.headers["WWW-Authenticate"].startswith("Basic realm=")


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic /w==", "Bearer x"])
def test_an_odd_login_is_nobody(shared_url, header):
    response = requests.get(f"{shared_url}/outlets", headers={"Authorization": header}, timeout=30)
    assert problem_of(response).code == ProblemCode.NOT_AUTHENTIC


def test_rates_are_those_of_the_daily_report():
    combinations = list(itertools.product(ActKind, MailKind, RealName, (True, False)))
    rows = [
        ActRow(seq, kind, 0, None, mail_kind, real_name, inspected=inspected)
        for seq, (kind, mail_kind, real_name, inspected) in enumerate(combinations, start=1)
    ]
    counts = [ActCount("s1", kind, mail, real, inspected, 1) for kind, mail, real, inspected in combinations if kind in ACTS]
    line, expected = station_line(ROW, Figures(counts, {}, {}, {}, ()), 0), rates(rows, 0)
    assert (line.real_name, line.inspected) == (expected.real_name, expected.inspected)


@pytest.mark.parametrize("real_name", ["verified", "none", None, "odd"])
def test_only_what_is_exempt_owes_nothing_whatever_the_kind_of_mail(real_name):
    counts = [
        ActCount("s1", "acceptance", mail_kind, said, False, count)
        for mail_kind in ("inspection-mailbox", "letter", "odd", None)
        for said, count in ((real_name, 1), ("exempt", 10))
    ]
    line = station_line(ROW, Figures(counts, {}, {}, {}, ()), 0)
    assert (line.accepted, line.inspected, line.real_name.denominator) == (44, Rate(0, 4), 4)


def test_a_station_is_silent_after_a_day_and_not_before():
    def silent(contact: int | None, now: int) -> bool:
        row = StationRow("s1", "o1", "样例网点", "410105", 0, None, contact, None, None, "[]")
        return station_line(row, NOTHING, now).silent

    assert [silent(0, 24 * HOUR_MS), silent(0, 24 * HOUR_MS + 1)] == [False, True]
    assert [silent(None, HOUR_MS), silent(None, 25 * HOUR_MS), silent(99 * HOUR_MS, HOUR_MS)] == [False, True, False]


def test_a_list_is_late_when_a_newer_version_has_been_there_for_twelve_hours() -> None:
    published = [PublishedPackage("names", number, "list", "", at_ms, None) for number, at_ms in ((1, 0), (2, 10), (3, 11 * HOUR_MS))]

    def seen(version: str, now: int, of: list[PublishedPackage] = published) -> tuple[bool, bool]:
        said = '[{"kind":"rules","name":"names","version":"0"},{"kind":"list","name":"names","version":"%s"}]' % version  # noqa: UP031
        row = replace(ROW, packages=said)
        line = station_line(row, replace(NOTHING, published=of), now)
        return line.lists[0].outdated, line.lists_late

    assert seen("3", 999 * HOUR_MS) == (False, False), "the newest one, however old"
    assert seen("1", 12 * HOUR_MS + 10) == (True, False)
    assert seen("1", 12 * HOUR_MS + 11) == (True, True), "since the second version, not since the third"
    assert seen("2", 23 * HOUR_MS) == (True, False)
    assert seen("2", 23 * HOUR_MS + 1) == (True, True)
    assert seen("of-another-gateway", 23 * HOUR_MS + 1) == (True, True)
    assert seen("1", 999 * HOUR_MS, []) == (False, False), "published by somebody else: nothing to compare with"


def test_how_many_stations_have_late_lists_stands_above_the_table(url, token, busy):
    assert re.search("名单落后超过 12 小时</dt><dd>1 / 4 台", page(url, "tester", token).text)


@pytest.mark.parametrize(
    ("ms", "text"),
    [(None, "—"), (0, "不到 1 分钟"), (MINUTE_MS, "1 分钟"), (59 * MINUTE_MS, "59 分钟"), (HOUR_MS, "1 小时"), (48 * HOUR_MS, "2 天")],
)
def test_how_long_ago_is_told_in_the_largest_whole_unit(ms, text):
    assert duration(ms) == text


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None and "CI" not in os.environ, reason="chromium is not installed; in CI it must be")
def test_a_browser_shows_the_table(url, token, busy, tmp_path: Path):
    assert CHROMIUM, "chromium must be installed in CI"
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}"]
    address = f"{url}/outlets".replace("http://", f"http://tester:{token}@")
    shown = subprocess.run([CHROMIUM, *flags, "--dump-dom", address], capture_output=True, text=True, timeout=120, check=True)
    rows = Cells(shown.stdout).rows
    assert rows["zz-jinshui-01"][:4] == ["zz-jinshui-01", "10", "1", "1"]
    assert set(rows) == {"zz-jinshui-01", "zz-jinshui-02", "sh-huangpu-01", "gz-tianhe-01"}
