"""Every function of the language, in one place: names, types, meaning, examples, and its form in each engine.

A function is one entry. The parser, the evaluators, the reference (``docs/functions.*.md``) and the browser's table
all read it from here; a test fails where an entry lacks words in either language or an example that holds.
"""

from __future__ import annotations

from functools import cache

from tongmai.formula.catalogue import choice, date, geo, logic, number, people, text, workday
from tongmai.formula.catalogue.entry import Checked, Function, Parameter
from tongmai.formula.catalogue.words import WORDS

GROUPS: dict[str, tuple[str, str]] = {
    "logic": ("逻辑", "Logic"),
    "number": ("数字", "Numbers"),
    "text": ("文本", "Text"),
    "date": ("日期和时间", "Dates and times"),
    "workday": ("工作日", "Working days"),
    "choice": ("选项和列表", "Choices and lists"),
    "people": ("人员", "People"),
    "geo": ("位置", "Places"),
}

_FUNCTIONS: tuple[Function, ...] = (
    *logic.FUNCTIONS, *number.FUNCTIONS, *text.FUNCTIONS, *date.FUNCTIONS, *workday.FUNCTIONS, *choice.FUNCTIONS,
    *people.FUNCTIONS, *geo.FUNCTIONS,
)  # fmt: skip


def functions() -> tuple[Function, ...]:
    """All functions, by group."""
    return _FUNCTIONS


@cache
def _by_name() -> dict[str, Function]:
    return {name.upper(): function for function in _FUNCTIONS for name in (function.name, *function.aliases)}


def find_function(name: str) -> Function | None:
    """The function called ``name``: its own name or an alias, in any case of letters."""
    return _by_name().get(name.upper())


def function_names() -> tuple[str, ...]:
    """All names and aliases, for suggestions."""
    return tuple(_by_name())


__all__ = ["GROUPS", "WORDS", "Checked", "Function", "Parameter", "find_function", "function_names", "functions"]
