"""The depot's stick and exports by their commands only, beside a gateway that is serving the same folder."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from courier_check import typed
from courier_check.clock import SystemClock
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import journal
from courier_check.wire.archives import Openings, What, open_archive
from support.commands import SECRETS, Command, case_file, command_of
from support.disks import fill_up, small_disk
from support.gateways import Practice, practice_gateway
from support.practice import Practice as Enrolled
from support.ready import ready_station
from support.state import entry_count

WAYBILLS = ("SF1010000000015", "SF1010000000024")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gateway") / "g"


@pytest.fixture(scope="module")
def gateway(data: Path) -> Iterator[Practice]:
    with practice_gateway(data, SystemClock()) as running:
        yield running


@pytest.fixture(scope="module")
def depot_made(gateway: Practice, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A station with two acceptances, nothing of it delivered."""
    path = tmp_path_factory.mktemp("depot") / "station"
    ready_station(path, url=gateway.url, code=gateway.code("zz-depot"))
    return path


@pytest.fixture
def depot(depot_made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(depot_made, tmp_path / "station"))


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], depot: Path) -> Command:
    return command_of(capsys, depot)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Practice]:
    """A gateway that nobody has sent anything to."""
    with practice_gateway(tmp_path / "fresh", SystemClock()) as running:
        yield running


@pytest.fixture
def own(tmp_path: Path, fresh: Practice, capsys: pytest.CaptureFixture[str]) -> Command:
    """A station of the fresh gateway."""
    ready_station(tmp_path / "own", url=fresh.url, code=fresh.code("zz-own"))
    return command_of(capsys, tmp_path / "own")


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.endswith(".new")]


def test_a_depot_without_a_line_by_stick_and_back(own: Command, fresh: Practice, tmp_path: Path) -> None:
    for number in WAYBILLS:
        assert own("accept", case_file(tmp_path, number)).code == 0
    made = own("bundle", "export", tmp_path / "out.zip", "--json")
    assert (made.code, made.err) == (0, "")
    line = made.line
    assert {"file", "first_seq", "last_seq", "entries", "sha256"} <= line.keys()
    assert line["sha256"] == hashlib.sha256((tmp_path / "out.zip").read_bytes()).hexdigest()
    assert (line["first_seq"], line["entries"]) == (1, line["last_seq"])

    importing = ("gateway", "import-bundle", "--data", tmp_path / "fresh", tmp_path / "out.zip", "--json")
    taken = own(*importing, "--answers", tmp_path / "home.zip")
    assert (taken.code, taken.err) == (0, "")
    batch, summary = taken.lines
    assert (batch["result"], batch["station"], batch["entries"]) == ("stored", "zz-own", line["entries"])
    assert (summary["stored"], summary["held"], summary["answers"]) == (1, 0, str(tmp_path / "home.zip"))

    home = own("bundle", "import-receipts", tmp_path / "home.zip", "--json")
    assert (home.code, home.err) == (0, "")
    assert home.line == {
        "file": str(tmp_path / "home.zip"),
        "receipts": 1,
        "acknowledged": line["entries"],
        "returned": 0,
        "pending": 0,
        "revoked": False,
        "taken": [],
        "refiled": 0,
    }
    proven = own("verify", "--record", WAYBILLS[1], "--json").line
    assert (proven["ok"], proven["receipts"]) == (True, 1)
    assert own("sync", "--json").line["sent"] == 0

    again = own(*importing, "--answers", tmp_path / "home-2.zip")
    assert (again.code, again.lines[-1]["held"], again.lines[-1]["entries"]) == (0, 1, 0)
    assert own("bundle", "import-receipts", tmp_path / "home-2.zip", "--json").line["acknowledged"] == 0
    assert leftovers(tmp_path) == []
    assert own("bundle", "export", tmp_path / "next.zip").sentence == "没有待传的条目，没有写出交接包。"
    assert not (tmp_path / "next.zip").exists()


def test_a_revoked_station_is_told_when_the_receipts_come_home(own: Command, tmp_path: Path) -> None:
    importing = ("gateway", "import-bundle", "--data", tmp_path / "fresh", tmp_path / "out.zip", "--answers", tmp_path / "home.zip")
    for arguments in (("gateway", "revoke", "--data", tmp_path / "fresh", "zz-own"), ("bundle", "export", tmp_path / "out.zip"), importing):
        assert own(*arguments).code == 0
    told = own("bundle", "import-receipts", tmp_path / "home.zip")
    assert told.code == 0
    assert told.out.splitlines()[1].startswith("本收寄台已被吊销")


