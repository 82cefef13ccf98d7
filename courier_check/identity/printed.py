"""居民身份证 as printed: the fields of the front and the back from recognised lines. Pure; the picture is read in devices.

Fields are found by their printed labels; where a pale label was not recognised, by their place relative to the number, the one line that is
read almost always (zones measured on drawings, not yet on real cards). Whatever is uncertain is said; nothing is repaired silently.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from courier_check.identity.documents import DocumentType, IdentityDocument, Sex, Source, parse_date
from courier_check.identity.lines import PrintedLine, Row, levelled, rows, turned
from courier_check.identity.number_check import NumberKind
from courier_check.identity.resident import ResidentNumber

__all__ = ["PrintedLine", "PrintedReading", "ReadingWarning", "parse_resident_back", "parse_resident_front"]

SURE = 0.9
"""Scores below this are told. RapidOCR rates clean print above 0.97 and misread rare characters mostly below 0.9."""

_NATIONS = (
    "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇 "
    "柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 "
    "独龙 鄂伦春 赫哲 门巴 珞巴 基诺"
)
NATIONS = frozenset(_NATIONS.split())
"""GB/T 3304, as printed on cards."""
_LOOKALIKE_NATIONS = {"漢": "汉", "汊": "汉", "又": "汉", "滿": "满"}

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
_VALIDITY = re.compile(r"([0-9]{4}[.][0-9]{2}[.][0-9]{2})[^0-9长長]{0,3}([0-9]{4}[.][0-9]{2}[.][0-9]{2}|[长長]期)")
_NOT_OF_A_NAME = re.compile(r"[^\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af·]")

# Where fields stand, in widths of the 18-character number, from its left edge and its middle line.
_VALUES_LEFT, _VALUES_RIGHT = -0.33, 0.5
_NUMBER_LABEL_SHARE = 0.32  # of a line that holds the label 公民身份号码 and the number


class ReadingWarning(StrEnum):
    """What an operator should look at; the sentences are in resources/wording/devices.json."""

    NAME_UNREADABLE = "name-unreadable"
    NAME_UNCERTAIN = "name-uncertain"
    SEX_FROM_NUMBER = "sex-from-number"
    SEX_DIFFERS = "sex-differs-from-number"
    NATION_UNREADABLE = "nation-unreadable"
    NATION_UNCERTAIN = "nation-uncertain"
    BIRTH_FROM_NUMBER = "birth-from-number"
    BIRTH_DIFFERS = "birth-differs-from-number"
    ADDRESS_UNREADABLE = "address-unreadable"
    ADDRESS_UNCERTAIN = "address-low-score"
    NUMBER_CHECK_DIGIT = "number-check-digit"
    NUMBER_UNCERTAIN = "number-low-score"
    NOT_A_RESIDENT_ID = "not-a-resident-id"
    ISSUER_UNREADABLE = "issuer-unreadable"
    ISSUER_UNCERTAIN = "issuer-uncertain"
    VALIDITY_UNREADABLE = "validity-unreadable"


@dataclass(frozen=True, slots=True)
class PrintedReading:
    """A face of a card as read. `complete`: every field of the face was read from print and the number's check digit holds."""

    document: IdentityDocument
    complete: bool
    warnings: tuple[ReadingWarning, ...]


@dataclass(frozen=True, slots=True)
class _Field:
    """A value with the worst score of the lines it came from; `by_place` where no label led to it."""

    value: str
    score: float
    by_place: bool = False

    @property
    def uncertain(self) -> bool:
        return self.by_place or self.score < SURE


@dataclass(frozen=True, slots=True)
class _Page:
    """An upright front: its rows without the number's, and the number with its place."""

    rows: tuple[Row, ...]
    number: _Field
    left: float
    middle: float
    width: float

    def zone(self, above: float, below: float) -> list[PrintedLine]:
        """Lines whose middle lies so many number widths above the number, left of the portrait."""
        found = [line for row in self.rows for line in row]
        return [line for line in found if above <= (self.middle - line.middle[1]) / self.width <= below and self.beside_portrait(line)]

    def beside_portrait(self, line: PrintedLine) -> bool:
        return line.left < self.left + _VALUES_RIGHT * self.width


