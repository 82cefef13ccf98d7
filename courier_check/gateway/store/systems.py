"""Systems that pull (监管方系统) and packages published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from courier_check.gateway.store.schema import packages, systems


@dataclass(frozen=True, slots=True)
class PullSystem:
    """One regulator's system. `region`: prefix of the county codes it may see, empty for all; `parts`: may take the reported parts."""

    name: str
    region: str
    parts: bool
    created_at_ms: int
    disabled_at_ms: int | None


@dataclass(frozen=True, slots=True)
class PublishedPackage:
    name: str
    version: int
    kind: str
    sha256: str
    issued_at_ms: int
    expires_on: str | None


def add(tx: Connection, system: PullSystem, token_sha256: str) -> None:
    tx.execute(
        insert(systems).values(
            name=system.name, token_sha256=token_sha256, region=system.region, parts=system.parts, created_at_ms=system.created_at_ms
        )
    )


def find(tx: Connection, name: str) -> PullSystem | None:
    row = tx.execute(select(systems).where(systems.c.name == name)).one_or_none()
    return None if row is None else _system(row)


def by_token(tx: Connection, token_sha256: str) -> PullSystem | None:
    """The system that holds a token, unless it was disabled. Looking up a hash tells nothing about a token by its timing."""
    row = tx.execute(select(systems).where(systems.c.token_sha256 == token_sha256, systems.c.disabled_at_ms.is_(None))).one_or_none()
    return None if row is None else _system(row)


def all_systems(tx: Connection) -> list[PullSystem]:
    return [_system(row) for row in tx.execute(select(systems).order_by(systems.c.name))]


def disable(tx: Connection, name: str, at_ms: int) -> None:
    tx.execute(update(systems).where(systems.c.name == name, systems.c.disabled_at_ms.is_(None)).values(disabled_at_ms=at_ms))


def add_package(tx: Connection, package: PublishedPackage) -> None:
    tx.execute(
        insert(packages).values(
            name=package.name,
            version=package.version,
            kind=package.kind,
            sha256=package.sha256,
            issued_at_ms=package.issued_at_ms,
            expires_on=package.expires_on,
        )
    )


def last_version(tx: Connection, name: str) -> int:
    """The newest version published under a name, 0 if there is none."""
    version: int = tx.execute(select(func.coalesce(func.max(packages.c.version), 0)).where(packages.c.name == name)).scalar_one()
    return version


def published(tx: Connection) -> list[PublishedPackage]:
    query = select(packages).order_by(packages.c.name, packages.c.version)
    return [PublishedPackage(r.name, r.version, r.kind, r.sha256, r.issued_at_ms, r.expires_on) for r in tx.execute(query)]


def _system(row: Row[*tuple[Any, ...]]) -> PullSystem:
    return PullSystem(row.name, row.region, row.parts, row.created_at_ms, row.disabled_at_ms)
