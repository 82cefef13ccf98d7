"""What the pages beside the counter say no with. Sentences: resources/wording/window_pages.json."""

from __future__ import annotations

from enum import StrEnum


class PageCode(StrEnum):
    FOLDER_ABSENT = "export-folder-absent"
    FOLDER_UNWRITABLE = "export-folder-unwritable"
    NO_PROOF = "proof-absent"
