"""rules sampling: both bases or none, said by a supervisor."""

from __future__ import annotations

from pathlib import Path

from support.commands import Command, case_file, typed_case

OF_A_PERSON = ("original-document", "person-matches", "number-not-on-label")
"""What is not asked of agreement mail."""


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


def test_agreement_mail_is_not_accepted_without_its_client_however_much_is_sampled(station_command: Command, tmp_path: Path) -> None:
    """The clause is the outlet's: as long as nobody says whose agreement it is, nothing may go by it."""
    basis = ("--document", "样例邮管〔2026〕12号", "--clause", "第 7 条", "--share", "1")
    assert station_command("rules", "sampling", *basis).code == 0
    asked = {item: answer for item, answer in typed_case()["findings"].items() if item not in OF_A_PERSON}
    told = station_command("accept", case_file(tmp_path, mail_kind="agreement", findings=asked), "--json")
    assert (told.code, told.line["error"]["code"]) == (2, "acceptance-incomplete")
    assert "客户" in told.line["error"]["message"]
