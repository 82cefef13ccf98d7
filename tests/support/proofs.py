"""What must be true at the end of every run: nothing lost, nothing doubled, everything proven, twice over.

Each entry and receipt is checked by the program (`verify`) and once more by the functions of tests/vectors/independent*.py, which know
nothing of the program.
"""

from __future__ import annotations

import hashlib
import importlib
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from courier_check import typed
from courier_check.gateway.evidence import photos
from courier_check.gateway.setup import Gateway
from courier_check.journal.entries import parse_header
from courier_check.station import Station
from courier_check.store import inbox, journal, views
from courier_check.store.verification import verify_entry
from courier_check.sync.status import SyncState, last_outcome
from courier_check.wire.certificates import Role, TrustedGateway
from courier_check.wire.signed import Signed

Entry = tuple[str, int, str]
"""journal, seq, hash"""

_VECTORS = str(Path(__file__).resolve().parents[1] / "vectors")


def independent() -> Any:
    """The second reading of the documents, a script that finds its other half beside it."""
    if _VECTORS not in sys.path:
        sys.path.append(_VECTORS)
    return importlib.import_module("independent")


def entries_at_station(station: Station) -> list[Entry]:
    """In order of the journals and seqs, which have no gaps."""
    db = station.database
    found: list[Entry] = []
    for journal_id in journal.journal_ids(db):
        rows = db.rows("SELECT seq, hash FROM journal_entries WHERE journal_id = ? ORDER BY seq", (journal_id,))
        assert [seq for seq, _ in rows] == list(range(1, len(rows) + 1))
        found += [(journal_id, seq, digest) for seq, digest in rows]
    return found


def entries_at_gateway(gateway: Gateway, station_id: str) -> list[Entry]:
    """In the order of their arrival. Nobody is accused of a fork."""
    with gateway.database.read() as tx:
        assert tx.exec_driver_sql("SELECT COUNT(*) FROM forks").scalar_one() == 0, "a false fork"
        rows = tx.exec_driver_sql("SELECT journal_id, seq, hash FROM entries WHERE station_id = ? ORDER BY arrival", (station_id,)).all()
    return [(journal_id, seq, digest) for journal_id, seq, digest in rows]


def check_acts(station: Station, committed: Iterable[str]) -> None:
    """Every waybill of which the station said that it is committed is in its journal exactly once, in that order; at most one more, the
    last, was committed and not said."""
    rows = station.database.rows(
        "SELECT a.waybill FROM acts a JOIN journals j ON j.journal_id = a.journal_id WHERE a.kind = 'acceptance' ORDER BY j.number, a.seq"
    )
    held, said = [waybill for (waybill,) in rows], list(committed)
    assert held[: len(said)] == said
    assert len(held) - len(said) <= 1
    assert [waybill for waybill, times in Counter(held).items() if times != 1] == []
    assert [each.table for each in views.compare(station.database) if not each.equal] == []


def check_photos(station: Station, gateway: Gateway) -> None:
    """Of every photo that an entry names the gateway holds the very bytes that lie at the station, and has said so signed."""
    own = {hashlib.sha256(data).hexdigest() for data in (path.read_bytes() for path in station.evidence.glob("*/*.bin"))}
    rows = station.database.rows("SELECT journal_id, seq, name, state, sealed_sha256 FROM evidence_files ORDER BY number")
    named = [
        (journal_id, stored.seq, ref.name)
        for journal_id in journal.journal_ids(station.database)
        for stored in journal.entries(station.database, journal_id)
        for ref in parse_header(stored.header_bytes).evidence
    ]
    assert [(journal_id, seq, name) for journal_id, seq, name, _, _ in rows] == named
    assert {state for _, _, _, state, _ in rows} <= {"sent"}
    for _, _, _, _, sealed_sha256 in rows:
        assert sealed_sha256 in own
        assert hashlib.sha256(gateway.evidence.path(sealed_sha256).read_bytes()).hexdigest() == sealed_sha256
    assert all(photo.held for photo in photos(gateway, station.enrolled().certificate.subject))


