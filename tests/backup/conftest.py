"""A company worth backing up: records with history, people who sign in, a file."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from tongmai.access import SystemActor
from tongmai.kit import FixedClock, Settings, Text, new_id
from tongmai.model import FieldDef, ObjectDef, diff
from tongmai.records import Gateway, Sealer
from tongmai.records.files import Files
from tongmai.schema import CatalogueStore, SchemaEditor, create_workspace
from tongmai.store import Database, Workspace, drop_workspace, find_workspace

ROOT = SystemActor("test")
_numbers = itertools.count(1)

NOTE = ObjectDef.model_validate(
    {
        "key": "note",
        "label": "笔记",
        "title": "title",
        "fields": [
            {"key": "title", "type": "text", "label": "标题", "unique": True, "searchable": True},
            {"key": "number", "type": "auto_number", "label": "编号", "options": {"pattern": "N-{0000}"}},
            {"key": "amount", "type": "money", "label": "金额"},
            {"key": "text", "type": "long_text", "label": "正文"},
            {"key": "papers", "type": "file", "label": "附件"},
        ],
    }
)


@dataclass
class Company:
    """A workspace and what to do in it."""

    database: Database
    settings: Settings
    clock: FixedClock
    workspace: Workspace
    catalogues: CatalogueStore
    gateway: Gateway
    files: Files
    file: UUID

    async def notes(self, workspace: Workspace | None = None) -> list[dict[str, Any]]:
        found = await self.gateway.list(ROOT, workspace or self.workspace, "note", limit=500, sort="title")
        items: list[dict[str, Any]] = orjson.loads(found)["items"]
        return items

    async def add(self, title: str, workspace: Workspace | None = None, **more: object) -> None:
        await self.gateway.create(ROOT, workspace or self.workspace, "note", {"title": title, **more})

    async def seal(self) -> None:
        await Sealer(self.database, self.workspace, self.clock, self.settings).seal_once()

    async def find(self, key: str) -> Workspace | None:
        async with self.database.read() as tx:
            return await find_workspace(tx, key)


@pytest.fixture
async def company(database: Database, settings: Settings, clock: FixedClock) -> AsyncIterator[Company]:
    catalogues = CatalogueStore(database)
    await catalogues.start()
    key = f"saved_{next(_numbers)}"
    workspace = await create_workspace(database, catalogues, clock, key, Text("公司'一", "Co"), "Asia/Shanghai")
    now = await catalogues.get(workspace)
    wanted = now.model_copy(update={"objects": (*now.objects, NOTE)})
    await SchemaEditor(database, catalogues, clock, settings).apply(workspace, diff(now, wanted), None)
    gateway = Gateway(database, catalogues, clock, settings)
    files = Files(database, settings, clock, gateway)

    async def content() -> AsyncIterator[bytes]:
        yield b"contract " * 1000

    file = (await files.save(ROOT, workspace, "合同.txt", content())).id
    made = Company(database, settings, clock, workspace, catalogues, gateway, files, file)
    person = await gateway.create(ROOT, workspace, "person", {"name": "王芳"})
    await sign_up(database, clock, workspace, person.records[0].id, f"wang@{key}")
    # The workspace's schema name stands in a row too: it must come back as it was.
    await made.add("一", amount="12.50", papers=[str(file)])
    await made.add("二", text=f"w_{key}._x 'x'\n\\.\nCOPY w_{key}.t (x) FROM stdin;\n\tend")
    await made.seal()
    yield made
    await catalogues.close()
    async with database.write() as tx:
        for row in await tx.fetch("SELECT key FROM tongmai.workspace WHERE key LIKE $1", f"{key}%"):
            found = await find_workspace(tx, row["key"])
            assert found is not None
            await drop_workspace(tx, found)


async def sign_up(database: Database, clock: FixedClock, workspace: Workspace, person: UUID, login: str) -> None:
    account = new_id(clock)
    async with database.write() as tx:
        await tx.execute(
            "INSERT INTO tongmai.account (id, login, password_hash, created_at) VALUES ($1, $2, 'hash', $3)",
            account,
            login,
            clock.now(),
        )
        await tx.execute("INSERT INTO tongmai.membership VALUES ($1, $2, $3)", account, workspace.id, person)


def field(key: str, kind: str) -> FieldDef:
    return FieldDef(key=key, type=kind, label=Text.same(key))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "co.tongmai"
