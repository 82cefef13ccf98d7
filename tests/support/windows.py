"""The real window on a real station, for tests: stations that open quickly, and a clerk who works with keys and scans only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QLineEdit

from courier_check.acceptance.tasks import Task, TaskKind
from courier_check.clock import Clock, SystemClock
from courier_check.desk.rights import Role, SignedIn
from courier_check.station import PRACTICE_CLERK, PRACTICE_PASSPHRASE, PRACTICE_PASSWORD, PRACTICE_SUPERVISOR, Station, Surroundings
from courier_check.store import journal
from courier_check.store.resources import resource_path
from support.beside import NobodyBeside
from support.ready import new_station
from support.stations import CHEAP, enrolled_at_nothing
from ui.counter.conductor import Conductor
from ui.counter.state import Panel
from ui.gates import Gate, GateShown
from ui.hand import Hand
from ui.journey import LOOKS_MS
from ui.opening import Place
from ui.window import Plan, Window


@dataclass(frozen=True)
class Person:
    """A made-up sender, as typed from the original."""

    name: str = "欧阳样例"
    number: str = "532926198706142719"
    until: str = "长期"
    phone: str = "13987650143"
    address: str = "云南省大理州南涧县样例路 3 号"


@dataclass(frozen=True)
class Addressee:
    name: str = "诸葛收件"
    phone: str = "15234567890"
    address: str = "河南省郑州市金水区样例路 8 号"


SENDER, ADDRESSEE = Person(), Addressee()
PAGES = ("accept", "security", "board", "records", "lists", "sync", "reports", "help")


def counter_station(path: Path, *, url: str | None = None, code: str | None = None) -> None:
    """A closed station that is no practice one, with clerks, a supervisor and lists, enrolled at a running gateway or at a made-up one
    that answers nothing. Its passphrase costs nothing to stretch. No camera, no practice scene: documents are typed, so that no window on
    it loads the reading models."""
    with new_station(path) as station:
        if url is not None and code is not None:
            station.enrol(code, url)
        else:
            enrolled_at_nothing(station)
        operators = station.desk().operators
        operators.add(PRACTICE_SUPERVISOR, Role.SUPERVISOR, "样例主管", PRACTICE_PASSWORD, None)
        supervisor = SignedIn(PRACTICE_SUPERVISOR, Role.SUPERVISOR)
        for code_of in (PRACTICE_CLERK, "0143"):
            operators.add(code_of, Role.CLERK, "样例收寄员", PRACTICE_PASSWORD, supervisor)
        station.desk().outlet.set_carriers(("sf", "ems", "yto", "zto", "jd", "jt"), supervisor)
        station.desk().lists.install_csv(resource_path("samples/practice_list.csv").read_text(encoding="utf-8"), supervisor)
        station.keep_head()
    _no_practice(path)


def _no_practice(path: Path) -> None:
    """Lists that nobody signed are for practice only: it was one until they were installed."""
    marker = path / "folder.json"
    marker.write_text(json.dumps({**json.loads(marker.read_text("utf-8")), "practice": False}), "utf-8")


def opened_again(folder: Path, clock: Clock | None = None) -> Station:
    """The station of a folder, beside whatever else has it open."""
    return Station.open(folder, PRACTICE_PASSPHRASE, Surroundings(clock or SystemClock(), hasher=CHEAP))


@dataclass(frozen=True)
class Act:
    """What a station's views hold of one parcel."""

    kind: str
    waybill: str
    seq: int


def acts_of(folder: Path) -> list[Act]:
    """Every act in the journal of a sound station, in order; twice if it was doubled."""
    with opened_again(folder) as station:
        assert station.verify().ok
        rows = station.database.rows("SELECT kind, waybill, seq FROM acts ORDER BY journal_id, seq")
    return [Act(kind, waybill, seq) for kind, waybill, seq in rows]


def facts_of(folder: Path) -> list[dict[str, object]]:
    """Kind, number and facts of every entry of a sound station's current journal, in order."""
    with opened_again(folder) as station:
        assert station.verify().ok
        journal_id = journal.current_journal(station.database) or ""
        headers = [json.loads(one.header_bytes) for one in journal.entries(station.database, journal_id)]
    return [{"kind": header["kind"], "seq": header["seq"], **header["facts"]} for header in headers]


