"""lists: files of any form and encoding, reports of their lines, deltas from the gateway, what a list said before. All parties are
made up."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from courier_check.clock import SystemClock
from courier_check.store.resources import resource_path
from support.commands import Command, command_of
from support.gateways import practice_gateway
from support.ready import new_station

HEADING = ("list_id", "list_type", "source_org", "legal_basis", "remedy", "subject_type", "reason", "listed_on", "action")
LIST = ("made-up", "样本名单", "样例局（虚构）", "样例依据", "可以申诉", "企业", "样本", "2026-01-15", "拦截")
FIRST, SECOND, THIRD = "91410100MA9YB0A16H", "92410105MA9YB0B20T", "91410100MA44TUW1X4"


def list_csv(*rows: tuple[str, ...]) -> str:
    """Rows of (unified code, name) and what else is put into `action`."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow((*HEADING, "uscc", "name", "entry_id"))
    writer.writerows((*LIST[:8], *(row[2:] or ("拦截",)), row[0], row[1], f"e-{row[0]}") for row in rows)
    return out.getvalue()


GOOD = ((FIRST, "样例一服饰有限公司"), (SECOND, "样例二商贸有限公司"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_list_is_checked_in_any_encoding(command: Command, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(list_csv(*GOOD, (THIRD, "样例三", "罚款")).encode(encoding))
    told = command("lists", "check", path, "--json")
    assert told.code == 2
    assert [told.lines[0]["error"][key] for key in ("line", "column", "code")] == [4, "action", "list-csv-unknown-word"]
    assert told.lines[1]["summary"] == {"read": 3, "good": 2, "bad": 1, "noted": 0}
    assert (told.lines[2]["title"], told.lines[2]["allowed"]) == ("样本名单", "block")


@pytest.mark.parametrize("lacking", ["action", "reason"])
def test_a_column_that_is_missing_is_named(command: Command, tmp_path: Path, lacking: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(list_csv(*GOOD).replace(lacking, "something", 1), encoding="utf-8")
    told = command("lists", "check", path)
    assert (told.code, told.sentence) == (2, f"名单文件缺少列 {lacking}；请在第一行补上这个列名和各行的值。")


def test_a_list_without_basis_is_said_to_lead_to_no_more_than_inspection(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(list_csv(*GOOD).replace("样例依据", ""), encoding="utf-8")
    told = command("lists", "check", path)
    assert told.code == 0
    assert "《样本名单》写明的处置是拦截，依据：" in told.out
    assert "因此最多可以重点验视" in told.out


@pytest.mark.parametrize("suffix", ["csv", "json", "xlsx"])
def test_the_report_names_every_line_and_no_cell_of_it_is_a_formula(command: Command, tmp_path: Path, suffix: str) -> None:
    path, report = tmp_path / "=list.csv", tmp_path / f"report.{suffix}"
    bad = [(THIRD, "=cmd|' /C calc'!A0"), *((FIRST[:-1] + "A", f"样例{number}") for number in range(60))]
    path.write_text(list_csv(*GOOD, *bad), encoding="utf-8")
    told = command("lists", "check", path, "--report", report)
    assert told.code == 2
    assert "另有 11 处没有显示" in told.out
    assert "共 63 行，采用 3 行，未采用 60 行，另有 1 行请留意" in told.out
    rows = report_rows(report)
    assert rows[0][:4] == ["4", "name", "noted", "list-cell-formula"]
    assert [row[:4] for row in rows[1:]] == [[str(line), "uscc", "left-out", "list-bad-uscc"] for line in range(5, 65)]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for row in rows for cell in row)


def report_rows(report: Path) -> list[list[str]]:
    """line, column, kind, code, message of every line of a report."""
    if report.suffix == ".json":
        told = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
        assert told.pop()["summary"]["bad"] == 60
        return [[str(value) for value in each.values()] for each in told]
    if report.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(report).worksheets[0]
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
        return [[str(cell or "") for cell in row] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert report.read_bytes().startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(report.read_text(encoding="utf-8-sig"))))[1:]


def test_a_long_file_says_how_far_it_is(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(list_csv(*GOOD) + "short\n" * 20_000, encoding="utf-8")
    told = command("lists", "check", path, "--report", tmp_path / "report.csv")
    assert told.err == "已读 20000 行……\n"
    assert len(report_rows(tmp_path / "report.csv")) == 20_000


def test_a_report_that_cannot_be_written_is_told(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(list_csv(*GOOD), encoding="utf-8")
    assert command("lists", "check", path, "--report", tmp_path / "report.doc").sentence.startswith("报告文件")
    for report in ("absent/report.csv", "absent/report.json", "absent/report.xlsx"):
        told = command("lists", "check", path, "--report", tmp_path / report)
        assert (told.code, "Traceback" in told.err) == (2, False)


def as_xlsx(text: str, path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in csv.reader(io.StringIO(text)):
        book.active.append(row)
    book.save(path)


def as_json(text: str, path: Path) -> None:
    path.write_text(json.dumps(list(csv.DictReader(io.StringIO(text))), ensure_ascii=False), encoding="utf-8")


def test_a_practice_station_takes_every_form_by_its_name_or_its_content(station_command: Command, tmp_path: Path) -> None:
    text = list_csv(*GOOD, (THIRD, "样例三", "罚款"))
    files = {"--csv": tmp_path / "list.csv", "--xlsx": tmp_path / "list.xlsx", "--json-list": tmp_path / "list.json"}
    files["--csv"].write_text(text, encoding="utf-8")
    as_xlsx(text, files["--xlsx"])
    as_json(text, files["--json-list"])
    for option, path in files.items():
        for arguments in ((option, path), (path,)):
            told = station_command("lists", "install", *arguments, "--unsigned-practice", "--json")
            assert (told.code, told.lines[0]["error"]["column"]) == (2, "action"), arguments
            (summary,) = (line["summary"] for line in told.lines if "summary" in line)
            (entries,) = (line["entries"] for line in told.lines if line.get("list") == "made-up" and "entries" in line)
            assert (summary["bad"], entries) == (1, 2)
    found = station_command("screen", "--uscc", FIRST, "--json").line
    assert (found["level"], found["hits"][0]["list"]) == ("block", "made-up")
    assert station_command("lists", "install", "--csv", files["--csv"], files["--xlsx"], "--unsigned-practice").code == 2


def test_what_lists_say_differently_of_one_party_is_told_when_installed_and_later(station_command: Command, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(list_csv((THIRD, "样例三图书有限公司")), encoding="utf-8")
    assert station_command("lists", "install", "--csv", path, "--unsigned-practice").code == 0
    path.write_text(list_csv((THIRD, "样例别名贸易有限公司")).replace("made-up", "other"), encoding="utf-8")
    told = station_command("lists", "install", "--csv", path, "--unsigned-practice", "--json")
    conflict = {"list": "other", "other": "made-up", "code": "list-code-other-name-installed", "parties": 1, "more": False}
    first = [{"entry": f"e-{THIRD}", "other_entry": f"e-{THIRD}"}]
    assert (told.code, told.lines[0]["note"]["line"], told.lines[0]["note"]["code"]) == (0, 2, conflict["code"])
    assert told.lines[-1] == {**conflict, "first": first}
    assert station_command("lists", "conflicts", "--json").line == {**conflict, "list": "made-up", "other": "other", "first": first}
    assert "同一代码、另一个名称，1 处" in station_command("lists", "conflicts", "other").out
    assert (station_command("lists", "conflicts", "nobody").code) == 2


@pytest.fixture
def station(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """Commands on a station enrolled at the gateway of tmp_path/gateway, with a supervisor."""
    new_station(tmp_path / "station").close()
    command = command_of(capsys, tmp_path / "station")
    place = ("--station", "zz-01", "--outlet", "zz", "--outlet-name", "样例网点", "--region", "410105")
    password = tmp_path / "password"
    password.write_text("practice\n", encoding="utf-8")
    with practice_gateway(tmp_path / "gateway", SystemClock()) as running:
        code = command("gateway", "enrol-code", "--data", tmp_path / "gateway", *place, "--json").line["code"]
        assert command("station", "enrol", code, "--gateway", running.url).code == 0
        assert command("operators", "add", "0001", "--name", "样例", "--role", "supervisor", "--new-password-file", password).code == 0
        yield command


@pytest.mark.slow
def test_a_list_travels_whole_and_by_delta_and_its_past_is_known(station: Command, tmp_path: Path) -> None:
    data, packages, source = tmp_path / "gateway", tmp_path / "packages", tmp_path / "list.csv"
    publish = ("gateway", "publish", "list", source, "--data", data, "--region", "410105", "--out", packages, "--json")
    source.write_text(list_csv(*GOOD), encoding="utf-8")
    whole = station(*publish).line
    first = tmp_path / "first.json"
    first.write_bytes(Path(whole["file"]).read_bytes())
    source.write_text(list_csv((FIRST, "样例一鞋帽有限公司"), (THIRD, "样例三图书有限公司")), encoding="utf-8")
    second, delta = station(*publish, "--since", first).lines
    assert {key: delta[key] for key in ("kind", "from_version", "version", "changed", "dropped")} == {
        "kind": "list-delta",
        "from_version": 1,
        "version": 2,
        "changed": 2,
        "dropped": 1,
    }
    early = station("lists", "install", delta["file"])
    assert (early.code, early.sentence) == (2, "增量包要在名单 made-up 的版本 1 上使用，本台没有这份名单；请先安装完整的名单包。")
    assert station("lists", "install", first, "--json").line["entries"] == 2
    assert station("lists", "install", delta["file"], "--json").line["version"] == "2"
    assert station("lists", "install", delta["file"]).sentence.startswith("已安装的版本 2 不旧于")
    assert station("lists", "install", second["file"]).sentence.startswith("已安装的版本 2 不旧于")
    told = station("lists", "history", f"e-{FIRST}", "--json").lines
    assert [(each["version"], each["name"], each["revision"]) for each in told] == [
        (1, "样例一服饰有限公司", 1),
        (2, "样例一鞋帽有限公司", 2),
    ]
    assert station("lists", "history", f"e-{SECOND}").out.startswith("made-up 第 1 版（本台用到 ")
    assert station("lists", "history", "e-nobody").sentence.startswith("已安装的名单里没有")
    assert station("lists", "history", f"e-{FIRST}", "--on", "2026-01-01").code == 2
    assert station(*publish, "--since", delta["file"]).sentence.endswith("不能据以做增量包；请换文件。")
    source.write_text(list_csv(*GOOD, (THIRD, "样例三", "罚款")), encoding="utf-8")
    refused = station(*publish)
    assert (refused.code, len(refused.lines)) == (2, 1)
    partly = station(*publish, "--good-lines")
    assert (partly.code, partly.lines[-1]["entries"], partly.lines[-1]["version"]) == (2, 2, 3)


def test_the_practice_list_has_nothing_to_mend(command: Command) -> None:
    told = command("lists", "check", resource_path("samples/practice_list.csv"), "--json")
    assert told.code == 0
    assert {line["list"]: line["allowed"] for line in told.lines} == {
        "practice-counterfeit": "block",
        "practice-notice": "inspect",
        "practice-own": "note",
    }


@pytest.mark.slow
def test_an_objection_is_passed_with_the_next_synchronisation_and_its_answer_is_tracked(station: Command, tmp_path: Path) -> None:
    source = tmp_path / "list.csv"
    source.write_text(list_csv(*GOOD), encoding="utf-8")
    assert station("lists", "install", source, "--unsigned-practice").code == 0
    said = ("--who", "样例一服饰", "--contact", "13800001111", "--statement", "不是我公司（样本）")
    recorded = station("objections", "record", "--list", "made-up", "--entry", f"e-{FIRST}", *said, "--operator", "0001", "--json").line
    assert recorded["to_issuer"] is True
    assert station("objections", "list", "--json").line["state"] == "open"
    assert station("sync").code == 0
    passed = station("objections", "list", "--json").line
    assert (passed["number"], passed["state"], passed["outcome"]) == (recorded["number"], "passed", None)
    told = station("objections", "answer", recorded["number"], "--outcome", "removed", "--words", "样例文号（虚构）", "--json").line
    assert told["number"] == recorded["number"]
    shown = station("objections", "list")
    assert "已答复 移出名单" in shown.out
    assert "13800001111" not in shown.out
    assert all(line["equal"] for line in station("views", "check", "--json").lines)
    unknown = station("objections", "answer", "YY-1", "--outcome", "removed", "--words", "样本")
    assert (unknown.code, "YY-1" in unknown.sentence) == (2, True)
    assert station("lists", "revoke", "1", "--reason", "样本").code == 2
    assert station("lists", "decisions", "--json").lines == []


@pytest.mark.slow
def test_a_changed_list_screens_known_senders_again_and_work_is_seen_to(station: Command, tmp_path: Path) -> None:
    source = tmp_path / "list.csv"
    source.write_text(list_csv(*GOOD), encoding="utf-8")
    assert station("lists", "install", source, "--unsigned-practice").code == 0
    told = station("lists", "rescreen", "--json").line
    assert told == {"screened": 0, "work": 0}
    assert station("lists", "work", "--json").lines == []
    assert station("lists", "work", "--done", "1", "--operator", "0001").code == 2
