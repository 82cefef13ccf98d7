"""一票多件, gone on with after the window was closed: which piece comes next, and whether it is the same sender's."""

from __future__ import annotations

from courier_check.acceptance import Draft
from courier_check.desk.codes import DeskCode
from courier_check.desk.records import subject_of, tokens_of
from courier_check.errors import UserError
from courier_check.journal.tokens import TokenKind
from courier_check.parcel.service import Shipment
from courier_check.store.acts import Act, accepted, act_at, token_of_act
from courier_check.store.database import Database
from courier_check.store.identity import StationIdentity
from courier_check.store.shipments import last_piece, piece_at


class Shipments:
    """What is asked about shipments. Reads only."""

    def __init__(self, database: Database, identity: StationIdentity) -> None:
        self._database = database
        self._identity = identity

    def next_piece(self, waybill: str, draft: Draft) -> Shipment:
        """The next piece of the shipment that the accepted parcel `waybill` is of, for the parcel `draft`. UserError where that is no
        shipment's, where all its pieces were recorded, and for another sender than the first piece's."""
        first, pieces = self._first(waybill)
        place = (first.journal_id, first.seq)
        last = last_piece(self._database, place, first.at_ms)
        if last >= pieces:
            raise UserError(DeskCode.SHIPMENT_WHOLE, pieces=pieces)
        held = token_of_act(self._database, TokenKind.ID_NUMBER.value, *place)
        if held is not None and held not in self._numbers(draft):
            raise UserError(DeskCode.SHIPMENT_OTHER_SENDER, seq=first.seq)
        return Shipment(last + 1, pieces, first.waybill or waybill)

    def _first(self, waybill: str) -> tuple[Act, int]:
        """The first piece's acceptance, and how many pieces there are."""
        act = accepted(self._database, waybill)
        piece = piece_at(self._database, act.journal_id, act.seq) if act is not None else None
        if act is not None and piece is not None and piece.first is not None:
            act = act_at(self._database, *piece.first)
        if act is None or piece is None or act.withdrawn or (piece.first is None and piece.piece > 1):
            raise UserError(DeskCode.SHIPMENT_UNKNOWN, waybill=waybill[:40])
        return act, piece.pieces

    def _numbers(self, draft: Draft) -> set[str]:
        """The sender's document number under every match key held."""
        subject = subject_of(draft, draft.document)
        found = (tokens_of(subject, key).get(TokenKind.ID_NUMBER.value) for key in self._identity.enrolment.match_keys)
        return {token for token in found if token is not None}
