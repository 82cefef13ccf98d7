"""A clerk who never tires: accepts parcel after parcel and synchronises now and then, until somebody kills the process.

Started once; each line on stdin forks one life, which is a process of its own with its own station, opened after the fork. stdout tells:
`life PID`, `ready`, `ended STATUS` (a negative status is the signal that ended it). A waybill is written to the file of acknowledgements
only after `submit` has returned; a life begins with the first waybill that is not in it.
"""

from __future__ import annotations

import hashlib
import os
import sys
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from courier_check.acceptance import Session  # noqa: E402 - the path above
from courier_check.clock import SystemClock  # noqa: E402
from courier_check.desk.acceptances import Submission  # noqa: E402
from courier_check.desk.rights import SignedIn  # noqa: E402
from courier_check.inspection.verdict import Outcome  # noqa: E402
from courier_check.parcel.waybills import CodeKind, WaybillCheck  # noqa: E402
from courier_check.station import PRACTICE_CLERK, PRACTICE_PASSPHRASE, PRACTICE_PASSWORD, Station, Surroundings  # noqa: E402
from courier_check.store.evidence import Photo  # noqa: E402
from courier_check.sync.client import Timeouts  # noqa: E402
from courier_check.terms import MailKind  # noqa: E402
from support.parcels import STEPS, answer_all  # noqa: E402

ACCEPTS_A_SYNC = 3
PHOTO_EVERY = 5


def waybill_of(number: int) -> str:
    return f"SF{number + 1_000_000_000_000:013d}"


def draft_id_of(seed: str, number: int) -> str:
    """Drawn before anything is saved: the same for every life that tries this parcel."""
    return hashlib.sha256(f"{seed}/{number}".encode()).hexdigest()[:32]


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


def prepared(station: Station, number: int) -> tuple[Session, tuple[Photo, ...]]:
    session = Session.started(f"s{number}", MailKind.PARCEL)
    for step in STEPS:
        session = step(session)
    session = session.waybill_scanned(WaybillCheck(waybill_of(number), CodeKind.WAYBILL, ("sf",), "sf"), "张三丰")
    photos: tuple[Photo, ...] = ()
    if number % PHOTO_EVERY == 0:
        photos = (Photo("photo-contents-1", "image/jpeg", b"\xff\xd8 made up " + bytes(2_000) + str(number).encode()),)
        session = session.photographed("photo-contents", hashlib.sha256(photos[0].data).hexdigest())
    acceptances = station.desk().acceptances
    return answer_all(acceptances.prepare(session), acceptances.rules.rulebook), photos


def accept(station: Station, by: SignedIn, seed: str, number: int) -> None:
    session, photos = prepared(station, number)
    submission = Submission(session, by, photos, draft_id=draft_id_of(seed, number))
    recorded = station.desk().acceptances.submit(submission)
    if recorded.outcome is not Outcome.ACCEPT or recorded.seq is None:
        raise AssertionError(f"{waybill_of(number)} came out as {recorded.outcome}")
    station.keep_head()


def live(folder: Path, acks: Path, states: Path, seed: str) -> None:
    surroundings = Surroundings(SystemClock(), timeouts=Timeouts(2.0, 5.0, 5.0))
    with Station.open(folder, PRACTICE_PASSPHRASE, surroundings) as station:
        by = station.desk().operators.sign_in(PRACTICE_CLERK, PRACTICE_PASSWORD)
        station.keep_head()
        tell("ready")
        number = len(acknowledged(acks))
        while True:
            accept(station, by, seed, number)
            append_line(acks, waybill_of(number))
            number += 1
            if number % ACCEPTS_A_SYNC == 0:
                status = station.synchronise().status
                append_line(states, f"{status.state.value} {status.code.value if status.code else '-'}")


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
