"""机读码 (ICAO 9303): TD3 of passports (two lines of 44) and TD1 of cards (three lines of 30). domain.md §5.5."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from courier_check.errors import Fact
from courier_check.identity.checksums import weighted_731
from courier_check.identity.codes import NumberReason
from courier_check.identity.documents import Sex, parse_date
from courier_check.identity.number_check import Likelihood, NumberCheck, NumberKind
from courier_check.identity.text import halfwidth
from courier_check.privacy import mask_number

_CHARACTERS = re.compile(r"[A-Z0-9<]+")
_SEXES = {"M": Sex.MALE, "F": Sex.FEMALE}


@dataclass(frozen=True, slots=True, repr=False)
class MachineReadable:
    """The fields of a machine-readable zone as they stand in it; dates are the six characters YYMMDD, names None without their line.

    `checked` pairs every check character with what it is computed over; `None` as code means the document code was not given.
    """

    layout: str
    code: str | None
    issuer: str | None
    number: str
    nationality: str
    birth: str
    sex: str
    expiry: str
    names: str | None
    checked: tuple[tuple[NumberReason, str, str], ...]

    @classmethod
    def find(cls, text: str) -> MachineReadable | None:
        """From whole zones or from a TD3's second line or a TD1's first two alone, with or without line breaks. None for anything else."""
        zone = halfwidth(text)
        if not _CHARACTERS.fullmatch(zone):
            return None
        match len(zone):
            case 88:
                return _td3(zone[44:], zone[:44])
            case 44:
                return _td3(zone, None)
            case 90:
                return _td1(zone[:30], zone[30:60], zone[60:])
            case 60:
                return _td1(zone[:30], zone[30:60], None)
            case _:
                return None

    @property
    def surname(self) -> str | None:
        return None if self.names is None else _words(self.names.partition("<<")[0])

    @property
    def given_names(self) -> str | None:
        return None if self.names is None else _words(self.names.partition("<<")[2])

    def born_on(self, today: date) -> date | None:
        """A birth date later than today belongs to the century before; None where the zone leaves a part unknown."""
        born_on = parse_date(f"20{self.birth}")
        return parse_date(f"19{self.birth}") if born_on is None or born_on > today else born_on

    @property
    def valid_until(self) -> date | None:
        """Expiry is always of this century."""
        return parse_date(f"20{self.expiry}")

    @property
    def failed(self) -> tuple[NumberReason, ...]:
        """The checks that don't hold. An empty optional field may carry `<` instead of its check digit 0."""
        return tuple(reason for reason, check, over in self.checked if weighted_731(over) != check and not _blank(over, check))

    def __repr__(self) -> str:
        return f"MachineReadable({self.layout}, {self.code}, {mask_number(self.number)})"


def check_mrz(text: str, today: date) -> NumberCheck | None:
    """The zone's check digits and dates; an expired document or a permit whose layout is [忆] only warns."""
    zone = MachineReadable.find(text)
    if zone is None:
        return None
    reasons = [*zone.failed, *_date_reasons(zone, today)]
    if zone.code is not None and zone.layout == "TD1" and zone.code.startswith("C"):
        reasons.append(NumberReason.MRZ_LAYOUT_UNSURE)
    valid = all(reason.only_warns for reason in reasons)
    sure = Likelihood.CHECKED if valid else Likelihood.SPOILT if "<" in halfwidth(text) else Likelihood.LOOSE
    return NumberCheck(NumberKind.MRZ, valid, tuple(reason.value for reason in reasons), _facts(zone, today), sure)


def _td3(second: str, first: str | None) -> MachineReadable:
    return MachineReadable(
        layout="TD3",
        code=first[:2].strip("<") if first else None,
        issuer=first[2:5].strip("<") if first else None,
        number=second[:9].strip("<"),
        nationality=second[10:13].strip("<"),
        birth=second[13:19],
        sex=second[20],
        expiry=second[21:27],
        names=first[5:].strip("<") if first else None,
        checked=(
            (NumberReason.MRZ_CHECK_NUMBER, second[9], second[:9]),
            (NumberReason.MRZ_CHECK_BIRTH, second[19], second[13:19]),
            (NumberReason.MRZ_CHECK_EXPIRY, second[27], second[21:27]),
            (NumberReason.MRZ_CHECK_PERSONAL, second[42], second[28:42]),
            (NumberReason.MRZ_CHECK_COMPOSITE, second[43], second[:10] + second[13:20] + second[21:43]),
        ),
    )


def _td1(first: str, second: str, third: str | None) -> MachineReadable:
    number, check, over = _td1_number(first)
    return MachineReadable(
        layout="TD1",
        code=first[:2].strip("<"),
        issuer=first[2:5].strip("<"),
        number=number,
        nationality=second[15:18].strip("<"),
        birth=second[:6],
        sex=second[7],
        expiry=second[8:14],
        names=third.strip("<") if third else None,
        checked=(
            (NumberReason.MRZ_CHECK_NUMBER, check, over),
            (NumberReason.MRZ_CHECK_BIRTH, second[6], second[:6]),
            (NumberReason.MRZ_CHECK_EXPIRY, second[14], second[8:14]),
            (NumberReason.MRZ_CHECK_COMPOSITE, second[29], first[5:] + second[:7] + second[8:15] + second[18:29]),
        ),
    )


def _td1_number(first: str) -> tuple[str, str, str]:
    """Number, its check digit and what that covers.

    A number longer than nine characters runs on in the optional field, marked by `<` at the check's place.
    """
    rest = first[15:].partition("<")[0]
    if first[14] == "<" and len(rest) > 1:
        number = first[5:14] + rest[:-1]
        return number, rest[-1], number
    return first[5:14].strip("<"), first[14], first[5:14]


def _date_reasons(zone: MachineReadable, today: date) -> list[NumberReason]:
    reasons = []
    if zone.born_on(today) is None and "<" not in zone.birth:
        reasons.append(NumberReason.MRZ_BIRTH_IMPOSSIBLE)
    if zone.valid_until is None:
        reasons.append(NumberReason.MRZ_EXPIRY_IMPOSSIBLE)
    elif zone.valid_until < today:
        reasons.append(NumberReason.MRZ_EXPIRED)
    return reasons


def _facts(zone: MachineReadable, today: date) -> dict[str, Fact]:
    born_on, sex = zone.born_on(today), _SEXES.get(zone.sex)
    return {
        "layout": zone.layout,
        "document_code": zone.code,
        "issuer": zone.issuer,
        "number": zone.number,
        "masked": mask_number(zone.number),
        "nationality": zone.nationality,
        "born_on": None if born_on is None else born_on.isoformat(),
        "sex": None if sex is None else sex.value,
        "valid_until": None if zone.valid_until is None else zone.valid_until.isoformat(),
        "surname": zone.surname,
        "given_names": zone.given_names,
    }


def _blank(over: str, check: str) -> bool:
    return check == "<" and not over.strip("<")


def _words(field: str) -> str | None:
    return " ".join(field.replace("<", " ").split()) or None
