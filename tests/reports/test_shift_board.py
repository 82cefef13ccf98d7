"""班次看板: its figures are those that anybody counts from the signed headers (and the waybills of the parts, where it matters which parcel
it was) by SQL that knows no view; and the reports'."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from courier_check.clock import at, day_bounds_ms
from courier_check.desk.rights import Role, SignedIn
from courier_check.journal import canonical
from courier_check.journal.entries import Draft, Header, parse_header
from courier_check.journal.parts import make_opening
from courier_check.reports.acts import Period
from courier_check.reports.daily import figures
from courier_check.shift_board import MOST_MISSING, Board, Stretch, board
from courier_check.station import PRACTICE_PASSWORD, Station
from courier_check.store import journal, labels, views
from support.stations import acceptance, append

DAY_MS = 86_400_000
SUPERVISOR = SignedIn("0999", Role.SUPERVISOR)
KINDS = (
    *(("acceptance", 82), ("refusal", 8), ("referral", 4), ("withdrawal", 3), ("correction", 1), ("security-check", 24)),
    *(("intercept", 3), ("outcome", 2)),
)
OUTCOMES = ("recovered", "handed-over", "returned", "missed", "released")


@dataclass
class Life:
    """Entries of some days, drawn from a seed and put into the journal as they are, without signatures, and of parts with their waybills
    only: that is what is counted. `waybills`: by act; `freed`: acts that were withdrawn and whose waybill nobody has used since;
    `elsewhere`: waybills that were checked here and accepted nowhere yet."""

    station: Station
    draw: random.Random
    acts: list[tuple[int, str]] = field(default_factory=list)
    stopped: list[int] = field(default_factory=list)
    leads: int = 0
    waybills: dict[int, str] = field(default_factory=dict)
    freed: list[int] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def write(self, count: int, days: int) -> None:
        """The last of the days is the station's today."""
        db, now_ms = self.station.database, self.station.clock.read().wall_ms
        journal_id = journal.current_journal(db) or ""
        first = journal.entry_at(db, journal_id, 1)
        assert first is not None
        pattern = parse_header(first.header_bytes)
        start = journal.head_of(db, journal_id, "").seq
        from_ms = day_bounds_ms(at(now_ms).date())[0] - (days - 1) * DAY_MS
        with db.write() as tx:
            for place in range(count):
                seq = start + 1 + place
                wall_ms = from_ms + place * days * DAY_MS // count
                kind, facts, waybill = self._drawn(journal_id, seq)
                times = msgspec.structs.replace(pattern.times, wall_ms=wall_ms)
                operator = self.draw.choice(("0142", "0143"))
                header = msgspec.structs.replace(pattern, seq=seq, kind=kind, operator=operator, times=times, facts=facts)
                self._put(tx, header, waybill)
                if kind == "acceptance" and self.draw.random() < 0.9:
                    labels.stick(tx, (journal_id, seq), wall_ms, "0142")

    def _put(self, tx: Any, header: Header, waybill: str | None) -> None:
        data = canonical.encode(header)
        tx.execute(
            "INSERT INTO journal_entries (journal_id, seq, hash, header, signature, wall_ms) VALUES (?, ?, ?, ?, x'', ?)",
            (header.journal_id, header.seq, f"{header.seq:064x}", data, header.times.wall_ms),
        )
        index = {} if waybill is None else {"index": {"v": 1, "waybill": waybill, "sender": {}, "tokens": {}}}
        for name, content in index.items():
            opening = make_opening(bytes(32), content)
            tx.execute("INSERT INTO parts (journal_id, seq, name, opening) VALUES (?, ?, ?, ?)", (*place_of(header), name, opening))
        views.apply(tx, parse_header(data), index)

    def _drawn(self, journal_id: str, seq: int) -> tuple[str, dict[str, Any], str | None]:
        """Kind, facts and, where its part names one, the waybill."""
        kinds, weights = zip(*KINDS, strict=True)
        (kind,) = self.draw.choices(kinds, weights)
        accepted = [one for one, of in self.acts[-400:] if of == "acceptance"]
        if kind in ("withdrawal", "correction", "security-check", "intercept") and not accepted:
            kind = "acceptance"
        if kind in ("withdrawal", "correction", "security-check"):
            return self._about(kind, journal_id, seq, accepted)
        if kind in ("intercept", "outcome"):
            return (*self._stop(kind, journal_id, seq), None)
        return self._act(kind, journal_id, seq)

    def _about(self, kind: str, journal_id: str, seq: int, accepted: list[int]) -> tuple[str, dict[str, Any], str | None]:
        """撤件, 更正运单号 and 安检: of an acceptance, by the label of one that was withdrawn, or of a parcel nobody here accepted."""
        draw = self.draw
        target = draw.choice(accepted)
        if kind == "withdrawal":
            self.acts = [one for one in self.acts if one[0] != target]
            self.freed.append(target)
            self.withdrawn.append(target)
            return kind, {"withdraws": {"journal_id": journal_id, "seq": target}}, None
        if kind == "correction":
            checked = self.elsewhere and draw.random() < 0.7
            self.waybills[target] = self.elsewhere.pop(draw.randrange(len(self.elsewhere))) if checked else f"SF{seq:013d}"
            return kind, {"corrects": {"journal_id": journal_id, "seq": target}, "fields": ["waybill"]}, self.waybills[target]
        facts = {"outcome": draw.choices(("pass", "fail", "recheck"), (50, 27, 23))[0], "parcel": "accepted"}
        where = draw.random()
        if where < 0.06:
            self.elsewhere.append(f"SF{seq:013d}")
            return kind, {"checks": None, **facts}, self.elsewhere[-1]
        if where < 0.16 and self.withdrawn:
            target = draw.choice(self.withdrawn[-40:])
        return kind, {"checks": {"journal_id": journal_id, "seq": target}, **facts}, None

    def _waybill(self, kind: str, seq: int) -> str:
        """Of a parcel nobody has seen, of one that comes again after its withdrawal, or of one that was checked before."""
        drawn = self.draw.random()
        if kind == "acceptance" and self.freed and drawn < 0.02:
            return self.waybills[self.freed.pop(self.draw.randrange(len(self.freed)))]
        if kind == "acceptance" and self.elsewhere and drawn < 0.03:
            return self.elsewhere.pop(self.draw.randrange(len(self.elsewhere)))
        return f"SF{seq:013d}"

    def _act(self, kind: str, journal_id: str, seq: int) -> tuple[str, dict[str, Any], str | None]:
        draw = self.draw
        referred = [one for one, of in self.acts[-400:] if of == "referral"]
        resolves = draw.choice(referred) if referred and draw.random() < 0.02 else None
        if resolves is not None:
            self.acts = [one for one in self.acts if one[0] != resolves]
        self.acts = [*self.acts[-500:], (seq, kind)]
        self.waybills[seq] = self._waybill(kind, seq)
        facts = self._act_facts(kind, None if resolves is None else {"journal_id": journal_id, "seq": resolves})
        return kind, facts, self.waybills[seq]

    def _stop(self, kind: str, journal_id: str, seq: int) -> tuple[str, dict[str, Any]]:
        """拦截 of an acceptance, or what became of one: some have several outcomes, some leads."""
        draw = self.draw
        if kind == "outcome" and self.stopped:
            settles = {"journal_id": journal_id, "seq": draw.choice(self.stopped[-40:])}
            return "intercept-outcome", {"settles": settles, "outcome": draw.choice(OUTCOMES)}
        accepted = [one for one, of in self.acts[-400:] if of == "acceptance"]
        if not accepted:
            return "acceptance", self._act_facts("acceptance", None)
        self.stopped.append(seq)
        facts = {"intercepts": {"journal_id": journal_id, "seq": draw.choice(accepted)}, "cause": "found-later"}
        return "intercept", facts | self._lead()

    def _lead(self) -> dict[str, Any]:
        if self.draw.random() < 0.5:
            return {}
        self.leads += 1
        return {"lead": {"number": f"XS410105-{self.leads}", "county": "410105"}}

    def _act_facts(self, kind: str, resolves: dict[str, Any] | None) -> dict[str, Any]:
        draw = self.draw
        facts: dict[str, Any] = {
            "mail_kind": draw.choices(("parcel", "agreement", "letter", "inspection-mailbox"), (70, 20, 6, 4))[0],
            "real_name": draw.choices(("verified", "agreement", "exempt", "none", "shown"), (75, 12, 8, 3, 2))[0],
            "inspected": draw.random() < 0.95,
            "screening": draw.choices(("clear", "review", "block", None), (90, 4, 2, 4))[0],
            "hurried": draw.choices((0, 6), (97, 3))[0],
            "resolves": resolves,
        }
        if draw.random() < 0.03:
            facts["taken_back"] = {"nothing-prohibited": draw.choice((1, 2)), "found": 1}
        if kind == "refusal":
            facts["refusal"] = draw.choice(("R01", "R02", "R06", "R07"))
            facts |= self._lead()
        if draw.random() < 0.8:
            facts["service"] = {"complete": draw.random() < 0.9, "way": "counter", "country": "CN"}
        return facts


