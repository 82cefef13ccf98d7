"""What the window's workers do: each function takes the station of its thread and returns frozen values. No Qt here.

The heavy imports (database, cryptography, lists) happen in the worker's thread, on its first job: the window paints before them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from courier_check.acceptance import Draft, Session
    from courier_check.clock import Clock
    from courier_check.desk.acceptances import Recorded, Submission
    from courier_check.desk.corrections import Correction
    from courier_check.desk.day_close import DayClosed, Due
    from courier_check.desk.disputes import Dispute
    from courier_check.desk.incidents import KeptEntry
    from courier_check.desk.lookups import Found, Record, Search
    from courier_check.desk.rights import SignedIn
    from courier_check.desk.security_checks import Checked, SecurityCheck
    from courier_check.desk.senders import KnownSender
    from courier_check.identity.readings import SourceReading
    from courier_check.inspection.security import SecurityRules
    from courier_check.overview import Overview, SyncItems
    from courier_check.reporting import Asked, Made
    from courier_check.station import Station, Unlocked
    from courier_check.store.inbox import ReturnedItem
    from courier_check.store.verification import Verification
    from courier_check.terms import Reason
    from courier_check.wording import Wording
    from ui.background import Progress
    from ui.counter.state import Books, Visits
    from ui.paper import Paper
    from ui.record_view import Names


@dataclass(frozen=True, slots=True)
class Folder:
    """What can be known of a data folder before it is unlocked."""

    exists: bool
    practice: bool
    keyring: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a station has come: enrolled, and with people."""

    practice: bool
    enrolled: bool
    staffed: bool
    outlet: str
    window: str
    gateway_url: str


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What the station knows about the parcel in hand. `today`: the day acts are judged by."""

    session: Session = field(repr=False)
    ms: int
    today: date
    visits: Visits | None
    known: KnownSender | None = field(default=None, repr=False)


def look_at(path: Path) -> Folder:
    """Cheap enough for the UI thread: one small file."""
    from courier_check.errors import StoreError
    from courier_check.store.folder import DataFolder
    from courier_check.store.keys import has_keyring_wrap

    try:
        folder = DataFolder.open(path)
    except StoreError as error:
        if path.exists() and any(path.iterdir()):
            raise
        del error
        return Folder(exists=False, practice=False, keyring=False)
    return Folder(exists=True, practice=folder.marker.practice, keyring=has_keyring_wrap(folder.keys))


def unlock(path: Path, passphrase: str | None, *, practice: bool = False) -> Unlocked:
    """Argon2 is paid for here, once. `practice`: by the published passphrase. Raises UserError (wrong passphrase), StoreError."""
    from courier_check import station

    return station.unlock(path, station.PRACTICE_PASSPHRASE if practice else passphrase)


def load_pages(wording: Wording) -> None:
    """Load what the pages are made of, and the sentences, while somebody types a password: on the UI thread it would hold up the screen."""
    import importlib

    made_of = ("reading", "camera", "scene", "card_reader", "simulated_cards", "simulated_reader")
    devices = (f"courier_check.devices.{name}" for name in made_of)
    pages = (f"ui.{name}" for name in ("records", "lists_page", "sync_page", "security_page", "board_page", "reports_page", "statusline"))
    for name in ("ui.pages", *devices, *pages):
        importlib.import_module(name)
    wording.of("")


def open_station(unlocked: Unlocked, clock: Clock) -> Station:
    """A station for the calling thread."""
    from courier_check.station import Surroundings

    return unlocked.station(Surroundings(clock))


def make_station(path: Path, passphrase: str, *, keyring: bool) -> Unlocked:
    """A new real station in an empty folder. Raises UserError (short passphrase), StoreError."""
    from courier_check.clock import SystemClock
    from courier_check.station import Station, Surroundings

    with Station.init(path, passphrase, Surroundings(SystemClock()), practice=False) as made:
        if keyring:
            made.add_keyring(passphrase)
    return unlock(path, passphrase)


def standing(station: Station) -> Standing:
    identity = station.identity
    place = identity.certificate.station if identity else None
    return Standing(
        practice=station.folder.marker.practice,
        enrolled=identity is not None,
        staffed=identity is not None and bool(station.desk().operators.all()),
        outlet=place.outlet_name if place else "",
        window=identity.certificate.subject if identity else "",
        gateway_url=identity.enrolment.url if identity else "",
    )


def enrol(station: Station, code: str, url: str) -> Standing:
    station.enrol(code, url)
    return standing(station)


def add_first_operator(station: Station, code: str, name: str, password: str) -> Standing:
    """The first operator is a supervisor. Raises UserError."""
    from courier_check.desk.rights import Role

    station.desk().operators.add(code, Role.SUPERVISOR, name, password, None)
    station.keep_head()
    return standing(station)


def sign_in(station: Station, code: str, password: str) -> SignedIn:
    who = station.desk().operators.sign_in(code, password)
    station.keep_head()
    return who


def books(station: Station, who: SignedIn) -> Books:
    from courier_check.desk import rule_packages
    from ui.counter.state import Books
    from ui.parcel_work import finders

    desk, place = station.desk(), standing(station)
    rules = desk.acceptances.rules
    installed = rule_packages.installed_rules(station.database)
    return Books(rules, desk.outlet.carriers(), who, desk.acceptances.today(), place.outlet, finders(rules.rulebook), installed)


def look_up(station: Station, session: Session) -> LookedUp:
    """Lists, earlier acceptances, counts of today: reads only."""
    from ui.people_work import known_sender

    acceptances = station.desk().acceptances
    started = time.perf_counter()
    prepared = acceptances.prepare(session)
    ms = round((time.perf_counter() - started) * 1000)
    return LookedUp(prepared, ms, acceptances.today(), _visits(station, prepared.draft), known_sender(station, prepared.draft))


def prepare_look_ups(station: Station) -> None:
    """Load what compares names, and the lists' indexes, before the first customer waits for it: a twentieth of a second. Reads only."""
    from courier_check.desk.screener import Subject

    desk = station.desk()
    desk.screener.screen(Subject(name="样例"), desk.acceptances.today())


