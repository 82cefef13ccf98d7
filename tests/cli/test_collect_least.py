"""最小收集 (domain.md §11.4): sex, nation, birth date, address, issuer, validity and pictures of a document serve the checks of the visit.

Then they are nowhere: not in the database, its free pages or its log, not in a file, on the wire or in an export. Everyone is made up.
"""

from __future__ import annotations

import contextlib
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from courier_check.clock import SystemClock
from courier_check.journal.codes import JournalError
from courier_check.journal.keys import from_text
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings, unlock
from courier_check.store import journal
from courier_check.store.resources import resource_path
from support.commands import Command, command_of, typed_case
from support.gateways import Front, misbehaving_front, practice_gateway
from support.plain_pages import plain_pages
from support.ready import ready_station

PASSPORT = {
    "type": "foreign-passport",
    "name": "SAMPLE, EXAMPLA",
    "number": "L8988901C",
    "sex": "F",
    "nation": "独龙",
    "born_on": "1987-11-29",
    "address": "样例省独特市甲乙区丙丁路7号院",
    "issuer": "样例独特市公安局甲乙分局",
    "valid_from": "2021-12-24",
    "valid_until": "2031-12-24",
    "nationality": "CAN",
}
BIRTH = ("1987-11-29", "19871129", "871129", "1987.11.29", "1987年11月29日", "29111987")
DISCARDED = ("独龙", *BIRTH, "独特市", "丙丁路", "甲乙分局", "2021-12-24", "20211224", "2031-12-24", "20311224", "311224")
KEPT = ("EXAMPLA", "L8988901C")
"""Must be found, or the search would prove nothing."""
_BASE64 = re.compile(rb'"([A-Za-z0-9_-]{64,})"')
NEVER_A_KEY = {"sex", "nation", "born_on", "issuer", "valid_from", "valid_until", "readings", "confidence", "doubts"}


@dataclass
class Place:
    """A station behind a line that keeps what passes over it, and the gateway's folder."""

    folder: Path
    gateway: Path
    front: Front
    command: Command

    def pages(self) -> bytes:
        key = unlock(self.folder, PRACTICE_PASSPHRASE).key
        (database,) = self.folder.glob("*.db")
        return b"\n".join(plain_pages(database, key))

    def entries(self) -> list[dict[str, Any]]:
        """Headers and openings of every entry."""
        with Station.open(self.folder, PRACTICE_PASSPHRASE, Surroundings(SystemClock())) as station:
            current = journal.current_journal(station.database) or ""
            return [
                {"header": json.loads(each.header_bytes), **{name: json.loads(opening[32:]) for name, opening in each.openings.items()}}
                for each in journal.entries(station.database, current)
            ]


@pytest.fixture
def place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Place]:
    with practice_gateway(tmp_path / "gateway", SystemClock()) as gateway, misbehaving_front(gateway.url) as front:
        ready_station(tmp_path / "station", url=front.url, code=gateway.code())
        yield Place(tmp_path / "station", tmp_path / "gateway", front, command_of(capsys, tmp_path / "station"))


def forms_of(text: str) -> tuple[bytes, ...]:
    """As UTF-8, as UTF-16, and as JSON escapes."""
    return text.encode(), text.encode("utf-16-le"), json.dumps(text)[1:-1].encode()


def found_in(data: bytes, secrets: Sequence[str]) -> list[str]:
    return [secret for secret in secrets if any(form in data for form in forms_of(secret))]


