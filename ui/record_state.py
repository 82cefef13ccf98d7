"""The records page's state, and what it says of itself. `said` is a sentence of what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from courier_check.errors import CourierCheckError
from courier_check.wording import Wording
from courier_check.wording.verdicts import reasons_text
from ui.record_parts import Filter
from ui.record_view import FIELDS, PRESETS, Opened, parse_day

if TYPE_CHECKING:
    from courier_check.desk.lookups import EntryPlace, Search
    from courier_check.store.acts import Act


@dataclass(frozen=True, slots=True)
class Filling:
    """A form is open. `said`: what was wrong with it."""

    said: str = ""
    saving: bool = False


@dataclass(frozen=True, slots=True)
class Pictured:
    """An opened record and small copies of its photos; None for one that can't be read, none where its key is gone."""

    opened: Opened
    pictures: Mapping[str, QImage | None] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class RecordsState:
    """`acts` None: not read yet. `filled` grows when the fields must be filled from `filter`. `place`: the record that is open, `said` why
    it or the list can't be shown; `stale`: something listed was corrected, disputed or withdrawn. One form is open at most."""

    filter: Filter = field(default_factory=Filter)
    filled: int = 0
    acts: tuple[Act, ...] | None = None
    more: bool = False
    reading: bool = False
    said: str = ""
    place: EntryPlace | None = None
    pictured: Pictured | None = None
    correcting: Filling | None = None
    disputing: Filling | None = None
    withdrawing: Filling | None = None
    settling: Filling | None = None
    """报告, 移交, 拦截 or 拦截结果."""
    stale: bool = False

    @property
    def filling(self) -> Filling | None:
        """The form that is open."""
        return self.correcting or self.disputing or self.withdrawing or self.settling


def preset_filter(held: Filter, key: str, today: date) -> Filter:
    """The filter with the days of a preset."""
    first, last = next(each for each in PRESETS if each.key == key).period(today)
    return replace(held, from_text=first.isoformat() if first else "", to_text=last.isoformat() if last else "", preset=key)


def search_of(held: Filter, today: date, limit: int) -> Search:
    """What the filter asks for. ValueError for a day that is none, with what was typed."""
    from courier_check.desk.lookups import ActKind, Mark, Search

    kind = ActKind(held.kind) if held.kind in set(ActKind) else None
    mark = Mark(held.kind) if held.kind in set(Mark) else None
    return Search(held.text, kind, parse_day(held.from_text, today), parse_day(held.to_text, today), limit, mark=mark)


def note_of(state: RecordsState) -> str:
    if state.reading:
        return "正在读取…"
    if not state.acts:
        return ""
    more = "　到末行再按 PageDown 看更早的" if state.more else ""
    return f"{len(state.acts)} 条{more}　Enter 打开"


def may_be_older(held: Filter) -> bool:
    """Days are asked for: what was not found may lie outside them."""
    return bool(held.from_text or held.to_text)


def nothing_found(held: Filter) -> str:
    """What to try next."""
    if may_be_older(held):
        return "这段时间没有符合的记录。"
    return "没有符合的记录。请核对运单号，或只输末 4 位以上。"


def why_in_words(error: CourierCheckError, wording: Wording) -> dict[str, str]:
    """Why only a supervisor may write a correction, in sentences."""
    from courier_check.desk.correction_review import DoubtfulCorrectionError

    return {"why": reasons_text(wording, error.reasons)} if isinstance(error, DoubtfulCorrectionError) else {}


def field_in_words(error: CourierCheckError) -> dict[str, str]:
    """The field an error is about, as the form calls it."""
    named = error.facts.get("field")
    return {"field": FIELDS[named]} if isinstance(named, str) and named in FIELDS else {}
