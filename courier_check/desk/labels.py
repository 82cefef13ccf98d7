"""验视标识: labels asked for after an act is committed, printed when a printer can, confirmed on the parcel (已贴标). None holds up an act.

A first label is a row of the station's; a reprint (补打) is an entry as well, since two labels of one parcel must be explained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from courier_check.desk.codes import DeskCode
from courier_check.desk.disposal_codes import DisposalCode
from courier_check.desk.rights import Right, SignedIn, require
from courier_check.errors import DeviceError, UserError
from courier_check.journal.entries import Draft
from courier_check.journal.label_text import LabelledEntry, parse_label_text
from courier_check.store import journal, labels
from courier_check.store.acts import Act, act_at, act_of_waybill
from courier_check.store.database import Database
from courier_check.store.identity import StationIdentity
from courier_check.store.journal import Writer
from courier_check.store.labels import LabelJob, Unlabelled

CLAIM_MS = 60_000
"""How long a label is somebody's who set about printing it: longer than every wait for a printer together, a slow serial line excepted."""
OUTLIVED_MS = 3 * 24 * 3_600_000
"""How long a label waits for a printer to be set: its parcel has left by then, and a year's labels are not to come out when one is."""
_END = 6
"""Characters of the waybill on a label: enough to see whose it is, too few to look anybody up (domain.md §2.3)."""
REPRINT = "label-reprint"


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """What a label says, as codes. `waybill_end`: its last characters, None after destruction; `copy`: 0, or the number of the reprint."""

    entry: LabelledEntry
    at_ms: int
    outlet_id: str
    outlet_name: str
    operator: str
    mail_kind: str | None
    real_name: str | None
    inspected: bool
    waybill_end: str | None
    copy: int
    practice: bool
    security: str | None = None
    """安检 as it stands when the label is printed: how the newest check of the parcel came out, None where there is none."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A label that was tried. `error`: why it still waits; `printer`: the system's name of the printer that has it, where it has one."""

    job: LabelJob
    error: DeviceError | UserError | None = None
    printer: str | None = None


Send = Callable[[LabelFacts], str | None]
"""Draws and prints one label; the printer's name where the system knows it by one. Raises DeviceError, or UserError for paper it does not
fit on."""


