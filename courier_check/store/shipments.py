"""一票多件: which pieces of a shipment stand in the journals. The number of pieces and the place of the first one are in the headers, which
outlive the parts."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from courier_check import typed
from courier_check.store.database import Database

_LATEST_MS = 30 * 86_400_000
"""Nobody brings the next piece of a shipment a month later."""
_EARLIEST_MS = 7 * 86_400_000
"""补录: a later piece may have been taken before the first one was."""


@dataclass(frozen=True, slots=True)
class PieceStored:
    """`first`: where the first piece stands; of the first piece itself, and where that was accepted elsewhere, None."""

    piece: int
    pieces: int
    first: tuple[str, int] | None


class _First(msgspec.Struct, frozen=True):
    journal_id: str
    seq: int


class _Piece(msgspec.Struct, frozen=True):
    piece: int
    pieces: int
    first: _First | None = None


class _Facts(msgspec.Struct, frozen=True):
    shipment: _Piece | None = None


class _Header(msgspec.Struct, frozen=True):
    facts: _Facts


def piece_at(db: Database, journal_id: str, seq: int) -> PieceStored | None:
    """Which piece an act is; None where it is no shipment's."""
    header: bytes | None = db.value("SELECT header FROM journal_entries WHERE journal_id = ? AND seq = ?", (journal_id, seq))
    return _piece(header) if header is not None else None


def last_piece(db: Database, first: tuple[str, int], at_ms: int) -> int:
    """The highest piece of a shipment that an act was recorded of, whatever became of it; 1 where it is only the first, which is of
    `at_ms`."""
    named = f'"first":{{"journal_id":"{first[0]}","seq":{first[1]}}}'.encode()  # headers are canonical
    rows = db.rows(
        "SELECT e.header FROM acts a JOIN journal_entries e ON e.journal_id = a.journal_id AND e.seq = a.seq"
        " WHERE a.at_ms BETWEEN ? AND ? AND instr(e.header, ?)",
        (at_ms - _EARLIEST_MS, at_ms + _LATEST_MS, named),
    )
    found = (_piece(header) for (header,) in rows)
    return max((one.piece for one in found if one is not None and one.first == first), default=1)


def _piece(header: bytes) -> PieceStored | None:
    held = typed.decode(header, _Header).facts.shipment
    if held is None:
        return None
    return PieceStored(held.piece, held.pieces, (held.first.journal_id, held.first.seq) if held.first is not None else None)