class Counter:
    """A window, and a clerk at it."""

    def __init__(self, plan: Plan) -> None:
        self.window = Window(plan)
        self.hand = Hand(self.window)
        self.gates: list[GateShown] = []
        self._ended = False
        self.window.opening.shown.connect(self.gates.append)

    @classmethod
    def on(cls, folder: Path) -> Counter:
        return cls(Plan(Place(folder), NobodyBeside()))

    def open(self) -> Counter:
        """As the program does it: nothing is opened before the first paint."""
        self.window.first_painted.connect(self.window.start)
        self.window.show()
        return self

    def end(self) -> None:
        """Close the window and end its workers; a second time nothing is done."""
        if self._ended:
            return
        self._ended = True
        self.window.close()
        self.hand.until(lambda: not self.window.isVisible(), "the window did not close")
        self.window.end()
        self.window.deleteLater()
        QApplication.sendPostedEvents(self.window, QEvent.Type.DeferredDelete.value)

    # The way in

    @property
    def gate(self) -> Gate | None:
        """The gate in front; None once the pages stand."""
        return self.gates[-1].gate if self.gates and not self.window.page else None

    def wait_for(self, gate: Gate) -> None:
        self.hand.until(lambda: self.gate is gate and self.window.listens, f"no gate {gate}")

    def enter(self) -> Counter:
        """Through the passphrase and the sign-in to the acceptance page."""
        self.unlock()
        self.sign_in(PRACTICE_CLERK)
        self.hand.until(lambda: all(self.has(name) for name in PAGES[:-1]), "no pages")
        return self

    def unlock(self) -> Counter:
        """Through the passphrase to the sign-in."""
        self.wait_for(Gate.UNLOCK)
        self.hand.compose(PRACTICE_PASSPHRASE)
        self.hand.press("Enter")
        self.wait_for(Gate.SIGN_IN)
        return self

    def command(self, words: str) -> None:
        """Ctrl+K, what is looked for, and the first that is found."""
        self.hand.press("Ctrl+K")
        self.hand.compose(words)
        self.hand.press("Enter")

    def has(self, page: str) -> bool:
        try:
            self.window.widget(page)
        except KeyError:
            return False
        return True

    def sign_in(self, code: str, password: str = PRACTICE_PASSWORD) -> None:
        """At the sign-in gate, whatever stands in its fields."""
        self.hand.type("")  # what was typed last may still be held back
        self.hand.until(lambda: not self.window.opening.signing_in, "an earlier sign-in did not end")
        code_field, password_field = self.field("code"), self.field("password")
        code_field.setText(code)
        password_field.setText(password)
        password_field.setFocus()
        shown = len(self.gates)
        self.hand.press("Enter")
        self.hand.until(lambda: self.window.page != "" or len(self.gates) > shown, "sign-in did not end")

    def field(self, name: str) -> QLineEdit:
        """A visible field by its name; one that was just made is waited for."""

        def found() -> list[QLineEdit]:
            return [one for one in self.window.findChildren(QLineEdit, name) if one.isVisible()]

        self.hand.until(lambda: len(found()) == 1, f"no field {name}")
        return found()[0]

    # At the counter

    @property
    def conductor(self) -> Conductor:
        assert self.window.conductor is not None
        return self.window.conductor

    @property
    def task(self) -> Task:
        conductor = self.conductor
        return conductor.state.task(conductor.books, conductor.verdict)

    @property
    def panel(self) -> Panel:
        return self.conductor.state.panel

    def identify(self, person: Person = SENDER) -> None:
        """F3 and the form: no camera here."""
        self.hand.press("F3")
        self.hand.until(lambda: self.panel is Panel.TYPED_DOCUMENT, "no form for a document")
        self.hand.compose(person.name)
        self.hand.press("Enter")
        self.hand.type(person.number)
        self.hand.press("Enter", "Enter")  # past 有效期起
        self.hand.compose(person.until)
        self.hand.press("Ctrl+Enter")
        self.hand.until(lambda: self.conductor.state.draft.document is not None, "the document was not taken")

    def label(self, waybill: str, person: Person = SENDER, addressee: Addressee = ADDRESSEE) -> None:
        """The gun's scan, and what the label says by hand."""
        self.hand.scan(waybill)
        self.hand.until(lambda: self.conductor.state.draft.waybill is not None, "the number was not taken")
        self.hand.until(lambda: self.task.kind is TaskKind.PARTIES, f"no form for the label, but {self.task}")
        fields = {
            "sender-name": person.name,
            "sender-phone": person.phone,
            "sender-address": person.address,
            "addressee-name": addressee.name,
            "addressee-phone": addressee.phone,
            "addressee-address": addressee.address,
        }
        for name, text in fields.items():
            self.field(name).setFocus()
            self.hand.compose(text)
        self.hand.press("Enter")
        self.hand.until(lambda: bool(self.conductor.state.draft.addressee.name), "the label was not taken")

    def answer_all(self, *, but: int = 0) -> None:
        """通过 for every question in turn, until `but` of them are left."""
        while self.task.kind is TaskKind.ASK and (not but or len(self.conductor.verdict.missing) > but):
            self.hand.press("1")
        self.hand.until(lambda: self.task.kind is not TaskKind.LOOKING_UP, "the look-up did not end")

    def declare(self, digit: str = "1", name: str = "") -> None:
        self.hand.until(lambda: self.task.kind is TaskKind.CONTENTS, f"not the contents, but {self.task}")
        self.hand.press(digit)
        if name:
            self.hand.compose(name)
        self.hand.press("Enter")
        self.hand.until(lambda: bool(self.conductor.state.draft.items), "the contents were not taken")
        self.hand.rest(LOOKS_MS)

    def fill(self, waybill: str, person: Person = SENDER, addressee: Addressee = ADDRESSEE) -> None:
        """One parcel up to F12."""
        self.identify(person)
        self.answer_all()
        self.label(waybill, person, addressee)
        self.answer_all()
        self.declare()
        self.hand.until(lambda: self.task.kind is not TaskKind.LOOKING_UP, "the look-up did not end")
        self.answer_all()
        self.hand.until(lambda: self.task.kind is TaskKind.READY, f"not ready, but {self.task}")

    def submit(self) -> None:
        self.hand.press("F12")
        self.hand.until(lambda: self.panel is Panel.RECORDED, f"not recorded: {self.conductor.state.said}")

    def accept(self, waybill: str, person: Person = SENDER) -> None:
        """One whole acceptance, and the counter ready for the next one."""
        self.fill(waybill, person)
        self.submit()
        self.hand.press("Enter")
