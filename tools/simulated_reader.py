"""A simulated ID-card reader that does what a script says: `python -m tools.simulated_reader SCRIPT [--port PATH] [--stay]`

Tells the port on stdout, then `end` once the script is done. With --stay it goes on answering until it is stopped (Ctrl-C).
Not on Windows, which has no pseudo-terminals.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from threading import Event

from courier_check.devices.simulated_cards import Script
from courier_check.devices.simulated_reader import SimulatedReader
from courier_check.errors import CourierCheckError
from courier_check.wording import Language, said


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="simulated-reader-") as folder:
            _play(Script.load(options.script), options.port or Path(folder) / "reader", stay=options.stay)
    except CourierCheckError as error:
        print(said(error, Language.CHINESE), file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{options.script}: {error.strerror}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0
    return 0


def _play(script: Script, port: Path, *, stay: bool) -> None:
    with SimulatedReader.of_script(script, port) as reader:
        print(port, flush=True)
        reader.play(script, Event())
        print("end", flush=True)
        if stay:
            Event().wait()


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.simulated_reader", description=__doc__)
    parser.add_argument("script", type=Path, metavar="SCRIPT")
    parser.add_argument("--port", type=Path, help="where the port's link is put; a temporary folder without it")
    parser.add_argument("--stay", action="store_true", help="go on answering after the last step")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
