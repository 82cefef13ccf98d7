"""Sources of one document compared. Everyone here is made up."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.identity.codes import ReadingReason
from courier_check.identity.comparison import Difference, combine, doubtful_fields, review_readings
from courier_check.identity.documents import DocumentType, IdentityDocument, Sex, Source
from courier_check.identity.readings import Doubt, Field, FieldDoubt, SourceReading
from courier_check.screening.fold import SimplifiedFold
from courier_check.terms import Consequence

DOCUMENT = IdentityDocument(
    type=DocumentType.RESIDENT_ID,
    name="张三丰",
    number="41010519900307123X",
    sex=Sex.MALE,
    nation="汉",
    born_on=date(1990, 3, 7),
    address="河南省郑州市金水区花园路１号",
    issuer="郑州市公安局金水分局",
    valid_from=date(2020, 1, 1),
    valid_until=date(2040, 1, 1),
)
OTHER = {
    Field.TYPE: DocumentType.TEMPORARY_ID,
    Field.NAME: "李四光",
    Field.NUMBER: "410105199003071248",
    Field.SEX: Sex.FEMALE,
    Field.NATION: "回",
    Field.BORN_ON: date(1991, 3, 7),
    Field.ADDRESS: "别处",
    Field.ISSUER: "别局",
    Field.VALID_FROM: date(2021, 1, 1),
    Field.VALID_UNTIL: date(2041, 1, 1),
    Field.NATIONALITY: "CAN",
}
"""Another value for each field."""


def read(source: Source, *doubts: FieldDoubt, **changes: object) -> SourceReading:
    return SourceReading(source, replace(DOCUMENT, source=source, **changes), doubts)  # type: ignore[arg-type]


def doubt(field: Field, why: Doubt = Doubt.LOW_CONFIDENCE) -> FieldDoubt:
    return FieldDoubt(field, why)


def test_one_source_is_the_document_as_it_is() -> None:
    combined = combine([read(Source.PICTURE)])
    assert combined.document == read(Source.PICTURE).document
    assert (combined.differences, combined.doubtful) == ((), ())


def test_nothing_read_is_no_document() -> None:
    with pytest.raises(ValueError, match="nothing was read"):
        combine([])


@pytest.mark.parametrize("field", Field)
def test_each_field_that_differs_is_named_with_both_sources(field: Field) -> None:
    base = replace(DOCUMENT, nationality="CHN")
    changed = replace(base, **{field.value: OTHER[field]})
    combined = combine([SourceReading(Source.TYPED, changed), SourceReading(Source.CHIP, base)])
    assert combined.differences == (Difference(field, Source.CHIP, Source.TYPED),)
    (reason,) = review_readings(combined)
    assert reason.consequence is Consequence.REFER
    assert reason.code == f"reading-different-{field.value.replace('_', '-')}"
    assert (reason.facts["one_zh"], reason.facts["other_zh"]) == ("芯片", "手工录入")
    assert str(OTHER[field]) not in str(reason.facts)


def test_every_field_has_its_code() -> None:
    assert {code.value for code in ReadingReason} - {"reading-doubtful"} == {
        f"reading-different-{f.value.replace('_', '-')}" for f in Field
    }


def test_the_best_source_gives_each_field_and_the_others_fill_in() -> None:
    """Chip before credential before zone before print before keyboard; what one doesn't have another may."""
    chip = SourceReading(Source.CHIP, replace(DOCUMENT, valid_until=None, source=Source.CHIP))
    typed = SourceReading(Source.TYPED, IdentityDocument(type=DocumentType.RESIDENT_ID, valid_until=date(2040, 1, 1), nationality="CHN"))
    combined = combine([typed, chip])
    assert combined.document == replace(DOCUMENT, nationality="CHN", source=Source.CHIP)
    assert combined.by_field[Field.NAME] is Source.CHIP
    assert combined.by_field[Field.VALID_UNTIL] is Source.TYPED
    assert combined.differences == ()


def test_a_document_shown_besides_a_credential_is_what_counts() -> None:
    """Whether credentials are accepted at all is the outlet's affair; the original is always."""
    credential = read(Source.CREDENTIAL)
    assert combine([credential]).document.source is Source.CREDENTIAL
    assert combine([credential, read(Source.PICTURE)]).document.source is Source.PICTURE
    other = combine([credential, read(Source.PICTURE, number="410105199003071248")])
    assert (other.document.source, other.document.number) == (Source.CREDENTIAL, DOCUMENT.number)


def test_a_typed_value_never_replaces_a_read_one() -> None:
    combined = combine([read(Source.PICTURE), read(Source.TYPED, name="李四光")])
    assert combined.document.name == "张三丰"
    assert combined.differences == (Difference(Field.NAME, Source.PICTURE, Source.TYPED),)


