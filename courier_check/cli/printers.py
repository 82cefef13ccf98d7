"""station printer: the label printer of a station, chosen, shown, tested, forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from courier_check.cli.codes import CliCode
from courier_check.cli.opening import data_folder
from courier_check.cli.output import Output, Settings, system_clock, with_output
from courier_check.devices.bitmap import LabelSize
from courier_check.devices.label_languages import PrinterLanguage
from courier_check.devices.label_printer import PrinterPlan
from courier_check.devices.system_printer import SYSTEM, SystemPrinter
from courier_check.errors import DeviceError, UserError
from courier_check.label_printing import print_test, station_printer
from courier_check.store.machine import KnownPrinter, load_machine, save_machine

NOBODY = "none"
_PRINTERS = "courier_check.printers"
_LISTING_S = 5.0
"""How long the system may take to tell its printers, which are a help only."""
_USB_PRINTERS = ("/dev/usb", "lp*")


HELP = """标签打印机：不写则显示设置和本机可能的端口；写地址则设置；写 none 或加 --forget 则取消。
地址：tcp:主机[:端口]、serial:端口[@波特率]、device:路径、file:文件夹、system:系统打印机名称（不写名称则用默认的）"""


@click.command(help=HELP)
@click.argument("address", required=False)
@click.option("--language", help="打印语言：tspl（默认）、zpl、escpos、pdf（只能写文件）；system: 由系统的驱动决定，不用写")
@click.option("--size", default="60x40", help="标签纸 宽x高，毫米（默认 60x40）")
@click.option("--dpi", default=203, help="分辨率（默认 203）")
@click.option("--gap", default=2, type=click.IntRange(0, 20), help="两张标签之间的间隙，毫米（默认 2，连续纸 0）")
@click.option("--no-status", is_flag=True, help="不问打印机状态：只能写不能读的机型")
@click.option("--test", is_flag=True, help="打印一张测试标签")
@click.option("--forget", is_flag=True, help="取消设置")
@with_output
def printer(out: Output, address: str | None, *, test: bool, forget: bool, **words: Any) -> int:
    folder = data_folder()
    if forget or address == NOBODY:
        save_machine(folder, replace(load_machine(folder), printer=None))
    elif address is not None:
        _set(folder, _plan(address, **words))
    plan = station_printer(folder)
    _tell(out, plan)
    if test:
        if plan is None:
            raise UserError(CliCode.PRINTER_MISSING)
        printed_on = print_test(plan, system_clock().read().wall_ms, system=system_printers() if plan.is_system else None)
        if not out.as_json:
            out.say({}, "printer-tested", address=printed_on)
    return 0


def system_printers() -> SystemPrinter | None:
    """The way to the system's printers, one for the whole command, where the program has one."""
    context = click.get_current_context()
    settings = context.find_object(Settings)
    if settings is None or settings.beside is None:
        return None
    made: SystemPrinter | None = context.meta.get(_PRINTERS)
    if made is None:
        made = context.meta[_PRINTERS] = settings.beside.printers()
        context.find_root().call_on_close(made.close)
    return made


def _plan(address: str, *, language: str | None, size: str, dpi: int, gap: int, no_status: bool) -> PrinterPlan:
    if language is None:
        language = (PrinterLanguage.DRIVER if address.partition(":")[0] == SYSTEM else PrinterLanguage.TSPL).value
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


def _likely() -> list[str]:
    """Addresses that may be a printer's on this machine. A system whose queues don't answer has none to tell of."""
    from courier_check.devices.serial_ports import likely_ports

    (folder, pattern), system = _USB_PRINTERS, system_printers()
    try:
        queues = system.queues(_LISTING_S).names if system is not None else ()
    except DeviceError:
        queues = ()
    devices = (f"device:{each}" for each in sorted(Path(folder).glob(pattern)))
    return [*devices, *(f"serial:{each}" for each in likely_ports()), *(f"{SYSTEM}:{each}" for each in queues)]


def _tell(out: Output, plan: PrinterPlan | None) -> None:
    ports = _likely()
    if plan is None:
        out.say({"printer": None, "ports": ports}, "printer-none", ports="、".join(ports) or "—")
        return
    size = plan.size
    shown = {"width_mm": size.width_mm, "height_mm": size.height_mm, "dpi": size.dpi, "gap_mm": size.gap_mm, "status": plan.asks}
    fields = {"printer": {"address": plan.address, "language": plan.language.value, **shown}, "ports": ports}
    said = {"address": plan.address, "language": plan.language.value, "width": size.width_mm, "height": size.height_mm, "dpi": size.dpi}
    out.say(fields, "printer-set", **said)
