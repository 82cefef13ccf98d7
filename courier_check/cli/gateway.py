"""gateway: the regulator's side."""

from __future__ import annotations

import contextlib
import functools
import os
import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from courier_check.cli.codes import CliCode
from courier_check.cli.files import read_file, write_file
from courier_check.cli.listfiles import LARGEST_BYTES, list_rows, tell_defects
from courier_check.cli.output import Output, Settings, system_clock, with_output
from courier_check.cli.rules import read_rules
from courier_check.desk.codes import DeskCode
from courier_check.desk.rule_packages import NAME as RULES_NAME
from courier_check.desk.rules import shipped_package
from courier_check.desk.vetting import shipped_vetting, tokens_under
from courier_check.errors import UserError
from courier_check.gateway import admin
from courier_check.gateway.codes import GatewayCode
from courier_check.gateway.credential_keys import publish_keys
from courier_check.gateway.keys import ROTATING, root_key_of
from courier_check.gateway.lists import PublishedList, Publishing, publish_lists, published_before
from courier_check.gateway.setup import Founding, Gateway, init
from courier_check.inspection.check import check_rules
from courier_check.screening.entries import ListPackage, Vetting
from courier_check.wire.certificates import Role, StationPlace, root_fingerprint
from courier_check.wire.credential_keys import NAME as KEYS_NAME
from courier_check.wire.packages import PackageKind

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
LARGEST_REQUEST = 100_000
LARGEST_KEYS = 1_000_000
STDIN = 0


