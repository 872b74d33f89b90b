"""Parameters of a statement by name: its text stays the same from one evaluation to the next, only moments change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with ``$1 … $n`` and the names of what belongs there."""

    sql: str
    names: tuple[str, ...]

    def arguments(self, given: Mapping[str, object]) -> list[object]:
        """In order. A name that is not given is a defect of ours: ``KeyError``."""
        return [given[name] for name in self.names]


@dataclass
class Binder:
    """Collects the parameters while a statement is made. One name has one type."""

    _numbers: dict[str, int] = field(default_factory=dict)

    def __call__(self, name: str, sql_type: str) -> str:
        """The SQL of a value that is given at each run."""
        number = self._numbers.setdefault(name, len(self._numbers) + 1)
        return f"${number}::{sql_type}"

    def statement(self, sql: str) -> Statement:
        return Statement(sql, tuple(self._numbers))


def literal(text: str) -> str:
    """A key, a zone or a code as an SQL constant. They hold nothing that could end one; this makes sure."""
    if not all(each.isalnum() or each in "_/+-." for each in text):
        raise ValueError(f"not a plain word: {text!a}")
    return f"'{text}'"
