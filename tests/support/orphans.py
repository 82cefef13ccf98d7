"""Files of photos that no entry names, as power that fails between a photo and its entry leaves them."""

from __future__ import annotations

import os
from pathlib import Path

from courier_check.store.evidence import Photo, save_photo


def orphan(evidence: Path, written_ms: int) -> Path:
    """One such file, dated so; its picture is like no other."""
    before = {*evidence.rglob("*.bin")}
    save_photo(evidence, Photo("photo-contents-1", "image/jpeg", b"\xff\xd8 made up " + os.urandom(8)), os.urandom)
    (file,) = {*evidence.rglob("*.bin")} - before
    os.utime(file, ns=(written_ms * 1_000_000,) * 2)
    return file