def _visits(station: Station, draft: Draft) -> Visits | None:
    from ui.counter.state import Visits

    if draft.document is None or not draft.document.number or draft.is_letter:
        return None
    today, week = station.desk().acceptances.visits(draft)
    return Visits(today, week)


def take_credential(station: Station, text: str) -> SourceReading:
    """实名码: what it says, used up by this. Raises UserError."""
    return station.desk().credentials.take(text)


def late_ms(station: Station, text: str) -> int:
    """补录: when a parcel was taken, as typed. Raises UserError where it can't be."""
    return station.desk().lates.taken_ms(text)


def submit(station: Station, submission: Submission) -> Recorded:
    """The durable act. Raises UserError; then nothing was written."""
    recorded = station.desk().acceptances.submit(submission)
    station.keep_head()
    return recorded


def glance(station: Station) -> Overview:
    from courier_check.overview import overview

    return overview(station.database, station.clock.read().wall_ms)


def sync_items(station: Station) -> SyncItems:
    from courier_check import overview

    return overview.sync_items(station.database)


def kept_entries(station: Station) -> tuple[KeptEntry, ...]:
    """Entries kept as evidence of a journal that went two ways."""
    from courier_check import overview

    return overview.kept_entries(station.database)


def search(station: Station, wanted: Search) -> Found:
    from courier_check.desk import lookups

    return lookups.search(station.database, wanted)


def record(station: Station, journal_id: str, seq: int) -> Record:
    from courier_check.desk import lookups

    return lookups.record(station.database, station.enrolled(), station.evidence, journal_id, seq)


def entries(station: Station) -> int:
    """How many entries there are to verify."""
    from courier_check.store import inbox

    return inbox.standing(station.database).entries


def verify(station: Station, progress: Progress) -> Verification:
    """Everything held. Reads only; UserError where it was cancelled."""
    progress.tell(0)
    return station.verify(progress.tell)


def report(station: Station, asked: Asked) -> Made:
    from courier_check import reporting

    return reporting.make(station, asked)


def names(station: Station) -> Names:
    """What codes in records are called."""
    from ui.record_view import Names

    rules = station.desk().acceptances.rules
    catalogue = rules.rulebook.goods
    return Names(
        carriers={one.code: one.zh for one in rules.carriers.carriers},
        documents={kind.value: rule.zh for kind, rule in rules.policy.documents.items()},
        categories={one.id: one.zh for one in rules.rulebook.restricted.categories},
        goods={one.id: one.zh for one in (catalogue.classes if catalogue is not None else ())},
        papers={one.id: one.zh for one in (catalogue.papers if catalogue is not None else ())},
    )


