"""Somebody has the receipt key that a gateway used before `gateway rotate receipt`: what is believed of it, and what of honest receipts."""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest

from courier_check.errors import UserError
from courier_check.gateway import rotation
from courier_check.gateway.bundles import opened_bundle, write_answers, write_export
from courier_check.gateway.keys import read_secret
from courier_check.gateway.setup import Gateway, read_gateway_file
from courier_check.journal.codes import JournalError
from courier_check.journal.keys import SigningKey
from courier_check.station import PRACTICE_PASSPHRASE, PROGRAM, Station, Surroundings
from courier_check.store import inbox, journal
from courier_check.store.identity import load_identity, save_enrolment
from courier_check.store.verification import verify_entry
from courier_check.sync import documents
from courier_check.sync.bundles import Bundles, Span
from courier_check.sync.client import GatewayClient, NoAnswer, Refusal, Signature
from courier_check.sync.codes import SyncCode
from courier_check.sync.status import SyncState
from courier_check.sync.synchroniser import Outcome, Synchroniser
from courier_check.wire.archives import GATEWAY, ArchiveBody, ArchiveCode, ArchiveWriter, What, station_name
from courier_check.wire.batches import Answer, Batch, Receipt, merkle_root, sent_of
from courier_check.wire.certificates import Role
from courier_check.wire.proofs import checked_proof
from courier_check.wire.signed import Signed, read, sign
from support.clocks import SetClock
from support.gateways import Practice as Served
from support.gateways import practice_gateway
from support.stand_alone import stand_alone_verifier, verdict
from support.stations import CHEAP, acceptance, append

pytestmark = pytest.mark.slow

DAY_MS = 86_400_000
CHANGES: list[Callable[..., Any]] = [rotation.rotate, rotation.withdraw]


