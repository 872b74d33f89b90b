"""What follows from measured columns: rates, days since, shares, ratios, means. No row of a source is read again.

A layer is a SELECT over the one before it that replaces some columns, so that ratios build on one another.
"""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from tongmai.formula import Call, Path, Tree, walk
from tongmai.metrics.aggregates import DIVISION_BY_ZERO, NO_INPUT, NO_ROWS, NO_TEAM, NOT_BEGUN
from tongmai.metrics.arithmetic import MOST_PLACES, quotient, rounded, sql_type
from tongmai.metrics.binding import Binder, literal
from tongmai.metrics.plan import MetricPlan
from tongmai.metrics.rows import Rows
from tongmai.metrics.spans import Spans, earlier, present
from tongmai.metrics.tables import Tables
from tongmai.metrics.windows import days_per
from tongmai.model import (
    AT_SUFFIX,
    BASE_PART_SUFFIX,
    BASE_SUFFIX,
    PART_SUFFIX,
    PERSON,
    TEAM,
    WHY_SUFFIX,
    Catalogue,
    DaysSince,
    MetricDef,
    ObjectScope,
    PreviousPeriod,
    Rate,
    Ratio,
    SamePeriodLastYear,
    Share,
    TeamMean,
    companion_columns,
    metric_column,
    metrics_in,
)
from tongmai.store import quote_ident

_TEAM_COLUMN = "_team"
# Beside the columns of a layer: what it joins to ``c``.
_JOINS = ""
# What asks whether a value is blank, or says what to take then.
_ASKS_FOR_BLANK = frozenset({"is_blank", "COALESCE"})


class _OwnRows(Rows):
    """The records themselves, under ``o``; their metrics are the columns of ``c``."""

    def _values_at(self, path: Path, object_key: str) -> str:
        if path:
            raise KeyError(object_key)
        return "c"


