"""Shared by the screening tests: the shipped name rules, a match key, and builders that say only what matters. All parties are made up."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from courier_check.screening.entries import (
    Action,
    EntryForm,
    IssuerKind,
    KeyKind,
    ListEntry,
    ListHeader,
    ListPackage,
    SubjectKind,
    Vetting,
)
from courier_check.screening.fold import SimplifiedFold
from courier_check.screening.match import InstalledList
from courier_check.screening.normalise import NameRules
from courier_check.store.resources import read_resource

_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def _valid_uscc(code: str) -> bool:
    total = sum(_CHARACTERS.index(char) * 3**place for place, char in enumerate(code[:17]))
    return code[17] == _CHARACTERS[-total % 31]


@pytest.fixture(scope="session")
def rules() -> NameRules:
    return NameRules.parse(read_resource("screening.json"), read_resource("regions.json"), SimplifiedFold())


@pytest.fixture(scope="session")
def vetting(rules: NameRules) -> Vetting:
    return Vetting(rules, _valid_uscc)


@dataclass
class MadeLists:
    """Installed lists held in memory; finds by key as a store does, or returns everything (as a colliding hash would)."""

    vetting: Vetting
    packages: list[ListPackage] = field(default_factory=list)
    confirmed_on: date = date(2026, 11, 20)
    careless: bool = False

    def add(self, *entries: EntryForm, **header: Any) -> ListPackage:
        package = ListPackage.build(make_header(**header), entries, self.vetting)
        self.packages.append(package)
        return package

    def by_key(self, kind: KeyKind, value: str) -> Iterable[ListEntry]:
        entries = (entry for package in self.packages for entry in package.entries)
        return [entry for entry in entries if self.careless or {(kind, value)} <= {*entry.keys()}]

    def entry(self, list_id: str, entry_id: str) -> ListEntry | None:
        entries = (entry for package in self.packages for entry in package.entries)
        return next((entry for entry in entries if (entry.list_id, entry.entry_id) == (list_id, entry_id)), None)

    def installed(self) -> Sequence[InstalledList]:
        return [InstalledList(package.header, self.confirmed_on) for package in self.packages]


@pytest.fixture
def lists(vetting: Vetting) -> MadeLists:
    return MadeLists(vetting)


@pytest.fixture(scope="session")
def new_lists(vetting: Vetting) -> Callable[[], MadeLists]:
    """For property tests, whose every example starts from nothing installed."""
    return lambda: MadeLists(vetting)


def make_header(**changes: Any) -> ListHeader:
    said: dict[str, Any] = {
        "list_id": "made-up",
        "title": "【样本】名单",
        "issuer": "样例局（虚构）",
        "issuer_kind": IssuerKind.AUTHORITY,
        "doc_no": "样例〔2026〕1号（虚构）",
        "legal_basis": "样例决定（虚构）",
        "action": Action.BLOCK,
        "remedy": "可以申请行政复议（样本）",
        "version": 3,
        "issued_at_ms": 1_770_000_000_000,
        "expires_on": None,
        "match_key_id": "k-2026",
        "blocks_on_company_name": True,
    }
    return ListHeader(**{**said, **changes})


def make_entry(**changes: Any) -> EntryForm:
    said: dict[str, Any] = {
        "entry_id": "e-1",
        "revision": 1,
        "subject_kind": SubjectKind.COMPANY,
        "display_name": "",
        "aliases": (),
        "uscc": None,
        "org_code": None,
        "id_tokens": (),
        "phone_tokens": (),
        "address_tokens": (),
        "action": None,
        "reason": "虚构",
        "evidence": "",
        "listed_on": date(2026, 1, 15),
        "expires_on": None,
        "removed_on": None,
        "removal_reason": "",
    }
    return EntryForm(**{**said, **changes})


def made_token(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()


@pytest.fixture(scope="session")
def header() -> Callable[..., ListHeader]:
    return make_header


@pytest.fixture(scope="session")
def entry() -> Callable[..., EntryForm]:
    return make_entry


@pytest.fixture(scope="session")
def token() -> Callable[[str, str], str]:
    return made_token
