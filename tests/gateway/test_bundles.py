"""交接包 at the gateway: the same intake as the line, in whatever order and however often; anything else refused whole."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import msgspec
import pytest
from sqlalchemy import select

from courier_check.errors import UserError
from courier_check.gateway.admin import revoke_station
from courier_check.gateway.bundles import Result, TakenBatch, opened_bundle, write_answers, write_export
from courier_check.gateway.setup import Founding, Gateway, init
from courier_check.gateway.store.schema import entries, metadata, receipts, stations
from courier_check.journal.keys import SigningKey
from courier_check.wire import archives
from courier_check.wire.archives import Archive, ArchiveCode, What, open_archive, receipts_name, returned_name
from courier_check.wire.batches import Batch, Receipt, Returned, checked_receipt, receipt_hash, sent_of
from courier_check.wire.certificates import Role, certificate_hash
from courier_check.wire.problems import ProblemCode
from courier_check.wire.signed import Signed, read
from support.archives import bundle_of, certificate_of, with_manifest_edited
from support.clocks import SetClock
from support.pki import secret
from support.practice import Practice


def import_of(gateway: Gateway, bundle: io.BytesIO) -> list[TakenBatch]:
    bundle.seek(0)
    with opened_bundle(gateway, bundle) as opened:
        return list(opened.take())


def results(taken: Sequence[TakenBatch]) -> list[tuple[int, Result]]:
    return [(each.first_seq, each.result) for each in taken]


def refusal(gateway: Gateway, bundle: io.BytesIO) -> ArchiveCode:
    """Why it is refused; nothing of it may be stored."""
    before = everything(gateway)
    bundle.seek(0)
    with pytest.raises(UserError) as caught, opened_bundle(gateway, bundle):
        pass
    assert everything(gateway) == before
    return ArchiveCode(caught.value.code)


def everything(gateway: Gateway) -> dict[str, list[tuple[object, ...]]]:
    """The whole database but for when stations were last heard of."""
    spared = {stations.c.last_contact_ms, stations.c.last_asked_ms, stations.c.backlog_entries, stations.c.backlog_oldest_ms}
    with gateway.database.read() as tx:
        return {
            table.name: sorted(map(tuple, tx.execute(select(*(c for c in table.c if c not in spared)))), key=repr)
            for table in metadata.tables.values()
        }


def kept(gateway: Gateway) -> list[tuple[object, ...]]:
    """Which entries are held, and in what order of seq; arrival and receipts are those of the order they came in."""
    with gateway.database.read() as tx:
        return list(map(tuple, tx.execute(select(entries.c.journal_id, entries.c.seq, entries.c.hash).order_by(entries.c.hash))))


def depot(station: Practice) -> list[Batch]:
    """Batches of three journals: two, one and two of them."""
    made = []
    for number, sizes in enumerate(((4, 7), (3,), (2, 5))):
        if number:
            station.open_journal(f"after {number}", {"journal_id": station.journal_id, "last_seq": 1, "head": "0" * 64, "cause": "restore"})
        while len(station.entries) < sizes[-1]:
            station.accept(f"SF{number}{len(station.entries)}")
        firsts = [1, *(size + 1 for size in sizes[:-1])]
        made += [station.batch(first, last) for first, last in zip(firsts, sizes, strict=True)]
    return made


def test_a_depots_three_journals_come_on_a_stick(gateway: Gateway, station: Practice) -> None:
    batches = depot(station)
    taken = import_of(gateway, bundle_of(station, batches))
    assert {each.result for each in taken} == {Result.STORED}
    assert sum(each.entries for each in taken) == 7 + 3 + 5 == len(kept(gateway))
    sent = {(batch.journal_id, batch.first_seq): sent_of(batch) for batch in batches}
    for each in taken:
        assert each.receipt is not None
        receipt = checked_receipt(each.receipt, sent[each.journal_id, each.first_seq], gateway.trusted)
        assert (receipt.last_seq, receipt.after_revocation) == (each.last_seq, False)


def test_a_bundle_read_twice_changes_nothing_and_gets_the_same_receipts(gateway: Gateway, station: Practice) -> None:
    bundle = bundle_of(station, depot(station))
    first = import_of(gateway, bundle)
    before = everything(gateway)
    again = import_of(gateway, bundle)
    assert everything(gateway) == before
    assert {each.result for each in again} == {Result.HELD}
    assert [each.receipt for each in again] == [each.receipt for each in first]
    assert sum(each.entries for each in again) == 0


def test_bundles_in_the_wrong_order_leave_the_later_one_for_later(gateway: Gateway, station: Practice) -> None:
    for number in range(9):
        station.accept(f"SF{number}")
    one, two, three = (bundle_of(station, [station.batch(first, last)]) for first, last in ((1, 4), (5, 7), (8, 10)))
    assert results(import_of(gateway, three)) == [(8, Result.LATER)]
    assert import_of(gateway, three)[0].problem == ProblemCode.BEHIND
    assert results(import_of(gateway, one)) == [(1, Result.STORED)]
    assert results(import_of(gateway, three)) == [(8, Result.LATER)]
    assert results(import_of(gateway, two)) == [(5, Result.STORED)]
    assert results(import_of(gateway, three)) == [(8, Result.STORED)]
    for bundle in (two, one, three):
        assert {result for _, result in results(import_of(gateway, bundle))} == {Result.HELD}
    assert len(kept(gateway)) == 10


def test_stick_and_line_may_be_mixed_with_other_boundaries(gateway: Gateway, station: Practice) -> None:
    for number in range(9):
        station.accept(f"SF{number}")
    station.send(1, 3)
    bundle = bundle_of(station, [station.batch(1, 5), station.batch(6, 8)])
    taken = import_of(gateway, bundle)
    assert [(each.result, each.entries) for each in taken] == [(Result.STORED, 2), (Result.STORED, 3)]
    receipt, _ = station.send(1, 10)
    assert (receipt.first_seq, receipt.last_seq) == (1, 10)
    assert station.send(6, 8)[1].receipt == taken[1].receipt, "the line gets the receipt that the stick got"
    assert {each.result for each in import_of(gateway, bundle)} == {Result.HELD}
    assert len(kept(gateway)) == 10
    assert chained(gateway)


def chained(gateway: Gateway) -> bool:
    """The gateway's receipts are one chain without a gap."""
    with gateway.database.read() as tx:
        documents = [
            msgspec.json.decode(d, type=Signed) for d in tx.execute(select(receipts.c.document).order_by(receipts.c.gateway_seq)).scalars()
        ]
    bodies = [read(document, Receipt) for document in documents]
    hashes = [gateway.trusted.root_hash, *map(receipt_hash, documents)]
    return [(body.gateway_seq, body.gateway_prev) for body in bodies] == [(n, hashes[n - 1]) for n in range(1, len(bodies) + 1)]


