"""Write benchmarks/lookalikes.json: characters that look alike by their four corners and their parts, to misspell names with.

`pip install four-corner-method==0.2.0 char-similar==0.0.2 (both MIT); python -m tools.make_benchmark_lookalikes`. The program itself judges
shapes by its font (tools/make_characters.py): what it is measured with must come from elsewhere.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "benchmarks" / "lookalikes.json"
MOST = 5
_LEAST = 0.6


def main() -> None:
    corners: Mapping[str, str] = importlib.import_module("four_corner_method").FourCornerMethod().data
    package = importlib.util.find_spec("char_similar")  # not imported: its code needs more than its tables
    assert package is not None  # noqa: S101 - said above what to install
    assert package.origin is not None  # noqa: S101 - likewise
    table = Path(package.origin).parent / "data" / "char_stroke.dict"
    parts: Mapping[str, Sequence[str]] = json.loads(table.read_text(encoding="utf-8"))
    signs = [bytes((row + 160, cell + 160)).decode("gb2312", "ignore") for row in range(16, 56) for cell in range(1, 95)]
    signs = [sign for sign in signs if sign in corners and sign in parts]
    found = {}
    for sign in signs:
        alike = [(_alike(corners[sign], corners[other], parts[sign], parts[other]), other) for other in signs if other != sign]
        best = [other for share, other in sorted(alike, reverse=True)[:MOST] if share >= _LEAST]
        if best:
            found[sign] = "".join(best)
    data = {"source": "four-corner-method 0.2.0 (MIT), char-similar 0.0.2 (MIT)", "alike": found}
    TARGET.write_text(json.dumps(data, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def _alike(corners: str, other_corners: str, parts: Sequence[str], other_parts: Sequence[str]) -> float:
    same = sum(one == other for one, other in zip(corners[:4], other_corners[:4], strict=False)) / 4
    if same < 0.5:
        return 0.0
    rest = list(other_parts)
    shared = 0
    for part in parts:
        if part in rest:
            rest.remove(part)
            shared += 1
    return (same + 2 * shared / (len(parts) + len(other_parts))) / 2


if __name__ == "__main__":
    main()
