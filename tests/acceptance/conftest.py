"""The shipped rules of acceptance."""

from __future__ import annotations

import pytest

from courier_check.acceptance import (
    Rulebook,
)
from courier_check.identity.policy import DocumentPolicy
from courier_check.inspection.rules import RulePackage
from courier_check.store.resources import read_resource


@pytest.fixture(scope="session")
def book() -> Rulebook:
    names = ("checklists", "prohibited", "restricted", "refusals", "regulations")
    return Rulebook.parse(RulePackage(*(read_resource(f"{name}.json") for name in names)))


@pytest.fixture(scope="session")
def policy() -> DocumentPolicy:
    return DocumentPolicy.parse(read_resource("documents.json"))
