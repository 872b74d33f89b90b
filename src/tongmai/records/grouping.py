"""Group and aggregate in one statement of PostgreSQL, over what the actor may see."""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

from sqlglot import exp

from tongmai.formula import Kind, Path, Type, render, to_sql
from tongmai.records.aggregation import Aggregation, GroupColumn, MeasureColumn
from tongmai.records.entry import key_literal
from tongmai.records.environment import RawEnvironment
from tongmai.records.frame import Frame
from tongmai.records.listing import row_conditions
from tongmai.records.past import Past
from tongmai.records.place import Place
from tongmai.records.selection import title
from tongmai.records.statement import Parameters, Statement
from tongmai.store import quote_ident


def compile_aggregation(place: Place, asked: Aggregation, *, as_of: bool) -> Statement:
    """Parameters: those of policies and formulas, ``limit``, ``as_of``.

    Answers ``{"rows": [{…}], "is_complete": bool, "engine": "postgresql", "epoch": n}``; a relation is ``{id, label}``.
    The epoch is the last one sealed: what it holds is in the answer.
    """
    return _Compiler(place, asked, as_of=as_of).compile()


class _Compiler:
    def __init__(self, place: Place, asked: Aggregation, *, as_of: bool) -> None:
        self._place = place
        self._asked = asked
        self._parameters = Parameters()
        self._past = Past(self._parameters.named("as_of", "timestamptz")) if as_of else None
        self._frame = Frame(place, asked.object, "t", self._parameters, past=self._past)
        # What the inner level gives, by name; relations with the SQL of their label beside them.
        self._columns: dict[str, str] = {}
        self._labels: dict[str, str] = {}

    def compile(self) -> Statement:
        asked = self._asked
        for group in asked.groups:
            self._add_group(group)
        for measure in asked.measures:
            self._columns[measure.name] = self._aggregate(measure)
        inner = ", ".join(
            [f"{sql} AS {quote_ident(name)}" for name, sql in self._columns.items()]
            + [f"{sql} AS {quote_ident('_label_' + name)}" for name, sql in self._labels.items()]
        )
        where = " AND ".join(row_conditions(self._frame, asked.filter))
        rows = self._place.table(asked.object) if self._past is None else self._past.rows(self._place, asked.object)
        grouped = ", ".join(self._columns[group.name] for group in asked.groups)
        if grouped:
            grouped = f" GROUP BY {grouped}"
        limit = self._parameters.named("limit", "integer")
        outer = ", ".join(self._shown(name) for name in self._columns)
        sql = (
            f"WITH g AS MATERIALIZED (SELECT {inner} FROM {rows} AS t {self._frame.joins} WHERE {where}{grouped}),"
            f" page AS MATERIALIZED (SELECT * FROM g{self._having()} ORDER BY {self._order()} LIMIT {limit} + 1)"
            " SELECT convert_to(concat('{\"rows\":', coalesce((SELECT json_agg(shown.*)"
            f" FROM (SELECT {outer} FROM page AS g LIMIT {limit}) AS shown)::text, '[]'), ',\"is_complete\":',"
            f' ((SELECT count(*) FROM page) <= {limit})::text, \',"engine":"postgresql","epoch":\','
            f" (SELECT coalesce(max(epoch), 0) FROM {self._place.schema}._block)::text, '}}'), 'UTF8')"
        )
        return self._parameters.statement(sql)

    def _add_group(self, group: GroupColumn) -> None:
        sql = self._frame.seen_column_sql(group.path)
        self._columns[group.name] = sql if group.bucket is None else self._bucket(sql, group)
        if group.labelled is not None:
            self._labels[group.name] = f"min({title(self._frame, group.labelled, group.path)})"

    def _bucket(self, sql: str, group: GroupColumn) -> str:
        """Buckets are dates: the first day of the week (Monday), month, quarter or year."""
        if group.of.kind is Kind.DATETIME:
            sql = f"({sql} AT TIME ZONE {self._parameters.constant(self._place.workspace.zone, 'text')})"
        return f"date_trunc('{group.bucket}', {sql}::timestamp)::date"

    def _aggregate(self, measure: MeasureColumn) -> str:
        where = None if measure.where is None else self._frame.seen_sql(measure.where)
        only = "" if where is None else f" FILTER (WHERE {where})"
        if measure.of is None:
            return f"count(*){only}"
        value = self._frame.seen_sql(measure.of)
        match measure.function:
            case "count":
                return f"count({value}){only}"
            case "count_distinct":
                return f"count(DISTINCT {value}){only}"
            case "avg":
                # Ten places, as every quotient has: the same in each engine.
                return f"trim_scale(round(avg({value}){only}, 10))"
            case "median":
                # Half way between the two in the middle, exactly: percentile_cont would go through floating point.
                valued = f"{value} IS NOT NULL" if where is None else f"{value} IS NOT NULL AND ({where})"
                middle = f"array_agg({value} ORDER BY {value}) FILTER (WHERE {valued})"
                size = f"count({value}){only}"
                return f"(({middle})[({size} + 1) / 2] + ({middle})[({size} + 2) / 2]) / 2"
        return f"{measure.function}({value}){only}"

    def _shown(self, name: str) -> str:
        column = f"g.{quote_ident(name)}"
        if name in self._labels:
            label = f"g.{quote_ident('_label_' + name)}"
            column = f"CASE WHEN {column} IS NOT NULL THEN json_build_object('id', {column}, 'label', {label}) END"
        return f"{column} AS {quote_ident(name)}"

    def _order(self) -> str:
        parts = []
        for name, descending in self._asked.order:
            parts.append(f"{self._sorted(name)} {'DESC' if descending else 'ASC'} NULLS LAST")
            if name in self._labels:
                # Two may have one label, or none to be seen.
                parts.append(quote_ident(name))
        return ", ".join(parts) or "1"

    def _sorted(self, name: str) -> str:
        type_ = self._asked.column(name).type
        if name in self._labels:
            return quote_ident("_label_" + name)
        if type_.kind is Kind.CHOICE and type_.options:
            places = ", ".join(key_literal(option[0]) for option in type_.options)
            return f"array_position(ARRAY[{places}], {quote_ident(name)})"
        return quote_ident(name)

    def _having(self) -> str:
        if self._asked.having is None:
            return ""
        return f" WHERE {render(to_sql(self._asked.having, _ResultEnvironment(self._frame)), 'postgres')}"


class _ResultEnvironment(RawEnvironment):
    """Columns are those of the grouped rows."""

    def column(self, path: Path, type: Type) -> exp.Expression:
        return exp.column(exp.to_identifier(path[0], quoted=True))
