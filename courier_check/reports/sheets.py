"""Reports laid out as sheets of cells, and as plain data for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from courier_check.clock import at
from courier_check.one_line import one_line
from courier_check.reports.acts import Period
from courier_check.reports.daily import Figures, Rate, Rates
from courier_check.reports.forms import HalfYearForm, ReportForms
from courier_check.reports.half_year import HalfYearReport, Number

Cell = str | int
Names = Mapping[str, str]
"""What codes mean in words: refusal codes (R01 …) and categories of prohibited goods (01 …), from the caller's catalogues."""

_COUNTS = (
    *("abroad", "hits_blocked", "hits_reviewed", "withdrawn", "intercepted", "corrections", "corrected", "late", "uploaded_late"),
    "pending",
)
_RATES = tuple(Rates.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One printed page: title, lines under it, a table, notes."""

    title: str
    heading: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...]


def one_lined(sheet: Sheet) -> Sheet:
    """For a screen: what others wrote into a cell breaks no line and steers no terminal."""

    def plain(cell: Cell) -> Cell:
        return one_line(cell) if isinstance(cell, str) else cell

    return Sheet(
        one_line(sheet.title),
        tuple((one_line(name), one_line(value)) for name, value in sheet.heading),
        tuple(map(one_line, sheet.columns)),
        tuple(tuple(map(plain, row)) for row in sheet.rows),
        tuple(map(one_line, sheet.notes)),
    )


def daily_sheets(figures: Figures, forms: ReportForms, names: Names, reported_by: str) -> tuple[Sheet, ...]:
    """日报: the figures, refusals and prohibited goods, and the operators' share."""
    heading = _heading(figures, forms, reported_by)
    labels = forms.labels
    return (
        Sheet(forms.daily_title, heading, (labels["item"], labels["value"]), tuple(_figure_rows(figures, labels)), forms.notes),
        refusals_sheet(figures, forms, names, reported_by),
        Sheet(
            labels["operators"],
            heading,
            tuple(labels[key] for key in ("operator", "accepted", "share", "refused", "referred", "typed", "hurried")),
            tuple(
                (
                    *(share.operator, share.accepted, Rate(share.accepted, figures.accepted).text),
                    *(share.refused, share.referred, share.typed, share.hurried),
                )
                for share in figures.operators
            ),
            forms.notes[:1],
        ),
    )


def rates_sheet(figures: Figures, forms: ReportForms, reported_by: str) -> Sheet:
    """制度执行率: each rate with the counts it is made of."""
    labels = forms.labels
    rows: list[tuple[Cell, ...]] = []
    for key, rate in _recorded_rates(figures.rates):
        rows.append((labels[key], rate.text, rate.numerator, rate.denominator))
    rows += [(labels[key], _not_recorded(labels), "", "") for key in _unrecorded_rates(figures.rates)]
    columns = tuple(labels[key] for key in ("item", "value", "numerator", "denominator"))
    return Sheet(forms.rates_title, _heading(figures, forms, reported_by), columns, tuple(rows), forms.notes)


def refusals_sheet(figures: Figures, forms: ReportForms, names: Names, reported_by: str) -> Sheet:
    """拒收情况: by reason, and what was found by category of prohibited goods."""
    labels = forms.labels
    rows = [
        (labels[key], code, names.get(code, ""), count)
        for key, counts in (("refusal", figures.refusals), ("prohibited", figures.prohibited))
        for code, count in counts
    ]
    rows.append((labels["intercepted"], "", "", figures.intercepted))
    columns = tuple(labels[key] for key in ("item", "code", "reason", "count"))
    return Sheet(forms.refusals_title, _heading(figures, forms, reported_by), columns, tuple(rows), forms.notes[:1])


def half_year_sheets(report: HalfYearReport, forms: ReportForms, names: Names) -> tuple[Sheet, ...]:
    """附件 in its own layout, 寄递环节附表 beside it."""
    form, labels = forms.half_year, forms.labels
    half_year, heading = report.half_year, report.heading
    state = labels["final"] if report.final else labels["not_final"]
    table = Sheet(
        form.title,
        (
            (labels["reported_by"], heading.reported_by),
            (labels["drawn_up_on"], heading.drawn_up_on.isoformat()),
            (labels["period"], str(half_year.period)),
            (labels["due_on"], half_year.due_on.isoformat()),
        ),
        tuple(labels[key] for key in ("group", "item", "value", "provenance")),
        tuple(_number_row(number, form, labels) for number in report.numbers),
        (f"{form.source}：{form.background}", *form.notes),
    )
    annex_rows = (*_figure_rows(report.annex, labels), *_counted_rows(report.annex, labels, names))
    annex_heading = (*_heading(report.annex, forms, heading.reported_by), (labels["pending"], f"{report.annex.pending}（{state}）"))
    return table, Sheet(form.annex_title, annex_heading, (labels["item"], labels["value"]), annex_rows, forms.notes)


def figures_json(figures: Figures, forms: ReportForms) -> dict[str, Any]:
    """The figures as plain data; rates as both counts and their text."""
    plain = asdict(figures)
    plain["period"] = _period_json(figures.period)
    plain["accepted_by_kind"] = {kind.value: count for kind, count in figures.accepted_by_kind}
    plain["by_way"] = dict(figures.by_way)
    plain["by_security"] = dict(figures.by_security)
    plain["refusals"], plain["prohibited"] = dict(figures.refusals), dict(figures.prohibited)
    plain["rates"] = rates_json(figures.rates, forms)
    plain["operators"] = [asdict(share) for share in figures.operators]
    return plain


def rates_json(rates: Rates, forms: ReportForms) -> dict[str, Any]:
    """The rates as both counts and their text, with the statement of 口径; what is not recorded is null, and `not_recorded` says so."""
    unrecorded = _unrecorded_rates(rates)
    return {
        **{key: {**asdict(rate), "text": rate.text} for key, rate in _recorded_rates(rates)},
        **dict.fromkeys(unrecorded),
        "not_recorded": dict.fromkeys(unrecorded, forms.labels["not_recorded"]),
        "notes": list(forms.notes),
    }


def half_year_json(report: HalfYearReport, forms: ReportForms) -> dict[str, Any]:
    """附件 and 寄递环节附表 as plain data. A number nobody filled in is null, and its text 未填."""
    form = forms.half_year
    return {
        "title": form.title,
        "source": form.source,
        "certainty": form.certainty,
        "background": form.background,
        "reported_by": report.heading.reported_by,
        "drawn_up_on": report.heading.drawn_up_on.isoformat(),
        "period": _period_json(report.half_year.period),
        "due_on": report.half_year.due_on.isoformat(),
        "days_left": report.half_year.days_left(report.heading.drawn_up_on),
        "final": report.final,
        "numbers": [_number_json(number, form) for number in report.numbers],
        "annex": {"title": form.annex_title, "notes": list(forms.notes), **figures_json(report.annex, forms)},
        "notes": list(form.notes),
    }


def _recorded_rates(rates: Rates) -> Iterator[tuple[str, Rate]]:
    for key in _RATES:
        rate: Rate | None = getattr(rates, key)
        if rate is not None:
            yield key, rate


def _unrecorded_rates(rates: Rates) -> tuple[str, ...]:
    return tuple(key for key in _RATES if getattr(rates, key) is None)


def _not_recorded(labels: Names) -> str:
    return f"—（{labels['not_recorded']}）"


def _heading(figures: Figures, forms: ReportForms, reported_by: str) -> tuple[tuple[str, str], ...]:
    return (
        (forms.labels["reported_by"], reported_by),
        (forms.labels["period"], str(figures.period)),
        (forms.labels["as_of"], f"{at(figures.as_of_ms):%Y-%m-%d %H:%M}"),
    )


def _figure_rows(figures: Figures, labels: Names) -> Iterator[tuple[Cell, ...]]:
    yield labels["accepted"], figures.accepted
    yield from ((labels[kind], count) for kind, count in figures.accepted_by_kind)
    yield labels["refused"], figures.refused
    yield labels["referred"], figures.referred
    for key, rate in _recorded_rates(figures.rates):
        yield labels[key], f"{rate.text}（{rate.numerator}/{rate.denominator}）"
    yield from ((labels[key], _not_recorded(labels)) for key in _unrecorded_rates(figures.rates))
    yield from ((labels[f"security-{outcome}"], count) for outcome, count in figures.by_security if f"security-{outcome}" in labels)
    yield from ((labels[f"way-{way}"], count) for way, count in figures.by_way if f"way-{way}" in labels)
    for key in _COUNTS:
        yield labels[key], int(getattr(figures, key))
    oldest = figures.oldest_pending_at_ms
    yield labels["oldest_pending"], "—" if oldest is None else f"{at(oldest):%Y-%m-%d %H:%M}"


def _counted_rows(figures: Figures, labels: Names, names: Names) -> Iterator[tuple[Cell, ...]]:
    for key, counts in (("refusal", figures.refusals), ("prohibited", figures.prohibited)):
        yield from ((f"{labels[key]}：{code} {names.get(code, '')}".rstrip(), count) for code, count in counts)


def _number_row(number: Number, form: HalfYearForm, labels: Names) -> tuple[Cell, ...]:
    filled = number.value is not None
    source = f"{labels['manual']}：{number.source}（{number.entered_by}）" if filled else labels["unfilled"]
    return number.group, f"{number.item.name}（{number.item.unit}）", number.text or form.unfilled, source


def _number_json(number: Number, form: HalfYearForm) -> dict[str, Any]:
    return {
        "item": number.item.id,
        "group": number.group,
        "name": number.item.name,
        "unit": number.item.unit,
        "value": number.value,
        "decimals": number.item.decimals,
        "text": number.text or form.unfilled,
        "provenance": number.provenance.value,
        "source": number.source,
        "entered_by": number.entered_by,
    }


def _period_json(period: Period) -> dict[str, str]:
    return {"from": period.from_on.isoformat(), "to": period.to_on.isoformat()}
