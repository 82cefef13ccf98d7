"""notice: the text of 个人信息保护法 17 条, to be shown before the first document is read, and to be printed."""

from __future__ import annotations

from pathlib import Path

import click

from courier_check.cli.files import write_file
from courier_check.cli.output import Output, system_clock, with_output
from courier_check.devices.printed_pages import pdf_of
from courier_check.identity.notices import Notice
from courier_check.privacy_notice import notice_sheet
from courier_check.reporting import as_text, text_lines
from courier_check.store.resources import read_resource, resource_path

_FONT = "fonts/NotoSansCJKsc-Regular-subset.otf"


@click.command(help="个人信息处理告知：显示，或写成文本、PDF 以便打印张贴")
@click.option("--out", "target", type=click.Path(path_type=Path, dir_okay=False), help="写到文件（.pdf 为可打印的页，其余为文本）")
@click.option("--outlet", default="", help="网点名称（不填则留空手写）")
@click.option("--contact", default="", help="联系方式（不填则留空手写）")
@with_output
def notice(out: Output, target: Path | None, outlet: str, contact: str) -> int:
    held = Notice.parse(read_resource("notices/personal-data.json"))
    sheet = notice_sheet(held, out.wording, outlet=outlet, contact=contact)
    text = as_text((sheet,))
    if target is None:
        out.line({"version": held.version, "title": sheet.title, "text": text}, *text_lines((sheet,)))
        return 0
    printed = target.suffix.lower() == ".pdf"
    lines = [f"{heading}\n{said}" for heading, said in sheet.rows]
    made_at = system_clock().read().at
    data = pdf_of(sheet.title, [*lines, *sheet.notes], resource_path(_FONT), made_at) if printed else f"{text}\n".encode()
    write_file(target, data)
    out.say({"version": held.version, "file": str(target)}, "written", file=str(target))
    return 0
