"""The page of outlets: its figures from the database, and its HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from courier_check.clock import at
from courier_check.gateway.closings import DAY_CLOSE, closed_days, open_disputes
from courier_check.gateway.outlets import ACTS, Figures, OutletBlock, duration, outlet_blocks
from courier_check.gateway.setup import Gateway
from courier_check.gateway.store import late, pulls, systems
from courier_check.gateway.store.systems import PullSystem
from courier_check.reports.daily import Rate


@dataclass(frozen=True, slots=True)
class Totals:
    """All stations shown."""

    stations: int
    silent: int
    lists_late: int
    accepted: int
    refused: int
    referred: int
    real_name: Rate
    inspected: Rate

    @classmethod
    def of(cls, outlets: Sequence[OutletBlock]) -> Totals:
        lines = [line for outlet in outlets for line in outlet.lines]
        return cls(
            stations=len(lines),
            silent=sum(line.silent for line in lines),
            lists_late=sum(line.lists_late for line in lines),
            accepted=sum(line.accepted for line in lines),
            refused=sum(line.refused for line in lines),
            referred=sum(line.referred for line in lines),
            real_name=_summed(line.real_name for line in lines),
            inspected=_summed(line.inspected for line in lines),
        )


@dataclass(frozen=True, slots=True)
class Overview:
    """What one system sees at one moment."""

    gateway_name: str
    practice: bool
    system: PullSystem
    region: str
    now_ms: int
    outlets: tuple[OutletBlock, ...]


def overview(gateway: Gateway, system: PullSystem, region: str) -> Overview:
    now_ms = gateway.now_ms()
    with gateway.database.read() as tx:
        rows = pulls.station_rows(tx, region)
        figures = Figures(
            counts=pulls.act_counts(tx, region, ACTS),
            returned_open=pulls.open_returned(tx),
            flagged=pulls.flagged_counts(tx, region),
            forks=pulls.fork_counts(tx),
            claims=pulls.claim_counts(tx),
            confirmed=late.confirmed(tx),
            published=systems.published(tx),
            closed=closed_days(pulls.newest_about(tx, region, DAY_CLOSE)),
            disputes=open_disputes(pulls.disputes_and_corrections(tx, region)),
        )
    blocks = tuple(outlet_blocks(rows, figures, now_ms))
    return Overview(gateway.document.name, gateway.document.practice, system, region, now_ms, blocks)


def render(seen: Overview) -> str:
    """The page as HTML; every value is escaped."""
    return _template().render(
        gateway_name=seen.gateway_name,
        practice=seen.practice,
        system=seen.system,
        region=seen.region,
        now=f"{at(seen.now_ms):%Y-%m-%d %H:%M}",
        total=Totals.of(seen.outlets),
        outlets=seen.outlets,
    )


def _summed(rates: Iterable[Rate]) -> Rate:
    each = [*rates]
    return Rate(sum(rate.numerator for rate in each), sum(rate.denominator for rate in each))


def _template() -> Template:
    environment = Environment(loader=PackageLoader("courier_check.gateway"), autoescape=True, undefined=StrictUndefined)
    environment.filters["duration"] = duration
    environment.filters["day"] = lambda at_ms: f"{at(at_ms):%Y-%m-%d}"
    return environment.get_template("outlets.html")
