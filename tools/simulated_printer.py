"""A simulated label printer: `python -m tools.simulated_printer [--language tspl] [--port 9100] [--out FOLDER]`

Tells its address on stdout and each label as a line; with `--out` each is a picture `label-1.png` there. Lines of stdin are troubles:
`none`, `paper-out`, `cover-open`, `garbage`, `silent`, `hangs`, `cut-off`, `paper-ends`. Ends with stdin. With `--file LABEL` it reads a
file that was printed into, instead of listening.
Try it: one terminal with `--port 9100 --out /tmp/labels`, another with `python main.py --data D station printer tcp:127.0.0.1 --test`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from courier_check.devices.bitmap import Bitmap
from courier_check.devices.label_languages import PrinterLanguage
from courier_check.devices.label_readings import NotUnderstoodError
from courier_check.devices.simulated_printer import PrinterTrouble, SimulatedPrinter, labels_in

PRINTERS = [each.value for each in PrinterLanguage if each is not PrinterLanguage.PDF]


class Tray:
    """Where labels come out."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._count = 0

    def take(self, label: Bitmap) -> None:
        self._count += 1
        where = ""
        if self._folder is not None:
            path = self._folder / f"label-{self._count}.png"
            save(label, path)
            where = f" {path}"
        print(f"{self._count}: {label.width}x{label.height}{where}", flush=True)


def save(label: Bitmap, path: Path) -> None:
    """A label as a picture."""
    from PIL import Image

    Image.frombytes("1", (label.width, label.height), label.inverted()).save(path)


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    language = PrinterLanguage(options.language)
    try:
        if options.out is not None:
            options.out.mkdir(parents=True, exist_ok=True)
        tray = Tray(options.out)
        if options.file is not None:
            for label in labels_in(options.file, language):
                tray.take(label)
            return 0
        with SimulatedPrinter(language, port=options.port, told=tray.take) as printer:
            print(printer.address, flush=True)
            act(printer, sys.stdin)
    except NotUnderstoodError as wrong:
        print(f"{options.file}: {wrong.args[0]!r}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename or options.port}: {error.strerror}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0
    return 0


def act(printer: SimulatedPrinter, lines: Iterable[str]) -> None:
    """Be in the trouble that each line names; one that is none is named on stderr and left out."""
    for line in lines:
        try:
            printer.trouble = PrinterTrouble(line.strip())
        except ValueError:
            print(f"{line.strip()}: {', '.join(PrinterTrouble)}", file=sys.stderr, flush=True)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.simulated_printer", description=__doc__)
    parser.add_argument("--language", choices=PRINTERS, default=PrinterLanguage.TSPL.value)
    parser.add_argument("--port", type=int, default=0, help="TCP port of this machine (default: any that is free)")
    parser.add_argument("--out", type=Path, help="folder for pictures of the labels")
    parser.add_argument("--file", type=Path, help="read a file that was printed into, instead of listening")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
