"""居民身份证 as printed: the fields of the front and the back from recognised lines. Pure; the picture is read in devices.

Fields are found by their printed labels; where a pale label was not recognised, by their place relative to the number, the one line that is
read almost always (zones measured on drawings, not yet on real cards). Whatever is uncertain is said; nothing is repaired silently.
The residence card of 港澳台居民 has the same front but for the nation, and a back with two more lines.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from courier_check.identity.documents import DocumentType, IdentityDocument, Sex, Source, parse_date
from courier_check.identity.lines import Point, PrintedLine, Row, hull_box, rows, slant, turned, turned_points
from courier_check.identity.nations import LOOKALIKE_NATIONS, NATIONS
from courier_check.identity.number_check import NumberKind
from courier_check.identity.printed_reading import SURE, Face, PrintedReading, ReadingWarning
from courier_check.identity.readings import Field
from courier_check.identity.resident import ResidentNumber

__all__ = ["NATIONS", "PrintedLine", "ReadingWarning", "parse_resident_back", "parse_resident_front", "plain_print", "resident_fronts"]

_SAMPLE_WORDS = ("样本", "SAMPLE", "虚构", "仅供")
_TITLES = (
    ("驾驶证", DocumentType.DRIVING_LICENCE),
    ("往来港澳通行证", DocumentType.TWO_WAY_PERMIT),
    ("临时居民身份证", DocumentType.TEMPORARY_ID),
    ("社会保障", DocumentType.OTHER),
)
_KINDS = {NumberKind.HMT_RESIDENCE: DocumentType.HMT_RESIDENCE, NumberKind.FPR_CARD: DocumentType.FPR_CARD}

_NUMBER = re.compile(r"(?<![0-9])[0-9]{17}[0-9X](?![0-9])")
_ALMOST_NUMBER = re.compile(r"[0-9OQDILBSZ]{17}[0-9OQDILBSZX]")
_LETTERS_AS_DIGITS = str.maketrans("OQDILBSZ", "00011852")
_BIRTH = re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})")
_BIRTH_LOOSE = re.compile(r"([0-9]{4})[^0-9]{0,3}([0-9]{1,2})[^0-9]{1,3}([0-9]{1,2})(?![0-9])")
_DAY = r"([0-9]{4}[.,][0-9]{2}[.,][0-9]{2})"
_VALIDITY = re.compile(_DAY + r"[^0-9长長]{0,3}([0-9]{4}[.,][0-9]{2}[.,][0-9]{2}|[长長]期)")
_NOT_OF_A_NAME = re.compile(r"[^\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af·]")
_ISSUER_LIKE = re.compile(r"[\u4e00-\u9fff]{2,}(?:公安局[\u4e00-\u9fff]{0,12}|分局|管理局)$")

# Where fields stand, in widths of the 18-character number, from its left edge and its middle line.
_VALUES_LEFT, _VALUES_RIGHT = -0.33, 0.5
_NUMBER_LABEL_SHARE = 0.32  # of a line that holds the label 公民身份号码 and the number
_CARD_LEFT, _CARD_RIGHT, _CARD_ABOVE, _CARD_BELOW = -0.59, 1.12, 0.95, 0.13
_SLACK = 0.12  # a card seen from aside is not where a level number alone puts it


@dataclass(frozen=True, slots=True)
class _Value:
    """A value with the worst score of the lines it came from; `by_place` where no label led to it."""

    value: str
    score: float
    by_place: bool = False

    @property
    def uncertain(self) -> bool:
        return self.by_place or self.score < SURE


@dataclass(frozen=True, slots=True)
class _Page:
    """An upright front: its rows without the number's, and the number with its place. `angle`: radians it was turned by."""

    rows: tuple[Row, ...]
    number: _Value
    left: float
    middle: float
    width: float
    angle: float

    def zone(self, above: float, below: float) -> list[PrintedLine]:
        """Lines whose middle lies so many number widths above the number, left of the portrait."""
        found = [line for row in self.rows for line in row]
        return [line for line in found if above <= (self.middle - line.middle[1]) / self.width <= below and self.beside_portrait(line)]

    def beside_portrait(self, line: PrintedLine) -> bool:
        return line.left < self.left + _VALUES_RIGHT * self.width

    @property
    def outline(self) -> tuple[Point, ...]:
        """The card's corners as the number's place tells them, in the picture's own pixels."""
        left, right = self.left + _CARD_LEFT * self.width, self.left + _CARD_RIGHT * self.width
        top, bottom = self.middle - _CARD_ABOVE * self.width, self.middle + _CARD_BELOW * self.width
        return turned_points(((left, top), (right, top), (right, bottom), (left, bottom)), -self.angle)


