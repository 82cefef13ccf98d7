"""What goes along with an archive, and what is said of its file."""

from __future__ import annotations

import hashlib
from typing import IO

from courier_check.store.resources import read_resource, resource_path
from courier_check.wire.archives import NOTE, VERIFIER


def enclosed() -> dict[str, bytes]:
    """The stand-alone verifier, as far as this program was shipped with it, and the note that says how to run it."""
    found = {NOTE: read_resource("archive-readme.txt")}
    if resource_path(VERIFIER).is_file():
        found[VERIFIER] = read_resource(VERIFIER)
    return found


def digest_of(file: IO[bytes]) -> str:
    """SHA-256 of a file that was written, read from its beginning."""
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # any binary file will do
