"""窗口: the parcel in hand and those put aside. Pure, like the sessions it holds."""

from __future__ import annotations

from dataclasses import dataclass

from courier_check.acceptance.codes import AcceptanceCode
from courier_check.acceptance.session import Session
from courier_check.errors import UserError


@dataclass(frozen=True, slots=True)
class Counter:
    """At most one session in hand; the held ones in the order they were put aside."""

    current: Session | None = None
    held: tuple[Session, ...] = ()

    def start(self, session: Session) -> Counter:
        """Take up a new parcel. UserError while another is in hand, or if the id is taken."""
        if self.current is not None:
            raise UserError(AcceptanceCode.WINDOW_BUSY)
        if session.session_id in {one.session_id for one in self.held}:
            raise UserError(AcceptanceCode.SESSION_EXISTS)
        return Counter(session, self.held)

    def put(self, session: Session) -> Counter:
        """The parcel in hand after a step. UserError if it is not the one in hand."""
        if self.current is None or session.session_id != self.current.session_id:
            raise UserError(AcceptanceCode.NO_SUCH_SESSION)
        return Counter(session, self.held)

    def hold(self) -> Counter:
        """挂起: put the parcel in hand aside. UserError if there is none."""
        if self.current is None:
            raise UserError(AcceptanceCode.WINDOW_EMPTY)
        return Counter(None, (*self.held, self.current))

    def resume(self, session_id: str) -> Counter:
        """取回: a held parcel back in hand; the one in hand is put aside. UserError for an unknown id."""
        wanted = next((session for session in self.held if session.session_id == session_id), None)
        if wanted is None:
            raise UserError(AcceptanceCode.NO_SUCH_SESSION)
        others = tuple(session for session in self.held if session is not wanted)
        return Counter(wanted, others if self.current is None else (*others, self.current))

    def finish(self) -> Counter:
        """The parcel in hand is done with: recorded, or given up. UserError if there is none."""
        if self.current is None:
            raise UserError(AcceptanceCode.WINDOW_EMPTY)
        return Counter(None, self.held)
