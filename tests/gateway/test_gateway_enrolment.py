"""Enrolment: codes, requests, certificates, match keys."""

from __future__ import annotations

import os

import msgspec
import pytest
import requests
from sqlalchemy import select, update

from courier_check.clock import at
from courier_check.errors import StoreError
from courier_check.gateway.admin import enrol_code
from courier_check.gateway.certify import certify, match_key_of
from courier_check.gateway.codes import GatewayCode
from courier_check.gateway.problems import Refused
from courier_check.gateway.setup import Gateway
from courier_check.gateway.store.schema import match_keys
from courier_check.journal.keys import OpeningKey, SigningKey, to_text
from courier_check.wire.certificates import StationPlace
from courier_check.wire.enrolment import EnrolmentAnswer, MatchKeys, open_match_key
from courier_check.wire.problems import ProblemCode
from support.pki import secret
from support.practice import enrolment_request, problem_of

PLACE = StationPlace(outlet_id="zz-jinshui", outlet_name="样例金水网点", region="410105")
KEY, SEAL_KEY = SigningKey(secret("enrolling")), OpeningKey(secret("enrolling seal"))
DAY_MS = 24 * 60 * 60 * 1000


@pytest.fixture
def code(gateway) -> str:
    return enrol_code(gateway, "zz-jinshui-01", PLACE)


def ask(gateway, code: str, **changes) -> bytes:
    return certify(gateway, msgspec.json.encode(enrolment_request(code, KEY, SEAL_KEY, **changes)))


def refusal(gateway, request: bytes) -> ProblemCode:
    with pytest.raises(Refused) as raised:
        certify(gateway, request)
    return raised.value.problem.code


def test_a_station_gets_its_certificate_and_place(station):
    assert station.certificate.public_key == to_text(station.key.public)
    assert station.certificate.station == StationPlace(outlet_id="outlet-410105", outlet_name="样例金水网点", region="410105")
    assert station.certificate.practice


def test_the_same_request_sent_again_gets_the_same_answer(station):
    first = requests.post(f"{station.url}/v1/enrolments", data=station.request, timeout=30)
    second = requests.post(f"{station.url}/v1/enrolments", data=station.request, timeout=30)
    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    answer = msgspec.json.decode(first.content, type=EnrolmentAnswer)
    assert msgspec.json.decode(answer.certificate.body)["subject_key_id"] == station.key.key_id


def test_a_used_code_is_refused_to_anyone_else(gateway, code):
    ask(gateway, code)
    other = enrolment_request(code, SigningKey(secret("a stranger")), SEAL_KEY)
    assert refusal(gateway, msgspec.json.encode(other)) == ProblemCode.CODE_USED


def test_a_code_expires_after_a_day(gateway, clock, code):
    clock.pass_ms(DAY_MS)
    assert refusal(gateway, msgspec.json.encode(enrolment_request(code, KEY, SEAL_KEY))) == ProblemCode.CODE_EXPIRED


def test_a_newer_code_withdraws_the_older_one(gateway, code):
    newer = enrol_code(gateway, "zz-jinshui-01", PLACE)
    assert refusal(gateway, msgspec.json.encode(enrolment_request(code, KEY, SEAL_KEY))) == ProblemCode.CODE_UNKNOWN
    ask(gateway, newer)


def test_a_code_of_nobody_is_unknown(gateway, code):
    request = enrolment_request(code, KEY, SEAL_KEY, code_id="0" * 16)
    assert refusal(gateway, msgspec.json.encode(request)) == ProblemCode.CODE_UNKNOWN


def test_a_practice_gateway_takes_no_real_station(gateway, code):
    request = enrolment_request(code, KEY, SEAL_KEY, practice=False)
    assert refusal(gateway, msgspec.json.encode(request)) == ProblemCode.PRACTICE_MISMATCH


