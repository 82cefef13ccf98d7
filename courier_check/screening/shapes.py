"""字形: how alike two characters look, by the shipped font and by the parts they consist of (tools/make_characters.py)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from courier_check import typed
from courier_check.errors import UserError
from courier_check.screening.codes import ScreeningCode


class _ShapesFile(msgspec.Struct, frozen=True):
    version: str
    characters: str
    dimensions: int
    rows: str


@dataclass(frozen=True, slots=True, repr=False)
class Shapes:
    """A row of length 1 for each character of `places`."""

    version: str
    places: Mapping[str, int]
    rows: NDArray[np.float32]

    @classmethod
    def parse(cls, data: bytes) -> Shapes:
        """From resources/shapes.json; UserError if it is no such file."""
        try:
            file = typed.decode(data, _ShapesFile)
            numbers = np.frombuffer(base64.b64decode(file.rows, validate=True), np.int8)
            rows = numbers.reshape(len(file.characters), file.dimensions).astype(np.float32)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError) as error:
            raise UserError(ScreeningCode.RULES_MALFORMED, fault=str(error)) from None
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1)
        places = {sign: place for place, sign in enumerate(file.characters)}
        return cls(hashlib.sha256(data).hexdigest()[:12], places, rows)

    def likeness(self, one: str, other: str) -> float:
        """1.0 for one shape, about 0.1 for any two; above 0.57 only every hundredth pair lies. 0 where a character is unknown."""
        mine, theirs = self.places.get(one), self.places.get(other)
        return 0.0 if mine is None or theirs is None else float(self.rows[mine] @ self.rows[theirs])
