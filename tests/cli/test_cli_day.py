"""dispute, day-close: both as a clerk's command, one sentence where it can't be done."""

from __future__ import annotations

from pathlib import Path

import pytest

from courier_check.store.evidence_sweep import LEAST_AGE_MS
from support.clocks import StillClock
from support.commands import Command, case_file, command_of
from support.orphans import orphan
from support.ready import ready_station

OTHER = ("--operator", "0143", "--password-file")


def accepted(station_command: Command, tmp_path: Path) -> int:
    return int(station_command("accept", case_file(tmp_path), "--json").line["seq"])


def entries(station_command: Command) -> int:
    return int(station_command("station", "status", "--json").line["entries"])


def test_a_dispute_says_its_own_entry_and_leaves_the_disputed_one(station_command: Command, tmp_path: Path) -> None:
    seq = accepted(station_command, tmp_path)
    told = station_command("dispute", seq, "--reason", "不是我办的", "--json")
    assert told.code == 0
    assert told.line == {"disputes": seq, "seq": entries(station_command), "hash": told.line["hash"]}
    assert f"已对第 {seq} 条提出异议" in station_command("dispute", seq, "--reason", "再说一次").out
    assert station_command("dispute", seq, "--reason", "as supervisor", "--operator", "0001", "--lang", "en").out.startswith("Entry")
    assert station_command("views", "check").code == 0
    assert station_command("verify").code == 0


IMPOSSIBLE = [
    (("99", "--reason", "x"), "日志里没有第 99 条"),
    (("1", "--reason", "x"), "日志第 1 条不是收寄、拒收或复核"),
    (("8", "--reason", " "), "请写明原因"),
    (("8", "--reason", "x", "--journal", "nonsense"), "日志里没有第 8 条"),
    (("8",), "缺少 --reason"),
    (("0", "--reason", "x"), "SEQ 的内容不合要求"),
    (("8", *OTHER, "PASSWORD", "--reason", "x"), "第 8 条由 0142 办理；只能对本人办理的件提出异议"),
]


def test_a_dispute_that_can_not_be_made_writes_nothing(station_command: Command, tmp_path: Path) -> None:
    assert accepted(station_command, tmp_path) == 8
    (tmp_path / "password").write_text("another-one\n", encoding="utf-8")
    added = station_command(
        *("operators", "add", "0143", "--role", "clerk", "--name", "样例乙", "--new-password-file", tmp_path / "password"),
        *("--operator", "0001"),
    )
    assert added.code == 0
    before = entries(station_command)
    for arguments, sentence in IMPOSSIBLE:
        told = station_command("dispute", *(tmp_path / "password" if each == "PASSWORD" else each for each in arguments))
        assert told.code == 2, arguments
        assert told.sentence.startswith(sentence), arguments
        after = entries(station_command)
        assert after <= before + 1, arguments  # a sign-in at most
        before = after


def test_a_day_is_closed_as_json(station_command: Command, tmp_path: Path) -> None:
    seq = accepted(station_command, tmp_path)
    station_command("dispute", seq, "--reason", "不是我办的")
    told = station_command("day-close", "--json")
    assert (told.code, len(told.lines)) == (0, 1)
    line = told.line
    assert line.keys() == {"day_on", "journals", "pending", "journal_id", "seq", "hash"}
    (closed,) = line["journals"]
    assert (closed["first_seq"], closed["last_seq"]) == (1, line["seq"] - 1)
    assert (closed["accepted"], closed["refused"], closed["disputed"]) == (1, 0, 1)
    assert (closed["journal_id"], line["pending"]) == (line["journal_id"], line["seq"] - 1)
    again = station_command("day-close", "--json").line  # the command's own sign-in came after it
    assert again["journals"][0]["first_seq"] == line["seq"]
    assert again["journals"][0]["accepted"] == 0
    assert station_command("views", "check").code == 0
    assert station_command("verify").code == 0


def test_the_slip_is_text_for_people_and_a_file_on_request(station_command: Command, tmp_path: Path) -> None:
    accepted(station_command, tmp_path)
    target = tmp_path / "slip.txt"
    told = station_command("day-close", "--slip", target)
    assert told.code == 0
    assert told.out.startswith("日结单")
    assert "日志头（末条的哈希）" in told.out
    assert "已写入" in told.out
    assert target.read_text("utf-8").strip() in told.out
    assert "张三" not in told.out
    assert station_command("day-close", "--lang", "en").out.startswith("Day close")


def test_the_last_slip_is_given_again_without_another_entry(station_command: Command, tmp_path: Path) -> None:
    assert station_command("day-close", "--last").sentence.startswith("这个收寄台还没有日结过")
    accepted(station_command, tmp_path)
    closed = station_command("day-close", "--json").line
    before = entries(station_command)
    assert station_command("day-close", "--last", "--json").line == closed
    assert entries(station_command) == before


def test_a_slip_that_can_not_be_written_is_still_shown(station_command: Command, tmp_path: Path) -> None:
    accepted(station_command, tmp_path)
    told = station_command("day-close", "--slip", tmp_path / "absent" / "slip.txt")
    assert told.code == 2
    assert "日结单" in told.out
    assert told.err.count("\n") == 1
    assert "slip.txt" in told.err


def test_a_command_makes_no_pdf_and_closes_nothing_then(station_command: Command, tmp_path: Path) -> None:
    accepted(station_command, tmp_path)
    before = entries(station_command)
    told = station_command("day-close", "--slip", tmp_path / "slip.PDF")
    assert (told.code, told.out) == (2, "")
    assert told.sentence.startswith("命令只写文本的日结单，没有日结")
    assert entries(station_command) == before


def test_closing_a_day_sweeps_the_photos_that_no_entry_names(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    hour_ms, now_ms = 3_600_000, StillClock.ahead().wall_ms
    ready_station(tmp_path / "station", clock=StillClock.ahead(-hour_ms))
    old, young = (orphan(tmp_path / "station" / "evidence", written_ms) for written_ms in (now_ms - 2 * LEAST_AGE_MS, now_ms))
    command = command_of(capsys, tmp_path / "station")
    assert command("day-close").code == 0
    assert [old.exists(), young.exists()] == [False, True]
    assert command("verify").code == 0
