"""What arrived, what is missing, by station and day."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from courier_check.reports.sync_report import HeldEntry, JournalRange, StationState, sync_report, sync_report_json

DAY = date(2026, 11, 23)


def station(**changes: Any) -> StationState:
    said: dict[str, Any] = {"station_id": "s-1", "outlet": "样例网点（虚构）", "last_contact_ms": 5, "backlog": 0, "returned": 0}
    return StationState(**{**said, **changes})


def entries(*seqs: int, kind: str = "acceptance", journal_id: str = "j") -> list[HeldEntry]:
    return [HeldEntry(journal_id, seq, kind) for seq in seqs]


def test_a_day_is_told_by_range_and_kind() -> None:
    report = sync_report(DAY, station(list_versions=(("made-up", 3),)), [*entries(5, 6, 8), *entries(7, kind="refusal"), *entries(5)])
    assert report.journals == (JournalRange("j", 5, 8, 4, ()),)
    assert report.kinds == (("acceptance", 3), ("refusal", 1))
    assert report.complete
    assert json.loads(json.dumps(sync_report_json(report)))["list_versions"] == {"made-up": 3}


def test_gaps_count_on_from_what_was_held_before() -> None:
    (journal,) = sync_report(DAY, station(held_before={"j": 3}), entries(6, 7, 10)).journals
    assert journal.gaps == ((4, 5), (8, 9))
    assert not sync_report(DAY, station(held_before={"j": 3}), entries(6)).complete


def test_a_backlog_is_not_complete_and_an_unknown_one_is_not_invented() -> None:
    assert not sync_report(DAY, station(backlog=41), entries(1)).complete
    assert sync_report(DAY, station(backlog=None), entries(1)).backlog is None


def test_journals_are_told_apart() -> None:
    report = sync_report(DAY, station(), [*entries(1, 2), *entries(1, journal_id="k")])
    assert [(journal.journal_id, journal.last_seq) for journal in report.journals] == [("j", 2), ("k", 1)]


def test_a_silent_day_has_no_range() -> None:
    assert sync_report(DAY, station(), []).journals == ()


@given(st.sets(st.integers(1, 60), min_size=1), st.integers(0, 60))
def test_seqs_and_gaps_together_have_no_hole(seqs: set[int], before: int) -> None:
    (journal,) = sync_report(DAY, station(held_before={"j": before}), entries(*seqs)).journals
    missing = {seq for first, last in journal.gaps for seq in range(first, last + 1)}
    assert missing.isdisjoint(seqs)
    assert {seq for seq in seqs | missing if seq > before} == set(range(before + 1, max(seqs) + 1))
