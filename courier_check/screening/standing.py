"""核对的决定: what was found about a hit, and what still holds of it when the same client comes again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class ResolutionKind(StrEnum):
    """What was found about a hit."""

    NOT_SAME = "not-same"  # 非同一
    SAME = "same"  # 同一
    OVERRIDE = "override"  # 放行


@dataclass(frozen=True, slots=True)
class Standing:
    """已核对: an earlier decision on this very entry about this very client, which holds until the end of a day. `by_code`: a credit
    code or licence number told the two apart; `supervisor` is then empty. (`journal_id`, `seq`): the entry that says so."""

    kind: ResolutionKind
    until_on: date
    supervisor: str
    by_code: bool
    journal_id: str
    seq: int
