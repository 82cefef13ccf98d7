"""Every code has its sentence in both languages, one sentence only, and each call fills its placeholders."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import string
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import msgspec
import pytest

import courier_check
from courier_check.cli.codes import CliCode
from courier_check.desk.corrections import FIELDS as CORRECTED
from courier_check.desk.rights import Role
from courier_check.errors import UserError
from courier_check.identity.codes import IdentityCode
from courier_check.identity.documents import MAPPING_KEYS, IdentityDocument
from courier_check.identity.number_check import NumberKind
from courier_check.inspection.verdict import Outcome
from courier_check.journal.codes import JournalCode
from courier_check.parcel.waybills import CodeKind
from courier_check.screening.codes import Advice
from courier_check.screening.match import Level, ScreeningStatus
from courier_check.store.resources import resource_path
from courier_check.sync.codes import SyncCode
from courier_check.wording import Language, Wording, load_sentences

ERRORS = ("UserError", "DeviceError", "StoreError", "Unavailable", "EnvironmentFault")
NAMED_SO = ("Code", "Reason", "Warning", "Lack", "Advice", "Objection")
SENTENCES = load_sentences()
SOURCES = sorted(Path(courier_check.__file__).parent.rglob("*.py"))


def code_classes() -> Iterator[type[StrEnum]]:
    for module in pkgutil.walk_packages(courier_check.__path__, "courier_check."):
        for found in vars(importlib.import_module(module.name)).values():
            if (
                isinstance(found, type)
                and issubclass(found, StrEnum)
                and found.__module__ == module.name
                and found.__name__.endswith(NAMED_SO)
            ):
                yield found


CLASSES = {found.__name__: found for found in code_classes()}


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("codes", CLASSES.values(), ids=CLASSES)
def test_every_code_has_a_sentence(codes: type[StrEnum]) -> None:
    assert [code.value for code in codes if code.value not in SENTENCES] == []


@pytest.mark.parametrize(
    ("prefix", "words"),
    [
        ("kind-", (*NumberKind, *CodeKind)),
        ("role-", tuple(Role)),
        ("outcome-", tuple(outcome for outcome in Outcome if outcome is not Outcome.INCOMPLETE)),
        ("field-", tuple(IdentityDocument.__dataclass_fields__.keys() & {"type", "name", "number", "sex", "nation", "born_on", "address"})),
        ("field-", (*MAPPING_KEYS, *CORRECTED)),
        ("receipt-", tuple(JournalCode)),
        ("", (*Level, *ScreeningStatus, *Advice, "evidence-altered", "evidence-missing", "noted-hash-differs", "number-unknown")),
    ],
)
def test_every_word_shown_beside_codes_has_both_languages(prefix: str, words: tuple[str, ...]) -> None:
    assert [word for word in words if f"{prefix}{word}" not in SENTENCES] == []


def test_both_languages_say_the_same_with_the_same_facts() -> None:
    for code, sentence in SENTENCES.items():
        assert set(sentence) == {"zh", "en"}, code
        assert all(sentence.values()), code
        paired = {name.removesuffix("_zh").removesuffix("_en") for name in placeholders(sentence["zh"])}
        english = {name.removesuffix("_zh").removesuffix("_en") for name in placeholders(sentence["en"])}
        assert english <= paired | UNITS, code
        assert paired <= english | UNITS, code


UNITS = {"unit"}
"""An amount's unit is a Chinese measure word; English names the goods instead."""


def test_no_code_says_two_things() -> None:
    said: dict[str, dict[str, str]] = {}
    for path in sorted(resource_path("wording").glob("*.json")):
        for code, sentence in msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, str]]).items():
            assert said.setdefault(code, sentence) == sentence, f"{code} in {path.name}"


def raised() -> Iterator[tuple[str, str, set[str]]]:
    """(where, code, facts given) of every error raised with a code of a known class and facts by name."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (
                isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in (*ERRORS, "JournalError") and node.args
            ):
                continue
            first, names = node.args[0], {keyword.arg for keyword in node.keywords}
            if isinstance(first, ast.Attribute) and isinstance(first.value, ast.Name) and first.value.id in CLASSES and None not in names:
                code = CLASSES[first.value.id][first.attr]
                yield f"{path.name}:{node.lineno}", code.value, {name for name in names if name}


def test_every_error_brings_the_facts_of_its_sentence() -> None:
    found = list(raised())
    assert len(found) > 100
    lacking = [(where, code, placeholders(SENTENCES[code]["zh"]) - given) for where, code, given in found]
    assert [each for each in lacking if each[2]] == []


def test_every_code_of_the_command_line_is_used() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    assert [code.name for code in CliCode if sources.count(f"CliCode.{code.name}") == 0] == []


def test_every_sentence_asked_for_by_the_command_line_is_there() -> None:
    asked = set()
    for path in SOURCES:
        if path.parent.name != "cli":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("of", "say"):
                place = node.args[0] if node.func.attr == "of" else node.args[1]
                asked |= {each.value for each in ast.walk(place) if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    known = {code for code in asked if not code.endswith("-") and code != "kind"}
    assert len(known) > 30
    assert sorted(code for code in known if code not in SENTENCES) == []


def test_what_a_synchronisation_says_needs_no_facts() -> None:
    raised_only = {SyncCode.URL_NOT_USABLE, SyncCode.ALREADY_ENROLLED}
    assert [code.value for code in SyncCode if code not in raised_only and placeholders(SENTENCES[code.value]["zh"])] == []


@pytest.mark.parametrize(("language", "named"), [(Language.CHINESE, "“有效期至”"), (Language.ENGLISH, "“Valid until”")])
def test_a_field_is_called_by_its_name_in_words(language: Language, named: str) -> None:
    with pytest.raises(UserError) as raised:
        IdentityDocument.from_mapping({"type": "resident-id", "valid_until": "2040"})
    said = Wording(language).said(raised.value)
    assert named in said
    assert "20200131" in said  # as the fields of the window have it
    assert "valid_until" not in said
    unknown = UserError(IdentityCode.DOCUMENT_FIELD_UNKNOWN, field="unknown", known="name")
    assert "unknown" in Wording(language).said(unknown)
