"""How the command line is called: exit codes, one sentence for what is wrong, languages, secrets."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from courier_check import __version__
from courier_check.cli import cli
from courier_check.cli.files import opened_file
from courier_check.errors import UserError
from courier_check.wording.shapes import in_chinese
from support.commands import ROOT, Command, main_py
from support.processes import Running

WRONG = [
    ((), "请写明要做什么，可用：station、"),
    (("nosuch",), "没有命令 nosuch"),
    (("station",), "请写明要做什么，可用：camera、carriers、enrol、gateway、init、photo-rate、printer、reader、scanner、status"),
    (("scan",), "缺少 IMAGE"),
    (("scan", "--nope", "x"), "没有选项 --nope"),
    (("check-number", "--lang", "fr", "x"), "--lang 只能是：zh、en"),
    (("correct", "abc", "--reason", "x"), "SEQ 的内容不合要求"),
    (("correct", "0", "--reason", "x"), "SEQ 的内容不合要求"),
    (("correct", "3"), "缺少 --reason"),
    (("station", "enrol"), "缺少 --gateway"),
    (("station", "status", "extra"), "命令写法不对"),
    (("report", "weekly"), "KIND 只能是：daily"),
    (("report", "daily", "--from", "yesterday"), "--from 的内容不合要求"),
    (("accept", "--operator"), "选项 --operator 的写法不对"),
    (("lists", "install", "/nope/list.json"), "找不到文件 /nope/list.json"),
    (("accept", "case.json", "--password-file", "/nope"), "找不到文件 /nope"),
    (("gateway", "publish", "poster", "x"), "KIND 只能是：list、rules"),
    (("gateway", "serve", "--port", "70000"), "--port 的内容不合要求"),
]


@pytest.mark.parametrize(("arguments", "begins"), WRONG, ids=lambda value: " ".join(value) if isinstance(value, tuple) else "")
def test_wrong_usage_is_one_chinese_sentence_and_exit_code_2(command: Command, arguments: tuple[str, ...], begins: str) -> None:
    told = command(*arguments)
    assert told.code == 2
    assert told.sentence.startswith(begins)
    assert told.sentence.endswith("。")


def test_wrong_usage_in_english_on_request(command: Command) -> None:
    assert command("scan", "--lang", "en").sentence == "IMAGE... is missing; see --help."
    assert command("scan", "--lang=en", "--nope").sentence == "There is no option --nope; see --help."


def test_help_and_version_need_no_station(command: Command) -> None:
    assert command("--version").out.strip() == f"courier-check, version {__version__}"
    assert command("--help").code == 0
    for name in cli.list_commands(click.Context(cli)):
        told = command(name, "--help")
        assert (told.code, told.err) == (0, ""), name


def every_command(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        yield " ".join((*path, name)), found
        if isinstance(found, click.Group):
            yield from every_command(found, (*path, name))


def test_no_secret_is_ever_an_argument() -> None:
    for path, found in every_command(cli):
        for parameter in found.params:
            name = parameter.name or ""
            if any(word in name for word in ("pass", "secret", "token", "key")) and name != "keyring":
                assert name.endswith("_file"), f"{path}: {name}"
                assert isinstance(parameter.type, click.Path)


def test_every_command_speaks_json_and_english() -> None:
    for path, found in every_command(cli):
        if isinstance(found, click.Group) and not found.invoke_without_command:
            continue
        assert {"as_json", "lang"} <= {parameter.name for parameter in found.params}, path


def test_nothing_is_asked_where_nobody_can_type(command: Command, tmp_path: Path) -> None:
    told = main_py("--data", tmp_path / "new", "station", "init")
    assert (told.code, told.sentence) == (2, "这里不能键入内容；请用 --passphrase-file 给出。")
    assert not (tmp_path / "new").exists()


def test_check_number_starts_without_pictures_database_and_network() -> None:
    absent = ("cv2", "numpy", "rapidocr", "onnxruntime", "requests", "sqlite_utils", "sqlcipher3", "opencc", "fastapi", "sqlalchemy")
    program = (
        "import sys; from courier_check.cli import run; code = run(['check-number', '41010519900307123X', 'SF1010000000015']);"
        f"print([name for name in {absent!r} if name in sys.modules], code, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert done.stderr == "[] 0\n"


def test_stdout_is_utf_8_and_json_only_in_a_process_of_its_own() -> None:
    told = main_py("check-number", "41010519900307123X", "--json")
    assert (told.code, told.err) == (0, "")
    assert told.line["text"] == "41010519900307123X"
    assert told.line["kinds"][0]["kind"] == "resident-id"


def test_a_reader_that_hangs_up_is_no_failure() -> None:
    with Running(
        [sys.executable, "main.py", "gateway", "--help"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("Expected `int`, got `str` - at `$.size.weight_g`", "$.size.weight_g 处应为整数，实为文字"),
        ("Expected `object | null`, got `int` - at `$.sender.document`", "$.sender.document 处应为对象或空，实为整数"),
        ("Object contains unknown field `colour` - at `$.waybill`", "$.waybill 处没有“colour”这个字段"),
        ("Object missing required field `picture` - at `$.photos[0]`", "$.photos[0] 处缺少字段“picture”"),
        ("Invalid enum value 'perhaps' - at `$.findings[...]`", "$.findings[...] 处不在规定的词之内"),
        ("JSON is malformed: invalid character (byte 12)", "第 12 字节处不合 JSON 写法"),
        ("Input data was truncated", "文件不完整"),
        ("No such file or directory", "路径不存在"),
        ("something never heard of", "something never heard of"),
    ],
)
def test_what_parsers_say_is_told_in_chinese(english: str, chinese: str) -> None:
    assert in_chinese(english) == chinese


@pytest.mark.skipif(sys.platform == "win32", reason="Windows passes arguments as text")
def test_bytes_that_are_no_text_are_refused_before_anything_is_done(command: Command) -> None:
    """A script in another encoding: half a name would be looked up, not found, and told as such."""
    told = command("screen", "--name", b"\xd5\xc5\xc8\xfd".decode("utf-8", "surrogateescape"))
    assert (told.code, told.out) == (2, "")
    assert told.sentence.startswith("命令里有无法识别的字符")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such devices")
def test_a_device_is_no_file_to_read_from(command: Command, tmp_path: Path) -> None:
    """It has no end: what looks for the directory at the end of a zip would read for ever."""
    link, data = tmp_path / "stick.zip", tmp_path / "gateway"
    link.symlink_to("/dev/zero")
    assert command("gateway", "init", "--data", data, "--id", "gw-x", "--name", "样例网关（虚构）").code == 0
    told = command("gateway", "import-bundle", link, "--data", data)
    assert (told.code, told.out) == (2, "")
    assert "stick.zip" in told.sentence
    with pytest.raises(UserError):
        opened_file(link)


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell closes it")
@pytest.mark.parametrize("end", [">&-", "| true"])
def test_nobody_who_reads_what_is_written_is_no_failure(end: str) -> None:
    script = f'"{sys.executable}" main.py check-number SF1010000000015 --json {end}; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
