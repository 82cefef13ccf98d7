"""Where things stand in a JSON text, so that a rule's author is told the line. Also finds keys given twice, which JSON parsers hide."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType

from courier_check.errors import UserError
from courier_check.inspection.codes import RuleCode

LARGEST_BYTES = 4 * 1024 * 1024
_DEEPEST = 64
_TOKEN = re.compile(r'\s*(?P<token>"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+)')


class Located:
    """A JSON value and the line of each path in it (`$.items[3].when`), which are looked for when first asked for: good files, read at
    every start, never need them."""

    def __init__(self, value: object, text: str) -> None:
        self.value = value
        self._text = text

    @cached_property
    def lines(self) -> Mapping[str, int]:
        return MappingProxyType(_Walk(self._text).lines())

    def line(self, path: str) -> int:
        """The line of a path, or of the nearest thing around it; 1 at worst."""
        while path not in self.lines and path:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.lines.get(path, 1)


def locate(data: bytes) -> Located:
    """Parse strict JSON in UTF-8 and note every path's line.

    UserError with `line` and `path`: bytes that are no text, a syntax error, a key given twice, a text too large or too deep.
    """
    if len(data) > LARGEST_BYTES:
        raise UserError(RuleCode.TOO_LARGE, line=0, path="$", limit=LARGEST_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(RuleCode.NOT_TEXT, line=data[: error.start].count(b"\n") + 1, path="$") from None
    twice = False

    def members(pairs: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal twice
        found = dict(pairs)
        twice = twice or len(found) < len(pairs)
        return found

    try:
        value = json.loads(text, parse_constant=_no_constant, object_pairs_hook=members)
    except json.JSONDecodeError as error:
        raise UserError(RuleCode.NOT_JSON, line=error.lineno, path="$", column=error.colno, detail=error.msg) from None
    except RecursionError:
        raise UserError(RuleCode.TOO_DEEP, line=1, path="$", limit=_DEEPEST) from None
    except ValueError:
        raise UserError(RuleCode.NOT_JSON, line=1, path="$", column=1, detail="number out of range") from None
    if twice or _is_deeper(value, _DEEPEST):
        _Walk(text).lines()  # tells where
    return Located(value, text)


def _is_deeper(value: object, levels: int) -> bool:
    if levels < 0:
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_is_deeper(each, levels - 1) for each in inner)


def _no_constant(name: str) -> object:
    raise json.JSONDecodeError(f"{name} is not JSON", name, 0)


class _Walk:
    """One pass over the tokens of a text that is known to be valid JSON. UserError for a key given twice and for a text too deep."""

    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.finditer(text)
        self._text = text
        self._line = 1
        self._counted = 0
        self._found: dict[str, int] = {}

    def lines(self) -> dict[str, int]:
        self._value(self._next(), "$", 0)
        return self._found

    def _next(self) -> str:
        token = next(self._tokens)
        start = token.start("token")
        self._line += self._text.count("\n", self._counted, start)
        self._counted = start
        return token["token"]

    def _value(self, token: str, path: str, depth: int) -> None:
        if depth > _DEEPEST:
            raise UserError(RuleCode.TOO_DEEP, line=self._line, path=path[:200], limit=_DEEPEST)
        self._found.setdefault(path, self._line)
        if token.startswith("{"):
            self._object(path, depth)
        elif token.startswith("["):
            self._array(path, depth)

    def _object(self, path: str, depth: int) -> None:
        keys: set[str] = set()
        while not (token := self._next()).startswith("}"):
            if token.startswith(","):
                continue
            key = json.loads(token)
            here = f"{path}.{key}"
            if key in keys:
                raise UserError(RuleCode.TWICE, line=self._line, path=here[:200])
            keys.add(key)
            self._found.setdefault(here, self._line)
            self._next()
            self._value(self._next(), here, depth + 1)

    def _array(self, path: str, depth: int) -> None:
        index = 0
        while not (token := self._next()).startswith("]"):
            if token.startswith(","):
                continue
            self._value(token, f"{path}[{index}]", depth + 1)
            index += 1