def test_a_depot_whose_journals_id_another_station_took_files_again_when_the_answers_come_home(
    own: Command, fresh: Practice, tmp_path: Path
) -> None:
    with Station.open(tmp_path / "own", PRACTICE_PASSPHRASE, Surroundings(SystemClock())) as station:
        taken = journal.current_journal(station.database) or ""
    entries = entry_count(tmp_path / "own")
    copyist = Enrolled.enrolled(fresh.url, fresh.code("zz-copyist"), SystemClock())
    copyist.journal_id, copyist.entries, copyist.hashes = taken, [], []
    copyist.append("journal-open", {"predecessor": None})
    copyist.send()
    importing = ("gateway", "import-bundle", "--data", tmp_path / "fresh", tmp_path / "out.zip", "--answers", tmp_path / "home.zip")
    assert own("bundle", "export", tmp_path / "out.zip").code == 0
    refused = own(*importing)
    assert refused.code == 2
    assert "可能有人冒用" in refused.out
    told = own("bundle", "import-receipts", tmp_path / "home.zip")
    assert told.code == 0
    assert f"日志 {taken} 的编号被另一台抢先用来报送" in told.out
    assert f"补录 {entries} 条" in told.out
    importing = ("gateway", "import-bundle", "--data", tmp_path / "fresh", tmp_path / "next.zip", "--answers", tmp_path / "home-2.zip")
    for arguments in (("bundle", "export", tmp_path / "next.zip"), importing):
        assert own(*arguments).code == 0
    last = own("bundle", "import-receipts", tmp_path / "home-2.zip", "--json").line
    assert (last["pending"], last["taken"], last["refiled"]) == (0, [], 0)


def test_a_later_stick_first_is_named_and_left_for_later(own: Command, fresh: Practice, tmp_path: Path) -> None:
    assert own("bundle", "export", tmp_path / "1.zip", "--to-seq", "3", "--json").line["entries"] == 3
    later = own("bundle", "export", tmp_path / "2.zip", "--from-seq", "4", "--json").line
    assert later["first_seq"] == 4
    told = own("gateway", "import-bundle", "--data", tmp_path / "fresh", tmp_path / "2.zip", "--json")
    assert (told.code, told.lines[0]["result"], told.lines[0]["error"]["code"]) == (2, "later", "behind")
    in_words = own("gateway", "import-bundle", "--data", tmp_path / "fresh", tmp_path / "2.zip")
    assert in_words.code == 2
    assert "请先读入更早的交接包" in in_words.out
    for name, code in (("1.zip", 0), ("2.zip", 0)):
        assert own("gateway", "import-bundle", "--data", tmp_path / "fresh", tmp_path / name).code == code


def test_what_is_damaged_is_named_and_the_rest_written(own: Command, tmp_path: Path) -> None:
    with Station.open(tmp_path / "own", PRACTICE_PASSPHRASE, Surroundings(SystemClock())) as station, station.database.write() as tx:
        damaged = journal.current_journal(tx) or ""
        tx.execute("DROP TRIGGER journal_entries_unchanged")
        tx.execute("UPDATE journal_entries SET signature = zeroblob(64) WHERE journal_id = ? AND seq = 2", (damaged,))
    made = own("bundle", "export", tmp_path / "out.zip", "--json")
    assert (made.code, made.line["missing"]) == (1, [{"journal": damaged, "first_seq": 2, "last_seq": 2}])
    assert [(each["first_seq"], each["last_seq"]) for each in made.line["ranges"]] == [(1, 1), (3, made.line["last_seq"])]
    told = own("bundle", "export", tmp_path / "again.zip")
    assert f"损坏或缺失的没有写入：{damaged[:8]}:2。" in told.out
    with Station.open(tmp_path / "own", PRACTICE_PASSPHRASE, Surroundings(SystemClock())) as station:
        assert journal.current_journal(station.database) != damaged, "its journal is closed"
    only = own("bundle", "export", tmp_path / "none.zip", "--from-seq", "1")  # of the successor, which is whole
    assert only.code == 0


def test_what_goes_along_says_how_to_verify(command: Command, tmp_path: Path) -> None:
    assert command("bundle", "export", tmp_path / "out.zip").code == 0
    with zipfile.ZipFile(tmp_path / "out.zip") as packed:
        note = packed.read("README.txt").decode()
    assert "verify.py" in note
    assert "怎样核验" in note


@pytest.mark.slow
def test_the_verifier_that_goes_along_finds_every_archive_sound(own: Command, fresh: Practice, tmp_path: Path) -> None:
    assert own("accept", case_file(tmp_path)).code == 0
    files = [tmp_path / f"{name}.zip" for name in ("bundle", "answers", "all", "one", "before", "gateway")]
    bundle, answers, everything, one, before, gateway_export = files
    made = (
        ("bundle", "export", bundle),
        ("export", "2-3", before),
        ("gateway", "import-bundle", "--data", tmp_path / "fresh", bundle, "--answers", answers),
        ("bundle", "import-receipts", answers),
        ("export", "all", everything),
        ("export", "3", one, "--reveal"),
        ("gateway", "export", "--data", tmp_path / "fresh", gateway_export),
    )
    for arguments in made:
        assert own(*arguments).code == 0
    for file in files:
        found = verified(file, tmp_path)
        assert (found.returncode, found.stderr) == (0, ""), found.stdout


