"""Group and aggregate in one statement, over what the actor may see."""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, field_validator
from sqlglot import exp

from tongmai.formula import BOOLEAN, NUMBER, Kind, Path, Symbol, Tree, Type, parse, render, to_sql
from tongmai.kit import Fault, Invalid, Text
from tongmai.records.entry import key_literal
from tongmai.records.environment import RawEnvironment
from tongmai.records.frame import Frame, SeenScope
from tongmai.records.listing import read_filter, row_conditions
from tongmai.records.past import Past
from tongmai.records.place import Place
from tongmai.records.selection import title
from tongmai.records.statement import Parameters, Statement
from tongmai.store import quote_ident

MOST_GROUPS = 5
MOST_MEASURES = 20
MOST_ROWS = 10_000

NAME = r"^[a-z][a-z0-9_]{0,39}$"

Bucket = Literal["day", "week", "month", "quarter", "year"]
Function = Literal["count", "count_distinct", "sum", "avg", "min", "max", "median"]
_MEASURE = re.compile(r"([a-z_]{1,20})\((.*)\)", re.DOTALL)
_ORDERED = frozenset({Kind.NUMBER, Kind.TEXT, Kind.DATE, Kind.DATETIME, Kind.DURATION})
_SUMMED = frozenset({Kind.NUMBER, Kind.DURATION})
_GROUPED = _ORDERED | {Kind.BOOLEAN, Kind.CHOICE, Kind.REFERENCE}


class Group(BaseModel):
    """A field, or a path through relations, to group by; dates and moments by a ``bucket`` in the workspace's zone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str = Field(min_length=1, max_length=400)
    bucket: Bucket | None = None
    name: str | None = Field(None, pattern=NAME)


class Measure(BaseModel):
    """A function over a formula (``count`` needs none), of the records for which ``where`` holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=NAME)
    function: Function
    of: str | None = Field(None, max_length=10_000)
    where: str | None = Field(None, max_length=10_000)


