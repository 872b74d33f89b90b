"""Metric values from step to step by what comes and goes: each row of a source is looked at once, however many steps.

A row counts for a record from the step by which it is known and in the window, until it has left either. Counts and
sums take what enters and give what leaves; the latest moment takes what enters and looks again only at rows that leave
at some time. Served are counts, sums, averages, rates, days since and ratios of these over the fields of the source
itself; everything else is worked out whole at each step.
"""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from tongmai.formula import Kind, Param, walk
from tongmai.metrics import (
    Binder,
    Era,
    Measured,
    Rows,
    Span,
    Tables,
    days_per,
    edge_values,
    plan_metrics,
    present,
    quotient,
    rounded,
)
from tongmai.model import Average, Catalogue, Count, DaysSince, MetricDef, NoComparison, Rate, Ratio, Sum, metric_column
from tongmai.store import quote_ident

_SERVED = (Count, Sum, Average, Rate, DaysSince)


@dataclass(frozen=True)
class _Part:
    """One metric that is measured over rows: its table of changes and what stands at the present step."""

    metric: MetricDef
    number: int
    is_latest: bool
    is_date: bool

    def table(self, kind: str) -> str:
        return f"bt_{kind}_{self.metric.object}_{self.number}"


def is_served(catalogue: Catalogue, object_key: str) -> bool:
    """Whether all metrics of the object in the catalogue are worked out by what comes and goes."""
    plan = plan_metrics(catalogue, object_key)
    measured = [each for group in plan.groups for each in group.measured]
    if any(len(path) > 1 for group in plan.groups for path in group.read_paths):
        return False
    trees = [tree for each in measured for tree in each.trees]
    if any(isinstance(node, Param) for tree in trees for node in walk(tree)):
        return False
    if any(not isinstance(each.metric.measure, _SERVED) for each in measured):
        return False
    return all(
        isinstance(each.measure, (*_SERVED, Ratio)) and isinstance(each.comparison, NoComparison)
        for each in plan.metrics
    )


