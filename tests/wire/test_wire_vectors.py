"""The program agrees with tests/vectors/wire.json."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from courier_check.errors import UserError
from courier_check.journal import tags
from courier_check.journal.codes import JournalError
from courier_check.journal.entries import header_hash, parse_header
from courier_check.journal.keys import OpeningKey, VerifyingKey, from_text
from courier_check.journal.verify import Expected, verify_header, verify_parts
from courier_check.wire.batches import (
    Answer,
    Batch,
    HeadStatement,
    JournalTaken,
    Returned,
    ReturnedItems,
    by_receipt_key,
    checked_receipt,
    from_wire,
    receipt_hash,
    sent_of,
)
from courier_check.wire.certificates import GatewayDocument, Role, TrustedGateway, certificate_hash, station_certificate, trust
from courier_check.wire.documents import read_document
from courier_check.wire.enrolment import Code, EnrolmentAnswer, EnrolmentRequest, MatchKeys, checked_request, open_match_key
from courier_check.wire.packages import checked_package
from courier_check.wire.problems import STATUS, Problem
from courier_check.wire.requests import Authorization, Call
from courier_check.wire.signed import Signed, verified

FOLDER = Path(__file__).resolve().parents[1] / "vectors"
WIRE = msgspec.json.decode((FOLDER / "wire.json").read_bytes())
KEYS = msgspec.json.decode((FOLDER / "journal.json").read_bytes())["keys"]["by_name"]


def encoded(document: object) -> bytes:
    return msgspec.json.encode(document)


def signed(document: object) -> Signed:
    return msgspec.convert(document, Signed)


def gateway() -> TrustedGateway:
    document = read_document(encoded(WIRE["gateway"]["document"]), GatewayDocument)
    return trust(document, bytes.fromhex(WIRE["gateway"]["root_fingerprint_hex"]))


def test_the_gateway_and_all_certificates_are_believed():
    trusted = gateway()
    assert {certificate.role for certificate in trusted.certificates} == set(Role) - {Role.STATION}
    for told in WIRE["certificates"]["by_role"].values():
        assert certificate_hash(signed(told["signed"])) == told["hash"]
    assert station_certificate(signed(WIRE["certificates"]["by_role"]["station"]["signed"]), trusted).subject == "sample-station"


def test_enrolment_codes_are_read_as_the_vectors_say():
    told = WIRE["enrolment"]["code"]
    code = Code(bytes.fromhex(told["fingerprint_hex"]), bytes.fromhex(told["secret_hex"]))
    assert (code.text(), code.code_id) == (told["text"], told["code_id"])
    assert {Code.parse(each).secret for each in [told["text"], *told["spellings"]]} == {code.secret}
    for each in told["mistyped"]:
        with pytest.raises(UserError):
            Code.parse(each)


def test_the_enrolment_request_and_answer_are_believed():
    told = WIRE["enrolment"]
    code = Code.parse(told["code"]["text"])
    body = checked_request(read_document(encoded(told["request"]), EnrolmentRequest), code.secret)
    answer = read_document(encoded(told["answer"]), EnrolmentAnswer)
    trusted = trust(answer.gateway, code.fingerprint)
    certificate = station_certificate(answer.certificate, trusted)
    assert certificate.public_key == body.public_key
    keys = verified(answer.match_keys, MatchKeys, trusted.verifying_keys(Role.ENROLMENT)[answer.match_keys.key_id])
    opener = OpeningKey(from_text(KEYS[told["match_key"]["opened_by"]]["secret"]))
    assert open_match_key(keys.keys[0], (keys.gateway_id, keys.station_id), opener).hex() == told["match_key"]["key_hex"]


@pytest.mark.parametrize("told", WIRE["requests"]["signed"], ids=lambda told: told["note"])
def test_signed_requests_verify(told):
    found = Authorization.parse(told["authorization"])
    found.verify(Call(told["method"], told["path"], told["body"].encode()), VerifyingKey(from_text(KEYS["station"]["public"])))
    assert (found.station_id, found.at_ms) == ("sample-station", told["at_ms"])


@pytest.mark.parametrize("told", WIRE["requests"]["malformed"], ids=lambda told: told["note"])
def test_malformed_authorizations_are_refused(told):
    with pytest.raises(JournalError):
        Authorization.parse(told["text"])


def test_batches_and_their_receipts_are_believed():
    trusted = gateway()
    station = VerifyingKey(from_text(KEYS["station"]["public"]))
    prev = WIRE["certificates"]["by_role"]["station"]["hash"]
    gateway_prev = trusted.root_hash
    for told in WIRE["batches"]["exchanges"]:
        batch = read_document(encoded(told["batch"]), Batch)
        assert batch.prev == prev
        for seq, entry in enumerate(batch.entries, batch.first_seq):
            row = from_wire(entry, seq)
            place = Expected(batch.gateway_id, batch.station_id, batch.journal_id, prev, station)
            header, prev = verify_header(row.header_bytes, row.signature, place, (seq, prev))
            verify_parts(header, {}, row.sealed)
        answer = read_document(encoded(told["answer"]), Answer)
        receipt = checked_receipt(answer.receipt, sent_of(batch), trusted)
        assert (list(sent_of(batch).hashes), receipt.gateway_prev) == (told["hashes"], gateway_prev)
        gateway_prev = receipt_hash(answer.receipt)
        assert gateway_prev == told["receipt_hash"]


def test_heads_returned_items_and_problems_are_read():
    trusted = gateway()
    assert [by_receipt_key(signed(each), HeadStatement, trusted).seq for each in WIRE["heads"]["signed"]] == [5, 0]
    items = read_document(encoded(WIRE["returned"]["document"]), ReturnedItems).items
    assert [by_receipt_key(each, Returned, trusted).number for each in items] == [1]
    behind, fork, version, taken = (msgspec.json.decode(encoded(each), type=Problem) for each in WIRE["problems"]["documents"])
    assert by_receipt_key(behind.head or items[0], HeadStatement, trusted).seq == 3
    assert parse_header((fork.held.header if fork.held else "").encode()).seq == 2
    assert version.supported == (1,)
    assert by_receipt_key(taken.taken or items[0], JournalTaken, trusted).journal_id == parse_header(fork.held.header.encode()).journal_id
    assert {code.value: status for code, status in STATUS.items()} == WIRE["problems"]["status_by_code"]


def test_the_package_is_believed():
    manifest, content = checked_package(encoded(WIRE["package"]["file"]), gateway())
    assert (manifest.name, content.decode()) == ("sample-list", WIRE["package"]["file"]["content"])


def test_a_header_hash_is_not_a_hash_without_its_tag():
    header = WIRE["batches"]["exchanges"][0]["batch"]["entries"][0]["header"].encode()
    assert header_hash(header) == tags.digest(tags.HEADER, header).hex()
