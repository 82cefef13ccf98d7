"""证件代码 of machine-readable zones as data: the shape of resources/machine_readable.json."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from courier_check import typed
from courier_check.errors import UserError
from courier_check.identity.codes import IdentityCode
from courier_check.identity.document_rules import Certainty
from courier_check.identity.documents import DocumentType
from courier_check.identity.mrz import MachineReadable


class ZoneCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What documents carry a code. `code`: its first character or both; `issuer` None: any state. Certainty 忆: nobody has checked it."""

    code: str
    issuer: str | None
    type: DocumentType
    edition: str | None
    source: str
    certainty: Certainty

    @property
    def sure(self) -> bool:
        return self.certainty != "忆"

    def fits(self, zone: MachineReadable) -> bool:
        held = zone.code or ""
        # The second character of a passport's code is the issuing state's to choose; that of a permit tells the permit.
        same = held == self.code or (self.code == "P" and held[:1] == "P")
        return same and self.issuer in (None, zone.issuer)


class _ZoneCodesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    note: str
    codes: tuple[ZoneCode, ...]


@dataclass(frozen=True, slots=True)
class ZoneCodes:
    """The table of codes, handed in by the caller; the first that fits counts."""

    codes: tuple[ZoneCode, ...] = ()

    @classmethod
    def parse(cls, data: bytes) -> ZoneCodes:
        """From resources/machine_readable.json; UserError if it is not such a table."""
        try:
            return cls(typed.decode(data, _ZoneCodesFile).codes)
        except msgspec.DecodeError as error:
            raise UserError(IdentityCode.ZONE_CODES_UNREADABLE, fault=str(error)) from None

    def find(self, zone: MachineReadable) -> ZoneCode | None:
        return next((code for code in self.codes if code.fits(zone)), None)
