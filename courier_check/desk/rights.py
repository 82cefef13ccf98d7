"""Who may do what. Checked by every desk verb inside its own transaction, whatever the screen allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from courier_check.desk.codes import DeskCode
from courier_check.errors import UserError
from courier_check.store import operators
from courier_check.store.database import Database


class Role(StrEnum):
    CLERK = "clerk"  # 收寄员
    SUPERVISOR = "supervisor"  # 主管


class Right(StrEnum):
    ACCEPT = "accept"
    REFUSE = "refuse"
    CORRECT = "correct"
    DISPUTE = "dispute"  # an act of one's own
    DISPUTE_ANY = "dispute-any"
    CLOSE_DAY = "close-day"
    CHECK_SECURITY = "check-security"  # 安检
    RESOLVE = "resolve"  # settle a hit or a referral
    REVEAL = "reveal"
    EXPORT = "export"
    MANAGE_OPERATORS = "manage-operators"
    INSTALL = "install"


_CLERK = frozenset({Right.ACCEPT, Right.REFUSE, Right.CORRECT, Right.DISPUTE, Right.CLOSE_DAY, Right.CHECK_SECURITY})
RIGHTS: Mapping[Role, frozenset[Right]] = {Role.CLERK: _CLERK, Role.SUPERVISOR: frozenset(Right)}


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The operator at the window, after sign-in."""

    code: str
    role: Role


def require(db: Database, who: SignedIn | None, right: Right) -> SignedIn:
    """The operator, if still enabled and of a role that has the right. Raises UserError."""
    if who is None:
        raise UserError(DeskCode.NOT_SIGNED_IN)
    row = operators.operator(db, who.code)
    if row is None or row.disabled:
        raise UserError(DeskCode.OPERATOR_DISABLED, operator=who.code)
    if right not in RIGHTS[Role(row.role)]:
        raise UserError(DeskCode.NO_RIGHT, operator=who.code, right=right.value)
    return who


def may(db: Database, who: SignedIn, right: Right) -> bool:
    """Whether an operator who may work here has a right besides."""
    row = operators.operator(db, who.code)
    return row is not None and not row.disabled and right in RIGHTS[Role(row.role)]
