"""Documents with labels in two languages — permits, the permanent residence card, passports — from recognised lines. Pure.

A value stands beside its label or beneath it, and its form says whether it can be that label's; places on the card are not relied on, since
no such document has been measured. What stands in the machine-readable zone is `mrz_lines`' business.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from courier_check.identity.documents import DocumentType, IdentityDocument, Sex, Source, parse_date
from courier_check.identity.lines import PrintedLine, hull_box, rows, slant, turned
from courier_check.identity.printed import plain_print
from courier_check.identity.printed_reading import SURE, Face, PrintedReading, ReadingWarning
from courier_check.identity.readings import Field
from courier_check.identity.resident import ResidentNumber

_TITLES: tuple[tuple[str, DocumentType], ...] = (
    ("外国人永久居留", DocumentType.FPR_CARD),
    ("PERMANENTRESIDENCE", DocumentType.FPR_CARD),
    ("PERMANENTRESIDENT", DocumentType.FPR_CARD),
    ("往来港澳通行证", DocumentType.TWO_WAY_PERMIT),
    ("港澳居民来往内地", DocumentType.HM_PERMIT),
    ("FORHONGKONGANDMACAORESIDENTS", DocumentType.HM_PERMIT),
    ("台湾居民来往大陆", DocumentType.TW_PERMIT),
    ("FORTAIWANRESIDENTS", DocumentType.TW_PERMIT),
    ("驾驶证", DocumentType.DRIVING_LICENCE),
    ("PASSPORT", DocumentType.FOREIGN_PASSPORT),
    ("护照", DocumentType.FOREIGN_PASSPORT),
)

_NUMBERS: Mapping[DocumentType, re.Pattern[str]] = MappingProxyType(
    {
        DocumentType.FPR_CARD: re.compile(r"(?<![0-9A-Z])(9[0-9]{16}[0-9X]|[A-Z]{3}[0-9]{12})(?![0-9])"),
        DocumentType.HM_PERMIT: re.compile(r"(?<![0-9A-Z])([HM][0-9A-Z][0-9]{7}(?:[0-9]{2})?)(?![0-9])"),
        DocumentType.TW_PERMIT: re.compile(r"(?<![0-9A-Z.])([0-9]{8}(?:-?[0-9]{2})?)(?![0-9.])"),
        DocumentType.TWO_WAY_PERMIT: re.compile(r"(?<![0-9A-Z])(C[0-9A-HJ-NP-Z][0-9]{7})(?![0-9])"),
        DocumentType.FOREIGN_PASSPORT: re.compile(r"(?<![0-9A-Z])((?=[A-Z0-9]*[0-9]{5})[A-Z0-9]{7,12})(?![0-9A-Z])"),
    }
)

_DAY = r"[0-9]{4}[.\-/年][0-9]{1,2}[.\-/月][0-9]{1,2}"
_ONE_DAY = re.compile(_DAY)
_MONTHS = {
    name: place for place, name in enumerate(["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], 1)
}
_WRITTEN_DAY = re.compile(r"([0-9]{1,2})(?:[0-9]{1,2}月)?/?(" + "|".join(_MONTHS) + r")[A-Z]*/?([0-9]{4})")
_TERM = re.compile(rf"({_DAY})[^0-9长]{{0,4}}({_DAY}|长期)")
_SEX = re.compile(r"男|女|(?<![A-Z])[MF](?![A-Z])")
_SEXES = {"男": Sex.MALE, "M": Sex.MALE, "女": Sex.FEMALE, "F": Sex.FEMALE}
_HAN_NAME = re.compile(r"[\u3007\u3400-\u9fff\U00020000-\U000323af·]{2,20}")
_LATIN_NAME = re.compile(r"[A-Z][A-Z ,'\-.]{2,60}")
_COUNTRY = re.compile(r"(?<![A-Z])[A-Z]{3}(?![A-Z])")

_LABELS: Mapping[Field, re.Pattern[str]] = MappingProxyType(
    {
        Field.NUMBER: re.compile(
            r"(?:通行)?证件?号码?(?:/?(?:ID|CARD|PERMIT)?NO\.?)?|护照号码?(?:/?PASSPORTNO\.?)?|公民身份号码|(?:ID|CARD|PASSPORT)NO\.?"
        ),
        Field.SEX: re.compile(r"性别(?:/?SEX)?|SEX"),
        Field.BORN_ON: re.compile(r"出生日期(?:/?DATEOFBIRTH)?|DATEOFBIRTH|出生(?!地)"),
        Field.NATIONALITY: re.compile(r"国籍(?:/?NATIONALITY)?|NATIONALITY"),
        Field.ISSUER: re.compile(r"签发机关(?:/?(?:ISSUING)?AUTHORITY)?|(?:ISSUING)?AUTHORITY"),
        Field.VALID_UNTIL: re.compile(
            r"有效期限?至?(?:/?(?:PERIODOFVALIDITY|VALIDITY|DATEOFEXPIRY|VALIDUNTIL))?|PERIODOFVALIDITY|DATEOFEXPIRY|VALIDUNTIL"
        ),
        Field.VALID_FROM: re.compile(r"签发日期(?:/?DATEOFISSUE)?|DATEOFISSUE"),
        Field.NAME: re.compile(r"(?:中文|英文)?姓名(?:/?NAME)?|(?<![A-Z])NAME|姓/?SURNAME|名/?GIVENNAMES?"),
    }
)
_ANY_LABEL = re.compile(
    "|".join(label.pattern for label in _LABELS.values()) + "|签发地点?|出生地点|签发次数|TYPE|COUNTRYCODE|类型|国家码|PLACEOF"
)


@dataclass(frozen=True, slots=True)
class _Value:
    text: str
    score: float


def title_of(lines: Sequence[PrintedLine]) -> DocumentType | None:
    """The kind of document that its printed title names."""
    words = "".join(plain_print(line.text) for line in lines).upper()
    each = [re.sub(r"[^A-Z\u4e00-\u9fff]", "", plain_print(line.text).upper()) for line in lines]
    joined = re.sub(r"[^A-Z\u4e00-\u9fff]", "", words)
    return next((kind for title, kind in _TITLES if title in joined and (title not in ("护照", "PASSPORT") or _heads(title, each))), None)


_TELLING = (DocumentType.HM_PERMIT, DocumentType.FPR_CARD)


def kind_by_number(lines: Sequence[PrintedLine]) -> DocumentType | None:
    """Where no title was read: by a number whose form only one kind has, on a page with labels of a person's fields."""
    texts = [plain_print(line.text).upper() for line in lines]
    if not any(word in text for text in texts for word in ("姓名", "NAME", "出生", "BIRTH")):
        return None  # the residence card's back carries a permit's number too
    return next((kind for kind in _TELLING if any((found := _NUMBERS[kind].search(text)) and found[1] == text for text in texts)), None)


