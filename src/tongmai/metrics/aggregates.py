"""A measure as SQL aggregates over the rows of a group: the exact parts (counts, sums, values that are there) that
either engine gathers. What is divided or rounded is so afterwards (``arithmetic``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tongmai.formula import Dialect, Kind, Tree
from tongmai.metrics.arithmetic import MOST_PLACES
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

EVERY_ROW = "TRUE"

NO_ROWS = "no_rows"
BLANK_VALUES = "blank_values"
DIVISION_BY_ZERO = "division_by_zero"
NOT_BEGUN = "not_begun"
NO_TEAM = "no_team"
NO_INPUT = "no_input"


@dataclass(frozen=True)
class Fold:
    """How a part goes on from moment to moment: by ``function`` over ``value`` of each row (SQL, NULL where it adds
    nothing; ``distinct`` counts the values that are there); ``shown`` makes the part of the outcome ``{}``."""

    function: Literal["sum", "max", "min", "distinct"]
    value: str
    shown: str = "{}"


@dataclass(frozen=True)
class Part:
    """One aggregate in the engine's SQL, and the PostgreSQL type that holds it; how it folds, if it does."""

    sql: str
    type: str
    fold: Fold | None = None


@dataclass(frozen=True)
class Aggregate:
    """The value is the one part or, if it ``is_quotient``, the first over the second. ``empty`` is what no rows at all
    give, None where that is no value; ``rows`` counts the rows that could give one; ``places`` is how many a number
    has at most, where that is known."""

    parts: tuple[Part, ...]
    empty: str | None
    rows: Part
    is_quotient: bool = False

    @property
    def places(self) -> int | None:
        if self.is_quotient:
            return MOST_PLACES
        return 0 if self.parts[0].type == "bigint" else None


def aggregate(measured: Measured, within: str, column: Column, zone: str, dialect: Dialect) -> Aggregate:
    """The measure over the rows for which ``within`` (SQL) holds; ``zone`` is an SQL text constant."""
    only = EVERY_ROW if measured.where is None else column(measured.where)
    within = _all_of(within, only)
    rows = Part(f"count(*){_filter(within)}", "bigint", _sums("1", only))
    measure = measured.metric.measure
    if isinstance(measure, Count | Rate):
        return Aggregate((rows,), "0", rows)
    if isinstance(measure, DaysSince):
        latest = f"max({column(measured.at)}){_filter(within)}"
        fold = Fold("max", _where(as_instant(column(measured.at), measured.at, zone), only))
        return Aggregate((Part(as_instant(latest, measured.at, zone), "timestamptz", fold),), None, rows)
    if isinstance(measure, Duration):
        return _duration(measured, measure, within, only, column, zone, dialect)
    return _of_value(measured, within, only, column, rows, dialect)


def _all_of(*conditions: str) -> str:
    return " AND ".join(each for each in conditions if each != EVERY_ROW) or EVERY_ROW


def _filter(condition: str) -> str:
    """Nothing where every row counts: engines are slower with it, by half where values are distinct."""
    return "" if condition == EVERY_ROW else f" FILTER (WHERE {condition})"


def _sums(value: str, only: str) -> Fold:
    return Fold("sum", _where(value, only))


def _where(value: str, only: str) -> str:
    return value if only == EVERY_ROW else f"CASE WHEN {only} THEN {value} END"


def _of_value(measured: Measured, within: str, only: str, column: Column, rows: Part, dialect: Dialect) -> Aggregate:
    assert measured.value is not None
    measure, value = measured.metric.measure, column(measured.value)
    kept = metric_column_type(measured.metric)
    filled = _filter(within)
    match measure:
        case Sum() | Share():
            total = f"coalesce(sum({value}){filled}, 0)"
            return Aggregate((Part(total, "numeric", _sums(value, only)),), "0", rows)
        case Minimum() | Maximum():
            is_text = measured.value.type.kind in {Kind.TEXT, Kind.CHOICE}
            ordered = f'{value} COLLATE "C"' if is_text and dialect == "postgres" else value
            fold = Fold(measure.kind, _where(value, only))
            return Aggregate((Part(f"{measure.kind}({ordered}){filled}", kept, fold),), None, rows)
        case Average():
            return _average(value, filled, only, rows)
        case Distinct():
            fold = Fold("distinct", _where(value, only))
            return Aggregate((Part(f"count(DISTINCT {value}){filled}", "bigint", fold),), "0", rows)
        case Percentile():
            return Aggregate((Part(_percentile(str(measure.p), value, within, dialect), kept),), None, rows)
        case Last():
            fold = Fold("max", _where(_packed(value, column(measured.at)), only), "({}).v")
            return Aggregate((Part(_last(value, column(measured.at), filled, dialect), kept, fold),), None, rows)
    raise TypeError(f"not measured over rows: {measure.kind}")


