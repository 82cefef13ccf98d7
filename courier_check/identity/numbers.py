"""What a number may be: every kind of domain.md §5 but those of parcels, likeliest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from courier_check.identity.codes import NumberReason
from courier_check.identity.documents import DocumentType
from courier_check.identity.mrz import check_mrz
from courier_check.identity.number_check import Likelihood, NumberCheck, NumberKind
from courier_check.identity.organisations import check_business_registration, check_org_code, check_uscc
from courier_check.identity.permits import (
    check_fpr_2017,
    check_hm_permit,
    check_military,
    check_passport,
    check_tw_permit,
    check_two_way_permit,
)
from courier_check.identity.phones import check_phones
from courier_check.identity.regions import Regions
from courier_check.identity.resident import check_resident, upgrade_15
from courier_check.identity.text import halfwidth, plain

_LONGEST_TEXT = 1000
_LONGEST_NUMBER = 90

_KINDS: dict[DocumentType, NumberKind] = {
    DocumentType.RESIDENT_ID: NumberKind.RESIDENT_ID,
    DocumentType.TEMPORARY_ID: NumberKind.RESIDENT_ID,
    DocumentType.HUKOU: NumberKind.RESIDENT_ID,
    DocumentType.DRIVING_LICENCE: NumberKind.RESIDENT_ID,
    DocumentType.HMT_RESIDENCE: NumberKind.HMT_RESIDENCE,
    DocumentType.FPR_CARD: NumberKind.FPR_CARD,
    DocumentType.HM_PERMIT: NumberKind.HM_PERMIT,
    DocumentType.TW_PERMIT: NumberKind.TW_PERMIT,
    DocumentType.TWO_WAY_PERMIT: NumberKind.TWO_WAY_PERMIT,
    DocumentType.FOREIGN_PASSPORT: NumberKind.PASSPORT,
    DocumentType.OVERSEAS_PASSPORT: NumberKind.PASSPORT,
    DocumentType.PLA: NumberKind.MILITARY,
    DocumentType.PAP: NumberKind.MILITARY,
}


def check_number(text: str, today: date, regions: Regions | None = None) -> tuple[NumberCheck, ...]:
    """The kinds a text may be, likeliest first; empty for text that looks like none, the empty text among them. Never raises.

    Without `regions` nothing is said about regions. Where something distinct was found, guesses that fit almost any text are left out.
    """
    if len(text) > _LONGEST_TEXT or len(halfwidth(text)) > _LONGEST_NUMBER:
        return ()
    found = sorted(_candidates(text, today, regions), key=lambda check: (-check.likelihood, not check.valid))
    return tuple(check for check in found if not _is_noise(check, found[0]))


def check_document_number(kind: DocumentType, text: str, today: date, regions: Regions | None = None) -> NumberCheck | None:
    """The number of a document of a known type; invalid with the reason `number-shape` if it has not that type's shape. None for OTHER."""
    expected = _KINDS.get(kind)
    if expected is None:
        return None
    found = next((check for check in _candidates(text, today, regions, bare_military=True) if check.kind is expected), None)
    return found or NumberCheck(expected, False, (NumberReason.SHAPE.value,), {}, Likelihood.LOOSE)


def normalise_number(kind: DocumentType, text: str) -> str:
    """How a document's number is stored and compared; normalising twice changes nothing.

    Half width, upper case, no blanks or hyphens, 15 digits brought up to 18, a permit's number for life without its renewal count.
    """
    expected = _KINDS.get(kind)
    if expected is NumberKind.RESIDENT_ID:
        return upgrade_15(plain(text))
    readers: dict[NumberKind, Callable[[str], NumberCheck | None]] = {
        NumberKind.HM_PERMIT: check_hm_permit,
        NumberKind.TW_PERMIT: check_tw_permit,
    }
    reader = readers.get(expected) if expected else None
    found = reader(text) if reader else None
    return str(found.facts["number"]) if found else plain(text)


def _is_noise(check: NumberCheck, best: NumberCheck) -> bool:
    if check.likelihood > Likelihood.LOOSE:
        return False
    if not check.valid:
        return best.valid or best.likelihood > Likelihood.LOOSE
    return check.kind is NumberKind.PASSPORT and best.likelihood >= Likelihood.SHAPED


def _candidates(text: str, today: date, regions: Regions | None, *, bare_military: bool = False) -> Iterator[NumberCheck]:
    """In the order in which equals are told: documents, organisations, telephones, and last what fits almost anything."""
    single = (
        check_resident(text, today, regions),
        check_mrz(text, today),
        check_uscc(text, today, regions),
        check_fpr_2017(text),
        check_two_way_permit(text),
        check_hm_permit(text),
        check_tw_permit(text),
        check_business_registration(text, regions),
    )
    yield from (check for check in single if check is not None)
    yield from check_phones(text)
    passport, org_code, military = check_passport(text), check_org_code(text), check_military(text)
    yield from (check for check in (org_code, passport) if check is not None)
    if military is not None and (bare_military or military.likelihood > Likelihood.LOOSE):
        yield military
