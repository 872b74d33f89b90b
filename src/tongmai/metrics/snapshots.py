"""A day's values, kept where they differ from the day before: what a metric was on any day since it is kept."""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

from datetime import date, datetime, timedelta

from tongmai.metrics.binding import literal
from tongmai.metrics.computing import Metrics
from tongmai.metrics.day_end import past_values, regrouped_after, touched_after
from tongmai.metrics.plan import plan_metrics
from tongmai.model import Catalogue, companion_table, metric_fields
from tongmai.store import Workspace, WriteTx, quote_ident

_TICK = timedelta(microseconds=1)


class Snapshots:
    """Over the metrics of one process."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def close_day(self, workspace: Workspace) -> date | None:
        """Once a day has ended: keeps the values of its last moment. The day, or None.

        Rows that came, changed or went since are taken as they were at that moment. Days on which nothing ran have no
        snapshot of their own; the last one before them holds.
        """
        last = await self._last_refresh(workspace)
        if last is None:
            return None
        now = self._metrics.era(workspace, await self._metrics.catalogues.newest(workspace))
        ended = now.at(last).today
        if ended >= now.today:
            return None
        moment = now.midnight(ended + timedelta(days=1)) - _TICK
        await self._metrics.refresh(workspace, moment)
        await self.take(workspace, ended, moment)
        return ended

    async def take(self, workspace: Workspace, day: date, moment: datetime | None = None) -> int:
        """Keeps the present values as those of ``day``, those of records touched after ``moment`` as they were then;
        how many differed from what was kept."""
        catalogue = await self._metrics.catalogues.newest(workspace)
        kept = 0
        for object_key in dict.fromkeys(metric.object for metric in catalogue.metrics):
            async with self._metrics.database.write() as tx:
                kept += await self._take(tx, workspace, catalogue, object_key, day, moment)
        return kept

    async def _take(
        self,
        tx: WriteTx,
        workspace: Workspace,
        catalogue: Catalogue,
        object_key: str,
        day: date,
        moment: datetime | None,
    ) -> int:
        companion = f"{workspace.quoted_schema}.{quote_ident(companion_table(object_key))}"
        if moment is not None:
            plan, era = plan_metrics(catalogue, object_key), self._metrics.era(workspace, catalogue, moment)
            subjects = await touched_after(tx, workspace, plan, era)
            if subjects or await regrouped_after(tx, workspace, moment):
                item = past_values(workspace, plan, companion)
                sql = _take_sql(workspace, catalogue, object_key, item.sql, item.binder("day", "date"))
                statement = item.statement(sql)
                given = {**item.spans.given(era), "subjects": list(subjects), "day": day}
                return await tx.execute(statement.sql, *statement.arguments(given))
        return await tx.execute(_take_sql(workspace, catalogue, object_key, companion, "$1::date"), day)

    async def _last_refresh(self, workspace: Workspace) -> datetime | None:
        async with self._metrics.database.read() as tx:
            found: datetime | None = await tx.fetch_value(
                f"SELECT max(as_of) FROM {workspace.quoted_schema}._metric_state"
            )
        return found


def _take_sql(workspace: Workspace, catalogue: Catalogue, object_key: str, source: str, day: str) -> str:
    """Keeps the values of ``source`` (SQL of a FROM item) for ``day`` (SQL): a record's first value, and each that is
    another than the last that was kept."""
    schema = workspace.quoted_schema
    fields = metric_fields(catalogue, object_key)
    values = ", ".join(f"({literal(each.key)}, c.{quote_ident(each.column_name)}::text)" for each in fields)
    return (
        f"INSERT INTO {schema}._metric_day (object, metric, record_id, day, value)"
        f" SELECT {literal(object_key)}, u.metric, c.record_id, {day}, u.value"
        f" FROM {source} AS c"
        f" CROSS JOIN LATERAL (VALUES {values}) AS u(metric, value)"
        f" LEFT JOIN LATERAL (SELECT d.value, TRUE AS there FROM {schema}._metric_day AS d"
        f"  WHERE d.object = {literal(object_key)} AND d.record_id = c.record_id AND d.metric = u.metric"
        f"  AND d.day < {day} ORDER BY d.day DESC LIMIT 1) AS last ON TRUE"
        " WHERE CASE WHEN last.there THEN last.value IS DISTINCT FROM u.value ELSE u.value IS NOT NULL END"
        " ON CONFLICT (object, record_id, metric, day) DO UPDATE SET value = excluded.value"
    )
