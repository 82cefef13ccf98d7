"""What one source said about a document, and how sure it is: for the checks of a visit only, never kept (domain.md §11.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from courier_check.identity.documents import IdentityDocument, Source


class Field(StrEnum):
    """A field of a document: the keys of `IdentityDocument`."""

    TYPE = "type"
    NAME = "name"
    NUMBER = "number"
    SEX = "sex"
    NATION = "nation"
    BORN_ON = "born_on"
    ADDRESS = "address"
    ISSUER = "issuer"
    VALID_FROM = "valid_from"
    VALID_UNTIL = "valid_until"
    NATIONALITY = "nationality"


class Doubt(StrEnum):
    """Why a field that was read is not to be relied on alone."""

    LOW_CONFIDENCE = "low-confidence"
    CHECK_DIGIT = "check-digit"
    NUMBER_CONFLICT = "number-conflict"  # the number says another birth date, sex or place
    REGION_UNKNOWN = "region-unknown"
    TERM_UNLIKELY = "term-unlikely"  # not the term of validity that the age at issue gives
    NOT_ALONE = "not-alone"  # several candidates
    UNREADABLE = "unreadable"


_BACK_FIELDS = (Field.ISSUER, Field.VALID_FROM, Field.VALID_UNTIL)


@dataclass(frozen=True, slots=True)
class FieldDoubt:
    """One field and why it is doubtful. Holds no value of the field."""

    field: Field
    doubt: Doubt


@dataclass(frozen=True, slots=True, repr=False)
class SourceReading:
    """What one source read. `confidence` is in percent, empty where a source has none (chip, credential, keyboard)."""

    source: Source
    document: IdentityDocument
    doubts: tuple[FieldDoubt, ...] = ()
    confidence: Mapping[Field, int] = field(default_factory=dict)

    def doubts_about(self, field: Field) -> tuple[Doubt, ...]:
        """Why this field is doubtful; none at all when it isn't."""
        return tuple(found.doubt for found in self.doubts if found.field is field)

    def joined_with(self, later: SourceReading) -> SourceReading:
        """Both faces of one card, where one of the two pictures shows neither name nor number; otherwise the later reading alone. Of what
        both tell the later one's word counts: whoever takes the back again wants it read again."""
        shows_a_face = self.source is Source.PICTURE and (_is_a_back(self.document) or _is_a_back(later.document))
        if not shows_a_face:
            return later
        front, back = (later, self) if _is_a_back(self.document) else (self, later)
        taken = frozenset(field for field in _BACK_FIELDS if back.tells(field) and (back is later or not front.tells(field)))
        values: dict[str, Any] = {field.value: getattr(back.document, field.value) for field in taken}
        if Field.VALID_UNTIL in taken:
            values["long_term"] = back.document.long_term
        untold = frozenset(field for field in _BACK_FIELDS if not front.tells(field))
        doubts = [found for found in front.doubts if found.field not in taken]
        doubts += [found for found in back.doubts if found.field in taken | untold]
        confidence = {**front.confidence, **{field: sure for field, sure in back.confidence.items() if field in taken}}
        document = replace(front.document, **values)
        return replace(front, document=document, doubts=tuple(dict.fromkeys(doubts)), confidence=confidence)

    def tells(self, field: Field) -> bool:
        """Whether anything was read of this field; 长期 is an end of the validity too."""
        return getattr(self.document, field.value) is not None or (field is Field.VALID_UNTIL and self.document.long_term)

    def __repr__(self) -> str:
        doubts = ", ".join(f"{found.field.value}:{found.doubt.value}" for found in self.doubts)
        return f"SourceReading({self.source.value}, {self.document!r}, doubts=[{doubts}])"


def _is_a_back(document: IdentityDocument) -> bool:
    return document.name is None and document.number is None
