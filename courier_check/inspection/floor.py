"""法定底线: what no rule package may leave out or weaken — valid identity document, opened inspection, the nineteen categories, screening.

An item stands on the floor in a situation if it is mandatory, its wrong answers never lead to acceptance, and its condition holds there
whatever the other facts are. It is asked at the step it is about, so that a yes dies with what it was said of: of another document, of
other contents, of the next parcel of a visit. Screening is the program's act and nobody's word.

The law's own exceptions, and no wider ones: letters are neither registered nor inspected (快递暂行条例 22 条, 邮政法 25 条); letters to an
inspection mailbox likewise; agreement mail is identified once, not parcel by parcel, but is inspected. Screening acts on registered
identity, so it is not asked of letters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from courier_check.inspection.case import FactValue
from courier_check.inspection.checklist import ChecklistItem, ChecklistKind, Checklists, ItemMoment, LeadsTo, Role
from courier_check.inspection.codes import RuleCode, RuleError, fault
from courier_check.inspection.findings import Answer
from courier_check.inspection.references import CATEGORY_CODES
from courier_check.terms import MailKind


@dataclass(frozen=True, slots=True)
class _Situation:
    mail_kind: MailKind
    letter: bool

    def facts(self) -> Mapping[str, FactValue]:
        return {"mail_kind": self.mail_kind, "letter": self.letter}


_PARCEL = _Situation(MailKind.PARCEL, letter=False)
_AGREEMENT = _Situation(MailKind.AGREEMENT, letter=False)
_MAILBOX_GOODS = _Situation(MailKind.INSPECTION_MAILBOX, letter=False)
_GOODS = (_PARCEL, _AGREEMENT, _MAILBOX_GOODS)
_ROLES = ((Role.VALID_ID, (_PARCEL, _MAILBOX_GOODS)), (Role.OPENED_INSPECTION, _GOODS), (Role.SCREENING, _GOODS))
_PLACES = (
    (Role.VALID_ID, ChecklistKind.REAL_NAME, (ItemMoment.IDENTITY,)),
    (Role.OPENED_INSPECTION, ChecklistKind.INSPECTION, (ItemMoment.OPENING, ItemMoment.CONTENTS, ItemMoment.SEALING)),
    (Role.SCREENING, ChecklistKind.REAL_NAME, (ItemMoment.IDENTITY, ItemMoment.WAYBILL)),
)

Numbered = tuple[int, ChecklistItem]


def below_floor(checklists: Checklists) -> Iterator[RuleError]:
    """Where the checklists fall short of the floor; nothing if they stand on it."""
    numbered = tuple(enumerate(checklists.items))
    found: dict[tuple[str, RuleCode], RuleError] = {}
    for role, situations in _ROLES:
        part = tuple(one for one in numbered if one[1].role is role)
        for error in _check_part(part, situations, fault("$.items", RuleCode.FLOOR_MISSING, part=role.value)):
            found.setdefault((error.path, error.message_code), error)
    for code in CATEGORY_CODES:
        part = tuple(one for one in numbered if code in one[1].covers)
        for error in _check_part(part, _GOODS, fault("$.items", RuleCode.FLOOR_CATEGORY, category=code)):
            found.setdefault((f"{error.path} {error.facts.get('category', '')}", error.message_code), error)
    yield from found.values()
    for index, item in numbered:
        # Beside others that stand firm, too: a yes about this parcel would hold for the next one, or for contents declared anew.
        if not _is_in_place(item):
            yield fault(f"$.items[{index}].moment", RuleCode.FLOOR_MISPLACED, item=item.id[:40])


def _check_part(items: tuple[Numbered, ...], situations: tuple[_Situation, ...], absent: RuleError) -> Iterator[RuleError]:
    if not items:
        yield absent
        return
    weaknesses = {index: tuple(_weaknesses(index, item)) for index, item in items}
    firm = tuple((index, item) for index, item in items if not weaknesses[index] and _is_in_place(item))
    if not firm:
        for faults in weaknesses.values():
            yield from faults
        return
    for situation in situations:
        if not any(item.when is None or item.when.holds(situation.facts()) is True for _, item in firm):
            yield fault(
                f"$.items[{firm[0][0]}].when", RuleCode.FLOOR_WEAKENED, item=firm[0][1].id[:40], mail_kind=situation.mail_kind.value
            )
            return


def _weaknesses(index: int, item: ChecklistItem) -> Iterator[RuleError]:
    path, name = f"$.items[{index}]", item.id[:40]
    if not item.mandatory:
        yield fault(f"{path}.mandatory", RuleCode.FLOOR_OPTIONAL, item=name)
    if item.role is Role.SCREENING:
        if item.established_by is None:
            yield fault(f"{path}.answer", RuleCode.FLOOR_JUDGED, item=name)
        elif item.established_by.holds({"screened": False}) is not False:
            yield fault(f"{path}.established_by", RuleCode.FLOOR_LENIENT, item=name)
    elif not _is_strict(item):
        yield fault(f"{path}.answers", RuleCode.FLOOR_LENIENT, item=name)


def _is_in_place(item: ChecklistItem) -> bool:
    if item.covers and (item.checklist, item.moment) != (ChecklistKind.INSPECTION, ItemMoment.CONTENTS):
        return False
    return all(role is not item.role or (item.checklist is checklist and item.moment in moments) for role, checklist, moments in _PLACES)


def _is_strict(item: ChecklistItem) -> bool:
    """No refuses, doubt never passes."""
    refusal = item.effect(Answer.NO)
    doubt = item.effect(Answer.DOUBT)
    return refusal is not None and refusal.leads_to is LeadsTo.REFUSE and (doubt is None or doubt.leads_to is not LeadsTo.OK)
