"""How a body is compressed for the line it goes over. Most of a batch is signatures, digests and sealed parts: what else there is hardly
matters, how closely the letters of those are packed does."""

from __future__ import annotations

import gzip
from enum import Enum

import brotli

_WINDOW_BITS = {1: 22, 10: 16}
"""As far as a look back pays: what repeats lies near, and the slow kind takes half the time where it looks no further."""


class Packing(Enum):
    """A content coding and how hard it tries. Bytes and processor time of an entry, on two slow cores: 1 173 and 57 µs,
    1 108 and 91 µs, 1 079 and 7 µs, 980 and 1.0 ms."""

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
        return gzip.compress(body, level, mtime=0) if coding == "gzip" else brotli.compress(body, quality=level, lgwin=_WINDOW_BITS[level])


FAST_LINE = 350_000
"""Compressed bytes a second from which processor time is worth more than bytes: the small kind of brotli is about twice as fast
where nobody else wants the processor."""
TELLING = 32_768
"""Packed bytes that must travel to tell a slow line: the time of fewer is that of the way there and back, and of the gateway."""
WORTH_TRYING = 65_536
"""Bytes from which the small kind of brotli is tried: with fewer it saves next to nothing, and a clerk's processor is busy with it."""


def is_slow(size: int, seconds: float) -> bool | None:
    """What the line is like over which so many packed bytes took so long to be sent and answered; None if that can't be told of so few."""
    return size < FAST_LINE * seconds if size >= TELLING else None


def packing(size: int, slow: bool | None, accepted: str | None) -> Packing:
    """How a body of so many bytes is packed for a line that is slow, or not, or of which that is not known. `accepted`: the Accept-Encoding
    of the gateway's last answer; of a gateway that does not name brotli, gzip is all that is known."""
    if "br" in {each.partition(";")[0].strip().lower() for each in (accepted or "").split(",")}:
        return Packing.BROTLI_SMALL if slow and size >= WORTH_TRYING else Packing.BROTLI_FAST
    return Packing.GZIP_FAST if slow is False else Packing.GZIP_SMALL
