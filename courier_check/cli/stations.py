"""station, operators, doctor: the station itself, its people, this machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from msgspec.structs import replace

from courier_check.cli.codes import CliCode
from courier_check.cli.files import read_file, write_file
from courier_check.cli.opening import SECRET_FILE, Access, data_folder, new_passphrase, new_password, with_operator, with_station
from courier_check.cli.output import Output, with_output
from courier_check.cli.printers import printer
from courier_check.cli.scanners import scanner
from courier_check.clock import SystemClock
from courier_check.desk.rights import Role
from courier_check.devices.camera_names import Camera
from courier_check.errors import Fact, UserError
from courier_check.station import PRACTICE_PASSPHRASE, PRACTICE_SUPERVISOR, Station, Surroundings
from courier_check.store import facts, inbox, journal
from courier_check.store.machine import MOST_PHOTO_KB_S, KnownCamera, load_machine, save_machine
from courier_check.sync.client import LARGEST_ANSWER, usable_url
from courier_check.sync.codes import SyncCode


@click.group(help="收寄台：新建、登记、状态")
def station() -> None:
    pass


@station.command(help="在空文件夹里新建收寄台")
@click.option("--practice", is_flag=True, help="练习台：口令公开，只能登记到练习网关")
@click.option("--keyring", is_flag=True, help="另把数据密钥交系统钥匙串保管，以后开台不问口令")
@with_station
def init(out: Output, access: Access, *, practice: bool, keyring: bool) -> int:
    passphrase = PRACTICE_PASSPHRASE if practice and access.passphrase_file is None else new_passphrase(access.passphrase_file)
    with Station.init(access.data, passphrase, Surroundings(SystemClock()), practice=practice) as made:
        if keyring:
            made.add_keyring(passphrase)
        out.say({"data": str(access.data), "practice": practice, "enrolled": False}, "station-made", data=str(access.data))
    return 0


@station.command(help="用登记码登记到监管网关；也可以用文件（--request-file，再 --answer-file）")
@click.argument("code", required=False)
@click.option("--gateway", "url", required=True, help="监管网关地址，如 https://gateway.example")
@click.option("--request-file", type=click.Path(path_type=Path, dir_okay=False), help="不联网：把登记申请写进这个文件")
@click.option("--answer-file", type=SECRET_FILE, help="不联网：读入带回的登记应答")
@with_station
def enrol(
    out: Output,
    access: Access,
    code: str | None,
    url: str,
    request_file: Path | None,
    answer_file: Path | None,
) -> int:
    url = usable_url(url)
    with access.open() as opened:
        if answer_file is not None:
            identity = opened.enrol_by_file(read_file(answer_file, LARGEST_ANSWER), url)
        elif code is None:
            raise UserError(CliCode.ENROL_CODE_MISSING)
        elif request_file is not None:
            write_file(request_file, opened.enrolment_request(code))
            out.say({"file": str(request_file)}, "request-written", file=str(request_file))
            return 0
        else:
            identity = opened.enrol(code, url)
        certificate = identity.certificate
        said = {"station": certificate.subject, "gateway": certificate.gateway_id, "practice": certificate.practice}
        out.say(said, "station-enrolled", station=certificate.subject, gateway=certificate.gateway_id)
    return 0


@station.command(help="收寄台现状")
@with_station
def status(out: Output, access: Access) -> int:
    with access.open() as opened:
        standing = inbox.standing(opened.database)
        identity = opened.identity
        journal_id = journal.current_journal(opened.database)
        fields: dict[str, Fact] = {
            "data": str(access.data),
            "practice": opened.folder.marker.practice,
            "station": identity.certificate.subject if identity else None,
            "gateway": identity.certificate.gateway_id if identity else None,
            "journal": journal_id,
            "entries": standing.entries,
            "acknowledged": standing.acknowledged,
            "pending": standing.pending,
            "returned": standing.returned_open,
            "url": identity.enrolment.url if identity else None,
            "root": identity.enrolment.fingerprint.hex() if identity else None,
            "revoked": facts.load(opened.database, "revoked") is not None,
        }
        text = out.wording.of("station-status" if identity else "station-not-yet-enrolled", fields)
        told = [out.wording.of(SyncCode.REVOKED.value)] if fields["revoked"] else []
        out.line(fields, *told, text)
    return 0


@station.command(help="本网点的承运商：不写代码则显示，写了则设为这些（主管）")
@click.argument("codes", nargs=-1)
@with_operator
def carriers(out: Output, access: Access, codes: tuple[str, ...]) -> int:
    with access.open() as opened:
        outlet = opened.desk().outlet
        if codes:
            outlet.set_carriers(codes, access.sign_in(opened, PRACTICE_SUPERVISOR))
            opened.keep_head()
        held = outlet.carriers()
    out.say({"carriers": list(held)}, "outlet-carriers", carriers="、".join(held) or "—")
    return 0


@station.command(help="监管网关的地址：不写则显示，写了则改到这个地址（主管）")
@click.argument("url", required=False)
@with_operator
def gateway(out: Output, access: Access, url: str | None) -> int:
    with access.open() as opened:
        if url is not None:
            opened.move_gateway(url, access.sign_in(opened, PRACTICE_SUPERVISOR))
        held = opened.enrolled()
    said = {"url": held.enrolment.url, "gateway": held.certificate.gateway_id}
    out.say(said, "station-gateway", url=held.enrolment.url, gateway=held.certificate.gateway_id)
    return 0


@station.command(help="证件阅读机的端口：不写则显示设置和现有端口；写 auto 则逐个端口找")
@click.argument("port", required=False)
@with_output
def reader(out: Output, port: str | None) -> int:
    from courier_check.devices.serial_ports import likely_ports

    folder = data_folder()
    if port is not None:
        if any(each.port == port for each in load_machine(folder).scanners):
            raise UserError(CliCode.PORT_IS_SCANNERS, port=port)
        save_machine(folder, replace(load_machine(folder), reader_port=None if port == "auto" else port))
    held, ports = load_machine(folder).reader_port, likely_ports()
    out.say({"reader_port": held, "ports": list(ports)}, "reader-port", port=held or "auto", ports="、".join(ports) or "—")
    return 0


@station.command(help="窗口先用的摄像头：不写则显示设置和现有摄像头；写名称或编号则记住；写 auto 则用第一个")
@click.argument("camera", required=False)
@with_output
def camera(out: Output, camera: str | None) -> int:
    from courier_check.devices.camera_names import cameras

    folder, there = data_folder(), cameras()
    if camera is not None:
        chosen = None if camera == "auto" else known_camera(camera, there)
        save_machine(folder, replace(load_machine(folder), camera=chosen))
    held = load_machine(folder).camera
    listed = [{"index": each.index, "name": each.name or None, "place": each.place or None} for each in there]
    shown = None if held is None else {"index": held.index, "name": held.name or None, "place": held.place or None}
    called = "auto" if held is None else held.name or str(held.index)
    out.say({"camera": shown, "cameras": listed}, "station-camera", camera=called, cameras="、".join(each.called for each in there) or "—")
    return 0


def known_camera(text: str, there: Sequence[Camera]) -> KnownCamera:
    """The camera that was meant: a name or a number of the list. Raises UserError."""
    found = next((each for each in there if text in (each.name, str(each.index))), None)
    if found is None:
        raise UserError(CliCode.CAMERA_UNKNOWN, camera=text, known="、".join(each.called for each in there) or "—")
    return KnownCamera(name=found.name, place=found.place, index=found.index)


@station.command(name="photo-rate", help="上传凭证照片的限速（千字节每秒）：不写则显示；0 不限")
@click.argument("kb", required=False, type=click.IntRange(0, MOST_PHOTO_KB_S))
@with_output
def photo_rate(out: Output, kb: int | None) -> int:
    folder = data_folder()
    if kb is not None:
        save_machine(folder, replace(load_machine(folder), photo_kb_s=kb))
    held = load_machine(folder).photo_kb_s
    out.say({"photo_kb_s": held}, "station-photo-rate" if held else "station-photo-rate-free", kb=held)
    return 0


station.add_command(scanner)
station.add_command(printer)


@click.group(help="收寄员：增加、列出、停用")
def operators() -> None:
    pass


@operators.command(help="增加收寄员（第一名必须是主管）")
@click.argument("code")
@click.option("--name", required=True, help="姓名，留在本企业")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.CLERK.value, help="clerk 收寄员 / supervisor 主管")
@click.option("--new-password-file", type=SECRET_FILE, help="新收寄员的密码文件（第一行）")
@with_operator
def add(
    out: Output,
    access: Access,
    code: str,
    name: str,
    role: str,
    new_password_file: Path | None,
) -> int:
    with access.open() as opened:
        desk = opened.desk()
        first = not desk.operators.all()
        by = None if first else access.sign_in(opened, PRACTICE_SUPERVISOR)
        desk.operators.add(code, Role(role), name, new_password(new_password_file), by)
        opened.keep_head()
        out.say({"operator": code, "role": role, "disabled": False}, "operator-added", operator=code, role=out.wording.of(f"role-{role}"))
    return 0


@operators.command(name="list", help="列出收寄员")
@with_station
def list_all(out: Output, access: Access) -> int:
    with access.open() as opened:
        for row in opened.desk().operators.all():
            state = out.wording.of("operator-off" if row.disabled else "operator-on")
            text = f"{row.code}  {out.wording.of(f'role-{row.role}')}  {state}"
            out.line({"operator": row.code, "role": row.role, "disabled": row.disabled}, text)
    return 0


@operators.command(help="停用收寄员")
@click.argument("code")
@with_operator
def disable(out: Output, access: Access, code: str) -> int:
    with access.open() as opened:
        by = access.sign_in(opened, PRACTICE_SUPERVISOR)
        opened.desk().operators.disable(code, by)
        opened.keep_head()
        out.say({"operator": code, "disabled": True}, "disabled", name=code)
    return 0


@click.command(help="本机哪些能用、缺什么、怎么补")
@with_station
def doctor(out: Output, access: Access) -> int:
    from courier_check.cli.checkup import checkup

    healthy = True
    for check in checkup(access.data):
        healthy = healthy and (check.ok or check.optional)
        sign = "✔" if check.ok else "–" if check.optional else "✖"
        detail = out.wording.of(check.detail, check.facts)
        fields = {"check": check.name, "ok": check.ok, "optional": check.optional, "detail": detail, "remedy": check.remedy}
        out.line(fields, f"{sign} {check.name}：{detail}" + (f"  → {check.remedy}" if check.remedy else ""))
    return 0 if healthy else 3


__all__ = ["doctor", "operators", "station"]
