"""disposal, leads, intercept: what a refusal asks for besides, and a parcel stopped after its acceptance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.commands import ITEMS, Command, case_file, secrets_in

WAYBILL = "SF1010000000015"
KNIFE = {"kind": "prohibited", "name": "弹簧刀(跳刀)", "category": "02"}
OFFICERS = ("--officer", "0110234567", "--officer", "0110234999")
STOP = ("--reason", "接到通知", "--where", "分拣中心", "--told", "值班 13:20")


def refused(station_command: Command, tmp_path: Path, **changes: Any) -> str:
    told = {"found": [KNIFE], "exemptions": {"photo-contents": "no-camera"}, **changes}
    said = station_command("accept", case_file(tmp_path, WAYBILL, **told), "--json").line
    assert said["verdict"] == "refuse"
    return str(said["seq"])


def accepted(station_command: Command, tmp_path: Path) -> str:
    return str(station_command("accept", case_file(tmp_path, WAYBILL), "--json").line["seq"])


def test_a_lead_goes_from_open_to_reported_to_handed_over(station_command: Command, tmp_path: Path) -> None:
    seq = refused(station_command, tmp_path)
    lead = station_command("leads", "--json").line
    assert (lead["state"], lead["of"]["seq"], lead["reported_to"]) == ("open", int(seq), [])
    asked = ("disposal", "report", seq, "--authority", "public-security", "--person", "李", "--reference", "110 受理 0417")
    assert station_command(*asked, "--json").line["lead"] == lead["number"]
    assert station_command("leads", "--state", "reported", "--json").line["reported_to"] == ["public-security"]
    handed = ("disposal", "hand-over", seq, "--authority", "public-security", "--list", "样公字12号", *OFFICERS)
    assert "已记移交" in station_command(*handed).out
    assert station_command("leads", "--json").line["state"] == "handed-over"
    assert "没有线索" in station_command("leads", "--state", "open").out
    assert "已移交" in station_command("leads").out
    assert station_command("verify", "--json").code == 0
    assert station_command("views", "check", "--json").code == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("report", "SEQ", "--authority", "nobody", "--person", "李", "--reference", "110"), "没有机关代码"),
        (("report", "SEQ", "--authority", "postal", "--person", " ", "--reference", "110"), "报告给了谁"),
        (("report", "SEQ", "--authority", "postal", "--person", "李", "--reference", "110", "--told", "99:99"), "看不懂"),
        (("report", "9999", "--authority", "postal", "--person", "李", "--reference", "110"), "没有第 9999 条"),
        (("hand-over", "SEQ", "--authority", "postal", "--list", "12", "--officer", "0110234567"), "两名"),
        (("slip", "1"), "不是收寄、拒收或复核"),
    ],
)
def test_what_says_too_little_is_told_in_a_sentence(
    station_command: Command, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    seq = refused(station_command, tmp_path)
    told = station_command("disposal", *(seq if one == "SEQ" else one for one in arguments))
    assert told.code == 2
    assert sentence in told.sentence


def test_the_slip_says_why_on_what_basis_and_where_to_object_and_names_nobody(station_command: Command, tmp_path: Path) -> None:
    seq = refused(station_command, tmp_path)
    told = station_command("disposal", "slip", seq)
    for part in ("拒收告知单", "R07 禁止寄递物品", "弹簧刀", "邮政法第24条", "待核实", "12305", "看护并报告", "只向出具清单的机关移交"):
        assert part in told.out
    assert secrets_in(told.out) == []
    data = station_command("disposal", "slip", seq, "--json").line
    assert (data["seq"], data["refusals"]) == (int(seq), ["R07"])
    assert secrets_in(json.dumps(data, ensure_ascii=False)) == []
    assert "Notice of refusal" in station_command("disposal", "slip", seq, "--lang", "en").out
    pdf, text = tmp_path / "slip.pdf", tmp_path / "slip.txt"
    station_command("disposal", "slip", seq, "--out", pdf)
    station_command("disposal", "slip", seq, "--out", text)
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert pdf.read_bytes().count(b"/Type /Page\n") + pdf.read_bytes().count(b"/Type /Page ") + pdf.read_bytes().count(b"/Type /Page/") <= 1
    assert "拒收告知单" in text.read_text(encoding="utf-8")


@pytest.mark.parametrize("item", ["nothing-unidentified", "nothing-prohibited"])
def test_what_a_case_leaves_unnamed_is_guarded_and_reported_too(station_command: Command, tmp_path: Path, item: str) -> None:
    seq = refused(station_command, tmp_path, found=[], findings=dict.fromkeys(ITEMS, "yes") | {item: "no"})
    lead = station_command("leads", "--json").line
    assert (lead["state"], lead["of"]["seq"]) == ("open", int(seq))
    told = station_command("disposal", "slip", seq).out
    assert "看护并报告" in told
    assert "当场退还" not in told


def test_infringement_is_only_suspected(station_command: Command, tmp_path: Path) -> None:
    seq = refused(station_command, tmp_path, found=[{"kind": "prohibited", "name": "仿冒运动鞋", "category": "16"}])
    told = station_command("disposal", "slip", seq).out
    assert "疑似侵权" in told
    assert "不是认定" in told
    assert "退还" in told


def test_an_acceptance_has_no_slip(station_command: Command, tmp_path: Path) -> None:
    assert "不是拒收" in station_command("disposal", "slip", accepted(station_command, tmp_path)).sentence


def test_an_intercept_tells_the_steps_and_stops_every_later_scan(station_command: Command, tmp_path: Path) -> None:
    seq = accepted(station_command, tmp_path)
    told = station_command("intercept", WAYBILL, *STOP)
    assert told.code == 0
    assert "停止分拣、运输、投递" in told.out
    assert "  1. " in told.out
    assert "线索编号 XS" in told.out
    assert "已拦截" in station_command("security-check", WAYBILL, "--outcome", "pass").out
    assert "已拦截" in station_command("withdraw", seq, "--reason", "不寄了", "--operator", "0001").out
    again = station_command("accept", case_file(tmp_path, WAYBILL), "--json").line
    assert (again["verdict"], again["seq"]) == ("refuse", None)
    assert "没有再记" in station_command("intercept", seq, *STOP).sentence
    day = station_command("report", "refusals", "--json").line
    assert (day["refusals"], day["intercepted"]) == ({}, 1)
    assert station_command("report", "daily", "--json").line["intercepted"] == 1


def test_an_outcome_needs_a_handover_first_and_a_supervisor_to_release(station_command: Command, tmp_path: Path) -> None:
    seq = accepted(station_command, tmp_path)
    made = station_command(
        "intercept", f"#{seq}", *STOP, "--category", "02", "--name", "弹簧刀(跳刀)", "--cause", "found-later", "--json"
    ).line
    assert (made["disposition"], made["report_to"]) == ("stop-guard-and-report", ["public-security", "postal"])
    outcome = ("intercept-outcome", WAYBILL, "--note", "已办", "--outcome")
    assert "先记机关" in station_command(*outcome, "handed-over").sentence
    assert "请主管" in station_command(*outcome, "released").sentence
    assert "已找回" in station_command(*outcome, "recovered").out
    assert station_command(*outcome, "released", "--operator", "0001", "--json").line["outcome"] == "released"
    assert "没有再记" in station_command(*outcome, "missed").sentence
    assert station_command("views", "check", "--json").code == 0


def test_a_parcel_nobody_knows_is_told(station_command: Command) -> None:
    assert "没有收寄过" in station_command("intercept", "SF1000000000028", *STOP).sentence


LETTER = {"number": "样市监函〔2026〕17号", "sender": "样例市场监管局（虚构）", "received": "2026-01-20"}


def test_a_refusal_that_goes_by_a_letter_keeps_it_and_its_slip_names_it(station_command: Command, tmp_path: Path) -> None:
    told = station_command("accept", case_file(tmp_path, refusal={"code": "R12", "notification": LETTER}), "--json")
    assert (told.code, told.line["verdict"]) == (0, "refuse")
    slip = station_command("disposal", "slip", str(told.line["seq"]), "--json").line
    (row,) = [row["text"] for row in slip["rows"] if row["item"] == "所据通知"]
    assert LETTER["number"] in row
    assert LETTER["received"] in row
    assert LETTER["sender"] not in row, "a rights holder may be a person"


@pytest.mark.parametrize(
    ("code", "changes", "error"),
    [
        ("R12", {"received": "2999-01-20"}, "notification-in-future"),
        ("R12", {"sender": " "}, "notification-incomplete"),
        ("R11", {"number": "号" * 61}, "notification-too-long"),
        ("R04", {}, "notification-not-taken"),
    ],
)
def test_a_letter_that_can_not_be_records_nothing(
    station_command: Command, tmp_path: Path, code: str, changes: dict[str, str], error: str
) -> None:
    told = station_command("accept", case_file(tmp_path, refusal={"code": code, "notification": LETTER | changes}), "--json")
    assert (told.code, told.line["error"]["code"]) == (2, error)
    assert told.line["error"]["message"]
