"""Adapting a typed tree to the type that is wanted: the few conversions the language makes by itself.

Blank fits everything. A text constant becomes a choice's key, a date, a moment or a record id where such is wanted.
A moment becomes its local date and a date the moment it begins. Nothing else is converted silently.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from tongmai.formula.faults import FaultList
from tongmai.formula.suggest import did_you_mean
from tongmai.formula.tree import Call, Literal, Tree, is_blank
from tongmai.formula.types import DATE, DATETIME, NUMBER, TEXT, Kind, Type


def fits(type_: Type, want: Type) -> bool:
    """Whether a value of ``type_`` is a value of ``want`` as it stands."""
    if type_.kind is not want.kind:
        return False
    if type_.kind is Kind.LIST and type_.item is not None and want.item is not None:
        return fits(type_.item, want.item)
    if type_.kind is Kind.REFERENCE:
        return type_.target is None or want.target is None or type_.target == want.target
    if type_.kind is Kind.CHOICE:
        known = {option[0] for option in want.options}
        return not want.options or not type_.options or known == {option[0] for option in type_.options}
    return True


class Coercer:
    """Adapts trees and tells what does not fit."""

    def __init__(self, faults: FaultList) -> None:
        self._faults = faults

    def to(self, tree: Tree, want: Type, position: int) -> Tree | None:
        """``tree`` as a ``want``; None, with a fault told, where it cannot be."""
        if is_blank(tree) or tree.type.kind is Kind.NULL:
            return Literal(None, want)
        if fits(tree.type, want):
            return tree
        if isinstance(tree, Literal) and isinstance(tree.value, str) and tree.type.kind is Kind.TEXT:
            return self._constant(tree.value, want, position)
        if want.kind is Kind.DATE and tree.type.kind is Kind.DATETIME:
            return Call("DATE", (tree,), DATE)
        if want.kind is Kind.DATETIME and tree.type.kind is Kind.DATE:
            return Call("DATETIME", (tree,), DATETIME)
        self.mismatch(tree.type, want, position)
        return None

    def common(self, trees: Iterable[tuple[Tree, int]]) -> tuple[list[Tree], Type] | None:
        """All trees as one type: the first that is neither blank nor a text constant gives it.

        Moments beside a date (a field or ``'2026-01-31'``) become dates: the date they fall on is what is compared.
        """
        pairs = list(trees)
        firm = [tree.type for tree, _ in pairs if not isinstance(tree, Literal) or tree.type.kind is not Kind.TEXT]
        firm = [type_ for type_ in firm if type_.kind is not Kind.NULL]
        want = firm[0] if firm else next((t.type for t, _ in pairs if t.type.kind is not Kind.NULL), pairs[0][0].type)
        if want.kind is Kind.DATETIME and any(tree.type.kind is Kind.DATE or _is_plain_date(tree) for tree, _ in pairs):
            want = DATE
        adapted = [self.to(tree, want, position) for tree, position in pairs]
        whole = [tree for tree in adapted if tree is not None]
        return (whole, want) if len(whole) == len(adapted) else None

    def mismatch(self, type_: Type, want: Type, position: int) -> None:
        found, needed = type_.name(), want.name()
        out_zh, out_en = _way_out(type_, want)
        self._faults.add(
            "formula.type", position, f"这里需要{needed.zh}，得到的是{found.zh}",
            f"A {needed.en} is needed here, not a {found.en}", out_zh, out_en,
        )  # fmt: skip

    def _constant(self, text: str, want: Type, position: int) -> Tree | None:
        if want.kind is Kind.CHOICE:
            return self._option(text, want, position)
        if want.kind is Kind.DATE and (day := _read_date(text)) is not None:
            return Literal(day, DATE)
        if want.kind is Kind.DATETIME and (moment := _read_moment(text)) is not None:
            return moment
        if want.kind is Kind.REFERENCE and (record := _read_id(text)) is not None:
            return Literal(record, want)
        if want.kind in {Kind.DATE, Kind.DATETIME}:
            self._faults.add(
                "formula.bad_date", position, f"“{text}”不是日期", f"“{text}” is not a date",
                "写成 '2026-01-31' 或 '2026-01-31 08:30'", "Write '2026-01-31' or '2026-01-31 08:30'",
            )  # fmt: skip
            return None
        self.mismatch(TEXT, want, position)
        return None

    def _option(self, text: str, want: Type, position: int) -> Tree | None:
        key = want.option_key(text)
        if key is not None:
            return Literal(key, want)
        near = did_you_mean(text, [word for option in want.options for word in option])
        shown = "、".join(option[1] for option in want.options[:8])
        shown_en = ", ".join(option[2] for option in want.options[:8])
        self._faults.add(
            "formula.unknown_option", position,
            f"没有选项“{text}”" + (f"，是否想写“{near}”？" if near else ""),
            f"There is no option “{text}”" + (f"; did you mean “{near}”?" if near else ""),
            f"可用的选项：{shown}", f"Options: {shown_en}",
        )  # fmt: skip
        return None


def _way_out(type_: Type, want: Type) -> tuple[str | None, str | None]:
    pair = (type_.kind, want.kind)
    if pair == (Kind.NUMBER, Kind.BOOLEAN):
        return "写成比较，例如 数量 > 0", "Write a comparison such as quantity > 0"
    if want.kind is Kind.BOOLEAN:
        return "写成判断，例如 [字段] 不为空", "Write a test such as [field] IS NOT BLANK"
    if pair == (Kind.TEXT, Kind.NUMBER):
        return "用 转数字(…) 转换", "Convert it with VALUE(…)"
    if pair == (Kind.CHOICE, Kind.TEXT):
        return "用 选项名称(…) 取选项的文字", "Take the option's words with LABEL(…)"
    if want.kind is Kind.TEXT:
        return "用 转文本(…) 转换", "Convert it with TEXT(…)"
    if pair == (Kind.NUMBER, Kind.DURATION):
        return "写上单位，例如 3天 或 48小时", "Write a unit: 3d or 48h"
    if pair == (Kind.DURATION, Kind.NUMBER):
        return "用 时长天数(…) 或 时长小时数(…) 转换", "Convert it with IN_DAYS(…) or IN_HOURS(…)"
    return None, None


def _is_plain_date(tree: Tree) -> bool:
    return isinstance(tree, Literal) and isinstance(tree.value, str) and _read_date(tree.value) is not None


def _read_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _read_moment(text: str) -> Tree | None:
    """With an offset an instant; without one, a time of day in the workspace's zone, whichever that will be."""
    if (day := _read_date(text)) is not None:
        return Call("DATETIME", (Literal(day, DATE),), DATETIME)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is not None:
        return Literal(moment, DATETIME)
    parts = (moment.hour, moment.minute) if not moment.second else (moment.hour, moment.minute, moment.second)
    return Call("DATETIME", (Literal(moment.date(), DATE), *(Literal(Decimal(n), NUMBER) for n in parts)), DATETIME)


def _read_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
