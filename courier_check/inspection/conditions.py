"""Small declarative conditions over the facts of a parcel: all, any, equals, in, at_least, at_most. No code, no strings to evaluate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from courier_check.inspection.case import FACTS, VOCABULARY, FactKind, FactValue, is_possible_text
from courier_check.inspection.codes import RuleCode, RuleError, fault

_DEEPEST = 8
_OPERATORS: tuple[tuple[FactKind, frozenset[str]], ...] = (
    (FactKind.TEXT, frozenset({"equals", "in"})),
    (FactKind.NUMBER, frozenset({"equals", "in", "at_least", "at_most"})),
    (FactKind.FLAG, frozenset({"equals"})),
    (FactKind.SET, frozenset({"in"})),
)


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"all_of": "all", "any_of": "any", "one_of": "in"}):
    """Exactly one of `all`, `any` or `fact`; a `fact` with exactly one comparison. `in` on a set fact: any of these is among them."""

    all_of: tuple[Condition, ...] | None = None
    any_of: tuple[Condition, ...] | None = None
    fact: str | None = None
    equals: str | int | bool | None = None
    one_of: tuple[str | int, ...] | None = None
    at_least: int | None = None
    at_most: int | None = None

    def holds(self, facts: Mapping[str, FactValue]) -> bool | None:
        """True, False, or None where it hangs on a fact that is not known (three-valued, as Kleene's logic has it)."""
        if self.all_of is not None:
            return _all(part.holds(facts) for part in self.all_of)
        if self.any_of is not None:
            opposite = _all(_opposite(part.holds(facts)) for part in self.any_of)
            return _opposite(opposite)
        value = facts.get(self.fact or "")
        return None if value is None else self._compares(value)

    def _compares(self, value: str | int | bool | tuple[str, ...]) -> bool:
        if isinstance(value, tuple):
            return bool(set(value) & set(self.one_of or ()))
        if self.equals is not None:
            return value == self.equals
        if self.one_of is not None:
            return value in self.one_of
        if isinstance(value, str):
            return False
        above = self.at_least is None or value >= self.at_least
        return above and (self.at_most is None or value <= self.at_most)

    def named(self) -> frozenset[str]:
        """The facts it asks about."""
        inner = (part.named() for part in (*(self.all_of or ()), *(self.any_of or ())))
        return frozenset({self.fact} if self.fact is not None else ()).union(*inner)

    def comparisons(self) -> tuple[str, ...]:
        """Which comparisons are given, by their names in the file."""
        given = {"equals": self.equals, "in": self.one_of, "at_least": self.at_least, "at_most": self.at_most}
        return tuple(name for name, value in given.items() if value is not None)


def _all(truths: Iterator[bool | None]) -> bool | None:
    known = tuple(truths)
    if False in known:
        return False
    return None if None in known else True


def _opposite(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def check_condition(condition: Condition, path: str, categories: frozenset[str], depth: int = 0) -> Iterator[RuleError]:
    """Every fault of a condition: its form, the facts it names, comparisons that fit them, values that can occur."""
    forms = sum(form is not None for form in (condition.all_of, condition.any_of, condition.fact))
    if forms != 1 or depth > _DEEPEST:
        yield fault(path, RuleCode.CONDITION_FORM)
        return
    if condition.fact is not None:
        yield from _check_comparison(condition, condition.fact, path, categories)
        return
    name, parts = ("all", condition.all_of) if condition.all_of is not None else ("any", condition.any_of)
    if not parts or condition.comparisons():
        yield fault(path, RuleCode.CONDITION_FORM)
    for index, part in enumerate(parts or ()):
        yield from check_condition(part, f"{path}.{name}[{index}]", categories, depth + 1)


def _check_comparison(condition: Condition, fact: str, path: str, categories: frozenset[str]) -> Iterator[RuleError]:
    kind = FACTS.get(fact)
    if kind is None:
        yield fault(f"{path}.fact", RuleCode.UNKNOWN_FACT, fact=fact[:40], known=", ".join(FACTS))
        return
    given = condition.comparisons()
    if len(given) != 1:
        yield fault(path, RuleCode.CONDITION_FORM)
    elif given[0] not in dict(_OPERATORS)[kind]:
        yield fault(path, RuleCode.CONDITION_KIND, fact=fact, comparison=given[0], kind=kind.value)
    else:
        yield from _check_values(condition, fact, f"{path}.{given[0]}", categories)


def _check_values(condition: Condition, fact: str, path: str, categories: frozenset[str]) -> Iterator[RuleError]:
    kind = FACTS[fact]
    values = condition.one_of if condition.one_of is not None else (condition.equals,)
    if condition.at_least is not None or condition.at_most is not None:
        return
    if not values:
        yield fault(path, RuleCode.CONDITION_FORM)
    for value in values:
        if not _fits(value, kind) or (isinstance(value, str) and not _occurs(fact, kind, value, categories)):
            yield fault(path, RuleCode.BAD_FACT_VALUE, fact=fact, value=str(value)[:40])


def _occurs(fact: str, kind: FactKind, value: str, categories: frozenset[str]) -> bool:
    return value in VOCABULARY.get(fact, categories) if kind is FactKind.SET else is_possible_text(fact, value)


def _fits(value: str | int | bool | None, kind: FactKind) -> bool:
    if kind is FactKind.FLAG:
        return isinstance(value, bool)
    if kind is FactKind.NUMBER:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str)
