"""Gateway documents that lack certificates, or whose unsigned members say other things than the root's list (docs/wire.md §2)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from courier_check.journal.codes import JournalError
from courier_check.journal.keys import SigningKey
from courier_check.station import Station
from courier_check.store.identity import StationIdentity, load_identity, save_enrolment
from courier_check.sync import documents
from courier_check.wire.certificates import Certificate, GatewayDocument, KeysInForce, Role, root_fingerprint, trust
from courier_check.wire.signed import Signed, read, sign
from support.pki import MadeUpGateway, secret
from support.stations import new_station

MADE_UP = MadeUpGateway()
PLAIN = MADE_UP.document()
LATER_KEY, NEWEST_KEY = (SigningKey(secret(f"{name} receipt key")) for name in ("later", "newest"))


def certificate(key: SigningKey, serial: int) -> Signed:
    body = read(MADE_UP.certificate(Role.RECEIPT, key.public, key.key_id), Certificate)
    return sign(msgspec.structs.replace(body, serial=serial, not_before_ms=serial), MADE_UP.root)


def listed(certificates: tuple[Signed, ...], serial: int, *, without: str = "") -> Signed:
    """The root's list of the keys of these certificates."""
    keys = tuple(key for each in certificates if (key := read(each, Certificate).subject_key_id) != without)
    return sign(KeysInForce(gateway_id=PLAIN.gateway_id, serial=serial, keys=keys), MADE_UP.root)


def changed(document: GatewayDocument, **members: Any) -> GatewayDocument:
    return msgspec.structs.replace(document, **members)


FIRST, LATER, NEWEST = PLAIN.certificates[1], certificate(LATER_KEY, 2), certificate(NEWEST_KEY, 3)
ROTATED = changed(PLAIN, certificates=(*PLAIN.certificates, LATER))
IN_FORCE = (*(each for each in PLAIN.certificates if each != FIRST), LATER)
WITHDRAWN = changed(PLAIN, certificates=IN_FORCE, keys=listed(IN_FORCE, 1), withdrawn=(FIRST,))
TWICE_IN_FORCE = (*(each for each in IN_FORCE if each != LATER), NEWEST)
TWICE_WITHDRAWN = changed(PLAIN, certificates=TWICE_IN_FORCE, keys=listed(TWICE_IN_FORCE, 2), withdrawn=(FIRST, LATER))


class Line:
    """A gateway that answers with whatever was put on the line. One method of a client's."""

    def __init__(self, document: GatewayDocument) -> None:
        self._document = document

    def gateway_document(self) -> GatewayDocument:
        return self._document


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    with new_station(tmp_path / "station", MADE_UP) as opened:
        yield opened


def keep(station: Station, document: GatewayDocument) -> StationIdentity:
    """As it was kept by a program that asked for less."""
    with station.database.write() as tx:
        save_enrolment(tx, msgspec.structs.replace(station.enrolled().enrolment, gateway=document))
    station.identity = load_identity(station.database)
    return station.enrolled()


def fetched(station: Station, document: GatewayDocument) -> bool:
    kept = documents.fetch(station.database, station.enrolled(), Line(document), 0)  # type: ignore[arg-type]
    station.identity = load_identity(station.database)
    return kept


def bodies(document: GatewayDocument) -> set[str]:
    return {each.body for each in (*document.certificates, *(document.withdrawn or ()))}


def receipt_keys(station: Station) -> set[str]:
    return set(station.enrolled().gateway.held_keys(Role.RECEIPT))


def test_a_document_that_leaves_out_a_withdrawn_certificate_takes_none_away(station: Station) -> None:
    keep(station, WITHDRAWN)
    assert not fetched(station, changed(WITHDRAWN, withdrawn=()))
    assert station.enrolled().gateway.document == WITHDRAWN


def test_a_document_that_leaves_out_an_earlier_certificate_takes_none_away(station: Station) -> None:
    keep(station, ROTATED)
    assert not fetched(station, changed(ROTATED, certificates=tuple(each for each in ROTATED.certificates if each != FIRST)))
    assert len(receipt_keys(station)) == 2


