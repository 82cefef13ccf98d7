"""更正: new entries that say what was wrong; the corrected one stays as it was."""

from __future__ import annotations

import pytest

from courier_check.desk.acceptances import Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.corrections import Correction
from courier_check.desk.rights import SignedIn
from courier_check.errors import UserError
from courier_check.journal.entries import Draft
from courier_check.station import Station
from courier_check.store import inbox, journal, views
from courier_check.store.acts import accepted, acts_with_waybill
from courier_check.store.branches import BranchEntry, HeldBy, keep, refile
from support.entries import Prepared, part, stored
from support.receipts import keep_returned
from support.stations import append


def test_a_correction_is_a_new_entry_and_changes_the_display(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    acceptances = station.desk().acceptances
    recorded = acceptances.submit(Submission(prepared(), clerk))
    journal_id = journal.current_journal(station.database) or ""
    before = stored(station, recorded.seq or 0).header_bytes
    composed = acceptances.correct(
        Correction(journal_id, recorded.seq or 0, {"waybill": "SF1000000000030", "phone": "13900009999"}, "抄错"), clerk
    ).composed
    assert stored(station, recorded.seq or 0).header_bytes == before
    assert "13900009999" not in composed.entry.header_bytes.decode()
    assert "抄错" not in composed.entry.header_bytes.decode()
    (act,) = acts_with_waybill(station.database, "SF1000000000030")
    assert act.corrected
    assert accepted(station.database, "SF1000000000014") is None
    assert all(each.equal for each in views.compare(station.database))


@pytest.mark.parametrize(
    ("changes", "reason", "code"),
    [
        ({"waybill": "SF1000000000030"}, " ", DeskCode.REASON_MISSING),
        ({"colour": "red"}, "x", DeskCode.FIELD_UNKNOWN),
        ({}, "x", DeskCode.NOTHING_TO_CORRECT),
        ({"waybill": "hello"}, "x", DeskCode.WAYBILL_ODD),
        ({"name": " "}, "x", DeskCode.FIELD_UNKNOWN),
    ],
)
def test_a_correction_needs_a_reason_and_known_fields(
    station: Station, clerk: SignedIn, prepared: Prepared, changes: dict[str, str], reason: str, code: DeskCode
) -> None:
    acceptances = station.desk().acceptances
    recorded = acceptances.submit(Submission(prepared(), clerk))
    journal_id = journal.current_journal(station.database) or ""
    with pytest.raises(UserError) as caught:
        acceptances.correct(Correction(journal_id, recorded.seq or 0, changes, reason), clerk)
    assert caught.value.code == code


def test_a_sign_in_is_no_act_to_correct(station: Station, clerk: SignedIn) -> None:
    journal_id = journal.current_journal(station.database) or ""
    with pytest.raises(UserError) as caught:
        station.desk().acceptances.correct(Correction(journal_id, 1, {"name": "x"}, "x"), clerk)
    assert caught.value.code == DeskCode.NOT_CORRECTABLE


def test_refusals_without_identity_keep_no_addressee_and_take_no_name(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    acceptances = station.desk().acceptances
    recorded = acceptances.submit(Submission(prepared().refused("R06", acceptances.rules.rulebook, "样本"), clerk))
    assert "addressee" not in part(station, recorded.seq or 0, "kept")
    journal_id = journal.current_journal(station.database) or ""
    with pytest.raises(UserError) as caught:
        acceptances.correct(Correction(journal_id, recorded.seq or 0, {"name": "张三丰"}, "x"), clerk)
    assert caught.value.code == DeskCode.NO_IDENTITY_KEPT


def test_a_corrected_waybill_is_found_when_it_comes_again(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    acceptances = station.desk().acceptances
    first = acceptances.submit(Submission(prepared(), clerk))
    acceptances.submit(Submission(prepared("SF1000000000022"), clerk))
    journal_id = journal.current_journal(station.database) or ""
    with pytest.raises(UserError) as caught:
        acceptances.correct(Correction(journal_id, first.seq or 0, {"waybill": "sf1000000000022"}, "x"), clerk)
    assert caught.value.code == DeskCode.WAYBILL_TAKEN


def returned_about(station: Station, number: int, journal_id: str, seq: int, code: str = "clock-ahead") -> None:
    """A returned item of the gateway's, as the synchroniser keeps it."""
    with station.database.write() as tx:
        keep_returned(tx, "aa" * 16, number, (journal_id, seq), code)


def still_open(station: Station) -> list[int]:
    items = [item.number for item in inbox.returned_items(station.database, open_only=True)]
    assert inbox.standing(station.database).returned_open == len(items)
    return items


def test_a_returned_item_is_answered_at_its_own_entry_only(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    acceptances = station.desk().acceptances
    first = acceptances.submit(Submission(prepared(), clerk)).seq or 0
    second = acceptances.submit(Submission(prepared("SF1000000000022"), clerk)).seq or 0
    journal_id = journal.current_journal(station.database) or ""
    returned_about(station, 1, journal_id, first, "waybill-elsewhere")
    for changes in ({}, {"phone": "13900009999"}):
        with pytest.raises(UserError) as caught:
            acceptances.correct(Correction(journal_id, second, changes, "核对过", 1), clerk)
        assert (caught.value.code, caught.value.facts["about"]) == (DeskCode.RETURNED_OF_OTHER, first)
    assert still_open(station) == [1]
    with pytest.raises(UserError) as caught:
        acceptances.correct(Correction(journal_id, first, {}, "核对过", 2), clerk)
    assert caught.value.code == DeskCode.RETURNED_UNKNOWN
    acceptances.correct(Correction(journal_id, first, {}, "核对过", 1), clerk)
    assert still_open(station) == []


def test_an_item_about_what_was_filed_again_is_answered_at_either_entry(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    """补录: the gateway holds the entry that files it again, the station's record is that of the first."""
    acceptances = station.desk().acceptances
    first = acceptances.submit(Submission(prepared(), clerk)).seq or 0
    journal_id = journal.current_journal(station.database) or ""
    held = stored(station, first)
    entry = BranchEntry(journal_id, first, held.header_bytes, held.signature, HeldBy.STATION)
    with station.database.write() as tx:
        keep(tx, [entry])
        refile(tx, entry, station.writer())
    again = journal.head_of(station.database, journal_id, "").seq
    returned_about(station, 1, journal_id, again, "waybill-elsewhere")
    acceptances.correct(Correction(journal_id, first, {}, "核对过", 1), clerk)
    assert still_open(station) == []


def test_a_returned_sign_in_is_answered_by_an_entry_and_nothing_else_of_it_is_corrected(station: Station, clerk: SignedIn) -> None:
    """clock-ahead is said of any entry, and each open item stands in the regulator's page until somebody has said why."""
    acceptances, journal_id = station.desk().acceptances, journal.current_journal(station.database) or ""
    seq = append(station, Draft("sign-in", "0142", {"subject": "0142"})).entry.header.seq
    returned_about(station, 6, journal_id, seq)
    for changes, reason, code in (
        ({"name": "x"}, "x", DeskCode.NOT_CORRECTABLE),
        ({}, " ", DeskCode.REASON_MISSING),
    ):
        with pytest.raises(UserError) as caught:
            acceptances.correct(Correction(journal_id, seq, changes, reason, 6), clerk)
        assert caught.value.code == code
    for place, number, code in ((seq, 7, DeskCode.RETURNED_UNKNOWN), (1, 6, DeskCode.RETURNED_OF_OTHER), (999, 6, DeskCode.ENTRY_UNKNOWN)):
        with pytest.raises(UserError) as caught:
            acceptances.correct(Correction(journal_id, place, {}, "x", number), clerk)
        assert caught.value.code == code
    assert [item.is_act for item in inbox.returned_items(station.database)] == [False]
    made = acceptances.correct(Correction(journal_id, seq, {}, "本机日期曾设错，已校准", 6), clerk).composed.entry
    assert made.header.facts == {
        "corrects": {"journal_id": journal_id, "seq": seq},
        "fields": [],
        "answers_returned": 6,
        "answers_journal": "aa" * 16,
    }
    assert "日期" not in made.header_bytes.decode()
    assert part(station, made.header.seq, "kept") == {"v": 1, "changes": {}, "reason": "本机日期曾设错，已校准"}
    assert still_open(station) == []
    assert station.verify().ok
    assert all(each.equal for each in views.compare(station.database))
