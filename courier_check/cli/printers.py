"""station printer: the label printer of a station, chosen, shown, tested, forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from courier_check.cli.codes import CliCode
from courier_check.cli.output import Output, Settings, system_clock, with_output
from courier_check.devices.bitmap import LabelSize
from courier_check.devices.label_languages import PrinterLanguage
from courier_check.devices.label_printer import PrinterPlan
from courier_check.errors import UserError
from courier_check.label_printing import print_test, station_printer
from courier_check.store.folder import DataFolder
from courier_check.store.machine import KnownPrinter, load_machine, save_machine

NOBODY = "none"
_USB_PRINTERS = ("/dev/usb", "lp*")


HELP = """标签打印机：不写则显示设置和本机可能的端口；写地址则设置；写 none 或加 --forget 则取消。
地址：tcp:主机[:端口]、serial:端口[@波特率]、device:路径、file:文件夹"""


@click.command(help=HELP)
@click.argument("address", required=False)
@click.option("--language", default=PrinterLanguage.TSPL.value, help="打印语言：tspl（默认）、zpl、escpos、pdf（只能写文件）")
@click.option("--size", default="60x40", help="标签纸 宽x高，毫米（默认 60x40）")
@click.option("--dpi", default=203, help="分辨率（默认 203）")
@click.option("--gap", default=2, type=click.IntRange(0, 20), help="两张标签之间的间隙，毫米（默认 2，连续纸 0）")
@click.option("--no-status", is_flag=True, help="不问打印机状态：只能写不能读的机型")
@click.option("--test", is_flag=True, help="打印一张测试标签")
@click.option("--forget", is_flag=True, help="取消设置")
@with_output
def printer(out: Output, address: str | None, *, test: bool, forget: bool, **words: Any) -> int:
    settings = click.get_current_context().find_object(Settings)
    assert settings is not None  # noqa: S101 - the root group sets it
    folder = DataFolder.open(settings.data).path
    if forget or address == NOBODY:
        save_machine(folder, replace(load_machine(folder), printer=None))
    elif address is not None:
        _set(folder, _plan(address, **words))
    plan = station_printer(folder)
    _tell(out, plan)
    if test:
        if plan is None:
            raise UserError(CliCode.PRINTER_MISSING)
        print_test(plan, system_clock().read().wall_ms)
        if not out.as_json:
            out.say({}, "printer-tested", address=plan.address)
    return 0


def _plan(address: str, *, language: str, size: str, dpi: int, gap: int, no_status: bool) -> PrinterPlan:
    return PrinterPlan.parse(address, language, LabelSize.parse(size, dpi, gap), asks=not no_status)


def _set(folder: Path, plan: PrinterPlan) -> None:
    """Raises UserError where the port is a card reader's or a gun's."""
    machine, size = load_machine(folder), plan.size
    word, _, rest = plan.address.partition(":")
    port = rest.partition("@")[0]
    if word in ("serial", "device") and port == machine.reader_port:
        raise UserError(CliCode.PORT_IS_READERS, port=port)
    if word in ("serial", "device") and port in {each.port for each in machine.scanners}:
        raise UserError(CliCode.PORT_IS_SCANNERS, port=port)
    kept = KnownPrinter(
        address=plan.address,
        language=plan.language.value,
        width_mm=size.width_mm,
        height_mm=size.height_mm,
        dpi=size.dpi,
        gap_mm=size.gap_mm,
        asks=plan.asks,
    )
    save_machine(folder, replace(machine, printer=kept))


def _tell(out: Output, plan: PrinterPlan | None) -> None:
    from courier_check.devices.serial_ports import likely_ports

    folder, pattern = _USB_PRINTERS
    ports = [*(f"device:{each}" for each in sorted(Path(folder).glob(pattern))), *(f"serial:{each}" for each in likely_ports())]
    if plan is None:
        out.say({"printer": None, "ports": ports}, "printer-none", ports="、".join(ports) or "—")
        return
    size = plan.size
    shown = {"width_mm": size.width_mm, "height_mm": size.height_mm, "dpi": size.dpi, "gap_mm": size.gap_mm, "status": plan.asks}
    fields = {"printer": {"address": plan.address, "language": plan.language.value, **shown}, "ports": ports}
    said = {"address": plan.address, "language": plan.language.value, "width": size.width_mm, "height": size.height_mm, "dpi": size.dpi}
    out.say(fields, "printer-set", **said)
