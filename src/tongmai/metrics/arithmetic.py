"""Numbers of metrics in SQL, the same in both engines: exact decimals of ten places, rounded half away from zero.

PostgreSQL's numeric has any width; DuckDB's decimals have 38 digits and its own division goes through floating point,
so there a quotient is worked out in whole numbers. What does not fit fails, and PostgreSQL answers instead.
"""

from __future__ import annotations

from tongmai.formula import Dialect
from tongmai.model import MetricDef

MOST_PLACES = 10
_DUCK_TYPES = {"numeric": "DECIMAL(38, 10)", "text": "VARCHAR", "date": "DATE", "timestamptz": "TIMESTAMPTZ"}


def sql_type(kind: str, dialect: Dialect) -> str:
    """An engine's type for a companion column's PostgreSQL type."""
    return _DUCK_TYPES[kind] if dialect == "duckdb" else kind


def quotient(top: str, bottom: str, dialect: Dialect) -> str:
    """Rounded to ten places, from eleven that are cut off; NULL over 0."""
    if dialect == "duckdb":
        number = "CAST(CAST({} AS DECIMAL(38, 10)) * 10000000000 AS HUGEINT)"
        whole = f"{number.format(top)} * 100000000000 // nullif({number.format(bottom)}, 0)"
        return f"CAST(CAST({whole} AS DECIMAL(38, 0)) * CAST(0.00000000001 AS DECIMAL(12, 11)) AS DECIMAL(38, 10))"
    return f"round(div(({top})::numeric * 100000000000, nullif(({bottom})::numeric, 0)) * 0.00000000001, {MOST_PLACES})"


def rounded(value: str, metric: MetricDef, dialect: Dialect = "postgres", *, has: int | None = None) -> str:
    """A number to the metric's places; other values as they are. PostgreSQL's has no zeros at its end.

    ``has`` is how many places it can have at most, where that is known: it is not rounded to as many or more.
    """
    if metric.value_kind not in ("number", "duration"):
        return value
    places = MOST_PLACES if metric.decimals is None else metric.decimals
    is_short = has is not None and has <= places
    if dialect == "duckdb":
        number = f"CAST({value} AS DECIMAL(38, 10))"
        return number if is_short else f"CAST(round({number}, {places}) AS DECIMAL(38, 10))"
    number = f"({value})::numeric"
    return f"trim_scale({number if is_short else f'round({number}, {places})'})" if has != 0 else number
