"""Station and gateway by their commands only: founding, enrolment by line and by file, packages, synchronisation, proof, revocation."""

from __future__ import annotations

import json
import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import requests

from courier_check.clock import SystemClock
from courier_check.gateway.setup import read_gateway_file
from courier_check.journal.entries import parse_header
from courier_check.journal.keys import from_text
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import journal
from courier_check.store.identity import save_enrolment
from courier_check.store.resources import resource_path
from courier_check.wire.certificates import root_fingerprint
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
    waiting = station("verify", "--record", seq, "--json").line
    assert (waiting["ok"], waiting["pending"], waiting["proofs"]) == (True, [seq], [])
    told = station("verify", "--record", seq)
    assert (told.code, told.out.splitlines()[1]) == (0, f"第 {seq} 条：监管网关还没有回执")
    synced = station("sync", "--json")
    assert (synced.code, synced.err) == (0, "")
    assert {"sent", "acknowledged", "returned", "pending", "head", "gateway_head", "state"} <= synced.line.keys()
    assert (synced.line["pending"], synced.line["state"]) == (0, "synchronised")
    assert synced.line["head"] == synced.line["gateway_head"] == seq
    assert station("sync", "status", "--json").line["state"] == "synchronised"
    proof = station("verify", "--record", seq, "--json").line
    assert (proof["ok"], proof["pending"], proof["proofs"][0]["after_revocation"]) == (True, [], False)
    assert {"merkle_root", "path", "index", "size", "received_at"} <= proof["proofs"][0].keys()
    check_proof(station, proof["proofs"][0]["text"], seq, tmp_path)
    assert station("verify", "--json").line["receipts"] == 1
    status = station("station", "status", "--json").line
    assert (status["pending"], status["acknowledged"], status["revoked"]) == (0, seq, False)
    root = gateway.gateway.trusted.root
    assert status["root"] == root_fingerprint(from_text(root.public_key)).hex()
    assert f"根证书指纹 {status['root']}" in station("station", "status").out
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


@pytest.mark.parametrize(
    ("url", "begins"),
    [
        ("http://gateway.example", "网关地址 http://gateway.example 不可用"),
        ("https://gateway.example?x=1", "网关地址 https://gateway.example?x=1 不可用"),
        ("gateway.example", "网关地址 gateway.example 不可用"),
        ("https://clerk:secret@gateway.example", "网关地址里不能写用户名和密码"),
    ],
)
def test_an_address_that_can_never_be_used_is_refused_at_enrolment_by_file(station: Command, tmp_path: Path, url: str, begins: str) -> None:
    """On a stick nobody speaks to the gateway, so that a wrong address would come to light with the first run only."""
    file = tmp_path / "file.json"
    file.write_text("{}", encoding="utf-8")
    for way in (("CC1-x", "--request-file", tmp_path / "new.json"), ("--answer-file", file)):
        told = station("station", "enrol", *way, "--gateway", url)
        assert (told.code, told.sentence.startswith(begins), "secret" in told.sentence) == (2, True, False)


def test_a_gateway_that_moved_is_found_at_its_new_address(station: Command, gateway: Practice, data: Path, tmp_path: Path) -> None:
    """What is believed stays pinned to the root: only where the station looks has changed, and the journal says who changed it."""
    request, answer = tmp_path / "request.json", tmp_path / "answer.json"
    before = ("--gateway", "https://gateway.invalid")
    station("station", "enrol", enrol_code(station, data, "zz-06"), *before, "--request-file", request)
    station("gateway", "certify", request, "--data", data, "--out", answer)
    assert station("station", "enrol", *before, "--answer-file", answer).code == 0
    add_operators(station, tmp_path)
    assert station("station", "gateway", "--json").line == {"url": "https://gateway.invalid", "gateway": "gw-test"}
    assert station("station", "gateway", gateway.url, "--operator", "0142").code == 2  # a clerk
    assert station("station", "gateway", "http://gateway.example").code == 2
    moved = station("station", "gateway", f"{gateway.url}/", "--json")
    assert (moved.code, moved.line["url"]) == (0, gateway.url)
    with Station.open(tmp_path / "station", PRACTICE_PASSPHRASE, Surroundings(SystemClock())) as opened:
        journal_id = journal.current_journal(opened.database) or ""
        newest = journal.entry_at(opened.database, journal_id, journal.head_of(opened.database, journal_id, "").seq)
    assert newest is not None
    changed = parse_header(newest.header_bytes)
    assert (changed.kind, changed.operator) == ("setting-changed", "0001")
    assert changed.facts == {"name": "gateway_url", "value": gateway.url}
    assert station("sync", "--json").line["pending"] == 0
    again = station("station", "enrol", *before, "--answer-file", answer)
    assert again.sentence.startswith("本收寄台已登记为 zz-06，没有改动")


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
    add_operators(station, passwords(data.parent).parent)
    assert station("sync").code == 3
    for again in (station("station", "status"), station("sync", "status")):
        assert again.out.startswith("本收寄台已被吊销"), again.out
    assert station("station", "gateway", "http://127.0.0.1:9").code == 0
    assert station("sync").code == 3
    told = station("sync", "status", "--json").line
    assert (told["state"], told["revoked"]) != ("synchronised", False)
    assert "已被吊销" in station("sync", "status").out, "also after a run that ended offline"
    assert station("station", "status", "--json").line["revoked"] is True
    assert station("gateway", "revoke", "zz-none", "--data", data).sentence.startswith("没有收寄台 zz-none")
    held = station("sync", "status", "--json").line["gateway_head"]
    (proof,) = station("verify", "--record", held, "--json").line["proofs"]
    assert proof["after_revocation"] is True
    assert f"第 {held} 条：吊销后收到" in station("verify", "--record", held).out
    assert f"第 {held} 条：吊销后收到" in station("verify", "--proof", proof["text"]).out
    assert station("verify", "--proof", proof["text"], "--json").line["after_revocation"] is True
    confirming = ("gateway", "confirm", "zz-05", "--data", data, "--by", "王样例", "--reason")
    assert station(*confirming, "两行\n理由").sentence.startswith("请写明确认人")
    held = station(*confirming, "到场核对过（样本）", "--json").line
    assert (held["station"], held["confirmed"] > 0) == ("zz-05", True)
    assert station(*confirming, "到场核对过（样本）").out.strip() == "zz-05 没有待确认的条目，未作改动"
    assert station("gateway", "confirm", "zz-none", *confirming[3:], "样本").sentence.startswith("没有收寄台 zz-none")
    assert station(*confirming, "样本", "--journal", "ab" * 16).sentence.startswith("收寄台 zz-05 没有日志")


