"""Expression → SQL text, in pieces, so that a deep formula never exceeds Python's recursion limit.

sqlglot renders by recursion, some five calls a level, and one step of a formula can be a dozen levels. So tall
parts are rendered first and stand in their parents as finished text.
"""

from __future__ import annotations

from sqlglot import exp

TALL = 20
"""Parts of so many levels are rendered on their own."""


def render_in_pieces(expression: exp.Expression, dialect: str, tall: int = TALL) -> str:
    """The expression's text. The expression itself is left as it is."""
    whole = exp.Paren(this=expression.copy())
    for node in _tall_parts(whole, tall):
        node.replace(exp.Var(this=node.sql(dialect, copy=False)))
    inner = whole.this
    assert isinstance(inner, exp.Expr)
    return inner.sql(dialect)


def _tall_parts(whole: exp.Expression, tall: int) -> list[exp.Expr]:
    """The parts to render first, innermost first. Only such as print the same wherever they stand."""
    heights: dict[int, int] = {}
    found: list[exp.Expr] = []
    for node in reversed(list(whole.walk(bfs=True))):
        height = 1 + max((heights[id(child)] for child in node.iter_expressions()), default=0)
        # An IF is a branch of its CASE, which looks into it.
        is_closed = (
            not isinstance(node, exp.If)
            and isinstance(node, exp.Paren | exp.Case | exp.Func | exp.Subquery)
            and not isinstance(node, exp.Binary | exp.Connector)
        )
        if height >= tall and is_closed and node is not whole:
            found.append(node)
            height = 0
        heights[id(node)] = height
    return found
