"""Batches: what is stored, what is answered, what is refused."""

from __future__ import annotations

import threading
import time

import msgspec
import pytest
import requests
from sqlalchemy import select

from courier_check.gateway.admin import revoke_station
from courier_check.gateway.store import journals, pulls
from courier_check.gateway.store.schema import claims
from courier_check.gateway.turns import PATIENCE_S
from courier_check.journal.keys import SigningKey, to_text
from courier_check.wire.batches import Answer, HeadStatement, JournalTaken, Receipt, by_receipt_key, from_wire, receipt_hash
from courier_check.wire.problems import ProblemCode
from courier_check.wire.requests import Call, authorization
from courier_check.wire.signed import Signed
from support.clocks import SetClock
from support.pki import secret
from support.practice import problem_of
from support.sample_journals import with_bit_changed

OTHER_JOURNAL = "f" * 32


def held(gateway, station) -> int:
    with gateway.database.read() as tx:
        head = journals.held_head(tx, station.journal_id)
    return head.seq if head else 0


def refused(response) -> ProblemCode:
    return problem_of(response).code


def body_of(answer: Answer) -> Receipt:
    return msgspec.json.decode(answer.receipt.body, type=Receipt)


def test_a_batch_is_stored_and_its_receipt_verifies(gateway, station):
    station.accept("SF1")
    receipt, answer = station.send()
    assert (receipt.first_seq, receipt.last_seq, receipt.gateway_seq, receipt.after_revocation) == (1, 2, 1, False)
    assert receipt.gateway_prev == gateway.trusted.root_hash
    assert answer.returned == ()
    assert held(gateway, station) == 2


def test_the_sealed_parts_are_kept_as_they_came(gateway, station):
    station.accept("SF1")
    station.send()
    with gateway.database.read() as tx:
        assert journals.held_entry(tx, station.journal_id, 2).sealed == station.entries[1].sealed


def test_sending_again_gets_the_very_same_answer_and_stores_nothing(gateway, station):
    station.accept(None)  # comes back, and must come back again
    batch = station.batch()
    first, second = station.post(batch), station.post(batch, compressed=True)
    assert first.status_code == 200
    assert first.content == second.content
    assert len(msgspec.json.decode(first.content, type=Answer).returned) == 1
    station.accept("SF2")
    assert station.send(3)[0].gateway_seq == 2


def test_other_boundaries_over_the_same_chain_get_a_receipt_of_their_own(gateway, station):
    for waybill in ("SF1", "SF2", "SF3"):
        station.accept(waybill)
    first, _ = station.send(1, 3)
    overlapping, _ = station.send(2, 4)
    inside, _ = station.send(2, 3)
    assert [each.gateway_seq for each in (first, overlapping, inside)] == [1, 2, 3]
    assert held(gateway, station) == 4


def test_receipts_are_a_chain_across_stations(enrol):
    stations = [enrol("s1"), enrol("s2"), enrol("s3")]
    answers = [station.send()[1] for station in stations]
    receipts = [body_of(answer) for answer in answers]
    assert [receipt.gateway_seq for receipt in receipts] == [1, 2, 3]
    assert [receipt.gateway_prev for receipt in receipts[1:]] == [receipt_hash(answer.receipt) for answer in answers[:2]]
    assert len({receipt.gateway_journal_id for receipt in receipts}) == 1


def test_a_part_that_was_destroyed_is_left_out_and_the_entry_stored(gateway, station):
    station.accept("SF1")
    batch = station.batch()
    without = {name: text for name, text in batch.entries[1].parts.items() if name != "reported"}
    assert station.post(station.with_entry(batch, 1, parts=without)).status_code == 200
    with gateway.database.read() as tx:
        assert set(journals.held_entry(tx, station.journal_id, 2).sealed) == {"index"}


