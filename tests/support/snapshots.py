"""Everything that a gateway or a station holds, to be compared before and after what must change nothing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from courier_check.gateway.setup import Gateway
from courier_check.gateway.store.schema import metadata
from courier_check.station import Station

Rows = dict[str, list[tuple[Any, ...]]]
NOTES = ("sync_status", "sync_alarm", "contact_ms", "in_flight", "confirms_heads")
"""Facts of a station that say how the last try went, and what the gateway, asked by it, was found to understand."""


def of_gateway(gateway: Gateway) -> Rows:
    """All rows of all tables."""
    with gateway.database.read() as tx:
        return {table.name: sorted((tuple(row) for row in tx.execute(select(table))), key=repr) for table in metadata.sorted_tables}


def of_station(station: Station) -> Rows:
    """All rows of all tables, but for what a try to synchronise notes about itself."""
    db = station.database
    tables = db.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    held = {name: sorted(db.rows(f"SELECT * FROM {name}"), key=repr) for (name,) in tables}  # noqa: S608 - names of our own tables
    held["facts"] = [row for row in held["facts"] if row[0] not in NOTES]
    return held
