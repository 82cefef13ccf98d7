"""The acceptance page: three columns drawn from one view. `render` sets widgets and nothing else does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui import keys
from ui.counter.forms import Forms, NumberChecking, unchecked
from ui.counter.view import AcceptanceView, ActionShown, DocumentChoice, Form, PictureView, TaskShown
from ui.design import (
    LIGHT,
    Card,
    CheckList,
    Facts,
    KeyButton,
    Label,
    Lines,
    PicturePane,
    QuestionCard,
    QuestionShown,
    StepStrip,
    VerdictBanner,
    row_of,
)
from ui.shown import Tone

WHO_WIDTH, SO_WHAT_WIDTH = 344, 312


class TaskCard(Card):
    """The middle column's lower part: lines above, facts, the question with its form, lines below, what was wrong."""

    def __init__(self, document_types: Sequence[DocumentChoice], check: NumberChecking = unchecked) -> None:
        super().__init__()
        self.above, self.facts, self.question, self.below = Lines(), Facts(wrap=True), QuestionCard(), Lines()
        self.forms = Forms(document_types, check)
        self._said = Label("", "wrong", wrap=True)
        self.question.extra.addWidget(self.forms)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for widget in (self.above, self.facts, self.question, self._said, self.below):
            column.addWidget(widget)
        column.addStretch(1)
        self._area = area = QScrollArea()
        self._asked: tuple[QuestionShown, Form, str] | None = None
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner.setProperty("kind", "clear")
        area.viewport().setProperty("kind", "clear")
        area.setWidget(inner)
        self.body.addWidget(area)

    def show_task(self, task: TaskShown) -> bool:
        """True if the page itself is to take the focus: a form was closed and none wants it."""
        self.entitle(task.title, task.note, task.tone)
        self.above.show_lines(task.above)
        self.facts.show_facts(task.facts)
        self.facts.setVisible(bool(task.facts))
        self.question.show_question(task.question)
        self.below.show_lines(task.below)
        self._said.say(task.said)
        self._said.setVisible(bool(task.said))
        asked = task.question, task.form, task.form_key
        if asked != self._asked:
            self._asked = asked
            QTimer.singleShot(0, self, lambda: self._area.ensureWidgetVisible(self.question, 0, 8))  # once it is laid out
        return self.forms.show_form(task.form, task.form_key, task.first)


class AcceptancePage(QWidget):
    """`pressed`: a button stands for its key; `confirmed`, `decided`: what a form says."""

    pressed = Signal(str)
    confirmed = Signal(str, dict)
    another = Signal(dict)
    decided = Signal(str, str)

    def __init__(self, document_types: Sequence[DocumentChoice], check: NumberChecking = unchecked) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("收寄台")
        self.strip, self.picture, self.verdict, self.checks = StepStrip(), PicturePane(), VerdictBanner(), CheckList()
        self._who, self._parcel, self._visit = Card("寄件人"), Card("运单与内件"), Card("本次来访")
        self._who_facts, self._parcel_facts = Facts(), Facts()
        self._visit_row = QHBoxLayout()
        self._visits: list[tuple[Label, Label]] = []
        self.task = TaskCard(document_types, check)
        self._submit = KeyButton("提交收寄", keys.F12, "go", large=True)
        self._refuse, self._other = KeyButton("拒收", keys.F8), KeyButton("挂起", keys.F10)
        self._shown: dict[KeyButton, str] = {}
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self._who.body.addWidget(self._who_facts)
        self._parcel.body.addWidget(self._parcel_facts)
        self._visit.body.addLayout(self._visit_row)
        for _ in range(2):
            column = QVBoxLayout()
            number, words = Label("", "big"), Label("", "small")
            column.addWidget(number)
            column.addWidget(words)
            self._visit_row.addLayout(column, 1)
            self._visits.append((number, words))
        who, so_what = QWidget(), QWidget()
        who.setFixedWidth(WHO_WIDTH)
        so_what.setFixedWidth(SO_WHAT_WIDTH)
        left, middle, right = QVBoxLayout(who), QVBoxLayout(), QVBoxLayout(so_what)
        for column in (left, middle, right):
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(LIGHT.gap)
        for widget in (self.picture, self._who, self._visit):
            left.addWidget(widget)
        left.addStretch(1)
        middle.addWidget(self._parcel)
        middle.addWidget(self.task, 1)
        right.addWidget(self.verdict)
        right.addWidget(self.checks)
        right.addStretch(1)
        right.addWidget(self._submit)
        right.addLayout(row_of(self._refuse, self._other))
        columns = QHBoxLayout()
        columns.setSpacing(LIGHT.gap)
        columns.addWidget(who)
        columns.addLayout(middle, 1)
        columns.addWidget(so_what)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(18, 12, 18, 16)
        outer.setSpacing(10)
        outer.addWidget(self.strip)
        outer.addLayout(columns, 1)

    def _connect(self) -> None:
        for button in (self._submit, self._refuse, self._other):
            button.clicked.connect(lambda _=False, button=button: self.pressed.emit(self._shown.get(button, "")))
        self.task.question.answered.connect(self.pressed)
        self.task.forms.confirmed.connect(self.confirmed)
        self.task.forms.another.connect(self.another)
        self.task.forms.decided.connect(self.decided)
        self.task.forms.undone.connect(lambda: self.pressed.emit(keys.BACKSPACE))

    def grow(self) -> Iterator[None]:
        """Make ahead what a parcel will need, in steps of a few milliseconds, while nothing else is to be done."""
        task = self.task
        yield from self._who_facts.grow(7)
        yield from self._parcel_facts.grow(4)
        yield from self.checks.grow(6)
        yield from task.question.grow(16)
        yield from task.above.grow(12)
        yield from task.below.grow(8)
        yield from task.facts.grow(5)
        yield from task.forms.grow()

    def render(self, view: AcceptanceView, picture: QImage | None) -> None:  # type: ignore[override]  # a page's render, not Qt's
        """The whole page from one value. The focus goes to a form that opens, and back to the page when it closes."""
        self.strip.show_steps(view.steps)
        self.show_picture(view.picture, picture)
        self._who.entitle("寄件人", view.who_note)
        self._who_facts.show_facts(view.who)
        self._who.setVisible(bool(view.who))
        self._show_visit(view.visit)
        self._parcel.entitle("补录 · 运单与内件" if view.late else "运单与内件", view.parcel_note, Tone.REFER if view.late else Tone.PLAIN)
        self._parcel_facts.show_facts(view.parcel)
        closed = self.task.show_task(view.task)
        self.verdict.show_verdict(view.verdict)
        self.checks.show_checks(view.checks)
        self.checks.setVisible(bool(view.checks))
        for button, action in ((self._submit, view.submit), (self._refuse, view.refuse), (self._other, view.other)):
            self._show_action(button, action)
        if closed or self.window().focusWidget() is None:  # Qt gives a hidden field's focus to any neighbour: digits must be answers again
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_picture(self, view: PictureView, picture: QImage | None) -> None:
        """A new picture alone: the rest of the page stays."""
        self.picture.show_picture(picture, view.line, framed=view.hidden, outline=view.outline, guide=view.guide)

    def _show_visit(self, visit: tuple[tuple[str, str], ...]) -> None:
        self._visit.setVisible(bool(visit))
        for (number, words), (count, what) in zip(self._visits, visit, strict=False):
            number.say(count)
            words.say(what)

    def _show_action(self, button: KeyButton, action: ActionShown) -> None:
        self._shown[button] = "Backspace" if action.key == "⌫" else action.key
        button.show_action(action.text, action.key, action.tone, enabled=action.enabled)
