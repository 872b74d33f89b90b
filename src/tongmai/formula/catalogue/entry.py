"""What the catalogue says of one function: names, types, meaning, and its form in each engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from sqlglot import exp

from tongmai.formula.tree import Call, Tree

if TYPE_CHECKING:
    from tongmai.formula.sql.writer import SqlWriter

SqlBuilder: TypeAlias = "Callable[[SqlWriter, Call], exp.Expression]"
SqlForm: TypeAlias = "str | SqlBuilder"
"""SQL of a function: a template with ``{0}``, ``{1}`` … for the arguments, or a function that builds it."""


class Checked(StrEnum):
    """Whether a number result can leave the range in SQL and must be checked there (Python always checks)."""

    NEVER = "never"
    WIDE = "wide"
    """Only where an argument may already fill the range (rounding up)."""
    ALWAYS = "always"


@dataclass(frozen=True)
class Parameter:
    """One parameter: ``accepts`` is a kind's name or one of moment, any, same, like, word:…, pattern."""

    accepts: str
    name: str
    optional: bool = False

    @staticmethod
    def read(text: str) -> Parameter:
        """From ``"number places?"``."""
        accepts, _, name = text.partition(" ")
        return Parameter(accepts, name.removesuffix("?"), name.endswith("?"))


@dataclass(frozen=True)
class Function:
    """One function of the language.

    ``takes`` lists the parameters; the last ``repeats`` of them may come again and again. ``gives`` is the result: a
    kind's name, ``same`` (the common type of all ``same`` parameters), ``item`` or ``person``-like targets.

    A function either ``rewrites`` itself into other calls, or has ``python`` and ``sql``. Blank handling is the same
    everywhere and not the function's business: text parameters get '' for blank, a blank in any other parameter gives
    a blank result, unless ``sees_blank``; an empty text result is blank; numbers are brought into their range.
    """

    name: str
    aliases: tuple[str, ...]
    group: str
    takes: tuple[Parameter, ...]
    gives: str
    zh: str
    en: str
    example: str
    shows: str
    repeats: int = 0
    python: Callable[..., object] | None = None
    wants_moment: bool = False
    sees_blank: bool = False
    rewrites: Callable[[tuple[Tree, ...]], Tree] | None = None
    sql: SqlForm | None = None
    duckdb: SqlForm | None = None
    spark: SqlForm | None = None
    cost: int = 1
    checked: Checked = Checked.NEVER

    def form(self, dialect: str) -> SqlForm | None:
        """The function's SQL in a dialect; ``sql`` where the dialect has none of its own."""
        own = {"duckdb": self.duckdb, "spark": self.spark}.get(dialect)
        return own if own is not None else self.sql

    @property
    def least(self) -> int:
        """The least number of arguments."""
        return sum(not parameter.optional for parameter in self.takes)

    def parameter(self, index: int) -> Parameter | None:
        """The parameter that argument ``index`` (from 0) belongs to; None where there are too many."""
        if index < len(self.takes):
            return self.takes[index]
        if self.repeats:
            first = len(self.takes) - self.repeats
            return self.takes[first + (index - first) % self.repeats]
        return None

    def signature(self) -> str:
        """How it is called, for people: ``ROUND(value: number, places?: number)``."""
        parts = [f"{p.name}{'?' if p.optional else ''}" for p in self.takes]
        return f"{self.name}({', '.join(parts)}{', …' if self.repeats else ''})"


def takes(*texts: str) -> tuple[Parameter, ...]:
    return tuple(Parameter.read(text) for text in texts)
