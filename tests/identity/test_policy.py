"""Which documents are valid, for whom, for which mail, on which day. Everyone here is made up."""

from __future__ import annotations

import json
import string
from dataclasses import replace
from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.identity.checksums import resident_check
from courier_check.identity.documents import DocumentType, IdentityDocument, Sex, Source
from courier_check.identity.policy import DocumentPolicy, needs_document, review_document
from courier_check.identity.regions import Regions
from courier_check.store.resources import read_resource
from courier_check.terms import Consequence, MailKind, Reason

TODAY = date(2026, 11, 23)
POLICY = DocumentPolicy.parse(read_resource("documents.json"))
REGIONS = Regions.parse(read_resource("regions.json"))
WORDING: dict[str, dict[str, str]] = json.loads(read_resource("wording/identity.json"))

NUMBERS = {
    DocumentType.RESIDENT_ID: "41010519900307123X",
    DocumentType.TEMPORARY_ID: "41010519900307123X",
    DocumentType.HUKOU: "41010519900307123X",
    DocumentType.HMT_RESIDENCE: "810000199408230021",
    DocumentType.FPR_CARD: "911124198108030024",
    DocumentType.HM_PERMIT: "H12345678",
    DocumentType.TW_PERMIT: "02702256",
    DocumentType.FOREIGN_PASSPORT: "L898902C3",
    DocumentType.OVERSEAS_PASSPORT: "EA1234567",
    DocumentType.PLA: "军字第1234567号",
    DocumentType.PAP: "武字第1234567号",
    DocumentType.OTHER: "12345",
    DocumentType.TWO_WAY_PERMIT: "C12345678",
    DocumentType.DRIVING_LICENCE: "41010519900307123X",
}
WITHOUT_AGE = [
    *(DocumentType.HM_PERMIT, DocumentType.TW_PERMIT, DocumentType.FOREIGN_PASSPORT, DocumentType.OVERSEAS_PASSPORT, DocumentType.OTHER)
]
"""Types whose numbers never tell the holder's age."""
NATIONALITIES = {DocumentType.FOREIGN_PASSPORT: "UTO", DocumentType.FPR_CARD: "CAN", DocumentType.OVERSEAS_PASSPORT: "CHN"}
VALID = [kind for kind in DocumentType if POLICY.documents[kind].standing.value == "accepted"]


def document(kind: DocumentType = DocumentType.RESIDENT_ID, **fields: object) -> IdentityDocument:
    """A document in order: issued 2020-01-01 for 20 years to someone born in 1990."""
    temporary = kind is DocumentType.TEMPORARY_ID
    mapping = {
        "type": kind.value,
        "name": "张三丰",
        "number": NUMBERS[kind],
        "valid_from": "2026-10-01" if temporary else "2020-01-01",
        "valid_until": "2027-01-01" if temporary else "2040-01-01",
        "nationality": NATIONALITIES.get(kind),
        "born_on": "1990-03-07" if kind in WITHOUT_AGE else None,
    }
    source = fields.pop("source", Source.TYPED)
    assert isinstance(source, Source)
    return IdentityDocument.from_mapping({**mapping, **fields}, source=source)


def review(shown: IdentityDocument, mail: MailKind = MailKind.PARCEL, today: date = TODAY) -> dict[str, Reason]:
    return {reason.code: reason for reason in review_document(POLICY, shown, mail, today, REGIONS)}


def born(years_ago: int, days: int = 0) -> str:
    day = date(TODAY.year - years_ago, TODAY.month, TODAY.day) + timedelta(days=days)
    first17 = f"410105{day:%Y%m%d}123"
    return first17 + resident_check(first17)


def test_only_loose_parcels_need_a_document() -> None:
    assert [kind for kind in MailKind if needs_document(POLICY, kind)] == [MailKind.PARCEL]


@pytest.mark.parametrize("kind", VALID)
def test_a_document_in_order_gives_no_reason(kind: DocumentType) -> None:
    assert review(document(kind)) == {}