@dataclass(slots=True)
class _Notes:
    """What is learnt besides the values while the fields are read."""

    warnings: list[ReadingWarning]
    confidence: dict[Field, int]

    def held(self, field: Field, value: _Value) -> None:
        self.confidence[field] = round(value.score * 100)


def parse_resident_front(lines: Sequence[PrintedLine]) -> PrintedReading | None:
    """The front of a resident ID, whichever way up; None where no number of 18 characters is found."""
    fronts = resident_fronts(lines)
    return fronts[0] if fronts else None


def resident_fronts(lines: Sequence[PrintedLine]) -> tuple[PrintedReading, ...]:
    """A front for every number whose check digit holds, the first found first; else the one with the number as it was read."""
    usable = [line for line in lines if len(line.box) == 4 and line.text.strip()]
    angle = slant(usable)
    level = turned([line for line in usable if not any(words in line.text.upper() for words in _SAMPLE_WORDS)], -angle)
    seen: dict[str, PrintedReading] = {}
    for found in _find_numbers(level):
        page = _page(level, found, -angle)
        if page is not None:
            seen.setdefault(page.number.value, _front(page, usable))
    return tuple(seen.values())


def _front(page: _Page, usable: Sequence[PrintedLine]) -> PrintedReading:
    title = next((kind for words, kind in _TITLES if any(words in plain_print(line.text) for line in usable)), None)
    number = ResidentNumber(page.number.value)
    notes = _Notes([], {Field.NUMBER: round(page.number.score * 100)})
    if not number.check_holds:
        notes.warnings.append(ReadingWarning.NUMBER_CHECK_DIGIT)
    if page.number.uncertain:
        notes.warnings.append(ReadingWarning.NUMBER_UNCERTAIN)
    kind = title or _KINDS.get(number.kind, DocumentType.RESIDENT_ID)
    if title not in (None, DocumentType.TEMPORARY_ID) or not _looks_resident(usable):
        notes.warnings.append(ReadingWarning.NOT_A_RESIDENT_ID)
    document = IdentityDocument(
        type=kind,
        name=_name(page, notes),
        number=number.number,
        sex=_sex(page, number, notes),
        nation=None if kind is DocumentType.HMT_RESIDENCE else _nation(page, notes),
        born_on=_born_on(page, number, notes),
        address=_address(page, notes),
        source=Source.PICTURE,
    )
    owed = {Field.NAME: document.name, Field.SEX: document.sex, Field.BORN_ON: document.born_on, Field.ADDRESS: document.address}
    if kind is not DocumentType.HMT_RESIDENCE:
        owed[Field.NATION] = document.nation
    missing = tuple(field for field, value in owed.items() if value is None)
    complete = not missing and _INCOMPLETE.isdisjoint(notes.warnings)
    return PrintedReading(document, complete, tuple(notes.warnings), notes.confidence, missing, page.outline, Face.FRONT)


_INCOMPLETE = frozenset(
    {ReadingWarning.NUMBER_CHECK_DIGIT, ReadingWarning.NOT_A_RESIDENT_ID, ReadingWarning.SEX_FROM_NUMBER, ReadingWarning.BIRTH_FROM_NUMBER}
)


# ---- the back ------------------------------------------------------------------------------------------------------------------------


