"""拒收、复核 are recorded with the photo the rules ask for, or with why there is none; and never held up where there is nothing to show."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable

import pytest

from courier_check.acceptance import Session
from courier_check.desk.acceptances import Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import SignedIn
from courier_check.errors import UserError
from courier_check.inspection.findings import Answer, ContentsFinding, Finding, FindingKind
from courier_check.inspection.verdict import Outcome
from courier_check.journal.entries import parse_header
from courier_check.parcel.contents import DeclaredItem
from courier_check.station import Station
from courier_check.store import journal
from courier_check.store.evidence import Photo
from support.entries import Prepared, facts, part, stored
from support.flushes import recorded
from support.parcels import TODAY
from support.stations import station_in

PICTURE = Photo("photo-contents-1", "image/jpeg", b"\xff\xd8 made up")
DIGEST = hashlib.sha256(PICTURE.data).hexdigest()
LIGHTER = ContentsFinding(FindingKind.PROHIBITED, "打火机", "04")
Step = Callable[[Session], Session]


def head(station: Station) -> int:
    journal_id = journal.current_journal(station.database) or ""
    return journal.head_of(station.database, journal_id, bytes(32).hex()).seq


@pytest.fixture
def stops(station: Station) -> dict[str, Step]:
    """What is seen of the contents, in every way a parcel is stopped for it."""
    book = station.desk().acceptances.rules.rulebook
    return {
        "found": lambda session: session.found(LIGHTER, book),
        "answered": lambda session: session.answered(Finding("contents-match", Answer.NO), book, TODAY),
        "chosen": lambda session: session.refused("R10", book),
        "doubted": lambda session: session.answered(Finding("contents-match", Answer.DOUBT), book, TODAY),
    }


@pytest.mark.parametrize("how", ["found", "answered", "chosen", "doubted"])
def test_without_its_photo_nothing_is_written(
    station: Station, clerk: SignedIn, prepared: Prepared, stops: dict[str, Step], how: str
) -> None:
    acceptances = station.desk().acceptances
    session, before = stops[how](prepared()), head(station)
    with pytest.raises(UserError, match=DeskCode.INCOMPLETE) as lacking:
        acceptances.submit(Submission(session, clerk))
    assert lacking.value.facts == {"missing": "photo-contents"}
    assert head(station) == before
    recorded = acceptances.submit(Submission(session.photographed("photo-contents", DIGEST), clerk, photos=(PICTURE,)))
    assert recorded.outcome is (Outcome.REFER if how == "doubted" else Outcome.REFUSE)
    (photo,) = parse_header(stored(station, recorded.seq or 0).header_bytes).evidence
    assert photo.name == PICTURE.name


@pytest.mark.parametrize("how", ["found", "answered", "chosen", "doubted"])
@pytest.mark.parametrize(("reason", "note"), [("no-camera", ""), ("equipment-failed", "摄像头坏了"), ("danger-nearby", "")])
def test_why_there_is_no_photo_stands_in_the_entry(
    station: Station, clerk: SignedIn, prepared: Prepared, stops: dict[str, Step], how: str, reason: str, note: str
) -> None:
    acceptances = station.desk().acceptances
    session = stops[how](prepared()).photo_exempted("photo-contents", reason, acceptances.rules.rulebook, note)
    recorded = acceptances.submit(Submission(session, clerk))
    assert part(station, recorded.seq or 0, "kept")["exemptions"] == {"photo-contents": reason}


def test_a_photo_that_is_not_good_enough_does_not_do(station: Station, clerk: SignedIn, prepared: Prepared, stops: dict[str, Step]) -> None:
    session = stops["found"](prepared()).photographed("photo-contents", DIGEST, ["photo-dark"])
    with pytest.raises(UserError, match=DeskCode.INCOMPLETE):
        station.desk().acceptances.submit(Submission(session, clerk, photos=(PICTURE,)))


@pytest.mark.parametrize("code", ["R01", "R02", "R03", "R04", "R05", "R06", "R12", "R13", "R15"])
def test_a_refusal_with_nothing_to_photograph_owes_none(station: Station, clerk: SignedIn, prepared: Prepared, code: str) -> None:
    book = station.desk().acceptances.rules.rulebook
    recorded = station.desk().acceptances.submit(Submission(prepared().refused(code, book), clerk))
    assert (recorded.outcome, facts(station, recorded.seq or 0)["refusal"]) == (Outcome.REFUSE, code)


def test_no_camera_is_no_way_to_accept_what_must_be_photographed(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    acceptances = station.desk().acceptances
    book = acceptances.rules.rulebook
    pills = prepared(changed=lambda session: session.declared([DeclaredItem(name="药品", category="medicine")]))
    spared = pills.photo_exempted("photo-sealed", "sealed-elsewhere", book, "样本").photo_exempted("photo-contents", "no-camera", book)
    with pytest.raises(UserError, match=DeskCode.INCOMPLETE) as lacking:
        acceptances.submit(Submission(spared, clerk))
    assert lacking.value.facts == {"missing": "photo-contents"}
    doubtful = spared.answered(Finding("contents-match", Answer.DOUBT), book, TODAY)
    assert acceptances.submit(Submission(doubtful, clerk)).outcome is Outcome.REFER
    with pytest.raises(UserError, match="unknown-exemption"):
        spared.photo_exempted("photo-sealed", "no-camera", book)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no handle to a folder to flush")
def test_a_photo_is_on_the_disk_before_the_entry_that_names_it_is_committed(
    station: Station, clerk: SignedIn, prepared: Prepared, stops: dict[str, Step], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = stops["found"](prepared()).photographed("photo-contents", DIGEST)
    acceptances, before = station.desk().acceptances, head(station)
    with (
        station_in(station.folder.path, station.clock) as beside,  # sees what is committed and nothing else
        recorded(monkeypatch, lambda: head(beside)) as flushes,
    ):
        acceptances.submit(Submission(session, clerk, photos=(PICTURE,)))
    (photo,) = [path for path in station.evidence.rglob("*") if path.is_file()]
    flushes.check_lasting(photo)
    assert ("made", photo.parent) in flushes.events
    assert set(flushes.noted) == {before} != {head(station)}, "all of it before the COMMIT"
