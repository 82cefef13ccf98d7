"""How a body is compressed for the line it goes over. Most of a batch is signatures, digests and sealed parts: what else there is hardly
matters, how closely the letters of those are packed does."""

from __future__ import annotations

import gzip
from enum import Enum

import brotli

_WINDOW_BITS = 22


class Packing(Enum):
    """A content coding and how hard it tries. Bytes and processor time of an entry, on two slow cores: 1 173 and 57 µs,
    1 108 and 91 µs, 1 079 and 7 µs, 980 and 1.6 ms."""

    GZIP_FAST = ("gzip", 1)
    GZIP_SMALL = ("gzip", 7)
    BROTLI_FAST = ("br", 1)
    BROTLI_SMALL = ("br", 10)

    @property
    def coding(self) -> str:
        """As Content-Encoding says it."""
        return self.value[0]

    def packed(self, body: bytes) -> bytes:
        """The compressed body; the same each time."""
        coding, level = self.value
        return gzip.compress(body, level, mtime=0) if coding == "gzip" else brotli.compress(body, quality=level, lgwin=_WINDOW_BITS)


FAST_LINE = 500_000
"""Compressed bytes a second from which processor time is worth more than bytes: the small kind of brotli is about as fast as that."""


def packing_after(size: int, seconds: float, accepted: str | None) -> Packing:
    """How the next batch is packed, after one of so many packed bytes took so long to be sent and answered.
    `accepted`: what that answer's Accept-Encoding says; of a gateway that does not name brotli, gzip is all that is known."""
    slow = size < FAST_LINE * seconds
    if "br" in {each.partition(";")[0].strip().lower() for each in (accepted or "").split(",")}:
        return Packing.BROTLI_SMALL if slow else Packing.BROTLI_FAST
    return Packing.GZIP_SMALL if slow else Packing.GZIP_FAST
