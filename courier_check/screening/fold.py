"""繁简: traditional characters as simplified ones, so that one name has one spelling."""

from __future__ import annotations

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

        self._converter = opencc.OpenCC("t2s")
        self._known: dict[str, str] = {}
        self.version = f"opencc-{opencc.__version__}-t2s"

    def __call__(self, text: str) -> str:
        return "".join(char if char.isascii() else self._simplified(char) for char in text)

    def _simplified(self, char: str) -> str:
        known = self._known.get(char)
        if known is None:
            once = str(self._converter.convert(char))
            known = self._known[char] = str(self._converter.convert(once))  # twice, for the few chains such as 薴 苧 苎
        return known
