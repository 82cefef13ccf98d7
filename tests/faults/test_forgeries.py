"""An attacker on the line of a station, who forges what its gateway says: nothing of it is believed, and the station goes on as it was."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from courier_check.gateway import rotation
from courier_check.gateway.keys import read_secret
from courier_check.gateway.setup import Founding, init
from courier_check.journal.codes import JournalError
from courier_check.journal.keys import SigningKey
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import inbox, journal
from courier_check.sync.client import GatewayClient, NoAnswer, Refusal, Signature
from courier_check.sync.codes import SyncCode
from courier_check.sync.synchroniser import Outcome, Synchroniser, SyncState
from courier_check.wire.batches import (
    Answer,
    Batch,
    HeadStatement,
    Receipt,
    Returned,
    ReturnedItems,
    Sent,
    WireEntry,
    checked_receipt,
    sent_of,
)
from courier_check.wire.certificates import GatewayDocument, Role, trust
from courier_check.wire.problems import ProblemCode, problem
from courier_check.wire.signed import Signed, read, sign
from support import snapshots
from support.clocks import SetClock
from support.gateways import Practice as Served
from support.gateways import practice_gateway
from support.pki import secret
from support.practice import Practice
from support.stations import CHEAP, acceptance, append

pytestmark = pytest.mark.slow

Change = Callable[[Path, Path, SetClock], None]
STRANGER = SigningKey(secret("an attacker"))
DAY_MS = 86_400_000


def low(*_: float) -> float:
    return 0.0


@dataclass
class Forger:
    """Keys and recordings of an attacker on the line of a station: `old_key` was its gateway's receipt key once, `old_answers` are genuine.
    `hashes`: of the station's entries, which it sends from another thread."""

    station: Station
    served: Served
    elsewhere: Served
    old_key: SigningKey
    document_before: GatewayDocument
    old_answers: list[Answer]
    journal_id: str
    hashes: list[str]

    @property
    def neighbours_entry(self) -> WireEntry:
        """Sound, of another station of the same gateway, and at the seq that comes next."""
        neighbour = Practice.enrolled(self.served.url, self.served.code("zz-jinshui-02"), self.station.clock)
        neighbour.accept("SF2000000000001")
        neighbour.accept("SF2000000000002")
        return neighbour.batch().entries[2]

    @property
    def key(self) -> SigningKey:
        """The gateway's own: what it signs is genuine, and says what the attacker wants only in the tests of swapped members."""
        return self.served.gateway.keys.receipt

    def receipt(self, answer: Answer, key: SigningKey, **changes: Any) -> Answer:
        body = msgspec.structs.replace(read(answer.receipt, Receipt), **changes)
        return msgspec.structs.replace(answer, receipt=sign(body, key))

    def named(self, answer: Answer, key: SigningKey) -> Answer:
        """Signed by a key, naming the gateway's."""
        forged = self.receipt(answer, key).receipt
        return msgspec.structs.replace(answer, receipt=msgspec.structs.replace(forged, key_id=self.key.key_id))


class Intercepted(GatewayClient):
    """The real client, its answers changed on the way."""

    def __init__(self, station: Station, change: Callable[[Any], Any]) -> None:
        identity = station.enrolled()
        super().__init__(identity.enrolment.url, Signature(identity.certificate.subject, identity.keys.signing, station.clock))
        self._change = change

    def send(self, batch: Batch) -> Answer | Refusal | NoAnswer:
        return self._change(super().send(batch))  # type: ignore[no-any-return]

    def returned(self, station_id: str, after: int) -> ReturnedItems | Refusal | NoAnswer:
        return self._change(super().returned(station_id, after))  # type: ignore[no-any-return]


def synchronised(station: Station, change: Callable[[Any], Any]) -> Outcome:
    client = Intercepted(station, change)
    try:
        return Synchroniser(station.database, station.enrolled(), client, station.writer(), low).run()
    finally:
        client.close()


