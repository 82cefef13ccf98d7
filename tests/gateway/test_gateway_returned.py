"""退回: what the gateway objects to, and how a correction closes it."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from courier_check.gateway.codes import Objection
from courier_check.gateway.contents import Secrets, read_contents
from courier_check.gateway.envelope import Incoming
from courier_check.gateway.review import answered_number, index_of, judge
from courier_check.gateway.store import pulls
from courier_check.gateway.store.schema import index_rows, tokens
from courier_check.journal.entries import Draft
from courier_check.journal.keys import OpeningKey, SealingKey
from courier_check.journal.parts import PartName
from courier_check.wire.batches import Answer, Returned, ReturnedItems, by_receipt_key
from support.pki import secret
from support.practice import Practice, index_part
from support.sample_journals import AUTHOR, as_stored, composed

DAY_MS = 24 * 60 * 60 * 1000


def items_of(station: Practice, after: int = 0) -> list[Returned]:
    """What the station is told when it asks, each item's signature checked."""
    response = station.get(f"/v1/stations/{station.station_id}/returned?after={after}")
    found = msgspec.json.decode(response.content, type=ReturnedItems).items
    return [by_receipt_key(item, Returned, station.gateway) for item in found]


def codes(answer: Answer) -> list[str]:
    return [msgspec.json.decode(item.body, type=Returned).code for item in answer.returned]


def index_only(station: Practice, content: dict, kind: str = "acceptance") -> Answer:
    station.append(kind, {"mail_kind": "parcel"}, {PartName.INDEX: content})
    return station.send()[1]


def test_what_is_in_order_comes_back_as_a_receipt_alone(station):
    station.accept("SF1")
    station.append("refusal", {"refusal": "R02"}, {PartName.INDEX: index_part(None)})
    assert station.send()[1].returned == ()
    assert items_of(station) == []


def test_the_index_part_is_read_into_rows_and_tokens(gateway, station):
    station.accept("SF1")
    station.send()
    with gateway.database.read() as tx:
        (row,) = tx.execute(select(index_rows)).all()
        found = {(each.kind, each.token) for each in tx.execute(select(tokens))}
    assert (row.waybill, row.carrier, row.kind, row.mail_kind, row.operator) == ("SF1", "sf", "acceptance", "parcel", "c07")
    assert (row.region, row.station_id, row.seq, row.name_mask) == ("410105", station.station_id, 2, "样**")
    assert found == {("id-number", "0" * 64), ("phone", "1" * 64)}


def test_an_acceptance_without_a_waybill_comes_back(station):
    station.accept(None)
    station.accept("")
    station.append("acceptance", {"mail_kind": "parcel"})
    _, answer = station.send()
    assert codes(answer) == [Objection.WAYBILL_MISSING] * 3
    first, second, third = items_of(station)
    assert [(each.number, each.seq) for each in (first, second, third)] == [(1, 2), (2, 3), (3, 4)]
    assert (first.entry, first.journal_id) == (station.hashes[1], station.journal_id)
    assert first.detail


@pytest.mark.parametrize(
    "content",
    [
        index_part("SF1", v=2),
        index_part("SF1", tokens={"id-number": "short"}),
        index_part("SF" * 100),
        index_part("SF\n1"),
        {"waybill": "SF1"},
        index_part("SF1", sender="王小明"),
    ],
)
def test_an_index_part_of_no_known_form_comes_back(gateway, station, content):
    assert codes(index_only(station, content)) == [Objection.PART_UNREADABLE]
    with gateway.database.read() as tx:
        assert tx.execute(select(index_rows)).all() == []


def test_an_index_part_of_a_kind_nobody_knows_is_left_alone(station):
    assert codes(index_only(station, {"anything": "else"}, kind="moon-landing")) == []


def test_unknown_members_of_an_index_part_do_no_harm(station):
    assert codes(index_only(station, index_part("SF1", shelf="B3"))) == []


def test_an_index_part_sealed_to_somebody_else_comes_back(station):
    station.index_key = SealingKey(station.seal_key.public)
    station.accept("SF1")
    assert codes(station.send()[1]) == [Objection.PART_UNREADABLE]


