"""Cuts the Noto Sans CJK SC that ships with the program out of Debian's fonts-noto-cjk, with its licence beside it.

Run once per font release; the result is committed:

    apt-get install -y fonts-noto-cjk
    python3 -m venv /tmp/font && /tmp/font/bin/pip install fonttools
    /tmp/font/bin/python tools/make_font.py

Names have rare characters, so every ideograph the font draws stays in (URO, Extension A, all of Extension B and later): a GB 2312 subset
would show boxes for real people's names.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

SIMPLIFIED_CHINESE = 2  # index of the SC face within NotoSansCJK-Regular.ttc
CJK_FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
DEBIAN_COPYRIGHT = Path("/usr/share/doc/fonts-noto-cjk/copyright")
FONTS = Path(__file__).resolve().parents[1] / "resources" / "fonts"

WANTED = (
    (0x0020, 0x024F),  # Latin
    (0x02B0, 0x036F),  # modifier letters, combining marks (pinyin)
    (0x0370, 0x045F),  # Greek, Cyrillic
    (0x1E00, 0x1EFF),  # Latin Extended Additional
    (0x2000, 0x206F),  # general punctuation
    (0x2070, 0x218F),  # superscripts, currency, letterlike, number forms
    (0x2190, 0x23FF),  # arrows, mathematics, technical
    (0x2460, 0x27BF),  # enclosed, box drawing, shapes, symbols, dingbats
    (0x2E80, 0x2FDF),  # radicals
    (0x3000, 0x303F),  # CJK punctuation
    (0x3100, 0x312F),  # bopomofo
    (0x3200, 0x33FF),  # enclosed and square forms
    (0x3400, 0x4DBF),  # Extension A
    (0x4E00, 0x9FFF),  # URO
    (0xF900, 0xFAFF),  # compatibility ideographs
    (0xFF00, 0xFFEF),  # full-width forms
    (0x20000, 0x323AF),  # Extension B and later
)
# The window's verdict signs are not in the font; they borrow the outlines of the nearest signs that are.
BORROWED = {0x2714: 0x2713, 0x2715: 0x00D7, 0x2716: 0x00D7, 0x2717: 0x00D7, 0x2718: 0x00D7}
MUST_HAVE = "䶮㛃𬎆𫖯𬱖✔✖✓×⚠国汉"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--font", type=Path, default=CJK_FONT)
    arguments.add_argument("--copyright", type=Path, default=DEBIAN_COPYRIGHT)
    arguments.add_argument("--out", type=Path, default=FONTS)
    given = arguments.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    made = given.out / "NotoSansCJKsc-Regular-subset.otf"
    cut(given.font, made)
    (given.out / "OFL.txt").write_text(licence_text(given.copyright.read_text("utf-8"), copyright_line(made)), "utf-8")
    missing = [character for character in MUST_HAVE if ord(character) not in TTFont(made).getBestCmap()]
    print(f"{made}: {made.stat().st_size / 1e6:.2f} MB, missing: {''.join(missing) or 'none'}")
    return 1 if missing else 0


def cut(source: Path, made: Path) -> None:
    """Keep the wanted characters and kerning; drop hints and every other layout feature."""
    font = TTFont(source, fontNumber=SIMPLIFIED_CHINESE)
    borrow_signs(font)
    options = subset.Options(hinting=False, layout_features=["kern"], name_IDs=["*"], name_languages=["*"], notdef_outline=True)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in WANTED for code in range(first, last + 1)])
    subsetter.subset(font)
    font.save(made)


def borrow_signs(font: TTFont) -> None:
    known = font.getBestCmap()
    for table in font["cmap"].tables:
        if table.isUnicode() and 0x2713 in table.cmap:
            table.cmap.update({sign: known[lender] for sign, lender in BORROWED.items() if sign not in table.cmap})


def copyright_line(font: Path) -> str:
    """The font's own copyright notice (name record 0), which the licence asks every copy to carry."""
    return str(TTFont(font)["name"].getDebugName(0))


def licence_text(debian_copyright: str, notice: str) -> str:
    """The licence as Debian ships it (its copyright file indents the text by one blank and writes empty lines as a full stop)."""
    _, _, rest = debian_copyright.partition("License: SIL-1.1\n -")
    indented = ["-" + rest.split("\n", 1)[0], *rest.split("\n")[1:]]
    lines = []
    for line in indented:
        if line and not line.startswith((" ", "-")):
            break
        lines.append("" if line == " ." else line.removeprefix(" "))
    return f"{notice}\n\nThis Font Software is licensed under the SIL Open Font License, Version 1.1.\n\n" + "\n".join(lines).strip() + "\n"


if __name__ == "__main__":
    sys.exit(main())
