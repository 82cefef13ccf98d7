"""A label to a print queue of the system: in a process that can be got rid of, whatever the spooler or a driver does."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.devices.bitmap import Bitmap, LabelSize
from courier_check.devices.codes import OF_THE_SYSTEM, PrinterCode
from courier_check.devices.label_printer import PrinterPlan, Waits, print_bitmap
from courier_check.devices.system_printer import LabelSheet, Queues, SpoolerProcess, chosen
from courier_check.errors import DeviceError, UserError
from courier_check.wording import Language, Wording
from support.spoolers import QUEUES, dies_at_first, hangs, hangs_at_first, never_ready, refuses, taken, takes

SIZE = LabelSize()
SHEET = LabelSheet("前台", Bitmap(480, 320, b"\xa5" * (60 * 320)), SIZE, "label-1")
LARGE = LabelSheet("", Bitmap(4728, 4724, b"\xff" * (591 * 4724)), LabelSize(200, 200, 600), "label-2")
"""More than any pipe holds."""
LONG_S, SHORT_S = 60.0, 0.5

Made = Callable[..., SpoolerProcess]


@pytest.fixture
def made() -> Iterator[Made]:
    """Spoolers that are closed at the end, and leave no process behind."""
    all_made: list[SpoolerProcess] = []

    def make(serve: Callable[..., None], *arguments: object) -> SpoolerProcess:
        all_made.append(SpoolerProcess(serve, *arguments))
        return all_made[-1]

    yield make
    for each in all_made:
        each.close()
        each.close()
    assert [child for child in multiprocessing.active_children() if child.name == "spooler"] == []


def trouble(spooler: SpoolerProcess, sheet: LabelSheet = SHEET, wait_s: float = LONG_S) -> DeviceError:
    with pytest.raises(DeviceError) as caught:
        spooler.print_label(sheet, wait_s)
    return caught.value


def test_labels_reach_the_queue_as_they_are_and_its_name_comes_back(made: Made, tmp_path: Path) -> None:
    spooler = made(takes, tmp_path)
    spooler.warm_up()
    assert spooler.print_label(SHEET, LONG_S) == "前台"
    assert spooler.print_label(LARGE, LONG_S) == "前台"
    assert spooler.queues(LONG_S) == QUEUES
    assert taken(tmp_path) == [("前台", SHEET), ("前台", LARGE)]


def test_what_the_queue_says_no_with_comes_back_as_it_is(made: Made, tmp_path: Path) -> None:
    error = trouble(made(refuses))
    assert (error.code, error.facts) == (PrinterCode.SYSTEM_REFUSED, {"printer": "前台", "detail": "not accepting jobs"})
    error = trouble(made(takes, tmp_path), LabelSheet("侧台", SHEET.bitmap, SIZE, "label-1"))
    assert (error.code, error.facts) == (PrinterCode.SYSTEM_UNKNOWN, {"printer": "侧台", "known": "后台、前台"})


@pytest.mark.parametrize("sheet", [SHEET, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("serve", [hangs, never_ready])
def test_a_spooler_that_hangs_is_left_after_its_time(made: Made, serve: Callable[..., None], sheet: LabelSheet) -> None:
    spooler = made(serve)
    error = trouble(spooler, sheet, SHORT_S)
    assert (error.code, error.facts["printer"]) == (PrinterCode.SYSTEM_HANGS, f"system:{sheet.printer}")
    assert trouble(spooler, sheet, SHORT_S).code == PrinterCode.SYSTEM_HANGS


@pytest.mark.parametrize(("serve", "code"), [(hangs_at_first, PrinterCode.SYSTEM_HANGS), (dies_at_first, PrinterCode.SYSTEM_BROKE)])
def test_the_label_after_one_that_hung_or_broke_goes_through(
    made: Made, tmp_path: Path, serve: Callable[..., None], code: PrinterCode
) -> None:
    spooler = made(serve, tmp_path)
    # A process that dies is noticed at once; one that hangs must have had the time to begin, or its successor would hang as well.
    while not list(tmp_path.iterdir()):
        assert trouble(spooler, wait_s=5 if serve is hangs_at_first else LONG_S).code == code
    assert spooler.print_label(SHEET, LONG_S) == "前台"


def test_closing_ends_a_wait_and_nothing_is_printed_after_it(made: Made, tmp_path: Path) -> None:
    spooler, said = made(hangs_at_first, tmp_path), []
    waiting = threading.Thread(target=lambda: said.append(trouble(spooler).code))
    waiting.start()
    while not list(tmp_path.iterdir()):
        assert waiting.is_alive()
        time.sleep(0.01)
    spooler.close()
    waiting.join(LONG_S)
    assert said == [PrinterCode.SYSTEM_BROKE]
    assert trouble(spooler).code == PrinterCode.SYSTEM_BROKE
    spooler.warm_up()
    assert taken(tmp_path) == []


def test_many_at_once_are_answered_one_after_the_other(made: Made, tmp_path: Path) -> None:
    spooler, names = made(takes, tmp_path), []
    threads = [threading.Thread(target=lambda: names.append(spooler.print_label(SHEET, LONG_S))) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(LONG_S)
    assert names == ["前台"] * 8
    assert len(taken(tmp_path)) == 8


# Which printer is meant -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "queues", "meant"),
    [
        ("前台", QUEUES, "前台"),
        ("后台", QUEUES, "后台"),
        ("", QUEUES, "前台"),
        ("", Queues(("标签机",)), "标签机"),
        ("侧台", QUEUES, PrinterCode.SYSTEM_UNKNOWN),
        ("", Queues(("后台", "前台")), PrinterCode.SYSTEM_NO_DEFAULT),
        ("", Queues(()), PrinterCode.SYSTEM_NONE),
        ("前台", Queues(()), PrinterCode.SYSTEM_NONE),
    ],
)
def test_the_printer_that_is_meant(wanted: str, queues: Queues, meant: str) -> None:
    if meant in queues.names:
        assert chosen(wanted, queues) == meant
        return
    with pytest.raises(DeviceError) as caught:
        chosen(wanted, queues)
    assert caught.value.code == meant
    assert caught.value.facts.get("known", "后台、前台") == "后台、前台"


@given(st.text(max_size=5), st.lists(st.text(min_size=1, max_size=5), max_size=4), st.integers(0, 4))
def test_no_other_printer_is_ever_chosen(wanted: str, names: list[str], number: int) -> None:
    queues = Queues(tuple(names), names[number] if number < len(names) else None)
    try:
        got = chosen(wanted, queues)
    except DeviceError:
        return
    assert got in names
    assert got == wanted or (not wanted and (got == queues.default or len(names) == 1))


# Addresses --------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "queue"), [("system:", ""), ("system: ", ""), ("system:前台 2", "前台 2"), (r"system:\\邮局\GK888t", r"\\邮局\GK888t")]
)
def test_an_address_of_the_systems(address: str, queue: str) -> None:
    plan = PrinterPlan.parse(address, "driver", SIZE, asks=True)
    assert (plan.is_system, plan.queue) == (True, queue)


@pytest.mark.parametrize(
    ("address", "language"),
    [
        ("system:a\nb", "driver"),
        ("system:\udcff", "driver"),
        ("device:/dev/\udcff", "tspl"),
        ("system", "driver"),
        ("system:x", "zpl"),
        ("system:x", "pdf"),
        ("tcp:192.0.2.7", "driver"),
        ("file:x", "driver"),
    ],
)
def test_what_is_no_address_or_no_language_of_it(address: str, language: str) -> None:
    with pytest.raises(UserError):
        PrinterPlan.parse(address, language, SIZE, asks=True)


def test_a_label_goes_the_systems_way_with_all_that_is_set(made: Made, tmp_path: Path) -> None:
    plan = PrinterPlan.parse("system:后台", "driver", SIZE, asks=False)
    assert print_bitmap(SHEET.bitmap, plan, "label-9", Waits(queue_s=LONG_S), made(takes, tmp_path)) == "后台"
    assert taken(tmp_path) == [("后台", LabelSheet("后台", SHEET.bitmap, SIZE, "label-9", asks=False))]
    with pytest.raises(DeviceError) as caught:
        print_bitmap(SHEET.bitmap, plan, "label-9")
    assert caught.value.code == PrinterCode.NO_SYSTEM_PRINTING


# Dots -------------------------------------------------------------------------------------------------------------------------------------


@given(st.integers(1, 20), st.lists(st.integers(0, 2**20 - 1), min_size=1, max_size=12))
def test_the_ink_is_bounded_by_its_outermost_dots(width: int, rows: list[int]) -> None:
    row_bytes = (width + 7) // 8
    kept = [(row & (2**width - 1)) << (row_bytes * 8 - width) for row in rows]
    bitmap = Bitmap(width, len(rows), b"".join(row.to_bytes(row_bytes, "big") for row in kept))
    dots = [(x, y) for y, row in enumerate(kept) for x in range(width) if row >> (row_bytes * 8 - 1 - x) & 1]
    if not dots:
        assert bitmap.ink() is None
        return
    across, down = zip(*dots, strict=True)
    assert bitmap.ink() == (min(across), min(down), max(across) + 1, max(down) + 1)


# Words ------------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    "code", [PrinterCode.NO_SYSTEM_PRINTING, PrinterCode.SYSTEM_NONE, PrinterCode.SYSTEM_NO_DEFAULT, *sorted(OF_THE_SYSTEM)]
)
def test_every_trouble_has_a_sentence_that_says_what_to_do(code: PrinterCode, language: Language) -> None:
    facts = {"printer": "前台", "known": "后台", "detail": "d", "seconds": 20, "width": 60, "height": 40, "room": "50.0×30.0"}
    said = Wording(language).said(DeviceError(code, **facts))
    assert "{" not in said
    assert ("前台" in said) == (code in OF_THE_SYSTEM)
    assert ("待打印" if language is Language.CHINESE else "waits") in said
