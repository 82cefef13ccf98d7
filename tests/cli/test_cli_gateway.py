"""Station and gateway by their commands only: founding, enrolment by line and by file, packages, synchronisation, proof, revocation."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from courier_check.clock import SystemClock
from courier_check.store.resources import resource_path
from support.commands import Command, case_file, command_of, start_main_py
from support.gateways import Practice, practice_gateway
from support.ready import new_station

PLACE = ("--outlet", "zz-jinshui", "--outlet-name", "样例金水网点", "--region", "410105")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the gateway."""
    return tmp_path_factory.mktemp("gateway") / "g"


@pytest.fixture(scope="module")
def gateway(data: Path) -> Iterator[Practice]:
    with practice_gateway(data, SystemClock()) as running:
        yield running


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A practice station, not enrolled."""
    path = tmp_path_factory.mktemp("made") / "station"
    new_station(path).close()
    return path


@pytest.fixture
def station(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    return command_of(capsys, Path(shutil.copytree(made, tmp_path / "station")))


def enrol_code(command: Command, data: Path, station_id: str) -> str:
    told = command("gateway", "enrol-code", "--data", data, "--station", station_id, *PLACE, "--json")
    assert (told.code, told.err) == (0, "")
    return str(told.line["code"])


def with_signature_changed(package: bytes) -> bytes:
    spot = package.index(b'"signature":"') + len(b'"signature":"')
    return package[:spot] + (b"A" if package[spot : spot + 1] != b"A" else b"B") + package[spot + 1 :]


def passwords(folder: Path) -> Path:
    path = folder / "password"
    path.write_text("practice\n", encoding="utf-8")
    return path


def add_operators(station: Command, folder: Path) -> None:
    file = passwords(folder)
    for code, role in (("0001", "supervisor"), ("0142", "clerk")):
        assert station("operators", "add", code, "--name", "样例", "--role", role, "--new-password-file", file).code == 0


def check_proof(station: Command, text: str, seq: int, folder: Path) -> None:
    """The text of the record's QR code, from the line and from a file; an altered one, and what is none."""
    told = station("verify", "--proof", text, "--json")
    assert (told.code, told.line["ok"], told.line["station"], told.line["seq"]) == (0, True, "zz-01", seq)
    file = folder / "proof.txt"
    file.write_text(text + "\n", encoding="utf-8")
    assert station("verify", "--proof", file).out.startswith("通过：网关于 ")
    altered = station("verify", "--proof", text[:-6] + ("A" if text[-6] != "A" else "B") + text[-5:])
    assert (altered.code, altered.out.startswith("不通过：这份回执证明不成立")) == (1, True)
    file.write_bytes(b"\xff\x00 no proof")
    assert station("verify", "--proof", file).code == 1
    assert station("verify", "--proof", folder / "absent.txt").code == 2


def test_from_enrolment_to_proof(station: Command, gateway: Practice, data: Path, tmp_path: Path) -> None:
    code = enrol_code(station, data, "zz-01")
    enrolled = station("station", "enrol", code, "--gateway", gateway.url, "--json")
    assert enrolled.line == {"station": "zz-01", "gateway": "gw-test", "practice": True}
    add_operators(station, tmp_path)
    seq = station("accept", case_file(tmp_path), "--json").line["seq"]
    synced = station("sync", "--json")
    assert (synced.code, synced.err) == (0, "")
    assert {"sent", "acknowledged", "returned", "pending", "head", "gateway_head", "state"} <= synced.line.keys()
    assert (synced.line["pending"], synced.line["state"]) == (0, "synchronised")
    assert synced.line["head"] == synced.line["gateway_head"] == seq
    assert station("sync", "status", "--json").line["state"] == "synchronised"
    proof = station("verify", "--record", seq, "--json").line
    assert proof["ok"]
    assert {"merkle_root", "path", "index", "size", "received_at"} <= proof["proofs"][0].keys()
    check_proof(station, proof["proofs"][0]["text"], seq, tmp_path)
    assert station("verify", "--json").line["receipts"] == 1
    status = station("station", "status", "--json").line
    assert (status["pending"], status["acknowledged"]) == (0, seq)
    assert station("station", "enrol", code, "--gateway", gateway.url).sentence.startswith("本收寄台已登记为 zz-01")


