"""收寄: the session at the window, one parcel from first scan to verdict. Pure; asks identity, parcel, inspection and screening."""

from courier_check.acceptance.codes import AcceptanceCode, AcceptanceReason, Lack
from courier_check.acceptance.counter import Counter
from courier_check.acceptance.draft import (
    ClerkRefusal,
    Contact,
    Draft,
    EarlierAcceptance,
    FailedCheck,
    HitResolution,
    Photo,
    PhotoExemption,
    ReferredBefore,
    RefusedBefore,
    Settlement,
)
from courier_check.acceptance.judgement import Rulebook
from courier_check.acceptance.session import Session
from courier_check.screening.standing import ResolutionKind

__all__ = [
    "AcceptanceCode",
    "AcceptanceReason",
    "ClerkRefusal",
    "Contact",
    "Counter",
    "Draft",
    "EarlierAcceptance",
    "FailedCheck",
    "HitResolution",
    "Lack",
    "Photo",
    "PhotoExemption",
    "ReferredBefore",
    "RefusedBefore",
    "ResolutionKind",
    "Rulebook",
    "Session",
    "Settlement",
]
