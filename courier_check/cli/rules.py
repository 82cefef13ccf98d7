"""rules: check, install and show the checklists in force."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from courier_check.acceptance.draft import Sampling
from courier_check.cli.files import read_file
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
        by, packages = access.sign_in(station, PRACTICE_SUPERVISOR), station.rule_packages()
        lost = packages.lost()
        try:
            installed = packages.install(data, by, signed=not unsigned_practice)
        except UserError as error:
            if error.code is DeskCode.RULES_UNFIT and unsigned_practice:
                return _tell(out, file, check_rules(data, shipped_package()))
            raise
        station.keep_head()
    fields = {"rules": installed.name, "version": installed.version, "sha256": installed.sha256}
    out.say(fields, "rules-restored" if installed == lost else "rules-installed", version=installed.version)
    return 0


@rules.command(help="现行规则")
@with_station
def status(out: Output, access: Access) -> int:
    with access.open() as station:
        lost = station.rule_packages().lost()
        if lost is not None:
            missing = {"rules": lost.name, "version": lost.version, "sha256": lost.sha256, "lost": True}
            out.say(missing, "rules-status-lost", version=lost.version, file=f"packages/{lost.sha256}.json")
            return 1
        held = station.desk().acceptances.rules
        ref = held.refs[0]
        checklists = held.rulebook.rules.checklists
        fields = {"rules": ref.name, "version": ref.version, "sha256": ref.sha256, "items": len(checklists.items)}
        out.say(fields, "rules-status", name=ref.name, version=ref.version, items=len(checklists.items), sha256=ref.sha256[:16])
    return 0


@rules.command(help="抽检：协议件按抽检验视的依据（文号和协议条款）和比例；缺一样的逐件验视")
@click.option("--document", help="地方主管机关允许抽检的文号")
@click.option("--clause", help="安全协议里的抽检条款")
@click.option("--share", type=int, help="每百件抽几件（1–100），由系统随机抽")
@click.option("--off", is_flag=True, help="不再抽检，逐件验视")
@with_operator
def sampling(out: Output, access: Access, document: str | None, clause: str | None, share: int | None, *, off: bool) -> int:
    with access.open() as station:
        outlet = station.desk().outlet
        if off or (document, clause, share) != (None, None, None):
            asked = None if off else Sampling(document or "", clause or "", share)
            outlet.set_sampling(asked, access.sign_in(station, PRACTICE_SUPERVISOR))
            station.keep_head()
        held = outlet.sampling()
    fields = {"sampling": None if held is None else asdict(held)}
    if held is None:
        out.say(fields, "sampling-none")
    elif held.share_percent is None:
        out.say(fields, "sampling-no-share", document=held.document, clause=held.clause)
    else:
        out.say(fields, "sampling-held", document=held.document, clause=held.clause, share=held.share_percent)
    return 0


def read_rules(path: Path) -> bytes:
    """A rule file's bytes; raises UserError if it can't be read."""
    return read_file(path, LARGEST_BYTES)


def _tell(out: Output, file: Path, report: RuleReport) -> int:
    errors: list[dict[str, Any]] = [
        {"line": each.line, "path": each.path, "message": out.wording.of(each.message_code, each.facts)} for each in report.errors
    ]
    cases = {"passed": report.cases_passed, "failed": report.cases_failed}
    fields = {"file": str(file), "ok": report.ok, "errors": errors, "cases": cases}
    head = out.wording.of("rules-fit" if report.ok else "rules-not-fit", {"file": str(file), **cases})
    out.line(fields, head, *("  " + out.wording.of("rules-line", each) for each in errors))
    return 0 if report.ok else 2
