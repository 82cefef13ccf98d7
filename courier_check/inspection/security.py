"""安检: how a parcel may be screened, on what ground it need not be, and how a check comes out. As data, after the fifteen boxes of the
security declaration of air cargo (resources/security.json)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from courier_check import typed
from courier_check.errors import UserError
from courier_check.inspection.catalogue import Certainty
from courier_check.inspection.codes import SecurityCode


class SecurityOutcome(StrEnum):
    """What a check says of a parcel. The last one counts; all are kept."""

    PASS = "pass"  # noqa: S105 - 合格
    FAIL = "fail"  # 不合格：停止分拣、运输、投递
    RECHECK = "recheck"  # 待复检

    @property
    def is_final(self) -> bool:
        """A parcel that waits to be checked again is not checked yet."""
        return self is not SecurityOutcome.RECHECK


class SecurityMethod(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """安检方法. `iata`: its code in the declaration."""

    id: str
    iata: str
    zh: str
    en: str
    source: str
    certainty: Certainty


class SecurityExemption(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """免检理由."""

    id: str
    zh: str
    en: str
    source: str
    certainty: Certainty


class ImageDays(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long pictures of the machine are kept, in days."""

    least: int
    usual: int
    source: str
    certainty: Certainty


class SecurityRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """security.json."""

    version: str
    checked_on: str
    note: str
    image_days: ImageDays
    methods: tuple[SecurityMethod, ...]
    exemptions: tuple[SecurityExemption, ...]

    @classmethod
    def parse(cls, data: bytes) -> SecurityRules:
        return typed.decode(data, cls)

    def check_means(self, outcome: SecurityOutcome, methods: Sequence[str], exemption: str | None) -> None:
        """Whether this is a check: screened by methods that exist, or not at all on a ground that exists. Raises UserError."""
        known = {method.id for method in self.methods}
        for method in methods:
            if method not in known:
                raise UserError(SecurityCode.METHOD_UNKNOWN, method=method[:40], known=", ".join(one.id for one in self.methods))
        if exemption is not None and exemption not in {one.id for one in self.exemptions}:
            raise UserError(SecurityCode.EXEMPTION_UNKNOWN, exemption=exemption[:40], known=", ".join(one.id for one in self.exemptions))
        if exemption is not None and (outcome is not SecurityOutcome.PASS or methods):
            raise UserError(SecurityCode.EXEMPTION_ALONE)
        if exemption is None and not methods:
            raise UserError(SecurityCode.METHOD_MISSING)

    def check_image_days(self, days: int) -> None:
        """Raises UserError for less than must be kept, and for what nobody keeps."""
        if not self.image_days.least <= days <= _LONGEST_DAYS:
            raise UserError(SecurityCode.IMAGE_DAYS, least=self.image_days.least, most=_LONGEST_DAYS)

    def method(self, method_id: str) -> SecurityMethod | None:
        return next((one for one in self.methods if one.id == method_id), None)


_LONGEST_DAYS = 3650
