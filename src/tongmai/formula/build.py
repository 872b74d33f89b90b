"""Making trees without text: what access policies and filters are put together from. Simplifies as it builds."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from tongmai.formula.spans import seconds_of
from tongmai.formula.tree import FALSE, TRUE, Call, Literal, Tree
from tongmai.formula.types import BOOLEAN, DATE, DATETIME, DURATION, NULL, NUMBER, TEXT, Kind, Type, list_of


def constant(value: object, type_: Type | None = None) -> Tree:
    """A constant of a Python value; a list or tuple becomes a list. ``type_`` where the value does not tell it
    (a choice's key, the object a record id belongs to, the item type of an empty list).

    Raises TypeError for values the language does not know.
    """
    if isinstance(value, list | tuple | set | frozenset):
        item = type_.item if type_ is not None else None
        items = tuple(constant(one, item) for one in value)
        own = item or (items[0].type if items else NULL)
        return Call("list", items, list_of(own))
    if value is None:
        return Literal(None, type_ or NULL)
    if isinstance(value, bool):
        return Literal(value, BOOLEAN)
    if isinstance(value, int | Decimal):
        return Literal(Decimal(value), type_ or NUMBER)
    if isinstance(value, str):
        return Literal(value or None, type_ or TEXT)
    if isinstance(value, datetime):
        return Literal(value, DATETIME)
    if isinstance(value, date):
        return Literal(value, DATE)
    if isinstance(value, timedelta):
        return Literal(seconds_of(value), DURATION)
    if isinstance(value, UUID):
        return Literal(value, type_ or Type(Kind.REFERENCE))
    raise TypeError(f"not a value of the formula language: {type(value).__name__}")


def and_(*trees: Tree) -> Tree:
    """All of them; TRUE of none. Flattened, without TRUE and repetitions; FALSE if any is FALSE."""
    return _combine("and", trees, neutral=TRUE, absorbing=FALSE)


def or_(*trees: Tree) -> Tree:
    """Any of them; FALSE of none. Flattened, without FALSE and repetitions; TRUE if any is TRUE."""
    return _combine("or", trees, neutral=FALSE, absorbing=TRUE)


def not_(tree: Tree) -> Tree:
    """The true complement: blank is taken for false, so its complement is true."""
    if tree in (TRUE, FALSE):
        return FALSE if tree == TRUE else TRUE
    if isinstance(tree, Call) and tree.function == "not":
        return tree.args[0]
    return Call("not", (tree,), BOOLEAN)


def _combine(function: str, trees: tuple[Tree, ...], *, neutral: Tree, absorbing: Tree) -> Tree:
    flat: dict[Tree, None] = {}
    for tree in trees:
        if tree.type != BOOLEAN:
            raise TypeError(f"not a condition: {tree.type.kind}")
        parts = tree.args if isinstance(tree, Call) and tree.function == function else (tree,)
        flat.update(dict.fromkeys(parts))
    if absorbing in flat:
        return absorbing
    kept = tuple(tree for tree in flat if tree != neutral)
    if not kept:
        return neutral
    return kept[0] if len(kept) == 1 else Call(function, kept, BOOLEAN)


def equals(left: Tree, right: Tree) -> Tree:
    """``left = right``, or a test for blank where ``right`` is BLANK."""
    if isinstance(right, Literal) and right.value is None:
        return Call("is_blank", (left,), BOOLEAN)
    return Call("=", (left, right), BOOLEAN)


def in_(item: Tree, group: Tree) -> Tree:
    """``item IN group``, where ``group`` is a list constant, a list field or a list parameter (MY_TEAMS)."""
    if isinstance(group, Call) and group.function == "list" and not group.args:
        return FALSE
    return Call("in", (item, group), BOOLEAN)
