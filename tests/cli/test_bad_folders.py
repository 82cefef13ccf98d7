"""Data folders that are damaged, edited, newer or locked: the right exit code, one sentence, nothing made worse."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import keyring.backends.fail
import pytest

from courier_check.clock import SystemClock
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store.resources import resource_path
from courier_check.sync.synchroniser import SyncState
from support.commands import Command, case_file, command_of
from support.gateways import practice_gateway
from support.ready import ready_station
from support.state import accepted_waybills, edit, settle

pytestmark = pytest.mark.slow

COMMANDS = (("station", "status"), ("verify",), ("views", "check"), ("sync",), ("operators", "list"), ("report", "daily"))


@pytest.fixture
def used(station_command: Command, folder: Path, tmp_path: Path) -> Path:
    """A folder with two acceptances in it: entries 8 and 9."""
    station_command("accept", case_file(tmp_path), case_file(tmp_path, "SF1010000000024"))
    return folder


def everything_says(command: Command, code: int, begins: str) -> None:
    for arguments in COMMANDS:
        told = command(*arguments)
        assert (told.code, told.sentence[: len(begins)]) == (code, begins), arguments


def test_a_wrong_passphrase_opens_nothing(station_command: Command, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("not the passphrase\n", encoding="utf-8")
    for arguments in COMMANDS:
        told = station_command(*arguments, "--passphrase-file", wrong)
        assert (told.code, told.sentence) == (2, "口令不对，数据没有打开；请核对后重试。")


def test_a_wrong_password_signs_nobody_in_and_soon_has_to_wait(station_command: Command, tmp_path: Path, folder: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("not the password", encoding="utf-8")
    told = [station_command("accept", case_file(tmp_path), "--password-file", wrong) for _ in range(5)]
    assert [each.code for each in told] == [2] * 5
    assert told[0].sentence.startswith("工号 0142 的密码不对")
    assert told[-1].sentence.startswith("输错次数过多")
    assert accepted_waybills(folder) == []


def test_a_real_station_needs_its_passphrase_and_a_long_one(command: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    short, long = tmp_path / "short", tmp_path / "long"
    short.write_text("1234567", encoding="utf-8")
    long.write_text("\ufefflong enough\r\nsecond line", encoding="utf-8")
    real = command_of(capsys, tmp_path / "real")
    assert real("station", "init", "--passphrase-file", short).sentence.startswith("口令至少要 8 个字符")
    assert not (tmp_path / "real").exists()
    assert real("station", "init", "--passphrase-file", long).code == 0
    assert real("station", "init", "--passphrase-file", long).sentence.startswith(f"{tmp_path / 'real'} 已有内容")
    assert real("station", "status").sentence.startswith("这里不能键入内容")
    status = real("station", "status", "--passphrase-file", long, "--json").line
    assert (status["practice"], status["station"]) == (False, None)
    told = real("lists", "install", "--csv", __file__, "--unsigned-practice", "--passphrase-file", long)
    assert told.code == 2


@pytest.fixture
def no_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())
    yield
    keyring.set_keyring(before)


def test_without_a_keyring_the_passphrase_still_opens(no_keyring: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    secret = tmp_path / "secret"
    secret.write_text("long enough", encoding="utf-8")
    real = command_of(capsys, tmp_path / "real")
    told = real("station", "init", "--keyring", "--passphrase-file", secret)
    assert (told.code, told.sentence) == (3, "这台机器没有可用的系统钥匙串；请改用口令打开。")
    assert real("station", "status", "--passphrase-file", secret).code == 0
    keys = tmp_path / "real" / "keys.json"
    held = json.loads(keys.read_text(encoding="utf-8"))
    keys.write_text(json.dumps(held | {"keyring": held["passphrase"]["wrapped"]}), encoding="utf-8")
    told = real("station", "status")
    assert (told.code, told.sentence) == (3, "这台机器没有可用的系统钥匙串；请改用口令打开。")


def test_there_is_no_station_where_none_was_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    everything_says(command_of(capsys, tmp_path / "nowhere"), 3, f"{tmp_path / 'nowhere'} 里没有收寄台数据")
    (tmp_path / "file").touch()
    everything_says(command_of(capsys, tmp_path), 3, f"{tmp_path} 里没有收寄台数据")


@pytest.mark.parametrize("name", ["folder.json", "keys.json"])
@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b'{"format": "x"}'])
def test_a_damaged_marker_or_key_file_is_named(station_command: Command, folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    everything_says(station_command, 3, f"数据文件夹中的 {name} 已损坏")


def test_an_impossible_cost_in_the_key_file_is_damage(station_command: Command, folder: Path) -> None:
    held = json.loads((folder / "keys.json").read_text(encoding="utf-8"))
    held["passphrase"]["memory_kib"] = 2**40
    (folder / "keys.json").write_text(json.dumps(held), encoding="utf-8")
    assert station_command("verify").sentence.startswith("数据文件夹中的 keys.json 已损坏")


@pytest.mark.parametrize("newer", ["marker", "keys", "migration"])
def test_a_folder_from_a_newer_version_is_left_alone(station_command: Command, folder: Path, newer: str) -> None:
    if newer == "migration":
        edit(folder, "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('station', 'of_the_future', '')")
    else:
        path = folder / ("folder.json" if newer == "marker" else "keys.json")
        path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"format": 2}), encoding="utf-8")
    before = settle(folder) if newer != "keys" else b""
    everything_says(station_command, 3, "这个数据文件夹由更新版本的程序写成")
    assert newer == "keys" or settle(folder) == before


def truncated(database: Path) -> None:
    database.write_bytes(database.read_bytes()[: database.stat().st_size // 2 + 100])


def short(database: Path) -> None:
    database.write_bytes(database.read_bytes()[:1000])


def garbage(database: Path) -> None:
    database.write_bytes(random.Random(7).randbytes(database.stat().st_size))  # noqa: S311 - not a secret


def plain(database: Path) -> None:
    database.write_bytes(b"SQLite format 3\x00" + bytes(4080))


def emptied(database: Path) -> None:
    database.write_bytes(b"")


@pytest.mark.parametrize("damage", [truncated, short, garbage, plain, emptied, Path.unlink])
def test_a_damaged_database_is_said_to_be_and_not_begun_anew(
    used: Path, station_command: Command, damage: Callable[[Path], object]
) -> None:
    settle(used)
    damage(used / "station.db")
    size = (used / "station.db").stat().st_size if (used / "station.db").exists() else None
    told = station_command("verify")
    assert told.code == 3
    assert "备份恢复" in told.sentence
    told = station_command("accept", "no-such-case.json", "--json")
    assert told.code == 3
    assert ((used / "station.db").stat().st_size if (used / "station.db").exists() else None) == size


def test_a_flipped_byte_in_any_page_is_found(used: Path, station_command: Command, tmp_path: Path) -> None:
    sound = settle(used)
    for page in range(0, len(sound) // 4096, 7):
        spoilt = bytearray(sound)
        spoilt[page * 4096 + 2000] ^= 1
        (used / "station.db").write_bytes(spoilt)
        told = station_command("verify")
        assert told.code in (1, 3)
        assert "Traceback" not in told.err
    (used / "station.db").write_bytes(sound)
    assert accepted_waybills(used) == ["SF1010000000015", "SF1010000000024"]


EXEMPTED = "header = CAST(replace(CAST(header AS TEXT), 'verified', 'exempted') AS BLOB)"
EDITS = {
    "a header": (f"UPDATE journal_entries SET {EXEMPTED} WHERE seq = 8", 8, "bad-signature"),  # noqa: S608 - the test's own words
    "a broken header": ("UPDATE journal_entries SET header = CAST('{' AS BLOB) WHERE seq = 8", 8, "malformed"),
    "a cut header": ("UPDATE journal_entries SET header = substr(header, 1, 200) WHERE seq = 8", 8, "malformed"),
    "a signature": ("UPDATE journal_entries SET signature = zeroblob(64) WHERE seq = 8", 8, "bad-signature"),
    "a short signature": ("UPDATE journal_entries SET signature = x'00' WHERE seq = 8", 8, "bad-signature"),
    "a noted hash": ("UPDATE journal_entries SET hash = replace(hash, substr(hash, 1, 1), 'g') WHERE seq = 8", 8, "noted-hash-differs"),
    "a part": ("UPDATE parts SET opening = x'00' WHERE seq = 8 AND name = 'reported'", 8, "bad-digest"),
    "a sealed part": ("UPDATE parts SET sealed = x'00' WHERE seq = 8 AND name = 'index'", 8, "bad-digest"),
    "a removed row": ("DELETE FROM journal_entries WHERE seq = 8", 9, "missing-entry"),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_row_is_named_by_verify_and_stops_nothing_else_badly(
    used: Path, station_command: Command, tmp_path: Path, name: str
) -> None:
    statement, seq, what = EDITS[name]
    before = ("DELETE FROM parts WHERE seq = 8",) if statement.startswith("DELETE") else ()
    edit(used, *before, statement)
    told = station_command("verify", "--json")
    assert (told.code, told.line["ok"]) == (1, False)
    assert (seq, what) in [(failure["seq"], failure["what"]) for failure in told.line["failures"]]
    words = station_command("verify")
    assert (words.code, words.err) == (1, "")
    assert "请停止使用，保全数据文件夹" in words.out
    assert what not in words.out
    record = station_command("verify", "--record", "8", "--json")
    assert record.code == (2 if name == "a removed row" else 1)
    for arguments in (*COMMANDS, ("views", "rebuild"), ("correct", "8", "--set", "phone=13800001235", "--reason", "x")):
        said = station_command(*arguments)
        assert said.code in (0, 1, 2, 3), arguments
        assert "Traceback" not in said.err, (arguments, said.err)
        assert "程序内部出错" not in said.err, arguments
        assert len(said.err.splitlines()) <= 1, arguments


def test_a_lost_or_altered_photo_is_named(station_command: Command, folder: Path, tmp_path: Path) -> None:
    shutil.copy(resource_path("samples/contents-books.jpg"), tmp_path / "books.jpg")
    station_command("accept", case_file(tmp_path, photos=[{"picture": "books.jpg"}]))
    assert station_command("verify").code == 0
    (photo,) = (folder / "evidence").rglob("*.bin")
    data = bytearray(photo.read_bytes())
    data[100] ^= 1
    photo.write_bytes(data)
    told = station_command("verify", "--json")
    assert (told.code, [(failure["seq"], failure["what"]) for failure in told.line["failures"]]) == (1, [(8, "evidence-altered")])
    photo.unlink()
    assert "照片文件不见了" in station_command("verify").out


BIT = "UPDATE receipts SET column = substr(column, 1, 20) || char(unicode(substr(column, 21, 1)) + 1) || substr(column, 22)"


def test_a_receipt_with_one_bit_changed_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "station"
    command = command_of(capsys, folder)
    with practice_gateway(tmp_path / "gateway", SystemClock()) as gateway:
        ready_station(folder, url=gateway.url, code=gateway.code())
        assert command("sync").code == 0
        sound = settle(folder)
        other_letter = "UPDATE receipts SET key_id = '!' || substr(key_id, 2)"  # no key has such an id: nobody could read it
        for damage in (*(BIT.replace("column", column) for column in ("body", "signature", "key_id")), other_letter):
            edit(folder, damage)
            told = command("verify", "--json")
            assert told.code == 1
            (failure,) = told.line["failures"]
            assert failure["what"].startswith("receipt-")
            words = command("verify").out
            assert "回执" in words
            assert "receipt-" not in words
            assert command("verify", "--record", "1").code == 1
            assert command("sync").code == 0
            (folder / "station.db").write_bytes(sound)
        assert command("verify").code == 0


def test_a_start_cut_off_after_it_began_a_successor_begins_no_second_one(folder: Path) -> None:
    def opened() -> Station:
        return Station.open(folder, PRACTICE_PASSPHRASE, Surroundings(SystemClock()))

    before = settle(folder)
    with opened() as station:
        station.desk().operators.sign_in("0142", "practice")
        station.keep_head()
    head = (folder / "head.json").read_bytes()
    settle(folder)
    (folder / "station.db").write_bytes(before)  # put back: behind the head kept outside
    for _ in range(3):
        (folder / "head.json").write_bytes(head)  # the new head was never kept
        with opened() as station:
            assert len(station.database.rows("SELECT journal_id FROM journals")) == 2
            assert station.verify().ok
            assert station.synchronise().status.state == SyncState.OFFLINE
