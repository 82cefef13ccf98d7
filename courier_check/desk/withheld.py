"""不留身份信息: what is kept of a refusal of which nothing of the sender may be kept (R01, R06, R15; domain.md §11.13): codes and what the
rules' own words say. Whatever anybody has typed may name a person, and a list's entry is one: none of it is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from courier_check.acceptance import Draft, Rulebook
from courier_check.inspection.catalogue import Prohibited
from courier_check.inspection.checklist import PhotoView
from courier_check.inspection.findings import ContentsFinding
from courier_check.inspection.refusals import IdentityKept
from courier_check.inspection.verdict import Outcome, Verdict
from courier_check.screening.entries import Action
from courier_check.screening.match import Hit
from courier_check.screening.review import BLACKLISTED
from courier_check.store.evidence import Photo
from courier_check.terms import Consequence


def is_withheld(verdict: Verdict, rulebook: Rulebook) -> bool:
    """Whether the act is such a refusal. A report that the law requires (a disposition that makes a lead) keeps who it is about."""
    withheld = any(rulebook.rules.refusal(code).identity is IdentityKept.ONLY_IF_REPORT_REQUIRED for code in _codes(verdict))
    return withheld and not any(disposition.rule.lead for disposition in verdict.dispositions)


def photos_kept(draft: Draft, verdict: Verdict, rulebook: Rulebook, photos: Sequence[Photo]) -> tuple[Photo, ...]:
    """The photos that are stored: of such a refusal only what another reason of it has to be shown by, seen in the opened parcel. A sealed
    one shows its label, and what was never asked for may show anything."""
    if not is_withheld(verdict, rulebook):
        return tuple(photos)
    rules, codes = rulebook.rules.checklists.photos, set(_codes(verdict))
    shown = {rule.id for rule in rules if rule.view is PhotoView.OPEN and not codes.isdisjoint(rule.after_refusals)}
    digests = {photo.sha256 for photo in draft.photos if photo.rule in shown}
    return tuple(photo for photo in photos if hashlib.sha256(photo.data).hexdigest() in digests)


def kept_of_nobody(draft: Draft, verdict: Verdict, rulebook: Rulebook) -> dict[str, Any]:
    """The `kept` part, before photos and lead. What was declared is in the header by its classes."""
    part: dict[str, Any] = {
        "v": 1,
        "items": [],
        "notes": {},
        "found": [_found(found, rulebook.rules.prohibited) for found in draft.contents_findings],
        "reasons_given": [],
        "exemptions": {exemption.rule: exemption.reason for exemption in draft.exemptions},
    }
    barring = draft.screening.hits if draft.screening is not None and BLACKLISTED in _codes(verdict) else ()
    named = [_list_named(hit) for hit in barring if hit.action is Action.BLOCK]
    return part | ({"hits": [one for place, one in enumerate(named) if one not in named[:place]]} if named else {})


def _list_named(hit: Hit) -> dict[str, Any]:
    """The list as its issuer made it known: whoever it bars is told of it and of its remedy (domain.md §11.7). Nothing of the entry."""
    return {
        "list": hit.list_id,
        "version": hit.list_version,
        "title": hit.list_title,
        "issuer": hit.issuer,
        "doc_no": hit.doc_no,
        "basis": hit.basis,
        "remedy": hit.remedy,
        "action": hit.action.value,
    }


def _found(found: ContentsFinding, prohibited: Prohibited) -> dict[str, Any]:
    """What was found, named only where the catalogue has that very word."""
    name = found.name if found.name in _words(found, prohibited) else ""
    return {"kind": found.kind.value, "name": name, "category": found.category, "concealed": found.concealed}


def _words(found: ContentsFinding, prohibited: Prohibited) -> Iterator[str]:
    category = prohibited.category(found.category) if found.category is not None else None
    if category is not None:
        yield from (*category.named_goods(), *category.ordinary, *category.ordinary_aliases, *category.known_as)


def _codes(verdict: Verdict) -> tuple[str, ...]:
    """The codes it refuses with; none for any other act."""
    if verdict.outcome is not Outcome.REFUSE:
        return ()
    return tuple(reason.refusal for reason in verdict.reasons if reason.refusal and reason.consequence is Consequence.REFUSE)