def place_of(header: Header) -> tuple[str, int]:
    return header.journal_id, header.seq


INDEPENDENT = """
    WITH entries AS MATERIALIZED (
        SELECT journal_id, seq, wall_ms, CAST(header AS TEXT) AS h FROM journal_entries),
    named AS MATERIALIZED (
        SELECT seq, json_extract(CAST(substr(opening, 33) AS TEXT), '$.waybill') AS waybill FROM parts WHERE name = 'index'),
    corrected AS MATERIALIZED (
        SELECT json_extract(e.h, '$.facts.corrects.seq') AS of, n.waybill, MAX(e.seq)
        FROM entries e JOIN named n ON n.seq = e.seq WHERE json_extract(e.h, '$.kind') = 'correction' GROUP BY 1),
    parcels AS MATERIALIZED (
        SELECT n.seq, COALESCE(c.waybill, n.waybill) AS waybill FROM named n LEFT JOIN corrected c ON c.of = n.seq),
    acts AS MATERIALIZED (
        SELECT seq, json_extract(h, '$.kind') AS kind, json_extract(h, '$.facts.mail_kind') AS mail,
            json_extract(h, '$.facts.real_name') AS named, json_extract(h, '$.facts.inspected') AS inspected,
            json_extract(h, '$.facts.service.complete') AS complete, json_extract(h, '$.facts.screening') AS screening,
            json_extract(h, '$.facts.hurried') AS hurried, json_extract(h, '$.facts.refusal') AS refusal
        FROM entries WHERE json_extract(h, '$.kind') IN ('acceptance', 'refusal', 'referral') AND wall_ms BETWEEN :from_ms AND :to_ms
            AND seq > :after),
    checks AS MATERIALIZED (
        SELECT p.waybill, json_extract(e.h, '$.facts.outcome') AS outcome, MAX(e.seq)
        FROM entries e JOIN parcels p ON p.seq = COALESCE(json_extract(e.h, '$.facts.checks.seq'), e.seq)
        WHERE json_extract(e.h, '$.kind') = 'security-check' GROUP BY 1),
    taken_back AS MATERIALIZED (
        SELECT seq, json_extract(h, '$.facts.withdraws.seq') AS of, wall_ms FROM entries WHERE json_extract(h, '$.kind') = 'withdrawal'),
    accepted AS MATERIALIZED (
        SELECT a.*, p.waybill, c.outcome, a.seq IN (SELECT of FROM taken_back) AS gone, a.seq IN (SELECT seq FROM stuck_labels) AS stuck
        FROM acts a JOIN parcels p ON p.seq = a.seq LEFT JOIN checks c ON c.waybill = p.waybill WHERE a.kind = 'acceptance'),
    settled AS MATERIALIZED (SELECT json_extract(h, '$.facts.resolves.seq') AS seq FROM entries
        WHERE json_extract(h, '$.facts.resolves') IS NOT NULL)
    SELECT
        (SELECT COUNT(*) FROM accepted), (SELECT COUNT(*) FROM acts WHERE kind = 'refusal'),
        (SELECT COUNT(*) FROM acts WHERE kind = 'referral'),
        (SELECT COUNT(*) FROM taken_back WHERE wall_ms BETWEEN :from_ms AND :to_ms AND seq > :after),
        (SELECT COUNT(*) FROM entries WHERE json_extract(h, '$.kind') = 'referral' AND seq NOT IN (SELECT seq FROM settled)),
        (SELECT COUNT(*) FROM accepted WHERE named <> 'exempt' AND (named = 'verified' OR (named = 'agreement' AND mail = 'agreement'))),
        (SELECT COUNT(*) FROM accepted WHERE named <> 'exempt'),
        (SELECT COUNT(*) FROM accepted WHERE named <> 'exempt' AND inspected),
        (SELECT COUNT(*) FROM accepted WHERE outcome IN ('pass', 'fail')), (SELECT COUNT(*) FROM accepted WHERE complete),
        (SELECT COUNT(*) FROM accepted WHERE NOT gone AND outcome IS NULL),
        (SELECT COUNT(*) FROM accepted WHERE NOT gone AND outcome = 'recheck'),
        (SELECT COUNT(DISTINCT waybill) FROM accepted WHERE outcome = 'fail'),
        (SELECT COUNT(*) FROM accepted WHERE NOT gone AND NOT stuck AND mail <> 'letter'),
        (SELECT COUNT(*) FROM acts WHERE screening = 'block'), (SELECT COUNT(*) FROM acts WHERE screening = 'review'),
        (SELECT COUNT(*) FROM entries WHERE json_extract(h, '$.facts.lead.number') IS NOT NULL
            AND wall_ms BETWEEN :from_ms AND :to_ms AND seq > :after)
"""
"""Written from the definitions (domain.md §9.2) and the entry's form (journal.md), not from the program: of one journal. The newest check
of a waybill counts for each of its acts; a parcel fails once, however often it was accepted."""


