"""The typed tree: what a formula means. Frozen and hashable, so that trees serve as keys and can be compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

from tongmai.formula.types import BOOLEAN, Type

Scalar: TypeAlias = Decimal | str | bool | date | datetime | UUID | None

Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant. NUMBER: Decimal; DURATION: Decimal seconds; CHOICE: a key; REFERENCE: UUID; blank: None."""

    value: Scalar
    type: Type


@dataclass(frozen=True, slots=True)
class FieldRef:
    """A field, reached through zero or more relations: field keys, e.g. ``("customer", "owner", "team")``."""

    path: Path
    type: Type


@dataclass(frozen=True, slots=True)
class Param:
    """What the actor and the moment give: me, my_team, my_teams, my_people, my_subtree, now, today."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Call:
    """A function or operator (``and``, ``=``, ``+``, ``in``, ``list`` …) over its arguments."""

    function: str
    args: tuple[Tree, ...]
    type: Type


Tree: TypeAlias = Literal | FieldRef | Param | Call

TRUE = Literal(True, BOOLEAN)
FALSE = Literal(False, BOOLEAN)


@dataclass(frozen=True)
class Formula:
    """A parsed formula. ``paths`` are all field paths it reads: what must be joined, watched or permitted."""

    text: str
    tree: Tree
    type: Type
    paths: frozenset[Path]


def walk(tree: Tree) -> Iterator[Tree]:
    """Every node, parents before children."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, Call):
            waiting.extend(reversed(node.args))


def paths_of(tree: Tree) -> frozenset[Path]:
    return frozenset(node.path for node in walk(tree) if isinstance(node, FieldRef))


def depth_of(tree: Tree) -> int:
    deepest, level = 0, [tree]
    while level:
        deepest += 1
        level = [child for node in level if isinstance(node, Call) for child in node.args]
    return deepest


def below(prefix: Path, tree: Tree) -> Tree:
    """The same tree seen from an object that reaches its object through ``prefix``."""
    if isinstance(tree, FieldRef):
        return FieldRef(prefix + tree.path, tree.type)
    if isinstance(tree, Call):
        return Call(tree.function, tuple(below(prefix, arg) for arg in tree.args), tree.type)
    return tree


def is_blank(tree: Tree) -> bool:
    """Whether the tree is the constant BLANK (of any type)."""
    return isinstance(tree, Literal) and tree.value is None


def never_blank(tree: Tree) -> bool:
    """Whether the tree cannot be blank: constants, what the actor and moment give, and tests."""
    if isinstance(tree, Literal):
        return tree.value is not None
    if isinstance(tree, Param):
        # An actor's parameter that is not given equals nothing, so it need not be told from blank.
        return True
    return isinstance(tree, Call) and tree.function in NEVER_BLANK_CALLS


LIST_TESTS = frozenset({"HAS_ANY", "HAS_ALL"})
_TEXT_TESTS = frozenset({"CONTAINS", "STARTS_WITH", "ENDS_WITH", "MATCHES"})
_OPERATOR_TESTS = frozenset({"and", "or", "not", "=", "!=", "<", "<=", ">", ">=", "in", "is_blank"})
NEVER_BLANK_CALLS = LIST_TESTS | _TEXT_TESTS | _OPERATOR_TESTS | {"list"}
"""Calls that give an answer whatever is blank."""
