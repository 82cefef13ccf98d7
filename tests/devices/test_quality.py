"""The quality gate: good frames pass, and each fault has its reason."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from courier_check.devices.opencv import cv2
from courier_check.devices.quality import Gate, QualityReason, measured, sharpness
from courier_check.store.resources import read_resource
from tools.samples import cards
from tools.samples.levels import LEVELS, taken
from tools.samples.truth import PEOPLE

HALF = (960, 540)


def frame(level: int, **changes: float) -> np.ndarray:
    given = LEVELS[level]
    halved = replace(given, card_px=given.card_px // 2, blur_px=given.blur_px / 2)
    return taken(cards.front(PEOPLE[0]), replace(halved, **changes), "gate", frame=HALF)


@pytest.mark.parametrize("level", [0, 1, 2])
def test_good_frames_pass(level):
    assert Gate().reasons(frame(level)) == ()


def test_a_frame_out_of_focus_is_blurred():
    soft = taken(cards.front(PEOPLE[0]), replace(LEVELS[0], card_px=770, blur_px=4.0), "gate", frame=HALF)
    assert Gate().reasons(soft) == (QualityReason.BLURRED,)


def test_noise_does_not_pass_for_sharpness():
    soft = taken(cards.front(PEOPLE[0]), replace(LEVELS[0], card_px=770, blur_px=4.0, noise=9), "gate", frame=HALF)
    assert cv2.Laplacian(cv2.cvtColor(soft, cv2.COLOR_BGR2GRAY), cv2.CV_64F).var() > 70
    assert QualityReason.BLURRED in Gate().reasons(soft)


def test_dark_bright_and_clipped_frames_have_their_reasons():
    assert QualityReason.DARK in Gate().reasons(frame(0, gain=0.1))
    assert QualityReason.BRIGHT in Gate().reasons(np.full((540, 960, 3), 245, np.uint8))
    glaring = frame(0)
    glaring[200:340, 300:700] = 255
    assert QualityReason.CLIPPED in Gate().reasons(glaring)


def test_a_small_card_is_told_only_where_its_place_is_known():
    outline = ((0.3, 0.3), (0.6, 0.3), (0.6, 0.6), (0.3, 0.6))
    assert QualityReason.SMALL in Gate().reasons(frame(0), outline)
    assert QualityReason.SMALL not in Gate().reasons(frame(0))
    assert measured(frame(0), outline).card_px == 288


def test_an_outline_of_nothing_is_no_fault():
    assert sharpness(frame(0), ((1.0, 1.0),) * 4) == sharpness(frame(0))


def test_every_reason_has_a_sentence():
    wording = json.loads(read_resource("wording/devices.json"))
    assert all(set(wording[reason.value]) == {"zh", "en"} for reason in QualityReason)