def only(kind: type, change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda answer: change(answer) if isinstance(answer, kind) else answer


def with_new_receipt_key(folder: Path, clock: SetClock, change: Change) -> SigningKey:
    """The receipt key of a gateway is replaced with the command for that. Returns the one before."""
    old = SigningKey(read_secret(folder / "keys", Role.RECEIPT))
    change(folder, folder / "root" / "root.key", clock)
    return old


def rotated(folder: Path, root_key: Path, clock: SetClock) -> None:
    rotation.rotate(folder, Role.RECEIPT, root_key, clock, secrets.token_bytes)


def withdrawn(folder: Path, root_key: Path, clock: SetClock) -> None:
    rotation.withdraw(folder, root_key, clock, secrets.token_bytes)


@pytest.fixture(params=[rotated, withdrawn])
def forger(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock, elsewhere: Served) -> Iterator[Forger]:
    document_before = init(tmp_path / "rotated", Founding("gw-test", "样例网关（虚构）", practice=True), clock, secrets.token_bytes)
    old_key = with_new_receipt_key(tmp_path / "rotated", clock, request.param)
    with (
        practice_gateway(tmp_path / "rotated", clock) as served,
        Station.init(tmp_path / "station", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as station,
    ):
        station.enrol(served.code(), served.url)
        heard: list[Answer] = []
        append(station, acceptance("SF1000000000001"))
        synchronised(station, only(Answer, lambda answer: heard.append(answer) or answer))
        append(station, acceptance("SF1000000000002"))
        append(station, acceptance("SF1000000000003"))
        entries = station.database.rows("SELECT journal_id, hash FROM journal_entries ORDER BY seq")
        yield Forger(station, served, elsewhere, old_key, document_before, heard, entries[0][0], [digest for _, digest in entries])


FORGED: dict[str, Callable[[Forger, Answer], Answer]] = {
    "by the key before": lambda f, answer: f.receipt(answer, f.old_key),
    "by the key before, naming the new one": lambda f, answer: f.named(answer, f.old_key),
    "by a stranger": lambda f, answer: f.receipt(answer, STRANGER),
    "by a stranger, naming the gateway's key": lambda f, answer: f.named(answer, STRANGER),
    "by another gateway": lambda f, answer: f.receipt(answer, f.elsewhere.gateway.keys.receipt),
    "by the key for certificates": lambda f, answer: f.receipt(answer, f.served.gateway.keys.enrolment),
    "by the key for packages": lambda f, answer: f.receipt(answer, f.served.gateway.keys.package),
    "by the station itself": lambda f, answer: f.receipt(answer, f.station.enrolled().keys.signing),
    "of an earlier batch": lambda f, _answer: f.old_answers[0],
    "for another station": lambda f, answer: f.receipt(answer, f.key, station_id="zz-jinshui-02"),
    "for another gateway": lambda f, answer: f.receipt(answer, f.key, gateway_id="gw-other"),
    "for another journal": lambda f, answer: f.receipt(answer, f.key, journal_id="e" * 32),
    "for entries not sent yet": lambda f, answer: f.receipt(answer, f.key, last_seq=5),
    "for fewer entries": lambda f, answer: f.receipt(answer, f.key, last_seq=3),
    "from another beginning": lambda f, answer: f.receipt(answer, f.key, first_seq=2),
    "after another head": lambda f, answer: f.receipt(answer, f.key, prev_head="e" * 64),
    "for another head": lambda f, answer: f.receipt(answer, f.key, head="e" * 64),
    "for other entries": lambda f, answer: f.receipt(answer, f.key, merkle_root="e" * 64),
    "with an item of another station": lambda f, answer: msgspec.structs.replace(answer, returned=(item(f, station_id="zz-jinshui-02"),)),
    "with an item by the key before": lambda f, answer: msgspec.structs.replace(answer, returned=(item(f, by=f.old_key),)),
}


def item(forger: Forger, *, by: SigningKey | None = None, **changes: Any) -> Signed:
    """A returned item for an entry of the station."""
    certificate = forger.station.enrolled().certificate
    body = Returned(
        gateway_id=certificate.gateway_id,
        gateway_journal_id=forger.served.gateway.gateway_journal_id,
        station_id=certificate.subject,
        journal_id=forger.journal_id,
        seq=2,
        entry=forger.hashes[1],
        number=1,
        code="waybill-elsewhere",
        detail="",
        at_ms=forger.station.clock.read().wall_ms,
    )
    return sign(msgspec.structs.replace(body, **changes), by or forger.key)


def refused_and_unchanged(forger: Forger, change: Callable[[Any], Any]) -> None:
    """Nothing of it is believed, and the next honest run acknowledges everything."""
    before = snapshots.of_station(forger.station)
    outcome = synchronised(forger.station, change)
    assert (outcome.status.state, outcome.status.code) == (SyncState.OFFLINE, SyncCode.BAD_RECEIPT)
    assert snapshots.of_station(forger.station) == before
    assert forger.station.synchronise().status.state == SyncState.SYNCHRONISED
    assert inbox.standing(forger.station.database).pending == 0
    assert forger.station.verify().ok
    assert len(journal.journal_ids(forger.station.database)) == 1


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_receipt_acknowledges_nothing(forger: Forger, how: str) -> None:
    refused_and_unchanged(forger, only(Answer, lambda answer: FORGED[how](forger, answer)))


def test_the_key_before_was_believed_before(forger: Forger) -> None:
    """So that its refusal is the rotation's doing: under the document before, the forged receipt holds."""
    seen: list[tuple[Sent, Signed]] = []

    class Listening(Intercepted):
        def send(self, batch: Batch) -> Answer | Refusal | NoAnswer:
            answer = super().send(batch)
            if isinstance(answer, Answer):
                seen.append((sent_of(batch), forger.receipt(answer, forger.old_key).receipt))
            return answer

    client = Listening(forger.station, lambda answer: answer)
    Synchroniser(forger.station.database, forger.station.enrolled(), client, forger.station.writer(), low).run()
    client.close()
    (sent, forged) = seen[0]
    identity = forger.station.enrolled()
    before = trust(forger.document_before, identity.enrolment.fingerprint)
    assert checked_receipt(forged, sent, before).last_seq == 4
    with pytest.raises(JournalError):
        checked_receipt(forged, sent, identity.gateway)


def behind(forger: Forger, *, by: SigningKey | None = None, seq: int = 1, **changes: Any) -> Refusal:
    """The gateway's word that it holds less than it did, as the attacker tells it."""
    certificate = forger.station.enrolled().certificate
    head = HeadStatement(
        gateway_id=certificate.gateway_id,
        station_id=certificate.subject,
        journal_id=forger.journal_id,
        seq=seq,
        head=forger.hashes[seq - 1],
        at_ms=forger.station.clock.read().wall_ms,
    )
    signed = sign(msgspec.structs.replace(head, **changes), by or forger.key)
    return Refusal(msgspec.structs.replace(problem(ProblemCode.BEHIND, ""), head=signed))


HEADS: dict[str, Callable[[Forger], Refusal]] = {
    "by the key before": lambda f: behind(f, by=f.old_key),
    "by another gateway": lambda f: behind(f, by=f.elsewhere.gateway.keys.receipt),
    "of another station": lambda f: behind(f, station_id="zz-jinshui-02"),
    "of another journal": lambda f: behind(f, journal_id="e" * 32),
    "of another gateway": lambda f: behind(f, gateway_id="gw-other"),
    "of two days ago": lambda f: behind(f, at_ms=f.station.clock.read().wall_ms - 2 * DAY_MS),
    "a receipt in place of a head": lambda f: Refusal(
        msgspec.structs.replace(problem(ProblemCode.BEHIND, ""), head=f.old_answers[0].receipt)
    ),
}


@pytest.mark.parametrize("how", HEADS)
def test_a_head_that_is_not_the_gateways_now_raises_no_alarm(forger: Forger, how: str) -> None:
    refused_and_unchanged(forger, only(Answer, lambda _answer: HEADS[how](forger)))


FORKS: dict[str, Callable[[Forger, Batch], WireEntry | None]] = {
    "nothing shown": lambda _f, _batch: None,
    "the station's own entry": lambda _f, batch: batch.entries[0],
    "the own entry under another signature": lambda f, batch: msgspec.structs.replace(
        batch.entries[0], signature=f.neighbours_entry.signature
    ),
    "another station's entry": lambda f, _batch: f.neighbours_entry,
}


@pytest.mark.parametrize("how", FORKS)
def test_a_fork_that_is_not_proven_closes_no_journal(forger: Forger, how: str) -> None:
    class Accusing(Intercepted):
        def send(self, batch: Batch) -> Answer | Refusal | NoAnswer:
            return Refusal(msgspec.structs.replace(problem(ProblemCode.FORK, "seq 3"), held=FORKS[how](forger, batch)))

    before, client = snapshots.of_station(forger.station), Accusing(forger.station, lambda answer: answer)
    Synchroniser(forger.station.database, forger.station.enrolled(), client, forger.station.writer(), low).run()
    client.close()
    assert snapshots.of_station(forger.station) == before
    assert forger.station.synchronise().status.state == SyncState.SYNCHRONISED
    assert len(journal.journal_ids(forger.station.database)) == 1
    assert forger.station.verify().ok


ITEMS: dict[str, Callable[[Forger], Signed]] = {
    "by the key before": lambda f: item(f, by=f.old_key),
    "by another gateway": lambda f: item(f, by=f.elsewhere.gateway.keys.receipt),
    "of another station": lambda f: item(f, station_id="zz-jinshui-02"),
    "of another gateway": lambda f: item(f, gateway_id="gw-other"),
    "a receipt in place of an item": lambda f: f.old_answers[0].receipt,
}


@pytest.mark.parametrize("how", ITEMS)
def test_a_returned_item_that_is_not_the_stations_is_not_taken(forger: Forger, how: str) -> None:
    forger.station.synchronise()
    refused_and_unchanged(
        forger, only(ReturnedItems, lambda answer: msgspec.structs.replace(answer, items=(*answer.items, ITEMS[how](forger))))
    )


def test_a_returned_item_played_again_changes_nothing(forger: Forger) -> None:
    forger.station.synchronise()
    genuine = item(forger)
    synchronised(forger.station, only(ReturnedItems, lambda answer: msgspec.structs.replace(answer, items=(*answer.items, genuine))))
    before = snapshots.of_station(forger.station)
    assert [each.number for each in inbox.returned_items(forger.station.database)] == [1]
    outcome = synchronised(forger.station, only(ReturnedItems, lambda answer: msgspec.structs.replace(answer, items=(genuine,))))
    assert outcome.returned == 0
    assert snapshots.of_station(forger.station) == before
