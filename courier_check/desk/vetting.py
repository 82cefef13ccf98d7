"""What reading and matching lists takes from the shipped resources: name rules, the check of unified codes, values behind tokens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache

from courier_check.errors import UserError
from courier_check.identity.documents import DocumentType
from courier_check.identity.number_check import NumberKind
from courier_check.identity.numbers import normalise_number
from courier_check.identity.organisations import check_uscc
from courier_check.identity.phones import Reach, reach_of
from courier_check.identity.resident import ResidentNumber
from courier_check.journal.tokens import TokenKind, address_value, match_token, phone_value
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.entries import Vetting
from courier_check.screening.fold import SimplifiedFold
from courier_check.screening.normalise import NameRules
from courier_check.store.resources import read_resource

_RESIDENT_LENGTH = 18


def shipped_vetting(today: date) -> Vetting:
    """Vetting by the shipped name rules and regions. Loads OpenCC."""
    names = shipped_names()

    def valid_uscc(code: str) -> bool:
        check = check_uscc(code, today)
        return check is not None and check.valid

    return Vetting(names, valid_uscc)


@cache
def shipped_names() -> NameRules:
    """The name rules and regions of resources/, read once in a process."""
    return NameRules.parse(read_resource("screening.json"), read_resource("regions.json"), SimplifiedFold())


def token_value(kind: TokenKind, value: str) -> str:
    """The value a token of this kind is made of. UserError where nothing is left of it."""
    normal = {
        TokenKind.ID_NUMBER: lambda: _document_number(value),
        TokenKind.PHONE: lambda: phone_value(value),
        TokenKind.ADDRESS: lambda: address_value(value),
    }[kind]()
    if not normal:
        raise UserError(ScreeningCode.EMPTY_QUERY)
    return normal


def _document_number(value: str) -> str:
    """A document number whose kind is not said, normalised as the document's own would be: permits lose their renewal count."""
    plain = normalise_number(DocumentType.RESIDENT_ID, value)
    if len(plain) == _RESIDENT_LENGTH:  # longer than any permit's, and most of a long list
        return plain
    written = (normalise_number(kind, value) for kind in (DocumentType.HM_PERMIT, DocumentType.TW_PERMIT))
    return next((number for number in written if number != plain), plain)


def _check_usable(kind: TokenKind, value: str) -> None:
    """A token tells nobody later that its number was mistyped. UserError for a phone nobody could call, and for a resident's number whose
    last character does not fit; other documents have numbers of any form."""
    if kind is TokenKind.PHONE and reach_of(value) is Reach.NONE:
        raise UserError(ScreeningCode.BAD_PHONE)
    if kind is TokenKind.ID_NUMBER:
        resident = ResidentNumber.find(normalise_number(DocumentType.RESIDENT_ID, value))
        if resident is not None and resident.kind is not NumberKind.FPR_CARD and not resident.check_holds:
            raise UserError(ScreeningCode.BAD_ID_NUMBER)


def tokens_under(key: bytes) -> Callable[[str, str], str]:
    """(kind, raw value) → match token under one match key, of a value as a list file gives it. UserError for one that can't be right."""

    def token(kind: str, value: str) -> str:
        named = TokenKind(kind)
        _check_usable(named, value)
        return match_token(key, named, token_value(named, value))

    return token
