"""A workspace with customers, products and orders, and the room of sources over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from tongmai.access import SystemActor
from tongmai.kit import FixedClock, Settings
from tongmai.link import Links
from tongmai.model import AddField, Catalogue, Changeset, FieldDef, MappingDef, ObjectDef, SourceDef, diff
from tongmai.records import Files, Gateway, Sealer
from tongmai.records.transfer import Transfer
from tongmai.schema import CatalogueStore, SchemaEditor, begin_catalogue
from tongmai.store import Database, JobWorker, Record, Workspace, find_job

CUSTOMER: dict[str, Any] = {
    "key": "customer", "label": {"zh": "客户", "en": "Customer"}, "title": "name",
    "fields": [
        {"key": "code", "type": "text", "label": "编号", "unique": True},
        {"key": "name", "type": "text", "label": "名称", "searchable": True},
        {"key": "phone", "type": "text", "label": "电话"},
        {"key": "tax_number", "type": "text", "label": "税号"},
        {"key": "nickname", "type": "text", "label": "微信昵称"},
        {"key": "city", "type": "text", "label": "城市"},
        {"key": "credit", "type": "money", "label": "信用额度"},
    ],
}  # fmt: skip
ORDER: dict[str, Any] = {
    "key": "order", "label": {"zh": "订单", "en": "Order"}, "title": "number",
    "fields": [
        {"key": "number", "type": "text", "label": "单号", "unique": True},
        {"key": "customer", "type": "relation", "label": "客户", "options": {"target": "customer"}},
        {"key": "placed", "type": "datetime", "label": "下单时间"},
        {"key": "amount", "type": "money", "label": "金额"},
        {"key": "note", "type": "text", "label": "备注"},
    ],
}  # fmt: skip
LINE: dict[str, Any] = {
    "key": "line", "label": {"zh": "订单行", "en": "Line"},
    "fields": [
        {"key": "order", "type": "relation", "label": "订单", "options": {"target": "order"}},
        {"key": "product", "type": "text", "label": "产品"},
        {"key": "quantity", "type": "number", "label": "数量"},
        {"key": "price", "type": "money", "label": "单价"},
        {"key": "sum", "type": "money", "label": "金额"},
    ],
}  # fmt: skip


@dataclass
class Desk:
    """The rooms, and what a test asks them."""

    database: Database
    workspace: Workspace
    gateway: Gateway
    catalogues: CatalogueStore
    editor: SchemaEditor
    clock: FixedClock
    settings: Settings
    links: Links
    pauses: list[float]
    system: SystemActor = field(default_factory=lambda: SystemActor("test"))

    async def define(self, *definitions: Mapping[str, Any]) -> None:
        """Sources (they have a ``kind``) and mappings, put in place of those with their keys."""
        catalogue = await self.catalogues.get(self.workspace)
        sources, mappings = dict(catalogue.source_by_key), dict(catalogue.mapping_by_key)
        for each in definitions:
            if "kind" in each:
                sources[each["key"]] = SourceDef.model_validate(each)
            else:
                mappings[each["key"]] = MappingDef.model_validate(each)
        wanted = catalogue.replace(sources=tuple(sources.values()), mappings=tuple(mappings.values()))
        await self.editor.apply(self.workspace, diff(catalogue, wanted), None)

    async def add_object(self, definition: Mapping[str, Any]) -> None:
        catalogue = await self.catalogues.get(self.workspace)
        wanted = catalogue.replace(objects=(*catalogue.objects, ObjectDef.model_validate(definition)))
        await self.editor.apply(self.workspace, diff(catalogue, wanted), None)

    async def add_field(self, object_key: str, definition: Mapping[str, Any]) -> None:
        change = AddField(object=object_key, field=FieldDef.model_validate(definition))
        await self.editor.apply(self.workspace, Changeset(actions=(change,)), None)

    async def secret(self, source: str, **secrets: str) -> None:
        async with self.database.write() as tx:
            await self.links.secrets.put(tx, self.workspace, source, secrets)

    async def pull(self, source: str, **more: Any) -> Mapping[str, Any]:
        """Asks for a pull, lets the worker do it, and answers the job's end."""
        job_id = await self.links.puller.ask(self.workspace, source, **more)
        await JobWorker(self.database, self.links.job_handlers(), self.clock).run_until_idle()
        async with self.database.read() as tx:
            job = await find_job(tx, job_id)
        assert job is not None
        return {"state": job.state, "error": job.error, **(job.result or {})}

    async def make(self, object_key: str, **values: Any) -> UUID:
        return (await self.gateway.create(self.system, self.workspace, object_key, values)).one.id

    async def records(self, object_key: str, *fields: str) -> list[tuple[Any, ...]]:
        """The live records' values as they are stored, in their order."""
        listed = ", ".join(f'"{each}"' for each in fields)
        rows = await self.fetch(
            f'SELECT {listed} FROM {{schema}}."{object_key}" WHERE deleted_at IS NULL ORDER BY {listed}'
        )
        return [tuple(row) for row in rows]

    async def count(self, table: str, where: str = "TRUE") -> int:
        return int((await self.fetch(f'SELECT count(*) FROM {{schema}}."{table}" WHERE {where}'))[0][0])

    async def counts(self, source: str, kind: str) -> dict[str, int]:
        """The counts of the latest run of a kind."""
        async with self.database.read() as tx:
            runs = await self.links.runs.latest(tx, self.workspace, source, 50)
        return dict(next(each.counts for each in runs if each.kind == kind))  # type: ignore[arg-type]

    async def refusals(self, source: str) -> dict[str, list[str]]:
        """The codes of what is wrong, by the rows' keys."""
        async with self.database.read() as tx:
            found = await self.links.runs.refusals(tx, self.workspace, source, 1000)
        return {each.key: [fault.code for fault in each.faults] for each in found}

    async def fetch(self, sql: str, *args: object) -> list[Record]:
        async with self.database.read() as tx:
            return list(await tx.fetch(sql.replace("{schema}", self.workspace.quoted_schema), *args))

    async def seal(self) -> None:
        await Sealer(self.database, self.workspace, self.clock, self.settings).seal_once()

    async def get(self, object_key: str, record: UUID) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(await self.gateway.get(self.system, self.workspace, object_key, record))
        return found


