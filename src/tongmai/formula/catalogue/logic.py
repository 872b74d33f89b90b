"""Logic: choosing between values. These see blanks, and evaluate only the branch that is taken."""

from __future__ import annotations

from tongmai.formula.catalogue.entry import Function, takes
from tongmai.formula.tree import TRUE, Call, Literal, Tree, is_blank
from tongmai.formula.types import BOOLEAN, NULL, list_of


def _if(args: tuple[Tree, ...]) -> Tree:
    """IF, IFS and SWITCH are one: pairs of condition and value, and the value for all other cases at the end."""
    values = (*args[1::2], *(args[-1:] if len(args) % 2 else ()))
    type_ = next((value.type for value in values if value.type != NULL), NULL)
    whole = args if len(args) % 2 else (*args, Literal(None, type_))
    return Call("IF", whole, type_)


def _switch(args: tuple[Tree, ...]) -> Tree:
    subject, *rest = args
    pairs: list[Tree] = []
    for n in range(0, len(rest) - 1, 2):
        pairs += [_equals(subject, rest[n]), rest[n + 1]]
    return _if((*pairs, *rest[len(rest) - len(rest) % 2 :]))


def _equals(left: Tree, right: Tree) -> Tree:
    """As the operator has it: a test for blank beside BLANK, and the constant on the right."""
    if is_blank(left) and is_blank(right):
        return TRUE
    if is_blank(left) or is_blank(right):
        return Call("is_blank", (right if is_blank(left) else left,), BOOLEAN)
    if isinstance(left, Literal) and not isinstance(right, Literal):
        left, right = right, left
    return Call("=", (left, right), BOOLEAN)


def _one_of(args: tuple[Tree, ...]) -> Tree:
    return Call("in", (args[0], Call("list", args[1:], list_of(args[0].type))), BOOLEAN)


FUNCTIONS = (
    Function(
        "IF",
        ("如果",),
        "logic",
        takes("boolean condition", "same value", "same otherwise?"),
        "same",
        zh="条件成立时取第二个参数，否则取第三个（省略则为空）。条件为空按不成立算。",
        en="The second argument if the condition holds, else the third (blank if left out). Blank does not hold.",
        example="IF(3 > 2, '达标', '未达标')",
        shows="达标",
        rewrites=_if,
    ),
    Function(
        "IFS",
        ("多条件", "条件分支"),
        "logic",
        takes("boolean condition", "same value"),
        "same",
        repeats=2,
        zh="依次检查条件，取第一个成立的条件后面的值；最后可以多写一个值，用于都不成立时。",
        en="The value after the first condition that holds; a single value at the end serves all other cases.",
        example="IFS(5 > 9, 'A', 5 > 4, 'B', 'C')",
        shows="B",
        rewrites=_if,
    ),
    Function(
        "SWITCH",
        ("分支",),
        "logic",
        takes("like subject", "like case", "same value"),
        "same",
        repeats=2,
        zh="第一个参数等于哪个情形，就取那个情形后面的值；最后可以多写一个值，用于都不相等时。",
        en="The value after the case that equals the first argument; a single value at the end serves all other cases.",
        example="SWITCH(2, 1, '一', 2, '二', '其他')",
        shows="二",
        rewrites=_switch,
    ),
    Function(
        "COALESCE",
        ("首个非空", "默认值"),
        "logic",
        takes("same value", "same otherwise"),
        "same",
        repeats=1,
        zh="第一个不为空的参数。",
        en="The first argument that is not blank.",
        example="COALESCE(BLANK, 7)",
        shows="7",
        sees_blank=True,
        sql="COALESCE({*})",
    ),
    Function(
        "IS_BLANK",
        ("ISBLANK", "是否为空"),
        "logic",
        takes("any value"),
        "boolean",
        zh="是否为空。空文本也是空。",
        en="Whether the value is blank. An empty text is blank.",
        example="IS_BLANK('')",
        shows="TRUE",
        rewrites=lambda args: Call("is_blank", args, BOOLEAN),
    ),
    Function(
        "IS_ONE_OF",
        ("是其中之一",),
        "logic",
        takes("same value", "same item"),
        "boolean",
        repeats=1,
        zh="第一个参数是否等于后面的某一个；同 值 IN (…)。",
        en="Whether the first argument equals one of the others; as value IN (…).",
        example="IS_ONE_OF(2, 1, 2, 3)",
        shows="TRUE",
        rewrites=_one_of,
    ),
)
