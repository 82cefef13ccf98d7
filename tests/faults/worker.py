"""A clerk who never tires: accepts parcel after parcel and synchronises now and then, until somebody kills the process.

Started once; each line on stdin forks one life, which is a process of its own with its own station, opened after the fork. stdout tells:
`life PID`, `ready`, `ended STATUS` (a negative status is the signal that ended it). A waybill is written to the file of acknowledgements
only after `submit` has returned; a life begins with the first waybill that is not in it.
"""

from __future__ import annotations

import os
import select
import sys
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from courier_check.clock import SystemClock  # noqa: E402 - the path above
from courier_check.station import PRACTICE_CLERK, PRACTICE_PASSPHRASE, PRACTICE_PASSWORD, Station, Surroundings  # noqa: E402
from courier_check.sync.client import Timeouts  # noqa: E402
from support.clerk import accept, waybill_of  # noqa: E402

ACCEPTS_A_SYNC = 3


def acknowledged(acks: Path) -> list[str]:
    return acks.read_text(encoding="ascii").splitlines() if acks.exists() else []


def append_line(path: Path, text: str) -> None:
    """One line, on disk before this returns."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, text.encode("ascii") + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def live(folder: Path, acks: Path, states: Path, seed: str) -> None:
    surroundings = Surroundings(SystemClock(), timeouts=Timeouts(2.0, 5.0, 5.0))
    with Station.open(folder, PRACTICE_PASSPHRASE, surroundings) as station:
        by = station.desk().operators.sign_in(PRACTICE_CLERK, PRACTICE_PASSWORD)
        station.keep_head()
        tell("ready")
        number = len(acknowledged(acks))
        while not over():
            accept(station, by, seed, number)
            append_line(acks, waybill_of(number))
            number += 1
            if number % ACCEPTS_A_SYNC == 0:
                status = station.synchronise().status
                append_line(states, f"{status.state.value} {status.code.value if status.code else '-'}")


def over() -> bool:
    """Whether whoever started the worker is gone: nothing is said to it while a life lasts."""
    return bool(select.select([0], [], [], 0)[0])


def tell(text: str) -> None:
    os.write(1, text.encode("ascii") + b"\n")


def main() -> None:
    folder, acks, states = (Path(argument) for argument in sys.argv[1:4])
    tell("up")
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            try:
                live(folder, acks, states, sys.argv[4])
            finally:  # a life ends by being killed; whatever else ends it is a failure, and says what
                traceback.print_exc()
                sys.stderr.flush()
                os._exit(1)
        tell(f"life {pid}")
        _, status = os.waitpid(pid, 0)
        tell(f"ended {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main()
