"""The forms of the lists page: an objection, its answer, the revoking of a decision. Enter goes on, and sends after the last field."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit

from courier_check.desk.objections import ObjectionOutcome
from courier_check.wording import Wording
from ui.counter.forms import FieldForm
from ui.fields import ChoiceField, ScanField, TextField

ANSWER_ENDS, REVOKE_ENDS = "写完按 Enter 记下，Esc 不记。", "写完按 Enter 撤销，Esc 不撤销。"


class ObjectionForm(FieldForm):
    """Who objects, how they are reached, and what they say."""

    def __init__(self) -> None:
        super().__init__()
        self.add("who", "提出人", TextField("objection-who", "提出异议的是谁"))
        self.add("contact", "联系方式", TextField("objection-contact", "怎样联系"), "只留本网点，不随同步转出。")
        self.add("statement", "异议", TextField("objection-statement", "异议的内容和理由"), "写完按 Enter 登记，Esc 不登记。")


class _SupervisedForm(FieldForm):
    """What only a supervisor may do: where somebody else is signed in, one signs for it here. `prefix`: of its fields' names."""

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self._prefix = prefix

    def _add_supervisor(self, ending: str) -> None:
        password = ScanField(f"{self._prefix}-password", "主管密码")
        password.setEchoMode(QLineEdit.EchoMode.Password)
        self.add("code", "主管工号", ScanField(f"{self._prefix}-supervisor", "主管工号"))
        self.add("password", "密码", password, ending)
        self.confirmed.connect(lambda _typed: password.clear())  # one that was wrong must not be typed on to

    def ask_supervisor(self, *, asked: bool) -> None:
        for name in ("code", "password"):
            self._rows[name].setVisible(asked)


class AnswerForm(_SupervisedForm):
    """答复: what the issuer found, by its digit, and what it says."""

    def __init__(self, wording: Wording) -> None:
        super().__init__("answer")
        self._outcomes = {wording.of(f"objection-outcome-{outcome.value}"): outcome for outcome in ObjectionOutcome}
        outcome = ChoiceField("answer-outcome", "发布机关的结果", tuple(self._outcomes))
        outcome.setPlaceholderText("按数字")
        choices = [f"{number} {words}" for number, words in enumerate(self._outcomes, 1)]
        self.add("outcome", "结果", outcome, "\n".join("　".join(choices[at : at + 2]) for at in range(0, len(choices), 2)))
        self.add("words", "答复", TextField("answer-words", "答复的内容和文号"), ANSWER_ENDS)
        self._add_supervisor(ANSWER_ENDS)

    def outcome(self) -> ObjectionOutcome | None:
        """The one that was chosen; None while none is."""
        return self._outcomes.get(self.fields()["outcome"].text())


class RevokeForm(_SupervisedForm):
    """撤销: why the decision does not hold any more."""

    def __init__(self) -> None:
        super().__init__("revoke")
        self.add("reason", "原因", TextField("revoke-reason", "撤销的原因"), REVOKE_ENDS)
        self._add_supervisor(REVOKE_ENDS)