class DeltaValues:
    """The values of one object's metrics; ``target`` is the table that ``step`` fills."""

    def __init__(self, zone: str, catalogue: Catalogue, object_key: str, tables: Tables, target: str) -> None:
        self._zone = zone
        self._catalogue = catalogue
        self._object = object_key
        self._tables = tables
        self._target = target
        self._plan = plan_metrics(catalogue, object_key)
        self._parts: list[_Part] = []
        self._at = -1

    def begin(self, session: duckdb.DuckDBPyConnection, eras: Sequence[Era], more: Mapping[str, object]) -> None:
        """Works out all that will come and go. ``eras`` are those of all steps, in order."""
        session.execute(
            f"CREATE OR REPLACE TEMP TABLE {self._subjects} AS SELECT id, row_number() OVER ()::INTEGER AS n"
            f" FROM (SELECT DISTINCT id FROM {self._rows_of(self._object)})"
        )
        for group in self._plan.groups:
            for each in group.measured:
                is_date = each.at.type.kind is Kind.DATE
                part = _Part(each.metric, len(self._parts), isinstance(each.metric.measure, DaysSince), is_date)
                self._parts.append(part)
                self._gather(session, group.source, group.hops, each, part, eras, more)

    def step(self, session: duckdb.DuckDBPyConnection, number: int, era: Era) -> None:
        """The values at a step; steps come in order."""
        for part in self._parts:
            self._advance(session, part, number)
        columns, joins = [], []
        values: dict[str, str] = {}
        for part in self._parts:
            joins.append(f"LEFT JOIN {part.table('now')} AS p{part.number} ON p{part.number}.subject = i.n")
            values[part.metric.key] = self._value(part, era)
        for metric in self._plan.composed:
            assert isinstance(metric.measure, Ratio)
            top, bottom = values[metric.measure.numerator], values[metric.measure.denominator]
            values[metric.key] = rounded(quotient(top, bottom, "duckdb"), metric, "duckdb")
        columns = [f"{values[each.key]} AS {quote_ident(metric_column(each))}" for each in self._plan.metrics]
        session.execute(
            f"CREATE OR REPLACE TEMP TABLE {self._target} AS SELECT o.id AS record_id, {', '.join(columns)}"
            f" FROM (SELECT id FROM {self._rows_of(self._object)} WHERE _from <= {number} AND {number} < _until"
            f" AND deleted_at IS NULL) AS o JOIN {self._subjects} AS i ON i.id = o.id {' '.join(joins)}"
        )
        self._at = number

    @property
    def _subjects(self) -> str:
        return quote_ident(f"bt_subjects_{self._object}")

    def _rows_of(self, object_key: str) -> str:
        return quote_ident(f"bt_rows_{object_key}")

    def _gather(
        self,
        session: duckdb.DuckDBPyConnection,
        source: str,
        hops: Sequence[str],
        each: Measured,
        part: _Part,
        eras: Sequence[Era],
        more: Mapping[str, object],
    ) -> None:
        binder = Binder()
        rows = Rows(
            self._catalogue, source, "s", self._tables, binder, self._zone, self._catalogue.calendar.working
        )  # fmt: skip
        subject = rows.path(tuple(hops)) if hops else "s.id"
        where = "TRUE" if each.where is None else rows.sql(each.where)
        value = _value_of(each, rows)
        at = rows.sql(each.at)
        starts, ends = _edges(present(each.metric), eras, is_date=part.is_date)
        enters = _rank("q.at_", ends, is_date=part.is_date)
        leaves = str(len(eras)) if starts is None else _rank("q.at_", starts, is_date=part.is_date)
        inner = (
            f"SELECT {subject} AS subject, s._from, s._until, {at} AS at_, {value} AS value"
            f" FROM {self._rows_of(source)} AS s WHERE s.deleted_at IS NULL AND ({where})"
        )
        statement = binder.statement(
            f"CREATE OR REPLACE TEMP TABLE bt_spans AS SELECT i.n AS subject, q.at_, q.value,"
            f" greatest(q._from, {enters})::INTEGER AS a, least(q._until, {leaves})::INTEGER AS b"
            f" FROM ({inner}) AS q JOIN {self._subjects} AS i ON i.id = q.subject WHERE q.at_ IS NOT NULL"
        )
        session.execute(statement.sql, statement.arguments(more))
        if part.is_latest:
            _make_latest(session, part, len(eras))
        else:
            _make_sums(session, part, len(eras))

    def _advance(self, session: duckdb.DuckDBPyConnection, part: _Part, number: int) -> None:
        now, delta = part.table("now"), part.table("delta")
        come = f"SELECT * EXCLUDE (step) FROM {delta} WHERE step > {self._at} AND step <= {number}"
        state = part.table("state")
        if part.is_latest:
            session.execute(
                f"CREATE OR REPLACE TEMP TABLE {state} AS SELECT subject, max(latest) AS latest"
                f" FROM (SELECT * FROM {state} UNION ALL {come}) GROUP BY subject"
            )
            session.execute(
                f"CREATE OR REPLACE TEMP TABLE {now} AS SELECT subject, max(latest) AS latest FROM"
                f" (SELECT * FROM {state} UNION ALL SELECT subject, latest FROM {part.table('passing')}"
                f" WHERE a <= {number} AND {number} < b) GROUP BY subject"
            )
            return
        session.execute(
            f"CREATE OR REPLACE TEMP TABLE {now} AS SELECT subject, sum(rows)::BIGINT AS rows,"
            f" sum(filled)::BIGINT AS filled, sum(value)::DECIMAL(38, 10) AS value"
            f" FROM (SELECT * FROM {state} UNION ALL {come}) GROUP BY subject"
        )
        session.execute(f"CREATE OR REPLACE TEMP TABLE {state} AS SELECT * FROM {now}")

    def _value(self, part: _Part, era: Era) -> str:
        metric, p = part.metric, f"p{part.number}"
        match metric.measure:
            case Count():
                found = f"coalesce({p}.rows, 0)"
            case Rate():
                days = Span(metric.window).days(era)
                found = quotient(f"coalesce({p}.rows, 0) * {days_per(metric.measure.per)}", str(days), "duckdb")
            case Sum():
                found = f"coalesce({p}.value, 0)"
            case Average():
                found = quotient(f"{p}.value", f"{p}.filled", "duckdb")
            case _:
                day = f"{p}.latest" if part.is_date else f"CAST({p}.latest AT TIME ZONE '{self._zone}' AS DATE)"
                return f"CAST(DATE '{era.today.isoformat()}' - {day} AS DECIMAL(38, 10))"
        return rounded(found, metric, "duckdb")


