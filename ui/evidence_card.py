"""告警与留存的分支 on the sync page: one incident whole, and the entries kept of it, in a table."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt, Signal

from ui import keys
from ui.design import Card, Facts, KeyButton, Listing, Table
from ui.sync_view import EvidenceShown

_NAME_WIDTH = 96
_ORDINARY = 7


class EvidenceCard(Card):
    """`ended`: back to the lists."""

    ended = Signal()

    def __init__(self) -> None:
        super().__init__("留存的分支")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("告警与留存的分支")
        self._facts = Facts(_NAME_WIDTH, wrap=True)
        self.body.addWidget(self._facts)

    def grow(self) -> Iterator[None]:
        """Make the list and the rows of an ordinary incident, in steps. Nothing is shown before."""
        table = Table(("条目", "内容", "原来的时间", "由谁持有", "补录", "日志"), "留存的条目", stretch=3)
        yield
        self.listing = Listing("留存的条目", table)
        yield
        self.body.addWidget(self.listing, 1)
        yield
        self.done = KeyButton("返回", keys.ESC)
        self.done.clicked.connect(self.ended)
        self.body.addWidget(self.done)
        yield
        yield from self._facts.grow(_ORDINARY)

    def show_evidence(self, shown: EvidenceShown) -> None:
        self.entitle(shown.title, shown.note)
        self._facts.show_facts(shown.facts)
        if shown.rows:
            self.listing.show_rows(shown.rows)
        elif shown.rows is None:
            self.listing.show_state(*(("!", "没有读出来", shown.said) if shown.said else ("…", "正在读取", "")))
        else:
            self.listing.show_state("·", "没有留存的条目", "这件事没有留下要补录的条目。")

    def take_focus(self) -> None:
        """The rows where there are any, else the card: Esc leads back from both."""
        (self.listing.table if self.listing.table.isVisible() else self).setFocus(Qt.FocusReason.OtherFocusReason)