WORDS = st.sampled_from(["v", "waybill", "carrier", "match_key_id", "sender", "tokens", "name_mask", "odd"])
PLAIN = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8)
CONTENT = st.dictionaries(WORDS, PLAIN | st.lists(PLAIN, max_size=2) | st.dictionaries(WORDS, PLAIN, max_size=3), max_size=6)


@given(content=CONTENT, facts=st.dictionaries(st.sampled_from(["mail_kind", "answers_returned"]), PLAIN))
def test_reading_an_entry_never_crashes(content, facts):
    key = OpeningKey(secret("intake of the property"))
    author = replace(AUTHOR, recipients={PartName.INDEX: SealingKey(key.public)})
    made = composed(Draft("acceptance", None, facts, {PartName.INDEX: content}), author=author)
    entry = Incoming(made.entry.header, made.entry.hash, as_stored(made))
    (found,) = read_contents(Secrets({key.key_id: secret("intake of the property")}), [index_of(entry)])
    reading = judge(entry, found, made.entry.header.times.wall_ms)
    assert bool(reading.objections) != bool(reading.content and reading.content.waybill)
    answered_number(entry.header)


def test_one_waybill_at_two_stations_is_kept_and_comes_back_to_both(gateway, enrol):
    here, there = enrol("s1"), enrol("s2", region="310101")
    for station in (here, there):
        station.accept("SF1")
        station.accept(f"SF-{station.station_id}")
    assert codes(here.send()[1]) == []
    assert codes(there.send()[1]) == [Objection.WAYBILL_ELSEWHERE]
    for station in (here, there):
        (item,) = items_of(station)
        assert (item.code, item.seq, item.number) == (Objection.WAYBILL_ELSEWHERE, 2, 1)
        assert item.entry == station.hashes[1]
    with gateway.database.read() as tx:
        assert pulls.last_arrival(tx) == 6


def test_where_else_a_waybill_was_accepted_is_not_told_to_stations(enrol):
    here, there = enrol("s1"), enrol("s2", region="310101")
    here.accept("SF1")
    here.send()
    there.accept("SF1")
    there.send()
    (item,) = items_of(there)
    assert not any(word in item.detail for word in ("s1", "410105", "SF1", here.journal_id))


def test_a_third_acceptance_does_not_double_what_came_back(enrol):
    stations = [enrol(f"s{number}") for number in range(3)]
    for station in stations:
        station.accept("SF1")
        station.send()
    assert [len(items_of(station)) for station in stations] == [1, 1, 1]


def test_one_waybill_in_two_journals_of_a_station_comes_back_twice(station):
    station.accept("SF1")
    station.send()
    station.open_journal("second")
    station.accept("SF1")
    assert codes(station.send()[1]) == [Objection.WAYBILL_ELSEWHERE] * 2


def test_two_carriers_may_use_the_same_number(enrol):
    here, there = enrol("s1"), enrol("s2")
    here.accept("12345678", carrier="sf")
    here.send()
    there.accept("12345678", carrier="zto")
    assert codes(there.send()[1]) == []
    there.accept("12345678", carrier=None)
    assert Objection.WAYBILL_ELSEWHERE in codes(there.send(3)[1])


def withdraw(station: Practice, seq: int, *, journal_id: str | None = None) -> None:
    station.append("withdrawal", {"withdraws": {"journal_id": journal_id or station.journal_id, "seq": seq}, "confirmed": "document"})


def test_a_withdrawn_waybill_may_be_accepted_elsewhere(enrol):
    here, there = enrol("s1"), enrol("s2")
    here.accept("SF1")
    here.send()
    withdraw(here, 2)
    here.send(3)
    there.accept("SF1")
    assert codes(there.send()[1]) == []
    assert items_of(here) == []


def test_a_waybill_withdrawn_in_the_same_batch_was_never_two(enrol):
    here, there = enrol("s1"), enrol("s2")
    there.accept("SF1")
    there.send()
    here.accept("SF1")
    withdraw(here, 2)
    here.accept("SF2")
    assert codes(here.send()[1]) == []
    third = enrol("s3")
    third.accept("SF1")
    assert codes(third.send()[1]) == [Objection.WAYBILL_ELSEWHERE]
    assert len(items_of(there)) == 1
    assert items_of(here) == []


