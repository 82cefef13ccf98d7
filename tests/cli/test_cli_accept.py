"""accept, correct, verify, views, report, screen, lists, rules, operators on a station whose gateway never answers."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from courier_check.clock import CHINA, SystemClock
from courier_check.station import PRACTICE_PASSPHRASE, PRACTICE_SUPERVISOR, Station, Surroundings
from courier_check.store.resources import resource_path
from courier_check.store.schema import VIEW_KEYS
from support.commands import Command, case_file, secrets_in, typed_case

SAMPLES = resource_path("samples")
WAYBILL = "SF1010000000015"


def facts_of(folder: Path, waybill: str) -> list[tuple[Any, ...]]:
    with Station.open(folder, PRACTICE_PASSPHRASE, Surroundings(SystemClock())) as station:
        return station.database.rows("SELECT kind, seq, refusal FROM acts WHERE waybill = ? ORDER BY seq", (waybill,))


def document(**changes: str) -> dict[str, Any]:
    sender = typed_case()["sender"]
    return {"sender": {**sender, "document": sender["document"] | changes}}


def test_a_parcel_is_accepted_with_its_place_in_the_journal(station_command: Command, tmp_path: Path) -> None:
    told = station_command("accept", case_file(tmp_path), "--json")
    assert (told.code, told.err) == (0, "")
    assert {"case", "verdict", "reasons", "seq", "hash", "ms"} <= told.line.keys()
    assert (told.line["verdict"], told.line["seq"], len(told.line["hash"])) == ("accept", 8, 64)


def test_a_refusal_is_a_result(station_command: Command, folder: Path, tmp_path: Path) -> None:
    lighter = {"kind": "prohibited", "name": "打火机", "category": "04"}
    findings = {**typed_case()["findings"], "nothing-prohibited": "no"}
    photos = [{"picture": str(SAMPLES / "contents-lighter.jpg")}]
    told = station_command("accept", case_file(tmp_path, found=[lighter], findings=findings, photos=photos), "--json")
    assert (told.code, told.line["verdict"]) == (0, "refuse")
    assert "R07" in [reason["code"] for reason in told.line["reasons"]]
    assert all(reason["text"] for reason in told.line["reasons"])
    assert facts_of(folder, WAYBILL) == [("refusal", 8, "R07")]


@pytest.mark.parametrize(
    ("dangerous", "unlawful", "verdict"),
    [("yes", "yes", "accept"), ("yes", "no", "refuse"), ("no", "yes", "refuse"), ("doubt", "yes", "refer"), ("doubt", "no", "refuse")],
)
def test_a_case_written_for_the_questions_before_is_taken_by_the_gravest_answer(
    station_command: Command, tmp_path: Path, dangerous: str, unlawful: str, verdict: str
) -> None:
    answers = {**typed_case()["findings"], "nothing-dangerous": dangerous, "nothing-unlawful": unlawful}
    del answers["nothing-prohibited"]
    lighter = {"kind": "prohibited", "name": "打火机", "category": "04"}
    found = [lighter] if verdict == "refuse" else []
    case = case_file(tmp_path, findings=answers, found=found, exemptions={"photo-contents": "no-camera"} if verdict != "accept" else {})
    told = station_command("accept", case, "--json")
    assert (told.code, told.line["verdict"]) == (0, verdict)


def test_a_case_that_answers_only_some_of_the_questions_before_is_told(station_command: Command, tmp_path: Path) -> None:
    answers = {**typed_case()["findings"], "nothing-dangerous": "yes"}
    del answers["nothing-prohibited"]
    told = station_command("accept", case_file(tmp_path, findings=answers), "--json")
    assert (told.code, told.line["error"]["code"]) == (2, "unknown-item")


@pytest.mark.parametrize(
    "stop",
    [
        {"found": [{"kind": "prohibited", "name": "打火机", "category": "04"}]},
        {"refusal": {"code": "R10"}},
        {"findings": {**typed_case()["findings"], "contents-match": "doubt"}},
    ],
)
def test_a_refusal_or_referral_without_its_photo_is_told_as_an_acceptance_without_one(
    station_command: Command, folder: Path, tmp_path: Path, stop: dict[str, Any]
) -> None:
    told = station_command("accept", case_file(tmp_path, **stop), "--json")
    pills = station_command("accept", case_file(tmp_path, contents=[{"name": "感冒药", "category": "medicine"}]), "--json")
    assert (told.code, told.line["error"]["code"]) == (pills.code, pills.line["error"]["code"]) == (2, "acceptance-incomplete")
    assert "内件开箱照片" in told.line["error"]["message"]
    assert facts_of(folder, WAYBILL) == []
    spared = station_command("accept", case_file(tmp_path, exemptions={"photo-contents": "no-camera"}, **stop), "--json")
    assert (spared.code, spared.line["verdict"]) == (0, "refer" if "findings" in stop else "refuse")


@pytest.mark.parametrize("code", ["R01", "R06"])
def test_where_there_is_nothing_to_photograph_a_case_needs_no_photo(station_command: Command, tmp_path: Path, code: str) -> None:
    pills = [{"name": "感冒药", "category": "medicine"}]
    told = station_command("accept", case_file(tmp_path, refusal={"code": code}, contents=pills), "--json")
    assert (told.code, told.line["verdict"]) == (0, "refuse")


def test_text_tells_the_verdict_and_no_personal_data(station_command: Command, tmp_path: Path) -> None:
    told = station_command("accept", case_file(tmp_path), case_file(tmp_path, "SF1010000000024", **document(valid_until="2026-01-01")))
    assert "✔ 可以收寄" in told.out
    assert "（日志第 8 条）" in told.out
    assert "✖ 停止收寄" in told.out
    assert secrets_in(told.out) == []
    english = station_command("accept", case_file(tmp_path, "SF1010000000033"), "--lang", "en")
    assert "✔ accepted" in english.out
    assert "(entry 1" in english.out


@pytest.mark.slow
def test_a_case_with_pictures_is_read_and_accepted_once(station_command: Command, folder: Path) -> None:
    told = station_command(
        "accept", SAMPLES / "case-1-accept-wang.json", SAMPLES / "case-6-duplicate-wang.json", "--carrier", "sf", "--json"
    )
    assert told.code == 0
    first, again = told.lines
    assert (first["verdict"], again["verdict"], again["seq"]) == ("accept", "refuse", None)
    assert [reason["code"] for reason in again["reasons"]] == ["R14"]
    assert "样例金水网点" in again["reasons"][0]["text"]
    assert [kind for kind, _, _ in facts_of(folder, WAYBILL)] == ["acceptance"]
    assert station_command("verify").code == 0


def test_the_same_draft_handed_in_again_is_the_same_entry(station_command: Command, folder: Path, tmp_path: Path) -> None:
    case = case_file(tmp_path, draft_id="d" * 32)
    first, again = station_command("accept", case, case, "--json").lines
    assert (again["seq"], again["hash"], again["repeated"]) == (first["seq"], first["hash"], True)
    assert len(facts_of(folder, WAYBILL)) == 1


def test_a_batch_goes_on_past_a_bad_case(station_command: Command, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    told = station_command("accept", tmp_path / "bad.json", case_file(tmp_path), "--json")
    assert told.code == 2
    bad, good = told.lines
    assert bad["error"]["code"] == "case-unreadable"
    assert good["verdict"] == "accept"
    assert len(facts_of(folder, WAYBILL)) == 1


def test_a_hit_is_referred_and_a_supervisor_settles_it(station_command: Command, tmp_path: Path) -> None:
    sender = typed_case()["sender"] | {"phone": "15800007890"}
    referred = station_command("accept", case_file(tmp_path, sender=sender), "--json").line
    assert referred["verdict"] == "refer"
    hit = station_command("screen", "--phone", "15800007890", "--json").line["hits"][0]
    resolution = {"list": hit["list"], "entry": hit["entry"], "kind": "not-same", "reason": "号码已换主（虚构）"}
    case = case_file(tmp_path, sender=sender, resolutions=[resolution])
    assert station_command("accept", case, "--json").line["error"]["code"] in ("not-signed-in", "no-right")
    assert station_command("accept", case, "--supervisor", "0001", "--json").line["verdict"] == "accept"


def test_a_doubt_is_cleared_by_a_supervisor_s_word_in_the_case_and_by_nothing_else(station_command: Command, tmp_path: Path) -> None:
    doubt = {"findings": {**typed_case()["findings"], "contents-match": "doubt"}, "exemptions": {"photo-contents": "no-camera"}}
    assert station_command("accept", case_file(tmp_path, **doubt), "--json").line["verdict"] == "refer"
    again = station_command("accept", case_file(tmp_path), "--json").line
    assert (again["verdict"], [one["detail"] for one in again["reasons"]]) == ("refer", ["waybill-still-referred"])
    assert "还在复核" in again["reasons"][0]["text"]
    settled = case_file(tmp_path, settlements=[{"code": "waybill-still-referred", "reason": "看过实物（虚构）"}])
    assert station_command("accept", settled, "--json").line["error"]["code"] in ("not-signed-in", "no-right")
    assert station_command("accept", settled, "--supervisor", "0001", "--json").line["verdict"] == "accept"


def test_a_decision_for_a_client_until_a_day_does_not_nag_and_is_revoked(station_command: Command, tmp_path: Path) -> None:
    sender = typed_case()["sender"] | {"phone": "15800007890"}
    hit = station_command("screen", "--phone", "15800007890", "--json").line["hits"][0]
    resolution = {"list": hit["list"], "entry": hit["entry"], "kind": "not-same", "reason": "号码已换主（虚构）"}
    by_code = case_file(tmp_path, sender=sender, resolutions=[resolution | {"code": "91410100MA9YB0C35U"}])
    refused = station_command("accept", by_code, "--json").line
    assert refused["error"]["code"] == "hit-code-tells-nothing", "a firm's number says nothing of a phone"
    until = (datetime.now(CHINA) + timedelta(days=30)).date().isoformat()
    lasting = case_file(tmp_path, sender=sender, resolutions=[resolution | {"evidence": "身份证（虚构）", "until": until}])
    assert station_command("accept", lasting, "--supervisor", "0001", "--json").line["verdict"] == "accept"
    again = station_command("accept", case_file(tmp_path, "SF1010000000024", sender=sender), "--json").line
    assert again["verdict"] == "accept"
    assert "hit-standing-not-same" in [reason["code"] for reason in again["reasons"]]
    held = station_command("lists", "decisions", "--json").line
    assert (held["decision"], held["until_on"], held["revoked_by"]) == ("not-same", until, None)
    assert "到 " + until in station_command("lists", "decisions").out
    assert station_command("lists", "revoke", held["seq"], "--reason", "认错了（虚构）", "--json").line["revokes"] == held["seq"]
    assert station_command("accept", case_file(tmp_path, "SF1010000000031", sender=sender), "--json").line["verdict"] == "refer"
    assert "已撤销" in station_command("lists", "decisions").out
    assert all(line["equal"] for line in station_command("views", "check", "--json").lines)


def test_a_correction_keeps_the_entry_and_answers_for_it(station_command: Command, tmp_path: Path) -> None:
    seq = station_command("accept", case_file(tmp_path), "--json").line["seq"]
    changes = tmp_path / "changes"
    changes.write_text("name=王思元\n", encoding="utf-8")
    told = station_command("correct", seq, "--set", "waybill=sf1010000000024", "--set-file", changes, "--reason", "录错", "--json")
    assert told.line.keys() >= {"corrects", "seq", "hash", "fields"}
    assert told.line["fields"] == ["name", "waybill"]
    again = station_command("accept", case_file(tmp_path, "SF1010000000024"), "--json").line
    assert again["verdict"] == "refuse", "the corrected number is spelt as scans are"
    assert station_command("accept", case_file(tmp_path), "--json").line["verdict"] == "accept"
    taken = station_command("correct", seq, "--set", f"waybill={WAYBILL}", "--reason", "x")
    assert taken.code == 2
    today = SystemClock().read().at
    assert f"已在 {today:%Y-%m-%d}" in taken.sentence or f"已在 {today - timedelta(days=1):%Y-%m-%d}" in taken.sentence
    assert station_command("views", "check").code == 0
    assert station_command("verify").code == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("99", "--set", "phone=13800001234", "--reason", "x"), "日志里没有第 99 条"),
        (("1", "--set", "phone=13800001234", "--reason", "x"), "第 1 条不是收寄"),
        (("8", "--set", "colour=red", "--reason", "x"), "不能更正字段 colour"),
        (("8", "--set", "nonsense", "--reason", "x"), "--set 应写成 名称=内容"),
        (("8", "--set", "phone=1", "--reason", " "), "请写明原因"),
        (("8", "--set", "phone= ", "--reason", "x"), "不能更正字段 寄件人电话"),
        (("8", "--reason", "x"), "没有写明要更正什么"),
        (("8", "--reason", "x", "--returned", "7"), "没有第 7 号退回"),
    ],
)
def test_a_correction_that_can_not_be_made_writes_nothing(
    station_command: Command, tmp_path: Path, arguments: tuple[str, ...], code: str
) -> None:
    station_command("accept", case_file(tmp_path))
    told = station_command("correct", *arguments)
    assert told.code == 2
    assert told.sentence.startswith(code)
    assert station_command("station", "status", "--json").line["entries"] <= 9  # a sign-in at most


def test_a_correction_that_should_stop_the_parcel_is_a_supervisor_s(station_command: Command, tmp_path: Path) -> None:
    seq = station_command("accept", case_file(tmp_path), "--json").line["seq"]
    changes = ("correct", seq, "--set", "contents=烟花爆竹", "--reason", "寄件人来电更正")
    told = station_command(*changes)
    assert told.code == 2
    assert told.sentence.startswith("没有更正：按更正后的内容")
    assert "烟花" in told.sentence
    made = station_command(*changes, "--operator", PRACTICE_SUPERVISOR, "--json")
    assert made.code == 0
    assert [reason["code"] for reason in made.line["reasons"]] == ["declared-name-prohibited-example"]
    assert "应当拦截" in station_command(*changes, "--operator", PRACTICE_SUPERVISOR).out


def test_verify_proves_the_journal_or_one_record(station_command: Command, tmp_path: Path) -> None:
    seq = station_command("accept", case_file(tmp_path), "--json").line["seq"]
    whole = station_command("verify", "--json")
    assert whole.code == 0
    assert {"checked", "failures", "ok"} <= whole.line.keys()
    assert (whole.line["checked"], whole.line["failures"], whole.line["ok"]) == (8, [], True)
    for record in (WAYBILL.lower(), str(seq)):
        told = station_command("verify", "--record", record, "--json").line
        assert (told["checked"], told["ok"], told["proofs"]) == (1, True, [])
    assert station_command("verify", "--record", "SF9999999999999").code == 2
    assert station_command("verify").out.startswith("核验通过：日志 8 条")


def test_views_are_checked_and_rebuilt(station_command: Command, tmp_path: Path) -> None:
    station_command("accept", case_file(tmp_path))
    for name in ("check", "rebuild"):
        told = station_command("views", name, "--json")
        assert told.code == 0
        assert {line["table"]: line["equal"] for line in told.lines} == dict.fromkeys(VIEW_KEYS, True)
        assert all(line.keys() == {"table", "rows", "equal"} for line in told.lines)


def test_a_view_that_differs_from_the_journal_is_exit_code_1_until_rebuilt(station_command: Command, folder: Path, tmp_path: Path) -> None:
    station_command("accept", case_file(tmp_path))
    with Station.open(folder, PRACTICE_PASSPHRASE, Surroundings(SystemClock())) as station, station.database.write() as tx:
        tx.execute("DELETE FROM accepted_waybills")
    told = station_command("views", "check", "--json")
    assert told.code == 1
    assert [line["table"] for line in told.lines if not line["equal"]] == ["accepted_waybills"]
    assert station_command("views", "rebuild").code == 0
    assert station_command("views", "check").code == 0


@pytest.mark.parametrize("kind", ["daily", "rates", "refusals", "half-year"])
def test_reports_come_as_json_csv_and_xlsx(station_command: Command, tmp_path: Path, kind: str) -> None:
    station_command("accept", case_file(tmp_path))
    told = station_command("report", kind, "--json")
    assert (told.code, told.err) == (0, "")
    assert told.line
    for form in ("json", "csv", "xlsx"):
        target = tmp_path / f"report.{form}"
        assert station_command("report", kind, "--format", form, "--out", target, "--json").line == {"file": str(target)}
        assert target.stat().st_size > 0
    assert json.loads((tmp_path / "report.json").read_bytes()).keys() == told.line.keys()
    assert openpyxl.load_workbook(tmp_path / "report.xlsx").sheetnames
    text = station_command("report", kind).out + (tmp_path / "report.csv").read_text(encoding="utf-8")
    assert secrets_in(text) == []
    assert WAYBILL not in text


def test_a_report_counts_what_was_accepted(station_command: Command, tmp_path: Path) -> None:
    station_command("accept", case_file(tmp_path), case_file(tmp_path, "SF1010000000024"))
    today = SystemClock().read().at.date()
    daily = station_command("report", "daily", "--from", today - timedelta(days=1), "--to", today, "--json").line
    assert (daily["accepted"], daily["refused"]) == (2, 0)
    assert station_command("report", "daily", "--to", today - timedelta(days=400), "--json").line["accepted"] == 0


@pytest.mark.parametrize(
    ("arguments", "begins"),
    [
        (("daily", "--format", "xlsx"), "XLSX 要写到文件"),
        (("daily", "--from", "2026-02-01", "--to", "2026-01-01"), "起始日 2026-02-01 晚于截止日 2026-01-01"),
        (("daily", "--out", "/nope/report.json"), "文件 /nope/report.json 读不了或写不了：路径不存在"),
        (("half-year", "--set", "nonsense"), "--set 应写成 名称=内容"),
        (("half-year", "--set", "nonsense=1@表"), "统计表没有 nonsense 这一项"),
    ],
)
def test_a_report_that_can_not_be_made_says_why(station_command: Command, arguments: tuple[str, ...], begins: str) -> None:
    told = station_command("report", *arguments)
    assert told.code == 2
    assert told.sentence.startswith(begins)


def test_screening_answers_by_name_code_number_and_phone(station_command: Command) -> None:
    for option, value in (("--uscc", "91410100MA9YB0A16H"), ("--name", "样例假冒商贸"), ("--id-number", "410104198506150027")):
        told = station_command("screen", option, value, "--json")
        assert told.code == 0
        assert {"query", "level", "hits", "list_version", "ms"} <= told.line.keys()
        assert told.line["level"] != "pass", option
        assert {"list", "entry", "score", "reasons"} <= told.line["hits"][0].keys()
    words = station_command("screen", "--id-number", "410104198506150027").out
    assert "✖ 拦截" in words
    assert "410104198506150027" not in words
    assert "样例决定书" in words


def test_a_file_of_queries_goes_on_past_bad_lines_and_hides_them_from_people(station_command: Command, tmp_path: Path) -> None:
    queries = tmp_path / "queries.jsonl"
    lines = [
        '{"name":"样例甲"}',
        "{not json 41010519900307123X",
        '{"number":"41010519900307123X"}',
        '{"id_number":""}',
        '{"phone":"15800007890"}',
    ]
    queries.write_text("\n".join(lines), encoding="utf-8")
    told = station_command("screen", "--file", queries, "--json")
    assert told.code == 2
    assert ["error" in line for line in told.lines] == [False, True, True, True, False]
    words = station_command("screen", "--file", queries)
    assert words.code == 2
    assert "41010519900307123X" not in words.out


def test_rules_are_checked_installed_and_told(station_command: Command, tmp_path: Path) -> None:
    shipped = resource_path("checklists.json")
    checked = station_command("rules", "check", shipped, "--json")
    assert checked.code == 0
    assert checked.line.keys() == {"file", "ok", "errors", "cases"}
    assert checked.line["cases"]["failed"] == 0
    assert station_command("rules", "status", "--json").line["items"] > 10
    installed = station_command("rules", "install", shipped, "--unsigned-practice", "--json")
    assert installed.line["version"] == "1"
    weak = tmp_path / "weak.json"
    weak.write_text(shipped.read_text(encoding="utf-8").replace('"mandatory": true', '"mandatory": false', 1), encoding="utf-8")
    failed = station_command("rules", "check", weak, "--json")
    assert failed.code == 2
    assert all(error.keys() == {"line", "path", "message"} for error in failed.line["errors"])
    assert failed.line["errors"][0]["line"] > 1
    assert station_command("rules", "install", weak, "--unsigned-practice", "--json").code == 2
    assert station_command("rules", "install", shipped, "--json").code == 2
    assert station_command("accept", case_file(tmp_path), "--json").line["verdict"] == "accept"


def test_lost_rules_are_named_and_put_back(station_command: Command, folder: Path, tmp_path: Path) -> None:
    shipped = resource_path("checklists.json")
    sha256 = station_command("rules", "install", shipped, "--unsigned-practice", "--json").line["sha256"]
    (folder / "packages" / f"{sha256}.json").unlink()
    assert "rules install" in station_command("accept", case_file(tmp_path)).sentence
    told = station_command("rules", "status", "--json")
    assert (told.code, told.line) == (1, {"rules": "checklists", "version": "1", "sha256": sha256, "lost": True})
    assert f"packages/{sha256}.json" in station_command("rules", "status").out
    back = station_command("rules", "install", shipped, "--unsigned-practice")
    assert (back.code, "补回" in back.out) == (0, True)
    assert station_command("rules", "status", "--json").line["items"] > 10
    assert station_command("label", "missing").code == 0
    assert station_command("accept", case_file(tmp_path), "--json").line["verdict"] == "accept"


def test_a_package_that_stops_the_counter_is_not_installed(station_command: Command, tmp_path: Path) -> None:
    odd = tmp_path / "odd.json"
    odd.write_text(resource_path("checklists.json").read_text(encoding="utf-8").replace('"original-document"', '"生鲜件"'), "utf-8")
    for command in (("check",), ("install", "--unsigned-practice")):
        told = station_command("rules", *command, odd, "--json")
        assert told.code == 2
        assert [(error["path"], error["line"]) for error in told.line["errors"]] == [("$.items[0].id", 7)]
        assert "生鲜件" in told.line["errors"][0]["message"]


def test_a_rule_file_that_is_none_is_told_in_chinese(station_command: Command, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"version": 7}', encoding="utf-8")
    (error, *_) = station_command("rules", "check", broken, "--json").line["errors"]
    assert "Expected" not in error["message"]
    assert "Object" not in error["message"]


def test_practice_lists_are_installed_without_their_bad_lines_and_only_newer(station_command: Command, tmp_path: Path) -> None:
    told = station_command("lists", "status", "--json")
    assert {"list", "version", "entries", "expires_on", "installed_at"} <= told.lines[0].keys()
    assert sorted(line["list"] for line in told.lines) == ["practice-counterfeit", "practice-notice", "practice-own"]
    text = resource_path("samples/practice_list.csv").read_text(encoding="utf-8")
    good = tmp_path / "good.csv"
    good.write_bytes(text.encode("gb18030"))  # what Excel writes
    again = station_command("lists", "install", "--csv", good, "--unsigned-practice", "--json")
    assert [line["version"] for line in again.lines] == ["2", "2", "2"]
    bad = tmp_path / "bad.csv"
    bad.write_text(text.replace("2026-01-15", "someday", 1), encoding="utf-8")
    refused = station_command("lists", "install", "--csv", bad, "--unsigned-practice", "--json")
    assert refused.code == 2
    assert (refused.lines[0]["error"]["line"], refused.lines[0]["error"]["column"]) == (2, "listed_on")
    assert refused.lines[1]["summary"] == {"read": 7, "good": 6, "bad": 1, "noted": 0}
    assert [(line["list"], line["version"]) for line in refused.lines[2:]] == [
        ("practice-counterfeit", "3"),
        ("practice-notice", "3"),
        ("practice-own", "3"),
    ]
    assert refused.err == ""
    assert station_command("lists", "install", "--csv", good).sentence.startswith("未签名的数据只能装到练习台")
    assert station_command("lists", "install").sentence.startswith("请给出数据包文件")
    assert station_command("lists", "install", good).sentence.startswith("数据包的签名或内容核验不通过")


@pytest.mark.slow
def test_operators_are_added_listed_and_disabled(station_command: Command, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("long enough\n", encoding="utf-8")
    added = station_command("operators", "add", "0200", "--name", "样例新人", "--new-password-file", password, "--json")
    assert added.line == {"operator": "0200", "role": "clerk", "disabled": False}
    assert station_command("operators", "add", "0200", "--name", "样例新人", "--new-password-file", password).code == 2
    case = case_file(tmp_path)
    assert station_command("accept", case, "--operator", "0200", "--password-file", password, "--json").line["verdict"] == "accept"
    assert station_command("operators", "disable", "0200", "--json").line == {"operator": "0200", "disabled": True}
    states = {line["operator"]: line["disabled"] for line in station_command("operators", "list", "--json").lines}
    assert states == {"0001": False, "0142": False, "0200": True}
    late = station_command("accept", case, "--operator", "0200", "--password-file", password)
    assert late.sentence.startswith("工号 0200 已停用")
    assert station_command("operators", "disable", "0001").sentence.startswith("0001 是最后一名主管")
    assert station_command("operators", "disable", "0999").code == 2
    assert "样例新人" not in station_command("operators", "list").out


def test_a_supervisor_says_which_carriers_the_outlet_works_for(station_command: Command) -> None:
    assert station_command("station", "carriers", "--json").line == {"carriers": []}
    assert station_command("station", "carriers", "sf", "ems", "--json").line == {"carriers": ["sf", "ems"]}
    assert station_command("station", "carriers").out == "承运商：sf、ems\n"
    assert station_command("station", "carriers", "pigeon").sentence.startswith("不认识承运商代码")
    assert station_command("station", "carriers", "sf", "--operator", "0142").code == 2


def test_a_clerk_may_not_install_nor_manage(station_command: Command) -> None:
    csv = resource_path("samples/practice_list.csv")
    told = station_command("lists", "install", "--csv", csv, "--unsigned-practice", "--operator", "0142")
    assert told.sentence == "收寄员 0142 没有这项权限；请主管登录后办理。"
    assert station_command("operators", "disable", "0001", "--operator", "0142").code == 2


def test_doctor_names_what_is_missing_with_the_remedy(command: Command, station_command: Command) -> None:
    told = station_command("doctor", "--json")
    assert told.code == 0
    assert all(line.keys() >= {"check", "ok", "detail", "remedy"} for line in told.lines)
    assert next(line for line in told.lines if line["check"] == "station")["ok"]
    assert all(line["remedy"] for line in told.lines if not line["ok"])
    absent = command("--data", "/nowhere", "doctor")
    assert "– station：/nowhere 里没有收寄台数据" in absent.out


@pytest.mark.parametrize("late_at", ["2026-01-05T09:30:00+08:00", "2026-01-05 09:30", "2026-01-05T01:30:00Z"])
def test_a_late_registration_is_marked_with_the_time_it_was_taken(
    station_command: Command, folder: Path, tmp_path: Path, late_at: str
) -> None:
    told = station_command("accept", case_file(tmp_path, late_at=late_at), "--json")
    assert (told.code, told.line["verdict"]) == (0, "accept")
    with Station.open(folder, PRACTICE_PASSPHRASE, Surroundings(SystemClock())) as station:
        rows = station.database.rows("SELECT header FROM journal_entries ORDER BY rowid DESC LIMIT 1")
    facts = json.loads(rows[0][0])["facts"]
    assert (facts["late"], facts["late_ms"]) == (True, 1_767_576_600_000)


def test_a_late_registration_is_called_so_to_people_and_others_are_not(station_command: Command, tmp_path: Path) -> None:
    told = station_command("accept", case_file(tmp_path, late_at="2026-01-05 09:30"))
    assert "（补录，日志第 " in told.out.splitlines()[0]
    other = station_command("accept", case_file(tmp_path, "SF1010000000024"))
    assert ("补录" in other.out, "（日志第 " in other.out.splitlines()[0]) == (False, True), other.out


@pytest.mark.parametrize(
    ("late_at", "sentence"),
    [
        ("gestern", "补录时间“gestern”看不懂"),
        ("0001-01-01T00:00:00+23:59", "补录时间"),
        (17, "$.late_at 处应为文字或空"),
        ("2199-01-05T09:30:00+08:00", "补录的收寄时间 2199-01-05 09:30"),
    ],
)
def test_a_late_time_that_can_not_be_is_said_and_nothing_recorded(
    station_command: Command, folder: Path, tmp_path: Path, late_at: object, sentence: str
) -> None:
    told = station_command("accept", case_file(tmp_path, late_at=late_at))
    assert told.code == 2
    assert sentence in told.out
    assert facts_of(folder, WAYBILL) == []
