"""rules: check, install and show the checklists in force."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from courier_check.cli.opening import Access, with_operator, with_station
from courier_check.cli.output import Output, with_output
from courier_check.desk.codes import DeskCode
from courier_check.desk.rules import shipped_package
from courier_check.errors import UserError
from courier_check.inspection.check import RuleReport, check_rules
from courier_check.station import PRACTICE_SUPERVISOR

LARGEST_BYTES = 10_000_000


@click.group(help="规则：核对、安装、现状")
def rules() -> None:
    pass


@rules.command(help="核对清单文件：写法、引用、法定底线、所附案例")
@click.argument("file", type=click.Path(path_type=Path))
@with_output
def check(out: Output, file: Path) -> int:
    return _tell(out, file, check_rules(read_rules(file), shipped_package()))


@rules.command(help="安装清单：签名的数据包；练习台可装未签名的清单文件")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--unsigned-practice", is_flag=True, help="确认这是未签名的练习清单")
@with_operator
def install(out: Output, access: Access, file: Path, *, unsigned_practice: bool) -> int:
    data = read_rules(file)
    with access.open() as station:
        desk = station.desk()
        by = access.sign_in(station, PRACTICE_SUPERVISOR)
        if unsigned_practice:
            report = check_rules(data, shipped_package())
            if not report.ok:
                return _tell(out, file, report)
        installed = desk.rules.install(data, by, signed=not unsigned_practice)
        station.keep_head()
    out.line(
        {"rules": installed.name, "version": installed.version, "sha256": installed.sha256}, f"已安装清单（第 {installed.version} 版）"
    )
    return 0


@rules.command(help="现行规则")
@with_station
def status(out: Output, access: Access) -> int:
    with access.open() as station:
        held = station.desk().acceptances.rules
        ref = held.refs[0]
        checklists = held.rulebook.rules.checklists
        fields = {"rules": ref.name, "version": ref.version, "sha256": ref.sha256, "items": len(checklists.items)}
        out.line(fields, f"{ref.name} {ref.version}：{len(checklists.items)} 项，摘要 {ref.sha256[:16]}…")
    return 0


def read_rules(path: Path) -> bytes:
    """A rule file's bytes; raises UserError if it can't be read."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise UserError(DeskCode.CASE_UNREADABLE, file=path.name, detail=f"> {LARGEST_BYTES} B")
        return path.read_bytes()
    except OSError as error:
        raise UserError(DeskCode.CASE_UNREADABLE, file=path.name, detail=error.strerror or "") from error


def _tell(out: Output, file: Path, report: RuleReport) -> int:
    errors: list[dict[str, Any]] = [
        {"line": each.line, "path": each.path, "message": out.wording.of(each.message_code, each.facts)} for each in report.errors
    ]
    cases = {"passed": report.cases_passed, "failed": report.cases_failed}
    fields = {"file": str(file), "ok": report.ok, "errors": errors, "cases": cases}
    head = f"{'✔ 可以使用' if report.ok else '✖ 不能使用'}  {file}  案例 {report.cases_passed} 通过 / {report.cases_failed} 不符"
    out.line(fields, "\n".join([head, *(f"  第 {each['line']} 行 {each['path']}：{each['message']}" for each in errors)]))
    return 0 if report.ok else 2