def parse_resident_back(lines: Sequence[PrintedLine]) -> PrintedReading | None:
    """The back of a resident ID or of the residence card: issuer and validity; None where neither 有效期限 nor dates like it are found."""
    usable = [line for line in lines if len(line.box) == 4 and line.text.strip()]
    angle = slant(usable)
    level = turned(usable, -angle)
    both_ways_up = [*rows(level), *rows(turned(level, math.pi))]
    dates = next((found for row in both_ways_up if (found := _dates_in(row))), None)
    issuer = next((value for row in both_ways_up if (value := _in_row(row, r"签发机关([^0-9]+)"))), None)
    if issuer is None and dates is not None:
        issuer = next((value for row in both_ways_up if (value := _issuer_like(row))), None)
    if dates is None and issuer is None:
        return None
    words = "".join(plain_print(line.text) for line in usable)
    kind = DocumentType.HMT_RESIDENCE if "居住证" in words or "通行证号" in words else DocumentType.RESIDENT_ID
    reading = _back(dates, issuer, kind)
    # No line of the back is as sure a measure as the number: the box around its print, with the border that print keeps.
    return replace(reading, outline=hull_box(level, -angle, 1.5) if level else ())


def _dates_in(row: Row) -> tuple[re.Match[str], float] | None:
    joined = "".join(plain_print(line.text) for line in row)
    found = _VALIDITY.search(joined)
    return None if found is None else (found, min(line.score for line in row))


def _issuer_like(row: Row) -> _Value | None:
    """By its words, where the pale label before it was not read."""
    text = re.sub(r"^.{0,2}机[关關]|^[签發发机關关]{1,4}", "", "".join(plain_print(line.text) for line in row))
    found = _ISSUER_LIKE.search(text)
    return _Value(found[0], min(line.score for line in row), by_place=True) if found else None


def _back(dates: tuple[re.Match[str], float] | None, issuer: _Value | None, kind: DocumentType) -> PrintedReading:
    warnings: list[ReadingWarning] = []
    confidence: dict[Field, int] = {}
    first, last = (dates[0][1].replace(",", "."), dates[0][2].replace(",", ".")) if dates else ("", "")
    valid_from, long_term = parse_date(first), last.endswith("期")
    valid_until = None if long_term else parse_date(last)
    if dates is not None:
        confidence |= {Field.VALID_FROM: round(dates[1] * 100), Field.VALID_UNTIL: round(dates[1] * 100)}
    if valid_from is None or (valid_until is None and not long_term):
        warnings.append(ReadingWarning.VALIDITY_UNREADABLE)
    elif dates is not None and dates[1] < SURE:
        warnings.append(ReadingWarning.VALIDITY_UNCERTAIN)
    if issuer is None:
        warnings.append(ReadingWarning.ISSUER_UNREADABLE)
    else:
        confidence[Field.ISSUER] = round(issuer.score * 100)
        if issuer.uncertain:
            warnings.append(ReadingWarning.ISSUER_UNCERTAIN)
    document = IdentityDocument(
        type=kind,
        issuer=issuer.value if issuer else None,
        valid_from=valid_from,
        valid_until=valid_until,
        long_term=long_term,
        source=Source.PICTURE,
    )
    lacking = [Field.ISSUER] if issuer is None else []
    lacking += [Field.VALID_UNTIL] if ReadingWarning.VALIDITY_UNREADABLE in warnings else []
    return PrintedReading(document, not lacking, tuple(warnings), confidence, tuple(lacking), face=Face.BACK)


# ---- the page ------------------------------------------------------------------------------------------------------------------------


def plain_print(text: str) -> str:
    """As recognised text is compared: half width, no blanks, no colons, the multiplication sign that stands for X made one."""
    return "".join(unicodedata.normalize("NFKC", text).split()).replace("×", "X").replace(":", "")


def _looks_resident(lines: Iterable[PrintedLine]) -> bool:
    """Whether a label of the card was read: a number of 18 characters alone may stand on anything."""
    return any(word in plain_print(line.text) for line in lines for word in ("公民", "身份", "姓名", "民族", "出生", "住址", "性别"))


Found = tuple[PrintedLine, _Value]


