"""An attacker who carries the stick: what was edited, signed by another, or meant for somebody else is refused whole."""

from __future__ import annotations

import hashlib
import io
import secrets
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from courier_check.errors import UserError
from courier_check.gateway import admin
from courier_check.gateway.bundles import opened_bundle, write_answers
from courier_check.gateway.certify import certify
from courier_check.gateway.setup import Founding, Gateway, init
from courier_check.journal.keys import SigningKey
from courier_check.station import PRACTICE_PASSPHRASE, PROGRAM, Station, Surroundings
from courier_check.store import inbox
from courier_check.sync.bundles import Bundles
from courier_check.wire.archives import MANIFEST, ArchiveBody, ArchiveFile, What, station_name
from courier_check.wire.certificates import StationPlace
from courier_check.wire.signed import Signed, read, sign
from support import snapshots
from support.clocks import SetClock
from support.pki import secret
from support.stations import CHEAP, acceptance, append, station_in

pytestmark = pytest.mark.slow

STRANGER = SigningKey(secret("an attacker"))
Files = dict[str, bytes]


@dataclass(frozen=True)
class Side:
    """A gateway and a station of it that has a parcel to report; not connected but by the attacker's stick."""

    gateway: Gateway
    station: Station

    @property
    def bundles(self) -> Bundles:
        return Bundles(self.station.database, self.station.enrolled(), self.station.clock, PROGRAM, {})

    def bundle(self) -> bytes:
        target = io.BytesIO()
        self.bundles.bundle(target, self.bundles.pending())
        return target.getvalue()

    def import_bundle(self, data: bytes) -> bytes:
        """The answers. Raises UserError."""
        target = io.BytesIO()
        with opened_bundle(self.gateway, io.BytesIO(data)) as bundle:
            receipts = [each.receipt for each in bundle.take() if each.receipt is not None]
            write_answers(self.gateway, bundle.station_id, receipts, target)
        return target.getvalue()