@dataclass
class Site:
    """A station and its gateway, which is started again after its key was changed. `key`: of receipts, at first."""

    folder: Path
    clock: SetClock
    station: Station
    served: Served
    running: ExitStack
    key: SigningKey
    answers: list[io.BytesIO] = field(default_factory=list)

    def accept(self, count: int = 1) -> None:
        for _ in range(count):
            append(self.station, acceptance(f"SF{secrets.randbelow(10**13):013}"))

    def change(self, how: Callable[..., Any]) -> None:
        role = (Role.RECEIPT,) if how is rotation.rotate else ()
        how(self.folder / "gateway", *role, self.folder / "gateway" / "root" / "root.key", self.clock, secrets.token_bytes)

    def restart(self) -> None:
        self.running.close()
        self.served = self.running.enter_context(practice_gateway(self.folder / "gateway", self.clock))
        with self.station.database.write() as tx:
            save_enrolment(tx, msgspec.structs.replace(self.station.enrolled().enrolment, url=self.served.url))
        self.station.identity = load_identity(self.station.database)

    def learn(self) -> None:
        """The gateway document of now, as a station fetches it once a day."""
        self.clock.pass_ms(DAY_MS)
        identity = self.station.enrolled()
        client = GatewayClient(self.served.url, Signature(identity.certificate.subject, identity.keys.signing, self.clock))
        documents.fetch(self.station.database, identity, client, self.clock.wall_ms)
        client.close()
        self.station.identity = load_identity(self.station.database)

    def synchronised(self, change: Callable[[Batch, Any], Any]) -> Outcome:
        """One run in which answers to batches are changed on the line; a batch goes on to the gateway only where `change` sends it."""
        identity = self.station.enrolled()

        class Forging(GatewayClient):
            def send(self, batch: Batch) -> Answer | Refusal | NoAnswer:
                return change(batch, super().send)  # type: ignore[no-any-return]

        client = Forging(self.served.url, Signature(identity.certificate.subject, identity.keys.signing, self.clock))
        try:
            return Synchroniser(self.station.database, identity, client, self.station.writer(), lambda *_: 0.0).run()
        finally:
            client.close()

    def forged(self, batch: Batch, at_ms: int) -> Answer:
        """As the gateway would answer, by its earlier key; the batch is thrown away."""
        sent = sent_of(batch)
        body = Receipt(
            gateway_id=batch.gateway_id,
            station_id=batch.station_id,
            journal_id=batch.journal_id,
            first_seq=batch.first_seq,
            last_seq=batch.first_seq + len(batch.entries) - 1,
            prev_head=batch.prev,
            head=sent.hashes[-1],
            merkle_root=merkle_root(sent.hashes),
            received_at_ms=at_ms,
            after_revocation=False,
            gateway_journal_id=self.served.gateway.gateway_journal_id,
            gateway_seq=1000,
            gateway_prev="0" * 64,
        )
        return Answer(receipt=sign(body, self.key))

    def bundles(self) -> Bundles:
        return Bundles(self.station.database, self.station.enrolled(), self.clock, PROGRAM, {})

    def carry(self) -> io.BytesIO:
        """A stick there; what would come home."""
        stick, answers = io.BytesIO(), io.BytesIO()
        self.bundles().bundle(stick, self.bundles().pending())
        with opened_bundle(self.served.gateway, stick) as bundle:
            write_answers(self.served.gateway, bundle.station_id, [each.receipt for each in bundle.take() if each.receipt], answers)
        return answers

    def stick(self, receipt: Signed, at_ms: int) -> io.BytesIO:
        """A file of answers as whoever has the earlier key makes it."""
        station, held = self.station.enrolled().enrolment.certificate, read(receipt, Receipt)
        target = io.BytesIO()
        with ArchiveWriter(target) as archive:
            archive.add_document(GATEWAY, self.served.gateway.document)
            archive.add_document(station_name(held.station_id), station)
            archive.add_receipts(held.journal_id, [(held.first_seq, held.last_seq, receipt)])
            whose = {"gateway_id": held.gateway_id, "maker": held.gateway_id, "what": What.ANSWERS}
            archive.close(ArchiveBody(**whose, made_at_ms=at_ms, program="", ranges=(), files=()), self.key)
        return target

    @property
    def pending(self) -> int:
        return inbox.standing(self.station.database).pending

    def verdict(self, spans: Sequence[Span] | None = None) -> dict[str, Any]:
        """What the stand-alone verifier says of the station's export, of everything or of a range."""
        path = self.folder / "export.zip"
        with path.open("wb") as target:
            self.bundles().export(target, spans or self.bundles().everything(), revealed=False)
        return verdict(stand_alone_verifier(), path)

    def check_whole(self) -> None:
        assert self.station.verify().failures == ()
        assert self.verdict()["ok"], self.verdict()