def _average(value: str, filled: str, only: str, rows: Part) -> Aggregate:
    counted = _sums("1", _all_of(only, f"{value} IS NOT NULL"))
    parts = (
        Part(f"sum({value}){filled}", "numeric", _sums(value, only)),
        Part(f"count({value}){filled}", "bigint", counted),
    )
    return Aggregate(parts, None, rows, is_quotient=True)


def _last(value: str, at: str, filled: str, dialect: Dialect) -> str:
    if dialect == "duckdb":
        return f"(max({_packed(value, at)}){filled}).v"
    return f"(array_agg({value} ORDER BY {at} DESC, r.id DESC){filled})[1]"


def _packed(value: str, at: str) -> str:
    """The first two differ between any two rows, so the value itself is never compared."""
    return f"struct_pack(a := {at}, i := r.id, v := {value})"


def _duration(
    measured: Measured, measure: Duration, within: str, only: str, column: Column, zone: str, dialect: Dialect
) -> Aggregate:
    assert measured.start is not None and measured.end is not None
    start, end = column(measured.start), column(measured.end)
    there = f"{start} IS NOT NULL AND {end} IS NOT NULL"
    rows = Part(f"count(*){_filter(within)}", "bigint", _sums("1", only))
    both, only = _all_of(within, there), _all_of(only, there)
    from_, to = as_instant(start, measured.start, zone), as_instant(end, measured.end, zone)
    seconds = _seconds(from_, to, dialect)
    filled = _filter(both)
    counted = Part(f"count(*){filled}", "bigint", _sums("1", only))
    match measure.statistic:
        case "median":
            return Aggregate((Part(_percentile("0.5", seconds, both, dialect), "numeric"),), None, rows)
        case "sum":
            total = Part(f"coalesce(sum({seconds}){filled}, 0)", "numeric", _sums(seconds, only))
            return Aggregate((total,), "0", rows)
        case "average":
            total = Part(f"sum({seconds}){filled}", "numeric", _sums(seconds, only))
            return Aggregate((total, counted), None, rows, is_quotient=True)
        case "min" | "max":
            fold = Fold(measure.statistic, _where(seconds, only))
            return Aggregate((Part(f"{measure.statistic}({seconds}){filled}", "numeric", fold),), None, rows)


def _seconds(start: str, end: str, dialect: Dialect) -> str:
    if dialect == "duckdb":
        micros = f"CAST(epoch_us({end}) - epoch_us({start}) AS DECIMAL(18, 0))"
        return f"({micros} * CAST(0.000001 AS DECIMAL(7, 6)))"
    return f"extract(epoch FROM {end} - {start})"


def _percentile(p: str, value: str, within: str, dialect: Dialect) -> str:
    """The item whose number is p times their count, rounded up; in decimals, for 0.07 × 100 is no 7 in binary."""
    filled = _filter(_all_of(within, f"{value} IS NOT NULL"))
    if dialect == "duckdb":
        number = f"CAST(ceil(CAST({p} AS DECIMAL(18, 17)) * (count(*){filled})) AS BIGINT)"
        return f"(list_sort(list({value}){filled}))[{number}]"
    return f"(array_agg({value} ORDER BY {value}){filled})[ceil({p} * (count(*){filled}))::integer]"


def as_instant(value: str, tree: Tree, zone: str) -> str:
    """A date counts as its midnight in the workspace's zone."""
    return f"(({value})::timestamp AT TIME ZONE {zone})" if tree.type.kind is Kind.DATE else value
