"""Certificates and the gateway document: who may sign and to whom is sealed (docs/wire.md §2–§3)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import msgspec

from courier_check.journal import tags
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.forms import Count, KeyId, Ms, Name
from courier_check.journal.keys import SealingKey, VerifyingKey, from_text, key_id
from courier_check.wire.signed import VERSION, Body, Signed, read, verified

Region = Annotated[str, msgspec.Meta(pattern="^[0-9]{6}$", max_length=6)]


class Role(StrEnum):
    ROOT = "root"
    RECEIPT = "receipt"
    INTAKE = "intake"
    REGULATOR = "regulator"
    ENROLMENT = "enrolment"
    PACKAGE = "package"
    STATION = "station"


ALGORITHM_OF = {role: "x25519" if role in (Role.INTAKE, Role.REGULATOR) else "ed25519" for role in Role}


class StationPlace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a station stands. `region`: six-digit county code."""

    outlet_id: Name
    outlet_name: str
    region: Region


class Certificate(Body, frozen=True, kw_only=True, tag="certificate"):
    role: Role
    gateway_id: Name
    subject: Name
    alg: str
    public_key: str
    subject_key_id: KeyId
    serial: Count
    not_before_ms: Ms
    not_after_ms: Ms | None
    practice: bool
    station: StationPlace | None


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a gateway takes in one batch. Unsigned, so bounded here: whoever forges it can't make batches empty or endless."""

    batch_entries: Annotated[int, msgspec.Meta(ge=1, le=512)] = 512
    batch_bytes: Annotated[int, msgspec.Meta(ge=1024 * 1024, le=8 * 1024 * 1024)] = 8 * 1024 * 1024


class GatewayDocument(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="gateway"):
    """`GET /v1/gateway`: unsigned, its certificates are signed; the root's comes first."""

    gateway_id: Name
    name: str
    practice: bool
    certificates: tuple[Signed, ...]
    limits: Limits = Limits()
    v: int = VERSION


@dataclass(frozen=True, slots=True)
class TrustedGateway:
    """A gateway document whose certificates all verified against a pinned root."""

    document: GatewayDocument
    root: Certificate
    root_hash: str
    certificates: tuple[Certificate, ...]

    def verifying_keys(self, role: Role) -> dict[str, VerifyingKey]:
        """Signing keys certified for a role, by key id (several while keys rotate)."""
        return {c.subject_key_id: VerifyingKey(from_text(c.public_key)) for c in self.certificates if c.role == role}

    def sealing_key(self, role: Role) -> SealingKey:
        """The newest key to seal to."""
        return SealingKey(from_text(self._newest(role).public_key))

    def _newest(self, role: Role) -> Certificate:
        held = [c for c in self.certificates if c.role == role]
        if not held:
            raise JournalError(JournalCode.WRONG_KEY, role=role.value)
        return max(held, key=lambda c: c.serial)


def root_fingerprint(public_key: bytes) -> bytes:
    """What stations pin: 16 bytes."""
    return tags.digest(tags.ROOT, public_key)[:16]


def certificate_hash(signed: Signed) -> str:
    """`prev` of the first entry of a station's journals; of the root's certificate: `gateway_prev` of receipt 1."""
    return hashlib.sha256(tags.CERTIFICATE_HASH + signed.body_bytes).hexdigest()


def trust(document: GatewayDocument, fingerprint: bytes) -> TrustedGateway:
    """Believe a gateway document only if its root has the pinned fingerprint and signed every other certificate. Raises JournalError."""
    if document.v != VERSION:
        raise JournalError(JournalCode.UNSUPPORTED_VERSION, version=document.v)
    if not document.certificates:
        raise JournalError(JournalCode.MALFORMED)
    first = document.certificates[0]
    root_key = VerifyingKey(from_text(read(first, Certificate).public_key))
    if root_fingerprint(root_key.public) != fingerprint:
        raise JournalError(JournalCode.WRONG_KEY, role="root")
    root = checked_certificate(first, root_key, (Role.ROOT,))
    if (root.gateway_id, root.practice) != (document.gateway_id, document.practice):
        raise JournalError(JournalCode.MALFORMED)
    others = tuple(_issued(each, root_key, root) for each in document.certificates[1:])
    return TrustedGateway(document, root, certificate_hash(first), (root, *others))


def checked_certificate(signed: Signed, issuer: VerifyingKey, roles: Sequence[Role]) -> Certificate:
    """A certificate signed by this issuer, for one of these roles, whose key id is that of its key. Raises JournalError."""
    certificate = verified(signed, Certificate, issuer)
    if certificate.role not in roles or certificate.alg != ALGORITHM_OF[certificate.role]:
        raise JournalError(JournalCode.WRONG_KIND, role=certificate.role.value)
    if key_id(certificate.alg, from_text(certificate.public_key)) != certificate.subject_key_id:
        raise JournalError(JournalCode.WRONG_KEY, role=certificate.role.value)
    of_station = certificate.role == Role.STATION
    if of_station != (certificate.station is not None) or not (of_station or certificate.subject == certificate.gateway_id):
        raise JournalError(JournalCode.MALFORMED)
    return certificate


def station_certificate(signed: Signed, gateway: TrustedGateway) -> Certificate:
    """A station's certificate, signed by an enrolment key of this gateway and of its kind (practice or real). Raises JournalError."""
    issuer = gateway.verifying_keys(Role.ENROLMENT).get(signed.key_id)
    if issuer is None:
        raise JournalError(JournalCode.WRONG_KEY, role=Role.ENROLMENT.value)
    certificate = checked_certificate(signed, issuer, (Role.STATION,))
    if (certificate.gateway_id, certificate.practice) != (gateway.root.gateway_id, gateway.root.practice):
        raise JournalError(JournalCode.WRONG_PLACE)
    return certificate


def _issued(signed: Signed, root_key: VerifyingKey, root: Certificate) -> Certificate:
    certificate = checked_certificate(signed, root_key, (Role.RECEIPT, Role.INTAKE, Role.REGULATOR, Role.ENROLMENT, Role.PACKAGE))
    if (certificate.gateway_id, certificate.practice) != (root.gateway_id, root.practice):
        raise JournalError(JournalCode.WRONG_PLACE)
    return certificate