def files_under(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def keys_in(value: Any) -> set[str]:
    if isinstance(value, Mapping):
        return set(value) | {key for each in value.values() for key in keys_in(each)}
    return {key for each in value for key in keys_in(each)} if isinstance(value, list) else set()


def walked(place: Place, out: Path, case: Path) -> str:
    """A whole visit: accepted, corrected, sent, verified, exported and reported. What commands print is returned."""
    told = place.command("accept", case, "--json")
    assert (told.code, told.line["verdict"]) == (0, "accept"), told
    commands = [
        ("correct", str(told.line["seq"]), "--set", "addressee_name=收样例", "--reason", "面单看错"),
        ("sync", "--json"),
        ("verify", "--json"),
        ("views", "check", "--json"),
        ("views", "rebuild", "--json"),
        ("export", "all", str(out / "all.zip"), "--reveal", "--json"),
        *(("report", kind, "--json") for kind in ("daily", "rates", "refusals", "half-year")),
        ("report", "daily", "--format", "xlsx", "--out", str(out / "daily.xlsx"), "--json"),
        ("day-close", "--slip", str(out / "slip.txt"), "--json"),
        ("station", "status", "--json"),
    ]
    printed = told.out
    for arguments in commands:
        done = place.command(*arguments)
        assert done.code == 0, (arguments, done.err)
        printed += done.out + done.err
    return printed


def unpacked(out: Path) -> bytes:
    """Files as they are, what lies in those that are archives, and the openings in it decoded."""
    data = files_under(out)
    for path in out.rglob("*"):
        if path.is_file() and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                data += b"\n".join(archive.read(name) for name in archive.namelist())
    for text in _BASE64.findall(data):
        with contextlib.suppress(JournalError):  # another long word
            data += b"\n" + from_text(text.decode())
    return data


def sent(front: Front) -> bytes:
    return b"\n".join(front.bodies)


def everywhere(place: Place, out: Path, printed: str) -> dict[str, bytes]:
    return {
        "database pages": place.pages(),
        "station's files": files_under(place.folder),
        "wire": sent(place.front),
        "gateway's files": files_under(place.gateway),
        "exports and reports": unpacked(out),
        "printed": printed.encode(),
    }


def test_what_was_read_for_the_checks_only_is_nowhere_afterwards(place: Place, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    print_ = {key: value for key, value in PASSPORT.items() if key != "nation"}
    zone = {key: PASSPORT[key] for key in ("type", "name", "number", "sex", "born_on", "valid_until", "nationality")}
    sources = [
        {"source": "typed", "document": PASSPORT},
        {"source": "picture", "document": print_, "doubtful": {"name": "low-confidence", "address": "low-confidence"}},
        {"source": "mrz", "document": zone},
    ]
    case = typed_case()
    case["sender"] = {"sources": sources, "phone": "13800001234", "address": "样例市样例路 1 号"}
    case["waybill"]["sender_name"] = "Exampla Sample"
    case["notice_shown"] = True
    path = tmp_path / "case.json"
    path.write_text(json.dumps(case, ensure_ascii=False), encoding="utf-8")
    printed = walked(place, out, path)

    places = everywhere(place, out, printed)
    assert {name: found_in(data, DISCARDED) for name, data in places.items()} == {name: [] for name in places}
    assert found_in(places["database pages"], KEPT) == list(KEPT)
    assert found_in(places["exports and reports"], KEPT) == list(KEPT), "the export was revealed"
    assert found_in(places["station's files"] + places["wire"] + places["gateway's files"], KEPT) == []
    assert found_in(places["wire"], ("acceptance",)) == ["acceptance"]

    entries = place.entries()
    act = next(each for each in entries if each["header"]["kind"] == "acceptance")
    assert keys_in(entries) & NEVER_A_KEY == set()
    assert act["header"]["facts"]["document_sources"] == ["typed", "picture", "mrz"]
    assert act["header"]["facts"]["notice"] == "2026.11-1"
    assert act["reported"]["sender"].keys() == {"name", "document_type", "number", "nationality"}


def test_the_search_finds_what_a_clerk_writes_down(place: Place, tmp_path: Path) -> None:
    """The same search does find a birth date that somebody typed into a note: so that the test above can fail."""
    case = typed_case()
    case["findings"] = [
        {"item": item, "answer": "yes", "note": "1987-11-29" if item == "person-matches" else ""} for item in case["findings"]
    ]
    path = tmp_path / "case.json"
    path.write_text(json.dumps(case, ensure_ascii=False), encoding="utf-8")
    assert place.command("accept", path, "--json").line["verdict"] == "accept"
    assert found_in(place.pages(), DISCARDED) == ["1987-11-29"]


@pytest.mark.slow
def test_pictures_of_documents_leave_nothing_behind(place: Place, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    samples = resource_path("samples")
    printed = walked(place, out, samples / "case-1-accept-wang.json")
    places = everywhere(place, out, printed)
    secrets = ("花园路1号院", "金水分局", "1990-03-07", "1990年3月7日", "1990.03.07")
    assert {name: found_in(data, secrets) for name, data in places.items()} == {name: [] for name in places}
    for picture in ("id-wang-front.jpg", "id-wang-back.jpg"):
        data = (samples / picture).read_bytes()
        pieces = [data[start : start + 48] for start in range(2_000, len(data) - 48, 20_000)]
        assert pieces
        assert [name for name, held in places.items() if any(piece in held for piece in pieces)] == []
