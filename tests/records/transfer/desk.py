"""A company with customers, orders and people, and the ways a person moves rows in and out of it."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from tongmai.access import Actor, AnyActor, SystemActor
from tongmai.identity import load_actor
from tongmai.kit import FixedClock, Settings, Text
from tongmai.model import Catalogue, FieldDef, Grant, ObjectDef, RoleDef, Unique, Validation, diff
from tongmai.records import Gateway
from tongmai.records.files import Files
from tongmai.records.transfer import ExportRequest, ImportPreview, ImportRequest, Transfer
from tongmai.schema import CatalogueStore, SchemaEditor
from tongmai.store import Database, Job, JobWorker, Workspace, find_job

ROOT = SystemActor("test")


def field(key: str, kind: str, zh: str, **more: Any) -> FieldDef:
    return FieldDef.model_validate({"key": key, "type": kind, "label": Text(zh, key.capitalize()), **more})


REGIONS = {"choices": [{"key": "east", "label": {"zh": "华东", "en": "East"}}, {"key": "north", "label": "华北"}]}
TAGS = {"choices": [{"key": "vip", "label": "重点"}, {"key": "new", "label": "新客"}]}

CUSTOMER = ObjectDef(
    key="customer",
    label=Text("客户", "Customer"),
    title="name",
    fields=(
        field("code", "text", "编号", unique=True, required=True),
        field("name", "text", "名称", required=True, searchable=True),
        field("region", "choice", "地区", options=REGIONS),
        field("tags", "multi_choice", "标签", options=TAGS),
        field("phone", "phone", "电话"),
        field("credit", "money", "授信额度", default="1000"),
        field("limit_note", "text", "说明", default="'额度 ' & TEXT([授信额度])"),
        field("since", "date", "成立日期"),
        field("cost", "money", "成本"),
    ),
    validations=(
        Validation(
            key="credit_positive", formula="credit >= 0", message=Text("授信额度不能为负", "Credit is negative")
        ),
    ),
    uniques=(Unique(key="name_region", fields=("name", "region")),),
)

ORDER = ObjectDef(
    key="order",
    label=Text("订单", "Order"),
    title="number",
    fields=(
        field("number", "text", "单号", unique=True, required=True),
        field("serial", "auto_number", "流水号", options={"pattern": "SO-{YYYY}-{0000}"}, searchable=True),
        field("customer", "relation", "客户", options={"target": "customer"}),
        field("others", "relation", "相关客户", options={"target": "customer", "many": True}),
        field("seller", "person", "销售"),
        field("amount", "money", "金额"),
        field("at", "datetime", "下单时间"),
    ),
    validations=(
        Validation(
            key="within_credit",
            formula="amount IS BLANK OR customer IS BLANK OR amount <= customer.credit",
            message=Text("金额超过客户授信", "More than the customer's credit"),
            field="amount",
        ),
    ),
)

SALES = RoleDef(
    key="sales",
    label=Text("销售", "Sales"),
    grants=(
        Grant.model_validate(
            {
                "object": "customer", "read": "own", "create": True, "update": "own", "delete": "own", "import": True,
                "export": True, "fields": "write", "field_access": {"cost": "none", "owner": "write"},
            }
        ),
        Grant.model_validate(
            {"object": "order", "read": "own", "create": True, "update": "own", "import": True, "fields": "write"}
        ),
        Grant.model_validate({"object": "person", "read": "all"}),
    ),
)  # fmt: skip
CLERK = RoleDef(
    key="clerk",
    label=Text("文员", "Clerk"),
    grants=(Grant.model_validate({"object": "customer", "read": "all", "create": True}),),
)


@dataclass
class Desk:
    """What tests act through. ``people`` maps names to ids."""

    database: Database
    settings: Settings
    clock: FixedClock
    workspace: Workspace
    catalogues: CatalogueStore
    editor: SchemaEditor
    gateway: Gateway
    files: Files
    transfer: Transfer
    people: dict[str, UUID]

    async def actor(self, name: str, language: str = "zh") -> Actor:
        async with self.database.read() as tx:
            found = await load_actor(tx, self.workspace, self.people[name], language=language)  # type: ignore[arg-type]
        assert found is not None
        return found

    async def upload(self, content: bytes | str, name: str = "rows.csv", actor: AnyActor = ROOT) -> UUID:
        raw = content.encode() if isinstance(content, str) else content
        return (await self.files.save(actor, self.workspace, name, once(raw))).id

    async def start(self, content: bytes | str, object_key: str, actor: AnyActor = ROOT, **more: Any) -> UUID:
        file = await self.upload(content, actor=actor)
        request = ImportRequest.model_validate({"object": object_key, "file": file, **more})
        return await self.transfer.imports.start(actor, self.workspace, request)

    async def run_jobs(self) -> None:
        await self.worker().run_until_idle()

    def worker(self) -> JobWorker:
        return JobWorker(self.database, self.transfer.job_handlers(), self.clock)

    async def import_(self, content: bytes | str, object_key: str, actor: AnyActor = ROOT, **more: Any) -> Job:
        """Starts an import and runs it to its end."""
        job = await self.start(content, object_key, actor, **more)
        await self.run_jobs()
        found = await self.job(job)
        assert found.state == "done", found.error
        return found

    async def preview(
        self, content: bytes | str, object_key: str, actor: AnyActor = ROOT, **more: Any
    ) -> ImportPreview:
        file = await self.upload(content, actor=actor)
        request = ImportRequest.model_validate({"object": object_key, "file": file, **more})
        return await self.transfer.previews.preview(actor, self.workspace, request)

    async def export(self, object_key: str, actor: AnyActor = ROOT, **more: Any) -> bytes:
        """The whole content of a streamed export."""
        request = ExportRequest.model_validate({"object": object_key, **more})
        export = await self.transfer.exports.stream(actor, self.workspace, request)
        return b"".join([chunk async for chunk in export.content])

    async def undo(self, job: Job, actor: AnyActor = ROOT) -> Job:
        """Takes an import back; the undo's own job."""
        undo = await self.transfer.undos.start(actor, self.workspace, job.id)
        await self.run_jobs()
        found = await self.job(undo)
        assert found.state == "done", found.error
        return found

    async def job(self, id: UUID) -> Job:
        async with self.database.read() as tx:
            found = await find_job(tx, id)
        assert found is not None
        return found

    async def refused(self, job: Job, actor: AnyActor = ROOT) -> list[dict[str, str]]:
        """The rows of the job's file of refused rows."""
        assert job.result is not None
        return [] if job.result["refused_file"] is None else await self.read_csv(job.result["refused_file"], actor)

    async def read_csv(self, file_id: str, actor: AnyActor = ROOT) -> list[dict[str, str]]:
        """A file that a job left, as rows."""
        file = await self.files.find(actor, self.workspace, UUID(file_id))
        content = b"".join([chunk async for chunk in self.files.content(self.workspace, file)])
        assert content.startswith(b"\xef\xbb\xbf")
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))

    async def rows(self, object_key: str, actor: AnyActor = ROOT, sort: str | None = None) -> list[dict[str, Any]]:
        """Up to 500 records as the actor sees them."""
        found = await self.gateway.list(actor, self.workspace, object_key, limit=500, sort=sort)
        items: list[dict[str, Any]] = orjson.loads(found)["items"]
        return items

    async def history(self, cause: str) -> list[dict[str, Any]]:
        async with self.database.read() as tx:
            found = await tx.fetch(
                f"SELECT * FROM {self.workspace.quoted_schema}._history WHERE cause = $1 ORDER BY seq", cause
            )
        return [dict(row) for row in found]


def catalogue_with(base: Catalogue, *objects: ObjectDef, roles: tuple[RoleDef, ...] = ()) -> Catalogue:
    return base.model_copy(update={"objects": (*base.objects, *objects), "roles": (*base.roles, *roles)})


async def define(
    desk_editor: SchemaEditor, catalogues: CatalogueStore, workspace: Workspace, *objects: ObjectDef
) -> None:
    """Puts the objects and the tests' roles in force."""
    now = await catalogues.get(workspace)
    await desk_editor.apply(workspace, diff(now, catalogue_with(now, *objects, roles=(SALES, CLERK))), None)


async def once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def table(*rows: str) -> str:
    """CSV text of lines."""
    return "\n".join(rows) + "\n"
