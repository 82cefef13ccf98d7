"""A clerk who accepts parcel after parcel of a made-up sender, the same parcel under the same draft id however often it is tried."""

from __future__ import annotations

import hashlib

from courier_check.acceptance import Session
from courier_check.desk.acceptances import Submission
from courier_check.desk.rights import SignedIn
from courier_check.inspection.verdict import Outcome
from courier_check.parcel.waybills import CodeKind, WaybillCheck
from courier_check.station import Station
from courier_check.store.evidence import Photo
from courier_check.terms import MailKind
from support.parcels import STEPS, answer_all

PHOTO_EVERY = 5


def waybill_of(number: int) -> str:
    return f"SF{number + 1_000_000_000_000:013d}"


def draft_id_of(seed: str, number: int) -> str:
    """Drawn before anything is saved: the same for every life that tries this parcel."""
    return hashlib.sha256(f"{seed}/{number}".encode()).hexdigest()[:32]


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


def accept(station: Station, by: SignedIn, seed: str, number: int) -> int:
    """The seq of the acceptance, once it is committed."""
    session, photos = prepared(station, number)
    submission = Submission(session, by, photos, draft_id=draft_id_of(seed, number))
    recorded = station.desk().acceptances.submit(submission)
    if recorded.outcome is not Outcome.ACCEPT or recorded.seq is None:
        raise AssertionError(f"{waybill_of(number)} came out as {recorded.outcome}")
    station.keep_head()
    return recorded.seq
