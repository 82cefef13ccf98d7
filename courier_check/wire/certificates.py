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

    batch_entries: Annotated[int, msgspec.Meta(ge=1, le=512)]
    batch_bytes: Annotated[int, msgspec.Meta(ge=1024 * 1024, le=8 * 1024 * 1024)]


USUAL_LIMITS = Limits(batch_entries=512, batch_bytes=8 * 1024 * 1024)


class KeysInForce(Body, frozen=True, kw_only=True, tag="keys"):
    """The root's word on which keys are believed. `serial` grows; `keys`: of every certificate in force, the root's among them."""

    gateway_id: Name
    serial: Count
    keys: tuple[KeyId, ...]


class GatewayDocument(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="gateway"):
    """`GET /v1/gateway`: unsigned, its certificates are signed; the root's comes first.

    Only where a key was ever withdrawn: `keys`, a KeysInForce, and `withdrawn`, the certificates of the keys that it leaves out.
    """

    gateway_id: Name
    name: str
    practice: bool
    certificates: tuple[Signed, ...]
    limits: Limits
    v: int = VERSION
    keys: Signed | msgspec.UnsetType = msgspec.UNSET
    withdrawn: tuple[Signed, ...] | msgspec.UnsetType = msgspec.UNSET


@dataclass(frozen=True, slots=True)
class TrustedGateway:
    """A gateway document whose certificates all verified against a pinned root.

    `certificates`: in force; `withdrawn`: of keys that nobody believes any more. `keys_serial`: of the list that says so, 0 without one.
    """

    document: GatewayDocument
    root: Certificate
    root_hash: str
    certificates: tuple[Certificate, ...]
    withdrawn: tuple[Certificate, ...] = ()
    keys_serial: int = 0

    def verifying_keys(self, role: Role) -> dict[str, VerifyingKey]:
        """Signing keys certified for a role, by key id (several while keys rotate); none that was withdrawn."""
        return {c.subject_key_id: VerifyingKey(from_text(c.public_key)) for c in self.certificates if c.role == role}

    def held_keys(self, role: Role) -> dict[str, VerifyingKey]:
        """As `verifying_keys`, and those that were withdrawn: for what was verified and stored before that."""
        return {c.subject_key_id: VerifyingKey(from_text(c.public_key)) for c in self._ever(role)}

    def followed_ms(self, role: Role, key_id: str) -> int | None:
        """When the key that follows this one began (docs/wire.md §3): from then on nothing is signed with it. None for the newest."""
        own = max((c.serial for c in self._ever(role) if c.subject_key_id == key_id), default=None)
        later = [c for c in self._ever(role) if own is not None and c.serial > own]
        return min(later, key=lambda c: c.serial).not_before_ms if later else None

    def sealing_key(self, role: Role) -> SealingKey:
        """The newest key to seal to."""
        return SealingKey(from_text(self._newest(role).public_key))

    def serial_of(self, role: Role, key_id: str) -> int | None:
        """Of the certificate of a key in force; None where it has none."""
        return max((c.serial for c in self.certificates if (c.role, c.subject_key_id) == (role, key_id)), default=None)

    def _ever(self, role: Role) -> list[Certificate]:
        return [c for c in (*self.certificates, *self.withdrawn) if c.role == role]

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
    others = [_issued(each, root_key, root) for each in document.certificates[1:]]
    apart = [_issued(each, root_key, root) for each in document.withdrawn or ()]
    listed = _keys_in_force(document, root, root_key)
    if listed is not None:
        if any(each.subject_key_id in listed.keys for each in apart):  # `withdrawn` is not signed, the list is
            raise JournalError(JournalCode.MALFORMED)
        apart += [each for each in others if each.subject_key_id not in listed.keys]
    gone = {each.subject_key_id for each in apart}
    in_force = (root, *(each for each in others if each.subject_key_id not in gone))
    return TrustedGateway(document, root, certificate_hash(first), in_force, tuple(apart), listed.serial if listed else 0)


def _keys_in_force(document: GatewayDocument, root: Certificate, root_key: VerifyingKey) -> KeysInForce | None:
    """The root's list, None where nothing was ever withdrawn. Raises JournalError, also where `withdrawn` is there without it."""
    if isinstance(document.keys, msgspec.UnsetType) != isinstance(document.withdrawn, msgspec.UnsetType):
        raise JournalError(JournalCode.MALFORMED)
    if isinstance(document.keys, msgspec.UnsetType):
        return None
    listed = verified(document.keys, KeysInForce, root_key)
    if listed.gateway_id != document.gateway_id:
        raise JournalError(JournalCode.WRONG_PLACE)
    if root.subject_key_id not in listed.keys:
        raise JournalError(JournalCode.MALFORMED)
    return listed


def with_all(document: GatewayDocument, known: GatewayDocument | None = None) -> GatewayDocument:
    """A gateway document with the certificates of `known` that it lacks, each where the root's list puts it: nothing signs the two arrays,
    and a certificate that was left out on the way is needed for what its key signed (docs/wire.md §2). What `trust` believes of both, it
    believes of this. Raises JournalError for what is no certificate."""
    once: dict[str, Signed] = {}
    for one in (known or document, document):  # in the order of those known, so that the same again changes nothing
        for each in (*(one.withdrawn or ()), *one.certificates[1:]):
            once.setdefault(each.body, each)
    first = document.certificates[:1]
    if isinstance(document.keys, msgspec.UnsetType):
        return msgspec.structs.replace(document, certificates=(*first, *once.values()), withdrawn=msgspec.UNSET)
    keys = read(document.keys, KeysInForce).keys
    in_force = tuple(each for each in once.values() if read(each, Certificate).subject_key_id in keys)
    withdrawn = tuple(each for each in once.values() if each not in in_force)
    return msgspec.structs.replace(document, certificates=(*first, *in_force), withdrawn=withdrawn)


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
