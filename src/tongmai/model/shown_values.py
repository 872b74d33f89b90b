"""Values within the texts that people read: numbers by the type of their field, as lists and pages show them."""

from __future__ import annotations

from decimal import Decimal

from tongmai.formula import BOOLEAN, NUMBER, TEXT, Call, FieldRef, Kind, Literal, Tree
from tongmai.model.bound_field import BoundField
from tongmai.model.field_types import NumberOptions
from tongmai.model.field_types.money import MoneyOptions
from tongmai.model.scope import ObjectScope

_HUNDRED = Literal(Decimal(100), NUMBER)
_PERCENT = Literal("%", TEXT)
_ENGLISH = Literal("en", TEXT)
_YES, _NO = Literal("yes", TEXT), Literal("no", TEXT)


def shown_value(tree: Tree, scope: ObjectScope) -> Tree:
    """What a template shows of a value: amounts with their places and their thousands apart, shares in hundredths.

    Dates and choices stand as ``&`` writes them, which is how the screens write them too; so does a year.
    """
    if tree.type.kind is not Kind.NUMBER or (isinstance(tree, Call) and tree.function == "YEAR"):
        return tree
    field = _field_at(tree, scope) if isinstance(tree, FieldRef) else None
    if field is not None and isinstance(field.options, MoneyOptions):
        return _thousands(tree, Literal(Decimal(field.options.decimals), NUMBER))
    if field is not None and _is_share(field):
        return _unless_blank(tree, Call("&", (_thousands(Call("*", (tree, _HUNDRED), NUMBER)), _PERCENT), TEXT))
    return _thousands(tree)


def in_english(tree: Tree) -> Tree:
    """The same text for English readers: choices by their English labels, yes and no. What decides within it (the
    condition of an IF, what a text is compared with) stays as it was written."""
    if not isinstance(tree, Call):
        return tree
    first, *others = tree.args
    match tree.function:
        case "LABEL" if not others:
            return Call("LABEL", (first, _ENGLISH), TEXT)
        case "TEXT" if first.type.kind is Kind.BOOLEAN:
            return _unless_blank(first, Call("IF", (first, _YES, _NO), TEXT))
        case "IF":
            # Conditions and values in turn, and at last the value for none of them.
            last = len(tree.args) - 1
            args = (in_english(each) if n % 2 or n == last else each for n, each in enumerate(tree.args))
            return Call("IF", tuple(args), tree.type)
        case "&" | "COALESCE":
            return Call(tree.function, tuple(map(in_english, tree.args)), tree.type)
        case _:
            return tree


def _thousands(*args: Tree) -> Tree:
    return Call("THOUSANDS", args, TEXT)


def _unless_blank(value: Tree, text: Tree) -> Tree:
    return Call("IF", (Call("is_blank", (value,), BOOLEAN), Literal(None, TEXT), text), TEXT)


def _field_at(tree: FieldRef, scope: ObjectScope) -> BoundField | None:
    way: ObjectScope | None = scope
    for key in tree.path[:-1]:
        way = None if way is None else way.through(key)
    return None if way is None else way.bound(tree.path[-1])


def _is_share(field: BoundField) -> bool:
    """1 is all of it: percents, and numbers whose unit says so."""
    unit = field.options.unit if isinstance(field.options, NumberOptions) else None
    return field.type.key == "percent" or (unit is not None and unit.zh == "%")
