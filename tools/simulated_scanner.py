"""A simulated serial gun: `python -m tools.simulated_scanner [--port PATH] [--ending cr] [--encoding utf-8]`

Tells its port on stdout, then each line of stdin is a scan. Lines that begin with `!` are acts: `!unplug`, `!plug`, `!half TEXT` (a scan
without its end), `!hex 00ff41` (bytes as they are), `!wait 500` (ms). Ends with stdin. Not on Windows, which has no pseudo-terminals.
Try it: one terminal with `--port /tmp/gun`, another with `COURIER_CHECK_SCANNER=/tmp/gun python main.py`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Event

from courier_check.devices.simulated_scanner import SimulatedScanner
from courier_check.errors import CourierCheckError
from courier_check.wording import Language, said

ENDINGS = {"cr": b"\r", "lf": b"\n", "crlf": b"\r\n", "tab": b"\t", "none": b""}


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="simulated-scanner-") as folder:
            port = options.port or Path(folder) / "scanner"
            with SimulatedScanner(port, ending=ENDINGS[options.ending], encoding=options.encoding) as gun:
                print(port, flush=True)
                act(gun, sys.stdin)
    except CourierCheckError as error:
        print(said(error, Language.CHINESE), file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{options.port}: {error.strerror}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0
    return 0


def act(gun: SimulatedScanner, lines: Iterable[str]) -> None:
    """Do line after line; one that can't be done is named on stderr and left out."""
    for line in lines:
        text = line.rstrip("\n")
        word, _, rest = text.partition(" ")
        try:
            match word:
                case "!unplug":
                    gun.close()
                case "!plug":
                    gun.open()
                case "!half":
                    gun.send(rest.encode())
                case "!hex":
                    gun.send(bytes.fromhex(rest))
                case "!wait":
                    Event().wait(int(rest) / 1000)
                case _:
                    gun.scan(text)
        except ValueError as wrong:
            print(f"{text}: {wrong}", file=sys.stderr, flush=True)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.simulated_scanner", description=__doc__)
    parser.add_argument("--port", type=Path, help="where the port's link is put; a temporary folder without it")
    parser.add_argument("--ending", choices=ENDINGS, default="cr", help="what ends a scan (default cr)")
    parser.add_argument("--encoding", choices=("utf-8", "gbk"), default="utf-8")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
