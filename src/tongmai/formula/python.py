"""Typed tree → Python closure: for single records in memory, validations, defaults, and as the oracle of the engines.

A row maps dotted paths (``"customer.owner"``) to values as the field types give them: NUMBER Decimal or int (never
float), TEXT str, DATE date, DATETIME aware datetime, DURATION Decimal seconds, CHOICE the key, REFERENCE UUID, LIST a
sequence, POINT a mapping with ``lat`` and ``lng``; blank is None or a missing key.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from tongmai.formula.catalogue import Checked, Function, find_function
from tongmai.formula.catalogue.choice import label_of
from tongmai.formula.moment import Moment
from tongmai.formula.numbers import DIGITS, EXACT, PLACES, divide, in_range, unbounded_width
from tongmai.formula.spans import add_days, add_span, seconds_of, to_micros
from tongmai.formula.tree import Call, FieldRef, Literal, Param, Tree
from tongmai.formula.types import Kind, Type

Row: TypeAlias = Mapping[str, object]
Evaluator: TypeAlias = Callable[[Row, Moment], object]

# Inside this file values are what the type checker of the language promises, not what mypy could prove.
_Inner: TypeAlias = Callable[[Row, Moment], Any]
_Binary: TypeAlias = Callable[[Any, Any], Any]


def compile_python(tree: Tree) -> Evaluator:
    """The tree as a function of (row, moment). A boolean tree answers True or False, never blank."""
    inner = _compile(tree)
    if tree.type.kind is not Kind.BOOLEAN or _is_test(tree):
        return inner
    return lambda row, moment: inner(row, moment) is True


def _is_test(tree: Tree) -> bool:
    return isinstance(tree, Call) and tree.function in _TESTS


def _compile(tree: Tree) -> _Inner:
    if isinstance(tree, Literal):
        value = tree.value
        return lambda row, moment: value
    if isinstance(tree, FieldRef):
        key = ".".join(tree.path)
        return lambda row, moment: row.get(key)
    if isinstance(tree, Param):
        name = tree.name
        return lambda row, moment: moment.param(name)
    build = _OPERATORS.get(tree.function)
    if build is not None:
        return build(tree)
    function = find_function(tree.function)
    if function is None or function.python is None:
        raise ValueError(f"the tree calls an unknown function: {tree.function}")
    return _call(tree, function, function.python)


def _and(tree: Call) -> _Inner:
    parts = tuple(_compile(arg) for arg in tree.args)
    if len(parts) == 2:
        first, second = parts
        return lambda row, moment: first(row, moment) is True and second(row, moment) is True

    def every(row: Row, moment: Moment) -> bool:
        for part in parts:  # noqa: SIM110 - a generator would cost more than the conditions
            if part(row, moment) is not True:
                return False
        return True

    return every


def _or(tree: Call) -> _Inner:
    parts = tuple(_compile(arg) for arg in tree.args)

    def some(row: Row, moment: Moment) -> bool:
        for part in parts:  # noqa: SIM110
            if part(row, moment) is True:
                return True
        return False

    return some


def _not(tree: Call) -> _Inner:
    part = _compile(tree.args[0])
    return lambda row, moment: part(row, moment) is not True


def _is_blank(tree: Call) -> _Inner:
    part = _compile(tree.args[0])
    return lambda row, moment: part(row, moment) in (None, "")


def _equality(compare: _Binary) -> Callable[[Call], _Inner]:
    """Python's == has the language's meaning: None equals None and nothing else.

    Only an actor's parameter that is not given equals nothing, not even blank: who is nobody owns no ownerless record.
    """

    def build(tree: Call) -> _Inner:
        left, right = tree.args
        if isinstance(left, Param) or isinstance(right, Param):
            first, second = _compile(left), _compile(right)
            is_equality = compare is operator.eq

            def with_actor(row: Row, moment: Moment) -> bool:
                one, other = first(row, moment), second(row, moment)
                return (one is not None and one == other) is is_equality

            return with_actor
        if isinstance(left, FieldRef) and isinstance(right, Literal):
            key, value = ".".join(left.path), right.value
            return lambda row, moment: compare(row.get(key), value)
        first, second = _compile(left), _compile(right)
        return lambda row, moment: compare(first(row, moment), second(row, moment))

    return build


def _order(compare: _Binary) -> Callable[[Call], _Inner]:
    """Blank is neither before nor after anything."""

    def build(tree: Call) -> _Inner:
        left, right = tree.args
        first, second = _compile(left), _compile(right)
        if isinstance(right, Literal) and right.value is not None:
            value = right.value
            if isinstance(left, FieldRef):
                return _field_order(compare, ".".join(left.path), value)

            def against_constant(row: Row, moment: Moment) -> bool:
                found = first(row, moment)
                return found is not None and compare(found, value)

            return against_constant

        def both(row: Row, moment: Moment) -> bool:
            one, other = first(row, moment), second(row, moment)
            return one is not None and other is not None and compare(one, other)

        return both

    return build


def _field_order(compare: _Binary, key: str, value: object) -> _Inner:
    def against_constant(row: Row, moment: Moment) -> bool:
        found = row.get(key)
        return found is not None and compare(found, value)

    return against_constant


def _in(tree: Call) -> _Inner:
    item, group = tree.args
    first = _compile(item)
    if isinstance(group, Call) and group.function == "list":
        if all(isinstance(member, Literal) for member in group.args):
            values = frozenset(member.value for member in group.args if isinstance(member, Literal))
            return lambda row, moment: first(row, moment) in values
        members = tuple(_compile(member) for member in group.args)
        return lambda row, moment: any(first(row, moment) == member(row, moment) for member in members)
    listed = _compile(group)

    def among(row: Row, moment: Moment) -> bool:
        value, values = first(row, moment), listed(row, moment)
        return value is not None and values is not None and value in values

    return among


def _list(tree: Call) -> _Inner:
    parts = tuple(_compile(arg) for arg in tree.args)
    return lambda row, moment: tuple(part(row, moment) for part in parts)


def _join(tree: Call) -> _Inner:
    parts = tuple(_compile(arg) for arg in tree.args)
    return lambda row, moment: "".join([part(row, moment) or "" for part in parts]) or None


def _negate(tree: Call) -> _Inner:
    part = _compile(tree.args[0])

    def negative(row: Row, moment: Moment) -> object:
        value = part(row, moment)
        return None if value is None else -value

    return negative


def _arithmetic(tree: Call) -> _Inner:
    """Sums, differences, products, quotients: blank if either side is."""
    left, right = tree.args
    compute = _binary(tree, left.type.kind, right.type.kind)
    first, second = _compile(left), _compile(right)

    def both(row: Row, moment: Moment) -> object:
        one, other = first(row, moment), second(row, moment)
        return None if one is None or other is None else compute(one, other)

    return both


def _binary(tree: Call, left: Kind, right: Kind) -> _Binary:
    if left is Kind.NUMBER and right is Kind.NUMBER:
        return _number_binary(tree)
    try:
        return _SPAN_ARITHMETIC[tree.function, left, right]
    except KeyError:
        raise ValueError(f"the tree has no meaning: {left} {tree.function} {right}") from None


def _number_binary(tree: Call) -> _Binary:
    if tree.function == "/":
        return divide
    compute: _Binary = {"+": EXACT.add, "-": EXACT.subtract, "*": EXACT.multiply}[tree.function]
    digits, places = unbounded_width(tree)
    if digits <= DIGITS and places <= PLACES:
        return compute
    return lambda one, other: in_range(compute(one, other))


def _times(span: Decimal, count: Decimal) -> Decimal | None:
    seconds = in_range(EXACT.multiply(span, count))
    return None if seconds is None else to_micros(seconds)


def _span_part(span: Decimal, count: Decimal) -> Decimal | None:
    seconds = divide(span, count)
    return None if seconds is None else to_micros(seconds)


_N, _D, _T, _U = Kind.NUMBER, Kind.DATE, Kind.DATETIME, Kind.DURATION
_SPAN_ARITHMETIC: dict[tuple[str, Kind, Kind], _Binary] = {
    ("+", _D, _N): add_days,
    ("+", _N, _D): lambda count, day: add_days(day, count),
    ("-", _D, _N): lambda day, count: add_days(day, -count),
    ("-", _D, _D): lambda one, other: Decimal((one - other).days),
    ("+", _T, _U): add_span,
    ("+", _U, _T): lambda span, moment: add_span(moment, span),
    ("-", _T, _U): lambda moment, span: add_span(moment, -span),
    ("-", _T, _T): lambda one, other: seconds_of(one - other),
    ("+", _U, _U): EXACT.add,
    ("-", _U, _U): EXACT.subtract,
    ("*", _U, _N): _times,
    ("*", _N, _U): lambda count, span: _times(span, count),
    ("/", _U, _N): _span_part,
    ("/", _U, _U): divide,
}


def _if(tree: Call) -> _Inner:
    parts = tuple(_compile(arg) for arg in tree.args)
    pairs, otherwise = tuple(zip(parts[:-1:2], parts[1::2], strict=True)), parts[-1]

    def choose(row: Row, moment: Moment) -> object:
        for condition, value in pairs:
            if condition(row, moment) is True:
                return value(row, moment)
        return otherwise(row, moment)

    return choose


def _coalesce(tree: Call) -> _Inner:
    parts = tuple(_compile(arg) for arg in tree.args)

    def first(row: Row, moment: Moment) -> object:
        for part in parts:
            value = part(row, moment)
            if value is not None:
                return value
        return None

    return first


def _label(tree: Call) -> _Inner:
    part, type_ = _compile(tree.args[0]), tree.args[0].type
    language = tree.args[1].value if len(tree.args) > 1 and isinstance(tree.args[1], Literal) else "zh"
    return lambda row, moment: label_of(type_, part(row, moment), str(language)) or None


def _call(tree: Call, function: Function, compute: Callable[..., Any]) -> _Inner:
    """A function of the catalogue with the language's rules for blanks around it."""
    parts = tuple(_compile(arg) for arg in tree.args)
    blanks = tuple("" if _takes_text(function, n) else None for n in range(len(parts)))
    finish = _finish(tree.type, function)
    wants_moment, sees_blank = function.wants_moment, function.sees_blank

    def call(row: Row, moment: Moment) -> object:
        values: list[Any] = [moment] if wants_moment else []
        for part, blank in zip(parts, blanks, strict=True):
            value = part(row, moment)
            if value is None and not sees_blank:
                if blank is None:
                    return None
                value = blank
            values.append(value)
        return finish(compute(*values))

    return call


def _takes_text(function: Function, n: int) -> bool:
    parameter = function.parameter(n)
    return parameter is not None and parameter.accepts == "text"


def _finish(type_: Type, function: Function) -> Callable[[Any], Any]:
    if type_.kind is Kind.TEXT:
        return lambda value: value or None
    if type_.kind is Kind.NUMBER and function.checked is not Checked.NEVER:
        return lambda value: None if value is None else in_range(Decimal(value))
    return lambda value: value


_OPERATORS: dict[str, Callable[[Call], _Inner]] = {
    "and": _and, "or": _or, "not": _not, "is_blank": _is_blank, "in": _in, "list": _list, "&": _join,
    "=": _equality(operator.eq), "!=": _equality(operator.ne),
    "<": _order(operator.lt), "<=": _order(operator.le), ">": _order(operator.gt), ">=": _order(operator.ge),
    "+": _arithmetic, "-": _arithmetic, "*": _arithmetic, "/": _arithmetic, "negate": _negate,
    "IF": _if, "COALESCE": _coalesce, "LABEL": _label,
}  # fmt: skip
_TESTS = frozenset({"and", "or", "not", "=", "!=", "<", "<=", ">", ">=", "in", "is_blank"})
