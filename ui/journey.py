"""The main job through the real window on a practice station: accept, refuse, hit, duplicate, hold, synchronise, verify, report. Every step
is done by keys, scans and cards that customers lay on the reader; pictures of the window are kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from courier_check.acceptance.tasks import TaskKind
from courier_check.inspection.verdict import Outcome
from ui.counter.identity import ReaderState
from ui.counter.people import Kept, kept_of
from ui.counter.state import Panel
from ui.hand import Counted, GaveUpError, Hand

if TYPE_CHECKING:
    from courier_check.acceptance.tasks import Task
    from ui.counter.conductor import Conductor
    from ui.pictures import Pictures
    from ui.records import RecordsPage
    from ui.reports_page import ReportsPage
    from ui.window import Window

HIDING = "YT9900000000028"
"""A label of the practice scene that hides name and phone."""
LOOKS_MS = 450
"""Before the first answer after the contents: nobody reads a question sooner, and what comes sooner was still typed for the contents."""
Tell = Callable[[str, bool, int, dict[str, Any]], None]
"""A step ended: its name, whether it came out as it must, its milliseconds, facts."""


@dataclass
class Journey:
    """`pictures`: where screenshots go. `counted`: keys and scans of each acceptance."""

    window: Window
    folder: Path
    tell: Tell
    counted: dict[str, Counted] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.hand = Hand(self.window)
        self.ok = True
        self._number = 0

    @property
    def conductor(self) -> Conductor:
        conductor = self.window.conductor
        if conductor is None:
            raise GaveUpError("还没有登录")
        return conductor

    @property
    def pictures(self) -> Pictures:
        pictures = self.window.pictures
        if pictures is None:
            raise GaveUpError("还没有画面")
        return pictures

    @property
    def seeks_reader(self) -> bool:
        """Whether nobody knows yet where a document is expected."""
        reader = self.conductor.sources.reader
        return reader is not None and reader.state is ReaderState.SEARCHING

    @property
    def task(self) -> Task:
        conductor = self.conductor
        return conductor.state.task(conductor.books, conductor.verdict)

    def run(self) -> bool:
        """All steps; a step that fails ends the journey. True if every one came out as it must."""
        steps: tuple[tuple[str, Callable[[], dict[str, Any]]], ...] = (
            ("sign-in", self.sign_in),
            ("accept-wang", self.accept_wang),
            ("same-sender", self.same_sender),
            ("refuse-lighter", self.refuse_lighter),
            ("hit-zhou", self.hit_zhou),
            ("expired-li", self.expired_li),
            ("duplicate", self.duplicate),
            ("hold", self.hold),
            ("offline", self.offline),
            ("sync", self.sync),
            ("records", self.records),
            ("reports", self.reports),
        )
        return all(self.step(name, step) for name, step in steps) and self.ok

    def fail(self) -> None:
        """Something went wrong that no step has seen."""
        self.ok = False

    def step(self, name: str, work: Callable[[], dict[str, Any]]) -> bool:
        started = time.perf_counter()
        try:
            facts = work()
        except GaveUpError as error:
            facts = {"ok": False, "error": {"code": "gave-up", "message": str(error)}}
            self.shot(f"{name}-failed")
        well = bool(facts.pop("ok", True))
        self.ok = self.ok and well
        self.tell(name, well, round((time.perf_counter() - started) * 1000), facts)
        return well

    def shot(self, name: str) -> None:
        """A picture of the window as it stands."""
        self._number += 1
        self.hand.settle()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.window.grab().save(str(self.folder / f"{self._number:02d}-{name}.png"))

    # Steps ------------------------------------------------------------------------------------------------------------------------------

    def sign_in(self) -> dict[str, Any]:
        """Practice fills the published password in: Enter signs in."""
        self.shot("sign-in")
        self.hand.press("Enter")
        self.hand.until(lambda: self.window.page == "accept", "登录没有完成")
        self.hand.until(lambda: self.pictures.picture() is not None, "没有画面")
        self.hand.until(lambda: not self.seeks_reader, "阅读机没有找完")
        self.shot("idle")
        who = self.conductor.books.operator
        return {"operator": who.code, "role": who.role.value}

    def accept_wang(self) -> dict[str, Any]:
        """J1: the card under the camera, the label by the gun, the phone on the label."""
        self.hand.reset()
        waybill = self.stand("SF1010000000015")
        self.identify()
        self.shot("read")
        self.answer(TaskKind.ASK, "identity")
        self.hand.scan(waybill)
        self.labelled()
        self.shot("contents")
        self.declare("1")
        self.shot("question")
        self.inspect()
        self.shot("ready")
        verdict = self.conductor.verdict.outcome
        self.submit()
        self.shot("recorded")
        return self._told("accept-wang", verdict is Outcome.ACCEPT)

    def same_sender(self) -> dict[str, Any]:
        """F4: another parcel of the same visit; the card is not shown again."""
        self.hand.reset()
        self.hand.press("F4")
        self.answer(TaskKind.ASK, "identity")
        self.hand.scan("SF1010000000072")
        self.labelled()
        self.declare("2")
        self.inspect()
        verdict = self.conductor.verdict.outcome
        self.submit()
        return self._told("same-sender", verdict is Outcome.ACCEPT)

    def refuse_lighter(self) -> dict[str, Any]:
        """A lighter carried openly: named by its digit, refused, handed back."""
        self.hand.press("Enter")
        self.hand.reset()
        self.enter("EA900000019CN", "9", "礼品")
        while self.task.item is not None and self.task.item.id != "nothing-prohibited":
            self.hand.press("1")
        self.hand.press("2")
        self.shot("found")
        self.hand.press("3", "1")
        self.hand.until(lambda: self.task.kind is TaskKind.PHOTO, "没有要求拍照")
        self.shot("refusal-photo")
        self.hand.press("F6")
        self.hand.until(lambda: self.task.kind is TaskKind.STOPPED, "没有停止收寄")
        self.shot("stop")
        self.hand.press("F8")
        self.shot("refuse")
        codes = [reason.refusal for reason in self.conductor.verdict.reasons if reason.refusal]
        self.hand.press("Enter")
        self.hand.until(lambda: self.conductor.state.recorded is not None, "拒收没有记下")
        self.shot("refused")
        return self._told("refuse-lighter", "R07" in codes)

    def hit_zhou(self) -> dict[str, Any]:
        """A phone on a list: a supervisor comes, compares, and says that it is not the same person."""
        self.hand.press("Enter")
        self.hand.reset()
        self.enter("79900000000064", "2", None)
        self.hand.until(lambda: self.task.kind is TaskKind.HITS, "没有命中名单")
        self.shot("hit")
        self.hand.press("3")
        self.hand.type("0001")
        self.hand.press("Enter")
        self.hand.type("practice")
        self.hand.press("Enter")
        self.hand.until(lambda: self.conductor.state.panel is Panel.DECIDE, "主管没有登录")
        self.hand.press("1")
        self.hand.compose("核对了证件，电话已换人使用（样本）")
        self.hand.press("Ctrl+Enter")
        self.shot("decide")
        self.hand.press("1")
        self.inspect()
        self.photograph()
        self.hand.until(lambda: self.task.kind is TaskKind.READY, "没有办完")
        self.submit()
        return self._told("hit-zhou", ok=True)

    def expired_li(self) -> dict[str, Any]:
        """An expired card, read by the camera: stopped as soon as it is read; the refusal keeps its reason."""
        self.hand.press("Enter")
        self.hand.reset()
        self.stand("JDVA90000000041")
        self.by_camera()
        self.shot("camera")
        self.identify()
        self.hand.until(lambda: self.task.kind is TaskKind.STOPPED, "过期证件没有停止")
        self.shot("expired")
        self.hand.press("F8", "Enter")
        self.hand.until(lambda: self.conductor.state.recorded is not None, "拒收没有记下")
        return self._told("expired-li", ok=True)

    def duplicate(self) -> dict[str, Any]:
        """The label of a parcel that was accepted already: said where and when, nothing is written."""
        self.hand.press("Enter")
        self.hand.reset()
        self.stand("SF1010000000015")
        self.identify()
        self.answer(TaskKind.ASK, "identity")
        self.hand.scan("SF1010000000015")
        self.hand.until(lambda: self.conductor.state.draft.earlier is not None, "没有发现重复")
        self.hand.until(lambda: not self.conductor.state.reading, "面单没有读完")
        self.shot("duplicate")
        self.hand.press("Esc", "Esc")
        self.hand.until(lambda: self.conductor.state.untouched, "没有放弃")
        return self._told("duplicate", ok=True)

    def hold(self) -> dict[str, Any]:
        """One customer looks for a paper, the next one is served, the first comes back."""
        self.stand(HIDING)
        self.identify()
        name = self.conductor.state.draft.document
        self.hand.press("F10")
        self.shot("held")
        self.hand.press("F10")
        same = self.conductor.state.draft.document == name and not self.conductor.state.counter.held
        self.hand.press("Esc", "Esc")
        return {"ok": same}

    def offline(self) -> dict[str, Any]:
        """The network goes; the next parcel, with a privacy label, is accepted all the same and waits."""
        self.window.opening.cut_gateway(cut=True)
        self.hand.until(lambda: self.window.is_online is False, "没有发现断网")
        self.hand.reset()
        self._scanned(HIDING)
        self.hand.type("13900002345")  # the label hides it
        self.shot("parties")
        self.hand.press("Ctrl+Enter")
        self.answer(TaskKind.ASK, "waybill")
        self.declare("2")
        self.shot("offline")
        self.inspect()
        self.submit()
        self.hand.until(lambda: self._pending() > 0, "没有待传")
        waiting = self._pending()
        told = self._told("offline", ok=True)
        self.shot("offline-recorded")
        self.window.opening.cut_gateway(cut=False)
        self.hand.until(lambda: self.window.is_online is True and self._pending() == 0, "接通以后没有补传")
        return {**told, "waiting": waiting}

    def agree(self, waybill: str = HIDING, phone: str = "13900002345") -> dict[str, Any]:
        """回头客: a sender agrees that the phone is kept, typed where the label hides it. Nothing is sent this time."""
        self.hand.press("Enter")
        self._scanned(waybill)
        if phone:
            self.hand.type(phone)
            self.hand.press("Ctrl+Enter")
        self.hand.press("Ctrl+K")
        self.hand.compose("回头客")
        self.hand.press("Enter")
        self.hand.until(lambda: self.conductor.state.panel is Panel.SENDER, "没有问起回头客")
        self.hand.press("1")
        self.hand.until(lambda: kept_of(self.conductor.state) is Kept.PROFILE, "没有记下同意")
        self.hand.press("Enter", "Esc", "Esc")
        self.hand.until(lambda: self.conductor.state.untouched, "没有放弃")
        return {}

    def known_sender(self, name: str, waybill: str = HIDING) -> dict[str, Any]:
        """A sender who agreed comes again: nothing of the sender is typed, even if the label hides the phone. `name`: of the step."""
        self.hand.reset()
        self._scanned(waybill)
        self.hand.until(lambda: bool(self.conductor.state.draft.sender.phone), "电话没有预填")
        self.shot("known-sender")
        self.answer(TaskKind.ASK, "waybill")
        self.declare("2")
        self.inspect()
        verdict = self.conductor.verdict.outcome
        self.submit()
        return self._told(name, verdict is Outcome.ACCEPT)

    def _scanned(self, waybill: str) -> None:
        self.stand(waybill)
        self.identify()
        self.answer(TaskKind.ASK, "identity")
        self.hand.scan(waybill)
        self.labelled()

    def _pending(self) -> int:
        overview = self.window.overview
        return overview.pending if overview is not None else 0

    def sync(self) -> dict[str, Any]:
        """F11: everything acknowledged."""
        self.hand.press("F11", "Ctrl+R")
        overview = self.window.overview

        def done() -> bool:
            nonlocal overview
            overview = self.window.overview
            return overview is not None and overview.pending == 0 and overview.acknowledged > 0

        self.hand.until(done, "没有同步完")
        self.hand.rest(1200)
        self.shot("sync")
        assert overview is not None  # noqa: S101 - just waited for
        return {"pending": overview.pending, "acknowledged": overview.acknowledged, "returned": overview.returned}

    def records(self) -> dict[str, Any]:
        """One record, its entry, receipt and proof verified on the spot."""
        self.window.go("records")
        self.hand.rest(300)
        self.shot("records")
        page: RecordsPage = self.window.widget("records")  # type: ignore[assignment]  # it is one
        self.hand.scan("SF1010000000015")
        self.hand.until(lambda: page.is_drawn, "没有打开这一件")
        self.hand.settle()
        self.shot("record")
        assert page.state.pictured is not None  # noqa: S101 - just waited for
        record = page.state.pictured.opened.record
        self.hand.press("Esc")
        return {"ok": record.verification.ok and record.receipt is not None, "failures": len(record.verification.failures)}

    def reports(self) -> dict[str, Any]:
        self.window.go("reports")
        page: ReportsPage = self.window.widget("reports")  # type: ignore[assignment]  # it is one
        self.hand.until(lambda: page.is_drawn, "没有报表")
        self.shot("daily")
        daily = page.state.made
        self.hand.press("4")
        self.hand.until(lambda: page.is_drawn and page.state.made is not daily, "没有半年统计表")
        self.shot("half-year")
        assert page.state.made is not None  # noqa: S101 - just waited for
        return {"sheets": [sheet.title for sheet in page.state.made.sheets]}

    # What a person does -------------------------------------------------------------------------------------------------------------------

    def stand(self, waybill: str) -> str:
        """The customer with this label stands at the counter (practice scene)."""
        scene = self.pictures.scene
        if scene is None:
            raise GaveUpError("没有练习画面")
        place = next(number for number, customer in enumerate(scene.customers) if customer.waybill == waybill)
        scene.pick(place)
        self.pictures.show_live()
        return waybill

    def by_camera(self) -> None:
        """F3: from the reader, where there is one, to the pictures."""
        self.hand.press("F3")
        if self.conductor.state.panel is Panel.TYPED_DOCUMENT:  # there is no reader here: pictures were in use already
            self.hand.press("F3")

    def identify(self) -> None:
        """The customer lays the card on the reader, where there is one: no key. Enter says that the notice was shown, where it is due, and
        reads what lies under the camera."""
        if not (self._lays_card() and self._is_taken_unasked()):
            self.hand.press("Enter")
        self.hand.until(lambda: self.conductor.state.draft.document is not None, "证件没有读出来")

    def _lays_card(self) -> bool:
        reader, scene = self.window.reader, self.pictures.scene
        return reader is not None and scene is not None and reader.in_use and reader.lay(scene.customer.key.split("-")[1])

    def _is_taken_unasked(self) -> bool:
        """Whether the card that was laid is read without a key; False once the window says that the notice comes first."""
        state = self.conductor.state
        self.hand.until(lambda: self.conductor.state.draft.document is not None or self.conductor.state.said != state.said, "没有读卡")
        return self.conductor.state.draft.document is not None

    def labelled(self) -> None:
        """The gun gave the number at once; the picture of the label brings phone and addressee a little later."""
        self.hand.until(lambda: self.conductor.state.draft.waybill is not None, "单号没有进来")
        self.hand.until(lambda: not self.conductor.state.reading, "面单没有读完")
        self.hand.until(lambda: bool(self.conductor.state.draft.addressee.name), "收件人没有读出来")

    def answer(self, kind: TaskKind, step: str) -> None:
        """通过 for every question of a step."""
        while self.task.kind is kind and self.task.step.value == step:
            self.hand.press("1")

    def declare(self, digit: str, name: str | None = None) -> None:
        self.hand.until(lambda: self.task.kind is TaskKind.CONTENTS, "没有轮到内件")
        self.hand.press(digit)
        if name is not None:
            self.hand.compose(name)
        self.hand.press("Enter")
        self.hand.until(lambda: bool(self.conductor.state.draft.items), "内件没有记下")
        self.hand.rest(LOOKS_MS)

    def inspect(self) -> None:
        self.answer(TaskKind.ASK, "inspection")
        self.hand.until(lambda: self.task.kind is not TaskKind.LOOKING_UP, "核查没有完")

    def photograph(self) -> None:
        """Every photo that is asked for, and the questions between them."""
        while self.task.kind is TaskKind.PHOTO:
            count = len(self.conductor.state.draft.photos)
            self.hand.press("F6")
            self.hand.until(partial(self._has_more_photos, count), "没有拍到照片")
            self.inspect()

    def _has_more_photos(self, count: int) -> bool:
        return len(self.conductor.state.draft.photos) > count

    def enter(self, waybill: str, digit: str, name: str | None) -> None:
        """Person, label and contents of one customer."""
        self._scanned(waybill)
        self.declare(digit, name)

    def submit(self) -> None:
        self.hand.press("F12")
        self.hand.until(lambda: self.conductor.state.recorded is not None, "没有记入日志")

    def _told(self, name: str, ok: bool) -> dict[str, Any]:
        recorded = self.conductor.state.recorded
        counted = self.hand.reset()
        self.counted[name] = counted
        facts: dict[str, Any] = {"ok": ok, "keys": counted.keys, "scans": counted.scans}
        if recorded is not None:
            facts |= {"verdict": recorded.outcome.value, "seq": recorded.seq}
        return facts