def with_gateway(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--data`, `--database`, `--json`, `--lang`; it gets (out, opening, …)."""

    @click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="网关的文件夹（也可写在命令之前）")
    @click.option("--database", help="数据库地址；默认用文件夹里的 SQLite")
    @with_output
    @functools.wraps(command)
    def wrapped(out: Output, *args: Any, data: Path | None, database: str | None, **options: Any) -> Any:
        settings = click.get_current_context().find_object(Settings)
        folder = data or (settings.data if settings else Path())
        return command(out, Opening(folder, database), *args, **options)

    return wrapped


class Opening:
    """Where a gateway is and how to open it."""

    def __init__(self, data: Path, database: str | None) -> None:
        self.data = data
        self.database = database

    def open(self) -> Gateway:
        return Gateway.open(self.data, system_clock(), secrets.token_bytes, database_url=self.database)


@click.group(help="监管网关：新建、运行、登记码、数据包、系统令牌")
def gateway() -> None:
    pass


@gateway.command(name="init", help="新建网关：密钥、证书、数据库")
@click.option("--id", "gateway_id", default="gw", help="网关编号（小写字母、数字、连字符）")
@click.option("--name", default="监管网关", help="网关名称")
@click.option("--practice", is_flag=True, help="练习网关：只收练习台")
@with_gateway
def init_gateway(out: Output, opening: Opening, gateway_id: str, name: str, *, practice: bool) -> int:
    founding = Founding(gateway_id, name, practice)
    document = init(opening.data, founding, system_clock(), secrets.token_bytes, database_url=opening.database)
    root = str(opening.data / "root")
    fingerprint = root_fingerprint(root_key_of(document)).hex()
    fields = {"gateway": document.gateway_id, "practice": practice, "data": str(opening.data), "root": fingerprint}
    out.say(fields, "gateway-made", gateway=document.gateway_id, data=str(opening.data), root=root, fingerprint=fingerprint)
    return 0


@gateway.command(help="运行网关，直到中断")
@click.option("--host", default="127.0.0.1", help="监听地址；对外请放在 TLS 代理之后")
@click.option("--port", default=8080, type=click.IntRange(0, 65535), help="端口；0 取空闲端口")
@click.option("--until-stdin-closes", is_flag=True, help="标准输入关闭时也结束：启动它的程序一旦没了，它不留下")
@with_gateway
def serve(out: Output, opening: Opening, host: str, port: int, *, until_stdin_closes: bool) -> int:
    from courier_check.gateway.app import create_app
    from courier_check.gateway.serving import serve as serve_app

    def announce(url: str) -> None:
        out.say({"url": url}, "gateway-serving", url=url)

    with opening.open() as opened:
        opened.checkers.prepare()
        serve_app(create_app(opened), host, port, announce, _when_stdin_closes if until_stdin_closes else lambda _end: None)
    return 0


def _when_stdin_closes(end: Callable[[], None]) -> None:
    """A pipe from the program that started this one closes with that program, even where it was killed."""

    def wait() -> None:
        # Not by sys.stdin: its lock, held by a thread that waits, aborts an interpreter that ends for another reason.
        with contextlib.suppress(OSError):
            while os.read(STDIN, 4096):
                pass
        end()

    threading.Thread(target=wait, name="stdin", daemon=True).start()


@gateway.command(name="enrol-code", help="给一个新收寄台发登记码（24 小时有效，用一次）")
@click.option("--station", "station_id", required=True, help="收寄台编号")
@click.option("--outlet", "outlet_id", required=True, help="网点编号")
@click.option("--outlet-name", required=True, help="网点名称")
@click.option("--region", required=True, help="六位县级行政区划代码")
@with_gateway
def enrol_code(out: Output, opening: Opening, station_id: str, outlet_id: str, outlet_name: str, region: str) -> int:
    with opening.open() as opened:
        code = admin.enrol_code(opened, station_id, StationPlace(outlet_id=outlet_id, outlet_name=outlet_name, region=region))
    out.line({"code": code, "station": station_id}, code)
    return 0


@gateway.command(help="离线登记：登记申请文件 → 登记应答文件")
@click.argument("request", type=_FILE)
@click.option("--out", "target", required=True, type=click.Path(path_type=Path, dir_okay=False), help="应答写到哪里")
@with_gateway
def certify(out: Output, opening: Opening, request: Path, target: Path) -> int:
    from courier_check.gateway.certify import certify as certify_request

    with opening.open() as opened:
        write_file(target, certify_request(opened, read_file(request, LARGEST_REQUEST)))
    out.say({"file": str(target)}, "answer-written", file=str(target))
    return 0


@gateway.command(help="吊销收寄台：此后收到的条目照存、另行标记")
@click.argument("station_id")
@with_gateway
def revoke(out: Output, opening: Opening, station_id: str) -> int:
    with opening.open() as opened:
        admin.revoke_station(opened, station_id)
    out.say({"station": station_id, "revoked": True}, "revoked", station=station_id)
    return 0


@gateway.command(help="确认：吊销后收到的条目核实无误，此后计入各项率")
@click.argument("station_id")
@click.option("--by", "confirmed_by", required=True, help="确认人的姓名")
@click.option("--reason", required=True, help="理由")
@click.option("--journal", "journal_id", help="只确认这一本日志的")
@with_gateway
def confirm(out: Output, opening: Opening, station_id: str, **said: Any) -> int:
    with opening.open() as opened:
        count = admin.confirm_late(opened, station_id, admin.Confirming(**said))
    out.say({"station": station_id, "confirmed": count}, "late-confirmed" if count else "late-none", station=station_id, count=count)
    return 0


@gateway.command(help="更换一种密钥：receipt 回执、enrolment 登记、package 数据包、intake 接收；需要离线保存的根密钥")
@click.argument("role", type=click.Choice([role.value for role in ROTATING]))
@click.option("--root-key", "root_key_file", required=True, type=_FILE, help="root.key 的位置")
@click.option("--withdraw", is_flag=True, help="旧的回执密钥丢失或泄露：同时撤销，此后不再相信它签的")
@with_gateway
def rotate(out: Output, opening: Opening, role: str, root_key_file: Path, *, withdraw: bool) -> int:
    from courier_check.gateway import rotation

    if withdraw and role != Role.RECEIPT.value:
        raise UserError(GatewayCode.WITHDRAWS_RECEIPT)
    where = (root_key_file, system_clock(), secrets.token_bytes)
    if withdraw:
        made = rotation.withdraw(opening.data, *where, database_url=opening.database)
    else:
        made = rotation.rotate(opening.data, Role(role), *where, database_url=opening.database)
    fields = {"role": role, "key_id": made.subject_key_id, "serial": made.serial, "withdrawn": withdraw}
    out.say(fields, "key-withdrawn" if withdraw else "key-rotated", role=role, key=made.subject_key_id)
    return 0


@gateway.command(help="放回备份之后运行：另起一本网关日志，以后的回执从 1 号起编")
@with_gateway
def restored(out: Output, opening: Opening) -> int:
    from courier_check.gateway.restoring import begin_journal

    with opening.open() as opened:
        journal_id = begin_journal(opened)
    out.say({"gateway_journal_id": journal_id, "restored": True}, "gateway-restored", journal=journal_id)
    return 0


@gateway.command(help="签发数据包：list 名单（CSV）、rules 清单（JSON）、credential-keys 实名码公钥（JSON）")
@click.argument("kind", type=click.Choice([kind.value for kind in PackageKind if kind is not PackageKind.LIST_DELTA]))
@click.argument("file", type=_FILE)
@click.option("--region", default="", help="名单用哪个县的匹配密钥（六位代码）")
@click.option("--since", type=_FILE, multiple=True, help="上一版的完整名单包：另做一个增量包（可多个）")
@click.option("--good-lines", is_flag=True, help="名单里有错的行只报告、不采用，其余照发")
@click.option("--out", "target", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="写到哪个文件夹")
@with_gateway
def publish(out: Output, opening: Opening, kind: str, file: Path, target: Path, **lists: Any) -> int:
    target.mkdir(parents=True, exist_ok=True)
    if kind == PackageKind.RULES.value:
        return _publish_rules(out, opening, file, target)
    if kind == PackageKind.CREDENTIAL_KEYS.value:
        return _publish_keys(out, opening, file, target)
    if not lists["region"]:
        raise UserError(CliCode.REGION_MISSING)
    published, bad = _published_lists(out, opening, file, lists)
    for each in published:
        _write_list(out, each, target)
    return 2 if bad else 0


def _published_lists(out: Output, opening: Opening, file: Path, asked: dict[str, Any]) -> tuple[tuple[PublishedList, ...], bool]:
    """The lists of a file, signed, and whether lines of it are bad; what is to be said of its lines is told."""
    vetting = shipped_vetting(system_clock().read().at.date())
    with opening.open() as opened, list_rows(file) as rows:
        before = {package.header.list_id: package for package in (_before(opened, path, vetting) for path in asked["since"])}
        publishing = Publishing(asked["region"], vetting, tokens_under, before, asked["good_lines"])
        read, published = publish_lists(opened, rows, publishing)
    tell_defects(out, file, (*read.errors, *read.notes))
    return published, bool(read.errors)


def _before(opened: Gateway, path: Path, vetting: Vetting) -> ListPackage:
    try:
        return published_before(opened, read_file(path, LARGEST_BYTES), vetting)
    except UserError as error:
        raise UserError(CliCode.SINCE_FOREIGN, file=str(path)) from error


def _write_list(out: Output, each: PublishedList, target: Path) -> None:
    header, entries = each.package.header, len(each.package.entries)
    written = target / f"{header.list_id}.package.json"
    write_file(written, each.whole)
    fields = {"file": str(written), "kind": "list", "name": header.list_id, "entries": entries, "version": header.version}
    out.say(fields, "list-published", title=header.title, entries=entries, file=str(written))
    if each.delta is None:
        return
    delta, data = each.delta
    written = target / f"{header.list_id}.{delta.from_version}-{header.version}.delta.json"
    write_file(written, data)
    told = {"from_version": delta.from_version, "version": header.version, "changed": len(delta.changed), "dropped": len(delta.dropped)}
    fields = {"file": str(written), "kind": "list-delta", "name": header.list_id, **told}
    out.say(fields, "list-delta-published", title=header.title, file=str(written), **told)


def _publish_rules(out: Output, opening: Opening, file: Path, target: Path) -> int:
    content = read_rules(file)
    if not check_rules(content, shipped_package()).ok:
        raise UserError(DeskCode.RULES_UNFIT)
    with opening.open() as opened:
        data = admin.publish_package(opened, admin.NewPackage(PackageKind.RULES, RULES_NAME, content))
    written = target / f"{RULES_NAME}.package.json"
    write_file(written, data)
    out.say({"file": str(written), "kind": "rules", "name": RULES_NAME}, "written", file=str(written))
    return 0


def _publish_keys(out: Output, opening: Opening, file: Path, target: Path) -> int:
    with opening.open() as opened:
        keys, data = publish_keys(opened, read_file(file, LARGEST_KEYS))
    written = target / f"{KEYS_NAME}.package.json"
    write_file(written, data)
    count = len(keys.all())
    fields = {"file": str(written), "kind": PackageKind.CREDENTIAL_KEYS.value, "name": KEYS_NAME, "entries": count}
    out.say(fields, "credential-keys-published", count=count, file=str(written))
    return 0


@gateway.command(name="import-bundle", help="读入收寄台的交接包；--answers 写出带回去的回执包")
@click.argument("file", type=_FILE)
@click.option("--answers", type=click.Path(path_type=Path), help="回执包写到哪里")
@with_gateway
def import_bundle(out: Output, opening: Opening, file: Path, answers: Path | None) -> int:
    from courier_check.cli import gateway_bundles

    with opening.open() as opened:
        return gateway_bundles.import_bundle(out, opened, file, answers)


@gateway.command(help="导出所收的全部条目和回执，供独立核验")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--station", "station_id", help="只要这一个收寄台")
@with_gateway
def export(out: Output, opening: Opening, file: Path, station_id: str | None) -> int:
    from courier_check.cli import gateway_bundles

    with opening.open() as opened:
        return gateway_bundles.export(out, opened, file, station_id)


@gateway.command(help="凭证照片：各收寄台写明几张、已收几张；--out 把密文按名拷出")
@click.option("--station", "station_id", help="只看这一个收寄台")
@click.option("--missing", is_flag=True, help="逐张列出缺的")
@click.option("--out", "target", type=click.Path(path_type=Path, file_okay=False), help="拷到这个新文件夹")
@with_gateway
def evidence(out: Output, opening: Opening, station_id: str | None, target: Path | None, *, missing: bool) -> int:
    from courier_check.cli import gateway_evidence

    with opening.open() as opened:
        return gateway_evidence.evidence(out, opened, gateway_evidence.Asked(station_id, target, missing))


@gateway.group(help="取数系统的令牌")
def users() -> None:
    pass


@users.command(name="add", help="给一个监管系统发令牌（只显示一次）")
@click.argument("name")
@click.option("--region", default="", help="可见的行政区划代码前缀，空为全部")
@click.option("--parts", is_flag=True, help="可取上报内容的密文")
@with_gateway
def add_user(out: Output, opening: Opening, name: str, region: str, *, parts: bool) -> int:
    with opening.open() as opened:
        token = admin.add_system(opened, name, region=region, parts=parts)
    out.line({"name": name, "token": token, "region": region, "parts": parts}, out.wording.of("token-made", {"name": name, "token": token}))
    return 0


@users.command(name="list", help="列出取数系统")
@with_gateway
def list_users(out: Output, opening: Opening) -> int:
    with opening.open() as opened:
        for system in admin.list_systems(opened):
            disabled = system.disabled_at_ms is not None
            fields = {"name": system.name, "region": system.region, "parts": system.parts, "disabled": disabled}
            state = out.wording.of("operator-off" if disabled else "operator-on")
            out.line(fields, f"{system.name}  {system.region or out.wording.of('everywhere')}  {state}")
    return 0


@users.command(name="disable", help="停用令牌")
@click.argument("name")
@with_gateway
def disable_user(out: Output, opening: Opening, name: str) -> int:
    with opening.open() as opened:
        admin.disable_system(opened, name)
    out.say({"name": name, "disabled": True}, "disabled", name=name)
    return 0
