"""What of this machine a station uses (`devices.json`): no personal data, no part of the records, so it lies beside the database, readable
before the folder is unlocked, and is not restored onto another machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import msgspec

from courier_check import typed
from courier_check.errors import StoreError
from courier_check.store.codes import StoreCode
from courier_check.store.files import write_atomically

READER_VARIABLE = "COURIER_CHECK_READER"
"""Names the ID-card reader's port for one run, above what the station has set: a simulated reader, a second reader."""
SCANNER_VARIABLE = "COURIER_CHECK_SCANNER"
"""Names a serial gun's port for one run, instead of those the station has set: a simulated one, a gun on trial."""
_FILE = "devices.json"
DEFAULT_PHOTO_KB_S = 256
"""2 Mbit/s: half of what the slowest common line of an outlet sends, so that photos are never what a counter waits for [an assumption, not
measured at outlets]. A photo is 200 kB at most: one a second."""
MOST_PHOTO_KB_S = 1_000_000


class KnownCamera(msgspec.Struct, frozen=True, kw_only=True):
    """A camera as it is known again: by name and place where the system tells them, by number where it does not."""

    name: str = ""
    place: str = ""
    index: int = 0


class KnownScanner(msgspec.Struct, frozen=True, kw_only=True):
    """A serial gun or RFID reader as it was set: `devices.scans.GunLine` says what the words mean. `device`: by what it is known again at
    another port."""

    port: str
    device: str = ""
    line: str = "9600-8N1"
    ending: str = "any"
    encoding: str = "any"
    quiet_ms: int = 60


class KnownPrinter(msgspec.Struct, frozen=True, kw_only=True):
    """The label printer as it was set: `devices.label_printer.PrinterPlan` says what the words mean. The paper is data of the station."""

    address: str
    language: str = "tspl"
    width_mm: int = 60
    height_mm: int = 40
    dpi: int = 203
    gap_mm: int = 2
    asks: bool = True


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """`reader_port`: where the ID-card reader is plugged in, `COM3` or `/dev/ttyUSB0`; None: looked for on all ports. `camera`: the one
    that the window opens first; None: the first there is. `scanners`: the serial guns; those that type like a keyboard need no setting.
    `printer`: of labels; None: labels wait. `sounds`: whether the window is heard. `photo_kb_s`: thousand bytes of photos a second that are
    sent to the gateway, 0 for no limit."""

    reader_port: str | None = None
    camera: KnownCamera | None = None
    scanners: tuple[KnownScanner, ...] = ()
    printer: KnownPrinter | None = None
    sounds: bool = True
    photo_kb_s: Annotated[int, msgspec.Meta(ge=0, le=MOST_PHOTO_KB_S)] = DEFAULT_PHOTO_KB_S


def load_machine(folder: Path) -> Machine:
    """What is set in a data folder; nothing where none is. Raises StoreError where the file is damaged."""
    try:
        return typed.decode((folder / _FILE).read_bytes(), Machine)
    except (FileNotFoundError, NotADirectoryError):
        return Machine()
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise StoreError(StoreCode.FOLDER_DAMAGED, file=_FILE) from error


def save_machine(folder: Path, machine: Machine) -> None:
    """Raises StoreError where it can't be written."""
    write_atomically(folder / _FILE, msgspec.json.format(msgspec.json.encode(machine)))


def reader_port(folder: Path) -> str | None:
    """Where the ID-card reader is: as the environment says, or the station's setting; None: to be looked for. Raises StoreError."""
    return os.environ.get(READER_VARIABLE) or load_machine(folder).reader_port


def scanners(folder: Path) -> tuple[KnownScanner, ...]:
    """The serial guns: the one the environment names, or those of the station's setting. Raises StoreError."""
    named = os.environ.get(SCANNER_VARIABLE)
    return (KnownScanner(port=named),) if named else load_machine(folder).scanners
