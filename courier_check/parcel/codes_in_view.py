"""几个条码同时在画面里: which of the codes under the camera is the parcel's waybill, and in which order the rest is offered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from courier_check.parcel.waybills import Carriers, CodeKind, WaybillCheck, check_waybill

MOST_OFFERED = 9
"""One for each number key."""


@dataclass(frozen=True, slots=True)
class CodesInView:
    """`chosen`: the one that goes by itself, None where none stands out. `others`: to be taken by hand, number key 1 for the first."""

    chosen: WaybillCheck | None = None
    others: tuple[WaybillCheck, ...] = ()

    def picked(self, number: int) -> WaybillCheck | None:
        """The code behind a number key, counted from 1; None where there is none."""
        return self.others[number - 1] if 1 <= number <= len(self.others) else None


def codes_in_view(codes: Sequence[tuple[str, str]], carriers: Carriers, outlet_carriers: tuple[str, ...]) -> CodesInView:
    """Judge codes, each (text, symbology), the first seen first. The same number in two codes is one.

    The waybill of an outlet's carrier comes before one whose carrier is settled otherwise, that before any other; a wrong check digit is
    never chosen. Two that are as good as each other are left to the clerk: a neighbour's parcel may lie in view.
    """
    checks: dict[tuple[CodeKind, str], WaybillCheck] = {}
    for text, symbology in codes:
        check = check_waybill(carriers, text, symbology, outlet_carriers)
        if check.text:
            before = checks.get((check.kind, check.text))
            if before is None or _rank(check, outlet_carriers) < _rank(before, outlet_carriers):
                checks[check.kind, check.text] = check
    waybills = [check for check in checks.values() if check.kind is CodeKind.WAYBILL and check.valid is not False]
    best = min((_rank(check, outlet_carriers) for check in waybills), default=None)
    likeliest = [check for check in waybills if _rank(check, outlet_carriers) == best]
    chosen = likeliest[0] if len(likeliest) == 1 else None
    return CodesInView(chosen, tuple(check for check in checks.values() if check is not chosen)[:MOST_OFFERED])


def _rank(check: WaybillCheck, outlet_carriers: tuple[str, ...]) -> int:
    """Less is likelier."""
    if check.carrier is not None:
        return 0 if check.carrier in outlet_carriers else 1
    return 2
