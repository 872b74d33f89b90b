"""The present catalogue of each workspace, in memory, one store a process.

A change made in any process reaches this one by NOTIFY ``tongmai_catalogue`` (``workspace-key:version``). Nothing
depends on its arriving in time: a writer that is behind is told so by the database (TM001) and calls ``reload``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

import asyncpg

from tongmai.kit import NotFound
from tongmai.model import Catalogue
from tongmai.schema.names import Schema
from tongmai.store import Database, Subscription, Workspace

CHANNEL = "tongmai_catalogue"

Listener: TypeAlias = Callable[[str, Catalogue], None]


class CatalogueStore:
    """``start`` follows the changes of other processes; without it the store still answers, later."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, tuple[Workspace, Catalogue]] = {}
        self._loading: dict[str, asyncio.Lock] = {}
        self._listeners: list[Listener] = []
        self._subscription: Subscription | None = None

    async def start(self) -> None:
        """Begins to follow NOTIFY, and reads again what was read before (it may be old by now)."""
        if self._subscription is None:
            self._subscription = await self._database.listen(CHANNEL, self._heard)
            await self._heard("")

    async def close(self) -> None:
        if self._subscription is not None:
            await self._subscription.close()
            self._subscription = None

    async def get(self, workspace: Workspace) -> Catalogue:
        """The catalogue as this process knows it. Raises ``NotFound`` where the workspace has none."""
        return self.peek(workspace) or await self.reload(workspace)

    async def newest(self, workspace: Workspace) -> Catalogue:
        """The catalogue as the database has it now, read only if this process does not know it yet."""
        try:
            async with self._database.read() as tx:
                version = await tx.fetch_value(
                    f"SELECT catalogue_version FROM {Schema(workspace.schema)('_feed')}"  # noqa: S608
                )
        except asyncpg.UndefinedTableError:
            # The workspace was dropped: the reload says so.
            version = None
        return await self.reload(workspace, at_least=version)

    def peek(self, workspace: Workspace) -> Catalogue | None:
        """The catalogue if it is in memory."""
        known = self._known.get(workspace.key)
        # A key may come to mean another workspace, after one was dropped.
        return known[1] if known is not None and known[0].id == workspace.id else None

    async def reload(self, workspace: Workspace, at_least: int | None = None) -> Catalogue:
        """Reads the catalogue again, unless what is known is already of version ``at_least``.

        Many who call at once (every writer, just after a change) share one read.
        """
        before = self.peek(workspace)
        async with self._loading.setdefault(workspace.key, asyncio.Lock()):
            known = self.peek(workspace)
            if known is not None:
                is_new_enough = at_least is not None and known.version >= at_least
                if is_new_enough or (at_least is None and known is not before):
                    return known
            catalogue = await read_catalogue(self._database, workspace)
            return self.put(workspace, catalogue)

    def put(self, workspace: Workspace, catalogue: Catalogue) -> Catalogue:
        """Takes over a catalogue that was just read or made, unless a newer one is known; gives the newer one."""
        known = self._known.get(workspace.key)
        if known is not None and known[0].id == workspace.id and known[1].version >= catalogue.version:
            return known[1]
        self._known[workspace.key] = (workspace, catalogue)
        for listener in self._listeners:
            listener(workspace.key, catalogue)
        return catalogue

    def forget(self, workspace: Workspace) -> None:
        """After the workspace was dropped."""
        self._known.pop(workspace.key, None)

    def on_change(self, listener: Listener) -> Callable[[], None]:
        """Calls ``listener(workspace_key, catalogue)`` at each new version; the result ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def as_of(self, workspace: Workspace, moment: datetime) -> Catalogue:
        """The catalogue that held at a moment: history's values are of the types of their time."""
        return await read_catalogue(self._database, workspace, moment)

    async def _heard(self, payload: str) -> None:
        """A version was announced, or (``""``) announcements may have been missed."""
        key, _, version = payload.rpartition(":")
        for workspace, catalogue in list(self._known.values()):
            if not payload or (workspace.key == key and catalogue.version < int(version)):
                try:
                    await self.reload(workspace)
                except NotFound:
                    self.forget(workspace)


async def read_catalogue(database: Database, workspace: Workspace, moment: datetime | None = None) -> Catalogue:
    """The newest catalogue of the workspace, or the one that held at ``moment``. Raises ``NotFound`` without one."""
    table = Schema(workspace.schema)("_catalogue")
    async with database.read() as tx:
        try:
            document = await tx.fetch_value(
                f"SELECT model::text FROM {table} "  # noqa: S608
                "WHERE at <= coalesce($1::timestamptz, 'infinity') ORDER BY version DESC LIMIT 1",
                moment,
            )
        except asyncpg.UndefinedTableError:
            # The workspace was dropped.
            document = None
    if document is None:
        raise NotFound.of(
            "catalogue.none",
            f"工作区 {workspace.key} 没有配置" + ("" if moment is None else "（在该时间）"),
            f"workspace {workspace.key} has no catalogue" + ("" if moment is None else " at that moment"),
        )
    # A large catalogue takes a while to read; requests go on meanwhile.
    return await asyncio.to_thread(Catalogue.model_validate_json, document)
