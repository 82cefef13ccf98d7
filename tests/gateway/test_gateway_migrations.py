"""Databases of earlier versions are brought forward, whole or not at all.

gateway_v2.sql: the tables as version 2 of the schema made them. It never changes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from courier_check.errors import StoreError
from courier_check.gateway.admin import enrol_code
from courier_check.gateway.app import create_app
from courier_check.gateway.bundles import write_export
from courier_check.gateway.codes import GatewayCode
from courier_check.gateway.serving import running
from courier_check.gateway.setup import Gateway
from courier_check.gateway.store.migrations import OLDEST, STEPS
from courier_check.gateway.store.schema import VERSION
from courier_check.wire.certificates import StationPlace
from support.practice import Practice
from support.stand_alone import stand_alone_verifier, verdict

TABLES_2 = (Path(__file__).parent / "gateway_v2.sql").read_text(encoding="utf-8")
Rows = dict[str, list[tuple[Any, ...]]]


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as db, db:
        yield db


def tables(db: sqlite3.Connection) -> list[str]:
    return [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]


def columns(db: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    """Name, type, whether it may be null, place in the primary key."""
    return [(name, kind, required, key) for _, name, kind, required, _, key in db.execute(f"PRAGMA table_info({table})")]


def indexes(db: sqlite3.Connection, table: str) -> set[tuple[Any, ...]]:
    """Name where it was given, uniqueness, condition and columns of each."""
    found = set()
    for _, name, unique, origin, partial in db.execute(f"PRAGMA index_list({table})").fetchall():
        of = tuple(column for _, _, column in db.execute(f"PRAGMA index_info({name})"))
        (made,) = db.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
        found.add((name if origin == "c" else "", unique, made.partition(" WHERE ")[2] if partial else "", of))
    return found


def rows(path: Path) -> Rows:
    with opened(path) as db:
        return {table: sorted(db.execute(f"SELECT * FROM {table}"), key=repr) for table in tables(db)}  # noqa: S608 - our own


def made_old(path: Path) -> None:
    """Rewrite a database of today as version 2 would have held it."""
    held = path.with_name("today.db")
    path.rename(held)
    with opened(path) as db:
        db.executescript(TABLES_2)
        db.execute("ATTACH ? AS today", (str(held),))
        for table in tables(db):
            names = ", ".join(name for name, *_ in columns(db, table))
            db.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM today.{table}")  # noqa: S608 - our own
        db.execute("UPDATE settings SET value = '2' WHERE name = 'schema_version'")
        db.commit()
        db.execute("DETACH today")
    held.unlink()


@pytest.fixture
def at_work(data, clock, random) -> Any:
    """A station of a gateway of version 2, with receipts, open and answered returned items; the gateway is closed."""
    with Gateway.open(data, clock, random) as gateway, running(create_app(gateway)) as url:
        place = StationPlace(outlet_id="zz-jinshui", outlet_name="样例金水网点", region="410105")
        station = Practice.enrolled(url, enrol_code(gateway, "zz-jinshui-01", place), clock)
        station.accept("SF1")
        station.accept(None)
        station.send()
        station.append("correction", {"corrects": {"journal_id": station.journal_id, "seq": 3}, "answers_returned": 1})
        station.accept(None)
        station.send(4)
    today = rows(data / "gateway.db")
    made_old(data / "gateway.db")
    (data / "newest-receipt.json").unlink()  # that version kept no note
    return station, today


def test_a_database_of_version_2_opens_with_everything_in_it(at_work, data, clock, random) -> None:
    _, today = at_work
    assert len(today["receipts"]) == len(today["returned"]) == 2
    with Gateway.open(data, clock, random):
        pass
    assert rows(data / "gateway.db") == today
    with Gateway.open(data, clock, random):
        pass
    assert rows(data / "gateway.db") == today, "a second start changes nothing"


def test_what_was_brought_forward_is_what_a_new_database_is(at_work, data, new_gateway, clock, random) -> None:
    with Gateway.open(data, clock, random):
        pass
    with opened(data / "gateway.db") as old, opened(new_gateway / "gateway.db") as new:
        assert tables(old) == tables(new)
        for table in tables(new):
            assert columns(old, table) == columns(new, table), table
            assert indexes(old, table) == indexes(new, table), table


def test_the_chain_of_receipts_goes_on_where_it_was(at_work, data, clock, random, tmp_path) -> None:
    station, _ = at_work
    with Gateway.open(data, clock, random) as gateway, running(create_app(gateway)) as url:
        station.url = url
        station.accept("SF2")
        station.send(6)
        with (tmp_path / "export.zip").open("xb") as target:
            write_export(gateway, None, target, {})
    told = verdict(stand_alone_verifier(), tmp_path / "export.zip")
    assert (told["ok"], told["counts"]["receipts"], told["counts"]["entries"]) == (True, 3, 6), told
    with opened(data / "gateway.db") as db:
        assert db.execute("SELECT COUNT(DISTINCT gateway_journal_id), MAX(gateway_seq) FROM receipts").fetchone() == (1, 3)


def test_a_step_that_fails_leaves_the_database_as_it_was(at_work, data, clock, random) -> None:
    with opened(data / "gateway.db") as db:
        db.execute("CREATE TABLE returned_3 (somebody_elses TEXT)")  # the third statement of the first step meets it
    before = rows(data / "gateway.db")
    with pytest.raises(StoreError) as caught, Gateway.open(data, clock, random):
        pass
    assert caught.value.code == GatewayCode.DATABASE_FAILED
    assert rows(data / "gateway.db") == before
    with opened(data / "gateway.db") as db:
        db.execute("DROP TABLE returned_3")
    with Gateway.open(data, clock, random) as gateway:
        assert gateway.gateway_id == "gw-test"


def test_an_old_database_of_another_gateway_is_left_alone(at_work, data, clock, random) -> None:
    with opened(data / "gateway.db") as db:
        db.execute("UPDATE settings SET value = 'other' WHERE name = 'gateway_id'")
    before = rows(data / "gateway.db")
    with pytest.raises(StoreError) as caught, Gateway.open(data, clock, random):
        pass
    assert caught.value.code == GatewayCode.DATABASE_FOREIGN
    assert rows(data / "gateway.db") == before


def test_every_version_has_its_step() -> None:
    assert OLDEST + len(STEPS) == VERSION
