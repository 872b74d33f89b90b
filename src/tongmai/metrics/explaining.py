"""Every number explains itself (law 5): a record's values with their reasons, and what one of them was made of."""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from tongmai.access import AnyActor
from tongmai.kit import Denied, Invalid, NotFound, Text
from tongmai.metrics.binding import Binder
from tongmai.metrics.computing import Metrics
from tongmai.metrics.engines import Engine
from tongmai.metrics.plan import Measured, paths, plan_metrics
from tongmai.metrics.rows import Rows
from tongmai.metrics.spans import Spans, present
from tongmai.metrics.tables import PresentTables
from tongmai.metrics.windows import Bounds, Era, bounds_of
from tongmai.metrics.wording import describe, reason_text
from tongmai.model import (
    BASE_SUFFIX,
    WHY_SUFFIX,
    Catalogue,
    Derived,
    MetricDef,
    Ratio,
    companion_table,
    has_base,
    metric_fields,
    metric_parts,
)
from tongmai.records import Gateway
from tongmai.store import Workspace, quote_ident

MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Value:
    """A metric's value of a record as the actor may see it; without one ``why`` tells the reason."""

    metric: MetricDef
    value: object
    base: object
    why: Text | None


@dataclass(frozen=True, slots=True)
class Standing:
    """When and from what an object's values were computed."""

    as_of: datetime | None
    computed_at: datetime | None
    epoch: int
    version: int
    engine: Engine


@dataclass(frozen=True, slots=True)
class MetricExplanation:
    """``rows`` are the first rows behind the value that the actor may see, of ``count`` in all; each has its id, its
    label and the fields the metric reads. A ratio or a derived metric has its ``parts`` instead."""

    value: Value
    words: Text
    window: Bounds
    standing: Standing
    rows: tuple[dict[str, object], ...] = ()
    count: int = 0
    parts: tuple[MetricExplanation, ...] = ()