STATIONS = (("own", "zz-jinshui-01", "gateway"), ("neighbour", "zz-jinshui-02", "gateway"), ("namesake", "zz-jinshui-01", "elsewhere"))
"""Folder, station and gateway: a station; its neighbour; a station of the same name at another gateway of the same name."""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the gateways and of their stations, to be copied."""
    made, clock = tmp_path_factory.mktemp("sides"), SetClock(SetClock.wall_ms - 500, 500)
    for name in ("gateway", "elsewhere"):
        init(made / name, Founding("gw-test", "样例网关（虚构）", practice=True), clock, secrets.token_bytes)
    for folder, station_id, name in STATIONS:
        with (
            Gateway.open(made / name, clock, secrets.token_bytes) as gateway,
            Station.init(made / folder, PRACTICE_PASSPHRASE, Surroundings(clock, hasher=CHEAP), practice=True) as station,
        ):
            place = StationPlace(outlet_id="zz-jinshui", outlet_name="样例金水网点", region="410105")
            code = admin.enrol_code(gateway, station_id, place)
            station.enrol_by_file(certify(gateway, station.enrolment_request(code)), "http://127.0.0.1:9")
            append(station, acceptance(f"SF100000000000{len(folder) % 10}"))
    return made


@pytest.fixture
def sides(tmp_path: Path, clock: SetClock, folders: Path) -> Iterator[tuple[Side, ...]]:
    shutil.copytree(folders, tmp_path, dirs_exist_ok=True)
    with ExitStack() as stack:
        gateways = {
            name: stack.enter_context(Gateway.open(tmp_path / name, clock, secrets.token_bytes)) for name in ("gateway", "elsewhere")
        }
        yield tuple(Side(gateways[name], stack.enter_context(station_in(tmp_path / folder, clock))) for folder, _, name in STATIONS)


def unpacked(data: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        return {name: held.read(name) for name in held.namelist()}


def packed(files: Files) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as held:
        for name, data in files.items():
            held.writestr(name, data)
    return target.getvalue()


def relisted(files: Files, key: SigningKey, **changes: Any) -> bytes:
    """The files as they are now, listed and signed anew."""
    others = {name: data for name, data in files.items() if name != MANIFEST}
    listed = tuple(ArchiveFile(name=n, sha256=hashlib.sha256(d).hexdigest(), size=len(d)) for n, d in sorted(others.items()))
    body = msgspec.structs.replace(manifest(files), files=listed, **changes)
    return packed({MANIFEST: msgspec.json.encode(sign(body, key)), **others})


def manifest(files: Files) -> ArchiveBody:
    return read(msgspec.json.decode(files[MANIFEST], type=Signed), ArchiveBody)


def without(files: Files, start: str) -> Files:
    return {name: data for name, data in files.items() if not name.startswith(start)}


def flipped(files: Files, start: str, word: bytes) -> Files:
    """One bit changed in the middle of a file, right behind a word."""
    name = next(name for name in files if name.startswith(start))
    spot = files[name].index(word) + len(word) + 3
    data = files[name][:spot] + bytes([files[name][spot] ^ 1]) + files[name][spot + 1 :]
    return {**files, name: data}


def renamed(files: Files, key: SigningKey) -> bytes:
    """Signed by one key, naming the one that was there."""
    signed = msgspec.json.decode(unpacked(relisted(files, key))[MANIFEST], type=Signed)
    held = msgspec.json.decode(files[MANIFEST], type=Signed)
    return packed({**files, MANIFEST: msgspec.json.encode(msgspec.structs.replace(signed, key_id=held.key_id))})


Edit = Callable[[Files, tuple[Side, ...]], bytes]
OF_ANY: dict[str, Edit] = {
    "torn": lambda files, _sides: packed(files)[:-40],
    "cut short": lambda files, _sides: packed(files)[:300],
    "empty": lambda _files, _sides: b"",
    "a file left out": lambda files, _sides: packed(without(files, "stations/")),
    "a file more": lambda files, _sides: packed({**files, "README.txt": b"read me"}),
    "an edited file": lambda files, _sides: packed(flipped(files, "gateway", b'"name":"')),
    "no manifest": lambda files, _sides: packed(without(files, MANIFEST)),
    "signed by a stranger": lambda files, _sides: relisted(files, STRANGER),
    "signed by a stranger in the signer's name": lambda files, _sides: renamed(files, STRANGER),
    "signed by the neighbour": lambda files, sides: relisted(files, sides[1].station.enrolled().keys.signing),
    "signed by another gateway": lambda files, sides: relisted(files, sides[2].gateway.keys.receipt),
    "signed by the key for certificates": lambda files, sides: relisted(files, sides[0].gateway.keys.enrolment),
}
OF_BUNDLES: dict[str, Edit] = {
    "an edited batch": lambda files, _sides: packed(flipped(files, "batches/", b'"signature":"')),
    "signed by the neighbour as its own": lambda files, sides: relisted(
        files, sides[1].station.enrolled().keys.signing, maker=sides[1].station.enrolled().certificate.subject
    ),
    "with the neighbour's certificate, as its own": lambda files, sides: _as_the_neighbours(files, sides[1]),
    "another gateway's": lambda _files, sides: sides[2].bundle(),
    "another gateway's, with this gateway's document": lambda files, sides: relisted(
        {**unpacked(sides[2].bundle()), "gateway.json": files["gateway.json"]}, sides[2].station.enrolled().keys.signing
    ),
    "answers in place of a bundle": lambda files, sides: relisted(
        without(files, "batches/"), sides[0].gateway.keys.receipt, what=What.ANSWERS
    ),
}
OF_ANSWERS: dict[str, Edit] = {
    "an edited receipt": lambda files, _sides: packed(flipped(files, "receipts/", b'"signature":"')),
    "the neighbour's answers": lambda _files, sides: sides[1].import_bundle(sides[1].bundle()),
    "another gateway's answers": lambda _files, sides: sides[2].import_bundle(sides[2].bundle()),
    "the neighbour's receipts among its own": lambda files, sides: relisted(
        {**without(files, "receipts/"), **_receipts(sides[1].import_bundle(sides[1].bundle()))}, sides[0].gateway.keys.receipt
    ),
    "another gateway's receipts among its own": lambda files, sides: relisted(
        {**without(files, "receipts/"), **_receipts(sides[2].import_bundle(sides[2].bundle()))}, sides[0].gateway.keys.receipt
    ),
    "a bundle in place of answers": lambda _files, sides: sides[0].bundle(),
}


def _as_the_neighbours(files: Files, neighbour: Side) -> bytes:
    own = neighbour.station.enrolled()
    certificate = msgspec.json.encode(own.enrolment.certificate)
    ranges = tuple(msgspec.structs.replace(each, station_id=own.certificate.subject) for each in manifest(files).ranges)
    swapped = {**without(files, "stations/"), station_name(own.certificate.subject): certificate}
    return relisted(swapped, own.keys.signing, maker=own.certificate.subject, ranges=ranges)


def _receipts(answers: bytes) -> Files:
    return {name: data for name, data in unpacked(answers).items() if name.startswith("receipts/")}


@pytest.mark.parametrize("how", [*OF_ANY, *OF_BUNDLES])
def test_an_edited_bundle_stores_nothing(sides: tuple[Side, ...], how: str) -> None:
    own, bundle = sides[0], sides[0].bundle()
    edited = {**OF_ANY, **OF_BUNDLES}[how](unpacked(bundle), sides)
    before = [snapshots.of_gateway(side.gateway) for side in sides]
    with pytest.raises(UserError):
        own.import_bundle(edited)
    assert [snapshots.of_gateway(side.gateway) for side in sides] == before
    own.bundles.take_answers(io.BytesIO(own.import_bundle(bundle)))
    assert inbox.standing(own.station.database).pending == 0


@pytest.mark.parametrize("how", [*OF_ANY, *OF_ANSWERS])
def test_edited_answers_acknowledge_nothing(sides: tuple[Side, ...], how: str) -> None:
    own = sides[0]
    answers = own.import_bundle(own.bundle())
    edited = {**OF_ANY, **OF_ANSWERS}[how](unpacked(answers), sides)
    before = snapshots.of_station(own.station)
    with pytest.raises(UserError):
        own.bundles.take_answers(io.BytesIO(edited))
    assert snapshots.of_station(own.station) == before
    own.bundles.take_answers(io.BytesIO(answers))
    assert inbox.standing(own.station.database).pending == 0


def test_a_bundle_carried_twice_and_its_answers_twice_change_nothing(sides: tuple[Side, ...]) -> None:
    own, bundle = sides[0], sides[0].bundle()
    answers = own.import_bundle(bundle)
    own.bundles.take_answers(io.BytesIO(answers))
    before = snapshots.of_gateway(own.gateway), snapshots.of_station(own.station)
    assert _receipts(own.import_bundle(bundle)) == _receipts(answers)
    own.bundles.take_answers(io.BytesIO(answers))
    assert (snapshots.of_gateway(own.gateway), snapshots.of_station(own.station)) == before
