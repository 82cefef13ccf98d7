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
    SEVERAL_DOCUMENTS = "several-documents-in-picture"
    HALF_DOCUMENT = "half-document-in-picture"
    NO_WAYBILL_LABEL = "no-waybill-in-picture"
    READER_STOPPED = "picture-reader-stopped"
    CODE_NOT_MADE = "qr-code-not-made"


class EvidenceCode(StrEnum):
    """What keeps a picture from being kept as evidence. How good it is says `photo_quality`."""

    DOCUMENT_SEEN = "evidence-shows-document"


class CameraCode(StrEnum):
    NOT_FOUND = "camera-not-found"
    LOST = "camera-lost"
    FROZEN = "camera-frozen"
    STOPPED = "camera-program-stopped"


class ReaderCode(StrEnum):
    """What an ID-card reader, its line or a card on it says. Those of `STATUS_CODES` in `sam` are the module's own words."""

    NOT_FOUND = "reader-not-found"
    NO_PORT = "reader-no-port"
    PORT_FAILED = "reader-port-failed"
    LOST = "reader-lost"
    SILENT = "reader-silent"
    GARBLED = "reader-garbled"
    STOPPED = "reader-program-stopped"
    NOT_ON_THIS_SYSTEM = "reader-simulation-not-here"
    SCRIPT_UNUSABLE = "reader-script-unusable"
    NO_CARD = "card-not-there"
    READING = "card-being-read"
    TAKE_AWAY = "card-take-away"
    NOT_READ_THROUGH = "card-not-read-through"
    TYPE_UNKNOWN = "card-type-unknown"
    TEXT_LENGTH = "card-text-length"
    CHECKSUM_REFUSED = "reader-checksum-refused"
    LENGTH_REFUSED = "reader-length-refused"
    COMMAND_REFUSED = "reader-command-refused"
    UNRECOGNISED = "reader-operation-unrecognised"
    CARD_DISTRUSTS_READER = "card-distrusts-reader"
    READER_DISTRUSTS_CARD = "reader-distrusts-card"
    INFORMATION_WRONG = "card-information-wrong"
    WRONG_CARD = "card-wrong"
    READ_FAILED = "card-read-failed"
    RANDOM_FAILED = "reader-random-failed"
    SELF_TEST_FAILED = "reader-self-test-failed"
    UNLICENSED = "reader-unlicensed"
    FIND_FAILED = "card-find-failed"
    SELECT_FAILED = "card-select-failed"
    NO_SUCH_ITEM = "card-item-absent"
    STATUS_UNKNOWN = "reader-status-unknown"


class ScannerCode(StrEnum):
    """What a serial gun, its line or a scan from it says. `TOO_SHORT` is said of keyboard guns too."""

    PORT_FAILED = "scanner-port-failed"
    NOT_THERE = "scanner-not-there"
    LOST = "scanner-lost"
    STOPPED = "scanner-program-stopped"
    LINE_UNKNOWN = "scanner-line-unknown"
    NOT_ON_THIS_SYSTEM = "scanner-simulation-not-here"
    HALF = "scan-half"
    NOISE = "scan-noise"
    TOO_LONG = "scan-too-long"
    TOO_SHORT = "scan-too-short"


class PrinterCode(StrEnum):
    """What a label printer, its line or its paper says."""

    ADDRESS_ODD = "printer-address-odd"
    LANGUAGE_NOT_THERE = "printer-language-not-there"
    SIZE_ODD = "printer-size-odd"
    DPI_ODD = "printer-dpi-odd"
    LABEL_TOO_SMALL = "printer-label-too-small"
    NOT_THERE = "printer-not-there"
    LOST = "printer-lost"
    HANGS = "printer-hangs"
    SILENT = "printer-silent"
    GARBLED = "printer-garbled"
    PAPER_OUT = "printer-paper-out"
    RIBBON_OUT = "printer-ribbon-out"
    COVER_OPEN = "printer-cover-open"
    PAUSED = "printer-paused"
    FAULT = "printer-fault"
    FOLDER_FAILED = "printer-folder-failed"
    NOT_ON_THIS_SYSTEM = "printer-not-on-this-system"
    NO_SYSTEM_PRINTING = "printer-no-system-printing"
    SYSTEM_NONE = "printer-system-none"
    SYSTEM_NO_DEFAULT = "printer-system-no-default"
    SYSTEM_UNKNOWN = "printer-system-unknown"
    SYSTEM_STOPPED = "printer-system-stopped"
    SYSTEM_REFUSED = "printer-system-refused"
    SYSTEM_HANGS = "printer-system-hangs"
    SYSTEM_BROKE = "printer-system-broke"
    PAPER_NOT_THERE = "printer-paper-not-there"
    PAGE_TOO_SMALL = "printer-page-too-small"


OF_THE_SYSTEM = frozenset(
    {
        PrinterCode.SYSTEM_UNKNOWN,
        PrinterCode.SYSTEM_STOPPED,
        PrinterCode.SYSTEM_REFUSED,
        PrinterCode.SYSTEM_HANGS,
        PrinterCode.SYSTEM_BROKE,
        PrinterCode.PAPER_NOT_THERE,
        PrinterCode.PAGE_TOO_SMALL,
    }
)
"""What is told of a printer of the system: the fact `printer` is its name, or its address where what hangs never told one."""


class StillCode(StrEnum):
    """What keeps a camera's picture from being taken as a still, besides its quality (`quality.QualityReason`)."""

    MOVING = "still-moving"
