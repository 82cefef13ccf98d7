"""Reports as PDF: whole rows, as many pages as it takes, and text that is text."""

from __future__ import annotations

import re
import unicodedata
import zlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from courier_check.clock import at
from courier_check.errors import StoreError
from courier_check.reporting import Asked, ReportKind, make
from courier_check.reports.sheets import Sheet
from courier_check.station import Station
from courier_check.store.resources import resource_path
from ui import pdf
from ui.design import FONT_FILE, LIGHT, load_font

MADE_AT: datetime = at(1_795_406_400_000)
SHEET = Sheet("收寄日报", (("单位：", "样例网点"),), ("项目", "数值"), (("收寄（件）", 3), ("实名收寄率", "100.00%")), ("口径：样本。",))


@pytest.fixture(autouse=True, scope="module")
def shipped_font(qapp: QApplication) -> None:
    load_font(str(resource_path(FONT_FILE)))


def page_count(data: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", data))


def meant(data: bytes) -> set[str]:
    """The characters the PDF says its glyphs mean. Qt names a glyph by the lowest code point that has it, which may be a Kangxi radical
    (⽇ for 日): what reads PDFs for searching normalises these, and so is done here."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL)
    plain = []
    for stream in streams:
        try:
            plain.append(zlib.decompress(stream))
        except zlib.error:
            plain.append(stream)
    codes = re.findall(rb"<([0-9A-Fa-f]{4})>", b"".join(each for each in plain if b"begincmap" in each))
    return {unicodedata.normalize("NFKC", chr(int(code, 16))) for code in codes if not 0xD800 <= int(code, 16) < 0xE000}


def long_sheet(rows: int) -> Sheet:
    return replace(
        SHEET,
        rows=tuple(
            (f"第 {number} 项，名称长得一行放不下，要换到第二行才能写完，写完以后还有一句补充的话要说", number) for number in range(rows)
        ),
    )


def test_a_short_report_is_one_page(tmp_path: Path) -> None:
    assert pdf.to_pdf([SHEET], MADE_AT, tmp_path / "r.pdf") == 1
    data = (tmp_path / "r.pdf").read_bytes()
    assert data.startswith(b"%PDF-")
    assert page_count(data) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["r.pdf"]


def test_text_stays_text() -> None:
    assert set("收寄日报样例网点件实名率口径") <= meant(pdf.pdf_of(pdf.lay_out([SHEET]), SHEET.title, MADE_AT))


def test_columns_are_named_on_every_page_and_no_row_is_cut() -> None:
    pages = pdf.lay_out([long_sheet(120)])
    assert len(pages) > 3
    assert all({"项目", "数值"} <= {text.text for text in page.texts} for page in pages)
    for page in pages:
        assert all(box[1] >= pdf.TOP and box[1] + box[3] <= pdf.BOTTOM + 0.01 for box in (*page.heads, *page.boxes))
        for text in page.texts[2:]:
            assert text.y < pdf.BOTTOM
    numbers = [text.text for page in pages for text in page.texts if text.text.isdecimal()]
    assert numbers == [str(number) for number in range(120)]


def test_pages_are_counted_and_dated() -> None:
    pages = pdf.lay_out([long_sheet(120), SHEET])
    data = pdf.pdf_of(pages, "收寄日报", MADE_AT)
    assert page_count(data) == len(pages)
    running = pdf._footer("收寄日报", MADE_AT, 2, len(pages))
    assert [text.text for text in running] == ["收寄日报", "制表时间 2026-11-23 12:00", f"第 2 页，共 {len(pages)} 页"]
    assert all(pdf.LEFT <= text.x < pdf.PAGE_WIDTH - pdf.LEFT for text in running)


def test_the_painted_page_is_not_empty() -> None:
    image = pdf.images_of(pdf.lay_out([SHEET]), SHEET.title, MADE_AT)[0]
    ink = sum(image.pixelColor(x, y) != QColor(LIGHT.card) for x in range(0, pdf.PAGE_WIDTH, 7) for y in range(pdf.TOP, 700, 7))
    assert ink > 100


def test_a_row_higher_than_a_page_goes_on_on_the_next() -> None:
    text = "长" * 6_000
    pages = pdf.lay_out([replace(SHEET, rows=((text, 1),))])
    assert len(pages) > 1
    told = "".join(line.text for page in pages for line in page.texts)
    assert told.count("长") == 6_000


def test_without_sheets_there_is_one_empty_page() -> None:
    assert page_count(pdf.pdf_of(pdf.lay_out([]), "", MADE_AT)) == 1


@pytest.mark.parametrize("kind", ReportKind)
def test_every_report_of_a_station_fits_its_page(station: Station, kind: ReportKind) -> None:
    sheets = make(station, Asked(kind)).sheets
    pages = pdf.lay_out(sheets)
    assert len(pages) == len(sheets)
    for page in pages:
        assert all(box[0] >= pdf.LEFT - 0.01 and box[0] + box[2] <= pdf.PAGE_WIDTH - pdf.LEFT + 0.01 for box in page.boxes)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        pdf.to_pdf([SHEET], MADE_AT, tmp_path / "absent" / "r.pdf")


@given(st.text(max_size=300), st.integers(min_value=40, max_value=1800))
def test_broken_text_loses_nothing_but_blanks(text: str, width: int) -> None:
    text = text.encode("utf-8", "ignore").decode()
    lines = pdf.broken(text, pdf.BODY, width)
    assert lines
    assert "".join("".join(lines).split()) == "".join(text.split())
