"""帮助 (F1): the keys, from the one table, and what the program does without a network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.design import LIGHT, Card, KeyCap, Label, Stepped
from ui.design.scrolling import turn
from ui.keys import DISPUTE, KEYS, Key

_OFFLINE = (
    "没有网络照常收寄：每一件签名记入本机日志，连上后自动补传，不用管。",
    "断网时不能：取新名单、取回执、看监管方的退回；名单按本机最后一版核查，状态栏显示它的日期。",
    "断电或程序被结束：已显示“已受理”的件都在；没显示的件重新提交即可，不会重复。",
    "停电时用纸质底单收的件，来电后逐件补录（Ctrl+B）：实际收寄和记入两个时间都有。",
    "忘记口令打不开本机数据；已有回执的记录仍在监管网关。",
)
_COMMANDS = "Ctrl+K 里还有：代寄、单位寄件、隐私面单的订单姓名、回头客、告知；服务信息、收寄方式、报关、一票多件、查禁寄物品、公示。"


class HelpPage(Stepped):
    """Nothing here changes, so nothing is rendered anew."""

    def _build(self) -> Iterator[None]:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("帮助")
        inner, self._area = QWidget(), QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.viewport().setAutoFillBackground(False)
        outer, row, right = QVBoxLayout(self), QHBoxLayout(inner), QVBoxLayout()
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._area)
        self._area.setWidget(inner)
        row.setContentsMargins(18, 12, 18, 16)
        row.setSpacing(LIGHT.gap)
        right.setSpacing(LIGHT.gap)
        yield
        # From the outside in: what is put into a page whole is polished whole, in one step.
        counter, pages, words = Card("键位"), Card("键位：其他页面"), Card("没有网络的时候")
        row.addWidget(counter, 1)
        row.addLayout(right, 1)
        right.addWidget(pages)
        right.addWidget(words, 1)
        yield
        first = next(place for place, key in enumerate(KEYS) if key.name == DISPUTE)
        yield from _listed(KEYS[:first], counter)
        yield from _listed(KEYS[first:], pages)
        for text in _OFFLINE:
            words.body.addWidget(Label(text, wrap=True))
            yield
        words.body.addSpacing(10)
        words.body.addWidget(Label("扫描枪随时可扫，光标在哪里都行。打字时数字就是字，不打字时数字是答案。", wrap=True))
        words.body.addWidget(Label(_COMMANDS, wrap=True))
        words.body.addStretch(1)
        yield

    def press(self, key: str) -> bool:
        """On a small screen there are more keys than fit: arrows and page keys move on to them."""
        return turn(self._area, key)


def _listed(listed: Sequence[Key], card: Card) -> Iterator[None]:
    """Keys with what they do and where, a few a step."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(5)
    grid.setColumnStretch(1, 3)
    grid.setColumnStretch(2, 2)
    card.body.addLayout(grid)
    card.body.addStretch(1)
    for row, key in enumerate(listed):
        caps = QWidget()
        line = QHBoxLayout(caps)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        for name in key.name.split(" "):
            line.addWidget(KeyCap(name))
        line.addStretch(1)
        grid.addWidget(caps, row, 0)
        grid.addWidget(Label(key.words, wrap=True), row, 1)
        grid.addWidget(Label(key.where, "small", wrap=True), row, 2)
        if row % 3 == 0:
            yield
    yield
