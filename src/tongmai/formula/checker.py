"""Syntax tree → typed tree: finds fields and functions, puts formula fields in place, checks and adapts types.

All faults of a text are collected: a part that is wrong becomes None and its parents stay silent about it.
"""

from __future__ import annotations

from tongmai.formula.apply import Applier
from tongmai.formula.coerce import Coercer
from tongmai.formula.faults import FaultList
from tongmai.formula.limits import Limits
from tongmai.formula.operators import OperatorChecker
from tongmai.formula.scope import Scope, Symbol
from tongmai.formula.suggest import did_you_mean
from tongmai.formula.syntax import ApplyNode, DurationNode, NameNode, Node, NumberNode, TextNode, WordNode
from tongmai.formula.tree import FieldRef, Literal, Tree, below
from tongmai.formula.types import BOOLEAN, DURATION, NULL, NUMBER, TEXT, Kind


class Checker:
    """Checks one text against one scope."""

    def __init__(self, scope: Scope, faults: FaultList, limits: Limits) -> None:
        self._scope = scope
        self._faults = faults
        self._limits = limits
        self._coercer = Coercer(faults)
        self._operators = OperatorChecker(faults, self._coercer)
        # A part may stand in several places (BETWEEN): it is checked once.
        self._checked: dict[int, Tree | None] = {}
        self._applier = Applier(faults, self._coercer, self._operators)

    def check(self, node: Node) -> Tree | None:
        """The typed tree; None where a fault was found."""
        if id(node) not in self._checked:
            self._checked[id(node)] = self._check(node)
        return self._checked[id(node)]

    def _check(self, node: Node) -> Tree | None:
        if isinstance(node, NumberNode):
            return Literal(node.value.normalize() + 0, NUMBER)
        if isinstance(node, TextNode):
            return Literal(node.value or None, TEXT)
        if isinstance(node, DurationNode):
            return Literal(node.seconds.normalize() + 0, DURATION)
        if isinstance(node, WordNode):
            return Literal(None, NULL) if node.value is None else Literal(node.value, BOOLEAN)
        if isinstance(node, NameNode):
            return self._field(node)
        return self._apply(node)

    def _apply(self, node: ApplyNode) -> Tree | None:
        checked = [self.check(arg) for arg in node.args]
        args = [(tree, arg.start) for tree, arg in zip(checked, node.args, strict=True) if tree is not None]
        if len(args) < len(checked):
            if not node.is_operator:
                self._applier.find(node)
            return None
        if node.is_operator:
            if node.function == "list" and len(args) > self._limits.list_items:
                self._faults.add(
                    "formula.long_list", node.start, f"列表超过 {self._limits.list_items} 项",
                    f"The list has more than {self._limits.list_items} items",
                )  # fmt: skip
                return None
            return self._operators.check(node, args)
        return self._applier.check(node, args)

    def _field(self, node: NameNode) -> Tree | None:
        if len(node.parts) - 1 > self._limits.hops:
            self._faults.add(
                "formula.path_too_long", node.start, f"关联路径超过 {self._limits.hops} 级",
                f"The path follows more than {self._limits.hops} relations",
                "在中间的对象上建一个公式字段", "Make a formula field on an object in between",
            )  # fmt: skip
            return None
        scope, prefix = self._scope, list[str]()
        for index, (part, start) in enumerate(zip(node.parts, node.starts, strict=True)):
            symbol = scope.find(part)
            if symbol is None:
                self._unknown(part, start, scope)
                return None
            if index == len(node.parts) - 1:
                return _reference(symbol, tuple(prefix))
            further = scope.through(symbol.key) if symbol.type.kind is Kind.REFERENCE else None
            if further is None:
                self._faults.add(
                    "formula.not_a_relation", start, f"“{part}”不是单一关联，不能用点号继续",
                    f"“{part}” is not a relation to one record, so no dot may follow it",
                    None, None,
                )  # fmt: skip
                return None
            prefix.append(symbol.key)
            scope = further
        return None

    def _unknown(self, name: str, start: int, scope: Scope) -> None:
        near = did_you_mean(name, scope.names())
        zh = f"找不到字段“{name}”" + (f"，是否想写“{near}”？" if near else "")
        en = f"There is no field “{name}”" + (f"; did you mean “{near}”?" if near else "")
        out_zh = f"写成 [{near}]" if near else "检查字段名，或在字段列表里选择"
        out_en = f"Write [{near}]" if near else "Check the name, or pick it from the list of fields"
        self._faults.add("formula.unknown_field", start, zh, en, out_zh, out_en)


def _reference(symbol: Symbol, prefix: tuple[str, ...]) -> Tree:
    if symbol.formula is not None:
        return below(prefix, symbol.formula)
    return FieldRef((*prefix, symbol.key), symbol.type)
