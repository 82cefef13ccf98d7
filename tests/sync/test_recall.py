"""抽查 over many days: which of its acknowledged entries a station asks its gateway for, and what that lets pass."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from courier_check.journal.entries import parse_header
from courier_check.journal.keys import to_text
from courier_check.station import Station
from courier_check.store import journal
from courier_check.sync.client import GatewayClient, Refusal, Signature
from courier_check.sync.recall import DAY_MS, EntryPlace, Recall
from courier_check.wire.batches import HeldEntry
from courier_check.wire.problems import ProblemCode, problem
from support import receipts
from support.clocks import SetClock
from support.stations import acceptance

A_DAY = 20


class Remembering(GatewayClient):
    """A gateway that holds what the station wrote but for what is lost, and remembers what it was asked for since the day began."""

    def __init__(self, station: Station, lost: frozenset[EntryPlace]) -> None:
        identity = station.enrolled()
        super().__init__("http://127.0.0.1:9", Signature(identity.certificate.subject, identity.keys.signing, station.clock))
        self.station, self.lost, self.asked = station, lost, list[EntryPlace]()

    def entry(self, journal_id: str, seq: int) -> HeldEntry | Refusal:
        self.asked.append((journal_id, seq))
        held = journal.entry_at(self.station.database, journal_id, seq)
        if held is None or (journal_id, seq) in self.lost:
            return Refusal(problem(ProblemCode.NOT_FOUND, ""))
        return HeldEntry(header=held.header_bytes.decode(), signature=to_text(held.signature))


@dataclass
class Days:
    """A station of which everything is acknowledged, and its daily looks at a gateway."""

    station: Station
    clock: SetClock
    seed: int
    lost: frozenset[EntryPlace] = frozenset()
    looked: list[set[EntryPlace]] = field(default_factory=list)

    def pass_by(self, most: int, ended: Callable[[], bool] = lambda: False) -> None:
        """Day after day, until it `ended`."""
        client, uniform = Remembering(self.station, self.lost), random.Random(self.seed).uniform  # noqa: S311 - the same in every run
        recall = Recall(self.station.database, self.station.enrolled(), client, self.station.writer(), uniform)
        recall.look()
        assert client.asked == [], "the first day begins"
        while len(self.looked) < most and not ended():
            self.clock.pass_ms(DAY_MS)
            client.asked.clear()
            recall.look()
            assert len(client.asked) == len(set(client.asked)) == A_DAY, "twenty, and all different"
            self.looked.append(set(client.asked))


def acknowledged(station: Station, *sizes: int) -> list[EntryPlace]:
    """Journals of so many entries each, one after the other, with receipts over all of them. The entries."""
    places: list[EntryPlace] = []
    for number, size in enumerate(sizes):
        if number:
            with station.database.write() as tx:
                station._succeed(tx, "damage")
        journal_id = journal.current_journal(station.database) or ""
        with station.database.write() as tx:
            for parcel in range(size - 1):  # its opening is the first
                journal.append(tx, acceptance(f"SF{number:06d}{parcel:07d}"), station.writer())
            receipts.keep(tx, receipts.receipt_over(journal_id, 1, size, gateway_seq=number + 1))
        places += [(journal_id, seq) for seq in range(1, size + 1)]
    return places


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [(200,), (30, 170), (170, 30)])
def test_every_entry_is_looked_at_about_as_often(station: Station, clock: SetClock, sizes: tuple[int, ...]) -> None:
    """Chi-square over 100 days: with all as likely as any other it is about 180 (fewer repeats within a day than when each is drawn by
    itself), and above 260 once in ten thousand times; were it the same twenty each day it would be 18 000."""
    places = acknowledged(station, *sizes)
    days = Days(station, clock, seed=20261127)
    days.pass_by(100)
    often = Counter(place for day in days.looked for place in day)
    expected = 100 * A_DAY / len(places)
    assert set(often) == set(places), "none is never asked for"
    assert 120 < sum((often[place] - expected) ** 2 / expected for place in places) < 260


@pytest.mark.parametrize("sizes", [(200,), (80, 120)])
def test_a_row_lost_far_from_the_first_is_noticed_as_soon_as_it_is_drawn(station: Station, clock: SetClock, sizes: tuple[int, ...]) -> None:
    """Of 200 entries one is lost: each day finds it with one chance in ten, and 60 days miss it twice in a thousand times."""
    places = acknowledged(station, *sizes)
    missing = places[150]
    assert missing[1] >= 30
    days = Days(station, clock, seed=7, lost=frozenset({missing}))
    days.pass_by(60, lambda: bool(days.looked) and missing in days.looked[-1])
    assert missing in days.looked[-1]
    noted = [parse_header(data) for (data,) in station.database.rows("SELECT header FROM journal_entries")]
    (told,) = [header.facts for header in noted if header.kind == "gateway-forgot"]
    assert told == {"journal_id": missing[0], "seqs": [missing[1]]}


@pytest.mark.slow
def test_what_was_lost_goes_unnoticed_for_as_long_as_the_documents_say(station: Station, clock: SetClock) -> None:
    """docs/wire.md §7: a gateway that lost 1 % of its rows is not noticed within a day 81.8 % of the times, within a week 24.5 %."""
    places = acknowledged(station, 200)
    days = Days(station, clock, seed=11)
    days.pass_by(280)
    lost = {places[130], places[190]}
    quiet = [not lost & day for day in days.looked]
    weeks = [all(quiet[day : day + 7]) for day in range(0, len(quiet), 7)]
    assert sum(quiet) / len(quiet) == pytest.approx(0.818, abs=0.07)
    assert sum(weeks) / len(weeks) == pytest.approx(0.245, abs=0.17)
