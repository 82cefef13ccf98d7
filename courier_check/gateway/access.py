"""Who asks: stations by their signature, regulators' systems by their token."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import NoReturn

from courier_check.gateway.admin import token_sha256
from courier_check.gateway.problems import Refused
from courier_check.gateway.setup import Gateway
from courier_check.gateway.store import stations, systems
from courier_check.gateway.store.stations import KnownStation
from courier_check.gateway.store.systems import PullSystem
from courier_check.journal.codes import JournalError
from courier_check.journal.keys import VerifyingKey
from courier_check.wire.problems import ProblemCode
from courier_check.wire.requests import Authorization, Call


@dataclass(frozen=True, slots=True)
class Caller:
    """The station that signed a request, and the time it wrote on it."""

    station: KnownStation
    at_ms: int


def authentic_station(gateway: Gateway, call: Call, header: str | None) -> Caller:
    """The station that signed this call. Raises Refused."""
    try:
        claimed = Authorization.parse(header or "")
    except JournalError as error:
        raise Refused(ProblemCode.NOT_AUTHENTIC, "Authorization") from error
    with gateway.database.read() as tx:
        station = stations.find(tx, claimed.station_id)
    if station is None:
        raise Refused(ProblemCode.UNKNOWN_STATION)
    try:
        claimed.verify(call, VerifyingKey(station.public_key))
    except JournalError as error:
        raise Refused(ProblemCode.NOT_AUTHENTIC) from error
    return Caller(station, claimed.at_ms)


def bearer_system(gateway: Gateway, header: str | None) -> PullSystem:
    """The system whose token this is. Raises Refused."""
    scheme, _, token = (header or "").partition(" ")
    return _system(gateway, token.strip()) if scheme.lower() == "bearer" else _nobody()


def basic_system(gateway: Gateway, header: str | None) -> PullSystem:
    """As `bearer_system`, with name and token as a browser sends them."""
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return _nobody()
    try:
        name, _, token = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return _nobody()
    system = _system(gateway, token)
    return system if system.name == name else _nobody()


def region_in_scope(system: PullSystem, region: str) -> str:
    """The region to look at: the one asked for, or all the system may see. Raises Refused for one outside its scope."""
    if not region:
        return system.region
    if not region.startswith(system.region):
        raise Refused(ProblemCode.NOT_FOUND, f"region {region} is outside {system.region}")
    return region


def _system(gateway: Gateway, token: str) -> PullSystem:
    with gateway.database.read() as tx:
        return systems.by_token(tx, token_sha256(token)) or _nobody()


def _nobody() -> NoReturn:
    raise Refused(ProblemCode.NOT_AUTHENTIC, "token")