def test_a_newer_document_that_was_shortened_is_kept_with_what_it_lacks(station: Station) -> None:
    keep(station, WITHDRAWN)
    assert fetched(station, changed(TWICE_WITHDRAWN, withdrawn=()))
    gateway = station.enrolled().gateway
    assert set(gateway.verifying_keys(Role.RECEIPT)) == {NEWEST_KEY.key_id}, "the list says which are in force"
    assert len(receipt_keys(station)) == 3
    assert not fetched(station, TWICE_WITHDRAWN), "nothing is new in it"


def test_a_certificate_that_the_new_list_leaves_out_counts_as_withdrawn(station: Station) -> None:
    keep(station, ROTATED)
    assert fetched(station, changed(WITHDRAWN, withdrawn=()))
    gateway = station.enrolled().gateway
    assert set(gateway.verifying_keys(Role.RECEIPT)) == {LATER_KEY.key_id}
    assert [read(each, Certificate).serial for each in gateway.document.withdrawn or ()] == [1]


@pytest.mark.parametrize(
    ("harmed", "honest"),
    [
        (changed(WITHDRAWN, withdrawn=()), WITHDRAWN),
        (changed(WITHDRAWN, withdrawn=msgspec.UNSET), WITHDRAWN),
        (changed(ROTATED, certificates=tuple(each for each in ROTATED.certificates if each != FIRST)), ROTATED),
        (changed(WITHDRAWN, withdrawn=(FIRST, LATER)), WITHDRAWN),
    ],
)
def test_a_station_that_kept_a_shortened_one_has_all_after_the_next(
    station: Station, harmed: GatewayDocument, honest: GatewayDocument
) -> None:
    keep(station, harmed)
    assert fetched(station, honest)
    assert bodies(station.enrolled().gateway.document) == bodies(honest)
    assert set(station.enrolled().gateway.verifying_keys(Role.RECEIPT)) >= {LATER_KEY.key_id}


def test_what_was_kept_before_is_read_and_passed_on_as_it_must_be(station: Station) -> None:
    """`withdrawn` alone decides nothing: what the root's list names is in force, and without a list all are."""
    (issued,) = (each for each in PLAIN.certificates if '"role":"package"' in each.body)
    kept = keep(station, changed(WITHDRAWN, certificates=tuple(each for each in IN_FORCE if each != issued), withdrawn=(FIRST, issued)))
    assert kept.gateway.verifying_keys(Role.PACKAGE)
    trust(kept.gateway.document, kept.enrolment.fingerprint)
    assert keep(station, changed(ROTATED, withdrawn=())).gateway.document == ROTATED


WRONG: dict[str, GatewayDocument] = {
    "a list and no `withdrawn`": changed(WITHDRAWN, withdrawn=msgspec.UNSET),
    "`withdrawn` and no list": changed(WITHDRAWN, keys=msgspec.UNSET),
    "an empty `withdrawn` and no list": changed(PLAIN, withdrawn=()),
    "a list without the root": changed(WITHDRAWN, keys=listed(IN_FORCE, 1, without=MADE_UP.root.key_id)),
    "a key in force among the withdrawn": changed(WITHDRAWN, certificates=IN_FORCE[:-1], withdrawn=(FIRST, LATER)),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_document_whose_members_contradict_the_list_is_refused(name: str, station: Station) -> None:
    with pytest.raises(JournalError):
        trust(WRONG[name], root_fingerprint(MADE_UP.root.public))
    assert documents.believed(station.enrolled(), WRONG[name]) is None


@pytest.mark.parametrize("document", [PLAIN, ROTATED, WITHDRAWN, TWICE_WITHDRAWN, changed(WITHDRAWN, withdrawn=())])
def test_honest_documents_hold(document: GatewayDocument) -> None:
    assert trust(document, root_fingerprint(MADE_UP.root.public)).document == document