def parse_resident_front(lines: Sequence[PrintedLine]) -> PrintedReading | None:
    """The front of a resident ID, whichever way up; None where no number of 18 characters is found."""
    usable = [line for line in lines if len(line.box) == 4 and line.text.strip()]
    title = next((kind for words, kind in _TITLES if any(words in _plain(line.text) for line in usable)), None)
    page = _page([line for line in usable if not any(words in line.text.upper() for words in _SAMPLE_WORDS)])
    if page is None:
        return None
    number = ResidentNumber(page.number.value)
    warnings: list[ReadingWarning] = []
    if not number.check_holds:
        warnings.append(ReadingWarning.NUMBER_CHECK_DIGIT)
    if page.number.uncertain:
        warnings.append(ReadingWarning.NUMBER_UNCERTAIN)
    kind = title or _KINDS.get(number.kind, DocumentType.RESIDENT_ID)
    if title not in (None, DocumentType.TEMPORARY_ID) or not _looks_resident(usable):
        warnings.append(ReadingWarning.NOT_A_RESIDENT_ID)
    document = IdentityDocument(
        type=kind,
        name=_name(page, warnings),
        number=number.number,
        sex=_sex(page, number, warnings),
        nation=_nation(page, warnings),
        born_on=_born_on(page, number, warnings),
        address=_address(page, warnings),
        source=Source.PICTURE,
    )
    read = (document.name, document.sex, document.nation, document.born_on, document.address)
    return PrintedReading(document, None not in read and _INCOMPLETE.isdisjoint(warnings), tuple(warnings))


_INCOMPLETE = frozenset(
    {ReadingWarning.NUMBER_CHECK_DIGIT, ReadingWarning.NOT_A_RESIDENT_ID, ReadingWarning.SEX_FROM_NUMBER, ReadingWarning.BIRTH_FROM_NUMBER}
)


def parse_resident_back(lines: Sequence[PrintedLine]) -> PrintedReading | None:
    """The back of a resident ID: issuer and validity; None where neither 有效期限 nor dates like it are found."""
    usable = levelled([line for line in lines if len(line.box) == 4 and line.text.strip()])
    both_ways_up = [*rows(usable), *rows(turned(usable, math.pi))]
    dates = next((found for row in both_ways_up for line in row if (found := _VALIDITY.search(_plain(line.text)))), None)
    issuer = next((field for row in both_ways_up if (field := _in_row(row, r"签发机关(.+)"))), None)
    return _back(dates, issuer) if dates or issuer else None


def _back(dates: re.Match[str] | None, issuer: _Field | None) -> PrintedReading:
    warnings: list[ReadingWarning] = []
    valid_from = parse_date(dates[1]) if dates else None
    long_term = dates is not None and dates[2].endswith("期")
    valid_until = parse_date(dates[2]) if dates and not long_term else None
    if valid_from is None or (valid_until is None and not long_term):
        warnings.append(ReadingWarning.VALIDITY_UNREADABLE)
    if issuer is None:
        warnings.append(ReadingWarning.ISSUER_UNREADABLE)
    elif issuer.uncertain:
        warnings.append(ReadingWarning.ISSUER_UNCERTAIN)
    document = IdentityDocument(
        type=DocumentType.RESIDENT_ID,
        issuer=issuer.value if issuer else None,
        valid_from=valid_from,
        valid_until=valid_until,
        long_term=long_term,
        source=Source.PICTURE,
    )
    return PrintedReading(document, not warnings or warnings == [ReadingWarning.ISSUER_UNCERTAIN], tuple(warnings))


# ---- the page ------------------------------------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).replace("×", "X").replace(":", "")


def _looks_resident(lines: Iterable[PrintedLine]) -> bool:
    """Whether a label of the card was read: a number of 18 characters alone may stand on anything."""
    return any(word in _plain(line.text) for line in lines for word in ("公民", "身份", "姓名", "民族", "出生", "住址", "性别"))


def _page(lines: list[PrintedLine]) -> _Page | None:
    level = levelled(lines)
    found = _find_number(level)
    if found is None:
        return None
    others = [line for line in level if line is not found[0]]
    above = sum(1 if line.middle[1] < found[0].middle[1] else -1 for line in others)
    if above < 0:  # the number stands last on the card: what reads upside down is turned
        level = turned(level, math.pi)
        found = _find_number(level)
    if found is None:
        return None
    line, number = found
    full = line.right - line.left
    labelled = len(_plain(line.text)) > 20
    width = max(full * (1 - _NUMBER_LABEL_SHARE) if labelled else full, 1.0)
    kept = [row for row in rows(other for other in level if other is not line) if row[0].middle[1] < line.middle[1] - 0.6 * line.height]
    return _Page(tuple(kept), number, line.right - width, line.middle[1], width)


def _find_number(lines: Iterable[PrintedLine]) -> tuple[PrintedLine, _Field] | None:
    """The line with the number: one whose check digit holds before any other, letters taken for digits only where it then holds."""
    sound: list[tuple[PrintedLine, _Field]] = []
    spoilt: list[tuple[PrintedLine, _Field]] = []
    for line in lines:
        text = _plain(line.text).upper()
        if exact := _NUMBER.search(text):
            place = sound if ResidentNumber(exact[0]).check_holds else spoilt
            place.append((line, _Field(exact[0], line.score)))
        elif almost := _ALMOST_NUMBER.search(text):
            repaired = almost[0].translate(_LETTERS_AS_DIGITS)
            if ResidentNumber(repaired).check_holds:
                sound.append((line, _Field(repaired, 0.0)))
    return next(iter(sound + spoilt), None)


