"""The acceptance page: three columns drawn from one view. `render` sets widgets and nothing else does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui import keys
from ui.counter.forms import Forms, NumberChecking, unchecked
from ui.counter.thumbs import ThumbRow
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
    Stepped,
    StepStrip,
    VerdictBanner,
    column_of,
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


class AcceptancePage(Stepped):
    """`pressed`: a button stands for its key; `confirmed`, `decided`: what a form says; `sought`: what is typed to find something."""

    pressed = Signal(str)
    confirmed = Signal(str, dict)
    another = Signal(dict)
    decided = Signal(str, dict)
    sought = Signal(str)

    def __init__(self, document_types: Sequence[DocumentChoice], check: NumberChecking = unchecked) -> None:
        super().__init__()
        self._document_types, self._check = document_types, check
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("收寄台")
        self._shown: dict[KeyButton, str] = {}

    def _build(self) -> Iterator[None]:
        self.strip = StepStrip()
        columns, outer = QHBoxLayout(), QVBoxLayout(self)
        columns.setSpacing(LIGHT.gap)
        outer.setContentsMargins(18, 12, 18, 16)
        outer.setSpacing(10)
        outer.addWidget(self.strip)
        outer.addLayout(columns, 1)
        columns.addWidget(self._left())
        yield
        self._parcel, self._parcel_facts = Card("运单与内件"), Facts()
        self._thumbs = ThumbRow()
        self._parcel.body.addWidget(self._parcel_facts)
        self._parcel.body.addWidget(self._thumbs)
        middle = column_of(self._parcel)
        columns.addLayout(middle, 1)
        yield
        self.task = TaskCard(self._document_types, self._check)
        yield
        middle.addWidget(self.task, 1)
        yield
        columns.addWidget(self._right())
        self._connect()

    def _left(self) -> QWidget:
        """Who sends."""
        self.picture, self._who, self._visit, self._who_facts = PicturePane(), Card("寄件人"), Card("本次来访"), Facts()
        self._who.body.addWidget(self._who_facts)
        row = QHBoxLayout()
        self._visit.body.addLayout(row)
        self._visits = [(Label("", "fact"), Label("", "small")) for _ in range(2)]
        for number, words in self._visits:
            column = QVBoxLayout()
            column.addWidget(number)
            column.addWidget(words)
            row.addLayout(column, 1)
        left, column = QWidget(), column_of(self.picture, self._who, self._visit)
        left.setFixedWidth(WHO_WIDTH)
        left.setLayout(column)
        column.addStretch(1)
        return left

    def _right(self) -> QWidget:
        """What it comes to."""
        self.verdict, self.checks = VerdictBanner(), CheckList()
        self._submit = KeyButton("提交收寄", keys.F12, "go", large=True)
        self._refuse, self._other = KeyButton("拒收", keys.F8), KeyButton("挂起", keys.F10)
        right, column = QWidget(), column_of(self.verdict, self.checks)
        right.setFixedWidth(SO_WHAT_WIDTH)
        right.setLayout(column)
        column.addStretch(1)
        column.addWidget(self._submit)
        column.addLayout(row_of(self._refuse, self._other))
        return right

    def _connect(self) -> None:
        for button in (self._submit, self._refuse, self._other):
            button.clicked.connect(lambda _=False, button=button: self.pressed.emit(self._shown.get(button, "")))
        self.task.question.answered.connect(lambda _: self.task.forms.rest())  # what is clicked is meant
        self.task.question.answered.connect(self.pressed)
        self.task.forms.confirmed.connect(self.confirmed)
        self.task.forms.another.connect(self.another)
        self.task.forms.decided.connect(self.decided)
        self.task.forms.keyed.connect(self.pressed)
        self.task.forms.sought.connect(self.sought)

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
        self._parcel.setVisible(not view.task.alone)
        self._thumbs.show_thumbs(view.photos)
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
