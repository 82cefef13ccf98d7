"""The facts of one parcel that rules may ask about. A condition that names any other fact is an error of the rule package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Final

from courier_check.terms import MailKind

FactValue = str | int | bool | tuple[str, ...] | None


class FactKind(StrEnum):
    """How a fact may be compared: texts by equals and in, numbers by at_least and at_most too, flags by equals, sets by in."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    SET = "set"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One parcel as the rules see it. None means not known yet: no condition about an unknown fact holds.

    `sampled`: 抽中; `spared`: 未抽中, agreement mail where a local basis allows inspection by sampling. `letter`: 信件, including the
    letters among inspection-mailbox mail; unless it is said, inspection-mailbox mail counts as goods.
    """

    mail_kind: MailKind
    letter: bool = False
    document_present: bool = False
    document_type: str | None = None
    document_source: str | None = None
    name_match: str | None = None
    sender_age: int | None = None
    agent: bool = False
    agent_document_type: str | None = None
    doubtful_fields: tuple[str, ...] = ()
    business_sender: bool = False
    contents_categories: tuple[str, ...] = ()
    item_quantity: int | None = None
    weight_g: int | None = None
    sampled: bool = False
    spared: bool = False
    listed_for_inspection: bool = False
    screened: bool = False

    def facts(self) -> Mapping[str, FactValue]:
        """The facts by name, as conditions name them."""
        return self._facts

    @cached_property
    def _facts(self) -> Mapping[str, FactValue]:  # asked by every item of the checklists
        return MappingProxyType({field.name: getattr(self, field.name) for field in fields(self)})


FACTS: Final[Mapping[str, FactKind]] = MappingProxyType(
    {
        "mail_kind": FactKind.TEXT,
        "letter": FactKind.FLAG,
        "document_present": FactKind.FLAG,
        "document_type": FactKind.TEXT,
        "document_source": FactKind.TEXT,
        "name_match": FactKind.TEXT,
        "sender_age": FactKind.NUMBER,
        "agent": FactKind.FLAG,
        "agent_document_type": FactKind.TEXT,
        "doubtful_fields": FactKind.SET,
        "business_sender": FactKind.FLAG,
        "contents_categories": FactKind.SET,
        "item_quantity": FactKind.NUMBER,
        "weight_g": FactKind.NUMBER,
        "sampled": FactKind.FLAG,
        "spared": FactKind.FLAG,
        "listed_for_inspection": FactKind.FLAG,
        "screened": FactKind.FLAG,
    }
)

VOCABULARY: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "mail_kind": frozenset(MailKind),
        "document_source": frozenset({"chip", "picture", "mrz", "credential", "typed"}),
        "name_match": frozenset({"equal", "masked-compatible", "romanised", "other-script", "different", "absent"}),
        "doubtful_fields": frozenset({"name", "number", "valid_from", "valid_until"}),
    }
)
"""Texts whose values are closed: a rule that compares with anything else can never hold. Content categories come from restricted.json."""
