"""Headers and parts: what is composed can be read and delivered, and nothing else is signed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.journal import canonical, tags
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.entries import HEADER_LIMIT, Draft, EvidenceRef, PackageRef, Place, compose, parse_header, seal_context
from courier_check.journal.keys import OpeningKey
from courier_check.journal.parts import PART_LIMIT, PartName, opened, unseal
from support.sample_journals import AUTHOR, DRAFT, FIRST_PREV, JOURNAL, READERS, TIMES, composed, salt, with_bit_changed

HEADER = composed().entry.header_bytes


def code_of(call, *arguments) -> str:
    with pytest.raises(JournalError) as caught:
        call(*arguments)
    return caught.value.code


@given(st.binary(max_size=200))
def test_reading_any_bytes_gives_a_header_or_an_error_with_a_code(data):
    with suppress(JournalError):
        parse_header(data)


@given(st.data())
def test_reading_a_spoilt_header_gives_a_header_or_an_error_with_a_code(data):
    start = data.draw(st.integers(0, len(HEADER)))
    end = data.draw(st.integers(start, min(start + 8, len(HEADER))))
    with suppress(JournalError):
        parse_header(HEADER[:start] + data.draw(st.binary(max_size=8)) + HEADER[end:])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(msgspec.json.decode(HEADER))), JSON)
def test_a_member_of_another_type_is_refused_or_reads_as_written(member, value):
    changed = msgspec.json.encode({**msgspec.json.decode(HEADER), member: value}, order="sorted")
    with suppress(JournalError):
        assert canonical.encode(parse_header(changed)) == changed


FULL = composed(
    replace(
        DRAFT,
        packages=(PackageRef(kind="rules", name="checklists", sha256="0a" * 32, version="1"),),
        evidence=(EvidenceRef(media_type="image/jpeg", name="copy-1", sha256="0b" * 32, size=1),),
    )
).entry.header_bytes
HEXADECIMAL = (
    ("prev",),
    ("journal_id",),
    ("key_id",),
    ("packages", 0, "sha256"),
    ("evidence", 0, "sha256"),
    ("parts", 0, "digest"),
    ("parts", 0, "recipient"),
    ("parts", 2, "sealed_digest"),
)


@pytest.mark.parametrize("place", HEXADECIMAL)
@pytest.mark.parametrize("spoil", [lambda text: text[:-1] + "A", lambda text: text[:-1] + "g", lambda text: text[:-1] + "\n"])
def test_what_is_hexadecimal_has_no_other_character(place, spoil):
    assert code_of(parse_header, with_text_changed(FULL, place, spoil)) == JournalCode.MALFORMED


@pytest.mark.parametrize("place", HEXADECIMAL)
@pytest.mark.parametrize("spoil", [lambda text: text[:-1], lambda text: text + "0", lambda _: ""])
def test_what_is_hexadecimal_has_its_length(place, spoil):
    assert code_of(parse_header, with_text_changed(FULL, place, spoil)) == JournalCode.MALFORMED


def test_of_what_is_hexadecimal_one_can_not_lend_another_a_digit():
    shorter = with_text_changed(FULL, ("parts", 0, "digest"), lambda text: text[:-1])
    assert code_of(parse_header, with_text_changed(shorter, ("parts", 1, "digest"), lambda text: text + "0")) == JournalCode.MALFORMED


def with_text_changed(header: bytes, place, change) -> bytes:
    """A header as canonical as it was, with the text at this place changed."""
    whole = msgspec.json.decode(header)
    within = whole
    for step in place[:-1]:
        within = within[step]
    within[place[-1]] = change(within[place[-1]])
    return msgspec.json.encode(whole, order="sorted")


def test_true_is_not_the_integer_one():
    for member in ("v", "seq"):
        changed = {**msgspec.json.decode(HEADER), member: True}
        assert code_of(parse_header, msgspec.json.encode(changed, order="sorted")) == JournalCode.MALFORMED


def test_what_is_composed_reads_back_and_opens():
    made = composed()
    header = parse_header(made.entry.header_bytes)
    assert header == made.entry.header
    for part, ref in zip(made.parts, header.parts, strict=True):
        assert part.content() == DRAFT.parts[PartName(ref.name)]
        if part.sealed is not None:
            assert unseal(part.sealed, READERS[PartName(ref.name)], seal_context(header, ref), ref.digest) == part.opening


@pytest.mark.parametrize("kind", ["", "Annahme", "收寄", "a\n", "a" * 41])
def test_a_kind_that_no_reader_takes_is_never_signed(kind):
    assert code_of(composed, replace(DRAFT, kind=kind)) == JournalCode.MALFORMED


def test_a_photo_whose_name_could_never_be_sent_is_never_signed():
    """A statement of its file (wire.md §13) has a name of 1–200 characters. Read are all."""
    for name, signed in (("", False), ("照" * 200, True), ("照" * 201, False)):
        draft = replace(DRAFT, evidence=(EvidenceRef(media_type="image/jpeg", name=name, sha256="ab" * 32, size=1),))
        if signed:
            assert composed(draft).entry.header.evidence[0].name == name
        else:
            assert code_of(composed, draft) == JournalCode.MALFORMED


def test_clocks_without_a_boot_are_never_signed():
    with pytest.raises(JournalError):
        compose(DRAFT, Place(JOURNAL, 1, FIRST_PREV), AUTHOR, msgspec.structs.replace(TIMES, boot_id=""), salt)


def test_a_header_may_have_16_kib_and_not_a_byte_more():
    bare = len(composed(Draft("note", None, {"pad": ""})).entry.header_bytes)
    assert len(composed(Draft("note", None, {"pad": "x" * (HEADER_LIMIT - bare)})).entry.header_bytes) == HEADER_LIMIT
    assert code_of(composed, Draft("note", None, {"pad": "x" * (HEADER_LIMIT - bare + 1)})) == JournalCode.TOO_LARGE


def test_a_sealed_part_may_have_64_kib_and_not_a_byte_more():
    overhead = 32 + len('{"pad":""}') + 32 + 16  # salt, object, HPKE's key, its tag
    made = composed(Draft("note", None, {}, {PartName.INDEX: {"pad": "x" * (PART_LIMIT - overhead)}}))
    assert len(made.parts[0].sealed or b"") == PART_LIMIT
    too_much = {PartName.INDEX: {"pad": "x" * (PART_LIMIT - overhead + 1)}}
    assert code_of(composed, Draft("note", None, {}, too_much)) == JournalCode.TOO_LARGE


def test_facts_are_eight_deep_at_most_when_written_and_when_read():
    eight = {"a": [[[[[[[]]]]]]]}
    assert parse_header(composed(Draft("note", None, eight)).entry.header_bytes).facts == eight
    assert code_of(composed, Draft("note", None, {"a": [eight]})) == JournalCode.NOT_CANONICAL
    deeper = msgspec.json.encode({**msgspec.json.decode(HEADER), "facts": {"a": [eight]}}, order="sorted")
    assert code_of(parse_header, deeper) == JournalCode.NOT_CANONICAL


@pytest.mark.parametrize("member", ["gateway_id", "journal_id", "name", "recipient", "seq", "station_id"])
def test_a_sealed_part_opens_only_at_its_own_place(member):
    made = composed()
    header, part = made.entry.header, made.parts[0]
    context = seal_context(header, header.parts[0])
    moved = msgspec.structs.replace(context, **{member: 2 if member == "seq" else "other"})
    assert code_of(unseal, part.sealed, READERS[PartName.INDEX], moved, part.ref.digest) == JournalCode.BAD_SEAL


def test_a_sealed_part_opens_for_its_reader_only():
    made = composed()
    context = seal_context(made.entry.header, made.entry.header.parts[0])
    assert code_of(unseal, made.parts[0].sealed, OpeningKey(b"\x09" * 32), context, made.parts[0].ref.digest) == JournalCode.BAD_SEAL


def test_an_opening_that_is_not_the_one_named_is_refused():
    """The seal proves who it is for, not who sealed it: only the digest in the signed header does."""
    made = composed()
    context = seal_context(made.entry.header, made.entry.header.parts[0])
    assert code_of(unseal, made.parts[0].sealed, READERS[PartName.INDEX], context, "0" * 64) == JournalCode.BAD_DIGEST


@given(st.integers(0, 8 * 200))
def test_a_sealed_part_with_one_bit_changed_does_not_open(bit):
    made = composed()
    sealed, header = made.parts[0].sealed or b"", made.entry.header
    changed = with_bit_changed(sealed, bit % (len(sealed) * 8))
    assert code_of(unseal, changed, READERS[PartName.INDEX], seal_context(header, header.parts[0]), made.parts[0].ref.digest) in (
        JournalCode.BAD_SEAL,
        JournalCode.BAD_DIGEST,
    )


@given(st.binary(max_size=60))
def test_any_bytes_as_a_sealed_part_are_refused(data):
    made = composed()
    context = seal_context(made.entry.header, made.entry.header.parts[0])
    assert code_of(unseal, data, READERS[PartName.INDEX], context, made.parts[0].ref.digest) == JournalCode.BAD_SEAL


@pytest.mark.parametrize("content", [b'{"a":1.5}', b'{"A":1}', b'{"a":9007199254740992}', b'{ "a":1}', b"[]", b""])
def test_a_part_is_canonical_like_a_header(content):
    with pytest.raises(JournalError):
        opened(salt(32) + content)


def test_nothing_shown_of_a_draft_a_part_or_a_stored_entry_tells_who_sent_it():
    from courier_check.journal.verify import Stored

    made = composed()
    row = Stored(1, made.entry.header_bytes, made.entry.signature, {"kept": made.parts[1].opening}, {})
    for each in (DRAFT, made, row, made.parts):
        assert "样本甲" not in repr(each)
        assert "13800001234" not in repr(each)


def test_header_and_signature_tags_differ():
    assert tags.HEADER != tags.HEADER_SIGNATURE
