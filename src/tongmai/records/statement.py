"""A compiled statement: its text, and where each of its parameters comes from when it runs.

Compiling costs milliseconds and happens once per shape; binding costs microseconds and happens at each call. No text
that a person gave stands in a statement.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sqlglot import exp

_MOST_PARAMETERS = 2000
# No text constant in our SQL holds a dollar sign before a digit: keys have none, values are bound.
_PARAMETER = re.compile(r"\$([0-9]+)")

Kept_ = TypeVar("Kept_")


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that was known when the statement was compiled."""

    value: object


@dataclass(frozen=True, slots=True)
class Named:
    """A value that the caller gives each time (``me``, ``now``, ``limit``, ``after.0``)."""

    name: str


Slot = Constant | Named


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with ``$1 … $n`` and what to put there."""

    sql: str
    slots: tuple[Slot, ...]

    def arguments(self, given: Mapping[str, object]) -> list[object]:
        """The arguments in order. A name that was not given is a defect of ours: ``KeyError``."""
        return [slot.value if isinstance(slot, Constant) else given[slot.name] for slot in self.slots]


class Parameters:
    """Collects the parameters of a statement while it is compiled. Equal names share one number."""

    def __init__(self) -> None:
        self._slots: list[Slot] = []
        self._numbers: dict[tuple[str, str], int] = {}

    @property
    def slots(self) -> tuple[Slot, ...]:
        """All parameters made so far, used or not."""
        return tuple(self._slots)

    def statement(self, sql: str) -> Statement:
        """The statement, with the parameters that its text really has: of an expression that was made and then not
        used (a mask behind a field that is never visible) PostgreSQL could not tell the type."""
        used = sorted({int(number) for number in _PARAMETER.findall(sql)})
        places = {number: place for place, number in enumerate(used, 1)}
        renumbered = _PARAMETER.sub(lambda found: f"${places[int(found[1])]}", sql)
        return Statement(renumbered, tuple(self._slots[number - 1] for number in used))

    def named(self, name: str, column_type: str) -> str:
        """The SQL of a value given at each run; ``column_type`` is a PostgreSQL type."""
        key = (name, column_type)
        if key not in self._numbers:
            self._numbers[key] = self._add(Named(name))
        return f"${self._numbers[key]}::{column_type}"

    def shared(self, name: str, value: object, column_type: str) -> exp.Expression:
        """A constant that stands in the statement once, however often its name is asked for."""
        key = (f"={name}", column_type)
        if key not in self._numbers:
            self._numbers[key] = self._add(Constant(value))
        return _expression(f"${self._numbers[key]}::{column_type}")

    def constant(self, value: object, column_type: str) -> str:
        return f"${self._add(Constant(value))}::{column_type}"

    def named_expression(self, name: str, column_type: str) -> exp.Expression:
        return _expression(self.named(name, column_type))

    def constant_expression(self, value: object, column_type: str) -> exp.Expression:
        return _expression(self.constant(value, column_type))

    def _add(self, slot: Slot) -> int:
        if len(self._slots) >= _MOST_PARAMETERS:
            raise OverflowError("too many parameters in one statement")
        self._slots.append(slot)
        return len(self._slots)


def _expression(sql: str) -> exp.Expression:
    number, _, column_type = sql.partition("::")
    parameter = exp.Parameter(this=exp.Literal.number(int(number[1:])))
    return exp.cast(parameter, column_type, dialect="postgres")


class Kept:
    """What was compiled, by its shape; the least recently used goes first. One event loop uses it: no lock."""

    def __init__(self, most: int = 2000) -> None:
        self._most = most
        self._found: OrderedDict[Hashable, object] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Kept_]) -> Kept_:
        """The one kept under ``key`` (the first part of which tells the kind of thing), made if there is none."""
        found = self._found.get(key)
        if found is not None:
            self._found.move_to_end(key)
            return found  # type: ignore[return-value]
        made = make()
        self._found[key] = made
        if len(self._found) > self._most:
            self._found.popitem(last=False)
        return made

    def __len__(self) -> int:
        return len(self._found)