def _make_sums(session: duckdb.DuckDBPyConnection, part: _Part, steps: int) -> None:
    """``rows``, ``filled`` (those that have a value) and ``value``: what comes and goes at each step."""
    session.execute(
        f"CREATE OR REPLACE TEMP TABLE {part.table('delta')} AS SELECT subject, step, sum(rows)::BIGINT AS rows,"
        " sum(filled)::BIGINT AS filled, sum(value)::DECIMAL(38, 10) AS value FROM ("
        " SELECT subject, a AS step, 1 AS rows, (value IS NOT NULL)::INTEGER AS filled, coalesce(value, 0) AS value"
        " FROM bt_spans WHERE a < b"
        " UNION ALL SELECT subject, b, -1, -(value IS NOT NULL)::INTEGER, -coalesce(value, 0)"
        f" FROM bt_spans WHERE a < b AND b < {steps}) GROUP BY subject, step ORDER BY step"
    )
    session.execute(
        f"CREATE OR REPLACE TEMP TABLE {part.table('state')}"
        " (subject INTEGER, rows BIGINT, filled BIGINT, value DECIMAL(38, 10))"
    )


def _make_latest(session: duckdb.DuckDBPyConnection, part: _Part, steps: int) -> None:
    """Rows that stay are taken up when they come; those that pass are looked at while they are there."""
    session.execute(
        f"CREATE OR REPLACE TEMP TABLE {part.table('delta')} AS SELECT subject, a AS step, max(at_) AS latest"
        f" FROM bt_spans WHERE a < b AND b = {steps} GROUP BY subject, a ORDER BY a"
    )
    session.execute(
        f"CREATE OR REPLACE TEMP TABLE {part.table('passing')} AS SELECT subject, a, b, max(at_) AS latest"
        f" FROM bt_spans WHERE a < b AND b < {steps} GROUP BY subject, a, b ORDER BY a"
    )
    session.execute(
        f"CREATE OR REPLACE TEMP TABLE {part.table('state')} AS"
        f" SELECT subject, latest FROM {part.table('delta')} WHERE FALSE"
    )


def _value_of(each: Measured, rows: Rows) -> str:
    if each.value is None:
        return "CAST(NULL AS DECIMAL(38, 10))"
    return f"CAST({rows.sql(each.value)} AS DECIMAL(38, 10))"


def _edges(
    span: Span, eras: Sequence[Era], *, is_date: bool
) -> tuple[list[date | datetime] | None, list[date | datetime]]:
    """The starts and ends of the window at each step; no starts where it reaches back for ever."""
    kind = "date" if is_date else "timestamptz"
    found = [edge_values("w", span.bounds(era), era) for era in eras]
    ends = [_edge(each[f"w.end.{kind}"]) for each in found]
    if f"w.start.{kind}" not in found[0]:
        return None, ends
    return [_edge(each[f"w.start.{kind}"]) for each in found], ends


def _edge(value: object) -> date | datetime:
    assert isinstance(value, date)
    return value


def _rank(column: str, edges: Sequence[date | datetime], *, is_date: bool) -> str:
    """How many of the edges, which never go back, are not behind the moment: by halves, for there may be hundreds."""

    def within(low: int, high: int) -> str:
        if low == high:
            return str(low)
        middle = (low + high) // 2
        constant = f"{'DATE' if is_date else 'TIMESTAMPTZ'} '{edges[middle].isoformat()}'"
        return f"CASE WHEN {column} < {constant} THEN {within(low, middle)} ELSE {within(middle + 1, high)} END"

    return within(0, len(edges))
