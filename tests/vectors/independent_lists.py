"""Deltas of lists as docs/wire.md §9 describes them, without the program's code: JSON and hashes of the standard library."""

from __future__ import annotations

import json
from typing import Any

OF_A_DELTA = ("from_version", "changed", "dropped", "outcome")


def whole_after(old: dict[str, Any], delta: dict[str, Any]) -> bytes:
    """The content of the whole package that a delta leads to."""
    gone = {*delta["dropped"], *(entry["entry_id"] for entry in delta["changed"])}
    entries = [entry for entry in old["entries"] if entry["entry_id"] not in gone] + delta["changed"]
    whole = {name: value for name, value in delta.items() if name not in OF_A_DELTA}
    whole["entries"] = sorted(entries, key=lambda entry: entry["entry_id"])
    return json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
