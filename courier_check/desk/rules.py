"""The rules that are shipped with the program, as the desk needs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

from courier_check.acceptance import Rulebook
from courier_check.desk.acceptances import Rules
from courier_check.desk.records import ReportingProfile
from courier_check.identity.cross_checks import References
from courier_check.identity.notices import Notice
from courier_check.identity.policy import DocumentPolicy
from courier_check.identity.regions import Regions
from courier_check.identity.romanised import Pinyin
from courier_check.identity.zone_codes import ZoneCodes
from courier_check.inspection.rules import RulePackage
from courier_check.journal.entries import PackageRef
from courier_check.parcel.carriers import Carriers
from courier_check.parcel.catalogue import GoodsCatalogue
from courier_check.parcel.finding import Readings
from courier_check.store.resources import read_resource


def shipped_package() -> RulePackage:
    """The rule files of resources/."""
    return RulePackage(
        checklists=read_resource("checklists.json"),
        prohibited=read_resource("prohibited.json"),
        restricted=read_resource("restricted.json"),
        refusals=read_resource("refusals.json"),
        regulations=read_resource("regulations.json"),
    )


def rules_of(package: RulePackage, fold: Callable[[str], str], *, practice: bool = False) -> Rules:
    """Rulebook, document policy and reporting profile, with the reference that headers carry. `fold`: traditional → simplified."""
    read = _read(package)
    policy = read.policy.in_practice() if practice else read.policy
    return replace(read, rulebook=replace(read.rulebook, fold=fold, spells=_PINYIN), policy=policy)


def _readings() -> Mapping[str, tuple[str, ...]]:
    return Readings.parse(read_resource("pinyin.json")).by_character()


_PINYIN = Pinyin(_readings)
"""Reads its table when a name in letters is first compared, once in a process."""


def references_of(rules: Rules) -> References:
    """What readings of documents are checked against."""
    return References(rules.rulebook.regions, ZoneCodes.parse(read_resource("machine_readable.json")), rules.policy.resident_validity)


def shipped_references() -> References:
    """The same without a station: for commands that only read pictures."""
    policy = DocumentPolicy.parse(read_resource("documents.json"))
    codes = ZoneCodes.parse(read_resource("machine_readable.json"))
    return References(Regions.parse(read_resource("regions.json")), codes, policy.resident_validity)


@lru_cache(maxsize=2)
def _read(package: RulePackage) -> Rules:
    """Read once in a process: each worker of a window opens a station of its own, and reading holds the interpreter lock."""
    carriers = Carriers.parse(read_resource("carriers.json"))
    rulebook = replace(Rulebook.parse(package), regions=Regions.parse(read_resource("regions.json")), carriers=carriers)
    rulebook = replace(rulebook, goods=GoodsCatalogue.parse(read_resource("goods.json")))
    ref = PackageRef(kind="rules", name="checklists", sha256=package.sha256(), version=rulebook.rules.version)
    policy = DocumentPolicy.parse(read_resource("documents.json"))
    profile = ReportingProfile.parse(read_resource("reporting.json"))
    notice = Notice.parse(read_resource("notices/personal-data.json"))
    return Rules(rulebook, policy, profile, (ref,), carriers, notice)
