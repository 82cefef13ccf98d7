"""What the window's workers do for the shift board and for labels: reads, prints, confirms. No Qt here, as in work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from courier_check.desk.labels import Tried
    from courier_check.desk.rights import SignedIn
    from courier_check.devices.label_printer import Waits
    from courier_check.devices.system_printer import SystemPrinter
    from courier_check.shift_board import Stretch
    from courier_check.station import Station
    from courier_check.store.labels import LabelJob
    from ui.board_view import BoardRead

Place = tuple[str, int]


class LabelState(StrEnum):
    """How the label of a parcel stands."""

    PRINTING = "printing"
    PRINTED = "printed"
    WAITING = "waiting"  # 待打印: something is wrong with the printer
    NO_PRINTER = "no-printer"  # it waits for one to be set
    NOT_OWED = "not-owed"  # a letter
    STUCK = "stuck"  # 已贴标
    STOPPED = "stopped"  # 已拦截: none is printed before its release


@dataclass(frozen=True, slots=True)
class LabelTold:
    """What became of one parcel's label. `trouble`: the code of what is wrong with the printer; `copy`: the number of the reprint;
    `before`: 已贴标 was confirmed earlier; `printer`: the system's name of a printer, empty where its address is all there is to say."""

    place: Place
    state: LabelState
    trouble: str | None = None
    copy: int = 0
    before: bool = False
    printer: str = ""


@dataclass(frozen=True, slots=True)
class QueueTold:
    """The labels that wait, after a try: how many, and what is wrong. `held`: those of intercepted parcels; `printer`: as in LabelTold."""

    printed: int
    waiting: int
    trouble: str | None = None
    held: tuple[Place, ...] = ()
    printer: str = ""


def board(station: Station, stretch: Stretch) -> BoardRead:
    """The figures of the shift board with the words of the reports."""
    from courier_check import shift_board
    from courier_check.reporting import names_of
    from courier_check.reports.forms import ReportForms
    from courier_check.store.resources import read_resource
    from ui.board_view import BoardRead

    forms = ReportForms.parse(read_resource("reports.json"))
    names = names_of(station.desk().acceptances.rules.rulebook.rules)
    made = shift_board.board(station.database, stretch, station.clock.read().wall_ms)
    return BoardRead(made, forms.labels, names, forms.notes)


def print_new(station: Station, seq: int, entry_hash: str, who: SignedIn | None, system: SystemPrinter | None = None) -> LabelTold:
    """The label of an acceptance that was just committed: asked for and printed, before whatever else waits; where no printer is set it
    waits for one. A letter owes none. `system`: the way to the system's printers. Raises UserError, StoreError."""
    from courier_check.errors import UserError
    from courier_check.label_printing import station_printer
    from courier_check.store import journal
    from courier_check.terms import MailKind

    journal_id = journal.current_journal(station.database) or ""
    place = journal_id, seq
    if journal.hash_at(station.database, *place) != entry_hash:  # a new journal was begun since: the shift board has the parcel
        return LabelTold(place, LabelState.WAITING)
    labels = station.desk().labels
    if labels.facts(*place).mail_kind == MailKind.LETTER:
        return LabelTold(place, LabelState.NOT_OWED)
    try:
        plan = station_printer(station.folder.path)
    except UserError as odd:
        return _told(labels.ask(*place, who), odd.code.value)
    told = _printed(station, labels.ask(*place, who), system)
    return told if plan is not None or told.state is not LabelState.WAITING else replace(told, state=LabelState.NO_PRINTER)


def print_again(station: Station, place: Place, who: SignedIn | None, system: SystemPrinter | None = None) -> LabelTold:
    """补打, or the first label where none was printed yet. Raises UserError."""
    job = station.desk().labels.ask(*place, who, again=True)
    station.keep_head()  # a reprint is an entry
    return _printed(station, job, system)


