"""Codes become sentences for the command line and the window alike."""

from __future__ import annotations

import subprocess
import sys

import pytest

from courier_check.acceptance.codes import Lack
from courier_check.desk.rules import rules_of, shipped_package
from courier_check.desk.vetting import shipped_vetting
from courier_check.errors import StoreError, UserError
from courier_check.inspection.rules import RuleSet
from courier_check.store.codes import StoreCode
from courier_check.terms import Consequence, Reason
from courier_check.wording import Language, Wording, said
from courier_check.wording.verdicts import missing_text, reason_text
from support.parcels import TODAY

CHINESE, ENGLISH = Wording(Language.CHINESE), Wording(Language.ENGLISH)


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return rules_of(shipped_package(), shipped_vetting(TODAY).names.fold).rulebook.rules


def test_an_error_is_one_sentence_that_says_what_to_do() -> None:
    error = StoreError(StoreCode.WINDOW_OPEN)
    assert CHINESE.said(error) == said(error, Language.CHINESE) == "这个收寄台的窗口已经打开；请切换到那个窗口，或先把它关闭再打开。"
    assert ENGLISH.said(error).startswith("The window of this station is open already; switch to it")


def test_facts_fill_a_sentence_and_what_the_system_said_is_told_in_chinese() -> None:
    error = UserError(StoreCode.PASSPHRASE_SHORT, least=8)
    assert "8" in CHINESE.said(error)
    assert "{least}" in CHINESE.of(StoreCode.PASSPHRASE_SHORT)
    facts = {"file": "a.json", "detail": "No such file or directory"}
    assert "路径不存在" in CHINESE.of("file-unusable", facts)
    assert "No such file" in ENGLISH.of("file-unusable", facts)


def test_a_code_without_a_sentence_shows_itself() -> None:
    assert CHINESE.of("no-such-code") == "no-such-code"


def test_what_is_missing_is_called_by_its_name(rules: RuleSet) -> None:
    item, photo = rules.checklists.items[0], rules.checklists.photos[0]
    assert missing_text(CHINESE, Lack.DOCUMENT, rules) == CHINESE.of(Lack.DOCUMENT.value)
    assert missing_text(CHINESE, item.id, rules) == f"“{item.question.zh}”"
    assert missing_text(ENGLISH, f"found:{item.id}", rules) == f"“{item.question.en}”"
    assert missing_text(CHINESE, photo.id, rules) == photo.question.zh
    assert missing_text(CHINESE, "of-a-later-version", rules) == "of-a-later-version"


def test_a_reason_is_the_sentence_of_its_code() -> None:
    reason = Reason(StoreCode.PASSPHRASE_SHORT.value, Consequence.NOTE, facts={"least": 8})
    assert reason_text(CHINESE, reason) == CHINESE.of(StoreCode.PASSPHRASE_SHORT, {"least": 8})


def test_sentences_are_read_when_the_first_is_asked_for_and_need_no_command_line() -> None:
    program = (
        "import sys; from courier_check.wording import Language, Wording; made = Wording(Language.CHINESE);"
        "assert '_sentences' not in vars(made); made.of('x'); assert '_sentences' in vars(made);"
        "sys.exit(any(name == 'click' or name.startswith('courier_check.cli') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_fact_is_filled_in_as_one_line_that_steers_nothing() -> None:
    facts = {"file": "a\x1b[2K\rb\n已写入 c", "detail": "d\u202e"}
    for told in (CHINESE.of("file-unusable", facts), ENGLISH.of("file-unusable", facts)):
        assert told.isprintable()
        assert "a\\x1b[2K\\rb\\n已写入 c" in told
