"""The file as it travels: run as a process of its own on what real stations and gateways write."""

from __future__ import annotations

import ast
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courier_check.gateway.admin import fingerprint
from courier_check.gateway.bundles import opened_bundle, write_answers, write_export
from courier_check.gateway.certify import certify
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store.resources import read_resource
from courier_check.sync.bundles import Bundles, Span
from courier_check.wire.archives import VERIFIER, What
from support.clocks import SetClock
from support.edited_archives import contents, zipped
from support.gateways import Practice
from support.made_archives import Unpacked, World, bundle, export
from support.stations import CHEAP, acceptance, append


@pytest.fixture
def station(tmp_path: Path, clock: SetClock, practice: Practice) -> Iterator[Station]:
    """A real station with two journals of six and three entries."""
    with Station.init(tmp_path / "station", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as opened:
        opened.enrol_by_file(certify(practice.gateway, opened.enrolment_request(practice.code())), practice.url)
        for number in range(5):
            append(opened, acceptance(f"SF100000000000{number}"))
        with opened.database.write() as tx:
            opened._succeed(tx, "restore")
        for number in range(2):
            append(opened, acceptance(f"SF200000000000{number}"))
        yield opened


def bundles(station: Station) -> Bundles:
    return Bundles(station.database, station.enrolled(), station.clock, "tests", {VERIFIER: read_resource(VERIFIER)})


def written(path: Path, station: Station, what: What, *, revealed: bool = False) -> Path:
    made = bundles(station)
    with path.open("xb") as target:
        if what is What.BUNDLE:
            made.bundle(target, made.pending())
        else:
            made.export(target, made.everything(), revealed=revealed)
    return path


def test_what_real_stations_and_gateways_write_passes(verify: Any, station: Station, practice: Practice, tmp_path: Path) -> None:
    root = station.enrolled().enrolment.fingerprint.hex()
    bundle_path = written(tmp_path / "bundle.zip", station, What.BUNDLE)
    with bundle_path.open("rb") as file, opened_bundle(practice.gateway, file) as held:
        receipts = [each.receipt for each in held.take() if each.receipt]
    with (tmp_path / "answers.zip").open("xb") as target:
        write_answers(practice.gateway, held.station_id, receipts, target)
    with (tmp_path / "answers.zip").open("rb") as file:
        bundles(station).take_answers(file)
    append(station, acceptance("SF3000000000001"))
    assert station.synchronise().acknowledged == 1
    written(tmp_path / "export.zip", station, What.EXPORT, revealed=True)
    with (tmp_path / "gateway.zip").open("xb") as target:
        write_export(practice.gateway, None, target, {})
    counts = {}
    for name in ("bundle", "answers", "export", "gateway"):
        result = verify(tmp_path / f"{name}.zip", root=root)
        assert result["ok"], result
        assert result["unanchored"] == []
        counts[name] = tuple(result["counts"][each] for each in ("entries", "receipts", "openings"))
    assert counts["bundle"] == (9, 0, 0)
    assert counts["answers"] == (0, 2, 0)
    assert counts["export"][:2] == counts["gateway"][:2] == (10, 3)
    assert counts["export"][2] > 8


def test_a_part_of_a_journal_is_exported_with_what_proves_it(verify: Any, station: Station, tmp_path: Path) -> None:
    append(station, acceptance("SF3000000000001"))
    station.synchronise()
    append(station, acceptance("SF3000000000002"))
    station.synchronise()
    made = bundles(station)
    current = made.everything()[-1]
    with (tmp_path / "part.zip").open("xb") as target:
        made.export(target, [Span(current.journal_id, 2, 2)], revealed=False)
    result = verify(tmp_path / "part.zip", record=(current.journal_id, 2))
    assert result["ok"], result
    assert [each["holds"] for each in result["records"][0]["receipts"]] == [True]


# --- the command


def run(script: Path, *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Isolated from this project: no module of it can be found."""
    return subprocess.run([sys.executable, "-I", str(script), *map(str, arguments)], capture_output=True, cwd=script.anchor, check=False)


@pytest.mark.slow
def test_the_shipped_file_runs_by_itself(station: Station, tmp_path: Path) -> None:
    station.synchronise()
    path = written(tmp_path / "export.zip", station, What.EXPORT)
    script = tmp_path / "elsewhere" / "verify.py"
    script.parent.mkdir()
    script.write_bytes(contents(path)[VERIFIER])
    root = station.enrolled().enrolment.fingerprint.hex()
    done = run(script, "--json", "--root", root, path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["counts"]["entries"] == 9
    wrong = run(script, "--root", "0" * 32, path)
    assert (wrong.returncode, wrong.stderr) == (1, b"")
    assert "不通过" in wrong.stdout.decode()
    missing = run(script, tmp_path / "nothing.zip")
    assert (missing.returncode, missing.stdout) == (2, b"")
    assert b"Traceback" not in missing.stderr


@pytest.mark.slow
def test_a_console_of_another_code_page_gets_utf_8(script: Path, tmp_path: Path) -> None:
    path = export(World()).pack(tmp_path / "export.zip")
    command = [sys.executable, str(script), str(path)]
    for encoding in ("gbk", "ascii", "cp437"):
        done = subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONIOENCODING": encoding}, check=False)
        assert done.returncode == 0
        assert done.stdout.decode("utf-8").startswith("通过")


def commanded(verifier: Any, *words: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = verifier.main(list(words))
    return status, out.getvalue(), err.getvalue()


def test_it_says_what_holds_in_either_language(verifier: Any, made: Unpacked, tmp_path: Path) -> None:
    path = str(made.pack(tmp_path / "honest.zip"))
    root = made.world.gateway.fingerprint.hex()
    status, chinese, _ = commanded(verifier, path)
    assert (status, chinese.splitlines()[0]) == (0, f"通过  {path}")
    assert root in chinese
    status, english, _ = commanded(verifier, "--lang", "en", "--root", root.upper(), path)
    assert (status, english.splitlines()[0]) == (0, f"HOLDS  {path}")
    assert english.isascii()


def test_it_says_which_step_where_and_why(verifier: Any, tmp_path: Path) -> None:
    archive = bundle(World())
    name = min(name for name in archive.files if name.startswith("batches"))
    changed = archive.files[name].replace(b'"signature":"', b'"signature":"A', 1)
    path = str(archive.having(name, changed).pack(tmp_path / "changed.zip"))
    status, text, _ = commanded(verifier, path)
    assert status == 1
    assert text.splitlines()[0].startswith("不通过")
    assert [line for line in text.splitlines() if "步骤：条目（entries）" in line]
    assert [line for line in text.splitlines() if "序号 1" in line and name in line]
    assert commanded(verifier, "--lang=en", path)[1].startswith("DOES NOT HOLD")
    told = json.loads(commanded(verifier, "--json", path)[1])
    assert (told["ok"], told["step"], told["place"]["seq"]) == (False, "entries", 1)
    assert told["reason"]


def test_several_files_are_told_one_a_line_and_the_worst_counts(verifier: Any, tmp_path: Path) -> None:
    good = str(bundle(World()).pack(tmp_path / "good.zip"))
    short = tmp_path / "short.zip"
    short.write_bytes(Path(good).read_bytes()[:-1])
    status, lines, _ = commanded(verifier, "--json", good, str(short))
    assert (status, [json.loads(line)["ok"] for line in lines.splitlines()]) == (1, [True, False])
    status, lines, _ = commanded(verifier, "--json", str(tmp_path / "nothing"), good, str(short))
    assert (status, [json.loads(line)["step"] for line in lines.splitlines()]) == (2, [None, None, "file"])


@pytest.mark.parametrize(
    "words", [[], ["--root", "12", "x"], ["--root", "CC1-AAAAA", "x"], ["--record", "a", "x"], ["--what", "x"], ["--lang", "fr", "x"]]
)
def test_wrong_usage_is_one_sentence(verifier: Any, words: list[str]) -> None:
    status, out, err = commanded(verifier, *words)
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert "--help" in err or "指纹" in err or "--record" in err


def test_an_enrolment_code_names_the_root(verifier: Any, practice: Practice) -> None:
    code, root = practice.code(), fingerprint(practice.gateway).hex()
    assert verifier.fingerprint_of(code) == verifier.fingerprint_of(code.lower().replace("-", " ")) == root
    with pytest.raises(verifier.Unusable):
        verifier.fingerprint_of(code[:-1] + ("0" if code[-1] != "0" else "2"))


def test_the_record_is_shown_for_people(verifier: Any, tmp_path: Path) -> None:
    path = str(export(World()).pack(tmp_path / "export.zip"))
    status, text, _ = commanded(verifier, "--record", "7", path)
    assert status == 0
    assert "默克尔路径: 相符" in text
    status, text, _ = commanded(verifier, "--record", "3", path)
    assert (status, "无法重算" in text) == (0, True)
    assert commanded(verifier, "--record", "99", path)[0] == 1


# --- the file itself


def test_it_needs_nothing_but_the_standard_library_and_cryptography(script: Path) -> None:
    tree = ast.parse(script.read_text(encoding="utf-8"), feature_version=(3, 9))
    roots = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            roots |= {each.name.split(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            roots.add((node.module or "").split(".")[0])
    assert roots - sys.stdlib_module_names == {"cryptography"}


def test_every_reason_has_its_sentence_in_both_languages(script: Path, verifier: Any) -> None:
    """Codes as they are written in the file: in `Refused`, `require`, `Failure` and `Unusable`."""
    used = set()
    for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            spot = {"Refused": 0, "Unusable": 0, "require": 1, "Failure": 2}.get(node.func.id)
            if spot is not None and len(node.args) > spot and isinstance(node.args[spot], ast.Constant):
                used.add(node.args[spot].value)
    assert used <= set(verifier.SENTENCES)
    assert len(used) > 40
    assert all(len(both) == 2 and all(both) for both in verifier.SENTENCES.values())


def test_a_name_made_to_steer_a_terminal_is_shown_harmless(verifier: Any, tmp_path: Path) -> None:
    path = bundle(World()).pack(tmp_path / "whole.zip")
    zipped(path, {**contents(path), "\x1b[2J\u202egood": b""})
    status, text, _ = commanded(verifier, str(path))
    assert (status, "\x1b" in text, "\u202e" in text) == (1, False, False)
    assert "[2J" in text


def test_a_name_can_not_add_an_answer_about_another_file(verifier: Any, tmp_path: Path) -> None:
    path = bundle(World()).pack(tmp_path / "whole.zip")
    zipped(path, {**contents(path), "x\nHOLDS  /stick/other.zip\u2028HOLDS  third.zip": b""})
    status, text, _ = commanded(verifier, "--lang", "en", str(path))
    assert (status, [line.startswith(("HOLDS", "DOES")) for line in text.splitlines()].count(True)) == (1, 1)
    assert "HOLDS  /stick/other.zip" in text
    named = tmp_path / "a\nHOLDS  b.zip"
    status, _, told = commanded(verifier, "--lang", "en", str(named))
    assert (status, len(told.splitlines())) == (2, 1)
    status, _, told = commanded(verifier, "--lang", "en", "--odd\nHOLDS  b.zip")
    assert (status, len(told.splitlines())) == (2, 1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(name=st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=20))
def test_whatever_a_file_is_called_its_answer_has_as_many_lines(verifier: Any, tmp_path: Path, name: str) -> None:
    """Of a file that is there not, and of one that holds an odd name."""
    status, text, told = commanded(verifier, "--", str(tmp_path / f"_{name}"))
    assert (status, text, told.count("\n"), told[:-1].isprintable()) == (2, "", 1, True)
    status, text, _ = commanded(verifier, "--json", "--", str(tmp_path / f"_{name}"))
    assert (status, json.loads(text)["file"]) == (2, str(tmp_path / f"_{name}"))
    result = {"ok": False, "file": name, "what": None, "step": "file", "place": {"file": name}, "reason": name, "records": []}
    lines = verifier.said(result, verifier.ENGLISH).split("\n")
    assert (len(lines), all(line.isprintable() for line in lines)) == (5, True)
