"""验视结果: answers to checklist items, and what was found among the contents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from courier_check.errors import UserError
from courier_check.inspection.codes import InspectionCode

_LONGEST_TEXT = 500


class Answer(StrEnum):
    """An item's answer: yes means in order."""

    YES = "yes"  # 通过
    NO = "no"  # 不通过
    DOUBT = "doubt"  # 存疑


class FindingKind(StrEnum):
    """What is the matter with something found in a parcel."""

    PROHIBITED = "prohibited"  # 禁寄
    OVER_LIMIT = "over-limit"  # 限寄超限
    MISMATCH = "mismatch"  # 与申报不符
    UNPROVEN = "unproven"  # 不能确认安全且无证明
    UNIDENTIFIED = "unidentified"  # 不明物


@dataclass(frozen=True, slots=True)
class Finding:
    """An item answered by a person."""

    item: str
    answer: Answer
    note: str = ""

    @classmethod
    def from_mapping(cls, given: Mapping[str, object]) -> Finding:
        """An answer as case files give it: `item`, `answer` (yes, no, doubt), `note`. UserError for anything else."""
        _only(given, {"item", "answer", "note"})
        try:
            answer = Answer(str(given.get("answer")))
        except ValueError:
            raise UserError(InspectionCode.UNUSABLE_ANSWER, field="answer") from None
        return cls(_text(given, "item"), answer, _text(given, "note", empty=True))


@dataclass(frozen=True, slots=True)
class ContentsFinding:
    """Something found. `category`: one of the nineteen, for prohibited goods; `name`: in the catalogue's word where it has one."""

    kind: FindingKind
    name: str
    category: str | None = None
    concealed: bool = False
    note: str = ""

    @classmethod
    def from_mapping(cls, given: Mapping[str, object]) -> ContentsFinding:
        """A finding as case files give it: `kind`, `name`, `category`, `concealed`, `note`. UserError for anything else."""
        _only(given, {"kind", "name", "category", "concealed", "note"})
        try:
            kind = FindingKind(str(given.get("kind")))
        except ValueError:
            raise UserError(InspectionCode.UNUSABLE_ANSWER, field="kind") from None
        concealed = given.get("concealed", False)
        if not isinstance(concealed, bool):
            raise UserError(InspectionCode.UNUSABLE_ANSWER, field="concealed")
        category = _text(given, "category", empty=True) or None
        return cls(kind, _text(given, "name"), category, concealed, _text(given, "note", empty=True))


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything the inspection of one parcel brought. `photos`: ids of photo rules met by a picture or by a stated exemption; `excused`:
    those whose exemption holds for what is refused or referred only. `refused`: the code the clerk refuses with, if he does."""

    answers: tuple[Finding, ...] = ()
    contents: tuple[ContentsFinding, ...] = ()
    photos: frozenset[str] = frozenset()
    excused: frozenset[str] = frozenset()
    refused: str | None = None

    def answer_to(self, item: str) -> Answer | None:
        """The last answer given to an item."""
        return next((finding.answer for finding in reversed(self.answers) if finding.item == item), None)


def _only(given: Mapping[str, object], known: set[str]) -> None:
    unknown = sorted(str(key) for key in given.keys() - known)
    if unknown:
        raise UserError(InspectionCode.UNUSABLE_ANSWER, field=unknown[0][:40])


def _text(given: Mapping[str, object], name: str, *, empty: bool = False) -> str:
    value = given.get(name)
    text = value.strip() if isinstance(value, str) else ""
    if (value is not None and not isinstance(value, str)) or len(text) > _LONGEST_TEXT or not (text or empty):
        raise UserError(InspectionCode.UNUSABLE_ANSWER, field=name)
    return text
