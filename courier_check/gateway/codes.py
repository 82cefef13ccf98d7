"""What can go wrong at the regulator's side outside the documents of the wire."""

from __future__ import annotations

from enum import StrEnum


class GatewayCode(StrEnum):
    FOLDER_IN_USE = "gateway-folder-in-use"
    FOLDER_ABSENT = "gateway-folder-absent"
    FOLDER_NEWER = "gateway-folder-newer"
    FOLDER_UNREADABLE = "gateway-folder-unreadable"
    KEYS_UNUSABLE = "gateway-keys-unusable"
    DATABASE_ABSENT = "gateway-database-absent"
    DATABASE_OLDER = "gateway-database-older"
    DATABASE_NEWER = "gateway-database-newer"
    DATABASE_FOREIGN = "gateway-database-foreign"
    DATABASE_FAILED = "gateway-database-failed"
    DATABASE_ADDRESS = "gateway-database-address"
    ID_UNUSABLE = "gateway-id-unusable"
    PLACE_UNUSABLE = "gateway-place-unusable"
    STATION_ENROLLED = "gateway-station-enrolled"
    STATION_UNKNOWN = "gateway-station-unknown"
    JOURNAL_UNKNOWN = "gateway-journal-unknown"
    CONFIRMATION_UNUSABLE = "gateway-confirmation-unusable"
    SYSTEM_EXISTS = "gateway-system-exists"
    SYSTEM_UNKNOWN = "gateway-system-unknown"
    REGION_UNUSABLE = "gateway-region-unusable"
    PACKAGE_UNUSABLE = "gateway-package-unusable"
    VERSION_NOT_GREATER = "gateway-version-not-greater"
    ADDRESS_TAKEN = "gateway-address-taken"
    ROLE_FIXED = "gateway-role-fixed"
    WITHDRAWS_RECEIPT = "gateway-withdraws-receipt"
    ROOT_KEY_FOREIGN = "gateway-root-key-foreign"
    EVIDENCE_UNWRITABLE = "gateway-evidence-unwritable"


class Objection(StrEnum):
    """退回: why an entry that is stored all the same comes back to its station. Answered by a correction."""

    PART_UNREADABLE = "part-unreadable"
    WAYBILL_MISSING = "waybill-missing"
    WAYBILL_ELSEWHERE = "waybill-elsewhere"
    CLOCK_AHEAD = "clock-ahead"
