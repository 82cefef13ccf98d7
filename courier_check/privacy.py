"""One mask everywhere (domain.md §11.3): document numbers show the first 1 and the last 2 characters, phones the first 3 and the last 4,
names their first character. Nothing shown, printed or exported together may rebuild a number."""

from __future__ import annotations


def mask_number(number: str) -> str:
    """`41010519900307123X` → `4***************3X`; six characters or fewer are masked whole."""
    return "*" * len(number) if len(number) <= 6 else f"{number[0]}{'*' * (len(number) - 3)}{number[-2:]}"


def mask_phone(phone: str) -> str:
    """`13800001234` → `138****1234`; eight characters or fewer are masked whole."""
    return "*" * len(phone) if len(phone) <= 8 else f"{phone[:3]}{'*' * (len(phone) - 7)}{phone[-4:]}"


def mask_name(name: str) -> str:
    """`王小明` → `王**`, `SMITH, JOHN` → `S**********`; a single character is masked."""
    name = name.strip()
    return "*" * len(name) if len(name) <= 1 else name[0] + "*" * (len(name) - 1)
