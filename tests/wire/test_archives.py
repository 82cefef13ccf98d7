"""Archives: what was written is read again; whatever else a file holds, it is refused whole and never read as something else."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.errors import UserError
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.keys import VerifyingKey
from courier_check.journal.verify import Stored
from courier_check.wire import archives
from courier_check.wire.archives import (
    Archive,
    ArchiveBody,
    ArchiveCode,
    ArchiveRange,
    ArchiveWriter,
    What,
    batch_name,
    open_archive,
    receipts_name,
    refused_whole,
    station_name,
)
from courier_check.wire.batches import Backlog, Batch, Receipt, merkle_root, to_wire
from courier_check.wire.certificates import Role
from courier_check.wire.signed import Signed, sign
from support.pki import MadeUpGateway
from support.sample_journals import AUTHOR, FIRST_PREV, JOURNAL, KEY, STRANGER, journal

GATEWAY = MadeUpGateway()
OTHER_JOURNAL = "ef" * 16
ENTRIES = journal(6)


def batch(entries: list[Stored], first_seq: int = 1, journal_id: str = JOURNAL) -> Batch:
    return Batch(
        gateway_id=AUTHOR.gateway_id,
        station_id=AUTHOR.station_id,
        journal_id=journal_id,
        first_seq=first_seq,
        prev=FIRST_PREV,
        entries=tuple(to_wire(each) for each in entries),
        backlog=Backlog(entries=0, oldest_ms=None),
    )


def body(*ranges: tuple[str, int, int], what: What = What.BUNDLE) -> ArchiveBody:
    return ArchiveBody(
        gateway_id=AUTHOR.gateway_id,
        what=what,
        maker=AUTHOR.station_id,
        made_at_ms=1,
        program="tests",
        ranges=tuple(
            ArchiveRange(station_id=AUTHOR.station_id, journal_id=journal_id, first_seq=first, last_seq=last)
            for journal_id, first, last in ranges
        ),
        files=(),
    )


def receipt(first_seq: int, last_seq: int, journal_id: str = JOURNAL) -> Signed:
    said = Receipt(
        gateway_id=AUTHOR.gateway_id,
        station_id=AUTHOR.station_id,
        journal_id=journal_id,
        first_seq=first_seq,
        last_seq=last_seq,
        prev_head=FIRST_PREV,
        head=FIRST_PREV,
        merkle_root=merkle_root([FIRST_PREV]),
        received_at_ms=1,
        after_revocation=False,
        gateway_journal_id="00" * 16,
        gateway_seq=1,
        gateway_prev=FIRST_PREV,
    )
    return sign(said, GATEWAY.signing[Role.RECEIPT])


def written(fill: Callable[[ArchiveWriter], None], said: ArchiveBody) -> bytes:
    target = io.BytesIO()
    with ArchiveWriter(target) as writer:
        writer.add_document(archives.GATEWAY, GATEWAY.document())
        fill(writer)
        writer.close(said, KEY)
    return target.getvalue()


def fill(writer: ArchiveWriter) -> None:
    writer.add_document(station_name(AUTHOR.station_id), GATEWAY.station_certificate(KEY))
    writer.add_document(batch_name(JOURNAL, 1), batch(ENTRIES[:4]))
    writer.add_document(batch_name(JOURNAL, 5), batch(ENTRIES[4:], 5))
    writer.add_receipts(JOURNAL, [(1, 4, receipt(1, 4))])
    writer.add("README.txt", "说明".encode())


SOUND = written(fill, body((JOURNAL, 1, 6)))


def opened(data: bytes) -> Archive:
    return open_archive(io.BytesIO(data))


def content(archive: Archive) -> tuple[ArchiveBody, dict[str, bytes]]:
    """Everything that is read of an archive."""
    return archive.body, {name: archive.data(name) for name in archive.names("")}


PUBLIC = VerifyingKey(KEY.public)


def rezipped(data: bytes, changes: dict[str, bytes | None] | None = None, **how: int) -> bytes:
    """The same files packed anew: changed, left out (None) or added."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w", **how) as copy:  # type: ignore[arg-type]
        files = {name: source.read(name) for name in source.namelist()} | (changes or {})
        for name, held in files.items():
            if held is not None:
                copy.writestr(name, held)
    return target.getvalue()