def _heads(title: str, texts: Sequence[str]) -> bool:
    """护照 and PASSPORT stand in labels too (护照号, PASSPORT NO): as a title only where the line says little else."""
    return any(title in text and len(text) <= 20 for text in texts)


def parse_labelled(lines: Sequence[PrintedLine], kind: DocumentType) -> PrintedReading | None:
    """A page of a document of a known kind; None where neither its number nor two other fields are found."""
    usable = [line for line in lines if len(line.box) == 4 and line.text.strip()]
    if not usable:
        return None
    angle = slant(usable)
    sheet = _Sheet(turned(usable, -angle), kind)
    found = sheet.read()
    read = sum(found[field] is not None for field in (Field.NAME, Field.BORN_ON, Field.VALID_UNTIL, Field.SEX))
    if found[Field.NUMBER] is None and read < 2:
        return None
    return sheet.told(hull_box(sheet.lines, -angle, 1.5))


Check = Callable[[str], str | None]


class _Sheet:
    """The level lines of one page and what was found among them."""

    def __init__(self, lines: Sequence[PrintedLine], kind: DocumentType) -> None:
        self.lines = lines
        self._kind = kind
        self._values: dict[Field, _Value | None] = {}

    def read(self) -> Mapping[Field, _Value | None]:
        number = _NUMBERS.get(self._kind, _NUMBERS[DocumentType.FOREIGN_PASSPORT])
        self._values = {
            Field.NUMBER: self._labelled(Field.NUMBER, _first(number)) or self._anywhere(number),
            Field.SEX: self._labelled(Field.SEX, _first(_SEX)),
            Field.BORN_ON: self._labelled(Field.BORN_ON, _day),
            Field.NATIONALITY: self._labelled(Field.NATIONALITY, _first(_COUNTRY)),
            Field.ISSUER: self._labelled(Field.ISSUER, _first(re.compile(r"[\u4e00-\u9fff]{4,}"))),
            Field.VALID_FROM: self._labelled(Field.VALID_FROM, _day),
            Field.VALID_UNTIL: self._term() or self._labelled(Field.VALID_UNTIL, _day),
            Field.NAME: self._labelled(Field.NAME, _first(_HAN_NAME)) or self._labelled(Field.NAME, _latin),
        }
        return self._values

    def told(self, outline: tuple[tuple[float, float], ...]) -> PrintedReading:
        values = self._values
        term = _TERM.fullmatch(_text(values[Field.VALID_UNTIL]) or "")
        document = IdentityDocument(
            type=self._kind,
            name=_text(values[Field.NAME]),
            number=_text(values[Field.NUMBER]),
            sex=_SEXES.get(_text(values[Field.SEX]) or ""),
            born_on=_parsed(_text(values[Field.BORN_ON])),
            issuer=_text(values[Field.ISSUER]),
            valid_from=_parsed(term[1] if term else _text(values[Field.VALID_FROM])),
            valid_until=None if term and term[2] == "长期" else _parsed(term[2] if term else _text(values[Field.VALID_UNTIL])),
            long_term=term is not None and term[2] == "长期",
            nationality=_text(values[Field.NATIONALITY]),
            source=Source.PICTURE,
        )
        warnings, missing = _judged(document, values)
        confidence = {field: round(value.score * 100) for field, value in values.items() if value is not None}
        complete = not missing and ReadingWarning.NUMBER_CHECK_DIGIT not in warnings
        return PrintedReading(document, complete, tuple(warnings), confidence, missing, outline, Face.PAGE)

    def _labelled(self, field: Field, check: Check) -> _Value | None:
        """The value after its label in the same line, beside it, or beneath it; the nearest whose form fits."""
        for line in self.lines:
            text = _spaced(line.text)
            found = _LABELS[field].search(text.replace(" ", ""))
            if found is None:
                continue
            rest = _after(text, found.end())
            value = check(rest)
            if value is not None and not _only_label(rest):
                return _Value(value, line.score)
            for other in self._beside(line):
                value = check(_spaced(other.text))
                if value is not None:
                    return _Value(value, other.score)
        return None

    def _beside(self, label: PrintedLine) -> list[PrintedLine]:
        """Lines that may hold a label's value: to its right at its height, then beneath it; nearest first, no other labels."""
        near: list[tuple[float, PrintedLine]] = []
        for other in self.lines:
            if other is label or _only_label(_spaced(other.text)):
                continue
            down, across = other.middle[1] - label.middle[1], other.left - label.left
            if abs(down) < 0.7 * label.height and other.left > label.middle[0]:
                near.append((other.left - label.right, other))
            elif 0 < down < 3.2 * label.height and abs(across) < 3 * label.height:
                near.append((100 * label.height + down, other))
        return [line for _, line in sorted(near, key=lambda pair: pair[0])]

    def _anywhere(self, form: re.Pattern[str]) -> _Value | None:
        if self._kind is DocumentType.FOREIGN_PASSPORT:
            return None  # almost any word with digits has a passport number's form
        found = ((form.search(plain_print(line.text).upper()), line.score) for line in self.lines)
        return next((_Value(match[1], score) for match, score in found if match), None)

    def _term(self) -> _Value | None:
        for row in rows(self.lines):
            found = _TERM.search("".join(plain_print(line.text) for line in row))
            if found:
                return _Value(found[0], min(line.score for line in row))
        return None


