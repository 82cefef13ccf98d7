"""证件复印件: of an organisation's responsible person only, with its watermark, encrypted, and not to be looked at. Everyone is made up."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from PIL import Image, ImageChops

from courier_check.acceptance import AcceptanceCode, Session
from courier_check.desk import lookups
from courier_check.desk.acceptances import DocumentCopy, Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import SignedIn
from courier_check.errors import UserError
from courier_check.identity.organisations import Office, Organisation
from courier_check.inspection.verdict import Outcome
from courier_check.journal.entries import parse_header
from courier_check.journal.keys import from_text
from courier_check.screening.match import Level
from courier_check.station import Station
from courier_check.store import journal
from courier_check.store.evidence import Photo, load_photo
from courier_check.store.lists import entries_of
from courier_check.store.resources import resource_path
from support.entries import Prepared, facts, part, stored
from support.filled import picture
from support.stations import count

FIRM = Organisation("样例商贸有限公司", "91410100ma44tuw1x4", "张三丰", Office.LEGAL_REPRESENTATIVE)
CARD = resource_path("samples/id-zhang-front.jpg").read_bytes()
COPY = DocumentCopy("card.jpg", CARD)


def by_firm(session: Session) -> Session:
    return session.sent_by(FIRM).copy_taken()


@pytest.fixture
def submitted(station: Station, clerk: SignedIn, prepared: Prepared) -> Callable[..., int]:
    """An organisation's parcel, recorded; its seq."""

    def submit(**changes: object) -> int:
        session = prepared(changed=by_firm)
        recorded = station.desk().acceptances.submit(Submission(session, clerk, copies=(COPY,), **changes))  # type: ignore[arg-type]
        assert recorded.outcome is Outcome.ACCEPT, recorded.verdict
        return recorded.seq or 0

    return submit


def kept_copy(station: Station, seq: int) -> bytes:
    (ref,) = parse_header(stored(station, seq).header_bytes).evidence
    keys = part(station, seq, "kept")["photo_keys"]
    assert isinstance(keys, dict)
    data = load_photo(station.evidence, ref, from_text(keys[ref.name]))
    assert data is not None
    return data


def test_an_organisation_s_parcel_keeps_its_code_and_a_marked_copy(station: Station, submitted: Callable[..., int]) -> None:
    seq = submitted()
    kept, said = part(station, seq, "kept"), facts(station, seq)
    assert kept["organisation"] == {
        "name": FIRM.name,
        "uscc": "91410100MA44TUW1X4",
        "responsible": "张三丰",
        "office": "legal-representative",
    }
    assert (said["organisation"], said["copied"]) == (True, True)
    copy = Image.open(io.BytesIO(kept_copy(station, seq)))
    plain = Image.open(io.BytesIO(CARD)).convert("RGB").resize(copy.size)
    width, height = copy.size
    for across in range(4):
        for down in range(4):
            box = (width * across // 4, height * down // 4, width * (across + 1) // 4, height * (down + 1) // 4)
            changed = ImageChops.difference(copy.convert("RGB").crop(box), plain.crop(box)).convert("L").point(lambda v: 255 * (v > 25))
            share = sum(changed.histogram()[255:]) / (changed.width * changed.height)
            assert share > 0.03, f"no watermark in {box}"


def test_the_copy_as_it_was_taken_is_nowhere_on_the_disk(station: Station, submitted: Callable[..., int]) -> None:
    submitted()
    data = b"".join(path.read_bytes() for path in station.folder.path.rglob("*") if path.is_file())
    assert CARD[2_000:2_064] not in data
    assert b"\xff\xd8\xff" not in b"".join(path.read_bytes()[:4] for path in station.evidence.rglob("*.bin"))


def test_no_page_shows_a_copy(station: Station, submitted: Callable[..., int]) -> None:
    seq = submitted()
    current = journal.current_journal(station.database) or ""
    record = lookups.record(station.database, station.enrolled(), station.evidence, current, seq)
    (photo,) = record.photos
    assert (photo.name, photo.held) == ("copy-1", False)
    assert lookups.photo_of(station.database, station.evidence, current, seq, "copy-1") is None
    assert record.verification.ok
    assert [secret for secret in (FIRM.name, "91410100MA44TUW1X4", "41010519900307123X") if secret in repr(record)] == []


def test_a_refused_parcel_keeps_no_copy(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    book = station.desk().acceptances.rules.rulebook
    session = prepared(changed=by_firm).refused("R06", book, "样本")
    recorded = station.desk().acceptances.submit(Submission(session, clerk, copies=(COPY,)))
    assert parse_header(stored(station, recorded.seq or 0).header_bytes).evidence == ()
    assert facts(station, recorded.seq or 0)["copied"] is False
    assert "organisation" not in part(station, recorded.seq or 0, "kept")


@pytest.mark.parametrize(
    ("forged", "code"),
    [
        (lambda s: replace(s, draft=replace(s.draft, copied=True)), AcceptanceCode.COPY_NOT_ALLOWED),
        (lambda s: s, DeskCode.COPY_FILE_MISSING),
    ],
)
def test_nobody_else_s_copy_is_taken_whatever_a_screen_allowed(
    station: Station, clerk: SignedIn, prepared: Prepared, forged: Callable[[Session], Session], code: AcceptanceCode | DeskCode
) -> None:
    before = count(station.database, "journal_entries")
    with pytest.raises(UserError, match=code.value):
        station.desk().acceptances.submit(Submission(forged(prepared()), clerk, copies=(COPY,)))
    with pytest.raises(UserError, match=AcceptanceCode.COPY_NOT_ALLOWED.value):
        station.desk().acceptances.submit(Submission(prepared(), clerk, photos=(Photo("copy-1", "image/jpeg", picture()),)))
    assert count(station.database, "journal_entries") == before
    assert not list(station.evidence.rglob("*.bin"))


def test_a_copy_that_was_announced_must_come(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    with pytest.raises(UserError, match=DeskCode.COPY_FILE_MISSING.value):
        station.desk().acceptances.submit(Submission(prepared(changed=by_firm), clerk))
    with pytest.raises(UserError):
        station.desk().acceptances.submit(Submission(prepared(changed=by_firm), clerk, copies=(DocumentCopy("x.jpg", b"no picture"),)))


def test_an_organisation_is_screened_by_its_code(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    clear = prepared(changed=by_firm)
    assert clear.draft.screening is not None
    assert clear.draft.screening.level is Level.PASS
    code = next(entry.uscc for entry in entries_of(station.database, "practice-counterfeit") if entry.uscc)
    listed = prepared(changed=lambda s: s.sent_by(replace(FIRM, uscc=code)))
    assert listed.draft.screening is not None
    assert listed.draft.screening.level is not Level.PASS