@pytest.mark.parametrize("facts", [{}, {"withdraws": None}, {"withdraws": {"journal_id": "x", "seq": 0}}, {"withdraws": [1]}])
def test_a_withdrawal_of_nothing_or_of_anothers_act_frees_nothing(enrol, facts):
    here, there = enrol("s1"), enrol("s2")
    here.accept("SF1")
    here.send()
    there.append("withdrawal", facts)
    withdraw(there, 2, journal_id=here.journal_id)
    there.accept("SF1")
    assert codes(there.send()[1]) == [Objection.WAYBILL_ELSEWHERE]


def correct(
    station: Practice, seq: int, waybill: str | None, *, journal_id: str | None = None, number: int | None = None, **members
) -> None:
    """A correction of an act; without a waybill it corrects something else."""
    facts = {"corrects": {"journal_id": journal_id or station.journal_id, "seq": seq}, "fields": [], "answers_returned": number}
    said = {} if waybill is None else {"waybill": waybill}
    station.append("correction", facts, {PartName.INDEX: {"v": 1, "sender": {}, "tokens": {}, "match_key_id": None, **said, **members}})


def test_a_waybill_accepted_elsewhere_that_was_corrected_away_is_no_objection(enrol):
    here, there = enrol("s1"), enrol("s2")
    here.accept("SF-MISTYPED")
    here.send()
    correct(here, 2, "SF1")
    here.send(3)
    there.accept("SF-MISTYPED")
    assert codes(there.send()[1]) == []
    assert items_of(here) == []


def test_a_corrected_waybill_that_was_accepted_elsewhere_comes_back_to_both(enrol):
    here, there = enrol("s1"), enrol("s2")
    there.accept("SF1")
    there.send()
    here.accept("SF-MISTYPED")
    here.send()
    correct(here, 2, "SF1")
    assert codes(here.send(3)[1]) == [Objection.WAYBILL_ELSEWHERE]
    for station in (here, there):
        (item,) = items_of(station)
        assert (item.seq, item.entry) == (2, station.hashes[1])


def test_a_waybill_that_was_corrected_elsewhere_to_the_one_accepted_comes_back_to_both(enrol):
    here, there = enrol("s1"), enrol("s2")
    here.accept(None)
    here.send()
    correct(here, 2, "SF1", number=1)
    here.send(3)
    there.accept("SF1")
    assert codes(there.send()[1]) == [Objection.WAYBILL_ELSEWHERE]
    assert [(item.code, item.seq) for item in items_of(here)] == [(Objection.WAYBILL_MISSING, 2), (Objection.WAYBILL_ELSEWHERE, 2)]


def test_the_newest_correction_of_an_acceptance_counts_and_one_of_something_else_does_not(enrol):
    here, there = enrol("s1"), enrol("s2")
    here.accept("SF1")
    correct(here, 2, "SF2")
    correct(here, 2, "SF3")
    here.send()
    correct(here, 2, None)
    here.send(5)
    for waybill in ("SF1", "SF2", "SF3"):
        there.accept(waybill)
    assert codes(there.send()[1]) == [Objection.WAYBILL_ELSEWHERE]
    assert [item.seq for item in items_of(there)] == [4]


def test_what_is_corrected_before_it_arrives_never_comes_back(enrol):
    here, there = enrol("s1"), enrol("s2")
    there.accept("SF1")
    there.send()
    here.accept(None)
    here.accept("SF1")
    correct(here, 2, "SF2")
    correct(here, 3, "SF3")
    assert codes(here.send()[1]) == []
    assert items_of(there) == []


def test_a_waybill_corrected_to_one_that_is_taken_too_comes_back_again(enrol):
    here, there = enrol("s1"), enrol("s2")
    there.accept("SF1")
    there.accept("SF2")
    there.send()
    here.accept("SF1")
    here.send()
    correct(here, 2, "SF2", number=1)
    here.send(3)
    assert [(item.number, item.seq) for item in items_of(here)] == [(1, 2), (2, 2)]
    assert [item.seq for item in items_of(there)] == [2, 3]


def test_a_successor_corrects_what_the_journal_before_accepted(station):
    station.accept("SF1")
    station.send()
    before = station.journal_id
    station.open_journal("second")
    correct(station, 2, "SF2", journal_id=before)
    station.accept("SF1")
    station.accept("SF2")
    assert codes(station.send()[1]) == [Objection.WAYBILL_ELSEWHERE] * 2
    assert [(item.journal_id, item.seq) for item in items_of(station)] == [(before, 2), (station.journal_id, 4)]


