"""取数: what regulators' systems pull (docs/wire.md §10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from courier_check.gateway.rows import Row
from courier_check.gateway.setup import Gateway
from courier_check.gateway.store import pulls
from courier_check.gateway.store.pulls import PulledEntry, Wanted
from courier_check.gateway.store.systems import PullSystem
from courier_check.journal.keys import to_text

PAGE = 500
LIMIT = 100_000
COLUMNS = (
    "arrival",
    "gateway_seq",
    "received_at_ms",
    "after_revocation",
    "region",
    "outlet_id",
    "station_id",
    "journal_id",
    "seq",
    "kind",
    "hash",
    "signature",
    "header",
    "reported",
)


def entries(gateway: Gateway, system: PullSystem, wanted: Wanted, limit: int) -> Iterator[Row]:
    """Entries after a cursor in order of arrival, at most `limit`.

    Each page is a short transaction of its own: a slow reader holds nothing up, and what is stored meanwhile comes after `wanted.until`.
    """
    while limit > 0:
        with gateway.database.read() as tx:
            page = pulls.pulled(tx, wanted, min(PAGE, limit))
        yield from (_row(entry, parts=system.parts) for entry in page)
        if len(page) < PAGE:
            return
        limit -= len(page)
        wanted = replace(wanted, after=page[-1].arrival)


def last_arrival(gateway: Gateway) -> int:
    """The newest arrival number: the end of a pull that begins now."""
    with gateway.database.read() as tx:
        return pulls.last_arrival(tx)


def _row(entry: PulledEntry, *, parts: bool) -> Row:
    row: dict[str, object] = {name: getattr(entry, name) for name in COLUMNS}
    row["signature"] = to_text(entry.signature)
    row["reported"] = to_text(entry.reported) if parts and entry.reported is not None else None
    return row