@pytest.mark.slow
def test_signed_lists_and_rules_travel_from_gateway_to_station(station: Command, gateway: Practice, data: Path, tmp_path: Path) -> None:
    station("station", "enrol", enrol_code(station, data, "zz-02"), "--gateway", gateway.url)
    add_operators(station, tmp_path)
    csv, packages = resource_path("samples/practice_list.csv"), tmp_path / "packages"
    published = station("gateway", "publish", "list", csv, "--data", data, "--region", "410105", "--out", packages, "--json")
    assert published.code == 0
    assert {Path(line["file"]).name for line in published.lines} == {
        f"practice-{name}.package.json" for name in ("counterfeit", "notice", "own")
    }
    package = packages / "practice-counterfeit.package.json"
    assert station("verify", "--package", package, "--json").line["ok"]
    installed = station("lists", "install", package, "--json")
    assert installed.line["signed"]
    assert station("lists", "install", package).sentence.startswith("已安装的版本 1 不旧于")
    assert station("screen", "--uscc", "91410100MA9YB0A16H", "--json").line["level"] == "block"
    forged = tmp_path / "forged.json"
    forged.write_bytes(with_signature_changed(package.read_bytes()))
    told = station("verify", "--package", forged, "--json")
    assert (told.code, told.line["ok"]) == (1, False)
    assert station("lists", "install", forged).code == 2
    assert station("gateway", "publish", "rules", resource_path("checklists.json"), "--data", data, "--out", packages).code == 0
    assert station("rules", "install", packages / "checklists.package.json", "--json").line["version"] == "1"
    assert station("rules", "install", package).sentence.startswith("数据包的种类不对")
    assert station("gateway", "publish", "list", csv, "--data", data).sentence.startswith("签发名单须写明")


def test_enrolment_by_file(station: Command, gateway: Practice, data: Path, tmp_path: Path) -> None:
    request, answer = tmp_path / "request.json", tmp_path / "answer.json"
    code = enrol_code(station, data, "zz-03")
    at = ("--gateway", gateway.url)
    assert station("station", "enrol", code, *at, "--request-file", request, "--json").line == {"file": str(request)}
    assert station("gateway", "certify", request, "--data", data, "--out", answer, "--json").line == {"file": str(answer)}
    assert station("station", "enrol", *at, "--answer-file", request).sentence.startswith("登记应答与登记码不符")
    assert station("station", "enrol", *at, "--answer-file", answer, "--json").line["station"] == "zz-03"
    assert station("sync", "--json").line["pending"] == 0


def test_what_can_be_wrong_with_an_enrolment(station: Command, gateway: Practice, data: Path) -> None:
    code = enrol_code(station, data, "zz-04")
    at = ("--gateway", gateway.url)
    assert station("sync").sentence.startswith("本收寄台还没有登记到监管网关")
    assert station("station", "enrol", *at).sentence.startswith("缺少登记码")
    assert station("station", "enrol", "CC1-nonsense", *at).sentence.startswith("登记码有误")
    assert station("station", "enrol", code, "--gateway", "http://gateway.example").sentence.startswith(
        "网关地址 http://gateway.example 不可用"
    )
    assert station("station", "enrol", code, "--gateway", "http://[::1").code == 2
    absent = station("station", "enrol", code, "--gateway", "http://127.0.0.1:9")
    assert (absent.code, absent.sentence[:2]) == (3, "离线")
    assert station("station", "enrol", code, *at).code == 0


def test_a_revoked_station_is_kept_apart_and_the_operator_is_told(station: Command, gateway: Practice, data: Path) -> None:
    station("station", "enrol", enrol_code(station, data, "zz-05"), "--gateway", gateway.url)
    assert station("sync").code == 0
    assert station("gateway", "revoke", "zz-05", "--data", data, "--json").line == {"station": "zz-05", "revoked": True}
    assert station("gateway", "revoke", "zz-none", "--data", data).sentence.startswith("没有收寄台 zz-none")


