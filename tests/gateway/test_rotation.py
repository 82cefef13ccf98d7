"""换密钥: new keys under the same root, with stations at work; and what is none."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

import msgspec
import pytest

from courier_check.clock import SystemClock
from courier_check.errors import StoreError, UserError
from courier_check.gateway import keys
from courier_check.gateway.codes import GatewayCode
from courier_check.gateway.rotation import rotate
from courier_check.gateway.setup import Founding, Gateway, init, read_gateway_file, write_gateway_file
from courier_check.station import Station, Surroundings
from courier_check.store import inbox
from courier_check.store.identity import load_identity, save_enrolment
from courier_check.sync import documents
from courier_check.sync.status import SyncState
from courier_check.wire.certificates import Role
from support.clocks import SetClock
from support.gateways import practice_gateway
from support.stations import CHEAP, acceptance, append

DAY_MS = 86_400_000


def change(folder: Path, role: Role) -> str:
    return rotate(folder, role, folder / "root" / "root.key", SystemClock(), secrets.token_bytes).subject_key_id


def receipt_keys(station) -> list[str]:
    (journal_id,) = {row[0] for row in station.database.rows("SELECT journal_id FROM journals")}
    return [signed.key_id for signed in inbox.receipts(station.database, journal_id)]


@pytest.mark.parametrize("role", keys.ROTATING)
def test_a_station_goes_on_with_a_gateway_that_changed_a_key(tmp_path: Path, role: Role) -> None:
    clock, folder = SetClock(), tmp_path / "gateway"
    station = Station.init(tmp_path / "station", "a made-up passphrase", Surroundings(clock, hasher=CHEAP), practice=True)
    with practice_gateway(folder, clock) as gateway:
        station.enrol(gateway.code(), gateway.url)
        append(station, acceptance("SF1010000000015"))
        assert station.synchronise().status.state is SyncState.SYNCHRONISED
        append(station, acceptance("SF1010000000023"))  # sealed to the key that is about to be changed
    fresh = change(folder, role)
    with practice_gateway(folder, clock) as gateway:
        move(station, gateway.url)
        outcome = station.synchronise()
        assert (outcome.status.state, inbox.standing(station.database).pending) == (SyncState.SYNCHRONISED, 0)
        assert inbox.standing(station.database).returned_open == 0, "the gateway could not open what was sealed to its earlier key"
        clock.pass_ms(DAY_MS)
        append(station, acceptance("SF1010000000031"))
        assert station.synchronise().status.state is SyncState.SYNCHRONISED
        identity = station.enrolled()
        assert fresh in {each.subject_key_id for each in identity.gateway.certificates}
        if role is Role.INTAKE:
            append(station, acceptance("SF1010000000049"))
            assert identity.gateway.sealing_key(role).key_id == fresh
            assert station.synchronise().status.state is SyncState.SYNCHRONISED
        assert inbox.standing(station.database).returned_open == 0
        assert station.verify().ok, "receipts of the earlier key"
        if role is Role.RECEIPT:
            assert (receipt_keys(station)[0] != fresh, receipt_keys(station)[1]) == (True, fresh)
    station.close()


def move(station, url: str) -> None:
    """The gateway answers at another port now."""
    with station.database.write() as tx:
        save_enrolment(tx, msgspec.structs.replace(station.enrolled().enrolment, url=url))
    station.identity = load_identity(station.database)


def test_a_document_that_does_not_hold_changes_nothing(tmp_path: Path) -> None:
    """Another gateway at the same address; the earlier document played again after a change; one without the station's issuer."""

    class Answers:
        def __init__(self, document) -> None:
            self.document = document

        def gateway_document(self):
            return self.document

    clock, folder = SetClock(), tmp_path / "gateway"
    station = Station.init(tmp_path / "station", "a made-up passphrase", Surroundings(clock, hasher=CHEAP), practice=True)
    with practice_gateway(folder, clock) as gateway:
        station.enrol(gateway.code(), gateway.url)
    before = station.enrolled().enrolment.gateway
    change(folder, Role.RECEIPT)
    changed = read_gateway_file(folder).document
    init(tmp_path / "other", Founding("gw-test", "样例网关（虚构）", practice=True), clock, secrets.token_bytes)
    other = read_gateway_file(tmp_path / "other").document
    orphaned = msgspec.structs.replace(
        changed, certificates=tuple(each for each in changed.certificates if '"role":"enrolment"' not in each.body)
    )

    def fetched(document) -> bool:
        return documents.fetch(station.database, station.enrolled(), Answers(document), 0)  # type: ignore[arg-type]  # its one method

    assert [fetched(each) for each in (other, orphaned, before)] == [False, False, False]
    assert fetched(changed)
    station.identity = load_identity(station.database)
    assert not fetched(before), "the earlier document was taken back"
    station.close()


