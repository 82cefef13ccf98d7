"""导出: what leaves the station by hand is an act of somebody, and an entry of the journal."""

from __future__ import annotations

from courier_check.desk.rights import Right, SignedIn, require
from courier_check.journal.entries import Draft
from courier_check.store import journal
from courier_check.store.database import Database
from courier_check.store.journal import Writer

SEALED, REVEALED = "export", "export-revealed"


class Exports:
    """Who may export, and the entry that says who did."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer

    def check(self, by: SignedIn | None, *, revealed: bool) -> None:
        """Raise UserError unless this operator may export; `revealed`: personal data in clear as well."""
        _check(self._database, by, revealed=revealed)

    def note(self, rows: int, by: SignedIn | None, *, revealed: bool) -> int:
        """Journal an export of so many entries; returns the seq of the entry that says so. Raises UserError without the right."""
        with self._database.write() as tx:
            who = _check(tx, by, revealed=revealed)
            facts = {"what": REVEALED if revealed else SEALED, "rows": rows}
            return journal.append(tx, Draft("export", who.code, facts), self._writer).entry.header.seq


def _check(db: Database, by: SignedIn | None, *, revealed: bool) -> SignedIn:
    if revealed:
        require(db, by, Right.REVEAL)
    return require(db, by, Right.EXPORT)
