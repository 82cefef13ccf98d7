"""繁简: traditional characters as simplified ones, so that one name has one spelling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Fold(Protocol):
    """A text → text mapping that leaves its own output unchanged. `version` names its tables: stored keys depend on them."""

    @property
    def version(self) -> str: ...

    def __call__(self, text: str) -> str: ...


class SimplifiedFold:
    """OpenCC's t2s table, character by character: by phrases, a name's spelling would depend on what stands beside it (乾隆 but 干燥)."""

    def __init__(self) -> None:
        import opencc  # here, not above: its C++ library and tables are loaded only where names are compared

        self._known = _Simplified(opencc.OpenCC("t2s").convert)
        self.version = f"opencc-{opencc.__version__}-t2s"

    def __call__(self, text: str) -> str:
        return text.translate(self._known)


class _Simplified(dict[int, str]):
    """Characters met so far, as `str.translate` asks for them."""

    def __init__(self, convert: Callable[[str], str]) -> None:
        super().__init__({code: chr(code) for code in range(128)})
        self._convert = convert

    def __missing__(self, code: int) -> str:
        known = self[code] = str(self._convert(self._convert(chr(code))))  # twice, for the few chains such as 薴 苧 苎
        return known
