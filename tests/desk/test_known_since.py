"""知道的时间: since when a station has had an entry that was hit, and when it was told by letter. All parties are made up."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from courier_check.acceptance.draft import ClerkRefusal
from courier_check.clock import at
from courier_check.desk import lookups
from courier_check.desk.acceptances import Submission
from courier_check.desk.rights import Role, SignedIn
from courier_check.errors import UserError
from courier_check.inspection.codes import InspectionCode
from courier_check.inspection.findings import Answer, Finding
from courier_check.inspection.notification import LONGEST_NOTIFICATION, Notification, notification
from courier_check.inspection.verdict import Outcome
from courier_check.refusal_slip import refusal_slip
from courier_check.station import PRACTICE_SUPERVISOR, Station
from courier_check.store import journal
from courier_check.store.evidence import Photo
from courier_check.store.list_arrivals import EntryHeld, entry_held
from courier_check.store.list_editions import Drafts
from courier_check.store.lists import each_entry_of
from courier_check.wording import Language, Wording
from support.clocks import SetClock
from support.entries import Prepared, facts, part, stored
from support.parcels import TODAY
from support.stations import reopened
from ui.record_facts import record_shown
from ui.record_view import Names, Opened
from ui.shown import LineShown

WAYBILL = "SF1000000000014"
DAY_MS = 86_400_000
PHONE, OTHER = "13800001234", "13800005678"
COLUMNS = (
    "list_id,list_type,source_org,issuer_kind,doc_no,legal_basis,remedy,subject_type,entry_id,phone,reason,listed_on,expires_on,action"
)
ROW = "barred,【样本】拦截名单,样例局（虚构）,机关,样例〔2026〕9号,样例决定书,可以申诉（样本）,电话,{},{},样例,2026-01-15,2029-01-15,拦截"
PICTURE = Photo("photo-contents-1", "image/jpeg", b"\xff\xd8 made up")
BY = SignedIn(PRACTICE_SUPERVISOR, Role.SUPERVISOR)
LETTER = Notification("样市监函〔2026〕17号", "样例市场监管局（虚构）", date(2026, 11, 20))


def installed_ms(station: Station, **phones: str) -> int:
    """Install the list with these entries, by id; when that was."""
    lines = "\n".join([COLUMNS, *(ROW.format(entry, phone) for entry, phone in phones.items())])
    (installed,) = station.desk().lists.install_csv(f"{lines}\n", BY)
    return installed.installed_at_ms


def held(station: Station, entry: str) -> tuple[int, bool] | None:
    found = entry_held(station.database, "barred", entry)
    return (found.installed_at_ms, found.at_latest) if found is not None else None


def refused(station: Station, prepared: Prepared, clerk: SignedIn, code: str = "R12", letter: Notification | None = None) -> int:
    book = station.desk().acceptances.rules.rulebook
    session = prepared(WAYBILL).refused(code, book, notification=letter)
    session = session.photographed("photo-contents", hashlib.sha256(PICTURE.data).hexdigest())
    recorded = station.desk().acceptances.submit(Submission(session, clerk, photos=(PICTURE,)))
    assert recorded.outcome is Outcome.REFUSE
    return recorded.seq or 0


def shown(station: Station, seq: int) -> lookups.Record:
    current = journal.current_journal(station.database) or ""
    return lookups.record(station.database, station.enrolled(), station.evidence, current, seq)


def told_of(station: Station, seq: int) -> tuple[LineShown, ...]:
    """What the records page says of why it came out so."""
    rules = station.desk().acceptances.rules.rulebook.rules
    names = Names(carriers={}, documents={}, categories={}, goods={}, papers={})
    return record_shown(Opened(shown(station, seq), {}, ()), names, rules, Wording(Language.CHINESE)).outcome


def test_a_list_that_comes_anew_every_day_has_not_come_today(
    station: Station, prepared: Prepared, clerk: SignedIn, clock: SetClock
) -> None:
    first_ms = installed_ms(station, one=PHONE)
    for _ in range(3):
        clock.pass_ms(DAY_MS)
        newest_ms = installed_ms(station, one=PHONE, two=OTHER)
    seq = refused(station, prepared, clerk)
    lists = {one["name"]: one["installed_at_ms"] for one in _listed(facts(station, seq)["lists_held"])}
    assert lists["barred"] == newest_ms
    (entry,) = _listed(part(station, seq, "kept")["entries_held"])
    assert (entry["list"], entry["entry"], entry["installed_at_ms"], entry["at_latest"]) == ("barred", "one", first_ms, False)
    assert "entries_held" not in facts(station, seq)  # which entry it was tells who the sender is
    kept = shown(station, seq).kept
    assert kept is not None
    assert kept.entries_held == (EntryHeld("barred", "one", entry["version"], first_ms),)
    told = [line.text for line in told_of(station, seq) if line.note == "名单"]
    assert any(text.startswith("名单 barred") and f"{at(newest_ms):%Y-%m-%d %H:%M}" in text for text in told)
    assert any(text.startswith("命中的条目（名单 barred）") and f"{at(first_ms):%Y-%m-%d %H:%M}" in text for text in told)


def test_an_entry_that_was_gone_is_here_since_it_came_back(station: Station, clerk: SignedIn, clock: SetClock) -> None:
    first_ms = installed_ms(station, one=PHONE, two=OTHER)
    clock.pass_ms(DAY_MS)
    installed_ms(station, two=OTHER)
    clock.pass_ms(DAY_MS)
    again_ms = installed_ms(station, one=PHONE, two=OTHER, three="13800009999")
    clock.pass_ms(DAY_MS)
    installed_ms(station, one=PHONE, two=OTHER, three="13800009999")
    assert [held(station, entry) for entry in ("one", "two", "three")] == [(again_ms, False), (first_ms, False), (again_ms, False)]
    assert entry_held(station.database, "nobody", "one") is None


def test_an_import_that_was_cut_off_tells_nothing(station: Station, clerk: SignedIn, clock: SetClock) -> None:
    first_ms = installed_ms(station, one=PHONE)
    header = station.desk().lists.status()
    assert header
    with Drafts(station.database, lambda: clock.read().wall_ms) as drafts:  # written down whole, and never put in force
        drafts.take(each_entry_of(station.database, "barred"))
        drafts.seal()
        station.database.tables.conn.execute(
            "INSERT INTO list_arrivals (list_id, entry_id, edition, version) VALUES ('barred', 'one', ?, 2)", (drafts.of("barred").edition,)
        )
        assert held(station, "one") == (first_ms, False)
    assert station.database.value("SELECT COUNT(*) FROM list_arrivals") == 0


BEFORE = """
    DROP TABLE list_arrivals; DROP TABLE editions_in_force; ALTER TABLE lists DROP COLUMN arrivals_from;
    DELETE FROM _sqlite_migrations WHERE name = 'list_arrivals';