def verified(archive: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """What the verifier says, taken out of an export and run by itself."""
    with zipfile.ZipFile(folder / "all.zip") as packed:
        packed.extract("verify.py", folder / "taken-out")
    command = [sys.executable, "-I", str(folder / "taken-out" / "verify.py"), str(archive)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", cwd=folder, check=False, timeout=60)


def test_the_file_is_for_its_owner_only(command: Command, tmp_path: Path) -> None:
    assert command("bundle", "export", tmp_path / "out.zip").code == 0
    assert (tmp_path / "out.zip").stat().st_mode & 0o077 == 0


def test_nothing_is_written_over(command: Command, data: Path, depot: Path, tmp_path: Path) -> None:
    there = tmp_path / "there.zip"
    there.write_bytes(b"mine")
    entries = entry_count(depot)
    commands = (
        ("bundle", "export", there),
        ("export", "all", there),
        ("gateway", "export", "--data", data, there),
        ("gateway", "import-bundle", "--data", data, there, "--answers", there),
    )
    for arguments in commands:
        told = command(*arguments)
        assert (told.code, told.sentence) == (2, f"{there} 已经存在，没有改动；请换一个文件名。")
    assert there.read_bytes() == b"mine"
    assert entry_count(depot) == entries


def test_a_file_that_is_no_archive_is_refused_in_one_sentence(command: Command, gateway: Practice, data: Path, tmp_path: Path) -> None:
    assert command("bundle", "export", tmp_path / "out.zip").code == 0
    whole = (tmp_path / "out.zip").read_bytes()
    files = {"torn.zip": whole[: len(whole) // 2], "empty.zip": b"", "text.zip": "不是压缩包".encode()}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        for arguments in (("bundle", "import-receipts"), ("gateway", "import-bundle", "--data", data)):
            told = command(*arguments, tmp_path / name)
            assert (told.code, told.sentence[:5]) == (2, "文件不完整")
    wrong = command("bundle", "import-receipts", tmp_path / "out.zip")
    assert (wrong.code, wrong.sentence[:14]) == (2, "这是另一种文件（bundle")
    english = command("bundle", "import-receipts", tmp_path / "out.zip", "--lang", "en")
    assert english.sentence.startswith("This is a file of another kind (bundle)")
    assert command("bundle", "import-receipts", tmp_path / "absent.zip").code == 2
    assert command("bundle", "export", tmp_path / "no" / "such" / "place.zip").code == 2


# --- exports ----------------------------------------------------------------------------------------------------------------------------


def last_entry(folder: Path) -> dict[str, object]:
    with Station.open(folder, PRACTICE_PASSPHRASE, Surroundings(SystemClock())) as station:
        journal_id = journal.current_journal(station.database) or ""
        seq = journal.head_of(station.database, journal_id, "").seq
        stored = journal.entry_at(station.database, journal_id, seq)
        assert stored is not None
        header: dict[str, object] = json.loads(stored.header_bytes)
    return header


def test_an_export_is_an_act_of_a_supervisor_and_an_entry(command: Command, depot: Path, tmp_path: Path) -> None:
    assert command("accept", case_file(tmp_path)).code == 0
    told = command("export", "all", tmp_path / "all.zip", "--json")
    assert (told.code, told.err) == (0, "")
    header = last_entry(depot)
    assert (header["kind"], header["operator"], header["seq"]) == ("export", "0001", told.line["seq"])
    assert header["facts"] == {"what": "export", "rows": told.line["entries"]}
    assert json.loads((depot / "head.json").read_text())["seq"] == header["seq"], "noted outside the database as well"
    assert told.line["entries"] == told.line["seq"] - 1, "all that was there before it"
    with (tmp_path / "all.zip").open("rb") as file:
        archive = open_archive(file)
        archive.check_ranges()
        assert archive.body.what == What.EXPORT
        texts = [archive.data(name).decode() for name in archive.names("")]
    assert not any(secret in text for text in texts for secret in SECRETS)


def test_what_is_revealed_is_journaled_as_such(command: Command, depot: Path, tmp_path: Path) -> None:
    seq = command("accept", case_file(tmp_path), "--json").line["seq"]
    told = command("export", str(seq), tmp_path / "one.zip", "--reveal", "--json")
    assert (told.code, told.line["revealed"]) == (0, True)
    assert last_entry(depot)["facts"] == {"what": "export-revealed", "rows": told.line["entries"]}
    with (tmp_path / "one.zip").open("rb") as file:
        archive = open_archive(file)
        (name,) = archive.names("openings/")
        openings = archive.data(name)
    assert [entry.seq for entry in typed.decode(openings, Openings).entries] == [seq]


def test_a_clerk_exports_nothing(command: Command, depot: Path, tmp_path: Path) -> None:
    for more in ((), ("--reveal",)):
        told = command("export", "all", tmp_path / "all.zip", "--operator", "0142", *more)
        assert (told.code, told.sentence[:9]) == (2, "收寄员 0142 ")
    assert not (tmp_path / "all.zip").exists()
    assert last_entry(depot)["kind"] == "sign-in"


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("", "范围应写成"),
        ("x", "范围应写成"),
        ("1-", "范围应写成"),
        ("3-2", "日志里没有第 3 至 2 条"),
        ("0", "日志里没有第 0 至 0 条"),
        ("99999", "日志里没有第 99999 至 99999 条"),
        ("f" * 32 + ":1-2", "本收寄台没有日志 ffff"),
        ("9" * 400, "范围应写成"),
    ],
)
def test_a_range_that_is_none_is_said(command: Command, tmp_path: Path, wanted: str, says: str) -> None:
    told = command("export", wanted, tmp_path / "x.zip")
    assert (told.code, told.sentence[: len(says)]) == (2, says)
    assert not (tmp_path / "x.zip").exists()


def test_ranges_as_people_write_them(command: Command, depot: Path, tmp_path: Path) -> None:
    with Station.open(depot, PRACTICE_PASSPHRASE, Surroundings(SystemClock())) as station:
        journal_id = journal.current_journal(station.database)
    expected = {"2": (2, 2), "2-4": (2, 4), f"{journal_id}:1-3": (1, 3), f"{journal_id}:3": (3, 3)}
    for number, (wanted, ends) in enumerate(expected.items()):
        line = command("export", wanted, tmp_path / f"{number}.zip", "--json").line
        assert (line["first_seq"], line["last_seq"]) == ends
        assert line["ranges"] == [{"journal": journal_id, "first_seq": ends[0], "last_seq": ends[1]}]


def test_the_gateway_exports_what_it_holds(own: Command, fresh: Practice, tmp_path: Path) -> None:
    empty = own("gateway", "export", "--data", tmp_path / "fresh", tmp_path / "empty.zip")
    assert (empty.code, empty.sentence) == (2, "网关还没有收到过条目，没有可导出的。")
    synced = own("sync", "--json").line
    for more in ((), ("--station", "zz-own")):
        target = tmp_path / f"export{len(more)}.zip"
        line = own("gateway", "export", "--data", tmp_path / "fresh", target, *more, "--json").line
        assert (line["stations"], line["journals"], line["entries"]) == (1, 1, synced["sent"])
        assert line["sha256"] == hashlib.sha256(target.read_bytes()).hexdigest()
        with target.open("rb") as file:
            archive = open_archive(file)
            archive.check_ranges()
            archive.check_receipts()
            assert archive.body.what == What.GATEWAY_EXPORT
    told = own("gateway", "export", "--data", tmp_path / "fresh", tmp_path / "x.zip", "--station", "zz-nobody")
    assert (told.code, told.sentence) == (2, "没有收寄台 zz-nobody；请核对编号。")
    assert leftovers(tmp_path) == []


@pytest.mark.slow
def test_a_full_stick_leaves_no_file_and_no_entry(command: Command, data: Path, depot: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "stick", "64k") as stick:
        filler = fill_up(stick)
        for arguments in (("bundle", "export", stick / "out.zip"), ("export", "all", stick / "all.zip")):
            told = command(*arguments)
            assert (told.code, told.sentence[:4]) == (3, "磁盘已满")
        assert [path.name for path in stick.iterdir()] == ["filler"]
        assert last_entry(depot)["kind"] == "sign-in", "nobody exported anything"
        filler.unlink()
        assert command("bundle", "export", stick / "out.zip").code == 0


@pytest.mark.slow
def test_answers_that_find_no_room_are_written_when_the_bundle_is_read_again(own: Command, fresh: Practice, tmp_path: Path) -> None:
    assert own("bundle", "export", tmp_path / "out.zip").code == 0
    with small_disk(tmp_path / "stick", "64k") as stick:
        filler = fill_up(stick)
        importing = ("gateway", "import-bundle", "--data", tmp_path / "fresh", tmp_path / "out.zip", "--answers", stick / "home.zip")
        told = own(*importing)
        assert (told.code, told.err[:4]) == (3, "磁盘已满")
        assert not (stick / "home.zip").exists()
        filler.unlink()
        assert own(*importing, "--json").lines[-1]["held"] == 1
        assert own("bundle", "import-receipts", stick / "home.zip", "--json").line["pending"] == 0
