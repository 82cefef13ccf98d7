"""The daily figures say what the acts say, and never more."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.clock import CHINA, wall_ms
from courier_check.errors import UserError
from courier_check.reports.acts import ActKind, ActRow, Period, RealName, is_named, is_owed
from courier_check.reports.daily import IN_TIME_MS, OperatorShare, Rate, figures, rates
from courier_check.terms import MailKind

Made = Callable[..., ActRow]
HOUR_MS = 3600 * 1000


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (Rate(0, 0), "—"),
        (Rate(0, 7), "0.00%"),
        (Rate(2, 3), "66.66%"),
        (Rate(99_999, 100_000), "99.99%"),
        (Rate(7, 7), "100.00%"),
    ],
)
def test_a_rate_is_rounded_down_and_nothing_is_not_all(rate: Rate, text: str) -> None:
    assert rate.text == text


@given(part=st.integers(0, 10**9), whole=st.integers(1, 10**9))
def test_only_a_whole_is_a_hundred_per_cent(part: int, whole: int) -> None:
    part = min(part, whole)
    assert (Rate(part, whole).text == "100.00%") == (part == whole)


def test_letters_owe_neither_real_name_nor_inspection(act: Made, noon_ms: int) -> None:
    letters = [act(mail_kind=kind, real_name=RealName.EXEMPT, inspected=False) for kind in (MailKind.LETTER, MailKind.INSPECTION_MAILBOX)]
    found = rates([*letters, act()], noon_ms)
    assert (found.real_name, found.inspected) == (Rate(1, 1), Rate(1, 1))


def test_what_is_no_letter_owes_both_even_to_an_inspection_mailbox(act: Made, noon_ms: int) -> None:
    parcels = [
        act(mail_kind=MailKind.INSPECTION_MAILBOX, real_name=RealName.NONE, inspected=False),
        act(mail_kind=MailKind.INSPECTION_MAILBOX),
    ]
    found = rates(parcels, noon_ms)
    assert (found.real_name, found.real_name_parcels, found.inspected) == (Rate(1, 2), Rate(1, 2), Rate(1, 2))


def test_a_document_only_shown_is_not_a_real_name_verified(act: Made, noon_ms: int) -> None:
    assert rates([act(real_name=RealName.SHOWN)], noon_ms).real_name == Rate(0, 1)


def test_the_predicates_take_what_a_database_holds() -> None:
    assert [is_owed(value) for value in (None, "none", "verified", "exempt")] == [True, True, True, False]
    assert is_named("parcel", "verified")
    assert is_named("agreement", "agreement")
    assert not is_named("parcel", "agreement")
    assert not is_named(None, None)


def test_a_security_rate_is_shown_once_a_check_is_recorded_and_not_before(act: Made, noon_ms: int) -> None:
    assert rates([act()] * 30, noon_ms).security_checked is None
    assert rates([act(security_checked=True), act()], noon_ms).security_checked == Rate(1, 2)


def test_parcels_and_agreement_mail_are_rated_apart(act: Made, noon_ms: int) -> None:
    found = rates(
        [
            act(),
            act(real_name=RealName.AGREEMENT),  # a parcel of nobody registered
            act(real_name=RealName.NONE),
            act(mail_kind=MailKind.AGREEMENT, real_name=RealName.AGREEMENT),
            act(mail_kind=MailKind.AGREEMENT, real_name=RealName.NONE),
        ],
        noon_ms,
    )
    assert (found.real_name_parcels, found.real_name_agreement, found.real_name) == (Rate(1, 3), Rate(1, 2), Rate(2, 5))


def test_an_acceptance_of_unknown_kind_owes_everything(act: Made, noon_ms: int) -> None:
    found = rates([act(mail_kind=None, real_name=RealName.NONE, inspected=False)], noon_ms)
    assert (found.real_name, found.inspected) == (Rate(0, 1), Rate(0, 1))


def test_refused_and_referred_mail_is_in_no_rate_of_accepted_mail(act: Made, noon_ms: int) -> None:
    found = rates([act(kind=ActKind.REFUSAL, real_name=RealName.NONE), act(kind=ActKind.REFERRAL, inspected=False)], noon_ms)
    assert {found.real_name, found.inspected, found.machine_read} == {Rate(0, 0)}


def test_machine_reading_is_measured_on_verified_mail(act: Made, noon_ms: int) -> None:
    found = rates([act(document_source="chip"), act(document_source="typed"), act(real_name=RealName.EXEMPT)], noon_ms)
    assert found.machine_read == Rate(1, 2)


def test_upload_in_time_counts_what_is_due(act: Made, noon_ms: int) -> None:
    rows = [
        act(acknowledged_at_ms=noon_ms + IN_TIME_MS),
        act(acknowledged_at_ms=noon_ms + IN_TIME_MS + 1),
        act(acknowledged_at_ms=None),
        act(at_ms=noon_ms - 11 * HOUR_MS, acknowledged_at_ms=None),
        act(late=True, acknowledged_at_ms=noon_ms + 9 * IN_TIME_MS),
    ]
    assert rates(rows, noon_ms + HOUR_MS).uploaded_in_time == Rate(1, 2)
    assert rates(rows, noon_ms + 23 * HOUR_MS).uploaded_in_time == Rate(1, 3)


def test_a_receipt_dated_before_the_act_is_in_time(act: Made, noon_ms: int) -> None:
    assert rates([act(acknowledged_at_ms=noon_ms - 5)], noon_ms).uploaded_in_time == Rate(1, 1)


def test_the_day_counts_acts_refusals_hits_and_backlog(act: Made, today: Period, noon_ms: int) -> None:
    rows = [
        act(corrected=True),
        act(mail_kind=MailKind.LETTER, operator="A02", document_source="typed", screening="review"),
        act(kind=ActKind.REFUSAL, refusal="R07", prohibited=("04", "05", "04"), acknowledged_at_ms=None, at_ms=noon_ms + 9),
        act(kind=ActKind.REFUSAL, refusal="R07", prohibited=("05",), acknowledged_at_ms=None, at_ms=noon_ms + 5),
        act(kind=ActKind.REFUSAL, refusal="R12", screening="block", operator="A02"),
        act(kind=ActKind.REFERRAL, operator=None),
        act(kind=ActKind.CORRECTION, mail_kind=None),
        act(late=True),
    ]
    found = figures(rows, today, noon_ms + HOUR_MS)
    assert (found.accepted, found.refused, found.referred, found.corrections, found.corrected, found.late) == (3, 3, 1, 1, 1, 1)
    assert dict(found.accepted_by_kind) == {
        **{MailKind.LETTER: 1, MailKind.PARCEL: 2},
        **{MailKind.AGREEMENT: 0, MailKind.INSPECTION_MAILBOX: 0},
    }
    assert found.refusals == (("R07", 2), ("R12", 1))
    assert found.prohibited == (("04", 1), ("05", 2))
    assert (found.hits_blocked, found.hits_reviewed) == (1, 1)
    assert (found.pending, found.oldest_pending_at_ms) == (2, noon_ms + 5)
    assert found.operators == (
        OperatorShare("", 0, 0, 1, 0, 0),
        OperatorShare("A01", 2, 2, 0, 0, 0),
        OperatorShare("A02", 1, 1, 0, 1, 0),
    )


def test_a_day_is_a_day_in_china(act: Made, today: Period, noon_ms: int) -> None:
    first = wall_ms(datetime(2026, 11, 23, tzinfo=CHINA))
    rows = [act(at_ms=at_ms) for at_ms in (first - 1, first, first + IN_TIME_MS - 1, first + IN_TIME_MS)]
    assert figures(rows, today, noon_ms).accepted == 2
    assert figures(rows, Period(date(2026, 11, 22), date(2026, 11, 24)), noon_ms).accepted == 4


def test_a_reversed_period_is_an_error_for_people() -> None:
    with pytest.raises(UserError, match="report-period-reversed"):
        Period(date(2026, 11, 24), date(2026, 11, 23))


def test_no_acts_give_no_rates(today: Period, noon_ms: int) -> None:
    found = figures([], today, noon_ms)
    assert found.rates.real_name.text == found.rates.uploaded_in_time.text == "—"
    assert found.oldest_pending_at_ms is None


def test_the_figures_equal_independent_sql(act: Made, today: Period, noon_ms: int) -> None:
    random = Random(20261123)  # noqa: S311 - made-up rows, the same at every run
    rows = [_any_act(act, random, seq, noon_ms) for seq in range(5_000)]
    found = figures(rows, today, noon_ms + HOUR_MS)
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE TABLE acts (kind, mail, real_name, inspected, refusal, ack, screening, source)")
        db.executemany(
            "INSERT INTO acts VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (r.kind, r.mail_kind, r.real_name, r.inspected, r.refusal, r.acknowledged_at_ms, r.screening, r.document_source)
                for r in rows
            ],
        )

        def one(question: str) -> int:
            return int(db.execute(f"SELECT COUNT(*) FROM acts WHERE {question}").fetchone()[0])  # noqa: S608 - the questions below

        owed = "kind = 'acceptance' AND real_name <> 'exempt'"
        assert found.accepted == one("kind = 'acceptance'")
        assert found.rates.inspected == Rate(one(f"{owed} AND inspected"), one(owed))
        met = "(real_name = 'verified' OR (real_name = 'agreement' AND mail = 'agreement'))"
        assert found.rates.real_name == Rate(one(f"{owed} AND {met}"), one(owed))
        assert dict(found.refusals) == {code: one(f"kind = 'refusal' AND refusal = '{code}'") for code in ("R01", "R07")}
        assert found.pending == one("ack IS NULL")
        assert found.hits_blocked == one("screening = 'block' AND kind IN ('acceptance', 'refusal', 'referral')")


def _any_act(act: Made, random: Random, seq: int, noon_ms: int) -> ActRow:
    said: dict[str, Any] = {
        "kind": random.choice([*ActKind]),
        "mail_kind": random.choice([*MailKind]),
        "real_name": random.choice([*RealName]),
        "inspected": random.random() < 0.9,
        "refusal": random.choice(["R01", "R07"]),
        "acknowledged_at_ms": random.choice([None, noon_ms]),
        "screening": random.choice(["pass", "review", "block"]),
        "document_source": random.choice(["chip", "typed", "picture"]),
    }
    return act(seq=seq, **said)
