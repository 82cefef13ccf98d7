"""Machine-readable zones: the vectors of domain.md §5.5 and zones made up here."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.identity.checksums import weighted_731
from courier_check.identity.mrz import MachineReadable, check_mrz
from courier_check.identity.number_check import NumberKind
from courier_check.identity.numbers import check_number

TODAY = date(2026, 11, 23)
TD3 = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
TD3_NAMES = "P<UTOERIKSSON<<ANNA<MARIA".ljust(44, "<")
CHINESE = "EA12345676CHN9003071F3003068<<<<<<<<<<<<<<08"
TD1 = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6")

letters = st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=12)
numbers = st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=9)


def checked(field: str) -> str:
    return field + weighted_731(field)


def td3(*, number: str, born_on: date, valid_until: date, surname: str = "SAMPLE", given_names: str = "") -> str:
    first = f"P<UTO{surname}<<{given_names}".ljust(44, "<")
    parts = checked(number.ljust(9, "<")), checked(f"{born_on:%y%m%d}"), checked(f"{valid_until:%y%m%d}"), checked("<" * 14)
    composite = weighted_731("".join(parts))
    return f"{first}\n{parts[0]}UTO{parts[1]}F{parts[2]}{parts[3]}{composite}"


def td1(*, number: str, born_on: date, valid_until: date) -> str:
    first = f"I<UTO{checked(number.ljust(9, '<'))}".ljust(30, "<")
    birth, expiry = checked(f"{born_on:%y%m%d}"), checked(f"{valid_until:%y%m%d}")
    composite = weighted_731(first[5:] + birth + expiry + "<" * 11)
    return f"{first}\n{birth}M{expiry}UTO{'<' * 11}{composite}\n{'SAMPLE<<ANNA'.ljust(30, '<')}"


@pytest.mark.parametrize(
    ("zone", "layout", "number", "nationality", "born_on"),
    [
        (TD3, "TD3", "L898902C3", "UTO", "1974-08-12"),
        (TD3_NAMES + "\n" + TD3, "TD3", "L898902C3", "UTO", "1974-08-12"),
        (CHINESE, "TD3", "EA1234567", "CHN", "1990-03-07"),
        ("\n".join(TD1), "TD1", "D23145890", "UTO", "1974-08-12"),
        ("".join(TD1) + "ERIKSSON<<ANNA<MARIA<<<<<<<<<<", "TD1", "D23145890", "UTO", "1974-08-12"),
    ],
)
def test_zone_is_read_and_its_checks_hold(zone: str, layout: str, number: str, nationality: str, born_on: str) -> None:
    found = check_number(zone, TODAY)[0]
    assert (found.kind, found.valid) == (NumberKind.MRZ, True)
    facts = (found.facts["layout"], found.facts["number"], found.facts["nationality"], found.facts["born_on"], found.facts["sex"])
    assert facts == (layout, number, nationality, born_on, "女")


def test_names_come_from_their_line() -> None:
    found = check_mrz(TD3_NAMES + TD3, TODAY)
    assert found is not None
    assert (found.facts["surname"], found.facts["given_names"]) == ("ERIKSSON", "ANNA MARIA")


def test_expired_zone_is_valid_as_a_number_and_says_so() -> None:
    found = check_mrz(TD3, TODAY)
    assert found is not None
    assert (found.valid, found.reasons, found.facts["valid_until"]) == (True, ("mrz-expired",), "2012-04-15")


def test_zone_is_not_expired_on_its_last_day() -> None:
    found = check_mrz(TD3, date(2012, 4, 15))
    assert found is not None
    assert found.reasons == ()


@pytest.mark.parametrize(
    ("place", "reason"),
    [(0, "mrz-check-number"), (13, "mrz-check-birth"), (21, "mrz-check-expiry"), (28, "mrz-check-personal"), (43, "mrz-check-composite")],
)
def test_a_misread_character_is_told_by_its_field(place: int, reason: str) -> None:
    other = "8" if TD3[place] != "8" else "7"
    found = check_mrz(TD3[:place] + other + TD3[place + 1 :], TODAY)
    assert found is not None
    assert not found.valid
    assert reason in found.reasons


def test_an_empty_personal_number_may_have_no_check_digit() -> None:
    zone = td3(number="AB1234567", born_on=date(1990, 3, 7), valid_until=date(2030, 3, 6))
    bare = zone[:-2] + "<"
    bare += weighted_731(bare[-43:-33] + bare[-30:-23] + bare[-22:])
    found = check_mrz(bare, TODAY)
    assert found is not None
    assert found.valid


def test_unknown_day_of_birth_is_no_fault() -> None:
    parts = checked("AB1234567"), checked("74<<<<"), checked("300306"), checked("<" * 14)
    zone = f"{parts[0]}UTO{parts[1]}F{parts[2]}{parts[3]}{weighted_731(''.join(parts))}"
    found = check_mrz(zone, TODAY)
    assert found is not None
    assert (found.valid, found.facts["born_on"]) == (True, None)


def test_a_card_number_longer_than_nine_runs_on() -> None:
    long = checked("D23145890734")
    first = f"I<UTO{long[:9]}<{long[9:]}".ljust(30, "<")
    composite = weighted_731(first[5:] + "7408122" + "1204159" + "<" * 11)
    found = check_mrz(f"{first}\n7408122F1204159UTO{'<' * 11}{composite}", TODAY)
    assert found is not None
    assert (found.valid, found.facts["number"]) == (True, "D23145890734")


def test_layout_of_permits_is_called_unsure() -> None:
    zone = td1(number="C12345678", born_on=date(1990, 3, 7), valid_until=date(2030, 3, 6)).replace("I<UTO", "C<CHN")
    found = check_mrz(zone, TODAY)
    assert found is not None
    assert found.reasons == ("mrz-layout-unsure",)


def test_representation_masks_the_number() -> None:
    assert "L898902C3" not in repr(MachineReadable.find(TD3))


@given(
    number=numbers,
    surname=letters,
    given_names=letters,
    born_on=st.dates(min_value=date(1927, 1, 1), max_value=TODAY),
    valid_until=st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)),
)
def test_passport_zone_round_trips(number: str, surname: str, given_names: str, born_on: date, valid_until: date) -> None:
    zone = MachineReadable.find(td3(number=number, born_on=born_on, valid_until=valid_until, surname=surname, given_names=given_names))
    assert zone is not None
    assert zone.failed == ()
    assert (zone.number, zone.surname, zone.given_names) == (number, surname, given_names)
    assert (zone.born_on(TODAY), zone.valid_until) == (born_on, valid_until)


@given(numbers, st.dates(min_value=date(1927, 1, 1), max_value=TODAY), st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)))
def test_card_zone_round_trips(number: str, born_on: date, valid_until: date) -> None:
    zone = MachineReadable.find(td1(number=number, born_on=born_on, valid_until=valid_until))
    assert zone is not None
    assert zone.failed == ()
    assert (zone.number, zone.born_on(TODAY), zone.valid_until) == (number, born_on, valid_until)


@given(st.sampled_from([44, 60, 88, 90]).flatmap(lambda size: st.text(alphabet="AB019<", min_size=size, max_size=size)))
def test_any_text_of_a_zone_s_length_is_judged(text: str) -> None:
    assert check_mrz(text, TODAY) is not None
