"""The stand-alone verifier as a module, and archives for it to read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from support.made_archives import MADE, Unpacked, World
from support.stand_alone import SCRIPT, stand_alone_verifier, verdict

Verify = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def script() -> Path:
    return SCRIPT


@pytest.fixture(scope="session")
def verifier() -> ModuleType:
    return stand_alone_verifier()


@pytest.fixture(scope="session")
def verify(verifier: ModuleType) -> Verify:
    """The answer about one file. What the verifier did not foresee is a failure of the test, whatever the answer."""

    def answered(path: Path, **wanted: Any) -> dict[str, Any]:
        return verdict(verifier, path, **wanted)

    return answered


@pytest.fixture(scope="session", params=MADE)
def made(request: pytest.FixtureRequest) -> Unpacked:
    return MADE[request.param](World())


@pytest.fixture
def refused(verify: Verify, tmp_path: Path) -> Callable[[Unpacked], tuple[str, str]]:
    """Step and code for an archive that must not pass."""

    def answered(archive: Unpacked) -> tuple[str, str]:
        result = verify(archive.pack(tmp_path / "changed.zip"))
        assert not result["ok"]
        return result["step"], result["code"]

    return answered