"""


def test_of_lists_of_an_earlier_program_it_is_known_from_their_present_version_on(
    station: Station, clerk: SignedIn, clock: SetClock
) -> None:
    installed_ms(station, one=PHONE)
    clock.pass_ms(DAY_MS)
    second_ms = installed_ms(station, one=PHONE, two=OTHER)
    station.database.tables.conn.executescript(BEFORE)
    with reopened(station) as again:
        station.database = again.database
        assert held(again, "one") == (second_ms, True)  # maybe before: no account was kept
        clock.pass_ms(DAY_MS)
        third_ms = installed_ms(again, one=PHONE, two=OTHER, three="13800009999")
        assert [held(again, entry) for entry in ("one", "three")] == [(second_ms, True), (third_ms, False)]


@pytest.mark.parametrize("code", ["R11", "R12"])
def test_a_refusal_keeps_when_it_was_told_by_letter_and_prints_it(station: Station, prepared: Prepared, clerk: SignedIn, code: str) -> None:
    seq = refused(station, prepared, clerk, code, LETTER)
    assert facts(station, seq)["notification"] == {"received_on": "2026-11-20"}
    assert LETTER.sender not in stored(station, seq).header_bytes.decode()  # a rights holder may be a person
    said = {"number": LETTER.number, "sender": LETTER.sender, "received_on": "2026-11-20"}
    assert part(station, seq, "kept")["notification"] == said
    slip = refusal_slip(shown(station, seq), station.desk().acceptances.rules.rulebook.rules, Wording(Language.CHINESE), outlet="样例网点")
    (told,) = [text for item, text in slip.rows if item == "所据通知"]
    assert (LETTER.number in told, "2026-11-20" in told, LETTER.sender in told) == (True, True, False)
    (line,) = [line.text for line in told_of(station, seq) if line.note == "通知"]
    assert all(text in line for text in said.values())


def test_refusals_without_a_letter_say_nothing_of_one(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    seq = refused(station, prepared, clerk, "R04")
    assert "notification" not in facts(station, seq)
    assert "notification" not in part(station, seq, "kept")
    record, rules = shown(station, seq), station.desk().acceptances.rules.rulebook.rules
    assert "所据通知" not in dict(refusal_slip(record, rules, Wording(Language.CHINESE), outlet="样例网点").rows)


def test_only_where_it_matters_since_when_it_was_known_a_letter_is_taken(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    with pytest.raises(UserError) as caught:
        refused(station, prepared, clerk, "R04", LETTER)
    assert caught.value.code == InspectionCode.NOTIFICATION_NOT_TAKEN


def test_a_letter_of_a_day_to_come_is_not_recorded_whoever_hands_it_in(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    session = prepared(WAYBILL)
    letter = replace(LETTER, received_on=date(2027, 1, 1))
    session = replace(session, draft=replace(session.draft, refusal=ClerkRefusal("R12", "", letter)))
    with pytest.raises(UserError) as caught:
        station.desk().acceptances.submit(Submission(session, clerk))
    assert caught.value.code == InspectionCode.NOTIFICATION_IN_FUTURE


def test_of_whom_nothing_is_kept_neither_entry_nor_letter_is_told(
    station: Station, prepared: Prepared, clerk: SignedIn, clock: SetClock
) -> None:
    installed_ms(station, one=PHONE)
    book = station.desk().acceptances.rules.rulebook
    session = prepared(WAYBILL).refused("R12", book, notification=replace(LETTER, sender="李样例（权利人，虚构）"))
    session = session.answered(Finding("opened-in-presence", Answer.NO), book, TODAY)  # R06
    seq = station.desk().acceptances.submit(Submission(session, clerk)).seq or 0
    assert set(_words(facts(station, seq)["refusals"])) >= {"R06", "R12"}
    assert not {"entries_held", "notification"} & part(station, seq, "kept").keys()
    assert facts(station, seq)["notification"] == {"received_on": "2026-11-20"}
    assert [line.text for line in told_of(station, seq) if line.note == "通知"] == ["通知，2026-11-20 收到"]
    held_here = stored(station, seq)
    assert "李样例" not in held_here.header_bytes.decode() + b"".join(held_here.openings.values()).decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("number", "sender", "received", "code"),
    [
        ("样函1号", "", "2026-11-20", InspectionCode.NOTIFICATION_INCOMPLETE),
        ("样函1号", "样例局", " ", InspectionCode.NOTIFICATION_INCOMPLETE),
        ("", "样例局", "上周", InspectionCode.NOTIFICATION_DAY),
        ("", "样例局", "2026-02-30", InspectionCode.NOTIFICATION_DAY),
        ("", "样例局", "1926-11-20", InspectionCode.NOTIFICATION_DAY),
        ("", "样例局", "2026-11-24", InspectionCode.NOTIFICATION_IN_FUTURE),
        ("号" * (LONGEST_NOTIFICATION + 1), "样例局", "2026-11-20", InspectionCode.NOTIFICATION_TOO_LONG),
    ],
)
def test_what_is_typed_of_a_letter_is_checked(number: str, sender: str, received: str, code: InspectionCode) -> None:
    with pytest.raises(UserError) as caught:
        notification(number, sender, received, TODAY)
    assert caught.value.code == code


@pytest.mark.parametrize("received", ["2026-11-20", "20261120", "2026/11/20", "2026年11月20日", "２０２６－１１－２０"])
def test_a_letters_day_is_read_as_people_write_it(received: str) -> None:
    told = notification("", " 样例  权利人（虚构） ", received, TODAY)
    assert told == Notification("", "样例 权利人（虚构）", date(2026, 11, 20))
    assert "样例" not in repr(told)
    assert notification("", " ", "", TODAY) is None
    unseen = notification("样函\x00\u202e1号", "样例局\u200b", received, TODAY)
    assert unseen is not None
    assert (unseen.number, unseen.sender) == ("样函1号", "样例局")
    with pytest.raises(UserError):
        notification("", "\u202e\x07", received, TODAY)


def _listed(value: object) -> list[dict[str, Any]]:
    assert isinstance(value, list)
    return value


def _words(value: object) -> list[str]:
    assert isinstance(value, list)
    return value
