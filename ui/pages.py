"""How pages come to be: imported and built when somebody has signed in, so that the window stands before them."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from courier_check.clock import Clock, SystemClock
from courier_check.errors import StoreError
from courier_check.identity.document_rules import DocumentRule, NationalityRule
from courier_check.terms import MailKind
from courier_check.wording import Wording
from ui.background import Worker
from ui.counter import parcels, visitors
from ui.counter.conductor import Conductor, Means
from ui.counter.page import AcceptancePage
from ui.counter.state import Books
from ui.counter.typed_number import NumberNote, number_note
from ui.counter.view import DocumentChoice
from ui.palette import Command
from ui.pictures import Pictures

if TYPE_CHECKING:
    from courier_check.devices.frames import FrameSource
    from courier_check.station import Station
    from courier_check.store.machine import KnownCamera
    from ui.design import Stepped
    from ui.reader import Reader
    from ui.threads import StationThreads


@dataclass(frozen=True, slots=True)
class Made:
    page: AcceptancePage
    conductor: Conductor
    pictures: Pictures
    reader: Reader


def acceptance(
    desk: Worker[Station], folder: Path, books: Books, wording: Wording, clock: Clock, *, practice: bool
) -> Generator[None, None, Made]:
    """The acceptance page with its conductor and its picture sources, in steps. `clock`: by which questions are timed."""
    from courier_check.desk.rules import references_of
    from courier_check.devices.reading import ReadingProcess

    sources = _sources(folder, practice=practice)
    yield
    regions = books.rules.rulebook.regions

    def check(kind: str, text: str) -> NumberNote:
        return number_note(kind, text, books.today, regions, wording)

    page = AcceptancePage([_choice(kind.value, rule) for kind, rule in books.rules.policy.documents.items()], check)
    yield from page.build()
    yield
    # All that has threads is made in the last step: a window that is closed between two steps knows nothing to close.
    reading = ReadingProcess(books.rules.carriers, references_of(books.rules))
    pictures = Pictures([source for source, _ in sources], [name for _, name in sources], reading, wording)
    reader = _reader(folder, wording, practice=practice)
    means = Means(desk, pictures, wording, lambda: clock.read().mono_ms, lambda: uuid.uuid4().hex, reader)
    conductor = Conductor(means, books)
    pictures.start()
    reader.open()
    return Made(page, conductor, pictures, reader)


def _reader(folder: Path, wording: Wording, *, practice: bool) -> Reader:
    """The chip reader of this machine, wherever it is plugged in; in practice a simulated one, unless one is named."""
    from courier_check.devices.serial_ports import port_finder
    from courier_check.store.machine import reader_port, scanners
    from courier_check.store.resources import resource_path
    from ui.reader import Reader, practice_cards

    taken: tuple[str, ...] = ()
    try:
        port = reader_port(folder)
        taken = tuple(each.device or each.port for each in scanners(folder))
    except StoreError:  # as for the camera
        port = None
    if practice and port is None and sys.platform != "win32":
        cards = practice_cards(resource_path("samples"))
        return Reader(port_finder(str(cards.simulated.path)), SystemClock(), wording, cards)
    return Reader(port_finder(port, taken), SystemClock(), wording)


def _choice(kind: str, rule: DocumentRule) -> DocumentChoice:
    """Fields that a type of document must fill: without them it would only be found wanting afterwards."""
    owed = ({"nationality"} if rule.nationality is NationalityRule.FOREIGN else set()) | ({"born_on"} if rule.asks_birth_date else set())
    return DocumentChoice(kind, rule.zh, frozenset(owed))


def _sources(folder: Path, *, practice: bool) -> list[tuple[FrameSource, str]]:
    """Practice has its scene; every station has the cameras of its machine, the one it remembers first, even while that is unplugged.
    Typing is always there besides."""
    from courier_check.devices.camera import Camera, CameraPlan, CameraSource, cameras, remembered_first
    from courier_check.devices.scene import PracticeScene, Samples
    from courier_check.devices.sources import SOURCE_VARIABLE, named_source
    from courier_check.store.resources import resource_path

    clock = SystemClock()
    found: list[tuple[FrameSource, str]] = []
    if (asked := os.environ.get(SOURCE_VARIABLE)) is not None:
        source = named_source(asked, clock)
        found.append((source, source.name))
    if practice:
        found.append((PracticeScene(Samples.load(resource_path("samples")), clock), "练习画面"))
    kept = _kept_camera(folder)
    known = None if kept is None else Camera(kept.index, kept.name, kept.place)
    found.extend((CameraSource(CameraPlan(one), clock), one.called) for one in remembered_first(cameras(), known))
    return found


def _kept_camera(folder: Path) -> KnownCamera | None:
    """The camera this machine remembers; none where the file is damaged: any camera is better than no window."""
    from courier_check.store.machine import load_machine

    try:
        return load_machine(folder).camera
    except StoreError:
        return None


def other_page(name: str, workers: StationThreads, wording: Wording, rules: Callable[[], Any]) -> Any:
    """安检、看板、记录、名单、同步中心、报表: a page that is still to be built."""
    if name == "records":
        from ui.records import RecordsPage

        page: Stepped = RecordsPage(workers.jobs, workers.desk, wording, rules)
    elif name == "security":
        from ui.security_page import SecurityPage

        page = SecurityPage(workers.jobs, workers.desk, wording)
    elif name == "board":
        from ui.board_page import BoardPage

        page = BoardPage(workers.jobs, wording)
    elif name == "lists":
        from ui.lists_page import ListsPage

        page = ListsPage(workers.jobs, workers.desk, wording)
    elif name == "sync":
        from ui.sync_page import SyncPage

        page = SyncPage(workers.jobs, workers.desk, wording, workers.long)
    else:
        from ui.reports_page import ReportsPage

        page = ReportsPage(workers.long, workers.desk, wording)
    return page


def commands(conductor: Conductor, pictures: Pictures | None, scan: Callable[[str], None]) -> tuple[Command, ...]:
    """What has no key of its own."""
    found = [
        Command("件型：散件", "sj", lambda: conductor.change_kind(MailKind.PARCEL)),
        Command("件型：信件", "xj", lambda: conductor.change_kind(MailKind.LETTER)),
        Command("件型：巡视信箱信件", "xsxx", lambda: conductor.change_kind(MailKind.INSPECTION_MAILBOX, mailbox_letter=True)),
        Command("代寄：另有代寄人", "dj", conductor.by_agent),
        Command("经营性寄件人（公司、店铺）", "jyxjjr", conductor.as_business),
        Command("改内件", "gnj", conductor.edit_contents),
        Command("改寄件人、收件人", "gjjr", conductor.edit_parties),
    ]
    found.extend(parcels.commands(conductor))
    found.extend(visitors.commands(conductor))
    scene = pictures.scene if pictures is not None else None
    if pictures is not None and scene is not None:
        found.append(Command("练习：下一位寄件人", "lxxyw", pictures.next_customer))
        found.append(Command(f"练习：模拟扫描 {scene.waybill}", "lxmnsm", lambda: scan(scene.waybill)))
    return tuple(found)
