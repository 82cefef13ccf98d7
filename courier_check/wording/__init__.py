"""The sentences people read: codes and facts of the core become Chinese or English here, for the command line and the window alike."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol

from courier_check.errors import CourierCheckError, Fact
from courier_check.one_line import one_line
from courier_check.store.resources import resource_path
from courier_check.wording.sources import source_in_words


class Language(StrEnum):
    CHINESE = "zh"
    ENGLISH = "en"


class Bilingual(Protocol):
    @property
    def zh(self) -> str: ...

    @property
    def en(self) -> str: ...


class Wording:
    """The sentences of resources/wording: code → text in a language. They are read when the first one is asked for."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def of(self, code: str, facts: Mapping[str, Fact] | None = None) -> str:
        """The sentence of a code with its facts filled in; a missing fact leaves its name visible rather than failing. Whatever others
        wrote into a fact, the sentence stays one line and steers no terminal."""
        entry = self._sentences.get(code)
        if entry is None:
            return code
        return entry[self.language].format_map(_Facts(self._told(facts or {})))

    def said(self, error: CourierCheckError) -> str:
        """The sentence of an error."""
        return self.of(error.code.value, error.facts)

    def bilingual(self, named: Bilingual) -> str:
        """The Chinese or English name of something that has both."""
        return named.zh if self.language is Language.CHINESE else named.en

    @cached_property
    def _sentences(self) -> dict[str, dict[str, str]]:
        return load_sentences()

    def _told(self, facts: Mapping[str, Fact]) -> dict[str, Any]:
        """Facts as shown: the name of a field and the basis of a rule in words, what a parser or the system said in English in the reader's
        language."""
        named = self._sentences.get(f"field-{facts['field']}") if "field" in facts else None
        if named is not None and facts["field"] != "unknown":  # that one is a sentence of its own
            facts = {**facts, "field": named[self.language]}
        if isinstance(facts.get("source"), str):
            facts = {**facts, "source": source_in_words(str(facts["source"]))}
        if self.language is Language.ENGLISH or not any(name in facts for name in _SAID_ELSEWHERE):
            return dict(facts)
        from courier_check.wording.shapes import in_chinese  # its patterns cost as much as all sentences, and few need them

        return {name: in_chinese(value) if name in _SAID_ELSEWHERE and isinstance(value, str) else value for name, value in facts.items()}


_SAID_ELSEWHERE = ("detail", "fault")


class _Facts(dict[str, Any]):
    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        return one_line(value) if isinstance(value, str) else value

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


def load_sentences() -> dict[str, dict[str, str]]:
    """All sentences, by code."""
    from courier_check import typed  # the window paints before it has anything to say

    sentences: dict[str, dict[str, str]] = {}
    for path in sorted(resource_path("wording").glob("*.json")):
        sentences |= typed.decode(path.read_bytes(), dict[str, dict[str, str]])
    return sentences


def said(error: CourierCheckError, language: Language) -> str:
    """The sentence of an error, for who says only one."""
    return Wording(language).said(error)
