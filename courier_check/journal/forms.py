"""The forms of names and digests, checked wherever a document is read (docs/journal.md §2).

`$` in Python also matches before a final line feed; the look-ahead excludes it and is valid in JSON Schema too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta

Hash = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", max_length=64)]
JournalId = Annotated[str, Meta(pattern="^[0-9a-f]{32}$", max_length=32)]
KeyId = Annotated[str, Meta(pattern="^[0-9a-f]{32}$", max_length=32)]
Name = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,62}(?!\n)$")]
Kind = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,40}(?!\n)$")]
BootId = Annotated[str, Meta(min_length=1, max_length=64)]
Day = Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", max_length=10)]
Seq = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Version = Annotated[int, Meta(ge=1, le=2**31)]
HashText = Annotated[str, Meta(min_length=64, max_length=64)]
IdText = Annotated[str, Meta(min_length=32, max_length=32)]
"""As Hash and KeyId or JournalId where whoever reads the document asks `are_hexadecimal` of all of them: one pattern after the other takes
a third of the reading of a header."""
Ms = Annotated[int, Meta(ge=-(2**53 - 1), le=2**53 - 1)]

_hexadecimal = re.compile("[0-9a-f]*").fullmatch


def are_hexadecimal(texts: Iterable[str]) -> bool:
    """Whether all of these consist of lower-case hexadecimal digits and nothing else."""
    return _hexadecimal("".join(texts)) is not None
