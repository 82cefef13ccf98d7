"""打印语言: a picture as the bytes a printer understands. Nothing but the picture is sent: fonts in printers differ from model to model.

By the makers' public manuals: TSPL/TSPL2 (TSC: SIZE, GAP, CLS, BITMAP, PRINT), ZPL II (Zebra: ^GF, ^PW, ^LL, ^PQ), ESC/POS (Epson: ESC @,
GS v 0, ESC d). No printer was at hand; `label_readings` reads the same manuals the other way round.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from enum import StrEnum

from courier_check.devices.bitmap import Bitmap, LabelSize

_ESCPOS_ROWS = 255
"""Rows of one raster command: what the smallest receipt printers hold."""
_ZPL_BYTES = 99_999
"""Of one ^GF field."""
_FEED_LINES = 4
"""From the print head to the cutter."""
_POINTS_PER_INCH = 72


class PrinterLanguage(StrEnum):
    TSPL = "tspl"
    ZPL = "zpl"
    ESCPOS = "escpos"
    PDF = "pdf"  # no printer's: a file for the system's own printing
    DRIVER = "driver"  # whatever the system's driver makes of the picture


def encoded(bitmap: Bitmap, size: LabelSize, language: PrinterLanguage) -> bytes:
    """One label, once. KeyError for DRIVER, whose language nobody here knows."""
    return _ENCODERS[language](bitmap, size)


def _tspl(bitmap: Bitmap, size: LabelSize) -> bytes:
    """In BITMAP a dot is black where its bit is 0."""
    head = (
        f"SIZE {size.width_mm} mm,{size.height_mm} mm\r\nGAP {size.gap_mm} mm,0 mm\r\nCLS\r\n"
        f"BITMAP 0,0,{bitmap.row_bytes},{bitmap.height},0,"
    )
    return head.encode("ascii") + bitmap.inverted() + b"\r\nPRINT 1,1\r\n"


def _zpl(bitmap: Bitmap, _: LabelSize) -> bytes:
    """^GFA: hexadecimal, total bytes twice (to be sent and to be drawn: the same without compression), bytes a row."""
    fields = "".join(
        f"^FO0,{top}^GFA,{len(band.data)},{len(band.data)},{band.row_bytes},{band.data.hex().upper()}^FS"
        for top, band in bitmap.bands(max(1, _ZPL_BYTES // bitmap.row_bytes))
    )
    return f"^XA^PW{bitmap.width}^LL{bitmap.height}^LH0,0{fields}^PQ1^XZ".encode("ascii")


def _escpos(bitmap: Bitmap, _: LabelSize) -> bytes:
    """GS v 0 m xL xH yL yH: stripes that follow each other without a gap; x in bytes, y in rows."""
    stripes = b"".join(
        b"\x1dv0\x00" + band.row_bytes.to_bytes(2, "little") + band.height.to_bytes(2, "little") + band.data
        for _, band in bitmap.bands(_ESCPOS_ROWS)
    )
    return b"\x1b@" + stripes + b"\x1bd" + bytes([_FEED_LINES])


def _pdf(bitmap: Bitmap, size: LabelSize) -> bytes:
    """One page of the label's size with the picture on all of it (ISO 32000: DeviceGray of one bit, 0 is black)."""
    width, height = (mm * _POINTS_PER_INCH * 10 / 254 for mm in (size.width_mm, size.height_mm))
    pixels = zlib.compress(bitmap.inverted(), 9)
    drawing = f"{width:.2f} 0 0 {height:.2f} 0 0 cm /L Do".encode("ascii")
    image = f"/Type/XObject/Subtype/Image/Width {bitmap.width}/Height {bitmap.height}"
    image += "/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/FlateDecode"
    page = f"/Type/Page/Parent 2 0 R/MediaBox[0 0 {width:.2f} {height:.2f}]/Contents 4 0 R/Resources<</XObject<</L 5 0 R>>>>"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<<{page}>>".encode("ascii"),
        _stream("", drawing),
        _stream(image, pixels),
    )
    return _document(objects)


def _stream(words: str, data: bytes) -> bytes:
    return f"<<{words}/Length {len(data)}>>stream\n".encode("ascii") + data + b"\nendstream"


def _document(objects: tuple[bytes, ...]) -> bytes:
    made, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n".encode("ascii") + each + b"\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    count = len(objects) + 1
    end = f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<</Size {count}/Root 1 0 R>>\nstartxref\n{len(made)}\n%%EOF\n"
    return made + end.encode("ascii")


_ENCODERS: Mapping[PrinterLanguage, Callable[[Bitmap, LabelSize], bytes]] = {
    PrinterLanguage.TSPL: _tspl,
    PrinterLanguage.ZPL: _zpl,
    PrinterLanguage.ESCPOS: _escpos,
    PrinterLanguage.PDF: _pdf,
}
