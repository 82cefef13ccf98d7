"""电话: mobile, landline, 400/800, Hong Kong, Macao, Taiwan, and the virtual numbers of privacy labels. domain.md §5.9."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from courier_check.errors import Fact
from courier_check.identity.codes import NumberReason
from courier_check.identity.number_check import Likelihood, NumberCheck, NumberKind
from courier_check.identity.text import halfwidth
from courier_check.privacy import mask_phone

_MOBILE = re.compile(r"(?:\+?86-?|0086-?)?(1[3-9][0-9])-?([0-9]{4})-?([0-9]{4})")
_LANDLINE = re.compile(r"(?:\+?86-?|0086-?)?(0[0-9]{2,3})-?([0-9]{7,8})(?:(?:-|转)([0-9]{1,6}))?")
_SERVICE = re.compile(r"([48]00)-?([0-9]{3})-?([0-9]{4})")
_HONG_KONG = re.compile(r"((?:\+|00)?852-?)?([4-9][0-9]{3})-?([0-9]{4})")
_MACAO = re.compile(r"((?:\+|00)?853-?)?(6[0-9]{3})-?([0-9]{4})")
_TAIWAN = re.compile(r"(?:(?:\+|00)?886-?0?|0)(9[0-9]{2})-?([0-9]{3})-?([0-9]{3})")
_VIRTUAL = re.compile(r"([0-9]{11})(?:-|,|转)([0-9]{3,4})")
_DIALLABLE = re.compile(r"\+?[0-9](?:-?[0-9]){6,17}")
"""Seven to eighteen digits, a prefix for calls abroad among them: fewer or more reach nobody."""


class Reach(StrEnum):
    """How far a text serves to reach somebody by telephone."""

    KNOWN = "known"  # a number of a known kind
    VIRTUAL = "virtual"  # 隐私（虚拟）号码, which works for a time only
    UNFAMILIAR = "unfamiliar"  # may be dialled, of another country perhaps
    NONE = "none"  # no telephone number at all


def reach_of(text: str) -> Reach:
    """寄件人须可联系: whether the text is a number somebody could call. A number with hidden digits is none."""
    kinds = {check.kind for check in check_phones(text)}
    if kinds - {NumberKind.PHONE_VIRTUAL}:
        return Reach.KNOWN
    if kinds:
        return Reach.VIRTUAL
    return Reach.UNFAMILIAR if _DIALLABLE.fullmatch(halfwidth(text)) else Reach.NONE


def check_phones(text: str) -> Iterator[NumberCheck]:
    """Every kind of telephone number the text may be; which of them a sender can be reached at is the caller's question."""
    written = halfwidth(text).replace("(", "").replace(")", "-")
    if found := _MOBILE.fullmatch(written):
        yield _check(NumberKind.PHONE_MOBILE, found[1] + found[2] + found[3])
    if found := _VIRTUAL.fullmatch(written):
        sure = Likelihood.SHAPED if _MOBILE.fullmatch(found[1]) else Likelihood.LOOSE
        facts = _facts(found[1]) | {"extension": found[2]}
        yield NumberCheck(NumberKind.PHONE_VIRTUAL, True, (NumberReason.PHONE_VIRTUAL.value,), facts, sure)
    yield from _abroad(written)
    if found := _LANDLINE.fullmatch(written):
        # 09x is no area code of three digits, so ten digits that begin with it are rather a mobile number of Taiwan.
        sure = Likelihood.LOOSE if re.fullmatch(r"09[0-9]{8}", written) else Likelihood.SHAPED
        facts = _facts(f"{found[1]}-{found[2]}") | {"area": found[1], "extension": found[3]}
        yield NumberCheck(NumberKind.PHONE_LANDLINE, True, (), facts, sure)
    if found := _SERVICE.fullmatch(written):
        yield NumberCheck(NumberKind.PHONE_SERVICE, True, (), {"number": "-".join(found.groups()), "masked": "-".join(found.groups())})


def _abroad(written: str) -> Iterator[NumberCheck]:
    for kind, shape, prefix in ((NumberKind.PHONE_HONG_KONG, _HONG_KONG, "+852"), (NumberKind.PHONE_MACAO, _MACAO, "+853")):
        if found := shape.fullmatch(written):
            yield _check(kind, f"{prefix}{found[2]}{found[3]}", Likelihood.SHAPED if found[1] else Likelihood.LOOSE)
    if found := _TAIWAN.fullmatch(written):
        yield _check(NumberKind.PHONE_TAIWAN, f"+886{found[1]}{found[2]}{found[3]}")


def _check(kind: NumberKind, number: str, likelihood: Likelihood = Likelihood.SHAPED) -> NumberCheck:
    return NumberCheck(kind, True, (), _facts(number), likelihood)


def _facts(number: str) -> dict[str, Fact]:
    return {"number": number, "masked": mask_phone(number)}
