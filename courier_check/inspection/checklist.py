"""实名清单、验视清单: items, photo rules and stated cases as they stand in checklists.json."""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

from courier_check.inspection.case import Case
from courier_check.inspection.catalogue import Bilingual, Certainty
from courier_check.inspection.conditions import Condition
from courier_check.inspection.findings import Answer, FindingKind

FactGiven = str | int | bool | tuple[str, ...] | None
PHOTO_ID = re.compile(r"photo-[a-z][a-z-]{0,40}")
"""How a photo rule is called, and the pictures taken for it."""


class ChecklistKind(StrEnum):
    REAL_NAME = "real-name"  # 实名
    INSPECTION = "inspection"  # 验视


class ItemMoment(StrEnum):
    """The step of the acceptance at which an item is asked; what changes at a step voids that step's answers. LABEL is a look at the
    label when it is on the sealed parcel: asked last, with the inspection, and void like WAYBILL with another waybill or sender."""

    IDENTITY = "identity"
    WAYBILL = "waybill"
    OPENING = "opening"
    CONTENTS = "contents"
    SEALING = "sealing"
    LABEL = "label"


MOMENTS = {
    ChecklistKind.REAL_NAME: (ItemMoment.IDENTITY, ItemMoment.WAYBILL, ItemMoment.LABEL),
    ChecklistKind.INSPECTION: (ItemMoment.OPENING, ItemMoment.CONTENTS, ItemMoment.SEALING),
}
"""实名 is asked of the person and the label, 验视 of the parcel: what is asked of the person holds for the next parcel of a visit too."""
OF_THE_LABEL = (ItemMoment.WAYBILL, ItemMoment.LABEL)
"""What is asked of the label holds for this label beside this document."""


class Role(StrEnum):
    """Parts of the statutory floor that an item plays."""

    VALID_ID = "valid-id"
    OPENED_INSPECTION = "opened-inspection"
    SCREENING = "screening"


class AnswerKind(StrEnum):
    """Judged by a person, or established by a fact of the case."""

    JUDGED = "judged"
    ESTABLISHED = "established"


class LeadsTo(StrEnum):
    OK = "ok"
    REFER = "refer"
    REFUSE = "refuse"


class Effect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an answer leads to; a refusal has its code."""

    leads_to: LeadsTo
    refusal: str | None = None


_UNIDENTIFIED = "nothing-unidentified"


class ChecklistItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question. `when`: asked only where this holds; `covers`: prohibited categories it asks for. `risk`: read where earlier files have
    it, and says nothing, since no answer to any question is chosen beforehand.

    `settles`: codes of referring reasons that are the same question; answered yes, they become notes. `replaces`: ids of the questions of
    earlier versions that it asks in one. `unidentified`: answered no, it says that something is there that nobody can tell (不明物).
    """

    id: str
    checklist: ChecklistKind
    moment: ItemMoment
    question: Bilingual
    help: Bilingual
    articles: tuple[str, ...]
    source: str
    certainty: Certainty
    mandatory: bool
    answer: AnswerKind
    role: Role | None = None
    covers: tuple[str, ...] = ()
    risk: bool = False
    when: Condition | None = None
    established_by: Condition | None = None
    answers: dict[Answer, Effect] | None = None
    settles: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    unidentified: bool = False

    def applies(self, case: Case) -> bool:
        return self.when is None or self.when.holds(case.facts()) is True

    @property
    def needs_opening(self) -> bool:
        """Whether nobody can answer it who has not opened the parcel."""
        return self.checklist is ChecklistKind.INSPECTION and self.mandatory

    @property
    def asks_unidentified(self) -> bool:
        """Whether its no speaks of 不明物. Checklists written before they said so know the question by its id."""
        return self.unidentified or self.id == _UNIDENTIFIED

    def is_established(self, case: Case) -> bool:
        return self.established_by is not None and self.established_by.holds(case.facts()) is True

    def effect(self, answer: Answer | None) -> Effect | None:
        """What an answer leads to; None for no answer, or one the item does not take."""
        return None if answer is None or self.answers is None else self.answers.get(answer)


class ExemptReason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """免拍原因. `note_required`: the code alone does not say enough."""

    id: str
    zh: str
    en: str
    note_required: bool = False


NO_CAMERA = ExemptReason("no-camera", "没有摄像头", "No camera here")
"""免拍 that needs no rule: whatever a package asks, nobody may be unable to refuse because there is nothing to photograph with."""


class PhotoView(StrEnum):
    """What a photo shows of a parcel."""

    OPEN = "open"  # 内件开箱
    SEALED = "sealed"  # 封装后


class PhotoRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a photo must be taken: only where `applies` holds; there if `when` holds, after these refusals, or after a referral."""

    id: str
    question: Bilingual
    applies: Condition
    when: Condition
    after_refusals: tuple[str, ...]
    after_refer: bool
    exempt_reasons: tuple[ExemptReason, ...]
    source: str
    certainty: Certainty
    view: PhotoView = PhotoView.OPEN

    @property
    def stop_exemptions(self) -> tuple[ExemptReason, ...]:
        """免拍原因 of what is refused or referred: the rule's own, and that there is no camera. The latter never helps to accept a parcel,
        unless the rule has it among its own."""
        asked = bool(self.after_refusals) or self.after_refer
        known = any(one.id == NO_CAMERA.id for one in self.exempt_reasons)
        return (*self.exempt_reasons, NO_CAMERA) if asked and not known else self.exempt_reasons


class FoundInCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: FindingKind
    name: str
    category: str | None = None
    concealed: bool = False


class Expectation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a case must come out; `refusals`, `missing` and `dispositions` exactly, `dispositions` only where given."""

    outcome: str
    refusals: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    dispositions: tuple[str, ...] | None = None


class StatedCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A case with its outcome. `facts` over the package's `usual_facts`; `answers` by item, `*` for all others, null for unanswered."""

    name: str
    expect: Expectation
    facts: dict[str, FactGiven] = {}
    answers: dict[str, Answer | None] = {}
    found: tuple[FoundInCase, ...] = ()
    photos: tuple[str, ...] = ()


SCHEMA = 1
"""The form of the file this program reads. One that is newer says so by `schema`, and is refused by that before anything else in it."""


class Checklists(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """checklists.json."""

    version: str
    checked_on: str
    note: str
    items: tuple[ChecklistItem, ...]
    photos: tuple[PhotoRule, ...]
    usual_facts: dict[str, FactGiven]
    cases: tuple[StatedCase, ...]
    schema: int = SCHEMA

    def item(self, item_id: str) -> ChecklistItem | None:
        return next((item for item in self.items if item.id == item_id), None)

    def photo(self, photo_id: str) -> PhotoRule | None:
        return next((photo for photo in self.photos if photo.id == photo_id), None)
