"""Values of declared types in programs with threads: msgspec alone ends the process (`courier_check.typed`)."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from courier_check import typed

ROOT = Path(__file__).parents[1]

# Types that nobody has met yet, decoded by four threads at once, with turns as short as the interpreter can make them. With
# `msgspec.json.decode` in place of `typed.decode` this ended with a segmentation fault in each of ten runs.
CROWD = """
import enum, json, sys, threading
import msgspec
from courier_check import typed

sys.setswitchinterval(1e-6)
one = {f"f{n}": f"m{n}" for n in range(10)}
data = json.dumps({"a": one, "b": [one] * 3}).encode()
wrong = []

def met(shape, together):
    together.wait()
    try:
        typed.decode(data, shape)
        typed.convert(json.loads(data), shape)
    except Exception as error:
        wrong.append(error)

for number in range(120):
    choices = enum.Enum(f"Choices{number}", {f"M{n}": f"m{n}" for n in range(20)})
    inner = msgspec.defstruct(f"Inner{number}", [(f"f{n}", choices) for n in range(10)])
    shape = msgspec.defstruct(f"Outer{number}", [("a", inner), ("b", tuple[inner, ...])])
    together = threading.Barrier(4)
    threads = [threading.Thread(target=met, args=(shape, together)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print("wrong", len(wrong), wrong[:1])
"""


def test_threads_that_meet_a_type_at_once_all_read_it() -> None:
    done = subprocess.run([sys.executable, "-c", CROWD], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (0, "wrong 0 []\n"), done.stderr[-2000:]


def test_nothing_else_decodes_or_converts() -> None:
    alone = re.compile(
        r"msgspec\.(json\.(decode|Decoder)|convert|msgpack|yaml|toml)|from msgspec(\.json)? import .*(decode|Decoder|convert)"
    )
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for folder in ("courier_check", "ui")
        for path in (ROOT / folder).rglob("*.py")
        if path.name != "typed.py"
        for line in path.read_text().splitlines()
        if alone.search(line)
    ]
    assert found == []


class _Shape(msgspec.Struct, frozen=True):
    number: int


@pytest.mark.parametrize("data", [b"", b"{", b'{"number":"1"}', b"\xff", b"[" * 5000])
def test_what_is_not_of_the_type_raises(data: bytes) -> None:
    with pytest.raises((msgspec.MsgspecError, UnicodeDecodeError, RecursionError)):
        typed.decode(data, _Shape)


def test_values_come_out_in_their_type() -> None:
    assert typed.decode('{"number":1}', _Shape) == typed.convert({"number": 1}, _Shape) == _Shape(1)
