"""security-check: parcels screened one by one and as a stream of scans."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from support.commands import Command, case_file

WAYBILL, ELSEWHERE = "SF1010000000015", "SF1010000000029"


def accepted(station_command: Command, tmp_path: Path) -> int:
    return int(station_command("accept", case_file(tmp_path, WAYBILL), "--json").line["seq"])


def test_a_check_is_told_with_what_it_is_bound_to(station_command: Command, tmp_path: Path) -> None:
    seq = accepted(station_command, tmp_path)
    told = station_command("security-check", WAYBILL, ELSEWHERE, "--outcome", "pass", "--accepted-by", "ZZ-HUB-01", "--json")
    assert told.code == 0
    here, there = told.lines
    assert (here["waybill"], here["outcome"], here["parcel"], here["checks"]["seq"]) == (WAYBILL, "pass", "accepted", seq)
    assert (there["parcel"], there["checks"], there["number"], there["repeated"]) == ("elsewhere", None, 1, False)
    again = station_command("security-check", WAYBILL, "--outcome", "pass", "--accepted-by", "ZZ-HUB-01")
    assert "只算一次" in again.out
    assert "按运单号记" in station_command("security-check", ELSEWHERE, "--outcome", "recheck", "--method", "hand-search").out
    report = station_command("report", "rates", "--json").line
    assert report["security_checked"] == {"numerator": 1, "denominator": 1, "text": "100.00%"}


def test_a_failed_parcel_says_what_to_do_and_passes_no_more(station_command: Command, tmp_path: Path) -> None:
    accepted(station_command, tmp_path)
    told = station_command("security-check", WAYBILL, "--outcome", "fail", "--image", "XR-0001", "--note", "疑似打火机")
    assert "停止分拣、运输、投递" in told.out
    refused = station_command("security-check", WAYBILL, "--outcome", "pass", "--json")
    assert (refused.code, refused.line["error"]["code"]) == (2, "security-failed-before")
    assert station_command("security-check", WAYBILL, "--outcome", "recheck", "--json").line["error"]["code"] == "no-right"
    assert station_command("security-check", WAYBILL, "--outcome", "recheck", "--operator", "0001").code == 0
    assert station_command("security-check", WAYBILL, "--outcome", "pass", "--method", "hand-search").code == 0


def test_a_stream_has_a_result_a_line_and_goes_on_after_what_is_no_waybill(
    station_command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted(station_command, tmp_path)
    scans = f"{WAYBILL}\n\n{WAYBILL}\r\n不是单号\n{'9' * 3000}\n{ELSEWHERE}\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO(scans))
    told = station_command("security-check", "--stdin", "--outcome", "pass", "--json")
    assert told.code == 2
    assert [line.get("repeated", line.get("error", {}).get("code")) for line in told.lines if "error" not in line] == [False, True, False]
    assert {line["error"]["code"] for line in told.lines if "error" in line} == {"security-no-waybill"}
    assert told.lines[-1]["waybill"] == ELSEWHERE


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--outcome", "pass"), "没有要安检的件"),
        (("a", "b", "--outcome", "pass", "--image", "x"), "只能用于一件"),
        (("a", "--outcome", "maybe"), "--outcome"),
    ],
)
def test_wrong_usage_is_one_sentence(station_command: Command, arguments: tuple[str, ...], sentence: str) -> None:
    told = station_command("security-check", *arguments)
    assert told.code == 2
    assert sentence in told.sentence


def test_an_unknown_method_names_those_there_are(station_command: Command) -> None:
    told = station_command("security-check", WAYBILL, "--outcome", "pass", "--method", "gaze", "--json")
    assert told.code == 2
    assert "x-ray" in told.line["error"]["message"]


def test_a_reprint_after_the_pass_shows_it(station_command: Command, folder: Path, tmp_path: Path) -> None:
    from courier_check.label_printing import label_of
    from support.windows import opened_again

    seq = accepted(station_command, tmp_path)
    station_command("security-check", WAYBILL, "--outcome", "pass")
    with opened_again(folder) as station:
        asked = station.desk().labels.missing(since_close=False)
        facts = station.desk().labels.facts(asked[0].journal_id, seq)
    assert [mark.text for mark in label_of(facts).marks][2] == "已安检"
