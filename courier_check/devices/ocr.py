"""文字识别: RapidOCR with the models inside its wheel; nothing is fetched."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any, Protocol

from courier_check.devices.codes import VisionCode
from courier_check.errors import DeviceError
from courier_check.identity.printed import PrintedLine

if TYPE_CHECKING:
    from courier_check.devices.pictures import Picture


_NARROWEST_LINE_PX = 160
"""Lines are read one by one, 48 pixels high, short ones filled up to this width. In RapidOCR's own batches of six all are filled up to the
widest: a sixth more processor time for a card, and no better read."""
_LONGEST_STRIP = 20
"""RapidOCR scales the short side of longer strips to nothing and fails; no document or label has such a shape."""


class TextReader(Protocol):
    """Reads printed lines in a picture."""

    def read(self, picture: Picture) -> tuple[PrintedLine, ...]: ...


class RapidTextReader:
    """RapidOCR, built on first use: about a second, then 0.3 s a picture on two threads. Not for two threads at once.

    `side_px`: the longer side that text is looked for in; None leaves RapidOCR's own, three times dearer and no better.
    """

    def __init__(self, *, side_px: int | None = 736, threads: int = 2) -> None:
        self._side_px = side_px
        self._threads = threads
        self._engine: Any = None

    def read(self, picture: Picture) -> tuple[PrintedLine, ...]:
        """Top to bottom as detected; empty where there is no text. DeviceError where RapidOCR can't be loaded."""
        if max(picture.shape[:2]) > _LONGEST_STRIP * min(picture.shape[:2]):
            return ()
        if self._engine is None:
            self._engine = self._build()
        read = self._engine(picture)
        if read.boxes is None or read.txts is None or read.scores is None:
            return ()
        return tuple(
            PrintedLine(text, float(score), tuple((float(x), float(y)) for x, y in box))
            for box, text, score in zip(read.boxes, read.txts, read.scores, strict=True)
        )

    def _build(self) -> object:
        # onnxruntime ≥ 1.29 sends usage data to its maker and keeps a device number unless told not to before it loads (its Privacy.md).
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        try:
            from rapidocr import RapidOCR

            from courier_check.devices import opencv  # noqa: F401 - before rapidocr imports cv2 itself
        except ImportError as missing:
            raise DeviceError(VisionCode.OCR_UNAVAILABLE, detail=str(missing)) from missing
        logging.getLogger("RapidOCR").setLevel(logging.ERROR)
        sized = {} if self._side_px is None else {"Det.limit_side_len": self._side_px, "Det.limit_type": "max"}
        return RapidOCR(
            params={
                "Global.log_level": "error",
                **sized,
                "Rec.rec_batch_num": 1,
                "Rec.rec_img_shape": [3, 48, _NARROWEST_LINE_PX],
                "EngineConfig.onnxruntime.intra_op_num_threads": self._threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )
