"""抽检: agreement mail is inspected by sampling only where a local document and the agreement's clause allow it; else every parcel is."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from courier_check.acceptance import Session
from courier_check.acceptance.draft import Sampling
from courier_check.desk.acceptances import Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import SignedIn
from courier_check.desk.sampling import SAMPLING
from courier_check.errors import UserError
from courier_check.inspection.verdict import Outcome
from courier_check.parcel.contents import DeclaredItem
from courier_check.parcel.waybills import CodeKind, WaybillCheck
from courier_check.station import Station
from courier_check.store.facts import save
from courier_check.terms import MailKind
from support.entries import facts
from support.parcels import STEPS, answer_all

BASIS = Sampling("样例邮管〔2026〕12号", "安全协议第 7 条", 50)
OPENED = "opened-in-presence"


def agreement(station: Station, *, sampled: bool = False, waybill: str = "SF1000000000014") -> Session:
    """Agreement mail with its client, its label and its contents, nothing answered yet."""
    session = Session.started("s1", MailKind.AGREEMENT, sampled=sampled).client_reviewed("client-1")
    for step in STEPS:
        session = step(session)
    return session.waybill_scanned(WaybillCheck(waybill, CodeKind.WAYBILL, ("sf",), "sf"), "样例商贸")


def lots(station: Station, numbers: range = range(60)) -> dict[str, bool]:
    """What the station draws of so many labels: whether each is left out."""
    acceptances = station.desk().acceptances
    waybills = [f"SF10000{number:08d}" for number in numbers]
    return {waybill: acceptances.prepare(agreement(station, waybill=waybill)).draft.is_spared for waybill in waybills}


def with_lot(station: Station, *, spared: bool, sampled: bool = False) -> Session:
    """A parcel whose lot is this."""
    return agreement(station, sampled=sampled, waybill=next(waybill for waybill, left_out in lots(station).items() if left_out is spared))


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
    assert missing(station, with_lot(station, spared=True)) == ()
    assert OPENED in missing(station, with_lot(station, spared=False))
    assert OPENED in missing(station, with_lot(station, spared=True, sampled=True)), "a case file may say that it was drawn"
    recorded = station.desk().acceptances.submit(Submission(answered(station, with_lot(station, spared=True)), clerk))
    assert recorded.outcome is Outcome.ACCEPT
    told = facts(station, recorded.seq or 0)
    inspection = told["inspection"]
    assert isinstance(inspection, dict)
    assert (told["inspected"], inspection["methods"], inspection["exemption"]) == (False, [], "sampled-out")
    assert inspection["sampling"] == {"document": BASIS.document, "clause": BASIS.clause, "drawn": False}


def test_a_spared_parcel_of_focus_goods_is_accepted_without_a_picture(station: Station, clerk: SignedIn, supervisor: SignedIn) -> None:
    station.desk().outlet.set_sampling(BASIS, supervisor)
    medicine = [DeclaredItem(name="感冒药", category="medicine", weight_g=100)]
    spared = answered(station, with_lot(station, spared=True).declared(medicine))
    assert station.desk().acceptances.verdict(spared).missing == ()
    recorded = station.desk().acceptances.submit(Submission(spared, clerk))
    assert (recorded.outcome, facts(station, recorded.seq or 0)["inspected"]) == (Outcome.ACCEPT, False)
    drawn = answered(station, with_lot(station, spared=False).declared(medicine))
    assert set(station.desk().acceptances.verdict(drawn).missing) == {"photo-contents", "photo-sealed"}


def test_other_mail_is_never_sampled(station: Station, clerk: SignedIn, supervisor: SignedIn) -> None:
    station.desk().outlet.set_sampling(BASIS, supervisor)
    draft = replace(with_lot(station, spared=True).draft, mail_kind=MailKind.PARCEL, client_id=None)
    assert OPENED in missing(station, Session("s1", draft))


@pytest.mark.parametrize(
    "unfounded", [Sampling("", "第 7 条", 5), Sampling("文号", " ", 5), Sampling("文" * 81, "第 7 条", 5), Sampling("文\n号", "x", 5)]
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
    assert values == [None, {"document": BASIS.document, "clause": BASIS.clause, "share_percent": 50}]
    assert OPENED in missing(station, agreement(station))


@pytest.mark.parametrize("share", [None, 0, -1, 101])
def test_without_a_share_nothing_is_set(station: Station, supervisor: SignedIn, share: int | None) -> None:
    with pytest.raises(UserError) as caught:
        station.desk().outlet.set_sampling(replace(BASIS, share_percent=share), supervisor)
    assert caught.value.code == DeskCode.SAMPLING_SHARE
    assert station.desk().outlet.sampling() is None


@pytest.mark.parametrize(("share", "least", "most"), [(1, 0, 20), (30, 50, 130), (100, 300, 300)])
def test_the_share_that_was_set_is_drawn(station: Station, supervisor: SignedIn, share: int, least: int, most: int) -> None:
    station.desk().outlet.set_sampling(replace(BASIS, share_percent=share), supervisor)
    drawn = [waybill for waybill, left_out in lots(station, range(300)).items() if not left_out]
    assert least <= len(drawn) <= most


def test_a_label_keeps_its_lot_and_no_number_tells_it(station: Station, supervisor: SignedIn) -> None:
    outlet = station.desk().outlet
    outlet.set_sampling(BASIS, supervisor)
    first = lots(station)
    assert lots(station) == first, "whoever starts anew gets no other lot"
    outlet.set_sampling(BASIS, supervisor)
    assert lots(station) != first, "the same numbers under another key"


def test_a_lot_is_that_of_its_label_only(station: Station, supervisor: SignedIn) -> None:
    station.desk().outlet.set_sampling(BASIS, supervisor)
    spared = station.desk().acceptances.prepare(with_lot(station, spared=True))
    assert spared.draft.is_spared
    other = WaybillCheck("SF1000000000099", CodeKind.WAYBILL, ("sf",), "sf")
    assert not spared.waybill_scanned(other, "样例商贸").draft.is_spared, "before it was looked up anew"
    assert not spared.waybill_scanned(other, "样例商贸").informed_by(spared).draft.is_spared


def test_what_was_drawn_is_recorded_with_its_pictures_asked_for(station: Station, clerk: SignedIn, supervisor: SignedIn) -> None:
    station.desk().outlet.set_sampling(BASIS, supervisor)
    session = answered(station, with_lot(station, spared=False))
    assert set(station.desk().acceptances.verdict(session).missing) == {"photo-contents", "photo-sealed"}
    book = station.desk().acceptances.rules.rulebook
    for rule in ("photo-contents", "photo-sealed"):
        session = session.photo_exempted(rule, "state-or-trade-secret", book)
    told = facts(station, station.desk().acceptances.submit(Submission(session, clerk)).seq or 0)
    inspection = told["inspection"]
    assert isinstance(inspection, dict)
    assert (told["inspected"], inspection["exemption"]) == (True, None)
    assert inspection["sampling"] == {"document": BASIS.document, "clause": BASIS.clause, "drawn": True}


def test_a_basis_that_was_set_before_there_was_a_share_spares_nothing(station: Station, supervisor: SignedIn) -> None:
    old = json.dumps({"document": BASIS.document, "clause": BASIS.clause}).encode()
    with station.database.write() as tx:
        save(tx, SAMPLING, old)
    assert station.desk().outlet.sampling() == replace(BASIS, share_percent=None)
    assert not any(lots(station).values())
    assert OPENED in missing(station, agreement(station))
