"""通行证, 护照, 军警证件, and the permanent residence card of 2017: numbers with a shape; only the last has a check digit.

domain.md §5.3–5.6.
"""

from __future__ import annotations

import re

from courier_check.errors import Fact
from courier_check.identity.checksums import weighted_731
from courier_check.identity.codes import NumberReason
from courier_check.identity.number_check import Likelihood, NumberCheck, NumberKind
from courier_check.identity.text import halfwidth, plain
from courier_check.privacy import mask_number

_FPR_2017 = re.compile(r"([A-Z]{3})[0-9]{12}")
_HM_PERMIT = re.compile(r"([HM])([A-Z0-9])([0-9]{7})([0-9]{2})?")
_TW_PERMIT = re.compile(r"([0-9]{8})(-?[0-9]{2})?(\([A-Z0-9]{1,2}\))?")
_TW_SINGLE = re.compile(r"[A-Z][0-9]{7,8}")
_TWO_WAY = re.compile(r"C[0-9]{8}|C[A-HJ-NP-Z][0-9]{7}")
_PASSPORT_CHN = re.compile(r"E[0-9]{8}|E[A-HJ-NP-Z][0-9]{7}|G[0-9]{8}|[DSP]E?[0-9]{7,8}|1[45][0-9]{7}")
_PASSPORT_HKG = re.compile(r"[HK][A-J]?[0-9]{7,8}")
_PASSPORT_MAC = re.compile(r"M[AB][0-9]{7}")
_PASSPORT_OTHER = re.compile(r"[A-Z0-9]{5,12}")
_MILITARY = re.compile(r"[\u4e00-\u9fa5A-Z]{0,6}第?[0-9]{4,10}号?")
_MILITARY_MARK = re.compile(r"[\u4e00-\u9fa5]")


def check_fpr_2017(text: str) -> NumberCheck | None:
    """外国人永久居留身份证 of 2017: three letters and twelve digits. The check digit's rule is [忆], so it only warns."""
    number = plain(text)
    found = _FPR_2017.fullmatch(number)
    if found is None:
        return None
    holds = weighted_731(number[:14]) == number[14]
    reasons = () if holds else (NumberReason.CHECK_DIGIT_UNSURE.value,)
    facts = _facts(number, version=2017, country_code=found[1])
    return NumberCheck(NumberKind.FPR_CARD, True, reasons, facts, Likelihood.CHECKED if holds else Likelihood.SHAPED)


def check_hm_permit(text: str) -> NumberCheck | None:
    """港澳居民来往内地通行证: H or M, eight characters for life, and on the 1999 card two digits that count renewals."""
    found = _HM_PERMIT.fullmatch(plain(text))
    if found is None:
        return None
    unsure = found[2].isalpha()
    facts = _facts(found[1] + found[2] + found[3], from_region="香港" if found[1] == "H" else "澳门", renewals=_count(found[4]))
    reasons = (NumberReason.SERIES_UNSURE.value,) if unsure else ()
    return NumberCheck(NumberKind.HM_PERMIT, True, reasons, facts, Likelihood.LOOSE if unsure else Likelihood.SHAPED)


def check_tw_permit(text: str) -> NumberCheck | None:
    """台湾居民来往大陆通行证: eight digits for life, on old booklets two more that count renewals and a sign of the issuer in brackets."""
    number = halfwidth(text)
    found = _TW_PERMIT.fullmatch(number)
    if found is not None:
        distinct = "-" in number or found[3] is not None
        renewals = _count(found[2].removeprefix("-")) if found[2] else None
        facts = _facts(found[1], renewals=renewals)
        return NumberCheck(NumberKind.TW_PERMIT, True, (), facts, Likelihood.SHAPED if distinct else Likelihood.LOOSE)
    if _TW_SINGLE.fullmatch(plain(text)):
        reasons = (NumberReason.SERIES_UNSURE.value,)
        return NumberCheck(NumberKind.TW_PERMIT, True, reasons, _facts(plain(text), single_use=True), Likelihood.LOOSE)
    return None


def check_two_way_permit(text: str) -> NumberCheck | None:
    """往来港澳通行证 of mainland residents: known so that a clerk who is shown the wrong permit hears which one is right."""
    number = plain(text)
    if not _TWO_WAY.fullmatch(number):
        return None
    return NumberCheck(NumberKind.TWO_WAY_PERMIT, True, (NumberReason.TWO_WAY_PERMIT.value,), _facts(number, holder="内地居民"))


def check_passport(text: str) -> NumberCheck | None:
    """护照. The shapes of China's, Hong Kong's and Macao's are [忆]; any other 5–12 letters and digits pass as foreign."""
    number = plain(text)
    shapes = (("CHN", _PASSPORT_CHN), ("HKG", _PASSPORT_HKG), ("MAC", _PASSPORT_MAC))
    issuer = next((country for country, shape in shapes if shape.fullmatch(number)), None)
    if issuer is not None:
        return NumberCheck(NumberKind.PASSPORT, True, (), _facts(number, issuer=issuer))
    if not _PASSPORT_OTHER.fullmatch(number) or number.isalpha():
        return None
    return NumberCheck(NumberKind.PASSPORT, True, (), _facts(number, issuer=None), Likelihood.LOOSE)


def check_military(text: str) -> NumberCheck | None:
    """军人、武警身份证件: formats vary and the shape is [忆]. Bare digits fit it too, so only a Chinese word makes it likely."""
    number = plain(text)
    if not _MILITARY.fullmatch(number):
        return None
    return NumberCheck(
        NumberKind.MILITARY, True, (), _facts(number), Likelihood.SHAPED if _MILITARY_MARK.search(number) else Likelihood.LOOSE
    )


def _facts(number: str, **more: Fact) -> dict[str, Fact]:
    return {"number": number, "masked": mask_number(number), **more}


def _count(digits: str | None) -> int | None:
    return None if digits is None else int(digits)
