"""What a station's database files hold, decrypted page by page: free pages and former versions in the write-ahead log included.

Another implementation of SQLCipher's reading side (raw key, AES-256-CBC, 80 reserved bytes a page), so that nothing hides from SQL here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAGE, RESERVED, SALT, IV = 4096, 80, 16, 16
_WAL_HEADER, _FRAME_HEADER = 32, 24


def plain_pages(database: Path, key: bytes) -> Iterator[bytes]:
    """Every page of the file, and every frame of its log."""
    data = database.read_bytes()
    assert len(data) % PAGE == 0
    for start in range(0, len(data), PAGE):
        yield _decrypted(data[start : start + PAGE], key, first=start == 0)
    log = database.with_name(f"{database.name}-wal")
    frames = log.read_bytes()[_WAL_HEADER:] if log.exists() else b""
    step = _FRAME_HEADER + PAGE
    for start in range(0, len(frames) - step + 1, step):
        number = int.from_bytes(frames[start : start + 4], "big")
        yield _decrypted(frames[start + _FRAME_HEADER : start + step], key, first=number == 1)


def _decrypted(page: bytes, key: bytes, *, first: bool) -> bytes:
    begin, end = (SALT if first else 0), PAGE - RESERVED
    cipher = Cipher(algorithms.AES(key), modes.CBC(page[end : end + IV])).decryptor()
    return cipher.update(page[begin:end]) + cipher.finalize()
