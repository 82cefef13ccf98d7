"""Stations, enrolment codes and match keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select, update

from courier_check.gateway.store.schema import chain, enrolment_codes, match_keys, stations
from courier_check.wire.certificates import StationPlace, certificate_hash
from courier_check.wire.signed import Signed


@dataclass(frozen=True, slots=True)
class KnownStation:
    """收寄台 as the gateway knows it. `public_key`: raw Ed25519; `certificate_hash`: `prev` of its journals' first entries."""

    station_id: str
    place: StationPlace
    public_key: bytes
    certificate_hash: str
    revoked_at_ms: int | None


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """登记码 as the gateway keeps it. `secret` is None once it was used, withdrawn or has expired."""

    code_id: str
    station_id: str
    place: StationPlace
    secret: bytes | None = field(repr=False)
    expires_at_ms: int
    request_sha256: str | None
    answer: bytes | None


@dataclass(frozen=True, slots=True)
class HeldMatchKey:
    """匹配密钥 as the gateway keeps it: `sealed` under the database's key."""

    match_key_id: str
    region: str
    year: int
    sealed: bytes


def find(tx: Connection, station_id: str) -> KnownStation | None:
    row = tx.execute(select(stations).where(stations.c.station_id == station_id)).one_or_none()
    return None if row is None else _station(row)


def add(tx: Connection, station_id: str, place: StationPlace, public_key: bytes, certificate: Signed, at_ms: int) -> None:
    tx.execute(
        insert(stations).values(
            station_id=station_id,
            outlet_id=place.outlet_id,
            outlet_name=place.outlet_name,
            region=place.region,
            public_key=public_key,
            certificate=msgspec.json.encode(certificate).decode(),
            certificate_hash=certificate_hash(certificate),
            enrolled_at_ms=at_ms,
            packages="[]",
        )
    )


def revoke(tx: Connection, station_id: str, at_ms: int) -> None:
    """吊销: entries first received from now on are flagged. A second revocation changes nothing."""
    tx.execute(update(stations).where(stations.c.station_id == station_id, stations.c.revoked_at_ms.is_(None)).values(revoked_at_ms=at_ms))


def heard_from(tx: Connection, station_id: str, at_ms: int) -> None:
    """Note a contact, by the gateway's clock."""
    tx.execute(update(stations).where(stations.c.station_id == station_id).values(last_contact_ms=at_ms))


def asked(tx: Connection, station_id: str, asked_ms: int, at_ms: int) -> None:
    """Note a contact, unless the station wrote `asked_ms` or a later time on a request before: this one may be played again."""
    newer = stations.c.last_asked_ms.is_(None) | (stations.c.last_asked_ms < asked_ms)
    tx.execute(update(stations).where(stations.c.station_id == station_id, newer).values(last_asked_ms=asked_ms, last_contact_ms=at_ms))


def note_statement(tx: Connection, station_id: str, backlog: tuple[int, int | None], packages: str | None) -> None:
    """What the station last said of itself: `backlog` = (entries, oldest_ms), `packages` = JSON of those in force, None where it said
    nothing of them."""
    entries, oldest_ms = backlog
    said = {} if packages is None else {"packages": packages}
    tx.execute(
        update(stations).where(stations.c.station_id == station_id).values(backlog_entries=entries, backlog_oldest_ms=oldest_ms, **said)
    )


def packages_of(tx: Connection, station_id: str) -> str:
    """JSON of the packages that a station works with, as far as it has said."""
    said: str = tx.execute(select(stations.c.packages).where(stations.c.station_id == station_id)).scalar_one()
    return said


def next_serial(tx: Connection) -> int:
    """The next certificate's serial; the caller holds a writing transaction."""
    serial: int = tx.execute(select(chain.c.serial)).scalar_one() + 1
    tx.execute(update(chain).values(serial=serial))
    return serial


def add_code(tx: Connection, code: IssuedCode) -> None:
    """Store a new code; an older one for the same station is withdrawn."""
    tx.execute(update(enrolment_codes).where(enrolment_codes.c.station_id == code.station_id).values(secret=None))
    tx.execute(
        insert(enrolment_codes).values(
            code_id=code.code_id,
            secret=code.secret,
            station_id=code.station_id,
            outlet_id=code.place.outlet_id,
            outlet_name=code.place.outlet_name,
            region=code.place.region,
            expires_at_ms=code.expires_at_ms,
        )
    )


def find_code(tx: Connection, code_id: str) -> IssuedCode | None:
    row = tx.execute(select(enrolment_codes).where(enrolment_codes.c.code_id == code_id)).one_or_none()
    if row is None:
        return None
    return IssuedCode(row.code_id, row.station_id, _place(row), row.secret, row.expires_at_ms, row.request_sha256, row.answer)


def use_code(tx: Connection, code_id: str, request_sha256: str, answer: bytes) -> None:
    """The code is spent: its secret is destroyed, its answer kept for the same request sent again."""
    tx.execute(
        update(enrolment_codes)
        .where(enrolment_codes.c.code_id == code_id)
        .values(secret=None, request_sha256=request_sha256, answer=answer)
    )


def destroy_expired_secrets(tx: Connection, now_ms: int) -> None:
    tx.execute(update(enrolment_codes).where(enrolment_codes.c.expires_at_ms < now_ms).values(secret=None))


def find_match_key(tx: Connection, region: str, year: int) -> HeldMatchKey | None:
    row = tx.execute(select(match_keys).where(match_keys.c.region == region, match_keys.c.year == year)).one_or_none()
    return None if row is None else HeldMatchKey(row.match_key_id, row.region, row.year, row.sealed)


def add_match_key(tx: Connection, key: HeldMatchKey) -> None:
    tx.execute(insert(match_keys).values(match_key_id=key.match_key_id, region=key.region, year=key.year, sealed=key.sealed))


def _station(row: Row[*tuple[Any, ...]]) -> KnownStation:
    return KnownStation(row.station_id, _place(row), row.public_key, row.certificate_hash, row.revoked_at_ms)


def _place(row: Row[*tuple[Any, ...]]) -> StationPlace:
    return StationPlace(outlet_id=row.outlet_id, outlet_name=row.outlet_name, region=row.region)
