"""The outlet (网点): which carriers it works for, which decide whose waybill an ambiguous number is; and whether agreement mail may be
inspected by sampling there."""

from __future__ import annotations

from dataclasses import asdict, replace

import msgspec

from courier_check import typed
from courier_check.acceptance.draft import Sampling
from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import Right, SignedIn, require
from courier_check.desk.sampling import SAMPLING, held_sampling, keep_sampling
from courier_check.errors import UserError
from courier_check.journal.entries import Draft
from courier_check.parcel.carriers import Carriers
from courier_check.parcel.waybills import WaybillCheck, check_waybill
from courier_check.store import facts, identity, journal
from courier_check.store.database import Database
from courier_check.store.journal import Writer

_FACT = "outlet_carriers"
_GATEWAY = "gateway_url"
_LONGEST_BASIS = 80
_WHOLE = 100


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

    def check_waybill(self, scan: str) -> WaybillCheck:
        """What a code scanned here is. Never raises."""
        return check_waybill(self._carriers, scan, None, self.carriers())

    def set_carriers(self, codes: tuple[str, ...], by: SignedIn | None) -> None:
        """Raises UserError for a code that carriers.json does not have."""
        self._carriers.check_outlet(codes)
        with self._database.write() as tx:
            who = require(tx, by, Right.INSTALL)
            journal.append(tx, Draft("setting-changed", who.code, {"name": _FACT, "value": list(codes)}), self._writer)
            facts.save(tx, _FACT, msgspec.json.encode(codes))

    def set_gateway(self, url: str, by: SignedIn | None) -> None:
        """The address at which the regulator's gateway is looked for; whoever answers there is believed by the root pinned at enrolment
        only. `url`: one that was found usable."""
        with self._database.write() as tx:
            who = require(tx, by, Right.INSTALL)
            journal.append(tx, Draft("setting-changed", who.code, {"name": _GATEWAY, "value": url}), self._writer)
            identity.move_gateway(tx, url)

    def sampling(self) -> Sampling | None:
        """抽检: what allows it; None: every parcel is inspected."""
        return held_sampling(self._database)

    def set_sampling(self, sampling: Sampling | None, by: SignedIn | None) -> None:
        """Allow agreement mail to be inspected by sampling, or no more (None); the lots are drawn anew. Raises UserError without the local
        document's number (文号) or without the clause of the agreement: one alone allows nothing; and without a share from 1 to 100."""
        if sampling is not None:
            sampling = replace(sampling, document=sampling.document.strip(), clause=sampling.clause.strip())
            if not all(0 < len(text) <= _LONGEST_BASIS and text.isprintable() for text in (sampling.document, sampling.clause)):
                raise UserError(DeskCode.SAMPLING_UNFOUNDED, most=_LONGEST_BASIS)
            if sampling.share_percent is None or not 1 <= sampling.share_percent <= _WHOLE:
                raise UserError(DeskCode.SAMPLING_SHARE, most=_WHOLE)
        value = None if sampling is None else asdict(sampling)
        with self._database.write() as tx:
            who = require(tx, by, Right.INSTALL)
            journal.append(tx, Draft("setting-changed", who.code, {"name": SAMPLING, "value": value}), self._writer)
            keep_sampling(tx, sampling, self._writer.random)
