"""A small station that speaks to a real gateway over HTTP: it enrols, keeps a journal in memory, makes and posts batches."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import requests

from courier_check.clock import Clock
from courier_check.journal.entries import Author, Draft, PackageRef, Place, Times, compose
from courier_check.journal.keys import OpeningKey, SealingKey, SigningKey, to_text
from courier_check.journal.parts import PartName
from courier_check.journal.verify import Stored
from courier_check.wire.batches import Answer, Backlog, Batch, Receipt, WireEntry, checked_receipt, sent_of, to_wire
from courier_check.wire.certificates import Certificate, Role, TrustedGateway, certificate_hash, station_certificate, trust
from courier_check.wire.enrolment import Code, EnrolmentAnswer, EnrolmentRequest, EnrolmentRequestBody, enrolment_mac
from courier_check.wire.problems import Problem
from courier_check.wire.requests import Call, authorization
from courier_check.wire.signed import sign
from support.pki import secret
from support.sample_journals import as_stored

TIMEOUT_S = 30


def enrolment_request(code_text: str, key: SigningKey, seal_key: OpeningKey, **changes: Any) -> EnrolmentRequest:
    """A request for a certificate; `changes` replace members of its body."""
    code = Code.parse(code_text)
    body = EnrolmentRequestBody(
        alg="ed25519",
        public_key=to_text(key.public),
        seal_key=to_text(seal_key.public),
        code_id=code.code_id,
        practice=True,
        program="tests",
        requested_at_ms=1,
    )
    signed = sign(msgspec.structs.replace(body, **changes), key)
    return EnrolmentRequest(request=signed, mac=enrolment_mac(code.secret, signed))


def index_part(waybill: str | None, carrier: str | None = "sf", **members: Any) -> dict[str, Any]:
    """The index part of a made-up sender's parcel."""
    return {
        "v": 1,
        "waybill": waybill,
        "carrier": carrier,
        "match_key_id": "ab" * 16,
        "sender": {"name_mask": "样**", "number_mask": "4***************3X", "phone_mask": "138****0000"},
        "tokens": {"id-number": "0" * 64, "phone": "1" * 64},
        **members,
    }


