"""Filters of rows that ask for the day (TODAY; NOW is refused in metrics), read as spans of time: pure.

`due < TODAY()` comes true once and stays so; `due >= TODAY() - 30` ceases once; `DATE(sent) = TODAY() - 1` is both.
What turns but once as time goes on is looked for by halves among the moments: a row need not be met with each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce

from tongmai.formula import BOOLEAN, NUMBER, Call, FieldRef, Kind, Literal, Param, Tree, and_, walk
from tongmai.metrics.windows import Era

MOST_MOMENTS = 1_500
"""Among more moments no turn is looked for: the statement grows by a condition for each."""

_RISING = frozenset({"DATE", "DATETIME", "START_OF", "END_OF", "ADD_MONTHS", "ADD_WORKDAYS", "+", "and", "or"})
_BETWEEN = frozenset({"HOURS_BETWEEN", "WORKDAYS_BETWEEN"})
_LESS, _MORE = frozenset({"<", "<="}), frozenset({">", ">="})
_ORDERED = frozenset({Kind.NUMBER, Kind.DATE, Kind.DATETIME, Kind.DURATION})
# The arguments of these beside the first say by how much or of what: they must not move.
_OF_FIRST = frozenset({"DATETIME", "START_OF", "END_OF", "ADD_MONTHS", "ADD_WORKDAYS"})


@dataclass(frozen=True)
class Turn:
    """A condition that comes true once as time goes on (``rises``), or ceases to hold once."""

    condition: Tree
    rises: bool

    def step(self, eras: Sequence[Era]) -> Tree:
        """The number of the first of the moments, in order, at which it has turned; their count if at none."""

        def within(low: int, high: int) -> Tree:
            if low == high:
                return Literal(Decimal(low), NUMBER)
            middle = (low + high) // 2
            earlier, later = within(low, middle), within(middle + 1, high)
            holds = on_day(self.condition, eras[middle])
            return Call("IF", (holds, earlier, later) if self.rises else (holds, later, earlier), NUMBER)

        return within(0, len(eras))


@dataclass(frozen=True)
class Filter:
    """All that must hold of a row: ``lasting`` whenever it is asked, and the ``turns``."""

    lasting: Tree | None
    turns: tuple[Turn, ...] = ()


def filter_of(where: Tree | None) -> Filter | None:
    """None where some part of it may come and go more than once."""
    if where is None or not asks_for_day(where):
        return Filter(where)
    parts = where.args if isinstance(where, Call) and where.function == "and" else (where,)
    turns = [tuple(_turns(each)) if asks_for_day(each) else () for each in parts]
    lasting = [each for each in parts if not asks_for_day(each)]
    if any(not found and asks_for_day(each) for each, found in zip(parts, turns, strict=True)):
        return None
    return Filter(and_(*lasting) if lasting else None, tuple(each for found in turns for each in found))


def asks_for_day(tree: Tree) -> bool:
    return any(isinstance(node, Param) for node in walk(tree))


def on_day(tree: Tree, era: Era) -> Tree:
    """The formula with the day in it."""
    if isinstance(tree, Param) and tree.name == "today":
        return Literal(era.today, tree.type)
    if isinstance(tree, Call):
        return Call(tree.function, tuple(on_day(each, era) for each in tree.args), tree.type)
    return tree


def _turns(condition: Tree) -> Iterator[Turn]:
    if isinstance(condition, Call) and condition.function == "=" and _is_moment_beside_row(condition):
        both = (Call(sign, condition.args, BOOLEAN) for sign in ("<=", ">="))
        yield from (turn for each in both for turn in _turns(each))
        return
    direction = _direction(condition)
    if direction is not None:
        yield Turn(condition, rises=direction > 0)


def _is_moment_beside_row(equality: Call) -> bool:
    """Whether one side is never blank: else two blanks, which are equal, would be told apart."""
    sides = [any(isinstance(node, FieldRef) for node in walk(each)) for each in equality.args]
    return sorted(sides) == [False, True] and equality.args[0].type.kind in _ORDERED


def _direction(tree: Tree) -> int | None:
    """1 where the value never falls as time goes on (FALSE before TRUE), -1 where it never rises, 0 where it stays;
    None where that is not known."""
    if isinstance(tree, Param):
        return 1 if tree.name == "today" else None
    if not isinstance(tree, Call) or not asks_for_day(tree):
        return 0
    name, found = tree.function, [_direction(each) for each in tree.args]
    if name in _RISING and not (name in _OF_FIRST and any(each != 0 for each in found[1:])):
        return _together(found)
    if name in ("not", "negate"):
        return _turned(found[0])
    if name in _LESS or name in _BETWEEN:
        return _together([_turned(found[0]), found[1]])
    if name in _MORE or name == "-":
        return _together([found[0], _turned(found[1])])
    if name in ("*", "/") and _is_positive(tree.args[1]):
        return found[0]
    return None


def _together(found: Iterable[int | None]) -> int | None:
    def both(one: int | None, other: int | None) -> int | None:
        if one is None or other is None or one * other < 0:
            return None
        return one or other

    start: int | None = 0
    return reduce(both, found, start)


def _turned(direction: int | None) -> int | None:
    return None if direction is None else -direction


def _is_positive(tree: Tree) -> bool:
    return isinstance(tree, Literal) and isinstance(tree.value, Decimal) and tree.value > 0