# ---- the fields ----------------------------------------------------------------------------------------------------------------------


def _labelled(page: _Page, pattern: str) -> _Field | None:
    return next((field for row in page.rows if (field := _in_row([line for line in row if page.beside_portrait(line)], pattern))), None)


def _in_row(row: Sequence[PrintedLine], pattern: str) -> _Field | None:
    """The first group of `pattern` in the row's joined text, rated by the lines it lies in: pale labels beside it don't count."""
    found = re.search(pattern, "".join(_plain(line.text) for line in row))
    if found is None or not found[1]:
        return None
    start, scores = 0, []
    for line in row:
        end = start + len(_plain(line.text))
        if start < found.end(1) and found.start(1) < end:
            scores.append(line.score)
        start = end
    return _Field(found[1], min(scores))


def _placed(page: _Page, above: float, below: float, drop: str) -> _Field | None:
    """What stands in a zone, without the labels in `drop`."""
    lines = sorted(page.zone(above, below), key=lambda line: line.left)
    text = re.sub(drop, "", "".join(_plain(line.text) for line in lines))
    return _Field(text, min(line.score for line in lines), by_place=True) if text else None


def _name(page: _Page, warnings: list[ReadingWarning]) -> str | None:
    field = _labelled(page, r"^姓名?(.+)") or _placed(page, 0.68, 0.88, r"^姓?名?")
    name = _NOT_OF_A_NAME.sub("", field.value) if field else ""
    if field is None or not name:
        warnings.append(ReadingWarning.NAME_UNREADABLE)
        return None
    if field.uncertain or name != field.value or not 2 <= len(name) <= 20:
        warnings.append(ReadingWarning.NAME_UNCERTAIN)
    return name


def _sex(page: _Page, number: ResidentNumber, warnings: list[ReadingWarning]) -> Sex | None:
    field = _labelled(page, r"性?别([男女])") or _labelled(page, r"^性?别?([男女])民?族")
    if field is None:
        warnings.append(ReadingWarning.SEX_FROM_NUMBER)
        return number.sex
    sex = Sex(field.value)
    if number.sex not in (None, sex):
        warnings.append(ReadingWarning.SEX_DIFFERS)
    return sex


def _nation(page: _Page, warnings: list[ReadingWarning]) -> str | None:
    field = _labelled(page, r"民?族([\u4e00-\u9fff]{1,4})") or _placed(page, 0.57, 0.69, r"^性?别?[男女]?民?族?")
    nation = _LOOKALIKE_NATIONS.get(field.value, field.value) if field else ""
    if field is None or nation not in NATIONS:
        warnings.append(ReadingWarning.NATION_UNREADABLE)
        return None
    if field.uncertain or nation != field.value:
        warnings.append(ReadingWarning.NATION_UNCERTAIN)
    return nation


def _born_on(page: _Page, number: ResidentNumber, warnings: list[ReadingWarning]) -> date | None:
    printed = _printed_birth(page)
    if printed is None:
        warnings.append(ReadingWarning.BIRTH_FROM_NUMBER)
        return number.born_on
    if printed != number.born_on:
        warnings.append(ReadingWarning.BIRTH_DIFFERS)
    return printed


def _printed_birth(page: _Page) -> date | None:
    for row in page.rows:
        found = _BIRTH.search("".join(_plain(line.text) for line in row if page.beside_portrait(line)))
        if found:
            return parse_date(f"{found[1]}{found[2]:0>2}{found[3]:0>2}")
    return None


def _address(page: _Page, warnings: list[ReadingWarning]) -> str | None:
    """住址 runs over up to three rows, from its label down to the number; without the label, from below the birth date."""
    beside = [[line for line in row if page.beside_portrait(line)] for row in page.rows]
    texts = ["".join(_plain(line.text) for line in row) for row in beside]
    start = next((place for place, text in enumerate(texts) if re.match(r"住址?", text)), None)
    by_place = start is None
    kept = beside[start:] if start is not None else [row for row in beside if row and (page.middle - row[0].middle[1]) / page.width < 0.41]
    lines = [line for row in kept for line in row if "公民身份" not in _plain(line.text)]
    text = re.sub(r"^住?址?", "", "".join(_plain(line.text) for line in lines))
    if not lines or not text:
        warnings.append(ReadingWarning.ADDRESS_UNREADABLE)
        return None
    if by_place or min(line.score for line in lines) < SURE:
        warnings.append(ReadingWarning.ADDRESS_UNCERTAIN)
    return text
