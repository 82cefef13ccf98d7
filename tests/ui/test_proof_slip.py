"""回执证明: one page whose QR code is the proof, and which names nobody."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from courier_check.clock import at
from courier_check.devices.barcodes import decode_codes
from courier_check.devices.qr import qr_modules
from courier_check.errors import UserError
from courier_check.store.resources import resource_path
from courier_check.store.verification import verify_entry
from courier_check.wire.proofs import checked_proof, parse_proof, proof_text
from support.filled import ACCEPTED, PENDING, Filled, filled_station
from support.made_proofs import largest_proof
from ui import work
from ui.design import FONT_FILE, load_font
from ui.page_codes import PageCode
from ui.pdf import Page, images_of, lay_out
from ui.proof_slip import CODE_SIZE, CODE_TOP, late_times, page_of, proof_page, proof_sheet

pytestmark = pytest.mark.usefixtures("qtbot")
MADE_AT = datetime(2026, 11, 26, 9, 30)  # noqa: DTZ001 - a page shows local time


@pytest.fixture(autouse=True)
def font(qtbot: QtBot) -> None:
    load_font(str(resource_path(FONT_FILE)))


def test_the_code_of_the_page_is_the_proof_and_is_read_from_paper(filled: Filled, tmp_path: Path) -> None:
    with filled.open() as station:
        place = (filled.journal_id, filled.seqs[ACCEPTED])
        _, proof = verify_entry(station.database, station.enrolled(), station.evidence, place)
        assert proof is not None
        sheet = proof_sheet(station.enrolled(), proof)
        text = proof_text(proof.document)
        (page,) = lay_out((sheet,))
        assert max(item.y for item in page.texts) < CODE_TOP - 20, "the table reaches into the code"
        scanned = read_from(page_of(sheet, qr_modules(text)), sheet.title)
        assert scanned == text
        assert checked_proof(parse_proof(scanned), station.enrolled().gateway).station_id == station.enrolled().certificate.subject
        said = "".join(str(cell) for row in sheet.rows for cell in row) + "".join(sheet.notes)
        assert ACCEPTED not in said
        assert "赵" not in said
        assert proof_page(station, place) == (sheet.title, page_of(sheet, qr_modules(text)))
        made = work.export_proof(station, place, tmp_path)
    assert made.file.read_bytes().startswith(b"%PDF")
    assert made.pages == (page_of(sheet, qr_modules(text)),)


def test_the_largest_proof_is_read_from_paper_too(filled: Filled) -> None:
    """Of an entry in a batch of 512 entries: of all codes the one with the smallest modules."""
    with filled.open() as station:
        _, proof = verify_entry(station.database, station.enrolled(), station.evidence, (filled.journal_id, filled.seqs[ACCEPTED]))
        assert proof is not None
        sheet = proof_sheet(station.enrolled(), proof)
    text = proof_text(largest_proof())
    modules = qr_modules(text)
    assert len(text) > 1_200
    assert CODE_SIZE / len(modules) > 6, "0.6 mm a module and more"
    assert read_from(page_of(sheet, modules), sheet.title) == text


def read_from(page: Page, title: str) -> str:
    """What the one QR code of a page says, as it is printed."""
    (image,) = images_of((page,), title, MADE_AT)
    grey = image.convertToFormat(image.Format.Format_RGB888)
    pixels = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), grey.bytesPerLine())[:, : 3 * grey.width()]
    (code,) = [each for each in decode_codes(pixels.reshape(grey.height(), grey.width(), 3)) if each.symbology == "QRCode"]
    return code.text


def test_an_entry_without_a_receipt_has_no_proof(filled: Filled, tmp_path: Path) -> None:
    with filled.open() as station, pytest.raises(UserError) as caught:
        work.export_proof(station, (filled.journal_id, filled.seqs[PENDING]), tmp_path)
    assert caught.value.code == PageCode.NO_PROOF
    assert not list(tmp_path.glob("*.pdf"))


@pytest.mark.parametrize("revoked", [False, True])
def test_the_page_says_whether_the_station_was_revoked_before(tmp_path: Path, revoked: bool) -> None:
    made = filled_station(tmp_path / "station", revoked=revoked)
    with made.open() as station:
        _, proof = verify_entry(station.database, station.enrolled(), station.evidence, (made.journal_id, made.seqs[ACCEPTED]))
        assert proof is not None
        said = [value for name, value in proof_sheet(station.enrolled(), proof).rows if "吊销" in str(value)]
    assert said == (["网关收到时本收寄台已被吊销（吊销后收到）。"] if revoked else [])


def test_a_late_registrations_page_has_both_times(tmp_path: Path) -> None:
    made = filled_station(tmp_path / "station", late_ms=1_795_395_600_000)
    with made.open() as station:
        place = (made.journal_id, made.seqs[ACCEPTED])
        times = late_times(station, place)
        assert times is not None
        assert times.taken_ms == 1_795_395_600_000 < times.recorded_ms
        _, proof = verify_entry(station.database, station.enrolled(), station.evidence, place)
        assert proof is not None
        rows = dict(proof_sheet(station.enrolled(), proof, times).rows)
        assert rows["补录"] == f"实际收寄 2026-11-23 09:00，记入 {at(times.recorded_ms):%Y-%m-%d %H:%M:%S}"
        assert late_times(station, (made.journal_id, made.seqs[PENDING])) is None
