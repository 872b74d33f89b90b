"""Text → formula: reads, checks, and holds the result to the limits."""

from __future__ import annotations

from itertools import islice

from tongmai.formula.catalogue import find_function
from tongmai.formula.checker import Checker
from tongmai.formula.coerce import Coercer
from tongmai.formula.faults import FaultList
from tongmai.formula.lexer import Lexer
from tongmai.formula.limits import DEFAULT, Limits
from tongmai.formula.scope import Scope
from tongmai.formula.syntax import SyntaxReader
from tongmai.formula.tree import Call, Formula, Tree, depth_of, paths_of, walk
from tongmai.formula.types import Type

OPERATORS = frozenset(
    {"and", "or", "not", "=", "!=", "<", "<=", ">", ">=", "in", "list", "is_blank", "+", "-", "*", "/", "&", "negate"}
)
"""The calls that are no functions of the catalogue."""


def parse(text: str, scope: Scope, *, expect: Type | None = None, limits: Limits = DEFAULT) -> Formula:
    """The formula that ``text`` says over ``scope``.

    ``expect`` is the type wanted; the few automatic conversions apply to the whole as to any part. Raises
    ``kit.Invalid`` with every fault found, each with its position, in Chinese and English.
    """
    faults = FaultList()
    _refuse_length(text, faults, limits)
    lexemes = Lexer(text, faults).read()
    faults.raise_if_any()
    node = SyntaxReader(lexemes, faults, limits).read()
    faults.raise_if_any()
    assert node is not None
    tree = Checker(scope, faults, limits).check(node)
    if tree is not None and expect is not None:
        tree = Coercer(faults).to(tree, expect, node.start)
    if tree is not None:
        check_limits(tree, faults, limits)
    faults.raise_if_any()
    assert tree is not None
    return Formula(text, tree, tree.type, paths_of(tree))


def _refuse_length(text: str, faults: FaultList, limits: Limits) -> None:
    if len(text) > limits.text:
        faults.add(
            "formula.too_long", limits.text, f"公式超过 {limits.text} 个字符",
            f"The formula is longer than {limits.text} characters",
        )  # fmt: skip
    elif "\x00" in text:
        faults.add("formula.unknown_character", text.index("\x00"), "不能有零字符", "There may be no NUL character")
    elif not text.strip():
        faults.add(
            "formula.empty",
            0,
            "公式是空的",
            "The formula is empty",
            "写一个值、字段或条件",
            "Write a value, a field or a condition",
        )
    faults.raise_if_any()


def check_limits(tree: Tree, faults: FaultList, limits: Limits) -> None:
    """Size, depth, cost and path length of the tree with all formula fields in place."""
    nodes = sum(1 for _ in islice(walk(tree), limits.nodes + 1))
    if nodes > limits.nodes:
        # Parts of a tree may be shared and stand for very many nodes: nothing else is counted then.
        _too_complex(faults, f"步骤超过 {limits.nodes}", f"more than {limits.nodes} steps")
        return
    for found, most, zh, en in (
        (depth_of(tree), limits.depth, "层嵌套", "levels of nesting"),
        (cost_of(tree), limits.cost, "点计算量", "points of cost"),
        (max((len(path) - 1 for path in paths_of(tree)), default=0), limits.hops, "级关联", "relations in one path"),
    ):
        if found > most:
            _too_complex(faults, f"{found} {zh}，最多 {most}", f"{found} {en}, at most {most}")


def _too_complex(faults: FaultList, zh: str, en: str) -> None:
    faults.add(
        "formula.too_complex", 0, f"公式太复杂：{zh}", f"The formula is too complex: {en}",
        "拆成几个简单的公式字段，或减少引用的公式字段", "Split it up, or refer to fewer formula fields",
    )  # fmt: skip


def cost_of(tree: Tree) -> int:
    """One a node, and what the catalogue says of a function."""
    total = 0
    for node in walk(tree):
        function = find_function(node.function) if isinstance(node, Call) else None
        total += function.cost if function is not None else 1
    return total
