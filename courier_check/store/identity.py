"""Who this station is: its keys, its certificate, the gateway it trusts, its match keys. All inside the encrypted database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from courier_check import typed
from courier_check.journal.entries import Author
from courier_check.journal.keys import OpeningKey, SigningKey
from courier_check.journal.parts import PartName
from courier_check.store import facts
from courier_check.store.database import Database
from courier_check.wire.certificates import (
    Certificate,
    GatewayDocument,
    Role,
    TrustedGateway,
    certificate_hash,
    station_certificate,
    trust,
    with_all,
)
from courier_check.wire.signed import Signed


class MatchKey(msgspec.Struct, frozen=True, kw_only=True):
    """The key of match tokens for a region and year; 32 bytes."""

    match_key_id: str
    region: str
    year: int
    key: bytes

    def __repr__(self) -> str:
        return f"MatchKey({self.match_key_id}, {self.region}, {self.year})"


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """What enrolment brought, as kept: documents as they came, and the pinned fingerprint they are checked against at every start."""

    url: str
    fingerprint: bytes
    certificate: Signed
    gateway: GatewayDocument
    match_keys: tuple[MatchKey, ...]


@dataclass(frozen=True, slots=True)
class StationKeys:
    signing: SigningKey
    opening: OpeningKey


@dataclass(frozen=True, slots=True)
class StationIdentity:
    """An enrolled station."""

    keys: StationKeys
    enrolment: Enrolment
    certificate: Certificate
    gateway: TrustedGateway

    @property
    def first_prev(self) -> str:
        """`prev` of the first entry of each of its journals."""
        return certificate_hash(self.enrolment.certificate)

    def match_key(self, year: int) -> MatchKey | None:
        """The match key for new tokens: that of the year, else the newest before it, else any (a clock may be years off)."""
        held = sorted(self.enrolment.match_keys, key=lambda each: each.year)
        past = [each for each in held if each.year <= year]
        return past[-1] if past else next(iter(held), None)

    def author(self) -> Author:
        recipients = {
            PartName.INDEX: self.gateway.sealing_key(Role.INTAKE),
            PartName.REPORTED: self.gateway.sealing_key(Role.REGULATOR),
        }
        return Author(self.certificate.gateway_id, self.certificate.subject, self.keys.signing, recipients)


def create_station_keys(tx: Database, random: Callable[[int], bytes]) -> None:
    """Draw the station's signing and opening keys, once, at `station init`."""
    facts.save(tx, "signing_key", random(32))
    facts.save(tx, "opening_key", random(32))


def station_keys(db: Database) -> StationKeys:
    signing, opening = facts.load(db, "signing_key"), facts.load(db, "opening_key")
    if signing is None or opening is None:
        raise RuntimeError("a station database without keys")
    return StationKeys(SigningKey(signing), OpeningKey(opening))


def save_enrolment(tx: Database, enrolment: Enrolment) -> None:
    facts.save(tx, "enrolment", msgspec.json.encode(enrolment))


def is_current(db: Database, identity: StationIdentity) -> bool:
    """Whether nothing of the enrolment was changed since, by another program: the gateway's address, or its document."""
    data = facts.load(db, "enrolment")
    return data is not None and typed.decode(data, Enrolment) == identity.enrolment


def move_gateway(tx: Database, url: str) -> None:
    """Look for the gateway of the enrolment elsewhere. What is believed stays: all that comes from there is under the pinned root."""
    data = facts.load(tx, "enrolment")
    if data is None:
        raise RuntimeError("a station without enrolment has no gateway")
    save_enrolment(tx, msgspec.structs.replace(typed.decode(data, Enrolment), url=url))


def load_identity(db: Database) -> StationIdentity | None:
    """The enrolled identity, its documents verified again; None before enrolment."""
    data = facts.load(db, "enrolment")
    if data is None:
        return None
    enrolment = typed.decode(data, Enrolment)
    # Programs of before kept documents whose unsigned members did not fit the root's list.
    gateway = trust(with_all(enrolment.gateway), enrolment.fingerprint)
    return StationIdentity(station_keys(db), enrolment, station_certificate(enrolment.certificate, gateway), gateway)
