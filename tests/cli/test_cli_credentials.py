"""实名码 on the command line: published, installed, taken once, from a text or a picture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store.resources import resource_path
from support.clocks import SetClock
from support.commands import Command, command_of
from support.stations import CHEAP
from tools import make_credential


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from courier_check.cli.practice import make_practice
    from courier_check.clock import SystemClock

    folder = tmp_path_factory.mktemp("practice")
    return make_practice(folder, Surroundings(SystemClock(), hasher=CHEAP), ports=range(18_800, 18_900)).folder


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], practice: Path) -> Command:
    return command_of(capsys, practice / "station")


def made(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert make_credential.main([*arguments]) == 0
    return capsys.readouterr().out.strip()


def test_a_credential_is_taken_once(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    given = made(capsys, "--person", "wang")
    told = command("read-id", "--credential", given, "--json")
    assert (told.code, told.err) == (0, "")
    assert {"file", "document", "complete", "warnings", "ms", "source"} == told.line.keys()
    assert (told.line["file"], told.line["complete"], told.line["source"]) == (None, True, "credential")
    document = told.line["document"]
    assert (document["name"], document["number"], document["valid_until"]) == ("王思远", "41010519900307123X", "2040-01-01")
    assert document["born_on"] is document["address"] is None
    again = command("read-id", "--credential", given, "--json")
    assert (again.code, again.line["error"]["code"]) == (2, "credential-used")
    assert "刷新" in again.line["error"]["message"]


def test_a_credential_is_taken_from_a_picture_and_masked_for_people(
    command: Command, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    picture = tmp_path / "code.png"
    given = made(capsys, "--person", "chen", "--png", str(picture))
    words = command("read-id", "--credential", picture).out
    assert "4***************67" in words
    assert [secret for secret in ("陈晓雯", "410102199605212467", given) if secret in words] == []
    used = command("read-id", "--credential", picture)
    assert (used.code, "陈" in used.out, given in used.out) == (2, False, False)
    assert "已使用" in used.out


def test_a_batch_goes_on_past_what_is_refused(command: Command, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    stale, early = made(capsys, "--shift", "-400"), made(capsys, "--shift", "400")
    good, absent = made(capsys), tmp_path / "absent.png"
    label = resource_path("samples/contents-books.jpg")
    arguments = [each for given in (stale, early, "实名码:1234", str(absent), str(label), good) for each in ("--credential", given)]
    told = command("read-id", *arguments, "--json")
    assert told.code == 2
    codes = [line.get("error", {}).get("code") for line in told.lines]
    assert codes == [
        "credential-expired",
        "credential-future",
        "credential-unknown",
        "picture-missing",
        "credential-not-in-picture",
        None,
    ]
    assert told.lines[2]["e_credential_ref"] == "实名码:1234"


def test_nothing_to_read_is_wrong_usage(command: Command) -> None:
    told = command("read-id")
    assert told.code == 2
    assert told.sentence


def test_the_form_is_known_without_a_station(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    picture = tmp_path / "code.png"
    given = made(capsys, "--png", str(picture))
    plain = command_of(capsys)
    (kind,) = plain("check-number", given, "--json").line["kinds"]
    assert (kind["kind"], kind["valid"], kind["reasons"]) == ("credential", False, ["credential-unverified"])
    (code,) = plain("scan", picture, "--json").line["codes"]
    assert (code["kind"], code["text"], code["valid"]) == ("credential", given, None)
    for words in (plain("check-number", given).out, plain("scan", picture).out):
        assert given not in words
        assert "实名凭证" in words


def test_what_calls_itself_a_credential_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    (kind,) = command_of(capsys)("check-number", "安易递 8F3A", "--json").line["kinds"]
    assert (kind["kind"], kind["valid"], kind["reasons"]) == ("credential", False, ["credential-words"])


def test_keys_are_published_by_the_gateway_and_installed(command: Command, capsys: pytest.CaptureFixture[str], practice: Path) -> None:
    file = practice / "lists" / "credential-keys.package.json"
    assert command("credentials", "install", file).code == 2  # installed already
    source = practice / "keys.json"
    make_credential.main(["--keys", str(source)])
    told = command_of(capsys, practice / "gateway")("gateway", "publish", "credential-keys", source, "--out", practice / "lists", "--json")
    assert told.code == 0
    assert (told.line["kind"], told.line["name"], told.line["entries"]) == ("credential-keys", "credential-keys", 1)
    installed = command("credentials", "install", file, "--json")
    assert (installed.code, installed.line["version"]) == (0, "2")
    shown = command("credentials", "status", "--json").line
    assert (shown["version"], shown["keys"][0]["issuer"]) == ("2", "practice-issuer")
    assert "练习签发机构" in command("credentials", "status").out


def test_a_gateway_publishes_no_keys_that_no_station_would_take(capsys: pytest.CaptureFixture[str], practice: Path, tmp_path: Path) -> None:
    source = tmp_path / "keys.json"
    keys = json.loads(make_credential.keys_content())
    keys["keys"][0]["practice"] = False
    source.write_text(json.dumps(keys), encoding="utf-8")
    told = command_of(capsys, practice / "gateway")("gateway", "publish", "credential-keys", source)
    assert told.code == 2
    assert "练习" in told.sentence


def test_a_station_without_keys_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    from support.stations import enrolled_at_nothing

    with Station.init(tmp_path / "s", PRACTICE_PASSPHRASE, Surroundings(SetClock(), hasher=CHEAP), practice=True) as station:
        enrolled_at_nothing(station)
    told = command_of(capsys, tmp_path / "s")("credentials", "status")
    assert (told.code, "没有安装" in told.out) == (0, True)
