"""verify, views: does everything hold?"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any

import click

from courier_check.cli.files import read_file
from courier_check.cli.opening import Access, with_station
from courier_check.cli.output import Output
from courier_check.clock import at
from courier_check.desk.codes import DeskCode
from courier_check.errors import Fact, UserError
from courier_check.journal.codes import JournalError
from courier_check.journal.label_text import parse_label_text
from courier_check.station import Station
from courier_check.store import journal, views
from courier_check.store.acts import act_at, acts_with_waybill
from courier_check.store.verification import Proof, Verification, verify_entry
from courier_check.store.views import Comparison
from courier_check.wire.batches import Receipt
from courier_check.wire.proofs import PREFIX, checked_proof, parse_proof, proof_text
from courier_check.wire.signed import read

LARGEST_PACKAGE = 300_000_000
LARGEST_PROOF = 65_536
SHOWN = 20


class LabelFault(StrEnum):
    """What is wrong with the code of a label."""

    NOT_A_CODE = "label-not-a-code"
    NO_SUCH_ENTRY = "label-no-such-entry"
    HASH_DIFFERS = "label-hash-differs"


@click.command(help="核验日志链、签名、回执、照片；--record 核验一条")
@click.option("--journal", "whole", is_flag=True, help="核验整本日志（默认）")
@click.option("--record", metavar="WAYBILL|SEQ", help="核验一条：运单号或日志序号")
@click.option("--proof", metavar="TEXT|FILE", help="核验回执证明：二维码的文字，或写有它的文件")
@click.option("--label", metavar="TEXT", help="核验验视标识：标签二维码的文字")
@click.option("--package", "package", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="核验数据包文件的签名")
@with_station
def verify(out: Output, access: Access, proof: str | None, label: str | None, package: Path | None, **options: Any) -> int:
    record, whole = options["record"], options["whole"]
    with access.open() as opened:
        if label is not None:
            return _verify_label(opened, out, label)
        if proof is not None:
            return _verify_proof(opened, out, proof)
        if package is not None:
            return _verify_package(opened, out, package)
        if record is not None and not whole:
            return _verify_record(opened, out, record)
        return _tell(out, opened.verify(), {})


def _verify_package(opened: Station, out: Output, package: Path) -> int:
    from courier_check.wire.packages import checked_package

    try:
        manifest, _ = checked_package(read_file(package, LARGEST_PACKAGE), opened.enrolled().gateway)
    except JournalError as error:
        what = error.code.value
        out.say({"checked": 1, "failures": [{"seq": None, "what": what}], "ok": False}, "package-unsound", why=out.wording.of(what))
        return 1
    fields = {"checked": 1, "failures": [], "ok": True, "name": manifest.name, "version": manifest.version}
    out.say(fields, "package-sound", name=manifest.name, version=manifest.version)
    return 0


def _verify_proof(opened: Station, out: Output, given: str) -> int:
    """The text of a QR code, or a file that holds it: that this station's gateway holds that entry, whoever wrote it."""
    text = given if given.startswith(PREFIX) else read_file(Path(given), LARGEST_PROOF).decode("utf-8", "replace").strip()
    try:
        document = parse_proof(text)
        receipt = checked_proof(document, opened.enrolled().gateway)
    except JournalError as error:
        what = error.code.value
        out.say({"checked": 1, "failures": [{"seq": None, "what": what}], "ok": False}, "proof-unsound", why=out.wording.of(what))
        return 1
    received = at(receipt.received_at_ms).isoformat()
    fields = {
        "checked": 1,
        "failures": [],
        "ok": True,
        "station": receipt.station_id,
        "journal": receipt.journal_id,
        "seq": document.seq,
        "entry": document.entry,
        "received_at": received,
        "after_revocation": receipt.after_revocation,
    }
    told: dict[str, Fact] = {"station": receipt.station_id, "seq": document.seq, "received": received, "entry": document.entry}
    late = [out.wording.of("proof-late", {"seqs": document.seq})] if receipt.after_revocation else []
    out.line(fields, out.wording.of("proof-sound", told), *late)
    return 0


