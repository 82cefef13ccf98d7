"""What parsers and the operating system say in English, for readers of Chinese."""

from __future__ import annotations

import re
from collections.abc import Sequence

_KINDS = {
    "str": "文字",
    "int": "整数",
    "float": "数字",
    "bool": "true 或 false",
    "array": "列表",
    "object": "对象",
    "null": "空",
    "date": "日期",
    "bytes": "Base64 文字",
}
_RULES: Sequence[tuple[re.Pattern[str], str]] = [
    (re.compile(pattern, re.DOTALL), told)
    for pattern, told in (
        (r"Expected `([^`]*)`, got `([^`]*)`", "应为{0}，实为{1}"),
        (r"Expected `([^`]*)`", "应为{0}"),
        (r"Object contains unknown field `([^`]*)`", "没有“{0}”这个字段"),
        (r"Object missing required field `([^`]*)`", "缺少字段“{0}”"),
        (r"Invalid enum value .*", "不在规定的词之内"),
        (r"Expected `array` of length (\S+).*", "列表应有 {0} 项"),
        (r"JSON is malformed: .*\(byte (\d+)\)", "第 {0} 字节处不合 JSON 写法"),
        (r"Input data was truncated", "文件不完整"),
        (r"Input is not valid UTF-8.*|.*UnicodeDecodeError.*|.*codec can't decode.*", "不是 UTF-8 文字"),
        (r"RecursionError|.*recursion.*", "嵌套太深"),
        (r"No such file or directory", "路径不存在"),
        (r"Permission denied|Operation not permitted", "没有权限"),
        (r"Is a directory", "这是文件夹"),
        (r"Not a directory", "路径中有一段不是文件夹"),
        (r"No space left on device", "磁盘已满"),
        (r"Read-only file system", "磁盘只读"),
        (r"File exists", "同名的文件已经存在"),
        (r"proxy not usable", "代理地址用不了"),
        (r"proxy not usable: (.*)", "代理 {0} 用不了"),
    )
]
_PLACE = re.compile(r"(?P<what>.*?) - at `(?P<path>[^`]*)`", re.DOTALL)


def in_chinese(text: str) -> str:
    """A parser's or the system's message in Chinese; what is not known stays as it is."""
    placed = _PLACE.fullmatch(text)
    if placed is not None:
        return f"{placed['path']} 处{in_chinese(placed['what'])}"
    for pattern, told in _RULES:
        found = pattern.fullmatch(text)
        if found is not None:
            return told.format(*(_kinds(group) for group in found.groups()))
    return text


def _kinds(text: str) -> str:
    return "或".join(_KINDS.get(each, each) for each in text.split(" | "))
