"""Write resources/sounds.json and resources/shapes.json: how Chinese characters are read and what they look like, for comparing names.

`pip install pypinyin==0.55.0; python -m tools.make_characters`. Neither pypinyin (MIT, resources/licences/pypinyin.txt) nor Pillow is
needed to read the tables. Readings: without tones, ü as v, the most usual first. Shapes:
each character drawn with the shipped font (OFL-1.1),
blurred, and brought down to the few numbers in which characters differ most; the cosine of two such rows tells how alike they look.
The characters are those of GB 2312 and the others that `ALSO` names, which are frequent in names.
"""

from __future__ import annotations

import base64
import importlib
import importlib.metadata
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

RESOURCES = Path(__file__).resolve().parents[1] / "resources"
FONT = RESOURCES / "fonts" / "NotoSansCJKsc-Regular-subset.otf"
ALSO = "堃喆犇玥煊昇晟烜燊珅玙瑄瑀垚焱骉翀羴鑫淼森晶磊菓咲祎祺禛赟昳钜镕镒锜锟"
DIMENSIONS = 56
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
    """A row of `DIMENSIONS` signed bytes a character."""
    font = ImageFont.truetype(str(FONT), 48)
    drawn = np.stack([_drawn(sign, font) for sign in signs])
    drawn -= drawn.mean(axis=1, keepdims=True)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    _, _, axes = np.linalg.svd(drawn, full_matrices=False)
    few = drawn @ axes[:DIMENSIONS].T
    few /= np.linalg.norm(few, axis=1, keepdims=True)
    return np.clip(np.rint(few * 254), -127, 127).astype(np.int8)


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
        "source": "由随附字体 Noto Sans CJK SC（OFL-1.1，resources/fonts/OFL.txt）的字形计算：tools/make_characters.py",
        "certainty": "计算",
        "characters": signs,
        "dimensions": DIMENSIONS,
        "rows": base64.b64encode(shapes(signs).tobytes()).decode(),
    }
    (RESOURCES / "shapes.json").write_text(json.dumps(drawn, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
