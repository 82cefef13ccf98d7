"""The Merkle tree over a batch, as RFC 9162 §2.1 (docs/journal.md §6)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def leaf_hash(entry_hash: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry_hash).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(entry_hashes: Sequence[bytes]) -> bytes:
    """Root over one or more entry hashes of 32 bytes."""
    if not entry_hashes:
        raise ValueError("a batch has at least one entry")
    level = [leaf_hash(each) for each in entry_hashes]
    while len(level) > 1:
        # Pairing neighbours and carrying an odd last node up gives the same tree as RFC 9162's split at the largest power of two.
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + level[len(level) - len(level) % 2 :]
    return level[0]


def path(entry_hashes: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Sibling hashes of one leaf, from the leaf upwards."""
    if not 0 <= index < len(entry_hashes):
        raise IndexError(index)
    level = [leaf_hash(each) for each in entry_hashes]
    siblings = []
    while len(level) > 1:
        if index ^ 1 < len(level):
            siblings.append(level[index ^ 1])
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + level[len(level) - len(level) % 2 :]
        index //= 2
    return tuple(siblings)


def root_from_path(entry_hash: bytes, index: int, size: int, siblings: Sequence[bytes]) -> bytes | None:
    """The root that a path leads to, or None if the path can't be of a tree of this size (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return None
    fn, sn, result = index, size - 1, leaf_hash(entry_hash)
    for sibling in siblings:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            result = node_hash(sibling, result)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            result = node_hash(result, sibling)
        fn, sn = fn >> 1, sn >> 1
    return result if sn == 0 else None
