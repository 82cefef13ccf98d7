"""One mask everywhere (domain.md §11.3): document numbers show the first 1 and the last 2 characters, phones the first 3 and the last 4,
names their first character, addresses what lies above the street. Nothing shown, printed or exported together may rebuild a number."""

from __future__ import annotations

import re


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


_HIDDEN = "****"
"""As long for a short address as for a long one: the length of what is hidden would tell."""
_STREET = "路街巷弄号栋幢室村院"
# 省、自治区、特别行政区; 市、自治州、地区、盟; 市、区、县、旗: each at its place, once, and no longer than such names are. A name holds no
# letter of the level above, and no word of streets but as its first letter (路桥区). What goes on as a road, a market or an office (市场,
# 区政府), or ends as a housing estate does (小区), is no region.
_FIRST, _NAME = r"[^\W\da-zA-Z_]", rf"[^\W\da-zA-Z_省市县旗{_STREET}]"
_REGION_ENDS = r"(?!场|政府|[路街巷道](?!.{1,3}[区县]))"
_PROVINCE = rf"{_NAME}{{2,6}}?(?:省|自治区|特别行政区)"
_CITY = rf"(?:{_NAME}{{1,4}}?市|{_NAME}{{2,9}}?(?:自治州|地区|盟))"
_AREA = r"(?<![小社校厂院片街])区"
_COUNTY = rf"{_FIRST}(?:{_NAME}{{0,3}}?(?:市|县)|{_NAME}{{0,6}}?{_AREA}|{_NAME}{{1,14}}?自治县|{_NAME}{{0,10}}?旗)"
_ABOVE_THE_STREET = re.compile(
    rf"\s*(?:{_PROVINCE}{_REGION_ENDS}\s*)?(?:{_CITY}{_REGION_ENDS}\s*)?(?:{_COUNTY}{_REGION_ENDS})?",
)


def mask_address(address: str) -> str:
    """`河南省郑州市金水区花园路 1 号` → `河南省郑州市金水区****`: province, city and county where the address begins with them, and never
    more. In doubt it shows less: an address that begins otherwise is masked whole."""
    if not address.strip():
        return ""
    found = _ABOVE_THE_STREET.match(address)
    return ("".join(found[0].split()) if found else "") + _HIDDEN
