"""The door of SQL: a tree and an environment in, one checked expression out."""

from __future__ import annotations

from sqlglot import exp

from tongmai.formula.sql.allowed import refuse_foreign_nodes
from tongmai.formula.sql.calls import write_call
from tongmai.formula.sql.environment import Dialect, SqlEnvironment
from tongmai.formula.sql.rendering import render_in_pieces
from tongmai.formula.sql.writer import SqlWriter
from tongmai.formula.tree import Tree
from tongmai.formula.types import Kind


def to_sql(tree: Tree, env: SqlEnvironment, *, dialect: Dialect = "postgres", as_value: bool = False) -> exp.Expression:
    """The tree as SQL of a dialect.

    A boolean tree becomes a condition for WHERE or CASE, in which NULL stands for false; with ``as_value`` it gives
    TRUE or FALSE, never NULL, and a number has no zeros at its end. Other types are the same either way.
    """
    writer = SqlWriter(env, dialect, write_call)
    if tree.type.kind is Kind.BOOLEAN:
        found = writer.condition(tree)
        if as_value and not isinstance(found, exp.Boolean):
            found = writer.template("COALESCE({0}, FALSE)", found)
    elif as_value and tree.type.kind is Kind.NUMBER and dialect == "postgres":
        found = writer.plain_number(tree)
    else:
        found = writer.value(tree)
    refuse_foreign_nodes(found)
    return found


def render(expression: exp.Expression, dialect: Dialect) -> str:
    """The expression as text."""
    return render_in_pieces(expression, dialect)
