"""The shipped rules, and builders that say only what matters."""

from __future__ import annotations

import pytest

from courier_check.inspection.rules import RulePackage, RuleSet
from courier_check.store.resources import read_resource


@pytest.fixture(scope="session")
def package() -> RulePackage:
    names = ("checklists", "prohibited", "restricted", "refusals", "regulations")
    return RulePackage(*(read_resource(f"{name}.json") for name in names))


@pytest.fixture(scope="session")
def rules(package: RulePackage) -> RuleSet:
    return RuleSet.parse(package)
