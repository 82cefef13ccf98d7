"""练习画面: what lies under the camera of a practice station, from resources/samples. Everything in it is made up and marked so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Self

import msgspec

from courier_check import typed
from courier_check.clock import Clock
from courier_check.devices.frames import Frame, encoded_frame
from courier_check.errors import CourierCheckError


class View(StrEnum):
    """What a customer puts under the camera, in the order of a journey."""

    FRONT = "front"  # 证件正面
    BACK = "back"  # 证件背面
    WAYBILL = "waybill"  # 面单
    CONTENTS = "contents"  # 内件


@dataclass(frozen=True, slots=True)
class Customer:
    """A made-up customer with one parcel. `key` is the label's; `remark` says what this one is good for practising.

    `waybill` is printed on the label, `declared` too; `shown` is what lies in the opened parcel. Not every label has a picture of its own
    contents, so they may differ.
    """

    key: str
    name: str
    remark: str
    waybill: str
    declared: str
    shown: str
    pictures: Mapping[View, str]


@dataclass(frozen=True, slots=True)
class Samples:
    """The customers and the bytes of their pictures by file name."""

    note: str
    customers: tuple[Customer, ...]
    pictures: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """From the files of resources/samples; about 2 MB. They are shipped: what reading them raises is a fault of ours."""
        people = typed.decode((folder / "people.json").read_bytes(), _People)
        labels = typed.decode((folder / "waybills.json").read_bytes(), _Labels).waybills
        scenes = typed.decode((folder / "contents.json").read_bytes(), _Scenes).contents
        cases = [typed.decode(path.read_bytes(), _Case) for path in sorted(folder.glob("case-*.json"))]
        photographed = {case.waybill.picture: case.photos[0].picture for case in cases if case.photos and case.waybill.picture}
        by_key = {person.key: person for person in people.people}
        customers = tuple(
            _customer(by_key[owner], label, _opened(label, scenes, photographed))
            for label in labels
            if (owner := label.key.split("-")[1]) in by_key  # hard-dark is nobody's
        )
        names = sorted({name for customer in customers for name in customer.pictures.values()})
        return cls(people.note, customers, {name: (folder / name).read_bytes() for name in names})


class PracticeScene:
    """A frame source that shows the picture asked for. Everything is in memory: every method is instant."""

    name = "practice"
    trouble: CourierCheckError | None = None

    def __init__(self, samples: Samples, clock: Clock) -> None:
        self._samples = samples
        self._clock = clock
        self._index = 0
        self._view = View.FRONT
        self._frame: Frame | None = None
        self._is_open = False

    @property
    def note(self) -> str:
        """That all of it is made up, in both languages: to be shown wherever the scene is."""
        return self._samples.note

    @property
    def customers(self) -> Sequence[Customer]:
        return self._samples.customers

    @property
    def customer(self) -> Customer:
        return self._samples.customers[self._index]

    @property
    def view(self) -> View:
        return self._view

    @property
    def waybill(self) -> str:
        """The number on this customer's label: what a scanner would send (模拟扫描)."""
        return self.customer.waybill

    def pick(self, index: int) -> Customer:
        """The customer at this place of `customers` steps up and shows the card's front. IndexError beyond either end."""
        if not 0 <= index < len(self.customers):
            raise IndexError(index)
        self._index = index
        self.show(View.FRONT)
        return self.customer

    def next_customer(self) -> Customer:
        """The next one; after the last, the first again."""
        return self.pick((self._index + 1) % len(self.customers))

    def show(self, view: View) -> None:
        """Put this under the camera."""
        self._view = view
        name = self.customer.pictures[view]
        self._frame = encoded_frame(self._samples.pictures[name], name, self._clock.read().wall_ms) if self._is_open else None

    def open(self) -> None:
        self._is_open = True
        self.show(self._view)

    def latest(self) -> Frame | None:
        return self._frame

    def still(self) -> Frame | None:
        return self._frame

    def close(self) -> None:
        self._is_open = False
        self._frame = None


# ---- the files of resources/samples: only what is needed of them -----------------------------------------------------------------------


class _Person(msgspec.Struct, frozen=True):
    key: str
    name: str
    remark: str
    front: str
    back: str


class _People(msgspec.Struct, frozen=True):
    note: str
    people: tuple[_Person, ...]


class _Label(msgspec.Struct, frozen=True):
    key: str
    number: str
    contents: str
    remark: str
    picture: str


class _Labels(msgspec.Struct, frozen=True):
    waybills: tuple[_Label, ...]


class _Scene(msgspec.Struct, frozen=True):
    picture: str
    contents: str
    rule: str


class _Scenes(msgspec.Struct, frozen=True):
    contents: tuple[_Scene, ...]


class _Picture(msgspec.Struct, frozen=True):
    picture: str | None = None


class _Photo(msgspec.Struct, frozen=True):
    picture: str


class _Case(msgspec.Struct, frozen=True):
    waybill: _Picture
    photos: tuple[_Photo, ...] = ()


def _opened(label: _Label, scenes: Sequence[_Scene], photographed: Mapping[str, str]) -> _Scene:
    """The parcel picture of a label: of what is declared, else what its sample case shows, else the first thing that may be sent."""
    same = [scene for scene in scenes if scene.contents.split()[0] == label.contents.split()[0]]
    cased = [scene for scene in scenes if scene.picture == photographed.get(label.picture)]
    lawful = [scene for scene in scenes if scene.rule.startswith("允许")]
    return (same or cased or lawful)[0]


def _customer(person: _Person, label: _Label, scene: _Scene) -> Customer:
    pictures = {View.FRONT: person.front, View.BACK: person.back, View.WAYBILL: label.picture, View.CONTENTS: scene.picture}
    remark = person.remark if label.key.endswith(person.key) else label.remark  # a second label has a point of its own
    return Customer(label.key, person.name, remark, label.number, label.contents, scene.contents, MappingProxyType(pictures))