def _page(level: Sequence[PrintedLine], found: Found, angle: float) -> _Page | None:
    line, number = found
    reach = line.right - line.left  # what stands no farther from the number than a card is high
    near = [other for other in level if other is not line and math.dist(other.middle, line.middle) < reach]
    above = sum(1 if other.middle[1] < line.middle[1] else -1 for other in near)
    if above < 0:  # the number stands last on the card: what reads upside down is turned
        level, angle = turned(level, math.pi), angle + math.pi
        line = turned([line], math.pi)[0]
    full = line.right - line.left
    labelled = len(plain_print(line.text)) > 20
    width = max(full * (1 - _NUMBER_LABEL_SHARE) if labelled else full, 1.0)
    page = _Page((), number, line.right - width, line.middle[1], width, angle)
    of_card = [other for other in level if other.box != line.box and _on_card(page, other)]
    kept = [row for row in rows(of_card) if row[0].middle[1] < line.middle[1] - 0.6 * line.height]
    return replace(page, rows=tuple(kept))


def _on_card(page: _Page, line: PrintedLine) -> bool:
    """Whether a line lies on the card whose number this is: beside it may lie another card, or its other face."""
    x, y = line.middle
    across, above = (x - page.left) / page.width, (page.middle - y) / page.width
    return _CARD_LEFT - _SLACK < across < _CARD_RIGHT + _SLACK and -_CARD_BELOW - _SLACK < above < _CARD_ABOVE + _SLACK


def _find_numbers(lines: Iterable[PrintedLine]) -> list[Found]:
    """Lines with a number whose check digit holds, letters taken for digits only where it then holds; else the first with a spoilt one."""
    sound: list[Found] = []
    spoilt: list[Found] = []
    for line in lines:
        text = plain_print(line.text).upper()
        if exact := _NUMBER.search(text):
            place = sound if ResidentNumber(exact[0]).check_holds else spoilt
            place.append((line, _Value(exact[0], line.score)))
        elif almost := _ALMOST_NUMBER.search(text):
            repaired = almost[0].translate(_LETTERS_AS_DIGITS)
            if ResidentNumber(repaired).check_holds:
                sound.append((line, _Value(repaired, 0.0)))
    return sound or spoilt[:1]


# ---- the fields of the front ---------------------------------------------------------------------------------------------------------


def _labelled(page: _Page, pattern: str) -> _Value | None:
    return next((value for row in page.rows if (value := _in_row([line for line in row if page.beside_portrait(line)], pattern))), None)


def _in_row(row: Sequence[PrintedLine], pattern: str) -> _Value | None:
    """The first group of `pattern` in the row's joined text, rated by the lines it lies in: pale labels beside it don't count."""
    found = re.search(pattern, "".join(plain_print(line.text) for line in row))
    if found is None or not found[1]:
        return None
    start, scores = 0, []
    for line in row:
        end = start + len(plain_print(line.text))
        if start < found.end(1) and found.start(1) < end:
            scores.append(line.score)
        start = end
    return _Value(found[1], min(scores))


def _placed(page: _Page, above: float, below: float, drop: str) -> _Value | None:
    """What stands in a zone, without the labels in `drop`."""
    lines = sorted(page.zone(above, below), key=lambda line: line.left)
    text = re.sub(drop, "", "".join(plain_print(line.text) for line in lines))
    return _Value(text, min(line.score for line in lines), by_place=True) if text else None


_NAME_ZONE, _SEX_ZONE, _BIRTH_ZONE = (0.68, 0.88), (0.55, 0.69), (0.42, 0.55)


def _name(page: _Page, notes: _Notes) -> str | None:
    value = _labelled(page, r"^姓名?(.+)") or _placed(page, *_NAME_ZONE, r"^[^\u3400-\U000323af]*姓?名?")
    name = _NOT_OF_A_NAME.sub("", value.value) if value else ""
    if value is None or not name:
        notes.warnings.append(ReadingWarning.NAME_UNREADABLE)
        return None
    notes.held(Field.NAME, value)
    if value.uncertain or name != value.value or not 2 <= len(name) <= 20:
        notes.warnings.append(ReadingWarning.NAME_UNCERTAIN)
    return name


