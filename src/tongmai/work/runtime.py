"""What the parts of the room stand on, and a transaction that goes on where the catalogue has just changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import asyncpg

from tongmai.kit import Clock, Conflict, Text, Unavailable, WorkingCalendar
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace, WriteTx

Result = TypeVar("Result")

_BEHIND = "TM001"
_ATTEMPTS = 4


@dataclass(frozen=True)
class Runtime:
    """One per process, for one event loop."""

    database: Database
    catalogues: CatalogueStore
    gateway: Gateway
    clock: Clock

    def now(self) -> datetime:
        return self.clock.now()

    async def calendar(self, workspace: Workspace) -> WorkingCalendar:
        """The company's working days."""
        return (await self.catalogues.get(workspace)).calendar.working

    async def within(
        self, workspace: Workspace, tx: WriteTx | None, work: Callable[[WriteTx], Awaitable[Result]]
    ) -> Result:
        """Runs ``work`` in the caller's transaction, or in one of its own that is begun anew where the catalogue
        turned out to be outdated or another transaction stood in the way."""
        if tx is not None:
            return await work(tx)
        for _ in range(_ATTEMPTS):
            try:
                return await self.database.write_retry(work)
            except asyncpg.PostgresError as error:
                if error.sqlstate != _BEHIND:
                    raise
                last = error
            await self.catalogues.reload(workspace)
        raise Unavailable.of(
            "catalogue.changing", "模型正在修改，请稍后再试", "The model is being changed, please try again"
        ) from last

    async def has_object(self, workspace: Workspace, key: str) -> bool:
        """Whether the built-in object is there, and not one of the company's own under its key."""
        definition = (await self.catalogues.get(workspace)).object_by_key.get(key)
        return definition is not None and definition.builtin

    async def require_object(self, workspace: Workspace, key: str) -> None:
        """Raises ``Unavailable`` in a workspace that has not been brought the built-in object yet, ``Conflict`` where a
        company's own object has its key."""
        definition = (await self.catalogues.get(workspace)).object_by_key.get(key)
        if definition is None:
            raise Unavailable.of(
                "work.not_ready",
                "此工作区还没有待办、信号和内容",
                "This workspace has no tasks, signals and content yet",
                way_out=Text("启动一次服务即可补上", "Starting the service once brings them"),
            )
        if not definition.builtin:
            raise Conflict.of(
                "work.object_taken",
                f"对象“{key}”被自建对象占用，此功能不可用",
                f"An object of the company's own has the key “{key}”, so this cannot be used",
                way_out=Text(
                    "把自建对象改用别的标识后重启", "Give the company's object another key and start the program again"
                ),
            )
