"""Operators: rights, sign-in, waits after failures."""

from __future__ import annotations

import pytest

from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import Role, SignedIn
from courier_check.errors import UserError
from courier_check.station import PRACTICE_CLERK, PRACTICE_PASSWORD, Station
from support.clocks import SetClock


def refused(station: Station, code: str, password: str) -> DeskCode:
    with pytest.raises(UserError) as caught:
        station.desk().operators.sign_in(code, password)
    return DeskCode(caught.value.code)


def test_the_first_operator_supervises(station: Station) -> None:
    with pytest.raises(UserError) as caught:
        station.desk().operators.add("0142", Role.CLERK, "样例", "practice", None)
    assert caught.value.code == DeskCode.FIRST_MUST_SUPERVISE


def test_nobody_adds_operators_without_the_right(station: Station, clerk: SignedIn) -> None:
    operators = station.desk().operators
    for by, code in ((None, DeskCode.NOT_SIGNED_IN), (clerk, DeskCode.NO_RIGHT)):
        with pytest.raises(UserError) as caught:
            operators.add("0200", Role.SUPERVISOR, "样例", "practice", by)
        assert caught.value.code == code


def test_one_supervisor_always_remains(station: Station, supervisor: SignedIn) -> None:
    with pytest.raises(UserError) as caught:
        station.desk().operators.disable(supervisor.code, supervisor)
    assert caught.value.code == DeskCode.LAST_SUPERVISOR


def test_failures_double_a_wait_and_a_success_ends_it(station: Station, clerk: SignedIn, clock: SetClock) -> None:
    for _ in range(3):
        assert refused(station, PRACTICE_CLERK, "wrong one") == DeskCode.PASSWORD_WRONG
    assert refused(station, PRACTICE_CLERK, PRACTICE_PASSWORD) == DeskCode.SIGN_IN_LOCKED
    clock.pass_ms(1_100)
    assert refused(station, PRACTICE_CLERK, "wrong one") == DeskCode.PASSWORD_WRONG
    clock.pass_ms(1_100)
    assert refused(station, PRACTICE_CLERK, PRACTICE_PASSWORD) == DeskCode.SIGN_IN_LOCKED
    clock.pass_ms(1_100)
    assert station.desk().operators.sign_in(PRACTICE_CLERK, PRACTICE_PASSWORD) == clerk
    assert refused(station, PRACTICE_CLERK, "wrong one") == DeskCode.PASSWORD_WRONG


def test_a_disabled_operator_does_not_sign_in(station: Station, clerk: SignedIn, supervisor: SignedIn) -> None:
    station.desk().operators.disable(clerk.code, supervisor)
    assert refused(station, clerk.code, PRACTICE_PASSWORD) == DeskCode.OPERATOR_DISABLED


def test_an_operator_can_be_added_again_with_a_new_password(station: Station, clerk: SignedIn, supervisor: SignedIn) -> None:
    operators = station.desk().operators
    operators.disable(clerk.code, supervisor)
    operators.add(clerk.code, Role.CLERK, "样例", "another one", supervisor)
    assert refused(station, clerk.code, PRACTICE_PASSWORD) == DeskCode.PASSWORD_WRONG
    assert operators.sign_in(clerk.code, "another one").code == clerk.code


def test_names_and_passwords_are_in_no_header(station: Station, clerk: SignedIn) -> None:
    headers = b"".join(row[0] for row in station.database.rows("SELECT header FROM journal_entries"))
    assert "样例".encode() not in headers
    assert PRACTICE_PASSWORD.encode() not in headers.replace(b"practice-", b"")


def test_a_clock_stepped_back_skips_no_wait(station: Station, clerk: SignedIn, clock: SetClock) -> None:
    for _ in range(3):
        assert refused(station, PRACTICE_CLERK, "wrong one") == DeskCode.PASSWORD_WRONG
    for _ in range(3):
        clock.wall_ms -= 3_600_000
        assert refused(station, PRACTICE_CLERK, PRACTICE_PASSWORD) == DeskCode.SIGN_IN_LOCKED
    clock.pass_ms(1_100)
    assert station.desk().operators.sign_in(PRACTICE_CLERK, PRACTICE_PASSWORD) == clerk
