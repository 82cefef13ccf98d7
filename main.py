"""Courier Check 收寄实名验视: the way in. Every job of the desk runs from here; see `python main.py --help`."""

from __future__ import annotations

import sys

from courier_check.cli import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
