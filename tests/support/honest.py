"""What honest stations and gateways go through in years, drawn from a seed and written by the project's own writers: entries of mixed
kinds, destroyed parts, corrections, disputes, day closes, clocks that jump, keys that change, sticks, upgrades, and either side put back.

Nothing is flushed to the disk: these lives end with their process.
"""

from __future__ import annotations

import contextlib
import random
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from courier_check.desk.rights import Role as Rights
from courier_check.desk.rights import SignedIn
from courier_check.errors import UserError
from courier_check.gateway import admin
from courier_check.gateway.bundles import opened_bundle, write_answers
from courier_check.gateway.checkers import Checkers, Meanwhile
from courier_check.gateway.restoring import begin_journal
from courier_check.gateway.rotation import rotate
from courier_check.gateway.setup import Founding, Gateway, init
from courier_check.journal.entries import Draft, EvidenceRef, PackageRef
from courier_check.journal.parts import PartName
from courier_check.station import PRACTICE_PASSPHRASE, PRACTICE_PASSWORD, Station, Surroundings
from courier_check.store import facts, inbox, journal
from courier_check.sync.bundles import Bundles
from courier_check.sync.codes import SyncCode
from courier_check.sync.synchroniser import SyncState
from courier_check.wire.certificates import Role, StationPlace
from support.clocks import SetClock
from support.gateways import Switchboard
from support.ready import new_station
from support.stations import CHEAP

DAY_MS = 86_400_000
SUPERVISOR = SignedIn("0999", Rights.SUPERVISOR)
ENTRIES_A_TRANSACTION = 100
MOST_LOST = 60  # entries that a station put back has handed in since its copy was made; each is filed again
RUNS = 8  # of the synchroniser, until everything is in
_SUM = "5a" * 32
_MASKS = {"name_mask": "样**", "number_mask": "4***************3X", "phone_mask": "138****0000"}
Told = tuple[SyncState, SyncCode | None]


