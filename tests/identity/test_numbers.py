"""Every vector of domain.md §5 comes out as stated there. All numbers are made up or published examples."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.identity.checksums import USCC_ALPHABET, organisation_check, resident_check, uscc_check
from courier_check.identity.documents import DocumentType
from courier_check.identity.number_check import NumberCheck, NumberKind
from courier_check.identity.numbers import check_document_number, check_number, normalise_number
from courier_check.identity.regions import Regions
from courier_check.store.resources import read_resource

TODAY = date(2026, 11, 23)
REGIONS = Regions.parse(read_resource("regions.json"))
DIGITS = "0123456789"

births = st.dates(min_value=date(1920, 1, 1), max_value=TODAY)
digits = st.text(alphabet=DIGITS)


def check(text: str) -> tuple[NumberCheck, ...]:
    return check_number(text, TODAY, REGIONS)


def likeliest(text: str) -> NumberCheck:
    return check(text)[0]


def as_kind(text: str, kind: NumberKind) -> NumberCheck | None:
    return next((found for found in check(text) if found.kind is kind), None)


@st.composite
def resident_numbers(draw: st.DrawFn) -> str:
    region = draw(st.sampled_from(["410105", "410102", "110101", "440524", "810000", "999999"]))
    first17 = f"{region}{draw(births):%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return first17 + resident_check(first17)


@st.composite
def credit_codes(draw: st.DrawFn) -> str:
    region = draw(st.integers(100000, 659999))
    body = draw(st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=8, max_size=8))
    first17 = f"{draw(st.sampled_from(['91', '92', '12', '51']))}{region}{body}{organisation_check(body)}"
    return first17 + uscc_check(first17)


@pytest.mark.parametrize(
    ("number", "born_on", "sex", "region"),
    [
        ("11010519491231002X", "1949-12-31", "女", "北京市朝阳区"),
        ("440524188001010014", "1880-01-01", "男", "广东省汕头市潮阳县"),
        ("110101199003077758", "1990-03-07", "男", "北京市东城区"),
        ("41010519900307123X", "1990-03-07", "男", "河南省郑州市金水区"),
        ("410102200002290015", "2000-02-29", "男", "河南省郑州市中原区"),
    ],
)
def test_valid_resident_number_tells_birth_sex_and_region(number: str, born_on: str, sex: str, region: str) -> None:
    found = likeliest(number)
    assert (found.kind, found.valid) == (NumberKind.RESIDENT_ID, True)
    assert (found.facts["born_on"], found.facts["sex"], found.facts["region"]) == (born_on, sex, region)


def test_someone_born_in_1880_is_only_warned_about() -> None:
    assert likeliest("440524188001010014").reasons == ("number-age-unlikely",)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("410105199003077654", "number-check-digit"),
        ("410105199002300019", "number-birth-impossible"),
    ],
)
def test_wrong_resident_number_says_why(number: str, reason: str) -> None:
    found = likeliest(number)
    assert (found.kind, found.valid) == (NumberKind.RESIDENT_ID, False)
    assert reason in found.reasons


@pytest.mark.parametrize(
    "written",
    [
        "41010519900307123x",
        "４１０１０５１９９００３０７１２３Ｘ",
        " 410105 19900307 123X ",
        "410105-19900307-123x",
        "410105–19900307–123X",
    ],
)
def test_resident_number_is_read_however_it_is_written(written: str) -> None:
    found = likeliest(written)
    assert found.valid
    assert found.facts["number"] == "41010519900307123X"


def test_facts_carry_age_and_the_one_mask() -> None:
    facts = likeliest("41010519900307123X").facts
    assert (facts["age"], facts["masked"]) == (36, "4***************3X")


def test_age_is_full_on_the_birthday() -> None:
    number = "41010519900307123X"
    ages = [check_number(number, day, REGIONS)[0].facts["age"] for day in (date(2026, 3, 6), date(2026, 3, 7))]
    assert ages == [35, 36]


def test_a_birth_date_after_today_is_invalid() -> None:
    found = check_number("41010519900307123X", date(1990, 3, 6), REGIONS)[0]
    assert (found.valid, found.reasons, found.facts["age"]) == (False, ("number-birth-future",), None)


@pytest.mark.parametrize(
    ("old", "new"),
    [("110105491231002", "11010519491231002X"), ("410105620101001", "410105196201010012")],
)
def test_old_number_of_15_digits_is_brought_up_and_called_retired(old: str, new: str) -> None:
    found = likeliest(old)
    assert found.kind is NumberKind.RESIDENT_ID
    assert found.reasons == ("number-old-15-digits",)
    assert (found.facts["number"], found.facts["old_number"]) == (new, old)


@pytest.mark.parametrize("code", ["410171", "410172", "410173"])
def test_statistical_code_of_a_development_zone_only_warns(code: str) -> None:
    first17 = f"{code}19900307123"
    found = likeliest(first17 + resident_check(first17))
    assert (found.valid, found.reasons) == (True, ("number-region-statistical",))


def test_unknown_region_only_warns() -> None:
    first17 = "41999919900307123"
    found = likeliest(first17 + resident_check(first17))
    assert (found.valid, found.reasons, found.facts["region"]) == (True, ("number-region-unknown",), None)


def test_nothing_is_said_about_regions_without_the_table() -> None:
    found = check_number("41010519900307123X", TODAY)[0]
    assert (found.valid, found.reasons, found.facts["region"]) == (True, (), None)


@pytest.mark.parametrize("number", ["4101051990030712312", "41010519900307123"])
def test_one_digit_too_many_or_too_few_is_told_as_such(number: str) -> None:
    found = likeliest(number)
    assert (found.kind, found.valid, found.reasons) == (NumberKind.RESIDENT_ID, False, ("number-length",))


@pytest.mark.parametrize("number", ["810000199408230021", "820000199408230015", "830000199201300022"])
def test_residence_permits_of_hong_kong_macao_and_taiwan(number: str) -> None:
    found = likeliest(number)
    assert (found.kind, found.valid, found.reasons) == (NumberKind.HMT_RESIDENCE, True, ())


def test_permanent_residence_card_of_2023_tells_country_and_birth() -> None:
    found = likeliest("911124198108030024")
    assert (found.kind, found.valid) == (NumberKind.FPR_CARD, True)
    assert (found.facts["version"], found.facts["country_code"], found.facts["born_on"]) == (2023, "124", "1981-08-03")
    assert found.facts["region"] == "北京市"


def test_permanent_residence_card_of_2017_only_warns_on_its_check_digit() -> None:
    right, wrong = likeliest("CAN110081080310"), likeliest("CAN110081080311")
    assert (right.kind, right.valid, right.reasons) == (NumberKind.FPR_CARD, True, ())
    assert (wrong.kind, wrong.valid, wrong.reasons) == (NumberKind.FPR_CARD, True, ("number-check-digit-unsure",))


@pytest.mark.parametrize(
    ("text", "kind", "facts"),
    [
        ("H12345678", NumberKind.HM_PERMIT, {"number": "H12345678", "from_region": "香港", "renewals": None}),
        ("M1234567802", NumberKind.HM_PERMIT, {"number": "M12345678", "from_region": "澳门", "renewals": 2}),
        ("02702256-03", NumberKind.TW_PERMIT, {"number": "02702256", "renewals": 3}),
        ("02702256", NumberKind.TW_PERMIT, {"number": "02702256", "renewals": None}),
        ("0270225603(A)", NumberKind.TW_PERMIT, {"number": "02702256", "renewals": 3}),
        ("02702256(35)", NumberKind.TW_PERMIT, {"number": "02702256", "renewals": None}),
        ("C12345678", NumberKind.TWO_WAY_PERMIT, {"number": "C12345678"}),
        ("CA0000001", NumberKind.TWO_WAY_PERMIT, {"number": "CA0000001"}),
        ("E12345678", NumberKind.PASSPORT, {"issuer": "CHN"}),
        ("EA1234567", NumberKind.PASSPORT, {"issuer": "CHN"}),
        ("G12345678", NumberKind.PASSPORT, {"issuer": "CHN"}),
        ("PE1234567", NumberKind.PASSPORT, {"issuer": "CHN"}),
        ("K12345678", NumberKind.PASSPORT, {"issuer": "HKG"}),
        ("MA1234567", NumberKind.PASSPORT, {"issuer": "MAC"}),
        ("L898902C3", NumberKind.PASSPORT, {"issuer": None}),
        ("军字第1234567号", NumberKind.MILITARY, {"number": "军字第1234567号"}),
    ],
)
def test_permits_and_passports_are_told_by_their_shape(text: str, kind: NumberKind, facts: dict[str, object]) -> None:
    found = likeliest(text)
    assert (found.kind, found.valid) == (kind, True)
    assert facts.items() <= dict(found.facts).items()


def test_two_way_permit_says_that_it_is_the_wrong_document() -> None:
    assert likeliest("C12345678").reasons == ("number-two-way-permit",)


@pytest.mark.parametrize(
    "code",
    ["91350100M000100Y43", "91110000802100433B", "91440300708461136T", "91330100799655058B", "91410100MA44TUW1X4", "92410105MA45XK7P25"],
)
def test_valid_credit_code(code: str) -> None:
    found = likeliest(code)
    assert (found.kind, found.valid, found.reasons) == (NumberKind.USCC, True, ())


def test_credit_code_tells_region_kind_and_organisation_code() -> None:
    facts = likeliest("９１４１０１００－MA44TUW1-X4").facts
    assert (facts["region"], facts["organisation"], facts["org_code"]) == ("河南省郑州市", "enterprise", "MA44TUW1-X")


def test_letters_a_credit_code_never_uses_are_told_with_the_repair() -> None:
    found = likeliest("914IO100MA44TUW1X4")
    assert (found.kind, found.valid, found.reasons) == (NumberKind.USCC, False, ("number-confusable",))
    assert (found.facts["confusable"], found.facts["repair"]) == ("IO", "91410100MA44TUW1X4")


def test_no_repair_is_offered_where_none_makes_the_code_right() -> None:
    assert likeliest("914IO100MA44TUW1X5").facts["repair"] is None


def test_letters_beyond_repair_cost_no_time() -> None:
    assert likeliest("91" + "O" * 16).facts["repair"] is None


@pytest.mark.parametrize("code", ["D2143569X", "59467239-9", "M000100Y4", "D2143569-X"])
def test_valid_organisation_code(code: str) -> None:
    found = as_kind(code, NumberKind.ORG_CODE)
    assert found is not None
    assert found.valid


def test_wrong_organisation_code_with_its_hyphen_is_told() -> None:
    found = as_kind("59467239-8", NumberKind.ORG_CODE)
    assert found is not None
    assert found.reasons == ("number-check-digit",)


def test_old_business_registration_number() -> None:
    found = likeliest("110108000000016")
    assert (found.kind, found.valid) == (NumberKind.BUSINESS_REGISTRATION, True)
    wrong = as_kind("110108000000017", NumberKind.BUSINESS_REGISTRATION)
    assert wrong is not None
    assert not wrong.valid


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("13800001234", NumberKind.PHONE_MOBILE, "13800001234"),
        ("+86 138-0000-1234", NumberKind.PHONE_MOBILE, "13800001234"),
        ("0371-66001234", NumberKind.PHONE_LANDLINE, "0371-66001234"),
        ("(010)12345678", NumberKind.PHONE_LANDLINE, "010-12345678"),
        ("0371-66001234-802", NumberKind.PHONE_LANDLINE, "0371-66001234"),
        ("400-123-4567", NumberKind.PHONE_SERVICE, "400-123-4567"),
        ("8001234567", NumberKind.PHONE_SERVICE, "800-123-4567"),
        ("+852 6123 4567", NumberKind.PHONE_HONG_KONG, "+85261234567"),
        ("+85361234567", NumberKind.PHONE_MACAO, "+85361234567"),
        ("0912345678", NumberKind.PHONE_TAIWAN, "+886912345678"),
        ("+886912345678", NumberKind.PHONE_TAIWAN, "+886912345678"),
        ("13800001234-1234", NumberKind.PHONE_VIRTUAL, "13800001234"),
        ("13800001234转123", NumberKind.PHONE_VIRTUAL, "13800001234"),
        ("13800001234，1234", NumberKind.PHONE_VIRTUAL, "13800001234"),
    ],
)
def test_telephone_numbers(text: str, kind: NumberKind, number: str) -> None:
    found = likeliest(text)
    assert (found.kind, found.valid, found.facts["number"]) == (kind, True, number)


@pytest.mark.parametrize("text", ["12800001234", "1380000123", "138000012345"])
def test_what_is_no_mobile_number_is_not_told_as_one(text: str) -> None:
    assert as_kind(text, NumberKind.PHONE_MOBILE) is None


def test_eight_digits_may_be_hong_kong_macao_or_a_permit() -> None:
    kinds = {found.kind for found in check("61234567")}
    assert kinds >= {NumberKind.PHONE_HONG_KONG, NumberKind.PHONE_MACAO, NumberKind.TW_PERMIT}


@pytest.mark.parametrize("text", ["", "   ", "你好", "HELLO", "-", "\x00", "٠١٢٣٤٥٦٧٨٩", "1" * 5000, "\U0001f600" * 40])
def test_text_that_is_no_number_has_no_candidates(text: str) -> None:
    assert check(text) == ()


@pytest.mark.parametrize(
    ("kind", "written", "stored"),
    [
        (DocumentType.RESIDENT_ID, "410105 19900307 123x", "41010519900307123X"),
        (DocumentType.RESIDENT_ID, "110105491231002", "11010519491231002X"),
        (DocumentType.HM_PERMIT, "h1234567802", "H12345678"),
        (DocumentType.TW_PERMIT, "02702256-03", "02702256"),
        (DocumentType.FOREIGN_PASSPORT, "l898902c3", "L898902C3"),
        (DocumentType.FOREIGN_PASSPORT, "110105491231002", "110105491231002"),
        (DocumentType.OTHER, "第 12-34 号", "第1234号"),
    ],
)
def test_numbers_are_stored_one_way(kind: DocumentType, written: str, stored: str) -> None:
    assert normalise_number(kind, written) == stored


def test_a_number_of_another_kind_has_not_the_shape_of_the_document() -> None:
    found = check_document_number(DocumentType.HM_PERMIT, "C12345678", TODAY)
    assert found is not None
    assert (found.valid, found.reasons) == (False, ("number-shape",))


def test_representation_shows_no_number() -> None:
    assert "19900307" not in repr(likeliest("41010519900307123X"))


@given(st.one_of(st.text(max_size=100), st.text(alphabet="0123456789XCHMEIOSVZ<-()转 ", max_size=95)))
def test_checking_never_crashes_and_is_deterministic(text: str) -> None:
    first, again = check(text), check(text)
    assert first == again
    assert all(earlier.likelihood >= later.likelihood for earlier, later in pairwise(first))


@given(st.sampled_from(DocumentType), st.text(max_size=40))
def test_normalising_twice_changes_nothing(kind: DocumentType, text: str) -> None:
    once = normalise_number(kind, text)
    assert normalise_number(kind, once) == once


@given(resident_numbers())
def test_a_generated_resident_number_is_valid(number: str) -> None:
    assert likeliest(number).valid


@given(resident_numbers(), st.integers(0, 17), st.sampled_from(DIGITS + "X"))
def test_any_one_changed_digit_makes_a_resident_number_invalid(number: str, place: int, digit: str) -> None:
    changed = number[:place] + digit + number[place + 1 :]
    resident = {NumberKind.RESIDENT_ID, NumberKind.HMT_RESIDENCE, NumberKind.FPR_CARD}
    assert changed == number or not any(found.valid for found in check(changed) if found.kind in resident)


@given(credit_codes())
def test_a_generated_credit_code_is_valid(code: str) -> None:
    found = as_kind(code, NumberKind.USCC)
    assert found is not None
    assert found.valid


@given(credit_codes(), st.integers(0, 17), st.sampled_from(USCC_ALPHABET))
def test_any_one_changed_character_makes_a_credit_code_invalid(code: str, place: int, character: str) -> None:
    changed = code[:place] + character + code[place + 1 :]
    found = as_kind(changed, NumberKind.USCC)
    assert changed == code or found is None or not found.valid
