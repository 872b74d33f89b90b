"""The replicas that a process knows, one a workspace, and the work that keeps them up."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Collection
from pathlib import Path
from uuid import UUID

from tongmai.kit import Clock, Settings
from tongmai.replica.duck import Duck
from tongmai.replica.manifest import Anchor, Damaged
from tongmai.replica.replica import Replica, replica_folder
from tongmai.replica.rush import Rush
from tongmai.replica.shelf import Shelf
from tongmai.replica.source import newest_entry
from tongmai.store import Database, Workspace

_LOOK_S = 1.0
# Bringing a replica up takes at most one part in so many of the time.
_SHARE = 6


class Replicas:
    """For one event loop; they share one DuckDB, which is opened when first needed."""

    def __init__(self, database: Database, clock: Clock, settings: Settings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._folder = replica_folder(settings)
        self._duck = Duck.of(self._folder, settings)
        self._known: dict[UUID, Replica] = {}

    def of(self, workspace: Workspace) -> Replica:
        """The workspace's replica; whether there are files of it yet shows when they are leased."""
        found = self._known.get(workspace.id)
        if found is None:
            found = Replica(self._database, workspace, self._clock, self._settings, duck=self._duck)
            self._known[workspace.id] = found
        return found

    async def keep_up(self, workspace: Workspace) -> None:
        """Follows the feed until cancelled, behind imports that go on. A workspace gets a replica once it is large
        enough to gain by it.

        Raises what ``Replica.advance`` raises; whoever runs this begins again after a pause.
        """
        replica = self.of(workspace)
        now = asyncio.get_running_loop().time
        rush = Rush()
        while True:
            pause = _LOOK_S
            async with self._database.read() as tx:
                newest = await newest_entry(tx, workspace)
            is_rush = newest is not None and rush.goes_on(newest.seq, now())
            if not is_rush and await self._is_behind(replica, newest):
                began = now()
                await replica.advance()
                pause = max(pause, (now() - began) * (_SHARE - 1))
            await asyncio.sleep(pause)

    async def remove_orphans(self, workspaces: Collection[Workspace]) -> None:
        """Removes the files of workspaces that were dropped."""
        keys = {each.key for each in workspaces}
        present = {each.id for each in workspaces}
        for gone in self._known.keys() - present:
            del self._known[gone]
        await asyncio.to_thread(_remove_others, self._folder, keys)

    def close(self) -> None:
        self._duck.close()

    async def _is_behind(self, replica: Replica, newest: Anchor | None) -> bool:
        """By one look at the end of the history, so that an idle workspace costs nothing."""
        try:
            manifest = await asyncio.to_thread(replica.shelf.present)
        except Damaged:
            return replica.shelf.exists or await self._is_large(replica.workspace)
        schema = replica.workspace.quoted_schema
        async with self._database.read() as tx:
            version = await tx.fetch_value(f"SELECT catalogue_version FROM {schema}._feed")  # noqa: S608
            sealed = await tx.fetch_value(f"SELECT coalesce(max(epoch), 0) FROM {schema}._block")  # noqa: S608
        return (version, sealed, newest) != (manifest.catalogue_version, manifest.epoch, manifest.anchor)

    async def _is_large(self, workspace: Workspace) -> bool:
        async with self._database.read() as tx:
            rows = await tx.fetch_value(
                "SELECT coalesce(max(c.reltuples), 0) FROM pg_catalog.pg_class AS c"
                " JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
                " WHERE n.nspname = $1 AND c.relkind = 'r' AND c.relname !~ '^_'",
                workspace.schema,
            )
        return bool(rows >= self._settings.replica_fewest_rows)


def _remove_others(folder: Path, keys: Collection[str]) -> None:
    if not folder.is_dir():
        return
    for each in folder.iterdir():
        if each.is_dir() and each.name not in keys and Shelf.is_at(each):
            shutil.rmtree(each, ignore_errors=True)