def test_kinds_that_nobody_knows_yet_are_stored(gateway, station):
    station.append("moon-landing", {"flag": "planted", "answers_returned": 3})
    receipt, answer = station.send()
    assert (receipt.last_seq, answer.returned) == (2, ())


def test_a_station_may_begin_another_journal(gateway, station):
    head = {"journal_id": station.journal_id, "head": station.hashes[-1], "last_seq": 1, "cause": "restore"}
    station.send()
    station.open_journal("second", head)
    station.accept("SF1")
    assert station.send()[0].last_seq == 2


def test_the_same_batch_from_four_threads_is_stored_once(gateway, station):
    for number in range(40):
        station.accept(f"SF{number}")
    data, answers = msgspec.json.encode(station.batch()), []
    threads = [threading.Thread(target=lambda: answers.append(station.post(data))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    with gateway.database.read() as tx:
        assert (journals.chain_end(tx).gateway_seq, journals.chain_end(tx).arrival) == (1, 41)


def test_a_gap_is_answered_with_the_signed_head(gateway, station):
    station.accept("SF1")
    station.accept("SF2")
    problem = problem_of(station.post(station.batch(3)))
    assert problem.code == ProblemCode.BEHIND
    assert by_receipt_key(problem.head, HeadStatement, station.gateway).seq == 0
    station.send(1, 1)
    problem = problem_of(station.post(station.batch(3)))
    said = by_receipt_key(problem.head, HeadStatement, station.gateway)
    assert (said.seq, said.head) == (1, station.hashes[0])
    assert (said.gateway_id, said.station_id, said.journal_id) == ("gw-test", station.station_id, station.journal_id)


def test_the_head_is_told_and_signed(station):
    def head() -> HeadStatement:
        response = station.get(f"/v1/journals/{station.journal_id}/head")
        return by_receipt_key(msgspec.json.decode(response.content, type=Signed), HeadStatement, station.gateway)

    assert (head().seq, head().head) == (0, None)
    station.send()
    assert (head().seq, head().head) == (1, station.hashes[0])


def test_another_header_at_a_seq_that_is_held_is_a_fork(gateway, station):
    station.accept("SF1")
    station.send()
    mine = station.entries[1]
    del station.entries[1], station.hashes[1]
    station.accept("SF2")
    problem = problem_of(station.post(station.batch()))
    assert problem.code == ProblemCode.FORK
    evidence = from_wire(problem.held, 2)
    assert (evidence.header_bytes, evidence.signature, evidence.sealed) == (mine.header_bytes, mine.signature, mine.sealed)
    with gateway.database.read() as tx:
        assert journals.held_entries(tx, station.journal_id, 2, 2)[2].hash != station.hashes[1]


def test_a_batch_that_follows_another_head_than_the_one_held_is_a_fork(gateway, station):
    station.accept("SF1")
    station.send()
    del station.entries[1], station.hashes[1]
    station.accept("SF2")
    station.accept("SF3")
    problem = problem_of(station.post(station.batch(3)))
    assert (problem.code, from_wire(problem.held, 2).seq) == (ProblemCode.FORK, 2)
    assert held(gateway, station) == 2


def test_a_fork_late_in_a_batch_stores_nothing_of_it(gateway, station):
    station.accept("SF1")
    station.send()
    del station.entries[1], station.hashes[1]
    station.accept("SF2")
    station.accept("SF3")
    assert refused(station.post(station.batch(1))) == ProblemCode.FORK
    assert held(gateway, station) == 2


@pytest.mark.parametrize("changes", [{"gateway_id": "gw-other"}, {"station_id": "zz-other"}])
def test_a_batch_for_another_gateway_or_station_is_refused(shared_station, changes):
    assert refused(shared_station.post(shared_station.batch(**changes))) == ProblemCode.WRONG_GATEWAY


def test_a_batch_posted_to_another_journals_address_is_refused(shared_station):
    assert refused(shared_station.post(shared_station.batch(), journal_id=OTHER_JOURNAL)) == ProblemCode.WRONG_GATEWAY


def test_who_can_not_have_a_journals_id_is_told_so_signed_and_the_first_it_brought_is_kept(gateway, enrol):
    owner, other = enrol("s1"), enrol("s2")
    owner.send()
    other.journal_id, other.entries, other.hashes = owner.journal_id, [], []
    other.append("journal-open", {"predecessor": None})
    other.accept("SF1")
    for last_seq in (1, 2):
        told = problem_of(other.post(other.batch(1, last_seq)))
        said = by_receipt_key(told.taken, JournalTaken, other.gateway)
        assert (said.gateway_id, said.station_id, said.journal_id) == (owner.gateway.root.gateway_id, "s2", owner.journal_id)
        assert "s1" not in msgspec.json.encode(told).decode(), "whose it is is for the regulator"
    with gateway.database.read() as tx:
        (kept,) = tx.execute(select(claims)).all()
        assert (journals.claimed_by(tx, "s1"), journals.claimed_by(tx, "s2")) == ([], [owner.journal_id])
    mine = other.entries[0]
    assert (kept.journal_id, kept.station_id, kept.seq) == (owner.journal_id, "s2", 1)
    assert (kept.header.encode(), kept.signature) == (mine.header_bytes, mine.signature)
    assert held(gateway, owner) == 1
    owner.accept("SF2")
    owner.send(2)


def test_batches_of_another_station_under_the_same_id_hold_nobody_up(gateway, enrol):
    """They wait for one another, and not for a stranger's."""
    owner, other = enrol("s1"), enrol("s2")
    owner.send()
    owner.accept("SF1")
    with gateway.turns.under_way(f"{other.station_id}/{owner.journal_id}", 1):
        started = time.monotonic()
        owner.send(2)
        assert time.monotonic() - started < PATIENCE_S / 2


def test_another_stations_journal_is_refused_to_write_and_to_ask(enrol):
    owner, other = enrol("s1"), enrol("s2")
    owner.send()
    other.journal_id, other.entries, other.hashes = owner.journal_id, [], []
    other.append("journal-open", {"predecessor": None})
    assert refused(other.post(other.batch())) == ProblemCode.JOURNAL_TAKEN
    assert refused(other.get(f"/v1/journals/{owner.journal_id}/head")) == ProblemCode.JOURNAL_TAKEN
    assert refused(other.get(f"/v1/journals/{owner.journal_id}/entries/1")) == ProblemCode.JOURNAL_TAKEN
    assert refused(other.get(f"/v1/stations/{owner.station_id}/returned")) == ProblemCode.WRONG_GATEWAY


def test_entries_of_another_station_inside_a_batch_are_refused(enrol):
    owner, other = enrol("s1"), enrol("s2")
    assert refused(other.post(other.batch(entries=owner.batch().entries))) == ProblemCode.WRONG_GATEWAY


def test_a_first_entry_must_follow_the_stations_certificate(shared_station):
    shared_station.first_prev, shared_station.entries, shared_station.hashes = "0" * 64, [], []
    shared_station.append("journal-open", {"predecessor": None})
    assert refused(shared_station.post(shared_station.batch())) == ProblemCode.BAD_CHAIN


def test_entries_that_do_not_follow_one_another_are_refused(gateway, station):
    for waybill in ("SF1", "SF2", "SF3"):
        station.accept(waybill)
    batch = station.batch()
    swapped = (batch.entries[0], batch.entries[2], batch.entries[1], batch.entries[3])
    assert refused(station.post(station.batch(entries=swapped))) == ProblemCode.BAD_CHAIN
    left_out = station.batch(entries=(*batch.entries[:2], batch.entries[3]))
    assert refused(station.post(left_out)) == ProblemCode.BAD_CHAIN
    assert refused(station.post(station.batch(prev="0" * 64))) == ProblemCode.BAD_CHAIN
    assert held(gateway, station) == 0


def test_a_changed_signature_is_refused_and_nothing_stored(gateway, station):
    station.accept("SF1")
    signature = to_text(with_bit_changed(station.entries[1].signature, 7))
    assert refused(station.post(station.with_entry(station.batch(), 1, signature=signature))) == ProblemCode.BAD_SIGNATURE
    assert held(gateway, station) == 0


def test_an_entry_signed_by_a_stranger_is_refused(shared_station):
    shared_station.key, own = SigningKey(secret("a stranger")), shared_station.key
    shared_station.accept("SF1")
    shared_station.key = own
    assert refused(shared_station.post(shared_station.batch())) == ProblemCode.BAD_SIGNATURE


@pytest.mark.parametrize("name", ["index", "reported", "invented"])
def test_a_sealed_part_that_does_not_match_its_digest_is_refused(shared_station, name):
    shared_station.accept("SF1")
    batch = shared_station.batch()
    parts = {**batch.entries[1].parts, name: to_text(b"something else")}
    assert refused(shared_station.post(shared_station.with_entry(batch, 1, parts=parts))) == ProblemCode.BAD_DIGEST


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"header": "{}"}, ProblemCode.MALFORMED),
        ({"header": "not json"}, ProblemCode.MALFORMED),
        ({"signature": "!!"}, ProblemCode.MALFORMED),
        ({"signature": "AA=="}, ProblemCode.MALFORMED),
        ({"parts": {"index": "A"}}, ProblemCode.MALFORMED),
        ({"header": '{"v":2}'}, ProblemCode.UNSUPPORTED_VERSION),
        ({"header": "x" * 16_385}, ProblemCode.TOO_LARGE),
    ],
)
def test_an_entry_that_is_no_entry_is_refused(shared_station, changes, code):
    assert refused(shared_station.post(shared_station.with_entry(shared_station.batch(), 0, **changes))) == code


