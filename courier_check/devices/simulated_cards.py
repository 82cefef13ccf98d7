"""练习阅读机的证件和剧本: made-up cards as a chip holds them, and a script of what is done with them. For tests, practice and tools.

A script is JSON (docs/architecture.md, "Devices"). Everybody in one must be made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from courier_check import typed
from courier_check.devices.card_layouts import NATIONS
from courier_check.devices.codes import ReaderCode
from courier_check.devices.sam import TEXT_BYTES
from courier_check.errors import UserError

LARGEST_SCRIPT = 1_000_000
Asked = Literal["status", "find", "select", "read"]


class SimulatedCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A card by its fields, as `read-card` tells them; what is left out is blank in the chip. Dates may be wrong on purpose.

    `layout`: resident, J (港澳台居民居住证), I (永居 2017), Y (永居 2023). `kind` puts another letter in the place that tells the layout;
    `hex` is the whole text instead of everything else.
    """

    layout: Literal["resident", "J", "I", "Y"] = "resident"
    name: str = ""
    chinese_name: str = ""
    sex: str = ""
    nation: str = ""
    born_on: str = ""
    address: str = ""
    number: str = ""
    issuer: str = ""
    valid_from: str = ""
    valid_until: str = ""
    nationality: str = ""
    kind: str | None = None
    hex: str | None = None

    def text(self) -> bytes:
        """The 256 bytes. Raises ValueError where a field does not fit its place."""
        if self.hex is not None:
            return bytes.fromhex(self.hex)
        letter = (" " if self.layout == "resident" else self.layout) if self.kind is None else self.kind
        text = b"".join(_filled(value, length) for value, length in (*self._fields(), (letter, 2), ("", 6)))
        if len(text) != TEXT_BYTES:
            raise ValueError(self.layout)
        return text

    def _fields(self) -> tuple[tuple[str, int], ...]:
        """Values and lengths in bytes up to the letter, in order (domain.md §7)."""
        sex = {"男": "1", "女": "2"}.get(self.sex, self.sex)
        born, begins, ends = map(_day, (self.born_on, self.valid_from, self.valid_until))
        if self.layout == "I":
            first = ((self.name, 120), (sex, 2), (self.number, 30), (self.nationality, 6), (self.chinese_name, 30))
            return (*first, (begins, 16), (ends, 16), (born, 16), ("01", 4), ("1100", 8))
        if self.layout == "Y":
            names = ((self.chinese_name, 30), (sex, 2), ("01", 4), (born, 16), (self.name[:35], 70), (self.number, 36))
            return (*names, ("", 30), (begins, 16), (ends, 16), (self.name[35:], 22), (self.nationality, 6))
        person = ((self.name, 30), (sex, 2), (self.nation, 4), (born, 16), (self.address, 70), (self.number, 36))
        permit = "H00000000" if self.layout == "J" else ""
        return (*person, (self.issuer, 30), (begins, 16), (ends, 16), (permit, 28))


def _filled(value: str, length: int) -> bytes:
    data = value.encode("utf-16-le")
    if len(data) > length:
        raise ValueError(value)
    return data + b" \x00" * ((length - len(data)) // 2)


def _day(text: str) -> str:
    return text.replace("-", "")


class Lay(msgspec.Struct, frozen=True, tag_field="do", tag="lay", forbid_unknown_fields=True):
    """Put one of the script's cards on the reader."""

    card: str


class Lift(msgspec.Struct, frozen=True, tag_field="do", tag="lift", forbid_unknown_fields=True):
    """Take it away."""


class Unplug(msgspec.Struct, frozen=True, tag_field="do", tag="unplug", forbid_unknown_fields=True):
    """Pull the reader's cable. A card stays where it lies."""


class Plug(msgspec.Struct, frozen=True, tag_field="do", tag="plug", forbid_unknown_fields=True):
    """Put the cable back."""


class Wait(msgspec.Struct, frozen=True, tag_field="do", tag="wait", forbid_unknown_fields=True):
    """Let time go by."""

    ms: int


class Await(msgspec.Struct, frozen=True, tag_field="do", tag="await", forbid_unknown_fields=True):
    """Until this was asked and answered `times` times from now on; at most a minute."""

    what: Asked
    times: int = 1


class SimulatedFault(msgspec.Struct, frozen=True, tag_field="do", tag="fault", forbid_unknown_fields=True):
    """What goes wrong with the next `times` answers to a question.

    `delay` (by `ms`), `truncate` (after `bytes`), `noise-before` and `noise-within` (`bytes` of it), `checksum` (wrong), `silent` (no
    answer), `status` (this SW3 instead), `pull` (half the answer, and the card is gone).
    """

    kind: Literal["delay", "truncate", "noise-before", "noise-within", "checksum", "silent", "status", "pull"]
    on: Asked = "read"
    times: int = 1
    ms: int = 0
    bytes: int = 9
    status: int = 0x41


Step = Lay | Lift | Unplug | Plug | Wait | Await | SimulatedFault


class Script(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Cards and what is done with them. `lying`: what a reader says of a card it has read and that still lies there: `silent` (as most do:
    no card) or `found`. `chip_ms`: how long the talk with the chip takes before an answer to `read`."""

    steps: tuple[Step, ...]
    cards: Mapping[str, SimulatedCard] = {}
    baud_rate: int = 115_200
    lying: Literal["silent", "found"] = "silent"
    chip_ms: int = 0
    note: str = ""

    @classmethod
    def parse(cls, data: bytes) -> Script:
        """Raises UserError(SCRIPT_UNUSABLE) with the place of the fault."""
        try:
            script = typed.decode(data, cls)
            for card in script.cards.values():
                card.text()
        except (msgspec.MsgspecError, ValueError, RecursionError) as fault:
            raise UserError(ReaderCode.SCRIPT_UNUSABLE, detail=str(fault)[:200]) from fault
        unknown = [step.card for step in script.steps if isinstance(step, Lay) and step.card not in script.cards]
        if unknown:
            raise UserError(ReaderCode.SCRIPT_UNUSABLE, detail=unknown[0][:40])
        return script

    @classmethod
    def load(cls, path: Path) -> Script:
        """Raises UserError(SCRIPT_UNUSABLE), OSError."""
        with path.open("rb") as source:
            return cls.parse(source.read(LARGEST_SCRIPT))


class _Person(msgspec.Struct, frozen=True):
    key: str
    name: str
    sex: str
    nation: str
    born_on: str
    address: str
    number: str
    issuer: str
    valid_from: str
    valid_until: str


class _People(msgspec.Struct, frozen=True):
    people: tuple[_Person, ...]


def sample_cards(samples: Path) -> dict[str, bytes]:
    """What the chips of the made-up people in resources/samples hold, by their keys. They are shipped: an error is a fault of ours."""
    codes = {nation: code for code, nation in NATIONS.items()}
    people = typed.decode((samples / "people.json").read_bytes(), _People).people
    fields = ({**msgspec.structs.asdict(person), "nation": codes[person.nation]} for person in people)
    return {given.pop("key"): SimulatedCard(**given).text() for given in fields}
