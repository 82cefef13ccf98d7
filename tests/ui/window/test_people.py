"""The people before the counter, through the real window: the notice in the entry and on paper, a sender who agreed, was known again and
was deleted, an organisation typed with its code checked on the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox, QLabel

from courier_check.acceptance.tasks import TaskKind
from courier_check.identity.checksums import organisation_check, uscc_check
from courier_check.wording import Language, Wording
from support.looks import everything_said
from support.pages import seen
from support.windows import ADDRESSEE, SENDER, Counter, facts_of, opened_again
from ui.counter.people import Kept, kept_of
from ui.counter.state import Panel

pytestmark = pytest.mark.slow
"""Walks whole parcels through the window."""

WAYBILL, OTHER = "SF1000000000014", "SF1000000000028"


def test_the_version_of_the_notice_that_was_shown_stands_in_the_entry(counter: Counter, folder: Path) -> None:
    version = counter.conductor.books.rules.notice.version
    assert version in seen(counter.window.widget("accept"))
    counter.accept(WAYBILL)
    counter.end()
    accepted = [facts for facts in facts_of(folder) if facts["kind"] == "acceptance"]
    assert [facts["notice"] for facts in accepted] == [version]


def test_the_notice_is_read_whole_and_printed(counter: Counter, tmp_path: Path) -> None:
    counter.conductor._visitors.folder = tmp_path
    counter.hand.press("1")
    told = seen(counter.window.widget("accept"))
    notice = counter.conductor.books.rules.notice
    assert all(section.heading.zh in told for section in notice.sections)
    assert counter.conductor.books.outlet in told
    counter.hand.press("7")
    counter.hand.until(lambda: any(tmp_path.glob("*.pdf")), "not printed")
    (printed,) = tmp_path.glob("*.pdf")
    assert printed.read_bytes().startswith(b"%PDF")
    assert notice.version in printed.name
    counter.hand.until(lambda: printed.name in counter.window.told(), "nobody was told where")
    counter.hand.press("Esc")
    assert counter.conductor.state.draft.notice is None


def test_a_folder_that_is_not_there_is_said(counter: Counter, tmp_path: Path) -> None:
    counter.conductor._visitors.folder = tmp_path / "nowhere"
    counter.hand.press("1", "7")
    counter.hand.until(lambda: "nowhere" in counter.conductor.state.said, "nothing was said")
    assert counter.panel is Panel.NOTICE


def test_who_agreed_is_known_again_checked_again_and_deleted_on_request(counter: Counter, folder: Path) -> None:
    hand = counter.hand
    counter.identify()
    counter.answer_all()
    counter.label(WAYBILL)
    counter.command("回头客")
    assert counter.panel is Panel.SENDER
    hand.press("1")
    hand.until(lambda: kept_of(counter.conductor.state) is Kept.PROFILE, "not kept")
    hand.press("Enter")
    counter.answer_all()
    counter.declare()
    counter.answer_all()
    counter.submit()
    hand.press("Enter")
    counter.identify()
    assert counter.task.item is not None
    assert counter.task.item.id == "original-document"
    counter.answer_all()
    hand.scan(OTHER)
    hand.until(lambda: counter.task.kind is TaskKind.PARTIES, "no form")
    assert counter.field("sender-phone").text() == SENDER.phone
    assert counter.field("sender-name").text() == ""
    assert counter.conductor.state.draft.sender.phone == ""
    counter.command("htk")
    hand.press("3")
    hand.until(lambda: kept_of(counter.conductor.state) is Kept.NOTHING, "still kept")
    hand.press("Enter")
    assert counter.field("sender-phone").text() == ""
    hand.press("Esc", "Esc")
    assert not any(SENDER.phone in text for text in everything_said(counter.window))
    counter.end()
    kinds = [facts["kind"] for facts in facts_of(folder)]
    assert (kinds.count("sender-consent"), kinds.count("sender-deletion")) == (1, 1)
    with opened_again(folder) as station:
        assert station.database.rows("SELECT * FROM sender_profiles") == []


def test_an_organisation_is_typed_with_its_code_checked_on_the_way(counter: Counter, folder: Path) -> None:
    body = "91410100MA000000"
    whole = body + organisation_check(body[8:16])
    code = whole + uscc_check(whole)
    hand = counter.hand
    counter.command("单位寄件")
    assert counter.panel is Panel.ORGANISATION
    hand.compose("样例商贸有限公司")
    hand.press("Enter")
    hand.type(code[:17])
    assert "还差 1 位" in seen(counter.window)
    hand.type("0" if code[17] != "0" else "1")
    assert "校验位不符" in seen(counter.window)
    hand.press("Backspace")
    hand.type(code[17].lower())
    assert "校验位相符" in seen(counter.window)
    assert "校验位不符" not in seen(counter.window)
    hand.press("Enter")
    hand.compose(SENDER.name)
    hand.press("Tab")
    hand.press("Down")
    assert counter.window.findChild(QComboBox, "responsible-office").currentText() == "法定代表人"
    hand.press("Shift+Tab")
    hand.press("Enter")
    hand.until(lambda: counter.conductor.state.draft.organisation is not None, "not taken")
    unit = counter.conductor.state.draft.organisation
    assert unit is not None
    assert (unit.uscc, unit.responsible, unit.office.value) == (code, SENDER.name, "legal-representative")
    counter.identify()
    counter.answer_all()
    counter.label(WAYBILL, addressee=ADDRESSEE)
    counter.answer_all()
    counter.declare()
    counter.answer_all()
    assert counter.task.kind is TaskKind.REFERRED
    assert "翻拍负责人证件" in "\n".join(label.text() for label in counter.window.findChildren(QLabel) if label.isVisible())
    hand.press("1")  # no camera here
    hand.until(lambda: bool(counter.conductor.state.said), "nothing was said of the camera")
    assert counter.conductor.state.said == Wording(Language.CHINESE).of("window-no-picture")
    hand.press("F12")
    hand.until(lambda: counter.panel is Panel.RECORDED, "not handed in")
    counter.end()
    entries = facts_of(folder)
    assert entries[-1]["kind"] == "referral"
    assert code not in json.dumps(entries)
