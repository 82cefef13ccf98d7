"""抽检: agreement mail is inspected by sampling only where a local document and the agreement's clause allow it; else every parcel is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from courier_check.acceptance import Session
from courier_check.acceptance.draft import Sampling
from courier_check.desk.acceptances import Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import SignedIn
from courier_check.errors import UserError
from courier_check.inspection.verdict import Outcome
from courier_check.station import Station
from courier_check.terms import MailKind
from support.entries import facts
from support.parcels import STEPS, answer_all

BASIS = Sampling("样例邮管〔2026〕12号", "安全协议第 7 条")
OPENED = "opened-in-presence"


def agreement(station: Station, *, sampled: bool = False, waybill: str = "SF1000000000014") -> Session:
    """Agreement mail with its client, its label and its contents, nothing answered yet."""
    from courier_check.parcel.waybills import CodeKind, WaybillCheck

    session = Session.started("s1", MailKind.AGREEMENT, sampled=sampled).client_reviewed("client-1")
    for step in STEPS:
        session = step(session)
    return session.waybill_scanned(WaybillCheck(waybill, CodeKind.WAYBILL, ("sf",), "sf"), "样例商贸")


def answered(station: Station, session: Session, *, but: tuple[str, ...] = ()) -> Session:
    session = station.desk().acceptances.prepare(session)
    return answer_all(session, replace(station.desk().acceptances.rules.rulebook), but=but)


def missing(station: Station, session: Session) -> tuple[str, ...]:
    prepared = answered(station, session, but=(OPENED,))
    return station.desk().acceptances.verdict(prepared).missing


def test_without_a_basis_every_parcel_is_inspected(station: Station, clerk: SignedIn) -> None:
    assert OPENED in missing(station, agreement(station))
    assert OPENED in missing(station, replace_sampling(agreement(station), BASIS)), "what a session claims counts for nothing"


def replace_sampling(session: Session, sampling: Sampling) -> Session:
    return Session(session.session_id, replace(session.draft, sampling=sampling))


def test_with_a_basis_only_what_was_drawn_is_opened_and_the_entry_says_so(station: Station, clerk: SignedIn, supervisor: SignedIn) -> None:
    station.desk().outlet.set_sampling(BASIS, supervisor)
    assert missing(station, agreement(station)) == ()
    assert OPENED in missing(station, agreement(station, sampled=True))
    recorded = station.desk().acceptances.submit(Submission(answered(station, agreement(station)), clerk))
    assert recorded.outcome is Outcome.ACCEPT
    told = facts(station, recorded.seq or 0)
    inspection = told["inspection"]
    assert isinstance(inspection, dict)
    assert (told["inspected"], inspection["methods"], inspection["exemption"]) == (False, [], "sampled-out")
    assert inspection["sampling"] == {"document": BASIS.document, "clause": BASIS.clause, "drawn": False}


def test_other_mail_is_never_sampled(station: Station, clerk: SignedIn, supervisor: SignedIn) -> None:
    station.desk().outlet.set_sampling(BASIS, supervisor)
    draft = replace(agreement(station).draft, mail_kind=MailKind.PARCEL, client_id=None)
    assert OPENED in missing(station, Session("s1", draft))


@pytest.mark.parametrize(
    "unfounded", [Sampling("", "第 7 条"), Sampling("文号", " "), Sampling("文" * 81, "第 7 条"), Sampling("文\n号", "x")]
)
def test_one_basis_alone_allows_nothing(station: Station, supervisor: SignedIn, unfounded: Sampling) -> None:
    with pytest.raises(UserError) as caught:
        station.desk().outlet.set_sampling(unfounded, supervisor)
    assert caught.value.code == DeskCode.SAMPLING_UNFOUNDED
    assert station.desk().outlet.sampling() is None


def test_the_change_is_journaled_and_is_a_supervisors(station: Station, clerk: SignedIn, supervisor: SignedIn) -> None:
    outlet = station.desk().outlet
    with pytest.raises(UserError) as caught:
        outlet.set_sampling(BASIS, clerk)
    assert caught.value.code == DeskCode.NO_RIGHT
    outlet.set_sampling(BASIS, supervisor)
    assert outlet.sampling() == BASIS
    outlet.set_sampling(None, supervisor)
    assert outlet.sampling() is None
    rows = station.database.rows("SELECT seq FROM journal_entries ORDER BY seq DESC LIMIT 2")
    values = [facts(station, seq)["value"] for (seq,) in rows]
    assert values == [None, {"document": BASIS.document, "clause": BASIS.clause}]
    assert OPENED in missing(station, agreement(station))
