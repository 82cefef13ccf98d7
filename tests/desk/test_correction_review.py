"""更正以后再看一遍: right values are checked as an acceptance's are. What would refuse or refer the parcel now is written down all the
same, by a supervisor, and whoever corrects is told to intercept it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from courier_check.acceptance import HitResolution, ResolutionKind
from courier_check.desk.acceptances import Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.correction_review import DoubtfulCorrectionError
from courier_check.desk.corrections import Corrected, Correction
from courier_check.desk.rights import SignedIn
from courier_check.desk.withdrawals import Withdrawal
from courier_check.errors import UserError
from courier_check.identity.codes import NumberReason
from courier_check.identity.documents import DocumentType
from courier_check.inspection.codes import InspectionReason
from courier_check.inspection.verdict import Outcome
from courier_check.screening.codes import ScreeningCode
from courier_check.station import Station
from courier_check.store import journal, views
from support.entries import Prepared, facts, part
from support.parcels import DOCUMENT

LISTED = {"name": "钱样例", "number": "410104198506150027"}
"""A person of the practice list whose entry says 拦截."""
LISTED_PHONE = {"phone": "15800007890"}
FIREWORKS = {"contents": "旧书、烟花爆竹"}


def current(station: Station) -> str:
    return journal.current_journal(station.database) or ""


@pytest.fixture
def seq(station: Station, prepared: Prepared, clerk: SignedIn) -> int:
    return station.desk().acceptances.submit(Submission(prepared(), clerk)).seq or 0


def correct(station: Station, seq: int, changes: dict[str, str], by: SignedIn) -> Corrected:
    return station.desk().acceptances.correct(Correction(current(station), seq, changes, "抄错"), by)


def entries(station: Station) -> int:
    return int(station.database.value("SELECT COUNT(*) FROM journal_entries"))


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("123", NumberReason.SHAPE),
        ("410105199003071231", NumberReason.CHECK_DIGIT),
        ("410105199013071233", NumberReason.BIRTH_IMPOSSIBLE),
        ("E12345678", NumberReason.SHAPE),
    ],
)
def test_a_number_that_no_such_document_has_is_not_written(
    station: Station, clerk: SignedIn, supervisor: SignedIn, seq: int, number: str, code: NumberReason
) -> None:
    before = entries(station)
    for by in (clerk, supervisor):
        with pytest.raises(UserError) as caught:
            correct(station, seq, {"number": number}, by)
        assert caught.value.code == code
        assert number not in str(caught.value)
    assert entries(station) == before


def test_a_number_is_checked_by_the_kind_of_its_document(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    passport = replace(DOCUMENT, type=DocumentType.FOREIGN_PASSPORT, number="E12345678", nationality="FRA", born_on=None)
    recorded = station.desk().acceptances.submit(Submission(prepared(changed=lambda session: session.identified(passport)), clerk))
    made = correct(station, recorded.seq or 0, {"number": "E12345679"}, clerk)
    assert part(station, made.composed.entry.header.seq, "kept")["changes"] == {"number": "E12345679"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (LISTED, ScreeningCode.HIT_BLOCK),
        ({"number": LISTED["number"]}, ScreeningCode.HIT_BLOCK),
        (LISTED_PHONE, ScreeningCode.HIT_REVIEW),
        (FIREWORKS, InspectionReason.DECLARED_EXAMPLE),
    ],
)
def test_what_would_stop_the_parcel_now_is_corrected_by_a_supervisor_who_is_told(
    station: Station, clerk: SignedIn, supervisor: SignedIn, seq: int, changes: dict[str, str], code: str
) -> None:
    before = entries(station)
    with pytest.raises(DoubtfulCorrectionError) as caught:
        correct(station, seq, changes, clerk)
    assert caught.value.code == DeskCode.CORRECTION_DOUBTFUL
    assert code in {reason.code for reason in caught.value.reasons}
    assert entries(station) == before
    made = correct(station, seq, changes, supervisor)
    assert code in {reason.code for reason in made.reasons}
    said = facts(station, made.composed.entry.header.seq)
    assert said["reasons"] == [{"code": reason.code, "refusal": reason.refusal} for reason in made.reasons]
    assert part(station, made.composed.entry.header.seq, "kept")["changes"] == changes
    assert all(each.equal for each in views.compare(station.database))


def test_the_kept_part_says_which_entry_was_hit_and_the_header_does_not(station: Station, supervisor: SignedIn, seq: int) -> None:
    made = correct(station, seq, LISTED, supervisor).composed.entry
    (hit,) = part(station, made.header.seq, "kept")["hits"]  # type: ignore[misc]  # a list
    assert hit["list"] == "practice-counterfeit"
    assert "practice-counterfeit" not in made.header_bytes.decode()


def test_nothing_is_said_of_a_correction_that_changes_nothing_of_it(station: Station, clerk: SignedIn, seq: int) -> None:
    for changes in ({"name": "张三峰"}, {"phone": "13900009999"}, {"contents": "旧书和杂志"}, {"waybill": "SF1000000000030"}):
        made = correct(station, seq, changes, clerk)
        assert made.reasons == ()
        assert "reasons" not in facts(station, made.composed.entry.header.seq)


def test_what_was_corrected_before_counts_for_the_next_correction(
    station: Station, clerk: SignedIn, supervisor: SignedIn, seq: int
) -> None:
    """A list's name alone is looked at once more; with the number corrected besides it is that person."""
    correct(station, seq, {"number": LISTED["number"]}, supervisor)
    made = correct(station, seq, {"address": "样例市样例路 1 号"}, supervisor)
    assert ScreeningCode.HIT_BLOCK in {reason.code for reason in made.reasons}
    correct(station, seq, {"number": str(DOCUMENT.number)}, clerk)
    assert correct(station, seq, {"address": "样例市样例路 2 号"}, clerk).reasons == ()


def test_a_hit_that_was_decided_on_at_the_acceptance_says_nothing_new(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn
) -> None:
    session = prepared(changed=lambda given: given.sender_known(LISTED_PHONE["phone"]))
    assert session.draft.screening is not None
    (hit,) = session.draft.screening.hits
    told_apart = HitResolution(hit.list_id, hit.entry_id, hit.revision, ResolutionKind.NOT_SAME, supervisor.code, "号码是本人的")
    submission = Submission(session.resolved(told_apart), clerk, supervisor=supervisor)
    recorded = station.desk().acceptances.submit(submission)
    assert recorded.outcome is Outcome.ACCEPT
    assert correct(station, recorded.seq or 0, {"address": "样例市样例路 1 号"}, clerk).reasons == ()
    with pytest.raises(DoubtfulCorrectionError):
        correct(station, recorded.seq or 0, LISTED, clerk)


def test_a_parcel_that_did_not_go_is_judged_when_it_comes_again(station: Station, clerk: SignedIn, seq: int) -> None:
    station.desk().withdrawals.withdraw(Withdrawal(current(station), seq, "不寄了", str(DOCUMENT.number)), clerk)
    assert correct(station, seq, FIREWORKS, clerk).reasons == ()
