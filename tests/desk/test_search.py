"""Finding records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.desk.codes import DeskCode
from courier_check.desk.lookups import ActKind, EntryPlace, Search, search
from courier_check.errors import UserError
from courier_check.journal.entries import Draft
from courier_check.station import Station
from courier_check.store import journal, views
from courier_check.store.acts import acts_between
from courier_check.store.database import Database
from courier_check.store.schema import VIEW_TABLES, migrate
from support.clocks import SetClock
from support.parts_gone import parts_gone
from support.receipts import keep, receipt_over
from support.stations import acceptance, append

DAY_MS = 86_400_000


def seqs(db: Database, **asked: object) -> list[int]:
    return [act.seq for act in search(db, Search(**asked)).acts]  # type: ignore[arg-type]  # the fields of Search


@pytest.fixture
def filed(station: Station, clock: SetClock) -> Station:
    """Entries 2 to 6: acceptances of one day, a refusal, a referral of the next day, an acceptance on a clock set back."""
    append(station, acceptance("SF1000000000014"))
    append(station, acceptance("EA000000014CN"))
    append(station, Draft("refusal", "0142", {"refusal": "R01"}))
    clock.pass_ms(DAY_MS)
    append(station, Draft("referral", "0142", {}, acceptance("SF1000000000022").parts))
    clock.pass_ms(-2 * DAY_MS)
    append(station, acceptance("SF1000000001234"))
    return station


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [6, 5, 4, 3, 2]),
        ("SF1000000000014", [2]),
        (" sf10 0000 0000 014 ", [2]),
        ("SF10", [6, 5, 2]),
        ("014CN", [3]),
        ("0014", [2]),
        ("1234", [6]),
        ("ＳＦ１０", [6, 5, 2]),
        ("#4", [4]),
        ("＃4", [4]),
        ("4", [4]),
        ("#1", []),
        ("9999", []),
        ("SF2000000000014", []),
    ],
)
def test_a_record_is_found_by_waybill_ends_and_number(filed: Station, text: str, found: list[int]) -> None:
    assert seqs(filed.database, text=text) == found


@pytest.mark.parametrize("text", ["SF1", "张三丰", "SF10%", "#", "#12a", "*" * 5])
def test_what_can_not_be_searched_for_says_what_can(filed: Station, text: str) -> None:
    with pytest.raises(UserError) as caught:
        search(filed.database, Search(text))
    assert caught.value.code == DeskCode.SEARCH_UNUSABLE


def test_kind_and_days_narrow_the_search(filed: Station) -> None:
    day = date(2026, 11, 23)
    assert seqs(filed.database, outcome=ActKind.REFUSAL) == [4]
    assert seqs(filed.database, outcome=ActKind.ACCEPTANCE, text="SF10") == [6, 2]
    assert seqs(filed.database, from_on=day, to_on=day) == [4, 3, 2]
    assert seqs(filed.database, from_on=date(2026, 11, 24)) == [5]
    assert seqs(filed.database, to_on=date(2026, 11, 22)) == [6]
    assert seqs(filed.database, from_on=day, outcome=ActKind.ACCEPTANCE, text="SF10") == [2]


def test_the_newest_is_what_was_written_last_whatever_the_clock_said(filed: Station) -> None:
    assert [act.seq for act in acts_between(filed.database, 0, 2**53)] == [2, 3, 4, 5, 6]
    assert seqs(filed.database) == [6, 5, 4, 3, 2]


def test_a_page_goes_on_where_the_one_before_ended(filed: Station) -> None:
    pages, before = [], None
    while True:
        found = search(filed.database, Search(limit=2, before=before))
        pages.append([act.seq for act in found.acts])
        if (before := found.next) is None:
            break
    assert pages == [[6, 5], [4, 3], [2]]


def test_pages_go_on_in_the_journal_before_when_views_were_made_anew(filed: Station) -> None:
    first = journal.current_journal(filed.database) or ""
    with filed.database.write() as tx:
        filed._begin_journal(tx, None)
    append(filed, acceptance("SF1000000000099"))
    with filed.database.write() as tx:
        views.rebuild(tx)
    found = search(filed.database, Search(limit=2))
    assert [(act.journal_id == first, act.seq) for act in found.acts] == [(False, 2), (True, 6)]
    assert seqs(filed.database, text="#2") == [2, 2]
    assert seqs(filed.database, before=("no such journal", 1)) == []


def test_a_corrected_waybill_is_found_by_its_new_end_only(filed: Station) -> None:
    journal_id = journal.current_journal(filed.database) or ""
    facts = {"corrects": {"journal_id": journal_id, "seq": 2}, "fields": ["waybill"], "answers_returned": None}
    parts = acceptance("SF1000000007777").parts
    append(filed, Draft("correction", "0142", facts, parts))
    assert seqs(filed.database, text="7777") == [2]
    assert seqs(filed.database, text="000014") == []
    assert all(each.equal for each in views.compare(filed.database))


def test_what_was_destroyed_is_found_by_number_only(filed: Station) -> None:
    journal_id = journal.current_journal(filed.database) or ""
    with filed.database.write() as tx:
        parts_gone(tx, journal_id, 2)
    assert seqs(filed.database, text="000014") == []
    assert seqs(filed.database, text="#2") == [2]
    assert all(each.equal for each in views.compare(filed.database))


def test_an_acts_receipt_is_the_earliest_that_covers_it(filed: Station) -> None:
    journal_id = journal.current_journal(filed.database) or ""
    with filed.database.write() as tx:
        for first, last, at_ms in ((1, 5, 70), (1, 3, 50), (3, 6, 60), (4, 4, 40)):
            keep(tx, receipt_over(journal_id, first, last, received_at_ms=at_ms))
    assert [act.acknowledged_at_ms for act in search(filed.database, Search()).acts] == [60, 60, 40, 50, 50]


# Against a search that looks at every row -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def db() -> Iterator[Database]:
    opened = Database.in_memory()
    migrate(opened)
    opened.tables.executescript(VIEW_TABLES)
    yield opened
    opened.close()


ROWS = st.lists(
    st.tuples(st.sampled_from([*ActKind]), st.integers(0, 4), st.none() | st.text(st.sampled_from("AB1"), min_size=4, max_size=6)),
    max_size=12,
)


@given(ROWS, st.sampled_from(["", "AB11", "B1AB", "11", "#3", "BBBB"]), st.none() | st.sampled_from([*ActKind]), st.data())
def test_it_finds_exactly_what_looking_at_every_row_finds(
    db: Database, rows: list[tuple[ActKind, int, str | None]], text: str, kind: ActKind | None, data: st.DataObject
) -> None:
    with db.write() as tx:
        _filled(tx, rows)
    try:
        from_on, to_on = (data.draw(st.none() | st.integers(1, 4)) for _ in range(2))
        before = data.draw(st.none() | st.integers(1, max(1, len(rows))))
        asked = Search(text, kind, _day(from_on), _day(to_on), data.draw(st.integers(1, 4)), (J, before) if before else None)
        expected = [seq for seq in range(len(rows), 0, -1) if _fits(rows[seq - 1], seq, asked)]
        found = search(db, asked)
        assert [act.seq for act in found.acts] == expected[: asked.limit]
        assert found.more == (len(expected) > asked.limit)
    finally:
        with db.write() as tx:
            tx.execute("DELETE FROM acts")
            tx.execute("DELETE FROM journals")


J = "0" * 32


def _day(number: int | None) -> date | None:
    return date(1970, 1, number + 1) if number is not None else None


def _filled(tx: Database, rows: list[tuple[ActKind, int, str | None]]) -> None:
    journal.open_journal(tx, J)
    for seq, (kind, day, waybill) in enumerate(rows, 1):
        tx.execute(
            "INSERT INTO acts (journal_id, seq, kind, at_ms, inspected, prohibited, categories, late, corrected, disputed, waybill,"
            " waybill_end)"
            " VALUES (?, ?, ?, ?, 0, '[]', '[]', 0, 0, 0, ?, ?)",
            (J, seq, kind.value, (day * 24 + 12 - 8) * 3_600_000, waybill, views.backwards(waybill)),
        )


def _fits(row: tuple[ActKind, int, str | None], seq: int, asked: Search) -> bool:
    kind, day, waybill = row
    on = date(1970, 1, day + 1)
    by_text = not asked.text or (
        waybill is not None and len(asked.text) >= 4 and (waybill.startswith(asked.text) or waybill.endswith(asked.text))
    )
    by_text = by_text or asked.text.lstrip("#") == str(seq)
    in_days = (asked.from_on is None or on >= asked.from_on) and (asked.to_on is None or on <= asked.to_on)
    older: EntryPlace | None = asked.before
    return by_text and in_days and asked.outcome in (None, kind) and (older is None or seq < older[1])