def test_a_header_that_is_spelled_otherwise_is_refused(shared_station):
    batch = shared_station.batch()
    assert refused(shared_station.post(shared_station.with_entry(batch, 0, header=" " + batch.entries[0].header))) == ProblemCode.MALFORMED


@pytest.mark.parametrize(
    ("posted", "code"),
    [
        (b"", ProblemCode.MALFORMED),
        (b"<html>captive portal</html>", ProblemCode.MALFORMED),
        (b"[]", ProblemCode.MALFORMED),
        (b'{"kind":"batch","v":1}', ProblemCode.MALFORMED),
        (b'{"kind":"batch","v":2,"changed":true}', ProblemCode.UNSUPPORTED_VERSION),
        (b"[" * 100_000, ProblemCode.MALFORMED),
    ],
)
def test_what_is_no_batch_is_refused(shared_station, posted, code):
    problem = problem_of(shared_station.post(posted))
    assert problem.code == code
    assert problem.supported == ((1,) if code == ProblemCode.UNSUPPORTED_VERSION else None)


def test_an_empty_batch_is_malformed_and_one_of_513_too_large(shared_station):
    assert refused(shared_station.post(shared_station.batch(entries=()))) == ProblemCode.MALFORMED
    many = shared_station.batch(entries=shared_station.batch().entries * 513)
    assert refused(shared_station.post(many)) == ProblemCode.TOO_LARGE


