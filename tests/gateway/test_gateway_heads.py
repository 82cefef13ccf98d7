"""How far a journal is held, said to one question; and a gateway that learns from a receipt of its own that it was put back."""

from __future__ import annotations

import msgspec
import pytest
import requests

from courier_check.gateway.setup import Gateway
from courier_check.journal.keys import SigningKey
from courier_check.wire.batches import ConfirmedHead, HeadRequest, Receipt, by_receipt_key
from courier_check.wire.problems import ProblemCode
from courier_check.wire.requests import Call
from courier_check.wire.signed import Signed, read, sign
from support.pki import secret
from support.practice import TIMEOUT_S, Practice, problem_of

NONCE = "ab" * 16


def asked(station: Practice, body: object, journal_id: str | None = None) -> requests.Response:
    path, data = f"/v1/journals/{journal_id or station.journal_id}/head", msgspec.json.encode(body)
    return requests.post(station.url + path, data=data, headers=station.signed(Call("POST", path, data)), timeout=TIMEOUT_S)


def confirmed(station: Practice, receipt: Signed | None = None, nonce: str = NONCE) -> ConfirmedHead:
    response = asked(station, HeadRequest(nonce=nonce, receipt=receipt))
    assert response.status_code == 200, response.text
    return by_receipt_key(msgspec.json.decode(response.content, type=Signed), ConfirmedHead, station.gateway)


def never_given(gateway: Gateway, receipt: Signed, key: SigningKey | None = None, **changes: object) -> Signed:
    """A receipt as a gateway that was put back would have forgotten it."""
    return sign(msgspec.structs.replace(read(receipt, Receipt), **changes), key or gateway.keys.receipt)


def test_the_answer_fits_its_own_question_only(gateway, station):
    empty = confirmed(station)
    assert (empty.seq, empty.head, empty.nonce, empty.station_id) == (0, None, NONCE, station.station_id)
    station.send()
    said = confirmed(station, nonce="cd" * 16)
    assert (said.seq, said.head, said.nonce) == (1, station.hashes[0], "cd" * 16)


def test_a_receipt_that_is_held_begins_nothing(gateway, station):
    before = gateway.gateway_journal_id
    _, answer = station.send()
    assert confirmed(station, answer.receipt).seq == 1
    assert gateway.gateway_journal_id == before


@pytest.mark.parametrize("changes", [{"gateway_seq": 9}, {"received_at_ms": 5}], ids=["a later number", "another one of its number"])
def test_a_receipt_of_its_own_that_is_not_held_begins_another_journal_once(gateway, station, changes):
    _, answer = station.send()
    before = gateway.gateway_journal_id
    forgotten = never_given(gateway, answer.receipt, **changes)
    confirmed(station, forgotten)
    begun = gateway.gateway_journal_id
    assert begun != before
    station.accept("SF1")
    receipt, _ = station.send(2)
    assert (receipt.gateway_journal_id, receipt.gateway_seq, receipt.gateway_prev) == (begun, 1, gateway.trusted.root_hash)
    confirmed(station, forgotten)
    assert gateway.gateway_journal_id == begun, "shown again it says nothing new"


def test_what_it_never_signed_says_nothing(gateway, station):
    _, answer = station.send()
    before = gateway.gateway_journal_id
    stranger = SigningKey(secret("a stranger's receipts"))
    forged = never_given(gateway, answer.receipt, stranger, gateway_seq=9)
    named = msgspec.structs.replace(forged, key_id=gateway.keys.receipt.key_id)
    for shown in (forged, named, Signed(body="{}", key_id=forged.key_id, signature=""), sign(confirmed(station), gateway.keys.receipt)):
        assert confirmed(station, shown).seq == 1
    assert gateway.gateway_journal_id == before


def test_another_stations_journal_and_odd_questions_are_refused(enrol):
    owner, other = enrol(), enrol("zz-jinshui-02")
    owner.send()
    assert problem_of(asked(other, HeadRequest(nonce=NONCE), owner.journal_id)).code == ProblemCode.JOURNAL_TAKEN
    for odd in ({"kind": "head-request", "v": 1}, {"kind": "head-request", "v": 1, "nonce": "x"}, {"kind": "batch", "v": 1}, []):
        assert problem_of(asked(owner, odd)).code == ProblemCode.MALFORMED
    unsigned = requests.post(f"{owner.url}/v1/journals/{owner.journal_id}/head", data=b"{}", timeout=TIMEOUT_S)
    assert problem_of(unsigned).code == ProblemCode.NOT_AUTHENTIC
