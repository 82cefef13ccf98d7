"""check-number: any number, as whatever it may be. Starts without pictures, network or database."""

from __future__ import annotations

from datetime import date

import click

from courier_check.cli.output import Output, system_clock, with_output
from courier_check.identity.number_check import NumberCheck
from courier_check.identity.numbers import check_number as check_identity_number
from courier_check.identity.regions import Regions
from courier_check.parcel.carriers import Carriers
from courier_check.parcel.numbers import ParcelNumberCheck, check_parcel_number
from courier_check.privacy import mask_number, mask_phone
from courier_check.store.resources import read_resource

Check = NumberCheck | ParcelNumberCheck

_NOBODYS = ("waybill", "goods", "tag", "uscc", "org-code", "business-registration")
"""Kinds that are no person's number; whatever else a text may be is masked where people read it."""


@click.command(help="核对任意号码：证件、机构代码、运单、商品条码、电话")
@click.argument("texts", nargs=-1, required=True, metavar="TEXT...")
@with_output
def check_number(out: Output, texts: tuple[str, ...]) -> int:
    today = system_clock().read().at.date()
    regions = Regions.parse(read_resource("regions.json"))
    carriers = Carriers.parse(read_resource("carriers.json"))
    for text in texts:
        checks = _merged(text, today, regions, carriers)
        kinds = [{"kind": c.kind, "valid": c.valid, "reasons": list(c.reasons), "facts": dict(c.facts)} for c in checks]
        out.line({"text": text, "kinds": kinds}, *_text(out, text, checks))
    return 0


def _merged(text: str, today: date, regions: Regions, carriers: Carriers) -> list[Check]:
    """Identity's and the parcel's readings, likeliest first: what a check digit or a date proves, then shapes, then failed checks.

    Within a group identity's come first, except that a waybill's own prefix says more than a pattern that many texts fit.
    """
    identity = check_identity_number(text, today, regions)
    parcel = check_parcel_number(text, carriers, ())
    return sorted((*identity, *parcel), key=lambda check: -_weight(check))


def _weight(check: Check) -> int:
    if isinstance(check, NumberCheck):
        return int(check.likelihood) * 2 + 1
    if not check.valid:
        return 2
    proven = check.kind in ("goods", "tag") or check.facts.get("check_digit") is True
    settled = check.facts.get("carrier") is not None
    return 6 if proven else 5 if settled else 3


def _masked(text: str, likeliest: str) -> str:
    if likeliest == "credential":
        return f"{text[:6]}…"  # somebody's name and number are in it
    return mask_phone(text) if likeliest.startswith("phone-") else mask_number(text)


def _text(out: Output, text: str, checks: list[Check]) -> list[str]:
    likeliest = checks[0].kind if checks else ""
    lines = [text if likeliest in _NOBODYS else _masked(text, likeliest)]
    for check in checks:
        sign = "✔" if check.valid else "✖"
        reasons = "；".join(out.wording.of(reason) for reason in check.reasons)
        name = out.wording.of(f"kind-{check.kind}")
        lines.append(f"  {sign} {name}" + (f" — {reasons}" if reasons else ""))
    if not checks:
        lines.append("  " + out.wording.of("number-unknown"))
    return lines
