"""Write tests/vectors/journal.json and wire.json: worked values of docs/journal.md and docs/wire.md, for whoever implements them again.

    python -m tools.make_vectors [--check]

Everything follows from this file but the sealed values, which HPKE makes anew each time: one that still opens to what it should is kept.
`--check` writes nothing and fails if the files are not what would be written. All people, firms and numbers are made up.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from tools.vectors.journal_vectors import journal_document
from tools.vectors.sealed_values import SealedValues
from tools.vectors.wire_vectors import wire_document

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "vectors"


def documents(folder: Path) -> dict[str, bytes]:
    """The bytes of both files, with the sealed values that `folder` already holds."""
    sealed = SealedValues.load(folder)
    written = {"journal.json": journal_document(sealed), "wire.json": wire_document(sealed)}
    return {name: _text(document) for name, document in written.items()}


def main(arguments: list[str]) -> int:
    made = documents(FOLDER)
    if arguments == ["--check"]:
        stale = [name for name, data in made.items() if (FOLDER / name).read_bytes() != data]
        print("stale: " + ", ".join(stale) if stale else "as written")
        return 1 if stale else 0
    for name, data in made.items():
        (FOLDER / name).write_bytes(data)
        print(name, len(data), hashlib.sha256(data).hexdigest()[:16])
    return 0


def _text(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
