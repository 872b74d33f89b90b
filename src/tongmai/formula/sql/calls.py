"""A call of the catalogue's functions as SQL."""

from __future__ import annotations

from sqlglot import exp

from tongmai.formula.catalogue import Checked, Function, find_function
from tongmai.formula.numbers import DIGITS, width
from tongmai.formula.sql.writer import SqlWriter
from tongmai.formula.tree import Call
from tongmai.formula.types import Kind


def write_call(writer: SqlWriter, tree: Call) -> exp.Expression:
    """The function's form in the writer's dialect over the arguments. Raises ValueError where it has none."""
    function = find_function(tree.function)
    form = function.form(writer.dialect) if function is not None else None
    if function is None or form is None:
        raise ValueError(f"the tree calls a function without SQL: {tree.function}")
    if callable(form):
        found = form(writer, tree)
    else:
        found = writer.template(form, *(_argument(writer, function, tree, n) for n in range(len(tree.args))))
    if tree.type.kind is Kind.TEXT and tree.function != "COALESCE":
        return writer.template("NULLIF({0}, '')", found)
    if tree.type.kind is Kind.NUMBER and _needs_check(function.checked, tree):
        return writer.in_range(found)
    return found


def _argument(writer: SqlWriter, function: Function, tree: Call, n: int) -> exp.Expression:
    """An argument as templates want it: texts without NULL, numbers exact."""
    parameter = function.parameter(n)
    if parameter is not None and parameter.accepts == "text":
        return writer.text(tree.args[n])
    if tree.args[n].type.kind is Kind.NUMBER:
        return writer.number(tree.args[n])
    return writer.value(tree.args[n])


def _needs_check(checked: Checked, tree: Call) -> bool:
    if checked is Checked.WIDE:
        return any(width(each)[0] >= DIGITS for each in tree.args if each.type.kind is Kind.NUMBER)
    return checked is Checked.ALWAYS
