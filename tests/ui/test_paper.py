"""打印到系统打印机: the pages that were saved, on whatever printer the system has; without one the file stays and one sentence says so."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from PySide6.QtPrintSupport import QPrinterInfo
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from courier_check.clock import at
from courier_check.errors import DeviceError
from courier_check.reports.sheets import Sheet
from courier_check.store.resources import resource_path
from courier_check.wording import Language, Wording
from support.commands import ROOT
from support.papers import printing_into
from ui.design import FONT_FILE, load_font
from ui.paper import Paper, PaperCode, PaperPrinter, print_out, system_printer
from ui.pdf import lay_out

MADE_AT = at(1_795_406_400_000)
QT_SAYS_SO_TOO = pytest.mark.qt_log_ignore("QPainter::begin")
ROWS = tuple((f"第 {number} 项", number) for number in range(120))
SHEET = Sheet("拒收告知单", (("网点：", "样例网点"),), ("项目", "内容"), ROWS, ("口径：样本。",))


@pytest.fixture(autouse=True, scope="module")
def shipped_font(qapp: QApplication) -> None:
    load_font(str(resource_path(FONT_FILE)))


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    saved = tmp_path / "拒收告知单-7.pdf"
    saved.write_bytes(b"%PDF saved before")
    return Paper(saved, SHEET.title, MADE_AT, lay_out((SHEET,)))


def media(data: bytes) -> list[tuple[int, int]]:
    return [(round(float(x)), round(float(y))) for x, y in re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", data)]


@pytest.mark.parametrize("resolution", [203, 600, 1200])
def test_every_page_comes_out_whole_on_a4(paper: Paper, tmp_path: Path, resolution: int) -> None:
    print_out(paper, printing_into(tmp_path / "printed.pdf", resolution))
    data = (tmp_path / "printed.pdf").read_bytes()
    assert len(paper.pages) > 1
    assert media(data) == [(595, 842)] * len(paper.pages)
    assert paper.file.read_bytes() == b"%PDF saved before"


@QT_SAYS_SO_TOO
def test_a_printer_that_takes_nothing_is_told_and_the_file_stays(paper: Paper, tmp_path: Path) -> None:
    with pytest.raises(DeviceError) as caught:
        print_out(paper, printing_into(tmp_path / "absent" / "printed.pdf"))
    assert (caught.value.code, caught.value.facts["file"]) == (PaperCode.NOT_TAKEN, str(paper.file))
    assert paper.file.exists()


@pytest.mark.skipif(bool(QPrinterInfo.availablePrinterNames()), reason="this machine has a printer, and nobody wants to see it print")
def test_without_a_printer_nothing_is_drawn_anywhere(paper: Paper, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    with pytest.raises(DeviceError) as caught:
        print_out(paper)
    assert (caught.value.code, caught.value.facts) == (PaperCode.NO_PRINTER, {"file": str(paper.file)})
    assert sorted(tmp_path.iterdir()) == before
    with pytest.raises(DeviceError):
        system_printer(paper.file)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("code", PaperCode)
def test_what_went_wrong_names_the_file_that_is_there(code: PaperCode, language: Language) -> None:
    said = Wording(language).said(DeviceError(code, file="/文档/告知单.pdf", printer="前台", known="前台、后台"))
    assert "/文档/告知单.pdf" in said
    assert "{" not in said


@QT_SAYS_SO_TOO
def test_it_prints_off_the_windows_thread_and_says_how_it_ended(qtbot: QtBot, paper: Paper, tmp_path: Path) -> None:
    told: list[tuple[str, bool]] = []
    for target, wrong in ((tmp_path / "printed.pdf", False), (tmp_path / "absent" / "printed.pdf", True)):
        printer = PaperPrinter(Wording(Language.CHINESE), printing_into(target))
        printer.told.connect(lambda text, bad: told.append((text, bad)))
        assert not printer.busy
        printer.print_out(paper)
        qtbot.waitUntil(lambda: not printer.busy)  # noqa: B023 - waited for within the round
        assert told[-1][1] is wrong
        assert str(paper.file) in told[-1][0]
    assert [text[:10] for text, _ in told] == ["拒收告知单已送打印机", "打印机“”没有收下，"]


def test_the_windows_start_loads_no_printing_and_the_frozen_program_has_it() -> None:
    """Qt's printing is imported where something is printed, in a function that the freezing looks into, and no rule of it leaves it out."""
    for path in sorted((ROOT / "ui").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert "QtPrintSupport" not in "".join(ast.unparse(one) for one in tree.body if isinstance(one, ast.Import | ast.ImportFrom)), path
    recipe = (ROOT / "pyinstaller.spec").read_text(encoding="utf-8")
    assert "PrintSupport" not in recipe
    assert "printsupport" not in recipe.lower()
