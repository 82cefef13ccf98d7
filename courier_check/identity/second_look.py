"""Two readings of the same face made one: field by field the surer, and told where two sure ones differ. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from courier_check.identity.documents import IdentityDocument
from courier_check.identity.lines import PrintedLine
from courier_check.identity.printed import plain_print
from courier_check.identity.printed_reading import DOUBTS, PrintedReading, ReadingWarning
from courier_check.identity.readings import Field
from courier_check.identity.resident import ResidentNumber

_VERY_SURE = 95
_SURE_ALONE = 97
_OF_FACE = (Field.NAME, Field.SEX, Field.NATION, Field.BORN_ON, Field.ADDRESS)


def merged(first: PrintedReading, second: PrintedReading) -> PrintedReading:
    """A front read from the whole picture, and again from the card alone. The outline stays the first's, in the picture's pixels."""
    if not _holds(first.document) and _holds(second.document):
        return replace(second, outline=first.outline)
    if first.document.number != second.document.number:
        # A number that holds once and is another one the next time is not known, whichever it is.
        return first.warned([ReadingWarning.NUMBER_READ_TWO_WAYS], complete=False) if _holds(second.document) else first
    document, confidence = first.document, dict(first.confidence)
    warnings = [warning for warning in first.warnings if not _about(warning)]
    if ReadingWarning.NOT_A_RESIDENT_ID in warnings and ReadingWarning.NOT_A_RESIDENT_ID not in second.warnings:
        warnings.remove(ReadingWarning.NOT_A_RESIDENT_ID)
    for field in (Field.NUMBER, *_OF_FACE):
        better = _better(first, second, field)
        document = replace(document, **{field.value: getattr(better.document, field.value)})
        warnings += [warning for warning in better.warnings if field in _about(warning)]
        if field in better.confidence:
            confidence[field] = better.confidence[field]
    missing = tuple(field for field in first.missing if getattr(document, field.value) is None)
    told = tuple(dict.fromkeys(warnings))
    return replace(
        first, document=document, confidence=confidence, warnings=told, missing=missing, complete=not missing and _complete(told)
    )


def name_seen_alone(reading: PrintedReading, lines: Sequence[PrintedLine]) -> PrintedReading:
    """A front whose name was looked at without its label: sure if the same was read very surely, doubtful whatever else was read."""
    same = [line.score for line in lines if plain_print(line.text) == reading.document.name]
    score = round(100 * max(same, default=0.0))
    if score >= _SURE_ALONE:
        warnings = tuple(warning for warning in reading.warnings if warning is not ReadingWarning.NAME_UNCERTAIN)
        return replace(reading, warnings=warnings, confidence={**reading.confidence, Field.NAME: score})
    lowest = min(reading.confidence.get(Field.NAME, 0), score or 100)
    return replace(reading.warned([ReadingWarning.NAME_UNCERTAIN]), confidence={**reading.confidence, Field.NAME: lowest})


def fuller(first: PrintedReading, second: PrintedReading | None) -> PrintedReading:
    """Of two looks at a page without a number to hold it by: the second where it missed less, or as little and is doubted less."""
    if second is None or (len(second.missing), len(second.warnings)) >= (len(first.missing), len(first.warnings)):
        return first
    if first.document.number not in (None, second.document.number):
        second = second.warned([ReadingWarning.NUMBER_READ_TWO_WAYS], complete=False)
    return replace(second, outline=first.outline)


def _better(first: PrintedReading, second: PrintedReading, field: Field) -> PrintedReading:
    """Enlarged, a misread character is misread again with more confidence: the first look's doubts go only before a very sure second."""
    if _rank(second, field) <= _rank(first, field):
        return first
    doubts = [warning for warning in first.warnings if field in _about(warning) and warning is not ReadingWarning.ADDRESS_MENDED]
    if getattr(first.document, field.value) is None or not doubts or second.confidence.get(field, 0) >= _VERY_SURE:
        return second
    return second.warned(doubts)


def _holds(document: IdentityDocument) -> bool:
    number = ResidentNumber.find(document.number or "")
    return number is not None and number.check_holds


def _about(warning: ReadingWarning) -> frozenset[Field]:
    return frozenset(doubt.field for doubt in DOUBTS.get(warning, ()))


def _rank(reading: PrintedReading, field: Field) -> tuple[bool, bool, int]:
    """Read at all, without a doubt, and how surely."""
    doubted = any(field in _about(warning) for warning in reading.warnings)
    return getattr(reading.document, field.value) is not None, not doubted, reading.confidence.get(field, 0)


def _complete(warnings: tuple[ReadingWarning, ...]) -> bool:
    return {
        ReadingWarning.NUMBER_CHECK_DIGIT,
        ReadingWarning.NOT_A_RESIDENT_ID,
        ReadingWarning.SEX_FROM_NUMBER,
        ReadingWarning.BIRTH_FROM_NUMBER,
    }.isdisjoint(warnings)
