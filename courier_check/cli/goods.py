"""goods, prohibited: classes of goods and prohibited goods found by what is typed, and the notice for the wall."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from courier_check.acceptance.prohibited_search import ProhibitedSearch, Suspect
from courier_check.cli.files import write_file
from courier_check.cli.output import Output, system_clock, with_output
from courier_check.inspection.catalogue import Disposition, Moment
from courier_check.inspection.rules import RulePackage, RuleSet
from courier_check.parcel.catalogue import GoodsCatalogue, GoodsClass
from courier_check.parcel.contents import RestrictedGoods
from courier_check.parcel.finding import Readings
from courier_check.reporting import as_text, text_lines
from courier_check.store.resources import read_resource, resource_path
from courier_check.terms import marks_of

_FONT = "fonts/NotoSansCJKsc-Regular-subset.otf"


@click.group(help="内件品类：按名称、拼音、首字母或别名查")
def goods() -> None:
    pass


@goods.command(name="search", help="查品类：名称、拼音、首字母、别名都行")
@click.argument("text")
@click.option("--limit", type=click.IntRange(1, 50), default=9, help="最多几个（默认 9）")
@with_output
def search_goods(out: Output, text: str, limit: int) -> int:
    catalogue = GoodsCatalogue.parse(read_resource("goods.json"))
    restricted = RestrictedGoods.parse(read_resource("restricted.json"))
    found = catalogue.finder(_readings()).search(text, limit)
    for each in found:
        kind = each.target
        category = restricted.category(kind.category)
        fields: dict[str, Any] = {"goods": kind.id, "zh": kind.zh, "en": kind.en}
        fields |= {"category": kind.category, "key": category.key if category else None}
        fields |= {"focus": kind.focus, "brand": kind.brand, "found_by": each.name, "prohibited": kind.prohibited}
        fields["papers"] = [_paper(catalogue, paper) for paper in kind.papers]
        out.line(fields, *_goods_text(out, catalogue, kind, each.name))
    if not found and not out.as_json:
        out.line({}, out.wording.of("nothing-found", {"text": text[:40]}))
    return 0


def _paper(catalogue: GoodsCatalogue, paper_id: str) -> dict[str, Any]:
    paper = catalogue.paper(paper_id)
    return {"paper": paper.id, "zh": paper.zh, "en": paper.en, "asked_of": paper.asked_of.value, "certainty": paper.certainty}


def _goods_text(out: Output, catalogue: GoodsCatalogue, kind: GoodsClass, name: str) -> list[str]:
    own = out.wording.bilingual(kind)
    focus = f"  {out.wording.of('goods-focus')}" if kind.focus else ""
    lines = [f"{kind.id}  {own}" + (f"（{name}）" if name != own else "") + focus]
    for paper in (catalogue.paper(paper_id) for paper_id in kind.papers):
        mark = str(marks_of(paper.certainty)[f"mark_{out.language.value}"])
        lines.append("  " + out.wording.of(f"goods-paper-{paper.asked_of.value}", {"paper_zh": paper.zh, "paper_en": paper.en}) + mark)
    if kind.prohibited is not None:
        lines.append("  " + out.wording.of("goods-see-prohibited", {"category": kind.prohibited}))
    return lines


@click.group(help="禁止寄递物品：查找、处置、公示")
def prohibited() -> None:
    pass


@prohibited.command(name="search", help="查禁寄物品：名称、俗称、拼音、首字母都行，并给出处置")
@click.argument("text")
@click.option("--after-acceptance", is_flag=True, help="已收寄以后发现的（默认收寄时）")
@click.option("--concealed", is_flag=True, help="藏匿、夹带的")
@click.option("--limit", type=click.IntRange(1, 19), default=5, help="最多几类（默认 5）")
@with_output
def search_prohibited(out: Output, text: str, limit: int, *, after_acceptance: bool, concealed: bool) -> int:
    rules = _rules()
    moment = Moment.AFTER_ACCEPTANCE if after_acceptance else Moment.AT_ACCEPTANCE
    found = ProhibitedSearch(rules.prohibited, _readings()).search(text, limit)
    for suspect in found:
        to_do = suspect.disposition(rules.prohibited, moment, concealed=concealed)
        told = [authority.id for authority in to_do.report_to]
        fields: dict[str, Any] = {"category": suspect.category.code, "zh": suspect.category.zh, "en": suspect.category.en}
        fields |= {"found_by": suspect.name, "moment": moment.value, "concealed": concealed, "disposition": to_do.rule.id}
        fields |= {"steps": [out.wording.bilingual(step) for step in to_do.rule.steps], "lead": to_do.rule.lead, "report_to": told}
        fields |= {"refusal": suspect.category.refusal, "certainty": suspect.category.certainty.value}
        out.line(fields, *_suspect_text(out, suspect, to_do))
    if not found and not out.as_json:
        out.line({}, out.wording.of("nothing-prohibited-found", {"text": text[:40]}))
    return 0


def _suspect_text(out: Output, suspect: Suspect, to_do: Disposition) -> list[str]:
    mark = str(marks_of(suspect.category.certainty)[f"mark_{out.language.value}"])
    lines = [f"{suspect.category.code} {out.wording.bilingual(suspect.category)}（{suspect.name}）{mark}"]
    lines.append(f"  {out.wording.bilingual(to_do.rule)}")
    lines += [f"  {number}. {out.wording.bilingual(step)}" for number, step in enumerate(to_do.rule.steps, start=1)]
    if to_do.report_to:
        told = "、".join(out.wording.bilingual(authority) for authority in to_do.report_to)
        told_mark = str(marks_of(suspect.category.report_certainty)[f"mark_{out.language.value}"])
        lines.append("  " + out.wording.of("report-to", {"authorities": told}) + told_mark)
    return lines


@prohibited.command(name="notice", help="禁止寄递物品公示：显示，或写成文本、PDF 以便打印张贴")
@click.option("--out", "target", type=click.Path(path_type=Path, dir_okay=False), help="写到文件（.pdf 为可打印的页，其余为文本）")
@click.option("--outlet", default="", help="网点名称（不填则留空手写）")
@with_output
def public_notice(out: Output, target: Path | None, outlet: str) -> int:
    from courier_check.devices.printed_pages import pdf_of
    from courier_check.prohibited_sheet import public_notice as sheet_of

    rules = _rules()
    restricted = RestrictedGoods.parse(read_resource("restricted.json"))
    sheet = sheet_of(rules.prohibited, restricted, rules.regulations, out.wording, outlet=outlet)
    text = as_text((sheet,))
    version = rules.prohibited.version
    if target is None:
        out.line({"version": version, "title": sheet.title, "text": text}, *text_lines((sheet,)))
        return 0
    printed = target.suffix.lower() == ".pdf"
    lines = ["".join(pair) for pair in sheet.heading] + [f"{heading}\n{said}" for heading, said in sheet.rows]
    data = f"{text}\n".encode()
    if printed:
        data = pdf_of(sheet.title, [*lines, *sheet.notes], resource_path(_FONT), system_clock().read().at)
    write_file(target, data)
    out.say({"version": version, "file": str(target)}, "written", file=str(target))
    return 0


def _rules() -> RuleSet:
    names = ("checklists", "prohibited", "restricted", "refusals", "regulations")
    return RuleSet.parse(RulePackage(*(read_resource(f"{name}.json") for name in names)))


def _readings() -> Mapping[str, tuple[str, ...]]:
    return Readings.parse(read_resource("pinyin.json")).by_character()
