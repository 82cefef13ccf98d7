"""The tables of a gateway's database."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

VERSION = 7
"""Counts up whenever a table changes; migrations.py has a step for each."""
Number = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite keeps 64 bits in INTEGER, and only that spelling makes a primary key its row id."""

ABOUT_OTHERS = text("kind IN ('correction', 'day-close', 'dispute')")
"""Entries that say something of others. As text, and the same in the index and in questions: only so is the index used."""

metadata = MetaData()

settings = Table("settings", metadata, Column("name", String(40), primary_key=True), Column("value", Text, nullable=False))

# One row. Every writing transaction locks it first, so that receipts form one chain and arrival numbers are committed in their order.
chain = Table(
    "chain",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("gateway_journal_id", String(32), nullable=False),  # the journal of receipts that is being written
    Column("gateway_seq", Number, nullable=False),
    Column("gateway_prev", String(64), nullable=False),
    Column("arrival", Number, nullable=False),
    Column("serial", Number, nullable=False),
)

stations = Table(
    "stations",
    metadata,
    Column("station_id", String(63), primary_key=True),
    Column("outlet_id", String(63), nullable=False),
    Column("outlet_name", Text, nullable=False),
    Column("region", String(6), nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("certificate", Text, nullable=False),
    Column("certificate_hash", String(64), nullable=False),
    Column("enrolled_at_ms", Number, nullable=False),
    Column("revoked_at_ms", Number),
    Column("last_contact_ms", Number),
    Column("last_asked_ms", Number),  # the greatest time that it ever wrote on a request
    Column("backlog_entries", Number),
    Column("backlog_oldest_ms", Number),
    Column("packages", Text, nullable=False),
    Index("stations_region", "region"),
)

enrolment_codes = Table(
    "enrolment_codes",
    metadata,
    Column("code_id", String(16), primary_key=True),
    Column("secret", LargeBinary),  # destroyed when the code is used, withdrawn or expired
    Column("station_id", String(63), nullable=False),
    Column("outlet_id", String(63), nullable=False),
    Column("outlet_name", Text, nullable=False),
    Column("region", String(6), nullable=False),
    Column("expires_at_ms", Number, nullable=False),
    Column("request_sha256", String(64)),
    Column("answer", LargeBinary),
)

match_keys = Table(
    "match_keys",
    metadata,
    Column("match_key_id", String(32), primary_key=True),
    Column("region", String(6), nullable=False),
    Column("year", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # under DIR/keys/database.key
    UniqueConstraint("region", "year"),
)

journals = Table(
    "journals",
    metadata,
    Column("journal_id", String(32), primary_key=True),
    Column("station_id", String(63), ForeignKey("stations.station_id"), nullable=False),
    Column("last_seq", Number, nullable=False),
    Column("head", String(64), nullable=False),
)

entries = Table(
    "entries",
    metadata,
    Column("arrival", Number, primary_key=True, autoincrement=False),
    Column("journal_id", String(32), nullable=False),
    Column("seq", Number, nullable=False),
    Column("station_id", String(63), nullable=False),
    Column("outlet_id", String(63), nullable=False),
    Column("region", String(6), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("header", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("wall_ms", Number, nullable=False),
    Column("received_at_ms", Number, nullable=False),
    Column("gateway_seq", Number, nullable=False),
    Column("after_revocation", Boolean, nullable=False),
    Column("mail_kind", String(40)),
    Column("real_name", String(40)),
    Column("inspected", Boolean),
    Column("confirmation", Number),  # number of the one by which an entry received after a revocation counts
    UniqueConstraint("journal_id", "seq"),
    Index("entries_station", "station_id", "received_at_ms"),
    Index("entries_time", "wall_ms"),
    Index("entries_about", "station_id", "kind", "arrival", sqlite_where=ABOUT_OTHERS, postgresql_where=ABOUT_OTHERS),
)

parts = Table(
    "parts",
    metadata,
    Column("arrival", Number, nullable=False),
    Column("name", String(40), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("arrival", "name"),
)

receipts = Table(
    "receipts",
    metadata,
    Column("gateway_journal_id", String(32), nullable=False),
    Column("gateway_seq", Number, nullable=False),
    Column("journal_id", String(32), nullable=False),
    Column("first_seq", Number, nullable=False),
    Column("last_seq", Number, nullable=False),
    Column("document", Text, nullable=False),
    PrimaryKeyConstraint("gateway_journal_id", "gateway_seq"),
    UniqueConstraint("journal_id", "first_seq", "last_seq"),
)

forks = Table(
    "forks",
    metadata,
    Column("journal_id", String(32), nullable=False),
    Column("seq", Number, nullable=False),
    Column("station_id", String(63), nullable=False),
    Column("header", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("received_at_ms", Number, nullable=False),
    PrimaryKeyConstraint("journal_id", "seq"),
)

# 争用: journals that a station could not deliver, since another one's entries are held under their ids; the first it brought of each.
claims = Table(
    "claims",
    metadata,
    Column("journal_id", String(32), nullable=False),
    Column("station_id", String(63), nullable=False),
    Column("seq", Number, nullable=False),
    Column("header", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("received_at_ms", Number, nullable=False),
    PrimaryKeyConstraint("journal_id", "station_id"),
    Index("claims_station", "station_id"),
)

# 确认: by whom and why entries that were received after their station's revocation count in figures.
confirmations = Table(
    "confirmations",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("station_id", String(63), nullable=False),
    Column("journal_id", String(32)),  # where only entries of one journal were confirmed
    Column("entries", Number, nullable=False),
    Column("confirmed_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at_ms", Number, nullable=False),
)

index_rows = Table(
    "index_rows",
    metadata,
    Column("arrival", Number, primary_key=True, autoincrement=False),
    Column("journal_id", String(32), nullable=False),
    Column("seq", Number, nullable=False),
    Column("station_id", String(63), nullable=False),
    Column("outlet_id", String(63), nullable=False),
    Column("region", String(6), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("mail_kind", String(40)),
    Column("at_ms", Number, nullable=False),
    Column("operator", Text),
    Column("waybill", String(128)),
    Column("carrier", String(64)),
    Column("match_key_id", String(32)),
    Column("name_mask", Text),
    Column("number_mask", Text),
    Column("phone_mask", Text),
)

# The waybill that each acceptance stands for: its own, or that of its newest correction.
waybills = Table(
    "waybills",
    metadata,
    Column("arrival", Number, primary_key=True, autoincrement=False),  # of the acceptance
    Column("journal_id", String(32), nullable=False),
    Column("waybill", String(128), nullable=False),
    Column("carrier", String(64)),
    Column("said_by", Number, nullable=False),  # arrival of the acceptance or the correction that says it
    Index("waybills_waybill", "waybill", "journal_id"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("arrival", Number, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("token", String(64), nullable=False),
    PrimaryKeyConstraint("arrival", "kind"),
    Index("tokens_token", "token"),
)

returned = Table(
    "returned",
    metadata,
    Column("station_id", String(63), nullable=False),
    Column("gateway_journal_id", String(32), nullable=False),
    Column("number", Number, nullable=False),
    Column("journal_id", String(32), nullable=False),
    Column("seq", Number, nullable=False),
    Column("code", String(40), nullable=False),
    Column("said_by", Number, nullable=False),  # arrival of the entry that says what is objected to: this one or a correction of it
    Column("document", Text, nullable=False),
    Column("at_ms", Number, nullable=False),
    Column("raised_by", Number, nullable=False),  # gateway_seq of the receipt it was raised with; 0: raised again in a new journal
    Column("answered_journal_id", String(32)),
    Column("answered_seq", Number),
    PrimaryKeyConstraint("station_id", "gateway_journal_id", "number"),
    UniqueConstraint("journal_id", "seq", "code", "said_by"),
    Index("returned_raised_by", "raised_by", "gateway_journal_id"),
)

# 凭证照片: what stations have stated of sealed files (docs/wire.md §13); the files themselves lie in DIR/evidence.
evidence = Table(
    "evidence",
    metadata,
    Column("journal_id", String(32), nullable=False),
    Column("seq", Number, nullable=False),
    Column("name", String(200), nullable=False),
    Column("station_id", String(63), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("sealed_sha256", String(64), nullable=False),
    Column("sealed_size", Number, nullable=False),
    Column("document", Text, nullable=False),  # the signed statement
    Column("stated_at_ms", Number, nullable=False),
    Column("held_at_ms", Number),  # since when all of it is held
    PrimaryKeyConstraint("journal_id", "seq", "name"),
    Index("evidence_sealed", "sealed_sha256", "station_id"),
)

systems = Table(
    "systems",
    metadata,
    Column("name", String(63), primary_key=True),
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("region", String(6), nullable=False),
    Column("parts", Boolean, nullable=False),
    Column("created_at_ms", Number, nullable=False),
    Column("disabled_at_ms", Number),
)

packages = Table(
    "packages",
    metadata,
    Column("name", String(63), nullable=False),
    Column("version", Number, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("issued_at_ms", Number, nullable=False),
    Column("expires_on", String(10)),
    PrimaryKeyConstraint("name", "version"),
)
