"""国家和地区: every code of ISO 3166-1, by letters and by its Chinese name."""

from __future__ import annotations

from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.countries import COUNTRIES, country_code
from courier_check.store.resources import read_resource


def test_the_codes_are_those_of_the_time_zone_database() -> None:
    text = resources.files("tzdata").joinpath("zoneinfo/iso3166.tab").read_text(encoding="utf-8")
    assert set(COUNTRIES) == {line[:2] for line in text.splitlines() if line and not line.startswith("#")}
    assert len(COUNTRIES) == 249


def test_every_name_is_of_one_country_and_finds_it() -> None:
    assert len(set(COUNTRIES.values())) == len(COUNTRIES)
    assert {zh: country_code(zh) for zh in COUNTRIES.values()} == {zh: code for code, zh in COUNTRIES.items()}


@pytest.mark.parametrize(
    ("text", "code"),
    [("ｊｐ ", "JP"), ("台湾", "TW"), ("刚果(金)", "CD"), ("刚果（金）", "CD"), ("uk", "GB"), ("CHN", "CHN"), ("  ", ""), ("德", "德")],
)
def test_what_people_write(text: str, code: str) -> None:
    assert country_code(text) == code


@given(st.text(max_size=40))
def test_any_text_is_a_code_or_stays_to_be_refused(text: str) -> None:
    assert isinstance(country_code(text), str)


def test_the_licence_of_the_names_is_shipped() -> None:
    assert b"Unicode-3.0" in read_resource("licences/unicode-cldr.txt")