@pytest.mark.parametrize("mail", [MailKind.LETTER, MailKind.AGREEMENT, MailKind.INSPECTION_MAILBOX])
def test_mail_that_needs_no_document_is_not_judged_by_one(mail: MailKind) -> None:
    reasons = review(document(valid_until="2020-01-02"), mail)
    assert [(code, reason.consequence) for code, reason in reasons.items()] == [("document-not-needed", Consequence.NOTE)]


@pytest.mark.parametrize(
    ("kind", "code"), [(DocumentType.TWO_WAY_PERMIT, "document-two-way-permit"), (DocumentType.DRIVING_LICENCE, "document-not-accepted")]
)
def test_documents_that_identify_no_sender_are_refused(kind: DocumentType, code: str) -> None:
    reasons = review(document(kind))
    assert [(reason.code, reason.consequence, reason.refusal) for reason in reasons.values()] == [(code, Consequence.REFUSE, "R02")]


@pytest.mark.parametrize("kind", [DocumentType.HUKOU, DocumentType.OTHER])
def test_the_household_register_and_other_documents_need_a_supervisor(kind: DocumentType) -> None:
    reasons = review(document(kind))
    assert [(reason.code, reason.consequence) for reason in reasons.values()] == [("document-needs-supervisor", Consequence.REFER)]


def test_the_last_day_of_validity_is_valid_and_the_next_is_not() -> None:
    shown = document(valid_until="2026-11-23")
    assert "document-expired" not in review(shown)
    expired = review(shown, today=TODAY + timedelta(days=1))["document-expired"]
    assert (expired.consequence, expired.refusal) == (Consequence.REFUSE, "R02")


def test_a_document_is_not_valid_before_its_first_day() -> None:
    assert review(document(valid_from="2026-11-24"))["document-not-yet-valid"].refusal == "R02"
    assert "document-not-yet-valid" not in review(document(valid_from="2026-11-23"))


def test_an_unknown_expiry_is_referred_unless_the_document_has_none() -> None:
    assert review(document(valid_until=None))["document-validity-unknown"].consequence is Consequence.REFER
    assert review(document(DocumentType.PLA, valid_until=None, valid_from=None)) == {}


def test_long_term_never_expires() -> None:
    assert review(document(number="410105196201010012", valid_until="长期")) == {}


def test_validity_that_ends_before_it_begins_is_referred() -> None:
    reasons = review(document(valid_from="2026-01-01", valid_until="2025-01-01"))
    assert reasons["document-validity-reversed"].consequence is Consequence.REFER


@pytest.mark.parametrize(
    ("number", "valid_from", "valid_until", "likely"),
    [
        ("41010519900307123X", "2020-01-01", "2040-01-01", True),
        ("41010519900307123X", "2020-01-01", "2030-01-01", False),
        ("41010519900307123X", "2020-01-01", "长期", False),
        ("41010519900307123X", "2016-03-06", "2026-12-06", False),
        ("410102200002290015", "2020-02-29", "2030-02-28", True),
        ("410102200002290015", "2020-02-29", "2030-03-01", True),
        ("410105196201010012", "2020-01-01", "2040-01-01", False),
    ],
)
def test_an_unlikely_term_is_only_noted(number: str, valid_from: str, valid_until: str, likely: bool) -> None:
    reasons = review(document(number=number, valid_from=valid_from, valid_until=valid_until))
    assert ("document-validity-unlikely" not in reasons) is likely
    assert all(reason.consequence is Consequence.NOTE for reason in reasons.values())


@pytest.mark.parametrize(
    ("valid_from", "valid_until", "code", "consequence"),
    [
        ("2026-08-23", None, None, None),
        ("2026-08-22", None, "document-temporary-term-over", Consequence.REFER),
        (None, None, "document-validity-unknown", Consequence.REFER),
        ("2026-08-22", "2026-11-22", "document-expired", Consequence.REFUSE),
        ("2026-10-01", "2027-06-01", "document-validity-unlikely", Consequence.NOTE),
    ],
)
def test_a_temporary_card_lasts_three_months(
    valid_from: str | None, valid_until: str | None, code: str | None, consequence: Consequence | None
) -> None:
    reasons = review(document(DocumentType.TEMPORARY_ID, valid_from=valid_from, valid_until=valid_until))
    assert [(reason.code, reason.consequence) for reason in reasons.values()] == ([(code, consequence)] if code else [])


