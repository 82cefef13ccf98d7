"""Which photos (凭证照片) the gateway holds, by the entries that name them: one row a photo, from the transaction that writes the entry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from courier_check.store.database import Database
from courier_check.wire.signed import Signed

DESTROYED = "evidence-destroyed"
"""The photo's key was destroyed before the photo was sent: nobody could open what would arrive."""


class Delivery(StrEnum):
    """How far a photo is on its way to the gateway."""

    PENDING = "pending"  # 待传
    SENT = "sent"  # 已传: a signed statement of the gateway says so
    FAILED = "failed"  # 出错: `code` says why
    REFILED = "refiled"  # its entry never reaches the gateway and was filed again: the photo travels under that one


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A photo on its way. `number` grows with each photo; what is sealed is None until the file was looked at for the first time; `tries`
    counts refusals that may be temporary."""

    number: int
    journal_id: str
    seq: int
    name: str
    tries: int
    sealed_sha256: str | None
    sealed_size: int | None


@dataclass(frozen=True, slots=True)
class PhotoCounts:
    """凭证待传, 已传, 出错, over all journals. `codes`: why, each with how many."""

    pending: int = 0
    sent: int = 0
    failed: int = 0
    codes: tuple[tuple[str, int], ...] = ()


_ROW = "number, journal_id, seq, name, tries, sealed_sha256, sealed_size"
_ARRIVED = (
    "f.seq <= (SELECT COALESCE(MAX(r.last_seq), 0) FROM receipts r WHERE r.journal_id = f.journal_id)"
    " AND NOT EXISTS (SELECT 1 FROM facts a WHERE a.name = 'resend/' || f.journal_id)"
)
"""The gateway holds the entry of photo `f`, as far as is known here."""


def note_named(tx: Database, journal_id: str, seq: int, names: Iterable[str]) -> None:
    """An entry was written that names these photos."""
    for name in names:
        tx.execute("INSERT INTO evidence_files (journal_id, seq, name) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (journal_id, seq, name))


def next_pending(db: Database, after: int) -> EvidenceRow | None:
    """The next photo to be sent whose entry the gateway holds, behind the number `after`."""
    row = db.row(
        f"SELECT {_ROW} FROM evidence_files f WHERE state = 'pending' AND number > ? AND {_ARRIVED} ORDER BY number LIMIT 1",  # noqa: S608 - our own words
        (after,),
    )
    return None if row is None else EvidenceRow(*row)


def newest_number(db: Database) -> int:
    return int(db.value("SELECT COALESCE(MAX(number), 0) FROM evidence_files"))


def sent_at(db: Database, number: int) -> EvidenceRow | None:
    """The photo with this number, if it was sent."""
    row = db.row(f"SELECT {_ROW} FROM evidence_files WHERE number = ? AND state = 'sent'", (number,))  # noqa: S608 - as above
    return None if row is None else EvidenceRow(*row)


def note_sealed(tx: Database, row: EvidenceRow) -> None:
    """What a photo's file holds, so that it is announced the same when it is gone on with."""
    sealed = (row.sealed_sha256, row.sealed_size, row.number)
    tx.execute("UPDATE evidence_files SET sealed_sha256 = ?, sealed_size = ? WHERE number = ?", sealed)


def note_sent(tx: Database, number: int, signed: Signed, at_ms: int) -> None:
    """The gateway holds the photo and says so."""
    tx.execute(
        "UPDATE evidence_files SET state = 'sent', code = NULL, tries = 0, sent_at_ms = ?, body = ?, key_id = ?, signature = ?"
        " WHERE number = ?",
        (at_ms, signed.body, signed.key_id, signed.signature, number),
    )


def note_failed(tx: Database, number: int, code: str) -> None:
    """The photo is not sent, and why; it is looked at again after a day."""
    tx.execute("UPDATE evidence_files SET state = 'failed', code = ? WHERE number = ?", (code, number))


def note_try(tx: Database, number: int) -> None:
    tx.execute("UPDATE evidence_files SET tries = tries + 1 WHERE number = ?", (number,))


def note_refiled(tx: Database) -> None:
    """Photos of entries that the gateway can't take any more travel under the entries that file those again."""
    tx.execute(
        "UPDATE evidence_files SET state = 'refiled' WHERE state IN ('pending', 'failed') AND EXISTS (SELECT 1 FROM branch_entries b WHERE"
        " b.journal_id = evidence_files.journal_id AND b.seq = evidence_files.seq AND b.held_by = 'station' AND b.refiled_seq IS NOT NULL)"
    )


def ask_again(tx: Database, journal_id: str | None = None) -> int:
    """What was sent may be lost at the gateway, of one journal or of all: each photo is asked for again. Returns how many."""
    return tx.execute("UPDATE evidence_files SET state = 'pending' WHERE state = 'sent' AND (?1 IS NULL OR journal_id = ?1)", (journal_id,))


def look_again(tx: Database) -> int:
    """Try once more what failed, but where the key is gone: a file may have been put back, a gateway may have changed."""
    return tx.execute("UPDATE evidence_files SET state = 'pending', tries = 0 WHERE state = 'failed' AND code <> ?", (DESTROYED,))


def counts(db: Database) -> PhotoCounts:
    """Counted by what is not sent, which is little: rows are numbered without gaps and none is ever removed."""
    pending = int(db.value("SELECT COUNT(*) FROM evidence_files WHERE state = 'pending'"))
    rows = db.rows("SELECT state, code, COUNT(*) FROM evidence_files WHERE state NOT IN ('pending', 'sent') GROUP BY state, code")
    codes = tuple((str(code), int(count)) for state, code, count in rows if state == Delivery.FAILED)
    unsent = sum(int(count) for _, _, count in rows)
    return PhotoCounts(pending, newest_number(db) - pending - unsent, sum(count for _, count in codes), codes)


def delivered(db: Database, journal_id: str, seq: int) -> dict[str, tuple[Delivery, str | None]]:
    """How far the photos of an entry are, by name, each with the code of what is wrong."""
    rows = db.rows("SELECT name, state, code FROM evidence_files WHERE journal_id = ? AND seq = ?", (journal_id, seq))
    return {name: (Delivery(state), code) for name, state, code in rows}
