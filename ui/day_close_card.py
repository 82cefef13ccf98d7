"""日结 on the sync page: asked once, then the slip. It draws a value and says which button was pressed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from ui import keys
from ui.day_close_view import ClosingShown
from ui.design import Card, Facts, FormRow, KeyButton, Label, row_of
from ui.documents import documents_folder
from ui.fields import TextField

PDF = "7"
"""As on the page of reports."""
_NAME_WIDTH = 84
_PAUSE, _ORDINARY = 4, 8


class DayCloseCard(Card):
    """`confirmed`: close the day. `export_wanted`: the slip as a PDF into `folder`; `print_wanted`: printed besides. `ended`: back to the
    lists."""

    confirmed = Signal()
    export_wanted = Signal()
    print_wanted = Signal()
    ended = Signal()

    def __init__(self) -> None:
        super().__init__("日结")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("日结")
        self._text, self._facts, self._said = Label("", "text", wrap=True), Facts(_NAME_WIDTH, wrap=True), Label("", "wrong", wrap=True)
        self.confirm, self.give_up = KeyButton("日结", keys.ENTER, "go"), KeyButton("放弃", keys.ESC)
        self.pdf, self.paper, self.done = KeyButton("存为 PDF", PDF), KeyButton("打印", keys.PRINT), KeyButton("完成", keys.ESC)
        self._folder = TextField("slip-folder", "日结单存到哪个文件夹")
        self._folder.setText(str(documents_folder()))
        self._folder_row = FormRow("导出到", self._folder, "按 7 存为 PDF，Ctrl+P 打印；不覆盖已有的文件。", name_width=_NAME_WIDTH)
        self._actions = QStackedWidget()
        for buttons in ((self.confirm, self.give_up), (self.pdf, self.paper, self.done)):
            row = QWidget()
            row.setLayout(row_of(*buttons))
            self._actions.addWidget(row)
        self._actions.setFixedHeight(self.confirm.sizeHint().height())
        for widget in (self._facts, self._text, self._folder_row, self._said, self._actions):
            self.body.addWidget(widget)
            self.body.addSpacing(_PAUSE)
        self.body.addStretch(1)
        self._connect()

    def grow(self) -> Iterator[None]:
        """Make the rows of an ordinary slip, one a step."""
        yield from self._facts.grow(_ORDINARY)

    def _connect(self) -> None:
        self.confirm.clicked.connect(self.confirmed)
        self.pdf.clicked.connect(self.export_wanted)
        self.paper.clicked.connect(self.print_wanted)
        for button in (self.give_up, self.done):
            button.clicked.connect(self.ended)
        self._folder.returnPressed.connect(self.take_focus)

    @property
    def folder(self) -> Path:
        """Where the slip is to go, as typed."""
        return Path(self._folder.text().strip() or ".").expanduser()

    def show_closing(self, shown: ClosingShown) -> None:
        self.entitle(shown.title)
        self._text.say(shown.text)
        self._facts.show_facts(shown.facts)
        self._folder_row.setVisible(shown.is_slip)
        self._said.say(shown.said)
        self._said.setVisible(bool(shown.said))
        self._actions.setCurrentIndex(int(shown.is_slip))
        self.confirm.show_action("日结", keys.ENTER, "go", enabled=shown.can_close)
        self.pdf.show_action("存为 PDF", PDF, "plain", enabled=shown.can_export)
        self.paper.show_action("打印", keys.PRINT, "plain", enabled=shown.can_export)

    def take_focus(self) -> None:
        """Closing where it can be done, else the way out. At the slip no button: an Enter that bounces must not put it away."""
        asking = self.confirm if self.confirm.isEnabled() else self.give_up
        (self if self._actions.currentIndex() else asking).setFocus(Qt.FocusReason.OtherFocusReason)