@pytest.mark.slow
def test_a_batch_of_512_is_taken(gateway, station):
    for number in range(511):
        station.append("sign-in", {"subject": f"c{number}"})
    assert station.send()[0].last_seq == 512


def test_entries_first_received_after_a_revocation_are_stored_and_flagged(gateway, station):
    station.accept("SF1")
    before, _ = station.send()
    revoke_station(gateway, station.station_id)
    revoke_station(gateway, station.station_id)
    station.accept("SF2")
    after, _ = station.send(3)
    again, _ = station.send(1, 2)
    across, _ = station.send(2, 3)
    assert [each.after_revocation for each in (before, after, again, across)] == [False, True, False, True]


def contact_ms(gateway, station) -> int | None:
    with gateway.database.read() as tx:
        return next(row.last_contact_ms for row in pulls.station_rows(tx, "") if row.station_id == station.station_id)


def test_a_request_played_again_is_answered_and_is_no_contact(gateway, clock, station):
    assert contact_ms(gateway, station) is None
    station.send()
    path, data = f"/v1/journals/{station.journal_id}/batches", msgspec.json.encode(station.batch())
    asked, sent = station.signed(Call("GET", path.replace("batches", "head"), b"")), station.signed(Call("POST", path, data))
    assert requests.post(station.url + path, data=data, headers=sent, timeout=30).status_code == 200
    heard_ms = contact_ms(gateway, station)
    clock.pass_ms(60_000)
    assert requests.get(station.url + path.replace("batches", "head"), headers=asked, timeout=30).status_code == 200
    assert requests.post(station.url + path, data=data, headers=sent, timeout=30).status_code == 200
    assert contact_ms(gateway, station) == heard_ms
    assert station.get(f"/v1/stations/{station.station_id}/returned?after=0").status_code == 200
    assert contact_ms(gateway, station) > heard_ms + 60_000


