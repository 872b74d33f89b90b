"""Typed tree → SQL for PostgreSQL, DuckDB and Spark: sqlglot expressions made only of nodes and functions of ours."""

from tongmai.formula.sql.compile import render, to_sql
from tongmai.formula.sql.environment import (
    ColumnarEnvironment,
    Dialect,
    DigitsEnvironment,
    InlineLiterals,
    SqlEnvironment,
    five_digits,
)

__all__ = [
    "ColumnarEnvironment",
    "Dialect",
    "DigitsEnvironment",
    "InlineLiterals",
    "SqlEnvironment",
    "five_digits",
    "render",
    "to_sql",
]