def independent(station: Station, from_ms: int, to_ms: int, after: int) -> tuple[int, ...]:
    row = station.database.row(INDEPENDENT, {"from_ms": from_ms, "to_ms": to_ms - 1, "after": after})
    assert row is not None
    return row


def told(shown: Board) -> tuple[int, ...]:
    assert shown.security is not None
    assert shown.service is not None
    for rate in (shown.security, shown.service):
        assert rate.denominator == shown.accepted
    assert shown.real_name.denominator == shown.inspected.denominator
    return (
        *(shown.accepted, shown.refused, shown.referred, shown.withdrawn, shown.waiting),
        *(shown.real_name.numerator, shown.real_name.denominator, shown.inspected.numerator),
        *(shown.security.numerator, shown.service.numerator, shown.unchecked, shown.recheck, shown.failed, shown.unlabelled),
        *(shown.hits_blocked, shown.hits_reviewed, shown.leads),
    )


STANDING = """
    WITH entries AS MATERIALIZED (SELECT seq, wall_ms, CAST(header AS TEXT) AS h FROM journal_entries),
    outcomes AS (
        SELECT json_extract(h, '$.facts.settles.seq') AS of, json_extract(h, '$.facts.outcome') AS outcome, MAX(seq)
        FROM entries WHERE json_extract(h, '$.kind') = 'intercept-outcome' GROUP BY 1),
    stopped AS (
        SELECT e.seq, e.wall_ms, COALESCE(o.outcome, 'open') AS outcome
        FROM entries e LEFT JOIN outcomes o ON o.of = e.seq WHERE json_extract(e.h, '$.kind') = 'intercept')
    SELECT outcome, COUNT(*) FROM stopped WHERE wall_ms BETWEEN :from_ms AND :to_ms AND seq > :after GROUP BY 1 ORDER BY 1
"""
"""拦截 made in a stretch, by the newest outcome of each: as `INDEPENDENT`."""


