"""Evidence files (凭证): photos beside the database, each encrypted under its own key, named by the digest that the header signs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from courier_check.journal.entries import EvidenceRef
from courier_check.store.files import write_atomically

COPY_PREFIX = "copy-"
"""Names of copies of documents (证件复印件) begin so. They show what is masked everywhere else, and no page shows them."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture that belongs to an act, as it was taken."""

    name: str
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeptPhoto:
    """Where a photo went: what the header says, and the key for the `kept` part. Destroying the part makes the file unreadable."""

    ref: EvidenceRef
    key: bytes = field(repr=False)


def save_photo(folder: Path, photo: Photo, random: Callable[[int], bytes]) -> KeptPhoto:
    """Write a photo before the entry that names it is committed: a crash between leaves a file nobody names, never a name without file."""
    digest = hashlib.sha256(photo.data).hexdigest()
    key, nonce = random(32), random(12)
    ref = EvidenceRef(media_type=photo.media_type, name=photo.name, sha256=digest, size=len(photo.data))
    path = _path(folder, digest, key)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_atomically(path, nonce + AESGCM(key).encrypt(nonce, photo.data, digest.encode("ascii")), private=True)
    return KeptPhoto(ref, key)


def load_photo(folder: Path, ref: EvidenceRef, key: bytes) -> bytes | None:
    """The photo, or None if its file is gone or was altered."""
    try:
        data = _path(folder, ref.sha256, key).read_bytes()
        content = AESGCM(key).decrypt(data[:12], data[12:], ref.sha256.encode("ascii"))
    except (OSError, InvalidTag, ValueError):
        return None
    return content if hashlib.sha256(content).hexdigest() == ref.sha256 and len(content) == ref.size else None


def _path(folder: Path, digest: str, key: bytes) -> Path:
    # The same picture may belong to two acts under two keys; the key's own digest tells the files apart and gives nothing away.
    return folder / digest[:2] / f"{digest[:32]}-{hashlib.sha256(key).hexdigest()[:8]}.bin"
