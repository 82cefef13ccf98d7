"""Command lines that the guides give are understood by the program as they stand there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from main import window_options
from support.commands import Command

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs/operating.md").read_text(encoding="utf-8")


def unit_of_systemd() -> list[str]:
    (line,) = re.findall(r"^ExecStart=(.+)$", GUIDE, re.MULTILINE)
    python, program, *arguments = shlex.split(line)
    assert (Path(python).name, Path(program).name) == ("python", "main.py")
    return arguments


def task_of_windows() -> list[str]:
    (line,) = re.findall(r'^schtasks /Create .* /TR "([^"]+)"$', GUIDE, re.MULTILINE)
    assert len(line) <= 261, "what schtasks takes"
    program, *arguments = line.split()  # no path in it has a space
    assert program.endswith("courier-check.exe")
    return arguments


def in_blocks(text: str) -> list[list[str]]:
    """Lines of code blocks that run the program, without what is said of them behind a #."""
    lines = [line for block in re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL) for line in block.splitlines()]
    commands = [re.match(r"(?:\S*python \S*main\.py|\S*courier-check(?:\.exe)?) (.+)", line) for line in lines]
    split = [shlex.split(each[1].partition(" #")[0].replace("\\", "/")) for each in commands if each]
    return [each for each in split if window_options(each) is None]  # the others open a window


@pytest.mark.parametrize("arguments", [unit_of_systemd(), task_of_windows()], ids=["systemd", "Windows"])
def test_the_service_of_the_guide_is_a_synchroniser_that_goes_on(command: Command, arguments: list[str]) -> None:
    assert arguments[:1] == ["--data"]
    assert arguments[2:5] == ["sync", "--watch", "--passphrase-file"]
    understood(command, arguments)


@pytest.mark.parametrize("arguments", in_blocks(GUIDE) + in_blocks((ROOT / "README.md").read_text(encoding="utf-8")), ids=" ".join)
def test_every_command_line_of_the_guides_is_known(command: Command, arguments: list[str]) -> None:
    understood(command, arguments)


def test_a_command_line_that_is_not_known_would_be_noticed(command: Command) -> None:
    for arguments in (["sync", "--watches"], ["synchronise"], ["sync", "--watch", "--passphrase", "p"], ["sync", "now"]):
        assert command(*arguments, "--help").code == 2


def understood(command: Command, arguments: list[str]) -> None:
    """All its names and options, without any of it being done."""
    told = command(*arguments, "--help")
    assert (told.code, told.err) == (0, ""), told.err
    assert "Usage" in told.out or "用法" in told.out
