"""The result of checking one number as one kind of number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from courier_check.errors import Fact


class NumberKind(StrEnum):
    """What a number may be (domain.md §5)."""

    RESIDENT_ID = "resident-id"
    HMT_RESIDENCE = "hmt-residence"
    FPR_CARD = "fpr-card"
    HM_PERMIT = "hm-permit"
    TW_PERMIT = "tw-permit"
    TWO_WAY_PERMIT = "two-way-permit"
    PASSPORT = "passport"
    MRZ = "mrz"
    MILITARY = "military"
    USCC = "uscc"
    ORG_CODE = "org-code"
    BUSINESS_REGISTRATION = "business-registration"
    PHONE_MOBILE = "phone-mobile"
    PHONE_LANDLINE = "phone-landline"
    PHONE_SERVICE = "phone-service"
    PHONE_HONG_KONG = "phone-hong-kong"
    PHONE_MACAO = "phone-macao"
    PHONE_TAIWAN = "phone-taiwan"
    PHONE_VIRTUAL = "phone-virtual"


class Likelihood(IntEnum):
    """How strongly a text points to its kind; orders the candidates."""

    LOOSE = 0  # fits a pattern that many texts fit
    SPOILT = 1  # unmistakable shape, but a check fails
    SHAPED = 2  # a distinct shape without a check digit
    CHECKED = 3  # a check digit or a calendar date agrees


@dataclass(frozen=True, slots=True, repr=False)
class NumberCheck:
    """One candidate. `valid` with reasons means warnings only; facts hold the full number, so repr leaves them out."""

    kind: NumberKind
    valid: bool
    reasons: tuple[str, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    likelihood: Likelihood = Likelihood.SHAPED

    def __repr__(self) -> str:
        return f"NumberCheck({self.kind.value}, valid={self.valid}, reasons={self.reasons})"
