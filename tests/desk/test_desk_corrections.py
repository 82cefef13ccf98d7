"""更正: new entries that say what was wrong; the corrected one stays as it was."""

from __future__ import annotations

import pytest

from courier_check.desk.acceptances import Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.corrections import Correction
from courier_check.desk.rights import SignedIn
from courier_check.errors import UserError
from courier_check.station import Station
from courier_check.store import journal, views
from courier_check.store.acts import accepted, acts_with_waybill
from support.entries import Prepared, part, stored


def test_a_correction_is_a_new_entry_and_changes_the_display(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    acceptances = station.desk().acceptances
    recorded = acceptances.submit(Submission(prepared(), clerk))
    journal_id = journal.current_journal(station.database) or ""
    before = stored(station, recorded.seq or 0).header_bytes
    composed = acceptances.correct(
        Correction(journal_id, recorded.seq or 0, {"waybill": "SF1000000000030", "phone": "13900009999"}, "抄错"), clerk
    )
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
