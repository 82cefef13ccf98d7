"""screen, lists: the blacklist lookup and the installed lists."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from courier_check import typed
from courier_check.cli.codes import CliCode
from courier_check.cli.files import read_file
from courier_check.cli.listfiles import LARGEST_BYTES, LineReport, ListForm, counted, is_package, list_rows
from courier_check.cli.objections import decisions, rescreen, revoke, work
from courier_check.cli.opening import Access, with_operator, with_station
from courier_check.cli.output import Output, system_clock, with_output
from courier_check.clock import at
from courier_check.desk.codes import DeskCode
from courier_check.desk.desk import Desk
from courier_check.desk.lists import Imported, InstalledPackage, said_on
from courier_check.desk.rights import SignedIn
from courier_check.desk.screener import Subject
from courier_check.desk.vetting import shipped_vetting, token_value, tokens_under
from courier_check.errors import CourierCheckError, UserError
from courier_check.journal.tokens import TokenKind
from courier_check.privacy import mask_name, mask_number, mask_phone
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.entries import ListHeader, SubjectKind
from courier_check.screening.list_files import Issue
from courier_check.screening.list_reading import Reading, Source
from courier_check.screening.match import Hit, Screening, ScreeningStatus
from courier_check.screening.telling import told
from courier_check.station import PRACTICE_SUPERVISOR
from courier_check.store.list_conflicts import ConflictsTold
from courier_check.store.lists import SaidOf

SIGN_OF_NOTHING = "□"
FIELDS = ("name", "uscc", "id_number", "phone", "address")
_MASKS: Mapping[str, Callable[[str], str]] = {
    "name": mask_name,
    "uscc": str,
    "id_number": mask_number,
    "phone": mask_phone,
    "address": mask_name,
}


@click.command(help="名单核查：姓名或名称、统一社会信用代码、证件号、电话、地址")
@click.option("--name", help="姓名或企业名称")
@click.option("--uscc", help="统一社会信用代码")
@click.option("--id-number", help="证件号码")
@click.option("--phone", help="电话")
@click.option("--address", help="地址")
@click.option("--file", "query_file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="每行一个 JSON 查询")
@with_station
def screen(out: Output, access: Access, query_file: Path | None, **given: str | None) -> int:
    with access.open() as station:
        desk = station.desk()
        today = desk.acceptances.today()
        for place, query in [("", _checked(given))] if query_file is None else _queries(query_file):
            started = time.perf_counter()
            shown = (query if out.as_json else _masked(query)) if query is not None else {"line": place}
            try:
                result = desk.screener.screen(_subject(query, place), today)
            except CourierCheckError as error:
                out.error({"query": shown}, error)
                continue
            _tell(out, shown, result, (time.perf_counter() - started) * 1000)
    return out.exit_code()


def _masked(query: Mapping[str, str]) -> dict[str, str]:
    """A query as text shows it. What stands under an unknown name, or in a line that is no query, may be anybody's number."""
    return {key: _MASKS.get(key, mask_number)(value) for key, value in query.items() if value}


def _checked(given: Mapping[str, str | None]) -> dict[str, str]:
    query = {key: value for key, value in given.items() if value}
    if not query:
        raise UserError(ScreeningCode.EMPTY_QUERY)
    return query


