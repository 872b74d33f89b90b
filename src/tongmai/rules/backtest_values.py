"""Metric values of the steps of a back-test as tables of a DuckDB session, worked out once for all conditions.

Where all of an object's metrics can be (``metrics.unstepped``), many steps are worked out at once, else each alone.
"""

# ruff: noqa: S608 - names come from quote_ident, statements are ours

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import duckdb

from tongmai.metrics import Asked, Binder, Era, StepValues, Tables, plan_metrics, unstepped, values_item
from tongmai.model import Catalogue, MetricDef
from tongmai.store import quote_ident

# So many values of records are held at once.
_MOST_HELD = 400_000


class BacktestValues:
    """Ask for ``item`` of each object whose metrics are read, then ``begin``, then ``step`` after ``step``.

    ``of`` gives the versions of an object's rows, ``history`` the change log, ``tables`` the rows as of ``$step``;
    ``eras`` are those of all steps.
    """

    def __init__(
        self,
        zone: str,
        catalogue: Catalogue,
        of: Callable[[str], str],
        history: Callable[[], str],
        tables: Callable[[Binder], Tables],
        eras: Sequence[Era],
    ) -> None:
        self._zone = zone
        self._catalogue = catalogue
        self._of = of
        self._history = history
        self._tables = tables
        self._eras = eras
        self._whole: dict[str, Asked] = {}
        self._stepped: dict[str, StepValues] = {}
        self._until: dict[str, int] = {}

    def item(self, object_key: str, binder: Binder) -> str:
        """The FROM item of an object's values as of ``$step``."""
        if object_key not in self._whole.keys() | self._stepped.keys():
            self._ask(object_key)
        return f"(SELECT * FROM {_table(object_key)} WHERE _n = {binder('step', 'integer')})"

    def begin(self, session: duckdb.DuckDBPyConnection) -> None:
        for values in self._stepped.values():
            for sql, arguments in values.gathering():
                session.execute(sql, arguments)

    def step(self, session: duckdb.DuckDBPyConnection, number: int, more: Mapping[str, object]) -> None:
        """``more`` are the parameters that statements may have beside moments. Steps come in order."""
        for key, asked in self._whole.items():
            session.execute(
                f"CREATE OR REPLACE TEMP TABLE {_table(key)} AS SELECT *, {number} AS _n FROM ({asked.sql})",
                asked.arguments(self._eras[number], more),
            )
        for key, values in self._stepped.items():
            if number >= self._until.get(key, 0):
                after = self._until[key] = number + self._at_once(session, key)
                sql, arguments = values.between(number, after)
                session.execute(f"CREATE OR REPLACE TEMP TABLE {_table(key)} AS {sql}", arguments)

    def _ask(self, object_key: str) -> None:
        plan, calendar = plan_metrics(self._catalogue, object_key), self._catalogue.calendar.working
        if not unstepped(plan, len(self._eras)):
            self._stepped[object_key] = StepValues(
                plan, self._of, self._history, self._zone, calendar, self._eras, f"bt_steps_{object_key}"
            )
            return
        binder = Binder()
        item, spans = values_item(plan, self._tables(binder), binder, self._zone, calendar)
        self._whole[object_key] = Asked(binder.statement(f"SELECT * FROM {item} AS v"), (spans,))

    def _at_once(self, session: duckdb.DuckDBPyConnection, object_key: str) -> int:
        """So many steps are worked out together."""
        row = session.execute(f"SELECT count(*) FROM {self._of(object_key)}").fetchone()
        return max(1, min(len(self._eras), _MOST_HELD // max(1, row[0] if row else 0)))


def day_by_day(catalogue: Catalogue, moments: int) -> tuple[MetricDef, ...]:
    """The metrics of a (reduced) catalogue that need a pass over all rows for each of so many moments."""
    objects = dict.fromkeys(each.object for each in catalogue.metrics)
    return tuple(metric for key in objects for metric in unstepped(plan_metrics(catalogue, key), moments))


def _table(object_key: str) -> str:
    return quote_ident(f"bt_values_{object_key}")
