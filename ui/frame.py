"""The frame around the pages: rail, top bar, status bar, and which page is in front. What is told to it is who works here and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from courier_check.clock import Clock
from ui import keys
from ui.design import Rail, StatusBar, TopBar
from ui.gates import GatePage
from ui.shown import PageShown

if TYPE_CHECKING:
    from courier_check.desk.rights import SignedIn
    from ui.board_page import BoardPage
    from ui.counter.page import AcceptancePage
    from ui.lists_page import ListsPage
    from ui.records import RecordsPage
    from ui.security_page import SecurityPage
    from ui.sync_page import SyncPage
    from ui.work import Standing

PAGES = (
    PageShown("accept", "▣", "收寄", "收寄台"),
    PageShown("security", "◎", "安检", "安检"),
    PageShown("board", "▦", "看板", "班次看板"),
    PageShown("records", "▤", "记录", "记录"),
    PageShown("lists", "⊘", "名单", "名单"),
    PageShown("sync", "⇅", "同步", "同步中心 F11"),
    PageShown("reports", "▥", "报表", "报表"),
    PageShown("help", "?", "帮助", "帮助 F1"),
)
TITLES = {
    "accept": "收寄台",
    "security": "安检",
    "board": "班次看板",
    "records": "记录",
    "lists": "名单",
    "sync": "同步中心",
    "reports": "报表",
    "help": "帮助",
}
OTHER_PAGES = ("security", "board", "records", "lists", "sync", "reports")
"""Made after the acceptance page, in this order."""
STATUS_KEYS = ((keys.F1, "帮助"), (keys.F8, "拒收"), (keys.F10, "挂起"), (keys.F11, "同步中心"))


class Frame:
    """Laid out in a window. A page is known by its name once it is whole; the gate stands before all of them."""

    def __init__(self, window: QWidget, clock: Clock) -> None:
        self._clock = clock
        self.rail, self.top, self.status = Rail(), TopBar(), StatusBar(STATUS_KEYS)
        self.gate = GatePage()
        self.stack = QStackedWidget()
        self.stack.addWidget(self.gate)
        self._pages: dict[str, Any] = {}
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.top)
        right.addWidget(self.stack, 1)
        right.addWidget(self.status)
        row = QHBoxLayout(window)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addLayout(right, 1)

    def place(self, page: QWidget) -> None:
        """A page that is still being built: built where it will stand it costs less than put there whole."""
        self.stack.addWidget(page)

    def add(self, name: str, page: QWidget) -> None:
        """A page that is whole."""
        self._pages[name] = page
        self.stack.addWidget(page)

    def bring(self, widget: QWidget) -> None:
        self.stack.setCurrentWidget(widget)

    @property
    def front(self) -> str:
        """The page in front; empty while the gate stands there."""
        current = self.stack.currentWidget()
        return next((name for name, widget in self._pages.items() if widget is current), "")

    def show(self, standing: Standing | None, signed_in: SignedIn | None) -> None:
        """Say where this is and who works here, and offer the pages that can be gone to. `signed_in`: None while the gate stands."""
        page = self.front
        usable = [each for each in PAGES if each.name == "help" or (each.name in self._pages and signed_in is not None)]
        self.rail.show_pages(usable, page)
        place = f"{standing.outlet} · {standing.window}" if standing is not None and standing.outlet else ""
        who = f"{'主管' if signed_in.role.value == 'supervisor' else '收寄员'} {signed_in.code}" if signed_in is not None else ""
        title = TITLES.get(page, "收寄实名验视")
        self.status.show_keys(_acting_keys(page, signed_in=signed_in is not None))
        self.top.show_place(title, place, who, f"{self._clock.read().at:%H:%M:%S}", practice=standing is not None and standing.practice)

    # The pages, None while they are not made --------------------------------------------------------------------------------------------

    def page(self, name: str) -> Any | None:
        return self._pages.get(name)

    @property
    def acceptance(self) -> AcceptancePage | None:
        return self._pages.get("accept")

    @property
    def acceptance_in_front(self) -> AcceptancePage | None:
        return self.acceptance if self.front == "accept" else None

    @property
    def board(self) -> BoardPage | None:
        return self._pages.get("board")

    @property
    def lists(self) -> ListsPage | None:
        return self._pages.get("lists")

    @property
    def records(self) -> RecordsPage | None:
        return self._pages.get("records")

    @property
    def security(self) -> SecurityPage | None:
        return self._pages.get("security")

    @property
    def sync(self) -> SyncPage | None:
        return self._pages.get("sync")


def _acting_keys(page: str, *, signed_in: bool) -> tuple[str, ...]:
    """Of the keys that the status bar names, those that do something here."""
    if page == "accept":
        return tuple(key for key, _ in STATUS_KEYS)
    return (keys.F1, keys.F11) if signed_in else (keys.F1,)
