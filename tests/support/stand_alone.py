"""The stand-alone verifier, read as a module."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

SCRIPT = Path(__file__).resolve().parents[2] / "resources" / "verify.py"


def stand_alone_verifier() -> ModuleType:
    """The file itself, read as a module; no byte code is left beside it, since the folder is shipped."""
    module = ModuleType("stand_alone_verifier")
    sys.modules[module.__name__] = module
    exec(compile(SCRIPT.read_bytes(), str(SCRIPT), "exec"), module.__dict__)  # noqa: S102 - our own file
    return module


def verdict(verifier: ModuleType, path: Path, **wanted: Any) -> dict[str, Any]:
    """The answer about one file. What the verifier did not foresee is a failure of the test, whatever the answer."""
    result: dict[str, Any] = verifier.told(path, verifier.Wanted(**{"processes": 1, **wanted}))
    assert result["code"] != "unexpected", result
    if result["code"]:
        for language in (verifier.CHINESE, verifier.ENGLISH):
            assert verifier.sentence(result["code"], result["facts"], language)
    return result