def refusal(data: bytes) -> tuple[str, object]:
    with pytest.raises(JournalError) as caught:
        opened(data)
    return caught.value.code, caught.value.facts.get("file")


def test_what_was_written_is_read_again() -> None:
    archive = opened(SOUND)
    archive.signed_by(PUBLIC)
    archive.check_ranges()
    archive.check_receipts()
    assert [held.first_seq for held in archive.batches()] == [1, 5]
    assert archive.batch(batch_name(JOURNAL, 1)) == batch(ENTRIES[:4])
    assert list(archive.receipts()) == [receipt(1, 4)]
    assert archive.gateway() == GATEWAY.document()
    assert archive.certificate(AUTHOR.station_id) == GATEWAY.station_certificate(KEY)
    assert archive.data("README.txt").decode() == "说明"
    assert archive.returned(AUTHOR.station_id) is None
    archive.close()


def test_the_same_content_gives_the_same_bytes() -> None:
    assert written(fill, body((JOURNAL, 1, 6))) == SOUND


def test_only_the_key_that_signed_it_signed_it() -> None:
    with pytest.raises(JournalError) as caught:
        opened(SOUND).signed_by(VerifyingKey(STRANGER.public))
    assert caught.value.code == JournalCode.WRONG_KEY


def test_a_manifest_changed_after_it_was_signed_is_not_signed() -> None:
    with zipfile.ZipFile(io.BytesIO(SOUND)) as source:
        signed = msgspec.json.decode(source.read(archives.MANIFEST), type=Signed)
    edited = msgspec.structs.replace(signed, body=signed.body.replace('"program":"tests"', '"program":"other"'))
    archive = opened(rezipped(SOUND, {archives.MANIFEST: msgspec.json.encode(edited)}))
    with pytest.raises(JournalError) as caught:
        archive.signed_by(PUBLIC)
    assert caught.value.code == JournalCode.BAD_SIGNATURE


@pytest.mark.parametrize("how", [{"compression": zipfile.ZIP_STORED}, {"compression": zipfile.ZIP_DEFLATED, "compresslevel": 9}])
def test_another_packing_of_the_same_files_is_the_same_archive(how: dict[str, int]) -> None:
    opened(rezipped(SOUND, **how)).check_ranges()


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packed_otherwise_it_is_refused(packing: int) -> None:
    assert refusal(rezipped(SOUND, compression=packing))[0] == JournalCode.MALFORMED


def test_a_file_cut_anywhere_is_refused() -> None:
    for length in (*range(200), *range(200, len(SOUND), 37), *range(len(SOUND) - 200, len(SOUND))):
        assert refusal(SOUND[:length])[0] == JournalCode.MALFORMED


@pytest.mark.parametrize(
    ("changes", "code", "file"),
    [
        ({"README.txt": None}, JournalCode.MALFORMED, "README.txt"),
        ({"README.txt": b"another"}, JournalCode.BAD_DIGEST, "README.txt"),
        ({"README.txt": b""}, JournalCode.BAD_DIGEST, "README.txt"),
        ({"README.txt": "改动".encode()}, JournalCode.BAD_DIGEST, "README.txt"),  # of the same size
        ({"README.txt": bytes(2**26)}, JournalCode.BAD_DIGEST, "README.txt"),
        ({"verify.py": b"not listed"}, JournalCode.MALFORMED, "verify.py"),
        ({"../escaped": b""}, JournalCode.MALFORMED, "../escaped"),
        ({"batches/": b""}, JournalCode.MALFORMED, "batches/"),
        ({archives.GATEWAY: None}, JournalCode.MALFORMED, archives.GATEWAY),
        ({archives.MANIFEST: None}, JournalCode.MALFORMED, archives.MANIFEST),
        ({archives.MANIFEST: b"{}"}, JournalCode.MALFORMED, None),
        ({archives.MANIFEST: b"\xff"}, JournalCode.MALFORMED, None),
        ({archives.MANIFEST: b"[" * 100_000}, JournalCode.MALFORMED, None),
    ],
)
def test_a_file_changed_left_out_or_added_is_named(changes: dict[str, bytes | None], code: JournalCode, file: str | None) -> None:
    assert refusal(rezipped(SOUND, changes)) == (code, file)


