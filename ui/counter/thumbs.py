"""凭证照片 of the parcel in hand as a row of small pictures, drawn at once when one is kept."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.design import Label
from ui.shown import PhotoThumb

SIZE = QSize(80, 60)
MOST_SHOWN = 6


class ThumbRow(QWidget):
    """The newest few. A picture is decoded once, when it is first shown: thumbnails are 240 pixels wide, which takes less than a
    millisecond."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 0)
        row.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self._places = [(Label("", "picture"), Label("", "small")) for _ in range(MOST_SHOWN)]
        self._columns: list[QWidget] = []
        self._shown: tuple[PhotoThumb, ...] = ()
        for picture, words in self._places:
            place = QWidget()
            column = QVBoxLayout(place)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(2)
            picture.setFixedSize(SIZE)
            picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(picture)
            column.addWidget(words)
            row.addWidget(place)
            self._columns.append(place)
        self.hide()

    def show_thumbs(self, thumbs: Sequence[PhotoThumb]) -> None:
        shown = tuple(thumbs)[-MOST_SHOWN:]
        if shown == self._shown:
            return
        was, self._shown = self._shown, shown
        for number, (picture, words) in enumerate(self._places):
            self._columns[number].setVisible(number < len(shown))
            if number >= len(shown) or shown[number : number + 1] == was[number : number + 1]:
                continue
            thumb = shown[number]
            image = QImage.fromData(thumb.data)
            picture.setPixmap(
                QPixmap.fromImage(image.scaled(SIZE, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation))
            )
            picture.setAccessibleName(f"照片 {thumb.words}")
            words.say(f"{thumb.words} ？" if thumb.wanting else f"{thumb.words} ✓")
        self.setVisible(bool(shown))
