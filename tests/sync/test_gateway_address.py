"""Where the gateway is looked for may change while the station is open, in whichever program that is said."""

from __future__ import annotations

import msgspec
import pytest

from courier_check.desk.rights import Role, SignedIn
from courier_check.errors import UserError
from courier_check.station import Station
from courier_check.store import inbox
from courier_check.store.identity import save_enrolment
from courier_check.sync.codes import SyncCode
from courier_check.sync.synchroniser import SyncState
from support.clocks import SetClock
from support.gateways import Practice
from support.stations import station_in

ABSENT = "http://127.0.0.1:9"


@pytest.fixture
def supervisor(station: Station) -> SignedIn:
    station.operators().add("0001", Role.SUPERVISOR, "样例", "practice", None)
    return SignedIn("0001", Role.SUPERVISOR)


def test_a_new_address_holds_for_every_program_from_its_next_run_on(
    station: Station, supervisor: SignedIn, practice: Practice, clock: SetClock
) -> None:
    station.move_gateway(ABSENT, supervisor)
    assert station.synchronise().status.code is SyncCode.NO_CONNECTION
    with station_in(station.folder.path, clock) as other:
        other.move_gateway(f"{practice.url}/", supervisor)
    assert station.synchronise().status.state is SyncState.SYNCHRONISED
    assert station.enrolled().enrolment.url == practice.url
    assert inbox.standing(station.database).pending == 0


def test_an_address_alone_makes_nobody_believed(station: Station, supervisor: SignedIn, practice: Practice) -> None:
    before = station.enrolled()
    station.move_gateway(ABSENT, supervisor)
    after = station.enrolled()
    assert msgspec.structs.replace(after.enrolment, url=practice.url) == before.enrolment


@pytest.mark.parametrize("url", ["http://gateway.example", "ftp://127.0.0.1", "https://", "https://a b", "https://g.example/#x", "\n"])
def test_what_can_never_be_spoken_to_is_refused(station: Station, supervisor: SignedIn, url: str) -> None:
    with pytest.raises(UserError) as caught:
        station.move_gateway(url, supervisor)
    assert caught.value.code is SyncCode.URL_NOT_USABLE


def test_a_document_that_another_program_fetched_is_known_from_the_next_run_on(station: Station, clock: SetClock) -> None:
    """Else a window would doubt receipts by a new key until it is opened again, since nothing newer is left to fetch."""
    with station_in(station.folder.path, clock) as other, other.database.write() as tx:
        kept = other.enrolled().enrolment
        save_enrolment(tx, msgspec.structs.replace(kept, gateway=msgspec.structs.replace(kept.gateway, name="另一个名称（虚构）")))
    station.client().close()
    assert station.enrolled().gateway.document.name == "另一个名称（虚构）"
