"""What one source said about a document, and how sure it is: for the checks of a visit only, never kept (domain.md §11.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

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


_BACK_FIELDS = ("issuer", "valid_from", "valid_until", "long_term")


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
        """Both faces of one card, where one of the two shows neither name nor number; otherwise the later reading alone."""
        if not (_is_a_back(self.document) or _is_a_back(later.document)):
            return later
        front, back = (later, self) if _is_a_back(self.document) else (self, later)
        added = [name for name in _BACK_FIELDS if getattr(front.document, name) in (None, False)]
        document = replace(front.document, **{name: getattr(back.document, name) for name in added})
        shown = {found for found in back.doubts if found.field.value in added}
        doubts = (*front.doubts, *(found for found in back.doubts if found in shown and found not in front.doubts))
        return replace(front, document=document, doubts=doubts, confidence={**back.confidence, **front.confidence})

    def __repr__(self) -> str:
        doubts = ", ".join(f"{found.field.value}:{found.doubt.value}" for found in self.doubts)
        return f"SourceReading({self.source.value}, {self.document!r}, doubts=[{doubts}])"


def _is_a_back(document: IdentityDocument) -> bool:
    return document.name is None and document.number is None