def intercepts(station: Station, from_ms: int, to_ms: int, after: int) -> tuple[tuple[str, int], ...]:
    return tuple(station.database.rows(STANDING, {"from_ms": from_ms, "to_ms": to_ms - 1, "after": after}))


def check(station: Station, count: int, days: int) -> None:
    """Today against the headers and against the reports; then a day close, and the rest of the shift."""
    life = Life(station, random.Random(20261126))  # noqa: S311 - drawn alike each time
    life.write(count, days)
    db, now_ms = station.database, station.clock.read().wall_ms
    from_ms, to_ms = day_bounds_ms(at(now_ms).date())
    today = board(db, Stretch.TODAY, now_ms)
    assert told(today) == independent(station, from_ms, to_ms, 0)
    assert min(told(today)) > 0, f"every figure is asked about: {told(today)}"
    assert today.since_ms == from_ms
    assert today.intercepts == intercepts(station, from_ms, to_ms, 0)
    assert today.intercepted > 0
    everything = dict(intercepts(station, 0, 1 << 52, 0))
    assert set(everything) == {"open", *OUTCOMES}, "every outcome is asked about"
    assert today.stopped == everything["open"] + everything["recovered"]
    by_reason = "SELECT json_extract(CAST(header AS TEXT), '$.facts.refusal'), COUNT(*) FROM journal_entries"
    by_reason += " WHERE json_extract(CAST(header AS TEXT), '$.kind') = 'refusal' AND wall_ms >= ? AND wall_ms < ? GROUP BY 1 ORDER BY 1"
    assert [*today.refusals] == [tuple(row) for row in db.rows(by_reason, (from_ms, to_ms))]
    hurried = "SELECT json_extract(CAST(header AS TEXT), '$.operator'), COUNT(*) FROM journal_entries"
    hurried += " WHERE json_extract(CAST(header AS TEXT), '$.facts.hurried') > 0 AND wall_ms >= ? AND wall_ms < ? GROUP BY 1 ORDER BY 1"
    assert [*today.hurried] == [tuple(row) for row in db.rows(hurried, (from_ms, to_ms))]
    taken_back = "SELECT json_extract(CAST(header AS TEXT), '$.operator'), COUNT(*) FROM journal_entries"
    taken_back += " WHERE json_extract(CAST(header AS TEXT), '$.facts.taken_back') IS NOT NULL AND wall_ms >= ? AND wall_ms < ?"
    assert [*today.taken_back] == [tuple(row) for row in db.rows(f"{taken_back} GROUP BY 1 ORDER BY 1", (from_ms, to_ms))]
    assert today.taken_back
    period = Period.day(at(now_ms).date())
    reported = figures(station.report_rows(period), period, now_ms)
    assert (reported.accepted, reported.refused, reported.withdrawn) == (today.accepted, today.refused, today.withdrawn)
    rates = reported.rates
    assert (rates.real_name, rates.inspected) == (today.real_name, today.inspected)
    assert (rates.security_checked, rates.service_information) == (today.security, today.service)
    assert len(today.missing) == min(MOST_MISSING, today.unlabelled)
    whole = board(db, Stretch.SHIFT, now_ms)
    assert whole.since_ms is None, "no day was closed yet"
    assert told(whole) == independent(station, 0, 1 << 52, 0)
    assert dict(whole.intercepts) == everything
    assert all(one.equal for one in views.compare(db)), "the views are those of a replay"


