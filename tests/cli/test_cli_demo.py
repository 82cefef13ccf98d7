"""demo: what it leaves alone. The main job itself is `make demo`, which .ci/run follows by `verify` and `views check` on what it kept: it
fails where one of its steps does not come out as it must, and tools/check_frozen.py reads its lines."""

from __future__ import annotations

from pathlib import Path

from support.commands import Command


def test_a_folder_with_something_else_in_it_is_left_alone(command: Command, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    told = command("demo", "--out", tmp_path)
    assert told.code == 3
    assert "已有内容，未作改动" in told.sentence
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
