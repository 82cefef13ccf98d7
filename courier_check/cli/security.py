"""security-check: parcels screened after their acceptance, one by one or as a stream of scans (安检)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import click

from courier_check.cli.opening import Access, with_operator
from courier_check.cli.output import Output
from courier_check.desk.rights import SignedIn
from courier_check.desk.security_checks import Checked, Means, Parcel, SecurityCheck
from courier_check.errors import CourierCheckError, StoreError, UserError
from courier_check.inspection.codes import SecurityCode
from courier_check.inspection.security import SecurityOutcome
from courier_check.station import Station

LONGEST_LINE = 400
"""Characters of one scan: longer than every code on a waybill."""


@click.command(name="security-check", help="安检：逐件记合格、不合格、待复检；同一件以最后一次为准，历次都留")
@click.argument("scans", nargs=-1, metavar="WAYBILL...")
@click.option("--outcome", type=click.Choice([outcome.value for outcome in SecurityOutcome]), required=True, help="结论")
@click.option("--method", "methods", multiple=True, help="安检方法代码（resources/security.json），可写多个；默认 x-ray")
@click.option("--exempt", "exemption", help="免检理由代码；写了就不写方法")
@click.option("--image", help="安检机图像的编号，保存 30 天以上；只用于一件")
@click.option("--image-days", type=int, help="图像保存天数（默认 30）")
@click.option("--accepted-by", help="接收安检结论的单位代码")
@click.option("--note", default="", help="看到了什么；只留本企业")
@click.option("--stdin", "stream", is_flag=True, help="逐行读扫描：每行一件，每件一行结果")
@with_operator
def security_check(out: Output, access: Access, scans: tuple[str, ...], *, stream: bool, **said: Any) -> int:
    if not scans and not stream:
        raise UserError(SecurityCode.NOTHING_SCANNED)
    image, methods = said["image"], said["methods"]
    if image is not None and (stream or len(scans) > 1):
        raise UserError(SecurityCode.IMAGE_OF_ONE)
    usual = () if said["exemption"] is not None else ("x-ray",)
    means = Means(methods or usual, said["exemption"], said["accepted_by"], said["image_days"])
    outcome, note = SecurityOutcome(said["outcome"]), said["note"]
    with access.open() as station:
        by = access.sign_in(station)
        for scan in (*scans, *(_lines() if stream else ())):
            _one(out, station, SecurityCheck(scan, outcome, means, image, note), by)
    return out.exit_code()


def _lines() -> Iterator[str]:
    """Scans from standard input, as they come; empty lines are none."""
    while line := sys.stdin.readline(LONGEST_LINE + 1):
        if line.strip():
            yield line


def _one(out: Output, station: Station, check: SecurityCheck, by: SignedIn) -> None:
    scan = check.scan.strip()
    try:
        checked = station.desk().security.check(check, by)
    except StoreError:
        raise
    except CourierCheckError as error:
        out.error({"scan": scan[:LONGEST_LINE]}, error)
        return
    station.keep_head()
    _tell(out, scan, checked)


def _tell(out: Output, scan: str, checked: Checked) -> None:
    fields = {
        "scan": scan,
        "waybill": checked.waybill or None,
        "outcome": checked.outcome.value,
        "parcel": checked.parcel.value,
        "checks": None if checked.of is None else {"journal": checked.of[0], "seq": checked.of[1]},
        "before": checked.before.value if checked.before is not None else None,
        "number": checked.number,
        "seq": checked.seq,
        "hash": checked.hash,
        "repeated": checked.repeated,
    }
    remark = "" if checked.parcel is Parcel.ACCEPTED else out.wording.of(f"security-parcel-{checked.parcel.value}")
    said = "security-repeated" if checked.repeated else f"security-recorded-{checked.outcome.value}"
    out.say(fields, said, waybill=checked.waybill or scan, seq=checked.seq, remark=remark)