def test_a_station_whose_clock_was_put_back_is_heard_as_soon_as_it_brings_something_new(gateway, clock, station):
    station.clock = SetClock(wall_ms=clock.wall_ms + 10**10)
    station.send()
    station.clock = SetClock(wall_ms=clock.wall_ms)
    clock.pass_ms(60_000)
    heard_ms = contact_ms(gateway, station)
    station.get(f"/v1/journals/{station.journal_id}/head")
    assert contact_ms(gateway, station) == heard_ms
    station.accept("SF1")
    station.send(2)
    assert contact_ms(gateway, station) > heard_ms


@pytest.mark.parametrize("header", [None, "", "Bearer x", "Courier-Station v=2", "Courier-Station v=1,station_id=zz,at_ms=1,signature=AA"])
def test_a_request_without_a_signature_is_not_authentic(shared_station, header):
    headers = {} if header is None else {"Authorization": header}
    url = f"{shared_station.url}/v1/journals/{shared_station.journal_id}/batches"
    response = requests.post(url, data=msgspec.json.encode(shared_station.batch()), headers=headers, timeout=30)
    assert refused(response) == ProblemCode.NOT_AUTHENTIC
    assert response.headers["WWW-Authenticate"] == "Courier-Station"


def test_a_signature_counts_for_its_own_body_path_and_key_only(shared_station):
    data, path = msgspec.json.encode(shared_station.batch()), f"/v1/journals/{shared_station.journal_id}/batches"

    def post(call: Call, key: SigningKey = shared_station.key, station_id: str = shared_station.station_id):
        headers = {"Authorization": authorization(call, station_id, 1, key)}
        return refused(requests.post(shared_station.url + path, data=data, headers=headers, timeout=30))

    assert post(Call("POST", path, data + b" ")) == ProblemCode.NOT_AUTHENTIC
    assert post(Call("POST", path + "?x=1", data)) == ProblemCode.NOT_AUTHENTIC
    assert post(Call("GET", path, data)) == ProblemCode.NOT_AUTHENTIC
    assert post(Call("POST", path, data), SigningKey(secret("a stranger"))) == ProblemCode.NOT_AUTHENTIC
    assert post(Call("POST", path, data), station_id="nobody") == ProblemCode.UNKNOWN_STATION


def test_the_query_is_part_of_what_is_signed(shared_station):
    path = f"/v1/stations/{shared_station.station_id}/returned?after=0"
    assert shared_station.get(path).status_code == 200
    headers = shared_station.signed(Call("GET", path, b""))
    response = requests.get(shared_station.url + path.replace("after=0", "after=9"), headers=headers, timeout=30)
    assert refused(response) == ProblemCode.NOT_AUTHENTIC
