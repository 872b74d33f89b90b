"""A shop for tests of metrics: customers, orders with lines of products, tickets; and values by a customer's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from tongmai.access import AnyActor, SystemActor
from tongmai.kit import FixedClock, Settings
from tongmai.metrics import Metrics
from tongmai.model import Action, AddMetric, AddSegment, Catalogue, Changeset, MetricDef, ObjectDef, SegmentDef, diff
from tongmai.records import Gateway, Sealer
from tongmai.schema import CatalogueStore, SchemaEditor, begin_catalogue
from tongmai.store import Database, Record, Workspace

CUSTOMER: dict[str, Any] = {
    "key": "customer",
    "label": {"zh": "客户", "en": "Customer"},
    "title": "name",
    "fields": [
        {"key": "name", "type": "text", "label": "名称"},
        {"key": "level", "type": "text", "label": "等级"},
    ],
}
PRODUCT: dict[str, Any] = {
    "key": "product",
    "label": {"zh": "产品", "en": "Product"},
    "title": "name",
    "fields": [
        {"key": "name", "type": "text", "label": "名称"},
        {"key": "category", "type": "text", "label": "品类"},
    ],
}
ORDER: dict[str, Any] = {
    "key": "order",
    "label": {"zh": "订单", "en": "Order"},
    "fields": [
        {"key": "customer", "type": "relation", "label": "客户", "options": {"target": "customer"}},
        {"key": "placed", "type": "datetime", "label": "下单时间"},
        {"key": "due", "type": "date", "label": "到期日"},
        {"key": "amount", "type": "money", "label": "金额"},
        {"key": "state", "type": "text", "label": "状态"},
        {"key": "closed", "type": "datetime", "label": "完成时间"},
    ],
}
LINE: dict[str, Any] = {
    "key": "line",
    "label": {"zh": "订单行", "en": "Line"},
    "fields": [
        {"key": "order", "type": "relation", "label": "订单", "options": {"target": "order"}},
        {"key": "product", "type": "relation", "label": "产品", "options": {"target": "product"}},
        {"key": "quantity", "type": "number", "label": "数量"},
    ],
}
OBJECTS = (CUSTOMER, PRODUCT, ORDER, LINE)


def metric(key: str, measure: Mapping[str, Any] | str, **more: Any) -> MetricDef:
    """A metric of customers over their orders by the day they were placed, unless told otherwise."""
    given = {"kind": measure} if isinstance(measure, str) else measure
    parts: dict[str, Any] = {
        "key": key, "label": key, "object": "customer", "source": "order", "path": "customer", "at": "placed",
        "measure": given,
    }  # fmt: skip
    return MetricDef.model_validate({**parts, **more})


@dataclass
class Shop:
    """A workspace with the objects above and rooms over it."""

    database: Database
    workspace: Workspace
    gateway: Gateway
    catalogues: CatalogueStore
    editor: SchemaEditor
    clock: FixedClock
    settings: Settings
    metrics: Metrics
    system: SystemActor = field(default_factory=lambda: SystemActor("test"))

    async def make(self, object_key: str, actor: AnyActor | None = None, **values: Any) -> UUID:
        given = {key: _plain(value) for key, value in values.items()}
        return (await self.gateway.create(actor or self.system, self.workspace, object_key, given)).one.id

    async def change(self, object_key: str, record_id: UUID, /, **values: Any) -> None:
        given = {key: _plain(value) for key, value in values.items()}
        await self.gateway.update(self.system, self.workspace, object_key, record_id, given)

    async def define(self, *definitions: MetricDef | SegmentDef) -> None:
        actions: list[Action] = [
            AddMetric(metric=each) if isinstance(each, MetricDef) else AddSegment(segment=each) for each in definitions
        ]
        await self.editor.apply(self.workspace, Changeset(actions=tuple(actions)), None)

    async def seal(self) -> None:
        await Sealer(self.database, self.workspace, self.clock, self.settings).seal_once()

    async def full(self) -> None:
        await self.seal()
        await self.metrics.full(self.workspace)

    async def refresh(self) -> None:
        await self.seal()
        await self.metrics.refresh(self.workspace)

    async def fetch(self, sql: str, *args: object) -> list[Record]:
        async with self.database.read() as tx:
            return list(await tx.fetch(sql.replace("{schema}", self.workspace.quoted_schema), *args))

    async def values(self, *columns: str, object_key: str = "customer") -> dict[str, Any]:
        """What the companion table holds, by the records' names: one value, or a tuple of several."""
        listed = ", ".join(f'm."{each}"' for each in columns)
        rows = await self.fetch(
            f'SELECT o.name, {listed} FROM {{schema}}."{object_key}" o'
            f" JOIN {{schema}}._metric_{object_key} m ON m.record_id = o.id"
        )
        return {row["name"]: row[1] if len(columns) == 1 else tuple(row)[1:] for row in rows}


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value


async def open_shop(
    database: Database, workspace: Workspace, clock: FixedClock, settings: Settings, *objects: dict[str, Any]
) -> Shop:
    catalogues = CatalogueStore(database)
    async with database.write() as tx:
        start = await begin_catalogue(tx, workspace, clock)
    catalogues.put(workspace, start)
    made = tuple(ObjectDef.model_validate(each) for each in (*OBJECTS, *objects))
    target = Catalogue(version=start.version, objects=(*start.objects, *made), roles=start.roles)
    editor = SchemaEditor(database, catalogues, clock, settings)
    await editor.apply(workspace, diff(start, target), None)
    gateway = Gateway(database, catalogues, clock, settings)
    metrics = Metrics(database, catalogues, clock)
    return Shop(database, workspace, gateway, catalogues, editor, clock, settings, metrics)
