"""Other documents as drawings: residence cards, permanent residence cards, permits, passports.

Fields as they are labelled, places invented: no emblem, portrait or guilloche, and 样本 on every one. Lines of the machine-readable
zone are as ICAO 9303 puts them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from PIL import Image, ImageFont

from tools.samples.cards import INK, LABEL_INK, MARK_INK, PX_PER_MM, Sheet, back, front
from tools.samples.crowd import named
from tools.samples.truth import Person, resident_number

OCR_B = Path("/usr/share/fonts/opentype/ocr-b/OCRB.otf")
"""Debian's fonts-ocr-b; without it zones can't be drawn as documents print them."""

_VALUES = {"<": 0} | {character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
_COUNTRIES = {"CAN": "124", "USA": "840", "DEU": "276", "FRA": "250", "JPN": "392", "KOR": "410", "GBR": "826", "AUS": "036"}
_SURNAMES = ("MARTIN", "OSBORNE", "TANAKA", "DUBOIS", "SCHULZ", "ROBINSON", "KIM", "MOORE", "ZOLA", "QUIGLEY", "IBSEN", "BOOTH")
_GIVEN = ("ALICE", "JOHN PAUL", "OLIVIA", "KENJI", "LOUIS", "SOPHIE MARIE", "OTTO", "BRIGITTE", "DAVID", "ZOE", "ISABEL", "BORIS")
_PINYIN = ("WANG<<XIAOMING", "LI<<RUOLAN", "CHEN<<XIAOWEN", "OUYANG<<BOSI", "ZHOU<<HAIYAN", "HUANG<<ZHIQIANG")


@dataclass(frozen=True)
class Made:
    """One drawn document and what is printed on it: the keys of `read-id`. `zone`: its lines, if it has one."""

    kind: str
    faces: tuple[Image.Image, ...]
    told: dict[str, str]
    zone: tuple[str, ...] = ()


def check_731(text: str) -> str:
    return str(sum((7, 3, 1)[place % 3] * _VALUES[character] for place, character in enumerate(text)) % 10)


@dataclass(frozen=True)
class Bearer:
    """Who a zone is about. `names`: SURNAME<<GIVEN<NAMES; dates as YYMMDD; `state`: issuing state and nationality."""

    names: str
    number: str
    state: str
    born: str
    sex: str
    until: str


def td3(bearer: Bearer) -> tuple[str, str]:
    first = f"P<{bearer.state}{bearer.names}".ljust(44, "<")[:44]
    held = bearer.number.ljust(9, "<")
    dates = f"{bearer.born}{check_731(bearer.born)}{bearer.sex}{bearer.until}{check_731(bearer.until)}"
    body = f"{held}{check_731(held)}{bearer.state}{dates}{'<' * 14}0"
    return first, body + check_731(body[:10] + body[13:20] + body[21:43])


def td1(code: str, bearer: Bearer) -> tuple[str, str, str]:
    held = bearer.number.ljust(9, "<")
    first = f"{code.ljust(2, '<')}{bearer.state}{held}{check_731(held)}".ljust(30, "<")
    dates = f"{bearer.born}{check_731(bearer.born)}{bearer.sex}{bearer.until}{check_731(bearer.until)}"
    second = f"{dates}{bearer.state}".ljust(29, "<")
    return first, second + check_731(first[5:] + second[:7] + second[8:15] + second[18:29]), bearer.names.ljust(30, "<")[:30]


def documents(count: int, seed: int) -> tuple[Made, ...]:
    """So many of every kind."""
    chance = random.Random(f"documents {seed}")  # noqa: S311 - drawings, no secrets
    makers = (_residence, _permanent_2017, _permanent_2023, _hm_permit, _tw_permit, _passport, _chinese_passport)
    return tuple(make(chance) for make in makers for _ in range(count))


def _days(chance: random.Random) -> tuple[date, date, date]:
    born_on = date(1950, 1, 1) + timedelta(days=chance.randrange(20_000))
    issued = date(2018, 1, 1) + timedelta(days=chance.randrange(2500))
    return born_on, issued, issued.replace(year=issued.year + 10, day=min(issued.day, 28))


def _dotted(day: date) -> str:
    return day.isoformat().replace("-", ".")


def _yymmdd(day: date) -> str:
    return day.strftime("%y%m%d")


def _told(kind: str, **fields: str) -> dict[str, str]:
    return {"type": kind, **fields}


def _residence(chance: random.Random) -> Made:
    born_on, issued, _ = _days(chance)
    order, code = chance.randrange(1, 999), chance.choice(("810000", "820000", "830000"))
    person = Person(
        key="",
        name=named(chance),
        sex="男" if order % 2 else "女",
        nation="",
        born_on=born_on.isoformat(),
        address="广东省深圳市福田区" + chance.choice(("人民路", "学府街")) + f"{chance.randrange(1, 99)}号",
        number=resident_number(code, born_on.isoformat(), f"{order:03}"),
        issuer="深圳市公安局",
        valid_from=issued.isoformat(),
        valid_until=issued.replace(year=issued.year + 5, day=min(issued.day, 28)).isoformat(),
        phone="",
        remark="",
    )
    told = _told("hmt-residence", **{key: getattr(person, key) for key in ("name", "sex", "born_on", "address", "number", "issuer")})
    told |= {"valid_from": person.valid_from, "valid_until": person.valid_until}
    other = back(person, title="港澳台居民居住证", more=(("通行证号码", f"H{chance.randrange(10**7, 10**8)}"),))
    return Made("hmt-residence", (front(person), other), told)


def _labelled(rows: Sequence[tuple[float, float, str, str]], title: str, below: str = "") -> Sheet:
    """A card whose labels stand above their values."""
    sheet = Sheet((230, 236, 232))
    sheet.text(20, 2.5, title, size=3.6, ink=(60, 60, 60))
    sheet.text(20, 7, below, size=2.2, ink=(60, 60, 60))
    sheet.text(60, 44, "样本", size=5, ink=MARK_INK)
    for x, y, label, value in rows:
        sheet.text(x, y, label, size=2.1, ink=LABEL_INK)
        sheet.text(x, y + 2.6, value, size=3.1, ink=INK)
    return sheet


def _permanent(chance: random.Random, version: int) -> Made:
    born_on, issued, until = _days(chance)
    country = chance.choice(tuple(_COUNTRIES))
    order, sex = chance.randrange(1, 999), chance.choice("男女")
    name = f"{chance.choice(_SURNAMES)}, {chance.choice(_GIVEN)}"
    if version == 2023:
        number = resident_number(f"931{_COUNTRIES[country]}"[:6], born_on.isoformat(), f"{order:03}")
    else:
        first14 = f"{country}31{chance.randrange(10, 99)}{_yymmdd(born_on)}{order % 10}"
        number = first14 + check_731(first14)
    rows = (
        (6, 11, "姓名/Name", name),
        (6, 18, "性别/Sex", f"{sex}/{'M' if sex == '男' else 'F'}"),
        (26, 18, "出生日期/Date of Birth", _dotted(born_on)),
        (6, 25, "国籍/Nationality", f"{country}"),
        (6, 32, "有效期限/Period of Validity", f"{_dotted(issued)}-{_dotted(until)}"),
        (6, 39, "签发机关/Issuing Authority", "国家移民管理局"),
        (6, 46, "证件号码/ID No.", number),
    )
    told = _told("fpr-card", name=name, number=number, sex=sex, born_on=born_on.isoformat(), nationality=country)
    told |= {"valid_from": issued.isoformat(), "valid_until": until.isoformat()}
    title = "外国人永久居留身份证"
    return Made(f"fpr-{version}", (_labelled(rows, title, "FOREIGN PERMANENT RESIDENT ID CARD").image,), told)


def _permanent_2017(chance: random.Random) -> Made:
    return _permanent(chance, 2017)


def _permanent_2023(chance: random.Random) -> Made:
    return _permanent(chance, 2023)


def _permit(chance: random.Random, kind: str, code: str, title: str, number: str, authority: str) -> Made:
    born_on, issued, until = _days(chance)
    name, latin, sex = named(chance), chance.choice(_PINYIN), chance.choice("男女")
    rows = (
        (6, 11, "姓名/Name", name),
        (6, 18, "出生日期/Date of birth", _dotted(born_on)),
        (34, 18, "性别/Sex", sex),
        (6, 25, "有效期限/Period of validity", f"{_dotted(issued)}-{_dotted(until)}"),
        (6, 32, "签发机关/Issuing authority", authority),
        (6, 39, "证件号码/Card No.", number),
    )
    zone = td1(code, Bearer(latin, number, "CHN", _yymmdd(born_on), "M" if sex == "男" else "F", _yymmdd(until)))
    told = _told(kind, name=name, number=number, sex=sex, born_on=born_on.isoformat())
    told |= {"valid_from": issued.isoformat(), "valid_until": until.isoformat()}
    other = Sheet((230, 236, 232))
    other.text(20, 8, "样本 SAMPLE 虚构", size=4, ink=MARK_INK)
    _zone(other, zone, 32, pitch=2.54)
    return Made(kind, (_labelled(rows, title).image, other.image), told, zone)


def _hm_permit(chance: random.Random) -> Made:
    number = chance.choice("HM") + str(chance.randrange(10**7, 10**8))
    return _permit(chance, "hm-permit", "CR", "港澳居民来往内地通行证", number, "公安部出入境管理局")


def _tw_permit(chance: random.Random) -> Made:
    return _permit(chance, "tw-permit", "CT", "台湾居民来往大陆通行证", f"0{chance.randrange(10**6, 10**7)}", "国家移民管理局")


def _page(chance: random.Random, country: str, number: str, latin: str, han: str) -> Made:
    born_on, issued, until = _days(chance)
    sex = chance.choice("MF")
    surname, _, given = latin.partition("<<")
    name = f"{surname} {given.replace('<', ' ')}"
    sheet = Sheet((232, 232, 226), (125, 88))
    sheet.text(8, 3, "护照  PASSPORT", size=4, ink=(60, 60, 60))
    sheet.text(86, 40, "样本", size=7, ink=MARK_INK)
    rows = (
        (42, 12, "类型/Type", "P"),
        (62, 12, "国家码/Country Code", country),
        (90, 12, "护照号/Passport No.", number),
        (42, 21, "姓名/Name", f"{han}" if han else name),
        (42, 30, "性别/Sex", f"{'男' if sex == 'M' else '女'}/{sex}"),
        (62, 30, "国籍/Nationality", country),
        (42, 39, "出生日期/Date of birth", _dotted(born_on)),
        (42, 48, "签发日期/Date of issue", _dotted(issued)),
        (42, 57, "有效期至/Date of expiry", _dotted(until)),
    )
    for x, y, label, value in rows:
        sheet.text(x, y, label, size=2.2, ink=LABEL_INK)
        sheet.text(x, y + 2.8, value, size=3.2, ink=INK)
    zone = td3(Bearer(latin, number, country, _yymmdd(born_on), sex, _yymmdd(until)))
    _zone(sheet, zone, 70, pitch=2.54)
    told = _told("overseas-passport" if country == "CHN" else "foreign-passport", name=han or name, number=number, nationality=country)
    told |= {"sex": "男" if sex == "M" else "女", "born_on": born_on.isoformat(), "valid_from": issued.isoformat()}
    return Made("passport-chn" if han else "passport", (sheet.image,), told | {"valid_until": until.isoformat()}, zone)


def _passport(chance: random.Random) -> Made:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    number = "".join(chance.choice(letters) for _ in range(2)) + f"{chance.randrange(10**6, 10**7)}"
    latin = f"{chance.choice(_SURNAMES)}<<{chance.choice(_GIVEN).replace(' ', '<')}"
    return _page(chance, chance.choice(tuple(_COUNTRIES)), number, latin, "")


def _chinese_passport(chance: random.Random) -> Made:
    return _page(chance, "CHN", f"E{chance.choice('ABCDEFGH')}{chance.randrange(10**6, 10**7)}", chance.choice(_PINYIN), named(chance))


def _zone(sheet: Sheet, lines: Sequence[str], top: float, *, pitch: float) -> None:
    """OCR-B at ten characters an inch, lines a quarter of an inch apart."""
    face = ImageFont.truetype(str(OCR_B), round(4.0 * PX_PER_MM))
    for row, line in enumerate(lines):
        for place, character in enumerate(line):
            sheet.draw.text(((5 + place * pitch) * PX_PER_MM, (top + row * 6.35) * PX_PER_MM), character, font=face, fill=INK)
