"""What the acceptance page is made of: step strip, verdict, checks, the question, lines, the picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from courier_check.one_line import one_line
from ui.design.rows import Card, KeyButton
from ui.design.text import Elided, Label, Mark, show_first, tip
from ui.design.tokens import LABEL, LIGHT, TEXT, Theme, retone
from ui.shown import (
    AnswerShown,
    CheckShown,
    LineShown,
    QuestionShown,
    StepShown,
    StepState,
    Tone,
    VerdictShown,
)


class StepStrip(QWidget):
    """证件 → 运单 → 内件 → 验视 → 提交: done, current, to come, each with its key."""

    def __init__(self, theme: Theme = LIGHT) -> None:
        super().__init__()
        self._theme = theme
        self._steps: tuple[StepShown, ...] = ()
        self.setFixedHeight(38)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_steps(self, steps: Sequence[StepShown]) -> None:
        if tuple(steps) == self._steps:
            return
        self._steps = tuple(steps)
        words = {StepState.DONE: "已完成", StepState.NOW: "进行中", StepState.TO_COME: "未到"}
        self.setAccessibleName("，".join(f"{step.name} {words[step.state]}" for step in steps))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        t = self._theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            whole = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.setPen(QPen(QColor(t.line)))
            painter.setBrush(QColor(t.card))
            painter.drawRoundedRect(whole, t.radius, t.radius)
            width = whole.width() / max(1, len(self._steps))
            for index, step in enumerate(self._steps):
                self._paint_step(painter, QRectF(whole.left() + index * width, whole.top(), width, whole.height()), index, step)

    def _paint_step(self, painter: QPainter, box: QRectF, index: int, step: StepShown) -> None:
        t = self._theme
        if step.state is StepState.NOW:
            painter.fillRect(box.adjusted(1, 1, -1, -1), QColor(t.go_tint))
        if index:
            painter.setPen(QPen(QColor(t.line)))
            painter.drawLine(box.topLeft(), box.bottomLeft())
        circle = QRectF(box.left() + 14, box.center().y() - 10, 20, 20)
        colour = QColor(t.third if step.state is StepState.TO_COME else t.go)
        painter.setPen(QPen(colour, 1.2))
        painter.setBrush(colour if step.state is StepState.DONE else QBrush(Qt.BrushStyle.NoBrush))
        painter.drawEllipse(circle)
        if step.state is StepState.DONE:
            painter.setPen(QPen(QColor(t.on_go), 1.8))
            painter.drawPolyline([circle.topLeft() + QPointF(x, y) for x, y in ((5.5, 10.2), (8.6, 13.4), (14.5, 6.8))])
        else:
            self._pen(painter, colour, LABEL, bold=True)
            painter.drawText(circle, int(Qt.AlignmentFlag.AlignCenter), str(index + 1))
        words = box.adjusted(44, 0, -14, 0)
        ink = QColor(t.third if step.state is StepState.TO_COME else t.ink)
        self._pen(painter, ink, TEXT, bold=step.state is StepState.NOW)
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), step.name)
        self._pen(painter, QColor(t.third), 12)
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), step.key)

    def _pen(self, painter: QPainter, colour: QColor, size: int, *, bold: bool = False) -> None:
        font = QFont(self.font())
        font.setPixelSize(self._theme.px(size))
        font.setBold(bold)
        painter.setFont(font)
        painter.setPen(colour)


class VerdictBanner(QFrame):
    """结论: stands where it stands, always says something, and all of it."""

    painted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "verdict-card")
        self.setProperty("tone", Tone.PLAIN.value)
        self._head, self._words, self._reason = Label("结论"), Label("", "verdict"), Label("", "text", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(15, 11, 15, 11)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self._words)
        column.addWidget(self._reason)
        column.addStretch(1)
        self.setMinimumHeight(128)  # and higher for a long reason: its place stays, what stands below makes room

    def show_verdict(self, shown: VerdictShown) -> None:
        self._words.say(f"{shown.sign} {shown.words}".strip())
        reason = one_line(shown.reason)
        self._reason.say(reason)
        self._reason.setToolTip(tip(reason))
        self.setAccessibleName(f"结论 {shown.words} {shown.reason}")
        if self.property("tone") != shown.tone.value:
            retone(self, shown.tone.value)
            for label in (self._head, self._words, self._reason):
                label.stand_on(shown.tone.value)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted.emit()


class CheckList(Card):
    """核查结果: what was looked at, what came of it, how long it took."""

    def __init__(self) -> None:
        super().__init__("核查结果")
        self._rows: list[tuple[QWidget, Mark, Elided, Label]] = []
        self._shown: tuple[CheckShown, ...] = ()
        self.body.setSpacing(0)

    def grow(self, rows: int) -> Iterator[None]:
        """Make rows ahead, one a step: each costs some milliseconds that a key should not wait for."""
        while len(self._rows) < rows:
            self._add_row()
            self._rows[-1][0].hide()
            yield

    def show_checks(self, checks: Sequence[CheckShown]) -> None:
        if tuple(checks) == self._shown:
            return
        self._shown = tuple(checks)
        while len(self._rows) < len(checks):
            self._add_row()
        for (row, mark, text, took), check in zip(self._rows, checks, strict=False):
            mark.show_sign(check.sign)
            text.say(check.text)
            took.say(check.took)
            row.setAccessibleName(f"{check.sign.value} {check.text}")
        show_first(self, [row for row, *_ in self._rows], len(checks))

    def _add_row(self) -> None:
        row, mark, text, took = QWidget(), Mark(), Elided(), Label("", "dim")
        box = QVBoxLayout(row)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        if self._rows:
            rule = QFrame()
            rule.setProperty("kind", "rule")
            box.addWidget(rule)
        line = QHBoxLayout()
        line.setContentsMargins(0, 5, 0, 5)
        line.setSpacing(8)  # else it takes over that of the box, which is none
        line.addWidget(mark)
        line.addWidget(text, 1)
        line.addWidget(took)
        box.addLayout(line)
        self._rows.append((row, mark, text, took))
        self.body.addWidget(row)


_TIGHT = 4
"""Between answers that are shown whole: a page of them fits."""


def _columns(answers: Sequence[AnswerShown]) -> int:
    """As many beside each other as can be read whole in the narrowest window."""
    longest = max((len(answer.text) for answer in answers), default=0)
    return 4 if longest <= 5 and len(answers) <= 4 else 3 if longest <= 8 else 2


class QuestionCard(QFrame):
    """The one large thing: a question, what to look at, its basis in small, and its answers. No answer is preselected."""

    answered = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "question-card")
        self.setProperty("tone", Tone.GO.value)
        self._question, self._help, self._basis = (
            Label("", "question", wrap=True),
            Label("", "text", wrap=True),
            Label("", "small", wrap=True),
        )
        self._answers_box = QWidget()
        self._answers = QGridLayout(self._answers_box)
        self._answers.setContentsMargins(0, 4, 0, 0)
        self._answers.setHorizontalSpacing(8)
        self._answers.setVerticalSpacing(8)
        self._buttons: list[KeyButton] = []
        self._columns = 3
        self._whole = False
        self._shown: tuple[AnswerShown, ...] = ()
        self.extra = QVBoxLayout()
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(15, 12, 15, 12)
        column.setSpacing(5)
        for label in (self._question, self._help, self._basis):
            column.addWidget(label)
        column.addLayout(self.extra)
        column.addWidget(self._answers_box)

    def show_question(self, shown: QuestionShown) -> None:
        for label, text in ((self._question, shown.question), (self._help, shown.help), (self._basis, shown.basis)):
            label.say(text)
            label.setVisible(bool(text))
        self._show_answers(shown.answers, whole=shown.answers_whole)
        place = 3 if shown.answers_first else 4
        if self._column.indexOf(self._answers_box) != place:
            self._column.removeWidget(self._answers_box)
            self._column.insertWidget(place, self._answers_box)
        self._answers_box.setVisible(bool(shown.answers))
        self.setAccessibleName(shown.question)
        retone(self, shown.tone.value)

    def grow(self, buttons: int) -> Iterator[None]:
        """As CheckList.grow."""
        while len(self._buttons) < buttons:
            self._add_button()
            yield

    def _add_button(self) -> None:
        button, number = KeyButton(""), len(self._buttons)
        button.wrap(self._whole)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # one that kept the focus would be meant by every Enter and Space after it
        button.clicked.connect(lambda: self.answered.emit(self._shown[number].key))
        self._buttons.append(button)
        self._place(number)
        button.hide()

    def _place(self, number: int) -> None:
        self._answers.addWidget(self._buttons[number], number // self._columns, number % self._columns)

    def _show_answers(self, answers: tuple[AnswerShown, ...], *, whole: bool) -> None:
        if (answers, whole) == (self._shown, self._whole):
            return
        if whole != self._whole:
            self._whole = whole
            self._answers.setVerticalSpacing(_TIGHT if whole else 8)
            for button in self._buttons:
                button.wrap(whole)
        self._shown = answers
        columns = _columns(answers)
        while len(self._buttons) < len(answers):
            self._add_button()
        if columns != self._columns:
            self._columns = columns
            for number in range(len(self._buttons)):
                self._place(number)
        for button, answer in zip(self._buttons, answers, strict=False):
            button.show_action(answer.text, answer.key, answer.tone)
            button.setAccessibleDescription(f"按 {answer.key}")
        show_first(self._answers_box, self._buttons, len(answers))


class Lines(QWidget):
    """Small lines above and below the question."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[tuple[QWidget, Mark, Label, Label]] = []
        self._shown: tuple[LineShown, ...] | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)

    def grow(self, rows: int) -> Iterator[None]:
        """As CheckList.grow."""
        while len(self._rows) < rows:
            self._add_row()
            self._rows[-1][0].hide()
            yield

    def _add_row(self) -> None:
        row, mark, text, note = QWidget(), Mark(), Label("", "small", wrap=True), Label("", "dim")
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        for label in (mark, note):
            label.setAlignment(Qt.AlignmentFlag.AlignTop)
        for widget, stretch in ((mark, 0), (text, 1), (note, 0)):
            line.addWidget(widget, stretch)
        self._rows.append((row, mark, text, note))
        self._column.addWidget(row)

    def show_lines(self, lines: Sequence[LineShown]) -> None:
        if tuple(lines) == self._shown:
            return
        self._shown = tuple(lines)
        while len(self._rows) < len(lines):
            self._add_row()
        for (_, mark, text, note), line in zip(self._rows, lines, strict=False):
            mark.show_sign(line.sign)
            text.say(one_line(line.text))
            note.say(one_line(line.note))
        show_first(self, [row for row, *_ in self._rows], len(lines))
        self.setVisible(bool(lines))


