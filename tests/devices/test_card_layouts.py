"""The four layouts of a chip's text: the reference blocks exactly; anything else gives a reading with doubts or one code."""

from __future__ import annotations

import contextlib
import hashlib
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.devices.card_layouts import NATIONS, read_card_text
from courier_check.devices.codes import ReaderCode
from courier_check.devices.simulated_cards import SimulatedCard
from courier_check.errors import UserError
from courier_check.identity.documents import DocumentType, IdentityDocument, Sex, Source
from courier_check.identity.printed import NATIONS as PRINTED_NATIONS
from courier_check.identity.readings import Doubt, Field
from courier_check.store.resources import read_resource
from support.readers import BLOCKS, VECTORS, card

KNOWN = ("", "J", "I", "Y")


def doubts(text: bytes) -> dict[Field, tuple[Doubt, ...]]:
    reading = read_card_text(text)
    return {field: reading.doubts_about(field) for field in Field if reading.doubts_about(field)}


def of_kind(text: bytes, letter: str) -> bytes:
    return text[:248] + letter.ljust(1).encode("utf-16-le") + text[250:]


@pytest.mark.parametrize("name", BLOCKS)
def test_the_reference_blocks_are_what_their_source_says(name):
    assert len(BLOCKS[name]) == 256
    assert hashlib.sha256(BLOCKS[name]).hexdigest()[:16] == VECTORS["blocks"][name]["sha256_begins"]


def test_a_residents_card_decodes_exactly():
    reading = read_card_text(BLOCKS["resident"])
    assert reading.document == IdentityDocument(
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
        source=Source.CHIP,
    )
    assert (reading.source, reading.doubts, dict(reading.confidence)) == (Source.CHIP, (), {})


def test_a_residence_card_of_hong_kong_macao_taiwan_decodes_exactly():
    """The reference block calls the holder 男, and its number says 女: what is read is told, and doubted."""
    reading = read_card_text(BLOCKS["J"])
    assert reading.document == IdentityDocument(
        type=DocumentType.HMT_RESIDENCE,
        name="陈小明",
        number="810000199408230021",
        sex=Sex.MALE,
        born_on=date(1994, 8, 23),
        address="广东省深圳市福田区１号",
        issuer="深圳市公安局",
        valid_from=date(2019, 1, 1),
        valid_until=date(2024, 1, 1),
        source=Source.CHIP,
    )
    assert doubts(BLOCKS["J"]) == {Field.SEX: (Doubt.NUMBER_CONFLICT,)}


@pytest.mark.parametrize(
    ("name", "number", "valid_from", "valid_until"),
    [
        ("I", "CAN110081080310", date(2018, 1, 1), date(2028, 1, 1)),
        ("Y", "911124198108030024", date(2023, 12, 1), date(2033, 12, 1)),
    ],
)
def test_permanent_residence_cards_decode_exactly(name, number, valid_from, valid_until):
    reading = read_card_text(BLOCKS[name])
    assert reading.document == IdentityDocument(
        type=DocumentType.FPR_CARD,
        name="SMITH, JOHN",
        number=number,
        sex=Sex.MALE,
        born_on=date(1981, 8, 3),
        valid_from=valid_from,
        valid_until=valid_until,
        nationality="CAN",
        source=Source.CHIP,
    )
    assert reading.doubts == ()


def test_a_long_latin_name_is_put_together_from_its_two_places():
    name = "SAMPLEBERGHAUSENDORFERSON, HUBERT BLAINE ADOLF"
    assert len(name) == 46
    text = SimulatedCard(layout="Y", name=name, number="911124198108030024", nationality="CAN").text()
    assert read_card_text(text).document.name == name


def test_long_term_is_no_date_and_no_doubt():
    document = read_card_text(card(valid_until="长期")).document
    assert (document.long_term, document.valid_until) == (True, None)
    assert doubts(card(valid_until="长期")) == {}


