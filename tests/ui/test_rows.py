"""Rows that come and go, style that changes, and the imports of a program with a window."""

from __future__ import annotations

import builtins
from collections.abc import Iterator

import pytest
from PySide6 import QtGui
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.design import CheckList, Elided, Facts, Label, Mark, StatusBar, Tag, Toast, VerdictBanner
from ui.design.acceptance import Lines
from ui.design.frame import TOP_HEIGHT
from ui.design.listing import Banner
from ui.design.states import Table
from ui.design.text import show_first
from ui.design.tokens import restyle
from ui.shown import CheckShown, Fact, LineShown, Sign, Tone, VerdictShown


@pytest.fixture
def box(qtbot: QtBot) -> Iterator[tuple[QWidget, list[QLabel]]]:
    """A box of four rows on a window that is shown."""
    window, box = QWidget(), QWidget()
    qtbot.addWidget(window)
    QVBoxLayout(window).addWidget(box)
    column = QVBoxLayout(box)
    rows = [QLabel(str(number)) for number in range(4)]
    for row in rows:
        column.addWidget(row)
        row.hide()
    window.show()
    yield box, rows
    window.close()


@pytest.mark.parametrize("counts", [(4, 0, 3, 3), (1, 2, 4, 1), (0, 4, 0, 4)])
def test_as_many_rows_are_seen_as_are_shown(box: tuple[QWidget, list[QLabel]], counts: tuple[int, ...]) -> None:
    held, rows = box
    for count in counts:
        show_first(held, rows, count)
        assert [row.isVisible() for row in rows] == [index < count for index in range(4)]
        assert held.isVisible()


def test_rows_of_a_hidden_box_are_there_when_it_comes(box: tuple[QWidget, list[QLabel]]) -> None:
    held, rows = box
    held.hide()
    show_first(held, rows, 3)
    assert not held.isVisible()
    held.show()
    assert [row.isVisible() for row in rows] == [True, True, True, False]


def test_facts_that_come_back_are_shown_again(qtbot: QtBot) -> None:
    facts = Facts()
    qtbot.addWidget(facts)
    facts.show()
    some, others = [Fact("姓名", "王样例"), Fact("电话", "138****0000")], [Fact("运单", "SF1")]
    for shown in (some, some, others, [], some):
        facts.show_facts(shown)
        assert [row.accessibleName() for row in facts._rows if row.isVisible()] == [f"{fact.name} {fact.value}" for fact in shown]
    facts.show_facts([])
    assert [row._value.text() for row in facts._rows] == ["", ""], "a name stayed in a hidden row"


def test_a_style_is_looked_up_again_only_for_another_value(qtbot: QtBot) -> None:
    label = QLabel("样本")
    qtbot.addWidget(label)
    label.setStyleSheet('QLabel[tone="stop"] { color: #ff0000; }')
    label.show()
    for tone, red in (("stop", True), ("stop", True), ("go", False)):
        restyle(label, "tone", tone)
        assert (label.palette().windowText().color().name() == "#ff0000") is red


def test_no_source_is_read_at_imports() -> None:
    """As PySide's hook does with every module that is imported after it."""
    assert builtins.__import__ is not builtins.__feature_import__  # type: ignore[attr-defined]  # PySide puts it there


FORGED = "<b>通过</b>\n网关 gw-spec 持有本条\u202e"
SHOWN = "<b>通过</b>\\n网关 gw-spec 持有本条\\u202e"


def read_as(tip: str) -> str:
    """What is read in a tooltip, which Qt takes for markup when it looks like that."""
    if not QtGui.Qt.mightBeRichText(tip):
        return tip
    page = QTextDocument()
    page.setHtml(tip)
    return page.toPlainText()


def test_what_others_wrote_is_one_row_and_never_markup(qtbot: QtBot) -> None:
    table, elided, facts, lines = Table(("说明",), "退回"), Elided(), Facts(wrap=True), Lines()
    for widget in (table, elided, facts, lines):
        qtbot.addWidget(widget)
    table.show_rows([[FORGED]])
    item = table.item(0, 0)
    assert item is not None
    assert (item.text(), read_as(item.toolTip())) == (SHOWN, SHOWN)
    elided.resize(40, 20)
    elided.say(FORGED)
    assert (elided.whole(), read_as(elided.toolTip())) == (SHOWN, SHOWN)
    facts.show_facts([Fact("说明", FORGED)])
    lines.show_lines([LineShown(Sign.STOP, FORGED, FORGED)])
    shown = [label for each in (facts, lines) for label in each.findChildren(QLabel)]
    assert [label.text() for label in shown if "gw-spec" in label.text()] == [SHOWN] * 3
    assert {label.textFormat() for label in shown} == {Qt.TextFormat.PlainText}


