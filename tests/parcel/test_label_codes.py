"""Parties in a label's code: the documented form is read, everything else is left alone. Everybody in it is made up."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.parcel.label_codes import CodedParty, read_label_code

SSCC = "106141412345678908"
GS = "\x1d"
TO = {"4301": "李样例", "4302": "样例路 2 号", "4305": "样例市", "4306": "样例省", "4307": "CN", "4308": "+8613900005678"}
BACK = {"4310": "样例商贸", "4311": "王思远", "4312": "样例街 1 号", "4315": "郑州市", "4317": "CN", "4319": "13800001234"}


def written(fields: dict[str, str]) -> dict[str, str]:
    return {key: value if key in ("4307", "4308", "4317", "4319") else quote(value) for key, value in fields.items()}


def transmitted(fields: dict[str, str]) -> str:
    return f"00{SSCC}" + GS.join(f"{key}{value}" for key, value in written(fields).items())


def test_a_label_code_names_both_parties() -> None:
    label = read_label_code(transmitted(TO | BACK))
    assert label is not None
    assert label.sscc == SSCC
    assert label.addressee == CodedParty("李样例", "+8613900005678", "样例省样例市样例路 2 号", "CN")
    assert label.sender == CodedParty("王思远", "13800001234", "郑州市样例街 1 号", "CN")
    assert "李样例" not in repr(label)


@pytest.mark.parametrize("prefix", ["]Q3", "]d2", GS, f"]C1{GS}"])
def test_what_a_scanner_puts_in_front_is_no_part_of_it(prefix: str) -> None:
    assert read_label_code(prefix + transmitted(TO)) == read_label_code(transmitted(TO))


def test_the_printed_form_says_the_same() -> None:
    printed = f"(00){SSCC}" + "".join(f"({key}){value}" for key, value in written(TO).items())
    assert read_label_code(printed) == read_label_code(transmitted(TO))


def test_measures_and_other_elements_stand_between() -> None:
    text = f"00{SSCC}3300001500420450000{GS}4301{quote('李样例')}{GS}4300{quote('样例公司')}"
    label = read_label_code(text)
    assert label is not None
    assert label.addressee.name == "李样例"


def test_a_company_stands_for_its_contact_and_latin_addresses_are_parted() -> None:
    label = read_label_code(f"00{SSCC}4300Sample+GmbH{GS}4302Musterweg%201{GS}4305Berlin{GS}4307DE")
    assert label is not None
    assert label.addressee == CodedParty("Sample GmbH", "", "Musterweg 1, Berlin", "DE")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SF1010000000015",
        f"00{SSCC}",
        f"00{SSCC[:-1]}94301x",
        transmitted(TO).replace(SSCC, "106141412345678901"),
        f"00{SSCC}9999x",
        f"(00){SSCC}(4301)a(9999)x",
        f"(00){SSCC}x(4301)a",
        '{"name":"李样例"}',
        "4301李样例",
        f"00{SSCC}4301%FF%FE",
    ],
)
def test_any_other_text_stays_what_it_is(text: str) -> None:
    assert read_label_code(text) is None


@given(st.text(max_size=300))
def test_any_text_is_a_label_or_none(text: str) -> None:
    read_label_code(text)


@given(st.text("0123456789()]Q3%+\x1daé样", max_size=80))
def test_anything_behind_a_sound_beginning_is_a_label_or_none(text: str) -> None:
    read_label_code(f"00{SSCC}4301{text}")