def _judged(document: IdentityDocument, values: Mapping[Field, _Value | None]) -> tuple[list[ReadingWarning], tuple[Field, ...]]:
    """What is uncertain or missing. Permits print no sex or nationality that anybody needs: only the zone's would be missed."""
    owed: list[tuple[Field, object, ReadingWarning, ReadingWarning]] = [
        (Field.NAME, document.name, ReadingWarning.NAME_UNREADABLE, ReadingWarning.NAME_UNCERTAIN),
        (Field.NUMBER, document.number, ReadingWarning.NUMBER_UNREADABLE, ReadingWarning.NUMBER_UNCERTAIN),
        (Field.BORN_ON, document.born_on, ReadingWarning.BIRTH_UNREADABLE, ReadingWarning.BIRTH_UNCERTAIN),
        (
            Field.VALID_UNTIL,
            document.valid_until or document.long_term or None,
            ReadingWarning.VALIDITY_UNREADABLE,
            ReadingWarning.VALIDITY_UNCERTAIN,
        ),
    ]
    if document.type in (DocumentType.FPR_CARD, DocumentType.FOREIGN_PASSPORT):
        owed.append((Field.NATIONALITY, document.nationality, ReadingWarning.NATIONALITY_UNREADABLE, ReadingWarning.NATIONALITY_UNCERTAIN))
    warnings: list[ReadingWarning] = []
    missing: list[Field] = []
    for field, held, unreadable, uncertain in owed:
        value = values.get(field)
        if held is None:
            warnings.append(unreadable)
            missing.append(field)
        elif value is not None and value.score < SURE:
            warnings.append(uncertain)
    number = document.number or ""
    if document.type is DocumentType.FPR_CARD and len(number) == 18:
        given = ResidentNumber(number)
        if not given.check_holds:
            warnings.append(ReadingWarning.NUMBER_CHECK_DIGIT)
        if document.born_on not in (None, given.born_on):
            warnings.append(ReadingWarning.BIRTH_DIFFERS)
    return warnings, tuple(missing)


