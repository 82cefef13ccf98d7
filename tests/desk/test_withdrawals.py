"""撤件: the acceptance stays, its waybill is free again, and nobody takes back another one's parcel."""

from __future__ import annotations

import hashlib

import pytest

from courier_check.desk import lookups
from courier_check.desk.acceptances import Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.corrections import Correction
from courier_check.desk.rights import SignedIn
from courier_check.desk.withdrawals import LONGEST_REASON, Withdrawal
from courier_check.errors import UserError
from courier_check.inspection.verdict import Outcome
from courier_check.parcel.contents import DeclaredItem
from courier_check.reports.acts import Period
from courier_check.reports.daily import figures
from courier_check.station import Station
from courier_check.store import journal, views
from courier_check.store.acts import accepted, withdrawal_of
from courier_check.store.evidence import Photo
from support.entries import Prepared, facts, part, stored
from support.parcels import DOCUMENT
from support.parts_gone import parts_gone

WAYBILL = "SF1000000000014"
NUMBER = str(DOCUMENT.number)


def current(station: Station) -> str:
    return journal.current_journal(station.database) or ""


def accept(station: Station, prepared: Prepared, by: SignedIn, waybill: str = WAYBILL) -> int:
    recorded = station.desk().acceptances.submit(Submission(prepared(waybill), by))
    assert (recorded.outcome, recorded.verdict.missing) == (Outcome.ACCEPT, ())
    return recorded.seq or 0


def withdrawn(station: Station, seq: int, by: SignedIn | None, number: str = NUMBER, reason: str = "寄件人不寄了") -> int:
    return station.desk().withdrawals.withdraw(Withdrawal(current(station), seq, reason, number), by).entry.header.seq