def test_who_swaps_the_key_on_the_way_is_refused_and_the_code_stays_usable(gateway, code):
    request = enrolment_request(code, KEY, SEAL_KEY)
    swapped = enrolment_request(code, SigningKey(secret("a stranger")), SEAL_KEY).request
    forged = msgspec.structs.replace(request, request=swapped)
    assert refusal(gateway, msgspec.json.encode(forged)) == ProblemCode.NOT_AUTHENTIC
    ask(gateway, code)


@pytest.mark.parametrize(
    ("request_bytes", "code"),
    [
        (b"<html>", ProblemCode.MALFORMED),
        (b"", ProblemCode.MALFORMED),
        (b'{"kind":"enrolment","v":2,"news":[]}', ProblemCode.UNSUPPORTED_VERSION),
        (b'{"kind":"batch","v":1}', ProblemCode.MALFORMED),
    ],
)
def test_what_is_no_request_is_refused(gateway, request_bytes, code):
    assert refusal(gateway, request_bytes) == code


def test_match_keys_are_one_a_region_and_year_and_sealed_to_the_station(gateway, clock):
    def opened(station_id: str, region: str) -> list[tuple[int, bytes]]:
        code = enrol_code(gateway, station_id, StationPlace(outlet_id="o", outlet_name="样例", region=region))
        answer = msgspec.json.decode(ask(gateway, code), type=EnrolmentAnswer)
        keys = msgspec.json.decode(answer.match_keys.body, type=MatchKeys).keys
        return [(key.year, open_match_key(key, ("gw-test", station_id), SEAL_KEY)) for key in keys]

    first, neighbour, elsewhere = opened("s1", "410105"), opened("s2", "410105"), opened("s3", "310101")
    year = at(clock.wall_ms).year
    assert [each[0] for each in first] == [year, year + 1]
    assert first == neighbour
    assert not {key for _, key in first} & {key for _, key in elsewhere}


def test_match_keys_lie_sealed_in_the_database_and_are_the_same_after_a_restart(gateway, data, clock, code):
    answer = msgspec.json.decode(ask(gateway, code), type=EnrolmentAnswer)
    told = msgspec.json.decode(answer.match_keys.body, type=MatchKeys).keys
    secrets = [open_match_key(key, ("gw-test", "zz-jinshui-01"), SEAL_KEY) for key in told]
    gateway.close()
    held = b"".join(file.read_bytes() for file in data.glob("gateway.db*"))
    assert all(key.match_key_id.encode() in held for key in told)
    assert not any(secret in held or secret.hex().encode() in held for secret in secrets)
    with Gateway.open(data, clock, os.urandom) as again, again.database.write() as tx:
        assert [match_key_of(tx, again, "410105", key.year).secret for key in told] == secrets


def test_a_match_key_put_in_anothers_place_is_not_used(gateway, code):
    ask(gateway, code)
    with gateway.database.write() as tx:
        first, second = tx.execute(select(match_keys).order_by(match_keys.c.year)).all()
        tx.execute(update(match_keys).where(match_keys.c.year == first.year).values(sealed=second.sealed))
    with pytest.raises(StoreError) as raised, gateway.database.write() as tx:
        match_key_of(tx, gateway, "410105", first.year)
    assert (raised.value.code, raised.value.facts["role"]) == (GatewayCode.KEYS_UNUSABLE, "database")


def test_a_request_of_unknown_algorithms_is_told_so(gateway, code):
    request = enrolment_request(code, KEY, SEAL_KEY)
    body = request.request.body.replace("ed25519-sha256", "sm2-sm3")
    newer = msgspec.structs.replace(request, request=msgspec.structs.replace(request.request, body=body))
    assert refusal(gateway, msgspec.json.encode(newer)) == ProblemCode.UNSUPPORTED_VERSION


def test_enrolling_by_http_tells_the_problem(url, code):
    response = requests.post(f"{url}/v1/enrolments", data=b"{}", timeout=30)
    assert problem_of(response).code == ProblemCode.MALFORMED


def test_certificates_have_growing_serials(enrol):
    assert enrol("s1").certificate.serial < enrol("s2").certificate.serial
