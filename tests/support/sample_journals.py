"""A made-up author and journals of it, for tests of the format itself."""

from __future__ import annotations

from dataclasses import replace

from courier_check.journal.entries import Author, Composed, Draft, Header, Place, Times, compose
from courier_check.journal.keys import OpeningKey, SealingKey, SigningKey, VerifyingKey
from courier_check.journal.parts import PartName
from courier_check.journal.verify import Expected, Stored
from support.pki import secret

JOURNAL, FIRST_PREV = "ab" * 16, "cd" * 32
KEY, STRANGER = SigningKey(secret("a station")), SigningKey(secret("a stranger"))
READERS = {PartName.INDEX: OpeningKey(secret("intake")), PartName.REPORTED: OpeningKey(secret("regulator"))}
AUTHOR = Author("gw-test", "zz-jinshui-01", KEY, {name: SealingKey(key.public) for name, key in READERS.items()})
TIMES = Times(boot_id="boot", mono_ms=1, trusted_ms=None, wall_ms=1_795_406_400_000)
EXPECTED = Expected(AUTHOR.gateway_id, AUTHOR.station_id, JOURNAL, FIRST_PREV, VerifyingKey(KEY.public))
PARTS = {PartName.INDEX: {"waybill": "SAMPLE1"}, PartName.REPORTED: {"name": "样本甲"}, PartName.KEPT: {"phone": "13800001234"}}
DRAFT = Draft("acceptance", "c07", {"pieces": 1, "weight_g": 1200}, PARTS)


def salt(size: int) -> bytes:
    """Not random: these journals are for checking only."""
    return bytes(range(size))


def composed(draft: Draft = DRAFT, place: Place = Place(JOURNAL, 1, FIRST_PREV), author: Author = AUTHOR) -> Composed:  # noqa: B008 - frozen
    return compose(draft, place, author, TIMES, salt)


def journal(size: int, author: Author = AUTHOR, journal_id: str = JOURNAL, first_prev: str = FIRST_PREV) -> list[Stored]:
    """A valid journal as a store holds it."""
    rows, prev = [], first_prev
    for seq in range(1, size + 1):
        made = composed(DRAFT, Place(journal_id, seq, prev), author)
        rows.append(as_stored(made))
        prev = made.entry.hash
    return rows


def as_stored(made: Composed) -> Stored:
    header: Header = made.entry.header
    openings = {part.ref.name: part.opening for part in made.parts}
    sealed = {part.ref.name: part.sealed for part in made.parts if part.sealed is not None}
    return Stored(header.seq, made.entry.header_bytes, made.entry.signature, openings, sealed)


def with_bit_changed(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def by(key: SigningKey) -> Author:
    return replace(AUTHOR, key=key)