@dataclass
class Drafts:
    """Entries as this program and those before it write them."""

    draw: random.Random
    acts: list[tuple[str, int]] = field(default_factory=list)
    """Where acts stand that can be corrected and disputed: (journal_id, seq)."""
    numbers: int = 0

    def next(self) -> Draft:
        ways, weights = zip(*_KINDS, strict=True)
        (way,) = self.draw.choices(ways, weights)
        return way(self)

    def acceptance(self) -> Draft:
        return Draft("acceptance", "0142", self._act(screening="pass"), self._parts(), self._packages())

    def late(self) -> Draft:
        return Draft("acceptance", "0142", self._act(late=True, late_ms=1_795_400_000_000), self._parts())

    def photographed(self) -> Draft:
        """With a photo of which the file was destroyed."""
        seen = EvidenceRef(media_type="image/jpeg", name="photo-contents-1", sha256=_SUM, size=self.draw.randint(1, 90_000))
        return Draft("acceptance", "0142", self._act(screening="hit"), self._parts(), self._packages(), (seen,))

    def of_an_older_program(self) -> Draft:
        """An acceptance with the facts of the first version only, and nothing kept."""
        parts = {name: part for name, part in self._parts().items() if name is not PartName.KEPT}
        return Draft("acceptance", "c07", {"mail_kind": "parcel", "real_name": "verified", "pieces": 1, "weight_g": 1200}, parts)

    def refusal(self) -> Draft:
        said = self._act(refusal=self.draw.choice(("R03", "R14", "R99")), prohibited=["explosive"], chosen=self.draw.random() < 0.5)
        return Draft("refusal", "0142", said, self._parts())

    def referral(self) -> Draft:
        return Draft("referral", "0142", self._act(reasons=["person-doubted", {"seen": ["样本"]}]), self._parts())

    def correction(self) -> Draft:
        if not self.acts:
            return self.reveal()
        journal_id, seq = self.draw.choice(self.acts[-200:])
        said: dict[str, Any] = {"corrects": {"journal_id": journal_id, "seq": seq}, "fields": ["phone"], "answers_returned": None}
        if self.draw.random() < 0.5:  # older programs leave it out
            said["answers_journal"] = None
        parts: dict[PartName, Any] = {PartName.KEPT: {"v": 1, "reason": self._text()}}
        if self.draw.random() < 0.5:
            parts[PartName.INDEX] = {"v": 1, "sender": {"phone_mask": "139****0000"}, "tokens": {"phone": f"{self._number():064x}"}}
        return Draft("correction", "0999", said, parts)

    def dispute(self) -> Draft:
        if not self.acts:
            return self.reveal()
        journal_id, seq = self.draw.choice(self.acts[-200:])
        kept = {PartName.KEPT: {"v": 1, "reason": self._text()}}
        return Draft("dispute", "0142", {"disputes": {"journal_id": journal_id, "seq": seq}}, kept)

    def reveal(self) -> Draft:
        return Draft("reveal", "0999", {"journal_id": "ab" * 16, "seq": self._number(), "reason_given": self.draw.random() < 0.5})

    def of_a_later_program(self) -> Draft:
        deep: Any = []
        for _ in range(self.draw.randint(0, 6)):  # as deep as facts may be
            deep = [deep]
        return Draft("a-kind-of-tomorrow", None, {"least": -(2**53 - 1), "most": 2**53 - 1, "deep": deep, "text": self._text()})

    def of_the_station(self) -> Draft:
        number = self._number()
        said: tuple[tuple[str, dict[str, Any]], ...] = (
            ("setting-changed", {"name": "printer", "value": self._text()}),
            ("package-installed", {"kind": "rules", "name": "样例规则", "version": str(number), "sha256": _SUM, "signed": True}),
            ("export", {"what": "export", "rows": number}),
            ("sign-in", {"subject": "0142"}),
        )
        kind, found = self.draw.choice(said)
        return Draft(kind, self.draw.choice(("0142", None)), found)

    def _act(self, **more: Any) -> dict[str, Any]:
        said = {"mail_kind": "parcel", "carrier": "sf", "real_name": "verified", "inspected": True, "categories": ["clothing"]}
        return {**said, "pieces": 1, "weight_g": self.draw.randint(1, 50_000), **more}

    def _parts(self) -> dict[PartName, Any]:
        number = self._number()
        tokens = {"id-number": f"{number % 97:064x}", "phone": f"{number % 89:064x}"}
        index = {"v": 1, "waybill": f"SF{number:013d}", "carrier": "sf", "match_key_id": "ab" * 16, "sender": _MASKS, "tokens": tokens}
        parts: dict[PartName, Any] = {PartName.INDEX: index, PartName.REPORTED: {"v": 1, "sender": {"name": self._text()}}}
        if self.draw.random() < 0.9:
            parts[PartName.KEPT] = {"v": 1, "addressee": {"name": "收样例"}, "note": self._text()}
        return parts

    def _packages(self) -> tuple[PackageRef, ...]:
        return (PackageRef(kind="rules", name="样例规则", sha256=_SUM, version="7"),) * self.draw.randint(0, 1)

    def _number(self) -> int:
        self.numbers += 1
        return self.numbers

    def _text(self) -> str:
        return self.draw.choice(('样本\n"\\\x1f\x7f', "", "\u2028é😀", "/", "写错了" * self.draw.randint(1, 40)))


_KINDS: tuple[tuple[Callable[[Drafts], Draft], int], ...] = (
    (Drafts.acceptance, 40),
    (Drafts.late, 3),
    (Drafts.photographed, 4),
    (Drafts.of_an_older_program, 6),
    (Drafts.refusal, 6),
    (Drafts.referral, 4),
    (Drafts.correction, 10),
    (Drafts.dispute, 6),
    (Drafts.reveal, 5),
    (Drafts.of_a_later_program, 4),
    (Drafts.of_the_station, 12),
)


class _Alone(Checkers):
    """No other processes: lives are lived side by side, and a gateway that is opened again and again would begin some each time."""

    def begin(self, work: Callable[[Any, list[Any]], Any], key: Any, items: Sequence[Any]) -> Meanwhile[Any, Any, Any]:
        return Meanwhile(work, key, items, None)


