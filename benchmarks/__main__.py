"""`python -m benchmarks [NAME…] [--quick] [--json]`: measure and tell, one line a figure (stdout figures only, the rest on stderr)."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from benchmarks.bench import Bench, machine, work_folder
from benchmarks.figures import Figure

NAMES = ("core", "sync", "identity", "credential", "reader", "labels", "inspection", "screening", "window", "preview")
BENCHES: Mapping[str, str] = {name: f"benchmarks.{name}" for name in NAMES}
_COLUMNS = "{:<10} {:<62} {:>10} {:<9} {:>9}  {:<44} {:>10} {:>8}  {:<14} {}"


def main(arguments: Sequence[str]) -> int:
    """Run the named benchmarks, or all; returns the exit code: 2 for a name without figures. A goal missed is a result, not a failure."""
    options = _options(arguments)
    unknown = [name for name in options.names if name not in BENCHES]
    if unknown:
        print(f"没有 {'、'.join(unknown)} 的测量；可测：{'、'.join(BENCHES)}。 No figures for {', '.join(unknown)}.", file=sys.stderr)
        return 2
    for line in machine():
        print(line, file=sys.stderr)
    if not options.json:
        print(_COLUMNS.format("bench", "figure", "value", "unit", "spread", "peer", "peer value", "ratio", "goal", "met"))
    for name in options.names or BENCHES:
        for figure in _measured(name, quick=options.quick):
            print(msgspec.json.encode(figure).decode() if options.json else _row(figure), flush=True)
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHES)}; all without a name")
    parser.add_argument("--quick", action="store_true", help="smaller sizes: under a minute a name")
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of a table")
    return parser.parse_args(arguments)


def _measured(name: str, *, quick: bool) -> Iterator[Figure]:
    with work_folder(name) as folder:
        for measured in importlib.import_module(BENCHES[name]).measure(Bench(folder, quick)):
            yield measured.told(name)


def _row(figure: Figure) -> str:
    met = {None: "", True: "yes", False: "NO"}[figure.met]
    cells = (figure.bench, figure.figure, f"{figure.value:g}", figure.unit, f"±{figure.spread / 2:.3g}", figure.peer or "")
    compared = ("" if value is None else f"{value:g}" for value in (figure.peer_value, figure.ratio))
    return _COLUMNS.format(*cells, *compared, figure.goal or "", met).rstrip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
