"""Where in a JSON text a path stands, so that whoever edits a data file by hand is told the line."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_PATH = re.compile(r"at `(\$[^`]*)`")
_BYTE = re.compile(r"\(byte ([0-9]+)\)")


@dataclass(slots=True)
class _Open:
    """An object or array that is being passed through: its path, the key or index reached, and whether a key comes next."""

    path: str
    is_object: bool
    index: int = 0
    key: str = ""
    key_due: bool = True

    @property
    def here(self) -> str:
        return f"{self.path}.{self.key}" if self.is_object else f"{self.path}[{self.index}]"


def line_of(text: str, path: str) -> int:
    """The line of `path` (`$.carriers[2].shapes[0].pattern`), or of the nearest thing around it; 1 at worst. Any text will do."""
    lines = _lines(text)
    while path not in lines and path:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return lines.get(path, 1)


def line_of_fault(data: bytes, detail: str) -> int:
    """The line that a parser's message is about: it names a path, or how many bytes were good. 1 where it says neither."""
    if named := _PATH.search(detail):
        return line_of(data.decode("utf-8", "replace"), named[1])
    if counted := _BYTE.search(detail):
        return data[: int(counted[1])].count(b"\n") + 1
    return 1


def _lines(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    within: list[_Open] = []
    line = counted = 0
    for match in _TOKEN.finditer(text):
        sign, start = match[0], match.start()
        line, counted = line + text.count("\n", counted, start), start
        top = within[-1] if within else None
        if sign in ("}", "]"):
            del within[-1:]
        elif sign == ",":
            _go_on(top)
        elif sign == ":":
            pass
        elif top is not None and top.is_object and top.key_due:
            top.key, top.key_due = _text_of(sign), False
            found.setdefault(top.here, line + 1)
        else:
            here = top.here if top is not None else "$"
            found.setdefault(here, line + 1)
            if sign in ("{", "["):
                within.append(_Open(here, sign == "{"))
    return found


def _go_on(top: _Open | None) -> None:
    if top is not None:
        top.index += 1
        top.key_due = True


def _text_of(token: str) -> str:
    try:
        return str(json.loads(token))
    except ValueError:  # no JSON: the nearest thing around it will do
        return ""
