"""Made-up company names, and sixteen ways in which people and machines misspell them. Everything drawn from seeds."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import opencc

NAMES_FILE = Path("/work/shared/data/company_names_200k.txt.gz")
_HERE = Path(__file__).resolve().parent
_RESOURCES = _HERE.parent / "resources"
_FORMS = (
    "经营部（个体工商户）",
    "集团股份有限公司",
    "集团有限公司",
    "股份有限公司",
    "有限责任公司",
    "有限公司",
    "商行",
    "经营部",
    "中心",
    "厂",
    "店",
)
_SHOPS = ("旗舰店", "官方旗舰店", "专营店", "专卖店", "淘宝店", "官方店")
_SYMBOLS = (" ", "·", "-", "　", "*", "/")
_COMMON = "鑫源华泰宏达盛兴隆恒瑞祥和顺通远大金诚信嘉美佳安康天地海龙腾飞润丰永利德福康新世纪中联博雅诺亿晟昌荣辉耀旺"
_TRADES = (
    *(("商贸",) * 12 + ("科技",) * 12 + ("贸易",) * 8 + ("建材",) * 6 + ("电子商务",) * 4 + ("文化传媒",) * 6 + ("信息技术",) * 5),
    *(("服饰",) * 4 + ("食品",) * 5 + ("机械设备",) * 4 + ("物流",) * 4 + ("运输",) * 3 + ("建筑工程",) * 7 + ("装饰工程",) * 4),
    *(("餐饮管理",) * 4 + ("企业管理咨询",) * 5 + ("房地产开发",) * 4 + ("医药",) * 2 + ("农业开发",) * 3 + ("化工",) * 3 + ("广告",) * 3),
    *("五金", "电器", "网络科技", "生物科技", "劳务", "汽车销售", "酒店管理", "教育咨询", "环保设备", "塑料制品", "家具", "纸业", "印刷"),
)


_LARGE = (
    *(("上海市",) * 5 + ("北京市",) * 5 + ("深圳市",) * 6 + ("广州市",) * 4 + ("重庆市",) * 3 + ("杭州市",) * 3 + ("成都市",) * 3),
    *("苏州市", "武汉市", "郑州市", "南京市", "西安市", "青岛市", "长沙市", "宁波市", "东莞市", "天津市", "合肥市", "济南市", "温州市"),
    *("河南省", "山东省", "江苏省", "浙江省", "广东省", "湖北省", "河北省"),
)
"""Four of ten companies are registered under one of few names."""


@dataclass(frozen=True)
class Parts:
    """A name as it was put together."""

    region: str
    core: str
    form: str

    @property
    def whole(self) -> str:
        return self.region + self.core + self.form


@dataclass
class Tables:
    """What misspelling takes: readings of the shipped table, look-alikes of another source than the one the program judges by."""

    readings: Mapping[str, str] = field(default_factory=lambda: _json(_RESOURCES / "sounds.json")["readings"])
    alike: Mapping[str, str] = field(default_factory=lambda: _json(_HERE / "lookalikes.json")["alike"])
    regions: Sequence[str] = field(default_factory=lambda: _usable_regions())

    def __post_init__(self) -> None:
        # Characters people know: those of the first level of GB 2312.
        common = {bytes((row + 160, cell + 160)).decode("gb2312", "ignore") for row in range(16, 56) for cell in range(1, 95)}
        self.same: dict[str, list[str]] = {}
        for sign, told in self.readings.items():
            if sign in common:
                self.same.setdefault(told.split()[0], []).append(sign)
        self.common = sorted(common & self.readings.keys())
        self.traditional = opencc.OpenCC("s2t")

    def sounding(self, sign: str, draw: random.Random) -> str | None:
        others = [other for other in self.same.get(self._reading(sign), ()) if other != sign]
        return draw.choice(others) if others else None

    def sounding_near(self, sign: str, draw: random.Random) -> str | None:
        reading = self._reading(sign)
        near = [other for told in _near(reading) for other in self.same.get(told, ())]
        return draw.choice(near) if near else None

    def looking(self, sign: str, draw: random.Random) -> str | None:
        return draw.choice(self.alike[sign]) if sign in self.alike else None

    def _reading(self, sign: str) -> str:
        return self.readings.get(sign, "").split(" ")[0]


def _near(reading: str) -> list[str]:
    near = []
    for one, other in (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l")):
        for mine, theirs in ((one, other), (other, one)):
            if reading.startswith(mine) and not (mine in "zcs" and reading[1:2] == "h"):
                near.append(theirs + reading[len(mine) :])
    near.append(reading[:-1] if reading.endswith("ng") else reading + "g" if reading.endswith("n") else "")
    return [each for each in near if each]


def _json(path: Path) -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _usable_regions() -> list[str]:
    names = _json(_RESOURCES / "regions.json")["current"].values()
    return sorted({name for name in names if len(name) >= 3 and "辖" not in name and "直" not in name}, key=lambda name: (-len(name), name))


def shared_names() -> list[str]:
    """The 200 000 made-up names (../shared/data/README.md), no name twice."""
    with gzip.open(NAMES_FILE, "rt", encoding="utf-8") as lines:
        return list(dict.fromkeys(line.strip() for line in lines if line.strip()))


def parted(name: str, regions: frozenset[str]) -> Parts:
    """A name taken apart again: the region it begins with, and the legal form it ends with."""
    size = next((size for size in range(min(12, len(name) - 3), 1, -1) if name[:size] in regions), 0)
    form = next((form for form in _FORMS if name.endswith(form) and len(name) - len(form) - size >= 2), "")
    return Parts(name[:size], name[size : len(name) - len(form)], form)


def crowded(draw: random.Random, tables: Tables, count: int) -> list[Parts]:
    """Names as registers have them: popular letters, popular trades, so that near namesakes exist in every town."""
    weights = [1 / (place + 3) for place in range(len(_COMMON))]
    found: dict[str, Parts] = {}
    while len(found) < count:
        letters = draw.choices(_COMMON, weights, k=2)
        if draw.random() < 0.75:
            letters[draw.randrange(2)] = draw.choice(tables.common)
        brand = "".join(letters) + (draw.choice(tables.common) if draw.random() < 0.3 else "")
        form = draw.choice(("有限公司", "有限公司", "有限公司", "有限责任公司", "股份有限公司", "商行", "经营部", "店"))
        parts = Parts(_region(draw, tables), brand + draw.choice(_TRADES), form)
        found.setdefault(parts.whole, parts)
    return list(found.values())


def recombined(draw: random.Random, names: Sequence[Parts], count: int) -> list[Parts]:
    """More names than there are: brand and trade of one name, region of another, form of a third; no name twice."""
    found = {parts.whole: parts for parts in draw.sample(names, min(count, len(names)))}
    while len(found) < count:
        parts = Parts(draw.choice(names).region, draw.choice(names).core, draw.choice(names).form)
        found.setdefault(parts.whole, parts)
    return list(found.values())


def _region(draw: random.Random, tables: Tables) -> str:
    region = draw.choice(_LARGE) if draw.random() < 0.4 else draw.choice(tables.regions)
    return region[:-1] if region.endswith("市") and draw.random() < 0.6 else region


def hostile(draw: random.Random, listed: Sequence[Parts], tables: Tables) -> list[str]:
    """Names that cost as much as a name can: very long ones of the commonest letters, sounds and words, and of many listed names."""
    sounds = ["shi", "yi", "xian", "guang", "li", "jiang"]
    long = [
        "".join(draw.choices(_COMMON, k=500)),
        "".join(draw.choices(_TRADES, k=200))[:500],
        "".join(draw.choices(sounds, k=200))[:500],
        "xianguangliang" * 35,
        "".join("".join(draw.choices(tables.same.get(sound, [*_COMMON]), k=40)) for sound in sounds * 2),
        "".join(parts.core for parts in draw.sample(listed, 80))[:500],
        "一" * 500,
        "鑫" * 500,
        "（" * 500,
    ]
    short = [
        "".join(draw.choices(_COMMON[:12], k=size)) + draw.choice(_TRADES[:20]) for size in (1, 2, 3, 4, 5, 6, 8, 12) for _ in range(12)
    ]
    return ["上海" + text + "有限公司" for text in (*long, *short)] + long


def elsewhere(parts: Parts, draw: random.Random, tables: Tables) -> str:
    """A hard negative: the same core in another region."""
    other = draw.choice(tables.regions)
    while other[:2] == parts.region[:2]:
        other = draw.choice(tables.regions)
    return other + parts.core + parts.form


Misspelling = Callable[[Parts, random.Random, Tables], str | None]


def _changed(one: Callable[[str, random.Random], str | None]) -> Misspelling:
    """One letter of the core becomes another; None where no letter can."""

    def change(parts: Parts, draw: random.Random, _tables: Tables) -> str | None:
        for at in draw.sample(range(len(parts.core)), len(parts.core)):
            other = one(parts.core[at], draw)
            if other is not None:
                return parts.region + parts.core[:at] + other + parts.core[at + 1 :] + parts.form
        return None

    return change


def misspellings(tables: Tables) -> Mapping[str, Misspelling]:
    """The sixteen kinds by name."""
    homophone, near, alike = _changed(tables.sounding), _changed(tables.sounding_near), _changed(tables.looking)

    def twice(first: Misspelling, second: Misspelling) -> Misspelling:
        def change(parts: Parts, draw: random.Random, tables: Tables) -> str | None:
            once = first(parts, draw, tables)
            if once is None:
                return None
            core = once[len(parts.region) : len(once) - len(parts.form)]
            return second(Parts(parts.region, core, parts.form), draw, tables) if len(core) > 2 else None

        return change

    def combined(parts: Parts, draw: random.Random, tables: Tables) -> str | None:
        first, second = draw.sample((homophone, near, alike, _swap, _insert, _drop), 2)
        return twice(first, second)(parts, draw, tables)

    return {
        "homophone1": homophone,
        "nearphone1": near,
        "homophone2": twice(homophone, homophone),
        "swap": _swap,
        "insert1": _insert,
        "drop1": _drop,
        "lookalike1": alike,
        "suffix": _suffix,
        "region_form": _region_form,
        "bracket": _bracket,
        "trad": lambda parts, _draw, tables: str(tables.traditional.convert(parts.whole)),
        "space_symbol": _symbols,
        "width_digit": _width,
        "shop_nick": _shop,
        "pinyin_mix": _pinyin,
        "combo2": combined,
    }


def _swap(parts: Parts, draw: random.Random, _tables: Tables) -> str | None:
    places = [at for at in range(len(parts.core) - 1) if parts.core[at] != parts.core[at + 1]]
    if not places:
        return None
    at, core = draw.choice(places), parts.core
    return parts.region + core[:at] + core[at + 1] + core[at] + core[at + 2 :] + parts.form


def _insert(parts: Parts, draw: random.Random, tables: Tables) -> str:
    at = draw.randrange(len(parts.core) + 1)
    return parts.region + parts.core[:at] + draw.choice(tables.common) + parts.core[at:] + parts.form


def _drop(parts: Parts, draw: random.Random, _tables: Tables) -> str | None:
    if len(parts.core) < 4:
        return None
    at = draw.randrange(len(parts.core))
    return parts.region + parts.core[:at] + parts.core[at + 1 :] + parts.form


def _suffix(parts: Parts, draw: random.Random, _tables: Tables) -> str:
    return parts.region + parts.core + draw.choice([form for form in (*_FORMS[1:9], "") if form != parts.form])


def _region_form(parts: Parts, _draw: random.Random, _tables: Tables) -> str:
    region = parts.region
    changed = region[:-1] if region.endswith("市") else region + "市" if len(region) == 2 else ""
    return changed + parts.core + parts.form


def _bracket(parts: Parts, draw: random.Random, _tables: Tables) -> str | None:
    if not parts.region:
        return None
    left, right = draw.choice(("（）", "()", "【】"))
    at = draw.choice((0, min(2, len(parts.core)), len(parts.core)))
    return f"{parts.core[:at]}{left}{parts.region}{right}{parts.core[at:]}{parts.form}"


def _symbols(parts: Parts, draw: random.Random, _tables: Tables) -> str:
    text = parts.whole
    for _ in range(draw.randint(1, 3)):
        at = draw.randrange(1, len(text))
        text = text[:at] + draw.choice(_SYMBOLS) + text[at:]
    return text


def _width(parts: Parts, draw: random.Random, _tables: Tables) -> str:
    text = parts.whole.translate(str.maketrans("一二三四五六七八九", "１２３４５６７８９"))
    return "".join(chr(ord(letter) + 0xFEE0) if letter.isascii() and letter.isalnum() else letter for letter in text) + draw.choice("　 ")


def _shop(parts: Parts, draw: random.Random, _tables: Tables) -> str:
    brand = parts.core[: max(3, len(parts.core) - 2)]
    return brand + draw.choice(_SHOPS)


def _pinyin(parts: Parts, _draw: random.Random, tables: Tables) -> str | None:
    brand = parts.core[:2]
    told = [tables.readings.get(letter, "").split(" ")[0] for letter in brand]
    if not all(told) or len("".join(told)) < 4:
        return None
    return parts.region + "".join(told) + parts.core[2:] + parts.form