def test_a_gateway_does_not_start_with_a_key_that_nobody_certified(tmp_path: Path) -> None:
    clock, folder = SystemClock(), tmp_path / "gateway"
    init(folder, Founding("gw-test", "样例网关（虚构）", practice=True), clock, secrets.token_bytes)
    file = read_gateway_file(folder)
    change(folder, Role.RECEIPT)
    write_gateway_file(folder, file)  # the gateway that forgot to say so
    with pytest.raises(StoreError) as caught:
        Gateway.open(folder, clock, secrets.token_bytes)
    assert caught.value.code == GatewayCode.KEYS_UNUSABLE


@pytest.mark.parametrize("cut", ["written", "certified", "moved"])
def test_a_change_that_was_cut_off_leaves_one_key_or_the_other(tmp_path: Path, cut: str) -> None:
    clock, folder = SystemClock(), tmp_path / "gateway"
    init(folder, Founding("gw-test", "样例网关（虚构）", practice=True), clock, secrets.token_bytes)
    shutil.copytree(folder, tmp_path / "whole")
    fresh = change(tmp_path / "whole", Role.RECEIPT)
    earlier = keys.KeyRing.load(folder / "keys").receipt.key_id
    shutil.copy(tmp_path / "whole" / "keys" / "receipt.key", folder / "keys" / "receipt-next.key")
    if cut != "written":
        write_gateway_file(folder, read_gateway_file(tmp_path / "whole"))
    if cut == "moved":
        (folder / "keys" / "receipt.key").rename(folder / "keys" / keys.earlier_name(Role.RECEIPT, earlier))
    with Gateway.open(folder, clock, secrets.token_bytes) as gateway:
        assert gateway.keys.receipt.key_id == (earlier if cut == "written" else fresh)
    assert not (folder / "keys" / "receipt-next.key").exists()


def test_another_root_and_other_roles_are_refused(tmp_path: Path) -> None:
    clock = SystemClock()
    for name in ("gateway", "other"):
        init(tmp_path / name, Founding("gw-test", "样例网关（虚构）", practice=True), clock, secrets.token_bytes)
    before = read_gateway_file(tmp_path / "gateway")
    foreign = tmp_path / "other" / "root" / "root.key"
    with pytest.raises(UserError) as caught:
        rotate(tmp_path / "gateway", Role.RECEIPT, foreign, clock, secrets.token_bytes)
    assert caught.value.code == GatewayCode.ROOT_KEY_FOREIGN
    with pytest.raises(UserError) as caught:
        change(tmp_path / "gateway", Role.REGULATOR)
    assert caught.value.code == GatewayCode.ROLE_FIXED
    own = tmp_path / "gateway" / "keys" / "receipt.key"
    for none in (tmp_path / "absent.key", own):  # what is to be brought is the root key; the keys folder is whole
        with pytest.raises(UserError) as caught:
            rotate(tmp_path / "gateway", Role.RECEIPT, none, clock, secrets.token_bytes)
        assert caught.value.code == GatewayCode.ROOT_KEY_FOREIGN
    assert read_gateway_file(tmp_path / "gateway") == before
