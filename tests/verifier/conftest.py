"""The stand-alone verifier as a module, and archives for it to read."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from support.made_archives import MADE, Unpacked, World

SCRIPT = Path(__file__).resolve().parents[2] / "resources" / "verify.py"
Verify = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def script() -> Path:
    return SCRIPT


@pytest.fixture(scope="session")
def verifier() -> ModuleType:
    """The file itself, read as a module; no byte code is left beside it, since the folder is shipped."""
    module = ModuleType("stand_alone_verifier")
    sys.modules[module.__name__] = module
    exec(compile(SCRIPT.read_bytes(), str(SCRIPT), "exec"), module.__dict__)  # noqa: S102 - our own file
    return module


@pytest.fixture(scope="session")
def verify(verifier: ModuleType) -> Verify:
    """The answer about one file. What the verifier did not foresee is a failure of the test, whatever the answer."""

    def answered(path: Path, **wanted: Any) -> dict[str, Any]:
        result: dict[str, Any] = verifier.told(path, verifier.Wanted(**{"processes": 1, **wanted}))
        assert result["code"] != "unexpected", result
        if result["code"]:
            for language in (verifier.CHINESE, verifier.ENGLISH):
                assert verifier.sentence(result["code"], result["facts"], language)
        return result

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
