"""An attacker with old recordings, or between a newcomer and its gateway: refused, nothing stored, and the honest are served."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests

from courier_check import typed
from courier_check.errors import UserError
from courier_check.gateway.certify import certify
from courier_check.gateway.problems import Refused
from courier_check.journal.keys import OpeningKey, SigningKey, to_text
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.wire.batches import (
    Batch,
)
from courier_check.wire.certificates import Certificate, Role
from courier_check.wire.enrolment import EnrolmentAnswer, EnrolmentRequest, EnrolmentRequestBody
from courier_check.wire.problems import ProblemCode
from courier_check.wire.requests import Call, authorization
from courier_check.wire.signed import Signed, read, sign
from support import snapshots
from support.clocks import SetClock
from support.gateways import Practice as Served
from support.pki import secret
from support.practice import Practice, problem_of
from support.stations import CHEAP

pytestmark = pytest.mark.slow

STRANGER = SigningKey(secret("an attacker"))


# --- batches and requests played again ----------------------------------------------------------------------------------------------------


@dataclass
class Recorded:
    """What the attacker has heard: two stations of one gateway, one of the same name at another."""

    own: Practice
    neighbour: Practice
    namesake: Practice

    def play(self, to: Practice, batch: Batch, path: str | None = None) -> requests.Response:
        """A batch of `own`, signed by a station the attacker holds."""
        return to.post(batch, journal_id=path or batch.journal_id)

    def as_it_was(self, method: str, path: str, body: bytes, of: Call) -> requests.Response:
        """Another request under the authorization of one that was heard."""
        header = authorization(of, self.own.station_id, self.own.clock.read().wall_ms, self.own.key)
        return requests.request(method, self.own.url + path, data=body, headers={"Authorization": header}, timeout=30)

    def heard(self) -> Call:
        path = f"/v1/journals/{self.own.journal_id}/batches"
        return Call("POST", path, msgspec.json.encode(self.own.batch()))


@pytest.fixture(scope="module")
def recorded(served: Served, elsewhere: Served) -> Recorded:
    clock = SetClock()
    own = Practice.enrolled(served.url, served.code("zz-jinshui-01"), clock)
    neighbour = Practice.enrolled(served.url, served.code("zz-jinshui-02"), clock)
    namesake = Practice.enrolled(elsewhere.url, elsewhere.code("zz-jinshui-01"), clock)
    for station in (own, neighbour, namesake):
        station.accept("SF1000000000001" if station is own else "SF2000000000001")
    own.send()
    own.accept("SF1000000000002")
    return Recorded(own, neighbour, namesake)


PLAYED: dict[str, Callable[[Recorded], requests.Response]] = {
    "by another station": lambda r: r.play(r.neighbour, r.own.batch()),
    "in another station's name": lambda r: r.play(r.neighbour, r.own.batch(station_id=r.neighbour.station_id)),
    "in another journal's name": lambda r: r.play(
        r.neighbour, r.own.batch(station_id=r.neighbour.station_id, journal_id=r.neighbour.journal_id)
    ),
    "among another station's entries": lambda r: r.play(
        r.neighbour, r.neighbour.batch(entries=(*r.neighbour.batch().entries, *r.own.batch(3).entries))
    ),
    "at another journal's address": lambda r: r.play(r.own, r.own.batch(), r.neighbour.journal_id),
    "as the beginning of a new journal": lambda r: r.play(r.own, r.own.batch(journal_id="e" * 32)),
    "at another gateway of the same name": lambda r: r.play(r.namesake, r.own.batch()),
    "at another gateway after its own beginning": lambda r: r.play(
        r.namesake, r.namesake.batch(entries=(r.namesake.batch().entries[0], r.own.batch().entries[1]))
    ),
    "with one entry left out": lambda r: r.play(r.own, r.own.batch(entries=(r.own.batch().entries[0], r.own.batch().entries[2]))),
    "beginning earlier than it does": lambda r: r.play(r.own, msgspec.structs.replace(r.own.batch(2), first_seq=1)),
    "under the authorization of another path": lambda r: r.as_it_was(
        "POST", f"/v1/journals/{r.neighbour.journal_id}/batches", r.heard().body, r.heard()
    ),
    "under the authorization of another body": lambda r: r.as_it_was(
        "POST", r.heard().path, msgspec.json.encode(r.own.batch(2)), r.heard()
    ),
    "under the authorization of another verb": lambda r: r.as_it_was(
        "POST", r.heard().path, b"", replace(r.heard(), method="GET", body=b"")
    ),
    "asking another station's items": lambda r: r.neighbour.get(f"/v1/stations/{r.own.station_id}/returned"),
    "asking another station's head": lambda r: r.neighbour.get(f"/v1/journals/{r.own.journal_id}/head"),
}


@pytest.mark.parametrize("how", PLAYED)
def test_what_was_recorded_is_refused_anywhere_else(recorded: Recorded, served: Served, elsewhere: Served, how: str) -> None:
    gateways = (served.gateway, elsewhere.gateway)
    before = [snapshots.of_gateway(each) for each in gateways]
    answer = PLAYED[how](recorded)
    assert answer.status_code in (401, 403, 404, 409, 422), answer.text
    assert problem_of(answer).code not in (ProblemCode.FORK, ProblemCode.BEHIND), "nobody is accused"
    assert [snapshots.of_gateway(each) for each in gateways] == before


def test_what_was_heard_is_taken_where_it_belongs(recorded: Recorded) -> None:
    """So that the refusals are due to the place."""
    assert recorded.own.send(1, 3)[0].last_seq == 3
    assert recorded.neighbour.send()[0].last_seq == 2
    assert recorded.namesake.send()[0].last_seq == 2


def test_a_request_played_again_where_it_belongs_changes_nothing(recorded: Recorded, served: Served) -> None:
    call = recorded.heard()
    headers = recorded.own.signed(call)
    answers = [requests.post(recorded.own.url + call.path, data=call.body, headers=headers, timeout=30) for _ in range(2)]
    before = snapshots.of_gateway(served.gateway)
    answers.append(requests.post(recorded.own.url + call.path, data=call.body, headers=headers, timeout=30))
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({answer.content for answer in answers}) == 1
    assert snapshots.of_gateway(served.gateway) == before, "not even a contact is counted"


# --- keys swapped at enrolment ------------------------------------------------------------------------------------------------------------


def new_name() -> str:
    return f"zz-{secrets.token_hex(4)}"


def requested(request: EnrolmentRequest, **changes: Any) -> EnrolmentRequest:
    """The request with the attacker's key in it, signed by that; the mac is the one that was heard."""
    body = read(request.request, EnrolmentRequestBody)
    swapped = msgspec.structs.replace(body, public_key=to_text(STRANGER.public), **changes)
    return msgspec.structs.replace(request, request=sign(swapped, STRANGER))


