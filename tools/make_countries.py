"""Write courier_check/countries.py anew from an installed Babel (names: CLDR, Unicode-3.0) and tzdata (codes: iso3166.tab, public
domain): `pip install Babel==2.19.0; python tools/make_countries.py`.

Babel is needed only to make the table, never to run the program. CLDR's licence is kept in resources/licences/unicode-cldr.txt.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.resources
from pathlib import Path

OUT = Path(__file__).resolve().parents[1] / "courier_check" / "countries.py"
ON_FORMS = {"HK": "中国香港", "MO": "中国澳门", "TW": "中国台湾", "AE": "阿联酋", "PS": "巴勒斯坦"}
"""As forms have them, shorter than CLDR."""
_HEAD = '''"""国家和地区: the two letters of ISO 3166-1 and their names. Made by tools/make_countries.py: CLDR of Babel {babel}
(Unicode-3.0, resources/licences/unicode-cldr.txt), codes of tzdata {tzdata} (public domain)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

_TABLE = """
{table}
"""

COUNTRIES: Mapping[str, str] = MappingProxyType({{one[:2]: one[2:] for one in _TABLE.split()}})
"""Chinese names by code."""
_ALSO = {{"UK": "GB", "阿拉伯联合酋长国": "AE"}}


def country_code(text: str) -> str:
    """The code of what somebody wrote: two letters, or a name in Chinese. Anything else as it is, in capitals, to be refused."""
    given = unicodedata.normalize("NFKC", text).strip().upper()
    if given in _ALSO:
        return _ALSO[given]
    named = (code for code, zh in COUNTRIES.items() if given in (_plain(zh), _plain(zh.removeprefix("中国"))))
    return next(named, given) if given else ""


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name)
'''


def table() -> list[str]:
    """Each code with its name, in the order of codes."""
    text = importlib.resources.files("tzdata").joinpath("zoneinfo/iso3166.tab").read_text(encoding="utf-8")
    names: dict[str, str] = dict(importlib.import_module("babel").Locale("zh", "Hans").territories) | ON_FORMS
    return [f"{code}{names[code]}" for code in sorted(line[:2] for line in text.splitlines() if line and not line.startswith("#"))]


def main() -> None:
    found = table()
    lines = "\n".join(" ".join(found[start : start + 10]) for start in range(0, len(found), 10))
    versions = {name: importlib.metadata.version(name) for name in ("babel", "tzdata")}
    OUT.write_text(_HEAD.format(table=lines, **versions), encoding="utf-8")
    print(f"{OUT}: {len(found)}")


if __name__ == "__main__":
    main()