def test_dates_at_the_calendar_s_end_are_judged() -> None:
    assert review(document(DocumentType.TEMPORARY_ID, valid_from="9999-12-01", valid_until=None))["document-not-yet-valid"].refusal == "R02"


@pytest.mark.parametrize("kind", [DocumentType.RESIDENT_ID, DocumentType.TEMPORARY_ID, DocumentType.HMT_RESIDENCE])
def test_a_resident_number_that_fails_its_check_is_refused_and_masked(kind: DocumentType) -> None:
    wrong = NUMBERS[kind][:17] + ("0" if NUMBERS[kind][17] != "0" else "1")
    reason = review(document(kind, number=wrong))["number-check-digit"]
    assert (reason.consequence, reason.refusal) == (Consequence.REFUSE, "R02")
    assert wrong not in str(reason.facts)


@pytest.mark.parametrize(
    ("kind", "number", "code", "consequence"),
    [
        (DocumentType.FPR_CARD, "CAN110081080311", "number-check-digit-unsure", Consequence.NOTE),
        (DocumentType.FPR_CARD, "911124198108030025", "number-check-digit", Consequence.REFER),
        (DocumentType.PLA, "士兵证", "number-shape", Consequence.NOTE),
        (DocumentType.FOREIGN_PASSPORT, "L8/98", "number-shape", Consequence.NOTE),
        (DocumentType.HM_PERMIT, "X12345678", "number-shape", Consequence.REFER),
        (DocumentType.HM_PERMIT, "HA1234567", "number-series-unsure", Consequence.NOTE),
        (DocumentType.RESIDENT_ID, "110105491231002", "number-old-15-digits", Consequence.REFER),
        (DocumentType.RESIDENT_ID, "410171199003071233", "number-region-statistical", Consequence.NOTE),
    ],
)
def test_other_numbers_weigh_as_much_as_their_rule_is_sure(kind: DocumentType, number: str, code: str, consequence: Consequence) -> None:
    assert review(document(kind, number=number))[code].consequence is consequence


def test_the_wrong_permit_is_known_by_its_number() -> None:
    refused = review(document(DocumentType.HM_PERMIT, number="C12345678"))["document-two-way-permit"]
    assert (refused.consequence, refused.refusal) == (Consequence.REFUSE, "R02")
    assert review(document(DocumentType.TW_PERMIT, number="C12345678"))["document-two-way-permit"].consequence is Consequence.REFER


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"born_on": "1990-03-08"}, "document-birth-conflict"),
        ({"born_on": "2027-01-01"}, "document-birth-future"),
        ({"sex": "女"}, "document-sex-conflict"),
        ({"name": None}, "document-name-missing"),
        ({"number": None}, "document-number-missing"),
    ],
)
def test_fields_that_conflict_or_lack_are_referred(fields: dict[str, object], code: str) -> None:
    assert review(document(**fields))[code].consequence is Consequence.REFER


def test_fields_that_agree_with_the_number_give_no_reason() -> None:
    assert review(document(born_on="1990-03-07", sex="男")) == {}


@pytest.mark.parametrize(
    ("kind", "nationality", "code"),
    [
        (DocumentType.FOREIGN_PASSPORT, None, "document-nationality-missing"),
        (DocumentType.FOREIGN_PASSPORT, "CHN", "document-nationality-conflict"),
        (DocumentType.FOREIGN_PASSPORT, "HKG", "document-nationality-conflict"),
        (DocumentType.OVERSEAS_PASSPORT, "CAN", "document-nationality-conflict"),
    ],
)
def test_nationality_agrees_with_the_kind_of_passport(kind: DocumentType, nationality: str | None, code: str) -> None:
    assert review(document(kind, nationality=nationality))[code].consequence is Consequence.REFER