def test_a_zone_whose_check_digit_fails_is_believed_less_than_the_print() -> None:
    zone = read(Source.MRZ, doubt(Field.NUMBER, Doubt.CHECK_DIGIT), number="410105199003071248")
    combined = combine([zone, read(Source.PICTURE)])
    assert combined.document.number == DOCUMENT.number
    assert combined.differences == (Difference(Field.NUMBER, Source.PICTURE, Source.MRZ),)
    holding = replace(zone, doubts=())
    assert combine([holding, read(Source.PICTURE)]).document.number == "410105199003071248"


@pytest.mark.parametrize("field", [Field.NAME, Field.NUMBER, Field.VALID_FROM, Field.VALID_UNTIL])
def test_a_doubtful_field_is_asked_for_until_another_source_says_the_same(field: Field) -> None:
    doubtful = read(Source.PICTURE, doubt(field))
    (reason,) = review_readings(combine([doubtful]))
    assert (reason.code, reason.consequence, reason.facts["field"]) == ("reading-doubtful", Consequence.REFER, field.value)
    assert doubtful_fields(combine([doubtful])) == (field,)
    assert review_readings(combine([doubtful, read(Source.TYPED)])) == ()


def test_a_doubtful_address_stops_nothing_and_is_held_against_nobody() -> None:
    """Recognition misspells long texts by a character: what it is unsure of is no forgery."""
    unsure = read(Source.PICTURE, doubt(Field.ADDRESS), address="河南省郑州市金水区花园路l号")
    assert review_readings(combine([unsure, read(Source.CHIP)])) == ()
    sure = read(Source.PICTURE, address="河南省郑州市金水区花园路l号")
    assert [reason.code for reason in review_readings(combine([sure, read(Source.CHIP)]))] == ["reading-different-address"]


def test_spelling_is_no_difference() -> None:
    spelt = read(
        Source.TYPED,
        name="张 三 豐",
        number="４１０１０５19900307123x",
        nation="汉族",
        address="河南省郑州市金水区花园路 1 号",
        issuer=" 郑州市公安局 金水分局",
    )
    assert combine([spelt, read(Source.CHIP)], SimplifiedFold()).differences == ()
    assert [d.field for d in combine([spelt, read(Source.CHIP)]).differences] == [Field.NAME], "without folding 豐 is not 丰"


def test_a_number_of_15_digits_is_the_same_one() -> None:
    old = read(Source.TYPED, number="410105900307123")
    assert combine([old, read(Source.PICTURE)]).differences == ()


def test_long_term_is_a_value_of_its_own() -> None:
    endless = read(Source.PICTURE, valid_until=None, long_term=True)
    assert combine([endless, read(Source.TYPED, valid_until=None)]).document.long_term
    assert combine([endless, read(Source.CHIP)]).differences == (Difference(Field.VALID_UNTIL, Source.CHIP, Source.PICTURE),)
    assert combine([endless, read(Source.CHIP)]).document.long_term is False


def test_names_in_two_scripts_are_not_compared() -> None:
    passport = IdentityDocument(type=DocumentType.OVERSEAS_PASSPORT, name="ZHANG SANFENG", number="EA1234567")
    printed = replace(passport, name="张三丰")
    assert combine([SourceReading(Source.MRZ, passport), SourceReading(Source.PICTURE, printed)]).differences == ()


def test_a_name_that_fills_its_zone_may_be_cut_off() -> None:
    whole = "VENKATANARASIMHARAJUVARIPETA SUBRAMANIAM"
    passport = IdentityDocument(type=DocumentType.FOREIGN_PASSPORT, name=whole, number="L898902C3")
    zone = SourceReading(Source.MRZ, replace(passport, name=whole[:29]))
    assert combine([zone, SourceReading(Source.PICTURE, passport)]).differences == ()
    typed = SourceReading(Source.TYPED, replace(passport, name=whole[:29]))
    assert [one.field for one in combine([typed, SourceReading(Source.PICTURE, passport)]).differences] == [Field.NAME]


def test_a_code_and_a_word_for_a_country_are_not_compared() -> None:
    assert combine([read(Source.MRZ, nationality="CAN"), read(Source.PICTURE, nationality="加拿大")]).differences == ()


def test_a_newer_reading_replaces_one_of_the_same_source() -> None:
    assert combine([read(Source.PICTURE, name="李四光"), read(Source.PICTURE)]).document.name == "张三丰"


def test_the_back_of_a_card_joins_its_front_in_either_order() -> None:
    front = SourceReading(
        Source.PICTURE, replace(DOCUMENT, issuer=None, valid_from=None, valid_until=None), (doubt(Field.NAME),), {Field.NAME: 71}
    )
    until = doubt(Field.VALID_UNTIL)
    back_document = IdentityDocument(
        type=DocumentType.RESIDENT_ID, issuer=DOCUMENT.issuer, valid_from=DOCUMENT.valid_from, valid_until=DOCUMENT.valid_until
    )
    back = SourceReading(Source.PICTURE, back_document, (until,), {Field.ISSUER: 90})
    for joined in (front.joined_with(back), back.joined_with(front)):
        assert joined.document == DOCUMENT
        assert joined.doubts == (doubt(Field.NAME), until)
        assert joined.confidence == {Field.NAME: 71, Field.ISSUER: 90}
    assert front.joined_with(read(Source.PICTURE)) == read(Source.PICTURE)


