"""Unsigned documents: JSON whose unknown members are ignored (docs/wire.md)."""

from __future__ import annotations

from typing import Protocol, TypeVar

import msgspec

from courier_check import typed
from courier_check.journal import canonical
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.wire.signed import check_version


class Versioned(Protocol):
    @property
    def v(self) -> int: ...


class _Stated(msgspec.Struct, frozen=True):
    """Every document says what it is and of which version. A struct takes one that does not say its kind."""

    kind: str
    v: int


D = TypeVar("D", bound=Versioned)


def read_document(data: bytes, into: type[D]) -> D:
    """Bytes from the line or a stick → an unsigned document of this version. Raises JournalError, whatever the bytes are."""
    try:
        data.decode("utf-8")  # members that nobody knows are not looked at, but are no other bytes than text
        typed.decode(data, _Stated)
        document = typed.decode(data, into)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        check_version(canonical.claimed_version(data))
        raise JournalError(JournalCode.MALFORMED) from error
    check_version(document.v)
    return document
