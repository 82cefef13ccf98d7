"""回执证明: one page that proves that the gateway holds an entry, with a QR code anyone can check. It names no person and no waybill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from courier_check.clock import at
from courier_check.desk.shown import header_shown
from courier_check.devices.qr import Modules, qr_modules
from courier_check.errors import UserError
from courier_check.journal.entries import parse_header
from courier_check.reports.sheets import Cell, Sheet
from courier_check.store import journal
from courier_check.store.verification import Proof, verify_entry
from courier_check.wire.batches import Receipt
from courier_check.wire.proofs import proof_text
from courier_check.wire.signed import read
from ui.page_codes import PageCode
from ui.pdf import Page, Placed, lay_out
from ui.sync_view import grouped

if TYPE_CHECKING:
    from courier_check.desk.lookups import EntryPlace
    from courier_check.station import Station
    from courier_check.store.identity import StationIdentity

CODE_SIZE = 860.0
CODE_LEFT = (2100 - CODE_SIZE) / 2
CODE_TOP = 1860.0
"""In tenths of a millimetre, below a page's table: 8.6 cm, 0.6 mm a module for the largest proof."""
_GROUP = 8


@dataclass(frozen=True, slots=True)
class LateTimes:
    """补录: when the parcel was taken, and when that was recorded."""

    taken_ms: int
    recorded_ms: int


def proof_page(station: Station, place: EntryPlace) -> tuple[str, Page]:
    """The page of one entry and what it is called. UserError where the gateway holds no receipt for it yet, where it does not verify, and
    where the key of the receipt was withdrawn and the new signature is not here yet."""
    identity = station.enrolled()
    verification, proof = verify_entry(station.database, identity, station.evidence, place)
    if proof is None or not verification.ok:
        raise UserError(PageCode.NO_PROOF, seq=place[1])
    if not proof.in_force:
        raise UserError(PageCode.PROOF_TO_RENEW, seq=place[1])
    sheet = proof_sheet(identity, proof, late_times(station, place))
    return sheet.title, page_of(sheet, qr_modules(proof_text(proof.document)))


def page_of(sheet: Sheet, modules: Modules) -> Page:
    """A proof's sheet and its code."""
    (page,) = lay_out((sheet,))
    return page.with_code(Placed(CODE_LEFT, CODE_TOP, CODE_SIZE, modules))


def late_times(station: Station, place: EntryPlace) -> LateTimes | None:
    """Both times of a late registration, from its header, which has just been verified; None for anything else."""
    stored = journal.entry_at(station.database, *place)
    header = parse_header(stored.header_bytes) if stored is not None else None
    shown = header_shown(header) if header is not None else None
    return LateTimes(shown.late_ms, header.times.wall_ms) if header and shown and shown.late_ms is not None else None


def proof_sheet(identity: StationIdentity, proof: Proof, late: LateTimes | None = None) -> Sheet:
    """What the page says in words; the code says the same for programs, but for the times of a late registration."""
    receipt, certificate, gateway = read(proof.receipt, Receipt), identity.certificate, identity.gateway
    place = certificate.station
    rows: list[tuple[Cell, ...]] = [
        ("收寄台", f"{certificate.subject}（{place.outlet_name if place is not None else ''}）"),
        ("日志编号", grouped(receipt.journal_id, _GROUP)),
        ("受理号", f"#{proof.seq}"),
        ("条目的哈希", grouped(proof.entry, _GROUP)),
        *([("补录", f"实际收寄 {at(late.taken_ms):%Y-%m-%d %H:%M}，记入 {at(late.recorded_ms):%Y-%m-%d %H:%M:%S}")] if late else []),
        ("网关", f"{gateway.document.name}（{receipt.gateway_id}）"),
        ("网关收到", f"{at(receipt.received_at_ms):%Y-%m-%d %H:%M:%S}"),
        ("回执", f"#{receipt.first_seq} – #{receipt.last_seq}，本条是其中第 {proof.index + 1} 条，证明路径 {len(proof.siblings)} 个哈希"),
        ("根哈希", grouped(receipt.merkle_root, _GROUP)),
        ("网关日志", f"{grouped(receipt.gateway_journal_id, _GROUP)} 第 {receipt.gateway_seq} 份"),
        ("回执密钥", grouped(proof.receipt.key_id, _GROUP)),
        ("根证书指纹", grouped(identity.enrolment.fingerprint.hex(), _GROUP)),
    ]
    if gateway.root.practice:
        rows.append(("注意", "练习网关：证明的是练习，不是真实的收寄。"))
    if receipt.after_revocation:
        rows.append(("注意", "网关收到时本收寄台已被吊销（吊销后收到）。"))
    notes = (
        "核对：扫下面的二维码，把文字交给登记在同一网关的任何一台收寄台：verify --proof 文字；根证书指纹应与监管公布的相同。",
        "二维码里只有哈希、编号和网关的签名，没有姓名、证件号、电话、地址和运单号。",
    )
    return Sheet("日志条目回执证明", (), ("项目", "内容"), tuple(rows), notes)
