"""线索: a lead has a number of its own, which no station ever gives twice, line or no line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from courier_check.store import journal
from courier_check.store.database import Database
from courier_check.store.identity import StationIdentity
from courier_check.store.leads import leads_in

_JOURNAL_DIGITS = 12
_NO_COUNTY = "000000"


@dataclass(frozen=True, slots=True)
class Lead:
    """线索 as the entry that makes it says it: its number, and the county (six digits) where the parcel was accepted or refused."""

    number: str
    county: str | None

    def facts(self) -> dict[str, Any]:
        return {"number": self.number, "county": self.county}


def lead_number(county: str | None, day: date, journal_id: str, ordinal: int) -> str:
    """XS110108-20261126-3F9A0C12E7B4-1: the county, the day, the first twelve digits of the journal's id, and the how-manieth lead of that
    journal it is.

    The journal's id is random and the counter is the journal's own, so that no two stations need to ask each other. Should two journals
    ever begin alike, (journal_id, seq) of the entry says which lead is meant.
    """
    return f"XS{county or _NO_COUNTY}-{day:%Y%m%d}-{journal_id[:_JOURNAL_DIGITS].upper()}-{ordinal}"


def next_lead(tx: Database, identity: StationIdentity, day: date) -> Lead:
    """The lead that the next entry makes, inside the transaction that writes it."""
    station, journal_id = identity.certificate.station, journal.current_journal(tx) or ""
    county = station.region if station is not None else None
    return Lead(lead_number(county, day, journal_id, leads_in(tx, journal_id) + 1), county)
