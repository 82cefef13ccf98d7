"""demo: the main job on the sample pictures, every step real."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.commands import Command, command_of, main_py


@pytest.mark.slow
def test_the_main_job_runs_end_to_end_on_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = main_py("demo", "--out", tmp_path / "demo", "--keep", "--json", timeout_s=180)
    *steps, summary = told.lines
    assert summary["step"] == "summary"
    assert summary["ok"], summary
    assert told.code == 0
    assert all(step.keys() >= {"step", "ok", "ms"} and step["ok"] for step in steps)
    verdicts = [step["verdict"] for step in steps if "verdict" in step]
    assert verdicts == ["accept", "accept", "accept", "refuse", "refer", "refuse", "refuse"]
    kept = command_of(capsys, tmp_path / "demo" / "station")
    assert kept("verify", "--json").line["ok"]
    assert kept("views", "check").code == 0


def test_a_folder_with_something_else_in_it_is_left_alone(command: Command, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    told = command("demo", "--out", tmp_path)
    assert told.code == 3
    assert "已有内容，未作改动" in told.sentence
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