def test_a_name_that_stands_twice_is_refused() -> None:
    target = io.BytesIO(SOUND)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(target, "a") as twice:
        twice.writestr("README.txt", "说明".encode())
    assert refusal(target.getvalue()) == (JournalCode.MALFORMED, "README.txt")


@pytest.mark.parametrize("data", [b"MZ" + SOUND, SOUND + b"\0", SOUND + b"x" * 70_000, SOUND[:-2] + b"\x01\0!"])
def test_something_before_or_behind_is_refused(data: bytes) -> None:
    assert refusal(data) == (JournalCode.MALFORMED, "")


def test_an_archive_without_a_gateway_is_none() -> None:
    target = io.BytesIO()
    with ArchiveWriter(target) as writer:
        writer.close(body(), KEY)
    assert refusal(target.getvalue()) == (JournalCode.MALFORMED, archives.GATEWAY)


def test_an_encrypted_file_is_refused() -> None:
    spot = SOUND.index(b"PK\x01\x02") + 8  # flags of the first file in the list of contents
    local = SOUND[:6] + bytes([SOUND[6] | 1]) + SOUND[7:]
    assert refusal(local[:spot] + bytes([local[spot] | 1]) + local[spot + 1 :])[0] == JournalCode.MALFORMED


@pytest.mark.parametrize(
    "names",
    [
        "batches/x.json",
        "batches/" + "a" * 32 + "-1.json",
        "stations/A.json",
        "stations/../x.json",
        "manifest.json",
        "gateway.json\n",
        "C:\\verify.py",
    ],
)
def test_nobody_writes_a_name_that_no_archive_has(names: str) -> None:
    with ArchiveWriter(io.BytesIO()) as writer, pytest.raises(ValueError, match=r".+"):
        writer.add(names, b"")


def test_an_archive_that_was_not_closed_is_none() -> None:
    target = io.BytesIO()
    with ArchiveWriter(target) as writer:
        fill(writer)
    assert refusal(target.getvalue()) == (JournalCode.MALFORMED, archives.MANIFEST)


@given(st.data())
def test_one_byte_edited_anywhere_is_refused_or_touches_nothing_that_is_read(data: st.DataObject) -> None:
    spot = data.draw(st.integers(0, len(SOUND) - 1))
    edited = bytearray(SOUND)
    edited[spot] ^= data.draw(st.integers(1, 255))
    try:
        archive = opened(bytes(edited))
        archive.signed_by(PUBLIC)
        read = content(archive)
    except JournalError:
        return
    assert read == content(opened(SOUND))


@pytest.mark.slow
def test_every_byte_edited_is_refused_or_touches_nothing_that_is_read() -> None:
    sound, refused = content(opened(SOUND)), 0
    for spot in range(len(SOUND)):
        edited = SOUND[:spot] + bytes([SOUND[spot] ^ 0x55]) + SOUND[spot + 1 :]
        try:
            archive = opened(edited)
            archive.signed_by(PUBLIC)
        except JournalError:
            refused += 1
            continue
        assert content(archive) == sound
    assert refused > len(SOUND) * 0.8