async def open_desk(database: Database, workspace: Workspace, clock: FixedClock, settings: Settings) -> Desk:
    catalogues = CatalogueStore(database)
    async with database.write() as tx:
        start = await begin_catalogue(tx, workspace, clock)
    catalogues.put(workspace, start)
    made = tuple(ObjectDef.model_validate(each) for each in (CUSTOMER, ORDER, LINE))
    target = Catalogue(version=start.version, objects=(*start.objects, *made), roles=start.roles)
    editor = SchemaEditor(database, catalogues, clock, settings)
    await editor.apply(workspace, diff(start, target), None)
    gateway = Gateway(database, catalogues, clock, settings)
    transfer = Transfer(database, catalogues, clock, settings, Files(database, settings, clock, gateway))
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    links = Links(database, catalogues, clock, settings, gateway, transfer.loader, sleep=pause)
    return Desk(database, workspace, gateway, catalogues, editor, clock, settings, links, pauses)


def customers_of(source: str, stream: str, *columns: tuple[str, str]) -> dict[str, Any]:
    """A mapping of a source's stream to customers, by their code: raw paths and the fields they go to."""
    return {
        "key": f"{source}_map", "label": "客户", "source": source, "stream": stream, "object": "customer",
        "columns": [{"path": path} for path, _ in columns],
        "fields": [{"field": field, "value": f"[{path}]"} for path, field in columns], "match": ["code"],
    }  # fmt: skip