class Life:
    """A station, its gateway, and what they go through. `parts_gone`: how many parts retention destroyed.

    `told`: outcomes of the synchroniser that are no plain success; `false_alarms`:
    those that were not owed. A side that is put back owes one alarm, which is used up when it is raised, and no longer owed once everything
    has arrived: the same one later is a false one."""

    def __init__(self, folder: Path, line: tuple[Switchboard, str], seed: int, size: int) -> None:
        self.draw = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self.size = size
        self.told: list[Told] = []
        self.false_alarms: list[Told] = []
        self._owed: Told | None = None
        self.went_through: list[str] = []
        self.parts_gone = 0
        self._drafts = Drafts(self.draw)
        self._folder, self._board = folder, line[0]
        self._clock, self._true_clock = SetClock(), SetClock()
        self._station_copy: Path | None = None
        self._handed_in_since = 0
        init(folder / "gateway", Founding("gw-test", "样例网关（虚构）", practice=True), self._true_clock, secrets.token_bytes)
        self._serve()
        with new_station(folder / "station", self._clock) as station:
            place = StationPlace(outlet_id="zz-jinshui", outlet_name="样例金水网点", region="410105")
            station.enrol(admin.enrol_code(self.gateway, "zz-jinshui-01", place), line[1])
            station.desk().operators.add(SUPERVISOR.code, Rights.SUPERVISOR, "样例主管", PRACTICE_PASSWORD, None)
        self._open()

    def live(self) -> None:
        ways, weights = zip(*_DAYS, strict=True)
        while self.entries() < self.size:
            (way,) = self.draw.choices(ways, weights)
            self.work()
            self.went_through.append(way.__name__)
            way(self)
        self._until_synchronised()

    def close(self) -> None:
        self.station.close()
        self.gateway.close()

    def entries(self) -> int:
        return int(self.station.database.value("SELECT COUNT(*) FROM journal_entries"))

    # --- what happens

    def work(self) -> None:
        left = min(self.draw.randint(20, 500), self.size - self.entries())
        while left > 0:
            with self.station.database.write() as tx:
                self._append(tx, min(left, ENTRIES_A_TRANSACTION))
            left -= ENTRIES_A_TRANSACTION
            self._pass(self.draw.randint(0, 3_600_000))
        self.station.keep_head()

    def synchronise(self) -> None:
        before = inbox.standing(self.station.database).pending
        status = self.station.synchronise().status
        self._handed_in_since += before
        if status.state is not SyncState.SYNCHRONISED:
            self._hear((status.state, status.code))

    def carry(self) -> None:
        """By stick, taken in once or twice, and the receipts home."""
        made = Bundles(self.station.database, self.station.enrolled(), self._clock, "tests", {})
        stick, answers = self._folder / "stick.zip", self._folder / "answers.zip"
        with stick.open("wb") as target:
            try:
                sent = made.bundle(target, made.pending())
            except UserError:  # nothing is pending
                return
        self._handed_in_since += sent.entries
        for _ in range(self.draw.randint(1, 2)):
            with stick.open("rb") as source, opened_bundle(self.gateway, source) as bundle:
                receipts = [each.receipt for each in bundle.take() if each.receipt]
            with answers.open("wb") as target:
                write_answers(self.gateway, bundle.station_id, receipts, target)
        with answers.open("rb") as source:
            made.take_answers(source)

    def close_the_day(self) -> None:
        self.station.desk().day_closes.close(SUPERVISOR)
        self.station.keep_head()
        self._pass(DAY_MS)

    def let_parts_go(self) -> None:
        """What retention does to acts of long ago, a month after everything arrived; the month's first receipt says that it is over."""
        self._until_synchronised()
        chosen = self.draw.sample(self._drafts.acts, min(len(self._drafts.acts), 20))
        self._pass(journal.KEPT_AFTER_RECEIPT // timedelta(milliseconds=1))
        self.work_little()
        self.synchronise()
        with self.station.database.write() as tx:
            for journal_id, seq in chosen:
                with contextlib.suppress(UserError):  # something of this month speaks of it
                    self.parts_gone += journal.destroy_parts(tx, journal_id, seq)

    def jump(self) -> None:
        """The station's wall clock is set wrong, mostly for a while only, or the machine starts again."""
        match self.draw.choice(("ahead", "behind", "boot")):
            case "ahead":  # by more than a day: the gateway returns what is written meanwhile
                self._clock.wall_ms += self.draw.randint(1, self.draw.choice((DAY_MS // 2, 400 * DAY_MS)))
            case "behind":
                self._clock.wall_ms -= self.draw.randint(1, 40 * DAY_MS)
            case "boot":
                self._clock.boot_id, self._clock.mono_ms = secrets.token_hex(4), 1
        self.work_little()
        if self.draw.random() < 0.8:
            self._clock.wall_ms = self._true_clock.wall_ms

    def upgrade(self) -> None:
        """The folder of a program whose views were others is opened by this one."""
        with self.station.database.write() as tx:
            facts.save(tx, "views_version", b"of another program")
        self.station.close()
        self._open()

    def change_a_key(self) -> None:
        self.gateway.close()
        role = self.draw.choice((Role.RECEIPT, Role.ENROLMENT, Role.PACKAGE, Role.INTAKE))
        rotate(self._gateway_folder, role, self._gateway_folder / "root" / "root.key", self._true_clock, secrets.token_bytes)
        self._serve()
        self._pass(DAY_MS)

    def begin_a_successor(self) -> None:
        """As after damage that was found."""
        with self.station.database.write() as tx:
            self.station._succeed(tx, "damage")
        self.station.keep_head()

    def copy_the_station(self) -> None:
        self.station.database.value("PRAGMA wal_checkpoint(TRUNCATE)")
        copy = self._folder / "station-copy"
        shutil.rmtree(copy, ignore_errors=True)
        self._station_copy, self._handed_in_since = shutil.copytree(self.station.folder.path, copy), 0

    def put_the_station_back(self) -> None:
        """Its database is the one of the copy; what it wrote since is lost, unless the gateway has it."""
        if self._station_copy is None or self._handed_in_since > MOST_LOST:
            self.copy_the_station()
            self.work_little()
            self.synchronise()
        assert self._station_copy is not None
        note = (self.station.folder.path / "head.json").read_bytes()
        self.station.close()
        shutil.rmtree(self._folder / "station")
        shutil.copytree(self._station_copy, self._folder / "station")
        (self._folder / "station" / "head.json").write_bytes(note)
        self._station_copy = None
        self._open()
        self._drafts.acts = [(each, seq) for each, seq in self._drafts.acts if journal.hash_at(self.station.database, each, seq)]
        self._until_it_is_told((SyncState.ALARM, SyncCode.BRANCH))  # unless nothing was handed in since the copy

    def put_the_gateway_back(self) -> None:
        """Its database is one of before the last entries, and an operator tells it so, or it notices that itself; the station notices with
        its next entry."""
        copy, own = self._folder / "gateway-copy.db", self._gateway_folder / "gateway.db"
        with sqlite3.connect(own) as source, sqlite3.connect(copy) as target:
            source.backup(target)
        source.close()
        target.close()
        self.work_little()
        self.synchronise()
        self.gateway.close()
        for left in self._gateway_folder.glob("gateway.db*"):
            left.unlink()
        shutil.move(copy, own)
        self._serve()
        if self.draw.random() < 0.5:
            begin_journal(self.gateway)
        self.work_little()
        assert self._until_it_is_told((SyncState.ALARM, SyncCode.ROLLBACK)), "nobody was told that the gateway was put back"

    def work_little(self) -> None:
        with self.station.database.write() as tx:
            self._append(tx, self.draw.randint(1, MOST_LOST // 2))
        self.station.keep_head()

    # --- how

    def _append(self, tx: Any, count: int) -> None:
        writer = self.station.writer()
        for _ in range(count):
            draft = self._drafts.next()
            header = journal.append(tx, draft, writer).entry.header
            if draft.kind in ("acceptance", "refusal", "referral"):
                self._drafts.acts.append((header.journal_id, header.seq))

    def _hear(self, told: Told) -> None:
        self.told.append(told)
        if told == self._owed:
            self._owed = None
        else:
            self.false_alarms.append(told)

    def _until_it_is_told(self, alarm: Told) -> bool:
        """Synchronise after a side was put back; returns whether the alarm that this owes was raised."""
        self._owed = alarm
        self._until_synchronised()
        raised, self._owed = self._owed is None, None
        return raised

    def _until_synchronised(self) -> None:
        for _ in range(RUNS):
            told = len(self.told)
            self.synchronise()
            if len(self.told) == told and inbox.standing(self.station.database).pending == 0:
                return
        raise AssertionError(f"not everything arrives: {self.told[-RUNS:]}")

    def _pass(self, ms: int) -> None:
        for clock in (self._clock, self._true_clock):
            clock.pass_ms(ms)

    def _open(self) -> None:
        self.station = Station.open(self._folder / "station", PRACTICE_PASSPHRASE, Surroundings(self._clock, hasher=CHEAP))
        self.station.database.rows("PRAGMA synchronous=OFF")

    def _serve(self) -> None:
        opened = Gateway.open(self._gateway_folder, self._true_clock, secrets.token_bytes)
        self.gateway = replace(opened, checkers=_Alone())
        self._board.answer_for(self.gateway)

    @property
    def _gateway_folder(self) -> Path:
        return self._folder / "gateway"


_DAYS: tuple[tuple[Callable[[Life], None], int], ...] = (
    (Life.synchronise, 10),
    (Life.carry, 3),
    (Life.close_the_day, 4),
    (Life.let_parts_go, 2),
    (Life.jump, 2),
    (Life.upgrade, 2),
    (Life.change_a_key, 2),
    (Life.begin_a_successor, 1),
    (Life.copy_the_station, 1),
    (Life.put_the_station_back, 2),
    (Life.put_the_gateway_back, 2),
)
