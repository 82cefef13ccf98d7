"""证件各来源的比对: chip, print, machine-readable zone, credential and keyboard say the same, or the field that differs is named.

Pure. What is compared here is for the checks of the visit only; a difference names a field and two sources, never a value.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from typing import Any

from courier_check.identity.codes import ReadingReason
from courier_check.identity.documents import DocumentType, IdentityDocument, Source
from courier_check.identity.names import NameMatch, compare_names
from courier_check.identity.numbers import normalise_number
from courier_check.identity.readings import Field, FieldDoubt, SourceReading
from courier_check.terms import Consequence, Reason

Value = str | date | None
_TRUST = (Source.CHIP, Source.CREDENTIAL, Source.MRZ, Source.PICTURE, Source.TYPED)
"""Best first: signed or protected by check digits before printed, printed before typed. A doubtful value comes after all others."""
_FOR_CHECKS_ONLY = frozenset({Field.NATION, Field.ADDRESS, Field.ISSUER})
"""Long texts that recognition often misspells by a character: a doubtful one is not held against another source."""
_TO_BE_CONFIRMED = frozenset({Field.NAME, Field.NUMBER, Field.VALID_FROM, Field.VALID_UNTIL})
"""What an acceptance rests on: in doubt, somebody looks again or another source says the same."""
_LONG_TERM = "长期"
_SHORTEST_CUT = 26
"""Letters of a name that fills the line of a card's machine-readable zone, which cuts off what is longer (ICAO 9303-5)."""
_FIELD_NAMES: Mapping[Field, tuple[str, str]] = {
    Field.NAME: ("姓名", "the name"),
    Field.NUMBER: ("证件号码", "the number"),
    Field.VALID_FROM: ("有效期起始", "the beginning of the validity"),
    Field.VALID_UNTIL: ("有效期截止", "the end of the validity"),
}
_SOURCE_NAMES: Mapping[Source, tuple[str, str]] = {
    Source.CHIP: ("芯片", "the chip"),
    Source.PICTURE: ("证面", "the print"),
    Source.MRZ: ("机读码", "the machine-readable zone"),
    Source.CREDENTIAL: ("实名码", "the credential"),
    Source.TYPED: ("手工录入", "the keyboard"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """Two sources disagree about a field; `one` is the one believed more. Holds no value."""

    field: Field
    one: Source
    other: Source


@dataclass(frozen=True, slots=True)
class Combined:
    """A document as all its sources tell it. `by_field`: whose value each field has; `doubtful`: doubts that no other source removed."""

    document: IdentityDocument
    by_field: Mapping[Field, Source]
    differences: tuple[Difference, ...]
    doubtful: tuple[FieldDoubt, ...]


def combine(readings: Sequence[SourceReading], fold: Callable[[str], str] = str) -> Combined:
    """The best source's value for each field, with every difference and what is still doubtful. Needs at least one reading.

    The order of `readings` changes nothing; of two readings of one source the later stands. `fold`: traditional to simplified characters.
    """
    latest = {reading.source: reading for reading in readings}
    ordered = [latest[source] for source in _TRUST if source in latest]
    if not ordered:
        raise ValueError("nothing was read")
    chosen = {field: _best(ordered, field) for field in Field}
    by_field = {field: reading for field, reading in chosen.items() if reading is not None}
    compared = [difference for field in Field for difference in _differences(ordered, field, fold)]
    doubtful = [doubt for field, reading in by_field.items() for doubt in _left_in_doubt(reading, ordered, field, fold)]
    sources = {field: reading.source for field, reading in by_field.items()}
    return Combined(_document(by_field, ordered), sources, tuple(compared), tuple(doubtful))


def review_readings(combined: Combined) -> tuple[Reason, ...]:
    """A difference stops the parcel until a supervisor settles it or a new reading removes it; a doubtful field, until somebody has looked
    at the document again (a checklist item) or another source says the same."""
    different = (_difference_reason(difference) for difference in combined.differences)
    doubtful = dict.fromkeys(found.field for found in combined.doubtful if found.field in _TO_BE_CONFIRMED)
    return (*different, *(_doubt_reason(field, combined) for field in doubtful))


def doubtful_fields(combined: Combined) -> tuple[Field, ...]:
    """The fields that somebody has to confirm."""
    return tuple(dict.fromkeys(found.field for found in combined.doubtful if found.field in _TO_BE_CONFIRMED))


def _difference_reason(difference: Difference) -> Reason:
    (one_zh, one_en), (other_zh, other_en) = _SOURCE_NAMES[difference.one], _SOURCE_NAMES[difference.other]
    facts = {"one_zh": one_zh, "one_en": one_en, "other_zh": other_zh, "other_en": other_en}
    code = ReadingReason(f"reading-different-{difference.field.value.replace('_', '-')}")
    return Reason(code.value, Consequence.REFER, None, {**facts, "field": difference.field.value})


def _doubt_reason(field: Field, combined: Combined) -> Reason:
    (field_zh, field_en), (source_zh, source_en) = _FIELD_NAMES[field], _SOURCE_NAMES[combined.by_field[field]]
    facts = {"field_zh": field_zh, "field_en": field_en, "source_zh": source_zh, "source_en": source_en, "field": field.value}
    return Reason(ReadingReason.DOUBTFUL.value, Consequence.REFER, None, facts)


def _best(ordered: Sequence[SourceReading], field: Field) -> SourceReading | None:
    holding = [reading for reading in ordered if _value(reading.document, field) is not None]
    return min(holding, key=lambda reading: bool(reading.doubts_about(field)), default=None)  # the first of the least doubtful


def _document(by_field: Mapping[Field, SourceReading], ordered: Sequence[SourceReading]) -> IdentityDocument:
    """The fields put together. Its source is that of the number, which an acceptance is registered under; where the document itself was
    shown besides a credential and says the same, the document."""
    best = ordered[0]
    values: dict[str, Any] = {field.value: getattr(reading.document, field.value) for field, reading in by_field.items()}
    until = by_field.get(Field.VALID_UNTIL, best).document
    numbered = by_field.get(Field.NUMBER, best)
    if numbered.source is Source.CREDENTIAL:
        numbered = next((other for other in ordered if other is not numbered and _agree(numbered, other, Field.NUMBER, str)), numbered)
    return replace(best.document, **values, long_term=until.long_term, source=numbered.source)


def _differences(ordered: Sequence[SourceReading], field: Field, fold: Callable[[str], str]) -> Iterator[Difference]:
    for one, other in combinations(ordered, 2):
        ignored = field in _FOR_CHECKS_ONLY and bool(one.doubts_about(field) or other.doubts_about(field))
        if not ignored and _agree(one, other, field, fold) is False:
            better, worse = sorted((one, other), key=lambda reading: bool(reading.doubts_about(field)))
            yield Difference(field, better.source, worse.source)


def _left_in_doubt(
    chosen: SourceReading, ordered: Sequence[SourceReading], field: Field, fold: Callable[[str], str]
) -> Iterator[FieldDoubt]:
    if any(other is not chosen and _agree(chosen, other, field, fold) for other in ordered):
        return
    yield from (FieldDoubt(field, doubt) for doubt in chosen.doubts_about(field))


def _agree(one: SourceReading, other: SourceReading, field: Field, fold: Callable[[str], str]) -> bool | None:
    """Whether two sources say the same of a field; None where one says nothing, or what they say can't be compared."""
    first, second = _value(one.document, field), _value(other.document, field)
    if first is None or second is None:
        return None
    if first == second:
        return True
    if field is Field.NAME:
        return _names_agree(str(first), str(second), fold, cut=Source.MRZ in (one.source, other.source))
    if field is Field.NUMBER:
        return _numbers_agree(one.document, other.document)
    if field is Field.NATIONALITY and str(first).isascii() is not str(second).isascii():
        return None  # CAN and 加拿大: a code and a word
    if isinstance(first, str) and isinstance(second, str):
        return fold(first) == fold(second)
    return False


def _names_agree(one: str, other: str, fold: Callable[[str], str], *, cut: bool) -> bool | None:
    """`cut`: one of them may have been too long for a machine-readable zone."""
    match = compare_names(one, other, fold)
    if match is NameMatch.EQUAL:
        return True
    letters = sorted(("".join(filter(str.isalpha, name)).casefold() for name in (one, other)), key=len)
    if cut and len(letters[0]) >= _SHORTEST_CUT and letters[1].startswith(letters[0]):
        return True
    return False if match is NameMatch.DIFFERENT else None  # 陈大文 and CHAN TAI MAN: the number ties them together


def _numbers_agree(one: IdentityDocument, other: IdentityDocument) -> bool:
    """Under either type, since a slip in the type is told as such."""
    kinds: set[DocumentType] = {one.type, other.type}
    return any(normalise_number(kind, one.number or "") == normalise_number(kind, other.number or "") for kind in kinds)


def _value(document: IdentityDocument, field: Field) -> Value:
    """A field as it is compared: dates as dates, texts without width, blanks and case."""
    if field is Field.VALID_UNTIL and document.long_term:
        return _LONG_TERM
    value = getattr(document, field.value)
    if value is None or isinstance(value, date) or field in (Field.NAME, Field.NUMBER):
        return value or None
    text = "".join(unicodedata.normalize("NFKC", str(value)).split()).casefold()
    if field is Field.NATION:
        text = text.removesuffix("族")
    return text or None
