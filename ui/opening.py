"""The way to an open station with somebody signed in: folder, passphrase, enrolment, people. It keeps the gate that is shown and does the
errands on a thread of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, Signal

from courier_check.errors import CourierCheckError, UserError
from courier_check.wording import Wording
from ui import gates, work
from ui.background import Worker
from ui.counter.codes import CounterCode
from ui.gates import Gate, GateShown

if TYPE_CHECKING:
    from courier_check.clock import Clock
    from courier_check.desk.rights import SignedIn
    from courier_check.station import Station, Unlocked

PRACTICE_OPERATOR = ("0142", "practice")
"""Published; a practice station holds made-up data only."""


class Practice(Protocol):
    """The practice folder's maker and its gateway (a child process). Given by main.py: the window knows no gateway."""

    def prepare(self, folder: Path) -> str: ...

    def serve(self, folder: Path) -> str: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where the data lies. `practice`: the folder with practice station and gateway, if that is what was asked for."""

    data: Path
    practice: Path | None = None

    def as_practice(self) -> Place:
        folder = self.practice or self.data.with_name(f"{self.data.name}-practice")
        return Place(folder / "station", folder)


class Opening(QObject):
    """`shown`: another gate; `opened`: the workers are there; `signed_in`: somebody may work; `gateway_changed`: the practice gateway came
    or went, so that synchronising is worth a try."""

    shown = Signal(object)
    opened = Signal(object)
    signed_in = Signal(object)
    gateway_changed = Signal()

    def __init__(self, place: Place, practice: Practice, wording: Wording, clock: Clock) -> None:
        super().__init__()
        self._place = place
        self._wording = wording
        self._clock = clock
        self._errands: Worker[Practice] = Worker("errands", lambda: practice)
        self._desk: Worker[Station] | None = None
        self._standing: work.Standing | None = None
        self._cut = False
        self._signing_in = False
        self._retry: Callable[[], None] = self.begin
        self._gate: GateShown = gates.wait("正在打开…")

    @property
    def folder(self) -> Path:
        """The data folder that was opened, or is to be."""
        return self._place.data

    @property
    def practice(self) -> bool:
        return self._standing is not None and self._standing.practice

    @property
    def standing(self) -> work.Standing | None:
        return self._standing

    @property
    def signing_in(self) -> bool:
        """Whether a sign-in is being looked at; another one is not taken meanwhile."""
        return self._signing_in

    def begin(self) -> None:
        """Look at the folder and go as far as can be gone without asking."""
        self._show(gates.wait("正在打开…"))
        if self._place.practice is not None:
            self._begin_practice()
            return
        try:
            folder = work.look_at(self._place.data)
        except CourierCheckError as error:
            self._fail(error, self.begin)
            return
        if not folder.exists:
            self._show(gates.choose(str(self._place.data)))
        elif folder.practice:
            self._unlock(None, practice=True)
        elif folder.keyring:
            self._unlock(None)
        else:
            self._show(gates.unlock())

    def _begin_practice(self) -> None:
        """The practice folder is made if it is not there (a few seconds), then opened like any other; its gateway starts meanwhile."""
        folder = self._place.practice
        assert folder is not None  # noqa: S101 - the caller has looked
        self._show(gates.wait("正在准备练习台：练习网关、收寄台、名单（第一次约十秒）…"))

        def made(_url: str) -> None:
            self._unlock(None, practice=True)
            self.keep_gateway()

        self._errands.run(self, lambda practice: practice.prepare(folder), made, lambda error: self._fail(error, self._begin_practice))

    def keep_gateway(self) -> None:
        """Practice: see to it that the gateway answers. A failure is no obstacle: the station then works offline, which is normal."""
        folder = self._place.practice
        if folder is not None and not self._cut:
            self._errands.run(self, lambda practice: practice.serve(folder), lambda _: self.gateway_changed.emit(), lambda _: None)

    def cut_gateway(self, *, cut: bool) -> None:
        """Practice: without the network, as at a depot, until it is put back."""
        self._cut = cut
        if cut:
            self._errands.run(self, lambda practice: practice.close(), lambda _: self.gateway_changed.emit(), lambda _: None)
        else:
            self.keep_gateway()

    @property
    def is_cut(self) -> bool:
        return self._cut

    # Answers ----------------------------------------------------------------------------------------------------------------------------

    def press(self, key: str) -> bool:
        """A key at a gate without fields."""
        gate = self._gate.gate
        if gate is Gate.CHOOSE and key == "1":
            self._place = self._place.as_practice()
            self._begin_practice()
        elif gate is Gate.CHOOSE and key == "2":
            self._show(gates.passphrase())
        elif gate is Gate.NEW_STATION and key == "Esc":
            self.begin()
        elif gate is Gate.FAILED and key == "Enter":
            self._retry()
        else:
            return False
        return True

    def enter(self, typed: dict[str, str]) -> None:
        """The fields of the gate that is shown."""
        try:
            {
                Gate.UNLOCK: lambda: self._unlock(typed["passphrase"]),
                Gate.NEW_STATION: lambda: self._make(typed),
                Gate.ENROL: lambda: self._enrol(typed),
                Gate.FIRST_OPERATOR: lambda: self._add_first(typed),
                Gate.SIGN_IN: lambda: self._sign_in(typed["code"].strip(), typed["password"]),
            }.get(self._gate.gate, lambda: None)()
        except UserError as error:
            self._say(error)

    def ask_sign_in(self, code: str = "") -> None:
        """换收寄员: the gate again; the station stays open."""
        practice = PRACTICE_OPERATOR if self.practice and not code else None
        self._show(gates.sign_in(practice=practice, code=code))

    # Steps ------------------------------------------------------------------------------------------------------------------------------

    def _unlock(self, passphrase: str | None, *, practice: bool = False) -> None:
        data = self._place.data
        before = self._gate
        self._show(gates.wait("正在打开…"))

        def failed(error: CourierCheckError) -> None:
            if before.gate is Gate.UNLOCK and isinstance(error, UserError):
                self._show(gates.unlock(self._wording.said(error)))
            elif passphrase is None and not practice:  # the keyring did not open it: the passphrase does
                self._show(gates.unlock())
            else:
                self._fail(error, lambda: self._unlock(passphrase, practice=practice))

        self._errands.run(self, lambda _: work.unlock(data, passphrase, practice=practice), self._unlocked, failed)

    def _make(self, typed: dict[str, str]) -> None:
        if typed["passphrase"] != typed["again"]:
            raise UserError(CounterCode.PASSPHRASES_DIFFER)
        data = self._place.data
        self._show(gates.wait("正在建立…"))
        self._errands.run(
            self,
            lambda _: work.make_station(data, typed["passphrase"], keyring=False),
            self._unlocked,
            lambda error: self._show(gates.passphrase(self._wording.said(error))),
        )

    def _unlocked(self, unlocked: Unlocked) -> None:
        self._desk = Worker("desk", partial(work.open_station, unlocked, self._clock))
        self.opened.emit((unlocked, self._desk))
        if self._desk is not None:  # nobody has refused it
            self._look()

    def _look(self) -> None:
        def looked(standing: work.Standing) -> None:
            self._stand(standing)
            # Only now: after a failure it would open the folder a second time, while somebody is mending it.
            self._ask(lambda _: work.load_pages(self._wording), lambda _: None, self._say)

        self._ask(work.standing, looked, lambda error: self._fail(error, self._look))

    def _stand(self, standing: work.Standing) -> None:
        self._standing = standing
        if not standing.enrolled:
            self._show(gates.enrol())
        elif not standing.staffed:
            self._show(gates.first_operator())
        else:
            self.ask_sign_in()

    def _enrol(self, typed: dict[str, str]) -> None:
        url, code = typed["url"].strip(), typed["code"].strip()
        self._show(gates.wait("正在登记…"))
        self._ask(
            lambda station: work.enrol(station, code, url),
            self._stand,
            lambda error: self._show(gates.enrol(self._wording.said(error), url, code)),
        )

    def _add_first(self, typed: dict[str, str]) -> None:
        if typed["password"] != typed["again"]:
            raise UserError(CounterCode.PASSPHRASES_DIFFER)
        self._ask(
            lambda station: work.add_first_operator(station, typed["code"].strip(), typed["name"].strip(), typed["password"]),
            self._stand,
            lambda error: self._show(gates.first_operator(self._wording.said(error))),
        )

    def _sign_in(self, code: str, password: str) -> None:
        if self._signing_in:  # Enter was pressed twice
            return
        self._signing_in = True

        def came(who: SignedIn) -> None:
            self._signing_in = False
            self.signed_in.emit(who)

        def failed(error: CourierCheckError) -> None:
            self._signing_in = False
            self._say(error)

        self._ask(lambda station: work.sign_in(station, code, password), came, failed)

    def _ask(self, job: Callable[[Station], Any], done: Callable[[Any], None], failed: Callable[[CourierCheckError], None]) -> None:
        assert self._desk is not None  # noqa: S101 - gates after unlocking only
        self._desk.run(self, job, done, failed)

    def refuse(self, error: CourierCheckError) -> None:
        """The folder can't be used by this window. Its worker ends, so that no late answer of its replaces the gates that come next."""
        if self._desk is not None:
            self._desk.close(0)
            self._desk = None
        self._fail(error, self.begin)

    def _say(self, error: CourierCheckError) -> None:
        from dataclasses import replace

        self._show(replace(self._gate, said=self._wording.said(error)))

    def _fail(self, error: CourierCheckError, retry: Callable[[], None]) -> None:
        self._retry = retry
        self._show(gates.failed(self._wording.said(error)))

    def _show(self, shown: GateShown) -> None:
        self._gate = shown
        self.shown.emit(shown)

    def close(self, wait_s: float) -> bool:
        """End the errands' thread and with it the practice gateway."""
        return self._errands.close(wait_s)
