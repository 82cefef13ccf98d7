"""rules sampling: both bases or none, said by a supervisor."""

from __future__ import annotations

from support.commands import Command


def test_sampling_is_allowed_shown_and_ended(station_command: Command) -> None:
    assert "逐件验视" in station_command("rules", "sampling").out
    basis = ("--document", "样例邮管〔2026〕12号", "--clause", "第 7 条")
    assert "比例" in station_command("rules", "sampling", *basis).sentence
    told = station_command("rules", "sampling", *basis, "--share", "10", "--json")
    assert told.line["sampling"] == {"document": "样例邮管〔2026〕12号", "clause": "第 7 条", "share_percent": 10}
    said = station_command("rules", "sampling").out
    assert "样例邮管〔2026〕12号" in said
    assert "每百件抽 10 件" in said
    assert station_command("rules", "sampling", "--off", "--json").line["sampling"] is None


def test_half_a_basis_and_a_clerk_are_refused(station_command: Command) -> None:
    assert "两样依据" in station_command("rules", "sampling", "--document", "样例邮管〔2026〕12号").sentence
    assert "两样依据" in station_command("rules", "sampling", "--share", "10").sentence
    by_clerk = station_command("rules", "sampling", "--document", "x", "--clause", "y", "--share", "5", "--operator", "0142")
    assert "没有这项权限" in by_clerk.sentence
    assert station_command("rules", "sampling", "--json").line["sampling"] is None
