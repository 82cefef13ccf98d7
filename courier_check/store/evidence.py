"""Evidence files (凭证): photos beside the database, each encrypted under its own key, named by the digest that the header signs."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from courier_check.journal.entries import EvidenceRef
from courier_check.store.files import make_folder, write_atomically

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


class PhotoState(StrEnum):
    """What became of a photo that an entry names."""

    SOUND = "sound"  # 有效
    MISSING = "missing"  # 缺失
    ALTERED = "altered"  # 被改动
    DESTROYED = "destroyed"  # 已销毁: its key is gone


def save_photo(folder: Path, photo: Photo, random: Callable[[int], bytes]) -> KeptPhoto:
    """Write a photo before the entry that names it is committed: a crash between leaves a file nobody names, never a name without file.

    Encrypted here, once: these bytes are what is stored, and destroying the key shreds them. Raises StoreError.
    """
    digest = hashlib.sha256(photo.data).hexdigest()
    key, nonce = random(32), random(12)
    ref = EvidenceRef(media_type=photo.media_type, name=photo.name, sha256=digest, size=len(photo.data))
    path = _path(folder, digest, key)
    make_folder(path.parent)
    write_atomically(path, nonce + AESGCM(key).encrypt(nonce, photo.data, digest.encode("ascii")), private=True)
    return KeptPhoto(ref, key)


def drop_photos(folder: Path, photos: Iterable[KeptPhoto]) -> None:
    """Remove files whose entry was not written. What can't be removed now is swept later."""
    for photo in photos:
        with contextlib.suppress(OSError):
            _path(folder, photo.ref.sha256, photo.key).unlink(missing_ok=True)


def load_photo(folder: Path, ref: EvidenceRef, key: bytes) -> bytes | None:
    """The photo, or None if its file is gone or was altered."""
    return read_photo(folder, ref, key)[1]


def read_photo(folder: Path, ref: EvidenceRef, key: bytes) -> tuple[PhotoState, bytes | None]:
    """What became of a photo's file, and the photo where it is sound."""
    state, _, content = _read(folder, ref, key)
    return state, content


def read_sealed(folder: Path, ref: EvidenceRef, key: bytes) -> tuple[PhotoState, bytes | None]:
    """What became of a photo's file, and its bytes as they lie there where they open to the photo: so they travel (docs/wire.md §13)."""
    state, sealed, _ = _read(folder, ref, key)
    return state, sealed


def _read(folder: Path, ref: EvidenceRef, key: bytes) -> tuple[PhotoState, bytes | None, bytes | None]:
    """State, sealed bytes and photo; both None unless it is sound."""
    try:
        data = _path(folder, ref.sha256, key).read_bytes()
    except FileNotFoundError:
        return PhotoState.MISSING, None, None
    except OSError:
        return PhotoState.ALTERED, None, None
    try:
        content = AESGCM(key).decrypt(data[:12], data[12:], ref.sha256.encode("ascii"))
    except (InvalidTag, ValueError):
        return PhotoState.ALTERED, None, None
    sound = hashlib.sha256(content).hexdigest() == ref.sha256 and len(content) == ref.size
    return (PhotoState.SOUND, data, content) if sound else (PhotoState.ALTERED, None, None)


def file_name(digest: str, key: bytes) -> str:
    """The same picture may belong to two acts under two keys; the key's own digest tells the files apart and gives nothing away."""
    return f"{digest[:32]}-{hashlib.sha256(key).hexdigest()[:8]}.bin"


def _path(folder: Path, digest: str, key: bytes) -> Path:
    return folder / digest[:2] / file_name(digest, key)
