"""SQL templates: our own text with places for arguments, read once a dialect and filled by nodes, never by text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import sqlglot
from sqlglot import exp

_PLACE = re.compile(r"\{(\d+)\}")
_NAME = re.compile(r"^_a(\d+)$")

# An argument above this many nodes is worked out once and named where a template uses it more than once.
_SMALL = 12


@lru_cache(maxsize=2_048)
def _read(text: str, dialect: str) -> exp.Expression:
    found = sqlglot.parse_one(text, read=dialect)
    assert isinstance(found, exp.Expression)
    whole = exp.Paren(this=found)
    for node in reversed(list(found.find_all(exp.Mod, exp.Round))):
        node.replace(_by_name(node))
    inner = whole.this.pop()
    assert isinstance(inner, exp.Expression)
    return inner


def _by_name(node: exp.Expr) -> exp.Anonymous:
    """Two functions stay as they are written: sqlglot makes ``a % b`` of MOD, which some drivers take for a parameter,
    and puts a CAST into ROUND."""
    name, second = ("MOD", node.expression) if isinstance(node, exp.Mod) else ("ROUND", node.args["decimals"])
    return exp.Anonymous(this=name, expressions=[node.this, second])


def fill(text: str, arguments: Sequence[exp.Expression], dialect: str) -> exp.Expression:
    """The template with its arguments in place. ``{*}`` stands for all of them, separated by commas."""
    text = text.replace("{*}", ", ".join(f"{{{n}}}" for n in range(len(arguments))))
    uses = [int(number) for number in _PLACE.findall(text)]
    repeated = [n for n, argument in enumerate(arguments) if uses.count(n) > 1 and not _is_small(argument)]
    if repeated:
        return _bind(text, arguments, dialect)
    body = _read(_PLACE.sub(r"_a\1", text), dialect).copy()
    return _put(body, arguments)


def _is_small(expression: exp.Expression) -> bool:
    return sum(1 for _ in zip(expression.walk(), range(_SMALL + 1), strict=False)) <= _SMALL


def _put(body: exp.Expression, arguments: Sequence[exp.Expression]) -> exp.Expression:
    for column in list(body.find_all(exp.Column)):
        match = _NAME.match(column.name)
        if match is None or column.table:
            continue
        argument = arguments[int(match[1])]
        if argument.parent is not None:
            # It already stands elsewhere. Copying only then keeps deep formulas linear.
            argument = argument.copy()
        if column is body:
            return argument
        column.replace(_closed(argument, column))
    return body


def _closed(argument: exp.Expression, place: exp.Expression) -> exp.Expression:
    """In parentheses where the argument's operator could bind wrongly at its place."""
    loose = isinstance(argument, exp.Binary | exp.Unary | exp.Between | exp.In | exp.AtTimeZone | exp.Interval)
    if not loose or isinstance(argument, exp.Paren):
        return argument
    inside = isinstance(place.parent, exp.Func | exp.Paren | exp.Array) and not isinstance(place.parent, exp.Binary)
    return argument if inside else exp.Paren(this=argument)


def _bind(text: str, arguments: Sequence[exp.Expression], dialect: str) -> exp.Expression:
    """Names the arguments first, so that a template which uses one twice does not double the work (or the text)."""
    body = _read(_PLACE.sub(r"v._a\1", text), dialect).sql(dialect)
    numbers = range(len(arguments))
    if dialect == "postgres":
        # OFFSET 0 keeps the planner from putting the expressions back in place of the names.
        names = ", ".join(f"{{{n}}} AS _a{n}" for n in numbers)
        whole = f"(SELECT {body} FROM (SELECT {names} OFFSET 0) AS v)"  # noqa: S608 - templates are ours
    elif dialect == "duckdb":
        names = ", ".join(f"'_a{n}': {{{n}}}" for n in numbers)
        whole = f"LIST_TRANSFORM([{{{names}}}], LAMBDA v : {body})[1]"
    else:
        names = ", ".join(f"'_a{n}', {{{n}}}" for n in numbers)
        whole = f"TRANSFORM(ARRAY(NAMED_STRUCT({names})), v -> {body})[0]"
    return _put(_read(_PLACE.sub(r"_a\1", whole), dialect).copy(), arguments)
