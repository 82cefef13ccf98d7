"""What a journal entry and the counter can take of a rule package: the form of its ids, how much it may ask, words that can be shown.

Asked when a package is checked or installed, never when it is loaded: what was installed before these bounds were drawn is still worked by.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import msgspec

from courier_check.inspection.catalogue import Bilingual
from courier_check.inspection.checklist import PHOTO_ID, Checklists, ExemptReason, PhotoRule
from courier_check.inspection.codes import RuleCode, RuleError, fault

LARGEST_ANSWERS_BYTES = 8_192
"""Of the 16 384 bytes of a header (docs/journal.md §3) what answers may take when every question is answered: one half. The other is for
what no package can know: photos, lists in force, hits and what was decided on them."""
MOST_PHOTO_RULES = 12
"""As many pictures as a parcel may have: one for each."""
MOST_REASONS = 9
"""免拍原因 are chosen by a digit."""
LONGEST_QUESTION = 300
LONGEST_HELP = 600
LONGEST_REASON = 120
_RESERVED = "missing-"
"""How a session calls what it still has to get: a question of such a name would never come up."""
_COUNTED = frozenset({"found", "refusal"})
"""What is counted beside questions where something was taken back."""
_ANSWERED_BYTES = len('"":"doubt",' + '"":999999999,' + '"":999,' + '{"code":"item-refuses","refusal":"R99"},')
"""An answer, how long its question stood, how often it was taken back, and its reason; without the question's id, which stands in three."""
_entry_key = re.compile(r"[a-z0-9_.-]{1,64}").fullmatch
"""Answers are members of canonical JSON (docs/journal.md §1)."""


def check_bounds(checklists: Checklists) -> Iterator[RuleError]:
    """Where checklists say what no entry could hold, or what the counter could not ask."""
    yield from _check_ids(checklists)
    yield from _check_amount(checklists)
    yield from _check_lengths(checklists)
    yield from _check_signs(msgspec.to_builtins(checklists), "$")


def legible(text: str) -> str:
    """A text as it can be printed anywhere: what has no sign of its own stands as its number."""
    return "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in text)


def _check_ids(checklists: Checklists) -> Iterator[RuleError]:
    photos = {photo.id for photo in checklists.photos}
    for index, item in enumerate(checklists.items):
        path = f"$.items[{index}].id"
        if _entry_key(item.id) is None:
            yield fault(path, RuleCode.ID_FORM, id=item.id[:40])
        elif item.id in photos or item.id in _COUNTED or item.id.startswith(_RESERVED):
            yield fault(path, RuleCode.ID_TAKEN, id=item.id)
    for index, photo in enumerate(checklists.photos):
        if PHOTO_ID.fullmatch(photo.id) is None:
            yield fault(f"$.photos[{index}].id", RuleCode.PHOTO_ID_FORM, id=photo.id[:40])
        yield from _check_reason_ids(photo, f"$.photos[{index}].exempt_reasons")


def _check_reason_ids(photo: PhotoRule, path: str) -> Iterator[RuleError]:
    seen: set[str] = set()
    for index, reason in enumerate(photo.exempt_reasons):
        if _entry_key(reason.id) is None:
            yield fault(f"{path}[{index}].id", RuleCode.ID_FORM, id=reason.id[:40])
        elif reason.id in seen:
            yield fault(f"{path}[{index}].id", RuleCode.DUPLICATE_ID, id=reason.id)
        seen.add(reason.id)


def _check_amount(checklists: Checklists) -> Iterator[RuleError]:
    taken = 0
    for index, item in enumerate(checklists.items):
        if item.answers is not None:  # what a fact establishes is answered by nobody
            taken += 3 * len(item.id.encode(errors="replace")) + _ANSWERED_BYTES
        if taken > LARGEST_ANSWERS_BYTES:
            yield fault(f"$.items[{index}]", RuleCode.TOO_MUCH, number=index + 1, limit=LARGEST_ANSWERS_BYTES)
            break
    if len(checklists.photos) > MOST_PHOTO_RULES:
        yield fault(f"$.photos[{MOST_PHOTO_RULES}]", RuleCode.TOO_MANY, limit=MOST_PHOTO_RULES)
    for index, photo in enumerate(checklists.photos):
        most = MOST_REASONS - len(photo.stop_exemptions) + len(photo.exempt_reasons)  # one that the program adds needs its digit too
        if len(photo.exempt_reasons) > most:
            yield fault(f"$.photos[{index}].exempt_reasons[{most}]", RuleCode.TOO_MANY, limit=most)


def _check_lengths(checklists: Checklists) -> Iterator[RuleError]:
    for index, item in enumerate(checklists.items):
        yield from _check_length(item.question, f"$.items[{index}].question", LONGEST_QUESTION)
        yield from _check_length(item.help, f"$.items[{index}].help", LONGEST_HELP)
    for index, photo in enumerate(checklists.photos):
        yield from _check_length(photo.question, f"$.photos[{index}].question", LONGEST_QUESTION)
        for place, reason in enumerate(photo.exempt_reasons):
            yield from _check_length(reason, f"$.photos[{index}].exempt_reasons[{place}]", LONGEST_REASON)


def _check_length(said: Bilingual | ExemptReason, path: str, most: int) -> Iterator[RuleError]:
    for language, words in (("zh", said.zh), ("en", said.en)):
        if len(words) > most:
            yield fault(f"{path}.{language}", RuleCode.TOO_LONG, length=len(words), limit=most)


def _check_signs(value: object, path: str) -> Iterator[RuleError]:
    """Signs that no line of the window or of a slip can show: control characters, halves of characters, such as join or turn what stands
    beside them. Ids have a form of their own."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _check_signs(inner, f"{path}.{name}")
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from _check_signs(inner, f"{path}[{index}]")
    elif isinstance(value, str) and not path.endswith(".id"):
        odd = next((sign for sign in value if sign not in "\n\t" and unicodedata.category(sign) in ("Cc", "Cf", "Cs")), None)
        if odd is not None:
            yield fault(path, RuleCode.ODD_SIGN, sign=f"U+{ord(odd):04X}")
