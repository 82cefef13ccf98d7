"""Numbers of the resident kind (GB 11643): 公民身份号码 of 18 and 15 digits, 港澳台居民居住证, 外国人永久居留身份证 of 2023.

domain.md §5.1–5.3.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from courier_check.errors import Fact
from courier_check.identity.checksums import resident_check
from courier_check.identity.codes import NumberReason
from courier_check.identity.documents import Sex, parse_date
from courier_check.identity.number_check import Likelihood, NumberCheck, NumberKind
from courier_check.identity.regions import Region, Regions, RegionStatus
from courier_check.identity.text import plain
from courier_check.privacy import mask_number

_EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]")
_FIFTEEN = re.compile(r"[0-9]{15}")
_WRONG_LENGTH = re.compile(r"[0-9]{16}[0-9X]|[0-9]{18}[0-9X]")
_HMT_REGIONS = frozenset({"810000", "820000", "830000"})
_OLDEST_AGE = 120
_FIRST_YEAR = 1800


@dataclass(frozen=True, slots=True, repr=False)
class ResidentNumber:
    """The parts of an 18-character number of the resident kind. Made only from text of the right shape; the check is `check_resident`'s."""

    number: str

    @property
    def region_code(self) -> str:
        return self.number[:6]

    @property
    def born_on(self) -> date | None:
        return parse_date(self.number[6:14])

    @property
    def sex(self) -> Sex | None:
        """The 17th digit: odd 男, even 女. The permanent residence card is not known to keep this rule."""
        if self.kind is NumberKind.FPR_CARD:
            return None
        return Sex.MALE if int(self.number[16]) % 2 else Sex.FEMALE

    @property
    def kind(self) -> NumberKind:
        if self.number[0] == "9":
            return NumberKind.FPR_CARD
        return NumberKind.HMT_RESIDENCE if self.region_code in _HMT_REGIONS else NumberKind.RESIDENT_ID

    @property
    def check_holds(self) -> bool:
        return resident_check(self.number[:17]) == self.number[17]

    @classmethod
    def find(cls, text: str) -> ResidentNumber | None:
        """From 18 characters, or 15 digits brought up to 18; None for any other shape."""
        number = upgrade_15(plain(text))
        return cls(number) if _EIGHTEEN.fullmatch(number) else None

    def __repr__(self) -> str:
        return f"ResidentNumber({mask_number(self.number)})"


def upgrade_15(number: str) -> str:
    """升位: 15 digits become 18 with the century 19 and a check digit; anything else is returned as it is."""
    if not _FIFTEEN.fullmatch(number):
        return number
    first17 = f"{number[:6]}19{number[6:]}"
    return first17 + resident_check(first17)


def age_on(born_on: date, today: date) -> int:
    """周岁: whole years lived, full on the birthday."""
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))


def check_resident(text: str, today: date, regions: Regions | None = None) -> NumberCheck | None:
    """None if the text does not look like such a number. Unknown or statistical region codes and great age only warn."""
    number = plain(text)
    if _FIFTEEN.fullmatch(number):
        return _check_15(number, today, regions)
    if _EIGHTEEN.fullmatch(number):
        return _check_18(ResidentNumber(number), today, regions)
    return _check_wrong_length(number, today, regions)


def _check_18(given: ResidentNumber, today: date, regions: Regions | None) -> NumberCheck:
    reasons = [] if given.check_holds else [NumberReason.CHECK_DIGIT]
    reasons += _birth_reasons(given.born_on, today)
    if given.kind is not NumberKind.FPR_CARD:
        reasons += _region_reasons(given, regions)
    valid = all(reason.only_warns for reason in reasons)
    doubtful = NumberReason.CHECK_DIGIT in reasons and NumberReason.BIRTH_IMPOSSIBLE in reasons
    likelihood = Likelihood.CHECKED if valid else Likelihood.LOOSE if doubtful else Likelihood.SPOILT
    return NumberCheck(given.kind, valid, _values(reasons), _facts(given, today, regions), likelihood)


def _check_15(number: str, today: date, regions: Regions | None) -> NumberCheck:
    """Cards with 15 digits went out of use on 2013-01-01 [忆]: recognised, brought up to 18, and said so."""
    upgraded = ResidentNumber(upgrade_15(number))
    reasons = [NumberReason.OLD_15_DIGITS, *_birth_reasons(upgraded.born_on, today), *_region_reasons(upgraded, regions)]
    valid = all(reason.only_warns for reason in reasons)
    known = NumberReason.REGION_UNKNOWN not in reasons
    likelihood = (Likelihood.CHECKED if known else Likelihood.SHAPED) if valid else Likelihood.LOOSE
    facts: dict[str, Fact] = {**_facts(upgraded, today, regions), "old_number": number}
    return NumberCheck(NumberKind.RESIDENT_ID, valid, _values(reasons), facts, likelihood)


def _check_wrong_length(number: str, today: date, regions: Regions | None) -> NumberCheck | None:
    """One character too few or too many, yet the region and the birth date stand where they should."""
    if regions is None or not _WRONG_LENGTH.fullmatch(number) or regions.find(number[:6]) is None:
        return None
    if _birth_reasons(parse_date(number[6:14]), today):
        return None
    facts: dict[str, Fact] = {"number": number, "masked": mask_number(number), "length": len(number)}
    return NumberCheck(NumberKind.RESIDENT_ID, False, (NumberReason.LENGTH.value,), facts, Likelihood.SPOILT)


def _birth_reasons(born_on: date | None, today: date) -> list[NumberReason]:
    if born_on is None or born_on.year < _FIRST_YEAR:
        return [NumberReason.BIRTH_IMPOSSIBLE]
    if born_on > today:
        return [NumberReason.BIRTH_FUTURE]
    return [NumberReason.AGE_UNLIKELY] if age_on(born_on, today) > _OLDEST_AGE else []


def _region_reasons(given: ResidentNumber, regions: Regions | None) -> list[NumberReason]:
    if regions is None:
        return []
    region = regions.find(given.region_code)
    if region is None:
        return [NumberReason.REGION_UNKNOWN]
    return [NumberReason.REGION_STATISTICAL] if region.status is RegionStatus.STATISTICAL else []


def _facts(given: ResidentNumber, today: date, regions: Regions | None) -> dict[str, Fact]:
    born_on = given.born_on
    facts: dict[str, Fact] = {
        "number": given.number,
        "masked": mask_number(given.number),
        "born_on": None if born_on is None else born_on.isoformat(),
        "age": None if born_on is None or born_on > today else age_on(born_on, today),
    }
    if given.kind is NumberKind.FPR_CARD:
        return {**facts, "version": 2023, **_fpr_facts(given.number, regions)}
    sex = given.sex
    facts["sex"] = None if sex is None else sex.value
    return {**facts, **_region_facts(given.region_code, regions)}


def _fpr_facts(number: str, regions: Regions | None) -> dict[str, Fact]:
    """9 + province of application + numeric country code (GB/T 2659) + birth + order + check [忆]."""
    province = None if regions is None else regions.find(f"{number[1:3]}0000")
    return {"country_code": number[3:6], "region_code": f"{number[1:3]}0000", "region": None if province is None else province.full_name}


def _region_facts(code: str, regions: Regions | None) -> dict[str, Fact]:
    region: Region | None = None if regions is None else regions.find(code)
    if region is None:
        return {"region_code": code, "region": None, "region_status": None}
    return {"region_code": code, "region": region.full_name, "region_status": region.status.value}


def _values(reasons: list[NumberReason]) -> tuple[str, ...]:
    return tuple(reason.value for reason in reasons)
