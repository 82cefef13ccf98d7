"""互相印证: what the fields of one reading say about each other and about the tables.

Pure; every finding is a warning, nothing is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

from courier_check.identity.codes import NumberReason
from courier_check.identity.document_rules import ResidentValidity
from courier_check.identity.documents import DocumentType, IdentityDocument
from courier_check.identity.numbers import check_document_number
from courier_check.identity.policy import term_is_likely
from courier_check.identity.printed_reading import Face, PrintedReading, ReadingWarning
from courier_check.identity.regions import Regions
from courier_check.identity.resident import ResidentNumber
from courier_check.identity.zone_codes import ZoneCodes

_NUMBER_WARNINGS: Mapping[str, ReadingWarning] = MappingProxyType(
    {
        NumberReason.CHECK_DIGIT.value: ReadingWarning.NUMBER_CHECK_DIGIT,
        NumberReason.CHECK_DIGIT_UNSURE.value: ReadingWarning.NUMBER_UNCERTAIN,
        NumberReason.BIRTH_IMPOSSIBLE.value: ReadingWarning.NUMBER_BIRTH,
        NumberReason.BIRTH_FUTURE.value: ReadingWarning.NUMBER_BIRTH,
        NumberReason.AGE_UNLIKELY.value: ReadingWarning.NUMBER_BIRTH,
        NumberReason.REGION_UNKNOWN.value: ReadingWarning.NUMBER_REGION,
        NumberReason.REGION_STATISTICAL.value: ReadingWarning.NUMBER_REGION,
        NumberReason.SHAPE.value: ReadingWarning.NUMBER_SHAPE,
    }
)
_TERMED = frozenset({DocumentType.RESIDENT_ID, DocumentType.TEMPORARY_ID, DocumentType.HMT_RESIDENCE})


@dataclass(frozen=True, slots=True)
class References:
    """The tables that readings are checked against, handed in by the caller. Without one nothing is said about its matter."""

    regions: Regions | None = None
    zone_codes: ZoneCodes = field(default_factory=ZoneCodes)
    resident_validity: ResidentValidity | None = None


def cross_checked(reading: PrintedReading, references: References, today: date) -> PrintedReading:
    """With what the number, the region table and the rule of terms say; an address is mended by its region and told so."""
    document = reading.document
    warnings: list[ReadingWarning] = []
    if document.number is not None:
        check = check_document_number(document.type, document.number, today, references.regions)
        warnings += [_NUMBER_WARNINGS[reason] for reason in (check.reasons if check else ()) if reason in _NUMBER_WARNINGS]
    if document.born_on is not None and document.born_on > today:
        warnings.append(ReadingWarning.BIRTH_UNCERTAIN)
    mended = _mended_address(document, references.regions)
    if mended != document.address:
        document = replace(document, address=mended)
        warnings.append(ReadingWarning.ADDRESS_MENDED)
    warnings += term_warnings(document, references)
    spoilt = not {ReadingWarning.NUMBER_CHECK_DIGIT, ReadingWarning.NUMBER_SHAPE}.isdisjoint(warnings)
    return replace(reading, document=document).warned(warnings, complete=reading.complete and not spoilt)


def term_warnings(document: IdentityDocument, references: References) -> list[ReadingWarning]:
    """居民身份证法 5 条: the term follows from the holder's age at issue. Only known once both faces were read."""
    rule = references.resident_validity
    reversed_ = document.valid_from is not None and document.valid_until is not None and document.valid_from > document.valid_until
    unlikely = rule is not None and document.type is DocumentType.RESIDENT_ID and not term_is_likely(rule, document)
    return [ReadingWarning.TERM_UNLIKELY] if reversed_ or unlikely else []


def _mended_address(document: IdentityDocument, regions: Regions | None) -> str | None:
    number = ResidentNumber.find(document.number) if document.number and document.type in _TERMED else None
    if regions is None or document.address is None or number is None or not number.check_holds:
        return document.address
    return regions.mended_address(document.address, number.region_code)


def joined(front: PrintedReading, back: PrintedReading) -> PrintedReading:
    """Two faces as one document. What both say and say differently is told, and the side with check digits counts."""
    first, second = front.document, back.document
    warnings = list(dict.fromkeys((*front.warnings, *back.warnings)))
    shared = [(first.number, second.number), (first.born_on, second.born_on), (first.valid_until, second.valid_until)]
    if any(one is not None and other is not None and one != other for one, other in shared):
        warnings.append(ReadingWarning.FACES_DIFFER)
    if ReadingWarning.KIND_UNSURE in back.warnings and first.type is second.type and ReadingWarning.KIND_UNSURE not in front.warnings:
        warnings.remove(ReadingWarning.KIND_UNSURE)  # the title printed on the front names the same kind
    missing = tuple(one for one in (*front.missing, *back.missing) if _lacks(first, one.value) and _lacks(second, one.value))
    return PrintedReading(
        _filled(first, second, second.type if front.face is Face.BACK else first.type),
        front.complete and back.complete and ReadingWarning.FACES_DIFFER not in warnings,
        tuple(warnings),
        {**front.confidence, **back.confidence} if second.number is not None else {**back.confidence, **front.confidence},
        tuple(dict.fromkeys(missing)),
        front.outline,
        Face.PAGE,
    )


def _filled(first: IdentityDocument, second: IdentityDocument, kind: DocumentType) -> IdentityDocument:
    """The first's fields, what it lacks from the second; number and dates from the second where that is a machine-readable zone."""
    zoned = second.number is not None and second.source is not first.source
    lead, other = (second, first) if zoned else (first, second)
    termed = lead if lead.valid_until is not None or lead.long_term else other
    return replace(
        lead,
        type=kind,
        name=first.name or second.name,
        number=lead.number or other.number,
        sex=lead.sex or other.sex,
        nation=lead.nation or other.nation,
        born_on=lead.born_on or other.born_on,
        address=lead.address or other.address,
        issuer=lead.issuer or other.issuer,
        valid_from=lead.valid_from or other.valid_from,
        valid_until=termed.valid_until,
        long_term=termed.long_term,
        nationality=lead.nationality or other.nationality,
    )


def _lacks(document: IdentityDocument, name: str) -> bool:
    return getattr(document, name) is None and not (name == "valid_until" and document.long_term)
