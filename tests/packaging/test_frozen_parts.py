"""What the frozen program is put together by, without freezing it: `make frozen` builds it and runs `tools.check_frozen`."""

from __future__ import annotations

import ctypes.util
import json
import runpy
import sys
from pathlib import Path

import pytest

from support.commands import ROOT
from tools.check_frozen import Check, Frozen, Said, checks, main, passes

FINDER = ROOT / "tools" / "pyinstaller" / "find_bundled_zbar.py"


def of_the_system(name: str) -> str | None:
    return f"system {name}"


def test_a_bundled_library_is_found_before_the_systems(tmp_path: Path) -> None:
    first_beside = runpy.run_path(str(FINDER))["first_beside_the_program"]
    (tmp_path / "libzbar.so.0").touch()
    find = first_beside(of_the_system, tmp_path)
    assert find("zbar") == str(tmp_path / "libzbar.so.0")
    assert find("zba") == "system zba"
    assert find("c") == "system c"


def test_outside_a_bundle_the_system_is_asked_as_ever() -> None:
    before = ctypes.util.find_library
    runpy.run_path(str(FINDER))
    assert ctypes.util.find_library is before


def test_the_recipe_is_python_and_names_only_what_exists() -> None:
    recipe = (ROOT / "pyinstaller.spec").read_text(encoding="utf-8")
    compile(recipe, "pyinstaller.spec", "exec")
    for needed in ("main.py", "resources", "tools/pyinstaller/find_bundled_zbar.py", "courier_check/gateway/templates"):
        assert (ROOT / needed).exists(), needed
        assert Path(needed).name in recipe, needed


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A stand-in for the frozen program: tells its arguments and its environment."""
    path = tmp_path / "courier-check"
    told = "import json, os, sys; print(json.dumps({'arguments': sys.argv[1:], 'environment': [*os.environ]})); sys.exit(len(sys.argv) - 2)"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -c "{told}" "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return path


posix = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")


@posix
def test_the_program_is_run_with_an_empty_environment(program: Path) -> None:
    told = json.loads(Frozen(program).run("--version").out)
    assert told["arguments"] == ["--version"]
    assert not {"PATH", "HOME", "LD_LIBRARY_PATH", "PYTHONPATH"} & set(told["environment"])
    assert "QT_QPA_PLATFORM" in told["environment"]


@posix
@pytest.mark.parametrize(
    ("arguments", "answer", "holds"),
    [
        (["one"], "one", True),
        (["one"], "two", False),
        (["one", "two"], "one", False),  # the right answer and exit code 1
        (["one"], "no such member", False),
    ],
)
def test_a_check_holds_by_exit_code_and_answer(
    program: Path, arguments: list[str], answer: str, holds: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    def right(said: Said) -> bool:
        told = said.lines[0]
        return answer in (told["arguments"] if answer != "no such member" else told["nothing"])

    assert passes(Frozen(program), Check("a check", arguments, right)) is holds
    assert capsys.readouterr().out.startswith(f"{'✔' if holds else '✖'} a check")


@posix
def test_a_program_that_is_none_fails(tmp_path: Path, program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not passes(Frozen(tmp_path / "absent"), Check("a check", ["x"], lambda _: True))
    assert main([str(program)]) == 1
    assert "failed: version" in capsys.readouterr().out


def test_every_check_is_of_a_command_that_exists(tmp_path: Path) -> None:
    from courier_check.cli import COMMANDS

    asked = {argument for check in checks(Frozen(tmp_path / "program"), tmp_path) for argument in check.arguments if argument in COMMANDS}
    assert asked == {"check-number", "read-id", "scan", "doctor", "practice", "verify", "demo"}