def print_waiting(station: Station, waits: Waits | None = None, system: SystemPrinter | None = None) -> QueueTold:
    """Try everything that waits. Without a printer nothing is tried; what nobody needs any more is forgotten. What a system's printer needs
    is loaded now, also where nothing waits: the first label is to come within the second."""
    from courier_check.errors import DeviceError, UserError
    from courier_check.label_printing import drop_outlived, print_labels, station_printer

    labels, tried = station.desk().labels, []
    try:
        plan = station_printer(station.folder.path)
        if plan is not None and plan.is_system and system is not None:
            system.warm_up()
        if plan is None:
            drop_outlived(labels)
        elif labels.waiting():
            tried = list(print_labels(labels, station.folder.path, waits=waits, system=system))
    except (DeviceError, UserError) as odd:
        return QueueTold(0, len(labels.waiting()), odd.code.value, _places(labels.held()))
    waiting = labels.waiting()
    wrong = next((one for one in tried if one.error is not None), None)
    trouble = wrong.error.code.value if wrong is not None and wrong.error is not None else waiting[0].trouble if waiting else None
    printer = _printer_of(wrong) if wrong is not None else next((_printer_of(one) for one in tried), "")
    return QueueTold(sum(one.error is None for one in tried), len(waiting), trouble, _places(labels.held()), printer)


def _places(jobs: list[LabelJob]) -> tuple[Place, ...]:
    return tuple((job.journal_id, job.seq) for job in jobs)


def stick(station: Station, place: Place, who: SignedIn | None) -> LabelTold:
    """已贴标, durable when it returns. Raises UserError."""
    return LabelTold(place, LabelState.STUCK, before=not station.desk().labels.stick(*place, who))


def stick_scanned(station: Station, text: str, who: SignedIn | None) -> LabelTold:
    """已贴标 by the code of the label itself. Raises UserError for a label that is not of an acceptance here."""
    return stick(station, station.desk().labels.named(text), who)


def label_of(station: Station, place: Place) -> LabelTold | None:
    """How the label of a record stands; None where none was asked for nor confirmed."""
    from courier_check.store import labels

    if labels.is_stuck(station.database, *place):
        return LabelTold(place, LabelState.STUCK)
    job = labels.newest_job(station.database, *place)
    return None if job is None else _told_now(station, job)


def _printed(station: Station, job: LabelJob, system: SystemPrinter | None) -> LabelTold:
    from courier_check.errors import DeviceError, UserError
    from courier_check.label_printing import print_labels

    try:
        tried = next(iter(print_labels(station.desk().labels, station.folder.path, only=job, system=system)), None)
    except (DeviceError, UserError) as odd:
        return _told(job, odd.code.value)
    if tried is None:  # somebody else is printing it just now, or the parcel was stopped meanwhile
        return _told_now(station, job)
    return _told(tried.job, tried.error.code.value if tried.error is not None else None, _printer_of(tried))


def _printer_of(tried: Tried) -> str:
    """The system's name of the printer that took a label or did not; empty for others, which have an address."""
    from courier_check.devices.codes import OF_THE_SYSTEM
    from courier_check.devices.system_printer import SYSTEM

    if tried.error is None:
        return tried.printer or ""
    named = str(tried.error.facts.get("printer", "")) if tried.error.code in OF_THE_SYSTEM else ""
    return named.removeprefix(f"{SYSTEM}:")


def _told_now(station: Station, job: LabelJob) -> LabelTold:
    from courier_check.store.acts import act_at

    act = act_at(station.database, job.journal_id, job.seq)
    if not job.is_printed and act is not None and act.is_stopped:
        return LabelTold((job.journal_id, job.seq), LabelState.STOPPED)
    return _told(job, job.trouble)


def _told(job: LabelJob, trouble: str | None, printer: str = "") -> LabelTold:
    state = LabelState.PRINTED if job.is_printed else LabelState.WAITING
    return LabelTold((job.journal_id, job.seq), state, trouble if not job.is_printed else None, job.copy, printer=printer)
