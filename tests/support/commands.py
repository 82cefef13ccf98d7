"""Command lines run in this process or in one of their own, and what they said."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from courier_check.cli import run
from courier_check.cli.output import BesideWindow
from support.processes import Running

ROOT = Path(__file__).resolve().parents[2]
SECRETS = ("41010519900307123X", "13800001234", "13900005678", "样例路")
"""Of the sender and addressee in `typed_case`: what text for people must not show."""


@dataclass(frozen=True)
class Told:
    """Exit code, stdout and stderr of one command."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Every line of stdout as the JSON object it must be."""
        objects = [json.loads(line) for line in self.out.splitlines()]
        assert all(isinstance(each, dict) for each in objects)
        return objects

    @property
    def line(self) -> dict[str, Any]:
        (only,) = self.lines
        return only

    @property
    def sentence(self) -> str:
        """The one line on stderr of a command that failed; stdout stays empty."""
        assert self.out == ""
        (only,) = self.err.splitlines()
        assert "Traceback" not in only
        assert "{" not in only, "a fact is missing in the sentence"
        return only


Command = Callable[..., Told]


def command_of(capsys: pytest.CaptureFixture[str], data: Path | None = None, beside: BesideWindow | None = None) -> Command:
    """Runs a command line in this process, on a data folder if one is given, with what a program that has the window has besides."""
    before = ["--data", str(data)] if data is not None else []

    def command(*arguments: str | Path) -> Told:
        capsys.readouterr()
        code = run([*before, *map(str, arguments)], beside)
        said = capsys.readouterr()
        return Told(code, said.out, said.err)

    return command


def main_py(*arguments: str | Path, timeout_s: float = 60) -> Told:
    """`python main.py …` as a process of its own, with nothing to type."""
    done = subprocess.run(
        [sys.executable, "main.py", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        timeout=timeout_s,
        check=False,
    )
    return Told(done.returncode, done.stdout, done.stderr)


def start_main_py(*arguments: str | Path) -> Running:
    """The same, not waited for; in a block, killed at its end."""
    return Running(
        [sys.executable, "main.py", *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def typed_case(number: str = "SF1010000000015", /, **changes: Any) -> dict[str, Any]:
    """A parcel whose document is typed; everybody in it is made up."""
    case: dict[str, Any] = {
        "sender": {
            "document": {
                "type": "resident-id",
                "name": "王思远",
                "number": "41010519900307123X",
                "born_on": "1990-03-07",
                "sex": "male",
                "valid_from": "2020-01-01",
                "valid_until": "2040-01-01",
            },
            "phone": "13800001234",
            "address": "样例市样例路 1 号",
        },
        "waybill": {"text": number, "carrier": "sf", "sender_name": "王思远"},
        "addressee": {"name": "李样例", "phone": "13900005678", "address": "样例市样例路 2 号"},
        "contents": [{"name": "图书", "category": "documents", "quantity": 2, "weight_g": 600}],
        "findings": dict.fromkeys(ITEMS, "yes"),
    }
    return case | changes


ITEMS = (
    "original-document",
    "person-matches",
    "number-not-on-label",
    "opened-in-presence",
    "contents-match",
    "layers-checked",
    "nothing-unidentified",
    "nothing-prohibited",
    "nothing-infringing",
    "sealed-in-sight",
)


def case_file(folder: Path, number: str = "SF1010000000015", /, **changes: Any) -> Path:
    path = folder / f"{number}.json"
    path.write_text(json.dumps(typed_case(number, **changes), ensure_ascii=False), encoding="utf-8")
    return path


def secrets_in(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]
