"""Databases of earlier versions of this program: brought forward step by step, all in the transaction of the caller or not at all.

A step is written in plain SQL and never changed: the tables of schema.py are those of today, not those that a step once made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, text, update

from courier_check.gateway.store.schema import VERSION, settings

OLDEST = 2
"""Databases of version 1 were never more than a draft: they are left alone."""


@dataclass(frozen=True, slots=True)
class Founded:
    """What a step may need of DIR/gateway.json. `gateway_journal_id`: of the first journal of receipts."""

    gateway_journal_id: str


Step = Callable[[Connection, Founded], None]


def bring_up_to_date(tx: Connection, version: int, founded: Founded) -> None:
    """Take every step from this version to today's, and note it."""
    for step in STEPS[version - OLDEST :]:
        step(tx, founded)
    tx.execute(update(settings).where(settings.c.name == "schema_version").values(value=str(VERSION)))


def _journals_of_receipts(tx: Connection, founded: Founded) -> None:
    """2 → 3: a gateway that was put back begins another journal of receipts. Until then there was one, the first."""
    number = "INTEGER" if tx.dialect.name == "sqlite" else "BIGINT"
    first = {"journal": founded.gateway_journal_id}
    tx.execute(text("DROP INDEX returned_raised_by"))
    for made in (_CHAIN_3, _RECEIPTS_3, _RETURNED_3):
        tx.execute(text(made.replace("NUMBER", number)))
    tx.execute(text("INSERT INTO chain_3 SELECT id, :journal, gateway_seq, gateway_prev, arrival, serial FROM chain"), first)
    tx.execute(text("INSERT INTO receipts_3 SELECT :journal, gateway_seq, journal_id, first_seq, last_seq, document FROM receipts"), first)
    tx.execute(text(_FILL_RETURNED_3), first)
    for name in ("chain", "receipts", "returned"):
        tx.execute(text(f"DROP TABLE {name}"))
        tx.execute(text(f"ALTER TABLE {name}_3 RENAME TO {name}"))
    tx.execute(text("CREATE INDEX returned_raised_by ON returned (raised_by, gateway_journal_id)"))


def _entries_about_others(tx: Connection, _founded: Founded) -> None:
    """3 → 4: the regulator's page asks for the few entries that close days, dispute and correct."""
    tx.execute(text(_ENTRIES_ABOUT_4))


def _evidence(tx: Connection, _founded: Founded) -> None:
    """4 → 5: sealed photos come to the gateway."""
    tx.execute(text(_EVIDENCE_5.replace("NUMBER", "INTEGER" if tx.dialect.name == "sqlite" else "BIGINT")))
    tx.execute(text("CREATE INDEX evidence_sealed ON evidence (sealed_sha256, station_id)"))


def _claims(tx: Connection, _founded: Founded) -> None:
    """5 → 6: journals whose id another station signed under first."""
    number, binary = ("INTEGER", "BLOB") if tx.dialect.name == "sqlite" else ("BIGINT", "BYTEA")
    tx.execute(text(_CLAIMS_6.replace("NUMBER", number).replace("BINARY", binary)))
    tx.execute(text("CREATE INDEX claims_station ON claims (station_id)"))


def _confirmations(tx: Connection, _founded: Founded) -> None:
    """6 → 7: what was received after a revocation counts once a person has confirmed it."""
    number = "INTEGER" if tx.dialect.name == "sqlite" else "BIGINT"
    tx.execute(text(_CONFIRMATIONS_7.replace("NUMBER", number)))
    tx.execute(text(f"ALTER TABLE entries ADD COLUMN confirmation {number}"))


STEPS: tuple[Step, ...] = (_journals_of_receipts, _entries_about_others, _evidence, _claims, _confirmations)

_CHAIN_3 = """
    CREATE TABLE chain_3 (
        id INTEGER NOT NULL, gateway_journal_id VARCHAR(32) NOT NULL, gateway_seq NUMBER NOT NULL, gateway_prev VARCHAR(64) NOT NULL,
        arrival NUMBER NOT NULL, serial NUMBER NOT NULL, PRIMARY KEY (id))"""
_RECEIPTS_3 = """
    CREATE TABLE receipts_3 (
        gateway_journal_id VARCHAR(32) NOT NULL, gateway_seq NUMBER NOT NULL, journal_id VARCHAR(32) NOT NULL, first_seq NUMBER NOT NULL,
        last_seq NUMBER NOT NULL, document TEXT NOT NULL, PRIMARY KEY (gateway_journal_id, gateway_seq),
        UNIQUE (journal_id, first_seq, last_seq))"""
_RETURNED_3 = """
    CREATE TABLE returned_3 (
        station_id VARCHAR(63) NOT NULL, gateway_journal_id VARCHAR(32) NOT NULL, number NUMBER NOT NULL, journal_id VARCHAR(32) NOT NULL,
        seq NUMBER NOT NULL, code VARCHAR(40) NOT NULL, said_by NUMBER NOT NULL, document TEXT NOT NULL, at_ms NUMBER NOT NULL,
        raised_by NUMBER NOT NULL, answered_journal_id VARCHAR(32), answered_seq NUMBER,
        PRIMARY KEY (station_id, gateway_journal_id, number), UNIQUE (journal_id, seq, code, said_by))"""
_FILL_RETURNED_3 = """
    INSERT INTO returned_3
    SELECT station_id, :journal, number, journal_id, seq, code, said_by, document, at_ms, raised_by, answered_journal_id, answered_seq
    FROM returned"""
_ENTRIES_ABOUT_4 = """
    CREATE INDEX entries_about ON entries (station_id, kind, arrival) WHERE kind IN ('correction', 'day-close', 'dispute')"""
_EVIDENCE_5 = """
    CREATE TABLE evidence (
        journal_id VARCHAR(32) NOT NULL, seq NUMBER NOT NULL, name VARCHAR(200) NOT NULL, station_id VARCHAR(63) NOT NULL,
        sha256 VARCHAR(64) NOT NULL, sealed_sha256 VARCHAR(64) NOT NULL, sealed_size NUMBER NOT NULL, document TEXT NOT NULL,
        stated_at_ms NUMBER NOT NULL, held_at_ms NUMBER, PRIMARY KEY (journal_id, seq, name))"""
_CLAIMS_6 = """
    CREATE TABLE claims (
        journal_id VARCHAR(32) NOT NULL, station_id VARCHAR(63) NOT NULL, seq NUMBER NOT NULL, header TEXT NOT NULL,
        signature BINARY NOT NULL, received_at_ms NUMBER NOT NULL, PRIMARY KEY (journal_id, station_id))"""
_CONFIRMATIONS_7 = """
    CREATE TABLE confirmations (
        number NUMBER NOT NULL, station_id VARCHAR(63) NOT NULL, journal_id VARCHAR(32), entries NUMBER NOT NULL,
        confirmed_by TEXT NOT NULL, reason TEXT NOT NULL, at_ms NUMBER NOT NULL, PRIMARY KEY (number))"""
