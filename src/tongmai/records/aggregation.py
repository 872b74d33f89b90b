"""What a query asks for, read and checked once, before any engine's SQL: trees and types instead of texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tongmai.formula import BOOLEAN, NUMBER, TRUE, Kind, Path, Symbol, Tree, Type, parse
from tongmai.kit import Fault, Invalid, Text
from tongmai.records.listing import read_filter
from tongmai.records.place import Place
from tongmai.records.query import Bucket, Function, Group, Measure, Query
from tongmai.records.seen_scope import SeenScope

_ORDERED = frozenset({Kind.NUMBER, Kind.TEXT, Kind.DATE, Kind.DATETIME, Kind.DURATION})
_SUMMED = frozenset({Kind.NUMBER, Kind.DURATION})
_GROUPED = _ORDERED | {Kind.BOOLEAN, Kind.CHOICE, Kind.REFERENCE}


@dataclass(frozen=True)
class GroupColumn:
    """``type`` is that of the answer: a bucket is a date. ``of`` is the type of the field itself. ``labelled`` is the
    object whose title is shown beside the id of a relation."""

    name: str
    path: Path
    of: Type
    type: Type
    bucket: Bucket | None = None
    labelled: str | None = None


@dataclass(frozen=True)
class MeasureColumn:
    """A function over ``of`` (``count`` may have none) of the records for which ``where`` holds."""

    name: str
    function: Function
    of: Tree | None
    where: Tree | None
    type: Type


@dataclass(frozen=True)
class Aggregation:
    """A query without a fault in it. ``sort`` names columns, True for descending; the groups follow it, ascending.

    Its trees are over what the actor may see (a formula field is a field), ``having`` over the columns' names.
    """

    object: str
    groups: tuple[GroupColumn, ...]
    measures: tuple[MeasureColumn, ...]
    filter: Tree
    having: Tree | None
    sort: tuple[tuple[str, bool], ...]

    @property
    def columns(self) -> tuple[GroupColumn | MeasureColumn, ...]:
        return (*self.groups, *self.measures)

    def column(self, name: str) -> GroupColumn | MeasureColumn:
        return next(each for each in self.columns if each.name == name)

    @property
    def order(self) -> tuple[tuple[str, bool], ...]:
        """What was asked for, then the groups, so that the answer is the same each time."""
        return (*self.sort, *((group.name, False) for group in self.groups))


def read_aggregation(place: Place, query: Query) -> Aggregation:
    """Raises ``Invalid`` with every fault of the query, ``NotFound`` for an unknown object."""
    return _Reader(place, query).read()


class _Reader:
    def __init__(self, place: Place, query: Query) -> None:
        self._place = place
        self._query = query
        self._scope = SeenScope(place, query.object)
        self._faults: list[Fault] = []
        self._types: dict[str, Type] = {}

    def read(self) -> Aggregation:
        query = self._query
        groups = [made for each in query.group_by if (made := self._group(each)) is not None]
        measures = [found for each in query.measures if (found := self._measure(each)) is not None]
        if not self._types:
            self._fault("query.empty", "至少需要一个分组或指标", "At least one group or measure is needed", "measures")
        sort = self._sort()
        having = self._tree(query.having, BOOLEAN, "having", _ResultScope(self._types)) if query.having else None
        condition: Tree = TRUE
        try:
            condition = read_filter(self._place, query.object, query.filter)
        except Invalid as refused:
            self._faults.extend(refused.faults)
        if self._faults:
            raise Invalid(tuple(self._faults))
        return Aggregation(query.object, tuple(groups), tuple(measures), condition, having, sort)

    def _group(self, group: Group) -> GroupColumn | None:
        found = self._path(group.field)
        if found is None:
            return None
        path, of = found
        name = group.name or path[-1]
        if self._is_taken(name, "group_by"):
            return None
        type_ = of
        if group.bucket is not None:
            type_ = Type(Kind.DATE)
            if of.kind not in {Kind.DATE, Kind.DATETIME}:
                self._fault("query.bucket", f"“{group.field}”不是日期", f"“{group.field}” is not a date", "group_by")
        elif of.kind not in _GROUPED:
            self._fault(
                "query.ungroupable", f"不能按“{group.field}”分组", f"“{group.field}” cannot be grouped by", "group_by"
            )
            return None
        self._types[name] = type_
        return GroupColumn(name, path, of, type_, group.bucket, self._labelled(path, type_))

    def _labelled(self, path: Path, type_: Type) -> str | None:
        if type_.kind is not Kind.REFERENCE or path[-1] == "id":
            return None
        return self._place.structure.target_at(self._query.object, path)

    def _measure(self, measure: Measure) -> MeasureColumn | None:
        name = measure.name
        if self._is_taken(name, "measures"):
            return None
        of = self._tree(measure.of, None, f"measures.{name}.of") if measure.of else None
        where = self._tree(measure.where, BOOLEAN, f"measures.{name}.where") if measure.where else None
        if measure.function != "count" and of is None:
            if not measure.of:
                self._fault("query.of", f"指标“{name}”缺少 of", f"The measure “{name}” lacks “of”", "measures")
            return None
        if of is not None and not _fits(measure.function, of.type):
            kind = of.type.name()
            self._fault(
                "query.type",
                f"{kind.zh}不能计算 {measure.function}",
                f"A {kind.en} has no {measure.function}",
                "measures",
            )
            return None
        counts = of is None or measure.function in {"count", "count_distinct"}
        type_ = NUMBER if counts or of is None else of.type
        self._types[name] = type_
        return MeasureColumn(name, measure.function, of, where, type_)

    def _sort(self) -> tuple[tuple[str, bool], ...]:
        found = []
        for word in (self._query.sort or "").replace("，", ",").split(","):
            name = word.strip().lstrip("-")
            if not name:
                continue
            if name not in self._types:
                self._fault("query.sort", f"排序中没有“{name[:40]}”", f"There is no “{name[:40]}” to sort by", "sort")
                continue
            found.append((name, word.strip().startswith("-")))
        return tuple(found)

    def _is_taken(self, name: str, field: str) -> bool:
        if name not in self._types:
            return False
        self._fault("query.name_twice", f"名称“{name}”重复", f"The name “{name}” comes twice", field)
        return True

    def _tree(
        self, text: str, expect: Type | None, field: str, scope: SeenScope | _ResultScope | None = None
    ) -> Tree | None:
        try:
            return parse(text, scope or self._scope, expect=expect).tree
        except Invalid as refused:
            self._faults.extend(fault.at_field(field) for fault in refused.faults)
            return None

    def _path(self, text: str) -> tuple[Path, Type] | None:
        """A field, by the same grammar as in formulas."""
        tree = self._tree(text, None, "group_by")
        if tree is None:
            return None
        path = getattr(tree, "path", None)
        if path is None:
            self._fault("query.no_field", f"“{text[:60]}”不是字段", f"“{text[:60]}” is not a field", "group_by")
            return None
        return path, tree.type

    def _fault(self, code: str, zh: str, en: str, field: str) -> None:
        self._faults.append(Fault(code, Text(zh, en), field=field))


def _fits(function: Function, type_: Type) -> bool:
    if function in {"sum", "avg", "median"}:
        return type_.kind in _SUMMED
    if function in {"min", "max"}:
        return type_.kind in _ORDERED
    return function == "count" or type_.kind in _GROUPED


class _ResultScope:
    """The names of a query's groups and measures."""

    object_key = ""

    def __init__(self, types: dict[str, Type]) -> None:
        self._types = types

    def find(self, name: str) -> Symbol | None:
        found = self._types.get(name)
        return None if found is None else Symbol(name, found)

    def names(self) -> Sequence[str]:
        return list(self._types)

    def through(self, key: str) -> None:
        return None