def test_what_the_gateway_gave_as_its_reason_is_told(station: Command, gateway: Practice, data: Path, tmp_path: Path) -> None:
    """The sentence asks to tell the administrator the reason, so it must be there to be told."""
    station("station", "enrol", enrol_code(station, data, "zz-07"), "--gateway", gateway.url)
    add_operators(station, tmp_path)
    with practice_gateway(tmp_path / "other", SystemClock()) as other:
        assert station("station", "gateway", other.url).code == 0
        told = station("sync")
        assert (told.code, "记录都还在" in told.out, "网关没有登记这个收寄台" in told.out) == (3, True, True)
        assert "网关没有登记这个收寄台" in station("sync", "status").out


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
    root = founded.line["root"]
    assert founded.line == {"gateway": "gw-own", "practice": True, "data": str(data), "root": root}
    assert re.fullmatch("[0-9a-f]{32}", root)
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
    assert "备份之后的吊销和确认已丢失" in told.out
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("已另起一本网关日志")
    assert command("gateway", "restored", "--data", tmp_path / "none").code == 3


def test_a_proof_by_a_withdrawn_key_is_not_printed_until_it_is_signed_anew(station: Command, tmp_path: Path) -> None:
    """Whoever checks it would refuse it; the station's own journal is as sound as before."""
    folder = tmp_path / "own"
    with practice_gateway(folder, SystemClock()) as own:
        assert station("station", "enrol", own.code("zz-08"), "--gateway", own.url).code == 0
        assert station("sync").code == 0
    root = folder / "root" / "root.key"
    assert station("gateway", "rotate", "receipt", "--withdraw", "--root-key", root, "--data", folder).code == 0
    with Station.open(tmp_path / "station", PRACTICE_PASSPHRASE, Surroundings(SystemClock())) as opened, opened.database.write() as tx:
        document = read_gateway_file(folder).document  # as the day's run fetches it
        save_enrolment(tx, msgspec.structs.replace(opened.enrolled().enrolment, gateway=document))
    told = station("verify", "--record", "1", "--json")
    assert (told.code, told.line["ok"], told.line["proofs"], told.line["proofs_to_renew"]) == (0, True, [], [1])
    assert "第 1 条的回执由已撤销的密钥签出" in station("verify", "--record", "1").out
    with practice_gateway(folder, SystemClock()) as own:
        with Station.open(tmp_path / "station", PRACTICE_PASSPHRASE, Surroundings(SystemClock())) as opened, opened.database.write() as tx:
            save_enrolment(tx, msgspec.structs.replace(opened.enrolled().enrolment, url=own.url))
        assert station("sync").code == 0
    renewed = station("verify", "--record", "1", "--json").line
    assert (len(renewed["proofs"]), renewed["proofs_to_renew"]) == (1, [])
    assert station("verify", "--proof", renewed["proofs"][0]["text"]).code == 0


def test_a_key_is_changed_with_the_root_key_only(station: Command, tmp_path: Path) -> None:
    made = station("gateway", "init", "--data", tmp_path / "gw", "--id", "gw-keys", "--practice", "--json")
    assert made.code == 0, made.err
    root = tmp_path / "gw" / "root" / "root.key"
    changed = station("gateway", "rotate", "receipt", "--root-key", root, "--data", tmp_path / "gw", "--json")
    assert (changed.code, changed.line["role"], changed.line["serial"]) == (0, "receipt", 6)
    wrong = station("gateway", "rotate", "package", "--root-key", tmp_path / "gw" / "keys" / "package.key", "--data", tmp_path / "gw")
    assert (wrong.code, wrong.sentence.startswith("这不是本网关的根密钥")) == (2, True), "a key of another role"
    text = tmp_path / "not-a-key"
    text.write_text("?", encoding="utf-8")
    assert station("gateway", "rotate", "package", "--root-key", text, "--data", tmp_path / "gw").sentence == wrong.sentence
    assert station("gateway", "rotate", "root", "--root-key", root, "--data", tmp_path / "gw").code == 2
    withdrawn = station("gateway", "rotate", "receipt", "--withdraw", "--root-key", root, "--data", tmp_path / "gw", "--json")
    assert (withdrawn.code, withdrawn.line["serial"], withdrawn.line["withdrawn"]) == (0, 7, True)
    told = station("gateway", "rotate", "receipt", "--withdraw", "--root-key", root, "--data", tmp_path / "gw")
    assert (told.code, "已撤销" in told.out) == (0, True)
    refused = station("gateway", "rotate", "package", "--withdraw", "--root-key", root, "--data", tmp_path / "gw")
    assert (refused.code, "只有回执密钥可以撤销" in refused.err) == (2, True)
