"""凭证照片 at the gateway: what is taken in, what is refused, what an attacker gets."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courier_check.errors import StoreError
from courier_check.gateway import evidence as verbs
from courier_check.gateway.admin import revoke_station
from courier_check.gateway.evidence_files import Arriving, EvidenceFolder
from courier_check.gateway.problems import Refused
from courier_check.journal.codes import JournalError
from courier_check.journal.entries import Author, Draft, EvidenceRef, Place, Times, compose
from courier_check.wire.evidence import (
    CHUNK_BYTES,
    MOST_SEALED,
    SEALED_MORE,
    EvidenceFile,
    EvidencePart,
    EvidenceRequest,
    checked_held,
)
from courier_check.wire.problems import ProblemCode
from courier_check.wire.requests import Call
from courier_check.wire.signed import Signed, sign
from support.disks import fill_up, small_disk
from support.pki import secret
from support.practice import TIMEOUT_S, Practice, problem_of
from support.sample_journals import as_stored

NONCE = "0f" * 16
PHOTO = b"\xff\xd8 made up"
SEALED = bytes(range(200)) * 3
OTHER = bytes(reversed(SEALED))


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def names_a_photo(station: Practice, size: int = len(SEALED) - SEALED_MORE, name: str = "photo-1") -> int:
    """An entry that names a photo, delivered; its seq. Whether the bytes are really the photo only its key tells, which no gateway has."""
    place = Place(station.journal_id, len(station.entries) + 1, station.hashes[-1])
    ref = EvidenceRef(media_type="image/jpeg", name=name, sha256=sha(PHOTO), size=size)
    times = Times(boot_id="boot", mono_ms=1, trusted_ms=None, wall_ms=station.clock.read().wall_ms)
    author: Author = station.author
    made = compose(Draft("refusal", "c07", {}, {}, evidence=(ref,)), place, author, times, lambda count: secret(f"{place}")[:count])
    station.entries.append(as_stored(made))
    station.hashes.append(made.entry.hash)
    station.send()
    return place.seq


def statement(station: Practice, seq: int, **changes: Any) -> EvidenceFile:
    stated = EvidenceFile(
        gateway_id=station.gateway.root.gateway_id,
        station_id=station.station_id,
        journal_id=station.journal_id,
        seq=seq,
        name="photo-1",
        sha256=sha(PHOTO),
        sealed_sha256=sha(SEALED),
        sealed_size=len(SEALED),
    )
    return msgspec.structs.replace(stated, **changes)


def ask(station: Practice, stated: EvidenceFile, by: Practice | None = None) -> requests.Response:
    """`by`: who signs the statement, if not the station that asks."""
    body = msgspec.json.encode(EvidenceRequest(nonce=NONCE, statement=sign(stated, (by or station).key)))
    return requests.post(
        f"{station.url}/v1/evidence", data=body, headers=station.signed(Call("POST", "/v1/evidence", body)), timeout=TIMEOUT_S
    )


def held(station: Practice, stated: EvidenceFile) -> int:
    response = ask(station, stated)
    assert response.status_code == 200, response.text
    return checked_held(msgspec.json.decode(response.content, type=Signed), stated, NONCE, station.gateway).held


def put(station: Practice, data: bytes, offset: int | str = 0, digest: str = sha(SEALED), **headers: str) -> requests.Response:
    path = f"/v1/evidence/{digest}?offset={offset}"
    return requests.put(station.url + path, data=data, headers={**station.signed(Call("PUT", path, data)), **headers}, timeout=TIMEOUT_S)


def put_held(station: Practice, data: bytes, offset: int = 0, digest: str = sha(SEALED)) -> int:
    response = put(station, data, offset, digest)
    assert response.status_code == 200, response.text
    return msgspec.json.decode(response.content, type=EvidencePart).held


def test_chunks_make_a_file_with_the_name_of_its_digest(gateway, station):
    stated = statement(station, names_a_photo(station))
    assert held(station, stated) == 0
    assert put_held(station, SEALED[:100]) == 100
    assert held(station, stated) == 100
    assert put_held(station, SEALED[100:], 100) == len(SEALED)
    assert held(station, stated) == len(SEALED)
    assert gateway.evidence.path(sha(SEALED)).read_bytes() == SEALED
    (photo,) = verbs.photos(gateway, None)
    assert (photo.station_id, photo.held) == (station.station_id, True)
    assert photo.stated is not None
    assert photo.stated.held_at_ms is not None
    assert verbs.statement_of(gateway, photo) == sign(stated, station.key)


def test_what_comes_twice_or_elsewhere_changes_nothing(gateway, station):
    stated = statement(station, names_a_photo(station))
    held(station, stated)
    assert put_held(station, SEALED[:100]) == 100
    assert put_held(station, SEALED[:100]) == 100
    assert put_held(station, SEALED[300:400], 300) == 100
    assert put_held(station, SEALED[50:150], 50) == 100
    assert put_held(station, SEALED[100:], 100) == len(SEALED)
    assert put_held(station, SEALED[:100]) == len(SEALED)
    assert put_held(station, b"") == len(SEALED)
    assert gateway.evidence.path(sha(SEALED)).read_bytes() == SEALED


def test_two_requests_at_once_make_one_file(gateway, station):
    held(station, statement(station, names_a_photo(station)))
    threads = [threading.Thread(target=put, args=(station, SEALED[at : at + 150], at)) for at in range(0, 600, 150) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    come = held(station, statement(station, 2))
    while come < len(SEALED):
        come = put_held(station, SEALED[come : come + 150], come)
    assert gateway.evidence.path(sha(SEALED)).read_bytes() == SEALED


def test_a_compressed_chunk_is_signed_before_compression(station):
    held(station, statement(station, names_a_photo(station)))
    path = f"/v1/evidence/{sha(SEALED)}?offset=0"
    headers = {**station.signed(Call("PUT", path, SEALED)), "Content-Encoding": "gzip"}
    assert requests.put(station.url + path, data=gzip.compress(SEALED), headers=headers, timeout=TIMEOUT_S).status_code == 200


REFUSED: dict[str, tuple[dict[str, Any], ProblemCode]] = {
    "another gateway": ({"gateway_id": "gw-other"}, ProblemCode.WRONG_GATEWAY),
    "another station": ({"station_id": "zz-other"}, ProblemCode.WRONG_GATEWAY),
    "an entry not held": ({"seq": 99}, ProblemCode.ENTRY_NOT_HELD),
    "a journal not held": ({"journal_id": "f" * 32}, ProblemCode.ENTRY_NOT_HELD),
    "an entry without photos": ({"seq": 1}, ProblemCode.EVIDENCE_UNNAMED),
    "another name": ({"name": "photo-2"}, ProblemCode.EVIDENCE_UNNAMED),
    "another photo": ({"sha256": sha(b"")}, ProblemCode.EVIDENCE_UNNAMED),
    "another size": ({"sealed_size": len(SEALED) + 1}, ProblemCode.EVIDENCE_UNNAMED),
    "too large": ({"sealed_size": MOST_SEALED + 1}, ProblemCode.TOO_LARGE),
}


@pytest.mark.parametrize(("changes", "code"), REFUSED.values(), ids=REFUSED)
def test_a_statement_that_does_not_fit_is_refused_by_name_and_nothing_is_taken_for_it(gateway, station, changes, code):
    seq = names_a_photo(station)
    assert problem_of(ask(station, statement(station, **{"seq": seq, **changes}))).code is code
    assert problem_of(put(station, SEALED)).code is ProblemCode.NOT_FOUND
    assert not gateway.evidence.path("00").parent.parent.exists()


def test_who_did_not_sign_gets_nothing(gateway, station, enrol):
    seq, other = names_a_photo(station), enrol("zz-other-01")
    stated = statement(station, seq)
    assert problem_of(ask(station, stated, by=other)).code is ProblemCode.BAD_SIGNATURE
    assert problem_of(ask(other, stated)).code is ProblemCode.WRONG_GATEWAY  # it speaks for another station
    assert problem_of(ask(other, stated, by=station)).code is ProblemCode.BAD_SIGNATURE
    assert problem_of(ask(other, statement(other, seq, journal_id=station.journal_id))).code is ProblemCode.WRONG_GATEWAY
    body = msgspec.json.encode(EvidenceRequest(nonce=NONCE, statement=sign(stated, station.key)))
    assert requests.post(f"{station.url}/v1/evidence", data=body, timeout=TIMEOUT_S).status_code == 401
    held(station, stated)
    assert problem_of(put(other, SEALED)).code is ProblemCode.NOT_FOUND
    path = f"/v1/evidence/{sha(SEALED)}?offset="
    played = station.signed(Call("PUT", path + "0", SEALED))
    for url, data in ((path + "1", SEALED), (path + "0", OTHER)):
        answer = requests.put(station.url + url, data=data, headers=played, timeout=TIMEOUT_S)
        assert problem_of(answer).code is ProblemCode.NOT_AUTHENTIC
    assert held(station, stated) == 0


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b'{"kind":"evidence-request","v":1,"nonce":"0","statement":{}}'])
def test_what_is_no_question_is_malformed(station, body):
    response = requests.post(
        f"{station.url}/v1/evidence", data=body, headers=station.signed(Call("POST", "/v1/evidence", body)), timeout=TIMEOUT_S
    )
    assert problem_of(response).code is ProblemCode.MALFORMED


@pytest.mark.parametrize(
    ("digest", "offset"),
    [("0" * 63, 0), ("A" * 64, 0), ("..%2F..%2Fgateway.json", 0), (sha(SEALED), -1), (sha(SEALED), "x"), (sha(SEALED), "")],
)
def test_addresses_of_another_form_reach_no_file(station, digest, offset):
    held(station, statement(station, names_a_photo(station)))
    assert put(station, SEALED, offset, digest).status_code in (400, 404)


def test_more_than_was_announced_and_more_than_a_chunk_are_refused(station):
    stated = statement(station, names_a_photo(station, 2 * CHUNK_BYTES), sealed_size=2 * CHUNK_BYTES + SEALED_MORE)
    held(station, stated)
    assert problem_of(put(station, bytes(CHUNK_BYTES + 1))).code is ProblemCode.TOO_LARGE
    assert put_held(station, bytes(CHUNK_BYTES)) == CHUNK_BYTES
    assert put_held(station, bytes(CHUNK_BYTES), CHUNK_BYTES) == 2 * CHUNK_BYTES
    assert problem_of(put(station, bytes(SEALED_MORE + 1), 2 * CHUNK_BYTES)).code is ProblemCode.TOO_LARGE
    assert held(station, stated) == 2 * CHUNK_BYTES


def test_another_digest_at_the_end_throws_it_away(gateway, station):
    stated = statement(station, names_a_photo(station))
    held(station, stated)
    put_held(station, OTHER[:100])
    assert problem_of(put(station, SEALED[100:], 100)).code is ProblemCode.BAD_DIGEST
    assert held(station, stated) == 0
    assert put_held(station, SEALED) == len(SEALED)


def test_another_station_can_not_spoil_what_is_on_its_way(station, enrol):
    """It may claim the same bytes for an entry of its own; what it sends stands beside."""
    other = enrol("zz-other-01")
    mine, theirs = statement(station, names_a_photo(station)), statement(other, names_a_photo(other))
    assert (held(station, mine), held(other, theirs)) == (0, 0)
    put_held(station, SEALED[:100])
    put_held(other, OTHER[:300])
    assert (held(station, mine), held(other, theirs)) == (100, 300)
    assert put_held(station, SEALED[100:], 100) == len(SEALED)
    assert held(other, theirs) == len(SEALED)  # the same bytes, whoever brought them


def test_a_photo_has_one_sealed_file_and_a_new_statement_takes_the_place_of_one_not_kept(gateway, station):
    seq = names_a_photo(station)
    first, second = statement(station, seq, sealed_sha256=sha(OTHER)), statement(station, seq)
    held(station, first)
    put_held(station, OTHER[:100], digest=sha(OTHER))
    held(station, second)
    assert problem_of(put(station, OTHER[100:], 100, sha(OTHER))).code is ProblemCode.NOT_FOUND
    assert list(gateway.evidence.path("00").parent.parent.glob("incoming/*/*")) == []
    put_held(station, SEALED)
    assert problem_of(ask(station, first)).code is ProblemCode.EVIDENCE_DIFFERS
    assert held(station, second) == len(SEALED)


def test_a_file_that_rots_or_is_gone_is_asked_for_again(gateway, station):
    stated = statement(station, names_a_photo(station))
    held(station, stated)
    put_held(station, SEALED)
    gateway.evidence.path(sha(SEALED)).write_bytes(OTHER)
    assert held(station, stated) == 0
    (photo,) = verbs.photos(gateway, None)
    assert (photo.held, photo.stated.held_at_ms) == (False, None)
    put_held(station, SEALED)
    gateway.evidence.path(sha(SEALED)).unlink()
    assert held(station, stated) == 0


def test_a_gateway_that_died_before_it_named_a_file_names_it_when_asked(gateway, station):
    stated = statement(station, names_a_photo(station))
    held(station, stated)
    put_held(station, SEALED[:100])
    (partial,) = gateway.evidence.path("00").parent.parent.glob("incoming/*/*")
    partial.write_bytes(SEALED)
    assert held(station, stated) == len(SEALED)
    assert gateway.evidence.path(sha(SEALED)).read_bytes() == SEALED


def test_a_revoked_station_still_hands_in(gateway, station):
    stated = statement(station, names_a_photo(station))
    revoke_station(gateway, station.station_id)
    assert held(station, stated) == 0
    assert put_held(station, SEALED) == len(SEALED)


def test_a_folder_that_can_not_be_written_is_busy_and_loses_nothing(gateway, station):
    stated = statement(station, names_a_photo(station))
    held(station, stated)
    put_held(station, SEALED[:100])
    with unwritable(gateway.evidence):
        response = put(station, SEALED[100:], 100)
        assert problem_of(response).code is ProblemCode.BUSY
        assert int(response.headers["Retry-After"]) > 0
    assert held(station, stated) == 100
    assert put_held(station, SEALED[100:], 100) == len(SEALED)


@contextlib.contextmanager
def unwritable(folder: EvidenceFolder) -> Iterator[None]:
    """A file stands where a folder is needed: for root nothing is unwritable."""
    (partial,) = folder.path("00").parent.parent.glob("incoming/*/*")
    there = partial.parent
    there.rename(there.with_name("aside"))
    there.write_bytes(b"")
    yield
    there.unlink()
    there.with_name("aside").rename(there)


def test_a_disk_that_fills_up_keeps_what_it_took(full_disk_folder: tuple[EvidenceFolder, Callable[[], None]]) -> None:
    folder, make_room = full_disk_folder
    data = bytes(range(256)) * 4096
    file = Arriving("zz-1", sha(data), len(data))

    def sent_on() -> int:
        come = folder.held(file)
        while come < len(data):
            come = folder.add(file, come, data[come : come + CHUNK_BYTES])
        return come

    with pytest.raises(StoreError, match="gateway-evidence-unwritable"):
        sent_on()
    assert folder.held(file) >= CHUNK_BYTES
    make_room()
    assert sent_on() == len(data)
    assert folder.path(file.sealed_sha256).read_bytes() == data


@pytest.fixture
def full_disk_folder(tmp_path) -> Iterator[tuple[EvidenceFolder, Callable[[], None]]]:
    with small_disk(tmp_path / "disk", "4m") as disk:
        filler = fill_up(disk)
        with filler.open("r+b") as target:
            target.truncate(filler.stat().st_size - 400_000)
        yield EvidenceFolder(disk), lambda: filler.unlink(missing_ok=True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 64), st.integers(0, 40), st.booleans()), max_size=12))
def test_whatever_comes_in_whatever_order_only_the_right_bytes_get_the_name(tmp_path_factory, pieces):
    folder = EvidenceFolder(tmp_path_factory.mktemp("evidence"))
    data = bytes(range(64))
    file = Arriving("zz-1", sha(data), len(data))
    for offset, size, right in pieces:
        chunk = data[offset : offset + size] if right else bytes(size)
        with contextlib.suppress(Refused):
            assert 0 <= folder.add(file, offset, chunk) <= len(data)
    come = folder.held(file)
    while come < len(data):
        with contextlib.suppress(Refused):
            folder.add(file, come, data[come:])
        come = folder.held(file)
    assert folder.path(file.sealed_sha256).read_bytes() == data


def test_an_answer_for_another_question_is_not_believed(station):
    stated = statement(station, names_a_photo(station))
    signed = msgspec.json.decode(ask(station, stated).content, type=Signed)
    for other, nonce in ((stated, "1f" * 16), (msgspec.structs.replace(stated, name="photo-2"), NONCE)):
        with pytest.raises(JournalError):
            checked_held(signed, other, nonce, station.gateway)
    forged = msgspec.structs.replace(signed, body=signed.body.replace('"held":0', '"held":600'))
    with pytest.raises(JournalError):
        checked_held(forged, stated, NONCE, station.gateway)
