"""The parcel at the counter: its label under the camera, what is typed to find goods, its forms, and what is printed about goods. As the
sources are to documents: the conductor asks, and what comes back is given to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from courier_check.acceptance import Contact
from courier_check.devices.scene import View
from courier_check.errors import CourierCheckError, UserError
from courier_check.parcel.service import Shipment, Way
from courier_check.parcel.waybills import CodeKind, WaybillCheck, check_waybill
from ui import parcel_work
from ui.counter import goods, inputs, scans, service
from ui.counter.codes import CounterCode
from ui.counter.effects import Done
from ui.counter.inputs import LabelRead
from ui.counter.sources import AtCounter
from ui.counter.state import CounterState, Panel
from ui.counter.view import Form
from ui.documents import documents_folder
from ui.palette import Command

if TYPE_CHECKING:
    from courier_check.devices.waybill_pictures import WaybillReading
    from ui.counter.conductor import Conductor, Means

FIELDS = {
    **{"quantity": "数量", "weight_g": "重量", "value_fen": "价值", "cigarette_sticks": "烟支数", "tobacco_leaf_g": "烟叶"},
    **{"cut_tobacco_g": "烟丝", "brand": "品牌", "epc": "电子标签", "description": "品名", "net_weight_g": "净重", "origin": "原产地"},
    **{"hs_code": "税号", "currency": "币种"},
}
"""What an error about the contents or the customs declaration calls a field, in the words of its form."""
Confirmed = Callable[[Mapping[str, str]], "CounterState | Done"]


class Parcels(QObject):
    """`folder`: where the public notice is written."""

    def __init__(self, means: Means, counter: AtCounter) -> None:
        super().__init__()
        self._means = means
        self._counter = counter
        self.folder = documents_folder()

    # Forms and panels ---------------------------------------------------------------------------------------------------------------------

    @property
    def ways(self) -> Mapping[Form, Confirmed]:
        """What a form of the parcel does when it is confirmed."""
        return {
            Form.SEARCH: lambda _typed: goods.taken(self._counter.now(), self._counter.now().state.sought.at),
            Form.CONTENTS: lambda typed: goods.declared(self._counter.now(), typed),
            Form.SERVICE: lambda typed: service.served(self._counter.now(), typed),
            Form.CUSTOMS: lambda typed: service.customs_typed(self._counter.now(), typed),
            Form.PIECES: self._pieces_typed,
        }

    def sought(self, text: str) -> None:
        """What stands in the field of a search."""
        self._counter.attempt(lambda: goods.typed_to_find(self._counter.now(), text))

    def open(self, panel: Panel, way: Way | None = None) -> None:
        """服务信息、报关单证、一票多件、单证、专营邮件, each from the commands."""
        if not self._counter.now().state.saving:
            self._counter.attempt(lambda: service.opened(self._counter.now(), panel, way=way))

    def look_for_prohibited(self) -> None:
        """查禁寄物品, whatever is in hand; after an act, before the next parcel."""
        if self._counter.takes_more():
            self._counter.become(self._counter.now().state.opened(Panel.PROHIBITED, chosen="", kind=""))

    def _pieces_typed(self, typed: Mapping[str, str]) -> CounterState:
        """How many, or the waybill of a piece that was accepted."""
        now = self._counter.now()
        return now.state if self.goes_on(typed["pieces"]) else service.pieces_typed(now, typed)

    def goes_on(self, text: str) -> bool:
        """一票多件: a waybill where it is asked how many names a piece of the shipment that is gone on with. False for anything else."""
        now = self._counter.now()
        check = check_waybill(now.books.rules.carriers, text, None, now.books.outlet_carriers)
        held = now.state.draft.waybill
        if now.state.panel is not Panel.PIECES or check.kind is not CodeKind.WAYBILL or (held is not None and held.text == check.text):
            return False
        self._go_on(check.text)
        return True

    def _go_on(self, waybill: str) -> None:
        """The station knows which piece comes next."""
        session = self._counter.now().state.session

        def found(shipment: Shipment) -> None:
            self._counter.deliver(session.session_id, lambda now: service.gone_on(now, shipment))

        work = partial(parcel_work.next_piece, waybill=waybill, draft=session.draft)
        self._means.desk.run(self, work, found, self._counter.say)

    def next_piece(self, text: str) -> Done:
        """一票多件: a scan after a piece was recorded. UserError for what is no waybill, or had its turn."""
        now = self._counter.now()
        check = check_waybill(now.books.rules.carriers, text, None, now.books.outlet_carriers)
        if check.kind is not CodeKind.WAYBILL:
            raise scans.wrong_scan(now, check, text)
        return service.next_piece(now, check, self._means.new_id(), self._means.new_id())

    # The label ----------------------------------------------------------------------------------------------------------------------------

    def read_label(self, expect: str | None, beside: Callable[[tuple[str, ...]], None] | None = None) -> None:
        """Read the label under the camera; `expect`: only if it shows this number (a gun has read it already). `beside`: is told which
        other numbers are in the picture."""
        now, pictures = self._counter.now(), self._means.pictures
        asked = now.state.session.session_id
        if expect is not None:
            pictures.pick_waybill(expect)
            if pictures.source is None:
                return
        self._reading(busy=True)
        pictures.show_view(View.WAYBILL)
        pictures.read_label(
            now.books.outlet_carriers,
            lambda reading: self._label_read(asked, expect, reading, beside),
            lambda error: self._not_read(asked, expect, error),
        )

    def _reading(self, *, busy: bool) -> None:
        self._counter.become(replace(self._counter.now().state, reading=busy))

    def _label_read(
        self, asked: str, expect: str | None, reading: WaybillReading, beside: Callable[[tuple[str, ...]], None] | None
    ) -> None:
        self._reading(busy=False)
        label = self._label_of(reading)
        self._counter.deliver(asked, lambda now: inputs.label_read(now, label, expect))
        state = self._counter.now().state
        if beside is not None and asked == state.session.session_id:
            beside(tuple(check.text for check in (label.waybill, *label.others) if check is not None and check.text != expect))
        if state.panel is Panel.CODES and state.session.session_id == asked and expect is None:
            self._counter.say(UserError(CounterCode.SEVERAL_CODES, count=len(state.aside.codes)))

    def _not_read(self, asked: str, expect: str | None, error: CourierCheckError) -> None:
        """Nothing was read; everything entered stays. Where a gun has read the number already, the picture is only a help."""
        self._reading(busy=False)
        if asked == self._counter.now().state.session.session_id and expect is None:
            self._counter.say(error)

    def _label_of(self, reading: WaybillReading) -> LabelRead:
        numbers = self._numbers_in(reading)
        chosen = next((check for check in numbers if check.text == reading.waybill), None)
        ours = [check for check in numbers if check.carrier is not None]
        if chosen is None and len(ours) == 1:  # the shape of the outlet's own carrier settles it
            chosen = ours[0]
        agreed = next((code for code in reading.codes if chosen is not None and code.text == chosen.text), None)
        return LabelRead(
            waybill=chosen,
            symbology=agreed.symbology if agreed else "",
            sender=Contact(reading.sender_name or "", reading.sender_phone or "", reading.sender_address or ""),
            addressee=Contact(reading.addressee_name or "", reading.addressee_phone or "", reading.addressee_address or ""),
            warnings=tuple(self._means.wording.of(warning) for warning in reading.warnings),
            others=tuple(check for check in numbers if chosen is None or check.text != chosen.text),
        )

    def _numbers_in(self, reading: WaybillReading) -> tuple[WaybillCheck, ...]:
        """The different waybills among the codes in view, judged as the outlet stands now, best first."""
        books = self._counter.now().books
        symbologies = {code.text: code.symbology for code in reading.codes}
        given = [check.text for check in reading.checks if check.kind is CodeKind.WAYBILL]
        texts = dict.fromkeys((*([reading.waybill] if reading.waybill else []), *given))
        checks = (check_waybill(books.rules.carriers, text, symbologies.get(text), books.outlet_carriers) for text in texts)
        found = [check for check in checks if check.kind is CodeKind.WAYBILL]
        return tuple(sorted(found, key=lambda check: (check.text != reading.waybill, check.carrier is None)))

    # What is printed ----------------------------------------------------------------------------------------------------------------------

    def print_public_notice(self) -> None:
        """禁寄物品公示 as a PDF, to be put up on the wall."""
        now, wording, folder = self._counter.now(), self._means.wording, self.folder
        rulebook, outlet = now.books.rules.rulebook, now.books.outlet

        def told(path: Path) -> None:
            self._counter.tell(wording.of(CounterCode.PUBLIC_NOTICE_PRINTED.value, {"file": str(path)}), False)

        work = partial(parcel_work.print_public_notice, rulebook=rulebook, wording=wording, outlet=outlet, folder=folder)
        self._means.desk.run(self, work, told, self._counter.say)


def commands(conductor: Conductor) -> tuple[Command, ...]:
    """What is opened about the parcel by Ctrl+K: none of it is part of every one."""
    parcels = conductor.parcels
    ways = ((Way.PICK_UP, "smls"), (Way.AGENCY, "dbd"), (Way.RETURN, "tj"), (Way.COUNTER, "ck"))
    return (
        Command("服务信息：产品、付费、重量、保价、目的地", "fwxx", lambda: parcels.open(Panel.SERVICE)),
        *(Command(f"收寄方式：{service.WAYS[way]}", f"sjfs{find}", partial(parcels.open, Panel.SERVICE, way)) for way, find in ways),
        Command("报关单证（寄往境外）", "bgdz", lambda: parcels.open(Panel.CUSTOMS)),
        Command("一票多件：这一票共几件", "ypdj", lambda: parcels.open(Panel.PIECES)),
        Command("内件单证、个人自用", "njdz", lambda: parcels.open(Panel.PAPERS)),
        Command("国家机关公文、专营信件：不得收寄", "gwzyxj", lambda: parcels.open(Panel.RESERVED)),
        Command("查禁寄物品：怎么处置、报告谁", "cjjwp", parcels.look_for_prohibited),
        Command("禁寄物品公示：存为 PDF", "jjgs", parcels.print_public_notice),
    )
