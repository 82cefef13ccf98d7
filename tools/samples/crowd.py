"""Made-up people in any number: the same seed gives the same people. Regions and check digits are real, nobody and no street is."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from pathlib import Path

from tools.samples.truth import Person, resident_number

REGIONS = Path(__file__).resolve().parents[2] / "resources" / "regions.json"
RARE = "䶮㛃𬎆"
"""Characters of real names that recognition knows badly; 𬎆 is not among those it can give at all."""

MOST_OF_ADDRESS = 31
"""Three rows of eleven, as the card has them, less what digits may break."""

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石"
    "姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段章钱汤尹黎易常武乔贺赖龚文"
)
_COMPOUND = ("欧阳", "上官", "司马", "诸葛", "夏侯", "皇甫")
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国志文辉云龙凤春梅海燕雪琴晓东林宇欣怡子涵梓轩浩然思远博文雨桐诗琪嘉豪"
    "俊熙佳慧心妍依诺若兰德海一诺天佑婉清睿哲承泽瑾瑜昊天沐阳书瑶语嫣景行修远长安鹏飞振兴立新学友家栋世昌永福庆丰宝山瑞雪松柏青竹"
)
_STREETS = ("人民路", "建设路", "解放大道", "中山路", "花园街", "和平里", "新华路", "文化巷", "滨河东路", "学府街", "青年路", "东风大街")
_VILLAGES = ("李家庄", "大王村", "柳林村", "石桥村", "杨树湾", "河口村", "上庄村", "新民村")
_NATIONS = ("汉",) * 14 + ("回", "满", "蒙古", "藏", "壮", "苗", "彝", "土家", "维吾尔", "朝鲜", "侗", "瑶")
_AGGREGATES = (
    "市辖区",
    "县",
    "市",
    "省直辖县级行政单位",
    "省直辖行政单位",
    "自治区直辖县级行政单位",
    "省直辖县级行政区划",
    "自治区直辖县级行政区划",
)
_TODAY = date(2026, 11, 1)


def people(count: int, seed: int) -> tuple[Person, ...]:
    """Holders of resident IDs from all over the country."""
    chance = random.Random(f"crowd {seed}")  # noqa: S311 - people for drawings, no secrets
    names: dict[str, str] = json.loads(REGIONS.read_text("utf-8"))["current"]
    counties = [code for code in sorted(names) if not code.endswith("00") and code[0] in "123456" and names[code] not in _AGGREGATES]
    return tuple(_person(chance, names, chance.choice(counties), f"{seed}-{place}") for place in range(count))


def named(chance: random.Random) -> str:
    surname = chance.choice(_COMPOUND) if chance.random() < 0.04 else chance.choice(_SURNAMES)
    return surname + "".join(chance.choice(_GIVEN) for _ in range(1 if chance.random() < 0.2 else 2))


def _person(chance: random.Random, names: dict[str, str], code: str, key: str) -> Person:
    born_on = date(1945, 1, 1) + timedelta(days=chance.randrange(26_000))
    order = chance.randrange(1, 999)
    age = chance.randrange(16, 26) if _TODAY.year - born_on.year < 36 else chance.randrange(26, 46)
    issued = min(born_on + timedelta(days=366 * age), _TODAY - timedelta(days=chance.randrange(1, 3000)))
    until = _until(born_on, issued)
    city, county = _city(names, code), names[code]
    region = f"{names[code[:2] + '0000']}{city}{county}"
    return Person(
        key=key,
        name=named(chance),
        sex="男" if order % 2 else "女",
        nation=chance.choice(_NATIONS),
        born_on=born_on.isoformat(),
        address=region + next(place for place in iter(lambda: _place(chance), "") if len(region + place) <= MOST_OF_ADDRESS),
        number=resident_number(code, born_on.isoformat(), f"{order:03}"),
        issuer=f"{city}公安局{county.removesuffix('区')}分局" if city and county.endswith("区") else f"{county}公安局",
        valid_from=issued.isoformat(),
        valid_until=until,
        phone="",
        remark="",
    )


def _city(names: dict[str, str], code: str) -> str:
    city = names.get(code[:4] + "00", "")
    return "" if city in _AGGREGATES else city


def _place(chance: random.Random) -> str:
    if chance.random() < 0.3:
        return f"{chance.choice('东西南北')}关镇{chance.choice(_VILLAGES)}{chance.randrange(1, 16)}组{chance.randrange(1, 200)}号"
    house = f"{chance.choice(_STREETS)}{chance.randrange(1, 300)}号"
    if chance.random() < 0.5:
        return house
    return f"{house}{chance.randrange(1, 30)}号楼{chance.randrange(1, 5)}单元{chance.randrange(1, 33)}0{chance.randrange(1, 5)}号"


def _until(born_on: date, issued: date) -> str:
    age = issued.year - born_on.year - ((issued.month, issued.day) < (born_on.month, born_on.day))
    if age >= 46:
        return "长期"
    years = 5 if age < 16 else 10 if age < 26 else 20
    leap = (issued.month, issued.day) == (2, 29)
    return issued.replace(year=issued.year + years, day=28 if leap else issued.day).isoformat()
