"""How the command line speaks: one compact JSON object per line, or text for people; errors as one sentence."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from courier_check.clock import SystemClock
from courier_check.errors import CourierCheckError, Fact
from courier_check.one_line import one_line, within_json
from courier_check.wording import Language, Wording

if TYPE_CHECKING:
    from courier_check.devices.system_printer import SystemPrinter

Tell = Callable[[str, bool, int, dict[str, Any]], None]
WindowDemo = Callable[[Path, Path, Tell], bool]


@dataclass(frozen=True, slots=True)
class BesideWindow:
    """What a program that has the window can do and the commands alone can't. `demo`: the demo through the window (practice folder, folder
    for pictures, what to call after each step; true if every step held). `printers`: the way to the system's printers, made when called."""

    demo: WindowDemo
    printers: Callable[[], SystemPrinter]


@dataclass(frozen=True, slots=True)
class Settings:
    """What every command gets: the data folder, and what comes with the window, where the program was started with one."""

    data: Path
    beside: BesideWindow | None = None


class Output:
    """Writes results: `fields` for programs, lines for people. Everything for people goes out by this module, each line by itself: what
    others wrote into a name can neither steer the terminal nor look like a line of ours."""

    def __init__(self, *, as_json: bool, language: Language) -> None:
        self.as_json = as_json
        self.language = language
        self.wording = Wording(language)
        self.failed = 0

    def line(self, fields: Mapping[str, Any], *lines: str) -> None:
        """One result; for people in as many lines as are given."""
        if not self.as_json:
            for text in lines:
                click.echo(one_line(text))
            return
        try:
            click.echo(within_json(msgspec.json.encode(fields).decode()))
        except UnicodeEncodeError:  # a file's name that is no Unicode text
            click.echo(json.dumps(fields, separators=(",", ":")))

    def document(self, fields: Mapping[str, Any], text: str) -> None:
        """One result; for people a text as it is, of a form with line ends of its own. What others wrote was made harmless within it."""
        if self.as_json:
            self.line(fields)
        else:
            click.echo(text)

    def say(self, fields: Mapping[str, Any], code: str, **facts: Fact) -> None:
        """One result, for people in the sentence of a code."""
        self.line(fields, *(() if self.as_json else (self.wording.of(code, facts),)))

    def aside(self, code: str, **facts: Fact) -> None:
        """What is no result, for people only: on stderr."""
        aside(self.wording.of(code, facts))

    def trouble(self, error: CourierCheckError) -> None:
        """What is in the way of the rest, or of something beside the result: on stderr."""
        aside(self.wording.said(error))

    def error(self, item: Mapping[str, Any], error: CourierCheckError) -> None:
        """A bad item of a batch: its line says so and the batch goes on."""
        self.failed += 1
        message = self.wording.said(error)
        name = " ".join(str(value) for value in item.values())
        self.line({**item, "error": {"code": error.code.value, "message": message}}, f"{name}: {message}")

    def exit_code(self) -> int:
        """2 if any item failed, else 0."""
        return 2 if self.failed else 0


def with_output(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--json` and `--lang`; it gets an Output as its first argument."""

    @click.option("--json", "as_json", is_flag=True, help="每行一个 JSON 对象")
    @click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", help="语言")
    @functools.wraps(command)
    def wrapped(*args: Any, as_json: bool, lang: str, **options: Any) -> Any:
        return command(Output(as_json=as_json, language=Language(lang)), *args, **options)

    return wrapped


def aside(text: str) -> None:
    """A line on stderr."""
    click.echo(one_line(text), err=True)


def system_clock() -> SystemClock:
    return SystemClock()