@given(st.binary(max_size=400))
def test_any_bytes_are_an_archive_or_refused(data: bytes) -> None:
    with pytest.raises(JournalError):
        opened(data)


@given(st.dictionaries(st.sampled_from(["manifest.json", "gateway.json", "README.txt", "x"]), st.binary(max_size=60) | st.just(b"{}")))
def test_any_zip_is_an_archive_or_refused(files: dict[str, bytes]) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for name, held in files.items():
            packed.writestr(name, held)
    with pytest.raises(JournalError):
        opened(target.getvalue())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(JSON)
def test_whatever_stands_in_a_listed_file_is_no_document_by_chance(said: object) -> None:
    data = json.dumps(said).encode()
    target = io.BytesIO()
    with ArchiveWriter(target) as writer:
        for name in (archives.GATEWAY, station_name(AUTHOR.station_id), batch_name(JOURNAL, 1), receipts_name(JOURNAL, 1)):
            writer.add(name, data)
        writer.close(body((JOURNAL, 1, 1)), KEY)
    archive = open_archive(target)
    for read in (archive.gateway, lambda: archive.certificate(AUTHOR.station_id), archive.check_ranges, archive.check_receipts):
        with pytest.raises(JournalError):
            read()


@pytest.mark.parametrize(
    "ranges",
    [
        [(JOURNAL, 2, 1)],
        [(JOURNAL, 1, 4), (JOURNAL, 4, 6)],
        [(JOURNAL, 1, 4), (JOURNAL, 1, 4)],
        [(JOURNAL, 1, 6), (JOURNAL, 2, 3)],
    ],
)
def test_ranges_that_overlap_or_run_backwards_are_refused(ranges: list[tuple[str, int, int]]) -> None:
    assert refusal(written(fill, body(*ranges))) == (JournalCode.MALFORMED, archives.MANIFEST)


def test_a_journal_of_two_stations_is_refused() -> None:
    said = body((JOURNAL, 1, 4), (JOURNAL, 5, 6))
    others = msgspec.structs.replace(said.ranges[1], station_id="zz-other")
    assert refusal(written(fill, msgspec.structs.replace(said, ranges=(said.ranges[0], others))))[0] == JournalCode.MALFORMED


@pytest.mark.parametrize(
    "ranges",
    [
        [],  # batches besides the ranges
        [(JOURNAL, 1, 4)],
        [(JOURNAL, 1, 5)],  # ends within a batch
        [(JOURNAL, 1, 7)],  # short
        [(JOURNAL, 2, 6)],
        [(JOURNAL, 1, 6), (OTHER_JOURNAL, 1, 1)],
    ],
)
def test_batches_that_do_not_fill_the_ranges_are_refused(ranges: list[tuple[str, int, int]]) -> None:
    with pytest.raises(JournalError):
        opened(written(fill, body(*ranges))).check_ranges()


def test_adjacent_ranges_are_fine() -> None:
    opened(written(fill, body((JOURNAL, 1, 4), (JOURNAL, 5, 6)))).check_ranges()


@pytest.mark.parametrize(
    "changes", [{"station_id": "zz-other"}, {"gateway_id": "gw-other"}, {"journal_id": OTHER_JOURNAL}, {"first_seq": 2}]
)
def test_a_batch_of_somebody_else_is_refused(changes: dict[str, object]) -> None:
    other = msgspec.structs.replace(batch(ENTRIES[:4]), **changes)
    data = written(lambda writer: writer.add_document(batch_name(JOURNAL, 1), other), body((JOURNAL, 1, 4)))
    with pytest.raises(JournalError) as caught:
        opened(data).check_ranges()
    assert caught.value.code == JournalCode.WRONG_PLACE