def test_a_verdict_and_a_message_of_others_stay_plain(qtbot: QtBot) -> None:
    window = QWidget()
    banner, verdict, toast = Banner(), VerdictBanner(), Toast(window)
    for widget in (window, banner, verdict):
        qtbot.addWidget(widget)
    for each in (banner, verdict):
        each.show_verdict(VerdictShown(Tone.STOP, "✖", "告警", FORGED))
    toast.tell(FORGED)
    for widget in (banner, verdict, toast):
        labels = widget.findChildren(QLabel)
        assert [label.text() for label in labels if "gw-spec" in label.text()] == [SHOWN]
        assert {read_as(label.toolTip()) for label in labels} <= {"", SHOWN}


def test_honest_words_have_the_tooltip_they_had(qtbot: QtBot) -> None:
    elided = Elided()
    qtbot.addWidget(elided)
    elided.resize(40, 20)
    elided.say("郑州市金水区样例路 1 号 <样例> & 其他")
    assert elided.toolTip() == "郑州市金水区样例路 1 号 <样例> & 其他"


def test_a_tag_without_a_mark_stands_at_the_edge(qtbot: QtBot) -> None:
    facts = Facts()
    qtbot.addWidget(facts)
    facts.resize(400, 60)
    facts.show_facts([Fact("运单", "SF1000000000014", "顺丰"), Fact("电话", "138****1234", "随运单", Sign.DONE)])
    facts.show()
    (plain,), (marked,) = ([one for one in facts.findChildren(Tag) if one.text() == text] for text in ("顺丰", "随运单"))
    assert plain.mapTo(facts, plain.rect().topRight()).x() == facts.width() - 1
    assert marked.mapTo(facts, marked.rect().topRight()).x() < facts.width() - 18
    facts.show_facts([Fact("运单", "SF1000000000014", "顺丰", Sign.DONE), Fact("电话", "138****1234", "随运单")])
    assert [mark.isVisible() for mark in facts.findChildren(Mark)] == [True, False]


def test_a_check_has_room_between_its_mark_and_its_words(qtbot: QtBot) -> None:
    checks = CheckList()
    qtbot.addWidget(checks)
    checks.show_checks([CheckShown(Sign.DONE, "实名：证件、运单一致")])
    checks.show()
    (mark,), (words,) = checks.findChildren(Mark), [one for one in checks.findChildren(Elided) if one.whole().startswith("实名")]
    assert words.mapTo(checks, words.rect().topLeft()).x() - mark.mapTo(checks, mark.rect().topRight()).x() > 6


def test_a_cap_stands_nearer_to_its_own_words_than_to_the_next_key(qtbot: QtBot) -> None:
    bar = StatusBar((("F1", "帮助"), ("F8", "拒收"), ("F10", "挂起")))
    qtbot.addWidget(bar)
    bar.resize(1290, 32)
    bar.show_keys({"F1", "F10"})
    bar.show()
    labels = [label for label in bar.findChildren(Label) if label.text() in ("F1", "帮助", "F8", "F10", "挂起") and label.isVisible()]
    spans = [(label.mapTo(bar, label.rect().topLeft()).x(), label.mapTo(bar, label.rect().topRight()).x()) for label in labels]
    assert [label.text() for label in labels] == ["F1", "帮助", "F10", "挂起"]
    own, next_key = spans[1][0] - spans[0][1], spans[2][0] - spans[1][1]
    assert own <= 5
    assert next_key >= 18


@pytest.fixture
def over(qtbot: QtBot) -> QWidget:
    """A window with a field and what is told over it."""
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1366, 768)
    return window


def test_a_message_lies_in_the_top_bar_as_high_as_its_words(qtbot: QtBot, over: QWidget) -> None:
    toast = Toast(over)
    over.show()
    toast.tell("已拍内件开箱照片，第 1 张")
    assert toast.geometry().bottom() < TOP_HEIGHT
    one_line = toast.height()
    toast.tell("停！" + "这一句很长，" * 20, tone=Tone.STOP)
    assert one_line < TOP_HEIGHT < toast.height()
    assert toast.width() <= 640


def test_what_was_wrong_goes_with_the_next_act(qtbot: QtBot, over: QWidget, monkeypatch: pytest.MonkeyPatch) -> None:
    toast, field = Toast(over), QLineEdit(over)
    over.show()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    toast.tell("请填写收件人姓名。", tone=Tone.STOP)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert toast.text() != ""  # there was no time to read it yet
    monkeypatch.setattr(Toast, "READ_MS", 0)
    qtbot.keyClicks(field, "s")
    assert toast.text() != ""  # it is being mended
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert toast.text() == ""
    toast.tell("已存为 样例.pdf")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert toast.text() != ""  # nothing is mended there
