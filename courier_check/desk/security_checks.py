"""安检: a parcel is screened after it was accepted, here or elsewhere, by whoever stands at the machine. Every check is an entry; the last
one of its waybill counts, whatever act it is bound to, and a parcel that failed goes nowhere until a supervisor has it checked again: it is
neither accepted (anew) nor given back."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from courier_check.clock import at
from courier_check.desk.codes import DeskCode
from courier_check.desk.outlet import Outlet
from courier_check.desk.rights import Right, SignedIn, require
from courier_check.errors import UserError
from courier_check.inspection.codes import SecurityCode
from courier_check.inspection.security import SecurityOutcome, SecurityRules
from courier_check.journal.codes import JournalError
from courier_check.journal.entries import Draft, PackageRef, parse_header
from courier_check.journal.label_text import parse_label_text
from courier_check.journal.parts import PartName, opened
from courier_check.parcel.waybills import CodeKind, WaybillCheck
from courier_check.store import journal
from courier_check.store.acts import Act, act_at, act_of_waybill
from courier_check.store.database import Database
from courier_check.store.journal import Writer
from courier_check.store.security import CheckHeld, checks_of_parcel, newest_check

KIND = "security-check"
REPEAT_MS = 60_000
"""The same check of the same parcel by the same operator within this time is the parcel scanned twice."""
_IMAGE = re.compile(r"[A-Za-z0-9._:/-]{1,64}")
_ENTITY = re.compile(r"[A-Za-z0-9._-]{1,32}")
_LONGEST_NOTE = 500


class Parcel(StrEnum):
    """What the station knew of a parcel when it was checked. Everything but `accepted` is to be told to whoever scans it."""

    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"  # 已撤件
    REFUSED = "refused"  # 已拒收
    REFERRED = "referred"  # 待复核
    INTERCEPTED = "intercepted"  # 已拦截
    ELSEWHERE = "elsewhere"  # 本台没有收寄


@dataclass(frozen=True, slots=True)
class Means:
    """How parcels are screened, chosen once for many. `accepted_by`: the entity that takes them over with this status, a code of its own;
    `image_days`: how long the machine's pictures are kept."""

    methods: tuple[str, ...] = ()
    exemption: str | None = None
    accepted_by: str | None = None
    image_days: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class SecurityCheck:
    """One parcel as it was scanned (waybill, or a label of this station), and how its check came out. `image`: the machine's own name of
    the picture; `note`: what was seen. Both are kept in the `kept` part only: they may name the waybill or somebody."""

    scan: str
    outcome: SecurityOutcome
    means: Means
    image: str | None = None
    note: str = ""

    def __repr__(self) -> str:
        return f"SecurityCheck({self.outcome.value})"


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a scan. `repeated`: the very check was recorded a moment ago, and nothing was written; `before`: how the check before
    came out; `number`: how many checks the parcel has now."""

    seq: int
    hash: str
    outcome: SecurityOutcome
    parcel: Parcel
    waybill: str
    of: tuple[str, int] | None
    number: int
    before: SecurityOutcome | None = None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """A parcel as the station knows it."""

    parcel: Parcel
    act: Act | None
    waybill: WaybillCheck | None

    @property
    def text(self) -> str:
        return (self.act.waybill if self.act is not None else None) or (self.waybill.text if self.waybill is not None else "")

    @property
    def of(self) -> tuple[str, int] | None:
        return None if self.act is None else (self.act.journal_id, self.act.seq)


_PARCELS = {"refusal": Parcel.REFUSED, "referral": Parcel.REFERRED}


@dataclass(frozen=True, slots=True)
class SecurityPackage:
    """How parcels may be screened here, and how headers name it."""

    rules: SecurityRules
    ref: PackageRef

    @classmethod
    def parse(cls, data: bytes) -> SecurityPackage:
        """From resources/security.json."""
        rules = SecurityRules.parse(data)
        return cls(rules, PackageRef(kind="rules", name="security", sha256=hashlib.sha256(data).hexdigest(), version=rules.version))


class SecurityChecks:
    """The verb of security checks."""

    def __init__(self, database: Database, writer: Writer, outlet: Outlet, rules: SecurityPackage) -> None:
        self._database = database
        self._writer = writer
        self._outlet = outlet
        self._package = rules

    @property
    def rules(self) -> SecurityRules:
        return self._package.rules

    def check(self, check: SecurityCheck, by: SignedIn | None) -> Checked:
        """安检: append it. A parcel of another outlet, one that was withdrawn or refused is recorded too, and `parcel` says so. The same
        check again within a minute is not another one. Raises UserError for what is no waybill, for methods that don't exist, and for a
        parcel that failed: it passes only after a supervisor has recorded that it is to be checked again."""
        self.rules.check_means(check.outcome, check.means.methods, check.means.exemption)
        with self._database.write() as tx:
            who = require(tx, by, Right.CHECK_SECURITY)
            found = self._found(tx, check.scan)
            held = checks_of_parcel(tx, found.of, found.text)
            before = held[-1] if held else None
            draft = Draft(KIND, who.code, self._facts(check, found), _parts(check, found), (self._package.ref,))
            if before is not None and self._is_same(tx, draft, before):
                return _checked(found, before.seq, journal.hash_at(tx, before.journal_id, before.seq) or "", held, repeated=True)
            self._check_failed(tx, check, before, who)
            entry = journal.append(tx, draft, self._writer).entry
            row = CheckHeld(
                entry.header.journal_id, entry.header.seq, 0, who.code, check.outcome.value, found.parcel.value, found.of, found.text
            )
            return _checked(found, row.seq, entry.hash, [*held, row])

    def standing(self, scan: str) -> SecurityOutcome | None:
        """How the newest check of a parcel came out. Reads only. Raises UserError for what is no waybill."""
        with self._database.snapshot():
            found = self._found(self._database, scan)
            newest = newest_check(self._database, found.of, found.text)
        return SecurityOutcome(newest.outcome) if newest is not None else None

    def _check_failed(self, tx: Database, check: SecurityCheck, before: CheckHeld | None, who: SignedIn) -> None:
        if before is None or before.outcome != SecurityOutcome.FAIL:
            return
        if check.outcome is SecurityOutcome.PASS:
            raise UserError(SecurityCode.FAILED_BEFORE, at=f"{at(before.at_ms):%Y-%m-%d %H:%M}", seq=before.seq)
        if check.outcome is SecurityOutcome.RECHECK:
            require(tx, who, Right.RESOLVE)

    def _is_same(self, tx: Database, draft: Draft, before: CheckHeld) -> bool:
        """Whether nothing at all has changed since a moment ago: scanned twice, or handed in again after a crash. Another picture, method
        or note is another check."""
        age_ms = self._writer.clock.read().wall_ms - before.at_ms
        if before.operator != draft.operator or not 0 <= age_ms < REPEAT_MS:
            return False
        entry = journal.entry_at(tx, before.journal_id, before.seq)
        try:
            said = {name: opened(opening) for name, opening in entry.openings.items()} if entry is not None else {}
            return entry is not None and parse_header(entry.header_bytes).facts == draft.facts and said == draft.parts
        except JournalError:  # a damaged entry is like nothing; verification tells of it
            return False

    def _found(self, db: Database, scan: str) -> _Found:
        label = parse_label_text(scan)
        if label is not None:
            noted = journal.hash_at(db, label.journal_id, label.seq)
            if noted != label.hash:
                raise UserError(SecurityCode.LABEL_ELSEWHERE if noted is None else DeskCode.LABEL_OF_ANOTHER)
            act = act_at(db, label.journal_id, label.seq)
            if act is None:
                raise UserError(SecurityCode.NO_WAYBILL)
            return _Found(_parcel_of(act), act, None)
        checked = self._outlet.check_waybill(scan)
        if checked.kind is not CodeKind.WAYBILL or not checked.carriers:
            raise UserError(SecurityCode.NO_WAYBILL)
        act = act_of_waybill(db, checked.text)
        return _Found(_parcel_of(act) if act is not None else Parcel.ELSEWHERE, act, checked)

    def _facts(self, check: SecurityCheck, found: _Found) -> dict[str, object]:
        means, facts = check.means, _place(found)
        facts |= {"parcel": found.parcel.value, "outcome": check.outcome.value, "methods": list(dict.fromkeys(means.methods))}
        facts |= {"exemption": means.exemption, "accepted_by": _entity(means.accepted_by), "image": check.image is not None}
        if check.image is not None:
            if not _IMAGE.fullmatch(check.image):
                raise UserError(SecurityCode.IMAGE_ODD)
            days = self.rules.image_days.usual if means.image_days is None else means.image_days
            self.rules.check_image_days(days)
            facts["image_kept_until_on"] = (self._writer.clock.read().at.date() + timedelta(days=days)).isoformat()
        return facts


def standing_failure(db: Database, of: tuple[str, int] | None, waybill: str | None) -> CheckHeld | None:
    """The failed check that a parcel stands under, looked for by act and waybill; None where there is none, or a supervisor has had it
    checked again since."""
    newest = newest_check(db, of, waybill)
    return newest if newest is not None and newest.outcome == SecurityOutcome.FAIL else None


def _place(found: _Found) -> dict[str, object]:
    return {"checks": None if found.of is None else {"journal_id": found.of[0], "seq": found.of[1]}}


def _entity(code: str | None) -> str | None:
    if code is not None and not _ENTITY.fullmatch(code):
        raise UserError(SecurityCode.ACCEPTED_BY_ODD)
    return code


def _parts(check: SecurityCheck, found: _Found) -> dict[PartName, dict[str, object]]:
    """A waybill is said only where there is no act that says it: in the part that the gateway opens, as acceptances do."""
    parts: dict[PartName, dict[str, object]] = {}
    if found.act is None and found.waybill is not None:
        parts[PartName.INDEX] = {"v": 1, "waybill": found.waybill.text, "carrier": found.waybill.carrier, "sender": {}, "tokens": {}}
    note = check.note.encode("utf-8", "replace").decode().strip()[:_LONGEST_NOTE]
    kept = {key: value for key, value in (("image", check.image), ("reason", note)) if value}
    if kept:
        parts[PartName.KEPT] = {"v": 1, **kept}
    return parts


def _parcel_of(act: Act) -> Parcel:
    if act.is_stopped:
        return Parcel.INTERCEPTED
    return Parcel.WITHDRAWN if act.withdrawn else _PARCELS.get(act.kind, Parcel.ACCEPTED)


def _checked(found: _Found, seq: int, entry_hash: str, held: list[CheckHeld], *, repeated: bool = False) -> Checked:
    before = SecurityOutcome(held[-2].outcome) if len(held) > 1 else None
    outcome = SecurityOutcome(held[-1].outcome)
    return Checked(seq, entry_hash, outcome, found.parcel, found.text, found.of, len(held), before, repeated)