@pytest.mark.parametrize("name", ["䶮", "㛃明", "𬎆", "买买提·阿不都拉", "\ue863样"])
def test_rare_names_are_read_as_they_stand(name):
    assert read_card_text(card(name=name)).document.name == name
    assert doubts(card(name=name)) == {}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"born_on": "19900230"}, {Field.BORN_ON: (Doubt.UNREADABLE,)}),
        ({"born_on": ""}, {Field.BORN_ON: (Doubt.UNREADABLE,)}),
        ({"born_on": "19900308"}, {Field.BORN_ON: (Doubt.NUMBER_CONFLICT,)}),
        ({"sex": "女"}, {Field.SEX: (Doubt.NUMBER_CONFLICT,)}),
        ({"sex": "9"}, {Field.SEX: (Doubt.UNREADABLE,)}),
        ({"nation": "77"}, {Field.NATION: (Doubt.UNREADABLE,)}),
        ({"name": ""}, {Field.NAME: (Doubt.UNREADABLE,)}),
        ({"name": "王\x07"}, {Field.NAME: (Doubt.UNREADABLE,)}),
        ({"number": "410105199003071238"}, {Field.NUMBER: (Doubt.CHECK_DIGIT,)}),
        ({"number": "4101051990030712"}, {Field.NUMBER: (Doubt.UNREADABLE,)}),
        ({"number": "CAN110081080310"}, {Field.NUMBER: (Doubt.UNREADABLE,)}),
        ({"valid_from": "20201301"}, {Field.VALID_FROM: (Doubt.UNREADABLE,)}),
        ({"valid_until": "????"}, {Field.VALID_UNTIL: (Doubt.UNREADABLE,)}),
        ({"valid_until": "20190101"}, {Field.VALID_UNTIL: (Doubt.TERM_UNLIKELY,)}),
        ({"valid_until": "20200101"}, {Field.VALID_UNTIL: (Doubt.TERM_UNLIKELY,)}),
    ],
)
def test_what_does_not_hold_is_doubted_and_the_rest_is_read(changes, expected):
    assert doubts(card(**changes)) == expected
    assert read_card_text(card(**changes)).document.address == "样例市样例路1号"


def test_a_broken_character_is_doubted():
    text = "王".encode("utf-16-le") + b"\x00\xd8" + card()[4:]
    assert doubts(text) == {Field.NAME: (Doubt.UNREADABLE,)}


@pytest.mark.parametrize(("letter", "told"), [("Q", "Q"), ("j", "j"), ("7", "7"), ("\u0007", "0007"), ("王", "738B")])
def test_a_layout_that_is_not_known_has_its_own_error(letter, told):
    with pytest.raises(UserError) as refused:
        read_card_text(of_kind(BLOCKS["resident"], letter))
    assert (refused.value.code, refused.value.facts) == (ReaderCode.TYPE_UNKNOWN, {"kind": told})


@pytest.mark.parametrize("length", [0, 255, 257, 1280])
def test_another_length_has_its_own_error(length):
    with pytest.raises(UserError) as refused:
        read_card_text(bytes(length))
    assert refused.value.code is ReaderCode.TEXT_LENGTH


@given(st.binary(min_size=256, max_size=256), st.sampled_from([*KNOWN, None]))
def test_any_256_bytes_give_a_reading_or_a_code(text, letter):
    text = text if letter is None else of_kind(text, letter)
    told = None
    with contextlib.suppress(UserError):
        told = read_card_text(text)
        assert told.source is Source.CHIP
        assert told.document.to_mapping().keys() >= {"name", "number"}
        assert repr(told)
    assert told is not None or letter is None


@given(st.text(st.characters(blacklist_categories=("Cs",)), max_size=14))
def test_a_name_is_what_stands_there_without_its_filling(name):
    if len(name.encode("utf-16-le")) <= 30:
        assert (read_card_text(card(name=name)).document.name or "") == name.strip(" \x00\u3000")


def test_a_reading_never_shows_whom_it_is_of():
    shown = repr(read_card_text(BLOCKS["resident"]))
    assert [secret for secret in ("张三丰", "41010519900307123X", "花园路", "1990") if secret in shown] == []


def test_second_numbers_and_names_of_a_card_are_dropped():
    for name, dropped in (("J", "H12345678"), ("I", "史密斯"), ("Y", "史密斯")):
        assert dropped not in json.dumps(read_card_text(BLOCKS[name]).document.to_mapping(), ensure_ascii=False)


def test_nations_are_those_printed_on_cards_and_two_more():
    assert set(NATIONS.values()) - {"其他", "外国血统中国籍人士"} == PRINTED_NATIONS


def test_every_code_a_reader_may_tell_has_a_sentence():
    wording = json.loads(read_resource("wording/devices.json"))
    assert [code.value for code in ReaderCode if not wording[code.value]["zh"].endswith("。")] == []