_CARD = 85.6 / 54
"""Width to height of an identity card (ISO/IEC 7810 ID-1)."""
_GUIDE = 0.86


class PicturePane(QWidget):
    """What lies under the camera, and how the reading goes. After a read only a blurred copy is held."""

    def __init__(self, theme: Theme = LIGHT) -> None:
        super().__init__()
        self._theme = theme
        self._picture: QImage | None = None
        self._fitted: QImage | None = None
        self._line = ""
        self._framed = False
        self._outline: tuple[tuple[float, float], ...] = ()
        self._guide = False
        self.setFixedHeight(206)
        self.setAccessibleName("证件与面单画面")

    def show_picture(
        self,
        picture: QImage | None,
        line: str,
        *,
        framed: bool = False,
        outline: tuple[tuple[float, float], ...] = (),
        guide: bool = False,
    ) -> None:
        """`framed`: a frame around the whole, where the document's `outline` (corners as shares) is not known; `guide`: where to lay it."""
        shown = (line, framed, outline, guide)
        if picture is self._picture and shown == (self._line, self._framed, self._outline, self._guide):
            return
        if picture is not self._picture:
            self._fitted = None
        self._picture = picture
        self._line, self._framed, self._outline, self._guide = shown
        self.setAccessibleDescription(line)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fitted = None
        super().resizeEvent(event)

    def _fit(self, room: QRectF) -> QImage | None:
        """The picture in the size it is painted in, scaled once and not at every paint."""
        if self._picture is None or self._picture.isNull():
            return None
        if self._fitted is None:
            ratio = self.devicePixelRatioF()
            size = self._picture.size().scaled((room.size() * ratio).toSize(), Qt.AspectRatioMode.KeepAspectRatio)
            self._fitted = self._picture.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
            self._fitted.setDevicePixelRatio(ratio)
        return self._fitted

    def paintEvent(self, event: QPaintEvent) -> None:
        t = self._theme
        with QPainter(self) as painter:
            painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(t.pane))
            painter.drawRoundedRect(QRectF(self.rect()), t.radius, t.radius)
            room = QRectF(self.rect()).adjusted(12, 10, -12, -30)
            fitted = self._fit(room)
            if fitted is not None:
                size = fitted.deviceIndependentSize()
                box = QRectF(QPointF(room.center().x() - size.width() / 2, room.center().y() - size.height() / 2), size)
                painter.drawImage(box.topLeft(), fitted)
                self._paint_frames(painter, box)
            self._paint_line(painter)

    def _paint_frames(self, painter: QPainter, box: QRectF) -> None:
        """Where the document was found, else that it was; or, in a live picture, where it is to be laid."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor("#6FA8DC"), 2))
        if self._outline:
            corners = [QPointF(box.left() + x * box.width(), box.top() + y * box.height()) for x, y in self._outline]
            painter.drawPolygon(corners)
        elif self._framed:
            painter.drawRoundedRect(box.adjusted(-3, -3, 3, 3), 6, 6)
        elif self._guide:
            height = min(box.height() * _GUIDE, box.width() * _GUIDE / _CARD)
            guide = QRectF(0, 0, height * _CARD, height)
            guide.moveCenter(box.center())
            painter.setPen(QPen(QColor("#F2B705"), 2, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(guide, 8, 8)

    def _paint_line(self, painter: QPainter) -> None:
        font = QFont(self.font())
        font.setPixelSize(self._theme.px(LABEL))
        painter.setFont(font)
        painter.setPen(QColor("#E6EAEE"))
        box = QRectF(self.rect()).adjusted(12, 0, -12, -6)
        text = QFontMetricsF(font).elidedText(self._line, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, int(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft), text)


def blurred(picture: QImage) -> QImage:
    """A copy in which nothing can be read: 12 × 8 cells, enlarged smoothly. The cells hold the colours of a card, not its words."""
    bare, smooth = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    return picture.scaled(12, 8, bare, smooth).scaled(max(1, picture.width() // 2), max(1, picture.height() // 2), bare, smooth)
