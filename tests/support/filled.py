"""A practice station on which something has happened: accepted with a photo and a receipt, refused, referred, corrected, returned."""

from __future__ import annotations

import hashlib
import io
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from courier_check.acceptance import Session
from courier_check.desk.acceptances import Submission
from courier_check.desk.corrections import Correction
from courier_check.desk.rights import Role, SignedIn
from courier_check.inspection.findings import Answer, ContentsFinding, Finding, FindingKind
from courier_check.journal import merkle
from courier_check.parcel.waybills import CodeKind, WaybillCheck
from courier_check.station import PRACTICE_CLERK, PRACTICE_PASSPHRASE, PRACTICE_PASSWORD, PRACTICE_SUPERVISOR, Station, Surroundings
from courier_check.store import journal
from courier_check.store.evidence import Photo
from courier_check.store.inbox import save_receipt, save_returned
from courier_check.store.resources import resource_path
from courier_check.terms import MailKind
from courier_check.wire.batches import Receipt, Returned
from courier_check.wire.certificates import Role as KeyRole
from courier_check.wire.signed import sign
from support.clocks import SetClock
from support.parcels import STEPS, TODAY, answer_all
from support.pki import MadeUpGateway
from support.ready import new_station
from support.stations import CHEAP, enrolled_at_nothing

ACCEPTED, REFUSED, REFERRED, PENDING = "SF1000000000014", "SF1000000000022", "SF1000000000030", "SF1000000000048"


@dataclass(frozen=True)
class Filled:
    """Where the station is, and the seqs of its acts by waybill."""

    path: Path
    journal_id: str
    seqs: dict[str, int]
    clerk: SignedIn
    clock: SetClock

    def copied(self, path: Path) -> Filled:
        """The same in another folder, with a clock of its own, for who writes to it."""
        shutil.copytree(self.path, path)
        return replace(self, path=path, clock=replace(self.clock))

    def open(self) -> Station:
        """A station for the calling thread."""
        return Station.open(self.path, PRACTICE_PASSPHRASE, Surroundings(self.clock, hasher=CHEAP))


def filled_station(path: Path, *, late_ms: int | None = None, revoked: bool = False) -> Filled:
    """Made anew in `path`, and closed. `late_ms`: the first act is a late registration (补录) of then; `revoked`: the gateway received its
    entries after a revocation (吊销后收到)."""
    clock = SetClock()
    with new_station(path, clock) as station:
        enrolled_at_nothing(station)
        clerk = _staffed(station)
        book = station.desk().acceptances.rules.rulebook
        seqs = {ACCEPTED: _accept(station, clerk, _session(station, ACCEPTED), photographed=True, late_ms=late_ms)}
        lighter = _session(station, REFUSED).found(ContentsFinding(FindingKind.PROHIBITED, "打火机", "04", concealed=True), book)
        seqs[REFUSED] = _accept(station, clerk, lighter, photographed=True)
        doubtful = _session(station, REFERRED).answered(Finding("person-matches", Answer.DOUBT, "照片看不清"), book, TODAY)
        seqs[REFERRED] = _accept(station, clerk, doubtful, photographed=True)
        journal_id = journal.current_journal(station.database) or ""
        _received(station, journal_id, after_revocation=revoked)
        clock.pass_ms(60_000)
        seqs[PENDING] = _accept(station, clerk, _session(station, PENDING), photographed=False)
        changes = {"name": "赵六样", "phone": "13700009999", "addressee_address": "河南省郑州市金水区某路 9 号"}
        station.desk().acceptances.correct(Correction(journal_id, seqs[ACCEPTED], changes, "面单看错"), clerk)
        _returned(station, journal_id, seqs[PENDING], clock.wall_ms)
    return Filled(path, journal_id, seqs, clerk, clock)


def picture(colour: str = "#c0a060") -> bytes:
    """A photo of nothing."""
    data = io.BytesIO()
    Image.new("RGB", (1600, 1200), colour).save(data, "JPEG")
    return data.getvalue()


def _staffed(station: Station) -> SignedIn:
    operators = station.desk().operators
    operators.add(PRACTICE_SUPERVISOR, Role.SUPERVISOR, "样例主管", PRACTICE_PASSWORD, None)
    supervisor = operators.sign_in(PRACTICE_SUPERVISOR, PRACTICE_PASSWORD)
    operators.add(PRACTICE_CLERK, Role.CLERK, "样例收寄员", PRACTICE_PASSWORD, supervisor)
    station.desk().lists.install_csv(resource_path("samples/practice_list.csv").read_text(encoding="utf-8"), supervisor)
    return operators.sign_in(PRACTICE_CLERK, PRACTICE_PASSWORD)


def _session(station: Station, waybill: str) -> Session:
    session = Session.started("s1", MailKind.PARCEL)
    for step in STEPS:
        session = step(session)
    session = session.waybill_scanned(WaybillCheck(waybill, CodeKind.WAYBILL, ("sf",), "sf"), "张三丰")
    session = station.desk().acceptances.prepare(session)
    return answer_all(session, replace(station.desk().acceptances.rules.rulebook))


def _accept(station: Station, clerk: SignedIn, session: Session, *, photographed: bool, late_ms: int | None = None) -> int:
    photos: tuple[Photo, ...] = ()
    if photographed:
        photos = (Photo("photo-contents-1", "image/jpeg", picture()),)
        session = session.photographed("photo-contents", hashlib.sha256(photos[0].data).hexdigest())
    recorded = station.desk().acceptances.submit(Submission(session, clerk, photos, late_ms=late_ms))
    assert recorded.seq is not None, recorded.verdict
    return recorded.seq


def _received(station: Station, journal_id: str, *, after_revocation: bool) -> None:
    """A receipt over everything so far."""
    identity, gateway = station.enrolled(), MadeUpGateway()
    head = journal.head_of(station.database, journal_id, identity.first_prev)
    hashes = [bytes.fromhex(journal.hash_at(station.database, journal_id, seq) or "") for seq in range(1, head.seq + 1)]
    receipt = Receipt(
        gateway_id=gateway.gateway_id,
        station_id=identity.certificate.subject,
        journal_id=journal_id,
        first_seq=1,
        last_seq=head.seq,
        prev_head=identity.first_prev,
        head=head.hash,
        merkle_root=merkle.root(hashes).hex(),
        received_at_ms=station.clock.read().wall_ms,
        after_revocation=after_revocation,
        gateway_journal_id="cd" * 16,
        gateway_seq=1,
        gateway_prev=identity.gateway.root_hash,
    )
    with station.database.write() as tx:
        save_receipt(tx, sign(receipt, gateway.signing[KeyRole.RECEIPT]), receipt)


def _returned(station: Station, journal_id: str, seq: int, at_ms: int) -> None:
    gateway = MadeUpGateway()
    item = Returned(
        gateway_id=gateway.gateway_id,
        gateway_journal_id="cd" * 16,
        station_id=station.enrolled().certificate.subject,
        entry=journal.hash_at(station.database, journal_id, seq) or "",
        number=1,
        journal_id=journal_id,
        seq=seq,
        code="waybill-elsewhere",
        detail="",
        at_ms=at_ms,
    )
    with station.database.write() as tx:
        save_returned(tx, sign(item, gateway.signing[KeyRole.RECEIPT]), item)