def test_a_fork_on_a_stick_is_kept_as_evidence_and_holds_up_no_other_journal(gateway: Gateway, station: Practice) -> None:
    station.accept("SF1")
    station.send()
    first_journal = station.journal_id
    station.entries.pop()
    station.hashes.pop()
    station.accept("SF2")
    forked = station.batch()
    station.open_journal("after the fork", {"journal_id": first_journal, "last_seq": 2, "head": "0" * 64, "cause": "fork"})
    taken = import_of(gateway, bundle_of(station, [forked, station.batch()]))
    assert {each.journal_id: each.result for each in taken} == {first_journal: Result.FORK, station.journal_id: Result.STORED}
    assert next(each.problem for each in taken if each.result is Result.FORK) == ProblemCode.FORK


def test_a_batch_that_fails_is_refused_and_named_while_its_neighbours_are_taken(gateway: Gateway, station: Practice) -> None:
    station.accept("SF1")
    bad, bad_journal = station.with_entry(station.batch(), 1, signature="A" * 86), station.journal_id
    station.open_journal("another", None)
    taken = {each.journal_id: each for each in import_of(gateway, bundle_of(station, [bad, station.batch()]))}
    assert (taken[bad_journal].result, taken[bad_journal].problem) == (Result.REFUSED, ProblemCode.BAD_SIGNATURE)
    assert taken[station.journal_id].result == Result.STORED


def test_a_revoked_station_hands_in_what_it_has(gateway: Gateway, station: Practice) -> None:
    revoke_station(gateway, station.station_id)
    (taken,) = import_of(gateway, bundle_of(station, [station.batch()]))
    assert taken.receipt is not None
    assert read(taken.receipt, Receipt).after_revocation


def test_a_bundle_counts_as_hearing_from_the_station_once(gateway: Gateway, station: Practice, clock: SetClock) -> None:
    bundle = bundle_of(station, [station.batch()])
    import_of(gateway, bundle)
    heard = last_contact(gateway)
    clock.pass_ms(3_600_000)
    import_of(gateway, bundle)
    assert last_contact(gateway) == heard, "an old stick read again says nothing new"


def last_contact(gateway: Gateway) -> int | None:
    with gateway.database.read() as tx:
        found: int | None = tx.execute(select(stations.c.last_contact_ms)).scalar_one()
    return found


