"""The last guard: an expression may hold only kinds of nodes and functions that our own forms use."""

from __future__ import annotations

from sqlglot import exp

_FORBIDDEN = (exp.Command, exp.DDL, exp.DML, exp.Table, exp.Star, exp.Into, exp.Semicolon)


class ForeignNode(RuntimeError):
    """A defect of ours: a form produced what no formula should. Refused rather than run."""


def refuse_foreign_nodes(expression: exp.Expression) -> None:
    """Raises ForeignNode where the expression holds a statement, a table or a function that no form of ours writes.

    What the environment gave (columns, parameters, constants) is the caller's and is not looked into.
    """
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        if node.meta.get("from_environment"):
            continue
        if isinstance(node, _FORBIDDEN):
            raise ForeignNode(type(node).__name__)
        if isinstance(node, exp.Anonymous) and node.name.upper() not in ANONYMOUS:
            raise ForeignNode(node.name)
        waiting.extend(child for child in node.iter_expressions())


ANONYMOUS = frozenset(
    {
        "MAKE_INTERVAL", "TRIM_SCALE", "WIDTH_BUCKET", "MAKE_TIME", "MAKE_DATE", "TO_MICROSECONDS", "TO_MONTHS",
        "EPOCH_US", "PRINTF", "FORMAT_STRING", "TRY", "SPLIT_PART", "TRY_MULTIPLY", "TRY_DIVIDE", "MAKE_DT_INTERVAL",
        "UNIX_MICROS", "GET", "TRANSLATE", "BTRIM", "DIV", "CARDINALITY", "LEN", "LIST_EXTRACT", "MOD",
        "ARRAYS_OVERLAP", "LIST_HAS_ALL",
    }
)  # fmt: skip
