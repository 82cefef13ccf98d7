"""Operators: add, disable, sign in."""

from __future__ import annotations

import re

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import Right, Role, SignedIn, require
from courier_check.errors import UserError
from courier_check.journal.entries import Draft
from courier_check.journal.parts import PartName
from courier_check.store import journal, operators
from courier_check.store.database import Database
from courier_check.store.journal import Writer
from courier_check.store.operators import OperatorRow

SHORTEST_PASSWORD = 6
FREE_FAILURES = 3
LONGEST_LOCK_S = 300
_CODE = re.compile(r"[0-9A-Za-z-]{2,16}")


class Operators:
    """Verbs on operators. Password hashes (Argon2id) live outside the journal; who may work here is in it."""

    def __init__(self, database: Database, writer: Writer, hasher: PasswordHasher) -> None:
        self._database = database
        self._writer = writer
        self._hasher = hasher

    def add(self, code: str, role: Role, name: str, password: str, by: SignedIn | None) -> None:
        """A new operator, or one enabled again with a new password. The first one needs nobody's leave and must be a supervisor."""
        if not _CODE.fullmatch(code):
            raise UserError(DeskCode.OPERATOR_CODE_ODD)
        if len(password) < SHORTEST_PASSWORD:
            raise UserError(DeskCode.PASSWORD_SHORT, least=SHORTEST_PASSWORD)
        hashed = self._hasher.hash(password)
        with self._database.write() as tx:
            self._check_adding(tx, code, role, by)
            draft = Draft("operator-added", by.code if by else None, {"subject": code, "role": role.value}, {PartName.KEPT: {"name": name}})
            journal.append(tx, draft, self._writer)
            operators.save_credential(tx, code, hashed)

    def _check_adding(self, tx: Database, code: str, role: Role, by: SignedIn | None) -> None:
        if not operators.operators(tx):
            if role != Role.SUPERVISOR:
                raise UserError(DeskCode.FIRST_MUST_SUPERVISE)
            return
        require(tx, by, Right.MANAGE_OPERATORS)
        held = operators.operator(tx, code)
        if held is not None and not held.disabled:
            raise UserError(DeskCode.OPERATOR_EXISTS, operator=code)

    def all(self) -> list[OperatorRow]:
        """Everyone who was ever added, by code."""
        return operators.operators(self._database)

    def disable(self, code: str, by: SignedIn | None) -> None:
        """Takes effect at once, also for a window where the operator is signed in. One supervisor always remains."""
        with self._database.write() as tx:
            who = require(tx, by, Right.MANAGE_OPERATORS)
            held = operators.operator(tx, code)
            if held is None or held.disabled:
                raise UserError(DeskCode.OPERATOR_UNKNOWN, operator=code)
            left = [each for each in operators.operators(tx) if each.role == Role.SUPERVISOR and not each.disabled and each.code != code]
            if not left:
                raise UserError(DeskCode.LAST_SUPERVISOR, operator=code)
            journal.append(tx, Draft("operator-disabled", who.code, {"subject": code}), self._writer)

    def sign_in(self, code: str, password: str) -> SignedIn:
        """Check the password and journal the sign-in. After three failures each further one doubles a wait, up to five minutes."""
        held = operators.credential(self._database, code)
        row = operators.operator(self._database, code)
        if held is None or row is None:
            raise UserError(DeskCode.OPERATOR_UNKNOWN, operator=code)
        if row.disabled:
            raise UserError(DeskCode.OPERATOR_DISABLED, operator=code)
        now_ms = self._writer.clock.read().wall_ms
        waiting_ms = held.locked_until_ms - now_ms
        if waiting_ms > LONGEST_LOCK_S * 1000:  # the clock was set back: the wait begins anew, it neither lasts for ever nor is it skipped
            waiting_ms = _lock_s(held.failures) * 1000
            with self._database.write() as tx:
                operators.note_attempt(tx, code, held.failures, now_ms + waiting_ms)
        if waiting_ms > 0:
            raise UserError(DeskCode.SIGN_IN_LOCKED, seconds=-(-waiting_ms // 1000))
        if not self._matches(held.hash, password):
            self._note_failure(code, held.failures + 1, now_ms)
            raise UserError(DeskCode.PASSWORD_WRONG, operator=code)
        with self._database.write() as tx:
            operators.note_attempt(tx, code, 0, 0)
            journal.append(tx, Draft("sign-in", code, {"subject": code}), self._writer)
        return SignedIn(code, Role(row.role))

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    def _note_failure(self, code: str, failures: int, now_ms: int) -> None:
        with self._database.write() as tx:
            operators.note_attempt(tx, code, failures, now_ms + _lock_s(failures) * 1000)


def _lock_s(failures: int) -> int:
    """Seconds to wait after so many failures in a row."""
    beyond = failures - FREE_FAILURES
    return min(LONGEST_LOCK_S, 2**beyond) if beyond >= 0 else 0
