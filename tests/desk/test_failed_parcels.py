"""安检不合格 as a property: in no order of acceptances, referrals, withdrawals and checks is a parcel accepted or given back while the
newest check of its waybill failed, and only a supervisor lifts that. Against a model of one line: how the newest check came out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from courier_check.acceptance import AcceptanceReason, Session, Settlement
from courier_check.desk.acceptances import Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.disposal_codes import DisposalCode
from courier_check.desk.rights import SignedIn
from courier_check.desk.security_checks import Means, SecurityCheck
from courier_check.desk.withdrawals import Withdrawal
from courier_check.errors import UserError
from courier_check.inspection.codes import SecurityCode
from courier_check.inspection.findings import Answer, Finding
from courier_check.inspection.security import SecurityOutcome
from courier_check.inspection.verdict import Outcome
from courier_check.journal.label_text import LabelledEntry, label_text
from courier_check.shift_board import Stretch, board
from courier_check.station import Station
from courier_check.store import journal, views
from courier_check.store.acts import accepted
from support.entries import Prepared
from support.parcels import DOCUMENT, TODAY

PASS, FAIL, RECHECK = SecurityOutcome.PASS, SecurityOutcome.FAIL, SecurityOutcome.RECHECK
NUMBERS = count()
"""Every example has a waybill of its own: the station is one, and remembers."""


@dataclass
class Parcel:
    """One parcel at the station, and what the model knows of it. `acts`: everything recorded under its waybill, by seq."""

    station: Station
    make: Callable[[], Session]
    clerk: SignedIn
    supervisor: SignedIn
    waybill: str
    newest: SecurityOutcome | None = None
    doubted: bool = False
    held: int | None = None
    acts: list[int] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        return self.newest is FAIL

    def who(self, *, supervises: bool) -> SignedIn:
        return self.supervisor if supervises else self.clerk

    def accept(self, *, supervises: bool) -> None:
        """A doubt that was referred before is a supervisor's, who settles it when he is there."""
        session = self.make()
        rules = self.station.desk().acceptances.rules
        if supervises and session.draft.referred_before is not None and self.held is None:
            settlement = Settlement(AcceptanceReason.STILL_REFERRED, self.supervisor.code, "看过实物（样例）")
            session = session.settled(settlement, rules.rulebook, rules.policy, TODAY)
        unhindered = Outcome.REFER if self.doubted and not supervises else Outcome.ACCEPT
        self._submit(session, supervises=supervises, unhindered=unhindered)
        self.doubted = self.doubted and self.held is None

    def refer(self, *, supervises: bool) -> None:
        book = self.station.desk().acceptances.rules.rulebook
        doubtful = self.make().answered(Finding("sealed-in-sight", Answer.DOUBT), book, TODAY)
        self._submit(doubtful.photo_exempted("photo-contents", "no-camera", book), supervises=supervises, unhindered=Outcome.REFER)
        self.doubted = self.doubted or self.held is None

    def _submit(self, session: Session, *, supervises: bool, unhindered: Outcome) -> None:
        by = self.who(supervises=supervises)
        recorded = self.station.desk().acceptances.submit(Submission(session, by, supervisor=self.supervisor if supervises else None))
        if self.held is not None:
            assert (recorded.outcome, recorded.seq) == (Outcome.REFUSE, None), "the waybill was accepted already"
            return
        assert recorded.outcome is (Outcome.REFER if self.failed else unhindered)
        assert recorded.seq is not None
        self.acts.append(recorded.seq)
        self.held = recorded.seq if recorded.outcome is Outcome.ACCEPT else None

    def withdraw(self, *, supervises: bool) -> None:
        if self.held is None:
            return
        asked = Withdrawal(self.journal_id, self.held, "不寄了", str(DOCUMENT.number))
        if self.failed:
            with pytest.raises(UserError) as caught:
                self.station.desk().withdrawals.withdraw(asked, self.who(supervises=supervises))
            assert caught.value.code == DisposalCode.FAILED_CHECK
        else:
            self.station.desk().withdrawals.withdraw(asked, self.who(supervises=supervises))
            self.held = None

    def check(self, outcome: SecurityOutcome, *, supervises: bool, label: int) -> None:
        """安检 by the waybill, or by the label of any act that it ever had."""
        scan = self.waybill if not self.acts or label < 0 else self._label(self.acts[label % len(self.acts)])
        check = SecurityCheck(scan, outcome, Means(("x-ray",)))
        by = self.who(supervises=supervises)
        refused = SecurityCode.FAILED_BEFORE if outcome is PASS else DeskCode.NO_RIGHT if outcome is RECHECK and not supervises else None
        if self.failed and refused is not None:
            with pytest.raises(UserError) as caught:
                self.station.desk().security.check(check, by)
            assert caught.value.code == refused
        else:
            checked = self.station.desk().security.check(check, by)
            assert checked.repeated or checked.before is self.newest
            self.newest = outcome

    def _label(self, seq: int) -> str:
        return label_text(LabelledEntry(self.journal_id, seq, journal.hash_at(self.station.database, self.journal_id, seq) or ""))

    @property
    def journal_id(self) -> str:
        return journal.current_journal(self.station.database) or ""


