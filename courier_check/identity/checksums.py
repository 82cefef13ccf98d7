"""Check characters of the standards the numbers follow. Arguments are ASCII digits or capital letters, already stripped."""

from __future__ import annotations

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100: 31 characters, without I O S V Z."""

_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS = "10X98765432"
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_BASE36 = {character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")} | {"<": 0}


def resident_check(first17: str) -> str:
    """GB 11643 (ISO 7064 MOD 11-2): the 18th character of a resident number."""
    return _RESIDENT_CHECKS[sum(weight * int(digit) for weight, digit in zip(_RESIDENT_WEIGHTS, first17, strict=True)) % 11]


def organisation_check(first8: str) -> str:
    """GB 11714: the ninth character of an organisation code."""
    left = (11 - sum(weight * _BASE36[character] for weight, character in zip(_ORG_WEIGHTS, first8, strict=True)) % 11) % 11
    return "X" if left == 10 else str(left)


def uscc_check(first17: str) -> str:
    """GB 32100: the 18th character of a unified social credit code, over its alphabet of 31."""
    total = sum(weight * USCC_ALPHABET.index(character) for weight, character in zip(_USCC_WEIGHTS, first17, strict=True))
    return USCC_ALPHABET[-total % 31]


def registration_check(first14: str) -> str:
    """ISO 7064 MOD 11,10: the 15th digit of an old business registration number."""
    product = 10
    for digit in first14:
        total = (product + int(digit)) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)


def weighted_731(characters: str) -> str:
    """ICAO 9303: weights 7 3 1 in turn, A=10 … Z=35, `<`=0, modulo 10."""
    return str(sum((7, 3, 1)[place % 3] * _BASE36[character] for place, character in enumerate(characters)) % 10)