@pytest.fixture
def newcomer(tmp_path: Path, clock: SetClock) -> Iterator[Station]:
    """A station that is not enrolled yet."""
    with Station.init(tmp_path / "newcomer", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as station:
        yield station


def test_a_request_with_another_key_gets_no_certificate_and_the_code_still_serves(served: Served, newcomer: Station) -> None:
    name = new_name()
    code = served.code(name)
    request = newcomer.enrolment_request(code)
    before = snapshots.of_gateway(served.gateway)
    heard = typed.decode(request, EnrolmentRequest)
    for swapped in (
        requested(heard),
        requested(heard, seal_key=to_text(OpeningKey(secret("an attacker's")).public)),
        msgspec.structs.replace(heard, request=sign(read(heard.request, EnrolmentRequestBody), STRANGER)),
    ):
        with pytest.raises(Refused) as caught:
            certify(served.gateway, msgspec.json.encode(swapped))
        assert caught.value.code == ProblemCode.NOT_AUTHENTIC
    assert snapshots.of_gateway(served.gateway) == before
    assert newcomer.enrol_by_file(certify(served.gateway, request), served.url).certificate.subject == name


@dataclass
class Between:
    """The attacker between a newcomer and its gateway, with a gateway and a station of their own."""

    honest: EnrolmentAnswer
    others: EnrolmentAnswer
    own_gateway: EnrolmentAnswer

    def certificate_of(self, role: Role, key: SigningKey) -> Signed:
        """The honest certificate of a role with the attacker's key in it, signed by that very key."""
        held = next(each for each in self.honest.gateway.certificates if read(each, Certificate).role == role)
        body = msgspec.structs.replace(read(held, Certificate), public_key=to_text(key.public), subject_key_id=key.key_id)
        return sign(body, key)

    def with_certificate(self, role: Role) -> EnrolmentAnswer:
        certificates = tuple(
            self.certificate_of(role, STRANGER) if read(each, Certificate).role == role else each
            for each in self.honest.gateway.certificates
        )
        return msgspec.structs.replace(self.honest, gateway=msgspec.structs.replace(self.honest.gateway, certificates=certificates))


SWAPPED: dict[str, Callable[[Between], EnrolmentAnswer]] = {
    "the certificate of another station": lambda b: msgspec.structs.replace(b.honest, certificate=b.others.certificate),
    "the match keys of another station": lambda b: msgspec.structs.replace(b.honest, match_keys=b.others.match_keys),
    "all of another station": lambda b: b.others,
    "all of another gateway": lambda b: b.own_gateway,
    "the certificate by another gateway": lambda b: msgspec.structs.replace(b.honest, certificate=b.own_gateway.certificate),
    "another gateway's document": lambda b: msgspec.structs.replace(b.honest, gateway=b.own_gateway.gateway),
    "another root before the honest certificates": lambda b: msgspec.structs.replace(
        b.honest,
        gateway=msgspec.structs.replace(
            b.honest.gateway, certificates=(b.own_gateway.gateway.certificates[0], *b.honest.gateway.certificates[1:])
        ),
    ),
    **{
        f"the attacker's {role} key": lambda b, role=role: b.with_certificate(role) for role in (Role.RECEIPT, Role.ENROLMENT, Role.PACKAGE)
    },
    "the attacker's root": lambda b: b.with_certificate(Role.ROOT),
}


@pytest.mark.parametrize("what", SWAPPED)
def test_an_answer_with_swapped_keys_enrols_nobody(
    served: Served, elsewhere: Served, newcomer: Station, tmp_path: Path, clock: SetClock, what: str
) -> None:
    name = new_name()
    code, others_code = served.code(name), served.code(new_name())
    honest = certify(served.gateway, newcomer.enrolment_request(code))
    own_gateway = certify(elsewhere.gateway, newcomer.enrolment_request(elsewhere.code(name)))
    with Station.init(tmp_path / "other", PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as other:
        others = certify(served.gateway, other.enrolment_request(others_code))
    between = Between(*(typed.decode(each, EnrolmentAnswer) for each in (honest, others, own_gateway)))
    newcomer.enrolment_request(code)  # the code that was typed last is the one that counts
    before = snapshots.of_station(newcomer)
    with pytest.raises(UserError):
        newcomer.enrol_by_file(msgspec.json.encode(SWAPPED[what](between)), served.url)
    assert newcomer.identity is None
    assert snapshots.of_station(newcomer) == before
    assert newcomer.enrol_by_file(honest, served.url).certificate.subject == name
