"""What people and machines do at the wrong moment: scans where nobody waits for one, a window closed in the middle of a save, a second
window, a full disk."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFont, QGuiApplication, QKeyEvent, QTextLayout
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

from courier_check.acceptance.tasks import TaskKind
from courier_check.station import PRACTICE_PASSPHRASE
from support.disks import fill_up, small_disk
from support.looks import lacking_glyphs
from support.windows import Act, Counter, Person, acts_of, counter_station
from ui.counter.state import Panel
from ui.gates import Gate
from ui.journey import LOOKS_MS
from ui.key_names import KeyPress

pytestmark = pytest.mark.slow
"""Windows, disks and guns at the wrong moment: a minute of real windows."""

FIRST, SECOND = "SF1000000000014", "SF1000000000022"
AFTER_TYPING_MS = 120
"""A scan that follows a committed word at once might have gone into the input method; the program asks to scan again then."""
RARE = "䶮㛃𬎆"


def waybill_of(counter: Counter) -> str:
    waybill = counter.conductor.state.draft.waybill
    return waybill.text if waybill is not None else ""


# Scans --------------------------------------------------------------------------------------------------------------------------------


def test_a_scan_while_commands_are_searched_is_the_parcels_waybill(counter: Counter) -> None:
    counter.hand.press("Ctrl+K")
    assert counter.window._palette.isVisible()
    counter.hand.scan(FIRST)
    counter.hand.until(lambda: waybill_of(counter) == FIRST, "the scan was lost")
    assert not counter.window._palette.isVisible()
    assert counter.window._palette._field.text() == ""


@pytest.mark.parametrize("page", ["help", "sync", "reports"])
def test_a_scan_on_another_page_goes_to_the_parcel_and_shows_it(counter: Counter, page: str) -> None:
    counter.window.go(page)
    counter.hand.scan(FIRST)
    counter.hand.until(lambda: waybill_of(counter) == FIRST, "the scan was lost")
    assert counter.window.page == "accept"


def test_a_scan_at_the_sign_in_stays_in_its_field_and_touches_no_parcel(counter: Counter) -> None:
    counter.hand.press("Ctrl+L")
    counter.wait_for(Gate.SIGN_IN)
    counter.field("code").setFocus()
    counter.hand.scan(FIRST)
    counter.hand.until(lambda: counter.field("code").text() == FIRST, "the scan was lost")
    assert counter.gate is Gate.SIGN_IN
    assert counter.conductor.state.untouched


def test_a_scan_while_a_form_is_filled_in_leaves_the_form_and_what_was_typed(counter: Counter) -> None:
    counter.hand.press("F3")
    counter.hand.until(lambda: counter.panel is Panel.TYPED_DOCUMENT, "no form")
    counter.hand.compose("欧阳样例")
    counter.hand.rest(AFTER_TYPING_MS)
    counter.hand.scan(FIRST)
    counter.hand.until(lambda: waybill_of(counter) == FIRST, "the scan was lost")
    assert FIRST not in {field.text() for field in counter.window.findChildren(QLineEdit)}
    assert counter.panel is Panel.TYPED_DOCUMENT
    assert counter.field("document-name").text() == "欧阳样例"


def test_a_phone_typed_on_after_a_form_was_closed_answers_nothing(counter: Counter) -> None:
    """Enter at the contents confirms them; whoever does not look types the quantity on."""
    hand = counter.hand
    counter.identify()
    counter.answer_all()
    counter.label(FIRST)
    counter.answer_all()
    hand.press("1")
    hand.compose("旧书")
    hand.press("Enter")
    hand.until(lambda: bool(counter.conductor.state.draft.items), "not declared")
    answered = counter.conductor.state.draft.answers
    hand.press(*"13900001234", "Enter", "Backspace", "Space")
    assert counter.conductor.state.draft.answers == answered
    assert counter.conductor.state.draft.items
    assert "没有算" in counter.window.told()
    hand.rest(LOOKS_MS)
    hand.press("1")
    assert len(counter.conductor.state.draft.answers) == len(answered) + 1


def test_a_scan_right_after_a_form_was_closed_is_a_scan(counter: Counter) -> None:
    hand = counter.hand
    counter.identify()
    counter.answer_all()
    counter.label(FIRST)
    counter.answer_all()
    hand.press("1", "Enter")
    hand.scan(SECOND)
    assert "没有算" not in counter.window.told()
    assert SECOND in counter.window.told()


def interleaved(counter: Counter, first: str, second: str) -> None:
    """Two guns at once: the X server gets their keys by turns."""
    handle = counter.window.windowHandle()
    stamp = counter.hand._stamp + 1000
    order = [character for pair in zip(first, second, strict=True) for character in pair] + ["\r", "\r"]
    for character in order:
        stamp += 4
        key = Qt.Key.Key_Return if character == "\r" else Qt.Key(ord(character))
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, character)
            event.setTimestamp(stamp % 2**32)
            QApplication.sendEvent(handle, event)
    counter.hand._stamp = stamp
    counter.hand.settle()


@pytest.mark.parametrize("answered", [0, 1])
def test_two_guns_at_once_give_one_message_and_change_nothing(counter: Counter, answered: int) -> None:
    counter.identify()
    for _ in range(answered):
        counter.hand.press("1")
    counter.hand.rest(AFTER_TYPING_MS)
    counter.hand.until(lambda: counter.conductor.state.draft.screening is not None, "the sender was not looked up")
    before = counter.conductor.state.draft
    said: list[str] = []
    counter.conductor.told.connect(lambda text, _wrong: said.append(text))
    interleaved(counter, FIRST, SECOND)
    counter.hand.rest(150)
    assert len(said) == 1, said
    assert counter.conductor.state.draft == before
    counter.hand.scan(FIRST)
    counter.hand.until(lambda: waybill_of(counter) == FIRST, "the next scan was lost")


def test_the_label_of_another_parcel_is_said_and_changes_nothing(counter: Counter) -> None:
    counter.hand.scan(FIRST)
    counter.hand.until(lambda: waybill_of(counter) == FIRST, "the scan was lost")
    counter.hand.scan(SECOND)
    assert SECOND in counter.conductor.state.said
    assert waybill_of(counter) == FIRST


# Names --------------------------------------------------------------------------------------------------------------------------------


def test_rare_characters_of_a_name_are_drawn_by_the_shipped_font(counter: Counter) -> None:
    counter.identify(Person(name=f"{RARE}样"))
    shown = [label for label in counter.window.findChildren(QLabel) if RARE in label.text() and label.isVisible()]
    assert shown
    for font in (QGuiApplication.font(), *(label.font() for label in shown)):
        assert lacking_glyphs(font, RARE) == []
        assert drawn_by(font, RARE) == {QFont(font).family()}
    counter.hand.press("Esc", "Esc")


def drawn_by(font: QFont, text: str) -> set[str]:
    """The families Qt takes the pictures of these characters from."""
    layout = QTextLayout(text, font)
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    runs = layout.glyphRuns()
    assert all(index != 0 for run in runs for index in run.glyphIndexes())
    return {run.rawFont().familyName() for run in runs}


# The end ------------------------------------------------------------------------------------------------------------------------------


def test_a_window_closed_in_the_middle_of_a_save_closes_after_it(counter: Counter, folder: Path) -> None:
    counter.fill(FIRST)
    counter.window.pressed(KeyPress("F12"))
    assert counter.conductor.state.saving
    counter.window.close()
    assert counter.window.isVisible(), "it closed with a save under way"
    counter.hand.until(lambda: not counter.window.isVisible(), "it did not close after the save")
    assert acts_of(folder) == [Act("acceptance", FIRST, acts_of(folder)[0].seq)]


def test_closing_again_and_again_while_it_saves_records_once(counter: Counter, folder: Path) -> None:
    counter.fill(FIRST)
    counter.hand.press("F12", "F12", "Enter")
    for _ in range(5):
        counter.window.close()
    counter.hand.until(lambda: not counter.window.isVisible(), "it did not close after the save")
    assert [act.waybill for act in acts_of(folder)] == [FIRST]


def test_a_second_window_on_a_folder_says_so_and_does_no_harm(counter: Counter, opened: Callable[[Path], Counter], folder: Path) -> None:
    second = opened(folder)
    second.wait_for(Gate.UNLOCK)
    second.window.opening.enter({"passphrase": PRACTICE_PASSPHRASE})
    second.hand.until(lambda: second.gate is Gate.FAILED, "the second window went on")
    assert "窗口" in second.gates[-1].words
    assert second.window.conductor is None
    assert second.window.overview is None
    second.end()
    counter.accept(FIRST)
    assert [act.waybill for act in acts_of(folder)] == [FIRST]


def test_the_second_window_opens_once_the_first_is_closed(opened: Callable[[Path], Counter], folder: Path) -> None:
    first, second = opened(folder), opened(folder)
    first.wait_for(Gate.UNLOCK)
    first.window.opening.enter({"passphrase": PRACTICE_PASSPHRASE})
    first.wait_for(Gate.SIGN_IN)
    second.wait_for(Gate.UNLOCK)
    second.window.opening.enter({"passphrase": PRACTICE_PASSPHRASE})
    second.wait_for(Gate.FAILED)
    first.end()
    second.hand.press("Enter")
    second.enter()
    second.accept(FIRST)
    assert [act.waybill for act in acts_of(folder)] == [FIRST]


# The disk -----------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", "8m") as place:
        yield place


def refused_to_save(counter: Counter) -> str:
    """F12 that comes to nothing: the sentence, with everything entered still there."""
    before = counter.conductor.state.draft
    counter.hand.press("F12")
    counter.hand.until(lambda: not counter.conductor.state.saving, "it saves for ever")
    assert counter.panel is not Panel.RECORDED
    assert counter.conductor.state.draft == before
    assert counter.window.told() == counter.conductor.state.said
    return counter.conductor.state.said


def test_a_full_disk_at_the_submit_is_said_and_loses_nothing(disk: Path, opened: Callable[[Path], Counter]) -> None:
    counter_station(disk / "station")
    counter = opened(disk / "station").enter()
    counter.accept(FIRST)
    counter.fill(SECOND)
    filler = fill_up(disk)
    assert "磁盘已满" in refused_to_save(counter)
    filler.unlink()
    counter.hand.until(lambda: counter.task.kind is TaskKind.READY, "the parcel is gone")
    counter.submit()
    assert [act.waybill for act in acts_of(disk / "station")] == [FIRST, SECOND]


def test_a_folder_that_can_not_be_written_any_more_loses_and_doubles_nothing(disk: Path, opened: Callable[[Path], Counter]) -> None:
    """Files that are open stay writable under a folder that became read-only: the entry is saved, the head beside it is not, and what is
    saved is said to be saved."""
    folder = disk / "station"
    counter_station(folder)
    counter = opened(folder).enter()
    counter.fill(FIRST)
    subprocess.run(["mount", "--bind", str(folder), str(folder)], check=True)
    # Refused while anything there is being opened for writing, which the window's threads may be doing.
    locked = ["mount", "-o", "remount,bind,ro", str(folder)]
    counter.hand.until(lambda: subprocess.run(locked, check=False).returncode == 0, "it stays writable")
    try:
        counter.submit()
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
    assert [act.waybill for act in acts_of(folder)] == [FIRST]


def test_a_window_on_a_read_only_folder_says_so_and_opens_once_it_can(disk: Path, opened: Callable[[Path], Counter]) -> None:
    counter_station(disk / "station")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    counter = opened(disk / "station")
    counter.wait_for(Gate.UNLOCK)
    counter.window.opening.enter({"passphrase": PRACTICE_PASSPHRASE})
    counter.wait_for(Gate.FAILED)
    assert "无法写" in counter.gates[-1].words
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    counter.hand.press("Enter")
    counter.enter().accept(FIRST)
    assert [act.waybill for act in acts_of(disk / "station")] == [FIRST]
