"""Draws resources/samples/: made-up resident IDs, waybill labels and parcel photos, each marked 样本, with the truth beside them.

    .venv/bin/python -m tools.make_samples

The same source gives the same pictures. Needs the shipped font (tools/make_font.py) and the project's own Pillow, numpy and zxing-cpp.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

from tools.samples import cards, labels, scenes
from tools.samples.photo import View, photograph, save
from tools.samples.truth import LABELS, PEOPLE, SCENES

SAMPLES = Path(__file__).resolve().parents[1] / "resources" / "samples"
NOTE = "全部虚构：人物、证件号、电话、地址与单号均为编造，仅供练习与测试。All made up: nobody and nothing here exists."
README = """# 样本 Samples

这里的一切都是虚构的：人物、证件号码、电话、地址、单号都是编造的，只供练习台、演示和测试使用；每张图上都标有“样本”。
证件号码使用真实的行政区划代码并带正确的校验位（否则无法练习校验），但出生日期和顺序码是编造的；运单号只有形状。
如与真实的人或号码相同，纯属巧合：请勿拨打或查询。

Everything here is made up and marked 样本 (sample). ID numbers carry real region codes and sound check digits, because checks could not be
practised otherwise; the people, dates and sequence numbers are invented, and waybills only have the carriers' shapes. Any likeness to a
real person or number is chance: do not call or look them up.

| files | what |
|---|---|
| `id-*-front.jpg`, `id-*-back.jpg` | resident ID cards, front and back (`people.json`) |
| `id-hard-*.jpg` | the first card tilted by 40°, upside down, sideways, and in the dark |
| `waybill-*.jpg` | waybill labels (`waybills.json`); `waybill-hard-*` tilted by 38° and in the dark |
| `reader.json` | a script for the simulated ID-card reader (docs/architecture.md, “Devices”), written by hand |
| `contents-*.jpg` | opened parcels (`contents.json`); `contents-lighter.jpg` is prohibited |

Drawn by `tools/make_samples.py`; do not edit by hand.
"""
ID_VIEW = (1280, 860)
LABEL_VIEW = (900, 1280)
HARD_IDS = {"tilted": (40.0, 1.0), "upside-down": (183.0, 1.0), "sideways": (88.0, 1.0), "dark": (-4.0, 0.3)}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--out", type=Path, default=SAMPLES)
    out: Path = arguments.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for name, picture in (*_ids(), *_hard_ids(), *_labels(), *_scenes()):
        save(picture, out / name)
    _tell(out / "people.json", "people", [person.told() for person in PEOPLE])
    _tell(out / "waybills.json", "waybills", [label.told() for label in LABELS])
    contents = [
        {"picture": f"contents-{key}.jpg", "contents": what, "rule": rule, "goods": digits or None}
        for key, (what, rule, digits) in SCENES.items()
    ]
    _tell(out / "contents.json", "contents", contents)
    (out / "README.md").write_text(README, "utf-8")
    total = sum(file.stat().st_size for file in out.iterdir())
    print(f"{out}: {len(list(out.iterdir()))} files, {total / 1e6:.2f} MB")


Drawn = Iterator[tuple[str, Image.Image]]


def _ids() -> Drawn:
    for place, person in enumerate(PEOPLE):
        tilt = (2.5, -3.5, 4.0, -2.0, 3.0, -4.5, 1.5)[place % 7]
        yield f"id-{person.key}-front.jpg", photograph(cards.front(person), View(ID_VIEW, 100 + place, tilt=tilt))
        yield f"id-{person.key}-back.jpg", photograph(cards.back(person), View((960, 645), 200 + place, tilt=-tilt))


def _hard_ids() -> Drawn:
    drawing = cards.front(PEOPLE[0])
    for place, (key, (tilt, gain)) in enumerate(HARD_IDS.items()):
        yield f"id-hard-{key}.jpg", photograph(drawing, View((1280, 1280), 300 + place, tilt=tilt, gain=gain))


def _labels() -> Drawn:
    for place, label in enumerate(LABELS):
        size = (1400, 1400) if abs(label.tilt) > 20 else LABEL_VIEW
        yield (
            f"waybill-{label.key}.jpg",
            photograph(labels.draw(label), View(size, 400 + place, tilt=label.tilt, gain=label.gain, blur=0.5)),
        )


def _scenes() -> Drawn:
    for place, (key, (what, _, digits)) in enumerate(SCENES.items()):
        yield f"contents-{key}.jpg", photograph(scenes.draw(key, what, digits), View((1000, 780), 500 + place, tilt=3.0 - 2 * place))


def _tell(path: Path, name: str, items: Sequence[object]) -> None:
    path.write_text(json.dumps({"note": NOTE, name: items}, ensure_ascii=False, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
