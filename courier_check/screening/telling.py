"""A hit as JSON: what the command line prints and what the entry keeps are one and the same."""

from __future__ import annotations

from typing import Any

from courier_check.screening.match import Hit

MOST_TOLD = 12
"""Hits of one parcel that the entry keeps, strongest first: a part has 64 KiB."""


def told(hit: Hit) -> dict[str, Any]:
    """List with version, entry with revision, what it may do and why, and both names side by side."""
    why = hit.explanation
    return {
        "list": hit.list_id,
        "version": hit.list_version,
        "entry": hit.entry_id,
        "revision": hit.revision,
        "title": hit.list_title,
        "issuer": hit.issuer,
        "doc_no": hit.doc_no,
        "basis": hit.basis,
        "remedy": hit.remedy,
        "action": hit.action.value,
        "advice": hit.advice.value,
        "score": hit.score,
        "rule": (why.rule if why is not None else hit.reasons[0]).value,
        "reasons": [reason.value for reason in hit.reasons],
        "listed_on": why.listed_on.isoformat() if why is not None else None,
        "expires_on": why.expires_on.isoformat() if why is not None and why.expires_on is not None else None,
        "steps": [list(step) for step in why.steps] if why is not None else [],
    }
