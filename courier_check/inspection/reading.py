"""One file of a rule package: bytes to a typed value, every fault with its line and path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, NoReturn, TypeVar, get_type_hints

import msgspec

from courier_check import typed
from courier_check.errors import UserError
from courier_check.inspection.codes import RuleCode, RuleError, fault
from courier_check.inspection.locate import Located, locate

T = TypeVar("T")
_UNKNOWN_FIELD = re.compile(r"Object contains unknown field `(.+)`", re.DOTALL)
_WHERE = re.compile(r"(?P<what>.*?)(?: - at `\$(?P<path>[^`]*)`)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """A parsed file (None if its form does not hold) and its faults in the order of their lines."""

    value: T | None
    errors: tuple[RuleError, ...]
    located: Located | None = None

    def having(self, errors: Iterable[RuleError]) -> Reading[T]:
        """With more faults, each put on its line."""
        placed = (*self.errors, *(_placed(error, self.located) for error in errors))
        return replace(self, errors=tuple(sorted(placed, key=lambda error: error.line)))


def read_part(data: bytes, shape: type[T], *, lists: tuple[str, ...] = ()) -> Reading[T]:
    """Parse and validate. The members of the named lists are judged one by one, so that one fault does not hide the others."""
    try:
        located = locate(data)
    except UserError as error:
        return Reading(None, (_syntax_error(error),))
    try:
        return Reading(typed.convert(located.value, shape), (), located)
    except msgspec.ValidationError as error:
        first = fault_of(error, "$")
    faults = tuple(_member_faults(located.value, shape, lists)) or (first,)
    if not any(first.path.startswith(f"$.{name}[") for name in lists) and first not in faults:
        faults = (first, *faults)
    nothing: Reading[T] = Reading(None, (), located)
    return nothing.having(faults)


def fault_of(error: msgspec.ValidationError, path: str) -> RuleError:
    """A validation message as a fault: `Expected `str`, got `int` - at `$.x`` under the path it was met at."""
    found = _WHERE.fullmatch(str(error))
    detail, below = (found["what"], found["path"] or "") if found else (str(error), "")
    unknown = _UNKNOWN_FIELD.fullmatch(detail)  # told where it stands, not where what holds it begins
    return fault(path + below + (f".{unknown[1]}" if unknown else ""), RuleCode.SHAPE, detail=detail[:200])


def raise_first(file: str, errors: tuple[RuleError, ...]) -> NoReturn:
    """UserError(rules-invalid) about the first of some faults."""
    first = errors[0]
    raise UserError(RuleCode.INVALID, file=file, line=first.line, path=first.path, fault=first.message_code.value, count=len(errors))


def _member_faults(value: object, shape: type[T], lists: tuple[str, ...]) -> Iterator[RuleError]:
    if not isinstance(value, dict):
        return
    hints = get_type_hints(shape)
    for name in lists:
        members = value.get(name)
        member_shape = hints[name].__args__[0]
        for index, member in enumerate(members if isinstance(members, list) else ()):
            try:
                typed.convert(member, member_shape)
            except msgspec.ValidationError as error:
                yield fault_of(error, f"$.{name}[{index}]")


def _placed(error: RuleError, located: Located | None) -> RuleError:
    return error if located is None else replace(error, line=located.line(error.path))


def _syntax_error(error: UserError) -> RuleError:
    """Sentences about a file's syntax name the place themselves."""
    line, path = error.facts["line"], error.facts["path"]
    return RuleError(int(line or 0), str(path), RuleCode(error.code.value), dict(error.facts))
