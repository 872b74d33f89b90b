"""Typed tree → SQL for PostgreSQL, DuckDB and Spark: sqlglot expressions made only of nodes and functions of ours."""

from tongmai.formula.sql.compile import render, to_sql
from tongmai.formula.sql.environment import ColumnarEnvironment, Dialect, InlineLiterals, SqlEnvironment

__all__ = ["ColumnarEnvironment", "Dialect", "InlineLiterals", "SqlEnvironment", "render", "to_sql"]
