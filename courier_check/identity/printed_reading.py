"""What a face of a document gave, read from its print: the fields, how sure each is, and what to look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from courier_check.identity.documents import DocumentType, IdentityDocument
from courier_check.identity.lines import Point
from courier_check.identity.readings import Doubt, Field, FieldDoubt

SURE = 0.9
"""Scores below this are told. RapidOCR rates clean print above 0.97 and misread rare characters mostly below 0.9."""


PICTURED_KINDS = (
    DocumentType.RESIDENT_ID,
    DocumentType.TEMPORARY_ID,
    DocumentType.HMT_RESIDENCE,
    DocumentType.FPR_CARD,
    DocumentType.HM_PERMIT,
    DocumentType.TW_PERMIT,
    DocumentType.FOREIGN_PASSPORT,
    DocumentType.OVERSEAS_PASSPORT,
    DocumentType.TWO_WAY_PERMIT,
)
"""Kinds that are read from pictures; the others have no form that could be relied on and are typed."""


class Face(StrEnum):
    """Which face of a document a picture shows."""

    FRONT = "front"
    BACK = "back"
    PAGE = "page"  # of a passport, or a card whose one face has all


class ReadingWarning(StrEnum):
    """What an operator should look at; the sentences are in resources/wording/devices.json."""

    NAME_UNREADABLE = "name-unreadable"
    NAME_UNCERTAIN = "name-uncertain"
    SEX_UNREADABLE = "sex-unreadable"
    SEX_UNCERTAIN = "sex-uncertain"
    SEX_FROM_NUMBER = "sex-from-number"
    SEX_DIFFERS = "sex-differs-from-number"
    NATION_UNREADABLE = "nation-unreadable"
    NATION_UNCERTAIN = "nation-uncertain"
    BIRTH_UNREADABLE = "birth-unreadable"
    BIRTH_UNCERTAIN = "birth-uncertain"
    BIRTH_FROM_NUMBER = "birth-from-number"
    BIRTH_DIFFERS = "birth-differs-from-number"
    BIRTH_CHECK_DIGIT = "birth-check-digit"
    ADDRESS_UNREADABLE = "address-unreadable"
    ADDRESS_UNCERTAIN = "address-low-score"
    ADDRESS_MENDED = "address-mended"
    NUMBER_UNREADABLE = "number-unreadable"
    NUMBER_CHECK_DIGIT = "number-check-digit"
    NUMBER_UNCERTAIN = "number-low-score"
    NUMBER_READ_TWO_WAYS = "number-read-two-ways"
    NUMBER_BIRTH = "number-birth-unlikely"
    NUMBER_REGION = "number-region-not-listed"
    NUMBER_SHAPE = "number-shape-unlikely"
    NOT_A_RESIDENT_ID = "not-a-resident-id"
    KIND_UNSURE = "document-kind-unsure"
    KIND_DIFFERS = "document-kind-differs"
    ISSUER_UNREADABLE = "issuer-unreadable"
    ISSUER_UNCERTAIN = "issuer-uncertain"
    VALIDITY_UNREADABLE = "validity-unreadable"
    VALIDITY_UNCERTAIN = "validity-uncertain"
    VALIDITY_CHECK_DIGIT = "validity-check-digit"
    TERM_UNLIKELY = "validity-term-unlikely"
    NATIONALITY_UNREADABLE = "nationality-unreadable"
    NATIONALITY_UNCERTAIN = "nationality-uncertain"
    ZONE_CHECK_DIGIT = "zone-check-digit"
    MIRRORED = "picture-mirrored"
    FACES_DIFFER = "faces-differ"


_LOW, _NONE, _CONFLICT, _CHECK = Doubt.LOW_CONFIDENCE, Doubt.UNREADABLE, Doubt.NUMBER_CONFLICT, Doubt.CHECK_DIGIT

DOUBTS: Mapping[ReadingWarning, tuple[FieldDoubt, ...]] = MappingProxyType(
    {
        ReadingWarning.NAME_UNREADABLE: (FieldDoubt(Field.NAME, _NONE),),
        ReadingWarning.NAME_UNCERTAIN: (FieldDoubt(Field.NAME, _LOW),),
        ReadingWarning.SEX_UNREADABLE: (FieldDoubt(Field.SEX, _NONE),),
        ReadingWarning.SEX_UNCERTAIN: (FieldDoubt(Field.SEX, _LOW),),
        ReadingWarning.SEX_FROM_NUMBER: (FieldDoubt(Field.SEX, _NONE),),
        ReadingWarning.SEX_DIFFERS: (FieldDoubt(Field.SEX, _CONFLICT),),
        ReadingWarning.NATION_UNREADABLE: (FieldDoubt(Field.NATION, _NONE),),
        ReadingWarning.NATION_UNCERTAIN: (FieldDoubt(Field.NATION, _LOW),),
        ReadingWarning.BIRTH_UNREADABLE: (FieldDoubt(Field.BORN_ON, _NONE),),
        ReadingWarning.BIRTH_UNCERTAIN: (FieldDoubt(Field.BORN_ON, _LOW),),
        ReadingWarning.BIRTH_FROM_NUMBER: (FieldDoubt(Field.BORN_ON, _NONE),),
        ReadingWarning.BIRTH_DIFFERS: (FieldDoubt(Field.BORN_ON, _CONFLICT), FieldDoubt(Field.NUMBER, _CONFLICT)),
        ReadingWarning.BIRTH_CHECK_DIGIT: (FieldDoubt(Field.BORN_ON, _CHECK),),
        ReadingWarning.ADDRESS_UNREADABLE: (FieldDoubt(Field.ADDRESS, _NONE),),
        ReadingWarning.ADDRESS_UNCERTAIN: (FieldDoubt(Field.ADDRESS, _LOW),),
        ReadingWarning.ADDRESS_MENDED: (FieldDoubt(Field.ADDRESS, _LOW),),
        ReadingWarning.NUMBER_UNREADABLE: (FieldDoubt(Field.NUMBER, _NONE),),
        ReadingWarning.NUMBER_CHECK_DIGIT: (FieldDoubt(Field.NUMBER, _CHECK),),
        ReadingWarning.NUMBER_UNCERTAIN: (FieldDoubt(Field.NUMBER, _LOW),),
        ReadingWarning.NUMBER_READ_TWO_WAYS: (FieldDoubt(Field.NUMBER, Doubt.NOT_ALONE),),
        ReadingWarning.NUMBER_BIRTH: (FieldDoubt(Field.NUMBER, _CONFLICT),),
        ReadingWarning.NUMBER_REGION: (FieldDoubt(Field.NUMBER, Doubt.REGION_UNKNOWN),),
        ReadingWarning.NUMBER_SHAPE: (FieldDoubt(Field.NUMBER, _LOW),),
        ReadingWarning.ISSUER_UNREADABLE: (FieldDoubt(Field.ISSUER, _NONE),),
        ReadingWarning.ISSUER_UNCERTAIN: (FieldDoubt(Field.ISSUER, _LOW),),
        ReadingWarning.VALIDITY_UNREADABLE: (FieldDoubt(Field.VALID_UNTIL, _NONE),),
        ReadingWarning.VALIDITY_UNCERTAIN: (FieldDoubt(Field.VALID_UNTIL, _LOW),),
        ReadingWarning.VALIDITY_CHECK_DIGIT: (FieldDoubt(Field.VALID_UNTIL, _CHECK),),
        ReadingWarning.TERM_UNLIKELY: (FieldDoubt(Field.VALID_UNTIL, Doubt.TERM_UNLIKELY),),
        ReadingWarning.NATIONALITY_UNREADABLE: (FieldDoubt(Field.NATIONALITY, _NONE),),
        ReadingWarning.NATIONALITY_UNCERTAIN: (FieldDoubt(Field.NATIONALITY, _LOW),),
        ReadingWarning.ZONE_CHECK_DIGIT: (FieldDoubt(Field.NUMBER, _CHECK), FieldDoubt(Field.VALID_UNTIL, _CHECK)),
        ReadingWarning.FACES_DIFFER: (FieldDoubt(Field.NUMBER, Doubt.NOT_ALONE),),
    }
)
"""What a warning says about fields; those about the whole picture say nothing about one field."""


@dataclass(frozen=True, slots=True)
class PrintedReading:
    """A face of a document as read. `complete`: every field of the face was read from print and what checks there are hold.

    `confidence` in percent; `missing`: fields of this face that were not read; `outline`: its corners in pixels, empty if unknown.
    """

    document: IdentityDocument
    complete: bool
    warnings: tuple[ReadingWarning, ...]
    confidence: Mapping[Field, int] = field(default_factory=dict)
    missing: tuple[Field, ...] = ()
    outline: tuple[Point, ...] = ()
    face: Face = Face.FRONT

    def warned(self, more: Iterable[ReadingWarning], *, complete: bool | None = None) -> PrintedReading:
        """With further warnings, each told once."""
        warnings = tuple(dict.fromkeys((*self.warnings, *more)))
        return replace(self, warnings=warnings, complete=self.complete if complete is None else complete)


def doubts_of(warnings: Iterable[ReadingWarning]) -> tuple[FieldDoubt, ...]:
    """The doubts that these warnings are about, each once."""
    return tuple(dict.fromkeys(doubt for warning in warnings for doubt in DOUBTS.get(warning, ())))