@pytest.fixture
def site(tmp_path: Path, clock: SetClock) -> Iterator[Site]:
    with (
        ExitStack() as running,
        Station.init(tmp_path / "station", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as station,
    ):
        served = running.enter_context(practice_gateway(tmp_path / "gateway", clock))
        station.enrol(served.code(), served.url)
        key = SigningKey(read_secret(tmp_path / "gateway" / "keys", Role.RECEIPT))
        yield Site(tmp_path, clock, station, served, running, key)


@pytest.mark.parametrize("how", CHANGES)
def test_receipts_of_before_the_change_stay_believed(site: Site, how: Callable[..., Any]) -> None:
    site.accept(2)
    assert site.station.synchronise().status.state is SyncState.SYNCHRONISED
    site.change(how)
    site.restart()
    site.learn()
    assert site.station.verify().failures == (), "what was stored before is not touched"
    site.accept()
    assert site.station.synchronise().status.state is SyncState.SYNCHRONISED
    assert site.pending == 0
    site.check_whole()
    path = site.folder / "all.zip"
    with path.open("wb") as target:
        write_export(site.served.gateway, None, target, {})
    assert verdict(stand_alone_verifier(), path)["ok"]


@pytest.mark.parametrize("how", CHANGES)
def test_a_receipt_dated_after_the_change_is_refused(site: Site, how: Callable[..., Any]) -> None:
    site.change(how)
    site.restart()
    site.learn()
    site.accept()
    outcome = site.synchronised(lambda batch, _send: site.forged(batch, site.clock.wall_ms))
    assert (outcome.status.code, outcome.acknowledged) == (SyncCode.BAD_RECEIPT, 0)
    assert site.station.synchronise().status.state is SyncState.SYNCHRONISED
    site.check_whole()


@pytest.mark.parametrize("how", CHANGES)
def test_one_believed_before_the_change_was_known_is_noticed_when_it_is(site: Site, how: Callable[..., Any]) -> None:
    site.change(how)
    site.restart()
    site.accept()
    assert site.synchronised(lambda batch, _send: site.forged(batch, site.clock.wall_ms)).acknowledged == 2
    assert site.pending == 0
    site.learn()
    assert {each.what for each in site.station.verify().failures} == {"receipt-wrong-key"}
    told = site.verdict()
    assert (told["step"], told["code"]) == ("receipts", "followed-key")
    site.accept()
    outcome = site.station.synchronise()
    assert (outcome.status.state, outcome.status.code) == (SyncState.ALARM, SyncCode.ROLLBACK)
    assert site.pending == 0, "everything was sent again"


def test_one_dated_back_needs_the_gateway_to_confirm_it(site: Site) -> None:
    """On the line the station asks, and only the newest key answers. Nothing but the time of the receipt speaks for it."""
    before_ms = site.clock.wall_ms
    site.change(rotation.rotate)
    site.restart()
    site.learn()
    site.accept()
    outcome = site.synchronised(lambda batch, _send: site.forged(batch, before_ms))
    assert (outcome.status.code, outcome.acknowledged) == (SyncCode.BAD_RECEIPT, 0)
    assert site.station.synchronise().status.state is SyncState.SYNCHRONISED
    site.check_whole()


def test_one_dated_back_for_an_entry_that_names_a_later_time_is_refused(site: Site) -> None:
    """On a stick, where nobody can be asked: when its last entry was written the station had a receipt by the new key."""
    before_ms = site.clock.wall_ms
    site.change(rotation.rotate)
    site.restart()
    site.accept()
    assert site.station.synchronise().status.state is SyncState.SYNCHRONISED
    site.accept()
    site.learn()
    batches: list[Batch] = []
    site.synchronised(lambda batch, _send: batches.append(batch) or NoAnswer(SyncCode.NO_CONNECTION, ""))
    forged = site.forged(batches[0], before_ms).receipt
    with pytest.raises(UserError) as caught:
        site.bundles().take_answers(site.stick(forged, before_ms))
    assert caught.value.code == ArchiveCode.UNFIT
    assert site.pending == 1
    with site.station.database.write() as tx:
        inbox.save_receipt(tx, forged, read(forged, Receipt))  # as if it had been believed
    assert {each.what for each in site.station.verify().failures} == {"receipt-wrong-key", "receipt-key-order"}
    told = site.verdict()
    assert (told["step"], told["code"]) == ("receipts", "written-later")


def test_an_honest_stick_comes_home_late(site: Site) -> None:
    """Answers of before the change, also where a later receipt came by the line meanwhile."""
    site.accept()
    late = site.carry()
    site.clock.pass_ms(DAY_MS)
    site.change(rotation.rotate)
    site.restart()
    site.learn()
    site.accept()
    assert site.station.synchronise().status.state is SyncState.SYNCHRONISED
    taken = site.bundles().take_answers(late)
    assert taken.receipts == 1
    site.check_whole()


def test_a_lost_answer_of_before_the_change_is_given_again(site: Site) -> None:
    """The gateway answers as it did, with the earlier key or, where that was withdrawn, with the same body signed anew."""
    for how in CHANGES:
        site.accept()
        site.synchronised(lambda batch, send: send(batch) and NoAnswer(SyncCode.NO_CONNECTION, ""))
        site.change(how)
        site.restart()
        assert site.station.synchronise().status.state is SyncState.SYNCHRONISED
        assert site.pending == 0
    site.accept()
    assert site.station.synchronise().status.state is SyncState.SYNCHRONISED
    site.check_whole()


def test_a_stick_signed_with_a_withdrawn_key_is_refused_and_another_one_brought(site: Site) -> None:
    site.accept()
    late = site.carry()
    site.change(rotation.withdraw)
    site.restart()
    site.learn()
    with pytest.raises(UserError):
        site.bundles().take_answers(late)
    assert site.pending == 2
    site.bundles().take_answers(site.carry())
    assert site.pending == 0
    site.check_whole()


def test_what_a_withdrawn_key_signed_proves_nothing_any_more(site: Site) -> None:
    """Of an export, until a later receipt confirms it; of a proof; a document in which it is believed again is an old one."""
    site.accept()
    site.station.synchronise()
    before = site.station.enrolled().enrolment.gateway
    (journal_id,) = journal.journal_ids(site.station.database)
    _, proof = verify_entry(site.station.database, site.station.enrolled(), site.station.evidence, (journal_id, 2))
    assert proof is not None
    site.change(rotation.withdraw)
    site.restart()
    site.learn()
    identity = site.station.enrolled()
    assert (site.verdict()["step"], site.verdict()["code"]) == ("receipts", "withdrawn-key")
    with pytest.raises(JournalError):
        checked_proof(proof.document, identity.gateway)
    found, _ = verify_entry(site.station.database, identity, site.station.evidence, (journal_id, 2))
    assert found.failures == (), "it was stored before"
    now = identity.enrolment.gateway
    mixed = msgspec.structs.replace(now, certificates=(*now.certificates, *now.withdrawn), keys=msgspec.UNSET, withdrawn=msgspec.UNSET)
    assert documents.believed(identity, mixed) is None
    assert documents.believed(identity, before) is None
    relisted = msgspec.structs.replace(now, certificates=(*now.certificates, *now.withdrawn), withdrawn=())
    trusted = documents.believed(identity, relisted)
    assert trusted is not None
    assert site.key.key_id not in trusted.verifying_keys(Role.RECEIPT)


def test_receipts_of_a_withdrawn_key_are_fetched_anew_and_prove_again(site: Site) -> None:
    """Of every batch, also of a journal that was closed before: an export and a proof printed now are believed by whoever checks them."""
    for _ in range(2):
        site.accept()
        assert site.station.synchronise().status.state is SyncState.SYNCHRONISED
    (journal_id,) = journal.journal_ids(site.station.database)
    earlier = [read(each, Receipt) for each in inbox.receipts(site.station.database, journal_id)]
    site.change(rotation.withdraw)
    site.restart()
    site.learn()
    _, stale = verify_entry(site.station.database, site.station.enrolled(), site.station.evidence, (journal_id, 1))
    assert stale is not None
    assert not stale.in_force
    site.accept()
    outcome = site.station.synchronise()
    assert (outcome.status.state, outcome.sent) == (SyncState.SYNCHRONISED, 1)
    identity = site.station.enrolled()
    for seq in (1, 2, 3):
        found, proof = verify_entry(site.station.database, identity, site.station.evidence, (journal_id, seq))
        assert proof is not None
        assert (found.ok, proof.in_force) == (True, True)
        checked_proof(proof.document, identity.gateway)
    anew = [read(each, Receipt) for each in inbox.receipts(site.station.database, journal_id) if each.key_id != site.key.key_id]
    assert [each for each in anew if each in earlier] == earlier, "body for body"
    site.check_whole()
    assert site.verdict([Span(journal_id, 1, 2)])["ok"], site.verdict([Span(journal_id, 1, 2)])
    asked: list[Batch] = []
    site.synchronised(lambda batch, send: asked.append(batch) or send(batch))
    assert asked == [], "each is asked for once"


def test_an_export_of_old_entries_brings_a_later_receipt_that_vouches(site: Site) -> None:
    """A depot without a line has no other: what the withdrawn key signed holds where a receipt in force says as much."""
    for _ in range(2):
        site.accept()
        site.station.synchronise()
    (journal_id,) = journal.journal_ids(site.station.database)
    site.change(rotation.withdraw)
    site.restart()
    site.learn()
    first = [Span(journal_id, 1, 2)]
    assert site.verdict(first)["code"] == "withdrawn-key"
    for _ in range(2):
        site.accept(2)
        site.synchronised(lambda batch, send: send(batch) if batch.first_seq > 3 else NoAnswer(SyncCode.TIMED_OUT, ""))
    said = site.verdict(first)
    assert said["ok"], said
    made = site.bundles().export(io.BytesIO(), first, revealed=False)
    assert made.spans == (Span(journal_id, 1, 2), Span(journal_id, 4, 5))
    for spans in ([Span(journal_id, 3, 3)], [Span(journal_id, 2, 4)], [Span(journal_id, 4, 7)], None):
        assert site.verdict(spans)["ok"]


def test_a_line_that_does_not_carry_the_old_batches_is_no_trouble_of_the_entries(site: Site) -> None:
    site.accept()
    site.station.synchronise()
    site.change(rotation.withdraw)
    site.restart()
    site.learn()
    asked: list[Batch] = []
    for _ in range(2):
        outcome = site.synchronised(lambda batch, _: asked.append(batch) or NoAnswer(SyncCode.TIMED_OUT, ""))
        assert (outcome.status.state, len(asked)) == (SyncState.SYNCHRONISED, 1), "not again at once"
    site.clock.pass_ms(900_000)
    site.accept()
    fresh: list[int] = []
    assert site.synchronised(lambda batch, send: fresh.append(batch.first_seq) or send(batch)).status.state is SyncState.SYNCHRONISED
    assert fresh == [3, 1], "entries first"
    site.check_whole()


def test_a_running_gateway_signs_nothing_with_the_earlier_key(site: Site) -> None:
    site.accept()
    site.change(rotation.rotate)
    outcome = site.station.synchronise()
    assert (outcome.status.state, outcome.acknowledged) == (SyncState.OFFLINE, 0)
    site.restart()
    assert site.station.synchronise().status.state is SyncState.SYNCHRONISED
    site.check_whole()


def test_the_new_key_begins_after_whatever_the_earlier_one_signed(site: Site) -> None:
    """Though the gateway's clock was a day ahead and was set right before the change."""
    site.clock.pass_ms(DAY_MS)
    site.accept()
    site.station.synchronise()
    site.clock.pass_ms(-DAY_MS)
    site.change(rotation.rotate)
    site.restart()
    site.accept()
    site.learn()
    assert site.station.synchronise().status.state is SyncState.SYNCHRONISED
    site.check_whole()


def test_everything_is_signed_anew_once(site: Site) -> None:
    site.accept()
    site.station.synchronise()
    for how in (rotation.withdraw, rotation.rotate, rotation.withdraw):
        site.change(how)
        site.restart()
        with site.served.gateway.database.read() as tx:
            rows = [row[0] for row in tx.exec_driver_sql("SELECT document FROM receipts")]
        newest = site.served.gateway.keys.receipt.key_id
        assert all(newest in row for row in rows) or how is rotation.rotate
    document = read_gateway_file(site.folder / "gateway").document
    assert len(document.withdrawn or ()) == 3
    with Gateway.open(site.folder / "gateway", site.clock, secrets.token_bytes) as again:
        assert again.trusted.keys_serial == 3
