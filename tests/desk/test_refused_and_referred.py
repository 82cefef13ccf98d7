"""拒收过、还在复核: what was refused or referred here before is told at the next scan, and only a supervisor clears a doubt or a lead."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from courier_check.acceptance import AcceptanceReason, HitResolution, ResolutionKind, Session, Settlement
from courier_check.desk.acceptances import Recorded, Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.corrections import Correction
from courier_check.desk.lookups import Record, record
from courier_check.desk.rights import SignedIn
from courier_check.desk.withdrawals import Withdrawal
from courier_check.errors import UserError
from courier_check.identity.documents import DocumentType
from courier_check.inspection.findings import Answer, ContentsFinding, Finding, FindingKind
from courier_check.inspection.verdict import Outcome
from courier_check.parcel.waybills import CodeKind, WaybillCheck
from courier_check.station import Station
from courier_check.store import journal, views
from courier_check.store.acts import accepted
from courier_check.store.evidence import Photo
from courier_check.terms import Consequence
from support.entries import Prepared, facts, part
from support.parcels import DOCUMENT, TODAY

WAYBILL = "SF1000000000014"
JPEG = b"\xff\xd8 made up picture"
PICTURE = Photo("photo-contents-1", "image/jpeg", JPEG)
DIGEST = hashlib.sha256(JPEG).hexdigest()
CODE = AcceptanceReason


def submitted(station: Station, session: Session, by: SignedIn, supervisor: SignedIn | None = None, draft: str | None = None) -> Recorded:
    """Handed in with the picture that a refusal or a doubt asks for."""
    session = session.photographed("photo-contents", DIGEST)
    return station.desk().acceptances.submit(Submission(session, by, (PICTURE,), supervisor, draft))


def found(station: Station, session: Session, name: str, category: str, *, concealed: bool) -> Session:
    book = station.desk().acceptances.rules.rulebook
    return session.found(ContentsFinding(FindingKind.PROHIBITED, name, category, concealed=concealed), book)


def doubted(station: Station, session: Session) -> Session:
    book = station.desk().acceptances.rules.rulebook
    return session.answered(Finding("layers-checked", Answer.DOUBT), book, TODAY)


def settled(station: Station, session: Session, code: str, supervisor: SignedIn) -> Session:
    rules = station.desk().acceptances.rules
    return session.settled(Settlement(code, supervisor.code, "看过实物（样例）"), rules.rulebook, rules.policy, TODAY)


def accepted_by_its_supervisor(
    station: Station, session: Session, code: str, by: tuple[SignedIn, SignedIn]
) -> tuple[Recorded, dict[str, object]]:
    """Settled by the second of the two; not without him. The acceptance, and its facts."""
    clerk, supervisor = by
    session = settled(station, session, code, supervisor)
    with pytest.raises(UserError) as caught:
        submitted(station, session, clerk)
    assert caught.value.code == DeskCode.NOT_SIGNED_IN
    recorded = submitted(station, session, clerk, supervisor)
    assert recorded.outcome is Outcome.ACCEPT
    said = facts(station, recorded.seq or 0)
    assert {"code": code, "supervisor": supervisor.code} in said["resolutions"]  # type: ignore[operator]
    return recorded, said


def weighty(recorded: Recorded) -> set[str]:
    return {reason.code for reason in recorded.verdict.reasons if reason.consequence is not Consequence.NOTE}


def told_of(recorded: Recorded, code: str) -> dict[str, object]:
    return next(dict(reason.facts) for reason in recorded.verdict.reasons if reason.code == code)


def place(station: Station, seq: int | None) -> dict[str, object]:
    return {"journal_id": journal.current_journal(station.database), "seq": seq}


def records(station: Station, seq: int | None) -> Record:
    journal_id = journal.current_journal(station.database) or ""
    return record(station.database, station.enrolled(), station.evidence, journal_id, seq or 0)


# Refused before ---------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def guarded(station: Station, clerk: SignedIn, prepared: Prepared) -> Recorded:
    """Refused with what is not given back, under guard, and a lead."""
    recorded = submitted(station, found(station, prepared(), "雷管", "02", concealed=True), clerk)
    assert (recorded.outcome, recorded.lead is not None) == (Outcome.REFUSE, True)
    return recorded


def test_what_was_refused_under_guard_waits_for_a_supervisor(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared, guarded: Recorded
) -> None:
    again = submitted(station, prepared(), clerk)
    assert (again.outcome, weighty(again)) == (Outcome.REFER, {CODE.REFUSED_UNSETTLED})
    told = told_of(again, CODE.REFUSED_UNSETTLED)
    assert (told["seq"], told["refusal"], told["lead"], told["at"]) == (guarded.seq, "R07", guarded.lead, "2026-11-23 12:00")
    assert accepted(station.database, WAYBILL) is None


def test_its_supervisor_settles_it_and_both_records_name_each_other(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared, guarded: Recorded
) -> None:
    recorded, said = accepted_by_its_supervisor(station, prepared(), CODE.REFUSED_UNSETTLED, (clerk, supervisor))
    assert (said["after_refusal"], said["resolves"]) == (place(station, guarded.seq), None)
    assert {"of": CODE.REFUSED_UNSETTLED, "reason": "看过实物（样例）"} in part(station, recorded.seq or 0, "kept")["reasons_given"]  # type: ignore[operator]
    after, before = records(station, recorded.seq), records(station, guarded.seq)
    assert after.after_refusal == tuple(place(station, guarded.seq).values())
    assert before.taken_up_by == (tuple(place(station, recorded.seq).values()),)
    assert all(each.equal for each in views.compare(station.database))


def test_refusing_it_once_more_for_less_settles_nothing(station: Station, clerk: SignedIn, prepared: Prepared, guarded: Recorded) -> None:
    book = station.desk().acceptances.rules.rulebook
    assert submitted(station, prepared().refused("R04", book), clerk).outcome is Outcome.REFUSE
    again = submitted(station, prepared(), clerk)
    assert (again.outcome, told_of(again, CODE.REFUSED_UNSETTLED)["seq"]) == (Outcome.REFER, guarded.seq)


def test_suspected_infringement_is_a_lead_though_it_is_handed_back(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    book = station.desk().acceptances.rules.rulebook
    first = submitted(station, prepared().refused("R11", book), clerk)
    assert first.lead is not None
    assert weighty(submitted(station, prepared(), clerk)) == {CODE.REFUSED_UNSETTLED}


@pytest.mark.parametrize("refusal", ["R01", "R04", "R09"])
def test_what_was_made_good_is_told_and_accepted(station: Station, clerk: SignedIn, prepared: Prepared, refusal: str) -> None:
    book = station.desk().acceptances.rules.rulebook
    first = submitted(station, prepared().refused(refusal, book), clerk)
    recorded = submitted(station, prepared(), clerk)
    assert (recorded.outcome, weighty(recorded)) == (Outcome.ACCEPT, set())
    told = told_of(recorded, CODE.REFUSED_BEFORE)
    assert (told["seq"], told["refusal"]) == (first.seq, refusal)
    assert facts(station, recorded.seq or 0)["after_refusal"] == place(station, first.seq)
    assert {"code": CODE.REFUSED_BEFORE, "refusal": None} in facts(station, recorded.seq or 0)["reasons"]  # type: ignore[operator]


def test_a_lighter_that_was_handed_back_is_told_and_no_more(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    first = submitted(station, found(station, prepared(), "打火机", "04", concealed=False), clerk)
    assert (first.outcome, first.lead) == (Outcome.REFUSE, None)
    assert submitted(station, prepared(), clerk).outcome is Outcome.ACCEPT


def test_what_an_acceptance_has_named_is_not_told_again_after_it_was_withdrawn(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared, guarded: Recorded
) -> None:
    recorded = submitted(station, settled(station, prepared(), CODE.REFUSED_UNSETTLED, supervisor), clerk, supervisor)
    asked = Withdrawal(journal.current_journal(station.database) or "", recorded.seq or 0, "不寄了", str(DOCUMENT.number))
    station.desk().withdrawals.withdraw(asked, clerk)
    again = submitted(station, prepared(), clerk)
    assert again.outcome is Outcome.ACCEPT
    assert "after_refusal" not in facts(station, again.seq or 0)


def test_a_refusal_that_keeps_nobody_names_no_entry_that_keeps_somebody(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    book = station.desk().acceptances.rules.rulebook
    submitted(station, prepared().refused("R04", book), clerk)
    again = submitted(station, prepared().refused("R01", book), clerk)
    assert "after_refusal" not in facts(station, again.seq or 0)


def test_another_parcel_knows_nothing_of_it(station: Station, clerk: SignedIn, prepared: Prepared, guarded: Recorded) -> None:
    assert submitted(station, prepared("SF1000000000023"), clerk).outcome is Outcome.ACCEPT
    session = prepared()
    assert session.draft.refused_before is not None
    other = session.waybill_scanned(replace(session.draft.waybill, text="SF1000000000023"))  # type: ignore[type-var]
    assert (other.draft.refused_before, other.draft.referred_before) == (None, None)


# Still referred ---------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(station: Station, clerk: SignedIn, prepared: Prepared) -> Recorded:
    """Referred for a doubt about what is in it."""
    recorded = submitted(station, doubted(station, prepared()), clerk, draft="draft-1")
    assert recorded.outcome is Outcome.REFER
    return recorded


@pytest.mark.parametrize("draft", ["draft-1", "draft-2", None])
def test_a_doubt_is_not_cleared_by_another_scan(
    station: Station, clerk: SignedIn, prepared: Prepared, waiting: Recorded, draft: str | None
) -> None:
    again = submitted(station, prepared(), clerk, draft=draft)
    assert again.outcome is Outcome.REFER
    assert (again.repeated, again.seq == waiting.seq) == (draft == "draft-1", draft == "draft-1")
    assert accepted(station.database, WAYBILL) is None


def test_what_waits_and_why_is_told_at_the_scan(station: Station, prepared: Prepared, waiting: Recorded) -> None:
    acceptances = station.desk().acceptances
    reason = next(one for one in acceptances.verdict(prepared()).reasons if one.code == CODE.STILL_REFERRED)
    item = acceptances.rules.rulebook.rules.checklists.item("layers-checked")
    assert item is not None
    assert (reason.facts["seq"], reason.facts["about_zh"]) == (waiting.seq, f"“{item.question.zh}”")


def test_its_supervisor_settles_a_referral_with_a_reason(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared, waiting: Recorded
) -> None:
    _, said = accepted_by_its_supervisor(station, prepared(), CODE.STILL_REFERRED, (clerk, supervisor))
    assert said["resolves"] == place(station, waiting.seq)


def test_referring_it_once_more_does_not_hide_what_it_was_about(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared, waiting: Recorded
) -> None:
    second = submitted(station, prepared(), clerk)
    session = prepared()
    reason = next(one for one in station.desk().acceptances.verdict(session).reasons if one.code == CODE.STILL_REFERRED)
    assert (reason.facts["seq"], reason.facts["about_en"]) == (second.seq, told_of(second, CODE.STILL_REFERRED)["about_en"])
    recorded = submitted(station, settled(station, session, CODE.STILL_REFERRED, supervisor), clerk, supervisor)
    assert (recorded.outcome, facts(station, recorded.seq or 0)["resolves"]) == (Outcome.ACCEPT, place(station, second.seq))
    asked = Withdrawal(journal.current_journal(station.database) or "", recorded.seq or 0, "不寄了", str(DOCUMENT.number))
    station.desk().withdrawals.withdraw(asked, clerk)
    assert submitted(station, prepared(), clerk).outcome is Outcome.ACCEPT


def test_refusing_it_is_no_way_round(station: Station, clerk: SignedIn, prepared: Prepared, waiting: Recorded) -> None:
    book = station.desk().acceptances.rules.rulebook
    assert submitted(station, prepared().refused("R04", book), clerk).outcome is Outcome.REFUSE
    again = submitted(station, prepared(), clerk)
    assert (again.outcome, weighty(again)) == (Outcome.REFER, {CODE.STILL_REFERRED})


def test_a_settlement_is_about_the_referral_that_stood_then(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared, waiting: Recorded
) -> None:
    session = settled(station, prepared(), CODE.STILL_REFERRED, supervisor)
    submitted(station, doubted(station, prepared()), clerk)
    with pytest.raises(UserError) as caught:
        submitted(station, session, clerk, supervisor)
    assert caught.value.code == DeskCode.PARCEL_CHANGED


def by_hukou(session: Session) -> Session:
    return session.identified(replace(DOCUMENT, type=DocumentType.HUKOU, valid_from=None, valid_until=None))


@pytest.mark.parametrize("draft", ["draft-1", "draft-2"])
def test_what_it_was_referred_for_is_decided_once(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared, draft: str
) -> None:
    """A supervisor who decides now what the parcel was referred for need not settle the referral besides."""
    first = submitted(station, prepared(changed=by_hukou), clerk, draft="draft-1")
    assert (first.outcome, facts(station, first.seq or 0)["referred_for"]) == (Outcome.REFER, ["document-needs-supervisor"])
    assert submitted(station, prepared(), clerk, draft="draft-1").outcome is Outcome.REFER, "another document is no decision"
    session = settled(station, prepared(changed=by_hukou), "document-needs-supervisor", supervisor)
    recorded = submitted(station, session, clerk, supervisor, draft=draft)
    assert (recorded.outcome, facts(station, recorded.seq or 0)["resolves"]) == (Outcome.ACCEPT, place(station, first.seq))


def unread_label(session: Session) -> Session:
    """A check digit that is wrong."""
    return session.waybill_scanned(WaybillCheck(WAYBILL, CodeKind.WAYBILL, ("sf",), "sf", valid=False), "张三丰")


@pytest.mark.parametrize("draft", ["draft-1", "draft-2"])
def test_a_referral_of_the_same_draft_that_lacked_something_else_needs_no_second_word(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared, draft: str
) -> None:
    first = submitted(station, prepared(changed=lambda s: by_hukou(unread_label(s))), clerk, draft="draft-1")
    assert set(facts(station, first.seq or 0)["referred_for"]) == {"document-needs-supervisor", "waybill-check-failed"}  # type: ignore[call-overload]
    session = settled(station, prepared(changed=by_hukou), "document-needs-supervisor", supervisor)
    recorded = submitted(station, session, clerk, supervisor, draft=draft)
    assert recorded.outcome is (Outcome.ACCEPT if draft == "draft-1" else Outcome.REFER)


def test_a_supervisor_s_word_on_something_else_clears_no_doubt(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared
) -> None:
    first = submitted(station, doubted(station, prepared(changed=by_hukou)), clerk, draft="draft-1")
    session = settled(station, prepared(changed=by_hukou), "document-needs-supervisor", supervisor)
    recorded = submitted(station, session, clerk, supervisor, draft="draft-1")
    assert (recorded.outcome, recorded.seq, recorded.repeated) == (Outcome.REFER, first.seq, True)


def reviewed(session: Session) -> Session:
    """A phone that the practice list has to be looked at."""
    return session.sender_known("15800007890")


def other_phone(session: Session) -> Session:
    return session.sender_known("13800001234")


def not_same(session: Session, supervisor: SignedIn) -> Session:
    assert session.draft.screening is not None
    for one in session.draft.screening.hits:
        session = session.resolved(HitResolution(one.list_id, one.entry_id, one.revision, ResolutionKind.NOT_SAME, supervisor.code, "换主"))
    return session


def test_the_very_hit_it_was_referred_for_is_decided_once(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared
) -> None:
    first = submitted(station, prepared(changed=reviewed), clerk)
    assert (first.outcome, facts(station, first.seq or 0)["referred_for"]) == (Outcome.REFER, ["blacklist-review"])
    assert submitted(station, prepared(changed=other_phone), clerk).outcome is Outcome.REFER, "without the hit it still waits"
    recorded = submitted(station, not_same(prepared(changed=reviewed), supervisor), clerk, supervisor)
    assert recorded.outcome is Outcome.ACCEPT


# Another number ---------------------------------------------------------------------------------------------------------------------------

OTHER = "SF1000000000032"


@pytest.mark.parametrize("what", ["frees", "takes"])
def test_no_clerk_s_correction_frees_or_takes_a_waybill_that_waits(
    station: Station, clerk: SignedIn, supervisor: SignedIn, prepared: Prepared, waiting: Recorded, what: str
) -> None:
    accepted_elsewhere = submitted(station, prepared("SF1000000000023"), clerk)
    seq, waybill = (waiting.seq or 0, OTHER) if what == "frees" else (accepted_elsewhere.seq or 0, WAYBILL)
    asked = Correction(journal.current_journal(station.database) or "", seq, {"waybill": waybill}, "面单看错")
    with pytest.raises(UserError) as caught:
        station.desk().acceptances.correct(asked, clerk)
    assert caught.value.code == DeskCode.NO_RIGHT
    station.desk().acceptances.correct(asked, supervisor)