# ---- forms ---------------------------------------------------------------------------------------------------------------------------


def _spaced(text: str) -> str:
    """Half width and upper case, blanks kept single: names in letters need them."""
    return " ".join(plain_print(part) for part in text.split()).upper()


def _after(text: str, plain_end: int) -> str:
    """What follows the first `plain_end` characters that are no blanks."""
    seen = 0
    for place, character in enumerate(text):
        if seen == plain_end:
            return text[place:]
        seen += character != " "
    return ""


def _only_label(text: str) -> bool:
    squeezed = text.replace(" ", "")
    return not re.sub(r"[/.()]", "", _ANY_LABEL.sub("", squeezed)) or (_ANY_LABEL.match(squeezed) is not None and len(squeezed) <= 4)


def _first(form: re.Pattern[str]) -> Check:
    def check(text: str) -> str | None:
        found = form.search(text.replace(" ", ""))
        return (found[1] if form.groups else found[0]) if found and not _only_label(found[0]) else None

    return check


def _latin(text: str) -> str | None:
    found = _LATIN_NAME.fullmatch(text.strip(" /.:"))
    return re.sub(r" ?, ?", ", ", " ".join(found[0].split())) if found and not _ANY_LABEL.search(found[0].replace(" ", "")) else None


def _day(text: str) -> str | None:
    squeezed = text.replace(" ", "")
    found = _ONE_DAY.search(squeezed)
    if found:
        return found[0]
    written = _WRITTEN_DAY.search(squeezed)
    return f"{written[3]}.{_MONTHS[written[2]]:02}.{int(written[1]):02}" if written else None


def _parsed(text: str | None) -> date | None:
    parts = re.findall("[0-9]+", text or "")
    return parse_date(f"{parts[0]}{parts[1]:0>2}{parts[2]:0>2}") if len(parts) == 3 else None


def _text(value: _Value | None) -> str | None:
    return None if value is None else value.text
