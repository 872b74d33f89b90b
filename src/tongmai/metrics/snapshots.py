"""A day's values, kept where they differ from the day before: what a metric was on any day since it is kept."""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

from datetime import date, datetime, timedelta

from tongmai.metrics.binding import literal
from tongmai.metrics.computing import Metrics
from tongmai.model import Catalogue, companion_table, metric_fields
from tongmai.store import Workspace, quote_ident

_TICK = timedelta(microseconds=1)


class Snapshots:
    """Over the metrics of one process."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def close_day(self, workspace: Workspace) -> date | None:
        """Once a day has ended: brings the values up to its last moment and keeps them. The day, or None.

        Call it before the first refresh of a new day: rows that come between midnight and this call still count for the
        day that ended, by their own moments. Days on which nothing ran have no snapshot of their own; the last
        one before them holds.
        """
        last = await self._last_refresh(workspace)
        if last is None:
            return None
        now = self._metrics.era(workspace, await self._metrics.catalogues.newest(workspace))
        ended = now.at(last).today
        if ended >= now.today:
            return None
        await self._metrics.refresh(workspace, now.midnight(ended + timedelta(days=1)) - _TICK)
        await self.take(workspace, ended)
        return ended

    async def take(self, workspace: Workspace, day: date) -> int:
        """Keeps the present values as those of ``day``; how many differed."""
        catalogue = await self._metrics.catalogues.newest(workspace)
        kept = 0
        for object_key in dict.fromkeys(metric.object for metric in catalogue.metrics):
            async with self._metrics.database.write() as tx:
                kept += await tx.execute(_take_statement(workspace, catalogue, object_key), day)
        return kept

    async def _last_refresh(self, workspace: Workspace) -> datetime | None:
        async with self._metrics.database.read() as tx:
            found: datetime | None = await tx.fetch_value(
                f"SELECT max(as_of) FROM {workspace.quoted_schema}._metric_state"
            )
        return found


def _take_statement(workspace: Workspace, catalogue: Catalogue, object_key: str) -> str:
    """``$1`` is the day. A value is kept if it is the record's first or another one than the last that was kept."""
    schema = workspace.quoted_schema
    fields = metric_fields(catalogue, object_key)
    values = ", ".join(f"({literal(each.key)}, c.{quote_ident(each.column_name)}::text)" for each in fields)
    return (
        f"INSERT INTO {schema}._metric_day (object, metric, record_id, day, value)"
        f" SELECT {literal(object_key)}, u.metric, c.record_id, $1::date, u.value"
        f" FROM {schema}.{quote_ident(companion_table(object_key))} AS c"
        f" CROSS JOIN LATERAL (VALUES {values}) AS u(metric, value)"
        f" LEFT JOIN LATERAL (SELECT d.value, TRUE AS there FROM {schema}._metric_day AS d"
        f"  WHERE d.object = {literal(object_key)} AND d.record_id = c.record_id AND d.metric = u.metric AND d.day < $1"
        "  ORDER BY d.day DESC LIMIT 1) AS last ON TRUE"
        " WHERE CASE WHEN last.there THEN last.value IS DISTINCT FROM u.value ELSE u.value IS NOT NULL END"
        " ON CONFLICT (object, record_id, metric, day) DO UPDATE SET value = excluded.value"
    )
