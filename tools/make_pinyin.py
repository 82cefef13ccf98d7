"""Write resources/pinyin.json from an installed pypinyin (MIT): `pip install pypinyin==0.55.0; python tools/make_pinyin.py`.

The package is needed only to make the table, never to run the program. Its licence text is kept in resources/licences/pypinyin.txt.
The table holds the characters of GB 2312 and those of the data files that are searched, each under all its readings, without tones, ü as v.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
from pathlib import Path

RESOURCES = Path(__file__).resolve().parents[1] / "resources"
SEARCHED = ("goods.json", "prohibited.json")


def characters() -> set[str]:
    """GB 2312 (rows 16–87), and whatever Han characters the searched files have beside it."""
    common = {bytes((row + 160, cell + 160)).decode("gb2312", "ignore") for row in range(16, 88) for cell in range(1, 95)}
    used = {sign for name in SEARCHED for sign in (RESOURCES / name).read_text(encoding="utf-8") if "\u4e00" <= sign <= "\u9fff"}
    return (common | used) - {""}


def table() -> dict[str, str]:
    """Reading → the characters that have it."""
    pypinyin = importlib.import_module("pypinyin")
    found: dict[str, list[str]] = {}
    for sign in sorted(characters()):
        for reading in pypinyin.pinyin(sign, style=pypinyin.Style.NORMAL, heteronym=True)[0]:
            if reading.isascii() and reading.isalpha():
                found.setdefault(reading, []).append(sign)
    return {reading: "".join(signs) for reading, signs in sorted(found.items())}


def main() -> None:
    version = importlib.metadata.version("pypinyin")
    data = {
        "version": f"pypinyin {version}",
        "source": "https://github.com/mozillazg/python-pinyin (MIT, resources/licences/pypinyin.txt)",
        "certainty": "转",
        "readings": table(),
    }
    (RESOURCES / "pinyin.json").write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
