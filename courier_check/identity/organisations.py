"""统一社会信用代码 (GB 32100), 组织机构代码 (GB 11714), old business registration numbers. domain.md §5.7–5.8."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import product

from courier_check.errors import Fact
from courier_check.identity.checksums import USCC_ALPHABET, organisation_check, registration_check, uscc_check
from courier_check.identity.codes import NumberReason, OrganisationReason
from courier_check.identity.number_check import Likelihood, NumberCheck, NumberKind
from courier_check.identity.regions import Regions
from courier_check.identity.resident import ResidentNumber
from courier_check.identity.text import halfwidth, plain
from courier_check.privacy import mask_name, mask_number
from courier_check.terms import Consequence, Reason

_EIGHTEEN = re.compile(r"[0-9A-Z]{18}")
_ORG_CODE = re.compile(r"[0-9A-Z]{8}-?[0-9X]")
_REGISTRATION = re.compile(r"[0-9]{15}")
_CONFUSABLE = {"I": "1", "O": "0DQ", "S": "5", "V": "UY", "Z": "2"}
"""Letters the code never uses, and what was probably meant."""
_MOST_CONFUSABLE = 6
_REGISTRARS = frozenset("123456789ANY")  # GB 32100 登记管理部门代码 [忆]
_ORGANISATIONS = {
    "11": "authority",
    "12": "public-institution",
    "51": "association",
    "52": "private-non-enterprise",
    "91": "enterprise",
    "92": "sole-trader",
    "93": "farmers-cooperative",
}
"""机构类别 of the first two characters [忆]; the commonest ones, all else is told as unknown."""


class Office(StrEnum):
    """What the responsible person is to the organisation."""

    LEGAL_REPRESENTATIVE = "legal-representative"  # 法定代表人
    IN_CHARGE = "in-charge"  # 相关负责人


@dataclass(frozen=True, slots=True, repr=False)
class Organisation:
    """法人或其他组织 as a sender: its name, its 统一社会信用代码 and who answers for it, by name. Its documents are a session's."""

    name: str
    uscc: str
    responsible: str
    office: Office = Office.IN_CHARGE

    def __repr__(self) -> str:
        return f"Organisation({mask_name(self.name)}, {mask_number(self.uscc)}, {self.office.value})"


def review_organisation(organisation: Organisation, today: date, regions: Regions | None = None) -> Iterator[Reason]:
    """Whether its code can be the code of an organisation; what only warns is noted."""
    check = check_uscc(organisation.uscc, today, regions)
    facts: dict[str, Fact] = {"number": mask_number(plain(organisation.uscc))}
    if check is None or not check.valid:
        yield Reason(OrganisationReason.CODE_WRONG.value, Consequence.REFER, None, facts)
        return
    yield from (Reason(reason, Consequence.NOTE, None, facts) for reason in check.reasons)


def check_uscc(text: str, today: date, regions: Regions | None = None) -> NumberCheck | None:
    """18 characters of an alphabet without I O S V Z. A wrong organisation code inside or an unknown registrar only warns."""
    code = plain(text)
    if not _EIGHTEEN.fullmatch(code):
        return None
    if not set(code) <= set(USCC_ALPHABET):
        return _confusable(code)
    holds = uscc_check(code[:17]) == code[17]
    reasons = [] if holds else [NumberReason.CHECK_DIGIT.value]
    if holds and code[0] not in _REGISTRARS:
        reasons.append(NumberReason.USCC_REGISTRY_UNKNOWN.value)
    if holds and organisation_check(code[8:16]) != code[16]:
        reasons.append(NumberReason.USCC_ORG_CODE.value)
    return NumberCheck(NumberKind.USCC, holds, tuple(reasons), _uscc_facts(code, regions), _uscc_likelihood(code, today, holds=holds))


def check_org_code(text: str) -> NumberCheck | None:
    """Eight characters and a check character, often written with a hyphen before it."""
    written = halfwidth(text)
    if not _ORG_CODE.fullmatch(written):
        return None
    code = plain(written)
    holds = organisation_check(code[:8]) == code[8]
    distinct = written[8] == "-"
    reasons = () if holds else (NumberReason.CHECK_DIGIT.value,)
    # A ninth character agrees by chance once in eleven, so only the hyphen makes it more than a guess.
    sure = Likelihood.CHECKED if holds else Likelihood.SPOILT
    return NumberCheck(NumberKind.ORG_CODE, holds, reasons, {"number": code}, sure if distinct else Likelihood.LOOSE)


def check_business_registration(text: str, regions: Regions | None = None) -> NumberCheck | None:
    """旧营业执照注册号: 15 digits, ISO 7064 MOD 11,10; replaced by the unified credit code."""
    number = plain(text)
    if not _REGISTRATION.fullmatch(number):
        return None
    holds = registration_check(number[:14]) == number[14]
    reasons = () if holds else (NumberReason.CHECK_DIGIT.value,)
    region = _region(number[:6], regions)
    # One in ten of all numbers of 15 digits agrees by chance, many waybills among them; the region of the registrar sets them apart.
    sure = holds and (regions is None or region["region"] is not None)
    facts: dict[str, Fact] = {"number": number, **region}
    return NumberCheck(NumberKind.BUSINESS_REGISTRATION, holds, reasons, facts, Likelihood.CHECKED if sure else Likelihood.LOOSE)


def _confusable(code: str) -> NumberCheck:
    letters = sorted(set(code) - set(USCC_ALPHABET))
    facts: dict[str, Fact] = {"number": code, "confusable": "".join(letters), "repair": _repair(code)}
    likelihood = Likelihood.SPOILT if code[:2] in _ORGANISATIONS or facts["repair"] else Likelihood.LOOSE
    return NumberCheck(NumberKind.USCC, False, (NumberReason.CONFUSABLE.value,), facts, likelihood)


def _repair(code: str) -> str | None:
    """The one code that reading the confusable letters otherwise makes right; None if there is none or more than one."""
    if sum(character in _CONFUSABLE for character in code) > _MOST_CONFUSABLE:
        return None
    readings = ("".join(characters) for characters in product(*(_CONFUSABLE.get(character, character) for character in code)))
    right = [reading for reading in readings if reading[2:8].isdigit() and uscc_check(reading[:17]) == reading[17]]
    return right[0] if len(right) == 1 else None


def _uscc_likelihood(code: str, today: date, *, holds: bool) -> Likelihood:
    resident = ResidentNumber.find(code)
    born_on = resident.born_on if resident else None
    if born_on is not None and born_on.year > 1900 and born_on <= today:
        return Likelihood.LOOSE  # a birth date where a resident number has it is the stronger sign
    if not holds:
        return Likelihood.SPOILT if code[:2] in _ORGANISATIONS else Likelihood.LOOSE
    return Likelihood.CHECKED if code[:2] in _ORGANISATIONS else Likelihood.SHAPED


def _uscc_facts(code: str, regions: Regions | None) -> dict[str, Fact]:
    return {
        "number": code,
        "masked": mask_number(code),
        "organisation": _ORGANISATIONS.get(code[:2]),
        "org_code": f"{code[8:16]}-{code[16]}",
        **_region(code[2:8], regions),
    }


def _region(code: str, regions: Regions | None) -> dict[str, Fact]:
    region = None if regions is None else regions.find(code)
    return {"region_code": code, "region": None if region is None else region.full_name}
