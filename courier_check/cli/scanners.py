"""station scanner: the serial guns and RFID readers of a station."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from courier_check.cli.codes import CliCode
from courier_check.cli.opening import data_folder
from courier_check.cli.output import Output, with_output
from courier_check.devices.scans import DEFAULT_QUIET_MS, Encoding, Ending, GunLine
from courier_check.errors import UserError
from courier_check.store.machine import KnownScanner, load_machine, save_machine

NOBODY = "none"


@click.command(help="串口扫码枪、RFID 读写器：不写则显示设置和现有端口；写端口则加上或改设置；写 none 则全部取消。键盘型扫码枪不用设")
@click.argument("port", required=False)
@click.option("--line", default="9600-8N1", help="线路：波特率-数据位、校验、停止位（默认 9600-8N1）")
@click.option("--ending", default=Ending.ANY.value, help="结束符：any 都认（默认）、cr、lf、crlf、tab、none 没有")
@click.option("--encoding", default=Encoding.ANY.value, help="中文编码：any 自动（默认）、utf-8、gbk")
@click.option("--quiet-ms", default=DEFAULT_QUIET_MS, help="静默多少毫秒算扫完（默认 60）")
@click.option("--forget", is_flag=True, help="取消这个端口的设置")
@with_output
def scanner(out: Output, port: str | None, *, forget: bool, **words: Any) -> int:
    from courier_check.devices.serial_ports import device_at, likely_ports

    folder = data_folder()
    if port == NOBODY:
        save_machine(folder, replace(load_machine(folder), scanners=()))
    elif port is not None and forget:
        _forget(folder, port)
    elif port is not None:
        line = GunLine.parse(**words)
        _set(folder, KnownScanner(port=port, device=device_at(port), **{**words, "line": line.named}))
    held, ports = load_machine(folder).scanners, likely_ports()
    listed = [
        {"port": each.port, "line": each.line, "ending": each.ending, "encoding": each.encoding, "quiet_ms": each.quiet_ms} for each in held
    ]
    named = "、".join(f"{each.port}（{each.line}）" for each in held) or "—"
    out.say({"scanners": listed, "ports": list(ports)}, "scanner-list", scanners=named, ports="、".join(ports) or "—")
    return 0


def _set(folder: Path, chosen: KnownScanner) -> None:
    """Raises UserError where the port is the card reader's."""
    machine = load_machine(folder)
    if machine.reader_port == chosen.port:
        raise UserError(CliCode.PORT_IS_READERS, port=chosen.port)
    others = tuple(each for each in machine.scanners if each.port != chosen.port)
    save_machine(folder, replace(machine, scanners=(*others, chosen)))


def _forget(folder: Path, port: str) -> None:
    """Raises UserError where no gun is set at this port."""
    machine = load_machine(folder)
    left = tuple(each for each in machine.scanners if each.port != port)
    if len(left) == len(machine.scanners):
        raise UserError(CliCode.SCANNER_UNKNOWN, port=port, known="、".join(each.port for each in machine.scanners) or "—")
    save_machine(folder, replace(machine, scanners=left))
