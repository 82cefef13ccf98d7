"""Making a gateway's folder and opening it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import sys
from pathlib import Path

import msgspec
import pytest

from courier_check.errors import StoreError, UserError
from courier_check.gateway.codes import GatewayCode
from courier_check.gateway.keys import KeyRing, root_key_of
from courier_check.gateway.setup import Founding, Gateway, init
from courier_check.gateway.store.migrations import OLDEST
from courier_check.gateway.store.schema import VERSION
from courier_check.wire.certificates import Role, root_fingerprint, trust
from support.clocks import SetClock

KEY_FILES = [
    "root/root.key",
    "root/regulator.key",
    *(f"keys/{name}.key" for name in ("receipt", "intake", "enrolment", "package", "database")),
]


def open_error(data: Path, clock: SetClock, random, **options) -> StoreError:
    with pytest.raises(StoreError) as raised, Gateway.open(data, clock, random, **options):
        pass
    return raised.value


def test_a_new_gateway_opens_and_its_document_can_be_trusted(gateway):
    trusted = trust(gateway.document, root_fingerprint(root_key_of(gateway.document)))
    assert trusted.root.practice
    assert {each.role for each in trusted.certificates} == set(Role) - {Role.STATION}
    assert [each.serial for each in trusted.certificates] == [0, 1, 2, 3, 4, 5]


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
@pytest.mark.parametrize("name", [*KEY_FILES, "gateway.db", "gateway.json"])
def test_what_is_secret_is_readable_by_its_owner_only(data, name):
    assert stat.S_IMODE((data / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(data.stat().st_mode) == 0o700


def test_a_running_gateway_needs_neither_the_root_nor_the_regulators_key(data, clock, random):
    shutil.rmtree(data / "root")
    assert not (data / "keys" / "regulator.key").exists()
    with Gateway.open(data, clock, random) as opened:
        assert opened.gateway_id == "gw-test"


def test_the_root_and_the_regulators_key_are_to_be_taken_offline(data):
    told = (data / "root" / "TAKE-OFFLINE.txt").read_text(encoding="utf-8")
    assert all(word in told for word in ("离线", "root.key", "regulator.key"))
    assert {each.name for each in (data / "root").iterdir()} == {"root.key", "regulator.key", "TAKE-OFFLINE.txt"}


def test_a_folder_in_use_is_left_alone(data, clock, random):
    before = (data / "gateway.json").read_bytes()
    with pytest.raises(UserError) as raised:
        init(data, Founding(), clock, random)
    assert raised.value.code == GatewayCode.FOLDER_IN_USE
    assert (data / "gateway.json").read_bytes() == before


def test_an_unusable_id_makes_no_folder(tmp_path, clock, random):
    with pytest.raises(UserError) as raised:
        init(tmp_path / "new", Founding(gateway_id="Gateway 1"), clock, random)
    assert raised.value.code == GatewayCode.ID_UNUSABLE
    assert not (tmp_path / "new").exists()


def test_a_folder_that_is_none_is_said_to_be_absent(tmp_path, clock, random):
    assert open_error(tmp_path, clock, random).code == GatewayCode.FOLDER_ABSENT


def test_a_lost_database_is_noticed_and_not_begun_again(data, clock, random):
    (data / "gateway.db").unlink()
    assert open_error(data, clock, random).code == GatewayCode.DATABASE_ABSENT
    assert not (data / "gateway.db").exists()


def test_an_empty_database_is_not_a_gateways(data, clock, random):
    (data / "gateway.db").write_bytes(b"")
    assert open_error(data, clock, random).code == GatewayCode.DATABASE_ABSENT


def test_a_file_that_is_no_database_is_said_to_be_unusable(data, clock, random):
    (data / "gateway.db").write_bytes(b"this is not a database" * 100)
    assert open_error(data, clock, random).code == GatewayCode.DATABASE_FAILED


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("schema_version", str(VERSION + 1), GatewayCode.DATABASE_NEWER),
        ("schema_version", str(OLDEST - 1), GatewayCode.DATABASE_OLDER),
        ("schema_version", "odd", GatewayCode.DATABASE_ABSENT),
        ("gateway_id", "other", GatewayCode.DATABASE_FOREIGN),
    ],
)
def test_a_newer_older_or_foreign_database_is_told_apart(data, clock, random, name, value, code):
    connection = sqlite3.connect(data / "gateway.db")
    connection.execute("UPDATE settings SET value = ? WHERE name = ?", (value, name))
    connection.commit()
    connection.close()
    assert open_error(data, clock, random).code == code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"format": 99, "everything": "else"}', GatewayCode.FOLDER_NEWER),
        (b"not json", GatewayCode.FOLDER_UNREADABLE),
        (b'{"format": 1}', GatewayCode.FOLDER_UNREADABLE),
        (b"", GatewayCode.FOLDER_UNREADABLE),
        (b"\xff\xfe", GatewayCode.FOLDER_UNREADABLE),
    ],
)
def test_a_damaged_or_newer_folder_is_said_to_be_so(data, clock, random, content, code):
    (data / "gateway.json").write_bytes(content)
    assert open_error(data, clock, random).code == code


def test_an_edited_document_does_not_open(data, clock, random):
    changed = (data / "gateway.json").read_text(encoding="utf-8").replace("gw-test", "gw-best")
    (data / "gateway.json").write_text(changed, encoding="utf-8")
    assert open_error(data, clock, random).code == GatewayCode.FOLDER_UNREADABLE


def test_a_database_of_someone_elses_tables_is_no_gateways(data, clock, random):
    connection = sqlite3.connect(data / "gateway.db")
    connection.execute("DELETE FROM settings WHERE name = 'schema_version'")
    connection.commit()
    connection.close()
    assert open_error(data, clock, random).code == GatewayCode.DATABASE_ABSENT


@pytest.mark.parametrize("role", ["receipt", "database"])
@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"kind":"gateway-key","v":1,"role":"ROLE","secret":"AA"}'])
def test_a_missing_or_damaged_key_is_named(data, clock, random, role, content):
    key = data / "keys" / f"{role}.key"
    key.unlink()
    if content is not None:
        key.write_bytes(content.replace(b"ROLE", role.encode()))
    found = open_error(data, clock, random)
    assert (found.code, found.facts["role"]) == (GatewayCode.KEYS_UNUSABLE, role)


@pytest.mark.parametrize("name", ["enrolment.key", "database.key"])
def test_another_gateways_key_does_not_pass_for_ours(data, tmp_path, clock, name):
    init(tmp_path / "other", Founding("gw-test"), clock, os.urandom)
    (data / "keys" / name).write_bytes((tmp_path / "other" / "keys" / name).read_bytes())
    assert open_error(data, clock, os.urandom).code == GatewayCode.KEYS_UNUSABLE


def test_keys_are_never_printed(data, gateway):
    for name in ("receipt", "database"):
        secret = msgspec.json.decode((data / "keys" / f"{name}.key").read_bytes())["secret"]
        assert secret not in repr(gateway) + repr(KeyRing.load(data / "keys")) + repr(gateway.keys.database)


def test_an_address_that_is_none_is_a_users_mistake(data, clock, random):
    with pytest.raises(UserError) as raised:
        Gateway.open(data, clock, random, database_url="no such thing")
    assert raised.value.code == GatewayCode.DATABASE_ADDRESS


def test_the_database_may_lie_elsewhere(tmp_path, clock, random):
    url = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    init(tmp_path / "gateway", Founding(), clock, random, database_url=url)
    assert not (tmp_path / "gateway" / "gateway.db").exists()
    with Gateway.open(tmp_path / "gateway", clock, random, database_url=url) as opened:
        assert not opened.document.practice


def test_a_database_in_use_is_left_alone(tmp_path, data, clock, random):
    with pytest.raises(UserError) as raised:
        init(tmp_path / "second", Founding(), clock, random, database_url=f"sqlite:///{data / 'gateway.db'}")
    assert raised.value.code == GatewayCode.FOLDER_IN_USE