class MetricReader:
    """Answers about values on behalf of an actor: records and fields are asked of the gateway, under its policies."""

    def __init__(self, metrics: Metrics, gateway: Gateway) -> None:
        self._metrics = metrics
        self._gateway = gateway

    async def values(
        self, actor: AnyActor, workspace: Workspace, object_key: str, record_id: UUID
    ) -> tuple[Value, ...]:
        """All metrics of a record that the actor may see. Raises ``NotFound``, ``Denied``."""
        catalogue = await self._metrics.catalogues.get(workspace)
        shown = orjson.loads(await self._gateway.get(actor, workspace, object_key, record_id))
        reasons = await self._reasons(workspace, catalogue, object_key, record_id)
        measured = (each for each in catalogue.metrics if each.object == object_key and each.key in shown)
        return tuple(_value(each, shown, reasons) for each in measured)

    async def standing(self, workspace: Workspace, object_key: str) -> Standing:
        """Where the object's metrics are."""
        async with self._metrics.database.read() as tx:
            row = await tx.fetch_row(
                "SELECT as_of, computed_at, epoch, version, engine"
                f" FROM {workspace.quoted_schema}._metric_state WHERE object = $1",
                object_key,
            )
        if row is None:
            return Standing(None, None, 0, 0, Engine("postgres"))
        return Standing(row["as_of"], row["computed_at"], row["epoch"], row["version"], Engine.decode(row["engine"]))

    async def explain(
        self, actor: AnyActor, workspace: Workspace, object_key: str, record_id: UUID, metric_key: str
    ) -> MetricExplanation:
        """What the value was made of, at the moment it was computed for. Raises ``NotFound``, ``Denied``."""
        catalogue = await self._metrics.catalogues.get(workspace)
        metric = catalogue.metric_by_key.get(metric_key)
        if metric is None or metric.object != object_key:
            raise _unknown(metric_key)
        fields = (metric_key, metric_key + BASE_SUFFIX) if has_base(metric) else (metric_key,)
        try:
            seen = orjson.loads(await self._gateway.get(actor, workspace, object_key, record_id, fields=fields))
        except Invalid as hidden:  # a metric that the actor sees nowhere is none to him
            raise _unknown(metric_key) from hidden
        reasons = await self._reasons(workspace, catalogue, object_key, record_id)
        standing = await self.standing(workspace, object_key)
        era = self._metrics.era(workspace, catalogue, standing.as_of)
        value, words = _value(metric, seen, reasons), describe(catalogue, metric)
        window = bounds_of(metric.window, era)
        keys = metric_parts(catalogue, metric)
        if isinstance(metric.measure, Ratio | Derived):
            parts = [await self._part(actor, workspace, object_key, record_id, key) for key in keys]
            return MetricExplanation(value, words, window, standing, parts=tuple(each for each in parts if each))
        plan = plan_metrics(catalogue, object_key)
        found = (each for group in plan.groups for each in group.measured if each.metric.key == metric_key)
        measured = next(found, None)
        if measured is None:
            return MetricExplanation(value, words, window, standing)
        ids, count = await self._behind(workspace, catalogue, measured, record_id, era)
        rows = await self._rows(actor, workspace, catalogue, measured, ids)
        return MetricExplanation(value, words, window, standing, rows, count)

    async def _part(
        self, actor: AnyActor, workspace: Workspace, object_key: str, record_id: UUID, key: str
    ) -> MetricExplanation | None:
        """A part of a ratio; None where the actor may not see it."""
        try:
            return await self.explain(actor, workspace, object_key, record_id, key)
        except (Denied, NotFound):
            return None

    async def _reasons(
        self, workspace: Workspace, catalogue: Catalogue, object_key: str, record_id: UUID
    ) -> dict[str, str | None]:
        if not metric_fields(catalogue, object_key):
            return {}
        table = f"{workspace.quoted_schema}.{quote_ident(companion_table(object_key))}"
        async with self._metrics.database.read() as tx:
            row = await tx.fetch_row(f"SELECT * FROM {table} WHERE record_id = $1", record_id)
        if row is None:
            return {}
        return {name.removesuffix(WHY_SUFFIX): row[name] for name in row.keys() if name.endswith(WHY_SUFFIX)}  # noqa: SIM118

    async def _behind(
        self, workspace: Workspace, catalogue: Catalogue, measured: Measured, record_id: UUID, era: Era
    ) -> tuple[list[UUID], int]:
        """The rows that count for the record, the latest first, and how many there are."""
        metric, binder = measured.metric, Binder()
        tables = PresentTables(workspace)
        rows = Rows(catalogue, metric.source, "s", tables, binder, workspace.zone, catalogue.calendar.working)
        spans = Spans(binder)
        at = rows.sql(measured.at)
        subject = rows.path(metric.hops) if metric.hops else "s.id"
        conditions = ["s.deleted_at IS NULL", f"{subject} = {binder('record', 'uuid')}"]
        conditions.append(spans.condition(present(metric), at, measured.at.type))
        if measured.where is not None:
            conditions.append(rows.sql(measured.where))
        statement = binder.statement(
            f"SELECT s.id, count(*) OVER () AS total FROM {rows.source} WHERE {' AND '.join(conditions)}"
            f" ORDER BY {at} DESC, s.id DESC LIMIT {MOST_ROWS}"
        )
        async with self._metrics.database.read() as tx:
            found = await tx.fetch(statement.sql, *statement.arguments({**spans.given(era), "record": record_id}))
        return [row["id"] for row in found], int(found[0]["total"]) if found else 0

    async def _rows(
        self, actor: AnyActor, workspace: Workspace, catalogue: Catalogue, measured: Measured, ids: list[UUID]
    ) -> tuple[dict[str, object], ...]:
        """The rows as the actor may see them, with the fields that the metric reads of them."""
        if not ids:
            return ()
        source = measured.metric.source
        read = dict.fromkeys(path[0] for tree in measured.trees for path in sorted(paths(tree)))
        title = catalogue.object_by_key[source].title
        listed = ", ".join(f"'{each}'" for each in ids)
        try:
            found = await self._gateway.list(
                actor, workspace, source, filter=f"id IN ({listed})", limit=MOST_ROWS, count=False
            )
        except (Denied, Invalid):
            # Who may not see the source at all still learns the value and how many rows it stands on.
            return ()
        wanted = dict.fromkeys(("id", *([title] if title else []), *read))
        items = {item["id"]: item for item in orjson.loads(found)["items"]}
        shown = (items[str(each)] for each in ids if str(each) in items)
        return tuple({key: item[key] for key in wanted if key in item} for item in shown)


def _unknown(key: str) -> NotFound:
    shown = key[:60]
    return NotFound.of("metric.unknown", f"没有指标“{shown}”", f"there is no metric “{shown}”", field="metric")


def _value(metric: MetricDef, shown: dict[str, object], reasons: dict[str, str | None]) -> Value:
    return Value(metric, shown[metric.key], shown.get(metric.key + BASE_SUFFIX), reason_text(reasons.get(metric.key)))
