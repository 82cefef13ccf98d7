"""What the pages beside the counter say no with. Sentences: resources/wording/window_pages.json."""

from __future__ import annotations

from enum import StrEnum


class PageCode(StrEnum):
    FOLDER_ABSENT = "export-folder-absent"
    FOLDER_UNWRITABLE = "export-folder-unwritable"
    WITHDRAWN = "window-withdrawn"
    WITHDRAWN_ALREADY = "window-withdrawn-already"
    NO_ACCEPTANCE = "window-no-acceptance"
    WITHDRAWER_UNKNOWN = "window-withdrawer-unknown"
    NO_PROOF = "proof-absent"
    PROOF_TO_RENEW = "proof-of-withdrawn-key"
