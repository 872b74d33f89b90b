"""Metric values of a step as tables of a DuckDB session, worked out once for all conditions that read them."""

from __future__ import annotations

from collections.abc import Callable

from tongmai.metrics import Asked, Binder, Tables, values_item
from tongmai.metrics.plan import plan_metrics
from tongmai.model import Catalogue
from tongmai.store import quote_ident


class StepValues:
    """``asked`` has a statement for each object whose metrics were asked for, by the table that it fills."""

    def __init__(self, zone: str, catalogue: Catalogue, tables: Callable[[Binder], Tables]) -> None:
        self._zone = zone
        self._catalogue = catalogue
        self._tables = tables
        self.asked: dict[str, Asked] = {}

    def table(self, object_key: str) -> str:
        """The FROM item of an object's values."""
        table = quote_ident(f"bt_values_{object_key}")
        if table not in self.asked:
            binder = Binder()
            item, spans = values_item(
                plan_metrics(self._catalogue, object_key),
                self._tables(binder),
                binder,
                self._zone,
                self._catalogue.calendar.working,
            )
            self.asked[table] = Asked(binder.statement(f"SELECT * FROM {item} AS v"), (spans,))  # noqa: S608 - ours
        return table
