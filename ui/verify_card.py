"""核验本机日志 on the sync page: how far it is, how long it takes, what came of it. It only reads, so it can be cancelled at any moment.

It runs beside everything else: the clerk may go back to the counter meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal

from courier_check.errors import CourierCheckError
from courier_check.wording import Wording
from ui import keys, work
from ui.background import BackgroundCode, Progress, Worker
from ui.design import Card, Facts, KeyButton, Label, Listing, Table
from ui.elapsed import Elapsed, waiting_words
from ui.shown import Fact, Sign

if TYPE_CHECKING:
    from courier_check.station import Station
    from courier_check.store.verification import Finding, Verification

_NAME_WIDTH, _ORDINARY = 64, 3
MOST_SHOWN = 200
"""Failures in the table; the command `verify` has them all."""


@dataclass(frozen=True, slots=True)
class Verifying:
    """`total` 0: not counted yet. `result`: what came of it; `said`: why nothing did."""

    running: bool = False
    seconds: int = 0
    done: int = 0
    total: int = 0
    result: Verification | None = None
    said: str = ""


class VerifyCard(Card):
    """`told`: for the toast, whoever looks at another page meanwhile. `ended`: back to the lists."""

    told = Signal(str, bool)
    ended = Signal()

    def __init__(self, worker: Worker[Station], wording: Wording) -> None:
        super().__init__("核验本机日志")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("核验本机日志")
        self._worker, self._wording = worker, wording
        self._state = Verifying()
        self._progress: Progress | None = None
        self._elapsed = Elapsed(self)
        self._elapsed.ticked.connect(self._tick)
        self._text = Label("", "text", wrap=True)
        self._facts = Facts(_NAME_WIDTH, wrap=True)
        self._failures = Listing("核验不通过的条目", Table(("条目", "哪里不对", "日志"), "核验不通过的条目", stretch=1))
        self.leave = KeyButton("返回", keys.ESC)
        self.leave.clicked.connect(lambda: self.press(keys.ESC))
        for widget in (self._text, self._facts):
            self.body.addWidget(widget)
        self.body.addWidget(self._failures, 1)
        self.body.addStretch(0)
        self.body.addWidget(self.leave)
        self.body.addStretch(1)

    def grow(self) -> Iterator[None]:
        """Make its rows, one a step."""
        yield from self._facts.grow(_ORDINARY)
        self._render()

    @property
    def state(self) -> Verifying:
        return self._state

    def begin(self) -> None:
        """Begin, unless one is under way."""
        if self._state.running:
            return
        progress = self._progress = self._worker.progress()
        self._become(Verifying(running=True))
        self._elapsed.start()
        self._worker.run(self, work.entries, self._counted, lambda _error: None)
        self._worker.run(self, lambda station: work.verify(station, progress), self._verified, self._not_verified)

    def press(self, key: str) -> bool:
        """Esc cancels what is under way, and leads back."""
        if key != keys.ESC:
            return False
        if self._progress is not None:
            self._progress.cancel()
        self.ended.emit()
        return True

    def take_focus(self) -> None:
        """On no button: an Enter that bounces must neither cancel nor leave."""
        table = self._failures.table
        (table if table.isVisible() else self).setFocus(Qt.FocusReason.OtherFocusReason)

    # What comes of it ---------------------------------------------------------------------------------------------------------------------

    def _counted(self, total: int) -> None:
        self._become(replace(self._state, total=total))

    def _tick(self, seconds: int) -> None:
        done = self._progress.done if self._progress is not None else 0
        self._become(replace(self._state, seconds=seconds, done=done))

    def _verified(self, result: Verification) -> None:
        self._end(replace(self._state, running=False, done=result.checked, total=max(self._state.total, result.checked), result=result))
        self.told.emit(_result_words(result), not result.ok)

    def _not_verified(self, error: CourierCheckError) -> None:
        self._end(replace(self._state, running=False, said=self._wording.said(error)))
        self.told.emit(self._state.said, error.code != BackgroundCode.CANCELLED)

    def _end(self, state: Verifying) -> None:
        self._elapsed.stop()
        self._progress = None
        self._become(replace(state, seconds=self._elapsed.seconds))
        if self.isVisible():
            self.take_focus()

    # What is shown ------------------------------------------------------------------------------------------------------------------------

    def _become(self, state: Verifying) -> None:
        self._state = state
        self._render()

    def _render(self) -> None:
        state = self._state
        self._text.say("核对每一条的签名、链、部件、照片、回执和数据库页。只读，不改任何东西；可以照常收寄，也可以离开这一页。")
        self._facts.show_facts(tuple(_facts(state)))
        failures = state.result.failures if state.result is not None else ()
        self._failures.setVisible(bool(failures))
        if failures:
            more = f"只列前 {MOST_SHOWN} 处，全部见命令 verify" if len(failures) > MOST_SHOWN else ""
            self._failures.entitle("核验不通过的条目", more)
            self._failures.show_rows([_row(found, self._wording) for found in failures[:MOST_SHOWN]])
        self.leave.show_action("取消" if state.running else "返回", keys.ESC, "plain")


def _facts(state: Verifying) -> Iterator[Fact]:
    total = f" / {state.total}" if state.total else ""
    percent = f"{min(100, state.done * 100 // state.total)}%" if state.total else ""
    yield Fact("进度", f"{state.done}{total} 条", percent)
    if state.running:
        last = state.total and state.done + _LAST_STEP > state.total
        yield Fact("用时", waiting_words("正在检查数据库页" if last else "正在核验", state.seconds))
    else:
        yield Fact("用时", f"{state.seconds} 秒")
    if state.result is not None:
        yield Fact("结果", _result_words(state.result), sign=Sign.DONE if state.result.ok else Sign.STOP, key=True)
    elif state.said:
        yield Fact("结果", state.said, sign=Sign.DOUBT, key=True)


_LAST_STEP = 100
"""Entries are told in steps: behind the last one the database's pages are looked at, which tells nothing."""


def _result_words(result: Verification) -> str:
    if result.ok:
        return f"核验通过：{result.checked} 条，回执 {result.receipts} 份"
    return f"核验不通过：{len(result.failures)} 处；请保全数据文件夹，告诉管理员"


def _row(found: Finding, wording: Wording) -> tuple[str, ...]:
    return (f"#{found.seq}" if found.seq else "—", wording.of(found.what), found.journal_id[:8] or "—")
