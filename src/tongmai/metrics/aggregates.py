"""A measure as SQL aggregates over the rows of a group: the exact parts (counts, sums, values that are there) that
either engine gathers. What is divided or rounded is so afterwards (``arithmetic``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tongmai.formula import Dialect, Kind, Tree
from tongmai.metrics.plan import Measured
from tongmai.model import (
    Average,
    Count,
    DaysSince,
    Distinct,
    Duration,
    Last,
    Maximum,
    Minimum,
    Percentile,
    Rate,
    Share,
    Sum,
    metric_column_type,
)

Column = Callable[[Tree], str]
"""Gives the name of a tree's value in the group's rows."""

NO_ROWS = "no_rows"
BLANK_VALUES = "blank_values"
DIVISION_BY_ZERO = "division_by_zero"
NOT_BEGUN = "not_begun"
NO_TEAM = "no_team"
NO_INPUT = "no_input"


@dataclass(frozen=True)
class Part:
    """One aggregate in the engine's SQL, and the PostgreSQL type that holds it."""

    sql: str
    type: str


@dataclass(frozen=True)
class Aggregate:
    """The value is the one part or, if it ``is_quotient``, the first over the second. ``empty`` is what no rows at all
    give, None where that is no value; ``rows`` counts the rows that could give one."""

    parts: tuple[Part, ...]
    empty: str | None
    rows: Part
    is_quotient: bool = False


def aggregate(measured: Measured, within: str, column: Column, zone: str, dialect: Dialect) -> Aggregate:
    """The measure over the rows for which ``within`` (SQL) holds; ``zone`` is an SQL text constant."""
    if measured.where is not None:
        within = f"{within} AND {column(measured.where)}"
    rows = Part(f"count(*) FILTER (WHERE {within})", "bigint")
    measure = measured.metric.measure
    if isinstance(measure, Count | Rate):
        return Aggregate((rows,), "0", rows)
    if isinstance(measure, DaysSince):
        latest = f"max({column(measured.at)}) FILTER (WHERE {within})"
        return Aggregate((Part(as_instant(latest, measured.at, zone), "timestamptz"),), None, rows)
    if isinstance(measure, Duration):
        return _duration(measured, measure, within, column, zone, dialect)
    return _of_value(measured, within, column, rows, dialect)


def _of_value(measured: Measured, within: str, column: Column, rows: Part, dialect: Dialect) -> Aggregate:
    assert measured.value is not None
    measure, value = measured.metric.measure, column(measured.value)
    kept = metric_column_type(measured.metric)
    filled = f"FILTER (WHERE {within})"
    match measure:
        case Sum() | Share():
            return Aggregate((Part(f"coalesce(sum({value}) {filled}, 0)", "numeric"),), "0", rows)
        case Minimum() | Maximum():
            is_text = measured.value.type.kind in {Kind.TEXT, Kind.CHOICE}
            ordered = f'{value} COLLATE "C"' if is_text and dialect == "postgres" else value
            return Aggregate((Part(f"{measure.kind}({ordered}) {filled}", kept),), None, rows)
        case Average():
            return _average(value, filled, rows)
        case Distinct():
            return Aggregate((Part(f"count(DISTINCT {value}) {filled}", "bigint"),), "0", rows)
        case Percentile():
            return Aggregate((Part(_percentile(str(measure.p), value, within, dialect), kept),), None, rows)
        case Last():
            return Aggregate((Part(_last(value, column(measured.at), filled, dialect), kept),), None, rows)
    raise TypeError(f"not measured over rows: {measure.kind}")


def _average(value: str, filled: str, rows: Part) -> Aggregate:
    parts = (Part(f"sum({value}) {filled}", "numeric"), Part(f"count({value}) {filled}", "bigint"))
    return Aggregate(parts, None, rows, is_quotient=True)


def _last(value: str, at: str, filled: str, dialect: Dialect) -> str:
    if dialect == "duckdb":
        # The first two differ between any two rows, so the value itself is never compared.
        return f"(max(struct_pack(a := {at}, i := r.id, v := {value})) {filled}).v"
    return f"(array_agg({value} ORDER BY {at} DESC, r.id DESC) {filled})[1]"


def _duration(
    measured: Measured, measure: Duration, within: str, column: Column, zone: str, dialect: Dialect
) -> Aggregate:
    assert measured.start is not None and measured.end is not None
    start, end = column(measured.start), column(measured.end)
    both = f"{within} AND {start} IS NOT NULL AND {end} IS NOT NULL"
    from_, to = as_instant(start, measured.start, zone), as_instant(end, measured.end, zone)
    seconds = _seconds(from_, to, dialect)
    rows, filled = Part(f"count(*) FILTER (WHERE {both})", "bigint"), f"FILTER (WHERE {both})"
    match measure.statistic:
        case "median":
            return Aggregate((Part(_percentile("0.5", seconds, both, dialect), "numeric"),), None, rows)
        case "sum":
            return Aggregate((Part(f"coalesce(sum({seconds}) {filled}, 0)", "numeric"),), "0", rows)
        case "average":
            return _average(seconds, filled, rows)
        case "min" | "max":
            return Aggregate((Part(f"{measure.statistic}({seconds}) {filled}", "numeric"),), None, rows)


def _seconds(start: str, end: str, dialect: Dialect) -> str:
    if dialect == "duckdb":
        micros = f"CAST(epoch_us({end}) - epoch_us({start}) AS DECIMAL(18, 0))"
        return f"({micros} * CAST(0.000001 AS DECIMAL(7, 6)))"
    return f"extract(epoch FROM {end} - {start})"


def _percentile(p: str, value: str, within: str, dialect: Dialect) -> str:
    """The item whose number is p times their count, rounded up; in decimals, for 0.07 × 100 is no 7 in binary."""
    filled = f"FILTER (WHERE {within} AND {value} IS NOT NULL)"
    if dialect == "duckdb":
        number = f"CAST(ceil(CAST({p} AS DECIMAL(18, 17)) * (count(*) {filled})) AS BIGINT)"
        return f"(list_sort(list({value}) {filled}))[{number}]"
    return f"(array_agg({value} ORDER BY {value}) {filled})[ceil({p} * (count(*) {filled}))::integer]"


def as_instant(value: str, tree: Tree, zone: str) -> str:
    """A date counts as its midnight in the workspace's zone."""
    return f"(({value})::timestamp AT TIME ZONE {zone})" if tree.type.kind is Kind.DATE else value
