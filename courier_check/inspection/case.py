"""The facts of one parcel that rules may ask about. A condition that names any other fact is an error of the rule package."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Final

from courier_check.countries import COUNTRIES
from courier_check.terms import ClientKind, MailKind

FactValue = str | int | bool | tuple[str, ...] | None
MAINLAND: Final = "CN"
"""境内: Hong Kong, Macau and Taiwan have codes of their own (港澳台件 goes with customs papers)."""
_client_code = re.compile(r"\S(?:.{0,62}\S)?").fullmatch
"""As it stands in the register of clients: nothing around it, and no longer than somebody reads out."""


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
    letters among inspection-mailbox mail; unless it is said, inspection-mailbox mail counts as goods. `destination`: two letters of the
    country the service goes to, as 服务信息 says; `domestic`: whether that is the mainland, which follows from it. `client`: the agreement
    client's code; `agreement_client`: whether the sender is one, which follows from kind of mail and code.
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
    destination: str | None = None
    domestic: bool | None = None
    agreement_client: bool | None = None
    client_kind: str | None = None
    client: str | None = None

    def __post_init__(self) -> None:
        """What follows from what is said, and is not said otherwise."""
        if self.domestic is None and self.destination is not None:
            object.__setattr__(self, "domestic", self.destination == MAINLAND)
        if self.agreement_client is None and self.client is not None:
            object.__setattr__(self, "agreement_client", True)
        elif self.agreement_client is None and self.mail_kind is not MailKind.AGREEMENT:
            object.__setattr__(self, "agreement_client", False)

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
        "destination": FactKind.TEXT,
        "domestic": FactKind.FLAG,
        "agreement_client": FactKind.FLAG,
        "client_kind": FactKind.TEXT,
        "client": FactKind.TEXT,
    }
)
DESTINATION_FACTS: Final = frozenset({"destination", "domestic"})
CLIENT_FACTS: Final = frozenset({"agreement_client", "client_kind", "client"})
"""What changes with where a parcel goes, and with whose it is: what was asked on account of the one says nothing of another."""

VOCABULARY: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "mail_kind": frozenset(MailKind),
        "document_source": frozenset({"chip", "picture", "mrz", "credential", "typed"}),
        "name_match": frozenset({"equal", "masked-compatible", "romanised", "other-script", "different", "absent"}),
        "doubtful_fields": frozenset({"name", "number", "valid_from", "valid_until"}),
        "destination": frozenset(COUNTRIES),
        "client_kind": frozenset(ClientKind),
    }
)
"""Texts whose values are closed: a rule that compares with anything else can never hold. Content categories come from restricted.json."""


def is_possible_text(fact: str, value: str) -> bool:
    """Whether a text can be this fact's value at all; clients are in no list that comes with rules, but their codes have a form."""
    if fact == "client":
        return _client_code(value) is not None
    return fact not in VOCABULARY or value in VOCABULARY[fact]
