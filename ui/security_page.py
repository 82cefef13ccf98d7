"""安检: a page that is scanned at. Keys and scans change one frozen state, `render` draws it; checks are recorded by the desk's worker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from courier_check.desk.codes import DeskCode
from courier_check.errors import CourierCheckError
from courier_check.inspection.security import SecurityOutcome, SecurityRules
from courier_check.wording import Wording
from ui import keys, work
from ui.background import Worker
from ui.design import LIGHT, Card, Counts, Facts, FormRow, KeyButton, Lines, QuestionCard, Stepped, VerdictBanner
from ui.fields import ScanField
from ui.security_state import MOST_RECENT, SecurityState
from ui.security_view import ELSEWHERE_KEY, NEXT_PICTURE, OTHER_PICTURE, SAME_PICTURE, security_shown

if TYPE_CHECKING:
    from courier_check.desk.rights import SignedIn
    from courier_check.desk.security_checks import Checked
    from courier_check.station import Station

RIGHT_WIDTH = 312
_RESULT_HEIGHT = 160
_MOST_ANSWERS, _FACTS = 10, 7
_PICTURES = (SAME_PICTURE, NEXT_PICTURE, OTHER_PICTURE)
_OUTCOMES = {keys.YES: SecurityOutcome.PASS, keys.NO: SecurityOutcome.FAIL, keys.DOUBT: SecurityOutcome.RECHECK}


_OF_A_SUPERVISOR = f"这一件安检不合格过，待复检只能由主管记：请主管按 {keys.SWITCH} 登录，再扫这一件。看护好，不得放行。"


class SecurityPage(Stepped):
    """`recorded`: a check is in the journal. `intercept_wanted`: of an acceptance. `told` is for the toast."""

    told = Signal(str, bool)
    recorded = Signal()
    intercept_wanted = Signal(str, int)

    def __init__(self, jobs: Worker[Station], desk: Worker[Station], wording: Wording) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("安检")
        self._jobs, self._desk, self._wording = jobs, desk, wording
        self._who: SignedIn | None = None
        self._state = SecurityState()

    def _build(self) -> Iterator[None]:
        self._result, self._question = VerdictBanner(), QuestionCard()
        self._result.setMinimumHeight(_RESULT_HEIGHT)
        yield from self._question.grow(_MOST_ANSWERS)
        self._image = ScanField("security-image", "下一张图像的编号")
        self._image.setPlaceholderText("如 XR1-000417；Tab 到这里")
        self._image.returnPressed.connect(lambda: self.press(keys.ENTER))
        self._image_row = FormRow("图像编号", self._image)
        self._question.extra.addWidget(self._image_row)
        yield
        self._counts_card, self._counts = Card("本次登录以来"), Counts()
        self._recent_card, self._recent = Card("最近五件"), Lines()
        self._facts_card, self._facts = Card("怎么安检"), Facts(76)
        yield from self._recent.grow(MOST_RECENT)
        yield from self._facts.grow(_FACTS)
        self._leave = KeyButton("换安检方法", keys.ESC)
        self._leave.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._leave.clicked.connect(lambda: self.press(keys.ESC))
        yield
        yield from self._lay_out()
        self._question.answered.connect(self.press)
        self.render(self._state)

    def _lay_out(self) -> Iterator[None]:
        side, columns = QWidget(), QHBoxLayout(self)
        columns.setContentsMargins(18, 12, 18, 16)
        columns.setSpacing(LIGHT.gap)
        left, right = QVBoxLayout(), QVBoxLayout(side)
        right.setContentsMargins(0, 0, 0, 0)
        for column in (left, right):
            column.setSpacing(LIGHT.gap)
        columns.addLayout(left, 1)
        columns.addWidget(side)
        side.setFixedWidth(RIGHT_WIDTH)
        yield
        left.addWidget(self._result)
        yield
        left.addWidget(self._question)
        yield
        left.addWidget(self._recent_card)
        yield
        left.addStretch(1)
        self._counts_card.body.addWidget(self._counts)
        self._recent_card.body.addWidget(self._recent)
        self._facts_card.body.addWidget(self._facts)
        right.addWidget(self._counts_card)
        right.addWidget(self._facts_card)
        yield
        right.addWidget(self._leave)
        right.addStretch(1)

    # What comes in ------------------------------------------------------------------------------------------------------------------------

    def shown(self) -> None:
        """Came to the front, and nothing is chosen. How parcels may be screened is read once."""
        self.setFocus()
        self._become(self._state.looked_away())
        if self._state.rules is None:
            self._jobs.run(self, work.security_rules, self._take_rules, self._no_rules)

    def signed_in(self, who: SignedIn) -> None:
        """Whoever takes over chooses anew how parcels are screened, and is counted for themselves; whoever comes back says anew what the
        next scan is."""
        if self._who is not None and who != self._who:
            if self._state.undone:
                self.told.emit(f"安检：换人以前扫的 {len(self._state.undone)} 件没有记，请重扫。", True)
            self._image.clear()  # what it says was the first picture of somebody else's stream
            self._state = SecurityState(rules=self._state.rules)
        self._who = who
        self._become(self._state.looked_away())

    def scanned(self, text: str) -> None:
        """One parcel. A scan that is not taken is heard."""
        state = self._state.scanned(text)
        if state.said or state.missed or state.asked is not None:
            QApplication.beep()
        self._become(state)
        self._go_on()

    def press(self, key: str) -> bool:
        state = self._state
        if key == keys.ESC and self._image.hasFocus():
            self.setFocus()
        elif state.running:
            return self._press_stream(key)
        elif key == keys.ENTER:
            self._begin()
        elif key == ELSEWHERE_KEY:
            self._become(replace(state, elsewhere=not state.elsewhere))
        elif key in keys.DIGITS:
            self._become(state.chosen(int(key)))
        else:
            return False
        return True

    def _press_stream(self, key: str) -> bool:
        """Esc ends the stream when everything scanned is recorded. While it stands, only Enter goes on."""
        state = self._state
        if state.stopped is not None:
            if key == keys.ENTER:
                self._become(state.going_on())
            elif key == keys.INTERCEPT and state.stopped.of is not None:
                self._become(state.going_on())
                self.intercept_wanted.emit(*state.stopped.of)
            return key in (keys.ENTER, keys.INTERCEPT, keys.ESC, keys.BACKSPACE, *_OUTCOMES)
        if key in _OUTCOMES:
            self._become(state.marked(_OUTCOMES[key]))
            self._go_on()
        elif key in _PICTURES:
            self._answer_picture(key)
        elif key == keys.BACKSPACE:
            self._become(state.about_last())
        elif key == keys.ESC and state.settled and state.asked is None:
            self._end(state.ended())
        else:
            return key == keys.ESC
        return True

    def _answer_picture(self, key: str) -> None:
        """Whether the machine has taken a picture more than were recorded."""
        if key == OTHER_PICTURE:
            self._end(self._state.other_picture())
            if not self._state.running:
                self._image.setFocus(Qt.FocusReason.OtherFocusReason)
                self._image.selectAll()
            return
        self._become(self._state.without_picture() if key == SAME_PICTURE else self._state.with_picture())
        self._go_on()

    def _end(self, state: SecurityState) -> None:
        """The field says where the pictures stand: the first one's number would begin them anew."""
        if not state.running:
            self._image.setText(state.images.current or "")
        self._become(state)

    def _begin(self) -> None:
        self._become(self._state.begun(self._image.text()))
        if self._state.running:
            self.setFocus()
        elif self._state.method:
            self._image.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take_rules(self, rules: SecurityRules) -> None:
        self._become(replace(self._state, rules=rules, said=""))

    def _no_rules(self, error: CourierCheckError) -> None:
        self._become(replace(self._state, said=self._wording.said(error)))

    # Recording ----------------------------------------------------------------------------------------------------------------------------

    def _go_on(self) -> None:
        """The next piece, if its turn has come."""
        state = self._state.next_piece()
        piece, who = state.busy, self._who
        if state is self._state or piece is None:
            return
        self._become(state)
        check = state.check(piece)
        self._desk.run(self, lambda station: work.check_security(station, check, who), self._take, self._not_recorded)

    def _take(self, checked: Checked) -> None:
        if self._state.busy is None:  # somebody else has signed in meanwhile: it is recorded, and counted for nobody here
            return
        self._become(self._state.recorded(checked))
        self.recorded.emit()
        self._heard()

    def _not_recorded(self, error: CourierCheckError) -> None:
        if self._state.busy is None:
            self.told.emit(self._wording.said(error), True)
            return
        barred = error.code is DeskCode.NO_RIGHT and self._state.busy.outcome is SecurityOutcome.RECHECK
        self._become(self._state.failed(_OF_A_SUPERVISOR if barred else self._wording.said(error)))
        self._heard()

    def _heard(self) -> None:
        """What stops the stream, or asks something, is heard, on whatever page the operator looks; else the next one."""
        stop = self._state.stopped
        if stop is None:
            if self._state.unsure:
                QApplication.beep()
            self._go_on()
        elif self.isVisible():
            QApplication.beep()
        else:
            self.told.emit(f"安检：{stop.words} {stop.number}：{stop.why}", True)

    # What is shown ------------------------------------------------------------------------------------------------------------------------

    @property
    def state(self) -> SecurityState:
        """What the page shows."""
        return self._state

    def _become(self, state: SecurityState) -> None:
        self._state = state
        self.render(state)

    def render(self, state: SecurityState) -> None:  # type: ignore[override]  # a page's render, not Qt's
        shown = security_shown(state, self._who.code if self._who is not None else "")
        self._result.show_verdict(shown.result)
        self._image_row.setVisible(shown.asks_image)
        self._question.show_question(shown.question)
        self._counts.show_counts(shown.counts)
        self._recent.show_lines(shown.recent)
        self._recent_card.setVisible(bool(shown.recent))
        self._facts.show_facts(shown.facts)
        self._leave.setVisible(state.running)
