"""A document from its machine-readable zone, with what its page prints besides. Pure."""

from __future__ import annotations

from datetime import date

from courier_check.identity.codes import NumberReason
from courier_check.identity.documents import DocumentType, IdentityDocument, Sex, Source
from courier_check.identity.mrz import MachineReadable
from courier_check.identity.mrz_lines import ReadZone
from courier_check.identity.printed_reading import SURE, Face, PrintedReading, ReadingWarning
from courier_check.identity.readings import Field
from courier_check.identity.zone_codes import ZoneCodes

_SEXES = {"M": Sex.MALE, "F": Sex.FEMALE}
_CHINA = "CHN"
_FAULTS = {
    NumberReason.MRZ_CHECK_NUMBER: (ReadingWarning.NUMBER_CHECK_DIGIT,),
    NumberReason.MRZ_CHECK_BIRTH: (ReadingWarning.BIRTH_CHECK_DIGIT,),
    NumberReason.MRZ_CHECK_EXPIRY: (ReadingWarning.VALIDITY_CHECK_DIGIT,),
    NumberReason.MRZ_CHECK_PERSONAL: (),
    NumberReason.MRZ_CHECK_COMPOSITE: (ReadingWarning.ZONE_CHECK_DIGIT,),
}


def read_zone(
    found: ReadZone, printed: PrintedReading | None, titled: DocumentType | None, codes: ZoneCodes, today: date
) -> PrintedReading:
    """Number, birth date, sex, expiry and nationality from the zone; name in Han characters, issuer and day of issue from the print.

    What has no check digit — the name, above all — is sure only as far as recognition is; a zone mended by its check digits is told.
    """
    zone = found.zone
    kind, sure = _kind(zone, titled, codes)
    warnings = [] if sure else [ReadingWarning.KIND_UNSURE]
    for reason in zone.failed:
        warnings += _FAULTS.get(reason, ())
    page = printed.document if printed is not None else None
    if found.mended or (found.score < SURE and not _same_number(page, zone)):
        warnings.append(ReadingWarning.NUMBER_UNCERTAIN)
    latin = _latin_name(zone)
    chinese = zone.nationality == _CHINA
    han = page.name if chinese and page is not None and page.name and not page.name.isascii() else None
    name_score = printed.confidence.get(Field.NAME, 0) / 100 if han is not None and printed is not None else _names_score(found)
    if han is None and latin is None:
        warnings.append(ReadingWarning.NAME_UNREADABLE)
    elif name_score < SURE or (chinese and han is None and kind is DocumentType.OVERSEAS_PASSPORT):
        warnings.append(ReadingWarning.NAME_UNCERTAIN)
    document = IdentityDocument(
        type=kind,
        name=han or latin or (page.name if page is not None else None),
        number=zone.number or None,
        sex=_SEXES.get(zone.sex),
        born_on=zone.born_on(today),
        issuer=page.issuer if page is not None else None,
        valid_from=page.valid_from if page is not None else None,
        valid_until=zone.valid_until,
        nationality=zone.nationality or None,
        source=Source.MRZ,
    )
    warnings += _differing(document, page)
    return _told(document, warnings, found, name_score)


def _told(document: IdentityDocument, warnings: list[ReadingWarning], found: ReadZone, name_score: float) -> PrintedReading:
    owed = {
        Field.NAME: document.name,
        Field.NUMBER: document.number,
        Field.BORN_ON: document.born_on,
        Field.VALID_UNTIL: document.valid_until,
    }
    unread = {
        Field.NAME: ReadingWarning.NAME_UNREADABLE,
        Field.NUMBER: ReadingWarning.NUMBER_UNREADABLE,
        Field.BORN_ON: ReadingWarning.BIRTH_UNREADABLE,
        Field.VALID_UNTIL: ReadingWarning.VALIDITY_UNREADABLE,
    }
    missing = tuple(field for field, value in owed.items() if value is None)
    told = tuple(dict.fromkeys([*warnings, *(unread[field] for field in missing)]))
    percent = round(found.score * 100)
    confidence = {field: percent for field in owed if field not in missing} | {Field.NAME: round(name_score * 100)}
    return PrintedReading(document, not missing and not found.zone.failed, told, confidence, missing, face=Face.PAGE)


def _kind(zone: MachineReadable, titled: DocumentType | None, codes: ZoneCodes) -> tuple[DocumentType, bool]:
    """By the zone's code, by the printed title where that says more, and whether either is known for sure."""
    code = codes.find(zone)
    passport = (zone.code or "").startswith("P") or zone.layout == "TD3"
    if titled is not None and not passport:
        return titled, True
    if code is not None and not passport:
        return code.type, code.sure
    if passport:
        return (DocumentType.OVERSEAS_PASSPORT if zone.nationality == _CHINA else DocumentType.FOREIGN_PASSPORT), True
    return DocumentType.OTHER, False


def _same_number(page: IdentityDocument | None, zone: MachineReadable) -> bool:
    return page is not None and page.number == zone.number


def _differing(document: IdentityDocument, page: IdentityDocument | None) -> list[ReadingWarning]:
    """Where the same page prints something else than its zone says."""
    if page is None:
        return []
    both = ((page.number, document.number), (page.born_on, document.born_on), (page.valid_until, document.valid_until))
    return [ReadingWarning.FACES_DIFFER] if any(one is not None and other is not None and one != other for one, other in both) else []


def _latin_name(zone: MachineReadable) -> str | None:
    words = [part for part in (zone.surname, zone.given_names) if part]
    return " ".join(words) or None


def _names_score(found: ReadZone) -> float:
    """Of the line with the names: the first of a passport's zone, the last of a card's."""
    line = found.lines[0] if found.zone.layout == "TD3" else found.lines[-1]
    return line.score