class Labels:
    """The verbs of labels."""

    def __init__(self, database: Database, writer: Writer, identity: StationIdentity) -> None:
        self._database = database
        self._writer = writer
        self._identity = identity

    def ask(self, journal_id: str, seq: int, by: SignedIn | None, *, again: bool = False) -> LabelJob:
        """Have the label of an acceptance printed: its job, which waits until `print_waiting`. One that waits already is given back,
        whatever was asked. Raises UserError for no acceptance, a withdrawn one, and one that was printed already unless `again`: then it is
        a reprint, and the journal says so."""
        with self._database.write() as tx:
            who = require(tx, by, Right.ACCEPT)
            _labelled(tx, journal_id, seq)
            held = labels.newest_job(tx, journal_id, seq)
            if held is not None and not held.is_printed:
                return held
            copy = 0 if held is None else held.copy + 1
            if held is not None:
                if not again:
                    raise UserError(DeskCode.LABEL_PRINTED, seq=seq)
                facts = {"reprints": {"journal_id": journal_id, "seq": seq}, "copy": copy}
                journal.append(tx, Draft(REPRINT, who.code, facts), self._writer)
            labels.add_job(tx, (journal_id, seq), copy, self._now_ms())
            made = labels.newest_job(tx, journal_id, seq)
            assert made is not None  # noqa: S101 - just added
            return made

    def print_waiting(self, send: Send, only: LabelJob | None = None) -> Iterator[Tried]:
        """Print what waits, or one label, oldest first, but none of a parcel that is intercepted. Nothing of the database is held while a
        printer is talked to. After a DeviceError the rest is left waiting: it would fail likewise. A label whose fate is not known (the
        printer fell silent after it) is printed again."""
        for waiting in labels.waiting_jobs(self._database):
            if only is not None and waiting.number != only.number:
                continue
            facts = self._claimed(waiting)
            if facts is None:
                continue
            tried = self._tried(waiting, facts, send)
            yield tried
            if isinstance(tried.error, DeviceError):
                return

    def drop_outlived(self, trouble: str) -> int:
        """Labels that wait because there is no printer (`trouble` says so) wait for three days, and no longer than until 已贴标. Nothing is
        forgotten: the parcel stays among those without a label until that is confirmed, and its label can be asked for at any time."""
        if not any(job.trouble == trouble and not job.copy for job in self.waiting()):
            return 0
        with self._database.write() as tx:
            return labels.drop_outlived(tx, trouble, self._now_ms() - OUTLIVED_MS)

    def _claimed(self, job: LabelJob) -> LabelFacts | None:
        """None where somebody else is printing it, where its parcel was taken back meanwhile (then nobody needs it), or stopped (then
        nobody is to take it for one that may go on: it waits for the release)."""
        with self._database.write() as tx:
            act = act_at(tx, job.journal_id, job.seq)
            if act is None or act.withdrawn:
                labels.drop_waiting(tx, job.journal_id, job.seq)
                return None
            if act.is_stopped or not labels.claim(tx, job.number, self._now_ms(), CLAIM_MS):
                return None
            return self._facts(act, LabelledEntry(act.journal_id, act.seq, journal.hash_at(tx, act.journal_id, act.seq) or ""), job.copy)

    def _tried(self, job: LabelJob, facts: LabelFacts, send: Send) -> Tried:
        error: DeviceError | UserError | None = None
        printer = None
        try:
            printer = send(facts)
        except (DeviceError, UserError) as wrong:
            error = wrong
        with self._database.write() as tx:
            printed_at_ms = None if error is not None else self._now_ms()
            labels.settle(tx, job.number, printed_at_ms=printed_at_ms, trouble=error.code.value if error is not None else None)
            settled = labels.job_at(tx, job.number)
        return Tried(settled or job, error, printer)

    def facts(self, journal_id: str, seq: int) -> LabelFacts:
        """What the first label of an acceptance says. Reads only. Raises UserError as `ask`."""
        with self._database.snapshot():
            act = _labelled(self._database, journal_id, seq)
            entry = LabelledEntry(journal_id, seq, journal.hash_at(self._database, journal_id, seq) or "")
        return self._facts(act, entry, 0)

    def _facts(self, act: Act, entry: LabelledEntry, copy: int) -> LabelFacts:
        certificate = self._identity.certificate
        place = certificate.station
        return LabelFacts(
            entry=entry,
            at_ms=act.at_ms,
            outlet_id=place.outlet_id if place is not None else certificate.subject,
            outlet_name=place.outlet_name if place is not None else "",
            operator=act.operator or "",
            mail_kind=act.mail_kind,
            real_name=act.real_name,
            inspected=act.inspected,
            waybill_end=act.waybill[-_END:] if act.waybill else None,
            copy=copy,
            practice=certificate.practice,
            security=act.security,
        )

    def stick(self, journal_id: str, seq: int, by: SignedIn | None) -> bool:
        """已贴标: the parcel carries its label; False where that was confirmed before. Raises UserError as `ask`."""
        with self._database.write() as tx:
            who = require(tx, by, Right.ACCEPT)
            _labelled(tx, journal_id, seq)
            return labels.stick(tx, (journal_id, seq), self._now_ms(), who.code)

    def missing(self, *, since_close: bool = True) -> list[Unlabelled]:
        """未贴标: parcels whose label nobody has confirmed, of the time since the last day close or of all time."""
        return labels.unlabelled(self._database, since_close=since_close)

    def waiting(self) -> list[LabelJob]:
        """待打印, oldest first."""
        return labels.waiting_jobs(self._database)

    def held(self) -> list[LabelJob]:
        """Labels that are printed when their intercepted parcels are released, oldest first."""
        return labels.held_jobs(self._database)

    def named(self, text: str) -> tuple[str, int]:
        """The acceptance that a scan or a key means: a label's code, a waybill, or a seq of the current journal. Raises UserError, also
        where a label's code does not belong to the entry it names."""
        label = parse_label_text(text)
        if label is not None:
            if journal.hash_at(self._database, label.journal_id, label.seq) != label.hash:
                raise UserError(DeskCode.LABEL_OF_ANOTHER)
            return label.journal_id, label.seq
        waybill = text.strip().upper()
        if (act := act_of_waybill(self._database, waybill)) is not None:
            return act.journal_id, act.seq
        if waybill.isascii() and waybill.isdigit() and len(waybill) < 12:
            return journal.current_journal(self._database) or "", int(waybill)
        raise UserError(DeskCode.LABEL_UNKNOWN)

    def _now_ms(self) -> int:
        return self._writer.clock.read().wall_ms


def _labelled(tx: Database, journal_id: str, seq: int) -> Act:
    """An acceptance that carries a label. Raises UserError."""
    act = act_at(tx, journal_id, seq)
    if act is None or act.kind != "acceptance":
        known = act is not None or journal.hash_at(tx, journal_id, seq) is not None
        raise UserError(DeskCode.LABEL_NOT_OWED if known else DeskCode.ENTRY_UNKNOWN, seq=seq)
    if act.withdrawn:
        raise UserError(DeskCode.LABEL_WITHDRAWN, seq=seq)
    if act.is_stopped:
        raise UserError(DisposalCode.INTERCEPTED, seq=seq)
    return act
