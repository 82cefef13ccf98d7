"""Codes of what can go wrong with pictures and devices; the sentences are in resources/wording/devices.json."""

from __future__ import annotations

from enum import StrEnum


class PictureCode(StrEnum):
    MISSING = "picture-missing"
    NOT_A_FILE = "picture-not-a-file"
    FORBIDDEN = "picture-forbidden"
    READ_FAILED = "picture-read-failed"
    EMPTY = "picture-empty"
    FILE_TOO_LARGE = "picture-file-too-large"
    NOT_A_PICTURE = "picture-not-a-picture"
    HEIC = "picture-heic"
    TRUNCATED = "picture-truncated"
    TOO_MANY_PIXELS = "picture-too-many-pixels"
    TOO_SMALL = "picture-too-small"
    FOLDER_MISSING = "picture-folder-missing"
    FOLDER_FAILED = "picture-folder-failed"


class VisionCode(StrEnum):
    OCR_UNAVAILABLE = "ocr-unavailable"
    DECODER_UNAVAILABLE = "barcode-decoder-unavailable"
    NO_DOCUMENT = "no-document-in-picture"
    NO_WAYBILL_LABEL = "no-waybill-in-picture"
    READER_STOPPED = "picture-reader-stopped"
    CODE_NOT_MADE = "qr-code-not-made"


class CameraCode(StrEnum):
    NOT_FOUND = "camera-not-found"
    LOST = "camera-lost"
    STOPPED = "camera-program-stopped"
