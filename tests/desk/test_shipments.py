"""一票多件, gone on with: the next piece is known from the journal, also by another piece than the first, and for the same sender only."""

from __future__ import annotations

from dataclasses import replace

import pytest

from courier_check.acceptance import Draft
from courier_check.desk.acceptances import Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import SignedIn
from courier_check.desk.withdrawals import Withdrawal
from courier_check.errors import UserError
from courier_check.parcel.service import Shipment
from courier_check.station import Station
from courier_check.store import journal
from support.entries import Prepared, facts
from support.parcels import DOCUMENT

FIRST, SECOND, THIRD = "SF1000000000014", "SF1000000000028", "SF1000000000031"


def accepted(station: Station, prepared: Prepared, by: SignedIn, waybill: str, shipment: Shipment | None) -> int:
    session = prepared(waybill)
    session = session.piece_of(shipment) if shipment is not None and shipment.piece > 1 else session
    session = session.in_pieces(shipment.pieces) if shipment is not None and shipment.piece == 1 else session
    return station.desk().acceptances.submit(Submission(session, by)).seq or 0


def refused(station: Station, waybill: str, draft: Draft) -> UserError:
    with pytest.raises(UserError) as caught:
        station.desk().shipments.next_piece(waybill, draft)
    return caught.value


def test_the_next_piece_is_known_by_any_piece_that_was_accepted(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    first = accepted(station, prepared, clerk, FIRST, Shipment(1, 3, FIRST))
    shipments, draft = station.desk().shipments, prepared(THIRD).draft
    second = shipments.next_piece(FIRST, draft)
    assert second == Shipment(2, 3, FIRST)
    seq = accepted(station, prepared, clerk, SECOND, second)
    assert facts(station, seq)["shipment"] == {
        "piece": 2,
        "pieces": 3,
        "first": {"journal_id": journal.current_journal(station.database), "seq": first},
    }
    assert shipments.next_piece(FIRST, draft) == shipments.next_piece(SECOND, draft) == Shipment(3, 3, FIRST)
    accepted(station, prepared, clerk, THIRD, Shipment(3, 3, FIRST))
    told = refused(station, SECOND, draft)
    assert (told.code, told.facts) == (DeskCode.SHIPMENT_WHOLE, {"pieces": 3})
    assert station.verify().ok


def test_another_sender_has_another_shipment(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    accepted(station, prepared, clerk, FIRST, Shipment(1, 2, FIRST))
    draft = prepared(SECOND).draft
    other = replace(draft, document=replace(DOCUMENT, number="110101199003077758"))
    assert refused(station, FIRST, other).code == DeskCode.SHIPMENT_OTHER_SENDER
    assert refused(station, FIRST, replace(draft, document=None)).code == DeskCode.SHIPMENT_OTHER_SENDER


@pytest.mark.parametrize("waybill", [FIRST, THIRD, "", "样" * 400, '"first":{"x'])
def test_what_is_no_shipment_is_said(station: Station, prepared: Prepared, clerk: SignedIn, waybill: str) -> None:
    accepted(station, prepared, clerk, FIRST, None)
    assert refused(station, waybill, prepared(SECOND).draft).code == DeskCode.SHIPMENT_UNKNOWN


def test_a_first_piece_that_was_taken_back_is_gone_on_with_by_nobody(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    first = accepted(station, prepared, clerk, FIRST, Shipment(1, 3, FIRST))
    accepted(station, prepared, clerk, SECOND, Shipment(2, 3, FIRST))
    place = journal.current_journal(station.database) or ""
    station.desk().withdrawals.withdraw(Withdrawal(place, first, "不寄了", str(DOCUMENT.number)), clerk)
    for waybill in (FIRST, SECOND):
        assert refused(station, waybill, prepared(THIRD).draft).code == DeskCode.SHIPMENT_UNKNOWN