def _queries(path: Path) -> Iterator[tuple[str, dict[str, str] | None]]:
    """Queries of a JSON Lines file with the number of their line; None for a line that is no query."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                yield str(number), typed.decode(line, dict[str, str])
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                yield str(number), None


def _subject(query: Mapping[str, str] | None, place: str) -> Subject:
    if query is None:
        raise UserError(CliCode.QUERY_FORM, line=place)
    if query.keys() - set(FIELDS):
        raise UserError(CliCode.QUERY_FIELD, known="、".join(FIELDS))
    number = query.get("id_number")
    return Subject(
        name=query.get("name"),
        uscc="".join(query["uscc"].split()).upper() if query.get("uscc") else None,
        id_number=token_value(TokenKind.ID_NUMBER, number) if number else None,
        phone=query.get("phone"),
        address=query.get("address"),
    )


def _tell(out: Output, query: Mapping[str, Any], result: Screening, ms: float) -> None:
    fields = {
        "query": query,
        "level": result.level.value,
        "status": result.status.value,
        "hits": [_hit_fields(out, hit) for hit in result.hits],
        "list_version": dict(result.lists),
        "unsearched": [{"list": name, "code": code.value} for name, code in result.unsearched],
        "ms": round(ms, 3),
    }
    sign = {"pass": "✔", "review": "!", "block": "✖"}[result.level.value]
    status = "" if result.status is ScreeningStatus.SCREENED else f" — {out.wording.of(result.status)}"
    unsearched = (f"  {out.wording.of(code, {'list': name})}" for name, code in result.unsearched)
    hits = (line for hit in result.hits for line in _hit_text(out, hit))
    out.line(fields, f"{sign} {out.wording.of(result.level)}{status}", *unsearched, *hits)


def _hit_text(out: Output, hit: Hit) -> Iterator[str]:
    reasons = "、".join(out.wording.of(reason) for reason in hit.reasons)
    basis = hit.basis or out.wording.of("basis-unstated")
    facts = {"list": hit.list_title, "reasons": reasons, "basis": basis, "advice": out.wording.of(hit.advice)}
    yield "  " + out.wording.of("hit", facts)
    why = hit.explanation
    if why is None:
        return
    if why.steps:
        sides = {"asked": "".join(step[0] for step in why.steps), "listed": "".join(step[1] for step in why.steps)}
        yield "    " + out.wording.of("hit-names", sides)
    if why.differences:
        yield "    " + "；".join(_difference(out, step) for step in why.differences)
    until = why.expires_on.isoformat() if why.expires_on else out.wording.of("without-end")
    listed: dict[str, str | int | bool | None] = {
        "entry": hit.entry_id,
        "version": hit.list_version,
        "score": hit.score,
        "since": why.listed_on.isoformat(),
        "until": until,
    }
    yield "    " + out.wording.of("hit-listed", listed)
    if hit.remedy:
        yield "    " + out.wording.of("hit-remedy", {"remedy": hit.remedy})


def _difference(out: Output, step: tuple[str, str, str]) -> str:
    asked, listed, change = step
    return f"{listed or SIGN_OF_NOTHING}→{asked or SIGN_OF_NOTHING} {out.wording.of(change)}"


def _hit_fields(out: Output, hit: Hit) -> dict[str, Any]:
    return {**told(hit), "advice": out.wording.of(hit.advice)}


_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_REPORT = click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="把逐行报告写到 .csv、.json 或 .xlsx 文件")


@click.group(help="名单：安装、检查、现状、沿革")
def lists() -> None:
    pass


lists.add_command(decisions)
lists.add_command(revoke)
lists.add_command(rescreen)
lists.add_command(work)


@lists.command(help="安装监管部门签名的名单数据包（完整或增量）；练习台可装 CSV、XLSX、JSON")
@click.argument("file", type=_FILE, required=False)
@click.option("--csv", "csv_file", type=_FILE, help="CSV 名单（仅练习台）")
@click.option("--xlsx", "xlsx_file", type=_FILE, help="XLSX 名单（仅练习台）")
@click.option("--json-list", "json_file", type=_FILE, help="JSON 名单：对象的数组，或每行一个对象（仅练习台）")
@click.option("--unsigned-practice", is_flag=True, help="确认这是未签名的练习名单")
@_REPORT
@with_operator
def install(out: Output, access: Access, file: Path | None, report: Path | None, *, unsigned_practice: bool, **plain: Path | None) -> int:
    named: list[tuple[Path, ListForm | None]] = [(path, form) for form in ListForm if (path := plain[f"{form.value}_file"]) is not None]
    if file is not None and unsigned_practice and not is_package(file):
        named, file = [*named, (file, None)], None
    if len(named) + (file is not None) != 1:
        raise UserError(CliCode.LIST_FILE_MISSING)
    if named and not unsigned_practice:
        raise UserError(DeskCode.UNSIGNED_NOT_PRACTICE)
    with access.open() as station:
        desk = station.desk()
        by = access.sign_in(station, PRACTICE_SUPERVISOR)
        if file is not None:
            imported = Imported((desk.lists.install_signed(read_file(file, LARGEST_BYTES), by),))
        else:
            imported = _imported(out, desk, named[0], report, by)
        station.keep_head()
        conflicting = [(each.name, held) for each in imported.installed for held in desk.lists.conflicts(each.name)]
    for each in imported.installed:
        _tell_list(out, each)
    for list_id, held in conflicting:
        _tell_conflicts(out, list_id, held)
    return 2 if imported.summary.bad else 0


def _imported(out: Output, desk: Desk, named: tuple[Path, ListForm | None], target: Path | None, by: SignedIn) -> Imported:
    """Install what is good of a plain file, and report on its lines."""
    path, form = named
    told, summary = LineReport(out, path, target), None
    try:
        with list_rows(path, form) as rows:
            imported = desk.lists.install_rows(counted(out, rows, installing=True), by, told.add)
        summary = imported.summary
    finally:
        told.close(summary)
    return imported


@lists.command(help="检查名单文件，逐行报告，不安装")
@click.argument("file", type=_FILE)
@click.option("--form", type=click.Choice([form.value for form in ListForm]), help="文件的格式；默认看内容")
@_REPORT
@with_output
def check(out: Output, file: Path, form: str | None, report: Path | None) -> int:
    today = system_clock().read()
    issue = Issue(version=1, issued_at_ms=today.wall_ms, expires_on=None, match_key_id="checked")
    told, summary = LineReport(out, file, report), None
    try:
        reading = Reading(Source(issue, shipped_vetting(today.at.date()), tokens_under(secrets.token_bytes(32))), told.add)
        with list_rows(file, ListForm(form) if form else None) as rows:
            for _ in reading.entries(counted(out, rows)):
                pass
        headers = reading.headers()
        summary = reading.summary()
    finally:
        told.close(summary)
    for header in headers:
        _tell_checked(out, header)
    return 2 if summary.bad else 0


def _tell_checked(out: Output, header: ListHeader) -> None:
    """What a list may do as it stands: 处置 and 依据 side by side."""
    allowed = header.allowed
    basis = header.legal_basis or out.wording.of("basis-unstated")
    facts: dict[str, str | int | bool | None] = {
        "title": header.title,
        "action": out.wording.of(f"action-{header.action.value}"),
        "allowed": out.wording.of(f"action-{allowed.value}"),
        "basis": basis,
    }
    stated = {"action": header.action.value, "allowed": allowed.value, "basis": header.legal_basis}
    fields = {"list": header.list_id, "title": header.title, **stated}
    out.line(fields, out.wording.of("list-may", facts))


@lists.command(help="某条目的沿革：各版名单怎么说；--on 只看某一天本台用的那一版")
@click.argument("entry_id", metavar="ENTRY")
@click.option("--on", "on_day", type=click.DateTime(["%Y-%m-%d"]), help="哪一天，如 2026-11-26")
@with_station
def history(out: Output, access: Access, entry_id: str, on_day: datetime | None) -> int:
    with access.open() as station:
        desk: Desk = station.desk()
        said = desk.lists.said_of(entry_id)
    if on_day is not None:
        said = said_on(said, on_day.date())
    if not said:
        raise UserError(CliCode.ENTRY_NOWHERE, entry=entry_id)
    for each in said:
        _tell_said(out, each)
    return 0


def _tell_said(out: Output, said: SaidOf) -> None:
    entry = said.entry
    days = {"since": entry.listed_on, "expires": entry.expires_on, "removed": entry.removed_on}
    action = entry.action.value if entry.action else None
    fields = {
        "list": said.list_id,
        "entry": entry.entry_id,
        "version": said.version,
        "until": said.until_on.isoformat() if said.until_on else None,
        "revision": entry.revision,
        "name": entry.display_name,
        "action": action,
        "reason": entry.reason,
        "removal_reason": entry.removal_reason,
        **{f"{name}_on" if name != "since" else "listed_on": day.isoformat() if day else None for name, day in days.items()},
    }
    person = entry.subject_kind is SubjectKind.PERSON
    facts: dict[str, str | int | bool | None] = {
        "list": said.list_id,
        "version": said.version,
        "until": out.wording.of("lists-said-until", {"day": said.until_on.isoformat()}) if said.until_on else "",
        "name": mask_name(entry.display_name) if person else entry.display_name,
        "action": out.wording.of(f"action-{action}") if action else "—",
        "reason": entry.reason,
        **{name: day.isoformat() if day else "—" for name, day in days.items()},
    }
    out.line(fields, "" if out.as_json else out.wording.of("lists-said", facts))


@lists.command(help="已安装的名单")
@with_station
def status(out: Output, access: Access) -> int:
    with access.open() as station:
        desk: Desk = station.desk()
        for each in desk.lists.status():
            _tell_list(out, each)
    return 0


@lists.command(help="名单之间的冲突：同一主体在两份名单里说法不一")
@click.argument("list_id", metavar="LIST", required=False)
@with_station
def conflicts(out: Output, access: Access, list_id: str | None) -> int:
    with access.open() as station:
        desk: Desk = station.desk()
        known = [each.name for each in desk.lists.status()]
        if list_id is not None and list_id not in known:
            raise UserError(CliCode.LIST_UNKNOWN, list=list_id)
        told = [(each, held) for each in ([list_id] if list_id else known) for held in desk.lists.conflicts(each)]
    seen = set[tuple[str, str, str]]()
    for each, held in told:
        if (held.other_id, each, held.code.value) not in seen:  # from the other list's side it is the same
            seen.add((each, held.other_id, held.code.value))
            _tell_conflicts(out, each, held)
    return 0


def _tell_conflicts(out: Output, list_id: str, held: ConflictsTold) -> None:
    pairs = [{"entry": mine, "other_entry": its} for mine, its in held.examples]
    fields = {"list": list_id, "other": held.other_id, "code": held.code.value, "parties": held.parties, "more": held.more, "first": pairs}
    first = "、".join(f"{mine}/{its}" for mine, its in held.examples)
    parties = f"{held.parties}{'+' if held.more else ''}"
    words = {"list": list_id, "other": held.other_id, "kind": out.wording.of(f"conflict-{held.code.value}"), "parties": parties}
    out.line(fields, out.wording.of("lists-conflict", {**words, "first": first}))


def _tell_list(out: Output, each: InstalledPackage) -> None:
    installed_at = at(each.installed_at_ms)
    fields = {
        "list": each.name,
        "version": each.version,
        "entries": each.entries,
        "expires_on": each.expires_on.isoformat() if each.expires_on else None,
        "installed_at": installed_at.isoformat(),
        "sha256": each.sha256,
        "signed": each.signed,
    }
    until = each.expires_on.isoformat() if each.expires_on else out.wording.of("without-end")
    at_text = f"{installed_at:%Y-%m-%d %H:%M}"
    out.say(fields, "list-installed", name=each.name, version=each.version, entries=each.entries, at=at_text, until=until)