class Deriver:
    """Makes the SELECT that completes a plan's columns over ``measured``, a FROM item with all of them.

    With ``moments`` (see ``Collector``) it has a row for each moment ``_n``; ``binder`` then gives what differs from
    one to another as columns of ``c``, and ``carried`` names those it was asked for.
    """

    def __init__(
        self,
        plan: MetricPlan,
        tables: Tables,
        binder: Binder,
        spans: Spans,
        zone: str,
        *,
        moments: str | None = None,
        carried: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        self._plan = plan
        self._tables = tables
        self._binder = binder
        self._spans = spans
        self._zone = literal(zone)
        self._zone_name = zone
        self._dialect = tables.dialect
        self._moments = moments
        self._carried = carried

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are derived."""
        return tuple(dict.fromkeys(name for layer in self._layers() for name in layer if name != _JOINS))

    def select(self, measured: str) -> str:
        """``record_id`` and all columns, complete."""
        layers = list(self._layers())
        names = ["record_id", *(name for each in self._plan.metrics for name in companion_columns(each))]
        inner, beside = measured, list[str]()
        if self._moments is not None:
            names.insert(1, "_n")
            beside = list(self._carried())
            told = "".join(f", m.{quote_ident(name)}" for name in beside)
            inner = f"(SELECT c.*{told} FROM {inner} AS c JOIN {self._moments} AS m ON m.n = c._n)"
        if self._plan.reads_teams:
            inner = f"(SELECT c.*, {self._team()} AS {_TEAM_COLUMN} {self._team_source(inner)})"
            beside.append(_TEAM_COLUMN)
        for layer in layers:
            joins = layer.pop(_JOINS, "")
            listed = ", ".join(
                f"CAST({layer[name]} AS {self._cast(name)}) AS {quote_ident(name)}"
                if name in layer
                else f"c.{quote_ident(name)}"
                for name in (*names, *beside)
            )
            inner = f"(SELECT {listed} FROM {inner} AS c {joins})"
        return f"SELECT {', '.join(f'c.{quote_ident(name)}' for name in names)} FROM {inner} AS c"

    def _cast(self, name: str) -> str:
        kinds = {column: kind for each in self._plan.metrics for column, kind in companion_columns(each).items()}
        return sql_type(kinds[name], self._dialect)

    def _layers(self) -> Iterator[dict[str, str]]:
        first: dict[str, str] = {}
        for metric in self._plan.metrics:
            match metric.measure:
                case Rate():
                    first |= self._rate(metric, metric.measure)
                case DaysSince():
                    first |= self._days_since(metric)
                case Share():
                    first |= self._share(metric, metric.measure)
        if first:
            yield first
        for metric in self._plan.composed:
            yield from (self._ratio(metric),) if isinstance(metric.measure, Ratio) else self._formula(metric)
        means = {
            each.key + BASE_SUFFIX: self._mean(each)
            for each in self._plan.metrics
            if isinstance(each.comparison, TeamMean)
        }
        if means:
            yield means

    def _rate(self, metric: MetricDef, measure: Rate) -> dict[str, str]:
        days, per = self._spans.days(present(metric)), days_per(measure.per)
        part = f"c.{quote_ident(metric.key + PART_SUFFIX)}"
        found = {
            metric_column(metric): self._quotient(f"{part} * {per}", days, metric),
            metric.key + WHY_SUFFIX: f"CASE WHEN {days} = 0 THEN '{NOT_BEGUN}' END",
        }
        if isinstance(metric.comparison, PreviousPeriod | SamePeriodLastYear):
            past = self._spans.days(earlier(metric))
            base = f"c.{quote_ident(metric.key + BASE_PART_SUFFIX)} * {per}"
            found[metric.key + BASE_SUFFIX] = self._quotient(base, past, metric)
        return found

    def _days_since(self, metric: MetricDef) -> dict[str, str]:
        at = f"c.{quote_ident(metric.key + AT_SUFFIX)}"
        return {
            metric_column(metric): f"{self._binder('today', 'date')} - ({at} AT TIME ZONE {self._zone})::date",
            metric.key + WHY_SUFFIX: f"CASE WHEN {at} IS NULL THEN '{NO_ROWS}' END",
        }

    def _share(self, metric: MetricDef, measure: Share) -> dict[str, str]:
        part = f"c.{quote_ident(metric.key + PART_SUFFIX)}"
        total = f"sum({part}) OVER ({self._among()})"
        value, why = self._quotient(part, total, metric), f"CASE WHEN {total} = 0 THEN '{DIVISION_BY_ZERO}' END"
        if measure.of == "team":
            total = f"sum({part}) OVER ({self._among(_TEAM_COLUMN)})"
            value = f"CASE WHEN c.{_TEAM_COLUMN} IS NOT NULL THEN {self._quotient(part, total, metric)} END"
            why = f"CASE WHEN c.{_TEAM_COLUMN} IS NULL THEN '{NO_TEAM}' WHEN {total} = 0 THEN '{DIVISION_BY_ZERO}' END"
        return {metric_column(metric): value, metric.key + WHY_SUFFIX: why}

    def _among(self, *columns: str) -> str:
        """The records that a total is over."""
        parts = ", ".join(f"c.{name}" for name in (*(("_n",) if self._moments else ()), *columns))
        return f"PARTITION BY {parts}" if parts else ""

    def _quotient(self, top: str, bottom: str, metric: MetricDef) -> str:
        return rounded(quotient(top, bottom, self._dialect), metric, self._dialect, has=MOST_PLACES)

    def _mean(self, metric: MetricDef) -> str:
        column, team = f"c.{quote_ident(metric_column(metric))}", f"OVER ({self._among(_TEAM_COLUMN)})"
        mean = self._quotient(f"sum({column}) {team}", f"count({column}) {team}", metric)
        return f"CASE WHEN c.{_TEAM_COLUMN} IS NOT NULL THEN {mean} END"

    def _team(self) -> str:
        if self._plan.object == TEAM:
            return "o.id"
        column = quote_ident(ObjectScope(self._plan.catalogue, PERSON).bound("team").definition.column_name)
        return f"o.{column}" if self._plan.object == PERSON else f"p.{column}"

    def _team_source(self, measured: str) -> str:
        """A record's team is that of its owner."""
        owner = "" if self._plan.object in (PERSON, TEAM) else self._tables.join(PERSON, "p", "o.owner")
        return f"FROM {measured} AS c {self._tables.join(self._plan.object, 'o', 'c.record_id')} {owner}"

    def _formula(self, metric: MetricDef) -> Iterator[dict[str, str]]:
        """The value; then, over it, the reason. A metric that is read and has no value passes its reason on."""
        plan, tree, column = self._plan, self._plan.formulas[metric.key], metric_column(metric)
        missing = [plan.catalogue.metric_by_key[key] for key in needed_metrics(plan.catalogue, plan.object, tree)]
        has_all = " AND ".join(f"c.{quote_ident(metric_column(each))} IS NOT NULL" for each in missing)
        rows = self._own_rows()
        value = rounded(rows.sql(tree), metric, self._dialect)
        object_join = self._tables.join(plan.object, "o", "c.record_id")
        yield {column: f"CASE WHEN {has_all} THEN {value} END" if has_all else value,
               _JOINS: f"{object_join} {rows.joins}"}  # fmt: skip
        reasons = [
            f"WHEN c.{quote_ident(metric_column(each))} IS NULL"
            f" THEN coalesce(c.{quote_ident(each.key + WHY_SUFFIX)}, '{NO_INPUT}')"
            for each in missing
        ]
        bottoms = [node.args[1] for node in walk(tree) if isinstance(node, Call) and node.function == "/"]
        rows = self._own_rows()
        reasons += [f"WHEN ({rows.sql(each)}) = 0 THEN '{DIVISION_BY_ZERO}'" for each in bottoms]
        why = f"CASE {' '.join(reasons)} ELSE '{NO_INPUT}' END" if reasons else f"'{NO_INPUT}'"
        yield {metric.key + WHY_SUFFIX: f"CASE WHEN c.{quote_ident(column)} IS NULL THEN {why} END",
               _JOINS: f"{object_join} {rows.joins}" if bottoms else ""}  # fmt: skip

    def _own_rows(self) -> _OwnRows:
        plan, tables, calendar = self._plan, self._tables, self._plan.catalogue.calendar.working
        return _OwnRows(plan.catalogue, plan.object, "o", tables, self._binder, self._zone_name, calendar, _no_values)

    def _ratio(self, metric: MetricDef) -> dict[str, str]:
        """Value and reason: a part without value passes its reason on."""
        assert isinstance(metric.measure, Ratio)
        top, bottom = (f"c.{quote_ident(key)}" for key in (metric.measure.numerator, metric.measure.denominator))
        reasons = [
            f"c.{quote_ident(key + WHY_SUFFIX)}" for key in (metric.measure.numerator, metric.measure.denominator)
        ]
        return {
            metric_column(metric): self._quotient(top, bottom, metric),
            metric.key + WHY_SUFFIX: (
                f"CASE WHEN {top} IS NULL THEN {reasons[0]} WHEN {bottom} IS NULL THEN {reasons[1]}"
                f" WHEN {bottom} = 0 THEN '{DIVISION_BY_ZERO}' END"
            ),
        }


def needed_metrics(catalogue: Catalogue, object_key: str, tree: Tree) -> tuple[str, ...]:
    """The metrics without which a formula has no value: those it reads and does not itself ask for being blank."""
    asked: set[str] = set()
    for node in walk(tree):
        if isinstance(node, Call) and node.function in _ASKS_FOR_BLANK:
            asked.update(key for arg in node.args for key in metrics_in(catalogue, object_key, arg))
    return tuple(key for key in metrics_in(catalogue, object_key, tree) if key not in asked)


def _no_values(object_key: str, link: str) -> str:
    raise KeyError(object_key)
