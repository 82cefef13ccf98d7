"""Index files: what is whole and of this program is read, everything else is refused by name. All parties are made up."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from courier_check.desk.near_names import shipped_tables
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.index import NamedRow, NameIndex, build_index
from courier_check.screening.near import SearchedList
from courier_check.screening.normalise import normalise_name
from courier_check.store.name_index import IndexDefect, IndexFolder, InUse

NAMES = ("郑州鑫华源服饰有限公司", "洛阳样例图书商行", "郑州建材有限公司", "样例（开封）户外用品有限公司", "𠮷祥样例商贸有限公司")
LIST = "made-up"


def index_of(names: tuple[str, ...]) -> NameIndex:
    tables = shipped_tables()
    return build_index((NamedRow(f"e-{at}", 0, normalise_name(name, tables.rules)) for at, name in enumerate(names)), tables.speller)


@pytest.fixture
def folder(tmp_path: Path) -> IndexFolder:
    return IndexFolder.of(tmp_path, LIST)


def written(folder: IndexFolder, tables: str = "t1", list_id: str = LIST) -> Path:
    return folder.path / folder.write(index_of(NAMES), tables, list_id, "1")


def test_what_was_written_is_read_again(folder: IndexFolder) -> None:
    made, read = index_of(NAMES), folder.open(written(folder).name, "t1", LIST)
    assert read.rows == made.rows == 4  # generic words are in no index
    assert read.regions == made.regions
    for name, array in made.arrays.items():
        assert read.arrays[name].tolist() == array.tolist(), name
    speller = shipped_tables().speller
    assert [read.spelling(row, speller) for row in range(4)] == [made.spelling(row, speller) for row in range(4)]


def test_an_empty_index_is_one_too(folder: IndexFolder) -> None:
    name = folder.write(index_of(()), "t1", LIST, "1")
    tables = shipped_tables()
    searched = SearchedList.of(LIST, folder.open(name, "t1", LIST), tables)
    assert list(searched.near(normalise_name(NAMES[0], tables.rules), 0.5, tables)) == []


def test_another_process_finds_what_this_one_indexed(tmp_path: Path) -> None:
    tables, folder = shipped_tables(), IndexFolder.of(tmp_path, LIST)
    folder.use(InUse(source="1", base=folder.write(index_of(NAMES), tables.version, LIST, "1")))
    code = (
        "import sys; from pathlib import Path\n"
        "from courier_check.desk.near_names import shipped_tables\n"
        "from courier_check.screening.near import SearchedList\n"
        "from courier_check.screening.normalise import normalise_name\n"
        "from courier_check.store.name_index import IndexFolder\n"
        "tables, files = shipped_tables(), IndexFolder.of(Path(sys.argv[1]), 'made-up')\n"
        "index = files.open(files.in_use().base, tables.version, 'made-up')\n"
        "near = SearchedList.of('made-up', index, tables).near(normalise_name(sys.argv[2], tables.rules), 0.6, tables)\n"
        "print(*[each.entry_id for each in near])"
    )
    asked = [sys.executable, "-c", code, str(tmp_path), "郑州忻华源服饰有限公司"]
    told = subprocess.run(asked, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert told.stdout.split() == ["e-0"]


def cut(data: bytes) -> bytes:
    return data[:-70]


def longer(data: bytes) -> bytes:
    return data + b"\0"


def flipped(data: bytes) -> bytes:
    return data[:-200] + bytes([data[-200] ^ 1]) + data[-199:]


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (cut, ScreeningCode.INDEX_DAMAGED),
        (longer, ScreeningCode.INDEX_DAMAGED),
        (flipped, ScreeningCode.INDEX_DAMAGED),
        (lambda data: data[:40], ScreeningCode.INDEX_DAMAGED),
        (lambda data: data[:27] + b"\xff" * 8 + data[35:], ScreeningCode.INDEX_DAMAGED),
        (lambda _: b"", ScreeningCode.INDEX_FOREIGN),
        (lambda _: b"SQLite format 3\0" * 8, ScreeningCode.INDEX_FOREIGN),
        (lambda data: data.replace(b"index/1\n", b"index/9\n", 1), ScreeningCode.INDEX_FOREIGN),
        (lambda data: data.replace(b'"uint64"', b'"object"', 1), ScreeningCode.INDEX_FOREIGN),
    ],
)
def test_a_file_that_is_not_whole_or_not_ours_is_refused(harm: Callable[[bytes], bytes], code: ScreeningCode, folder: IndexFolder) -> None:
    file = written(folder)
    file.write_bytes(harm(file.read_bytes()))
    with pytest.raises(IndexDefect) as raised:
        folder.open(file.name, "t1", LIST)
    assert raised.value.code is code


def test_a_file_of_other_tables_or_another_list_is_refused(folder: IndexFolder) -> None:
    with pytest.raises(IndexDefect) as raised:
        folder.open(written(folder, tables="t0").name, "t1", LIST)
    assert raised.value.code is ScreeningCode.INDEX_OTHER_VERSION
    with pytest.raises(IndexDefect) as raised:
        folder.open(written(folder, list_id="another").name, "t1", LIST)
    assert raised.value.code is ScreeningCode.INDEX_FOREIGN
    with pytest.raises(IndexDefect) as raised:
        folder.open("absent.index", "t1", LIST)
    assert raised.value.code is ScreeningCode.INDEX_DAMAGED


def test_a_new_file_takes_the_place_of_the_old_while_that_is_read(folder: IndexFolder) -> None:
    first = written(folder)
    folder.use(InUse(source="1", base=first.name))
    read = folder.open(first.name, "t1", LIST)
    second = written(folder)
    folder.use(InUse(source="2", base=second.name))
    assert folder.in_use() == InUse(source="2", base=second.name)
    assert read.full(0)  # what is mapped stays
    assert second.exists()


def test_a_note_that_is_unreadable_is_none(folder: IndexFolder) -> None:
    assert folder.in_use() is None
    folder.path.mkdir(parents=True)
    (folder.path / "in-use.json").write_bytes(b"{")
    assert folder.in_use() is None
