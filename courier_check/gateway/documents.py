"""Reading the unsigned documents that stations send, and the bodies they come in."""

from __future__ import annotations

import zlib
from typing import TypeVar

import brotli

from courier_check.gateway.problems import Refused, refused
from courier_check.journal.codes import JournalError
from courier_check.wire.documents import Versioned, read_document
from courier_check.wire.problems import ProblemCode

D = TypeVar("D", bound=Versioned)
_GZIP_WINDOW = 31
CODINGS = "br, gzip"
"""What `decompressed` unpacks, as an answer's Accept-Encoding says it (RFC 9110 §12.5.3)."""


def parse_document(data: bytes, into: type[D]) -> D:
    """JSON → document of this kind and version. Raises Refused; a document of another version is told by name."""
    try:
        return read_document(data, into)
    except JournalError as error:
        raise refused(error) from error


def decompressed(data: bytes, encoding: str, limit: int) -> bytes:
    """The body before compression, at most `limit` bytes; a small body that would grow beyond it is stopped there. Raises Refused."""
    if encoding in ("", "identity"):
        body = data
    elif encoding == "gzip":
        body = _gunzip(data, limit)
    elif encoding == "br":
        body = _unbrotli(data, limit)
    else:
        raise Refused(ProblemCode.MALFORMED, "Content-Encoding")
    if len(body) > limit:
        raise Refused(ProblemCode.TOO_LARGE, f"{limit} bytes")
    return body


def _gunzip(data: bytes, limit: int) -> bytes:
    stream = zlib.decompressobj(_GZIP_WINDOW)
    try:
        body = stream.decompress(data, limit + 1)
    except zlib.error as error:
        raise Refused(ProblemCode.MALFORMED, "gzip") from error
    if len(body) <= limit and (not stream.eof or stream.unused_data):
        raise Refused(ProblemCode.MALFORMED, "gzip")
    return body


def _unbrotli(data: bytes, limit: int) -> bytes:
    stream = brotli.Decompressor()
    try:
        body: bytes = stream.process(data, output_buffer_limit=limit + 1)  # somewhat more, never all of a body that grows and grows
    except brotli.error as error:
        raise Refused(ProblemCode.MALFORMED, "br") from error
    if len(body) <= limit and not stream.is_finished():
        raise Refused(ProblemCode.MALFORMED, "br")
    return body