@dataclass
class Practice:
    """Enrolled by `Practice.enrolled`. `entries` is its journal in order of seq."""

    url: str
    clock: Clock
    key: SigningKey
    seal_key: OpeningKey
    gateway: TrustedGateway
    certificate: Certificate
    first_prev: str
    request: bytes
    journal_id: str = "0" * 32
    entries: list[Stored] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)
    index_key: SealingKey | None = None
    """To whom the index part is sealed, if not to the gateway."""

    @classmethod
    def enrolled(cls, url: str, code_text: str, clock: Clock) -> Practice:
        key, seal_key = SigningKey(secret("station " + code_text)), OpeningKey(secret("seal " + code_text))
        request = enrolment_request(code_text, key, seal_key)
        data = msgspec.json.encode(request)
        response = requests.post(f"{url}/v1/enrolments", data=data, timeout=TIMEOUT_S)
        assert response.status_code == 200, response.text
        answer = msgspec.json.decode(response.content, type=EnrolmentAnswer)
        gateway = trust(answer.gateway, Code.parse(code_text).fingerprint)
        certificate = station_certificate(answer.certificate, gateway)
        first_prev = certificate_hash(answer.certificate)
        return cls(url, clock, key, seal_key, gateway, certificate, first_prev, data).open_journal(code_text)

    def open_journal(self, name: str, predecessor: dict[str, Any] | None = None) -> Practice:
        """Begin a new journal with its first entry; the one before is forgotten."""
        self.journal_id, self.entries, self.hashes = secret("journal " + name)[:16].hex(), [], []
        self.append("journal-open", {"predecessor": predecessor})
        return self

    @property
    def station_id(self) -> str:
        return self.certificate.subject

    @property
    def author(self) -> Author:
        recipients = {
            PartName.INDEX: self.index_key or self.gateway.sealing_key(Role.INTAKE),
            PartName.REPORTED: self.gateway.sealing_key(Role.REGULATOR),
        }
        return Author(self.gateway.root.gateway_id, self.station_id, self.key, recipients)

    def append(
        self,
        kind: str,
        facts: dict[str, Any],
        parts: dict[PartName, dict[str, Any]] | None = None,
        *,
        ahead_ms: int = 0,
        packages: tuple[PackageRef, ...] = (),
    ) -> Stored:
        prev = self.hashes[-1] if self.hashes else self.first_prev
        place = Place(self.journal_id, len(self.entries) + 1, prev)
        reading = self.clock.read()
        times = Times(boot_id="boot", mono_ms=reading.mono_ms, trusted_ms=None, wall_ms=reading.wall_ms + ahead_ms)
        salt: Callable[[int], bytes] = lambda size: secret(f"{place}")[:size]  # noqa: E731 - one line says it
        made = compose(Draft(kind, "c07", facts, parts or {}, packages), place, self.author, times, salt)
        self.entries.append(as_stored(made))
        self.hashes.append(made.entry.hash)
        return self.entries[-1]

    def accept(self, waybill: str | None, *, carrier: str | None = "sf", ahead_ms: int = 0, **facts: Any) -> Stored:
        said = {"mail_kind": "parcel", "carrier": carrier, "real_name": "verified", "inspected": True, **facts}
        parts = {PartName.INDEX: index_part(waybill, carrier), PartName.REPORTED: {"v": 1, "sender": {"name": "样例人"}}}
        return self.append("acceptance", said, parts, ahead_ms=ahead_ms)

    def batch(self, first_seq: int = 1, last_seq: int | None = None, **changes: Any) -> Batch:
        """A batch of this journal; `changes` replace its members."""
        entries = tuple(to_wire(each) for each in self.entries[first_seq - 1 : last_seq])
        made = Batch(
            gateway_id=self.gateway.root.gateway_id,
            station_id=self.station_id,
            journal_id=self.journal_id,
            first_seq=first_seq,
            prev=self.hashes[first_seq - 2] if first_seq > 1 else self.first_prev,
            entries=entries,
            backlog=Backlog(entries=0, oldest_ms=None),
        )
        return msgspec.structs.replace(made, **changes)

    def with_entry(self, batch: Batch, index: int, **changes: Any) -> Batch:
        """The batch with one entry changed on the way."""
        entries: list[WireEntry] = list(batch.entries)
        entries[index] = msgspec.structs.replace(entries[index], **changes)
        return msgspec.structs.replace(batch, entries=tuple(entries))

    def post(self, batch: Batch | bytes, *, journal_id: str | None = None, compressed: bool = False) -> requests.Response:
        data = batch if isinstance(batch, bytes) else msgspec.json.encode(batch)
        path = f"/v1/journals/{journal_id or self.journal_id}/batches"
        headers = self.signed(Call("POST", path, data))
        if compressed:
            headers["Content-Encoding"] = "gzip"
        return requests.post(self.url + path, data=gzip.compress(data) if compressed else data, headers=headers, timeout=TIMEOUT_S)

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, headers=self.signed(Call("GET", path, b"")), timeout=TIMEOUT_S)

    def signed(self, call: Call) -> dict[str, str]:
        return {"Authorization": authorization(call, self.station_id, self.clock.read().wall_ms, self.key)}

    def send(self, first_seq: int = 1, last_seq: int | None = None, **changes: Any) -> tuple[Receipt, Answer]:
        """Post a batch and believe its receipt."""
        batch = self.batch(first_seq, last_seq, **changes)
        response = self.post(batch)
        assert response.status_code == 200, response.text
        answer = msgspec.json.decode(response.content, type=Answer)
        return checked_receipt(answer.receipt, sent_of(batch), self.gateway), answer


def problem_of(response: requests.Response) -> Problem:
    """The problem document of a refusal, its form checked."""
    assert response.headers["Content-Type"] == "application/problem+json"
    found = msgspec.json.decode(response.content, type=Problem)
    assert (found.status, found.type) == (response.status_code, f"urn:courier-check:problem:{found.code.value}")
    return found
