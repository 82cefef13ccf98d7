"""The outlet (网点): which carriers it works for. They decide whose waybill an ambiguous number is."""

from __future__ import annotations

import msgspec

from courier_check import typed
from courier_check.desk.rights import Right, SignedIn, require
from courier_check.journal.entries import Draft
from courier_check.parcel.carriers import Carriers
from courier_check.store import facts, journal
from courier_check.store.database import Database
from courier_check.store.journal import Writer

_FACT = "outlet_carriers"


class Outlet:
    """Verbs on the outlet's own settings; each change is journaled."""

    def __init__(self, database: Database, writer: Writer, carriers: Carriers) -> None:
        self._database = database
        self._writer = writer
        self._carriers = carriers

    def carriers(self) -> tuple[str, ...]:
        """Codes of the carriers; empty until set."""
        held = facts.load(self._database, _FACT)
        return () if held is None else typed.decode(held, tuple[str, ...])

    def set_carriers(self, codes: tuple[str, ...], by: SignedIn | None) -> None:
        """Raises UserError for a code that carriers.json does not have."""
        self._carriers.check_outlet(codes)
        with self._database.write() as tx:
            who = require(tx, by, Right.INSTALL)
            journal.append(tx, Draft("setting-changed", who.code, {"name": _FACT, "value": list(codes)}), self._writer)
            facts.save(tx, _FACT, msgspec.json.encode(codes))
