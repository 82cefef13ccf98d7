"""sync returned: which entries the gateway objects to, why, and that an answer takes them off the list."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support.commands import Command, command_of
from support.filled import PENDING, Filled, filled_station


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    return filled_station(tmp_path_factory.mktemp("filled") / "station")


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], made: Filled, tmp_path: Path) -> Command:
    return command_of(capsys, Path(shutil.copytree(made.path, tmp_path / "station")))


def test_returned_items_are_listed_until_they_are_answered(command: Command, made: Filled) -> None:
    seq = made.seqs[PENDING]
    listed = command("sync", "returned", "--json")
    assert (listed.code, listed.err) == (0, "")
    line = listed.line
    assert (line["number"], line["seq"], line["journal"], line["kind"]) == (1, seq, made.journal_id, "acceptance")
    assert (line["code"], line["answered"], line["at"][:2]) == ("waybill-elsewhere", False, "20")
    told = command("sync", "returned")
    assert told.out.startswith(f"1 号　第 {seq} 条 收寄　")
    assert "待答复　退回：同一运单在别处也有收寄" in told.out
    assert command("correct", str(seq), "--reason", "核对过", "--returned", "1").code == 0
    assert command("sync", "returned", "--json").out == ""
    assert command("sync", "returned").out == "没有待答复的退回。\n"
    assert "已答复" in command("sync", "returned", "--all").out
    assert command("sync", "status", "--json").line["returned"] == 0


def test_an_answer_at_another_entry_is_refused_and_told_where_it_belongs(command: Command, made: Filled) -> None:
    others = [seq for name, seq in made.seqs.items() if name != PENDING]
    told = command("correct", str(others[0]), "--reason", "核对过", "--returned", "1")
    assert (told.code, told.sentence.startswith(f"第 1 号退回说的是第 {made.seqs[PENDING]} 条")) == (2, True)
    assert command("sync", "status", "--json").line["returned"] == 1