def check_proofs(station: Station, *, returned: frozenset[str] = frozenset()) -> None:
    """The whole journal verifies, nothing is pending, and of every entry the inclusion in a receipt is proven. `returned`: why the gateway
    may object to entries that it holds all the same."""
    result = station.verify()
    assert result.failures == ()
    assert inbox.standing(station.database).pending == 0
    assert {item.code for item in inbox.returned_items(station.database)} <= returned
    status = last_outcome(station.database)
    assert status is not None
    assert (status.state, status.code) == (SyncState.SYNCHRONISED, None)
    _check_independently(station)


def _check_independently(station: Station) -> None:
    second, identity = independent(), station.enrolled()
    certificate = identity.certificate
    key = {"key_id": certificate.subject_key_id, "public": certificate.public_key}
    for journal_id in journal.journal_ids(station.database):
        place, prev, hashes = (certificate.gateway_id, certificate.subject, journal_id), identity.first_prev, [b""]
        for stored in journal.entries(station.database, journal_id):
            second.verified_entry(stored.header_bytes, stored.signature, stored.seq, prev, place, key)
            prev = second.sha("header", stored.header_bytes).hex()
            hashes.append(bytes.fromhex(prev))
        receipts = [receipt_body(signed, identity.gateway) for signed in inbox.receipts(station.database, journal_id)]
        for receipt in receipts:
            assert (receipt["gateway_id"], receipt["station_id"], receipt["journal_id"]) == place
            first, last = receipt["first_seq"], receipt["last_seq"]
            assert receipt["merkle_root"] == second.root(hashes[first : last + 1]).hex()
            assert receipt["head"] == hashes[last].hex()
            assert receipt["prev_head"] == (hashes[first - 1].hex() if first > 1 else identity.first_prev)
        for seq in range(1, len(hashes)):
            _check_inclusion(station, (journal_id, seq), hashes)


def _check_inclusion(station: Station, at: tuple[str, int], hashes: list[bytes]) -> None:
    second, identity = independent(), station.enrolled()
    result, proof = verify_entry(station.database, identity, station.evidence, at)
    assert result.failures == ()
    assert proof is not None, f"no proof of seq {at[1]}"
    receipt = receipt_body(proof.receipt, identity.gateway)
    leaves = hashes[receipt["first_seq"] : receipt["last_seq"] + 1]
    assert (proof.index, proof.size) == (at[1] - receipt["first_seq"], len(leaves))
    assert list(proof.siblings) == second.path(leaves, proof.index)


def receipt_body(signed: Signed, gateway: TrustedGateway) -> dict[str, Any]:
    """The body of a receipt that the second reading verified under the gateway's receipt key."""
    (key,) = gateway.verifying_keys(Role.RECEIPT).values()
    document = {"body": signed.body, "key_id": signed.key_id, "signature": signed.signature}
    found: dict[str, Any] = independent().body_of(document, "receipt", key.public)
    return found


def check_receipts_chained(gateway: Gateway, others: Iterable[Signed]) -> None:
    """The gateway's receipts are one chain from its root, and no number of a gateway journal was ever given to two of them; `others`: those
    that stations hold."""
    second = independent()
    with gateway.database.read() as tx:
        rows = tx.exec_driver_sql("SELECT document FROM receipts ORDER BY gateway_seq").all()
    numbered: dict[tuple[str, int], Signed] = {}
    for signed in [*(typed.decode(document, Signed) for (document,) in rows), *others]:
        body = receipt_body(signed, gateway.trusted)
        number = body["gateway_journal_id"], body["gateway_seq"]
        assert numbered.setdefault(number, signed).body == signed.body, f"receipt {number[1]} of a gateway journal was given twice"
    root = second.sha("certificate-hash", gateway.document.certificates[0].body.encode()).hex()
    for (gateway_journal_id, seq), signed in numbered.items():
        before = numbered.get((gateway_journal_id, seq - 1))
        expected = root if seq == 1 else second.sha("receipt-hash", before.body_bytes).hex() if before else None
        assert expected in (None, receipt_body(signed, gateway.trusted)["gateway_prev"])