@pytest.mark.parametrize(
    ("name", "held"),
    [
        (receipts_name(JOURNAL, 1), (receipt(5, 6), receipt(1, 4))),
        (receipts_name(JOURNAL, 1), (receipt(1, 4), receipt(5, 6, OTHER_JOURNAL))),
        (receipts_name(JOURNAL, 2), (receipt(1, 4),)),
        (receipts_name(OTHER_JOURNAL, 1), (receipt(1, 4, OTHER_JOURNAL),)),  # of a journal that is in no range
    ],
)
def test_receipts_in_the_wrong_file_or_order_are_refused(name: str, held: tuple[Signed, ...]) -> None:
    def misplaced(writer: ArchiveWriter) -> None:
        fill_without_receipts(writer)
        writer.add_document(name, archives.Receipts(receipts=held))

    with pytest.raises(JournalError) as caught:
        opened(written(misplaced, body((JOURNAL, 1, 6)))).check_receipts()
    assert caught.value.code == JournalCode.WRONG_PLACE


def fill_without_receipts(writer: ArchiveWriter) -> None:
    writer.add_document(batch_name(JOURNAL, 1), batch(ENTRIES[:4]))
    writer.add_document(batch_name(JOURNAL, 5), batch(ENTRIES[4:], 5))


def test_many_receipts_go_into_files_of_at_most_1024_with_names_of_their_own() -> None:
    # As a station could ask for by sending batches of all boundaries: the receipt after the 1 024th begins where the first one does.
    document = {first: receipt(first, 600) for first in (1, 2)}
    held = [(first, last, document[first]) for last in range(2, 600) for first in (1, 2)]
    archive = opened(written(lambda writer: writer.add_receipts(JOURNAL, held), body()))
    files = {name: msgspec.json.decode(archive.data(name), type=archives.Receipts).receipts for name in archive.names("receipts/")}
    assert {name: len(each) for name, each in files.items()} == {receipts_name(JOURNAL, 1): 1023, receipts_name(JOURNAL, 2): 173}
    assert all(each[0] == document[int(name[-15:-5])] for name, each in files.items())


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (JournalError(JournalCode.MALFORMED, file=""), ArchiveCode.UNREADABLE),
        (JournalError(JournalCode.BAD_DIGEST, file="README.txt"), ArchiveCode.EDITED),
        (JournalError(JournalCode.BAD_SIGNATURE), ArchiveCode.EDITED),
        (JournalError(JournalCode.UNSUPPORTED_VERSION, version=2), ArchiveCode.NEWER),
        (JournalError(JournalCode.UNKNOWN_ALGORITHM), ArchiveCode.NEWER),
    ],
)
def test_whoever_brought_it_is_told_in_a_sentence(error: JournalError, code: ArchiveCode) -> None:
    with pytest.raises(UserError) as caught, refused_whole():
        raise error
    assert caught.value.code == code


def test_a_file_that_changes_after_it_was_compared_is_noticed() -> None:
    sound = opened(SOUND)
    signed = msgspec.json.decode(zipfile.ZipFile(io.BytesIO(SOUND)).read(archives.MANIFEST), type=Signed)
    swapped = Archive(zipfile.ZipFile(io.BytesIO(rezipped(SOUND, {"README.txt": "改动".encode()}))), signed, sound.body)
    assert swapped.data(archives.GATEWAY) == sound.data(archives.GATEWAY)
    with pytest.raises(JournalError) as caught:
        swapped.data("README.txt")
    assert (caught.value.code, caught.value.facts) == (JournalCode.BAD_DIGEST, {"file": "README.txt"})


def test_a_name_that_goes_on_after_its_end_is_refused() -> None:
    def with_verifier(writer: ArchiveWriter) -> None:
        fill(writer)
        writer.add("verify.py", b"#")

    data = rezipped(written(with_verifier, body((JOURNAL, 1, 6))), {"verify.py": None, "verify.pyAA": b"#"})
    assert refusal(data.replace(b"verify.pyAA", b"verify.py\0A"))[0] == JournalCode.MALFORMED
