"""Types of operators: comparison, logic, arithmetic, membership."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

from tongmai.formula.coerce import Coercer, fits
from tongmai.formula.faults import FaultList
from tongmai.formula.syntax import ApplyNode
from tongmai.formula.tree import FALSE, TRUE, Call, Literal, Tree, is_blank
from tongmai.formula.types import BOOLEAN, DATE, DATETIME, DURATION, NUMBER, TEXT, Kind, Type, list_of

Placed: TypeAlias = tuple[Tree, int]

_ORDERED = {Kind.NUMBER, Kind.TEXT, Kind.DATE, Kind.DATETIME, Kind.DURATION}
_EQUATABLE = _ORDERED | {Kind.BOOLEAN, Kind.CHOICE, Kind.REFERENCE, Kind.NULL}

_N, _D, _T, _U = Kind.NUMBER, Kind.DATE, Kind.DATETIME, Kind.DURATION
ARITHMETIC: dict[tuple[str, Kind, Kind], Type] = {
    ("+", _N, _N): NUMBER, ("-", _N, _N): NUMBER, ("*", _N, _N): NUMBER, ("/", _N, _N): NUMBER,
    ("+", _D, _N): DATE, ("+", _N, _D): DATE, ("-", _D, _N): DATE, ("-", _D, _D): NUMBER,
    ("+", _T, _U): DATETIME, ("+", _U, _T): DATETIME, ("-", _T, _U): DATETIME, ("-", _T, _T): DURATION,
    ("+", _U, _U): DURATION, ("-", _U, _U): DURATION, ("*", _U, _N): DURATION, ("*", _N, _U): DURATION,
    ("/", _U, _N): DURATION, ("/", _U, _U): NUMBER,
}  # fmt: skip
"""Every sum, difference, product and quotient that has a meaning, and its type."""


class OperatorChecker:
    """Gives an operator's call its type, or tells why it has none."""

    def __init__(self, faults: FaultList, coercer: Coercer) -> None:
        self._faults = faults
        self._coercer = coercer

    def check(self, node: ApplyNode, args: list[Placed]) -> Tree | None:
        sign = node.function
        if sign in {"and", "or", "not"}:
            return self._logic(sign, args, node.start)
        if sign in {"=", "!=", "<", "<=", ">", ">="}:
            return self._comparison(sign, args, node.start)
        if sign == "in":
            return self._membership(args, node.start)
        if sign == "list":
            return self._list(args)
        if sign == "is_blank":
            return Call("is_blank", (args[0][0],), BOOLEAN)
        if sign == "&":
            return self._join(args)
        if sign == "negate":
            return self._negate(args[0])
        if sign == "^":
            return self._power(args)
        return self._arithmetic(sign, args, node.start)

    def _all_to(self, args: list[Placed], want: Type) -> list[Tree] | None:
        found = [self._coercer.to(tree, want, position) for tree, position in args]
        whole = [tree for tree in found if tree is not None]
        return whole if len(whole) == len(found) else None

    def _logic(self, sign: str, args: list[Placed], start: int) -> Tree | None:
        trees = self._all_to(args, BOOLEAN)
        if trees is None:
            return None
        if sign == "not":
            return Call("not", tuple(trees), BOOLEAN)
        if not trees:
            self._faults.add("formula.too_few", start, "至少需要一个条件", "At least one condition is needed")
            return None
        flat: list[Tree] = []
        for tree in trees:
            flat.extend(tree.args if isinstance(tree, Call) and tree.function == sign else (tree,))
        return flat[0] if len(flat) == 1 else Call(sign, tuple(flat), BOOLEAN)

    def _comparison(self, sign: str, args: list[Placed], start: int) -> Tree | None:
        if any(is_blank(tree) for tree, _ in args):
            return self._with_blank(sign, args)
        common = self._coercer.common(args)
        if common is None:
            return None
        (left, right), type_ = common
        if type_.kind not in (_EQUATABLE if sign in {"=", "!="} else _ORDERED):
            self._incomparable(sign, type_, start)
            return None
        if isinstance(left, Literal) and not isinstance(right, Literal):
            # The constant on the right: one form for engines and indexes.
            return Call(_MIRRORED[sign], (right, left), BOOLEAN)
        return Call(sign, (left, right), BOOLEAN)

    def _with_blank(self, sign: str, args: list[Placed]) -> Tree:
        """``x = BLANK`` asks whether x is blank; an order with blank is false."""
        if sign not in {"=", "!="}:
            return FALSE
        other = next((tree for tree, _ in args if not is_blank(tree)), None)
        if other is None:
            return TRUE if sign == "=" else FALSE
        test = Call("is_blank", (other,), BOOLEAN)
        return test if sign == "=" else Call("not", (test,), BOOLEAN)

    def _incomparable(self, sign: str, type_: Type, start: int) -> None:
        name = type_.name()
        if type_.kind is Kind.LIST:
            out = ("用 包含任一(列表, 值) 或 包含全部(列表, 值)", "Use HAS_ANY(list, value) or HAS_ALL(list, value)")
        elif sign in {"=", "!="}:
            out = ("只能判断是否为空", "It can only be tested for BLANK")
        else:
            out = ("只能比较相等或不等", "It can only be compared with = and !=")
        self._faults.add(
            "formula.incomparable", start,
            f"{name.zh}不能用 {sign} 比较", f"A {name.en} cannot be compared with {sign}",
            *out,
        )  # fmt: skip

    def _membership(self, args: list[Placed], start: int) -> Tree | None:
        (item, item_at), (group, group_at) = args
        if isinstance(group, Call) and group.function == "list" and len(group.args) == 1:
            only = group.args[0]
            group = only if only.type.kind is Kind.LIST else group
        if group.type.kind is not Kind.LIST:
            self._coercer.mismatch(group.type, list_of(item.type), group_at)
            return None
        if item.type.kind not in _EQUATABLE:
            self._incomparable("in", item.type, start)
            return None
        if not (isinstance(group, Call) and group.function == "list"):
            assert group.type.item is not None
            adapted = self._coercer.to(item, group.type.item, item_at)
            return None if adapted is None else Call("in", (adapted, group), BOOLEAN)
        common = self._coercer.common([(item, item_at), *((member, group_at) for member in group.args)])
        if common is None:
            return None
        (first, *members), type_ = common
        return Call("in", (first, Call("list", tuple(members), list_of(type_))), BOOLEAN)

    def _list(self, args: list[Placed]) -> Tree | None:
        """Items keep their own types until it is known what they are compared with."""
        item = args[0][0].type
        return Call("list", tuple(tree for tree, _ in args), item if len(args) == 1 and item.item else list_of(item))

    def _join(self, args: list[Placed]) -> Tree | None:
        trees: list[Tree] = []
        for tree, position in args:
            adapted = self.to_text(tree, position)
            if adapted is None:
                return None
            trees.extend(adapted.args if isinstance(adapted, Call) and adapted.function == "&" else (adapted,))
        return Call("&", tuple(trees), TEXT)

    def to_text(self, tree: Tree, position: int) -> Tree | None:
        """What ``&`` makes of a value: text as it is, choices by label, numbers and dates as people write them."""
        if tree.type.kind in {Kind.NUMBER, Kind.DATE, Kind.DATETIME, Kind.BOOLEAN}:
            return Call("TEXT", (tree,), TEXT)
        if tree.type.kind is Kind.CHOICE:
            return Call("LABEL", (tree,), TEXT)
        return self._coercer.to(tree, TEXT, position)

    def _negate(self, arg: Placed) -> Tree | None:
        tree, position = arg
        if isinstance(tree, Literal) and isinstance(tree.value, Decimal):
            return Literal(-tree.value, tree.type)
        want = DURATION if tree.type.kind is Kind.DURATION else NUMBER
        adapted = self._coercer.to(tree, want, position)
        return None if adapted is None else Call("negate", (adapted,), want)

    def _power(self, args: list[Placed]) -> Tree | None:
        trees = self._all_to(args, NUMBER)
        return None if trees is None else Call("POWER", tuple(trees), NUMBER)

    def _arithmetic(self, sign: str, args: list[Placed], start: int) -> Tree | None:
        left, right = (_settled(sign, args[n][0], args[1 - n][0]) for n in (0, 1))
        left, right = _days_for_date(left, right), _days_for_date(right, left)
        result = ARITHMETIC.get((sign, left.type.kind, right.type.kind))
        if result is None:
            left, right = _moment_for_date(left, right), _moment_for_date(right, left)
            result = ARITHMETIC.get((sign, left.type.kind, right.type.kind))
        if result is None:
            self._meaningless(sign, left.type, right.type, start)
            return None
        return Call(sign, (left, right), result)

    def _meaningless(self, sign: str, left: Type, right: Type, start: int) -> None:
        out: tuple[str | None, str | None] = (None, None)
        if Kind.TEXT in {left.kind, right.kind}:
            out = ("连接文本用 &，文本转数字用 转数字(…)", "Join texts with &, make numbers of them with VALUE(…)")
        elif {left.kind, right.kind} == {Kind.DATETIME, Kind.NUMBER}:
            out = ("写上单位，例如 3天 或 48小时", "Write a unit: 3d or 48h")
        one, other = left.name(), right.name()
        self._faults.add(
            "formula.type", start, f"{one.zh} {sign} {other.zh} 没有意义", f"{one.en} {sign} {other.en} has no meaning",
            *out,
        )  # fmt: skip


_MIRRORED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _settled(sign: str, tree: Tree, other: Tree) -> Tree:
    """BLANK in a sum takes the type that fits the other side, so that the sum is blank rather than refused."""
    if not is_blank(tree):
        return tree
    beside_time = other.type.kind in {Kind.DATETIME, Kind.DURATION} and sign in {"+", "-"}
    return Literal(None, DURATION if beside_time else NUMBER)


def _days_for_date(tree: Tree, other: Tree) -> Tree:
    """``date + 3d``: whole days beside a date are a number of days, so that the sum stays a date."""
    if other.type.kind is not Kind.DATE or tree.type.kind is not Kind.DURATION:
        return tree
    if isinstance(tree, Literal) and isinstance(tree.value, Decimal) and tree.value % 86_400 == 0:
        return Literal(tree.value / 86_400, NUMBER)
    return tree


def _moment_for_date(tree: Tree, other: Tree) -> Tree:
    if tree.type.kind is Kind.DATE and other.type.kind in {Kind.DATETIME, Kind.DURATION}:
        return Call("DATETIME", (tree,), DATETIME)
    return tree


__all__ = ["ARITHMETIC", "OperatorChecker", "Placed", "fits"]
