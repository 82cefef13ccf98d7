"""A hit as JSON: what the command line prints and what the entry keeps are one and the same."""

from __future__ import annotations

from typing import Any

from courier_check.screening.match import Hit
from courier_check.screening.standing import Standing

MOST_TOLD = 12
"""Hits of one parcel that the entry keeps, strongest first: a part has 64 KiB."""
_LONGEST_REASON = 200


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
        "entry_reason": hit.entry_reason[:_LONGEST_REASON],
        "action": hit.action.value,
        "advice": hit.advice.value,
        "score": hit.score,
        "rule": (why.rule if why is not None else hit.reasons[0]).value,
        "reasons": [reason.value for reason in hit.reasons],
        "listed_on": why.listed_on.isoformat() if why is not None else None,
        "expires_on": why.expires_on.isoformat() if why is not None and why.expires_on is not None else None,
        "steps": [list(step) for step in why.steps] if why is not None else [],
        "decided": _decided(hit.standing) if hit.standing is not None else None,
    }


def _decided(standing: Standing) -> dict[str, Any]:
    """The earlier decision that answered a hit."""
    return {
        "kind": standing.kind.value,
        "until_on": standing.until_on.isoformat(),
        "supervisor": standing.supervisor or None,
        "journal_id": standing.journal_id,
        "seq": standing.seq,
    }
