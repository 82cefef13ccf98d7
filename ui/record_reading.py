"""What the records page has its workers do. Pictures are made small here, in the worker's thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

from ui import board_work, work
from ui.record_parts import THUMBNAIL
from ui.record_state import Pictured
from ui.record_view import Names, Opened

if TYPE_CHECKING:
    from courier_check.desk.lookups import EntryPlace, Found, Search
    from courier_check.station import Station


def find(station: Station, wanted: Search, names: Names | None) -> tuple[Found, Names]:
    return work.search(station, wanted), names or work.names(station)


def read(station: Station, place: EntryPlace, names: Names | None) -> tuple[Pictured, Names]:
    """A record, verified on the spot, with small copies of its photos."""
    from courier_check.desk import lookups

    record = work.record(station, *place)
    label = board_work.label_of(station, place)
    opened = Opened(record, work.before_corrections(station, *place), work.returned_of(station, *place), label)
    held = [photo.name for photo in record.photos if photo.held]
    photos = {name: _small(lookups.photo_of(station.database, station.evidence, *place, name)) for name in held}
    return Pictured(opened, photos), names or work.names(station)


def _small(data: bytes | None) -> QImage | None:
    """A picture as small as it is shown; a camera's whole one is never decoded in the UI thread."""
    if data is None:
        return None
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid():
        reader.setScaledSize(size.scaled(QSize(THUMBNAIL, THUMBNAIL * 3 // 4), Qt.AspectRatioMode.KeepAspectRatio))
    picture = reader.read()
    return None if picture.isNull() else picture
