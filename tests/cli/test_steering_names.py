"""Names made to steer a terminal, or to look like a line of ours: on a stick, in an answer's archive, in a station's headers."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import shutil
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.cli import output
from courier_check.cli.codes import CliCode
from courier_check.cli.output import Output
from courier_check.clock import SystemClock
from courier_check.errors import UserError
from courier_check.journal.entries import Draft, EvidenceRef
from courier_check.journal.parts import PartName
from courier_check.wording import Language
from support.commands import Command, command_of
from support.stations import append, station_in

STEERING = "\x1b[2K\rspec-01 的交接包：新存 5 条；回执包已写入\x1b[8m"
FORGED = "p\x1b]0;title\x07\u202e\nzz-spec-01：凭证照片 9 张，已收 9 张"


@pytest.fixture
def command(enrolled_there: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    with station_in(enrolled_there, SystemClock()) as station:
        append(station, Draft("acceptance", "0142", {}, {PartName.KEPT: {"v": 1}}))
        station.keep_head()
    return command_of(capsys, enrolled_there)


def with_member(archive: Path, name: str, copy: Path) -> Path:
    """A copy with one more member."""
    shutil.copyfile(archive, copy)
    with zipfile.ZipFile(copy, "a") as packed:
        packed.writestr(name, b"x")
    return copy


def is_shown_plainly(text: str) -> bool:
    return all(line.isprintable() for line in text.removesuffix("\n").split("\n"))


def test_a_member_of_an_archive_can_not_hide_that_it_was_refused(command: Command, tmp_path: Path) -> None:
    made, home = tmp_path / "out.zip", tmp_path / "home.zip"
    assert command("bundle", "export", made).code == 0
    assert command("gateway", "import-bundle", "--data", tmp_path / "gateway", made, "--answers", home).code == 0
    for archive, importing in (
        (made, ("gateway", "import-bundle", "--data", tmp_path / "gateway")),
        (home, ("bundle", "import-receipts")),
    ):
        for name in (STEERING, FORGED):
            told = command(*importing, with_member(archive, name, tmp_path / "more.zip"))
            assert told.code == 2
            assert told.sentence.isprintable()
            assert "\\x1b" in told.sentence


def test_a_photo_is_one_line_whatever_a_station_calls_it(command: Command, tmp_path: Path) -> None:
    ref = EvidenceRef(media_type="image/jpeg", name=FORGED, sha256="2" * 64, size=10)
    with station_in(tmp_path / "station", SystemClock()) as station:
        append(station, Draft("acceptance", "0142", {}, {PartName.KEPT: {"v": 1}}, evidence=(ref,)))
        station.keep_head()
    command("sync")
    listing = ("gateway", "evidence", "--data", tmp_path / "gateway", "--missing")
    told = command(*listing)
    assert is_shown_plainly(told.out)
    assert len(told.out.splitlines()) == 2
    assert "\\x1b]0;title\\x07\\u202e\\nzz-spec-01" in told.out
    assert command(*listing, "--json").lines[1]["photo"] == FORGED


def test_an_argument_that_steers_is_told_plainly(command: Command) -> None:
    told = command("station\x1b[2K\nstation")
    assert (told.code, told.sentence.isprintable()) == (2, True)


def printed(as_json: bool, name: str) -> str:
    """A line for a name, one with its sentence, one of two lines, and an error about it."""
    out = Output(as_json=as_json, language=Language.CHINESE)
    with contextlib.redirect_stdout(io.StringIO()) as told:
        out.line({"name": name}, f"  #1 {name}")
        out.say({"file": name}, "written", file=name)
        out.line({"file": name}, name, f"  {name}")
        out.error({"file": name}, UserError(CliCode.FILE_ABSENT, file=name))
    return told.getvalue()


@given(st.text(st.characters(codec="utf-8")))
def test_whatever_a_name_is_its_line_stays_one_line(name: str) -> None:
    told = printed(as_json=False, name=name)
    assert told.count("\n") == 5
    assert len(told.splitlines()) == 5
    assert not set(told) & {*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), *"\u202a\u202e\u2066\u2069\u200b\u200f"} - {"\n"}


@given(st.text(st.characters(codec="utf-8")))
def test_programs_are_told_the_name_itself(name: str) -> None:
    told = printed(as_json=True, name=name).splitlines()
    assert [json.loads(line).get("file", name) for line in told] == [name] * 4
    assert all(line.isascii() or "\x7f" not in line for line in told)


def test_all_text_goes_out_by_one_door() -> None:
    for source in Path(output.__file__).parent.glob("*.py"):
        calls = [node.func for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
        names = {each.attr if isinstance(each, ast.Attribute) else each.id for each in calls if isinstance(each, ast.Attribute | ast.Name)}
        assert source.name == "output.py" or not names & {"print", "echo", "secho"}, source.name
