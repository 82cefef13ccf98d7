"""拒收原因 (R01–R15, R99) and the laws that rules cite, as data."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from courier_check.inspection.catalogue import Bilingual, Certainty
from courier_check.inspection.findings import FindingKind


class IdentityKept(StrEnum):
    """Whether a refusal keeps the identity it saw (domain.md §11.13)."""

    KEPT = "kept"
    ONLY_IF_REPORT_REQUIRED = "only-if-report-required"


class Refusal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """拒收原因: what to tell the sender and whether his identity is kept. `certainty`: of the cited source.

    `lead`: whether a lead (线索) is made whatever the disposition of what was found; `dates_lists`: whether the entry keeps since when the
    station has had its lists and notices (what it could have known).
    """

    code: str
    zh: str
    en: str
    next_step: Bilingual
    identity: IdentityKept
    articles: tuple[str, ...]
    source: str
    certainty: Certainty
    note_required: bool
    lead: bool = False
    dates_lists: bool = False


class Refusals(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """refusals.json. `findings`: the code each kind of finding refuses with, unless a prohibited category has its own."""

    version: str
    checked_on: str
    note: str
    findings: dict[FindingKind, str]
    refusals: tuple[Refusal, ...]

    def refusal(self, code: str) -> Refusal | None:
        return next((refusal for refusal in self.refusals if refusal.code == code), None)


class Article(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An article of a law. `number` is absent where it was not verified; a revised law has its old and its new number."""

    id: str
    zh: str
    en: str
    certainty: Certainty
    number: str | None = None
    number_2019: str | None = None
    number_2025: str | None = None
    certainty_2025: Certainty | None = None


class Law(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A law or document. One whose `basis_towards_sender` is false is background and never a ground for refusing anybody."""

    id: str
    zh: str
    en: str
    version: str
    certainty: Certainty
    basis_towards_sender: bool
    articles: tuple[Article, ...]
    status: str | None = None
    in_force_from: str | None = None


class Regulations(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """regulations.json."""

    version: str
    checked_on: str
    note: str
    laws: tuple[Law, ...]

    def article(self, article_id: str) -> tuple[Law, Article] | None:
        return next(((law, article) for law in self.laws for article in law.articles if article.id == article_id), None)