STEPS = st.one_of(
    st.tuples(st.sampled_from(["accept", "refer", "withdraw"]), st.booleans()),
    st.tuples(st.sampled_from([PASS, FAIL, RECHECK]), st.booleans(), st.integers(-3, 3)),
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(STEPS, min_size=2, max_size=12))
@example(steps=[(FAIL, False, -1), ("accept", False), (PASS, False, -1), (RECHECK, True, -1), ("accept", False), (PASS, False, -1)])
@example(steps=[("refer", False), (FAIL, False, 0), ("accept", False), ("accept", True), (RECHECK, False, 1), (PASS, False, -1)])
@example(steps=[("accept", False), (FAIL, False, 0), ("withdraw", False), ("withdraw", True), ("accept", False), (PASS, False, 0)])
@example(steps=[("accept", False), ("withdraw", False), ("accept", False), (FAIL, False, 0), ("withdraw", False), (PASS, False, 1)])
def test_a_parcel_whose_newest_check_failed_is_neither_accepted_nor_given_back(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn, steps: list[tuple[object, ...]]
) -> None:
    waybill = f"SF20{next(NUMBERS):011d}"
    before = failed_at(station)
    parcel = Parcel(station, lambda: prepared(waybill), clerk, supervisor, waybill)
    for what, supervises, *label in steps:
        if isinstance(what, SecurityOutcome):
            parcel.check(what, supervises=bool(supervises), label=int(str(label[0])))
        else:
            {"accept": parcel.accept, "refer": parcel.refer, "withdraw": parcel.withdraw}[str(what)](supervises=bool(supervises))
        held = accepted(station.database, waybill)
        assert (held.seq if held is not None else None) == parcel.held
        assert held is None or held.security == parcel.newest
        assert station.desk().security.standing(waybill) is parcel.newest
    told = failed_at(station)
    assert told[0] == told[1]
    assert told[0] - before[0] <= int(parcel.failed), "one parcel fails once"


def failed_at(station: Station) -> tuple[int, int]:
    today = board(station.database, Stretch.TODAY, station.clock.read().wall_ms)
    return today.failed, station.desk().day_closes.due().left.failed


def test_a_replayed_journal_knows_the_failed_parcels_as_before(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    waybill = "SF2099999999999"
    station.desk().security.check(SecurityCheck(waybill, FAIL, Means(("x-ray",))), clerk)
    assert all(each.equal for each in views.compare(station.database))
    recorded = station.desk().acceptances.submit(Submission(prepared(waybill), clerk))
    assert recorded.outcome is Outcome.REFER