def _sex(page: _Page, number: ResidentNumber, notes: _Notes) -> Sex | None:
    value = _labelled(page, r"性?别([男女])") or _labelled(page, r"^性?别?([男女])民?族")
    if value is None:
        placed = _placed(page, *_SEX_ZONE, r"")
        found = re.search("[男女]", placed.value) if placed else None
        if placed is None or found is None:
            notes.warnings.append(ReadingWarning.SEX_FROM_NUMBER)
            return number.sex
        value = _Value(found[0], placed.score, by_place=True)
        if found[0] != number.sex:  # a stray character of a garbled row proves nothing against the number
            notes.warnings.append(ReadingWarning.SEX_FROM_NUMBER)
            return number.sex
        notes.warnings.append(ReadingWarning.SEX_UNCERTAIN)
    notes.held(Field.SEX, value)
    sex = Sex(value.value)
    if number.sex not in (None, sex):
        notes.warnings.append(ReadingWarning.SEX_DIFFERS)
    return sex


def _nation(page: _Page, notes: _Notes) -> str | None:
    value = _labelled(page, r"民?族([\u4e00-\u9fff]{1,4})") or _placed(page, *_SEX_ZONE, r"^性?别?[男女]?民?族?")
    nation = LOOKALIKE_NATIONS.get(value.value, value.value) if value else ""
    if value is not None and value.by_place and nation not in NATIONS:
        nation = next((end for start in range(len(nation)) if (end := nation[start:]) in NATIONS), "")
    if value is None or nation not in NATIONS:
        notes.warnings.append(ReadingWarning.NATION_UNREADABLE)
        return None
    notes.held(Field.NATION, value)
    if value.uncertain or nation != value.value:
        notes.warnings.append(ReadingWarning.NATION_UNCERTAIN)
    return nation


def _born_on(page: _Page, number: ResidentNumber, notes: _Notes) -> date | None:
    printed = _printed_birth(page)
    if printed is None:
        notes.warnings.append(ReadingWarning.BIRTH_FROM_NUMBER)
        return number.born_on
    notes.confidence[Field.BORN_ON] = round(printed[1] * 100)
    if printed[0] != number.born_on:
        notes.warnings.append(ReadingWarning.BIRTH_DIFFERS)
    return printed[0]


def _printed_birth(page: _Page) -> tuple[date, float] | None:
    for row in page.rows:
        lines = [line for line in row if page.beside_portrait(line)]
        found = _BIRTH.search("".join(plain_print(line.text) for line in lines))
        day = parse_date(f"{found[1]}{found[2]:0>2}{found[3]:0>2}") if found else None
        if day is not None:
            return day, min(line.score for line in lines)
    # Without 年月日 three figures are a date only if they are the number's.
    placed = _placed(page, *_BIRTH_ZONE, r"")
    found = _BIRTH_LOOSE.search(placed.value) if placed else None
    day = parse_date(f"{found[1]}{found[2]:0>2}{found[3]:0>2}") if found else None
    same = placed is not None and day is not None and day == ResidentNumber(page.number.value).born_on
    return (day, placed.score) if same and day is not None and placed is not None else None


def _address(page: _Page, notes: _Notes) -> str | None:
    """住址 runs over up to three rows, from its label down to the number; without the label, from below the birth date."""
    beside = [[line for line in row if page.beside_portrait(line)] for row in page.rows]
    texts = ["".join(plain_print(line.text) for line in row) for row in beside]
    start = next((place for place, text in enumerate(texts) if re.match(r"住|.址", text)), None)
    by_place = start is None
    kept = beside[start:] if start is not None else [row for row in beside if row and (page.middle - row[0].middle[1]) / page.width < 0.41]
    lines = [line for row in kept for line in row if "公民身份" not in plain_print(line.text)]
    text = re.sub(r"^(?:.?址|住)?", "", "".join(plain_print(line.text) for line in lines))
    if not lines or not text:
        notes.warnings.append(ReadingWarning.ADDRESS_UNREADABLE)
        return None
    notes.confidence[Field.ADDRESS] = round(min(line.score for line in lines) * 100)
    # Addresses end in 号 or 室, and it is that single character on a row of its own that detection overlooks.
    if by_place or min(line.score for line in lines) < SURE or text[-1].isdigit():
        notes.warnings.append(ReadingWarning.ADDRESS_UNCERTAIN)
    return text
