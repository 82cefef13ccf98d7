"""The made-up gateway and station of the vectors: their keys and certificates."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from courier_check.journal.keys import OpeningKey, SigningKey, to_text
from courier_check.wire.certificates import ALGORITHM_OF, Certificate, Role, StationPlace
from courier_check.wire.signed import Signed, sign

GATEWAY, STATION = "sample-gateway", "sample-station"
JOURNAL = hashlib.sha256(b"courier-check sample journal").hexdigest()[:32]
GATEWAY_JOURNAL = hashlib.sha256(b"courier-check sample gateway journal").hexdigest()[:32]
NOW_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z
REGION = "110101"


def seed(name: str) -> bytes:
    """32 bytes that anyone can draw again."""
    return hashlib.sha256(f"courier-check sample {name}".encode()).digest()


@dataclass(frozen=True)
class Keys:
    """Everybody's private keys: public knowledge, never to be used for anything but these vectors."""

    signing: dict[str, SigningKey]
    opening: dict[str, OpeningKey]

    @classmethod
    def draw(cls) -> Keys:
        signing = ("root", "receipt", "enrolment", "package", "station", "stranger")
        return cls({n: SigningKey(seed(n)) for n in signing}, {n: OpeningKey(seed(n)) for n in ("intake", "regulator", "station-seal")})

    def described(self) -> dict[str, Any]:
        everyone: dict[str, SigningKey | OpeningKey] = {**self.signing, **self.opening}
        return {
            name: {
                "algorithm": "ed25519" if isinstance(key, SigningKey) else "x25519",
                "secret": to_text(seed(name)),
                "public": to_text(key.public),
                "key_id": key.key_id,
            }
            for name, key in everyone.items()
        }

    def certificate(self, role: Role, serial: int) -> Signed:
        """The certificate of a role's key, by the root or, for the station, by the enrolment key."""
        key: SigningKey | OpeningKey = self.opening[role] if role in self.opening else self.signing[role]
        of_station = role == Role.STATION
        body = Certificate(
            role=role,
            gateway_id=GATEWAY,
            subject=STATION if of_station else GATEWAY,
            alg=ALGORITHM_OF[role],
            public_key=to_text(key.public),
            subject_key_id=key.key_id,
            serial=serial,
            not_before_ms=NOW_MS,
            not_after_ms=None if role == Role.ROOT else NOW_MS + 400 * 86_400_000,
            practice=True,
            station=StationPlace(outlet_id="sample-outlet", outlet_name="样本网点（虚构）", region=REGION) if of_station else None,
        )
        return sign(body, self.signing["enrolment" if of_station else "root"])

    def certificates(self) -> dict[Role, Signed]:
        return {role: self.certificate(role, serial) for serial, role in enumerate(Role, 1)}
