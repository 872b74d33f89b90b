"""A measure as SQL aggregates over the rows of a group: its value, and what tells why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tongmai.formula import Kind, Tree
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
)

Column = Callable[[Tree], str]
"""Gives the name of a tree's value in the group's rows."""

NO_ROWS = "no_rows"
BLANK_VALUES = "blank_values"
DIVISION_BY_ZERO = "division_by_zero"
NOT_BEGUN = "not_begun"
NO_TEAM = "no_team"


@dataclass(frozen=True)
class Aggregate:
    """``value`` over the rows within; ``empty`` is what no rows at all give (SQL), or None where that is no value."""

    value: str
    empty: str | None
    rows: str


def aggregate(measured: Measured, within: str, column: Column, zone: str) -> Aggregate:
    """The measure over the rows for which ``within`` (SQL) holds; ``zone`` is an SQL text constant."""
    if measured.where is not None:
        within = f"{within} AND {column(measured.where)}"
    rows = f"count(*) FILTER (WHERE {within})"
    measure = measured.metric.measure
    if isinstance(measure, Count | Rate):
        return Aggregate(rows, "0", rows)
    if isinstance(measure, DaysSince):
        latest = f"max({column(measured.at)}) FILTER (WHERE {within})"
        return Aggregate(as_instant(latest, measured.at, zone), None, rows)
    if isinstance(measure, Duration):
        return _duration(measured, measure, within, column, zone)
    assert measured.value is not None
    value = column(measured.value)
    if measured.value.type.kind in {Kind.TEXT, Kind.CHOICE} and isinstance(measure, Minimum | Maximum):
        value = f'{value} COLLATE "C"'
    filled = f"FILTER (WHERE {within})"
    match measure:
        case Sum() | Share():
            return Aggregate(f"coalesce(sum({value}) {filled}, 0)", "0", rows)
        case Minimum():
            return Aggregate(f"min({value}) {filled}", None, rows)
        case Maximum():
            return Aggregate(f"max({value}) {filled}", None, rows)
        case Average():
            return Aggregate(f"avg({value}) {filled}", None, rows)
        case Distinct():
            return Aggregate(f"count(DISTINCT {value}) {filled}", "0", rows)
        case Percentile():
            return Aggregate(_percentile(str(measure.p), value, within), None, rows)
        case Last():
            order = f"{column(measured.at)} DESC, r.id DESC"
            return Aggregate(f"(array_agg({value} ORDER BY {order}) {filled})[1]", None, rows)
    raise TypeError(f"not measured over rows: {measure.kind}")


def _duration(measured: Measured, measure: Duration, within: str, column: Column, zone: str) -> Aggregate:
    assert measured.start is not None and measured.end is not None
    start, end = column(measured.start), column(measured.end)
    both = f"{within} AND {start} IS NOT NULL AND {end} IS NOT NULL"
    from_, to = as_instant(start, measured.start, zone), as_instant(end, measured.end, zone)
    seconds = f"extract(epoch FROM {to} - {from_})"
    rows, filled = f"count(*) FILTER (WHERE {both})", f"FILTER (WHERE {both})"
    if measure.statistic == "median":
        return Aggregate(_percentile("0.5", seconds, both), None, rows)
    if measure.statistic == "sum":
        return Aggregate(f"coalesce(sum({seconds}) {filled}, 0)", "0", rows)
    function = {"average": "avg", "min": "min", "max": "max"}[measure.statistic]
    return Aggregate(f"{function}({seconds}) {filled}", None, rows)


def _percentile(p: str, value: str, within: str) -> str:
    filled = f"FILTER (WHERE {within} AND {value} IS NOT NULL)"
    return f"percentile_disc({p}) WITHIN GROUP (ORDER BY {value}) {filled}"


def as_instant(value: str, tree: Tree, zone: str) -> str:
    """A date counts as its midnight in the workspace's zone."""
    return f"(({value})::timestamp AT TIME ZONE {zone})" if tree.type.kind is Kind.DATE else value
