"""告知 (个人信息保护法 17 条): the notice shown before the first document of a visit is read. Its text is data, with a version."""

from __future__ import annotations

from datetime import date

import msgspec

from courier_check import typed
from courier_check.errors import UserError
from courier_check.identity.codes import IdentityCode
from courier_check.identity.document_rules import Cited


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in both languages, with the places {outlet} and {contact} for who gives the notice."""

    zh: str
    en: str


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    heading: Said
    text: Said


class Notice(Cited, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The notice whole. `checked_on`: the day its facts were last compared with their sources."""

    version: str
    checked_on: date
    note: str
    title: Said
    sections: tuple[Section, ...]

    @classmethod
    def parse(cls, data: bytes) -> Notice:
        """From resources/notices/personal-data.json; UserError with the path of the fault."""
        try:
            return typed.decode(data, cls)
        except msgspec.DecodeError as error:
            raise UserError(IdentityCode.NOTICE_UNREADABLE, fault=str(error)) from None


def filled(text: str, outlet: str, contact: str) -> str:
    """A text of the notice with who gives it."""
    return text.replace("{outlet}", outlet).replace("{contact}", contact)
