"""What the window says no with. Sentences: resources/wording/window.json."""

from __future__ import annotations

from enum import StrEnum


class CounterCode(StrEnum):
    PARCEL_IN_HAND = "window-parcel-in-hand"
    NO_PARCEL = "window-no-parcel"
    NO_LAST_SENDER = "window-no-last-sender"
    NOTHING_HELD = "window-nothing-held"
    REFUSE_INSTEAD = "window-refuse-instead"
    STILL_MISSING = "window-still-missing"
    ALREADY_RECORDED = "window-already-recorded"
    NO_REFUSAL_CHOSEN = "window-no-refusal-chosen"
    NO_SUPERVISOR = "window-no-supervisor"
    PANEL_OPEN = "window-panel-open"
    NO_MATTER_CHOSEN = "window-no-matter-chosen"
    TWO_PERSONS = "window-two-persons"
    WRONG_SCAN = "window-wrong-scan"
    ANOTHER_WAYBILL = "window-another-waybill"
    PHONE_ODD = "window-phone-odd"
    NAME_NEEDED = "window-name-needed"
    NOTHING_TO_PHOTOGRAPH = "window-nothing-to-photograph"
    NO_PICTURE = "window-no-picture"
    TURN_OVER = "window-turn-over"
    OVERSIZED_SCAN = "window-oversized-scan"
    IME_SCAN = "window-ime-scan"
    PASSPHRASES_DIFFER = "window-passphrases-differ"
    FIELD_EMPTY = "window-field-empty"
    NO_DISPLAY = "window-no-display"
