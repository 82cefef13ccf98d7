"""What the window's workers do about parcels: names made ready to be searched, the public notice, a parcel given back. No Qt here, as in
work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ui.documents import written

if TYPE_CHECKING:
    from courier_check.acceptance import Draft, Rulebook
    from courier_check.desk.rights import SignedIn
    from courier_check.desk.withdrawals import Withdrawal
    from courier_check.parcel.service import Shipment
    from courier_check.station import Station
    from courier_check.wording import Wording
    from ui.counter.finding import Finders


def finders(rulebook: Rulebook) -> Finders | None:
    """Goods and prohibited goods, ready to be searched; None where there is no catalogue of goods."""
    from courier_check.acceptance.prohibited_search import ProhibitedSearch
    from courier_check.parcel.finding import Readings
    from courier_check.store.resources import read_resource
    from ui.counter.finding import Finders

    if rulebook.goods is None:
        return None
    readings = Readings.parse(read_resource("pinyin.json")).by_character()
    prohibited = rulebook.rules.prohibited
    return Finders(rulebook.goods.finder(readings), ProhibitedSearch(prohibited, readings), prohibited)


def print_public_notice(station: Station, *, rulebook: Rulebook, wording: Wording, outlet: str, folder: Path) -> Path:
    """禁寄物品公示 as a PDF in a folder. UserError (no such folder, no right), StoreError (disk full); then nothing was written."""
    from courier_check.prohibited_sheet import public_notice
    from ui.pdf import to_pdf

    rules, made_at = rulebook.rules, station.clock.read().at
    sheet = public_notice(rules.prohibited, rulebook.restricted, rules.regulations, wording, outlet=outlet)

    def write(target: Path) -> None:
        to_pdf((sheet,), made_at, target)

    return written(station, folder, f"{sheet.title}_{rules.prohibited.version}", "pdf", write)


def next_piece(station: Station, waybill: str, draft: Draft) -> Shipment:
    """一票多件, gone on with. Raises UserError."""
    return station.desk().shipments.next_piece(waybill, draft)


def withdraw(station: Station, withdrawal: Withdrawal, who: SignedIn | None) -> str:
    """撤件, durable when it returns: how it was known who took the parcel back. Raises UserError; then nothing was written."""
    entry = station.desk().withdrawals.withdraw(withdrawal, who).entry
    station.keep_head()
    return str(entry.header.facts["confirmed"])
