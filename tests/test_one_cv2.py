"""opencv-python and opencv-python-headless unpack into one cv2/ folder; with both, removing either breaks the other."""

from __future__ import annotations

from importlib import metadata


def test_exactly_one_build_of_opencv_is_installed():
    builds = {"opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless"}
    installed = {distribution.name.lower() for distribution in metadata.distributions()} & builds
    assert len(installed) == 1, f"installed: {sorted(installed)}"