def test_a_station_corrects_only_what_it_accepted_itself(enrol):
    here, there, third = enrol("s1"), enrol("s2"), enrol("s3")
    here.accept("SF1")
    here.append("referral", {"mail_kind": "parcel"}, {PartName.INDEX: index_part("SF2")})
    here.send()
    correct(there, 2, "SF9", journal_id=here.journal_id)
    there.send()
    correct(here, 3, "SF9")
    correct(here, 99, "SF9")
    here.send(4)
    third.accept("SF9")
    third.accept("SF1")
    assert codes(third.send()[1]) == [Objection.WAYBILL_ELSEWHERE]
    assert [item.seq for item in items_of(third)] == [3]


def test_two_carriers_may_use_the_same_number_in_a_correction_too(enrol):
    here, there = enrol("s1"), enrol("s2")
    here.accept("12345678", carrier="sf")
    here.send()
    there.accept("ZT-MISTYPED", carrier="zto")
    there.accept("ZT-MISTYPED-TOO", carrier="zto")
    correct(there, 2, "12345678", carrier="zto")
    assert codes(there.send()[1]) == []
    correct(there, 3, "12345678")
    assert codes(there.send(5)[1]) == [Objection.WAYBILL_ELSEWHERE]


@pytest.mark.parametrize("corrects", [None, 7, {}, {"journal_id": 7, "seq": 2}, {"journal_id": "0" * 32, "seq": True}])
def test_a_correction_of_nothing_does_no_harm(station, corrects):
    station.append("correction", {"corrects": corrects}, {PartName.INDEX: index_part("SF1")})
    assert codes(station.send()[1]) == []


def test_an_index_part_of_a_correction_of_no_known_form_comes_back(station):
    assert codes(index_only(station, {"v": 1, "waybill": 7}, kind="correction")) == [Objection.PART_UNREADABLE]


def test_items_name_the_gateway_journal_their_numbers_are_of(gateway, station):
    station.accept(None)
    station.send()
    assert items_of(station)[0].gateway_journal_id == gateway.gateway_journal_id
    response = station.get(f"/v1/stations/{station.station_id}/returned?after=9")
    assert msgspec.json.decode(response.content, type=ReturnedItems).gateway_journal_id == gateway.gateway_journal_id


def test_a_clock_more_than_a_day_ahead_comes_back(station):
    station.accept("SF1", ahead_ms=DAY_MS - 60_000)
    station.accept("SF2", ahead_ms=DAY_MS + 60_000)
    _, answer = station.send()
    assert codes(answer) == [Objection.CLOCK_AHEAD]
    assert items_of(station)[0].seq == 3


def test_a_correction_that_names_the_number_closes_it(gateway, station):
    station.accept(None)
    station.send()
    correction = {"corrects": {"journal_id": station.journal_id, "seq": 2}, "fields": ["waybill"], "reason": "漏扫"}
    station.append("correction", {**correction, "answers_returned": None})
    station.append("correction", {**correction, "answers_returned": True})
    station.append("correction", {**correction, "answers_returned": 99})
    station.send(3)
    with gateway.database.read() as tx:
        assert pulls.open_returned(tx) == {station.station_id: 1}
    station.append("correction", {**correction, "answers_returned": 1})
    station.send(6)
    with gateway.database.read() as tx:
        assert pulls.open_returned(tx) == {}
    assert [item.number for item in items_of(station)] == [1]


def test_a_station_closes_only_its_own(gateway, enrol):
    owner, other = enrol("s1"), enrol("s2")
    owner.accept(None)
    owner.send()
    other.append("correction", {"answers_returned": 1})
    other.send()
    with gateway.database.read() as tx:
        assert pulls.open_returned(tx) == {"s1": 1}


def test_items_are_told_from_where_the_station_left_off(station):
    for _ in range(3):
        station.accept(None)
    station.send()
    assert [item.number for item in items_of(station, after=1)] == [2, 3]
    assert items_of(station, after=3) == []


def test_an_objection_holds_nothing_up(station):
    station.accept(None)
    station.send()
    station.accept("SF2")
    assert station.send(3)[0].last_seq == 3