def test_the_waybill_is_free_and_the_acceptance_stays_as_it_was(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    seq = accept(station, prepared, clerk)
    before = stored(station, seq)
    made = withdrawn(station, seq, clerk, reason=" 写错地址 ")
    assert stored(station, seq) == before
    assert facts(station, made) == {"withdraws": {"journal_id": current(station), "seq": seq}, "confirmed": "document"}
    assert part(station, made, "kept") == {"v": 1, "reason": "写错地址"}
    assert WAYBILL not in stored(station, made).header_bytes.decode()
    assert accepted(station.database, WAYBILL) is None
    again = accept(station, prepared, clerk)
    held = accepted(station.database, WAYBILL)
    assert held is not None
    assert held.seq == again
    assert station.verify().ok
    assert all(each.equal for each in views.compare(station.database))


def test_a_parcel_is_withdrawn_once(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    seq = accept(station, prepared, clerk)
    made = withdrawn(station, seq, clerk)
    with pytest.raises(UserError) as caught:
        withdrawn(station, seq, clerk)
    assert caught.value.code == DeskCode.WITHDRAWN_ALREADY
    assert caught.value.facts["withdrawal"] == made


def test_a_reason_is_a_sentence_and_no_book(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    seq = accept(station, prepared, clerk)
    with pytest.raises(UserError) as caught:
        withdrawn(station, seq, clerk, reason="长" * (LONGEST_REASON + 1))
    assert (caught.value.code, caught.value.facts["given"]) == (DeskCode.REASON_TOO_LONG, LONGEST_REASON + 1)
    assert withdrawal_of(station.database, current(station), seq) is None
    assert withdrawn(station, seq, clerk, reason=f" {'长' * LONGEST_REASON} ")


def test_what_was_taken_back_is_no_visit(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    seq = accept(station, prepared, clerk)
    draft = prepared("SF1000000000028").draft
    acceptances, senders = station.desk().acceptances, station.desk().senders
    assert (acceptances.visits(draft), senders.find(DOCUMENT).ever) == ((1, 1), 1)
    withdrawn(station, seq, clerk)
    assert (acceptances.visits(draft), senders.find(DOCUMENT).ever) == ((0, 0), 0)


@pytest.mark.parametrize(("number", "code"), [("110101199003077758", DeskCode.WITHDRAWER_DIFFERS), (" ", DeskCode.WITHDRAWER_UNKNOWN)])
def test_a_clerk_gives_a_parcel_to_its_sender_only(
    station: Station, prepared: Prepared, clerk: SignedIn, number: str, code: DeskCode
) -> None:
    seq = accept(station, prepared, clerk)
    with pytest.raises(UserError) as caught:
        withdrawn(station, seq, clerk, number)
    assert caught.value.code == code
    assert withdrawal_of(station.database, current(station), seq) is None


def test_a_supervisor_may_without_a_document_but_not_with_a_wrong_one(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn
) -> None:
    seq = accept(station, prepared, clerk)
    with pytest.raises(UserError) as caught:
        withdrawn(station, seq, supervisor, "110101199003077758")
    assert caught.value.code == DeskCode.WITHDRAWER_DIFFERS
    assert facts(station, withdrawn(station, seq, supervisor, ""))["confirmed"] == "supervisor"


@pytest.mark.parametrize(
    ("seq", "reason", "code"),
    [(1, "x", DeskCode.NO_ACCEPTANCE), (999, "x", DeskCode.ENTRY_UNKNOWN), (None, " \n", DeskCode.REASON_MISSING)],
)
def test_a_withdrawal_needs_an_acceptance_and_a_reason(
    station: Station, prepared: Prepared, clerk: SignedIn, seq: int | None, reason: str, code: DeskCode
) -> None:
    own = accept(station, prepared, clerk)
    with pytest.raises(UserError) as caught:
        withdrawn(station, own if seq is None else seq, clerk, reason=reason)
    assert caught.value.code == code
    with pytest.raises(UserError) as caught:
        withdrawn(station, own, None)
    assert caught.value.code == DeskCode.NOT_SIGNED_IN


def test_a_withdrawn_acceptance_takes_no_waybill_back_by_correction(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    seq = accept(station, prepared, clerk)
    withdrawn(station, seq, clerk)
    correction = Correction(current(station), seq, {"waybill": "SF1000000000022"}, "录错")
    with pytest.raises(UserError) as caught:
        station.desk().acceptances.correct(correction, clerk)
    assert caught.value.code == DeskCode.WITHDRAWN_ALREADY
    assert accepted(station.database, "SF1000000000022") is None


def test_a_withdrawn_tobacco_parcel_was_not_sent(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    tobacco = [DeclaredItem(name="香烟", category="tobacco", cigarette_sticks=200, weight_g=300)]
    acceptances = station.desk().acceptances
    photo = Photo("photo-contents-1", "image/jpeg", b"\xff\xd8 made up")
    digest = hashlib.sha256(photo.data).hexdigest()
    kept = prepared(WAYBILL, changed=lambda session: session.declared(tobacco).photographed("photo-contents", digest))
    kept = kept.photographed("photo-sealed", digest)
    seq = acceptances.submit(Submission(kept, clerk, (photo,))).seq or 0
    assert acceptances.prepare(kept).draft.tobacco_parcels_today == 1
    withdrawn(station, seq, clerk)
    assert acceptances.prepare(kept).draft.tobacco_parcels_today == 0


def test_reports_count_withdrawals_beside_acceptances(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    withdrawn(station, accept(station, prepared, clerk), clerk)
    today = Period.day(station.clock.read().at.date())
    counted = figures(station.report_rows(today), today, station.clock.read().wall_ms)
    assert (counted.accepted, counted.withdrawn) == (1, 1)
    assert [one.counts.withdrawn for one in station.desk().day_closes.due().ranges] == [1]


def test_the_reason_is_destroyed_with_the_parts_of_the_act(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    seq = accept(station, prepared, clerk)
    made = withdrawn(station, seq, clerk)
    with station.database.write() as tx:
        assert parts_gone(tx, current(station), seq) == 4
    assert "kept" not in stored(station, made).openings
    assert station.verify().ok
    assert all(each.equal for each in views.compare(station.database))


def test_a_record_says_that_it_was_withdrawn_and_by_whom(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    seq = accept(station, prepared, clerk)
    place = (current(station), seq)
    before = lookups.record(station.database, station.enrolled(), station.evidence, *place)
    assert (before.withdrawal, before.act.withdrawn) == (None, False)
    taken_back = withdrawn(station, seq, clerk, reason=f"{DOCUMENT.name}不寄了")
    shown = lookups.record(station.database, station.enrolled(), station.evidence, *place)
    assert shown.act.withdrawn
    assert shown.withdrawal is not None
    assert (shown.withdrawal.seq, shown.withdrawal.operator, shown.withdrawal.confirmed) == (taken_back, clerk.code, "document")
    assert shown.withdrawal.reason is not None
    assert shown.withdrawal.reason.endswith("不寄了")
    assert str(DOCUMENT.name) not in shown.withdrawal.reason
    assert shown.verification.ok
    assert [act.withdrawn for act in lookups.search(station.database, lookups.Search()).acts if act.seq == seq] == [True]


def test_a_withdrawn_draft_handed_in_again_is_neither_told_as_recorded_nor_recorded(
    station: Station, prepared: Prepared, clerk: SignedIn
) -> None:
    submission = Submission(prepared(WAYBILL), clerk, draft_id="d" * 32)
    seq = station.desk().acceptances.submit(submission).seq or 0
    withdrawn(station, seq, clerk)
    with pytest.raises(UserError) as caught:
        station.desk().acceptances.submit(submission)
    assert caught.value.code == DeskCode.WITHDRAWN_ALREADY
    assert accepted(station.database, WAYBILL) is None
    again = station.desk().acceptances.submit(Submission(prepared(WAYBILL), clerk, draft_id="e" * 32))
    assert (again.outcome, again.repeated) == (Outcome.ACCEPT, False)