def test_a_system_pulls_with_its_token_until_it_is_disabled(command: Command, gateway: Practice, data: Path) -> None:
    added = command("gateway", "users", "add", "board", "--region", "4101", "--data", data, "--json").line
    headers = {"Authorization": f"Bearer {added['token']}"}
    url = f"{gateway.url}/v1/pull/entries?format=jsonl"
    assert requests.get(url, headers=headers, timeout=10).status_code == 200
    assert added["token"] not in command("gateway", "users", "list", "--data", data, "--json").out
    assert command("gateway", "users", "disable", "board", "--data", data, "--json").line == {"name": "board", "disabled": True}
    assert requests.get(url, headers=headers, timeout=10).status_code in (401, 403)
    listed = command("gateway", "users", "list", "--data", data, "--json").line
    assert (listed["name"], listed["disabled"]) == ("board", True)


@pytest.mark.slow
def test_a_gateway_of_its_own_is_founded_and_serves_until_it_is_told_to_end(command: Command, tmp_path: Path) -> None:
    data = tmp_path / "own"
    founded = command("gateway", "init", "--data", data, "--id", "gw-own", "--name", "样例", "--practice", "--json")
    assert founded.line == {"gateway": "gw-own", "practice": True, "data": str(data)}
    assert command("gateway", "init", "--data", data).sentence.startswith("文件夹或数据库里已有内容")
    assert command("gateway", "init", "--data", tmp_path / "other", "--id", "Not An Id").code == 2
    with start_main_py("gateway", "serve", "--data", data, "--port", "0", "--json") as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        assert requests.get(f"{url}/v1/gateway", timeout=10).json()["gateway_id"] == "gw-own"
        taken = command("gateway", "serve", "--data", data, "--port", url.rpartition(":")[2])
        assert taken.code == 3
        assert taken.sentence.startswith("无法在 127.0.0.1:")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "")


def test_there_is_no_gateway_in_an_empty_folder(command: Command, tmp_path: Path) -> None:
    told = command("gateway", "users", "list", "--data", tmp_path)
    assert told.code == 3
    assert told.sentence.startswith("这里没有网关")


def test_a_gateway_put_back_begins_another_journal(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    command = command_of(capsys, tmp_path / "nothing")
    command("gateway", "init", "--data", tmp_path / "g", "--practice")
    first, second = (command("gateway", "restored", "--data", tmp_path / "g", "--json").line for _ in range(2))
    assert first["restored"] is True
    assert first["gateway_journal_id"] != second["gateway_journal_id"]
    told = command("gateway", "restored", "--data", tmp_path / "g")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("已另起一本网关日志")
    assert command("gateway", "restored", "--data", tmp_path / "none").code == 3


def test_a_key_is_changed_with_the_root_key_only(station: Command, tmp_path: Path) -> None:
    made = station("gateway", "init", "--data", tmp_path / "gw", "--id", "gw-keys", "--practice", "--json")
    assert made.code == 0, made.err
    root = tmp_path / "gw" / "root" / "root.key"
    changed = station("gateway", "rotate", "receipt", "--root-key", root, "--data", tmp_path / "gw", "--json")
    assert (changed.code, changed.line["role"], changed.line["serial"]) == (0, "receipt", 6)
    wrong = station("gateway", "rotate", "package", "--root-key", tmp_path / "gw" / "keys" / "package.key", "--data", tmp_path / "gw")
    assert wrong.code == 3
    assert station("gateway", "rotate", "root", "--root-key", root, "--data", tmp_path / "gw").code == 2
    withdrawn = station("gateway", "rotate", "receipt", "--withdraw", "--root-key", root, "--data", tmp_path / "gw", "--json")
    assert (withdrawn.code, withdrawn.line["serial"], withdrawn.line["withdrawn"]) == (0, 7, True)
    told = station("gateway", "rotate", "receipt", "--withdraw", "--root-key", root, "--data", tmp_path / "gw")
    assert (told.code, "已撤销" in told.out) == (0, True)
    refused = station("gateway", "rotate", "package", "--withdraw", "--root-key", root, "--data", tmp_path / "gw")
    assert (refused.code, "只有回执密钥可以撤销" in refused.err) == (2, True)
