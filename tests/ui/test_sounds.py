"""提示音: told apart by their rhythm, one at a time, and off where somebody turned them off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from courier_check.store.machine import KnownPrinter, Machine, load_machine, save_machine
from ui.sounds import RHYTHMS, Sound, Sounds


@pytest.fixture
def rung() -> list[int]:
    return []


@pytest.fixture
def sounds(qtbot: QtBot, rung: list[int], tmp_path: Path) -> Iterator[Sounds]:
    del qtbot
    made = Sounds(lambda: rung.append(1), tmp_path)
    yield made
    made.deleteLater()


def test_no_two_sounds_are_alike() -> None:
    assert set(RHYTHMS) == set(Sound)
    assert len(set(RHYTHMS.values())) == len(Sound)
    assert all([*rhythm] == sorted(rhythm) and rhythm[0] == 0 for rhythm in RHYTHMS.values())


@pytest.mark.parametrize("sound", Sound)
def test_a_sound_rings_as_often_as_its_rhythm_has_beats(qtbot: QtBot, sounds: Sounds, rung: list[int], sound: Sound) -> None:
    sounds.play(sound)
    assert len(rung) == 1, "at once"
    qtbot.waitUntil(lambda: len(rung) == len(RHYTHMS[sound]))
    qtbot.waitUntil(lambda: sounds._playing is None)
    assert len(rung) == len(RHYTHMS[sound])


def test_a_graver_sound_ends_a_lighter_one_and_is_not_ended_by_it(qtbot: QtBot, sounds: Sounds, rung: list[int]) -> None:
    sounds.play(Sound.QUESTION)
    sounds.play(Sound.STOP)
    sounds.play(Sound.TAKEN)
    qtbot.waitUntil(lambda: sounds._playing is None)
    assert len(rung) == 1 + len(RHYTHMS[Sound.STOP])


def test_off_is_off_and_kept_beside_the_rest_of_the_machine(qtbot: QtBot, sounds: Sounds, rung: list[int], tmp_path: Path) -> None:
    save_machine(tmp_path, Machine(printer=KnownPrinter(address="file:labels")))
    sounds.turn(on=False)
    sounds.play(Sound.STOP)
    assert rung == []
    kept = load_machine(tmp_path)
    assert (kept.sounds, kept.printer) == (False, KnownPrinter(address="file:labels"))
    again = Sounds(lambda: rung.append(1), tmp_path)
    assert not again.are_on
    again.turn(on=True)
    again.play(Sound.TAKEN)
    assert len(rung) == 1
    qtbot.waitUntil(lambda: again._playing is None)


def test_a_damaged_file_leaves_them_on(qtbot: QtBot, tmp_path: Path) -> None:
    del qtbot
    (tmp_path / "devices.json").write_text("{", "utf-8")
    assert Sounds(lambda: None, tmp_path).are_on
