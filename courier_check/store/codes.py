"""What can be wrong with a data folder."""

from __future__ import annotations

from enum import StrEnum


class StoreCode(StrEnum):
    FOLDER_ABSENT = "folder-absent"
    FOLDER_NOT_EMPTY = "folder-not-empty"
    FOLDER_NEWER = "folder-newer"
    FOLDER_DAMAGED = "folder-damaged"
    FOLDER_UNWRITABLE = "folder-unwritable"
    WRONG_PASSPHRASE = "wrong-passphrase"
    PASSPHRASE_SHORT = "passphrase-short"
    KEYRING_ABSENT = "keyring-absent"
    BUSY = "folder-busy"
    DISK_FULL = "disk-full"
    DATABASE_DAMAGED = "database-damaged"
    DATABASE_FAILED = "database-failed"
    SYNC_RUNNING = "sync-running"
    WINDOW_OPEN = "window-open"
    PARTS_PENDING = "parts-pending"
    PARTS_NEEDED = "parts-needed"
