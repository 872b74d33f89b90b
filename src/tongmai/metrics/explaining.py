"""Every number explains itself (law 5): a record's values with their reasons, and what one of them was made of."""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import orjson

from tongmai.access import AnyActor
from tongmai.kit import Denied, Invalid, NotFound, Text
from tongmai.metrics.binding import Binder
from tongmai.metrics.computing import Metrics
from tongmai.metrics.engines import Engine
from tongmai.metrics.inputs import Input, filled_input, share_inputs, simple_inputs, update_inputs, window_compared
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
    Share,
    UpdateRate,
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
    """``rows`` are the first rows behind the value that the actor may see, of ``count`` in all, and ``hidden`` how many
    of the first he may not; each has its id, its label and the fields the metric reads. ``inputs`` are what the value
    was worked out from beside them; ``compared`` is the window that ``base`` is of, if it is of one. A ratio or a
    derived metric has its ``parts`` instead."""

    value: Value
    words: Text
    window: Bounds
    standing: Standing
    compared: Bounds | None = None
    rows: tuple[dict[str, object], ...] = ()
    count: int = 0
    hidden: int = 0
    inputs: tuple[Input, ...] = ()
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
        reasons = _reasons(await self._companion(workspace, catalogue, object_key, record_id))
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
        companion = await self._companion(workspace, catalogue, object_key, record_id)
        standing = await self.standing(workspace, object_key)
        era = self._metrics.era(workspace, catalogue, standing.as_of)
        told = MetricExplanation(
            _value(metric, seen, _reasons(companion)),
            describe(catalogue, metric),
            bounds_of(metric.window, era),
            standing,
            window_compared(metric, era),
        )
        if isinstance(metric.measure, Ratio | Derived):
            keys = metric_parts(catalogue, metric)
            parts = [await self._part(actor, workspace, object_key, record_id, key) for key in keys]
            return replace(told, parts=tuple(each for each in parts if each))
        if isinstance(metric.measure, UpdateRate):
            return await self._updates(actor, workspace, catalogue, metric, record_id, era, told)
        plan = plan_metrics(catalogue, object_key)
        measured = next(each for group in plan.groups for each in group.measured if each.metric.key == metric_key)
        ids, count, filled = await self._behind(workspace, catalogue, measured, record_id, era)
        rows = await self._rows(actor, workspace, catalogue, measured, ids)
        inputs = (*simple_inputs(metric, companion, era), *filled_input(filled, count))
        if isinstance(metric.measure, Share) and _sees_all(rows, ids, measured):
            # The whole is the part divided by the share: who may not see the part is not told it this way either.
            async with self._metrics.database.read() as tx:
                inputs += await share_inputs(tx, workspace, catalogue, metric, record_id)
        return replace(told, rows=rows, count=count, hidden=len(ids) - len(rows), inputs=inputs)

    async def _updates(
        self, actor: AnyActor, workspace: Workspace, catalogue: Catalogue, metric: MetricDef, record_id: UUID,
        era: Era, told: MetricExplanation,
    ) -> MetricExplanation:  # fmt: skip
        """Which of the fields that the actor sees were changed, and when."""
        assert isinstance(metric.measure, UpdateRate)
        shown = orjson.loads(await self._gateway.get(actor, workspace, metric.object, record_id))
        async with self._metrics.database.read() as tx:
            inputs = await update_inputs(tx, workspace, catalogue, metric, record_id, era, shown)
        changed = sum(each.value is not None for each in inputs)
        return replace(told, inputs=inputs, count=changed, hidden=len(metric.measure.fields) - len(inputs))

    async def _part(
        self, actor: AnyActor, workspace: Workspace, object_key: str, record_id: UUID, key: str
    ) -> MetricExplanation | None:
        """A part of a ratio; None where the actor may not see it."""
        try:
            return await self.explain(actor, workspace, object_key, record_id, key)
        except (Denied, NotFound):
            return None

    async def _companion(
        self, workspace: Workspace, catalogue: Catalogue, object_key: str, record_id: UUID
    ) -> Mapping[str, object]:
        """The record's row of the companion table."""
        if not metric_fields(catalogue, object_key):
            return {}
        table = f"{workspace.quoted_schema}.{quote_ident(companion_table(object_key))}"
        async with self._metrics.database.read() as tx:
            row = await tx.fetch_row(f"SELECT * FROM {table} WHERE record_id = $1", record_id)
        return {} if row is None else dict(row)

    async def _behind(
        self, workspace: Workspace, catalogue: Catalogue, measured: Measured, record_id: UUID, era: Era
    ) -> tuple[list[UUID], int, int]:
        """The rows that count for the record, the latest first; how many there are, and how many have a value."""
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
        needed = (tree for tree in (measured.value, measured.start, measured.end) if tree is not None)
        filled = " AND ".join(f"({rows.sql(tree)}) IS NOT NULL" for tree in needed) or "TRUE"
        statement = binder.statement(
            f"SELECT s.id, count(*) OVER () AS total, count(*) FILTER (WHERE {filled}) OVER () AS filled"
            f" FROM {rows.source} WHERE {' AND '.join(conditions)}"
            f" ORDER BY {at} DESC, s.id DESC LIMIT {MOST_ROWS}"
        )
        async with self._metrics.database.read() as tx:
            found = await tx.fetch(statement.sql, *statement.arguments({**spans.given(era), "record": record_id}))
        total, with_value = (int(found[0]["total"]), int(found[0]["filled"])) if found else (0, 0)
        return [row["id"] for row in found], total, with_value

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


def _reasons(companion: Mapping[str, object]) -> dict[str, str]:
    """Why there is no value, by metric."""
    return {name.removesuffix(WHY_SUFFIX): str(why) for name, why in companion.items() if _is_reason(name, why)}


def _is_reason(name: str, why: object) -> bool:
    return name.endswith(WHY_SUFFIX) and why is not None


def _sees_all(rows: Sequence[Mapping[str, object]], ids: Sequence[UUID], measured: Measured) -> bool:
    """Whether every row that was looked up is shown, with all that is read of it."""
    read = {path[0] for tree in measured.trees for path in paths(tree)}
    return len(rows) == len(ids) and all(read <= row.keys() for row in rows)


def _unknown(key: str) -> NotFound:
    shown = key[:60]
    return NotFound.of("metric.unknown", f"没有指标“{shown}”", f"there is no metric “{shown}”", field="metric")


def _value(metric: MetricDef, shown: dict[str, object], reasons: dict[str, str]) -> Value:
    return Value(metric, shown[metric.key], shown.get(metric.key + BASE_SUFFIX), reason_text(reasons.get(metric.key)))
