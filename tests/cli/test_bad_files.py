"""Files that are not what they should be: the right exit code, one sentence, and nothing written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from courier_check.store.resources import resource_path
from support.commands import Command, Told, case_file, typed_case
from support.state import accepted_waybills, entry_count

PICTURE = resource_path("samples/contents-books.jpg")


def sparse(path: Path) -> None:
    with path.open("wb") as target:
        target.truncate(3 * 1024**3)


def dangling(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere")


MAKE_BAD: dict[str, Callable[[Path], object]] = {
    "a folder": Path.mkdir,
    "dangling": dangling,
    "absent": lambda _: None,
    "empty": Path.touch,
    "huge": sparse,
    "text": lambda path: path.write_text("this is a letter", encoding="utf-8"),
    "cut short": lambda path: path.write_bytes(PICTURE.read_bytes()[:2_000]),
    "noise after a magic": lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20),
}


@pytest.fixture(params=MAKE_BAD)
def bad(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "bad.jpg"
    MAKE_BAD[request.param](path)
    return path


def one_error(told: Told) -> dict[str, Any]:
    """The error of a batch of one: on its line, told in Chinese, and no word on stderr."""
    assert (told.code, told.err) == (2, "")
    error = told.line["error"]
    assert error.keys() == {"code", "message"}
    assert error["message"][-1] == "。"
    assert "{" not in error["message"]
    assert not any(word in error["message"] for word in ("Error", "No such", "Expected", "Object", "cannot", "denied"))
    return dict(error)


@pytest.mark.parametrize("name", ["scan", "read-id"])
def test_a_bad_picture_is_an_error_on_its_line(command: Command, bad: Path, name: str) -> None:
    assert one_error(command(name, bad, "--json"))["code"].startswith("picture-")
    words = command(name, bad)
    assert words.code == 2
    assert len(words.out.splitlines()) == 1


def test_a_bad_photo_of_the_contents_accepts_nothing(station_command: Command, folder: Path, tmp_path: Path, bad: Path) -> None:
    one_error(station_command("accept", case_file(tmp_path, photos=[{"picture": bad.name}]), "--json"))
    assert accepted_waybills(folder) == []
    assert list((folder / "evidence").rglob("*.bin")) == []


@pytest.mark.parametrize("where", ["document", "waybill"])
def test_a_bad_picture_of_document_or_waybill_accepts_nothing(station_command: Command, folder: Path, tmp_path: Path, where: str) -> None:
    (tmp_path / "bad.jpg").write_bytes(b"not a picture")
    given = {"picture": "bad.jpg"}
    changes = {"sender": {"document": given}} if where == "document" else {"waybill": given}
    assert one_error(station_command("accept", case_file(tmp_path, **changes), "--json"))["code"] == "picture-not-a-picture"
    assert accepted_waybills(folder) == []


BAD_CASES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "文件不完整"),
    "no json": (b"hello", "第 0 字节处不合 JSON 写法"),
    "cut short": (b'{"sender": {', "文件不完整"),
    "a list": (b"[]", "应为对象，实为列表"),
    "unknown field": (b'{"sendr": {}}', "没有“sendr”这个字段"),
    "unknown field inside": (b'{"waybill": {"colour": 1}}', "$.waybill 处没有“colour”这个字段"),
    "wrong type": (b'{"size": {"weight_g": "heavy"}}', "$.size.weight_g 处应为整数或空，实为文字"),
    "unknown answer": (b'{"findings": {"sealed-in-sight": "perhaps"}}', "不在规定的词之内"),
    "unknown kind": (b'{"mail_kind": "pigeon"}', "$.mail_kind 处不在规定的词之内"),
    "missing member": (b'{"photos": [{}]}', "$.photos[0] 处缺少字段“picture”"),
    "nested too deep": (b'{"contents": [{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}]}", "嵌套太深"),
}


@pytest.mark.parametrize("name", BAD_CASES)
def test_a_case_file_that_is_none_says_where_it_is_wrong(station_command: Command, folder: Path, tmp_path: Path, name: str) -> None:
    content, told = BAD_CASES[name]
    path = tmp_path / "case.json"
    path.write_bytes(content)
    error = one_error(station_command("accept", path, "--json"))
    assert error["code"] == "case-unreadable"
    assert told in error["message"]
    assert accepted_waybills(folder) == []


@pytest.mark.parametrize("kind", ["a folder", "dangling", "absent", "huge"])
def test_a_case_file_that_can_not_be_read_is_an_error(station_command: Command, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "case.json"
    MAKE_BAD[kind](path)
    assert one_error(station_command("accept", path, "--json"))["code"] in ("file-unusable", "file-too-large")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"operator": "0999"}, "operator-differs"),
        ({"waybill": {"text": "SF1010000000015", "carrier": "ems"}}, "carrier-not-possible"),
        ({"waybill": {"text": "http://example.com/"}}, "not-a-waybill"),
        ({"contents": [{"name": "图书", "category": "no-such"}]}, "contents-category-unknown"),
        ({"contents": [{"name": "图书", "category": "documents", "quantity": -1}]}, "contents-number-bad"),
        ({"contents": [{"name": "图书", "category": "documents", "colour": "red"}]}, "contents-field-unknown"),
        ({"size": {"weight_g": -5}}, "contents-size-bad"),
        ({"findings": {"no-such-item": "yes"}}, "unknown-item"),
        ({"found": [{"kind": "prohibited", "name": "刀", "category": "77"}]}, "unknown-category"),
        ({"refusal": {"code": "R77"}}, "unknown-refusal"),
        ({"exemptions": {"photo-contents": "no reason known"}}, "unknown-exemption"),
        ({"resolutions": [{"list": "x", "entry": "y", "kind": "not-same", "reason": "z"}]}, "no-such-hit"),
        ({"settlements": [{"code": "nothing", "reason": "z"}]}, "nothing-to-settle"),
        ({"note_": ""}, "case-unreadable"),
    ],
)
def test_a_case_that_does_not_hold_together_says_why(
    station_command: Command, folder: Path, tmp_path: Path, changes: dict[str, Any], code: str
) -> None:
    error = one_error(station_command("accept", case_file(tmp_path, **changes), "--json"))
    assert error["code"] == code
    assert accepted_waybills(folder) == []


def test_more_photos_than_a_parcel_may_have_are_refused(station_command: Command, folder: Path, tmp_path: Path) -> None:
    Image.new("RGB", (200, 200), "white").save(tmp_path / "white.png")
    error = one_error(station_command("accept", case_file(tmp_path, photos=[{"picture": "white.png"}] * 130), "--json"))
    assert error["code"] == "too-many-photos"
    assert accepted_waybills(folder) == []


@pytest.mark.slow  # photos that are good enough are looked through for documents, by recognition
def test_every_bad_photo_of_a_case_is_named_and_nothing_is_accepted(station_command: Command, folder: Path, tmp_path: Path) -> None:
    shutil.copy(resource_path("samples/contents-books.jpg"), tmp_path / "books.jpg")
    Image.new("RGB", (800, 600), (9, 9, 9)).save(tmp_path / "dark.png")
    (tmp_path / "words.jpg").write_text("no picture", encoding="utf-8")
    photos = [{"picture": "dark.png"}, {"picture": "books.jpg"}, {"picture": "words.jpg"}]
    told = station_command("accept", case_file(tmp_path, photos=photos), "--json")
    assert [(line["photo"], line["error"]["code"]) for line in told.lines] == [
        ("dark.png", "photo-dark"),
        ("words.jpg", "picture-not-a-picture"),
    ]
    assert told.code == 2
    assert accepted_waybills(folder) == []
    assert not list((folder / "evidence").rglob("*.bin"))


@pytest.mark.slow
def test_a_poor_photo_is_kept_where_nobody_requires_it_and_is_marked(station_command: Command, folder: Path, tmp_path: Path) -> None:
    Image.new("RGB", (800, 600), (9, 9, 9)).save(tmp_path / "dark.png")
    poor = [{"picture": "dark.png", "keep_anyway": True}]
    assert station_command("accept", case_file(tmp_path, photos=poor), "--json").line["verdict"] == "accept"
    required = station_command("accept", case_file(tmp_path, "SF1010000000024", sampled=True, photos=poor), "--json")
    assert one_error(required)["code"] == "acceptance-incomplete"
    assert "开箱" in one_error(required)["message"]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"type": "library-card"}, "document-type-unknown"),
        ({"colour": "red"}, "document-field-unknown"),
        ({"born_on": "yesterday"}, "document-date-invalid"),
        ({"name": "名" * 5_000}, "document-field-invalid"),
        ({"name": 7}, "document-field-invalid"),
    ],
)
def test_a_typed_document_that_can_not_be_one_says_why(
    station_command: Command, folder: Path, tmp_path: Path, document: dict[str, Any], code: str
) -> None:
    sender = typed_case()["sender"]
    sender["document"] |= document
    assert one_error(station_command("accept", case_file(tmp_path, sender=sender), "--json"))["code"] == code
    assert accepted_waybills(folder) == []


def test_an_incomplete_case_names_what_is_missing(station_command: Command, folder: Path, tmp_path: Path) -> None:
    findings = {item: answer for item, answer in typed_case()["findings"].items() if item != "sealed-in-sight"}
    case = case_file(tmp_path, findings=findings, contents=[], addressee=None)
    message = one_error(station_command("accept", case, "--json"))["message"]
    assert message.startswith("还不能提交，还差：")
    assert "内件" in message
    assert "收件人" in message
    assert "sealed-in-sight" not in message
    assert accepted_waybills(folder) == []
    empty = tmp_path / "empty.json"
    empty.write_text("{}", encoding="utf-8")
    assert "有效身份证件" in one_error(station_command("accept", empty, "--json"))["message"]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"valid_from": "2015-01-01", "valid_until": "2025-01-01"}, "R02"),
        ({"valid_from": "2039-01-01", "valid_until": "2059-01-01"}, "R02"),
        ({"number": "410105199003071238"}, None),
        ({"born_on": "2090-03-07"}, None),
    ],
)
def test_wrong_digits_and_dates_never_accept(
    station_command: Command, folder: Path, tmp_path: Path, changes: dict[str, str], refusal: str | None
) -> None:
    sender = typed_case()["sender"]
    sender["document"] |= changes
    told = station_command("accept", case_file(tmp_path, sender=sender), "--json")
    assert told.code == 0
    assert told.line["verdict"] in ("refuse", "refer")
    if refusal is not None:
        assert refusal in [reason["code"] for reason in told.line["reasons"]]
    assert all("{" not in reason["text"] for reason in told.line["reasons"])
    assert accepted_waybills(folder) == []


def test_a_waybill_with_a_wrong_check_digit_is_not_accepted(station_command: Command, folder: Path, tmp_path: Path) -> None:
    waybill = {"text": "EA123456784CN", "carrier": "ems", "sender_name": "王思远"}
    told = station_command("accept", case_file(tmp_path, waybill=waybill), "--json").line
    assert told.get("verdict") in ("refuse", "refer")
    assert accepted_waybills(folder) == []


def test_secret_and_change_files_that_are_no_text_are_refused(station_command: Command, folder: Path, tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00\x81")
    before = entry_count(folder)
    for arguments in (
        ("station", "status", "--passphrase-file", binary),
        ("accept", case_file(tmp_path), "--password-file", binary),
        ("correct", "8", "--reason", "x", "--set-file", binary),
    ):
        told = station_command(*arguments)
        assert told.code == 2
        assert told.sentence.startswith(f"文件 {binary} 不是 UTF-8 文字")
    assert entry_count(folder) == before


@pytest.mark.slow
def test_list_and_rule_files_that_are_none_install_nothing(station_command: Command, tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "file"
    for content in (b"", b"\x00\xff\xfe" * 50, b"list_id\n", json.dumps({"v": 1}).encode()):
        path.write_bytes(content)
        for arguments in (
            ("lists", "install", path),
            ("lists", "install", "--csv", path, "--unsigned-practice"),
            ("rules", "install", path),
        ):
            told = station_command(*arguments)
            assert told.code == 2, (content, arguments)
            assert told.err
            assert "Traceback" not in told.err
    assert len(station_command("lists", "status", "--json").lines) == 3
    with path.open("wb") as target:
        target.truncate(3 * 1024**3)
    for arguments in (("lists", "install", path), ("rules", "check", path), ("verify", "--package", path)):
        told = station_command(*arguments)
        assert (told.code, "字节的上限" in told.sentence) == (2, True)


def test_a_name_that_is_no_unicode_text_still_gives_json(command: Command) -> None:
    told = command("scan", "\udcff.jpg", "--json")
    assert told.code == 2
    assert told.line["error"]["code"] == "picture-missing"


OTHER_ENCODINGS = {
    "utf-16": json.dumps(typed_case(), ensure_ascii=False).encode("utf-16"),
    "gb18030": json.dumps(typed_case(), ensure_ascii=False).encode("gb18030"),
    "noise": b'{"note": "\xff\xfe"}',
}


@pytest.mark.parametrize("encoding", OTHER_ENCODINGS)
def test_a_case_file_of_another_encoding_is_told_to_be_saved_as_utf_8(station_command: Command, tmp_path: Path, encoding: str) -> None:
    """What notepads save unasked."""
    file = tmp_path / "case.json"
    file.write_bytes(OTHER_ENCODINGS[encoding])
    error = one_error(station_command("accept", file, "--json"))
    assert (error["code"], "请另存为 UTF-8" in error["message"]) == ("file-not-text", True)


def test_a_mark_before_a_case_file_is_no_mistake(station_command: Command, tmp_path: Path) -> None:
    file = case_file(tmp_path)
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert station_command("accept", file, "--json").code == 0