@pytest.mark.parametrize(
    ("number", "code", "consequence"),
    [
        (born(14, days=1), "document-guardian-consent", Consequence.REFER),
        (born(14), "document-guardian-hint", Consequence.NOTE),
        (born(16, days=1), "document-guardian-hint", Consequence.NOTE),
    ],
)
def test_minors_need_consent_below_14_and_a_hint_below_16(number: str, code: str, consequence: Consequence) -> None:
    shown = document(number=number, valid_from="2026-01-01", valid_until="2031-01-01")
    assert [(reason.code, reason.consequence) for reason in review(shown).values()] == [(code, consequence)]


@pytest.mark.parametrize(("kind", "number"), [*((kind, NUMBERS[kind]) for kind in WITHOUT_AGE), (DocumentType.FPR_CARD, "CAN110081080310")])
def test_where_the_number_does_not_tell_the_age_the_birth_date_is_asked_for(kind: DocumentType, number: str) -> None:
    asked = review(document(kind, number=number, born_on=None))["document-birth-unknown"]
    assert (asked.consequence, asked.facts["age"]) == (Consequence.REFER, 14)
    assert "document-birth-unknown" not in review(document(kind, number=number, born_on="1990-03-07"))
    child = review(document(kind, number=number, born_on="2014-03-07"))
    assert child["document-guardian-consent"].consequence is Consequence.REFER


def test_an_unread_household_register_does_not_hide_a_child() -> None:
    assert "document-birth-unknown" in review(document(DocumentType.HUKOU, number=None))
    assert "document-birth-unknown" not in review(document(DocumentType.HUKOU))


def test_soldiers_are_grown_up() -> None:
    assert "document-birth-unknown" not in review(document(DocumentType.PLA))


def test_sixteen_is_grown_up() -> None:
    assert review(document(number=born(16), valid_from="2026-01-01", valid_until="2031-01-01")) == {}


def test_an_electronic_credential_is_refused_until_it_is_switched_on() -> None:
    shown = document(source=Source.CREDENTIAL)
    assert review(shown)["document-credential-not-accepted"].refusal == "R02"
    switched_on = replace(POLICY, credential=msgspec.structs.replace(POLICY.credential, accepted=True))
    assert review_document(switched_on, shown, MailKind.PARCEL, TODAY) == ()


documents = st.builds(
    IdentityDocument,
    type=st.sampled_from(DocumentType),
    name=st.none() | st.text(max_size=10),
    number=st.none() | st.text(max_size=20) | st.sampled_from([*NUMBERS.values(), "110105491231002", "C12345678", "410105199003077654"]),
    sex=st.none() | st.sampled_from(Sex),
    born_on=st.none() | st.dates(),
    valid_from=st.none() | st.dates(),
    valid_until=st.none() | st.dates(),
    long_term=st.booleans(),
    nationality=st.sampled_from([None, "CHN", "UTO"]),
    source=st.sampled_from(Source),
)


@given(documents, st.sampled_from(MailKind), st.dates())
def test_any_document_is_judged_and_every_reason_can_be_said(shown: IdentityDocument, mail: MailKind, today: date) -> None:
    for reason in review_document(POLICY, shown, mail, today, REGIONS):
        assert (reason.refusal == "R02") is (reason.consequence is Consequence.REFUSE)
        for sentence in WORDING[reason.code].values():
            assert {name for _, name, _, _ in string.Formatter().parse(sentence) if name} <= reason.facts.keys()


@given(documents, st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)))
def test_an_expired_document_is_never_accepted(shown: IdentityDocument, today: date) -> None:
    if shown.valid_until is not None and shown.valid_until < today:
        reasons = review_document(POLICY, shown, MailKind.PARCEL, today)
        assert any(reason.consequence is Consequence.REFUSE for reason in reasons)
