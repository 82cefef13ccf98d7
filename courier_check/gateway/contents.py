"""What the gateway reads in the index part of an entry. Apart from the rest, so that other processes can open parts with little loaded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated

import msgspec

from courier_check import typed
from courier_check.journal.codes import JournalError
from courier_check.journal.forms import Hash, JournalId, Kind
from courier_check.journal.keys import OpeningKey
from courier_check.journal.parts import SealContext, opened, unseal

# PostgreSQL keeps no NUL in a text, and no control character belongs into any of these.
_PLAIN = r"^[^\x00-\x1f\x7f]*\Z"
Short = Annotated[str, msgspec.Meta(max_length=64, pattern=_PLAIN)]
Longer = Annotated[str, msgspec.Meta(max_length=128, pattern=_PLAIN)]
Mask = Annotated[str, msgspec.Meta(max_length=200, pattern=_PLAIN)]


class Sender(msgspec.Struct, frozen=True):
    """寄件人, masked at the station."""

    name_mask: Mask | None = None
    number_mask: Mask | None = None
    phone_mask: Mask | None = None


class IndexContent(msgspec.Struct, frozen=True, repr_omit_defaults=True):
    """The index part of an act or its correction. Unknown members are left alone."""

    v: Annotated[int, msgspec.Meta(ge=1, le=1)]
    waybill: Longer | None = None
    carrier: Short | None = None
    match_key_id: JournalId | None = None
    sender: Sender | None = None
    tokens: dict[Kind, Hash | None] = {}


class Unread(Enum):
    """Why there is no content: there was no part, it could not be opened, or what is in it has another shape."""

    ABSENT = 1
    SHUT = 2
    ODD = 3


class SealedIndex(msgspec.Struct, frozen=True):
    """A sealed index part, and what it was sealed under. `digest`: of what is inside. A struct, since other processes are sent many."""

    sealed: bytes
    context: SealContext
    digest: str


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """Private halves of intake keys by key id."""

    by_id: dict[str, bytes]


def read_contents(secrets: Secrets, parts: list[SealedIndex | None]) -> list[IndexContent | Unread]:
    """Open parts, then read them: all of one before any of the other, which keeps the processor at one thing and takes a fifth less."""
    keys = {key_id: OpeningKey(secret) for key_id, secret in secrets.by_id.items()}
    openings = [Unread.ABSENT if part is None else _opening(part, keys.get(part.context.recipient)) for part in parts]
    return [each if isinstance(each, Unread) else _content(each) for each in openings]


def _opening(part: SealedIndex, key: OpeningKey | None) -> bytes | Unread:
    if key is None:
        return Unread.SHUT
    try:
        return unseal(part.sealed, key, part.context, part.digest)
    except JournalError:
        return Unread.SHUT


def _content(opening: bytes) -> IndexContent | Unread:
    try:
        return typed.convert(opened(opening), IndexContent)
    except JournalError:
        return Unread.SHUT
    except msgspec.ValidationError:
        return Unread.ODD
