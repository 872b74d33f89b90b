"""The filter operators a screen offers beside a field: each is a formula with places to fill."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from tongmai.formula import Kind
from tongmai.kit import Text


@dataclass(frozen=True, slots=True)
class Operator:
    """``template`` is a formula with ``{field}``, ``{value}`` and ``{other}``; ``operands`` counts the last two.

    An operand of a list operator (``takes_list``) is filled with several values separated by commas.
    """

    key: str
    label: Text
    template: str
    operands: int = 1
    takes_list: bool = False


_ALL = (
    Operator("equals", Text("等于", "is"), "{field} = {value}"),
    Operator("differs", Text("不等于", "is not"), "{field} != {value}"),
    Operator("less", Text("小于", "is less than"), "{field} < {value}"),
    Operator("at_most", Text("小于等于", "is at most"), "{field} <= {value}"),
    Operator("greater", Text("大于", "is greater than"), "{field} > {value}"),
    Operator("at_least", Text("大于等于", "is at least"), "{field} >= {value}"),
    Operator("between", Text("介于", "is between"), "{field} BETWEEN {value} AND {other}", 2),
    Operator("before", Text("早于", "is before"), "{field} < {value}"),
    Operator("after", Text("晚于", "is after"), "{field} > {value}"),
    Operator("in", Text("属于", "is one of"), "{field} IN ({value})", takes_list=True),
    Operator("not_in", Text("不属于", "is none of"), "{field} NOT IN ({value})", takes_list=True),
    Operator("contains", Text("包含", "contains"), "CONTAINS({field}, {value})"),
    Operator("lacks", Text("不包含", "does not contain"), "NOT CONTAINS({field}, {value})"),
    Operator("starts_with", Text("开头是", "starts with"), "STARTS_WITH({field}, {value})"),
    Operator("ends_with", Text("结尾是", "ends with"), "ENDS_WITH({field}, {value})"),
    Operator("has_any", Text("包含任一", "has any of"), "HAS_ANY({field}, {value})", takes_list=True),
    Operator("has_all", Text("包含全部", "has all of"), "HAS_ALL({field}, {value})", takes_list=True),
    Operator("is_true", Text("为是", "is yes"), "{field} = TRUE", 0),
    Operator("is_false", Text("为否", "is no"), "{field} = FALSE", 0),
    Operator("is_me", Text("是我", "is me"), "{field} = ME()", 0),
    Operator("is_my_team", Text("是我的团队", "is my team"), "{field} = MY_TEAM()", 0),
    Operator("is_blank", Text("为空", "is blank"), "{field} IS BLANK", 0),
    Operator("is_not_blank", Text("不为空", "is not blank"), "{field} IS NOT BLANK", 0),
)

OPERATORS: MappingProxyType[str, Operator] = MappingProxyType({each.key: each for each in _ALL})

BLANKNESS = ("is_blank", "is_not_blank")
EQUALITY = ("equals", "differs", "in", "not_in")
ORDER = ("less", "at_most", "greater", "at_least", "between")
MOMENTS = ("before", "after", "between")
WORDS = ("contains", "lacks", "starts_with", "ends_with")
MEMBERS = ("has_any", "has_all")

_BY_KIND = {
    Kind.TEXT: (*WORDS, *EQUALITY, *BLANKNESS),
    Kind.NUMBER: (*EQUALITY, *ORDER, *BLANKNESS),
    Kind.DURATION: (*EQUALITY, *ORDER, *BLANKNESS),
    Kind.DATE: (*EQUALITY, *MOMENTS, *BLANKNESS),
    Kind.DATETIME: (*MOMENTS, *BLANKNESS),
    Kind.BOOLEAN: ("is_true", "is_false", *BLANKNESS),
}


def operators_of(kind: Kind) -> tuple[str, ...]:
    """What is offered beside a formula's result, which has no field type of its own."""
    return _BY_KIND.get(kind, BLANKNESS)
