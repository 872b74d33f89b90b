"""Choices and lists (multi-choice, relations to many)."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlglot import exp

from tongmai.formula.catalogue.entry import Function, takes
from tongmai.formula.tree import Call, Literal
from tongmai.formula.types import Kind, Type

if TYPE_CHECKING:
    from tongmai.formula.sql.writer import SqlWriter


def items_of(value: object) -> frozenset[object]:
    """The distinct items of a list; a single value is a list of one, blank of none."""
    if value is None:
        return frozenset()
    if isinstance(value, list | tuple | set | frozenset):
        return frozenset(item for item in value if item is not None)
    return frozenset((value,))


def has_any(group: object, *items: object) -> bool:
    own = items_of(group)
    return any(not own.isdisjoint(items_of(item)) for item in items)


def has_all(group: object, *items: object) -> bool:
    """Whether every item is there; an empty demand is not met, as blank conditions never hold."""
    wanted = frozenset().union(*(items_of(item) for item in items))
    return bool(wanted) and wanted <= items_of(group)


def count(group: object) -> Decimal:
    return Decimal(len(group)) if isinstance(group, Collection) else Decimal(0)


def label_of(type_: Type, key: object, language: str) -> str | None:
    column = 2 if language == "en" else 1
    return next((option[column] for option in type_.options if option[0] == key), str(key) if key is not None else None)


def _any_sql(writer: SqlWriter, call: Call) -> exp.Expression:
    return writer.overlap(call.args[0], call.args[1:], of_all=False)


def _all_sql(writer: SqlWriter, call: Call) -> exp.Expression:
    return writer.overlap(call.args[0], call.args[1:], of_all=True)


def _label_sql(writer: SqlWriter, call: Call) -> exp.Expression:
    chosen = call.args[0]
    language = call.args[1].value if len(call.args) > 1 and isinstance(call.args[1], Literal) else "zh"
    column = 2 if language == "en" else 1
    assert chosen.type.kind is Kind.CHOICE
    pairs = [(option[0], option[column]) for option in chosen.type.options]
    return writer.lookup(writer.value(chosen), pairs)


FUNCTIONS = (
    Function(
        "HAS_ANY",
        ("包含任一", "含有"),
        "choice",
        takes("list group", "item item"),
        "boolean",
        repeats=1,
        zh="列表里是否有其中任何一项。也可写 列表 包含 项。",
        en="Whether the list has any of the items.",
        example="HAS_ANY([tags], '重点')",
        shows="TRUE",
        python=has_any,
        sees_blank=True,
        sql=_any_sql,
    ),
    Function(
        "HAS_ALL",
        ("包含全部",),
        "choice",
        takes("list group", "item item"),
        "boolean",
        repeats=1,
        zh="列表里是否有所有这些项。",
        en="Whether the list has all of the items.",
        example="HAS_ALL([tags], '重点', '华东')",
        shows="TRUE",
        python=has_all,
        sees_blank=True,
        sql=_all_sql,
    ),
    Function(
        "COUNT",
        ("个数", "项数"),
        "choice",
        takes("list group"),
        "number",
        zh="列表有几项；空为 0。",
        en="How many items a list has; 0 for blank.",
        example="COUNT([tags])",
        shows="2",
        python=count,
        sees_blank=True,
        sql="CAST(COALESCE(CARDINALITY({0}), 0) AS NUMERIC)",
        duckdb="CAST(COALESCE(LEN({0}), 0) AS DECIMAL(38, 10))",
        spark="CAST(COALESCE(SIZE({0}), 0) AS DECIMAL(38, 10))",
    ),
    Function(
        "LABEL",
        ("选项名称", "选项文字"),
        "choice",
        takes("choice value", "word:language language?"),
        "text",
        zh="选项的文字（默认中文）。",
        en="The words of a choice (Chinese if no language is given).",
        example="LABEL([level])",
        shows="红标",
        python=label_of,
        sees_blank=True,
        sql=_label_sql,
    ),
)
