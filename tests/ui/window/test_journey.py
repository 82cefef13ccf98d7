"""J1 and everything after it through the real window on a practice station with its gateway, in a process of its own: by keys and scans
only, counted, and watched from the first paint on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks.bench import ROOT
from benchmarks.inspecting import MODELS
from benchmarks.window import ACTS, Walk
from courier_check.cli.practice import make_practice
from courier_check.clock import SystemClock
from courier_check.station import Surroundings
from support.beside import unused_port
from support.replays import keys_of
from support.stations import CHEAP

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.timeout(900)]

PROGRAM = Path(__file__).parents[2] / "support" / "window_program.py"
STEPS = (
    "sign-in",
    "accept-wang",
    "same-sender",
    "refuse-lighter",
    "hit-zhou",
    "expired-li",
    "duplicate",
    "hold",
    "offline",
    "sync",
    "records",
    "reports",
)
NEVER = {"cv2", "onnxruntime", "rapidocr"}


@dataclass(frozen=True)
class Walked:
    """What the program said."""

    events: list[dict[str, Any]]

    def of(self, event: str) -> list[dict[str, Any]]:
        return [one for one in self.events if one["event"] == event]

    def step(self, name: str) -> dict[str, Any]:
        return next(one for one in self.of("step") if one["step"] == name)

    def pressed(self, name: str) -> list[str]:
        return next(list(one["pressed"]) for one in self.of("keys") if one["step"] == name)


def walk(folder: Path) -> Walked:
    make_practice(folder, Surroundings(SystemClock(), hasher=CHEAP), [unused_port()])
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, str(PROGRAM), "journey", str(folder)], env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return Walked([json.loads(line) for line in done.stdout.splitlines()])


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Walked:
    return walk(tmp_path_factory.mktemp("journey") / "practice")


def test_every_step_comes_out_as_it_must(walked: Walked) -> None:
    told = [(one["step"], one["ok"]) for one in walked.of("step")]
    assert told == [(name, True) for name in STEPS], walked.of("step")[-1]
    assert walked.of("bug") == []


def test_a_walk_in_with_the_phone_on_the_label_takes_at_most_16_keys(walked: Walked) -> None:
    facts = walked.step("accept-wang")["facts"]
    assert (facts["verdict"], facts["scans"]) == ("accept", 1)
    assert facts["keys"] <= 16
    assert facts["keys"] == len([key for key in walked.pressed("accept-wang") if not key.startswith("(")])


def test_a_phone_that_is_typed_makes_it_at_most_27_keys(walked: Walked) -> None:
    """J1, G-06: eleven digits more. The same whether there is a network or not."""
    pressed = [key for key in walked.pressed("offline") if not key.startswith("(")]
    assert "".join(pressed).count("13900002345") == 1
    assert walked.step("offline")["facts"]["keys"] == len(pressed) <= 27


def test_the_next_parcel_of_a_visit_takes_no_key_but_its_questions(walked: Walked) -> None:
    """G-04, G-06: at most 13, the original and the person having been asked for with the first."""
    pressed = [key for key in walked.pressed("same-sender") if not key.startswith("(")]
    assert (pressed[0], pressed[-1], set(pressed) - {"1"}) == ("F4", "F12", {"F4", "2", "Enter", "F12"})
    assert len(pressed) == walked.step("same-sender")["facts"]["keys"] <= 13


def test_the_replayed_keys_are_those_of_the_window(walked: Walked) -> None:
    """What tests/ui/counter/test_replay.py replays two hundred times was pressed here."""
    for log, step in (("new", "accept-wang"), ("next", "same-sender"), ("typed", "offline")):
        assert list(keys_of(log)) == [key for key in walked.pressed(step) if not key.startswith("(")], step


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Walk]:
    """Keys and decisions of five acceptances, counted as the benchmark counts them."""
    counted: dict[str, Any] = {}
    for act in ("visit", "typed"):
        folder = tmp_path_factory.mktemp(act) / "practice"
        make_practice(folder, Surroundings(SystemClock(), hasher=CHEAP), [unused_port()])
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        command = [sys.executable, "-c", ACTS, act, str(folder)]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr[-2000:]
        counted |= json.loads(done.stdout.splitlines()[-1])
    return {name: Walk(**walk) for name, walk in counted.items()}


@pytest.mark.parametrize("name", sorted(MODELS))
def test_no_acceptance_takes_more_keys_than_product_md_allows(visited: dict[str, Walk], name: str) -> None:
    """G-04, G-06: a known sender types nothing, though the label hides the phone; a phone that is typed is eleven keys more."""
    assert visited[name].keys <= MODELS[name].keys


@pytest.mark.parametrize(("name", "decisions"), [("new", 3), ("typed", 4), ("next", 2), ("known", 3), ("hidden", 4)])
def test_what_is_decided_is_the_person_the_goods_and_the_inspection(visited: dict[str, Walk], name: str, decisions: int) -> None:
    """Questions of one step that follow each other are one decision, the label's with those of the inspection. The next parcel of a visit
    is of the same person. A label that hides the name is one decision more (domain.md §11.11)."""
    assert visited[name].decisions == decisions


@pytest.mark.parametrize("name", sorted(name for name, model in MODELS.items() if model.seconds is not None))
def test_no_acceptance_takes_longer_by_the_model_than_product_md_allows(visited: dict[str, Walk], name: str) -> None:
    """G-06, J1: 0.28 s a key, 1.35 s a decision, and the devices; the same as `python -m benchmarks inspection` tells."""
    model, walk = MODELS[name], visited[name]
    assert model.seconds is not None
    assert model.seconds_of(walk.keys, walk.decisions) <= model.seconds


def test_by_the_model_a_hidden_name_costs_its_one_decision_and_no_more(visited: dict[str, Walk]) -> None:
    """G-06 leaves no decision for it; without it the walk is as long as that of any known sender may be."""
    walk, known = visited["hidden"], MODELS["known"]
    assert known.seconds is not None
    assert known.seconds_of(walk.keys, walk.decisions - 1) <= known.seconds


def test_the_notice_is_a_key_for_who_has_not_seen_it_and_none_for_who_agreed(visited: dict[str, Walk]) -> None:
    """Enter at the first card of a walk-in. Who is known has none, and a hidden name is one question."""
    assert visited["known"].keys == visited["new"].keys - 1
    assert visited["hidden"].keys == visited["known"].keys + 1


def test_a_refusal_takes_at_most_6_keys_from_the_question_that_finds_the_goods(walked: Walked) -> None:
    """G-13: its answer, what was found, how it was carried, the photo, and the refusal confirmed."""
    pressed = walked.pressed("refuse-lighter")
    assert pressed[pressed.index("(found)") - 1] == "2"
    keys = [key for key in pressed[pressed.index("(found)") - 1 :] if not key.startswith("(")]
    assert keys[-1] == "Enter"
    assert "F8" in keys
    assert len(keys) <= 6, keys
    assert walked.step("refuse-lighter")["facts"]["verdict"] == "refuse"


def test_everything_is_acknowledged_in_the_end(walked: Walked) -> None:
    facts = walked.step("sync")["facts"]
    assert (facts["pending"], facts["returned"]) == (0, 0)
    assert facts["acknowledged"] >= walked.step("offline")["facts"]["seq"]


def test_pictures_are_never_read_in_the_process_of_the_window(walked: Walked) -> None:
    (ended,) = walked.of("ended")
    assert NEVER.isdisjoint(ended["heavy"])


LIMIT_MS = 50
WALKS = 5


@pytest.fixture(scope="module")
def stalled(walked: Walked, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Stalls at steps where every walk has one: a busy machine stalls now here, now there. Walked again only as long as that decides. How
    often 50 ms are passed is measured, by `python -m benchmarks window`."""
    stalls = _stalls(walked)
    for _ in range(WALKS - 1):
        if not stalls:
            break
        again = {one["step"] for one in _stalls(walk(tmp_path_factory.mktemp("again") / "practice"))}
        stalls = [one for one in stalls if one["step"] in again]
    return stalls


def _stalls(walked: Walked) -> list[dict[str, Any]]:
    return [one for one in walked.of("stall") if one["ms"] > LIMIT_MS]


@pytest.mark.parametrize("step", ["opening", *STEPS])
def test_no_step_holds_the_window_up(walked: Walked, stalled: list[dict[str, Any]], step: str) -> None:
    (ended,) = walked.of("ended")
    assert ended["beats"] > 500, "the watchdog slept"
    assert [f"{one['ms']} ms, {one['where']}" for one in stalled if one["step"] == step] == []