def _verify_label(opened: Station, out: Output, text: str) -> int:
    """The code on a label: that this station's journals hold that very entry, and that it verifies."""
    label = parse_label_text(text)
    if label is None:
        raise UserError(LabelFault.NOT_A_CODE)
    held = journal.hash_at(opened.database, label.journal_id, label.seq)
    failures = [LabelFault.NO_SUCH_ENTRY.value] if held is None else [LabelFault.HASH_DIFFERS.value] if held != label.hash else []
    fields: dict[str, Any] = {"checked": 1, "journal": label.journal_id, "seq": label.seq, "entry": label.hash}
    if not failures:
        checked, _ = verify_entry(opened.database, opened.enrolled(), opened.evidence, (label.journal_id, label.seq))
        failures = [found.what for found in checked.failures]
    fields |= {"failures": [{"seq": label.seq, "what": what} for what in failures], "ok": not failures}
    if not failures:
        act = act_at(opened.database, label.journal_id, label.seq)
        out.say(fields | {"kind": act.kind if act else None, "withdrawn": bool(act and act.withdrawn)}, "label-sound", seq=label.seq)
        return 0
    out.say(fields, "label-unsound", why=" ".join(out.wording.of(what) for what in failures))
    return 1


def _verify_record(opened: Station, out: Output, record: str) -> int:
    places = _places(opened, record)
    checked = [verify_entry(opened.database, opened.enrolled(), opened.evidence, place) for place in places]
    failures = tuple(found for result, _ in checked for found in result.failures)
    combined = Verification(sum(result.checked for result, _ in checked), sum(result.receipts for result, _ in checked), failures)
    found = [proof for _, proof in checked if proof is not None]
    stale = [proof.seq for proof in found if not proof.in_force]  # nobody believes what it would print
    pending = [seq for (_, seq), (result, proof) in zip(places, checked, strict=True) if proof is None and result.ok]
    late = [proof.seq for proof in found if read(proof.receipt, Receipt).after_revocation]
    proofs = [_proof_fields(proof) for proof in found if proof.in_force]
    code = _tell(out, combined, {"proofs": proofs, "proofs_to_renew": stale, "pending": pending})
    for said, seqs in (("proof-to-renew", stale), ("proof-pending", pending), ("proof-late", late)):
        if seqs and not out.as_json:
            out.say({}, said, seqs="、".join(str(seq) for seq in seqs))
    return code


def _places(opened: Station, record: str) -> list[tuple[str, int]]:
    """Entries a person means: a seq of the current journal, or all acts of a waybill."""
    acts = acts_with_waybill(opened.database, record.strip().upper())
    if acts:
        return [(act.journal_id, act.seq) for act in acts]
    journal_id = journal.current_journal(opened.database)
    seq = int(record) if record.isdecimal() and len(record) < 12 else 0
    if journal_id is None or seq == 0 or journal.hash_at(opened.database, journal_id, seq) is None:
        raise UserError(DeskCode.ENTRY_UNKNOWN, seq=record)
    return [(journal_id, seq)]


def _proof_fields(proof: Proof) -> dict[str, Any]:
    receipt = read(proof.receipt, Receipt)
    return {
        "first_seq": receipt.first_seq,
        "last_seq": receipt.last_seq,
        "received_at": at(receipt.received_at_ms).isoformat(),
        "after_revocation": receipt.after_revocation,
        "merkle_root": receipt.merkle_root,
        "index": proof.index,
        "size": proof.size,
        "path": [sibling.hex() for sibling in proof.siblings],
        "receipt_key": proof.receipt.key_id,
        "text": proof_text(proof.document),
    }


def _tell(out: Output, result: Verification, more: dict[str, Any]) -> int:
    failures = [{"seq": found.seq, "what": found.what, "journal": found.journal_id} for found in result.failures]
    fields = {"checked": result.checked, "receipts": result.receipts, "failures": failures, "ok": result.ok, **more}
    if result.ok:
        out.say(fields, "verified-sound", entries=result.checked, receipts=result.receipts)
        return 0
    lines = [out.wording.of("verified-unsound", {"count": len(failures)})]
    for found in result.failures[:SHOWN]:
        place = out.wording.of("entry-at", {"seq": found.seq}) if found.seq else ""
        lines.append(f"  {place}{out.wording.of(found.what)}")
    out.line(fields, *lines)
    return 1


@click.group(name="views", help="视图：由日志重放得到的表")
def views_group() -> None:
    pass


@views_group.command(help="重放日志并与现有的表比较")
@with_station
def check(out: Output, access: Access) -> int:
    with access.open() as opened:
        compared = views.compare(opened.database)
    for each in compared:
        _tell_view(out, each)
    return 0 if all(each.equal for each in compared) else 1


@views_group.command(help="重放日志，重建所有的表")
@with_station
def rebuild(out: Output, access: Access) -> int:
    with access.open() as opened:
        with opened.database.write() as tx:
            views.rebuild(tx)
        compared = views.compare(opened.database)
    for each in compared:
        _tell_view(out, each)
    return 0


def _tell_view(out: Output, view: Comparison) -> None:
    fields = {"table": view.table, "rows": view.rows, "equal": view.equal}
    out.say(fields, "view-equal" if view.equal else "view-differs", table=view.table, rows=view.rows)