def test_the_board_says_what_the_headers_say(station: Station) -> None:
    check(station, 3_000, 3)


ENTRIES = int(os.environ.get("COURIER_CHECK_BOARD", "10000"))
"""`make long` makes a hundred thousand."""


@pytest.mark.slow
def test_the_board_of_many_entries_says_what_the_headers_say(station: Station) -> None:
    check(station, ENTRIES, 25)


def test_a_day_close_begins_a_new_shift(station: Station) -> None:
    station.desk().operators.add(SUPERVISOR.code, SUPERVISOR.role, "样例主管", PRACTICE_PASSWORD, None)
    first = append(station, acceptance("SF1000000000014"))
    closed = station.desk().day_closes.close(SUPERVISOR)
    db, now_ms = station.database, station.clock.read().wall_ms
    shift = board(db, Stretch.SHIFT, now_ms)
    assert (shift.accepted, shift.unlabelled, shift.since_ms) == (0, 0, closed.at_ms)
    later = append(station, acceptance("SF1000000000028"))
    shift = board(db, Stretch.SHIFT, now_ms)
    assert (shift.accepted, [one.seq for one in shift.missing]) == (1, [later.entry.header.seq])
    assert shift.missing[0].end == "000028"
    today = board(db, Stretch.TODAY, now_ms)
    assert [one.seq for one in today.missing] == [first.entry.header.seq, later.entry.header.seq]


def test_nothing_to_measure_is_no_rate(station: Station) -> None:
    empty = board(station.database, Stretch.TODAY, station.clock.read().wall_ms)
    assert (empty.accepted, empty.real_name.text, empty.inspected.text) == (0, "—", "—")
    assert (empty.security, empty.service) == (None, None), "what nobody registered is no rate of nothing"


def test_a_stuck_label_and_a_withdrawn_parcel_are_not_missing(station: Station) -> None:
    db, now_ms = station.database, station.clock.read().wall_ms
    places = [append(station, acceptance(f"SF10000000000{number}")).entry.header for number in (14, 28, 31)]
    with db.write() as tx:
        labels.stick(tx, (places[0].journal_id, places[0].seq), now_ms, "0142")
    append(station, withdrawal_of(places[1]))
    shown = board(db, Stretch.TODAY, now_ms)
    assert (shown.unlabelled, [one.seq for one in shown.missing], shown.withdrawn) == (1, [places[2].seq], 1)
    assert (shown.accepted, shown.unchecked) == (3, 2)


def withdrawal_of(header: Header) -> Draft:
    return Draft("withdrawal", "0142", {"withdraws": {"journal_id": header.journal_id, "seq": header.seq}})
