"""The verbs of whoever runs a gateway."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

import pytest

from courier_check.errors import UserError
from courier_check.gateway import admin
from courier_check.gateway.admin import NewPackage
from courier_check.gateway.codes import GatewayCode
from courier_check.gateway.store import late, systems
from courier_check.wire.certificates import StationPlace
from courier_check.wire.enrolment import Code
from courier_check.wire.packages import PackageKind, checked_package

PLACE = StationPlace(outlet_id="zz-jinshui", outlet_name="样例金水网点", region="410105")
CONTENT = b'{"v":1,"entries":[]}'


def refusal(code: GatewayCode, verb, *arguments, **options) -> None:
    with pytest.raises(UserError) as raised:
        verb(*arguments, **options)
    assert raised.value.code == code


def test_an_enrolment_code_pins_this_gateways_root(gateway):
    assert Code.parse(admin.enrol_code(gateway, "zz-01", PLACE)).fingerprint.hex() == admin.fingerprint(gateway).hex()


@pytest.mark.parametrize(
    ("station_id", "changes"),
    [("Zz 01", {}), ("", {}), ("zz-01", {"region": "4101"}), ("zz-01", {"outlet_id": "A B"}), ("zz-01", {"outlet_name": "  "})],
)
def test_a_station_that_could_not_be_certified_gets_no_code(gateway, station_id, changes):
    place = StationPlace(**{"outlet_id": "zz-jinshui", "outlet_name": "样例金水网点", "region": "410105", **changes})
    refusal(GatewayCode.PLACE_UNUSABLE, admin.enrol_code, gateway, station_id, place)


def test_an_enrolled_station_gets_no_second_code(gateway, station):
    refusal(GatewayCode.STATION_ENROLLED, admin.enrol_code, gateway, station.station_id, PLACE)


def test_a_token_is_shown_once_and_only_its_hash_kept(gateway, data):
    token = admin.add_system(gateway, "henan", region="41", parts=True)
    (held,) = admin.list_systems(gateway)
    assert (held.name, held.region, held.parts, held.disabled_at_ms) == ("henan", "41", True, None)
    assert len(token) == 43
    with gateway.database.read() as tx:
        assert systems.by_token(tx, hashlib.sha256(token.encode()).hexdigest()) == held
    gateway.close()
    assert token.encode() not in (data / "gateway.db").read_bytes()


def test_a_disabled_system_is_nobody(gateway):
    token = admin.add_system(gateway, "henan")
    admin.disable_system(gateway, "henan")
    with gateway.database.read() as tx:
        assert systems.by_token(tx, admin.token_sha256(token)) is None
    assert admin.list_systems(gateway)[0].disabled_at_ms is not None


def test_systems_have_names_of_their_own_and_known_regions(gateway):
    admin.add_system(gateway, "henan")
    refusal(GatewayCode.SYSTEM_EXISTS, admin.add_system, gateway, "henan")
    refusal(GatewayCode.ID_UNUSABLE, admin.add_system, gateway, "河南")
    refusal(GatewayCode.REGION_UNUSABLE, admin.add_system, gateway, "other", region="Henan")
    refusal(GatewayCode.SYSTEM_UNKNOWN, admin.disable_system, gateway, "nobody")


def test_a_published_package_is_believed_by_stations(gateway):
    file = admin.publish_package(gateway, NewPackage(PackageKind.LIST, "practice-list", CONTENT, expires_on=date(2026, 12, 31)))
    manifest, content = checked_package(file, gateway.trusted)
    assert content == CONTENT
    assert (manifest.version, manifest.expires_on, manifest.package_kind) == (1, "2026-12-31", PackageKind.LIST)


def test_versions_of_a_package_grow(gateway):
    def publish(version: int | None) -> int:
        file = admin.publish_package(gateway, NewPackage(PackageKind.RULES, "rules", CONTENT, version))
        return checked_package(file, gateway.trusted)[0].version

    assert [publish(None), publish(7), publish(None)] == [1, 7, 8]
    refusal(GatewayCode.VERSION_NOT_GREATER, publish, 8)


@pytest.mark.parametrize(("name", "content"), [("Bad Name", CONTENT), ("list", b"\xff\xff")])
def test_content_that_could_not_be_carried_is_not_published(gateway, name, content):
    refusal(GatewayCode.PACKAGE_UNUSABLE, admin.publish_package, gateway, NewPackage(PackageKind.LIST, name, content))


def test_revoking_a_station_that_is_none_is_refused(gateway):
    refusal(GatewayCode.STATION_UNKNOWN, admin.revoke_station, gateway, "nobody")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "查过了"),
        (" ", "查过了"),
        ("王样例", ""),
        ("王样例", "\t "),
        ("王" * 41, "查过了"),
        ("王样例", "查" * 201),
        ("王\n样例", "查过了"),
        ("王样例", "查\u202e过"),
    ],
)
def test_a_confirmation_needs_a_name_and_a_reason_of_a_line(gateway, station, name, reason):
    refusal(GatewayCode.CONFIRMATION_UNUSABLE, admin.confirm_late, gateway, station.station_id, admin.Confirming(name, reason))


def test_only_what_came_after_a_revocation_of_a_known_station_is_confirmed(gateway, station):
    said = admin.Confirming("王样例", "查过了（样本）")
    refusal(GatewayCode.STATION_UNKNOWN, admin.confirm_late, gateway, "nobody", said)
    refusal(GatewayCode.JOURNAL_UNKNOWN, admin.confirm_late, gateway, station.station_id, replace(said, journal_id="ab" * 16))
    station.accept("SF1")
    station.send()
    assert admin.confirm_late(gateway, station.station_id, said) == 0
    with gateway.database.read() as tx:
        assert late.confirmed(tx) == {}