# --- refused whole ----------------------------------------------------------------------------------------------------------------------


def test_torn_anywhere_it_is_refused(gateway: Gateway, station: Practice) -> None:
    data = bundle_of(station, [station.batch()]).getvalue()
    for length in (0, 1, 30, len(data) // 3, len(data) // 2, len(data) - 100, len(data) - 22, len(data) - 1):
        assert refusal(gateway, io.BytesIO(data[:length])) == ArchiveCode.UNREADABLE


def test_with_one_byte_of_a_batch_edited_and_packed_again_it_is_refused(gateway: Gateway, station: Practice) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(bundle_of(station, [station.batch()])) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            held = source.read(name)
            copy.writestr(name, held.replace(b'"backlog":{"entries":0', b'"backlog":{"entries":1') if "batches" in name else held)
    assert refusal(gateway, target) == ArchiveCode.EDITED


def test_signed_by_anybody_else_it_is_refused(gateway: Gateway, station: Practice) -> None:
    batches, certificate = [station.batch()], certificate_of(station)
    station.key = SigningKey(secret("a thief"))
    assert refusal(gateway, bundle_of(station, batches, certificate=certificate)) == ArchiveCode.SIGNER_UNKNOWN


def test_a_manifest_edited_under_the_stations_signature_is_refused(gateway: Gateway, station: Practice) -> None:
    assert refusal(gateway, with_manifest_edited(bundle_of(station, [station.batch()]))) == ArchiveCode.EDITED


def test_one_of_another_gateway_is_refused(gateway: Gateway, station: Practice, tmp_path, clock: SetClock, random) -> None:
    init(tmp_path / "other", Founding("gw-test", "样例网关（虚构）", practice=True), clock, lambda size: random(size))
    with Gateway.open(tmp_path / "other", clock, random) as other:
        assert refusal(other, bundle_of(station, [station.batch()])) == ArchiveCode.OTHER_GATEWAY
        # The same bundle with the other gateway's own document is of a station that it does not know.
        assert refusal(other, bundle_of(station, [station.batch()], document=other.document)) == ArchiveCode.OTHER_STATION
    assert refusal(gateway, bundle_of(station, [station.batch()], gateway_id="gw-other")) == ArchiveCode.OTHER_GATEWAY


def test_one_of_another_station_is_refused(gateway: Gateway, station: Practice, enrol) -> None:
    other = enrol("zz-jinshui-02")
    assert refusal(gateway, bundle_of(station, [other.batch()])) == ArchiveCode.OTHER_STATION
    assert refusal(gateway, bundle_of(station, [station.batch()], certificate=certificate_of(other))) == ArchiveCode.OTHER_STATION
    assert refusal(gateway, bundle_of(station, [station.batch()], maker=other.station_id)) == ArchiveCode.EDITED
    assert refusal(gateway, bundle_of(station, [station.batch()], maker="zz-nobody")) == ArchiveCode.OTHER_STATION


@pytest.mark.parametrize("what", [What.ANSWERS, What.EXPORT, What.GATEWAY_EXPORT])
def test_another_kind_of_archive_is_refused(gateway: Gateway, station: Practice, what: What) -> None:
    assert refusal(gateway, bundle_of(station, [station.batch()], what=what)) == ArchiveCode.OTHER_KIND


def test_batches_beside_the_ranges_are_refused(gateway: Gateway, station: Practice) -> None:
    station.accept("SF1")
    station.accept("SF2")
    assert refusal(gateway, bundle_of(station, [station.batch(1, 2)], ranges=())) == ArchiveCode.EDITED
    assert refusal(gateway, bundle_of(station, [station.batch(1, 1), station.batch(3, 3)])) == ArchiveCode.EDITED


def test_files_that_a_bundle_does_not_have_are_refused(gateway: Gateway, station: Practice) -> None:
    receipt = station.send()[1].receipt
    batches = [station.batch()]
    strange = {
        returned_name(station.station_id): b"{}",
        f"openings/{station.journal_id}-0000000001.json": b"{}",
        "stations/zz-other.json": b"{}",
        receipts_name("f" * 32, 1): msgspec.json.encode(archives.Receipts(receipts=(receipt,))),
    }
    for name, data in strange.items():
        assert refusal(gateway, bundle_of(station, batches, more=lambda writer, n=name, d=data: writer.add(n, d))) == ArchiveCode.EDITED


def test_receipts_that_a_bundle_brings_along_do_no_harm(gateway: Gateway, station: Practice) -> None:
    receipt = station.send()[1].receipt
    bundle = bundle_of(station, [station.batch()], more=lambda writer: writer.add_receipts(station.journal_id, [(1, 1, receipt)]))
    assert results(import_of(gateway, bundle)) == [(1, Result.HELD)]


# --- answers and exports ----------------------------------------------------------------------------------------------------------------


def answers_of(gateway: Gateway, station: Practice, taken: Sequence[TakenBatch]) -> Archive:
    target = io.BytesIO()
    write_answers(gateway, station.station_id, [each.receipt for each in taken if each.receipt], target)
    return open_archive(target)


def test_answers_hold_a_receipt_for_each_batch_and_everything_returned(gateway: Gateway, station: Practice) -> None:
    station.accept(None)  # comes back
    returned = station.send()[1].returned
    station.accept("SF2")
    taken = import_of(gateway, bundle_of(station, [station.batch(1, 2), station.batch(3, 3)]))
    archive = answers_of(gateway, station, taken)
    archive.signed_by(gateway.trusted.verifying_keys(Role.RECEIPT)[archive.key_id])
    assert (archive.body.what, archive.body.maker, archive.body.ranges) == (What.ANSWERS, "gw-test", ())
    assert list(archive.receipts()) == [each.receipt for each in taken]
    document = archive.returned(station.station_id)
    assert document is not None
    assert document.items == returned
    assert read(document.items[0], Returned).seq == 2


def test_an_export_is_everything_held_with_every_receipt(gateway: Gateway, station: Practice, enrol) -> None:
    other = enrol("zz-jinshui-02", region="410102")
    batches = depot(station)
    import_of(gateway, bundle_of(station, batches))
    other.accept("SF9")
    other.send(1, 1)
    other.send()  # with other boundaries: both receipts cover entry 1
    target = io.BytesIO()
    held = write_export(gateway, None, target, {"README.txt": b"read me"})
    archive = open_archive(target)
    archive.check_ranges()
    archive.check_receipts()
    assert sum(each.last_seq for each in held) == 7 + 3 + 5 + 2
    assert {each.station_id for each in archive.body.ranges} == {station.station_id, other.station_id}
    with gateway.database.read() as tx:
        everything_signed = {msgspec.json.decode(d, type=Signed) for d in tx.execute(select(receipts.c.document)).scalars()}
    assert set(archive.receipts()) == everything_signed
    sent = {entry.signature for batch in batches for entry in batch.entries} | {entry.signature for entry in other.batch().entries}
    assert {entry.signature for batch in archive.batches() for entry in batch.entries} == sent
    for batch in archive.batches():
        if batch.first_seq == 1:
            assert batch.prev == certificate_hash(archive.certificate(batch.station_id))
    assert archive.data("README.txt") == b"read me"


def test_an_export_of_one_station_holds_no_other(gateway: Gateway, station: Practice, enrol) -> None:
    other = enrol("zz-jinshui-02")
    station.send()
    other.send()
    target = io.BytesIO()
    write_export(gateway, other.station_id, target, {})
    archive = open_archive(target)
    assert archive.names("stations/") == [archives.station_name(other.station_id)]
    assert [batch.station_id for batch in archive.batches()] == [other.station_id]


def test_an_export_of_a_long_journal_follows_on_from_batch_to_batch(gateway: Gateway, station: Practice) -> None:
    for number in range(7):
        station.accept(f"SF{number}")
    station.send()
    # The size of a batch is bounded by bytes as well: here as if three entries filled one.
    size = sum(len(each.header_bytes) + 400 + sum(len(part) * 4 // 3 for part in each.sealed.values()) for each in station.entries[1:4])
    target = io.BytesIO()
    write_export(gateway, None, target, {}, most_bytes=size)
    archive = open_archive(target)
    archive.check_ranges()
    firsts = [batch.first_seq for batch in archive.batches()]
    assert len(firsts) >= 3
    hashes = dict(enumerate(station.hashes, start=1)) | {0: station.first_prev}
    assert all(batch.prev == hashes[batch.first_seq - 1] for batch in archive.batches())


def test_nothing_held_and_nobody_known_are_said(gateway: Gateway, station: Practice) -> None:
    for wanted in (None, station.station_id):
        with pytest.raises(UserError) as caught:
            write_export(gateway, wanted, io.BytesIO(), {})
        assert caught.value.code == ArchiveCode.NOTHING_HELD
    with pytest.raises(UserError) as caught:
        write_export(gateway, "zz-nobody", io.BytesIO(), {})
    assert caught.value.code.value == "gateway-station-unknown"
