"""日结: nothing lies between two closes, nothing in two, and the slip says what the journal holds."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courier_check.day_slip import SlipCode, slip, slip_fields
from courier_check.desk.codes import DeskCode
from courier_check.desk.corrections import Correction
from courier_check.desk.day_close import MOST_JOURNALS, DayClosed, Left
from courier_check.desk.disputes import Dispute
from courier_check.desk.intercepts import Cause, Intercept, InterceptOutcome, Settlement
from courier_check.desk.rights import SignedIn
from courier_check.desk.security_checks import Means, SecurityCheck
from courier_check.errors import UserError
from courier_check.inspection.security import SecurityOutcome
from courier_check.journal.entries import Draft
from courier_check.reporting import as_text
from courier_check.station import Station
from courier_check.store import journal, views
from courier_check.store.day_closes import Counts
from courier_check.store.inbox import standing
from courier_check.wording import Language, Wording
from support.clocks import SetClock
from support.entries import facts
from support.stations import acceptance, append

DAY_MS = 86_400_000
WORDING = Wording(Language.CHINESE)


def current(station: Station) -> str:
    return journal.current_journal(station.database) or ""


def head(station: Station) -> journal.Head:
    return journal.head_of(station.database, current(station), "")


def close(station: Station, by: SignedIn | None) -> DayClosed:
    return station.desk().day_closes.close(by)


def record_some(station: Station, by: SignedIn) -> None:
    """Two accepted, one refused, one referred, one corrected twice, one disputed."""
    seqs = [append(station, acceptance(f"SF100000000{number:04d}")).entry.header.seq for number in (14, 22)]
    append(station, replace(acceptance("SF1000000000030"), kind="refusal"))
    append(station, replace(acceptance("SF1000000000048"), kind="referral"))
    for phone in ("13900009999", "13900008888"):
        station.desk().acceptances.correct(Correction(current(station), seqs[0], {"phone": phone}, "抄错"), by)
    station.desk().disputes.dispute(Dispute(current(station), seqs[1], "不是我办的"), by)


def test_a_close_counts_everything_from_the_first_entry_on(station: Station, clerk: SignedIn) -> None:
    record_some(station, clerk)
    before, pending = head(station), standing(station.database).pending
    closed = close(station, clerk)
    (ranged,) = closed.due.ranges
    assert ranged.counts == Counts(accepted=2, refused=1, referred=1, corrected=2, disputed=1)
    assert (ranged.first_seq, ranged.last_seq, ranged.head) == (1, before.seq, before.hash)
    assert (closed.seq, closed.hash, closed.due.pending, closed.operator) == (before.seq + 1, head(station).hash, pending, clerk.code)
    assert facts(station, closed.seq) == {
        "day_on": station.clock.read().at.date().isoformat(),
        "journals": [
            {"journal_id": current(station), "first_seq": 1, "last_seq": before.seq, "head": before.hash, **asdict(ranged.counts)}
        ],
        "pending": pending,
    }
    assert station.verify().ok
    assert all(each.equal for each in views.compare(station.database))


def test_a_second_close_on_a_day_closes_what_came_after_the_first(station: Station, clerk: SignedIn) -> None:
    first = close(station, clerk)
    append(station, acceptance("SF1000000000014"))
    second = close(station, clerk)
    (ranged,) = second.due.ranges
    assert (ranged.first_seq, ranged.last_seq) == (first.seq, first.seq + 1)  # the first close is itself an entry
    assert ranged.counts == Counts(accepted=1)
    assert second.due.day_on == first.due.day_on


def test_a_close_with_nothing_after_it_is_not_made_again(station: Station, clerk: SignedIn) -> None:
    closed = close(station, clerk)
    assert not station.desk().day_closes.due().is_new
    with pytest.raises(UserError) as caught:
        close(station, clerk)
    assert (caught.value.code, caught.value.facts) == (DeskCode.NOTHING_TO_CLOSE, {"seq": closed.seq})
    assert head(station).seq == closed.seq


def test_the_last_close_is_read_again_as_it_was_made(station: Station, clerk: SignedIn) -> None:
    closes = station.desk().day_closes
    assert closes.last() is None
    record_some(station, clerk)
    first = close(station, clerk)
    assert closes.last() == first
    with station.database.write() as tx:
        station._succeed(tx, "restore")
    assert closes.last() == first
    assert closes.last() != close(station, clerk) == closes.last()


def test_what_is_due_is_read_without_writing(station: Station, clerk: SignedIn) -> None:
    record_some(station, clerk)
    before = head(station)
    due = station.desk().day_closes.due()
    assert head(station) == before
    assert close(station, clerk).due == due


def test_a_day_is_the_clocks_but_ranges_are_by_seq(station: Station, clerk: SignedIn, clock: SetClock) -> None:
    """A clock set back between two closes: nothing falls between them."""
    today = close(station, clerk)
    clock.pass_ms(-2 * DAY_MS)
    append(station, acceptance("SF1000000000014"))
    earlier = close(station, clerk)
    clock.pass_ms(5 * DAY_MS)
    append(station, acceptance("SF1000000000022"))
    later = close(station, clerk)
    assert earlier.due.day_on < today.due.day_on < later.due.day_on
    assert [each.due.ranges[0].counts.accepted for each in (earlier, later)] == [1, 1]
    assert later.due.ranges[0].first_seq == earlier.due.ranges[0].last_seq + 1


def test_what_an_earlier_journal_still_held_is_closed_with_the_new_one(station: Station, clerk: SignedIn) -> None:
    first = close(station, clerk)
    append(station, acceptance("SF1000000000014"))
    old = head(station)
    with station.database.write() as tx:
        station._succeed(tx, "restore")
    append(station, acceptance("SF1000000000022"))
    closed = close(station, clerk)
    assert [(one.journal_id, one.first_seq, one.last_seq) for one in closed.due.ranges] == [
        (old.journal_id, first.seq, old.seq),
        (current(station), 1, 2),
    ]
    assert closed.due.ranges[0].head == old.hash
    append(station, acceptance("SF1000000000030"))
    assert [one.journal_id for one in close(station, clerk).due.ranges] == [current(station)]
    assert all(each.equal for each in views.compare(station.database))


def test_more_journals_than_a_header_takes_are_closed_one_close_after_the_other(station: Station, clerk: SignedIn) -> None:
    with station.database.write() as tx:
        for _ in range(MOST_JOURNALS + 5):
            station._begin_journal(tx, None)
    closed = [close(station, clerk), close(station, clerk)]
    covered = [(one.journal_id, one.first_seq) for each in closed for one in each.due.ranges]
    assert len(closed[0].due.ranges) == MOST_JOURNALS
    assert len(covered) == len(set(covered))
    assert {journal_id for journal_id, _ in covered} == set(journal.journal_ids(station.database))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(("accept", "close", "clock", "succeed")), max_size=12))
def test_whatever_happens_between_closes_every_entry_is_in_exactly_one(
    station: Station, clerk: SignedIn, clock: SetClock, steps: list[str]
) -> None:
    made: list[DayClosed] = []
    for step in (*steps, "accept", "close"):
        if step == "accept":
            append(station, replace(acceptance("SF1000000000014"), kind="refusal"))
        elif step == "clock":
            clock.pass_ms(-DAY_MS)
        elif step == "succeed":
            with station.database.write() as tx:
                station._begin_journal(tx, None)
        elif station.desk().day_closes.due().is_new:
            made.append(close(station, clerk))
    closes = station.database.rows("SELECT journal_id, seq FROM day_closes GROUP BY journal_id, seq")
    said = [entry for place in closes for entry in _ranges(station, *place)]
    for journal_id in journal.journal_ids(station.database):
        last = journal.head_of(station.database, journal_id, "").seq - (journal_id == current(station))  # the last close is open yet
        covered = sorted(seq for one, first, end in said if one == journal_id for seq in range(first, end + 1))
        assert covered == list(range(1, last + 1))
    assert made


def _ranges(station: Station, journal_id: str, seq: int) -> list[tuple[str, int, int]]:
    from courier_check.journal.entries import parse_header

    entry = journal.entry_at(station.database, journal_id, seq)
    assert entry is not None
    return [(one["journal_id"], one["first_seq"], one["last_seq"]) for one in parse_header(entry.header_bytes).facts["journals"]]


def test_nobody_closes_a_day_without_signing_in(station: Station, clerk: SignedIn, supervisor: SignedIn) -> None:
    with pytest.raises(UserError) as caught:
        close(station, None)
    assert caught.value.code == DeskCode.NOT_SIGNED_IN
    station.desk().operators.disable(clerk.code, supervisor)
    with pytest.raises(UserError) as caught:
        close(station, clerk)
    assert caught.value.code == DeskCode.OPERATOR_DISABLED


# Intercepts and leads ---------------------------------------------------------------------------------------------------------------------


def stop(station: Station, seq: int, by: SignedIn) -> int:
    said = Intercept(current(station), seq, Cause.NOTICE, "接到通知", "分拣中心", "值班 赵")
    return station.desk().intercepts.intercept(said, by).composed.entry.header.seq


def test_intercepts_and_leads_are_counted_apart(station: Station, clerk: SignedIn, supervisor: SignedIn) -> None:
    """Neither is an acceptance, nor a refusal; how an intercept stands is what stood when the day was closed."""
    seqs = [append(station, acceptance(f"SF100000000{number:04d}")).entry.header.seq for number in (14, 22, 30)]
    lead = {"number": "XS410105-20261126-0A0B0C0D0E0F-1", "county": "410105"}
    refusal = acceptance("SF1000000000048")
    append(station, replace(refusal, kind="refusal", facts=refusal.facts | {"lead": lead}))
    for seq in seqs[:2]:
        stop(station, seq, clerk)
    intercepts = station.desk().intercepts
    intercepts.settle(Settlement(current(station), seqs[0], InterceptOutcome.RELEASED, "查明无事"), supervisor)
    assert station.desk().day_closes.due().left.stopped == 1
    closed = close(station, clerk)
    (ranged,) = closed.due.ranges
    assert ranged.counts == Counts(accepted=3, refused=1, intercepted=2, leads=3)
    assert closed.due.intercepts == (("open", 1), ("released", 1))
    said = facts(station, closed.seq)
    assert said["intercepts"] == {"open": 1, "released": 1}
    rows = dict(slip(closed, WORDING).rows)
    assert (rows["收寄"], rows["拒收"], rows["拦截"], rows["线索"]) == ("3", "1", "2", "3")
    assert rows["拦截的结果（日结时）"] == "拦截中 1　已解除拦截 1"
    assert "拦截未了 1 件" in " ".join(slip(closed, WORDING).notes)
    assert station.verify().ok
    intercepts.settle(Settlement(current(station), seqs[1], InterceptOutcome.MISSED, "已派送"), clerk)
    again = station.desk().day_closes.last()
    assert again is not None
    assert (again.due.intercepts, again.due.left.stopped) == (closed.due.intercepts, 0), "a close says for ever what it said"
    later = close(station, clerk)
    assert (later.due.ranges[0].counts, later.due.intercepts) == (Counts(), ()), "the outcome is no intercept of its own"


def test_a_day_that_was_closed_before_these_were_counted_reads_as_it_was(station: Station, clerk: SignedIn) -> None:
    old = dict.fromkeys(("accepted", "refused", "referred", "corrected", "disputed", "withdrawn"), 0)
    ranged = {"journal_id": current(station), "first_seq": 1, "last_seq": head(station).seq, "head": head(station).hash, **old}
    append(station, Draft("day-close", clerk.code, {"day_on": "2026-11-20", "journals": [ranged], "pending": 0}))
    closed = station.desk().day_closes.last()
    assert closed is not None
    assert (closed.due.ranges[0].counts, closed.due.intercepts) == (Counts(), ())
    rows = dict(slip(closed, WORDING).rows)
    assert "拦截的结果（日结时）" not in rows


# The slip ---------------------------------------------------------------------------------------------------------------------------------


def test_the_slip_says_what_the_entry_says_and_how_to_compare_it(station: Station, clerk: SignedIn) -> None:
    record_some(station, clerk)
    closed = close(station, clerk)
    sheet = slip(closed, WORDING)
    said = dict(sheet.rows)
    assert (said["收寄"], said["拒收"], said["复核"], said["更正"], said["异议"]) == ("2", "1", "1", "2", "1")
    assert said["日结时待传"] == str(closed.due.pending)
    assert str(said["首条"]).startswith("#1  2026-")
    assert said["末条"] == f"#{closed.due.ranges[0].last_seq}"
    assert str(said["日志头（末条的哈希）"]).replace(" ", "") == closed.due.ranges[0].head
    text = as_text((sheet,))
    for word in ("日结单", station.enrolled().certificate.subject, clerk.code, f"#{closed.seq}", "取数结果的 hash 列"):
        assert word in text
    assert "{" not in text
    assert slip_fields(closed).items() >= facts(station, closed.seq).items()


def test_a_first_entry_that_is_gone_has_no_time_on_the_slip(station: Station, clerk: SignedIn) -> None:
    closed = close(station, clerk)
    lost = replace(closed, due=replace(closed.due, ranges=(replace(closed.due.ranges[0], since_ms=None),)))
    assert dict(slip(lost, WORDING).rows)["首条"] == "#1"


def test_the_slip_is_in_both_languages(station: Station, clerk: SignedIn) -> None:
    text = as_text((slip(close(station, clerk), Wording(Language.ENGLISH)),))
    assert "Head (hash of the last entry)" in text
    assert not [code for code in SlipCode if code.value in text]


def test_a_close_says_what_it_leaves_undone(station: Station, clerk: SignedIn) -> None:
    """Labels nobody has confirmed, and security checks that are not at their end: before the close, and on the slip."""
    codes = ("SF1000000000014", "SF1000000000028", "SF1000000000031", "SF1000000000045")
    seqs = [append(station, acceptance(code)).entry.header.seq for code in codes]
    day_closes = station.desk().day_closes
    assert day_closes.due().left == Left(unlabelled=4), "a station that records no checks is told of none"
    for code, outcome in zip(codes, (SecurityOutcome.PASS, SecurityOutcome.RECHECK, SecurityOutcome.FAIL), strict=False):
        station.desk().security.check(SecurityCheck(code, outcome, Means(("x-ray",))), clerk)
    station.desk().labels.stick(current(station), seqs[0], clerk)
    left = day_closes.due().left
    assert left == Left(unlabelled=3, recheck=1, failed=1, unchecked=1)
    closed = close(station, clerk)
    assert closed.due.left == left
    notes = " ".join(slip(closed, WORDING).notes)
    assert "3 件未确认贴标" in notes
    assert "不合格 1 件，待复检 1 件，没有安检记录 1 件" in notes
    assert "left" not in slip_fields(closed), "no part of the entry"
