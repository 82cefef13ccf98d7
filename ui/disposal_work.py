"""What the window's workers do about a refusal's disposal and about intercepts. No Qt here, as in work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ui.disposal_view import DisposalKind
from ui.documents import written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from courier_check.desk.rights import SignedIn
    from courier_check.station import Station
    from courier_check.wording import Wording
    from ui.paper import Paper


def record_disposal(station: Station, kind: DisposalKind, place: tuple[str, int], typed: Mapping[str, str], who: SignedIn | None) -> str:
    """报告, 移交, 拦截 or 拦截结果, durable when it returns: the number of the lead that an intercept made, else nothing. UserError; then
    nothing was written."""
    lead = _record(station, kind, place, typed, who)
    station.keep_head()
    return lead


def _record(station: Station, kind: DisposalKind, place: tuple[str, int], typed: Mapping[str, str], who: SignedIn | None) -> str:
    from courier_check.desk.disposals import Handover, Report
    from courier_check.desk.intercepts import Cause, Intercept, InterceptOutcome, Settlement
    from courier_check.inspection.findings import ContentsFinding, FindingKind

    desk = station.desk()
    if kind is DisposalKind.REPORT:
        desk.disposals.report(Report(*place, typed["authority"], typed["person"], typed["reference"], typed["told"]), who)
    elif kind is DisposalKind.HANDOVER:
        officers = tuple(number for number in (typed["officer_1"], typed["officer_2"]) if number.strip())
        desk.disposals.hand_over(Handover(*place, typed["authority"], typed["list_number"], officers, typed["told"]), who)
    elif kind is DisposalKind.OUTCOME:
        desk.intercepts.settle(Settlement(*place, InterceptOutcome(typed["outcome"]), typed["note"]), who)
    else:
        category, name = typed["category"], typed["name"].strip()
        found = ContentsFinding(FindingKind.PROHIBITED, name or category, category) if category else None
        words = (typed["reason"], typed["whereabouts"], typed["stopped"])
        stopped = desk.intercepts.intercept(Intercept(*place, Cause(typed["cause"]), *words, found), who)
        return stopped.lead.number if stopped.lead is not None else ""
    return ""


def check_scan(station: Station, text: str) -> None:
    """UserError where an intercepted parcel was scanned."""
    station.desk().intercepts.check_scan(text)


def current_place(station: Station, seq: int) -> tuple[str, int]:
    """An entry of the journal that takes entries now."""
    from courier_check.store import journal

    return journal.current_journal(station.database) or "", seq


def print_refusal_slip(station: Station, place: tuple[str, int], wording: Wording, folder: Path) -> Paper:
    """拒收告知单 as a PDF of one page in a folder, and the page, which may be printed too. UserError (no refusal, no such folder, no
    right), StoreError; then no file."""
    from courier_check.desk import lookups
    from courier_check.refusal_slip import refusal_slip
    from ui.paper import Paper
    from ui.pdf import lay_out, to_pdf

    identity = station.enrolled()
    stands = identity.certificate.station
    rules = station.desk().acceptances.rules.rulebook.rules
    record = lookups.record(station.database, identity, station.evidence, *place)
    sheet = refusal_slip(record, rules, wording, outlet=stands.outlet_name if stands is not None else identity.certificate.subject)
    made_at = station.clock.read().at

    def write(target: Path) -> None:
        to_pdf((sheet,), made_at, target)

    file = written(station, folder, f"{sheet.title}-{place[1]}_{made_at:%Y%m%d-%H%M%S}", "pdf", write)
    return Paper(file, sheet.title, made_at, lay_out((sheet,)))
