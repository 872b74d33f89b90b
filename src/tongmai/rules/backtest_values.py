"""Metric values of a step as tables of a DuckDB session, worked out once for all conditions that read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import duckdb

from tongmai.metrics import Asked, Binder, Era, Tables, plan_metrics, values_item
from tongmai.model import Catalogue
from tongmai.rules.backtest_deltas import DeltaValues, is_served
from tongmai.store import quote_ident


class StepValues:
    """Ask for ``table`` of each object whose metrics are read, then ``begin``, then ``step`` after ``step``."""

    def __init__(self, zone: str, catalogue: Catalogue, tables: Callable[[Binder], Tables]) -> None:
        self._zone = zone
        self._catalogue = catalogue
        self._tables = tables
        self._whole: dict[str, Asked] = {}
        self._deltas: dict[str, DeltaValues] = {}

    def table(self, object_key: str) -> str:
        """The FROM item of an object's values."""
        table = quote_ident(f"bt_values_{object_key}")
        if table in self._whole or table in self._deltas:
            return table
        binder = Binder()
        tables, calendar = self._tables(binder), self._catalogue.calendar.working
        # Also where values go by deltas: it tells which objects are read.
        item, spans = values_item(plan_metrics(self._catalogue, object_key), tables, binder, self._zone, calendar)
        if is_served(self._catalogue, object_key):
            self._deltas[table] = DeltaValues(self._zone, self._catalogue, object_key, tables, table)
        else:
            self._whole[table] = Asked(binder.statement(f"SELECT * FROM {item} AS v"), (spans,))  # noqa: S608 - ours
        return table

    def begin(self, session: duckdb.DuckDBPyConnection, eras: Sequence[Era], more: Mapping[str, object]) -> None:
        """``eras`` are those of all steps; ``more`` are the parameters that statements may have beside moments."""
        for each in self._deltas.values():
            each.begin(session, eras, more)

    def step(self, session: duckdb.DuckDBPyConnection, number: int, era: Era, more: Mapping[str, object]) -> None:
        for table, asked in self._whole.items():
            session.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {asked.sql}", asked.arguments(era, more))
        for each in self._deltas.values():
            each.step(session, number, era)
