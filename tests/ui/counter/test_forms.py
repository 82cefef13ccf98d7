"""Enter in the fields of the question card: it walks on, and never closes a form under somebody's typing unsaid."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from ui import keys
from ui.counter.forms import SILENCE_S, FieldForm, Forms
from ui.counter.view import DocumentChoice, Form

LABEL = {"sender_name": "样例甲", "sender_phone": "13900000001"}
TYPES = (DocumentChoice("resident-id", "居民身份证"), DocumentChoice("passport", "护照", frozenset({"born_on"})))


@dataclass
class Clerk:
    """Types into the forms, at a time of the test's own."""

    qtbot: QtBot
    now_s: float = 100.0
    given: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    more: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.forms = Forms(TYPES, clock=lambda: self.now_s)
        self.qtbot.addWidget(self.forms)
        self.forms.confirmed.connect(lambda form, typed: self.given.append((form, typed)))
        self.forms.another.connect(self.more.append)

    def opens(self, form: Form, **first: str) -> FieldForm:
        self.forms.show_form(form, "1", first)
        self.forms.show()
        self.forms.activateWindow()
        return self.forms.form(form)

    def at(self, name: str) -> QLineEdit:
        found = self.forms.findChild(QLineEdit, name)
        assert isinstance(found, QLineEdit)
        return found

    def enter(self, name: str) -> str:
        """Enter in a field; where the focus is then."""
        self.qtbot.keyClick(self.at(name), Qt.Key.Key_Return)
        focus = self.forms.window().focusWidget()
        return focus.objectName() if focus is not None else ""


@pytest.fixture
def clerk(qtbot: QtBot) -> Clerk:
    return Clerk(qtbot)


def test_enter_walks_on_while_a_later_field_is_empty_and_confirms_in_the_last(clerk: Clerk) -> None:
    """F4: the sender stands there, the addressee's name has been typed; the phone comes next, and no answer."""
    clerk.opens(Form.PARTIES, **LABEL, sender_address="样例路 1 号", addressee_name="样例乙")
    assert clerk.enter("addressee-name") == "addressee-phone"
    assert clerk.enter("addressee-phone") == "addressee-address"
    assert clerk.given == []
    clerk.enter("addressee-address")
    assert [form for form, _ in clerk.given] == ["parties"]
    assert not clerk.forms.overrun("1"), "nothing was closed early"


def test_ctrl_enter_confirms_at_once_what_is_left_empty_on_purpose(clerk: Clerk) -> None:
    clerk.opens(Form.PARTIES, **LABEL, addressee_name="样例乙")
    assert clerk.forms.press(keys.AT_ONCE)
    empty = dict.fromkeys(("sender_address", "addressee_phone", "addressee_address"), "")
    assert clerk.given == [("parties", {**LABEL, **empty, "addressee_name": "样例乙"})]
    assert not clerk.forms.overrun("1")


def test_a_typed_document_is_walked_through_to_its_last_field(clerk: Clerk) -> None:
    clerk.opens(Form.DOCUMENT, name="样例甲", number="11010119900307123X")
    passed = ["document-number"]
    while not clerk.given and len(passed) < 9:
        passed.append(clerk.enter(passed[-1]))
    assert passed[:5] == ["document-number", "valid-from", "valid-until", "nationality", "born-on"]


def test_the_contents_take_one_enter_and_ctrl_enter_adds_an_item(clerk: Clerk) -> None:
    """J1: a class and Enter."""
    clerk.opens(Form.CONTENTS, category="other", name="旧书")
    clerk.enter("goods-name")
    assert [form for form, _ in clerk.given] == ["contents"]
    assert clerk.forms.press(keys.AT_ONCE)
    assert len(clerk.more) == 1
    assert len(clerk.given) == 1


def test_typing_that_goes_on_after_an_early_close_answers_nothing_until_a_pause(clerk: Clerk) -> None:
    clerk.opens(Form.CONTENTS, category="other", name="旧书")
    clerk.enter("goods-name")
    for key in ("1", "3", "Space", "Backspace", "Enter", "H"):
        clerk.now_s += SILENCE_S * 0.9
        assert clerk.forms.overrun(key), key
    assert not clerk.forms.overrun("F8"), "a key that types nothing is meant"
    clerk.now_s += SILENCE_S * 1.1
    assert not clerk.forms.overrun("1")
    assert not clerk.forms.overrun("1"), "and so are those after it"


def test_a_scan_or_a_click_ends_it(clerk: Clerk) -> None:
    clerk.opens(Form.CONTENTS, category="other", name="旧书")
    clerk.enter("goods-name")
    clerk.forms.rest()
    assert not clerk.forms.overrun("1")


def test_a_form_whose_later_fields_are_all_filled_closes_and_is_guarded(clerk: Clerk) -> None:
    filled = dict.fromkeys(("sender_name", "sender_address", "addressee_name", "addressee_address"), "样例")
    clerk.opens(Form.PARTIES, **filled, sender_phone="13900000001", addressee_phone="13900000002")
    clerk.enter("addressee-name")
    assert len(clerk.given) == 1
    assert clerk.forms.overrun("1")