def before_corrections(station: Station, journal_id: str, seq: int) -> dict[str, str]:
    """What an entry's index part said when it was made, masked as it is there: waybill, name, number, phone. Empty once it is destroyed."""
    from courier_check.journal.codes import JournalError
    from courier_check.journal.parts import opened
    from courier_check.store import journal

    stored = journal.entry_at(station.database, journal_id, seq)
    opening = stored.openings.get("index") if stored is not None else None
    try:
        index = opened(opening) if opening is not None else {}
    except JournalError:  # damaged; the verification of the record says so
        return {}
    sender = index.get("sender", {})
    said = {"waybill": index.get("waybill"), **{name: sender.get(f"{name}_mask") for name in ("name", "number", "phone")}}
    return {name: str(value) for name, value in said.items() if value}


def returned_of(station: Station, journal_id: str, seq: int) -> tuple[ReturnedItem, ...]:
    """退回 items about one entry that nobody has answered."""
    from courier_check.store import inbox

    items = inbox.returned_items(station.database, open_only=True)
    return tuple(item for item in items if (item.journal_id, item.seq) == (journal_id, seq))


def correct(station: Station, correction: Correction, who: SignedIn | None) -> tuple[Reason, ...]:
    """更正, durable when it returns: why the parcel should be intercepted now, if anything says so. Raises UserError; then nothing was
    written."""
    made = station.desk().acceptances.correct(correction, who)
    station.keep_head()
    return made.reasons


def dispute(station: Station, dispute: Dispute, who: SignedIn | None) -> None:
    """异议, durable when it returns. Raises UserError; then nothing was written."""
    station.desk().disputes.dispute(dispute, who)
    station.keep_head()


def security_rules(station: Station) -> SecurityRules:
    """How parcels may be screened."""
    return station.desk().security.rules


def check_security(station: Station, check: SecurityCheck, who: SignedIn | None) -> Checked:
    """安检, durable when it returns. Raises UserError; then nothing was written."""
    checked = station.desk().security.check(check, who)
    station.keep_head()
    return checked


def day_due(station: Station) -> tuple[Due, DayClosed | None]:
    """What there is to close, and the last close where there is nothing new. Reads only."""
    day_closes = station.desk().day_closes
    due = day_closes.due()
    return due, None if due.is_new else day_closes.last()


def sweep_photos(station: Station) -> int:
    """清扫: files of photos that no entry names, as power loss leaves them. Returns how many."""
    return station.sweep_evidence()


def close_day(station: Station, who: SignedIn | None) -> DayClosed:
    """日结, durable when it returns. Raises UserError; then nothing was written."""
    closed = station.desk().day_closes.close(who)
    station.keep_head()
    return closed


def export_slip(station: Station, closed: DayClosed, wording: Wording, folder: Path) -> Paper:
    """The slip of a close as a PDF, as `export`, and its pages, which may be printed too."""
    from courier_check.day_slip import slip, slip_fields
    from courier_check.reporting import Made
    from ui.paper import Paper
    from ui.pdf import lay_out

    sheet, made_at = slip(closed, wording), station.clock.read().at
    file = export(station, Made(slip_fields(closed), (sheet,)), "pdf", folder)
    return Paper(file, sheet.title, made_at, lay_out((sheet,)))


def export_proof(station: Station, place: tuple[str, int], folder: Path) -> Paper:
    """The receipt's proof of one entry as a page, as `export`, and the page. UserError where there is none yet."""
    from courier_check.store.files import write_atomically
    from ui.documents import written
    from ui.paper import Paper
    from ui.pdf import pdf_of
    from ui.proof_slip import proof_page

    made_at = station.clock.read().at
    title, page = proof_page(station, place)
    stem, data = f"回执证明-{place[1]}_{made_at:%Y%m%d-%H%M%S}", pdf_of((page,), title, made_at)
    return Paper(written(station, folder, stem, "pdf", lambda target: write_atomically(target, data)), title, made_at, (page,))


def export(station: Station, made: Made, form: str, folder: Path) -> Path:
    """A report as a file of the given form (xlsx, csv, json, pdf) in a folder, under a name nothing else has there.

    Raises UserError (no such folder, no right to write), StoreError (disk full); then nothing was written.
    """
    from ui.documents import written

    made_at = station.clock.read().at
    return written(station, folder, f"{_file_stem(made)}_{made_at:%Y%m%d-%H%M%S}", form, partial(_write_report, made, form, made_at))


def _write_report(made: Made, form: str, made_at: datetime, target: Path) -> None:
    from courier_check.reporting import ReportFormat, content
    from courier_check.store.files import write_atomically

    if form == "pdf":
        from ui.pdf import to_pdf

        to_pdf(made.sheets, made_at, target)
    else:
        write_atomically(target, content(made, ReportFormat(form), made_at))


def _file_stem(made: Made) -> str:
    title = made.sheets[0].title if made.sheets else "报表"
    return "".join(character for character in title if character.isalnum())[:40]
