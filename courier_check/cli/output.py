"""How the command line speaks: one compact JSON object per line, or text for people; errors as one sentence."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import click
import msgspec

from courier_check.cli.shapes import in_chinese
from courier_check.clock import SystemClock
from courier_check.errors import CourierCheckError, Fact
from courier_check.store.resources import resource_path


class Language(StrEnum):
    CHINESE = "zh"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Settings:
    """What every command gets: the data folder."""

    data: Path


class Bilingual(Protocol):
    @property
    def zh(self) -> str: ...

    @property
    def en(self) -> str: ...


class Wording:
    """The sentences of resources/wording: code → text in a language."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._sentences = load_sentences()

    def of(self, code: str, facts: Mapping[str, Fact] | None = None) -> str:
        """The sentence of a code with its facts filled in; a missing fact leaves its name visible rather than failing."""
        entry = self._sentences.get(code)
        if entry is None:
            return code
        return entry[self._language].format_map(_Facts(self._told(facts or {})))

    def _told(self, facts: Mapping[str, Fact]) -> dict[str, Any]:
        """Facts as shown: what a parser or the system said in English, in the reader's language."""
        if self._language is Language.ENGLISH:
            return dict(facts)
        return {name: in_chinese(value) if name in _SAID_ELSEWHERE and isinstance(value, str) else value for name, value in facts.items()}


_SAID_ELSEWHERE = ("detail", "fault")


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


def load_sentences() -> dict[str, dict[str, str]]:
    """All sentences, by code."""
    sentences: dict[str, dict[str, str]] = {}
    for path in sorted(resource_path("wording").glob("*.json")):
        sentences |= msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, str]])
    return sentences


def said(error: CourierCheckError, language: Language) -> str:
    """The sentence of an error."""
    return Wording(language).of(error.code.value, error.facts)


class Output:
    """Writes results. `text` of a line is only made for people; `fields` only for programs."""

    def __init__(self, *, as_json: bool, language: Language) -> None:
        self.as_json = as_json
        self.language = language
        self.wording = Wording(language)
        self.failed = 0

    def bilingual(self, named: Bilingual) -> str:
        """The Chinese or English name of something that has both."""
        return named.zh if self.language is Language.CHINESE else named.en

    def line(self, fields: Mapping[str, Any], text: str) -> None:
        """One result."""
        if not self.as_json:
            click.echo(text)
            return
        try:
            click.echo(msgspec.json.encode(fields).decode())
        except UnicodeEncodeError:  # a file's name that is no Unicode text
            click.echo(json.dumps(fields, separators=(",", ":")))

    def say(self, fields: Mapping[str, Any], code: str, **facts: Fact) -> None:
        """One result, for people in the sentence of a code."""
        self.line(fields, "" if self.as_json else self.wording.of(code, facts))

    def error(self, item: Mapping[str, Any], error: CourierCheckError) -> None:
        """A bad item of a batch: its line says so and the batch goes on."""
        self.failed += 1
        message = self.wording.of(error.code.value, error.facts)
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


def system_clock() -> SystemClock:
    return SystemClock()
