"""The verbs of whoever runs a gateway: stations, codes, lists, systems. Each is one transaction."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec

from courier_check import typed
from courier_check.errors import UserError
from courier_check.gateway.codes import GatewayCode
from courier_check.gateway.setup import Gateway
from courier_check.gateway.store import late, stations, systems
from courier_check.gateway.store.late import Confirmation
from courier_check.gateway.store.stations import IssuedCode
from courier_check.gateway.store.systems import PublishedPackage, PullSystem
from courier_check.journal.forms import Name
from courier_check.journal.keys import from_text, to_text
from courier_check.wire.certificates import Region, StationPlace, root_fingerprint
from courier_check.wire.enrolment import SECRET_BYTES, Code
from courier_check.wire.packages import Manifest, PackageKind, publish

CODE_LIFETIME = timedelta(hours=24)
LONGEST_NAME, LONGEST_REASON = 40, 200
_REGION_SCOPE = re.compile(r"[0-9]{0,6}")


class _NewStation(msgspec.Struct, frozen=True):
    station_id: Name
    outlet_id: Name
    outlet_name: str
    region: Region


class _NewName(msgspec.Struct, frozen=True):
    name: Name


@dataclass(frozen=True, slots=True)
class NewPackage:
    """数据包 to be published. `version` None: one more than the last; `expires_on` None: it does not expire."""

    kind: PackageKind
    name: str
    content: bytes
    version: int | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Confirming:
    """Who confirms late entries, and why. `journal_id`: only those of this journal."""

    confirmed_by: str
    reason: str
    journal_id: str | None = None


def enrol_code(gateway: Gateway, station_id: str, place: StationPlace) -> str:
    """A one-time code for a new station, valid 24 hours; an unused older code of that station is withdrawn.

    Raises UserError if a name is unusable or the station has a certificate already.
    """
    _check_station(station_id, place)
    code = Code(fingerprint(gateway), gateway.random(SECRET_BYTES))
    now_ms = gateway.now_ms()
    expires_at_ms = now_ms + CODE_LIFETIME // timedelta(milliseconds=1)
    with gateway.database.write() as tx:
        if stations.find(tx, station_id):
            raise UserError(GatewayCode.STATION_ENROLLED, station_id=station_id)
        stations.destroy_expired_secrets(tx, now_ms)
        stations.add_code(tx, IssuedCode(code.code_id, station_id, place, code.secret, expires_at_ms, None, None))
    return code.text()


def revoke_station(gateway: Gateway, station_id: str) -> None:
    """吊销: what the station delivers from now on is stored and flagged, and left out of rates. Raises UserError if it is unknown."""
    with gateway.database.write() as tx:
        if not stations.find(tx, station_id):
            raise UserError(GatewayCode.STATION_UNKNOWN, station_id=station_id)
        stations.revoke(tx, station_id, gateway.now_ms())


def confirm_late(gateway: Gateway, station_id: str, confirming: Confirming) -> int:
    """确认: what the station delivered after its revocation, and nobody has confirmed yet, counts in rates from now on. Returns how many
    entries; where none waits nothing changes. What it delivers later waits for another confirmation.

    Raises UserError for an unknown station or journal, and for a name or reason that says nothing, is too long or more than a line.
    """
    name, reason = confirming.confirmed_by.strip(), confirming.reason.strip()
    if not (_is_line(name, LONGEST_NAME) and _is_line(reason, LONGEST_REASON)):
        raise UserError(GatewayCode.CONFIRMATION_UNUSABLE, name=LONGEST_NAME, reason=LONGEST_REASON)
    with gateway.database.write() as tx:
        if not stations.find(tx, station_id):
            raise UserError(GatewayCode.STATION_UNKNOWN, station_id=station_id)
        if confirming.journal_id is not None and not late.is_journal_of(tx, station_id, confirming.journal_id):
            raise UserError(GatewayCode.JOURNAL_UNKNOWN, station_id=station_id, journal_id=confirming.journal_id[:40])
        return late.confirm(tx, Confirmation(station_id, name, reason, gateway.now_ms()), confirming.journal_id)


def _is_line(text: str, longest: int) -> bool:
    return 0 < len(text) <= longest and text.isprintable()


def publish_package(gateway: Gateway, new: NewPackage) -> bytes:
    """Sign content and give the package file. Raises UserError for unusable content or a version that does not grow."""
    _check_name(new.name, GatewayCode.PACKAGE_UNUSABLE)
    now_ms = gateway.now_ms()
    expires_on = new.expires_on.isoformat() if new.expires_on else None
    with gateway.database.write() as tx:
        last = systems.last_version(tx, new.name)
        version = last + 1 if new.version is None else new.version
        if version <= last:
            raise UserError(GatewayCode.VERSION_NOT_GREATER, name=new.name, version=version, last=last)
        data = sign_package(gateway, new, version)
        sha256 = hashlib.sha256(new.content).hexdigest()
        systems.add_package(tx, PublishedPackage(new.name, version, new.kind.value, sha256, now_ms, expires_on))
    return data


def sign_package(gateway: Gateway, new: NewPackage, version: int) -> bytes:
    """The signed file of content in a version, without writing down that it was published: a delta belongs to the whole package that was.
    Raises UserError for content that is no text."""
    try:
        content = new.content.decode()
    except UnicodeDecodeError as error:
        raise UserError(GatewayCode.PACKAGE_UNUSABLE, name=new.name) from error
    manifest = Manifest(
        gateway_id=gateway.gateway_id,
        package_kind=new.kind,
        name=new.name,
        version=version,
        issued_at_ms=gateway.now_ms(),
        expires_on=new.expires_on.isoformat() if new.expires_on else None,
        content_sha256="",
        content_size=0,
    )
    return msgspec.json.encode(publish(manifest, content, gateway.keys.package))


def add_system(gateway: Gateway, name: str, *, region: str = "", parts: bool = False) -> str:
    """A token for one regulator's system, to be shown once; only its hash is kept.

    `region`: prefix of the county codes it may see, empty for all; `parts`: it may take the reported parts. Raises UserError.
    """
    _check_name(name, GatewayCode.ID_UNUSABLE)
    if not _REGION_SCOPE.fullmatch(region):
        raise UserError(GatewayCode.REGION_UNUSABLE, region=region[:20])
    token = to_text(gateway.random(32))
    system = PullSystem(name, region, parts, gateway.now_ms(), None)
    with gateway.database.write() as tx:
        if systems.find(tx, name):
            raise UserError(GatewayCode.SYSTEM_EXISTS, name=name)
        systems.add(tx, system, token_sha256(token))
    return token


def list_systems(gateway: Gateway) -> list[PullSystem]:
    with gateway.database.read() as tx:
        return systems.all_systems(tx)


def disable_system(gateway: Gateway, name: str) -> None:
    """The system's token is refused from now on. Raises UserError if there is no such system."""
    with gateway.database.write() as tx:
        if not systems.find(tx, name):
            raise UserError(GatewayCode.SYSTEM_UNKNOWN, name=name)
        systems.disable(tx, name, gateway.now_ms())


def fingerprint(gateway: Gateway) -> bytes:
    """What stations pin: the root, 16 bytes."""
    return root_fingerprint(from_text(gateway.trusted.root.public_key))


def token_sha256(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _check_station(station_id: str, place: StationPlace) -> None:
    fields = {"station_id": station_id, **msgspec.to_builtins(place)}
    try:
        typed.convert(fields, _NewStation)
    except msgspec.ValidationError as error:
        raise UserError(GatewayCode.PLACE_UNUSABLE, station_id=station_id[:63]) from error
    if not place.outlet_name.strip():
        raise UserError(GatewayCode.PLACE_UNUSABLE, station_id=station_id[:63])


def _check_name(name: str, code: GatewayCode) -> None:
    try:
        typed.convert({"name": name}, _NewName)
    except msgspec.ValidationError as error:
        raise UserError(code, name=name[:63]) from error
