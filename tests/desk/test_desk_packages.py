"""Lists and rules: what is installed, what is not believed."""

from __future__ import annotations

import hashlib
import json

import msgspec
import pytest

from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import SignedIn
from courier_check.desk.screener import Subject
from courier_check.desk.vetting import tokens_under
from courier_check.errors import UserError
from courier_check.screening.entries import Vetting
from courier_check.screening.list_files import Issue
from courier_check.screening.list_reading import parse_list_csv
from courier_check.screening.match import Level
from courier_check.station import Station
from courier_check.store.resources import read_resource, resource_path
from courier_check.wire.certificates import Role
from courier_check.wire.packages import Manifest, PackageKind, publish
from support.parcels import TODAY
from support.pki import MadeUpGateway, secret
from support.stations import reopened


def package(vetting: Vetting, version: int = 3, gateway: MadeUpGateway | None = None, kind: PackageKind = PackageKind.LIST) -> bytes:
    text = resource_path("samples/practice_list.csv").read_text(encoding="utf-8")
    issue = Issue(version, 1, None, "ab" * 16)
    made = parse_list_csv(text, issue, vetting, tokens_under(secret("match key"))).packages[0]
    manifest = Manifest(
        gateway_id="gw-test",
        package_kind=kind,
        name=made.header.list_id,
        version=version,
        issued_at_ms=1,
        expires_on=None,
        content_sha256="0" * 64,
        content_size=0,
    )
    signer = (gateway or MadeUpGateway()).signing[Role.PACKAGE]
    return msgspec.json.encode(publish(manifest, made.encode().decode(), signer))


def refusal(station: Station, data: bytes, by: SignedIn | None) -> DeskCode:
    with pytest.raises(UserError) as caught:
        station.desk().lists.install_signed(data, by)
    return DeskCode(caught.value.code)


def test_a_signed_list_screens_at_once_and_after_a_restart(station: Station, supervisor: SignedIn, vetting: Vetting) -> None:
    station.desk().lists.install_signed(package(vetting), supervisor)
    again = reopened(station)
    station.database = again.database
    for opened in (again,):
        result = opened.desk().screener.screen(Subject(id_number="410104198506150027"), TODAY)
        assert (result.level, len(result.hits)) == (Level.BLOCK, 1)


def test_a_list_that_is_not_newer_or_not_believed_changes_nothing(station: Station, supervisor: SignedIn, vetting: Vetting) -> None:
    station.desk().lists.install_signed(package(vetting), supervisor)
    assert refusal(station, package(vetting), supervisor) == DeskCode.PACKAGE_NOT_NEWER
    assert refusal(station, package(vetting, 2), supervisor) == DeskCode.PACKAGE_NOT_NEWER
    foreign = MadeUpGateway(root=type(MadeUpGateway().root)(secret("another root")))
    assert refusal(station, package(vetting, 4, foreign), supervisor) == DeskCode.PACKAGE_NOT_BELIEVED
    assert refusal(station, package(vetting, 4, kind=PackageKind.RULES), supervisor) == DeskCode.PACKAGE_KIND_WRONG
    assert refusal(station, b"{}", supervisor) == DeskCode.PACKAGE_NOT_BELIEVED
    altered = package(vetting, 4).replace("练习".encode(), "演习".encode(), 1)
    assert refusal(station, altered, supervisor) == DeskCode.PACKAGE_NOT_BELIEVED
    (held,) = station.desk().lists.status()
    assert (held.version, held.signed) == ("3", True)


def test_a_clerk_installs_nothing(station: Station, clerk: SignedIn, vetting: Vetting) -> None:
    assert refusal(station, package(vetting, 9), clerk) == DeskCode.NO_RIGHT


def test_rules_below_the_floor_are_not_installed(station: Station, supervisor: SignedIn) -> None:
    rules = json.loads(read_resource("checklists.json"))
    rules["items"] = [item for item in rules["items"] if item["id"] != "opened-in-presence"]
    with pytest.raises(UserError) as caught:
        station.desk().rules.install(json.dumps(rules, ensure_ascii=False).encode(), supervisor, signed=False)
    assert caught.value.code == DeskCode.RULES_UNFIT


def test_installed_rules_are_used_from_the_next_start_and_named_in_headers(station: Station, supervisor: SignedIn) -> None:
    rules = json.loads(read_resource("checklists.json"))
    rules["version"] = "2026.12-9"
    data = json.dumps(rules, ensure_ascii=False, indent=1).encode()
    installed = station.desk().rules.install(data, supervisor, signed=False)
    assert installed.sha256 == hashlib.sha256(data).hexdigest()
    again = reopened(station)
    station.database = again.database
    assert again.desk().acceptances.rules.refs[0].version == "2026.12-9"


def test_an_altered_rule_file_is_noticed(station: Station, supervisor: SignedIn) -> None:
    rules = read_resource("checklists.json")
    station.desk().rules.install(rules, supervisor, signed=False)
    (file,) = station.folder.packages.iterdir()
    file.write_bytes(rules + b"\n")
    again = reopened(station)
    station.database = again.database
    with pytest.raises(UserError) as caught:
        again.desk()
    assert caught.value.code == DeskCode.RULES_LOST


def test_the_outlets_carriers_are_kept_and_journaled(station: Station, supervisor: SignedIn) -> None:
    station.desk().outlet.set_carriers(("sf", "ems"), supervisor)
    again = reopened(station)
    station.database = again.database
    assert again.desk().outlet.carriers() == ("sf", "ems")
    with pytest.raises(UserError):
        again.desk().outlet.set_carriers(("nobody",), supervisor)
    kinds = [json.loads(row[0])["kind"] for row in again.database.rows("SELECT header FROM journal_entries")]
    assert kinds.count("setting-changed") == 1