class Query(BaseModel):
    """What to group and count. ``having`` is a formula over the names of groups and measures; ``sort`` names them.

    A group may be written ``"stage"`` or ``"created_at:month"``, the measures as ``{"total": "sum(amount)"}``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    object: str
    group_by: tuple[Group, ...] = Field((), max_length=MOST_GROUPS)
    measures: tuple[Measure, ...] = Field((), max_length=MOST_MEASURES)
    filter: str | None = None
    as_of: AwareDatetime | None = None
    having: str | None = None
    sort: str | None = Field(None, max_length=1000)
    limit: int = Field(1000, ge=1, le=MOST_ROWS)

    @field_validator("group_by", mode="before")
    @classmethod
    def _read_groups(cls, given: JsonValue) -> JsonValue | list[JsonValue]:
        return [_read_group(each) for each in given] if isinstance(given, list | tuple) else given

    @field_validator("measures", mode="before")
    @classmethod
    def _read_measures(cls, given: JsonValue) -> JsonValue | list[JsonValue]:
        if isinstance(given, dict):
            return [_read_measure(name, each) for name, each in given.items()]
        return given


def _read_group(given: JsonValue) -> JsonValue:
    if not isinstance(given, str):
        return given
    field, colon, bucket = given.rpartition(":")
    return {"field": field, "bucket": bucket} if colon else {"field": given}


def _read_measure(name: str, given: JsonValue) -> JsonValue:
    if isinstance(given, dict):
        return {"name": name, **given}
    found = _MEASURE.fullmatch(given.strip()) if isinstance(given, str) else None
    if found is None:
        return {"name": name, "function": given}
    return {"name": name, "function": found[1], "of": found[2].strip() or None}


def compile_query(place: Place, query: Query, *, as_of: bool) -> Statement:
    """Parameters: those of policies and formulas, ``limit``, ``as_of``.

    Answers ``{"rows": [{…}], "is_complete": bool}``; a relation is ``{id, label}``. Raises ``Invalid`` with every fault.
    """
    return _Compiler(place, query, as_of=as_of).compile()


class _Compiler:
    def __init__(self, place: Place, query: Query, *, as_of: bool) -> None:
        self._place = place
        self._query = query
        self._parameters = Parameters()
        past = Past(self._parameters.named("as_of", "timestamptz")) if as_of else None
        self._past = past
        self._frame = Frame(place, query.object, "t", self._parameters, past=past)
        self._scope = SeenScope(place.structure.scope(query.object))
        self._faults: list[Fault] = []
        # What the inner level gives, by name: SQL and type; relations with the SQL of their label beside them.
        self._columns: dict[str, tuple[str, Type]] = {}
        self._labels: dict[str, str] = {}
        self._group_sql: list[str] = []

    def compile(self) -> Statement:
        query = self._query
        for group in query.group_by:
            self._add_group(group)
        for measure in query.measures:
            self._add_measure(measure.name, measure)
        if not self._columns:
            self._fault("query.empty", "至少需要一个分组或指标", "At least one group or measure is needed", "measures")
        order = self._order()
        having = self._having()
        condition = read_filter(self._place, query.object, query.filter)
        if self._faults:
            raise Invalid(tuple(self._faults))
        inner = ", ".join(
            [f"{sql} AS {quote_ident(name)}" for name, (sql, _) in self._columns.items()]
            + [f"{sql} AS {quote_ident('_label_' + name)}" for name, sql in self._labels.items()]
        )
        where = " AND ".join(row_conditions(self._frame, condition))
        rows = self._place.table(query.object) if self._past is None else self._past.rows(self._place, query.object)
        grouped = f" GROUP BY {', '.join(self._group_sql)}" if self._group_sql else ""
        limit = self._parameters.named("limit", "integer")
        outer = ", ".join(self._shown(name) for name in self._columns)
        sql = (
            f"WITH g AS MATERIALIZED (SELECT {inner} FROM {rows} AS t {self._frame.joins} WHERE {where}{grouped}),"
            f" page AS MATERIALIZED (SELECT * FROM g{having} ORDER BY {order} LIMIT {limit} + 1)"
            " SELECT convert_to(concat('{\"rows\":', coalesce((SELECT json_agg(shown)"
            f" FROM (SELECT {outer} FROM page AS g LIMIT {limit}) AS shown)::text, '[]'), ',\"is_complete\":',"
            f" ((SELECT count(*) FROM page) <= {limit})::text, '}}'), 'UTF8')"
        )
        return self._parameters.statement(sql)

    def _add_group(self, group: Group) -> None:
        found = self._path(group.field)
        if found is None:
            return
        path, type_ = found
        name = group.name or path[-1]
        if name in self._columns:
            self._fault("query.name_twice", f"名称“{name}”重复", f"The name “{name}” comes twice", "group_by")
            return
        sql = self._frame.seen_column_sql(path)
        if group.bucket is not None:
            sql, type_ = self._bucket(sql, type_, group)
        elif type_.kind not in _GROUPED:
            self._fault(
                "query.ungroupable", f"不能按“{group.field}”分组", f"“{group.field}” cannot be grouped by", "group_by"
            )
            return
        self._columns[name] = (sql, type_)
        self._group_sql.append(sql)
        if type_.kind is Kind.REFERENCE and path[-1] != "id" and self._frame.leads_on(path):
            label = title(self._frame, self._frame.target(path), path)
            self._labels[name] = f"min({label})"

    def _bucket(self, sql: str, type_: Type, group: Group) -> tuple[str, Type]:
        """Buckets are dates: the first day of the week (Monday), month, quarter or year."""
        if type_.kind not in {Kind.DATE, Kind.DATETIME}:
            self._fault("query.bucket", f"“{group.field}”不是日期", f"“{group.field}” is not a date", "group_by")
            return sql, type_
        local = sql
        if type_.kind is Kind.DATETIME:
            local = f"({sql} AT TIME ZONE {self._parameters.constant(self._place.workspace.zone, 'text')})"
        return f"date_trunc('{group.bucket}', {local}::timestamp)::date", Type(Kind.DATE)

    def _add_measure(self, name: str, measure: Measure) -> None:
        if name in self._columns:
            self._fault("query.name_twice", f"名称“{name}”重复", f"The name “{name}” comes twice", "measures")
            return
        of = self._tree(measure.of, None, f"measures.{name}.of") if measure.of else None
        where = self._tree(measure.where, BOOLEAN, f"measures.{name}.where") if measure.where else None
        if measure.function != "count" and of is None:
            if not measure.of:
                self._fault("query.of", f"指标“{name}”缺少 of", f"The measure “{name}” lacks “of”", "measures")
            return
        if of is not None and not self._fits(measure.function, of.type):
            kind = of.type.name()
            self._fault(
                "query.type",
                f"{kind.zh}不能计算 {measure.function}",
                f"A {kind.en} has no {measure.function}",
                "measures",
            )
            return
        condition = None if where is None else self._frame.seen_sql(where)
        self._columns[name] = self._aggregate(measure.function, of, condition)

    def _fits(self, function: Function, type_: Type) -> bool:
        if function in {"sum", "avg", "median"}:
            return type_.kind in _SUMMED
        if function in {"min", "max"}:
            return type_.kind in _ORDERED
        return function == "count" or type_.kind in _GROUPED

    def _aggregate(self, function: Function, of: Tree | None, where: str | None) -> tuple[str, Type]:
        only = "" if where is None else f" FILTER (WHERE {where})"
        if of is None:
            return f"count(*){only}", NUMBER
        value = self._frame.seen_sql(of)
        if function == "count":
            return f"count({value}){only}", NUMBER
        if function == "count_distinct":
            return f"count(DISTINCT {value}){only}", NUMBER
        if function == "median":
            # Half way between the two in the middle, exactly: percentile_cont would go through floating point.
            valued = f"{value} IS NOT NULL" if where is None else f"{value} IS NOT NULL AND ({where})"
            middle = f"array_agg({value} ORDER BY {value}) FILTER (WHERE {valued})"
            size = f"count({value}){only}"
            return f"(({middle})[({size} + 1) / 2] + ({middle})[({size} + 2) / 2]) / 2", of.type
        return f"{function}({value}){only}", of.type

    def _shown(self, name: str) -> str:
        column = f"g.{quote_ident(name)}"
        if name in self._labels:
            label = f"g.{quote_ident('_label_' + name)}"
            column = f"CASE WHEN {column} IS NOT NULL THEN json_build_object('id', {column}, 'label', {label}) END"
        return f"{column} AS {quote_ident(name)}"

    def _order(self) -> str:
        """By what was asked for, then by the groups, so that the answer is the same each time."""
        parts = []
        for word in (self._query.sort or "").replace("，", ",").split(","):
            name = word.strip().lstrip("-")
            if not name:
                continue
            if name not in self._columns:
                self._fault("query.sort", f"排序中没有“{name[:40]}”", f"There is no “{name[:40]}” to sort by", "sort")
                continue
            direction = "DESC" if word.strip().startswith("-") else "ASC"
            parts.append(f"{self._sorted(name)} {direction} NULLS LAST")
        groups = list(self._columns)[: len(self._group_sql)]
        return ", ".join([*parts, *(f"{self._sorted(name)} ASC NULLS LAST" for name in groups)]) or "1"

    def _sorted(self, name: str) -> str:
        _, type_ = self._columns[name]
        if name in self._labels:
            return quote_ident("_label_" + name)
        if type_.kind is Kind.CHOICE and type_.options:
            places = ", ".join(key_literal(option[0]) for option in type_.options)
            return f"array_position(ARRAY[{places}], {quote_ident(name)})"
        return quote_ident(name)

    def _having(self) -> str:
        if not self._query.having:
            return ""
        tree = self._tree(self._query.having, BOOLEAN, "having", _ResultScope(self._columns))
        if tree is None:
            return ""
        environment = _ResultEnvironment(self._frame)
        return f" WHERE {render(to_sql(tree, environment), 'postgres')}"

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


class _ResultScope:
    """The names of a query's groups and measures."""

    object_key = ""

    def __init__(self, columns: dict[str, tuple[str, Type]]) -> None:
        self._columns = columns

    def find(self, name: str) -> Symbol | None:
        found = self._columns.get(name)
        return None if found is None else Symbol(name, found[1])

    def names(self) -> Sequence[str]:
        return list(self._columns)

    def through(self, key: str) -> None:
        return None


class _ResultEnvironment(RawEnvironment):
    """Columns are those of the grouped rows."""

    def column(self, path: Path, type: Type) -> exp.Expression:
        return exp.column(exp.to_identifier(path[0], quoted=True))
