"""read-card: one read of the ID-card reader."""

from __future__ import annotations

import queue
import sys
import time
from typing import Any

import click

from courier_check.cli.output import Output, Settings, system_clock, with_output
from courier_check.cli.reading import document_lines
from courier_check.devices.card_reader import CardReader, Fault, Found, Gone, Missing, Read, Told
from courier_check.devices.codes import ReaderCode
from courier_check.devices.serial_ports import port_finder
from courier_check.errors import CourierCheckError, DeviceError, UserError
from courier_check.store.machine import READER_VARIABLE, load_machine, reader_port

_WAIT_S = 10.0
_LONGEST_WAIT_S = 600.0
_LONGEST_SEARCH_S = 60.0
"""Some drivers take seconds to open a port, or never do."""


@click.command(name="read-card", help="用证件阅读机读一张证件")
@click.option("--port", help=f"阅读机的端口，如 COM3、/dev/ttyUSB0（默认：{READER_VARIABLE}，再按收寄台的设置，再逐个端口找）")
@click.option("--wait", "wait_s", type=click.FloatRange(0, _LONGEST_WAIT_S), default=_WAIT_S, help="等证件放上来的秒数（默认 10）")
@with_output
def read_card(out: Output, port: str | None, wait_s: float) -> int:
    news: queue.SimpleQueue[Told] = queue.SimpleQueue()
    chosen = port or _set_port()
    reader = CardReader(port_finder(chosen, () if chosen else _guns_ports()), system_clock(), news.put)
    reader.open()
    try:
        where, read = _first_card(out, news, wait_s)
    finally:
        reader.close()
    _tell(out, where, read)
    return 0


def _first_card(out: Output, news: queue.SimpleQueue[Told], wait_s: float) -> tuple[str, Read]:
    """The port and the first card read there. The time begins when a reader answers. Raises what was last in the way."""
    where = ""
    in_the_way: CourierCheckError = DeviceError(ReaderCode.NOT_FOUND, ports="—")
    ends_s = time.monotonic() + _LONGEST_SEARCH_S
    while True:
        try:
            told = news.get(timeout=max(0.0, ends_s - time.monotonic()))
        except queue.Empty:
            raise in_the_way from None
        match told:
            case Found(port):
                ends_s = ends_s if where else time.monotonic() + wait_s
                where, in_the_way = port, UserError(ReaderCode.NO_CARD)
                if sys.stderr.isatty():
                    out.aside("card-awaited")
            case Read():
                return where, told
            case Missing(error):
                raise error
            case Fault(error) if error.code is not ReaderCode.NOT_READ_THROUGH:
                raise error
            case Fault(error) | Gone(error):
                in_the_way = error


def _tell(out: Output, where: str, read: Read) -> None:
    reading = read.reading
    document = reading.document.to_mapping()
    warnings = [f"{each.field.value}-{each.doubt.value}" for each in reading.doubts]
    complete = not reading.doubts
    fields: dict[str, Any] = {"source": reading.source.value, "port": where, "document": document}
    fields |= {"complete": complete, "warnings": warnings, "ms": read.ms}
    head = out.wording.of("reading-complete" if complete else "reading-incomplete", {"file": where})
    doubts = [
        f"  ! {out.wording.of(f'field-{each.field.value}')}：{out.wording.of(f'doubt-{each.doubt.value}')}" for each in reading.doubts
    ]
    out.line(fields, head, *document_lines(out, document), *doubts, out.wording.of(ReaderCode.TAKE_AWAY.value))


def _set_port() -> str | None:
    settings = click.get_current_context().find_object(Settings)
    return reader_port(settings.data) if settings is not None else None


def _guns_ports() -> tuple[str, ...]:
    """Where no card reader is looked for. Raises StoreError."""
    settings = click.get_current_context().find_object(Settings)
    return tuple(each.device or each.port for each in load_machine(settings.data).scanners) if settings is not None else ()
