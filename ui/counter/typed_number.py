"""手工输入: what a number tells while it is typed: whether the check digit holds, and what it says of its holder. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from courier_check.identity.documents import DocumentType
from courier_check.identity.numbers import check_document_number
from courier_check.identity.regions import Regions
from courier_check.identity.text import halfwidth, plain
from courier_check.wording import Wording

_EIGHTEEN = frozenset({DocumentType.RESIDENT_ID, DocumentType.TEMPORARY_ID, DocumentType.HMT_RESIDENCE, DocumentType.HUKOU})
_LENGTH = 18


@dataclass(frozen=True, slots=True, repr=False)
class NumberNote:
    """What stands under the field; `wrong`: so it can't be."""

    words: str = ""
    wrong: bool = False


def number_note(kind: str, text: str, today: date, regions: Regions | None, wording: Wording) -> NumberNote:
    """What a typed number tells now. An unfinished one is not wrong yet; an O for a 0 is, and is named."""
    typed = plain(text)
    if not typed:
        return NumberNote()
    of_type = DocumentType(kind)
    if of_type in _EIGHTEEN:
        odd = next((letter for place, letter in enumerate(typed) if not _fits(letter, place)), "")
        if odd:
            hint = {"O": "，应为数字 0", "I": "，应为数字 1", "L": "，应为数字 1"}.get(odd, "")
            return NumberNote(f"号码里没有“{odd[:1]}”{hint}。", wrong=True)
        if len(typed) != _LENGTH:
            lacking = _LENGTH - len(typed)
            return NumberNote(f"还差 {lacking} 位") if lacking > 0 else NumberNote(f"多了 {-lacking} 位，应为 18 位。", wrong=True)
    found = check_document_number(of_type, halfwidth(text), today, regions)
    if found is None:
        return NumberNote()
    told = [wording.of(reason) for reason in found.reasons]
    if not found.valid:
        return NumberNote(told[0] if told else "", wrong=True)
    facts = [str(found.facts[name]) for name in ("born_on", "sex", "region") if found.facts.get(name)]
    holds = "✓ 校验位相符" if of_type in _EIGHTEEN else "✓ 号码形式相符"
    return NumberNote("　".join([holds, *facts, *told]))


def _fits(letter: str, place: int) -> bool:
    return (letter.isascii() and letter.isdigit()) or (letter == "X" and place == _LENGTH - 1)
