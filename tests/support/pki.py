"""A made-up gateway's keys and documents, for tests that need an enrolled station without a running gateway."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from courier_check.journal.keys import OpeningKey, SigningKey, to_text
from courier_check.store.identity import Enrolment, MatchKey
from courier_check.wire.certificates import (
    ALGORITHM_OF,
    USUAL_LIMITS,
    Certificate,
    GatewayDocument,
    Role,
    StationPlace,
    TrustedGateway,
    root_fingerprint,
    trust,
)
from courier_check.wire.signed import Signed, sign


def secret(name: str) -> bytes:
    """32 bytes that are the same in every run."""
    return hashlib.sha256(b"made up for tests: " + name.encode()).digest()


@dataclass
class MadeUpGateway:
    gateway_id: str = "gw-test"
    practice: bool = True
    root: SigningKey = field(default_factory=lambda: SigningKey(secret("root")))

    def __post_init__(self) -> None:
        seed = to_text(self.root.public)
        self.signing = {role: SigningKey(secret(f"{seed}-{role}")) for role in (Role.RECEIPT, Role.ENROLMENT, Role.PACKAGE)}
        self.opening = {role: OpeningKey(secret(f"{seed}-{role}")) for role in (Role.INTAKE, Role.REGULATOR)}

    def certificate(self, role: Role, public: bytes, key_id: str, subject: str | None = None, place: StationPlace | None = None) -> Signed:
        issuer = self.signing[Role.ENROLMENT] if role == Role.STATION else self.root
        body = Certificate(
            role=role,
            gateway_id=self.gateway_id,
            subject=subject or self.gateway_id,
            alg=ALGORITHM_OF[role],
            public_key=to_text(public),
            subject_key_id=key_id,
            serial=1,
            not_before_ms=0,
            not_after_ms=None,
            practice=self.practice,
            station=place,
        )
        return sign(body, issuer)

    def document(self) -> GatewayDocument:
        held = [(Role.ROOT, self.root), *self.signing.items(), *self.opening.items()]
        certificates = tuple(self.certificate(role, key.public, key.key_id) for role, key in held)
        whose = {"gateway_id": self.gateway_id, "name": "样例网关（虚构）"}
        return GatewayDocument(**whose, practice=self.practice, certificates=certificates, limits=USUAL_LIMITS)

    @property
    def fingerprint(self) -> bytes:
        return root_fingerprint(self.root.public)

    def trusted(self) -> TrustedGateway:
        return trust(self.document(), self.fingerprint)

    def station_certificate(self, key: SigningKey, station_id: str = "zz-jinshui-01") -> Signed:
        place = StationPlace(outlet_id="zz-jinshui", outlet_name="样例金水网点", region="410105")
        return self.certificate(Role.STATION, key.public, key.key_id, station_id, place)

    def enrolment(self, key: SigningKey, url: str = "http://127.0.0.1:9") -> Enrolment:
        match_key = MatchKey(match_key_id="ab" * 16, region="410105", year=2026, key=secret("match key"))
        return Enrolment(
            url=url,
            fingerprint=self.fingerprint,
            certificate=self.station_certificate(key),
            gateway=self.document(),
            match_keys=(match_key,),
        )