def back_of(until: date | None, *doubts: FieldDoubt, long_term: bool = False) -> SourceReading:
    document = IdentityDocument(type=DocumentType.RESIDENT_ID, issuer="某局", valid_until=until, long_term=long_term, source=Source.PICTURE)
    return SourceReading(Source.PICTURE, document, doubts)


def test_a_back_taken_again_replaces_the_one_before() -> None:
    """What was misread there must not outlive the second look; 长期 and a date never stand side by side."""
    front = SourceReading(Source.PICTURE, replace(DOCUMENT, issuer=None, valid_from=None, valid_until=None), (doubt(Field.NAME),))
    first = front.joined_with(back_of(date(2040, 1, 1), doubt(Field.VALID_UNTIL)))
    expired = first.joined_with(back_of(date(2024, 1, 1)))
    assert (expired.document.valid_until, expired.doubts) == (date(2024, 1, 1), (doubt(Field.NAME),))
    endless = first.joined_with(back_of(None, long_term=True))
    assert (endless.document.valid_until, endless.document.long_term) == (None, True)
    ended = endless.joined_with(back_of(date(2024, 1, 1)))
    assert (ended.document.valid_until, ended.document.long_term) == (date(2024, 1, 1), False)
    blurred = first.joined_with(back_of(None))
    assert blurred.document.valid_until == date(2040, 1, 1), "nothing was read there: what was, stands with its doubt"
    assert doubt(Field.VALID_UNTIL) in blurred.doubts


@pytest.mark.parametrize("source", [Source.CHIP, Source.TYPED, Source.MRZ])
def test_only_pictures_have_faces(source: Source) -> None:
    """A chip that gives neither name nor number is another card, and lends its dates to nobody."""
    spoilt = SourceReading(source, IdentityDocument(type=DocumentType.RESIDENT_ID, valid_until=date(2099, 1, 1), source=source))
    assert read(source).joined_with(spoilt) == spoilt
    assert spoilt.joined_with(read(source)) == read(source)


def test_a_reading_crosses_processes_and_shows_nothing() -> None:
    reading = read(Source.PICTURE, doubt(Field.NAME))
    assert pickle.loads(pickle.dumps(reading)) == reading  # noqa: S301 - our own bytes
    shown = repr(reading) + repr(combine([reading, read(Source.CHIP, name="李四光")]))
    assert [secret for secret in ("三丰", "四光", "19900307", "花园路", "1990, 3, 7", "金水分局") if secret in shown] == []
    assert "name:low-confidence" in repr(reading)


values: dict[Field, st.SearchStrategy[object]] = {
    Field.NAME: st.none() | st.sampled_from(["张三丰", "李四光", "ZHANG SANFENG", "张三豐", "周𬎆", "周YING"]),
    Field.NUMBER: st.none() | st.sampled_from(["41010519900307123X", "410105199003071248"]),
    Field.SEX: st.none() | st.sampled_from(Sex),
    Field.NATION: st.none() | st.sampled_from(["汉", "汉族", "回"]),
    Field.BORN_ON: st.none() | st.sampled_from([date(1990, 3, 7), date(1991, 3, 7)]),
    Field.ADDRESS: st.none() | st.sampled_from(["花园路1号", "花园路 １ 号", "别处"]),
    Field.VALID_UNTIL: st.none() | st.just(date(2040, 1, 1)),
}


@st.composite
def readings(draw: st.DrawFn) -> list[SourceReading]:
    found = []
    for source in draw(st.lists(st.sampled_from(Source), min_size=1, max_size=4, unique=True)):
        fields = {field.value: draw(value) for field, value in values.items()}
        doubts = draw(st.lists(st.builds(FieldDoubt, st.sampled_from(Field), st.sampled_from(Doubt)), max_size=3, unique=True))
        document = IdentityDocument(type=DocumentType.RESIDENT_ID, source=source, **fields)
        found.append(SourceReading(source, document, tuple(doubts)))
    return found


@given(readings())
def test_the_order_of_reading_changes_nothing(given_readings: list[SourceReading]) -> None:
    told = [combine(order) for order in permutations(given_readings)]
    assert all(one == told[0] for one in told)


@given(readings())
def test_every_value_comes_from_a_source_and_none_is_lost(given_readings: list[SourceReading]) -> None:
    combined = combine(given_readings)
    for field in Field:
        held = [getattr(reading.document, field.value) for reading in given_readings]
        value = getattr(combined.document, field.value)
        assert value in held
        assert value is not None or not any(one is not None for one in held) or combined.document.long_term


@given(readings())
def test_what_is_named_as_different_is_different(given_readings: list[SourceReading]) -> None:
    by_source = {reading.source: reading.document for reading in given_readings}
    for difference in combine(given_readings).differences:
        one, other = by_source[difference.one], by_source[difference.other]
        assert getattr(one, difference.field.value) != getattr(other, difference.field.value)
        assert difference.one is not difference.other
